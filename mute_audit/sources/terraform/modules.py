"""What modules say: from the text of `.tf` files, else from the outline that a plan carries.

The outline has for every expression the names that it refers to, and no more; it has neither
locals nor the bodies of `dynamic` blocks.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mute_audit.errors import InputError
from mute_audit.sources.terraform.hcl import parse_body, parse_expression
from mute_audit.sources.terraform.syntax import Block, Expr, Literal, Opaque

__all__ = ["Declared", "Module", "ModuleCall", "Sources", "from_outline", "read_module"]

_NOTHING = Block("", (), 0, {}, ())
# Arguments of a module block that are none of the module's variables.
META = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})


@dataclass(frozen=True, slots=True)
class Declared:
    """A resource block; `file` and `line` only where its text was read."""

    body: Block
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ModuleCall:
    arguments: Mapping[str, Expr]
    source: str = ""
    for_each: Expr | None = None
    count: Expr | None = None


@dataclass(slots=True)
class Module:
    """One module's declarations. `text` says that they were read from its files, in `folder`."""

    text: bool = False
    folder: Path | None = None
    variables: dict[str, tuple[Expr | None, Expr | None]] = field(default_factory=dict)
    locals: dict[str, Expr] = field(default_factory=dict)
    outputs: dict[str, Expr] = field(default_factory=dict)
    calls: dict[str, ModuleCall] = field(default_factory=dict)
    resources: dict[str, Declared] = field(default_factory=dict)
    providers: dict[str, Block] = field(default_factory=dict)


def read_module(folder: Path, shown: Path | None = None) -> Module:
    """The `.tf` (and `.tf.json`: none here) files of one folder.

    shown  the folder as messages and locations name it
    Raises InputError, with file and line.
    """
    module = Module(text=True, folder=folder)
    for file in sorted(folder.glob("*.tf"), key=lambda path: (_overrides(path), path)):
        name = str((shown or folder) / file.name)
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read the file: {error}", where=name) from error
        body = parse_body(text, name)
        if _overrides(file):
            _override(module, body)
        else:
            _add(module, body, name)
    return module


def _overrides(file: Path) -> bool:
    """Whether a file is read after all others, and changes what they declare."""
    return file.stem == "override" or file.stem.endswith("_override")


def _override(module: Module, body: Block) -> None:
    """Arguments and inner blocks take the place of those of the same name (Override Files)."""
    for block in body.blocks:
        name = ".".join(block.labels)
        name = f"data.{name}" if block.type == "data" else name
        old = module.resources.get(name)
        if block.type in ("resource", "data") and old is not None:
            module.resources[name] = Declared(_merged(old.body, block), old.file, old.line)
        elif block.type == "module" and name in module.calls:
            call, more = module.calls[name], _call(block)
            module.calls[name] = ModuleCall(
                {**call.arguments, **more.arguments},
                more.source or call.source,
                more.for_each or call.for_each,
                more.count or call.count,
            )
        elif block.type == "variable" and name in module.variables:
            given, kind = module.variables[name]
            attributes = block.attributes
            module.variables[name] = attributes.get("default", given), attributes.get("type", kind)
        else:
            _add(module, Block("", (), 0, {}, (block,)), "")


def _merged(old: Block, new: Block) -> Block:
    def kind(block: Block) -> str:
        return block.labels[0] if block.type == "dynamic" and block.labels else block.type

    replaced = {kind(block) for block in new.blocks}
    blocks = tuple(block for block in old.blocks if kind(block) not in replaced)
    return Block(
        old.type,
        old.labels,
        old.line,
        {**old.attributes, **new.attributes},
        (*blocks, *new.blocks),
    )


def _add(module: Module, body: Block, file: str) -> None:
    for block in body.blocks:
        labels = block.labels
        if block.type == "locals":
            module.locals.update(block.attributes)
        elif block.type == "variable" and labels:
            attributes = block.attributes
            module.variables[labels[0]] = (attributes.get("default"), attributes.get("type"))
        elif block.type == "output" and labels and "value" in block.attributes:
            module.outputs[labels[0]] = block.attributes["value"]
        elif block.type in ("resource", "data") and len(labels) == 2:
            prefix = "data." if block.type == "data" else ""
            name = f"{prefix}{labels[0]}.{labels[1]}"
            module.resources[name] = Declared(block, file, block.line)
        elif block.type == "check":
            # A data source in it is one of the module's, and only there to be compared.
            _add(module, block, file)
        elif block.type == "provider" and labels:
            alias = block.attributes.get("alias")
            suffix = f".{alias.value}" if isinstance(alias, Literal) else ""
            module.providers[labels[0] + suffix] = block
        elif block.type == "module" and labels:
            module.calls[labels[0]] = _call(block)


