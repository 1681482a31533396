"""libyaml's nodes turned into plain data and marks, within limits.

`yaml_source` says which text becomes what; this is the part that knows PyYAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from mute_audit.errors import InputError

__all__ = ["MAX_BYTES", "Builder", "Mark"]

# What people write is far smaller; what is larger was given by mistake or in bad faith.
MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
# Values that aliases repeat. Each alias may repeat all that it points to, so that a file of
# one kilobyte could otherwise stand for billions of values.
MAX_REPEATED = 100_000

_TAG = "tag:yaml.org,2002:"
_CORE_TAGS = frozenset({"null", "bool", "int", "float", "str", "seq", "map", "merge"})


class _Loader(yaml.CSafeLoader):
    """libyaml's parser; of PyYAML's own resolvers none is left."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML copies it


for _name, _pattern, _first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^-?(?:0|[1-9][0-9]{0,17})$", list("-0123456789")),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", list("-0123456789")),
    ("merge", r"^<<$", ["<"]),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(_pattern), _first)


@dataclass(slots=True)
class Mark:
    """Where a value starts (and its key, if it has one), with the marks of what it holds."""

    line: int
    column: int
    key: tuple[int, int] | None = None
    block: bool = False
    children: dict[str | int, Mark] = field(default_factory=dict)


class Builder:
    """Turns libyaml's nodes into data and marks, within the limits above."""

    def __init__(self, path: Path, error: type[InputError]) -> None:
        self._path = path
        self._error = error
        self._seen: set[int] = set()
        self._repeated = 0

    def document(self, content: bytes | str) -> tuple[Any, Mark]:
        loader: Any = None
        try:
            loader = _Loader(content)
            node = loader.get_single_node()
        except yaml.MarkedYAMLError as problem:
            raise self._syntax(problem) from None
        except yaml.reader.ReaderError as problem:
            # A character that YAML does not allow, or bytes that are no text at all.
            raise self._unreadable(problem, content) from None
        except RecursionError:
            raise self._error("nested too deeply", where=str(self._path)) from None
        finally:
            if loader is not None:
                loader.dispose()
        if node is None:
            return None, Mark(1, 1)
        return self._value(node, None, 0, ())

    def _syntax(self, problem: yaml.MarkedYAMLError) -> InputError:
        mark = problem.problem_mark or problem.context_mark
        place = f"{self._path}:{mark.line + 1}:{mark.column + 1}" if mark else str(self._path)
        if problem.context == "expected a single document in the stream":
            return self._error("a second document starts here; one file holds one", where=place)
        parts = [text for text in (problem.context, problem.problem) if text]
        return self._error(f"not readable as YAML: {', '.join(parts)}", where=place)

    def _unreadable(self, problem: yaml.reader.ReaderError, content: bytes | str) -> InputError:
        before = content[: problem.position]
        line = (before.count(b"\n") if isinstance(before, bytes) else before.count("\n")) + 1
        return self._error(
            f"not readable as YAML: {str(problem).splitlines()[0]}", where=f"{self._path}:{line}"
        )

    def _fail(self, message: str, node: yaml.Node, hint: str | None = None) -> InputError:
        start = node.start_mark
        place = f"{self._path}:{start.line + 1}:{start.column + 1}"
        return self._error(message, where=place, hint=hint)

    def _bound(self, node: yaml.Node) -> None:
        """Counts a node that was met before: an alias, or a part of what one stands for."""
        # The tree keeps every node alive, so that no id is given twice.
        if id(node) not in self._seen:
            self._seen.add(id(node))
            return
        self._repeated += 1
        if self._repeated > MAX_REPEATED:
            raise self._fail(f"aliases repeat more than {MAX_REPEATED} values", node)

    def _value(
        self,
        node: yaml.Node,
        key: tuple[int, int] | None,
        depth: int,
        above: tuple[yaml.Node, ...],
    ) -> tuple[Any, Mark]:
        self._bound(node)
        if depth > MAX_DEPTH:
            raise self._fail(f"nested more than {MAX_DEPTH} levels deep", node)
        if any(node is parent for parent in above):
            raise self._fail("an alias inside of what it stands for", node)
        tag = node.tag.removeprefix(_TAG)
        if node.tag != "!" and (tag == node.tag or tag not in _CORE_TAGS):
            shown = node.tag.replace(_TAG, "!!")
            raise self._fail(f"the tag `{shown}` is not known here", node)
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, tag), Mark(line, column, key)
        mark = Mark(line, column, key, block=True)
        deeper = (*above, node)
        if isinstance(node, yaml.SequenceNode):
            items = []
            for position, item in enumerate(node.value):
                value, mark.children[position] = self._value(item, None, depth + 1, deeper)
                items.append(value)
            return items, mark
        if not isinstance(node, yaml.MappingNode):
            raise self._fail("this kind of value is not known here", node)
        mapping: dict[str, Any] = {}
        for name, key_node, value_node in self._entries(node, deeper):
            place = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            mapping[name], mark.children[name] = self._value(value_node, place, depth + 1, deeper)
        return mapping, mark

    def _scalar(self, node: yaml.ScalarNode, tag: str) -> Any:
        text: str = node.value
        if tag == "null":
            return None
        if tag == "bool":
            if text not in ("true", "false"):
                raise self._fail(f"`{text}` is neither true nor false", node)
            return text == "true"
        if tag in ("int", "float"):
            try:
                number = int(text) if tag == "int" else float(text)
            except ValueError:
                raise self._fail(f"`{text}` is not a number", node) from None
            # Not `2.10`, `-0` or more digits than a float holds: as text nothing is lost.
            return number if str(number) == text else text
        return text

    def _entries(
        self, node: yaml.MappingNode, above: tuple[yaml.Node, ...]
    ) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """Keys and values in the order of the file; merged ones first, own ones win."""
        own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._fail("a key must be a single word or number", key_node)
            if key_node.tag == _TAG + "merge":
                for source in self._merge_sources(value_node):
                    self._bound(source)
                    if any(source is parent for parent in above):
                        raise self._fail("an alias inside of what it stands for", source)
                    # Of several merged mappings the first that has a key gives its value.
                    for name, inner_key, inner_value in self._entries(source, (*above, source)):
                        merged.setdefault(name, (inner_key, inner_value))
                continue
            name = key_node.value
            if not name:
                raise self._fail("a key is empty", key_node)
            if name in own:
                first = own[name][0].start_mark.line + 1
                raise self._fail(
                    f"the key `{name}` stands here twice", key_node, hint=f"first in line {first}"
                )
            own[name] = (key_node, value_node)
        for name, pair in {**merged, **own}.items():
            yield name, *pair

    def _merge_sources(self, node: yaml.Node) -> list[yaml.MappingNode]:
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, yaml.MappingNode):
                raise self._fail("`<<` must name a mapping, or a list of mappings", source)
        return list(sources)
