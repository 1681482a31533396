"""Small estates for the identity tests: one bucket, one user, one repository."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mute_audit.inventory import GLOBAL, Inventory, RegionInventory
from mute_audit.inventory.access import (
    AccountPublicAccessBlock,
    Bucket,
    BucketAcl,
    BucketOwnership,
    BucketPolicy,
    BucketPublicAccessBlock,
    Grant,
    Grantee,
    Owner,
    OwnershipControls,
    OwnershipRule,
    PublicAccessBlock,
)
from mute_audit.verdict import Gap

ACCOUNT = "123456789012"
BUCKET = "b"
ARN = f"arn:aws:s3:::{BUCKET}"
GROUPS = "http://acs.amazonaws.com/groups/global/"
HELD = frozenset(
    {
        "AccountPublicAccessBlocks",
        "BucketAcls",
        "BucketOwnershipControls",
        "BucketPolicies",
        "BucketPublicAccessBlocks",
        "Buckets",
    }
)
PUBLIC_READ: dict[str, Any] = {
    "Sid": "PublicRead",
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": f"{ARN}/*",
}
_SWITCHES = {
    "A": "block_public_acls",
    "I": "ignore_public_acls",
    "P": "block_public_policy",
    "R": "restrict_public_buckets",
}


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def switches(letters: str) -> PublicAccessBlock:
    return PublicAccessBlock(**{_SWITCHES[letter]: True for letter in letters})


def to_group(group: str, permission: str) -> Grant:
    return Grant(grantee=Grantee(type="Group", uri=GROUPS + group), permission=permission)


def estate(
    policy: dict[str, Any] | None,
    *,
    bucket: str = "AI",
    account: str = "",
    ownership: str | None = "BucketOwnerEnforced",
    grants: tuple[Grant, ...] = (),
    failed: tuple[Gap, ...] = (),
    without: Iterable[str] = (),
    others: tuple[Bucket, ...] = (),
) -> Inventory:
    """One bucket; `without` drops keys as a snapshot that does not hold them."""
    gone = set(without)
    failed_here = {gap.key for gap in failed if gap.where in (ARN, BUCKET)}
    controls = None
    if ownership is not None:
        controls = OwnershipControls(rules=(OwnershipRule(object_ownership=ownership),))
    text = None if policy is None else json.dumps(policy)

    def held(key: str) -> bool:
        return key not in gone and key not in failed_here

    region = RegionInventory(
        account=ACCOUNT,
        region=GLOBAL,
        held=HELD - gone,
        failed=failed,
        buckets=(Bucket(name=BUCKET, bucket_region="ap-northeast-2"), *others),
        bucket_policies=(
            (BucketPolicy(bucket=BUCKET, policy=text),) if held("BucketPolicies") else ()
        ),
        bucket_acls=(
            (BucketAcl(bucket=BUCKET, owner=Owner(id="me"), grants=grants),)
            if held("BucketAcls")
            else ()
        ),
        bucket_ownerships=(
            (BucketOwnership(bucket=BUCKET, ownership_controls=controls),)
            if held("BucketOwnershipControls")
            else ()
        ),
        bucket_public_access_blocks=(
            (
                BucketPublicAccessBlock(
                    bucket=BUCKET, public_access_block_configuration=switches(bucket)
                ),
            )
            if held("BucketPublicAccessBlocks")
            else ()
        ),
        account_public_access_blocks=(
            (
                AccountPublicAccessBlock(
                    account_id=ACCOUNT,
                    public_access_block_configuration=switches(account) if account else None,
                ),
            )
            if held("AccountPublicAccessBlocks")
            else ()
        ),
    )
    return Inventory(regions=(region,))
