"""Follows references: which resource will an unknown value come from?

A plan shows every value that is known, and says of the rest only that it is unknown. Here an
unknown attribute's expression is followed, through variables, locals, outputs, `for_each`
and `count`, to the attribute of a resource that it will be a copy of. Known values are taken
from the plan, never from here. Whatever is not understood stays open, with all that it may
refer to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from mute_audit.errors import InputError
from mute_audit.sources.terraform.expressions import MISSING, Expressions, Scope
from mute_audit.sources.terraform.filling import any_true, completed, filled, overlaid
from mute_audit.sources.terraform.functions import Absent, Failed, to_text
from mute_audit.sources.terraform.hcl import parse_template
from mute_audit.sources.terraform.modules import Module, ModuleCall
from mute_audit.sources.terraform.naming import Key, ModulePath, ResourceName
from mute_audit.sources.terraform.reading import exists, found_files, read_text
from mute_audit.sources.terraform.syntax import Attr, Block, Expr, Literal, Var
from mute_audit.sources.terraform.values import (
    Child,
    Open,
    Ref,
    Unseen,
    is_known,
    is_whole,
    open_of,
    refs_in,
)

__all__ = ["Follower", "Planned"]


@dataclass(slots=True)
class Planned:
    """A resource instance as a plan (or a state, where nothing is unknown) shows it.

    unknown  true leaves where `values` is not known yet
    """

    name: ResourceName
    values: Mapping[str, Any]
    unknown: Any = False
    address: str = field(init=False)

    def __post_init__(self) -> None:
        self.address = str(self.name)


_BUSY = object()


class Follower(Expressions):
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
        if unknown is False or not any_true(unknown):
            return shown
        key = ("attribute", address, name)
        return self._once(key, lambda: self._unknown(item, name, shown, unknown), address, name)

    def _unknown(self, item: Planned, name: str, shown: Any, unknown: Any) -> Any:
        found = overlaid(shown, unknown, Ref(item.address, (name,)))
        block = self._declared(item.name)
        if block is None:
            return found
        if self._distrusted(item.name):
            said: Any = Open(why="the configuration gives other instances than the plan")
            return filled(found, said) if _writes(block, name) else found
        said = self._argument(block, name, self._scope_of(item.name))
        return found if said is MISSING else filled(found, said)

    def _argument(self, block: Block, name: str, scope: Scope) -> Any:
        """What a block says about an argument or its inner blocks of one type."""
        if name in block.attributes:
            return self.tried(block.attributes[name], scope)
        found = self._blocks(block, name, scope)
        return found if found else MISSING

    def _blocks(self, block: Block, name: str, scope: Scope) -> list[Any]:
        found: list[Any] = []
        for inner in block.blocks:
            if inner.type == name:
                found.append(self._body(inner, scope))
            elif inner.type == "dynamic" and inner.labels == (name,):
                found += self._dynamic(inner, name, scope)
        return found

    def _body(self, block: Block, scope: Scope) -> dict[str, Any]:
        found = {name: self.tried(expr, scope) for name, expr in block.attributes.items()}
        kinds = {b.labels[0] if b.type == "dynamic" and b.labels else b.type for b in block.blocks}
        for kind in kinds:
            found[kind] = self._blocks(block, kind, scope)
        return found

    def _dynamic(self, block: Block, name: str, scope: Scope) -> list[Any]:
        content = next(block.of_type("content"), None)
        given = block.attributes.get("for_each")
        if content is None or given is None:
            return []
        iterator = block.attributes.get("iterator")
        variable = iterator.name if isinstance(iterator, Var) else name
        source = self.tried(given, scope)
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
        return self.tried(expr, self._scope_of(self._by_address[address].name))

    def module(self, path: ModulePath) -> Module:
        return self._modules(tuple(name for name, _ in path))

    # --- instances ----------------------------------------------------------------------------

    def _scope_of(self, name: ResourceName) -> Scope:
        block = self._declared(name)
        each = block.attributes.get("for_each") if block is not None else None
        if each is None:
            return Scope(name.module, key=name.key)
        where = ("for_each", name.module, name.block)
        outer = Scope(name.module)
        return Scope(
            name.module,
            key=name.key,
            each=lambda: self._once(where, lambda: self.tried(each, outer)),
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
                lambda: self._differs(each, count, keys, Scope(name.module)),
            )
        )

    def _differs(self, each: Expr | None, count: Expr | None, keys: set[Key], s: Scope) -> bool:
        if each is not None:
            said = self.tried(each, s)
            if isinstance(said, dict):
                return set(said) != keys
            if isinstance(said, list) and all(isinstance(item, str) for item in said):
                return set(said) != keys
            return any(not isinstance(key, str) for key in keys)
        number = self.tried(count, s) if count is not None else None
        if isinstance(number, int) and not isinstance(number, bool):
            return keys != set(range(number))
        return any(not isinstance(key, int) for key in keys)

    def _once(self, key: Any, make: Callable[[], Any], *address: str) -> Any:
        found = self._memo.get(key, MISSING)
        if found is _BUSY:
            return Ref(address[0], (address[1],)) if address else Open(why="refers to itself")
        if found is MISSING:
            self._memo[key] = _BUSY
            try:
                found = make()
            except RecursionError:
                found = Open(why="nested too deeply")
            self._memo[key] = found
        return found

    # --- where an open value may come from ----------------------------------------------------

    def sources(self, value: Any) -> frozenset[Ref] | None:
        """Everything unknown that it can be made of; None where that is not told."""
        if not is_whole(value):
            return None
        found: set[Ref] = set()
        seen: set[Unseen] = set()
        left = list(refs_in(value))
        while left:
            one = left.pop()
            if isinstance(one, Ref):
                found.add(one)
            elif one not in seen:
                seen.add(one)
                inside = self._once(("inside", one), partial(self._inside, one.module))
                if inside is None or isinstance(inside, Open):
                    return None
                left += inside
        return frozenset(found)

    def _inside(self, module: ModulePath) -> frozenset[Ref | Unseen] | None:
        """What a module's locals can be made of; None where that is not told."""
        declared = self.module(module)
        values: list[Any] = [
            ref
            for (path, _), instances in self._instances.items()
            for ref in instances.values()
            if path == module and any_true(self._by_address[ref.address].unknown)
        ]
        values += [self._variable(module, name) for name in declared.variables]
        for (path, call), keys in self._children.items():
            for key in keys if path == module else ():
                child = (*module, (call, key))
                values += [self._output(child, name) for name in self.module(child).outputs]
        return refs_in(values) if is_whole(values) else None

    # --- references ---------------------------------------------------------------------------

    def rooted(self, expr: Attr, scope: Scope) -> Any:
        """`var.x`, `local.x`, `each.key`, `module.x`, `aws_vpc.this`, `data.aws_ami.x`."""
        of = expr.of
        if isinstance(of, Attr) and isinstance(of.of, Var) and of.of.name == "data":
            if "data" not in scope.names:
                return self._instances_of(scope.module, f"data.{of.name}.{expr.name}")
            return MISSING
        if not isinstance(of, Var) or of.name in scope.names:
            return MISSING
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
        folder = self.module(scope.module if expr.name == "module" else ()).folder
        if name == "path" and expr.name in ("module", "root") and folder is not None:
            return str(folder.resolve())
        if name in ("path", "terraform"):
            return Open(why=f"`{name}.{expr.name}`", whole=True)
        if name in ("self", "data"):
            return Open(why=f"`{name}.{expr.name}`")
        return self._instances_of(scope.module, f"{name}.{expr.name}")

    def file(self, name: str, args: list[Any], scope: Scope) -> Any:
        """Of files of the planned folder; unknown where the text of the module is not here."""
        folder, root = self.module(scope.module).folder, self.module(()).folder
        first = args[0] if args else None
        if folder is None or root is None or not isinstance(first, str):
            return open_of(*args, why=f"{name}()")
        if name == "fileset":
            return found_files(first, to_text(args[1]), folder, root)
        if name == "fileexists":
            return exists(first, folder, root)
        text = read_text(first, folder, root)
        if name == "file" or len(args) != 2 or not isinstance(args[1], dict):
            return text if name == "file" else open_of(*args, why="templatefile()")
        try:
            template = parse_template(text, first)
        except InputError as error:
            raise Failed("templatefile") from error
        return self.value(template, Scope((), args[1]))

    def _each_value(self, scope: Scope) -> Any:
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
            why = f"`local.{name}`: the plan does not show its definition"
            return Open(frozenset({Unseen(module)}), why, whole=True)
        return self.tried(expr, Scope(module))

    def _variable(self, module: ModulePath, name: str) -> Any:
        if not module:
            if name in self._variables:
                return self._variables[name]
        else:
            where = ("variable", module, name)
            found = self._once(where, lambda: self._passed(module, name))
            if found is not MISSING:
                return found
        default, _ = self.module(module).variables.get(name, (None, None))
        return default.value if isinstance(default, Literal) else self._default(default, module)

    def _default(self, default: Expr | None, module: ModulePath) -> Any:
        return None if default is None else self.tried(default, Scope(module))

    def _passed(self, module: ModulePath, name: str) -> Any:
        outer, (call_name, key) = module[:-1], module[-1]
        call = self.module(outer).calls.get(call_name)
        if call is None:
            return Open(why=f"`module.{call_name}`")
        if name not in call.arguments:
            return MISSING
        value = self.tried(call.arguments[name], self._call_scope(outer, call_name, call, key))
        declared = self.module(module).variables.get(name)
        if value is None and declared is not None and declared[0] is not None:
            return MISSING if declared[1] is None else None
        return completed(value, declared[1]) if declared is not None else value

    def _call_scope(self, outer: ModulePath, name: str, call: ModuleCall, key: Key) -> Scope:
        each = call.for_each
        if each is None:
            return Scope(outer, key=key)
        where = ("module", outer, name)
        return Scope(
            outer,
            key=key,
            each=lambda: self._once(where, lambda: self.tried(each, Scope(outer))),
        )

    def _child(self, module: ModulePath, name: str) -> Any:
        """A module, or its instances by key; outputs are looked up when they are asked for."""
        call = self.module(module).calls.get(name)
        keys: list[Key] = list(self._children.get((module, name), ()))
        if call is None:
            return Open(why=f"`module.{name}`")
        if call.count is not None:
            number = self.tried(call.count, Scope(module))
            size = number if isinstance(number, int) else len(keys)
            return [Child((*module, (name, index))) for index in range(size)]
        if call.for_each is not None:
            given = self.tried(call.for_each, Scope(module))
            known = given if isinstance(given, (dict, list)) else keys
            return {str(key): Child((*module, (name, str(key)))) for key in known}
        return Child((*module, (name, None)))

    def _output(self, module: ModulePath, name: str) -> Any:
        expr = self.module(module).outputs.get(name)
        if expr is None:
            return Open(why=f"output `{name}`")
        where = ("output", module, name)
        return self._once(where, lambda: self.tried(expr, Scope(module)))

    def outputs(self, of: Child) -> Open:
        values = (self._output(of.path, name) for name in self.module(of.path).outputs)
        return open_of(*(v for v in values if not is_known(v)), why="outputs of a module")

    def member(self, of: Any, name: str | int) -> Any:
        """`of.name` or `of[name]`. Raises Failed where Terraform would."""
        if isinstance(of, Child):
            return self._output(of.path, str(name))
        if isinstance(of, Ref):
            return self._of_resource(of, name)
        if isinstance(of, Open):
            return of
        if isinstance(of, dict):
            if str(name) in of:
                return of[str(name)]
            raise Absent(f"no `{name}`")
        if isinstance(of, list) and not isinstance(name, bool):
            try:
                return of[int(name)]
            except (ValueError, IndexError) as error:
                raise Absent(f"no [{name}]") from error
        raise Failed(f"no `{name}`")

    def _of_resource(self, of: Ref, name: str | int) -> Any:
        if isinstance(name, int) and (not of.path or of.path[-1] == "id"):
            # Neither a resource nor an id has elements: it is the one of a list, of which an
            # outline shows no more (`module.net.subnet_ids[0]`).
            return of
        if of.address not in self._by_address:
            return Open(frozenset({of}))
        if _passes_on(of) and name == "output":
            name = "input"
        if not of.path:
            item = self._by_address[of.address]
            known = item.values.get(str(name), MISSING)
            unknown = item.unknown.get(name) if isinstance(item.unknown, dict) else item.unknown
            if known is MISSING and not unknown:
                raise Failed(f"{of.address} has no `{name}`")
            return self.attribute(of.address, str(name))
        return Ref(of.address, (*of.path, name))


def _passes_on(of: Ref) -> bool:
    return not of.path and of.address.rpartition(".")[0].endswith("terraform_data")


def _writes(block: Block, name: str) -> bool:
    """Whether a block has an argument, or inner blocks of a type."""
    return name in block.attributes or any(
        name in (inner.type, *inner.labels[:1]) for inner in block.blocks
    )
