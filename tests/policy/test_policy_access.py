"""Buckets, users, repositories and snapshots: who may do what."""

from __future__ import annotations

import json
from typing import Any

import pytest
from policy_estate import ACCOUNT, REGION, Document, analysis

from mute_audit.finding import Finding, PolicyResult
from mute_audit.policy.checks import access
from mute_audit.policy.context import Context
from mute_audit.verdict import Gap, Verdict

FULL_ACCESS = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
OTHER = "444455556666"
CHECKS = {
    "s3.public-read-only": access.public_read_only,
    "s3.not-public": access.not_public,
    "iam.exact-policies": access.exact_policies,
    "ecr.private": access.repositories_private,
    "rds.snapshot-private": access.snapshots_private,
}


def judge(policy: Any, estate: Document, *gaps: Gap) -> PolicyResult:
    return CHECKS[policy.kind](policy, Context(analysis(estate, *gaps)))


def the_one(result: PolicyResult) -> Finding:
    (found,) = result.findings
    return found


def allow(*actions: str, principal: Any = "*", resource: str = "arn:aws:s3:::songs/*") -> Document:
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": list(actions),
        "Resource": resource,
    }


def document(*statements: Document) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def account() -> Document:
    """A bucket that anyone may read, a user with one policy, a repository, a snapshot."""
    repository = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/app"
    return {
        "Buckets": [{"Name": "songs", "BucketRegion": REGION}],
        "BucketPolicies": [{"Bucket": "songs", "Policy": document(allow("s3:GetObject"))}],
        "BucketAcls": [{"Bucket": "songs", "Owner": {"ID": "me"}, "Grants": []}],
        "BucketOwnershipControls": [
            {
                "Bucket": "songs",
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            }
        ],
        "BucketPublicAccessBlocks": [
            {
                "Bucket": "songs",
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "IgnorePublicAcls": True,
                    "BlockPublicPolicy": False,
                    "RestrictPublicBuckets": False,
                },
            }
        ],
        "AccountPublicAccessBlocks": [
            {"AccountId": ACCOUNT, "PublicAccessBlockConfiguration": None}
        ],
        "UserDetailList": [
            {
                "UserName": "writer",
                "Arn": f"arn:aws:iam::{ACCOUNT}:user/writer",
                "AttachedManagedPolicies": [
                    {"PolicyName": "AmazonS3FullAccess", "PolicyArn": FULL_ACCESS}
                ],
            }
        ],
        "repositories": [
            {"repositoryArn": repository, "repositoryName": "app", "registryId": ACCOUNT}
        ],
        "RepositoryPolicies": [{"repositoryName": "app", "policyText": None}],
        "DBSnapshots": [
            {
                "DBSnapshotIdentifier": "nightly",
                "DBSnapshotArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:nightly",
                "DBInstanceIdentifier": "orders",
                "Encrypted": False,
            }
        ],
        "DBSnapshotAttributesResults": [
            {
                "DBSnapshotIdentifier": "nightly",
                "DBSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": []}],
            }
        ],
    }


def set_policy(account: Document, *statements: Document) -> None:
    account["BucketPolicies"][0]["Policy"] = document(*statements)


