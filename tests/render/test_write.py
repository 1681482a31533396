"""Reports on disk: whole, private, or not there at all."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from mute_audit.errors import ExitCode, OutputError, UsageError
from mute_audit.finding import Report
from mute_audit.render.formats import FORMATS, render
from mute_audit.render.interface import Options
from mute_audit.render.write import write_reports, write_text


def test_every_format_is_written_under_its_name_for_its_owner_alone(
    tmp_path: Path, clean: Report
) -> None:
    folder = tmp_path / "new" / "reports"
    written = write_reports(clean, folder, [item.name for item in FORMATS], "ko")
    assert written == tuple(folder / item.file_name for item in FORMATS)
    assert sorted(folder.iterdir()) == sorted(written)
    for item, path in zip(FORMATS, written, strict=True):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes().decode() == render(clean, item.name, Options(lang="ko"))


def test_a_format_that_is_named_twice_is_written_once(tmp_path: Path, clean: Report) -> None:
    assert write_reports(clean, tmp_path, ["json", "html", "json"]) == (
        tmp_path / "report.json",
        tmp_path / "report.html",
    )


def test_an_old_report_is_replaced_even_where_it_may_not_be_written(
    tmp_path: Path, clean: Report
) -> None:
    old = tmp_path / "report.json"
    old.write_text("old")
    old.chmod(0o444)
    write_reports(clean, tmp_path, ["json"])
    assert old.read_text().startswith("{")
    assert stat.S_IMODE(old.stat().st_mode) == 0o600


def test_a_link_is_replaced_and_what_it_points_to_stays(tmp_path: Path, clean: Report) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    (tmp_path / "report.json").symlink_to(target)
    write_reports(clean, tmp_path, ["json"])
    assert target.read_text() == "precious"
    assert not (tmp_path / "report.json").is_symlink()


def test_nothing_is_written_for_a_format_that_does_not_exist(tmp_path: Path, clean: Report) -> None:
    with pytest.raises(UsageError, match="`pdf`"):
        write_reports(clean, tmp_path / "out", ["json", "pdf"])
    assert not (tmp_path / "out").exists()


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path, clean: Report) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError, match="is a file, and the reports need a folder") as caught:
        write_reports(clean, tmp_path / "out", ["json"])
    assert caught.value.hint == "choose another folder with `--out`"
    assert caught.value.exit_code == ExitCode.ERROR
    with pytest.raises(OutputError, match="not a directory"):
        write_reports(clean, tmp_path / "out" / "deeper", ["json"])


def test_a_folder_in_place_of_a_file_leaves_the_other_reports_as_they_were(
    tmp_path: Path, clean: Report
) -> None:
    (tmp_path / "report.json").write_text("old")
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OutputError, match=r"report\.html` is a folder"):
        write_reports(clean, tmp_path, ["json", "html"])
    assert (tmp_path / "report.json").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path, clean: Report) -> None:
    folder = tmp_path
    if os.geteuid() == 0:
        # Root may write everywhere but where the kernel makes the files.
        folder = Path("/proc/self")
        if not folder.is_dir():
            pytest.skip("root may write everywhere, and there is no /proc")
    else:
        tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match=f"cannot write `{folder}/report.json`"):
        write_reports(clean, folder, ["json"])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_leaves_no_half_report_and_the_old_ones_as_they_were(
    tmp_path: Path, clean: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second file meets a real device that is full."""
    (tmp_path / "report.json").write_text("old json")
    (tmp_path / "report.html").write_text("old html")
    real = os.fdopen
    opened: list[int] = []

    def fdopen(handle: int, *args: Any, **options: Any) -> Any:
        opened.append(handle)
        if len(opened) == 2:
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, handle)
            os.close(full)
        return real(handle, *args, **options)

    monkeypatch.setattr(os, "fdopen", fdopen)
    with pytest.raises(OutputError, match=r"report\.html`: no space left on device") as caught:
        write_reports(clean, tmp_path, ["json", "html"])
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]
    assert (tmp_path / "report.json").read_text() == "old json"
    assert (tmp_path / "report.html").read_text() == "old html"


def test_one_rendered_report_goes_to_any_file(tmp_path: Path, clean: Report) -> None:
    path = tmp_path / "a" / "audit.html"
    write_text(render(clean, "html"), path)
    assert path.read_text(encoding="utf-8") == render(clean, "html")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_line_ends_are_written_as_they_are(tmp_path: Path, clean: Report) -> None:
    (path,) = write_reports(clean, tmp_path, ["csv"])
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n") > 1
