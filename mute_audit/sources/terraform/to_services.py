"""Functions and ECS services, as far as they stand in a VPC."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.to_interfaces import vpc_of

__all__ = ["ecs_service", "function"]


def function(item: Item, out: Out) -> None:
    doc: Doc = {
        "FunctionName": item.text("function_name", item.address),
        "FunctionArn": item.id,
        "Runtime": item.text("runtime"),
        "Role": item.ref("role"),
    }
    for block in item.blocks("vpc_config")[:1]:
        subnets = item.estate.ids_in(block.get("subnet_ids"), "subnet_ids", item)
        vpc_id = vpc_of(item, subnets[0], out) if subnets else ""
        groups = block.get("security_group_ids")
        doc["VpcConfig"] = {
            "SubnetIds": subnets,
            "SecurityGroupIds": item.estate.ids_in(groups, "security_group_ids", item),
            "VpcId": vpc_id,
        }
    out.put("Functions", item.home, item.id, doc)


def ecs_service(item: Item, out: Out) -> None:
    doc: Doc = {
        "serviceArn": item.id,
        "serviceName": item.text("name", item.address),
        "clusterArn": item.ref("cluster"),
        "desiredCount": item.number("desired_count"),
    }
    for block in item.blocks("network_configuration")[:1]:
        ids = item.estate.ids_in
        doc["networkConfiguration"] = {
            "awsvpcConfiguration": {
                "subnets": ids(block.get("subnets"), "subnets", item),
                "securityGroups": ids(block.get("security_groups"), "security_groups", item),
                "assignPublicIp": "ENABLED"
                if block.get("assign_public_ip") is True
                else "DISABLED",
            }
        }
    out.put("services", item.home, item.id, doc)
