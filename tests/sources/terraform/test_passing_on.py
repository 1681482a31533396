"""Modules that pass ids on as texts, and values that stand beside a reference."""

from __future__ import annotations

from typing import Any

import pytest
from plan_maker import Plan

from mute_audit.sources.terraform.filling import filled
from mute_audit.sources.terraform.functions import Failed, apply
from mute_audit.sources.terraform.values import Joined, Open, Ref

A = Ref("aws_security_group.a", ("id",))
B = Ref("aws_security_group.b", ("id",))
TEXT = Ref("aws_instance.a", ("user_data",))


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("join", ["", [A]], A),
        ("join", [",", [A, B]], Joined((A, ",", B))),
        ("format", ["%s", A], A),
        ("format", ["%s/%d%%", A, 32], Joined((A, "/32%"))),
        ("formatlist", ["%s", [A, B]], [A, B]),
        ("split", [",", Joined((A, ",10.0.0.0/8,", B))], [A, "10.0.0.0/8", B]),
        ("replace", ["t3.micro", "/^t(2|3)\\..*$/", "$1"], "3"),
        ("cidrsubnets", ["10.0.0.0/16", 4, 8], ["10.0.0.0/20", "10.0.16.0/24"]),
        ("ceil", [apply("log", [8, 2])], 3),
        ("matchkeys", [[A, B], ["x", "y"], ["y"]], [B]),
    ],
)
def test_what_functions_make(name: str, arguments: list[Any], result: Any) -> None:
    assert apply(name, arguments) == result


def test_a_text_that_may_hold_the_separator_is_not_split() -> None:
    assert isinstance(apply("split", [",", Joined((A, ",", TEXT))]), Open)


def test_a_pattern_that_finds_nothing_fails() -> None:
    with pytest.raises(Failed):
        apply("regex", ["x+", "y"])


def test_what_the_provider_fills_in_does_not_part_blocks() -> None:
    """An `order` of null, which comes back with a number, beside the target that is wanted."""
    own = Ref("aws_lb_listener.a", ("default_action", 0, "order"))
    other = Ref("aws_lb_listener.a", ("default_action", 0, "target_group_arn"))
    group = Ref("aws_lb_target_group.a", ("arn",))
    shown = [{"type": "forward", "order": own, "target_group_arn": other}]
    said = [{"type": "forward", "order": None, "target_group_arn": group}]
    assert filled(shown, said) == [{"type": "forward", "order": own, "target_group_arn": group}]
    assert filled(shown, [{**said[0], "type": "redirect"}]) == shown


@pytest.mark.parametrize(("beside", "known"), [("web", True), ("sg-0123456789abcdef0", False)])
def test_a_known_id_beside_a_reference_may_be_among_the_elements(beside: str, known: bool) -> None:
    """`compact([aws_security_group.a.id, var.other])`, of which a plan shows the references."""
    plan = Plan(other=beside)
    plan.add("aws_security_group.a", {"name": "a", "ingress": [], "egress": []})
    plan.add(
        "aws_instance.a",
        {"ami": "ami-1", "instance_type": "t3.micro", "subnet_id": "subnet-1"},
        {"vpc_security_group_ids": True},
        {
            "vpc_security_group_ids": [
                "aws_security_group.a.id",
                "aws_security_group.a",
                "var.other",
            ]
        },
    )
    region = next(r for r in plan.inventory().regions if r.network_interfaces)
    groups = {one.group_id for one in region.network_interfaces[0].groups}
    assert (groups == {"aws_security_group.a"}) is known
