"""Load balancers, as the packet tracer reads them: pairs that differ in one fact."""

from __future__ import annotations

from typing import Any

import pytest
from estate import ANYWHERE, Estate
from tracing import ask, ids, notes, stops, verdict

YES, NO, UNKNOWN = "reachable", "unreachable", "unknown"
OUT = "internet:8.8.8.8"


def application(
    *,
    client_rule: Any = ANYWHERE,
    target_rule: Any = "sg-alb",
    target_port: str = "tcp/8080",
    egress: Any = ANYWHERE,
    state: str = "healthy",
    described: bool = True,
) -> tuple[Estate, str]:
    """An internet-facing application load balancer on 443, its target on 8080."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    public = vpc.subnet("public", "10.0.0.0/24", routes={ANYWHERE: igw})
    private = vpc.subnet("private", "10.0.1.0/24", routes={})
    front = vpc.group("alb", [("tcp/443", client_rule)], [("all", egress)])
    back = vpc.group("back", [(target_port, target_rule)])
    private.instance("t", "10.0.1.10", groups=[back])
    made = estate.balancer(
        "web",
        "application",
        {"10.0.0.50": public},
        groups=[front],
        public={"10.0.0.50": "3.0.0.50"},
        described=described,
    )
    made.listen(443, {"i-t": 8080}, protocol="HTTPS", state=state)
    return estate, made.id


def test_n47_both_legs_make_the_path_and_the_port_changes() -> None:
    estate, balancer = application()
    trace = ask(estate, OUT, balancer)
    assert trace.verdict == YES
    assert ids(trace) == [
        *("igw-v", "subnet-public", balancer, "subnet-public", "subnet-private", "i-t")
    ]
    assert "sg-back:ingress:tcp/8080:sg-alb" in trace.rules
    assert trace.return_path[0].id == "i-t"
    assert trace.return_path[-1].id == "igw-v"
    assert verdict(estate, OUT, "3.0.0.50") == YES


def test_n47_first_leg_needs_the_balancers_group() -> None:
    estate, balancer = application(client_rule="10.0.0.0/8")
    assert stops(ask(estate, OUT, balancer))[0] == "security-group no-ingress-rule"


def test_n47_target_sees_the_balancers_private_addresses() -> None:
    """Its group is referenced, or its subnet's CIDR; the client's address does not count."""
    for rule, expected in (("sg-alb", YES), ("10.0.0.0/24", YES), ("8.8.8.0/24", NO)):
        estate, balancer = application(target_rule=rule)
        assert verdict(estate, OUT, balancer) == expected, rule
    estate, balancer = application(target_port="tcp/443")
    trace = ask(estate, OUT, balancer)
    assert stops(trace) == ["security-group no-ingress-rule"]
    assert ids(trace)[-1] == "i-t"


def test_n47_balancers_own_egress_rules_count() -> None:
    estate, balancer = application(egress="10.0.9.0/24")
    assert stops(ask(estate, OUT, balancer)) == ["security-group no-egress-rule"]


def test_n47_port_without_a_listener() -> None:
    estate, balancer = application()
    estate.items["SecurityGroups"][0]["IpPermissions"][0] |= {"FromPort": 0, "ToPort": 65535}
    trace = ask(estate, OUT, balancer, "tcp/81")
    assert stops(trace) == ["load-balancer no-listener"]
    assert ids(trace)[-1] == balancer


def test_n47_target_itself_is_not_reached_by_its_own_address() -> None:
    estate, _ = application()
    assert verdict(estate, OUT, "i-t", "tcp/8080") == NO


@pytest.mark.parametrize(
    ("state", "expected"),
    [("healthy", YES), ("unhealthy", YES), ("draining", NO), ("unused", NO)],
)
def test_n47_targets_health(state: str, expected: str) -> None:
    """With no healthy target the balancer falls back on the unhealthy ones."""
    estate, balancer = application(state=state)
    trace = ask(estate, OUT, balancer)
    assert trace.verdict == expected
    if expected == NO:
        assert stops(trace) == ["load-balancer no-target"]


def test_n47_any_healthy_target_that_is_open_will_do() -> None:
    estate, balancer = application()
    subnet = next(s for s in estate.items["Subnets"] if s["SubnetId"] == "subnet-private")
    assert subnet
    shut = dict(estate.items["NetworkInterfaces"][0])
    shut |= {
        "NetworkInterfaceId": "eni-shut",
        "PrivateIpAddress": "10.0.1.11",
        "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.11", "Primary": True}],
        "Groups": [{"GroupId": "sg-alb"}],
        "Attachment": {"InstanceId": "i-shut"},
    }
    estate.put("NetworkInterfaces", shut)
    estate.put(
        "Reservations",
        {"Instances": [{"InstanceId": "i-shut", "State": {"Name": "running"}}]},
    )
    health = estate.items["LoadBalancerTargetHealth"][0]["TargetHealthDescriptions"]
    health.insert(
        0, {"Target": {"Id": "i-shut", "Port": 8080}, "TargetHealth": {"State": "healthy"}}
    )
    trace = ask(estate, OUT, balancer)
    assert trace.verdict == YES
    assert ids(trace)[-1] == "i-t"
    health.pop()
    assert verdict(estate, OUT, balancer) == NO


def test_n47_interfaces_that_are_not_described_are_assumed_in_the_balancers_subnets() -> None:
    estate, balancer = application(described=False)
    assert verdict(estate, OUT, balancer) == YES
    estate, balancer = application(described=False, client_rule="10.0.0.0/8")
    assert verdict(estate, OUT, balancer) == NO


def test_n47_redirect_is_answered_by_the_balancer_itself() -> None:
    estate, balancer = application()
    estate.items["LoadBalancerListeners"][0]["Listeners"][0]["DefaultActions"] = [
        {"Type": "redirect"}
    ]
    trace = ask(estate, OUT, balancer)
    assert trace.verdict == YES
    assert ids(trace)[-1] == balancer
    assert "targets" in notes(trace)


@pytest.mark.parametrize(
    "key", ["LoadBalancerListeners", "TargetGroups", "LoadBalancerTargetHealth"]
)
def test_what_is_not_collected_of_a_balancer_is_unknown(key: str) -> None:
    estate, balancer = application()
    trace = ask(estate.fail(key), OUT, balancer)
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].key == key


def network(
    *,
    groups: bool = False,
    group_rule: Any = ANYWHERE,
    target_rule: Any = ANYWHERE,
    kind: str = "instance",
    protocol: str = "TCP",
    routed: bool = True,
    zone: str = "a",
    balancer_attributes: dict[str, str] | None = None,
    target_attributes: dict[str, str] | None = None,
) -> tuple[Estate, str]:
    """An internet-facing network load balancer on 80, its target on 22 in a private subnet."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    public = vpc.subnet("public", "10.0.0.0/24", routes={ANYWHERE: igw} if routed else {})
    private = vpc.subnet("private", "10.0.1.0/24", zone=zone, routes={})
    front = [vpc.group("nlb", [("all", group_rule)])] if groups else []
    back = vpc.group("back", [("all", target_rule)])
    private.instance("t", "10.0.1.10", groups=[back])
    made = estate.balancer(
        "front",
        "network",
        {"10.0.0.50": public},
        groups=front,
        public={"10.0.0.50": "3.0.0.50"},
        **(balancer_attributes or {}),
    )
    target = "i-t" if kind == "instance" else "10.0.1.10"
    made.listen(80, {target: 22}, protocol=protocol, kind=kind, **(target_attributes or {}))
    return estate, made.id


