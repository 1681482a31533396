"""The baseline against the inventory: what is missing, unexpected, changed, or cannot be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from mute_audit.address import Address
from mute_audit.drift.aws_made import AWS_MADE
from mute_audit.drift.found import Found
from mute_audit.drift.interfaces import unlisted_owners
from mute_audit.drift.matching import Matches, called, match
from mute_audit.drift.others import OTHERS
from mute_audit.drift.sections import SECTIONS, Section
from mute_audit.drift.view import View
from mute_audit.finding import DriftItem, DriftKind, FieldChange, Location, Outside
from mute_audit.intent import resources
from mute_audit.intent.baseline import Baseline
from mute_audit.inventory import GLOBAL, Inventory
from mute_audit.verdict import Gap

__all__ = ["DriftResult", "compare"]


@dataclass(frozen=True, slots=True)
class DriftResult:
    """The differences, sorted by resource, and what lies outside of the baseline's scope."""

    items: tuple[DriftItem, ...]
    outside: tuple[Outside, ...]


def compare(
    baseline: Baseline, inventory: Inventory, *, not_compared: frozenset[str] = frozenset()
) -> DriftResult:
    """Field by field: only what the baseline states, and all that it does not know of.

    not_compared  keys of descriptions that the source never has, and says so: what depends
                  on nothing else is left out

    What depends on a description that is not there is UNKNOWN, with the gap; it is never
    taken for missing, and never passed over.
    """
    view = View(baseline, inventory)
    matches = match(view)
    scope = _Scope(view, matches)
    items = [*_declared(view, matches), *_undeclared(view, matches, scope)]
    told = {gap for item in items for gap in item.gaps}
    items += _unseen(view, matches, scope, told)
    items = [item for item in items if not _only_for(item, not_compared)]
    return DriftResult(tuple(sorted(items, key=_order)), _outside(view, scope))


def _only_for(item: DriftItem, keys: frozenset[str]) -> bool:
    if item.kind is not DriftKind.UNKNOWN or not item.gaps:
        return False
    return all(gap.key in keys for gap in item.gaps)


def _order(item: DriftItem) -> tuple[str, str, str, str]:
    return (item.resource.type, item.resource.label, item.kind, item.resource.id)


class _Scope:
    """Where what is not declared is unexpected."""

    def __init__(self, view: View, matches: Matches) -> None:
        self._view = view
        file = view.baseline.file
        self.vpcs = matches.vpc_ids(file.scope.vpcs or tuple(file.vpcs))
        self._matched = {(item.type, item.id) for item in matches.there.values()}

    def patterns(self, section: Section) -> tuple[str, ...]:
        """The names in scope of a section whose resources lie in no VPC."""
        file = self._view.baseline.file
        stated: tuple[str, ...] = getattr(file.scope, section.name, ())
        entries = section.entries(file)
        return stated or tuple(called(key, entry) for key, entry in entries.items())

    def holds(self, section: Section | None, item: Found) -> bool:
        if item.vpc and item.vpc in self.vpcs:
            return True
        if (item.type, item.id) in self._matched:
            return True
        if section is None or section.in_vpc or section.name == "vpcs":
            return False
        return any(
            fnmatchcase(name, pattern) for name in item.names for pattern in self.patterns(section)
        )


# --- declared ---------------------------------------------------------------------------------


def _declared(view: View, matches: Matches) -> Iterator[DriftItem]:
    for section in SECTIONS:
        for key, entry in section.entries(view.baseline.file).items():
            location = view.baseline.locate(section.name, key)
            there = matches.there.get((section.name, key))
            if there is None:
                yield _absent(section, key, entry, view, location)
                continue
            address = _address(there, key, entry)
            difference = section.compare(entry, there, view)
            if (section.name, key) in matches.renamed:
                name = called(key, entry)
                difference.changes.insert(0, FieldChange("tags.Name", name, there.name or None))
            if difference.changes:
                fields = tuple(difference.changes)
                yield DriftItem(DriftKind.CHANGED, address, fields, (), location)
            if difference.unknown:
                fields, gaps = tuple(difference.unknown), tuple(difference.gaps)
                yield DriftItem(DriftKind.UNKNOWN, address, fields, gaps, location)
    yield from _declared_others(view)


def _address(there: Found, key: str, entry: resources.Described) -> Address:
    """The address under the name that the baseline uses."""
    place = there.address
    return Address(place.type, place.id, called(key, entry), place.account, place.region)


def _absent(section: Section, key: str, entry: Any, view: View, location: Location) -> DriftItem:
    gaps = view.doubt((section.name,), key) or ()
    name = called(key, entry)
    address = _expected_address(view, section.type, entry.id or name, name, section.once)
    kind = DriftKind.UNKNOWN if gaps else DriftKind.MISSING
    return DriftItem(kind, address, (), gaps, location)


