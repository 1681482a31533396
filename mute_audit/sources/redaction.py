"""What no snapshot may hold, cut before a document is made or saved.

Two tables: places that are known to hold secrets, per key, and names that are cut wherever
they stand. What is cut is gone, not masked; only the value of a tag whose name sounds like
a secret is replaced, because a tag without a value would look like a change.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

__all__ = ["CUT_NAMES", "CUT_PATHS", "MASK", "cut", "cut_json"]

MASK = "(cut by mute-audit)"

# key → paths below one item; `*` is every item of a list.
CUT_PATHS: dict[str, tuple[tuple[str, ...], ...]] = {
    "Functions": (("Environment",), ("ImageConfigResponse", "ImageConfig", "Command")),
    "tasks": (
        ("overrides", "containerOverrides", "*", "environment"),
        ("overrides", "containerOverrides", "*", "command"),
    ),
    "services": (
        # Log drivers take their tokens as options.
        ("deployments", "*", "serviceConnectConfiguration", "logConfiguration", "options"),
        ("serviceConnectConfiguration", "logConfiguration", "options"),
    ),
    "Reservations": (("Instances", "*", "UserData"),),
    "VpnConnections": (
        ("CustomerGatewayConfiguration",),
        ("Options", "TunnelOptions", "*", "PreSharedKey"),
    ),
    "DBInstances": (
        ("MasterUserPassword",),
        ("PendingModifiedValues", "MasterUserPassword"),
        ("TdeCredentialPassword",),
    ),
    "LoadBalancerListeners": (
        ("Listeners", "*", "DefaultActions", "*", "AuthenticateOidcConfig", "ClientSecret"),
    ),
    "ListenerRules": (("Rules", "*", "Actions", "*", "AuthenticateOidcConfig", "ClientSecret"),),
}

# In lower case, whole names: `MasterUserSecret` (an ARN) and `PasswordLastUsed` stay.
CUT_NAMES = frozenset(
    {
        "authtoken",
        "clientsecret",
        "customergatewayconfiguration",
        "environment",
        "masteruserpassword",
        "password",
        "presharedkey",
        "privatekey",
        "secretaccesskey",
        "secretbinary",
        "secretstring",
        "sessiontoken",
        "tdecredentialpassword",
        "userdata",
    }
)

_SECRET_TAG = re.compile(
    r"passw(or)?d|secret|credential|(api|access|private)[_.-]?key|token([^a-z]|$)", re.IGNORECASE
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")

# A text without any of these needs no walk; walking 100,000 interfaces takes seconds.
_SUSPECT = re.compile(
    rb"environment|command|options|userdata|configuration|passw|presharedkey|secret|token|"
    rb"credential|private[_. -]?key|(api|access)[_.-]?key",
    re.IGNORECASE,
)


def cut(key: str, items: list[Any]) -> list[Any]:
    """The items of a top-level key without what may not be kept; the given ones stay as they are.

    `items` are decoded JSON (or boto3's answer, with its datetimes).
    """
    cleaned = [_cut_names(item) for item in items]
    for path in CUT_PATHS.get(key, ()):
        for item in cleaned:
            _cut_path(item, path)
    return cleaned


def cut_json(key: str, data: bytes | msgspec.Raw) -> bytes:
    """`cut` for a JSON array in text form."""
    text = bytes(data)
    if not _SUSPECT.search(text):
        return text
    return msgspec.json.encode(cut(key, msgspec.json.decode(text)))


def _cut_names(value: Any) -> Any:
    """A copy without the forbidden names, at any depth."""
    if isinstance(value, dict):
        kept = {
            name: _cut_names(item) for name, item in value.items() if name.lower() not in CUT_NAMES
        }
        for name_field, value_field in (("Key", "Value"), ("key", "value")):
            tag = kept.get(name_field)
            if isinstance(tag, str) and value_field in kept and _SECRET_TAG.search(tag):
                kept[value_field] = MASK
        return kept
    if isinstance(value, (list, tuple)):
        return [_cut_names(item) for item in value]
    if isinstance(value, str) and _PRIVATE_KEY.search(value):
        return MASK
    return value


def _cut_path(value: Any, path: tuple[str, ...]) -> None:
    step, rest = path[0], path[1:]
    if step == "*":
        if isinstance(value, list):
            for item in value:
                _cut_path(item, rest)
    elif isinstance(value, dict) and step in value:
        if rest:
            _cut_path(value[step], rest)
        else:
            del value[step]
