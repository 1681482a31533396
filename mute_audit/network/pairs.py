"""From one place to another: which addresses to ask about, and what the answers say together.

The address axes are cut into pieces on which no filter or route changes its answer; `Ways` is
asked once a piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise

from mute_audit.network import intervals
from mute_audit.network.addresses import AddressSet
from mute_audit.network.allowed import CLOSED, Allowed, combine
from mute_audit.network.endpoint import Endpoint, Position, Role, Stand, Standing
from mute_audit.network.intervals import Intervals
from mute_audit.network.outside import THE_INTERNET, Outsiders
from mute_audit.network.parts import SUBNET
from mute_audit.network.places import Place, PlaceKind
from mute_audit.network.traffic import ICMP, ICMPV6, Traffic
from mute_audit.network.trips import PLACEHOLDER, Arrival, Leg, Outside, Realm, label
from mute_audit.network.ways import Ways
from mute_audit.verdict import Gap

__all__ = ["Found", "Pairs"]

# A NAT gateway has addresses, but takes no connection (N35), and opens none of its own.
_NO_ENDS = frozenset({"ec2.nat-gateway"})
_SEND_NOTHING = frozenset({Role.NAT, Role.GATEWAY})
# A protocol of one version of IP is none of the other.
_FOREIGN = {4: Traffic.protocol(ICMPV6), 6: Traffic.protocol(ICMP)}
_BALANCER = "load-balancer"


@lru_cache(maxsize=64)
def _carried(traffic: Traffic) -> dict[int, Traffic]:
    """What of it there is in each version of IP."""
    return {version: traffic - foreign for version, foreign in _FOREIGN.items()}


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


_NOBODY = Stand()


@dataclass(frozen=True, slots=True)
class _Side:
    """What a place is for a packet: its interfaces, and networks outside the estate.

    publics  interfaces that are meant by a public address, with that address alone
    """

    stand: Stand = _NOBODY
    outside: tuple[Outside, ...] = ()
    publics: tuple[Endpoint, ...] = ()


class Pairs:
    """Asks for pairs of places."""

    def __init__(self, ways: Ways) -> None:
        self.ways = ways
        self._model = ways.model
        self._pieces = ways.pieces
        self.outsiders = Outsiders(ways.model, ways.fabric.transit)
        self._known: dict[tuple[object, ...], Arrival] = {}
        self._sides: dict[tuple[Place, bool], _Side] = {}
        self._last_goal: tuple[Endpoint, Standing, int, Endpoint] | None = None

    def between(self, source: Place, target: Place, traffic: Traffic) -> list[Found]:
        """Everything that gets, or may get, from one place to another."""
        here, there = self._side(source, sends=True), self._side(target, sends=False)
        found: list[Found] = []
        gaps = here.stand.gaps | there.stand.gaps
        if gaps:
            allowed = Allowed(maybe=traffic, gaps=gaps)
            return [Found(allowed, AddressSet.everything(), AddressSet.everything(), 4)]
        for choice in here.stand.choices:
            for goals in there.stand.choices:
                found += _agreed(choice, goals, self._endpoints)
            for outside in there.outside:
                found += _agreed(choice, (outside,), self._outwards)
            for end in there.publics:
                found += _agreed(choice, (end,), self._by_public)
        for network in here.outside:
            for goals in there.stand.choices:
                found += _agreed((network,), goals, self._inwards)
            for end in there.publics if network.realm is Realm.INTERNET else ():
                found += self._entering(network, end)
        carried = _carried(traffic)
        return [
            replace(item, allowed=allowed) if allowed is not item.allowed else item
            for item in found
            if (allowed := item.allowed.only(carried[item.version]))
        ]

    # --- places -------------------------------------------------------------------------------

    def _side(self, place: Place, *, sends: bool) -> _Side:
        found = self._sides.get((place, sends))
        if found is None:
            found = self._sides[place, sends] = self._find_side(place, sends=sends)
        return found

    def _find_side(self, place: Place, *, sends: bool) -> _Side:
        outside = self.outsiders.of(place)
        if sends:
            outside = tuple(item for item in outside if item.realm is not Realm.SERVICE)
        if outside:
            return _Side(outside=outside)
        if place.kind is PlaceKind.NETWORK:
            return self._network(AddressSet.parse(place.cidr), sends=sends)
        if place.kind is PlaceKind.RESOURCE and place.address.type not in _NO_ENDS:
            stand = self._model.stand(place)
            if sends and place.address.type == SUBNET:
                senders = (c for c in stand.choices if c[0].role not in _SEND_NOTHING)
                stand = Stand(tuple(senders), stand.gaps)
            return _Side(stand)
        return _Side()

    def _network(self, net: AddressSet, *, sends: bool) -> _Side:
        """A CIDR: the interfaces in it, and what of it lies outside the estate.

        A public address of the estate is the interface that has it. A single private address
        is only that, a wider network all hosts in it, by whatever address they are called.
        """
        choices = []
        publics = self._by_public_address(net)
        if sends and publics and net <= self.publics:
            return _Side(Stand(tuple((end,) for end in publics if end.role not in _SEND_NOTHING)))
        for endpoint in self._model.interfaces.everyone():
            if sends and endpoint.role in _SEND_NOTHING:
                continue
            kept = tuple(
                replace(standing, addresses=standing.addresses & net)
                for standing in endpoint.standings
                if standing.addresses & net
            )
            if kept:
                choices.append((replace(endpoint, standings=kept),))
        found: list[Outside] = []
        public = net & THE_INTERNET
        if not sends:
            if _is_single(net):
                choices = [(_privately(end),) for (end,) in choices]
            if net <= self.publics or self._is_own_six(net):
                return _Side(Stand(tuple(choices)), (), publics)
            outside = Outside(Realm.PREMISES, addresses=net, anything=True)
            return _Side(Stand(tuple(choices)), (outside,), publics)
        if choices and _is_single(net):
            # An address that somebody in the estate has means him.
            return _Side(Stand(tuple(choices)))
        if public:
            found.append(Outside(Realm.INTERNET, addresses=public))
        for ways in self.outsiders.by_place.values():
            for outside in ways:
                if outside.addresses & net:
                    found.append(replace(outside, addresses=outside.addresses & net))
        if not choices and not found:
            gap = self._model.inventory.missing_somewhere("NetworkInterfaces")
            return _Side(Stand(gaps=frozenset({gap}))) if gap is not None else _Side()
        return _Side(Stand(tuple(choices)), tuple(found))

    def _is_own_six(self, net: AddressSet) -> bool:
        """Whether a single IPv6 address is one of the estate's."""
        if not net.v6 or not _is_single(net):
            return False
        return self._model.interfaces.public_holder(6, net.v6[0]) is not None

    def _by_public_address(self, net: AddressSet) -> tuple[Endpoint, ...]:
        """The interfaces with a public IPv4 address in a network, cut down to that address."""
        found = []
        for number in self._model.interfaces.publics:
            end = self._model.interfaces.public_holder(4, number)
            if end is None or not intervals.contains(net.v4, number):
                continue
            kept = tuple(own for own in end.standings if own.public == number and own.version == 4)
            found.append(replace(end, standings=kept))
        return tuple(found)

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
        for box, legs in self._entrances(target):
            found += self._composed(source, box, legs)
        return found

    def _private(
        self, source: Endpoint, own: Standing, target: Endpoint, goal: Standing
    ) -> list[Found]:
        version = own.version
        out: list[Found] = []
        goals = self._pieces.of(goal, version, source, target)
        for a, part_a in self._pieces.of(own, version, source, target):
            sender = _pinned(source, own, a)
            for b, part_b in goals:
                if part_a == part_b:
                    if not intervals.contains(part_b.axis(version), a + 1):
                        continue
                    # Two interfaces that are only presumed share no address.
                    b = a + 1
                arrival = self._plainly(sender, version, a, b, self._pinned_goal(target, goal, b))
                if arrival or Position.ONE in (own.position, goal.position):
                    out.append(_found(arrival, part_a, part_b, version, source.interface))
        return _one_of(out, (source, own), (target, goal))

    def _pinned_goal(self, target: Endpoint, goal: Standing, address: int) -> Endpoint:
        """As `_pinned`; of a target that all are asked about one after the other, once."""
        if goal.position is not Position.ONE:
            return target
        known = self._last_goal
        if known is None or known[0] is not target or known[1] is not goal or known[2] != address:
            known = (target, goal, address, _pinned(target, goal, address))
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
            self._hairpin(source, replace(target, standings=(_at(goal, b, public),)), public)
            for b, _ in self._pieces.of(goal, 4, source, target)
            for public, _ in self._pieces.cut(rest, 4, (source, target))
        ]
        gap = Gap(f"public address of {target.place.address.id}", "", "not described")
        return _whichever(answers, gap)

    def _by_public(self, source: Endpoint, target: Endpoint) -> list[Found]:
        """From an interface to one that is called by its public addresses."""
        found: list[Found] = []
        for goal in target.standings if label(source) != label(target) else ():
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
                arrival = self.ways.send(_pinned(source, own, a), 4, a, public, target)
                if arrival or own.position is Position.ONE:
                    out.append(_found(arrival, part, there, 4, source.interface))
            found += _one_of(out, (source, own))
        return found

    # --- through load balancers ---------------------------------------------------------------

    @cached_property
    def _by_target(self) -> dict[str, list[tuple[Endpoint, tuple[Leg, ...]]]]:
        """The ways by which load balancers lead to an interface."""
        found: dict[str, list[tuple[Endpoint, tuple[Leg, ...]]]] = {}
        for arn in self._model.inventory.load_balancers:
            for box in self._model.endpoints.by_id("elbv2.load-balancer", arn):
                for legs in self._chains(box, ()):
                    target = legs[-1].target
                    if isinstance(target, Endpoint):
                        found.setdefault(label(target), []).append((box, legs))
        return found

    def _chains(self, box: Endpoint, before: tuple[Leg, ...]) -> Iterator[tuple[Leg, ...]]:
        """From a balancer to a target, or over a second balancer to its targets."""
        if any(label(leg.box) == label(box) for leg in before):
            return
        for leg in self.ways.balancers.legs(box):
            yield (*before, leg)
            if isinstance(leg.target, Endpoint) and leg.target.role is Role.BALANCER:
                yield from (
                    chain
                    for chain in self._chains(leg.target, (*before, leg))
                    if leg.sends & chain[len(before) + 1].listens
                )

    def entrances(self, ends: Iterable[Endpoint]) -> list[Endpoint]:
        """The balancers by which any of these is reached."""
        return [box for end in ends for box, _ in self._entrances(end)]

    def _entrances(self, target: Endpoint) -> Iterable[tuple[Endpoint, tuple[Leg, ...]]]:
        if not self._model.inventory.load_balancers or target.role is Role.BALANCER:
            return ()
        return self._by_target.get(label(target), ())

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
                        sender = _pinned(source, own, a)
                        arrival = self.ways.send(sender, own.version, a, b, box, legs)
                        entered.append(_found(arrival, piece, part, own.version, source.interface))
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
            for box, chain in self._entrances(target):
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
                    pinned = _pinned(target, goal, b)
                    arrival = self.ways.enter(network, version, address, there, pinned, legs)
                    if arrival or goal.position is Position.ONE:
                        out.append(_found(arrival, piece, shown, version, ""))
                found += _one_of(out, (target, goal))
        if not public:
            return found
        # The estate's own public addresses are other places: who sends under the address of a
        # NAT gateway stands behind it.
        return [item for item in found if not item.sources <= self.publics]

    def _outwards(self, source: Endpoint, network: Outside) -> list[Found]:
        """From an interface to a network outside."""
        found: list[Found] = []
        for own in source.standings:
            version = own.version
            for b, piece in self._pieces.cut(network.addresses, version, (source,)):
                out = []
                for a, part in self._pieces.of(own, version, source):
                    arrival = self.ways.send(_pinned(source, own, a), version, a, b, network)
                    if arrival or own.position is Position.ONE:
                        out.append(_found(arrival, part, piece, version, source.interface))
                found += _one_of(out, (source, own))
        if network.realm is not Realm.INTERNET:
            return found
        # The estate's own public addresses are other places. Of a wider part of the
        # internet they are not taken out: that is one place, whoever has an address in it.
        return [item for item in found if not item.destinations <= self.publics]

    @property
    def publics(self) -> AddressSet:
        """The estate's own public IPv4 addresses."""
        return self._model.interfaces.public_addresses


