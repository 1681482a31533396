"""`scan demo` end to end: the changes break the policies that they are documented to break."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mute_audit.sources.demo import FAULT_VARIABLE
from mute_audit.sources.demo.changes import CHANGES

pytestmark = pytest.mark.slow


def scan(out: Path, *options: str, **variables: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report of `mute-audit scan demo`."""
    command = ["-m", "mute_audit", "scan", "demo", "--no-checkov", "--out", str(out), *options]
    done = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert "Traceback" not in done.stderr
    report: dict[str, Any] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return done.returncode, report


def by_verdict(report: dict[str, Any], verdict: str) -> set[str]:
    return {policy["id"] for policy in report["policies"] if policy["verdict"] == verdict}


@pytest.mark.sample
def test_each_documented_change_fails_its_policies_and_no_other_fails(tmp_path: Path) -> None:
    code, report = scan(tmp_path, "--drift")
    assert code == 1
    assert by_verdict(report, "fail") == {name for one in CHANGES for name in one.policies}
    assert by_verdict(report, "unknown") == set()
    labels = {item["resource"]["name"] or item["resource"]["id"] for item in report["drift"]}
    assert labels == {one.resource for change in CHANGES for one in change.drift}


@pytest.mark.sample
def test_one_failing_call_is_named_and_everything_that_does_not_need_it_stays(
    tmp_path: Path,
) -> None:
    call = "ec2:DescribeVpcBlockPublicAccessOptions"
    code, report = scan(tmp_path, **{FAULT_VARIABLE: f"{call}=500"})
    assert code == 4
    assert [gap["what"] for gap in report["gaps"]] == [call]
    assert by_verdict(report, "fail") == set()
    assert report.get("drift", []) == []
    # What works only through an internet gateway cannot be told; nothing else is in doubt.
    assert by_verdict(report, "unknown") == {
        "mute-works-internet-to-frontend",
        "mute-works-internet-to-backend",
        "mute-works-private-egress-by-nat",
    }
