"""One packet's header, as concrete as on the wire."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address

from mute_audit.errors import UsageError
from mute_audit.finding import Packet
from mute_audit.network.portspec import (
    ICMP,
    ICMP_V6,
    protocol_name,
    protocol_number,
    protocols_with_ports,
)

__all__ = ["IP", "Header", "read_address"]

IP = IPv4Address | IPv6Address

# Requests and the type of their answer: RFC 792 and 950 for IPv4, RFC 4443 for IPv6.
_ANSWERED_BY = {ICMP: {8: 0, 13: 14, 15: 16, 17: 18}, ICMP_V6: {128: 129}}


def read_address(text: str) -> IP:
    """An address; an IPv4-mapped IPv6 address is the IPv4 address. Raises ValueError."""
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


@dataclass(frozen=True, slots=True)
class Header:
    """`port` is the destination port, or for ICMP `type × 256 + code`; else 0."""

    protocol: int
    source: IP
    destination: IP
    port: int = 0
    source_port: int | None = None

    @property
    def version(self) -> int:
        return self.destination.version

    def answer(self) -> Header | None:
        """What the receiver sends back; None where the protocol has no answer (ICMP errors)."""
        back = replace(self, source=self.destination, destination=self.source)
        if self.protocol in protocols_with_ports:
            return replace(back, port=self.source_port or 0, source_port=self.port)
        if self.protocol in _ANSWERED_BY:
            kind = _ANSWERED_BY[self.protocol].get(self.port >> 8)
            return None if kind is None else replace(back, port=kind << 8)
        return back

    def packet(self) -> Packet:
        name = protocol_name(self.protocol)
        ends = (str(self.source), str(self.destination))
        if self.protocol in protocols_with_ports:
            return Packet(name, *ends, self.source_port, self.port)
        if self.protocol in _ANSWERED_BY:
            return Packet(name, *ends, icmp_type=self.port >> 8, icmp_code=self.port & 255)
        return Packet(name, *ends)

    @classmethod
    def of(cls, packet: Packet) -> Header:
        """The header of a packet. Raises UsageError where it is no packet."""
        try:
            protocol = protocol_number(packet.protocol)
            source, destination = read_address(packet.source), read_address(packet.destination)
        except ValueError as error:
            raise UsageError(f"no packet: {error}") from error
        if protocol is None or source.version != destination.version:
            raise UsageError(
                f"no packet: `{packet.protocol}` from `{packet.source}` to `{packet.destination}`",
                hint="a packet has one protocol, and both addresses are of one version of IP",
            )
        if protocol in _ANSWERED_BY:
            port = ((packet.icmp_type or 0) << 8) + (packet.icmp_code or 0)
            return cls(protocol, source, destination, port)
        if protocol in protocols_with_ports:
            port = packet.destination_port or 0
            return cls(protocol, source, destination, port, packet.source_port)
        return cls(protocol, source, destination)

    def __str__(self) -> str:
        name = protocol_name(self.protocol)
        if self.protocol in protocols_with_ports:
            return f"{name} {self.source} → {self.destination} port {self.port}"
        if self.protocol in _ANSWERED_BY:
            kind = f"type {self.port >> 8} code {self.port & 255}"
            return f"{name} {self.source} → {self.destination} {kind}"
        return f"protocol {name} {self.source} → {self.destination}"
