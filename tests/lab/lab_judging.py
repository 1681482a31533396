"""What the engines say about the packets that the kernel carried, and where they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lab_kernel import Arrival, Kernel, Sent
from lab_wiring import INTERNET, Plan, wire

from mute_audit.finding import Packet
from mute_audit.inventory import Inventory
from mute_audit.network.addresses import AddressSet
from mute_audit.network.places import INTERNET as THE_INTERNET
from mute_audit.network.places import Place
from mute_audit.network.portspec import PortSpec
from mute_audit.network.reach import Flow, Reach
from mute_audit.network.trace import Question, Reachability, Trace, Tracer
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth

__all__ = ["Disagreement", "Observed", "Probe", "observe", "set_engine", "tracer"]


@dataclass(frozen=True, slots=True)
class Probe:
    """Packets from one address to another that differ in the client's port alone.

    sender    the interface that sends, `internet` for a host outside
    receiver  the interface that has the destination, `internet` for a host outside
    public    whether the destination is a public address of the estate
    """

    sender: str
    receiver: str
    protocol: str
    source: str
    destination: str
    port: int
    public: bool = False

    @property
    def traffic(self) -> str:
        return f"{self.protocol}/{self.port}"

    def __str__(self) -> str:
        return (
            f"{self.traffic} {self.source} ({self.sender}) → {self.destination} ({self.receiver})"
        )


@dataclass
class Observed:
    """What arrived in one estate: for each probe, for each client port that was tried."""

    inventory: Inventory
    plan: Plan
    arrived: dict[Probe, dict[int, bool]]
    sent: dict[tuple[Probe, int], Sent] = field(default_factory=dict)

    def from_any_port(self, probe: Probe) -> bool:
        return any(self.arrived[probe].values())


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An engine and the kernel differ. `ports` are the client's ports that it is about."""

    engine: str
    probe: Probe
    ports: tuple[int, ...]
    verdict: str
    arrived: bool
    why: str = ""

    def __str__(self) -> str:
        fact = "arrived" if self.arrived else "did not arrive"
        why = f"\n    {self.why}" if self.why else ""
        ports = f"from {self.ports[0]}" if len(self.ports) == 1 else f"from any of {self.ports}"
        return f"{self.engine}: {self.verdict}, but {self.probe} {ports} {fact}{why}"


# -- sending ----------------------------------------------------------------------------------


def observe(
    kernel: Kernel,
    inventory: Inventory,
    outside: Iterable[str],
    tcp: Iterable[int],
    udp: Iterable[int],
) -> Observed:
    """Build an estate and send a packet from everybody to everybody.

    TCP is tried from one client port of each stretch that some ACL tells apart. Where a NAT
    gateway may be on the way, which chooses a port of its own, each of its choices is tried
    until one works: AWS may take any (N18).
    """
    plan = wire(inventory, tuple(outside))
    kernel.lay_out(plan, {"tcp": list(tcp), "udp": list(udp)})
    probes = list(_probes(inventory, plan, tuple(tcp), tuple(udp)))
    observed = Observed(inventory, plan, {probe: {} for probe in probes})
    count = len(plan.ports)
    open_: list[tuple[Probe, int]] = []
    for probe in probes:
        stretches = range(count) if probe.protocol == "tcp" else range(1)
        for stretch in stretches:
            observed.arrived[probe][_port(plan, stretch, 0)] = False
            # From a host that is switched off, or not there, nothing comes.
            if probe.sender in plan.spaces:
                open_.append((probe, stretch))
    for turn in range(count):
        packets = [_packet(plan, probe, stretch, turn) for probe, stretch in open_]
        left: list[tuple[Probe, int]] = []
        for (probe, stretch), packet, arrival in zip(
            open_, packets, kernel.send(packets), strict=True
        ):
            _check_home(plan, packet, arrival)
            port = _port(plan, stretch, 0)
            observed.sent[(probe, port)] = packet
            if arrival is not None:
                observed.arrived[probe][port] = True
            elif probe.protocol == "tcp" and probe.sender in plan.by_nat and _leaves(probe):
                left.append((probe, stretch))
        open_ = left
    return observed


def _port(plan: Plan, stretch: int, turn: int) -> int:
    """A client port in a stretch; another each turn, so that a NAT gateway chooses anew."""
    low, high = plan.ports[stretch]
    return min(low + 64 + turn, high - turn)


def _packet(plan: Plan, probe: Probe, stretch: int, turn: int) -> Sent:
    choice = (stretch + turn) % len(plan.ports) + 1
    port = _port(plan, stretch, turn)
    return Sent(
        probe.sender, probe.protocol, probe.source, port, probe.destination, probe.port, choice
    )


def _leaves(probe: Probe) -> bool:
    return probe.public or probe.receiver == INTERNET


def _check_home(plan: Plan, packet: Sent, arrival: Arrival | None) -> None:
    if arrival is not None and arrival.space:
        assert arrival.space == plan.homes[packet.destination], f"{packet} came to {arrival}"


