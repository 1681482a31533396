"""The report as a comment on a pull request: what needs attention, and one table.

A comment has a limit (GitHub: 65,536 characters), so findings are cut and the cut is named. Names
stand in `<code>` as character references: there neither Markdown nor a mention works.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mute_audit.finding import DriftItem, Finding, PolicyResult, Report, StaticStatus
from mute_audit.render.interface import Options
from mute_audit.render.literal import clip_middle, visible
from mute_audit.render.outline import (
    SYMBOLS,
    Outline,
    State,
    alike,
    effect_line,
    headline,
    open_first,
    outline,
    path_labels,
    request_line,
)
from mute_audit.render.wording import Piece, Wording, shown_values
from mute_audit.verdict import Gap, Verdict

__all__ = ["LIMIT", "render"]

# GitHub refuses a longer comment.
LIMIT = 65_000
_FINDINGS = 10
_ITEMS = 30
_NAME = 120
_SIGNS = {
    State.CLEAN: "✅",
    State.DRIFT: "🟡",
    State.INCOMPLETE: "❔",
    State.FAILED: "❌",
    State.ERROR: "❗",
}
# Whatever could mean something to Markdown, HTML, a mention or an issue number.
_MEANT = re.compile(r"[^\w\s./:,\-→·()%=+]|_", re.ASCII)

# What GitHub turns into mentions and links although its characters are escaped or harmless.
_ACTING = (("&#64;", "<code>&#64;</code>"), ("://", ":&#47;&#47;"), ("www.", "www&#46;"))


def render(report: Report, options: Options) -> str:
    """The comment, with a final newline; LIMIT characters at most."""
    words = Wording(options.lang)
    facts = outline(report)
    state = words(f"state.{facts.state.value}")
    code = report.summary.exit_code
    blocks = [
        f"### {_SIGNS[facts.state]} mute-audit: {_plain(state)}",
        _plain(headline(report, facts, words)),
        f"{words('exit.label')} {code}: {_plain(words.exit_code(code))}",
        _table(facts.policies, words),
    ]
    blocks += [
        _policy(policy, facts, words)
        for policy in facts.policies
        if policy.verdict is not Verdict.PASS
    ]
    if report.drift:
        items = [_drift(item, words) for item in report.drift[:_ITEMS]]
        hidden = len(report.drift) - _ITEMS
        if hidden > 0:
            items.append(f"- {words.count('drift.more', hidden)}")
        blocks.append(f"#### {words('section.drift')}\n\n" + "\n".join(items))
    if report.against:
        blocks.append(_effects(report, words))
    if report.gaps:
        gaps = [f"- {_gap(gap, words)}" for gap in report.gaps[:_ITEMS]]
        hidden = len(report.gaps) - _ITEMS
        if hidden > 0:
            gaps.append(f"- {words.count('text.more', hidden)}")
        blocks.append(f"#### {words('section.gaps')}\n\n" + "\n".join(gaps))
    if report.static is not None and report.static.status is not StaticStatus.NOT_ASKED:
        blocks.append(_static(report, words))
    blocks.append(f"<sub>{_source(report, words)}</sub>")
    return _joined(blocks, words)


def _joined(blocks: list[str], words: Wording) -> str:
    """As many blocks as a comment takes, and the last one."""
    last = blocks.pop()
    kept: list[str] = []
    room = LIMIT - len(last) - 200
    for index, block in enumerate(blocks):
        room -= len(block) + 2
        if room < 0:
            kept.append(f"*{words.count('text.more', len(blocks) - index)}*")
            break
        kept.append(block)
    return "\n\n".join([*kept, last]) + "\n"


def _plain(text: str) -> str:
    """Our own words and people's titles: nothing in them acts, mentions or links."""
    escaped = _MEANT.sub(_reference, visible(text))
    for acting, inert in _ACTING:
        escaped = escaped.replace(acting, inert)
    return escaped


def _reference(match: re.Match[str]) -> str:
    char = match[0]
    # Letters of other scripts mean nothing to Markdown.
    return f"&#{ord(char)};" if char.isascii() else char


def _code(text: str, limit: int = _NAME) -> str:
    shown = clip_middle(visible(text), limit)
    return f"<code>{_MEANT.sub(_reference, shown) or '&nbsp;'}</code>"


def _table(policies: tuple[PolicyResult, ...], words: Wording) -> str:
    if not policies:
        return _plain(words("policy.none"))
    head = [words("policy.verdict"), words("policy.column"), words("policy.severity")]
    rows = [f"| {' | '.join([*head, words('policy.judged')])} |", "|---|---|---|--:|"]
    for policy in policies[:200]:
        verdict = f"{SYMBOLS[policy.verdict]} {words.verdict(policy.verdict)}"
        title = f"{_plain(clip_middle(policy.title.in_language(words.lang), 160))}"
        severity = words.severity(policy.severity)
        rows.append(
            f"| {_plain(verdict)} | {title}<br>{_code(policy.id)} | {severity} | {policy.judged} |"
        )
    if len(policies) > 200:
        rows.append(f"| | {words.count('text.more', len(policies) - 200)} | | |")
    return "\n".join(rows)


