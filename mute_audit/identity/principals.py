"""Who asks, for the second engine, and how firmly a statement takes hold of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from mute_audit.errors import InputError
from mute_audit.identity.statements import Principal, PrincipalKind, Statement
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
    """`value` as given; `role` is the role's ARN where a session asks."""

    kind: RequesterKind
    value: str
    account: str = ""
    role: str = ""

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


_ARN = re.compile(r"arn:(aws[a-z-]*):(iam|sts)::(\d{12}):(.+)", re.DOTALL)
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
        return _described(value)
    if not isinstance(value, str) or not value:
        raise InputError("must be an ARN, a service or `anonymous`", where="request.principal")
    if value in ("*", "anonymous", "Anonymous"):
        return Requester(RequesterKind.ANONYMOUS, "anonymous")
    if value.isdigit() and len(value) == 12:
        return Requester(RequesterKind.ROOT, f"arn:aws:iam::{value}:root", value)
    match = _ARN.fullmatch(value)
    if match:
        partition, service, account, resource = match.groups()
        if resource == "root":
            return Requester(RequesterKind.ROOT, value, account)
        for prefix, kind in _RESOURCES.items():
            if not resource.startswith(prefix):
                continue
            role = ""
            if kind is RequesterKind.SESSION:
                name = resource.split("/")[1]
                role = role_arn or f"arn:{partition}:iam::{account}:role/{name}"
            if (service == "sts") is (
                kind in (RequesterKind.SESSION, RequesterKind.FEDERATED_USER)
            ):
                return Requester(kind, value, account, role)
    elif value in _PROVIDERS or value.startswith(("https://", "cognito-")):
        return Requester(RequesterKind.FEDERATED, value)
    elif re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?|[a-z0-9-]+\.(aws|amazon)", value):
        return Requester(RequesterKind.SERVICE, value)
    elif re.fullmatch(r"[0-9a-f]{64}", value):
        return Requester(RequesterKind.CANONICAL, value)
    raise InputError(
        f"`{value[:80]}` is no principal",
        where="request.principal",
        hint="give the ARN of a user, role or session, a service, or `anonymous`",
    )


_DESCRIBED = {
    "canonicaluser": RequesterKind.CANONICAL,
    "federated": RequesterKind.FEDERATED,
    "service": RequesterKind.SERVICE,
}


def _described(value: Mapping[str, object]) -> Requester:
    """A principal whose kind its name does not show: `{"type": "Service", "id": …}`."""
    kind, name = str(value.get("type", "")).lower(), value.get("id")
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
        holds = [hold for p in statement.not_principals if (hold := _hold(p, requester))]
        left = negate(any_of(truth for _, truth in holds))
        return [] if left is Truth.NO else [(Grip.DIRECT, left)]
    return []


def _hold(principal: Principal, requester: Requester) -> tuple[Grip, Truth] | None:
    kind, value = principal.kind, principal.value
    if kind is PrincipalKind.ANY:
        return Grip.DIRECT, Truth.YES
    if kind is PrincipalKind.UNMODELLED:
        return Grip.DIRECT, Truth.UNKNOWN
    same_kind = {
        PrincipalKind.SERVICE: RequesterKind.SERVICE,
        PrincipalKind.FEDERATED: RequesterKind.FEDERATED,
        PrincipalKind.CANONICAL: RequesterKind.CANONICAL,
    }.get(kind)
    if same_kind is not None:
        return (
            (Grip.DIRECT, Truth.YES)
            if requester.kind is same_kind and (requester.value == value)
            else None
        )
    if not requester.account:
        return None
    if value == requester.account or re.fullmatch(
        rf"arn:aws[a-z-]*:iam::{requester.account}:root", value
    ):
        direct = requester.kind is RequesterKind.ROOT
        return (Grip.DIRECT if direct else Grip.ACCOUNT), Truth.YES
    if value == requester.value:
        # The role's own ARN is a grant to its sessions, which boundaries still limit.
        return (Grip.ROLE if requester.kind is RequesterKind.ROLE else Grip.DIRECT), Truth.YES
    if requester.kind is RequesterKind.SESSION and value == requester.role:
        return Grip.ROLE, Truth.YES
    if requester.kind is RequesterKind.FEDERATED_USER:
        name = requester.value.partition(":federated-user/")[2]
        if re.fullmatch(
            rf"arn:aws[a-z-]*:iam::{requester.account}:user/(.*/)?{re.escape(name)}", value
        ):
            return Grip.ROLE, Truth.YES
    return None
