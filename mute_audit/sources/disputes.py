"""Descriptions that contradict each other: what is read, and what is not known for it.

AWS says each of these twice and never differently; a snapshot that was put together from
several moments, or by hand, may. Nobody can tell which of two is true, so that whatever starts
or ends at such an interface, or passes such a NAT gateway, is unknown. One reading is taken
all the same, for whatever stands beside it: an interface is in the VPC of its subnet, and its
primary address is the one that its list of addresses calls so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from mute_audit.inventory.network import NatGateway, NetworkInterface, Subnet
from mute_audit.verdict import Gap

__all__ = ["settle_disputes"]

Columns = dict[str, tuple[Any, ...]]
# (subnet, address) → interface
Found = dict[tuple[str, str], str]


def settle_disputes(columns: Iterable[Columns]) -> dict[str, Gap]:
    """Interfaces and NAT gateways of which two things are said: id → which.

    The columns (key → descriptions) of each account and Region are changed where one reading
    has to be taken.
    """
    places = list(columns)
    subnets: dict[str, Subnet] = {
        item.subnet_id: item for place in places for item in place.get("Subnets", ())
    }
    found: dict[str, Gap] = {}
    every: dict[str, NetworkInterface] = {}
    bounds = {name: _bounds(item.cidr_block) for name, item in subnets.items()}
    for place in places:
        for copy in _copies(place) if "NetworkInterfaces" not in place else ():
            settled = _settled(copy, subnets.get(copy.subnet_id), bounds, found)
            every[copy.network_interface_id] = settled
        enis = place.get("NetworkInterfaces", ())
        changed: dict[int, NetworkInterface] = {}
        for index, eni in enumerate(enis):
            if eni.subnet_id and eni.subnet_id not in subnets and "Subnets" in place:
                gap = Gap(f"subnet {eni.subnet_id}", eni.vpc_id, "not in the snapshot", "Subnets")
                found.setdefault(eni.network_interface_id, gap)
            settled = _settled(eni, subnets.get(eni.subnet_id), bounds, found)
            if settled is not eni:
                changed[index] = settled
            every[eni.network_interface_id] = settled
        if changed:
            place["NetworkInterfaces"] = tuple(
                changed.get(index, eni) for index, eni in enumerate(enis)
            )
    _held_twice(every, found)
    at = _beside_gateways(every, places)
    for place in places:
        gateways = tuple(_joined(item, at) for item in place.get("NatGateways", ()))
        if gateways:
            place["NatGateways"] = gateways
    _public_twice(every, places, found)
    _of_two_hosts(every, places, found)
    for place in places:
        for gateway in place.get("NatGateways", ()):
            for name, gap in _nat(gateway, subnets, every, at):
                found.setdefault(name, gap)
    return found


def _copies(place: Columns) -> Iterator[NetworkInterface]:
    """The interfaces that instances show: all that is known where there is no list of them."""
    for reservation in place.get("Reservations", ()):
        for instance in reservation.instances:
            yield from instance.network_interfaces


def _settled(
    eni: NetworkInterface,
    subnet: Subnet | None,
    bounds: Mapping[str, tuple[int, int]],
    found: dict[str, Gap],
) -> NetworkInterface:
    name, listed = eni.network_interface_id, eni.private_ip_addresses
    if subnet is not None:
        if eni.vpc_id != subnet.vpc_id:
            if eni.vpc_id:
                why = f"its subnet {eni.subnet_id} is in another VPC, {subnet.vpc_id}"
                found.setdefault(name, Gap(name, eni.vpc_id, why))
            eni = replace(eni, vpc_id=subnet.vpc_id)
        low, high = bounds[eni.subnet_id]
        for text in (item.private_ip_address for item in listed):
            if not low <= _number(text) < high:
                why = f"its address {text} is not one of its subnet {eni.subnet_id}"
                found.setdefault(name, Gap(name, eni.vpc_id, why))
    first = eni.private_ip_address
    attached = eni.attachment
    if eni.interface_type == "nat_gateway" and attached is not None and attached.instance_id:
        why = f"it is of a NAT gateway, and attached to {attached.instance_id}"
        found.setdefault(name, Gap(name, eni.vpc_id, why))
    if first and listed and all(item.private_ip_address != first for item in listed):
        why = f"its primary address {first} is not among its addresses"
        found.setdefault(name, Gap(name, eni.vpc_id, why))
        primary = next((item for item in listed if item.primary), listed[0])
        eni = replace(eni, private_ip_address=primary.private_ip_address)
    return eni


def _held_twice(every: Mapping[str, NetworkInterface], found: dict[str, Gap]) -> None:
    """In one VPC nobody has an address that somebody else has."""
    holders = [(eni.vpc_id, text) for eni in every.values() for text in _addresses(eni)]
    if len(set(holders)) == len(holders):
        return
    counted = Counter(holders)
    for eni in every.values():
        for text in _addresses(eni):
            if counted[eni.vpc_id, text] > 1:
                name = eni.network_interface_id
                why = f"another interface of its VPC has its address {text} too"
                found.setdefault(name, Gap(name, eni.vpc_id, why))


def _addresses(eni: NetworkInterface) -> Collection[str]:
    fours = eni.private_ip_addresses
    if len(fours) == 1 and not eni.ipv6_addresses:
        return (fours[0].private_ip_address,)
    six = {item.ipv6_address for item in eni.ipv6_addresses}
    return six.union(item.private_ip_address for item in fours)


def _public_twice(
    every: Mapping[str, NetworkInterface], places: Iterable[Columns], found: dict[str, Gap]
) -> None:
    """A public address leads to one interface, or to one NAT gateway."""
    holders: dict[str, set[str]] = {}
    for eni in every.values():
        listed = eni.private_ip_addresses
        if eni.association is None and len(listed) == 1 and listed[0].association is None:
            continue
        own = eni.association.public_ip if eni.association is not None else ""
        name, links = eni.network_interface_id, [item.association for item in listed]
        shown = {link.public_ip for link in links if link is not None}
        if own and shown and own not in shown:
            why = f"its public address {own} is not among those of its addresses"
            found.setdefault(name, Gap(name, eni.vpc_id, why))
        for text in {own, *shown} - {""}:
            holders.setdefault(text, set()).add(name)
    owners: dict[str, str] = {}
    for place in places:
        for gateway in place.get("NatGateways", ()):
            for used in gateway.nat_gateway_addresses:
                if used.public_ip and gateway.state in ("available", ""):
                    name = used.network_interface_id
                    name = name if name in every else gateway.nat_gateway_id
                    owners[name] = gateway.nat_gateway_id
                    holders.setdefault(used.public_ip, set()).add(name)
    for text, names in holders.items():
        for name in names if len(names) > 1 else ():
            for key in {name, owners.get(name, name)}:
                why = f"its public address {text} is that of something else too"
                found.setdefault(key, Gap(key, "", why))


def _of_two_hosts(
    every: Mapping[str, NetworkInterface], places: Iterable[Columns], found: dict[str, Gap]
) -> None:
    """An instance shows the interfaces that say that they are attached to it."""
    for place in places:
        for reservation in place.get("Reservations", ()):
            for instance in reservation.instances:
                for copy in instance.network_interfaces:
                    eni = every.get(copy.network_interface_id)
                    link = eni.attachment if eni is not None else None
                    if link is None or link.instance_id in ("", instance.instance_id):
                        continue
                    name = copy.network_interface_id
                    why = f"attached to {link.instance_id}, and shown by {instance.instance_id}"
                    found.setdefault(name, Gap(name, instance.vpc_id, why))


def _beside_gateways(every: Mapping[str, NetworkInterface], places: Iterable[Columns]) -> Found:
    """The interfaces in subnets with a NAT gateway, by subnet and address."""
    subnets = {item.subnet_id for place in places for item in place.get("NatGateways", ())}
    found: Found = {}
    for eni in every.values() if subnets else ():
        if eni.subnet_id in subnets:
            for text in _addresses(eni):
                found.setdefault((eni.subnet_id, text), eni.network_interface_id)
    return found


def _joined(gateway: NatGateway, at: Found) -> NatGateway:
    """A NAT gateway whose description leaves out its interface gets the one with its address."""
    addresses = tuple(
        used
        if used.network_interface_id or not used.private_ip
        else replace(used, network_interface_id=at.get((gateway.subnet_id, used.private_ip), ""))
        for used in gateway.nat_gateway_addresses
    )
    same = addresses == gateway.nat_gateway_addresses
    return gateway if same else replace(gateway, nat_gateway_addresses=addresses)


def _nat(
    gateway: NatGateway,
    subnets: Mapping[str, Subnet],
    every: Mapping[str, NetworkInterface],
    at: Found,
) -> Iterator[tuple[str, Gap]]:
    """A NAT gateway stands where its interface does, and has the addresses of that."""
    name = gateway.nat_gateway_id
    subnet = subnets.get(gateway.subnet_id)
    if subnet is not None and gateway.vpc_id and subnet.vpc_id != gateway.vpc_id:
        why = f"its subnet {gateway.subnet_id} is in another VPC, {subnet.vpc_id}"
        yield name, Gap(name, gateway.vpc_id, why)
    if gateway.state not in ("available", ""):
        return
    for used in gateway.nat_gateway_addresses:
        eni = every.get(used.network_interface_id)
        if eni is None:
            twin = at.get((gateway.subnet_id, used.private_ip), "") if used.private_ip else ""
            if twin:
                why = f"its address {used.private_ip} is that of {twin}"
                yield name, Gap(name, gateway.vpc_id, why)
            continue
        if not used.private_ip:
            continue
        why = ""
        held = {item.private_ip_address: item for item in eni.private_ip_addresses}
        if gateway.subnet_id and eni.subnet_id != gateway.subnet_id:
            why = f"its interface {eni.network_interface_id} is in {eni.subnet_id}"
        elif held and used.private_ip not in held:
            why = f"its interface {eni.network_interface_id} has no address {used.private_ip}"
        if why:
            yield name, Gap(name, gateway.vpc_id, why)
            yield eni.network_interface_id, Gap(name, gateway.vpc_id, why)


def _number(text: str) -> int:
    a, b, c, d = text.split(".")
    return int(a) << 24 | int(b) << 16 | int(c) << 8 | int(d)


def _bounds(cidr: str) -> tuple[int, int]:
    """The first address of a network, and the first behind it; everything where there is none."""
    if not cidr:
        return 0, 1 << 32
    address, _, length = cidr.partition("/")
    size = 1 << (32 - int(length or 32))
    low = _number(address) // size * size
    return low, low + size
