"""`mute-audit report`: a saved report in another format or language."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from mute_audit.cli.console import note, say
from mute_audit.cli.options import common_options
from mute_audit.errors import InputError, why

__all__ = ["command"]


@click.command("report")
@click.argument("report", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", "form", default="text", help="text, json, html, sarif, junit, …")
@click.option("--lang", type=click.Choice(["en", "ko"]), default="en")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
@common_options
def command(report: Path, form: str, lang: str, out: Path | None, quiet: bool, debug: bool) -> int:
    """Render the saved REPORT (a report.json) again."""
    from mute_audit.render.formats import render
    from mute_audit.render.interface import Options, wants_color
    from mute_audit.render.json import load_report
    from mute_audit.render.write import write_text

    try:
        data = report.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read: {why(error)}", where=str(report)) from error
    options = Options(
        lang=lang,
        width=min(shutil.get_terminal_size((110, 40)).columns, 120),
        color=out is None and wants_color(os.environ, sys.stdout.isatty()),
        quiet=quiet,
    )
    text = render(load_report(data, str(report)), form, options)
    if out is None:
        say(text, color=options.color)
    else:
        write_text(text, out)
        if not quiet:
            note(f"wrote {out}")
    return 0
