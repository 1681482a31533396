"""The simulator: one concrete request against its policies.

It is the second, separately written evaluator: `replay` puts every witness of the set evaluator
through it, and the two share the parsed statements and nothing else.

`simulate` reads and answers the JSON of `mute-audit simulate`:

    {"request": {"principal", "action", "resource": {"resource", "accountId"}, "context"},
     "identityPolicies": [document…], "resourcePolicy": document,
     "permissionBoundaries": [document…], "sessionPolicy": document,
     "serviceControlPolicies": [{"orgIdentifier", "policies": [document…]}…],
     "resourceControlPolicies": the same, "endpointPolicies": [document…]}
    → {"result", "decidedBy", "reason"}

The context is complete: a key that it does not hold is absent, except those that follow from
the principal and the resource themselves (`aws:PrincipalArn`, `aws:PrincipalAccount`, …).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from mute_audit.errors import DisagreementError, InputError
from mute_audit.identity.catalogue import find_action
from mute_audit.identity.conditions import Context
from mute_audit.identity.decide import Decision, Policies, Request, Result, decide
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.principals import Requester, RequesterKind, requester_of
from mute_audit.identity.statements import Policy

__all__ = ["read_request", "replay", "simulate"]

_LISTS = ("identityPolicies", "permissionBoundaries", "endpointPolicies")
_LEVELS = ("serviceControlPolicies", "resourceControlPolicies")
_SINGLE = ("resourcePolicy", "sessionPolicy")
_KNOWN = frozenset({"request", *_LISTS, *_LEVELS, *_SINGLE})
_MAX_POLICIES = 500
_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9_-]+")
# The account of a resource; `aws` owns the managed policies.
_OWNER = re.compile(r"[0-9]{12}|aws")


def simulate(document: Mapping[str, Any]) -> dict[str, Any]:
    """Judges one request document.

    Raises InputError where the request is malformed and PolicyError where a policy is. Fields
    that are not known are left out of the judgement and listed under `ignored`.
    """
    if not isinstance(document, Mapping):
        raise InputError("a request must be an object")
    raw = document.get("request")
    if not isinstance(raw, Mapping):
        raise InputError("`request` is missing or no object")
    request = read_request(raw)
    decision = decide(request, _policies(document))
    answer = {
        "result": decision.result.value,
        "decidedBy": decision.decided_by,
        "reason": decision.reason,
    }
    ignored = sorted(str(key) for key in document if key not in _KNOWN)
    return {**answer, "ignored": ignored} if ignored else answer


def replay(
    witness: Mapping[str, Any],
    *,
    resource: Policy | None = None,
    identity: Sequence[Policy] | None = None,
    boundaries: Sequence[Policy] = (),
    scps: Sequence[Sequence[Policy]] = (),
    rcps: Sequence[Sequence[Policy]] = (),
) -> Decision:
    """Puts a witness of the set evaluator through this engine.

    `identity` None means that the caller's own account allows everything, as a stranger's
    would. Raises DisagreementError where the request is not allowed here.
    """
    policies = Policies(
        identity=(_ALLOW_ALL,) if identity is None else tuple(identity),
        resource=resource,
        boundaries=tuple(boundaries),
        scps=tuple(tuple(level) for level in scps),
        rcps=tuple(tuple(level) for level in rcps),
    )
    decision = decide(read_request(witness), policies)
    if decision.result is not Result.ALLOWED:
        raise DisagreementError(
            f"the set evaluator allows a request, the simulator says `{decision.result.value}` "
            f"({decision.decided_by}: {decision.reason})",
            where=f"{witness.get('principal')} {witness.get('action')} {witness.get('resource')}",
            hint="this is a bug in mute-audit: please report it with the policy",
        )
    return decision


_ALLOW_ALL = parse_policy(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
)


def read_request(raw: Mapping[str, Any]) -> Request:
    """The `request` object. Raises InputError with the place inside it."""
    context = _context(raw.get("context"))
    role = context.get("aws:principalarn", ())
    requester = requester_of(raw.get("principal"), role[0] if len(role) == 1 else "")
    action = raw.get("action")
    if isinstance(action, str) and ("*" in action or "?" in action):
        raise InputError("must be one action, without wildcards", where="request.action")
    if not isinstance(action, str) or not _ACTION.fullmatch(action):
        raise InputError("must be `service:Action`", where="request.action")
    resource, owner = _resource(raw.get("resource"))
    _derive(context, requester, owner)
    known = find_action(action)
    unscoped = raw.get("wildcardOnlyAction") is True or (known is not None and known.unscoped)
    if unscoped and resource == "*" and action.lower().startswith("s3:"):
        # S3 asks for every bucket here: `arn:aws:s3:::*` grants ListAllMyBuckets as `*` does
        # (S3 user guide, example policies).
        resource = "arn:aws:s3:::*"
    return Request(requester, action, resource, owner, Context(context), unscoped)


def _resource(raw: object) -> tuple[str, str]:
    """The resource and the account that it belongs to."""
    owner: object = ""
    if isinstance(raw, Mapping):
        owner = raw.get("accountId") or ""
        raw = raw.get("resource")
    if not isinstance(raw, str) or not raw:
        raise InputError("must be an ARN or `*`", where="request.resource")
    if not isinstance(owner, str):
        raise InputError("must be text", where="request.resource.accountId")
    if owner and not _OWNER.fullmatch(owner):
        raise InputError("must be an account: twelve digits", where="request.resource.accountId")
    if not owner:
        parts = raw.split(":", 5)
        owner = parts[4] if len(parts) == 6 and _OWNER.fullmatch(parts[4]) else ""
    return raw, owner


def _context(raw: object) -> dict[str, tuple[str, ...]]:
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        raise InputError("must be an object", where="request.context")
    found: dict[str, tuple[str, ...]] = {}
    for key, value in raw.items():
        where = f"request.context.{key}"
        if str(key).lower() in found:
            raise InputError("stands twice, in different case", where=where)
        items = value if isinstance(value, (list, tuple)) else [value]
        found[str(key).lower()] = tuple(_text(item, where) for item in items)
    return found


def _text(value: object, where: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value):
        return format(Decimal(repr(value)), "f")  # IAM's numbers have no exponents
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return value
    raise InputError("must be text, a number, a boolean or a list of these", where=where)


_TYPES = {
    RequesterKind.ANONYMOUS: "Anonymous",
    RequesterKind.ROOT: "Account",
    RequesterKind.USER: "User",
    RequesterKind.ROLE: "AssumedRole",
    RequesterKind.SESSION: "AssumedRole",
    RequesterKind.FEDERATED_USER: "FederatedUser",
}


def _derive(context: dict[str, tuple[str, ...]], requester: Requester, owner: str) -> None:
    """Keys that follow from the request itself, where the context does not give them (A12)."""
    derived: dict[str, str] = {}
    if requester.kind in _TYPES:
        derived["aws:principaltype"] = _TYPES[requester.kind]
        derived["aws:principalisawsservice"] = "false"
    if requester.kind is RequesterKind.ANONYMOUS:
        derived["aws:principalaccount"] = derived["aws:userid"] = "anonymous"
    elif requester.kind in _TYPES:
        derived["aws:principalaccount"] = requester.account
        derived["aws:principalarn"] = requester.role or requester.value
        if requester.kind is RequesterKind.USER:
            derived["aws:username"] = requester.value.rpartition("/")[2]
    elif requester.kind is RequesterKind.SERVICE:
        derived["aws:principalisawsservice"] = "true"
        derived["aws:principalservicename"] = requester.value
    if owner:
        derived["aws:resourceaccount"] = owner
    for key, value in derived.items():
        context.setdefault(key, (value,))


def _policies(document: Mapping[str, Any]) -> Policies:
    lists = {name: _documents(document.get(name), name) for name in _LISTS}
    levels = {name: _levels(document.get(name), name) for name in _LEVELS}
    single = {
        name: None if document.get(name) is None else parse_policy(document[name], name)
        for name in _SINGLE
    }
    return Policies(
        identity=lists["identityPolicies"],
        resource=single["resourcePolicy"],
        boundaries=lists["permissionBoundaries"],
        session=single["sessionPolicy"],
        scps=levels["serviceControlPolicies"],
        rcps=levels["resourceControlPolicies"],
        endpoints=lists["endpointPolicies"],
    )


def _documents(raw: object, where: str) -> tuple[Policy, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise InputError("must be a list of policies", where=where)
    if len(raw) > _MAX_POLICIES:
        raise InputError(f"more than {_MAX_POLICIES} policies", where=where)
    return tuple(parse_policy(item, f"{where}[{index}]") for index, item in enumerate(raw))


def _levels(raw: object, where: str) -> tuple[tuple[Policy, ...], ...]:
    if raw is None:
        return ()
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise InputError("must be a list of levels", where=where)
    found: list[tuple[Policy, ...]] = []
    for index, level in enumerate(raw):
        place = f"{where}[{index}]"
        if not isinstance(level, Mapping) or level.get("policies") is None:
            raise InputError("must be an object with `policies`", where=place)
        found.append(_documents(level.get("policies"), f"{place}.policies"))
    return tuple(found)
