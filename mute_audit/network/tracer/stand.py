"""What a place can be for a packet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, ip_network

from mute_audit.network.tracer.attempt import Sender
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.nics import Net, Nic
from mute_audit.network.tracer.spots import Leave
from mute_audit.verdict import Gap

__all__ = ["ALL", "PLACEHOLDER", "Choice", "Stand", "apart", "stand_of"]

# Stands for a public address that is not described (RFC 5737).
PLACEHOLDER = IPv4Address("192.0.2.1")


@dataclass(frozen=True, slots=True)
class Stand:
    """One thing that a place can be for a packet.

    nic        the interface; None outside the estate
    room       the subnet's networks where the interface's address is not known
    networks   outside: the addresses meant, without those in `barred`
    by_public  as a target: meant by its public addresses
    sender     how packets start here; None where none can (a bare address as the target)
    gate       as a target outside: the kind and id of where packets have to leave the estate
    gap        why nothing can be told about this stand at all
    doubt      why nothing that comes from there, or goes there, is certain
    """

    nic: Nic | None = None
    room: tuple[Net, ...] = ()
    networks: tuple[Net, ...] = ()
    barred: tuple[Net, ...] = ()
    by_public: bool = False
    sender: Sender | None = None
    gate: tuple[str, str] | None = None
    gap: Gap | None = None
    doubt: Gap | None = None

    @property
    def outside(self) -> bool:
        return self.nic is None

    @property
    def unnamed(self) -> bool:
        """Whether it has a public address that is not described."""
        return self.nic is not None and any(p == PLACEHOLDER for _, p in self.nic.publics)

    def at(self, address: IP | None, public: IP | None = None) -> Stand:
        """The same with a concrete address, and public address, for an interface without one."""
        if self.nic is None or address is None:
            return self
        publics = self.nic.publics
        if publics and isinstance(address, IPv4Address):
            shown = public if isinstance(public, IPv4Address) else publics[0][1]
            publics = ((address, shown),)
        nic = replace(self.nic, addresses=(address,), publics=publics)
        return replace(self, nic=nic, room=(), sender=_sender(nic))


def _sender(nic: Nic) -> Sender:
    return Sender(Leave(nic, origin=True), nic)


def stand_of(nic: Nic) -> Stand:
    return Stand(nic, sender=_sender(nic))


ALL = (ip_network("0.0.0.0/0"), ip_network("::/0"))

Choice = tuple[Stand, ...]


def apart(source: Choice, target: Choice) -> tuple[Choice, Choice] | None:
    """The same without what a host would send to itself; None where nothing is left."""
    own = [stand.nic for stand in source if stand.nic is not None]
    if {nic.label for nic in own} & {s.nic.label for s in target if s.nic is not None}:
        return None
    barred = tuple(ip_network(str(address)) for nic in own for address in nic.addresses)
    found = []
    for stand in target:
        if stand.nic is None:
            left = tuple(net for net in stand.networks if net not in barred)
            if stand.networks and not left:
                return None
            stand = replace(stand, networks=left, barred=(*stand.barred, *barred))
        found.append(stand)
    return source, tuple(found)
