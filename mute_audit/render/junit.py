"""JUnit XML, for CI servers that show tests: one test case a policy, difference and check.

A verdict that is unknown is an `<error>`: a server counts a skipped test as one that did not fail.
"""

from __future__ import annotations

from xml.etree import ElementTree

from mute_audit.finding import DriftItem, Finding, PolicyResult, Report, StaticStatus
from mute_audit.render.interface import Options
from mute_audit.render.literal import visible
from mute_audit.render.outline import Outline, open_first, outline, path_labels, request_line
from mute_audit.render.wording import Wording, shown_values
from mute_audit.verdict import Verdict

__all__ = ["render"]

_Element = ElementTree.Element


def render(report: Report, options: Options) -> str:
    """The document, with a final newline."""
    words = Wording(options.lang)
    facts = outline(report)
    suites = [_suite("policies", [_policy(policy, facts, words) for policy in report.policies])]
    if report.baseline or report.drift:
        cases = [_drift(item, words) for item in report.drift]
        suites.append(_suite("drift", cases or [_case("drift", "baseline")]))
    if report.gaps:
        suites.append(
            _suite(
                "gaps",
                [_error("gaps", f"{gap.what} {gap.where}", words.gap(gap)) for gap in report.gaps],
            )
        )
    static = _static(report, words)
    if static is not None:
        suites.append(static)
    root = _Element("testsuites", {"name": "mute-audit"})
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    root.extend(suites)
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _suite(name: str, cases: list[_Element]) -> _Element:
    suite = _Element("testsuite", {"name": name, "tests": str(len(cases))})
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    suite.extend(cases)
    return suite


def _case(group: str, name: str) -> _Element:
    return _Element("testcase", {"classname": visible(group), "name": visible(name) or "-"})


def _add(case: _Element, tag: str, message: str, text: str = "") -> _Element:
    child = ElementTree.SubElement(case, tag, {"message": visible(message)})
    if text:
        child.text = text
    return case


def _error(group: str, name: str, message: str) -> _Element:
    return _add(_case(group, name), "error", message)


def _policy(policy: PolicyResult, facts: Outline, words: Wording) -> _Element:
    title = policy.title.in_language(words.lang)
    # The id alone: a server follows a test by its name, which must outlive a better title.
    case = _case(f"policies.{policy.kind}", policy.id)
    found = [finding for finding in open_first(policy) if not finding.waived_by]
    lines = [line for finding in found for line in _finding(finding, facts, words)]
    lines += [
        f"{words('text.repair')}: {words.change_text(change)}"
        for repair in policy.repairs
        for change in repair.changes
    ]
    lines += [visible(words.gap(gap)) for gap in policy.gaps] if not found else []
    text = "\n".join(lines)
    if policy.verdict is Verdict.PASS:
        return case
    first = words.message_text(found[0]) if found else policy.error or title
    tag = "failure" if policy.verdict is Verdict.FAIL else "error"
    _add(case, tag, first, text or visible(policy.error))
    case[-1].set("type", policy.verdict.value)
    return case


def _finding(finding: Finding, facts: Outline, words: Wording) -> list[str]:
    evidence = finding.evidence
    which = facts.which.of(finding.resource)
    lines = [words.message_text(finding) + (f" ({visible(which)})" if which else "")]
    if evidence.path:
        way = " → ".join(words.place(label) for label in path_labels(evidence, facts.names))
        lines.append(f"  {words('text.through')}: {visible(way)}")
    if evidence.witness is not None:
        lines.append(f"  {words('text.witness')}: {visible(evidence.witness.text)}")
    if evidence.request is not None:
        lines.append(f"  {words('text.request')}: {visible(request_line(evidence, words))}")
    lines += [
        f"  {words('text.stopped')}: {visible(f'{b.component} {b.id}: {words.blocker(b)}')}"
        for b in evidence.blockers
    ]
    lines += [f"  {words('text.gap')}: {visible(words.gap(gap))}" for gap in evidence.gaps]
    return lines


def _drift(item: DriftItem, words: Wording) -> _Element:
    name = f"{item.resource.type} {item.resource.label}"
    lines = []
    for change in item.fields:
        expected, actual = shown_values(words, change)
        lines.append(visible(f"{change.path}: {expected} → {actual}"))
    lines += [visible(words.gap(gap)) for gap in item.gaps]
    tag = "error" if item.kind.value == "unknown" else "failure"
    case = _add(_case("drift", name), tag, words(f"drift.{item.kind.value}.means"))
    case[-1].text = "\n".join(lines) or None
    return case


def _static(report: Report, words: Wording) -> _Element | None:
    static = report.static
    if static is None or static.status is StaticStatus.NOT_ASKED:
        return None
    cases = []
    for finding in static.failed:
        name = f"{finding.check} {finding.resource}"
        place = f"{finding.location.file}:{finding.location.line}" if finding.location else ""
        cases.append(_add(_case(static.tool, name), "failure", finding.title, visible(place)))
    for finding in static.skipped:
        name = f"{finding.check} {finding.resource}"
        cases.append(_add(_case(static.tool, name), "skipped", finding.reason or finding.title))
    summary = _case(static.tool, "terraform")
    if static.status in (StaticStatus.MISSING, StaticStatus.ERROR):
        _add(summary, "error", static.error or words(f"static.{static.status.value}"))
    elif static.status is StaticStatus.FAILED and not static.failed:
        _add(summary, "failure", static.error or words("static.failed"))
    return _suite(static.tool, [*cases, summary])
