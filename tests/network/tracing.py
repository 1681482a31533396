"""Asking the packet tracer in one line, for tests."""

from __future__ import annotations

from both import verdict_of
from estate import Estate

from mute_audit.network.portspec import PortSpec
from mute_audit.network.reach import Reach
from mute_audit.network.trace import Question, Reachability, Trace, Tracer

_WORDS = {
    Reachability.REACHABLE: "yes",
    Reachability.UNREACHABLE: "no",
    Reachability.UNKNOWN: "unknown",
}


def ask(
    estate: Estate | Tracer,
    source: str,
    target: str,
    port: str = "tcp/443",
    source_port: int | None = None,
) -> Trace:
    """One question to one estate; the set engine has to say the same of it."""
    tracer = estate if isinstance(estate, Tracer) else Tracer(estate.inventory())
    spec = PortSpec.parse(port)
    here, there = tracer.resolve(source), tracer.resolve(target)
    found = tracer.trace(Question(here, there, spec, source_port))
    if source_port is None and spec.single and here != there:
        by_sets = verdict_of(Reach(tracer.inventory, tracer.directory), here, there, port)
        assert by_sets.value == _WORDS[found.verdict], f"{source} {target} {port}"
    return found


def verdict(
    estate: Estate | Tracer,
    source: str,
    target: str,
    port: str = "tcp/443",
    source_port: int | None = None,
) -> str:
    return ask(estate, source, target, port, source_port).verdict.value


def stops(trace: Trace) -> list[str]:
    """`component code` of everything that blocks."""
    return [f"{blocker.component} {blocker.code}" for blocker in trace.blocked_by]


def ids(trace: Trace) -> list[str]:
    """The ids on the way there."""
    return [hop.id for hop in trace.path]


def notes(trace: Trace) -> set[str]:
    """The codes of the notes."""
    return {note.partition(":")[0] for note in trace.notes}
