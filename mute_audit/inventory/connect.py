"""What joins VPCs with each other, with AWS services and with other networks."""

from __future__ import annotations

from mute_audit.inventory.base import Aws, MaybeNet, MaybeNet4, Net4, Net6, Tag
from mute_audit.inventory.network import GatewayAttachment, GroupIdentifier

__all__ = [
    "BlockPublicAccessExclusion",
    "BlockPublicAccessOptions",
    "CustomerGateway",
    "PeeringStatus",
    "PeeringVpc",
    "TransitGateway",
    "TransitGatewayAssociation",
    "TransitGatewayAttachment",
    "TransitGatewayOptions",
    "TransitGatewayPeerInfo",
    "TransitGatewayPeeringAttachment",
    "TransitGatewayPropagation",
    "TransitGatewayPropagations",
    "TransitGatewayRoute",
    "TransitGatewayRouteAttachment",
    "TransitGatewayRouteTable",
    "TransitGatewayRoutes",
    "TransitGatewayVpcAttachment",
    "TransitGatewayVpcOptions",
    "VpcEndpoint",
    "VpcPeeringConnection",
    "VpnConnection",
    "VpnGateway",
    "VpnStaticRoute",
    "VpnTelemetry",
]


class PeeringStatus(Aws, frozen=True):
    code: str = ""
    message: str = ""


class _Ipv6Block(Aws, frozen=True):
    ipv6_cidr_block: Net6


class _Ipv4Block(Aws, frozen=True):
    cidr_block: Net4


class PeeringVpc(Aws, frozen=True):
    vpc_id: str = ""
    owner_id: str = ""
    region: str = ""
    cidr_block: MaybeNet4 = ""
    cidr_block_set: tuple[_Ipv4Block, ...] = ()
    ipv6_cidr_block_set: tuple[_Ipv6Block, ...] = ()


class VpcPeeringConnection(Aws, frozen=True):
    vpc_peering_connection_id: str
    status: PeeringStatus = PeeringStatus()
    accepter_vpc_info: PeeringVpc = PeeringVpc()
    requester_vpc_info: PeeringVpc = PeeringVpc()
    tags: tuple[Tag, ...] = ()


class VpcEndpoint(Aws, frozen=True):
    vpc_endpoint_id: str
    vpc_endpoint_type: str = "Gateway"
    vpc_id: str = ""
    service_name: str = ""
    state: str = "available"
    route_table_ids: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()
    groups: tuple[GroupIdentifier, ...] = ()
    network_interface_ids: tuple[str, ...] = ()
    policy_document: str = ""
    private_dns_enabled: bool = False
    owner_id: str = ""
    tags: tuple[Tag, ...] = ()


class TransitGatewayOptions(Aws, frozen=True):
    association_default_route_table_id: str = ""
    propagation_default_route_table_id: str = ""
    security_group_referencing_support: str = ""


class TransitGateway(Aws, frozen=True):
    transit_gateway_id: str
    transit_gateway_arn: str = ""
    state: str = ""
    owner_id: str = ""
    options: TransitGatewayOptions = TransitGatewayOptions()
    tags: tuple[Tag, ...] = ()


class TransitGatewayAssociation(Aws, frozen=True):
    transit_gateway_route_table_id: str = ""
    state: str = ""


class TransitGatewayAttachment(Aws, frozen=True):
    transit_gateway_attachment_id: str
    transit_gateway_id: str = ""
    transit_gateway_owner_id: str = ""
    resource_type: str = ""
    resource_id: str = ""
    resource_owner_id: str = ""
    state: str = ""
    association: TransitGatewayAssociation | None = None
    tags: tuple[Tag, ...] = ()


class TransitGatewayVpcOptions(Aws, frozen=True):
    appliance_mode_support: str = ""
    ipv6_support: str = ""
    security_group_referencing_support: str = ""


class TransitGatewayVpcAttachment(Aws, frozen=True):
    transit_gateway_attachment_id: str
    transit_gateway_id: str = ""
    vpc_id: str = ""
    vpc_owner_id: str = ""
    state: str = ""
    subnet_ids: tuple[str, ...] = ()
    options: TransitGatewayVpcOptions = TransitGatewayVpcOptions()
    tags: tuple[Tag, ...] = ()


class TransitGatewayPeerInfo(Aws, frozen=True):
    transit_gateway_id: str = ""
    owner_id: str = ""
    region: str = ""


