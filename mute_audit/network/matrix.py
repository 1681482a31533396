"""All pairs at once, by class: which interfaces reach which, as bit sets.

Interfaces that no filter and no route tells apart form one class. For each port atom (a
stretch of the port axis that no rule cuts) the sources that a target class lets in are one
bit set over classes: what its groups let in by address or by reference, what the way between
them carries, what the senders' groups let out. Only the ways between subnets are computed
pair by pair, and there only for kinds of subnets.

Covers plain hosts (one IPv4 address, nothing forwarded) and direct ways between them; what a
translator, a firewall or an unknown has a part in is left to `Pairs`, class by class.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mute_audit.inventory.network import NetworkInterface
from mute_audit.network import intervals
from mute_audit.network.addresses import AddressSet
from mute_audit.network.allowed import CLOSED, Allowed
from mute_audit.network.bitsets import Weights, bits_of, indexes_in
from mute_audit.network.endpoint import Endpoint
from mute_audit.network.groups import GroupFilter
from mute_audit.network.landings import Land, Landing
from mute_audit.network.pairs import Pairs
from mute_audit.network.sight import Sight
from mute_audit.network.traffic import EPHEMERAL, PORTS, TCP, Traffic

__all__ = ["Matrix"]

_CLIENT_PORTS = Traffic.ports(TCP, *EPHEMERAL)


@dataclass(slots=True)
class HostClass:
    """Interfaces that are alike; `first` stands for them all, at `address`."""

    index: int
    first: Endpoint
    address: int
    kind: int
    members: list[str]


@dataclass(frozen=True, slots=True)
class _Way:
    """What is carried from one kind of subnet to another; `odd` where `Pairs` has to say."""

    allowed: Allowed = CLOSED
    answered: bool = False
    near: bool = False
    far: bool = False
    odd: bool = False


_NO_WAY = _Way()


class Matrix:
    """All pairs of plain hosts of an estate, for some traffic."""

    def __init__(
        self, pairs: Pairs, interfaces: Iterator[NetworkInterface], traffic: Traffic
    ) -> None:
        self._pairs = pairs
        self._ways = pairs.ways
        self._model = pairs.ways.model
        self._fabric = pairs.ways.fabric
        self.traffic = traffic
        self.classes: list[HostClass] = []
        self._kinds: dict[tuple[object, ...], int] = {}
        self._of_kind: list[HostClass] = []
        self._bits_of_kind: list[int] = []
        self._bits_of_subnet: dict[str, int] = {}
        self._let_by: dict[tuple[str, int], tuple[int, int, int]] = {}
        self._read(interfaces)
        self.atoms = self._atoms()

    # --- classes ------------------------------------------------------------------------------

    def _read(self, interfaces: Iterator[NetworkInterface]) -> None:
        described = list(interfaces)
        groups: set[frozenset[str]] = set()
        for eni in described:
            groups.add(frozenset(item.group_id for item in eni.groups))
        cuts = set(self._fabric.cuts(4))
        for name in {group for names in groups for group in names}:
            for egress in (False, True):
                cuts.update(self._model.groups(frozenset({name}), egress=egress).cuts(4))
        ordered = sorted(cuts)
        known: dict[tuple[object, ...], HostClass] = {}
        box = self._model.interfaces.box
        for eni in described:
            end = box(eni.network_interface_id)
            if end is None or end.off or end.doubt is not None:
                continue
            address = end.standings[0].addresses.v4[0]
            key = (end.subnet, end.groups, bisect_right(ordered, address))
            found = known.get(key)
            if found is None:
                kind = self._kind(end, address)
                found = HostClass(len(self.classes), end, address, kind, [])
                known[key] = found
                self.classes.append(found)
            found.members.append(end.interface)
        self._bits_of_kind = [0] * len(self._of_kind)
        by_kind: dict[int, list[int]] = {}
        by_subnet: dict[str, list[int]] = {}
        for item in self.classes:
            by_kind.setdefault(item.kind, []).append(item.index)
            by_subnet.setdefault(item.first.subnet, []).append(item.index)
        for kind, mine in by_kind.items():
            self._bits_of_kind[kind] = bits_of(mine)
        self._bits_of_subnet = {name: bits_of(mine) for name, mine in by_subnet.items()}

    def _kind(self, end: Endpoint, address: int) -> int:
        key = (*self._fabric.subnet_key(end.subnet), self._fabric.atom(4, address))
        found = self._kinds.get(key)
        if found is None:
            found = self._kinds[key] = len(self._of_kind)
            self._of_kind.append(HostClass(found, end, address, found, []))
        return found

    def _atoms(self) -> list[int]:
        """The first point of each stretch of the port axis that no rule or entry cuts."""
        cuts: set[int] = set()
        for group in {name for item in self.classes for name in item.first.groups}:
            for egress in (False, True):
                cuts |= self._model.groups(frozenset({group}), egress=egress).port_cuts()
        for item in self._of_kind:
            for egress in (False, True):
                cuts |= self._model.acl(item.first.subnet, egress=egress).port_cuts()
        ordered = sorted(cuts)
        atoms = []
        for low, high in intervals.pairs(self.traffic.bits):
            inner = ordered[bisect_right(ordered, low) : bisect_left(ordered, high + 1)]
            atoms += [low, *inner]
        return atoms

    # --- ways between kinds of subnets --------------------------------------------------------

    @cached_property
    def _all_ways(self) -> list[list[tuple[int, _Way]]]:
        """For each kind of target the kinds of sources that have a way to it."""
        found = []
        for target in self._of_kind:
            mine = []
            for source in self._of_kind:
                way = self._way(source, target)
                if way.allowed or way.odd:
                    mine.append((source.kind, way))
            found.append(mine)
        return found

    def _way(self, source: HostClass, target: HostClass) -> _Way:
        a, b = source.address, target.address
        here, there = source.first, target.first
        carried = self._fabric.leave(here.subnet, 4, a, b, Sight(here.vpc))
        if len(carried.landings) != 1:
            return _Way(odd=True)
        landing = carried.landings[0]
        if landing.land is Land.NOWHERE or (
            landing.land is Land.INTERNET and not self._ways.reachable_outside(b)
        ):
            return _NO_WAY
        if landing.land is not Land.VPC:
            return _NO_WAY if landing.land in (Land.SERVICE, Land.PREMISES) else _Way(odd=True)
        if landing.vpc != there.vpc:
            return _NO_WAY
        allowed = self._over(landing, there.subnet, a)
        if not allowed:
            return _NO_WAY
        back = self._fabric.leave(there.subnet, 4, b, a, Sight(there.vpc))
        if len(back.landings) != 1 or back.landings[0].land not in (Land.VPC, Land.NOWHERE):
            return _Way(odd=True)
        answer = CLOSED
        if back.landings[0].vpc == here.vpc:
            answer = self._over(back.landings[0], here.subnet, b).only(_CLIENT_PORTS)
        if (allowed.maybe and allowed.gaps) or (answer.maybe and not answer.yes):
            return _Way(odd=True)
        members = landing.sight.members
        near = members == here.vpc and not landing.sight.far
        return _Way(allowed, bool(answer.yes), near, members == here.vpc and landing.sight.far)

    def _over(self, landing: Landing, subnet: str, address: int) -> Allowed:
        if not landing.filtered:
            return landing.allowed
        return landing.allowed & self._model.acl(subnet, egress=False).allows(4, address)

    # --- groups -------------------------------------------------------------------------------

    @cached_property
    def _by_address(self) -> tuple[list[int], list[int]]:
        order = sorted(self.classes, key=lambda item: item.address)
        return [item.address for item in order], [item.index for item in order]

    @cached_property
    def _by_group(self) -> dict[str, int]:
        found: dict[str, list[int]] = {}
        for item in self.classes:
            for group in item.first.groups:
                found.setdefault(group, []).append(item.index)
        return {group: bits_of(mine) for group, mine in found.items()}

    def _at(self, addresses: AddressSet) -> int:
        """The classes with an address in a set."""
        numbers, indexes = self._by_address
        bits = 0
        for low, high in intervals.pairs(addresses.v4):
            first, last = bisect_left(numbers, low), bisect_left(numbers, high + 1)
            if last - first == len(numbers):
                return (1 << len(numbers)) - 1
            bits |= bits_of(indexes[first:last])
        return bits

    def _let(self, groups: frozenset[str], point: int) -> tuple[int, int, int]:
        """Who passes at a port: by address, by any reference, by one that is not stale."""
        by_address = near = far = 0
        for group in groups:
            mine = self._of_group(group, point)
            by_address |= mine[0]
            near |= mine[1]
            far |= mine[2]
        return by_address, near, far

    def _of_group(self, group: str, point: int) -> tuple[int, int, int]:
        key = (group, point)
        found = self._let_by.get(key)
        if found is None:
            by_address = near = far = 0
            rules = self._model.groups(frozenset({group}), egress=False)
            for addresses, groups, live in rules.at_port(point):
                by_address |= self._at(addresses)
                for name in groups:
                    bits = self._by_group.get(name, 0)
                    near |= bits
                    if name in live:
                        far |= bits
            found = self._let_by[key] = (by_address, near, far)
        return found

    # --- the answer ---------------------------------------------------------------------------

    def rows(self) -> Iterator[tuple[int, HostClass, int]]:
        """(point of the port axis, target class, bit set of the source classes that reach it).

        A class reaches itself where its members reach each other.
        """
        by_groups: dict[frozenset[str], list[HostClass]] = {}
        for item in self.classes:
            by_groups.setdefault(item.first.groups, []).append(item)
        for point in self.atoms:
            self._let_by.clear()
            carried = self._carried(point)
            senders = self._senders(point)
            for groups, targets in by_groups.items():
                let = self._let(groups, point)
                if not any(let):
                    continue
                for target in targets:
                    bits = self._row(target, point, let, carried[target.kind], senders)
                    if bits:
                        yield point, target, bits

    def _row(
        self,
        target: HostClass,
        point: int,
        let: tuple[int, int, int],
        ways: tuple[int, int, int, int],
        senders: tuple[int, list[tuple[GroupFilter, int]]],
    ) -> int:
        by_address, near, far = let
        near_ways, far_ways, blind_ways, odd_ways = ways
        inside = self._bits_of_subnet[target.first.subnet]
        bits = (by_address | near) & near_ways
        bits |= (by_address | far) & far_ways
        bits |= by_address & blind_ways
        bits = (bits & ~inside) | ((by_address | near) & inside)
        odd = odd_ways & ~inside & (by_address | near | far)
        open_senders, others = senders
        out = bits & open_senders
        for rules, mine in others:
            chosen = bits & mine
            if chosen:
                out |= self._lets_out(rules, chosen, target, point)
        return out | self._odd(target, point, odd) if odd else out

    def _lets_out(self, rules: GroupFilter, chosen: int, target: HostClass, point: int) -> int:
        """The egress side of senders whose groups do not let everything out."""
        plain = rules.allows(4, target.address, frozenset())
        if intervals.contains(plain.yes.bits, point):
            return chosen
        if not rules.references & target.first.groups:
            return 0
        out = 0
        for index in indexes_in(chosen):
            source = self.classes[index]
            found = self._pairs.directly(source.first, target.first, source.address, target.address)
            if intervals.contains(found.yes.bits, point):
                out |= 1 << index
        return out

    def _odd(self, target: HostClass, point: int, odd: int) -> int:
        out = 0
        for index in indexes_in(odd):
            source = self.classes[index]
            found = self._pairs.directly(source.first, target.first, source.address, target.address)
            if intervals.contains(found.yes.bits, point):
                out |= 1 << index
        return out

    def _carried(self, point: int) -> list[tuple[int, int, int, int]]:
        """For each kind of target the sources with a way at this port: near, far, blind, odd."""
        tcp = point // PORTS == TCP
        out = []
        for ways in self._all_ways:
            near = far = blind = odd = 0
            for kind, way in ways:
                bits = self._bits_of_kind[kind]
                if way.odd:
                    odd |= bits
                elif intervals.contains(way.allowed.yes.bits, point) and (way.answered or not tcp):
                    if way.near:
                        near |= bits
                    elif way.far:
                        far |= bits
                    else:
                        blind |= bits
            out.append((near, far, blind, odd))
        return out

    def _senders(self, point: int) -> tuple[int, list[tuple[GroupFilter, int]]]:
        """Those whose groups let everything out at this port, and the others by their groups."""
        everything = 0
        others: dict[frozenset[str], list[int]] = {}
        open_: dict[frozenset[str], list[int]] = {}
        for item in self.classes:
            groups = item.first.groups
            known = open_.get(groups, others.get(groups))
            if known is None:
                wide = any(self._open_at(group, point) for group in groups)
                known = (open_ if wide else others).setdefault(groups, [])
            known.append(item.index)
        for mine in open_.values():
            everything |= bits_of(mine)
        found = [(self._model.groups(g, egress=True), bits_of(mine)) for g, mine in others.items()]
        return everything, found

    def _open_at(self, group: str, point: int) -> bool:
        """Whether a group lets everything out at a port."""
        rules = self._model.groups(frozenset({group}), egress=True)
        return any(addresses.v4 == _ALL for addresses, _, _ in rules.at_port(point))

    def count(self) -> int:
        """How many pairs of different interfaces reach each other at some port, by port atom."""
        sizes = [len(item.members) for item in self.classes]
        total = 0
        weigh = Weights(sizes)
        for _, target, bits in self.rows():
            own = bits >> target.index & 1
            total += (weigh(bits) - own) * sizes[target.index]
        return total


_ALL = (0, 1 << 32)
