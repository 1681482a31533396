"""Twenty ways to write a network: judged the same from the plan, the state and what was made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from terraform_runs import (
    REGION,
    SCENARIOS,
    Run,
    answers,
    empty,
    expected,
    named,
    needs_terraform,
)

from mute_audit.inventory import Inventory
from mute_audit.network.places import Directory
from mute_audit.network.portspec import PortSpec
from mute_audit.network.trace import Question, Reachability, Tracer
from mute_audit.sources.demo.isolation import session
from mute_audit.sources.live.options import LiveOptions
from mute_audit.sources.opening import open_source

NOW = datetime(2026, 1, 2, tzinfo=UTC)
PORTS = ("tcp/22", "tcp/80", "tcp/443", "tcp/5432", "tcp/8080", "udp/53", "icmp/8")
EVERY = sorted(folder.name for folder in SCENARIOS.iterdir() if folder.is_dir())
# What `make test` tries as well.
SAMPLE = {"dynamic-blocks", "local-group", "module-for-each", "nat-address", "two-levels"}

pytestmark = [pytest.mark.terraform, pytest.mark.slow, needs_terraform]


def opened(path: Path) -> Inventory:
    source = open_source(str(path), now=NOW)
    assert source.raw.gaps == ()
    return source.inventory


def live(endpoint: str) -> Inventory:
    options = LiveOptions(regions=(REGION,), endpoint_url=endpoint, session=lambda: session(REGION))
    return open_source("aws", options, now=NOW).inventory


def verdicts(inventory: Inventory, name: str) -> list[tuple[str, str, str, bool]]:
    tracer = Tracer(inventory, Directory(inventory))
    found = []
    for source, target, port, _ in expected(name):
        question = Question(tracer.resolve(source), tracer.resolve(target), PortSpec.parse(port))
        verdict = tracer.trace(question).verdict
        assert verdict is not Reachability.UNKNOWN, (source, target, port)
        found.append((source, target, port, verdict is Reachability.REACHABLE))
    return found


def test_there_are_twenty() -> None:
    """The promise of docs/terraform.md."""
    assert len(EVERY) == 20
    assert len(SAMPLE & set(EVERY)) == 5


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.sample] if n in SAMPLE else []) for n in EVERY]
)
def test_plan_state_and_aws_agree(
    name: str, tmp_path: Path, embedded_aws: str, aws_provider: Mapping[str, str]
) -> None:
    """What the variant's expected.yaml says holds in all of them, and so does all else alike."""
    empty(embedded_aws)
    run = Run.copied(SCENARIOS / name, tmp_path / name, embedded_aws, aws_provider)
    plan = opened(run.plan())
    assert verdicts(plan, name) == expected(name)
    names = named(plan)
    assert len(names) >= 1
    planned = answers(plan, names, PORTS)
    state = opened(run.apply())
    assert answers(state, names, PORTS) == planned
    shown = run.folder / "state.json"
    shown.write_text(run.call("show", "-json"))
    assert answers(opened(shown), names, PORTS) == planned
    made = live(embedded_aws)
    assert named(made) == names
    assert answers(made, names, PORTS) == planned
    again = opened(run.plan(refresh=True))
    assert answers(again, names, PORTS) == planned
