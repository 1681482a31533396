"""Transit gateways: tables, attachments, routes, peerings with each other."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.values import Open

__all__ = [
    "put_attachment",
    "tgw",
    "tgw_association",
    "tgw_attachment",
    "tgw_peering",
    "tgw_peering_accepter",
    "tgw_prefix_list",
    "tgw_propagation",
    "tgw_route",
    "tgw_table",
]


def _default_table(item: Item) -> str:
    known = item.known("association_default_route_table_id")
    return str(known) if known else f"{item.address}.association_default_route_table_id"


def _takes_part(item: Item, name: str) -> bool:
    return item.text(name, "enable") == "enable"


def tgw(item: Item, out: Out) -> None:
    associates = _takes_part(item, "default_route_table_association")
    propagates = _takes_part(item, "default_route_table_propagation")
    table = _default_table(item)
    # Both defaults are one table, which AWS makes along with the gateway.
    item.estate.aliases[f"{item.address}.propagation_default_route_table_id"] = table
    options = {"SecurityGroupReferencingSupport": item.text("security_group_referencing_support")}
    if associates:
        options["AssociationDefaultRouteTableId"] = table
    if propagates:
        options["PropagationDefaultRouteTableId"] = table
    out.put(
        "TransitGateways",
        item.home,
        item.id,
        {
            "TransitGatewayId": item.id,
            "TransitGatewayArn": item.text("arn"),
            "State": "available",
            "OwnerId": item.account,
            "Options": options,
            "Tags": item.tags,
        },
    )
    if associates or propagates:
        _put_table(item, out, table, item.id, default=(associates, propagates))


def _put_table(
    item: Item, out: Out, table: str, gateway: str, default: tuple[bool, bool] = (False, False)
) -> None:
    out.put(
        "TransitGatewayRouteTables",
        item.home,
        table,
        {
            "TransitGatewayRouteTableId": table,
            "TransitGatewayId": gateway,
            "State": "available",
            "DefaultAssociationRouteTable": default[0],
            "DefaultPropagationRouteTable": default[1],
            "Tags": [] if any(default) else item.tags,
        },
    )
    empty: Doc = {"TransitGatewayRouteTableId": table}
    out.put(
        "TransitGatewayPropagations",
        item.home,
        table,
        {**empty, "TransitGatewayRouteTablePropagations": []},
    )
    out.put("TransitGatewayStaticRoutes", item.home, table, {**empty, "Routes": []})


def tgw_table(item: Item, out: Out) -> None:
    _put_table(item, out, item.id, item.ref("transit_gateway_id"))


def tgw_attachment(item: Item, out: Out) -> None:
    gateway, vpc_id = item.ref("transit_gateway_id"), item.ref("vpc_id")
    support = item.text("security_group_referencing_support")
    out.put(
        "TransitGatewayVpcAttachments",
        item.home,
        item.id,
        {
            "TransitGatewayAttachmentId": item.id,
            "TransitGatewayId": gateway,
            "VpcId": vpc_id,
            "VpcOwnerId": item.account,
            "State": "available",
            "SubnetIds": item.refs("subnet_ids"),
            "Options": {
                "ApplianceModeSupport": item.text("appliance_mode_support", "disable"),
                "SecurityGroupReferencingSupport": support,
            },
            "Tags": item.tags,
        },
    )
    put_attachment(item, out, gateway, "vpc", vpc_id)


def put_attachment(item: Item, out: Out, gateway: str, kind: str, resource: str) -> None:
    doc: Doc = {
        "TransitGatewayAttachmentId": item.id,
        "TransitGatewayId": gateway,
        "ResourceType": kind,
        "ResourceId": resource,
        "State": "available",
        "Tags": item.tags,
    }
    options = (out.get("TransitGateways", gateway) or {}).get("Options", {})
    if kind == "vpc":
        table = options.get("AssociationDefaultRouteTableId")
        if table and item.flag("transit_gateway_default_route_table_association", True):
            doc["Association"] = {"TransitGatewayRouteTableId": table, "State": "associated"}
        table = options.get("PropagationDefaultRouteTableId")
        if table and item.flag("transit_gateway_default_route_table_propagation", True):
            _propagate(out, table, doc)
    out.put("TransitGatewayAttachments", item.home, item.id, doc)


def _propagate(out: Out, table: str, attachment: Doc) -> None:
    doc = out.get("TransitGatewayPropagations", table)
    if doc is not None:
        doc["TransitGatewayRouteTablePropagations"].append(
            {
                "TransitGatewayAttachmentId": attachment["TransitGatewayAttachmentId"],
                "ResourceId": attachment["ResourceId"],
                "ResourceType": attachment["ResourceType"],
                "State": "enabled",
            }
        )


def tgw_association(item: Item, out: Out) -> None:
    doc = out.get("TransitGatewayAttachments", item.ref("transit_gateway_attachment_id"))
    if doc is not None:
        table = item.ref("transit_gateway_route_table_id")
        doc["Association"] = {"TransitGatewayRouteTableId": table, "State": "associated"}


def tgw_propagation(item: Item, out: Out) -> None:
    doc = out.get("TransitGatewayAttachments", item.ref("transit_gateway_attachment_id"))
    if doc is not None:
        _propagate(out, item.ref("transit_gateway_route_table_id"), doc)


def tgw_route(item: Item, out: Out) -> None:
    name = item.ref("transit_gateway_attachment_id")
    dead = item.flag("blackhole")
    made: Doc = {
        "DestinationCidrBlock": item.text("destination_cidr_block"),
        "State": "blackhole" if dead else "active",
        "Type": "static",
    }
    _static_route(item, out, made, "" if dead else name)


def tgw_prefix_list(item: Item, out: Out) -> None:
    dead = item.flag("blackhole")
    made: Doc = {
        "PrefixListId": item.ref("prefix_list_id"),
        "State": "blackhole" if dead else "active",
        "Type": "static",
    }
    listed = out.get("PrefixListEntries", made["PrefixListId"])
    if listed is None:
        _static_route(item, out, made, "" if dead else item.ref("transit_gateway_attachment_id"))
        return
    for entry in listed["Entries"]:
        one = {**made, "DestinationCidrBlock": entry["Cidr"]}
        _static_route(item, out, one, "" if dead else item.ref("transit_gateway_attachment_id"))


def _static_route(item: Item, out: Out, made: Doc, attachment: str) -> None:
    doc = out.get("TransitGatewayStaticRoutes", item.ref("transit_gateway_route_table_id"))
    if doc is None or isinstance(item.get("transit_gateway_route_table_id"), Open):
        what = f"transit_gateway_route_table_id of {item.address}"
        out.gap(what, item.address, "unknown until apply", "TransitGatewayStaticRoutes")
        return
    if attachment:
        target = out.get("TransitGatewayAttachments", attachment) or {}
        made["TransitGatewayAttachments"] = [
            {
                "TransitGatewayAttachmentId": attachment,
                "ResourceId": target.get("ResourceId", ""),
                "ResourceType": target.get("ResourceType", ""),
            }
        ]
    doc["Routes"].append(made)


def tgw_peering(item: Item, out: Out) -> None:
    gateway, peer = item.ref("transit_gateway_id"), item.ref("peer_transit_gateway_id")
    region = item.text("peer_region")
    out.put(
        "TransitGatewayPeeringAttachments",
        item.home,
        item.id,
        {
            "TransitGatewayAttachmentId": item.id,
            "RequesterTgwInfo": {
                "TransitGatewayId": gateway,
                "OwnerId": item.account,
                "Region": item.region,
            },
            "AccepterTgwInfo": {"TransitGatewayId": peer, "Region": region},
            "State": item.text("state", "pendingAcceptance"),
            "Tags": item.tags,
        },
    )
    put_attachment(item, out, gateway, "peering", peer)


def tgw_peering_accepter(item: Item, out: Out) -> None:
    name = item.ref("transit_gateway_attachment_id")
    doc = out.get("TransitGatewayPeeringAttachments", name)
    if doc is not None:
        doc["State"] = "available"
