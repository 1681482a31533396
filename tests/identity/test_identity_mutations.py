"""Changes to the demo's access, each judged right and with the request that shows it.

The embedded AWS is described once; each change is made in the description.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from mute_audit.identity.access import Access
from mute_audit.identity.exposure import (
    Exposure,
    exactly_managed_policies,
    public_read_only_via_policy,
    repository_private,
)
from mute_audit.identity.recheck import recheck_acl
from mute_audit.identity.request import simulate
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.verdict import Truth

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BUCKET = "hackathon-mute-backend"
ARN = f"arn:aws:s3:::{BUCKET}"
USER = "hackathon_s3_ai"
FULL_ACCESS = ("arn:aws:iam::aws:policy/AmazonS3FullAccess",)
FRIEND = "111122223333"
GROUPS = "http://acs.amazonaws.com/groups/global/"
Raw = dict[str, Any]


@pytest.fixture(scope="module")
def demo() -> list[Raw]:
    """The Regions of the embedded AWS, as AWS prints them."""
    pytest.importorskip("moto")
    from mute_audit.sources.live.options import LiveOptions
    from mute_audit.sources.opening import open_source

    inventory = open_source("demo", LiveOptions(), now=NOW).inventory
    return [msgspec.to_builtins(region) for region in inventory.regions]


class Estate:
    """The description, to be changed."""

    def __init__(self, regions: list[Raw]) -> None:
        self.regions: list[Raw] = json.loads(json.dumps(regions))

    def one(self, key: str, where: str, name: str) -> Raw:
        return next(i for r in self.regions for i in r.get(key, []) if i.get(where) == name)

    @property
    def inventory(self) -> Inventory:
        return Inventory(tuple(msgspec.convert(r, RegionInventory) for r in self.regions))

    def statements(self, edit: Callable[[list[Raw]], None]) -> None:
        entry = self.one("BucketPolicies", "Bucket", BUCKET)
        document = json.loads(entry["Policy"])
        edit(document["Statement"])
        entry["Policy"] = json.dumps(document)

    def switches(self, **changed: bool) -> None:
        entry = self.one("BucketPublicAccessBlocks", "Bucket", BUCKET)
        entry.setdefault("PublicAccessBlockConfiguration", {}).update(changed)

    def whole_account(self, **on: bool) -> None:
        for region in self.regions:
            for entry in region.get("AccountPublicAccessBlocks", []):
                entry["PublicAccessBlockConfiguration"] = on

    def ownership(self, rule: str) -> None:
        entry = self.one("BucketOwnershipControls", "Bucket", BUCKET)
        entry["OwnershipControls"] = {"Rules": [{"ObjectOwnership": rule}]}

    def grant(self, permission: str, **grantee: str) -> None:
        entry = self.one("BucketAcls", "Bucket", BUCKET)
        entry["Grants"].append({"Grantee": grantee, "Permission": permission})

    @property
    def user(self) -> Raw:
        return self.one("UserDetailList", "UserName", USER)

    def managed(self, name: str, *statements: Raw) -> str:
        arn = f"arn:aws:iam::123456789012:policy/{name}"
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document}
        for region in self.regions:
            if "Policies" in region:
                region["Policies"].append(
                    {
                        "Arn": arn,
                        "PolicyName": name,
                        "DefaultVersionId": "v1",
                        "PolicyVersionList": [version],
                    }
                )
        return arn

    def repository(self, name: str, *statements: Raw) -> None:
        entry = self.one("RepositoryPolicies", "repositoryName", name)
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        entry["policyText"] = json.dumps(document)


def add(**statement: Any) -> Callable[[Estate], None]:
    return lambda estate: estate.statements(
        lambda found: found.append({"Sid": "New", "Effect": "Allow", **statement})
    )


def edit(**changed: Any) -> Callable[[Estate], None]:
    return lambda estate: estate.statements(lambda found: found[0].update(changed))


def no_tls(estate: Estate) -> None:
    estate.statements(lambda found: found.pop())


def opened_acl(group: str, permission: str) -> Callable[[Estate], None]:
    def change(estate: Estate) -> None:
        estate.ownership("ObjectWriter")
        estate.switches(IgnorePublicAcls=False, BlockPublicAcls=False)
        estate.grant(permission, URI=GROUPS + group, Type="Group")

    return change


def acl_to_friend(estate: Estate) -> None:
    estate.ownership("BucketOwnerPreferred")
    estate.grant("WRITE", ID="f" * 64, Type="CanonicalUser")


def ownership_alone(estate: Estate) -> None:
    estate.ownership("ObjectWriter")


def written_through(point: Raw | None, **more: Any) -> Callable[[Estate], None]:
    """The bucket's policy leaves writing to the access points of the account, of which one is."""
    arn = "arn:aws:s3:ap-northeast-2:123456789012:accesspoint/songs"

    def change(estate: Estate) -> None:
        condition = {"StringEquals": {"s3:DataAccessPointAccount": "123456789012"}}
        add(Principal="*", Action="s3:PutObject", Resource=f"{ARN}/*", Condition=condition)(estate)
        (region,) = [r for r in estate.regions if r["Region"] == "ap-northeast-2"]
        region["AccessPointList"] = [{"Name": "songs", "Bucket": BUCKET, "AccessPointArn": arn}]
        document = None
        if point is not None:
            statement = {"Effect": "Allow", "Action": "s3:PutObject", **point}
            statement["Resource"] = f"{arn}/object/*"
            document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        region["AccessPointPolicies"] = [{"AccessPointArn": arn, "Policy": document}]
        region["AccessPointPublicAccessBlocks"] = [
            {"AccessPointArn": arn, "PublicAccessBlockConfiguration": more}
        ]

    return change


