"""Both engines, asked the same about one packet."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from mute_audit.finding import Packet
from mute_audit.inventory import Inventory
from mute_audit.network import intervals
from mute_audit.network.addresses import AddressSet, address_text, parse_address
from mute_audit.network.endpoint import Position, Role
from mute_audit.network.places import Place, PlaceKind
from mute_audit.network.portspec import PortSpec
from mute_audit.network.reach import Flow, Reach, Way
from mute_audit.network.trace import Question, Reachability, Trace
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth

__all__ = ["Asked", "Judge"]

HEADERS = ("tcp/22", "tcp/80", "tcp/443", "tcp/8050", "udp/53", "icmp/8/0", "47")
STRANGERS = ("8.8.8.8", "9.9.9.9", "172.20.0.5", "172.21.0.5", "52.95.110.7", "2600:9000::5")
# A packet of each kind is replayed.
PARTS = {
    4: [Traffic.parse(text) for text in ("tcp", "udp", "icmp", "47")],
    6: [Traffic.parse(text) for text in ("tcp", "udp", "icmpv6", "47")],
}
TRUTHS = {
    Reachability.REACHABLE: Truth.YES,
    Reachability.UNREACHABLE: Truth.NO,
    Reachability.UNKNOWN: Truth.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One packet, and what each engine says of it."""

    source: str
    interface: str
    header: str
    origin: str
    destination: str
    set_engine: Truth
    tracer: Truth
    trace: Trace

    def __str__(self) -> str:
        stops = [f"{b.component} {b.id} {b.code}" for b in self.trace.blocked_by]
        gaps = [str(gap) for gap in self.trace.gaps]
        return (
            f"{self.header} {self.origin} ({self.source}) → {self.destination}: "
            f"set engine {self.set_engine}, tracer {self.tracer} {stops} {gaps}"
        )


