"""Which AWS call fills which top-level key, and what its absence means.

A call that failed is always a gap. A key that a saved snapshot simply does not hold takes
AWS's default where one exists, and the verdict says so; where none exists it is a gap.
The docs print this table (`docs/missing-data.md`).
"""

from __future__ import annotations

from mute_audit.inventory.base import Aws

__all__ = ["CALLS", "NOT_HELD", "Call"]

# Why there is a gap where nobody asked: a snapshot of somebody who saved less.
NOT_HELD = "not in the snapshot"


class Call(Aws, frozen=True):
    """One row.

    key      top-level key of the description
    action   the call in IAM's notation
    absent   what is assumed when a snapshot does not hold the key; empty where AWS has no
             default, so that its absence is a gap
    """

    key: str
    action: str
    absent: str = ""


_ROWS = (
    Call("Vpcs", "ec2:DescribeVpcs"),
    Call("Subnets", "ec2:DescribeSubnets"),
    Call("RouteTables", "ec2:DescribeRouteTables"),
    Call("NetworkAcls", "ec2:DescribeNetworkAcls"),
    Call("SecurityGroups", "ec2:DescribeSecurityGroups"),
    Call("SecurityGroupRules", "ec2:DescribeSecurityGroupRules", "rules are named by their text"),
    Call(
        "SecurityGroupVpcAssociations",
        "ec2:DescribeSecurityGroupVpcAssociations",
        "groups belong to their own VPC",
    ),
    Call("NetworkInterfaces", "ec2:DescribeNetworkInterfaces"),
    Call("InternetGateways", "ec2:DescribeInternetGateways", "no internet gateway"),
    Call(
        "EgressOnlyInternetGateways",
        "ec2:DescribeEgressOnlyInternetGateways",
        "no egress-only internet gateway",
    ),
    Call("NatGateways", "ec2:DescribeNatGateways", "no NAT gateway"),
    Call("Addresses", "ec2:DescribeAddresses", "public addresses as the interfaces show them"),
    Call("PrefixLists", "ec2:DescribeManagedPrefixLists"),
    Call("PrefixListEntries", "ec2:GetManagedPrefixListEntries"),
    Call("VpcPeeringConnections", "ec2:DescribeVpcPeeringConnections", "no peering connection"),
    Call("VpcEndpoints", "ec2:DescribeVpcEndpoints", "no VPC endpoint"),
    Call("TransitGateways", "ec2:DescribeTransitGateways", "no transit gateway"),
    Call(
        "TransitGatewayAttachments",
        "ec2:DescribeTransitGatewayAttachments",
        "no transit gateway attachment",
    ),
    Call(
        "TransitGatewayVpcAttachments",
        "ec2:DescribeTransitGatewayVpcAttachments",
        "no transit gateway attachment",
    ),
    Call(
        "TransitGatewayPeeringAttachments",
        "ec2:DescribeTransitGatewayPeeringAttachments",
        "no transit gateway peering",
    ),
    Call("TransitGatewayRouteTables", "ec2:DescribeTransitGatewayRouteTables"),
    Call(
        "TransitGatewayPropagations",
        "ec2:GetTransitGatewayRouteTablePropagations",
        "nothing is propagated",
    ),
    Call("TransitGatewayStaticRoutes", "ec2:SearchTransitGatewayRoutes"),
    Call("VpnGateways", "ec2:DescribeVpnGateways", "no virtual private gateway"),
    Call("VpnConnections", "ec2:DescribeVpnConnections", "no VPN connection"),
    Call("CustomerGateways", "ec2:DescribeCustomerGateways", "no customer gateway"),
    Call(
        "VpcBlockPublicAccessOptions",
        "ec2:DescribeVpcBlockPublicAccessOptions",
        "VPC Block Public Access is off",
    ),
    Call(
        "VpcBlockPublicAccessExclusions",
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        "no exclusion from VPC Block Public Access",
    ),
    Call("Reservations", "ec2:DescribeInstances", "instances are taken to be running"),
    Call("Volumes", "ec2:DescribeVolumes"),
    Call("Images", "ec2:DescribeImages"),
    Call("LoadBalancers", "elasticloadbalancing:DescribeLoadBalancers", "no load balancer"),
    Call("LoadBalancerListeners", "elasticloadbalancing:DescribeListeners"),
    Call("ListenerRules", "elasticloadbalancing:DescribeRules", "default actions only"),
    Call(
        "LoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "attributes at their defaults",
    ),
    Call("TargetGroups", "elasticloadbalancing:DescribeTargetGroups"),
    Call(
        "TargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "attributes at their defaults",
    ),
    Call("LoadBalancerTargetHealth", "elasticloadbalancing:DescribeTargetHealth"),
    Call("DBInstances", "rds:DescribeDBInstances", "no database instance"),
    Call("DBSnapshots", "rds:DescribeDBSnapshots", "no database snapshot"),
    Call("DBSnapshotAttributesResults", "rds:DescribeDBSnapshotAttributes"),
    Call("Functions", "lambda:ListFunctions", "no function in a VPC"),
    Call("services", "ecs:DescribeServices", "no ECS service"),
    Call("tasks", "ecs:DescribeTasks", "no ECS task"),
    Call("Buckets", "s3:ListAllMyBuckets", "no bucket"),
    Call("BucketPolicies", "s3:GetBucketPolicy"),
    Call("BucketAcls", "s3:GetBucketAcl"),
    Call("BucketOwnershipControls", "s3:GetBucketOwnershipControls"),
    Call("BucketPublicAccessBlocks", "s3:GetBucketPublicAccessBlock"),
    Call("AccountPublicAccessBlocks", "s3:GetAccountPublicAccessBlock"),
    Call("AccessPointList", "s3:ListAccessPoints"),
    Call("AccessPointPolicies", "s3:GetAccessPointPolicy"),
    Call(
        "AccessPointPolicyStatuses", "s3:GetAccessPointPolicyStatus", "S3's own answer is left out"
    ),
    Call("AccessPointPublicAccessBlocks", "s3:GetAccessPoint"),
    Call(
        "MultiRegionAccessPoints",
        "s3:ListMultiRegionAccessPoints",
        "no access point of several Regions",
    ),
    Call("MultiRegionAccessPointPolicies", "s3:GetMultiRegionAccessPointPolicy"),
    Call("repositories", "ecr:DescribeRepositories", "no repository"),
    Call("RepositoryPolicies", "ecr:GetRepositoryPolicy"),
    Call("UserDetailList", "iam:GetAccountAuthorizationDetails"),
    Call("GroupDetailList", "iam:GetAccountAuthorizationDetails"),
    Call("RoleDetailList", "iam:GetAccountAuthorizationDetails"),
    Call("Policies", "iam:GetAccountAuthorizationDetails"),
    Call("AccessKeys", "iam:ListAccessKeys"),
    Call("UserMFADevices", "iam:ListMFADevices"),
    Call("LoginProfiles", "iam:GetLoginProfile"),
    Call("CredentialReports", "iam:GetCredentialReport"),
    Call(
        "Organizations",
        "organizations:DescribeOrganization",
        "the account is in no organization",
    ),
    Call("AccountControlPolicies", "organizations:ListTargetsForPolicy"),
)

CALLS: dict[str, Call] = {row.key: row for row in _ROWS}
