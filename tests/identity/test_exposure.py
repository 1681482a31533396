"""A1 to A4, A7, A15 to A17: resources of an inventory, and what could not be collected."""

from __future__ import annotations

from typing import Any

import pytest
from identity_estate import ACCOUNT, ARN, BUCKET, PUBLIC_READ, document, estate, to_group

from mute_audit.errors import PlaceError
from mute_audit.identity.exposure import (
    Conclusion,
    Exposure,
    exactly_managed_policies,
    latent_exposure,
    public_read_only_via_policy,
    repository_private,
)
from mute_audit.identity.request import simulate
from mute_audit.identity.s3_actions import Group, actions_in
from mute_audit.inventory import GLOBAL, Inventory, RegionInventory
from mute_audit.inventory.access import (
    AttachedPolicy,
    Bucket,
    Grant,
    Grantee,
    InlinePolicy,
    Repository,
    RepositoryPolicy,
    UserDetail,
)
from mute_audit.inventory.access import Boundary as PermissionsBoundary
from mute_audit.inventory.workload import DbSnapshot, DbSnapshotAttribute, DbSnapshotAttributes
from mute_audit.verdict import Gap, Truth

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
READ = document(PUBLIC_READ)
TLS_ONLY = {
    "Sid": "TlsOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [ARN, f"{ARN}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
MEANT = document(PUBLIC_READ, TLS_ONLY)
FRIEND = "444455556666"


def reads(inventory: Inventory, action: str = "s3:GetObject") -> Truth:
    return Exposure(inventory).bucket(BUCKET).public(action).truth


def parts(inventory: Inventory) -> dict[str, Conclusion]:
    return {part.code: part for part in public_read_only_via_policy(inventory, BUCKET)}


# --- the layers in front of a bucket policy ------------------------------------------------


def test_a1_the_stricter_of_account_and_bucket_wins() -> None:
    assert reads(estate(READ)) is YES
    assert reads(estate(READ, bucket="AIR")) is NO
    assert reads(estate(READ, account="R")) is NO


def test_a1_the_two_block_switches_change_nothing_that_exists() -> None:
    assert reads(estate(READ, bucket="AIP", account="AP")) is YES
    acl = (to_group("AllUsers", "READ"),)
    open_ = estate(None, bucket="A", ownership="ObjectWriter", grants=acl)
    assert reads(open_, "s3:ListBucket") is YES


def test_a2_one_public_statement_stops_the_named_accounts_as_well() -> None:
    named = {**PUBLIC_READ, "Sid": "Friend", "Principal": {"AWS": FRIEND}}
    for statements, shared in (((named,), YES), ((named, PUBLIC_READ), NO)):
        bucket = Exposure(estate(document(*statements), bucket="AIR")).bucket(BUCKET)
        assert bucket.outside("s3:GetObject").truth is shared
        assert bucket.outside_accounts[FRIEND].truth is shared


def test_a2_a_policy_that_is_not_public_is_not_held_back() -> None:
    """256 statements of one /8: RestrictPublicBuckets lets the whole internet in."""
    ranges = [
        {**PUBLIC_READ, "Condition": {"IpAddress": {"aws:SourceIp": f"{n}.0.0.0/8"}}}
        for n in range(256)
    ]
    assert reads(estate(document(*ranges), bucket="AIR")) is YES


def test_a3_owner_enforced_switches_acls_off() -> None:
    acl = (to_group("AllUsers", "FULL_CONTROL"),)
    assert reads(estate(None, bucket="", grants=acl), "s3:PutObject") is NO
    on = estate(None, bucket="", ownership="ObjectWriter", grants=acl)
    assert reads(on, "s3:PutObject") is YES


def test_a3_what_lies_under_ignore_public_acls_cannot_be_seen() -> None:
    acl = Exposure(estate(None, ownership="ObjectWriter")).bucket(BUCKET).acl
    assert (acl.dead, acl.hidden) == (YES, True)
    bare = Exposure(estate(None, bucket="", ownership="ObjectWriter")).bucket(BUCKET).acl
    assert (bare.dead, bare.hidden) == (NO, False)


@pytest.mark.parametrize(
    ("group", "anonymous", "any_account"),
    [("AllUsers", YES, YES), ("AuthenticatedUsers", NO, YES), ("LogDelivery", NO, NO)],
)
def test_a4_all_users_and_any_account_are_the_public(
    group: str, anonymous: Truth, any_account: Truth
) -> None:
    grants = (to_group(group, "READ"),)
    inventory = estate(None, bucket="", ownership="BucketOwnerPreferred", grants=grants)
    bucket = Exposure(inventory).bucket(BUCKET)
    assert bucket.public("s3:ListBucket").truth is anonymous
    assert bucket.any_account("s3:ListBucket").truth is any_account


def test_an_acl_grant_to_another_account_is_outside_even_where_public_ones_are_ignored() -> None:
    other = Grant(grantee=Grantee(type="CanonicalUser", id="you"), permission="WRITE")
    inventory = estate(None, ownership="ObjectWriter", grants=(other,))
    bucket = Exposure(inventory).bucket(BUCKET)
    assert bucket.outside("s3:PutObject").truth is YES
    assert bucket.public("s3:PutObject").truth is NO
    own = Grant(grantee=Grantee(type="CanonicalUser", id="me"), permission="FULL_CONTROL")
    mine = Exposure(estate(None, ownership="ObjectWriter", grants=(own,))).bucket(BUCKET)
    assert mine.outside("s3:PutObject").truth is NO


# --- gaps ---------------------------------------------------------------------------------


def refused(key: str, where: str = ARN) -> tuple[Gap, ...]:
    return (Gap("s3:Call", where, "AccessDenied", key),)


def test_a_failed_call_for_one_bucket_makes_only_its_answers_unknown() -> None:
    failed = refused("BucketPolicies")
    answer = Exposure(estate(READ, failed=failed)).bucket(BUCKET).public("s3:GetObject")
    assert (answer.truth, answer.gaps) == (UNKNOWN, failed)
    elsewhere = refused("BucketPolicies", "arn:aws:s3:::another")
    assert reads(estate(READ, failed=elsewhere)) is YES


def test_a_bucket_that_was_not_asked_about_is_unknown_and_not_private() -> None:
    inventory = estate(READ, others=(Bucket(name="second"),))
    answer = Exposure(inventory).bucket("second").public("s3:GetObject")
    assert answer.truth is UNKNOWN
    assert {gap.key for gap in answer.gaps} >= {"BucketPolicies"}
    assert [bucket.name for bucket in Exposure(inventory).buckets()] == [BUCKET, "second"]


def test_a_key_that_the_snapshot_does_not_hold_is_a_gap() -> None:
    for key in ("BucketPolicies", "BucketPublicAccessBlocks", "AccountPublicAccessBlocks"):
        answer = Exposure(estate(READ, without=[key])).bucket(BUCKET).public("s3:GetObject")
        assert answer.truth is UNKNOWN
        assert [gap.key for gap in answer.gaps] == [key]


def test_a_switch_that_is_on_decides_whatever_the_other_level_says() -> None:
    failed = refused("AccountPublicAccessBlocks", ACCOUNT)
    assert reads(
        estate(READ, bucket="AIR", failed=failed, without=["AccountPublicAccessBlocks"])
    ) is (NO)
    assert reads(estate(READ, failed=failed, without=["AccountPublicAccessBlocks"])) is UNKNOWN


def test_a_policy_that_cannot_be_read_is_a_gap() -> None:
    broken = estate({"Statement": [{"Effect": "Maybe"}]})
    answer = Exposure(broken).bucket(BUCKET).public("s3:GetObject")
    assert answer.truth is UNKNOWN
    assert "must be `Allow` or `Deny`" in answer.gaps[0].why


def test_an_unknown_bucket_is_an_error() -> None:
    with pytest.raises(PlaceError, match="there is no bucket `nobody`"):
        Exposure(estate(None)).bucket("nobody")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}, UNKNOWN),
        (
            {"ArnLike": {"s3:DataAccessPointArn": f"arn:aws:s3:*:{ACCOUNT}:accesspoint/*"}},
            UNKNOWN,
        ),
        ({"StringEquals": {"s3:DataAccessPointAccount": FRIEND}}, NO),
        (
            {
                "StringEquals": {"s3:DataAccessPointAccount": ACCOUNT},
                "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
            },
            NO,
        ),
    ],
)
def test_what_is_left_to_access_points_of_the_account_is_open(
    condition: dict[str, Any], expected: Truth
) -> None:
    """Their policies are not collected, and may let anybody in."""
    inventory = estate(document({**PUBLIC_READ, "Condition": condition}))
    answer = Exposure(inventory).bucket(BUCKET).public("s3:GetObject")
    assert answer.truth is expected
    assert [gap.what for gap in answer.gaps] == (
        ["s3:ListAccessPoints"] if expected is UNKNOWN else []
    )


