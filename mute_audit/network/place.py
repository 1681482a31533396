"""Places: what a packet can come from or go to.

Both engines use these names; where a place stands (interfaces, addresses, subnets that
filters see) each engine works out by itself.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum

from mute_audit.address import Address
from mute_audit.errors import PlaceError

__all__ = ["INTERNET", "OUTER_TYPES", "Place", "PlaceKind", "parse_internet", "parse_network"]


class PlaceKind(StrEnum):
    RESOURCE = "resource"
    INTERNET = "internet"
    NETWORK = "network"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A resource, the internet (all of it, or the part in `cidr`), or a network.

    kind     RESOURCE, INTERNET or NETWORK (an address or CIDR that names no resource)
    address  the resource; for the others type `internet` or `network` and the text as id
    cidr     for INTERNET and NETWORK: the addresses meant, empty for all of the internet
    """

    kind: PlaceKind
    address: Address
    cidr: str = ""

    @property
    def label(self) -> str:
        return self.address.label

    @property
    def pivots(self) -> bool:
        """Whether somebody who got here may go on from here: a host of the estate.

        The internet and networks beyond the estate are where a way begins or ends.
        """
        return self.kind is PlaceKind.RESOURCE and self.address.type not in OUTER_TYPES

    def __str__(self) -> str:
        return str(self.address)


# Gateways and connections that stand for the networks which they lead to: see `outer`.
OUTER_TYPES = frozenset(
    {
        "ec2.vpn-gateway",
        "ec2.transit-gateway-attachment",
        "ec2.transit-gateway",
        "ec2.vpc",
        "ec2.vpc-peering-connection",
        "ec2.local-gateway",
        "ec2.carrier-gateway",
        "networkmanager.core-network",
        "ec2.gateway",
    }
)

INTERNET = Place(PlaceKind.INTERNET, Address("internet", "internet"))


def parse_network(text: str) -> Place | None:
    """`10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`: a NETWORK place; None if it is neither."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return Place(PlaceKind.NETWORK, Address("network", text), str(_unmapped(network)))


def _unmapped(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """What a person means by an IPv4-mapped IPv6 network: the IPv4 one (RFC 4291, 2.5.5.2)."""
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return ipaddress.ip_network(f"{mapped}/{network.prefixlen - 96}")
    return network


def parse_internet(text: str) -> Place | None:
    """`internet` or `internet:ADDRESS` (split at the first colon); None for anything else."""
    if text == "internet":
        return INTERNET
    head, colon, rest = text.partition(":")
    if head != "internet" or not colon:
        return None
    try:
        network = ipaddress.ip_network(rest, strict=False)
    except ValueError as error:
        raise PlaceError(
            f"`{rest}` is not an address or CIDR",
            hint="write `internet`, `internet:8.8.8.8` or `internet:203.0.113.0/24`",
        ) from error
    return Place(PlaceKind.INTERNET, Address("internet", text), str(_unmapped(network)))
