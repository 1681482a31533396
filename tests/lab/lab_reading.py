"""What the lab reads from an inventory: who stands where, which table, which rules.

A third reading of AWS's rules, from the inventory alone: nothing of `mute_audit.network` is
imported here, so that a mistake in an engine cannot be made again. What the lab does not know it
refuses (`NotInTheLab`); it never leaves something out.
"""

from __future__ import annotations

from functools import cached_property
from ipaddress import IPv4Address, IPv4Network

from lab_filters import Permission

from mute_audit.inventory import Inventory
from mute_audit.inventory.connect import VpcPeeringConnection
from mute_audit.inventory.network import (
    InternetGateway,
    NatGateway,
    NetworkAcl,
    NetworkInterface,
    Route,
    RouteTable,
    Subnet,
)

__all__ = ["NotInTheLab", "Reading"]

# N18: where clients and NAT gateways take their source ports from.
EPHEMERAL = (1024, 65535)

_OFF = frozenset({"stopped", "stopping", "shutting-down", "terminated"})
_ATTACHED = frozenset({"available", "attached"})


class NotInTheLab(Exception):
    """Something in the inventory that the lab cannot build."""


class Reading:
    """Look-ups over one inventory. Raises NotInTheLab for what the lab cannot build."""

    def __init__(self, inventory: Inventory) -> None:
        _refuse(inventory)
        self.inventory = inventory

    def subnets_of(self, vpc: str) -> list[Subnet]:
        return [item for item in self.inventory.subnets.values() if item.vpc_id == vpc]

    def table_of(self, subnet: Subnet) -> RouteTable:
        """N22: the associated table, else the VPC's main one."""
        main = None
        for table in self.inventory.route_tables.values():
            for item in table.associations:
                if item.subnet_id == subnet.subnet_id:
                    return table
                if item.main and table.vpc_id == subnet.vpc_id:
                    main = table
        if main is None:
            raise NotInTheLab(f"{subnet.subnet_id} has no route table")
        return main

    def acl_of(self, subnet: Subnet) -> NetworkAcl:
        default = None
        for acl in self.inventory.network_acls.values():
            if any(item.subnet_id == subnet.subnet_id for item in acl.associations):
                return acl
            if acl.is_default and acl.vpc_id == subnet.vpc_id:
                default = acl
        if default is None:
            raise NotInTheLab(f"{subnet.subnet_id} has no network ACL")
        return default

    def nat_of(self, eni: NetworkInterface) -> NatGateway | None:
        for gateway in self.inventory.nat_gateways.values():
            for used in gateway.nat_gateway_addresses:
                if used.network_interface_id == eni.network_interface_id:
                    return gateway
        return None

    def is_on(self, eni: NetworkInterface) -> bool:
        """Whether anything is at the interface now: a NAT gateway or a running instance."""
        nat = self.nat_of(eni)
        if nat is not None:
            return nat.state == "available"
        if eni.attachment is None or not eni.attachment.instance_id:
            return eni.status != "available"
        instance = self.inventory.instances.get(eni.attachment.instance_id)
        return instance is not None and instance.state.name not in _OFF

    @staticmethod
    def publics_of(eni: NetworkInterface) -> list[tuple[str, str]]:
        """(private, public) of an interface; its own association is the primary address's."""
        found = {
            item.private_ip_address: item.association.public_ip
            for item in eni.private_ip_addresses
            if item.association is not None and item.association.public_ip
        }
        if eni.association is not None and eni.association.public_ip:
            found.setdefault(eni.private_ip_address, eni.association.public_ip)
        return list(found.items())

    def gateway_of(self, vpc: str) -> InternetGateway | None:
        for gateway in self.inventory.internet_gateways.values():
            for item in gateway.attachments:
                if item.vpc_id == vpc and item.state in _ATTACHED:
                    return gateway
        return None

    def joins(self, item: VpcPeeringConnection) -> bool:
        """N39: active, and both VPCs are here."""
        ends = (item.requester_vpc_info.vpc_id, item.accepter_vpc_info.vpc_id)
        return item.status.code == "active" and all(end in self.inventory.vpcs for end in ends)

    def peers_of(self, vpc: str) -> dict[str, str]:
        """Peered VPC → device of the VPC router that leads to it."""
        found = {}
        for number, item in enumerate(self.inventory.peerings.values()):
            ends = (item.requester_vpc_info.vpc_id, item.accepter_vpc_info.vpc_id)
            if self.joins(item) and vpc in ends:
                found[ends[1] if vpc == ends[0] else ends[0]] = f"p{number}"
        return found

    # -- security groups ------------------------------------------------------------------

    def permissions(self, eni: NetworkInterface, *, egress: bool) -> list[Permission]:
        found: list[Permission] = []
        for item in eni.groups:
            group = self.inventory.security_groups[item.group_id]
            for rule in group.ip_permissions_egress if egress else group.ip_permissions:
                cidrs = [part.cidr_ip for part in rule.ip_ranges]
                for prefixes in rule.prefix_list_ids:
                    cidrs += self._entries(prefixes.prefix_list_id)
                members = [
                    address
                    for pair in rule.user_id_group_pairs
                    for address in self._members(pair.group_id, eni)
                    if not egress or self._goes_straight(eni, address)
                ]
                found.append((rule.ip_protocol, rule.from_port, rule.to_port, cidrs, members))
        return found

    def _members(self, group: str, seen_from: NetworkInterface) -> list[str]:
        """N4, N6: private addresses of a group's interfaces, here and over active peerings."""
        vpcs = {seen_from.vpc_id, *self.peers_of(seen_from.vpc_id)}
        found = []
        for eni in self.inventory.network_interfaces.values():
            if eni.vpc_id in vpcs and any(item.group_id == group for item in eni.groups):
                found.append(eni.private_ip_address)
                found += [item.private_ip_address for item in eni.private_ip_addresses]
        return list(dict.fromkeys(found))

    def _goes_straight(self, eni: NetworkInterface, address: str) -> bool:
        """N9: whether packets from an interface come to an address without a middlebox."""
        subnet = self.inventory.subnets[eni.subnet_id]
        if IPv4Address(address) in IPv4Network(subnet.cidr_block):
            return True
        matching = [
            (IPv4Network(cidr).prefixlen, route)
            for cidr, route in self.routes(self.table_of(subnet)).items()
            if IPv4Address(address) in IPv4Network(cidr)
        ]
        if not matching:
            return False
        route = max(matching, key=lambda item: item[0])[1]
        return route.gateway_id == "local" or bool(route.vpc_peering_connection_id)

    def _entries(self, prefix_list: str) -> list[str]:
        try:
            return list(self.inventory.prefix_list_cidrs[prefix_list])
        except KeyError:
            raise NotInTheLab(f"{prefix_list} without its entries") from None

    # -- routes ---------------------------------------------------------------------------

    def routes(self, table: RouteTable) -> dict[str, Route]:
        """CIDR → the route that counts: on a tie static before prefix list (N24)."""
        found: dict[str, Route] = {}
        for route in table.routes:
            if route.origin == "EnableVgwRoutePropagation" or route.destination_ipv6_cidr_block:
                raise NotInTheLab(f"propagated or IPv6 routes in {table.route_table_id}")
            if route.destination_cidr_block:
                if not getattr(
                    found.get(route.destination_cidr_block), "destination_prefix_list_id", True
                ):
                    raise NotInTheLab(f"two routes to {route.destination_cidr_block}")
                found[route.destination_cidr_block] = route
                continue
            for cidr in self._entries(route.destination_prefix_list_id):
                if getattr(found.get(cidr), "destination_prefix_list_id", ""):
                    raise NotInTheLab(f"prefix lists that overlap in {table.route_table_id}")
                found.setdefault(cidr, route)
        return found

    # -- ports ----------------------------------------------------------------------------

    @cached_property
    def stretches(self) -> list[tuple[int, int]]:
        low, high = EPHEMERAL
        cuts = {low}
        for acl in self.inventory.network_acls.values():
            for entry in acl.entries:
                if entry.port_range is not None:
                    bounds = (entry.port_range.from_port, entry.port_range.to_port + 1)
                    cuts.update(cut for cut in bounds if low < cut <= high)
        starts = sorted(cuts)
        return list(zip(starts, [start - 1 for start in starts[1:]] + [high], strict=True))


def _refuse(inventory: Inventory) -> None:
    for region in inventory.regions:
        for name in (
            "db_instances",
            "ecs_tasks",
            "egress_only_internet_gateways",
            "functions",
            "load_balancers",
            "transit_gateways",
            "vpc_endpoints",
            "vpn_gateways",
        ):
            if getattr(region, name):
                raise NotInTheLab(f"{name} of {region.place}")
        for options in region.vpc_block_public_access_options:
            if options.internet_gateway_block_mode not in ("", "off"):
                raise NotInTheLab("VPC Block Public Access")
        for eni in region.network_interfaces:
            if eni.ipv6_addresses or eni.ipv4_prefixes:
                raise NotInTheLab(f"IPv6 or delegated prefixes of {eni.network_interface_id}")
        for table in region.route_tables:
            if any(item.gateway_id for item in table.associations):
                raise NotInTheLab(f"gateway route table {table.route_table_id}")
