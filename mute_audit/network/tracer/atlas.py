"""Look-ups over the inventory that the tracer makes for itself, each made once and kept.

Nothing here is shared with the set engine: which table a subnet uses, who has an address and
who owns an interface is worked out a second time, on purpose.
"""

from __future__ import annotations

from functools import cached_property
from ipaddress import IPv4Address

from mute_audit.address import is_id
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.base import name_of
from mute_audit.inventory.network import (
    NetworkAcl,
    NetworkInterface,
    Route,
    RouteTable,
    Subnet,
)
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.nics import (
    Net,
    Nic,
    address_or_none,
    normal,
    prefixes_of,
    read_network,
)
from mute_audit.network.tracer.owners import Owner, Owners, balancer_description
from mute_audit.verdict import Gap

__all__ = ["Atlas"]

# Interfaces that no security group can be put on.
_UNFILTERED = frozenset(
    {
        "nat_gateway",
        "transit_gateway",
        "gateway_load_balancer",
        "gateway_load_balancer_endpoint",
    }
)


class Atlas:
    """The inventory, as the tracer looks things up in it."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.owners = Owners(inventory)
        self._nics: dict[str, Nic] = {}
        self._cidrs: dict[str, tuple[Net, ...]] = {}
        self._regions: dict[str, RegionInventory | None] = {}

    # --- interfaces ---------------------------------------------------------------------------

    @cached_property
    def interfaces(self) -> dict[str, NetworkInterface]:
        """Every described interface; the copies inside instances where there is no list."""
        found: dict[str, NetworkInterface] = {}
        for region in self.inventory.regions:
            if "NetworkInterfaces" not in region.held:
                for instance in region.instances:
                    for item in instance.network_interfaces:
                        found[item.network_interface_id] = item
        return found | self.inventory.network_interfaces

    @cached_property
    def _by_private(self) -> dict[str, list[NetworkInterface]]:
        found: dict[str, list[NetworkInterface]] = {}
        for item in self.interfaces.values():
            texts = {item.private_ip_address} if item.private_ip_address else set()
            for address in item.private_ip_addresses:
                texts.add(address.private_ip_address)
            for six in item.ipv6_addresses:
                texts.add(normal(six.ipv6_address))
            for text in texts:
                found.setdefault(text, []).append(item)
        return found

    @cached_property
    def _delegated(self) -> list[tuple[Net, NetworkInterface]]:
        found = []
        for item in self.interfaces.values():
            if item.ipv4_prefixes or item.ipv6_prefixes:
                found += [(net, item) for net in prefixes_of(item)]
        return found

    @cached_property
    def _by_public(self) -> dict[str, tuple[str, str]]:
        """Public IPv4 address → interface, private address."""
        found: dict[str, tuple[str, str]] = {}
        for item in self.interfaces.values():
            if item.association is not None and item.association.public_ip:
                found[item.association.public_ip] = (
                    item.network_interface_id,
                    item.private_ip_address,
                )
            for address in item.private_ip_addresses:
                if address.association is not None and address.association.public_ip:
                    found[address.association.public_ip] = (
                        item.network_interface_id,
                        address.private_ip_address,
                    )
        for region in self.inventory.regions:
            for elastic in region.addresses:
                owner = self.interfaces.get(elastic.network_interface_id)
                if elastic.public_ip and owner is not None:
                    private = elastic.private_ip_address or owner.private_ip_address
                    found.setdefault(elastic.public_ip, (owner.network_interface_id, private))
            for gateway in region.nat_gateways:
                if gateway.state not in ("deleted", "deleting", "failed"):
                    for used in gateway.nat_gateway_addresses:
                        if used.public_ip and used.private_ip:
                            key = used.network_interface_id or gateway.nat_gateway_id
                            found.setdefault(used.public_ip, (key, used.private_ip))
        return found

    @cached_property
    def _publics(self) -> dict[str, list[tuple[IPv4Address, IPv4Address]]]:
        found: dict[str, list[tuple[IPv4Address, IPv4Address]]] = {}
        for public, (interface, private) in self._by_public.items():
            try:
                # 0.0.0.0 until it is decided which private address the interface has.
                pair = (IPv4Address(private or 0), IPv4Address(public))
            except ValueError:
                continue
            found.setdefault(interface, []).append(pair)
        return found

    def nic(self, interface_id: str) -> Nic | None:
        """The interface with this id, or the NAT gateway's where only that is described."""
        known = self._nics.get(interface_id)
        if known is None:
            item = self.interfaces.get(interface_id)
            known = self._nic(item) if item is not None else self._nat_nic(interface_id)
            if known is not None:
                self._nics[interface_id] = known
        return known

    def _nic(self, item: NetworkInterface) -> Nic:
        texts = [item.private_ip_address] if item.private_ip_address else []
        texts += [a.private_ip_address for a in item.private_ip_addresses]
        texts += [a.ipv6_address for a in item.ipv6_addresses]
        owner = self.owners.of(item)
        return Nic(
            id=item.network_interface_id,
            owner=owner,
            vpc=item.vpc_id,
            subnet=item.subnet_id,
            addresses=tuple(dict.fromkeys(a for a in map(address_or_none, texts) if a is not None)),
            prefixes=prefixes_of(item),
            publics=tuple(sorted(self._publics.get(item.network_interface_id, ()))),
            groups=tuple(group.group_id for group in item.groups),
            filtered=item.interface_type not in _UNFILTERED
            and not (owner.kind == "load-balancer" and not item.groups),
            check=item.source_dest_check,
            state=self._state(item),
            type=item.interface_type,
        )

    def _state(self, item: NetworkInterface) -> str:
        if item.status == "available":
            return "detached"
        instance = self.inventory.instances.get(self.owners.instance_of(item))
        return instance.state.name if instance is not None else ""

    def _nat_nic(self, key: str) -> Nic | None:
        for gateway in self.inventory.nat_gateways.values():
            for used in gateway.nat_gateway_addresses:
                private = address_or_none(used.private_ip)
                if private is None or key not in (
                    used.network_interface_id,
                    gateway.nat_gateway_id,
                ):
                    continue
                public = address_or_none(used.public_ip)
                return Nic(
                    id=used.network_interface_id,
                    owner=Owner("nat-gateway", gateway.nat_gateway_id, name_of(gateway.tags)),
                    vpc=gateway.vpc_id,
                    subnet=gateway.subnet_id,
                    addresses=(private,),
                    publics=((private, public),)
                    if isinstance(private, IPv4Address) and isinstance(public, IPv4Address)
                    else (),
                    filtered=False,
                    check=False,
                    type="nat_gateway",
                )
        return None

    def holders(self, vpc: str, address: IP) -> tuple[Nic, ...]:
        """The interfaces of a VPC that have this private address."""
        items = [i for i in self._by_private.get(str(address), ()) if i.vpc_id == vpc]
        items += [i for net, i in self._delegated if i.vpc_id == vpc and address in net]
        found = [self.nic(item.network_interface_id) for item in items]
        found += [nic for nic in self._lone_nats if nic.vpc == vpc and address in nic.addresses]
        return tuple(nic for nic in found if nic is not None)

    @cached_property
    def _lone_nats(self) -> list[Nic]:
        """NAT gateways in service whose interface is not described."""
        found = []
        for gateway in self.inventory.nat_gateways.values():
            if gateway.state in ("deleted", "deleting", "failed"):
                continue
            for used in gateway.nat_gateway_addresses:
                if used.network_interface_id not in self.interfaces:
                    nic = self.nic(used.network_interface_id or gateway.nat_gateway_id)
                    if nic is not None:
                        found.append(nic)
        return found

    def everywhere(self, address: IP) -> tuple[Nic, ...]:
        """The interfaces of any VPC that have this private address."""
        items = list(self._by_private.get(str(address), ()))
        items += [item for net, item in self._delegated if address in net]
        nics = (self.nic(item.network_interface_id) for item in items)
        found = [nic for nic in nics if nic is not None]
        return tuple(found + [nic for nic in self._lone_nats if address in nic.addresses])

    def members(self, net: Net) -> list[tuple[IP, Nic]]:
        """The private addresses in a network that interfaces of the estate have."""
        found = []
        for text, items in sorted(self._by_private.items()):
            address = address_or_none(text)
            if address is None or address.version != net.version or address not in net:
                continue
            nics = (self.nic(item.network_interface_id) for item in items)
            found += [(address, nic) for nic in nics if nic is not None]
        return found

    @cached_property
    def publics(self) -> frozenset[IP]:
        """The estate's own public IPv4 addresses."""
        found = map(address_or_none, self._by_public)
        return frozenset(address for address in found if address is not None)

    def public(self, address: IP) -> tuple[Nic, IP] | None:
        """Who is reached at an address from the internet, and the private address there."""
        if isinstance(address, IPv4Address):
            found = self._by_public.get(str(address))
            if found is None:
                return None
            nic, private = self.nic(found[0]), address_or_none(found[1])
            return (nic, private) if nic is not None and private is not None else None
        nics = self.everywhere(address)
        return (nics[0], address) if nics else None

    @cached_property
    def _instance_interfaces(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for item in self.interfaces.values():
            instance_id = self.owners.instance_of(item)
            if instance_id:
                found.setdefault(instance_id, []).append(item.network_interface_id)
        return found

    def of_instance(self, instance_id: str) -> tuple[Nic, ...]:
        """The interfaces of an instance, the one with its primary address first."""
        instance = self.inventory.instances.get(instance_id)
        primary = instance.private_ip_address if instance is not None else ""
        ids = self._instance_interfaces.get(instance_id, [])
        ids = sorted(ids, key=lambda key: self.interfaces[key].private_ip_address != primary)
        return tuple(nic for nic in map(self.nic, ids) if nic is not None)

    @cached_property
    def _subnet_interfaces(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for item in self.interfaces.values():
            found.setdefault(item.subnet_id, []).append(item.network_interface_id)
        return found

    def in_subnet(self, subnet: str) -> tuple[Nic, ...]:
        """The interfaces of a subnet."""
        nics = map(self.nic, self._subnet_interfaces.get(subnet, ()))
        return tuple(nic for nic in nics if nic is not None)

    @cached_property
    def _described(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for item in self.interfaces.values():
            if item.description.startswith("ELB "):
                found.setdefault(item.description, []).append(item.network_interface_id)
        return found

    def of_balancer(self, arn: str) -> tuple[Nic, ...]:
        """The interfaces of a load balancer that are described."""
        ids = self._described.get(balancer_description(arn), [])
        return tuple(nic for nic in map(self.nic, ids) if nic is not None)

    # --- VPCs, subnets, tables ----------------------------------------------------------------

    def region_of(self, vpc: str) -> RegionInventory | None:
        if vpc not in self._regions:
            self._regions[vpc] = self.inventory.region_of_vpc(vpc)
        return self._regions[vpc]

    def missing(self, key: str, vpc: str) -> Gap | None:
        """The gap that a description of this VPC's Region leaves, if there is one."""
        region = self.region_of(vpc)
        if region is not None:
            return self.inventory.missing(key, region)
        return next(
            (
                gap
                for item in self.inventory.regions
                if (gap := self.inventory.missing(key, item)) is not None
            ),
            None,
        )

    def vpc_networks(self, vpc: str) -> tuple[Net, ...]:
        item = self.inventory.vpcs.get(vpc)
        if item is None:
            return ()
        nets = map(read_network, (*item.ipv4_cidrs, *item.ipv6_cidrs))
        return tuple(net for net in nets if net is not None)

    @cached_property
    def subnets_of(self) -> dict[str, tuple[Subnet, ...]]:
        found: dict[str, list[Subnet]] = {}
        for item in self.inventory.subnets.values():
            found.setdefault(item.vpc_id, []).append(item)
        return {vpc: tuple(items) for vpc, items in found.items()}

    def networks(self, subnet_id: str) -> tuple[Net, ...]:
        """The CIDRs of a subnet, of both families."""
        known = self._cidrs.get(subnet_id)
        if known is None:
            item = self.inventory.subnets.get(subnet_id)
            texts = (item.cidr_block, *item.ipv6_cidrs) if item is not None else ()
            nets = (read_network(text) for text in texts if text)
            known = tuple(net for net in nets if net is not None)
            self._cidrs[subnet_id] = known
        return known

    def subnet_at(self, vpc: str, address: IP) -> Subnet | None:
        for item in self.subnets_of.get(vpc, ()):
            if any(address in net for net in self.networks(item.subnet_id)):
                return item
        return None

    def zone(self, subnet_id: str) -> str:
        """The name of a subnet's zone; the same name may be another zone in another account."""
        item = self.inventory.subnets.get(subnet_id)
        return item.availability_zone if item is not None else ""

    def zone_id(self, subnet_id: str) -> str:
        """What tells a subnet's zone apart in every account; its name where that is missing."""
        item = self.inventory.subnets.get(subnet_id)
        return (item.availability_zone_id or item.availability_zone) if item is not None else ""

    @cached_property
    def _tables(self) -> tuple[dict[str, RouteTable], dict[str, RouteTable]]:
        """By subnet or gateway that is associated, and the main table by VPC."""
        given: dict[str, RouteTable] = {}
        main: dict[str, RouteTable] = {}
        for table in self.inventory.route_tables.values():
            for item in table.associations:
                if item.main:
                    main[table.vpc_id] = table
                for key in (item.subnet_id, item.gateway_id):
                    if key:
                        given[key] = table
        return given, main

    def table_of(self, subnet_id: str) -> RouteTable | None:
        """The table that is associated with the subnet, else the main table of its VPC."""
        given, main = self._tables
        item = self.inventory.subnets.get(subnet_id)
        return given.get(subnet_id) or (main.get(item.vpc_id) if item is not None else None)

    def edge_table(self, gateway_id: str) -> RouteTable | None:
        return self._tables[0].get(gateway_id)

    def routes_to(self, vpc: str, target: str) -> tuple[Route, ...]:
        """The routes in all tables of a VPC that lead to this gateway."""
        return tuple(
            route
            for table in self.inventory.route_tables.values()
            if table.vpc_id == vpc
            for route in table.routes
            if route.target == target
        )

    @cached_property
    def _acls(self) -> tuple[dict[str, NetworkAcl], dict[str, NetworkAcl]]:
        given: dict[str, NetworkAcl] = {}
        default: dict[str, NetworkAcl] = {}
        for acl in self.inventory.network_acls.values():
            if acl.is_default:
                default[acl.vpc_id] = acl
            for item in acl.associations:
                given[item.subnet_id] = acl
        return given, default

    def acl_of(self, subnet_id: str) -> NetworkAcl | None:
        given, default = self._acls
        item = self.inventory.subnets.get(subnet_id)
        return given.get(subnet_id) or (default.get(item.vpc_id) if item is not None else None)

    # --- gateways -----------------------------------------------------------------------------

    def internet_gateway(self, vpc: str) -> str:
        """The id of the internet gateway that is attached to a VPC; empty if there is none.

        A route that is active and leads to one that is not described says that it is attached;
        see `doubtful_gateway`.
        """
        for gateway in self.inventory.internet_gateways.values():
            for item in gateway.attachments:
                if item.vpc_id == vpc and item.state in ("available", "attached"):
                    return gateway.internet_gateway_id
        for table in self.inventory.route_tables.values():
            for route in table.routes if table.vpc_id == vpc else ():
                unseen = route.target not in self.inventory.internet_gateways
                if is_id(route.target, "igw-") and route.state == "active" and unseen:
                    return route.target
        return ""

    def doubtful_gateway(self, gateway: str, vpc: str) -> Gap | None:
        """Why it cannot be told whether an internet gateway is there: the list lacks it."""
        region = self.region_of(vpc)
        if region is None or "InternetGateways" not in region.held:
            return None
        if not gateway or gateway in self.inventory.internet_gateways:
            return None
        return Gap(gateway, vpc, "not in the snapshot", "InternetGateways")
