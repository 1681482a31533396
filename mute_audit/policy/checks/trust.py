"""Roles that somebody outside of the account may take on."""

from __future__ import annotations

from collections.abc import Iterable

from mute_audit.address import Address
from mute_audit.finding import Evidence, Finding, PolicyResult
from mute_audit.identity.judge import Answer
from mute_audit.identity.outsiders import outsiders
from mute_audit.identity.targets import every_target
from mute_audit.policy.context import Context
from mute_audit.policy.model import IamRoleTrust
from mute_audit.policy.outcome import about_names, conclude, finding
from mute_audit.policy.resource_types import RESOURCE_TYPES
from mute_audit.policy.subjects import subjects
from mute_audit.verdict import Truth, Verdict

__all__ = ["role_trust"]

ASSUME = "sts:AssumeRole"
_EVERYBODY = "any-account"


def role_trust(policy: IamRoleTrust, context: Context) -> PolicyResult:
    """`iam.role-trust`: nobody outside may take on the roles (A8).

    Services that a trust policy names act for the account, and identity providers sign in whom
    the provider lets in: neither is an outside account.
    """
    exposure = context.analysis.exposure
    roles = subjects(context.analysis.inventory, RESOURCE_TYPES["iam.role"], policy.roles)
    found = about_names(policy, roles, "iam.unknown")
    targets = {each.arn: each for each in every_target(exposure) if each.kind == "iam.role"}
    for address, role in roles.found:
        answers = {
            (subject.kind, subject.id): ask(ASSUME)[0]
            for subject, ask in outsiders(
                targets[role.arn], context.analysis.now, exposure.organizations
            )
            if subject.kind in (_EVERYBODY, "account", "organization")
        }
        everybody = answers.pop((_EVERYBODY, _EVERYBODY), Answer(Truth.NO))
        found += _about(policy, address, "", everybody)
        # Whom everybody is let in with needs no mention of his own.
        if policy.outsiders == "other-accounts" and everybody.truth is Truth.NO:
            for (_, who), answer in answers.items():
                found += _about(policy, address, who, answer)
    return conclude(policy, found, len(roles.found))


def _about(policy: IamRoleTrust, address: Address, who: str, answer: Answer) -> Iterable[Finding]:
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
        yield finding(policy, Verdict.UNKNOWN, "iam.role_unknown", address, evidence=evidence)
        return
    code = "iam.role_shared" if who else "iam.role_open"
    yield finding(policy, Verdict.FAIL, code, address, {"account": who} if who else {}, evidence)
