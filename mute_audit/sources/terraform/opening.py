"""From the path of a plan, state or folder of `.tf` to a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from mute_audit.errors import SnapshotError
from mute_audit.sources.raw import RawSnapshot
from mute_audit.sources.terraform.options import TerraformOptions
from mute_audit.sources.terraform.out import Out
from mute_audit.sources.terraform.overlay import ground
from mute_audit.sources.terraform.plan import read_plan
from mute_audit.sources.terraform.running import plan_folder
from mute_audit.sources.terraform.state import read_state

__all__ = ["open_folder", "open_terraform"]

_SHOW = "`terraform show -json plan.bin > plan.json` prints a plan in the form that is read"
# Reads what a plan is laid over.
Beside = Callable[[str], RawSnapshot]


def open_terraform(path: Path, options: TerraformOptions, beside: Beside) -> RawSnapshot | None:
    """The snapshot of a plan or state file; None for a file that is neither.

    Raises SnapshotError for one that is, but cannot be read.
    """
    data = _bytes(path)
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise SnapshotError(
            f"`{path}` is a binary plan or an archive, which terraform alone can read", hint=_SHOW
        )
    if not data.strip():
        raise SnapshotError("the file is empty", where=str(path), hint=_SHOW)
    if path.suffix.lower() not in (".json", ".tfstate", ".backup", ""):
        return None
    try:
        document: dict[str, Any] = msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.ValidationError:
        return None
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"not valid JSON: {error}", where=str(path), hint=_SHOW) from error
    kind = _kind(document)
    if kind is None:
        return None
    source_dir = options.source_dir or _beside(path)
    out = _ground(options, beside)
    if kind == "state":
        return read_state(document, str(path), source_dir, out)
    return read_plan(document, str(path), source_dir, out)


def open_folder(path: Path, options: TerraformOptions, beside: Beside) -> RawSnapshot:
    """The snapshot of a folder of `.tf` files, planned. Raises UsageError, InputError."""
    document, commands = plan_folder(path, options.var_files, allowed=options.allow_run)
    found = read_plan(document, str(path), path, _ground(options, beside))
    ran = tuple(f"ran `{command}`" for command in commands)
    return replace(found, notes=(*ran, *found.notes))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SnapshotError(f"cannot read `{path}`: {error.strerror or error}") from error


def _kind(document: Mapping[str, Any]) -> str | None:
    if "planned_values" in document or "resource_changes" in document:
        return "plan"
    if "lineage" in document and "version" in document:
        return "state"
    if "terraform_version" in document:
        return "state" if "values" in document or "configuration" not in document else "plan"
    return None


def _beside(path: Path) -> Path | None:
    """The folder that a plan lies in, if Terraform files lie there, too."""
    return path.parent if any(path.parent.glob("*.tf")) else None


def _ground(options: TerraformOptions, beside: Beside) -> Out | None:
    return ground(beside(options.beside)) if options.beside else None