class TestPublicReadOnly:
    @pytest.fixture
    def policy(self, make: Any) -> Any:
        return make("s3.public-read-only", buckets="songs")

    def test_read_by_policy_and_nothing_else_passes(self, policy: Any, account: Document) -> None:
        result = judge(policy, account)
        assert (result.verdict, result.judged, result.findings) == (Verdict.PASS, 1, ())

    def test_public_write_fails_with_the_request(self, policy: Any, account: Document) -> None:
        set_policy(account, allow("s3:GetObject", "s3:PutObject"))
        found = the_one(judge(policy, account))
        assert (found.verdict, found.code) == (Verdict.FAIL, "s3.write_public")
        assert "s3:PutObject" in found.params["action"]
        assert found.evidence.request is not None
        assert found.evidence.request["action"] == "s3:PutObject"

    def test_another_account_is_told_by_its_number(self, policy: Any, account: Document) -> None:
        other = {"AWS": f"arn:aws:iam::{OTHER}:root"}
        set_policy(account, allow("s3:GetObject"), allow("s3:DeleteObject", principal=other))
        found = the_one(judge(policy, account))
        assert (found.code, found.params["account"]) == ("s3.outside_access", OTHER)

    def test_no_public_read_fails(self, policy: Any, account: Document) -> None:
        account["BucketPolicies"][0]["Policy"] = None
        found = the_one(judge(policy, account))
        assert (found.verdict, found.code) == (Verdict.FAIL, "s3.read_not_public")

    def test_restricted_public_buckets_fail(self, policy: Any, account: Document) -> None:
        block = account["BucketPublicAccessBlocks"][0]["PublicAccessBlockConfiguration"]
        block["RestrictPublicBuckets"] = True
        codes = {f.code for f in judge(policy, account).findings}
        assert codes == {"s3.restrict_on", "s3.read_not_public"}

    def test_a_public_acl_fails_when_acls_count(self, policy: Any, account: Document) -> None:
        everyone = "http://acs.amazonaws.com/groups/global/AllUsers"
        account["BucketAcls"][0]["Grants"] = [
            {"Grantee": {"Type": "Group", "URI": everyone}, "Permission": "READ"}
        ]
        block = account["BucketPublicAccessBlocks"][0]["PublicAccessBlockConfiguration"]
        block["IgnorePublicAcls"] = False
        assert judge(policy, account).verdict is Verdict.PASS
        rules = account["BucketOwnershipControls"][0]["OwnershipControls"]["Rules"]
        rules[0]["ObjectOwnership"] = "ObjectWriter"
        result = judge(policy, account)
        assert result.verdict is Verdict.FAIL
        assert "s3.acl_way_open" in {f.code for f in result.findings}

    def test_acls_of_objects_that_are_not_read_leave_it_open(
        self, policy: Any, account: Document
    ) -> None:
        rules = account["BucketOwnershipControls"][0]["OwnershipControls"]["Rules"]
        rules[0]["ObjectOwnership"] = "ObjectWriter"
        assert judge(policy, account).verdict is Verdict.PASS  # public ones are ignored
        block = account["BucketPublicAccessBlocks"][0]["PublicAccessBlockConfiguration"]
        block["IgnorePublicAcls"] = False
        result = judge(policy, account)
        assert result.verdict is Verdict.UNKNOWN
        assert {f.code for f in result.findings} == {"s3.acl_way_unknown", "s3.unknown"}

    def test_block_public_policy_is_said_and_breaks_nothing(
        self, policy: Any, account: Document
    ) -> None:
        block = account["BucketPublicAccessBlocks"][0]["PublicAccessBlockConfiguration"]
        block["BlockPublicPolicy"] = True
        result = judge(policy, account)
        assert result.verdict is Verdict.PASS
        assert the_one(result).code == "s3.block_policy_on"

    def test_a_policy_that_could_not_be_read_is_unknown(
        self, policy: Any, account: Document
    ) -> None:
        account["BucketPolicies"] = []
        gap = Gap("s3:GetBucketPolicy", "songs", "AccessDenied", "BucketPolicies")
        result = judge(policy, account, gap)
        assert result.verdict is Verdict.UNKNOWN
        assert gap in result.gaps

    def test_a_bucket_that_is_gone_fails(self, policy: Any, account: Document) -> None:
        account["Buckets"] = []
        found = the_one(judge(policy, account))
        assert (found.verdict, found.code) == (Verdict.FAIL, "subject.missing")

    def test_buckets_that_could_not_be_listed_are_unknown(
        self, policy: Any, account: Document
    ) -> None:
        del account["Buckets"]
        gap = Gap("s3:ListAllMyBuckets", f"{ACCOUNT}/global", "AccessDenied", "Buckets")
        found = the_one(judge(policy, account, gap))
        assert (found.verdict, found.code) == (Verdict.UNKNOWN, "s3.unknown")

    def test_a_bucket_whose_list_nobody_saved_is_unknown_and_not_gone(
        self, policy: Any, account: Document
    ) -> None:
        """An empty list says that it is gone; no list at all says nothing of it."""
        del account["Buckets"]
        found = the_one(judge(policy, account))
        assert (found.verdict, found.code) == (Verdict.UNKNOWN, "s3.unknown")
        account["Buckets"] = []
        assert the_one(judge(policy, account)).code == "subject.missing"


