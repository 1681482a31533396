"""What expressions come to, as far as known values and references lead.

A value may hold `Ref` and `Open`. Nothing is guessed: what is not understood is open, and
keeps all that it may refer to.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mute_audit.sources.terraform.functions import Absent, Failed, apply, as_key, same, to_text
from mute_audit.sources.terraform.naming import Key, ModulePath
from mute_audit.sources.terraform.syntax import (
    Attr,
    Binary,
    Call,
    Cond,
    Expr,
    ForObject,
    ForTuple,
    Index,
    Literal,
    Object,
    Opaque,
    Splat,
    Template,
    Tuple,
    Unary,
    Var,
)
from mute_audit.sources.terraform.values import (
    Child,
    Joined,
    Open,
    Ref,
    is_known,
    is_telling,
    open_of,
)

__all__ = ["MISSING", "Expressions", "Scope"]

_OF_FILES = frozenset({"file", "fileexists", "fileset", "templatefile"})
MISSING: Any = object()
_OUTLINE = "the plan shows only what it refers to"


@dataclass(frozen=True, slots=True)
class Scope:
    module: ModulePath
    names: Mapping[str, Any] = field(default_factory=dict)
    key: Key = None
    # The block whose `for_each` gives `each.value`.
    each: Callable[[], Any] | None = None

    def bound(self, **names: Any) -> Scope:
        return replace(self, names={**self.names, **names})


class Expressions(ABC):
    """One method for each kind of expression; `rooted` and `member` know the plan."""

    @abstractmethod
    def rooted(self, expr: Attr, scope: Scope) -> Any:
        """`var.x`, `local.x`, `aws_vpc.this`, …; MISSING for what is none of them."""

    @abstractmethod
    def member(self, of: Any, name: str | int) -> Any:
        """`of.name` or `of[name]`. Raises Failed where Terraform would."""

    @abstractmethod
    def outputs(self, of: Child) -> Open:
        """Any of the outputs of a module instance."""

    @abstractmethod
    def file(self, name: str, args: list[Any], scope: Scope) -> Any:
        """What a function says that reads files. Raises Failed."""

    def tried(self, expr: Expr, scope: Scope) -> Any:
        try:
            return self.value(expr, scope)
        except Failed as error:
            return Open(why=str(error))

    def value(self, expr: Expr, scope: Scope) -> Any:
        return _KINDS[type(expr)](self, expr, scope)

    def _literal(self, expr: Literal, scope: Scope) -> Any:
        return expr.value

    def _var(self, expr: Var, scope: Scope) -> Any:
        if expr.name in scope.names:
            return scope.names[expr.name]
        return Open(why=f"`{expr.name}`")

    def _attr(self, expr: Attr, scope: Scope) -> Any:
        root = self.rooted(expr, scope)
        if root is not MISSING:
            return root
        return self.member(self.value(expr.of, scope), expr.name)

    def _index(self, expr: Index, scope: Scope) -> Any:
        of = self.value(expr.of, scope)
        key = self.value(expr.key, scope)
        if not is_known(key):
            return open_of(_elements(of), key, why="the key is unknown")
        if isinstance(of, dict):
            return self.member(of, as_key(key))
        if isinstance(of, (list, Ref)) and isinstance(key, (int, float, str)):
            if isinstance(key, str) and isinstance(of, list) and not key.isdigit():
                raise Failed("no such element")
            return self.member(of, int(key) if not isinstance(key, str) else key)
        return self.member(of, as_key(key))

    def _splat(self, expr: Splat, scope: Scope) -> Any:
        of = self.value(expr.of, scope)
        if of is None:
            return []
        if isinstance(of, Open):
            return self.value(expr.each, scope.bound(**{"*": of}))
        if isinstance(of, Ref) and of.path and of.path[-1] != "id":
            return Open(frozenset({of}), whole=True)
        items = of if isinstance(of, list) else [of]
        return [self.value(expr.each, scope.bound(**{"*": item})) for item in items]

    def _template(self, expr: Template, scope: Scope) -> Any:
        parts: list[str | Ref] = []
        values = [self.value(part, scope) for part in expr.parts]
        for value in values:
            if isinstance(value, Ref):
                parts.append(value)
            elif isinstance(value, Joined):
                parts += value.parts
            elif is_known(value):
                parts.append(to_text(value))
            else:
                return open_of(*values, why="a text with unknown parts")
        if all(isinstance(part, str) for part in parts):
            return "".join(map(str, parts))
        return Joined(tuple(parts))

    def _call(self, expr: Call, scope: Scope) -> Any:
        if expr.name in ("try", "can"):
            return self._attempted(expr, scope)
        args = [self.value(arg, scope) for arg in expr.args]
        if expr.expand and args:
            if not isinstance(args[-1], list):
                return open_of(*args, why=f"{expr.name}() of something unknown")
            args = args[:-1] + args[-1]
        if expr.name in _OF_FILES:
            return self.file(expr.name, args, scope)
        return apply(expr.name, args)

    def _attempted(self, expr: Call, scope: Scope) -> Any:
        for arg in expr.args:
            try:
                found = self.value(arg, scope)
            except Failed:
                continue
            if expr.name == "can":
                return True if not isinstance(found, Open) else found
            if isinstance(found, Open) and arg is not expr.args[-1]:
                rest = [self.tried(other, scope) for other in expr.args]
                return open_of(*rest, why="try() of something unknown")
            return found
        if expr.name == "can":
            return False
        raise Failed("nothing in try() works")

    def _tuple(self, expr: Tuple, scope: Scope) -> Any:
        return [self.value(item, scope) for item in expr.items]

    def _object(self, expr: Object, scope: Scope) -> Any:
        found: dict[str, Any] = {}
        for key, value in expr.items:
            name = self.value(key, scope)
            if not is_known(name):
                every = [self.value(item, scope) for _, item in expr.items]
                return open_of(*every, why="a key is unknown")
            found[as_key(name)] = self.value(value, scope)
        return found

    def _loop(self, expr: ForTuple | ForObject, scope: Scope) -> list[Scope] | Open:
        """A scope for each turn that the condition lets through."""
        source = self.value(expr.source, scope)
        if isinstance(source, dict):
            pairs = [(key, source[key]) for key in sorted(source)]
        elif isinstance(source, list):
            pairs = list(enumerate(source))
        else:
            inner = scope.bound(**{expr.key or "_": open_of(source), expr.value: open_of(source)})
            return open_of(source, self.tried(expr.result, inner), why="a loop over unknowns")
        turns: list[Scope] = []
        for key, value in pairs:
            names = {expr.value: value} if not expr.key else {expr.key: key, expr.value: value}
            turn = scope.bound(**names)
            if expr.condition is not None:
                test = self.value(expr.condition, turn)
                if not is_known(test):
                    every = [self.tried(expr.result, scope.bound(**names)) for _ in (0,)]
                    return open_of(source, *every, why="a loop with an unknown condition")
                if not _truth(test):
                    continue
            turns.append(turn)
        return turns

    def _for_tuple(self, expr: ForTuple, scope: Scope) -> Any:
        turns = self._loop(expr, scope)
        if isinstance(turns, Open):
            return turns
        return [self.value(expr.result, turn) for turn in turns]

    def _for_object(self, expr: ForObject, scope: Scope) -> Any:
        turns = self._loop(expr, scope)
        if isinstance(turns, Open):
            return turns
        found: dict[str, Any] = {}
        for turn in turns:
            name = self.value(expr.name, turn)
            value = self.value(expr.result, turn)
            if not is_known(name):
                return open_of(value, name, *found.values(), why="a key is unknown")
            if expr.grouped:
                found.setdefault(as_key(name), []).append(value)
            else:
                found[as_key(name)] = value
        return found

    def _cond(self, expr: Cond, scope: Scope) -> Any:
        test = self.value(expr.test, scope)
        if is_known(test):
            return self.value(expr.then if _truth(test) else expr.other, scope)
        ways = [self.tried(expr.then, scope), self.tried(expr.other, scope)]
        if ways[0] == ways[1]:
            return ways[0]
        return open_of(*ways, why="a condition is unknown")

    def _binary(self, expr: Binary, scope: Scope) -> Any:
        left, right = self.value(expr.left, scope), self.value(expr.right, scope)
        sign = expr.operator
        if sign in ("==", "!="):
            answer = same(left, right)
            return answer if isinstance(answer, Open) or sign == "==" else not answer
        if sign in ("&&", "||"):
            for value in (left, right):
                if is_known(value) and _truth(value) is (sign == "||"):
                    return sign == "||"
        if not (is_known(left) and is_known(right)):
            return open_of(left, right, why=f"`{sign}` of something unknown")
        if sign in ("&&", "||"):
            return sign == "&&"
        try:
            return _ARITHMETIC[sign](left, right)
        except (TypeError, ZeroDivisionError) as error:
            raise Failed(f"`{sign}`") from error

    def _unary(self, expr: Unary, scope: Scope) -> Any:
        value = self.value(expr.operand, scope)
        if not is_known(value):
            return open_of(value, why=f"`{expr.operator}` of something unknown")
        return not _truth(value) if expr.operator == "!" else -value

    def _opaque(self, expr: Opaque, scope: Scope) -> Any:
        """An expression of which only the references are known (see `modules`)."""
        keys: list[Any] = []
        values: list[Any] = []
        for part in expr.parts:
            try:
                value = self.value(part, scope)
            except Absent:
                continue
            except Failed as error:
                value = Open(why=str(error))
            if isinstance(value, (str, int, bool)):
                keys.append(value)
            elif value is not None:
                values.append(value)
        # They may be among the elements of the result.
        beside = [value for value in values if value and is_known(value)]
        beside += filter(is_telling, keys)
        picked: list[Any] = []
        for value in values:
            picked += [] if is_known(value) else _picked(value, keys)
        # Of a module only that it is referred to is shown, where its instance has a key.
        picked = [self.outputs(item) if isinstance(item, Child) else item for item in picked]
        picked = list(dict.fromkeys(picked))
        if not picked:
            # Of known values the plan knows the result.
            return Open(why=_OUTLINE, whole=True)
        several = len(picked) > 1 and any(isinstance(key, bool) for key in keys)
        if several or beside or any(isinstance(item, Open) for item in picked):
            return open_of(picked, beside, why=_OUTLINE)
        return picked[0] if len(picked) == 1 else picked


def _picked(value: Any, keys: list[Any]) -> list[Any]:
    """The resources that a reference means: by key, where keys are beside it."""
    if value in ([], {}):
        return []
    if isinstance(value, list) and all(map(_is_thing, value)):
        found = [value[k] for k in keys if type(k) is int and 0 <= k < len(value)]
        return _chosen(list(value), found, keys)
    if isinstance(value, dict) and all(map(_is_thing, value.values())):
        found = [value[str(key)] for key in keys if str(key) in value]
        return _chosen(list(value.values()), found, keys)
    if isinstance(value, list):
        return [item for inner in value for item in _picked(inner, keys)]
    if _is_thing(value):
        return [value]
    return [open_of(value, why=_OUTLINE)]


def _is_thing(value: Any) -> bool:
    return isinstance(value, (Ref, Child))


def _chosen(every: list[Any], found: list[Any], keys: list[Any]) -> list[Any]:
    if len(every) == 1 or not keys:
        return list(every)
    if len(set(found)) == 1:
        return [found[0]]
    if all(isinstance(item, Ref) for item in every):
        return [Open(frozenset(every), _OUTLINE, whole=True)]
    return every


def _elements(of: Any) -> Any:
    if isinstance(of, dict):
        return list(of.values())
    return of


def _truth(value: Any) -> bool:
    if value in (True, "true"):
        return True
    if value in (False, "false"):
        return False
    raise Failed("no boolean")


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a // b if a % b == 0 else a / b,
    "%": lambda a, b: a % b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}

_KINDS: dict[type[Expr], Callable[[Expressions, Any, Scope], Any]] = {
    Literal: Expressions._literal,
    Var: Expressions._var,
    Attr: Expressions._attr,
    Index: Expressions._index,
    Splat: Expressions._splat,
    Template: Expressions._template,
    Call: Expressions._call,
    Tuple: Expressions._tuple,
    Object: Expressions._object,
    ForTuple: Expressions._for_tuple,
    ForObject: Expressions._for_object,
    Cond: Expressions._cond,
    Binary: Expressions._binary,
    Unary: Expressions._unary,
    Opaque: Expressions._opaque,
}
