"""Peering, transit gateways, VPN gateways and endpoints: pairs that differ in one fact."""

from __future__ import annotations

from typing import Any

import pytest
from estate import ANYWHERE, Attached, Estate, TransitTable, Vpc
from tracing import ask, ids, notes, stops, verdict

from mute_audit.network.trace import Tracer

YES, NO, UNKNOWN = "reachable", "unreachable", "unknown"
OUT = "internet:8.8.8.8"


def peered(
    *,
    status: str = "active",
    back: bool = True,
    rule: Any = ANYWHERE,
    region: str = "eu-west-1",
    egress: Any = ANYWHERE,
) -> Tracer:
    """`a` in VPC v, `b` in VPC w (perhaps in another Region), joined by a peering connection."""
    estate = Estate()
    other = estate if region == "eu-west-1" else Estate(region=region)
    vpc, far = estate.vpc("v", "10.0.0.0/16"), other.vpc("w", "10.9.0.0/16")
    pcx = estate.peering("vw", vpc, far, status=status)
    one = vpc.subnet("one", "10.0.1.0/24", routes={"10.9.0.0/16": pcx})
    two = far.subnet("two", "10.9.1.0/24", routes={"10.0.0.0/16": pcx} if back else {})
    client = vpc.group("client", [], [("all", egress)])
    server = far.group("server", [("all", rule)])
    one.instance("a", "10.0.1.10", groups=[client])
    two.instance("b", "10.9.1.10", groups=[server])
    return Tracer(estate.inventory(*([other] if other is not estate else [])))


def test_n39_peering_must_be_active() -> None:
    assert verdict(peered(), "i-a", "i-b") == YES
    trace = ask(peered(status="pending-acceptance"), "i-a", "i-b")
    assert stops(trace) == ["peering not-available"]
    assert ids(trace) == ["i-a", "subnet-one", "pcx-vw"]


def test_n39_peering_needs_routes_on_both_sides() -> None:
    """Without a way back no handshake; a datagram still arrives, one way."""
    trace = ask(peered(back=False), "i-a", "i-b")
    assert stops(trace) == ["route-table no-route"]
    assert trace.blocked_by[0].id == "rtb-two"
    datagram = ask(peered(back=False), "i-a", "i-b", "udp/53")
    assert datagram.verdict == YES
    assert notes(datagram) == {"one-way"}


def chain(second: str) -> Estate:
    """VPCs v — w — x: `second` is what v's table says about x."""
    estate = Estate()
    v, w, x = (estate.vpc(n, f"10.{i}.0.0/16") for i, n in enumerate("vwx"))
    first = estate.peering("vw", v, w)
    last = estate.peering("wx", w, x)
    direct = estate.peering("vx", v, x)
    ways = {"over-w": first, "direct": direct}
    v.subnet("v", "10.0.1.0/24", routes={"10.2.0.0/16": ways[second]}).instance("a", "10.0.1.10")
    w.subnet("w", "10.1.1.0/24", routes={"10.2.0.0/16": last, "10.0.0.0/16": first})
    x.subnet("x", "10.2.1.0/24", routes={"10.0.0.0/16": direct}).instance("b", "10.2.1.10")
    return estate


def test_n39_peering_is_not_transitive() -> None:
    assert verdict(chain("direct"), "i-a", "i-b") == YES
    assert stops(ask(chain("over-w"), "i-a", "i-b")) == ["peering edge-to-edge"]


def test_n40_a_peers_gateways_cannot_be_used() -> None:
    """The same address out, by the own NAT gateway and by the peer's."""
    estate = Estate()
    vpc, far = estate.vpc("v", "10.0.0.0/16"), estate.vpc("w", "10.9.0.0/16")
    igw = far.internet_gateway()
    pcx = estate.peering("vw", vpc, far)
    public = far.subnet("public", "10.9.0.0/24", routes={ANYWHERE: igw, "10.0.0.0/16": pcx})
    nat = public.nat(public="3.0.0.9")
    far.main.add(ANYWHERE, nat)
    vpc.subnet("one", "10.0.1.0/24", routes={ANYWHERE: pcx}).instance("a", "10.0.1.10")
    far.subnet("two", "10.9.1.0/24", routes={ANYWHERE: nat}).instance("b", "10.9.1.10")
    assert verdict(estate, "i-b", OUT) == YES
    assert stops(ask(estate, "i-a", OUT)) == ["peering edge-to-edge"]


