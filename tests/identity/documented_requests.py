"""More requests with their outcome, each after a sentence or example of AWS's own documents.

Written apart from `request_vectors`, by going through the pages once more: IAM user guide, *Policy
evaluation logic*, *Principal*, *NotPrincipal*, *Condition operators*, *Single-valued vs.
multivalued context keys*, *Global condition context keys*, *Permissions boundaries*, *Session
policies*; Organizations user guide, *SCP evaluation* and *RCP evaluation*; VPC guide, *Endpoint
policies*; KMS developer guide, *Key policies*; S3 user guide, *Bucket policy examples*.
"""

from __future__ import annotations

from typing import Any

from request_vectors import (
    ABROAD,
    ALLOWED,
    BUCKET,
    EVERYTHING,
    EXPLICIT,
    HOME,
    IMPLICIT,
    NOTHING_ELSE,
    OBJECT,
    OTHER_USER,
    OWN,
    ROLE,
    ROOT,
    SESSION,
    THIRD,
    UNKNOWN,
    USER,
    Raw,
    Vector,
    allow,
    aws,
    deny,
    policy,
    scp,
    to,
    without,
)

ORIGIN = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EH1HDMB1FH2TC"
SAML = f"arn:aws:iam::{HOME}:saml-provider/corp"
GITHUB = f"arn:aws:iam::{HOME}:oidc-provider/token.actions.githubusercontent.com"
KEY = f"arn:aws:kms:eu-west-1:{HOME}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
FULL = policy(allow("*"))


def _excepted() -> list[Vector]:
    """NotPrincipal: who asks is several principals at once; a Deny spares whom it lists whole."""
    made: list[Vector] = []

    def shut(name: str, expected: str, who: Any, listed: Raw, **layers: Any) -> None:
        resource = policy(to("*"), deny(NotPrincipal=listed))
        made.append(
            Vector(name, expected, who, layers={"resourcePolicy": resource, **OWN, **layers})
        )

    shut("the user and its account are spared", ALLOWED, USER, aws(USER, ROOT))
    shut("… the account by its number", ALLOWED, USER, aws(USER, HOME))
    shut("… nobody else in the account is", EXPLICIT, OTHER_USER, aws(USER, ROOT))
    shut("… the user without its account may be denied", UNKNOWN, USER, aws(USER))
    shut("… another account beside it does not help", UNKNOWN, USER, aws(USER, ABROAD))
    shut("the account alone spares its root user", ALLOWED, ROOT, aws(ROOT))
    shut("… by its number as well", ALLOWED, ROOT, aws(HOME))
    shut("… and no user", EXPLICIT, USER, aws(ROOT))
    shut("… no role", EXPLICIT, ROLE, aws(HOME))
    shut("… no session", EXPLICIT, SESSION, aws(HOME))
    shut("session, role and account are spared", ALLOWED, SESSION, aws(SESSION, ROLE, ROOT))
    shut("… role and account: the guide says both", UNKNOWN, SESSION, aws(ROLE, ROOT))
    shut("… the role alone", UNKNOWN, SESSION, aws(ROLE))
    shut("… the session alone", UNKNOWN, SESSION, aws(SESSION))
    shut(
        "… another session of the role",
        UNKNOWN,
        SESSION,
        aws(f"arn:aws:sts::{HOME}:assumed-role/worker/other", ROLE, ROOT),
    )
    shut("everybody is spared", ALLOWED, USER, aws("*"))
    shut("the anonymous are never listed", EXPLICIT, "anonymous", aws(USER, ROOT))
    shut(
        "a service that is listed", ALLOWED, "logs.amazonaws.com", {"Service": "logs.amazonaws.com"}
    )
    shut("a service that is not", EXPLICIT, "sns.amazonaws.com", {"Service": "logs.amazonaws.com"})
    shut("a boundary undoes it", EXPLICIT, USER, aws(USER, ROOT), permissionBoundaries=[FULL])
    open_ = {"resourcePolicy": policy(allow(NotPrincipal=aws(ROOT)))}
    made.append(
        Vector("Allow: whether an account stands for its users", UNKNOWN, USER, layers=open_)
    )
    made.append(Vector("Allow: the root user of it", ALLOWED, ROOT, layers=open_))
    made.append(Vector("Allow: somebody else", ALLOWED, "anonymous", layers=open_))
    return made


