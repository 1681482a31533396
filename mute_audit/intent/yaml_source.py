"""YAML as people write it, read like JSON, with the line and column of every value.

Only `null`, `true`, `false` and numbers are anything but text. YAML 1.1 surprises do not
exist here: `on`, `no`, `22:22` and `2024-01-01` are strings. A number is one only where its
text is the number's own shortest form, so that nothing written is lost: `16.3` is a number,
`2.10`, `007` and `1e3` are strings (and a field of type string takes a number's text as it
stands). Keys are always strings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mute_audit.errors import InputError, why
from mute_audit.finding import Location
from mute_audit.intent.validation import validate
from mute_audit.intent.yaml_nodes import MAX_BYTES, Builder, Mark

__all__ = ["Steps", "YamlDocument", "parse_yaml", "read_yaml", "validate"]

# Where a value stands inside a document: keys and positions from the root.
Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One file: its plain data (dicts, lists, text, numbers, bools, None) and its places."""

    path: Path
    data: Any
    root: Mark = field(repr=False, compare=False)

    def locate(self, path: Steps) -> Location:
        """Where the value at `path` stands, counted from 1.

        A mapping or list is found at its key, a single value at itself. Where the path leads
        to nothing (a missing key), the place is that of the nearest value above.
        """
        mark = self._nearest(path)
        line, column = mark.key if mark.key and mark.block else (mark.line, mark.column)
        return Location(str(self.path), line, column)

    def locate_key(self, path: Steps) -> Location:
        """Where the key of the value at `path` stands; an item of a list has none: itself."""
        mark = self._nearest(path)
        line, column = mark.key or (mark.line, mark.column)
        return Location(str(self.path), line, column)

    def _nearest(self, path: Steps) -> Mark:
        mark = self.root
        for step in path:
            child = mark.children.get(step)
            if child is None:
                break
            mark = child
        return mark

    def holds(self, path: Steps) -> bool:
        """Whether something is written at `path`."""
        mark = self.root
        for step in path:
            child = mark.children.get(step)
            if child is None:
                return False
            mark = child
        return True


def read_yaml(path: Path, error: type[InputError] = InputError) -> YamlDocument:
    """The one document in `path`; raises `error` with file, line and column."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise error(f"`{path}` does not exist") from None
    except IsADirectoryError:
        raise error(f"`{path}` is a folder, not a file") from None
    except OSError as problem:
        raise error(f"`{path}` cannot be read: {why(problem)}") from problem
    if len(content) > MAX_BYTES:
        raise error(f"`{path}` is larger than {MAX_BYTES // 1024 // 1024} MiB")
    return parse_yaml(content, path, error)


def parse_yaml(
    content: bytes | str, path: Path, error: type[InputError] = InputError
) -> YamlDocument:
    """The one document in `content`; `path` is what messages call it."""
    data, root = Builder(path, error).document(content)
    return YamlDocument(path, data, root)
