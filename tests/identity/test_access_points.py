"""Access points: their policy and the bucket's must both let a request through (A1, A2, A6).

Each test differs in one fact from one with the other answer.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from identity_estate import ACCOUNT, ARN, BUCKET, document

from mute_audit.identity.access import Access
from mute_audit.identity.access_points import seen_from_bucket
from mute_audit.identity.conclusions import public_read_only
from mute_audit.identity.conditions import Context, Reach, pattern_reach
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.exposure import Exposure
from mute_audit.identity.request import simulate
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.verdict import Gap, Truth

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
FRIEND = "444455556666"
REGION = "eu-west-1"
POINT = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/songs"
READ = "s3:GetObject"


def allow(principal: Any, resource: Any, action: Any = READ, **more: Any) -> dict[str, Any]:
    return {
        "Sid": "Grant",
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        **more,
    }


DELEGATES = allow(
    "*",
    [ARN, f"{ARN}/*"],
    "s3:*",
    Sid="Delegate",
    Condition={"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
)
TO_FRIEND = allow({"AWS": FRIEND}, f"{POINT}/object/*")
TO_ALL = allow("*", f"{POINT}/object/*")


def estate(
    *statements: dict[str, Any] | None,
    bucket: dict[str, Any] | None = DELEGATES,
    vpc: str = "",
    restrict: bool = False,
    account: bool = False,
    failed: tuple[Gap, ...] = (),
    **more: Any,
) -> Inventory:
    """A bucket and its one access point, with a policy of these statements (of none: without)."""
    point: dict[str, Any] = {"Name": "songs", "Bucket": BUCKET, "AccessPointArn": POINT}
    if vpc:
        point |= {"NetworkOrigin": "VPC", "VpcConfiguration": {"VpcId": vpc}}
    own = document(*[s for s in statements if s is not None]) if statements else None
    switches = {"RestrictPublicBuckets": restrict}
    whole = {"RestrictPublicBuckets": account}
    raw: dict[str, Any] = {
        "Account": ACCOUNT,
        "Region": REGION,
        "Vpcs": [{"VpcId": "vpc-ours", "OwnerId": ACCOUNT}],
        "Buckets": [{"Name": BUCKET, "BucketRegion": REGION}],
        "BucketPolicies": [
            {"Bucket": BUCKET, "Policy": None if bucket is None else json.dumps(document(bucket))}
        ],
        "BucketAcls": [{"Bucket": BUCKET, "Owner": {"ID": "me"}, "Grants": []}],
        "BucketOwnershipControls": [
            {
                "Bucket": BUCKET,
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            }
        ],
        "BucketPublicAccessBlocks": [{"Bucket": BUCKET}],
        "AccountPublicAccessBlocks": [
            {"AccountId": ACCOUNT, "PublicAccessBlockConfiguration": whole}
        ],
        "AccessPointList": [point],
        "AccessPointPolicies": [
            {"AccessPointArn": POINT, "Policy": None if own is None else json.dumps(own)}
        ],
        "AccessPointPublicAccessBlocks": [
            {"AccessPointArn": POINT, "PublicAccessBlockConfiguration": switches}
        ],
        **more,
    }
    raw = {key: value for key, value in raw.items() if value is not ...}
    held = sorted(set(raw) - {"Account", "Region"})
    region = msgspec.convert({**raw, "Held": held}, RegionInventory)
    return Inventory(regions=(msgspec.structs.replace(region, failed=failed),))


def may(inventory: Inventory, who: str = FRIEND, action: str = READ) -> Any:
    return Exposure(inventory).bucket(BUCKET).through_policy(action, who)


def test_a6_both_policies_must_let_it_through() -> None:
    answer = may(estate(TO_FRIEND))
    assert answer.truth is YES
    assert answer.witness["resource"] == {"resource": f"{POINT}/object/x", "accountId": ACCOUNT}
    assert answer.witness["context"]["s3:DataAccessPointArn"] == POINT
    assert answer.statement == "access point songs Grant, bucket policy Delegate"
    elsewhere = {**DELEGATES, "Resource": "arn:aws:s3:::other/*"}
    for shut in (
        estate(),  # the access point has no policy
        estate(TO_FRIEND, bucket=None),
        estate(TO_FRIEND, bucket=elsewhere),
        estate(allow({"AWS": "999988887777"}, f"{POINT}/object/*")),
        estate(allow({"AWS": FRIEND}, f"{POINT}-2/object/*")),
        estate(allow({"AWS": FRIEND}, f"{ARN}/*")),  # the bucket's ARN is none of its own
        estate(TO_FRIEND, {**TO_FRIEND, "Effect": "Deny"}),
    ):
        assert may(shut).truth is NO


def test_the_witness_replays_under_both_names() -> None:
    answer = may(estate(TO_FRIEND))
    everything = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    request = {"request": dict(answer.witness), "identityPolicies": [everything]}
    assert simulate({**request, "resourcePolicy": document(TO_FRIEND)})["result"] == "Allowed"
    at_bucket = {**answer.witness, "resource": {"resource": f"{ARN}/x", "accountId": ACCOUNT}}
    request = {"request": at_bucket, "identityPolicies": [everything]}
    assert simulate({**request, "resourcePolicy": document(DELEGATES)})["result"] == "Allowed"


def test_the_same_key_must_suit_both() -> None:
    """The access point opens `public/`, the bucket's policy all but that."""
    point = allow({"AWS": FRIEND}, f"{POINT}/object/public/*")
    assert may(estate(point)).witness["resource"]["resource"] == f"{POINT}/object/public/"
    but = {key: value for key, value in DELEGATES.items() if key != "Resource"}
    assert may(estate(point, bucket={**but, "NotResource": f"{ARN}/public/*"})).truth is NO
    assert may(estate(point, bucket={**but, "NotResource": f"{ARN}/public/a*"})).truth is YES


