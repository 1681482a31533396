"""Small plans written by hand, in the form that `terraform show -json` prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mute_audit.inventory import Inventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.raw import RawSnapshot
from mute_audit.sources.terraform.plan import read_plan

PROVIDER = "registry.terraform.io/hashicorp/aws"


class Plan:
    """Resources of a root module; `expressions` as the plan's configuration has them."""

    def __init__(self, **variables: Any) -> None:
        self.variables = variables
        self.planned: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.blocks: dict[str, dict[str, Any]] = {}
        self.children: dict[str, list[dict[str, Any]]] = {}

    def add(
        self,
        address: str,
        values: dict[str, Any],
        unknown: dict[str, Any] | None = None,
        refers: dict[str, Any] | None = None,
        *,
        actions: tuple[str, ...] = ("create",),
        before: dict[str, Any] | None = None,
        **block: Any,
    ) -> Plan:
        kind, _, rest = address.partition(".")
        name = rest.partition("[")[0]
        after_unknown = {"id": True, **(unknown or {})} if "id" not in values else unknown or {}
        if "delete" not in actions or "create" in actions:
            self.planned.append(
                {
                    "address": address,
                    "mode": "managed",
                    "type": kind,
                    "name": name,
                    "provider_name": PROVIDER,
                    "values": values,
                }
            )
        self.changes.append(
            {
                "address": address,
                "mode": "managed",
                "type": kind,
                "name": name,
                "change": {
                    "actions": list(actions),
                    "before": before,
                    "after": values,
                    "after_unknown": after_unknown,
                },
            }
        )
        self.blocks[f"{kind}.{name}"] = {
            "address": f"{kind}.{name}",
            "mode": "managed",
            "type": kind,
            "name": name,
            "provider_config_key": "aws",
            "expressions": {
                key: value if isinstance(value, dict) else {"references": value}
                for key, value in (refers or {}).items()
            },
            **block,
        }
        return self

    def document(self) -> dict[str, Any]:
        return {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "variables": {name: {"value": value} for name, value in self.variables.items()},
            "planned_values": {"root_module": {"resources": self.planned}},
            "resource_changes": self.changes,
            "configuration": {
                "provider_config": {
                    "aws": {"expressions": {"region": {"constant_value": "eu-west-1"}}}
                },
                "root_module": {"resources": list(self.blocks.values())},
            },
        }

    def raw(self, source_dir: Path | None = None) -> RawSnapshot:
        return read_plan(self.document(), "plan.json", source_dir)

    def inventory(self, source_dir: Path | None = None) -> Inventory:
        return load(self.raw(source_dir))

    def write(self, path: Path) -> Path:
        path.write_text(json.dumps(self.document()))
        return path


def network() -> Plan:
    """A VPC with one subnet, all of it new."""
    plan = Plan()
    plan.add("aws_vpc.this", {"cidr_block": "10.0.0.0/16"})
    plan.add(
        "aws_subnet.a",
        {"cidr_block": "10.0.0.0/24", "availability_zone": "eu-west-1a"},
        {"vpc_id": True},
        {"vpc_id": ["aws_vpc.this.id", "aws_vpc.this"]},
    )
    return plan
