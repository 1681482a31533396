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

from mute_audit.address import is_unknown_id
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


def groups(inventory: Inventory, short: dict[str, str]) -> dict[str, set[str]]:
    """The groups of each instance that has a name, by the letter that they are called here."""
    names = {
        one.instance_id: tag.value
        for region in inventory.regions
        for one in region.instances
        for tag in one.tags
        if tag.key == "Name"
    }
    return {
        names[interface.attachment.instance_id]: {
            short.get(one.group_id, one.group_id) for one in interface.groups
        }
        for interface in inventory.network_interfaces.values()
        if interface.attachment is not None and interface.attachment.instance_id in names
    }


def test_every_way_to_say_which_group_is_followed(
    tmp_path: Path, embedded_aws: str, aws_provider: Mapping[str, str]
) -> None:
    """As what is made of it has them; without the files one that is not told is unknown."""
    empty(embedded_aws)
    run = Run.copied(STACKS / "idioms", tmp_path / "idioms", embedded_aws, aws_provider)
    path = run.plan()
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(path, alone / "plan.json")
    planned = open_source(str(path), now=NOW)
    assert planned.raw.gaps == ()
    addresses = {
        "module.a.aws_security_group.this[0]": "a",
        "module.b.aws_security_group.prefixed[0]": "b",
    }
    followed = groups(planned.inventory, addresses)
    made = open_source(str(run.apply()), now=NOW).inventory
    letters = {name: one.group_name[:1] for name, one in made.security_groups.items()}
    assert followed == groups(made, letters)
    assert len(followed) > 25
    bare = groups(open_source(str(alone / "plan.json"), now=NOW).inventory, addresses)
    wrong = {
        name: found
        for name, found in bare.items()
        if found != followed[name] and not any(map(is_unknown_id, found))
    }
    assert wrong == {}
