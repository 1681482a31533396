"""Collects what differs between one declared resource and what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mute_audit.finding import FieldChange
from mute_audit.verdict import Gap

__all__ = ["Difference"]


class Difference:
    """Fields that differ, and fields that could not be compared with the reason."""

    def __init__(self) -> None:
        self.changes: list[FieldChange] = []
        self.unknown: list[FieldChange] = []
        self.gaps: list[Gap] = []

    def __bool__(self) -> bool:
        return bool(self.changes or self.unknown)

    def value(self, path: str, expected: Any, actual: Any) -> None:
        """Two single values; None is *absent*."""
        if expected != actual:
            self.changes.append(FieldChange(path, expected, actual))

    def members(self, path: str, expected: Iterable[str], actual: Iterable[str]) -> None:
        """Two sets: one change for each member that is gone, one for each that came."""
        wanted, there = set(expected), set(actual)
        self.changes += [FieldChange(path, gone, None) for gone in sorted(wanted - there)]
        self.changes += [FieldChange(path, None, came) for came in sorted(there - wanted)]

    def entries(self, path: str, expected: Mapping[Any, Any], actual: Mapping[Any, Any]) -> None:
        """Two mappings: one change for each key whose value differs."""
        for key in sorted(expected.keys() | actual.keys()):
            self.value(f"{path}[{key}]", expected.get(key), actual.get(key))

    def untold(self, path: str, expected: Any, gap: Gap) -> None:
        """A field that cannot be compared."""
        field = FieldChange(path, expected)
        if field not in self.unknown:
            self.unknown.append(field)
        if gap not in self.gaps:
            self.gaps.append(gap)
