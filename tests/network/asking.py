"""One question put to everything that answers it: trace, batch and both engines.

    asked = Asked(folder.write())
    asked.expect("i-…", "10.0.0.5", "tcp/443", "reachable", path=[…])

`path` are ids that the packet passes in this order (others may lie between), `stops` the
component that stops it first: what the traces with known answers beside the repository say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from printed import named

from mute_audit.analysis import Analysis
from mute_audit.inventory import Inventory
from mute_audit.network.portspec import PortSpec
from mute_audit.network.reach import Flow
from mute_audit.network.trace import Question, Trace, Tracer, trace_batch
from mute_audit.network.traffic import Traffic
from mute_audit.sources.aws_json import load, read_directory
from mute_audit.verdict import Truth

__all__ = ["NO", "UNKNOWN", "YES", "Asked"]

YES, NO, UNKNOWN = "reachable", "unreachable", "unknown"


class Asked:
    """One snapshot, and both engines over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inventory: Inventory = load(read_directory(folder))
        self.analysis = Analysis(self.inventory)
        self.tracer = Tracer(self.inventory, self.analysis.directory)

    def trace(self, source: Any, target: Any, port: str, source_port: int | None = None) -> Trace:
        """The packet tracer's answer."""
        here, there = self.tracer.resolve(named(source)), self.tracer.resolve(named(target))
        return self.tracer.trace(Question(here, there, PortSpec.parse(port), source_port))

    def flows(self, source: Any, target: Any, port: str) -> tuple[Flow, ...]:
        """The set engine's answer; not what goes through a load balancer to one of its targets."""
        select = self.analysis.directory.select
        here, there = select(named(source)), select(named(target))
        found = self.analysis.reach.flows(here, there, Traffic.parse(port))
        return tuple(flow for flow in found if "load-balancer" not in flow.via)

    def reach(self, source: Any, target: Any, port: str) -> str:
        """The set engine's answer as a verdict."""
        flows = self.flows(source, target, port)
        if any(flow.truth is Truth.YES for flow in flows):
            return YES
        return UNKNOWN if flows else NO

    def expect(
        self,
        source: Any,
        target: Any,
        port: str,
        verdict: str,
        path: Sequence[Any] = (),
        stops: str = "",
        *,
        source_port: int | None = None,
        code: str = "",
    ) -> Trace:
        """Hold every way of asking against what AWS does."""
        found = self.trace(source, target, port, source_port)
        assert found.verdict.value == verdict, found
        if verdict != UNKNOWN:
            assert found.gaps == (), found.gaps
        ids = [hop.id for hop in found.path]
        rest = iter(ids)
        assert all(named(item) in rest for item in path), ids
        blockers = [(b.component, b.code) for b in found.blocked_by]
        if verdict == YES:
            assert found.witness is not None
            assert not blockers
        if stops:
            assert blockers[0][0] == stops, found.blocked_by
        if code:
            assert blockers[0][1] == code, found.blocked_by
        question: dict[str, Any] = {"from": named(source), "to": named(target), "port": port}
        if source_port is not None:
            question["source_port"] = source_port
        (batched,) = trace_batch(self.tracer, [json.dumps(question)])
        assert batched == found.to_json()
        if source_port is None:
            assert self.reach(source, target, port) == verdict, self.flows(source, target, port)
        return found
