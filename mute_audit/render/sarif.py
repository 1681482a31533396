"""SARIF 2.1.0 (OASIS), for code scanning and for other dashboards.

A finding is a result of its policy's rule. Its identity is the fingerprint, so that an alert stays
the same alert when an instance is replaced. A finding that could not be told has the kind `open`,
which is what the standard means by it; a difference from the baseline is a result, too.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from mute_audit.address import Address
from mute_audit.errors import ExitCode
from mute_audit.finding import (
    DriftItem,
    DriftKind,
    Finding,
    Location,
    PolicyResult,
    Report,
    Severity,
    identity_of,
)
from mute_audit.render.interface import Options
from mute_audit.render.literal import clip_middle, visible
from mute_audit.render.outline import Outline, link, open_first, outline, path_labels, repair_line
from mute_audit.render.wording import Wording, shown_values
from mute_audit.verdict import Gap, Verdict

__all__ = ["render"]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# What code scanning sorts by, 0 to 10.
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "1.0",
}
_LIMIT = 1000


def render(report: Report, options: Options) -> str:
    """One run, as indented JSON with a final newline."""
    words = Wording(options.lang)
    facts = outline(report)
    rules = [_rule(policy, words) for policy in report.policies]
    index = {policy.id: number for number, policy in enumerate(report.policies)}
    results = [
        _result(finding, index[policy.id], facts, words, repair_line(finding, policy, words))
        for policy in report.policies
        for finding in open_first(policy)
    ]
    for policy in report.policies:
        if policy.verdict is not Verdict.PASS and not policy.findings:
            results.append(_unexplained(policy, index[policy.id], words))
    for kind in DriftKind:
        items = [item for item in report.drift if item.kind is kind]
        if items:
            rules.append(_drift_rule(kind, words))
            results += [_drift(item, len(rules) - 1, words) for item in items]
    document = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "mute-audit",
                        "version": visible(report.tool_version) or "0",
                        "rules": rules,
                    }
                },
                "automationDetails": {"id": f"mute-audit/{_text(report.source.name)}/"},
                "invocations": [_invocation(report, words)],
                "results": results,
                "columnKind": "unicodeCodePoints",
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _text(text: str, limit: int = _LIMIT) -> str:
    return clip_middle(visible(text), limit)


def _message(text: str) -> dict[str, str]:
    return {"text": _text(text) or "-"}


def _rule(policy: PolicyResult, words: Wording) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": _text(policy.id),
        "shortDescription": _message(policy.title.in_language(words.lang)),
        "defaultConfiguration": {"level": _LEVELS[policy.severity]},
        "properties": {
            "tags": ["security", _text(policy.kind)],
            "security-severity": _SCORES[policy.severity],
        },
    }
    about = policy.description.in_language(words.lang)
    if about:
        rule["fullDescription"] = _message(about)
    remedy = policy.remediation.in_language(words.lang)
    if remedy:
        rule["help"] = _message(remedy)
    reference = next(filter(None, map(link, policy.references)), "")
    if reference:
        rule["helpUri"] = quote(reference, safe=":/?#[]@!$&'()*+,;=%~")
    return rule


def _drift_rule(kind: DriftKind, words: Wording) -> dict[str, Any]:
    return {
        "id": f"drift/{kind.value}",
        "shortDescription": _message(words(f"drift.{kind.value}.means")),
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["drift"]},
    }


def _kind_and_level(verdict: Verdict, severity: Severity) -> dict[str, str]:
    """The standard allows a level other than `none` for the kind `fail` only."""
    if verdict is Verdict.FAIL:
        return {"kind": "fail", "level": _LEVELS[severity]}
    return {"kind": "pass" if verdict is Verdict.PASS else "open", "level": "none"}


def _result(
    finding: Finding, rule: int, facts: Outline, words: Wording, repair: str
) -> dict[str, Any]:
    evidence = finding.evidence
    details = [words.message_text(finding)]
    which = facts.which.of(finding.resource)
    if which:
        details.append(which)
    if evidence.path:
        details.append(
            " → ".join(words.place(label) for label in path_labels(evidence, facts.names))
        )
    if evidence.witness is not None:
        details.append(evidence.witness.text)
    if repair:
        details.append(f"{words('repair.title')}: {repair}")
    result: dict[str, Any] = {
        "ruleId": _text(finding.policy),
        "ruleIndex": rule,
        **_kind_and_level(finding.verdict, finding.severity),
        "message": _message(". ".join(part.rstrip(".") for part in details) + "."),
        "locations": [_location(finding.resource, finding.location)],
        "partialFingerprints": {"identity/v1": _text(finding.identity)},
        "fingerprints": {"evidence/v1": _text(finding.evidence_hash)},
    }
    if finding.declarations:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": _message(one.id),
                "physicalLocation": _physical(one.location),
            }
            for number, one in enumerate(finding.declarations, start=1)
        ]
    if finding.waived_by:
        result["suppressions"] = [{"kind": "external", "justification": _text(finding.waived_by)}]
    return result


def _unexplained(policy: PolicyResult, rule: int, words: Wording) -> dict[str, Any]:
    """A policy that did not pass and holds no finding: its error or its gaps say why."""
    reasons = [policy.error] if policy.error else [words.gap(gap) for gap in policy.gaps]
    why = "; ".join(reasons) or words("policy.unexplained")
    return {
        "ruleId": _text(policy.id),
        "ruleIndex": rule,
        **_kind_and_level(policy.verdict, policy.severity),
        "message": _message(f"{policy.title.in_language(words.lang)}: {why}"),
        "locations": [_location(Address("policy", policy.id), policy.location)],
        "partialFingerprints": {"identity/v1": identity_of(policy.id, Address("policy", ""))},
    }


def _drift(item: DriftItem, rule: int, words: Wording) -> dict[str, Any]:
    told = item.kind is not DriftKind.UNKNOWN
    name = f"{words.type_name(item.resource.type)} {item.resource.label}"
    changes = []
    for change in item.fields:
        expected, actual = shown_values(words, change)
        changes.append(f"{change.path}: {expected} → {actual}")
    changes += [words.gap(gap) for gap in item.gaps]
    message = f"{name}: {words(f'drift.{item.kind.value}')}"
    identity = identity_of(f"drift/{item.kind.value}", item.resource)
    return {
        "ruleId": f"drift/{item.kind.value}",
        "ruleIndex": rule,
        "kind": "fail" if told else "open",
        "level": "warning" if told else "none",
        "message": _message(f"{message} ({'; '.join(changes)})" if changes else message),
        "locations": [_location(item.resource, item.location)],
        "partialFingerprints": {"identity/v1": identity},
    }


def _location(resource: Address, place: Location | None) -> dict[str, Any]:
    location: dict[str, Any] = {
        "logicalLocations": [
            {
                "name": _text(resource.label) or "-",
                "fullyQualifiedName": _text(f"{resource.type}/{resource.id}"),
                "kind": "resource",
            }
        ]
    }
    if place is not None and place.file:
        location["physicalLocation"] = _physical(place)
    return location


def _physical(place: Location) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.line > 0:
        physical["region"] = {"startLine": place.line}
        if place.column > 0:
            physical["region"]["startColumn"] = place.column
    return physical


def _uri(path: str) -> str:
    """A path as a URI reference: relative ones stay relative to the repository."""
    escaped = quote(path.replace("\\", "/"))
    return f"file://{escaped}" if escaped.startswith("/") else escaped


def _invocation(report: Report, words: Wording) -> dict[str, Any]:
    code = report.summary.exit_code
    invocation: dict[str, Any] = {
        "executionSuccessful": code != ExitCode.ERROR,
        "exitCode": code,
        "exitCodeDescription": words.exit_code(code),
        "toolExecutionNotifications": [_notification(gap, words) for gap in report.gaps],
    }
    errors = [policy for policy in report.policies if policy.verdict is Verdict.ERROR]
    if errors:
        invocation["toolConfigurationNotifications"] = [
            {
                "level": "error",
                "message": _message(f"{policy.id}: {policy.error}"),
                "associatedRule": {"id": _text(policy.id)},
            }
            for policy in errors
        ]
    return invocation


def _notification(gap: Gap, words: Wording) -> dict[str, Any]:
    return {"level": "warning", "message": _message(words.gap(gap))}
