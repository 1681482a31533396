"""Networks outside the estate, as sources and as destinations: N39, N41, N44."""

from __future__ import annotations

from typing import Any

import pytest
from both import both, flows_between
from estate import ANYWHERE, Estate, Subnet, route

from mute_audit.errors import PlaceError
from mute_audit.network.addresses import AddressSet
from mute_audit.network.places import Directory
from mute_audit.network.reach import Reach
from mute_audit.verdict import Truth

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN


def office(
    peer: Any = ANYWHERE, *, routes: tuple[str, ...] = ("172.20.0.0/16",), attached: bool = True
) -> Estate:
    """`i-s` behind `vgw-a`, with routes to the networks behind the gateway."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    vgw = vpc.vpn_gateway(attached=attached)
    subnet = vpc.subnet("a", "10.0.0.0/24", routes=dict.fromkeys(routes, vgw))
    subnet.instance("s", "10.0.0.10", groups=[vpc.group("s", [("all", peer)])])
    return estate


def add_route(estate: Estate, table: str, destination: str, **target: str) -> None:
    """A route whose target's id does not say what it is."""
    found = next(t for t in estate.items["RouteTables"] if t["RouteTableId"] == table)
    found["Routes"].append({"DestinationCidrBlock": destination, "State": "active", **target})


# --- VPN gateways -----------------------------------------------------------------------------


@pytest.mark.parametrize("attached", [True, False])
def test_n44_a_vpn_gateway_is_a_place_for_both_engines(attached: bool) -> None:
    """By its id, as source and as destination; detached nothing gets in or out."""
    estate = office(attached=attached)
    assert both(estate, "vgw-a", "i-s", "tcp/22") is Truth.of(attached)
    assert both(estate, "i-s", "vgw-a", "tcp/22") is Truth.of(attached)
    place = Directory(estate.inventory()).resolve("vgw-a")
    assert place.address.type == "ec2.vpn-gateway"
    assert place in Directory(estate.inventory()).select("type:ec2.vpn-gateway")


@pytest.mark.parametrize(
    ("peer", "found"),
    [("192.168.7.0/24", YES), ("9.9.9.0/24", YES), ("10.0.0.0/16", NO), ("224.0.0.0/4", NO)],
)
def test_n44_behind_a_default_route_may_be_any_network_but_the_vpc_s_own(
    peer: str, found: Truth
) -> None:
    """Private or public: whatever its gateway routes there, except what nobody can have."""
    assert both(office(peer, routes=(ANYWHERE,)), "vgw-a", "i-s", "tcp/22") is found


@pytest.mark.parametrize(("to", "found"), [("8.8.8.8", YES), ("192.168.7.7", YES)])
def test_n44_by_a_default_route_everything_leads_to_the_vpn_gateway(to: str, found: Truth) -> None:
    assert both(office(routes=(ANYWHERE,)), "i-s", to, "tcp/22") is found
    assert both(office(routes=("9.9.9.0/24",)), "i-s", to, "tcp/22") is NO


