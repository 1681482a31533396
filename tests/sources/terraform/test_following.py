"""References are followed to the resource that they will name, and no further than they lead."""

from __future__ import annotations

from pathlib import Path

import pytest
from plan_maker import Plan, network

from mute_audit.inventory import Inventory

# One group, and an instance whose groups are an expression.
_GROUPS = ("a", "b")


def plan(refers: list[str] | None = None, **variables: object) -> Plan:
    made = Plan(**variables)
    made.add("aws_vpc.this", {"cidr_block": "10.0.0.0/16"})
    vpc = {"vpc_id": ["aws_vpc.this.id", "aws_vpc.this"]}
    made.add(
        "aws_subnet.a",
        {"cidr_block": "10.0.0.0/24", "availability_zone": "eu-west-1a"},
        {"vpc_id": True},
        vpc,
    )
    for key in _GROUPS:
        made.add(
            f'aws_security_group.each["{key}"]',
            {"name": key},
            {"vpc_id": True, "ingress": True, "egress": True},
            vpc,
            for_each_expression={"constant_value": {"a": "", "b": ""}},
        )
    made.add(
        "aws_instance.web",
        {"instance_type": "t3.micro", "tags": {"Name": "web"}},
        {"subnet_id": True, "vpc_security_group_ids": True, "private_ip": True, "public_ip": True},
        {
            "subnet_id": ["aws_subnet.a.id", "aws_subnet.a"],
            "vpc_security_group_ids": refers or ["local.groups"],
        },
    )
    return made


def groups(inventory: Inventory) -> set[str]:
    (interface,) = inventory.network_interfaces.values()
    return {group.group_id for group in interface.groups}


def written(folder: Path, expression: str, *more: str) -> Path:
    """The text that the plan was made from, with `expression` for the instance's groups."""
    (folder / "main.tf").write_text(
        "\n".join(
            [
                'resource "aws_vpc" "this" {\n  cidr_block = "10.0.0.0/16"\n}',
                'resource "aws_subnet" "a" {\n  vpc_id = aws_vpc.this.id\n}',
                'resource "aws_security_group" "each" {',
                '  for_each = toset(["a", "b"])',
                "  name     = each.key",
                "  vpc_id   = aws_vpc.this.id",
                "}",
                'resource "aws_instance" "web" {',
                "  subnet_id              = aws_subnet.a.id",
                f"  vpc_security_group_ids = {expression}",
                "}",
                *more,
            ]
        )
    )
    return folder


A, B = 'aws_security_group.each["a"]', 'aws_security_group.each["b"]'


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ('[aws_security_group.each["a"].id]', {A}),
        ("[for g in aws_security_group.each : g.id]", {A, B}),
        ("values(aws_security_group.each)[*].id", {A, B}),
        ('[for k, g in aws_security_group.each : g.id if k != "a"]', {B}),
        ('[lookup({ x = aws_security_group.each["b"].id }, "x", "")]', {B}),
        ('compact([aws_security_group.each["a"].id, null, ""])', {A}),
        ("local.groups", {A}),
        ("[local.by_port[22]]", {B}),
        ("[var.big ? local.groups[0] : local.by_port[22]]", {A}),
        ('[try(aws_security_group.each["z"].id, aws_security_group.each["b"].id)]', {B}),
        ("[element([for g in aws_security_group.each : g.id], 3)]", {B}),
        ('flatten([[aws_security_group.each["a"].id], []])', {A}),
        ('[one([for k, g in aws_security_group.each : g.id if k == "b"])]', {B}),
        ('["${aws_security_group.each["a"].id}"]', {A}),
        ('[coalesce(var.nothing, aws_security_group.each["a"].id)]', {A}),
        ('setunion([aws_security_group.each["a"].id], [aws_security_group.each["b"].id])', {A, B}),
        ("[aws_security_group.each[var.key].id]", {B}),
        ("concat(local.groups, var.more)", {A, "sg-9"}),
    ],
)
def test_an_expression_is_followed(tmp_path: Path, expression: str, found: set[str]) -> None:
    text = written(
        tmp_path,
        expression,
        'variable "big" {}',
        'variable "key" {}',
        'variable "nothing" {\n  default = null\n}',
        'variable "more" {\n  default = ["sg-9"]\n}',
        "locals {",
        '  groups  = [aws_security_group.each["a"].id]',
        "  by_port = { for k, p in { b = 22 } : p => aws_security_group.each[k].id }",
        "}",
    )
    assert groups(plan(big=True, key="b").inventory(text)) == found


