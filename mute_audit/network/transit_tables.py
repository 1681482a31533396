"""Route tables of transit gateways, flattened: which attachment has an address. Rules: N41, N43.

Each is compiled once, when it is first asked about.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

from mute_audit.inventory import Inventory
from mute_audit.inventory.connect import (
    TransitGatewayPropagation,
    TransitGatewayRoute,
    TransitGatewayRoutes,
    VpnConnection,
)
from mute_audit.network import intervals
from mute_audit.network.addresses import NOT_ON_THE_INTERNET, parse_cidr
from mute_audit.network.intervals import Intervals
from mute_audit.network.prefix_lists import PrefixLists
from mute_audit.verdict import Gap

__all__ = ["Hop", "TransitTables", "static_routes"]

_GONE = frozenset({"deleted", "deleting"})


@dataclass(frozen=True, slots=True)
class Hop:
    """Where a route table of a transit gateway sends an address.

    attachment, resource, kind  as the route names them; empty where nothing is sent on
    gaps                        why it cannot be told; nothing is sent on then, unless there
                                are `others`
    others                      it may be sent by one of these attachments instead, of which
                                nobody said what they announce, or which share the traffic
    """

    attachment: str = ""
    resource: str = ""
    kind: str = ""
    gaps: frozenset[Gap] = frozenset()
    others: tuple[str, ...] = ()


_NOWHERE = Hop()


# N41, route evaluation order: what wins among routes to one network; static routes by prefix
# list come after the other static ones, and propagated ones by the kind of their attachment.
_STATIC, _BY_LIST = 10, 9
_BY_KIND = {"vpc": 5, "direct-connect-gateway": 4, "connect": 3, "vpn": 2, "peering": 1}


@dataclass(frozen=True, slots=True)
class _Row:
    """A route. Blackholes have a hop to nowhere.

    announced  the VPC's attachment, where no listing shows the route
    """

    version: int
    block: Intervals
    rank: int
    hop: Hop
    attachment: str = ""
    announced: str = ""

    @property
    def static(self) -> bool:
        return self.rank >= _BY_LIST


@dataclass(frozen=True, slots=True)
class _Flat:
    """One route table: the winning route of each stretch; `gaps` name what it may lack.

    unread  attachments that announce networks which nobody described
    closed  all gaps are of these
    """

    rows: tuple[_Row, ...]
    starts: dict[int, list[int]]
    winners: dict[int, list[_Row | None]]
    gaps: frozenset[Gap]
    unread: tuple[str, ...] = ()
    closed: bool = True


class TransitTables:
    """The route tables of all transit gateways of a snapshot."""

    def __init__(self, inventory: Inventory, lists: PrefixLists) -> None:
        self._inventory = inventory
        self._lists = lists
        self._flat: dict[str, _Flat] = {}

    def gaps(self, table: str) -> frozenset[Gap]:
        """Why a table may have more routes than the snapshot."""
        return self._table(table).gaps

    def look_up(self, table: str, version: int, address: int) -> Hop:
        """The winning route: longest prefix, static before propagated (N41)."""
        flat = self._table(table)
        row = flat.winners[version][bisect_right(flat.starts[version], address) - 1]
        hop = row.hop if row is not None else _NOWHERE
        if not flat.gaps or (row is not None and not _doubtful(flat, row, address)):
            return hop
        if not flat.closed or hop.gaps:
            return Hop(gaps=flat.gaps | hop.gaps)
        return replace(hop, gaps=flat.gaps, others=flat.unread)

    def cuts(self, version: int) -> set[int]:
        """Where any route table of the snapshot changes its answer."""
        found: set[int] = set()
        for region in self._inventory.regions:
            for table in region.transit_gateway_route_tables:
                found.update(self._table(table.transit_gateway_route_table_id).starts[version])
            for listed in region.transit_gateway_static_routes:
                found.update(self._table(listed.transit_gateway_route_table_id).starts[version])
        return found

    def blocks_of(self, attachment: str) -> tuple[tuple[int, Intervals], ...]:
        """What all route tables send to an attachment: its network, as far as AWS knows it."""
        found: dict[tuple[int, Intervals], None] = {}
        for region in self._inventory.regions:
            for table in region.transit_gateway_route_tables:
                for row in self._table(table.transit_gateway_route_table_id).rows:
                    if attachment in (row.attachment, *row.hop.others):
                        found[row.version, row.block] = None
        return tuple(found)

    def _table(self, name: str) -> _Flat:
        found = self._flat.get(name)
        if found is None:
            found = self._flat[name] = self._compile(name)
        return found

    def _compile(self, name: str) -> _Flat:
        rows: list[_Row] = []
        gaps: set[Gap] = set()
        unread: dict[str, Gap] = {}
        described = whole = False
        for region in self._inventory.regions:
            for listed in region.transit_gateway_static_routes:
                if listed.transit_gateway_route_table_id == name:
                    described = True
                    # With a propagated route in it, it is a listing of all routes.
                    whole = whole or any(route.type == "propagated" for route in listed.routes)
                    self._add_listed(listed, rows, gaps)
        for region in self._inventory.regions if not whole else ():
            for group in region.transit_gateway_propagations:
                if group.transit_gateway_route_table_id == name:
                    for item in group.transit_gateway_route_table_propagations:
                        self._add_propagated(item, rows, unread)
        if not described:
            failed = self._failure("TransitGatewayStaticRoutes")
            gaps.add(
                failed
                or Gap(
                    "ec2:SearchTransitGatewayRoutes",
                    name,
                    "not in the snapshot",
                    "TransitGatewayStaticRoutes",
                )
            )
        failed = self._failure("TransitGatewayPropagations")
        if failed is not None and not whole and not self._propagations_of(name):
            gaps.add(failed)
        flat = _flatten(name, rows, frozenset({*gaps, *unread.values()}))
        return replace(flat, unread=tuple(unread), closed=not gaps)

    def _propagations_of(self, name: str) -> bool:
        return any(
            group.transit_gateway_route_table_id == name
            for region in self._inventory.regions
            for group in region.transit_gateway_propagations
        )

    def _add_listed(self, listed: TransitGatewayRoutes, rows: list[_Row], gaps: set[Gap]) -> None:
        if listed.additional_routes_available:
            gaps.add(
                Gap(
                    "ec2:SearchTransitGatewayRoutes",
                    listed.transit_gateway_route_table_id,
                    "AWS has more routes than one answer holds",
                )
            )
        for route in listed.routes:
            cidrs: tuple[str, ...] = (route.destination_cidr_block,)
            if route.prefix_list_id and not route.destination_cidr_block:
                found = self._lists.cidrs(route.prefix_list_id)
                if isinstance(found, Gap):
                    gaps.add(found)
                    continue
                cidrs = found
            hop = _hop(route)
            static = _BY_LIST if route.prefix_list_id else _STATIC
            rank = _BY_KIND.get(hop.kind, 0) if route.type == "propagated" else static
            _add(rows, cidrs, rank, hop)

    def _add_propagated(
        self, item: TransitGatewayPropagation, rows: list[_Row], unread: dict[str, Gap]
    ) -> None:
        if item.state not in ("enabled", ""):
            return
        cidrs = self._announced(item)
        if isinstance(cidrs, Gap):
            unread[item.transit_gateway_attachment_id] = cidrs
            return
        hop = Hop(item.transit_gateway_attachment_id, item.resource_id, item.resource_type)
        announced = hop.attachment if hop.kind == "vpc" else ""
        _add(rows, cidrs, _BY_KIND.get(hop.kind, 0), hop, announced)

    def _announced(self, item: TransitGatewayPropagation) -> tuple[str, ...] | Gap:
        """What an attachment propagates: a VPC its CIDRs, a VPN its static routes."""
        if item.resource_type == "vpc":
            vpc = self._inventory.vpcs.get(item.resource_id)
            if vpc is None:
                return Gap(
                    f"CIDRs of {item.resource_id}",
                    item.resource_id,
                    "the VPC is not in the snapshot",
                )
            return (*vpc.ipv4_cidrs, *vpc.ipv6_cidrs)
        for region in self._inventory.regions:
            for connection in region.vpn_connections:
                if connection.vpn_connection_id != item.resource_id:
                    continue
                if connection.options.static_routes_only:
                    return static_routes(connection)
                if connection.hears_nothing:
                    return ()
        why = "learned by BGP, and not in the snapshot"
        return Gap(f"routes of {item.resource_id}", item.resource_type, why)

    def _failure(self, key: str) -> Gap | None:
        gaps = (region.failure(key) for region in self._inventory.regions)
        return next((gap for gap in gaps if gap is not None), None)


def static_routes(connection: VpnConnection) -> tuple[str, ...]:
    """The static routes of a VPN connection that is there."""
    if connection.state in _GONE:
        return ()
    routes = (route for route in connection.routes if route.state not in _GONE)
    return tuple(route.destination_cidr_block for route in routes)


def _doubtful(flat: _Flat, row: _Row, address: int) -> bool:
    """Whether a route that is not known may take what this one would.

    A static route gives way to longer ones only; to a public address nobody is taken to
    announce one. Where the listing itself is not whole, it may lack a longer static one.
    """
    if row.block[1] - row.block[0] == 1:
        return False
    private = intervals.contains(NOT_ON_THE_INTERNET.axis(row.version), address)
    return not row.static or not flat.closed or private


def _hop(route: TransitGatewayRoute) -> Hop:
    if route.state == "blackhole" or not route.transit_gateway_attachments:
        return _NOWHERE
    by, *rest = route.transit_gateway_attachments
    hop = Hop(by.transit_gateway_attachment_id, by.resource_id, by.resource_type)
    if not rest:
        return hop
    # Equal paths to one network outside: AWS spreads the flows over them (VPN ECMP).
    others = tuple(item.transit_gateway_attachment_id for item in rest)
    names = ", ".join((hop.attachment, *others))
    gap = Gap(f"route by {names}", "", "AWS spreads the traffic over them")
    return replace(hop, gaps=frozenset({gap}), others=others)


def _add(
    rows: list[_Row], cidrs: tuple[str, ...], rank: int, hop: Hop, announced: str = ""
) -> None:
    for cidr in cidrs:
        try:
            version, block = parse_cidr(cidr)
        except ValueError:
            continue  # a route without a destination matches nothing
        rows.append(_Row(version, block, rank, hop, hop.attachment, announced))


def _undecided(table: str, winner: _Row, one: _Row, other: _Row) -> _Row:
    names = ", ".join(sorted((one.attachment, other.attachment)))
    why = "their networks overlap, and only the VPC that was attached first is propagated"
    gap = Gap(f"routes of {names}", table, why, "TransitGatewayStaticRoutes")
    return replace(winner, hop=Hop(gaps=frozenset({gap})))


def _contested(rows: list[_Row]) -> list[tuple[_Row, _Row]]:
    """Pairs of attached VPCs that overlap: AWS propagates only the one attached first."""
    mine = sorted((row for row in rows if row.announced), key=lambda row: row.block)
    found = []
    for index, row in enumerate(mine):
        for other in mine[index + 1 :]:
            if other.block[0] >= row.block[1]:
                break
            if other.announced != row.announced:
                found.append((row, other))
    return found


def _flatten(table: str, rows: list[_Row], gaps: frozenset[Gap]) -> _Flat:
    """Paint short prefixes first, and of one length the route last that wins."""
    starts: dict[int, list[int]] = {}
    winners: dict[int, list[_Row | None]] = {}
    for version in (4, 6):
        mine = [row for row in rows if row.version == version]
        bounds = {0}
        for row in mine:
            bounds.update(row.block)
        cuts = sorted(bounds)
        position = {start: index for index, start in enumerate(cuts)}
        painted: list[_Row | None] = [None] * len(cuts)
        # A larger block is a shorter prefix. Of equals the first one given stays.
        mine.reverse()
        order = sorted(mine, key=lambda r: (r.block[0] - r.block[1], r.rank))
        for row in order:
            first, last = position[row.block[0]], position.get(row.block[1], len(cuts))
            painted[first:last] = [row] * (last - first)
        for one, other in _contested(mine):
            low, high = max(one.block[0], other.block[0]), min(one.block[1], other.block[1])
            for index in range(position[low], position.get(high, len(cuts))):
                winner = painted[index]
                if winner is not None and winner.announced:
                    painted[index] = _undecided(table, winner, one, other)
        starts[version], winners[version] = cuts, painted
    return _Flat(tuple(rows), starts, winners, gaps)