def test_n6_references_work_across_an_active_peering_both_ways() -> None:
    assert verdict(peered(rule="sg-client"), "i-a", "i-b") == YES
    assert verdict(peered(rule="sg-other"), "i-a", "i-b") == NO
    assert verdict(peered(egress="sg-server"), "i-a", "i-b") == YES
    assert verdict(peered(egress="sg-other"), "i-a", "i-b") == NO


def test_n7_peered_reference_needs_the_same_region() -> None:
    assert verdict(peered(region="us-east-1"), "i-a", "i-b") == YES
    assert verdict(peered(rule="sg-client", region="us-east-1"), "i-a", "i-b") == NO


def test_n7_stale_reference_matches_nothing() -> None:
    stale = {"GroupId": "sg-client", "PeeringStatus": "deleted"}
    live = {"GroupId": "sg-client", "PeeringStatus": "active"}
    assert verdict(peered(rule=live), "i-a", "i-b") == YES
    assert verdict(peered(rule=stale), "i-a", "i-b") == NO


def test_vpc_behind_a_peering_that_is_not_in_the_snapshot_is_unknown() -> None:
    """Its CIDRs are: what they do not hold is unreachable for certain."""
    estate = Estate()
    elsewhere = Estate(account="222222222222")
    vpc, far = estate.vpc("v", "10.0.0.0/16"), elsewhere.vpc("w", "10.9.0.0/16")
    pcx = estate.peering("vw", vpc, far)
    one = vpc.subnet("one", "10.0.1.0/24", routes={"10.8.0.0/15": pcx})
    one.instance("a", "10.0.1.10")
    trace = ask(estate, "i-a", "10.9.1.10")
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].what == "VPC vpc-w"
    assert verdict(estate, "i-a", "10.8.1.10") == NO
    incoming = ask(estate, "10.9.1.10", "i-a")
    assert incoming.verdict == YES
    assert ids(incoming) == ["pcx-vw", "subnet-one", "i-a"]


# --- transit gateways ---------------------------------------------------------------------------


def star(
    *,
    propagate: bool = True,
    zone: str = "a",
    references: bool = False,
    option: bool = True,
    rule: Any = ANYWHERE,
    egress: Any = ANYWHERE,
    separate: bool = False,
) -> tuple[Estate, TransitTable, dict[str, Attached], dict[str, Vpc]]:
    """`a` in VPC v and `b` in VPC w on one transit gateway with one table.

    `zone` is the zone that v is attached in; with `separate` the attachments have subnets of
    their own.
    """
    estate = Estate()
    vpc, far = estate.vpc("v", "10.0.0.0/16"), estate.vpc("w", "10.9.0.0/16")
    tgw = estate.transit_gateway("t", references=references)
    table = tgw.table("main")
    one = vpc.subnet("one", "10.0.1.0/24", zone="a", routes={"10.0.0.0/8": tgw})
    two = far.subnet("two", "10.9.1.0/24", zone="a", routes={"10.0.0.0/8": tgw})
    at_v = vpc.subnet("tv", "10.0.9.0/28", zone=zone, routes={}) if separate or zone != "a" else one
    at_w = far.subnet("tw", "10.9.9.0/28", routes={}) if separate else two
    attached = {
        "v": tgw.attach(vpc, at_v, table=table, references=option),
        "w": tgw.attach(far, at_w, table=table, references=option),
    }
    if propagate:
        table.propagate(*attached.values())
    client = vpc.group("client", [("all", ANYWHERE)], [("all", egress)])
    server = far.group("server", [("all", rule)])
    one.instance("a", "10.0.1.10", groups=[client])
    two.instance("b", "10.9.1.10", groups=[server])
    return estate, table, attached, {"v": vpc, "w": far}


def test_n41_propagated_route_leads_to_the_other_vpc() -> None:
    estate, *_ = star()
    trace = ask(estate, "i-a", "i-b")
    assert trace.verdict == YES
    assert ids(trace) == [
        *("i-a", "subnet-one", "tgw-attach-t-v", "tgw-t", "tgw-attach-t-w", "subnet-two", "i-b")
    ]
    assert "tgw-rtb-main:10.9.0.0/16" in trace.rules
    closed, *_ = star(propagate=False)
    trace = ask(closed, "i-a", "i-b")
    assert stops(trace) == ["transit-gateway no-route"]
    assert ids(trace) == ["i-a", "subnet-one", "tgw-attach-t-v", "tgw-t"]


