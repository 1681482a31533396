"""Reports on disk: whole or not at all.

Every file is written beside its place, under another name, and moved there when all of them are
complete: a reader never sees half a report, and a failed run leaves the last one as it was.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from mute_audit.errors import OutputError
from mute_audit.finding import Report
from mute_audit.render.formats import format_named
from mute_audit.render.interface import Options

__all__ = ["write_reports", "write_text"]


def write_reports(
    report: Report, directory: Path, formats: Iterable[str], lang: str = "en"
) -> tuple[Path, ...]:
    """Write the report in each format into `directory`, which is made; returns the files.

    Only the user who runs this may read the files (mode 0600): they say what is open. Raises
    UsageError for an unknown format or language before anything is written, OutputError where
    the folder or a file cannot be written.
    """
    wanted = [format_named(name) for name in dict.fromkeys(formats)]
    options = Options(lang=lang)
    texts = {item.file_name: item.load()(report, options) for item in wanted}
    _make(directory)
    return _write({directory / name: text for name, text in texts.items()})


def write_text(text: str, path: Path) -> None:
    """Write one rendered report to `path`. Raises OutputError."""
    _make(path.parent)
    _write({path: text})


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OutputError(
            f"`{directory}` is a file, and the reports need a folder",
            hint="choose another folder with `--out`",
        ) from error
    except OSError as error:
        raise _failed(directory, error) from error


def _write(texts: dict[Path, str]) -> tuple[Path, ...]:
    complete: dict[Path, Path] = {}
    path = Path()
    try:
        for path, text in texts.items():
            if path.is_dir():
                raise OutputError(
                    f"`{path}` is a folder, and a report is to be written there",
                    hint="remove the folder, or choose another place",
                )
            complete[path] = _beside(path, text)
        for path, temporary in complete.items():
            temporary.replace(path)
    except OSError as error:
        raise _failed(path, error) from error
    finally:
        for temporary in complete.values():
            # Moved away already, unless something failed.
            with suppress(OSError):
                temporary.unlink()
    return tuple(texts)


def _beside(path: Path, text: str) -> Path:
    """A complete file in the same folder; nothing is left where it cannot be completed."""
    # mkstemp makes it readable for its owner only.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _failed(path: Path, error: OSError) -> OutputError:
    reason = (error.strerror or str(error)).lower()
    return OutputError(
        f"cannot write `{path}`: {reason}",
        hint="choose a folder with free space that you may write to, with `--out`",
    )