class Judge:
    """Asks both engines about an estate."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.reach = Reach(inventory)
        every = self.reach.everything()
        self.flows = self.reach.flows(every, every, Traffic.everything())
        self._from: dict[Place, list[Flow]] = {}
        for flow in self.flows:
            self._from.setdefault(flow.source, []).append(flow)
        self.places = every
        self.goals = self._all_goals()

    def _all_goals(self) -> list[tuple[str, Place | None]]:
        """Addresses to send to, with the place that has them; strangers are nobody's."""
        found: list[tuple[str, Place | None]] = [(text, None) for text in STRANGERS]
        for place in self.places:
            if place.kind is not PlaceKind.RESOURCE:
                continue
            for end in self.reach.model.stand(place).endpoints:
                for standing in end.standings:
                    if standing.position is Position.ONE:
                        continue
                    low = standing.addresses.axis(standing.version)[0]
                    found.append((address_text(standing.version, low), place))
                    if standing.version == 4 and standing.public is not None:
                        found.append((address_text(4, standing.public), place))
        return found

    def senders(self) -> list[tuple[Place, str, str]]:
        """(place, interface, address) of everything that can send."""
        found: list[tuple[Place, str, str]] = []
        for place in self.places:
            outside = self.reach.pairs.outsiders.of(place)
            if outside:
                for stranger in STRANGERS:
                    version, number = parse_address(stranger)
                    one = AddressSet.of(version, number)
                    if any(one <= way.addresses for way in outside):
                        found.append((place, "", stranger))
                continue
            for end in self.reach.model.stand(place).endpoints:
                if not end.interface or end.role is Role.BALANCER:
                    continue
                for standing in end.standings:
                    low = standing.addresses.axis(standing.version)[0]
                    found.append((place, end.interface, address_text(standing.version, low)))
        return found

    def ask(
        self,
        place: Place,
        interface: str,
        origin: str,
        goal: str,
        header: str,
        target: Place | None = None,
    ) -> Asked:
        """Does this packet get to `target`; without one, to anything outside the estate?"""
        traffic = Traffic.parse(header)
        found = {
            flow.truth
            for flow in self._from.get(place, ())
            if (flow.target == target if target is not None else self._outside(flow.target))
            for way in flow.ways
            if way.sent is None and holds(way, interface, origin, goal, traffic)
        }
        truth = Truth.YES if Truth.YES in found else Truth.UNKNOWN if found else Truth.NO
        source = place if not interface else None
        packet = packet_of(header, origin, goal)
        trace = self.reach.tracer.follow(packet, interface or None, source=source, target=target)
        verdict = TRUTHS[trace.verdict]
        return Asked(place.label, interface, header, origin, goal, truth, verdict, trace)

    def _outside(self, place: Place) -> bool:
        return bool(self.reach.pairs.outsiders.of(place))

    def sampled(self, rng: random.Random, count: int) -> list[Asked]:
        """So many packets, drawn by lot."""
        senders = self.senders()
        found: list[Asked] = []
        for _ in range(count):
            place, interface, origin = rng.choice(senders)
            version = parse_address(origin)[0]
            goals = [
                (text, target)
                for text, target in self.goals
                if parse_address(text)[0] == version
                and target != place
                # From outside to outside is not asked.
                and (interface or target is not None)
                and not self._own(interface, text)
            ]
            if goals:
                header = rng.choice(HEADERS)
                if version == 6 and header.startswith("icmp"):
                    header = "icmpv6/128/0"
                text, target = rng.choice(goals)
                found.append(self.ask(place, interface, origin, text, header, target))
        return found

    def proofs(self, most: int = 200) -> int:
        """Have the tracer replay a packet of every certain flow; gives how many there were.

        Raises DisagreementError where the tracer does not let it through.
        """
        certain = [flow for flow in self.flows if flow.truth is Truth.YES][:most]
        for flow in certain:
            for way in flow.ways:
                one = replace(flow, ways=(way,))
                for part in PARTS[way.version]:
                    if way.traffic & part:
                        self.reach.prove(one, part)
        return len(certain)

    def pairs(self, rng: random.Random, count: int) -> list[tuple[str, Truth, Truth]]:
        """(question, set engine, tracer) for pairs of places, whatever their addresses."""
        found = []
        for _ in range(count):
            source, target = rng.choice(self.places), rng.choice(self.places)
            header = rng.choice(HEADERS)
            if source == target or (self._outside(source) and self._outside(target)):
                continue
            # Two interfaces that are only presumed may be given one address by the tracer.
            if self._shared(source, target) or (self._presumed(source) and self._presumed(target)):
                continue
            asked = Question(source, target, PortSpec.parse(header))
            trace = self.reach.tracer.trace(asked)
            traffic = Traffic.parse(header)
            truths = {
                flow.truth
                for flow in self._from.get(source, ())
                if flow.target == target
                for way in flow.ways
                if way.sent is None
                and traffic <= way.traffic
                # ICMP goes over IPv4 only.
                and not (way.version == 6 and header.startswith("icmp"))
            }
            truth = Truth.YES if Truth.YES in truths else Truth.UNKNOWN if truths else Truth.NO
            text = f"{header} {source.label} → {target.label}"
            found.append((text, truth, TRUTHS[trace.verdict]))
        return found

    def _presumed(self, place: Place) -> bool:
        return any(not end.interface for end in self.reach.model.stand(place).endpoints)

    def _shared(self, one: Place, two: Place) -> bool:
        ends = [{e.interface for e in self.reach.model.stand(p).endpoints} for p in (one, two)]
        return bool((ends[0] & ends[1]) - {""})

    def _own(self, interface: str, address: str) -> bool:
        """Whether a host would send to itself."""
        if not interface:
            return False
        box = self.reach.model.box(interface)
        version, number = parse_address(address)
        return box is not None and (
            box.has(version, number)
            or any(s.version == version and s.public == number for s in box.standings)
        )


def holds(way: Way, interface: str, origin: str, goal: str, traffic: Traffic) -> bool:
    """Whether a way holds this packet."""
    if way.interface != interface:
        return False
    sent = way.traffic if way.sent is None else way.sent
    if not traffic <= sent:
        return False
    for text, addresses in ((origin, way.sources), (goal, way.destinations)):
        version, number = parse_address(text)
        if version != way.version or not intervals.contains(addresses.axis(version), number):
            return False
    return True


def packet_of(header: str, source: str, destination: str) -> Packet:
    """The packet that a header such as `tcp/22` or `icmp/8/0` means."""
    name, _, rest = header.partition("/")
    if name in ("tcp", "udp"):
        return Packet(name, source, destination, destination_port=int(rest))
    if name in ("icmp", "icmpv6"):
        kind, _, code = rest.partition("/")
        return Packet(name, source, destination, icmp_type=int(kind), icmp_code=int(code))
    return Packet(name, source, destination)
