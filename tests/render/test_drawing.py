"""The drawn network: where things stand, and that lines do not run through them."""

import itertools
import re
from collections.abc import Iterator

import pytest

from mute_audit.address import Address
from mute_audit.finding import (
    REPORT_SCHEMA,
    Blocker,
    Drawing,
    DrawnPath,
    DrawnPlace,
    DrawnSubnet,
    DrawnVpc,
    DrawnZone,
    Evidence,
    Finding,
    Hop,
    PolicyResult,
    Report,
    Severity,
    SourceInfo,
    Summary,
    Text,
)
from mute_audit.render import drawing
from mute_audit.render.drawing import pictures
from mute_audit.render.marked import marked
from mute_audit.render.picture import Picture
from mute_audit.render.polyline import rounded
from mute_audit.verdict import Verdict


def place(id: str, kind: str = "ec2.instance", state: str = "running") -> DrawnPlace:
    return DrawnPlace(Address(kind, id, f"name-{id}"), "10.0.0.1", "", state)


def grid(zones: int, rows: int, places: int) -> DrawnVpc:
    """Zones `0…`, subnets `s-zone-row` (the upper half public), places `i-zone-row-number`."""
    return DrawnVpc(
        Address("ec2.vpc", "vpc-1", "net"),
        ("10.0.0.0/16",),
        tuple(
            DrawnZone(
                f"zone-{z}",
                tuple(
                    DrawnSubnet(
                        f"s-{z}-{r}",
                        f"subnet-{z}-{r}",
                        "10.0.0.0/24",
                        r < rows / 2,
                        places=tuple(place(f"i-{z}-{r}-{n}") for n in range(places)),
                    )
                    for r in range(rows)
                ),
            )
            for z in range(zones)
        ),
        (
            Address("ec2.internet-gateway", "igw-1", "igw"),
            Address("ec2.transit-gateway", "tgw-1", "tgw"),
        ),
    )


def path(*hops: str, verdict: Verdict = Verdict.FAIL) -> DrawnPath:
    return DrawnPath("p", verdict, "tcp/1", hops)


def report_of(made: Drawing, *policies: PolicyResult) -> Report:
    source = SourceInfo("snapshot", "x")
    return Report(REPORT_SCHEMA, "0", "", source, Summary(), policies, drawing=made)


def draw(made: Drawing) -> tuple[Picture, ...]:
    return pictures(made, marked(report_of(made), {}))


def points(d: str) -> list[tuple[int, int]]:
    """Corners of a line's path data; a rounded corner counts as the corner that it rounds."""
    numbers = re.findall(r"([MLQ])(-?\d+) (-?\d+)(?: (-?\d+) (-?\d+))?", d)
    return [(int(x), int(y)) for _, x, y, *_ in numbers]


def segments(picture: Picture) -> Iterator[tuple[int, int, int, int]]:
    for line in picture.lines:
        for (x0, y0), (x1, y1) in itertools.pairwise(points(line.d)):
            yield min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def area(shape: object) -> tuple[int, int, int, int]:
    return shape.x, shape.y, shape.x + shape.w, shape.y + shape.h


def test_the_stack_is_drawn_with_zones_as_columns_and_public_subnets_on_top(
    changed: Report,
) -> None:
    (picture,) = pictures(changed.drawing, marked(changed, {}))
    assert [zone.name[-1] for zone in picture.zones] == ["a", "b", "c"]
    assert picture.zones[0].x < picture.zones[1].x < picture.zones[2].x
    rows = {box.name: box.y for box in picture.boxes}
    public = {rows[n] for n in rows if "public" in n}
    private = {rows[n] for n in rows if "private" in n}
    assert len(public) == len(private) == 1
    assert max(public) < min(private)
    internet, gateway = picture.pills
    assert internet.internet
    assert (gateway.name, gateway.y > internet.y) == ("hackathon_igw", True)
    cards = {card.name: card for box in picture.boxes for card in box.cards}
    assert len(cards) == 10
    assert cards["hackathon_nat"].icon == "nat"
    assert cards["hackathon-mute-rds"].icon == "database"
    assert cards["hackathon_backend_ai_music"].idle
    assert cards["hackathon_backend_ai_music"].detail == "stopped · 192.168.3.12"
    assert not cards["hackathon_backend_ai"].idle


