"""`mute-audit graph`: the reachability graph, for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mute_audit.cli.console import note, say
from mute_audit.cli.options import aws_options, common_options, source_argument, terraform_options
from mute_audit.cli.sources import opened

__all__ = ["command"]


@click.command("graph")
@source_argument()
@click.option(
    "--format", "form", type=click.Choice(["graphml", "dot", "mermaid", "json"]), default="json"
)
@click.option("--from", "origin", help="Only what this place or selector can reach.")
@click.option("--to", "goal", help="Only what can reach this place or selector.")
@click.option("--port", default="all", help="Only this traffic, as in tcp/443.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
@aws_options
@terraform_options
@common_options
def command(
    source: str,
    form: str,
    origin: str | None,
    goal: str | None,
    port: str,
    out: Path | None,
    quiet: bool,
    debug: bool,
    **options: Any,
) -> int:
    """Export who can reach whom in SOURCE: places as nodes, what gets through as edges."""
    from mute_audit.analysis import Analysis
    from mute_audit.network.graph import FORMATS, build_graph
    from mute_audit.network.traffic import Traffic

    traffic = Traffic.parse(port)
    analysis = Analysis(opened(source, options, quiet=quiet).inventory)
    select = analysis.directory.select
    graph = build_graph(
        analysis.reach,
        traffic,
        select(origin) if origin else None,
        select(goal) if goal else None,
    )
    text = FORMATS[form](graph)
    if out is None:
        say(text)
        return 0
    from mute_audit.render.write import write_text

    write_text(text, out)
    if not quiet:
        note(f"wrote {out}")
    return 0
