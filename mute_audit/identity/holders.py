"""The users and roles of an account with every policy that speaks for or limits them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from mute_audit.address import arn_account
from mute_audit.errors import PolicyError
from mute_audit.identity.callers import CallerKind
from mute_audit.identity.classes import Layer
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.facts import look_up, regions_of
from mute_audit.identity.statements import Policy, Principal, PrincipalKind, Statement
from mute_audit.inventory import CALLS, Inventory, RegionInventory
from mute_audit.inventory.access import (
    AttachedPolicy,
    Boundary,
    GroupDetail,
    InlinePolicy,
    PolicyDocument,
    RoleDetail,
    UserDetail,
)
from mute_audit.verdict import Gap

__all__ = ["Holder", "Source", "holder_gaps", "holders_of", "layer_of", "read_document"]


@dataclass(frozen=True, slots=True)
class Source:
    """One policy and how a person finds it: `managed policy X of group Y`."""

    label: str
    policy: Policy


@dataclass(frozen=True, slots=True)
class Holder:
    """A user or role.

    identity  its policies: inline, attached, and those of its groups
    boundary  its permissions boundary; empty where it has none
    gaps      policies whose documents are not known: they may allow, and deny
    """

    kind: CallerKind
    arn: str
    name: str
    account: str
    identity: tuple[Source, ...] = ()
    boundary: tuple[Source, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def service_linked(self) -> bool:
        """A role that an AWS service owns: organisation policies do not bind it (A6)."""
        return ":role/aws-service-role/" in self.arn


def layer_of(name: str, sources: Iterable[Source], limits: bool = False) -> Layer:
    """The policies as the set evaluator takes them: each statement speaks of whoever holds it."""
    listed = tuple(sources)
    labels = tuple(source.label for source in listed)
    return Layer(name, tuple(_spoken(s.policy) for s in listed), labels, limits)


_ANYBODY = (Principal(PrincipalKind.ANY, "*"),)


def _spoken(policy: Policy) -> Policy:
    return replace(policy, statements=tuple(_one(statement) for statement in policy.statements))


def _one(statement: Statement) -> Statement:
    unmodelled = statement.unmodelled
    if statement.resources is None and statement.not_resources is None:
        # Only a policy that lies on its resource can leave it out.
        unmodelled = (*unmodelled, "Resource")
    if statement.principals is None and statement.not_principals is None:
        return replace(statement, principals=_ANYBODY, unmodelled=unmodelled)
    # An identity policy with a principal cannot be saved; what it would mean is open.
    return replace(
        statement,
        principals=_ANYBODY,
        not_principals=None,
        unmodelled=(*unmodelled, "Principal of an identity policy"),
    )


def read_document(
    document: PolicyDocument, where: str, what: str, key: str
) -> tuple[Policy | None, Gap | None]:
    """A policy document of IAM, which some tools print URL-encoded as the API sends it."""
    text = unquote(document) if isinstance(document, str) else document
    try:
        return parse_policy(text, what), None
    except PolicyError as error:
        return None, Gap(what=what, where=where, why=str(error), key=key)


def holder_gaps(inventory: Inventory, account: str) -> tuple[Gap, ...]:
    """Why the users or roles of an account are not known."""
    regions = regions_of(inventory, account)
    found = []
    for key in ("UserDetailList", "RoleDetailList"):
        held = any(key in region.held for region in regions)
        _, gap = look_up(regions, key, (account,), lambda _: None)
        if gap is not None and not (held and gap.why.startswith("not collected")):
            found.append(gap)
    return tuple(found)


def holders_of(inventory: Inventory) -> tuple[Holder, ...]:
    """Every user and role of the inventory, users first, each kind by ARN."""
    found: list[Holder] = []
    for region in inventory.regions:
        for user in region.users:
            found.append(_user(inventory, region, user))
        for role in region.roles:
            found.append(_role(inventory, region, role))
    return tuple(sorted(found, key=lambda h: (h.kind is not CallerKind.USER, h.arn)))


class _Reader:
    """Reads the policies of one holder; what cannot be read becomes a gap."""

    def __init__(self, inventory: Inventory, account: str, owner: str) -> None:
        self.regions = regions_of(inventory, account)
        self.owner = owner
        self.sources: list[Source] = []
        self.gaps: list[Gap] = []

    def inline(self, policies: Iterable[InlinePolicy], of: str) -> None:
        for item in policies:
            self._add(item.policy_document, f"inline policy {item.policy_name}{of}")

    def attached(self, policies: Iterable[AttachedPolicy], of: str) -> None:
        for item in policies:
            self.managed(item.policy_arn, of)

    def managed(self, arn: str, of: str) -> None:
        name = arn.rpartition("/")[2]
        for region in self.regions:
            for policy in region.managed_policies:
                if policy.arn == arn and policy.document is not None:
                    self._add(policy.document, f"managed policy {name}{of}")
                    return
        why = next(
            (g.why for r in self.regions for g in r.failed if g.key == "Policies"),
            "the document is not in the snapshot",
        )
        self.gaps.append(Gap(CALLS["Policies"].action, arn, why, "Policies"))

    def group(self, name: str, groups: Iterable[GroupDetail]) -> None:
        detail = next((group for group in groups if group.group_name == name), None)
        if detail is None:
            action = CALLS["GroupDetailList"].action
            self.gaps.append(
                Gap(action, self.owner, f"group {name} is not in the snapshot", "GroupDetailList")
            )
            return
        self.inline(detail.group_policy_list, f" of group {name}")
        self.attached(detail.attached_managed_policies, f" of group {name}")

    def boundary(self, boundary: Boundary | None) -> tuple[Source, ...]:
        """The boundary's document, read apart from the policies that grant."""
        if boundary is None or not boundary.permissions_boundary_arn:
            return ()
        apart = _Reader.__new__(_Reader)
        apart.regions, apart.owner, apart.sources, apart.gaps = self.regions, self.owner, [], []
        apart.managed(boundary.permissions_boundary_arn, "")
        self.gaps += apart.gaps
        label = "permissions boundary " + boundary.permissions_boundary_arn.rpartition("/")[2]
        return tuple(Source(label, source.policy) for source in apart.sources)

    def _add(self, document: PolicyDocument, label: str) -> None:
        policy, gap = read_document(document, self.owner, label, "Policies")
        if policy is not None:
            self.sources.append(Source(label, policy))
        if gap is not None:
            self.gaps.append(gap)


