"""Interfaces as packets meet them, with all their addresses. Rules: N46, N52–N56."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mute_audit.network.addresses import AddressSet
from mute_audit.network.place import Place
from mute_audit.verdict import Gap

__all__ = ["Endpoint", "Position", "Role", "Stand", "Standing"]


class Position(StrEnum):
    """How an endpoint's addresses are to be read.

    EXACT  it has this address
    ANY    it answers to each of these (a delegated prefix)
    ONE    it has one of these, and it is not known which
    """

    EXACT = "exact"
    ANY = "any"
    ONE = "one"


class Role(StrEnum):
    """What stands at an interface.

    HOST      something that opens and accepts connections
    BALANCER  a load balancer: what it accepts goes on to a target (N47)
    FUNCTION  shared by Lambda functions: opens connections, accepts none (N53)
    NAT       a NAT gateway: accepts nothing that it did not ask for (N35)
    GATEWAY   an interface of a gateway, at whose own address nothing answers
    """

    HOST = "host"
    BALANCER = "balancer"
    FUNCTION = "function"
    NAT = "nat"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Standing:
    """An address, or a set of possible ones, of an endpoint.

    `published` says that the internet gateway has a public address for it (N31), `public`
    which one; None where that is not known (a database whose interface was not collected).
    An IPv6 address is its own.
    """

    version: int
    addresses: AddressSet
    position: Position = Position.EXACT
    published: bool = False
    public: int | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One interface, real or (where AWS describes none) presumed.

    filtered  whether security groups apply
    forwards  the source/destination check is off (N54)
    off       why it takes part in nothing now: a state such as `stopped`; empty if it does
    doubt     why that is not known
    """

    place: Place
    interface: str
    subnet: str
    vpc: str
    groups: frozenset[str]
    standings: tuple[Standing, ...]
    filtered: bool = True
    forwards: bool = False
    role: Role = Role.HOST
    off: str = ""
    doubt: Gap | None = None

    def has(self, version: int, address: int) -> bool:
        """Whether an address may be one of its own (N56)."""
        return any(
            standing.version == version and AddressSet.of(version, address) <= standing.addresses
            for standing in self.standings
        )

    def public_of(self, address: int) -> Standing | None:
        """The standing with this private IPv4 address, if it is published."""
        for standing in self.standings:
            if standing.version == 4 and standing.published:
                bits = standing.addresses.v4
                if bits and bits[0] <= address < bits[-1]:
                    return standing
        return None


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a place stands: any of `choices` may send and be reached.

    A choice with several endpoints says that only one of them is real, and not which.
    """

    choices: tuple[tuple[Endpoint, ...], ...] = ()
    gaps: frozenset[Gap] = frozenset()

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        return tuple(endpoint for choice in self.choices for endpoint in choice)
