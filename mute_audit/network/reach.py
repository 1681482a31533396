"""Who can reach whom, for all packets at once.

For a pair of places the packets that get through form a set: traffic (protocol and port)
for each piece of the address axes on which no filter or route changes. `flows` gives those
sets; `prove` takes one packet out of a set and has the packet tracer replay it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mute_audit.inventory import Inventory
from mute_audit.network.addresses import AddressSet
from mute_audit.network.crowd import Crowd, Everyone
from mute_audit.network.gateways import Gateways
from mute_audit.network.model import Model
from mute_audit.network.outside import THE_INTERNET
from mute_audit.network.pairs import Pairs
from mute_audit.network.places import Directory, Place, PlaceKind
from mute_audit.network.possibilities import Found
from mute_audit.network.traffic import Traffic
from mute_audit.network.ways import Ways
from mute_audit.verdict import Gap, Truth

if TYPE_CHECKING:
    from mute_audit.finding import Evidence, Packet
    from mute_audit.network.matrix import Matrix
    from mute_audit.network.trace import Tracer

__all__ = ["THE_INTERNET", "Flow", "Reach", "Way"]


@dataclass(frozen=True, slots=True)
class Way:
    """One piece of a flow: the packets from `sources` to `destinations` with `traffic`.

    interface     the id of the interface that sends; empty for the internet, or where an
                  interface is only presumed
    sources       source addresses as the sender uses them
    destinations  the addresses that the sender writes on the packet
    """

    traffic: Traffic
    sources: AddressSet
    destinations: AddressSet
    version: int = 4
    interface: str = ""
    via: tuple[str, ...] = ()
    sent: Traffic | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """What gets (YES) or may get (UNKNOWN) from one place to another.

    sources       source addresses; for the internet which part of it
    destinations  for a flow to the internet: which part of it is reached
    via           kinds of gateways on the way (`internet-gateway`, `nat-gateway`, …)
    gaps          what would decide an UNKNOWN flow
    """

    source: Place
    target: Place
    truth: Truth
    traffic: Traffic
    sources: AddressSet
    destinations: AddressSet
    via: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()


class Reach:
    """The set engine over one inventory."""

    def __init__(self, inventory: Inventory, directory: Directory | None = None) -> None:
        self.inventory = inventory
        self.directory = directory or Directory(inventory)
        self.model = Model(inventory, self.directory)
        self.ways = Ways(self.model, Gateways(inventory))
        self.pairs = Pairs(self.ways)
        self._everyone = Everyone(self.directory, self.pairs.outsiders)

    # -- questions ------------------------------------------------------------------------

    def everything(self) -> Sequence[Place]:
        """Every place that a packet can come from: the internet, all resources, and networks
        that the estate is joined to and AWS does not describe.

        A NAT gateway sends only what its clients send, so it is no source of its own.
        """
        return self._everyone

    @cached_property
    def crowd(self) -> Crowd:
        """The index by which the few that may reach a target are found among all."""
        return Crowd(self.model, self.ways.fabric, self.pairs.outsiders)

    def forwarding(self) -> tuple[Place, ...]:
        """Hosts whose source/destination check is off: they may pass packets on (N54)."""
        return tuple(place for place in self.directory.places if self._forwards(place))

    def _forwards(self, place: Place) -> bool:
        if place.address.type not in ("ec2.instance", "ec2.network-interface"):
            return False
        return any(end.forwards for end in self.model.stand(place).endpoints)

    def flows(
        self, sources: Sequence[Place], targets: Sequence[Place], traffic: Traffic
    ) -> tuple[Flow, ...]:
        """What gets, or may get, from any of `sources` to any of `targets`.

        A pair of which nothing gets through has no flow; a place never reaches itself here.
        """
        return tuple(self.each_flow(sources, targets, traffic))

    def each_flow(
        self, sources: Sequence[Place], targets: Sequence[Place], traffic: Traffic
    ) -> Iterator[Flow]:
        """The same one by one, for whoever does not need them all at once."""
        for target in targets:
            for source in self._may_reach(sources, target, traffic):
                if source != target:
                    yield from self._pair(source, target, traffic)

    def _may_reach(
        self, sources: Sequence[Place], target: Place, traffic: Traffic
    ) -> Sequence[Place]:
        """Of many sources those that the target's own groups do not rule out."""
        if sources is not self._everyone or target.kind is not PlaceKind.RESOURCE:
            return sources
        if self.pairs.outsiders.of(target):
            return sources
        stand = self.model.stand(target)
        if stand.gaps:
            return sources
        ends = [*stand.endpoints, *self.pairs.entrances.boxes(stand.endpoints)]
        wanted = traffic if len(ends) == len(stand.endpoints) else Traffic.everything()
        found = self.crowd.sources(ends, wanted)
        return sources if found is None else found

    def matrix(self, traffic: Traffic) -> Matrix:
        """All pairs of plain hosts, by class."""
        from mute_audit.network.matrix import Matrix

        return Matrix(self.pairs, self.crowd.plain(), traffic)

    # -- proof ----------------------------------------------------------------------------

    @cached_property
    def tracer(self) -> Tracer:
        """The second engine, which replays what this one claims."""
        from mute_audit.network.trace import Tracer

        return Tracer(self.inventory, self.directory)

    def prove(
        self, flow: Flow, traffic: Traffic | None = None, sources: AddressSet | None = None
    ) -> Evidence:
        """A packet of `flow`, replayed; see `proof.prove`. Raises DisagreementError."""
        from mute_audit.network.proof import prove

        return prove(self.tracer, flow, traffic, sources, self.pairs.publics)

    def witness(self, flow: Flow) -> Packet | None:
        """The packet that `prove` would replay, without replaying it; see `proof.witness`."""
        from mute_audit.network.proof import witness

        return witness(flow, self.pairs.publics)

    def refuse(self, source: Place, target: Place, traffic: Traffic) -> Evidence:
        """Why `traffic` does not get from `source` to `target`, with all blockers."""
        from mute_audit.network.proof import explain

        return explain(self.tracer, source, target, traffic)

    # -- one pair -------------------------------------------------------------------------

    def _pair(self, source: Place, target: Place, traffic: Traffic) -> Iterator[Flow]:
        found = self.pairs.between(source, target, traffic)
        yield from _gathered(source, target, Truth.YES, found)
        yield from _gathered(source, target, Truth.UNKNOWN, found)


