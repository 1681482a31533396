"""Transit gateways as `aws ec2` prints them; see `printed`.

What the wrapper keys hold is `search-transit-gateway-routes` and
`get-transit-gateway-route-table-propagations`, one entry a table with its id beside the list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from printed import Json, Region, Subnet, Thing, Vpc, hexed, tags

__all__ = ["Attachment", "Transit", "TransitTable", "peer", "vpn_on_vgw"]

_CREATED = "2023-03-01T09:00:00+00:00"


@dataclass(eq=False)
class Attachment:
    id: str
    kind: str
    resource: str
    json: Json

    def named(self) -> Json:
        return {
            "ResourceId": self.resource,
            "TransitGatewayAttachmentId": self.id,
            "ResourceType": self.kind,
        }


@dataclass(eq=False)
class TransitTable:
    id: str
    routes: Json
    propagations: Json

    def add(self, cidr: str, to: Attachment | None, *, kind: str = "static") -> TransitTable:
        """A route as search-transit-gateway-routes prints it; without `to` a blackhole."""
        found: Json = {"DestinationCidrBlock": cidr, "Type": kind, "State": "active"}
        if to is None:
            found["State"] = "blackhole"
        else:
            found["TransitGatewayAttachments"] = [to.named()]
        self.routes["Routes"].append(found)
        return self

    def propagate(self, *attached: Attachment) -> TransitTable:
        for item in attached:
            self.propagations["TransitGatewayRouteTablePropagations"].append(
                {
                    "TransitGatewayAttachmentId": item.id,
                    "ResourceId": item.resource,
                    "ResourceType": item.kind,
                    "State": "enabled",
                }
            )
        return self


@dataclass(eq=False)
class Transit:
    """A transit gateway in the account and Region that owns it."""

    name: str
    owner: Region
    references: bool = False
    id: str = ""
    tables: list[TransitTable] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.id = hexed("tgw", self.name)
        self.describe(self.owner)

    def describe(self, region: Region) -> None:
        """In the owner's output, or that of an account which it is shared with."""
        region.put(
            "TransitGateways",
            {
                "TransitGatewayId": self.id,
                "TransitGatewayArn": self.owner.arn("ec2", f"transit-gateway/{self.id}"),
                "State": "available",
                "OwnerId": self.owner.account,
                "Description": "",
                "CreationTime": _CREATED,
                "Options": {
                    "AmazonSideAsn": 64512,
                    "AutoAcceptSharedAttachments": "disable",
                    "DefaultRouteTableAssociation": "disable",
                    "DefaultRouteTablePropagation": "disable",
                    "VpnEcmpSupport": "enable",
                    "DnsSupport": "enable",
                    "SecurityGroupReferencingSupport": "enable" if self.references else "disable",
                    "MulticastSupport": "disable",
                },
                "Tags": tags(self.name),
            },
        )

    def table(self, name: str) -> TransitTable:
        key = hexed("tgw-rtb", f"{self.name} {name}")
        self.owner.put(
            "TransitGatewayRouteTables",
            {
                "TransitGatewayRouteTableId": key,
                "TransitGatewayId": self.id,
                "State": "available",
                "DefaultAssociationRouteTable": False,
                "DefaultPropagationRouteTable": False,
                "CreationTime": _CREATED,
                "Tags": tags(name),
            },
        )
        routes = {
            "TransitGatewayRouteTableId": key,
            "Routes": [],
            "AdditionalRoutesAvailable": False,
        }
        spread = {"TransitGatewayRouteTableId": key, "TransitGatewayRouteTablePropagations": []}
        self.owner.put("TransitGatewayStaticRoutes", routes)
        self.owner.put("TransitGatewayPropagations", spread)
        made = TransitTable(key, routes, spread)
        self.tables.append(made)
        return made

    def attach(
        self, vpc: Vpc, *subnets: Subnet, table: TransitTable | None = None, **options: str
    ) -> Attachment:
        """`describe-transit-gateway-vpc-attachments` of both accounts, and the general list."""
        key = hexed("tgw-attach", f"{self.name} {vpc.name}")
        found = {
            "TransitGatewayAttachmentId": key,
            "TransitGatewayId": self.id,
            "VpcId": vpc.id,
            "VpcOwnerId": vpc.region.account,
            "State": "available",
            "SubnetIds": [subnet.id for subnet in subnets],
            "CreationTime": _CREATED,
            "Options": {
                "DnsSupport": "enable",
                "SecurityGroupReferencingSupport": "enable",
                "Ipv6Support": "disable",
                "ApplianceModeSupport": "disable",
            }
            | options,
            "Tags": [],
        }
        for region in self._both(vpc.region):
            region.put("TransitGatewayVpcAttachments", found)
        return self._listed(key, "vpc", vpc.id, table, vpc.region)

    def attach_vpn(self, name: str, *static: str, table: TransitTable | None = None) -> Attachment:
        """A Site-to-Site VPN; with `static` networks, else by BGP."""
        key = hexed("vpn", name)
        self.owner.put("VpnConnections", _vpn(key, name, static, TransitGatewayId=self.id))
        attach = hexed("tgw-attach", name)
        return self._listed(attach, "vpn", key, table, self.owner)

    def attach_direct_connect(self, name: str, table: TransitTable | None = None) -> Attachment:
        resource = "5f294f92-bafb-4011-916d-9b0bd9d7a5c4"
        attach = hexed("tgw-attach", name)
        return self._listed(attach, "direct-connect-gateway", resource, table, self.owner)

    def _both(self, other: Region) -> list[Region]:
        return [self.owner] if other is self.owner else [self.owner, other]

    def _listed(
        self, key: str, kind: str, resource: str, table: TransitTable | None, holder: Region
    ) -> Attachment:
        found: Json = {
            "TransitGatewayAttachmentId": key,
            "TransitGatewayId": self.id,
            "TransitGatewayOwnerId": self.owner.account,
            "ResourceOwnerId": holder.account,
            "ResourceType": kind,
            "ResourceId": resource,
            "State": "available",
            "CreationTime": _CREATED,
            "Tags": [],
        }
        if table is not None:
            found["Association"] = {
                "TransitGatewayRouteTableId": table.id,
                "State": "associated",
            }
        for region in self._both(holder):
            region.put("TransitGatewayAttachments", found)
        return Attachment(key, kind, resource, found)


