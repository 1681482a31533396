"""Find out what SOURCE is, and read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mute_audit.errors import InputError, SnapshotError
from mute_audit.inventory import Inventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.layouts import COLLECT_HINT, read_directory
from mute_audit.sources.live.options import LiveOptions
from mute_audit.sources.manifest import MANIFEST
from mute_audit.sources.raw import RawSnapshot
from mute_audit.sources.terraform.options import TerraformOptions

if TYPE_CHECKING:
    from mute_audit.sources.live.collect import Progress

__all__ = ["OpenedSource", "open_source"]

_TERRAFORM = frozenset({"plan", "state"})


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """What was read.

    kind  `aws`, `demo`, `directory`, `plan` or `state`
    name  what the person called it
    """

    kind: str
    name: str
    raw: RawSnapshot
    inventory: Inventory

    @property
    def never_described(self) -> frozenset[str]:
        """Keys of what such a source never has: Terraform knows images by their ids alone."""
        return frozenset({"Images"} if self.kind in _TERRAFORM else ())


def open_source(
    text: str,
    options: LiveOptions | None = None,
    *,
    now: datetime,
    drift: bool = False,
    progress: Progress | None = None,
    terraform: TerraformOptions | None = None,
) -> OpenedSource:
    """Read SOURCE: `aws`, `demo`, or the path of a folder (`./aws` for a folder named so), of a
    Terraform plan or of a state.

    now        the time that a collected snapshot carries
    drift      of the demo only: change it behind the baseline's back first
    terraform  how to read Terraform

    Raises AwsError, SnapshotError, and InputError for a path that is no source.
    """
    live = options or LiveOptions()
    terraform = terraform or TerraformOptions()

    def read(source: str, how: TerraformOptions) -> RawSnapshot:
        if source == "aws":
            return _collect(live, now, "aws", progress)
        if source == "demo":
            return _demo(now, drift, progress)
        return _path(Path(source), how, lambda other: read(other, TerraformOptions()))

    raw = read(text, terraform)
    # What a saved snapshot was collected from is not what it is now.
    kind = raw.kind if text in ("aws", "demo") or raw.kind in _TERRAFORM else "directory"
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


def _path(
    path: Path, terraform: TerraformOptions, beside: Callable[[str], RawSnapshot]
) -> RawSnapshot:
    if not path.exists():
        raise InputError(
            f"`{path}` does not exist",
            hint="a SOURCE is `aws`, `demo`, a Terraform plan or state, or the path of a folder "
            "of describe output or Terraform files",
        )
    if path.is_dir():
        ours = (path / MANIFEST).exists() or (path / "accounts").is_dir()
        if ours or not any(path.glob("*.tf")):
            return read_directory(path)
    from mute_audit.sources.terraform.opening import open_folder, open_terraform

    if path.is_dir():
        return open_folder(path, terraform, beside)
    found = open_terraform(path, terraform, beside)
    if found is None:
        raise _no_folder(path)
    return found


def _no_folder(path: Path) -> InputError:
    """The error for a file that is no plan and no state."""
    keys = _top_level_keys(path)
    if keys:
        return SnapshotError(
            f"`{path}` is one file of describe output, or JSON of another tool; not a folder, "
            "and no Terraform plan or state",
            hint=f"name the folder that holds it: `{path.parent}`",
        )
    return SnapshotError(f"`{path}` is not a source that mute-audit knows", hint=COLLECT_HINT)


def _top_level_keys(path: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])
    except (OSError, msgspec.MsgspecError):
        return {}
