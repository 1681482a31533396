"""Opening SOURCE from the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mute_audit.cli.clock import Stopwatch, clock
from mute_audit.cli.config import Config, load_config
from mute_audit.cli.console import Progress, detail, note

if TYPE_CHECKING:
    from mute_audit.analysis import Analysis
    from mute_audit.drift.effects import Effects
    from mute_audit.sources.opening import OpenedSource
    from mute_audit.sources.terraform.options import TerraformOptions

__all__ = ["AGAINST", "compared", "opened"]

AGAINST = "Another SOURCE, as it was before: says who can reach what newly, and who no longer can."


def _terraform(source: str, options: dict[str, Any]) -> TerraformOptions:
    from mute_audit.sources.terraform.options import TerraformOptions

    folder = options.get("source_dir")
    allowed = bool(options.get("allow_run"))
    if not allowed and source not in ("aws", "demo"):
        allowed = _agreed(Path(source))
    return TerraformOptions(
        source_dir=_short(folder) if folder is not None else None,
        beside=options.get("beside") or "",
        allow_run=allowed,
        var_files=tuple(options.get("var_files") or ()),
    )


def _short(folder: Path) -> Path:
    """Relative where it lies below here, as findings name its files."""
    here = Path.cwd()
    absolute = folder.resolve()
    return absolute.relative_to(here) if absolute.is_relative_to(here) else folder


def _agreed(path: Path) -> bool:
    """A yes on a terminal to what `--allow-run` allows."""
    if not (path.is_dir() and any(path.glob("*.tf"))):
        return False
    if (path / "manifest.json").exists() or (path / "accounts").is_dir():
        return False
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return click.confirm(
        f"Run terraform in {path}? Planning runs its providers and data sources.", err=True
    )


def _regions(source: str, options: dict[str, Any], settings: Config | None) -> tuple[str, ...]:
    """The Regions to ask: where none is given, the configuration's."""
    given = tuple(options.get("regions") or ())
    if given or "aws" not in (source, options.get("beside")):
        return given
    return (settings or load_config(None, Path.cwd())).regions


def opened(
    source: str,
    options: dict[str, Any],
    *,
    quiet: bool,
    drift: bool = False,
    settings: Config | None = None,
) -> OpenedSource:
    """What SOURCE holds. Raises SnapshotError, AwsError, MissingToolError.

    `settings` is the configuration in force; left out, it is looked for when it is needed.
    """
    from mute_audit.sources.live.options import LiveOptions
    from mute_audit.sources.opening import open_source

    progress = Progress(quiet=quiet)
    watch = Stopwatch()
    live = LiveOptions(
        profile=options.get("profile") or "",
        role_arn=options.get("role_arn") or "",
        regions=_regions(source, options, settings),
        all_regions=bool(options.get("all_regions")),
        endpoint_url=options.get("endpoint_url") or "",
    )
    try:
        found = open_source(
            source,
            live,
            now=clock(),
            drift=drift,
            progress=progress,
            terraform=_terraform(source, options),
        )
    finally:
        progress.clear()
    held = ", ".join(region.place for region in found.inventory.regions)
    detail(
        f"read {found.name} ({found.kind}) in {watch}: {len(found.raw.documents)} descriptions "
        f"of {held or 'nothing'}; calls that failed: {len(found.inventory.gaps)}"
    )
    if not quiet:
        for text in found.inventory.notes:
            note(f"note: {text}")
    return found


def compared(before: OpenedSource | None, after: Analysis) -> Effects:
    """What gets through now and did not before; nothing where there is no other side."""
    from mute_audit.analysis import Analysis
    from mute_audit.drift.effects import Effects, effects

    if before is None:
        return Effects()
    watch = Stopwatch()
    found = effects(Analysis(before.inventory, after.now), after)
    detail(f"compared with {before.name} in {watch}: {len(found.items)} differences")
    return found
