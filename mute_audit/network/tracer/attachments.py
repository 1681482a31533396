"""What hangs on a transit gateway, and how. Rules: N8, N41, N43a."""

from __future__ import annotations

from mute_audit.inventory.connect import (
    TransitGatewayAttachment,
    TransitGatewayVpcAttachment,
)
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.journey import Journey, Way
from mute_audit.network.tracer.walk import Walk
from mute_audit.verdict import Gap

__all__ = [
    "association_of",
    "check_family",
    "gateway_option",
    "in_service",
    "references_over",
    "supports",
    "vpc_attachment",
]


def in_service(state: str) -> bool:
    """Whether an attachment carries traffic; one whose options are being changed does."""
    return state in ("available", "modifying", "")


def vpc_attachment(walk: Walk, gateway: str, vpc: str) -> TransitGatewayVpcAttachment | None:
    """How a VPC hangs on a transit gateway; one in service before one that is not."""
    found = [
        item
        for region in walk.atlas.inventory.regions
        for item in region.transit_gateway_vpc_attachments
        if item.transit_gateway_id == gateway and item.vpc_id == vpc
    ]
    found.sort(key=lambda item: not in_service(item.state))
    return found[0] if found else None


def references_over(walk: Walk, gateway: str, attachment: TransitGatewayVpcAttachment) -> Journey:
    """N8: group references need the option on the gateway and on both attachments."""
    on = bool(gateway_option(walk.atlas, gateway)) and supports(attachment)
    vpc = attachment.vpc_id if on else ""
    return Journey(Way.TRANSIT, vpc, gateway, middlebox=walk.journey.middlebox)


def check_family(walk: Walk, gateway: str, attachment: TransitGatewayVpcAttachment) -> None:
    """Without IPv6 support the attachment's interfaces have no IPv6 addresses (TGA)."""
    if walk.header.version == 6 and attachment.options.ipv6_support == "disable":
        walk.block(
            Component.TRANSIT,
            gateway,
            "wrong-family",
            f"attachment {attachment.transit_gateway_attachment_id} does not support IPv6",
        )


def gateway_option(atlas: Atlas, gateway: str) -> bool | None:
    """Whether a gateway carries references (N8); None where it is not described."""
    found = [
        item.options.security_group_referencing_support == "enable"
        for region in atlas.inventory.regions
        for item in region.transit_gateways
        if item.transit_gateway_id == gateway
    ]
    return any(found) if found else None


def supports(attachment: TransitGatewayVpcAttachment) -> bool:
    return attachment.options.security_group_referencing_support == "enable"


def association_of(atlas: Atlas, gateway: str, attachment: str) -> tuple[str, Gap | None, str]:
    """The route table that an attachment is associated with, and the attachment's state.

    Two accounts may list one attachment, and the one with the VPC leave the table out.
    """
    gap = Gap(f"association of {attachment}", gateway, "not in the snapshot")
    known: TransitGatewayAttachment | None = None
    for region in atlas.inventory.regions:
        for item in region.transit_gateway_attachments:
            if (item.transit_gateway_attachment_id, item.transit_gateway_id) != (
                attachment,
                gateway,
            ):
                continue
            found = item.association
            if found is not None and found.state in ("associated", ""):
                return found.transit_gateway_route_table_id, None, item.state
            known = known or item
        failed = region.failure("TransitGatewayAttachments")
        if failed is not None:
            gap = failed
    return ("", None, known.state) if known is not None else ("", gap, "")