def test_a_bucket_that_names_the_access_point_leaves_it_to_that_one_alone() -> None:
    condition = {"ArnEquals": {"s3:DataAccessPointArn": POINT}}
    assert may(estate(TO_FRIEND, bucket={**DELEGATES, "Condition": condition})).truth is YES
    other = {"ArnEquals": {"s3:DataAccessPointArn": f"{POINT}-2"}}
    assert may(estate(TO_FRIEND, bucket={**DELEGATES, "Condition": other})).truth is NO


def test_the_bucket_of_a_plain_policy_is_judged_as_before() -> None:
    plain = allow("*", f"{ARN}/*", Sid="Public")
    for who in ("anonymous", FRIEND):
        answer = may(estate(bucket=plain), who)
        assert (answer.truth, answer.statement) == (YES, "bucket policy Public")
        assert may(estate(bucket=plain), who, "s3:PutObject").truth is NO


def test_what_changes_a_bucket_cannot_be_done_through_an_access_point() -> None:
    everything = allow({"AWS": FRIEND}, [POINT, f"{POINT}/object/*"], "s3:*")
    for action, expected in (
        ("s3:PutObject", YES),
        ("s3:ListBucket", YES),
        ("s3:FutureAction", YES),
        ("s3:PutBucketPolicy", NO),
        ("s3:DeleteBucket", NO),
    ):
        assert may(estate(everything), action=action).truth is expected, action


# --- public access ----------------------------------------------------------------------------


def test_a1_the_access_point_has_a_switch_of_its_own_and_the_stricter_level_wins() -> None:
    assert may(estate(TO_ALL), "anonymous").truth is YES
    held = may(estate(TO_ALL, restrict=True), "anonymous")
    assert held.truth is NO
    assert any("RestrictPublicBuckets" in reason for reason in held.reasons)
    assert may(estate(TO_ALL, account=True), "anonymous").truth is NO
    # One public statement holds all of the policy back, and a policy without one nothing (A2).
    assert may(estate(TO_ALL, TO_FRIEND, restrict=True)).truth is NO
    assert may(estate(TO_FRIEND, restrict=True)).truth is YES


def test_a_switch_that_is_not_known_leaves_it_open() -> None:
    inventory = estate(TO_ALL, AccessPointPublicAccessBlocks=...)
    assert may(inventory, "anonymous").truth is UNKNOWN


def test_s3_s_own_classification_stands_in_where_ours_is_open() -> None:
    odd = {**TO_ALL, "Condition": {"StringMatches": {"aws:UserAgent": "x"}}}

    def status(public: bool) -> dict[str, Any]:
        item = {"AccessPointArn": POINT, "PolicyStatus": {"IsPublic": public}}
        return {"AccessPointPolicyStatuses": [item]}

    inventory = estate(TO_ALL, odd, restrict=True, **status(True))
    assert may(inventory, "anonymous").truth is NO
    only = estate(odd, restrict=True, **status(True))
    assert may(only, "anonymous").truth is NO  # public, says S3, so that the switch holds it back
    assert may(estate(odd, restrict=True, **status(False)), "anonymous").truth is UNKNOWN


