"""A policy, seen by one caller: statements whose principal and action are decided already.

What is left of each statement is a conjunction of atoms on the resource and on context keys.
"""

from __future__ import annotations

import operator as op
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from mute_audit.identity.atoms import (
    RESOURCE,
    AddressTest,
    Atom,
    NumberTest,
    Quantifier,
    TextTest,
    instant,
    number,
)
from mute_audit.identity.callers import Caller, CallerKind, principal_matches
from mute_audit.identity.keys import MULTIVALUED, TEXT_KEYS, Kind, key_kind
from mute_audit.identity.patterns import (
    DIGITS,
    Token,
    Tokens,
    arn_tokens,
    glob_tokens,
    language,
    literal_tokens,
    pattern_tokens,
    segment_tokens,
)
from mute_audit.identity.ranges import AddressSet, addresses
from mute_audit.identity.statements import (
    Condition,
    Effect,
    Operator,
    Policy,
    SetOperator,
    Statement,
)
from mute_audit.identity.template import Escaped, Pattern, Text
from mute_audit.verdict import Truth

__all__ = [
    "Clause",
    "Memory",
    "Resolve",
    "View",
    "actions_of_statement",
    "clauses_for",
    "could_allow",
    "lift_to_arn",
    "matches_action",
]

Resolve = Callable[[str], "str | bool | None"]


class Memory:
    """Atoms that are the same for every action and situation: those without variables.

    By the identity of what they are made from, which stands beside them: what is kept alive
    cannot lend its identity to another.
    """

    __slots__ = ("conditions", "mentioned", "resources")

    def __init__(self) -> None:
        self.resources: dict[int, tuple[Statement, Atom | None]] = {}
        self.conditions: dict[tuple[int, CallerKind], tuple[Condition, Atom]] = {}
        self.mentioned: dict[tuple[int, ...], tuple[Sequence[Policy], frozenset[str]]] = {}


@dataclass(frozen=True, slots=True)
class View:
    """What is fixed before the search.

    resolve  the value of a variable's key: its text, None where the key is known to be absent,
             False where it may be anything
    """

    caller: Caller
    action: str
    resolve: Resolve
    memory: Memory


@dataclass(frozen=True, eq=False, slots=True)
class Clause:
    """What is left of a statement: it applies where every atom holds."""

    statement: Statement
    effect: Effect
    atoms: tuple[Atom, ...]
    source: str = ""

    @property
    def label(self) -> str:
        return f"{self.source} {self.statement.label}".strip()


def matches_action(statement: Statement, action: str) -> bool:
    """Action and NotAction: case aside, `*` and `?` are wildcards (A9)."""
    listed = statement.actions if statement.actions is not None else statement.not_actions
    action = action.lower()
    taken = any(_takes(text, action) for text in listed or ())
    return taken is (statement.actions is not None)


def actions_of_statement(statement: Statement, actions: tuple[str, ...]) -> frozenset[str]:
    """The actions, of these, that the statement speaks of."""
    listed = statement.actions if statement.actions is not None else statement.not_actions
    taken = frozenset[str]().union(*(_taken(text, actions) for text in listed or ()))
    return taken if statement.actions is not None else frozenset(actions) - taken


@lru_cache(maxsize=4_096)
def _taken(text: str, actions: tuple[str, ...]) -> frozenset[str]:
    return frozenset(action for action in actions if _takes(text, action.lower()))


@lru_cache(maxsize=65_536)
def _takes(text: str, action: str) -> bool:
    text = text.lower()
    if "*" not in text and "?" not in text:
        return text == action
    return language((glob_tokens(text),)).accepts(action)


def could_allow(policies: Iterable[Policy], caller: Caller, action: str) -> bool:
    """Whether some Allow takes in this caller's action, resource and conditions aside."""
    return any(
        statement.effect is Effect.ALLOW
        and matches_action(statement, action)
        and principal_matches(statement, caller) is not Truth.NO
        for policy in policies
        for statement in policy.statements
    )


def clauses_for(policy: Policy, view: View, source: str = "") -> list[Clause]:
    """The statements that this caller's action can touch, with what they still ask for."""
    found: list[Clause] = []
    for statement in policy.statements:
        if not matches_action(statement, view.action):
            continue
        principal = principal_matches(statement, view.caller)
        if principal is Truth.NO:
            continue
        atoms: list[Atom] = []
        if principal is Truth.UNKNOWN:
            atoms.append(_opaque("principal", "Principal", "a principal kind is not modelled"))
        atoms += [
            _opaque("element", name, f"the element `{name}` is not modelled")
            for name in (*policy.unmodelled, *statement.unmodelled)
            if not name.startswith(("Principal.", "NotPrincipal."))
        ]
        resource = _resource(statement, view)
        if resource is not None:
            atoms.append(resource)
        for condition in statement.conditions:
            known = (id(condition), view.caller.kind)
            kept = view.memory.conditions.get(known)
            if kept is not None:
                atoms.append(kept[1])
                continue
            atom = _condition(condition, view)
            if not any(pattern.variables for pattern in condition.values):
                view.memory.conditions[known] = (condition, atom)
            atoms.append(atom)
        found.append(Clause(statement, statement.effect, tuple(atoms), source))
    return found


def _opaque(dimension: str, label: str, reason: str) -> Atom:
    return Atom(dimension=dimension, label=label, opaque=reason)


def _resource(statement: Statement, view: View) -> Atom | None:
    known = view.memory.resources
    if id(statement) in known:
        return known[id(statement)][1]
    atom = _made_resource(statement, view)
    listed = statement.resources or statement.not_resources or ()
    if not any(pattern.variables for pattern in listed):
        known[id(statement)] = (statement, atom)
    return atom