def peer(
    one: Transit,
    other: Transit,
    table: TransitTable | None = None,
    far_table: TransitTable | None = None,
) -> tuple[Attachment, Attachment]:
    """A peering, listed by each end with the other gateway as resource.

    Between Regions its attachment has one id, within a Region each end has its own.
    """
    key = far_key = hexed("tgw-attach", f"{one.name} {other.name}")
    found: Json = {
        "TransitGatewayAttachmentId": key,
        "RequesterTgwInfo": _end(one),
        "AccepterTgwInfo": _end(other),
        "Status": {"Code": "available", "Message": "Available"},
        "State": "available",
        "CreationTime": _CREATED,
        "Tags": [],
    }
    if one.owner.region == other.owner.region:
        far_key = hexed("tgw-attach", f"{other.name} {one.name}")
        found["AccepterTransitGatewayAttachmentId"] = far_key
    for region in {id(one.owner): one.owner, id(other.owner): other.owner}.values():
        region.put("TransitGatewayPeeringAttachments", found)
    return (
        one._listed(key, "peering", other.id, table, one.owner),
        other._listed(far_key, "peering", one.id, far_table, other.owner),
    )


def _end(gateway: Transit) -> Json:
    return {
        "TransitGatewayId": gateway.id,
        "OwnerId": gateway.owner.account,
        "Region": gateway.owner.region,
    }


def vpn_on_vgw(region: Region, name: str, gateway: Thing, *static: str) -> Thing:
    """A VPN connection of a virtual private gateway."""
    key = hexed("vpn", name)
    found = region.put("VpnConnections", _vpn(key, name, static, VpnGatewayId=gateway.id))
    return Thing(key, found)


def _vpn(key: str, name: str, static: tuple[str, ...], **gateway: str) -> dict[str, Any]:
    return {
        "CustomerGatewayId": hexed("cgw", name),
        "Category": "VPN",
        "State": "available",
        "VpnConnectionId": key,
        **gateway,
        "CustomerGatewayConfiguration": "<?xml version='1.0'?><vpn_connection/>",
        "Type": "ipsec.1",
        "Options": {
            "EnableAcceleration": False,
            "StaticRoutesOnly": bool(static),
            "LocalIpv4NetworkCidr": "0.0.0.0/0",
            "RemoteIpv4NetworkCidr": "0.0.0.0/0",
            "OutsideIpAddressType": "PublicIpv4",
            "TunnelInsideIpVersion": "ipv4",
        },
        "Routes": [
            {"DestinationCidrBlock": cidr, "Source": "Static", "State": "available"}
            for cidr in static
        ],
        "Tags": tags(name),
        "VgwTelemetry": [
            {
                "AcceptedRouteCount": 1,
                "LastStatusChange": "2024-02-01T00:00:00+00:00",
                "OutsideIpAddress": "203.0.113.17",
                "Status": "UP",
                "StatusMessage": "",
            }
        ],
    }
