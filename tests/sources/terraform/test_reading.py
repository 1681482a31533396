"""Files beside the `.tf` files: their keys are followed, and no other file is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plan_maker import Plan, network

from mute_audit.inventory import Inventory
from mute_audit.sources.terraform.reading import (
    csv_decoded,
    exists,
    found_files,
    read_text,
    yaml_decoded,
)
from mute_audit.sources.terraform.texts import Failed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: yes\nb: on\nc: true\n", {"a": "yes", "b": "on", "c": True}),
        ("a: 2020-01-01\n", {"a": "2020-01-01"}),
        ("1: 0.5\n2: 010\nx: -3\n", {"1": 0.5, "2": "010", "x": -3}),
        ("a:\nb: ~\n", {"a": None, "b": None}),
        ("- a\n- {b: [1, two]}\n", ["a", {"b": [1, "two"]}]),
    ],
)
def test_yaml_is_read_as_terraform_reads_it(text: str, value: Any) -> None:
    assert yaml_decoded(text) == value


@pytest.mark.parametrize("text", ["a: [", "!!python/object:x.Y {}", "{}: 1\n? [a]\n: 1\n"])
def test_what_is_no_plain_yaml_fails(text: str) -> None:
    with pytest.raises(Failed):
        yaml_decoded(text)


def test_rows_have_the_names_of_the_first_line() -> None:
    assert csv_decoded("a,b\n1,2\n") == [{"a": "1", "b": "2"}]
    with pytest.raises(Failed):
        csv_decoded("a,b\n1\n")


def test_files_of_other_folders_are_not_read(tmp_path: Path) -> None:
    """Neither by their path nor by a link, nor those above."""
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    (root / "in" / "a.txt").write_text("a")
    (tmp_path / "out.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "out.txt")
    assert read_text("in/a.txt", root, root) == "a"
    assert read_text(str(root / "in" / "a.txt"), root, root) == "a"
    assert exists("in/a.txt", root, root)
    assert not exists("in/b.txt", root, root)
    assert found_files("in", "*.txt", root, root) == ["a.txt"]
    for name in ("../out.txt", str(tmp_path / "out.txt"), "link.txt", "in", "in/b.txt"):
        with pytest.raises(Failed):
            read_text(name, root, root)
    with pytest.raises(Failed):
        found_files("in", "../../*.txt", root, root)


TEXT = """
resource "aws_vpc" "this" {{
  cidr_block = "10.0.0.0/16"
}}
resource "aws_subnet" "a" {{
  vpc_id = aws_vpc.this.id
}}
locals {{
  hosts = {expression}
}}
resource "aws_instance" "host" {{
  for_each  = local.hosts
  subnet_id = lookup({{ net = aws_subnet.a.id }}, each.value)
}}
"""


def placed(folder: Path, expression: str) -> set[str]:
    """The subnets of two hosts, whose keys a file has."""
    (folder / "main.tf").write_text(TEXT.format(expression=expression))
    plan: Plan = network()
    for key in ("x", "y"):
        plan.add(
            f'aws_instance.host["{key}"]',
            {"tags": {"Name": key}},
            {"subnet_id": True, "private_ip": True},
            {"subnet_id": ["aws_subnet.a.id", "aws_subnet.a", "each.value"]},
            for_each_expression={"references": ["local.hosts"]},
        )
    found: Inventory = plan.inventory(folder)
    return {one.subnet_id for region in found.regions for one in region.instances}


@pytest.mark.parametrize(
    "expression",
    [
        'yamldecode(file("hosts.yaml"))',
        'yamldecode(file("${path.module}/hosts.yaml"))',
        'jsondecode(templatefile("hosts.tftpl", { net = "net" }))',
        '{ for row in csvdecode(file("hosts.csv")) : row.name => row.net }',
        '{ for name in fileset("hosts", "*.host") : trimsuffix(name, ".host") => "net" }',
        'fileexists("hosts.yaml") ? { x = "net", y = "net" } : {}',
    ],
)
def test_keys_out_of_a_file_are_followed(tmp_path: Path, expression: str) -> None:
    (tmp_path / "hosts.yaml").write_text("x: net\ny: net\n")
    (tmp_path / "hosts.csv").write_text("name,net\nx,net\ny,net\n")
    (tmp_path / "hosts.tftpl").write_text('{"x": "${net}", "y": "${net}"}')
    (tmp_path / "hosts").mkdir()
    for name in ("x", "y"):
        (tmp_path / "hosts" / f"{name}.host").touch()
    assert placed(tmp_path, expression) == {"aws_subnet.a"}


def test_a_file_that_has_changed_is_not_believed(tmp_path: Path) -> None:
    """It has other keys than the plan."""
    (tmp_path / "hosts.yaml").write_text("x: net\nz: net\n")
    assert "aws_subnet.a" not in placed(tmp_path, 'yamldecode(file("hosts.yaml"))')
