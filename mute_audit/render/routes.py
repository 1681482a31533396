"""How the lines of a drawing run: orthogonally, in lanes that no other line uses.

A picture is a grid of cells (subnets: rows × zone columns) under a row of gateways. Between the
columns are *gutters*, between the rows *corridors*; each holds as many lanes as lines need it.
Lines that start at the same point and mean the same share a lane, like a bus with branches, so
the picture grows with the number of different ways and not with the number of findings.

Nothing here knows a pixel: a `Route` names the lanes, and `drawing` gives them their places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

__all__ = ["Anchor", "Cell", "Edge", "Lanes", "Ports", "Route", "Top", "edges_of", "plan"]


@dataclass(frozen=True, slots=True, order=True)
class Top:
    """A place above the grid: gateway number `index`, or -1 for the internet."""

    index: int


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A place in the grid: card number `card` of the subnet at (row, column), -1: the subnet."""

    row: int
    column: int
    card: int


Anchor = Top | Cell


@dataclass(frozen=True, slots=True)
class Edge:
    """One step of a marked path; `tone` is how the path is judged (`fail`, `unknown`, …)."""

    start: Anchor
    end: Anchor
    tone: str


@dataclass(frozen=True, slots=True)
class Route:
    """An edge with its lanes.

    start_side, end_side  where a cell is left and entered: `left`, `right` (empty for a Top)
    lanes                 what the line runs in between, in order: ("gutter" or "corridor",
                          its number, its lane)
    """

    edge: Edge
    start_side: str
    end_side: str
    lanes: tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class Lanes:
    """Which lanes are taken, by whom; filled while planning, read when measuring."""

    _taken: dict[tuple[str, int], dict[object, int]] = field(default_factory=dict)

    def take(self, kind: str, number: int, owner: object) -> tuple[str, int, int]:
        """The owner's lane in that gutter or corridor; a new one at its first call."""
        lanes = self._taken.setdefault((kind, number), {})
        return kind, number, lanes.setdefault(owner, len(lanes))

    def count(self, kind: str, number: int) -> int:
        return len(self._taken.get((kind, number), ()))


class Ports:
    """Spreads the lines that meet one side of one thing, so that none hides another."""

    def __init__(self, routes: list[Route]) -> None:
        self._owners: dict[tuple[Anchor, str], dict[object, int]] = {}
        for route in routes:
            for anchor, side in self._ends(route):
                owners = self._owners.setdefault((anchor, side), {})
                owners.setdefault(self._owner(anchor, route), len(owners))

    @staticmethod
    def _ends(route: Route) -> list[tuple[Anchor, str]]:
        start, end = route.edge.start, route.edge.end
        if isinstance(start, Top) and isinstance(end, Top):
            return [(end, "")]
        return [(start, route.start_side), (end, route.end_side)]

    @staticmethod
    def _owner(anchor: Anchor, route: Route) -> object:
        # Lines that leave together share a port, as they share a lane.
        if anchor == route.edge.start:
            return "out", route.edge.tone, route.lanes[:1] if isinstance(anchor, Top) else ()
        return "in", route.edge.tone, route.lanes[-1:], route.edge.start

    def of(self, anchor: Anchor, side: str, route: Route) -> tuple[int, int]:
        owners = self._owners[anchor, side]
        return owners[self._owner(anchor, route)], len(owners)


def edges_of(anchors: Mapping[int, tuple[Anchor, ...]], tones: Mapping[int, str]) -> list[Edge]:
    """The steps of all paths, each once."""
    seen: dict[Edge, None] = {}
    for number, chain in anchors.items():
        for start, end in pairwise(chain):
            seen.setdefault(Edge(start, end, tones[number]))
    return list(seen)


def plan(edges: Iterable[Edge]) -> tuple[list[Route], Lanes]:
    """A route for every edge, and the lanes that all of them take."""
    lanes = Lanes()
    return [_route(edge, lanes) for edge in edges], lanes


def _route(edge: Edge, lanes: Lanes) -> Route:
    start, end = edge.start, edge.end
    if isinstance(start, Top):
        if isinstance(end, Top):
            return Route(edge, "", "", ())
        return Route(edge, "", "left", _down(start, end.column, edge.tone, lanes))
    if isinstance(end, Top):
        return Route(edge, "left", "", _down(end, start.column, edge.tone, lanes, up=True)[::-1])
    return _across(edge, start, end, lanes)


def _down(
    top: Top, column: int, tone: str, lanes: Lanes, up: bool = False
) -> tuple[tuple[str, int, int], ...]:
    owner = (top, tone, up)
    return lanes.take("corridor", 0, owner), lanes.take("gutter", column, owner)


def _across(edge: Edge, start: Cell, end: Cell, lanes: Lanes) -> Route:
    owner = (start, edge.tone)
    if start.column == end.column:
        return Route(edge, "right", "right", (lanes.take("gutter", start.column + 1, owner),))
    rightwards = start.column < end.column
    out = start.column + 1 if rightwards else start.column
    into = end.column if rightwards else end.column + 1
    sides = ("right", "left") if rightwards else ("left", "right")
    if out == into:
        return Route(edge, *sides, (lanes.take("gutter", out, owner),))
    # Corridor r lies above row r: the one between the two rows, or the one below a common row.
    corridor = min(start.row, end.row) + 1
    return Route(
        edge,
        *sides,
        (
            lanes.take("gutter", out, owner),
            lanes.take("corridor", corridor, owner),
            lanes.take("gutter", into, owner),
        ),
    )
