"""Databases, functions, tasks, secondary addresses, stopped hosts: pairs, one fact apart."""

from __future__ import annotations

from typing import Any

import pytest
from estate import ANYWHERE, Estate
from tracing import ask, ids, notes, stops, verdict

YES, NO, UNKNOWN = "reachable", "unreachable", "unknown"
OUT = "internet:8.8.8.8"


def with_database(
    *,
    rule: Any = "sg-client",
    described: bool = False,
    public: bool = False,
    zone: str = "b",
    multi_az: bool = False,
    routed: bool = False,
    acl: tuple[str, str] | None = None,
    public_address: str = "",
) -> tuple[Estate, str]:
    """A client in 10.0.1.0/24 and a database over 10.0.2.0/24 (zone b) and 10.0.3.0/24 (c).

    `acl` is (subnet, CIDR): the subnet's ACL lets in only that.
    """
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    routes = {ANYWHERE: igw} if routed else {}
    client = vpc.group("client")
    vpc.subnet("one", "10.0.1.0/24").instance("a", "10.0.1.10", groups=[client])
    two = vpc.subnet("two", "10.0.2.0/24", zone="b", routes=routes)
    three = vpc.subnet("three", "10.0.3.0/24", zone="c", routes=routes)
    group = vpc.group("db", [("tcp/5432", rule)])
    if acl is not None:
        vpc.acl("x", ingress=[(10, "allow", "all", acl[1])], subnets=[acl[0]])
    arn = estate.database(
        "db",
        [two, three],
        groups=[group],
        zone=zone,
        multi_az=multi_az,
        public=public,
        interface_at=two if described else None,
        address="10.0.2.50",
        public_address=public_address,
    )
    return estate, arn


@pytest.mark.parametrize("described", [True, False])
def test_n52_inside_the_vpc_a_database_is_reached_by_its_private_address(described: bool) -> None:
    estate, database = with_database(described=described)
    trace = ask(estate, "i-a", database, "tcp/5432")
    assert trace.verdict == YES
    assert ids(trace) == ["i-a", "subnet-one", "subnet-two", database]
    assert verdict(estate, "i-a", database, "tcp/5433") == NO
    other, database = with_database(rule="sg-other", described=described)
    assert stops(ask(other, "i-a", database, "tcp/5432")) == ["security-group no-ingress-rule"]


@pytest.mark.parametrize("described", [True, False])
def test_n52_from_the_internet_it_needs_public_subnet_group_and_the_flag(described: bool) -> None:
    """Each of the three taken away closes it; `PubliclyAccessible` alone opens nothing."""

    def asked(*, public: bool, routed: bool, rule: Any) -> str:
        address = "3.0.0.7" if described and public else ""
        estate, database = with_database(
            rule=rule, described=described, public=public, routed=routed, public_address=address
        )
        return verdict(estate, OUT, database, "tcp/5432")

    assert asked(public=True, routed=True, rule=ANYWHERE) == YES
    assert asked(public=False, routed=True, rule=ANYWHERE) == NO
    assert asked(public=True, routed=False, rule=ANYWHERE) == NO
    assert asked(public=True, routed=True, rule="sg-client") == NO


def test_n52_single_az_database_stands_in_its_own_zone() -> None:
    """Only the ACL of its own zone's subnet matters, unless it may be in both."""
    shut = ("subnet-three", "192.0.2.0/24")
    estate, database = with_database(zone="b", acl=shut)
    assert verdict(estate, "i-a", database, "tcp/5432") == YES
    estate, database = with_database(zone="c", acl=shut)
    assert verdict(estate, "i-a", database, "tcp/5432") == NO
    estate, database = with_database(zone="", multi_az=True, acl=shut)
    trace = ask(estate, "i-a", database, "tcp/5432")
    assert trace.verdict == UNKNOWN
    assert "differ" in trace.gaps[0].why
    assert trace.gaps[0].key == "NetworkInterfaces"


