"""Values that are not known before apply.

`Ref` names the unknown value itself: two of them are equal exactly where Terraform will put
the same value. `Open` is a value of which nothing more is known than what it may refer to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mute_audit.sources.terraform.naming import ModulePath

__all__ = [
    "Child",
    "Encoded",
    "Joined",
    "Open",
    "Ref",
    "Unseen",
    "is_known",
    "is_telling",
    "is_whole",
    "open_of",
    "refs_in",
]


@dataclass(frozen=True, slots=True)
class Ref:
    """The attribute at `path` of the resource instance `address`; () is the resource itself."""

    address: str
    path: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        steps = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in self.path)
        return self.address + steps


@dataclass(frozen=True, slots=True)
class Unseen:
    """A module's locals, where the plan does not show their definitions.

    Whatever they hold comes from the module's own resources, from its variables, and from the
    outputs of the modules that it calls.
    """

    module: ModulePath


@dataclass(frozen=True, slots=True)
class Open:
    """Unknown: one of `candidates`, or made from them.

    whole  nothing else that is unknown before apply goes into it
    """

    candidates: frozenset[Ref | Unseen] = frozenset()
    why: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """A text with unknown parts: `"${aws_eip.nat.public_ip}/32"`."""

    parts: tuple[str | Ref, ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The JSON text of a value that holds unknown parts."""

    value: Any


@dataclass(frozen=True, slots=True)
class Child:
    """A module instance as a value."""

    path: ModulePath


def is_known(value: Any) -> bool:
    """Whether a value holds nothing unknown."""
    if isinstance(value, (Ref, Open, Joined, Encoded, Child)):
        return False
    if isinstance(value, list):
        return all(map(is_known, value))
    if isinstance(value, dict):
        return all(map(is_known, value.values()))
    return True


def refs_in(value: Any) -> frozenset[Ref | Unseen]:
    """Everything unknown that a value is made of, as far as that is told."""
    if isinstance(value, Ref):
        return frozenset({value})
    if isinstance(value, Open):
        return value.candidates
    if isinstance(value, Joined):
        return frozenset(part for part in value.parts if isinstance(part, Ref))
    if isinstance(value, Encoded):
        return refs_in(value.value)
    if isinstance(value, list):
        return frozenset[Ref | Unseen]().union(*map(refs_in, value))
    if isinstance(value, dict):
        return frozenset[Ref | Unseen]().union(*map(refs_in, value.values()))
    return frozenset()


def is_whole(value: Any) -> bool:
    """Whether `refs_in` tells everything unknown that a value is made of."""
    if isinstance(value, (Open, Child)):
        return isinstance(value, Open) and value.whole
    if isinstance(value, Encoded):
        return is_whole(value.value)
    if isinstance(value, list):
        return all(map(is_whole, value))
    if isinstance(value, dict):
        return all(map(is_whole, value.values()))
    return True


def open_of(*values: Any, why: str = "") -> Open:
    """The unknown result of something that was made from these values.

    A text beside them may be what it will be instead (`coalesce(…, "sg-1")`).
    """
    candidates = frozenset[Ref | Unseen]().union(*map(refs_in, values))
    whole = all(map(is_whole, values)) and not any(map(_has_text, values))
    return Open(candidates, why, whole)


def _has_text(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_text, value))
    if isinstance(value, dict):
        return any(map(_has_text, value.values()))
    return isinstance(value, str) and _NO_NAME.fullmatch(value) is None


def is_telling(value: Any) -> bool:
    """Whether a text is no key or name, but the id, ARN, address or network of something."""
    return isinstance(value, str) and _TELLING.fullmatch(value) is not None


_NETWORK = r"\d+(\.\d+){3}(/\d+)?|[0-9a-f]*:[0-9a-f:.]*(/\d+)?"
_TELLING = re.compile(rf"[a-z]+-[0-9a-f]{{8,17}}|arn:.+|{_NETWORK}")
# Numbers, networks, Regions and zones: nothing is called by them.
_NO_NAME = re.compile(rf"|-?\d+|[a-z]{{2}}(-[a-z]+)+-\d[a-z]?|{_NETWORK}")
