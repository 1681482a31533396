"""From an inventory to namespaces, wires, routes and packet filters.

A third reading of the rules, written for the Linux kernel and from the inventory alone: nothing
of `mute_audit.network` is imported here, so that a mistake in an engine cannot be made again.
What the lab does not know it refuses (`NotInTheLab`); it never leaves something out.

    host ── subnet router ── VPC router ── internet gateway ── the internet
                  │               └─ other VPC routers (peering)
             NAT gateway, another host

- A *host* is an interface. Its security groups are a stateful filter at its own door (N1–N3).
- A *subnet router* carries packets between the hosts of its subnet unfiltered, and filters what
  crosses the border to the VPC router with its ACL: in order, and without any state (N16–N18).
- A *VPC router* looks up each packet in the table of the subnet that it came from (N22–N28).
- An *internet gateway* rewrites addresses one to one, without state (N31–N33).
- A *NAT gateway* is a host that masquerades, for connections that it has seen begin (N35).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from lab_filters import (
    Permission,
    gateway_rules,
    host_rules,
    nat_rules,
    subnet_rules,
    vpc_rules,
)

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

__all__ = ["INTERNET", "NotInTheLab", "Plan", "Space", "wire"]

INTERNET = "internet"

# N18: where clients and NAT gateways take their source ports from.
EPHEMERAL = (1024, 65535)

# Tables of a VPC router: where the VPC's own addresses are, and one for each subnet.
_DELIVERY, _FIRST_TABLE = 50, 100

_OFF = frozenset({"stopped", "stopping", "shutting-down", "terminated"})
_ATTACHED = frozenset({"available", "attached"})


class NotInTheLab(Exception):
    """Something in the inventory that the lab cannot build."""


@dataclass
class Space:
    """One namespace: `setup` are lines for `ip -batch`, `rules` are nftables rules."""

    forwards: bool = True
    setup: list[str] = field(default_factory=list)
    rules: str = ""
    answers: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "forwards": self.forwards,
            "setup": self.setup,
            "rules": self.rules,
            "answers": self.answers,
        }


@dataclass
class Plan:
    """What the lab builds.

    links    wires: (namespace, device, namespace, device)
    homes    which namespace has an address: private, public, and on the internet
    ports    the ephemeral ports, cut wherever an ACL entry tells them apart; within one
             stretch (first, last) any port stands for all
    by_nat   namespaces of hosts from whose subnet some route leads to a NAT gateway
    """

    spaces: dict[str, Space] = field(default_factory=dict)
    links: list[tuple[str, str, str, str]] = field(default_factory=list)
    homes: dict[str, str] = field(default_factory=dict)
    ports: list[tuple[int, int]] = field(default_factory=list)
    by_nat: set[str] = field(default_factory=set)

    def space(self, name: str, **given: Any) -> Space:
        if name in self.spaces:
            raise NotInTheLab(f"two things are called {name}")
        self.spaces[name] = Space(**given)
        return self.spaces[name]

    def link(self, one: str, device: str, other: str, peer: str) -> None:
        self.links.append((one, device, other, peer))


def wire(inventory: Inventory, outside: Sequence[str] = ()) -> Plan:
    """The plan of an estate; `outside` are addresses of hosts on the internet.

    Raises NotInTheLab.
    """
    _refuse(inventory)
    return _Wiring(inventory, outside).plan


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


class _Wiring:
    def __init__(self, inventory: Inventory, outside: Sequence[str]) -> None:
        self.inventory = inventory
        self.plan = Plan()
        self.numbers = {name: i for i, name in enumerate(sorted(inventory.network_interfaces))}
        self._internet(outside)
        for vpc in inventory.vpcs:
            self._vpc(vpc)
        for number, item in enumerate(inventory.peerings.values()):
            if self._joins(item):
                ends = (item.requester_vpc_info.vpc_id, item.accepter_vpc_info.vpc_id)
                self.plan.link(ends[0], f"p{number}", ends[1], f"p{number}")
        self.plan.ports = self.stretches

    # -- look-ups -------------------------------------------------------------------------

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

    def gateway_of(self, vpc: str) -> InternetGateway | None:
        for gateway in self.inventory.internet_gateways.values():
            for item in gateway.attachments:
                if item.vpc_id == vpc and item.state in _ATTACHED:
                    return gateway
        return None

    def _joins(self, item: VpcPeeringConnection) -> bool:
        """N39: active, and both VPCs are here."""
        ends = (item.requester_vpc_info.vpc_id, item.accepter_vpc_info.vpc_id)
        return item.status.code == "active" and all(end in self.inventory.vpcs for end in ends)

    def peers_of(self, vpc: str) -> dict[str, str]:
        """Peered VPC → device of the VPC router that leads to it."""
        found = {}
        for number, item in enumerate(self.inventory.peerings.values()):
            ends = (item.requester_vpc_info.vpc_id, item.accepter_vpc_info.vpc_id)
            if self._joins(item) and vpc in ends:
                found[ends[1] if vpc == ends[0] else ends[0]] = f"p{number}"
        return found

    # -- namespaces -----------------------------------------------------------------------

    def _internet(self, outside: Sequence[str]) -> None:
        space = self.plan.space(INTERNET, answers=True)
        space.setup += [f"addr add {address}/32 dev lo" for address in outside]
        self.plan.homes.update(dict.fromkeys(outside, INTERNET))

    def _vpc(self, vpc: str) -> None:
        router = self.plan.space(vpc)
        subnets = self.subnets_of(vpc)
        router.setup.append(f"rule add lookup {_DELIVERY} pref 1000")
        ways_in = []
        for number, subnet in enumerate(subnets):
            device, table = f"s{number}", str(_FIRST_TABLE + number)
            self.plan.link(vpc, device, subnet.subnet_id, "up")
            router.setup.append(f"rule add iif {device} lookup {table} pref {100 + number}")
            router.setup.append(f"route add {subnet.cidr_block} dev {device} table {_DELIVERY}")
            # Without it, what no route matches would go on to the delivery table.
            router.setup.append(f"route add blackhole default metric 4000000000 table {table}")
            self._subnet(subnet)
            chosen = self._routes(self.table_of(subnet))
            for cidr, route in chosen.items():
                way = self._way(route, subnet)
                kind = way if way in ("throw", "blackhole") else ""
                to = "" if kind else f"dev {way}"
                router.setup.append(f"route add {kind} {cidr} {to} table {table}")
            ways_in.append((device, self._led_to(chosen, "igw", subnet)))
        router.setup.append(f"route add blackhole default table {_DELIVERY}")
        own = self.inventory.vpcs[vpc].ipv4_cidrs
        peers = [
            (device, own, self.inventory.vpcs[peer].ipv4_cidrs)
            for peer, device in self.peers_of(vpc).items()
        ]
        router.rules = vpc_rules(ways_in, peers)
        self._gateway(vpc)

    def _gateway(self, vpc: str) -> None:
        gateway = self.gateway_of(vpc)
        if gateway is None:
            return
        name = gateway.internet_gateway_id
        space = self.plan.space(name)
        self.plan.link(vpc, "igw", name, "vpc")
        device = f"g{len(self.plan.spaces)}"
        self.plan.link(INTERNET, device, name, "net")
        space.setup.append("route add default dev net")
        space.setup += [
            f"route add {cidr} dev vpc" for cidr in self.inventory.vpcs[vpc].ipv4_cidrs
        ]
        pairs = {
            private: public
            for eni in self.inventory.network_interfaces.values()
            if eni.vpc_id == vpc
            for private, public in self._publics(eni)
        }
        space.rules = gateway_rules(pairs)
        routes = [f"route add {public}/32 dev {device}" for public in pairs.values()]
        self.plan.spaces[INTERNET].setup += routes

    @staticmethod
    def _publics(eni: NetworkInterface) -> list[tuple[str, str]]:
        """(private, public) of an interface; its own association is the primary address's."""
        found = {
            item.private_ip_address: item.association.public_ip
            for item in eni.private_ip_addresses
            if item.association is not None and item.association.public_ip
        }
        if eni.association is not None and eni.association.public_ip:
            found.setdefault(eni.private_ip_address, eni.association.public_ip)
        return list(found.items())

    def _subnet(self, subnet: Subnet) -> None:
        name = subnet.subnet_id
        space = self.plan.space(name)
        space.setup += ["route add default dev up", f"route add blackhole {subnet.cidr_block}"]
        space.rules = subnet_rules(self.acl_of(subnet))
        by_nat = any(
            route.nat_gateway_id for route in self._routes(self.table_of(subnet)).values()
        )
        for eni in self.inventory.network_interfaces.values():
            if eni.subnet_id != name or not self.is_on(eni):
                continue
            number = self.numbers[eni.network_interface_id]
            home = eni.network_interface_id
            self.plan.link(name, f"h{number}", home, "eth0")
            addresses = dict.fromkeys(
                [eni.private_ip_address, *(a.private_ip_address for a in eni.private_ip_addresses)]
            )
            space.setup += [f"route add {address}/32 dev h{number}" for address in addresses]
            self._steer(subnet, number)
            self._host(eni, list(addresses))
            if by_nat:
                self.plan.by_nat.add(home)

    def _steer(self, subnet: Subnet, number: int) -> None:
        """Two wires from the VPC router that lead to one interface, whatever the address.

        `x…` for what comes over the border, `y…` for what a route sends back to the very
        subnet that it came from, and which therefore does not cross it.
        """
        for wire_, rank in ((f"x{number}", 300 + 2 * number), (f"y{number}", 301 + 2 * number)):
            self.plan.link(subnet.vpc_id, wire_, subnet.subnet_id, wire_)
            table = 1000 + number
            self.plan.spaces[subnet.subnet_id].setup.append(
                f"rule add iif {wire_} lookup {table} pref {rank}"
            )
        self.plan.spaces[subnet.subnet_id].setup.append(
            f"route add default dev h{number} table {table}"
        )

    def _host(self, eni: NetworkInterface, addresses: list[str]) -> None:
        name = eni.network_interface_id
        nat = self.nat_of(eni)
        # N54: with the check on, nothing is taken in that is meant for somebody else.
        space = self.plan.space(name, forwards=nat is not None or not eni.source_dest_check)
        space.setup += [f"addr add {address}/32 dev eth0" for address in addresses]
        space.setup.append(f"route add default dev eth0 src {eni.private_ip_address}")
        if nat is not None:
            space.rules = nat_rules(self.stretches)
            return
        space.answers = True
        if eni.interface_type != "interface" or not eni.groups:
            raise NotInTheLab(f"{name}: an interface of a service, or without groups")
        space.rules = host_rules(
            addresses,
            eni.source_dest_check,
            self._permissions(eni, egress=False),
            self._permissions(eni, egress=True),
        )
        self.plan.homes.update(dict.fromkeys(addresses, name))
        self.plan.homes.update({public: name for _, public in self._publics(eni)})

    # -- security groups ------------------------------------------------------------------

    def _permissions(self, eni: NetworkInterface, *, egress: bool) -> list[Permission]:
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
            for cidr, route in self._routes(self.table_of(subnet)).items()
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

    def _routes(self, table: RouteTable) -> dict[str, Route]:
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

    def _way(self, route: Route, subnet: Subnet) -> str:
        """The device of the VPC router for a route; `throw` is on to the delivery table."""
        vpc = subnet.vpc_id
        if route.state == "blackhole":
            return "blackhole"
        if route.gateway_id == "local":
            return "throw"
        if route.gateway_id:
            gateway = self.gateway_of(vpc)
            here = gateway is not None and gateway.internet_gateway_id == route.gateway_id
            return "igw" if here else "blackhole"
        if route.vpc_peering_connection_id:
            item = self.inventory.peerings[route.vpc_peering_connection_id]
            ends = (item.requester_vpc_info.vpc_id, item.accepter_vpc_info.vpc_id)
            return self.peers_of(vpc).get(ends[1] if ends[0] == vpc else ends[0], "blackhole")
        if route.nat_gateway_id:
            nat = self.inventory.nat_gateways[route.nat_gateway_id]
            return self._steered(nat.nat_gateway_addresses[0].network_interface_id, subnet)
        if route.network_interface_id:
            return self._steered(route.network_interface_id, subnet)
        raise NotInTheLab(f"a route to {route.target}")

    def _steered(self, interface: str, subnet: Subnet) -> str:
        eni = self.inventory.network_interfaces[interface]
        if eni.vpc_id != subnet.vpc_id:
            raise NotInTheLab(f"a route to {interface} in another VPC")
        if not self.is_on(eni):
            return "blackhole"
        kind = "y" if eni.subnet_id == subnet.subnet_id else "x"
        return f"{kind}{self.numbers[interface]}"

    def _led_to(
        self, chosen: dict[str, Route], device: str, subnet: Subnet
    ) -> list[tuple[str, bool]]:
        """(CIDR, whether its route leads to `device`), the longest prefix first."""
        ordered = sorted(chosen.items(), key=lambda item: -IPv4Network(item[0]).prefixlen)
        return [(cidr, self._way(route, subnet) == device) for cidr, route in ordered]

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
