"""Where `scan` looks for checkov."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mute_audit.cli.scan import _checkov


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment without checkov, in a shell that knows of none."""
    monkeypatch.delenv("MUTE_AUDIT_CHECKOV", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(sys, "executable", str(program(tmp_path / "venv" / "python")))
    return tmp_path


def test_without_any_there_is_none(home: Path) -> None:
    assert _checkov() is None


def test_the_one_beside_mute_audit_is_found_in_any_shell(home: Path) -> None:
    """`make setup` links it there: nobody has to set a variable first."""
    beside = program(home / "venv" / "checkov")
    assert _checkov() == str(beside)


def test_path_comes_before_it_and_the_variable_before_both(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(home / "venv" / "checkov")
    on_path = program(home / "path" / "checkov")
    assert _checkov() == str(on_path)
    monkeypatch.setenv("MUTE_AUDIT_CHECKOV", "/named/checkov")
    assert _checkov() == "/named/checkov"