_Ask = Callable[..., list[Found]]


def _is_single(net: AddressSet) -> bool:
    bits = net.v4 + net.v6
    return len(bits) == 2 and bits[1] == bits[0] + 1


def _privately(end: Endpoint) -> Endpoint:
    """An interface as it is called by its private IPv4 addresses."""
    return replace(
        end,
        standings=tuple(
            replace(own, published=False, public=None) if own.version == 4 else own
            for own in end.standings
        ),
    )


def _found(
    arrival: Arrival, sources: AddressSet, destinations: AddressSet, version: int, interface: str
) -> Found:
    return Found(arrival.allowed, sources, destinations, version, interface, arrival.via)


def _pinned(endpoint: Endpoint, standing: Standing, address: int) -> Endpoint:
    """An endpoint of which the address is not known, at one that it may have."""
    if standing.position is not Position.ONE:
        return endpoint
    exact = replace(
        standing, addresses=AddressSet.of(standing.version, address), position=Position.EXACT
    )
    return replace(endpoint, standings=(exact,))


def _one_of(found: list[Found], *ends: tuple[Endpoint, Standing]) -> list[Found]:
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


def _at(standing: Standing, address: int, public: int) -> Standing:
    """A standing of which the addresses are not known, at two that it may have."""
    addresses = AddressSet.of(standing.version, address)
    return replace(standing, addresses=addresses, position=Position.EXACT, public=public)


def _whichever(answers: list[list[Found]], gap: Gap) -> list[Found]:
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


def _agreed(
    sources: tuple[Endpoint | Outside, ...], targets: tuple[Endpoint | Outside, ...], ask: _Ask
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
