"""Bucket policies with their four answers, worked out by hand from AWS's documents.

Sources: S3 user guide, *Blocking public access*, "The meaning of public", and *Bucket policy
examples*; IAM user guide, *Global condition context keys*, *Condition operators*, *NotPrincipal*;
service authorization reference, *Condition keys for Amazon S3*. Each is one fact away from others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from mute_audit.identity.lone import classify_policy

BUCKET = "arn:aws:s3:::b"
HERE, THERE = "111122223333", "444455556666"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
KMS_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
YES, NO, OPEN = "yes", "no", "unknown"
Raw = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A policy and what it is: for the anonymous, any account, S3, and whom it names."""

    name: str
    anonymous: str
    any_account: str
    s3_public: bool | str
    outside: list[str]
    policy: Raw
    owner: str = ""


def allow(**more: Any) -> Raw:
    made = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    return _without_none({**made, "Resource": f"{BUCKET}/*", **more})


def deny(**more: Any) -> Raw:
    made = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}
    return _without_none({**made, "Resource": [BUCKET, f"{BUCKET}/*"], **more})


def _without_none(statement: Raw) -> Raw:
    return {key: value for key, value in statement.items() if value is not None}


def when(condition: Raw, **more: Any) -> Raw:
    return allow(Condition=condition, **more)


def unless(condition: Raw) -> Raw:
    return deny(Condition=condition)


CASES: list[Case] = []


def case(
    name: str,
    anonymous: str,
    any_account: str,
    s3_public: bool | str,
    outside: list[str],
    *statements: Raw,
    owner: str = "",
    version: str = "2012-10-17",
) -> None:
    policy = {"Version": version, "Statement": list(statements)}
    CASES.append(Case(name, anonymous, any_account, s3_public, outside, policy, owner))


