"""Every attribute that a translator reads is the provider's: no typo hides behind a default."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from terraform_runs import PLUGINS, Run, needs_terraform

from mute_audit.sources.terraform import kinds
from mute_audit.sources.terraform.computed import FILLED_IN
from mute_audit.sources.terraform.estate import Estate, Item
from mute_audit.sources.terraform.following import Follower, Planned
from mute_audit.sources.terraform.modules import Module
from mute_audit.sources.terraform.naming import ResourceName
from mute_audit.sources.terraform.out import Home, Out
from mute_audit.sources.terraform.table import LATER, TABLE
from mute_audit.sources.terraform.to_service_interfaces import SERVICES
from mute_audit.sources.terraform.translate import translate

pytestmark = [pytest.mark.terraform, pytest.mark.slow, pytest.mark.sample, needs_terraform]

PACKAGE = Path(kinds.__file__).parent
HOME = Home("123456789012", "eu-west-1")
# Read of others, which the table has no translator for.
BESIDE = (
    "aws_dax_subnet_group",
    "aws_db_subnet_group",
    "aws_dms_replication_subnet_group",
    "aws_docdb_cluster",
    "aws_docdb_subnet_group",
    "aws_elasticache_subnet_group",
    "aws_launch_configuration",
    "aws_launch_template",
    "aws_memorydb_subnet_group",
    "aws_neptune_cluster",
    "aws_neptune_subnet_group",
    "aws_redshift_subnet_group",
)
# Of releases that are not installed here, before or after this one.
ELSEWHERE = {
    ("aws_instance", "primary_network_interface"),
    ("aws_spot_instance_request", "primary_network_interface"),
}
# Asked of whatever has a private address, under the names that it may have.
BOTH = {(kind, "private_ips") for kind in ("aws_instance", "aws_nat_gateway")}
# Asked of resources of any type.
ANY = frozenset({"arn", "id", "tags", "tags_all", "vpc_id", "subnet_id", "transit_gateway_id"})


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Type → its block, as the installed provider describes it."""
    folder = tmp_path_factory.mktemp("schema")
    source = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
    (folder / "main.tf").write_text(source)
    run = Run(folder)
    run.call("init", "-input=false", f"-plugin-dir={PLUGINS}")
    (provider,) = json.loads(run.call("providers", "schema", "-json"))["provider_schemas"].values()
    return {name: item["block"] for name, item in provider["resource_schemas"].items()}


class Asked(dict[str, Any]):
    """Values of a block that remember which names were asked for."""

    def __init__(self, values: dict[str, Any], where: tuple[str, ...], seen: set[Any]) -> None:
        super().__init__(values)
        self.where = where
        self.seen = seen

    def get(self, key: str, default: Any = None) -> Any:
        self.seen.add((*self.where, key))
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self.seen.add((*self.where, key))
        return super().__getitem__(key)


def names_of(block: dict[str, Any]) -> set[str]:
    return {*block.get("attributes", {}), *block.get("block_types", {})}


def inside(block: dict[str, Any], name: str) -> set[str] | None:
    """The names inside an inner block, or a list of objects; None where it is neither."""
    if name in block.get("block_types", {}):
        return names_of(block["block_types"][name]["block"])
    kind = block.get("attributes", {}).get(name, {}).get("type")
    while isinstance(kind, list) and kind[0] in ("list", "set"):
        kind = kind[1]
    return set(kind[1]) if isinstance(kind, list) and kind[0] == "object" else None


class Variant(NamedTuple):
    """How the resources are made, so that every branch is gone through.

    on     booleans
    text   what texts are that mean nothing else
    known  their ids are known, and not their addresses
    bare   they have neither inner blocks nor lists
    """

    on: bool
    text: str
    known: bool
    bare: bool = False

    def id(self, kind: str) -> str:
        return f"{kind}-1" if self.known else f"{kind}.x"

    def block(self, block: dict[str, Any], where: tuple[str, ...], seen: set[Any]) -> Asked:
        """A value for every attribute: ids are those of resources of the right kind."""
        made: dict[str, Any] = {}
        for name, item in block.get("attributes", {}).items():
            made[name] = self.value(name, item["type"], (*where, name), seen)
        for name, item in block.get("block_types", {}).items():
            inner = self.block(item["block"], (*where, name), seen)
            made[name] = [] if self.bare else [inner]
        return Asked(made, where, seen)

    def value(self, name: str, kind: Any, where: tuple[str, ...], seen: set[Any]) -> Any:
        if isinstance(kind, list):
            outer, inner = kind
            if outer == "map":
                return {"Name": "x"}
            if outer == "object":
                made = {n: self.value(n, k, (*where, n), seen) for n, k in inner.items()}
                return Asked(made, where, seen)
            return [] if self.bare else [self.value(name, inner, where, seen)]
        if kind == "bool":
            return self.on
        if kind == "number":
            return 1
        meant = kinds.kinds_of(name)
        if meant is not None and (self.text or name not in ("id", "launch_template")):
            return self.id(meant[0][0])
        texts = {"cidr": "10.0.0.0/16", "policy": "{}", "ip": "10.0.0.9", "protocol": "icmp"}
        return next((text for part, text in texts.items() if part in name), self.text)


