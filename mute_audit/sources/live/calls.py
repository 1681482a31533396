"""The calls that a scan makes: one row per call, and nothing is asked that is not here.

The least-privilege policy (`least_privilege.py`) is made from this table, and a test checks
the table against `inventory.CALLS`, so that none gets out of step. Imports no boto3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from mute_audit.sources.live.asks import (
    Answers,
    Ask,
    Item,
    about_the_account,
    access_point,
    access_points,
    described,
    each,
    images_in_use,
    listeners_with_rules,
    multi_region_access_point,
    multi_region_access_points,
    of_each_bucket,
    of_each_cluster,
    of_each_repository,
    of_each_user,
    of_the_account,
    once,
    prefix_list,
    snapshot_attributes,
    tgw_table,
    unlocated_buckets,
    with_regions,
)
from mute_audit.sources.live.organization import (
    DEEPEST,
    accounts_below,
    control_policies,
    each_policy,
    if_it_manages,
    policies_of_each_type,
    units,
    units_below,
)

__all__ = ["ROWS", "SIGN_IN", "Row", "Shape"]


class Shape(Enum):
    """How an answer becomes items of a top-level key."""

    LIST = "list"  # the field is a list of items
    OBJECT = "object"  # the field is one item
    WRAPPED = "wrapped"  # the fields, with the owner's id beside them, are one item


@dataclass(frozen=True, slots=True)
class Row:
    """One call.

    keys       top-level keys that it fills; lower-case ones of ECS are AWS's own spelling
    service    boto3's name of the service
    operation  API name
    fields     fields of the answer, in the order of `keys` for LIST
    none       error codes that mean *there is none*: the item's fields are null then
    after      keys whose answers `asks` needs
    looks_at   keys whose answers tell `asks` whether it matters: where it does not, nobody knows
               whether there are any, and the key is not written
    asks       the requests, from what is known so far
    internal   only a step to other keys: its items are not kept
    fails      key under which a failure of an internal row about one resource is filed
    finish     completes the items once all answers are there
    """

    keys: tuple[str, ...]
    service: str
    operation: str
    fields: tuple[str, ...] = ()
    shape: Shape = Shape.LIST
    params: Mapping[str, Any] = field(default_factory=dict)
    page_size: int = 0
    everywhere: bool = True
    none: frozenset[str] = frozenset()
    after: tuple[str, ...] = ()
    looks_at: tuple[str, ...] = ()
    asks: Callable[[Answers], Iterable[Ask]] = once
    internal: bool = False
    fails: str = ""
    finish: Callable[[Answers], list[Item]] | None = None

    @property
    def action(self) -> str:
        """The permission that the call needs, in IAM's notation."""
        return _ACTIONS.get(
            (self.service, self.operation),
            f"{_PREFIXES.get(self.service, self.service)}:{self.operation}",
        )


_PREFIXES = {"elbv2": "elasticloadbalancing"}
# Service Authorization Reference, "Actions defined by Amazon S3".
_ACTIONS = {
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
    ("s3control", "ListAccessPoints"): "s3:ListAccessPoints",
    ("s3control", "GetAccessPoint"): "s3:GetAccessPoint",
    ("s3control", "GetAccessPointPolicy"): "s3:GetAccessPointPolicy",
    ("s3control", "GetAccessPointPolicyStatus"): "s3:GetAccessPointPolicyStatus",
    ("s3control", "ListMultiRegionAccessPoints"): "s3:ListMultiRegionAccessPoints",
    ("s3control", "GetMultiRegionAccessPointPolicy"): "s3:GetMultiRegionAccessPointPolicy",
}

# Made before anything else: who is asking, and which Regions are enabled (--all-regions).
SIGN_IN = ("sts:GetCallerIdentity", "ec2:DescribeRegions")


def _ec2(key: str, operation: str, *, page_size: int = 0, **more: Any) -> Row:
    more.setdefault("fields", (key,))
    return Row((key,), "ec2", operation, page_size=page_size, **more)


def _bucket(key: str, operation: str, *fields: str, none: str = "") -> Row:
    return Row(
        (key,),
        "s3",
        operation,
        fields,
        Shape.WRAPPED,
        everywhere=False,
        none=frozenset({none} if none else ()),
        after=("Buckets", "BucketLocations"),
        asks=of_each_bucket,
    )


def _user(key: str, operation: str, field_name: str, none: str = "") -> Row:
    return Row(
        (key,),
        "iam",
        operation,
        (field_name,),
        Shape.WRAPPED,
        everywhere=False,
        none=frozenset({none} if none else ()),
        after=("UserDetailList",),
        asks=of_each_user,
    )


