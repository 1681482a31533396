"""What the set evaluator knows about context keys: type, several values, whose value it is.

Sources: IAM user guide, *AWS global condition context keys*; S3 user guide, *Policy keys for
S3*; service authorization reference. Key names are compared without case (A9), so everything
here is in lower case. A key that is not listed is an optional text that the caller may choose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from mute_audit.identity.automata import Language, language
from mute_audit.identity.statements import Operator, Policy, PrincipalKind
from mute_audit.identity.template import Pattern
from mute_audit.identity.tokens import glob_tokens, literal_tokens

__all__ = [
    "ACCESS_POINT_KEYS",
    "COMPUTE_ARN_KEYS",
    "ENDPOINT_KEYS",
    "MULTIVALUED",
    "NETWORK_KEYS",
    "OWNED_KEYS",
    "OWNER_ORGANIZATION",
    "SERVICE_KEYS",
    "TEXT_KEYS",
    "TRANSPORT_KEYS",
    "UNDETERMINED",
    "VPC_KEYS",
    "WHOLE_NUMBERS",
    "Kind",
    "Names",
    "arn_account",
    "is_origin_identity",
    "key_kind",
    "names_in",
    "own_access_points",
    "unused_account",
]


class Kind(Enum):
    """How the values of a key are compared."""

    TEXT = "text"
    ADDRESS = "address"
    BOOL = "bool"
    NUMBER = "number"
    DATE = "date"


_KINDS = {
    "aws:sourceip": Kind.ADDRESS,
    "aws:vpcsourceip": Kind.ADDRESS,
    "aws:currenttime": Kind.DATE,
    "aws:epochtime": Kind.DATE,
    "aws:tokenissuetime": Kind.DATE,
    "aws:multifactorauthage": Kind.NUMBER,
    "aws:multifactorauthpresent": Kind.BOOL,
    "aws:principalisawsservice": Kind.BOOL,
    "aws:securetransport": Kind.BOOL,
    "aws:viaawsservice": Kind.BOOL,
    "aws:ismcpservice": Kind.BOOL,
    "s3:max-keys": Kind.NUMBER,
    "s3:object-lock-remaining-retention-days": Kind.NUMBER,
    "s3:object-lock-retain-until-date": Kind.DATE,
    "s3:signatureage": Kind.NUMBER,
    "s3:tlsversion": Kind.NUMBER,
}

WHOLE_NUMBERS = frozenset(
    {
        "aws:multifactorauthage",
        "s3:max-keys",
        "s3:object-lock-remaining-retention-days",
        "s3:signatureage",
    }
)

# Keys that hold several values in one request.
MULTIVALUED = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
        "s3:requestobjecttagkeys",
    }
)

# Set on the way that the request takes: the internet, or a VPC endpoint (A12).
ENDPOINT_KEYS = frozenset(
    {
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "aws:vpcsourceip",
    }
)
NETWORK_KEYS = ENDPOINT_KEYS | {"aws:sourceip"}
TRANSPORT_KEYS = frozenset({"aws:securetransport", "s3:tlsversion"})

# Present only when an AWS service calls for a resource of somebody.
SERVICE_KEYS = frozenset(
    {
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
    }
)

# Facts about the resource's owner that no policy tells.
UNDETERMINED = frozenset(
    {"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "s3:resourceaccount"}
)

# What stands for the organisation of the resource where a variable asks for it.
OWNER_ORGANIZATION = "o-resourceowner"

# Set by an access point on what goes through it.
ACCESS_POINT_KEYS = frozenset({"s3:dataaccesspointaccount", "s3:dataaccesspointarn"})

# The instance or function whose credentials sign the request.
COMPUTE_ARN_KEYS = frozenset(
    {"aws:chatbotsourcearn", "ec2:sourceinstancearn", "lambda:sourcefunctionarn"}
)

# Values that AWS assigns: nobody can take one that belongs to somebody else. A stranger's value
# is therefore never one that the policy names.
OWNED_KEYS = frozenset(
    {
        *COMPUTE_ARN_KEYS,
        "aws:ec2instancesourcevpc",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
# By what they say of the way that a request takes: whoever owns the VPC or the endpoint can send
# it. The first three carry no account, so that a policy alone does not tell whose they are.
VPC_KEYS = frozenset(
    {
        "aws:ec2instancesourcevpc",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:sourcevpcarn",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
    }
)
# Names, ids and ARNs: no number, date or address is ever among their values.
TEXT_KEYS = (
    OWNED_KEYS
    | SERVICE_KEYS
    | UNDETERMINED
    | {"aws:principaltype", "aws:requestedregion", "aws:username"}
)
_PATH_KEYS = frozenset({"aws:principalorgpaths", "aws:vpceorgpaths"})
_ARN_KEYS = COMPUTE_ARN_KEYS | {"aws:principalarn", "aws:sourcevpcarn", "s3:dataaccesspointarn"}
_POSITIVE = frozenset(
    {
        Operator.STRING_EQUALS,
        Operator.STRING_EQUALS_IGNORE_CASE,
        Operator.STRING_LIKE,
        Operator.ARN_EQUALS,
        Operator.ARN_LIKE,
    }
)


def key_kind(key: str) -> Kind:
    """The type of a key, TEXT where it is not listed."""
    return _KINDS.get(key.lower(), Kind.TEXT)


@dataclass(frozen=True, slots=True)
class Names:
    """Whom a policy names: nobody else can be these.

    accounts       account ids, from principals and from conditions
    arns           principals that are named by ARN
    canonical      canonical user ids, and origin access identities of CloudFront by ARN
    services       service principals
    federated      identity providers
    organizations  organisation ids
    owner          the account that the resource belongs to, or one that stands for it
    partition      where all this lies: `aws`, `aws-cn`, `aws-us-gov`
    taken          for each owned key, the texts that a stranger cannot have
    ours           for each of them, the texts that are known to be the owner's
    """

    accounts: tuple[str, ...] = ()
    arns: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    owner: str = ""
    partition: str = "aws"
    taken: Mapping[str, Language] = field(default_factory=dict)
    ours: Mapping[str, Language] = field(default_factory=dict)


def is_origin_identity(principal: str) -> bool:
    """An origin access identity of CloudFront: a user of no customer's account."""
    return principal.startswith("arn:") and ":iam::cloudfront:user/" in principal