@pytest.mark.parametrize("way", ["igw", "vgw"])
def test_n44_what_leaves_another_way_is_not_at_the_vpn_gateway(way: str) -> None:
    """Its network has 8.8.8.8 as well, but the subnet of the sender sends it elsewhere."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    gateways = {"igw": vpc.internet_gateway(), "vgw": vpc.vpn_gateway()}
    vpc.subnet("a", "10.0.0.0/24", routes={"8.8.8.0/24": gateways["vgw"]})
    other = vpc.subnet("o", "10.0.1.0/24", routes={"8.8.8.0/24": gateways[way]})
    other.instance("o", "10.0.1.10", public="3.0.0.1")
    assert both(estate, "i-o", "vgw-a", "udp/53") is Truth.of(way == "vgw")


@pytest.mark.parametrize("peer", ["192.168.0.0/16", "9.0.0.0/8"])
def test_n44_a_network_of_which_no_route_says_anything_may_have_any_private_address(
    peer: str,
) -> None:
    """Nobody knows which, so that a datagram may come in; an answer has no way back."""
    estate = office(peer, routes=())
    private = peer.startswith("192")
    assert both(estate, "vgw-a", "i-s", "udp/53") is (UNKNOWN if private else NO)
    assert both(estate, "vgw-a", "i-s", "tcp/22") is NO


@pytest.mark.parametrize(
    ("collected", "peer", "found"),
    [
        (True, "172.20.0.0/16", YES),
        (True, "192.168.0.0/16", NO),
        (False, "192.168.0.0/16", UNKNOWN),
    ],
)
def test_n44_routes_by_prefix_list_say_what_is_behind_a_vpn_gateway(
    collected: bool, peer: str, found: Truth
) -> None:
    """A list that was not collected may hold any network."""
    estate = office(peer, routes=())
    names = estate.prefix_list("office", "172.20.0.0/16", collected=collected)
    table = next(t for t in estate.items["RouteTables"] if t["RouteTableId"] == "rtb-a")
    table["Routes"].append(route(names, "vgw-a"))
    assert both(estate, "vgw-a", "i-s", "udp/53") is found


# --- what nobody describes --------------------------------------------------------------------

DOORS = [
    {"GatewayId": "vgw-x"},
    {"TransitGatewayId": "tgw-x"},
    {"VpcPeeringConnectionId": "pcx-x"},
    {"LocalGatewayId": "lgw-x"},
    {"CarrierGatewayId": "cagw-x"},
    {"CoreNetworkArn": "arn:aws:networkmanager::1:core-network/x"},
]


def with_door(target: dict[str, str], peer: Any, state: str = "active") -> Estate:
    """A route to something that is described nowhere."""
    estate = office(peer, routes=())
    del estate.items["VpnGateways"]
    add_route(estate, "rtb-a", "172.31.0.0/16", State=state, **target)
    return estate


@pytest.mark.parametrize("target", DOORS, ids=lambda target: next(iter(target)))
def test_behind_a_route_to_what_nobody_describes_may_be_anybody(target: dict[str, str]) -> None:
    """An open group may let them in, one that names somebody else does not."""
    (name,) = target.values()
    assert both(with_door(target, ANYWHERE), name, "i-s", "tcp/22") is UNKNOWN
    assert both(with_door(target, "10.0.0.9/32"), name, "i-s", "tcp/22") is NO


@pytest.mark.parametrize("target", DOORS, ids=lambda target: next(iter(target)))
def test_behind_a_blackhole_is_nobody(target: dict[str, str]) -> None:
    """AWS says of the route itself that its target is gone."""
    (name,) = target.values()
    for state, there in (("active", True), ("blackhole", False)):
        places = Reach(with_door(target, ANYWHERE, state).inventory()).everything()
        assert (name in {place.address.id for place in places}) is there


@pytest.mark.parametrize("described", [True, False])
def test_a_vpn_gateway_whose_routes_are_propagated_is_there(described: bool) -> None:
    """A table names it as one that propagates; whether or not any route leads there now."""
    estate = office(routes=())
    if not described:
        del estate.items["VpnGateways"]
    table = next(t for t in estate.items["RouteTables"] if t["RouteTableId"] == "rtb-a")
    table["PropagatingVgws"] = [{"GatewayId": "vgw-a"}]
    assert both(estate, "vgw-a", "i-s", "udp/53") is UNKNOWN


def shared(owner: str) -> Estate:
    """A transit gateway of some account, to which this one's VPC is attached."""
    estate = Estate()
    gateway = estate.transit_gateway("t")
    estate.items["TransitGateways"][0]["OwnerId"] = owner
    table = gateway.table("t")
    vpc = estate.vpc("a", "10.0.0.0/16")
    subnet = vpc.subnet("a", "10.0.0.0/24", routes={"10.0.0.0/8": gateway})
    table.propagate(gateway.attach(vpc, subnet, table=table))
    subnet.instance("s", "10.0.0.10", groups=[vpc.group("s", [("all", "10.0.0.0/8")])])
    return estate


