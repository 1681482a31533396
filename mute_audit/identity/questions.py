"""What access questions are made of: subjects, ways in, and how a subject is asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mute_audit.identity.classes import Layer
from mute_audit.identity.judge import Answer

__all__ = ["Ask", "Asked", "Blocked", "Subject", "Way"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A principal, or a class of them.

    kind  anonymous, any-account, account, organization, canonical-user, service, federated,
          condition (whoever has a value that AWS assigns), user or role
    id    ARN, account, organisation, …; the kind itself for the first two
    """

    kind: str
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in: every layer must allow, and nothing in any of them, or in `denies`, refuses."""

    layers: tuple[Layer, ...]
    denies: tuple[Layer, ...] = ()


@dataclass(frozen=True, slots=True)
class Blocked:
    """One grant (a statement with where it stands), what blocks it, and how."""

    grant: str
    by: str
    why: str


# The answer about one action, and for a NO what holds each grant back.
Asked = tuple[Answer, tuple[Blocked, ...]]
Ask = Callable[[str], Asked]
