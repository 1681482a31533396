"""The stack of this repository, judged from its plan alone."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from pull_requests import DANGEROUS, HARMLESS, PullRequest
from stack_judging import flows, judged, opened, verdicts
from terraform_runs import REPOSITORY, Run, needs_terraform

from mute_audit.sources.opening import OpenedSource
from mute_audit.verdict import Verdict

OFFLINE = "-var-file=offline.tfvars"

pytestmark = [pytest.mark.terraform, pytest.mark.slow, needs_terraform]


# What `make test` tries as well.
SAMPLE = {
    "the frontend may reach the database",
    "an old-style rule through a local opens the backend's port to the world",
    "the user becomes an administrator",
    "a local is renamed",
}


def listed(requests: tuple[PullRequest, ...]) -> list[object]:
    marks = [pytest.mark.sample]
    return [pytest.param(r, id=r.name, marks=marks if r.name in SAMPLE else []) for r in requests]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, aws_provider: Mapping[str, str]) -> Run:
    """A copy in which plans are made one after the other."""
    folder = tmp_path_factory.mktemp("stack") / "stack"
    return Run.copied(REPOSITORY / "terraform", folder, provider=aws_provider)


def test_the_plan_is_judged_like_what_is_made_from_it(stack: Run) -> None:
    """The same verdict of every policy, none unknown; the same ways between all places.

    With what `terraform apply` makes it is compared in tests/e2e.
    """
    plan = opened(stack.plan(OFFLINE))
    demo = opened("demo")
    assert verdicts(plan) == verdicts(demo)
    assert set(verdicts(plan).values()) == {Verdict.PASS}
    assert plan.raw.gaps == ()
    assert flows(plan.inventory) == flows(demo.inventory)
    assert len(flows(plan.inventory)) > 50


def test_a_copy_with_other_names_is_judged_alike(stack: Run, tmp_path: Path) -> None:
    """No name of the stack plays a part: with all of them changed, nothing else changes."""
    other, policies = tmp_path / "other", tmp_path / "policies"
    shutil.copytree(stack.folder, other, symlinks=True)
    shutil.copytree(REPOSITORY / "policies" / "mute", policies)
    files = [*other.glob("*.tf"), *other.glob("modules/*/*.tf"), *other.glob("*.tfvars")]
    for file in [*files, *policies.iterdir()]:
        file.write_text(renamed(file.read_text()))
    before = opened(stack.plan(OFFLINE))
    after = opened(replace(stack, folder=other).plan(OFFLINE))
    assert flows(after.inventory) == {
        tuple(renamed(part) if isinstance(part, str) else part for part in row)
        for row in flows(before.inventory)
    }
    assert verdicts(after, (str(policies), "aws")) == {
        renamed(name): verdict for name, verdict in verdicts(before).items()
    }


def renamed(text: str) -> str:
    """Names, and ids of policies; `mute: policy/v1` is neither."""
    return text.replace("hackathon", "orchestra").replace("mute-", "loud-")


def changed(stack: Run, request: PullRequest, target: Path) -> OpenedSource:
    shutil.copytree(stack.folder, target, symlinks=True)
    for file, old, new in request.edits:
        text = (target / file).read_text()
        assert old in text, f"{file} has changed: `{old}` is not in it"
        (target / file).write_text(text.replace(old, new))
    for file, text in request.added.items():
        (target / file).write_text(text)
    return opened(replace(stack, folder=target).plan(OFFLINE))


@pytest.mark.parametrize("request_", listed(DANGEROUS))
def test_a_dangerous_pull_request_is_caught(
    stack: Run, request_: PullRequest, tmp_path: Path
) -> None:
    """By its policy, with file and line, and with the new path."""
    results = judged(changed(stack, request_, tmp_path / "changed"))
    result = results[request_.policy]
    assert result.verdict is Verdict.FAIL
    for finding in result.findings:
        assert finding.location is not None
        file = Path(finding.location.file)
        line = file.read_text().splitlines()[finding.location.line - 1]
        assert line.startswith("resource ")
    if request_.path == ("", ""):
        return
    source, target = request_.path
    ways = [
        finding
        for finding in result.findings
        if finding.resource.label == target and finding.evidence.source.startswith(source)
    ]
    assert ways, [(f.evidence.source, f.resource.label) for f in result.findings]
    for finding in ways:
        assert finding.evidence.path[-1].name == target
        assert finding.evidence.witness is not None
        assert finding.evidence.rules


@pytest.mark.parametrize("request_", listed(HARMLESS))
def test_a_harmless_pull_request_is_silent(
    stack: Run, request_: PullRequest, tmp_path: Path
) -> None:
    """Nothing fails, and nothing is unknown."""
    source = changed(stack, request_, tmp_path / "changed")
    assert source.raw.gaps == ()
    objections = {
        name: [f.code for f in result.findings]
        for name, result in judged(source).items()
        if result.verdict is not Verdict.PASS
    }
    # A group that nobody is in is open, but reaches nothing.
    assert objections == {}


def test_there_are_as_many_as_promised() -> None:
    assert (len(DANGEROUS), len(HARMLESS)) == (15, 10)
    assert len(SAMPLE & {one.name for one in (*DANGEROUS, *HARMLESS)}) == len(SAMPLE)
