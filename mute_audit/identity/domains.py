"""Which values each context key can have, for one caller on one way of a request."""

from __future__ import annotations

import string
from dataclasses import dataclass, replace

from mute_audit.identity.automata import NONEMPTY, Language, language
from mute_audit.identity.callers import IDENTITIES, Caller, CallerKind
from mute_audit.identity.keys import (
    ACCESS_POINT_KEYS,
    COMPUTE_ARN_KEYS,
    ENDPOINT_KEYS,
    OWNED_KEYS,
    OWNER_ORGANIZATION,
    SERVICE_KEYS,
    UNDETERMINED,
    VPC_KEYS,
    WHOLE_NUMBERS,
    Names,
)
from mute_audit.identity.ranges import EVERY_ADDRESS, INTERNET, AddressSet
from mute_audit.identity.tokens import (
    DIGITS,
    Token,
    Tokens,
    glob_tokens,
    literal_tokens,
    segment_tokens,
)

__all__ = ["Domain", "Situation", "domain_of"]


@dataclass(frozen=True, slots=True)
class Situation:
    """The way of the request: through a VPC endpoint or not, with TLS or not."""

    endpoint: bool = False
    tls: bool = True


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that one key can have; absence is a value of its own.

    `values` lists them where they are few, `addresses` bounds an address, `inside` and
    `outside` bound a text, `whole` numbers have no fraction. `empty`: the caller may also send
    an empty text, as in a prefix. `undetermined`: a fact that the policy does not tell.
    """

    absent: bool = True
    present: bool = True
    inside: tuple[Language, ...] = (NONEMPTY,)
    outside: tuple[Language, ...] = ()
    values: tuple[str, ...] | None = None
    addresses: AddressSet | None = None
    whole: bool = False
    empty: bool = False
    undetermined: bool = False


_ABSENT = Domain(absent=True, present=False)
_ALWAYS = Domain(absent=False)
_WHOLE = Domain(whole=True)
# What the caller sends along, or has been tagged with: any text, none as well.
_FREE = Domain(empty=True)


def domain_of(key: str, caller: Caller, situation: Situation, names: Names) -> Domain:
    """The values of one key (lower case) for this caller on this way.

    `aws:PrincipalAccount` and `aws:username` of an identity are parts of its ARN: conditions
    on them are rewritten into conditions on `aws:principalarn` before this is asked.
    """
    domain = _domain(key, caller, situation)
    if key == "aws:principalarn" and caller.kind in IDENTITIES:
        # Whom the policy names is a caller of its own: nobody else has that ARN.
        named = () if caller.arn else tuple(literal_tokens(arn) for arn in names.arns)
        domain = Domain(
            absent=False,
            inside=(_arn_shape(caller, names.partition),),
            outside=(language(named),) if named else (),
        )
    if key in caller.holds:
        return _held(key, domain, names)
    if key in ACCESS_POINT_KEYS:
        # A request through an access point of the owner is another question: that one's policy
        # must let it through as well.
        domain = replace(domain, outside=(_of_accounts(key, (names.owner,)),))
    if not caller.stranger or key not in OWNED_KEYS or domain.values is not None:
        return domain
    if caller.organization and key in VPC_KEYS:
        return domain  # an account that is let in may come from anywhere
    extra: tuple[Language, ...] = ()
    if key in names.taken and not (caller.organization and key.startswith("aws:principalorg")):
        extra += (names.taken[key],)
    if key in _ACCOUNT_SHAPES:
        extra += (_of_accounts(key, tuple(dict.fromkeys((*names.accounts, names.owner)))),)
    if key in ("aws:principalorgid", "aws:vpceorgid"):
        extra += (language((literal_tokens(OWNER_ORGANIZATION, ignore_case=True),)),)
    return replace(domain, outside=(*domain.outside, *extra))


def _held(key: str, domain: Domain, names: Names) -> Domain:
    """Every value but those that are known to be the owner's."""
    extra: tuple[Language, ...] = (names.ours[key],) if key in names.ours else ()
    if key in _ACCOUNT_SHAPES:
        extra += (_of_accounts(key, (names.owner,)),)
    return replace(domain, empty=False, outside=(*domain.outside, *extra))


