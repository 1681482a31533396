"""Codes into sentences, in either language.

A sentence comes as pieces, so that each format can mark the names in it in its own way and
escape everything else.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

from mute_audit.finding import Blocker, Change, DriftKind, FieldChange, Finding, Severity
from mute_audit.render import catalogue_en, catalogue_ko, phrases, words_en, words_ko
from mute_audit.render.literal import encodable, visible
from mute_audit.verdict import Gap, Verdict

__all__ = [
    "Piece",
    "Wording",
    "known_codes",
    "shown_values",
    "template_fields",
    "untold_params",
]

_CATALOGUES: Mapping[str, ModuleType] = {"en": catalogue_en, "ko": catalogue_ko}
_WORDS: Mapping[str, Mapping[str, str]] = {"en": words_en.WORDS, "ko": words_ko.WORDS}
# Params that name a place, and params that name components.
_PLACES = frozenset({"source", "target", "name"})
_COMPONENTS = frozenset({"via", "expected"})


_UTC = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|\+00:00)", re.ASCII)


class Piece(NamedTuple):
    """Part of a sentence: a text of ours, or (`is_name`) a value from outside."""

    text: str
    is_name: bool


def known_codes(lang: str) -> frozenset[str]:
    """The finding codes that have a sentence in that language."""
    return frozenset(_CATALOGUES[lang].MESSAGES)


@lru_cache(maxsize=512)
def _parsed(template: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((text, field) for text, field, _, _ in string.Formatter().parse(template))


def template_fields(template: str) -> frozenset[str]:
    """The placeholders of a template."""
    return frozenset(field for _, field in _parsed(template) if field)


def _prefixed(text: str, prefixes: Mapping[str, str]) -> str | None:
    for prefix, template in prefixes.items():
        if text.startswith(prefix):
            rest = text.removeprefix(prefix)
            if rest.startswith("(") and rest.endswith(")"):
                rest = rest[1:-1]
            return template.format(rest=rest)
    return None


class Wording:
    """Every word of a report in one language, `en` or `ko`."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._catalogue = _CATALOGUES[lang]
        self._words = _WORDS[lang]

    def __call__(self, key: str, **values: object) -> str:
        """A word or sentence of ours; values go in as they are."""
        text = self._words[key]
        return text.format_map(values) if values else text

    def count(self, key: str, n: int, **values: object) -> str:
        """A sentence with a number in it: `key.one` or `key.other`."""
        return self(f"{key}.{'one' if n == 1 else 'other'}", n=n, **values)

    def verdict(self, verdict: Verdict) -> str:
        return self(f"verdict.{verdict.value}")

    def severity(self, severity: Severity) -> str:
        return self(f"severity.{severity.value}")

    def type_name(self, kind: str) -> str:
        """What a person calls a resource type; the type itself where it has no such name."""
        name: str = self._catalogue.TYPES.get(kind, kind)
        return name

    def component(self, name: str) -> str:
        found: str = self._catalogue.COMPONENTS.get(name, name)
        return found

    def hop(self, kind: str) -> str:
        """What a step of a path is."""
        found: str = self._catalogue.HOPS.get(kind, kind)
        return found

    def source_kind(self, kind: str) -> str:
        return self._words.get(f"source.{kind}", kind)

    def request_part(self, key: str) -> str:
        return self._words.get(f"request.{key}", key)

    def note(self, text: str) -> str:
        """A note as a sentence: `code`, or `code: what exactly`; any other text as it is."""
        notes: Mapping[str, str] = self._catalogue.NOTES
        code, colon, rest = text.partition(":")
        if code in notes and colon and rest.strip():
            told = phrases.detail(rest.strip(), self.lang) or rest.strip()
            return f"{notes[code]} ({told})"
        if code in notes:
            return notes[code]
        known = _prefixed(text, self._catalogue.NOTE_PREFIXES)
        return known or phrases.reason(text, self.lang)

    def reason(self, text: str) -> str:
        """Why the exit code is what it is; a text that is no reason of ours as it is."""
        known: str | None = self._catalogue.REASONS.get(text)
        if text.startswith("gap:"):
            head, colon, why = text.partition(": ")
            text = f"{head}{colon}{self.why(why)}"
        return known or _prefixed(text, self._catalogue.REASON_PREFIXES) or text

    def blocker(self, blocker: Blocker) -> str:
        """Why a component stops a packet: the exact detail, else the code's sentence."""
        known: str | None = self._catalogue.BLOCKERS.get(blocker.code)
        sentence = known or blocker.code
        if not blocker.detail or blocker.detail == sentence:
            return sentence
        told = phrases.detail(blocker.detail, self.lang)
        if known is None or told is None:
            return f"{sentence} ({blocker.detail})"
        return told

    def why(self, text: str) -> str:
        """Why there is a gap; what AWS answered as it is."""
        return phrases.why(text, self.lang)

    def gap(self, gap: Gap) -> str:
        """A gap in one line."""
        return str(msgspec.structs.replace(gap, why=self.why(gap.why)))

    def exit_code(self, code: int) -> str:
        return self(f"exit.{code}" if 0 <= code <= 4 else "exit.other")

    def place(self, label: str, first: bool = False) -> str:
        """A place as it is called in a sentence; `first`: at its beginning."""
        if label == "internet":
            return self("place.internet_first" if first else "place.internet")
        if label.startswith("internet:"):
            return self("place.internet_part", cidr=label.removeprefix("internet:"))
        return label

    def message(self, finding: Finding) -> tuple[Piece, ...]:
        """The sentence of a finding; its code and params where there is none for the code."""
        values = {"resource": finding.resource.label, **finding.params}
        template = self._template(finding)
        if template is not None:
            return self._filled(finding.code, template, values)
        pieces = [Piece(visible(finding.code), False)]
        shown = sorted(values.items())
        for index, (key, value) in enumerate(shown):
            pieces.append(Piece(", " if index else ": ", False))
            pieces.append(Piece(visible(key), True))
            pieces.append(Piece("=", False))
            pieces.append(Piece(visible(value), True))
        return tuple(pieces)

    def change(self, change: Change) -> tuple[Piece, ...]:
        """What a repair asks for; its code and params where there is no sentence for it."""
        known: str | None = self._catalogue.CHANGES.get(change.code)
        values = {"resource": change.resource.label, **change.params}
        if known is not None and template_fields(known) <= values.keys():
            return self._filled(change.code, known, values)
        told = ", ".join(f"{key}={value}" for key, value in sorted(values.items()))
        return (Piece(visible(f"{change.code}: {told}"), True),)

    def change_text(self, change: Change) -> str:
        """The same as plain text, names shown literally."""
        return "".join(piece.text for piece in self.change(change))

    def _template(self, finding: Finding) -> str | None:
        """The first template whose placeholders the finding can fill."""
        keys = finding.params.keys() | {"resource"}
        messages: Mapping[str, tuple[str, ...]] = self._catalogue.MESSAGES
        templates = messages.get(f"{finding.code}.{finding.verdict.value}", ())
        templates += messages.get(finding.code, ())
        return next((each for each in templates if template_fields(each) <= keys), None)

    def told(self, finding: Finding) -> frozenset[str]:
        """The params that the finding's sentence mentions."""
        template = self._template(finding)
        return frozenset(finding.params) if template is None else template_fields(template)

    def _filled(self, code: str, template: str, values: Mapping[str, str]) -> tuple[Piece, ...]:
        pieces: list[Piece] = []
        for text, field in _parsed(template):
            if text:
                pieces.append(Piece(text, False))
            if field == "expected" and code == "config.mismatch":
                pieces += self._asked(values[field])
            elif field is not None:
                pieces.append(self._param(code, field, values[field], first=not pieces))
        return tuple(pieces)

    def _asked(self, value: str) -> Iterator[Piece]:
        """What a predicate asks for, as the engine says it: `required`, `at least 7`."""
        words: Mapping[str, str] = self._catalogue.ASKED_WORDS
        asked: Mapping[str, str] = self._catalogue.ASKED
        if value in words:
            yield Piece(words[value], False)
            return
        start = next(start for start in asked if value.startswith(start))
        before, _, after = asked[start].partition("{value}")
        if before:
            yield Piece(before, False)
        yield Piece(visible(value.removeprefix(start)) or '""', True)
        if after:
            yield Piece(after, False)

    def _param(self, code: str, field: str, value: str, first: bool) -> Piece:
        """A param in a sentence: our own word where it is one of ours, else as a name."""
        if field == "port" and value == "all":
            return Piece(self("port.all"), False)
        if field in _PLACES and value == "internet":
            return Piece(self.place(value, first), False)
        if field in _PLACES:
            return Piece(visible(self.place(value)) or '""', True)
        if field in _COMPONENTS and code == "reach.wrong_way":
            known: Mapping[str, str] = self._catalogue.COMPONENTS
            return Piece(visible(", ".join(known.get(v, v) for v in value.split(", "))), True)
        if field == "actual" and code == "drift.present" and value in set(DriftKind):
            return Piece(self(f"drift.{value}"), False)
        return Piece(visible(value) or '""', True)

    def message_text(self, finding: Finding) -> str:
        """The sentence of a finding as plain text, names shown literally."""
        return "".join(piece.text for piece in self.message(finding))

    def moment(self, text: str) -> str:
        """A time as people read it; a text that is no UTC time as it is."""
        match = _UTC.fullmatch(text)
        return f"{match[1]} {match[2]} UTC" if match else text

    def value(self, value: Any) -> str:
        """A value of a field for a person: text as it is, everything else as JSON."""
        if value is None:
            return self("drift.absent")
        if isinstance(value, str):
            return value or '""'
        return _json(value)


def untold_params(words: Wording, finding: Finding) -> tuple[tuple[str, str], ...]:
    """The params that its sentence leaves out, by name: nothing of a finding gets lost."""
    told = words.told(finding)
    return tuple(sorted(item for item in finding.params.items() if item[0] not in told))


def _json(value: Any) -> str:
    return msgspec.json.encode(encodable(value), order="deterministic").decode()


def shown_values(words: Wording, change: FieldChange) -> tuple[str, str]:
    """Expected and actual as texts that differ whenever the values do (`5432` and `"5432"`)."""
    expected, actual = words.value(change.expected), words.value(change.actual)
    if expected == actual and change.expected != change.actual:
        return (
            expected if change.expected is None else _json(change.expected),
            actual if change.actual is None else _json(change.actual),
        )
    return expected, actual
