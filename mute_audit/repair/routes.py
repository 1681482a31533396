"""Changes to route tables, to what is associated with them, and to network ACLs."""

from __future__ import annotations

from collections.abc import Iterator

from mute_audit.address import Address
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.base import name_of
from mute_audit.inventory.network import (
    AclEntry,
    NetworkAcl,
    Route,
    RouteTable,
    RouteTableAssociation,
)
from mute_audit.repair.change import Apply, Candidate, aws, candidate, changed, in_region

__all__ = ["acl_entry", "associations", "remove_entry", "route_named", "route_ways"]

_HERE = ("available", "")


def route_named(
    inventory: Inventory, name: str
) -> tuple[RegionInventory, RouteTable, Route] | None:
    """The route that evidence calls `rtb-…:DESTINATION`."""
    table_id, _, destination = name.partition(":")
    for region in inventory.regions:
        for table in region.route_tables:
            if table.route_table_id == table_id:
                for route in table.routes:
                    if route.destination == destination:
                        return region, table, route
    return None


def route_ways(region: RegionInventory, table: RouteTable, route: Route) -> Iterator[Candidate]:
    """What could be done to a route: to another gateway of the VPC, or gone."""
    if route.gateway_id == "local":
        return
    address = _table(region, table)
    known = {
        "table": address.label,
        "destination": route.destination,
        "target": _gateway(region, route.target),
    }
    if route.destination_cidr_block == "0.0.0.0/0":
        for nat in region.nat_gateways:
            if nat.vpc_id != table.vpc_id or nat.state not in _HERE:
                continue
            if nat.nat_gateway_id == route.nat_gateway_id:
                continue
            to = Route(destination_cidr_block="0.0.0.0/0", nat_gateway_id=nat.nat_gateway_id)
            label = name_of(nat.tags) or nat.nat_gateway_id
            yield candidate(
                "point-route",
                address,
                {**known, "to": label},
                aws(
                    address,
                    "ec2",
                    "replace-route",
                    "--route-table-id",
                    table.route_table_id,
                    "--destination-cidr-block",
                    route.destination,
                    "--nat-gateway-id",
                    nat.nat_gateway_id,
                ),
                _edit_table(region, table, lambda routes, to=to: _swapped(routes, route, to)),
            )
    flag = "--destination-ipv6-cidr-block" if ":" in route.destination else None
    flag = flag or ("--destination-cidr-block" if "/" in route.destination else None)
    yield candidate(
        "remove-route",
        address,
        known,
        aws(
            address,
            "ec2",
            "delete-route",
            "--route-table-id",
            table.route_table_id,
            flag or "--destination-prefix-list-id",
            route.destination,
        ),
        _edit_table(region, table, lambda routes: tuple(r for r in routes if r != route)),
        cost=2,
    )


def associations(region: RegionInventory, subnet_id: str) -> Iterator[Candidate]:
    """A subnet with each other route table of its VPC."""
    subnet = next((item for item in region.subnets if item.subnet_id == subnet_id), None)
    if subnet is None:
        return
    tables = [table for table in region.route_tables if table.vpc_id == subnet.vpc_id]
    mine = next((t for t in tables for a in t.associations if a.subnet_id == subnet_id), None)
    old = next((a for t in tables for a in t.associations if a.subnet_id == subnet_id), None)
    address = Address("ec2.subnet", subnet_id, name_of(subnet.tags), region.account, region.region)
    for table in sorted(tables, key=lambda item: item.route_table_id):
        if table is mine:
            continue
        command = ("associate-route-table", "--subnet-id", subnet_id)
        if old is not None and old.route_table_association_id:
            name = old.route_table_association_id
            command = ("replace-route-table-association", "--association-id", name)
        yield candidate(
            "associate-table",
            address,
            {"subnet": address.label, "table": _table(region, table).label},
            aws(address, "ec2", *command, "--route-table-id", table.route_table_id),
            _associate(region, subnet_id, table.route_table_id),
            cost=1,
        )


def acl_entry(
    inventory: Inventory, name: str
) -> tuple[RegionInventory, NetworkAcl, AclEntry] | None:
    """The entry that evidence calls `acl-…:ingress:NUMBER`."""
    acl_id, _, rest = name.partition(":")
    side, _, number = rest.partition(":")
    for region in inventory.regions:
        for acl in region.network_acls:
            for entry in acl.entries if acl.network_acl_id == acl_id else ():
                if entry.egress == (side == "egress") and str(entry.rule_number) == number:
                    return region, acl, entry
    return None


def remove_entry(region: RegionInventory, acl: NetworkAcl, entry: AclEntry) -> Candidate:
    """An ACL without one entry."""
    label = name_of(acl.tags) or acl.network_acl_id
    address = Address("ec2.network-acl", acl.network_acl_id, label, region.account, region.region)
    side = "egress" if entry.egress else "ingress"

    def edit(each: RegionInventory) -> RegionInventory:
        acls = tuple(
            changed(item, entries=tuple(e for e in item.entries if e != entry))
            if item.network_acl_id == acl.network_acl_id
            else item
            for item in each.network_acls
        )
        return changed(each, network_acls=acls)

    return candidate(
        "remove-acl-entry",
        address,
        {"entry": f"{side} {entry.rule_number}", "acl": address.label},
        aws(
            address,
            "ec2",
            "delete-network-acl-entry",
            "--network-acl-id",
            acl.network_acl_id,
            f"--{side}",
            "--rule-number",
            str(entry.rule_number),
        ),
        in_region(region.account, region.region, edit),
    )


def _table(region: RegionInventory, table: RouteTable) -> Address:
    name = name_of(table.tags)
    return Address("ec2.route-table", table.route_table_id, name, region.account, region.region)


def _gateway(region: RegionInventory, name: str) -> str:
    """What a person calls a gateway."""
    tags = {item.internet_gateway_id: item.tags for item in region.internet_gateways}
    tags |= {item.nat_gateway_id: item.tags for item in region.nat_gateways}
    return name_of(tags.get(name, ())) or name


def _swapped(routes: tuple[Route, ...], old: Route, new: Route) -> tuple[Route, ...]:
    return tuple(new if route == old else route for route in routes)


def _edit_table(region: RegionInventory, table: RouteTable, edit: object) -> Apply:
    def one(each: RegionInventory) -> RegionInventory:
        tables = tuple(
            changed(item, routes=edit(item.routes))  # type: ignore[operator]
            if item.route_table_id == table.route_table_id
            else item
            for item in each.route_tables
        )
        return changed(each, route_tables=tables)

    return in_region(region.account, region.region, one)


def _associate(region: RegionInventory, subnet: str, table: str) -> Apply:
    def one(each: RegionInventory) -> RegionInventory:
        tables = []
        for item in each.route_tables:
            kept = tuple(a for a in item.associations if a.subnet_id != subnet)
            if item.route_table_id == table:
                kept = (*kept, RouteTableAssociation(subnet_id=subnet))
            tables.append(changed(item, associations=kept))
        return changed(each, route_tables=tuple(tables))

    return in_region(region.account, region.region, one)