def _of_accounts(key: str, accounts: tuple[str, ...]) -> Language:
    shapes = (_ACCOUNT_SHAPES[key].format(account) for account in accounts)
    tokens = segment_tokens if key.endswith("arn") else literal_tokens
    return language(tuple(tokens(shape) for shape in shapes))


# Where the account stands in keys that hold one: a stranger's is neither the owner's nor named.
_ACCOUNT_SHAPES = {
    "aws:principalarn": "arn:*:*::{}:*",
    "aws:sourceaccount": "{}",
    "aws:sourcearn": "arn:*:*:*:{}:*",
    "aws:sourceowner": "{}",
    "aws:sourcevpcarn": "arn:*:*:*:{}:*",
    "aws:vpceaccount": "{}",
    "s3:dataaccesspointaccount": "{}",
    "s3:dataaccesspointarn": "arn:*:*:*:{}:*",
    **dict.fromkeys(COMPUTE_ARN_KEYS, "arn:*:*:*:{}:*"),
}


def _domain(key: str, caller: Caller, situation: Situation) -> Domain:
    if key in UNDETERMINED:
        return Domain(undetermined=True)
    if key == "aws:sourceip":
        return _ABSENT if situation.endpoint else Domain(absent=False, addresses=INTERNET)
    if key in ENDPOINT_KEYS:
        return _endpoint(key) if situation.endpoint else _ABSENT
    if key == "aws:securetransport":
        return Domain(absent=False, values=("true" if situation.tls else "false",))
    if key == "s3:tlsversion":
        return Domain(absent=False, values=("1.2", "1.3")) if situation.tls else _ABSENT
    if key in WHOLE_NUMBERS:
        return _ABSENT if caller.kind is CallerKind.ANONYMOUS and key in _SIGNED_ONLY else _WHOLE
    if key in ("aws:currenttime", "aws:epochtime", "aws:requestedregion"):
        return _ALWAYS
    if caller.kind is CallerKind.SERVICE:
        return _for_service(key, caller)
    if key in SERVICE_KEYS:
        return _ABSENT
    if key == "aws:principalisawsservice":
        return Domain(absent=False, values=("false",))
    if caller.kind is CallerKind.ANONYMOUS:
        return _for_anonymous(key)
    if caller.kind in IDENTITIES:
        return _for_identity(key, caller)
    # A canonical id or an identity provider says nothing about the account behind it.
    return Domain(undetermined=key.startswith("aws:principal") or key == "aws:userid")


def _endpoint(key: str) -> Domain:
    if key == "aws:vpcsourceip":
        return Domain(absent=False, addresses=EVERY_ADDRESS)
    shapes = {
        "aws:sourcevpce": "vpce-?*",
        "aws:sourcevpc": "vpc-?*",
        "aws:sourcevpcarn": "arn:aws:ec2:?*:????????????:vpc/vpc-?*",
        "aws:vpceorgid": "o-?*",
        "aws:vpceorgpaths": "o-?*/?*",
    }
    if key == "aws:vpceaccount":
        return Domain(absent=False, inside=(_account_language(),))
    optional = key.startswith("aws:vpceorg")
    return Domain(absent=optional, inside=(language((glob_tokens(shapes[key]),)),))


def _account_language() -> Language:
    return language((_twelve_digits(),))


def _twelve_digits() -> Tokens:
    return (Token(only=DIGITS),) * 12