def test_n52_unknown_address_matters_where_a_rule_tells_addresses_apart() -> None:
    """The client may send to half of the subnet only: which half the database is in, who knows."""

    def build(cidr: str, described: bool) -> tuple[Estate, str]:
        estate, database = with_database(described=described)
        group = next(g for g in estate.items["SecurityGroups"] if g["GroupId"] == "sg-client")
        group["IpPermissionsEgress"] = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": cidr}]}]
        return estate, database

    for cidr, described, expected in (
        ("10.0.2.0/24", False, YES),
        ("10.0.2.0/25", False, UNKNOWN),
        ("10.0.2.0/25", True, YES),
        ("10.0.2.128/25", True, NO),
        ("10.0.9.0/24", False, NO),
    ):
        estate, database = build(cidr, described)
        assert verdict(estate, "i-a", database, "tcp/5432") == expected, (cidr, described)


def test_n52_two_databases_that_look_alike_share_their_interfaces() -> None:
    """Where the answer is the same for both, it is told; where it is not, it is unknown."""
    estate, database = with_database(described=True)
    twin = dict(estate.items["DBInstances"][0])
    twin |= {"DBInstanceIdentifier": "twin", "DBInstanceArn": "arn:aws:rds:::db:twin"}
    estate.put("DBInstances", twin)
    other = dict(estate.items["NetworkInterfaces"][-1])
    other |= {
        "NetworkInterfaceId": "eni-rds-twin",
        "PrivateIpAddress": "10.0.2.200",
        "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.2.200", "Primary": True}],
    }
    estate.put("NetworkInterfaces", other)
    assert verdict(estate, "i-a", database, "tcp/5432") == YES
    group = next(g for g in estate.items["SecurityGroups"] if g["GroupId"] == "sg-client")
    group["IpPermissionsEgress"] = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.2.0/25"}]}]
    assert verdict(estate, "i-a", database, "tcp/5432") == UNKNOWN


def test_database_whose_subnets_are_not_described_is_a_gap() -> None:
    estate, database = with_database()
    estate.fail("Subnets")
    trace = ask(estate, "i-a", database, "tcp/5432")
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].what == "ec2:DescribeSubnets"


