"""What a check may look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mute_audit.analysis import Analysis
    from mute_audit.drift.diff import DriftResult
    from mute_audit.finding import StaticResult

__all__ = ["Context"]


@dataclass(frozen=True, slots=True)
class Context:
    """The estate as the engines see it, and what else the scan found out.

    drift   the difference to the baseline; None where the scan has no baseline
    static  checkov's answer; None where it was not asked for
    values  the values that baseline and policies share
    """

    analysis: Analysis
    drift: DriftResult | None = None
    static: StaticResult | None = None
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