# --- A15 ----------------------------------------------------------------------------------


def test_a15_the_meant_bucket_holds_in_every_part() -> None:
    found = parts(estate(MEANT))
    assert {code: part.truth for code, part in found.items()} == dict.fromkeys(found, YES)
    read = found["s3-public-read"]
    assert read.statement == "bucket policy PublicRead"
    assert read.witness is not None
    assert read.witness["principal"] == "anonymous"
    assert read.witness["context"] == {"aws:SecureTransport": "true"}


def _also(action: str | list[str], **more: Any) -> dict[str, Any]:
    statement = {**PUBLIC_READ, "Sid": "Also", "Action": action, "Resource": [ARN, f"{ARN}/*"]}
    return document(PUBLIC_READ, TLS_ONLY, {**statement, **more})


@pytest.mark.parametrize(
    ("inventory", "code", "truth"),
    [
        (estate(MEANT, bucket="AIR"), "s3-restrict-off", NO),
        (estate(MEANT, bucket="AIR"), "s3-public-read", NO),
        (estate(MEANT, account="R"), "s3-restrict-off", NO),
        (estate(MEANT, bucket="AIP"), "s3-block-public-policy-off", NO),
        (estate(None), "s3-public-read", NO),
        (estate(document(TLS_ONLY)), "s3-public-read", NO),
        (estate(document(PUBLIC_READ, {**TLS_ONLY, "Condition": {}})), "s3-public-read", NO),
        (estate(_also("s3:PutObject")), "s3-no-outside-write", NO),
        (estate(_also("s3:P?tObjectTagging")), "s3-no-outside-write", NO),
        (estate(_also("s3:ListBucket*")), "s3-no-outside-list", NO),
        (estate(_also("s3:PutBucketAcl")), "s3-no-outside-acl", NO),
        (estate(_also("s3:*Policy")), "s3-no-outside-policy", NO),
        (estate(_also("s3:*", Principal={"AWS": FRIEND})), "s3-no-outside-write", NO),
        (estate(_also("s3:DeleteObject", Principal={"AWS": ACCOUNT})), "s3-no-outside-write", YES),
        (
            estate(_also("s3:PutObject", Principal={"Service": "logs.amazonaws.com"})),
            "s3-no-outside-write",
            YES,
        ),
        (
            estate(
                _also("s3:PutObject", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
            ),
            "s3-no-outside-write",
            NO,
        ),
        (estate(MEANT, bucket="", ownership="ObjectWriter"), "s3-acl-way-dead", UNKNOWN),
        (estate(MEANT, ownership="ObjectWriter"), "s3-acl-way-dead", YES),
        (
            estate(
                MEANT,
                bucket="",
                ownership="ObjectWriter",
                grants=(to_group("AllUsers", "WRITE"),),
            ),
            "s3-acl-way-dead",
            NO,
        ),
        (estate(MEANT, failed=refused("BucketPolicies")), "s3-no-outside-write", UNKNOWN),
        (
            estate(MEANT, failed=refused("BucketOwnershipControls"), bucket=""),
            "s3-acl-way-dead",
            UNKNOWN,
        ),
    ],
)
def test_a15_each_mutation_is_judged_in_its_own_part(
    inventory: Inventory, code: str, truth: Truth
) -> None:
    part = parts(inventory)[code]
    assert part.truth is truth
    if truth is UNKNOWN:
        assert part.gaps or part.reasons
    if truth is NO and code.startswith("s3-no-outside"):
        assert part.witness is not None
        assert part.witness["action"] in part.params["actions"].split(", ")


def test_a15_a_warning_is_marked_as_one() -> None:
    found = parts(estate(MEANT, bucket="AIP"))
    assert found["s3-block-public-policy-off"].warning
    assert not found["s3-no-outside-write"].warning


def test_every_group_names_actions_and_the_future() -> None:
    assert "s3:GetObject" in actions_in(Group.READ)
    assert "s3:PutBucketPolicy" in actions_in(Group.POLICY)
    assert "s3:PutObjectAcl" in actions_in(Group.ACL)
    assert "s3:ListBucket" in actions_in(Group.LIST)
    assert "s3:DeleteObject" in actions_in(Group.WRITE)
    every = Exposure(estate(_also("s3:*"))).bucket(BUCKET).allowed("anonymous", Group.FUTURE)
    assert every == ("s3:FutureAction",)
    some = Exposure(estate(_also("s3:Get*"))).bucket(BUCKET).allowed("anonymous", Group.FUTURE)
    assert some == ()


def test_a17_a_witness_is_a_request_that_the_simulator_allows() -> None:
    witness = parts(estate(MEANT))["s3-public-read"].witness
    assert simulate({"request": witness, "resourcePolicy": MEANT})["result"] == "Allowed"


def test_a17_a_refusal_names_the_statement_or_layer() -> None:
    shut = document(PUBLIC_READ, {**TLS_ONLY, "Condition": {}})
    assert Exposure(estate(shut)).bucket(BUCKET).public("s3:GetObject").reasons[0] == (
        "bucket policy TlsOnly: denies"
    )
    held = Exposure(estate(MEANT, bucket="AIR")).bucket(BUCKET).public("s3:GetObject")
    assert held.reasons[0].startswith("RestrictPublicBuckets holds back")


def test_a17_latent_exposure_names_the_single_setting_that_would_open_it() -> None:
    def latent(**settings: Any) -> dict[str, Truth]:
        bucket = Exposure(estate(MEANT, **settings)).bucket(BUCKET)
        return {x.setting: x.answer.truth for x in latent_exposure(bucket, "s3:GetObject")}

    assert latent() == {}
    assert latent(bucket="AIR") == {"RestrictPublicBuckets (bucket)": YES}
    assert latent(bucket="AIR", account="R") == {}
    assert latent(bucket="R", account="I", ownership="ObjectWriter") == {
        "RestrictPublicBuckets (bucket)": YES,
        "IgnorePublicAcls (account)": UNKNOWN,
    }


# --- A16 ----------------------------------------------------------------------------------

FULL = "arn:aws:iam::aws:policy/AmazonS3FullAccess"


def user(**more: Any) -> Inventory:
    detail = UserDetail(
        **{
            "user_name": "writer",
            "arn": f"arn:aws:iam::{ACCOUNT}:user/writer",
            "attached_managed_policies": (AttachedPolicy("AmazonS3FullAccess", FULL),),
            **more,
        }
    )
    region = RegionInventory(
        account=ACCOUNT, region=GLOBAL, held=frozenset({"UserDetailList"}), users=(detail,)
    )
    return Inventory(regions=(region,))


def exact(inventory: Inventory) -> dict[str, Truth]:
    facts = Exposure(inventory).user("writer")
    return {part.code: part.truth for part in exactly_managed_policies(facts, [FULL])}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"attached_managed_policies": ()}, "iam-policies-attached"),
        (
            {"attached_managed_policies": (AttachedPolicy("", FULL), AttachedPolicy("", "arn:x"))},
            "iam-no-other-policy",
        ),
        ({"user_policy_list": (InlinePolicy("own"),)}, "iam-no-inline-policy"),
        ({"group_list": ("admins",)}, "iam-no-group"),
        ({"permissions_boundary": PermissionsBoundary("arn:b")}, "iam-no-boundary"),
    ],
)
def test_a16_exactly_these_policies_and_nothing_else(changes: dict[str, Any], code: str) -> None:
    assert set(exact(user()).values()) == {YES}
    changed = exact(user(**changes))
    assert {name for name, truth in changed.items() if truth is NO} == {code}


