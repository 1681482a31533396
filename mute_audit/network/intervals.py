"""Sets of integers as sorted, disjoint, half-open intervals.

An interval set is a flat tuple of bounds `(a, b, c, d, …)` with a < b < c < d: the numbers n
with a ≤ n < b or c ≤ n < d. Flat, because a merge of two such tuples is the whole algebra,
and canonical, because adjacent intervals are joined: equal sets are equal tuples.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

__all__ = [
    "EMPTY",
    "Intervals",
    "contains",
    "intersect",
    "interval",
    "pairs",
    "size",
    "subset",
    "subtract",
    "union",
    "union_all",
]

Intervals = tuple[int, ...]

EMPTY: Intervals = ()


def interval(low: int, high: int) -> Intervals:
    """The numbers from `low` to `high`, both included; empty if low > high."""
    return (low, high + 1) if low <= high else EMPTY


def pairs(items: Intervals) -> Iterable[tuple[int, int]]:
    """(first, last) of each interval, both included."""
    return ((items[i], items[i + 1] - 1) for i in range(0, len(items), 2))


def size(items: Intervals) -> int:
    return sum(items[1::2]) - sum(items[::2])


def contains(items: Intervals, number: int) -> bool:
    return bisect_right(items, number) % 2 == 1


def _merge(a: Intervals, b: Intervals, keep: tuple[bool, bool, bool, bool]) -> Intervals:
    """Sweep over both sets; `keep[in_a + 2 * in_b]` says whether a stretch belongs to the result.

    `keep[0]` is always False: no operation here reaches outside both sets.
    """
    out: list[int] = []
    i = j = 0
    state = 0
    inside = False
    count_a, count_b = len(a), len(b)
    while i < count_a or j < count_b:
        at = a[i] if j >= count_b or (i < count_a and a[i] <= b[j]) else b[j]
        if i < count_a and a[i] == at:
            i += 1
            state ^= 1
        if j < count_b and b[j] == at:
            j += 1
            state ^= 2
        if keep[state] is not inside:
            inside = not inside
            out.append(at)
    return tuple(out)


def union(a: Intervals, b: Intervals) -> Intervals:
    if not a or a == b:
        return b
    if not b:
        return a
    return _merge(a, b, (False, True, True, True))


def intersect(a: Intervals, b: Intervals) -> Intervals:
    if not a or not b:
        return EMPTY
    if a == b:
        return a
    return _merge(a, b, (False, False, False, True))


def subtract(a: Intervals, b: Intervals) -> Intervals:
    if not a or a == b:
        return EMPTY
    if not b:
        return a
    return _merge(a, b, (False, True, False, False))


def subset(a: Intervals, b: Intervals) -> bool:
    """Whether every number of `a` is in `b`."""
    return not subtract(a, b)


def union_all(sets: Iterable[Intervals]) -> Intervals:
    """The union of many sets, sorted once."""
    bounds = sorted((s[i], s[i + 1]) for s in sets for i in range(0, len(s), 2))
    out: list[int] = []
    for low, high in bounds:
        if out and low <= out[-1]:
            if high > out[-1]:
                out[-1] = high
        else:
            out += (low, high)
    return tuple(out)
