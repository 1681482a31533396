"""Files of requests and policies: one document, or one on each line."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from mute_audit.cli.console import json_text, say
from mute_audit.errors import ExitCode, InputError, MuteAuditError

__all__ = ["answer_lines", "read_text", "shown_name"]

Answer = dict[str, Any]


def shown_name(path: Path) -> str:
    """What a message calls the file."""
    return "standard input" if str(path) == "-" else str(path)


def read_text(path: Path) -> str:
    """The text of a file, or of standard input for `-`. Raises InputError."""
    return _decoded(_read(path), f"`{shown_name(path)}`")


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"`{path}` does not exist") from error
    except IsADirectoryError as error:
        raise InputError(f"`{path}` is a folder") from error
    except OSError as error:
        raise InputError(f"`{path}` cannot be read: {error.strerror}") from error


def _decoded(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{what} is not UTF-8 text") from error


def answer_lines(
    path: Path,
    judge: Callable[[str, str], Answer],
    failed: Mapping[str, Any],
    is_open: Callable[[Answer], bool],
) -> int:
    """Prints one answer for each line, in their order; returns the exit code.

    `judge` takes the line and its name. A line that cannot be judged, as an empty one, is answered
    with `failed` and an `error`, and the rest goes on: answers and lines stay side by side.
    """
    code = ExitCode.CLEAN
    wrong = False
    for number, line in _lines(_read(path)):
        try:
            if not line.strip():
                raise InputError(f"line {number} is empty")
            answer = judge(_decoded(line, f"line {number}"), f"line {number}")
        except MuteAuditError as error:
            text = str(error) + (f" ({error.hint})" if error.hint else "")
            answer = {**failed, "error": text}
            wrong = True
        if is_open(answer):
            code = ExitCode.INCOMPLETE
        say(json_text(answer, indent=None))
        if number == 1:
            # What the first answer has loaded stays for all others: the collector of cycles need
            # not walk over it in the midst of one (35 ms each time).
            gc.freeze()
    return ExitCode.ERROR if wrong else code


def _lines(data: bytes) -> Iterable[tuple[int, bytes]]:
    # Not splitlines() of the text: JSON texts may hold U+2028 and its like as they are, and one
    # line that is no text leaves the others alone.
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()  # what stands behind the last line's end is no line
    yield from enumerate(lines, start=1)