def test_a16_a_user_that_was_not_collected_is_unknown_and_one_that_is_gone_is_missing() -> None:
    empty = RegionInventory(account=ACCOUNT, region=GLOBAL, held=frozenset({"UserDetailList"}))
    assert exact(Inventory(regions=(empty,))) == {"iam-user-exists": NO}
    gap = Gap("iam:GetAccountAuthorizationDetails", f"{ACCOUNT}/{GLOBAL}", "x", "UserDetailList")
    for region in (
        RegionInventory(account=ACCOUNT, region=GLOBAL, failed=(gap,)),
        RegionInventory(account=ACCOUNT, region=GLOBAL),
    ):
        assert exact(Inventory(regions=(region,))) == {"iam-user-exists": UNKNOWN}


# --- A7 -----------------------------------------------------------------------------------

REPOSITORY = f"arn:aws:ecr:ap-northeast-2:{ACCOUNT}:repository/app"


def repository(policy: str | None, failed: tuple[Gap, ...] = ()) -> dict[str, Truth]:
    region = RegionInventory(
        account=ACCOUNT,
        region="ap-northeast-2",
        held=frozenset({"repositories", "RepositoryPolicies"}),
        failed=failed,
        repositories=(Repository(repository_arn=REPOSITORY, repository_name="app"),),
        repository_policies=(
            () if failed else (RepositoryPolicy(repository_name="app", policy_text=policy),)
        ),
    )
    exposure = Exposure(Inventory(regions=(region,))).repository("app")
    return {part.code: part.truth for part in repository_private(exposure)}


