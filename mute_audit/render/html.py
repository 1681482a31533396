"""The report as one HTML page: for a person, an auditor, a printer.

The page is complete by itself. It loads nothing, holds no script (its Content-Security-Policy
forbids both), and stays readable where a server takes its styles away. Texts meet it in two ways
only: through `finalize`, which spells out what cannot be seen before autoescape escapes the rest,
or as `Markup` made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mute_audit.finding import Finding, Location, PolicyResult, Report
from mute_audit.render.drawing import pictures
from mute_audit.render.interface import Options
from mute_audit.render.literal import clip_middle, visible
from mute_audit.render.marked import marked
from mute_audit.render.outline import (
    SYMBOLS,
    Outline,
    alike,
    headline,
    link,
    open_first,
    outline,
    request_parts,
    whole_path,
)
from mute_audit.render.wording import Piece, Wording, shown_values, untold_params
from mute_audit.verdict import Gap, Verdict

__all__ = ["render"]

_TEMPLATES = Path(__file__).with_name("templates")

_STATIC = {"passed": "✓", "failed": "✗", "not-asked": "–", "missing": "?", "error": "!"}

# A text longer than this is cut in the middle, and says so; the JSON report has all of it.
_NAME = 96
_TEXT = 2000
# A page that a browser still opens at once; what is left out is counted.
_FINDINGS = 200
_DRIFT = 500
# Findings of one policy that are not folded.
_OPEN = 3


def render(report: Report, options: Options) -> str:
    """The whole page. The same report gives the same bytes."""
    words = Wording(options.lang)
    facts = outline(report)
    environment = _environment(words, facts.names)
    paths = marked(report, facts.names)
    return environment.get_template("report.html.j2").render(
        report=report,
        facts=facts,
        headline=headline(report, facts, words),
        policies=facts.policies,
        pictures=pictures(report.drawing, paths),
        drawn=report.drawing,
        drawn_counts=_drawn_counts(report),
        marked=paths,
        affected=_affected(facts, report.gaps),
        limits={"findings": _FINDINGS, "drift": _DRIFT, "open": _OPEN},
    )


def _environment(words: Wording, names: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        name=_name,
        place=lambda label: _place(words, label),
    )
    globals: dict[str, object] = {
        "words": words,
        "symbols": SYMBOLS,
        "message": lambda finding: _message(words, finding),
        "alike": alike,
        "change_message": lambda change: _pieces(words.change(change)),
        "untold": lambda finding: untold_params(words, finding),
        "open_first": open_first,
        "whole_path": whole_path,
        "request_parts": lambda evidence: request_parts(evidence, words),
        "shown_values": lambda change: shown_values(words, change),
        "value": words.value,
        "link": link,
        "own_gaps": _own_gaps,
        "called": lambda id: names.get(id, id),
        "where": _where,
        "tip": Markup.escape,
        "symbols_static": _STATIC,
    }
    environment.globals.update(globals)
    return environment


def _finalize(value: object) -> object:
    """What every `{{ … }}` goes through, before it is escaped."""
    if isinstance(value, Markup):
        return value
    return clip_middle(visible(str(value)), _TEXT)


def _name(text: str, limit: int = _NAME) -> Markup:
    """A name from outside, set apart from our words; `bdi` keeps its direction to itself."""
    shown = visible(text)
    short = clip_middle(shown, limit)
    if short == shown:
        return Markup("<bdi class=n>{}</bdi>").format(shown)
    return Markup('<bdi class=n title="{}">{}</bdi>').format(clip_middle(shown, _TEXT), short)


def _place(words: Wording, label: str) -> Markup:
    if label == "internet":
        return Markup("{}").format(words("network.internet"))
    return _name(words.place(label))


def _message(words: Wording, finding: Finding) -> Markup:
    return _pieces(words.message(finding))


def _pieces(pieces: Iterable[Piece]) -> Markup:
    return Markup("").join(_name(piece.text) if piece.is_name else piece.text for piece in pieces)


def _where(location: Location) -> str:
    line = f":{location.line}" if location.line else ""
    return f"{location.file}{line}"


def _drawn_counts(report: Report) -> dict[str, int]:
    """What the network section shows, its table included; a place counts once."""
    subnets = [s for vpc in report.drawing.vpcs for zone in vpc.zones for s in zone.subnets]
    places = {place.address for subnet in subnets for place in subnet.places}
    return {"subnets": len(subnets), "places": len(places)}


def _own_gaps(policy: PolicyResult) -> tuple[Gap, ...]:
    """The policy's gaps that none of its findings shows."""
    shown = {gap for finding in policy.findings for gap in finding.evidence.gaps}
    return tuple(gap for gap in policy.gaps if gap not in shown)


def _affected(facts: Outline, gaps: tuple[Gap, ...]) -> dict[Gap, tuple[str, ...]]:
    """Which policies a gap leaves open: those that name it as their own or a finding's."""
    return {
        gap: tuple(sorted(policy.id for policy in facts.policies if _leans_on(policy, gap)))
        for gap in gaps
    }


def _leans_on(policy: PolicyResult, gap: Gap) -> bool:
    if policy.verdict is Verdict.PASS:
        return False
    mine = {(each.what, each.where) for each in policy.gaps}
    mine |= {(each.what, each.where) for f in policy.findings for each in f.evidence.gaps}
    return (gap.what, gap.where) in mine
