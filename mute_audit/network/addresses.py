"""Sets of IP addresses: IPv4 and IPv6 on two axes of integers."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from mute_audit.network import intervals
from mute_audit.network.intervals import Intervals

__all__ = [
    "NOT_ON_THE_INTERNET",
    "NO_ADDRESSES",
    "AddressSet",
    "address_text",
    "on_internet",
    "parse_address",
    "parse_cidr",
]

V4_ALL: Intervals = (0, 1 << 32)
V6_ALL: Intervals = (0, 1 << 128)


def parse_cidr(text: str) -> tuple[int, Intervals]:
    """(4 or 6, interval) of a CIDR or address; host bits are cut off as AWS does.

    An IPv4-mapped IPv6 network in a rule or a route matches no packet: on the wire there are
    IPv4 packets and IPv6 packets, and none of the latter has such an address.

    Raises ValueError for a text that is neither.
    """
    found = _quick_v4(text)
    if found is not None:
        return 4, found
    network = ipaddress.ip_network(text, strict=False)
    first = int(network.network_address)
    return network.version, (first, first + network.num_addresses)


def _quick_v4(text: str) -> Intervals | None:
    """An IPv4 CIDR or address in the form that AWS prints; None leaves it to `ipaddress`.

    `ipaddress` takes ten times as long, and a big estate has hundreds of thousands of these.
    """
    head, slash, tail = text.partition("/")
    parts = head.split(".")
    if len(parts) != 4 or not head.isascii():
        return None
    number = 0
    for part in parts:
        if not part.isdigit() or len(part) > 3 or (part[0] == "0" and len(part) > 1):
            return None
        value = int(part)
        if value > 255:
            return None
        number = number << 8 | value
    if not slash:
        return number, number + 1
    if not tail.isdigit() or len(tail) > 2 or not tail.isascii() or int(tail) > 32:
        return None
    size = 1 << (32 - int(tail))
    first = number & -size
    return first, first + size


def parse_address(text: str) -> tuple[int, int]:
    """(4 or 6, the address as a number). Raises ValueError for anything else.

    An IPv4-mapped IPv6 address is the IPv4 address (RFC 4291, 2.5.5.2).
    """
    found = _quick_v4(text) if "/" not in text else None
    if found is not None:
        return 4, found[0]
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.version, int(address)


def address_text(version: int, number: int) -> str:
    return str(ipaddress.IPv4Address(number) if version == 4 else ipaddress.IPv6Address(number))


@dataclass(frozen=True, slots=True)
class AddressSet:
    """A set of addresses; immutable, canonical, hashable."""

    v4: Intervals = intervals.EMPTY
    v6: Intervals = intervals.EMPTY

    @classmethod
    def everything(cls) -> AddressSet:
        return _EVERYTHING

    @classmethod
    def parse(cls, *texts: str) -> AddressSet:
        """The union of CIDRs and addresses. Raises ValueError for any other text."""
        found = [parse_cidr(text) for text in texts]
        return cls(
            intervals.union_all(bits for version, bits in found if version == 4),
            intervals.union_all(bits for version, bits in found if version == 6),
        )

    @classmethod
    def readable(cls, texts: Iterable[str]) -> AddressSet:
        """The union of those texts that are CIDRs or addresses; others are left out."""
        found = []
        for text in texts:
            try:
                found.append(cls.parse(text))
            except ValueError:
                continue
        return cls.union_of(found)

    @classmethod
    def of(cls, version: int, number: int) -> AddressSet:
        bits = (number, number + 1)
        return cls(v4=bits) if version == 4 else cls(v6=bits)

    @classmethod
    def union_of(cls, sets: Iterable[AddressSet]) -> AddressSet:
        items = list(sets)
        return cls(
            intervals.union_all(item.v4 for item in items),
            intervals.union_all(item.v6 for item in items),
        )

    def axis(self, version: int) -> Intervals:
        return self.v4 if version == 4 else self.v6

    def __bool__(self) -> bool:
        return bool(self.v4 or self.v6)

    def __and__(self, other: AddressSet) -> AddressSet:
        return AddressSet(
            intervals.intersect(self.v4, other.v4), intervals.intersect(self.v6, other.v6)
        )

    def __or__(self, other: AddressSet) -> AddressSet:
        return AddressSet(intervals.union(self.v4, other.v4), intervals.union(self.v6, other.v6))

    def __sub__(self, other: AddressSet) -> AddressSet:
        return AddressSet(
            intervals.subtract(self.v4, other.v4), intervals.subtract(self.v6, other.v6)
        )

    def __le__(self, other: AddressSet) -> bool:
        return intervals.subset(self.v4, other.v4) and intervals.subset(self.v6, other.v6)

    def cidrs(self) -> tuple[str, ...]:
        """The fewest CIDRs that make up the set, IPv4 first."""
        out: list[str] = []
        for low, high in intervals.pairs(self.v4):
            if low == high:
                out.append(f"{low >> 24}.{low >> 16 & 255}.{low >> 8 & 255}.{low & 255}/32")
                continue
            blocks4 = ipaddress.summarize_address_range(
                ipaddress.IPv4Address(low), ipaddress.IPv4Address(high)
            )
            out += [str(block) for block in blocks4]
        for low, high in intervals.pairs(self.v6):
            blocks6 = ipaddress.summarize_address_range(
                ipaddress.IPv6Address(low), ipaddress.IPv6Address(high)
            )
            out += [str(block) for block in blocks6]
        return tuple(out)

    def __str__(self) -> str:
        """Short for a person: CIDRs, or first-last where there would be many."""
        if self == _EVERYTHING:
            return "any address"
        texts: list[str] = []
        for version, bits in ((4, self.v4), (6, self.v6)):
            for low, high in intervals.pairs(bits):
                one = (
                    AddressSet(v4=(low, high + 1))
                    if version == 4
                    else AddressSet(v6=(low, high + 1))
                )
                blocks = one.cidrs()
                texts.append(
                    blocks[0]
                    if len(blocks) == 1
                    else f"{address_text(version, low)}-{address_text(version, high)}"
                )
        return ", ".join(texts) or "no address"


NO_ADDRESSES = AddressSet()
_EVERYTHING = AddressSet(V4_ALL, V6_ALL)

# What an internet gateway does not carry: RFC 1918 and RFC 6598 (Reachability Analyzer's
# explanation codes name both), and what is no unicast address on the internet at all
# (RFC 6890: this-network, loopback, link-local, multicast, reserved; IPv6 ULA, link-local, …).
NOT_ON_THE_INTERNET = AddressSet.parse(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
    "::/127",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
)


def on_internet(version: int, address: int) -> bool:
    """Whether an internet gateway carries packets to and from an address."""
    return not intervals.contains(NOT_ON_THE_INTERNET.axis(version), address)
