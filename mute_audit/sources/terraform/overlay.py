"""What lives already, as the ground that a plan is laid over."""

from __future__ import annotations

from typing import Any

import msgspec

from mute_audit.sources.raw import RawSnapshot
from mute_audit.sources.splitting import Splitter
from mute_audit.sources.terraform.out import Doc, Home, Out, options_id

__all__ = ["ground"]

# key → the fields that name one item, the first that is there.
_IDS: dict[str, tuple[str, ...]] = {
    "Vpcs": ("VpcId",),
    "Subnets": ("SubnetId",),
    "RouteTables": ("RouteTableId",),
    "NetworkAcls": ("NetworkAclId",),
    "SecurityGroups": ("GroupId",),
    "SecurityGroupRules": ("SecurityGroupRuleId",),
    "NetworkInterfaces": ("NetworkInterfaceId",),
    "InternetGateways": ("InternetGatewayId",),
    "EgressOnlyInternetGateways": ("EgressOnlyInternetGatewayId",),
    "NatGateways": ("NatGatewayId",),
    "Addresses": ("AllocationId", "PublicIp"),
    "PrefixLists": ("PrefixListId",),
    "PrefixListEntries": ("PrefixListId",),
    "VpcPeeringConnections": ("VpcPeeringConnectionId",),
    "VpcEndpoints": ("VpcEndpointId",),
    "TransitGateways": ("TransitGatewayId",),
    "TransitGatewayAttachments": ("TransitGatewayAttachmentId",),
    "TransitGatewayVpcAttachments": ("TransitGatewayAttachmentId",),
    "TransitGatewayPeeringAttachments": ("TransitGatewayAttachmentId",),
    "TransitGatewayRouteTables": ("TransitGatewayRouteTableId",),
    "TransitGatewayPropagations": ("TransitGatewayRouteTableId",),
    "TransitGatewayStaticRoutes": ("TransitGatewayRouteTableId",),
    "VpnGateways": ("VpnGatewayId",),
    "VpnConnections": ("VpnConnectionId",),
    "CustomerGateways": ("CustomerGatewayId",),
    "VpcBlockPublicAccessExclusions": ("ExclusionId",),
    "Volumes": ("VolumeId",),
    "Images": ("ImageId",),
    "LoadBalancers": ("LoadBalancerArn",),
    "LoadBalancerListeners": ("LoadBalancerArn",),
    "ListenerRules": ("ListenerArn",),
    "LoadBalancerAttributes": ("LoadBalancerArn",),
    "LoadBalancerTargetHealth": ("TargetGroupArn",),
    "TargetGroups": ("TargetGroupArn",),
    "TargetGroupAttributes": ("TargetGroupArn",),
    "DBInstances": ("DBInstanceArn", "DBInstanceIdentifier"),
    "DBSnapshots": ("DBSnapshotArn", "DBSnapshotIdentifier"),
    "DBSnapshotAttributesResults": ("DBSnapshotIdentifier",),
    "Functions": ("FunctionArn", "FunctionName"),
    "services": ("serviceArn",),
    "tasks": ("taskArn",),
    "AccessPointList": ("AccessPointArn", "Name"),
    "AccessPointPolicies": ("AccessPointArn",),
    "AccessPointPolicyStatuses": ("AccessPointArn",),
    "AccessPointPublicAccessBlocks": ("AccessPointArn",),
    "Buckets": ("Name",),
    "BucketPolicies": ("Bucket",),
    "BucketAcls": ("Bucket",),
    "BucketOwnershipControls": ("Bucket",),
    "BucketPublicAccessBlocks": ("Bucket",),
    "repositories": ("repositoryArn",),
    "RepositoryPolicies": ("repositoryName",),
    "UserDetailList": ("UserName",),
    "AccountPublicAccessBlocks": ("AccountId",),
    "AccessKeys": ("UserName",),
    "LoginProfiles": ("UserName",),
    "UserMFADevices": ("UserName",),
    "GroupDetailList": ("GroupName",),
    "RoleDetailList": ("RoleName",),
    "Policies": ("Arn",),
}
# Users, groups and roles, and what else is known of them: names are unique in an account only.
_BY_ACCOUNT = frozenset(
    {
        "AccessKeys",
        "GroupDetailList",
        "LoginProfiles",
        "RoleDetailList",
        "UserDetailList",
        "UserMFADevices",
    }
)


def ground(raw: RawSnapshot) -> Out:
    """The documents of a snapshot, to be changed. Raises SnapshotError."""
    splitter = Splitter()
    parts = list(splitter.parts(raw))
    accounts = {part.account for part in parts if part.account}
    out = Out(accounts.pop() if len(accounts) == 1 else splitter.caller)
    for part in parts:
        for number, doc in enumerate(msgspec.json.decode(part.data, type=list[dict[str, Any]])):
            _put(out, part.key, Home(part.account, part.region), doc, number)
        out.hold(Home(part.account, part.region), [part.key])
    out.gaps += [*raw.gaps, *splitter.gaps]
    out.notes += [*raw.notes, *splitter.notes]
    return out


def _put(out: Out, key: str, home: Home, doc: Doc, number: int) -> None:
    if key == "Reservations":
        # One reservation for each instance: the plan changes them one by one.
        for instance in doc.get("Instances", ()):
            name = str(instance.get("InstanceId"))
            out.put(key, home, name, {**doc, "Instances": [instance]})
        return
    name = next((str(doc[field]) for field in _IDS.get(key, ()) if doc.get(field)), "")
    if key == "VpcBlockPublicAccessOptions":
        name = options_id(home)
    if key in _BY_ACCOUNT:
        name = f"{home.account}:{name}"
    if key == "RepositoryPolicies":
        name = f"{home.account}/{home.region}/{name}"
    if key == "RouteTables":
        doc.setdefault("Associations", [])
        doc.setdefault("Routes", [])
        for link in doc["Associations"]:
            subnet, gateway = link.get("SubnetId", ""), link.get("GatewayId", "")
            out.marks["table", subnet, gateway] = doc
    if key == "NetworkAcls":
        doc.setdefault("Associations", [])
        for link in doc["Associations"]:
            out.marks["acl", str(link.get("SubnetId"))] = doc
    if key == "SecurityGroups":
        doc.setdefault("IpPermissions", [])
        doc.setdefault("IpPermissionsEgress", [])
    if key == "NetworkInterfaces":
        doc.setdefault("Groups", [])
    out.put(key, home, name or f"{key} {number}", doc)