_ANONYMOUS_VALUES = {
    "aws:principalaccount": ("anonymous",),
    "aws:principaltype": ("Anonymous",),
    "aws:userid": ("anonymous",),
    "aws:viaawsservice": ("false",),
}
# Whom a service says that it acts for.
_SOURCES = {
    "aws:sourceaccount": (Token(only=DIGITS),) * 12,
    "aws:sourcearn": (),
    "aws:sourceorgid": glob_tokens("o-?*"),
    "aws:sourceorgpaths": glob_tokens("o-?*/?*"),
    "aws:sourceowner": (Token(only=DIGITS),) * 12,
}
# Partition, service and Region of an ARN: no colon in any of them.
_SEGMENT = Token(but=frozenset(":"))
_SEGMENTS = (_SEGMENT, Token(but=frozenset(":"), star=True))
_SOURCE_HEAD = (
    *literal_tokens("arn:"), *_SEGMENTS, *literal_tokens(":"), *_SEGMENTS, *literal_tokens(":"),
    _SEGMENTS[1], *literal_tokens(":"),
)  # fmt: skip
# A12: without credentials there is no principal, no session and no signature to speak of.
_SIGNED_ONLY = frozenset(
    {
        "aws:assumedroot",
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:ec2instancesourcevpc",
        "aws:federatedprovider",
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceidentity",
        "aws:tokenissuetime",
        "aws:username",
        "s3:authtype",
        "s3:signatureage",
        "s3:signatureversion",
        *COMPUTE_ARN_KEYS,
    }
)


def _for_anonymous(key: str) -> Domain:
    if key in _ANONYMOUS_VALUES:
        return Domain(absent=False, values=_ANONYMOUS_VALUES[key])
    if key in _SIGNED_ONLY or key.startswith(("aws:principaltag/", "ec2:roledelivery")):
        return _ABSENT
    return _free(key)


def _for_identity(key: str, caller: Caller) -> Domain:
    if key == "aws:principaltype":
        return Domain(absent=False, values=(caller.kind.value,))
    if key == "aws:principalaccount":
        return _ALWAYS
    if key == "aws:username":
        return _ALWAYS if caller.kind is CallerKind.USER else _ABSENT
    if key == "aws:userid":
        shape = {CallerKind.USER: "AIDA?*", CallerKind.ROLE: "AROA?*:?*"}.get(caller.kind)
        inside = NONEMPTY if shape is None else language((glob_tokens(shape),))
        return Domain(absent=False, inside=(inside,))
    if key == "aws:principalorgid":
        if caller.organization:
            return Domain(absent=False, values=(caller.organization,))
        return Domain(inside=(language((glob_tokens("o-?*"),)),))
    if key == "aws:principalorgpaths":
        if caller.organization:
            shape_tokens = glob_tokens(f"{caller.organization}/?*")
            return Domain(absent=False, inside=(language((shape_tokens,)),))
        return Domain(inside=(language((glob_tokens("o-?*/?*"),)),))
    if key == "aws:viaawsservice":
        return Domain(absent=False, values=("false", "true"))
    return _free(key)


def _free(key: str) -> Domain:
    return Domain() if key in OWNED_KEYS else _FREE


def _for_service(key: str, caller: Caller) -> Domain:
    if key == "aws:principalisawsservice":
        return Domain(absent=False, values=("true",))
    if key == "aws:principalservicename":
        return Domain(absent=False, values=(caller.name,))
    if key.startswith("aws:principal") and key != "aws:principalservicenameslist":
        return _ABSENT
    if key in ("aws:username", "aws:userid"):
        return _ABSENT
    if key in caller.holds and key in _SOURCES:
        if key != "aws:sourcearn":
            return Domain(inside=(language((_SOURCES[key],)),))
        owner = glob_tokens("") if caller.nameless else _twelve_digits()
        shape = _SOURCE_HEAD + owner + glob_tokens(":?*")
        return Domain(inside=(language((shape,)),))
    return _free(key)


# What IAM takes in names and, before them, in paths (IAM user guide, *IAM and AWS STS quotas*).
_NAME = frozenset(string.ascii_letters + string.digits + "+=,.@_-")
_PATH = frozenset(chr(code) for code in range(0x21, 0x7F))


def _arn_shape(caller: Caller, partition: str) -> Language:
    if caller.arn:
        return language((literal_tokens(caller.arn),))
    account = literal_tokens(caller.account) if caller.account else _twelve_digits()
    head = literal_tokens(f"arn:{partition}:iam::") + account
    if caller.kind is CallerKind.ROOT:
        return language((head + literal_tokens(":root"),))
    head += literal_tokens(":user/" if caller.kind is CallerKind.USER else ":role/")
    name = (Token(only=_NAME), Token(only=_NAME, star=True))
    return language(
        (head + name, (*head, Token(only=_PATH, star=True), *literal_tokens("/"), *name))
    )
