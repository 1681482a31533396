"""One statement against one request: the second engine's own matching.

Nothing here is shared with the set evaluator except the parsed statements, so that a mistake
in one of the two shows as a disagreement. Answers have three values: an operator that is not
modelled, or a value that cannot be read, makes *unknown*, never a guess (A14).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from fractions import Fraction

from mute_audit.identity.statements import Condition, Operator, SetOperator
from mute_audit.identity.template import Escaped, Pattern, Text
from mute_audit.verdict import Truth, all_of, any_of, negate

__all__ = ["Context", "Reach", "condition_holds", "pattern_reach", "text_matches"]

# A pattern as characters, each with whether it is a wildcard.
_Chars = list[tuple[str, bool]]
# Two patterns are compared place by place; longer ones than AWS takes are left open.
_MOST_PAIRS = 1_000_000


@dataclass(frozen=True, slots=True)
class Context:
    """The context of one request: the values of each key, by the key in lower case.

    A key that is not in it is known to be absent.
    """

    values: Mapping[str, tuple[str, ...]]

    def get(self, key: str) -> tuple[str, ...]:
        """The values, empty where the key is absent."""
        return self.values.get(key.lower(), ())


def text_matches(pattern: str, text: str) -> bool:
    """`*` and `?` in a plain text, as in actions."""
    return _glob([(char, char in "*?") for char in pattern], text)


def _glob(pattern: _Chars, text: str) -> bool:
    """Piece by piece between the stars, each as far to the left as it goes: never exponential."""
    pieces: list[_Chars] = [[]]
    for char, wild in pattern:
        if wild and char == "*":
            pieces.append([])
        else:
            pieces[-1].append((char, wild))
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return len(first) == len(text) and _stands(first, text, 0)
    end = len(text) - len(last)
    if end < len(first) or not _stands(first, text, 0) or not _stands(last, text, end):
        return False
    at = len(first)
    for piece in pieces[1:-1]:
        if not piece:
            continue
        at = _next(piece, text, at, end)
        if at < 0:
            return False
    return True


def _stands(piece: _Chars, text: str, at: int) -> bool:
    return all(wild or char == text[at + n] for n, (char, wild) in enumerate(piece))


def _next(piece: _Chars, text: str, at: int, end: int) -> int:
    """Where the piece, found between `at` and `end`, stops; -1 where it is not there."""
    if any(wild for _, wild in piece):
        written = "".join("." if wild else re.escape(char) for char, wild in piece)
        found = re.compile(written, re.DOTALL).search(text, at, end)
        return found.end() if found else -1
    place = text.find("".join(char for char, _ in piece), at, end)
    return place + len(piece) if place >= 0 else -1


def _overlaps(pattern: _Chars, other: str) -> bool:
    """Whether some text matches both: `other` is a request's resource with wildcards in it."""
    second = [(char, char in "*?") for char in other]
    reached = {(0, 0)}
    todo = [(0, 0)]
    while todo:
        one, two = todo.pop()
        if one == len(pattern) and two == len(second):
            return True
        steps: list[tuple[int, int]] = []
        first_star = one < len(pattern) and pattern[one] == ("*", True)
        second_star = two < len(second) and second[two] == ("*", True)
        if first_star:
            steps.append((one + 1, two))
        if second_star:
            steps.append((one, two + 1))
        if one < len(pattern) and two < len(second):
            if first_star and not second_star:
                steps.append((one, two + 1))
            elif second_star and not first_star:
                steps.append((one + 1, two))
            elif not first_star and (
                pattern[one][1] or second[two][1] or pattern[one][0] == second[two][0]
            ):
                steps.append((one + 1, two + 1))
        for step in steps:
            if step not in reached:
                reached.add(step)
                todo.append(step)
    return False


class Reach(Enum):
    """How much of a request's resource a pattern takes in.

    A resource with wildcards stands for many, so a pattern may take in SOME of them. OPEN: a
    variable has several values, or the two are too long to be compared. NO_VALUE: a variable in
    the pattern has none (A13).
    """

    ALL = "all"
    SOME = "some"
    NONE = "none"
    OPEN = "open"
    NO_VALUE = "no value"


def pattern_reach(pattern: Pattern, resource: str, context: Context) -> Reach:
    """A resource pattern against the resource of a request."""
    chars = _resolved(pattern, context)
    if chars is None:
        return Reach.NO_VALUE
    if isinstance(chars, str):
        return Reach.OPEN
    if "*" not in resource and "?" not in resource:
        return Reach.ALL if _glob(chars, resource) else Reach.NONE
    if len(chars) * len(resource) > _MOST_PAIRS:
        return Reach.OPEN
    if _covers(chars, resource):
        return Reach.ALL
    return Reach.SOME if _overlaps(chars, resource) else Reach.NONE


