"""Sets of small numbers, each as one integer."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Weights", "bits_of", "indexes_in"]


class Weights:
    """Adds up the sizes of what is in a set, all that have a binary digit in common at once."""

    def __init__(self, sizes: list[int]) -> None:
        self._sizes = sizes
        self._plain = all(size == 1 for size in sizes)
        planes = max(sizes, default=0).bit_length()
        self._planes = [
            (1 << plane, bits_of([i for i, size in enumerate(sizes) if size >> plane & 1]))
            for plane in range(planes)
        ]

    def __call__(self, bits: int) -> int:
        if self._plain:
            return bits.bit_count()
        return sum(weight * (bits & plane).bit_count() for weight, plane in self._planes)


def bits_of(indexes: list[int]) -> int:
    """A set of small numbers as one integer."""
    if len(indexes) < 8:
        found = 0
        for index in indexes:
            found |= 1 << index
        return found
    field = bytearray(max(indexes) // 8 + 1)
    for index in indexes:
        field[index >> 3] |= 1 << (index & 7)
    return int.from_bytes(field, "little")


def indexes_in(bits: int) -> Iterator[int]:
    """The numbers in a set."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
