"""Terraform addresses: `module.net["a"].aws_subnet.this[0]` taken apart and put together."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

__all__ = ["Key", "ModulePath", "ResourceName", "module_text", "parse_resource"]

Key = str | int | None
# The modules on the way down, each with the key of its instance.
ModulePath = tuple[tuple[str, Key], ...]

_STEP = re.compile(r'([A-Za-z_][\w-]*)(?:\[(\d+|"(?:[^"\\]|\\.)*")\])?(?:\.|$)')


@dataclass(frozen=True, slots=True)
class ResourceName:
    """One instance of a resource; `mode` is `managed` or `data`."""

    module: ModulePath
    mode: str
    type: str
    name: str
    key: Key = None

    @property
    def block(self) -> str:
        """The resource block inside its module: `aws_vpc.this`, `data.aws_ami.ubuntu`."""
        prefix = "data." if self.mode == "data" else ""
        return f"{prefix}{self.type}.{self.name}"

    def __str__(self) -> str:
        return f"{module_text(self.module)}{self.block}{_index(self.key)}"


def _index(key: Key) -> str:
    if key is None:
        return ""
    return f"[{json.dumps(key, ensure_ascii=False)}]"


def module_text(path: ModulePath) -> str:
    """`module.net["a"].`, empty for the root module."""
    return "".join(f"module.{name}{_index(key)}." for name, key in path)


def parse_resource(text: str) -> ResourceName | None:
    """An address taken apart; None for a text that is none."""
    steps: list[tuple[str, Key]] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            return None
        key: Key = None
        if match[2] is not None:
            try:
                key = json.loads(match[2])
            except ValueError:
                return None
        steps.append((match[1], key))
        at = match.end()
    module: list[tuple[str, Key]] = []
    while len(steps) > 2 and steps[0] == ("module", None):
        module.append(steps[1])
        steps = steps[2:]
    mode = "managed"
    if len(steps) == 3 and steps[0] == ("data", None):
        mode, steps = "data", steps[1:]
    if len(steps) != 2 or steps[0][1] is not None:
        return None
    return ResourceName(tuple(module), mode, steps[0][0], steps[1][0], steps[1][1])
