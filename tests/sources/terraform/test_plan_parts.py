"""Parts of plans: what other files change, what is put off, and what nobody translates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plan_maker import Plan, network

from mute_audit.inventory import Inventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.terraform.plan import read_plan

SUBNET = {"subnet_id": ["aws_subnet.a.id", "aws_subnet.a"]}
TEXT = """
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "a" {
  vpc_id = aws_vpc.this.id
}
resource "aws_security_group" "a" {
  vpc_id = aws_vpc.this.id
}
resource "aws_security_group" "b" {
  vpc_id = aws_vpc.this.id
}
locals {
  group = aws_security_group.a.id
}
resource "aws_instance" "web" {
  subnet_id              = aws_subnet.a.id
  vpc_security_group_ids = [local.group]
}
"""


def host() -> Plan:
    """An instance, whose group a local names, and two groups."""
    plan = network()
    for name in ("a", "b"):
        plan.add(
            f"aws_security_group.{name}",
            {"name": name, "ingress": [], "egress": []},
            {"vpc_id": True},
            {"vpc_id": ["aws_vpc.this.id", "aws_vpc.this"]},
        )
    return plan.add(
        "aws_instance.web",
        {"tags": {"Name": "web"}},
        {"subnet_id": True, "vpc_security_group_ids": True},
        {**SUBNET, "vpc_security_group_ids": ["local.group"]},
    )


def groups(found: Inventory) -> set[str]:
    (interface,) = found.network_interfaces.values()
    return {one.group_id for one in interface.groups}


def test_a_file_that_overrides_others_is_read_last(tmp_path: Path) -> None:
    """Whatever its name sorts to; of a block it changes what it says, and keeps the rest."""
    (tmp_path / "main.tf").write_text(TEXT)
    assert groups(host().inventory(tmp_path)) == {"aws_security_group.a"}
    (tmp_path / "a_override.tf").write_text(
        'resource "aws_instance" "web" {\n  vpc_security_group_ids = [aws_security_group.b.id]\n}\n'
    )
    changed = host().inventory(tmp_path)
    assert groups(changed) == {"aws_security_group.b"}
    (interface,) = changed.network_interfaces.values()
    assert interface.subnet_id == "aws_subnet.a"
    (tmp_path / "a_override.tf").unlink()
    (tmp_path / "override.tf").write_text("locals {\n  group = aws_security_group.b.id\n}\n")
    assert groups(host().inventory(tmp_path)) == {"aws_security_group.b"}


def test_data_of_a_check_is_the_modules(tmp_path: Path) -> None:
    """So that the text fits the plan, which lists it among the module's resources."""
    (tmp_path / "main.tf").write_text(TEXT + 'check "it" {\n  data "aws_vpc" "x" {\n  }\n}\n')
    plan = host()
    block = {"mode": "data", "type": "aws_vpc", "name": "x", "address": "data.aws_vpc.x"}
    plan.blocks["data.aws_vpc.x"] = block
    assert groups(plan.inventory(tmp_path)) == {"aws_security_group.a"}
    without = host().document()
    assert groups(load(read_plan(without, "plan.json", None))) != {"aws_security_group.a"}


def test_changes_that_are_put_off_are_gaps() -> None:
    document = network().document()
    change = {"address": "aws_instance.later[*]", "mode": "managed", "type": "aws_instance"}
    later = {"reason": "instance_count_unknown", "resource_change": change}
    raw = read_plan({**document, "deferred_changes": [later], "complete": False}, "p", None)
    assert [gap.what for gap in raw.gaps] == ["aws_instance.later[*]"]
    assert read_plan(document, "p", None).gaps == ()


