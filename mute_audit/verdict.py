"""Verdicts, three-valued logic, and gaps.

*Could not tell* is a value of its own: it is never turned into yes or no.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

__all__ = [
    "AcceptedGap",
    "Gap",
    "Truth",
    "Verdict",
    "all_accepted",
    "all_of",
    "any_of",
    "negate",
]


class Verdict(StrEnum):
    """The outcome of one policy.

    ERROR means that the policy itself could not be evaluated; UNKNOWN that the
    evidence does not decide it. Neither is ever shown as a pass.
    """

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    ERROR = "error"


class Truth(StrEnum):
    """Kleene's three values."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, value: bool) -> Truth:
        return cls.YES if value else cls.NO


def negate(value: Truth) -> Truth:
    """Kleene negation: unknown stays unknown."""
    if value is Truth.UNKNOWN:
        return value
    return Truth.NO if value is Truth.YES else Truth.YES


def all_of(values: Iterable[Truth]) -> Truth:
    """Kleene conjunction: one NO decides, else one UNKNOWN keeps it open."""
    result = Truth.YES
    for value in values:
        if value is Truth.NO:
            return value
        if value is Truth.UNKNOWN:
            result = value
    return result


def any_of(values: Iterable[Truth]) -> Truth:
    """Kleene disjunction: one YES decides, else one UNKNOWN keeps it open."""
    result = Truth.NO
    for value in values:
        if value is Truth.YES:
            return value
        if value is Truth.UNKNOWN:
            result = value
    return result


class Gap(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """Something that could not be collected or decided.

    what   an API call in IAM's notation (`ec2:DescribeSubnets`), or the thing that is
           missing (`prefix-list pl-123`)
    where  account/Region, or the id of the resource
    why    AWS's error code and message, or the reason in words
    key    the top-level key of the description that is missing (`Subnets`), if one is
    """

    what: str
    where: str = ""
    why: str = ""
    key: str = ""

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return f"{self.what}{place}: {self.why}" if self.why else f"{self.what}{place}"


@dataclass(frozen=True, slots=True)
class AcceptedGap:
    """A gap that the configuration accepts: by name (with `*`), place and reason."""

    what: str
    reason: str
    where: str = "*"

    def covers(self, gap: Gap) -> bool:
        return fnmatchcase(gap.what, self.what) and fnmatchcase(gap.where, self.where)


def all_accepted(gaps: Sequence[Gap], accepted: Iterable[AcceptedGap]) -> bool:
    """Whether each of `gaps` is accepted; what is open without a gap is not."""
    known = tuple(accepted)
    return bool(gaps) and all(any(item.covers(gap) for item in known) for gap in gaps)
