"""Find out what SOURCE is, and read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mute_audit.errors import InputError, SnapshotError, why
from mute_audit.inventory import Inventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.layouts import COLLECT_HINT, read_directory
from mute_audit.sources.live.options import LiveOptions
from mute_audit.sources.manifest import MANIFEST
from mute_audit.sources.raw import RawSnapshot

if TYPE_CHECKING:
    from mute_audit.sources.live.collect import Progress

__all__ = ["OpenedSource", "open_source"]


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """What was read.

    kind  `aws`, `demo` or `directory`
    name  what the person called it
    """

    kind: str
    name: str
    raw: RawSnapshot
    inventory: Inventory


def open_source(
    text: str,
    options: LiveOptions | None = None,
    *,
    now: datetime,
    drift: bool = False,
    progress: Progress | None = None,
) -> OpenedSource:
    """Read SOURCE: `aws`, `demo`, or the path of a folder (`./aws` for a folder named so).

    now    the time that a collected snapshot carries
    drift  of the demo only: change it behind the baseline's back first

    Raises AwsError, SnapshotError, and InputError for a path that is no source.
    """
    options = options or LiveOptions()
    if text == "aws":
        raw = _collect(options, now, "aws", progress)
    elif text == "demo":
        raw = _demo(now, drift, progress)
    else:
        raw = _path(Path(text))
    kind = text if text in ("aws", "demo") else "directory"
    return OpenedSource(kind=kind, name=text, raw=raw, inventory=load(raw))


def _collect(
    options: LiveOptions, now: datetime, kind: str, progress: Progress | None
) -> RawSnapshot:
    # boto3 takes 0.3 s to import.
    from mute_audit.sources.live.collect import collect

    stamp = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return collect(options, collected_at=stamp, kind=kind, progress=progress)


def _demo(now: datetime, drift: bool, progress: Progress | None) -> RawSnapshot:
    from mute_audit.sources.demo import running

    with running(drift=drift) as demo:
        return _collect(demo.options(), now, "demo", progress)


def _path(path: Path) -> RawSnapshot:
    if not path.exists():
        raise InputError(
            f"`{path}` does not exist",
            hint="a SOURCE is `aws`, `demo`, or the path of a folder of describe output",
        )
    if path.is_dir():
        ours = (path / MANIFEST).exists() or (path / "accounts").is_dir()
        if not ours and any(path.glob("*.tf")):
            raise _later(path, "a folder of Terraform files")
        return read_directory(path)
    raise _no_folder(path)


def _no_folder(path: Path) -> InputError:
    """The error for a file, which names what the file is."""
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
        keys = _top_level_keys(path) if path.suffix.lower() in (".json", ".tfstate") else {}
    except OSError as error:
        return InputError(f"cannot read `{path}`: {why(error)}")
    if "planned_values" in keys or "resource_changes" in keys:
        return _later(path, "a Terraform plan")
    if "lineage" in keys or ("terraform_version" in keys and "values" in keys):
        return _later(path, "a Terraform state")
    if start == b"PK\x03\x04" or start[:2] == b"\x1f\x8b":
        return _later(path, "an archive or a binary Terraform plan")
    if keys:
        return SnapshotError(
            f"`{path}` is one file of describe output, not a folder",
            hint=f"name the folder that holds it: `{path.parent}`",
        )
    return SnapshotError(f"`{path}` is not a source that mute-audit knows", hint=COLLECT_HINT)


def _top_level_keys(path: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])
    except msgspec.MsgspecError:
        return {}


def _later(path: Path, what: str) -> InputError:
    return InputError(
        f"`{path}` is {what}, which this release cannot read yet",
        hint="scan `aws`, `demo`, or a folder of describe output",
    )
