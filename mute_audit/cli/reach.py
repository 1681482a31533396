"""`mute-audit reach`: who can reach X, what can Y reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click
import msgspec

from mute_audit.cli.console import plain, say, say_json_list
from mute_audit.cli.options import aws_options, common_options, source_argument, terraform_options
from mute_audit.cli.sources import opened
from mute_audit.errors import ExitCode, UsageError
from mute_audit.verdict import Truth

if TYPE_CHECKING:
    from mute_audit.finding import Packet
    from mute_audit.network.places import Place
    from mute_audit.network.reach import Flow, Reach

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

    traffic = Traffic.parse(port)
    analysis = Analysis(opened(source, options, quiet=quiet).inventory)
    every = analysis.reach.everything()
    origins = analysis.directory.select(origin) if origin else every
    goals = analysis.directory.select(goal) if goal else every
    flows = _Answered(analysis.reach, analysis.reach.each_flow(origins, goals, traffic))
    if form == "json":
        head = {"schema": "mute-audit/reach/v1", "port": str(traffic)}
        say_json_list(head, "flows", (_as_json(*answer) for answer in flows))
    else:
        say(_as_text(tuple(flow for flow, _, _ in flows)))
    return ExitCode.INCOMPLETE if flows.unknown else ExitCode.CLEAN


class _Answered:
    """Each flow with its witness, and whether the packet tracer has confirmed that one.

    Of very many flows not all are replayed, as that takes longer than to find them: the first
    `ALL` are, and of the others every `ONE_IN`th. `unknown` tells, at the end, whether any was.
    """

    ALL = 250
    ONE_IN = 250

    def __init__(self, reach: Reach, flows: Iterable[Flow]) -> None:
        self.unknown = False
        self._reach = reach
        self._flows = flows

    def __iter__(self) -> Iterator[tuple[Flow, Packet | None, bool]]:
        for index, flow in enumerate(self._flows):
            if flow.truth is not Truth.YES:
                self.unknown = True
                yield flow, None, False
            elif index < self.ALL or index % self.ONE_IN == 0:
                yield flow, self._reach.prove(flow).witness, True
            else:
                yield flow, self._reach.witness(flow), False


def _end(place: Place) -> dict[str, str]:
    found = {"type": place.address.type, "id": place.address.id}
    return {**found, "name": place.address.name} if place.address.name else found


def _as_json(flow: Flow, witness: Packet | None, replayed: bool) -> dict[str, Any]:
    return {
        "from": _end(flow.source),
        "to": _end(flow.target),
        "verdict": "reachable" if flow.truth.value == "yes" else "unknown",
        "traffic": str(flow.traffic),
        "sources": list(flow.sources.cidrs()),
        "destinations": list(flow.destinations.cidrs()),
        "via": list(flow.via),
        "gaps": [{"what": gap.what, "where": gap.where, "why": gap.why} for gap in flow.gaps],
        "witness": msgspec.to_builtins(witness),
        "replayed": replayed,
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
