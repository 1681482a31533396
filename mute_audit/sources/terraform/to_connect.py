"""What joins VPCs with each other, with services and with other networks."""

from __future__ import annotations

from typing import Any

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out, tags
from mute_audit.sources.terraform.to_routing import add_endpoint_route
from mute_audit.sources.terraform.values import Open, Ref

__all__ = [
    "bpa_exclusion",
    "bpa_options",
    "customer_gateway",
    "endpoint",
    "endpoint_group",
    "endpoint_policy",
    "endpoint_subnet",
    "peering",
    "peering_accepter",
    "tgw",
    "tgw_association",
    "tgw_attachment",
    "tgw_peering",
    "tgw_peering_accepter",
    "tgw_prefix_list",
    "tgw_propagation",
    "tgw_route",
    "tgw_table",
    "vpn_attachment",
    "vpn_connection",
    "vpn_gateway",
    "vpn_route",
]


def _own(item: Item, value: Any) -> bool:
    return isinstance(value, Ref) and value.address == item.address


def _named(item: Item) -> list[Doc]:
    return tags(item.get("tags_all") or item.get("tags"))


# --- peering ------------------------------------------------------------------------------------


def _end(out: Out, vpc_id: str, owner: str, region: str) -> Doc:
    doc = out.get("Vpcs", vpc_id) or {}
    blocks = [one["CidrBlock"] for one in doc.get("CidrBlockAssociationSet", ())]
    return {
        "VpcId": vpc_id,
        "OwnerId": owner,
        "Region": region,
        "CidrBlock": doc.get("CidrBlock", ""),
        "CidrBlockSet": [{"CidrBlock": block} for block in blocks],
    }


def peering(item: Item, out: Out) -> None:
    peer = item.ref("peer_vpc_id")
    other = out.region_of("Vpcs", peer)
    region = "" if _own(item, item.get("peer_region")) else item.text("peer_region")
    owner = "" if _own(item, item.get("peer_owner_id")) else item.text("peer_owner_id")
    # One in the same account and Region that accepts by itself is active at once.
    active = item.flag("auto_accept") or item.text("accept_status") == "active"
    out.put(
        "VpcPeeringConnections",
        item.region,
        item.id,
        {
            "VpcPeeringConnectionId": item.id,
            "Status": {"Code": "active" if active else "pending-acceptance"},
            "RequesterVpcInfo": _end(out, item.ref("vpc_id"), out.account, item.region),
            "AccepterVpcInfo": _end(
                out, peer, owner or out.account, region or other or item.region
            ),
            "Tags": _named(item),
        },
    )


def peering_accepter(item: Item, out: Out) -> None:
    name = item.ref("vpc_peering_connection_id")
    item.estate.aliases[item.id] = name
    doc = out.get("VpcPeeringConnections", name)
    if doc is not None and item.flag("auto_accept"):
        doc["Status"] = {"Code": "active"}


# --- endpoints ----------------------------------------------------------------------------------


def endpoint(item: Item, out: Out) -> None:
    kind = item.text("vpc_endpoint_type", "Gateway")
    doc: Doc = {
        "VpcEndpointId": item.id,
        "VpcEndpointType": kind,
        "VpcId": item.ref("vpc_id"),
        "ServiceName": item.text("service_name"),
        "State": "available",
        "RouteTableIds": _list(item, "route_table_ids"),
        "SubnetIds": _list(item, "subnet_ids"),
        "Groups": [{"GroupId": name} for name in _list(item, "security_group_ids")],
        "NetworkInterfaceIds": item.known("network_interface_ids", []) or [],
        "PolicyDocument": item.text("policy"),
        "PrivateDnsEnabled": item.flag("private_dns_enabled"),
        "Tags": _named(item),
    }
    if kind == "Interface" and not doc["Groups"] and _own(item, item.get("security_group_ids")):
        home = item.estate.by_id.get(doc["VpcId"])
        name = f"{home.address}.default_security_group_id" if home is not None else "default group"
        doc["Groups"] = [{"GroupId": item.estate.aliases.get(name, name)}]
    out.put("VpcEndpoints", item.region, item.id, doc)
    if kind == "Gateway":
        for table in doc["RouteTableIds"]:
            add_endpoint_route(out, item.id, table)