def test_n48_without_a_group_nothing_filters_clients_but_routes_do() -> None:
    for groups, rule, routed, expected in (
        (False, ANYWHERE, True, YES),
        (True, "10.0.0.0/8", True, NO),
        (True, ANYWHERE, True, YES),
        (False, ANYWHERE, False, NO),
    ):
        estate, balancer = network(groups=groups, group_rule=rule, routed=routed)
        assert verdict(estate, OUT, balancer, "tcp/80") == expected, (groups, rule, routed)


def test_n48_acl_of_the_balancers_subnet_counts() -> None:
    estate, balancer = network()
    estate.items["NetworkAcls"].append(
        {
            "NetworkAclId": "acl-nlb",
            "VpcId": "vpc-v",
            "Entries": [],
            "Associations": [{"SubnetId": "subnet-public"}],
        }
    )
    trace = ask(estate, OUT, balancer, "tcp/80")
    assert {b.id for b in trace.blocked_by} == {"acl-nlb"}


@pytest.mark.parametrize(
    ("kind", "protocol", "attribute", "sees_client"),
    [
        ("instance", "TCP", "", True),
        ("ip", "TCP", "", False),
        ("instance", "TCP", "false", False),
        ("ip", "TCP", "true", True),
        ("ip", "UDP", "", True),
        ("ip", "UDP", "false", True),
    ],
)
def test_n49_which_address_the_target_sees(
    kind: str, protocol: str, attribute: str, sees_client: bool
) -> None:
    """A target that lets in only the client, and one that lets in only the balancer's subnet."""
    given = {"preserve_client_ip__enabled": attribute} if attribute else {}
    port = "udp/80" if protocol == "UDP" else "tcp/80"
    for rule, expected in (("8.8.8.0/24", sees_client), ("10.0.0.0/24", not sees_client)):
        estate, balancer = network(
            kind=kind, protocol=protocol, target_rule=rule, target_attributes=given
        )
        assert verdict(estate, OUT, balancer, port) == (YES if expected else NO), rule


