"""Findings and results, built in one way for all checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from mute_audit.address import Address
from mute_audit.finding import Evidence, Finding, PolicyResult
from mute_audit.policy.codes import CODES
from mute_audit.policy.model import BasePolicy
from mute_audit.policy.subjects import Missing
from mute_audit.verdict import Gap, Verdict

__all__ = ["NOTHING_TO_JUDGE", "about_names", "conclude", "finding"]

NOTHING_TO_JUDGE = "nothing to judge"


def finding(
    policy: BasePolicy,
    verdict: Verdict,
    code: str,
    resource: Address,
    params: Mapping[str, str] | None = None,
    evidence: Evidence | None = None,
) -> Finding:
    """A finding of `policy`. Raises ValueError where a parameter of the code is missing."""
    given = dict(params or {})
    lacking = CODES[code] - given.keys()
    if lacking:
        raise ValueError(f"finding `{code}` lacks {', '.join(sorted(lacking))}")
    return Finding.build(
        policy=policy.id,
        verdict=verdict,
        severity=policy.severity,
        code=code,
        resource=resource,
        params=given,
        evidence=evidence,
    )


class Names(Protocol):
    """What became of the names of a policy (`Selection`, `Subjects`)."""

    @property
    def missing(self) -> tuple[Missing, ...]: ...

    @property
    def unsure(self) -> tuple[tuple[Address, tuple[Gap, ...]], ...]: ...


def about_names(
    policy: BasePolicy, names: Names, code: str = "reach.unknown", **params: str
) -> list[Finding]:
    """What is wrong with the policy's own names: missing, or impossible to look for.

    `code` and `params` are for what could not be looked for (or not completely).
    """
    found = []
    for lost in names.missing:
        told = {"name": lost.address.label, **({"near": lost.near} if lost.near else {})}
        found.append(finding(policy, Verdict.FAIL, lost.code, lost.address, told))
    for address, gaps in names.unsure:
        given = {"target": address.label, **params}
        evidence = Evidence(gaps=gaps)
        found.append(finding(policy, Verdict.UNKNOWN, code, address, given, evidence))
    return found


def conclude(
    policy: BasePolicy, findings: Iterable[Finding], judged: int, notes: Sequence[str] = ()
) -> PolicyResult:
    """The policy's result: one failed finding fails it, else one open finding leaves it open."""
    found = _each_once(findings)
    verdicts = {item.verdict for item in found}
    verdict = next(
        (worst for worst in (Verdict.FAIL, Verdict.UNKNOWN) if worst in verdicts), Verdict.PASS
    )
    every = dict.fromkeys(notes)
    if judged == 0 and verdict is Verdict.PASS:
        every[NOTHING_TO_JUDGE] = None
    return PolicyResult(
        id=policy.id,
        title=policy.title.text(),
        severity=policy.severity,
        kind=policy.kind,
        verdict=verdict,
        judged=judged,
        findings=found,
        notes=tuple(every),
        gaps=tuple(dict.fromkeys(gap for item in found for gap in item.evidence.gaps)),
        description=policy.description.text(),
        remediation=policy.remediation.text(),
        references=policy.references,
    )


def _each_once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Failed ones first, then by resource; of equal ones (same evidence hash) the first."""
    order = {Verdict.FAIL: 0, Verdict.UNKNOWN: 1}
    unique = {(item.code, item.evidence_hash): item for item in findings}
    return tuple(
        sorted(
            unique.values(),
            key=lambda f: (order.get(f.verdict, 2), f.resource, f.code, f.evidence.source),
        )
    )
