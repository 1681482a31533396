"""Route tables, as the packet tracer reads them: pairs that differ in one fact."""

from __future__ import annotations

from typing import Any

import pytest
from both import both
from estate import ANYWHERE, Estate, Host, Table, Vpc
from tracing import ask, ids, notes, stops, verdict

from mute_audit.verdict import Truth

YES, NO, UNKNOWN = "reachable", "unreachable", "unknown"
OUT = "internet:8.8.8.8"


def with_ways_out() -> tuple[Estate, Vpc, Table, dict[str, Any]]:
    """A host in a subnet with a table of its own; an internet gateway and a NAT gateway."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    public = vpc.subnet("public", "10.0.0.0/24", routes={ANYWHERE: igw})
    nat = public.nat(public="3.0.0.200")
    table = vpc.table("own")
    own = vpc.subnet("own", "10.0.1.0/24", table=table)
    own.instance("a", "10.0.1.10", public="3.0.0.1")
    return estate, vpc, table, {"igw": igw, "nat": nat, "public": public}


def test_n22_subnet_without_a_table_uses_the_main_table() -> None:
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    vpc.main.add(ANYWHERE, igw)
    vpc.subnet("plain", "10.0.1.0/24").instance("a", "10.0.1.10", public="3.0.0.1")
    closed = vpc.subnet("closed", "10.0.2.0/24", routes={})
    closed.instance("b", "10.0.2.10", public="3.0.0.2")
    trace = ask(estate, "i-a", OUT)
    assert trace.verdict == YES
    assert "rtb-main-v:0.0.0.0/0" in trace.rules
    assert stops(ask(estate, "i-b", OUT)) == ["route-table no-route"]


@pytest.mark.parametrize(("cidrs", "expected"), [(1, NO), (2, YES)])
def test_n23_secondary_cidr_has_a_local_route(cidrs: int, expected: str) -> None:
    estate = Estate()
    vpc = estate.vpc("v", *["10.0.0.0/16", "10.9.0.0/16"][:cidrs])
    vpc.subnet("one", "10.0.1.0/24").instance("a", "10.0.1.10")
    vpc.subnet("two", "10.9.1.0/24").instance("b", "10.9.1.10")
    assert verdict(estate, "i-a", "i-b") == expected


def test_n23_ipv6_has_routes_of_its_own() -> None:
    """A default route for IPv4 does not carry IPv6."""

    def build(*destinations: str) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16", six="2001:db8:1::/56")
        igw = vpc.internet_gateway()
        table = dict.fromkeys(destinations, igw)
        subnet = vpc.subnet("s", "10.0.1.0/24", six="2001:db8:1:1::/64", routes=table)
        subnet.instance("a", "10.0.1.10", six=["2001:db8:1:1::a"], public="3.0.0.1")
        return estate

    assert verdict(build(ANYWHERE, "::/0"), "i-a", "internet:2606:4700::1") == YES
    assert stops(ask(build(ANYWHERE), "i-a", "internet:2606:4700::1")) == ["route-table no-route"]
    assert verdict(build("::/0"), "i-a", OUT) == NO


def test_n24_longest_prefix_wins() -> None:
    estate, _, table, ways = with_ways_out()
    table.add(ANYWHERE, ways["nat"]).add("8.8.8.0/24", ways["igw"])
    assert "nat-nat" not in ids(ask(estate, "i-a", OUT))
    assert "nat-nat" in ids(ask(estate, "i-a", "internet:9.9.9.9"))


def test_n24_static_beats_propagated_and_list_is_between() -> None:
    """Three routes for one destination, of one length; take the best one away and see."""
    estate, vpc, table, ways = with_ways_out()
    vgw = vpc.vpn_gateway()
    listed = estate.prefix_list("eight", "8.8.8.0/24")
    propagated = "EnableVgwRoutePropagation"
    table.add("8.8.8.0/24", ways["igw"])
    table.add(listed, ways["nat"])
    table.add("8.8.8.0/24", vgw, Origin=propagated)
    assert ids(ask(estate, "i-a", OUT))[-1] == "igw-v"
    assert "nat-nat" not in ids(ask(estate, "i-a", OUT))
    table.json["Routes"] = [r for r in table.json["Routes"] if r.get("GatewayId") != "igw-v"]
    assert "nat-nat" in ids(ask(estate, "i-a", OUT))
    table.json["Routes"] = [r for r in table.json["Routes"] if "NatGatewayId" not in r]
    assert ids(ask(estate, "i-a", OUT))[-1] == "vgw-v"


@pytest.mark.parametrize(
    ("origin", "expected"), [("EnableVgwRoutePropagation", YES), ("CreateRoute", NO)]
)
def test_n25_local_route_beats_a_more_specific_propagated_one(origin: str, expected: str) -> None:
    """A static route would take the packet away, a propagated one does not."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    vgw = vpc.vpn_gateway()
    one = vpc.subnet("one", "10.0.1.0/24", routes={})
    vpc.subnet("two", "10.0.2.0/24").instance("b", "10.0.2.10")
    one.instance("a", "10.0.1.10")
    estate.items["RouteTables"][1]["Routes"].append(
        {
            "DestinationCidrBlock": "10.0.2.0/24",
            "GatewayId": vgw.id,
            "Origin": origin,
            "State": "active",
        }
    )
    assert verdict(estate, "i-a", "i-b") == expected


