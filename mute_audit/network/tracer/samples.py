"""Representatives: one address or port for each part that the filters on the way tell apart.

The filters that a packet met (`Visit`) say where a range of addresses or ports has to be cut;
one member of each piece is then followed like any other packet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address

from mute_audit.network.portspec import (
    ICMP,
    ICMP_V6,
    TCP,
    TOP,
    UDP,
    PortSpec,
    protocol_number,
    protocols_with_ports,
)
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.balancers import listeners_of
from mute_audit.network.tracer.groups import Groups
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.nics import NOT_INTERNET, Net, read_network
from mute_audit.network.tracer.transit_tables import transit_routes
from mute_audit.network.tracer.walk import EPHEMERAL, Visit

__all__ = ["addresses_in", "answer_ports", "networks_met", "port_pieces"]

# A protocol that no rule names stands for all such.
_UNNAMED = (253, 254, 143, 200)


def networks_met(atlas: Atlas, groups: Groups, visits: Iterable[Visit]) -> list[list[Net]]:
    """What the filters and tables on the way tell apart: a list of networks for each rule."""
    found: list[list[Net]] = []
    for visit in sorted(visits, key=lambda v: (v.what, v.id, v.egress)):
        for texts in _texts(atlas, groups, visit):
            nets = [net for net in map(read_network, texts) if net is not None]
            if nets:
                found.append(nets)
    return found


def _texts(atlas: Atlas, groups: Groups, visit: Visit) -> Iterator[tuple[str, ...]]:
    lists = atlas.inventory.prefix_list_cidrs
    if visit.what == "group":
        for rule in groups.rules(visit.id, visit.egress) or ():
            yield (rule.cidr,) if rule.cidr else lists.get(rule.prefix_list, ())
    elif visit.what == "acl":
        for entry in atlas.inventory.network_acls[visit.id].entries:
            yield (entry.cidr_block or entry.ipv6_cidr_block,)
    elif visit.what == "subnet":
        for net in atlas.networks(visit.id):
            yield (str(net),)
    elif visit.what == "table":
        for route in atlas.inventory.route_tables[visit.id].routes:
            known = lists.get(route.destination_prefix_list_id)
            yield known if known is not None else (route.destination,)
    elif visit.what == "transit-table":
        for way in transit_routes(atlas, visit.id).routes:
            yield (way.cidr,)


def addresses_in(
    networks: Iterable[Net],
    met: list[list[Net]],
    *,
    public: bool,
    barred: Iterable[Net] = (),
    taken: frozenset[IP] = frozenset(),
    hosts_only: bool = False,
) -> list[IP]:
    """One address for each part of `networks` that the rules in `met` tell apart.

    public      leave out what is no address on the internet
    barred      leave these networks out
    taken       leave these addresses out
    hosts_only  leave out what AWS keeps for itself in a subnet: the first four and the last
    """
    found: dict[tuple[int, frozenset[int]], IP] = {}
    closed = [*barred, *(NOT_INTERNET if public else ())]
    for net in networks:
        same = [
            (index, int(n.network_address), int(n.broadcast_address))
            for index, nets in enumerate(met)
            for n in nets
            if n.version == net.version
        ]
        low, high = int(net.network_address), int(net.broadcast_address)
        if hosts_only and high - low > 8:
            low, high = low + 4, high - 1
        shut = [
            (int(n.network_address), int(n.broadcast_address))
            for n in closed
            if n.version == net.version
        ]
        cuts = {low}
        for a, b in [(first, last) for _, first, last in same] + shut:
            cuts |= {cut for cut in (a, b + 1) if low <= cut <= high}
        make = IPv4Address if net.version == 4 else IPv6Address
        for cut in sorted(cuts):
            if any(a <= cut <= b for a, b in shut):
                continue
            signature = frozenset(index for index, a, b in same if a <= cut <= b)
            key = (net.version, signature)
            if key in found:
                continue
            address = _free(cut, high, make, taken, same, signature)
            if address is not None:
                found[key] = address
    return list(found.values())


def _free(
    cut: int,
    high: int,
    make: type[IPv4Address] | type[IPv6Address],
    taken: frozenset[IP],
    same: list[tuple[int, int, int]],
    signature: frozenset[int],
) -> IP | None:
    """The first address of a piece that nobody has; None where the piece is full."""
    for number in range(cut, min(high, cut + len(taken) + 1) + 1):
        address = make(number)
        if address in taken:
            continue
        if frozenset(i for i, a, b in same if a <= number <= b) != signature:
            return None
        return address
    return None


def answer_ports(
    atlas: Atlas, groups: Groups, visits: Iterable[Visit], protocol: int
) -> list[tuple[int, int]]:
    """The ephemeral range, cut wherever a filter that an answer met tells ports apart.

    Groups that track the connection let its answers pass, and are not met.
    """
    low, high = EPHEMERAL
    cuts = {low}
    for visit in visits:
        if visit.what not in ("acl", "group"):
            continue
        for known, first, last in _axes(atlas, groups, visit):
            if known == protocol:
                cuts |= {c for c in (first, last + 1) if low < c <= high}
    starts = sorted(cuts)
    ends = [start - 1 for start in starts[1:]] + [high]
    return list(zip(starts, ends, strict=True))


def port_pieces(
    atlas: Atlas, groups: Groups, visits: Iterable[Visit], spec: PortSpec, version: int
) -> list[PortSpec]:
    """`spec`, cut wherever a rule, entry or listener on the way tells packets apart."""
    cuts: dict[int, set[int]] = {}
    for visit in visits:
        for protocol, low, high in _axes(atlas, groups, visit):
            cuts.setdefault(protocol, set()).update((low, high + 1))
    pieces = []
    for protocol in _protocols(spec, set(cuts), version):
        low, high = (spec.low, spec.high) if spec.protocol is not None else (0, TOP)
        if protocol not in protocols_with_ports and protocol not in (ICMP, ICMP_V6):
            pieces.append(PortSpec(protocol))
            continue
        starts = sorted({low} | {c for c in cuts.get(protocol, ()) if low < c <= high})
        ends = [start - 1 for start in starts[1:]] + [high]
        pieces += [PortSpec(protocol, a, b) for a, b in zip(starts, ends, strict=True)]
    return pieces


def _protocols(spec: PortSpec, named: set[int], version: int) -> list[int]:
    if spec.protocol is not None:
        return [spec.protocol]
    usual = [TCP, UDP, ICMP if version == 4 else ICMP_V6]
    other = next(number for number in _UNNAMED if number not in named)
    foreign = {ICMP_V6 if version == 4 else ICMP}
    return list(dict.fromkeys([*usual, *sorted(named - foreign), other]))


def _axes(atlas: Atlas, groups: Groups, visit: Visit) -> Iterator[tuple[int, int, int]]:
    """(protocol, low, high) on the port axis, for every rule of a filter."""
    if visit.what == "group":
        for rule in groups.rules(visit.id, visit.egress) or ():
            if rule.protocol is not None:
                yield _on_axis(rule.protocol, rule.low, rule.high)
    elif visit.what == "acl":
        for entry in atlas.inventory.network_acls[visit.id].entries:
            try:
                protocol = protocol_number(entry.protocol)
            except ValueError:
                continue
            if protocol is None:
                continue
            if entry.port_range is not None:
                yield protocol, entry.port_range.from_port, entry.port_range.to_port
            elif entry.icmp_type_code is not None:
                icmp = entry.icmp_type_code
                yield _on_axis(protocol, icmp.type, icmp.code)
            else:
                yield protocol, 0, TOP
    elif visit.what == "listeners":
        for listener in listeners_of(atlas, visit.id) or ():
            for protocol in (TCP, UDP):
                yield protocol, listener.port, listener.port


def _on_axis(protocol: int, low: int, high: int) -> tuple[int, int, int]:
    if low == -1:
        return protocol, 0, TOP
    if protocol in (ICMP, ICMP_V6):
        first = low * 256 + (0 if high == -1 else high)
        return protocol, first, first + (255 if high == -1 else 0)
    return protocol, low, high
