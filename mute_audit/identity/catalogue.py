"""The catalogue of IAM actions: access level, and which resources each can be limited to.

`actions.json` is generated (scripts/generate_actions.py) and dated. An action that is not in it
is not an error: AWS adds some every week. `FUTURE` stands beside the known ones, so that a
policy which allows everything, or everything but a list, is seen to allow what comes next.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

__all__ = [
    "FUTURE",
    "Action",
    "Level",
    "actions_of",
    "find_action",
    "generated",
    "never_sent",
    "services",
]

# The name, behind any service prefix, of an action that nobody has heard of yet.
FUTURE = "FutureAction"


class Level(StrEnum):
    """AWS's access levels."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"
    TAGGING = "Tagging"


@dataclass(frozen=True, slots=True)
class Action:
    """One action.

    resources  the types that it can be limited to, as the service names them; empty where the
               catalogue does not list them
    unscoped   it works on no resource: its statements need `Resource: "*"`
    """

    service: str
    name: str
    level: Level
    resources: tuple[str, ...] = ()
    unscoped: bool = False

    def __str__(self) -> str:
        return f"{self.service}:{self.name}"


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    text = resources.files("mute_audit.identity").joinpath("actions.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def generated() -> str:
    """Where the catalogue comes from and when it was made."""
    document = _document()
    return f"{document['source']}, {document['generated']}"


def services() -> tuple[str, ...]:
    """The service prefixes that the catalogue knows."""
    return tuple(_document()["services"])


@lru_cache(maxsize=512)
def actions_of(service: str) -> tuple[Action, ...]:
    """The actions of a service by prefix (`s3`); empty where it is not known."""
    levels: dict[str, str] = _document()["services"].get(service.lower(), {})
    return tuple(
        sorted(
            (
                _action(service.lower(), level, text)
                for level, packed in levels.items()
                for text in packed.split()
            ),
            key=lambda action: action.name,
        )
    )


def _action(service: str, level: str, text: str) -> Action:
    name, colon, types = text.partition(":")
    return Action(
        service=service,
        name=name,
        level=Level(level),
        resources=tuple(types.split(",")) if types else (),
        unscoped=bool(colon) and not types,
    )


@lru_cache(maxsize=512)
def _by_name(service: str) -> dict[str, Action]:
    return {action.name.lower(): action for action in actions_of(service)}


@lru_cache(maxsize=1)
def _senders() -> dict[str, frozenset[str]]:
    held: dict[str, dict[str, str]] = _document()["sent by"]
    return {
        key: frozenset(f"{service}:{name}".lower() for name in names.split())
        for service, keys in held.items()
        for key, names in keys.items()
    }


@lru_cache(maxsize=65_536)
def never_sent(action: str, key: str) -> bool:
    """Whether no request of this action carries the condition key (any case).

    AWS lists the keys of each action (*Service authorization reference*), and S3 refuses a
    statement none of whose actions has the key. False for an action that is not catalogued.
    """
    key = key.lower()
    senders = _senders().get(key.partition("/")[0] + "/" if "/" in key else key)
    return senders is not None and action.lower() not in senders and find_action(action) is not None


def find_action(text: str) -> Action | None:
    """The action that `s3:GetObject` names, in any case; None where it is not known."""
    service, _, name = text.partition(":")
    return _by_name(service.lower()).get(name.lower())
