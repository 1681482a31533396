"""From an inventory to namespaces, wires, routes and packet filters.

What the inventory says is looked up in `lab_reading`, the packet filters are in `lab_filters`.

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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from lab_filters import gateway_rules, host_rules, nat_rules, subnet_rules, vpc_rules
from lab_reading import NotInTheLab, Reading

from mute_audit.inventory import Inventory
from mute_audit.inventory.network import NetworkInterface, Route, Subnet

__all__ = ["INTERNET", "Plan", "Space", "wire"]

INTERNET = "internet"

# Tables of a VPC router: where the VPC's own addresses are, and one for each subnet.
_DELIVERY, _FIRST_TABLE = 50, 100


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

    def settle(self, space: str, addresses: Iterable[str]) -> None:
        """Addresses and the namespace that has them."""
        for address in addresses:
            if self.homes.setdefault(address, space) != space:
                raise NotInTheLab(f"{space} and {self.homes[address]} both have {address}")

    def link(self, one: str, device: str, other: str, peer: str) -> None:
        self.links.append((one, device, other, peer))


def wire(inventory: Inventory, outside: Sequence[str] = ()) -> Plan:
    """The plan of an estate; `outside` are addresses of hosts on the internet.

    Raises NotInTheLab.
    """
    return _Wiring(inventory, outside).plan


class _Wiring:
    def __init__(self, inventory: Inventory, outside: Sequence[str]) -> None:
        self.inventory = inventory
        self.read = Reading(inventory)
        self.plan = Plan()
        self.numbers = {name: i for i, name in enumerate(sorted(inventory.network_interfaces))}
        self._internet(outside)
        for vpc in inventory.vpcs:
            self._vpc(vpc)
        for number, item in enumerate(inventory.peerings.values()):
            if self.read.joins(item):
                ends = (item.requester_vpc_info.vpc_id, item.accepter_vpc_info.vpc_id)
                self.plan.link(ends[0], f"p{number}", ends[1], f"p{number}")
        self.plan.ports = self.read.stretches

    # -- namespaces -----------------------------------------------------------------------

    def _internet(self, outside: Sequence[str]) -> None:
        space = self.plan.space(INTERNET, answers=True)
        space.setup += [f"addr add {address}/32 dev lo" for address in outside]
        self.plan.settle(INTERNET, outside)

    def _vpc(self, vpc: str) -> None:
        router = self.plan.space(vpc)
        subnets = self.read.subnets_of(vpc)
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
            chosen = self.read.routes(self.read.table_of(subnet))
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
            for peer, device in self.read.peers_of(vpc).items()
        ]
        router.rules = vpc_rules(ways_in, peers)
        self._gateway(vpc)

    def _gateway(self, vpc: str) -> None:
        gateway = self.read.gateway_of(vpc)
        if gateway is None:
            return
        name = gateway.internet_gateway_id
        space = self.plan.space(name)
        self.plan.link(vpc, "igw", name, "vpc")
        device = f"g{len(self.plan.spaces)}"
        self.plan.link(INTERNET, device, name, "net")
        space.setup.append("route add default dev net")
        space.setup += [f"route add {cidr} dev vpc" for cidr in self.inventory.vpcs[vpc].ipv4_cidrs]
        pairs = {
            private: public
            for eni in self.inventory.network_interfaces.values()
            if eni.vpc_id == vpc
            for private, public in self.read.publics_of(eni)
        }
        space.rules = gateway_rules(pairs)
        routes = [f"route add {public}/32 dev {device}" for public in pairs.values()]
        self.plan.spaces[INTERNET].setup += routes

    def _subnet(self, subnet: Subnet) -> None:
        name = subnet.subnet_id
        space = self.plan.space(name)
        space.setup += ["route add default dev up", f"route add blackhole {subnet.cidr_block}"]
        space.rules = subnet_rules(self.read.acl_of(subnet))
        by_nat = any(
            route.nat_gateway_id for route in self.read.routes(self.read.table_of(subnet)).values()
        )
        for eni in self.inventory.network_interfaces.values():
            if eni.subnet_id != name or not self.read.is_on(eni):
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
        space, table = self.plan.spaces[subnet.subnet_id], 1000 + number
        for rank, device in enumerate((f"x{number}", f"y{number}"), start=300 + 2 * number):
            self.plan.link(subnet.vpc_id, device, subnet.subnet_id, device)
            space.setup.append(f"rule add iif {device} lookup {table} pref {rank}")
        space.setup.append(f"route add default dev h{number} table {table}")

    def _host(self, eni: NetworkInterface, addresses: list[str]) -> None:
        name = eni.network_interface_id
        nat = self.read.nat_of(eni)
        # N54: with the check on, nothing is taken in that is meant for somebody else.
        space = self.plan.space(name, forwards=nat is not None or not eni.source_dest_check)
        space.setup += [f"addr add {address}/32 dev eth0" for address in addresses]
        space.setup.append(f"route add default dev eth0 src {eni.private_ip_address}")
        if nat is not None:
            space.rules = nat_rules(self.read.stretches)
            return
        space.answers = True
        if eni.interface_type != "interface" or not eni.groups:
            raise NotInTheLab(f"{name}: an interface of a service, or without groups")
        space.rules = host_rules(
            addresses,
            eni.source_dest_check,
            self.read.permissions(eni, egress=False),
            self.read.permissions(eni, egress=True),
        )
        self.plan.settle(name, addresses)
        self.plan.settle(name, (public for _, public in self.read.publics_of(eni)))

    # -- routes ---------------------------------------------------------------------------

    def _way(self, route: Route, subnet: Subnet) -> str:
        """The device of the VPC router for a route; `throw` is on to the delivery table."""
        vpc = subnet.vpc_id
        if route.state == "blackhole":
            return "blackhole"
        if route.gateway_id == "local":
            return "throw"
        if route.gateway_id:
            gateway = self.read.gateway_of(vpc)
            here = gateway is not None and gateway.internet_gateway_id == route.gateway_id
            return "igw" if here else "blackhole"
        if route.vpc_peering_connection_id:
            item = self.inventory.peerings[route.vpc_peering_connection_id]
            ends = (item.requester_vpc_info.vpc_id, item.accepter_vpc_info.vpc_id)
            return self.read.peers_of(vpc).get(ends[1] if ends[0] == vpc else ends[0], "blackhole")
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
        if not self.read.is_on(eni):
            return "blackhole"
        kind = "y" if eni.subnet_id == subnet.subnet_id else "x"
        return f"{kind}{self.numbers[interface]}"

    def _led_to(
        self, chosen: dict[str, Route], device: str, subnet: Subnet
    ) -> list[tuple[str, bool]]:
        """(CIDR, whether its route leads to `device`), the longest prefix first."""
        ordered = sorted(chosen.items(), key=lambda item: -IPv4Network(item[0]).prefixlen)
        return [(cidr, self._way(route, subnet) == device) for cidr, route in ordered]
