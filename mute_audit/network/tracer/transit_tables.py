"""Route tables of transit gateways, and which route a packet takes. Rules: N41."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mute_audit.inventory.connect import (
    VpnConnection,
)
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.nics import on_internet, read_network
from mute_audit.verdict import Gap

__all__ = [
    "TransitRoute",
    "TransitTable",
    "failure",
    "longest",
    "static_routes",
    "transit_routes",
    "twins_of",
]

# Of propagated routes to one network the first of these is taken (N41, route evaluation order).
_PROPAGATED = ("vpc", "direct-connect-gateway", "connect", "vpn", "peering")


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """A route of a transit gateway: where to, and by which attachment.

    derived  no listing shows it: it follows from the attachment being propagated
    equals   other attachments that share the traffic with the first (VPN ECMP)
    """

    cidr: str
    static: bool
    attachment: str = ""
    resource: str = ""
    kind: str = ""
    blackhole: bool = False
    listed: bool = False
    derived: bool = False
    equals: tuple[str, ...] = ()

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
        announce one. Of a listing that is cut short even a longer static one may be missing.
        """
        if best is None or not self.gaps:
            return bool(self.gaps)
        net = read_network(best.cidr)
        if net is not None and net.num_addresses == 1:
            return False
        return not best.static or not self.closed or not on_internet(address)


def longest(routes: tuple[TransitRoute, ...], address: IP) -> TransitRoute | None:
    """Longest prefix; then by the rank of the route (N41)."""
    fitting = []
    for route in routes:
        net = read_network(route.cidr)
        if net is not None and address in net:
            fitting.append(((net.prefixlen, route.rank), route))
    return max(fitting, key=lambda item: item[0])[1] if fitting else None


def twins_of(routes: tuple[TransitRoute, ...], address: IP, best: TransitRoute | None) -> set[str]:
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


@dataclass(slots=True)
class _Part:
    """What one kind of listing says of a table; `found` if there is one at all.

    complete  propagated routes are among them: a listing of static ones only has none
    """

    routes: list[TransitRoute] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    unread: list[TransitRoute] = field(default_factory=list)
    found: bool = False
    complete: bool = False


def transit_routes(atlas: Atlas, table: str) -> TransitTable:
    """The routes that are listed of a table, and what is propagated into it.

    A listing with propagated routes in it has all of them, those learned by BGP too.
    """
    listed, announced = _listed(atlas, table), _announced(atlas, table)
    gaps = listed.gaps
    if not listed.found:
        gaps.append(_table_gap(atlas, "TransitGatewayStaticRoutes", table))
    if listed.complete:
        announced = _Part(found=True)
    if not announced.found:
        failed = failure(atlas, "TransitGatewayPropagations")
        gaps += [failed] if failed is not None else []
    every = tuple(dict.fromkeys([*gaps, *announced.gaps]))
    routes = (*listed.routes, *announced.routes)
    return TransitTable(table, routes, every, tuple(announced.unread), not gaps)


def _listed(atlas: Atlas, table: str) -> _Part:
    part = _Part()
    for region in atlas.inventory.regions:
        for listed in region.transit_gateway_static_routes:
            if listed.transit_gateway_route_table_id != table:
                continue
            part.found = True
            if listed.additional_routes_available:
                part.gaps.append(
                    Gap("ec2:SearchTransitGatewayRoutes", table, "more routes than one answer")
                )
            for route in listed.routes:
                cidrs: tuple[str, ...] = (route.destination_cidr_block,)
                if route.prefix_list_id and not route.destination_cidr_block:
                    cidrs = _entries(atlas, route.prefix_list_id, part)
                part.complete = part.complete or route.type == "propagated"
                by = next(iter(route.transit_gateway_attachments), None)
                more = route.transit_gateway_attachments[1:]
                equals = tuple(item.transit_gateway_attachment_id for item in more)
                part.routes += [
                    TransitRoute(
                        cidr,
                        route.type != "propagated",
                        by.transit_gateway_attachment_id if by else "",
                        by.resource_id if by else "",
                        by.resource_type if by else "",
                        route.state == "blackhole" or by is None,
                        listed=bool(route.prefix_list_id),
                        equals=equals,
                    )
                    for cidr in cidrs
                ]
    return part


def _entries(atlas: Atlas, prefix_list: str, part: _Part) -> tuple[str, ...]:
    known = atlas.inventory.prefix_list_cidrs.get(prefix_list)
    if known is None:
        gap = Gap("ec2:GetManagedPrefixListEntries", prefix_list, "not in the snapshot")
        part.gaps.append(gap)
    return known or ()


def _announced(atlas: Atlas, table: str) -> _Part:
    """What attachments announce that are propagated into a table."""
    part = _Part()
    for region in atlas.inventory.regions:
        for group in region.transit_gateway_propagations:
            if group.transit_gateway_route_table_id != table:
                continue
            part.found = True
            for item in group.transit_gateway_route_table_propagations:
                if item.state not in ("enabled", ""):
                    continue
                known, gap = _propagated(atlas, item.resource_type, item.resource_id)
                route = TransitRoute(
                    "",
                    False,
                    item.transit_gateway_attachment_id,
                    item.resource_id,
                    item.resource_type,
                    derived=True,
                )
                part.routes += [replace(route, cidr=cidr) for cidr in known]
                if gap is not None:
                    part.gaps.append(gap)
                    part.unread.append(replace(route, derived=False))
    return part


def failure(atlas: Atlas, key: str) -> Gap | None:
    gaps = (region.failure(key) for region in atlas.inventory.regions)
    return next((gap for gap in gaps if gap is not None), None)


def _table_gap(atlas: Atlas, key: str, table: str) -> Gap:
    return failure(atlas, key) or Gap(
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
