"""What a renderer is, and what it may be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from mute_audit.errors import UsageError
from mute_audit.finding import Report

__all__ = ["LANGUAGES", "Options", "Renderer", "wants_color"]

LANGUAGES = ("en", "ko")


@dataclass(frozen=True, slots=True)
class Options:
    """How to render; every renderer takes all of it and uses what it has a use for.

    lang     `en` or `ko`; raises UsageError for anything else
    width    columns of the terminal (text)
    color    whether to write colours (text): see `wants_color`
    quiet    only what needs attention (text)
    verbose  every finding, however many there are (text)
    written  the files that were written, to be named at the end (text)
    """

    lang: str = "en"
    width: int = 100
    color: bool = False
    quiet: bool = False
    verbose: bool = False
    written: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise UsageError(
                f"`{self.lang}` is not a language of the reports",
                hint=f"choose one of: {', '.join(LANGUAGES)}",
            )


class Renderer(Protocol):
    """A report in one format. Pure: no clock, no environment, no file, no network."""

    def __call__(self, report: Report, options: Options) -> str: ...


def wants_color(environ: Mapping[str, str], is_terminal: bool) -> bool:
    """Whether to write colours to a stream, by the usual variables.

    NO_COLOR (https://no-color.org: set and not empty) beats FORCE_COLOR, which beats the
    terminal; a terminal with TERM=dumb has none.
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return is_terminal and environ.get("TERM") != "dumb"