def test_n41_static_beats_propagated_and_a_blackhole_drops() -> None:
    estate, table, attached, _ = star()
    table.add("10.9.0.0/16", attached["v"])
    assert verdict(estate, "i-a", "i-b") == NO
    dark, table, attached, _ = star()
    table.add("10.9.0.0/16", None)
    assert stops(ask(dark, "i-a", "i-b")) == ["transit-gateway blackhole"]
    longer, table, attached, _ = star()
    table.add("10.9.0.0/15", None)
    assert verdict(longer, "i-a", "i-b") == YES


def test_n41_each_attachment_has_its_own_table() -> None:
    """v's table knows w; whether the answer gets back is w's table's affair."""

    def build(back: bool) -> Estate:
        estate, table, attached, _ = star(propagate=False)
        table.propagate(attached["w"])
        second = {
            "TransitGatewayRouteTableId": "tgw-rtb-two",
            "TransitGatewayId": "tgw-t",
        }
        estate.put("TransitGatewayRouteTables", second)
        routes = {"TransitGatewayRouteTableId": "tgw-rtb-two", "Routes": []}
        estate.put("TransitGatewayStaticRoutes", routes)
        attached["w"].json["Association"]["TransitGatewayRouteTableId"] = "tgw-rtb-two"
        if back:
            spread: dict[str, Any] = {"TransitGatewayRouteTablePropagations": []}
            TransitTable("tgw-rtb-two", routes, spread).propagate(attached["v"])
            estate.put("TransitGatewayPropagations", spread | second)
        return estate

    assert verdict(build(True), "i-a", "i-b") == YES
    trace = ask(build(False), "i-a", "i-b")
    assert stops(trace) == ["transit-gateway no-route"]
    assert "tgw-rtb-two" in trace.blocked_by[0].detail
    assert ids(trace)[-1] == "i-b"


def test_n41_attachment_without_an_association_goes_nowhere() -> None:
    estate, _, attached, _ = star()
    del attached["v"].json["Association"]
    assert stops(ask(estate, "i-a", "i-b"))[0] == "transit-gateway no-association"


def test_n42_the_senders_zone_must_have_an_attachment_subnet() -> None:
    assert verdict(star(zone="a")[0], "i-a", "i-b") == YES
    trace = ask(star(zone="b")[0], "i-a", "i-b")
    assert stops(trace)[0] == "transit-gateway no-zone"
    assert ids(trace) == ["i-a", "subnet-one"]


def test_n42_the_receivers_zone_need_not_have_one_but_its_answer_does() -> None:
    """A datagram arrives in a zone without an attachment; a handshake does not complete."""
    estate = star(zone="b")[0]
    assert verdict(estate, "i-b", "i-a", "udp/53") == YES
    assert stops(ask(estate, "i-b", "i-a")) == ["transit-gateway no-zone"]


def test_n42_zones_are_told_apart_by_id_and_not_by_name() -> None:
    """The same name can be another zone in another account: the id decides which entry is used."""
    estate, _, attached, vpcs = star(separate=True)
    other = vpcs["w"].subnet("tw2", "10.9.9.16/28", zone="a", routes={})
    ids_by_subnet = {"subnet-one": "z1", "subnet-tv": "z1", "subnet-tw": "z2", other.id: "z1"}
    for item in estate.items["Subnets"]:
        if item["SubnetId"] in ids_by_subnet:
            item["AvailabilityZoneId"] = ids_by_subnet[item["SubnetId"]]
    estate.items["TransitGatewayVpcAttachments"][1]["SubnetIds"].append(other.id)
    assert attached["w"].id == "tgw-attach-t-w"
    assert other.id in ids(ask(estate, "i-a", "i-b", "udp/53"))


def transit_pair(
    route: bool = True, back: bool = True, propagated: bool = False, known: bool = True
) -> Tracer:
    """Two transit gateways in two Regions, peered; a VPC on each."""
    estate, other = Estate(), Estate(account="222222222222", region="us-east-1")
    vpc, far = estate.vpc("v", "10.0.0.0/16"), other.vpc("w", "10.9.0.0/16")
    near_tgw, far_tgw = estate.transit_gateway("near"), other.transit_gateway("far")
    near, there = near_tgw.table("near"), far_tgw.table("far")
    one = vpc.subnet("one", "10.0.1.0/24", routes={"10.9.0.0/16": near_tgw})
    two = far.subnet("two", "10.9.1.0/24", routes={"10.0.0.0/16": far_tgw})
    near.propagate(near_tgw.attach(vpc, one, table=near))
    there.propagate(far_tgw.attach(far, two, table=there))
    link = near_tgw.peer(far_tgw, table=near, far_table=there)
    home = Attached(link.id, {"ResourceId": near_tgw.id, "ResourceType": "peering"})
    if route:
        near.add("10.9.0.0/16", link)
    if propagated:
        near.propagate(link)
    if back:
        there.add("10.0.0.0/16", home)
    one.instance("a", "10.0.1.10")
    two.instance("b", "10.9.1.10")
    return Tracer(estate.inventory(other) if known else estate.inventory())


