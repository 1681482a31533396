"""One condition of a statement as an atom: the operator, its values, and what absence means."""

from __future__ import annotations

import operator as op
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from mute_audit.identity.atoms import (
    AddressTest,
    Atom,
    NumberTest,
    Quantifier,
    TextTest,
    instant,
    number,
)
from mute_audit.identity.automata import language
from mute_audit.identity.callers import Caller
from mute_audit.identity.keys import MULTIVALUED, TEXT_KEYS, Kind, key_kind
from mute_audit.identity.lifting import lift_to_arn
from mute_audit.identity.ranges import AddressSet, addresses
from mute_audit.identity.statements import Condition, Operator, SetOperator
from mute_audit.identity.template import Escaped, Pattern, Text, Variable
from mute_audit.identity.tokens import Tokens, arn_tokens, literal_tokens, pattern_tokens

__all__ = ["Resolve", "condition_atom", "opaque", "resolved"]

# The value of a variable's key: its text, None where the key is known to be absent, False where it
# may be anything.
Resolve = Callable[[str], "str | bool | None"]


def opaque(dimension: str, label: str, reason: str) -> Atom:
    """An atom whose truth is not known, with the reason."""
    return Atom(dimension=dimension, label=label, opaque=reason)


def resolved(pattern: Pattern, resolve: Resolve) -> Pattern | str | None:
    """The pattern without variables; None where one has no value; a reason where it is open."""
    if not pattern.variables:
        return pattern
    parts: list[Text | Escaped] = []
    for part in pattern.parts:
        if isinstance(part, (Text, Escaped)):
            parts.append(part)
            continue
        value = resolve(part.key.lower())
        if value is None:
            value = part.default
        if value is None:
            return None
        if isinstance(value, bool):
            return f"the value of `${{{part.key}}}` is open"
        parts.append(Escaped(value))
    return Pattern(pattern.written, tuple(parts))


_NEGATED = frozenset(
    {
        Operator.STRING_NOT_EQUALS,
        Operator.STRING_NOT_EQUALS_IGNORE_CASE,
        Operator.STRING_NOT_LIKE,
        Operator.NUMERIC_NOT_EQUALS,
        Operator.DATE_NOT_EQUALS,
        Operator.NOT_IP_ADDRESS,
        Operator.ARN_NOT_EQUALS,
        Operator.ARN_NOT_LIKE,
    }
)
_COMPARE: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "Equals": op.eq,
    "NotEquals": op.eq,
    "LessThan": op.lt,
    "LessThanEquals": op.le,
    "GreaterThan": op.gt,
    "GreaterThanEquals": op.ge,
}
_IGNORE_CASE = frozenset(
    {Operator.STRING_EQUALS_IGNORE_CASE, Operator.STRING_NOT_EQUALS_IGNORE_CASE, Operator.BOOL}
)
_EQUALITIES = frozenset(
    {Operator.STRING_EQUALS, Operator.STRING_EQUALS_IGNORE_CASE, Operator.STRING_LIKE}
)
_LIKE = frozenset({Operator.STRING_LIKE, Operator.STRING_NOT_LIKE})


def condition_atom(condition: Condition, caller: Caller, resolve: Resolve) -> Atom:
    """What the condition asks of the request, for this caller."""
    label = str(condition)
    condition = _turned(condition)
    key = condition.key.lower()
    operator = condition.operator
    if operator is None:
        return opaque(key, label, f"the operator `{condition.written}` is not modelled")
    if key == "aws:epochtime":
        key = "aws:currenttime"  # the same moment, written as a number
    if operator is Operator.NULL:
        return _null(condition, key, label)
    negated = operator in _NEGATED
    quantifier = {None: Quantifier.ONE, SetOperator.ALL: Quantifier.ALL}.get(
        condition.set_operator, Quantifier.ANY
    )
    absent = condition.if_exists or quantifier is Quantifier.ALL
    if quantifier is Quantifier.ONE:
        absent = absent or negated
    kind = _kind_of(operator, key)
    built: TextTest | AddressTest | NumberTest | str
    wrong = _wrong_type(operator, condition.key.lower())
    if wrong:
        built = f"{wrong} operator on `{condition.key}`"
    elif quantifier is Quantifier.ONE and key in MULTIVALUED:
        built = f"`{condition.key}` has several values, and no set operator"
    else:
        built = _test(condition, operator, kind, negated, resolve)
    if isinstance(built, str):
        return Atom(
            dimension=key, label=label, absent=absent, kind=kind, opaque=built, opaque_value=True
        )
    if isinstance(built, TextTest):
        lifted = lift_to_arn(key, caller, built)
        if lifted is not None:
            # INVARIANT: an identity always has an ARN, so `absent` is void for it.
            key, built = "aws:principalarn", lifted
    return Atom(
        dimension=key, label=label, absent=absent, test=built, quantifier=quantifier, kind=kind
    )


# A fact about the resource's owner, and what of the caller it can be compared with.
_COUNTERPARTS = {
    "aws:resourceorgid": "aws:principalorgid",
    "aws:resourceaccount": "aws:principalaccount",
    "s3:resourceaccount": "aws:principalaccount",
}


def _turned(condition: Condition) -> Condition:
    """`aws:ResourceOrgID` is `${aws:PrincipalOrgID}`, as the same question about the caller.

    Of the owner no policy tells more than a name that stands for it; equality has two sides. A
    negated operator is left: what it says of a caller without organisation is not documented.
    """
    key = condition.key.lower()
    other = _COUNTERPARTS.get(key)
    if condition.operator not in _EQUALITIES or condition.if_exists or condition.set_operator:
        return condition
    if len(condition.values) != 1 or len(condition.values[0].parts) != 1:
        return condition
    variable = condition.values[0].parts[0]
    if not isinstance(variable, Variable) or variable.default is not None:
        return condition
    if other is None or variable.key.lower() != other:
        return condition
    turned = Pattern(condition.values[0].written, (Variable(key),))
    return replace(condition, key=variable.key, values=(turned,))


