"""What every format needs to know about a report, worked out once.

The counts are taken from the results themselves, not from the saved summary: a report that
was edited or cut cannot look better than what it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mute_audit.errors import ExitCode
from mute_audit.finding import (
    Drawing,
    DriftKind,
    Effect,
    EffectKind,
    Evidence,
    Finding,
    Hop,
    PolicyResult,
    Report,
    StaticStatus,
)
from mute_audit.render.whereabouts import Whereabouts, whereabouts
from mute_audit.render.wording import Wording
from mute_audit.verdict import Gap, Verdict

__all__ = [
    "SYMBOLS",
    "Outline",
    "State",
    "alike",
    "effect_line",
    "headline",
    "link",
    "open_first",
    "outline",
    "path_labels",
    "repair_line",
    "request_line",
    "request_parts",
    "whole_path",
]

SYMBOLS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.UNKNOWN: "?", Verdict.ERROR: "!"}

_ORDER = (Verdict.FAIL, Verdict.ERROR, Verdict.UNKNOWN, Verdict.PASS)


class State(StrEnum):
    """The whole report in one word; only CLEAN is ever shown in green."""

    CLEAN = "clean"
    DRIFT = "drift"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Outline:
    """Counts and order.

    policies  worst verdict first, then by severity, then as evaluated
    verdicts  policies by verdict; `drift` differences by kind
    judged    subjects that all policies looked at, added up
    waived    findings that a waiver covers
    names     what a person calls everything that is drawn, by id
    which     what tells resources of one name apart
    """

    state: State
    policies: tuple[PolicyResult, ...]
    verdicts: Counter[Verdict]
    drift: Counter[DriftKind]
    judged: int
    waived: int
    gaps: tuple[Gap, ...]
    static_failed: int
    static_missing: bool
    names: Mapping[str, str]
    which: Whereabouts

    @property
    def by_verdict(self) -> dict[str, int]:
        """The counts by the verdict's text, zeros included."""
        return {verdict.value: self.verdicts[verdict] for verdict in Verdict}


def outline(report: Report) -> Outline:
    """The outline of a report."""
    verdicts = Counter(policy.verdict for policy in report.policies)
    drift = Counter(item.kind for item in report.drift)
    static = report.static
    static_failed = 0
    static_missing = False
    if static is not None:
        static_missing = static.status in (StaticStatus.MISSING, StaticStatus.ERROR)
        static_failed = len(static.failed) or int(static.status is StaticStatus.FAILED)
    return Outline(
        state=_state(report, verdicts, drift, static_failed, static_missing),
        policies=tuple(
            sorted(
                report.policies,
                key=lambda policy: (_ORDER.index(policy.verdict), -policy.severity.rank),
            )
        ),
        verdicts=verdicts,
        drift=drift,
        judged=sum(policy.judged for policy in report.policies),
        waived=sum(1 for policy in report.policies for f in policy.findings if f.waived_by),
        gaps=report.gaps,
        static_failed=static_failed,
        static_missing=static_missing,
        names=_names(report.drawing),
        which=whereabouts(report),
    )


def _names(drawing: Drawing) -> dict[str, str]:
    found: dict[str, str] = {}
    for vpc in drawing.vpcs:
        found |= {gateway.id: gateway.label for gateway in vpc.gateways}
        for zone in vpc.zones:
            for subnet in zone.subnets:
                found[subnet.id] = subnet.name or subnet.id
                found |= {place.address.id: place.address.label for place in subnet.places}
    return found


def _state(
    report: Report,
    verdicts: Counter[Verdict],
    drift: Counter[DriftKind],
    static_failed: int,
    static_missing: bool,
) -> State:
    if report.summary.exit_code == ExitCode.ERROR:
        return State.ERROR
    if verdicts[Verdict.FAIL] or static_failed or report.summary.exit_code == ExitCode.FAILED:
        return State.FAILED
    open_ends = (
        verdicts[Verdict.UNKNOWN]
        or verdicts[Verdict.ERROR]
        or drift[DriftKind.UNKNOWN]
        or report.gaps
        or static_missing
        or not (report.policies or report.baseline)
    )
    if open_ends or report.summary.exit_code == ExitCode.INCOMPLETE:
        return State.INCOMPLETE
    if report.drift or report.summary.exit_code == ExitCode.DRIFT:
        return State.DRIFT
    return State.CLEAN


