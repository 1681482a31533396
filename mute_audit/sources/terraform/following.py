"""Follows references: which resource will an unknown value come from?

A plan shows every value that is known, and says of the rest only that it is unknown. Here an
unknown attribute's expression is followed, through variables, locals, outputs, `for_each`
and `count`, to the attribute of a resource that it will be a copy of. Known values are taken
from the plan, never from here. Whatever is not understood stays open, with all that it may
refer to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mute_audit.sources.terraform.functions import Failed, apply, as_key, same, to_text
from mute_audit.sources.terraform.modules import Module, ModuleCall
from mute_audit.sources.terraform.naming import Key, ModulePath, ResourceName
from mute_audit.sources.terraform.syntax import (
    Attr,
    Binary,
    Block,
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
from mute_audit.sources.terraform.values import Joined, Open, Ref, is_known, open_of

__all__ = ["Follower", "Planned"]


@dataclass(slots=True)
class Planned:
    """A resource instance as a plan (or a state, where nothing is unknown) shows it.

    unknown  true leaves where `values` is not known yet
    """

    name: ResourceName
    values: Mapping[str, Any]
    unknown: Any = False

    @property
    def address(self) -> str:
        return str(self.name)


@dataclass(frozen=True, slots=True)
class _Scope:
    module: ModulePath
    names: Mapping[str, Any] = field(default_factory=dict)
    key: Key = None
    # The block whose `for_each` gives `each.value`.
    each: Callable[[], Any] | None = None

    def bound(self, **names: Any) -> _Scope:
        return replace(self, names={**self.names, **names})


_BUSY = object()
_MISSING = object()


class Follower:
    """Over one plan.

    resources  all instances
    modules    the module that a path of call names leads to
    variables  the values of the root module's variables
    """

    def __init__(
        self,
        resources: list[Planned],
        modules: Callable[[tuple[str, ...]], Module],
        variables: Mapping[str, Any],
    ) -> None:
        self._by_address = {item.address: item for item in resources}
        self._instances: dict[tuple[ModulePath, str], dict[Key, Ref]] = {}
        self._children: dict[tuple[ModulePath, str], dict[Key, None]] = {}
        for item in resources:
            name = item.name
            instances = self._instances.setdefault((name.module, name.block), {})
            instances[name.key] = Ref(item.address)
            for depth, (call, key) in enumerate(name.module):
                self._children.setdefault((name.module[:depth], call), {})[key] = None
        self._modules = modules
        self._variables = variables
        self._memo: dict[Any, Any] = {}

    # --- what translators ask -----------------------------------------------------------------

    def attribute(self, address: str, name: str) -> Any:
        """An attribute: its value, with `Ref` and `Open` where it is unknown until apply."""
        item = self._by_address[address]
        unknown = item.unknown.get(name, False) if isinstance(item.unknown, dict) else item.unknown
        shown = item.values.get(name)
        if unknown is False or not _any_true(unknown):
            return shown
        key = ("attribute", address, name)
        return self._once(key, lambda: self._unknown(item, name, shown, unknown), address, name)

    def _unknown(self, item: Planned, name: str, shown: Any, unknown: Any) -> Any:
        found = _overlaid(shown, unknown, Ref(item.address, (name,)))
        block = self._declared(item.name)
        if block is None:
            return found
        if self._distrusted(item.name):
            said: Any = Open(why="the configuration gives other instances than the plan")
            return _filled(found, said) if _writes(block, name) else found
        said = self._argument(block, name, self._scope_of(item.name))
        return found if said is _MISSING else _filled(found, said)

    def _argument(self, block: Block, name: str, scope: _Scope) -> Any:
        """What a block says about an argument or its inner blocks of one type."""
        if name in block.attributes:
            return self._tried(block.attributes[name], scope)
        found = self._blocks(block, name, scope)
        return found if found else _MISSING

    def _blocks(self, block: Block, name: str, scope: _Scope) -> list[Any]:
        found: list[Any] = []
        for inner in block.blocks:
            if inner.type == name:
                found.append(self._body(inner, scope))
            elif inner.type == "dynamic" and inner.labels == (name,):
                found += self._dynamic(inner, name, scope)
        return found

    def _body(self, block: Block, scope: _Scope) -> dict[str, Any]:
        found = {name: self._tried(expr, scope) for name, expr in block.attributes.items()}
        kinds = {b.labels[0] if b.type == "dynamic" and b.labels else b.type for b in block.blocks}
        for kind in kinds:
            found[kind] = self._blocks(block, kind, scope)
        return found

    def _dynamic(self, block: Block, name: str, scope: _Scope) -> list[Any]:
        content = next(block.of_type("content"), None)
        given = block.attributes.get("for_each")
        if content is None or given is None:
            return []
        iterator = block.attributes.get("iterator")
        variable = iterator.name if isinstance(iterator, Var) else name
        source = self._tried(given, scope)
        if isinstance(source, dict):
            pairs = [(key, source[key]) for key in sorted(source)]
        elif isinstance(source, list):
            pairs = [(item, item) for item in source]
        else:
            pairs = [(open_of(source), open_of(source))]
        return [
            self._body(content, scope.bound(**{variable: {"key": key, "value": value}}))
            for key, value in pairs
        ]

    def _declared(self, name: ResourceName) -> Block | None:
        found = self.module(name.module).resources.get(name.block)
        return found.body if found is not None else None

    def argument(self, address: str, name: str) -> Expr | None:
        """The expression that a resource block gives an argument, where it is known."""
        block = self._declared(self._by_address[address].name)
        return block.attributes.get(name) if block is not None else None

    def evaluate(self, address: str, expr: Expr) -> Any:
        """What an expression inside a resource's block comes to."""
        return self._tried(expr, self._scope_of(self._by_address[address].name))

    def module(self, path: ModulePath) -> Module:
        return self._modules(tuple(name for name, _ in path))

    # --- instances ----------------------------------------------------------------------------

    def _scope_of(self, name: ResourceName) -> _Scope:
        block = self._declared(name)
        each = block.attributes.get("for_each") if block is not None else None
        if each is None:
            return _Scope(name.module, key=name.key)
        where = ("for_each", name.module, name.block)
        outer = _Scope(name.module)
        return _Scope(
            name.module,
            key=name.key,
            each=lambda: self._once(where, lambda: self._tried(each, outer)),
        )

    def _distrusted(self, name: ResourceName) -> bool:
        """Whether what was followed gives other instances than the plan has."""
        block = self._declared(name)
        if block is None:
            return True
        each, count = block.attributes.get("for_each"), block.attributes.get("count")
        keys = set(self._instances.get((name.module, name.block), ()))
        if each is None and count is None:
            return keys != {None}
        return bool(
            self._once(
                ("distrusted", name.module, name.block),
                lambda: self._differs(each, count, keys, _Scope(name.module)),
            )
        )

    def _differs(self, each: Expr | None, count: Expr | None, keys: set[Key], s: _Scope) -> bool:
        if each is not None:
            said = self._tried(each, s)
            if isinstance(said, dict):
                return set(said) != keys
            if isinstance(said, list) and all(isinstance(item, str) for item in said):
                return set(said) != keys
            return any(not isinstance(key, str) for key in keys)
        number = self._tried(count, s) if count is not None else None
        if isinstance(number, int) and not isinstance(number, bool):
            return keys != set(range(number))
        return any(not isinstance(key, int) for key in keys)

    def _once(self, key: Any, make: Callable[[], Any], *address: str) -> Any:
        found = self._memo.get(key, _MISSING)
        if found is _BUSY:
            return Ref(address[0], (address[1],)) if address else Open(why="refers to itself")
        if found is _MISSING:
            self._memo[key] = _BUSY
            try:
                found = make()
            except RecursionError:
                found = Open(why="nested too deeply")
            self._memo[key] = found
        return found

    # --- expressions --------------------------------------------------------------------------

    def _tried(self, expr: Expr, scope: _Scope) -> Any:
        try:
            return self._value(expr, scope)
        except Failed as error:
            return Open(why=str(error))

    def _value(self, expr: Expr, scope: _Scope) -> Any:
        return _KINDS[type(expr)](self, expr, scope)

    def _literal(self, expr: Literal, scope: _Scope) -> Any:
        return expr.value

    def _var(self, expr: Var, scope: _Scope) -> Any:
        if expr.name in scope.names:
            return scope.names[expr.name]
        return Open(why=f"`{expr.name}`")

    def _attr(self, expr: Attr, scope: _Scope) -> Any:
        root = self._rooted(expr, scope)
        if root is not _MISSING:
            return root
        return self.member(self._value(expr.of, scope), expr.name)

    def _rooted(self, expr: Attr, scope: _Scope) -> Any:
        """`var.x`, `local.x`, `each.key`, `module.x`, `aws_vpc.this`, `data.aws_ami.x`."""
        of = expr.of
        if isinstance(of, Attr) and isinstance(of.of, Var) and of.of.name == "data":
            if "data" not in scope.names:
                return self._instances_of(scope.module, f"data.{of.name}.{expr.name}")
            return _MISSING
        if not isinstance(of, Var) or of.name in scope.names:
            return _MISSING
        name = of.name
        if name == "var":
            return self._variable(scope.module, expr.name)
        if name == "local":
            where = ("local", scope.module, expr.name)
            return self._once(where, lambda: self._local(scope.module, expr.name))
        if name == "each":
            return scope.key if expr.name == "key" else self._each_value(scope)
        if name == "count":
            return scope.key
        if name == "module":
            return self._child(scope.module, expr.name)
        if name in ("path", "terraform", "self", "data"):
            return Open(why=f"`{name}.{expr.name}`")
        return self._instances_of(scope.module, f"{name}.{expr.name}")

    def _each_value(self, scope: _Scope) -> Any:
        source = scope.each() if scope.each is not None else None
        if isinstance(source, dict):
            return source.get(str(scope.key), Open(why="`each.value`"))
        if isinstance(source, list):
            return scope.key
        return open_of(source, why="`each.value`")

    def _instances_of(self, module: ModulePath, block: str) -> Any:
        declared = self.module(module).resources.get(block)
        found = self._instances.get((module, block), {})
        if None in found:
            return found[None]
        if declared is None and not found:
            return Open(why=f"`{block}` is not in the plan")
        numbered = declared is not None and "count" in declared.body.attributes
        if numbered or (found and all(isinstance(key, int) for key in found)):
            return [found[key] for key in sorted(found, key=lambda k: int(k or 0))]
        if found or (declared is not None and "for_each" in declared.body.attributes):
            return {str(key): ref for key, ref in found.items()}
        return Open(why=f"`{block}` is not in the plan")

    def _local(self, module: ModulePath, name: str) -> Any:
        expr = self.module(module).locals.get(name)
        if expr is None:
            return Open(why=f"`local.{name}`: the plan does not show its definition")
        return self._tried(expr, _Scope(module))

    def _variable(self, module: ModulePath, name: str) -> Any:
        if not module:
            if name in self._variables:
                return self._variables[name]
        else:
            where = ("variable", module, name)
            found = self._once(where, lambda: self._passed(module, name))
            if found is not _MISSING:
                return found
        default, _ = self.module(module).variables.get(name, (None, None))
        return default.value if isinstance(default, Literal) else self._default(default, module)

    def _default(self, default: Expr | None, module: ModulePath) -> Any:
        return None if default is None else self._tried(default, _Scope(module))

    def _passed(self, module: ModulePath, name: str) -> Any:
        outer, (call_name, key) = module[:-1], module[-1]
        call = self.module(outer).calls.get(call_name)
        if call is None:
            return Open(why=f"`module.{call_name}`")
        if name not in call.arguments:
            return _MISSING
        value = self._tried(call.arguments[name], self._call_scope(outer, call_name, call, key))
        declared = self.module(module).variables.get(name)
        if value is None and declared is not None and declared[0] is not None:
            return _MISSING if declared[1] is None else None
        return _completed(value, declared[1]) if declared is not None else value

    def _call_scope(self, outer: ModulePath, name: str, call: ModuleCall, key: Key) -> _Scope:
        each = call.for_each
        if each is None:
            return _Scope(outer, key=key)
        where = ("module", outer, name)
        return _Scope(
            outer,
            key=key,
            each=lambda: self._once(where, lambda: self._tried(each, _Scope(outer))),
        )

    def _child(self, module: ModulePath, name: str) -> Any:
        """A module, or its instances by key; outputs are looked up when they are asked for."""
        call = self.module(module).calls.get(name)
        keys: list[Key] = list(self._children.get((module, name), ()))
        if call is None:
            return Open(why=f"`module.{name}`")
        if call.count is not None:
            number = self._tried(call.count, _Scope(module))
            size = number if isinstance(number, int) else len(keys)
            return [_Child((*module, (name, index))) for index in range(size)]
        if call.for_each is not None:
            given = self._tried(call.for_each, _Scope(module))
            known = given if isinstance(given, (dict, list)) else keys
            return {str(key): _Child((*module, (name, str(key)))) for key in known}
        return _Child((*module, (name, None)))

    def _output(self, module: ModulePath, name: str) -> Any:
        expr = self.module(module).outputs.get(name)
        if expr is None:
            return Open(why=f"output `{name}`")
        where = ("output", module, name)
        return self._once(where, lambda: self._tried(expr, _Scope(module)))

    def member(self, of: Any, name: str | int) -> Any:
        """`of.name` or `of[name]`. Raises Failed where Terraform would."""
        if isinstance(of, _Child):
            return self._output(of.path, str(name))
        if isinstance(of, Ref):
            return self._of_resource(of, name)
        if isinstance(of, Open):
            return of
        if isinstance(of, dict):
            if str(name) in of:
                return of[str(name)]
            raise Failed(f"no `{name}`")
        if isinstance(of, list) and not isinstance(name, bool):
            try:
                return of[int(name)]
            except (ValueError, IndexError) as error:
                raise Failed(f"no [{name}]") from error
        raise Failed(f"no `{name}`")

    def _of_resource(self, of: Ref, name: str | int) -> Any:
        if of.address not in self._by_address:
            return Open(frozenset({of}))
        if not of.path:
            item = self._by_address[of.address]
            known = item.values.get(str(name), _MISSING)
            unknown = item.unknown.get(name) if isinstance(item.unknown, dict) else item.unknown
            if known is _MISSING and not unknown:
                raise Failed(f"{of.address} has no `{name}`")
            return self.attribute(of.address, str(name))
        return Ref(of.address, (*of.path, name))

    def _index(self, expr: Index, scope: _Scope) -> Any:
        of = self._value(expr.of, scope)
        key = self._value(expr.key, scope)
        if not is_known(key):
            return open_of(_elements(of), key, why="the key is unknown")
        if isinstance(of, dict):
            return self.member(of, as_key(key))
        if isinstance(of, (list, Ref)) and isinstance(key, (int, float, str)):
            if isinstance(key, str) and isinstance(of, list) and not key.isdigit():
                raise Failed("no such element")
            return self.member(of, int(key) if not isinstance(key, str) else key)
        return self.member(of, as_key(key))

    def _splat(self, expr: Splat, scope: _Scope) -> Any:
        of = self._value(expr.of, scope)
        if of is None:
            return []
        if isinstance(of, Open):
            return self._value(expr.each, scope.bound(**{"*": of}))
        if isinstance(of, Ref) and of.path and of.path[-1] != "id":
            return Open(frozenset({of}))
        items = of if isinstance(of, list) else [of]
        return [self._value(expr.each, scope.bound(**{"*": item})) for item in items]

    def _template(self, expr: Template, scope: _Scope) -> Any:
        parts: list[str | Ref] = []
        values = [self._value(part, scope) for part in expr.parts]
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

    def _call(self, expr: Call, scope: _Scope) -> Any:
        if expr.name in ("try", "can"):
            return self._attempted(expr, scope)
        args = [self._value(arg, scope) for arg in expr.args]
        if expr.expand and args:
            if not isinstance(args[-1], list):
                return open_of(*args, why=f"{expr.name}() of something unknown")
            args = args[:-1] + args[-1]
        return apply(expr.name, args)

    def _attempted(self, expr: Call, scope: _Scope) -> Any:
        for arg in expr.args:
            try:
                found = self._value(arg, scope)
            except Failed:
                continue
            if expr.name == "can":
                return True if not isinstance(found, Open) else found
            if isinstance(found, Open) and arg is not expr.args[-1]:
                rest = [self._tried(other, scope) for other in expr.args]
                return open_of(*rest, why="try() of something unknown")
            return found
        if expr.name == "can":
            return False
        raise Failed("nothing in try() works")

    def _tuple(self, expr: Tuple, scope: _Scope) -> Any:
        return [self._value(item, scope) for item in expr.items]

    def _object(self, expr: Object, scope: _Scope) -> Any:
        found: dict[str, Any] = {}
        for key, value in expr.items:
            name = self._value(key, scope)
            if not is_known(name):
                every = [self._value(item, scope) for _, item in expr.items]
                return open_of(*every, why="a key is unknown")
            found[as_key(name)] = self._value(value, scope)
        return found

    def _loop(self, expr: ForTuple | ForObject, scope: _Scope) -> list[_Scope] | Open:
        """A scope for each turn that the condition lets through."""
        source = self._value(expr.source, scope)
        if isinstance(source, dict):
            pairs = [(key, source[key]) for key in sorted(source)]
        elif isinstance(source, list):
            pairs = list(enumerate(source))
        else:
            inner = scope.bound(**{expr.key or "_": open_of(source), expr.value: open_of(source)})
            return open_of(source, self._tried(expr.result, inner), why="a loop over unknowns")
        turns: list[_Scope] = []
        for key, value in pairs:
            names = {expr.value: value} if not expr.key else {expr.key: key, expr.value: value}
            turn = scope.bound(**names)
            if expr.condition is not None:
                test = self._value(expr.condition, turn)
                if not is_known(test):
                    every = [self._tried(expr.result, scope.bound(**names)) for _ in (0,)]
                    return open_of(source, *every, why="a loop with an unknown condition")
                if not _truth(test):
                    continue
            turns.append(turn)
        return turns

    def _for_tuple(self, expr: ForTuple, scope: _Scope) -> Any:
        turns = self._loop(expr, scope)
        if isinstance(turns, Open):
            return turns
        return [self._value(expr.result, turn) for turn in turns]

    def _for_object(self, expr: ForObject, scope: _Scope) -> Any:
        turns = self._loop(expr, scope)
        if isinstance(turns, Open):
            return turns
        found: dict[str, Any] = {}
        for turn in turns:
            name = self._value(expr.name, turn)
            value = self._value(expr.result, turn)
            if not is_known(name):
                return open_of(value, name, *found.values(), why="a key is unknown")
            if expr.grouped:
                found.setdefault(as_key(name), []).append(value)
            else:
                found[as_key(name)] = value
        return found

    def _cond(self, expr: Cond, scope: _Scope) -> Any:
        test = self._value(expr.test, scope)
        if is_known(test):
            return self._value(expr.then if _truth(test) else expr.other, scope)
        ways = [self._tried(expr.then, scope), self._tried(expr.other, scope)]
        if ways[0] == ways[1]:
            return ways[0]
        return open_of(*ways, why="a condition is unknown")

    def _binary(self, expr: Binary, scope: _Scope) -> Any:
        left, right = self._value(expr.left, scope), self._value(expr.right, scope)
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

    def _unary(self, expr: Unary, scope: _Scope) -> Any:
        value = self._value(expr.operand, scope)
        if not is_known(value):
            return open_of(value, why=f"`{expr.operator}` of something unknown")
        return not _truth(value) if expr.operator == "!" else -value

    def _opaque(self, expr: Opaque, scope: _Scope) -> Any:
        """An expression of which only the references are known (see `modules`)."""
        keys: list[Any] = []
        values: list[Any] = []
        for part in expr.parts:
            try:
                value = self._value(part, scope)
            except Failed:
                continue
            if isinstance(value, (str, int, bool)):
                keys.append(value)
            elif value is not None:
                values.append(value)
        picked: list[Any] = []
        for value in values:
            picked += _picked(value, keys)
        picked = list(dict.fromkeys(picked))
        if any(isinstance(item, Open) for item in picked):
            return open_of(picked, why="the plan shows only what it refers to")
        if len(picked) > 1 and any(isinstance(key, bool) for key in keys):
            return open_of(picked, why="the plan shows only what it refers to")
        if not picked:
            return Open(why="the plan shows only what it refers to")
        return picked[0] if len(picked) == 1 else picked


