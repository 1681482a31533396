"""The stack of this repository, judged from its plan alone."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pull_requests import DANGEROUS, HARMLESS, PullRequest
from terraform_runs import REPOSITORY, Run, needs_terraform

from mute_audit.analysis import Analysis
from mute_audit.finding import PolicyResult, Severity, SourceInfo, StaticResult, StaticStatus
from mute_audit.inventory import Inventory
from mute_audit.network.traffic import Traffic
from mute_audit.pipeline import ScanInputs, run
from mute_audit.policy.context import Context
from mute_audit.policy.loader import load_policies
from mute_audit.sources.opening import OpenedSource, open_source
from mute_audit.verdict import Verdict

NOW = datetime(2026, 1, 2, tzinfo=UTC)
VALUES = {"admin_cidrs": ["203.0.113.0/24"]}
OFFLINE = "-var-file=offline.tfvars"

pytestmark = [pytest.mark.terraform, pytest.mark.slow, needs_terraform]


def judged(source: OpenedSource) -> dict[str, PolicyResult]:
    inputs = ScanInputs(
        context=Context(
            analysis=Analysis(source.inventory),
            drift=None,
            static=StaticResult(StaticStatus.NOT_ASKED),
            values=VALUES,
        ),
        source=SourceInfo("plan", source.name),
        policies=load_policies(("mute", "aws"), VALUES),
        tool_version="test",
        now=NOW,
        fail_on=Severity.LOW,
        declared=source.raw.declared,
    )
    return {result.id: result for result in run(inputs).policies}


def flows(inventory: Inventory) -> set[tuple[str, str, str, str, tuple[str, ...], str]]:
    """What gets through between every two named places, and from which part of the internet."""
    analysis = Analysis(inventory)
    every = analysis.reach.everything()
    return {
        (
            flow.source.label,
            flow.target.label,
            str(flow.truth),
            str(flow.traffic),
            flow.via,
            str(flow.sources) if flow.source.label == "internet" else "",
        )
        for flow in analysis.reach.flows(every, every, Traffic.everything())
    }


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, aws_provider: Mapping[str, str]) -> Run:
    """A copy in which plans are made one after the other."""
    folder = tmp_path_factory.mktemp("stack") / "stack"
    return Run.copied(REPOSITORY / "terraform", folder, provider=aws_provider)


def test_the_plan_is_judged_like_what_is_made_from_it(stack: Run) -> None:
    """The same verdict of every policy, none unknown; the same ways between all places."""
    plan = open_source(str(stack.plan(OFFLINE)), now=NOW)
    demo = open_source("demo", now=NOW)
    planned, made = judged(plan), judged(demo)
    assert {name: result.verdict for name, result in planned.items()} == {
        name: result.verdict for name, result in made.items()
    }
    assert {result.verdict for result in planned.values()} == {Verdict.PASS}
    assert plan.raw.gaps == ()
    assert flows(plan.inventory) == flows(demo.inventory)
    assert len(flows(plan.inventory)) > 50


def test_a_copy_with_other_names_is_judged_alike(stack: Run, tmp_path: Path) -> None:
    """No name of the stack plays a part: with all of them changed, the ways are the same."""
    other = tmp_path / "other"
    shutil.copytree(stack.folder, other, symlinks=True)
    for file in [*other.glob("*.tf"), *other.glob("modules/*/*.tf"), *other.glob("*.tfvars")]:
        text = file.read_text()
        file.write_text(text.replace("hackathon", "orchestra").replace("mute-", "loud-"))
    before = flows(open_source(str(stack.plan(OFFLINE)), now=NOW).inventory)
    after = flows(open_source(str(replace(stack, folder=other).plan(OFFLINE)), now=NOW).inventory)
    renamed = {
        tuple(
            part.replace("hackathon", "orchestra").replace("mute-", "loud-")
            if isinstance(part, str)
            else part
            for part in row
        )
        for row in before
    }
    assert after == renamed


def changed(stack: Run, request: PullRequest, target: Path) -> OpenedSource:
    shutil.copytree(stack.folder, target, symlinks=True)
    for file, old, new in request.edits:
        text = (target / file).read_text()
        assert old in text, f"{file} has changed: `{old}` is not in it"
        (target / file).write_text(text.replace(old, new))
    for file, text in request.added.items():
        (target / file).write_text(text)
    return open_source(str(replace(stack, folder=target).plan(OFFLINE)), now=NOW)


@pytest.mark.parametrize(
    "request_",
    [pytest.param(r, id=r.name) for r in DANGEROUS],
)
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


@pytest.mark.parametrize(
    "request_",
    [pytest.param(r, id=r.name) for r in HARMLESS],
)
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
