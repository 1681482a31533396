"""The summary on a terminal: what holds, what does not, why, and where the reports are.

Everything from outside goes through `visible` before it meets the terminal, and texts are handed
to rich as `Text`, never as markup.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from mute_audit.finding import (
    DriftItem,
    DriftKind,
    EffectKind,
    FieldChange,
    Finding,
    PolicyResult,
    Report,
    StaticResult,
    StaticStatus,
)
from mute_audit.render.interface import Options
from mute_audit.render.literal import clip, clip_middle, visible, width
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
from mute_audit.render.wording import Wording, shown_values
from mute_audit.verdict import Gap, Verdict

__all__ = ["render"]

_STYLES = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.UNKNOWN: "bold yellow",
    Verdict.ERROR: "bold magenta",
}
_STATES = {
    State.CLEAN: ("✓", "bold green"),
    State.DRIFT: ("~", "bold yellow"),
    State.INCOMPLETE: ("?", "bold yellow"),
    State.FAILED: ("✗", "bold red"),
    State.ERROR: ("!", "bold magenta"),
}
_DRIFT = {
    DriftKind.MISSING: ("-", "red"),
    DriftKind.UNEXPECTED: ("+", "yellow"),
    DriftKind.CHANGED: ("~", "yellow"),
    DriftKind.UNKNOWN: ("?", "yellow"),
}

# What one screen can take; the reports hold the rest, and every cut is announced. Verbose, all.
_FINDINGS = 5
_ITEMS = 20
_ALL = 1_000_000_000
_NAME = 72
_LONG = 300
_NARROW = 64


def render(report: Report, options: Options) -> str:
    """The summary, ready to print, with a final newline."""
    return _Summary(report, options).text()


class _Summary:
    """Writes the lines of one summary."""

    def __init__(self, report: Report, options: Options) -> None:
        self.report = report
        self.options = options
        self.words = Wording(options.lang)
        self.facts: Outline = outline(report)
        self.columns = max(options.width, 40)
        self.few = _ALL if options.verbose else _FINDINGS
        self.many = _ALL if options.verbose else _ITEMS
        self.buffer = io.StringIO()
        # Told everything, so that nothing is taken from this machine: the same report gives the
        # same text everywhere.
        self.console = Console(
            file=self.buffer,
            width=self.columns,
            color_system="standard" if options.color else None,
            force_terminal=options.color,
            force_jupyter=False,
            no_color=not options.color,
            legacy_windows=False,
            highlight=False,
            markup=False,
            emoji=False,
            _environ={},
        )

    def text(self) -> str:
        if self.options.quiet:
            self._headline()
            for policy in self.facts.policies:
                if policy.verdict is not Verdict.PASS:
                    self._policy_line(policy)
        else:
            self._source()
            self._headline()
            self._policies()
            self._drift()
            self._effects()
            self._gaps()
            self._static()
            self._end()
        return self.buffer.getvalue()

    # --- lines --------------------------------------------------------------------------------

    def _line(self, *parts: str | Text | tuple[str, str], indent: int = 0, hang: int = 0) -> None:
        """One logical line, wrapped to the width; later lines are indented by `indent + hang`."""
        text = Text.assemble(*parts, end="")
        lines = text.wrap(self.console, max(self.columns - indent - hang, 20), overflow="fold")
        for number, line in enumerate(lines):
            line.rstrip()
            pad = " " * (indent + (hang if number else 0))
            self.console.print(
                Text(pad, end="") + line, no_wrap=True, overflow="ignore", crop=False
            )

    def _blank(self) -> None:
        self.console.print()

    def _heading(self, text: str, count: int) -> None:
        self._blank()
        self._line((text, "bold"), f" ({count})")

    def _more(self, hidden: int, indent: int) -> None:
        if hidden > 0:
            self._line(("… " + self.words.count("text.more", hidden), "dim"), indent=indent)

    # --- sections -----------------------------------------------------------------------------

    def _source(self) -> None:
        source = self.report.source
        parts = [
            f"mute-audit {self.report.tool_version}",
            source.name,
            ", ".join(source.accounts),
            ", ".join(source.regions),
            source.collected_at,
        ]
        self._line((" · ".join(_name(part) for part in parts if part), "dim"))

    def _headline(self) -> None:
        symbol, style = _STATES[self.facts.state]
        state = self.words(f"state.{self.facts.state.value}")
        rest = headline(self.report, self.facts, self.words)
        self._line((f"{symbol} {state}", style), f": {rest}", hang=2)

    def _policies(self) -> None:
        if self.facts.policies:
            self._blank()
        for policy in self.facts.policies:
            self._policy_line(policy)
            self._policy_details(policy)

    def _policy_line(self, policy: PolicyResult) -> None:
        words = self.words
        judged = f"{words('policy.judged')} {policy.judged}"
        severity = "" if policy.verdict is Verdict.PASS else words.severity(policy.severity)
        tail = f"{severity}  {judged}" if severity else judged
        symbol = (SYMBOLS[policy.verdict], _STYLES[policy.verdict])
        title = visible(policy.title.in_language(self.options.lang))
        if self.columns < _NARROW:
            id = clip(visible(policy.id), self.columns - 4 - width(tail))
            gap = self.columns - 2 - width(id) - width(tail)
            self._line(symbol, f" {id}", " " * gap, (tail, "dim"))
            self._line(clip(title, self.columns - 4), indent=4)
            return
        longest = max(width(visible(each.id)) for each in self.facts.policies)
        column = min(longest, self.columns // 2)
        id = clip(visible(policy.id), column)
        room = self.columns - 2 - column - 2 - 2 - width(tail)
        title = clip(title, room)
        self._line(
            symbol,
            f" {id}{' ' * (column - width(id))}  ",
            (title, "dim" if policy.verdict is Verdict.PASS else ""),
            " " * (room - width(title) + 2),
            (tail, "dim"),
        )

    def _policy_details(self, policy: PolicyResult) -> None:
        words = self.words
        if policy.error:
            self._line(f"{words('policy.error')}: {_name(policy.error)}", indent=4)
        found = open_first(policy)
        for finding in found[: self.few]:
            self._finding(finding)
        self._more(len(found) - self.few, 4)
        self._repairs(policy)
        for note in policy.notes:
            self._line((f"{words('text.note')}: {_name(words.note(note))}", "dim"), indent=4)
        if policy.verdict is not Verdict.PASS and not found:
            for gap in policy.gaps[: self.few]:
                self._line(self._gap(gap), indent=4, hang=2)
            self._more(len(policy.gaps) - self.few, 4)

    def _repairs(self, policy: PolicyResult) -> None:
        words = self.words
        for repair in policy.repairs[: self.few]:
            closes = words.count("repair.closes", len(repair.closes))
            rows = []
            for change in repair.changes:
                which = self.facts.which.of(change.resource)
                told = _name(words.change_text(change))
                rows.append(f"{told} ({_name(which)})" if which else told)
                if self.options.verbose and change.command:
                    rows += map(visible, change.command.splitlines())
            rows[0] = f"{rows[0]} ({closes})"
            label = words("text.repair")
            for number, row in enumerate(rows):
                head = label if number == 0 else " " * width(label)
                self._line((f"{head}  ", "bold"), row, indent=4, hang=width(label) + 2)
        self._more(len(policy.repairs) - self.few, 4)

    def _finding(self, finding: Finding) -> None:
        words = self.words
        sentence = [
            (clip_middle(piece.text, _NAME), "bold") if piece.is_name else piece.text
            for piece in words.message(finding)
        ]
        which = self.facts.which.of(finding.resource)
        sentence.append((f"  ({_name(which)})" if which else "", "dim"))
        if finding.waived_by:
            waiver = words("finding.waived", waiver=_name(finding.waived_by))
            self._line(*sentence, (f"  ({waiver})", "dim"), indent=4)
            return
        self._line(*sentence, indent=4)
        evidence = finding.evidence
        rows: list[tuple[str, str]] = []
        if evidence.path:
            labels = path_labels(evidence, self.facts.names)
            rows.append(("text.through", " → ".join(map(self._place, labels))))
        if evidence.witness is not None:
            rows.append(("text.witness", _name(evidence.witness.text)))
        if evidence.request is not None:
            rows.append(("text.request", _name(request_line(evidence, words))))
        for change in evidence.fields[: self.few]:
            rows.append(("text.field", self._change(change)))
        rows += [
            (
                "text.stopped",
                _name(f"{words.component(b.component)} {b.id}: {words.blocker(b)}"),
            )
            for b in evidence.blockers[: self.few]
        ]
        # The inbound rule first: it is what a change most often touches.
        places = [one.location for one in reversed(finding.declarations)]
        places += [finding.location] if finding.location is not None else []
        if places:
            listed = dict.fromkeys(f"{place.file}:{place.line}" for place in places)
            rows.append(("text.written", _name(", ".join(listed))))
        rows += [("text.note", _name(words.note(note))) for note in evidence.notes]
        rows += [("text.gap", self._gap(gap)) for gap in evidence.gaps[: self.few]]
        self._rows(rows)

    def _rows(self, rows: Sequence[tuple[str, str]]) -> None:
        labels = [self.words(key) for key, _ in rows]
        column = max(map(width, labels), default=0)
        for label, (_, text) in zip(labels, rows, strict=True):
            pad = " " * (column - width(label) + 2)
            self._line((label, "dim"), pad, text, indent=6, hang=column + 2)

    def _place(self, label: str) -> str:
        if label == "internet":
            return self.words("network.internet").lower()
        return _name(self.words.place(label))

    def _change(self, change: FieldChange) -> str:
        expected, actual = shown_values(self.words, change)
        return f"{_name(change.path)}: {_name(expected)} → {_name(actual)}"

    def _drift(self) -> None:
        if not self.report.drift:
            return
        self._heading(self.words("section.drift"), len(self.report.drift))
        for item in self.report.drift[: self.many]:
            self._drift_item(item)
        self._more(len(self.report.drift) - self.many, 0)

    def _drift_item(self, item: DriftItem) -> None:
        sign, style = _DRIFT[item.kind]
        self._line(
            (sign, style),
            f" {self.words(f'drift.{item.kind.value}')}  ",
            f"{_name(self.words.type_name(item.resource.type))} ",
            (_name(item.resource.label), "bold"),
            hang=2,
        )
        for change in item.fields[: self.few]:
            self._line(self._change(change), indent=4, hang=2)
        self._more(len(item.fields) - self.few, 4)
        for gap in item.gaps[: self.few]:
            self._line(self._gap(gap), indent=4, hang=2)

    def _effects(self) -> None:
        words = self.words
        if not self.report.against:
            return
        for kind, sign, style in (
            (EffectKind.OPENED, "+", "red"),
            (EffectKind.CLOSED, "-", "yellow"),
        ):
            mine = [effect for effect in self.report.effects if effect.kind is kind]
            if not mine:
                continue
            self._heading(words(f"effects.{kind.value}"), len(mine))
            together = alike(mine)
            for effect, more in together[: self.many]:
                self._line((sign, style), f" {_name(effect_line(effect, words, more))}", hang=2)
                if effect.evidence.witness is not None and kind is EffectKind.OPENED:
                    packet = _name(effect.evidence.witness.text)
                    self._line((words("text.witness"), "dim"), f"  {packet}", indent=4, hang=2)
                for gap in effect.evidence.gaps[: self.few]:
                    self._line(self._gap(gap), indent=4, hang=2)
            self._more(len(together) - self.many, 0)
        if not self.report.effects:
            self._blank()
            self._line(words("effects.none"))
        self._line((words("effects.against", source=_name(self.report.against)), "dim"))
        for note in self.report.effect_notes:
            self._line((f"{words('text.note')}: {_name(words.note(note))}", "dim"))

    def _gaps(self) -> None:
        for key, gaps in (
            ("section.gaps", self.report.gaps),
            ("gap.accepted", self.report.accepted_gaps),
        ):
            if not gaps:
                continue
            self._heading(self.words(key), len(gaps))
            for gap in gaps[: self.many]:
                self._line(("?", "yellow"), f" {self._gap(gap)}", hang=2)
            self._more(len(gaps) - self.many, 0)

    def _gap(self, gap: Gap) -> str:
        place = f" ({_name(gap.where)})" if gap.where else ""
        why = self.words.why(gap.why)
        return _name(gap.what) + place + (f": {_name(why)}" if why else "")

    def _static(self) -> None:
        static = self.report.static
        if static is None:
            return
        words = self.words
        self._blank()
        style = {StaticStatus.PASSED: "green", StaticStatus.NOT_ASKED: "dim"}.get(
            static.status, "bold red" if static.status is StaticStatus.FAILED else "bold yellow"
        )
        parts: list[str | tuple[str, str]] = [
            _name(f"{static.tool} {static.version}".strip()) + ": ",
            (words(f"static.{static.status.value}"), style),
        ]
        if static.status in (StaticStatus.PASSED, StaticStatus.FAILED):
            parts.append(f" ({self._counts(static)})")
        self._line(*parts, hang=2)
        if static.error:
            self._line(_name(static.error), indent=2, hang=2)
        for finding in static.failed[: self.few]:
            place = ""
            if finding.location is not None:
                place = f"  {finding.location.file}:{finding.location.line}"
            self._line(
                ("✗", "red"),
                f" {_name(finding.check)}  {_name(finding.resource)}{_name(place)}",
                indent=2,
                hang=2,
            )
        self._more(len(static.failed) - self.few, 2)

    def _counts(self, static: StaticResult) -> str:
        return self.words(
            "static.counts",
            passed=static.passed,
            failed=len(static.failed),
            skipped=len(static.skipped),
        )

    def _end(self) -> None:
        words, summary = self.words, self.report.summary
        outside = sum(item.count for item in self.report.outside)
        if outside:
            self._line((words("text.outside", n=outside), "dim"))
        self._blank()
        if self.options.written:
            self._line(f"{words('text.reports')}: {_list(self.options.written)}", hang=2)
        self._line(
            (f"{words('exit.label')} {summary.exit_code}", "bold"),
            f": {words.exit_code(summary.exit_code)}",
            hang=2,
        )
        for reason in summary.exit_reasons[: self.many]:
            self._line(f"- {_name(words.reason(reason))}", indent=2, hang=2)
        self._more(len(summary.exit_reasons) - self.many, 2)


def _name(text: str) -> str:
    return clip_middle(visible(text), _LONG)


def _list(names: Iterable[str]) -> str:
    return ", ".join(map(visible, names))
