"""What a policy lets in, and what it may let in where its names do not tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mute_audit.network.flow_pieces import Allowance, Piece
from mute_audit.network.places import Place, PlaceKind
from mute_audit.policy.selectors import Selection
from mute_audit.verdict import Gap

__all__ = ["Perhaps", "Permit", "Permits", "doubts"]


@dataclass(frozen=True, slots=True)
class Perhaps:
    """An allowance of which it cannot be told whether a place is meant by it.

    gaps    why: the failed calls, or the name that is not clear
    shared  the name that the place shares with others, and all that have it
    """

    allowance: Allowance
    gaps: tuple[Gap, ...]
    shared: tuple[str, tuple[Place, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Permit:
    """What is let in, for one pair of places."""

    certain: tuple[Allowance, ...] = ()
    perhaps: tuple[Perhaps, ...] = ()

    def without_doubt(self, pieces: Iterable[Piece]) -> tuple[Piece, ...]:
        """What of `pieces` is surely not let in."""
        left = tuple(pieces)
        for doubt in self.perhaps:
            given = doubt.allowance
            left = tuple(part for p in left for part in p.minus(given.traffic, given.sources))
        return left


# From a source and a target.
Permits = Callable[[Place, Place], Permit]


def doubts(named: Selection, place: Place, allowance: Allowance) -> tuple[Perhaps, ...]:
    """Whether `place` may be one of those that are named, without it being clear."""
    if place.kind is not PlaceKind.RESOURCE:
        return ()
    found = []
    shared = named.namesakes(place)
    if shared is not None and place not in named.places:
        name, bearers = shared
        where = ", ".join(sorted(each.address.id for each in bearers))
        gap = Gap(f"name {name}", where, "several places have it; give the id of the one meant")
        found.append(Perhaps(allowance, (gap,), shared))
    # An interface without a described owner may be the very place that is let in.
    faceless = place.address.type == "ec2.network-interface"
    gaps = tuple(gap for _, each in named.unsure for gap in each) if faceless else named.anybody
    if gaps and place not in named.places:
        found.append(Perhaps(allowance, tuple(dict.fromkeys(gaps))))
    return tuple(found)