def _policy(policy: PolicyResult, facts: Outline, words: Wording) -> str:
    title = clip_middle(policy.title.in_language(words.lang), 160)
    lines = [f"#### {SYMBOLS[policy.verdict]} {_plain(title)}", ""]
    if policy.error:
        lines.append(f"- {words('policy.error')}: {_code(policy.error, 400)}")
    found = open_first(policy)
    for finding in found[:_FINDINGS]:
        lines += _finding(finding, facts, words)
    if len(found) > _FINDINGS:
        lines.append(f"- {words.count('text.more', len(found) - _FINDINGS)}")
    if not found:
        lines += [f"- {_gap(gap, words)}" for gap in policy.gaps[:_FINDINGS]]
    for repair in policy.repairs[:_FINDINGS]:
        told = " ".join(_pieces(words.change(change)) for change in repair.changes)
        closes = words.count("repair.closes", len(repair.closes))
        lines += ["", f"**{words('repair.title')}**: {told} ({_plain(closes)})"]
        lines += [
            f"<br>{_code(command, 1000)}"
            for change in repair.changes
            for command in change.command.splitlines()
        ]
    remedy = policy.remediation.in_language(words.lang)
    if remedy:
        lines += ["", f"**{words('policy.remediation')}**: {_plain(clip_middle(remedy, 1000))}"]
    return "\n".join(lines)


def _finding(finding: Finding, facts: Outline, words: Wording) -> list[str]:
    sentence = _pieces(words.message(finding))
    if finding.waived_by:
        waiver = words("finding.waived", waiver=clip_middle(finding.waived_by, _NAME))
        return [f"- {sentence} ({_plain(waiver)})"]
    which = facts.which.of(finding.resource)
    lines = [f"- {sentence}" + (f" ({_code(which)})" if which else "")]
    evidence = finding.evidence
    if evidence.path:
        way = " → ".join(_code(words.place(label)) for label in path_labels(evidence, facts.names))
        lines.append(f"  <br>{words('text.through')}: {way}")
    if evidence.witness is not None:
        lines.append(f"  <br>{words('text.witness')}: {_code(evidence.witness.text)}")
    if evidence.request is not None:
        lines.append(f"  <br>{words('text.request')}: {_code(request_line(evidence, words), 300)}")
    for blocker in evidence.blockers[:5]:
        what = f"{words.component(blocker.component)} {blocker.id}: {words.blocker(blocker)}"
        lines.append(f"  <br>{words('text.stopped')}: {_code(what, 300)}")
    lines += [f"  <br>{words('text.gap')}: {_gap(gap, words)}" for gap in evidence.gaps[:5]]
    return lines


def _pieces(pieces: Iterable[Piece]) -> str:
    return "".join(_code(piece.text) if piece.is_name else _plain(piece.text) for piece in pieces)


def _drift(item: DriftItem, words: Wording) -> str:
    kind = words(f"drift.{item.kind.value}")
    what = f"{_plain(words.type_name(item.resource.type))} {_code(item.resource.label)}"
    lines = [f"- **{_plain(kind)}** {what}"]
    for change in item.fields[:5]:
        expected, actual = shown_values(words, change)
        lines.append(f"  <br>{_code(change.path)}: {_code(expected)} → {_code(actual)}")
    if len(item.fields) > 5:
        lines.append(f"  <br>{words.count('text.more', len(item.fields) - 5)}")
    return "\n".join(lines)


def _effects(report: Report, words: Wording) -> str:
    against = _plain(words("effects.against", source=clip_middle(report.against, _NAME)))
    lines = [f"#### {words('section.effects')}", "", against, ""]
    together = alike(report.effects)
    for effect, more in together[:_ITEMS]:
        kind = words(f"effects.{effect.kind.value}")
        line = f"- **{_plain(kind)}** {_code(effect_line(effect, words, more), 400)}"
        if effect.evidence.witness is not None:
            line += f"<br>{words('text.witness')}: {_code(effect.evidence.witness.text)}"
        lines.append(line)
    if not report.effects:
        lines.append(_plain(words("effects.none")))
    if len(together) > _ITEMS:
        lines.append(f"- {words.count('text.more', len(together) - _ITEMS)}")
    lines += [f"- {_plain(words.note(note))}" for note in report.effect_notes]
    return "\n".join(lines)


def _gap(gap: Gap, words: Wording) -> str:
    place = f" ({_code(gap.where)})" if gap.where else ""
    return _code(gap.what) + place + (f": {_code(words.why(gap.why), 300)}" if gap.why else "")


def _static(report: Report, words: Wording) -> str:
    static = report.static
    assert static is not None  # noqa: S101 - asked by the caller, for the type checker
    counts = words(
        "static.counts",
        passed=static.passed,
        failed=len(static.failed),
        skipped=len(static.skipped),
    )
    status = words(f"static.{static.status.value}")
    lines = [f"#### {words('section.static')}", "", f"{_plain(status)}: {_plain(counts)}"]
    for finding in static.failed[:_ITEMS]:
        lines.append(f"- {_code(finding.check)} {_code(finding.resource)}")
    if len(static.failed) > _ITEMS:
        lines.append(f"- {words.count('text.more', len(static.failed) - _ITEMS)}")
    return "\n".join(lines)


def _source(report: Report, words: Wording) -> str:
    source = report.source
    parts = [
        f"mute-audit {report.tool_version}",
        source.name,
        ", ".join(source.accounts),
        ", ".join(source.regions),
        words.moment(source.collected_at),
    ]
    return " · ".join(_plain(clip_middle(part, _NAME)) for part in parts if part)
