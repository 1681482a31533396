"""The places that a policy names, and what is not known about them.

A name that leads nowhere is told apart from a name that could not be looked for, because
the call that would describe it failed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mute_audit.address import Address
from mute_audit.analysis import Analysis
from mute_audit.errors import PlaceError
from mute_audit.inventory import GLOBAL, RegionInventory
from mute_audit.network.addresses import AddressSet
from mute_audit.network.places import Place, PlaceKind
from mute_audit.network.reach import THE_INTERNET
from mute_audit.network.traffic import TCP, Traffic
from mute_audit.policy.place_types import PLACE_TYPES
from mute_audit.policy.subjects import assumed
from mute_audit.verdict import Gap

__all__ = ["Selection", "Sources", "every_place", "find", "hidden_places", "sources"]

# selector → (type of what it names, top-level key of the description that lists it)
_NAMED = {
    "sg": ("ec2.security-group", "SecurityGroups"),
    "subnet": ("ec2.subnet", "Subnets"),
    "vpc": ("ec2.vpc", "Vpcs"),
}

# Calls that describe what leads to other networks.
_JOINING = (
    "VpnGateways",
    "VpcPeeringConnections",
    "TransitGatewayAttachments",
    "TransitGatewayVpcAttachments",
)

NO_ADDRESS = AddressSet()


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list of places means in one estate.

    places    in the order of the list, each once
    missing   what the list names and the estate does not have
    unsure    what could not be looked for, or not completely, with the failed calls
    notes     selectors in which no place stands, and what a snapshot does not hold
    """

    places: tuple[Place, ...] = ()
    missing: tuple[Address, ...] = ()
    unsure: tuple[tuple[Address, tuple[Gap, ...]], ...] = ()
    notes: tuple[str, ...] = ()


def find(analysis: Analysis, texts: Iterable[str], *, allowance: bool = False) -> Selection:
    """The places that `texts` name.

    A name that several places share means all of them, except in an `allowance` (places
    that may do something): there it raises PlaceError, lest a stranger be let in by his name.
    """
    places: dict[Place, None] = {}
    missing: list[Address] = []
    unsure: list[tuple[Address, tuple[Gap, ...]]] = []
    notes: list[str] = []
    for text in texts:
        head, colon, _ = text.partition(":")
        many = bool(colon) and head in ("type", "tag", *_NAMED)
        try:
            found = analysis.directory.select(text)
        except PlaceError:
            found = () if many else _namesakes(analysis, text)
            if found and allowance:
                raise
            if not found:
                address, keys = _what(text)
                unlisted = _each_region(
                    analysis.inventory.unlisted, analysis.inventory.regions, keys
                )
                if unlisted:
                    unsure.append((address, unlisted))
                else:
                    missing.append(address)
                continue
        places.update(dict.fromkeys(found))
        if many:
            if not found:
                notes.append(f"no place is in `{text}`")
            keys = (PLACE_TYPES[text[5:]],) if head == "type" else tuple(PLACE_TYPES.values())
            failed = _failed(_regions(analysis, text, found), analysis, keys)
            if failed:
                unsure.append((_what(text)[0], failed))
            regions = [r for r in analysis.inventory.regions if r.region != GLOBAL]
            for key in keys:
                notes += assumed(analysis.inventory, key, regions)
    return Selection(tuple(places), tuple(missing), tuple(unsure), tuple(notes))


def every_place(analysis: Analysis) -> Selection:
    """All places of the estate; a Region where a call failed may hold more."""
    keys = tuple(PLACE_TYPES.values())
    unsure = []
    for region in analysis.inventory.regions:
        failed = _failed((region,), analysis, keys)
        if failed:
            where = Address("region", region.place, "", region.account, region.region)
            unsure.append((where, failed))
    return Selection(analysis.directory.places, unsure=tuple(unsure))


