"""Terraform's functions that make texts, take them apart and look at them.

`format`, `formatlist`, `join` and `split` also do so with texts that have unknown parts: a
module that passes ids on as `join("", aws_x.this.*.id)` or `formatlist("%s", ids)` passes the
same ids on.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from mute_audit.sources.terraform.values import Joined, Open, Ref, open_of

__all__ = ["TEXTS", "WITH_UNKNOWN", "Absent", "Failed", "to_text"]


class Failed(Exception):
    """Terraform would refuse this: what `try` and `can` look for."""


class Absent(Failed):
    """There is no such instance: `aws_vpc.this[0]` where the count is 0."""


def to_text(value: Any) -> str:
    """A value as text, as in an interpolation. Raises Failed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (str, int, float)):
        return str(value)
    raise Failed("no text")


# --- with unknown parts -------------------------------------------------------------------------

_VERB = re.compile(r"%%|%(?:\[(\d+)\])?([-+ #0]*)(\d*)(\.\d+)?([a-zA-Z])?")
# What separates the elements of a list that was made one text, and is in no id or address.
_SEPARATORS = frozenset({",", ";", "|", " ", "\n"})


def _text_of(*pieces: Any) -> Any:
    """Pieces as one text: a `Ref` where that is all there is."""
    parts: list[str | Ref] = []
    for piece in pieces:
        for part in piece.parts if isinstance(piece, Joined) else (piece,):
            if isinstance(part, Ref):
                parts.append(part)
                continue
            text = to_text(part)
            if parts and isinstance(parts[-1], str):
                parts[-1] += text
            elif text:
                parts.append(text)
    if not parts:
        return ""
    if len(parts) == 1:
        return parts[0]
    return Joined(tuple(parts))


def _format(form: Any, *args: Any) -> Any:
    pieces: list[Any] = []
    at = number = 0
    for match in _VERB.finditer(to_text(form)):
        pieces.append(form[at : match.start()])
        at = match.end()
        if match[0] == "%%":
            pieces.append("%")
            continue
        number = int(match[1]) - 1 if match[1] else number
        if not match[5] or number >= len(args):
            raise Failed("format")
        pieces.append(_verb(match, args[number]))
        number += 1
    return _text_of(*pieces, form[at:])


def _verb(match: re.Match[str], value: Any) -> Any:
    flags, width, precision, kind = match[2], match[3], match[4] or "", match[5]
    if isinstance(value, (Ref, Joined)):
        if kind in "sv" and not width and not precision:
            return value
        raise Failed("format of something unknown")
    if kind == "v" or (kind == "s" and not precision):
        text = json.dumps(value) if isinstance(value, (list, dict)) else to_text(value)
        return f"%{flags}{width}s" % text
    if kind == "q":
        return json.dumps(to_text(value))
    try:
        number: Any = float(value) if kind in "eEfFgG" else int(value) if kind in "dxXo" else value
        return f"%{flags}{width}{precision}{kind}" % number
    except (TypeError, ValueError) as error:
        raise Failed("format") from error


def _formatlist(form: Any, *args: Any) -> Any:
    sizes = {len(item) for item in args if isinstance(item, list)}
    if len(sizes) > 1:
        raise Failed("lists of different lengths")
    size = sizes.pop() if sizes else 1
    rows = [[item[n] if isinstance(item, list) else item for item in args] for n in range(size)]
    return [_format(form, *row) for row in rows]


def _join(sign: Any, *lists: Any) -> Any:
    items: list[Any] = []
    for part in lists:
        if not isinstance(part, list):
            if isinstance(part, Ref):
                return open_of(part, why="join() of something unknown")
            raise Failed("no list")
        items += part
    pieces: list[Any] = []
    for number, item in enumerate(items):
        pieces += [sign, item] if number else [item]
    return _text_of(*pieces)


