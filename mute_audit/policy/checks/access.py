"""Who may do what: buckets, users, repositories, snapshots of databases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from mute_audit.address import Address, arn_account
from mute_audit.finding import Evidence, FieldChange, Finding, PolicyResult
from mute_audit.identity import conclusions
from mute_audit.identity.conclusions import Conclusion
from mute_audit.identity.exposure import Answer, BucketExposure
from mute_audit.identity.s3_actions import Group, actions_in, targets_of
from mute_audit.policy.context import Context
from mute_audit.policy.model import (
    BasePolicy,
    EcrPrivate,
    IamExactPolicies,
    RdsSnapshotPrivate,
    S3NotPublic,
    S3PublicReadOnly,
)
from mute_audit.policy.outcome import about_names, conclude, finding
from mute_audit.policy.resource_types import RESOURCE_TYPES
from mute_audit.policy.subjects import subjects
from mute_audit.verdict import Truth, Verdict

T = TypeVar("T")

__all__ = [
    "exact_policies",
    "not_public",
    "public_read_only",
    "repositories_private",
    "snapshots_private",
]


def public_read_only(policy: S3PublicReadOnly, context: Context) -> PolicyResult:
    """`s3.public-read-only`: anyone reads objects by the bucket policy, and nothing else (A15)."""
    buckets = subjects(context.analysis.inventory, RESOURCE_TYPES["s3.bucket"], policy.buckets)
    found = about_names(policy, buckets, "s3.unknown", action="s3:GetObject")
    for address, bucket in buckets.found:
        exposure = context.analysis.exposure.bucket(bucket.name)
        for conclusion in conclusions.public_read_only(exposure):
            if conclusion.truth is not Truth.YES:
                found.append(_about_bucket(policy, address, exposure, conclusion))
    return conclude(policy, found, len(buckets.found))


# What is wrong where a conclusion does not hold, and where it could not be told.
_BUCKET_CODES: Mapping[str, tuple[str, str]] = {
    "s3-acl-way-dead": ("s3.acl_way_open", "s3.acl_way_unknown"),
    "s3-restrict-off": ("s3.restrict_on", "s3.unknown"),
    "s3-public-read": ("s3.read_not_public", "s3.unknown"),
    "s3-block-public-policy-off": ("s3.block_policy_on", "s3.unknown"),
}


# What a conclusion that could not be told asks for.
_ASKED: Mapping[str, str] = {
    "s3-restrict-off": "s3:GetObject",
    "s3-no-outside-write": "s3:Put*, s3:Delete*",
    "s3-no-outside-list": "s3:List*",
    "s3-no-outside-acl": "s3:Get*Acl, s3:Put*Acl",
    "s3-no-outside-policy": "s3:*BucketPolicy",
}


def _about_bucket(
    policy: BasePolicy, address: Address, bucket: BucketExposure, conclusion: Conclusion
) -> Finding:
    refuted = conclusion.truth is Truth.NO
    verdict = Verdict.FAIL if refuted else Verdict.UNKNOWN
    if conclusion.warning:
        # Worth saying, and no violation.
        verdict = Verdict.PASS
    named = conclusion.params.get("actions") or conclusion.params.get("action")
    params = {"action": named or _ASKED.get(conclusion.code, "s3:*")}
    if conclusion.code in _BUCKET_CODES:
        code = _BUCKET_CODES[conclusion.code][0 if refuted else 1]
        who = ""
    elif refuted:
        code, who = _who(bucket, conclusion.witness)
        if who:
            params["account"] = who
    else:
        code, who = "s3.unknown", ""
    return finding(
        policy,
        verdict,
        code,
        address,
        params,
        Evidence(
            # Tells the findings of one bucket apart: which part of the policy, and who.
            source=f"{conclusion.code}:{who or 'anyone'}",
            request=conclusion.witness,
            rules=(conclusion.statement,) if conclusion.statement else (),
            gaps=conclusion.gaps,
            notes=conclusion.reasons,
        ),
    )


def _who(bucket: BucketExposure, witness: Mapping[str, Any] | None) -> tuple[str, str]:
    """The code for a request from outside, and the account that may make it (if not anyone)."""
    request = witness or {}
    action = str(request.get("action", ""))
    if Truth.YES in (bucket.public(action).truth, bucket.any_account(action).truth):
        return "s3.write_public", ""
    return "s3.outside_access", _account_of(request)


# What tells whom a request is for where its principal does not: a service acts for somebody, and
# whoever is behind an endpoint may be anybody.
_SOURCES = ("aws:SourceAccount", "aws:SourceOwner", "aws:SourceOrgID", "aws:SourceArn")
_ENDPOINTS = ("aws:VpceAccount", "aws:VpceOrgID", "aws:SourceVpcArn", "aws:VpceOrgPaths")


def _account_of(request: Mapping[str, Any]) -> str:
    """The account that makes the request, or for which a service makes it."""
    principal = request.get("principal", "")
    if isinstance(principal, Mapping):
        return str(principal.get("id", ""))
    context = {str(key).lower(): value for key, value in request.get("context", {}).items()}
    for key in (*_SOURCES, *_ENDPOINTS):
        value = context.get(key.lower())
        if value is not None and arn_account(str(principal)) == "":
            text = str(value if isinstance(value, str) else next(iter(value), ""))
            return arn_account(text) or text
    return arn_account(str(principal)) or str(principal)


def not_public(policy: S3NotPublic, context: Context) -> PolicyResult:
    """`s3.not-public`: nobody outside may read, list, write or configure."""
    buckets = subjects(context.analysis.inventory, RESOURCE_TYPES["s3.bucket"], policy.buckets)
    actions = [action for access in policy.access for action in _actions(access)]
    found = about_names(policy, buckets, "s3.unknown", action=", ".join(policy.access))
    for address, bucket in buckets.found:
        exposure = context.analysis.exposure.bucket(bucket.name)
        answers = {action: _asked(exposure, action, policy.outsiders) for action in actions}
        found += _open_actions(policy, address, exposure, answers)
    return conclude(policy, found, len(buckets.found))


def _actions(access: str) -> tuple[str, ...]:
    """The actions that a word of `access` stands for.

    `configure` is of the bucket itself: which objects have ACLs of their own is not collected,
    so that asking for those would leave every bucket open that still uses ACLs.
    """
    if access == "read":
        return actions_in(Group.READ)
    if access == "list":
        return actions_in(Group.LIST)
    if access == "write":
        return actions_in(Group.WRITE)
    return tuple(
        action
        for action in actions_in(Group.ACL, Group.POLICY)
        if "bucket" in targets_of(action) and not action.startswith(("s3:Get", "s3:List"))
    )


def _asked(bucket: BucketExposure, action: str, outsiders: str) -> Answer:
    if outsiders == "other-accounts":
        return bucket.outside(action)
    answers = (bucket.public(action), bucket.any_account(action))
    order = (Truth.YES, Truth.UNKNOWN, Truth.NO)
    return min(answers, key=lambda answer: order.index(answer.truth))


def _open_actions(
    policy: S3NotPublic, address: Address, bucket: BucketExposure, answers: Mapping[str, Answer]
) -> Iterable[Finding]:
    """One finding for all actions that the same outsider may do, with the first as proof."""
    allowed: dict[tuple[str, str], list[str]] = {}
    for action, answer in answers.items():
        if answer.truth is Truth.YES:
            allowed.setdefault(_who(bucket, answer.witness), []).append(action)
    for (code, who), actions in allowed.items():
        first = answers[actions[0]]
        params = {"action": ", ".join(actions), **({"account": who} if who else {})}
        evidence = Evidence(
            source=who or "anyone",
            request=first.witness,
            rules=(first.statement,) if first.statement else (),
        )
        yield finding(policy, Verdict.FAIL, code, address, params, evidence)
    unknown = {name: a for name, a in answers.items() if a.truth is Truth.UNKNOWN}
    if unknown:
        evidence = Evidence(
            gaps=_once(gap for answer in unknown.values() for gap in answer.gaps),
            notes=_once(reason for answer in unknown.values() for reason in answer.reasons),
        )
        params = {"action": ", ".join(unknown)}
        yield finding(policy, Verdict.UNKNOWN, "s3.unknown", address, params, evidence)


def exact_policies(policy: IamExactPolicies, context: Context) -> PolicyResult:
    """`iam.exact-policies`: these managed policies and nothing else (A16)."""
    users = subjects(context.analysis.inventory, RESOURCE_TYPES["iam.user"], policy.users)
    found = [
        finding(
            policy, Verdict.FAIL, "iam.no_such_user", lost.address, {"user": lost.address.label}
        )
        for lost in users.missing
    ]
    found += [
        finding(policy, Verdict.UNKNOWN, "iam.unknown", address, evidence=Evidence(gaps=gaps))
        for address, gaps in users.unsure
    ]
    for address, user in users.found:
        facts = context.analysis.exposure.user(user.arn or user.user_name)
        for conclusion in conclusions.exactly_managed_policies(facts, policy.policies):
            if conclusion.truth is not Truth.YES:
                found += _about_user(policy, address, conclusion)
    return conclude(policy, found, len(users.found))


# conclusion → (code, parameter of the conclusion that lists what is wrong, of the finding)
_USER_CODES: Mapping[str, tuple[str, str, str]] = {
    "iam-policies-attached": ("iam.missing_policy", "missing", "policy"),
    "iam-no-other-policy": ("iam.unexpected_policy", "extra", "policy"),
    "iam-no-inline-policy": ("iam.inline_policy", "inline", "policy"),
    "iam-no-group": ("iam.group_membership", "groups", "group"),
    "iam-no-boundary": ("iam.boundary", "boundary", "boundary"),
}


def _about_user(
    policy: IamExactPolicies, address: Address, conclusion: Conclusion
) -> Iterable[Finding]:
    """One finding for each policy or group, so that each can be accepted by itself."""
    if conclusion.truth is Truth.UNKNOWN:
        evidence = Evidence(gaps=conclusion.gaps, notes=conclusion.reasons)
        yield finding(policy, Verdict.UNKNOWN, "iam.unknown", address, evidence=evidence)
        return
    code, listed, name = _USER_CODES[conclusion.code]
    verdict = Verdict.PASS if conclusion.warning else Verdict.FAIL
    for item in conclusion.params[listed].split(", "):
        yield finding(
            policy, verdict, code, address, {name: item}, Evidence(source=f"{code}:{item}")
        )


def repositories_private(policy: EcrPrivate, context: Context) -> PolicyResult:
    """`ecr.private`: the repositories let in nobody from outside (A7)."""
    kind = RESOURCE_TYPES["ecr.repository"]
    repositories = subjects(context.analysis.inventory, kind, policy.repositories)
    found = about_names(policy, repositories, "ecr.unknown")
    for address, item in repositories.found:
        exposure = context.analysis.exposure.repository(item.repository_arn)
        answers = {"": exposure.any_account}
        # Whom everybody is let in with needs no mention of his own.
        if policy.outsiders == "other-accounts" and exposure.any_account.truth is Truth.NO:
            answers |= exposure.outside_accounts
        for who, answer in answers.items():
            found += _about_repository(policy, address, who, answer)
    return conclude(policy, found, len(repositories.found))


def _about_repository(
    policy: EcrPrivate, address: Address, who: str, answer: Answer
) -> Iterable[Finding]:
    if answer.truth is Truth.NO:
        return
    evidence = Evidence(
        source=who or "anyone",
        request=answer.witness,
        rules=(answer.statement,) if answer.statement else (),
        gaps=answer.gaps,
        notes=answer.reasons,
    )
    if answer.truth is Truth.UNKNOWN:
        yield finding(policy, Verdict.UNKNOWN, "ecr.unknown", address, evidence=evidence)
        return
    code = "ecr.outside_access" if who else "ecr.public"
    action = str((answer.witness or {}).get("action", ""))
    params = {"action": action, **({"account": who} if who else {})}
    yield finding(policy, Verdict.FAIL, code, address, params, evidence)


def snapshots_private(policy: RdsSnapshotPrivate, context: Context) -> PolicyResult:
    """`rds.snapshot-private`: nobody outside may restore the snapshots (A7)."""
    snapshots = subjects(context.analysis.inventory, RESOURCE_TYPES["rds.snapshot"])
    found = about_names(policy, snapshots, "config.unknown", field=_RESTORE)
    judged = 0
    for address, item in snapshots.found:
        if policy.databases is not None and item.db_instance_identifier not in policy.databases:
            continue
        judged += 1
        exposure = context.analysis.exposure.snapshot(address.id)
        found += _about_snapshot(policy, address, exposure.public, ("all",))
        if policy.outsiders == "other-accounts" and exposure.public.truth is Truth.NO:
            shared = Answer(Truth.of(bool(exposure.accounts)))
            found += _about_snapshot(policy, address, shared, exposure.accounts)
    return conclude(policy, found, judged)


_RESTORE = "DBSnapshotAttributes[restore]"


def _about_snapshot(
    policy: RdsSnapshotPrivate, address: Address, answer: Answer, named: tuple[str, ...]
) -> Iterable[Finding]:
    if answer.truth is Truth.NO:
        return
    if answer.truth is Truth.UNKNOWN:
        evidence = Evidence(gaps=answer.gaps, notes=answer.reasons)
        params = {"field": _RESTORE}
        yield finding(policy, Verdict.UNKNOWN, "config.unknown", address, params, evidence)
        return
    for who in named:
        shared = "rds.snapshot_public" if who == "all" else "rds.snapshot_shared"
        yield finding(
            policy,
            Verdict.FAIL,
            shared,
            address,
            {} if who == "all" else {"account": who},
            Evidence(
                source=who,
                request=answer.witness,
                fields=(FieldChange(_RESTORE, None, who),),
            ),
        )


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
