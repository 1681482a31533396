"""States: the raw file (version 4), and what `terraform show -json` prints of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mute_audit.errors import SnapshotError
from mute_audit.sources.raw import RawSnapshot
from mute_audit.sources.terraform.estate import Estate
from mute_audit.sources.terraform.following import Follower, Planned
from mute_audit.sources.terraform.homes import homes_of_state
from mute_audit.sources.terraform.modules import Module, Sources
from mute_audit.sources.terraform.naming import ResourceName, parse_resource
from mute_audit.sources.terraform.out import Out
from mute_audit.sources.terraform.plan import module_resources
from mute_audit.sources.terraform.shapes import check_shown_state, check_state_file
from mute_audit.sources.terraform.translate import translate

__all__ = ["read_state"]


def read_state(
    document: dict[str, Any], origin: str, source_dir: Path | None, out: Out | None = None
) -> RawSnapshot:
    """The estate as the state has it. Raises SnapshotError for what it cannot be read from."""
    if "values" in document or "format_version" in document:
        found = list(_shown(document, origin))
    else:
        found = list(_raw(document, origin))
    resources = [item for item, _ in found]
    if not resources:
        raise SnapshotError("the state has no resource of the AWS provider", where=origin)
    sources = Sources(source_dir) if source_dir is not None else None
    empty = Module()

    def module(names: tuple[str, ...]) -> Module:
        text = sources.module(names) if sources is not None else None
        return text if text is not None else empty

    follower = Follower(resources, module, {})
    homes, default = homes_of_state(found)
    estate = Estate(resources, follower, homes)
    return translate(estate, origin, "state", out or Out(default.account), default)


def _shown(document: dict[str, Any], origin: str) -> Iterator[tuple[Planned, str]]:
    version = str(document.get("format_version") or "")
    if not re.fullmatch(r"[01]\.\d+", version):
        raise SnapshotError(
            f"the state has format version `{version or 'none'}`, this release reads 1",
            where=origin,
            hint="print it with `terraform show -json > state.json`",
        )
    check_shown_state(document, origin)
    values = document.get("values")
    root = values.get("root_module") if isinstance(values, dict) else None
    for item in module_resources(root or {}):
        name = parse_resource(str(item.get("address")))
        if name is not None and str(item.get("provider_name")).rpartition("/")[2] == "aws":
            yield Planned(name, item.get("values") or {}), ""


def _raw(document: dict[str, Any], origin: str) -> Iterator[tuple[Planned, str]]:
    if document.get("version") != 4:
        raise SnapshotError(
            f"the state file has version `{document.get('version')}`, this release reads 4",
            where=origin,
            hint="`terraform show -json > state.json` prints any state in a form that is read",
        )
    check_state_file(document, origin)
    for block in document.get("resources") or ():
        provider = str(block.get("provider") or "")
        if not re.search(r'/aws"\]', provider):
            continue
        module = f"{block['module']}." if block.get("module") else ""
        prefix = "data." if block.get("mode") == "data" else ""
        plain = f"{module}{prefix}{block.get('type')}.{block.get('name')}"
        name = parse_resource(plain)
        if name is None:
            continue
        for instance in block.get("instances") or ():
            # A deposed object is one that its successor has replaced already.
            if "deposed" in instance:
                continue
            key = instance.get("index_key")
            own = ResourceName(name.module, name.mode, name.type, name.name, key)
            yield Planned(own, instance.get("attributes") or {}), provider
