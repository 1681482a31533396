"""Conditions as constraints on one dimension of a request, and solving such a dimension.

Every resource pattern list and every condition entry is one `Atom` on one dimension (the
resource, or a context key). Whether a set of atoms, each wanted true or wanted false, can hold
at once is decided per dimension and answered with a value.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import Enum

from mute_audit.identity.automata import Language
from mute_audit.identity.domains import Domain
from mute_audit.identity.keys import Kind
from mute_audit.identity.patterns import TooManyStates, find
from mute_audit.identity.ranges import EVERY_ADDRESS, AddressSet

__all__ = [
    "RESOURCE",
    "AddressTest",
    "Atom",
    "Literal",
    "NumberTest",
    "Quantifier",
    "TextTest",
    "Value",
    "instant",
    "number",
    "solve",
]

RESOURCE = "resource"
_ROUNDINGS = (ROUND_FLOOR, ROUND_CEILING)

# A value of a dimension: None is absent, otherwise one text or several.
Value = tuple[str, ...] | None


class Quantifier(Enum):
    """How a test is put to a key that may hold several values."""

    ONE = "one"
    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class TextTest:
    """The text is in the language, or (negated) is not."""

    language: Language
    negated: bool = False
    fixed: tuple[str, ...] = ()

    def holds(self, value: str) -> bool:
        return self.language.accepts(value) is not self.negated


@dataclass(frozen=True, slots=True)
class AddressTest:
    addresses: AddressSet

    def holds(self, value: str) -> bool:
        return value in self.addresses


@dataclass(frozen=True, slots=True)
class NumberTest:
    """A comparison with any of some numbers (negated: with none); dates are numbers, too."""

    compare: Callable[[Decimal, Decimal], bool]
    numbers: tuple[Decimal, ...]
    negated: bool
    read: Callable[[str], Decimal | None]

    def holds(self, value: str) -> bool:
        parsed = self.read(value)
        if parsed is None:
            return False
        return any(self.compare(parsed, n) for n in self.numbers) is not self.negated


@dataclass(frozen=True, eq=False, slots=True)
class Atom:
    """One constraint. Compared by identity: each is built once per question.

    dimension  RESOURCE, or the context key in lower case
    label      as a person wrote it, for reasons
    absent     its truth where the key is absent (A11)
    test       its truth for a value; None where it does not depend on the value (Null)
    present    its truth where the key is there and `test` is None
    opaque     the reason why its truth is not known; empty where it is
    opaque_value  only its truth for a value is not known: `absent` stands
    null       it asks whether the key is there; of an empty text no page of AWS says whether it is
    """

    dimension: str
    label: str
    absent: bool = False
    test: TextTest | AddressTest | NumberTest | None = None
    present: bool = True
    quantifier: Quantifier = Quantifier.ONE
    kind: Kind = Kind.TEXT
    opaque: str = ""
    opaque_value: bool = False
    null: bool = False

    def holds(self, value: Value) -> bool:
        """Its truth. INVARIANT: not opaque."""
        if value is None:
            return self.absent
        if self.test is None:
            # Of an empty text `solve` has no answer: a Deny is taken to apply, so that it is asked.
            return self.present or (self.null and not any(value))
        if self.quantifier is not Quantifier.ONE and not any(value):
            return self.absent  # the set operators take empty texts for no value at all
        if self.quantifier is Quantifier.ALL:
            return all(self.test.holds(item) for item in value)
        # With one value, "this one" and "any of them" are the same.
        return any(self.test.holds(item) for item in value)


@dataclass(frozen=True, slots=True)
class Literal:
    """An atom that is wanted true, or wanted false."""

    atom: Atom
    wanted: bool


def solve(
    domain: Domain, literals: Sequence[Literal], kind: Kind, multivalued: bool, limit: int
) -> tuple[bool, Value]:
    """Whether some value of the domain satisfies every literal, and which.

    Raises TooManyStates where the automata take more than `limit` steps.
    """
    possible, value = _solve(domain, literals, kind, multivalued, limit)
    if possible or not domain.empty or kind is not Kind.TEXT:
        return possible, value
    others = [lit for lit in literals if not lit.atom.null]
    if not all(lit.atom.holds(("",)) is lit.wanted for lit in others):
        return False, None
    if any(lit.atom.opaque_value for lit in others):
        return False, None  # comparisons that are not known are none of an empty text
    asked = [lit for lit in literals if lit.atom.null]
    as_absent = all(lit.atom.absent is lit.wanted for lit in asked)
    if as_absent is not all(lit.atom.present is lit.wanted for lit in asked):
        raise TooManyStates
    return (True, ("",)) if as_absent else (False, None)


def _solve(
    domain: Domain, literals: Sequence[Literal], kind: Kind, multivalued: bool, limit: int
) -> tuple[bool, Value]:
    if domain.absent and all(lit.atom.absent is lit.wanted for lit in literals):
        return True, None
    if not domain.present:
        return False, None
    constant = [lit for lit in literals if lit.atom.test is None]
    if any(lit.atom.present is not lit.wanted for lit in constant):
        return False, None
    tests = [lit for lit in literals if lit.atom.test is not None]
    if multivalued:
        return _several(domain, tests, kind, limit)
    found = _single(domain, tests, kind, limit)
    return (False, None) if found is None else (True, (found,))


def _several(
    domain: Domain, tests: Sequence[Literal], kind: Kind, limit: int
) -> tuple[bool, Value]:
    """A set of values: what all must satisfy, and what some value must satisfy each time."""
    every: list[Literal] = []
    some: list[Literal] = []
    for lit in tests:
        universal = (lit.atom.quantifier is Quantifier.ALL) is lit.wanted
        (every if universal else some).append(lit)
    values: dict[str, None] = {}
    needs = [[*every, lit] for lit in some] or [every]
    for need in needs:
        found = _single(domain, need, kind, limit)
        if found is None:
            return False, None
        values[found] = None
    return True, tuple(values)


def _single(domain: Domain, tests: Sequence[Literal], kind: Kind, limit: int) -> str | None:
    if domain.values is not None:
        return _pick(domain.values, domain, tests)
    if kind is Kind.ADDRESS:
        return _address(domain, tests)
    if kind is Kind.BOOL:
        return _pick(("true", "false"), domain, tests)
    if kind in (Kind.NUMBER, Kind.DATE):
        return _pick(_candidates(tests, kind, domain.whole), domain, tests)
    inside = [*domain.inside]
    outside = [*domain.outside]
    for lit in tests:
        test = lit.atom.test
        if not isinstance(test, TextTest):
            return None
        (inside if test.negated is not lit.wanted else outside).append(test.language)
    return find(inside, outside, limit)


def _pick(values: Iterable[str], domain: Domain, tests: Sequence[Literal]) -> str | None:
    for value in values:
        if any(language.accepts(value) for language in domain.outside):
            continue
        if all(
            lit.atom.test is not None and lit.atom.test.holds(value) is lit.wanted for lit in tests
        ):
            return value
    return None


def _address(domain: Domain, tests: Sequence[Literal]) -> str | None:
    left = EVERY_ADDRESS if domain.addresses is None else domain.addresses
    for lit in tests:
        if not isinstance(lit.atom.test, AddressTest):
            return None
        addresses = lit.atom.test.addresses
        left &= addresses if lit.wanted else ~addresses
    return left.first if left else None


def _candidates(tests: Sequence[Literal], kind: Kind, whole: bool) -> list[str]:
    """One number from each stretch between those that are compared with, and each of them."""
    points = sorted(
        {n for lit in tests if isinstance(lit.atom.test, NumberTest) for n in lit.atom.test.numbers}
    )
    if not points:
        points = [Decimal(0 if kind is Kind.NUMBER else 1_767_225_600)]
    found = list(points)
    found += [points[0] - 1, points[-1] + 1]
    for low, high in itertools.pairwise(points):
        found.append((low + high) / 2)
    if whole:
        near = (value.to_integral_value(rounding=mode) for value in found for mode in _ROUNDINGS)
        found = [value for value in dict.fromkeys(near) if value >= 0]
    write = _date_text if kind is Kind.DATE else _number_text
    return [write(value) for value in found if value >= 0 or kind is Kind.NUMBER]


def _number_text(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _date_text(value: Decimal) -> str:
    try:
        moment = datetime.fromtimestamp(float(value), tz=UTC)
    except (OverflowError, ValueError, OSError):
        return _number_text(value)
    exact = Decimal(str(moment.timestamp()))
    if exact != value:
        return _number_text(value)
    text = moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds")
    return text.replace("+00:00", "Z")


_PLAIN_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(?:\.[0-9]{1,9})?", re.ASCII)
_DATE = re.compile(
    r"(?P<month>\d{4}-\d\d)(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,20})?)?(?:Z|[-+]\d\d:\d\d)?)?)?",
    re.ASCII,
)


def number(text: str) -> Decimal | None:
    """A decimal number; None where the text is none, or is beyond what AWS would take."""
    return Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else None


def instant(text: str) -> Decimal | None:
    """Seconds since 1970 from an ISO 8601 date (W3C's profile) or an epoch number.

    None for four digits, which are a year as well as seconds: AWS does not say which it reads.
    """
    if len(text) == 4:
        return None
    plain = number(text)
    if plain is not None:
        return plain
    written = _DATE.fullmatch(text)
    if written is None:
        return None
    if text == written["month"]:
        text += "-01"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return Decimal(str(moment.timestamp()))
    except (OverflowError, ValueError, OSError):
        return None
