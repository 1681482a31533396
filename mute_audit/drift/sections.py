"""The sections of a baseline: where their resources are listed and how they are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mute_audit.drift import fields_access, fields_network, fields_workload, found
from mute_audit.drift.difference import Difference
from mute_audit.drift.found import Found
from mute_audit.drift.view import View
from mute_audit.intent import resources
from mute_audit.intent.baseline import BaselineFile
from mute_audit.inventory import RegionInventory

__all__ = ["SECTIONS", "Section"]


@dataclass(frozen=True, slots=True)
class Section:
    """One section.

    name     its key in the file
    type     of its resources' addresses
    key      the description that lists them
    listing  the resources of one Region
    fields   compares one entry with what was found for it
    in_vpc   whether its resources lie in a VPC and are looked for there alone
    once     whether AWS keeps them once per account, not per Region
    """

    name: str
    type: str
    key: str
    listing: Callable[[RegionInventory], Iterator[Found]]
    fields: Callable[[Any, Found, View, Difference], None]
    in_vpc: bool = True
    once: bool = False

    def entries(self, file: BaselineFile) -> Mapping[str, Any]:
        entries: Mapping[str, Any] = getattr(file, self.name)
        return entries

    def compare(self, entry: Any, there: Found, view: View) -> Difference:
        """What differs between `entry` and what is there."""
        difference = Difference()
        if isinstance(entry, resources.Tagged):
            fields_network.tags(entry, there, difference)
        self.fields(entry, there, view, difference)
        return difference


# What others refer to comes first: a renamed subnet is found before its instances are compared.
SECTIONS: tuple[Section, ...] = (
    Section("vpcs", "ec2.vpc", "Vpcs", found.vpcs, fields_network.vpc, in_vpc=False),
    Section("subnets", "ec2.subnet", "Subnets", found.subnets, fields_network.subnet),
    Section(
        "internet_gateways",
        "ec2.internet-gateway",
        "InternetGateways",
        found.internet_gateways,
        fields_network.internet_gateway,
    ),
    Section(
        "nat_gateways",
        "ec2.nat-gateway",
        "NatGateways",
        found.nat_gateways,
        fields_network.nat_gateway,
    ),
    Section(
        "security_groups",
        "ec2.security-group",
        "SecurityGroups",
        found.security_groups,
        fields_network.security_group,
    ),
    Section(
        "instances",
        "ec2.instance",
        "Reservations",
        found.instances,
        fields_workload.instance,
    ),
    Section(
        "route_tables",
        "ec2.route-table",
        "RouteTables",
        found.route_tables,
        fields_network.route_table,
    ),
    Section(
        "network_acls",
        "ec2.network-acl",
        "NetworkAcls",
        found.network_acls,
        fields_network.network_acl,
    ),
    Section(
        "databases",
        "rds.instance",
        "DBInstances",
        found.databases,
        fields_workload.database,
        in_vpc=False,
    ),
    Section(
        "buckets",
        "s3.bucket",
        "Buckets",
        found.buckets,
        fields_access.bucket,
        in_vpc=False,
        once=True,
    ),
    Section(
        "repositories",
        "ecr.repository",
        "repositories",
        found.repositories,
        fields_access.repository,
        in_vpc=False,
    ),
    Section(
        "users",
        "iam.user",
        "UserDetailList",
        found.users,
        fields_access.user,
        in_vpc=False,
        once=True,
    ),
)
