"""The README is true: its commands run, its tables are complete."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from mute_audit.cli.app import COMMANDS
from mute_audit.cli.run import CUT_OFF, INTERRUPTED, run
from mute_audit.errors import ExitCode
from mute_audit.policy.loader import load_policies
from mute_audit.render.formats import FORMATS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> list[str]:
    """Every `$ …` line of the console blocks, in order."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def test_every_command_of_the_tool_stands_in_the_readme() -> None:
    """The table of questions leaves none out."""
    missing = [
        name
        for name in COMMANDS
        if f"mute-audit {name}" not in README
        and f"`{name}`" not in README
        and f", `{name} " not in README
    ]
    assert missing == []


def test_every_exit_code_stands_in_the_readme() -> None:
    """Each has a row, and there are no others but 130 and 141."""
    rows = [int(number) for number in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)]
    assert rows == [*sorted(int(code) for code in ExitCode), INTERRUPTED, CUT_OFF]


def test_every_format_stands_in_the_readme() -> None:
    assert [item.name for item in FORMATS if f"`{item.name}`" not in README] == []


def test_links_lead_somewhere() -> None:
    """Every relative link names a file of the repository."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize(("name", "lang"), [("README.md", "en"), ("README.ko.md", "ko")])
def test_the_shown_output_has_the_titles_of_the_policies(name: str, lang: str) -> None:
    """What a scan prints today, and not what it printed once (the Korean page has both)."""
    page = (ROOT / name).read_text("utf-8")
    policies = {p.id: p.title for p in load_policies(["mute"], {"admin_cidrs": ["192.0.2.0/24"]})}
    shown = re.findall(r"^[✓✗?] (mute-[a-z0-9-]+) +(.+?)…?  +.*\d$", page, re.MULTILINE)
    assert shown
    for policy, title in shown:
        texts = {policies[policy].en, policies[policy].in_language(lang)}
        assert any(text.startswith(title.strip()) for text in texts), (policy, title)


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    """`make scan` and `make test` exist, and `.ci/run` calls the latter."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for line in commands():
        if line.startswith("make "):
            assert re.search(rf"^{line.removeprefix('make ')}:", makefile, re.MULTILINE), line
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")


def runnable() -> list[str]:
    """The commands of the README that need no AWS account."""
    return [
        line
        for line in commands()
        if line.startswith("mute-audit ")
        and line != "mute-audit scan"
        and " aws " not in f"{line} "
        and "account/" not in line
    ]


def test_there_are_commands_to_run() -> None:
    """The list below is not empty by accident."""
    assert len(runnable()) >= 4


@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.parametrize("line", runnable())
def test_a_command_of_the_readme_runs(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends with its documented code and prints a result."""
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line.split(" > ")[0])[1:]
    expected = 1 if "--drift" in words else 0
    assert run(words) == expected
    out = capsys.readouterr().out
    assert out.strip()
    if words[0] == "iam-policy":
        assert json.loads(out)["Statement"]


@pytest.mark.slow
@pytest.mark.sample
def test_the_changed_demo_ends_as_told_in_the_repository_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its configuration, which asks for checkov, and in a shell that knows of none."""
    if not Path(sys.executable).with_name("checkov").exists():
        pytest.skip("`make setup` has not linked checkov beside this Python")
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("MUTE_AUDIT_CHECKOV", raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert run(["scan", "demo", "--drift", "--quiet", "--out", str(tmp_path / "reports")]) == 1