def test_n43_transit_gateway_peering_needs_static_routes_both_ways() -> None:
    trace = ask(transit_pair(), "i-a", "i-b")
    assert trace.verdict == YES
    assert ids(trace) == [
        *("i-a", "subnet-one", "tgw-attach-near-v", "tgw-near", "tgw-attach-near-far"),
        *("tgw-far", "tgw-attach-far-w", "subnet-two", "i-b"),
    ]
    assert stops(ask(transit_pair(route=False), "i-a", "i-b")) == ["transit-gateway no-route"]
    assert stops(ask(transit_pair(back=False), "i-a", "i-b")) == ["transit-gateway no-route"]


def test_n43_gateway_at_the_other_end_that_is_not_in_the_snapshot_is_unknown() -> None:
    trace = ask(transit_pair(known=False), "i-a", "10.9.1.10")
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].what == "transit gateway tgw-far"


def test_n43a_traffic_out_of_a_transit_gateway_uses_the_attachments_subnet() -> None:
    """Its ACL, and its table: one after the other closed."""
    assert verdict(star(separate=True)[0], "i-a", "i-b") == YES
    trace = ask(star(separate=True)[0], "i-a", "i-b")
    assert ids(trace) == [
        *("i-a", "subnet-one", "subnet-tv", "tgw-attach-t-v", "tgw-t", "tgw-attach-t-w"),
        *("subnet-tw", "subnet-two", "i-b"),
    ]
    estate, _, _, vpcs = star(separate=True)
    vpcs["w"].acl("tw", egress=[], subnets=["subnet-tw"])
    trace = ask(estate, "i-a", "i-b")
    assert [b.id for b in trace.blocked_by] == ["acl-tw"]
    assert ids(trace)[-1] == "subnet-tw"
    estate, _, _, _ = star(separate=True)
    table = next(t for t in estate.items["RouteTables"] if t["RouteTableId"] == "rtb-tw")
    table["Routes"].append(
        {"DestinationCidrBlock": "10.9.1.0/24", "GatewayId": "vgw-x", "State": "blackhole"}
    )
    assert stops(ask(estate, "i-a", "i-b")) == ["route-table blackhole"]


def test_n43a_inwards_the_acl_of_the_attachments_subnet_is_asked_as_well() -> None:
    """Also where the sender stands in that very subnet; to a host there none is asked."""
    estate, _, _, vpcs = star()
    vpcs["v"].acl("one", ingress=[(10, "allow", "all", "10.9.0.0/16")], subnets=["subnet-one"])
    assert [b.id for b in ask(estate, "i-a", "i-b").blocked_by] == ["acl-one"]
    estate, _, _, vpcs = star()
    vpcs["w"].acl("two", ingress=[(10, "allow", "all", "10.9.0.0/16")], subnets=["subnet-two"])
    assert verdict(estate, "i-a", "i-b", "udp/53") == YES


def test_n43a_centralised_way_out_through_another_vpcs_nat_gateway() -> None:
    """N35 too: a NAT gateway can be used over a transit gateway."""

    def build(back: bool) -> Estate:
        estate = Estate()
        spoke, hub = estate.vpc("spoke", "10.1.0.0/16"), estate.vpc("hub", "10.0.0.0/16")
        tgw = estate.transit_gateway("t")
        spokes, hubs = tgw.table("spokes"), tgw.table("hubs")
        igw = hub.internet_gateway()
        ways = {ANYWHERE: igw} | ({"10.1.0.0/16": tgw} if back else {})
        nat = hub.subnet("public", "10.0.0.0/24", routes=ways).nat(public="3.0.0.9")
        entry = hub.subnet("entry", "10.0.9.0/28", routes={ANYWHERE: nat})
        own = spoke.subnet("own", "10.1.1.0/24", routes={ANYWHERE: tgw})
        at_spoke = tgw.attach(spoke, own, table=spokes)
        at_hub = tgw.attach(hub, entry, table=hubs)
        spokes.add(ANYWHERE, at_hub)
        hubs.propagate(at_spoke)
        # The answer enters the gateway in the NAT gateway's subnet.
        at_hub_json = estate.items["TransitGatewayVpcAttachments"][1]
        at_hub_json["SubnetIds"] = ["subnet-entry"]
        own.instance("a", "10.1.1.10")
        return estate

    trace = ask(build(True), "i-a", OUT)
    assert trace.verdict == YES
    assert ids(trace) == [
        *("i-a", "subnet-own", "tgw-attach-t-spoke", "tgw-t", "tgw-attach-t-hub"),
        *("subnet-entry", "subnet-public", "nat-nat"),
        *("subnet-public", "igw-hub"),
    ]
    assert stops(ask(build(False), "i-a", OUT)) == ["internet-gateway private-address"]