def middlebox(check: bool, *, target: str = "10.0.2.0/24") -> tuple[Estate, Host]:
    """Traffic from subnet one to subnet two is sent to an appliance in subnet three."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    box_at = vpc.subnet("three", "10.0.3.0/24")
    box = box_at.instance("box", "10.0.3.10", SourceDestCheck=check)
    one = vpc.subnet("one", "10.0.1.0/24", routes={target: box.interface})
    two = vpc.subnet("two", "10.0.2.0/24")
    one.instance("a", "10.0.1.10")
    two.instance("b", "10.0.2.10")
    return estate, box


def test_n26_route_for_a_whole_subnet_beats_local() -> None:
    """The packet goes to the appliance; without that route it goes straight."""
    estate, _ = middlebox(check=True)
    assert stops(ask(estate, "i-a", "i-b")) == ["host source-dest-check"]
    assert ids(ask(estate, "i-a", "i-b")) == ["i-a", "subnet-one", "subnet-three", "i-box"]
    other, _ = middlebox(check=True, target="10.0.9.0/24")
    assert verdict(other, "i-a", "i-b") == YES


def test_n26_target_of_the_local_route_can_be_replaced() -> None:
    estate, box = middlebox(check=True, target="10.0.9.0/24")
    assert verdict(estate, "i-a", "i-b") == YES
    table = next(t for t in estate.items["RouteTables"] if t["RouteTableId"] == "rtb-one")
    del table["Routes"][0]["GatewayId"]
    table["Routes"][0]["NetworkInterfaceId"] = box.interface
    assert stops(ask(estate, "i-a", "i-b")) == ["host source-dest-check"]


def test_n27_overlapping_prefix_lists_with_different_targets_are_unknown() -> None:
    def build(other: str) -> Estate:
        estate, _, table, ways = with_ways_out()
        table.add(estate.prefix_list("one", "8.8.8.0/24"), ways["igw"])
        table.add(estate.prefix_list("two", "8.8.8.0/25"), ways[other], State="blackhole")
        return estate

    estate, _, table, ways = with_ways_out()
    table.add(estate.prefix_list("one", "8.8.8.0/24"), ways["igw"])
    assert verdict(estate, "i-a", OUT) == YES
    trace = ask(build("nat"), "i-a", OUT)
    assert trace.verdict == UNKNOWN
    assert "at random" in trace.gaps[0].why


def test_n28_blackhole_does_not_fall_through_to_a_shorter_prefix() -> None:
    estate, _, table, ways = with_ways_out()
    table.add(ANYWHERE, ways["igw"])
    assert verdict(estate, "i-a", OUT) == YES
    table.add("8.8.0.0/16", "nat-gone", State="blackhole")
    trace = ask(estate, "i-a", OUT)
    assert stops(trace) == ["route-table blackhole"]
    assert "rtb-own:8.8.0.0/16" in trace.blocked_by[0].detail
    assert verdict(estate, "i-a", "internet:9.9.9.9") == YES


def test_n28_blackhole_whose_target_is_still_there_is_latent() -> None:
    estate, _, table, ways = with_ways_out()
    table.add(ANYWHERE, ways["nat"], State="blackhole")
    trace = ask(estate, "i-a", OUT)
    assert stops(trace) == ["route-table blackhole"]
    assert notes(trace) == {"latent"}
    assert ids(trace) == ["i-a", "subnet-own"]


def test_n29_edge_table_takes_what_comes_in_to_an_appliance() -> None:
    """Without the table the host is reached; with it the appliance has the packet."""

    def build(edge: bool) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16")
        igw = vpc.internet_gateway()
        box = vpc.subnet("box", "10.0.9.0/24").instance("box", "10.0.9.10")
        web = vpc.subnet("web", "10.0.1.0/24", routes={ANYWHERE: igw})
        web.instance("a", "10.0.1.10", public="3.0.0.1")
        if edge:
            vpc.table("edge", {"10.0.1.0/24": box.interface}).use(igw)
        return estate

    assert verdict(build(False), OUT, "3.0.0.1") == YES
    trace = ask(build(True), OUT, "3.0.0.1")
    assert ids(trace) == ["igw-v", "subnet-box", "i-box"]
    assert stops(trace) == ["host source-dest-check"]


def test_tables_that_are_not_described_are_a_gap() -> None:
    estate, _, _, _ = with_ways_out()
    estate.fail("RouteTables")
    trace = ask(estate, "i-a", OUT)
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].what == "ec2:DescribeRouteTables"


def test_active_route_to_a_gateway_that_is_not_described_is_unknown() -> None:
    estate, _, table, _ = with_ways_out()
    table.add(ANYWHERE, "nat-unseen")
    trace = ask(estate, "i-a", OUT)
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].what == "nat-unseen"


def test_uncollected_list_in_a_route_is_unknown_only_where_it_may_match() -> None:
    """The list of a gateway endpoint holds public addresses: a private one is not in it."""
    estate, vpc, table, ways = with_ways_out()
    table.add(ANYWHERE, ways["igw"])
    vpc.subnet("two", "10.0.2.0/24").instance("b", "10.0.2.10")
    endpoint = vpc.endpoint("s3")
    table.add(estate.prefix_list("s3", collected=False), endpoint)
    assert verdict(estate, "i-a", "i-b") == YES
    # Either way out it arrives: by the gateway, or at the service.
    assert verdict(estate, "i-a", OUT) == YES
    table.json["Routes"] = [r for r in table.json["Routes"] if r.get("GatewayId") != "igw-v"]
    trace = ask(estate, "i-a", OUT)
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].where == "pl-s3"


def test_kind_of_target_that_is_not_modelled_is_a_gap() -> None:
    estate, _, table, _ = with_ways_out()
    table.add(ANYWHERE, "lgw-1")
    table.json["Routes"][-1] = {
        "DestinationCidrBlock": ANYWHERE,
        "LocalGatewayId": "lgw-1",
        "Origin": "CreateRoute",
        "State": "active",
    }
    trace = ask(estate, "i-a", OUT)
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].what == "route to lgw-1"


def test_routes_that_go_in_a_circle_end() -> None:
    """Two appliances that send everything to each other."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    one, two = vpc.table("one"), vpc.table("two")
    a = vpc.subnet("a", "10.0.1.0/24", table=one).instance("a", "10.0.1.10", SourceDestCheck=False)
    b = vpc.subnet("b", "10.0.2.0/24", table=two).instance("b", "10.0.2.10", SourceDestCheck=False)
    vpc.subnet("c", "10.0.3.0/24").instance("c", "10.0.3.10")
    one.add("10.0.3.0/24", b.interface)
    two.add("10.0.3.0/24", a.interface)
    trace = ask(estate, "i-a", "i-c")
    assert trace.verdict == NO
    assert "route-table routing-loop" in stops(trace)


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        (("10.0.2.0/24",), Truth.YES),  # inside the VPC: ignored
        (("10.0.0.0/8",), Truth.YES),  # wider than local
        (None, Truth.YES),  # not collected, and still local
    ],
)
def test_n24_a_prefix_list_never_takes_what_is_local(
    entries: tuple[str, ...] | None, found: Truth
) -> None:
    """An entry more specific than the VPC's network is ignored; any other is a shorter prefix."""
    estate, pcx = with_peer(entries)
    assert both(estate, "i-a", "i-b", "tcp/22") is found
    assert pcx


