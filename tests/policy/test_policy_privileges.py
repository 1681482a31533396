"""Credentials and privileges: each case differs in one fact from one that passes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from policy_estate import ACCOUNT, Document, analysis

from mute_audit.analysis import Analysis
from mute_audit.finding import PolicyResult
from mute_audit.policy.context import Context
from mute_audit.policy.registry import KINDS
from mute_audit.verdict import Gap, Verdict

NOW = datetime(2026, 4, 1, tzinfo=UTC)
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"
WORKER = f"arn:aws:iam::{ACCOUNT}:role/worker"
STAFF = f"arn:aws:iam::{ACCOUNT}:group/staff"
TEAM = f"arn:aws:iam::{ACCOUNT}:policy/team"
PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
WORDS = {"en": "x"}


def judge(kind: str, estate: Document, *gaps: Gap, **fields: Any) -> PolicyResult:
    row = KINDS[kind]
    policy = row.model.model_validate(
        {
            "id": "p",
            "kind": kind,
            "title": WORDS,
            "severity": "high",
            "description": WORDS,
            "remediation": WORDS,
            **fields,
        }
    )
    inventory = analysis(estate, *gaps).inventory
    return row.check(policy, Context(Analysis(inventory, NOW)))


def document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any = "*", **more: Any) -> Document:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def key(made: str, status: str = "Active") -> Document:
    return {"AccessKeyId": f"AKIA{made[:4]}", "Status": status, "CreateDate": made}


@pytest.fixture
def account() -> Document:
    """A user in a group with a policy of the account, and a role."""
    return {
        "UserDetailList": [
            {
                "UserName": "ann",
                "Arn": ANN,
                "GroupList": ["staff"],
                "AttachedManagedPolicies": [{"PolicyName": "team", "PolicyArn": TEAM}],
            }
        ],
        "GroupDetailList": [{"GroupName": "staff", "Arn": STAFF}],
        "RoleDetailList": [
            {"RoleName": "worker", "Arn": WORKER, "AssumeRolePolicyDocument": document()}
        ],
        "Policies": [
            {
                "PolicyName": "team",
                "Arn": TEAM,
                "DefaultVersionId": "v1",
                "PolicyVersionList": [
                    {
                        "VersionId": "v1",
                        "IsDefaultVersion": True,
                        "Document": document(allow("s3:*")),
                    }
                ],
            }
        ],
        "AccessKeys": [{"UserName": "ann", "AccessKeyMetadata": [key("2026-03-01T00:00:00Z")]}],
        "UserMFADevices": [{"UserName": "ann", "MFADevices": []}],
        "LoginProfiles": [{"UserName": "ann", "LoginProfile": None}],
        "Organizations": [{"AccountId": ACCOUNT, "Organization": None}],
    }


def inline(account: Document, *statements: Document, of: str = "UserDetailList") -> None:
    name = "RolePolicyList" if of == "RoleDetailList" else "UserPolicyList"
    account[of][0][name] = [{"PolicyName": "own", "PolicyDocument": document(*statements)}]


# --- access keys ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "fields", "expected"),
    [
        ([key("2026-03-01T00:00:00Z")], {}, []),
        ([key("2025-12-01T00:00:00Z")], {}, ["iam.old_key"]),
        ([key("2025-12-01T00:00:00Z")], {"max_days": 365}, []),
        ([key("2025-12-01T00:00:00Z", "Inactive")], {}, []),
        ([key("2026-01-01T00:00:00Z")], {}, []),  # ninety days old to the second
        ([key("2025-12-31T23:59:59Z")], {}, ["iam.old_key"]),
        ([key("2026-03-01T00:00:00Z")] * 2, {"max_active": 1}, ["iam.many_keys"]),
        ([], {"max_active": 0}, []),
    ],
)
def test_access_keys(account: Document, keys: Any, fields: Any, expected: list[str]) -> None:
    account["AccessKeys"][0]["AccessKeyMetadata"] = keys
    result = judge("iam.access-keys", account, **fields)
    assert [f.code for f in result.findings] == expected
    assert result.judged == 1


def test_keys_that_were_not_collected_are_unknown(account: Document) -> None:
    del account["AccessKeys"]
    result = judge("iam.access-keys", account)
    assert (result.verdict, result.gaps[0].key) == (UNKNOWN, "AccessKeys")


def test_a_key_without_a_readable_date_is_unknown(account: Document) -> None:
    account["AccessKeys"][0]["AccessKeyMetadata"] = [key("2026-03-01T00:00:00Z")]
    account["AccessKeys"][0]["AccessKeyMetadata"][0]["CreateDate"] = "last spring"
    assert judge("iam.access-keys", account).verdict is UNKNOWN


# --- MFA ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "device", "expected"),
    [(False, False, PASS), (True, False, FAIL), (True, True, PASS), (False, True, PASS)],
)
def test_a_password_needs_a_device(
    account: Document, password: bool, device: bool, expected: Verdict
) -> None:
    if password:
        account["LoginProfiles"][0]["LoginProfile"] = {"CreateDate": "2026-01-01T00:00:00Z"}
    if device:
        account["UserMFADevices"][0]["MFADevices"] = [{"SerialNumber": "arn:x"}]
    assert judge("iam.console-mfa", account).verdict is expected


@pytest.mark.parametrize("gone", ["LoginProfiles", "UserMFADevices"])
def test_what_was_not_collected_counts_only_where_it_decides(account: Document, gone: str) -> None:
    account["LoginProfiles"][0]["LoginProfile"] = {"CreateDate": "2026-01-01T00:00:00Z"}
    del account[gone]
    assert judge("iam.console-mfa", account).verdict is UNKNOWN
    if gone == "LoginProfiles":
        account["UserMFADevices"][0]["MFADevices"] = [{"SerialNumber": "arn:x"}]
    else:
        account["LoginProfiles"][0]["LoginProfile"] = None
    assert judge("iam.console-mfa", account).verdict is PASS


# --- everything on everything ---------------------------------------------------------------

ALL_BUT_IAM = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("*")], FAIL),
        ([allow(["*:*"])], FAIL),
        ([allow("*", ["arn:*"])], FAIL),
        ([allow("*"), {**allow("iam:*"), "Effect": "Deny"}], PASS),
        ([allow("s3:*")], PASS),
        ([allow("*", "arn:aws:s3:::b/*")], PASS),
        ([ALL_BUT_IAM], PASS),
        ([ALL_BUT_IAM, allow("iam:*")], FAIL),
        ([allow("*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})], FAIL),
        ([allow("*", Condition={"Sounds": {"aws:UserAgent": "x"}})], UNKNOWN),
    ],
)
def test_full_access_is_seen_whatever_it_is_called(
    account: Document, statements: list[Document], expected: Verdict
) -> None:
    inline(account, *statements)
    result = judge("iam.no-full-access", account)
    assert result.verdict is expected
    if expected is FAIL:
        (found,) = result.findings
        assert found.resource.id == ANN
        assert found.evidence.request is not None


def test_a_boundary_takes_full_access_away(account: Document) -> None:
    inline(account, allow("*"))
    account["UserDetailList"][0]["PermissionsBoundary"] = {"PermissionsBoundaryArn": TEAM}
    assert judge("iam.no-full-access", account).verdict is PASS


def test_whoever_is_left_out_is_not_judged(account: Document) -> None:
    inline(account, allow("*"), of="RoleDetailList")
    assert judge("iam.no-full-access", account).verdict is FAIL
    assert judge("iam.no-full-access", account, but=["work*"]).verdict is PASS
    assert judge("iam.no-full-access", account, holders=["user"]).verdict is PASS


def test_users_that_are_not_described_are_unknown(account: Document) -> None:
    del account["UserDetailList"]
    assert judge("iam.no-full-access", account).verdict is UNKNOWN
    assert judge("iam.no-escalation", account).verdict is UNKNOWN


# --- giving oneself more --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow("s3:*"), ""),
        (allow("iam:CreatePolicyVersion"), f"iam:CreatePolicyVersion {TEAM}"),
        (allow("iam:CreatePolicyVersion", TEAM), f"iam:CreatePolicyVersion {TEAM}"),
        (allow("iam:CreatePolicyVersion", f"{TEAM}-of-others"), ""),
        (allow("iam:Set*"), ""),  # of one version there is no other to choose
        (allow("iam:AttachUserPolicy"), f"iam:AttachUserPolicy {ANN}"),
        (allow("iam:AttachUserPolicy", f"arn:aws:iam::{ACCOUNT}:user/bob"), ""),
        (
            allow(
                "iam:AttachUserPolicy",
                Condition={
                    "ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
                },
            ),
            "",
        ),
        (
            allow(
                "iam:AttachUserPolicy",
                Condition={"ArnLike": {"iam:PolicyARN": "arn:aws:iam::aws:policy/*"}},
            ),
            f"iam:AttachUserPolicy {ANN}",
        ),
        (
            allow("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}"),
            f"iam:PutUserPolicy {ANN}",
        ),
        (allow("iam:PutGroupPolicy"), f"iam:PutGroupPolicy {STAFF}"),
        (allow("iam:PutRolePolicy"), ""),
        (allow("iam:AttachGroupPolicy", STAFF), f"iam:AttachGroupPolicy {STAFF}"),
    ],
)
def test_a_user_who_may_change_what_speaks_for_him(
    account: Document, statement: Document, expected: str
) -> None:
    inline(account, statement)
    result = judge("iam.no-escalation", account)
    assert [f.evidence.source for f in result.findings] == ([expected] if expected else [])


def test_another_version_is_a_way_where_there_is_one(account: Document) -> None:
    inline(account, allow("iam:SetDefaultPolicyVersion"))
    versions = account["Policies"][0]["PolicyVersionList"]
    versions.append({"VersionId": "v2", "Document": document(allow("*"))})
    result = judge("iam.no-escalation", account)
    assert [f.evidence.source for f in result.findings] == [f"iam:SetDefaultPolicyVersion {TEAM}"]
    assert judge("iam.no-escalation", account, ways=["attach"]).verdict is PASS


def test_a_role_that_may_change_itself(account: Document) -> None:
    inline(account, allow("iam:PutRolePolicy", WORKER), of="RoleDetailList")
    (found,) = judge("iam.no-escalation", account).findings
    assert (found.resource.id, found.code) == (WORKER, "iam.escalation")


def test_an_administrator_has_nowhere_to_go(account: Document) -> None:
    inline(account, allow("*"))
    assert judge("iam.no-escalation", account).verdict is PASS


def test_in_a_member_account_a_service_control_policy_may_forbid_it(account: Document) -> None:
    inline(account, allow("iam:PutUserPolicy"))
    member = {"Id": "o-acme", "MasterAccountId": "999999999999"}
    account["Organizations"][0]["Organization"] = member
    assert judge("iam.no-escalation", account).verdict is UNKNOWN
    account["Organizations"][0]["Organization"]["MasterAccountId"] = ACCOUNT
    assert judge("iam.no-escalation", account).verdict is FAIL


# --- what is not described ------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["iam.no-escalation", "iam.no-full-access"])
def test_what_is_open_is_said_once_for_each_place(kind: str, account: Document) -> None:
    """Without IAM, users and roles are not known: one finding, with both gaps."""
    for name in ("UserDetailList", "RoleDetailList", "GroupDetailList", "Policies"):
        del account[name]
    (found,) = judge(kind, account).findings
    assert found.verdict is UNKNOWN
    assert {gap.key for gap in found.evidence.gaps} == {"UserDetailList", "RoleDetailList"}


def test_all_that_is_open_about_one_user_is_one_finding(account: Document) -> None:
    inline(account, allow("iam:PutUserPolicy"), allow("iam:AttachUserPolicy"))
    member = {"Id": "o-acme", "MasterAccountId": "999999999999"}
    account["Organizations"][0]["Organization"] = member
    found = judge("iam.no-escalation", account).findings
    assert len({item.identity for item in found}) == len(found) == 1
    assert len(found[0].evidence.notes) == 2


# --- trust ----------------------------------------------------------------------------------


def trusted(account: Document, principal: Any, **more: Any) -> Document:
    """The account, its role trusting a principal."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    account["RoleDetailList"][0]["AssumeRolePolicyDocument"] = document(statement)
    return account