class TestNotPublic:
    def test_reading_is_fine_where_listing_and_writing_are_asked(
        self, make: Any, account: Document
    ) -> None:
        policy = make("s3.not-public", access=["list", "write", "configure"])
        assert judge(policy, account).verdict is Verdict.PASS
        assert judge(make("s3.not-public", access=["read"]), account).verdict is Verdict.FAIL

    @pytest.mark.parametrize(
        ("word", "action", "resource"),
        [
            ("list", "s3:ListBucket", "arn:aws:s3:::songs"),
            ("write", "s3:DeleteObject", "arn:aws:s3:::songs/*"),
            ("configure", "s3:PutBucketPolicy", "arn:aws:s3:::songs"),
            ("configure", "s3:PutBucketAcl", "arn:aws:s3:::songs"),
        ],
    )
    def test_each_word_stands_for_its_actions(
        self, make: Any, account: Document, word: str, action: str, resource: str
    ) -> None:
        set_policy(account, allow(action, resource=resource))
        for asked in ("read", "list", "write", "configure"):
            result = judge(make("s3.not-public", access=[asked]), account)
            assert result.verdict is (Verdict.FAIL if asked == word else Verdict.PASS)

    def test_a_named_account_is_somebody_outside_but_not_anyone(
        self, make: Any, account: Document
    ) -> None:
        other = {"AWS": f"arn:aws:iam::{OTHER}:root"}
        set_policy(account, allow("s3:PutObject", principal=other))
        strict = make("s3.not-public", access=["write"])
        assert the_one(judge(strict, account)).params["account"] == OTHER
        lenient = make("s3.not-public", access=["write"], outsiders="anyone")
        assert judge(lenient, account).verdict is Verdict.PASS


class TestExactPolicies:
    @pytest.fixture
    def policy(self, make: Any) -> Any:
        return make("iam.exact-policies", users="writer", policies=FULL_ACCESS)

    def test_the_one_policy_passes(self, policy: Any, account: Document) -> None:
        assert judge(policy, account).verdict is Verdict.PASS

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"AttachedManagedPolicies": []}, "iam.missing_policy"),
            (
                {
                    "AttachedManagedPolicies": [
                        {"PolicyArn": FULL_ACCESS},
                        {"PolicyArn": "arn:aws:iam::aws:policy/IAMFullAccess"},
                    ]
                },
                "iam.unexpected_policy",
            ),
            ({"UserPolicyList": [{"PolicyName": "more"}]}, "iam.inline_policy"),
            ({"GroupList": ["admins"]}, "iam.group_membership"),
        ],
    )
    def test_any_other_right_fails(
        self, policy: Any, account: Document, change: Document, code: str
    ) -> None:
        account["UserDetailList"][0].update(change)
        found = the_one(judge(policy, account))
        assert (found.verdict, found.code) == (Verdict.FAIL, code)

    def test_each_extra_policy_is_a_finding(self, policy: Any, account: Document) -> None:
        account["UserDetailList"][0]["GroupList"] = ["admins", "ops"]
        result = judge(policy, account)
        assert [f.params["group"] for f in result.findings] == ["admins", "ops"]
        assert len({f.identity for f in result.findings}) == 2

    def test_a_boundary_is_said_and_breaks_nothing(self, policy: Any, account: Document) -> None:
        arn = f"arn:aws:iam::{ACCOUNT}:policy/limit"
        account["UserDetailList"][0]["PermissionsBoundary"] = {"PermissionsBoundaryArn": arn}
        result = judge(policy, account)
        assert result.verdict is Verdict.PASS
        assert the_one(result).params["boundary"] == arn

    def test_a_user_that_is_gone_fails(self, policy: Any, account: Document) -> None:
        account["UserDetailList"][0]["UserName"] = "reader"
        found = the_one(judge(policy, account))
        assert (found.verdict, found.code) == (Verdict.FAIL, "iam.no_such_user")

    def test_users_that_could_not_be_listed_are_unknown(
        self, policy: Any, account: Document
    ) -> None:
        del account["UserDetailList"]
        action = "iam:GetAccountAuthorizationDetails"
        gap = Gap(action, f"{ACCOUNT}/global", "AccessDenied", "UserDetailList")
        assert judge(policy, account, gap).verdict is Verdict.UNKNOWN
        assert judge(policy, account).verdict is Verdict.UNKNOWN


