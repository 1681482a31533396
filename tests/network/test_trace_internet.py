"""Internet, NAT and egress-only gateways and Block Public Access: pairs, one fact apart."""

from __future__ import annotations

from typing import Any

import pytest
from estate import ANYWHERE, ANYWHERE6, Estate
from tracing import ask, ids, notes, stops, verdict

YES, NO, UNKNOWN = "reachable", "unreachable", "unknown"
OUT = "internet:8.8.8.8"


def public_host(
    *,
    attached: bool = True,
    public: str = "3.0.0.1",
    routed: bool = True,
    ingress: tuple[str, Any] = ("tcp/443", ANYWHERE),
) -> Estate:
    """One host, `a`, in one subnet with an internet gateway."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway(attached=attached)
    subnet = vpc.subnet("s", "10.0.1.0/24", routes={ANYWHERE: igw} if routed else {})
    subnet.instance("a", "10.0.1.10", public=public, groups=[vpc.group("web", [ingress])])
    return estate


def private_host(public: str = "3.0.0.9", state: str = "available") -> Estate:
    """One host behind a NAT gateway."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    outer = vpc.subnet("public", "10.0.0.0/24", routes={ANYWHERE: igw})
    nat = outer.nat(public=public, State=state)
    vpc.subnet("private", "10.0.1.0/24", routes={ANYWHERE: nat}).instance("a", "10.0.1.10")
    return estate


def test_n31_from_the_internet_to_a_public_host() -> None:
    """Translated before ACL and group: they see the private address, and the client's own."""
    trace = ask(public_host(ingress=("tcp/443", "8.8.8.0/24")), OUT, "i-a")
    assert trace.verdict == YES
    assert ids(trace) == ["igw-v", "subnet-s", "i-a"]
    assert [hop.id for hop in trace.return_path] == ["i-a", "subnet-s", "igw-v"]
    assert trace.witness is not None
    assert (trace.witness.source, trace.witness.destination) == ("8.8.8.8", "3.0.0.1")


def test_n31_gateway_must_be_attached() -> None:
    trace = ask(public_host(attached=False), OUT, "i-a")
    assert "internet-gateway not-attached" in stops(trace)
    assert trace.path == ()
    assert "internet-gateway not-attached" in stops(ask(public_host(attached=False), "i-a", OUT))


def test_n31_host_must_have_a_public_address() -> None:
    trace = ask(public_host(public=""), OUT, "i-a")
    assert stops(trace) == ["internet-gateway no-public-address"]
    assert trace.path == ()
    out = ask(public_host(public=""), "i-a", OUT)
    assert stops(out) == ["internet-gateway no-public-address"]
    assert ids(out) == ["i-a", "subnet-s", "igw-v"]


def test_n31_without_a_public_address_the_other_blockers_are_named_too() -> None:
    """A private subnet behind a group that is open to the world: two things stop it."""
    estate = private_host()
    trace = ask(estate, "internet", "i-a")
    assert trace.verdict == NO
    assert stops(trace)[:2] == [
        "internet-gateway no-public-address",
        "route-table no-route",
    ]


def test_n32_public_address_without_a_route_to_the_gateway_is_unreachable() -> None:
    for port in ("tcp/443", "udp/443"):
        estate = public_host(ingress=("all", ANYWHERE))
        assert verdict(estate, OUT, "i-a", port) == YES
        trace = ask(public_host(ingress=("all", ANYWHERE), routed=False), OUT, "i-a", port)
        assert stops(trace)[0] == "route-table no-route"


def test_n32_route_through_a_nat_gateway_is_no_way_in() -> None:
    """The host has a public address, but its answers leave through the NAT gateway."""
    estate = private_host()
    eni = next(e for e in estate.items["NetworkInterfaces"] if e["NetworkInterfaceId"] == "eni-a")
    eni["Association"] = {"PublicIp": "3.0.0.77"}
    trace = ask(estate, OUT, "i-a")
    assert stops(trace) == ["route-table no-route", "nat-gateway no-session"]


