"""`mute-audit graph`: the reachability graph, for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mute_audit.cli.console import note, say
from mute_audit.cli.options import aws_options, common_options, source_argument, terraform_options
from mute_audit.cli.sources import opened
from mute_audit.errors import UsageError

if TYPE_CHECKING:
    import networkx as nx

    from mute_audit.analysis import Analysis
    from mute_audit.network.traffic import Traffic

__all__ = ["command"]

_FORMATS = ("graphml", "dot", "mermaid", "json", "text")


@click.command("graph")
@source_argument()
@click.option("--format", "form", type=click.Choice(_FORMATS), default="json")
@click.option("--from", "origin", help="Only what this place or selector can reach.")
@click.option("--to", "goal", help="Only what can reach this place or selector.")
@click.option("--port", default="all", help="Only this traffic, as in tcp/443.")
@click.option(
    "--only",
    type=click.Choice(["attack-path", "minimum-cut"]),
    help="Not all of it: the fewest steps from --from to --to over hosts that are taken over, or "
    "the fewest connections to cut so that no such way is left. --port is what arrives.",
)
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
    only: str | None,
    out: Path | None,
    quiet: bool,
    debug: bool,
    **options: Any,
) -> int:
    """Export who can reach whom in SOURCE: places as nodes, what gets through as edges."""
    from mute_audit.analysis import Analysis
    from mute_audit.network.graph_formats import FORMATS
    from mute_audit.network.traffic import Traffic

    if only and not (origin and goal):
        raise UsageError(f"`--only {only}` needs `--from` and `--to`")
    traffic = Traffic.parse(port)
    analysis = Analysis(opened(source, options, quiet=quiet).inventory)
    graph = _graph(analysis, only, origin, goal, traffic)
    if only and not graph and not quiet:
        note("there is no way from --from to --to, over whatever hosts")
    text = FORMATS[form](graph)
    if out is None:
        say(text)
        return 0
    from mute_audit.render.write import write_text

    write_text(text, out)
    if not quiet:
        note(f"wrote {out}")
    return 0


def _graph(
    analysis: Analysis, only: str | None, origin: str | None, goal: str | None, traffic: Traffic
) -> nx.MultiDiGraph[str]:
    from mute_audit.network.attack import attack_path, minimum_cut
    from mute_audit.network.graph import build_graph

    select = analysis.directory.select
    origins = select(origin) if origin else None
    goals = select(goal) if goal else None
    if only is None or origins is None or goals is None:
        return build_graph(analysis.reach, traffic, origins, goals)
    asked = attack_path if only == "attack-path" else minimum_cut
    return asked(analysis.reach, origins, goals, traffic)
