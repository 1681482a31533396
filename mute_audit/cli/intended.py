"""The baseline that a command works with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mute_audit.cli.console import detail
from mute_audit.resources import data_dir

if TYPE_CHECKING:
    from mute_audit.cli.config import Config
    from mute_audit.intent.baseline import Baseline

__all__ = ["intended", "shown"]


def intended(source: str, settings: Config, given: Path | None) -> Baseline | None:
    """The baseline of `--baseline`, of the demo, or of the configuration; None without one.

    Raises BaselineError. Its locations name the file as a person would: a report must not
    carry the paths of the machine that made it.
    """
    path = given or settings.baseline
    if source == "demo" and given is None:
        path = data_dir("baseline") / "mute.yaml"
    if path is None:
        return None
    from mute_audit.intent.baseline import load_baseline

    detail(f"baseline: {shown(path)}")
    found = load_baseline(path)
    return replace(found, document=replace(found.document, path=Path(shown(path))))


def shown(path: Path) -> str:
    """Relative where it lies below here, else its last two parts."""
    here, absolute = Path.cwd(), path.resolve()
    if absolute.is_relative_to(here):
        return str(absolute.relative_to(here))
    return "/".join(absolute.parts[-2:])
