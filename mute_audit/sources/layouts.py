"""How snapshots lie on disk.

1. our own `collect` layout: `manifest.json` lists the files,
2. a folder of `aws … describe-*` output under any file names,
3. `accounts/<id>/<region>/` or `<id>/<region>/`, any file names within.

Layouts 2 and 3 may be mixed; a sub-folder that is named like a Region counts as that Region. A
folder that holds nothing but one sub-folder stands for that one.
Nothing is parsed here except the manifest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import msgspec

from mute_audit.errors import SnapshotError, why
from mute_audit.inventory import GLOBAL
from mute_audit.sources.manifest import MANIFEST, SCHEMA, Manifest
from mute_audit.sources.raw import RawDocument, RawSnapshot

__all__ = ["COLLECT_HINT", "read_directory"]

COLLECT_HINT = (
    "save the output of `aws ec2 describe-vpcs`, `describe-subnets`, `describe-route-tables`, "
    "`describe-network-acls`, `describe-security-groups`, `describe-network-interfaces`, "
    "`describe-instances`, `describe-internet-gateways` and `describe-nat-gateways` there, "
    "one file each, or run `mute-audit collect aws --out DIR`"
)
_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(rf"[a-z]{{2}}(-[a-z]+)+-\d+|{GLOBAL}")


def read_directory(path: Path | str) -> RawSnapshot:
    """List the documents of a snapshot; their contents are read later, one at a time.

    Raises SnapshotError: no such folder, not a folder, nothing in it, a manifest that is
    broken, of another version, or names a file that is not there.
    """
    path = Path(path)
    if not path.exists():
        raise SnapshotError(f"`{path}` does not exist")
    if not path.is_dir():
        raise SnapshotError(f"`{path}` is not a folder")
    try:
        if (path / MANIFEST).is_file():
            manifest = _read_manifest(path / MANIFEST)
            if manifest is not None:
                return _collected(path, manifest)
        return _described(path)
    except OSError as error:
        raise SnapshotError(
            f"cannot read the folder: {why(error)}", where=str(error.filename or path)
        ) from error


def _read_manifest(path: Path) -> Manifest | None:
    """None where the file is somebody else's manifest: then it is only one more file."""
    data = path.read_bytes()
    try:
        schema = msgspec.json.decode(data, type=dict[str, msgspec.Raw]).get("schema")
        name = None if schema is None else msgspec.json.decode(schema)
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"not a manifest: {error}", where=str(path)) from error
    if not isinstance(name, str) or not name.startswith("mute-audit/"):
        return None
    if name != SCHEMA:
        raise SnapshotError(
            f"the manifest has schema `{name}`, this release reads `{SCHEMA}`",
            where=str(path),
            hint="read it with the release that wrote it, or collect again",
        )
    try:
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.ValidationError as error:
        raise SnapshotError(f"the manifest is broken: {error}", where=str(path)) from error


def _collected(path: Path, manifest: Manifest) -> RawSnapshot:
    documents = []
    listed = {MANIFEST}
    for entry in manifest.documents:
        inside = PurePosixPath(entry.file)
        if inside.is_absolute() or ".." in inside.parts:
            raise SnapshotError(
                f"the manifest names `{entry.file}`, which lies outside the snapshot",
                where=str(path / MANIFEST),
            )
        file = path / inside
        if not file.is_file():
            raise SnapshotError(
                f"the manifest names `{entry.file}`, which is not there",
                where=str(path / MANIFEST),
                hint="the snapshot is incomplete: collect it again",
            )
        listed.add(inside.as_posix())
        documents.append(RawDocument(entry.account, entry.region, str(file), file))
    strangers = sorted(
        name
        for file in path.rglob("*")
        if file.is_file()
        and (name := file.relative_to(path).as_posix()) not in listed
        and not file.name.startswith(".")
    )
    notes = tuple(f"{path / name} is not in the manifest and was not read" for name in strangers)
    return RawSnapshot(
        documents=tuple(documents),
        gaps=manifest.gaps,
        collected_at=manifest.collected_at,
        tool_version=manifest.tool_version,
        kind=manifest.kind,
        notes=manifest.notes + notes,
    )


def _described(path: Path) -> RawSnapshot:
    notes: list[str] = []
    documents = list(_files(path, "", "", notes))
    for folder in _folders(path):
        if folder.name == "accounts":
            for account in _folders(folder):
                documents += _of_account(account, notes)
        elif _ACCOUNT.fullmatch(folder.name):
            documents += _of_account(folder, notes)
        elif _REGION.fullmatch(folder.name):
            documents += _files(folder, "", folder.name, notes)
            notes += [f"{deeper} was not read" for deeper in _folders(folder)]
        else:
            notes.append(f"{folder} was not read")
    if not documents:
        inside = _folders(path)
        if len(inside) == 1 and inside[0].name != "accounts":
            return read_directory(inside[0])
        raise SnapshotError(f"no JSON file in `{path}`", hint=COLLECT_HINT)
    return RawSnapshot(documents=tuple(documents), notes=tuple(notes))


def _of_account(folder: Path, notes: list[str]) -> Iterator[RawDocument]:
    yield from _files(folder, folder.name, "", notes)
    for region in _folders(folder):
        yield from _files(region, folder.name, region.name, notes)
        notes += [f"{deeper} was not read" for deeper in _folders(region)]


def _folders(path: Path) -> list[Path]:
    return sorted(f for f in path.iterdir() if f.is_dir() and not f.name.startswith("."))


def _files(path: Path, account: str, region: str, notes: list[str]) -> Iterator[RawDocument]:
    for file in sorted(path.iterdir()):
        if not file.is_file() or file.name.startswith("."):
            continue
        if file.suffix.lower() != ".json" and not _looks_like_json(file):
            notes.append(f"{file} {_unread(file)}")
            continue
        yield RawDocument(account, region, str(file), file)


def _unread(file: Path) -> str:
    with file.open("rb") as stream:
        packed = stream.read(4).startswith((b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zX"))
    return "is packed and was not read: unpack it" if packed else "is not JSON and was not read"


def _looks_like_json(file: Path) -> bool:
    """Files may have any name, but a README beside them is no broken document."""
    with file.open("rb") as stream:
        return stream.read(64).lstrip(b"\xff\xfe\xef\xbb\xbf \t\r\n\0").startswith(b"{")
