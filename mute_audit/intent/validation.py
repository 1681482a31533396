"""pydantic's complaints, told to the person who wrote the file.

One error lists every problem, each with its line and column, the path of the field, what
was written, and the key or word that was probably meant.
"""

from __future__ import annotations

import difflib
import json
import re
import types
import typing
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from mute_audit.errors import InputError
from mute_audit.finding import Location

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from mute_audit.intent.yaml_source import YamlDocument

__all__ = ["field_path", "listed", "place", "similar", "validate"]

Model = TypeVar("Model", bound="BaseModel")

# Keys that a dot can go before; others (`0.0.0.0/0`) stand in brackets.
_PLAIN_KEY = re.compile(r"[\w$ -]+")

# More would scroll the first one, which often causes the others, off the screen.
MAX_LISTED = 20


def validate(
    model: type[Model], document: YamlDocument, error: type[InputError] = InputError
) -> Model:
    """`document` as `model`; raises one `error` that lists everything wrong with it."""
    from pydantic import ValidationError

    try:
        return model.model_validate(document.data)
    except ValidationError as problem:
        details = problem.errors(include_url=False)
    meant = [detail for detail in details if not _of_another_member(model, document, detail)]
    problems = sorted(
        (_problem(model, document, detail) for detail in meant or details),
        key=lambda found: (found[0].line, found[0].column),
    )
    raise listed(problems, document, error)


def listed(
    problems: list[tuple[Location, str]], document: YamlDocument, error: type[InputError]
) -> InputError:
    """One error for all `problems`; each is a place and a message."""
    # A union complains once for each of its members, often in the same words.
    unique = list(dict.fromkeys(problems))
    if len(unique) == 1:
        location, message = unique[0]
        return error(message, where=place(location))
    lines = [f"  {place(location)}: {message}" for location, message in unique[:MAX_LISTED]]
    if len(unique) > MAX_LISTED:
        lines.append(f"  … and {len(unique) - MAX_LISTED} more")
    return error("\n".join([f"{len(unique)} problems", *lines]), where=str(document.path))


def place(location: Location) -> str:
    """`file:line:column`, as editors and terminals take it."""
    return f"{location.file}:{location.line}:{location.column}"


def field_path(steps: tuple[str | int, ...]) -> str:
    """`security_groups.web.ingress[2].port`: the path of a field as a person reads it."""
    text = ""
    for step in steps:
        if isinstance(step, int) or not _PLAIN_KEY.fullmatch(step):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def similar(word: str, known: typing.Iterable[str]) -> str:
    """`; did you mean `x`?` where a known word is close to `word`, else nothing."""
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _of_another_member(
    model: type[BaseModel], document: YamlDocument, detail: ErrorDetails
) -> bool:
    """Whether one member of a union complains of a key that another member knows."""
    if detail["type"] != "extra_forbidden":
        return False
    steps = tuple(_written_steps(document, detail["loc"]))
    return str(detail["loc"][-1]) in _keys_at(model, steps[:-1])


def _problem(
    model: type[BaseModel], document: YamlDocument, detail: ErrorDetails
) -> tuple[Location, str]:
    kind = detail["type"]
    steps = tuple(_written_steps(document, detail["loc"]))
    if kind == "extra_forbidden":
        unknown = str(detail["loc"][-1])
        hint = similar(unknown, _keys_at(model, steps[:-1]))
        return document.locate_key(steps), f"unknown key `{field_path(steps)}`{hint}"
    if kind == "missing":
        key = str(detail["loc"][-1])
        return document.locate_key(steps), f"`{field_path((*steps, key))}` is missing"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _untold(document, steps, detail)
    subject = f"`{field_path(steps)}`: " if steps else ""
    if detail["loc"][-1:] == ("[key]",):
        return document.locate_key(steps), subject + _complaint(kind, detail)
    return document.locate(steps), subject + _complaint(kind, detail)


def _untold(
    document: YamlDocument, steps: tuple[str | int, ...], detail: ErrorDetails
) -> tuple[Location, str]:
    """The key that says which of several models is meant is missing, or says none of them."""
    context = detail["ctx"]
    key = (*steps, context["discriminator"].strip("'"))
    if "tag" not in context:
        return document.locate_key(steps), f"`{field_path(key)}` is missing"
    given = detail["input"]
    written = given.get(key[-1]) if isinstance(given, Mapping) else given
    known = [word.strip("'") for word in context["expected_tags"].split(", ")]
    hint = similar(context["tag"], known)
    names = ", ".join(f"`{word}`" for word in known)
    return (
        document.locate(key),
        f"`{field_path(key)}`: {_shown(written)} is not one of {names}{hint}",
    )


def _complaint(kind: str, detail: ErrorDetails) -> str:
    given = detail["input"]
    shown = _shown(given)
    context = detail.get("ctx", {})
    if kind in ("literal_error", "enum"):
        words = context["expected"]
        known = [word.strip("'") for word in words.replace(" or ", ", ").split(", ")]
        hint = similar(given, known) if isinstance(given, str) else ""
        return f"{shown} is not one of {', '.join(f'`{word}`' for word in known)}{hint}"
    if kind == "value_error":
        return str(context["error"])
    if kind in ("model_type", "dict_type", "model_attributes_type", "mapping_type"):
        return f"must be a mapping, not {shown}"
    if kind in ("list_type", "tuple_type", "set_type", "frozen_set_type"):
        return f"must be a list, not {shown}"
    if kind == "bool_type":
        return f"must be `true` or `false`, not {shown}"
    if kind == "string_too_short" and not given.strip():
        return "the text is empty"
    if kind == "string_pattern_mismatch":
        return f"{shown} does not fit `{context['pattern']}`"
    message = detail["msg"].removeprefix("Input ").removeprefix("Value ")
    return f"{shown} {message[:1].lower()}{message[1:]}"


def _shown(value: Any) -> str:
    """What was written, in backticks and on one line; a larger thing by its kind alone."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "nothing"
    # As JSON, control characters cannot reach the terminal.
    text = json.dumps(value, ensure_ascii=False, default=str).strip('"')
    return f"`{text[:77]}…`" if len(text) > 80 else f"`{text}`"


def _written_steps(document: YamlDocument, loc: tuple[str | int, ...]) -> Iterator[str | int]:
    """The steps of pydantic's path that lead through the file.

    The others name members of unions and validators, which nobody wrote.
    """
    way: tuple[str | int, ...] = ()
    for step in loc:
        if document.holds((*way, step)):
            way = (*way, step)
            yield step


def _keys_at(annotation: Any, loc: tuple[str | int, ...]) -> set[str]:
    """The keys that a model knows at `loc`; for a union those of all its members."""
    from pydantic import BaseModel

    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is typing.Annotated:
        return _keys_at(arguments[0], loc)
    if origin in (typing.Union, types.UnionType):
        return set().union(*(_keys_at(member, loc) for member in arguments))
    if origin in (list, tuple, set, frozenset) and loc:
        return _keys_at(arguments[0], loc[1:])
    if isinstance(origin, type) and issubclass(origin, Mapping) and loc:
        return _keys_at(arguments[1], loc[1:])
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return set()
    keys = {field.alias or name: field for name, field in annotation.model_fields.items()}
    if not loc:
        return set(keys)
    inner = keys.get(str(loc[0]))
    return _keys_at(inner.annotation, loc[1:]) if inner is not None else set()
