"""Which top-level keys a document may have, and how each becomes one of the inventory's.

Most keys that `aws` prints are the inventory's own. The rest is told here: lists that lack
the resource they belong to, single objects, and lists that have to be grouped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from mute_audit.inventory import CALLS, RegionInventory

__all__ = [
    "FIELDS",
    "GLOBAL_KEYS",
    "GROUPED",
    "QUIET",
    "TRUNCATED",
    "UNHELPFUL",
    "WRAPPED",
    "Wrapper",
    "command_of",
    "group_by_user",
    "group_listeners",
    "group_rules",
    "shape_hint",
]

# top-level key → (attribute of RegionInventory, its type)
FIELDS: dict[str, tuple[str, Any]] = {
    field.encode_name: (field.name, field.type)
    for field in msgspec.structs.fields(RegionInventory)
    if field.encode_name in CALLS
}

# What AWS keeps once per account, whichever Region was asked.
GLOBAL_KEYS = frozenset(
    {
        "Buckets",
        "BucketPolicies",
        "BucketAcls",
        "BucketOwnershipControls",
        "BucketPublicAccessBlocks",
        "AccountPublicAccessBlocks",
        "MultiRegionAccessPoints",
        "MultiRegionAccessPointPolicies",
        "UserDetailList",
        "GroupDetailList",
        "RoleDetailList",
        "Policies",
        "AccessKeys",
        "UserMFADevices",
        "LoginProfiles",
        "CredentialReports",
        "Organizations",
        "AccountControlPolicies",
    }
)

# Keys beside the descriptions that carry no description.
QUIET = frozenset(
    {
        "ResponseMetadata",
        "NextToken",
        "nextToken",
        "NextMarker",
        "Marker",
        "IsTruncated",
        "Owner",  # of the buckets
        "Prefix",
        "Account",  # `aws sts get-caller-identity`
        "Arn",
        "UserId",
        "AvailabilityZones",
        "Regions",
        "repositoryName",  # beside a repository's policyText
        "registryId",
        "AdditionalRoutesAvailable",
        "failures",  # of ECS; read with the key beside it
        # The ids beside lists that are wrapped below.
        "AccessPointArn",
        "AccountId",
        "Bucket",
        "ListenerArn",
        "LoadBalancerArn",
        "PrefixListId",
        "TargetGroupArn",
        "TransitGatewayRouteTableId",
        "UserName",
    }
)

# Any of these, unless null, false or empty, says that further pages exist.
TRUNCATED = ("NextToken", "nextToken", "NextMarker", "Marker")


class Wrapper(msgspec.Struct, frozen=True):
    """A bare list or object that only makes sense with the id of its owner beside it.

    call    the command that prints it
    owners  name of the id → the inventory's key
    mark    a field that each item of a list has; lists of other services lack it
    """

    call: str
    owners: dict[str, str]
    mark: str = ""

    def example(self, bare: str) -> str:
        owner, key = next(iter(self.owners.items()))
        return f'{{"{key}": [{{"{owner}": "…", "{bare}": …}}]}}'


WRAPPED: dict[str, Wrapper] = {
    "Entries": Wrapper(
        "ec2 get-managed-prefix-list-entries", {"PrefixListId": "PrefixListEntries"}, "Cidr"
    ),
    "TransitGatewayRouteTablePropagations": Wrapper(
        "ec2 get-transit-gateway-route-table-propagations",
        {"TransitGatewayRouteTableId": "TransitGatewayPropagations"},
        "TransitGatewayAttachmentId",
    ),
    "Routes": Wrapper(
        "ec2 search-transit-gateway-routes",
        {"TransitGatewayRouteTableId": "TransitGatewayStaticRoutes"},
        "State",
    ),
    "TargetHealthDescriptions": Wrapper(
        "elbv2 describe-target-health", {"TargetGroupArn": "LoadBalancerTargetHealth"}, "Target"
    ),
    "Attributes": Wrapper(
        "elbv2 describe-load-balancer-attributes (or target-group)",
        {"LoadBalancerArn": "LoadBalancerAttributes", "TargetGroupArn": "TargetGroupAttributes"},
        "Key",
    ),
    "Policy": Wrapper(
        "s3api get-bucket-policy (or s3control get-access-point-policy)",
        {"Bucket": "BucketPolicies", "AccessPointArn": "AccessPointPolicies"},
    ),
    "PolicyStatus": Wrapper(
        "s3control get-access-point-policy-status", {"AccessPointArn": "AccessPointPolicyStatuses"}
    ),
    "Grants": Wrapper("s3api get-bucket-acl", {"Bucket": "BucketAcls"}, "Grantee"),
    "OwnershipControls": Wrapper(
        "s3api get-bucket-ownership-controls", {"Bucket": "BucketOwnershipControls"}
    ),
    "PublicAccessBlockConfiguration": Wrapper(
        "s3api get-public-access-block (or s3control)",
        {
            "Bucket": "BucketPublicAccessBlocks",
            "AccountId": "AccountPublicAccessBlocks",
            "AccessPointArn": "AccessPointPublicAccessBlocks",
        },
    ),
    "LoginProfile": Wrapper("iam get-login-profile", {"UserName": "LoginProfiles"}),
    "Organization": Wrapper("organizations describe-organization", {"AccountId": "Organizations"}),
    "policyText": Wrapper("ecr get-repository-policy", {"repositoryName": "RepositoryPolicies"}),
}

# Known outputs that cannot stand in for the description that is needed.
UNHELPFUL: dict[str, str] = {
    "Users": "does not show policies; use `aws iam get-account-authorization-details`",
    "Groups": "does not show policies; use `aws iam get-account-authorization-details`",
    "Roles": "does not show policies; use `aws iam get-account-authorization-details`",
    "LoadBalancerDescriptions": "Classic Load Balancers are seen through their interfaces only",
}


def group_listeners(listeners: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """`aws elbv2 describe-listeners` → one entry per balancer; None if it is something else."""
    return _group(listeners, lambda item: item.get("LoadBalancerArn"), "LoadBalancerArn")


def group_rules(rules: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """`aws elbv2 describe-rules` → one entry per listener; None if it is something else.

    A rule's ARN is its listener's with `listener-rule` for `listener` and one part more.
    """

    def owner(rule: dict[str, Any]) -> str | None:
        arn = rule.get("RuleArn")
        if not isinstance(arn, str) or ":listener-rule/" not in arn:
            return None
        return arn.replace(":listener-rule/", ":listener/").rpartition("/")[0]

    return _group(rules, owner, "ListenerArn", inner="Rules")


def group_by_user(inner: str) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]] | None]:
    """`aws iam list-access-keys` and `list-mfa-devices` → one entry per user."""

    def group(items: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        return _group(items, lambda item: item.get("UserName"), "UserName", inner)

    return group


def _group(
    items: list[dict[str, Any]],
    owner: Callable[[dict[str, Any]], str | None],
    owner_key: str,
    inner: str = "Listeners",
) -> list[dict[str, Any]] | None:
    groups: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        name = owner(item)
        if not isinstance(name, str):
            return None
        groups.setdefault(name, []).append(item)
    return [{owner_key: name, inner: members} for name, members in groups.items()]


# Bare key → (inventory's key, grouping).
GROUPED: dict[str, tuple[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]] | None]]] = {
    "Listeners": ("LoadBalancerListeners", group_listeners),
    "Rules": ("ListenerRules", group_rules),
    "AccessKeyMetadata": ("AccessKeys", group_by_user("AccessKeyMetadata")),
    "MFADevices": ("UserMFADevices", group_by_user("MFADevices")),
}


_GROUPED_BY = {
    "LoadBalancerListeners": ("LoadBalancerArn", "Listeners"),
    "ListenerRules": ("ListenerArn", "Rules"),
    "AccessKeys": ("UserName", "AccessKeyMetadata"),
    "UserMFADevices": ("UserName", "MFADevices"),
}


def shape_hint(key: str) -> str:
    """What a value of the wrong shape should have been."""
    if key in _GROUPED_BY:
        owner, inner = _GROUPED_BY[key]
        return f'expected {{"{key}": [{{"{owner}": "…", "{inner}": […]}}]}}'
    for bare, wrapper in WRAPPED.items():
        for owner, wrapped in wrapper.owners.items():
            if wrapped == key:
                return f'expected {{"{key}": [{{"{owner}": "…", "{bare}": …}}]}}'
    return f"this is not what `{command_of(key)}` prints"


# IAM's name of an action → the command, where the two differ.
_COMMANDS = {
    "s3:ListAllMyBuckets": "s3api list-buckets",
    "s3:GetBucketPublicAccessBlock": "s3api get-public-access-block",
    "s3:GetAccountPublicAccessBlock": "s3control get-public-access-block",
    "s3:ListAccessPoints": "s3control list-access-points",
    "s3:GetAccessPoint": "s3control get-access-point",
    "s3:GetAccessPointPolicy": "s3control get-access-point-policy",
    "s3:GetAccessPointPolicyStatus": "s3control get-access-point-policy-status",
    "s3:ListMultiRegionAccessPoints": "s3control list-multi-region-access-points",
    "s3:GetMultiRegionAccessPointPolicy": "s3control get-multi-region-access-point-policy",
}
_SERVICES = {"elasticloadbalancing": "elbv2", "s3": "s3api"}
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def command_of(key: str) -> str:
    """The command whose output holds a key: `aws ec2 describe-vpcs`."""
    action = CALLS[key].action
    service, _, name = action.partition(":")
    words = _WORD_START.sub("-", name).lower()
    return "aws " + _COMMANDS.get(action, f"{_SERVICES.get(service, service)} {words}")