def _covers(pattern: _Chars, other: str) -> bool:
    """Whether the pattern takes every text of `other`: its `*` must meet a `*`."""
    positions = _skip_stars(pattern, {0})
    for char in other:
        after: set[int] = set()
        for at in positions:
            if at == len(pattern):
                continue
            own, wild = pattern[at]
            if wild and own == "*":
                after.add(at)
            elif char != "*" and ((wild and own == "?") or (not wild and own == char != "?")):
                after.add(at + 1)
        positions = _skip_stars(pattern, after)
    return len(pattern) in positions


def _skip_stars(pattern: _Chars, positions: set[int]) -> set[int]:
    found = set(positions)
    for at in sorted(positions):
        step = at
        while step < len(pattern) and pattern[step] == ("*", True):
            step += 1
            found.add(step)
    return found


def _resolved(pattern: Pattern, context: Context) -> _Chars | str | None:
    """The pattern with its variables filled in; None where one is absent, a reason where the
    request has several values for it."""
    chars: _Chars = []
    for part in pattern.parts:
        if isinstance(part, Text):
            chars += [(char, char in "*?") for char in part.text]
        elif isinstance(part, Escaped):
            chars += [(char, False) for char in part.text]
        else:
            values = context.get(part.key)
            if len(values) > 1:
                return f"`{part.key}` has several values"
            value = values[0] if values else part.default
            if value is None:
                return None
            chars += [(char, False) for char in value]
    return chars


def condition_holds(condition: Condition, context: Context) -> Truth:
    """One operator on one key (A10, A11)."""
    operator = condition.operator
    if operator is None:
        return Truth.UNKNOWN
    values = context.get(condition.key)
    if operator is Operator.NULL:
        return _null(condition, values)
    if condition.set_operator is not None:
        # "A null data set, such as an empty string" counts as no value (IAM user guide,
        # "Multivalued context keys").
        values = tuple(value for value in values if value)
    negative = "Not" in operator.value
    if not values:
        if condition.if_exists or condition.set_operator is SetOperator.ALL:
            return Truth.YES
        if condition.set_operator is SetOperator.ANY:
            return Truth.NO
        return Truth.of(negative)
    answers = [_one(operator, value, condition.values, context, negative) for value in values]
    if condition.set_operator is SetOperator.ALL:
        return all_of(answers)
    if condition.set_operator is SetOperator.ANY:
        return any_of(answers)
    # Without a set operator several values have no defined meaning (IAM user guide,
    # "Single-valued vs. multivalued context keys").
    return answers[0] if len(answers) == 1 else Truth.UNKNOWN


def _null(condition: Condition, values: tuple[str, ...]) -> Truth:
    """Whether the key is there; whether an empty text alone is something, no page says."""
    wanted = {value.written.lower() for value in condition.values}
    if not wanted <= {"true", "false"}:
        return Truth.UNKNOWN
    if len(wanted) == 1 and values and not any(values):
        return Truth.UNKNOWN
    return Truth.of(("false" if values else "true") in wanted)


def _one(
    operator: Operator,
    value: str,
    patterns: Sequence[Pattern],
    context: Context,
    negative: bool,
) -> Truth:
    """One value of the request against the values of the policy: any, or with Not none."""
    compare = _COMPARISONS[operator]
    answers: list[Truth] = []
    for pattern in patterns:
        chars = _resolved(pattern, context)
        if isinstance(chars, str):
            answers.append(Truth.UNKNOWN)
        elif chars is None:
            # No match; whether "no match" satisfies a negated operator is not documented.
            answers.append(Truth.UNKNOWN if negative else Truth.NO)
        else:
            answers.append(compare(chars, value))
    found = any_of(answers)
    return negate(found) if negative else found


def _text(chars: _Chars) -> str:
    return "".join(char for char, _ in chars)


def _equal(chars: _Chars, value: str) -> Truth:
    return Truth.of(_text(chars) == value)


def _equal_ignoring_case(chars: _Chars, value: str) -> Truth:
    return Truth.of(_text(chars).lower() == value.lower())


def _like(chars: _Chars, value: str) -> Truth:
    return Truth.of(_glob(chars, value))