def test_n8_reference_over_a_transit_gateway_needs_the_option_everywhere() -> None:
    on = star(references=True, option=True, rule="sg-client")[0]
    assert verdict(on, "i-a", "i-b") == YES
    for references, option in ((False, True), (True, False)):
        off = star(references=references, option=option, rule="sg-client")[0]
        assert verdict(off, "i-a", "i-b") == NO


def test_n6_over_a_transit_gateway_references_count_inwards_only() -> None:
    assert verdict(star(references=True, rule="sg-client")[0], "i-a", "i-b") == YES
    assert verdict(star(references=True, egress="sg-server")[0], "i-a", "i-b") == NO


def test_n8_reference_does_not_cross_to_a_peered_gateway() -> None:
    def build(rule: Any) -> Tracer:
        tracer = transit_pair()
        for region in tracer.inventory.regions:
            assert region.transit_gateways
        return tracer if rule is None else _with_rule(rule)

    assert verdict(build(None), "i-a", "i-b") == YES
    assert verdict(build("sg-open-v"), "i-a", "i-b") == NO


def _with_rule(rule: Any) -> Tracer:
    estate, other = Estate(), Estate(account="222222222222", region="us-east-1")
    vpc, far = estate.vpc("v", "10.0.0.0/16"), other.vpc("w", "10.9.0.0/16")
    near_tgw = estate.transit_gateway("near", references=True)
    far_tgw = other.transit_gateway("far", references=True)
    near, there = near_tgw.table("near"), far_tgw.table("far")
    one = vpc.subnet("one", "10.0.1.0/24", routes={"10.9.0.0/16": near_tgw})
    two = far.subnet("two", "10.9.1.0/24", routes={"10.0.0.0/16": far_tgw})
    near.propagate(near_tgw.attach(vpc, one, table=near))
    there.propagate(far_tgw.attach(far, two, table=there))
    link = near_tgw.peer(far_tgw, table=near, far_table=there)
    near.add("10.9.0.0/16", link)
    there.add(
        "10.0.0.0/16", Attached(link.id, {"ResourceId": near_tgw.id, "ResourceType": "peering"})
    )
    one.instance("a", "10.0.1.10")
    two.instance("b", "10.9.1.10", groups=[far.group("server", [("all", rule)])])
    return Tracer(estate.inventory(other))


def test_transit_gateway_tables_that_were_not_collected_are_unknown() -> None:
    estate, *_ = star()
    estate.drop("TransitGatewayStaticRoutes")
    trace = ask(estate, "i-a", "i-b")
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].key == "TransitGatewayStaticRoutes"
    estate, *_ = star()
    estate.fail("TransitGatewayPropagations")
    assert ask(estate, "i-a", "i-b").gaps[0].what == "ec2:GetTransitGatewayRouteTablePropagations"


def test_transit_routes_that_send_a_packet_round_end() -> None:
    """Each gateway thinks that the other one has the network."""
    estate, other = Estate(), Estate(account="222222222222", region="us-east-1")
    vpc = estate.vpc("v", "10.0.0.0/16")
    one_tgw, two_tgw = estate.transit_gateway("one"), other.transit_gateway("two")
    one, two = one_tgw.table("one"), two_tgw.table("two")
    subnet = vpc.subnet("s", "10.0.1.0/24", routes={"10.9.0.0/16": one_tgw})
    one_tgw.attach(vpc, subnet, table=one)
    link = one_tgw.peer(two_tgw, table=one, far_table=two)
    one.add("10.9.0.0/16", link)
    two.add("10.9.0.0/16", Attached(link.id, {"ResourceId": "tgw-one", "ResourceType": "peering"}))
    subnet.instance("a", "10.0.1.10")
    trace = ask(Tracer(estate.inventory(other)), "i-a", "10.9.1.1")
    assert stops(trace) == ["transit-gateway routing-loop"]


