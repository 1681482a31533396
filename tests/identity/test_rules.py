"""A5 and A8 to A14: each rule as a pair that differs in one fact and flips the answer.

Both engines answer each pair: the set evaluator for a class of requests, the simulator for one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from identity_estate import PUBLIC_READ, document

from mute_audit.identity.automata import language
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.judge import Answer, Judge
from mute_audit.identity.lone import classify_policy
from mute_audit.identity.public import classify
from mute_audit.identity.request import simulate
from mute_audit.identity.tokens import glob_tokens
from mute_audit.verdict import Truth

OWNER = "999999999999"
OBJECTS = [language((glob_tokens("arn:aws:s3:::b/?*"),))]
USER = "arn:aws:iam::111122223333:user/eve"
DENY_ALL = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}


def allow(condition: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {**PUBLIC_READ, **({"Condition": condition} if condition else {}), **changes}


def deny(condition: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {**DENY_ALL, **({"Condition": condition} if condition else {}), **changes}


def some(*statements: dict[str, Any], who: str = "anonymous", version: str = "2012-10-17") -> str:
    """The set evaluator: may somebody of this class read some object?"""
    judge = Judge(parse_policy(document(*statements, version=version)), OWNER)
    put = judge.anonymous if who == "anonymous" else judge.any_account
    answer: Answer = put("s3:GetObject", OBJECTS)
    return answer.truth.value


def one(
    *statements: dict[str, Any],
    principal: str = "anonymous",
    action: str = "s3:GetObject",
    resource: str = "arn:aws:s3:::b/k",
    version: str = "2012-10-17",
    **context: Any,
) -> str:
    """The simulator: what happens to this request?"""
    answer = simulate(
        {
            "request": {
                "principal": principal,
                "action": action,
                "resource": {"resource": resource, "accountId": OWNER},
                "context": {key.replace("__", ":", 1): value for key, value in context.items()},
            },
            "identityPolicies": [
                {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
            ],
            "resourcePolicy": document(*statements, version=version),
        }
    )
    result: str = answer["result"]
    return result


# --- A5 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fixed", "wide"),
    [
        (
            {"IpAddress": {"aws:SourceIp": "9.0.0.0/8"}},
            {"IpAddress": {"aws:SourceIp": "8.0.0.0/7"}},
        ),
        (
            {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}},
            {"IpAddress": {"aws:SourceIp": "2001:db8::/31"}},
        ),
        (
            {"IpAddress": {"aws:SourceIp": "172.16.0.0/12"}},
            {"NotIpAddress": {"aws:SourceIp": "172.16.0.0/12"}},
        ),
        (
            {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
            {"StringLike": {"aws:SourceVpce": "vpce-*"}},
        ),
        (
            {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}},
        ),
        (
            {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
            {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}},
        ),
        (
            {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        ),
        (
            {"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:eu:111122223333:accesspoint/*"}},
            {"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:eu:*:accesspoint/x"}},
        ),
        (
            {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu:111122223333:t"}},
            {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}},
        ),
        ({"StringEquals": {"aws:userid": "AIDAX"}}, {"StringLike": {"aws:userid": "AROAX:*"}}),
        (
            {"StringEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "k"}},
            {"StringEquals": {"aws:Referer": "k"}},
        ),
    ],
)
def test_a5_only_fixed_values_of_the_listed_keys_make_a_policy_not_public(
    fixed: dict[str, Any], wide: dict[str, Any]
) -> None:
    assert classify(parse_policy(document(allow(fixed)))).truth is Truth.NO
    assert classify(parse_policy(document(allow(wide)))).truth is Truth.YES


def test_a5_a_fixed_principal_is_not_public_and_not_principal_is() -> None:
    named = {"AWS": "111122223333"}
    assert classify(parse_policy(document(allow(Principal=named)))).truth is Truth.NO
    other = {k: v for k, v in PUBLIC_READ.items() if k != "Principal"}
    assert classify(parse_policy(document({**other, "NotPrincipal": named}))).truth is Truth.YES


def test_a5_the_classification_and_the_public_reading_are_two_answers() -> None:
    """256 statements of one /8 each: S3 says not public, and the whole internet reads."""
    ranges = [allow({"IpAddress": {"aws:SourceIp": f"{n}.0.0.0/8"}}) for n in range(256)]
    answer = classify_policy(document(*ranges))
    assert (answer["s3_public"], answer["anonymous"]) == (False, "yes")
    halves = allow({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}})
    assert classify_policy(document(halves))["s3_public"] is True


# --- A8 -----------------------------------------------------------------------------------


def test_a8_both_spellings_of_everybody_take_in_the_anonymous() -> None:
    for everybody in ("*", {"AWS": "*"}):
        assert some(allow(Principal=everybody)) == "yes"
        assert one(allow(Principal=everybody)) == "Allowed"
    account = {"AWS": "111122223333"}
    assert some(allow(Principal=account)) == "no"
    assert one(allow(Principal=account)) == "ImplicitlyDenied"


def test_a8_not_principal_with_allow_lets_in_nearly_everyone() -> None:
    base = {k: v for k, v in PUBLIC_READ.items() if k != "Principal"}
    but_one = {**base, "NotPrincipal": {"AWS": USER}}
    assert some(but_one) == "yes"
    assert one(but_one) == "Allowed"
    assert one(but_one, principal=USER) == "ImplicitlyDenied"
    assert some({**base, "NotPrincipal": "*"}) == "no"


# --- A9 -----------------------------------------------------------------------------------


def test_a9_actions_ignore_case_and_resources_do_not() -> None:
    assert some(allow(Action="S3:getOBJECT")) == "yes"
    assert one(allow(Action="S3:getOBJECT")) == "Allowed"
    assert some(allow(Resource="arn:aws:s3:::B/*")) == "no"
    assert one(allow(Resource="arn:aws:s3:::B/*")) == "ImplicitlyDenied"


def test_a9_condition_keys_ignore_case() -> None:
    assert one(allow({"StringEquals": {"AWS:REFERER": "a"}}), aws__Referer="a") == "Allowed"
    assert (
        one(allow({"StringEquals": {"AWS:REFERER": "a"}}), aws__Referer="A") == "ImplicitlyDenied"
    )
    conflicting = {"StringEquals": {"aws:Referer": "a"}, "StringNotEquals": {"aws:referer": "a"}}
    assert some(allow(conflicting)) == "no"


def test_a9_a_star_crosses_slashes_and_a_question_mark_takes_one_character() -> None:
    assert one(allow(), resource="arn:aws:s3:::b/x/y") == "Allowed"
    assert one(allow(Resource="arn:aws:s3:::b/?"), resource="arn:aws:s3:::b/xy") != "Allowed"
    assert some(allow(), deny(Resource="arn:aws:s3:::b/?*")) == "no"
    assert some(allow(), deny(Resource="arn:aws:s3:::b/?")) == "yes"


def test_a9_string_equals_takes_a_star_literally() -> None:
    like, equals = {"StringLike": {"aws:Referer": "*"}}, {"StringEquals": {"aws:Referer": "*"}}
    assert one(allow(like), aws__Referer="a") == "Allowed"
    assert one(allow(equals), aws__Referer="a") == "ImplicitlyDenied"
    assert some(allow(like), deny({"StringNotEquals": {"aws:Referer": "a"}})) == "yes"
    assert some(allow(equals), deny({"StringNotEquals": {"aws:Referer": "a"}})) == "no"


def test_a9_arn_operators_match_segment_by_segment() -> None:
    text, arn = ({op: {"aws:PrincipalArn": "arn:*:user/eve"}} for op in ("StringLike", "ArnLike"))
    assert one(allow(text), principal=USER) == "Allowed"
    assert one(allow(arn), principal=USER) == "Unknown"
    right, wrong = (
        {"ArnLike": {"aws:PrincipalArn": f"arn:aws:i*::{a}:user/*"}} for a in ("*", "9")
    )
    assert some(allow(right), who="any") == "yes"
    assert some(allow(wrong), who="any") == "no"


def test_a9_not_action_and_not_resource_are_complements() -> None:
    base = {k: v for k, v in PUBLIC_READ.items() if k not in ("Action", "Resource")}
    for listed, answer, result in (
        ("s3:PutObject", "yes", "Allowed"),
        ("s3:Get*", "no", "ImplicitlyDenied"),
    ):
        statement = {**base, "NotAction": listed, "Resource": "*"}
        assert (some(statement), one(statement)) == (answer, result)
    for listed, answer, result in (
        ("arn:aws:s3:::b/private/*", "yes", "Allowed"),
        ("arn:aws:s3:::b/*", "no", "ImplicitlyDenied"),
    ):
        statement = {**base, "Action": "s3:*", "NotResource": listed}
        assert (some(statement), one(statement)) == (answer, result)


# --- A10 ----------------------------------------------------------------------------------

# operator, value of the policy, a value that satisfies it, one that does not
OPERATORS = [
    ("StringEquals", "a", "a", "A"),
    ("StringNotEquals", "a", "A", "a"),
    ("StringEqualsIgnoreCase", "aB", "Ab", "b"),
    ("StringNotEqualsIgnoreCase", "aB", "b", "AB"),
    ("StringLike", "a*?", "axy", "a"),
    ("StringNotLike", "a*?", "a", "axy"),
    ("NumericEquals", "5", "5.0", "6"),
    ("NumericNotEquals", "5", "6", "5"),
    ("NumericLessThan", "5", "4", "5"),
    ("NumericLessThanEquals", "5", "5", "6"),
    ("NumericGreaterThan", "5", "6", "5"),
    ("NumericGreaterThanEquals", "5", "5", "4"),
    ("DateEquals", "2025-01-01T00:00:00Z", "1735689600", "2025-01-01T00:00:01Z"),
    ("DateNotEquals", "2025-01-01T00:00:00Z", "2025-01-02", "2025-01-01"),
    ("DateLessThan", "2025-01-01", "2024-12-31T23:59:59Z", "2025-01-01"),
    ("DateLessThanEquals", "2025-01-01", "2025-01-01", "2025-01-01T00:00:01Z"),
    ("DateGreaterThan", "2025-01-01", "2025-01-01T00:00:01Z", "2025-01-01"),
    ("DateGreaterThanEquals", "2025-01-01", "2025-01-01", "2024-12-31"),
    ("Bool", "true", "True", "false"),
    ("BinaryEquals", "QUJD", "QUJD", "QUJE"),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", "203.0.114.9"),
    ("NotIpAddress", "203.0.113.0/24", "2600::1", "203.0.113.9"),
    ("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bx", "arn:aws:s3:::c"),
    ("ArnNotEquals", "arn:aws:s3:::b*", "arn:aws:s3:::c", "arn:aws:s3:::b"),
    ("ArnLike", "arn:aws:s?:::b", "arn:aws:s3:::b", "arn:aws:sns:::b"),
    ("ArnNotLike", "arn:aws:s?:::b", "arn:aws:sns:::b", "arn:aws:s3:::b"),
]


@pytest.mark.parametrize(("operator", "value", "good", "bad"), OPERATORS)
def test_a10_every_operator_holds_and_fails(operator: str, value: str, good: str, bad: str) -> None:
    statement = allow({operator: {"my:key": value}})
    assert one(statement, my__key=good) == "Allowed"
    assert one(statement, my__key=bad) == "ImplicitlyDenied"
    # The set evaluator finds a value by itself, and none once a Deny excludes every other.
    assert some(statement) == "yes"
    exact = {"Null": {"my:key": "false"}, operator: {"my:key": value}}
    assert some(allow(exact), deny({operator: {"my:key": value}})) == "no"


def test_a10_operators_and_keys_are_joined_with_and_values_with_or() -> None:
    either = allow({"StringEquals": {"aws:Referer": ["a", "b"]}})
    assert one(either, aws__Referer="b") == "Allowed"
    both = allow({"StringEquals": {"aws:Referer": "a"}, "StringLike": {"aws:UserAgent": "/"}})
    assert one(both, aws__Referer="a") == "ImplicitlyDenied"
    assert one(both, aws__Referer="a", aws__UserAgent="/") == "Allowed"
    none = allow({"StringNotEquals": {"aws:Referer": ["a", "b"]}})
    assert one(none, aws__Referer="b") == "ImplicitlyDenied"
    assert one(none, aws__Referer="c") == "Allowed"


def test_a10_null_asks_for_presence() -> None:
    there, gone = (allow({"Null": {"aws:Referer": text}}) for text in ("false", "true"))
    assert (one(there), one(there, aws__Referer="a")) == ("ImplicitlyDenied", "Allowed")
    assert (one(gone), one(gone, aws__Referer="a")) == ("Allowed", "ImplicitlyDenied")
    assert some(there, deny({"Null": {"aws:Referer": "false"}})) == "no"


# --- A11 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "allowed"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
        ("NotIpAddress", True),
        ("IpAddress", False),
        ("ArnNotLike", True),
        ("NumericNotEquals", True),
        ("Bool", False),
    ],
)
def test_a11_what_an_absent_key_means(operator: str, allowed: bool) -> None:
    value = {"Ip": "1.2.3.4", "Ar": "arn:aws:s3:::b", "Nu": "1", "Bo": "true"}
    wanted = next((v for k, v in value.items() if k in operator[:6]), "x")
    statement = allow({operator: {"my:key": wanted}})
    assert one(statement) == ("Allowed" if allowed else "ImplicitlyDenied")
    absent = deny({"Null": {"my:key": "false"}})
    assert some(statement, absent) == ("yes" if allowed else "no")


def test_a11_set_operators_over_several_values() -> None:
    every = allow({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}})
    assert one(every, aws__TagKeys=["a", "b"]) == "Allowed"
    assert one(every, aws__TagKeys=["a", "c"]) == "ImplicitlyDenied"
    some_ = allow({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a", "b"]}})
    assert one(some_, aws__TagKeys=["c", "b"]) == "Allowed"
    assert one(some_, aws__TagKeys=["c"]) == "ImplicitlyDenied"
    # One value must be `a`, and none may be: no set of values does both.
    excluded = deny({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}})
    assert some(some_, excluded) == "yes"
    assert some(allow({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}}), excluded) == "no"


# --- A12 ----------------------------------------------------------------------------------


def test_a12_the_anonymous_account_is_called_anonymous() -> None:
    for key, value in (
        ("aws:PrincipalAccount", "anonymous"),
        ("aws:PrincipalType", "Anonymous"),
        ("aws:userid", "anonymous"),
    ):
        assert some(allow({"StringEquals": {key: value}})) == "yes"
        assert one(allow({"StringEquals": {key: value}})) == "Allowed"
        assert some(allow({"StringNotEquals": {key: value}})) == "no"


@pytest.mark.parametrize(
    "key", ["aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:username"]
)
def test_a12_the_anonymous_has_no_identity_keys(key: str) -> None:
    assert some(allow({"Null": {key: "true"}})) == "yes"
    assert some(allow({"Null": {key: "false"}})) == "no"
    assert one(allow({"Null": {key: "true"}})) == "Allowed"


def test_a12_the_source_address_is_absent_through_an_endpoint() -> None:
    nowhere = {"NotIpAddress": {"aws:SourceIp": ["0.0.0.0/0", "::/0"]}}
    assert some(allow(nowhere)) == "yes"
    assert one(allow(nowhere)) == "Allowed"
    assert some(allow({**nowhere, "Null": {"aws:SourceIp": "false"}})) == "no"
    # The two ways exclude each other.
    both = {"Null": {"aws:SourceIp": "false", "aws:SourceVpce": "false"}}
    assert some(allow(both)) == "no"


def test_a12_a_strangers_endpoint_is_never_one_that_the_policy_names() -> None:
    assert some(allow({"StringEquals": {"aws:SourceVpce": "vpce-1"}})) == "no"
    assert some(allow({"StringLike": {"aws:SourceVpce": "vpce-1*"}})) == "yes"


def test_a_stranger_lives_in_the_partition_of_the_resource() -> None:
    for partition in ("aws", "aws-cn"):
        statement = allow(
            {"ArnLike": {"aws:PrincipalArn": f"arn:{partition}:iam::*:user/*"}},
            Resource=f"arn:{partition}:s3:::b/*",
        )
        assert classify_policy(document(statement))["any_account"] == "yes"
        other = {**statement, "Resource": "arn:aws-us-gov:s3:::b/*"}
        assert classify_policy(document(other))["any_account"] == "no"


# --- A13 ----------------------------------------------------------------------------------


def test_a13_variables_need_the_version_of_2012() -> None:
    statement = allow(Resource="arn:aws:s3:::b/${aws:username}")
    literal = "arn:aws:s3:::b/${aws:username}"
    assert one(statement, resource=literal, version="2008-10-17") == "Allowed"
    assert one(statement, resource=literal) == "ImplicitlyDenied"
    assert some(statement, version="2008-10-17") == "yes"
    assert some(statement) == "no"


def test_a13_a_variable_stands_for_the_value_and_nothing_wider() -> None:
    statement = allow(Resource="arn:aws:s3:::b/${aws:PrincipalTag/team}/*")
    tag = {"aws__PrincipalTag/team": "*"}
    assert one(statement, principal=USER, resource="arn:aws:s3:::b/red/x", **tag) != "Allowed"
    tag = {"aws__PrincipalTag/team": "red"}
    assert one(statement, principal=USER, resource="arn:aws:s3:::b/red/x", **tag) == "Allowed"
    assert some(statement, who="any") == "yes"


def test_a13_a_default_stands_in_for_an_absent_key() -> None:
    plain, default = (
        allow(Resource=f"arn:aws:s3:::b/${{aws:username{tail}}}") for tail in ("", ", 'guest'")
    )
    assert (some(plain), some(default)) == ("no", "yes")
    assert one(default, resource="arn:aws:s3:::b/guest") == "Allowed"


def test_a13_a_value_that_may_or_may_not_be_there_is_unknown_where_it_matters() -> None:
    base = {k: v for k, v in DENY_ALL.items() if k != "Resource"}
    statement = {**base, "NotResource": "arn:aws:s3:::b/${aws:username}/*"}
    assert some(allow(), statement) == "unknown"
    assert some(allow(), statement, deny()) == "no"


# --- A14 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd",
    [
        {"Condition": {"StringMatches": {"aws:Referer": "a"}}},
        {"Condition": {"DateLessThan": {"aws:CurrentTime": "soon"}}},
        {"Condition": {"Null": {"aws:Referer": "perhaps"}}},
        {"Condition": {"StringEquals": {"aws:ResourceOrgID": "o-1"}}},
        {"Purpose": "marketing"},
        {"Principal": {"Robot": "r2"}},
    ],
)
def test_a14_what_is_not_modelled_is_unknown_and_never_dropped(odd: dict[str, Any]) -> None:
    assert some({**allow(), **odd}) == "unknown"
    # In a Deny it hangs over what is allowed …
    assert some(allow(), {**deny(), **odd}) == "unknown"
    # … and matters to nobody where something else decides.
    assert some({**allow(), **odd}, allow()) == "yes"
    assert some({**allow(), **odd}, deny()) == "no"


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("IpAddress", "aws:SourceIp", "300.0.0.0/8"),
        ("StringLike", "aws:SourceIp", "20*.0.113.?"),
        ("StringEquals", "aws:TagKeys", "a"),
        ("ArnLike", "my:key", "arn:aws:s3"),
    ],
)
def test_a14_what_an_absent_key_means_is_known_even_if_the_comparison_is_not(
    operator: str, key: str, value: str
) -> None:
    odd = {operator: {key: value}}
    assert some(allow(odd)) == "unknown"
    # A Deny with it leaves the requests alone that do not have the key (A11).
    assert some(allow(), deny(odd)) == "yes"
    assert some(allow({"Null": {key: "false"}}), deny(odd)) == "unknown"
    assert some(allow(odd), deny({"Null": {key: "false"}})) == "no"


def test_a14_the_simulator_says_unknown_as_well() -> None:
    odd = {"StringMatches": {"aws:Referer": "a"}}
    assert one(allow(odd)) == "Unknown"
    assert one(allow(), deny(odd)) == "Unknown"
    assert one(allow(odd), deny()) == "ExplicitlyDenied"


def test_dates_are_judged_at_the_given_moment() -> None:
    expired = document(allow({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}))
    assert classify_policy(expired)["anonymous"] == "yes"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert classify_policy(expired, now=now)["anonymous"] == "no"
