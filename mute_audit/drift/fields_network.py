"""Declared against found, field by field: VPCs and what makes up their network."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mute_audit.drift import normalize
from mute_audit.drift.difference import Difference
from mute_audit.drift.found import Found
from mute_audit.drift.relating import led_to, related, related_one
from mute_audit.drift.view import View
from mute_audit.intent import resources
from mute_audit.intent.relations import is_cidr
from mute_audit.inventory import network
from mute_audit.inventory.base import tag_value

__all__ = [
    "internet_gateway",
    "nat_gateway",
    "network_acl",
    "route_table",
    "security_group",
    "subnet",
    "tags",
    "vpc",
]

# What a route may lead to, of what a baseline describes.
_TARGETS = ("internet_gateways", "nat_gateways", "instances")


def tags(entry: resources.Tagged, found: Found, into: Difference) -> None:
    """The stated tags; others may be there."""
    for key, value in entry.tags.items():
        into.value(f"tags.{key}", value, tag_value(found.tags, key))


def vpc(entry: resources.Vpc, found: Found, view: View, into: Difference) -> None:
    item: network.Vpc = found.item
    if entry.states("cidrs"):
        blocks = (*item.ipv4_cidrs, *item.ipv6_cidrs)
        into.members("cidrs", entry.cidrs, map(normalize.address_block, blocks))


def subnet(entry: resources.Subnet, found: Found, view: View, into: Difference) -> None:
    item: network.Subnet = found.item
    if entry.states("cidr"):
        blocks = [item.cidr_block, *item.ipv6_cidrs]
        there = [normalize.address_block(block) for block in blocks if block]
        into.value("cidr", entry.cidr, entry.cidr if entry.cidr in there else ", ".join(there))
    if entry.states("zone"):
        into.value("zone", entry.zone, item.availability_zone)
    if entry.states("public_addresses"):
        into.value("public_addresses", entry.public_addresses, item.map_public_ip_on_launch)


def internet_gateway(
    entry: resources.InternetGateway, found: Found, view: View, into: Difference
) -> None:
    item: network.InternetGateway = found.item
    related_one("vpc", ("vpcs",), view.baseline.vpc_of(entry), found.vpc, view, into)
    states = [place.state for place in item.attachments if place.vpc_id == found.vpc]
    if states and states[0] not in ("available", "attached", ""):
        into.value("state", "available", states[0])


def nat_gateway(entry: resources.NatGateway, found: Found, view: View, into: Difference) -> None:
    item: network.NatGateway = found.item
    if item.state not in ("available", ""):
        into.value("state", "available", item.state)
    if entry.states("subnet"):
        related_one("subnet", ("subnets",), entry.subnet, item.subnet_id, view, into)
    if entry.states("connectivity"):
        into.value("connectivity", entry.connectivity, item.connectivity_type)


def route_table(entry: resources.RouteTable, found: Found, view: View, into: Difference) -> None:
    item: network.RouteTable = found.item
    if entry.states("main"):
        into.value("main", entry.main, any(link.main for link in item.associations))
    if entry.states("subnets"):
        # A table can be associated with gateways, too: one more that nobody declared.
        linked = [link.subnet_id or link.gateway_id for link in item.associations]
        related("subnets", ("subnets",), entry.subnets, filter(None, linked), view, into)
    if entry.states("routes"):
        targets = normalize.routes(item, view.label)
        led_to("routes", _TARGETS, entry.routes, targets, view, into)


def network_acl(entry: resources.NetworkAcl, found: Found, view: View, into: Difference) -> None:
    item: network.NetworkAcl = found.item
    if entry.states("subnets"):
        subnets = [link.subnet_id for link in item.associations]
        if item.is_default:
            # AWS puts every new subnet there; one that nobody declared is reported by itself.
            subnets = [id for id in subnets if view.declared(id) or not view.described(id)]
        related("subnets", ("subnets",), entry.subnets, subnets, view, into)
    for direction, egress in (("ingress", False), ("egress", True)):
        if entry.states(direction):
            declared: Iterable[resources.AclEntry] = getattr(entry, direction)
            expected = {one.rule: f"{one.action} {one.ports[0]} {one.cidr}" for one in declared}
            into.entries(direction, expected, normalize.acl_entries(item.entries, egress))


def security_group(
    entry: resources.SecurityGroup, found: Found, view: View, into: Difference
) -> None:
    item: network.SecurityGroup = found.item
    if entry.states("ingress"):
        expected = {
            (ports, _peer(source, view.expected))
            for rule in entry.ingress
            for ports in rule.ports
            for source in rule.sources
        }
        there = normalize.rules(item.ip_permissions, view.label)
        into.members("ingress", shown(expected, "from"), shown(there, "from"))
    if entry.states("egress"):
        expected = {
            (ports, _peer(destination, view.expected))
            for rule in entry.egress
            for ports in rule.ports
            for destination in rule.destinations
        }
        there = normalize.rules(item.ip_permissions_egress, view.label)
        into.members("egress", shown(expected, "to"), shown(there, "to"))


def _peer(name: str, expected: Callable[[str], str]) -> str:
    return normalize.address_block(name) if is_cidr(name) else expected(name)


def shown(rules: Iterable[tuple[str, str]], word: str) -> list[str]:
    """`tcp/443 from 0.0.0.0/0`: rules as a person reads them."""
    return [f"{ports} {word} {peer}" for ports, peer in rules]
