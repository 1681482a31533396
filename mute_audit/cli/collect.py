"""`mute-audit collect`: save a snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mute_audit.cli.console import note, say
from mute_audit.cli.options import aws_options, common_options, source_argument, terraform_options
from mute_audit.cli.sources import opened
from mute_audit.errors import ExitCode

__all__ = ["command"]


@click.command("collect")
@source_argument()
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the snapshot.",
)
@aws_options
@terraform_options
@common_options
def command(source: str, out: Path, quiet: bool, debug: bool, **options: Any) -> int:
    """Save what SOURCE says of itself, so that it can be judged again without asking AWS.

    Environment variables, user data and passwords are cut out before anything is written.

    Exit codes: 0 saved, 4 saved with gaps (calls that failed, named on standard error), 2 error.
    """
    from mute_audit.sources.store import save

    found = opened(source, options, quiet=quiet)
    save(found.raw, out)
    if not quiet:
        say(f"saved to {out}")
    for gap in found.inventory.gaps:
        note(f"gap: {gap}")
    return ExitCode.INCOMPLETE if found.inventory.gaps else ExitCode.CLEAN
