"""The baseline: the estate as it is meant to be, and which part of the account it speaks of.

`load_baseline` reads the file, puts the shared values in place of their `$` references,
checks every field, and then that every relation leads somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from mute_audit.errors import BaselineError
from mute_audit.finding import Location
from mute_audit.intent import resources
from mute_audit.intent.fields import AccountId, Name, Named, Names
from mute_audit.intent.validation import field_path, listed, similar
from mute_audit.intent.written import Written
from mute_audit.intent.yaml_source import Steps, YamlDocument, parse_yaml, read_yaml, validate

__all__ = ["Baseline", "BaselineFile", "Scope", "load_baseline", "parse_baseline", "schema"]

_REFERENCE = re.compile(r"\$([a-z][a-z0-9_]*)")


class Scope(Written):
    """Where what is not declared is unexpected.

    All that lies in the VPCs, and the buckets, databases, repositories and users whose
    names match. What is left out covers exactly what its section declares.
    """

    vpcs: Names = Field(default=(), description="Entries of `vpcs`, with all that is in them.")
    buckets: Names = Field(default=(), description="Names, with `*` and `?`.")
    databases: Names = Field(default=(), description="Names, with `*` and `?`.")
    repositories: Names = Field(default=(), description="Names, with `*` and `?`.")
    users: Names = Field(default=(), description="Names, with `*` and `?`.")


class BaselineFile(Written):
    """The intended state of an estate: one section for each kind, relations by name."""

    mute: Literal["baseline/v1"]
    title: str = ""
    account: AccountId | None = Field(default=None, description="Where there are several.")
    region: Name | None = Field(default=None, description="Region of all that has one.")
    values: Annotated[Mapping[str, str | tuple[str, ...]], AfterValidator(MappingProxyType)] = (
        Field(
            default_factory=dict,
            description="Values that stand in one place only; `$name` puts one in.",
        )
    )
    scope: Scope = Scope()
    vpcs: Named[resources.Vpc]
    subnets: Named[resources.Subnet]
    route_tables: Named[resources.RouteTable]
    internet_gateways: Named[resources.InternetGateway]
    nat_gateways: Named[resources.NatGateway]
    network_acls: Named[resources.NetworkAcl]
    security_groups: Named[resources.SecurityGroup]
    images: Named[resources.Image]
    instances: Named[resources.Instance]
    databases: Named[resources.Database]
    buckets: Named[resources.Bucket]
    repositories: Named[resources.Repository]
    users: Named[resources.User]
    others: Annotated[Mapping[str, Names], AfterValidator(MappingProxyType)] = Field(
        default_factory=dict,
        description="What must be there and has no section: names or ids by type "
        "(`ec2.vpc-endpoint`, `elbv2.load-balancer`, …).",
    )


@dataclass(frozen=True)
class Baseline:
    """A baseline that holds together, with the place of each of its lines."""

    file: BaselineFile
    document: YamlDocument

    @property
    def path(self) -> Path:
        return self.document.path

    def locate(self, *steps: str | int) -> Location:
        """Where something stands in the file, or the nearest thing above it."""
        return self.document.locate(steps)

    @cached_property
    def only_vpc(self) -> str:
        """The one VPC that is described; empty where there are several or none."""
        return next(iter(self.file.vpcs)) if len(self.file.vpcs) == 1 else ""

    def vpc_of(self, entry: resources.InVpc) -> str:
        """The entry of `vpcs` that `entry` belongs to."""
        return entry.vpc or self.only_vpc


def load_baseline(path: Path) -> Baseline:
    """The baseline in `path`; raises BaselineError with every problem and its line."""
    return _baseline(read_yaml(path, BaselineError))


def parse_baseline(text: str, path: Path) -> Baseline:
    """The baseline in `text`; `path` is what messages call it."""
    return _baseline(parse_yaml(text, path, BaselineError))


def _baseline(document: YamlDocument) -> Baseline:
    from mute_audit.intent.relations import broken

    put_in = YamlDocument(document.path, _with_values(document), document.root)
    baseline = Baseline(validate(BaselineFile, put_in, BaselineError), document)
    problems = sorted(broken(baseline), key=lambda found: (found[0].line, found[0].column))
    if problems:
        raise listed(problems, document, BaselineError)
    return baseline


def _with_values(document: YamlDocument) -> Any:
    """The file's data with `values` in place of their references."""
    data = document.data
    values = data.get("values") if isinstance(data, dict) else None
    if not isinstance(values, dict):
        # Whatever is wrong with it is told when the fields are checked.
        values = {}
    problems: list[tuple[Location, str]] = []

    def put_in(value: Any, steps: Steps) -> Any:
        if isinstance(value, dict):
            return {key: put_in(item, (*steps, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [put_in(item, (*steps, position)) for position, item in enumerate(value)]
        match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            return value
        if match[1] in values:
            return values[match[1]]
        message = f"`{field_path(steps)}`: `{value}` is not one of `values`"
        problems.append((document.locate(steps), message + similar(match[1], values)))
        return value

    if not isinstance(data, dict):
        return data
    result = {
        key: value if key == "values" else put_in(value, (key,)) for key, value in data.items()
    }
    if problems:
        raise listed(problems, document, BaselineError)
    return result


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of baseline files, for editors and validators."""
    made = BaselineFile.model_json_schema(by_alias=True)
    # Defaults fill gaps in the models; in the file a field that is left out means "not
    # compared", which a default in the schema would contradict.
    _drop(made, "default")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mute-audit baseline",
        **{key: value for key, value in made.items() if key != "title"},
    }


def _drop(node: Any, key: str) -> None:
    if isinstance(node, dict):
        if not isinstance(node.get(key), dict):
            node.pop(key, None)
        for value in node.values():
            _drop(value, key)
    elif isinstance(node, list):
        for value in node:
            _drop(value, key)