# --- network origin ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vpc", "who", "expected"),
    [
        ("", "anonymous", YES),
        ("vpc-ours", "anonymous", NO),
        ("vpc-ours", "any", NO),
        ("vpc-theirs", "anonymous", UNKNOWN),
        ("vpc-ours", FRIEND, YES),
    ],
)
def test_an_access_point_of_a_vpc_takes_requests_from_it_alone(
    vpc: str, who: str, expected: Truth
) -> None:
    answer = may(estate(TO_ALL, vpc=vpc), who)
    assert answer.truth is expected
    if answer.truth is YES and vpc:
        assert answer.witness["context"]["aws:SourceVpc"] == vpc


def test_an_access_point_of_a_vpc_is_never_public_says_s3() -> None:
    assert may(estate(TO_ALL, vpc="vpc-ours", restrict=True)).truth is YES
    assert may(estate(TO_ALL, restrict=True)).truth is NO


def test_through_a_vpc_there_is_no_public_address() -> None:
    inside = {**TO_FRIEND, "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}}
    assert may(estate(inside)).truth is YES
    assert may(estate(inside, vpc="vpc-ours")).truth is NO


# --- what is not known --------------------------------------------------------------------------


def test_a_list_that_was_not_collected_matters_only_where_it_is_left_to_access_points() -> None:
    gap = Gap("s3:ListAccessPoints", f"{ACCOUNT}/{REGION}", "AccessDenied", "AccessPointList")
    for missing in (
        estate(AccessPointList=..., failed=(gap,)),
        estate(AccessPointList=...),
    ):
        answer = may(missing)
        assert answer.truth is UNKNOWN
        assert [g.what for g in answer.gaps] == ["s3:ListAccessPoints"]
    plain = allow({"AWS": "999988887777"}, f"{ARN}/*")
    assert may(estate(bucket=plain, AccessPointList=..., failed=(gap,))).truth is NO


def test_a_policy_that_was_not_collected_or_cannot_be_read_leaves_it_open() -> None:
    assert may(estate(TO_FRIEND, AccessPointPolicies=...)).truth is UNKNOWN
    broken = [{"AccessPointArn": POINT, "Policy": "{"}]
    assert may(estate(AccessPointPolicies=broken)).truth is UNKNOWN


def test_a_variable_in_front_of_the_key_is_not_modelled() -> None:
    odd = allow({"AWS": FRIEND}, f"arn:aws:s3:${{aws:RequestedRegion}}:{ACCOUNT}:accesspoint/*")
    assert may(estate(odd)).truth is UNKNOWN
    own = allow({"AWS": FRIEND}, f"{POINT}/object/${{aws:PrincipalTag/team}}/*")
    assert may(estate(own)).truth is YES


# --- what is made of it -------------------------------------------------------------------------


def test_a15_a_writer_through_an_access_point_is_a_writer() -> None:
    writer = allow({"AWS": FRIEND}, f"{POINT}/object/*", "s3:PutObject")
    parts = {part.code: part for part in public_read_only(Exposure(estate(writer)).bucket(BUCKET))}
    assert parts["s3-no-outside-write"].truth is NO
    assert parts["s3-no-outside-list"].truth is YES


def test_access_names_whom_only_the_access_point_names() -> None:
    access = Access(estate(TO_FRIEND))
    found = {f.subject.id: f.truth for f in access.to(access.target(BUCKET), READ)}
    assert found[FRIEND] is YES
    assert "anonymous" not in found


ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"


def ann(*statements: dict[str, Any], own: Any = None, **more: Any) -> Truth:
    """What a user of the account may do, whose own policy allows `own`."""
    listed = [] if own is None else [{"Effect": "Allow", "Action": READ, "Resource": own}]
    user = {
        "UserName": "ann",
        "Arn": ANN,
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": document(*listed)}],
    }
    lists = {"UserDetailList": [user], "RoleDetailList": [], "GroupDetailList": [], "Policies": []}
    organization = {"Organizations": [{"AccountId": ACCOUNT, "Organization": None}]}
    access = Access(estate(*statements, **lists, **organization, **more))
    (found,) = access.to(access.target(BUCKET), READ, ANN)
    return found.truth


def test_a_user_of_the_account_needs_the_access_point_s_policy_too() -> None:
    """The bucket lets everybody in who comes through an access point of the account."""
    assert ann() is NO
    assert ann(allow({"AWS": ANN}, f"{POINT}/object/*")) is UNKNOWN
    assert ann(allow({"AWS": FRIEND}, f"{POINT}/object/*")) is NO
    assert ann(own=f"{ARN}/*") is YES  # straight to the bucket
    assert ann(own=f"{POINT}/object/*") is UNKNOWN
    gap = Gap("s3:ListAccessPoints", f"{ACCOUNT}/{REGION}", "AccessDenied", "AccessPointList")
    assert ann(AccessPointList=..., failed=(gap,)) is UNKNOWN


KEYS = st.text("ab/*?", max_size=5)
PIECES = st.lists(
    st.sampled_from(["*", "?", "a", "b", "/", POINT, "/object/", POINT[:20], "arn:aws:s3:"]),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, max_examples=300)
@given(pieces=PIECES, key=KEYS)
def test_a_moved_pattern_takes_in_exactly_what_it_did(pieces: list[str], key: str) -> None:
    """With the simulator's matching as the judge."""
    written = "".join(pieces)
    policy = parse_policy(document(allow("*", written)))
    moved = seen_from_bucket(policy, POINT, ARN).statements[0].resources or ()
    nothing = Context({})

    def takes(patterns: Any, text: str) -> bool:
        return any(pattern_reach(p, text, nothing) is Reach.ALL for p in patterns)

    key = key.replace("*", "c").replace("?", "d")
    original = policy.statements[0].resources or ()
    assert takes(moved, f"{ARN}/{key}") is takes(original, f"{POINT}/object/{key}")
    assert takes(moved, ARN) is takes(original, POINT)


# --- of several Regions ---------------------------------------------------------------------

WIDE = f"arn:aws:s3::{ACCOUNT}:accesspoint/mfzwi23gnjvgw.mrap"


def wide(
    principal: Any,
    *,
    restrict: bool = False,
    bucket: str = BUCKET,
    policies: bool = True,
    **more: Any,
) -> Inventory:
    """The bucket has no other access point; of this one only the policy grants anything."""
    own = document(allow(principal, f"{WIDE}/object/*"))
    described = {
        "Name": "all",
        "Alias": "mfzwi23gnjvgw.mrap",
        "PublicAccessBlock": {"RestrictPublicBuckets": restrict},
        "Regions": [{"Bucket": bucket, "Region": REGION}],
    }
    document_of = {"Established": {"Policy": json.dumps(own)}}
    listed = [{"MultiRegionAccessPoint": "all", "Policy": document_of}]
    return estate(
        AccessPointList=[],
        MultiRegionAccessPoints=[described],
        **({"MultiRegionAccessPointPolicies": listed} if policies else {}),
        **more,
    )


def test_an_access_point_of_several_regions_lets_in_whom_its_policy_names() -> None:
    answer = may(wide({"AWS": FRIEND}))
    assert answer.truth is YES
    assert answer.witness["resource"] == {"resource": f"{WIDE}/object/x", "accountId": ACCOUNT}
    assert may(wide({"AWS": "999988887777"})).truth is NO
    assert may(wide({"AWS": FRIEND}, bucket="another")).truth is NO
    assert may(wide({"AWS": FRIEND}, policies=False)).truth is UNKNOWN


def test_it_takes_signed_requests_alone() -> None:
    assert may(wide("*"), "any").truth is YES
    assert may(wide("*"), "anonymous").truth is NO
    assert may(estate(TO_ALL), "anonymous").truth is YES


def test_its_own_switch_holds_a_public_policy_back() -> None:
    assert may(wide("*", restrict=True), "any").truth is NO
    assert may(wide({"AWS": FRIEND}, restrict=True)).truth is YES


def test_a_list_of_them_that_was_refused_leaves_open_what_the_policy_leaves_to_access_points() -> (
    None
):
    key = "MultiRegionAccessPoints"
    gap = Gap("s3:ListMultiRegionAccessPoints", f"{ACCOUNT}/global", "AccessDenied", key)
    without = estate(AccessPointList=[])
    assert may(without).truth is NO
    answer = may(estate(AccessPointList=[], failed=(gap,)))
    assert (answer.truth, answer.gaps) == (UNKNOWN, (gap,))
    plain = allow({"AWS": "999988887777"}, f"{ARN}/*")
    assert may(estate(AccessPointList=[], bucket=plain, failed=(gap,))).truth is NO