class TransitGatewayPeeringAttachment(Aws, frozen=True):
    """Within a Region AWS gives each end an attachment of its own, between Regions one to both."""

    transit_gateway_attachment_id: str
    accepter_transit_gateway_attachment_id: str = ""
    requester_tgw_info: TransitGatewayPeerInfo = TransitGatewayPeerInfo()
    accepter_tgw_info: TransitGatewayPeerInfo = TransitGatewayPeerInfo()
    state: str = ""
    tags: tuple[Tag, ...] = ()


class TransitGatewayRouteTable(Aws, frozen=True):
    transit_gateway_route_table_id: str
    transit_gateway_id: str = ""
    state: str = ""
    default_association_route_table: bool = False
    default_propagation_route_table: bool = False
    tags: tuple[Tag, ...] = ()


class TransitGatewayPropagation(Aws, frozen=True):
    transit_gateway_attachment_id: str = ""
    resource_id: str = ""
    resource_type: str = ""
    state: str = ""


class TransitGatewayPropagations(Aws, frozen=True):
    """GetTransitGatewayRouteTablePropagations, with the id of the table beside the list."""

    transit_gateway_route_table_id: str
    transit_gateway_route_table_propagations: tuple[TransitGatewayPropagation, ...] = ()


class TransitGatewayRouteAttachment(Aws, frozen=True):
    resource_id: str = ""
    resource_type: str = ""
    transit_gateway_attachment_id: str = ""


class TransitGatewayRoute(Aws, frozen=True):
    destination_cidr_block: MaybeNet = ""
    prefix_list_id: str = ""
    state: str = "active"
    type: str = "static"
    transit_gateway_attachments: tuple[TransitGatewayRouteAttachment, ...] = ()


class TransitGatewayRoutes(Aws, frozen=True):
    """SearchTransitGatewayRoutes, with the id of the table beside the list."""

    transit_gateway_route_table_id: str
    routes: tuple[TransitGatewayRoute, ...] = ()
    additional_routes_available: bool = False


class VpnGateway(Aws, frozen=True):
    vpn_gateway_id: str
    state: str = ""
    vpc_attachments: tuple[GatewayAttachment, ...] = ()
    amazon_side_asn: int = 0
    tags: tuple[Tag, ...] = ()


class VpnStaticRoute(Aws, frozen=True):
    destination_cidr_block: MaybeNet = ""
    state: str = ""


class _VpnOptions(Aws, frozen=True):
    static_routes_only: bool = False


class VpnTelemetry(Aws, frozen=True):
    """One tunnel, and how many routes were taken over it."""

    accepted_route_count: int = 0
    status: str = ""


class VpnConnection(Aws, frozen=True):
    """The pre-shared keys in CustomerGatewayConfiguration are never read."""

    vpn_connection_id: str
    vpn_gateway_id: str = ""
    transit_gateway_id: str = ""
    customer_gateway_id: str = ""
    state: str = ""
    options: _VpnOptions = _VpnOptions()
    routes: tuple[VpnStaticRoute, ...] = ()
    vgw_telemetry: tuple[VpnTelemetry, ...] = ()
    tags: tuple[Tag, ...] = ()

    @property
    def hears_nothing(self) -> bool:
        """Whether every tunnel says that no route came over it."""
        return bool(self.vgw_telemetry) and all(
            item.status.upper() == "DOWN" or (item.status and not item.accepted_route_count)
            for item in self.vgw_telemetry
        )


class CustomerGateway(Aws, frozen=True):
    customer_gateway_id: str
    ip_address: str = ""
    bgp_asn: str = ""
    state: str = ""
    tags: tuple[Tag, ...] = ()


class BlockPublicAccessOptions(Aws, frozen=True):
    """Mode `off`, `block-bidirectional` or `block-ingress`, for one account and Region."""

    internet_gateway_block_mode: str = "off"
    state: str = "default-state"
    exclusions_allowed: str = ""
    managed_by: str = ""


class BlockPublicAccessExclusion(Aws, frozen=True):
    """Mode `allow-bidirectional` or `allow-egress`, for the VPC or subnet in the ARN."""

    exclusion_id: str = ""
    internet_gateway_exclusion_mode: str = ""
    resource_arn: str = ""
    state: str = ""
    tags: tuple[Tag, ...] = ()
