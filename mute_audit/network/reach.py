"""Who can reach whom, for all packets at once.

For a pair of places the packets that get through form a set: traffic (protocol and port)
for each piece of the address axes on which no filter or route changes. `flows` gives those
sets; `prove` takes one packet out of a set and has the packet tracer replay it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mute_audit.inventory import Inventory
from mute_audit.network import intervals
from mute_audit.network.addresses import NOT_ON_THE_INTERNET, AddressSet
from mute_audit.network.filters import CLOSED, Allowed, combine
from mute_audit.network.gateways import Gateways
from mute_audit.network.model import Endpoint, Model, Position, Stand, Standing
from mute_audit.network.places import INTERNET, Directory, Place, PlaceKind
from mute_audit.network.traffic import Traffic
from mute_audit.network.ways import Ways
from mute_audit.verdict import Gap, Truth

if TYPE_CHECKING:
    from mute_audit.finding import Evidence
    from mute_audit.network.trace import Tracer

__all__ = ["Flow", "Reach", "Way"]

# A NAT gateway has addresses, but takes no connection (N35).
_NO_ENDS = frozenset({"ec2.nat-gateway"})

THE_INTERNET = AddressSet.everything() - NOT_ON_THE_INTERNET


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


@dataclass(frozen=True, slots=True)
class _Found:
    """An intermediate result: `allowed` for packets between two sets of addresses."""

    allowed: Allowed
    sources: AddressSet
    destinations: AddressSet
    version: int
    interface: str
    via: tuple[str, ...] = ()


_Ask = Callable[[Endpoint], list[_Found]]


class Reach:
    """The set engine over one inventory."""

    def __init__(self, inventory: Inventory, directory: Directory | None = None) -> None:
        self.inventory = inventory
        self.directory = directory or Directory(inventory)
        self.model = Model(inventory, self.directory)
        self.ways = Ways(self.model, Gateways(inventory))

    # -- questions ------------------------------------------------------------------------

    def everything(self) -> tuple[Place, ...]:
        """Every place that a packet can come from: the internet and all resources.

        A NAT gateway sends only what its clients send, so it is no source of its own.
        """
        return (INTERNET, *(p for p in self.directory.places if p.address.type not in _NO_ENDS))

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
        found: list[Flow] = []
        for target in targets:
            for source in sources:
                if source != target:
                    found += self._pair(source, target, traffic)
        return tuple(found)

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

        return prove(self.tracer, flow, traffic, sources)

    def refuse(self, source: Place, target: Place, traffic: Traffic) -> Evidence:
        """Why `traffic` does not get from `source` to `target`, with all blockers."""
        from mute_audit.network.proof import explain

        return explain(self.tracer, source, target, traffic)

    # -- one pair -------------------------------------------------------------------------

    def _pair(self, source: Place, target: Place, traffic: Traffic) -> Iterator[Flow]:
        found = [
            _Found(allowed, f.sources, f.destinations, f.version, f.interface, f.via)
            for f in self._between(source, target)
            if (allowed := f.allowed.only(traffic))
        ]
        yield from _gathered(source, target, Truth.YES, found)
        yield from _gathered(source, target, Truth.UNKNOWN, found)

    def _between(self, source: Place, target: Place) -> list[_Found]:
        from_net, to_net = self._outside(source), self._outside(target)
        if from_net is not None and to_net is not None:
            return []
        if from_net is not None:
            stand = self._stand(target)
            return self._each(stand, lambda end: self._in(from_net, end))
        stand = self._stand(source)
        if to_net is not None:
            return self._each(stand, lambda end: self._out(end, to_net))
        other = self._stand(target)
        return self._each(
            stand, lambda end: self._each(other, lambda goal: self._inside(end, goal))
        )

    def _outside(self, place: Place) -> AddressSet | None:
        """The addresses of a place on the internet; None for a place in the estate."""
        if place.kind is PlaceKind.RESOURCE:
            return None
        if place.kind is PlaceKind.INTERNET:
            return THE_INTERNET & AddressSet.parse(place.cidr) if place.cidr else THE_INTERNET
        return AddressSet.parse(place.cidr)

    def _stand(self, place: Place) -> Stand:
        if place.address.type in _NO_ENDS:
            return Stand(())
        stand = self.model.stand(place)
        return Stand((), gaps=stand.gaps) if stand.off else stand

    def _each(self, stand: Stand, ask: _Ask) -> list[_Found]:
        """All endpoints of a place; of a place that has only one of them, what all agree on."""
        answers = [ask(end) for end in stand.endpoints]
        if not stand.one_of or len(answers) < 2:
            return [found for answer in answers for found in answer]
        gap = Gap(
            "placement",
            stand.endpoints[0].place.address.id,
            f"it stands in one of {len(answers)} subnets, which are not reached alike",
        )
        certain = combine(_sum(answer) for answer in answers)
        out = []
        for answer in answers:
            for found in answer:
                open_ = found.allowed.possible - certain.yes
                gaps = found.allowed.gaps | {gap} if open_ else frozenset[Gap]()
                allowed = Allowed(found.allowed.yes & certain.yes, open_, gaps)
                out.append(
                    _Found(
                        allowed,
                        found.sources,
                        found.destinations,
                        found.version,
                        found.interface,
                        found.via,
                    )
                )
        return out

    def _inside(self, source: Endpoint, target: Endpoint) -> list[_Found]:
        if source.interface and source.interface == target.interface:
            return []
        found: list[_Found] = []
        for own in source.standings:
            for goal in target.standings:
                if own.version == goal.version:
                    found += self._private(source, own, target, goal)
        for goal in target.standings:
            if goal.published and goal.public is not None and goal.version == 4:
                found += self._hairpin(source, target, goal)
        return found

    def _private(
        self, source: Endpoint, own: Standing, target: Endpoint, goal: Standing
    ) -> list[_Found]:
        version = own.version
        out: list[tuple[AddressSet, AddressSet, Allowed]] = []
        mine = self._pieces(own, (target,), version)
        theirs = self._pieces(goal, (source,), version)
        for a, part_a in mine:
            for b, part_b in theirs:
                if part_a == part_b:
                    continue
                out.append((part_a, part_b, self.ways.private(source, a, target, b, version)))
        if Position.ONE in (own.position, goal.position):
            allowed = combine(item for *_, item in out)
            return [_Found(allowed, own.addresses, goal.addresses, version, source.interface)]
        return [
            _Found(allowed, part_a, part_b, version, source.interface)
            for part_a, part_b, allowed in out
            if allowed
        ]

    def _pieces(
        self, standing: Standing, peers: Iterable[Endpoint], version: int
    ) -> list[tuple[int, AddressSet]]:
        """A standing's addresses, cut where a filter or table on the way changes."""
        if standing.position is Position.EXACT:
            return [(standing.addresses.axis(version)[0], standing.addresses)]
        return self._cut(standing.addresses, version, peers)

    def _cut(
        self, addresses: AddressSet, version: int, ends: Iterable[Endpoint], *extra: str
    ) -> list[tuple[int, AddressSet]]:
        """One representative for each piece of `addresses`."""
        model = self.model
        cuts: set[int] = set()
        subnets = set(extra)
        for end in ends:
            cuts.update(model.groups(end.groups, egress=False).cuts(version))
            cuts.update(model.groups(end.groups, egress=True).cuts(version))
            subnets.add(end.subnet)
        for subnet in subnets:
            cuts.update(model.acl(subnet, egress=False).cuts(version))
            cuts.update(model.acl(subnet, egress=True).cuts(version))
            table = model.table(subnet)
            if not isinstance(table, Gap):
                cuts.update(table.cuts(version))
        ordered = sorted(cuts)
        pieces: list[tuple[int, AddressSet]] = []
        for low, high in intervals.pairs(addresses.axis(version)):
            inner = ordered[bisect_right(ordered, low) : bisect_left(ordered, high + 1)]
            starts = [low, *inner]
            for start, stop in zip(starts, [*inner, high + 1], strict=True):
                bits = (start, stop)
                pieces.append((start, AddressSet(v4=bits) if version == 4 else AddressSet(v6=bits)))
        return pieces

    # -- the internet ---------------------------------------------------------------------

    def _in(self, part: AddressSet, target: Endpoint) -> list[_Found]:
        found: list[_Found] = []
        for goal in target.standings:
            if not goal.published:
                continue
            public = (
                AddressSet.of(goal.version, goal.public)
                if goal.public is not None
                else AddressSet()
            )
            for address, piece in self._cut(part, goal.version, (target,)):
                answers = [
                    self.ways.from_internet(address, target, goal, b)
                    for b, _ in self._pieces(goal, (), goal.version)
                ]
                allowed = combine(answers)
                if allowed:
                    found.append(
                        _Found(allowed, piece, public, goal.version, "", ("internet-gateway",))
                    )
        return found

    def _out(self, source: Endpoint, part: AddressSet) -> list[_Found]:
        found: list[_Found] = []
        beyond = self._nat_subnets(source)
        for own in source.standings:
            for address, piece in self._cut(part, own.version, (source,), *beyond):
                exits = [
                    self.ways.to_internet(source, own, a, address)
                    for a, _ in self._pieces(own, (), own.version)
                ]
                allowed = combine(item.allowed for item in exits)
                if allowed:
                    found.append(
                        _Found(
                            allowed,
                            own.addresses,
                            piece,
                            own.version,
                            source.interface,
                            exits[0].via,
                        )
                    )
        return found

    def _nat_subnets(self, source: Endpoint) -> tuple[str, ...]:
        table = self.model.table(source.subnet)
        if isinstance(table, Gap):
            return ()
        nats = (self.inventory.nat_gateways.get(target.id) for target in table.targets)
        return tuple(nat.subnet_id for nat in nats if nat is not None and nat.subnet_id)

    def _hairpin(self, source: Endpoint, target: Endpoint, goal: Standing) -> list[_Found]:
        """N34: to a public address of the same estate, out through the gateway and in again."""
        public = goal.public
        if public is None:
            return []
        found = []
        (b,) = [low for low, _ in intervals.pairs(goal.addresses.axis(4))][:1] or [0]
        for own in source.standings:
            if own.version != 4:
                continue
            for a, piece in self._pieces(own, (target,), 4):
                way = self.ways.to_internet(source, own, a, public)
                if not way.allowed or way.seen_as is None:
                    continue
                back = self.ways.from_internet(way.seen_as, target, goal, b)
                allowed = way.allowed & back
                if allowed:
                    found.append(
                        _Found(
                            allowed,
                            piece,
                            AddressSet.of(4, public),
                            4,
                            source.interface,
                            (*way.via, "internet-gateway"),
                        )
                    )
        return found


def _sum(found: list[_Found]) -> Allowed:
    total = CLOSED
    for item in found:
        total = total | item.allowed
    return total


def _gathered(source: Place, target: Place, truth: Truth, found: list[_Found]) -> Iterator[Flow]:
    """One flow for each traffic set and way out, its address pieces joined."""
    groups: dict[tuple[Traffic, tuple[str, ...]], list[_Found]] = {}
    for item in found:
        traffic = item.allowed.yes if truth is Truth.YES else item.allowed.maybe
        if traffic:
            groups.setdefault((traffic, item.via), []).append(item)
    for (traffic, via), items in groups.items():
        gaps = {gap for item in items for gap in item.allowed.gaps}
        yield Flow(
            source,
            target,
            truth,
            traffic,
            AddressSet.union_of(item.sources for item in items),
            AddressSet.union_of(item.destinations for item in items),
            via,
            tuple(sorted(gaps)) if truth is Truth.UNKNOWN else (),
            (),
            tuple(
                Way(traffic, item.sources, item.destinations, item.version, item.interface, via)
                for item in items
            ),
        )
