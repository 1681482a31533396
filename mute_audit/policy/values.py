"""Values that policies share with the baseline: `$admin_cidrs` stands for what it names.

They stand in one place only, under `values:` in the baseline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mute_audit.errors import PolicyError
from mute_audit.finding import Location
from mute_audit.intent.validation import field_path, listed, similar
from mute_audit.intent.yaml_nodes import Mark
from mute_audit.intent.yaml_source import Steps, YamlDocument

__all__ = ["with_values"]

_REFERENCE = re.compile(r"\$([a-zA-Z_][a-zA-Z0-9_]*)")


def with_values(document: YamlDocument, values: Mapping[str, Any]) -> YamlDocument:
    """`document` with `values` in place of their references, and every place kept.

    A list that stands for an item of a list is spliced in. Raises PolicyError that names
    every reference to a value that is not there.
    """
    problems: list[tuple[Location, str]] = []
    data, root = _put_in(document.data, document.root, (), document, values, problems)
    if problems:
        error = listed(problems, document, PolicyError)
        error.hint = (
            f"the baseline's `values:` gives {', '.join(f'`{name}`' for name in sorted(values))}"
            if values
            else "such values stand under `values:` in the baseline; this scan has none"
        )
        raise error
    return YamlDocument(document.path, data, root)


def _put_in(
    data: Any,
    mark: Mark,
    steps: Steps,
    document: YamlDocument,
    values: Mapping[str, Any],
    problems: list[tuple[Location, str]],
) -> tuple[Any, Mark]:
    here = Mark(mark.line, mark.column, mark.key, mark.block)
    if isinstance(data, dict):
        result = {}
        for key, value in data.items():
            result[key], here.children[key] = _put_in(
                value, mark.children[key], (*steps, key), document, values, problems
            )
        return result, here
    if isinstance(data, list):
        items: list[Any] = []
        for position, value in enumerate(data):
            inner, place = _put_in(
                value, mark.children[position], (*steps, position), document, values, problems
            )
            spliced = inner if isinstance(inner, list) and isinstance(value, str) else [inner]
            for item in spliced:
                here.children[len(items)] = place
                items.append(item)
        return items, here
    match = _REFERENCE.fullmatch(data) if isinstance(data, str) else None
    if match is None:
        return data, here
    if match[1] in values:
        value = values[match[1]]
        return (list(value) if isinstance(value, list | tuple) else value), here
    problems.append(
        (
            document.locate(steps),
            f"`{field_path(steps)}`: the value `{data}` is not defined{similar(match[1], values)}",
        )
    )
    return data, here
