"""Instances that a service starts by a template: Auto Scaling groups, node groups of EKS.

No plan shows them, and they will be there. One for each subnet stands for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.following import Planned
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.to_clusters import cluster_group
from mute_audit.sources.terraform.to_instances import instance, template_of
from mute_audit.sources.terraform.values import Ref

__all__ = ["ec2_fleet", "node_group", "scaling_group", "spot_fleet", "spot_instance"]


def scaling_group(item: Item, out: Out) -> None:
    template = _template(item)
    values: Doc = {"launch_template": [{"id": Ref(template.address)}]} if template else {}
    old = item.estate.found(item.get("launch_configuration"), "launch_configuration")
    if old is not None:
        values |= {
            "vpc_security_group_ids": old.get("security_groups") or None,
            "associate_public_ip_address": old.get("associate_public_ip_address"),
            "iam_instance_profile": old.get("iam_instance_profile"),
            "metadata_options": old.blocks("metadata_options"),
        }
    tags = _tags(template) | {
        str(one.get("key")): one.get("value")
        for one in item.blocks("tag")
        if one.get("propagate_at_launch") is True
    }
    # None is running now where none is wanted; a state of a group that grows says so later.
    idle = item.known("desired_capacity", 1) == 0 and item.known("max_size", 1) != 0
    if item.known("max_size", 1) != 0:
        _start(item, item.refs("vpc_zone_identifier"), values, tags, idle, out)


def _template(item: Item) -> Item | None:
    blocks = item.blocks("launch_template")
    for policy in item.blocks("mixed_instances_policy"):
        for inner in policy.get("launch_template") or ():
            for spec in inner.get("launch_template_specification") or ():
                blocks.append({**spec, "id": spec.get("launch_template_id")})
    return template_of(item, blocks)


def _tags(template: Item | None) -> dict[str, Any]:
    """Those that the template gives to instances."""
    for block in template.blocks("tag_specifications") if template is not None else ():
        found = block.get("tags")
        if block.get("resource_type") == "instance" and isinstance(found, dict):
            return dict(found)
    return {}


def _start(
    item: Item, subnets: Iterable[str], values: Doc, tags: dict[str, Any], idle: bool, out: Out
) -> None:
    for subnet in subnets:
        name = f"{item.id} in {subnet}"
        state = {"instance_state": "stopped"} if idle else {}
        own = {
            "subnet_id": subnet,
            "tags": tags,
            # The group's address names several.
            "primary_network_interface_id": f"{name}.primary_network_interface_id",
        }
        planned = Planned(item.planned.name, {**values, **state, **own})
        one = replace(item, planned=planned, id=name)
        item.estate.made.setdefault(item.address, []).append(name)
        instance(one, out)


def node_group(item: Item, out: Out) -> None:
    """Its nodes have the groups of the template, and without any the cluster's own."""
    template = template_of(item, item.blocks("launch_template"))
    values: Doc = {"launch_template": [{"id": Ref(template.address)}]} if template else {}
    if template is None or not template.given("vpc_security_group_ids"):
        cluster = item.estate.found(item.get("cluster_name"), "cluster_name")
        if cluster is None:
            named = item.text("cluster_name")
            every = item.estate.each("aws_eks_cluster")
            cluster = next((one for one in every if named and one.text("name") == named), None)
        group = cluster_group(cluster) if cluster else f"cluster group of {item.address}"
        values["vpc_security_group_ids"] = [group]
    sizes = item.blocks("scaling_config")
    idle = bool(sizes) and sizes[0].get("desired_size") == 0
    _start(item, item.refs("subnet_ids"), values, _tags(template), idle, out)


def spot_instance(item: Item, out: Out) -> None:
    """`aws_spot_instance_request`: an instance that is paid for otherwise."""
    name = item.text("spot_instance_id")
    if name:
        item.estate.by_id.setdefault(name, item)
        item.estate.aliases[item.id] = name
    instance(replace(item, id=name or item.id), out)


def spot_fleet(item: Item, out: Out) -> None:
    """`aws_spot_fleet_request`: by specifications of its own, or by launch templates."""
    for block in item.blocks("launch_specification"):
        values = {
            name: block.get(name)
            for name in ("ami", "instance_type", "vpc_security_group_ids", "ebs_optimized")
        }
        # False is what is said of one that leaves it to the subnet.
        public = block.get("associate_public_ip_address") is True or None
        profile = block.get("iam_instance_profile_arn") or block.get("iam_instance_profile")
        values |= {"associate_public_ip_address": public, "iam_instance_profile": profile}
        # Several subnets are one text.
        given = block.get("subnet_id")
        listed = [one.strip() for one in given.split(",")] if isinstance(given, str) else [given]
        subnets = item.estate.ids_in(listed, "subnet_id", item)
        _start(item, subnets, values, block.get("tags") or {}, False, out)
    _by_templates(item, "launch_template_config", "overrides", out)


def ec2_fleet(item: Item, out: Out) -> None:
    """`aws_ec2_fleet`: by launch templates."""
    _by_templates(item, "launch_template_config", "override", out)


def _by_templates(item: Item, name: str, override: str, out: Out) -> None:
    """One instance for each subnet of the overrides, or in that of the template."""
    for config in item.blocks(name):
        specs = [
            {"id": spec.get("id") or spec.get("launch_template_id"), **_called(spec)}
            for spec in config.get("launch_template_specification") or ()
        ]
        template = template_of(item, specs)
        values: Doc = {"launch_template": [{"id": Ref(template.address)}]} if template else {}
        given = [one.get("subnet_id") for one in config.get(override) or ()]
        nets = template.blocks("network_interfaces")[:1] if template is not None else []
        given = [one for one in given if one] or [net.get("subnet_id") for net in nets]
        subnets = item.estate.ids_in(given, "subnet_id", item)
        _start(item, subnets, values, _tags(template), False, out)


def _called(spec: Doc) -> Doc:
    return {"name": spec.get("name") or spec.get("launch_template_name")}
