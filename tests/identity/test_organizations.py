"""A6: the policies of the organisation around users, roles and resources of an estate.

Each pair differs in one fact. Access from `test_access`'s estate, with the organisation beside it.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from identity_estate import PUBLIC_READ, document

from mute_audit.identity.access import Access
from mute_audit.identity.conclusions import public_read_only
from mute_audit.identity.exposure import Exposure
from mute_audit.inventory import GLOBAL, Inventory, RegionInventory
from mute_audit.verdict import Gap, Truth

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
HOME, MASTER = "123456789012", "999988887777"
ANN = f"arn:aws:iam::{HOME}:user/ann"
LINKED = f"arn:aws:iam::{HOME}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
READ = "s3:GetObject"
MEMBER = {"Id": "o-acme", "MasterAccountId": MASTER, "FeatureSet": "ALL"}


def allow(action: str = "*") -> dict[str, Any]:
    return document({"Effect": "Allow", "Action": action, "Resource": "*"})


def deny(action: str, **more: Any) -> dict[str, Any]:
    return document({"Sid": "Fence", "Effect": "Deny", "Action": action, "Resource": "*", **more})


def scp(name: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"Id": f"p-{name}", "Name": name, "Type": "SERVICE_CONTROL_POLICY", "Content": content}


def rcp(name: str, content: dict[str, Any]) -> dict[str, Any]:
    return {**scp(name, content), "Type": "RESOURCE_CONTROL_POLICY"}


FULL = scp("FullAWSAccess", allow())
RCP_FULL = rcp(
    "RCPFullAWSAccess",
    document({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}),
)


def levels(*policies: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Root, unit, account, …: the policies attached to each."""
    ids = ("r-ab12", "ou-ab12-11111111", HOME)
    return {
        "AccountId": HOME,
        "PolicyTypes": ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"],
        "Levels": [
            {"TargetId": target, "Policies": listed}
            for target, listed in zip(ids, policies, strict=False)
        ],
        **more,
    }


def estate(
    above: dict[str, Any] | None,
    *,
    organization: Any = MEMBER,
    elsewhere: bool = False,
    failed: tuple[Gap, ...] = (),
) -> Inventory:
    """One account with a user, a service-linked role and a bucket that everybody may read.

    `elsewhere` puts the organisation's policies into the folder of the account that manages it.
    """
    role = {
        "RoleName": "AWSServiceRoleForX",
        "Arn": LINKED,
        "AssumeRolePolicyDocument": allow(),
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": allow("s3:*")}],
    }
    known = [] if above is None else [above]
    raw: dict[str, Any] = {
        "Account": HOME,
        "Region": GLOBAL,
        "UserDetailList": [
            {
                "UserName": "ann",
                "Arn": ANN,
                "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": allow("s3:*")}],
            }
        ],
        "RoleDetailList": [role],
        "GroupDetailList": [],
        "Policies": [],
        "Organizations": [{"AccountId": HOME, "Organization": organization}],
        "Buckets": [{"Name": "b", "BucketRegion": "eu-west-1"}],
        "BucketPolicies": [{"Bucket": "b", "Policy": json.dumps(document(PUBLIC_READ))}],
        "BucketAcls": [{"Bucket": "b", "Owner": {"ID": "me"}, "Grants": []}],
        "BucketOwnershipControls": [
            {
                "Bucket": "b",
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            }
        ],
        "BucketPublicAccessBlocks": [{"Bucket": "b"}],
        "AccountPublicAccessBlocks": [{"AccountId": HOME}],
    }
    if not elsewhere:
        raw["AccountControlPolicies"] = known
    regions = [raw]
    if elsewhere:
        regions.append({"Account": MASTER, "Region": GLOBAL, "AccountControlPolicies": known})
    made = []
    for each in regions:
        held = sorted(set(each) - {"Account", "Region"})
        made.append(msgspec.convert({**each, "Held": held}, RegionInventory))
    made[0] = msgspec.structs.replace(made[0], failed=failed)
    return Inventory(regions=tuple(made))


def ann(inventory: Inventory, action: str = "s3:PutObject", who: str = ANN) -> Any:
    access = Access(inventory)
    (found,) = access.to(access.target("b"), action, who)
    return found


# --- service control policies ---------------------------------------------------------------


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a6_every_level_above_the_account_must_allow(elsewhere: bool) -> None:
    whole = levels([FULL], [FULL], [FULL])
    assert ann(estate(whole, elsewhere=elsewhere)).truth is YES
    for cut in (levels([FULL], [scp("ec2", allow("ec2:*"))], [FULL]), levels([FULL], [], [FULL])):
        found = ann(estate(cut, elsewhere=elsewhere))
        assert found.truth is NO
        assert [b.by for b in found.blocked] == ["service control policies of ou-ab12-11111111"]


