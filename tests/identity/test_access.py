"""Who may do what in an estate: the layers of A6 around users and roles, path and blockers.

Each test differs from its neighbour in one fact.
"""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest
from policy_maker import ACTIONS, make_policy, make_request

from mute_audit.errors import PlaceError, UsageError
from mute_audit.identity.access import Access, Finding
from mute_audit.identity.request import simulate
from mute_audit.inventory import GLOBAL, Inventory, RegionInventory
from mute_audit.verdict import Truth

HOME, ABROAD = "123456789012", "444455556666"
ANN = f"arn:aws:iam::{HOME}:user/ann"
WORKER = f"arn:aws:iam::{HOME}:role/worker"
SESSIONS = f"arn:aws:sts::{HOME}:assumed-role/worker/"
BUCKET = "arn:aws:s3:::b"
YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
READ = "s3:GetObject"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str = READ, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str = READ, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def granted(principal: Any, action: str = READ, **more: Any) -> dict[str, Any]:
    return allow(action, f"{BUCKET}/*", Sid="Grant", Principal=principal, **more)


def estate(
    *,
    user: dict[str, Any] | None = None,
    role: dict[str, Any] | None = None,
    policy: dict[str, Any] | None = None,
    groups: list[dict[str, Any]] | None = None,
    managed: dict[str, Any] | None = None,
    organization: Any = None,
    restrict: bool = False,
    **more: Any,
) -> Inventory:
    """One account with a user, a role and a bucket."""
    text = None if policy is None else msgspec.json.encode(policy).decode()
    raw = {
        "Account": HOME,
        "Region": GLOBAL,
        "UserDetailList": [{"UserName": "ann", "Arn": ANN, **(user or {})}],
        "RoleDetailList": [
            {
                "RoleName": "worker",
                "Arn": WORKER,
                "AssumeRolePolicyDocument": document(
                    {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRole",
                        "Principal": {"Service": "ec2.amazonaws.com"},
                    }
                ),
                **(role or {}),
            }
        ],
        "GroupDetailList": groups or [],
        "Policies": [
            {
                "Arn": f"arn:aws:iam::{HOME}:policy/{name}",
                "PolicyName": name,
                "DefaultVersionId": "v1",
                "PolicyVersionList": [
                    {"VersionId": "v1", "IsDefaultVersion": True, "Document": body}
                ],
            }
            for name, body in (managed or {}).items()
        ],
        "Organizations": [{"AccountId": HOME, "Organization": organization}],
        "Buckets": [{"Name": "b", "BucketRegion": "eu-west-1"}],
        "BucketPolicies": [{"Bucket": "b", "Policy": text}],
        "BucketAcls": [{"Bucket": "b", "Owner": {"ID": "me"}, "Grants": []}],
        "BucketOwnershipControls": [
            {
                "Bucket": "b",
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            }
        ],
        "BucketPublicAccessBlocks": [
            {"Bucket": "b", "PublicAccessBlockConfiguration": {"RestrictPublicBuckets": restrict}}
        ],
        "AccountPublicAccessBlocks": [{"AccountId": HOME}],
        **more,
    }
    held = frozenset(raw) - {"Account", "Region"}
    region = msgspec.convert({**raw, "Held": sorted(held)}, RegionInventory)
    return Inventory(regions=(region,))


def inline(*statements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"PolicyName": "own", "PolicyDocument": document(*statements)}]


def attached(*names: str) -> list[dict[str, Any]]:
    return [{"PolicyName": n, "PolicyArn": f"arn:aws:iam::{HOME}:policy/{n}"} for n in names]


def bounded(name: str) -> dict[str, Any]:
    return {"PermissionsBoundaryArn": f"arn:aws:iam::{HOME}:policy/{name}"}


def ask(inventory: Inventory, who: str = ANN, to: str = "b", action: str = READ) -> Finding:
    access = Access(inventory)
    (found,) = access.to(access.target(to), action, who)
    return found


# --- own policies ---------------------------------------------------------------------------


def test_an_inline_policy_lets_its_user_in_with_the_path_of_the_grant() -> None:
    found = ask(estate(user={"UserPolicyList": inline(allow())}))
    assert (found.truth, found.path) == (YES, ("inline policy own Statement[0]",))
    assert found.witness is not None
    assert found.witness["principal"] == ANN
    assert ask(estate()).truth is NO


def test_an_attached_policy_and_that_of_a_group_count() -> None:
    managed = {"reads": document(allow())}
    found = ask(estate(user={"AttachedManagedPolicies": attached("reads")}, managed=managed))
    assert found.path == ("managed policy reads Statement[0]",)
    group = {"GroupName": "staff", "AttachedManagedPolicies": attached("reads")}
    found = ask(estate(user={"GroupList": ["staff"]}, groups=[group], managed=managed))
    assert found.path == ("managed policy reads of group staff Statement[0]",)
    assert ask(estate(groups=[group], managed=managed)).truth is NO