@pytest.mark.parametrize(
    "expression",
    [
        "data.external.groups.result",
        'split(",", file("groups"))',
        "local.missing",
        "[for g in data.external.groups : g.id]",
        'jsondecode(data.http.x.body)["groups"]',
        "local.circle",
        # Known, and the plan says that it is not: the plan is right.
        '[lookup({ x = aws_security_group.each["b"].id }, "y", "sg-1")]',
    ],
)
def test_what_cannot_be_followed_stays_unknown(tmp_path: Path, expression: str) -> None:
    """A group of its own that nobody has described, so that its rules are unknown."""
    text = written(tmp_path, expression, "locals {\n  circle = local.circle\n}")
    assert groups(plan().inventory(text)) == {"vpc_security_group_ids of aws_instance.web"}


def test_without_the_text_a_literal_key_is_followed() -> None:
    refers = [f"{A}.id", A, "aws_security_group.each"]
    assert groups(plan(refers).inventory()) == {A}


def test_without_the_text_a_key_in_a_variable_is_followed() -> None:
    assert groups(plan(["aws_security_group.each", "var.key"], key="b").inventory()) == {B}


@pytest.mark.parametrize("files", ["none", "the plan's", "others"])
def test_where_a_reference_stays_open_it_is_said_what_would_tell(
    tmp_path: Path, files: str
) -> None:
    """A local is in the files alone, and other files than the plan's are not believed."""
    local = 'locals {\n  groups = [aws_security_group.each["a"].id]\n}'
    other = 'resource "aws_eip" "other" {\n}'
    folder = written(tmp_path, "local.groups", local, *([other] if files == "others" else []))
    found = plan(["local.groups"]).raw(None if files == "none" else folder)
    said = [note for note in found.notes if ".tf files" in note]
    assert ["--source-dir" in note for note in said] == {
        "none": [True],
        "the plan's": [],
        "others": [False],
    }[files]


def test_without_the_text_and_nothing_open_no_files_are_asked_for() -> None:
    found = plan(["aws_security_group.each", "var.key"], key="b").raw()
    assert not any("--source-dir" in note for note in found.notes)


def test_without_the_text_a_local_stays_unknown() -> None:
    assert groups(plan(["local.groups"]).inventory()) == {
        "vpc_security_group_ids of aws_instance.web"
    }


def test_a_text_with_other_blocks_is_not_used(tmp_path: Path) -> None:
    """The files have changed since the plan was made."""
    text = written(tmp_path, f"[{B}.id]", 'resource "aws_eip" "new" {}')
    refers = [f"{A}.id", A, "aws_security_group.each"]
    assert groups(plan(refers).inventory(text)) == {A}
    assert groups(plan(refers).inventory(written(tmp_path, f"[{B}.id]"))) == {B}


def test_instances_that_differ_from_the_plan_are_not_believed(tmp_path: Path) -> None:
    """The plan has the keys a and b; with others in the text, each.key leads nowhere."""
    made = plan([f"{A}.id", A])
    rule = {"ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_ipv4": "0.0.0.0/0"}
    made.add(
        'aws_vpc_security_group_ingress_rule.each["a"]',
        rule,
        {"security_group_id": True},
        for_each_expression={"references": ["local.keys"]},
    )
    block = "\n".join(
        [
            'resource "aws_vpc_security_group_ingress_rule" "each" {',
            "  for_each          = toset(local.keys)",
            "  security_group_id = aws_security_group.each[each.key].id",
            "}",
            'locals {\n  keys = ["%s"]\n}',
        ]
    )
    right = made.inventory(written(tmp_path, f"[{A}.id]", block % "a"))
    assert len(right.security_groups[A].ip_permissions) == 1
    assert right.security_groups[B].ip_permissions == ()
    wrong = made.inventory(written(tmp_path, f"[{A}.id]", block % "x"))
    for group in (A, B):
        (rule_,) = wrong.security_groups[group].ip_permissions
        assert (rule_.ip_ranges, len(rule_.prefix_list_ids)) == ((), 1), "it may have the rule"


