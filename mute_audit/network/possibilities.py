"""What is found from one interface to another, and what several possibilities agree on.

Where it is not known at which address or in which subnet a place stands, only that is certain
which holds wherever it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from mute_audit.network import intervals
from mute_audit.network.addresses import AddressSet
from mute_audit.network.allowed import CLOSED, Allowed, combine
from mute_audit.network.endpoint import Endpoint, Position, Standing
from mute_audit.network.intervals import Intervals
from mute_audit.network.traffic import Traffic
from mute_audit.network.trips import Arrival, Outside
from mute_audit.verdict import Gap

__all__ = ["Found", "agreed", "found_in", "one_of", "pinned", "standing_at", "whichever"]


@dataclass(frozen=True, slots=True)
class Found:
    """`allowed` for packets between two sets of addresses.

    sent  what the sender writes, where a balancer changes the port on the way
    """

    allowed: Allowed
    sources: AddressSet
    destinations: AddressSet
    version: int
    interface: str = ""
    via: tuple[str, ...] = ()
    sent: Traffic | None = None


Ask = Callable[..., list[Found]]


def found_in(
    arrival: Arrival, sources: AddressSet, destinations: AddressSet, version: int, interface: str
) -> Found:
    return Found(arrival.allowed, sources, destinations, version, interface, arrival.via)


def pinned(endpoint: Endpoint, standing: Standing, address: int) -> Endpoint:
    """An endpoint of which the address is not known, at one that it may have."""
    if standing.position is not Position.ONE:
        return endpoint
    exact = replace(
        standing, addresses=AddressSet.of(standing.version, address), position=Position.EXACT
    )
    return replace(endpoint, standings=(exact,))


def one_of(found: list[Found], *ends: tuple[Endpoint, Standing]) -> list[Found]:
    """What every possible address of an endpoint agrees on, where it has just one of them."""
    names = [end.place.address.id for end, own in ends if own.position is Position.ONE]
    if not names or len(found) < 2:
        return [item for item in found if item.allowed]
    why = "the interface is not described, and its possible addresses differ in the verdict"
    gap = Gap(f"address of {', '.join(names)}", "", why, "NetworkInterfaces")
    grouped: dict[tuple[AddressSet, ...], list[Found]] = {}
    for item in found:
        key = tuple(
            part
            for part, (_, own) in zip((item.sources, item.destinations), ends, strict=False)
            if own.position is not Position.ONE
        )
        grouped.setdefault(key, []).append(item)
    out = []
    for items in grouped.values():
        allowed = combine((item.allowed for item in items), gap)
        if allowed:
            out.append(
                replace(
                    next((item for item in items if item.allowed), items[0]),
                    allowed=allowed,
                    sources=AddressSet.union_of(item.sources for item in items),
                    destinations=AddressSet.union_of(item.destinations for item in items),
                )
            )
    return out


def standing_at(standing: Standing, address: int, public: int) -> Standing:
    """A standing of which the addresses are not known, at two that it may have."""
    addresses = AddressSet.of(standing.version, address)
    return replace(standing, addresses=addresses, position=Position.EXACT, public=public)


def whichever(answers: list[list[Found]], gap: Gap) -> list[Found]:
    """What gets through to each of several possible addresses, and what to some of them.

    Nobody knows which it is, so that there is none to write on a packet.
    """
    by_source: dict[tuple[AddressSet, str], list[list[Found]]] = {}
    for answer in answers:
        for item in answer:
            by_source.setdefault((item.sources, item.interface), [])
    for (sources, interface), rows in by_source.items():
        for answer in answers:
            mine = (sources, interface)
            rows.append([item for item in answer if (item.sources, item.interface) == mine])
    out = []
    for rows in by_source.values():
        allowed = combine((_sum(row) for row in rows), gap)
        first = next(item for row in rows for item in row)
        if allowed:
            out.append(replace(first, allowed=allowed, destinations=AddressSet()))
    return out


def agreed(
    sources: tuple[Endpoint | Outside, ...], targets: tuple[Endpoint | Outside, ...], ask: Ask
) -> list[Found]:
    """Of a place with only one of several interfaces, what all of them agree on.

    They have to agree about each address at the other end, where that end is known.
    """
    answers = [ask(source, target) for source in sources for target in targets]
    if len(answers) < 2:
        return answers[0] if answers else []
    names = sorted(
        {
            end.place.address.id
            for ends in (sources, targets)
            for end in ends
            if isinstance(end, Endpoint) and len(ends) > 1
        }
    )
    why = f"it stands in one of {len(answers)} subnets, which are not reached alike"
    gap = Gap("placement", ", ".join(names), why)
    out = []
    for item, certain in _certain(
        answers, by_source=len(sources) == 1, by_target=len(targets) == 1
    ):
        open_ = item.allowed.possible - certain
        gaps = item.allowed.gaps | {gap} if open_ else frozenset[Gap]()
        out.append(replace(item, allowed=Allowed(item.allowed.yes & certain, open_, gaps)))
    return out


def _certain(
    answers: list[list[Found]], *, by_source: bool, by_target: bool
) -> Iterator[tuple[Found, Traffic]]:
    """Each item, cut where the others begin or end, with what all answers let through there."""
    if not by_source and not by_target:
        certain = combine(_sum(answer) for answer in answers).yes
        yield from ((item, certain) for answer in answers for item in answer)
        return
    known: dict[tuple[tuple[int, ...], ...], Traffic] = {}
    for version in (4, 6):
        mine = [[item for item in answer if item.version == version] for answer in answers]
        spans = [
            [(item.sources if by_source else item.destinations).axis(version) for item in answer]
            for answer in mine
        ]
        cuts = sorted({bound for row in spans for bits in row for bound in bits})
        parts: dict[tuple[int, int, Traffic], list[Intervals]] = {}
        for low, high in pairwise(cuts):
            # Which items of each answer hold this piece: pieces with the same are alike.
            held = tuple(
                tuple(n for n, bits in enumerate(row) if intervals.contains(bits, low))
                for row in spans
            )
            if not any(held):
                continue
            key = ((version,), *held)
            if key not in known:
                sums = (
                    _sum([row[n] for n in chosen]) for row, chosen in zip(mine, held, strict=True)
                )
                known[key] = combine(sums).yes
            for index, chosen in enumerate(held):
                for n in chosen:
                    parts.setdefault((index, n, known[key]), []).append((low, high))
        for (index, n, certain), bits in parts.items():
            piece = intervals.union_all(bits)
            part = AddressSet(v4=piece) if version == 4 else AddressSet(v6=piece)
            item = mine[index][n]
            cut = replace(item, sources=part) if by_source else replace(item, destinations=part)
            yield cut, certain


def _sum(found: list[Found]) -> Allowed:
    total = CLOSED
    for item in found:
        total = total | item.allowed
    return total