@dataclass(frozen=True, slots=True)
class _Child:
    """A module instance as a value."""

    path: ModulePath


def _picked(value: Any, keys: list[Any]) -> list[Any]:
    """The resources that a reference means: by key, where keys are beside it."""
    if isinstance(value, list) and all(isinstance(item, Ref) for item in value):
        found = [value[k] for k in keys if type(k) is int and 0 <= k < len(value)]
        return _chosen(list(value), found, keys)
    if isinstance(value, dict) and all(isinstance(item, Ref) for item in value.values()):
        found = [value[str(key)] for key in keys if str(key) in value]
        return _chosen(list(value.values()), found, keys)
    if isinstance(value, list):
        return [item for inner in value for item in _picked(inner, keys)]
    if isinstance(value, Ref):
        return [value]
    return [open_of(value, why="the plan shows only what it refers to")]


def _chosen(every: list[Ref], found: list[Ref], keys: list[Any]) -> list[Any]:
    if len(every) == 1 or not keys:
        return list(every)
    if len(set(found)) == 1:
        return [found[0]]
    return [Open(frozenset(every), "the plan shows only what it refers to")]


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

_KINDS: dict[type[Expr], Callable[[Follower, Any, _Scope], Any]] = {
    Literal: Follower._literal,
    Var: Follower._var,
    Attr: Follower._attr,
    Index: Follower._index,
    Splat: Follower._splat,
    Template: Follower._template,
    Call: Follower._call,
    Tuple: Follower._tuple,
    Object: Follower._object,
    ForTuple: Follower._for_tuple,
    ForObject: Follower._for_object,
    Cond: Follower._cond,
    Binary: Follower._binary,
    Unary: Follower._unary,
    Opaque: Follower._opaque,
}


