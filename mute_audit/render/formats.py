"""The table of formats: name → renderer, file name, media type.

A renderer's module is imported when its format is asked for, not before: jinja2 and rich are
slow to load, and `mute-audit --help` needs neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mute_audit.errors import UsageError
from mute_audit.finding import Report
from mute_audit.render.interface import Options, Renderer

__all__ = ["FORMATS", "Format", "format_named", "render"]


def _text() -> Renderer:
    from mute_audit.render.text import render

    return render


def _json() -> Renderer:
    from mute_audit.render.json import render

    return render


def _html() -> Renderer:
    from mute_audit.render.html import render

    return render


def _markdown() -> Renderer:
    from mute_audit.render.markdown import render

    return render


def _sarif() -> Renderer:
    from mute_audit.render.sarif import render

    return render


def _junit() -> Renderer:
    from mute_audit.render.junit import render

    return render


def _csv() -> Renderer:
    from mute_audit.render.csv import render

    return render


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `load` imports its renderer."""

    name: str
    file_name: str
    media_type: str
    load: Callable[[], Renderer]


FORMATS: tuple[Format, ...] = (
    Format("text", "report.txt", "text/plain", _text),
    Format("json", "report.json", "application/json", _json),
    Format("html", "report.html", "text/html", _html),
    Format("markdown", "report.md", "text/markdown", _markdown),
    Format("sarif", "report.sarif", "application/sarif+json", _sarif),
    Format("junit", "junit.xml", "application/xml", _junit),
    Format("csv", "report.csv", "text/csv", _csv),
)


def format_named(name: str) -> Format:
    """The format of that name. Raises UsageError for a name that is none."""
    for item in FORMATS:
        if item.name == name:
            return item
    raise UsageError(
        f"`{name}` is not a report format",
        hint=f"choose from: {', '.join(item.name for item in FORMATS)}",
    )


def render(report: Report, name: str, options: Options | None = None) -> str:
    """`report` in the format `name`. Raises UsageError for a name that is none."""
    return format_named(name).load()(report, options or Options())
