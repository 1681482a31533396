"""The JSON report: the `Report` itself, with a sentence for people beside each finding.

Other tools build on this format, so it has a published schema, and it can be read back:
`load_report(render(report, options))` is the report again. The sentences are for readers of the
file; they are made from `code` and `params` and never read back.
"""

from __future__ import annotations

from typing import Any

import msgspec

from mute_audit.errors import InputError
from mute_audit.finding import REPORT_SCHEMA, Finding, Report
from mute_audit.render.interface import LANGUAGES, Options
from mute_audit.render.literal import encodable, printable_json
from mute_audit.render.wording import Wording

__all__ = ["load_report", "render", "schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID = "urn:mute-audit:report:v1"


def render(report: Report, options: Options) -> str:
    """The report as indented JSON with a final newline; both languages, whatever `options` say."""
    document = msgspec.to_builtins(report, order="deterministic", str_keys=True)
    words = [Wording(lang) for lang in LANGUAGES]
    for policy, written in zip(report.policies, document["policies"], strict=True):
        for finding, entry in zip(policy.findings, written.get("findings", ()), strict=True):
            entry["message"] = _message(finding, words)
    return _text(document)


def _message(finding: Finding, words: list[Wording]) -> dict[str, str]:
    return {each.lang: each.message_text(finding) for each in words}


def _text(document: Any) -> str:
    try:
        data = msgspec.json.encode(document)
    except UnicodeEncodeError:
        data = msgspec.json.encode(encodable(document))
    return printable_json(msgspec.json.format(data, indent=2).decode()) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what `render` writes and `load_report` reads."""
    made = msgspec.json.schema(Report, ref_template="#/$defs/{name}")
    definitions = made["$defs"]
    for definition in definitions.values():
        if "description" in definition:
            definition["description"] = _unindented(definition["description"])
    definitions["Report"]["properties"]["schema"]["const"] = REPORT_SCHEMA
    definitions["Message"] = {
        "title": "Message",
        "description": "The finding as a sentence, made from its code and params. Not read back.",
        "type": "object",
        "properties": {lang: {"type": "string"} for lang in LANGUAGES},
        "required": list(LANGUAGES),
    }
    definitions["Finding"]["properties"]["message"] = {"$ref": "#/$defs/Message"}
    return {
        "$schema": _DIALECT,
        "$id": _ID,
        "title": REPORT_SCHEMA,
        "$ref": made["$ref"],
        "$defs": dict(sorted(definitions.items())),
    }


def _unindented(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def load_report(data: bytes, where: str = "report") -> Report:
    """A saved report. Keys that this version does not know (such as `message`) are ignored.

    `where` is what the user called the file. Raises InputError if it is no JSON, no report, a
    report of another version, or has a wrong value (with its place in the document).
    """
    try:
        version = msgspec.json.decode(data, type=_Versioned).schema
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_a_report(where, error) from error
    if version != REPORT_SCHEMA:
        raise InputError(
            f"the report has the format `{version}`, this version reads `{REPORT_SCHEMA}`",
            where=where,
            hint="render it with the mute-audit that wrote it, or scan again",
        )
    try:
        return msgspec.json.decode(data, type=Report)
    except msgspec.ValidationError as error:
        raise InputError(
            f"not a valid `{REPORT_SCHEMA}`: {_lowered(str(error))}",
            where=where,
            hint="the file was changed after mute-audit wrote it; scan again",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_a_report(where, error) from error


class _Versioned(msgspec.Struct):
    """Just enough of a report to know its version."""

    schema: str


def _not_a_report(where: str, error: Exception) -> InputError:
    if isinstance(error, msgspec.ValidationError):
        return InputError(
            "not a report of mute-audit: it has no `schema`",
            where=where,
            hint="give the report.json that `mute-audit scan` wrote",
        )
    if isinstance(error, RecursionError):
        return InputError("not a report of mute-audit: nested too deeply", where=where)
    return InputError(
        f"not JSON: {_lowered(str(error).removeprefix('JSON is malformed: '))}",
        where=where,
        hint="give the report.json that `mute-audit scan` wrote",
    )


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")
