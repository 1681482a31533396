"""One way of one packet: its header now, what it passed, and what stops it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mute_audit.finding import Blocker, Hop
from mute_audit.inventory.base import name_of
from mute_audit.network.portspec import protocols_with_ports
from mute_audit.network.tracer.acls import decide as decide_acl
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.groups import Groups
from mute_audit.network.tracer.header import IP, Header
from mute_audit.network.tracer.journey import OUTSIDE, Decision, Journey
from mute_audit.network.tracer.nics import Nic
from mute_audit.verdict import Gap, Truth

__all__ = ["DEFAULT_PORT", "EPHEMERAL", "Session", "Step", "Visit", "Walk"]

# N18: what clients, NAT gateways and load balancers choose their source ports from, and the
# one that is taken as long as nothing speaks against it.
EPHEMERAL = (1024, 65535)
DEFAULT_PORT = 49152


@dataclass(frozen=True, slots=True)
class Session:
    """What a translator remembers: the header before it and the one after it.

    keeps  a network load balancer that kept the client's address: the answer comes back to
           it although it is addressed to the client
    """

    at: str
    inner: Header
    outer: Header
    keeps: bool = False
    nic: Nic | None = None


@dataclass(slots=True)
class Step:
    """A hop that is still being decided on."""

    kind: str
    id: str
    name: str = ""
    decided_by: list[str] = field(default_factory=list)

    def freeze(self) -> Hop:
        return Hop(self.kind, self.id, self.name, tuple(self.decided_by))


@dataclass(frozen=True, slots=True)
class Visit:
    """A filter or table that was asked: where samples of a range have to differ.

    what  `group`, `acl`, `subnet`, `table`, `transit-table` or `listeners`
    """

    what: str
    id: str
    egress: bool = False


@dataclass(slots=True)
class Walk:
    """The state of one packet on its way.

    answer      it is the answer, so that interfaces which tracked the connection let it pass
    tracked     interfaces whose groups let the connection's first packet through
    extra       interfaces that are only assumed, because AWS has not described them
    outside     the address on the internet that the connection belongs to
    free_port   the port that everything takes which may choose one: clients, translators
    client_port the client's source port where it was given
    picks       which target each load balancer takes: balancer → index
    choices     how many targets each load balancer on the way could take
    legs        how many translators an answer has passed back through
    stops       what filters did to an answer, by leg: it may be for its port alone
    doubts      the same for what a filter could not tell
    reached     the interfaces that it came to under their own address
    fork_gaps   why it cannot be told that the packet takes this way and no other
    """

    atlas: Atlas
    groups: Groups
    header: Header
    journey: Journey = OUTSIDE
    answer: bool = False
    tracked: set[str] = field(default_factory=set)
    extra: tuple[Nic, ...] = ()
    sessions: list[Session] = field(default_factory=list)
    outside: IP | None = None
    free_port: int = DEFAULT_PORT
    client_port: int | None = None
    picks: dict[str, int] = field(default_factory=dict)
    choices: dict[str, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    blockers: list[Blocker] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    visits: dict[Visit, None] = field(default_factory=dict)
    seen: set[object] = field(default_factory=set)
    legs: int = 0
    stops: list[tuple[int, Blocker]] = field(default_factory=list)
    doubts: list[tuple[int, Gap]] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    fork_gaps: list[Gap] = field(default_factory=list)

    def copy(self) -> Walk:
        """The same walk, to be gone on with in another way."""
        return Walk(
            self.atlas,
            self.groups,
            self.header,
            self.journey,
            self.answer,
            set(self.tracked),
            self.extra,
            list(self.sessions),
            self.outside,
            self.free_port,
            self.client_port,
            dict(self.picks),
            dict(self.choices),
            [Step(s.kind, s.id, s.name, list(s.decided_by)) for s in self.steps],
            list(self.blockers),
            list(self.gaps),
            list(self.notes),
            dict(self.visits),
            set(self.seen),
            self.legs,
            list(self.stops),
            list(self.doubts),
            set(self.reached),
            list(self.fork_gaps),
        )

    @property
    def truth(self) -> Truth:
        if self.blockers:
            return Truth.NO
        return Truth.UNKNOWN if self.gaps else Truth.YES

    @property
    def path(self) -> tuple[Hop, ...]:
        return tuple(step.freeze() for step in self.steps)

    # --- what happens on the way --------------------------------------------------------------

    def hop(self, kind: str, identifier: str, name: str = "") -> None:
        """The packet has come this far; nothing is recorded behind the first blocker."""
        if self.blockers:
            return
        if self.steps and (self.steps[-1].kind, self.steps[-1].id) == (kind, identifier):
            return
        self.steps.append(Step(kind, identifier, name))

    def decided(self, *ids: str) -> None:
        """What let the packet through at the last hop."""
        if self.steps and not self.blockers:
            known = self.steps[-1].decided_by
            known += [name for name in ids if name not in known]

    def block(self, component: Component, identifier: str, code: str, detail: str) -> Blocker:
        """Something stops the packet; `code` is one of `codes.CODES`."""
        text = f"{detail} (the answer)" if self.answer else detail
        blocker = Blocker(component.value, identifier, code, text)
        if blocker not in self.blockers:
            self.blockers.append(blocker)
        return blocker

    def unsure(self, *gaps: Gap) -> None:
        self.gaps += [gap for gap in gaps if gap not in self.gaps]

    def note(self, code: str, text: str) -> None:
        line = f"{code}: {text}"
        if line not in self.notes:
            self.notes.append(line)

    def assume(self, key: str, vpc: str) -> None:
        """Say that AWS's default stands in for a description that the snapshot lacks."""
        region = self.atlas.region_of(vpc)
        text = self.atlas.inventory.assumed(key, region) if region is not None else None
        if text is not None:
            self.note("assumed", f"{text} (`{key}` is not in the snapshot)")

    def visit(self, what: str, identifier: str, egress: bool = False) -> None:
        self.visits[Visit(what, identifier, egress)] = None

    def fresh_port(self) -> int | None:
        """The source port that a translator chooses."""
        return self.free_port if self.header.protocol in protocols_with_ports else None

    def answer_port(self, header: Header) -> Header:
        """An answer to the port that was chosen on the leg which it is on now."""
        if header.protocol not in protocols_with_ports:
            return header
        fixed = self.client_port if not self.sessions or self._kept() else None
        return replace(header, port=self.free_port if fixed is None else fixed)

    def _kept(self) -> bool:
        return all(session.keeps for session in self.sessions)

    # --- filters ------------------------------------------------------------------------------

    def find(self, vpc: str, address: IP) -> tuple[Nic, ...]:
        """The interfaces of a VPC with this address, the assumed ones first."""
        assumed = tuple(nic for nic in self.extra if nic.vpc == vpc and nic.has(address))
        return assumed + self.atlas.holders(vpc, address)

    def pass_group(self, nic: Nic, egress: bool, journey: Journey) -> None:
        """The security groups of an interface, unless they track the connection (N3)."""
        if self.answer and nic.label in self.tracked:
            return
        for group in nic.groups if nic.filtered else ():
            self.visit("group", group, egress)
        decision = self.groups.decide(nic, self.header, egress, journey, self.find)
        if decision.truth is Truth.NO:
            code = "no-egress-rule" if egress else "no-ingress-rule"
            way = "lets out" if egress else "lets in"
            names = ", ".join(nic.groups)
            blocker = self.block(
                Component.GROUP,
                nic.groups[0],
                code,
                f"no rule of {names} on {nic.label} {way} {self.header}",
            )
            if self.answer:
                self.stops.append((self.legs, blocker))
        self._take(decision)
        if not self.answer:
            self.tracked.add(nic.label)

    def pass_acl(self, subnet: str, egress: bool) -> None:
        """The network ACL at the border of a subnet (N16–N20)."""
        acl = self.atlas.acl_of(subnet)
        if acl is None:
            item = self.atlas.inventory.subnets.get(subnet)
            vpc = item.vpc_id if item is not None else ""
            gap = self.atlas.missing("NetworkAcls", vpc)
            self.unsure(gap or Gap(f"network-acl of {subnet}", vpc, "not in the snapshot"))
            return
        self.visit("acl", acl.network_acl_id, egress)
        decision = decide_acl(acl, self.header, egress)
        if decision.truth is Truth.NO:
            way = "out of" if egress else "into"
            blocker = self.block(
                Component.ACL,
                acl.network_acl_id,
                "acl-denied",
                f"entry {decision.by[0]} denies {self.header} {way} {subnet}",
            )
            if self.answer:
                self.stops.append((self.legs, blocker))
        self._take(decision)

    def _take(self, decision: Decision) -> None:
        if decision.truth is Truth.UNKNOWN:
            if self.answer:
                self.doubts += [(self.legs, gap) for gap in decision.gaps]
            else:
                self.unsure(*decision.gaps)
        elif decision.truth is Truth.YES:
            self.decided(*decision.by)

    def enter_subnet(self, subnet: str, *, filtered: bool = True) -> None:
        """Record the subnet, and pass its ACL inwards."""
        item = self.atlas.inventory.subnets.get(subnet)
        self.hop("subnet", subnet, name_of(item.tags) if item is not None else "")
        if filtered:
            self.pass_acl(subnet, egress=False)

    def leave_subnet(self, subnet: str, *, filtered: bool = True) -> None:
        """Record the subnet, and pass its ACL outwards."""
        item = self.atlas.inventory.subnets.get(subnet)
        self.hop("subnet", subnet, name_of(item.tags) if item is not None else "")
        if filtered:
            self.pass_acl(subnet, egress=True)