def endpoint(name: str, described: bool) -> Callable[[Estate], None]:
    condition = {"StringEquals": {"aws:SourceVpce": name}}

    def change(estate: Estate) -> None:
        add(Principal="*", Action="s3:PutObject", Resource=f"{ARN}/*", Condition=condition)(estate)
        (region,) = [r for r in estate.regions if r["Region"] == "ap-northeast-2"]
        if described:
            region["VpcEndpoints"] = [{"VpcEndpointId": name}]

    return change


def denied_to_all(estate: Estate) -> None:
    """The ACL lets the public write, and the bucket's policy denies it again."""
    opened_acl("AllUsers", "WRITE")(estate)
    deny = {"Sid": "No", "Effect": "Deny", "Action": "s3:PutObject", **ANY}
    estate.statements(lambda found: found.append(deny))


@dataclass(frozen=True)
class Case:
    """One change of the bucket.

    parts    the parts of A15 that no longer hold, with what they become
    who      who may do `action` then, and what the answer is
    """

    name: str
    change: Callable[[Estate], None]
    parts: dict[str, Truth]
    who: str
    action: str
    answer: Truth


YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
ANY = {"Principal": "*", "Resource": f"{ARN}/*"}
CASES = (
    Case("nothing changed", lambda _: None, {}, "anonymous", "s3:GetObject", YES),
    Case("nothing changed", lambda _: None, {}, "anonymous", "s3:PutObject", NO),
    Case(
        "anyone may write",
        edit(Action=["s3:GetObject", "s3:PutObject"]),
        {"s3-no-outside-write": NO},
        "anonymous",
        "s3:PutObject",
        YES,
    ),
    Case(
        "anyone may list",
        add(Principal="*", Action="s3:ListBucket", Resource=ARN),
        {"s3-no-outside-list": NO},
        "anonymous",
        "s3:ListBucket",
        YES,
    ),
    Case(
        "anyone may change the policy, but for what is denied",
        add(Principal={"AWS": "*"}, NotAction="s3:Delete*", Resource=ARN),
        {
            "s3-no-outside-list": NO,
            "s3-no-outside-acl": NO,
            "s3-no-outside-policy": NO,
            "s3-no-outside-write": NO,
        },
        "anonymous",
        "s3:PutBucketPolicy",
        YES,
    ),
    Case(
        "a named account may delete",
        add(Principal={"AWS": FRIEND}, Action="s3:DeleteObject", Resource=f"{ARN}/*"),
        {"s3-no-outside-write": NO},
        FRIEND,
        "s3:DeleteObject",
        YES,
    ),
    Case(
        "a named account may delete, and is denied again",
        lambda estate: estate.statements(
            lambda found: found.extend(
                [
                    {
                        "Effect": effect,
                        "Principal": {"AWS": FRIEND},
                        "Action": "s3:DeleteObject",
                        "Resource": f"{ARN}/*",
                    }
                    for effect in ("Allow", "Deny")
                ]
            )
        ),
        {},
        FRIEND,
        "s3:DeleteObject",
        NO,
    ),
    Case("TLS is not asked for", no_tls, {}, "anonymous", "s3:GetObject", YES),
    Case(
        "only one network may read",
        edit(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        {},
        "anonymous",
        "s3:GetObject",
        YES,
    ),
    Case(
        "only one endpoint may read",
        edit(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
        {"s3-public-read": NO},
        "anonymous",
        "s3:GetObject",
        NO,
    ),
    Case(
        "only callers with an ARN may read",
        edit(Condition={"ArnLike": {"aws:PrincipalArn": "*"}}),
        {"s3-public-read": NO},
        "anonymous",
        "s3:GetObject",
        NO,
    ),
    Case(
        "callers with an ARN are any account",
        edit(Condition={"ArnLike": {"aws:PrincipalArn": "*"}}),
        {"s3-public-read": NO},
        "any-account",
        "s3:GetObject",
        YES,
    ),
    Case(
        "RestrictPublicBuckets at the bucket",
        lambda estate: estate.switches(RestrictPublicBuckets=True),
        {"s3-restrict-off": NO, "s3-public-read": NO},
        "anonymous",
        "s3:GetObject",
        NO,
    ),
    Case(
        "RestrictPublicBuckets at the account",
        lambda estate: estate.whole_account(RestrictPublicBuckets=True),
        {"s3-restrict-off": NO, "s3-public-read": NO},
        "anonymous",
        "s3:GetObject",
        NO,
    ),
    Case(
        "BlockPublicPolicy changes nothing that exists",
        lambda estate: estate.switches(BlockPublicPolicy=True),
        {"s3-block-public-policy-off": NO},
        "anonymous",
        "s3:GetObject",
        YES,
    ),
    Case(
        "ACLs are on, and public ones ignored",
        ownership_alone,
        {},
        "anonymous",
        "s3:PutObject",
        NO,
    ),
    Case(
        "the ACL lets the public write",
        opened_acl("AllUsers", "WRITE"),
        {"s3-acl-way-dead": NO, "s3-no-outside-write": NO, "s3-no-outside-acl": UNKNOWN},
        "anonymous",
        "s3:PutObject",
        YES,
    ),
    Case(
        "the ACL lets any account write",
        opened_acl("AuthenticatedUsers", "WRITE"),
        {"s3-acl-way-dead": NO, "s3-no-outside-write": NO, "s3-no-outside-acl": UNKNOWN},
        "any-account",
        "s3:PutObject",
        YES,
    ),
    Case(
        "… and the anonymous not",
        opened_acl("AuthenticatedUsers", "WRITE"),
        {"s3-acl-way-dead": NO, "s3-no-outside-write": NO, "s3-no-outside-acl": UNKNOWN},
        "anonymous",
        "s3:PutObject",
        NO,
    ),
    Case(
        "the ACL lets another account write",
        acl_to_friend,
        {"s3-no-outside-write": NO},
        "f" * 64,
        "s3:PutObject",
        YES,
    ),
    Case(
        "the ACL lets the public write, and a Deny takes it back",
        denied_to_all,
        {"s3-acl-way-dead": NO, "s3-no-outside-acl": UNKNOWN},
        "anonymous",
        "s3:PutObject",
        NO,
    ),
    Case(
        "whoever comes through an endpoint may write, and nobody described it",
        endpoint("vpce-1a2b", described=False),
        {"s3-no-outside-write": UNKNOWN},
        "anonymous",
        "s3:PutObject",
        NO,
    ),
    Case(
        "whoever comes through our endpoint may write",
        endpoint("vpce-1a2b", described=True),
        {},
        "anonymous",
        "s3:PutObject",
        NO,
    ),
    Case(
        "another account's service may write",
        add(
            **ANY, Action="s3:PutObject", Condition={"StringEquals": {"aws:SourceAccount": FRIEND}}
        ),
        {"s3-no-outside-write": NO},
        "anonymous",
        "s3:PutObject",
        NO,
    ),
    Case(
        "an access point without a policy lets nobody write",
        written_through(None),
        {},
        "anonymous",
        "s3:PutObject",
        NO,
    ),
    Case(
        "an access point lets a named account write",
        written_through({"Principal": {"AWS": FRIEND}}),
        {"s3-no-outside-write": NO},
        FRIEND,
        "s3:PutObject",
        YES,
    ),
    Case(
        "an access point lets everybody write",
        written_through({"Principal": "*"}),
        {"s3-no-outside-write": NO},
        "anonymous",
        "s3:PutObject",
        YES,
    ),
    Case(
        "… and its own switch holds that back",
        written_through({"Principal": "*"}, RestrictPublicBuckets=True),
        {},
        "anonymous",
        "s3:PutObject",
        NO,
    ),
    Case(
        "an unknown condition leaves it open",
        edit(Condition={"StringSounds": {"aws:UserAgent": "x"}}),
        {"s3-public-read": UNKNOWN},
        "anonymous",
        "s3:GetObject",
        UNKNOWN,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[f"{c.name}: {c.who} {c.action}" for c in CASES])
def test_a_change_of_the_bucket(demo: list[Raw], case: Case) -> None:
    """The parts of A15, the answer of `access`, and its witness in the other engine."""
    estate = Estate(demo)
    case.change(estate)
    inventory = estate.inventory
    parts = {p.code: p.truth for p in public_read_only_via_policy(inventory, BUCKET, NOW)}
    assert {code: truth for code, truth in parts.items() if truth is not YES} == case.parts
    access = Access(inventory, NOW)
    (found,) = access.to(access.target(BUCKET), case.action, case.who)
    assert found.truth is case.answer
    if case.answer is not YES:
        return
    witness = found.witness
    assert witness is not None
    sys.stdout.write(f"{case.name}: {json.dumps(witness)}\n")
    assert witness["action"] == case.action
    if any("ACL grant" in step for step in found.path):
        recheck_acl(inventory, witness)
        return
    policy = json.loads(estate.one("BucketPolicies", "Bucket", BUCKET)["Policy"])
    point = witness["resource"]["resource"].partition("/object/")[0]
    if ":accesspoint/" in point:
        policy = json.loads(estate.one("AccessPointPolicies", "AccessPointArn", point)["Policy"])
    everything = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }
    request = {"request": witness, "resourcePolicy": policy, "identityPolicies": [everything]}
    assert simulate(request)["result"] == "Allowed"


def second_policy(estate: Estate) -> None:
    arn = estate.managed("more", {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"})
    estate.user["AttachedManagedPolicies"].append({"PolicyName": "more", "PolicyArn": arn})


def inline_policy(estate: Estate) -> None:
    document = {"Version": "2012-10-17", "Statement": []}
    estate.user["UserPolicyList"] = [{"PolicyName": "own", "PolicyDocument": document}]


def in_a_group(estate: Estate) -> None:
    estate.user["GroupList"] = ["staff"]
    for region in estate.regions:
        if region["Region"] == "global":
            region["GroupDetailList"] = [{"GroupName": "staff"}]


def detached(estate: Estate) -> None:
    estate.user["AttachedManagedPolicies"] = []


def boundary(estate: Estate) -> None:
    arn = estate.managed("limit", {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"})
    estate.user["PermissionsBoundary"] = {"PermissionsBoundaryArn": arn}


# change → the part of A16 that fails, and whether the user may still write to the bucket
USERS: dict[str, tuple[Callable[[Estate], None], str, Truth]] = {
    "as meant": (lambda _: None, "", YES),
    "a second policy": (second_policy, "iam-no-other-policy", YES),
    "an inline policy": (inline_policy, "iam-no-inline-policy", YES),
    "a group": (in_a_group, "iam-no-group", YES),
    "the policy detached": (detached, "iam-policies-attached", NO),
    "a boundary that only lets read": (boundary, "iam-no-boundary", NO),
}


@pytest.mark.parametrize("name", USERS)
def test_a_change_of_the_user(demo: list[Raw], name: str) -> None:
    change, failing, writes = USERS[name]
    estate = Estate(demo)
    change(estate)
    facts = Exposure(estate.inventory, NOW).user(USER)
    broken = [c.code for c in exactly_managed_policies(facts, FULL_ACCESS) if c.truth is not YES]
    assert broken == ([failing] if failing else [])
    access = Access(estate.inventory, NOW)
    (found,) = access.to(access.target(BUCKET), "s3:PutObject", USER)
    assert found.truth is writes
    if name.startswith("a boundary"):
        assert [b.by for b in found.blocked] == ["permissions boundary"]


PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
REPOSITORIES: dict[str, tuple[Raw, Truth, Truth]] = {
    "everybody pulls": ({"Principal": "*", "Action": PULL}, YES, NO),
    "a named account pulls": ({"Principal": {"AWS": FRIEND}, "Action": PULL}, NO, YES),
    "an organisation pulls": (
        {
            "Principal": "*",
            "Action": PULL,
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        },
        NO,
        YES,
    ),
    "the account itself": (
        {"Principal": {"AWS": "123456789012"}, "Action": "ecr:*"},
        NO,
        NO,
    ),
}


@pytest.mark.parametrize("name", REPOSITORIES)
def test_a_change_of_a_repository(demo: list[Raw], name: str) -> None:
    statement, anyone, named = REPOSITORIES[name]
    estate = Estate(demo)
    estate.repository("mute-ai", {"Effect": "Allow", **statement})
    exposure = Exposure(estate.inventory, NOW).repository("mute-ai")
    assert exposure.any_account.truth is anyone
    outside = any(a.truth is YES for a in exposure.outside_accounts.values())
    assert outside is (named is YES)
    holds = all(part.truth is YES for part in repository_private(exposure))
    assert holds is (anyone is NO and named is NO)
    if anyone is YES:
        sys.stdout.write(f"{name}: {exposure.any_account.witness}\n")
        assert exposure.any_account.witness is not None
        assert exposure.any_account.witness["action"] in PULL
