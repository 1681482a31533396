"""What only the credential report tells; each case differs in one fact from one that passes."""

from __future__ import annotations

import base64
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
PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used",
    "password_last_changed", "mfa_active", "access_key_1_active", "access_key_1_last_rotated",
    "access_key_1_last_used_date", "access_key_2_active", "access_key_2_last_rotated",
    "access_key_2_last_used_date",
)  # fmt: skip
LONG_AGO, LATELY = "2025-06-01T00:00:00+00:00", "2026-03-30T00:00:00+00:00"
ROOT = {"user": "<root_account>", "mfa_active": "true", "password_last_used": LATELY}
ANN = {"user": "ann", "password_enabled": "false", "user_creation_time": LONG_AGO}


def report(*rows: dict[str, str]) -> str:
    lines = [",".join(COLUMNS)]
    lines += [",".join(row.get(name, "N/A") for name in COLUMNS) for row in rows]
    return base64.b64encode("\n".join(lines).encode()).decode()


def account(content: str | None) -> Document:
    return {
        "UserDetailList": [{"UserName": "ann", "Arn": f"arn:aws:iam::{ACCOUNT}:user/ann"}],
        "CredentialReports": [{"AccountId": ACCOUNT, "Content": content}],
    }


def judge(kind: str, estate: Document, *gaps: Gap, **fields: Any) -> PolicyResult:
    row = KINDS[kind]
    words = {"en": "x"}
    policy = row.model.model_validate(
        {
            "id": "p",
            "kind": kind,
            "severity": "high",
            **dict.fromkeys(("title", "description", "remediation"), words),
            **fields,
        }
    )
    return row.check(policy, Context(Analysis(analysis(estate, *gaps).inventory, NOW)))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"mfa_active": "false"}, ["iam.no_mfa"]),
        ({"access_key_1_active": "true"}, ["iam.root_key"]),
        ({"access_key_2_active": "true"}, ["iam.root_key"]),
        ({"access_key_1_active": "true", "access_key_2_active": "true"}, ["iam.root_key"] * 2),
    ],
)
def test_the_root_user(changed: dict[str, str], expected: list[str]) -> None:
    result = judge("iam.root-user", account(report({**ROOT, **changed}, ANN)))
    assert [item.code for item in result.findings] == expected
    assert len({item.identity for item in result.findings}) == len(expected)
    assert result.judged == 1


@pytest.mark.parametrize(
    ("changed", "fields", "expected"),
    [
        ({}, {}, []),
        ({"password_enabled": "true", "password_last_used": LATELY}, {}, []),
        ({"password_enabled": "true", "password_last_used": LONG_AGO}, {}, ["console password"]),
        (
            {"password_enabled": "true", "password_last_used": LONG_AGO},
            {"max_days": 1000},
            [],
        ),
        # Never used: since it was made.
        (
            {"password_enabled": "true", "password_last_used": "no_information"}
            | {"password_last_changed": LONG_AGO},
            {},
            ["console password"],
        ),
        ({"access_key_1_active": "true", "access_key_1_last_used_date": LATELY}, {}, []),
        (
            {"access_key_1_active": "true", "access_key_1_last_used_date": LONG_AGO},
            {},
            ["access key 1"],
        ),
        (
            {"access_key_2_active": "true", "access_key_2_last_rotated": LONG_AGO},
            {},
            ["access key 2"],
        ),
        ({"access_key_1_active": "false", "access_key_1_last_used_date": LONG_AGO}, {}, []),
    ],
)
def test_unused_credentials(
    changed: dict[str, str], fields: dict[str, Any], expected: list[str]
) -> None:
    result = judge("iam.unused-credentials", account(report(ROOT, {**ANN, **changed})), **fields)
    assert [item.evidence.source for item in result.findings] == expected
    assert {item.code for item in result.findings} <= {"iam.unused"}


@pytest.mark.parametrize("kind", ["iam.root-user", "iam.unused-credentials"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "no report was made"),
        ("not base64", "cannot be read"),
        (base64.b64encode(b"\xff\xfe").decode(), "cannot be read"),
        (report(), "cannot be read"),
        (report({"user": "somebody"}), "report"),
    ],
)
def test_without_a_report_nothing_is_known(kind: str, content: str | None, why: str) -> None:
    result = judge(kind, account(content))
    assert result.verdict is UNKNOWN
    assert any(why in gap.why or why in gap.what for gap in result.gaps)


@pytest.mark.parametrize("kind", ["iam.root-user", "iam.unused-credentials"])
def test_a_refused_call_is_the_gap(kind: str) -> None:
    estate = account(report(ROOT, ANN))
    del estate["CredentialReports"]
    gap = Gap("iam:GetCredentialReport", f"{ACCOUNT}/global", "AccessDenied", "CredentialReports")
    assert judge(kind, estate, gap).gaps[0].why == "AccessDenied"
    assert judge(kind, estate).gaps[0].why == "not in the snapshot"


def test_a_date_that_cannot_be_read_is_unknown() -> None:
    row = {**ANN, "password_enabled": "true", "password_last_used": "last spring"}
    row["password_last_changed"] = "N/A"
    assert judge("iam.unused-credentials", account(report(row))).verdict is UNKNOWN
