"""What people install: the built wheel, in an empty environment, run from an empty folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from robust_command import contents, plain_environment
from strange_estate import StrangeEstate, write

ROOT = Path(__file__).parents[2]
UV = ROOT / ".venv-uv" / "bin" / "uv"
VERSIONS = ("3.11", "3.12", "3.13")
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not UV.is_file(), reason="uv is not here: `make setup` installs it"),
]


def interpreter(version: str) -> str:
    """A Python of that version that really runs; empty where none is found.

    A look at PATH is not enough: version managers leave stand-ins there that only print an error.
    """
    managed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = shutil.which(f"python{version}")
    candidates = [sys.executable] if version == HERE else []
    candidates += [found] if found else []
    candidates += [str(path) for path in sorted(managed.glob(f"{version}.*/bin/python3"))]
    probe = f"import sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
    for candidate in candidates:
        done = subprocess.run([candidate, "-c", probe], capture_output=True, check=False)
        if done.returncode == 0:
            return candidate
    return ""


def run(*command: object, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**os.environ, **env} if env else None,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def succeeded(*command: object, folder: Path) -> str:
    done = run(*command, folder=folder)
    assert done.returncode == 0, f"{done.args}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `pip wheel` would, from what is in the folder now."""
    folder = tmp_path_factory.mktemp("dist")
    succeeded(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, folder=ROOT)
    (made,) = folder.glob("*.whl")
    return made


class Installed:
    """An environment with nothing in it but the wheel and what it asks for."""

    def __init__(self, python: str, wheel: Path, folder: Path) -> None:
        self._wheel = wheel
        self._folder = folder
        self.home = folder / "venv"
        succeeded(
            *(UV, "venv", "--quiet", "--no-python-downloads", "--python", python, self.home),
            folder=folder,
        )
        self.here = folder / "empty"
        self.here.mkdir()

    @property
    def python(self) -> Path:
        return self.home / "bin" / "python"

    def install(self, extra: str = "") -> list[str]:
        """The names of everything that is installed then, with the pins of the repository."""
        succeeded(
            *(UV, "pip", "install", "--quiet", "--python", self.python),
            *("--constraint", ROOT / "constraints.txt", f"{self._wheel}{extra}"),
            folder=self._folder,
        )
        assert (
            "compatible"
            in run(UV, "pip", "check", "--python", self.python, folder=self._folder).stderr
        )
        listed = succeeded(
            UV, "pip", "list", "--python", self.python, "--format", "json", folder=self._folder
        )
        return sorted(entry["name"] for entry in json.loads(listed))

    def call(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """`mute-audit ARGUMENTS` from the empty folder; nothing of the checkout is in reach."""
        return subprocess.run(
            [str(self.home / "bin" / "mute-audit"), *map(str, arguments)],
            cwd=self.here,
            env=plain_environment(self.here),
            capture_output=True,
            encoding="utf-8",
            timeout=180,
            check=False,
        )


def marked(version: str) -> object:
    return pytest.param(version, marks=[pytest.mark.sample] if version == HERE else [])


@pytest.mark.parametrize("version", [marked(version) for version in VERSIONS])
def test_the_wheel_does_the_main_job(version: str, wheel: Path, tmp_path: Path) -> None:
    """Without the demo: init, policies, a folder. With it: the demo, found clean."""
    python = interpreter(version)
    if not python:
        pytest.skip(f"no Python {version} that runs is installed here")
    there = Installed(python, wheel, tmp_path)
    plain = there.install()

    refused = there.call("scan", "demo")
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[1:] == ["  hint: install mute-audit[demo]"]
    assert contents(there.here) == {}
    snapshot = write(StrangeEstate(1, instances=8).documents, tmp_path / "account")
    judged = there.call("scan", snapshot, "--policy", "aws-database-not-from-internet")
    assert (judged.returncode, judged.stderr) == (0, "")
    assert there.call("init", "--region", "ap-northeast-2").returncode == 0
    listed = there.call("policy", "list")
    assert listed.returncode == 0
    assert "aws-database-not-from-internet" in listed.stdout

    full = there.install("[demo]")
    done = there.call("scan", "demo", "--out", "out", "--no-checkov")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All 14 policies pass, no drift" in done.stdout
    assert {"out/report.json", "out/report.html"} <= contents(there.here).keys()
    where = "import mute_audit; print(mute_audit.__file__)"
    assert str(there.home) in succeeded(there.python, "-I", "-c", where, folder=there.here)

    assert set(plain) < set(full)
    assert "checkov" not in full
    stated(len(plain), len(full))


def stated(plain: int, full: int) -> None:
    """Both READMEs say how much comes with an installation."""
    english = re.sub(r"\s+", " ", (ROOT / "README.md").read_text("utf-8"))
    assert f"installs {plain} distributions ({full} with the demo)" in english
    korean = re.sub(r"\s+", " ", (ROOT / "README.ko.md").read_text("utf-8"))
    assert f"배포 패키지 {plain}개(데모 포함 {full}개)" in korean