def test_a_known_value_is_the_plans(tmp_path: Path) -> None:
    """What we would make of an expression never replaces what the plan shows."""
    text = written(tmp_path, f"[{A}.id]").joinpath("main.tf")
    text.write_text(text.read_text().replace("10.0.0.0/16", "10.9.0.0/16"))
    assert plan().inventory(tmp_path).vpcs["aws_vpc.this"].cidr_block == "10.0.0.0/16"


# --- addresses ----------------------------------------------------------------------------------


def hosts(*rules: str) -> Inventory:
    made = network()
    made.add(
        "aws_security_group.g",
        {
            "name": "g",
            "ingress": [
                {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": list(rules)}
            ],
        },
        {"vpc_id": True, "egress": True},
        {"vpc_id": ["aws_vpc.this.id", "aws_vpc.this"]},
    )
    for name in ("one", "two"):
        made.add(
            f"aws_instance.{name}",
            {"tags": {"Name": name}, "associate_public_ip_address": True},
            {"subnet_id": True, "private_ip": True, "public_ip": True},
            {"subnet_id": ["aws_subnet.a.id", "aws_subnet.a"]},
        )
    return made.inventory()


def test_each_unknown_address_has_a_stand_in_of_its_own() -> None:
    found = hosts("10.0.0.0/16").network_interfaces.values()
    private = {item.private_ip_address for item in found}
    public = {item.association.public_ip for item in found if item.association is not None}
    assert len(private) == len(public) == 2
    assert all(text.startswith("10.0.0.") for text in private)
    assert all(text.startswith("198.18.") for text in public)


@pytest.mark.parametrize(
    ("rule", "known"),
    [("10.0.0.0/24", True), ("0.0.0.0/0", True), ("10.0.1.0/24", True), ("10.0.0.17/32", False)],
)
def test_a_rule_inside_the_subnet_takes_the_stand_ins_back(rule: str, known: bool) -> None:
    """Which of the two gets 10.0.0.17 is not known, so neither has an address."""
    found = hosts(rule).network_interfaces.values()
    assert [bool(item.private_ip_address) for item in found] == [known, known]


# --- rules with something open ------------------------------------------------------------------


@pytest.mark.parametrize("open_", ["protocol", "from_port", "to_port", ""])
def test_a_rule_with_an_unknown_port_may_let_in_anybody(open_: str) -> None:
    """Neither "all ports" nor "no port": which one is known after apply."""
    made = network()
    block = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["10.0.0.0/8"]}
    if open_:
        block[open_] = None  # type: ignore[assignment]
    unknown = {"vpc_id": True, "egress": True}
    if open_:
        unknown["ingress"] = [{open_: True}]  # type: ignore[assignment]
    made.add(
        "aws_security_group.g",
        {"name": "g", "ingress": [block]},
        unknown,
        {"vpc_id": ["aws_vpc.this.id", "aws_vpc.this"]},
    )
    (rule,) = made.inventory().security_groups["aws_security_group.g"].ip_permissions
    assert bool(rule.ip_ranges) is not bool(open_)
    assert bool(rule.prefix_list_ids) is bool(open_)
    assert rule.ip_protocol == ("-1" if open_ == "protocol" else "tcp")


@pytest.mark.parametrize("open_", ["to_port", "action", "cidr_block", ""])
def test_an_acl_entry_with_something_unknown_decides_nothing(open_: str) -> None:
    """What it matches may be let in or not; what it surely does not match is told."""
    made = network()
    entry = {
        "rule_no": 10, "action": "deny", "protocol": "tcp", "from_port": 22, "to_port": 22,
        "cidr_block": "10.0.0.0/8",
    }  # fmt: skip
    unknown = {"vpc_id": True}
    if open_:
        entry[open_] = None
        unknown["ingress"] = [{open_: True}]  # type: ignore[assignment]
    made.add(
        "aws_network_acl.a",
        {"ingress": [entry], "egress": []},
        unknown,
        {"vpc_id": ["aws_vpc.this.id", "aws_vpc.this"]},
    )
    found = made.inventory().network_acls["aws_network_acl.a"].entries
    first = min(found, key=lambda item: (item.egress, item.rule_number))
    assert first.rule_action == ("unknown until apply" if open_ else "deny")
    assert bool(first.port_range) is (open_ != "to_port")
