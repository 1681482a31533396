"""Exposure of repositories, snapshots and users."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from mute_audit.address import arn_account
from mute_audit.errors import PlaceError, PolicyError
from mute_audit.identity.automata import language
from mute_audit.identity.catalogue import FUTURE, actions_of
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.facts import look_up, regions_of
from mute_audit.identity.judge import Answer, Judge
from mute_audit.identity.organizations import OPEN, Fence, Organizations
from mute_audit.identity.recheck import recheck_snapshot
from mute_audit.identity.statements import Policy
from mute_audit.identity.tokens import literal_tokens
from mute_audit.inventory import Inventory
from mute_audit.verdict import Gap, Truth

__all__ = [
    "RepositoryExposure",
    "SnapshotExposure",
    "UserFacts",
    "repository_of",
    "snapshot_of",
    "user_of",
]


@dataclass(frozen=True)
class RepositoryExposure:
    """A private ECR repository: its policy can let in any AWS account, never the anonymous (A7)."""

    name: str
    arn: str
    account: str
    policy: Policy | None
    gap: Gap | None = None
    now: datetime | None = None
    fence: Fence = OPEN

    @cached_property
    def actions(self) -> tuple[str, ...]:
        """The actions that a repository policy can grant, and the one that comes next."""
        known = [str(a) for a in actions_of("ecr") if "repository" in a.resources]
        return (*known, f"ecr:{FUTURE}")

    @cached_property
    def any_account(self) -> Answer:
        """May somebody with just any AWS account do anything here?"""
        return self._any("any")

    @cached_property
    def outside_accounts(self) -> dict[str, Answer]:
        """For each outside account or organisation that the policy names: may it do anything?"""
        if self.policy is None:
            return {}
        judge = self._judge
        return {who: self._any(who) for who in (*judge.outsiders, *judge.names.organizations)}

    @cached_property
    def _judge(self) -> Judge:
        policy = self.policy or Policy()
        return Judge(policy, self.account, "repository policy", self.now, fence=self.fence)

    def _any(self, who: str) -> Answer:
        if self.gap is not None:
            return Answer(Truth.UNKNOWN, gaps=(self.gap,))
        if self.policy is None:
            return Answer(Truth.NO, reasons=("the repository has no policy",))
        resources = [language((literal_tokens(self.arn),))]
        last = Answer(Truth.NO)
        for action in self.actions:
            if who == "any":
                answer = self._judge.any_account(action, resources)
            elif who in self._judge.names.organizations:
                answer = self._judge.organization(who, action, resources)
            else:
                answer = self._judge.account(who, action, resources)
            if answer.truth is Truth.YES:
                return answer
            if last.truth is not Truth.UNKNOWN:
                last = answer
        return last


def repository_of(
    inventory: Inventory, name: str, now: datetime | None, organizations: Organizations
) -> RepositoryExposure:
    """Raises PlaceError where no repository has this name or ARN, or more than one has."""
    found = [
        (region, item)
        for region in inventory.regions
        for item in region.repositories
        if name in (item.repository_name, item.repository_arn)
    ]
    if not found:
        raise PlaceError(f"there is no ECR repository `{name}`")
    if len(found) > 1:
        arns = ", ".join(item.repository_arn for _, item in found)
        raise PlaceError(
            f"`{name}` is the name of several repositories", hint=f"give one of {arns}"
        )
    region, item = found[0]
    account = arn_account(item.repository_arn) or item.registry_id or region.account
    entry, gap = look_up(
        (region,),
        "RepositoryPolicies",
        (item.repository_arn, item.repository_name),
        lambda r: next(
            (p for p in r.repository_policies if p.repository_name == item.repository_name), None
        ),
    )
    policy = None
    if entry is not None and entry.policy_text is not None:
        try:
            policy = parse_policy(entry.policy_text, f"policy of {item.repository_name}")
        except PolicyError as error:
            gap = Gap(
                what="repository policy",
                where=item.repository_arn,
                why=str(error),
                key="RepositoryPolicies",
            )
    fence = organizations.around_resources(account)
    return RepositoryExposure(
        item.repository_name, item.repository_arn, account, policy, gap, now, fence
    )


@dataclass(frozen=True, slots=True)
class SnapshotExposure:
    """An RDS snapshot: public where its `restore` attribute holds `all` (A7).

    `accounts` are those that the attribute names, `shared_with` the same with the proof.
    """

    identifier: str
    public: Answer
    accounts: tuple[str, ...] = ()
    shared_with: tuple[tuple[str, Answer], ...] = ()


def snapshot_of(inventory: Inventory, identifier: str) -> SnapshotExposure:
    """Raises PlaceError where no snapshot has this identifier or ARN."""
    for region in inventory.regions:
        for snapshot in region.db_snapshots:
            if identifier not in (snapshot.db_snapshot_identifier, snapshot.db_snapshot_arn):
                continue
            own = snapshot.db_snapshot_identifier
            entry, gap = look_up(
                (region,),
                "DBSnapshotAttributesResults",
                (snapshot.db_snapshot_arn or own, own),
                lambda r, own=own: next(  # type: ignore[misc]
                    (a for a in r.db_snapshot_attributes if a.db_snapshot_identifier == own), None
                ),
            )
            where = (inventory, snapshot.db_snapshot_arn or own, region.account)
            shared = _shared(entry)
            named = tuple(
                (account, _granted(*where, f"arn:aws:iam::{account}:root")) for account in shared
            )
            if snapshot.encrypted:
                # RDS refuses to share an encrypted snapshot with everybody.
                reasons = ("an encrypted snapshot cannot be public",)
                return SnapshotExposure(own, Answer(Truth.NO, reasons=reasons), shared, named)
            if entry is None:
                gaps = () if gap is None else (gap,)
                return SnapshotExposure(own, Answer(Truth.UNKNOWN, gaps=gaps))
            public = Answer(Truth.NO, reasons=("`restore` does not name `all`",))
            if "all" in _restore_values(entry):
                public = _granted(*where, "any AWS account")
            return SnapshotExposure(own, public, shared, named)
    raise PlaceError(f"there is no RDS snapshot `{identifier}`")


def _restore_values(entry: object) -> tuple[str, ...]:
    attributes = getattr(entry, "db_snapshot_attributes", ())
    return tuple(
        value
        for attribute in attributes
        if attribute.attribute_name == "restore"
        for value in attribute.attribute_values
    )


def _shared(entry: object) -> tuple[str, ...]:
    return tuple(value for value in _restore_values(entry) if value != "all")


def _granted(inventory: Inventory, arn: str, account: str, principal: str) -> Answer:
    """The request that the attribute lets through, derived a second time."""
    witness = {
        "principal": principal,
        "action": "rds:RestoreDBInstanceFromDBSnapshot",
        "resource": {"resource": arn, "accountId": account},
        "context": {},
    }
    recheck_snapshot(inventory, witness)
    return Answer(Truth.YES, witness, statement="snapshot attribute restore")


@dataclass(frozen=True, slots=True)
class UserFacts:
    """What is attached to an IAM user.

    found      whether the user exists; UNKNOWN where the list was not collected
    attached   ARNs of managed policies
    inline     names of inline policies
    groups     names of groups
    boundary   ARN of the permission boundary, empty where there is none
    """

    name: str
    found: Truth
    arn: str = ""
    attached: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    boundary: str = ""
    gaps: tuple[Gap, ...] = field(default=())


def user_of(inventory: Inventory, name: str) -> UserFacts:
    """The user of this name or ARN.

    Raises PlaceError where several accounts have a user of the name.
    """
    found = [
        user
        for region in inventory.regions
        for user in region.users
        if name in (user.user_name, user.arn)
    ]
    if len({user.arn for user in found}) > 1:
        arns = ", ".join(user.arn for user in found)
        raise PlaceError(f"`{name}` is the name of several users", hint=f"give one of {arns}")
    if found:
        user = found[0]
        boundary = user.permissions_boundary
        return UserFacts(
            name=user.user_name,
            found=Truth.YES,
            arn=user.arn,
            attached=tuple(p.policy_arn for p in user.attached_managed_policies),
            inline=tuple(p.policy_name for p in user.user_policy_list),
            groups=user.group_list,
            boundary="" if boundary is None else boundary.permissions_boundary_arn,
        )
    gaps: list[Gap] = []
    for account in dict.fromkeys(region.account for region in inventory.regions):
        held = any("UserDetailList" in r.held for r in regions_of(inventory, account))
        _, gap = look_up(
            regions_of(inventory, account), "UserDetailList", (account,), lambda _: None
        )
        if gap is not None and not (held and gap.why.startswith("not collected")):
            gaps.append(gap)
    return UserFacts(name, Truth.UNKNOWN if gaps else Truth.NO, gaps=tuple(gaps))
