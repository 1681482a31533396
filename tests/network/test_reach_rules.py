"""The set engine, rule by rule: each test is a pair of estates that differ in one fact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from both import both
from estate import ANYWHERE, ANYWHERE6, Estate, Host, Subnet, Vpc, route

from mute_audit.errors import DisagreementError
from mute_audit.network.addresses import AddressSet
from mute_audit.network.places import INTERNET, Place
from mute_audit.network.reach import Flow, Reach
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth


def flows(estate: Estate, source: str, target: str, port: str, *others: Estate) -> list[Flow]:
    reach = Reach(estate.inventory(*others))
    every = {place.address.id: place for place in reach.everything()}

    def find(name: str) -> Place:
        return INTERNET if name == "internet" else every.get(name) or reach.directory.resolve(name)

    found = reach.flows((find(source),), (find(target),), Traffic.parse(port))
    for flow in found:
        if flow.truth is Truth.YES:
            assert reach.prove(flow).witness is not None
    return list(found)


def says(estate: Estate, source: str, target: str, port: str, *others: Estate) -> Truth:
    """Whether any of the traffic gets through; every YES is replayed by the tracer."""
    truths = {flow.truth for flow in flows(estate, source, target, port, *others)}
    if Truth.YES in truths:
        return Truth.YES
    return Truth.UNKNOWN if truths else Truth.NO


def two_vpcs(estate: Estate, far: Estate | None = None) -> tuple[Vpc, Vpc, Subnet, Subnet]:
    a = estate.vpc("a", "10.0.0.0/16")
    b = (far or estate).vpc("b", "10.1.0.0/16")
    return a, b, a.subnet("a", "10.0.0.0/24", routes={}), b.subnet("b", "10.1.0.0/24", routes={})


# --- groups -----------------------------------------------------------------------------------


@pytest.mark.parametrize("active", [True, False])
def test_n6_n7_references_cross_an_active_peering_unless_stale(active: bool) -> None:
    """The rule names the peer's group; marked as stale it matches nothing."""
    estate = Estate()
    a, b, one, two = two_vpcs(estate)
    pcx = estate.peering("ab", a, b)
    estate.items["RouteTables"][1]["Routes"].append(route("10.1.0.0/16", pcx))
    for table in estate.items["RouteTables"]:
        if table["VpcId"] == "vpc-b":
            table["Routes"].append(route("10.0.0.0/16", pcx))
        elif table["RouteTableId"] == "rtb-a":
            table["Routes"] = [route("10.0.0.0/16", "local"), route("10.1.0.0/16", pcx)]
    clients = a.group("clients")
    peer = {"GroupId": clients.id, "PeeringStatus": "active" if active else "deleted"}
    one.instance("c", "10.0.0.10", groups=[clients])
    two.instance("s", "10.1.0.10", groups=[b.group("s", [("tcp/5432", peer)])])
    assert says(estate, "i-c", "i-s", "tcp/5432") is Truth.of(active)


@pytest.mark.parametrize("option", [True, False])
def test_n8_references_over_a_transit_gateway_need_the_option(option: bool) -> None:
    """With the option on at the gateway and both attachments the reference is seen."""
    estate, a, b, one, two = joined(references=option)
    clients = a.group("clients")
    one.instance("c", "10.0.0.10", groups=[clients])
    two.instance("s", "10.1.0.10", groups=[b.group("s", [("tcp/22", clients)])])
    assert says(estate, "i-c", "i-s", "tcp/22") is Truth.of(option)


def joined(*, references: bool = False) -> tuple[Estate, Vpc, Vpc, Subnet, Subnet]:
    """Two VPCs on one transit gateway, with routes both ways."""
    estate = Estate()
    gateway = estate.transit_gateway("t", references=references)
    table = gateway.table("t")
    a = estate.vpc("a", "10.0.0.0/16")
    b = estate.vpc("b", "10.1.0.0/16")
    one = a.subnet("a", "10.0.0.0/24", routes={"10.1.0.0/16": gateway})
    two = b.subnet("b", "10.1.0.0/24", routes={"10.0.0.0/16": gateway})
    table.propagate(gateway.attach(a, one, table=table), gateway.attach(b, two, table=table))
    return estate, a, b, one, two


