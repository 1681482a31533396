"""The life of a stack, planned by terraform at each of its turns: what is there after apply."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from terraform_runs import REPOSITORY, Run, answers, empty, named, needs_terraform

from mute_audit.sources.opening import OpenedSource, open_source

NOW = datetime(2026, 1, 2, tzinfo=UTC)
STACK = REPOSITORY / "tests" / "scenarios" / "shapes" / "life"
PORTS = ("tcp/22", "tcp/443")
ODD = {"odd a.b", 'odd c"d', "odd e[0]", "odd f/g h", "odd module.x"}
EVERY = {*ODD, "late", "far"}

pytestmark = [pytest.mark.terraform, pytest.mark.slow, needs_terraform]


@dataclass(frozen=True)
class Life:
    run: Run
    text: str

    def opened(self, *arguments: str, more: str = "", text: str = "") -> OpenedSource:
        """The plan of the stack with other text."""
        (self.run.folder / "main.tf").write_text((text or self.text) + more)
        return open_source(str(self.run.plan(*arguments, refresh=True)), now=NOW)

    def without_late(self) -> str:
        start = self.text.index('resource "aws_instance" "late"')
        return self.text[:start] + self.text[self.text.index('check "there"') :]


def said(source: OpenedSource) -> dict[tuple[str, str, str], str]:
    return answers(source.inventory, named(source.inventory), PORTS)


def from_internet(source: OpenedSource) -> set[tuple[str, str]]:
    found = said(source)
    return {(b, port) for (a, b, port), v in found.items() if (a, v) == ("internet", "reachable")}


WEB = {(name, "tcp/443") for name in ODD}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, embedded_aws: str) -> Life:
    """Applied, and the plan that it was made from beside it.

    Every run has providers of its own: one that is shared works in one Region only.
    """
    empty(embedded_aws)
    folder = tmp_path_factory.mktemp("life")
    run = Run.copied(STACK, folder / "life", embedded_aws)
    text = (run.folder / "main.tf").read_text()
    run.plan().rename(run.folder / "first.json")
    run.apply()
    return Life(run, text)


def test_keys_with_dots_quotes_and_brackets(life: Life) -> None:
    """Places, modules with and without instances, two Regions, data that is read at apply."""
    plan = open_source(str(life.run.folder / "first.json"), now=NOW)
    assert named(plan.inventory) == EVERY
    assert plan.raw.gaps == ()
    assert from_internet(plan) == WEB
    found = said(plan)
    # The network that the rule names is looked up at apply: whether it is the whole internet, too.
    assert {key for key, v in found.items() if v == "unknown"} <= {("internet", "late", "tcp/22")}
    regions = {one.region for one in plan.inventory.regions if one.instances}
    assert regions == {"eu-west-1", "us-east-1"}


def test_what_is_sensitive_is_not_passed_on(life: Life) -> None:
    plan = open_source(str(life.run.folder / "first.json"), now=NOW)
    assert "s3cr3t-value" in (life.run.folder / "first.json").read_text()
    assert all(b"s3cr3t-value" not in one.content for one in plan.raw.documents)


@pytest.mark.parametrize("arguments", [(), ("-refresh-only",), ("-target=aws_vpc.this",)])
def test_what_does_not_change_is_there(life: Life, arguments: tuple[str, ...]) -> None:
    plan = life.opened(*arguments)
    assert named(plan.inventory) == EVERY
    assert from_internet(plan) == WEB
    assert "unknown" not in said(plan).values()


def test_nothing_is_left_of_what_is_destroyed(life: Life) -> None:
    assert named(life.opened("-destroy").inventory) == set()


def test_what_is_replaced_is_there_with_new_values(life: Life) -> None:
    plan = life.opened("-replace=aws_instance.late")
    assert named(plan.inventory) == EVERY
    assert from_internet(plan) == WEB
    ids = {one.instance_id for region in plan.inventory.regions for one in region.instances}
    assert "aws_instance.late" in ids
    assert len(ids) == len(EVERY)


def test_what_is_moved_keeps_its_id(life: Life) -> None:
    text = life.text.replace('"aws_instance" "late"', '"aws_instance" "later"')
    moved = "moved {\n  from = aws_instance.late\n  to   = aws_instance.later\n}\n"
    plan = life.opened(text=text, more=moved)
    assert named(plan.inventory) == EVERY
    ids = {one.instance_id for region in plan.inventory.regions for one in region.instances}
    assert all(one.startswith("i-") for one in ids)


def test_what_terraform_shall_forget_stays(life: Life) -> None:
    removed = "removed {\n  from = aws_instance.late\n  lifecycle {\n    destroy = false\n  }\n}\n"
    plan = life.opened(text=life.without_late(), more=removed)
    assert named(plan.inventory) == EVERY
    assert plan.raw.gaps == ()


def test_what_is_taken_out_of_the_files_is_gone(life: Life) -> None:
    plan = life.opened(text=life.without_late())
    assert named(plan.inventory) == EVERY - {"late"}
    assert from_internet(plan) == WEB


def test_what_is_imported_is_there(life: Life) -> None:
    """With what it is like now; it was made by hand, or by another stack."""
    state = life.run.folder / "terraform.tfstate"
    kept = state.read_bytes()
    blocks = json.loads(kept)["resources"]
    late = next(b for b in blocks if (b["type"], b["name"]) == ("aws_instance", "late"))
    name = late["instances"][0]["attributes"]["id"]
    life.run.call("state", "rm", "aws_instance.late")
    try:
        to = f'import {{\n  to = aws_instance.late\n  id = "{name}"\n}}\n'
        plan = life.opened(more=to)
    finally:
        Path(state).write_bytes(kept)
    assert named(plan.inventory) == EVERY
    assert from_internet(plan) == WEB