def _access_point(key: str, operation: str, field_name: str, none: str = "") -> Row:
    return Row(
        (key,),
        "s3control",
        operation,
        (field_name,),
        Shape.WRAPPED,
        none=frozenset({none} if none else ()),
        after=("AccessPointList",),
        asks=access_point,
    )


def _organization(key: str, operation: str, *fields: str, **more: Any) -> Row:
    """A step towards the policies of the organisation's accounts."""
    more.setdefault("shape", Shape.WRAPPED)
    return Row(
        (key,),
        "organizations",
        operation,
        fields,
        everywhere=False,
        internal=True,
        fails="AccountControlPolicies",
        **more,
    )


_IN_USE = {"Name": "attachment.status", "Values": ["attaching", "attached", "busy"]}
_ALL = {"Name": "state", "Values": ["active", "blackhole"]}

ROWS: tuple[Row, ...] = (
    # The large ones first, so that they start first. EC2 asks for explicit page sizes.
    _ec2("NetworkInterfaces", "DescribeNetworkInterfaces", page_size=1000),
    _ec2("Reservations", "DescribeInstances", page_size=1000),
    _ec2("SecurityGroups", "DescribeSecurityGroups", page_size=1000),
    _ec2("SecurityGroupRules", "DescribeSecurityGroupRules", page_size=1000),
    Row(
        ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"),
        "iam",
        "GetAccountAuthorizationDetails",
        ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"),
        page_size=1000,
        everywhere=False,
    ),
    _ec2("Vpcs", "DescribeVpcs", page_size=1000),
    _ec2("Subnets", "DescribeSubnets", page_size=1000),
    _ec2("RouteTables", "DescribeRouteTables", page_size=100),
    _ec2("NetworkAcls", "DescribeNetworkAcls", page_size=1000),
    _ec2("SecurityGroupVpcAssociations", "DescribeSecurityGroupVpcAssociations", page_size=1000),
    _ec2("InternetGateways", "DescribeInternetGateways", page_size=1000),
    _ec2("EgressOnlyInternetGateways", "DescribeEgressOnlyInternetGateways", page_size=255),
    _ec2("NatGateways", "DescribeNatGateways", page_size=1000),
    _ec2("Addresses", "DescribeAddresses"),
    _ec2("PrefixLists", "DescribeManagedPrefixLists", page_size=100),
    _ec2(
        "PrefixListEntries",
        "GetManagedPrefixListEntries",
        fields=("Entries",),
        shape=Shape.WRAPPED,
        page_size=100,
        after=("PrefixLists",),
        asks=each("PrefixLists", "PrefixListId", prefix_list),
    ),
    _ec2("VpcPeeringConnections", "DescribeVpcPeeringConnections", page_size=1000),
    _ec2("VpcEndpoints", "DescribeVpcEndpoints", page_size=1000),
    _ec2("TransitGateways", "DescribeTransitGateways", page_size=1000),
    _ec2("TransitGatewayAttachments", "DescribeTransitGatewayAttachments", page_size=1000),
    _ec2("TransitGatewayVpcAttachments", "DescribeTransitGatewayVpcAttachments", page_size=1000),
    _ec2(
        "TransitGatewayPeeringAttachments",
        "DescribeTransitGatewayPeeringAttachments",
        page_size=1000,
    ),
    _ec2("TransitGatewayRouteTables", "DescribeTransitGatewayRouteTables", page_size=1000),
    _ec2(
        "TransitGatewayPropagations",
        "GetTransitGatewayRouteTablePropagations",
        fields=("TransitGatewayRouteTablePropagations",),
        shape=Shape.WRAPPED,
        page_size=1000,
        after=("TransitGatewayRouteTables",),
        asks=each("TransitGatewayRouteTables", "TransitGatewayRouteTableId", tgw_table),
    ),
    _ec2(
        "TransitGatewayStaticRoutes",
        "SearchTransitGatewayRoutes",
        fields=("Routes", "AdditionalRoutesAvailable"),
        shape=Shape.WRAPPED,
        after=("TransitGatewayRouteTables",),
        asks=each(
            "TransitGatewayRouteTables", "TransitGatewayRouteTableId", tgw_table, Filters=[_ALL]
        ),
    ),
    _ec2("VpnGateways", "DescribeVpnGateways"),
    _ec2("VpnConnections", "DescribeVpnConnections"),
    _ec2("CustomerGateways", "DescribeCustomerGateways"),
    _ec2(
        "VpcBlockPublicAccessOptions",
        "DescribeVpcBlockPublicAccessOptions",
        shape=Shape.OBJECT,
    ),
    _ec2(
        "VpcBlockPublicAccessExclusions", "DescribeVpcBlockPublicAccessExclusions", page_size=1000
    ),
    _ec2(
        "Volumes",
        "DescribeVolumes",
        page_size=500,
        params={"Filters": [_IN_USE]},
    ),
    _ec2("Images", "DescribeImages", after=("Reservations",), asks=images_in_use),
    Row(("LoadBalancers",), "elbv2", "DescribeLoadBalancers", ("LoadBalancers",)),
    Row(("TargetGroups",), "elbv2", "DescribeTargetGroups", ("TargetGroups",)),
    Row(
        ("LoadBalancerListeners",),
        "elbv2",
        "DescribeListeners",
        ("Listeners",),
        Shape.WRAPPED,
        after=("LoadBalancers",),
        asks=each("LoadBalancers", "LoadBalancerArn"),
    ),
    Row(
        ("ListenerRules",),
        "elbv2",
        "DescribeRules",
        ("Rules",),
        Shape.WRAPPED,
        after=("LoadBalancerListeners",),
        asks=listeners_with_rules,
    ),
    Row(
        ("LoadBalancerAttributes",),
        "elbv2",
        "DescribeLoadBalancerAttributes",
        ("Attributes",),
        Shape.WRAPPED,
        after=("LoadBalancers",),
        asks=each("LoadBalancers", "LoadBalancerArn"),
    ),
    Row(
        ("TargetGroupAttributes",),
        "elbv2",
        "DescribeTargetGroupAttributes",
        ("Attributes",),
        Shape.WRAPPED,
        after=("TargetGroups",),
        asks=each("TargetGroups", "TargetGroupArn"),
    ),
    Row(
        ("LoadBalancerTargetHealth",),
        "elbv2",
        "DescribeTargetHealth",
        ("TargetHealthDescriptions",),
        Shape.WRAPPED,
        after=("TargetGroups",),
        asks=each("TargetGroups", "TargetGroupArn"),
    ),
    Row(("DBInstances",), "rds", "DescribeDBInstances", ("DBInstances",), page_size=100),
    Row(
        ("DBSnapshots",),
        "rds",
        "DescribeDBSnapshots",
        ("DBSnapshots",),
        # Automated snapshots cannot be shared; they are copied to manual ones first.
        params={"SnapshotType": "manual"},
        page_size=100,
    ),
    Row(
        ("DBSnapshotAttributesResults",),
        "rds",
        "DescribeDBSnapshotAttributes",
        ("DBSnapshotAttributesResult",),
        Shape.OBJECT,
        after=("DBSnapshots",),
        asks=snapshot_attributes,
    ),
    Row(("Functions",), "lambda", "ListFunctions", ("Functions",)),
    Row(("clusterArns",), "ecs", "ListClusters", ("clusterArns",), internal=True),
    Row(
        ("serviceArns",),
        "ecs",
        "ListServices",
        ("serviceArns",),
        Shape.WRAPPED,
        page_size=100,
        after=("clusterArns",),
        asks=of_each_cluster,
        internal=True,
    ),
    Row(
        ("taskArns",),
        "ecs",
        "ListTasks",
        ("taskArns",),
        Shape.WRAPPED,
        page_size=100,
        after=("clusterArns",),
        asks=of_each_cluster,
        internal=True,
    ),
    Row(
        ("services",),
        "ecs",
        "DescribeServices",
        ("services",),
        after=("serviceArns",),
        asks=described("serviceArns", "services", 10),
    ),
    Row(
        ("tasks",),
        "ecs",
        "DescribeTasks",
        ("tasks",),
        after=("taskArns",),
        asks=described("taskArns", "tasks", 100),
    ),
    Row(
        ("Buckets",),
        "s3",
        "ListBuckets",
        ("Buckets",),
        # Only a paginated request is answered with each bucket's Region.
        page_size=1000,
        everywhere=False,
        finish=with_regions,
    ),
    Row(
        ("BucketLocations",),
        "s3",
        "GetBucketLocation",
        ("LocationConstraint",),
        Shape.WRAPPED,
        everywhere=False,
        after=("Buckets",),
        asks=unlocated_buckets,
        internal=True,
        fails="Buckets",
    ),
    _bucket("BucketPolicies", "GetBucketPolicy", "Policy", none="NoSuchBucketPolicy"),
    _bucket("BucketAcls", "GetBucketAcl", "Owner", "Grants"),
    _bucket(
        "BucketOwnershipControls",
        "GetBucketOwnershipControls",
        "OwnershipControls",
        none="OwnershipControlsNotFoundError",
    ),
    _bucket(
        "BucketPublicAccessBlocks",
        "GetPublicAccessBlock",
        "PublicAccessBlockConfiguration",
        none="NoSuchPublicAccessBlockConfiguration",
    ),
    Row(
        ("AccountPublicAccessBlocks",),
        "s3control",
        "GetPublicAccessBlock",
        ("PublicAccessBlockConfiguration",),
        Shape.WRAPPED,
        everywhere=False,
        none=frozenset({"NoSuchPublicAccessBlockConfiguration"}),
        asks=of_the_account,
    ),
    Row(
        ("AccessPointList",),
        "s3control",
        "ListAccessPoints",
        ("AccessPointList",),
        page_size=1000,
        asks=of_the_account,
        finish=access_points,
    ),
    _access_point(
        "AccessPointPolicies", "GetAccessPointPolicy", "Policy", "NoSuchAccessPointPolicy"
    ),
    _access_point(
        "AccessPointPolicyStatuses",
        "GetAccessPointPolicyStatus",
        "PolicyStatus",
        "NoSuchAccessPointPolicy",
    ),
    _access_point(
        "AccessPointPublicAccessBlocks", "GetAccessPoint", "PublicAccessBlockConfiguration"
    ),
    Row(
        ("MultiRegionAccessPoints",),
        "s3control",
        "ListMultiRegionAccessPoints",
        ("AccessPoints",),
        page_size=100,
        everywhere=False,
        looks_at=("BucketPolicies",),
        asks=multi_region_access_points,
    ),
    Row(
        ("MultiRegionAccessPointPolicies",),
        "s3control",
        "GetMultiRegionAccessPointPolicy",
        ("Policy",),
        Shape.WRAPPED,
        everywhere=False,
        none=frozenset({"NoSuchMultiRegionAccessPointPolicy"}),
        after=("MultiRegionAccessPoints",),
        looks_at=("MultiRegionAccessPoints",),
        asks=multi_region_access_point,
    ),
    Row(("repositories",), "ecr", "DescribeRepositories", ("repositories",), page_size=1000),
    Row(
        ("RepositoryPolicies",),
        "ecr",
        "GetRepositoryPolicy",
        ("policyText",),
        Shape.WRAPPED,
        none=frozenset({"RepositoryPolicyNotFoundException"}),
        after=("repositories",),
        asks=of_each_repository,
    ),
    _user("AccessKeys", "ListAccessKeys", "AccessKeyMetadata"),
    _user("UserMFADevices", "ListMFADevices", "MFADevices"),
    _user("LoginProfiles", "GetLoginProfile", "LoginProfile", none="NoSuchEntity"),
    Row(
        ("CredentialReports",),
        "iam",
        "GetCredentialReport",
        ("Content", "GeneratedTime"),
        Shape.WRAPPED,
        everywhere=False,
        # It is read where somebody has had it made; a scan makes nothing.
        none=frozenset({"ReportNotPresent", "ReportExpired", "ReportInProgress"}),
        asks=about_the_account,
    ),
    Row(
        ("Organizations",),
        "organizations",
        "DescribeOrganization",
        ("Organization",),
        Shape.WRAPPED,
        everywhere=False,
        none=frozenset({"AWSOrganizationsNotInUseException"}),
        asks=about_the_account,
    ),
    _organization(
        units(0),
        "ListRoots",
        "Roots",
        shape=Shape.LIST,
        after=("Organizations",),
        asks=if_it_manages,
    ),
    *(
        _organization(
            units(level + 1),
            "ListOrganizationalUnitsForParent",
            "OrganizationalUnits",
            after=(units(level),),
            asks=units_below(level),
        )
        for level in range(DEEPEST)
    ),
    _organization(
        "OrganizationAccounts",
        "ListAccountsForParent",
        "Accounts",
        after=(units(DEEPEST),),
        asks=accounts_below,
    ),
    _organization(
        "OrganizationPolicies",
        "ListPolicies",
        "Policies",
        shape=Shape.LIST,
        after=(units(0),),
        asks=policies_of_each_type,
    ),
    _organization(
        "OrganizationPolicyDocuments",
        "DescribePolicy",
        "Policy",
        shape=Shape.OBJECT,
        after=("OrganizationPolicies",),
        asks=each_policy,
    ),
    Row(
        ("AccountControlPolicies",),
        "organizations",
        "ListTargetsForPolicy",
        ("Targets",),
        Shape.WRAPPED,
        everywhere=False,
        after=("OrganizationPolicyDocuments", "OrganizationAccounts"),
        asks=each_policy,
        finish=control_policies,
    ),
)
