"""The table of formats, and what every one of them owes."""

import json
import subprocess
import sys

import msgspec
import pytest

from mute_audit.errors import UsageError
from mute_audit.finding import DriftItem, DriftKind, FieldChange, Report
from mute_audit.render.formats import FORMATS, format_named, render
from mute_audit.render.interface import LANGUAGES, Options

NAMES = [item.name for item in FORMATS]


def test_the_formats_are_these_and_no_two_share_a_file() -> None:
    assert NAMES == ["text", "json", "html", "markdown", "sarif", "junit", "csv"]
    assert len({item.file_name for item in FORMATS}) == len(FORMATS)


def test_an_unknown_format_or_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="`pdf` is not a report format") as caught:
        format_named("pdf")
    assert caught.value.hint == "choose from: text, json, html, markdown, sarif, junit, csv"
    with pytest.raises(UsageError, match="`de` is not a language") as caught:
        Options(lang="de")
    assert caught.value.hint == "choose one of: en, ko"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_the_same_report_gives_the_same_bytes(changed: Report, name: str, lang: str) -> None:
    options = Options(lang=lang)
    first = render(changed, name, options)
    assert render(changed, name, options) == first
    assert first.endswith("\n")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_no_format_lets_a_hostile_name_through(hostile: Report, name: str, lang: str) -> None:
    """Characters that act or hide appear in no file, whatever its format."""
    text = render(hostile, name, Options(lang=lang))
    if name == "json":
        # Data, as a JSON reader gets it back; escaped or harmless as text in the file.
        assert all(char == "\n" or ord(char) >= 32 for char in text)
        return
    assert text.encode()
    bad = {char for char in text if not char.isprintable()} - {"\n", "\r"}
    assert bad == set()
    assert ("\r" in text) == (name == "csv")
    assert "\u202e" not in text


@pytest.mark.parametrize("name", NAMES)
def test_every_finding_difference_and_gap_is_in_every_format(changed: Report, name: str) -> None:
    text = render(changed, name, Options(width=200))
    for expected in ("mute-frontend", "temp-open-all", "DescribeVpcBlockPublicAccessOptions"):
        assert expected in text, expected
    for policy in changed.policies:
        if policy.findings and name != "json":
            assert "tcp/5432" in text or name == "sarif"
    found = text.replace("&#95;", "_").replace("&#45;", "-")
    for resource in ("hackathon-mute-rds", "hackathon_backend_nginx", "hackathon_backend_nestjs"):
        assert resource in found, resource


@pytest.mark.parametrize("name", NAMES)
def test_half_a_character_in_a_policy_document_stops_no_report(clean: Report, name: str) -> None:
    """JSON may escape one half of a surrogate pair; no encoding can write it."""
    resource = clean.drawing.vpcs[0].address
    changes = (FieldChange("a", "x\ud800", ["\udfff"]), FieldChange("b", {"\ud800": 1}, None))
    item = DriftItem(DriftKind.CHANGED, resource, changes)
    text = render(msgspec.structs.replace(clean, drift=(item,)), name)
    assert text.encode()
    assert "⟨U+D800⟩" in text


def test_a_format_is_imported_when_it_is_asked_for() -> None:
    code = (
        "import sys, json\n"
        "import mute_audit.render.formats, mute_audit.render.write, mute_audit.render.json\n"
        "heavy = ('jinja2', 'rich', 'jsonschema', 'xml.etree.ElementTree', 'csv')\n"
        "print(json.dumps([name for name in heavy if name in sys.modules]))\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert json.loads(out.stdout) == []
