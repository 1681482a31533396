"""Proof of a flow: one packet out of its set, replayed by the packet tracer.

The tracer is the second engine and shares no filter, route or address code with the first.
When it does not confirm what the set engine claims, there is no verdict but a
DisagreementError.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mute_audit.errors import DisagreementError
from mute_audit.finding import Evidence, Packet
from mute_audit.network import intervals
from mute_audit.network.addresses import AddressSet, address_text
from mute_audit.network.places import Place, PlaceKind, parse_internet
from mute_audit.network.portspec import PortSpec
from mute_audit.network.trace import Question, Reachability, Trace, Tracer
from mute_audit.network.traffic import ICMP, ICMPV6, TCP, UDP, Traffic

if TYPE_CHECKING:
    from mute_audit.network.reach import Flow, Way

__all__ = ["explain", "prove", "witness"]

# Ports that a reader knows, before any other that would prove as much.
_WELL_KNOWN = (443, 22, 80, 5432, 3306, 3389, 53)
# A public address that a reader knows; any other in the set would prove as much.
_FAMILIAR = {4: 0x08080808, 6: 0x20014860486000000000000000008888}
_NAMES = {TCP: "tcp", UDP: "udp", ICMP: "icmp", ICMPV6: "icmpv6"}


def prove(
    tracer: Tracer,
    flow: Flow,
    traffic: Traffic | None = None,
    sources: AddressSet | None = None,
    own: AddressSet | None = None,
) -> Evidence:
    """A witness of `flow` inside the given part of it, with its path and every rule.

    `own` are the estate's public addresses: nobody on the internet has them.

    Raises DisagreementError when the tracer stops the packet, ValueError when the part is
    empty.
    """
    for way in flow.ways:
        left = way.traffic if traffic is None else way.traffic & traffic
        origins = way.sources if sources is None else way.sources & sources
        if left and origins:
            return _replayed(tracer, flow, way, _written(flow, way, left, origins, own))
    raise ValueError("no packet of this flow lies in the given part")


def witness(flow: Flow, own: AddressSet) -> Packet | None:
    """The packet that `prove` would replay; None where no address can be written on it.

    Nothing is replayed here: it stands for the set engine's claim alone.
    """
    way = flow.ways[0]
    chosen = _written(flow, way, way.traffic, way.sources, own)
    return None if chosen.goal is None else chosen.packet(chosen.goal)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """One packet out of a set; without `goal` nobody knows the public address of the target."""

    protocol: int
    port: int
    source: str
    goal: str | None

    def packet(self, goal: str) -> Packet:
        return _packet(self.protocol, self.port, self.source, goal)


def _written(
    flow: Flow, way: Way, traffic: Traffic, origins: AddressSet, own: AddressSet | None
) -> _Chosen:
    # Behind a load balancer another port arrives than the one that was written.
    protocol, port = _choose_traffic(traffic if way.sent is None else way.sent)
    if own is not None and flow.source.kind is PlaceKind.INTERNET:
        origins = (origins - own) or origins
    source = _choose_address(origins, way.version)
    goals = way.destinations
    if own is not None and flow.target.kind is PlaceKind.INTERNET:
        goals = (goals - own) or goals
    goal = _choose_address(goals, way.version) if goals else None
    if goal == source:
        # Two interfaces that are only presumed, in one subnet, are not at the same address.
        others = goals - AddressSet.parse(source)
        goal = _choose_address(others, way.version) if others else goal
    return _Chosen(protocol, port, source, goal)


def _replayed(tracer: Tracer, flow: Flow, way: Way, chosen: _Chosen) -> Evidence:
    source, goal = chosen.source, chosen.goal
    if goal is not None:
        packet = chosen.packet(goal)
        found = tracer.follow(
            packet,
            way.interface or None,
            source=_at(flow.source, source),
            target=flow.target,
            balanced=way.sent is not None,
        )
        asked = f"{packet.protocol} {source} → {goal}"
    else:
        # A public address that nobody described: there is none to write on a packet.
        at = _at(flow.source, source)
        port = _spell(chosen.protocol, chosen.port)
        found = tracer.trace(Question(at, flow.target, PortSpec.parse(port)))
        asked = f"{port} {at.label} → {flow.target.label}"
    if found.verdict is not Reachability.REACHABLE:
        reasons = ", ".join(f"{b.component} {b.id}: {b.code}" for b in found.blocked_by)
        gaps = ", ".join(str(gap) for gap in found.gaps)
        raise DisagreementError(
            f"the set engine lets `{asked}` through from {flow.source} to {flow.target}; "
            f"the packet tracer says {found.verdict} ({reasons or gaps or 'no reason'})"
        )
    return _evidence(found)


def explain(tracer: Tracer, source: Place, target: Place, traffic: Traffic) -> Evidence:
    """Why `traffic` does not get through: the path as far as it gets, and all blockers.

    Raises DisagreementError when the tracer lets it through.
    """
    port = _spell(*_choose_traffic(traffic))
    found = tracer.trace(Question(source, target, PortSpec.parse(port)))
    if found.verdict is Reachability.REACHABLE:
        raise DisagreementError(
            f"the set engine stops `{port}` from {source} to {target}; the packet tracer lets "
            f"{found.witness} through"
        )
    return _evidence(found)


def _evidence(found: Trace) -> Evidence:
    return Evidence(
        path=found.path,
        return_path=found.return_path,
        witness=found.witness,
        blockers=found.blocked_by,
        rules=found.rules,
        gaps=found.gaps,
        notes=found.notes,
    )


def _at(place: Place, address: str) -> Place:
    """The internet as one address of it; a resource as it is."""
    if place.kind is PlaceKind.INTERNET:
        return parse_internet(f"internet:{address}") or place
    return place


def _choose_address(addresses: AddressSet, version: int) -> str:
    bits = addresses.axis(version)
    if intervals.contains(bits, _FAMILIAR[version]):
        return address_text(version, _FAMILIAR[version])
    low, high = next(iter(intervals.pairs(bits)))
    # The first address of a block is the network's own name, not a host.
    return address_text(version, low + 1 if high - low > 1 else low)


@lru_cache(maxsize=256)  # Thousands of flows share a few sets.
def _choose_traffic(traffic: Traffic) -> tuple[int, int]:
    for protocol in (TCP, UDP):
        mine = traffic & Traffic.protocol(protocol)
        for port in _WELL_KNOWN:
            if Traffic.ports(protocol, port, port) <= mine:
                return protocol, port
        if mine:
            return mine.first()
    return traffic.first()


def _spell(protocol: int, port: int) -> str:
    if protocol in (TCP, UDP):
        return f"{_NAMES[protocol]}/{port}"
    if protocol in (ICMP, ICMPV6):
        return f"{_NAMES[protocol]}/{port // 256}/{port % 256}"
    return str(protocol)


def _packet(protocol: int, port: int, source: str, destination: str) -> Packet:
    name = _NAMES.get(protocol, str(protocol))
    if protocol in (TCP, UDP):
        return Packet(name, source, destination, destination_port=port)
    if protocol in (ICMP, ICMPV6):
        return Packet(name, source, destination, icmp_type=port // 256, icmp_code=port % 256)
    return Packet(name, source, destination)