def test_n49_answer_of_a_target_that_saw_the_client_goes_back_through_the_balancer() -> None:
    """The private subnet has no way to the internet, and needs none; its ACL is still asked."""
    estate, balancer = network()
    trace = ask(estate, OUT, balancer, "tcp/80")
    assert trace.verdict == YES
    assert [hop.id for hop in trace.return_path] == [
        *("i-t", "subnet-private", "subnet-public", balancer, "subnet-public", "igw-v")
    ]
    vpc_acl = {
        "NetworkAclId": "acl-private",
        "VpcId": "vpc-v",
        "Entries": [
            {
                "RuleNumber": 10,
                "RuleAction": "allow",
                "Protocol": "-1",
                "Egress": False,
                "CidrBlock": ANYWHERE,
            }
        ],
        "Associations": [{"SubnetId": "subnet-private"}],
    }
    estate.items["NetworkAcls"].append(vpc_acl)
    assert [b.id for b in ask(estate, OUT, balancer, "tcp/80").blocked_by] == ["acl-private"]


def test_n50_reference_to_the_balancers_group_matches_with_the_client_address_kept() -> None:
    estate, balancer = network(groups=True, target_rule="sg-nlb")
    assert verdict(estate, OUT, balancer, "tcp/80") == YES
    estate, balancer = network(groups=True, target_rule="sg-other")
    assert verdict(estate, OUT, balancer, "tcp/80") == NO


def test_network_balancer_crosses_zones_only_where_it_is_told_to() -> None:
    on = {"load_balancing__cross_zone__enabled": "true"}
    estate, balancer = network(zone="b")
    assert stops(ask(estate, OUT, balancer, "tcp/80")) == ["load-balancer no-target"]
    estate, balancer = network(zone="b", balancer_attributes=on)
    assert verdict(estate, OUT, balancer, "tcp/80") == YES


def test_internal_balancer_between_subnets_as_batfish_pictures_it() -> None:
    """Client → balancer's node → server in another subnet, on another port, and back."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    one = vpc.subnet("one", "10.0.1.0/24", zone="a")
    two = vpc.subnet("two", "10.0.2.0/24", zone="b")
    vpc.subnet("client", "10.0.9.0/24").instance("c", "10.0.9.9")
    two.instance("s", "10.0.2.10", groups=[vpc.group("s", [("tcp/22", ANYWHERE)])])
    made = estate.balancer("lb", "network", {"10.0.1.50": one, "10.0.2.50": two})
    made.listen(80, {"i-s": 22})
    trace = ask(estate, "i-c", "10.0.2.50", "tcp/80")
    assert trace.verdict == YES
    assert ids(trace) == ["i-c", "subnet-client", "subnet-two", made.id, "i-s"]
    far = ask(estate, "i-c", "10.0.1.50", "tcp/80")
    assert stops(far) == ["load-balancer no-target"]
    other = ask(estate, "i-c", "10.0.2.50", "tcp/81")
    assert stops(other) == ["load-balancer no-listener"]


def test_balancer_as_the_source_reaches_its_target() -> None:
    estate, balancer = application()
    assert verdict(estate, balancer, "i-t", "tcp/8080") == YES
    assert verdict(estate, balancer, "i-t", "tcp/22") == NO
