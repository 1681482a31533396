"""`collect --out`: complete or not there, private, and read back as the same inventory."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from moto_estate import ACCOUNT, CANARIES, REGION, Estate

from mute_audit.errors import OutputError, SnapshotError
from mute_audit.inventory import GLOBAL
from mute_audit.sources.aws_json import load, read_directory
from mute_audit.sources.live import LiveOptions
from mute_audit.sources.live.collect import collect
from mute_audit.sources.manifest import MANIFEST, SCHEMA
from mute_audit.sources.raw import RawDocument, RawSnapshot
from mute_audit.sources.store import save
from mute_audit.verdict import Gap

CONFORMANCE = Path(__file__).parents[3] / "shared" / "conformance" / "snapshots"


def document(region: str = "eu-west-1", account: str = "111122223333", **keys: Any) -> RawDocument:
    return RawDocument(account, region, "test", json.dumps(keys).encode())


def files(folder: Path) -> set[str]:
    return {f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file()}


def test_a_live_snapshot_comes_back_as_the_same_inventory(
    options: LiveOptions, estate: Estate, tmp_path: Path
) -> None:
    raw = collect(options, collected_at="2026-01-02T03:04:05Z")
    save(raw, tmp_path / "saved")
    again = read_directory(tmp_path / "saved")
    assert load(again) == load(raw)
    assert raw.gaps
    assert (again.gaps, again.kind, again.collected_at, again.tool_version) == (
        raw.gaps,
        "aws",
        raw.collected_at,
        raw.tool_version,
    )
    for file in files(tmp_path / "saved"):
        content = (tmp_path / "saved" / file).read_bytes()
        for name, canary in CANARIES.items():
            assert canary.encode() not in content, f"{name} in {file}"


def test_the_manifest_says_what_was_collected(
    options: LiveOptions, estate: Estate, tmp_path: Path
) -> None:
    raw = collect(options, collected_at="2026-01-02T03:04:05Z")
    save(raw, tmp_path / "saved")
    manifest = json.loads((tmp_path / "saved" / MANIFEST).read_text())
    assert manifest["schema"] == SCHEMA == "mute-audit/snapshot/v1"
    assert manifest["collected_at"] == "2026-01-02T03:04:05Z"
    assert manifest["accounts"] == {ACCOUNT: [REGION, GLOBAL]}
    assert [gap["what"] for gap in manifest["gaps"]] == [gap.what for gap in raw.gaps]
    assert f"accounts/{ACCOUNT}/{REGION}/Vpcs.json" in files(tmp_path / "saved")
    assert {entry["file"] for entry in manifest["documents"]} | {MANIFEST} == files(
        tmp_path / "saved"
    )


@pytest.mark.parametrize("name", ["test-nat-gateway", "test-public-subnet", "test-vpc-peering"])
def test_a_flat_folder_comes_back_as_the_same_inventory(name: str, tmp_path: Path) -> None:
    if not CONFORMANCE.is_dir():
        pytest.skip("the conformance snapshots are not on this machine")
    raw = read_directory(CONFORMANCE / name)
    save(raw, tmp_path / "saved")
    assert load(read_directory(tmp_path / "saved")) == load(raw)


def test_notes_gaps_and_pages_of_a_flat_folder_survive(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name, content in {
        "me.json": {"Account": "111122223333", "UserId": "x", "Arn": "arn:aws:iam::1:root"},
        "a.json": {"Vpcs": [{"VpcId": "vpc-1", "OwnerId": "1"}], "NextToken": "x"},
        "b.json": {"Vpcs": [{"VpcId": "vpc-2", "OwnerId": "2"}], "NextToken": "y"},
        "c.json": {"Kittens": [], "VpcBlockPublicAccessOptions": {"State": "default-state"}},
        "d.json": {"Subnets": [{"SubnetId": "s", "VpcId": "v", "AvailabilityZone": "eu-west-1a"}]},
        "e.json": {"Buckets": [{"Name": "b"}]},
    }.items():
        (source / name).write_text(json.dumps(content))
    raw = read_directory(source)
    save(raw, tmp_path / "saved")
    first, again = load(raw), load(read_directory(tmp_path / "saved"))
    assert again == first
    assert [gap.key for gap in first.gaps] == ["Vpcs"]
    assert first.regions[0].failure("Vpcs") == first.gaps[0]
    assert [(r.account, r.region) for r in first.regions] == [
        ("111122223333", "eu-west-1"),
        ("111122223333", GLOBAL),
    ]
    assert len(first.notes) == 1


def test_secrets_in_a_folder_of_somebody_else_are_cut_when_saved(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    function = {"FunctionName": "f", "Environment": {"Variables": {"A": "canary-1"}}}
    (source / "f.json").write_text(
        json.dumps({"Functions": [function], "UserData": {"Value": "canary-2"}})
    )
    save(read_directory(source), tmp_path / "saved")
    texts = b"".join((tmp_path / "saved" / f).read_bytes() for f in files(tmp_path / "saved"))
    assert b"canary" not in texts
    assert b'"FunctionName": "f"' in texts


def test_files_and_folders_are_the_owners_alone(tmp_path: Path) -> None:
    save(RawSnapshot((document(Vpcs=[]),)), tmp_path / "saved")
    for path in [tmp_path / "saved", *(tmp_path / "saved").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_snapshot_that_is_there_is_replaced_as_a_whole(tmp_path: Path) -> None:
    save(RawSnapshot((document(Vpcs=[], Subnets=[]),)), tmp_path / "saved")
    save(RawSnapshot((document(Vpcs=[]),)), tmp_path / "saved")
    assert files(tmp_path / "saved") == {MANIFEST, "accounts/111122223333/eu-west-1/Vpcs.json"}
    assert [p.name for p in tmp_path.iterdir()] == ["saved"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    save(RawSnapshot((document(Vpcs=[]),)), tmp_path / "saved")
    assert MANIFEST in files(tmp_path / "saved")


@pytest.mark.parametrize("name", ["thesis.txt", "accounts/mine.json", "accounts/x/y/Vpcs.json"])
def test_a_folder_with_anything_else_is_left_alone(tmp_path: Path, name: str) -> None:
    """Also where a file was added to a snapshot of ours: it would be lost."""
    for start in ("empty", "saved"):
        folder = tmp_path / start
        if start == "saved":
            save(RawSnapshot((document(Vpcs=[]),)), folder)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine")
        with pytest.raises(OutputError, match="not a snapshot of mute-audit"):
            save(RawSnapshot((document(Subnets=[]),)), folder)
        assert (folder / name).read_text() == "mine"


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "saved").write_text("mine")
    with pytest.raises(OutputError, match="is not a folder"):
        save(RawSnapshot((document(Vpcs=[]),)), tmp_path / "saved")


def test_a_snapshot_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = RawDocument("1", "r", "b.json", b'{"Vpcs": [')
    save(RawSnapshot((document(Vpcs=[]),)), tmp_path / "saved")
    before = files(tmp_path / "saved")
    with pytest.raises(SnapshotError):
        save(RawSnapshot((document(Subnets=[]), broken)), tmp_path / "saved")
    assert files(tmp_path / "saved") == before
    assert [p.name for p in tmp_path.iterdir()] == ["saved"]


def test_a_swap_that_fails_puts_the_old_snapshot_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(RawSnapshot((document(Vpcs=[]),)), tmp_path / "saved")
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if (
            target == tmp_path / "saved"
            and self.name.startswith(".saved-")
            and self.parent == tmp_path
        ):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OutputError, match="no space left on device"):
        save(RawSnapshot((document(Subnets=[]),)), tmp_path / "saved")
    assert "accounts/111122223333/eu-west-1/Vpcs.json" in files(tmp_path / "saved")
    assert [p.name for p in tmp_path.iterdir()] == ["saved"]


def test_a_region_of_which_nothing_was_answered_is_kept_by_its_gaps(tmp_path: Path) -> None:
    gap = Gap("ec2:DescribeVpcs", "111122223333/us-east-1", "AuthFailure: off", "Vpcs")
    raw = RawSnapshot((document(Vpcs=[]),), gaps=(gap,))
    save(raw, tmp_path / "saved")
    assert load(read_directory(tmp_path / "saved")) == load(raw)
    assert [r.region for r in load(raw).regions] == ["eu-west-1", "us-east-1"]


def test_an_answer_that_could_not_be_read_is_the_same_gap_when_read_back(tmp_path: Path) -> None:
    raw = RawSnapshot((document(Vpcs=[{"VpcId": 7}]),), kind="aws")
    save(raw, tmp_path / "saved")
    assert load(raw).gaps
    assert load(read_directory(tmp_path / "saved")) == load(raw)


def test_a_snapshot_of_gaps_alone_can_be_saved(tmp_path: Path) -> None:
    gap = Gap("ec2:DescribeVpcs", "111122223333/us-east-1", "AccessDenied: no", "Vpcs")
    raw = RawSnapshot((), gaps=(gap,))
    save(raw, tmp_path / "saved")
    assert load(read_directory(tmp_path / "saved")) == load(raw)


def test_names_in_a_snapshot_that_somebody_sent_reach_nothing_outside(tmp_path: Path) -> None:
    raw = RawSnapshot((document(account="../../..", region="/etc", Vpcs=[]), document(Vpcs=[])))
    save(raw, tmp_path / "deep" / "saved")
    assert [p.name for p in tmp_path.iterdir()] == ["deep"]
    assert load(read_directory(tmp_path / "deep" / "saved")) == load(raw)
