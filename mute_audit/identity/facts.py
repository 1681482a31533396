"""Look-ups for exposure: the description of one resource, or the gap that stands for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from mute_audit.inventory import CALLS, Inventory, RegionInventory
from mute_audit.verdict import Gap

__all__ = ["look_up", "partition_of", "regions_of"]

T = TypeVar("T")


def regions_of(inventory: Inventory, account: str) -> tuple[RegionInventory, ...]:
    """Every Region of one account; S3 and IAM descriptions may lie in any of them."""
    return tuple(region for region in inventory.regions if region.account == account)


def partition_of(region: str) -> str:
    """The partition of a Region, as ARNs spell it."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def look_up(
    regions: Iterable[RegionInventory],
    key: str,
    where: tuple[str, ...],
    pick: Callable[[RegionInventory], T | None],
) -> tuple[T | None, Gap | None]:
    """The one description that `pick` finds, or why there is none.

    `where` are the names under which a failed call for this one resource is listed. A call that
    failed for another resource says nothing about this one.
    """
    regions = tuple(regions)
    for region in regions:
        found = pick(region)
        if found is not None:
            return found, None
    names = set(where)
    own = places = None
    for region in regions:
        for gap in region.failed:
            if gap.key != key:
                continue
            if gap.where in names:
                own = gap
            elif gap.where in ("", region.place, region.account):
                places = gap
    if own is not None or places is not None:
        return None, own or places
    call = CALLS[key]
    if any(key in region.held for region in regions):
        why = "not collected for this resource"
    else:
        why = "not in the snapshot"
    return None, Gap(what=call.action, where=where[0], why=why, key=key)