def test_a_policy_whose_document_is_not_known_leaves_the_answer_open() -> None:
    """It may allow, and it may deny what another one allows."""
    unread = {"AttachedManagedPolicies": attached("secret")}
    found = ask(estate(user=unread))
    assert found.truth is UNKNOWN
    assert found.gaps[0].where.endswith(":policy/secret")
    assert ask(estate(user={**unread, "UserPolicyList": inline(allow())})).truth is UNKNOWN


def test_a_boundary_limits_and_is_named_as_what_blocks_the_grant() -> None:
    user = {"UserPolicyList": inline(allow()), "PermissionsBoundary": bounded("limit")}
    open_ = ask(estate(user=user, managed={"limit": document(allow("s3:*"))}))
    assert open_.truth is YES
    shut = ask(estate(user=user, managed={"limit": document(allow("ec2:*"))}))
    assert shut.truth is NO
    (blocked,) = shut.blocked
    assert (blocked.grant, blocked.by) == ("inline policy own Statement[0]", "permissions boundary")


def test_a_deny_is_named_as_what_blocks_the_grant() -> None:
    user = {"UserPolicyList": inline(allow(), deny(Sid="Never"))}
    shut = ask(estate(user=user))
    assert shut.truth is NO
    assert [(b.grant, b.by) for b in shut.blocked] == [
        ("inline policy own Statement[0]", "inline policy own Never")
    ]
    resource = document(deny("s3:*", f"{BUCKET}/*", Sid="Closed", Principal="*"))
    shut = ask(estate(user={"UserPolicyList": inline(allow())}, policy=resource))
    assert [b.by for b in shut.blocked] == ["bucket policy Closed"]


