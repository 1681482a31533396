"""From one place to another: which addresses to ask about, and what the answers say together.

The address axes are cut into pieces on which no filter or route changes its answer; `Ways` is
asked once a piece.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from functools import cached_property, lru_cache

from mute_audit.network import intervals
from mute_audit.network.addresses import AddressSet, on_internet
from mute_audit.network.allowed import Allowed
from mute_audit.network.endpoint import Endpoint, Position, Role, Standing
from mute_audit.network.entrances import Entrances
from mute_audit.network.outside import THE_INTERNET, Outsiders
from mute_audit.network.places import Place
from mute_audit.network.possibilities import (
    Found,
    agreed,
    found_in,
    one_of,
    pinned,
    standing_at,
    whichever,
)
from mute_audit.network.routing import Table, TargetKind
from mute_audit.network.sides import Sides
from mute_audit.network.traffic import ICMP, ICMPV6, Traffic
from mute_audit.network.trips import PLACEHOLDER, Arrival, Leg, Outside, Realm, label
from mute_audit.network.ways import Ways
from mute_audit.verdict import Gap

__all__ = ["Pairs"]

# A protocol of one version of IP is none of the other.
_FOREIGN = {4: Traffic.protocol(ICMPV6), 6: Traffic.protocol(ICMP)}
_BALANCER = "load-balancer"


@lru_cache(maxsize=64)
def _carried(traffic: Traffic) -> dict[int, Traffic]:
    """What of it there is in each version of IP."""
    return {version: traffic - foreign for version, foreign in _FOREIGN.items()}


class Pairs:
    """Asks for pairs of places."""

    def __init__(self, ways: Ways) -> None:
        self.ways = ways
        self._model = ways.model
        self._pieces = ways.pieces
        self.outsiders = Outsiders(ways.model, ways.fabric.transit)
        self._known: dict[tuple[object, ...], Arrival] = {}
        self._entered: dict[tuple[object, ...], Arrival] = {}
        self._sides = Sides(ways.model, self.outsiders)
        self.entrances = Entrances(ways.model, ways.balancers)
        self._last_goal: tuple[Endpoint, Standing, int, Endpoint] | None = None

    def between(self, source: Place, target: Place, traffic: Traffic) -> list[Found]:
        """Everything that gets, or may get, from one place to another."""
        here, there = self._sides.of(source, sends=True), self._sides.of(target, sends=False)
        found: list[Found] = []
        gaps = here.stand.gaps | there.stand.gaps
        if gaps:
            allowed = Allowed(maybe=traffic, gaps=gaps)
            return [Found(allowed, AddressSet.everything(), AddressSet.everything(), 4)]
        for choice in here.stand.choices:
            for goals in there.stand.choices:
                found += agreed(choice, goals, self._endpoints)
            for outside in there.outside:
                found += agreed(choice, (outside,), self._outwards)
            for end in there.publics:
                found += agreed(choice, (end,), self._by_public)
        for network in here.outside:
            for goals in there.stand.choices:
                found += agreed((network,), goals, self._inwards)
            for end in there.publics if network.realm is Realm.INTERNET else ():
                found += self._entering(network, end)
        carried = _carried(traffic)
        return [
            replace(item, allowed=allowed) if allowed is not item.allowed else item
            for item in found
            if (allowed := item.allowed.only(carried[item.version]))
        ]

    # --- between interfaces -------------------------------------------------------------------

    def _endpoints(self, source: Endpoint, target: Endpoint) -> list[Found]:
        if label(source) == label(target):
            return []
        found: list[Found] = []
        for own in source.standings:
            for goal in target.standings:
                if own.version == goal.version:
                    found += self._private(source, own, target, goal)
        found += self._by_public(source, target)
        for box, legs in self.entrances.to(target):
            found += self._composed(source, box, legs)
        return found

    def _private(
        self, source: Endpoint, own: Standing, target: Endpoint, goal: Standing
    ) -> list[Found]:
        version = own.version
        out: list[Found] = []
        goals = self._pieces.of(goal, version, source, target)
        for a, part_a in self._pieces.of(own, version, source, target):
            sender = pinned(source, own, a)
            for b, part_b in goals:
                if part_a == part_b:
                    if not intervals.contains(part_b.axis(version), a + 1):
                        continue
                    # Two interfaces that are only presumed share no address.
                    b = a + 1
                arrival = self._plainly(sender, version, a, b, self._pinned_goal(target, goal, b))
                if arrival or Position.ONE in (own.position, goal.position):
                    out.append(found_in(arrival, part_a, part_b, version, source.interface))
        return one_of(out, (source, own), (target, goal))

    def _pinned_goal(self, target: Endpoint, goal: Standing, address: int) -> Endpoint:
        """As `pinned`; of a target that all are asked about one after the other, once."""
        if goal.position is not Position.ONE:
            return target
        known = self._last_goal
        if known is None or known[0] is not target or known[1] is not goal or known[2] != address:
            known = (target, goal, address, pinned(target, goal, address))
            self._last_goal = known
        return known[3]

    def directly(self, source: Endpoint, target: Endpoint, a: int, b: int) -> Allowed:
        """What gets from one plain host to another, IPv4 address to IPv4 address."""
        return self._plainly(source, 4, a, b, target).allowed

    def _plainly(self, source: Endpoint, version: int, a: int, b: int, target: Endpoint) -> Arrival:
        """What `Ways.send` says, kept for all pairs that nothing on the way tells apart."""
        if not self._may_share(source) or not self._may_share(target):
            return self.ways.send(source, version, a, b, target)
        model, fabric = self._model, self.ways.fabric
        rules_out = model.groups(source.groups, egress=True)
        rules_in = model.groups(target.groups, egress=False)
        key = (
            version,
            intervals.contains(model.networks(source.subnet).axis(version), b),
            intervals.contains(model.networks(target.subnet).axis(version), a),
            source.public_of(a) is None,
            fabric.subnet_key(source.subnet),
            fabric.subnet_key(target.subnet),
            self._pieces.atom(version, a),
            self._pieces.atom(version, b),
            target.groups,
            source.groups,
            rules_out.atom(version, b),
            rules_in.atom(version, a),
            source.vpc,
            target.vpc,
            source.off,
            target.off,
        )
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self.ways.send(source, version, a, b, target)
        return found

    def _may_share(self, end: Endpoint) -> bool:
        """Whether all that matters of an endpoint is in the key: a plain host."""
        return (
            end.role is Role.HOST
            and end.filtered
            and not end.forwards
            and end.doubt is None
            and bool(end.interface)
            and not self._overlapping
            and end.interface not in self._apart
        )

    @cached_property
    def _apart(self) -> frozenset[str]:
        """The interfaces that routes name."""
        names = self._model.route_targets()
        return frozenset(box.interface for box in self._model.interfaces.on_the_way(names))

    @cached_property
    def _overlapping(self) -> bool:
        """Whether VPCs share addresses, so that an address does not tell who has it."""
        seen = AddressSet()
        for vpc in self._model.inventory.vpcs:
            mine = self._model.vpc_networks(vpc)
            if mine & seen:
                return True
            seen = seen | mine
        return False

    def _at_public(self, source: Endpoint, target: Endpoint, goal: Standing) -> list[Found]:
        """N34: out through the gateway, and in again to a public address of the same estate.

        Of an address that is not described, what holds whichever it is.
        """
        if goal.public is not None:
            return self._hairpin(source, target, goal.public)
        rest = THE_INTERNET - self.publics
        answers = [
            self._hairpin(
                source, replace(target, standings=(standing_at(goal, b, public),)), public
            )
            for b, _ in self._pieces.of(goal, 4, source, target)
            for public, _ in self._pieces.cut(rest, 4, (source, target))
        ]
        gap = Gap(f"public address of {target.place.address.id}", "", "not described")
        return whichever(answers, gap)

    def _by_public(self, source: Endpoint, target: Endpoint) -> list[Found]:
        """From an interface to one that is called by its public addresses."""
        found: list[Found] = []
        for goal in target.standings:
            if goal.version == 4 and goal.published:
                found += self._at_public(source, target, goal)
        return found

    def _hairpin(self, source: Endpoint, target: Endpoint, public: int) -> list[Found]:
        """N34: to a public address of the same estate, out through the gateway and in again."""
        there = AddressSet.of(4, public)
        found = []
        for own in source.standings:
            if own.version != 4:
                continue
            out = []
            for a, part in self._pieces.of(own, 4, source, target):
                arrival = self.ways.send(pinned(source, own, a), 4, a, public, target)
                if arrival or own.position is Position.ONE:
                    out.append(found_in(arrival, part, there, 4, source.interface))
            found += one_of(out, (source, own))
        return found

    # --- through load balancers ---------------------------------------------------------------

    def _composed(
        self, source: Endpoint | Outside, box: Endpoint, legs: tuple[Leg, ...]
    ) -> list[Found]:
        """N47: to a balancer, and by it to a target; the traffic is what arrives there."""
        if isinstance(source, Outside):
            entered = self._inwards(source, box, legs)
        else:
            if label(source) == label(box):
                return []
            entered = []
            for own in source.standings:
                for goal in box.standings:
                    if own.version != goal.version:
                        continue
                    part = goal.addresses
                    b = part.axis(goal.version)[0]
                    for a, piece in self._pieces.of(own, own.version, source, box):
                        sender = pinned(source, own, a)
                        arrival = self.ways.send(sender, own.version, a, b, box, legs)
                        entered.append(
                            found_in(arrival, piece, part, own.version, source.interface)
                        )
        found = []
        for item in entered:
            first = item.allowed.only(legs[0].listens)
            if first:
                sends = legs[-1].sends
                allowed = Allowed(sends) if first.yes else Allowed(maybe=sends, gaps=first.gaps)
                via = (*item.via, *(_BALANCER for _ in legs))
                found.append(replace(item, allowed=allowed, via=via, sent=legs[0].listens))
        return found

    # --- to and from outside ------------------------------------------------------------------

    def _inwards(
        self, network: Outside, target: Endpoint, legs: tuple[Leg, ...] = ()
    ) -> list[Found]:
        """From a network outside to an interface."""
        found = self._entering(network, target, legs)
        if not legs:
            for box, chain in self.entrances.to(target):
                found += self._composed(network, box, chain)
        return found

    def _entering(
        self, network: Outside, target: Endpoint, legs: tuple[Leg, ...] = ()
    ) -> list[Found]:
        """The same without the load balancers that lead to it."""
        found: list[Found] = []
        public = network.realm is Realm.INTERNET
        for goal in target.standings:
            if public and not goal.published:
                continue
            version = goal.version
            for address, piece in self._pieces.cut(network.addresses, version, (target,)):
                out = []
                for b, part in self._pieces.of(goal, version, target):
                    there, shown = b, part
                    if public and version == 4:
                        there = goal.public if goal.public is not None else PLACEHOLDER
                        known = goal.public is not None
                        shown = AddressSet.of(4, there) if known else AddressSet()
                    exact = pinned(target, goal, b)
                    arrival = self._enters(network, version, (address, there, b), exact, legs)
                    if arrival or goal.position is Position.ONE:
                        out.append(found_in(arrival, piece, shown, version, ""))
                found += one_of(out, (target, goal))
        if not public:
            return found
        # The estate's own public addresses are other places: who sends under the address of a
        # NAT gateway stands behind it.
        return [item for item in found if not item.sources <= self.publics]

    def _enters(
        self,
        network: Outside,
        version: int,
        ends: tuple[int, int, int],
        target: Endpoint,
        legs: tuple[Leg, ...],
    ) -> Arrival:
        """What `Ways.enter` says; from the internet to a plain host once for all that are alike.

        ends  the source's address, the one that it writes to, and the target's own
        Not for IPv6, where it matters which address is the target's: some are of no internet.
        """
        address, there, own = ends
        plain = network.realm is Realm.INTERNET and network.doubt is None and not legs
        if not plain or version != 4 or not self._may_share(target):
            return self.ways.enter(network, version, address, there, target, legs)
        model = self._model
        key = (
            network.id,
            network.anything,
            on_internet(version, address),
            intervals.contains(model.networks(target.subnet).axis(version), address),
            target.subnet,
            self._seen_from(target.subnet, address),
            self._pieces.atom(version, own),
            target.groups,
            model.groups(target.groups, egress=False).atom(version, address),
            model.groups(target.groups, egress=True).atom(version, address),
            target.off,
        )
        found = self._entered.get(key)
        if found is None:
            found = self.ways.enter(network, version, address, there, target, legs)
            self._entered[key] = found
        return found

    def _seen_from(self, subnet: str, address: int) -> tuple[object, ...]:
        """What tells IPv4 addresses on the internet apart for a subnet.

        Straight through the gateway these are its own table and ACL, else whatever is on the way.
        """
        model = self._model
        table = model.table(subnet)
        winner = table.look_up(4, address) if isinstance(table, Table) else None
        way = winner.target if winner is not None and winner.gap is None else None
        if way is None or way.kind is not TargetKind.INTERNET_GATEWAY or model.edge_table(way.id):
            return (self._pieces.atom(4, address),)
        filters = (model.acl(subnet, egress=egress) for egress in (False, True))
        return (way.id, *(bisect_right(acl.cuts(4), address) for acl in filters))

    def _outwards(self, source: Endpoint, network: Outside) -> list[Found]:
        """From an interface to a network outside."""
        found: list[Found] = []
        for own in source.standings:
            version = own.version
            for b, piece in self._pieces.cut(network.addresses, version, (source,)):
                out = []
                for a, part in self._pieces.of(own, version, source):
                    arrival = self.ways.send(pinned(source, own, a), version, a, b, network)
                    if arrival or own.position is Position.ONE:
                        out.append(found_in(arrival, part, piece, version, source.interface))
                found += one_of(out, (source, own))
        if network.realm is not Realm.INTERNET:
            return found
        # The estate's own public addresses are other places. Of a wider part of the
        # internet they are not taken out: that is one place, whoever has an address in it.
        return [item for item in found if not item.destinations <= self.publics]

    @property
    def publics(self) -> AddressSet:
        """The estate's own public IPv4 addresses."""
        return self._model.interfaces.public_addresses