class TestRepositories:
    @pytest.fixture
    def policy(self, make: Any) -> Any:
        return make("ecr.private", repositories="app")

    @staticmethod
    def open_to(account: Document, principal: Any) -> None:
        statement = {"Effect": "Allow", "Principal": principal, "Action": "ecr:BatchGetImage"}
        account["RepositoryPolicies"][0]["policyText"] = document(statement)

    def test_no_policy_passes(self, policy: Any, account: Document) -> None:
        assert judge(policy, account).verdict is Verdict.PASS

    def test_open_to_everybody_fails_with_the_request(self, policy: Any, account: Document) -> None:
        self.open_to(account, "*")
        found = the_one(judge(policy, account))
        assert (found.verdict, found.code) == (Verdict.FAIL, "ecr.public")
        assert found.evidence.request is not None
        assert found.evidence.request["action"] == "ecr:BatchGetImage"

    def test_open_to_one_account_fails_unless_only_anyone_counts(
        self, policy: Any, make: Any, account: Document
    ) -> None:
        self.open_to(account, {"AWS": OTHER})
        found = the_one(judge(policy, account))
        assert (found.code, found.params["account"]) == ("ecr.outside_access", OTHER)
        lenient = make("ecr.private", outsiders="anyone")
        assert judge(lenient, account).verdict is Verdict.PASS

    def test_a_repository_that_is_gone_fails(self, policy: Any, account: Document) -> None:
        account["repositories"] = []
        assert the_one(judge(policy, account)).code == "subject.missing"

    def test_a_policy_that_could_not_be_read_is_unknown(
        self, policy: Any, account: Document
    ) -> None:
        account["RepositoryPolicies"] = []
        arn = account["repositories"][0]["repositoryArn"]
        gap = Gap("ecr:GetRepositoryPolicy", arn, "AccessDenied", "RepositoryPolicies")
        found = the_one(judge(policy, account, gap))
        assert (found.verdict, found.code) == (Verdict.UNKNOWN, "ecr.unknown")


class TestSnapshots:
    @staticmethod
    def share(account: Document, *values: str) -> None:
        account["DBSnapshotAttributesResults"][0]["DBSnapshotAttributes"][0]["AttributeValues"] = (
            list(values)
        )

    def test_a_private_snapshot_passes(self, make: Any, account: Document) -> None:
        result = judge(make("rds.snapshot-private"), account)
        assert (result.verdict, result.judged) == (Verdict.PASS, 1)

    def test_a_public_snapshot_fails(self, make: Any, account: Document) -> None:
        self.share(account, "all")
        found = the_one(judge(make("rds.snapshot-private", outsiders="anyone"), account))
        assert (found.verdict, found.code) == (Verdict.FAIL, "rds.snapshot_public")

    def test_a_shared_snapshot_fails_unless_only_anyone_counts(
        self, make: Any, account: Document
    ) -> None:
        self.share(account, OTHER)
        assert the_one(judge(make("rds.snapshot-private"), account)).params["account"] == OTHER
        lenient = make("rds.snapshot-private", outsiders="anyone")
        assert judge(lenient, account).verdict is Verdict.PASS

    def test_other_databases_are_left_out(self, make: Any, account: Document) -> None:
        self.share(account, "all")
        result = judge(make("rds.snapshot-private", databases="users"), account)
        assert (result.verdict, result.judged) == (Verdict.PASS, 0)

    def test_attributes_that_are_not_described_are_unknown(
        self, make: Any, account: Document
    ) -> None:
        account["DBSnapshotAttributesResults"] = []
        assert judge(make("rds.snapshot-private"), account).verdict is Verdict.UNKNOWN