def _gathered(source: Place, target: Place, truth: Truth, found: list[Found]) -> Iterator[Flow]:
    """One flow for each traffic set and way out, its address pieces joined."""
    groups: dict[tuple[Traffic, tuple[str, ...]], list[Found]] = {}
    for item in found:
        traffic = item.allowed.yes if truth is Truth.YES else item.allowed.maybe
        if traffic:
            groups.setdefault((traffic, item.via), []).append(item)
    # In an order of their own, whatever order AWS gave the descriptions in.
    for (traffic, via), items in sorted(
        groups.items(), key=lambda row: (row[0][0].bits, row[0][1])
    ):
        gaps = {gap for item in items for gap in item.allowed.gaps}
        yield Flow(
            source,
            target,
            truth,
            traffic,
            _joined([item.sources for item in items]),
            _joined([item.destinations for item in items]),
            via,
            tuple(sorted(gaps)) if truth is Truth.UNKNOWN else (),
            (),
            tuple(
                Way(
                    traffic,
                    item.sources,
                    item.destinations,
                    item.version,
                    item.interface,
                    via,
                    item.sent,
                )
                for item in items
            ),
        )


def _joined(sets: list[AddressSet]) -> AddressSet:
    """The union; of a single set that set itself, which thousands of flows share."""
    return sets[0] if len(sets) == 1 else AddressSet.union_of(sets)
