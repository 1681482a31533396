"""The one place that reads the clock."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

__all__ = ["Stopwatch", "clock"]


def clock() -> datetime:
    """Now, in UTC; SOURCE_DATE_EPOCH makes it reproducible, as it does in other tools."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    if fixed.isdecimal():
        return datetime.fromtimestamp(int(fixed), UTC)
    return datetime.now(UTC)


class Stopwatch:
    """Seconds since it was made, for a person: `0.31 s`."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def __str__(self) -> str:
        return f"{time.perf_counter() - self._start:.2f} s"
