"""Interfaces as a packet meets them, and the reading of addresses and networks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network

from mute_audit.inventory.network import NetworkInterface
from mute_audit.network.tracer.header import IP, read_address
from mute_audit.network.tracer.owners import Owner

__all__ = [
    "NOT_INTERNET",
    "Net",
    "Nic",
    "address_or_none",
    "normal",
    "on_internet",
    "prefixes_of",
    "read_network",
]

Net = IPv4Network | IPv6Network

# Interfaces of gateways: they carry traffic, but nothing answers at their own address.
_GATEWAYS = frozenset({"nat_gateway", "transit_gateway", "gateway_load_balancer_endpoint"})

# N33: RFC 1918 and RFC 6598. The rest is no address of any host on the internet: this
# network, loopback, link-local, multicast and reserved; for IPv6 unique local and the like.
NOT_INTERNET = tuple(
    map(
        ip_network,
        (
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "0.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "224.0.0.0/3",
            "::/127",
            "fc00::/7",
            "fe80::/10",
            "ff00::/8",
        ),
    )
)


def on_internet(address: IP) -> bool:
    return not any(address in net for net in NOT_INTERNET)


@lru_cache(maxsize=65536)
def read_network(text: str) -> Net | None:
    """A CIDR as AWS prints it; None for a text that is none."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Nic:
    """A network interface as a packet meets it.

    id         the interface's id; empty for one that AWS has not described
    owner      what the path shows: its kind, id and name
    addresses  private IPv4 and IPv6 addresses, the primary one first
    prefixes   delegated prefixes: all their addresses are the interface's own
    publics    (private, public) pairs of IPv4 addresses
    filtered   whether security groups apply
    check      source/destination check
    state      `running`, `stopped`, …, `detached`, or empty where nothing says it
    type       AWS's InterfaceType
    """

    id: str
    owner: Owner
    vpc: str
    subnet: str
    addresses: tuple[IP, ...]
    prefixes: tuple[Net, ...] = ()
    publics: tuple[tuple[IPv4Address, IPv4Address], ...] = ()
    groups: tuple[str, ...] = ()
    filtered: bool = True
    check: bool = True
    state: str = ""
    type: str = "interface"

    @property
    def passes_on(self) -> bool:
        """Whether it is a gateway's: it opens no connection of its own, and takes none."""
        return self.owner.kind == "nat-gateway" or self.type in _GATEWAYS

    @property
    def label(self) -> str:
        return self.id or f"{self.owner.id} in {self.subnet}"

    def has(self, address: IP) -> bool:
        return address in self.addresses or any(address in net for net in self.prefixes)

    def public_of(self, address: IP) -> IPv4Address | None:
        return next((public for private, public in self.publics if private == address), None)


def normal(text: str) -> str:
    address = address_or_none(text)
    return str(address) if address is not None else text


def address_or_none(text: str) -> IP | None:
    try:
        return read_address(text)
    except ValueError:
        return None


def prefixes_of(item: NetworkInterface) -> tuple[Net, ...]:
    texts = [p.ipv4_prefix for p in item.ipv4_prefixes]
    texts += [p.ipv6_prefix for p in item.ipv6_prefixes]
    return tuple(net for net in map(read_network, texts) if net is not None)
