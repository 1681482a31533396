"""Reports and snapshots on disk: whole or not at all, and for their owner's eyes only."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from robust_command import Mute, called_outside, contents, plain_environment, refused
from strange_estate import StrangeEstate, write

ROOT = os.geteuid() == 0


def mounted(folder: Path, options: str) -> None:
    """A small file system of its own; skips where that is not allowed."""
    mount = shutil.which("mount")
    if not ROOT or mount is None:
        pytest.skip("mounting a tmpfs needs root")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"a tmpfs cannot be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts small disks and takes them away again."""
    folders: list[Path] = []

    def make(options: str) -> Path:
        folder = tmp_path / f"disk{len(folders)}"
        folder.mkdir()
        mounted(folder, options)
        folders.append(folder)
        return folder

    yield make
    for folder in folders:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """An account whose report takes more than half a megabyte."""
    return write(StrangeEstate(4).documents, tmp_path / "large")


def modes(folder: Path) -> set[int]:
    return {file.stat().st_mode & 0o777 for file in folder.rglob("*") if file.is_file()}


def test_reports_are_for_their_owner_only(mute: Mute, small: Path) -> None:
    """What is open in an account is not for everybody on the machine, whatever the umask."""
    before = os.umask(0)
    try:
        mute("scan", small, "--out", "out", *(f"--format={name}" for name in ("json", "html")))
        mute("collect", small, "--out", "saved")
        mute("report", "out/report.json", "--format", "sarif", "--out", "out/report.sarif")
    finally:
        os.umask(before)
    assert len(contents(Path("out"))) == 3
    assert modes(Path("out")) | modes(Path("saved")) == {0o600}


def test_a_report_replaces_the_last_one_and_leaves_nothing_behind(
    mute: Mute, small: Path, large: Path
) -> None:
    mute("scan", small, "--out", "out")
    first = contents(Path("out"))
    mute("scan", large, "--out", "out")
    second = contents(Path("out"))
    assert first.keys() == second.keys() == {"report.json", "report.html"}
    assert all(first[name] != second[name] for name in first)


def test_a_full_disk(mute: Mute, small: Path, large: Path, disk: Callable[[str], Path]) -> None:
    """The last report stays, byte for byte, and no part of the new one lies beside it."""
    folder = disk("size=600k")
    assert mute("scan", small, "--out", folder).code == 4
    before = contents(folder)
    assert set(before) == {"report.json", "report.html"}
    refused(mute("scan", large, "--out", folder), str(folder), "no space left", hint="--out")
    assert contents(folder) == before


def test_a_full_disk_while_collecting(
    mute: Mute, small: Path, large: Path, disk: Callable[[str], Path]
) -> None:
    """A snapshot is complete or not there; the one that was there stays."""
    folder = disk("size=256k")
    assert mute("collect", small, "--out", folder / "saved").code == 0
    before = contents(folder)
    refused(
        mute("collect", large, "--out", folder / "saved"), "saved", "no space left", hint="--out"
    )
    assert contents(folder) == before
    refused(mute("collect", large, "--out", folder / "other"), "other", hint="--out")
    assert contents(folder) == before


def test_a_disk_quota(small: Path, large: Path, tmp_path: Path) -> None:
    """The same where a file may only grow so far, which needs no root to try."""
    out = tmp_path / "out"
    called_outside(tmp_path, "scan", small, "--out", out)
    before = contents(out)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    done = subprocess.run(
        [sys.executable, "-m", "mute_audit", "scan", str(large), "--out", str(out)],
        cwd=tmp_path,
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "file too large" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert contents(out) == before


def test_a_folder_that_may_not_be_written(
    mute: Mute, small: Path, tmp_path: Path, disk: Callable[[str], Path]
) -> None:
    if ROOT:
        folder = disk("size=600k,ro")
        reason = "read-only file system"
    else:
        folder = tmp_path / "closed"
        folder.mkdir(mode=0o500)
        reason = "permission denied"
    for command in (("scan", small, "--out"), ("collect", small, "--out"), ("init", "--out")):
        place = folder / "new" if command[0] == "collect" else folder
        refused(mute(*command, place), str(folder), reason, hint="--out")
    assert contents(folder) == {}


@pytest.mark.parametrize("command", ["scan", "collect", "init"])
def test_a_file_where_the_folder_should_be(mute: Mute, small: Path, command: str) -> None:
    Path("file").write_text("mine")
    source = () if command == "init" else (small,)
    for place in ("file", "file/below"):
        refused(mute(command, *source, "--out", place), place, hint=None)
    assert Path("file").read_text() == "mine"


def test_a_folder_where_a_report_should_be(mute: Mute, small: Path) -> None:
    Path("out/report.html").mkdir(parents=True)
    refused(mute("scan", small, "--out", "out"), "report.html", "is a folder", hint="remove")
    assert contents(Path("out")) == {}


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_stream_is_no_error(small: Path, tmp_path: Path, closed: str) -> None:
    """What goes there is dropped; reports and exit code are as they would be."""
    codes = [
        subprocess.run(
            ["bash", "-c", f'"{sys.executable}" -m mute_audit scan "{small}" {redirected}'],
            cwd=tmp_path,
            env=plain_environment(tmp_path),
            capture_output=True,
            timeout=120,
            check=False,
        ).returncode
        for redirected in ("", closed)
    ]
    assert codes[0] != 2
    assert codes[0] == codes[1]


def test_a_reader_that_goes_away_is_told_no_verdict(small: Path, tmp_path: Path) -> None:
    """`mute-audit report … | head -0`: not 0, which would be read as clean under `pipefail`."""
    command = (
        f'"{sys.executable}" -m mute_audit scan "{small}" --format json >/dev/null 2>&1; '
        f'"{sys.executable}" -m mute_audit report reports/latest/report.json | sleep 0'
    )
    (tmp_path / "sitecustomize.py").write_text("import time; time.sleep(0.5)")
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=tmp_path,
        env={**plain_environment(tmp_path), "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (141, "")


def test_a_reader_that_goes_away_is_no_error(small: Path, tmp_path: Path) -> None:
    """`mute-audit scan … | head -1`: the reports are written, and nobody complains."""
    command = f'"{sys.executable}" -m mute_audit scan "{small}" | head -n 1'
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=tmp_path,
        env=plain_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.startswith("mute-audit ")
    assert "BrokenPipe" not in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "reports" / "latest" / "report.json").is_file()