def _groups(reader: _Reader) -> Iterator[GroupDetail]:
    for region in reader.regions:
        yield from region.groups


def _user(inventory: Inventory, home: RegionInventory, user: UserDetail) -> Holder:
    account = arn_account(user.arn) or home.account
    arn = user.arn or f"arn:aws:iam::{account}:user{user.path}{user.user_name}"
    reader = _Reader(inventory, home.account, arn)
    reader.inline(user.user_policy_list, "")
    reader.attached(user.attached_managed_policies, "")
    for name in user.group_list:
        reader.group(name, _groups(reader))
    boundary = reader.boundary(user.permissions_boundary)
    return Holder(
        CallerKind.USER,
        arn,
        user.user_name,
        account,
        tuple(reader.sources),
        boundary,
        tuple(reader.gaps),
    )


def _role(inventory: Inventory, home: RegionInventory, role: RoleDetail) -> Holder:
    account = arn_account(role.arn) or home.account
    arn = role.arn or f"arn:aws:iam::{account}:role{role.path}{role.role_name}"
    reader = _Reader(inventory, home.account, arn)
    reader.inline(role.role_policy_list, "")
    reader.attached(role.attached_managed_policies, "")
    boundary = reader.boundary(role.permissions_boundary)
    return Holder(
        CallerKind.ROLE,
        arn,
        role.role_name,
        account,
        tuple(reader.sources),
        boundary,
        tuple(reader.gaps),
    )
