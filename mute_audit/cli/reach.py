"""`mute-audit reach`: who can reach X, what can Y reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mute_audit.cli.console import json_text, plain, say
from mute_audit.cli.options import aws_options, common_options, source_argument, terraform_options
from mute_audit.cli.sources import opened
from mute_audit.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from mute_audit.network.places import Place
    from mute_audit.network.reach import Flow

__all__ = ["command"]


@click.command("reach")
@source_argument()
@click.option("--to", "goal", help="Who can reach this place or selector?")
@click.option("--from", "origin", help="What can this place or selector reach?")
@click.option("--port", default="all", help="Only this traffic, as in tcp/5432.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@aws_options
@terraform_options
@common_options
def command(
    source: str,
    goal: str | None,
    origin: str | None,
    port: str,
    form: str,
    quiet: bool,
    debug: bool,
    **options: Any,
) -> int:
    """Show who can reach a place in SOURCE, and what a place can reach.

    A selector names many at once: `type:rds.instance`, `sg:NAME`, `subnet:NAME`, `vpc:NAME`,
    `tag:KEY=VALUE`.

    Exit codes: 0 answered, 4 an answer is unknown, 2 error.
    """
    if not goal and not origin:
        raise UsageError("say `--to PLACE`, `--from PLACE`, or both")
    from mute_audit.analysis import Analysis
    from mute_audit.network.traffic import Traffic
    from mute_audit.verdict import Truth

    traffic = Traffic.parse(port)
    analysis = Analysis(opened(source, options, quiet=quiet).inventory)
    every = analysis.reach.everything()
    origins = analysis.directory.select(origin) if origin else every
    goals = analysis.directory.select(goal) if goal else every
    flows = analysis.reach.flows(origins, goals, traffic)
    if form == "json":
        document = {
            "schema": "mute-audit/reach/v1",
            "port": str(traffic),
            "flows": [_as_json(flow) for flow in flows],
        }
        say(json_text(document))
    else:
        say(_as_text(flows))
    unknown = any(flow.truth is Truth.UNKNOWN for flow in flows)
    return ExitCode.INCOMPLETE if unknown else ExitCode.CLEAN


def _end(place: Place) -> dict[str, str]:
    found = {"type": place.address.type, "id": place.address.id}
    return {**found, "name": place.address.name} if place.address.name else found


def _as_json(flow: Flow) -> dict[str, Any]:
    return {
        "from": _end(flow.source),
        "to": _end(flow.target),
        "verdict": "reachable" if flow.truth.value == "yes" else "unknown",
        "traffic": str(flow.traffic),
        "sources": list(flow.sources.cidrs()),
        "destinations": list(flow.destinations.cidrs()),
        "via": list(flow.via),
        "gaps": [{"what": gap.what, "where": gap.where, "why": gap.why} for gap in flow.gaps],
    }


def _as_text(flows: tuple[Flow, ...]) -> str:
    lines = []
    for flow in flows:
        mark = "→" if flow.truth.value == "yes" else "?→"
        way = f"  through {', '.join(flow.via)}" if flow.via else ""
        only = f" (from {flow.sources})" if flow.source.cidr == "" and _partly(flow) else ""
        lines.append(f"{flow.source.label}{only} {mark} {flow.target.label}: {flow.traffic}{way}")
        lines += [f"    unknown: {gap}" for gap in flow.gaps]
    return plain("\n".join(lines)) if lines else "nothing gets through"


def _partly(flow: Flow) -> bool:
    """Whether only a part of the internet is meant."""
    from mute_audit.network.reach import THE_INTERNET

    return flow.source.kind.value == "internet" and not (
        flow.sources.v4 == THE_INTERNET.v4 or flow.sources.v6 == THE_INTERNET.v6
    )
