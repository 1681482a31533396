"""What a bucket lets out: Block Public Access, ACL, ownership and policy put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from mute_audit.identity.access_points import Point, ask_point, possible
from mute_audit.identity.acls import AclState, AclWays, about_objects
from mute_audit.identity.automata import Language, language
from mute_audit.identity.judge import Answer, Judge
from mute_audit.identity.keys import is_origin_identity, names_in, own_access_points
from mute_audit.identity.organizations import OPEN, Fence
from mute_audit.identity.public import Classification, classify
from mute_audit.identity.s3_actions import Group, actions_in, targets_of
from mute_audit.identity.statements import Policy
from mute_audit.identity.tokens import glob_tokens, literal_tokens
from mute_audit.verdict import Gap, Truth, any_of

__all__ = ["BucketExposure", "Switch"]


@dataclass(frozen=True, slots=True)
class Switch:
    """One of the four switches, at account and at bucket; the stricter one wins (A1)."""

    account: Truth
    bucket: Truth

    @property
    def effective(self) -> Truth:
        return any_of((self.account, self.bucket))


@dataclass(frozen=True)
class BucketExposure:
    """One bucket. The switches are by their AWS names (`IgnorePublicAcls`).

    policy      the parsed policy; None where there is none, or where `policy_gap` says why it
                is not known
    recheck     derives a grant of the ACL a second time; raises DisagreementError
    fence       the resource control policies around the account
    ours        values of keys that AWS assigns, known to be this account's
    points      its access points, as far as they are known; `points_gap` says why not all are
    """

    name: str
    arn: str
    account: str
    region: str
    switches: Mapping[str, Switch]
    switch_gaps: tuple[Gap, ...]
    acl: AclState
    ownership: str | None
    policy: Policy | None
    policy_gap: Gap | None = None
    now: datetime | None = None
    recheck: Callable[[Mapping[str, Any]], None] | None = None
    fence: Fence = OPEN
    ours: Mapping[str, Language] = field(default_factory=dict)
    points: tuple[Point, ...] = ()
    points_gap: Gap | None = None

    # --- the four answers ------------------------------------------------------------------

    def public(self, action: str) -> Answer:
        """May the anonymous internet do this?"""
        return self._either(self.through_policy(action, "anonymous"), self.acls.anonymous(action))

    def any_account(self, action: str) -> Answer:
        """May somebody with just any AWS account do this?"""
        return self._either(self.through_policy(action, "any"), self.acls.any_account(action))

    def outside(self, action: str) -> Answer:
        """May anybody outside the account do this: the public, any account, a named one?"""
        answers = [self.public(action), self.any_account(action)]
        if self.policy is not None and not any(a.truth is Truth.YES for a in answers):
            answers += [_as_outsider(who, self.through_policy(action, who)) for who in self.named]
            answers.append(self.by_assigned_value(action))
        answers.append(self.acls.others(action))
        return self._either(*answers)

    @cached_property
    def s3_public(self) -> Classification:
        """Whether S3 calls the policy public (A5): another question than `public`."""
        return Classification(Truth.UNKNOWN) if self.policy_gap else classify(self.policy)

    @cached_property
    def outside_accounts(self) -> dict[str, Answer]:
        """For each account, organisation and canonical user that the policy names: may it do
        anything here?"""
        if self.policy is None:
            return {}
        return {who: self.any_action(who) for who in self.named}

    @cached_property
    def named(self) -> dict[str, str]:
        """Whom the policies name, of the bucket and of its access points, each with its kind."""
        found: dict[str, str] = {}
        for names in (self.judge.names, *(names_in((p.policy,)) for p in self.points if p.policy)):
            found |= {who: "account" for who in names.accounts if who != self.account}
            found |= dict.fromkeys(names.organizations, "organization")
            found |= dict.fromkeys(names.canonical, "canonical-user")
        return found

    def anyone(self, who: str) -> Truth:
        """May `anonymous`, or `any` account, do anything at all here?

        What objects' own ACLs might add, which nobody reads, is left out: it would leave every
        bucket open that still has ACLs.
        """
        truths = []
        for action in actions_in():
            answer = self._whole(action, who)
            if answer.truth is Truth.YES:
                return Truth.YES
            unread = about_objects(action) and self.acl.known
            truths.append(self.through_policy(action, who).truth if unread else answer.truth)
        return any_of(truths)

    # --- ways in ---------------------------------------------------------------------------

    def any_action(self, who: str, *groups: Group) -> Answer:
        """The first action of these groups (of all) that `who` may do through the policy."""
        return self._first(self.through_policy(action, who) for action in actions_in(*groups))

    def allowed(self, who: str, *groups: Group) -> tuple[str, ...]:
        """The exact list of actions that `who` (`anonymous`, `any`, an account) may do."""
        return tuple(a for a in actions_in(*groups) if self._whole(a, who).truth is Truth.YES)

    def _whole(self, action: str, who: str) -> Answer:
        if who == "anonymous":
            return self.public(action)
        return self.any_account(action) if who == "any" else self.through_policy(action, who)

    @staticmethod
    def _first(answers: Iterable[Answer]) -> Answer:
        unknown: Answer | None = None
        last = Answer(Truth.NO)
        for answer in answers:
            if answer.truth is Truth.YES:
                return answer
            if answer.truth is Truth.UNKNOWN and unknown is None:
                unknown = answer
            last = answer
        return unknown or last

    def through_policy(self, action: str, who: str) -> Answer:
        """May `who` do this through the bucket policy, with RestrictPublicBuckets as it is?

        `who` is `anonymous`, `any`, an account, an organisation or a canonical user id.
        """
        if self.policy_gap is not None:
            return Answer(Truth.UNKNOWN, gaps=(self.policy_gap,))
        if self.policy is None:
            return Answer(Truth.NO, reasons=("the bucket has no policy",))
        answer = self.by_policy_alone(action, who)
        if answer.truth is not Truth.NO:
            return self.restricted(answer)
        if who == self.account or not possible(action):
            return answer
        return self._either(answer, *self._by_access_points(action, who))

    def _by_access_points(self, action: str, who: str) -> Iterator[Answer]:
        """Through an access point: its policy and the bucket's must both let it through."""
        for point in self.points:
            yield self._through_point(point, action, who)
        if self.points_gap is not None:
            unknown = self._by_unknown_points(action, who)
            if unknown is not None:
                yield unknown

    def _through_point(self, point: Point, action: str, who: str) -> Answer:
        stranger = who in ("anonymous", "any")
        if stranger and point.vpc and self._ours("aws:sourcevpc", point.vpc):
            reason = f"access point {point.name} takes requests from {point.vpc} alone"
            return Answer(Truth.NO, reasons=(reason,))
        answer = ask_point(point, self.judge, self.arn, who, action, self._resources(action))
        if answer.truth is Truth.NO:
            return answer
        answer = self._restricted_by(answer, self.s3_public, Truth.NO)
        answer = self._restricted_by(answer, point.s3_public, point.restrict)
        if stranger and point.vpc and answer.truth is Truth.YES:
            reason = f"who may use {point.vpc}, which access point {point.name} is of, is not known"
            return replace(answer, truth=Truth.UNKNOWN, reasons=(reason,))
        return answer

    def _ours(self, key: str, value: str) -> bool:
        return key in self.ours and self.ours[key].accepts(value)

    def _by_unknown_points(self, action: str, who: str) -> Answer | None:
        """Where the policy leaves it to access points of the account that nobody described."""
        for given in own_access_points(self.policy or Policy(), self.account):
            judge = replace(self.judge, given=given)
            if judge.as_class(who, action, self._resources(action)).truth is not Truth.NO:
                name = given.get("s3:dataaccesspointarn") or f"of {self.account}"
                gaps = () if self.points_gap is None else (self.points_gap,)
                left = self.restricted(Answer(Truth.UNKNOWN, gaps=gaps))
                reason = f"the policy leaves it to access points ({name})"
                return None if left.truth is Truth.NO else replace(left, reasons=(reason,))
        return None

    def by_assigned_value(self, action: str) -> Answer:
        """May somebody else do it who has an endpoint, id or source that the policy asks for?"""
        if self.policy is None:
            return Answer(Truth.NO)
        answer = self.judge.assigned(action, self._resources(action))
        return answer if answer.truth is Truth.NO else self.restricted(answer)

    def by_policy_alone(self, action: str, who: str) -> Answer:
        """The same with RestrictPublicBuckets off. INVARIANT: the policy is known."""
        return self.judge.as_class(who, action, self._resources(action))

    def acl_answer(self, who: str, action: str) -> Answer:
        """May the anonymous, or any account (`any`), do it through an ACL?"""
        if who == "anonymous":
            return self.acls.anonymous(action)
        return self.acls.any_account(action) if who == "any" else self.acls.others(action, who)

    def restricted(self, answer: Answer) -> Answer:
        """A2: with the switch on, a public policy lets in the account and AWS services alone."""
        return self._restricted_by(answer, self.s3_public, Truth.NO)

    def _restricted_by(self, answer: Answer, policy: Classification, more: Truth) -> Answer:
        """A2 for one policy; `more` is a further level of the switch, of an access point (A1)."""
        switch = any_of((self.switches["RestrictPublicBuckets"].effective, more))
        public = policy.truth
        if switch is Truth.NO or public is Truth.NO or answer.truth is Truth.NO:
            return answer
        if switch is Truth.YES and public is Truth.YES:
            labels = ", ".join(policy.statements)
            return Answer(
                Truth.NO,
                reasons=(f"RestrictPublicBuckets holds back the public policy ({labels})",),
            )
        gaps = self.switch_gaps if switch is Truth.UNKNOWN else ()
        return replace(
            answer,
            truth=Truth.UNKNOWN,
            witness=None,
            gaps=(*answer.gaps, *gaps),
            reasons=(*answer.reasons, "whether RestrictPublicBuckets holds it back is not known"),
        )

    @cached_property
    def acls(self) -> AclWays:
        return AclWays(self.acl, self.arn, self.judge, self.policy_gap, self.recheck)

    @cached_property
    def judge(self) -> Judge:
        return Judge(
            self.policy or Policy(),
            self.account,
            "bucket policy",
            self.now,
            fence=self.fence,
            ours=self.ours,
        )

    def _resources(self, action: str) -> list[Language]:
        found = []
        for kind in targets_of(action):
            tokens = literal_tokens(self.arn)
            if kind == "object":
                tokens += literal_tokens("/") + glob_tokens("?*")
            found.append(language((tokens,)))
        return found

    @staticmethod
    def _either(*answers: Answer) -> Answer:
        """One YES decides; else what is open, with all its gaps (and what would be let through
        unless something forbids it); else every reason."""
        yes = next((a for a in answers if a.truth is Truth.YES), None)
        if yes is not None:
            return yes
        truth = any_of(a.truth for a in answers)
        chosen = [a for a in answers if a.truth is truth]
        likely = next((a for a in chosen if a.witness is not None), Answer(truth))
        return replace(
            likely,
            reasons=tuple(dict.fromkeys(r for a in chosen for r in a.reasons)),
            gaps=tuple(dict.fromkeys(g for a in chosen for g in a.gaps)),
        )


def _as_outsider(who: str, answer: Answer) -> Answer:
    """Nothing tells whose distributions use an origin access identity: the owner's, mostly."""
    if answer.truth is not Truth.YES or not is_origin_identity(who):
        return answer
    reason = f"{answer.statement} lets in {who}, and whose distributions use it is not known"
    return replace(answer, truth=Truth.UNKNOWN, reasons=(reason,))