def _writes(block: Block, name: str) -> bool:
    """Whether a block has an argument, or inner blocks of a type."""
    return name in block.attributes or any(
        name in (inner.type, *inner.labels[:1]) for inner in block.blocks
    )


def _any_true(unknown: Any) -> bool:
    if isinstance(unknown, dict):
        return any(map(_any_true, unknown.values()))
    if isinstance(unknown, list):
        return any(map(_any_true, unknown))
    return unknown is True


def _overlaid(shown: Any, unknown: Any, at: Ref) -> Any:
    """The planned value with a `Ref` at each unknown leaf."""
    if unknown is True:
        return at
    if isinstance(unknown, dict):
        values = shown if isinstance(shown, dict) else {}
        return {
            key: _overlaid(
                values.get(key), unknown.get(key, False), Ref(at.address, (*at.path, key))
            )
            for key in dict.fromkeys((*values, *unknown))
        }
    if isinstance(unknown, list):
        items = shown if isinstance(shown, list) else []
        size = max(len(items), len(unknown))
        return [
            _overlaid(
                items[n] if n < len(items) else None,
                unknown[n] if n < len(unknown) else False,
                Ref(at.address, (*at.path, n)),
            )
            for n in range(size)
        ]
    return shown


def _filled(found: Any, said: Any) -> Any:
    """A planned value whose unknown parts are told by what the configuration says."""
    if isinstance(found, Ref):
        if said in (None, "", []):
            # Nothing is written there after all: the provider fills it in.
            return found
        # The plan knows better than us that it is unknown.
        return Open(why="the plan says that it is unknown") if is_known(said) else said
    if isinstance(found, dict) and isinstance(said, dict):
        return {k: _filled(v, said[k]) if k in said else v for k, v in found.items()}
    if isinstance(found, dict) and isinstance(said, list) and len(said) == 1:
        return _filled(found, said[0])
    if isinstance(found, list) and isinstance(said, list):
        return _filled_list(found, said)
    if isinstance(found, list) and isinstance(said, (Ref, Open)):
        return [_filled(item, said) for item in found]
    if isinstance(found, dict) and isinstance(said, Open):
        return {key: _filled(item, said) for key, item in found.items()}
    return found


