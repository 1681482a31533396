"""Privileges that reach further than a list of actions: everything, and giving oneself more.

*Everything* is asked about actions that nobody has heard of yet: whoever may do those has no
list. *Giving oneself more* is asked action by action: may this user or role change a policy that
speaks for itself? The ways are those through policies (Rhino Security Labs, *AWS IAM privilege
escalation methods*; the AWS access level of each is "Permissions management").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from mute_audit.identity.access import Access
from mute_audit.identity.callers import CallerKind
from mute_audit.identity.catalogue import FUTURE
from mute_audit.identity.facts import regions_of
from mute_audit.identity.holders import Holder
from mute_audit.identity.insiders import Insider
from mute_audit.identity.judge import Answer
from mute_audit.identity.targets import Target
from mute_audit.inventory import Inventory
from mute_audit.inventory.access import AttachedPolicy
from mute_audit.verdict import Truth, all_of

__all__ = ["WAYS", "Escalation", "Privileges"]

# What somebody who may change a policy of his own needs to be allowed, by the word for it.
WAYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "new-version": ("iam:CreatePolicyVersion",),
        "other-version": ("iam:SetDefaultPolicyVersion",),
        "attach": ("iam:AttachUserPolicy", "iam:AttachRolePolicy", "iam:AttachGroupPolicy"),
        "inline": ("iam:PutUserPolicy", "iam:PutRolePolicy", "iam:PutGroupPolicy"),
    }
)
_ADMINISTRATOR = "policy/AdministratorAccess"


@dataclass(frozen=True, slots=True)
class Escalation:
    """One way up: the action, the policy or identity that it changes, and the proof."""

    way: str
    action: str
    target: str
    answer: Answer


class Privileges:
    """Asks about the users and roles of one inventory; `now` as in `Exposure`."""

    def __init__(self, inventory: Inventory, now: datetime | None = None) -> None:
        self._inventory = inventory
        self._access = Access(inventory, now)
        self._now = now

    @property
    def holders(self) -> tuple[Holder, ...]:
        return self._access.holders

    def everything(self, holder: Holder) -> Answer:
        """May it do whatever there is, to whatever there is?"""
        region = "us-east-1"
        service = "futureservice"
        answers = [
            self._ask(holder, f"{service}:{FUTURE}", f"arn:aws:{service}:{region}:{{}}:thing/x"),
            self._ask(holder, f"iam:{FUTURE}", "arn:aws:iam::{}:user/somebody-else"),
        ]
        truth = all_of(answer.truth for answer in answers)
        return next(answer for answer in answers if answer.truth is truth)

    def escalations(self, holder: Holder, ways: tuple[str, ...]) -> Iterator[Escalation]:
        """Each way in which it may (or may perhaps) give itself more."""
        for way in ways:
            for action in WAYS[way]:
                for target in self._changed_by(action, holder):
                    given = {}
                    if way == "attach":
                        partition = holder.arn.split(":")[1]
                        given = {"iam:policyarn": f"arn:{partition}:iam::aws:{_ADMINISTRATOR}"}
                    answer = self._ask(holder, action, target, given)
                    if answer.truth is not Truth.NO:
                        yield Escalation(way, action, target, answer)

    def _ask(
        self, holder: Holder, action: str, arn: str, given: Mapping[str, str | None] | None = None
    ) -> Answer:
        arn = arn.format(holder.account)
        target = Target("iam", arn, arn.rpartition("/")[2], holder.account, (action,))
        insider = Insider(self._access.organizations, self._now, holder, target, given or {}, False)
        return insider.ask(action)[0]

    def _changed_by(self, action: str, holder: Holder) -> Iterator[str]:
        """What the action would have to change so that the holder gains by it."""
        if action in ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"):
            yield from self._own_policies(holder, several=action.startswith("iam:Set"))
        elif "User" in action:
            if holder.kind is CallerKind.USER:
                yield holder.arn
        elif "Role" in action:
            if holder.kind is CallerKind.ROLE:
                yield holder.arn
        else:
            yield from self._groups(holder)

    def _own_policies(self, holder: Holder, several: bool) -> Iterator[str]:
        """Managed policies of the account that speak for the holder, by ARN."""
        known = {
            policy.arn: len(policy.policy_version_list)
            for region in regions_of(self._inventory, holder.account)
            for policy in region.managed_policies
        }
        for attached in dict.fromkeys(self._attached(holder)):
            arn = attached.policy_arn
            # Nobody but AWS changes its policies; of one version there is no other to choose.
            own = f"::{holder.account}:policy/" in arn
            if own and not (several and known.get(arn, 2) < 2):
                yield arn

    def _attached(self, holder: Holder) -> Iterator[AttachedPolicy]:
        groups = self._groups(holder)
        for region in regions_of(self._inventory, holder.account):
            for user in region.users:
                if user.arn == holder.arn:
                    yield from user.attached_managed_policies
            for role in region.roles:
                if role.arn == holder.arn:
                    yield from role.attached_managed_policies
            for group in region.groups:
                if group.arn in groups:
                    yield from group.attached_managed_policies

    def _groups(self, holder: Holder) -> tuple[str, ...]:
        """The groups that a user is in, by ARN."""
        regions = regions_of(self._inventory, holder.account)
        names = {
            name
            for region in regions
            for user in region.users
            if user.arn == holder.arn
            for name in user.group_list
        }
        return tuple(
            group.arn for region in regions for group in region.groups if group.group_name in names
        )
