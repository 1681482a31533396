"""What a drawn network consists of: shapes with their places, ready to be written down.

All coordinates are SVG user units. Texts are made visible and clipped already; the whole of a
text is in the tooltip, a line for each fact.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Badge", "Box", "Card", "Line", "Picture", "Pill", "Zone"]


@dataclass(frozen=True, slots=True)
class Card:
    """One resource; `tone` is the worst path that ends here, `passing` that goes through."""

    x: int
    y: int
    w: int
    h: int
    name: str
    detail: str
    tooltip: str
    icon: str
    tone: str
    passing: str
    idle: bool


@dataclass(frozen=True, slots=True)
class Box:
    """One subnet with its cards; `more` counts those that are not drawn."""

    x: int
    y: int
    w: int
    h: int
    name: str
    cidr: str
    tooltip: str
    public: bool
    cards: tuple[Card, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Zone:
    x: int
    y: int
    w: int
    h: int
    name: str
    more: int


@dataclass(frozen=True, slots=True)
class Pill:
    """The internet (empty name) or a gateway."""

    x: int
    y: int
    w: int
    h: int
    name: str
    tooltip: str
    internet: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline with rounded corners as SVG path data; tone `plain` is mere structure."""

    d: str
    tone: str


@dataclass(frozen=True, slots=True)
class Badge:
    """The number of a marked path, where it ends."""

    x: int
    y: int
    number: int
    tone: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One VPC. `hidden` counts zones that are not drawn."""

    width: int
    height: int
    name: str
    cidrs: str
    tooltip: str
    frame: tuple[int, int, int, int]
    zones: tuple[Zone, ...]
    boxes: tuple[Box, ...]
    pills: tuple[Pill, ...]
    lines: tuple[Line, ...]
    badges: tuple[Badge, ...]
    hidden: int
