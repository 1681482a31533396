"""Asking the packet tracer in one line, for tests."""

from __future__ import annotations

from estate import Estate

from mute_audit.network.portspec import PortSpec
from mute_audit.network.trace import Question, Trace, Tracer


def ask(
    estate: Estate | Tracer,
    source: str,
    target: str,
    port: str = "tcp/443",
    source_port: int | None = None,
) -> Trace:
    """One question to one estate."""
    tracer = estate if isinstance(estate, Tracer) else Tracer(estate.inventory())
    return tracer.trace(
        Question(tracer.resolve(source), tracer.resolve(target), PortSpec.parse(port), source_port)
    )


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
