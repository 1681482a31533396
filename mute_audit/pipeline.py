"""The spine: what was collected and what was asked, to a report. Pure; the clock is a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from mute_audit.drawing import draw
from mute_audit.drift.effects import Effects
from mute_audit.errors import ExitCode
from mute_audit.finding import (
    REPORT_SCHEMA,
    Declaration,
    DriftItem,
    DriftKind,
    Finding,
    Location,
    Outside,
    PolicyResult,
    Report,
    Severity,
    SourceInfo,
    StaticResult,
    StaticStatus,
    Summary,
)
from mute_audit.inventory import CALLS, NOT_HELD
from mute_audit.policy.context import Context
from mute_audit.policy.evaluate import evaluate
from mute_audit.policy.loader import PolicySet
from mute_audit.repair import with_repairs
from mute_audit.verdict import AcceptedGap, Gap, Verdict, all_accepted
from mute_audit.waivers import WaiverSet

__all__ = ["ScanInputs", "run"]


@dataclass(frozen=True, slots=True)
class ScanInputs:
    """Everything that a report is made of."""

    context: Context
    source: SourceInfo
    policies: PolicySet
    tool_version: str
    now: datetime
    waivers: WaiverSet | None = None
    baseline: str = ""
    fail_on: Severity = Severity.LOW
    accepted: tuple[AcceptedGap, ...] = field(default=())
    declared: Mapping[str, Location] = field(default_factory=dict)
    against: str = ""
    effects: Effects = field(default_factory=Effects)


def run(inputs: ScanInputs) -> Report:
    """Judge, count and draw. Raises DisagreementError when the two engines differ."""
    context = inputs.context
    results = evaluate(inputs.policies, context)
    if inputs.declared:
        results = located(results, inputs.declared)
    if inputs.waivers is not None:
        results = inputs.waivers.apply(results, inputs.now)
    results = with_repairs(results, inputs.policies, context)
    drift: tuple[DriftItem, ...] = ()
    outside: tuple[Outside, ...] = ()
    if context.drift is not None:
        drift, outside = context.drift.items, context.drift.outside
    every = (*context.analysis.inventory.gaps, *_lacking(context, results, drift))
    accepted = tuple(gap for gap in every if all_accepted((gap,), inputs.accepted))
    gaps = tuple(gap for gap in every if gap not in accepted)
    summary = _summary(inputs, results, drift, gaps, accepted)
    return Report(
        schema=REPORT_SCHEMA,
        tool_version=inputs.tool_version,
        generated_at=inputs.now.isoformat(timespec="seconds"),
        source=inputs.source,
        summary=summary,
        policies=results,
        drift=drift,
        baseline=inputs.baseline,
        outside=outside,
        gaps=gaps,
        accepted_gaps=accepted,
        static=context.static,
        against=inputs.against,
        effects=inputs.effects.items,
        effect_notes=inputs.effects.notes,
        drawing=draw(context.analysis, results),
    )


def _lacking(
    context: Context, results: Iterable[PolicyResult], drift: Iterable[DriftItem]
) -> list[Gap]:
    """Descriptions that a verdict needed and a saved snapshot does not hold: once for each call.

    Verdicts name the resource for which they missed it, which may be hundreds.
    """
    inventory = context.analysis.inventory
    places = {region.place for region in inventory.regions}
    told_of = {gap.key for gap in inventory.gaps}
    held = {key for region in inventory.regions for key in region.held}
    lacking: dict[tuple[str, str], Gap] = {}
    told = (*(result.gaps for result in results), *(item.gaps for item in drift))
    for gap in (gap for gaps in told for gap in gaps):
        if gap.key not in CALLS or gap.what != CALLS[gap.key].action or gap.key in told_of:
            continue
        if gap.why == NOT_HELD and gap.where in places:
            lacking[gap.what, gap.where] = gap
        elif gap.key not in held:
            lacking[gap.what, ""] = Gap(gap.what, "", NOT_HELD, gap.key)
    by_place = {what for what, where in lacking if where}
    return sorted(gap for (what, where), gap in lacking.items() if where or what not in by_place)


def located(
    results: tuple[PolicyResult, ...], declared: Mapping[str, Location]
) -> tuple[PolicyResult, ...]:
    """Findings with file and line of the blocks that declare their resource, and its rules."""

    def place(finding: Finding) -> Finding:
        found = finding.location or _declared(finding.resource.id, declared)
        found = found or _declared(finding.resource.name, declared)
        rules = dict.fromkeys(
            Declaration(name, declared[name])
            for name in filter(None, (_rule(rule, declared) for rule in finding.evidence.rules))
        )
        return msgspec.structs.replace(finding, location=found, declarations=tuple(rules))

    return tuple(
        msgspec.structs.replace(result, findings=tuple(map(place, result.findings)))
        for result in results
    )


def _declared(identifier: str, declared: Mapping[str, Location]) -> Location | None:
    """By id, or by that of the resource that a thing is made along with."""
    found = declared.get(identifier)
    if found is None and "." in identifier:
        found = declared.get(identifier.rpartition(".")[0])
    return found


def _rule(rule: str, declared: Mapping[str, Location]) -> str:
    """The resource that a rule is: its own, or the one that it is written in.

    `aws_security_group.web:ingress:tcp/443:10.0.0.0/8` is written in `aws_security_group.web`.
    """
    while rule not in declared and rule:
        rule = rule.rpartition(":")[0]
    return rule


def _summary(
    inputs: ScanInputs,
    results: Sequence[PolicyResult],
    drift: Sequence[DriftItem],
    gaps: Sequence[Gap],
    accepted: Sequence[Gap],
) -> Summary:
    code, reasons = _exit(inputs, results, drift, gaps)
    count = [result.verdict for result in results].count
    return Summary(
        passed=count(Verdict.PASS),
        failed=count(Verdict.FAIL),
        unknown=count(Verdict.UNKNOWN),
        errors=count(Verdict.ERROR),
        waived=sum(bool(f.waived_by) for result in results for f in result.findings),
        drift=sum(item.kind is not DriftKind.UNKNOWN for item in drift),
        gaps=len(gaps),
        accepted_gaps=len(accepted),
        exit_code=int(code),
        exit_reasons=tuple(reasons),
    )


def _exit(
    inputs: ScanInputs,
    results: Sequence[PolicyResult],
    drift: Sequence[DriftItem],
    gaps: Sequence[Gap],
) -> tuple[ExitCode, list[str]]:
    """The exit code and every reason for it; precedence incomplete > failed > drift."""
    incomplete = [f"gap:{gap}" for gap in gaps]
    # A failed policy may be open as well; that it failed is told below.
    incomplete += [
        f"{'error' if result.verdict is Verdict.ERROR else 'unknown'}:{result.id}"
        for result in results
        if _open(result, inputs.accepted)
    ]
    if any(
        item.kind is DriftKind.UNKNOWN and not all_accepted(item.gaps, inputs.accepted)
        for item in drift
    ):
        incomplete.append("drift-unknown")
    failed = [
        f"fail:{result.id}"
        for result in results
        if result.verdict is Verdict.FAIL and result.severity.rank >= inputs.fail_on.rank
    ]
    static = inputs.context.static
    if static is not None:
        incomplete += _static_incomplete(static)
        if static.status is StaticStatus.FAILED:
            failed.append("checkov")
    changed = [item for item in drift if item.kind is not DriftKind.UNKNOWN]
    reasons = incomplete + failed + (["drift"] if changed else [])
    if incomplete:
        return ExitCode.INCOMPLETE, reasons
    if failed:
        return ExitCode.FAILED, reasons
    return (ExitCode.DRIFT if changed else ExitCode.CLEAN), reasons


def _open(result: PolicyResult, accepted: tuple[AcceptedGap, ...]) -> bool:
    """Whether a policy could not be decided for a reason that nobody accepted.

    A failed policy may have undecided findings beside the failed ones.
    """
    if result.verdict is Verdict.ERROR:
        return True
    undecided = [f for f in result.findings if f.verdict is Verdict.UNKNOWN and not f.waived_by]
    if undecided:
        return any(not all_accepted(f.evidence.gaps, accepted) for f in undecided)
    return result.verdict is Verdict.UNKNOWN and not all_accepted(result.gaps, accepted)


def _static_incomplete(static: StaticResult) -> list[str]:
    if static.status in (StaticStatus.MISSING, StaticStatus.ERROR):
        return [f"checkov-{static.status.value}"]
    return []
