"""Repairs in every format, and a sentence for every kind of change."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

import mute_audit.repair
from mute_audit.finding import Report
from mute_audit.render import catalogue_en, catalogue_ko
from mute_audit.render.formats import render
from mute_audit.render.interface import Options
from mute_audit.render.wording import template_fields

SENTENCE = "Delete the inbound rule sgr-1 of hackathon_sg_rds: tcp/5432 ← 0.0.0.0/0."
COMMAND = "aws ec2 revoke-security-group-ingress --group-id sg-5 --security-group-rule-ids sgr-1"


def test_the_summary_names_it_and_verbose_shows_how(changed: Report) -> None:
    text = render(changed, "text", Options(width=200))
    assert f"    repair  {SENTENCE} (closes " in text
    assert COMMAND not in text
    assert COMMAND in render(changed, "text", Options(width=200, verbose=True))


def test_verbose_leaves_nothing_to_the_reports(changed: Report) -> None:
    assert "more in the reports" not in render(changed, "text", Options(verbose=True))


def test_the_page_shows_sentence_and_command(changed: Report) -> None:
    page = re.sub("<[^>]+>", "", render(changed, "html"))
    assert SENTENCE in page
    assert COMMAND in page
    assert "Tried on a copy" in page
    korean = re.sub("<[^>]+>", "", render(changed, "html", Options(lang="ko")))
    assert "hackathon_sg_rds에서 인바운드 sgr-1 규칙을 삭제하세요" in korean


def test_a_comment_shows_it(changed: Report) -> None:
    assert "**Smallest repair**: Delete the inbound rule" in render(changed, "markdown")


def test_tables_and_tools_get_it_with_each_finding(changed: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(render(changed, "csv"))))
    told = {row["policy"] for row in rows if row["repair"] == SENTENCE}
    assert told == {"mute-rds-backend-only"}
    sarif = json.loads(render(changed, "sarif"))
    texts = [result["message"]["text"] for result in sarif["runs"][0]["results"]]
    assert any(f"Smallest repair: {SENTENCE}".rstrip(".") in text for text in texts)
    assert f"repair: {SENTENCE}" in render(changed, "junit")


@pytest.mark.parametrize("catalogue", [catalogue_en, catalogue_ko])
def test_every_change_has_a_sentence(catalogue: object) -> None:
    """The codes are written in the package that makes the changes."""
    resource = r"(?:rule\.)?(?:address|host|user|resource|database)"
    code = re.compile(r'"((?:[a-z]+-)+[a-z]+)",\n\s+' + resource)
    folder = Path(mute_audit.repair.__file__).parent
    made = {name for file in folder.glob("*.py") for name in code.findall(file.read_text())}
    sentences = catalogue.CHANGES  # type: ignore[attr-defined]
    assert len(made) > 12
    assert made <= sentences.keys()


def test_both_languages_say_the_same_of_a_change() -> None:
    english, korean = catalogue_en.CHANGES, catalogue_ko.CHANGES
    assert english.keys() == korean.keys()
    for key, text in english.items():
        assert template_fields(text) == template_fields(korean[key]), key
