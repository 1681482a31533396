"""Steps at transit gateways: attachments, their route tables, and peered gateways."""

from __future__ import annotations

from dataclasses import replace

from mute_audit.address import is_id
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.attachments import (
    association_of,
    check_family,
    in_service,
    supports,
    vpc_attachment,
)
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.spots import (
    Arrived,
    Dropped,
    Emerge,
    Fork,
    IntoTransit,
    OutOfTransit,
    Refused,
    Spot,
)
from mute_audit.network.tracer.transit_tables import (
    TransitRoute,
    TransitTable,
    failure,
    longest,
    transit_routes,
    twins_of,
)
from mute_audit.network.tracer.walk import Walk
from mute_audit.verdict import Gap

__all__ = ["into_transit", "out_of_transit"]


def into_transit(walk: Walk, spot: IntoTransit) -> Spot | Fork:
    """At a transit gateway: the table of the attachment that the packet came by (N41)."""
    walk.hop("transit-gateway-attachment", spot.attachment)
    walk.hop("transit-gateway", spot.gateway)
    table, gap, state = association_of(walk.atlas, spot.gateway, spot.attachment)
    if gap is not None:
        walk.unsure(gap)
        return Dropped()
    if not in_service(state):
        walk.block(
            Component.TRANSIT,
            spot.gateway,
            "not-available",
            f"attachment {spot.attachment} is {state}",
        )
    if not table:
        walk.block(
            Component.TRANSIT,
            spot.gateway,
            "no-association",
            f"{spot.attachment} is associated with no route table of {spot.gateway}",
        )
        return Dropped()
    walk.visit("transit-table", table)
    routes = transit_routes(walk.atlas, table)
    address = walk.header.destination
    best = longest(routes.routes, address)
    if routes.doubtful(best, address):
        return _perhaps(walk, spot, routes, best)
    twins = twins_of(routes.routes, address, best)
    if best is not None and twins:
        names = ", ".join(sorted({best.attachment, *twins}))
        why = "their networks overlap, and only the VPC that was attached first is propagated"
        walk.unsure(Gap(f"routes of {names}", table, why, "TransitGatewayStaticRoutes"))
        return Dropped()
    way = _along(walk, spot, table, best)
    if best is not None and isinstance(way, OutOfTransit):
        walk.decided(f"{table}:{best.cidr}")
        if best.equals:
            names = ", ".join((best.attachment, *best.equals))
            gap = Gap(f"route by {names}", spot.gateway, "AWS spreads the traffic over them")
            ends = (Arrived("on-premises", name, via=spot.gateway) for name in best.equals)
            return Fork((way, *ends), gap)
    return way


def _along(
    walk: Walk, spot: IntoTransit, table: str, best: TransitRoute | None
) -> OutOfTransit | Refused:
    """By the best route, or not at all."""
    address = walk.header.destination
    if best is None:
        text = f"route table {table} has no route to {address}"
        return Refused(Component.TRANSIT, spot.gateway, "no-route", text)
    if best.blackhole:
        text = f"route {table}:{best.cidr} is a blackhole"
        return Refused(Component.TRANSIT, spot.gateway, "blackhole", text)
    return OutOfTransit(spot.gateway, best.attachment, best.resource, best.kind, spot.zone)


def _perhaps(
    walk: Walk, spot: IntoTransit, table: TransitTable, best: TransitRoute | None
) -> Spot | Fork:
    """By the best route that is known, or by an attachment that announces what nobody saw."""
    if not table.closed:
        walk.unsure(*table.gaps)
        return Dropped()
    ways: list[Spot] = [_along(walk, spot, table.id, best)]
    ways += [Arrived("on-premises", way.attachment, via=spot.gateway) for way in table.unread]
    return Fork(tuple(ways), table.gaps[0])


def out_of_transit(walk: Walk, spot: OutOfTransit) -> Spot | Fork:
    """Out of a transit gateway, by the attachment that its route names."""
    walk.hop("transit-gateway-attachment", spot.attachment)
    if spot.kind == "vpc":
        return _into_vpc(walk, spot)
    if spot.kind == "peering":
        return _to_peer(walk, spot)
    if spot.kind in ("vpn", "direct-connect-gateway", "connect"):
        if not walk.answer:
            walk.note("outside", f"{spot.attachment} leads to a network not seen from AWS")
        return Arrived("on-premises", spot.attachment, via=spot.gateway)
    walk.unsure(Gap(f"attachment {spot.attachment}", spot.gateway, f"kind `{spot.kind}`"))
    return Dropped()