case(
    "any VPC may have a private range",
    YES,
    YES,
    True,
    [],
    when({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}),
)
case(
    "the private range of one VPC",
    NO,
    NO,
    False,
    [],
    when(
        {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}}
    ),
)
case(
    "a second factor: a stranger has one as well",
    NO,
    YES,
    True,
    [],
    when({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
)
case(
    "no second factor, but credentials",
    NO,
    YES,
    True,
    [],
    when({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
)
case(
    "a second factor, if the key is there",
    YES,
    YES,
    True,
    [],
    when({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}),
)
case(
    "Deny without a second factor: the anonymous have no such key",
    YES,
    YES,
    True,
    [],
    allow(),
    unless({"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
)
case(
    "… IfExists takes them in",
    NO,
    YES,
    True,
    [],
    allow(),
    unless({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
)
case(
    "a tag that a stranger gives himself",
    NO,
    YES,
    True,
    [],
    when({"StringEquals": {"aws:PrincipalTag/team": "red"}}),
)
case("through an AWS service", NO, YES, True, [], when({"Bool": {"aws:ViaAWSService": "true"}}))
case(
    "not through an AWS service", YES, YES, True, [], when({"Bool": {"aws:ViaAWSService": "false"}})
)
case(
    "only services of AWS", NO, NO, True, [], when({"Bool": {"aws:PrincipalIsAWSService": "true"}})
)
case(
    "nobody but services of AWS is left out",
    YES,
    YES,
    True,
    [],
    when({"Bool": {"aws:PrincipalIsAWSService": "false"}}),
)
case(
    "through Athena",
    NO,
    YES,
    True,
    [],
    when({"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}),
)
case(
    "a service for one account",
    NO,
    NO,
    False,
    [],
    when({"StringEquals": {"aws:SourceAccount": HERE}}),
)
case(
    "a service for one topic",
    NO,
    NO,
    False,
    [],
    when({"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{HERE}:t"}}),
)
case(
    "a service for a topic of any account",
    NO,
    NO,
    True,
    [],
    when({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:t"}}),
)
case(
    "a service for one owner", NO, NO, False, [], when({"StringEquals": {"aws:SourceOwner": HERE}})
)
case("one user by id", NO, NO, False, [], when({"StringEquals": {"aws:userid": "AIDAEXAMPLE"}}))
case(
    "any session of one role: a wildcard, says S3",
    NO,
    NO,
    True,
    [],
    when({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}),
)
case("any role at all", NO, YES, True, [], when({"StringLike": {"aws:userid": "AROA*"}}))
case(
    "one session of one role",
    NO,
    NO,
    False,
    [],
    when({"StringEquals": {"aws:userid": "AROAEXAMPLE:me"}}),
)
case(
    "a header that anybody can send, and S3 says not public",
    YES,
    YES,
    False,
    [],
    allow(
        Action="s3:PutObject",
        Condition={"StringEquals": {KMS_KEY: f"arn:aws:kms:eu-west-1:{HERE}:key/x"}},
    ),
)
case(
    "any access point of one account",
    NO,
    NO,
    False,
    [HERE],
    when({"ArnLike": {"s3:DataAccessPointArn": f"arn:aws:s3:eu-west-1:{HERE}:accesspoint/*"}}),
)
case(
    "an access point of any account",
    YES,
    YES,
    True,
    [],
    when({"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:eu-west-1:*:accesspoint/x"}}),
)
case(
    "any access point", YES, YES, True, [], when({"StringLike": {"s3:DataAccessPointAccount": "*"}})
)
case(
    "a /8 is not public, says S3",
    YES,
    YES,
    False,
    [],
    when({"IpAddress": {"aws:SourceIp": "8.0.0.0/8"}}),
)
case("a /7 is", YES, YES, True, [], when({"IpAddress": {"aws:SourceIp": "8.0.0.0/7"}}))
case("an IPv6 /32 is not", YES, YES, False, [], when({"IpAddress": {"aws:SourceIp": "2600::/32"}}))
case("an IPv6 /31 is", YES, YES, True, [], when({"IpAddress": {"aws:SourceIp": "2600::/31"}}))
case(
    "one narrow range beside a wide one",
    YES,
    YES,
    True,
    [],
    when({"IpAddress": {"aws:SourceIp": ["8.8.8.8/32", "0.0.0.0/1"]}}),
)
case(
    "everywhere but one address",
    YES,
    YES,
    True,
    [],
    when({"NotIpAddress": {"aws:SourceIp": "8.8.8.8/32"}}),
)
case(
    "an address, if there is one: through an endpoint there is none",
    YES,
    YES,
    True,
    [],
    when({"IpAddressIfExists": {"aws:SourceIp": "8.8.8.8/32"}}),
)
case(
    "the private range of 172",
    NO,
    NO,
    False,
    [],
    when({"IpAddress": {"aws:SourceIp": "172.16.0.0/12"}}),
)
case(
    "a range that has it and more",
    YES,
    YES,
    False,
    [],
    when({"IpAddress": {"aws:SourceIp": "172.0.0.0/11"}}),
)
case(
    "private and shared addresses",
    NO,
    NO,
    False,
    [],
    when({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "100.64.0.0/10"]}}),
)
case("all of IPv6", YES, YES, True, [], when({"IpAddress": {"aws:SourceIp": "::/0"}}))
case(
    "an IPv4 address dressed as IPv6",
    OPEN,
    OPEN,
    OPEN,
    [],
    when({"IpAddress": {"aws:SourceIp": "::ffff:8.8.8.8"}}),
)
case(
    "a range inside a range that is denied",
    NO,
    NO,
    False,
    [],
    when({"IpAddress": {"aws:SourceIp": "8.8.8.0/24"}}),
    unless({"IpAddress": {"aws:SourceIp": "8.8.8.0/23"}}),
)
case(
    "an address, and denied without an endpoint",
    NO,
    NO,
    False,
    [],
    when({"IpAddress": {"aws:SourceIp": "8.8.8.0/24"}}),
    unless({"Null": {"aws:SourceVpce": "true"}}),
)
case(
    "two organisations",
    NO,
    NO,
    False,
    ["o-acme", "o-beta"],
    when({"StringEquals": {"aws:PrincipalOrgID": ["o-acme", "o-beta"]}}),
)
case(
    "one organisation and any",
    NO,
    YES,
    True,
    ["o-acme"],
    when({"StringLike": {"aws:PrincipalOrgID": ["o-acme", "o-*"]}}),
)
case(
    "an organisation in any case is that one alone",
    NO,
    NO,
    False,
    ["o-acme"],
    when({"StringEqualsIgnoreCase": {"aws:PrincipalOrgID": "o-acme"}}),
)
case(
    "denied outside an organisation",
    NO,
    NO,
    True,
    [],
    allow(),
    unless({"StringNotEquals": {"aws:PrincipalOrgID": "o-acme"}}),
)
case(
    "… also where there is none",
    NO,
    NO,
    True,
    [],
    allow(),
    unless({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-acme"}}),
)
case(
    "… services aside",
    NO,
    NO,
    True,
    [],
    allow(),
    unless(
        {
            "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-acme"},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        }
    ),
)
case(
    "denied to other organisations: who is in none is let in",
    YES,
    YES,
    True,
    [],
    allow(),
    unless(
        {
            "StringNotEquals": {"aws:PrincipalOrgID": "o-acme"},
            "Null": {"aws:PrincipalOrgID": "false"},
        }
    ),
)
case(
    "two accounts",
    NO,
    NO,
    False,
    [HERE, THERE],
    allow(Principal={"AWS": [HERE, f"arn:aws:iam::{THERE}:user/x"]}),
)
case(
    "the owner is nobody outside",
    NO,
    NO,
    False,
    [THERE],
    allow(Principal={"AWS": [HERE, THERE]}),
    owner=HERE,
)
case(
    "a service for one distribution",
    NO,
    NO,
    False,
    [],
    allow(
        Principal={"Service": "cloudfront.amazonaws.com"},
        Condition={"StringEquals": {"AWS:SourceArn": f"arn:aws:cloudfront::{HERE}:distribution/X"}},
    ),
)
case(
    "a service for whomever",
    NO,
    NO,
    False,
    [],
    allow(Principal={"Service": "cloudfront.amazonaws.com"}),
)
case("everything", YES, YES, True, [], allow(Action="s3:*", Resource=[BUCKET, f"{BUCKET}/*"]))
case("the list alone", YES, YES, True, [], allow(Action="s3:ListBucket", Resource=BUCKET))
case("the list, on objects", NO, NO, True, [], allow(Action="s3:ListBucket"))
case("objects, on the bucket", NO, NO, True, [], allow(Resource=BUCKET))
case(
    "the list denied, the objects not",
    YES,
    YES,
    True,
    [],
    allow(Action=["s3:GetObject", "s3:ListBucket"], Resource=[BUCKET, f"{BUCKET}/*"]),
    deny(Resource=BUCKET),
)
case(
    "before 2012 no variable: nobody is called so",
    NO,
    NO,
    True,
    [],
    allow(
        Resource=f"{BUCKET}/${{aws:username}}/*",
        Condition={"StringEquals": {"aws:username": "${aws:username}"}},
    ),
    version="2008-10-17",
)
case(
    "… but an object can be",
    YES,
    YES,
    True,
    [],
    allow(Resource=f"{BUCKET}/${{aws:username}}/*"),
    version="2008-10-17",
)
case(
    "the owner's account by a variable",
    NO,
    NO,
    True,
    [],
    when({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}),
)
case(
    "the owner's organisation, asked the other way round",
    NO,
    NO,
    True,
    [],
    when({"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}),
)
case(
    "… in any case it is that one alone",
    NO,
    NO,
    True,
    [],
    when({"StringEqualsIgnoreCase": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}),
)
case(
    "… which an account that is named may be in",
    NO,
    NO,
    True,
    [HERE],
    when({"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}),
    deny(Principal={"AWS": HERE}, Action="s3:PutObject"),
)
case("without an ARN", YES, NO, True, [], when({"Null": {"aws:PrincipalArn": "true"}}))
case("with an ARN", NO, YES, True, [], when({"Null": {"aws:PrincipalArn": "false"}}))
case("through some endpoint", YES, YES, True, [], when({"Null": {"aws:SourceVpce": "false"}}))
case(
    "ForAllValues is true of nothing",
    YES,
    YES,
    True,
    [],
    when({"ForAllValues:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}),
)
case(
    "… of an endpoint as well",
    YES,
    YES,
    True,
    [],
    when({"ForAllValues:StringEquals": {"aws:SourceVpce": "vpce-1"}}),
)
case(
    "ForAnyValue on one value",
    NO,
    NO,
    True,
    [HERE],
    when({"ForAnyValue:ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HERE}:role/*"}}),
)
case(
    "not one account",
    YES,
    YES,
    True,
    [],
    when({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{HERE}:*"}}),
)
case(
    "signed", NO, YES, True, [], when({"StringEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}})
)
case(
    "signed in the header",
    NO,
    YES,
    True,
    [],
    when({"StringEquals": {"s3:authType": "REST-HEADER"}}),
)
case(
    "Deny of old signatures: the anonymous have none",
    YES,
    YES,
    True,
    [],
    allow(),
    unless({"NumericGreaterThan": {"s3:signatureAge": "600000"}}),
)
case("a role", NO, YES, True, [], when({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}))
case("a user", NO, YES, True, [], when({"StringLike": {"aws:username": "*"}}))
case(
    "a secret that anybody can send",
    YES,
    YES,
    True,
    [],
    when({"StringEquals": {"aws:UserAgent": "secret"}}),
)
case("over", NO, NO, True, [], when({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}))
case(
    "without TLS, and denied without",
    NO,
    NO,
    True,
    [],
    when({"Bool": {"aws:SecureTransport": "false"}}),
    unless({"Bool": {"aws:SecureTransport": "false"}}),
)
case(
    "Deny old TLS",
    YES,
    YES,
    True,
    [],
    allow(),
    unless({"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
)
case(
    "denied but elsewhere",
    NO,
    NO,
    True,
    [],
    allow(),
    deny(Resource=None, NotResource=f"{BUCKET}c/*"),
)
case(
    "everything but reading is denied",
    YES,
    YES,
    True,
    [],
    allow(Action="s3:*"),
    deny(Action=None, NotAction="s3:GetObject"),
)
case(
    "everything but writing is denied",
    NO,
    NO,
    True,
    [],
    allow(),
    deny(Action=None, NotAction="s3:PutObject"),
)
case("denied to one account", YES, YES, True, [], allow(), deny(Principal={"AWS": HERE}))
case(
    "an account without one of its users",
    NO,
    NO,
    False,
    [HERE],
    allow(Principal={"AWS": HERE}),
    deny(Principal={"AWS": f"arn:aws:iam::{HERE}:user/x"}),
)
case(
    "a user without its account",
    NO,
    NO,
    False,
    [],
    allow(Principal={"AWS": f"arn:aws:iam::{HERE}:user/x"}),
    deny(Principal={"AWS": HERE}),
)
case(
    "a role without some session",
    NO,
    NO,
    False,
    [HERE],
    allow(Principal={"AWS": f"arn:aws:iam::{HERE}:role/r"}),
    unless({"StringLike": {"aws:userid": "*:bad"}}),
)
case(
    "a VPC by its ARN",
    NO,
    NO,
    OPEN,
    [HERE],
    when({"ArnEquals": {"aws:SourceVpcArn": f"arn:aws:ec2:eu-west-1:{HERE}:vpc/vpc-1"}}),
)
case(
    "endpoints of one account",
    NO,
    NO,
    OPEN,
    [HERE],
    when({"StringEquals": {"aws:VpceAccount": HERE}}),
)
case(
    "a service by name",
    NO,
    NO,
    OPEN,
    [],
    when({"StringEquals": {"aws:PrincipalServiceName": "cloudtrail.amazonaws.com"}}),
)
case(
    "denied without a prefix: who reads an object sends none",
    NO,
    NO,
    True,
    [],
    allow(),
    unless({"StringNotLike": {"s3:prefix": "public/*"}}),
)
case(
    "a list under a prefix",
    YES,
    YES,
    True,
    [],
    allow(
        Action="s3:ListBucket", Resource=BUCKET, Condition={"StringLike": {"s3:prefix": "public/*"}}
    ),
)
case(
    "denied without encryption: who reads an object sends no such header",
    NO,
    NO,
    True,
    [],
    allow(),
    unless({"Null": {"s3:x-amz-server-side-encryption": "true"}}),
)
case(
    "… who writes one does",
    YES,
    YES,
    True,
    [],
    allow(Action="s3:PutObject"),
    unless({"Null": {"s3:x-amz-server-side-encryption": "true"}}),
)
case(
    "an ACL that reading never sends",
    NO,
    NO,
    True,
    [],
    allow(
        Action=["s3:GetObject", "s3:PutObject"],
        Condition={"StringEquals": {"s3:x-amz-acl": "public-read"}},
    ),
    deny(Action="s3:PutObject"),
)
case(
    "a tag of the object",
    YES,
    YES,
    True,
    [],
    when({"StringEquals": {"s3:ExistingObjectTag/public": "yes"}}),
)
case(
    "… which a list has not",
    NO,
    NO,
    True,
    [],
    allow(
        Action=["s3:ListBucket"],
        Resource=BUCKET,
        Condition={"StringEquals": {"s3:ExistingObjectTag/public": "yes"}},
    ),
)
case(
    "a version, by an action that names none",
    NO,
    NO,
    True,
    [],
    when({"StringEquals": {"s3:VersionId": "x"}}),
)
case("an action that is not in the catalogue", OPEN, OPEN, True, [], allow(Action="s3:Frobnicate"))
case("another service's actions", NO, NO, True, [], allow(Action="ec2:*"))


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len(CASES) >= 90
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("each", CASES, ids=lambda each: each.name)
def test_the_four_answers(each: Case) -> None:
    answer = classify_policy(each.policy, each.owner, now=NOW)
    shared = [*answer["outside_accounts"], *answer.get("organizations", [])]
    assert (answer["anonymous"], answer["any_account"]) == (each.anonymous, each.any_account)
    assert answer["s3_public"] == each.s3_public
    assert shared == each.outside
    assert (answer["witness"] is not None) == (
        YES in (each.anonymous, each.any_account) or bool(shared)
    )