def _list(item: Item, name: str) -> list[str]:
    return [] if _own(item, item.get(name)) else item.refs(name)


def endpoint_policy(item: Item, out: Out) -> None:
    doc = out.get("VpcEndpoints", item.ref("vpc_endpoint_id"))
    if doc is not None:
        doc["PolicyDocument"] = item.text("policy")


def endpoint_subnet(item: Item, out: Out) -> None:
    doc = out.get("VpcEndpoints", item.ref("vpc_endpoint_id"))
    if doc is not None:
        doc["SubnetIds"] = list(dict.fromkeys([*doc["SubnetIds"], item.ref("subnet_id")]))


def endpoint_group(item: Item, out: Out) -> None:
    doc = out.get("VpcEndpoints", item.ref("vpc_endpoint_id"))
    group = {"GroupId": item.ref("security_group_id")}
    if doc is not None and group not in doc["Groups"]:
        if item.flag("replace_default_association"):
            doc["Groups"] = [g for g in doc["Groups"] if "default" not in g["GroupId"]]
        doc["Groups"].append(group)


# --- transit gateways ---------------------------------------------------------------------------


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
        item.region,
        item.id,
        {
            "TransitGatewayId": item.id,
            "TransitGatewayArn": item.text("arn"),
            "State": "available",
            "OwnerId": out.account,
            "Options": options,
            "Tags": _named(item),
        },
    )
    if associates or propagates:
        _put_table(item, out, table, item.id, default=(associates, propagates))


def _put_table(
    item: Item, out: Out, table: str, gateway: str, default: tuple[bool, bool] = (False, False)
) -> None:
    out.put(
        "TransitGatewayRouteTables",
        item.region,
        table,
        {
            "TransitGatewayRouteTableId": table,
            "TransitGatewayId": gateway,
            "State": "available",
            "DefaultAssociationRouteTable": default[0],
            "DefaultPropagationRouteTable": default[1],
            "Tags": [] if any(default) else _named(item),
        },
    )
    empty: Doc = {"TransitGatewayRouteTableId": table}
    out.put(
        "TransitGatewayPropagations",
        item.region,
        table,
        {**empty, "TransitGatewayRouteTablePropagations": []},
    )
    out.put("TransitGatewayStaticRoutes", item.region, table, {**empty, "Routes": []})


def tgw_table(item: Item, out: Out) -> None:
    _put_table(item, out, item.id, item.ref("transit_gateway_id"))


def tgw_attachment(item: Item, out: Out) -> None:
    gateway, vpc_id = item.ref("transit_gateway_id"), item.ref("vpc_id")
    support = item.text("security_group_referencing_support")
    out.put(
        "TransitGatewayVpcAttachments",
        item.region,
        item.id,
        {
            "TransitGatewayAttachmentId": item.id,
            "TransitGatewayId": gateway,
            "VpcId": vpc_id,
            "VpcOwnerId": out.account,
            "State": "available",
            "SubnetIds": item.refs("subnet_ids"),
            "Options": {
                "ApplianceModeSupport": item.text("appliance_mode_support", "disable"),
                "SecurityGroupReferencingSupport": support,
            },
            "Tags": _named(item),
        },
    )
    _put_attachment(item, out, gateway, "vpc", vpc_id)


def _put_attachment(item: Item, out: Out, gateway: str, kind: str, resource: str) -> None:
    doc: Doc = {
        "TransitGatewayAttachmentId": item.id,
        "TransitGatewayId": gateway,
        "ResourceType": kind,
        "ResourceId": resource,
        "State": "available",
        "Tags": _named(item),
    }
    options = (out.get("TransitGateways", gateway) or {}).get("Options", {})
    if kind == "vpc":
        table = options.get("AssociationDefaultRouteTableId")
        if table and item.flag("transit_gateway_default_route_table_association", True):
            doc["Association"] = {"TransitGatewayRouteTableId": table, "State": "associated"}
        table = options.get("PropagationDefaultRouteTableId")
        if table and item.flag("transit_gateway_default_route_table_propagation", True):
            _propagate(out, table, doc)
    out.put("TransitGatewayAttachments", item.region, item.id, doc)


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
        item.region,
        item.id,
        {
            "TransitGatewayAttachmentId": item.id,
            "RequesterTgwInfo": {
                "TransitGatewayId": gateway,
                "OwnerId": out.account,
                "Region": item.region,
            },
            "AccepterTgwInfo": {"TransitGatewayId": peer, "Region": region},
            "State": item.text("state", "pendingAcceptance"),
            "Tags": _named(item),
        },
    )
    _put_attachment(item, out, gateway, "peering", peer)