@pytest.mark.parametrize("collected", [True, False])
def test_n10_a_list_that_was_not_collected_leaves_the_rule_open(collected: bool) -> None:
    """The list holds the client; without its entries it may or may not."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    names = estate.prefix_list("a", "10.0.0.0/28", collected=collected)
    subnet = vpc.subnet("a", "10.0.0.0/24")
    subnet.instance("c", "10.0.0.10")
    subnet.instance("s", "10.0.0.20", groups=[vpc.group("s", [("tcp/22", names)])])
    assert says(estate, "i-c", "i-s", "tcp/22") is (Truth.YES if collected else Truth.UNKNOWN)
    assert says(estate, "i-c", "i-s", "tcp/23") is (Truth.NO)


# --- ACLs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["allow", "deny"])
def test_n16_the_first_matching_entry_wins(first: str) -> None:
    """The same two entries; the lower number decides."""
    estate, _, other = crossing()
    second = "deny" if first == "allow" else "allow"
    rows = [(10, first, "tcp/22", ANYWHERE), (20, second, "tcp/22", ANYWHERE)]
    other.vpc.acl("x", ingress=rows, subnets=[other])
    assert says(estate, "i-c", "i-s", "tcp/22") is Truth.of(first == "allow")


def crossing() -> tuple[Estate, Subnet, Subnet]:
    """A client and a server in two subnets of a VPC."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    one, two = vpc.subnet("one", "10.0.0.0/24"), vpc.subnet("two", "10.0.1.0/24")
    one.instance("c", "10.0.0.10")
    two.instance("s", "10.0.1.10")
    return estate, one, two


def test_n17_no_acl_inside_a_subnet() -> None:
    """A closed ACL stops what crosses its border, and nothing else."""
    estate, one, two = crossing()
    two.instance("near", "10.0.1.11")
    two.vpc.acl("shut", ingress=[], egress=[], subnets=[two])
    assert says(estate, "i-c", "i-s", "tcp/22") is Truth.NO
    assert says(estate, "i-near", "i-s", "tcp/22") is Truth.YES
    assert one.id == "subnet-one"


@pytest.mark.parametrize(
    ("back", "tcp"), [("tcp/1024-65535", True), ("tcp/1024-1030", True), ("tcp/22", False)]
)
def test_n18_tcp_needs_a_way_back_to_some_ephemeral_port(back: str, tcp: bool) -> None:
    """A part of the range will do, a port that is not in it will not; UDP does not ask."""
    estate, _, two = crossing()
    two.vpc.acl("x", egress=[(10, "allow", back, ANYWHERE)], subnets=[two])
    assert says(estate, "i-c", "i-s", "tcp/22") is Truth.of(tcp)
    assert says(estate, "i-c", "i-s", "udp/53") is Truth.YES


@pytest.mark.parametrize("cidr", [ANYWHERE6, ANYWHERE])
def test_n20_ipv6_entries_are_a_list_of_their_own(cidr: str) -> None:
    """An IPv4 entry lets no IPv6 in."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16", six="2600:1f00::/56")
    one = vpc.subnet("one", "10.0.0.0/24", six="2600:1f00::/64")
    two = vpc.subnet("two", "10.0.1.0/24", six="2600:1f00:0:1::/64")
    one.instance("c", "10.0.0.10", six=["2600:1f00::10"])
    two.instance("s", "10.0.1.10", six=["2600:1f00:0:1::10"])
    both = [(10, "allow", "all", cidr)]
    two.vpc.acl("x", ingress=both, egress=both, subnets=[two])
    found = {way.version for flow in flows(estate, "i-c", "i-s", "tcp/22") for way in flow.ways}
    assert found == ({6} if cidr == ANYWHERE6 else {4})


# --- routes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("same", [True, False])
def test_n27_overlapping_prefix_lists_with_two_targets_are_unknown(same: bool) -> None:
    """Both lists hold the destination; it can be told only where they lead to one target."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    one, two = estate.prefix_list("one", "8.8.8.0/24"), estate.prefix_list("two", "8.8.0.0/16")
    igw = vpc.internet_gateway()
    nat = vpc.subnet("n", "10.0.9.0/24", routes={}).nat()
    subnet = vpc.subnet("a", "10.0.0.0/24", routes={one: igw, two: igw if same else nat})
    subnet.instance("c", "10.0.0.10", public="3.0.0.1")
    found = says(estate, "i-c", "internet:8.8.8.8", "tcp/443")
    assert found is (Truth.YES if same else Truth.UNKNOWN)


