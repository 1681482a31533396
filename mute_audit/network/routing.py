"""Route tables as one look-up per address.

A table is flattened once into address boundaries with the winning route of each stretch, so
that a look-up is a bisect. Rules: N22–N28.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum

from mute_audit.address import is_id
from mute_audit.inventory.network import Route, RouteTable, Vpc
from mute_audit.network import intervals
from mute_audit.network.addresses import NOT_ON_THE_INTERNET, AddressSet, parse_cidr
from mute_audit.network.filters import PrefixLists
from mute_audit.network.intervals import Intervals
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

    `target` is None where nothing matches or the route is a blackhole; `gap` says that the
    winner cannot be told.
    """

    target: Target | None
    route: str = ""
    blackhole: bool = False
    gap: Gap | None = None


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


class Table:
    """One route table, flattened."""

    def __init__(self, table: RouteTable | None, vpc: Vpc | None, lists: PrefixLists) -> None:
        self.id = table.route_table_id if table is not None else ""
        self._unknown: list[tuple[Gap, bool]] = []
        painted: dict[int, list[tuple[int, int, Intervals, Winner]]] = {4: [], 6: []}
        routes = table.routes if table is not None else ()
        for route in routes:
            self._add(route, lists, painted)
        cidrs = vpc.ipv4_cidrs + vpc.ipv6_cidrs if vpc is not None else ()
        self._local = AddressSet.parse(*cidrs)
        self.targets = frozenset(
            winner.target
            for rows in painted.values()
            for *_, winner in rows
            if winner.target is not None
        )
        self._flat = {version: _flatten(rows) for version, rows in painted.items()}

    def _add(
        self,
        route: Route,
        lists: PrefixLists,
        painted: dict[int, list[tuple[int, int, Intervals, Winner]]],
    ) -> None:
        target = target_of(route)
        name = f"{self.id}:{route.destination}"
        dead = route.state == "blackhole"
        winner = Winner(None if dead else target, name, dead)
        propagated = route.origin == "EnableVgwRoutePropagation"
        if route.destination_prefix_list_id:
            found = lists.cidrs(route.destination_prefix_list_id)
            if isinstance(found, Gap):
                # The list of a gateway endpoint holds public addresses of the service only.
                self._unknown.append((found, target.kind is TargetKind.VPC_ENDPOINT))
                return
            for cidr in found:
                version, block = parse_cidr(cidr)
                painted[version].append((_length(version, block), _LIST, block, winner))
            return
        try:
            version, block = parse_cidr(route.destination)
        except ValueError:
            self._unknown.append((Gap("route", name, "the destination is no CIDR"), False))
            return
        rank = _PROPAGATED if propagated else _STATIC
        painted[version].append((_length(version, block), rank, block, winner))

    def look_up(self, version: int, address: int) -> Winner:
        """The winning route for one address; NOTHING when none matches."""
        starts, winners = self._flat[version]
        winner = winners[bisect_right(starts, address) - 1]
        if self._unknown and not intervals.contains(self._local.axis(version), address):
            for gap, public_only in self._unknown:
                if not public_only or not _private(version, address):
                    return Winner(winner.target, winner.route, winner.blackhole, gap)
        return winner

    def cuts(self, version: int) -> list[int]:
        return self._flat[version][0]


def _private(version: int, address: int) -> bool:
    return intervals.contains(NOT_ON_THE_INTERNET.axis(version), address)


def _flatten(rows: list[tuple[int, int, Intervals, Winner]]) -> tuple[list[int], list[Winner]]:
    """Paint short prefixes first, long ones over them; then propagated ones off local (N25)."""
    bounds = {0}
    for _, _, block, _ in rows:
        bounds.update(block)
    starts = sorted(bounds)
    winners = [NOTHING] * len(starts)
    position = {start: index for index, start in enumerate(starts)}
    for _, rank, block, winner in sorted(rows, key=lambda row: (row[0], row[1])):
        for index in range(position[block[0]], position.get(block[1], len(starts))):
            held = winners[index]
            if (
                rank == _PROPAGATED
                and held.target is not None
                and held.target.kind is TargetKind.LOCAL
            ):
                continue
            winners[index] = winner
    return starts, winners
