"""Sets of addresses as intervals on one axis: IPv4 first, IPv6 behind it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["EVERY_ADDRESS", "INTERNET", "AddressSet", "address_text", "addresses"]

_V4 = 1 << 32
_END = _V4 + (1 << 128)

# Addresses that no request from the internet comes from: IANA's special-purpose registry
# (RFC 6890), and for IPv6 all but global unicast. The documentation ranges are left in, since
# examples are written with them.
_NOT_INTERNET = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
)
_GLOBAL_UNICAST = "2000::/3"


@dataclass(frozen=True, slots=True)
class AddressSet:
    """Disjoint, sorted, half-open intervals: [from, to)."""

    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, spans: Iterable[tuple[int, int]]) -> AddressSet:
        merged: list[tuple[int, int]] = []
        for start, end in sorted(span for span in spans if span[0] < span[1]):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return cls(tuple(merged))

    def __or__(self, other: AddressSet) -> AddressSet:
        return AddressSet.of((*self.spans, *other.spans))

    def __and__(self, other: AddressSet) -> AddressSet:
        found: list[tuple[int, int]] = []
        left = right = 0
        while left < len(self.spans) and right < len(other.spans):
            start = max(self.spans[left][0], other.spans[right][0])
            end = min(self.spans[left][1], other.spans[right][1])
            if start < end:
                found.append((start, end))
            if self.spans[left][1] < other.spans[right][1]:
                left += 1
            else:
                right += 1
        return AddressSet(tuple(found))

    def __invert__(self) -> AddressSet:
        spans: list[tuple[int, int]] = []
        at = 0
        for start, end in self.spans:
            if at < start:
                spans.append((at, start))
            at = end
        if at < _END:
            spans.append((at, _END))
        return AddressSet(tuple(spans))

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __contains__(self, text: str) -> bool:
        parsed = addresses(text)
        return parsed is not None and bool(parsed) and not (parsed & ~self)

    @property
    def first(self) -> str:
        """The lowest address as text. INVARIANT: the set is not empty."""
        return address_text(self.spans[0][0])


def address_text(value: int) -> str:
    """The address at this place of the axis."""
    if value < _V4:
        return str(ipaddress.IPv4Address(value))
    return str(ipaddress.IPv6Address(value - _V4))


@lru_cache(maxsize=8192)
def addresses(text: str) -> AddressSet | None:
    """An address or a CIDR; None where the text is neither. Host bits are ignored, as AWS does."""
    _, slash, length = text.partition("/")
    if slash and not length.isdigit():
        return None  # Python would take a netmask here, AWS does not
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    if network.version == 6 and network.network_address.ipv4_mapped and network.prefixlen >= 96:
        return None  # whether AWS takes ::ffff:1.2.3.4 for 1.2.3.4 is not documented
    offset = 0 if network.version == 4 else _V4
    start = offset + int(network.network_address)
    return AddressSet(((start, start + network.num_addresses),))


EVERY_ADDRESS = AddressSet(((0, _END),))


def _internet() -> AddressSet:
    left_out = AddressSet(((_V4, _END),))
    for cidr in _NOT_INTERNET:
        left_out |= addresses(cidr) or AddressSet()
    return ~left_out | (addresses(_GLOBAL_UNICAST) or AddressSet())


INTERNET = _internet()
