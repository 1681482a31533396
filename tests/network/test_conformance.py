"""The traces with known answers that lie beside the repository, case by case.

The data are read where they are and never copied; without them the tests are skipped.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mute_audit.network.portspec import PortSpec
from mute_audit.network.trace import Question, Reachability, Tracer
from mute_audit.sources.aws_json import load, read_directory

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "conformance"


def _cases() -> list[dict[str, Any]]:
    file = SHARED / "expected-traces.json"
    return json.loads(file.read_text())["cases"] if file.exists() else []


CASES = _cases()

pytestmark = pytest.mark.skipif(not CASES, reason=f"{SHARED} is not there")


@pytest.fixture(scope="module")
def tracers() -> dict[str, Tracer]:
    """One tracer for each snapshot."""
    names = {case["snapshot"] for case in CASES}
    return {name: Tracer(load(read_directory(SHARED / "snapshots" / name))) for name in names}


def _in_order(wanted: list[str], found: list[str]) -> bool:
    """Whether all wanted ids occur in this order; others may lie between."""
    rest = iter(found)
    return all(name in rest for name in wanted)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case_has_the_known_verdict_path_and_blocker(
    case: dict[str, Any], tracers: dict[str, Tracer]
) -> None:
    tracer = tracers[case["snapshot"]]
    trace = tracer.trace(
        Question(
            tracer.resolve(case["source"]),
            tracer.resolve(case["destination"]),
            PortSpec.parse(case["flow"]),
        )
    )

    expected = Reachability.REACHABLE if case["reachable"] else Reachability.UNREACHABLE
    assert trace.verdict is expected, trace
    assert trace.gaps == ()
    assert _in_order(case["path"], [hop.id for hop in trace.path]), trace.path
    if "stops_at" in case:
        assert trace.blocked_by[0].component == case["stops_at"], trace.blocked_by
    if case["reachable"]:
        assert trace.blocked_by == ()
        assert trace.witness is not None


@pytest.mark.parametrize(
    "case", [c for c in CASES if c["reachable"]], ids=[c["id"] for c in CASES if c["reachable"]]
)
def test_witness_of_a_reachable_case_gets_through_again(
    case: dict[str, Any], tracers: dict[str, Tracer]
) -> None:
    tracer = tracers[case["snapshot"]]
    source, target = tracer.resolve(case["source"]), tracer.resolve(case["destination"])
    trace = tracer.trace(Question(source, target, PortSpec.parse(case["flow"])))
    assert trace.witness is not None

    site = tracer.directory.site(source)
    interface = site.interfaces[0] if site is not None else None
    again = tracer.follow(trace.witness, interface)

    assert again.verdict is Reachability.REACHABLE
    assert again.path == trace.path


def test_nothing_that_cannot_be_reached_from_the_internet_has_a_path_without_a_gateway(
    tracers: dict[str, Tracer],
) -> None:
    """A public address that is not in the estate, and a private one: the path is empty."""
    tracer = tracers["test-public-subnet"]
    for address in ("54.191.107.23", "10.0.0.91"):
        trace = tracer.trace(
            Question(
                tracer.resolve("internet:8.8.8.8"),
                tracer.resolve(address),
                PortSpec.parse("tcp/22"),
            )
        )
        assert trace.path == ()
        assert trace.verdict is Reachability.UNREACHABLE