def _split(sign: Any, text: Any) -> Any:
    if isinstance(text, str):
        return text.split(sign) if sign else list(text)
    parts = text.parts if isinstance(text, Joined) else (text,)
    if sign not in _SEPARATORS or not all(_is_one(part) for part in parts):
        return Open(frozenset(p for p in parts if isinstance(p, Ref)), "split()")
    found: list[list[Any]] = [[]]
    for part in parts:
        if isinstance(part, Ref):
            found[-1].append(part)
            continue
        first, *rest = str(part).split(sign)
        found[-1].append(first)
        found += [[one] for one in rest]
    return [_text_of(*pieces) for pieces in found]


def _is_one(part: Any) -> bool:
    """Whether a part has none of the separators inside: an id, an ARN or an address."""
    if not isinstance(part, Ref):
        return isinstance(part, str)
    name = str(part.path[-1]) if part.path else ""
    return name in ("id", "arn") or name.endswith(("_id", "_arn", "_ip"))


WITH_UNKNOWN: dict[str, Callable[..., Any]] = {
    "format": _format,
    "formatlist": _formatlist,
    "join": _join,
    "split": _split,
}

# --- of known values ----------------------------------------------------------------------------


def _pattern(text: Any) -> re.Pattern[str]:
    try:
        return re.compile(to_text(text))
    except re.error as error:
        raise Failed("no pattern") from error


def _replace(text: Any, old: Any, new: Any) -> str:
    """A text between slashes is a pattern, in which `$1` is what its first group found."""
    plain, wanted, other = to_text(text), to_text(old), to_text(new)
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        form = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", other.replace("\\", "\\\\"))
        try:
            return _pattern(wanted[1:-1]).sub(form, plain)
        except (re.error, IndexError) as error:
            raise Failed("no pattern") from error
    return plain.replace(wanted, other)


def _found(match: re.Match[str]) -> Any:
    if match.groupdict():
        return match.groupdict()
    return list(match.groups()) if match.groups() else match[0]


def _regex(pattern: Any, text: Any) -> Any:
    match = _pattern(pattern).search(to_text(text))
    if match is None:
        raise Failed("nothing matches")
    return _found(match)


def _substr(text: Any, at: Any, size: Any) -> str:
    return str(text[int(at) :] if size < 0 else text[int(at) : int(at) + int(size)])


def _digest(name: str) -> Callable[[Any], str]:
    return lambda text: hashlib.new(name, to_text(text).encode(), usedforsecurity=False).hexdigest()


TEXTS: dict[str, Callable[..., Any]] = {
    **WITH_UNKNOWN,
    "base64decode": lambda text: base64.b64decode(text, validate=True).decode(),
    "base64encode": lambda text: base64.b64encode(to_text(text).encode()).decode(),
    "chomp": lambda text: to_text(text).rstrip("\r\n"),
    "endswith": lambda text, end: str(text).endswith(end),
    "jsondecode": lambda text: json.loads(text),
    "jsonencode": lambda value: json.dumps(value, separators=(",", ":"), sort_keys=True),
    "lower": lambda text: to_text(text).lower(),
    "md5": _digest("md5"),
    "parseint": lambda text, base: int(to_text(text), int(base)),
    "regex": _regex,
    "regexall": lambda pattern, text: [_found(m) for m in _pattern(pattern).finditer(text)],
    "replace": _replace,
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "startswith": lambda text, start: str(text).startswith(start),
    "strcontains": lambda text, part: part in text,
    "strrev": lambda text: to_text(text)[::-1],
    "substr": _substr,
    "title": lambda text: re.sub(r"\b[a-z]", lambda m: m[0].upper(), to_text(text)),
    "trim": lambda text, signs: text.strip(signs),
    "trimprefix": lambda text, start: text.removeprefix(start),
    "trimspace": lambda text: text.strip(),
    "trimsuffix": lambda text, end: text.removesuffix(end),
    "upper": lambda text: to_text(text).upper(),
}