def arn_account(arn: str) -> str:
    """The account segment of an ARN pattern, empty where it is not twelve digits."""
    parts = arn.split(":", 5)
    account = parts[4] if len(parts) > 4 else ""
    return account if len(account) == 12 and account.isdigit() else ""


def names_in(policies: tuple[Policy, ...], owner: str = "") -> Names:
    """Everybody whom these policies name, in Allow and in Deny.

    `owner` is the account of the resource. Where it is not known, an account that nobody names
    stands for it.
    """
    found: dict[str, dict[str, None]] = {
        name: {} for name in ("accounts", "arns", "canonical", "services", "federated", "orgs")
    }
    taken: dict[str, dict[tuple[str, bool], None]] = {}
    for statement in (s for policy in policies for s in policy.statements):
        for principal in (*(statement.principals or ()), *(statement.not_principals or ())):
            value = principal.value
            if principal.kind is PrincipalKind.SERVICE:
                found["services"][value] = None
            elif principal.kind is PrincipalKind.FEDERATED:
                found["federated"][value] = None
            elif principal.kind is PrincipalKind.CANONICAL or is_origin_identity(value):
                found["canonical"][value] = None
            elif principal.kind is PrincipalKind.AWS:
                account = value if value.isdigit() and len(value) == 12 else arn_account(value)
                if account:
                    found["accounts"][account] = None
                if value.startswith("arn:") and not value.endswith(":root"):
                    found["arns"][value] = None
        for condition in statement.conditions:
            key = condition.key.lower()
            if key not in OWNED_KEYS or condition.operator is None:
                continue
            for value_pattern in condition.values:
                account, org = _owner_of(key, value_pattern)
                if account:
                    found["accounts"][account] = None
                if org and condition.operator in _POSITIVE:
                    found["orgs"][org.lower()] = None
                for glob in _taken(key, value_pattern):
                    taken.setdefault(key, {})[glob] = None
    return Names(
        accounts=tuple(found["accounts"]),
        arns=tuple(found["arns"]),
        canonical=tuple(found["canonical"]),
        services=tuple(found["services"]),
        federated=tuple(found["federated"]),
        organizations=tuple(found["orgs"]),
        owner=owner or unused_account(found["accounts"]),
        partition=_partition(policies),
        taken={
            # Ids of one owner do not differ from another's in case alone.
            key: language(
                tuple((glob_tokens if wild else literal_tokens)(g, True) for g, wild in globs)
            )
            for key, globs in taken.items()
        },
    )