def _made_resource(statement: Statement, view: View) -> Atom | None:
    if statement.resources is not None:
        listed, negated, name = statement.resources, False, "Resource"
    elif statement.not_resources is not None:
        listed, negated, name = statement.not_resources, True, "NotResource"
    else:
        return None  # the policy of one role or repository: it stands for that resource
    patterns: list[Tokens] = []
    for pattern in listed:
        resolved = _resolve(pattern, view)
        if isinstance(resolved, str):
            return _opaque(RESOURCE, name, resolved)
        if resolved is not None:
            patterns.append(pattern_tokens(resolved))
        elif negated:
            return _opaque(RESOURCE, name, f"`{pattern}` has no value here")
    return Atom(dimension=RESOURCE, label=name, test=TextTest(language(tuple(patterns)), negated))


def _resolve(pattern: Pattern, view: View) -> Pattern | str | None:
    """The pattern without variables; None where one has no value; a reason where it is open."""
    if not pattern.variables:
        return pattern
    parts: list[Text | Escaped] = []
    for part in pattern.parts:
        if isinstance(part, (Text, Escaped)):
            parts.append(part)
            continue
        value = view.resolve(part.key.lower())
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
_LIKE = frozenset({Operator.STRING_LIKE, Operator.STRING_NOT_LIKE})


def _condition(condition: Condition, view: View) -> Atom:
    key = condition.key.lower()
    label = str(condition)
    operator = condition.operator
    if operator is None:
        return _opaque(key, label, f"the operator `{condition.written}` is not modelled")
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
        built = _test(condition, operator, kind, negated, view)
    if isinstance(built, str):
        return Atom(
            dimension=key, label=label, absent=absent, kind=kind, opaque=built, opaque_value=True
        )
    if isinstance(built, TextTest):
        lifted = lift_to_arn(key, view.caller, built)
        if lifted is not None:
            # INVARIANT: an identity always has an ARN, so `absent` is void for it.
            key, built = "aws:principalarn", lifted
    return Atom(
        dimension=key, label=label, absent=absent, test=built, quantifier=quantifier, kind=kind
    )


def _null(condition: Condition, key: str, label: str) -> Atom:
    wanted = {value.written.lower() for value in condition.values}
    if not wanted <= {"true", "false"}:
        return _opaque(key, label, "`Null` asks for `true` or `false`")
    return Atom(
        dimension=key,
        label=label,
        absent="true" in wanted,
        present="false" in wanted,
        kind=key_kind(key),
    )


def _wrong_type(operator: Operator, key: str) -> str:
    """Where values of the key can never be of the operator's type: what it is, as a word."""
    if operator.value.startswith("Numeric") and key_kind(key) is Kind.DATE:
        return "" if key == "aws:epochtime" else "a number"
    if key not in TEXT_KEYS:
        return ""
    if operator in (Operator.IP_ADDRESS, Operator.NOT_IP_ADDRESS):
        return "an address"
    if operator.value.startswith(("Numeric", "Date")):
        return "a number" if operator.value.startswith("Numeric") else "a date"
    return ""


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
    condition: Condition, operator: Operator, kind: Kind, negated: bool, view: View
) -> TextTest | AddressTest | NumberTest | str:
    """The test of the values, or the reason why it is not known."""
    values: list[Pattern] = []
    for pattern in condition.values:
        resolved = _resolve(pattern, view)
        if isinstance(resolved, str):
            return resolved
        if resolved is not None:
            values.append(resolved)
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
    parsed: list[Decimal] = []
    for value in values:
        one = read(_plain(value))
        if one is None:
            return f"`{value}` is no {'date' if kind is Kind.DATE else 'number'}"
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


_IDENTITIES = (CallerKind.ROOT, CallerKind.USER, CallerKind.ROLE)


def lift_to_arn(key: str, caller: Caller, test: TextTest) -> TextTest | None:
    """A condition on a part of the caller's ARN as one on the ARN; None for other keys."""
    if caller.kind not in _IDENTITIES:
        return None
    if key == "aws:principalaccount":
        return _lifted(test, _account_in_arn)
    if key == "aws:username" and caller.kind is CallerKind.USER:
        return _lifted(test, _name_in_arn)
    return None


def _lifted(test: TextTest, lift: Callable[[Tokens], tuple[Tokens, ...]]) -> TextTest:
    lifted = tuple(tokens for pattern in test.language.patterns for tokens in lift(pattern))
    return TextTest(language(lifted), test.negated)


def _within(tokens: Tokens, only: frozenset[str] | None, but: frozenset[str]) -> Tokens:
    return tuple(_narrowed(token, only, but) for token in tokens)


@lru_cache(maxsize=1_024)
def _narrowed(token: Token, only: frozenset[str] | None, but: frozenset[str]) -> Token:
    return Token(
        only=token.only if only is None or token.only is not None else only,
        but=token.but | but,
        star=token.star,
    )


def _account_in_arn(tokens: Tokens) -> tuple[Tokens, ...]:
    head = (
        glob_tokens("arn:")
        + _within(glob_tokens("*"), None, frozenset(":"))
        + glob_tokens(":iam::")
    )
    return (head + _within(tokens, DIGITS, frozenset(":")) + glob_tokens(":*"),)


def _name_in_arn(tokens: Tokens) -> tuple[Tokens, ...]:
    name = _within(tokens, None, frozenset("/"))
    head = segment_tokens("arn:*:iam::????????????:user/")
    return head + name, head + glob_tokens("*/") + name
