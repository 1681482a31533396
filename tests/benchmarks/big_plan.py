"""A plan of 4,000 resources: 20 VPCs with their subnets, groups, rules, instances and data."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

PROVIDER = "registry.terraform.io/hashicorp/aws"
VPCS = 20


class Maker:
    def __init__(self) -> None:
        self.planned: list[dict[str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.blocks: list[dict[str, Any]] = []

    def add(
        self,
        kind: str,
        name: str,
        values: dict[str, Any],
        refers: dict[str, str] | None = None,
        lists: dict[str, str] | None = None,
    ) -> str:
        """One resource; `refers` are attributes that are other resources' ids."""
        address = f"{kind}.{name}"
        common = {"address": address, "mode": "managed", "type": kind, "name": name}
        unknown: dict[str, Any] = {"id": True, "arn": True}
        expressions: dict[str, Any] = {}
        for field, other in {**(refers or {}), **(lists or {})}.items():
            unknown[field] = True
            expressions[field] = {"references": [f"{other}.id", other]}
        self.planned.append({**common, "provider_name": PROVIDER, "values": values})
        self.changes.append(
            {
                **common,
                "provider_name": PROVIDER,
                "change": {
                    "actions": ["create"],
                    "before": None,
                    "after": values,
                    "after_unknown": unknown,
                    "before_sensitive": False,
                    "after_sensitive": {},
                },
            }
        )
        self.blocks.append(
            {
                **common,
                "provider_config_key": "aws",
                "expressions": expressions,
                "schema_version": 1,
            }
        )
        return address

    def document(self) -> dict[str, Any]:
        region = {"expressions": {"region": {"constant_value": "eu-west-1"}}}
        return {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "planned_values": {"root_module": {"resources": self.planned}},
            "resource_changes": self.changes,
            "configuration": {
                "provider_config": {"aws": {"name": "aws", **region}},
                "root_module": {"resources": self.blocks},
            },
        }


def big_plan() -> dict[str, Any]:
    """200 resources for each VPC."""
    maker = Maker()
    for number in range(VPCS):
        one_vpc(maker, number)
    return maker.document()


def one_vpc(maker: Maker, number: int) -> None:
    add = maker.add
    tag = f"v{number}"
    vpc = add("aws_vpc", tag, {"cidr_block": f"10.{number}.0.0/16", "tags": {"Name": tag}})
    gateway = add("aws_internet_gateway", tag, {}, {"vpc_id": vpc})
    table = add("aws_route_table", tag, {}, {"vpc_id": vpc})
    out = {"destination_cidr_block": "0.0.0.0/0"}
    add("aws_route", tag, out, {"route_table_id": table, "gateway_id": gateway})
    subnets = []
    for index in range(8):
        values = {
            "cidr_block": f"10.{number}.{index}.0/24",
            "availability_zone": f"eu-west-1{'abc'[index % 3]}",
            "map_public_ip_on_launch": index < 4,
        }
        subnet = add("aws_subnet", f"{tag}_{index}", values, {"vpc_id": vpc})
        subnets.append(subnet)
        if index < 4:
            pair = {"subnet_id": subnet, "route_table_id": table}
            add("aws_route_table_association", f"{tag}_{index}", {}, pair)
    groups = [
        add("aws_security_group", f"{tag}_{n}", {"name": f"{tag}-{n}"}, {"vpc_id": vpc})
        for n in range(20)
    ]
    for n, group in enumerate(groups):
        everyone = {"ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0"}
        add(
            "aws_vpc_security_group_egress_rule",
            f"{tag}_{n}",
            everyone,
            {"security_group_id": group},
        )
        port = {"ip_protocol": "tcp", "from_port": 8000 + n, "to_port": 8000 + n}
        rule = "aws_vpc_security_group_ingress_rule"
        other = groups[(n + 7) % len(groups)]
        pair = {"security_group_id": group, "referenced_security_group_id": other}
        add(rule, f"{tag}_{n}_peer", port, pair)
        web = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "0.0.0.0/0"}
        add(rule, f"{tag}_{n}_web", web, {"security_group_id": group})
    for n in range(40):
        values = {
            "ami": "ami-12345678",
            "instance_type": "t3.micro",
            "metadata_options": [{"http_tokens": "required", "http_endpoint": "enabled"}],
            "root_block_device": [{"encrypted": True, "volume_type": "gp3"}],
            "source_dest_check": True,
            "tags": {"Name": f"{tag}-{n}"},
        }
        add(
            "aws_instance",
            f"{tag}_{n}",
            values,
            {"subnet_id": subnets[n % 8]},
            {"vpc_security_group_ids": groups[n % 20]},
        )
    for n in range(10):
        bucket = add("aws_s3_bucket", f"{tag}_{n}", {"bucket": f"{tag}-{n}-bucket"})
        closed = dict.fromkeys(
            (
                "block_public_acls",
                "block_public_policy",
                "ignore_public_acls",
                "restrict_public_buckets",
            ),
            True,
        )
        add("aws_s3_bucket_public_access_block", f"{tag}_{n}", closed, {"bucket": bucket})
        add("aws_iam_user", f"{tag}_{n}", {"name": f"{tag}-{n}", "path": "/"})
        add("aws_ecr_repository", f"{tag}_{n}", {"name": f"{tag}-{n}"})
    for n in range(4):
        add("aws_eip", f"{tag}_{n}", {"domain": "vpc"})
    for n in range(20):
        add("aws_cloudwatch_log_group", f"{tag}_{n}", {"name": f"/{tag}/{n}"})


def write(path: Path) -> int:
    """The number of resources."""
    document = big_plan()
    path.write_bytes(msgspec.json.encode(document))
    return len(document["resource_changes"])


if __name__ == "__main__":
    print(write(Path(sys.argv[1])))  # noqa: T201 - a script