def own_access_points(policy: Policy, owner: str) -> tuple[dict[str, str | None], ...]:
    """What a request through an access point of `owner` carries, for each that the policy names.

    As context keys; of a pattern one text that it takes in.
    """
    found: dict[tuple[str, str], None] = {}
    for condition in (c for s in policy.statements for c in s.conditions):
        key = condition.key.lower()
        for pattern in condition.values:
            text = pattern.written.replace("*", "x").replace("?", "x")
            of = {"s3:dataaccesspointarn": arn_account(text), "s3:dataaccesspointaccount": text}
            if of.get(key) == owner:
                found[key, text] = None
    return tuple(
        {
            "s3:dataaccesspointaccount": owner,
            **({key: text} if key == "s3:dataaccesspointarn" else {}),
        }
        for key, text in found
        if owner
    )


def _partition(policies: tuple[Policy, ...]) -> str:
    """The partition that the resources are in; `aws` where nothing says another."""
    for statement in (s for policy in policies for s in policy.statements):
        for pattern in (*(statement.resources or ()), *(statement.not_resources or ())):
            parts = pattern.written.split(":", 2)
            if len(parts) == 3 and parts[1] in ("aws-cn", "aws-us-gov"):
                return parts[1]
    return "aws"


def unused_account(taken: Iterable[str]) -> str:
    """An account id that is not among these."""
    used = set(taken)
    return next(
        account for n in range(len(used) + 1) if (account := f"{999_999_999_999 - n}") not in used
    )


def _plain(pattern: Pattern) -> str:
    """The text up to the first wildcard or variable."""
    if pattern.variables:
        return pattern.written.partition("${")[0]
    return pattern.written


def _owner_of(key: str, pattern: Pattern) -> tuple[str, str]:
    """The account and the organisation that a value of an owned key belongs to."""
    text = _plain(pattern)
    if key in ("aws:principalaccount", "aws:vpceaccount", "s3:dataaccesspointaccount"):
        return (text if len(text) == 12 and text.isdigit() else ""), ""
    if key in _ARN_KEYS:
        return arn_account(text), ""
    if key in ("aws:principalorgid", "aws:vpceorgid"):
        return "", text if pattern.fixed else ""
    if key in _PATH_KEYS:
        org = text.partition("/")[0]
        return "", org if org and "*" not in org and "?" not in org else ""
    return "", ""


def _taken(key: str, pattern: Pattern) -> tuple[tuple[str, bool], ...]:
    """The texts that this value reserves, each with whether it is a wildcard pattern."""
    if key in _PATH_KEYS:
        org = _plain(pattern).partition("/")[0]
        return ((f"{org}/*", True),) if org and "*" not in org and "?" not in org else ()
    if key in _ARN_KEYS:
        account = arn_account(_plain(pattern))
        return ((f"arn:*:*:*:{account}:*", True),) if account else ()
    if key == "aws:userid":
        unique = _plain(pattern).partition(":")[0]
        if unique and "*" not in unique and "?" not in unique:
            return ((unique, False), (f"{unique}:*", True))
        return ()
    return ((pattern.written, False),) if pattern.fixed else ()
