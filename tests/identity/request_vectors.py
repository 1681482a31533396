"""Requests with their outcome, worked out by hand from AWS's documents before any engine ran.

Sources: IAM user guide, *Policy evaluation logic*, *Permissions boundaries*, *JSON policy
element reference* (condition operators, variables, single- and multivalued keys, Principal,
NotPrincipal), *Session policies*; Organizations user guide, SCPs and RCPs; KMS and STS guides.
Each is judged by the simulator, and by the set evaluator as a class of one request.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

HOME, ABROAD, THIRD = "111122223333", "444455556666", "777788889999"
USER = f"arn:aws:iam::{HOME}:user/team/ann"
OTHER_USER = f"arn:aws:iam::{HOME}:user/bob"
ROLE = f"arn:aws:iam::{HOME}:role/worker"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/worker/job"
ROOT = f"arn:aws:iam::{HOME}:root"
BUCKET = "arn:aws:s3:::b"
OBJECT = f"{BUCKET}/k"
ALLOWED, IMPLICIT, EXPLICIT, UNKNOWN = (
    "Allowed",
    "ImplicitlyDenied",
    "ExplicitlyDenied",
    "Unknown",
)
Raw = dict[str, Any]


@dataclass(frozen=True)
class Vector:
    """One request with all its policies, and what AWS answers."""

    name: str
    expected: str
    principal: Any
    action: str = "s3:GetObject"
    resource: str = OBJECT
    owner: str = HOME
    context: Raw = field(default_factory=dict)
    layers: Raw = field(default_factory=dict)

    @property
    def document(self) -> Raw:
        return {
            "request": {
                "principal": self.principal,
                "action": self.action,
                "resource": {"resource": self.resource, "accountId": self.owner},
                "context": self.context,
            },
            **self.layers,
        }


def policy(*statements: Raw, version: str | None = "2012-10-17") -> Raw:
    made: Raw = {"Statement": list(statements)}
    return made if version is None else {"Version": version, **made}


def allow(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> Raw:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> Raw:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def without(statement: Raw, *names: str) -> Raw:
    return {key: value for key, value in statement.items() if key not in names}


def to(who: Any, **more: Any) -> Raw:
    return allow(Principal=who, **more)


def aws(*arns: str) -> Raw:
    return {"AWS": arns[0] if len(arns) == 1 else list(arns)}


EVERYTHING = policy(allow("*"))
NOTHING_ELSE = policy(allow("ec2:*"))
OWN = {"identityPolicies": [policy(allow())]}


def scp(*levels: list[Raw]) -> list[Raw]:
    return [{"orgIdentifier": f"ou-{n}", "policies": level} for n, level in enumerate(levels)]


def _conditions() -> list[Vector]:
    """Operators, one condition on an Allow of the user's own policy."""
    made: list[Vector] = []

    def when(
        name: str, expected: str, condition: Raw, version: str = "2012-10-17", **ctx: Any
    ) -> None:
        context = {key.replace("__", ":").replace("_SLASH_", "/"): v for key, v in ctx.items()}
        document = policy(allow(Condition=condition), version=version)
        made.append(
            Vector(name, expected, USER, context=context, layers={"identityPolicies": [document]})
        )

    def one(operator: str, value: Any, key: str = "s3:prefix") -> Raw:
        return {operator: {key: value}}

    # text
    when("equal texts", ALLOWED, one("StringEquals", "a"), s3__prefix="a")
    when("texts mind case", IMPLICIT, one("StringEquals", "a"), s3__prefix="A")
    when("one of several values", ALLOWED, one("StringEquals", ["x", "a"]), s3__prefix="a")
    when("a star is a star in StringEquals", IMPLICIT, one("StringEquals", "a*"), s3__prefix="ab")
    when("… and equals itself", ALLOWED, one("StringEquals", "a*"), s3__prefix="a*")
    when("a star in StringLike", ALLOWED, one("StringLike", "a*"), s3__prefix="a/b/c")
    when("a star takes the empty rest", ALLOWED, one("StringLike", "a*"), s3__prefix="a")
    when("a question mark takes one", ALLOWED, one("StringLike", "a?"), s3__prefix="ab")
    when("… and not none", IMPLICIT, one("StringLike", "a?"), s3__prefix="a")
    when("… and not two", IMPLICIT, one("StringLike", "a?"), s3__prefix="abc")
    when("StringLike minds case", IMPLICIT, one("StringLike", "A*"), s3__prefix="ab")
    when("ignoring case", ALLOWED, one("StringEqualsIgnoreCase", "HOME/"), s3__prefix="home/")
    when(
        "not ignoring case", IMPLICIT, one("StringNotEqualsIgnoreCase", "HOME/"), s3__prefix="home/"
    )
    when("none of several", ALLOWED, one("StringNotEquals", ["x", "y"]), s3__prefix="a")
    when("one of those not wanted", IMPLICIT, one("StringNotEquals", ["x", "a"]), s3__prefix="a")
    when("not like", IMPLICIT, one("StringNotLike", ["x", "a*"]), s3__prefix="ab")
    when("the empty text equals itself", ALLOWED, one("StringEquals", ["", "home/"]), s3__prefix="")
    when("keys ignore case", ALLOWED, {"StringEquals": {"S3:Prefix": "a"}}, s3__pREFIX="a")
    when("operators ignore case", ALLOWED, one("stringequals", "a"), s3__prefix="a")
    when(
        "two operators are both asked",
        IMPLICIT,
        {"StringLike": {"s3:prefix": "a*"}, "StringNotLike": {"s3:prefix": "*b"}},
        s3__prefix="ab",
    )
    when(
        "two keys are both asked",
        IMPLICIT,
        {"StringEquals": {"s3:prefix": "a", "s3:delimiter": "/"}},
        s3__prefix="a",
    )
    when("a number where text is asked", ALLOWED, one("StringEquals", "5"), s3__prefix=5)
    # absent keys
    when("absent: positive is false", IMPLICIT, one("StringEquals", "a"))
    when("absent: negated is true", ALLOWED, one("StringNotEquals", "a"))
    when("absent: StringNotLike * is true", ALLOWED, one("StringNotLike", "*"))
    when("absent: IfExists is true", ALLOWED, one("StringEqualsIfExists", "a"))
    when("there: IfExists asks", IMPLICIT, one("StringEqualsIfExists", "a"), s3__prefix="b")
    when(
        "there: negated IfExists asks",
        IMPLICIT,
        one("StringNotEqualsIfExists", "a"),
        s3__prefix="a",
    )
    when("absent: Bool is false", IMPLICIT, one("Bool", "false", "aws:MultiFactorAuthPresent"))
    when(
        "absent: BoolIfExists is true",
        ALLOWED,
        one("BoolIfExists", "false", "aws:MultiFactorAuthPresent"),
    )
    when("absent: NumericNotEquals is true", ALLOWED, one("NumericNotEquals", "5", "s3:max-keys"))
    when("absent: NotIpAddress is true", ALLOWED, one("NotIpAddress", "0.0.0.0/0", "aws:SourceIp"))
    when(
        "absent: DateNotEquals is true",
        ALLOWED,
        one("DateNotEquals", "2020-01-01T00:00:00Z", "aws:TokenIssueTime"),
    )
    when(
        "absent: ArnNotLike is true",
        ALLOWED,
        one("ArnNotLike", "arn:aws:sns:*:*:*", "aws:SourceArn"),
    )
    when("Null true: absent", ALLOWED, one("Null", "true"))
    when("Null true: there", IMPLICIT, one("Null", "true"), s3__prefix="a")
    when("Null false: there", ALLOWED, one("Null", "false"), s3__prefix="a")
    when("Null false: absent", IMPLICIT, one("Null", False))
    when("Null of both is either", ALLOWED, one("Null", ["true", "false"]), s3__prefix="a")
    # sets
    tags = "aws:TagKeys"
    when(
        "all values are listed",
        ALLOWED,
        one("ForAllValues:StringEquals", ["a", "b"], tags),
        aws__TagKeys=["a", "b"],
    )
    when(
        "one value is not listed",
        IMPLICIT,
        one("ForAllValues:StringEquals", ["a", "b"], tags),
        aws__TagKeys=["a", "c"],
    )
    when("ForAllValues: absent is true", ALLOWED, one("ForAllValues:StringEquals", ["a"], tags))
    when(
        "ForAllValues: no values is true",
        ALLOWED,
        one("ForAllValues:StringEquals", ["a"], tags),
        aws__TagKeys=[],
    )
    when(
        "ForAllValues: an empty text is no value",
        ALLOWED,
        one("ForAllValues:StringEquals", ["a"], tags),
        aws__TagKeys="",
    )
    when(
        "ForAnyValue: one is enough",
        ALLOWED,
        one("ForAnyValue:StringEquals", ["a"], tags),
        aws__TagKeys=["c", "a"],
    )
    when("ForAnyValue: absent is false", IMPLICIT, one("ForAnyValue:StringLike", "*", tags))
    when(
        "ForAnyValue: no values is false",
        IMPLICIT,
        one("ForAnyValue:StringLike", "*", tags),
        aws__TagKeys=[],
    )
    when(
        "ForAnyValue: an empty text is no value",
        IMPLICIT,
        one("ForAnyValue:StringLike", "*", tags),
        aws__TagKeys=[""],
    )
    when(
        "ForAnyValue negated: some value is another",
        ALLOWED,
        one("ForAnyValue:StringNotEquals", ["a"], tags),
        aws__TagKeys=["a", "b"],
    )
    when(
        "ForAnyValue negated: absent is false",
        IMPLICIT,
        one("ForAnyValue:StringNotEquals", ["a"], tags),
    )
    when(
        "ForAllValues negated: none is listed",
        ALLOWED,
        one("ForAllValues:StringNotEquals", ["a"], tags),
        aws__TagKeys=["b", "c"],
    )
    when(
        "ForAllValues negated: one is listed",
        IMPLICIT,
        one("ForAllValues:StringNotEquals", ["a"], tags),
        aws__TagKeys=["b", "a"],
    )
    when(
        "ForAnyValue IfExists: absent is true",
        ALLOWED,
        one("ForAnyValue:StringEqualsIfExists", ["a"], tags),
    )
    when(
        "ForAllValues on a single value",
        IMPLICIT,
        one("ForAllValues:StringLike", ["o-*"], "aws:PrincipalOrgID"),
        aws__PrincipalOrgID="p-1",
    )
    when(
        "several values without a set operator",
        UNKNOWN,
        one("StringEquals", "a", tags),
        aws__TagKeys=["a", "b"],
    )
    # numbers, dates, booleans, bytes
    number = "s3:max-keys"
    when(
        "numbers compare as numbers",
        ALLOWED,
        one("NumericLessThan", "10", number),
        **{"s3__max-keys": "9"},
    )
    when(
        "a number of JSON",
        ALLOWED,
        one("NumericLessThanEquals", 10, number),
        **{"s3__max-keys": 10},
    )
    when(
        "10 and 10.0 are equal",
        ALLOWED,
        one("NumericEquals", "10.0", number),
        **{"s3__max-keys": "10"},
    )
    when(
        "negative numbers", ALLOWED, one("NumericLessThan", "-1", number), **{"s3__max-keys": "-2"}
    )
    when(
        "any of several limits",
        ALLOWED,
        one("NumericGreaterThan", ["100", "5"], number),
        **{"s3__max-keys": "7"},
    )
    when(
        "a text where a number is asked",
        UNKNOWN,
        one("NumericEquals", "10", number),
        **{"s3__max-keys": "ten"},
    )
    when(
        "a number with an underscore is none",
        UNKNOWN,
        one("NumericEquals", "1_0", number),
        **{"s3__max-keys": "10"},
    )
    moment = "aws:CurrentTime"
    when(
        "a date before another",
        ALLOWED,
        one("DateLessThan", "2030-01-01T00:00:00Z", moment),
        aws__CurrentTime="2029-12-31T23:59:59Z",
    )
    when(
        "the same moment in two zones",
        ALLOWED,
        one("DateEquals", "2030-01-01T09:00:00+09:00", moment),
        aws__CurrentTime="2030-01-01T00:00:00Z",
    )
    when(
        "a date against epoch seconds",
        ALLOWED,
        one("DateGreaterThan", "2019-12-31T00:00:00Z", "aws:EpochTime"),
        aws__EpochTime=1577836800,
    )
    when(
        "a day stands for its first moment",
        IMPLICIT,
        one("DateLessThan", "2030-01-01", moment),
        aws__CurrentTime="2030-01-01T00:00:00Z",
    )
    when(
        "a month is a date as well",
        ALLOWED,
        one("DateGreaterThanEquals", "2030-01", moment),
        aws__CurrentTime="2030-01-01T00:00:00Z",
    )
    when(
        "no date at all",
        UNKNOWN,
        one("DateLessThan", "tomorrow", moment),
        aws__CurrentTime="2030-01-01T00:00:00Z",
    )
    when(
        "a boolean of JSON",
        ALLOWED,
        one("Bool", True, "aws:SecureTransport"),
        aws__SecureTransport=True,
    )
    when(
        "a boolean as text",
        IMPLICIT,
        one("Bool", "true", "aws:SecureTransport"),
        aws__SecureTransport="false",
    )
    when("bytes", ALLOWED, one("BinaryEquals", "QmluYXJ5", "kms:x"), kms__x="QmluYXJ5")
    when("other bytes", IMPLICIT, one("BinaryEquals", "QmluYXJ5", "kms:x"), kms__x="qmluYXJ5")
    # addresses
    source = "aws:SourceIp"
    when(
        "inside a range",
        ALLOWED,
        one("IpAddress", "203.0.113.0/24", source),
        aws__SourceIp="203.0.113.9",
    )
    when(
        "outside a range",
        IMPLICIT,
        one("IpAddress", "203.0.113.0/24", source),
        aws__SourceIp="203.0.114.9",
    )
    when(
        "host bits do not count",
        ALLOWED,
        one("IpAddress", "203.0.113.77/24", source),
        aws__SourceIp="203.0.113.9",
    )
    when(
        "one address", ALLOWED, one("IpAddress", "203.0.113.9", source), aws__SourceIp="203.0.113.9"
    )
    when(
        "IPv6 in another spelling",
        ALLOWED,
        one("IpAddress", "2001:db8::/32", source),
        aws__SourceIp="2001:0DB8:0:0:0:0:0:1",
    )
    when(
        "IPv4 everything is not IPv6",
        IMPLICIT,
        one("IpAddress", "0.0.0.0/0", source),
        aws__SourceIp="2001:db8::1",
    )
    when(
        "NotIpAddress of another family",
        ALLOWED,
        one("NotIpAddress", "0.0.0.0/0", source),
        aws__SourceIp="2001:db8::1",
    )
    when(
        "an IPv4 address dressed as IPv6",
        UNKNOWN,
        one("IpAddress", "203.0.113.0/24", source),
        aws__SourceIp="::ffff:203.0.113.9",
    )
    when(
        "no range", UNKNOWN, one("IpAddress", "203.0.113.0/33", source), aws__SourceIp="203.0.113.9"
    )
    when(
        "a range that does not parse beside one that fits",
        ALLOWED,
        one("IpAddress", ["300.1.1.1", "203.0.113.0/24"], source),
        aws__SourceIp="203.0.113.9",
    )
    when(
        "a netmask is no prefix length",
        UNKNOWN,
        one("IpAddress", "203.0.113.0/255.255.255.0", source),
        aws__SourceIp="203.0.113.9",
    )
    # ARNs
    arn = "aws:SourceArn"
    topic = "arn:aws:sns:eu-west-1:111122223333:alerts"
    when(
        "ArnEquals has wildcards, too",
        ALLOWED,
        one("ArnEquals", "arn:aws:sns:*:111122223333:al*", arn),
        aws__SourceArn=topic,
    )
    when(
        "ArnLike segment by segment",
        IMPLICIT,
        one("ArnLike", "arn:aws:sns:*:alerts:*", arn),
        aws__SourceArn=topic,
    )
    when(
        "a star crosses no colon in ArnLike",
        IMPLICIT,
        one("ArnLike", "arn:aws:s*:111122223333:*:x", arn),
        aws__SourceArn=topic,
    )
    when(
        "… but does in StringLike",
        ALLOWED,
        one("StringLike", "arn:aws:s*:alerts", arn),
        aws__SourceArn=topic,
    )
    when(
        "the last segment takes colons",
        ALLOWED,
        one("ArnLike", "arn:aws:lambda:*:*:function:*", arn),
        aws__SourceArn="arn:aws:lambda:eu-west-1:111122223333:function:f:1",
    )
    when(
        "a question mark in an ARN",
        ALLOWED,
        one("ArnLike", "arn:aws:sns:eu-west-?:111122223333:alerts", arn),
        aws__SourceArn=topic,
    )
    when(
        "ARNs mind case",
        IMPLICIT,
        one("ArnEquals", topic.replace("alerts", "Alerts"), arn),
        aws__SourceArn=topic,
    )
    when(
        "what is no ARN is like none",
        IMPLICIT,
        one("ArnLike", "arn:aws:sns:*:*:*", arn),
        aws__SourceArn="alerts",
    )
    when(
        "what is no ARN is not like any",
        ALLOWED,
        one("ArnNotLike", "arn:aws:sns:*:*:*", arn),
        aws__SourceArn="alerts",
    )
    # what is not known
    when("an operator that does not exist", UNKNOWN, one("StringMatches", "a"), s3__prefix="a")
    when(
        "… beside a condition that fails anyway",
        IMPLICIT,
        {"StringMatches": {"s3:prefix": "a"}, "StringEquals": {"s3:prefix": "b"}},
        s3__prefix="a",
    )
    return made