def _null(condition: Condition, key: str, label: str) -> Atom:
    wanted = {value.written.lower() for value in condition.values}
    if not wanted <= {"true", "false"}:
        return opaque(key, label, "`Null` asks for `true` or `false`")
    return Atom(
        dimension=key,
        label=label,
        absent="true" in wanted,
        present="false" in wanted,
        kind=key_kind(key),
        null=len(wanted) == 1,
    )


def _wrong_type(operator: Operator, key: str) -> str:
    """Where values of the key can never be of the operator's type: what it is, as a word."""
    if operator in (Operator.IP_ADDRESS, Operator.NOT_IP_ADDRESS):
        asked, word = Kind.ADDRESS, "an address"
    elif operator.value.startswith("Numeric"):
        asked, word = Kind.NUMBER, "a number"
    elif operator.value.startswith("Date"):
        asked, word = Kind.DATE, "a date"
    else:
        return ""
    if key in TEXT_KEYS:
        return word
    known = key_kind(key)
    if key == "aws:epochtime" and asked is Kind.NUMBER:
        return ""
    return "" if known in (Kind.TEXT, asked) else word


def _kind_of(operator: Operator, key: str) -> Kind:
    if key in TEXT_KEYS:
        return Kind.TEXT
    if operator in (Operator.IP_ADDRESS, Operator.NOT_IP_ADDRESS):
        return Kind.ADDRESS
    if operator.value.startswith("Numeric"):
        return Kind.DATE if key_kind(key) is Kind.DATE else Kind.NUMBER
    if operator.value.startswith("Date"):
        return Kind.DATE
    known = key_kind(key)
    if known is Kind.TEXT and operator is Operator.BOOL:
        return Kind.BOOL
    return known


def _test(
    condition: Condition, operator: Operator, kind: Kind, negated: bool, resolve: Resolve
) -> TextTest | AddressTest | NumberTest | str:
    """The test of the values, or the reason why it is not known."""
    values: list[Pattern] = []
    for pattern in condition.values:
        filled = resolved(pattern, resolve)
        if isinstance(filled, str):
            return filled
        if filled is not None:
            values.append(filled)
        elif negated:
            return f"`{pattern}` has no value here"
    if operator in (Operator.IP_ADDRESS, Operator.NOT_IP_ADDRESS):
        return _address_test(values, negated)
    if operator.value.startswith(("Numeric", "Date")):
        return _number_test(values, operator, kind, negated)
    if kind is Kind.ADDRESS:
        return _address_as_text(values, operator, negated)
    if kind in (Kind.NUMBER, Kind.DATE):
        return f"a text operator on `{condition.key}`, which is no text"
    return _text_test(values, operator, negated)


def _address_test(values: list[Pattern], negated: bool) -> AddressTest | str:
    spans: list[tuple[int, int]] = []
    for value in values:
        parsed = addresses(_plain(value))
        if parsed is None:
            return f"`{value}` is no address range"
        spans.extend(parsed.spans)
    left = AddressSet.of(spans)
    return AddressTest(~left if negated else left)


def _plain(pattern: Pattern) -> str:
    return "".join(part.text for part in pattern.parts if isinstance(part, (Text, Escaped)))


def _address_as_text(values: list[Pattern], operator: Operator, negated: bool) -> AddressTest | str:
    """A text operator on an address: exact for single addresses, else not modelled."""
    left = AddressSet()
    for value in values:
        text = _plain(value)
        if operator.value.startswith("Arn"):
            if arn_tokens(value) is None:
                return f"`{value}` has fewer than six segments"
            continue  # an address is no ARN
        if operator in _LIKE and text == "*":
            left = ~AddressSet()
            continue
        if operator in _LIKE and not value.fixed:
            return f"`{value}` is a text pattern on an address"
        parsed = addresses(text)
        # The texts differ where one address has two spellings; AWS writes the short one.
        if parsed is not None and "/" not in text and parsed.first == text:
            left |= parsed
    return AddressTest(~left if negated else left)


def _number_test(
    values: list[Pattern], operator: Operator, kind: Kind, negated: bool
) -> NumberTest | str:
    read = instant if kind is Kind.DATE else number
    # The moment as a number of seconds (aws:EpochTime) is compared with numbers alone.
    of_numbers = operator.value.startswith("Numeric")
    parsed: list[Decimal] = []
    for value in values:
        one = (number if of_numbers else read)(_plain(value))
        if one is None:
            return f"`{value}` is no {'number' if of_numbers else 'date'}"
        parsed.append(one)
    name = operator.value.removeprefix("Numeric").removeprefix("Date")
    return NumberTest(_COMPARE[name], tuple(parsed), negated, read)


def _text_test(values: list[Pattern], operator: Operator, negated: bool) -> TextTest | str:
    patterns: list[Tokens] = []
    for value in values:
        if operator.value.startswith("Arn"):
            tokens = arn_tokens(value)
            if tokens is None:
                return f"`{value}` has fewer than six segments"
        elif operator in _LIKE:
            tokens = pattern_tokens(value)
        else:
            tokens = literal_tokens(_plain(value), ignore_case=operator in _IGNORE_CASE)
        patterns.append(tokens)
    return TextTest(language(tuple(patterns)), negated)