@pytest.mark.parametrize("address", ["10.1.2.3", "172.16.0.1", "192.168.9.9", "100.64.0.1"])
def test_n33_internet_gateway_drops_private_destinations(address: str) -> None:
    estate = public_host()
    assert verdict(estate, "i-a", "8.8.8.8") == YES
    trace = ask(estate, "i-a", address)
    assert stops(trace) == ["internet-gateway private-address"]
    assert ids(trace)[-1] == "igw-v"


def test_n33_internet_gateway_drops_private_sources() -> None:
    assert "internet-gateway private-address" in stops(
        ask(public_host(), "internet:100.64.0.1", "i-a")
    )


def test_n33_a_private_address_is_not_reached_from_the_internet() -> None:
    trace = ask(public_host(), OUT, "10.0.1.10")
    assert stops(trace) == ["no-such-destination private-address"]
    assert trace.path == ()


def test_n34_public_to_public_in_one_vpc_leaves_and_comes_back() -> None:
    """The other host sees the public address: a CIDR rule for it matches, private ones do not."""

    def build(peer: str) -> Estate:
        estate = public_host()
        vpc_json = estate.items["Vpcs"][0]
        assert vpc_json["VpcId"] == "vpc-v"
        estate.items["SecurityGroups"].append(
            {
                "GroupId": "sg-b",
                "VpcId": "vpc-v",
                "IpPermissions": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 443,
                        "ToPort": 443,
                        "IpRanges": [{"CidrIp": peer}],
                    }
                ],
                "IpPermissionsEgress": [],
            }
        )
        estate.put(
            "NetworkInterfaces",
            {
                "NetworkInterfaceId": "eni-b",
                "SubnetId": "subnet-s",
                "VpcId": "vpc-v",
                "PrivateIpAddress": "10.0.1.11",
                "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.11", "Primary": True}],
                "Groups": [{"GroupId": "sg-b"}],
                "Association": {"PublicIp": "3.0.0.2"},
                "Status": "in-use",
            },
        )
        return estate

    seen = build("3.0.0.1/32")
    trace = ask(seen, "i-a", "3.0.0.2")
    assert trace.verdict == YES
    assert ids(trace) == ["i-a", "subnet-s", "igw-v", "subnet-s", "eni-b"]
    assert verdict(seen, "i-a", "10.0.1.11") == NO
    inside = build("10.0.1.10/32")
    assert verdict(inside, "i-a", "3.0.0.2") == NO
    assert verdict(inside, "i-a", "10.0.1.11") == YES


def test_n35_nat_gateway_carries_tcp_udp_and_icmp_only() -> None:
    for port, expected in (("tcp/443", YES), ("udp/53", YES), ("icmp/8/0", YES), ("50", NO)):
        assert verdict(private_host(), "i-a", OUT, port) == expected, port
    trace = ask(private_host(), "i-a", OUT, "50")
    assert stops(trace) == ["nat-gateway unsupported-protocol"]
    assert ids(trace)[-1] == "nat-nat"


def test_n35_nat_gateway_lets_nothing_in_unasked() -> None:
    trace = ask(private_host(), OUT, "3.0.0.9")
    assert stops(trace) == ["nat-gateway no-session"]
    assert ids(trace) == ["igw-v", "subnet-public", "nat-nat"]
    assert verdict(private_host(), "i-a", OUT) == YES


def test_n35_nat_gateway_must_be_in_service() -> None:
    assert stops(ask(private_host(state="failed"), "i-a", OUT))[0] == "nat-gateway not-available"


def test_n35_nat_gateway_has_no_group_of_its_own_but_its_subnet_has_an_acl() -> None:
    estate = private_host()
    assert verdict(estate, "i-a", OUT) == YES
    estate.items["NetworkAcls"].append(
        {
            "NetworkAclId": "acl-nat",
            "VpcId": "vpc-v",
            "Entries": [],
            "Associations": [{"SubnetId": "subnet-public"}],
        }
    )
    trace = ask(estate, "i-a", OUT)
    assert {b.id for b in trace.blocked_by} == {"acl-nat"}
    assert ids(trace) == ["i-a", "subnet-private", "subnet-public"]


