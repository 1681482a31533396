"""Files of requests and policies: one document, or one on each line."""

from __future__ import annotations

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
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read().decode("utf-8-sig")
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(f"`{path}` does not exist") from error
    except IsADirectoryError as error:
        raise InputError(f"`{path}` is a folder") from error
    except UnicodeDecodeError as error:
        raise InputError(f"`{shown_name(path)}` is not UTF-8 text") from error


def answer_lines(
    path: Path,
    judge: Callable[[str, str], Answer],
    failed: Mapping[str, Any],
    is_open: Callable[[Answer], bool],
) -> int:
    """Prints one answer for each line that is not empty, in their order; returns the exit code.

    `judge` takes the line and its name. A line that cannot be judged is answered with `failed`
    and an `error`, and the rest goes on.
    """
    code = ExitCode.CLEAN
    wrong = False
    for number, line in _lines(read_text(path)):
        try:
            answer = judge(line, f"line {number}")
        except MuteAuditError as error:
            text = str(error) + (f" ({error.hint})" if error.hint else "")
            answer = {**failed, "error": text}
            wrong = True
        if is_open(answer):
            code = ExitCode.INCOMPLETE
        say(json_text(answer, indent=None))
    return ExitCode.ERROR if wrong else code


def _lines(text: str) -> Iterable[tuple[int, str]]:
    # Not splitlines(): JSON texts may hold U+2028 and its like as they are.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line
