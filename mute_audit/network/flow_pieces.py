"""Parts of flows: what is left of one when that which is allowed is taken away.

A way of a flow is a block of packets: its traffic, its source addresses and its destination
addresses, each combined with each. What is left of a block is a few smaller ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mute_audit.network import intervals
from mute_audit.network.addresses import AddressSet
from mute_audit.network.places import Place, PlaceKind
from mute_audit.network.reach import Flow
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth

__all__ = [
    "Allowance",
    "Piece",
    "breadth",
    "broad",
    "by_pair",
    "cut",
    "remaining",
    "shown_source",
    "within",
]

# More CIDRs than this in a label, and nobody reads them.
MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of packets of one flow.

    Without `destinations` they go to a public address that nobody described.
    """

    flow: Flow
    traffic: Traffic
    sources: AddressSet
    destinations: AddressSet

    def minus(
        self, traffic: Traffic, sources: AddressSet | None, destinations: AddressSet | None = None
    ) -> tuple[Piece, ...]:
        """What is outside of a block; None stands for every address."""
        other_sources = self.sources if sources is None else self.sources & sources
        both = self.traffic & traffic
        if not both or not other_sources:
            return (self,)
        parts = [
            replace(self, traffic=self.traffic - traffic),
            replace(self, traffic=both, sources=self.sources - other_sources),
        ]
        left = [part for part in parts if part]
        if destinations is not None:
            covered = self.destinations & destinations
            if not covered:
                return (self,)
            rest = self.destinations - covered
            if rest:
                left.append(replace(self, traffic=both, sources=other_sources, destinations=rest))
        return tuple(left)

    def __bool__(self) -> bool:
        return bool(self.traffic and self.sources)


@dataclass(frozen=True, slots=True)
class Allowance:
    """Traffic that is allowed from some addresses; None stands for every address."""

    traffic: Traffic
    sources: AddressSet | None = None


def cut(flow: Flow, allowances: Sequence[Allowance]) -> tuple[Piece, ...]:
    """What of `flow` no allowance covers."""
    left: tuple[Piece, ...] = tuple(
        Piece(flow, way.traffic, way.sources, way.destinations) for way in flow.ways
    )
    for allowance in allowances:
        left = tuple(
            part for piece in left for part in piece.minus(allowance.traffic, allowance.sources)
        )
    return left


def within(piece: Piece, allowance: Allowance) -> Piece:
    """The part of `piece` that an allowance covers; false where there is none."""
    covered = piece.sources if allowance.sources is None else piece.sources & allowance.sources
    return replace(piece, traffic=piece.traffic & allowance.traffic, sources=covered)


def by_pair(flows: Iterable[Flow]) -> dict[tuple[Place, Place], list[Flow]]:
    """Flows by the places that they lead from and to, in order."""
    pairs: dict[tuple[Place, Place], list[Flow]] = {}
    for flow in flows:
        pairs.setdefault((flow.source, flow.target), []).append(flow)
    return pairs


def remaining(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces of one pair of places, joined where they differ in one respect only.

    What is certain is not repeated as uncertain: it may be both where a pair has several ways.
    """
    found = list(pieces)
    certain = [piece for piece in found if piece.flow.truth is Truth.YES]
    open_ = [piece for piece in found if piece.flow.truth is Truth.UNKNOWN]
    for block in certain:
        open_ = [
            part
            for piece in open_
            for part in piece.minus(block.traffic, block.sources, block.destinations)
        ]
    return (*_joined(certain), *_joined(open_))


def broad(pieces: Iterable[Piece], least: int) -> Traffic:
    """The traffic that `least` addresses or more may send (see `breadth`)."""
    atoms: list[tuple[Traffic, AddressSet]] = []
    for piece in pieces:
        rest = piece.traffic
        cut_up: list[tuple[Traffic, AddressSet]] = []
        for traffic, sources in atoms:
            both = traffic & rest
            cut_up += [(both, sources | piece.sources), (traffic - both, sources)]
            rest = rest - both
        atoms = [(traffic, sources) for traffic, sources in cut_up if traffic]
        if rest:
            atoms.append((rest, piece.sources))
    found = Traffic()
    for traffic, sources in atoms:
        if breadth(sources) >= least:
            found = found | traffic
    return found


def breadth(addresses: AddressSet) -> int:
    """How many addresses; of IPv6 the /64 networks, which is what one site has at least."""
    four = sum(high - low + 1 for low, high in intervals.pairs(addresses.v4))
    six = sum((high >> 64) - (low >> 64) + 1 for low, high in intervals.pairs(addresses.v6))
    return four + six


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Fewer pieces for a person to read, which may claim more than those they are made of.

    Pieces with the same traffic add up their addresses, then those with the same sources
    their traffic.
    """
    by_traffic: dict[Traffic, Piece] = {}
    for piece in pieces:
        known = by_traffic.get(piece.traffic)
        by_traffic[piece.traffic] = (
            piece
            if known is None
            else replace(
                known,
                sources=known.sources | piece.sources,
                destinations=known.destinations | piece.destinations,
            )
        )
    by_sources: dict[AddressSet, Piece] = {}
    for piece in by_traffic.values():
        known = by_sources.get(piece.sources)
        by_sources[piece.sources] = (
            piece
            if known is None
            else replace(
                known,
                traffic=known.traffic | piece.traffic,
                destinations=known.destinations | piece.destinations,
            )
        )
    return list(by_sources.values())


def shown_source(place: Place, sources: AddressSet) -> str:
    """A source as people call it: its name, and for a part of the internet its CIDRs."""
    if place.kind is not PlaceKind.INTERNET:
        return place.label
    if breadth(sources) > 1 << 31:
        return "internet"
    cidrs = sources.cidrs()
    if len(cidrs) > MOST_SHOWN:
        return f"internet:{', '.join(cidrs[:MOST_SHOWN])}, …"
    return f"internet:{', '.join(cidrs)}"
