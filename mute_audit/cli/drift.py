"""`mute-audit drift`: what changed against the baseline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mute_audit.cli.clock import clock
from mute_audit.cli.config import load_config
from mute_audit.cli.console import json_text, note, plain, say
from mute_audit.cli.intended import intended
from mute_audit.cli.options import (
    aws_options,
    common_options,
    config_option,
    source_argument,
    terraform_options,
)
from mute_audit.cli.sources import AGAINST, compared, opened
from mute_audit.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from mute_audit.drift.diff import DriftResult
    from mute_audit.drift.effects import Effects

__all__ = ["command"]


@click.command("drift")
@source_argument(required=False)
@click.option("--baseline", type=click.Path(path_type=Path), help="The intended state.")
@click.option("--against", metavar="SOURCE", help=AGAINST)
@click.option("--drift", "changed", is_flag=True, help="With `demo`: change it first.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@config_option
@aws_options
@terraform_options
@common_options
def command(
    source: str | None,
    baseline: Path | None,
    against: str | None,
    changed: bool,
    form: str,
    config: Path | None,
    quiet: bool,
    debug: bool,
    **options: Any,
) -> int:
    """Compare SOURCE with the baseline, field by field, or its effect with another SOURCE's.

    With `--against`, each difference is a pair of places with a packet; a baseline counts only
    where `--baseline` names one.

    Exit codes: 0 no difference, 3 drift, 4 something could not be compared, 2 error.
    """
    from mute_audit.analysis import Analysis
    from mute_audit.drift.diff import DriftResult, compare
    from mute_audit.finding import DriftKind

    settings = load_config(config, Path.cwd())
    source = source or settings.source
    if source is None:
        raise UsageError("say what to compare", hint="`mute-audit drift aws` or a folder")
    if changed and source != "demo":
        raise UsageError("`--drift` changes the embedded AWS and goes with `demo` only")
    plan = intended(source, settings, baseline) if against is None or baseline else None
    if plan is None and against is None:
        raise UsageError(
            "no baseline is configured", hint="give `--baseline FILE`, or `--against SOURCE`"
        )
    found = opened(source, options, quiet=quiet, drift=changed, settings=settings)
    result = DriftResult((), ())
    if plan is not None:
        result = compare(plan, found.inventory, not_compared=found.never_described)
    before = None
    if against is not None:
        before = opened(against, options, quiet=quiet, settings=settings)
    effects = compared(before, Analysis(found.inventory, clock()))
    gaps = (*found.inventory.gaps, *(before.inventory.gaps if before is not None else ()))
    minded = [gap for gap in dict.fromkeys(gaps) if not settings.accepts((gap,))]
    shown = (result, effects, against)
    say(_json(*shown) if form == "json" else _text(*shown))
    for gap in minded:
        note(f"gap: {gap}")
    open_ = [item.gaps for item in result.items if item.kind is DriftKind.UNKNOWN]
    open_ += [effect.evidence.gaps for effect in effects.items if not effect.certain]
    if minded or effects.notes or not all(map(settings.accepts, open_)):
        return ExitCode.INCOMPLETE
    changed_ = any(item.kind is not DriftKind.UNKNOWN for item in result.items)
    changed_ |= any(effect.certain for effect in effects.items)
    return ExitCode.DRIFT if changed_ else ExitCode.CLEAN


def _json(result: DriftResult, effects: Effects, against: str | None) -> str:
    import msgspec

    document = {
        "schema": "mute-audit/drift/v1",
        "items": msgspec.to_builtins(result.items),
        "outside": msgspec.to_builtins(result.outside),
    }
    if against is not None:
        document["against"] = against
        document["effects"] = msgspec.to_builtins(effects.items)
        document["notes"] = list(effects.notes)
    return json_text(document)


def _text(result: DriftResult, effects: Effects, against: str | None) -> str:
    from mute_audit.render.outline import alike

    lines = []
    for item in result.items:
        lines.append(f"{item.kind.value:<11}{item.resource.type} {item.resource}")
        lines += [
            f"  {change.path}: {json.dumps(change.expected, ensure_ascii=False)} → "
            f"{json.dumps(change.actual, ensure_ascii=False)}"
            for change in item.fields
        ]
        lines += [f"  unknown: {gap}" for gap in item.gaps]
    for effect, more in alike(effects.items):
        mark = "→" if effect.certain else "?→"
        via = f"  through {', '.join(effect.via)}" if effect.via else ""
        sources = ", ".join((effect.source.label, *more))
        ends = f"{sources} {mark} {effect.target.label}: {effect.traffic}{via}"
        lines.append(f"{effect.kind.value:<11}{ends}")
        if effect.evidence.witness is not None:
            lines.append(f"  packet: {effect.evidence.witness.text}")
        lines += [f"  unknown: {gap}" for gap in effect.evidence.gaps]
    lines += [f"note: {text}" for text in effects.notes]
    if not lines:
        return (
            "no drift" if against is None else f"nothing gets through otherwise than in {against}"
        )
    return plain("\n".join(lines))
