"""Route tables, their routes and associations."""

from __future__ import annotations

from typing import Any

from mute_audit.sources.terraform.estate import Item, unknown_id
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.values import Open

__all__ = [
    "association",
    "default_route_table",
    "gateway_route",
    "main_association",
    "propagation",
    "route",
    "route_table",
]

# Terraform's name of a target → AWS's.
_TARGETS = {
    "gateway_id": "GatewayId",
    "nat_gateway_id": "NatGatewayId",
    "network_interface_id": "NetworkInterfaceId",
    "instance_id": "InstanceId",
    "transit_gateway_id": "TransitGatewayId",
    "vpc_peering_connection_id": "VpcPeeringConnectionId",
    "egress_only_gateway_id": "EgressOnlyInternetGatewayId",
    "vpc_endpoint_id": "GatewayId",
    "local_gateway_id": "LocalGatewayId",
    "carrier_gateway_id": "CarrierGatewayId",
    "core_network_arn": "CoreNetworkArn",
}
_DESTINATIONS = {
    "destination_cidr_block": "DestinationCidrBlock",
    "destination_ipv6_cidr_block": "DestinationIpv6CidrBlock",
    "cidr_block": "DestinationCidrBlock",
    "ipv6_cidr_block": "DestinationIpv6CidrBlock",
}
_FORMER = (*_DESTINATIONS, "destination_prefix_list_id")
# An association of a VPC with a block → the destination of the local route to it.
_LOCAL = (("CidrBlock", "DestinationCidrBlock"), ("Ipv6CidrBlock", "DestinationIpv6CidrBlock"))


def route_table(item: Item, out: Out) -> None:
    doc = _table(item, item.id, item.ref("vpc_id"), out)
    _inline(item, doc, out)


def default_route_table(item: Item, out: Out) -> None:
    """The VPC's main table, taken over: its routes are those given here and no others."""
    vpc_id = item.estate.maker(item, "default_route_table_id") or item.ref_given("vpc_id")
    doc = _table(item, item.id, vpc_id, out)
    doc["Associations"] = [{"Main": True, "RouteTableAssociationId": f"main of {vpc_id}"}]
    _inline(item, doc, out)


