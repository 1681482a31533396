"""Privileges that go too far: everything on everything, and giving oneself more."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from mute_audit.address import Address
from mute_audit.finding import Evidence, Finding, PolicyResult
from mute_audit.identity.callers import CallerKind
from mute_audit.identity.holders import Holder
from mute_audit.identity.judge import Answer
from mute_audit.identity.privileges import Privileges
from mute_audit.inventory import GLOBAL
from mute_audit.policy.context import Context
from mute_audit.policy.model import BasePolicy, IamNoEscalation, IamNoFullAccess
from mute_audit.policy.outcome import about_names, conclude, finding
from mute_audit.policy.resource_types import RESOURCE_TYPES
from mute_audit.policy.subjects import subjects
from mute_audit.verdict import Truth, Verdict

__all__ = ["no_escalation", "no_full_access"]


def no_full_access(policy: IamNoFullAccess, context: Context) -> PolicyResult:
    """`iam.no-full-access`: nobody may do everything to everything."""
    privileges = Privileges(context.analysis.inventory, context.analysis.now)
    found = _undescribed(policy, policy.holders, context)
    chosen = _chosen(privileges.holders, policy.holders, policy.but)
    for holder in chosen:
        answer = privileges.everything(holder)
        if answer.truth is Truth.UNKNOWN:
            found.append(_open(policy, holder, (answer,)))
        elif answer.truth is Truth.YES:
            evidence = _proof(answer)
            found.append(
                finding(policy, Verdict.FAIL, "iam.full_access", _address(holder), {}, evidence)
            )
    return conclude(policy, found, len(chosen))


def no_escalation(policy: IamNoEscalation, context: Context) -> PolicyResult:
    """`iam.no-escalation`: nobody may change a policy that speaks for himself.

    Whoever may do everything already has nowhere to go up to, and is the other policy's.
    """
    privileges = Privileges(context.analysis.inventory, context.analysis.now)
    found = _undescribed(policy, policy.holders, context)
    chosen = _chosen(privileges.holders, policy.holders, policy.but)
    for holder in chosen:
        if privileges.everything(holder).truth is Truth.YES:
            continue
        open_ones: list[Answer] = []
        for way in privileges.escalations(holder, policy.ways):
            if way.answer.truth is Truth.UNKNOWN:
                open_ones.append(way.answer)
                continue
            params = {"action": way.action, "target": way.target}
            evidence = _proof(way.answer, f"{way.action} {way.target}")
            found.append(
                finding(policy, Verdict.FAIL, "iam.escalation", _address(holder), params, evidence)
            )
        if open_ones:
            found.append(_open(policy, holder, open_ones))
    return conclude(policy, found, len(chosen))


def _undescribed(policy: BasePolicy, kinds: Iterable[str], context: Context) -> list[Finding]:
    """Users or roles that are not described at all: one finding for each place."""
    found: dict[Address, Finding] = {}
    for kind in kinds:
        known = subjects(context.analysis.inventory, RESOURCE_TYPES[f"iam.{kind}"])
        for item in about_names(policy, known, "iam.unknown"):
            before = found.get(item.resource)
            gaps = (*(before.evidence.gaps if before else ()), *item.evidence.gaps)
            evidence = Evidence(gaps=tuple(dict.fromkeys(gaps)))
            found[item.resource] = finding(
                policy, item.verdict, item.code, item.resource, item.params, evidence
            )
    return list(found.values())


def _chosen(holders: Iterable[Holder], kinds: Iterable[str], but: Iterable[str]) -> list[Holder]:
    wanted = set(kinds)
    return [
        holder
        for holder in holders
        # AWS gives its own roles what they need, and lets nobody else change them.
        if _kind(holder) in wanted
        and not holder.service_linked
        and not any(fnmatchcase(text, out) for text in (holder.name, holder.arn) for out in but)
    ]


def _kind(holder: Holder) -> str:
    return "user" if holder.kind is CallerKind.USER else "role"


def _address(holder: Holder) -> Address:
    return Address(f"iam.{_kind(holder)}", holder.arn, holder.name, holder.account, GLOBAL)


def _proof(answer: Answer, source: str = "") -> Evidence:
    return Evidence(
        source=source,
        request=answer.witness,
        rules=(answer.statement,) if answer.statement else (),
    )


def _open(policy: BasePolicy, holder: Holder, answers: Iterable[Answer]) -> Finding:
    """One finding for all that is open about one user or role."""
    listed = tuple(answers)
    evidence = Evidence(
        gaps=tuple(dict.fromkeys(gap for answer in listed for gap in answer.gaps)),
        notes=tuple(dict.fromkeys(reason for answer in listed for reason in answer.reasons)),
    )
    return finding(policy, Verdict.UNKNOWN, "iam.unknown", _address(holder), evidence=evidence)