def _expected_address(view: View, type: str, id: str, name: str, once: bool) -> Address:
    file = view.baseline.file
    accounts = {region.account for region in view.regions}
    account = file.account or (accounts.pop() if len(accounts) == 1 else "")
    regions = {region.region for region in view.regions}
    region = file.region or (regions.pop() if len(regions) == 1 else "")
    return Address(type, id, name, account, GLOBAL if once else region)


def _declared_others(view: View) -> Iterator[DriftItem]:
    for type, names in view.baseline.file.others.items():
        key, listing = OTHERS[type]
        found = [item for region in view.regions for item in listing(region)]
        there = {name for item in found for name in (item.id, *item.names)}
        gaps = view.gaps(key)
        for name in names:
            if name not in there:
                kind = DriftKind.UNKNOWN if gaps else DriftKind.MISSING
                address = _expected_address(view, type, name, name, False)
                location = view.baseline.locate("others", type)
                yield DriftItem(kind, address, (), tuple(gaps), location)


# --- not declared -----------------------------------------------------------------------------


def _undeclared(view: View, matches: Matches, scope: _Scope) -> Iterator[DriftItem]:
    for item in matches.doubles:
        change = FieldChange("name", None, item.name)
        yield DriftItem(
            DriftKind.UNEXPECTED, item.address, (change,), (), _scope_line(view, matches, item)
        )
    for section in SECTIONS:
        for item in matches.rest[section.name]:
            if section.name == "vpcs" or not scope.holds(section, item):
                continue
            location = _scope_line(view, matches, item)
            made = AWS_MADE.get(item.type)
            as_made = made(item, view) if made is not None else None
            if as_made is None:
                yield DriftItem(DriftKind.UNEXPECTED, item.address, (), (), location)
            elif as_made.changes:
                fields = tuple(as_made.changes)
                yield DriftItem(DriftKind.CHANGED, item.address, fields, (), location)
    for type, (_, listing) in OTHERS.items():
        known = set(view.baseline.file.others.get(type, ()))
        seen: set[str] = set()
        for region in view.regions:
            for item in listing(region):
                if item.vpc not in scope.vpcs or item.id in seen or known & {item.id, *item.names}:
                    continue
                seen.add(item.id)
                location = _scope_line(view, matches, item)
                yield DriftItem(DriftKind.UNEXPECTED, item.address, (), (), location)


def _scope_line(view: View, matches: Matches, item: Found) -> Location:
    """The line that puts an undeclared resource into scope."""
    for (section, key), vpc in matches.there.items():
        if section == "vpcs" and item.vpc and vpc.id == item.vpc:
            return view.baseline.locate("vpcs", key)
    return view.baseline.locate("scope")


# --- what nobody could look at ----------------------------------------------------------------


def _unseen(view: View, matches: Matches, scope: _Scope, told: set[Gap]) -> Iterator[DriftItem]:
    """Descriptions that would show what is not declared, and that failed.

    Only those that no other item speaks of already.
    """
    in_vpcs = [section.key for section in SECTIONS if section.in_vpc or section.name == "databases"]
    in_vpcs += [key for key, _ in OTHERS.values()]
    for (name, key), vpc in matches.there.items():
        if name != "vpcs" or vpc.id not in scope.vpcs:
            continue
        gaps = [view.inventory.missing(each, vpc.region) for each in dict.fromkeys(in_vpcs)]
        known = {(gap.what, gap.where) for gap in told}
        for place, shown in unlisted_owners(vpc.region):
            if place == vpc.id and (shown.what, shown.where) not in known:
                gaps.append(shown)
                known.add((shown.what, shown.where))
        new = tuple(gap for gap in gaps if gap is not None and gap not in told)
        if new:
            entry = view.baseline.file.vpcs[key]
            address, location = _address(vpc, key, entry), view.baseline.locate("vpcs", key)
            yield DriftItem(DriftKind.UNKNOWN, address, (), new, location)
            told |= set(new)
    for section in SECTIONS:
        if section.in_vpc or section.name == "vpcs" or not scope.patterns(section):
            continue
        regions = view.everywhere if section.once else view.regions
        failed = [gap for region in regions if (gap := region.failure(section.key)) is not None]
        new = tuple(gap for gap in dict.fromkeys(failed) if gap not in told)
        if new:
            names = ", ".join(scope.patterns(section))
            address = _expected_address(view, section.type, names, names, section.once)
            location = view.baseline.locate("scope", section.name)
            yield DriftItem(DriftKind.UNKNOWN, address, (), new, location)
            told |= set(new)


# --- outside ----------------------------------------------------------------------------------


def _outside(view: View, scope: _Scope) -> tuple[Outside, ...]:
    """Counts by type, over everything that was collected."""
    ids: dict[str, set[str]] = {}
    for region in view.inventory.regions:
        for section in SECTIONS:
            for item in section.listing(region):
                if not scope.holds(section, item):
                    ids.setdefault(section.type, set()).add(item.id)
        for type, (_, listing) in OTHERS.items():
            for item in listing(region):
                if item.vpc not in scope.vpcs:
                    ids.setdefault(type, set()).add(item.id)
    return tuple(Outside(type, len(found)) for type, found in sorted(ids.items()))
