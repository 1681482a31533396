"""Texts that come from outside, shown as what they are.

Names and tags of a cloud account are written by anybody. A character that moves the cursor,
turns the direction of the text, or cannot be seen at all would let a name lie about itself in a
terminal, a browser or a review: each is shown by its code point, as in `⟨U+202E⟩`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

__all__ = ["clip", "clip_middle", "encodable", "printable_json", "visible", "width"]

# Printable by category, yet invisible (Unicode's Default_Ignorable_Code_Point, and the blank
# braille pattern): `str.isprintable` lets them pass. The Hangul fillers look like a space.
_BLANK = frozenset(
    {
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2800),
        *(0x3164, 0xFFA0),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    }
)

# Texts that need no second look.
_PLAIN = re.compile(r"[\n -~]*")

# Marks that pile up on one letter until they cover the lines around it; real writing systems
# need three at most.
_MARKS = 3


def visible(text: str) -> str:
    """`text` with every control, format, bidi, invisible and odd space character spelled out.

    Line breaks are spelled out too: the result is always one line.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if not char.isprintable() or ord(char) in _BLANK or marks > _MARKS:
            shown.append(f"⟨U+{ord(char):04X}⟩")
        else:
            shown.append(char)
    return "".join(shown)


def encodable(value: Any) -> Any:
    """`value` (JSON as Python has it) with lone surrogates spelled out.

    `"\\ud800"` is legal in a JSON text, so a policy document may hold one, but no encoding can
    write it.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return "".join(visible(c) if "\ud800" <= c <= "\udfff" else c for c in value)
        return value
    if isinstance(value, Mapping):
        return {encodable(key): encodable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encodable(item) for item in value]
    return value


def printable_json(text: str) -> str:
    """JSON with everything that a terminal would act on, or that hides, as JSON's own escapes.

    Such characters stand only within strings, so that the document stays the same.
    """
    if _PLAIN.fullmatch(text):
        return text
    return "\n".join(map(_printable, text.split("\n")))


def _printable(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in line)


def _cells(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def width(text: str) -> int:
    """Columns that `text` takes in a fixed-width font: Hangul and the like count as two."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def clip(text: str, columns: int) -> str:
    """`text` in at most `columns` columns (1 or more), the end cut off with `…`."""
    if width(text) <= columns:
        return text
    kept: list[str] = []
    room = columns - 1
    for char in text:
        room -= _cells(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def clip_middle(text: str, length: int) -> str:
    """`text` in at most `length` characters, the middle cut out: ids differ at both ends."""
    if len(text) <= length:
        return text
    head = (length - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (length - 1 - head) :]}"