def test_the_end_of_a_path_is_marked_by_the_worst_verdict_and_by_its_number(
    changed: Report,
) -> None:
    (picture,) = pictures(changed.drawing, marked(changed, {}))
    cards = {card.name: card for box in picture.boxes for card in box.cards}
    assert cards["hackathon-mute-rds"].tone == "fail"
    assert cards["hackathon_backend_nestjs"].tone == "unknown"
    assert cards["hackathon_frontend_nginx"].tone == ""
    assert cards["hackathon_frontend_nginx"].passing == "fail"
    assert cards["hackathon_jenkins_agent"].tone == ""
    assert [(badge.number, badge.tone) for badge in picture.badges] == [
        (1, "fail"),
        (2, "fail"),
        (3, "unknown"),
    ]


def test_a_path_runs_over_its_hops_in_order(changed: Report) -> None:
    """Internet, gateway, frontend_nginx, then on to the database: three arrows."""
    only = Drawing(changed.drawing.vpcs, changed.drawing.paths[:1])
    (picture,) = draw(only)
    lines = [points(line.d) for line in picture.lines if line.tone == "fail"]
    assert len(lines) == 3
    cards = {card.name: card for box in picture.boxes for card in box.cards}
    nginx, rds = cards["hackathon_frontend_nginx"], cards["hackathon-mute-rds"]
    internet, gateway = picture.pills
    assert lines[0][0][1] == internet.y + internet.h
    assert lines[0][-1][1] == gateway.y
    assert lines[1][0][1] == gateway.y + gateway.h
    assert lines[1][-1] == (nginx.x, nginx.y + nginx.h // 2)
    assert lines[2][0] == (nginx.x + nginx.w, nginx.y + nginx.h // 2)
    assert lines[2][-1] == (rds.x + rds.w, rds.y + rds.h // 2)


ENDS = [
    "internet",
    "igw-1",
    "tgw-1",
    "s-1-1",
    "i-0-0-0",
    "i-0-1-1",
    "i-1-0-1",
    "i-2-3-0",
    "i-3-2-1",
]


@pytest.mark.parametrize("pair", list(itertools.permutations(ENDS, 2)), ids="-".join)
def test_no_line_runs_through_a_card_or_out_of_the_picture(pair: tuple[str, str]) -> None:
    others = (path("internet", "igw-1", "i-2-0-0"), path("i-0-0-1", "i-3-3-1"))
    (picture,) = draw(Drawing((grid(4, 4, 2),), (path(*pair), *others)))
    cards = [card for box in picture.boxes for card in box.cards]
    for segment in segments(picture):
        for card in cards:
            assert not overlap(segment, area(card)), (segment, card.name)
        assert segment[0] >= 0
        assert segment[1] >= 0
        assert segment[2] <= picture.width
        assert segment[3] <= picture.height


@pytest.mark.parametrize("zones", [1, 3, 6])
@pytest.mark.parametrize("rows", [1, 4])
@pytest.mark.parametrize("places", [0, 1, 5])
def test_nothing_overlaps_and_everything_lies_in_its_box(
    zones: int, rows: int, places: int
) -> None:
    (picture,) = draw(Drawing((grid(zones, rows, places),)))
    assert len(picture.boxes) == zones * rows
    for one, other in itertools.combinations(picture.boxes, 2):
        assert not overlap(area(one), area(other))
    x, y, w, h = picture.frame
    for box in picture.boxes:
        assert x <= box.x
        assert y <= box.y
        assert box.x + box.w <= x + w
        assert box.y + box.h <= y + h
        for one, other in itertools.combinations(box.cards, 2):
            assert not overlap(area(one), area(other))
        for card in box.cards:
            assert box.x < card.x
            assert card.x + card.w < box.x + box.w
            assert box.y < card.y
            assert card.y + card.h < box.y + box.h


def test_lines_of_different_paths_never_lie_on_each_other() -> None:
    """Between the columns, every source has a lane of its own."""
    paths = (
        path("i-0-0-0", "i-1-3-0"),
        path("i-0-1-0", "i-1-2-0"),
        path("i-0-2-0", "i-1-1-0"),
        path("igw-1", "i-1-3-1"),
        path("tgw-1", "i-1-2-1", verdict=Verdict.UNKNOWN),
    )
    (picture,) = draw(Drawing((grid(2, 4, 2),), paths))
    upright: dict[int, list[tuple[int, int]]] = {}
    for x0, y0, x1, y1 in segments(picture):
        if x0 == x1 and y1 - y0 > 20:
            for low, high in upright.get(x0, []):
                assert y1 <= low or high <= y0
            upright.setdefault(x0, []).append((y0, y1))
    assert len(upright) >= 5


def test_paths_that_share_their_beginning_share_its_line() -> None:
    one = Drawing((grid(3, 2, 2),), (path("internet", "igw-1", "i-2-0-0"),))
    many = Drawing(
        (grid(3, 2, 2),),
        tuple(path("internet", "igw-1", f"i-2-{row}-{n}") for row in (0, 1) for n in (0, 1)),
    )
    first, second = draw(one)[0], draw(many)[0]
    assert (first.width, first.height) == (second.width, second.height)
    assert len(second.lines) - len(first.lines) == 3


def test_a_subnet_on_a_path_is_an_end_only_where_nothing_in_it_is() -> None:
    inside = draw(Drawing((grid(2, 2, 1),), (path("tgw-1", "s-1-1", "i-1-1-0"),)))[0]
    alone = draw(Drawing((grid(2, 2, 1),), (path("tgw-1", "s-1-1"),)))[0]
    assert sum(line.tone == "fail" for line in inside.lines) == 1
    box = next(box for box in alone.boxes if box.name == "subnet-1-1")
    assert points(alone.lines[-1].d)[-1][0] == box.x


def test_a_resource_in_two_subnets_is_marked_in_the_one_that_the_path_names() -> None:
    shared = place("lb", "elbv2.load-balancer")
    zones = tuple(
        DrawnZone(
            f"z{n}", (DrawnSubnet(f"s-{n}", f"s-{n}", "10.0.0.0/24", True, places=(shared,)),)
        )
        for n in range(2)
    )
    vpc = DrawnVpc(
        Address("ec2.vpc", "vpc-1"), (), zones, (Address("ec2.internet-gateway", "igw"),)
    )
    (picture,) = draw(Drawing((vpc,), (path("internet", "igw", "s-1", "lb"),)))
    assert [card.tone for box in picture.boxes for card in box.cards] == ["", "fail"]


def test_a_path_that_crosses_the_internet_gateway_begins_or_ends_on_the_internet() -> None:
    made = Drawing(
        (grid(1, 1, 1),),
        (path("igw-1", "i-0-0-0"), path("tgw-1", "i-0-0-0"), path("i-0-0-0", "igw-1")),
    )
    names = {"i-0-0-0": "web"}
    found = marked(report_of(made), names)
    assert [(each.source, each.target) for each in found] == [
        ("internet", "web"),
        ("tgw-1", "web"),
        ("web", "internet"),
    ]
    assert [each.hops[0] for each in found] == ["internet", "tgw-1", "i-0-0-0"]
    assert found[2].hops == ("i-0-0-0", "igw-1", "internet")


@pytest.mark.parametrize("blocked", [True, False])
def test_a_path_that_should_work_and_is_stopped_is_not_drawn_as_an_open_one(blocked: bool) -> None:
    stopper = (Blocker("host", "i-0-0-0", "stopped"),) if blocked else ()
    finding = Finding.build(
        policy="p",
        verdict=Verdict.FAIL,
        severity=Severity.LOW,
        code="reach.missing",
        resource=Address("ec2.instance", "i-0-0-0"),
        evidence=Evidence(path=(Hop("a", "tgw-1"), Hop("b", "i-0-0-0")), blockers=stopper),
    )
    policy = PolicyResult("p", Text("t"), Severity.LOW, "reach", Verdict.FAIL, 1, (finding,))
    made = Drawing((grid(1, 1, 1),), (path("tgw-1", "i-0-0-0"),))
    report = report_of(made, policy)
    tone = "stopped" if blocked else "fail"
    assert [each.tone for each in marked(report, {})] == [tone]
    (picture,) = pictures(made, marked(report, {}))
    assert [line.tone for line in picture.lines if line.tone != "plain"] == [tone]


def test_a_line_that_stands_for_several_findings_names_them_all() -> None:
    """Both are stopped in the same subnet, so that one line is drawn for the two."""
    findings = tuple(
        Finding.build(
            policy="p",
            verdict=Verdict.FAIL,
            severity=Severity.LOW,
            code="reach.required",
            resource=Address("ec2.instance", name),
            params={"source": "proxy", "target": name},
            evidence=Evidence(
                path=(Hop("instance", "i-0-0-0"), Hop("subnet", "subnet-0-0")),
                blockers=(Blocker("network-acl", "acl-1", "denies"),),
            ),
        )
        for name in ("first", "second")
    )
    policy = PolicyResult("p", Text("t"), Severity.LOW, "reach", Verdict.FAIL, 2, findings)
    made = Drawing((grid(1, 1, 1),), (path("i-0-0-0", "subnet-0-0"),))
    (line,) = marked(report_of(made, policy), {})
    assert (line.source, line.target, line.tone) == ("proxy", "first, second", "stopped")


def test_hops_that_are_not_drawn_are_passed_over() -> None:
    paths = (path("nowhere", "igw-1", "eni-9", "i-0-0-0"), path("nowhere", "neither"))
    (picture,) = draw(Drawing((grid(1, 1, 1),), paths))
    assert sum(line.tone == "fail" for line in picture.lines) == 1
    assert [badge.number for badge in picture.badges] == [1]


def test_a_path_through_another_vpc_leaves_no_mark_here() -> None:
    other = DrawnVpc(
        Address("ec2.vpc", "vpc-2"), (), (), (Address("ec2.internet-gateway", "igw-2"),)
    )
    both = Drawing((grid(1, 1, 1), other), (path("internet", "igw-1", "i-0-0-0"),))
    first, second = draw(both)
    assert len(first.badges) == 1
    assert second.badges == ()
    assert all(line.tone == "plain" for line in second.lines)


def test_a_large_estate_is_cut_counted_and_keeps_what_paths_go_through() -> None:
    vpc = grid(12, 20, 40)
    target = "i-11-19-39"
    (picture,) = draw(Drawing((vpc,), (path("internet", "igw-1", target),)))
    assert len(picture.zones) == drawing.MAX_ZONES
    assert picture.hidden == 12 - drawing.MAX_ZONES
    assert len(picture.boxes) == drawing.MAX_ZONES * drawing.MAX_SUBNETS
    assert {zone.more for zone in picture.zones} == {20 - drawing.MAX_SUBNETS}
    assert {box.more for box in picture.boxes} == {40 - drawing.MAX_PLACES}
    tones = [card.tone for box in picture.boxes for card in box.cards]
    assert tones.count("fail") == 1


def test_only_so_many_vpcs_are_drawn_but_always_the_one_with_a_path() -> None:
    def vpc(n: int) -> DrawnVpc:
        subnet = DrawnSubnet(f"s-{n}", "", "", True, places=(place(f"i-{n}"),))
        return DrawnVpc(Address("ec2.vpc", f"vpc-{n}"), (), (DrawnZone("a", (subnet,)),))

    every = tuple(vpc(n) for n in range(40))
    made = draw(Drawing(every, (path("i-39", "s-39"),)))
    assert len(made) == drawing.MAX_VPCS
    assert made[-1].name == "vpc-39"


def test_a_vpc_without_subnets_or_gateways_is_still_a_picture() -> None:
    (picture,) = draw(Drawing((DrawnVpc(Address("ec2.vpc", "vpc-1")),)))
    assert picture.pills == ()
    assert picture.boxes == ()
    assert picture.width > 100
    assert picture.height > 40


def test_corners_are_rounded_and_straight_lines_have_none() -> None:
    assert rounded([(0, 0), (10, 0), (20, 0)]) == "M0 0L20 0"
    assert rounded([(0, 0), (20, 0), (20, 20)]) == "M0 0L14 0Q20 0 20 6L20 20"
    assert rounded([(0, 0), (4, 0), (4, 20)]) == "M0 0L2 0Q4 0 4 2L4 20"
    assert rounded([(5, 5), (5, 5)]) == "M5 5"
