"""Starting takes no more than what is asked for."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mute_audit.cli.app import COMMANDS

HEAVY = (
    "boto3",
    "botocore",
    "networkx",
    "pydantic",
    "jinja2",
    "jsonschema",
    "moto",
    "rich",
    "yaml",
)


def imported(*arguments: str) -> list[str]:
    """The heavy modules that `mute-audit ARGUMENTS` has imported when it ends."""
    code = (
        "import sys, json\n"
        "from mute_audit.cli.run import run\n"
        f"code = run({list(arguments)!r})\n"
        f"print(json.dumps([code, [m for m in {HEAVY!r} if m in sys.modules]]), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    exit_code, modules = json.loads(done.stderr.splitlines()[-1])
    assert exit_code == 0, done.stderr
    return list(modules)


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("scan", "--help")])
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """Neither boto3, networkx, pydantic, jinja2, jsonschema nor moto is loaded."""
    assert imported(*arguments) == []


def test_something_heavy_is_seen_when_it_is_used() -> None:
    """The check above can fail: a schema needs pydantic."""
    assert "pydantic" in imported("schema", "config")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    """Each command of the table loads and describes itself."""
    done = subprocess.run(
        [sys.executable, "-m", "mute_audit", name, "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Usage: mute-audit {name}")
