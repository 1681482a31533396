"""Addresses that AWS chooses at apply, each stood in for by one of its own.

An unknown private address is one of its subnet's. As long as no rule, entry or route that is
given tells the subnet's addresses apart, every choice gives the same verdicts, so one is as
good as another; where something does, the interface is left without an address, and the
engines try all of them. A rule that names the unknown address itself (`"${…private_ip}/32"`)
gets the same stand-in, and so matches what it will match.

Public addresses are stood in for from 198.18.0.0/15, which AWS never gives out (RFC 2544).
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, ip_network

__all__ = ["StandIns"]

_PUBLIC = ip_network("198.18.0.0/15")


class StandIns:
    """Gives out each address once."""

    def __init__(self) -> None:
        self._public: dict[str, str] = {}
        self._private: dict[str, str] = {}
        self._taken: dict[IPv4Network, set[int]] = {}
        self._next: dict[IPv4Network, int] = {}

    def public(self, owner: str) -> str:
        """The public address that stands in for the one of `owner`."""
        if owner not in self._public:
            number = int(_PUBLIC.network_address) + 1 + len(self._public)
            self._public[owner] = str(IPv4Address(number))
        return self._public[owner]

    def take(self, cidr: str, address: str) -> None:
        """An address of a subnet that is given."""
        network = _network(cidr)
        try:
            number = int(IPv4Address(address))
        except ValueError:
            return
        if network is not None:
            self._taken.setdefault(network, set()).add(number)

    def private(self, owner: str, cidr: str) -> str:
        """The stand-in for a private address of `owner`; empty where the subnet is unknown."""
        known = self._private.get(owner)
        if known is not None:
            return known
        network = _network(cidr)
        if network is None or network.num_addresses < 8:
            return ""
        taken = self._taken.setdefault(network, set())
        # AWS keeps the first four addresses and the last.
        first, last = int(network.network_address) + 4, int(network.broadcast_address) - 1
        number = self._next.get(network, first)
        while number in taken:
            number += 1
        if number > last:
            return ""
        taken.add(number)
        self._next[network] = number + 1
        found = self._private[owner] = str(IPv4Address(number))
        return found

    def made(self) -> frozenset[str]:
        """Every address that was given out."""
        return frozenset(self._public.values()) | frozenset(self._private.values())


def _network(cidr: str) -> IPv4Network | None:
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) else None


def cut(cidr: str, given: Iterable[str]) -> bool:
    """Whether any of the given CIDRs tells the usable addresses of a subnet apart."""
    network = _network(cidr)
    if network is None or network.num_addresses < 8:
        return False
    low, high = int(network.network_address) + 4, int(network.broadcast_address) - 1
    for text in given:
        other = _network(text)
        if other is None:
            continue
        first, last = int(other.network_address), int(other.broadcast_address)
        if first <= high and last >= low and not (first <= low and last >= high):
            return True
    return False
