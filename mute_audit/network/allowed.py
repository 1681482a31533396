"""What a filter says of traffic: what passes for certain, and what may pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mute_audit.network.traffic import NOTHING, TCP, Traffic
from mute_audit.verdict import Gap

__all__ = ["CLOSED", "OPEN", "Allowed", "combine"]

_TCP = Traffic.protocol(TCP)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a filter lets through: `yes` for certain, `maybe` as far as the evidence goes.

    `yes` and `maybe` are disjoint; `gaps` name what would decide `maybe`.
    """

    yes: Traffic = NOTHING
    maybe: Traffic = NOTHING
    gaps: frozenset[Gap] = frozenset()

    @property
    def possible(self) -> Traffic:
        return self.yes | self.maybe

    def __and__(self, other: Allowed) -> Allowed:
        """One filter behind the other."""
        yes = self.yes & other.yes
        maybe = (self.possible & other.possible) - yes
        return Allowed(yes, maybe, self.gaps | other.gaps if maybe else frozenset())

    def __or__(self, other: Allowed) -> Allowed:
        """Either of two ways."""
        yes = self.yes | other.yes
        maybe = (self.maybe | other.maybe) - yes
        return Allowed(yes, maybe, self.gaps | other.gaps if maybe else frozenset())

    def only(self, traffic: Traffic) -> Allowed:
        maybe = self.maybe & traffic
        return Allowed(self.yes & traffic, maybe, self.gaps if maybe else frozenset())

    def answered(self, answer: Allowed) -> Allowed:
        """N60: what is left of a forward way when its answers have to come back.

        `answer` holds all TCP for an answer that arrives, as `maybe` where it may.
        """
        if not self.possible & _TCP or answer.yes:
            return self
        if not answer.maybe:
            return Allowed(self.yes - _TCP, self.maybe - _TCP, self.gaps)
        maybe = self.maybe | (self.yes & _TCP)
        return Allowed(self.yes - _TCP, maybe, self.gaps | answer.gaps)

    def __bool__(self) -> bool:
        return bool(self.yes or self.maybe)


OPEN = Allowed(Traffic.everything())
CLOSED = Allowed()


def combine(items: Iterable[Allowed], gap: Gap | None = None) -> Allowed:
    """One of several, and it is not known which: certain only where all agree.

    `gap` says why it cannot be told; it is named where they do not agree.
    """
    found = list(items)
    if not found:
        return CLOSED
    yes = found[0].yes
    possible = Traffic()
    gaps: frozenset[Gap] = frozenset()
    for item in found:
        yes = yes & item.yes
        possible = possible | item.possible
        gaps |= item.gaps
    maybe = possible - yes
    if gap is not None:
        gaps |= {gap}
    return Allowed(yes, maybe, gaps if maybe else frozenset())
