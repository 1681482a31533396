"""One predicate of a `config` policy: a field, an operator, and what it is compared with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

from mute_audit.intent.written import Flag, Written
from mute_audit.policy.field_path import ABSENT, is_list
from mute_audit.policy.fields import several
from mute_audit.verdict import Truth

__all__ = ["OPERATORS", "Predicate"]

# Strict, so that `"true"` stays text and `true` is not 1.
Scalar = StrictBool | StrictInt | StrictFloat | StrictStr
Scalars = Annotated[
    Annotated[tuple[Scalar, ...], Field(min_length=1)],
    BeforeValidator(several, json_schema_input_type=Scalar | list[Scalar]),
]
Number = StrictInt | StrictFloat


def _same(value: Any, wanted: Any) -> bool:
    """Equality that does not take True for 1."""
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _contains(value: Any, wanted: Any) -> bool:
    if isinstance(value, str):
        return isinstance(wanted, str) and wanted in value
    return any(_same(item, wanted) for item in value)


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "equals": _same,
        "not_equals": lambda value, wanted: not _same(value, wanted),
        "in": lambda value, wanted: any(_same(value, item) for item in wanted),
        "not_in": lambda value, wanted: not any(_same(value, item) for item in wanted),
        "matches": lambda value, wanted: re.fullmatch(wanted, str(value)) is not None,
        "contains": _contains,
        "not_contains": lambda value, wanted: not _contains(value, wanted),
        "at_least": lambda value, wanted: value >= wanted,
        "at_most": lambda value, wanted: value <= wanted,
        "empty": lambda value, wanted: (len(value) == 0) == wanted,
        "exists": lambda value, wanted: bool(wanted),
    }
)


def _one_operator(schema: dict[str, Any]) -> None:
    """What pydantic's own schema does not say: one operator, and none has a default."""
    schema["oneOf"] = [{"required": [name]} for name in OPERATORS]
    for field in schema["properties"].values():
        field.pop("default", None)


class Predicate(Written):
    """A field and exactly one operator. What is compared may be a value or, for `in`, several."""

    model_config = ConfigDict(json_schema_extra=_one_operator, coerce_numbers_to_str=False)

    field: str = Field(description="As in `MetadataOptions.HttpTokens` or `Groups[*].GroupId`.")
    equals: Scalar = Field(default="", description="The value is this.")
    not_equals: Scalar = Field(default="", description="The value is not this.")
    in_: Scalars = Field(default=("",), alias="in", description="The value is one of these.")
    not_in: Scalars = Field(default=("",), description="The value is none of these.")
    matches: str = Field(default="", description="A regular expression that fits all of it.")
    contains: Scalar = Field(default="", description="The list has this item, the text this part.")
    not_contains: Scalar = Field(default="", description="It has not.")
    at_least: Number = Field(default=0, description="The number is this or greater.")
    at_most: Number = Field(default=0, description="The number is this or smaller.")
    empty: Flag = Field(default=False, description="Whether the list is empty.")
    exists: Flag = Field(default=False, description="Whether AWS gives the field a value.")

    @model_validator(mode="after")
    def _has_one_operator(self) -> Predicate:
        given = sorted(self._given)
        if len(given) != 1:
            found = " and ".join(f"`{name}`" for name in given) or "none"
            raise ValueError(
                f"a predicate on `{self.field}` needs exactly one operator, not {found}"
                f" (operators: {', '.join(OPERATORS)})"
            )
        if given == ["matches"]:
            try:
                re.compile(self.matches)
            except re.error as problem:
                raise ValueError(f"`{self.matches}` is no regular expression: {problem}") from None
        return self

    @property
    def _given(self) -> set[str]:
        return {"in" if name == "in_" else name for name in self.model_fields_set} - {"field"}

    @property
    def operator(self) -> str:
        return next(iter(self._given))

    @property
    def operand(self) -> Any:
        return getattr(self, "in_" if self.operator == "in" else self.operator)

    @property
    def expected(self) -> str:
        """What is asked for, as text: `required`, `one of a, b`, `at least 7`."""
        name, wanted = self.operator, self.operand
        if name == "equals":
            return _shown(wanted)
        if name == "exists":
            return "present" if wanted else "absent"
        if name == "empty":
            return "empty" if wanted else "not empty"
        words = "one of" if name == "in" else name.replace("_", " ")
        listed = ", ".join(map(_shown, wanted)) if isinstance(wanted, tuple) else _shown(wanted)
        return f"{words} {listed}"

    def decide(self, value: Any) -> Truth:
        """Whether one value fits; a field that AWS leaves out fits nothing but `exists`."""
        if value is ABSENT:
            return Truth.of(not self.exists) if self.operator == "exists" else Truth.UNKNOWN
        return Truth.of(OPERATORS[self.operator](value, self.operand))

    def check_against(self, kind: Any) -> None:
        """Raises ValueError where the field's type cannot be compared in this way."""
        name = self.operator
        words = {bool: "true or false", int: "a number", float: "a number", str: "text"}
        shown = words.get(kind, "a list" if is_list(kind) else "an object")
        if name == "exists":
            return
        if name == "empty":
            allowed = is_list(kind)
        elif name in ("contains", "not_contains"):
            allowed = is_list(kind) or kind is str
        elif name == "matches":
            allowed = kind is str
        elif name in ("at_least", "at_most"):
            allowed = kind in (int, float)
        else:
            allowed = kind in words
        if not allowed:
            raise ValueError(f"`{name}` does not go with `{self.field}`, which is {shown}")
        if name in ("equals", "not_equals", "in", "not_in"):
            operands = self.operand if isinstance(self.operand, tuple) else (self.operand,)
            for operand in operands:
                if words[type(operand)] != shown:
                    raise ValueError(f"`{self.field}` is {shown}, and {_shown(operand)} is not")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
