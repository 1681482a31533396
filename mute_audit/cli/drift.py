"""`mute-audit drift`: what changed against the baseline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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
from mute_audit.cli.sources import opened
from mute_audit.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from mute_audit.drift.diff import DriftResult

__all__ = ["command"]


@click.command("drift")
@source_argument(required=False)
@click.option("--baseline", type=click.Path(path_type=Path), help="The intended state.")
@click.option("--drift", "changed", is_flag=True, help="With `demo`: change it first.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@config_option
@aws_options
@terraform_options
@common_options
def command(
    source: str | None,
    baseline: Path | None,
    changed: bool,
    form: str,
    config: Path | None,
    quiet: bool,
    debug: bool,
    **options: Any,
) -> int:
    """Compare SOURCE with the baseline, field by field.

    Exit codes: 0 no difference, 3 drift, 4 something could not be compared, 2 error.
    """
    from mute_audit.drift.diff import compare

    settings = load_config(config, Path.cwd())
    source = source or settings.source
    if source is None:
        raise UsageError("say what to compare", hint="`mute-audit drift aws` or a folder")
    if changed and source != "demo":
        raise UsageError("`--drift` changes the embedded AWS and goes with `demo` only")
    plan = intended(source, settings, baseline)
    if plan is None:
        raise UsageError("no baseline is configured", hint="give `--baseline FILE`")
    if source == "aws" and not options.get("regions"):
        options["regions"] = settings.regions
    found = opened(source, options, quiet=quiet, drift=changed)
    result = compare(plan, found.inventory, not_compared=found.never_described)
    say(_json(result) if form == "json" else _text(result))
    for gap in found.inventory.gaps:
        note(f"gap: {gap}")
    unknown = any(item.kind.value == "unknown" for item in result.items)
    if unknown or found.inventory.gaps:
        return ExitCode.INCOMPLETE
    return ExitCode.DRIFT if result.items else ExitCode.CLEAN


def _json(result: DriftResult) -> str:
    import msgspec

    document = {
        "schema": "mute-audit/drift/v1",
        "items": msgspec.to_builtins(result.items),
        "outside": msgspec.to_builtins(result.outside),
    }
    return json_text(document)


def _text(result: DriftResult) -> str:
    if not result.items:
        return "no drift"
    lines = []
    for item in result.items:
        lines.append(f"{item.kind.value:<11}{item.resource.type} {item.resource}")
        lines += [
            f"  {change.path}: {json.dumps(change.expected, ensure_ascii=False)} → "
            f"{json.dumps(change.actual, ensure_ascii=False)}"
            for change in item.fields
        ]
        lines += [f"  unknown: {gap}" for gap in item.gaps]
    return plain("\n".join(lines))
