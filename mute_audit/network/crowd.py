"""Who may reach a target at all: an index over all interfaces of an estate.

Most interfaces are plain: one IPv4 address of their own, nothing that filters or forwards
beside their groups. A target's groups name addresses and groups, so that the few interfaces
which they let in are found by look-up; the rest of an estate is never asked about. What is
not plain (several addresses, IPv6, prefixes, balancers, places of which no interface is
described) is always asked about. The index may name too many, never too few.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from mute_audit.address import is_unknown_id
from mute_audit.inventory import RegionInventory
from mute_audit.inventory.network import NetworkInterface
from mute_audit.inventory.workload import Instance
from mute_audit.network import intervals
from mute_audit.network.addresses import AddressSet, parse_address
from mute_audit.network.endpoint import Endpoint, Position, Role
from mute_audit.network.fabric import Fabric
from mute_audit.network.landings import Land
from mute_audit.network.model import Model
from mute_audit.network.outside import Outsiders
from mute_audit.network.place import OUTER_TYPES
from mute_audit.network.places import INTERNET, Directory, Place, PlaceKind, interface_place
from mute_audit.network.routing import Table, TargetKind
from mute_audit.network.sight import BLIND
from mute_audit.network.traffic import Traffic

__all__ = ["Crowd", "Everyone"]

# A NAT gateway has addresses, but takes no connection (N35).
_NO_ENDS = frozenset({"ec2.nat-gateway"})
_CARRIED = frozenset({Land.VPC, Land.NOWHERE, Land.INTERNET, Land.PREMISES, Land.SERVICE})


class Everyone(Sequence[Place]):
    """Every place that a packet can come from or go to; made when it is looked into."""

    def __init__(self, directory: Directory, outsiders: Outsiders) -> None:
        self._directory = directory
        self._outsiders = outsiders

    @cached_property
    def _places(self) -> tuple[Place, ...]:
        inside = (p for p in self._directory.places if p.address.type not in _NO_ENDS)
        return (INTERNET, *inside, *sorted(self._outsiders.by_place))

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self._places[index]

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places)


class Crowd:
    """The index."""

    def __init__(self, model: Model, fabric: Fabric, outsiders: Outsiders) -> None:
        self._model = model
        self._fabric = fabric
        self._outsiders = outsiders
        self._directory = model.directory
        self.special: set[Place] = {INTERNET, *outsiders.by_place}
        self._names: list[str] = []
        self._owners: dict[str, list[Place]] = {}
        self._numbers: list[int] = []
        self._by_group: dict[str, list[int]] = {}
        self._by_subnet: dict[str, list[int]] = {}
        self._regions: list[RegionInventory] = list(model.inventory.regions)
        self._home: list[int] = []
        self._odd: dict[tuple[object, ...], bool] = {}
        self._read()
        order = sorted(range(len(self._numbers)), key=self._numbers.__getitem__)
        self._order = order
        self._sorted = [self._numbers[index] for index in order]

    # --- reading ------------------------------------------------------------------------------

    def _read(self) -> None:
        self._read_services()
        model = self._model
        gone = {
            item.instance_id
            for item in model.inventory.instances.values()
            if not self._directory.is_place(item)
        }
        apart = model.route_targets() | model.inventory.disputes.keys()
        crowded: set[str] = set()
        seen: set[str] = set()
        for home, region in enumerate(self._regions):
            for eni in region.network_interfaces:
                owner = eni.attachment.instance_id if eni.attachment is not None else ""
                if owner:
                    if owner in gone:
                        continue
                    if owner not in model.inventory.instances:
                        owner = ""
                name = eni.network_interface_id
                plain = _plain(eni) and name not in apart and not (owner and owner in apart)
                if name in self._owners:
                    if plain:
                        self._add(eni, home)
                    else:
                        self.special.update(self._owners[name])
                elif owner:
                    seen.add(owner)
                    if plain:
                        self._add(eni, home)
                    else:
                        crowded.add(owner)
                elif self._directory.stands_alone(eni):
                    if plain:
                        self._add(eni, home)
                    else:
                        self.special.add(interface_place(region, eni))
        for item in model.inventory.instances.values():
            if item.instance_id in gone:
                continue
            if item.instance_id in crowded or item.instance_id not in seen:
                site = self._directory.by_id("ec2.instance", item.instance_id)
                if site is not None:
                    self.special.add(site.place)

    def _read_services(self) -> None:
        for site in self._directory.services:
            place = site.place
            if place.address.type in _NO_ENDS:
                continue
            stand = self._model.stand(place)
            alone = all(len(choice) == 1 for choice in stand.choices)
            known = all(end.interface and end.role is Role.HOST for end in stand.endpoints)
            if stand.gaps or not alone or not known or not stand.choices:
                self.special.add(place)
                continue
            for end in stand.endpoints:
                self._owners.setdefault(end.interface, []).append(place)

    def _add(self, eni: NetworkInterface, home: int) -> None:
        index = len(self._names)
        self._names.append(eni.network_interface_id)
        text = eni.private_ip_address or eni.private_ip_addresses[0].private_ip_address
        self._numbers.append(parse_address(text)[1])
        self._home.append(home)
        for group in eni.groups:
            self._by_group.setdefault(group.group_id, []).append(index)
        self._by_subnet.setdefault(eni.subnet_id, []).append(index)

    # --- questions ----------------------------------------------------------------------------

    def sources(self, ends: Iterable[Endpoint], traffic: Traffic) -> list[Place] | None:
        """Who may get any of `traffic` to one of `ends`, in order; None for everyone."""
        found: set[int] = set()
        for end in ends:
            chosen = self._let_in(end, traffic)
            if chosen is None:
                return None
            found |= chosen
        places = {place for index in found for place in self._places_of(index)}
        return sorted(places | self.special, key=_order)

    def _let_in(self, end: Endpoint, traffic: Traffic) -> set[int] | None:
        if end.role in (Role.NAT, Role.GATEWAY, Role.FUNCTION):
            return set()
        if not end.filtered:
            return None
        passing = self._model.groups(end.groups, egress=False).passing(traffic)
        if passing is None:
            return None
        addresses, groups = passing
        found: set[int] = set()
        for group in groups:
            found.update(self._by_group.get(group, ()))
        for low, high in intervals.pairs(addresses.v4):
            first, last = bisect_left(self._sorted, low), bisect_left(self._sorted, high + 1)
            found.update(self._order[first:last])
        if not addresses:
            return found
        # Packets may come under the address of a translator, or under a public one.
        if addresses & self._translators:
            for subnet, mine in self._by_subnet.items():
                if not found.issuperset(mine) and self._roundabout(subnet, end):
                    found.update(mine)
        if (
            any(s.published for s in end.standings)
            and addresses & self._model.interfaces.public_addresses
        ):
            return None
        return found

    def plain(self) -> Iterator[NetworkInterface]:
        """The plain interfaces."""
        known = self._model.inventory.network_interfaces
        return (known[name] for name in self._names)

    def _places_of(self, index: int) -> list[Place]:
        name = self._names[index]
        found = self._owners.get(name)
        if found is None:
            region = self._regions[self._home[index]]
            eni = self._model.inventory.network_interfaces[name]
            owner = eni.attachment.instance_id if eni.attachment is not None else ""
            item = self._model.inventory.instances.get(owner)
            if item is not None:
                found = [self._instance_place(region, item)]
            else:
                found = [interface_place(region, eni)]
            self._owners[name] = found
        return found

    def _instance_place(self, region: RegionInventory, item: Instance) -> Place:
        """An interface may be attached to an instance of another account, which has its place."""
        if self._model.inventory.region_of_vpc(item.vpc_id) is not region:
            site = self._directory.by_id("ec2.instance", item.instance_id)
            if site is not None:
                return site.place
        return self._directory.instance_place(region, item)

    # --- ways under another address -----------------------------------------------------------

    @cached_property
    def _translators(self) -> AddressSet:
        """The private addresses of NAT gateways, and of hosts that routes name."""
        boxes = self._model.interfaces.on_the_way(self._model.route_targets())
        return AddressSet.union_of(s.addresses for box in boxes for s in box.standings)

    def _roundabout(self, subnet: str, end: Endpoint) -> bool:
        """Whether packets from a subnet may come to `end` in another way than as they were sent."""
        for standing in end.standings:
            if standing.version != 4 or standing.position is not Position.EXACT:
                return True
            address = standing.addresses.v4[0]
            key = (subnet, self._fabric.atom(4, address))
            if key not in self._odd:
                self._odd[key] = self._is_odd(subnet, address, frozenset())
            if self._odd[key]:
                return True
        return False

    def _is_odd(self, subnet: str, address: int, seen: frozenset[str]) -> bool:
        networks = self._model.networks(subnet).v4
        if not networks or intervals.contains(networks, address):
            return False
        table = self._model.table(subnet)
        if isinstance(table, Table):
            winner = table.look_up(4, address)
            local = winner.target is not None and winner.target.kind is TargetKind.LOCAL
            if local and winner.gap is None:
                return False
        carried = self._fabric.leave(subnet, 4, networks[0] + 8, address, BLIND)
        for landing in carried.landings:
            if landing.land is Land.NAT:
                nat = self._model.inventory.nat_gateways[landing.id]
                if nat.subnet_id not in seen and self._arrives(nat.subnet_id, address, seen):
                    return True
            elif landing.land not in _CARRIED:
                return True
        return False

    def _arrives(self, subnet: str, address: int, seen: frozenset[str]) -> bool:
        """Whether anything gets from a NAT gateway's subnet to a private address."""
        networks = self._model.networks(subnet).v4
        if not networks or intervals.contains(networks, address):
            return True
        carried = self._fabric.leave(subnet, 4, networks[0] + 8, address, BLIND)
        return any(
            landing.land is Land.VPC or landing.land not in _CARRIED for landing in carried.landings
        )


def _plain(eni: NetworkInterface) -> bool:
    """One private IPv4 address, and nothing else."""
    return (
        len(eni.private_ip_addresses) <= 1
        and bool(eni.private_ip_address or eni.private_ip_addresses)
        and not eni.ipv6_addresses
        and not eni.ipv4_prefixes
        and not eni.ipv6_prefixes
        and eni.source_dest_check
        and eni.interface_type == "interface"
        and not eni.description.startswith("ELB ")
        and not any(is_unknown_id(group.group_id) for group in eni.groups)
    )


def _order(place: Place) -> tuple[int, object]:
    """The internet first, then the estate, then other networks, each by address."""
    if place.kind is not PlaceKind.RESOURCE:
        return (0, place.address)
    return (2 if place.address.type in OUTER_TYPES else 1, place.address)