def tgw_peering_accepter(item: Item, out: Out) -> None:
    name = item.ref("transit_gateway_attachment_id")
    item.estate.aliases[item.id] = name
    doc = out.get("TransitGatewayPeeringAttachments", name)
    if doc is not None:
        doc["State"] = "available"


# --- VPN ----------------------------------------------------------------------------------------


def vpn_gateway(item: Item, out: Out) -> None:
    vpc_id = "" if _own(item, item.get("vpc_id")) else item.ref("vpc_id")
    out.put(
        "VpnGateways",
        item.region,
        item.id,
        {
            "VpnGatewayId": item.id,
            "State": "available",
            "VpcAttachments": [{"VpcId": vpc_id, "State": "attached"}] if vpc_id else [],
            "Tags": _named(item),
        },
    )


def vpn_attachment(item: Item, out: Out) -> None:
    doc = out.get("VpnGateways", item.ref("vpn_gateway_id"))
    if doc is not None:
        doc["VpcAttachments"] = [{"VpcId": item.ref("vpc_id"), "State": "attached"}]


def vpn_connection(item: Item, out: Out) -> None:
    gateway = item.ref("transit_gateway_id")
    out.put(
        "VpnConnections",
        item.region,
        item.id,
        {
            "VpnConnectionId": item.id,
            "VpnGatewayId": item.ref("vpn_gateway_id"),
            "TransitGatewayId": gateway,
            "CustomerGatewayId": item.ref("customer_gateway_id"),
            "State": "available",
            "Options": {"StaticRoutesOnly": item.flag("static_routes_only")},
            "Routes": [],
            "Tags": _named(item),
        },
    )
    if gateway:
        _put_attachment(item, out, gateway, "vpn", item.id)


def vpn_route(item: Item, out: Out) -> None:
    doc = out.get("VpnConnections", item.ref("vpn_connection_id"))
    if doc is not None:
        block = item.text("destination_cidr_block")
        doc["Routes"].append({"DestinationCidrBlock": block, "State": "available"})


def customer_gateway(item: Item, out: Out) -> None:
    out.put(
        "CustomerGateways",
        item.region,
        item.id,
        {
            "CustomerGatewayId": item.id,
            "IpAddress": item.text("ip_address"),
            "BgpAsn": item.text("bgp_asn"),
            "State": "available",
            "Tags": _named(item),
        },
    )


# --- VPC Block Public Access --------------------------------------------------------------------


def bpa_options(item: Item, out: Out) -> None:
    out.put(
        "VpcBlockPublicAccessOptions",
        item.region,
        "options",
        {
            "InternetGatewayBlockMode": item.text("internet_gateway_block_mode", "off"),
            "State": "update-complete",
            "ExclusionsAllowed": "allowed",
        },
    )


def bpa_exclusion(item: Item, out: Out) -> None:
    kind = "subnet" if item.get("subnet_id") and not _own(item, item.get("subnet_id")) else "vpc"
    target = item.ref(f"{kind}_id")
    arn = f"arn:aws:ec2:{item.region}:{out.account}:{kind}/{target}"
    out.put(
        "VpcBlockPublicAccessExclusions",
        item.region,
        item.id,
        {
            "ExclusionId": item.id,
            "InternetGatewayExclusionMode": item.text("internet_gateway_exclusion_mode"),
            "ResourceArn": arn,
            "State": "create-complete",
            "Tags": _named(item),
        },
    )
