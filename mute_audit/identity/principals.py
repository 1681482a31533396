"""Who asks, for the second engine, and how firmly a statement takes hold of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from mute_audit.errors import InputError
from mute_audit.identity.statements import Effect, Principal, PrincipalKind, Statement
from mute_audit.verdict import Truth, any_of, negate

__all__ = ["Grip", "Requester", "RequesterKind", "grip_of", "requester_of"]


class RequesterKind(Enum):
    ANONYMOUS = "anonymous"
    ROOT = "root"
    USER = "user"
    ROLE = "role"
    SESSION = "session"
    FEDERATED_USER = "federated user"
    FEDERATED = "federated"
    SERVICE = "service"
    CANONICAL = "canonical user"


class Grip(Enum):
    """How a resource policy names the requester; it decides what else limits the grant (A6).

    DIRECT   the user or session itself, or everybody: granted as it stands
    ROLE     the role behind a session: boundary and session policy still limit it
    ACCOUNT  the account: the account's own policies must allow as well
    """

    DIRECT = "direct"
    ROLE = "role"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Requester:
    """`value` as given; `role` is the role's ARN where a session asks.

    `pathless`: that ARN was made from the session's, which does not show the role's path.
    """

    kind: RequesterKind
    value: str
    account: str = ""
    role: str = ""
    pathless: bool = False

    @property
    def identity(self) -> bool:
        """An IAM user or role, which can have a boundary."""
        return self.kind in (RequesterKind.USER, RequesterKind.ROLE, RequesterKind.SESSION)

    @property
    def service_linked(self) -> bool:
        """A service-linked role: organisation policies do not bind it.

        A session has lost the role's path, and only the name is left to go by.
        """
        name = self.role or self.value
        nameless = self.kind is RequesterKind.SESSION and name.endswith(
            ":role/" + name.rpartition("/")[2]
        )
        return "/aws-service-role/" in name or (nameless and ":role/AWSServiceRoleFor" in name)


_ARN = re.compile(r"arn:(aws[a-z-]*):(iam|sts)::([0-9]{12}):([^\x00-\x20]+)")
# CloudFront's origin access identities: no account of a customer stands behind them.
_ORIGIN = re.compile(r"arn:aws[a-z-]*:iam::cloudfront:user/CloudFront Origin Access Identity \w+")
_SERVICE = re.compile(
    r"[a-z0-9.-]+\.(amazonaws\.(com(\.cn)?|eu)|aws\.internal|amazon\.com)|[a-z0-9-]+\.(aws|amazon)"
)
_RESOURCES = {
    "user/": RequesterKind.USER,
    "role/": RequesterKind.ROLE,
    "assumed-role/": RequesterKind.SESSION,
    "federated-user/": RequesterKind.FEDERATED_USER,
    "saml-provider/": RequesterKind.FEDERATED,
    "oidc-provider/": RequesterKind.FEDERATED,
}
_PROVIDERS = frozenset(
    {
        "accounts.google.com",
        "cognito-identity.amazonaws.com",
        "graph.facebook.com",
        "www.amazon.com",
    }
)


def requester_of(value: object, role_arn: str = "") -> Requester:
    """The principal of a request document.

    `role_arn` is the role's own ARN where the context gives it: a session's ARN has lost the
    role's path. Raises InputError where the value is no principal.
    """
    if isinstance(value, Mapping):
        return _described(value, role_arn)
    if not isinstance(value, str) or not value:
        raise InputError("must be an ARN, a service or `anonymous`", where="request.principal")
    if value in ("*", "anonymous", "Anonymous"):
        return Requester(RequesterKind.ANONYMOUS, "anonymous")
    if re.fullmatch("[0-9]{12}", value):
        return Requester(RequesterKind.ROOT, f"arn:aws:iam::{value}:root", value)
    match = _ARN.fullmatch(value)
    if match:
        partition, service, account, resource = match.groups()
        if resource == "root":
            return Requester(RequesterKind.ROOT, value, account)
        for prefix, kind in _RESOURCES.items():
            if not resource.startswith(prefix) or resource.endswith("/"):
                continue
            if kind is RequesterKind.SESSION and resource.count("/") != 2:
                continue  # the role's name and the session's
            role = ""
            if kind is RequesterKind.SESSION:
                name = resource.split("/")[1]
                role = role_arn or f"arn:{partition}:iam::{account}:role/{name}"
            if (service == "sts") is (
                kind in (RequesterKind.SESSION, RequesterKind.FEDERATED_USER)
            ):
                pathless = kind is RequesterKind.SESSION and not role_arn
                return Requester(kind, value, account, role, pathless)
    elif value in _PROVIDERS or value.startswith(("https://", "cognito-")):
        return Requester(RequesterKind.FEDERATED, value)
    elif _SERVICE.fullmatch(value):
        return Requester(RequesterKind.SERVICE, value)
    elif _ORIGIN.fullmatch(value) or re.fullmatch(r"[0-9a-f]{64}", value):
        return Requester(RequesterKind.CANONICAL, value)
    raise InputError(
        f"`{value[:80]}` is no principal",
        where="request.principal",
        hint="give the ARN of a user, role or session, a service, or `anonymous`",
    )


_NAMED = {
    PrincipalKind.SERVICE: RequesterKind.SERVICE,
    PrincipalKind.FEDERATED: RequesterKind.FEDERATED,
    PrincipalKind.CANONICAL: RequesterKind.CANONICAL,
}
_DESCRIBED = {
    "canonicaluser": RequesterKind.CANONICAL,
    "federated": RequesterKind.FEDERATED,
    "service": RequesterKind.SERVICE,
}


def _described(value: Mapping[str, object], role_arn: str) -> Requester:
    """A principal whose kind its name does not show: `{"type": "Service", "id": …}`.

    Also as policies write it: `{"Service": …}`.
    """
    kind, name = str(value.get("type", "")).lower(), value.get("id")
    if len(value) == 1 and "type" not in value:
        kind, name = next((str(k).lower(), v) for k, v in value.items())
        if kind == "aws" and isinstance(name, str):
            return requester_of(name, role_arn)
    if kind == "anonymous":
        return Requester(RequesterKind.ANONYMOUS, "anonymous")
    if kind in _DESCRIBED and isinstance(name, str) and name:
        return Requester(_DESCRIBED[kind], name)
    raise InputError(
        "must be an ARN, a service or `anonymous`",
        where="request.principal",
        hint='or {"type": "CanonicalUser" (Federated, Service), "id": …}, or {"type": "Anonymous"}',
    )


def grip_of(statement: Statement, requester: Requester) -> list[tuple[Grip, Truth]]:
    """How this statement's Principal or NotPrincipal takes hold, empty where it does not."""
    if statement.principals is not None:
        return [hold for p in statement.principals if (hold := _hold(p, requester)) is not None]
    if statement.not_principals is not None:
        if any(p.kind is PrincipalKind.ANY for p in statement.not_principals):
            return []
        holds = [hold for p in statement.not_principals if (hold := _hold(p, requester))]
        left = _left_over(holds, requester, statement.effect is Effect.DENY)
        return [] if left is Truth.NO else [(Grip.DIRECT, left)]
    return []


