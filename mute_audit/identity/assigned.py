"""Whom a policy lets in by a value that AWS assigns: an endpoint, a VPC, an id, a source.

A statement for everybody under the condition `aws:SourceVpce` is for whoever owns that endpoint,
and a policy does not tell who that is. So the question is put once more, about callers who may
have every such value except those that are known to be the owner's. Who controls a key differs:
the VPC's owner what says which way a request takes, the account behind a service what says whom
it acts for, an IAM user's account the id. Where the value itself names another account the
answer is certain; where it names none, it is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mute_audit.identity.automata import Language, language
from mute_audit.identity.callers import IDENTITIES, Caller, CallerKind
from mute_audit.identity.keys import SERVICE_KEYS, VPC_KEYS
from mute_audit.identity.statements import Policy
from mute_audit.identity.tokens import glob_tokens, literal_tokens
from mute_audit.inventory import Inventory, RegionInventory

__all__ = ["Assigned", "assigned_callers", "ours_in"]

_USER_ID = "aws:userid"
# Values of these say which account or organisation they belong to.
_ATTRIBUTED = frozenset(
    {"aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"}
)
# Stands for every service that the policy does not name; none is called so.
_SERVICE = "some-service.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Assigned:
    """Callers who have what a policy asks for. `certain`: they are known to be somebody else."""

    callers: tuple[Caller, ...]
    certain: bool
    who: str


def assigned_callers(policy: Policy) -> Iterator[Assigned]:
    """The classes that this policy's conditions make possible, certain ones first."""
    asked = {c.key.lower() for s in policy.statements for c in s.conditions}
    ways = asked & VPC_KEYS
    if ways & _ATTRIBUTED:
        yield Assigned(
            _identities(ways & _ATTRIBUTED), True, "whoever owns the VPC that is asked for"
        )
    sources = asked & SERVICE_KEYS
    if sources:
        service = Caller(CallerKind.SERVICE, name=_SERVICE, holds=frozenset(sources))
        who = "a service that acts for somebody else"
        yield Assigned((service,), True, who)
        if "aws:sourcearn" in sources:
            nameless = Caller(CallerKind.SERVICE, name=_SERVICE, holds=service.holds, nameless=True)
            yield Assigned((nameless,), False, who)
    if ways - _ATTRIBUTED:
        yield Assigned(
            _identities(ways), False, "whoever owns the VPC or endpoint that is asked for"
        )
    if _USER_ID in asked:
        yield Assigned(_identities({_USER_ID})[1:], False, "whoever has the id")


def _identities(holds: Iterable[str]) -> tuple[Caller, ...]:
    held = frozenset(holds)
    return (
        Caller(CallerKind.ANONYMOUS, holds=held),
        *(Caller(kind, holds=held) for kind in IDENTITIES),
    )


def ours_in(inventory: Inventory, account: str) -> Mapping[str, Language]:
    """The values that the inventory shows to be this account's, by key."""
    regions = [region for region in inventory.regions if region.account == account]
    found: dict[str, list[str]] = {}
    for region in regions:
        for key, values in _values(region, account):
            found.setdefault(key, []).extend(values)
    roles = [role.role_id for region in regions for role in region.roles if role.role_id]
    languages = {
        key: language(tuple(literal_tokens(value) for value in dict.fromkeys(values)))
        for key, values in found.items()
        if values
    }
    users = [*found.get(_USER_ID, []), account] if account else found.get(_USER_ID, [])
    patterns = [literal_tokens(value) for value in dict.fromkeys(users)]
    patterns += [glob_tokens(f"{unique}:*") for unique in roles]
    if patterns:
        languages[_USER_ID] = language(tuple(patterns))
    return languages


def _values(region: RegionInventory, account: str) -> Iterator[tuple[str, list[str]]]:
    # A VPC that another account shares with this one is described here, too, and is not its own.
    vpcs = [vpc.vpc_id for vpc in region.vpcs if vpc.owner_id in ("", account)]
    yield "aws:sourcevpc", vpcs
    yield "aws:ec2instancesourcevpc", vpcs
    endpoints = [e for e in region.vpc_endpoints if e.owner_id in ("", account)]
    yield "aws:sourcevpce", [endpoint.vpc_endpoint_id for endpoint in endpoints]
    partition = "aws"
    yield "aws:sourcearn", [f"arn:{partition}:s3:::{bucket.name}" for bucket in region.buckets]
    yield _USER_ID, [user.user_id for user in region.users if user.user_id]
