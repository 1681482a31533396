"""One change to an estate: what it is, how a person makes it, and what it does to a copy."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from msgspec.structs import replace as changed

from mute_audit.address import Address
from mute_audit.finding import Change
from mute_audit.inventory import Inventory, RegionInventory

__all__ = ["Apply", "Candidate", "aws", "candidate", "changed", "in_region", "together"]

Apply = Callable[[Inventory], Inventory]


@dataclass(frozen=True)
class Candidate:
    """Changes that may close findings, and the estate as it would be then.

    cost  what they cost in the eyes of a person who has the choice: lower is tried first
    """

    changes: tuple[Change, ...]
    apply: Apply = field(compare=False)
    cost: int = 0

    @property
    def key(self) -> tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]:
        """What tells two candidates apart."""
        return tuple(
            (each.code, each.resource.id, tuple(sorted(each.params.items())))
            for each in self.changes
        )


def together(first: Candidate, second: Candidate) -> Candidate:
    """Both, one after the other."""
    known = {(c.code, c.resource.id, tuple(sorted(c.params.items()))) for c in first.changes}
    more = tuple(
        c
        for c in second.changes
        if (c.code, c.resource.id, tuple(sorted(c.params.items()))) not in known
    )
    return Candidate(
        first.changes + more,
        lambda inventory: second.apply(first.apply(inventory)),
        first.cost + second.cost,
    )


def in_region(
    account: str, region: str, edit: Callable[[RegionInventory], RegionInventory]
) -> Apply:
    """What changes one account and Region of an inventory."""

    def apply(inventory: Inventory) -> Inventory:
        return replace(
            inventory,
            regions=tuple(
                edit(each) if (each.account, each.region) == (account, region) else each
                for each in inventory.regions
            ),
        )

    return apply


def aws(resource: Address, *words: str) -> str:
    """The AWS CLI's command; empty for what exists in a Terraform plan alone."""
    if any(_is_terraform(word) for word in words):
        return ""
    place = ("--region", resource.region) if resource.region not in ("", "global") else ()
    return shlex.join(("aws", *words, *place))


def _is_terraform(word: str) -> bool:
    """Whether a word is the address of a resource that has no id yet."""
    return word.startswith(("aws_", "module.")) or ".aws_" in word


def candidate(
    code: str,
    resource: Address,
    params: Mapping[str, str],
    command: str,
    apply: Apply,
    cost: int = 0,
) -> Candidate:
    """A single change."""
    return Candidate((Change(code, resource, dict(params), command),), apply, cost)
