"""Generated bucket policies and requests over one small vocabulary, so that they often meet."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

BUCKET = "arn:aws:s3:::b"
OWNER = "999999999999"
FRIEND = "111122223333"
STRANGER = "777777777777"

ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:GetObjectAcl")
_ACTION_PATTERNS = (
    "s3:*",
    "*",
    "s3:Get*",
    "s3:getobject",
    "s3:PutObject",
    "s3:*Acl",
    "s3:G?tObject",
    "ec2:*",
)
_RESOURCES = (
    f"{BUCKET}/*",
    "*",
    f"{BUCKET}/a*",
    f"{BUCKET}/*b",
    f"{BUCKET}/a?b*",
    f"{BUCKET}/a/b",
    f"{BUCKET}/*a*b*",
    f"{BUCKET}/?",
    "arn:aws:s3:::*/a",
    "arn:aws:s3:::c/*",
    f"{BUCKET}/${{aws:username}}/*",
    f"{BUCKET}/${{s3:x-amz-acl}}",
    f"{BUCKET}/${{*}}",
    f"{BUCKET}/${{aws:PrincipalTag/team, 'a'}}*",
)
PRINCIPALS: tuple[Any, ...] = (
    "*",
    {"AWS": "*"},
    {"AWS": FRIEND},
    {"AWS": f"arn:aws:iam::{FRIEND}:user/bob"},
    {"AWS": [f"arn:aws:iam::{FRIEND}:role/r", f"arn:aws:iam::{OWNER}:root"]},
    {"AWS": f"arn:aws:sts::{FRIEND}:assumed-role/r/session"},
    {"Service": "logs.amazonaws.com"},
)
TEXTS = ("a", "b", "A", "a/b", "ab", "public-read", "")
_PATTERNS = ("a", "b", "A", "a*", "*b", "?", "*", "a/b", "public-*", "*a*b*", "")
ADDRESSES = ("1.2.3.4", "203.0.113.7", "128.0.0.1", "2001:db8::1", "2600::1")
_CIDRS = (
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "203.0.113.0/24",
    "203.0.113.7",
    "2001:db8::/32",
    "::/0",
    "10.0.0.0/8",
)
ENDPOINTS = ("vpce-z9", "vpce-y8")
ORGS = ("o-mine", "o-zz")
TIMES = ("2019-06-01T00:00:00Z", "2025-01-01T00:00:00Z", "2031-01-01T12:00:00Z")

_NUMERIC = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_STRING = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
)
_ARN = ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")


def _values(items: tuple[str, ...]) -> st.SearchStrategy[Any]:
    one = st.sampled_from(items)
    return one | st.lists(one, min_size=1, max_size=3)


def _entry(
    operators: tuple[str, ...], keys: tuple[str, ...], values: tuple[str, ...], suffix: bool = True
) -> st.SearchStrategy[dict[str, Any]]:
    ends = ("", "IfExists") if suffix else ("",)
    return st.builds(
        lambda operator, end, key, value: {operator + end: {key: value}},
        st.sampled_from(operators),
        st.sampled_from(ends),
        st.sampled_from(keys),
        _values(values),
    )


def condition_entries() -> st.SearchStrategy[dict[str, Any]]:
    sets = (
        "ForAllValues:StringEquals",
        "ForAnyValue:StringLike",
        "ForAllValues:StringNotLike",
        "ForAnyValue:StringNotEquals",
    )
    arns = (
        "*",
        f"arn:aws:iam::{FRIEND}:*",
        "arn:aws:iam::*:user/*",
        "arn:aws:iam::7*:user/eve",
        "arn:aws:*::*:role/a*",
        f"arn:aws:iam::{FRIEND}:user/bob",
    )
    return st.one_of(
        _entry(_STRING, ("s3:x-amz-acl", "s3:prefix", "aws:PrincipalTag/team"), _PATTERNS),
        _entry(("IpAddress", "NotIpAddress"), ("aws:SourceIp",), _CIDRS),
        _entry(("Bool",), ("aws:SecureTransport", "aws:MultiFactorAuthPresent"), ("true", "false")),
        _entry(
            ("Null",),
            ("aws:SourceVpce", "s3:x-amz-acl", "aws:PrincipalArn", "aws:username"),
            ("true", "false"),
            suffix=False,
        ),
        _entry(_STRING, ("aws:SourceVpce",), ("vpce-1", "vpce-*", "vpce-1*")),
        _entry(_STRING, ("aws:PrincipalOrgID",), ("o-acme", "o-*", "${aws:ResourceOrgID}")),
        _entry(_STRING, ("aws:PrincipalAccount",), (FRIEND, "7*", "anonymous", "*1*")),
        _entry(_STRING, ("aws:username",), ("bob", "eve", "*", "e*")),
        _entry(_ARN, ("aws:PrincipalArn",), arns),
        _entry(tuple(f"Numeric{n}" for n in _NUMERIC), ("s3:max-keys",), ("1", "5", "10")),
        _entry(
            tuple(f"Date{n}" for n in _NUMERIC),
            ("aws:CurrentTime",),
            ("2020-01-01T00:00:00Z", "2030-01-01"),
        ),
        _entry(sets, ("aws:TagKeys",), ("a", "b", "a*", "*")),
        _entry(sets, ("aws:PrincipalOrgPaths",), ("o-acme/r/*", "o-*", "o-acme/r/x/")),
        _entry(sets, ("aws:PrincipalOrgID",), ("o-acme", "o-*")),
        _entry(("StringMatches",), ("s3:prefix",), ("a",)),
    )


def _merge(entries: list[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for entry in entries:
        for operator, keys in entry.items():
            merged.setdefault(operator, {}).update(keys)
    return merged


@st.composite
def statements(draw: st.DrawFn, effect: str | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": effect or draw(st.sampled_from(("Allow", "Deny")))}
    who = "Principal" if draw(st.integers(0, 4)) else "NotPrincipal"
    weights = PRINCIPALS[:2] * 4 + PRINCIPALS if who == "Principal" else PRINCIPALS
    statement[who] = draw(st.sampled_from(weights))
    what = "Action" if draw(st.integers(0, 3)) else "NotAction"
    statement[what] = draw(_values(_ACTION_PATTERNS))
    where = "Resource" if draw(st.integers(0, 3)) else "NotResource"
    statement[where] = draw(_values(_RESOURCES[:1] * 6 + _RESOURCES))
    entries = draw(st.lists(condition_entries(), max_size=3))
    if entries:
        statement["Condition"] = _merge(entries)
    return statement


@st.composite
def policies(draw: st.DrawFn, most: int = 4) -> dict[str, Any]:
    first = draw(statements(effect="Allow"))
    rest = draw(st.lists(statements(), max_size=most - 1))
    version = draw(st.sampled_from(("2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17")))
    return {"Version": version, "Statement": [first, *rest]}


def _maybe(draw: st.DrawFn, context: dict[str, Any], key: str, values: tuple[str, ...]) -> None:
    if draw(st.booleans()):
        context[key] = draw(st.sampled_from(values))


@st.composite
def requests(draw: st.DrawFn, who: str) -> dict[str, Any]:
    """A request that somebody of the class could really send: its context hangs together."""
    context: dict[str, Any] = {
        "aws:SecureTransport": draw(st.sampled_from(("true", "false"))),
        "aws:CurrentTime": draw(st.sampled_from(TIMES)),
        "aws:ResourceOrgID": "o-resourceowner",
    }
    if draw(st.booleans()):
        context["aws:SourceVpce"] = draw(st.sampled_from(ENDPOINTS))
        context["aws:SourceVpc"] = "vpc-9"
    else:
        context["aws:SourceIp"] = draw(st.sampled_from(ADDRESSES))
    _maybe(draw, context, "s3:x-amz-acl", TEXTS[:-1])
    _maybe(draw, context, "s3:prefix", TEXTS[:-1])
    _maybe(draw, context, "s3:max-keys", ("0", "1", "3", "5", "7", "10", "11"))
    if draw(st.booleans()):
        context["aws:TagKeys"] = draw(
            st.lists(st.sampled_from(("a", "b", "ab")), min_size=1, max_size=2, unique=True)
        )
    principal = "anonymous"
    if who == "any":
        principal = draw(
            st.sampled_from(
                (
                    f"arn:aws:iam::{STRANGER}:user/eve",
                    f"arn:aws:iam::{STRANGER}:user/x/bob",
                    f"arn:aws:sts::{STRANGER}:assumed-role/admin/s",
                    f"arn:aws:iam::{STRANGER}:root",
                )
            )
        )
        _maybe(draw, context, "aws:PrincipalTag/team", TEXTS[:-1])
        _maybe(draw, context, "aws:MultiFactorAuthPresent", ("true", "false"))
        if draw(st.booleans()):
            org = draw(st.sampled_from(ORGS))
            context["aws:PrincipalOrgID"] = org
            context["aws:PrincipalOrgPaths"] = [f"{org}/r/x/"]
    return {
        "principal": principal,
        "action": draw(st.sampled_from(ACTIONS)),
        "resource": {
            "resource": f"{BUCKET}/"
            + draw(
                st.sampled_from(("a", "b", "a/b", "xab", "ab", "eve/f", "bob/", "public-read", "x"))
            ),
            "accountId": OWNER,
        },
        "context": context,
    }
