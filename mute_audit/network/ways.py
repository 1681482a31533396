"""One way from one interface to another, or to and from the internet.

A way is computed for concrete addresses; `reach` cuts the address axes into pieces on which
no filter or route changes its answer and asks here once a piece. N60: TCP needs the answer
path too, other protocols the forward path alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from mute_audit.network import intervals
from mute_audit.network.addresses import NOT_ON_THE_INTERNET, parse_address
from mute_audit.network.filters import CLOSED, OPEN, Allowed
from mute_audit.network.gateways import Door, Gateways
from mute_audit.network.model import Endpoint, Model, Standing
from mute_audit.network.routing import Table, TargetKind
from mute_audit.network.traffic import EPHEMERAL, ICMP, TCP, UDP, Traffic
from mute_audit.verdict import Gap, Truth

__all__ = ["Exit", "Ways"]

NO_GROUPS: frozenset[str] = frozenset()
# What may lead from one VPC into another.
_BEYOND = frozenset(
    {
        TargetKind.PEERING,
        TargetKind.TRANSIT_GATEWAY,
        TargetKind.VPN_GATEWAY,
        TargetKind.INTERFACE,
        TargetKind.VPC_ENDPOINT,
        TargetKind.OTHER,
    }
)
_TCP = Traffic.protocol(TCP)
_CLIENT_PORTS = Traffic.ports(TCP, *EPHEMERAL)
_NAT_CARRIES = Traffic.protocol(TCP) | Traffic.protocol(UDP) | Traffic.protocol(ICMP)


def _with_answer(forward: Allowed, answer: Allowed) -> Allowed:
    """N60: what is left of a forward path when its answers have to come back."""
    back = answer.only(_CLIENT_PORTS)
    if back.yes or not forward.possible & _TCP:
        return forward
    if not back.maybe:
        return Allowed(forward.yes - _TCP, forward.maybe - _TCP, forward.gaps)
    maybe = forward.maybe | (forward.yes & _TCP)
    return Allowed(forward.yes - _TCP, maybe, forward.gaps | back.gaps)


def _unless(door: Door, allowed: Allowed) -> Allowed:
    """`allowed` behind a door that is open, shut, or not known to be either."""
    if door.open is Truth.YES:
        return allowed
    if door.open is Truth.NO:
        return CLOSED
    gaps = frozenset({door.gap}) if door.gap is not None else frozenset()
    return Allowed(Traffic(), allowed.possible, allowed.gaps | gaps)


def unknown(gap: Gap, allowed: Allowed = OPEN) -> Allowed:
    """`allowed`, but only as far as something undecided lets it."""
    return Allowed(Traffic(), allowed.possible, allowed.gaps | {gap})


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out to the internet: what is let through, under which source address."""

    allowed: Allowed
    via: tuple[str, ...]
    seen_as: int | None


_BLOCKED = Exit(CLOSED, (), None)


