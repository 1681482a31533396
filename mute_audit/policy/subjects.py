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

__all__ = ["Missing", "Subjects", "assumed", "subjects"]


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
    """

    found: tuple[tuple[Address, Any], ...] = ()
    missing: tuple[Missing, ...] = ()
    unsure: tuple[tuple[Address, tuple[Gap, ...]], ...] = ()


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
    # What a policy is about is not taken to be absent because nobody saved the list of it.
    gaps: list[tuple[RegionInventory | None, Gap]] = [
        (region, gap) for region in regions if (gap := inventory.unlisted(kind.key, region))
    ]
    if not regions:
        # Nothing of the account as a whole was saved, so that no Region can be asked.
        gaps.append((None, Gap(CALLS[kind.key].action, why=NOT_HELD, key=kind.key)))
    if names is None:
        return Subjects(
            tuple(everything), unsure=tuple((_region(region), (gap,)) for region, gap in gaps)
        )
    unlisted = [gap for _, gap in gaps]
    found: list[tuple[Address, Any]] = []
    missing: list[Missing] = []
    unknown: list[tuple[Address, tuple[Gap, ...]]] = []
    wanted = tuple(names)
    for name in wanted:
        matching = [pair for pair in everything if name in (pair[0].name, pair[0].id)]
        found += [pair for pair in matching if pair not in found]
        if not matching:
            address = Address(kind.type, name, name)
            if unlisted:
                unknown.append((address, tuple(unlisted)))
            else:
                # Whatever else the policy names is not what was meant here.
                known = sorted({each.label for each, _ in everything} - set(wanted))
                near = difflib.get_close_matches(name, known, n=1)
                missing.append(Missing(address, near=near[0] if near else ""))
    return Subjects(tuple(found), tuple(missing), tuple(unknown))


def assumed(inventory: Inventory, key: str, regions: Iterable[RegionInventory]) -> tuple[str, ...]:
    """Notes for AWS's default where a snapshot does not hold the description `key`."""
    found = (inventory.assumed(key, region) for region in regions)
    return tuple(dict.fromkeys(_note(key, default) for default in found if default))


def _note(key: str, default: str) -> str:
    return f"assumed: {default} (`{key}` is not in the snapshot)"


def _region(region: RegionInventory | None) -> Address:
    if region is None:
        return Address("region", "-/-")
    return Address("region", region.place, "", region.account, region.region)