def pull(principal: str) -> str:
    return (
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", '
        f'"Principal": {principal}, "Action": "ecr:BatchGetImage"}}}}'
    )


@pytest.mark.parametrize(
    ("policy", "public", "shared"),
    [
        (None, YES, YES),
        (pull('"*"'), NO, YES),
        (pull(f'{{"AWS": "{FRIEND}"}}'), YES, NO),
        (pull(f'{{"AWS": "{ACCOUNT}"}}'), YES, YES),
        (pull('{"Service": "lambda.amazonaws.com"}'), YES, YES),
    ],
)
def test_a7_a_repository_is_private_unless_another_account_gets_in(
    policy: str | None, public: Truth, shared: Truth
) -> None:
    assert repository(policy) == {"ecr-not-public": public, "ecr-not-shared": shared}


def test_a7_a_repository_policy_that_was_refused_is_unknown() -> None:
    gap = Gap("ecr:GetRepositoryPolicy", REPOSITORY, "AccessDenied", "RepositoryPolicies")
    assert set(repository(None, (gap,)).values()) == {UNKNOWN}


def snapshot(values: tuple[str, ...] | None, encrypted: bool = False) -> Truth:
    attributes = ()
    if values is not None:
        restore = DbSnapshotAttribute(attribute_name="restore", attribute_values=values)
        attributes = (
            DbSnapshotAttributes(db_snapshot_identifier="s", db_snapshot_attributes=(restore,)),
        )
    region = RegionInventory(
        account=ACCOUNT,
        region="ap-northeast-2",
        db_snapshots=(DbSnapshot(db_snapshot_identifier="s", encrypted=encrypted),),
        db_snapshot_attributes=attributes,
    )
    return Exposure(Inventory(regions=(region,))).snapshot("s").public.truth


def test_a7_a_snapshot_is_public_where_restore_names_all() -> None:
    assert snapshot(("all",)) is YES
    assert snapshot((FRIEND,)) is NO
    assert snapshot(None) is UNKNOWN
    assert snapshot(("all",), encrypted=True) is NO


def test_whose_an_origin_access_identity_is_nobody_tells() -> None:
    """CloudFront's own of a distribution: mostly the owner's, so that it is no proof of anybody."""

    def to(principal: str) -> dict[str, Any]:
        return document({**PUBLIC_READ, "Principal": {"AWS": principal}})

    origin = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"
    bucket = Exposure(estate(to(origin))).bucket(BUCKET)
    assert bucket.outside_accounts[origin].truth is Truth.YES
    assert bucket.outside("s3:GetObject").truth is Truth.UNKNOWN
    assert bucket.outside("s3:PutObject").truth is Truth.NO
    named = Exposure(estate(to(FRIEND))).bucket(BUCKET)
    assert named.outside("s3:GetObject").truth is Truth.YES
