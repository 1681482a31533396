"""Files beside the `.tf` files, as far as references are led through them.

`for_each = yamldecode(file("subnets.yaml"))` has the keys of that file. Only files of the folder
that was planned, or of the module itself, are read, and nothing of them is kept or shown.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import yaml

from mute_audit.sources.terraform.texts import Failed

__all__ = ["csv_decoded", "exists", "found_files", "read_text", "yaml_decoded"]

# A larger one holds no keys and names, and is left unknown.
_MOST = 1 << 20


def read_text(name: str, folder: Path, root: Path) -> str:
    """The text of a file; `folder` is the module's, `root` that of the plan. Raises Failed."""
    path = _path(name, folder, root)
    try:
        if not path.is_file() or path.stat().st_size > _MOST:
            raise Failed("no such file")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"file: {error}") from error


def exists(name: str, folder: Path, root: Path) -> bool:
    """Raises Failed for a file that may not be looked at."""
    return _path(name, folder, root).is_file()


def found_files(name: str, pattern: str, folder: Path, root: Path) -> list[str]:
    """`fileset`: the files of a folder that a pattern matches, in order. Raises Failed."""
    path = _path(name, folder, root)
    if ".." in Path(pattern).parts or Path(pattern).is_absolute() or not path.is_dir():
        raise Failed("fileset")
    found = (one for one in path.glob(pattern) if one.is_file())
    return sorted(one.relative_to(path).as_posix() for one in found)


def _path(name: str, folder: Path, root: Path) -> Path:
    """Terraform takes a relative path from where it runs, which is the planned folder."""
    path = (root / name).resolve()
    if not any(path.is_relative_to(allowed.resolve()) for allowed in (root, folder)):
        raise Failed("a file of another folder")
    return path


class _Loader(yaml.SafeLoader):
    """YAML 1.2, as terraform reads it: `yes` and `on` are texts, and dates as well."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _form, _first in (
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", "~nN\0"),
    ("tag:yaml.org,2002:int", r"[-+]?(?:0|[1-9]\d*)", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"[-+]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", "-+0123456789"),
):
    firsts = [*_first.replace("\0", ""), *([""] if "\0" in _first else [])]
    _Loader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_form})$"), firsts)


def yaml_decoded(text: str) -> Any:
    """Raises Failed."""
    try:
        return _plain(yaml.load(text, _Loader))  # noqa: S506 - a safe loader with fewer types
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Failed("no YAML") from error


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise Failed("no YAML that is known")


def _key(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return str(value)
    raise Failed("no key")


def csv_decoded(text: str) -> list[dict[str, str]]:
    rows = list(csv.DictReader(text.splitlines()))
    if any(None in row or None in row.values() for row in rows):
        raise Failed("no CSV")
    return rows
