"""Changes to the bucket, and to the account around it."""

from __future__ import annotations

import json
from typing import Any

from estates import Estate
from mutating import Culprits, Mutation, about, no_such
from stack_names import BUCKET, STRANGER

S3_POLICY = "mute-s3-public-read-only"
SWITCHES = "changed s3.bucket hackathon-mute-backend public_access_block"
STATEMENT = "changed s3.bucket hackathon-mute-backend policy.Statement"
READERS = '{"Action": "s3:GetObject", "Effect": "Allow", "Principal": "*", "Resource": '
READERS += '"arn:aws:s3:::hackathon-mute-backend/*"}'
TLS_ONLY = '{"Action": "s3:*", "Condition": {"Bool": {"aws:securetransport": "false"}}, '
TLS_ONLY += '"Effect": "Deny", "Principal": "*", "Resource": '
TLS_ONLY += '["arn:aws:s3:::hackathon-mute-backend", "arn:aws:s3:::hackathon-mute-backend/*"]}'


def edit_policy(estate: Estate, edit: Any) -> None:
    """`edit` changes the bucket policy's statements in place."""
    name = estate.text(BUCKET)
    document = json.loads(estate.s3.get_bucket_policy(Bucket=name)["Policy"])
    edit(document["Statement"])
    estate.s3.put_bucket_policy(Bucket=name, Policy=json.dumps(document))


def public_statement(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return next(one for one in statements if one["Effect"] == "Allow")


def everybody_writes(estate: Estate) -> Culprits:
    def edit(statements: list[dict[str, Any]]) -> None:
        public_statement(statements)["Action"] = ["s3:GetObject", "s3:PutObject"]

    edit_policy(estate, edit)
    return ("PublicReadObjects",)


def everybody_does_everything(estate: Estate) -> Culprits:
    def edit(statements: list[dict[str, Any]]) -> None:
        public_statement(statements)["Action"] = "s3:*"
        public_statement(statements)["Resource"] = "*"

    edit_policy(estate, edit)
    return ("PublicReadObjects",)


def everybody_lists(estate: Estate) -> Culprits:
    def edit(statements: list[dict[str, Any]]) -> None:
        statements.append(
            {
                "Sid": "Listing",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:ListBucket",
                "Resource": f"arn:aws:s3:::{estate.text(BUCKET)}",
            }
        )

    edit_policy(estate, edit)
    return ("Listing",)


def another_account_writes(estate: Estate) -> Culprits:
    def edit(statements: list[dict[str, Any]]) -> None:
        statements.append(
            {
                "Sid": "Partner",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
                "Action": "s3:DeleteObject",
                "Resource": f"arn:aws:s3:::{estate.text(BUCKET)}/*",
            }
        )

    edit_policy(estate, edit)
    return ("Partner",)


def plain_text_allowed(estate: Estate) -> Culprits:
    """Only the statement that refuses requests without TLS goes."""

    def edit(statements: list[dict[str, Any]]) -> None:
        statements[:] = [public_statement(statements)]

    edit_policy(estate, edit)
    return ()


def policy_deleted(estate: Estate) -> Culprits:
    estate.s3.delete_bucket_policy(Bucket=estate.text(BUCKET))
    return ("the bucket has no policy",)


def switch(estate: Estate, **changed: bool) -> None:
    name = estate.text(BUCKET)
    now = estate.s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    estate.s3.put_public_access_block(
        Bucket=name, PublicAccessBlockConfiguration={**now, **changed}
    )


def block_acls_off(estate: Estate) -> Culprits:
    switch(estate, BlockPublicAcls=False)
    return ()


def ignore_acls_off(estate: Estate) -> Culprits:
    switch(estate, IgnorePublicAcls=False)
    return ()


def block_policy_on(estate: Estate) -> Culprits:
    switch(estate, BlockPublicPolicy=True)
    return ()


def restrict_on(estate: Estate) -> Culprits:
    switch(estate, RestrictPublicBuckets=True)
    return ("RestrictPublicBuckets", "s3-restrict-off")


def no_switches(estate: Estate) -> Culprits:
    estate.s3.delete_public_access_block(Bucket=estate.text(BUCKET))
    return ()


def account_restricts(estate: Estate) -> Culprits:
    control = estate.client("s3control")
    control.put_public_access_block(
        AccountId="123456789012",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": False,
            "IgnorePublicAcls": False,
            "BlockPublicPolicy": False,
            "RestrictPublicBuckets": True,
        },
    )
    return ("RestrictPublicBuckets", "s3-restrict-off")


def own(estate: Estate, ownership: str) -> None:
    estate.s3.put_bucket_ownership_controls(
        Bucket=estate.text(BUCKET),
        OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]},
    )


def ownership_changed(estate: Estate) -> Culprits:
    """ACLs count again in principle, but public ones are still ignored."""
    own(estate, "ObjectWriter")
    return ()


def acl_opened(estate: Estate) -> Culprits:
    own(estate, "ObjectWriter")
    switch(estate, BlockPublicAcls=False, IgnorePublicAcls=False)
    name = estate.text(BUCKET)
    acl = estate.s3.get_bucket_acl(Bucket=name)
    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    more = [{"Grantee": everybody, "Permission": one} for one in ("READ", "WRITE")]
    estate.s3.put_bucket_acl(
        Bucket=name,
        AccessControlPolicy={"Owner": acl["Owner"], "Grants": [*acl["Grants"], *more]},
    )
    return ("AllUsers",)


def bucket_deleted(estate: Estate) -> Culprits:
    estate.s3.delete_bucket(Bucket=estate.text(BUCKET))
    return (estate.text(BUCKET),)


