"""One row for each finding, policy without one, difference and gap: for a spreadsheet.

A cell that starts like a formula gets an apostrophe in front: a spreadsheet would run it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from mute_audit.finding import DriftItem, Effect, Finding, PolicyResult, Report
from mute_audit.render.interface import Options
from mute_audit.render.literal import visible
from mute_audit.render.outline import (
    effect_line,
    open_first,
    outline,
    path_labels,
    repair_line,
    request_line,
)
from mute_audit.render.wording import Wording, shown_values
from mute_audit.verdict import Gap

__all__ = ["COLUMNS", "render"]

COLUMNS = (
    "row",
    "policy",
    "verdict",
    "severity",
    "resource_type",
    "resource_id",
    "resource_name",
    "account",
    "region",
    "message",
    "source",
    "port",
    "path",
    "witness",
    "repair",
    "waived_by",
    "identity",
    "evidence_hash",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(report: Report, options: Options) -> str:
    """The table with a header, as RFC 4180 has it (CRLF)."""
    words = Wording(options.lang)
    names = outline(report).names
    rows = [row for policy in report.policies for row in _policy(policy, names, words)]
    rows += [_drift(item, words) for item in report.drift]
    rows += [_effect(effect, words) for effect in report.effects]
    rows += [_gap(gap, words) for gap in report.gaps]
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _cell(value) for key, value in row.items()})
    return out.getvalue()


def _cell(text: str) -> str:
    shown = visible(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def _policy(policy: PolicyResult, names: Mapping[str, str], words: Wording) -> list[dict[str, str]]:
    found = open_first(policy)
    if found:
        return [
            {**_finding(finding, names, words), "repair": repair_line(finding, policy, words)}
            for finding in found
        ]
    gaps = "; ".join(map(words.gap, policy.gaps))
    return [
        {
            "row": "policy",
            "policy": policy.id,
            "verdict": policy.verdict.value,
            "severity": policy.severity.value,
            "message": policy.error or gaps or policy.title.in_language(words.lang),
        }
    ]


def _finding(finding: Finding, names: Mapping[str, str], words: Wording) -> dict[str, str]:
    evidence, resource = finding.evidence, finding.resource
    proof = ""
    if evidence.witness is not None:
        proof = evidence.witness.text
    elif evidence.request is not None:
        proof = request_line(evidence, words)
    return {
        "row": "finding",
        "policy": finding.policy,
        "verdict": finding.verdict.value,
        "severity": finding.severity.value,
        "resource_type": resource.type,
        "resource_id": resource.id,
        "resource_name": resource.name,
        "account": resource.account,
        "region": resource.region,
        "message": words.message_text(finding),
        "source": evidence.source,
        "port": evidence.port,
        "path": " → ".join(path_labels(evidence, names)),
        "witness": proof,
        "waived_by": finding.waived_by,
        "identity": finding.identity,
        "evidence_hash": finding.evidence_hash,
    }


def _drift(item: DriftItem, words: Wording) -> dict[str, str]:
    changes = []
    for change in item.fields:
        expected, actual = shown_values(words, change)
        changes.append(f"{change.path}: {expected} → {actual}")
    changes += [words.gap(gap) for gap in item.gaps]
    return {
        "row": "drift",
        "verdict": item.kind.value,
        "resource_type": item.resource.type,
        "resource_id": item.resource.id,
        "resource_name": item.resource.name,
        "account": item.resource.account,
        "region": item.resource.region,
        "message": "; ".join(changes) or words(f"drift.{item.kind.value}.means"),
    }


def _effect(effect: Effect, words: Wording) -> dict[str, str]:
    target, evidence = effect.target, effect.evidence
    return {
        "row": "effect",
        "verdict": effect.kind.value if effect.certain else "unknown",
        "resource_type": target.type,
        "resource_id": target.id,
        "resource_name": target.name,
        "account": target.account,
        "region": target.region,
        "message": effect_line(effect, words),
        "source": effect.source.label,
        "port": effect.traffic,
        "witness": evidence.witness.text if evidence.witness is not None else "",
    }


def _gap(gap: Gap, words: Wording) -> dict[str, str]:
    told = words.gap(gap)
    return {"row": "gap", "verdict": "unknown", "resource_id": gap.where, "message": told}
