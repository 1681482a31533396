"""Lines that turn at right angles, with rounded corners, as SVG path data."""

from __future__ import annotations

__all__ = ["rounded"]

_RADIUS = 6


def rounded(points: list[tuple[int, int]]) -> str:
    """SVG path data of a polyline whose corners are rounded."""
    corners: list[tuple[int, int]] = []
    for point in points:
        if corners and corners[-1] == point:
            continue
        if len(corners) > 1 and _straight(corners[-2], corners[-1], point):
            corners[-1] = point
        else:
            corners.append(point)
    parts = [f"M{corners[0][0]} {corners[0][1]}"]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        radius = min(_RADIUS, _length(before, corner) // 2, _length(corner, after) // 2)
        a, b = _towards(corner, before, radius), _towards(corner, after, radius)
        parts.append(f"L{a[0]} {a[1]}Q{corner[0]} {corner[1]} {b[0]} {b[1]}")
    if len(corners) > 1:
        parts.append(f"L{corners[-1][0]} {corners[-1][1]}")
    return "".join(parts)


def _straight(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    return a[0] == b[0] == c[0] or a[1] == b[1] == c[1]


def _length(a: tuple[int, int], b: tuple[int, int]) -> int:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _towards(start: tuple[int, int], end: tuple[int, int], by: int) -> tuple[int, int]:
    def step(a: int, b: int) -> int:
        return a + by * ((b > a) - (b < a))

    return step(start[0], end[0]), step(start[1], end[1])