BUCKETS: tuple[Mutation, ...] = (
    Mutation(
        "the bucket policy lets anyone write",
        everybody_writes,
        (
            (
                f"{STATEMENT}[PublicReadObjects].Action: "
                's3:GetObject → ["s3:GetObject", "s3:PutObject"]'
            ),
        ),
        about(S3_POLICY, "s3.write_public", BUCKET, "s3-no-outside-write:anyone"),
        sample=True,
    ),
    Mutation(
        "the bucket policy lets anyone do anything",
        everybody_does_everything,
        (
            f"{STATEMENT}[PublicReadObjects].Action: s3:GetObject → s3:*",
            f"{STATEMENT}[PublicReadObjects].Resource: arn:aws:s3:::hackathon-mute-backend/* → *",
        ),
        (
            *about(S3_POLICY, "s3.write_public", BUCKET, "s3-no-outside-write:anyone"),
            *about(S3_POLICY, "s3.write_public", BUCKET, "s3-no-outside-list:anyone"),
            *about(S3_POLICY, "s3.write_public", BUCKET, "s3-no-outside-acl:anyone"),
            *about(S3_POLICY, "s3.write_public", BUCKET, "s3-no-outside-policy:anyone"),
        ),
    ),
    Mutation(
        "the bucket policy lets anyone list",
        everybody_lists,
        (
            (
                f'{STATEMENT}: null → {{"Action": "s3:ListBucket", "Effect": "Allow", '
                '"Principal": "*", "Resource": "arn:aws:s3:::hackathon-mute-backend"}'
            ),
        ),
        about(S3_POLICY, "s3.write_public", BUCKET, "s3-no-outside-list:anyone"),
    ),
    Mutation(
        "the bucket policy lets another account delete",
        another_account_writes,
        (
            (
                f'{STATEMENT}: null → {{"Action": "s3:DeleteObject", "Effect": "Allow", '
                f'"Principal": {{"AWS": "{STRANGER}"}}, '
                '"Resource": "arn:aws:s3:::hackathon-mute-backend/*"}'
            ),
        ),
        about(S3_POLICY, "s3.outside_access", BUCKET, f"s3-no-outside-write:{STRANGER}"),
    ),
    Mutation(
        "the bucket takes requests without TLS",
        plain_text_allowed,
        (f"{STATEMENT}: {TLS_ONLY} → null",),
    ),
    Mutation(
        "the bucket policy is deleted, and learners get nothing",
        policy_deleted,
        (
            (
                "changed s3.bucket hackathon-mute-backend policy: "
                f'{{"Statement": [{TLS_ONLY}, {READERS}], "Version": "2012-10-17"}} → null'
            ),
        ),
        about(S3_POLICY, "s3.read_not_public", BUCKET, "s3-public-read:anyone"),
    ),
    Mutation(
        "BlockPublicAcls is off",
        block_acls_off,
        (f"{SWITCHES}.block_public_acls: true → false",),
        sample=True,
    ),
    Mutation(
        # Objects are the bucket owner's, so that there is no ACL to ignore.
        "IgnorePublicAcls is off",
        ignore_acls_off,
        (f"{SWITCHES}.ignore_public_acls: true → false",),
    ),
    Mutation(
        "BlockPublicPolicy is on",
        block_policy_on,
        (f"{SWITCHES}.block_public_policy: false → true",),
    ),
    Mutation(
        "RestrictPublicBuckets is on, and learners get nothing",
        restrict_on,
        (f"{SWITCHES}.restrict_public_buckets: false → true",),
        (
            *about(S3_POLICY, "s3.restrict_on", BUCKET, "s3-restrict-off:anyone"),
            *about(S3_POLICY, "s3.read_not_public", BUCKET, "s3-public-read:anyone"),
        ),
    ),
    Mutation(
        "all four switches are gone",
        no_switches,
        (
            f"{SWITCHES}.block_public_acls: true → false",
            f"{SWITCHES}.ignore_public_acls: true → false",
        ),
    ),
    Mutation(
        # The baseline says nothing about the account: only the policy notices.
        "the account restricts public buckets, and learners get nothing",
        account_restricts,
        (),
        (
            *about(S3_POLICY, "s3.restrict_on", BUCKET, "s3-restrict-off:anyone"),
            *about(S3_POLICY, "s3.read_not_public", BUCKET, "s3-public-read:anyone"),
        ),
    ),
    Mutation(
        # Public ACLs are still ignored, which is what the policy asks for.
        "objects belong to who writes them",
        ownership_changed,
        ("changed s3.bucket hackathon-mute-backend ownership: BucketOwnerEnforced → ObjectWriter",),
    ),
    Mutation(
        "the bucket's ACL lets anyone write, and counts",
        acl_opened,
        (
            (
                "changed s3.bucket hackathon-mute-backend ownership: "
                "BucketOwnerEnforced → ObjectWriter"
            ),
            f"{SWITCHES}.block_public_acls: true → false",
            f"{SWITCHES}.ignore_public_acls: true → false",
        ),
        (
            *about(S3_POLICY, "s3.acl_way_open", BUCKET, "s3-acl-way-dead:anyone"),
            *about(S3_POLICY, "s3.write_public", BUCKET, "s3-no-outside-write:anyone"),
            *about(S3_POLICY, "s3.write_public", BUCKET, "s3-no-outside-list:anyone"),
        ),
        about(S3_POLICY, "s3.unknown", BUCKET, "s3-no-outside-acl:anyone"),
    ),
    Mutation(
        "the bucket is deleted",
        bucket_deleted,
        ("missing s3.bucket hackathon-mute-backend",),
        no_such(BUCKET, S3_POLICY),
    ),
)
