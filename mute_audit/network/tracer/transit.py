"""Steps at transit gateways: attachments, their route tables, and peered gateways."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mute_audit.address import is_id
from mute_audit.inventory.connect import (
    TransitGatewayAttachment,
    TransitGatewayVpcAttachment,
    VpnConnection,
)
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.journey import Journey, Way
from mute_audit.network.tracer.nics import on_internet, read_network
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
from mute_audit.network.tracer.walk import Walk
from mute_audit.verdict import Gap

__all__ = [
    "TransitTable",
    "check_family",
    "gateway_option",
    "in_service",
    "into_transit",
    "out_of_transit",
    "references_over",
    "static_routes",
    "supports",
    "transit_routes",
    "vpc_attachment",
]


# Of propagated routes to one network the first of these is taken (N41, route evaluation order).
_PROPAGATED = ("vpc", "direct-connect-gateway", "connect", "vpn", "peering")


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """A route of a transit gateway: where to, and by which attachment.

    derived  no listing shows it: it follows from the attachment being propagated
    """

    cidr: str
    static: bool
    attachment: str = ""
    resource: str = ""
    kind: str = ""
    blackhole: bool = False
    listed: bool = False
    derived: bool = False

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """On a tie in length: static, then by prefix list, then propagated by kind."""
        known = self.kind in _PROPAGATED
        order = -_PROPAGATED.index(self.kind) if known else -len(_PROPAGATED)
        return (self.static, not self.listed, 0 if self.static else order)


@dataclass(frozen=True, slots=True)
class TransitTable:
    """What is known of a route table; `gaps` say why it may have more.

    unread  of attachments that announce networks which nobody described: there may be routes
            to anywhere by them. All gaps are of these where `closed` is true.
    """

    id: str
    routes: tuple[TransitRoute, ...]
    gaps: tuple[Gap, ...] = ()
    unread: tuple[TransitRoute, ...] = ()
    closed: bool = True

    def doubtful(self, best: TransitRoute | None, address: IP) -> bool:
        """Whether a route that is not known may take the packet instead of the best known.

        A static route gives way to longer ones only; to a public address nobody is taken to
        announce one.
        """
        if best is None or not self.gaps:
            return bool(self.gaps)
        net = read_network(best.cidr)
        if net is not None and net.num_addresses == 1:
            return False
        return not best.static or (self.closed and not on_internet(address))


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


def into_transit(walk: Walk, spot: IntoTransit) -> Spot | Fork:
    """At a transit gateway: the table of the attachment that the packet came by (N41)."""
    walk.hop("transit-gateway-attachment", spot.attachment)
    walk.hop("transit-gateway", spot.gateway)
    table, gap, state = _association(walk.atlas, spot.gateway, spot.attachment)
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
    best = _longest(routes.routes, address)
    if routes.doubtful(best, address):
        return _perhaps(walk, spot, routes, best)
    twins = _twins(routes.routes, address, best)
    if best is not None and twins:
        names = ", ".join(sorted({best.attachment, *twins}))
        why = "their networks overlap, and only the VPC that was attached first is propagated"
        walk.unsure(Gap(f"routes of {names}", table, why, "TransitGatewayStaticRoutes"))
        return Dropped()
    way = _along(walk, spot, table, best)
    if best is not None and isinstance(way, OutOfTransit):
        walk.decided(f"{table}:{best.cidr}")
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


def _longest(routes: tuple[TransitRoute, ...], address: IP) -> TransitRoute | None:
    """Longest prefix; then by the rank of the route (N41)."""
    fitting = []
    for route in routes:
        net = read_network(route.cidr)
        if net is not None and address in net:
            fitting.append(((net.prefixlen, route.rank), route))
    return max(fitting, key=lambda item: item[0])[1] if fitting else None


def _twins(routes: tuple[TransitRoute, ...], address: IP, best: TransitRoute | None) -> set[str]:
    """Other attached VPCs with the address, if which of them is propagated cannot be told.

    AWS propagates no VPC that overlaps one which was attached before it; a listing shows which
    that is.
    """
    if best is None or not best.derived or best.kind != "vpc":
        return set()
    found = set()
    for route in routes:
        net = read_network(route.cidr)
        if route.derived and route.kind == "vpc" and net is not None and address in net:
            found.add(route.attachment)
    return found - {best.attachment}


def _association(atlas: Atlas, gateway: str, attachment: str) -> tuple[str, Gap | None, str]:
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


def transit_routes(atlas: Atlas, table: str) -> TransitTable:
    """The routes that are listed of a table, and what is propagated into it.

    A listing with propagated routes in it has all of them, those learned by BGP too.
    """
    routes: list[TransitRoute] = []
    gaps: list[Gap] = []
    derived: list[TransitRoute] = []
    unlisted: list[Gap] = []
    unread: list[TransitRoute] = []
    static = propagated = complete = False
    for region in atlas.inventory.regions:
        for listed in region.transit_gateway_static_routes:
            if listed.transit_gateway_route_table_id != table:
                continue
            static = True
            if listed.additional_routes_available:
                gaps.append(
                    Gap("ec2:SearchTransitGatewayRoutes", table, "more routes than one answer")
                )
            for route in listed.routes:
                cidrs: tuple[str, ...] = (route.destination_cidr_block,)
                if route.prefix_list_id and not route.destination_cidr_block:
                    known = atlas.inventory.prefix_list_cidrs.get(route.prefix_list_id)
                    if known is None:
                        gaps.append(
                            Gap(
                                "ec2:GetManagedPrefixListEntries",
                                route.prefix_list_id,
                                "not in the snapshot",
                            )
                        )
                    cidrs = known or ()
                by = route.transit_gateway_attachments[:1]
                # A listing of static routes only would not have it.
                complete = complete or route.type == "propagated"
                for cidr in cidrs:
                    routes.append(
                        TransitRoute(
                            cidr,
                            route.type != "propagated",
                            by[0].transit_gateway_attachment_id if by else "",
                            by[0].resource_id if by else "",
                            by[0].resource_type if by else "",
                            route.state == "blackhole" or not by,
                            listed=bool(route.prefix_list_id),
                        )
                    )
        for group in region.transit_gateway_propagations:
            if group.transit_gateway_route_table_id != table:
                continue
            propagated = True
            for item in group.transit_gateway_route_table_propagations:
                if item.state in ("enabled", ""):
                    known, gap = _propagated(atlas, item.resource_type, item.resource_id)
                    if gap is not None:
                        unlisted.append(gap)
                        unread.append(
                            TransitRoute(
                                "",
                                False,
                                item.transit_gateway_attachment_id,
                                item.resource_id,
                                item.resource_type,
                            )
                        )
                    derived += [
                        TransitRoute(
                            cidr,
                            False,
                            item.transit_gateway_attachment_id,
                            item.resource_id,
                            item.resource_type,
                            derived=True,
                        )
                        for cidr in known
                    ]
    if complete:
        derived, unlisted, unread = [], [], []
    if not static:
        gaps.append(_table_gap(atlas, "TransitGatewayStaticRoutes", table))
    if not propagated and not complete:
        failed = _failure(atlas, "TransitGatewayPropagations")
        gaps += [failed] if failed is not None else []
    every = tuple(dict.fromkeys([*gaps, *unlisted]))
    return TransitTable(table, (*routes, *derived), every, tuple(unread), not gaps)


def _failure(atlas: Atlas, key: str) -> Gap | None:
    gaps = (region.failure(key) for region in atlas.inventory.regions)
    return next((gap for gap in gaps if gap is not None), None)


def _table_gap(atlas: Atlas, key: str, table: str) -> Gap:
    return _failure(atlas, key) or Gap(
        "ec2:SearchTransitGatewayRoutes", table, "not in the snapshot", key
    )


def static_routes(connection: VpnConnection) -> tuple[str, ...]:
    """The networks that a VPN connection in service was told of."""
    if connection.state in ("deleted", "deleting"):
        return ()
    gone = ("deleted", "deleting")
    return tuple(r.destination_cidr_block for r in connection.routes if r.state not in gone)


def _propagated(atlas: Atlas, kind: str, resource: str) -> tuple[tuple[str, ...], Gap | None]:
    """The CIDRs that an attachment announces: those of the VPC, or a VPN's static routes."""
    if kind == "vpc":
        vpc = atlas.inventory.vpcs.get(resource)
        if vpc is None:
            return (), Gap(f"CIDRs of {resource}", resource, "the VPC is not in the snapshot")
        return (*vpc.ipv4_cidrs, *vpc.ipv6_cidrs), None
    for region in atlas.inventory.regions:
        for connection in region.vpn_connections:
            if connection.vpn_connection_id == resource:
                if connection.options.static_routes_only:
                    return static_routes(connection), None
                if connection.hears_nothing:
                    return (), None
                break
    return (), Gap(f"routes of {resource}", kind, "learned by BGP, and not in the snapshot")


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
        failed = _failure(walk.atlas, "TransitGatewayVpcAttachments")
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
            if item.transit_gateway_attachment_id != spot.attachment:
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
    return IntoTransit(other, spot.attachment, spot.zone)