def test_denies_that_only_together_leave_nothing_are_said_to() -> None:
    user = {
        "UserPolicyList": inline(
            allow(),
            deny(Condition={"Bool": {"aws:SecureTransport": "true"}}),
            deny(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        )
    }
    blocked = ask(estate(user=user)).blocked
    assert [b.by for b in blocked] == ["several statements together"]


# --- the resource's policy ------------------------------------------------------------------


def test_naming_the_user_suffices_and_naming_the_account_only_delegates() -> None:
    assert ask(estate(policy=document(granted({"AWS": ANN})))).truth is YES
    root = document(granted({"AWS": f"arn:aws:iam::{HOME}:root"}))
    assert ask(estate(policy=root)).truth is NO
    assert ask(estate(policy=root, user={"UserPolicyList": inline(allow())})).truth is YES


@pytest.mark.parametrize(("arn", "name", "expected"), [(ANN, "user", YES), (WORKER, "role", NO)])
def test_a_boundary_limits_what_a_resource_policy_gives_to_a_role_not_to_a_user(
    arn: str, name: str, expected: Truth
) -> None:
    limit = {"PermissionsBoundary": bounded("limit")}
    inventory = estate(
        policy=document(granted({"AWS": arn})),
        managed={"limit": document(allow("ec2:*"))},
        **{name: limit},
    )
    assert ask(inventory, arn).truth is expected


def test_a_deny_with_not_principal_takes_in_whoever_has_a_boundary() -> None:
    policy = document(
        granted({"AWS": ANN}),
        deny(READ, f"{BUCKET}/*", Sid="Others", NotPrincipal={"AWS": [ANN, HOME]}),
    )
    managed = {"limit": document(allow("s3:*"))}
    assert ask(estate(policy=policy, managed=managed)).truth is YES
    limited = estate(policy=policy, managed=managed, user={"PermissionsBoundary": bounded("limit")})
    assert ask(limited).truth is NO


def test_an_unread_bucket_policy_might_deny() -> None:
    user = {"UserPolicyList": inline(allow())}
    broken = {"Bucket": "b", "Policy": "{"}
    assert ask(estate(user=user, BucketPolicies=[broken])).truth is UNKNOWN


def test_across_accounts_both_must_allow() -> None:
    arn = f"arn:aws:iam::{ABROAD}:user/eve"
    there = msgspec.convert(
        {
            "Account": ABROAD,
            "Region": GLOBAL,
            "UserDetailList": [{"UserName": "eve", "Arn": arn, "UserPolicyList": inline(allow())}],
            "Held": ["UserDetailList", "RoleDetailList"],
        },
        RegionInventory,
    )
    for principal, expected in ((ABROAD, YES), (HOME, NO)):
        here = estate(policy=document(granted({"AWS": principal}))).regions
        found = ask(Inventory(regions=(*here, there)), arn)
        assert found.truth is expected
    (blocked,) = found.blocked
    assert blocked.by == "bucket policy"


# --- outsiders ------------------------------------------------------------------------------


def test_named_accounts_stand_beside_the_public() -> None:
    policy = document(granted({"AWS": ABROAD}), granted("*", "s3:PutObject"))
    access = Access(estate(policy=policy))
    found = {f.subject.id: f.actions for f in access.to(access.target("b"))}
    assert found["anonymous"] == ("s3:PutObject",)
    assert found["any-account"] == ("s3:PutObject",)
    assert READ in found[ABROAD]
    assert set(found) == {"anonymous", "any-account", ABROAD, ANN, WORKER}


def test_what_restrict_public_buckets_holds_back_is_named() -> None:
    policy = document(granted("*"))
    open_ = ask(estate(policy=policy), "anonymous")
    shut = ask(estate(policy=policy, restrict=True), "anonymous")
    assert (open_.truth, shut.truth) == (YES, NO)
    assert [(b.grant, b.by) for b in shut.blocked] == [
        ("bucket policy Grant", "RestrictPublicBuckets")
    ]
    assert ask(estate(policy=policy, restrict=True), ANN).truth is YES


def test_the_deny_that_stops_the_public_is_named() -> None:
    policy = document(granted("*"), deny(READ, f"{BUCKET}/*", Sid="Office", Principal="*"))
    shut = ask(estate(policy=policy), "anonymous")
    assert [(b.grant, b.by) for b in shut.blocked] == [
        ("bucket policy Grant", "bucket policy Office")
    ]


def test_one_object_is_not_every_object() -> None:
    policy = document(allow(READ, f"{BUCKET}/open/*", Principal="*"))
    inventory = estate(policy=policy)
    assert ask(inventory, "anonymous", f"{BUCKET}/open/x").truth is YES
    assert ask(inventory, "anonymous", f"{BUCKET}/shut/x").truth is NO


# --- roles ----------------------------------------------------------------------------------


def trusting(principal: Any, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}
    return {"AssumeRolePolicyDocument": document(statement)}


ASSUME = "sts:AssumeRole"


def test_a_trust_policy_must_itself_allow() -> None:
    user = {"UserPolicyList": inline(allow("sts:*"))}
    shut = ask(estate(user=user), ANN, "worker", ASSUME)
    assert shut.truth is NO
    assert [b.by for b in shut.blocked] == ["trust policy"]
    by_root = trusting({"AWS": f"arn:aws:iam::{HOME}:root"})
    assert ask(estate(user=user, role=by_root), ANN, "worker", ASSUME).truth is YES
    assert ask(estate(role=by_root), ANN, "worker", ASSUME).truth is NO
    by_name = trusting({"AWS": ANN})
    assert ask(estate(role=by_name), ANN, "worker", ASSUME).truth is YES


def test_a_trust_policy_speaks_of_trust_alone() -> None:
    """Whatever it names, it gives nobody a right over the role, and takes none."""
    wide = {
        "AssumeRolePolicyDocument": document(
            {"Effect": "Allow", "Action": "*", "Principal": {"AWS": ANN}},
            {"Effect": "Deny", "Action": "iam:*", "Principal": "*"},
        )
    }
    assert ask(estate(role=wide), ANN, "worker", "iam:DeleteRole").truth is NO
    user = {"UserPolicyList": inline(allow("iam:*"))}
    assert ask(estate(role=wide, user=user), ANN, "worker", "iam:DeleteRole").truth is YES
    assert ask(estate(role=wide), ANN, "worker", ASSUME).truth is YES


def test_services_and_outside_accounts_that_a_role_trusts_are_shown() -> None:
    access = Access(estate(role=trusting({"AWS": ABROAD, "Service": "lambda.amazonaws.com"})))
    found = {f.subject.id: f.truth for f in access.to(access.target("worker"), ASSUME)}
    assert found == {ABROAD: YES, "lambda.amazonaws.com": YES}


# --- the organisation -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("organization", "expected"),
    [
        (None, YES),
        ({"Id": "o-acme", "MasterAccountId": HOME}, YES),
        ({"Id": "o-acme", "MasterAccountId": ABROAD}, UNKNOWN),
    ],
)
def test_a_service_control_policy_could_only_bind_a_member_account(
    organization: Any, expected: Truth
) -> None:
    user = {"UserPolicyList": inline(allow())}
    found = ask(estate(user=user, organization=organization))
    assert found.truth is expected
    assert found.witness is not None
    assert any("o-acme" in r for r in found.reasons) is (expected is UNKNOWN)


# --- what one principal may do --------------------------------------------------------------