@pytest.mark.parametrize("check", [True, False])
def test_n29_n54_an_edge_table_leads_through_a_host_that_may_pass_on(check: bool) -> None:
    """With the check on the host drops what is not its own; off, it cannot be told."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    middle = vpc.subnet("m", "10.0.1.0/24", routes={"0.0.0.0/0": igw})
    box = middle.instance("box", "10.0.1.10", SourceDestCheck=check)
    inner = vpc.subnet("s", "10.0.0.0/24", routes={"0.0.0.0/0": box.interface})
    inner.instance("s", "10.0.0.10", public="3.0.0.1")
    vpc.table("edge", {"10.0.0.0/24": box.interface}).use(igw)
    found = says(estate, "internet", "i-s", "tcp/443")
    assert found is (Truth.NO if check else Truth.UNKNOWN)


# --- gateways ---------------------------------------------------------------------------------


def public_host(*, public: str = "3.0.0.1", way: bool = True) -> tuple[Estate, Vpc, Subnet, Host]:
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    subnet = vpc.subnet("a", "10.0.0.0/24", routes={"0.0.0.0/0": igw} if way else {})
    return estate, vpc, subnet, subnet.instance("s", "10.0.0.10", public=public)


@pytest.mark.parametrize(
    ("public", "way", "found"),
    [("3.0.0.1", True, True), ("", True, False), ("3.0.0.1", False, False)],
)
def test_n31_n32_in_needs_a_public_address_and_a_route(public: str, way: bool, found: bool) -> None:
    """Take either away, and nothing gets in."""
    estate, *_ = public_host(public=public, way=way)
    assert says(estate, "internet", "i-s", "tcp/443") is Truth.of(found)


@pytest.mark.parametrize("by", ["group", "cidr"])
def test_n34_a_hairpin_shows_the_public_address(by: str) -> None:
    """To the public address of a neighbour: a reference fails, its public address as CIDR works."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    one = vpc.subnet("one", "10.0.0.0/24", routes={"0.0.0.0/0": igw})
    clients = vpc.group("clients")
    one.instance("c", "10.0.0.10", groups=[clients], public="3.0.0.1")
    peer = clients if by == "group" else "3.0.0.1/32"
    one.instance("s", "10.0.0.20", groups=[vpc.group("s", [("tcp/22", peer)])], public="3.0.0.2")
    found = flows(estate, "i-c", "i-s", "tcp/22")
    there = [flow.destinations for flow in found if flow.truth is Truth.YES]
    goal = "10.0.0.20" if by == "group" else "3.0.0.2"
    assert there == [AddressSet.parse(goal)]


