"""The analysis model: where packets enter and leave, and the filters on the way.

Built from the inventory once; filters and tables are compiled when first asked for and kept,
so that everything that looks the same to a filter shares one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.network import AddressAssociation, NetworkInterface, Subnet
from mute_audit.inventory.workload import DbInstance
from mute_audit.network.addresses import AddressSet, parse_address
from mute_audit.network.filters import AclFilter, GroupFilter, PrefixLists
from mute_audit.network.places import Directory, Place, Site
from mute_audit.network.routing import Table
from mute_audit.verdict import Gap

__all__ = ["Endpoint", "Model", "Position", "Standing"]


class Position(StrEnum):
    """How an endpoint's addresses are to be read.

    EXACT  it has this address
    ANY    it answers to each of these (a delegated prefix)
    ONE    it has one of these, and it is not known which
    """

    EXACT = "exact"
    ANY = "any"
    ONE = "one"


@dataclass(frozen=True, slots=True)
class Standing:
    """An address, or a set of possible ones, of an endpoint.

    `published` says that the internet gateway has a public address for it (N31), `public`
    which one; None where that is not known (a database whose interface was not collected).
    An IPv6 address is its own.
    """

    version: int
    addresses: AddressSet
    position: Position = Position.EXACT
    published: bool = False
    public: int | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One interface, real or (for a database without a collected one) presumed."""

    place: Place
    interface: str
    subnet: str
    vpc: str
    groups: frozenset[str]
    standings: tuple[Standing, ...]
    filtered: bool = True
    forwards: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a place stands. `one_of` says that only one of the endpoints is real."""

    endpoints: tuple[Endpoint, ...]
    one_of: bool = False
    off: str = ""
    gaps: frozenset[Gap] = frozenset()


def _standing(private: str, association: AddressAssociation | None) -> Standing:
    version, number = parse_address(private)
    public = association.public_ip if association is not None else ""
    return Standing(
        version,
        AddressSet.of(version, number),
        published=bool(public),
        public=parse_address(public)[1] if public else None,
    )


_OFF = frozenset({"stopped", "stopping"})


class Model:
    """Compiled filters, tables and endpoints of one inventory."""

    def __init__(self, inventory: Inventory, directory: Directory) -> None:
        self.inventory = inventory
        self.directory = directory
        self.lists = PrefixLists(inventory)
        self._groups: dict[tuple[frozenset[str], bool], GroupFilter] = {}
        self._acls: dict[tuple[str, bool], AclFilter] = {}
        self._tables: dict[str, Table | Gap] = {}
        self._stands: dict[Place, Stand] = {}
        self._acl_of = {
            association.subnet_id: acl
            for acl in inventory.network_acls.values()
            for association in acl.associations
        }
        self._table_of: dict[str, str] = {}
        self._main: dict[str, str] = {}
        for table in inventory.route_tables.values():
            for item in table.associations:
                if item.subnet_id:
                    self._table_of[item.subnet_id] = table.route_table_id
                if item.main:
                    self._main[table.vpc_id] = table.route_table_id
        self._taken = AddressSet.parse(
            *(
                address.private_ip_address
                for eni in inventory.network_interfaces.values()
                for address in eni.private_ip_addresses
            )
        )

    def groups(self, groups: frozenset[str], *, egress: bool) -> GroupFilter:
        key = (groups, egress)
        found = self._groups.get(key)
        if found is None:
            found = self._groups[key] = GroupFilter(
                self.inventory, self.lists, groups, egress=egress
            )
        return found

    def acl(self, subnet: str, *, egress: bool) -> AclFilter:
        """The subnet's network ACL; one that was not described lets nothing be said (N17)."""
        key = (subnet, egress)
        found = self._acls.get(key)
        if found is None:
            acl = self._acl_of.get(subnet)
            gap = None
            if acl is None:
                gap = self._gap("NetworkAcls", subnet)
            found = self._acls[key] = AclFilter(acl, egress=egress, gap=gap)
        return found

    def table(self, subnet: str) -> Table | Gap:
        """The route table in force: the explicit one, else the VPC's main one (N22)."""
        found = self._tables.get(subnet)
        if found is None:
            found = self._tables[subnet] = self._find_table(subnet)
        return found

    def _find_table(self, subnet_id: str) -> Table | Gap:
        subnet = self.inventory.subnets.get(subnet_id)
        vpc = subnet.vpc_id if subnet is not None else ""
        name = self._table_of.get(subnet_id) or self._main.get(vpc, "")
        table = self.inventory.route_tables.get(name)
        if table is None:
            return self._gap("RouteTables", subnet_id)
        return Table(table, self.inventory.vpcs.get(table.vpc_id), self.lists)

    def _gap(self, key: str, where: str) -> Gap:
        """The failed call behind a description that is needed, or the fact that it is missing."""
        for region in self.inventory.regions:
            gap = region.failure(key)
            if gap is not None:
                return gap
        calls = {"NetworkAcls": "ec2:DescribeNetworkAcls", "RouteTables": "ec2:DescribeRouteTables"}
        return Gap(calls[key], where, "nothing is described for this subnet", key)

    def stand(self, place: Place) -> Stand:
        """The endpoints of a resource place."""
        found = self._stands.get(place)
        if found is None:
            found = self._stands[place] = self._find_stand(place)
        return found

    def _find_stand(self, place: Place) -> Stand:
        inventory = self.inventory
        site = self.directory.site(place)
        if site is None:
            eni = inventory.network_interfaces.get(place.address.id)
            return Stand(() if eni is None else (self._endpoint(place, eni),))
        off = site.state if site.state in _OFF else ""
        if place.address.type == "ec2.instance":
            embedded = {
                eni.network_interface_id: eni
                for eni in inventory.instances[place.address.id].network_interfaces
            }
            found = tuple(
                self._endpoint(place, inventory.network_interfaces.get(name) or embedded[name])
                for name in site.interfaces
            )
            return Stand(found, off=off)
        if site.interfaces:
            known = (inventory.network_interfaces.get(name) for name in site.interfaces)
            return Stand(tuple(self._endpoint(place, eni) for eni in known if eni is not None))
        if place.address.type == "rds.instance":
            return self._database(place, site)
        return Stand(tuple(self._presumed(place, site, name) for name in site.subnets))

    def _endpoint(self, place: Place, eni: NetworkInterface) -> Endpoint:
        found = {item.private_ip_address: item.association for item in eni.private_ip_addresses}
        # The interface's own association is that of its primary address; a description may
        # give it there alone.
        if eni.private_ip_address and found.get(eni.private_ip_address) is None:
            found[eni.private_ip_address] = eni.association
        standings = [_standing(private, association) for private, association in found.items()]
        for six in eni.ipv6_addresses:
            _, number = parse_address(six.ipv6_address)
            standings.append(Standing(6, AddressSet.of(6, number), published=True, public=number))
        standings += [
            Standing(4, AddressSet.parse(item.ipv4_prefix), Position.ANY)
            for item in eni.ipv4_prefixes
        ]
        return Endpoint(
            place,
            eni.network_interface_id,
            eni.subnet_id,
            eni.vpc_id,
            frozenset(group.group_id for group in eni.groups),
            tuple(standings),
            filtered=eni.interface_type != "nat_gateway",
            forwards=not eni.source_dest_check,
        )

    def _presumed(
        self, place: Place, site: Site, subnet_id: str, *, published: bool = False
    ) -> Endpoint:
        """An endpoint with an address that is only known to lie in the subnet."""
        subnet = self.inventory.subnets.get(subnet_id)
        standings: tuple[Standing, ...] = ()
        if subnet is not None and subnet.cidr_block:
            free = AddressSet.parse(subnet.cidr_block) - self._reserved(subnet)
            standings = (Standing(4, free, Position.ONE, published),)
        return Endpoint(
            place,
            "",
            subnet_id,
            subnet.vpc_id if subnet is not None else site.vpc,
            frozenset(site.groups),
            standings,
        )

    def _reserved(self, subnet: Subnet) -> AddressSet:
        """The first four addresses and the last, which AWS keeps, and those in use."""
        low, high = AddressSet.parse(subnet.cidr_block).v4
        kept = AddressSet(v4=(low, low + 4, high - 1, high))
        inside = AddressSet(v4=(low, high))
        return kept | (self._taken & inside)

    def _database(self, place: Place, site: Site) -> Stand:
        """N52: the interface that RDS made where one was collected, else the subnet group."""
        db = self.inventory.databases[place.address.id]
        region = self._region_of(place)
        subnets = self._zone_of(db, site)
        matching = [
            eni
            for eni in region.network_interfaces
            if eni.description == "RDSNetworkInterface"
            and eni.subnet_id in subnets
            and frozenset(g.group_id for g in eni.groups) == frozenset(site.groups)
        ]
        if matching:
            return Stand(
                tuple(self._endpoint(place, eni) for eni in matching), one_of=len(matching) > 1
            )
        found = tuple(
            self._presumed(place, site, name, published=db.publicly_accessible) for name in subnets
        )
        gaps = frozenset(
            {Gap("rds:DescribeDBInstances", place.address.id, "the database's subnets are unknown")}
            if not found
            else ()
        )
        return Stand(found, one_of=len(found) > 1, gaps=gaps)

    def _zone_of(self, db: DbInstance, site: Site) -> tuple[str, ...]:
        if db.multi_az or not db.availability_zone:
            return site.subnets
        subnets = self.inventory.subnets
        here = tuple(
            name
            for name in site.subnets
            if name in subnets and subnets[name].availability_zone == db.availability_zone
        )
        return here or site.subnets

    def _region_of(self, place: Place) -> RegionInventory:
        address = place.address
        return next(
            region
            for region in self.inventory.regions
            if (region.account, region.region) == (address.account, address.region)
        )