OTHER = "arn:aws:iam::444455556666:root"
IN_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}


@pytest.mark.parametrize(
    ("principal", "more", "anyone", "others"),
    [
        ({"Service": "ec2.amazonaws.com"}, {}, None, None),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {}, None, None),
        ({"AWS": OTHER}, {}, None, "iam.role_shared"),
        ({"AWS": "*"}, {}, "iam.role_open", "iam.role_open"),
        ("*", {}, "iam.role_open", "iam.role_open"),
        ("*", {"Condition": IN_ORGANIZATION}, None, "iam.role_shared"),
        ("*", {"Effect": "Deny"}, None, None),
    ],
)
def test_whom_a_role_trusts(
    account: Document, principal: Any, more: Document, anyone: str | None, others: str | None
) -> None:
    """The public at large, and an account or organisation by its name."""
    for kept_out, code in (("anyone", anyone), ("other-accounts", others)):
        result = judge("iam.role-trust", trusted(account, principal, **more), outsiders=kept_out)
        assert [item.code for item in result.findings] == ([code] if code else [])
        assert (result.verdict, result.judged) == (FAIL if code else PASS, 1)


def test_a_role_of_another_name_is_not_asked_about(account: Document) -> None:
    trusted(account, "*")
    assert judge("iam.role-trust", account, roles=["worker"]).verdict is FAIL
    missing = judge("iam.role-trust", account, roles=["driver"])
    assert [item.code for item in missing.findings] == ["subject.missing"]


def test_roles_that_are_not_described_are_unknown(account: Document) -> None:
    del account["RoleDetailList"]
    assert judge("iam.role-trust", account).verdict is UNKNOWN
