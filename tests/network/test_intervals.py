"""The interval algebra against Python's own sets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mute_audit.network import intervals

numbers = st.frozensets(st.integers(0, 40))


def from_set(items: frozenset[int]) -> intervals.Intervals:
    return intervals.union_all(intervals.interval(n, n) for n in items)


def to_set(items: intervals.Intervals) -> frozenset[int]:
    return frozenset(n for low, high in intervals.pairs(items) for n in range(low, high + 1))


@given(numbers, numbers)
def test_operations_agree_with_sets(a: frozenset[int], b: frozenset[int]) -> None:
    """Union, intersection and difference are those of sets, and so is the order of inclusion."""
    x, y = from_set(a), from_set(b)
    assert to_set(intervals.union(x, y)) == a | b
    assert to_set(intervals.intersect(x, y)) == a & b
    assert to_set(intervals.subtract(x, y)) == a - b
    assert intervals.subset(x, y) == (a <= b)
    assert intervals.size(x) == len(a)


@given(numbers, numbers)
def test_equal_sets_are_equal_tuples(a: frozenset[int], b: frozenset[int]) -> None:
    """The form is canonical: however a set came about, its tuple is the same."""
    direct = from_set(a | b)
    assert intervals.union(from_set(a), from_set(b)) == direct
    assert intervals.union_all([from_set(b), from_set(a), from_set(a)]) == direct


@given(numbers, st.integers(-1, 41))
def test_contains(a: frozenset[int], number: int) -> None:
    """A number is in the tuple exactly when it is in the set."""
    assert intervals.contains(from_set(a), number) == (number in a)


@given(numbers, numbers, numbers)
def test_laws(a: frozenset[int], b: frozenset[int], c: frozenset[int]) -> None:
    """Distribution and De Morgan's law for differences hold."""
    x, y, z = from_set(a), from_set(b), from_set(c)
    assert intervals.intersect(x, intervals.union(y, z)) == intervals.union(
        intervals.intersect(x, y), intervals.intersect(x, z)
    )
    assert intervals.subtract(x, intervals.union(y, z)) == intervals.intersect(
        intervals.subtract(x, y), intervals.subtract(x, z)
    )


def test_adjacent_intervals_are_joined() -> None:
    """1–2 and 3–4 are 1–4."""
    assert intervals.union(intervals.interval(1, 2), intervals.interval(3, 4)) == (1, 5)
    assert intervals.interval(5, 4) == intervals.EMPTY
