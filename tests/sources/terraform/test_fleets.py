"""What groups will start: one instance for each subnet, each with an interface of its own."""

from __future__ import annotations

from plan_maker import Plan, network


def group(plan: Plan) -> Plan:
    """An Auto Scaling group in two subnets."""
    plan.add(
        "aws_subnet.b",
        {"cidr_block": "10.0.1.0/24", "availability_zone": "eu-west-1b"},
        {"vpc_id": True},
        {"vpc_id": ["aws_vpc.this.id", "aws_vpc.this"]},
    )
    plan.add("aws_launch_template.t", {"name": "t", "image_id": "ami-1"})
    subnets = ["aws_subnet.a.id", "aws_subnet.a", "aws_subnet.b.id", "aws_subnet.b"]
    plan.add(
        "aws_autoscaling_group.g",
        {"max_size": 4, "launch_template": [{"version": "1"}]},
        {"vpc_zone_identifier": True, "launch_template": [{"id": True}]},
        {"vpc_zone_identifier": subnets},
    )
    template = {"references": ["aws_launch_template.t.id", "aws_launch_template.t"]}
    expressions = plan.blocks["aws_autoscaling_group.g"]["expressions"]
    expressions["launch_template"] = [{"id": template}]
    return plan


def test_each_subnets_instance_has_an_interface_of_its_own() -> None:
    interfaces = group(network()).inventory().network_interfaces.values()
    assert {one.subnet_id for one in interfaces} == {"aws_subnet.a", "aws_subnet.b"}
    held = {one.attachment.instance_id for one in interfaces if one.attachment is not None}
    assert len(held) == 2