def _filled_list(found: list[Any], said: list[Any]) -> list[Any]:
    """Elements of sets come in any order: each takes what fits its known parts."""
    left = list(said)
    out: list[Any] = []
    for item in found:
        if is_known(item):
            if item in left:
                left.remove(item)
            out.append(item)
            continue
        fitting = [other for other in left if _fits(item, other)]
        if not fitting:
            out.append(item)
            continue
        left.remove(fitting[0])
        out.append(_filled(item, fitting[0]))
    return out


def _fits(planned: Any, said: Any) -> bool:
    if isinstance(planned, Ref):
        return not is_known(said)
    if isinstance(planned, dict) and isinstance(said, dict):
        return all(_fits(v, said[k]) for k, v in planned.items() if k in said)
    if isinstance(planned, list) and isinstance(said, list):
        return len(planned) == len(said) and all(map(_fits, planned, said))
    if not is_known(said):
        return not isinstance(planned, (str, int, float)) or isinstance(said, Open)
    if planned in (None, "", [], False, 0) and said in (None, "", [], False, 0):
        return True
    return str(planned) == str(said)


def _completed(value: Any, kind: Expr | None) -> Any:
    """A module's argument with the defaults of its type's `optional(…)` attributes."""
    if not isinstance(kind, Call) or not kind.args:
        return value
    inner = kind.args[0]
    if kind.name in ("list", "set") and isinstance(value, list):
        return [_completed(item, inner) for item in value]
    if kind.name == "map" and isinstance(value, dict):
        return {key: _completed(item, inner) for key, item in value.items()}
    if kind.name == "object" and isinstance(value, dict) and isinstance(inner, Object):
        found = dict(value)
        for key, form in inner.items:
            if not isinstance(key, Literal):
                continue
            name = str(key.value)
            optional = isinstance(form, Call) and form.name == "optional"
            if optional and found.get(name) is None:
                default = form.args[1] if isinstance(form, Call) and len(form.args) > 1 else None
                found[name] = _constant(default)
            plain = form.args[0] if optional and isinstance(form, Call) and form.args else form
            if name in found:
                found[name] = _completed(found[name], plain)
        return found
    return value


def _constant(expr: Expr | None) -> Any:
    if expr is None:
        return None
    if isinstance(expr, Literal):
        return expr.value
    if isinstance(expr, Tuple):
        return [_constant(item) for item in expr.items]
    if isinstance(expr, Object):
        return {str(_constant(key)): _constant(item) for key, item in expr.items}
    if isinstance(expr, Unary) and isinstance(expr.operand, Literal):
        return -expr.operand.value if expr.operator == "-" else not expr.operand.value
    return Open(why="a default")