def _principals() -> list[Vector]:
    made: list[Vector] = []

    def named(
        name: str, expected: str, who: Any, listed: Any, context: Raw | None = None, **more: Any
    ) -> None:
        fields = {k: more.pop(k) for k in ("action", "resource", "owner") if k in more}
        resource = policy(to(listed, **{"Action": fields.get("action", "s3:GetObject"), **more}))
        made.append(
            Vector(
                name,
                expected,
                who,
                context=context or {},
                layers={"resourcePolicy": resource},
                **fields,
            )
        )

    named("an origin access identity", ALLOWED, ORIGIN, aws(ORIGIN))
    named("… another one", IMPLICIT, ORIGIN, aws(ORIGIN.replace("EH1", "EH2")))
    named("… is somebody", ALLOWED, ORIGIN, "*")
    named("a canonical user by its id", ALLOWED, CANONICAL, {"CanonicalUser": CANONICAL})
    named("… is no AWS account", IMPLICIT, CANONICAL, aws(HOME))
    named("a principal as policies write it", ALLOWED, {"AWS": USER}, aws(USER))
    named("… a service", ALLOWED, {"Service": "s3.amazonaws.com"}, {"Service": "s3.amazonaws.com"})
    named(
        "a service is no federated provider",
        IMPLICIT,
        "s3.amazonaws.com",
        {"Federated": "s3.amazonaws.com"},
    )
    named(
        "a skill of Alexa",
        ALLOWED,
        "alexa-appkit.amazon.com",
        {"Service": "alexa-appkit.amazon.com"},
    )
    named("an id that nobody has any more", IMPLICIT, USER, aws("AIDAJQABLZS4A3QDU576Q"))
    named("… of a role", IMPLICIT, SESSION, aws("AROAJQABLZS4A3QDU576Q"))
    named("a group is no principal", IMPLICIT, USER, aws(f"arn:aws:iam::{HOME}:group/team"))
    named(
        "the account of another partition is another",
        IMPLICIT,
        USER,
        aws(f"arn:aws:iam::{THIRD}:root"),
    )
    named(
        "user names mind case",
        IMPLICIT,
        USER,
        aws(USER.upper().replace("ARN:AWS:IAM", "arn:aws:iam")),
    )
    sso = f"arn:aws:iam::{HOME}:role/aws-reserved/sso.amazonaws.com/worker"
    named("a role with a path, of which the session shows nothing", UNKNOWN, SESSION, aws(sso))
    named("… which the context tells", ALLOWED, SESSION, aws(sso), {"aws:PrincipalArn": sso})
    named("… and it is another", IMPLICIT, SESSION, aws(sso), {"aws:PrincipalArn": ROLE})
    named("… a role of another name", IMPLICIT, SESSION, aws(sso + "s"))
    named("a session by another name", IMPLICIT, SESSION, aws(SESSION + "2"))
    trust = {"action": "sts:AssumeRoleWithSAML", "resource": ROLE}
    named("a SAML provider", ALLOWED, SAML, {"Federated": SAML}, **trust)
    named("… is not its account", IMPLICIT, SAML, aws(HOME), **trust)
    named("… nor its root user", IMPLICIT, SAML, aws(ROOT), **trust)
    web = {"action": "sts:AssumeRoleWithWebIdentity", "resource": ROLE}
    claim = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/site:*"}}
    for sub, expected in (
        ("repo:acme/site:ref:refs/heads/main", ALLOWED),
        ("repo:eve/site:x", IMPLICIT),
    ):
        named(
            f"GitHub's token for {sub}",
            expected,
            GITHUB,
            {"Federated": GITHUB},
            {"token.actions.githubusercontent.com:sub": sub},
            Condition=claim,
            **web,
        )
    named("… without the claim", IMPLICIT, GITHUB, {"Federated": GITHUB}, Condition=claim, **web)
    cognito = {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:pool"},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
    }
    for amr, expected in ((["unauthenticated"], ALLOWED), (["authenticated", "x"], IMPLICIT)):
        named(
            f"Cognito, {amr[0]}",
            expected,
            "cognito-identity.amazonaws.com",
            {"Federated": "cognito-identity.amazonaws.com"},
            {
                "cognito-identity.amazonaws.com:aud": "eu-west-1:pool",
                "cognito-identity.amazonaws.com:amr": amr,
            },
            Condition=cognito,
            **web,
        )
    return made


