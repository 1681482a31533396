"""What is said of an estate, in a form in which two sources of it can be compared."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from mute_audit.analysis import Analysis
from mute_audit.finding import PolicyResult, Severity, SourceInfo, StaticResult, StaticStatus
from mute_audit.inventory import Inventory
from mute_audit.network.traffic import Traffic
from mute_audit.pipeline import ScanInputs, run
from mute_audit.policy.context import Context
from mute_audit.policy.loader import load_policies
from mute_audit.sources.live.options import LiveOptions
from mute_audit.sources.opening import OpenedSource, open_source
from mute_audit.verdict import Verdict

NOW = datetime(2026, 1, 2, tzinfo=UTC)
VALUES = {"admin_cidrs": ["203.0.113.0/24"]}
PACKS = ("mute", "aws")


def opened(source: Path | str, live: LiveOptions | None = None) -> OpenedSource:
    return open_source(str(source), live, now=NOW)


def judged(source: OpenedSource, packs: tuple[str, ...] = PACKS) -> dict[str, PolicyResult]:
    """By every policy of the stack and of the general pack."""
    inputs = ScanInputs(
        context=Context(
            analysis=Analysis(source.inventory, now=NOW),
            drift=None,
            static=StaticResult(StaticStatus.NOT_ASKED),
            values=VALUES,
        ),
        source=SourceInfo("plan", source.name),
        policies=load_policies(packs, VALUES),
        tool_version="test",
        now=NOW,
        fail_on=Severity.LOW,
        declared=source.raw.declared,
    )
    return {result.id: result for result in run(inputs).policies}


def verdicts(source: OpenedSource, packs: tuple[str, ...] = PACKS) -> dict[str, Verdict]:
    return {name: result.verdict for name, result in judged(source, packs).items()}


def flows(inventory: Inventory) -> set[tuple[str, str, str, str, tuple[str, ...], str]]:
    """What gets through between every two named places, and from which part of the internet."""
    analysis = Analysis(inventory)
    every = analysis.reach.everything()
    return {
        (
            flow.source.label,
            flow.target.label,
            str(flow.truth),
            str(flow.traffic),
            flow.via,
            str(flow.sources) if flow.source.label == "internet" else "",
        )
        for flow in analysis.reach.flows(every, every, Traffic.everything())
    }
