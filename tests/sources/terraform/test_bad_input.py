"""What is no plan, or one that cannot be judged: one clear line, and exit code 2."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from plan_maker import network

from mute_audit.errors import ExitCode, MuteAuditError
from mute_audit.sources.opening import open_source

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def refused(path: Path) -> MuteAuditError:
    with pytest.raises(MuteAuditError) as caught:
        open_source(str(path), now=NOW)
    error = caught.value
    assert error.exit_code == ExitCode.ERROR
    assert "\n" not in str(error)
    return error


def changed(tmp_path: Path, **changes: Any) -> Path:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({**network().document(), **changes}))
    return path


def test_a_binary_plan(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "plan.bin", "w") as archive:
        archive.writestr("tfplan", "")
    error = refused(tmp_path / "plan.bin")
    assert "is a binary plan or an archive" in error.message
    assert "terraform show -json" in str(error.hint)


def test_json_of_another_tool(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"Results": [], "SchemaVersion": 2}')
    assert "no Terraform plan or state" in refused(tmp_path / "plan.json").message


def test_a_plan_of_another_provider(tmp_path: Path) -> None:
    document = network().document()
    for item in document["planned_values"]["root_module"]["resources"]:
        item["provider_name"] = "registry.terraform.io/hashicorp/google"
    (tmp_path / "plan.json").write_text(json.dumps(document))
    error = refused(tmp_path / "plan.json")
    assert "has no resource of the AWS provider" in error.message


def test_an_errored_plan(tmp_path: Path) -> None:
    assert "planning failed" in refused(changed(tmp_path, errored=True)).message


@pytest.mark.parametrize("version", ["2.0", "0", None, "x"])
def test_an_unsupported_format_version(tmp_path: Path, version: str | None) -> None:
    assert "format version" in refused(changed(tmp_path, format_version=version)).message


def test_truncated_json(tmp_path: Path) -> None:
    text = json.dumps(network().document())
    (tmp_path / "plan.json").write_text(text[: len(text) // 2])
    error = refused(tmp_path / "plan.json")
    assert "not valid JSON" in error.message
    assert error.where is not None
    assert error.where.startswith(str(tmp_path / "plan.json"))


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("")
    assert "is empty" in refused(tmp_path / "plan.json").message


def test_a_list(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("[1, 2]")
    assert "is not a source that mute-audit knows" in refused(tmp_path / "plan.json").message


@pytest.mark.parametrize("part", ["planned_values", "configuration"])
def test_a_plan_without_a_part(tmp_path: Path, part: str) -> None:
    assert f"`{part}`" in refused(changed(tmp_path, **{part: None})).message


@pytest.mark.parametrize(
    "broken",
    [
        {"resource_changes": [{"address": 3}]},
        {"resource_changes": "text"},
        {"planned_values": {"root_module": {"resources": [None]}}},
        {"planned_values": {"root_module": []}},
        {"variables": []},
        {"configuration": {"root_module": {"resources": 7}}},
        {"prior_state": 1},
    ],
)
def test_values_of_the_wrong_type(tmp_path: Path, broken: dict[str, Any]) -> None:
    assert "is not what terraform prints" in refused(changed(tmp_path, **broken)).message


def test_an_old_state(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfstate").write_text('{"version": 3, "lineage": "x", "modules": []}')
    error = refused(tmp_path / "terraform.tfstate")
    assert "version `3`" in error.message
    assert "terraform show -json" in str(error.hint)


def test_an_empty_state(tmp_path: Path) -> None:
    state = {"version": 4, "terraform_version": "1.11.4", "lineage": "x", "resources": []}
    (tmp_path / "terraform.tfstate").write_text(json.dumps(state))
    assert "has no resource of the AWS provider" in refused(tmp_path / "terraform.tfstate").message


def test_a_broken_file_beside_the_plan(tmp_path: Path) -> None:
    """The text that a plan was made from is named with its line."""
    (tmp_path / "main.tf").write_text('resource "aws_vpc" "this" {\n  cidr_block =\n}\n')
    error = refused(network().write(tmp_path / "plan.json"))
    assert error.where is not None
    assert error.where.endswith("main.tf:2")


def test_a_folder_is_not_run_unasked(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("")
    error = refused(tmp_path)
    assert "planning it runs its providers" in error.message or "not installed" in error.message
    assert "terraform show -json" in str(error.hint)
