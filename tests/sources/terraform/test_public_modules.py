"""Stacks shaped like those that are made of the community's well-known modules.

With their files everything is known; from the plan alone nothing is said that they gainsay.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from terraform_runs import REPOSITORY, Run, answers, empty, named, needs_terraform

from mute_audit.inventory import Inventory
from mute_audit.network.places import Directory
from mute_audit.network.portspec import PortSpec
from mute_audit.network.trace import Question, Tracer
from mute_audit.sources.opening import open_source

NOW = datetime(2026, 1, 2, tzinfo=UTC)
STACKS = REPOSITORY / "tests" / "scenarios" / "public-modules"
PORTS = ("tcp/22", "tcp/443", "tcp/5432", "tcp/8080")
SAMPLE = {"labels", "listeners"}
NETWORKS = ("three-tiers", "labels", "listeners", "cluster", "hub", "files")

pytestmark = [pytest.mark.terraform, pytest.mark.slow, needs_terraform]


def planned(name: str, folder: Path, endpoint: str, provider: Mapping[str, str]) -> Path:
    empty(endpoint)
    return Run.copied(STACKS / name, folder / name, endpoint, provider).plan()


def verdict(inventory: Inventory, source: str, target: str, port: str) -> str:
    tracer = Tracer(inventory, Directory(inventory))
    question = Question(tracer.resolve(source), tracer.resolve(target), PortSpec.parse(port))
    return str(tracer.trace(question).verdict)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.sample] if n in SAMPLE else []) for n in NETWORKS]
)
def test_a_network_is_known(
    name: str, tmp_path: Path, embedded_aws: str, aws_provider: Mapping[str, str]
) -> None:
    path = planned(name, tmp_path, embedded_aws, aws_provider)
    source = open_source(str(path), now=NOW)
    assert source.raw.gaps == ()
    rows: list[Any] = yaml.safe_load((STACKS / name / "expected.yaml").read_text())
    for a, b, port, reached in rows:
        found = verdict(source.inventory, a, b, port)
        assert found == ("reachable" if reached else "unreachable"), (a, b, port)
    known = answers(source.inventory, named(source.inventory), PORTS)
    # A plan has no entries of the list of addresses that a gateway endpoint takes.
    assert {
        key for key, found in known.items() if found == "unknown" and "internet" not in key
    } == set()
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(path, alone / "plan.json")
    bare = open_source(str(alone / "plan.json"), now=NOW).inventory
    said = answers(bare, named(bare), PORTS)
    # What a group starts is called by its subnet, which a plan alone may hide.
    wrong = {key: said[key] for key in known.keys() & said.keys() if said[key] != known[key]}
    assert set(wrong.values()) <= {"unknown"}, wrong


def test_documents_are_known(
    tmp_path: Path, embedded_aws: str, aws_provider: Mapping[str, str]
) -> None:
    """Policies by data sources that take up others, and that wait for the ids of what is made."""
    path = planned("documents", tmp_path, embedded_aws, aws_provider)
    source = open_source(str(path), now=NOW)
    assert source.raw.gaps == ()
    region = next(r for r in source.inventory.regions if r.bucket_policies)
    names = {
        one.bucket: [statement.get("Sid") for statement in json.loads(one.policy)["Statement"]]
        for one in region.bucket_policies
        if one.policy
    }
    assert names["module.data.aws_s3_bucket.this[0]"] == ["denyInsecureTransport", "Reader"]
    assert names["eg-logs-1"] == ["ELB"]
