"""What there is, of every kind that a baseline can declare: one listing for each kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mute_audit.address import Address
from mute_audit.inventory import GLOBAL, RegionInventory
from mute_audit.inventory.base import Tag, name_of

__all__ = [
    "Found",
    "buckets",
    "databases",
    "instances",
    "internet_gateways",
    "nat_gateways",
    "network_acls",
    "repositories",
    "route_tables",
    "security_groups",
    "subnets",
    "users",
    "vpcs",
]

# EC2 and RDS go on showing what is gone for a while.
_GONE = frozenset({"terminated", "shutting-down", "deleted", "deleting", "failed"})


@dataclass(frozen=True, slots=True)
class Found:
    """One resource that is there.

    names  what it is found by: its `Name` tag, its own name, or both
    vpc    id of the VPC that it belongs to; empty where it belongs to none
    item   AWS's description of it
    """

    type: str
    id: str
    names: tuple[str, ...]
    vpc: str
    region: RegionInventory
    item: Any
    tags: tuple[Tag, ...] = ()

    @property
    def name(self) -> str:
        return self.names[0] if self.names else ""

    @property
    def address(self) -> Address:
        place = self.region
        return Address(self.type, self.id, self.name, place.account, place.region)


def _named(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def vpcs(region: RegionInventory) -> Iterator[Found]:
    for item in region.vpcs:
        name = _named(name_of(item.tags))
        yield Found("ec2.vpc", item.vpc_id, name, item.vpc_id, region, item, item.tags)


def subnets(region: RegionInventory) -> Iterator[Found]:
    for item in region.subnets:
        name = _named(name_of(item.tags))
        yield Found("ec2.subnet", item.subnet_id, name, item.vpc_id, region, item, item.tags)


def route_tables(region: RegionInventory) -> Iterator[Found]:
    for item in region.route_tables:
        name = _named(name_of(item.tags))
        yield Found(
            "ec2.route-table", item.route_table_id, name, item.vpc_id, region, item, item.tags
        )


def internet_gateways(region: RegionInventory) -> Iterator[Found]:
    for item in region.internet_gateways:
        name = _named(name_of(item.tags))
        vpc = next((place.vpc_id for place in item.attachments), "")
        yield Found(
            "ec2.internet-gateway", item.internet_gateway_id, name, vpc, region, item, item.tags
        )


def nat_gateways(region: RegionInventory) -> Iterator[Found]:
    for item in region.nat_gateways:
        if item.state not in _GONE:
            name = _named(name_of(item.tags))
            yield Found(
                "ec2.nat-gateway", item.nat_gateway_id, name, item.vpc_id, region, item, item.tags
            )


def network_acls(region: RegionInventory) -> Iterator[Found]:
    for item in region.network_acls:
        name = _named(name_of(item.tags))
        yield Found(
            "ec2.network-acl", item.network_acl_id, name, item.vpc_id, region, item, item.tags
        )


def security_groups(region: RegionInventory) -> Iterator[Found]:
    for item in region.security_groups:
        name = _named(item.group_name, name_of(item.tags))
        yield Found("ec2.security-group", item.group_id, name, item.vpc_id, region, item, item.tags)


def instances(region: RegionInventory) -> Iterator[Found]:
    for item in region.instances:
        if item.state.name not in _GONE:
            name = _named(name_of(item.tags))
            yield Found(
                "ec2.instance", item.instance_id, name, item.vpc_id, region, item, item.tags
            )


def databases(region: RegionInventory) -> Iterator[Found]:
    for item in region.db_instances:
        name = _named(item.db_instance_identifier)
        vpc = item.db_subnet_group.vpc_id if item.db_subnet_group else ""
        id = item.db_instance_arn or item.db_instance_identifier
        yield Found("rds.instance", id, name, vpc, region, item, item.tag_list)


def buckets(region: RegionInventory) -> Iterator[Found]:
    for item in region.buckets:
        yield Found("s3.bucket", item.name, (item.name,), "", region, item)


def repositories(region: RegionInventory) -> Iterator[Found]:
    for item in region.repositories:
        name = _named(item.repository_name)
        yield Found("ecr.repository", item.repository_arn, name, "", region, item)


def users(region: RegionInventory) -> Iterator[Found]:
    for item in region.users:
        # IAM is the same in every Region, whichever was asked.
        place = RegionInventory(region.account, GLOBAL)
        name = (item.user_name,)
        yield Found("iam.user", item.arn or item.user_name, name, "", place, item, item.tags)
