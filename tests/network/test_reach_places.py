"""Whatever has an interface is a place: a source that nobody thinks of, and a target."""

from __future__ import annotations

from typing import Any

import pytest
from both import both
from estate import Estate, Vpc

from mute_audit.address import unknown_id
from mute_audit.inventory import Inventory
from mute_audit.network.places import INTERNET
from mute_audit.network.portspec import PortSpec
from mute_audit.network.reach import Reach
from mute_audit.network.trace import Question, Tracer
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth


def open_vpc(estate: Estate) -> Vpc:
    return estate.vpc("a", "10.0.0.0/16")


@pytest.mark.parametrize(
    "made_by",
    [
        {"RequesterManaged": True, "Description": "RedshiftNetworkInterface"},
        {"RequesterManaged": True, "Description": "ELB classic"},
        {"InterfaceType": "load_balancer", "Description": "ELB app/gone/0123456789abcdef"},
        {"RequesterManaged": True, "Description": "RDSNetworkInterface"},
    ],
)
def test_an_interface_of_a_service_that_is_not_described_is_a_place(
    made_by: dict[str, Any],
) -> None:
    """The internet reaches its public address, and both engines say so."""
    estate = Estate()
    vpc = open_vpc(estate)
    igw = vpc.internet_gateway()
    subnet = vpc.subnet("public", "10.0.0.0/24", routes={"0.0.0.0/0": igw})
    group = vpc.group("open", ingress=[("tcp/5439", "0.0.0.0/0")])
    subnet.interface("node", "10.0.0.10", groups=[group], public="3.0.0.10", **made_by)
    reach = Reach(estate.inventory())
    place = reach.directory.resolve("eni-node")
    assert place in reach.directory.places
    (flow,) = reach.flows((INTERNET,), (place,), Traffic.everything())
    assert str(flow.traffic) == "tcp/5439"
    assert reach.prove(flow).witness is not None


def function_beside_database(groups: list[str]) -> Inventory:
    """A function and a database, neither with a described interface, in one subnet."""
    estate = Estate()
    vpc = open_vpc(estate)
    subnet = vpc.subnet("private", "10.0.0.0/24")
    app = vpc.group("app")
    vpc.group("other")
    data = vpc.group("data", ingress=[("tcp/5432", app)])
    estate.database("orders", [subnet], groups=[data])
    estate.put(
        "Functions",
        {
            "FunctionName": "report",
            "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:report",
            "VpcConfig": {
                "VpcId": vpc.id,
                "SubnetIds": [subnet.id],
                "SecurityGroupIds": groups,
            },
        },
    )
    return estate.inventory()


def test_two_presumed_interfaces_in_one_subnet_have_different_addresses() -> None:
    """A function in the group that the database lets in reaches it; in another one it does not."""
    for groups, expected in ((["sg-app"], True), (["sg-other"], False)):
        inventory = function_beside_database(groups)
        reach = Reach(inventory)
        source, target = reach.directory.resolve("report"), reach.directory.resolve("orders")
        flows = reach.flows((source,), (target,), Traffic.parse("tcp/5432"))
        assert bool(flows) is expected
        answer = Tracer(inventory).trace(Question(source, target, PortSpec.parse("tcp/5432")))
        assert (answer.verdict.value == "reachable") is expected
        if expected:
            witness = reach.prove(flows[0]).witness
            assert witness is not None
            assert witness.source != witness.destination


