"""Opening SOURCE from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mute_audit.cli.clock import clock
from mute_audit.cli.console import Progress, note

if TYPE_CHECKING:
    from mute_audit.sources.opening import OpenedSource

__all__ = ["opened"]


def opened(
    source: str, options: dict[str, Any], *, quiet: bool, drift: bool = False
) -> OpenedSource:
    """What SOURCE holds. Raises SnapshotError, AwsError, MissingToolError."""
    from mute_audit.sources.live.options import LiveOptions
    from mute_audit.sources.opening import open_source

    progress = Progress(quiet=quiet)
    live = LiveOptions(
        profile=options.get("profile") or "",
        role_arn=options.get("role_arn") or "",
        regions=tuple(options.get("regions") or ()),
        all_regions=bool(options.get("all_regions")),
        endpoint_url=options.get("endpoint_url") or "",
    )
    try:
        found = open_source(source, live, now=clock(), drift=drift, progress=progress)
    finally:
        progress.clear()
    if not quiet:
        for text in found.inventory.notes:
            note(f"note: {text}")
    return found
