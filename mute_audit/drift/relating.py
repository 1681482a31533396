"""Relations: what a resource leads to, by the names of the baseline.

A relation to an entry that could not be looked for is open as long as something undescribed
stands in its place: that may well be it. One to an entry that is not there is no difference of
its own: the entry is reported as missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mute_audit.drift.difference import Difference
from mute_audit.drift.view import View

__all__ = ["led_to", "related", "related_one"]


def related(
    path: str,
    sections: tuple[str, ...],
    expected: Iterable[str],
    ids: Iterable[str],
    view: View,
    into: Difference,
) -> None:
    """A set of relations to entries of `sections`; `ids` are those that are there."""
    wanted = {view.expected(name) for name in expected}
    there = {view.label(id): id for id in ids}
    gone, came = wanted - there.keys(), there.keys() - wanted
    open_ones = {name for name in gone if view.doubt(sections, name) is not None}
    undescribed = {label for label in came if not view.described(there[label])}
    if open_ones and undescribed:
        for name in sorted(open_ones):
            _untold(path, sections, name, view, into)
        gone, came = gone - open_ones, came - undescribed
    gone = {name for name in gone if not view.missing(sections, name)}
    into.members(path, gone, came)


def related_one(
    path: str, sections: tuple[str, ...], expected: str, id: str, view: View, into: Difference
) -> None:
    """One relation to an entry of `sections`; `id` is empty where there is none."""
    wanted = view.expected(expected)
    if id and not view.described(id) and view.doubt(sections, wanted) is not None:
        _untold(path, sections, wanted, view, into)
        return
    into.value(path, wanted, view.label(id) if id else None)


def led_to(
    path: str,
    sections: tuple[str, ...],
    expected: Mapping[str, str],
    targets: Mapping[str, str],
    view: View,
    into: Difference,
) -> None:
    """Relations by a key of their own (routes by destination); `targets` are labels.

    A route outlives its target: one that still leads to where a missing entry was is as it was.
    """
    for key in sorted(expected.keys() | targets.keys()):
        name = view.expected(expected[key]) if key in expected else None
        label = targets.get(key)
        at = f"{path}[{key}]"
        if name is not None and label is not None and name != label:
            undescribed = not view.told_by(label.removesuffix(" (blackhole)"))
            if undescribed and view.doubt(sections, name) is not None:
                _untold(at, sections, name, view, into)
                continue
            if view.missing(sections, name) and view.dead(label):
                continue
        into.value(at, name, label)


def _untold(path: str, sections: tuple[str, ...], name: str, view: View, into: Difference) -> None:
    for gap in view.doubt(sections, name) or ():
        into.untold(path, name, gap)
