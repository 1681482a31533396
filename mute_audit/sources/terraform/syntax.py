"""The syntax tree of Terraform's language, as far as following references needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

__all__ = [
    "Attr",
    "Binary",
    "Block",
    "Call",
    "Cond",
    "Expr",
    "ForObject",
    "ForTuple",
    "Index",
    "Literal",
    "Object",
    "Opaque",
    "Splat",
    "Template",
    "Tuple",
    "Unary",
    "Var",
    "children",
]


@dataclass(frozen=True, slots=True)
class Expr:
    """Any expression."""


@dataclass(frozen=True, slots=True)
class Literal(Expr):
    """A number, text, boolean or null."""

    value: Any


@dataclass(frozen=True, slots=True)
class Var(Expr):
    """A bare name: the root of a reference, or the variable of a `for`."""

    name: str


@dataclass(frozen=True, slots=True)
class Attr(Expr):
    """`of.name`"""

    of: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Index(Expr):
    """`of[key]`"""

    of: Expr
    key: Expr


@dataclass(frozen=True, slots=True)
class Splat(Expr):
    """`of[*]…`: `each` is what follows, with `Var("*")` for the element."""

    of: Expr
    each: Expr


@dataclass(frozen=True, slots=True)
class Template(Expr):
    """A text with interpolations."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A function; `expand` says that the last argument is spread (`args...`)."""

    name: str
    args: tuple[Expr, ...]
    expand: bool = False


@dataclass(frozen=True, slots=True)
class Tuple(Expr):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Object(Expr):
    """Keys that are bare names are literals."""

    items: tuple[tuple[Expr, Expr], ...]


@dataclass(frozen=True, slots=True)
class ForTuple(Expr):
    """`[for key, value in source : result if condition]`"""

    key: str
    value: str
    source: Expr
    result: Expr
    condition: Expr | None = None


@dataclass(frozen=True, slots=True)
class ForObject(Expr):
    """`{for key, value in source : name => result if condition}`; `grouped` for `=> result...`"""

    key: str
    value: str
    source: Expr
    name: Expr
    result: Expr
    condition: Expr | None = None
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Cond(Expr):
    test: Expr
    then: Expr
    other: Expr


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Unary(Expr):
    operator: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Opaque(Expr):
    """Something of which only the references inside are kept (template directives)."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """`type "label" … { … }`: its attributes, its blocks, and the line that it starts on."""

    type: str
    labels: tuple[str, ...]
    line: int
    attributes: dict[str, Expr]
    blocks: tuple[Block, ...]

    def of_type(self, name: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.type == name)


def children(expr: Expr) -> Iterator[Expr]:
    """The expressions directly inside another."""
    for field in fields(expr):
        value = getattr(expr, field.name)
        if isinstance(value, Expr):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Expr):
                    yield item
                elif isinstance(item, tuple):
                    yield from (part for part in item if isinstance(part, Expr))