@pytest.mark.parametrize("owner", ["111111111111", "999999999999"])
def test_n41_only_its_owner_sees_all_that_hangs_on_a_transit_gateway(owner: str) -> None:
    """In the list of another account's gateway are one's own attachments alone."""
    estate = shared(owner)
    places = {place.address.id for place in Reach(estate.inventory()).everything()}
    assert ("tgw-t" in places) is (owner == "999999999999")
    if "tgw-t" in places:
        assert both(estate, "tgw-t", "i-s", "udp/53") is UNKNOWN


@pytest.mark.parametrize(
    ("rule", "on", "found"),
    [("10.9.0.0/16", False, YES), ("sg-far", True, UNKNOWN), ("sg-far", False, NO)],
)
def test_n8_an_attached_vpc_that_is_not_described_is_a_place(
    rule: str, on: bool, found: Truth
) -> None:
    """Its networks are what the tables send there; its groups cannot be looked into."""
    estate = shared("111111111111")
    if on:
        estate.items["TransitGateways"][0]["Options"]["SecurityGroupReferencingSupport"] = "enable"
    estate.put(
        "TransitGatewayAttachments",
        {
            "TransitGatewayAttachmentId": "tgw-attach-far",
            "TransitGatewayId": "tgw-t",
            "ResourceType": "vpc",
            "ResourceId": "vpc-far",
            "State": "available",
            "Association": {"TransitGatewayRouteTableId": "tgw-rtb-t", "State": "associated"},
        },
    )
    to = {
        "TransitGatewayAttachmentId": "tgw-attach-far",
        "ResourceId": "vpc-far",
        "ResourceType": "vpc",
    }
    estate.items["TransitGatewayStaticRoutes"][0]["Routes"].append(
        {
            "DestinationCidrBlock": "10.9.0.0/16",
            "State": "active",
            "Type": "static",
            "TransitGatewayAttachments": [to],
        }
    )
    group = next(g for g in estate.items["SecurityGroups"] if g["GroupId"] == "sg-s")
    peer = (
        {"UserIdGroupPairs": [{"GroupId": rule}]}
        if rule.startswith("sg-")
        else {"IpRanges": [{"CidrIp": rule}]}
    )
    group["IpPermissions"] = [{"IpProtocol": "-1", **peer}]
    assert both(estate, "tgw-attach-far", "i-s", "udp/53") is found


@pytest.mark.parametrize("described", [True, False])
def test_n31_a_gateway_that_the_list_lacks_may_let_the_internet_in(described: bool) -> None:
    """The route is active, and the list does not know its gateway: the two disagree."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    subnet = vpc.subnet("a", "10.0.0.0/24", routes={ANYWHERE: igw})
    subnet.instance("s", "10.0.0.10", public="3.0.0.1")
    if not described:
        estate.items["InternetGateways"] = []
    found = YES if described else UNKNOWN
    assert both(estate, "internet", "i-s", "tcp/22") is found
    assert both(estate, "i-s", "internet", "tcp/22") is found


def test_n39_a_peer_that_two_vpcs_share_comes_in_by_both_connections() -> None:
    """A VPC that is not described is peered with `a` and with `b`: it reaches hosts in both."""
    estate, far = Estate(), Estate(account="222222222222")
    a, b = estate.vpc("a", "10.0.0.0/16"), estate.vpc("b", "10.1.0.0/16")
    there = far.vpc("far", "10.9.0.0/16")
    for vpc, cidr in ((a, "10.0.0.0/24"), (b, "10.1.0.0/24")):
        name = vpc.id[-1]
        pcx = estate.peering(f"far-{name}", vpc, there)
        made: Subnet = vpc.subnet(name, cidr, routes={"10.9.0.0/16": pcx})
        made.instance(name, cidr.replace(".0/24", ".10"))
    reach = Reach(estate.inventory())
    for target in ("i-a", "i-b"):
        assert both(reach, "vpc-far", target, "udp/53") is YES
        assert both(reach, target, "vpc-far", "udp/53") is not NO
        flows = flows_between(reach, "vpc-far", target, "udp/53")
        assert {flow.sources for flow in flows} == {AddressSet.parse("10.9.0.0/16")}


def test_a_name_that_no_gateway_has_is_still_no_place() -> None:
    with pytest.raises(PlaceError):
        Directory(office().inventory()).resolve("vgw-nobody")
