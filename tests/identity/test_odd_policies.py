"""Policies that nobody would write: every operator on every key, with values of every shape.

Whatever comes of it, it is an answer: no policy sets the two engines against each other, and none
takes long.
"""

from __future__ import annotations

import time
from random import Random
from typing import Any

import pytest

from mute_audit.identity.lone import classify_policy
from mute_audit.identity.statements import Operator

OWNER = "111122223333"
OPERATORS = tuple(operator.value for operator in Operator)
KEYS = (
    "aws:SourceIp", "aws:VpcSourceIp", "aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime",
    "aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:PrincipalIsAWSService",
    "aws:SecureTransport", "aws:ViaAWSService", "s3:max-keys", "s3:TlsVersion", "s3:signatureage",
    "s3:object-lock-retain-until-date", "aws:CalledVia", "aws:PrincipalOrgPaths", "aws:TagKeys",
    "aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce", "aws:VpceAccount", "aws:VpceOrgID",
    "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList", "aws:SourceAccount",
    "aws:SourceArn", "aws:SourceOrgID", "aws:ResourceAccount", "aws:ResourceOrgID",
    "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalType",
    "aws:userid", "aws:username", "s3:DataAccessPointAccount", "s3:DataAccessPointArn",
    "s3:prefix", "aws:PrincipalTag/a", "aws:RequestedRegion", "aws:Referer", "s3:authType",
    "ec2:SourceInstanceARN", "custom:key",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    "", "*", "a", "a*", "?", "10", "1e3", "-5", "2020", "2020-01", "2020-01-01T00:00:00Z", "true",
    "TRUE", "0.0.0.0/0", "203.0.113.0/24", "::/0", "::ffff:1.2.3.4", "300.1.1.1", "111122223333",
    "o-a", "o-a/r-1/*", "arn:aws:iam::111122223333:role/x", "arn:aws:iam::*:role/x*", "arn:*",
    "arn:aws:s3:::x", "vpce-1", "vpc-*", "${aws:username}", "${aws:SourceIp}",
    "${s3:prefix, 'q'}", "${*}", "${", "AIDA1", "AROA1:*", "User", "anonymous", "\u212a", "ß",
    "\u2028", 5, 1.5, True, 10**30,
)  # fmt: skip
PRINCIPALS: tuple[Any, ...] = (
    "*",
    {"AWS": "*"},
    {"AWS": OWNER},
    {"AWS": f"arn:aws:iam::{OWNER}:user/"},
    {"AWS": f"arn:aws:sts::{OWNER}:assumed-role/r/s"},
    {"AWS": f"arn:aws:sts::{OWNER}:federated-user/f"},
    {"AWS": "AIDAXX"},
    {"AWS": "arn:aws:iam::aws:role/x"},
    {"Service": "x y"},
    {"CanonicalUser": "79a5"},
    {"Federated": "foo"},
    {"Robot": "r"},
)
ACTIONS = ("s3:*", "s3:Get*", "s3:PutObject", "*", "s3:?etObject", "S3:LISTbucket")
RESOURCES = ("*", "arn:aws:s3:::b", "arn:aws:s3:::b/a?c*", "arn:aws:s3:::b/${aws:username}/*")


def statement(random: Random, effect: str) -> dict[str, Any]:
    condition: dict[str, Any] = {}
    for _ in range(random.randint(0, 3)):
        operator = random.choice(OPERATORS)
        key = random.choice(KEYS)
        if operator == "Null":
            condition.setdefault(operator, {})[key] = random.choice(("true", "false"))
            continue
        prefix = random.choice(("", "", "", "ForAllValues:", "ForAnyValue:"))
        suffix = random.choice(("", "", "IfExists"))
        listed = [random.choice(VALUES) for _ in range(random.randint(1, 3))]
        condition.setdefault(prefix + operator + suffix, {})[key] = listed
    return {
        "Effect": effect,
        random.choice(("Principal",) * 4 + ("NotPrincipal",)): random.choice(PRINCIPALS),
        random.choice(("Action",) * 4 + ("NotAction",)): random.choice(ACTIONS),
        random.choice(("Resource",) * 4 + ("NotResource",)): random.choice(RESOURCES),
        **({"Condition": condition} if condition else {}),
    }


@pytest.mark.parametrize("count", [400, pytest.param(10_000, marks=pytest.mark.slow)])
def test_odd_policies_are_answered_and_the_engines_agree(count: int) -> None:
    random = Random(count)
    for _ in range(count):
        effects = ["Allow", *random.choices(("Allow", "Deny"), k=random.randint(0, 4))]
        document = {
            "Version": random.choice(("2012-10-17", "2012-10-17", "2008-10-17")),
            "Statement": [statement(random, effect) for effect in effects],
        }
        began = time.process_time()
        answer = classify_policy(document, random.choice(("", OWNER)))
        assert time.process_time() - began < 3, document
        assert answer["anonymous"] in ("yes", "no", "unknown")
