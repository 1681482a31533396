"""What AWS makes by itself with every VPC: no drift as long as it is as AWS makes it."""

from __future__ import annotations

from collections.abc import Callable

from mute_audit.drift import normalize
from mute_audit.drift.difference import Difference
from mute_audit.drift.fields_network import shown
from mute_audit.drift.found import Found
from mute_audit.drift.view import View
from mute_audit.inventory import network

__all__ = ["AWS_MADE"]

_ANYWHERE = ("0.0.0.0/0", "::/0")


def default_group(found: Found, view: View) -> Difference | None:
    """Everything from itself, everything out; fewer rules are no danger and often wanted."""
    item: network.SecurityGroup = found.item
    if item.group_name != "default":
        return None
    difference = Difference()
    own = {("all", view.label(item.group_id))}
    into = normalize.rules(item.ip_permissions, view.label) - own
    out = normalize.rules(item.ip_permissions_egress, view.label)
    out -= {("all", anywhere) for anywhere in _ANYWHERE}
    difference.members("ingress", (), shown(into, "from"))
    difference.members("egress", (), shown(out, "to"))
    return difference


def default_acl(found: Found, view: View) -> Difference | None:
    """Allows everything in both directions: entry 100 for IPv4, 101 for IPv6."""
    item: network.NetworkAcl = found.item
    if not item.is_default:
        return None
    difference = Difference()
    for direction, egress in (("ingress", False), ("egress", True)):
        there = normalize.acl_entries(item.entries, egress)
        made = {100: "allow all 0.0.0.0/0"}
        # Only where the VPC has IPv6 blocks.
        if there.get(101) == "allow all ::/0":
            made[101] = there[101]
        difference.entries(direction, made, there)
    return difference


def main_table(found: Found, view: View) -> Difference | None:
    """The local routes and nothing else; no subnet is led to it by name."""
    item: network.RouteTable = found.item
    if not any(link.main for link in item.associations):
        return None
    difference = Difference()
    linked = [link.subnet_id or link.gateway_id for link in item.associations if not link.main]
    difference.members("subnets", (), map(view.label, filter(None, linked)))
    difference.entries("routes", {}, normalize.routes(item, view.label))
    return difference


# Type → what differs from the state in which AWS makes it; None for one that people made.
AWS_MADE: dict[str, Callable[[Found, View], Difference | None]] = {
    "ec2.security-group": default_group,
    "ec2.network-acl": default_acl,
    "ec2.route-table": main_table,
}