class Ways:
    """The rules of the road, over one compiled model."""

    def __init__(self, model: Model, gateways: Gateways) -> None:
        self.model = model
        self.gateways = gateways

    # -- the two ends ---------------------------------------------------------------------

    def _out_of(
        self, end: Endpoint, version: int, peer: int, groups: frozenset[str], *, crossing: bool
    ) -> Allowed:
        """Egress of an interface's groups, and of its subnet's ACL when it is left (N17)."""
        allowed = OPEN
        if end.filtered:
            allowed = self.model.groups(end.groups, egress=True).allows(version, peer, groups)
        if crossing:
            allowed = allowed & self.model.acl(end.subnet, egress=True).allows(version, peer)
        return allowed

    def _into(
        self, end: Endpoint, version: int, peer: int, groups: frozenset[str], *, crossing: bool
    ) -> Allowed:
        allowed = OPEN
        if crossing:
            allowed = self.model.acl(end.subnet, egress=False).allows(version, peer)
        if end.filtered:
            allowed = allowed & self.model.groups(end.groups, egress=False).allows(
                version, peer, groups
            )
        return allowed

    def _borders(self, out_of: str, dst: int, into: str, src: int, version: int) -> Allowed:
        """The ACLs that a packet passes between two subnets."""
        if out_of == into:
            return OPEN
        model = self.model
        return model.acl(out_of, egress=True).allows(version, dst) & model.acl(
            into, egress=False
        ).allows(version, src)

    def private(self, source: Endpoint, a: int, target: Endpoint, b: int, version: int) -> Allowed:
        """Private address to private address (or IPv6), in one VPC or between two."""
        if source.vpc == target.vpc:
            return self.within(source, a, target, b, version)
        table = self.model.table(source.subnet)
        if isinstance(table, Gap):
            return unknown(table)
        winner = table.look_up(version, b)
        if winner.gap is not None:
            return unknown(winner.gap)
        if winner.target is None or winner.target.kind not in _BEYOND:
            return CLOSED
        forward = self._out_of(source, version, b, target.groups, crossing=True)
        forward = forward & self._into(target, version, a, source.groups, crossing=True)
        gap = Gap(
            f"route to {winner.target.kind}",
            winner.route,
            f"the way through {winner.target.id} to another VPC is not decided",
        )
        return unknown(gap, forward) if forward else CLOSED

    # -- inside a VPC ---------------------------------------------------------------------

    def within(self, source: Endpoint, a: int, target: Endpoint, b: int, version: int) -> Allowed:
        """Private address to private address (or IPv6) in one VPC."""
        crossing = source.subnet != target.subnet
        forward = self._out_of(source, version, b, target.groups, crossing=crossing) & self._into(
            target, version, a, source.groups, crossing=crossing
        )
        if not forward or not crossing:
            return forward
        there = self._local(source.subnet, version, b)
        back = self._local(target.subnet, version, a)
        answer = back & self._borders(target.subnet, a, source.subnet, b, version)
        return _with_answer(forward & there, answer)

    def _local(self, subnet: str, version: int, address: int) -> Allowed:
        table = self.model.table(subnet)
        if isinstance(table, Gap):
            return unknown(table)
        winner = table.look_up(version, address)
        if winner.gap is not None:
            return unknown(winner.gap)
        if winner.target is None:
            return CLOSED
        if winner.target.kind is TargetKind.LOCAL:
            return OPEN
        return unknown(
            Gap(
                f"route to {winner.target.kind}",
                winner.route,
                f"traffic inside the VPC is led through {winner.target.id}",
            )
        )

    # -- in from the internet -------------------------------------------------------------

    def from_internet(self, address: int, target: Endpoint, own: Standing, b: int) -> Allowed:
        """From a public address through the internet gateway's 1:1 translation (N31)."""
        version = own.version
        if not own.published or intervals.contains(NOT_ON_THE_INTERNET.axis(version), address):
            return CLOSED
        forward = self._into(target, version, address, NO_GROUPS, crossing=True)
        if not forward:
            return CLOSED
        table = self.model.table(target.subnet)
        if isinstance(table, Gap):
            return unknown(table, forward)
        forward = _unless(self._has_way_out(table, target.vpc), forward)
        forward = _unless(
            self.gateways.public_access(target.subnet, inwards=True, direct=True), forward
        )
        answer = self._leads_out(table, target.vpc, version, address)
        answer = answer & self.model.acl(target.subnet, egress=True).allows(version, address)
        return _with_answer(forward, answer)

    def _has_way_out(self, table: Table, vpc: str) -> Door:
        """N32: whether any route of the subnet leads to an attached internet gateway."""
        doors = [self.gateways.leads_out(target, vpc) for target in table.targets]
        for door in doors:
            if door.open is Truth.YES:
                return door
        return next((d for d in doors if d.open is Truth.UNKNOWN), Door(Truth.NO))

    def _leads_out(self, table: Table, vpc: str, version: int, address: int) -> Allowed:
        winner = table.look_up(version, address)
        if winner.gap is not None:
            return unknown(winner.gap)
        return _unless(self.gateways.leads_out(winner.target, vpc), OPEN)

    # -- out to the internet --------------------------------------------------------------

    def to_internet(self, source: Endpoint, own: Standing, a: int, address: int) -> Exit:
        """From an interface to a public address, by its own way or through a NAT gateway."""
        version = own.version
        if intervals.contains(NOT_ON_THE_INTERNET.axis(version), address):
            return _BLOCKED
        out = self._out_of(source, version, address, NO_GROUPS, crossing=True)
        if not out:
            return _BLOCKED
        table = self.model.table(source.subnet)
        if isinstance(table, Gap):
            return Exit(unknown(table, out), (), None)
        winner = table.look_up(version, address)
        if winner.gap is not None:
            return Exit(unknown(winner.gap, out), (), None)
        target = winner.target
        if target is None or target.kind is TargetKind.LOCAL:
            return _BLOCKED
        if target.kind is TargetKind.INTERNET_GATEWAY:
            return self._by_gateway(
                source, own, address, out & self._leads_out(table, source.vpc, version, address)
            )
        if target.kind is TargetKind.NAT_GATEWAY:
            return self._by_nat(source, target.id, version, a, address, out)
        gap = Gap(
            f"route to {target.kind}", winner.route, f"the way through {target.id} is not decided"
        )
        return Exit(unknown(gap, out), (str(target.kind),), None)

    def _by_gateway(self, source: Endpoint, own: Standing, address: int, out: Allowed) -> Exit:
        if not own.published:
            return _BLOCKED
        door = self.gateways.public_access(source.subnet, inwards=False, direct=True)
        answer = self.model.acl(source.subnet, egress=False).allows(own.version, address)
        allowed = _with_answer(_unless(door, out), answer)
        return Exit(allowed, (str(TargetKind.INTERNET_GATEWAY),), own.public)

    def _by_nat(
        self, source: Endpoint, gateway: str, version: int, a: int, address: int, out: Allowed
    ) -> Exit:
        """N35, N43a: the gateway stands in a subnet whose ACL and table count as well."""
        nat = self.gateways.nat(gateway)
        via = (str(TargetKind.NAT_GATEWAY),)
        if isinstance(nat, Gap):
            return Exit(unknown(nat, out), via, None)
        if nat is None or version != 4:
            return _BLOCKED
        carried = out.only(_NAT_CARRIES)
        table = self.model.table(nat.subnet_id)
        if isinstance(table, Gap):
            return Exit(unknown(table, carried), via, None)
        if nat.connectivity_type == "private":
            gap = Gap("private NAT gateway", gateway, "the way beyond it is not decided")
            return Exit(unknown(gap, carried), via, None)
        acl_out = self.model.acl(nat.subnet_id, egress=True).allows(version, address)
        forward = carried & acl_out & self._leads_out(table, nat.vpc_id, version, address)
        door = self.gateways.public_access(nat.subnet_id, inwards=False, direct=False)
        forward = _unless(door, forward)
        if source.subnet != nat.subnet_id:
            forward = forward & self.model.acl(nat.subnet_id, egress=False).allows(version, a)
        answer = self.model.acl(nat.subnet_id, egress=False).allows(version, address)
        if source.subnet != nat.subnet_id:
            answer = answer & self._local(nat.subnet_id, version, a)
            answer = answer & self._borders(nat.subnet_id, a, source.subnet, address, version)
        seen = next((item.public_ip for item in nat.nat_gateway_addresses if item.public_ip), "")
        if not seen:
            return _BLOCKED
        way = (*via, str(TargetKind.INTERNET_GATEWAY))
        return Exit(_with_answer(forward, answer), way, parse_address(seen)[1])