# --- VPN gateways -------------------------------------------------------------------------------


def with_vpn(*, propagated: bool = True, attached: bool = True) -> Estate:
    """A VPC with a VPN gateway, and 172.16.0.0/16 behind it."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    vgw = vpc.vpn_gateway(attached=attached)
    subnet = vpc.subnet("s", "10.0.1.0/24", routes={})
    if propagated:
        estate.items["RouteTables"][1]["Routes"].append(
            {
                "DestinationCidrBlock": "172.16.0.0/16",
                "GatewayId": vgw.id,
                "Origin": "EnableVgwRoutePropagation",
                "State": "active",
            }
        )
    web = vpc.group("web", [("tcp/443", "172.16.0.0/12"), ("udp/53", "172.16.0.0/12")])
    subnet.instance("a", "10.0.1.10", groups=[web])
    subnet.nat(address="10.0.1.200")
    return estate


def test_n44_vpn_gateway_is_a_source() -> None:
    trace = ask(with_vpn(), "vgw-v", "10.0.1.10")
    assert trace.verdict == YES
    assert ids(trace) == ["vgw-v", "subnet-s", "i-a"]
    assert [hop.id for hop in trace.return_path] == ["i-a", "subnet-s", "vgw-v"]
    assert stops(ask(with_vpn(), "vgw-v", "10.0.1.10", "tcp/22")) == [
        "security-group no-ingress-rule"
    ]


def test_n44_without_a_route_back_nothing_completes() -> None:
    trace = ask(with_vpn(propagated=False), "vgw-v", "10.0.1.10", "tcp/443")
    assert trace.verdict == NO
    assert "route-table no-route" in stops(trace)


def test_n44_vpn_gateway_brings_traffic_to_interfaces_only() -> None:
    """A free address, an address in no subnet, and a NAT gateway: none of them answers."""
    free = ask(with_vpn(), "vgw-v", "10.0.1.99")
    assert stops(free) == ["no-such-destination no-such-destination"]
    assert ids(free) == ["vgw-v", "subnet-s"]
    nowhere = ask(with_vpn(), "vgw-v", "10.0.2.1")
    assert ids(nowhere) == ["vgw-v"]
    assert stops(ask(with_vpn(), "vgw-v", "10.0.1.200")) == ["nat-gateway no-session"]


def test_n44_vpn_gateway_must_be_attached() -> None:
    assert "route-table not-attached" in stops(ask(with_vpn(attached=False), "i-a", "172.16.0.5"))
    assert verdict(with_vpn(attached=False), "172.16.0.5", "i-a") == NO


def test_n44_address_behind_the_vpn_is_reached_and_reaches() -> None:
    trace = ask(with_vpn(), "i-a", "172.16.0.5", "tcp/22")
    assert trace.verdict == YES
    assert ids(trace) == ["i-a", "subnet-s", "vgw-v"]
    assert notes(trace) == {"outside"}
    assert verdict(with_vpn(), "172.16.0.5", "i-a") == YES
    assert verdict(with_vpn(), "172.31.0.5", "i-a") == NO


def test_n44_deleted_vpn_connection_leads_nowhere() -> None:
    def build(state: str) -> Estate:
        estate = with_vpn(propagated=False)
        estate.put(
            "VpnConnections",
            {
                "VpnConnectionId": "vpn-1",
                "VpnGatewayId": "vgw-v",
                "State": state,
                "Options": {"StaticRoutesOnly": True},
                "Routes": [{"DestinationCidrBlock": "172.20.0.0/16", "State": "available"}],
            },
        )
        return estate

    # Known behind the gateway, the datagram comes in; else nothing says whether it would.
    assert verdict(build("available"), "172.20.0.5", "i-a", "tcp/443") == NO
    assert verdict(build("available"), "172.20.0.5", "i-a", "udp/53") == YES
    assert verdict(build("deleted"), "172.20.0.5", "i-a", "udp/53") == UNKNOWN


def test_n44_transit_gateway_leads_to_a_vpn_too() -> None:
    estate, table, _, _ = star()
    tgw_vpn = {
        "TransitGatewayAttachmentId": "tgw-attach-vpn",
        "TransitGatewayId": "tgw-t",
        "ResourceType": "vpn",
        "ResourceId": "vpn-1",
        "State": "available",
        "Association": {"TransitGatewayRouteTableId": table.id, "State": "associated"},
    }
    estate.put("TransitGatewayAttachments", tgw_vpn)
    table.add("10.50.0.0/16", Attached("tgw-attach-vpn", tgw_vpn))
    out = ask(estate, "i-a", "10.50.0.1")
    assert out.verdict == YES
    assert ids(out) == ["i-a", "subnet-one", "tgw-attach-t-v", "tgw-t", "tgw-attach-vpn"]
    back = ask(estate, "10.50.0.1", "i-b")
    assert back.verdict == YES
    assert ids(back) == ["tgw-attach-vpn", "tgw-t", "tgw-attach-t-w", "subnet-two", "i-b"]


@pytest.mark.parametrize(
    ("connection", "route", "expected"),
    [
        ("available", "available", YES),
        ("available", "deleted", NO),
        ("deleted", "available", NO),
    ],
)
def test_n41_deleted_static_route_of_a_vpn_is_not_propagated(
    connection: str, route: str, expected: str
) -> None:
    estate, table, _, _ = star()
    tgw_vpn = {
        "TransitGatewayAttachmentId": "tgw-attach-vpn",
        "TransitGatewayId": "tgw-t",
        "ResourceType": "vpn",
        "ResourceId": "vpn-1",
        "State": "available",
        "Association": {"TransitGatewayRouteTableId": table.id, "State": "associated"},
    }
    estate.put("TransitGatewayAttachments", tgw_vpn)
    estate.put(
        "VpnConnections",
        {
            "VpnConnectionId": "vpn-1",
            "TransitGatewayId": "tgw-t",
            "State": connection,
            "Options": {"StaticRoutesOnly": True},
            "Routes": [{"DestinationCidrBlock": "10.50.0.0/16", "State": route}],
        },
    )
    table.propagate(Attached("tgw-attach-vpn", tgw_vpn))
    assert verdict(estate, "i-a", "10.50.0.1") == expected


# --- endpoints ----------------------------------------------------------------------------------


def with_gateway_endpoint(
    *, rule: Any = ANYWHERE, egress_acl: str = ANYWHERE, routed: bool = True
) -> Estate:
    """A private host, a NAT gateway and a gateway endpoint for S3."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    nat = vpc.subnet("public", "10.0.0.0/24", routes={ANYWHERE: igw}).nat(public="3.0.0.9")
    listed = estate.prefix_list("s3", "52.216.0.0/15")
    endpoint = vpc.endpoint("s3")
    routes = {ANYWHERE: nat} | ({listed: endpoint} if routed else {})
    subnet = vpc.subnet("s", "10.0.1.0/24", routes=routes)
    vpc.acl("s", egress=[(10, "allow", "all", egress_acl)], subnets=[subnet])
    subnet.instance("a", "10.0.1.10", groups=[vpc.group("client", [], [("all", rule)])])
    return estate