def hidden_places(
    analysis: Analysis,
    near: Iterable[Place],
    traffic: Traffic,
    types: Iterable[str] = tuple(PLACE_TYPES),
) -> tuple[Gap, ...]:
    """What may hide a place, of `types`, that reaches something in `near`: failed calls, and
    routes to interfaces that no description tells of.

    Packets come from the same account and Region; from others only where a peering or a
    transit gateway joins them. (What comes over the internet needs no place to be known.)
    Behind a gateway that a failed call hides may stand a network of which no route speaks:
    TCP does not come from there, because its answers would find no way back.
    """
    homes = {(place.address.account, place.address.region) for place in near}
    regions = [r for r in analysis.inventory.regions if (r.account, r.region) in homes]
    joined = any(
        r.vpc_peering_connections
        or r.transit_gateway_attachments
        or r.transit_gateway_vpc_attachments
        or r.failure("VpcPeeringConnections")
        or r.failure("TransitGatewayVpcAttachments")
        for r in regions
    )
    searched = analysis.inventory.regions if joined else regions
    found = _failed(searched, analysis, [PLACE_TYPES[item] for item in types])
    if traffic - Traffic.protocol(TCP):
        found += tuple(
            gap
            for region in searched
            for key in _JOINING
            if (gap := region.failure(key)) is not None
        )
    return (*found, *_routed_nowhere(analysis, searched))


def _routed_nowhere(analysis: Analysis, regions: Iterable[RegionInventory]) -> Iterator[Gap]:
    """Interfaces that active routes lead to, and that the list of interfaces lacks."""
    for region in regions:
        if "NetworkInterfaces" not in region.held:
            continue
        for table in region.route_tables:
            for route in table.routes:
                name = route.network_interface_id
                known = not name or name in analysis.inventory.network_interfaces
                if not known and route.state == "active":
                    where = table.route_table_id
                    yield Gap(name, where, "not in the snapshot", "NetworkInterfaces")


def _namesakes(analysis: Analysis, text: str) -> tuple[Place, ...]:
    """All places that share a name."""
    return tuple(
        place
        for place in analysis.directory.places
        if text in (place.address.name, place.address.id.rpartition("/")[2])
    )


def _what(text: str) -> tuple[Address, tuple[str, ...]]:
    """What a text that leads nowhere speaks of, and which descriptions would show it."""
    head, colon, rest = text.partition(":")
    if colon and head in _NAMED:
        kind, key = _NAMED[head]
        return Address(kind, rest, rest), (key,)
    return Address("place", text, text), tuple(PLACE_TYPES.values())


def _regions(analysis: Analysis, text: str, found: tuple[Place, ...]) -> Iterable[RegionInventory]:
    """Where further places of a selector could be: a group's or subnet's are in its Region."""
    regions = analysis.inventory.regions
    if text.partition(":")[0] not in _NAMED or not found:
        return regions
    homes = {(place.address.account, place.address.region) for place in found}
    return [region for region in regions if (region.account, region.region) in homes]


def _failed(
    regions: Iterable[RegionInventory], analysis: Analysis, keys: Iterable[str]
) -> tuple[Gap, ...]:
    """Why the descriptions `keys` are not there, each reason once."""
    return _each_region(analysis.inventory.missing, regions, keys)


def _each_region(
    ask: Callable[[str, RegionInventory], Gap | None],
    regions: Iterable[RegionInventory],
    keys: Iterable[str],
) -> tuple[Gap, ...]:
    wanted = tuple(keys)
    found = (ask(key, region) for region in regions if region.region != GLOBAL for key in wanted)
    return tuple(dict.fromkeys(gap for gap in found if gap is not None))


@dataclass(frozen=True, slots=True)
class Sources:
    """Where packets may come from: resources, parts of the internet, addresses anywhere."""

    places: frozenset[Place] = frozenset()
    internet: AddressSet = NO_ADDRESS
    addresses: AddressSet = NO_ADDRESS

    def for_source(self, place: Place) -> AddressSet | None:
        """The addresses of `place` that are covered; None for all of them."""
        if place in self.places:
            return None
        if place.kind is PlaceKind.INTERNET:
            return self.internet | self.addresses
        return self.addresses


def sources(places: Iterable[Place]) -> Sources:
    """`places` as a set of sources; a CIDR covers whoever has an address in it."""
    internet = addresses = NO_ADDRESS
    resources: set[Place] = set()
    for place in places:
        if place.kind is PlaceKind.RESOURCE:
            resources.add(place)
        elif place.kind is PlaceKind.INTERNET:
            internet = internet | internet_part(place)
        else:
            addresses = addresses | AddressSet.parse(place.cidr)
    return Sources(frozenset(resources), internet, addresses)


def internet_part(place: Place) -> AddressSet:
    """The addresses that an INTERNET place means."""
    return THE_INTERNET & AddressSet.parse(place.cidr) if place.cidr else THE_INTERNET
