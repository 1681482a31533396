"""Where packets land, and what one carries on its way there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from mute_audit.network.allowed import CLOSED, OPEN, Allowed
from mute_audit.network.sight import BLIND, Sight
from mute_audit.verdict import Gap

__all__ = [
    "DROPPED",
    "Carried",
    "Land",
    "Landing",
    "Packet",
    "any_of",
    "doubted",
    "landed",
    "lost",
]


class Land(StrEnum):
    """Where a packet comes out of the fabric.

    VPC          at the border of the subnet that has the address (`filtered`: its ACL counts)
    INTERFACE    at the interface that a route names, which may be any host
    NAT          at a NAT gateway
    INTERNET     at an internet gateway, on the way out; EGRESS_ONLY likewise
    PREMISES     out of AWS by a VPN gateway or an attachment of a transit gateway
    PEER         in a peered VPC that is not described
    SERVICE      at the service behind a gateway endpoint
    LOST         where it goes cannot be told
    NOWHERE      dropped
    """

    VPC = "vpc"
    INTERFACE = "network-interface"
    NAT = "nat-gateway"
    INTERNET = "internet-gateway"
    EGRESS_ONLY = "egress-only-internet-gateway"
    PREMISES = "on-premises"
    PEER = "peer"
    SERVICE = "vpc-endpoint"
    LOST = "lost"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Landing:
    """Where it lands, and what the ACLs on the way let through.

    id, vpc  of the gateway, interface, attachment; the VPC that is entered or left
    via      kinds of gateways on the way
    """

    land: Land
    allowed: Allowed = OPEN
    sight: Sight = BLIND
    vpc: str = ""
    id: str = ""
    via: tuple[str, ...] = ()
    filtered: bool = True

    def behind(self, allowed: Allowed, *via: str) -> Landing:
        """The same with a filter and gateways before it."""
        return replace(self, allowed=allowed & self.allowed, via=(*via, *self.via))


_NOWHERE = Landing(Land.NOWHERE, CLOSED)


@dataclass(frozen=True, slots=True)
class Carried:
    """All landings that are possible: one, unless `gaps` say why it cannot be told which."""

    landings: tuple[Landing, ...]
    gaps: frozenset[Gap] = frozenset()

    def behind(self, allowed: Allowed, *via: str) -> Carried:
        return Carried(tuple(item.behind(allowed, *via) for item in self.landings), self.gaps)


DROPPED = Carried((_NOWHERE,))


def lost(*gaps: Gap) -> Carried:
    """Where the packet goes cannot be told."""
    allowed = Allowed(maybe=OPEN.yes, gaps=frozenset(gaps))
    return Carried((Landing(Land.LOST, allowed),))


def doubted(gap: Gap | None) -> Allowed:
    """Everything, unless something is not known."""
    return OPEN if gap is None else Allowed(maybe=OPEN.yes, gaps=frozenset({gap}))


@dataclass(frozen=True, slots=True)
class Packet:
    """Addresses, and what has been passed: `zone` is the sender's, `seen` stops loops."""

    version: int
    source: int
    destination: int
    zone: str
    sight: Sight
    seen: frozenset[tuple[str, str]] = frozenset()


def landed(land: Land, vpc: str, name: str, packet: Packet, *via: str) -> Carried:
    """It lands there and nowhere else."""
    return Carried((Landing(land, OPEN, packet.sight, vpc, name, via),))


def any_of(parts: list[Carried], gap: Gap) -> Carried:
    """One of several ways, and it cannot be told which."""
    landings = tuple(item for part in parts for item in part.landings)
    return Carried(landings, frozenset({gap}).union(*(part.gaps for part in parts)))