def test_n45_gateway_endpoint_beats_the_default_route() -> None:
    trace = ask(with_gateway_endpoint(), "i-a", "internet:52.216.1.1")
    assert trace.verdict == YES
    assert ids(trace) == ["i-a", "subnet-s", "vpce-s3"]
    assert [hop.id for hop in trace.return_path] == ["vpce-s3", "subnet-s", "i-a"]
    assert "nat-nat" in ids(ask(with_gateway_endpoint(), "i-a", OUT))
    assert "nat-nat" in ids(ask(with_gateway_endpoint(routed=False), "i-a", "internet:52.216.1.1"))


def test_n45_group_and_acl_must_still_allow_it() -> None:
    service = "internet:52.216.1.1"
    assert verdict(with_gateway_endpoint(rule="pl-s3"), "i-a", service) == YES
    assert stops(ask(with_gateway_endpoint(rule="10.0.0.0/8"), "i-a", service)) == [
        "security-group no-egress-rule"
    ]
    assert stops(ask(with_gateway_endpoint(egress_acl="10.0.0.0/8"), "i-a", service)) == [
        "network-acl acl-denied"
    ]


@pytest.mark.parametrize("described", [True, False])
def test_n46_interface_endpoint_is_its_interfaces(described: bool) -> None:
    """With its group; also where only the endpoint itself is described."""

    def build(port: str) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16")
        one, two = vpc.subnet("one", "10.0.1.0/24"), vpc.subnet("two", "10.0.2.0/24")
        group = vpc.group("endpoint", [(port, "10.0.1.0/24")])
        made = []
        if described:
            eni = two.interface("vpce", "10.0.2.20", groups=[group], InterfaceType="vpc_endpoint")
            made = [eni["NetworkInterfaceId"]]
        vpc.endpoint("sqs", "Interface", subnets=[two], groups=[group], interfaces=made)
        one.instance("a", "10.0.1.10")
        return estate

    trace = ask(build("tcp/443"), "i-a", "vpce-sqs")
    assert trace.verdict == YES
    assert ids(trace) == ["i-a", "subnet-one", "subnet-two", "vpce-sqs"]
    assert stops(ask(build("tcp/80"), "i-a", "vpce-sqs")) == ["security-group no-ingress-rule"]


