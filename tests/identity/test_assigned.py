"""Statements for everybody under a value that AWS assigns: whose endpoint, id or source is it?

Each test differs in whose the value is known to be.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from identity_estate import ACCOUNT, ARN, BUCKET, document

from mute_audit.identity.access import Access
from mute_audit.identity.conclusions import public_read_only
from mute_audit.identity.exposure import Exposure
from mute_audit.identity.request import simulate
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.verdict import Truth

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
OTHER = "444455556666"
REGION = "eu-west-1"


def estate(condition: dict[str, Any], *, restrict: bool = False, **more: Any) -> Inventory:
    """A bucket that lets everybody write under a condition, and what else is described."""
    switches = {"RestrictPublicBuckets": restrict}
    statement = {
        "Sid": "Write",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"{ARN}/*",
        "Condition": condition,
    }
    raw: dict[str, Any] = {
        "Account": ACCOUNT,
        "Region": REGION,
        "Vpcs": [
            {"VpcId": "vpc-ours", "OwnerId": ACCOUNT},
            {"VpcId": "vpc-shared", "OwnerId": OTHER},
        ],
        "VpcEndpoints": [{"VpcEndpointId": "vpce-ours"}],
        "Buckets": [{"Name": BUCKET, "BucketRegion": REGION}, {"Name": "logs"}],
        "BucketPolicies": [{"Bucket": BUCKET, "Policy": json.dumps(document(statement))}],
        "BucketAcls": [{"Bucket": BUCKET, "Owner": {"ID": "me"}, "Grants": []}],
        "BucketOwnershipControls": [
            {
                "Bucket": BUCKET,
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            }
        ],
        "BucketPublicAccessBlocks": [
            {"Bucket": BUCKET, "PublicAccessBlockConfiguration": switches}
        ],
        "AccountPublicAccessBlocks": [{"AccountId": ACCOUNT}],
        "UserDetailList": [
            {"UserName": "ann", "Arn": f"arn:aws:iam::{ACCOUNT}:user/ann", "UserId": "AIDAOURS"}
        ],
        "RoleDetailList": [
            {
                "RoleName": "w",
                "Arn": f"arn:aws:iam::{ACCOUNT}:role/w",
                "RoleId": "AROAOURS",
                "AssumeRolePolicyDocument": document(),
            }
        ],
        **more,
    }
    held = sorted(set(raw) - {"Account", "Region"})
    return Inventory(regions=(msgspec.convert({**raw, "Held": held}, RegionInventory),))


def equals(key: str, value: Any) -> dict[str, Any]:
    return {"StringEquals": {key: value}}


def arn(key: str, value: str) -> dict[str, Any]:
    return {"ArnLike": {key: value}}


CASES: list[tuple[str, dict[str, Any], Truth]] = [
    # The VPC's owner sends these, and only the last three say who that is.
    ("our endpoint", equals("aws:SourceVpce", "vpce-ours"), NO),
    ("an endpoint that nobody described", equals("aws:SourceVpce", "vpce-1a2b"), UNKNOWN),
    ("one of the two", equals("aws:SourceVpce", ["vpce-ours", "vpce-1a2b"]), UNKNOWN),
    ("our VPC", equals("aws:SourceVpc", "vpc-ours"), NO),
    ("a VPC that is shared with us", equals("aws:SourceVpc", "vpc-shared"), UNKNOWN),
    ("a VPC that nobody described", equals("aws:SourceVpc", "vpc-1a2b"), UNKNOWN),
    ("our account's endpoints", equals("aws:VpceAccount", ACCOUNT), NO),
    ("another account's endpoints", equals("aws:VpceAccount", OTHER), YES),
    ("our VPC by ARN", arn("aws:SourceVpcArn", f"arn:aws:ec2:*:{ACCOUNT}:vpc/*"), NO),
    ("another account's VPC by ARN", arn("aws:SourceVpcArn", f"arn:aws:ec2:*:{OTHER}:vpc/*"), YES),
    ("an organisation's endpoints", equals("aws:VpceOrgID", "o-acme"), YES),
    # A service says whom it acts for.
    ("a service for us", equals("aws:SourceAccount", ACCOUNT), NO),
    ("a service for another account", equals("aws:SourceAccount", OTHER), YES),
    ("our topic", arn("aws:SourceArn", f"arn:aws:sns:{REGION}:{ACCOUNT}:t"), NO),
    ("another account's topic", arn("aws:SourceArn", f"arn:aws:sns:{REGION}:{OTHER}:t"), YES),
    ("anybody's topic", arn("aws:SourceArn", "arn:aws:sns:*:*:*"), YES),
    ("our bucket", arn("aws:SourceArn", "arn:aws:s3:::logs"), NO),
    ("a bucket that nobody described", arn("aws:SourceArn", "arn:aws:s3:::elsewhere"), UNKNOWN),
    (
        "a bucket that nobody described, of our account",
        {
            **arn("aws:SourceArn", "arn:aws:s3:::elsewhere"),
            **equals("aws:SourceAccount", ACCOUNT),
        },
        NO,
    ),
    ("an organisation's sources", equals("aws:SourceOrgID", "o-acme"), YES),
    # An id is of one account's user or role.
    ("our user's id", equals("aws:userid", "AIDAOURS"), NO),
    ("our role's id", {"StringLike": {"aws:userid": "AROAOURS:*"}}, NO),
    ("an id that nobody described", equals("aws:userid", "AIDATHEIRS"), UNKNOWN),
    # Whoever is named by account or organisation was asked about before.
    ("an organisation", equals("aws:PrincipalOrgID", "o-acme"), YES),
    ("an account", equals("aws:PrincipalAccount", OTHER), YES),
    ("our account", equals("aws:PrincipalAccount", ACCOUNT), NO),
]


@pytest.mark.parametrize(
    ("condition", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_a_condition_is_as_good_as_whose_its_value_is(
    condition: dict[str, Any], expected: Truth
) -> None:
    """May somebody outside the account write? And the policy A15 says so."""
    bucket = Exposure(estate(condition)).bucket(BUCKET)
    answer = bucket.outside("s3:PutObject")
    assert answer.truth is expected, answer
    parts = {part.code: part.truth for part in public_read_only(bucket)}
    assert parts["s3-no-outside-write"] is {YES: NO, NO: YES}.get(expected, UNKNOWN)
    if expected is NO:
        return
    assert answer.witness is not None
    policy = json.loads(bucket_policy(estate(condition)))
    everything = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    request = {
        "request": dict(answer.witness),
        "resourcePolicy": policy,
        "identityPolicies": [everything],
    }
    assert simulate(request)["result"] == "Allowed"


def bucket_policy(inventory: Inventory) -> str:
    (item,) = inventory.regions[0].bucket_policies
    return item.policy or ""


def test_the_public_is_not_let_in_by_somebody_s_endpoint() -> None:
    bucket = Exposure(estate(equals("aws:SourceVpce", "vpce-1a2b"))).bucket(BUCKET)
    assert bucket.public("s3:PutObject").truth is NO
    assert bucket.any_account("s3:PutObject").truth is NO


def test_a_fixed_endpoint_is_not_public_so_restrict_public_buckets_leaves_it() -> None:
    condition = equals("aws:SourceVpce", "vpce-1a2b")
    bucket = Exposure(estate(condition, restrict=True)).bucket(BUCKET)
    assert bucket.outside("s3:PutObject").truth is UNKNOWN


def test_access_shows_whoever_has_what_a_condition_asks_for() -> None:
    access = Access(estate(equals("aws:SourceVpce", "vpce-1a2b")))
    found = {f.subject.kind: f for f in access.to(access.target(BUCKET), "s3:PutObject")}
    assert found["condition"].truth is UNKNOWN
    assert any("not described here" in reason for reason in found["condition"].reasons)
    ours = Access(estate(equals("aws:SourceVpce", "vpce-ours")))
    kinds = {f.subject.kind for f in ours.to(ours.target(BUCKET), "s3:PutObject")}
    assert "condition" not in kinds