VARIANTS = (
    Variant(True, "x", True),
    Variant(False, "x", False),
    Variant(True, "", False),
    Variant(True, "x", True, bare=True),
)


def estate(schemas: dict[str, Any], variant: Variant, seen: set[Any]) -> Estate:
    """One resource of each type that is translated or looked at, with all that it can have."""
    planned = []
    for kind in dict.fromkeys((*TABLE, *LATER, *BESIDE)):
        values = variant.block(schemas[kind], (kind,), seen)
        for name in ("id", "arn"):
            dict.__setitem__(values, name, variant.id(kind))
        planned.append(Planned(ResourceName((), "managed", kind, "x"), values))
    module = Module()
    return Estate(planned, Follower(planned, lambda _: module, {}), {})


@pytest.fixture(scope="module")
def asked(schemas: dict[str, Any]) -> set[tuple[str, ...]]:
    """(type, attribute, …) of all that translating one of each reads."""
    seen: set[tuple[str, ...]] = set()
    for variant in VARIANTS:
        translate(estate(schemas, variant, seen), "x", "plan", Out(), HOME)
    return seen


def families(schemas: dict[str, Any]) -> dict[str, set[str]]:
    """Type → every name, at any depth, of the types that the same file translates.

    One function reads several types, and asks one for what another has.
    """
    files: dict[str, set[str]] = {}
    for kind, translator in (*TABLE.items(), *LATER.items()):
        files.setdefault(translator.__module__, set()).update(all_names(schemas[kind]))
    beside = set().union(*(all_names(schemas[kind]) for kind in BESIDE))
    found = {kind: files[translator.__module__] for kind, translator in TABLE.items()}
    return {**dict.fromkeys(BESIDE, beside), **found}


def all_names(block: dict[str, Any]) -> set[str]:
    found = names_of(block)
    for name in tuple(found):
        found |= inside(block, name) or set()
    for item in block.get("block_types", {}).values():
        found |= all_names(item["block"])
    return found


def test_what_is_read_is_in_the_schema(
    schemas: dict[str, Any], asked: set[tuple[str, ...]]
) -> None:
    known = families(schemas)
    wrong = {path for path in asked if path[-1] not in ANY and path[-1] not in known[path[0]]}
    assert sorted({(path[0], path[-1]) for path in wrong} - ELSEWHERE - BOTH) == []


def literals() -> Iterator[tuple[str, str]]:
    """(file, attribute) of every attribute that a translator names by a text."""
    pattern = re.compile(r"\b(?:item|shared|template|found|old|block)\.(\w+)\(\s*\"(\w+)\"")
    methods = {name for name in vars(Item) if not name.startswith("_")}
    for file in sorted(PACKAGE.glob("to_*.py")):
        for method, name in pattern.findall(file.read_text()):
            if method in methods:
                yield file.name, name


def test_every_name_in_the_translators_was_tried(asked: set[tuple[str, ...]]) -> None:
    """So that none of them is passed over by the tests above."""
    names = {path[-1] for path in asked}
    assert len(names) > 150
    assert {(file, name) for file, name in literals() if name not in names} == set()


def test_what_the_provider_fills_in_is_optional_and_computed(schemas: dict[str, Any]) -> None:
    wrong = set()
    for kind, names in FILLED_IN.items():
        for name in names:
            found = schemas[kind].get("attributes", {}).get(name)
            known = name in schemas[kind].get("block_types", {}) if found is None else True
            if not known or (found is not None and not found.get("computed")):
                wrong.add((kind, name))
    assert sorted(wrong - ELSEWHERE) == []


def test_services_keep_their_interfaces_where_their_schema_says(schemas: dict[str, Any]) -> None:
    wrong = set()
    for kind, shape in SERVICES.items():
        known = inside(schemas[kind], shape.block) if shape.block else names_of(schemas[kind])
        named = (shape.subnets, shape.groups, shape.named, shape.public.removeprefix("-"))
        wrong |= {(kind, name) for name in named if name and name not in (known or ())}
    assert sorted(wrong) == []


def test_every_type_is_one_of_the_providers(schemas: dict[str, Any]) -> None:
    every = {*TABLE, *LATER, *BESIDE, *FILLED_IN, *SERVICES}
    assert every - schemas.keys() == set()