def headline(report: Report, facts: Outline, words: Wording) -> str:
    """The result in one line: `2 of 9 policies fail, 1 cannot be told; 6 differences …`."""
    total = len(report.policies)
    failed, unknown, errors = (
        facts.verdicts[Verdict.FAIL],
        facts.verdicts[Verdict.UNKNOWN],
        facts.verdicts[Verdict.ERROR],
    )
    parts: list[str] = []
    if not total:
        parts.append(words("headline.no_policies"))
    elif failed:
        parts.append(words.count("headline.failed", failed, total=total))
    elif not unknown and not errors:
        parts.append(words.count("headline.all_pass", total))
    else:
        parts.append(words("headline.some_pass", n=facts.verdicts[Verdict.PASS], total=total))
    if unknown:
        parts.append(words.count("headline.unknown", unknown))
    if errors:
        parts.append(words.count("headline.errors", errors))
    if report.drift:
        parts.append(words.count("headline.drift", len(report.drift)))
    elif report.baseline:
        parts.append(words("headline.no_drift"))
    opened = sum(effect.kind is EffectKind.OPENED for effect in report.effects)
    if opened:
        parts.append(words.count("headline.opened", opened))
    if facts.gaps:
        parts.append(words.count("headline.gaps", len(facts.gaps)))
    if facts.static_failed:
        parts.append(words.count("headline.static_failed", facts.static_failed))
    if facts.static_missing:
        parts.append(words("headline.static_missing"))
    if facts.waived:
        parts.append(words.count("headline.waived", facts.waived))
    return ", ".join(parts)


def path_labels(evidence: Evidence, names: Mapping[str, str]) -> tuple[str, ...]:
    """The hops as a person calls them, from the source on."""
    return tuple(hop.name or names.get(hop.id, hop.id) for hop in whole_path(evidence))


def whole_path(evidence: Evidence) -> tuple[Hop, ...]:
    """The hops, with the internet in front where the packet comes from there."""
    path = evidence.path
    from_internet = evidence.source.partition(":")[0] == "internet"
    if path and from_internet and path[0].kind != "internet":
        return (Hop("internet", evidence.source), *path)
    return path


def request_parts(evidence: Evidence, words: Wording) -> tuple[tuple[str, str], ...]:
    """The allowed request, part by part: principal, action and resource first."""
    order = ("principal", "action", "resource")
    request = evidence.request or {}
    keys = [*(key for key in order if key in request), *sorted(request.keys() - set(order))]
    return tuple((key, _request_part(request[key], words)) for key in keys)


def _request_part(value: Any, words: Wording) -> str:
    # A resource is given with its owner, as `simulate` takes it.
    if isinstance(value, Mapping) and isinstance(value.get("resource"), str):
        return str(value["resource"])
    return words.value(value)


def request_line(evidence: Evidence, words: Wording) -> str:
    """The allowed request in one line: principal, action, resource."""
    parts = dict(request_parts(evidence, words))
    return "  ".join(parts[key] for key in ("principal", "action", "resource") if key in parts)


def repair_line(finding: Finding, policy: PolicyResult, words: Wording) -> str:
    """What would close a finding, in one line; empty where nothing was found."""
    return " ".join(
        words.change_text(change)
        for repair in policy.repairs
        if finding.identity in repair.closes
        for change in repair.changes
    )


def open_first(policy: PolicyResult) -> tuple[Finding, ...]:
    """A policy's findings: open ones first, worst first, then by resource."""
    return tuple(
        sorted(
            policy.findings,
            key=lambda f: (bool(f.waived_by), _ORDER.index(f.verdict), -f.severity.rank),
        )
    )


def effect_line(effect: Effect, words: Wording, sources: Iterable[str] = ()) -> str:
    """A difference in one line: `web → orders: tcp/5432`, with further sources beside."""
    unsure = "" if effect.certain else f" ({words('effects.unsure')})"
    names = [words.place(label) for label in (effect.source.label, *sources)]
    target = words.place(effect.target.label)
    return f"{', '.join(names)} → {target}: {effect.traffic}{unsure}"


def alike(effects: Iterable[Effect]) -> list[tuple[Effect, tuple[str, ...]]]:
    """Differences that tell the same of one target, and who else can do what the first one can."""
    groups: dict[tuple[object, ...], list[Effect]] = {}
    for effect in effects:
        key = (effect.kind, effect.target, effect.traffic, effect.certain, effect.via)
        groups.setdefault(key, []).append(effect)
    return [(same[0], tuple(e.source.label for e in same[1:])) for same in groups.values()]


def link(text: str) -> str:
    """`text` if it may be a link (http or https), else empty: a report may come from anybody."""
    return text if text.startswith(("https://", "http://")) else ""
