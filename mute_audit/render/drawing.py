"""The drawn network: where everything stands in the picture of one VPC.

Zones are columns, subnets are boxes in rows (public ones on top, nearest to the internet), and
what stands in them are cards. Gateways lie on the upper border, the internet above them. Texts
are clipped by an estimate of their width.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from mute_audit.address import Address
from mute_audit.finding import Drawing, DrawnPlace, DrawnSubnet, DrawnVpc
from mute_audit.render.literal import clip, clip_middle, visible
from mute_audit.render.marked import INTERNET, INTERNET_GATEWAYS, Marked
from mute_audit.render.picture import Badge, Box, Card, Line, Picture, Pill, Zone
from mute_audit.render.polyline import rounded
from mute_audit.render.routes import Anchor, Cell, Ports, Route, Top, edges_of, plan

__all__ = ["MAX_PLACES", "MAX_SUBNETS", "MAX_VPCS", "MAX_ZONES", "pictures"]

T = TypeVar("T")

# What stays readable; what lies beyond is counted in the picture, never dropped in silence.
MAX_PLACES = 8
MAX_SUBNETS = 6
MAX_ZONES = 8
MAX_VPCS = 12

_CARD_W, _CARD_H, _CARD_GAP = 254, 46, 9
_PAD, _HEAD, _EMPTY = 12, 44, 26
_COLUMN_W = _CARD_W + 2 * _PAD
_LANE, _EDGE = 9, 26
_PILL_H, _PILL_W, _PILL_GAP = 34, 190, 26
_BAND, _LABEL_H, _ZONE_H = 30, 34, 26
_MARGIN = 10

_USUAL_STATES = frozenset({"", "running", "available", "active", "in-use", "deployed"})
_ICONS = {
    "ec2.instance": "instance",
    "rds.instance": "database",
    "ec2.nat-gateway": "nat",
    "elbv2.load-balancer": "balancer",
    "lambda.function": "function",
    "ecs.service": "function",
    "ec2.vpc-endpoint": "endpoint",
}


def pictures(drawing: Drawing, paths: tuple[Marked, ...]) -> tuple[Picture, ...]:
    """A picture of each VPC, MAX_VPCS at most unless paths go through more.

    Paths are numbered from 1.
    """
    on_path = {hop for path in paths for hop in path.hops}
    ranked = [
        (vpc, any(_on(subnet, on_path) for zone in vpc.zones for subnet in zone.subnets))
        for vpc in drawing.vpcs
    ]
    return tuple(_Layout(vpc, paths).picture() for vpc in _kept(ranked, MAX_VPCS))


def _tooltip(*parts: str) -> str:
    return "\n".join(clip_middle(visible(part), 400) for part in parts if part)


class _Layout:
    """Works out one picture: the grid, then the lanes, then the coordinates."""

    def __init__(self, vpc: DrawnVpc, paths: tuple[Marked, ...]) -> None:
        self.vpc = vpc
        self.tones = {number: path.tone for number, path in enumerate(paths, 1)}
        on_path = {hop for path in paths for hop in path.hops}
        zones = _kept([(z, any(_on(s, on_path) for s in z.subnets)) for z in vpc.zones], MAX_ZONES)
        self.hidden = len(vpc.zones) - len(zones)
        self.zone_names = [zone.name for zone in zones]
        self.zone_more: list[int] = []
        self.grid: dict[tuple[int, int], tuple[DrawnSubnet, list[DrawnPlace]]] = {}
        self._fill([zone.subnets for zone in zones], on_path)
        self.rows = 1 + max((row for row, _ in self.grid), default=0)
        standing = {p.address.id for _, places in self.grid.values() for p in places}
        self.gateways = [each for each in vpc.gateways if each.id not in standing]
        self.chains = {
            number: chain
            for number, path in enumerate(paths, 1)
            if (chain := self._chain(path.hops))
        }
        self.routes, self.lanes = plan(edges_of(self.chains, self.tones))
        self.internet = any(
            anchor == Top(-1) for chain in self.chains.values() for anchor in chain
        ) or any(each.type in INTERNET_GATEWAYS for each in self.gateways)
        self._measure()

    # --- the grid -----------------------------------------------------------------------------

    def _fill(self, zones: list[tuple[DrawnSubnet, ...]], on_path: set[str]) -> None:
        kept = [_kept([(s, _on(s, on_path)) for s in subnets], MAX_SUBNETS) for subnets in zones]
        self.zone_more = [len(every) - len(some) for every, some in zip(zones, kept, strict=True)]
        public_rows = max((sum(s.public for s in subnets) for subnets in kept), default=0)
        for column, subnets in enumerate(kept):
            first = {True: 0, False: public_rows}
            for subnet in subnets:
                places = _kept([(p, p.address.id in on_path) for p in subnet.places], MAX_PLACES)
                self.grid[first[subnet.public], column] = (subnet, places)
                first[subnet.public] += 1

    def _anchors(self, hop: str) -> Iterator[tuple[str, Anchor]]:
        """Where a hop's id stands, with the id of the subnet that it stands in."""
        if hop.partition(":")[0] == INTERNET:
            yield "", Top(-1)
        for index, gateway in enumerate(self.gateways):
            if gateway.id == hop:
                yield "", Top(index)
        for (row, column), (subnet, places) in sorted(self.grid.items(), key=lambda item: item[0]):
            if subnet.id == hop:
                yield subnet.id, Cell(row, column, -1)
            for card, place in enumerate(places):
                if place.address.id == hop:
                    yield subnet.id, Cell(row, column, card)

    def _chain(self, hops: tuple[str, ...]) -> tuple[Anchor, ...]:
        """The anchors of a path; a subnet is left out where the path touches a card in it."""
        wanted = set(hops)
        found: list[tuple[str, Anchor]] = []
        for hop in hops:
            places = list(self._anchors(hop))
            # A resource in several subnets: the one that the path names.
            places.sort(key=lambda item: item[0] not in wanted)
            found += places[:1]
        touched = {subnet for subnet, a in found if isinstance(a, Cell) and a.card >= 0}
        chain: list[Anchor] = []
        for subnet, anchor in found:
            inside = isinstance(anchor, Cell) and anchor.card < 0 and subnet in touched
            if not inside and (not chain or chain[-1] != anchor):
                chain.append(anchor)
        # A path that only shares the internet with this VPC is drawn elsewhere.
        return tuple(chain) if any(anchor != Top(-1) for anchor in chain) else ()

    # --- coordinates --------------------------------------------------------------------------

    def _measure(self) -> None:
        columns = max(len(self.zone_names), 1)
        self.gutter_x: list[int] = []
        self.column_x: list[int] = []
        x = _MARGIN
        for column in range(columns + 1):
            self.gutter_x.append(x)
            x += _EDGE + _LANE * self.lanes.count("gutter", column)
            if column < columns:
                self.column_x.append(x)
                x += _COLUMN_W
        pills = len(self.gateways)
        wanted = pills * _PILL_W + (pills - 1) * _PILL_GAP + 2 * _MARGIN + 40
        self.width = max(x + _MARGIN, wanted)

        y = _MARGIN
        self.internet_y = y
        if self.internet:
            y += _PILL_H + _BAND
        self.gateway_y = y
        self.frame_y = y + (_PILL_H // 2 if pills else 0)
        y = self.frame_y + (_PILL_H // 2 if pills else 4) + _LABEL_H
        self.corridor_y = [y]
        y += _LANE * self.lanes.count("corridor", 0) + 8
        self.zone_y = y
        y += _ZONE_H
        self.row_y: list[int] = []
        self.row_h: list[int] = []
        for row in range(self.rows):
            self.row_y.append(y)
            height = max(
                (
                    _subnet_height(len(places), len(subnet.places) - len(places))
                    for (r, _), (subnet, places) in self.grid.items()
                    if r == row
                ),
                default=_EMPTY,
            )
            self.row_h.append(height)
            y += height
            self.corridor_y.append(y)
            y += 14 + _LANE * self.lanes.count("corridor", row + 1)
        self.zone_h = self.corridor_y[-1] + 8 - self.zone_y
        self.frame_h = y + 4 - self.frame_y
        self.height = self.frame_y + self.frame_h + _MARGIN

    def _pill_x(self, index: int) -> int:
        if index < 0:
            return (self.width - _PILL_W) // 2
        count = len(self.gateways)
        row = count * _PILL_W + (count - 1) * _PILL_GAP
        return (self.width - row) // 2 + index * (_PILL_W + _PILL_GAP)

    def _cell_box(self, cell: Cell) -> tuple[int, int, int, int]:
        x, y = self.column_x[cell.column], self.row_y[cell.row]
        if cell.card < 0:
            return x, y, _COLUMN_W, _HEAD
        return x + _PAD, y + _HEAD + cell.card * (_CARD_H + _CARD_GAP), _CARD_W, _CARD_H

    def _lane(self, lane: tuple[str, int, int]) -> int:
        kind, number, index = lane
        starts = self.gutter_x if kind == "gutter" else self.corridor_y
        return starts[number] + (_EDGE // 2 if kind == "gutter" else 6) + _LANE * index

    # --- the picture --------------------------------------------------------------------------

    def picture(self) -> Picture:
        address = self.vpc.address
        cidrs = ", ".join(map(visible, self.vpc.cidrs))
        return Picture(
            width=self.width,
            height=self.height,
            name=clip(visible(address.label), 40),
            cidrs=clip(cidrs, 40),
            tooltip=_tooltip(address.label, address.id, cidrs),
            frame=(_MARGIN // 2, self.frame_y, self.width - _MARGIN, self.frame_h),
            zones=tuple(
                Zone(
                    self.column_x[column] - 5,
                    self.zone_y,
                    _COLUMN_W + 10,
                    self.zone_h,
                    clip(visible(name), 30),
                    self.zone_more[column],
                )
                for column, name in enumerate(self.zone_names)
            ),
            boxes=tuple(self._boxes()),
            pills=tuple(self._pills()),
            lines=tuple(self._lines()),
            badges=tuple(self._badges()),
            hidden=self.hidden,
        )

    def _tones(self) -> tuple[dict[Anchor, str], dict[Anchor, str]]:
        ends: dict[Anchor, str] = {}
        through: dict[Anchor, str] = {}
        for number, chain in self.chains.items():
            for anchor in chain[:-1]:
                through[anchor] = _worse(through.get(anchor, ""), self.tones[number])
            ends[chain[-1]] = _worse(ends.get(chain[-1], ""), self.tones[number])
        return ends, through

    def _boxes(self) -> Iterator[Box]:
        ends, through = self._tones()
        for (row, column), (subnet, places) in sorted(self.grid.items(), key=lambda item: item[0]):
            cards = []
            for index, place in enumerate(places):
                cell = Cell(row, column, index)
                cards.append(
                    _card(place, self._cell_box(cell), ends.get(cell, ""), through.get(cell, ""))
                )
            yield Box(
                self.column_x[column],
                self.row_y[row],
                _COLUMN_W,
                self.row_h[row],
                clip(visible(subnet.name or subnet.id), 32),
                clip(visible(subnet.cidr), 40),
                _tooltip(subnet.name, subnet.id, subnet.cidr, subnet.route_table),
                subnet.public,
                tuple(cards),
                len(subnet.places) - len(places),
            )

    def _pills(self) -> Iterator[Pill]:
        if self.internet:
            yield Pill(self._pill_x(-1), self.internet_y, _PILL_W, _PILL_H, "", "", True)
        for index, gateway in enumerate(self.gateways):
            yield Pill(
                self._pill_x(index),
                self.gateway_y,
                _PILL_W,
                _PILL_H,
                clip(visible(gateway.label), 24),
                _tooltip(gateway.label, gateway.id, gateway.type),
                False,
            )

    def _lines(self) -> Iterator[Line]:
        if self.internet:
            for index, gateway in enumerate(self.gateways):
                if gateway.type in INTERNET_GATEWAYS:
                    yield Line(rounded(self._between_tops(Top(-1), Top(index), 0, 1)), "plain")
        ports = Ports(self.routes)
        for route in self.routes:
            yield Line(rounded(self._points(route, ports)), route.edge.tone)

    def _points(self, route: Route, ports: Ports) -> list[tuple[int, int]]:
        start, end = route.edge.start, route.edge.end
        if isinstance(start, Top) and isinstance(end, Top):
            return self._between_tops(start, end, *ports.of(end, "", route))
        first = self._port(start, route.start_side, *ports.of(start, route.start_side, route))
        last = self._port(end, route.end_side, *ports.of(end, route.end_side, route))
        points = [first]
        for lane in route.lanes:
            at = self._lane(lane)
            x, y = points[-1]
            points.append((at, y) if lane[0] == "gutter" else (x, at))
        x, y = points[-1]
        # Into a cell a line comes from the side, to a gateway from below.
        points.append((last[0], y) if isinstance(end, Top) else (x, last[1]))
        points.append(last)
        return points

    def _port(self, anchor: Anchor, side: str, index: int, count: int) -> tuple[int, int]:
        """Where line `index` of `count` meets a card's side or a gateway's underside."""
        shift = round((index - (count - 1) / 2) * 8)
        if isinstance(anchor, Top):
            y = self.internet_y if anchor.index < 0 else self.gateway_y
            return self._pill_x(anchor.index) + _PILL_W // 2 + shift, y + _PILL_H
        x, y, w, h = self._cell_box(anchor)
        shift = max(-h // 2 + 4, min(h // 2 - 4, shift))
        return x + (w if side == "right" else 0), y + h // 2 + shift

    def _between_tops(self, start: Top, end: Top, index: int, count: int) -> list[tuple[int, int]]:
        upper, lower = (start, end) if start.index < 0 else (end, start)
        shift = round((index - (count - 1) / 2) * 8)
        x0 = self._pill_x(upper.index) + _PILL_W // 2 + shift
        x1 = self._pill_x(lower.index) + _PILL_W // 2 + shift
        y0 = (self.internet_y if upper.index < 0 else self.gateway_y) + _PILL_H
        y1 = self.gateway_y if upper.index < 0 else self.gateway_y + _PILL_H
        middle = (y0 + y1) // 2 if y0 != y1 else y0 + 8
        points = [(x0, y0), (x0, middle), (x1, middle), (x1, y1)]
        return points if upper == start else points[::-1]

    def _badges(self) -> Iterator[Badge]:
        at: dict[Anchor, int] = {}
        for number, chain in self.chains.items():
            end = chain[-1]
            index = at.setdefault(end, 0)
            at[end] += 1
            if isinstance(end, Top):
                x = self._pill_x(end.index) + _PILL_W
                y = self.internet_y if end.index < 0 else self.gateway_y
            else:
                x, y, w, _ = self._cell_box(end)
                x += w
            yield Badge(x - 8 - 19 * min(index, 8), y - 1, number, self.tones[number])


def _kept(items: list[tuple[T, bool]], limit: int) -> list[T]:
    """The first `limit` items, but every one that a path goes through."""
    room = max(limit - sum(needed for _, needed in items), 0)
    kept = []
    for item, needed in items:
        if needed or room > 0:
            kept.append(item)
            room -= not needed
    return kept


def _on(subnet: DrawnSubnet, on_path: set[str]) -> bool:
    return subnet.id in on_path or any(place.address.id in on_path for place in subnet.places)


def _worse(one: str, other: str) -> str:
    order = ("", "ok", "unknown", "stopped", "fail")
    return max(one, other, key=order.index)


def _subnet_height(cards: int, more: int) -> int:
    body = cards * (_CARD_H + _CARD_GAP) - _CARD_GAP + _PAD if cards else _EMPTY
    return _HEAD + body + (20 if more else 0)


def _card(place: DrawnPlace, box: tuple[int, int, int, int], tone: str, passing: str) -> Card:
    address: Address = place.address
    idle = place.state not in _USUAL_STATES
    facts = [place.state if idle else "", place.private_ip, place.public_ip]
    detail = " · ".join(visible(fact) for fact in facts if fact)
    x, y, w, h = box
    return Card(
        x,
        y,
        w,
        h,
        clip(visible(address.label), 27),
        clip(detail, 33),
        _tooltip(address.label, address.type, address.id, detail, *place.groups),
        _ICONS.get(address.type, "other"),
        tone,
        passing,
        idle,
    )
