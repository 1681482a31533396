"""Everybody who has no policies in the account of a resource, and what it lets them do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from mute_audit.identity.assigned import assigned_callers
from mute_audit.identity.automata import Language
from mute_audit.identity.blockers import blocked_grants
from mute_audit.identity.buckets import BucketExposure
from mute_audit.identity.classes import Layer
from mute_audit.identity.judge import Answer, Judge
from mute_audit.identity.organizations import Organizations
from mute_audit.identity.questions import Ask, Asked, Blocked, Subject, Way
from mute_audit.identity.statements import Policy
from mute_audit.identity.targets import Target
from mute_audit.verdict import Truth

__all__ = ["ask_account", "outsiders"]


def outsiders(
    target: Target, now: datetime | None, organizations: Organizations
) -> Iterator[tuple[Subject, Ask]]:
    """The classes of callers that have no policies in this account."""
    if target.bucket is not None:
        yield from _of_bucket(target)
        return
    if target.shared:
        yield from _of_snapshot(target)
        return
    if target.policy is None and target.policy_gap is None:
        return
    fence = organizations.around_resources(target.account)
    policy = target.policy or Policy()
    judge = Judge(policy, target.account, target.policy_name, now, fence=fence)

    def asking(one: Callable[[str, list[Language]], Answer]) -> Ask:
        def ask(action: str) -> Asked:
            if not target.governs(action):
                return Answer(Truth.NO, reasons=(f"a {target.policy_name} cannot give it",)), ()
            if target.policy_gap is not None:
                return Answer(Truth.UNKNOWN, gaps=(target.policy_gap,)), ()
            answer = one(action, target.languages(action))
            return answer, ()

        return ask

    yield Subject("any-account", "any-account"), asking(judge.any_account)
    for kind, names, method in (
        ("account", judge.outsiders, judge.account),
        ("organization", judge.names.organizations, judge.organization),
        ("canonical-user", judge.names.canonical, judge.canonical),
        ("service", judge.names.services, judge.service),
        ("federated", judge.names.federated, judge.federated),
    ):
        for name in names:
            yield Subject(kind, name), asking(_named(method, name))


def _named(
    method: Callable[[str, str, Sequence[Language]], Answer], name: str
) -> Callable[[str, list[Language]], Answer]:
    return lambda action, languages: method(name, action, languages)


def ask_account(
    target: Target, account: str, now: datetime | None, organizations: Organizations
) -> Ask:
    """An account that the resource's policy does not name."""
    for subject, ask in outsiders(target, now, organizations):
        if subject.id == account:
            return ask
    for subject, ask in outsiders(target, now, organizations):
        if subject.kind == "any-account":
            return ask
    return lambda _: (Answer(Truth.NO, reasons=("it has no policy that lets anybody in",)), ())


def _of_bucket(target: Target) -> Iterator[tuple[Subject, Ask]]:
    bucket = target.bucket
    if bucket is None:
        return
    exact = target.kind == "s3.object"
    judge = bucket.judge

    def through(who: str, whole: Callable[[str], Answer]) -> Ask:
        def ask(action: str) -> Asked:
            answer = _one_object(bucket, judge, target, who, action) if exact else whole(action)
            if answer.truth is not Truth.NO or bucket.policy is None:
                return answer, ()
            alone = bucket.by_policy_alone(action, who)
            if alone.truth is Truth.YES and not exact:
                reason = next(iter(bucket.through_policy(action, who).reasons), "")
                return answer, (Blocked(alone.statement, "RestrictPublicBuckets", reason),)
            return answer, _held_back(judge, target, who, action)

        return ask

    yield Subject("anonymous", "anonymous"), through("anonymous", bucket.public)
    yield Subject("any-account", "any-account"), through("any", bucket.any_account)
    for name, kind in bucket.named.items():
        yield Subject(kind, name), through(name, _policy_of(target, name))
    for name in judge.names.services:
        yield (
            Subject("service", name),
            lambda action, name=name: (  # type: ignore[misc]
                judge.service(name, action, target.languages(action)),
                (),
            ),
        )
    if any(True for _ in assigned_callers(judge.policy)):
        subject = Subject("condition", "whoever has what a condition asks for")
        yield subject, lambda action: (bucket.by_assigned_value(action), ())
    for grantee in dict.fromkeys(grant.grantee.id for grant in bucket.acl.others):
        if grantee not in judge.names.canonical:
            yield (
                Subject("canonical-user", grantee),
                lambda action, grantee=grantee: (  # type: ignore[misc]
                    bucket.acls.others(action, grantee),
                    (),
                ),
            )


def _policy_of(target: Target, name: str) -> Callable[[str], Answer]:
    def ask(action: str) -> Answer:
        if target.bucket is None:
            return Answer(Truth.NO)
        return target.bucket.through_policy(action, name)

    return ask


def _one_object(
    bucket: BucketExposure, judge: Judge, target: Target, who: str, action: str
) -> Answer:
    """The same for one object: the policy over its ARN, the ACL as for all objects."""
    if bucket.policy_gap is not None:
        return Answer(Truth.UNKNOWN, gaps=(bucket.policy_gap,))
    answer = judge.as_class(who, action, target.languages(action))
    if answer.truth is not Truth.NO:
        return bucket.restricted(answer)
    acl = bucket.acl_answer(who, action)
    return answer if acl.truth is Truth.NO else acl


def _held_back(judge: Judge, target: Target, who: str, action: str) -> tuple[Blocked, ...]:
    """The statements that would let the class in, and the Deny that stops each."""
    callers = judge.callers_of(who)
    return blocked_grants(
        (Way((Layer(judge.name, (judge.policy,)),), judge.fence.levels),),
        callers,
        action,
        target.languages(action),
        target.account,
        judge.fixed,
    )


def _of_snapshot(target: Target) -> Iterator[tuple[Subject, Ask]]:
    for who, answer in target.shared:
        subject = Subject("any-account", "any-account") if who == "all" else Subject("account", who)
        yield subject, _only(answer)


def _only(answer: Answer) -> Ask:
    """The attribute `restore` lets others copy and restore, and nothing else."""
    allowed = ("rds:restoredbinstancefromdbsnapshot", "rds:copydbsnapshot")

    def ask(action: str) -> Asked:
        if action.lower() not in allowed:
            return Answer(Truth.NO, reasons=("sharing a snapshot does not give this",)), ()
        witness = None if answer.witness is None else {**answer.witness, "action": action}
        return replace(answer, witness=witness), ()

    return ask
