"""What a scan says, as sets of short lines that can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mute_audit.cli.run import run


@dataclass(frozen=True)
class Judgement:
    """The outcome of a scan.

    fails     `policy: code resource ← source port` for each finding that is a violation
    drift     `kind type resource` for each item, with ` path: expected → actual` for each field
    open      everything that could not be told: unknown findings, gaps, errors
    evidence  line of `fails` → all ids and texts of its evidence
    """

    exit_code: int
    fails: frozenset[str]
    drift: frozenset[str]
    open: frozenset[str]
    evidence: dict[str, str] = field(default_factory=dict)


CLEAN = Judgement(0, frozenset(), frozenset(), frozenset())


def scan(url: str, region: str, policies: Path, baseline: Path, out: Path) -> Judgement:
    """`mute-audit scan aws` in this process, through the command line."""
    code = run(
        [
            *("scan", "aws", "--endpoint-url", url, "--region", region, "--no-checkov"),
            *("--policies", str(policies), "--baseline", str(baseline)),
            *("--out", str(out), "--format", "json", "--quiet"),
        ]
    )
    assert code != 2, "the scan gave no verdict; its message is on standard error"
    judgement = read(json.loads((out / "report.json").read_text(encoding="utf-8")))
    assert judgement.exit_code == code
    return judgement


def read(report: dict[str, Any]) -> Judgement:
    """A report as JSON."""
    fails: dict[str, str] = {}
    unknown = {f"gap {gap['what']} {gap['why']}" for gap in report["gaps"]}
    for policy in report["policies"]:
        if policy["verdict"] == "error":
            unknown.add(f"error {policy['id']}: {policy['error']}")
        for finding in policy["findings"]:
            line = _line(policy["id"], finding)
            assert line not in {*fails, *unknown}, f"said twice: {line}"
            if finding["verdict"] == "fail":
                fails[line] = json.dumps([finding["evidence"], finding["params"]])
            elif finding["verdict"] != "pass":
                unknown.add(line)
        if policy["verdict"] == "fail":
            assert any(item["verdict"] == "fail" for item in policy["findings"]), policy["id"]
    drift: set[str] = set()
    for item in report["drift"]:
        for line in _drift_lines(item):
            assert line not in drift | unknown, f"said twice: {line}"
            (unknown if item["kind"] == "unknown" else drift).add(line)
    return Judgement(
        report["summary"]["exit_code"],
        frozenset(fails),
        frozenset(drift),
        frozenset(unknown),
        fails,
    )


def _line(policy: str, finding: dict[str, Any]) -> str:
    resource = finding["resource"]
    evidence = finding["evidence"]
    about = " ".join(filter(None, (evidence.get("source"), evidence.get("port"))))
    label = resource.get("name") or resource["id"]
    return f"{policy}: {finding['code']} {label}" + (f" ← {about}" if about else "")


def _drift_lines(item: dict[str, Any]) -> Iterable[str]:
    resource = item["resource"]
    label = resource.get("name") or resource["id"]
    start = f"{item['kind']} {resource['type']} {label}"
    if not item["fields"]:
        yield start
    for change in item["fields"]:
        expected, actual = (_value(change.get(side)) for side in ("expected", "actual"))
        yield f"{start} {change['path']}: {expected} → {actual}"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
