"""The resources that a policy names (or all of a type), and what is not known about them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mute_audit.address import Address
from mute_audit.inventory import CALLS, NOT_HELD, Inventory, RegionInventory
from mute_audit.policy.resource_types import ResourceType
from mute_audit.verdict import Gap

__all__ = ["Missing", "Subjects", "assumed", "not_described", "subjects"]


@dataclass(frozen=True, slots=True)
class Missing:
    """A name or selector that leads nowhere; `near` is a name of the estate that is close."""

    address: Address
    code: str = "subject.missing"
    near: str = ""


@dataclass(frozen=True, slots=True)
class Subjects:
    """Resources of one type.

    found    each with its address and its description
    missing  names that no resource has
    unsure   names that could not be looked for, or Regions that were not described
    notes    defaults of AWS that stand in for descriptions which a snapshot does not hold
    """

    found: tuple[tuple[Address, Any], ...] = ()
    missing: tuple[Missing, ...] = ()
    unsure: tuple[tuple[Address, tuple[Gap, ...]], ...] = ()
    notes: tuple[str, ...] = ()


def subjects(
    inventory: Inventory, kind: ResourceType, names: Iterable[str] | None = None
) -> Subjects:
    """The resources called `names` (by name, id or ARN), or all of them for None.

    A name that several resources have means all of them: each is judged.
    """
    regions = [region for region in inventory.regions if kind.is_described_in(region)]
    everything = [
        (kind.address(item, region), item) for region in regions for item in kind.items(region)
    ]
    gaps: list[tuple[RegionInventory | None, Gap]] = [
        (region, gap) for region in regions if (gap := not_described(inventory, kind, region))
    ]
    default = CALLS[kind.key].absent if kind.absent_is_none else ""
    notes = assumed(inventory, kind.key, regions) if default else ()
    if not regions and default:
        # Nothing of the account as a whole was saved, so that no Region can be asked.
        notes = (_note(kind.key, default),)
    elif not regions:
        gaps.append((None, Gap(CALLS[kind.key].action, why=NOT_HELD, key=kind.key)))
    if names is None:
        unsure = tuple((_region(region), (gap,)) for region, gap in gaps)
        return Subjects(tuple(everything), unsure=unsure, notes=notes)
    # What is named is not taken to be absent because nobody saved the list that would hold it.
    unlisted = [gap for region in regions if (gap := inventory.unlisted(kind.key, region))]
    if not regions:
        unlisted = [Gap(CALLS[kind.key].action, why="not in the snapshot", key=kind.key)]
    found: list[tuple[Address, Any]] = []
    missing: list[Missing] = []
    unknown: list[tuple[Address, tuple[Gap, ...]]] = []
    for name in names:
        matching = [pair for pair in everything if name in (pair[0].name, pair[0].id)]
        found += [pair for pair in matching if pair not in found]
        if not matching:
            address = Address(kind.type, name, name)
            if unlisted:
                unknown.append((address, tuple(unlisted)))
            else:
                known = sorted({each.label for each, _ in everything})
                near = difflib.get_close_matches(name, known, n=1)
                missing.append(Missing(address, near=near[0] if near else ""))
    return Subjects(tuple(found), tuple(missing), tuple(unknown))


def assumed(inventory: Inventory, key: str, regions: Iterable[RegionInventory]) -> tuple[str, ...]:
    """Notes for AWS's default where a snapshot does not hold the description `key`."""
    found = (inventory.assumed(key, region) for region in regions)
    return tuple(dict.fromkeys(_note(key, default) for default in found if default))


def _note(key: str, default: str) -> str:
    return f"assumed: {default} (`{key}` is not in the snapshot)"


def not_described(inventory: Inventory, kind: ResourceType, region: RegionInventory) -> Gap | None:
    """Why nothing is known of this type there; None where it is described or there is none."""
    gap = inventory.missing(kind.key, region)
    if gap is None and not kind.absent_is_none and kind.key not in region.held:
        return Gap(CALLS[kind.key].action, region.place, NOT_HELD, kind.key)
    return gap


def _region(region: RegionInventory | None) -> Address:
    if region is None:
        return Address("region", "-/-")
    return Address("region", region.place, "", region.account, region.region)