def test_what_a_user_may_do_is_listed_over_the_whole_estate() -> None:
    user = {"UserPolicyList": inline(allow("s3:PutObject", f"{BUCKET}/*"), allow("iam:Get*"))}
    found = Access(estate(user=user)).by("ann")
    assert {f.target.name: f.truth for f in found} == {"b": YES, "ann": YES, "worker": YES}
    assert next(f for f in found if f.target.name == "b").actions == ("s3:PutObject",)


def test_names_that_nobody_has_are_errors() -> None:
    access = Access(estate())
    with pytest.raises(PlaceError, match="there is no principal `nobody`"):
        access.to(access.target("b"), READ, "nobody")
    with pytest.raises(PlaceError, match="there is no bucket"):
        access.target("nothing")
    with pytest.raises(UsageError, match="is nothing that can be done to"):
        access.to(access.target("b"), "ec2:RunInstances")


def test_every_witness_replays_with_all_layers_through_the_simulator() -> None:
    """As the JSON of `simulate`, so that a person can do the same."""
    body = document(allow("s3:*", Condition={"StringLike": {"aws:Referer": "https://x/*"}}))
    limit = document(allow(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
    policy = document(
        deny("s3:*", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    )
    user = {
        "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": body}],
        "PermissionsBoundary": bounded("limit"),
    }
    found = ask(estate(user=user, policy=policy, managed={"limit": limit}))
    assert found.truth is YES
    request = {
        "request": found.witness,
        "identityPolicies": [body],
        "resourcePolicy": policy,
        "permissionBoundaries": [limit],
    }
    assert simulate(request)["result"] == "Allowed"
    assert simulate({**request, "identityPolicies": []})["result"] == "ImplicitlyDenied"


# --- both engines, with all layers ------------------------------------------------------------


def identity_policy(random: Random) -> dict[str, Any]:
    """A made-up policy without principals, as users and roles have them."""
    made = make_policy(random)
    for statement in made["Statement"]:
        statement.pop("Principal", None)
        statement.pop("NotPrincipal", None)
    return made


def made_up(random: Random) -> tuple[Inventory, dict[str, Any], str, str]:
    """An estate whose layers are all made up, the layers as `simulate` takes them, and who asks."""
    own = [identity_policy(random) for _ in range(random.randint(0, 2))]
    limit = identity_policy(random) if random.random() < 0.4 else None
    policy = make_policy(random) if random.random() < 0.7 else None
    for statement in policy["Statement"] if policy else ():
        if "NotPrincipal" in statement and random.random() < 0.5:
            named = (ANN, WORKER, HOME, f"{SESSIONS}job", f"{SESSIONS}other", ABROAD)
            statement["NotPrincipal"] = {"AWS": random.sample(named, random.randint(1, 4))}
        elif random.random() < 0.5:
            statement.pop("NotPrincipal", None)
            who = (ANN, WORKER, HOME, f"arn:aws:iam::{HOME}:root", ABROAD)
            statement["Principal"] = {"AWS": random.choice(who)}
    kind = random.choice(("user", "role"))
    listed = "UserPolicyList" if kind == "user" else "RolePolicyList"
    holder: dict[str, Any] = {
        listed: [{"PolicyName": f"p{n}", "PolicyDocument": d} for n, d in enumerate(own)]
    }
    managed = {}
    if limit is not None:
        managed["limit"] = limit
        holder["PermissionsBoundary"] = bounded("limit")
    layers: dict[str, Any] = {"identityPolicies": own}
    if policy is not None:
        layers["resourcePolicy"] = policy
    if limit is not None:
        layers["permissionBoundaries"] = [limit]
    inventory = estate(policy=policy, managed=managed, **{kind: holder})
    if kind == "user":
        return inventory, layers, ANN, ANN
    return inventory, layers, WORKER, f"{SESSIONS}job"


def assert_both_engines_agree(random: Random) -> None:
    inventory, layers, arn, principal = made_up(random)
    answers = {action: ask(inventory, arn, "b", action) for action in ACTIONS}
    for answer in answers.values():
        if answer.truth is YES:
            assert simulate({"request": answer.witness, **layers})["result"] == "Allowed"
    for _ in range(12):
        request = make_request(random, "any")
        request["principal"] = principal
        request["resource"]["accountId"] = HOME
        found = simulate({"request": request, **layers})["result"]
        if found == "Allowed":
            assert answers[request["action"]].truth is not NO, (layers, request)


def test_every_allowed_request_lies_in_a_class_that_is_allowed() -> None:
    """With identity policies, boundaries and resource policies, for users and for roles."""
    random = Random(23)
    for _ in range(150):
        assert_both_engines_agree(random)


@pytest.mark.slow
def test_the_engines_agree_on_three_thousand_estates() -> None:
    random = Random(29)
    for _ in range(3_000):
        assert_both_engines_agree(random)
