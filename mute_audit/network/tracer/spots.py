"""Where a packet can be on its way; each step takes it from one spot to the next."""

from __future__ import annotations

from dataclasses import dataclass

from mute_audit.inventory.connect import VpcPeeringConnection
from mute_audit.inventory.network import NatGateway, Route, RouteTable
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.nics import Nic
from mute_audit.verdict import Gap

__all__ = [
    "Arrived",
    "Dropped",
    "EgressOnly",
    "Emerge",
    "End",
    "Enter",
    "Fork",
    "FromInternet",
    "FromPeer",
    "FromService",
    "FromUnseen",
    "FromVpn",
    "IntoNat",
    "IntoPeer",
    "IntoTransit",
    "IntoVpn",
    "Leave",
    "Local",
    "Masquerade",
    "OutOfTransit",
    "Pass",
    "Reach",
    "Refused",
    "Routed",
    "Spot",
    "ToInternet",
    "Toward",
    "TranslateTo",
]


@dataclass(frozen=True, slots=True)
class Leave:
    """An interface is about to send the packet; `origin` where the packet was made there."""

    nic: Nic
    origin: bool = False


@dataclass(frozen=True, slots=True)
class Routed:
    """Out of a subnet, in front of a route table; `zone` is the subnet's."""

    vpc: str
    table: RouteTable
    zone: str
    subnet: str = ""


@dataclass(frozen=True, slots=True)
class Toward:
    """A route was chosen; `route` None is the local route of an edge table."""

    vpc: str
    table: RouteTable
    route: Route
    zone: str
    subnet: str = ""


@dataclass(frozen=True, slots=True)
class Local:
    """In a VPC, on the way to the subnet that has the destination."""

    vpc: str


@dataclass(frozen=True, slots=True)
class Enter:
    """At the border of a subnet; `to` where the interface is decided already."""

    subnet: str
    to: Nic | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """At an interface. `forced` where a route, not the destination address, led here."""

    nic: Nic
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Pass:
    """A host passes on a packet that was not meant for it."""

    nic: Nic


@dataclass(frozen=True, slots=True)
class Masquerade:
    """The same, as a NAT instance: under the host's own address."""

    nic: Nic


@dataclass(frozen=True, slots=True)
class TranslateTo:
    """At a NAT gateway, which sends the packet on under this address of its own."""

    nic: Nic
    source: IP


@dataclass(frozen=True, slots=True)
class ToInternet:
    vpc: str
    gateway: str


@dataclass(frozen=True, slots=True)
class EgressOnly:
    vpc: str
    gateway: str


@dataclass(frozen=True, slots=True)
class FromInternet:
    """On the internet, on the way to a public address; `gateway` where only by that one."""

    gateway: str = ""


@dataclass(frozen=True, slots=True)
class IntoNat:
    gateway: NatGateway
    subnet: str


@dataclass(frozen=True, slots=True)
class IntoPeer:
    connection: VpcPeeringConnection
    vpc: str


@dataclass(frozen=True, slots=True)
class FromPeer:
    """Out of a peered VPC that the snapshot does not hold."""

    connection: VpcPeeringConnection


@dataclass(frozen=True, slots=True)
class IntoVpn:
    gateway: str
    vpc: str


@dataclass(frozen=True, slots=True)
class FromVpn:
    gateway: str


@dataclass(frozen=True, slots=True)
class FromUnseen:
    """Out of a gateway that is described nowhere, into a VPC that has a route to it.

    vpcs  whether there are VPCs behind it, whose groups a rule may refer to
    """

    kind: str
    gateway: str
    vpc: str
    vpcs: bool = False


@dataclass(frozen=True, slots=True)
class FromService:
    """Back from the service behind a gateway endpoint."""

    endpoint: str
    vpc: str


@dataclass(frozen=True, slots=True)
class IntoTransit:
    """At a transit gateway, come in by an attachment; `zone` is where the packet is from."""

    gateway: str
    attachment: str
    zone: str = ""


@dataclass(frozen=True, slots=True)
class OutOfTransit:
    """At an attachment of a transit gateway, about to leave it."""

    gateway: str
    attachment: str
    resource: str
    kind: str
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Emerge:
    """Out of a transit gateway, in the attachment's subnet."""

    vpc: str
    subnet: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """The end of the way: at an interface, or outside (`internet`, `on-premises`, …).

    `via` is the VPC or transit gateway that an answer comes back in by.
    """

    kind: str
    id: str
    nic: Nic | None = None
    via: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The packet goes no further, and where it would have gone cannot be told."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One way of a fork: something that cannot be seen into drops the packet."""

    component: Component
    id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Fork:
    """Several ways on, of which AWS or a host takes one that cannot be told from here.

    `note` is `code: text`, as in `codes.NOTES`.
    """

    ways: tuple[Spot, ...]
    gap: Gap
    note: str = ""


End = Arrived | Dropped
Spot = (
    Leave
    | Routed
    | Toward
    | Local
    | Enter
    | Reach
    | Pass
    | Masquerade
    | TranslateTo
    | ToInternet
    | EgressOnly
    | FromInternet
    | IntoNat
    | IntoPeer
    | FromPeer
    | IntoVpn
    | FromVpn
    | FromService
    | FromUnseen
    | IntoTransit
    | OutOfTransit
    | Emerge
    | Refused
    | Arrived
    | Dropped
)
