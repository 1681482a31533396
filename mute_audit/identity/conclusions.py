"""The exact policies of A15, A16 and A7: each as its parts, each part with its proof."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mute_audit.identity.buckets import BucketExposure
from mute_audit.identity.judge import Answer
from mute_audit.identity.others import RepositoryExposure, UserFacts
from mute_audit.identity.s3_actions import Group, actions_in
from mute_audit.verdict import Gap, Truth, negate

__all__ = [
    "Conclusion",
    "exactly_managed_policies",
    "public_read_only",
    "repository_private",
]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One part of a policy: YES holds, NO is a violation, UNKNOWN could not be told.

    code     names the sentence, which `params` fill in
    warning  a NO is worth saying, but breaks nothing
    witness  the request that proves a violation (or, for what must be possible, that it is)
    """

    truth: Truth
    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    witness: Mapping[str, Any] | None = None
    gaps: tuple[Gap, ...] = ()
    reasons: tuple[str, ...] = ()
    statement: str = ""
    warning: bool = False


def public_read_only(bucket: BucketExposure) -> tuple[Conclusion, ...]:
    """A15: the public reads objects through the bucket policy, and does nothing else."""
    found = [_acl_way(bucket), _restrict(bucket), _public_read(bucket)]
    found += [
        _nobody(bucket, group, code)
        for group, code in (
            (Group.WRITE, "s3-no-outside-write"),
            (Group.LIST, "s3-no-outside-list"),
            (Group.ACL, "s3-no-outside-acl"),
            (Group.POLICY, "s3-no-outside-policy"),
        )
    ]
    return (*found, _policy_switch(bucket))


def _acl_way(bucket: BucketExposure) -> Conclusion:
    acl = bucket.acl
    params = {"bucket": bucket.name, "why": acl.why}
    if acl.dead is Truth.YES:
        reasons = ("whether public grants lie underneath cannot be seen",) if acl.hidden else ()
        return Conclusion(Truth.YES, "s3-acl-way-dead", params, reasons=reasons)
    if acl.public:
        grant = acl.public[0]
        params["grant"] = f"{grant.permission} {grant.grantee.uri.rpartition('/')[2]}"
        return Conclusion(Truth.NO, "s3-acl-way-dead", params, statement=params["grant"])
    # No public grant on the bucket itself, but ACLs count, and those of objects are not read.
    reasons = ("ACLs are in force, and the ACLs of objects are not read",)
    return Conclusion(Truth.UNKNOWN, "s3-acl-way-dead", params, gaps=acl.gaps, reasons=reasons)


def _restrict(bucket: BucketExposure) -> Conclusion:
    switch = bucket.switches["RestrictPublicBuckets"]
    level = "account" if switch.account is Truth.YES else "bucket"
    params = {"bucket": bucket.name}
    if switch.effective is Truth.YES:
        params["level"] = level
    gaps = bucket.switch_gaps if switch.effective is Truth.UNKNOWN else ()
    return Conclusion(negate(switch.effective), "s3-restrict-off", params, gaps=gaps)


def _public_read(bucket: BucketExposure) -> Conclusion:
    answer = bucket.through_policy("s3:GetObject", "anonymous")
    return Conclusion(
        answer.truth,
        "s3-public-read",
        {"bucket": bucket.name, "action": "s3:GetObject"},
        answer.witness,
        answer.gaps,
        answer.reasons,
        answer.statement,
    )


def _nobody(bucket: BucketExposure, group: Group, code: str) -> Conclusion:
    """Nobody outside may do anything of this group, nor what AWS may add to it."""
    actions = actions_in(group, Group.FUTURE) if group is Group.WRITE else actions_in(group)
    answers = {action: bucket.outside(action) for action in actions}
    return _refuted(code, {"bucket": bucket.name}, answers)


def _refuted(code: str, params: dict[str, str], answers: Mapping[str, Answer]) -> Conclusion:
    """YES where every answer is NO; the first YES is the counter-example."""
    allowed = [name for name, answer in answers.items() if answer.truth is Truth.YES]
    if allowed:
        first = answers[allowed[0]]
        return Conclusion(
            Truth.NO,
            code,
            {**params, "actions": ", ".join(allowed)},
            first.witness,
            statement=first.statement,
        )
    unknown = {n: a for n, a in answers.items() if a.truth is Truth.UNKNOWN}
    if unknown:
        return Conclusion(
            Truth.UNKNOWN,
            code,
            params,
            # What would be a violation, unless something that is not known forbids it.
            next((a.witness for a in unknown.values() if a.witness is not None), None),
            gaps=tuple(dict.fromkeys(g for a in unknown.values() for g in a.gaps)),
            reasons=tuple(dict.fromkeys(r for a in unknown.values() for r in a.reasons)),
        )
    return Conclusion(Truth.YES, code, params)


def _policy_switch(bucket: BucketExposure) -> Conclusion:
    """With BlockPublicPolicy on, the policy that is meant could not be applied again."""
    switch = bucket.switches["BlockPublicPolicy"].effective
    return Conclusion(
        negate(switch),
        "s3-block-public-policy-off",
        {"bucket": bucket.name},
        gaps=bucket.switch_gaps if switch is Truth.UNKNOWN else (),
        warning=True,
    )


def exactly_managed_policies(user: UserFacts, arns: Iterable[str]) -> tuple[Conclusion, ...]:
    """A16: these managed policies and no other right: no inline policy, no group."""
    params = {"user": user.name}
    if user.found is not Truth.YES:
        return (Conclusion(user.found, "iam-user-exists", params, gaps=user.gaps),)
    wanted = set(arns)
    attached = set(user.attached)
    missing, extra = sorted(wanted - attached), sorted(attached - wanted)
    found = [
        Conclusion(
            Truth.of(not missing),
            "iam-policies-attached",
            {**params, **({"missing": ", ".join(missing)} if missing else {})},
        ),
        Conclusion(
            Truth.of(not extra),
            "iam-no-other-policy",
            {**params, **({"extra": ", ".join(extra)} if extra else {})},
        ),
        Conclusion(
            Truth.of(not user.inline),
            "iam-no-inline-policy",
            {**params, **({"inline": ", ".join(user.inline)} if user.inline else {})},
        ),
        Conclusion(
            Truth.of(not user.groups),
            "iam-no-group",
            {**params, **({"groups": ", ".join(user.groups)} if user.groups else {})},
        ),
        Conclusion(
            Truth.of(not user.boundary),
            "iam-no-boundary",
            {**params, **({"boundary": user.boundary} if user.boundary else {})},
            warning=True,
        ),
    ]
    return tuple(found)


def repository_private(repository: RepositoryExposure) -> tuple[Conclusion, ...]:
    """A private repository that lets in no other account."""
    params = {"repository": repository.name}
    return (
        _refuted("ecr-not-public", params, {"any AWS account": repository.any_account}),
        _refuted("ecr-not-shared", params, repository.outside_accounts)
        if repository.gap is None
        else Conclusion(Truth.UNKNOWN, "ecr-not-shared", params, gaps=(repository.gap,)),
    )