def _left_over(holds: list[tuple[Grip, Truth]], requester: Requester, deny: bool) -> Truth:
    """Whether a statement with NotPrincipal speaks of somebody whom its list holds so.

    Whoever asks is several principals at once: the account, the role, the session. A Deny spares
    only whom the list names, with the account around it: "you must also specify the account ARN
    of the not-denied principal. Otherwise, the policy might deny access" (IAM user guide,
    *NotPrincipal*); the account alone spares its root user and nobody else, as in the guide's
    example of Bob.
    """
    listed = any_of(truth for _, truth in holds)
    own = {grip for grip, truth in holds if truth is not Truth.NO}
    if listed is not Truth.YES or not requester.account or requester.kind is RequesterKind.ROOT:
        return negate(listed)
    if own == {Grip.ACCOUNT}:
        return Truth.YES if deny else Truth.UNKNOWN
    if not deny:
        return Truth.NO
    needed = {Grip.ACCOUNT, Grip.DIRECT}
    if requester.kind is RequesterKind.ROLE:
        needed = {Grip.ACCOUNT, Grip.ROLE}
    elif requester.kind is RequesterKind.SESSION:
        needed = {Grip.ACCOUNT, Grip.ROLE, Grip.DIRECT}
    return Truth.NO if needed <= own else Truth.UNKNOWN


def _hold(principal: Principal, requester: Requester) -> tuple[Grip, Truth] | None:
    kind, value = principal.kind, principal.value
    if kind is PrincipalKind.ANY:
        return Grip.DIRECT, Truth.YES
    if kind is PrincipalKind.UNMODELLED:
        return Grip.DIRECT, Truth.UNKNOWN
    if kind in _NAMED:
        named = requester.kind is _NAMED[kind] and requester.value == value
        return (Grip.DIRECT, Truth.YES) if named else None
    if requester.kind is RequesterKind.CANONICAL and requester.value == value:
        return Grip.DIRECT, Truth.YES  # an origin access identity, by its ARN
    if not requester.account or requester.kind is RequesterKind.FEDERATED:
        return None
    if value == requester.account or re.fullmatch(
        rf"arn:aws[a-z-]*:iam::{requester.account}:root", value
    ):
        direct = requester.kind is RequesterKind.ROOT
        return (Grip.DIRECT if direct else Grip.ACCOUNT), Truth.YES
    if value == requester.value:
        # The role's own ARN is a grant to its sessions, which boundaries still limit.
        return (Grip.ROLE if requester.kind is RequesterKind.ROLE else Grip.DIRECT), Truth.YES
    if requester.kind is RequesterKind.SESSION:
        return _role_behind(requester, value)
    if requester.kind is RequesterKind.FEDERATED_USER:
        name = requester.value.partition(":federated-user/")[2]
        if re.fullmatch(
            rf"arn:aws[a-z-]*:iam::{requester.account}:user/(.*/)?{re.escape(name)}", value
        ):
            return Grip.ROLE, Truth.YES
    return None


def _role_behind(requester: Requester, value: str) -> tuple[Grip, Truth] | None:
    """A session's ARN has lost the path of its role; where nobody gave the role's own ARN, one
    with a path and that name may be it."""
    if value == requester.role:
        return Grip.ROLE, Truth.YES
    name = requester.role.rpartition("/")[2]
    with_path = rf"arn:aws[a-z-]*:iam::{requester.account}:role/.+/{re.escape(name)}"
    if requester.pathless and re.fullmatch(with_path, value):
        return Grip.ROLE, Truth.UNKNOWN
    return None