# --- inspection and forwarding ------------------------------------------------------------------


def inspected_estate(*, group: str = "tcp/443") -> Estate:
    """Everything to the internet goes through a firewall endpoint first."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    wall = vpc.subnet("wall", "10.0.9.0/24", routes={ANYWHERE: igw})
    endpoint = vpc.endpoint("fw", "GatewayLoadBalancer", subnets=[wall])
    web = vpc.subnet("web", "10.0.1.0/24", routes={ANYWHERE: endpoint})
    vpc.table("edge", {"10.0.1.0/24": endpoint}).use(igw)
    web.instance("a", "10.0.1.10", public="3.0.0.1", groups=[vpc.group("web", [(group, ANYWHERE)])])
    return estate


def test_n59_firewall_makes_the_verdict_conditional_and_never_a_plain_yes() -> None:
    for source, target in (("i-a", OUT), (OUT, "i-a")):
        trace = ask(inspected_estate(), source, target)
        assert trace.verdict == UNKNOWN
        assert notes(trace) == {"inspected"}
        assert trace.gaps[0].what == "inspection by vpce-fw"
        assert "vpce-fw" in ids(trace)
        assert trace.blocked_by == ()
    # What is shut behind the firewall is shut, whatever the firewall says.
    shut = ask(inspected_estate(group="tcp/22"), OUT, "i-a")
    assert shut.verdict == NO
    assert "security-group no-ingress-rule" in stops(shut)


def forwarding_estate(check: bool, *, rule: Any = ANYWHERE) -> Estate:
    """A private subnet whose default route is a host in a public one (a NAT instance)."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    public = vpc.subnet("public", "10.0.0.0/24", routes={ANYWHERE: igw})
    group = vpc.group("nat", [("all", "10.0.0.0/16")], [("all", rule)])
    box = public.instance(
        "box", "10.0.0.10", public="3.0.0.10", groups=[group], SourceDestCheck=check
    )
    private = vpc.subnet("private", "10.0.1.0/24", routes={ANYWHERE: box.interface})
    private.instance("a", "10.0.1.10")
    return estate


def test_n54_source_destination_check_drops_foreign_addresses() -> None:
    trace = ask(forwarding_estate(check=True), "i-a", OUT)
    assert stops(trace) == ["host source-dest-check"]
    assert ids(trace)[-1] == "i-box"


def test_n54_without_the_check_the_path_is_possible() -> None:
    trace = ask(forwarding_estate(check=False), "i-a", OUT)
    assert trace.verdict == UNKNOWN
    assert notes(trace) == {"forwarding"}
    assert ids(trace)[-1] == "igw-v"
    shut = ask(forwarding_estate(check=False, rule="10.0.0.0/16"), "i-a", OUT)
    assert shut.verdict == NO


def test_n9_reference_does_not_survive_a_middlebox() -> None:
    """The same appliance on the way, allowed for by CIDR and by group."""

    def build(rule: Any, direct: bool) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16")
        box_at = vpc.subnet("box", "10.0.9.0/24")
        box = box_at.instance("box", "10.0.9.10", SourceDestCheck=False)
        way = {} if direct else {"10.0.2.0/24": box.interface}
        one = vpc.subnet("one", "10.0.1.0/24", routes=way)
        two = vpc.subnet("two", "10.0.2.0/24")
        one.instance("a", "10.0.1.10", groups=[vpc.group("client")])
        two.instance("b", "10.0.2.10", groups=[vpc.group("server", [("all", rule)])])
        return estate

    assert verdict(build("sg-client", direct=True), "i-a", "i-b") == YES
    assert verdict(build("10.0.1.0/24", direct=False), "i-a", "i-b") == UNKNOWN
    assert verdict(build("sg-client", direct=False), "i-a", "i-b") == NO