def with_function(*, described: bool, second: bool = False) -> Estate:
    """A function over one or two subnets, of which only the first has a way out."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    nat = vpc.subnet("public", "10.0.0.0/24", routes={ANYWHERE: igw}).nat(public="3.0.0.9")
    one = vpc.subnet("one", "10.0.1.0/24", routes={ANYWHERE: nat})
    two = vpc.subnet("two", "10.0.2.0/24", routes={})
    group = vpc.group("fn", [("all", ANYWHERE)])
    names = ["subnet-one", "subnet-two"] if second else ["subnet-one"]
    if described:
        one.interface("fn", "10.0.1.30", groups=[group], InterfaceType="lambda")
    estate.put(
        "Functions",
        {
            "FunctionName": "fn",
            "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:fn",
            "VpcConfig": {"SubnetIds": names, "SecurityGroupIds": ["sg-fn"], "VpcId": "vpc-v"},
        },
    )
    two.instance("a", "10.0.2.10")
    return estate


@pytest.mark.parametrize("described", [True, False])
def test_n53_function_opens_connections_and_accepts_none(described: bool) -> None:
    estate = with_function(described=described)
    out = ask(estate, "fn", OUT)
    assert out.verdict == YES
    assert out.path[0].kind == "function"
    assert stops(ask(estate, "i-a", "fn")) == ["host egress-only"]


def test_n53_function_in_two_subnets_may_use_either() -> None:
    assert verdict(with_function(described=False, second=True), "fn", OUT) == YES


def test_n53_task_has_its_own_groups() -> None:
    """Of two tasks' worth of groups the service's own one counts."""

    def build(port: str, described: bool) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16")
        one, two = vpc.subnet("one", "10.0.1.0/24"), vpc.subnet("two", "10.0.2.0/24")
        group = vpc.group("task", [(port, ANYWHERE)])
        one.instance("a", "10.0.1.10")
        arn = "arn:aws:ecs:eu-west-1:111111111111:service/c/web"
        estate.put(
            "services",
            {
                "serviceArn": arn,
                "serviceName": "web",
                "networkConfiguration": {
                    "awsvpcConfiguration": {
                        "subnets": [two.id],
                        "securityGroups": [group.id],
                        "assignPublicIp": "DISABLED",
                    }
                },
            },
        )
        if described:
            eni = two.interface("task", "10.0.2.30", groups=[group])
            details = [{"name": "networkInterfaceId", "value": eni["NetworkInterfaceId"]}]
            estate.put(
                "tasks",
                {
                    "taskArn": "arn:aws:ecs:eu-west-1:111111111111:task/c/1",
                    "group": "service:web",
                    "lastStatus": "RUNNING",
                    "attachments": [{"type": "ElasticNetworkInterface", "details": details}],
                },
            )
        return estate

    for described in (True, False):
        trace = ask(build("tcp/443", described), "i-a", "web")
        assert trace.verdict == YES
        assert trace.path[-1].kind == "service"
        assert verdict(build("tcp/80", described), "i-a", "web") == NO


def stoppable(state: str) -> Estate:
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    subnet = vpc.subnet("s", "10.0.1.0/24")
    subnet.instance("a", "10.0.1.10")
    subnet.instance("b", "10.0.1.11", state=state, groups=[vpc.group("b", [("all", ANYWHERE)])])
    return estate


def test_n55_stopped_instance_is_not_reachable_now_but_latent() -> None:
    assert verdict(stoppable("running"), "i-a", "i-b") == YES
    trace = ask(stoppable("stopped"), "i-a", "i-b")
    assert stops(trace) == ["host stopped"]
    assert trace.blocked_by[0].id == "i-b"
    assert notes(trace) == {"latent"}
    assert stops(ask(stoppable("stopped"), "i-b", "i-a")) == ["host stopped"]


def test_n55_stopped_behind_a_closed_group_is_not_latent() -> None:
    estate = stoppable("stopped")
    estate.items["SecurityGroups"][-1]["IpPermissions"] = []
    trace = ask(estate, "i-a", "i-b")
    assert stops(trace) == ["security-group no-ingress-rule", "host stopped"]
    assert notes(trace) == set()


def test_instances_that_are_not_described_are_taken_to_be_running() -> None:
    estate = stoppable("running").drop("Reservations")
    trace = ask(estate, "eni-a", "eni-b")
    assert trace.verdict == YES
    assert notes(trace) == {"assumed"}
    failed = ask(stoppable("running").fail("Reservations"), "eni-a", "eni-b")
    assert failed.verdict == UNKNOWN
    assert failed.gaps[0].what == "ec2:DescribeInstances"


def test_interface_without_a_host_answers_nobody() -> None:
    def build(status: str) -> Estate:
        estate = stoppable("running")
        eni = dict(estate.items["NetworkInterfaces"][-1])
        eni |= {
            "NetworkInterfaceId": "eni-loose",
            "PrivateIpAddress": "10.0.1.99",
            "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.99", "Primary": True}],
            "Status": status,
        }
        del eni["Attachment"]
        estate.put("NetworkInterfaces", eni)
        return estate

    assert verdict(build("in-use"), "i-a", "10.0.1.99") == YES
    assert stops(ask(build("available"), "i-a", "10.0.1.99")) == ["host not-attached"]


def test_n56_secondary_address_counts_as_the_interfaces_own() -> None:
    def build(secondary: list[str]) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16")
        subnet = vpc.subnet("s", "10.0.1.0/24")
        subnet.instance("a", "10.0.1.10", groups=[vpc.group("client")], secondary=secondary)
        subnet.instance("b", "10.0.1.11", groups=[vpc.group("b", [("all", "sg-client")])])
        return estate

    assert verdict(build(["10.0.1.77"]), "i-b", "10.0.1.77") == NO  # b may not, a has no rule
    assert stops(ask(build(["10.0.1.77"]), "i-b", "10.0.1.77")) == [
        "security-group no-ingress-rule"
    ]
    assert stops(ask(build([]), "i-b", "10.0.1.77")) == ["no-such-destination no-such-destination"]
    # As a source it is a member's address too.
    assert verdict(build(["10.0.1.77"]), "10.0.1.77", "i-b") == YES
    assert verdict(build([]), "10.0.1.77", "i-b") == NO


def test_n56_delegated_prefix_counts_as_the_interfaces_own() -> None:
    def build(**more: Any) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16")
        subnet = vpc.subnet("s", "10.0.1.0/24")
        subnet.instance("a", "10.0.1.10")
        subnet.instance("b", "10.0.1.11", **more)
        return estate

    prefix = [{"Ipv4Prefix": "10.0.1.64/28"}]
    trace = ask(build(Ipv4Prefixes=prefix), "i-a", "10.0.1.70")
    assert trace.verdict == YES
    assert ids(trace)[-1] == "i-b"
    assert verdict(build(), "i-a", "10.0.1.70") == NO
