"""From step to step, until the packet has arrived or goes no further."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mute_audit.network.tracer import gateways, hosts, internet, paths, spots, transit
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.spots import Arrived, Dropped, End, Fork, Refused, Spot
from mute_audit.network.tracer.walk import Walk
from mute_audit.verdict import Gap

__all__ = ["Leaf", "drive"]

_STEPS: dict[type, Callable[[Walk, Any], Spot | Fork]] = {
    spots.Leave: hosts.leave,
    spots.Local: hosts.local,
    spots.Enter: hosts.enter,
    spots.Reach: hosts.reach,
    spots.Pass: hosts.pass_on,
    spots.Masquerade: hosts.masquerade,
    spots.TranslateTo: gateways.translate_to,
    spots.Emerge: hosts.emerge,
    spots.Routed: paths.routed,
    spots.Toward: paths.toward,
    spots.ToInternet: internet.to_internet,
    spots.FromInternet: internet.from_internet,
    spots.EgressOnly: internet.egress_only,
    spots.IntoNat: gateways.into_nat,
    spots.IntoPeer: gateways.into_peer,
    spots.FromPeer: gateways.from_peer,
    spots.IntoVpn: gateways.into_vpn,
    spots.FromVpn: gateways.from_vpn,
    spots.FromService: gateways.from_service,
    spots.FromUnseen: gateways.from_unseen,
    spots.IntoTransit: transit.into_transit,
    spots.OutOfTransit: transit.out_of_transit,
}

# More ways than this are not told apart any more; each fork doubles or trebles them.
_MOST_WAYS = 64

Leaf = tuple[Walk, End]


def drive(walk: Walk, spot: Spot) -> list[Leaf]:
    """Every way that the packet may take: one, unless something on it cannot be seen into."""
    waiting: list[tuple[Walk, Spot]] = [(walk, spot)]
    done: list[Leaf] = []
    while waiting:
        here, at = waiting.pop()
        while not isinstance(at, (Arrived, Dropped)):
            if isinstance(at, Refused):
                here.block(at.component, at.id, at.code, at.detail)
                at = Dropped()
                continue
            if _circles(here, at):
                at = Dropped()
                continue
            then = _STEPS[type(at)](here, at)
            at = _branch(here, then, waiting) if isinstance(then, Fork) else then
        if isinstance(at, Dropped) and not here.blockers and not here.gaps:
            here.unsure(Gap("the packet's way", "", "it cannot be followed any further"))
        done.append((here, at))
    return done


def _branch(walk: Walk, fork: Fork, waiting: list[tuple[Walk, Spot]]) -> Spot:
    """Go on along the first way; keep a copy of the walk for each of the others."""
    code, _, text = fork.note.partition(": ")
    if text:
        walk.note(code, text)
    if fork.gap not in walk.fork_gaps:
        walk.fork_gaps.append(fork.gap)
    if len(waiting) >= _MOST_WAYS:
        walk.unsure(fork.gap)
        return Dropped()
    for way in reversed(fork.ways[1:]):
        waiting.append((walk.copy(), way))
    return fork.ways[0]


def _circles(walk: Walk, spot: Spot) -> bool:
    """Whether the packet was here before, unchanged: at a table, or at a transit gateway."""
    if isinstance(spot, spots.Routed):
        key: tuple[object, ...] = (spot.table.route_table_id, spot.subnet, walk.header)
        where = spot.table.route_table_id
        component = Component.TABLE
    elif isinstance(spot, spots.IntoTransit):
        key = (spot.gateway, spot.attachment, walk.header)
        where, component = spot.gateway, Component.TRANSIT
    else:
        return False
    if key not in walk.seen:
        walk.seen.add(key)
        return False
    walk.block(component, where, "routing-loop", f"the packet comes round to {where} again")
    return True