def _arn(chars: _Chars, value: str) -> Truth:
    """Segment by segment; the sixth takes the rest, colons and all (A9)."""
    segments: list[_Chars] = [[]]
    for char, wild in chars:
        if char == ":" and len(segments) < 6:
            segments.append([])
        else:
            segments[-1].append((char, wild))
    if chars == [("*", True)]:
        segments = [[("*", True)] for _ in range(6)]
    if len(segments) < 6:
        return Truth.UNKNOWN
    parts = value.split(":", 5)
    if len(parts) < 6:
        return Truth.NO
    return Truth.of(all(_glob(seg, part) for seg, part in zip(segments, parts, strict=True)))


def _address(chars: _Chars, value: str) -> Truth:
    text = _text(chars)
    _, slash, bits = text.partition("/")
    if slash and not bits.isdigit():
        return Truth.UNKNOWN
    try:
        network = ipaddress.ip_network(text, strict=False)
        address = ipaddress.ip_address(value)
    except ValueError:
        return Truth.UNKNOWN
    if address.version == network.version:
        return Truth.of(address in network)
    dressed = address if isinstance(address, ipaddress.IPv6Address) else network.network_address
    if isinstance(dressed, ipaddress.IPv6Address) and dressed.ipv4_mapped is not None:
        # Whether AWS takes ::ffff:1.2.3.4 for 1.2.3.4 is not documented.
        return Truth.UNKNOWN
    return Truth.NO


_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
# The profile of ISO 8601 that W3C recommends (IAM user guide, "Date condition operators").
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MINUTE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def _fraction(text: str) -> Fraction | None:
    # Exponents would build numbers of gigabytes, and no key has any.
    if len(text) > 64 or not _NUMBER.fullmatch(text):
        return None
    return Fraction(text)


def _moment(text: str) -> Fraction | None:
    """Seconds since 1970, from a date or from the seconds themselves.

    Four digits are a year as well as seconds: which of the two AWS reads is not documented.
    """
    if re.fullmatch("[0-9]{4}", text):
        return None
    number = _fraction(text)
    if number is not None:
        return number
    if _MONTH.fullmatch(text):
        text += "-01"
    elif len(text) > 64 or not (_DAY.fullmatch(text) or _MINUTE.fullmatch(text)):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    passed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return Fraction(passed.days * 86_400 + passed.seconds) + Fraction(passed.microseconds, 10**6)


def _ordered(
    read: Callable[[str], Fraction | None], holds: Callable[[Fraction, Fraction], bool]
) -> Callable[[_Chars, str], Truth]:
    def compare(chars: _Chars, value: str) -> Truth:
        wanted, actual = read(_text(chars)), read(value)
        if wanted is None or actual is None:
            return Truth.UNKNOWN
        return Truth.of(holds(actual, wanted))

    return compare


_HOLDS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "Equals": lambda actual, wanted: actual == wanted,
    "NotEquals": lambda actual, wanted: actual == wanted,
    "LessThan": lambda actual, wanted: actual < wanted,
    "LessThanEquals": lambda actual, wanted: actual <= wanted,
    "GreaterThan": lambda actual, wanted: actual > wanted,
    "GreaterThanEquals": lambda actual, wanted: actual >= wanted,
}
# INVARIANT: every operator but Null stands here; the negated ones ask the positive question.
_COMPARISONS: Mapping[Operator, Callable[[_Chars, str], Truth]] = {
    Operator.STRING_EQUALS: _equal,
    Operator.STRING_NOT_EQUALS: _equal,
    Operator.STRING_EQUALS_IGNORE_CASE: _equal_ignoring_case,
    Operator.STRING_NOT_EQUALS_IGNORE_CASE: _equal_ignoring_case,
    Operator.STRING_LIKE: _like,
    Operator.STRING_NOT_LIKE: _like,
    Operator.BOOL: _equal_ignoring_case,
    Operator.BINARY_EQUALS: _equal,
    Operator.IP_ADDRESS: _address,
    Operator.NOT_IP_ADDRESS: _address,
    Operator.ARN_EQUALS: _arn,
    Operator.ARN_NOT_EQUALS: _arn,
    Operator.ARN_LIKE: _arn,
    Operator.ARN_NOT_LIKE: _arn,
    **{Operator(f"Numeric{name}"): _ordered(_fraction, holds) for name, holds in _HOLDS.items()},
    **{Operator(f"Date{name}"): _ordered(_moment, holds) for name, holds in _HOLDS.items()},
}
