"""The VPC of what hides it: AWS lets tables, subnets and gateways of one VPC be joined only.

A plan without its files hides a VPC that a local names. An associated table is of the subnet's
VPC, and an internet gateway that a table leads to is attached to the table's: AWS refuses to
make the association or the route otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

from mute_audit.sources.terraform.estate import Estate
from mute_audit.sources.terraform.out import Doc, Out

__all__ = ["find_vpcs"]

# Who says which VPC a gateway is attached to, the gateway's attribute there (empty: itself), …
_GATEWAYS = (
    ("aws_internet_gateway", "", "InternetGateways", "Attachments"),
    ("aws_internet_gateway_attachment", "internet_gateway_id", "InternetGateways", "Attachments"),
    ("aws_egress_only_internet_gateway", "", "EgressOnlyInternetGateways", "Attachments"),
    ("aws_vpn_gateway", "", "VpnGateways", "VpcAttachments"),
    ("aws_vpn_gateway_attachment", "vpn_gateway_id", "VpnGateways", "VpcAttachments"),
)
_TARGETS = ("GatewayId", "EgressOnlyInternetGatewayId")


def find_vpcs(estate: Estate, out: Out) -> None:
    """Put tables and gateways whose VPC is open into the one that they have to be in."""
    for item in estate.each("aws_route_table"):
        doc = out.get("RouteTables", item.id)
        if doc is not None and item.untold("vpc_id"):
            doc["VpcId"] = next(_of_subnets(doc, out), doc["VpcId"])
    for kind, attribute, key, field in _GATEWAYS:
        for item in estate.each(kind):
            if not item.untold("vpc_id"):
                continue
            name = item.ref(attribute) if attribute else item.id
            doc = out.get(key, name)
            vpc = next(_routed(name, out), "")
            if doc is not None and vpc:
                doc[field] = [{"VpcId": vpc, "State": "attached"}]


def _of_subnets(table: Doc, out: Out) -> Iterator[str]:
    for link in table.get("Associations", ()):
        doc = out.get("Subnets", str(link.get("SubnetId") or ""))
        if doc is not None:
            yield str(doc["VpcId"])


def _routed(gateway: str, out: Out) -> Iterator[str]:
    """The VPCs of the tables that lead to a gateway; one, if the plan can be applied."""
    for _, doc in out.each("RouteTables"):
        routes = doc.get("Routes", ())
        propagated = [one.get("GatewayId") for one in doc.get("PropagatingVgws", ())]
        if gateway in propagated or any(
            route.get(name) == gateway for route in routes for name in _TARGETS
        ):
            yield str(doc["VpcId"])
