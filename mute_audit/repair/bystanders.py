"""Who else stands where a change bears on a whole subnet, and what they would lose by it.

A route, or a subnet's route table, is shared: what closes a finding about one host may cut off
a load balancer beside it, or everybody who goes out through a NAT gateway there. Policies need
not speak of those at all, so that nothing they say would tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from mute_audit.address import Address
from mute_audit.finding import Change
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.network import RouteTable
from mute_audit.network.places import Directory, Place
from mute_audit.network.traffic import Traffic
from mute_audit.repair.change import Candidate

__all__ = ["Talk", "bystanders", "loses", "strands_nat"]

# What gets through, by source and target.
Talk = Mapping[tuple[Place, Place], Traffic]
Complaint = Callable[[Place, Place], Traffic]

_SHARED = frozenset({"point-route", "remove-route", "associate-table"})
_MOST = 40
_NOTHING = Traffic()


def bystanders(
    inventory: Inventory, directory: Directory, candidate: Candidate, resource: Address
) -> tuple[Place, ...]:
    """The places beside `resource` in the subnets that a candidate's changes bear on.

    With those that go out through NAT gateways there; not too many, from all over the subnets.
    """
    subnets = {
        subnet
        for change in candidate.changes
        if change.code in _SHARED
        for subnet in _affected(inventory, change)
    }
    if not subnets:
        return ()
    found = [
        site.place
        for site in directory.sites
        if subnets.intersection(site.subnets)
        and (site.place.address.type, site.place.address.id) != (resource.type, resource.id)
    ]
    return tuple(found[:: 1 + len(found) // _MOST])


def loses(before: Talk, after: Talk, complaint: Complaint, counted: Traffic) -> bool:
    """Whether anything of `counted` gets through no more, and nobody complained of it."""
    return any(
        (traffic - after.get(pair, _NOTHING) - complaint(*pair)) & counted
        for pair, traffic in before.items()
    )


def strands_nat(inventory: Inventory, candidate: Candidate) -> bool:
    """Whether the way out of a NAT gateway would be a NAT gateway: packets would go in circles."""
    then = candidate.apply(inventory)
    return any(
        route.nat_gateway_id
        for change in candidate.changes
        if change.code in _SHARED
        for region in then.regions
        for nat in region.nat_gateways
        if nat.connectivity_type != "private" and nat.subnet_id in _affected(inventory, change)
        for table in region.route_tables
        if nat.subnet_id in _subnets_of(region, table)
        for route in table.routes
        if route.destination == "0.0.0.0/0"
    )


def _affected(inventory: Inventory, change: Change) -> frozenset[str]:
    """Subnets whose way out a change alters, and those that go out by a NAT gateway in them."""
    found: set[str] = set()
    for region in inventory.regions:
        if change.resource.type == "ec2.subnet":
            found |= {s.subnet_id for s in region.subnets if s.subnet_id == change.resource.id}
        for table in region.route_tables:
            if table.route_table_id == change.resource.id:
                found |= set(_subnets_of(region, table))
    for region in inventory.regions:
        nats = {nat.nat_gateway_id for nat in region.nat_gateways if nat.subnet_id in found}
        for table in region.route_tables:
            if nats.intersection(route.nat_gateway_id for route in table.routes):
                found |= set(_subnets_of(region, table))
    return frozenset(found)


def _subnets_of(region: RegionInventory, table: RouteTable) -> Iterable[str]:
    """The subnets that use a route table: by an association, or as the VPC's main table."""
    named = [item.subnet_id for item in table.associations if item.subnet_id]
    if any(item.main for item in table.associations):
        explicit = {a.subnet_id for t in region.route_tables for a in t.associations}
        named += [
            subnet.subnet_id
            for subnet in region.subnets
            if subnet.vpc_id == table.vpc_id and subnet.subnet_id not in explicit
        ]
    return named
