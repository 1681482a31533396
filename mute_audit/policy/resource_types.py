"""The types of resources whose fields a `config` policy may ask about.

One row a type: where the inventory keeps it, and which description it comes from.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import msgspec

from mute_audit.address import Address
from mute_audit.inventory import GLOBAL, RegionInventory, access, connect, network, workload
from mute_audit.inventory.base import name_of

__all__ = ["RESOURCE_TYPES", "ResourceType"]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One row.

    type      as in `Address.type`
    key       top-level key of the description
    struct    the AWS-shaped struct, whose field names a policy uses
    items     the resources of one Region
    id        attribute with the id (or ARN)
    name      attribute with the name; `tags` and `tag_set` stand for the tag `Name` in them
    per_account  described once per account and not in every Region
    """

    type: str
    key: str
    struct: builtins.type[msgspec.Struct]
    items: Callable[[RegionInventory], Iterable[Any]]
    id: str
    name: str = "tags"
    per_account: bool = False

    def address(self, item: Any, region: RegionInventory) -> Address:
        """The key of one resource; its id is its name where a description has no id."""
        name = getattr(item, self.name)
        if not isinstance(name, str):
            name = name_of(name)
        # A bucket lies in a Region, although the list of buckets is the account's.
        home = getattr(item, "bucket_region", "") or region.region
        return Address(self.type, getattr(item, self.id) or name, name, region.account, home)

    def is_described_in(self, region: RegionInventory) -> bool:
        """Whether this type belongs to that Region (`global` holds what an account has once)."""
        return (region.region == GLOBAL) == self.per_account


_ROWS = (
    ResourceType(
        "ec2.instance",
        "Reservations",
        workload.Instance,
        # What is being taken down is no resource any more (as for places).
        lambda r: [i for i in r.instances if i.state.name not in ("terminated", "shutting-down")],
        "instance_id",
    ),
    ResourceType("ec2.volume", "Volumes", workload.Volume, lambda r: r.volumes, "volume_id"),
    ResourceType("ec2.vpc", "Vpcs", network.Vpc, lambda r: r.vpcs, "vpc_id"),
    ResourceType("ec2.subnet", "Subnets", network.Subnet, lambda r: r.subnets, "subnet_id"),
    ResourceType(
        "ec2.route-table",
        "RouteTables",
        network.RouteTable,
        lambda r: r.route_tables,
        "route_table_id",
    ),
    ResourceType(
        "ec2.network-acl",
        "NetworkAcls",
        network.NetworkAcl,
        lambda r: r.network_acls,
        "network_acl_id",
    ),
    ResourceType(
        "ec2.security-group",
        "SecurityGroups",
        network.SecurityGroup,
        lambda r: r.security_groups,
        "group_id",
        "group_name",
    ),
    ResourceType(
        "ec2.network-interface",
        "NetworkInterfaces",
        network.NetworkInterface,
        lambda r: r.network_interfaces,
        "network_interface_id",
        "tag_set",
    ),
    ResourceType(
        "ec2.internet-gateway",
        "InternetGateways",
        network.InternetGateway,
        lambda r: r.internet_gateways,
        "internet_gateway_id",
    ),
    ResourceType(
        "ec2.nat-gateway",
        "NatGateways",
        network.NatGateway,
        lambda r: r.nat_gateways,
        "nat_gateway_id",
    ),
    ResourceType(
        "ec2.vpc-endpoint",
        "VpcEndpoints",
        connect.VpcEndpoint,
        lambda r: r.vpc_endpoints,
        "vpc_endpoint_id",
    ),
    ResourceType(
        "ec2.vpc-peering",
        "VpcPeeringConnections",
        connect.VpcPeeringConnection,
        lambda r: r.vpc_peering_connections,
        "vpc_peering_connection_id",
    ),
    ResourceType(
        "elbv2.load-balancer",
        "LoadBalancers",
        workload.LoadBalancer,
        lambda r: r.load_balancers,
        "load_balancer_arn",
        "load_balancer_name",
    ),
    ResourceType(
        "rds.instance",
        "DBInstances",
        workload.DbInstance,
        lambda r: r.db_instances,
        "db_instance_arn",
        "db_instance_identifier",
    ),
    ResourceType(
        "rds.snapshot",
        "DBSnapshots",
        workload.DbSnapshot,
        lambda r: r.db_snapshots,
        "db_snapshot_arn",
        "db_snapshot_identifier",
    ),
    ResourceType(
        "lambda.function",
        "Functions",
        workload.Function,
        lambda r: r.functions,
        "function_arn",
        "function_name",
    ),
    ResourceType(
        "ecs.service",
        "services",
        workload.EcsService,
        lambda r: r.ecs_services,
        "service_arn",
        "service_name",
    ),
    ResourceType(
        "s3.bucket",
        "Buckets",
        access.Bucket,
        lambda r: r.buckets,
        "name",
        "name",
        per_account=True,
    ),
    ResourceType(
        "ecr.repository",
        "repositories",
        access.Repository,
        lambda r: r.repositories,
        "repository_arn",
        "repository_name",
    ),
    ResourceType(
        "iam.user",
        "UserDetailList",
        access.UserDetail,
        lambda r: r.users,
        "arn",
        "user_name",
        per_account=True,
    ),
    ResourceType(
        "iam.group",
        "GroupDetailList",
        access.GroupDetail,
        lambda r: r.groups,
        "arn",
        "group_name",
        per_account=True,
    ),
    ResourceType(
        "iam.role",
        "RoleDetailList",
        access.RoleDetail,
        lambda r: r.roles,
        "arn",
        "role_name",
        per_account=True,
    ),
)

RESOURCE_TYPES: Mapping[str, ResourceType] = MappingProxyType({row.type: row for row in _ROWS})
