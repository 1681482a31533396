"""The one place that reads the clock."""

from __future__ import annotations

import os
from datetime import UTC, datetime

__all__ = ["clock"]


def clock() -> datetime:
    """Now, in UTC; SOURCE_DATE_EPOCH makes it reproducible, as it does in other tools."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    if fixed.isdecimal():
        return datetime.fromtimestamp(int(fixed), UTC)
    return datetime.now(UTC)
