"""The comment on a pull request."""

import html
import re

import msgspec
import pytest
from markdown_it import MarkdownIt

from mute_audit.finding import Report
from mute_audit.render.formats import render
from mute_audit.render.interface import Options
from mute_audit.render.markdown import LIMIT
from mute_audit.verdict import Verdict


def as_html(text: str) -> str:
    return MarkdownIt("gfm-like", {"linkify": False}).render(text)


def test_the_verdict_is_the_heading_and_every_policy_is_a_row(changed: Report) -> None:
    text = render(changed, "markdown")
    assert text.startswith("### ❌ mute-audit: Failed\n\n4 of 9 policies fail,")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + 9
    assert "<table>" in as_html(text)
    assert "The internet can reach <code>hackathon-mute-rds</code>" in text


def test_a_clean_report_is_short(clean: Report) -> None:
    text = render(clean, "markdown")
    assert text.startswith("### ✅ mute-audit: Clean")
    assert len(text) < 3000


def test_names_make_no_link_mention_image_or_markup(hostile: Report) -> None:
    text = render(hostile, "markdown")
    made = as_html(text)
    for tag in ("<a ", "<img", "<script", "<b>", "<em>", "<h1"):
        assert tag not in made, tag
    # GitHub makes mentions and links of plain text, too, but of nothing in <code>.
    plain = html.unescape(re.sub(r"<code>.*?</code>", "", text, flags=re.DOTALL))
    assert "@" not in plain
    raw = re.sub(r"<code>.*?</code>", "", text, flags=re.DOTALL)
    assert "://" not in raw
    assert "www." not in raw


def test_a_row_stays_one_row_whatever_is_in_a_title(hostile: Report) -> None:
    rows = [line for line in render(hostile, "markdown").splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + 10
    assert {row.count("|") for row in rows} == {5}


def test_the_comment_stays_below_the_limit_and_says_what_it_left_out(changed: Report) -> None:
    policy = msgspec.structs.replace(changed.policies[0], findings=changed.policies[0].findings * 9)
    many = tuple(msgspec.structs.replace(policy, id=f"policy-{n}") for n in range(150))
    report = msgspec.structs.replace(changed, policies=many, drift=changed.drift * 50)
    text = render(report, "markdown")
    assert len(text) <= LIMIT
    assert "more in the reports*" in text
    assert "policy-149" in text


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.ERROR])
def test_an_open_verdict_is_not_a_green_tick(clean: Report, verdict: Verdict) -> None:
    policy = msgspec.structs.replace(clean.policies[0], verdict=verdict)
    text = render(msgspec.structs.replace(clean, policies=(policy,)), "markdown")
    assert "✅" not in text
    assert "✓" not in text


def test_the_comment_speaks_korean(changed: Report) -> None:
    text = render(changed, "markdown", Options(lang="ko"))
    assert "| 판정 | 정책 | 심각도 | 판단 대상 |" in text
    assert "**조치 방법**" in text