@pytest.mark.parametrize(
    ("entries", "found"),
    [(("10.9.0.0/16",), Truth.YES), (("10.8.0.0/16",), Truth.NO), (None, Truth.UNKNOWN)],
)
def test_n10_a_list_that_was_not_collected_may_hold_what_is_not_local(
    entries: tuple[str, ...] | None, found: Truth
) -> None:
    """The way to the peer is by the list alone."""
    estate, _ = with_peer(entries)
    assert both(estate, "i-a", "i-far", "tcp/22") is found


def with_peer(entries: tuple[str, ...] | None) -> tuple[Estate, Any]:
    """A route by prefix list to a peer, beside the local route."""
    estate = Estate()
    vpc, far = estate.vpc("v", "10.0.0.0/16"), estate.vpc("far", "10.9.0.0/16")
    pcx = estate.peering("x", vpc, far)
    names = estate.prefix_list("x", *(entries or ()), collected=entries is not None)
    one = vpc.subnet("one", "10.0.1.0/24", routes={names: pcx})
    one.instance("a", "10.0.1.10")
    vpc.subnet("two", "10.0.2.0/24").instance("b", "10.0.2.10")
    beyond = far.subnet("far", "10.9.1.0/24", routes={"10.0.0.0/16": pcx})
    beyond.instance("far", "10.9.1.10")
    return estate, pcx


@pytest.mark.parametrize(("to", "found"), [("203.0.113.5", Truth.UNKNOWN), ("10.7.0.5", Truth.NO)])
def test_n45_a_list_that_was_not_collected_holds_public_addresses_of_a_service(
    to: str, found: Truth
) -> None:
    """The list of a gateway endpoint: any address on the internet may be in it, no private one."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    names = estate.prefix_list("s3", collected=False)
    one = vpc.subnet("one", "10.0.1.0/24", routes={names: vpc.endpoint("s3")})
    one.instance("a", "10.0.1.10")
    assert both(estate, "i-a", to, "tcp/443") is found