def test_a6_a_deny_at_one_level_is_enough_and_is_named() -> None:
    fence = levels([FULL], [FULL, scp("no-writes", deny("s3:Put*"))], [FULL])
    found = ann(estate(fence))
    assert (found.truth, [b.by for b in found.blocked]) == (
        NO,
        ["service control policy no-writes Fence"],
    )
    assert ann(estate(fence), "s3:DeleteObject").truth is YES


def test_a6_the_management_account_and_service_linked_roles_are_not_bound() -> None:
    fence = levels([FULL, scp("nothing", deny("*"))])
    assert ann(estate(fence)).truth is NO
    assert ann(estate(fence), who=LINKED).truth is YES
    own = {**MEMBER, "MasterAccountId": HOME}
    assert ann(estate(fence, organization=own)).truth is YES


def test_a6_a_condition_of_a_service_control_policy_is_met_by_the_witness() -> None:
    region = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    fence = levels([FULL, scp("region", deny("s3:*", Condition=region))])
    found = ann(estate(fence))
    assert found.truth is YES
    assert found.witness["context"]["aws:RequestedRegion"] == "eu-west-1"


def test_without_the_policies_a_yes_is_open_and_a_no_stands() -> None:
    found = ann(estate(None))
    assert found.truth is UNKNOWN
    assert found.witness is not None
    assert any("unless a service control policy of o-acme forbids it" in r for r in found.reasons)
    assert ann(estate(None), who=LINKED).truth is YES
    assert ann(estate(None, organization=None)).truth is YES
    billing = {**MEMBER, "FeatureSet": "CONSOLIDATED_BILLING"}
    assert ann(estate(None, organization=billing)).truth is YES


def test_a_type_that_is_not_enabled_binds_nobody_and_one_that_is_not_told_leaves_it_open() -> None:
    only_rcps = levels([RCP_FULL], [RCP_FULL], [RCP_FULL], PolicyTypes=None)
    assert ann(estate(only_rcps)).truth is UNKNOWN
    told = {**only_rcps, "PolicyTypes": ["RESOURCE_CONTROL_POLICY"]}
    assert ann(estate(told)).truth is YES


def test_a_failed_call_about_the_policies_leaves_it_open() -> None:
    gap = Gap(
        "organizations:ListRoots", f"{HOME}/{GLOBAL}", "AccessDenied", "AccountControlPolicies"
    )
    found = ann(estate(levels([FULL]), failed=(gap,)))
    assert (found.truth, found.gaps) == (UNKNOWN, (gap,))


def test_a_policy_that_cannot_be_read_leaves_it_open() -> None:
    broken = scp("broken", {"Statement": 5})
    found = ann(estate(levels([FULL, broken], [FULL])))
    assert found.truth is UNKNOWN
    assert any("broken" in gap.what for gap in found.gaps)


# --- resource control policies --------------------------------------------------------------

OURS = deny(
    "s3:*",
    Principal="*",
    Condition={
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-acme"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    },
)


def everybody(inventory: Inventory) -> tuple[Truth, Truth]:
    bucket = Exposure(inventory).bucket("b")
    return bucket.public(READ).truth, bucket.any_account(READ).truth


def test_a6_a_resource_control_policy_closes_what_the_bucket_opens() -> None:
    open_ = levels([FULL, RCP_FULL], [FULL, RCP_FULL], [FULL, RCP_FULL])
    assert everybody(estate(open_)) == (YES, YES)
    shut = levels([FULL, RCP_FULL, rcp("ours", OURS)], [FULL, RCP_FULL], [FULL, RCP_FULL])
    assert everybody(estate(shut)) == (NO, NO)
    bucket = Exposure(estate(shut)).bucket("b")
    assert bucket.through_policy(READ, "o-acme").truth is YES
    assert any("ours" in reason for reason in bucket.public(READ).reasons)


def test_a6_it_binds_the_account_s_own_users_too() -> None:
    shut = levels([FULL, RCP_FULL, rcp("none", deny("s3:*", Principal="*"))])
    found = ann(estate(shut))
    assert (found.truth, [b.by for b in found.blocked]) == (
        NO,
        ["resource control policy none Fence"],
    )
    assert ann(estate(shut), who=LINKED).truth is YES


def test_what_is_open_to_the_public_is_unknown_while_resource_control_policies_are() -> None:
    bucket = Exposure(estate(None)).bucket("b")
    answer = bucket.public(READ)
    assert answer.truth is UNKNOWN
    assert answer.witness is not None
    assert any("unless a resource control policy of o-acme" in r for r in answer.reasons)
    assert bucket.public("s3:PutObject").truth is NO
    parts = {part.code: part.truth for part in public_read_only(bucket)}
    assert parts["s3-public-read"] is UNKNOWN
    assert parts["s3-no-outside-write"] is YES
