"""What a packet is on its way, for the set engine: who sent it, and what has changed it.

A trip is one pair of addresses; its traffic is a set (`Allowed`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from mute_audit.network.addresses import NO_ADDRESSES, AddressSet
from mute_audit.network.allowed import CLOSED, Allowed, combine
from mute_audit.network.endpoint import Endpoint
from mute_audit.network.sight import BLIND, Sight
from mute_audit.network.traffic import NOTHING, Traffic
from mute_audit.verdict import Gap

__all__ = [
    "PLACEHOLDER",
    "Arrival",
    "Goal",
    "Leg",
    "Outside",
    "Realm",
    "Session",
    "Trip",
    "either",
    "label",
    "uncertain",
]


# Stands for a public address that is not described (RFC 5737, 192.0.2.1).
PLACEHOLDER = 0xC0000201


class Realm(StrEnum):
    """The kinds of networks outside the estate."""

    INTERNET = "internet"
    PREMISES = "on-premises"
    PEER = "peer"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Outside:
    """A network outside the estate, and by which way its packets come in.

    id         the VPN gateway, transit gateway attachment or peering connection
    gateway    the transit gateway of the attachment
    vpc        PEER: the VPC at the other end, which is not described
    addresses  what is known of its addresses
    anything   as a goal: any arrival outside the estate counts
    lands      of a gateway that is not described: the VPC in which its packets come out
    sight      what group references see of who sends from there
    doubt      why nothing that comes from there is certain
    """

    realm: Realm
    id: str = ""
    gateway: str = ""
    vpc: str = ""
    addresses: AddressSet = NO_ADDRESSES
    anything: bool = False
    lands: str = ""
    sight: Sight = BLIND
    doubt: Gap | None = None


# What a packet is to reach.
Goal = Endpoint | Outside


@dataclass(frozen=True, slots=True)
class Session:
    """What a translator remembers: (source, destination) before it and behind it.

    kept  a balancer that keeps the client's address: answers come back to it all the same
    """

    box: Endpoint
    inner_version: int
    inner: tuple[int, int]
    outer: tuple[int, int]
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Leg:
    """From a balancer to one of its targets.

    box      the balancer's interface
    listens  what the listener takes; `sends` what the target gets
    target   None where nothing is sent on: the balancer answers by itself, or calls a function
    address  of the target, with its version of IP
    keeps    the target sees the client's address (N49)
    gap      why it is not known where this goes
    """

    box: Endpoint
    listens: Traffic
    sends: Traffic = NOTHING
    target: Endpoint | Outside | None = None
    version: int = 4
    address: int = 0
    keeps: bool = False
    gap: Gap | None = None


@dataclass(frozen=True, slots=True)
class Trip:
    """One pair of addresses under way; `asked` are those that the client wrote.

    sight           what group references see of the sender
    also            groups that count as the sender's too: those of a balancer (N50)
    sessions        translators on the way, the last one last
    tracked         interfaces whose groups have seen the connection (N3)
    boxes           interfaces that passed it on, with the addresses it had: stops circles
    by_egress_only  it left through an egress-only gateway
    legs            which target balancers are to take, where only that is asked for
    """

    client: Endpoint | Outside
    version: int
    source: int
    destination: int
    asked: tuple[int, int]
    sight: Sight = BLIND
    sessions: tuple[Session, ...] = ()
    tracked: frozenset[str] = frozenset()
    boxes: frozenset[tuple[str, int, int]] = frozenset()
    by_egress_only: bool = False
    also: frozenset[str] = frozenset()
    legs: tuple[Leg, ...] = ()

    def through(self, box: Endpoint) -> Trip:
        return replace(self, tracked=self.tracked | {label(box)})

    def known(self) -> tuple[Endpoint, ...]:
        """The endpoints that take part so far."""
        mine = (self.client,) if isinstance(self.client, Endpoint) else ()
        return (*mine, *(session.box for session in self.sessions))


def label(endpoint: Endpoint) -> str:
    """Tells endpoints apart, those that are only presumed too."""
    return endpoint.interface or f"{endpoint.place.address.id} in {endpoint.subnet}"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What arrives, and the kinds of gateways that it passed."""

    allowed: Allowed = CLOSED
    via: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.allowed)


def either(arrivals: list[Arrival], gaps: frozenset[Gap]) -> Arrival:
    """One of several ways is taken, and it cannot be told which."""
    if len(arrivals) == 1 and not gaps:
        return arrivals[0]
    allowed = combine(item.allowed for item in arrivals)
    if allowed.maybe:
        allowed = Allowed(allowed.yes, allowed.maybe, allowed.gaps | gaps)
    return Arrival(allowed, next((item.via for item in arrivals if item), ()))


def uncertain(allowed: Allowed, *gaps: Gap) -> Allowed:
    """`allowed`, but only as far as something undecided lets it."""
    possible = allowed.possible
    return Allowed(Traffic(), possible, allowed.gaps | frozenset(gaps)) if possible else CLOSED
