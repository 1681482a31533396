"""Paths into a resource's description, as `config` policies write them.

`MetadataOptions.HttpTokens` goes down, `Groups[*].GroupName` means every item of a list,
`Groups[?].GroupName` some item, `Tags[Name]` the value of that tag. Names are those that
AWS prints; a path is checked against the inventory's types when the policy is loaded.
"""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from mute_audit.inventory.base import Tag, tag_value
from mute_audit.verdict import Truth, all_of, any_of

__all__ = ["ABSENT", "FieldPath", "Step", "is_list"]

_SEGMENT = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\[([^\[\]]+)\])?")


class _Absent:
    """The mark of a field that a description does not hold."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Step:
    """One segment: the attribute, and `*`, `?`, a tag's key, or nothing behind it."""

    attribute: str
    index: str = ""


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A path that exists in one type of resource; `kind` is the type of what it leads to."""

    text: str
    steps: tuple[Step, ...]
    kind: Any = None

    @classmethod
    def parse(cls, text: str, struct: type[msgspec.Struct], type_name: str) -> FieldPath:
        """The path `text` in `struct`; raises ValueError that says which part is wrong."""
        return _parsed(text, struct, type_name)

    @classmethod
    def _read(cls, text: str, struct: type[msgspec.Struct], type_name: str) -> FieldPath:
        steps: list[Step] = []
        here: Any = struct
        for segment in _split(text):
            match = _SEGMENT.fullmatch(segment)
            if match is None:
                raise ValueError(f"`{text}` is not a path such as `MetadataOptions.HttpTokens`")
            step, here = _descend(text, match[1], match[2] or "", here, type_name)
            steps.append(step)
        return cls(text, tuple(steps), here)

    def judge(self, item: Any, decide: Callable[[Any], Truth]) -> Truth:
        """`decide` over the values at this path, joined by the path's `[*]` and `[?]`."""
        return _judge(item, self.steps, decide)

    def values(self, item: Any) -> tuple[Any, ...]:
        """Every value at this path, ABSENT where there is none."""
        found: list[Any] = []

        def collect(value: Any) -> Truth:
            found.append(value)
            return Truth.UNKNOWN  # Decides neither `all_of` nor `any_of`, so that all are seen.

        _judge(item, self.steps, collect)
        return tuple(found)


@lru_cache(maxsize=1024)
def _parsed(text: str, struct: type[msgspec.Struct], type_name: str) -> FieldPath:
    """Looking at a struct's fields takes a millisecond, and each resource asks again."""
    return FieldPath._read(text, struct, type_name)


def _split(text: str) -> list[str]:
    """At the dots that stand outside of brackets (tags' keys may hold dots)."""
    return re.split(r"\.(?![^\[]*\])", text)


def _judge(value: Any, steps: tuple[Step, ...], decide: Callable[[Any], Truth]) -> Truth:
    if not steps:
        return decide(_value(value))
    step, rest = steps[0], steps[1:]
    inner = getattr(value, step.attribute)
    if inner is None:
        return decide(ABSENT)
    if step.index == "*":
        return all_of([_judge(item, rest, decide) for item in inner])
    if step.index == "?":
        return any_of([_judge(item, rest, decide) for item in inner])
    if step.index:
        held = tag_value(inner, step.index)
        return decide(ABSENT if held is None else held)
    return _judge(inner, rest, decide)


def _value(value: Any) -> Any:
    """What a predicate sees: AWS leaves a text out rather than print it empty."""
    if value is None or value == "":
        return ABSENT
    if isinstance(value, msgspec.Struct):
        return msgspec.to_builtins(value)
    if isinstance(value, tuple):
        return tuple(_value(item) for item in value)
    return value


def _descend(text: str, name: str, index: str, here: Any, type_name: str) -> tuple[Step, Any]:
    if is_list(here):
        raise ValueError(
            f"`{text}`: before `{name}` stands a list; write `[*]` behind it for every item"
            " or `[?]` for some item"
        )
    if not (isinstance(here, type) and issubclass(here, msgspec.Struct)):
        raise ValueError(f"`{text}`: nothing lies below the field before `{name}`")
    known = {field.encode_name: field for field in msgspec.structs.fields(here)}
    if name not in known:
        close = difflib.get_close_matches(name, sorted(known), n=1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise ValueError(f"`{text}`: `{name}` is not a field of {type_name}{hint}")
    inner = _without_none(known[name].type)
    if not index:
        return Step(known[name].name), inner
    if not is_list(inner):
        raise ValueError(f"`{text}`: `{name}` is not a list")
    element = typing.get_args(inner)[0]
    if index in ("*", "?"):
        return Step(known[name].name, index), element
    if element is not Tag:
        raise ValueError(f"`{text}`: `[{index}]` names a tag, and `{name}` holds none")
    return Step(known[name].name, index), str


def _without_none(kind: Any) -> Any:
    """`X` for `X | None`."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        rest = [item for item in typing.get_args(kind) if item is not type(None)]
        if len(rest) == 1:
            return rest[0]
    return kind


def is_list(kind: Any) -> bool:
    """Whether a field of this type holds a list."""
    return typing.get_origin(kind) is tuple
