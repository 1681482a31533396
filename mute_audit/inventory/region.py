"""Everything described in one account and Region."""

from __future__ import annotations

import msgspec

from mute_audit.inventory import access, connect, network, workload
from mute_audit.inventory.base import Aws
from mute_audit.verdict import Gap

__all__ = ["GLOBAL", "RegionInventory"]

# The pseudo Region of what AWS keeps once per account (IAM, the list of buckets).
GLOBAL = "global"


class RegionInventory(Aws, frozen=True, gc=True):
    """One account and Region: a field per top-level key of a description.

    The field's JSON name is the top-level key (`Vpcs`, `NetworkAcls`, `tasks`). `held` says
    which keys the snapshot has, so that an empty tuple is told apart from no description;
    `failed` lists the calls that were made and refused.
    """

    account: str
    region: str
    held: frozenset[str] = frozenset()
    failed: tuple[Gap, ...] = ()

    vpcs: tuple[network.Vpc, ...] = ()
    subnets: tuple[network.Subnet, ...] = ()
    route_tables: tuple[network.RouteTable, ...] = ()
    network_acls: tuple[network.NetworkAcl, ...] = ()
    security_groups: tuple[network.SecurityGroup, ...] = ()
    security_group_rules: tuple[network.SecurityGroupRule, ...] = ()
    security_group_vpc_associations: tuple[network.SecurityGroupVpcAssociation, ...] = ()
    network_interfaces: tuple[network.NetworkInterface, ...] = ()
    internet_gateways: tuple[network.InternetGateway, ...] = ()
    egress_only_internet_gateways: tuple[network.EgressOnlyInternetGateway, ...] = ()
    nat_gateways: tuple[network.NatGateway, ...] = ()
    addresses: tuple[network.ElasticIp, ...] = ()
    prefix_lists: tuple[network.PrefixList, ...] = ()
    prefix_list_entries: tuple[network.PrefixListEntries, ...] = ()

    vpc_peering_connections: tuple[connect.VpcPeeringConnection, ...] = ()
    vpc_endpoints: tuple[connect.VpcEndpoint, ...] = ()
    transit_gateways: tuple[connect.TransitGateway, ...] = ()
    transit_gateway_attachments: tuple[connect.TransitGatewayAttachment, ...] = ()
    transit_gateway_vpc_attachments: tuple[connect.TransitGatewayVpcAttachment, ...] = ()
    transit_gateway_peering_attachments: tuple[connect.TransitGatewayPeeringAttachment, ...] = ()
    transit_gateway_route_tables: tuple[connect.TransitGatewayRouteTable, ...] = ()
    transit_gateway_propagations: tuple[connect.TransitGatewayPropagations, ...] = ()
    transit_gateway_static_routes: tuple[connect.TransitGatewayRoutes, ...] = ()
    vpn_gateways: tuple[connect.VpnGateway, ...] = ()
    vpn_connections: tuple[connect.VpnConnection, ...] = ()
    customer_gateways: tuple[connect.CustomerGateway, ...] = ()
    vpc_block_public_access_options: tuple[connect.BlockPublicAccessOptions, ...] = ()
    vpc_block_public_access_exclusions: tuple[connect.BlockPublicAccessExclusion, ...] = ()

    reservations: tuple[workload.Reservation, ...] = ()
    volumes: tuple[workload.Volume, ...] = ()
    images: tuple[workload.Image, ...] = ()
    load_balancers: tuple[workload.LoadBalancer, ...] = ()
    load_balancer_listeners: tuple[workload.LoadBalancerListeners, ...] = ()
    listener_rules: tuple[workload.ListenerRules, ...] = ()
    load_balancer_attributes: tuple[workload.LoadBalancerAttributes, ...] = ()
    load_balancer_target_health: tuple[workload.LoadBalancerTargetHealth, ...] = ()
    target_groups: tuple[workload.TargetGroup, ...] = ()
    target_group_attributes: tuple[workload.TargetGroupAttributes, ...] = ()
    db_instances: tuple[workload.DbInstance, ...] = msgspec.field(default=(), name="DBInstances")
    db_snapshots: tuple[workload.DbSnapshot, ...] = msgspec.field(default=(), name="DBSnapshots")
    db_snapshot_attributes: tuple[workload.DbSnapshotAttributes, ...] = msgspec.field(
        default=(), name="DBSnapshotAttributesResults"
    )
    functions: tuple[workload.Function, ...] = ()
    ecs_services: tuple[workload.EcsService, ...] = msgspec.field(default=(), name="services")
    ecs_tasks: tuple[workload.EcsTask, ...] = msgspec.field(default=(), name="tasks")

    buckets: tuple[access.Bucket, ...] = ()
    bucket_policies: tuple[access.BucketPolicy, ...] = ()
    bucket_acls: tuple[access.BucketAcl, ...] = ()
    bucket_ownerships: tuple[access.BucketOwnership, ...] = msgspec.field(
        default=(), name="BucketOwnershipControls"
    )
    bucket_public_access_blocks: tuple[access.BucketPublicAccessBlock, ...] = ()
    account_public_access_blocks: tuple[access.AccountPublicAccessBlock, ...] = ()
    access_points: tuple[access.AccessPoint, ...] = msgspec.field(
        default=(), name="AccessPointList"
    )
    access_point_policies: tuple[access.AccessPointPolicy, ...] = ()
    access_point_policy_statuses: tuple[access.AccessPointPolicyStatus, ...] = ()
    access_point_public_access_blocks: tuple[access.AccessPointPublicAccessBlock, ...] = ()
    multi_region_access_points: tuple[access.MultiRegionAccessPoint, ...] = ()
    multi_region_access_point_policies: tuple[access.MultiRegionAccessPointPolicy, ...] = ()
    repositories: tuple[access.Repository, ...] = msgspec.field(default=(), name="repositories")
    repository_policies: tuple[access.RepositoryPolicy, ...] = ()
    users: tuple[access.UserDetail, ...] = msgspec.field(default=(), name="UserDetailList")
    groups: tuple[access.GroupDetail, ...] = msgspec.field(default=(), name="GroupDetailList")
    roles: tuple[access.RoleDetail, ...] = msgspec.field(default=(), name="RoleDetailList")
    managed_policies: tuple[access.ManagedPolicy, ...] = msgspec.field(default=(), name="Policies")
    access_keys: tuple[access.AccessKeys, ...] = ()
    mfa_devices: tuple[access.UserMfaDevices, ...] = msgspec.field(
        default=(), name="UserMFADevices"
    )
    login_profiles: tuple[access.UserLoginProfile, ...] = ()
    credential_reports: tuple[access.CredentialReport, ...] = ()
    organizations: tuple[access.AccountOrganization, ...] = ()
    account_control_policies: tuple[access.AccountControlPolicies, ...] = ()

    @property
    def instances(self) -> tuple[workload.Instance, ...]:
        return tuple(item for block in self.reservations for item in block.instances)

    @property
    def place(self) -> str:
        """`account/region`, as gaps name it."""
        return f"{self.account or '-'}/{self.region or '-'}"

    def failure(self, key: str, resource: str = "") -> Gap | None:
        """The failed call behind a top-level key.

        Some calls are made once per resource (GetBucketPolicy); a gap of such a call carries
        the resource's ARN and counts only where `resource` (ARN, id or name) is that one.
        """
        for gap in self.failed:
            if gap.key != key:
                continue
            if not gap.where.startswith("arn:"):
                return gap
            if resource and (
                gap.where == resource or gap.where.endswith((f":{resource}", f"/{resource}"))
            ):
                return gap
        return None
