"""What an organisation's policies forbid in each account: the fence around it (A6).

Service control policies bind the users and roles of an account: every level above it must allow
and none deny. Resource control policies bind its resources, whoever asks; AWS's own policy at
every level allows everything, so they only deny. Neither touches the management account. A fence
whose policies are not known leaves every YES open, with the sentence that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from mute_audit.identity.classes import Layer
from mute_audit.identity.holders import Source, layer_of, read_document
from mute_audit.identity.statements import Policy
from mute_audit.inventory import CALLS, Inventory, RegionInventory
from mute_audit.inventory.access import AccountControlPolicies, Organization, OrganizationLevel
from mute_audit.verdict import Gap

__all__ = ["OPEN", "Fence", "Organizations"]

SERVICE = "SERVICE_CONTROL_POLICY"
RESOURCE = "RESOURCE_CONTROL_POLICY"
_WORDS = {SERVICE: "service control policy", RESOURCE: "resource control policy"}
_PLURAL = {SERVICE: "service control policies", RESOURCE: "resource control policies"}


@dataclass(frozen=True, slots=True)
class Fence:
    """The levels of one type of policy above one account, the root first.

    documents  the same policies as they stand, for the simulator
    unless     where they are not known: what could still forbid; empty where they are
    note       AWS's default that was taken, because a snapshot does not tell
    """

    levels: tuple[Layer, ...] = ()
    documents: tuple[tuple[Policy, ...], ...] = ()
    unless: str = ""
    gaps: tuple[Gap, ...] = ()
    note: str = ""


OPEN = Fence()


class Organizations:
    """The fences of the accounts of one inventory."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._fences: dict[tuple[str, str], Fence] = {}

    def around_identities(self, account: str) -> Fence:
        """The service control policies that bind an account's users and roles."""
        return self._fence(account, SERVICE)

    def around_resources(self, account: str) -> Fence:
        """The resource control policies that bind an account's resources."""
        return self._fence(account, RESOURCE)

    def _fence(self, account: str, kind: str) -> Fence:
        key = (account, kind)
        if key not in self._fences:
            self._fences[key] = self._made(account, kind)
        return self._fences[key]

    def _made(self, account: str, kind: str) -> Fence:
        regions = [r for r in self._inventory.regions if r.account == account]
        organization, told = _organization(regions)
        if organization is not None and organization.master_account_id == account:
            return OPEN
        failed = self._failed
        described = self._described.get(account)
        if described is not None and not failed:
            return _read(described, kind, account)
        if described is None and not regions:
            return OPEN  # somebody else's account, whose own side is taken to allow
        if described is None and not told:
            gaps = tuple(gap for r in regions for gap in r.failed if gap.key == "Organizations")
            if gaps:
                return Fence(
                    unless=f"unless an organisation's {_WORDS[kind]} forbids it", gaps=gaps
                )
            absent = CALLS["Organizations"].absent
            return Fence(note=f"assumed: {absent} (`Organizations` is not in the snapshot)")
        if described is None and (
            organization is None or organization.feature_set == "CONSOLIDATED_BILLING"
        ):
            return OPEN
        name = f" of {organization.id}" if organization is not None else ""
        missing = Gap(_PLURAL[kind], f"organization{name[3:]}", "they are not collected")
        return Fence(unless=f"unless a {_WORDS[kind]}{name} forbids it", gaps=failed or (missing,))

    @cached_property
    def _described(self) -> dict[str, AccountControlPolicies]:
        return {
            item.account_id: item
            for region in self._inventory.regions
            for item in region.account_control_policies
        }

    @cached_property
    def _failed(self) -> tuple[Gap, ...]:
        """Calls about the organisation that failed: what was put together is not all then."""
        return tuple(
            gap
            for region in self._inventory.regions
            for gap in region.failed
            if gap.key == "AccountControlPolicies" and gap.what != CALLS["Organizations"].action
        )


def _organization(regions: list[RegionInventory]) -> tuple[Organization | None, bool]:
    """The organisation of an account, and whether it was told at all."""
    known = [item for region in regions for item in region.organizations]
    return (known[0].organization, True) if known else (None, False)


def _read(described: AccountControlPolicies, kind: str, account: str) -> Fence:
    types = described.policy_types
    held = [any(p.type == kind for p in level.policies) for level in described.levels]
    if types is not None and kind not in types:
        return OPEN
    if types is None and not any(held):
        gap = Gap(_PLURAL[kind], account, "none is in the description of its levels")
        return Fence(unless=f"unless a {_WORDS[kind]} forbids it", gaps=(gap,))
    layers: list[Layer] = []
    documents: list[tuple[Policy, ...]] = []
    gaps: list[Gap] = []
    for level in described.levels:
        sources = tuple(_sources(level, kind, gaps))
        name = f"{_PLURAL[kind]} of {level.name or level.target_id}"
        if kind == SERVICE:
            layers.append(layer_of(name, sources, limits=True))
        else:
            labels = tuple(source.label for source in sources)
            layers.append(Layer(name, tuple(s.policy for s in sources), labels, limits=True))
        documents.append(tuple(source.policy for source in sources))
    if gaps:
        return Fence(unless=f"unless a {_WORDS[kind]} forbids it", gaps=tuple(gaps))
    return Fence(tuple(layers), tuple(documents))


def _sources(level: OrganizationLevel, kind: str, gaps: list[Gap]) -> Iterator[Source]:
    for policy in level.policies:
        if policy.type != kind:
            continue
        label = f"{_WORDS[kind]} {policy.name or policy.id}"
        read, gap = read_document(policy.content, level.target_id, label, "AccountControlPolicies")
        if read is not None:
            yield Source(label, read)
        if gap is not None:
            gaps.append(gap)
