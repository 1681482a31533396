"""The request that a search found, written as the `request` object of `simulate`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mute_audit.identity.atoms import RESOURCE, Value, instant
from mute_audit.identity.callers import Caller, CallerKind
from mute_audit.identity.keys import Names

__all__ = ["build_witness"]

_NAMES = {
    "aws:currenttime": "aws:CurrentTime",
    "aws:principalaccount": "aws:PrincipalAccount",
    "aws:principalarn": "aws:PrincipalArn",
    "aws:resourceorgid": "aws:ResourceOrgID",
    "aws:username": "aws:username",
}
_ARN_PARTS = ("aws:principalaccount", "aws:username")
_IN_THE_ARN = frozenset({*_ARN_PARTS, "aws:principalarn"})
_IDENTITIES = (CallerKind.ROOT, CallerKind.USER, CallerKind.ROLE)


def build_witness(
    caller: Caller,
    action: str,
    owner: str,
    values: Mapping[str, Value],
    spelling: Mapping[str, str],
    names: Names,
    resolved: Mapping[str, str],
) -> dict[str, Any]:
    """One concrete request; the keys of its context are spelled as the policy spells them.

    `resolved` are the values that stood in for variables of the policies.
    """
    identity = caller.kind in _IDENTITIES
    arn = _first(values.get("aws:principalarn")) if identity else ""
    context: dict[str, str | list[str]] = {}
    for key in sorted(values):
        value = values[key]
        if key == RESOURCE or value is None or (identity and key in _ARN_PARTS):
            continue
        if key == "aws:principalarn" and key not in spelling and caller.kind is not CallerKind.ROLE:
            continue  # the principal says it already
        name = spelling.get(key, _NAMES.get(key, key))
        context[name] = value[0] if len(value) == 1 else list(value)
        if key == "aws:currenttime":
            moment = instant(value[0])
            context["aws:EpochTime"] = format((moment or Decimal(0)).normalize(), "f")
            context.setdefault("aws:CurrentTime", value[0])
    if identity and arn:
        if "aws:principalaccount" in spelling:
            context[spelling["aws:principalaccount"]] = arn.split(":")[4]
        if caller.kind is CallerKind.USER and "aws:username" in spelling:
            context[spelling["aws:username"]] = arn.rpartition("/")[2]
    for key, text in resolved.items():
        if key not in values and not (identity and key in _IN_THE_ARN):
            context.setdefault(spelling.get(key, _NAMES.get(key, key)), text)
    return {
        "principal": _principal(caller, arn, names),
        "action": action,
        "resource": {
            "resource": _first(values[RESOURCE]),
            "accountId": owner or names.owner,
        },
        "context": dict(sorted(context.items())),
    }


def _first(value: Value) -> str:
    return value[0] if value else ""


# Names that show by themselves what they are; any other is given with its kind.
_PLAIN = {
    CallerKind.CANONICAL: ("CanonicalUser", re.compile(r"[0-9a-f]{64}")),
    CallerKind.FEDERATED: (
        "Federated",
        re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(saml|oidc)-provider/.+"),
    ),
    CallerKind.SERVICE: ("Service", re.compile(r"[a-z0-9.-]+\.amazonaws\.com")),
}


def _principal(caller: Caller, arn: str, names: Names) -> str | dict[str, str]:
    if caller.kind is CallerKind.ANONYMOUS:
        return "anonymous"
    if caller.session:
        return caller.session
    if caller.kind is CallerKind.ROLE:
        parts = arn.split(":", 5)
        role = parts[5].rpartition("/")[2]
        session = f"arn:{parts[1]}:sts::{parts[4]}:assumed-role/{role}/session"
        while session in names.arns:  # a session that the policy names is another caller
            session += "x"
        return session
    if caller.kind in _PLAIN:
        kind, plain = _PLAIN[caller.kind]
        return caller.name if plain.fullmatch(caller.name) else {"type": kind, "id": caller.name}
    return arn
