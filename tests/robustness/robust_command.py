"""The command line in this process, and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from mute_audit.cli.run import run

__all__ = [
    "Mute",
    "Outcome",
    "called_inside",
    "called_outside",
    "contents",
    "plain_environment",
    "refused",
]


@dataclass(frozen=True)
class Outcome:
    """Exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Mute = Callable[..., Outcome]


def called_inside(capsys: pytest.CaptureFixture[str], arguments: Sequence[object]) -> Outcome:
    capsys.readouterr()
    code = run([str(item) for item in arguments])
    caught = capsys.readouterr()
    return Outcome(int(code), caught.out, caught.err)


def plain_environment(home: Path, **more: str) -> dict[str, str]:
    """An environment that knows no AWS account, and no metadata service to ask for one."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }


def called_outside(
    folder: Path, *arguments: object, environ: Mapping[str, str] | None = None
) -> Outcome:
    """`mute-audit ARGUMENTS` as a program, in `folder`."""
    done = subprocess.run(
        [sys.executable, "-m", "mute_audit", *map(str, arguments)],
        cwd=folder,
        env=None if environ is None else dict(environ),
        capture_output=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def refused(found: Outcome, *words: str, hint: str | None = "") -> None:
    """One message on standard error with all `words` in it, exit code 2, and nothing else.

    `hint` is a part of the hint; None where the message says all.
    """
    assert found.code == 2, found
    assert found.out == ""
    assert "Traceback" not in found.err
    assert "internal error" not in found.err
    first, *rest = found.err.splitlines()
    assert first.startswith("mute-audit: ")
    assert all(line.startswith("  ") for line in rest), found.err
    assert sum(line.startswith("  hint: ") for line in rest) <= 1
    told = found.err.partition("\n  hint: ")
    for word in words:
        assert word in told[0], found.err
    if hint is not None:
        assert told[1], f"no hint: {found.err}"
        assert hint in told[2], found.err


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`, hidden ones as well."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
