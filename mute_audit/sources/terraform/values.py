"""Values that are not known before apply.

`Ref` names the unknown value itself: two of them are equal exactly where Terraform will put
the same value. `Open` is a value of which nothing more is known than what it may refer to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Joined", "Open", "Ref", "is_known", "open_of", "refs_in"]


@dataclass(frozen=True, slots=True)
class Ref:
    """The attribute at `path` of the resource instance `address`; () is the resource itself."""

    address: str
    path: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        steps = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in self.path)
        return self.address + steps


@dataclass(frozen=True, slots=True)
class Open:
    """Unknown: one of `candidates`, made from them, or (where there are none) anything."""

    candidates: frozenset[Ref] = frozenset()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """A text with unknown parts: `"${aws_eip.nat.public_ip}/32"`."""

    parts: tuple[str | Ref, ...]


def is_known(value: Any) -> bool:
    """Whether a value holds nothing unknown."""
    if isinstance(value, (Ref, Open, Joined)):
        return False
    if isinstance(value, list):
        return all(map(is_known, value))
    if isinstance(value, dict):
        return all(map(is_known, value.values()))
    return True


def refs_in(value: Any) -> frozenset[Ref]:
    """Everything unknown that a value is made of."""
    if isinstance(value, Ref):
        return frozenset({value})
    if isinstance(value, Open):
        return value.candidates
    if isinstance(value, Joined):
        return frozenset(part for part in value.parts if isinstance(part, Ref))
    if isinstance(value, list):
        return frozenset[Ref]().union(*map(refs_in, value))
    if isinstance(value, dict):
        return frozenset[Ref]().union(*map(refs_in, value.values()))
    return frozenset()


def open_of(*values: Any, why: str = "") -> Open:
    """The unknown result of something that was made from these values."""
    return Open(frozenset[Ref]().union(*map(refs_in, values)), why)
