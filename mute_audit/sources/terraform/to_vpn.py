"""VPN gateways and connections."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Out
from mute_audit.sources.terraform.to_transit import put_attachment

__all__ = ["customer_gateway", "vpn_attachment", "vpn_connection", "vpn_gateway", "vpn_route"]


def vpn_gateway(item: Item, out: Out) -> None:
    vpc_id = item.ref_given("vpc_id")
    out.put(
        "VpnGateways",
        item.home,
        item.id,
        {
            "VpnGatewayId": item.id,
            "State": "available",
            "VpcAttachments": [{"VpcId": vpc_id, "State": "attached"}] if vpc_id else [],
            "Tags": item.tags,
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
        item.home,
        item.id,
        {
            "VpnConnectionId": item.id,
            "VpnGatewayId": item.ref("vpn_gateway_id"),
            "TransitGatewayId": gateway,
            "CustomerGatewayId": item.ref("customer_gateway_id"),
            "State": "available",
            "Options": {"StaticRoutesOnly": item.flag("static_routes_only")},
            "Routes": [],
            "Tags": item.tags,
        },
    )
    if gateway:
        put_attachment(item, out, gateway, "vpn", item.id)


def vpn_route(item: Item, out: Out) -> None:
    doc = out.get("VpnConnections", item.ref("vpn_connection_id"))
    if doc is not None:
        block = item.text("destination_cidr_block")
        doc["Routes"].append({"DestinationCidrBlock": block, "State": "available"})


def customer_gateway(item: Item, out: Out) -> None:
    out.put(
        "CustomerGateways",
        item.home,
        item.id,
        {
            "CustomerGatewayId": item.id,
            "IpAddress": item.text("ip_address"),
            "BgpAsn": item.text("bgp_asn"),
            "State": "available",
            "Tags": item.tags,
        },
    )