def _probes(
    inventory: Inventory, plan: Plan, tcp: tuple[int, ...], udp: tuple[int, ...]
) -> Iterator[Probe]:
    ends: list[tuple[str, str, bool]] = [
        (INTERNET, address, False) for address, home in plan.homes.items() if home == INTERNET
    ]
    for eni in inventory.network_interfaces.values():
        if eni.interface_type != "interface":
            continue
        for item in eni.private_ip_addresses:
            ends.append((eni.network_interface_id, item.private_ip_address, False))
            if item.association is not None:
                ends.append((eni.network_interface_id, item.association.public_ip, True))
    for sender, source, is_public in ends:
        if is_public:
            continue
        for receiver, destination, public in ends:
            outside = sender == INTERNET and not public
            if sender == receiver or outside:
                continue
            for protocol, ports in (("tcp", tcp), ("udp", udp)):
                for port in ports:
                    yield Probe(sender, receiver, protocol, source, destination, port, public)


# -- the packet tracer ------------------------------------------------------------------------

_SAYS = {Reachability.REACHABLE: True, Reachability.UNREACHABLE: False}


def tracer(observed: Observed) -> tuple[list[Disagreement], int]:
    """The packet tracer on every packet, and on every pair; and how many it could not tell."""
    engine = Tracer(observed.inventory)
    found: list[Disagreement] = []
    unknown = 0
    for probe, arrived in observed.arrived.items():
        sender = None if probe.sender == INTERNET else probe.sender
        for port, fact in arrived.items():
            packet = Packet(probe.protocol, probe.source, probe.destination, port, probe.port)
            trace = engine.follow(packet, sender)
            unknown += trace.verdict is Reachability.UNKNOWN
            if _SAYS.get(trace.verdict, fact) is not fact:
                found.append(_traced("tracer", probe, (port,), trace, fact))
    for (source, target, traffic), (probe, fact) in _pairs(engine, observed).items():
        trace = engine.trace(Question(source, target, PortSpec.parse(traffic)))
        unknown += trace.verdict is Reachability.UNKNOWN
        if _SAYS.get(trace.verdict, fact) is not fact:
            found.append(_traced("tracer, as a question", probe, (), trace, fact))
    return found, unknown


def _pairs(
    engine: Tracer, observed: Observed
) -> dict[tuple[Place, Place, str], tuple[Probe, bool]]:
    """Whether anything gets from one place to another, at whichever address of it."""
    found: dict[tuple[Place, Place, str], tuple[Probe, bool]] = {}
    for probe in observed.arrived:
        key = (
            _place(engine, probe.sender, probe.source),
            _place(engine, probe.receiver, probe.destination),
            probe.traffic,
        )
        before = found.get(key, (probe, False))[1]
        found[key] = (probe, before or observed.from_any_port(probe))
    return found


def _place(engine: Tracer, end: str, address: str) -> Place:
    return engine.resolve(f"internet:{address}" if end == INTERNET else end)


def _traced(
    engine: str, probe: Probe, ports: tuple[int, ...], trace: Trace, arrived: bool
) -> Disagreement:
    why = ", ".join(f"{b.code} at {b.id} ({b.detail})" for b in trace.blocked_by)
    return Disagreement(engine, probe, ports, trace.verdict.value, arrived, why)


# -- the set engine ---------------------------------------------------------------------------


def set_engine(observed: Observed) -> tuple[list[Disagreement], int]:
    """The set engine on every pair of addresses, and how many it could not tell.

    Its answer for TCP is for a client that may take any ephemeral port.
    """
    engine = Reach(observed.inventory)
    by_pair: dict[tuple[Place, Place], list[Probe]] = defaultdict(list)
    for probe in observed.arrived:
        ends = [
            THE_INTERNET if end == INTERNET else engine.directory.resolve(end)
            for end in (probe.sender, probe.receiver)
        ]
        by_pair[(ends[0], ends[1])].append(probe)
    found: list[Disagreement] = []
    unknown = 0
    for (source, target), probes in by_pair.items():
        flows = engine.flows([source], [target], Traffic.everything())
        for probe in probes:
            fact = observed.from_any_port(probe)
            says = _says(flows, probe)
            unknown += says is Truth.UNKNOWN
            if says is not Truth.UNKNOWN and (says is Truth.YES) is not fact:
                ports = tuple(observed.arrived[probe])
                found.append(Disagreement("set engine", probe, ports, says.value, fact))
    return found, unknown


def _says(flows: Iterable[Flow], probe: Probe) -> Truth:
    wanted = Traffic.parse(probe.traffic)
    source, destination = AddressSet.parse(probe.source), AddressSet.parse(probe.destination)
    truths = {
        flow.truth
        for flow in flows
        for way in flow.ways
        if wanted <= way.traffic and source <= way.sources and destination <= way.destinations
    }
    return next((t for t in (Truth.YES, Truth.UNKNOWN) if t in truths), Truth.NO)