def _context() -> list[Vector]:
    """Global keys, on an Allow for everybody in the resource's policy; each pair differs once."""
    made: list[Vector] = []

    def pair(
        name: str, condition: Raw, fits: Raw, fails: Raw, who: Any = "anonymous", **more: Any
    ) -> None:
        layers = {"resourcePolicy": policy(to("*", Condition=condition)), **more}
        made.append(Vector(name, ALLOWED, who, context=fits, layers=layers))
        made.append(Vector(f"{name}: not", IMPLICIT, who, context=fails, layers=layers))

    org = {"StringEquals": {"aws:PrincipalOrgID": "o-acme"}}
    pair(
        "an organisation",
        org,
        {"aws:PrincipalOrgID": "o-acme"},
        {"aws:PrincipalOrgID": "o-acme2"},
        USER,
    )
    path = "o-acme/r-ab12/ou-ab12-11111111/"
    paths = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": [f"{path}*"]}}
    pair(
        "an organisational unit and those below",
        paths,
        {"aws:PrincipalOrgPaths": [f"{path}ou-ab12-22222222/"]},
        {"aws:PrincipalOrgPaths": ["o-acme/r-ab12/ou-ab12-33333333/"]},
        USER,
    )
    pair("… who is in none has no path", paths, {"aws:PrincipalOrgPaths": [path]}, {}, USER)
    logs = "logs.amazonaws.com"
    deputy = {
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:eu-west-1:{HOME}:*"},
        "StringEquals": {"aws:SourceAccount": [HOME, ABROAD]},
    }
    source = f"arn:aws:logs:eu-west-1:{HOME}:log-group:a:b"
    pair(
        "a service for whom it acts",
        deputy,
        {"aws:SourceArn": source, "aws:SourceAccount": HOME},
        {"aws:SourceArn": source.replace(HOME, THIRD), "aws:SourceAccount": THIRD},
        logs,
    )
    pair(
        "… both must fit",
        deputy,
        {"aws:SourceArn": source, "aws:SourceAccount": ABROAD},
        {"aws:SourceArn": source},
        logs,
    )
    pair(
        "through one endpoint",
        {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        {"aws:SourceVpce": "vpce-1"},
        {"aws:SourceVpce": "vpce-12"},
    )
    pair(
        "through an endpoint, the private address",
        {
            "IpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"},
            "StringEquals": {"aws:SourceVpc": "vpc-1"},
        },
        {"aws:VpcSourceIp": "10.0.255.1", "aws:SourceVpc": "vpc-1"},
        {"aws:VpcSourceIp": "10.1.0.1", "aws:SourceVpc": "vpc-1"},
    )
    pair(
        "the public address is absent through an endpoint",
        {"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"aws:SourceVpce": "vpce-1"},
        {"aws:SourceIp": "203.0.113.1"},
    )
    pair(
        "a service that calls for somebody",
        {"Bool": {"aws:ViaAWSService": "true"}},
        {"aws:ViaAWSService": "true"},
        {"aws:ViaAWSService": "false"},
        USER,
    )
    called = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["athena.amazonaws.com"]}}
    chain = ["cloudformation.amazonaws.com", "athena.amazonaws.com"]
    pair(
        "a service in the chain",
        called,
        {"aws:CalledVia": chain},
        {"aws:CalledVia": chain[:1]},
        USER,
    )
    pair("… nobody in between", called, {"aws:CalledVia": chain[1:]}, {}, USER)
    pair(
        "the last of the chain",
        {"StringEquals": {"aws:CalledViaLast": "athena.amazonaws.com"}},
        {"aws:CalledViaLast": chain[1]},
        {"aws:CalledViaLast": chain[0]},
        USER,
    )
    service = {"Bool": {"aws:PrincipalIsAWSService": "true"}}
    made.append(
        Vector(
            "a service is one",
            ALLOWED,
            logs,
            layers={"resourcePolicy": policy(to("*", Condition=service))},
        )
    )
    made.append(
        Vector(
            "a user is none",
            IMPLICIT,
            USER,
            layers={"resourcePolicy": policy(to("*", Condition=service))},
        )
    )
    pair(
        "a service by its name",
        {"StringEquals": {"aws:PrincipalServiceName": logs}},
        {},
        {"aws:PrincipalServiceName": "sns.amazonaws.com"},
        logs,
    )
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    pair(
        "with a second factor",
        mfa,
        {"aws:MultiFactorAuthPresent": "true"},
        {"aws:MultiFactorAuthPresent": "false"},
        USER,
    )
    pair("… long-term keys have no such key", mfa, {"aws:MultiFactorAuthPresent": True}, {}, USER)
    age = {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}
    pair(
        "a second factor of the last hour",
        age,
        {"aws:MultiFactorAuthAge": "3599"},
        {"aws:MultiFactorAuthAge": "3600"},
        USER,
    )
    region = {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}
    pair(
        "a Region",
        region,
        {"aws:RequestedRegion": "eu-central-1"},
        {"aws:RequestedRegion": "eu-west-2"},
        USER,
    )
    tags = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    pair(
        "the tag of both",
        tags,
        {"aws:ResourceTag/team": "red", "aws:PrincipalTag/team": "red"},
        {"aws:ResourceTag/team": "red", "aws:PrincipalTag/team": "blue"},
        USER,
    )
    pair(
        "… a value with a star is no pattern",
        tags,
        {"aws:ResourceTag/team": "*", "aws:PrincipalTag/team": "*"},
        {"aws:ResourceTag/team": "red", "aws:PrincipalTag/team": "*"},
        USER,
    )
    pair(
        "tag keys ignore case, values do not",
        tags,
        {"aws:resourcetag/TEAM": "red", "AWS:PrincipalTag/Team": "red"},
        {"aws:ResourceTag/team": "red", "aws:PrincipalTag/team": "Red"},
        USER,
    )
    keys = {
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]},
        "Null": {"aws:TagKeys": "false"},
    }
    pair(
        "only these tags, and some",
        keys,
        {"aws:TagKeys": ["team"]},
        {"aws:TagKeys": ["team", "x"]},
        USER,
    )
    pair("… and none", keys, {"aws:TagKeys": ["team", "cost"]}, {}, USER)
    pair("… an empty list is none", keys, {"aws:TagKeys": "cost"}, {"aws:TagKeys": []}, USER)
    start = {"DateGreaterThanEquals": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}
    pair(
        "from a moment on",
        start,
        {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
        {"aws:CurrentTime": "2025-12-31T23:59:59Z"},
    )
    pair(
        "… in another zone",
        start,
        {"aws:CurrentTime": "2026-01-01T05:30:00+05:30"},
        {"aws:CurrentTime": "2026-01-01T05:29:59+05:30"},
    )
    token = {"DateLessThan": {"aws:TokenIssueTime": "2026-06-01T00:00:00Z"}}
    pair(
        "credentials from before",
        token,
        {"aws:TokenIssueTime": "2026-05-31T23:59:59Z"},
        {},
        SESSION,
    )
    form = {"StringEquals": {"s3:x-amz-acl": ["bucket-owner-full-control", "private"]}}
    pair("one of two ACLs", form, {"s3:x-amz-acl": "private"}, {"s3:x-amz-acl": "Private"})
    folder = {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/*"]}}
    for prefix, expected in (
        ("", ALLOWED),
        ("home/", ALLOWED),
        ("home/ann/x", ALLOWED),
        ("home/bob/", IMPLICIT),
    ):
        made.append(
            Vector(
                f"the guide's home folders: `{prefix}`",
                expected,
                USER,
                "s3:ListBucket",
                BUCKET,
                context={"s3:prefix": prefix},
                layers={
                    "identityPolicies": [policy(allow("s3:ListBucket", BUCKET, Condition=folder))]
                },
            )
        )
    tls = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    for version, expected in (
        ("1.1", EXPLICIT),
        (1.1, EXPLICIT),
        ("1.2", ALLOWED),
        ("1.3", ALLOWED),
    ):
        shut = {"resourcePolicy": policy(to("*"), deny(Principal="*", Condition=tls))}
        made.append(
            Vector(
                f"TLS {version!r}",
                expected,
                "anonymous",
                context={"s3:TlsVersion": version},
                layers=shut,
            )
        )
    points = {"StringEquals": {"s3:DataAccessPointAccount": HOME}}
    pair(
        "through an access point of the account",
        points,
        {"s3:DataAccessPointAccount": HOME},
        {"s3:DataAccessPointAccount": ABROAD},
    )
    small = {"NumericLessThanEquals": {"s3:max-keys": "10"}}
    pair(
        "a number of JSON with a fraction of nothing",
        small,
        {"s3:max-keys": 1e1},
        {"s3:max-keys": 10.5},
    )
    pair("a number too small for its digits", small, {"s3:max-keys": 1e-7}, {"s3:max-keys": 1e30})
    return made


def _operators() -> list[Vector]:
    """Operators on a context key of the caller's own policy."""
    made: list[Vector] = []

    def when(name: str, expected: str, condition: Raw, context: Raw, **more: Any) -> None:
        document = policy(allow(Condition=condition), **more)
        made.append(
            Vector(name, expected, USER, context=context, layers={"identityPolicies": [document]})
        )

    pre = "aws:RequestTag/t"
    for operator, value, expected in (
        ("StringEqualsIfExists", None, ALLOWED),
        ("StringNotEqualsIfExists", None, ALLOWED),
        ("ArnLikeIfExists", None, ALLOWED),
        ("NumericLessThanIfExists", None, ALLOWED),
        ("IpAddressIfExists", None, ALLOWED),
        ("DateLessThanIfExists", None, ALLOWED),
        ("BinaryEqualsIfExists", None, ALLOWED),
        ("StringEqualsIfExists", "y", IMPLICIT),
        ("stringequalsifexists", "x", ALLOWED),
        ("STRINGEQUALS", "x", ALLOWED),
        ("forallvalues:stringequals", "x", ALLOWED),
    ):
        when(
            f"{operator} of {value}",
            expected,
            {operator: {pre: "x"}},
            {} if value is None else {pre: value},
        )
    when(
        "unicode is compared by its characters",
        ALLOWED,
        {"StringEquals": {pre: "naïve"}},
        {pre: "naïve"},
    )
    when(
        "… a composed one is another",
        IMPLICIT,
        {"StringEquals": {pre: "nai\u0308ve"}},
        {pre: "naïve"},
    )
    when("a star takes line ends", ALLOWED, {"StringLike": {pre: "a*b"}}, {pre: "a\nx\nb"})
    when(
        "a question mark takes a character beyond the first plane",
        ALLOWED,
        {"StringLike": {pre: "?"}},
        {pre: "😀"},
    )
    when("only stars", ALLOWED, {"StringLike": {pre: "***"}}, {pre: ""})
    when("stars and a question mark", IMPLICIT, {"StringLike": {pre: "*?*"}}, {pre: ""})
    when("a bracket is a bracket", IMPLICIT, {"StringLike": {pre: "[ab]"}}, {pre: "a"})
    when("a backslash escapes nothing", ALLOWED, {"StringLike": {pre: "a\\*"}}, {pre: "a\\bc"})
    when("numbers: minus", ALLOWED, {"NumericLessThan": {"k:n": "0"}}, {"k:n": "-1"})
    when("numbers: a plus", ALLOWED, {"NumericEquals": {"k:n": "5"}}, {"k:n": "+5"})
    when("numbers: zeros in front", ALLOWED, {"NumericEquals": {"k:n": "007"}}, {"k:n": "7"})
    when(
        "numbers: not any of two", ALLOWED, {"NumericNotEquals": {"k:n": ["1", "2"]}}, {"k:n": "3"}
    )
    when("… and one of them", IMPLICIT, {"NumericNotEquals": {"k:n": ["1", "2"]}}, {"k:n": "2.0"})
    when(
        "dates: the same second, with parts of it",
        IMPLICIT,
        {"DateEquals": {"k:d": "2026-01-01T00:00:00Z"}},
        {"k:d": "2026-01-01T00:00:00.5Z"},
    )
    when(
        "dates: seconds since 1970 as a number",
        ALLOWED,
        {"DateEquals": {"k:d": "2026-01-01T00:00:00Z"}},
        {"k:d": 1767225600},
    )
    when(
        "dates: a day that is none",
        UNKNOWN,
        {"DateLessThan": {"k:d": "2026-02-30"}},
        {"k:d": "2026-01-01"},
    )
    when(
        "Bool of something else",
        IMPLICIT,
        {"Bool": {"aws:SecureTransport": "1"}},
        {"aws:SecureTransport": True},
    )
    when(
        "Null and a value",
        ALLOWED,
        {"Null": {pre: "false"}, "StringLike": {pre: "x*"}},
        {pre: "xy"},
    )
    when("Null of a boolean of JSON", ALLOWED, {"Null": {pre: True}}, {})
    when(
        "Null of an empty text is left open by the guide",
        UNKNOWN,
        {"Null": {pre: "true"}},
        {pre: ""},
    )
    when("Null of something else is not known", UNKNOWN, {"Null": {pre: "maybe"}}, {pre: "x"})
    when(
        "ForAllValues and IfExists", ALLOWED, {"ForAllValues:StringEqualsIfExists": {pre: "x"}}, {}
    )
    when(
        "ForAnyValue of numbers",
        ALLOWED,
        {"ForAnyValue:NumericGreaterThan": {"k:n": "5"}},
        {"k:n": ["1", "6"]},
    )
    when(
        "ForAllValues of addresses",
        IMPLICIT,
        {"ForAllValues:IpAddress": {"k:a": "10.0.0.0/8"}},
        {"k:a": ["10.1.1.1", "11.1.1.1"]},
    )
    when(
        "ForAllValues of ARNs",
        ALLOWED,
        {"ForAllValues:ArnLike": {"k:a": "arn:aws:s3:::*"}},
        {"k:a": ["arn:aws:s3:::a", "arn:aws:s3:::b/c"]},
    )
    when(
        "ForAnyValue: no value is another than two",
        IMPLICIT,
        {"ForAnyValue:StringNotEquals": {"k:s": ["a", "b"]}},
        {"k:s": ["a", "b"]},
    )
    when(
        "an ARN without its Region",
        ALLOWED,
        {"ArnEquals": {"k:a": "arn:aws:iam::*:role/x"}},
        {"k:a": f"arn:aws:iam::{HOME}:role/x"},
    )
    when(
        "an ARN of five parts matches nothing of six",
        IMPLICIT,
        {"ArnLike": {"k:a": "arn:aws:s3:::b*"}},
        {"k:a": "arn:aws:s3::b"},
    )
    when(
        "an ARN in a variable",
        ALLOWED,
        {"ArnEquals": {"k:a": "${aws:PrincipalArn}"}},
        {"k:a": USER},
    )
    when(
        "IPv6 in a range",
        ALLOWED,
        {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}},
        {"aws:SourceIp": "2001:0DB8:0::1"},
    )
    when(
        "IPv6 out of it",
        IMPLICIT,
        {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}},
        {"aws:SourceIp": "2001:db9::1"},
    )
    when(
        "one address without a length",
        ALLOWED,
        {"IpAddress": {"aws:SourceIp": "203.0.113.7"}},
        {"aws:SourceIp": "203.0.113.7"},
    )
    when(
        "an address that is none",
        UNKNOWN,
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"aws:SourceIp": "localhost"},
    )
    when(
        "a default beside a star",
        ALLOWED,
        {"StringLike": {pre: "${aws:PrincipalTag/x, 'a'}*"}},
        {pre: "ab"},
    )
    when(
        "an empty default",
        ALLOWED,
        {"StringEquals": {pre: "${aws:PrincipalTag/x, ''}y"}},
        {pre: "y"},
    )
    when(
        "two variables in one text",
        ALLOWED,
        {"StringEquals": {pre: "${aws:username}-${aws:PrincipalAccount}"}},
        {pre: f"ann-{HOME}"},
    )
    when(
        "a variable that is never closed is text",
        ALLOWED,
        {"StringEquals": {pre: "${aws:username"}},
        {pre: "${aws:username"},
    )
    when(
        "before 2012 an escape is text",
        IMPLICIT,
        {"StringEquals": {pre: "${*}"}},
        {pre: "*"},
        version="2008-10-17",
    )
    when(
        "operators on two keys, one of them absent",
        IMPLICIT,
        {"StringEquals": {pre: "x", "k:s": "y"}},
        {pre: "x"},
    )
    return made


def _layers() -> list[Vector]:
    made: list[Vector] = []

    def at(name: str, expected: str, who: Any = USER, **more: Any) -> None:
        fields = {k: more.pop(k) for k in ("action", "resource", "owner", "context") if k in more}
        made.append(Vector(name, expected, who, layers=more, **fields))

    reads = policy(allow("s3:Get*"))
    at("SCP: root and account allow", ALLOWED, **OWN, serviceControlPolicies=scp([FULL], [reads]))
    at(
        "SCP: a level in between does not",
        IMPLICIT,
        **OWN,
        serviceControlPolicies=scp([FULL], [NOTHING_ELSE], [FULL]),
    )
    at("SCP: a level without policies", IMPLICIT, **OWN, serviceControlPolicies=scp([FULL], []))
    at(
        "SCP: two policies of one level add up",
        ALLOWED,
        **OWN,
        serviceControlPolicies=scp([NOTHING_ELSE, reads]),
    )
    at(
        "SCP: different levels do not",
        IMPLICIT,
        **OWN,
        serviceControlPolicies=scp([NOTHING_ELSE], [reads]),
    )
    at("SCP: grants nothing", IMPLICIT, serviceControlPolicies=scp([FULL]))
    at(
        "SCP: NotAction with Deny",
        EXPLICIT,
        **OWN,
        serviceControlPolicies=scp([FULL, policy(without(deny(NotAction="iam:*"), "Action"))]),
    )
    at(
        "… spares what it lists",
        ALLOWED,
        **OWN,
        serviceControlPolicies=scp(
            [FULL, policy(without(deny(NotAction=["iam:*", "s3:*"]), "Action"))]
        ),
    )
    away = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}
    for region, expected in (("eu-west-1", ALLOWED), ("us-east-1", EXPLICIT)):
        at(
            f"SCP: only one Region, {region}",
            expected,
            **OWN,
            context={"aws:RequestedRegion": region},
            serviceControlPolicies=scp([FULL, policy(deny("*", Condition=away))]),
        )
    spared = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/work*"}}
    guard = scp([FULL, policy(deny("s3:*", Condition=spared))])
    at("SCP: a role is excepted by its ARN", ALLOWED, SESSION, **OWN, serviceControlPolicies=guard)
    at("… and a user is not", EXPLICIT, USER, **OWN, serviceControlPolicies=guard)
    at(
        "SCP: binds the root user",
        EXPLICIT,
        ROOT,
        serviceControlPolicies=scp(
            [
                FULL,
                policy(
                    deny("*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}})
                ),
            ]
        ),
    )
    at(
        "SCP: on one resource",
        EXPLICIT,
        **OWN,
        serviceControlPolicies=scp([FULL, policy(deny("s3:*", f"{BUCKET}/*"))]),
    )
    at(
        "SCP: on another",
        ALLOWED,
        **OWN,
        serviceControlPolicies=scp([FULL, policy(deny("s3:*", f"{BUCKET}c/*"))]),
    )
    at(
        "SCP: binds a federated user",
        EXPLICIT,
        f"arn:aws:sts::{HOME}:federated-user/ann",
        **OWN,
        sessionPolicy=FULL,
        serviceControlPolicies=scp([FULL, policy(deny())]),
    )
    at(
        "SCP: does not bind a canonical user",
        ALLOWED,
        CANONICAL,
        resourcePolicy=policy(to({"CanonicalUser": CANONICAL})),
        serviceControlPolicies=scp([policy(deny("*"))]),
    )
    fence = policy(
        deny(
            "s3:*",
            Principal="*",
            Condition={
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-acme"},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            },
        )
    )
    everybody = {"resourcePolicy": policy(to("*"))}
    at(
        "RCP: keeps the anonymous out: without the key IfExists holds",
        EXPLICIT,
        "anonymous",
        **everybody,
        resourceControlPolicies=scp([FULL], [fence]),
    )
    at(
        "RCP: keeps strangers out",
        EXPLICIT,
        USER,
        **everybody,
        owner=ABROAD,
        context={"aws:PrincipalOrgID": "o-eve"},
        resourceControlPolicies=scp([fence]),
    )
    at(
        "RCP: lets its own in",
        ALLOWED,
        USER,
        **everybody,
        context={"aws:PrincipalOrgID": "o-acme"},
        resourceControlPolicies=scp([fence]),
    )
    at(
        "RCP: lets services in",
        ALLOWED,
        "logs.amazonaws.com",
        **everybody,
        resourceControlPolicies=scp([fence]),
    )
    at(
        "RCP: grants nothing",
        IMPLICIT,
        USER,
        resourceControlPolicies=scp([policy(allow("*", Principal="*"))]),
    )
    at(
        "RCP: the root user of the account",
        EXPLICIT,
        ROOT,
        resourceControlPolicies=scp([policy(deny("s3:*", Principal="*"))]),
    )
    at(
        "RCP and SCP both deny",
        EXPLICIT,
        USER,
        **OWN,
        serviceControlPolicies=scp([FULL, policy(deny())]),
        resourceControlPolicies=scp([policy(deny(Principal="*"))]),
    )
    at(
        "a boundary of several policies: one allows",
        ALLOWED,
        **OWN,
        permissionBoundaries=[NOTHING_ELSE, reads],
    )
    at(
        "a boundary under a condition",
        IMPLICIT,
        **OWN,
        permissionBoundaries=[policy(allow(Condition={"Bool": {"aws:SecureTransport": "true"}}))],
        context={"aws:SecureTransport": False},
    )
    at(
        "a boundary by NotAction",
        IMPLICIT,
        **OWN,
        permissionBoundaries=[policy(without(allow(NotAction="s3:*"), "Action"))],
    )
    at(
        "a boundary on another resource",
        IMPLICIT,
        **OWN,
        permissionBoundaries=[policy(allow("*", f"{BUCKET}/other"))],
    )
    at(
        "a boundary does not touch a grant to everybody in the account",
        ALLOWED,
        permissionBoundaries=[NOTHING_ELSE],
        resourcePolicy=policy(to("*", Condition={"StringEquals": {"aws:PrincipalAccount": HOME}})),
    )
    at(
        "session policy and grant to everybody",
        ALLOWED,
        SESSION,
        sessionPolicy=NOTHING_ELSE,
        resourcePolicy=policy(to("*")),
    )
    at(
        "session policy and grant to the account",
        IMPLICIT,
        SESSION,
        **OWN,
        sessionPolicy=NOTHING_ELSE,
        resourcePolicy=policy(to(aws(HOME))),
    )
    at(
        "session policy narrower than the role's",
        ALLOWED,
        SESSION,
        identityPolicies=[EVERYTHING],
        sessionPolicy=policy(allow("s3:GetObject", OBJECT)),
    )
    at(
        "… and on another object",
        IMPLICIT,
        SESSION,
        identityPolicies=[EVERYTHING],
        sessionPolicy=policy(allow("s3:GetObject", f"{BUCKET}/other")),
    )
    at(
        "a deny of the session policy",
        EXPLICIT,
        SESSION,
        identityPolicies=[EVERYTHING],
        sessionPolicy=policy(allow("*"), deny()),
    )
    at(
        "a boundary and a session policy, and a grant to the session",
        ALLOWED,
        SESSION,
        permissionBoundaries=[NOTHING_ELSE],
        sessionPolicy=NOTHING_ELSE,
        resourcePolicy=policy(to(aws(SESSION))),
    )
    at(
        "… a boundary that denies",
        EXPLICIT,
        SESSION,
        permissionBoundaries=[policy(deny("s3:*"))],
        sessionPolicy=NOTHING_ELSE,
        resourcePolicy=policy(to(aws(SESSION))),
    )
    at(
        "across accounts a grant to the session is limited",
        IMPLICIT,
        SESSION,
        **OWN,
        owner=ABROAD,
        sessionPolicy=NOTHING_ELSE,
        resourcePolicy=policy(to(aws(SESSION))),
    )
    at(
        "across accounts a role's session",
        ALLOWED,
        SESSION,
        **OWN,
        owner=ABROAD,
        resourcePolicy=policy(to(aws(ROLE))),
    )
    at(
        "across accounts SCPs of the caller bind",
        EXPLICIT,
        SESSION,
        **OWN,
        owner=ABROAD,
        resourcePolicy=policy(to(aws(ROLE))),
        serviceControlPolicies=scp([FULL, policy(deny())]),
    )
    at(
        "across accounts, an organisation",
        ALLOWED,
        USER,
        **OWN,
        owner=ABROAD,
        context={"aws:PrincipalOrgID": "o-acme"},
        resourcePolicy=policy(
            to("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-acme"}})
        ),
    )
    at(
        "across accounts, a deny that names the account",
        EXPLICIT,
        USER,
        **OWN,
        owner=ABROAD,
        resourcePolicy=policy(to("*"), deny(Principal=aws(HOME))),
    )
    at(
        "across accounts, a deny that names the owner",
        ALLOWED,
        USER,
        **OWN,
        owner=ABROAD,
        resourcePolicy=policy(to("*"), deny(Principal=aws(ABROAD))),
    )
    at(
        "two identity policies, one denies",
        EXPLICIT,
        identityPolicies=[EVERYTHING, policy(deny("s3:*"))],
    )
    at(
        "two identity policies, one on the bucket",
        ALLOWED,
        identityPolicies=[policy(allow("s3:*", BUCKET)), policy(allow("s3:*", f"{BUCKET}/*"))],
    )
    for way, expected in (("aws:SourceVpce", ALLOWED), ("aws:SourceVpc", IMPLICIT)):
        at(
            f"an endpoint policy under {way}",
            expected,
            **OWN,
            context={way: "x-1"},
            endpointPolicies=[
                policy(
                    allow("*", Principal="*", Condition={"StringEquals": {"aws:SourceVpce": "x-1"}})
                )
            ],
        )
    at(
        "an endpoint policy for its own organisation",
        IMPLICIT,
        **OWN,
        context={"aws:PrincipalOrgID": "o-eve"},
        endpointPolicies=[
            policy(
                allow(
                    "*", Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-acme"}}
                )
            )
        ],
    )
    at(
        "an endpoint policy without a principal",
        ALLOWED,
        **OWN,
        endpointPolicies=[policy(allow("*"))],
    )
    assume = {"action": "sts:AssumeRole", "resource": ROLE}

    def trust(who: Any, **more: Any) -> Raw:
        return policy(without(allow("sts:AssumeRole", Principal=who, **more), "Resource"))

    at("a trust policy for the user itself", ALLOWED, resourcePolicy=trust(aws(USER)), **assume)
    at("a trust policy for everybody", ALLOWED, resourcePolicy=trust("*"), **assume)
    at(
        "no trust",
        IMPLICIT,
        identityPolicies=[EVERYTHING],
        resourcePolicy=trust(aws(OTHER_USER)),
        **assume,
    )
    at(
        "trust across accounts needs both",
        IMPLICIT,
        resourcePolicy=trust(aws(USER)),
        owner=ABROAD,
        **assume,
    )
    at(
        "… and has both",
        ALLOWED,
        identityPolicies=[policy(allow("sts:AssumeRole", ROLE))],
        resourcePolicy=trust(aws(HOME)),
        owner=ABROAD,
        **assume,
    )
    external = {"StringEquals": {"sts:ExternalId": "secret"}}
    for value, expected in (("secret", ALLOWED), ("Secret", IMPLICIT)):
        at(
            f"an external id `{value}`",
            expected,
            identityPolicies=[EVERYTHING],
            resourcePolicy=trust(aws(HOME), Condition=external),
            owner=ABROAD,
            context={"sts:ExternalId": value},
            **assume,
        )
    at(
        "a service takes its role",
        ALLOWED,
        "ec2.amazonaws.com",
        resourcePolicy=trust({"Service": ["ec2.amazonaws.com", "ssm.amazonaws.com"]}),
        **assume,
    )
    key = {"action": "kms:Decrypt", "resource": KEY}
    default = policy(allow("kms:*", Principal=aws(ROOT)))
    at(
        "KMS: the default key policy leaves it to the account",
        ALLOWED,
        identityPolicies=[policy(allow("kms:Decrypt", KEY))],
        resourcePolicy=default,
        **key,
    )
    at("KMS: … which has to allow", IMPLICIT, resourcePolicy=default, **key)
    at(
        "KMS: without it identity policies are for nothing",
        IMPLICIT,
        identityPolicies=[EVERYTHING],
        resourcePolicy=policy(allow("kms:*", Principal=aws(OTHER_USER))),
        **key,
    )
    at(
        "KMS: the root user, too",
        IMPLICIT,
        ROOT,
        resourcePolicy=policy(allow("kms:*", Principal=aws(OTHER_USER))),
        **key,
    )
    at(
        "KMS: the key policy names the role",
        ALLOWED,
        SESSION,
        resourcePolicy=policy(allow("kms:Decrypt", Principal=aws(ROLE))),
        **key,
    )
    via = {
        "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:CallerAccount": HOME}
    }
    for service, expected in (
        ("s3.eu-west-1.amazonaws.com", ALLOWED),
        ("sqs.eu-west-1.amazonaws.com", IMPLICIT),
    ):
        at(
            f"KMS: through {service}",
            expected,
            resourcePolicy=policy(allow("kms:Decrypt", Principal=aws("*"), Condition=via)),
            context={"kms:ViaService": service, "kms:CallerAccount": HOME},
            **key,
        )
    shut = {"resourcePolicy": policy(deny("s3:*", Principal="*"))}
    root = {"action": "s3:DeleteBucketPolicy", "resource": BUCKET}
    at("the root user is not locked out of its bucket's policy", ALLOWED, ROOT, **shut, **root)
    at("… an administrator is", EXPLICIT, USER, identityPolicies=[EVERYTHING], **shut, **root)
    at("… of another action, the root user is", EXPLICIT, ROOT, **shut)
    at("… and another account's root user", EXPLICIT, ROOT, **shut, **root, owner=ABROAD)
    at(
        "… or an organisation's policy forbids it",
        EXPLICIT,
        ROOT,
        **shut,
        **root,
        serviceControlPolicies=scp([FULL, policy(deny("s3:*"))]),
    )
    return made


def _actions_and_resources() -> list[Vector]:
    made: list[Vector] = []

    def own(name: str, expected: str, *statements: Raw, **more: Any) -> None:
        made.append(
            Vector(name, expected, USER, layers={"identityPolicies": [policy(*statements)]}, **more)
        )

    own("a question mark in the service", ALLOWED, allow("s?:GetObject"))
    own("s3express is another service", IMPLICIT, allow("s3express:*"))
    own(
        "a service with a hyphen",
        ALLOWED,
        allow("s3-object-lambda:Get*"),
        action="s3-object-lambda:GetObject",
    )
    own("one word and a star", ALLOWED, allow("s3:get*"), action="s3:GetObjectVersion")
    own("no colon, no action", IMPLICIT, allow("GetObject"))
    own("only the service", IMPLICIT, allow("s3"))
    own("a list of actions", ALLOWED, allow(["ec2:*", "s3:GetObject"]))
    own(
        "NotAction with a star of the service", IMPLICIT, without(allow(NotAction="s3:*"), "Action")
    )
    own("NotAction in another case", IMPLICIT, without(allow(NotAction="S3:GETOBJECT"), "Action"))
    own("an ARN without partition wildcards", IMPLICIT, allow(resource="arn:aws-cn:s3:::b/*"))
    own("a star for the partition", ALLOWED, allow(resource="arn:*:s3:::b/*"))
    own("a star over several parts", ALLOWED, allow(resource="arn:aws:s3*/k"))
    own("a question mark in the key", ALLOWED, allow(resource=f"{BUCKET}/?"))
    own(
        "a key with a star in its name",
        ALLOWED,
        allow(resource=f"{BUCKET}/a${{*}}b"),
        resource=f"{BUCKET}/a*b",
    )
    own("a folder is not its object", IMPLICIT, allow(resource=f"{BUCKET}/k/*"))
    own(
        "the bucket's wildcard takes longer names",
        ALLOWED,
        allow(resource="arn:aws:s3:::b*"),
        resource="arn:aws:s3:::bucket/k",
    )
    own(
        "NotResource of the bucket leaves its objects",
        ALLOWED,
        without(allow(NotResource=BUCKET), "Resource"),
    )
    own(
        "NotResource of both",
        IMPLICIT,
        without(allow(NotResource=[BUCKET, f"{BUCKET}/*"]), "Resource"),
    )
    own(
        "Deny with NotResource spares the object",
        ALLOWED,
        allow(),
        without(deny(NotResource=f"{BUCKET}/*"), "Resource"),
    )
    own(
        "NotAction and NotResource",
        ALLOWED,
        {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::c/*"},
    )
    own(
        "an object with colons and blanks",
        ALLOWED,
        allow(resource=f"{BUCKET}/a:*"),
        resource=f"{BUCKET}/a:b c:d",
    )
    own("unicode in a key", ALLOWED, allow(resource=f"{BUCKET}/ü*"), resource=f"{BUCKET}/üb/€")
    own("a resource that is no ARN", IMPLICIT, allow(resource="b/*"))
    own("a statement alone, without a list", ALLOWED, allow())
    own("a Deny that comes first", EXPLICIT, deny(), allow())
    own("a Deny that comes last", EXPLICIT, allow(), deny())
    own(
        "many statements, one fits",
        ALLOWED,
        *[allow(resource=f"arn:aws:s3:::x{n}/*") for n in range(200)],
        allow(),
    )
    own("a Sid changes nothing", ALLOWED, allow(Sid="A"), deny("s3:PutObject", Sid="B"))
    long = "*a" * 400 + "*"
    own(
        "a long pattern that almost fits",
        IMPLICIT,
        allow(resource=f"{BUCKET}/{long}b"),
        resource=f"{BUCKET}/{'a' * 900}",
    )
    return made


DOCUMENTED = [
    *_excepted(),
    *_principals(),
    *_context(),
    *_operators(),
    *_layers(),
    *_actions_and_resources(),
]