@pytest.mark.parametrize("allowed", ["3.0.0.9/32", "3.0.0.8/31"])
def test_n35_who_sends_by_a_nat_gateway_is_not_on_the_internet(allowed: str) -> None:
    """A rule for the gateway's address lets in those behind it; one address more, a stranger."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    front = vpc.subnet("f", "10.0.0.0/24", routes={"0.0.0.0/0": vpc.internet_gateway()})
    group = vpc.group("s", [("tcp/443", allowed)])
    front.instance("s", "10.0.0.10", groups=[group], public="3.0.0.1")
    inner = vpc.subnet("p", "10.0.1.0/24", routes={"0.0.0.0/0": front.nat(public="3.0.0.9")})
    inner.instance("c", "10.0.1.10")
    assert both(estate, "i-c", "i-s", "tcp/443") is Truth.YES
    assert both(estate, "internet", "i-s", "tcp/443") is Truth.of(allowed == "3.0.0.8/31")


@pytest.mark.parametrize("port", ["tcp/443", "47"])
def test_n35_a_nat_gateway_carries_three_protocols(port: str) -> None:
    """TCP goes out, GRE does not; nothing comes in."""
    estate, vpc, subnet, _ = public_host()
    nat = subnet.nat(public="3.0.0.9")
    inner = vpc.subnet("p", "10.0.1.0/24", routes={"0.0.0.0/0": nat})
    inner.instance("c", "10.0.1.10")
    assert says(estate, "i-c", "internet", port) is Truth.of(port == "tcp/443")
    assert says(estate, "internet", "i-c", "tcp/443") is Truth.NO


def test_n38_an_egress_only_gateway_lets_ipv6_out_and_nothing_in() -> None:
    """With an internet gateway instead it works both ways."""
    for kind in ("egress_only", "internet_gateway"):
        estate = Estate()
        vpc = estate.vpc("a", "10.0.0.0/16", six="2600:1f00::/56")
        gateway = getattr(vpc, kind)()
        if kind == "egress_only":
            vpc.internet_gateway()
        subnet = vpc.subnet("a", "10.0.0.0/24", six="2600:1f00::/64", routes={"::/0": gateway})
        subnet.instance("s", "10.0.0.10", six=["2600:1f00::10"])
        assert says(estate, "i-s", "internet", "tcp/443") is Truth.YES
        into = says(estate, "internet", "i-s", "tcp/443")
        assert into is Truth.of(kind == "internet_gateway")


@pytest.mark.parametrize("status", ["active", "pending-acceptance"])
@pytest.mark.parametrize("back", [True, False])
def test_n39_a_peering_needs_both_routes_and_to_be_active(status: str, back: bool) -> None:
    """TCP needs the route back as well; another protocol does not."""
    estate = Estate()
    a, b = estate.vpc("a", "10.0.0.0/16"), estate.vpc("b", "10.1.0.0/16")
    pcx = estate.peering("ab", a, b, status=status)
    one = a.subnet("a", "10.0.0.0/24", routes={"10.1.0.0/16": pcx})
    two = b.subnet("b", "10.1.0.0/24", routes={"10.0.0.0/16": pcx} if back else {})
    one.instance("c", "10.0.0.10")
    two.instance("s", "10.1.0.10")
    active = status == "active"
    assert says(estate, "i-c", "i-s", "tcp/22") is Truth.of(active and back)
    assert says(estate, "i-c", "i-s", "udp/53") is Truth.of(active)


def test_n40_a_peer_s_internet_gateway_cannot_be_used() -> None:
    """0.0.0.0/0 to the peering leads nowhere, though the peer has a way out."""
    estate = Estate()
    a, b = estate.vpc("a", "10.0.0.0/16"), estate.vpc("b", "10.1.0.0/16")
    pcx = estate.peering("ab", a, b)
    one = a.subnet("a", "10.0.0.0/24", routes={"0.0.0.0/0": pcx})
    b.subnet("b", "10.1.0.0/24", routes={"0.0.0.0/0": b.internet_gateway(), "10.0.0.0/16": pcx})
    one.instance("c", "10.0.0.10", public="3.0.0.1")
    assert says(estate, "i-c", "internet", "tcp/443") is Truth.NO


@pytest.mark.parametrize("static", [True, False])
def test_n41_a_static_blackhole_beats_what_is_propagated(static: bool) -> None:
    """The same prefix twice: the static route decides, and it drops."""
    estate, _, _, one, two = joined()
    one.instance("c", "10.0.0.10")
    two.instance("s", "10.1.0.10")
    routes = estate.items["TransitGatewayStaticRoutes"][0]["Routes"]
    if static:
        routes.append({"DestinationCidrBlock": "10.1.0.0/16", "State": "blackhole"})
    assert says(estate, "i-c", "i-s", "tcp/22") is Truth.of(not static)


@pytest.mark.parametrize("zone", ["a", "b"])
def test_n42_the_sender_s_zone_needs_an_attachment_subnet(zone: str) -> None:
    """The attachment stands in zone a alone."""
    estate, a, _, _, two = joined()
    more = a.subnet("c", "10.0.5.0/24", zone=zone, routes={"10.1.0.0/16": "tgw-t"})
    more.instance("c", "10.0.5.10")
    two.instance("s", "10.1.0.10")
    assert says(estate, "i-c", "i-s", "udp/53") is Truth.of(zone == "a")


@pytest.mark.parametrize("same", [True, False])
def test_n43a_zones_of_two_accounts_are_told_by_their_ids(same: bool) -> None:
    """The gateway comes out in the sender's zone, whatever the other account calls it."""
    near, far = Estate(), Estate(account="222222222222")
    gateway = near.transit_gateway("t")
    table = gateway.table("t")
    a, b = near.vpc("a", "10.0.0.0/16"), far.vpc("b", "10.1.0.0/16")
    zones = {"AvailabilityZoneId": "euw1-az1"}
    one = a.subnet("a", "10.0.0.0/24", zone="a", routes={"10.1.0.0/16": gateway}, **zones)
    others = [{"AvailabilityZoneId": f"euw1-az{n}"} for n in ((1, 2) if same else (2, 1))]
    shut = b.subnet("b1", "10.1.1.0/24", zone="a", **others[0])
    wide = b.subnet("b2", "10.1.2.0/24", zone="b", **others[1])
    b.acl("shut", egress=[], subnets=[shut])
    table.propagate(gateway.attach(a, one, table=table), gateway.attach(b, shut, wide, table=table))
    one.instance("c", "10.0.0.10")
    b.subnet("b3", "10.1.3.0/24", zone="b").instance("s", "10.1.3.10")
    assert both(near, "i-c", "i-s", "udp/53", far) is Truth.of(not same)