def test_n37_private_nat_gateway_needs_no_public_address_but_the_internet_does() -> None:
    """Towards another VPC a private NAT gateway serves; towards the internet it does not."""
    trace = ask(private_host(public=""), "i-a", OUT)
    assert stops(trace) == ["internet-gateway no-public-address"]

    estate = Estate()
    vpc, other = estate.vpc("v", "10.0.0.0/16"), estate.vpc("w", "10.9.0.0/16")
    pcx = estate.peering("vw", vpc, other)
    nat = vpc.subnet("nat", "10.0.0.0/24", routes={"10.9.0.0/16": pcx}).nat()
    own = vpc.subnet("own", "10.0.1.0/24", routes={"10.9.0.0/16": nat})
    own.instance("a", "10.0.1.10")
    seen = other.group("seen", [("tcp/443", "10.0.0.0/24")])
    far = other.subnet("far", "10.9.1.0/24", routes={"10.0.0.0/16": pcx})
    far.instance("b", "10.9.1.10", groups=[seen])
    assert verdict(estate, "i-a", "i-b") == YES


def test_n38_egress_only_gateway_lets_ipv6_out_and_nothing_in() -> None:
    def build(kind: str) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16", six="2001:db8:1::/56")
        ways = {"igw": vpc.internet_gateway(), "eigw": vpc.egress_only()}
        subnet = vpc.subnet(
            "s", "10.0.1.0/24", six="2001:db8:1:1::/64", routes={ANYWHERE6: ways[kind]}
        )
        subnet.instance("a", "10.0.1.10", six=["2001:db8:1:1::a"])
        return estate

    six = "internet:2606:4700::1"
    trace = ask(build("eigw"), "i-a", six)
    assert trace.verdict == YES
    assert ids(trace) == ["i-a", "subnet-s", "eigw-v"]
    assert [hop.id for hop in trace.return_path] == ["eigw-v", "subnet-s", "i-a"]
    assert verdict(build("eigw"), six, "i-a") == NO
    assert verdict(build("igw"), six, "i-a") == YES
    assert verdict(build("igw"), "i-a", six) == YES


def bpa(
    estate: Estate,
    mode: str,
    exclusion: str = "",
    resource: str = "vpc/vpc-v",
    state: str = "create-complete",
    allowed: str = "allowed",
) -> Estate:
    """Set the mode of Block Public Access, and one exclusion."""
    estate.put(
        "VpcBlockPublicAccessOptions",
        {"InternetGatewayBlockMode": mode, "ExclusionsAllowed": allowed},
    )
    if exclusion:
        estate.put(
            "VpcBlockPublicAccessExclusions",
            {
                "ExclusionId": "vpcbpa-exclude-1",
                "InternetGatewayExclusionMode": exclusion,
                "ResourceArn": f"arn:aws:ec2:eu-west-1:111111111111:{resource}",
                "State": state,
            },
        )
    return estate


def six_host() -> Estate:
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16", six="2001:db8:1::/56")
    eigw = vpc.egress_only()
    subnet = vpc.subnet("s", "10.0.1.0/24", six="2001:db8:1:1::/64", routes={ANYWHERE6: eigw})
    subnet.instance("a", "10.0.1.10", six=["2001:db8:1:1::a"])
    return estate


@pytest.mark.parametrize(
    ("mode", "exclusion", "into", "direct", "nat", "six"),
    [
        ("off", "", YES, YES, YES, YES),
        ("block-bidirectional", "", NO, NO, NO, NO),
        ("block-ingress", "", NO, NO, YES, YES),
        ("block-bidirectional", "allow-bidirectional", YES, YES, YES, YES),
        ("block-ingress", "allow-bidirectional", YES, YES, YES, YES),
        ("block-bidirectional", "allow-egress", NO, NO, YES, YES),
        ("block-ingress", "allow-egress", NO, NO, YES, YES),
    ],
)
def test_n57_block_public_access(
    mode: str, exclusion: str, into: str, direct: str, nat: str, six: str
) -> None:
    """Every mode and exclusion for: in, out under an own address, by NAT, by egress-only."""
    assert verdict(bpa(public_host(), mode, exclusion), OUT, "i-a") == into
    assert verdict(bpa(public_host(), mode, exclusion), "i-a", OUT) == direct
    assert verdict(bpa(private_host(), mode, exclusion), "i-a", OUT) == nat
    assert verdict(bpa(six_host(), mode, exclusion), "i-a", "internet:2606:4700::1") == six