def _call(block: Block) -> ModuleCall:
    source = block.attributes.get("source")
    return ModuleCall(
        {name: expr for name, expr in block.attributes.items() if name not in META},
        str(source.value) if isinstance(source, Literal) else "",
        block.attributes.get("for_each"),
        block.attributes.get("count"),
    )


class Sources:
    """The text of a module tree: the root's folder, and where `init` put the modules."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._read: dict[Path, Module] = {}
        self._installed: dict[str, Path] = {}
        manifest = root / ".terraform" / "modules" / "modules.json"
        try:
            listed = json.loads(manifest.read_text(encoding="utf-8")).get("Modules", [])
        except (OSError, ValueError, AttributeError):
            # Not initialised: modules beside the root are still found by their path.
            listed = []
        for item in listed:
            if isinstance(item, dict) and item.get("Key"):
                self._installed[str(item["Key"])] = root / str(item.get("Dir", ""))

    def module(self, names: tuple[str, ...]) -> Module | None:
        """The module that a path of calls leads to; None where its text is not here."""
        folder = self.folder(names)
        if folder is None:
            return None
        if folder not in self._read:
            self._read[folder] = read_module(folder, folder)
        return self._read[folder]

    def folder(self, names: tuple[str, ...]) -> Path | None:
        if not names:
            return self.root if any(self.root.glob("*.tf")) else None
        parent = self.folder(names[:-1])
        above = self.module(names[:-1])
        call = above.calls.get(names[-1]) if above is not None else None
        if parent is not None and call is not None and call.source.startswith(("./", "../")):
            found = Path(os.path.normpath(parent / call.source))
        else:
            found = self._installed.get(".".join(names), Path("/nowhere"))
        return found if found.is_dir() and any(found.glob("*.tf")) else None


# --- the outline in a plan ----------------------------------------------------------------------


def from_outline(outline: Mapping[str, Any]) -> Module:
    """One module of a plan's `configuration`."""
    module = Module()
    for name, item in (outline.get("variables") or {}).items():
        default = Literal(item["default"]) if "default" in item else None
        module.variables[name] = (default, None)
    for name, item in (outline.get("outputs") or {}).items():
        module.outputs[name] = _expression(item.get("expression") or {})
    for item in outline.get("resources") or ():
        prefix = "data." if item.get("mode") == "data" else ""
        body = _body(item.get("expressions") or {})
        for key, argument in (("for_each_expression", "for_each"), ("count_expression", "count")):
            if key in item:
                body.attributes[argument] = _expression(item[key])
        module.resources[f"{prefix}{item.get('type')}.{item.get('name')}"] = Declared(body)
    for name, item in (outline.get("module_calls") or {}).items():
        each, count = item.get("for_each_expression"), item.get("count_expression")
        module.calls[name] = ModuleCall(
            _body(item.get("expressions") or {}).attributes,
            str(item.get("source") or ""),
            _expression(each) if each is not None else None,
            _expression(count) if count is not None else None,
        )
    return module


def _body(expressions: Mapping[str, Any]) -> Block:
    attributes: dict[str, Expr] = {}
    blocks: list[Block] = []
    for name, item in expressions.items():
        if isinstance(item, list):
            for inner in item:
                found = _body(inner) if isinstance(inner, dict) else _NOTHING
                blocks.append(Block(name, (), 0, found.attributes, found.blocks))
        elif isinstance(item, dict) and not ("constant_value" in item or "references" in item):
            if item:
                found = _body(item)
                blocks.append(Block(name, (), 0, found.attributes, found.blocks))
        elif isinstance(item, dict):
            attributes[name] = _expression(item)
    return Block("", (), 0, attributes, tuple(blocks))


def _expression(item: Mapping[str, Any]) -> Expr:
    if "constant_value" in item:
        return Literal(item["constant_value"])
    texts = [text for text in item.get("references") or () if isinstance(text, str)]
    return Opaque(tuple(_references(texts)))


def _references(texts: Iterable[str]) -> list[Expr]:
    """Terraform lists `a.b.id` together with its beginnings `a.b`: only the longest counts."""
    found: list[Expr] = []
    last = ""
    for text in texts:
        begins = last.startswith(text) and last[len(text) : len(text) + 1] in (".", "[")
        last = text
        if begins:
            last = text
            continue
        try:
            expr = parse_expression(text, "plan")
        except InputError:
            expr = Opaque(())
        if expr not in found:
            found.append(expr)
    return found
