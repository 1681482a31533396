"""Made-up bucket policies and requests over one small vocabulary, so that they often meet.

Plain `random` from a seed instead of hypothesis's own strategies: a policy has some forty
choices, and drawing them one by one costs more than judging the policy.
"""

from __future__ import annotations

from random import Random
from typing import Any

BUCKET = "arn:aws:s3:::b"
OWNER = "999999999999"
FRIEND = "111122223333"
STRANGER = "777777777777"

ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:GetObjectAcl")
_ACTIONS = (
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
    *[f"{BUCKET}/*"] * 6,
    "*", f"{BUCKET}/a*", f"{BUCKET}/*b", f"{BUCKET}/a?b*", f"{BUCKET}/a/b", f"{BUCKET}/*a*b*",
    f"{BUCKET}/?", "arn:aws:s3:::*/a", "arn:aws:s3:::c/*", f"{BUCKET}/${{aws:username}}/*",
    f"{BUCKET}/${{s3:x-amz-acl}}", f"{BUCKET}/${{*}}",
    f"{BUCKET}/${{aws:PrincipalTag/team, 'a'}}*",
)  # fmt: skip
_EVERYBODY: tuple[Any, ...] = ("*", {"AWS": "*"})
_SOMEBODY: tuple[Any, ...] = (
    {"AWS": FRIEND},
    {"AWS": f"arn:aws:iam::{FRIEND}:user/bob"},
    {"AWS": [f"arn:aws:iam::{FRIEND}:role/r", f"arn:aws:iam::{OWNER}:root"]},
    {"AWS": f"arn:aws:sts::{FRIEND}:assumed-role/r/session"},
    {"Service": "logs.amazonaws.com"},
)
_TEXTS = ("a", "b", "A", "a/b", "ab", "public-read")
_PATTERNS = ("a", "b", "A", "a*", "*b", "?", "*", "a/b", "public-*", "*a*b*", "")
_KEYS = (
    "a", "b", "a/b", "xab", "ab", "eve/f", "bob/", "public-read", "x",
)  # fmt: skip
_COMPARED = (
    "Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals",
)  # fmt: skip
_STRING = (
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
    "StringLike", "StringNotLike",
)  # fmt: skip
_SETS = (
    "ForAllValues:StringEquals", "ForAnyValue:StringLike", "ForAllValues:StringNotLike",
    "ForAnyValue:StringNotEquals",
)  # fmt: skip
_ARNS = (
    "*", f"arn:aws:iam::{FRIEND}:*", "arn:aws:iam::*:user/*", "arn:aws:iam::7*:user/eve",
    "arn:aws:*::*:role/a*", f"arn:aws:iam::{FRIEND}:user/bob",
)  # fmt: skip

# operators, keys, values. INVARIANT: no value names the stranger's account, organisation or
# endpoint, so that `requests` are always those of a stranger.
_ENTRIES: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (_STRING, ("s3:x-amz-acl", "aws:Referer", "aws:PrincipalTag/team"), _PATTERNS),
    (
        ("IpAddress", "NotIpAddress"),
        ("aws:SourceIp",),
        (
            "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "203.0.113.0/24", "203.0.113.7",
            "2001:db8::/32", "::/0", "10.0.0.0/8",
        ),
    ),
    (("Bool",), ("aws:SecureTransport", "aws:MultiFactorAuthPresent"), ("true", "false")),
    (
        ("Null",),
        ("aws:SourceVpce", "s3:x-amz-acl", "aws:PrincipalArn", "aws:username"),
        ("true", "false"),
    ),
    (_STRING, ("aws:SourceVpce",), ("vpce-1", "vpce-*", "vpce-1*")),
    (_STRING, ("aws:PrincipalOrgID",), ("o-acme", "o-*", "${aws:ResourceOrgID}")),
    (_STRING, ("aws:PrincipalAccount",), (FRIEND, "7*", "anonymous", "*1*",
                                          "${aws:ResourceAccount}")),
    (_STRING, ("aws:username",), ("bob", "eve", "*", "e*")),
    (("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"), ("aws:PrincipalArn",), _ARNS),
    (
        tuple(f"Numeric{n}" for n in _COMPARED),
        ("s3:object-lock-remaining-retention-days",),
        ("1", "5", "10"),
    ),
    (
        tuple(f"Date{n}" for n in _COMPARED),
        ("aws:CurrentTime",),
        ("2020-01-01T00:00:00Z", "2030-01-01"),
    ),
    (_SETS, ("aws:TagKeys",), ("a", "b", "a*", "*")),
    (_SETS, ("aws:PrincipalOrgPaths",), ("o-acme/r/*", "o-*", "o-acme/r/x/")),
    (_SETS, ("aws:PrincipalOrgID",), ("o-acme", "o-*")),
    (("IpAddress", "StringLike"), ("aws:SourceIp",), ("300.1.1.1", "20*.0.113.7")),
)  # fmt: skip