@pytest.mark.parametrize("shut", [True, False])
def test_n43a_the_attachment_s_own_subnet_filters(shut: bool) -> None:
    """The server stands behind the attachment's subnet, whose ACL lets nothing out."""
    estate, _, b, one, two = joined()
    one.instance("c", "10.0.0.10")
    b.subnet("d", "10.1.5.0/24", routes={"10.0.0.0/16": "tgw-t"}).instance("s", "10.1.5.10")
    if shut:
        b.acl("shut", egress=[], subnets=[two])
    assert says(estate, "i-c", "i-s", "udp/53") is Truth.of(not shut)


@pytest.mark.parametrize("attached", [True, False])
def test_n44_on_premises_comes_in_by_an_attached_vpn_gateway(attached: bool) -> None:
    """A network behind a VPN gateway is a place of its own, as source and as destination."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    vgw = vpc.vpn_gateway(attached=attached)
    learned = {"Origin": "EnableVgwRoutePropagation"}
    subnet = vpc.subnet("a", "10.0.0.0/24", routes={})
    table = next(t for t in estate.items["RouteTables"] if t["RouteTableId"] == "rtb-a")
    table["Routes"].append(route("172.20.0.0/16", vgw, **learned))
    subnet.instance("s", "10.0.0.10")
    places = {place.address.id for place in Reach(estate.inventory()).everything()}
    assert (vgw.id in places) is attached
    if attached:
        assert says(estate, vgw.id, "i-s", "tcp/22") is Truth.YES
        assert says(estate, "i-s", vgw.id, "tcp/22") is Truth.YES


@pytest.mark.parametrize("listed", [True, False])
def test_n45_a_gateway_endpoint_beats_the_default_route(listed: bool) -> None:
    """The list's addresses go to the endpoint; without the route they have no way."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    estate.put("PrefixLists", {"PrefixListId": "pl-s3", "Cidrs": ["52.95.110.0/24"]})
    end = vpc.endpoint("s3")
    subnet = vpc.subnet("a", "10.0.0.0/24", routes={"pl-s3": end} if listed else {})
    subnet.instance("c", "10.0.0.10")
    assert says(estate, "i-c", "internet:52.95.110.7", "tcp/443") is Truth.of(listed)
    assert says(estate, "i-c", "internet:8.8.8.8", "tcp/443") is Truth.NO


def test_n59_a_firewall_makes_the_verdict_unknown() -> None:
    """The same way without the firewall is certain."""
    for inspected in (True, False):
        estate, vpc, subnet, _ = public_host()
        igw = "igw-a"
        wall = vpc.endpoint("fw", "GatewayLoadBalancer", subnets=[subnet])
        inner = vpc.subnet("p", "10.0.1.0/24", routes={"0.0.0.0/0": wall if inspected else igw})
        inner.instance("c", "10.0.1.10", public="3.0.0.7")
        found = says(estate, "i-c", "internet", "udp/53")
        assert found is (Truth.UNKNOWN if inspected else Truth.YES)


