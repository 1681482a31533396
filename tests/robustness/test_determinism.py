"""The same input gives the same report, byte for byte."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from robust_command import called_outside, contents, plain_environment
from robust_embedded import BASELINE, Embedded
from strange_estate import StrangeEstate, write

from mute_audit.sources.live.collect import collect
from mute_audit.sources.store import save

# 2026-01-02T03:04:05Z
EPOCH = "1767323045"
_TIME = re.compile(rb'"LatestRestorableTime": "[^"]*"')
FORMATS = ("json", "html", "text", "markdown", "sarif", "junit", "csv")


def reports(folder: Path, snapshot: Path, seed: str, *options: object) -> dict[str, bytes]:
    """Every report of a scan under one hash seed."""
    environ = plain_environment(folder, PYTHONHASHSEED=seed, SOURCE_DATE_EPOCH=EPOCH)
    formats = (f"--format={name}" for name in FORMATS)
    here = folder / f"under-{seed}"
    here.mkdir()
    found = called_outside(here, "scan", snapshot, *formats, *options, environ=environ)
    assert found.code in (1, 4), found
    made = contents(here / "reports" / "latest")
    assert len(made) == len(FORMATS)
    return {**made, "stdout": found.out.encode(), "stderr": found.err.encode()}


def test_a_report_does_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    """Sets and dicts in another order, the same text; with failures, unknowns and drift in it."""
    snapshot = write(StrangeEstate(5, instances=40).documents, tmp_path / "account")
    options = ("--policies", "aws", "--policies", "mute", "--baseline", BASELINE)
    first, *others = (reports(tmp_path, snapshot, seed, *options) for seed in ("0", "1", "2"))
    report = json.loads(first["report.json"])
    assert {policy["verdict"] for policy in report["policies"]} >= {"pass", "fail", "unknown"}
    assert report["drift"]
    assert report["generated_at"] == "2026-01-02T03:04:05+00:00"
    for other in others:
        assert [name for name in first if first[name] != other[name]] == []


def test_a_report_does_not_depend_on_the_order_of_the_files(tmp_path: Path) -> None:
    """The same descriptions in files of other names, in another order, in one file."""
    estate = StrangeEstate(6, instances=20).documents
    snapshots = [tmp_path / name / "account" for name in ("a", "b", "c")]
    write(estate, snapshots[0])
    snapshots[1].mkdir(parents=True)
    for number, key in enumerate(sorted(estate, reverse=True)):
        text = json.dumps({key: list(reversed(estate[key]))})
        (snapshots[1] / f"{number:02}.json").write_text(text)
    snapshots[2].mkdir(parents=True)
    (snapshots[2] / "all.json").write_text(json.dumps(estate))
    made = []
    for snapshot in snapshots:
        environ = plain_environment(tmp_path, SOURCE_DATE_EPOCH=EPOCH)
        called_outside(snapshot.parent, "scan", "account", environ=environ)
        made.append(contents(snapshot.parent / "reports"))
    assert made[0] == made[1] == made[2]


@pytest.mark.slow
@pytest.mark.sample
def test_a_snapshot_does_not_depend_on_the_number_of_threads(
    embedded: Embedded, tmp_path: Path
) -> None:
    """Answers come in any order and are kept in the order of the questions."""
    embedded.fail({"ec2:DescribeVolumes": 403, "s3:GetBucketAcl": 403})
    try:
        saved = []
        for workers in (1, 3, 16):
            options = replace(embedded.options(), max_workers=workers)
            save(collect(options, collected_at="2026-01-02T03:04:05Z"), tmp_path / str(workers))
            files = contents(tmp_path / str(workers))
            # moto answers with the time of day here.
            databases = next(name for name in files if name.endswith("/DBInstances.json"))
            files[databases] = _TIME.sub(b"", files[databases])
            saved.append(files)
    finally:
        embedded.fail({})
    assert "ec2:DescribeVolumes" in saved[0]["manifest.json"].decode()
    for other in saved[1:]:
        assert [name for name in saved[0] if saved[0][name] != other.get(name)] == []
        assert saved[0].keys() == other.keys()
