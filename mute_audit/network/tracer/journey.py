"""How a packet came to where it is: what a group reference depends on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mute_audit.verdict import Gap, Truth

__all__ = ["OUTSIDE", "Decision", "Journey", "Way"]


class Way(StrEnum):
    LOCAL = "local"
    PEERING = "peering"
    TRANSIT = "transit"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Journey:
    """From which VPC, and by which connection, a packet comes (or, outwards, where it goes).

    vpc        the VPC at the other end; empty outside the estate
    via        the peering connection or transit gateway
    across     it crossed from one transit gateway to another
    middlebox  it was sent through an appliance: group references do not survive that (N9)
    also       groups that count as the sender's too: those of a network load balancer that
               kept the client's address (N50)
    """

    way: Way
    vpc: str = ""
    via: str = ""
    across: bool = False
    middlebox: bool = False
    also: frozenset[str] = frozenset()


OUTSIDE = Journey(Way.OUTSIDE)


@dataclass(frozen=True, slots=True)
class Decision:
    """What one filter says to one packet: `by` are the ids of the rules that say it."""

    truth: Truth
    by: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
