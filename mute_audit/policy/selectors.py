"""The places that a policy names, and what is not known about them.

A name that leads nowhere is told apart from a name that could not be looked for, because
the call that would describe it failed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from mute_audit.address import Address
from mute_audit.analysis import Analysis
from mute_audit.errors import PlaceError
from mute_audit.inventory import GLOBAL, RegionInventory
from mute_audit.inventory.place_types import PLACE_TYPES
from mute_audit.network.addresses import AddressSet
from mute_audit.network.places import Place, PlaceKind
from mute_audit.network.reach import THE_INTERNET
from mute_audit.policy.hidden import hidden_targets
from mute_audit.policy.subjects import Missing, assumed
from mute_audit.verdict import Gap

__all__ = [
    "MAY_BE_EMPTY",
    "SELECTORS",
    "Selection",
    "Sources",
    "every_place",
    "find",
    "let_in",
    "sources",
]

# selector → (type of what it names, top-level key of the description that lists it)
_NAMED = {
    "sg": ("ec2.security-group", "SecurityGroups"),
    "subnet": ("ec2.subnet", "Subnets"),
    "vpc": ("ec2.vpc", "Vpcs"),
}

NO_ADDRESS = AddressSet()


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list of places means in one estate.

    places    in the order of the list, each once
    missing   what the list names and the estate does not have
    unsure    what could not be looked for, or not completely, with the failed calls
    notes     selectors in which no place stands, and what a snapshot does not hold
    shared    in an allowance: names that several places have, of which one is meant
    anybody   failed calls without which any place of the estate may be among them
    """

    places: tuple[Place, ...] = ()
    missing: tuple[Missing, ...] = ()
    unsure: tuple[tuple[Address, tuple[Gap, ...]], ...] = ()
    notes: tuple[str, ...] = ()
    shared: tuple[tuple[str, tuple[Place, ...]], ...] = ()
    anybody: tuple[Gap, ...] = ()

    def namesakes(self, place: Place) -> tuple[str, tuple[Place, ...]] | None:
        """The name that `place` shares with others, and all that have it."""
        return next((item for item in self.shared if place in item[1]), None)


# What may be empty where nothing else is said: words that are checked when the file is read, or
# that name something which is there. A tag may be a slip.
MAY_BE_EMPTY = frozenset({"type", *_NAMED})
SELECTORS = frozenset({"tag", *MAY_BE_EMPTY})


def find(
    analysis: Analysis, texts: Iterable[str], *, empty: Collection[str] = MAY_BE_EMPTY
) -> Selection:
    """The places that a policy speaks of.

    A name that several places share means all of them. `empty` are the selectors that may
    select nothing; of any other, nothing is as wrong as a name that nothing has.
    """
    wanted = tuple(texts)
    found = _Finder(analysis, empty, wanted)
    for text in wanted:
        found.add(text)
    return found.selection()


def let_in(analysis: Analysis, texts: Iterable[str]) -> Selection:
    """The places that may do something.

    A name that leads nowhere lets nobody in: it can hide no violation, and is noted. A name
    that several places share lets in none of them, lest a stranger get in by taking it; they
    are told of in `shared`.
    """
    wanted = tuple(texts)
    found = _Finder(analysis, SELECTORS, wanted, allowance=True)
    for text in wanted:
        found.add(text)
    return found.selection()