def test_n57_blocked_by_the_mode_is_latent_and_named() -> None:
    trace = ask(bpa(public_host(), "block-ingress"), OUT, "i-a")
    assert stops(trace) == ["block-public-access bpa-ingress"]
    assert notes(trace) == {"latent"}


def test_n57_exclusion_is_for_its_vpc_or_subnet_only() -> None:
    def out(resource: str, **more: str) -> str:
        estate = bpa(public_host(), "block-bidirectional", "allow-bidirectional", resource, **more)
        return verdict(estate, "i-a", OUT)

    assert out("subnet/subnet-s") == YES
    assert out("subnet/subnet-other") == NO
    assert out("vpc/vpc-other") == NO
    assert out("vpc/vpc-v", state="delete-complete") == NO
    assert out("vpc/vpc-v", allowed="not-allowed") == NO


def test_n57_reading_of_the_egress_only_exclusion_is_noted() -> None:
    assert "reading" in notes(
        ask(bpa(private_host(), "block-bidirectional", "allow-egress"), "i-a", OUT)
    )


def test_n57_failed_call_is_unknown_and_a_missing_key_is_off() -> None:
    trace = ask(public_host().fail("VpcBlockPublicAccessOptions"), OUT, "i-a")
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].what == "ec2:DescribeVpcBlockPublicAccessOptions"
    absent = ask(public_host().drop("VpcBlockPublicAccessOptions"), OUT, "i-a")
    assert absent.verdict == YES
    assert notes(absent) == {"assumed"}
    assert notes(ask(public_host(), OUT, "i-a")) == set()


def test_internet_gateways_that_are_not_listed_are_believed_where_a_route_is_active() -> None:
    assert verdict(public_host().drop("InternetGateways"), OUT, "i-a") == YES
    assert verdict(public_host(routed=False).drop("InternetGateways"), OUT, "i-a") == NO


def test_elastic_address_that_only_the_address_list_knows_counts() -> None:
    estate = public_host(public="")
    assert verdict(estate, OUT, "i-a") == NO
    estate.put("Addresses", {"PublicIp": "3.0.0.5", "NetworkInterfaceId": "eni-a"})
    assert verdict(estate, OUT, "3.0.0.5") == YES


def test_internet_without_an_address_is_reachable_if_anybody_there_is() -> None:
    """The rule is for one network only; the note says that it is not for all."""
    trace = ask(public_host(ingress=("tcp/443", "203.0.113.0/24")), "internet", "i-a")
    assert trace.verdict == YES
    assert trace.witness is not None
    assert trace.witness.source.startswith("203.0.113.")
    assert notes(trace) == {"partial"}
    everybody = ask(public_host(), "internet", "i-a")
    assert everybody.verdict == YES
    assert notes(everybody) == set()
    nobody = ask(public_host(ingress=("tcp/443", "10.0.0.0/8")), "internet", "i-a")
    assert nobody.verdict == NO


def test_n34_target_by_name_is_also_tried_at_its_public_address() -> None:
    """Two VPCs without a connection: only over the internet, and the note says so."""

    def build(public: str) -> Estate:
        estate = Estate()
        for name, net in (("v", "10.0"), ("w", "10.9")):
            vpc = estate.vpc(name, f"{net}.0.0/16")
            igw = vpc.internet_gateway()
            subnet = vpc.subnet(name, f"{net}.1.0/24", routes={ANYWHERE: igw})
            address = {"v": "3.0.0.1", "w": public}[name]
            subnet.instance(name, f"{net}.1.10", public=address)
        return estate

    trace = ask(build("3.0.0.2"), "i-v", "i-w")
    assert trace.verdict == YES
    assert notes(trace) == {"public"}
    assert ids(trace) == ["i-v", "subnet-v", "igw-v", "igw-w", "subnet-w", "i-w"]
    assert trace.witness is not None
    assert trace.witness.destination == "3.0.0.2"
    assert stops(ask(build(""), "i-v", "i-w")) == ["internet-gateway private-address"]