@pytest.mark.parametrize(
    ("allowed", "found"),
    [
        ("0.0.0.0/0", Truth.YES),
        ("10.0.0.0/24", Truth.YES),
        ("10.0.0.128/25", Truth.UNKNOWN),
        ("10.0.9.0/24", Truth.NO),
    ],
)
@pytest.mark.parametrize("whose", ["source", "target"])
def test_an_interface_without_its_address_may_have_any_of_its_subnet(
    whose: str, allowed: str, found: Truth
) -> None:
    """As before an instance is made. Whether a rule for half of the subnet means it is unknown."""
    estate = Estate()
    vpc = open_vpc(estate)
    igw = vpc.internet_gateway()
    subnet = vpc.subnet("s", "10.0.0.0/24", routes={"0.0.0.0/0": igw})
    other = vpc.subnet("o", "10.0.1.0/24", routes={"0.0.0.0/0": igw})
    group = vpc.group("g", [("tcp/443", allowed)])
    if whose == "source":
        subnet.instance("a", "", public="3.0.0.1")
        other.instance("b", "10.0.1.10", groups=[group])
        assert both(estate, "i-a", "i-b", "tcp/443") is found
        assert both(estate, "i-a", "internet", "tcp/443") is Truth.YES
    else:
        outward = vpc.group("out", egress=[("tcp/443", allowed)])
        other.instance("b", "10.0.1.10", groups=[outward])
        subnet.instance("a", "", public="3.0.0.1")
        assert both(estate, "i-b", "i-a", "tcp/443") is found
        assert both(estate, "internet", "i-a", "tcp/443") is Truth.YES


def test_an_interface_in_a_subnet_that_is_not_described_may_be_anywhere() -> None:
    """Nothing is known of its addresses, so neither is whom it reaches."""
    estate = Estate()
    vpc = open_vpc(estate)
    subnet = vpc.subnet("s", "10.0.0.0/24", routes={})
    subnet.instance("a", "10.0.0.10")
    lost = subnet.instance("b", "")
    lost.json["SubnetId"] = lost.eni["SubnetId"] = "subnet-unknown"
    for source, target in (("i-a", "i-b"), ("i-b", "i-a"), ("internet", "i-b")):
        assert both(estate, source, target, "tcp/443") is Truth.UNKNOWN


def test_an_interface_that_has_no_ip_reaches_nobody() -> None:
    """What carries a cluster's traffic past IP is no way in."""
    estate = Estate()
    vpc = open_vpc(estate)
    subnet = vpc.subnet("s", "10.0.0.0/24", routes={})
    subnet.instance("a", "10.0.0.10")
    subnet.interface("b", "", InterfaceType="efa-only")
    assert both(estate, "i-a", "eni-b", "tcp/443") is Truth.NO


@pytest.mark.parametrize("known", [True, False])
def test_who_is_in_a_group_that_is_not_known_yet_may_be_in_any(known: bool) -> None:
    """A rule for a group lets in its members; whether a host becomes one is told at apply."""
    estate = Estate()
    vpc = open_vpc(estate)
    subnet = vpc.subnet("s", "10.0.0.0/24", routes={})
    clients, others = vpc.group("clients"), vpc.open_group()
    name = others if known else unknown_id("vpc_security_group_ids", "aws_instance.a")
    subnet.instance("a", "10.0.0.10", groups=[others, name])
    subnet.instance("b", "10.0.0.20", groups=[vpc.group("g", [("tcp/443", clients)])])
    subnet.instance("c", "10.0.0.30", groups=[vpc.group("h", egress=[("tcp/443", clients)])])
    found = Truth.NO if known else Truth.UNKNOWN
    assert both(estate, "i-a", "i-b", "tcp/443") is found
    assert both(estate, "i-c", "i-a", "tcp/443") is found
    assert both(estate, "i-c", "i-b", "tcp/443") is Truth.NO


@pytest.mark.parametrize("public", ["198.51.100.1", "198.51.100.77"])
def test_a_packet_that_proves_a_way_in_comes_from_no_address_of_the_estate(public: str) -> None:
    """A network that a rule names may hold the host's own address, the one to be tried first."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    subnet = vpc.subnet("s", "10.0.0.0/24", routes={"0.0.0.0/0": vpc.internet_gateway()})
    groups = [vpc.group("g", [("tcp/22", "198.51.100.0/24")])]
    subnet.instance("a", "10.0.0.10", groups=groups, public=public)
    assert both(estate, "internet", "i-a", "tcp/22") is Truth.YES
