"""A plan in the JSON form that `terraform show -json` prints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mute_audit.errors import SnapshotError
from mute_audit.sources.raw import RawSnapshot
from mute_audit.sources.terraform.estate import Estate
from mute_audit.sources.terraform.following import Follower, Planned
from mute_audit.sources.terraform.former import former_of
from mute_audit.sources.terraform.homes import Homes
from mute_audit.sources.terraform.modules import Module, Sources, from_outline
from mute_audit.sources.terraform.naming import parse_resource
from mute_audit.sources.terraform.out import Out
from mute_audit.sources.terraform.shapes import check_plan
from mute_audit.sources.terraform.translate import translate
from mute_audit.verdict import Gap

__all__ = ["module_resources", "read_plan"]

_NO_FILES = (
    "a plan leaves out locals and dynamic blocks, so that some references could not be followed: "
    "give the folder of its .tf files with `--source-dir`"
)
_SHOW = (
    "write it with `terraform plan -out=plan.bin` and `terraform show -json plan.bin > plan.json`"
)


def read_plan(
    document: dict[str, Any], origin: str, source_dir: Path | None, out: Out | None = None
) -> RawSnapshot:
    """The estate as it will be once the plan is applied.

    source_dir  the folder of the `.tf` files that the plan was made from, for what the plan
                leaves out (locals, `dynamic` blocks)
    out         what lives already, which the plan is laid over
    Raises SnapshotError for a plan that failed or cannot be read.
    """
    _check(document, origin)
    everything = list(_resources(document))
    resources = [item for item, ours in everything if ours]
    former = tuple(former_of(document))
    if not resources and not former:
        raise SnapshotError("the plan has no resource of the AWS provider", where=origin)
    modules = _Modules(document, source_dir)
    variables = {
        name: item.get("value")
        for name, item in (document.get("variables") or {}).items()
        if isinstance(item, dict)
    }
    follower = Follower([item for item, _ in everything], modules.find, variables)
    homes = Homes(document, resources, variables)
    estate = Estate(resources, follower, {r.address: homes.of(r) for r in resources})
    estate.former = former
    estate.made_at = str(document.get("timestamp") or "")
    found = translate(estate, origin, "plan", out or Out(homes.default.account), homes.default)
    deferred = tuple(_deferred(document))
    notes = (*found.notes, *modules.notes(estate.left_open))
    if document.get("complete") is False and not deferred:
        notes = (*notes, "the plan is of a part only: what else changes is not judged")
    return replace(found, notes=notes, gaps=(*found.gaps, *deferred))


def _deferred(document: Mapping[str, Any]) -> Iterator[Gap]:
    """Changes that terraform puts off, as it cannot plan them yet: nobody knows what they make."""
    for item in document.get("deferred_changes") or ():
        address = str((item.get("resource_change") or {}).get("address") or "")
        yield Gap(address, address, "put off by terraform to a later plan")


def _check(document: dict[str, Any], origin: str) -> None:
    version = str(document.get("format_version") or "")
    if not re.fullmatch(r"[01]\.\d+", version):
        raise SnapshotError(
            f"the plan has format version `{version or 'none'}`, this release reads 1",
            where=origin,
            hint="use a newer release of mute-audit" if version else _SHOW,
        )
    if document.get("errored") is True:
        raise SnapshotError(
            "planning failed: the plan is incomplete",
            where=origin,
            hint="mend what `terraform plan` complains about, and plan again",
        )
    if not isinstance(document.get("planned_values"), dict):
        raise SnapshotError("the plan has no `planned_values`", where=origin, hint=_SHOW)
    if not isinstance(document.get("configuration"), dict):
        raise SnapshotError("the plan has no `configuration`", where=origin, hint=_SHOW)
    check_plan(document, origin)


def _resources(document: Mapping[str, Any]) -> Iterator[tuple[Planned, bool]]:
    """What will be there after apply, with what is unknown of it, and the data that was read.

    Each with whether it is the AWS provider's; others only pass values on.
    """
    changes = {
        str(item.get("address")): item.get("change") or {}
        for item in document.get("resource_changes") or ()
        if "deposed" not in item
    }
    planned = document.get("planned_values") or {}
    seen: set[str] = set()
    for item in document.get("resource_changes") or ():
        # What terraform shall forget stays as it is; the plan shows it without its values.
        change = item.get("change") or {}
        name = parse_resource(str(item.get("address")))
        if change.get("actions") == ["forget"] and name is not None:
            seen.add(str(name))
            yield Planned(name, change.get("before") or {}), _ours(item)
    for item in module_resources(planned.get("root_module") or {}):
        name = parse_resource(str(item.get("address")))
        if name is None or str(name) in seen:
            continue
        change = changes.get(str(item.get("address")), {})
        after = change.get("after")
        values = after if isinstance(after, dict) else item.get("values") or {}
        seen.add(str(name))
        yield Planned(name, values, change.get("after_unknown") or False), _ours(item)
    prior = (document.get("prior_state") or {}).get("values") or {}
    for item in module_resources(prior.get("root_module") or {}):
        name = parse_resource(str(item.get("address")))
        if name is None or str(name) in seen:
            continue
        # What has no change stays: a plan with -refresh-only shows none of it as planned.
        if name.mode == "data" or str(item.get("address")) not in changes:
            yield Planned(name, item.get("values") or {}), _ours(item)


def _ours(item: Mapping[str, Any]) -> bool:
    provider = str(item.get("provider_name") or "")
    return provider.rpartition("/")[2] == "aws"


def module_resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources") or ()
    for child in module.get("child_modules") or ():
        yield from module_resources(child)


class _Modules:
    """The text of a module where it is there and fits the plan, else the plan's outline."""

    def __init__(self, document: Mapping[str, Any], source_dir: Path | None) -> None:
        self._outline = (document.get("configuration") or {}).get("root_module") or {}
        self._sources = Sources(source_dir) if source_dir is not None else None
        self._found: dict[tuple[str, ...], Module] = {}

    def find(self, names: tuple[str, ...]) -> Module:
        if names not in self._found:
            outline = self._outline
            for name in names:
                outline = ((outline.get("module_calls") or {}).get(name) or {}).get("module") or {}
            shown = from_outline(outline)
            text = self._sources.module(names) if self._sources is not None else None
            fits = text is not None and set(text.resources) == set(shown.resources)
            self._found[names] = text if fits and text is not None else shown
        return self._found[names]

    def notes(self, left_open: Iterable[tuple[str, ...]]) -> Iterator[str]:
        """What would tell more about modules with references that could not be followed."""
        if self._sources is None:
            if any(not self.find(names).text for names in left_open):
                yield _NO_FILES
            return
        for names in sorted(left_open):
            if not self.find(names).text:
                module = ".".join(f"module.{name}" for name in names) or "the root module"
                yield f"the .tf files of {module} are not here, or not those of the plan"