MODES = [
    ("off", "", Truth.YES, Truth.YES, Truth.YES),
    ("block-ingress", "", Truth.NO, Truth.NO, Truth.YES),
    ("block-bidirectional", "", Truth.NO, Truth.NO, Truth.NO),
    ("block-bidirectional", "allow-bidirectional", Truth.YES, Truth.YES, Truth.YES),
    ("block-bidirectional", "allow-egress", Truth.NO, Truth.NO, Truth.YES),
]


@pytest.mark.parametrize(("mode", "exclusion", "into", "out", "by_nat"), MODES)
def test_n57_block_public_access(
    mode: str, exclusion: str, into: Truth, out: Truth, by_nat: Truth
) -> None:
    """In, out by a host's own address, and out through a NAT gateway."""
    estate, vpc, subnet, _ = public_host()
    nat = subnet.nat(public="3.0.0.9")
    vpc.subnet("p", "10.0.1.0/24", routes={"0.0.0.0/0": nat}).instance("c", "10.0.1.10")
    estate.put("VpcBlockPublicAccessOptions", {"InternetGatewayBlockMode": mode})
    if exclusion:
        estate.put(
            "VpcBlockPublicAccessExclusions",
            {
                "InternetGatewayExclusionMode": exclusion,
                "ResourceArn": "arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-a",
                "State": "create-complete",
            },
        )
    assert says(estate, "internet", "i-s", "tcp/443") is into
    assert says(estate, "i-s", "internet", "tcp/443") is out
    assert says(estate, "i-c", "internet", "tcp/443") is by_nat


# --- load balancers and hosts -----------------------------------------------------------------


def balanced(
    kind: str, allow: Callable[[Vpc, list[str]], str], *, closed: bool = False
) -> tuple[Estate, str]:
    """internet → balancer on 80 → instance on 8080, which lets in what `allow` says.

    closed  beside it a target that lets nothing in
    """
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    front = vpc.subnet("f", "10.0.0.0/24", routes={"0.0.0.0/0": igw})
    group = vpc.group("lb", [("tcp/80", ANYWHERE)])
    made = estate.balancer(
        "lb", kind, {"10.0.0.50": front}, groups=[group], public={"10.0.0.50": "3.0.0.50"}
    )
    peer = allow(vpc, [group.id])
    inner = vpc.subnet("i", "10.0.1.0/24")
    inner.instance("s", "10.0.1.10", groups=[vpc.group("s", [("tcp/8080", peer)])])
    if closed:
        inner.instance("shut", "10.0.1.11", groups=[vpc.group("shut")])
    targets = {"i-s": 8080, "i-shut": 8080} if closed else {"i-s": 8080}
    made.listen(80, targets, protocol="HTTP" if kind == "application" else "TCP")
    return estate, made.id


@pytest.mark.parametrize("target", [True, False])
def test_n47_the_composed_path_changes_the_port(target: bool) -> None:
    """Two legs and one path: what arrives is 8080, what is written is 80."""
    estate, arn = balanced("application", lambda _, g: g[0] if target else "9.9.9.9/32")
    assert says(estate, "internet", arn, "tcp/80") is Truth.of(target)
    found = flows(estate, "internet", "i-s", "tcp/8080")
    assert bool(found) is target
    assert not flows(estate, "internet", "i-s", "tcp/80")
    if target:
        assert found[0].via == ("internet-gateway", "load-balancer")
        assert str(found[0].ways[0].sent) == "tcp/80"