def test_a_plan_of_a_part_says_so() -> None:
    document = network().document()
    raw = read_plan({**document, "complete": False}, "p", None)
    assert any("of a part only" in note for note in raw.notes)
    assert not any("of a part" in note for note in read_plan(document, "p", None).notes)


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [
        ("aws_workspaces_directory", {"subnet_ids": ["subnet-1"]}, True),
        ("aws_emr_cluster", {"ec2_attributes": [{"subnet_id": "subnet-1"}]}, True),
        ("aws_cloudformation_stack", {"name": "x"}, True),
        ("aws_db_subnet_group", {"subnet_ids": ["subnet-1"]}, False),
        ("aws_elasticache_subnet_group", {"subnet_ids": ["subnet-1"]}, False),
        ("aws_codebuild_project", {"vpc_config": []}, False),
        ("aws_sqs_queue", {"name": "x"}, False),
        ("aws_flow_log", {"subnet_id": "subnet-1"}, False),
    ],
)
def test_what_stands_in_a_subnet_and_is_not_translated_is_named(
    kind: str, values: dict[str, Any], told: bool
) -> None:
    notes = network().add(f"{kind}.x", values).raw().notes
    assert any(note.startswith(f"{kind} is not modelled") for note in notes) is told


def instances(plan: Plan) -> set[tuple[str, str]]:
    found = plan.inventory()
    return {
        (one.subnet_id, group.group_id)
        for one in found.network_interfaces.values()
        for group in one.groups
    }


def test_a_spot_request_is_an_instance() -> None:
    plan = network().add(
        "aws_spot_instance_request.s",
        {"vpc_security_group_ids": ["sg-1"]},
        {"subnet_id": True, "private_ip": True, "spot_instance_id": True},
        SUBNET,
    )
    assert instances(plan) == {("aws_subnet.a", "sg-1")}


@pytest.mark.parametrize("kind", ["specification", "template", "ec2"])
def test_a_fleet_has_instances_where_it_says(kind: str) -> None:
    plan = network().add(
        "aws_launch_template.t", {"name": "t", "vpc_security_group_ids": ["sg-1"], "id": "lt-1"}
    )
    spec = {"subnet_id": "subnet-1, subnet-2", "vpc_security_group_ids": ["sg-1"]}
    over = [{"subnet_id": "subnet-1"}, {"subnet_id": "subnet-2"}]
    if kind == "specification":
        plan.add("aws_spot_fleet_request.f", {"launch_specification": [spec]})
    elif kind == "template":
        config = {"launch_template_specification": [{"id": "lt-1"}], "overrides": over}
        plan.add("aws_spot_fleet_request.f", {"launch_template_config": [config]})
    else:
        named = {"launch_template_specification": [{"launch_template_id": "lt-1"}]}
        plan.add("aws_ec2_fleet.f", {"launch_template_config": [{**named, "override": over}]})
    assert instances(plan) == {("subnet-1", "sg-1"), ("subnet-2", "sg-1")}


def test_a_region_of_its_own_is_where_a_resource_is() -> None:
    """Release 6 of the provider gives every resource a Region."""
    plan = Plan()
    plan.add("aws_vpc.here", {"cidr_block": "10.0.0.0/16", "region": "eu-west-1"})
    plan.add("aws_vpc.there", {"cidr_block": "10.1.0.0/16", "region": "us-east-1"})
    where = {
        vpc.vpc_id: region.region for region in plan.inventory().regions for vpc in region.vpcs
    }
    assert where == {"aws_vpc.here": "eu-west-1", "aws_vpc.there": "us-east-1"}


def test_a_plan_of_opentofu_is_one() -> None:
    document = network().document()
    for item in document["planned_values"]["root_module"]["resources"]:
        item["provider_name"] = "registry.opentofu.org/hashicorp/aws"
    document["terraform_version"] = "1.10.6"
    found = load(read_plan(document, "plan.json", None))
    assert set(found.subnets) == {"aws_subnet.a"}


def test_accounts_are_those_of_the_roles_that_providers_take() -> None:
    document = network().document()
    role = {"role_arn": {"constant_value": "arn:aws:iam::444455556666:role/deploy"}}
    aws = document["configuration"]["provider_config"]["aws"]["expressions"]
    aws["assume_role"] = [role]
    found = load(read_plan(document, "plan.json", None))
    assert {region.account for region in found.regions} == {"444455556666"}
