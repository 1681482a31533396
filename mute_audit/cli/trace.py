"""`mute-audit trace`: one packet, hop by hop."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mute_audit.cli.console import json_text, plain, say
from mute_audit.cli.options import aws_options, common_options, source_argument, terraform_options
from mute_audit.cli.sources import opened
from mute_audit.errors import ExitCode, InputError, UsageError

if TYPE_CHECKING:
    from mute_audit.finding import Hop
    from mute_audit.network.trace import Trace, Tracer

__all__ = ["command"]

_EXIT = {"reachable": 0, "unreachable": 1, "unknown": 4}


@click.command("trace")
@source_argument()
@click.option("--from", "source_place", help="Where the packet comes from.")
@click.option("--to", "target_place", help="Where it goes.")
@click.option("--port", help="tcp/443, udp/53, tcp/8000-8100, icmp/8, a protocol number or all.")
@click.option("--source-port", type=click.IntRange(0, 65535), help="The client's port.")
@click.option(
    "--batch",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help='JSON lines of {"from", "to", "port", "source_port"?}; `-` reads standard input.',
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@aws_options
@terraform_options
@common_options
def command(
    source: str,
    source_place: str | None,
    target_place: str | None,
    port: str | None,
    source_port: int | None,
    batch: Path | None,
    form: str,
    quiet: bool,
    debug: bool,
    **options: Any,
) -> int:
    """Follow one packet through SOURCE, there and back.

    A place is a resource id, ARN, unique Name tag, the DNS name of a load balancer or database,
    IP, CIDR, `internet` or `internet:IP`.

    Exit codes: 0 reachable, 1 unreachable, 4 unknown, 2 error. With --batch: 0 when every
    question was answered, 4 when an answer is unknown.
    """
    if batch is not None:
        if source_place or target_place or port:
            raise UsageError("`--batch` takes its questions from the file alone")
        return _batch(_tracer(source, quiet, options), batch)
    if not (source_place and target_place and port):
        raise UsageError(
            "a question needs `--from`, `--to` and `--port`",
            hint="or give `--batch FILE` with one JSON object a line",
        )
    from mute_audit.network.portspec import PortSpec
    from mute_audit.network.trace import Question

    spec = PortSpec.parse(port)
    tracer = _tracer(source, quiet, options)
    found = tracer.trace(
        Question(tracer.resolve(source_place), tracer.resolve(target_place), spec, source_port)
    )
    say(json_text(found.to_json()) if form == "json" else _text(found))
    return _EXIT[found.verdict.value]


def _tracer(source: str, quiet: bool, options: dict[str, Any]) -> Tracer:
    from mute_audit.network.trace import Tracer

    return Tracer(opened(source, options, quiet=quiet).inventory)


def _text(found: Trace) -> str:
    lines = [found.verdict.upper()]
    lines += _hops("path", found.path)
    lines += _hops("answer", found.return_path)
    for blocker in found.blocked_by:
        lines.append(f"  blocked by {blocker.component} {blocker.id} ({blocker.code})")
        if blocker.detail:
            lines.append(f"    {blocker.detail}")
    if found.witness is not None:
        lines.append(f"  packet: {found.witness.text}")
    lines += [f"  note: {text}" for text in found.notes]
    lines += [f"  unknown: {gap}" for gap in found.gaps]
    return plain("\n".join(lines))


def _hops(title: str, hops: tuple[Hop, ...]) -> list[str]:
    if not hops:
        return []
    lines = [f"  {title}:"]
    width = max(18, *(len(hop.kind) for hop in hops))
    for hop in hops:
        name = f"{hop.name} ({hop.id})" if hop.name and hop.name != hop.id else hop.id
        lines.append(f"    {hop.kind:<{width}} {name}")
        lines += [f"      {rule}" for rule in hop.decided_by]
    return lines


def _batch(tracer: Tracer, path: Path) -> int:
    from mute_audit.network.trace import trace_batch

    try:
        lines = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
    except FileNotFoundError as error:
        raise InputError(f"`{path}` does not exist") from error
    except UnicodeDecodeError as error:
        raise InputError(f"`{path}` is not UTF-8 text") from error
    code = ExitCode.CLEAN
    failed = False
    # Not splitlines(): a name may hold U+2028 and its like as they are.
    for answer in trace_batch(tracer, lines.removesuffix("\n").split("\n") if lines else ()):
        say(json_text(answer, indent=None))
        failed = failed or "error" in answer
        if answer.get("verdict") == "unknown":
            code = ExitCode.INCOMPLETE
    return ExitCode.ERROR if failed else code