def _variables() -> list[Vector]:
    made: list[Vector] = []

    def when(
        name: str,
        expected: str,
        resource: str,
        wanted: str,
        version: str | None = "2012-10-17",
        **ctx: Any,
    ) -> None:
        context = {key.replace("__", ":").replace("_SLASH_", "/"): v for key, v in ctx.items()}
        document = policy(allow(resource=wanted), version=version)
        made.append(
            Vector(
                name,
                expected,
                USER,
                resource=resource,
                context=context,
                layers={"identityPolicies": [document]},
            )
        )

    home = f"{BUCKET}/${{aws:username}}/*"
    when("a user's own folder", ALLOWED, f"{BUCKET}/ann/x", home)
    when("somebody else's folder", IMPLICIT, f"{BUCKET}/bob/x", home)
    when(
        "variables ignore case in their name",
        ALLOWED,
        f"{BUCKET}/ann/x",
        f"{BUCKET}/${{AWS:UserName}}/*",
    )
    when("before 2012 a variable is text", IMPLICIT, f"{BUCKET}/ann/x", home, version="2008-10-17")
    when("… and takes itself", ALLOWED, f"{BUCKET}/${{aws:username}}/x", home, version="2008-10-17")
    when("without a version as well", IMPLICIT, f"{BUCKET}/ann/x", home, version=None)
    team = f"{BUCKET}/${{aws:PrincipalTag/team}}/*"
    when("a tag", ALLOWED, f"{BUCKET}/red/x", team, aws__PrincipalTag_SLASH_team="red")
    when("a tag that is absent makes no match", IMPLICIT, f"{BUCKET}/red/x", team)
    default = f"{BUCKET}/${{aws:PrincipalTag/team, 'blue'}}/*"
    when("a default stands in", ALLOWED, f"{BUCKET}/blue/x", default)
    when(
        "… and is not used where there is a value",
        IMPLICIT,
        f"{BUCKET}/blue/x",
        default,
        aws__PrincipalTag_SLASH_team="red",
    )
    when(
        "a star in a value is a star",
        IMPLICIT,
        f"{BUCKET}/red/x",
        team,
        aws__PrincipalTag_SLASH_team="*",
    )
    when("an escaped star", ALLOWED, f"{BUCKET}/*", f"{BUCKET}/${{*}}")
    when("… takes nothing else", IMPLICIT, f"{BUCKET}/x", f"{BUCKET}/${{*}}")
    when("an escaped question mark", IMPLICIT, f"{BUCKET}/x", f"{BUCKET}/${{?}}")
    when("an escaped dollar", ALLOWED, f"{BUCKET}/$", f"{BUCKET}/${{$}}")
    made.append(
        Vector(
            "a variable in a condition",
            ALLOWED,
            USER,
            context={"s3:prefix": "ann/"},
            layers={
                "identityPolicies": [
                    policy(allow(Condition={"StringEquals": {"s3:prefix": "${aws:username}/"}}))
                ]
            },
        )
    )
    made.append(
        Vector(
            "a variable with several values",
            UNKNOWN,
            USER,
            resource=f"{BUCKET}/a/x",
            context={"aws:TagKeys": ["a", "b"]},
            layers={"identityPolicies": [policy(allow(resource=f"{BUCKET}/${{aws:TagKeys}}/*"))]},
        )
    )
    made.append(
        Vector(
            "a Deny whose variable is absent does not apply",
            ALLOWED,
            USER,
            resource=f"{BUCKET}/red/x",
            layers={"identityPolicies": [policy(allow(), deny(resource=team))]},
        )
    )
    return made


