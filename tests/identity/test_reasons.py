"""A refusal names what blocks, and nothing that only stood near it."""

from __future__ import annotations

from typing import Any

from identity_estate import ARN, PUBLIC_READ, document, estate

from mute_audit.identity.access import Access
from mute_audit.identity.lone import classify_policy

FRIEND = {"AWS": "111122223333"}
TLS = {
    "Sid": "Tls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [ARN, f"{ARN}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
NEVER = {"Sid": "Never", "Effect": "Deny", "Principal": FRIEND, "Action": "s3:*", "Resource": "*"}
READ = {**PUBLIC_READ, "Principal": FRIEND}


def blocked(*statements: dict[str, Any], who: str = "111122223333") -> tuple[set[str], str]:
    access = Access(estate(document(*statements)))
    (found,) = access.to(access.target("b"), "s3:GetObject", who)
    return {b.by for b in found.blocked}, " ".join(found.reasons)


def test_a_deny_that_closes_only_one_way_is_no_reason() -> None:
    """TLS is asked for; what keeps the account out is the other Deny."""
    for statements in ([READ, TLS, NEVER], [READ, NEVER, TLS]):
        by, reasons = blocked(*statements)
        assert by == {"bucket policy Never"}
        assert "Never: denies" in reasons
        assert "Tls" not in reasons
    answer = classify_policy(document(READ, TLS, NEVER))
    assert "111122223333: policy Never: denies" in answer["reasons"]
    assert not any("Tls" in reason for reason in answer["reasons"])


def test_a_deny_of_another_action_resource_or_principal_is_no_reason() -> None:
    others = (
        {**NEVER, "Sid": "Put", "Action": "s3:PutObject"},
        {**NEVER, "Sid": "Elsewhere", "Resource": "arn:aws:s3:::c/*"},
        {**NEVER, "Sid": "Stranger", "Principal": {"AWS": "999988887777"}},
    )
    by, reasons = blocked(READ, *others, NEVER)
    assert by == {"bucket policy Never"}
    assert all(word not in reasons for word in ("Put", "Elsewhere", "Stranger"))


def test_several_denies_that_only_together_close_every_way_are_all_named() -> None:
    plain = {**TLS, "Sid": "Plain", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    by, reasons = blocked(READ, TLS, plain)
    assert by == {"several statements together"}
    assert "Tls: denies" in reasons
    assert "Plain: denies" in reasons


def test_a_deny_that_lists_the_caller_in_part_says_so() -> None:
    """Not that a principal is of an unknown kind: the user stands there, its account does not."""
    friend = FRIEND["AWS"]
    user = f"arn:aws:iam::{friend}:user/ann"
    shut = {**PUBLIC_READ, "Effect": "Deny", "Sid": "Others"}
    shut.pop("Principal")
    named = {**PUBLIC_READ, "Principal": {"AWS": user}}
    answer = classify_policy(document(named, {**shut, "NotPrincipal": {"AWS": user}}))
    assert answer["undecided"] == [friend]
    (reason,) = [r for r in answer["reasons"] if r.startswith(friend) and "Principal" in r]
    assert reason.startswith(f"{friend}: NotPrincipal: it lists a part of whom the caller is")
    whole = {**shut, "NotPrincipal": {"AWS": [user, friend]}}
    assert classify_policy(document(named, whole))["outside_accounts"] == [friend]
