"""`mute-audit reach`: who can reach X, what can Y reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from mute_audit.cli.console import plain, say, say_json_list
from mute_audit.cli.flows import (
    Answer,
    Direct,
    answer_json,
    answer_text,
    latent,
    over_hosts,
    shared_names,
)
from mute_audit.cli.options import aws_options, common_options, source_argument, terraform_options
from mute_audit.cli.sources import opened
from mute_audit.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from mute_audit.network.places import Place
    from mute_audit.network.reach import Reach
    from mute_audit.network.traffic import Traffic

__all__ = ["command"]


@click.command("reach")
@source_argument()
@click.option("--to", "goal", help="Who can reach this place or selector?")
@click.option("--from", "origin", help="What can this place or selector reach?")
@click.option("--port", default="all", help="Only this traffic, as in tcp/5432.")
@click.option(
    "--transitive",
    "asked",
    flag_value="transitive",
    help="Over hosts that are taken over, too: each way in the fewest steps.",
)
@click.option(
    "--latent",
    "asked",
    flag_value="latent",
    help="What would get through, too, if a stopped host started, Block Public Access were off, "
    "or what a blackholed route leads to came back.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@aws_options
@terraform_options
@common_options
def command(
    source: str,
    goal: str | None,
    origin: str | None,
    port: str,
    asked: str | None,
    form: str,
    quiet: bool,
    debug: bool,
    **options: Any,
) -> int:
    """Show who can reach a place in SOURCE, and what a place can reach.

    A selector names many at once: `type:rds.instance`, `sg:NAME`, `subnet:NAME`, `vpc:NAME`,
    `tag:KEY=VALUE`. With `--transitive`, `--port` is what arrives in the last step.

    Exit codes: 0 answered, 4 an answer is unknown, 2 error.
    """
    if not goal and not origin:
        raise UsageError("say `--to PLACE`, `--from PLACE`, or both")
    from mute_audit.analysis import Analysis
    from mute_audit.network.traffic import Traffic

    asked = asked or "direct"
    traffic = Traffic.parse(port)
    analysis = Analysis(opened(source, options, quiet=quiet).inventory)
    every = analysis.reach.everything()
    origins = analysis.directory.select(origin) if origin else every
    goals = analysis.directory.select(goal) if goal else every
    answers = _answers(analysis.reach, asked, origins, goals, traffic)
    unknown = False

    def each() -> Iterator[Answer]:
        nonlocal unknown
        for answer in answers:
            unknown |= answer.unknown
            yield answer

    if form == "json":
        head = {"schema": "mute-audit/reach/v1", "port": str(traffic), "asked": asked}
        say_json_list(head, "flows", map(answer_json, each()))
    else:
        shared = shared_names(every)
        lines = [line for answer in each() for line in answer_text(answer, shared)]
        say(plain("\n".join(lines)) if lines else _NOTHING[asked])
    return ExitCode.INCOMPLETE if unknown else ExitCode.CLEAN


_NOTHING = {
    "direct": "nothing gets through",
    "transitive": "nothing gets through, over whatever hosts",
    "latent": "nothing more would get through",
}


def _answers(
    reach: Reach, asked: str, origins: Sequence[Place], goals: Sequence[Place], traffic: Traffic
) -> Iterable[Answer]:
    if asked == "transitive":
        from mute_audit.network.closure import Closure

        closure = Closure(reach, (*origins, *goals))
        return over_hosts(reach, closure, origins, goals, traffic)
    if asked == "latent":
        from mute_audit.network.latent import latent_flows

        return latent(latent_flows(reach, origins, goals, traffic))
    return Direct(reach, reach.each_flow(origins, goals, traffic))
