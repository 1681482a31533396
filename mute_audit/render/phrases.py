"""What the engines say in English, in another language: found by the sentence it was made from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from mute_audit.render import phrases_ko

__all__ = ["detail", "reason", "translated", "why"]

_ANSWER = " (the answer)"
_ANSWERS = {"ko": "(응답)"}
# What `reach.required` puts before a note of the tracer.
_BETWEEN = re.compile(r"from (.+?) to (.+?), (.+)", re.DOTALL)
_TABLES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("ko", "detail"): phrases_ko.DETAILS,
    ("ko", "reason"): phrases_ko.REASONS,
    ("ko", "why"): phrases_ko.WHYS,
}
_FIELD = re.compile(r"\\\{(\w+)\\\}")


def detail(text: str, lang: str) -> str | None:
    """A blocker's detail, or the text behind a note's code; None where it is not known."""
    if text.endswith(_ANSWER) and lang in _ANSWERS:
        inner = translated(text.removesuffix(_ANSWER), lang, "detail")
        return None if inner is None else f"{_ANSWERS[lang]} {inner}"
    found = translated(text, lang, "detail")
    if lang == "en":
        return found
    if found is None:
        between = _BETWEEN.fullmatch(text)
        inner = translated(between[3], lang, "detail") if between else None
        return f"{between[1]} → {between[2]}: {inner}" if between and inner else None
    # AWS's default stands in the sentence that names it.
    head, mark, rest = found.partition(" (")
    default = translated(head, lang, "detail") if mark else None
    return f"{default}{mark}{rest}" if default is not None else found


def reason(text: str, lang: str) -> str:
    """What the identity engine notes of an answer; as it is where it is not known."""
    return translated(text, lang, "reason") or text


def why(text: str, lang: str) -> str:
    """Why a gap is there; what AWS says as it is."""
    return translated(text, lang, "why") or text


def translated(text: str, lang: str, table: str) -> str | None:
    """`text` in `lang` by one of the tables; None where no sentence of it fits."""
    if lang == "en":
        return text
    known = _TABLES[lang, table]
    if text in known:
        return known[text]
    for pattern, sentence in _compiled(lang, table):
        match = pattern.fullmatch(text)
        if match is not None:
            return sentence.format_map(match.groupdict())
    return None


@cache
def _compiled(lang: str, table: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each sentence with a place for what stands in it, the most exact first."""
    found = []
    for english, sentence in _TABLES[lang, table].items():
        text = _FIELD.sub(lambda match: f"(?P<{match[1]}>.+?)", re.escape(english))
        said = len(_FIELD.sub("", re.escape(english)))
        found.append((said, re.compile(text, re.DOTALL), sentence))
    found.sort(key=lambda item: -item[0])
    return tuple((pattern, sentence) for _, pattern, sentence in found)
