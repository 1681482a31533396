"""What SOURCE may be, and what is said about everything else."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from moto_estate import ACCOUNT, REGION, Estate

from mute_audit.errors import InputError, MuteAuditError, SnapshotError
from mute_audit.sources.live import LiveOptions
from mute_audit.sources.opening import OpenedSource, open_source
from mute_audit.sources.store import save

NOW = datetime(2026, 1, 2, 12, 4, 5, 678, tzinfo=timezone(timedelta(hours=9)))


def opened(text: str) -> OpenedSource:
    return open_source(text, now=NOW)


def refused(path: Path) -> MuteAuditError:
    with pytest.raises(MuteAuditError) as caught:
        opened(str(path))
    assert caught.value.exit_code == 2
    return caught.value


def test_a_folder_of_describe_output_is_read(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text('{"Vpcs": [{"VpcId": "vpc-1"}]}')
    source = opened(str(tmp_path))
    assert (source.kind, source.name) == ("directory", str(tmp_path))
    assert "vpc-1" in source.inventory.vpcs


def test_aws_is_the_live_account_with_the_time_in_utc(
    options: LiveOptions, estate: Estate, tmp_path: Path
) -> None:
    source = open_source("aws", options, now=NOW)
    assert (source.kind, source.name) == ("aws", "aws")
    assert source.raw.collected_at == "2026-01-02T03:04:05Z"
    assert estate.ids["vpc"] in source.inventory.vpcs
    save(source.raw, tmp_path / "saved")
    again = opened(str(tmp_path / "saved"))
    assert again.kind == "directory"
    assert again.inventory == source.inventory


def test_a_folder_named_aws_is_given_with_a_dot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "aws").mkdir()
    (tmp_path / "aws" / "v.json").write_text('{"Vpcs": []}')
    monkeypatch.chdir(tmp_path)
    assert opened("./aws").kind == "directory"


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    error = refused(tmp_path / "nothing")
    assert error.message == f"`{tmp_path / 'nothing'}` does not exist"
    assert "`aws`, `demo`" in str(error.hint)


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("plan.json", {"format_version": "1.2", "planned_values": {}}, "the plan"),
        ("p.json", {"format_version": "1.2", "resource_changes": []}, "the plan"),
        ("terraform.tfstate", {"version": 4, "lineage": "x"}, "the state"),
        ("s.json", {"format_version": "1.0", "terraform_version": "1", "values": {}}, "the state"),
    ],
)
def test_what_terraform_writes_is_told_by_what_is_in_it(
    tmp_path: Path, name: str, content: object, what: str
) -> None:
    """Empty ones are refused as what they are; what is read: tests/sources/terraform."""
    (tmp_path / name).write_text(json.dumps(content))
    error = refused(tmp_path / name)
    assert isinstance(error, InputError)
    assert error.message.startswith(what)


def test_a_binary_plan_or_archive_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "tfplan", "w") as archive:
        archive.writestr("tfplan", "")
    assert "a binary plan or an archive" in refused(tmp_path / "tfplan").message


def test_a_snapshot_beside_terraform_files_is_still_a_snapshot(tmp_path: Path) -> None:
    (tmp_path / "accounts" / "111122223333" / "eu-west-1").mkdir(parents=True)
    (tmp_path / "accounts" / "111122223333" / "eu-west-1" / "v.json").write_text('{"Vpcs": []}')
    (tmp_path / "main.tf").write_text("")
    assert opened(str(tmp_path)).inventory.regions[0].held == {"Vpcs"}


def test_one_file_of_a_snapshot_points_to_its_folder(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text('{"Vpcs": []}')
    error = refused(tmp_path / "v.json")
    assert isinstance(error, SnapshotError)
    assert error.hint == f"name the folder that holds it: `{tmp_path}`"


def test_any_other_file_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    assert "is not a source that mute-audit knows" in refused(tmp_path / "notes.txt").message


@pytest.mark.slow
def test_the_demo_is_collected_like_any_account() -> None:
    source = open_source("demo", now=datetime(2026, 1, 2, tzinfo=UTC))
    assert (source.kind, source.raw.kind) == ("demo", "demo")
    assert source.inventory.gaps == ()
    assert source.inventory.instances


def test_a_folder_is_opened_without_boto3(tmp_path: Path) -> None:
    """boto3 takes a third of a second to import, and an offline scan does not need it."""
    (tmp_path / "v.json").write_text('{"Vpcs": []}')
    code = (
        "import sys; from datetime import datetime, UTC\n"
        "from mute_audit.sources.opening import open_source\n"
        "from mute_audit.sources.least_privilege import iam_policy\n"
        f"open_source({str(tmp_path)!r}, now=datetime.now(UTC)); iam_policy()\n"
        "print([m for m in ('boto3', 'botocore', 'moto', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_region_of_the_options_is_asked(options: LiveOptions, estate: Estate) -> None:
    source = open_source("aws", replace(options, regions=("eu-west-1",)), now=NOW)
    assert [r.region for r in source.inventory.regions] == ["eu-west-1", "global"]
    assert {r.account for r in source.inventory.regions} == {ACCOUNT}
    assert REGION != "eu-west-1"