@pytest.mark.parametrize("scheme", ["internet-facing", "internal", None])
def test_n48_a_balancer_is_public_unless_it_says_that_it_is_internal(scheme: str | None) -> None:
    """Its interfaces are not described; without a scheme it has AWS's default."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    front = vpc.subnet("f", "10.0.0.0/24", routes={"0.0.0.0/0": vpc.internet_gateway()})
    front.instance("s", "10.0.0.10", groups=[vpc.group("s", [("tcp/80", ANYWHERE)])])
    nodes = {"10.0.0.50": front}
    made = estate.balancer("lb", "network", nodes, described=False)
    made.listen(80, {"i-s": 80})
    made.json.pop("Scheme")
    if scheme is not None:
        made.json["Scheme"] = scheme
    assert both(estate, "internet", made.id, "tcp/80") is Truth.of(scheme != "internal")


def test_n47_what_a_balancer_sends_on_is_replayed_to_the_very_target() -> None:
    """That it sends the packet to somebody else proves nothing of this one."""
    estate, _ = balanced("application", lambda _, groups: groups[0])
    reach = Reach(estate.inventory())
    server = reach.directory.resolve("i-s")
    (flow,) = reach.flows((INTERNET,), (server,), Traffic.parse("tcp"))
    assert "i-s" in [hop.id for hop in reach.prove(flow).path]
    # A second target, which lets nothing in: the balancer still reaches the first.
    estate, _ = balanced("application", lambda _, groups: groups[0], closed=True)
    reach = Reach(estate.inventory())
    with pytest.raises(DisagreementError, match="i-shut"):
        reach.prove(replace(flow, target=reach.directory.resolve("i-shut")))


def test_n49_n50_a_network_balancer_keeps_the_client_s_address() -> None:
    """The target has to let in clients; or it names the balancer's group."""
    for allow in ("8.0.0.0/8", "group"):
        estate, _ = balanced("network", lambda _, g, a=allow: g[0] if a == "group" else a)
        found = flows(estate, "internet", "i-s", "tcp/8080")
        parts = AddressSet.union_of(flow.sources for flow in found)
        assert found
        assert (parts == AddressSet.parse("8.0.0.0/8")) is (allow != "group")


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_n55_a_stopped_instance_takes_part_in_nothing(state: str) -> None:
    """Neither as target nor as source."""
    estate = Estate()
    subnet = estate.vpc("a", "10.0.0.0/16").subnet("a", "10.0.0.0/24")
    subnet.instance("c", "10.0.0.10")
    subnet.instance("s", "10.0.0.20", state=state)
    assert says(estate, "i-c", "i-s", "tcp/22") is Truth.of(state == "running")
    assert says(estate, "i-s", "i-c", "tcp/22") is Truth.of(state == "running")


def test_n56_a_delegated_prefix_is_the_interface_s_own() -> None:
    """All its addresses are destinations."""
    estate = Estate()
    subnet = estate.vpc("a", "10.0.0.0/16").subnet("a", "10.0.0.0/24")
    subnet.instance("c", "10.0.0.10")
    subnet.instance("s", "10.0.0.20", Ipv4Prefixes=[{"Ipv4Prefix": "10.0.0.64/28"}])
    (flow,) = flows(estate, "i-c", "i-s", "tcp/22")
    assert flow.destinations == AddressSet.parse("10.0.0.20", "10.0.0.64/28")


