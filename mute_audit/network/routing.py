"""Route tables as one look-up per address.

A table is flattened once into address boundaries with the winning route of each stretch, so
that a look-up is a bisect. Rules: N22–N28.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum

from mute_audit.address import is_id
from mute_audit.inventory.network import Route, RouteTable, Vpc
from mute_audit.network import intervals
from mute_audit.network.addresses import NOT_ON_THE_INTERNET, AddressSet, parse_cidr
from mute_audit.network.intervals import Intervals
from mute_audit.network.prefix_lists import PrefixLists
from mute_audit.verdict import Gap

__all__ = ["Table", "Target", "TargetKind", "Winner"]


class TargetKind(StrEnum):
    LOCAL = "local"
    INTERNET_GATEWAY = "internet-gateway"
    EGRESS_ONLY = "egress-only-internet-gateway"
    NAT_GATEWAY = "nat-gateway"
    PEERING = "peering"
    TRANSIT_GATEWAY = "transit-gateway"
    VPN_GATEWAY = "vpn-gateway"
    VPC_ENDPOINT = "vpc-endpoint"
    INTERFACE = "network-interface"
    OTHER = "other"


_BY_PREFIX = (
    ("igw-", TargetKind.INTERNET_GATEWAY),
    ("eigw-", TargetKind.EGRESS_ONLY),
    ("nat-", TargetKind.NAT_GATEWAY),
    ("pcx-", TargetKind.PEERING),
    ("tgw-", TargetKind.TRANSIT_GATEWAY),
    ("vgw-", TargetKind.VPN_GATEWAY),
    ("vpce-", TargetKind.VPC_ENDPOINT),
)


@dataclass(frozen=True, slots=True)
class Target:
    kind: TargetKind
    id: str


@dataclass(frozen=True, slots=True)
class Winner:
    """The route that decides for an address.

    `target` is None where nothing matches or the route is a blackhole. Where `gap` says that
    the winner cannot be told, `others` are the routes that may win as well; one of them is
    NOTHING where it may be that none matches. `listed` marks a route by prefix list.
    """

    target: Target | None
    route: str = ""
    blackhole: bool = False
    gap: Gap | None = None
    others: tuple[Winner, ...] = ()
    listed: bool = False

    @property
    def choices(self) -> tuple[Winner, ...]:
        return (self, *self.others)


NOTHING = Winner(None)


def target_of(route: Route) -> Target:
    """The target with its kind, told by the field that names it (ids may be anything)."""
    if route.nat_gateway_id:
        return Target(TargetKind.NAT_GATEWAY, route.nat_gateway_id)
    if route.network_interface_id or route.instance_id:
        return Target(TargetKind.INTERFACE, route.network_interface_id or route.instance_id)
    if route.transit_gateway_id:
        return Target(TargetKind.TRANSIT_GATEWAY, route.transit_gateway_id)
    if route.vpc_peering_connection_id:
        return Target(TargetKind.PEERING, route.vpc_peering_connection_id)
    if route.egress_only_internet_gateway_id:
        return Target(TargetKind.EGRESS_ONLY, route.egress_only_internet_gateway_id)
    if route.gateway_id == "local":
        return Target(TargetKind.LOCAL, "local")
    for prefix, kind in _BY_PREFIX:
        if is_id(route.gateway_id, prefix):
            return Target(kind, route.gateway_id)
    return Target(TargetKind.OTHER, route.target)


def _length(version: int, block: Intervals) -> int:
    """Prefix length of a stretch that came from one CIDR."""
    return (32 if version == 4 else 128) - (block[1] - block[0]).bit_length() + 1


# On a tie of lengths: static before prefix list before propagated (N24).
_STATIC, _LIST, _PROPAGATED = 2, 1, 0


@dataclass(frozen=True, slots=True)
class _Row:
    """A route, or one entry of its prefix list."""

    length: int
    rank: int
    block: Intervals
    winner: Winner


class _Scope(StrEnum):
    """What a route may match of which that is not known: of a list no entry counts in the VPC."""

    ANY = "any"
    OUTSIDE = "outside"
    PUBLIC = "public"


class Table:
    """One route table, flattened."""

    def __init__(self, table: RouteTable | None, vpc: Vpc | None, lists: PrefixLists) -> None:
        self.id = table.route_table_id if table is not None else ""
        # Routes of which it is not known what they match, and which addresses they may.
        self._doubtful: list[tuple[Winner, _Scope]] = []
        rows: dict[int, list[_Row]] = {4: [], 6: []}
        routes = table.routes if table is not None else ()
        cidrs = vpc.ipv4_cidrs + vpc.ipv6_cidrs if vpc is not None else ()
        own = (route.destination for route in routes if route.target == "local")
        self._local = AddressSet.readable((*cidrs, *own))
        for route in routes:
            self._add(route, lists, rows)
        self.targets = frozenset(
            row.winner.target
            for found in rows.values()
            for row in found
            if row.winner.target is not None
        )
        self._flat = {version: _flatten(found) for version, found in rows.items()}

    def _add(self, route: Route, lists: PrefixLists, rows: dict[int, list[_Row]]) -> None:
        target = target_of(route)
        name = f"{self.id}:{route.destination}"
        dead = route.state == "blackhole"
        listed = bool(route.destination_prefix_list_id)
        winner = Winner(None if dead else target, name, dead, listed=listed)
        if listed:
            found = lists.cidrs(route.destination_prefix_list_id)
            blocks = [] if isinstance(found, Gap) else _blocks(found)
            if isinstance(found, Gap) or blocks is None:
                gap = found if isinstance(found, Gap) else _unreadable(name)
                # The list of a gateway endpoint holds public addresses of the service only.
                service = target.kind is TargetKind.VPC_ENDPOINT
                scope = _Scope.PUBLIC if service else _Scope.OUTSIDE
                self._doubtful.append((replace(winner, gap=gap), scope))
                return
            for version, block in blocks:
                # An entry inside the VPC's own networks is ignored (RTP).
                if not intervals.subset(block, self._local.axis(version)):
                    rows[version].append(_Row(_length(version, block), _LIST, block, winner))
            return
        try:
            version, block = parse_cidr(route.destination)
        except ValueError:
            self._doubtful.append((replace(winner, gap=_unreadable(name)), _Scope.ANY))
            return
        learned = route.origin == "EnableVgwRoutePropagation" and route.target != "local"
        rank = _PROPAGATED if learned else _STATIC
        rows[version].append(_Row(_length(version, block), rank, block, winner))

    def look_up(self, version: int, address: int) -> Winner:
        """The winning route for one address; NOTHING when none matches."""
        starts, winners = self._flat[version]
        winner = winners[bisect_right(starts, address) - 1]
        return self._doubted(winner, version, address) if self._doubtful else winner

    def _doubted(self, winner: Winner, version: int, address: int) -> Winner:
        known = {_outcome(item) for item in winner.choices}
        inside = intervals.contains(self._local.axis(version), address)
        shut = {_Scope.OUTSIDE, _Scope.PUBLIC} if inside else set[_Scope]()
        shut |= {_Scope.PUBLIC} if _private(version, address) else set[_Scope]()
        more = [
            item
            for item, scope in self._doubtful
            if scope not in shut and _outcome(item) not in known
        ]
        if not more:
            return winner
        gap = winner.gap or more[0].gap
        return replace(winner, gap=gap, others=(*winner.others, *more))

    def cuts(self, version: int) -> list[int]:
        """Where the answer may change along the address axis."""
        starts = self._flat[version][0]
        if not self._doubtful:
            return starts
        more = (*self._local.axis(version), *NOT_ON_THE_INTERNET.axis(version))
        return sorted({*starts, *more})


def _outcome(winner: Winner) -> tuple[str, bool]:
    return (winner.target.id if winner.target is not None else "", winner.blackhole)


def _unreadable(name: str) -> Gap:
    return Gap("route", name, "the destination is no CIDR")


def _blocks(cidrs: tuple[str, ...]) -> list[tuple[int, Intervals]] | None:
    try:
        return [parse_cidr(cidr) for cidr in cidrs]
    except ValueError:
        return None


def _private(version: int, address: int) -> bool:
    return intervals.contains(NOT_ON_THE_INTERNET.axis(version), address)


def _flatten(rows: list[_Row]) -> tuple[list[int], list[Winner]]:
    """The winner of each stretch between two ends of routes."""
    bounds = {0}
    for row in rows:
        bounds.update(row.block)
    starts = sorted(bounds)
    position = {start: index for index, start in enumerate(starts)}
    on: list[list[_Row]] = [[] for _ in starts]
    for row in rows:
        for index in range(position[row.block[0]], position.get(row.block[1], len(starts))):
            on[index].append(row)
    return starts, [_winner(found) for found in on]


def _winner(rows: list[_Row]) -> Winner:
    """N24–N28 among the routes that match one address."""
    if not rows:
        return NOTHING
    if any(_is_local(row) for row in rows):
        # N25: local beats a more specific propagated route.
        rows = [row for row in rows if row.rank != _PROPAGATED]
    best = max((row.length, row.rank) for row in rows)
    chosen = [row for row in rows if (row.length, row.rank) == best]
    if best[1] == _LIST:
        # N27: of overlapping prefix lists AWS takes any, whatever their lengths.
        chosen = [row for row in rows if row.rank == _LIST]
    first, *rest = {_outcome(row.winner): row.winner for row in chosen}.values()
    if not rest:
        return first
    names = ", ".join(sorted({row.winner.route for row in chosen}))
    gap = Gap(f"routes {names}", "", "they overlap with different targets, and AWS takes any")
    return replace(first, gap=gap, others=tuple(rest))


def _is_local(row: _Row) -> bool:
    return row.winner.target is not None and row.winner.target.kind is TargetKind.LOCAL