def _table(item: Item, name: str, vpc_id: str, out: Out) -> Doc:
    local = []
    owner = out.get("Vpcs", vpc_id) or {}
    for field, family in _LOCAL:
        blocks = [a[field] for a in owner.get(f"{field}AssociationSet", ())]
        local += [
            {family: block, "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}
            for block in dict.fromkeys(blocks)
        ]
    return out.put(
        "RouteTables",
        item.home,
        name,
        {
            "RouteTableId": name,
            "VpcId": vpc_id,
            "Routes": local,
            "Associations": [],
            "PropagatingVgws": [{"GatewayId": g} for g in _propagating(item)],
            "Tags": item.tags,
        },
    )


def _propagating(item: Item) -> list[str]:
    value = item.get("propagating_vgws")
    if item.computed(value):
        return []
    return item.refs("propagating_vgws")


def _inline(item: Item, doc: Doc, out: Out) -> None:
    value = item.get("route")
    if item.computed(value):
        # Computed: nothing is written there.
        return
    if isinstance(value, Open):
        _anywhere(doc, f"routes of {item.address}", item)
        return
    # Routes of their own are listed among these as well, as they were before.
    former = [
        before
        for before in item.estate.before("aws_route")
        if before.get("route_table_id") == item.id
    ]
    gone = {str(one[name]) for one in former for name in _FORMER if one.get(name)}
    for block in item.blocks("route"):
        if not any(str(block.get(name) or "") in gone for name in _FORMER):
            _add(doc, _route(item, block, f"route of {item.address}"))


def route(item: Item, out: Out) -> None:
    name = item.ref("route_table_id")
    names = (*_TARGETS, *_DESTINATIONS, "destination_prefix_list_id")
    made = _route(item, {name: item.get(name) for name in names}, item.address)
    if name == unknown_id("route_table_id", item):
        for table in item.estate.candidates(item.get("route_table_id"), "route_table_id"):
            doc = out.get("RouteTables", table.id)
            if doc is not None:
                _unsure(doc, name, made)
        return
    doc = out.get("RouteTables", name)
    if doc is not None:
        _add(doc, made)


def _route(item: Item, block: dict[str, Any], what: str) -> Doc:
    estate = item.estate
    made: Doc = {"Origin": "CreateRoute", "State": "active"}
    for name, field in _DESTINATIONS.items():
        text = estate.text(block.get(name))
        if text:
            made[field] = text
    listed = block.get("destination_prefix_list_id")
    if listed and not item.computed(listed):
        name = estate.id_in(listed, "destination_prefix_list_id", item)
        made["DestinationPrefixListId"] = name
    if not any(key.startswith("Destination") for key in made):
        made["DestinationPrefixListId"] = f"destination of {what}"
    for name, field in _TARGETS.items():
        value = block.get(name)
        if value in (None, "") or item.computed(value):
            continue
        made[field] = estate.id_in(value, name, item)
    return made


def _add(doc: Doc, made: Doc) -> None:
    """A route replaces the one to the same destination, the local one too (N26)."""

    def where(one: Doc) -> tuple[Any, ...]:
        fields = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
        return tuple(one.get(field) for field in fields)

    doc["Routes"] = [one for one in doc["Routes"] if where(one) != where(made)] + [made]


def _unsure(doc: Doc, what: str, made: Doc | None = None) -> None:
    """It cannot be told whether the table has a route: one with an unknown destination."""
    target = {k: v for k, v in (made or {}).items() if not k.startswith("Destination")}
    doc["Routes"].append(
        {"Origin": "CreateRoute", "State": "active", **target, "DestinationPrefixListId": what}
    )


def association(item: Item, out: Out) -> None:
    subnet, gateway = item.ref_given("subnet_id"), item.ref_given("gateway_id")
    name = item.ref("route_table_id")
    if subnet == unknown_id("subnet_id", item):
        # Each of these may have that table, or keep its own.
        for candidate in item.estate.candidates(item.get("subnet_id"), "subnet_id"):
            hidden = _hidden_table(item, f"table of {candidate.id}", candidate.ref("vpc_id"), out)
            _associate(hidden, item.id, out, candidate.id, "")
        return
    doc = out.get("RouteTables", name)
    if doc is None:
        vpc_id = str((out.get("Subnets", subnet) or {}).get("VpcId", ""))
        doc = _hidden_table(item, name, vpc_id, out)
    _associate(doc, item.id, out, subnet, gateway)


def _hidden_table(item: Item, name: str, vpc_id: str, out: Out) -> Doc:
    """A table of which nothing is known but the way inside the VPC."""
    local = [
        {family: one[field], "GatewayId": "local"}
        for field, family in _LOCAL
        for one in (out.get("Vpcs", vpc_id) or {}).get(f"{field}AssociationSet", ())
    ]
    doc: Doc = {"RouteTableId": name, "VpcId": vpc_id, "Routes": local, "Associations": []}
    _anywhere(doc, f"routes of {name}", item)
    return out.put("RouteTables", item.home, name, doc)


# What a route may lead to: type → the field that names it.
_WAYS = {
    "aws_ec2_transit_gateway": "TransitGatewayId",
    "aws_egress_only_internet_gateway": "EgressOnlyInternetGatewayId",
    "aws_internet_gateway": "GatewayId",
    "aws_nat_gateway": "NatGatewayId",
    "aws_vpc_peering_connection": "VpcPeeringConnectionId",
    "aws_vpn_gateway": "GatewayId",
}


def _anywhere(doc: Doc, what: str, item: Item) -> None:
    """The table may have routes to whatever the plan has that routes lead to, or to others."""
    _unsure(doc, what)
    for kind, field in _WAYS.items():
        for way in item.estate.each(kind):
            _unsure(doc, f"{what} to {way.id}", {field: way.id})


def _associate(doc: Doc, name: str, out: Out, subnet: str, gateway: str) -> None:
    """In place of the table that the subnet or gateway had before."""
    link: Doc = {"Main": False, "RouteTableAssociationId": name}
    if subnet:
        link["SubnetId"] = subnet
    if gateway:
        link["GatewayId"] = gateway
    before = out.marks.get(("table", subnet, gateway))
    if before is not None:
        before["Associations"] = [
            one
            for one in before["Associations"]
            if one.get("Main")
            or (one.get("SubnetId"), one.get("GatewayId")) != (subnet or None, gateway or None)
        ]
    out.marks["table", subnet, gateway] = doc
    doc["Associations"].append(link)


def main_association(item: Item, out: Out) -> None:
    vpc_id, name = item.ref("vpc_id"), item.ref("route_table_id")
    for key, doc in out.each("RouteTables"):
        if doc["VpcId"] == vpc_id:
            doc["Associations"] = [one for one in doc["Associations"] if not one.get("Main")]
            if key == name:
                doc["Associations"].append({"Main": True, "RouteTableAssociationId": item.id})


def propagation(item: Item, out: Out) -> None:
    doc = out.get("RouteTables", item.ref("route_table_id"))
    if doc is not None:
        doc.setdefault("PropagatingVgws", []).append({"GatewayId": item.ref("vpn_gateway_id")})


def gateway_route(item: Item, out: Out) -> None:
    """`aws_vpc_endpoint_route_table_association`: a gateway endpoint in a route table."""
    endpoint, table = item.ref("vpc_endpoint_id"), item.ref("route_table_id")
    doc = out.get("VpcEndpoints", endpoint)
    if doc is not None and table not in doc["RouteTableIds"]:
        doc["RouteTableIds"].append(table)
    add_endpoint_route(out, endpoint, table)


def add_endpoint_route(out: Out, endpoint: str, table: str) -> None:
    """The route that AWS puts in for a gateway endpoint (N45): its service's prefix list."""
    doc = out.get("RouteTables", table)
    service = (out.get("VpcEndpoints", endpoint) or {}).get("ServiceName", "")
    if doc is not None:
        _add(
            doc,
            {
                "DestinationPrefixListId": f"prefix list of {service or endpoint}",
                "GatewayId": endpoint,
                "Origin": "CreateRoute",
                "State": "active",
            },
        )