class _Finder:
    """Looks up one name after the other."""

    def __init__(
        self,
        analysis: Analysis,
        empty: Collection[str],
        wanted: tuple[str, ...],
        *,
        allowance: bool = False,
    ) -> None:
        self._wanted = wanted
        self._analysis = analysis
        self._inventory = analysis.inventory
        self._empty = empty
        self._allowance = allowance
        self._places: dict[Place, None] = {}
        self._missing: list[Missing] = []
        self._unsure: list[tuple[Address, tuple[Gap, ...]]] = []
        self._notes: list[str] = []
        self._shared: list[tuple[str, tuple[Place, ...]]] = []
        self._anybody: list[Gap] = []

    def selection(self) -> Selection:
        return Selection(
            tuple(self._places),
            tuple(self._missing),
            tuple(self._unsure),
            tuple(self._notes),
            tuple(self._shared),
            tuple(self._anybody),
        )

    def add(self, text: str) -> None:
        head, colon, _ = text.partition(":")
        many = bool(colon) and head in SELECTORS
        try:
            found = self._analysis.directory.select(text)
        except PlaceError as problem:
            found = () if many else _namesakes(self._analysis, text)
            if not found:
                # Whatever else the policy names is not what was meant here.
                self._lost(text, "" if problem.near in self._wanted else problem.near)
                return
            if self._allowance:
                self._shared.append((text, found))
                return
        self._places.update(dict.fromkeys(found))
        if many:
            self._selected(text, head, found)

    def _lost(self, text: str, near: str) -> None:
        """A name that nothing has."""
        address, keys = _what(text)
        unlisted = self._unlisted(keys)
        if unlisted:
            self._unsure.append((address, unlisted))
            if text.partition(":")[0] in _NAMED:
                # A group of which nothing is known: who is in it is not, either.
                self._anybody += unlisted
        elif self._allowance:
            self._notes.append(f"lets nobody in: {text}" + (f" (≈ {near})" if near else ""))
        else:
            self._missing.append(Missing(address, near=near))

    def _selected(self, text: str, head: str, found: tuple[Place, ...]) -> None:
        """What is to be said of a selector of many."""
        keys = (PLACE_TYPES[text[5:]],) if head == "type" else tuple(PLACE_TYPES.values())
        regions = _regions(self._analysis, text, found)
        if head in _NAMED:
            failed = hidden_targets(self._inventory, regions)
        else:
            # The type that a policy is about is not taken to be absent because nobody saved it.
            look = self._inventory.unlisted if head == "type" else self._inventory.missing
            failed = _each_region(look, regions, keys)
        failed += _astray(self._analysis, head)
        address = _what(text)[0]
        if failed:
            self._unsure.append((address, failed))
        if not found and head not in self._empty:
            if not failed:
                self._nothing(address, keys)
        elif not found:
            self._notes.append(f"no place is in `{text}`")
        if head != "type":
            everywhere = [r for r in self._inventory.regions if r.region != GLOBAL]
            for key in keys:
                self._notes += assumed(self._inventory, key, everywhere)

    def _nothing(self, address: Address, keys: tuple[str, ...]) -> None:
        """A selector that should select something: what nobody saved may be in it."""
        unlisted = self._unlisted(keys)
        if unlisted:
            self._unsure.append((address, unlisted))
        else:
            self._missing.append(Missing(address, "subject.empty"))

    def _unlisted(self, keys: tuple[str, ...]) -> tuple[Gap, ...]:
        return _each_region(self._inventory.unlisted, self._inventory.regions, keys)


def every_place(analysis: Analysis) -> Selection:
    """All places of the estate; a Region where a call failed may hold more to be reached."""
    unsure = []
    for region in analysis.inventory.regions:
        failed = hidden_targets(analysis.inventory, (region,))
        if failed:
            where = Address("region", region.place, "", region.account, region.region)
            unsure.append((where, failed))
    return Selection(analysis.directory.places, unsure=tuple(unsure))


def _astray(analysis: Analysis, selector: str) -> tuple[Gap, ...]:
    """Places that may be meant, too: where they stand, or their group, is described nowhere."""
    if selector not in _NAMED:
        return ()
    inventory = analysis.inventory
    groups = selector == "sg"
    known: Collection[str] = inventory.security_groups if groups else inventory.subnets
    failed = {
        (region.account, region.region): region.failure("SecurityGroups" if groups else "Subnets")
        for region in inventory.regions
    }
    found: dict[Gap, None] = {}
    for site in analysis.directory.sites:
        address = site.place.address
        for name in site.groups if groups else site.subnets:
            if name not in known:
                gap = failed.get((address.account, address.region))
                found[gap or Gap(address.id, "", f"`{name}` is not described")] = None
    return tuple(found)


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


def _each_region(
    ask: Callable[[str, RegionInventory], Gap | None],
    regions: Iterable[RegionInventory],
    keys: Iterable[str],
) -> tuple[Gap, ...]:
    """Why the descriptions `keys` are not there, each reason once."""
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
