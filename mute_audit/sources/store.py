"""Save a snapshot: what `mute-audit collect --out DIR` writes.

DIR/manifest.json and DIR/accounts/<id>/<region>/<Key>.json, readable by the owner only. The
folder is complete or not there at all. Only what the loader knows is written, with secrets
cut (see `redaction`), wherever the snapshot came from.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

import msgspec

from mute_audit.errors import OutputError, why
from mute_audit.inventory import GLOBAL
from mute_audit.sources.keys import GLOBAL_KEYS
from mute_audit.sources.manifest import MANIFEST, SCHEMA, Manifest, ManifestEntry
from mute_audit.sources.raw import RawSnapshot
from mute_audit.sources.redaction import cut_json
from mute_audit.sources.splitting import Splitter
from mute_audit.verdict import Gap

__all__ = ["save"]

# A folder's name where neither the source nor the data tells.
_UNKNOWN = "unknown"
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def save(raw: RawSnapshot, directory: Path) -> None:
    """Write the snapshot to `directory`; `load` gives the same inventory for both.

    A snapshot that is already there is replaced.

    Raises OutputError when the folder holds anything else or cannot be written, and
    SnapshotError when the snapshot itself cannot be read.
    """
    _refuse_foreign(directory)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        # Beside its final place: a rename does not cross file systems.
        fresh = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
        try:
            _write(raw, fresh)
            _put_in_place(fresh, directory)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"cannot write the snapshot: {why(error)}",
            where=str(directory),
            hint="choose a folder with free space that you may write to, with `--out`",
        ) from error


def _refuse_foreign(directory: Path) -> None:
    if not directory.exists():
        return
    if not directory.is_dir():
        raise OutputError(f"`{directory}` is not a folder")
    if not any(directory.iterdir()) or _is_snapshot(directory):
        return
    raise OutputError(
        f"`{directory}` is not empty, and not a snapshot of mute-audit",
        hint="choose another --out, or remove the folder",
    )


def _is_snapshot(directory: Path) -> bool:
    """Ours, and nothing of anybody else's in it: it will be removed."""
    if {entry.name for entry in directory.iterdir()} - {MANIFEST, "accounts"}:
        return False
    try:
        manifest = msgspec.json.decode((directory / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        return False
    files = {
        file.relative_to(directory).as_posix() for file in directory.rglob("*") if file.is_file()
    }
    return manifest.schema == SCHEMA and files <= {
        MANIFEST,
        *(entry.file for entry in manifest.documents),
    }


def _write(raw: RawSnapshot, folder: Path) -> None:
    splitter = Splitter()
    entries: list[ManifestEntry] = []
    numbers: dict[str, int] = {}
    for part in splitter.parts(raw):
        region = GLOBAL if part.key in GLOBAL_KEYS else part.region
        account = part.account
        stem = f"accounts/{_folder_name(account)}/{_folder_name(region)}/{part.key}"
        # A key that came in several files stays in several, in their order.
        number = numbers[stem] = numbers.get(stem, 0) + 1
        name = f"{stem}.json" if number == 1 else f"{stem}-{number:03}.json"
        _write_file(
            folder / name, b'{"%s": %s}\n' % (part.key.encode(), _text(part.key, part.data))
        )
        entries.append(ManifestEntry(name, account, region, part.key))
    gaps = (*raw.gaps, *splitter.gaps)
    if splitter.caller:
        # The answer of GetCallerIdentity is no description: what it tells is kept like this.
        entries = [
            msgspec.structs.replace(entry, account=entry.account or splitter.caller)
            for entry in entries
        ]
        gaps = tuple(_with_account(gap, splitter.caller) for gap in gaps)
    manifest = Manifest(
        kind=raw.kind,
        tool_version=raw.tool_version,
        collected_at=raw.collected_at,
        accounts=_accounts(entries),
        gaps=gaps,
        notes=(*raw.notes, *splitter.notes),
        documents=tuple(entries),
    )
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    _write_file(folder / MANIFEST, text + b"\n")


def _with_account(gap: Gap, account: str) -> Gap:
    if not gap.where.startswith("-/"):
        return gap
    return msgspec.structs.replace(gap, where=account + gap.where[1:])


def _text(key: str, data: msgspec.Raw) -> bytes:
    return msgspec.json.format(cut_json(key, data), indent=1)


def _accounts(entries: list[ManifestEntry]) -> dict[str, tuple[str, ...]]:
    regions: dict[str, set[str]] = {}
    for entry in entries:
        regions.setdefault(entry.account, set()).add(entry.region)
    return {account: tuple(sorted(regions[account])) for account in sorted(regions)}


def _folder_name(text: str) -> str:
    """Accounts and Regions of a snapshot that somebody sent may be anything, even `../..`."""
    return text if _PLAIN.fullmatch(text) else _UNKNOWN


def _make_folder(path: Path) -> None:
    """Like mkdir with parents, which gives the mode to the last one only."""
    if not path.exists():
        _make_folder(path.parent)
        path.mkdir(mode=0o700)


def _write_file(path: Path, data: bytes) -> None:
    _make_folder(path.parent)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)


def _put_in_place(fresh: Path, directory: Path) -> None:
    """Swap; a snapshot that was there comes back if the swap fails."""
    if not directory.exists():
        fresh.rename(directory)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{directory.name}-old-", dir=directory.parent))
    try:
        directory.rename(old / "snapshot")
        try:
            fresh.rename(directory)
        except OSError:
            (old / "snapshot").rename(directory)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)
