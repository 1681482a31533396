"""Which route of a table a packet takes."""

from __future__ import annotations

from dataclasses import dataclass

from mute_audit.address import is_id
from mute_audit.inventory.network import Route, RouteTable
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.groups import Groups
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.nics import Net, on_internet, read_network
from mute_audit.verdict import Gap, Truth

__all__ = ["Choice", "choose", "route_name"]

# N24: on a tie in length a static route wins, then one by prefix list, then a propagated one.
_STATIC, _LISTED, _PROPAGATED = 2, 1, 0


@dataclass(frozen=True, slots=True)
class Choice:
    """The routes that may take the packet: one as a rule, none, or several that differ.

    `gaps` say why it cannot be told which; `reading` is a note on how AWS was read.
    """

    routes: tuple[Route, ...]
    gaps: tuple[Gap, ...] = ()


def route_name(table: RouteTable, route: Route) -> str:
    return f"{table.route_table_id}:{route.destination}"


def choose(atlas: Atlas, groups: Groups, table: RouteTable, address: IP) -> Choice:
    """N24–N28: longest prefix; static, then by list, then propagated; local over propagated.

    A blackhole is chosen like any other route and does not fall through (N28). Entries of prefix
    lists inside the VPC's own networks are ignored (RTP).
    """
    sure: list[tuple[int, int, Route]] = []
    maybe: list[Route] = []
    gaps: list[Gap] = []
    local = _local(atlas, table)
    for route in table.routes:
        if route.destination_prefix_list_id:
            length, gap = _listed(atlas, groups, table, route, address, local)
            if gap is not None:
                maybe.append(route)
                gaps.append(gap)
            elif length is not None:
                sure.append((length, _LISTED, route))
            continue
        net = read_network(route.destination)
        if net is None:
            gaps.append(
                Gap(
                    f"route {route_name(table, route)}",
                    table.vpc_id,
                    "its destination cannot be read",
                )
            )
            maybe.append(route)
        elif address in net:
            rank = _PROPAGATED if route.origin == "EnableVgwRoutePropagation" else _STATIC
            sure.append((net.prefixlen, rank, route))
    if any(route.target == "local" for _, _, route in sure):
        # N25: the local route beats even a more specific propagated one.
        sure = [item for item in sure if item[1] != _PROPAGATED or item[2].target == "local"]
    best = max((item[:2] for item in sure), default=None)
    chosen = [route for length, rank, route in sure if (length, rank) == best]
    if chosen and best is not None and best[1] == _LISTED:
        # N27: AWS picks one of several prefix lists that overlap, whatever their lengths.
        chosen = [route for _, rank, route in sure if rank == _LISTED]
    if len({_outcome(route) for route in chosen}) > 1:
        gaps.append(
            Gap(
                "routes " + ", ".join(sorted(route_name(table, route) for route in chosen)),
                table.vpc_id,
                "they overlap with different targets, and AWS picks one at random"
                if best is not None and best[1] == _LISTED
                else "two routes to one destination",
            )
        )
    else:
        chosen = chosen[:1]
    known = {_outcome(route) for route in chosen}
    doubtful = [route for route in maybe if _outcome(route) not in known]
    if not doubtful and len(chosen) <= 1:
        return Choice(tuple(chosen))
    return Choice((*chosen, *doubtful), tuple(dict.fromkeys(gaps)))


def _outcome(route: Route) -> tuple[str, str]:
    return (route.target, route.state)


def _local(atlas: Atlas, table: RouteTable) -> tuple[Net, ...]:
    """The VPC's own networks: as it is described, and as the table's local routes say."""
    texts = (route.destination for route in table.routes if route.target == "local")
    nets = map(read_network, texts)
    return (*atlas.vpc_networks(table.vpc_id), *(net for net in nets if net is not None))


def _inside(net: Net, local: tuple[Net, ...]) -> bool:
    return any(net.version == own.version and net.subnet_of(own) for own in local)  # type: ignore[arg-type]


def _listed(
    atlas: Atlas,
    groups: Groups,
    table: RouteTable,
    route: Route,
    address: IP,
    local: tuple[Net, ...],
) -> tuple[int | None, Gap | None]:
    """The longest entry of the route's prefix list that holds the address, or a gap."""
    name = route.destination_prefix_list_id
    cidrs = atlas.inventory.prefix_list_cidrs.get(name)
    if cidrs is None:
        if any(address in net for net in local):
            # What entries a list may have that count, the local route is more specific.
            return None, None
        if is_id(route.target, "vpce-") and not on_internet(address):
            # The list of a gateway endpoint holds the public addresses of an AWS service.
            return None, None
        doubt = groups.in_prefix_list(name, address, table.vpc_id)
        return None, (doubt.gaps[0] if doubt.truth is Truth.UNKNOWN else None)
    nets = [net for net in map(read_network, cidrs) if net is not None and address in net]
    lengths = (net.prefixlen for net in nets if not _inside(net, local))
    return max(lengths, default=None), None
