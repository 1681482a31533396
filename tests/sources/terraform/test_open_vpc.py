"""Plans without the `.tf` files, where the VPC of something is hidden behind a local."""

from __future__ import annotations

import pytest
from plan_maker import Plan

from mute_audit.network.places import Directory
from mute_audit.network.portspec import PortSpec
from mute_audit.network.trace import Question, Reachability, Tracer

VPC = ["aws_vpc.this.id", "aws_vpc.this"]
EVERY = ("aws_subnet.a", "aws_internet_gateway.this", "aws_route_table.public")


def estate(hidden: str = "") -> Plan:
    """A public host. `hidden`: the resource whose VPC is said by a local only."""

    def vpc(address: str) -> dict[str, list[str]]:
        # Two VPCs: nothing but the reference tells which one it is.
        return {"vpc_id": ["local.vpc_id"] if address == hidden else VPC}

    plan = Plan()
    plan.add("aws_vpc.this", {"cidr_block": "10.0.0.0/16"})
    plan.add("aws_vpc.other", {"cidr_block": "10.1.0.0/16"})
    values = {"cidr_block": "10.0.0.0/24", "map_public_ip_on_launch": True}
    unknown = {"vpc_id": True}
    plan.add("aws_subnet.a", values, unknown, vpc("aws_subnet.a"))
    for address in EVERY[1:]:
        plan.add(address, {}, unknown, vpc(address))
    plan.add(
        "aws_route.out",
        {"destination_cidr_block": "0.0.0.0/0"},
        {"route_table_id": True, "gateway_id": True},
        {
            "route_table_id": ["aws_route_table.public.id", "aws_route_table.public"],
            "gateway_id": ["aws_internet_gateway.this.id", "aws_internet_gateway.this"],
        },
    )
    plan.add(
        "aws_route_table_association.a",
        {},
        {"route_table_id": True, "subnet_id": True},
        {
            "route_table_id": ["aws_route_table.public.id", "aws_route_table.public"],
            "subnet_id": ["aws_subnet.a.id", "aws_subnet.a"],
        },
    )
    rule = {"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}
    group = {"name": "web", "ingress": [rule], "egress": []}
    plan.add("aws_security_group.web", group, {"vpc_id": True}, {"vpc_id": VPC})
    plan.add(
        "aws_instance.web",
        {"ami": "ami-1", "instance_type": "t3.micro", "tags": {"Name": "web"}},
        {
            "subnet_id": True,
            "vpc_security_group_ids": True,
            "public_ip": True,
            "private_ip": True,
            "primary_network_interface_id": True,
        },
        {
            "subnet_id": ["aws_subnet.a.id", "aws_subnet.a"],
            "vpc_security_group_ids": ["aws_security_group.web.id", "aws_security_group.web"],
        },
    )
    return plan


def traced(plan: Plan) -> Reachability:
    inventory = plan.inventory()
    tracer = Tracer(inventory, Directory(inventory))
    places = tracer.resolve("internet"), tracer.resolve("web")
    return tracer.trace(Question(*places, PortSpec.parse("tcp/443"))).verdict


def test_a_host_whose_vpc_is_known_is_reached() -> None:
    assert traced(estate()) is Reachability.REACHABLE


def test_one_in_a_vpc_that_a_local_names_is_not_shut_off() -> None:
    """Its subnet may be in either VPC."""
    assert traced(estate("aws_subnet.a")) is Reachability.UNKNOWN


@pytest.mark.parametrize("hidden", EVERY[1:])
def test_tables_and_gateways_are_of_the_vpc_that_they_serve(hidden: str) -> None:
    assert traced(estate(hidden)) is Reachability.REACHABLE
