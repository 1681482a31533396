"""The targets of a plan of 4,000 resources; `bench`, as timing needs quiet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench_plan import measured
from big_plan import write


@pytest.mark.bench
def test_a_large_plan_is_judged_at_once(tmp_path: Path) -> None:
    """All shipped policies in under 2 s and 500 MiB, beside checkov on the same file."""
    found = measured(tmp_path, runs=5)
    assert found.resources == 4_000
    assert found.policies >= 30
    assert found.ours.cpu < 2
    assert found.ours.memory < 500
    assert found.checkov is not None
    assert found.checkov.cpu > 5 * found.ours.cpu


@pytest.mark.slow
def test_the_plan_is_judged_and_not_passed_over(tmp_path: Path) -> None:
    """Everything that the engines know is described: the time is that of judging."""
    found = measured(tmp_path, runs=1, beside=False)
    assert found.resources == 4_000
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    judged = {one["id"]: one["judged"] for one in report["policies"]}
    assert judged["aws-ec2-imdsv2"] == 800
    assert judged["aws-s3-not-publicly-writable"] == 200


def test_the_plan_has_as_many_resources_as_it_says(tmp_path: Path) -> None:
    assert write(tmp_path / "plan.json") == 4_000