def _into_vpc(walk: Walk, spot: OutOfTransit) -> Spot | Fork:
    """N43a: the table and ACL of the attachment's subnet, in the sender's zone if it has one.

    Without one there, or in appliance mode, the gateway takes any of the attachment's zones.
    """
    attachment = vpc_attachment(walk, spot.gateway, spot.resource)
    if attachment is None:
        failed = failure(walk.atlas, "TransitGatewayVpcAttachments")
        walk.unsure(
            failed or Gap(f"attachment {spot.attachment}", spot.gateway, "not in the snapshot")
        )
        return Dropped()
    if not supports(attachment):
        walk.journey = replace(walk.journey, vpc="")
    if not in_service(attachment.state):
        walk.block(
            Component.TRANSIT,
            spot.gateway,
            "not-available",
            f"attachment {attachment.transit_gateway_attachment_id} is {attachment.state}",
        )
    check_family(walk, spot.gateway, attachment)
    subnets = [name for name in attachment.subnet_ids if walk.atlas.zone_id(name) == spot.zone]
    if attachment.options.appliance_mode_support == "enable":
        subnets = []  # the zone is chosen by the flow's addresses and ports
    ways: list[Spot] = [
        Emerge(attachment.vpc_id, name) for name in subnets or attachment.subnet_ids
    ]
    if not ways:
        walk.unsure(Gap(f"subnets of {spot.attachment}", spot.resource, "none is described"))
        return Dropped()
    if len(ways) == 1:
        return ways[0]
    gap = Gap(f"zone taken by {spot.gateway}", attachment.vpc_id, "AWS chooses the zone")
    return Fork(tuple(ways), gap)


def _to_peer(walk: Walk, spot: OutOfTransit) -> Spot:
    """N43: over to the gateway at the other end, by its table for the peering attachment."""
    for region in walk.atlas.inventory.regions:
        for item in region.transit_gateway_peering_attachments:
            accepter = item.accepter_transit_gateway_attachment_id
            if spot.attachment not in (item.transit_gateway_attachment_id, accepter):
                continue
            ends = (
                item.requester_tgw_info.transit_gateway_id,
                item.accepter_tgw_info.transit_gateway_id,
            )
            if spot.gateway in ends:
                return _cross(walk, spot, ends[1] if ends[0] == spot.gateway else ends[0])
    other = _other_end(walk.atlas, spot)
    if other:
        return _cross(walk, spot, other)
    if is_id(spot.resource, "tgw-") and spot.resource != spot.gateway:
        return _cross(walk, spot, spot.resource)
    walk.unsure(Gap(f"peering {spot.attachment}", spot.gateway, "its other end is not known"))
    return Dropped()


def _other_end(atlas: Atlas, spot: OutOfTransit) -> str:
    for region in atlas.inventory.regions:
        for item in region.transit_gateway_attachments:
            if item.transit_gateway_attachment_id == spot.attachment:
                for name in (item.transit_gateway_id, item.resource_id):
                    if is_id(name, "tgw-") and name != spot.gateway:
                        return name
    return ""


def _cross(walk: Walk, spot: OutOfTransit, other: str) -> Spot:
    walk.journey = replace(walk.journey, across=True)
    known = any(
        other in {item.transit_gateway_id for item in region.transit_gateways}
        or other in {item.transit_gateway_id for item in region.transit_gateway_attachments}
        for region in walk.atlas.inventory.regions
    )
    if not known:
        walk.hop("transit-gateway", other)
        walk.unsure(Gap(f"transit gateway {other}", spot.attachment, "not in the snapshot"))
        return Dropped()
    return IntoTransit(other, _facing(walk.atlas, spot, other), spot.zone)


def _facing(atlas: Atlas, spot: OutOfTransit, other: str) -> str:
    """The other gateway's attachment of a peering: the same between Regions, its own within one."""
    listed: dict[str, str] = {}
    pairs: list[tuple[str, str]] = []
    for region in atlas.inventory.regions:
        for item in region.transit_gateway_attachments:
            if item.transit_gateway_id == other and item.resource_type == "peering":
                listed[item.transit_gateway_attachment_id] = item.resource_id
        for peering in region.transit_gateway_peering_attachments:
            ends = (
                peering.transit_gateway_attachment_id,
                peering.accepter_transit_gateway_attachment_id,
            )
            pairs += [ends, ends[::-1]]
    for here, there in pairs:
        if here == spot.attachment and there in listed:
            return there
    towards = [name for name, resource in listed.items() if resource == spot.gateway]
    return towards[0] if spot.attachment not in listed and len(towards) == 1 else spot.attachment
