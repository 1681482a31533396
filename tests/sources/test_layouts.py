"""What lies where on disk, and what is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mute_audit.errors import SnapshotError
from mute_audit.sources.layouts import read_directory
from mute_audit.sources.manifest import MANIFEST, SCHEMA

VPCS = '{"Vpcs": []}'


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"`.*/nothing` does not exist"):
        read_directory(tmp_path / "nothing")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(VPCS)
    with pytest.raises(SnapshotError, match="is not a folder"):
        read_directory(tmp_path / "v.json")


def test_an_empty_folder_says_what_to_save_there(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError) as caught:
        read_directory(tmp_path)
    assert caught.value.message == f"no JSON file in `{tmp_path}`"
    assert "describe-vpcs" in str(caught.value.hint)


def test_documents_are_read_on_demand(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(VPCS)
    (document,) = read_directory(tmp_path).documents
    assert isinstance(document.content, Path)
    (tmp_path / "v.json").write_text('{"Vpcs": [1]}')
    assert document.read() == b'{"Vpcs": [1]}'


def test_files_beside_the_descriptions_are_noted_hidden_ones_ignored(tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(VPCS)
    (tmp_path / "README.md").write_text("# how this was saved")
    (tmp_path / ".DS_Store").write_bytes(b"\0")
    (tmp_path / "old").mkdir()
    raw = read_directory(tmp_path)
    assert [d.origin for d in raw.documents] == [str(tmp_path / "v.json")]
    assert raw.notes == (
        f"{tmp_path / 'README.md'} is not JSON and was not read",
        f"{tmp_path / 'old'} was not read",
    )


def manifest(folder: Path, **changes: object) -> None:
    content = {
        "schema": SCHEMA,
        "kind": "aws",
        "tool_version": "0",
        "collected_at": "",
        "accounts": {},
        "documents": [{"file": "v.json", "account": "1", "region": "r", "key": "Vpcs"}],
        **changes,
    }
    (folder / MANIFEST).write_text(json.dumps(content))


def test_a_file_that_the_manifest_names_must_be_there(tmp_path: Path) -> None:
    manifest(tmp_path)
    with pytest.raises(SnapshotError, match=r"names `v\.json`, which is not there"):
        read_directory(tmp_path)
    (tmp_path / "v.json").write_text(VPCS)
    (document,) = read_directory(tmp_path).documents
    assert (document.account, document.region) == ("1", "r")


def test_a_file_that_the_manifest_does_not_name_is_noted(tmp_path: Path) -> None:
    manifest(tmp_path)
    (tmp_path / "v.json").write_text(VPCS)
    (tmp_path / "later.json").write_text('{"Subnets": []}')
    raw = read_directory(tmp_path)
    assert raw.notes == (f"{tmp_path / 'later.json'} is not in the manifest and was not read",)


@pytest.mark.parametrize("name", ["/etc/passwd", "../v.json", "a/../../v.json"])
def test_a_manifest_reaches_nothing_outside_its_folder(tmp_path: Path, name: str) -> None:
    manifest(tmp_path, documents=[{"file": name, "account": "", "region": "", "key": "Vpcs"}])
    with pytest.raises(SnapshotError, match="lies outside the snapshot"):
        read_directory(tmp_path)


def test_a_manifest_of_another_version_is_refused(tmp_path: Path) -> None:
    manifest(tmp_path, schema="mute-audit/snapshot/v9")
    with pytest.raises(SnapshotError, match="mute-audit/snapshot/v9"):
        read_directory(tmp_path)


def test_a_broken_manifest_is_refused(tmp_path: Path) -> None:
    manifest(tmp_path, documents="none")
    with pytest.raises(SnapshotError, match="the manifest is broken"):
        read_directory(tmp_path)


def test_a_manifest_of_somebody_else_is_one_more_file(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text('{"name": "web app"}')
    (tmp_path / "v.json").write_text(VPCS)
    assert len(read_directory(tmp_path).documents) == 2