@pytest.mark.parametrize(
    ("rule", "found"), [("2600:1f00:0:0:1::/80", Truth.YES), ("2600:1f00:0:0:2::/80", Truth.NO)]
)
def test_n56_a_delegated_ipv6_prefix_sends_and_receives(rule: str, found: Truth) -> None:
    """A host with a /80 of its own: it is let in by that network, and reached at it."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16", six="2600:1f00::/56")
    one = vpc.subnet("one", "10.0.0.0/24", six="2600:1f00::/64")
    two = vpc.subnet("two", "10.0.1.0/24", six="2600:1f00:0:1::/64")
    prefix = [{"Ipv6Prefix": "2600:1f00:0:0:1::/80"}]
    one.instance("c", "10.0.0.10", Ipv6Prefixes=prefix)
    server = vpc.group("s", [("tcp/22", rule)])
    two.instance("s", "10.0.1.10", six=["2600:1f00:0:1::10"], groups=[server])
    assert both(estate, "i-c", "i-s", "tcp/22") is found
    back = flows(estate, "i-s", "i-c", "tcp/22")
    there = AddressSet.union_of(flow.destinations for flow in back)
    assert there == AddressSet.parse("10.0.0.10", "2600:1f00:0:0:1::/80")


def function_at(subnet: Subnet, name: str, group: str, *, address: str = "") -> str:
    """A Lambda function in a subnet; with `address` the interface that it shares is described."""
    estate = subnet.vpc.estate
    if address:
        more = {"InterfaceType": "lambda", "RequesterManaged": True}
        subnet.interface(f"fn-{group}", address, groups=[group], **more)
    network = {"SubnetIds": [subnet.id], "SecurityGroupIds": [group], "VpcId": subnet.vpc.id}
    arn = f"arn:aws:lambda:{estate.region}:{estate.account}:function:{name}"
    estate.put("Functions", {"FunctionName": name, "FunctionArn": arn, "VpcConfig": network})
    return arn


@pytest.mark.parametrize("address", ["10.0.0.120", ""])
@pytest.mark.parametrize(("peer", "found"), [("sg-fn", Truth.YES), ("sg-s", Truth.NO)])
def test_n53_functions_send_and_are_never_reached(address: str, peer: str, found: Truth) -> None:
    """By the interface that functions of one subnet and group share, described or not."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    subnet = vpc.subnet("a", "10.0.0.0/24")
    vpc.group("fn", [("all", ANYWHERE)])
    subnet.instance("s", "10.0.0.10", groups=[vpc.group("s", [("tcp/22", peer)])])
    arn = function_at(subnet, "f", "sg-fn", address=address)
    other = function_at(subnet, "g", "sg-fn")
    for name in (arn, other):
        assert both(estate, name, "i-s", "tcp/22") is found
        assert both(estate, "i-s", name, "tcp/443") is Truth.NO


@pytest.mark.parametrize("described", [True, False])
@pytest.mark.parametrize(("peer", "found"), [("sg-web", Truth.YES), ("sg-s", Truth.NO)])
def test_n53_tasks_have_groups_of_their_own(described: bool, peer: str, found: Truth) -> None:
    """An ECS service sends and is reached by the interfaces of its tasks, described or not."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    subnet = vpc.subnet("a", "10.0.0.0/24")
    vpc.group("web", [("tcp/80", peer)])
    subnet.instance("s", "10.0.0.10", groups=[vpc.group("s", [("tcp/22", peer)])])
    subnet.instance("w", "10.0.0.11", groups=["sg-web"])
    arn = f"arn:aws:ecs:{estate.region}:{estate.account}:service/c/web"
    network = {"subnets": [subnet.id], "securityGroups": ["sg-web"], "assignPublicIp": "DISABLED"}
    estate.put(
        "services",
        {
            "serviceArn": arn,
            "serviceName": "web",
            "networkConfiguration": {"awsvpcConfiguration": network},
        },
    )
    if described:
        made = subnet.interface("task", "10.0.0.50", groups=["sg-web"])
        detail = {"name": "networkInterfaceId", "value": made["NetworkInterfaceId"]}
        estate.put(
            "tasks",
            {
                "taskArn": arn.replace("service/c/web", "task/c/1"),
                "group": "service:web",
                "attachments": [{"type": "ElasticNetworkInterface", "details": [detail]}],
            },
        )
    assert both(estate, arn, "i-s", "tcp/22") is found
    assert both(estate, "i-w", arn, "tcp/80") is found


@pytest.mark.parametrize("described", [True, False])
def test_a_peer_that_is_not_described_is_a_place_of_its_own(described: bool) -> None:
    """What comes from there is not lost: a rule that lets it in shows it."""
    estate, far = Estate(), Estate(account="222222222222")
    a, b, one, _ = two_vpcs(estate, far)
    pcx = estate.peering("ab", a, b)
    table = next(t for t in estate.items["RouteTables"] if t["RouteTableId"] == "rtb-a")
    table["Routes"].append(route("10.1.0.0/16", pcx))
    one.instance("s", "10.0.0.10")
    others = (far,) if described else ()
    places = {place.address.id for place in Reach(estate.inventory(*others)).everything()}
    assert ("vpc-b" in places) is not described
    if not described:
        assert says(estate, "vpc-b", "i-s", "udp/53") is Truth.YES
        # Its answer gets there; who is there to be reached is another question.
        assert both(estate, "vpc-b", "i-s", "tcp/22") is Truth.YES
        assert both(estate, "i-s", "vpc-b", "udp/53") is Truth.UNKNOWN