def _some(random: Random, items: tuple[str, ...]) -> Any:
    if random.random() < 0.5:
        return random.choice(items)
    return [random.choice(items) for _ in range(random.randint(1, 3))]


def make_statement(random: Random, effect: str) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": effect}
    if random.random() < 0.8:
        statement["Principal"] = random.choice(_EVERYBODY * 5 + _SOMEBODY)
    else:
        statement["NotPrincipal"] = random.choice(_EVERYBODY + _SOMEBODY)
    statement["Action" if random.random() < 0.8 else "NotAction"] = _some(random, _ACTIONS)
    statement["Resource" if random.random() < 0.8 else "NotResource"] = _some(random, _RESOURCES)
    condition: dict[str, Any] = {}
    for _ in range(random.randint(0, 3)):
        operators, keys, values = random.choice(_ENTRIES)
        operator = random.choice(operators)
        if operator != "Null" and random.random() < 0.3:
            operator += "IfExists"
        condition.setdefault(operator, {})[random.choice(keys)] = _some(random, values)
    if condition:
        statement["Condition"] = condition
    return statement


def make_policy(random: Random) -> dict[str, Any]:
    effects = ["Allow", *(random.choice(("Allow", "Deny", "Deny")) for _ in range(3))]
    effects = effects[: random.randint(1, 4)]
    version = random.choice(("2012-10-17",) * 4 + ("2008-10-17",))
    return {"Version": version, "Statement": [make_statement(random, e) for e in effects]}


def make_request(random: Random, who: str) -> dict[str, Any]:
    """A request that somebody of the class could really send: its context hangs together."""
    context: dict[str, Any] = {
        "aws:SecureTransport": random.choice(("true", "false")),
        "aws:CurrentTime": random.choice(
            ("2019-06-01T00:00:00Z", "2025-01-01T00:00:00Z", "2031-01-01T12:00:00Z")
        ),
        "aws:ResourceOrgID": "o-resourceowner",
    }
    if random.random() < 0.4:
        context["aws:SourceVpce"] = random.choice(("vpce-z9", "vpce-1y8"))
        context["aws:SourceVpc"] = "vpc-9"
    else:
        addresses = ("1.2.3.4", "203.0.113.7", "128.0.0.1", "2001:db8::1", "2600::1")
        context["aws:SourceIp"] = random.choice(addresses)
    optional = {
        "s3:x-amz-acl": _TEXTS,
        "aws:Referer": _TEXTS,
        "s3:object-lock-remaining-retention-days": ("0", "1", "3", "5", "7", "10", "11"),
    }
    if random.random() < 0.5:
        context["aws:TagKeys"] = random.sample(("a", "b", "ab"), random.randint(1, 2))
    principal = "anonymous"
    if who == "any":
        principal = random.choice(
            (
                f"arn:aws:iam::{STRANGER}:user/eve",
                f"arn:aws:iam::{STRANGER}:user/x/bob",
                f"arn:aws:sts::{STRANGER}:assumed-role/admin/s",
                f"arn:aws:iam::{STRANGER}:root",
            )
        )
        optional["aws:PrincipalTag/team"] = _TEXTS
        optional["aws:MultiFactorAuthPresent"] = ("true", "false")
        if random.random() < 0.5:
            organization = random.choice(("o-mine", "o-zz"))
            context["aws:PrincipalOrgID"] = organization
            context["aws:PrincipalOrgPaths"] = [f"{organization}/r/x/"]
    action = random.choice(ACTIONS)
    for key, values in optional.items():
        if random.random() < 0.5 and (not key.startswith("s3:") or action == "s3:PutObject"):
            context[key] = random.choice(values)
    return {
        "principal": principal,
        "action": action,
        "resource": {"resource": f"{BUCKET}/{random.choice(_KEYS)}", "accountId": OWNER},
        "context": context,
    }
