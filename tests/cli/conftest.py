"""Running the command line in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from mute_audit.cli.run import run


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Mute = Callable[..., Outcome]


@pytest.fixture
def mute(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Mute:
    """`mute("scan", "demo")` in an empty folder: exit code, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Outcome:
        capsys.readouterr()
        code = run([str(item) for item in arguments])
        caught = capsys.readouterr()
        return Outcome(code, caught.out, caught.err)

    return call
