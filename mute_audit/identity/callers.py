"""Classes of callers, and whom the Principal of a statement takes in.

A `Caller` is one shape of principal: the anonymous internet, a user of an account that nobody
named, a principal that the policy names. A class of principals (everybody outside, one
account) is a tuple of callers, so that the search runs over a few shapes and is exact in each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mute_audit.identity.keys import Names, arn_account
from mute_audit.identity.statements import Effect, Principal, PrincipalKind, Statement
from mute_audit.verdict import Truth

__all__ = [
    "ANONYMOUS",
    "IDENTITIES",
    "KIND_KEYS",
    "Caller",
    "CallerKind",
    "any_account",
    "class_of",
    "in_account",
    "in_organization",
    "principal_matches",
    "service",
]


class CallerKind(Enum):
    ANONYMOUS = "Anonymous"
    ROOT = "Account"
    USER = "User"
    ROLE = "AssumedRole"
    SERVICE = "service"
    CANONICAL = "canonical"
    FEDERATED = "federated"


IDENTITIES = (CallerKind.USER, CallerKind.ROLE, CallerKind.ROOT)
# The keys by which a user, a role and a root user of one account differ.
KIND_KEYS = frozenset({"aws:principalarn", "aws:principaltype", "aws:userid", "aws:username"})


@dataclass(frozen=True, slots=True)
class Caller:
    """One shape of principal.

    account       the account; empty for one that the policy does not name
    arn           the user, role or root ARN; empty for one that the policy does not name
    session       the ARN of a role session, where the policy names one
    name          service principal, canonical id or identity provider
    organization  the organisation that the account is in; empty where that is open
    holds         keys whose values, as far as they are not known to be the owner's, this caller
                  may have although the policy names them: the endpoint is his
    nameless      the ARN that a service acts for has no account in it, as those of S3
    """

    kind: CallerKind
    account: str = ""
    arn: str = ""
    session: str = ""
    name: str = ""
    organization: str = ""
    holds: frozenset[str] = frozenset()
    nameless: bool = False

    @property
    def stranger(self) -> bool:
        """Somebody whom the policy does not name, so owned values of others are out of reach."""
        return not self.account and self.kind in (*IDENTITIES, CallerKind.ANONYMOUS)


ANONYMOUS = Caller(CallerKind.ANONYMOUS)


def any_account() -> tuple[Caller, ...]:
    """An AWS account that the policy does not name: somebody who just opened one."""
    return tuple(Caller(kind) for kind in IDENTITIES)


def in_organization(organization: str) -> tuple[Caller, ...]:
    """An account that the policy does not name, inside this organisation."""
    return tuple(Caller(kind, organization=organization) for kind in IDENTITIES)


def service(name: str) -> tuple[Caller, ...]:
    return (Caller(CallerKind.SERVICE, name=name),)


def in_account(account: str, names: Names) -> tuple[Caller, ...]:
    """The principals of one account: those that the policy names, and others."""
    callers = [Caller(kind, account=account) for kind in IDENTITIES]
    for arn in names.arns:
        if arn_account(arn) != account:
            continue
        resource = arn.split(":", 5)[5]
        if ":sts:" in arn and resource.startswith("assumed-role/"):
            # The session's ARN has lost the role's path; the role without one is the best guess
            # that the text allows, and the replay uses the same.
            role = resource.split("/")[1]
            partition = arn.split(":")[1]
            callers.append(
                Caller(
                    CallerKind.ROLE,
                    account=account,
                    arn=f"arn:{partition}:iam::{account}:role/{role}",
                    session=arn,
                )
            )
        elif resource.startswith("user/") and not resource.endswith("/"):
            callers.append(Caller(CallerKind.USER, account=account, arn=arn))
        elif resource.startswith("role/") and not resource.endswith("/"):
            callers.append(Caller(CallerKind.ROLE, account=account, arn=arn))
    return tuple(callers)


def class_of(who: str, names: Names) -> tuple[Caller, ...]:
    """The callers of a class by its name: `anonymous`, `any`, an account, organisation or id."""
    if who == "anonymous":
        return (ANONYMOUS,)
    if who == "any":
        return any_account()
    if who in names.organizations or who.startswith("o-"):
        return in_organization(who)
    if who in names.canonical:
        return (Caller(CallerKind.CANONICAL, name=who),)
    return in_account(who, names)


def principal_matches(statement: Statement, caller: Caller) -> Truth:
    """Whether the Principal or NotPrincipal element takes in this caller (A8)."""
    if statement.principals is not None:
        return _listed(statement.principals, caller)
    if statement.not_principals is not None:
        return _not_listed(statement.not_principals, caller, statement.effect is Effect.DENY)
    # A resource policy cannot be saved without one, and no principal is taken in by nothing.
    return Truth.NO


def _listed(principals: tuple[Principal, ...], caller: Caller) -> Truth:
    answer = Truth.NO
    for principal in principals:
        one = _is(principal, caller)
        if one is Truth.YES:
            return one
        if one is Truth.UNKNOWN:
            answer = one
    return answer


def _not_listed(principals: tuple[Principal, ...], caller: Caller, deny: bool) -> Truth:
    """Whether a NotPrincipal leaves this caller to its statement.

    A Deny spares a user or role where its ARN and its account are listed ("you must also specify
    the account ARN of the not-denied principal. Otherwise, the policy might deny access", IAM user
    guide, *NotPrincipal*), and the session as well where one asks; the account alone spares its
    root user. What the guide leaves open is unknown.
    """
    if any(p.kind is PrincipalKind.ANY for p in principals):
        return Truth.NO
    by = {p.value: _is(p, caller) for p in principals}
    taken = {value for value, truth in by.items() if truth is Truth.YES}
    if not taken:
        return Truth.UNKNOWN if Truth.UNKNOWN in by.values() else Truth.YES
    if caller.kind not in IDENTITIES or caller.kind is CallerKind.ROOT:
        return Truth.NO
    itself = {value for value in taken if value in (caller.arn, caller.session)}
    if not itself:
        return Truth.YES if deny else Truth.UNKNOWN
    if not deny:
        return Truth.NO
    whole = caller.arn in taken and (caller.kind is CallerKind.USER or caller.session in taken)
    return Truth.NO if whole and taken - itself else Truth.UNKNOWN


def _is(principal: Principal, caller: Caller) -> Truth:
    kind, value = principal.kind, principal.value
    if kind is PrincipalKind.ANY:
        return Truth.YES
    if kind is PrincipalKind.UNMODELLED:
        return Truth.UNKNOWN
    if kind is PrincipalKind.SERVICE:
        return Truth.of(caller.kind is CallerKind.SERVICE and caller.name == value)
    if kind is PrincipalKind.FEDERATED:
        return Truth.of(caller.kind is CallerKind.FEDERATED and caller.name == value)
    if kind is PrincipalKind.CANONICAL:
        return Truth.of(caller.kind is CallerKind.CANONICAL and caller.name == value)
    if caller.kind is CallerKind.CANONICAL:
        return Truth.of(caller.name == value)  # an origin access identity, by its ARN
    if caller.kind not in IDENTITIES or not caller.account:
        return Truth.NO
    if value == caller.account or (
        value.endswith(":root") and arn_account(value) == caller.account
    ):
        return Truth.YES
    return Truth.of(bool(caller.arn) and value in (caller.arn, caller.session))