def _elements() -> list[Vector]:
    """Actions, resources and their opposites."""
    made: list[Vector] = []

    def own(name: str, expected: str, *statements: Raw, **request: Any) -> None:
        made.append(
            Vector(
                name,
                expected,
                request.pop("principal", USER),
                layers={"identityPolicies": [policy(*statements)]},
                **request,
            )
        )

    own("actions ignore case", ALLOWED, allow("S3:GETobject"))
    own("a star in an action", ALLOWED, allow("s3:Get*"))
    own("a question mark in an action", ALLOWED, allow("s3:?etObject"))
    own("a star over the colon", ALLOWED, allow("*"))
    own("a star on both sides of the colon", ALLOWED, allow("*:*"))
    own("another service", IMPLICIT, allow("s3-object-lambda:*"))
    own("an action is taken whole", IMPLICIT, allow("s3:GetObject"), action="s3:GetObjectAcl")
    own("white space is part of an action", IMPLICIT, allow("s3:GetObject "))
    own(
        "NotAction takes in all but its own",
        IMPLICIT,
        without(allow(NotAction="s3:Get*"), "Action"),
    )
    own(
        "NotAction allows the rest, of all services",
        ALLOWED,
        without(allow(NotAction="iam:*"), "Action"),
    )
    own("Deny with NotAction", EXPLICIT, allow("*"), without(deny(NotAction="s3:Put*"), "Action"))
    own(
        "… leaves what it lists",
        ALLOWED,
        allow("*"),
        without(deny(NotAction="s3:Put*"), "Action"),
        action="s3:PutObject",
    )
    own("resources mind case", IMPLICIT, allow(resource="arn:aws:s3:::B/*"))
    own(
        "a star crosses slashes", ALLOWED, allow(resource=f"{BUCKET}/*"), resource=f"{BUCKET}/x/y/z"
    )
    own("a bucket is not its objects", IMPLICIT, allow(resource=BUCKET))
    own(
        "objects are not the bucket",
        IMPLICIT,
        allow("s3:ListBucket", f"{BUCKET}/*"),
        action="s3:ListBucket",
        resource=BUCKET,
    )
    own("one of several resources", ALLOWED, allow(resource=["arn:aws:s3:::c/*", OBJECT]))
    own("NotResource", ALLOWED, without(allow(NotResource=f"{BUCKET}/private/*"), "Resource"))
    own("… and what it lists", IMPLICIT, without(allow(NotResource=f"{BUCKET}/*"), "Resource"))
    own(
        "Deny with NotResource",
        EXPLICIT,
        allow(),
        without(deny(NotResource="arn:aws:s3:::c/*"), "Resource"),
    )
    own("a Deny of another action denies nothing", ALLOWED, allow(), deny("s3:PutObject"))
    own(
        "a Deny on another resource denies nothing",
        ALLOWED,
        allow(),
        deny(resource="arn:aws:s3:::c/*"),
    )
    own(
        "a Deny whose condition fails denies nothing",
        ALLOWED,
        allow(),
        deny(Condition={"StringEquals": {"s3:prefix": "x"}}),
    )
    own(
        "a Deny that is not known leaves it open",
        UNKNOWN,
        allow(),
        deny(Condition={"StringMatches": {"s3:prefix": "x"}}),
    )
    own(
        "… where another one is certain, it is certain",
        EXPLICIT,
        allow(),
        deny(),
        deny(Condition={"StringMatches": {"s3:prefix": "x"}}),
    )
    own(
        "… and where nothing allows, nothing is open",
        IMPLICIT,
        deny(Condition={"StringMatches": {"s3:prefix": "x"}}),
    )
    own("no statements at all", IMPLICIT)
    own(
        "Deny unless TLS, with TLS",
        ALLOWED,
        allow(),
        deny(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        context={"aws:SecureTransport": "true"},
    )
    own(
        "Deny unless TLS, without",
        EXPLICIT,
        allow(),
        deny(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        context={"aws:SecureTransport": "false"},
    )
    own(
        "Deny unless MFA, by a key that is absent: Bool does not bite",
        ALLOWED,
        allow(),
        deny(Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
    )
    own(
        "… BoolIfExists does",
        EXPLICIT,
        allow(),
        deny(Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
    )
    own("the caller's own ARN", ALLOWED, allow(Condition={"ArnEquals": {"aws:PrincipalArn": USER}}))
    own(
        "a session's ARN is that of its role",
        ALLOWED,
        allow(Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}),
        principal=SESSION,
    )
    own(
        "… and not its own",
        IMPLICIT,
        allow(Condition={"ArnEquals": {"aws:PrincipalArn": SESSION}}),
        principal=SESSION,
    )
    own(
        "a role has no user name",
        IMPLICIT,
        allow(resource=f"{BUCKET}/${{aws:username}}"),
        principal=SESSION,
        resource=f"{BUCKET}/worker",
    )
    own(
        "an action without a resource needs a star",
        IMPLICIT,
        allow("ec2:DescribeInstances", "arn:aws:ec2:*:*:instance/*"),
        action="ec2:DescribeInstances",
        resource="*",
    )
    own(
        "… and has one",
        ALLOWED,
        allow("ec2:DescribeInstances"),
        action="ec2:DescribeInstances",
        resource="*",
    )
    return made


def _same_account() -> list[Vector]:
    """One account: identity or resource policy, and who is limited by what."""
    made: list[Vector] = []

    def here(
        name: str, expected: str, principal: Any, resource: Raw | None = None, **layers: Any
    ) -> None:
        if resource is not None:
            layers["resourcePolicy"] = resource
        made.append(Vector(name, expected, principal, layers=layers))

    here("nothing at all", IMPLICIT, USER)
    here("the user's own policy", ALLOWED, USER, **OWN)
    here("the resource's policy names the user", ALLOWED, USER, policy(to(aws(USER))))
    here("… another user", IMPLICIT, USER, policy(to(aws(OTHER_USER))))
    here(
        "… without the user's path",
        IMPLICIT,
        USER,
        policy(to(aws(f"arn:aws:iam::{HOME}:user/ann"))),
    )
    here("… the user among others", ALLOWED, USER, policy(to(aws(OTHER_USER, USER))))
    here("… the user as a bare text", ALLOWED, USER, policy(to(USER)))
    here("… everybody", ALLOWED, USER, policy(to("*")))
    here("… everybody, in the other spelling", ALLOWED, USER, policy(to(aws("*"))))
    here("… the account, which only delegates", IMPLICIT, USER, policy(to(aws(ROOT))))
    here("… the account, and the user's own policy", ALLOWED, USER, policy(to(aws(HOME))), **OWN)
    here("the root user by the account's ARN", ALLOWED, ROOT, policy(to(aws(ROOT))))
    here("the root user needs no policy", ALLOWED, ROOT)
    here("… and obeys a Deny", EXPLICIT, ROOT, policy(deny(Principal="*")))
    here(
        "NotPrincipal lets in everybody else",
        ALLOWED,
        USER,
        policy(without(allow(NotPrincipal=aws(OTHER_USER)))),
    )
    here("… and leaves out whom it names", IMPLICIT, USER, policy(allow(NotPrincipal=aws(USER))))
    here(
        "Deny with NotPrincipal spares whom it names",
        ALLOWED,
        USER,
        policy(deny(NotPrincipal=aws(USER, ROOT))),
        **OWN,
    )
    here("… and nobody else", EXPLICIT, USER, policy(deny(NotPrincipal=aws(OTHER_USER))), **OWN)
    here(
        "a Deny of the resource beats the user's policy",
        EXPLICIT,
        USER,
        policy(deny(Principal=aws(USER))),
        **OWN,
    )
    here(
        "a Deny for the account takes in its users",
        EXPLICIT,
        USER,
        policy(deny(Principal=aws(ROOT))),
        **OWN,
    )
    here(
        "a Deny for the role takes in its sessions",
        EXPLICIT,
        SESSION,
        policy(deny(Principal=aws(ROLE))),
        **OWN,
    )
    here("a Deny for one session", EXPLICIT, SESSION, policy(deny(Principal=aws(SESSION))), **OWN)
    here(
        "… spares another",
        ALLOWED,
        f"arn:aws:sts::{HOME}:assumed-role/worker/other",
        policy(deny(Principal=aws(SESSION))),
        **OWN,
    )
    here("the policy names the role of the session", ALLOWED, SESSION, policy(to(aws(ROLE))))
    here("the policy names the session", ALLOWED, SESSION, policy(to(aws(SESSION))))
    here(
        "the role itself, where the policy names a session",
        IMPLICIT,
        ROLE,
        policy(to(aws(SESSION))),
    )
    # boundaries and session policies
    narrow = {"permissionBoundaries": [NOTHING_ELSE]}
    wide = {"permissionBoundaries": [EVERYTHING]}
    here("a boundary that allows", ALLOWED, USER, **OWN, **wide)
    here("a boundary that does not", IMPLICIT, USER, **OWN, **narrow)
    here("a boundary alone grants nothing", IMPLICIT, USER, **wide)
    here(
        "a boundary that denies",
        EXPLICIT,
        USER,
        **OWN,
        permissionBoundaries=[policy(allow("*"), deny())],
    )
    here("a boundary and a grant to the user", ALLOWED, USER, policy(to(aws(USER))), **narrow)
    here(
        "a boundary that denies, and a grant to the user",
        EXPLICIT,
        USER,
        policy(to(aws(USER))),
        permissionBoundaries=[policy(deny())],
    )
    here("a boundary and a grant to everybody", ALLOWED, USER, policy(to("*")), **narrow)
    here(
        "a boundary and a grant to everybody with this ARN",
        ALLOWED,
        ROLE,
        policy(to("*", Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}})),
        **narrow,
    )
    here("a boundary and a grant to the role", IMPLICIT, SESSION, policy(to(aws(ROLE))), **narrow)
    here(
        "a boundary and a grant to the session",
        ALLOWED,
        SESSION,
        policy(to(aws(SESSION))),
        **narrow,
    )
    here(
        "a boundary and a grant to the account",
        IMPLICIT,
        USER,
        policy(to(aws(ROOT))),
        **OWN,
        **narrow,
    )
    here("a wide boundary and a grant to the role", ALLOWED, SESSION, policy(to(aws(ROLE))), **wide)
    here(
        "Deny with NotPrincipal bites whoever has a boundary",
        EXPLICIT,
        USER,
        policy(deny(NotPrincipal=aws(USER))),
        **OWN,
        **wide,
    )
    here(
        "a session policy that does not allow", IMPLICIT, SESSION, **OWN, sessionPolicy=NOTHING_ELSE
    )
    here("a session policy that allows", ALLOWED, SESSION, **OWN, sessionPolicy=EVERYTHING)
    here("a session policy grants nothing", IMPLICIT, SESSION, sessionPolicy=EVERYTHING)
    here(
        "a session policy and a grant to the role",
        IMPLICIT,
        SESSION,
        policy(to(aws(ROLE))),
        sessionPolicy=NOTHING_ELSE,
    )
    here(
        "a session policy and a grant to the session",
        ALLOWED,
        SESSION,
        policy(to(aws(SESSION))),
        sessionPolicy=NOTHING_ELSE,
    )
    here(
        "a session policy that denies, and a grant to the session",
        EXPLICIT,
        SESSION,
        policy(to(aws(SESSION))),
        sessionPolicy=policy(deny()),
    )
    here(
        "boundary and session policy, only one of which allows",
        IMPLICIT,
        SESSION,
        **OWN,
        **wide,
        sessionPolicy=NOTHING_ELSE,
    )
    here("an empty session policy allows nothing", IMPLICIT, SESSION, **OWN, sessionPolicy=policy())
    federated = f"arn:aws:sts::{HOME}:federated-user/ann"
    here(
        "a federated user has what user and session policy share",
        ALLOWED,
        federated,
        **OWN,
        sessionPolicy=EVERYTHING,
    )
    here(
        "a federated user by its own ARN",
        ALLOWED,
        federated,
        policy(to(aws(federated))),
        sessionPolicy=NOTHING_ELSE,
    )
    here(
        "a federated user by the user's ARN is limited",
        IMPLICIT,
        federated,
        policy(to(aws(f"arn:aws:iam::{HOME}:user/ann"))),
        sessionPolicy=NOTHING_ELSE,
    )
    return made


def _across_accounts() -> list[Vector]:
    made: list[Vector] = []

    def abroad(
        name: str, expected: str, principal: Any, resource: Raw | None = None, **layers: Any
    ) -> None:
        if resource is not None:
            layers["resourcePolicy"] = resource
        made.append(Vector(name, expected, principal, owner=ABROAD, layers=layers))

    abroad("across accounts the user's policy is not enough", IMPLICIT, USER, **OWN)
    abroad("… nor is the resource's", IMPLICIT, USER, policy(to(aws(USER))))
    abroad("… both are", ALLOWED, USER, policy(to(aws(USER))), **OWN)
    abroad("… the resource's may name the account", ALLOWED, USER, policy(to(aws(HOME))), **OWN)
    abroad("… or everybody", ALLOWED, USER, policy(to("*")), **OWN)
    abroad("… its own account does not help", IMPLICIT, USER, policy(to(aws(ABROAD))), **OWN)
    abroad(
        "… a boundary limits a grant to the user",
        IMPLICIT,
        USER,
        policy(to(aws(USER))),
        **OWN,
        permissionBoundaries=[NOTHING_ELSE],
    )
    abroad(
        "… and to a session",
        IMPLICIT,
        SESSION,
        policy(to(aws(SESSION))),
        **OWN,
        permissionBoundaries=[NOTHING_ELSE],
    )
    abroad(
        "… a session policy does, too",
        IMPLICIT,
        SESSION,
        policy(to(aws(ROLE))),
        **OWN,
        sessionPolicy=NOTHING_ELSE,
    )
    abroad(
        "… a Deny at home",
        EXPLICIT,
        USER,
        policy(to(aws(USER))),
        identityPolicies=[policy(allow(), deny())],
    )
    abroad("the root user of another account needs the resource's policy", IMPLICIT, ROOT)
    abroad("… and has it", ALLOWED, ROOT, policy(to(aws(ROOT))))
    abroad(
        "a condition on the organisation",
        ALLOWED,
        USER,
        policy(to("*", Condition={"StringEquals": {"aws:ResourceAccount": ABROAD}})),
        **OWN,
    )
    abroad("who is anonymous has no policies", ALLOWED, "anonymous", policy(to("*")))
    abroad("… and is in no account", IMPLICIT, "anonymous", policy(to(aws(HOME))))
    abroad(
        "… and needs the resource's policy", IMPLICIT, "anonymous", identityPolicies=[EVERYTHING]
    )
    abroad(
        "… a Deny for everybody takes him in",
        EXPLICIT,
        "anonymous",
        policy(to("*"), deny(Principal="*")),
    )
    abroad(
        "… a Deny for one account does not",
        ALLOWED,
        "anonymous",
        policy(to("*"), deny(Principal=aws(HOME))),
    )
    abroad(
        "… a Deny with NotPrincipal does",
        EXPLICIT,
        "anonymous",
        policy(to("*"), deny(NotPrincipal=aws(HOME))),
    )
    abroad(
        "… he has no ARN",
        IMPLICIT,
        "anonymous",
        policy(to("*", Condition={"ArnLike": {"aws:PrincipalArn": "*"}})),
    )
    abroad(
        "… his account is called anonymous",
        ALLOWED,
        "anonymous",
        policy(to("*", Condition={"StringEquals": {"aws:PrincipalAccount": "anonymous"}})),
    )
    return made


def _others() -> list[Vector]:
    """Services, providers, canonical users, keys and roles."""
    made: list[Vector] = []
    logs = "logs.amazonaws.com"

    def service(name: str, expected: str, *statements: Raw, **request: Any) -> None:
        layers = {"resourcePolicy": policy(*statements), **request.pop("layers", {})}
        made.append(
            Vector(
                name,
                expected,
                request.pop("principal", logs),
                layers=layers,
                action=request.pop("action", "s3:PutObject"),
                **request,
            )
        )

    put = allow("s3:PutObject")
    service("a service that is named", ALLOWED, {**put, "Principal": {"Service": logs}})
    service("another service", IMPLICIT, {**put, "Principal": {"Service": "sns.amazonaws.com"}})
    service(
        "one of several", ALLOWED, {**put, "Principal": {"Service": ["sns.amazonaws.com", logs]}}
    )
    service("a service under another kind", IMPLICIT, {**put, "Principal": {"AWS": logs}})
    mine = {"StringEquals": {"aws:SourceAccount": HOME}}
    service(
        "a service for my account",
        ALLOWED,
        {**put, "Principal": {"Service": logs}, "Condition": mine},
        context={"aws:SourceAccount": HOME},
    )
    service(
        "a service for somebody else",
        IMPLICIT,
        {**put, "Principal": {"Service": logs}, "Condition": mine},
        context={"aws:SourceAccount": THIRD},
    )
    service(
        "a service is a service",
        EXPLICIT,
        {**put, "Principal": {"Service": logs}},
        deny("s3:*", Principal="*", Condition={"Bool": {"aws:PrincipalIsAWSService": "true"}}),
    )
    service(
        "service control policies do not bind services",
        ALLOWED,
        {**put, "Principal": {"Service": logs}},
        layers={"serviceControlPolicies": scp([policy(deny("*"))])},
    )
    canonical = "7" * 64
    service(
        "a canonical user",
        ALLOWED,
        {**put, "Principal": {"CanonicalUser": canonical}},
        principal=canonical,
    )
    service(
        "another canonical user",
        IMPLICIT,
        {**put, "Principal": {"CanonicalUser": "8" * 64}},
        principal=canonical,
    )
    trust = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity"}
    google = "accounts.google.com"
    web = {"action": "sts:AssumeRoleWithWebIdentity", "resource": ROLE, "principal": google}
    service(
        "an identity provider",
        ALLOWED,
        {
            **trust,
            "Principal": {"Federated": google},
            "Condition": {"StringEquals": {"accounts.google.com:aud": "app"}},
        },
        context={"accounts.google.com:aud": "app"},
        **web,
    )
    service(
        "… of another audience",
        IMPLICIT,
        {
            **trust,
            "Principal": {"Federated": google},
            "Condition": {"StringEquals": {"accounts.google.com:aud": "app"}},
        },
        context={"accounts.google.com:aud": "other"},
        **web,
    )
    service(
        "… another provider",
        IMPLICIT,
        {**trust, "Principal": {"Federated": "www.amazon.com"}},
        **web,
    )

    def assume(
        name: str, expected: str, principal: Any, who: Any, own: bool, owner: str = HOME
    ) -> None:
        document = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": who})
        layers: Raw = {"resourcePolicy": document}
        if own:
            layers["identityPolicies"] = [policy(allow("sts:AssumeRole"))]
        role = f"arn:aws:iam::{owner}:role/target"
        made.append(Vector(name, expected, principal, "sts:AssumeRole", role, owner, layers=layers))

    assume("a trust policy that names the user", ALLOWED, USER, aws(USER), own=False)
    assume(
        "a trust policy that names the account needs the user's own",
        IMPLICIT,
        USER,
        aws(HOME),
        own=False,
    )
    assume("… and has it", ALLOWED, USER, aws(HOME), own=True)
    assume("a trust policy that names somebody else", IMPLICIT, USER, aws(OTHER_USER), own=True)
    assume("a trust policy abroad needs both", IMPLICIT, USER, aws(USER), own=False, owner=ABROAD)
    assume("… and has both", ALLOWED, USER, aws(USER), own=True, owner=ABROAD)

    def key(name: str, expected: str, *statements: Raw, own: bool, owner: str = HOME) -> None:
        layers: Raw = {"resourcePolicy": policy(*statements)}
        if own:
            layers["identityPolicies"] = [policy(allow("kms:*"))]
        arn = f"arn:aws:kms:eu-west-1:{owner}:key/1"
        made.append(Vector(name, expected, USER, "kms:Decrypt", arn, owner, layers=layers))

    root = allow("kms:*", Principal=aws(ROOT))
    key("a key whose policy delegates to the account", ALLOWED, root, own=True)
    key("… to an account whose user has nothing", IMPLICIT, root, own=False)
    key(
        "a key whose policy names the user",
        ALLOWED,
        allow("kms:Decrypt", Principal=aws(USER)),
        own=False,
    )
    key("a key whose policy names nobody", IMPLICIT, own=True)
    key("a key abroad", ALLOWED, allow("kms:Decrypt", Principal=aws(HOME)), own=True, owner=ABROAD)
    key(
        "a key abroad, that names the user alone",
        IMPLICIT,
        allow("kms:Decrypt", Principal=aws(USER)),
        own=False,
        owner=ABROAD,
    )
    made.append(
        Vector(
            "nobody can be kept from asking who he is",
            ALLOWED,
            USER,
            "sts:GetCallerIdentity",
            "*",
            layers={"identityPolicies": [policy(deny("*"))]},
        )
    )
    return made


def _organisation() -> list[Vector]:
    made: list[Vector] = []

    def under(
        name: str, expected: str, levels: list[Raw], principal: Any = USER, **layers: Any
    ) -> None:
        layers = {**OWN, **layers, "serviceControlPolicies": levels}
        made.append(Vector(name, expected, principal, layers=layers))

    under(
        "service control policies at every level",
        ALLOWED,
        scp([EVERYTHING], [EVERYTHING], [EVERYTHING]),
    )
    under("… none at one level", IMPLICIT, scp([EVERYTHING], [], [EVERYTHING]))
    under("… another service's at one level", IMPLICIT, scp([EVERYTHING], [NOTHING_ELSE]))
    under("… a Deny at one level", EXPLICIT, scp([EVERYTHING], [EVERYTHING, policy(deny())]))
    under(
        "… a Deny of something else",
        ALLOWED,
        scp([EVERYTHING], [EVERYTHING, policy(deny("s3:PutObject"))]),
    )
    under(
        "… a Deny under a condition",
        EXPLICIT,
        scp(
            [
                EVERYTHING,
                policy(deny(Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}})),
            ]
        ),
    )
    under("… two policies of one level add up", ALLOWED, scp([NOTHING_ELSE, policy(allow("s3:*"))]))
    under("… they grant nothing", IMPLICIT, scp([EVERYTHING]), identityPolicies=[])
    under("… they bind the root user", EXPLICIT, scp([policy(allow("*"), deny())]), ROOT)
    under("… they bind sessions", EXPLICIT, scp([policy(allow("*"), deny())]), SESSION)
    under(
        "… and not a service-linked role",
        ALLOWED,
        scp([policy(deny("*"))]),
        f"arn:aws:iam::{HOME}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    )
    made.append(
        Vector(
            "… they bind a grant of the resource, too",
            IMPLICIT,
            USER,
            layers={"resourcePolicy": policy(to(aws(USER))), "serviceControlPolicies": scp([])},
        )
    )
    made.append(
        Vector(
            "… and not the anonymous",
            ALLOWED,
            "anonymous",
            layers={
                "resourcePolicy": policy(to("*")),
                "serviceControlPolicies": scp([policy(deny("*"))]),
            },
        )
    )

    def guarded(
        name: str, expected: str, levels: list[Raw], principal: Any = USER, **more: Any
    ) -> None:
        layers = {**OWN, "resourceControlPolicies": levels, **more.pop("layers", {})}
        made.append(Vector(name, expected, principal, layers=layers, **more))

    shut = policy(deny("s3:*", Principal="*"))
    outside = policy(
        deny(
            "s3:*",
            Principal="*",
            Condition={
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-mine"},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        )
    )
    guarded("resource control policies: the default one allows all", ALLOWED, scp([], []))
    guarded("… a Deny", EXPLICIT, scp([], [shut]))
    guarded(
        "… a Deny of another action", ALLOWED, scp([policy(deny("s3:PutObject", Principal="*"))])
    )
    guarded(
        "… a fence around the organisation lets its own in",
        ALLOWED,
        scp([outside]),
        context={"aws:PrincipalOrgID": "o-mine"},
    )
    guarded("… and others not", EXPLICIT, scp([outside]), context={"aws:PrincipalOrgID": "o-other"})
    public = {"resourcePolicy": policy(to("*"))}
    guarded("… nor the anonymous", EXPLICIT, scp([outside]), "anonymous", layers=public)
    guarded(
        "… a service passes it",
        ALLOWED,
        scp([outside]),
        "logs.amazonaws.com",
        layers={"resourcePolicy": policy(to({"Service": "logs.amazonaws.com"}))},
    )
    guarded("… they bind the root user", EXPLICIT, scp([shut]), ROOT)
    guarded(
        "… and not a service-linked role",
        ALLOWED,
        scp([shut]),
        f"arn:aws:iam::{HOME}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    )
    guarded(
        "… across accounts they are those of the resource",
        EXPLICIT,
        scp([shut]),
        owner=ABROAD,
        layers={"resourcePolicy": policy(to(aws(USER)))},
    )
    guarded(
        "… on a service that they are not about yet",
        UNKNOWN,
        scp([policy(deny("*", Principal="*"))]),
        action="ec2:StartInstances",
        resource=f"arn:aws:ec2:eu-west-1:{HOME}:instance/i-1",
        layers={"identityPolicies": [EVERYTHING]},
    )
    made.append(
        Vector(
            "an endpoint policy that allows",
            ALLOWED,
            USER,
            layers={**OWN, "endpointPolicies": [EVERYTHING]},
        )
    )
    made.append(
        Vector(
            "an endpoint policy that does not",
            IMPLICIT,
            USER,
            layers={**OWN, "endpointPolicies": [NOTHING_ELSE]},
        )
    )
    made.append(
        Vector(
            "an endpoint policy that denies",
            EXPLICIT,
            USER,
            layers={
                **OWN,
                "endpointPolicies": [policy(allow("*", Principal="*"), deny(Principal=aws(USER)))],
            },
        )
    )
    made.append(
        Vector(
            "an endpoint policy for somebody else",
            IMPLICIT,
            USER,
            layers={**OWN, "endpointPolicies": [policy(to(aws(OTHER_USER)))]},
        )
    )
    made.append(
        Vector(
            "an endpoint policy binds the anonymous, too",
            IMPLICIT,
            "anonymous",
            layers={"resourcePolicy": policy(to("*")), "endpointPolicies": [NOTHING_ELSE]},
        )
    )
    return made


def _more() -> list[Vector]:
    """What came up while the first ones were run."""
    made: list[Vector] = []
    shut = scp([policy(allow("*"), deny())])
    named = f"arn:aws:iam::{HOME}:role/AWSServiceRoleForX"
    session = f"arn:aws:sts::{HOME}:assumed-role/AWSServiceRoleForX/s"
    bound = {**OWN, "serviceControlPolicies": shut}
    made.append(
        Vector(
            "a role that is only called like a linked one is bound", EXPLICIT, named, layers=bound
        )
    )
    made.append(
        Vector(
            "a session that has only the name left is taken for linked",
            ALLOWED,
            session,
            layers=bound,
        )
    )
    federated = f"arn:aws:sts::{HOME}:federated-user/ann"
    made.append(
        Vector("a federated user whose session policy is not given", UNKNOWN, federated, layers=OWN)
    )
    for kind, who in (
        ("CanonicalUser", "79a5"),
        ("Service", "odd name"),
        ("Federated", "login.example"),
    ):
        resource = {"resourcePolicy": policy(to({kind: who}))}
        principal = {"type": kind, "id": who}
        made.append(Vector(f"a {kind} by kind and id", ALLOWED, principal, layers=resource))
        made.append(
            Vector(
                f"another {kind} by kind and id",
                IMPLICIT,
                {"type": kind, "id": "x"},
                layers=resource,
            )
        )
    year = policy(allow(Condition={"DateGreaterThan": {"aws:CurrentTime": "2020"}}))
    context = {"aws:CurrentTime": "2030-01-01T00:00:00Z"}
    made.append(
        Vector(
            "four digits are a year as well as seconds",
            UNKNOWN,
            USER,
            context=context,
            layers={"identityPolicies": [year]},
        )
    )
    network = policy(allow(Condition={"IpAddress": {"aws:SourceIp": "2001:DB8::/32"}}))
    made.append(
        Vector(
            "a range of IPv6 in capitals",
            ALLOWED,
            USER,
            context={"aws:SourceIp": "2001:db8::1"},
            layers={"identityPolicies": [network]},
        )
    )
    both = policy(
        allow(
            Condition={"StringEquals": {"s3:prefix": "a"}, "StringNotEquals": {"s3:delimiter": "/"}}
        )
    )
    made.append(
        Vector(
            "a positive and a negated operator, the second on an absent key",
            ALLOWED,
            USER,
            context={"s3:prefix": "a"},
            layers={"identityPolicies": [both]},
        )
    )
    made.append(
        Vector(
            "KMS RetireGrant is out of reach of resource control policies",
            ALLOWED,
            USER,
            "kms:RetireGrant",
            f"arn:aws:kms:eu-west-1:{HOME}:key/1",
            layers={
                "identityPolicies": [EVERYTHING],
                "resourcePolicy": policy(allow("kms:*", Principal=aws(ROOT))),
                "resourceControlPolicies": scp([policy(deny("kms:*", Principal="*"))]),
            },
        )
    )
    return made


VECTORS: tuple[Vector, ...] = (
    *_conditions(),
    *_variables(),
    *_elements(),
    *_same_account(),
    *_across_accounts(),
    *_others(),
    *_organisation(),
    *_more(),
)
