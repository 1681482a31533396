"""The summary on a terminal."""

import re
import subprocess
import sys

import msgspec
import pytest

from mute_audit.finding import Report
from mute_audit.render.formats import render
from mute_audit.render.interface import Options, wants_color
from mute_audit.render.literal import width
from mute_audit.render.text import _FINDINGS
from mute_audit.verdict import Verdict

ESCAPE = "\x1b"


def test_a_clean_estate_fits_on_a_screen(clean: Report) -> None:
    text = render(clean, "text", Options(written=("reports/latest/report.html",)))
    lines = text.splitlines()
    assert len(lines) <= 40
    assert "✓ Clean: All 9 policies pass, no drift" in lines
    assert sum(line.startswith("✓ mute-") for line in lines) == 9
    assert "checkov 3.3.30: passed (212 passed, 0 failed, 1 skipped)" in lines
    assert "Reports: reports/latest/report.html" in lines
    assert lines[-1].startswith("Exit code 0: clean")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_a_violation_shows_its_path_and_its_packet(changed: Report) -> None:
    text = render(changed, "text", Options(width=120))
    assert "The internet can reach hackathon-mute-rds on tcp/5432" in text
    assert "internet → hackathon_igw → hackathon_network_public1 →" in text
    assert "packet   tcp 198.51.100.7:49152 → 192.168.3.77:5432" in text
    assert "written  terraform/modules/security/main.tf:41, terraform/rules.tf:7" in text
    assert "request  *  s3:PutObject  arn:aws:s3:::hackathon-mute-backend/songs/1.mp3" in text
    assert "stopped by  security group sg-0d0d0d0d0d0d0d004: no rule lets in tcp/22" in text


def test_everything_that_is_not_as_it_should_be_is_named(changed: Report) -> None:
    text = render(changed, "text", Options(width=120))
    for expected in (
        "? mute-private-subnets",
        "! mute-ecr-private",
        "selector `ecr:mute-*` names nothing",
        "ec2:DescribeVpcBlockPublicAccessOptions",
        "~ changed  security group hackathon_sg_rds",
        '    ingress[tcp/5432]: ["hackathon_sg_backend"] → ["0.0.0.0/0"]',
        "+ unexpected  security group temp-open-all",
        "- missing  ECR repository mute-frontend",
        "? unknown  S3 bucket hackathon-mute-backend",
        "(waived by W-2025-003)",
        "checkov 3.3.30: failed (210 passed, 1 failed, 1 skipped)",
        "Accepted gaps (1)",
        "Exit code 4: incomplete",
        "  - Cannot be told: mute-private-subnets",
        "Outside the scope: 7 resources",
    ):
        assert expected in text, expected


def test_the_summary_speaks_korean(changed: Report) -> None:
    text = render(changed, "text", Options(lang="ko", width=120))
    assert "✗ 위반: 정책 9개 중 4개 위반, 판단 불가 1개" in text
    assert "인터넷에서 hackathon-mute-rds의 tcp/5432에 접근할 수 있습니다." in text
    assert "종료 코드 4: 확인 미완료" in text


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 160])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_no_line_is_wider_than_the_terminal(changed: Report, columns: int, lang: str) -> None:
    text = render(changed, "text", Options(width=columns, lang=lang, written=("a" * 90,)))
    assert max(map(width, text.splitlines())) <= columns


def test_quiet_leaves_only_what_needs_attention(clean: Report, changed: Report) -> None:
    assert render(clean, "text", Options(quiet=True)) == "✓ Clean: All 9 policies pass, no drift\n"
    lines = render(changed, "text", Options(quiet=True, width=200)).splitlines()
    assert len(lines) == 1 + 6
    assert not any(line.startswith("✓") for line in lines)


def test_colours_come_only_when_asked_for(changed: Report) -> None:
    plain = render(changed, "text", Options())
    colored = render(changed, "text", Options(color=True))
    assert ESCAPE not in plain
    assert ESCAPE in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


@pytest.mark.parametrize("color", [False, True])
def test_hostile_names_never_reach_the_terminal_as_commands(hostile: Report, color: bool) -> None:
    text = render(hostile, "text", Options(color=color, written=("\x1b]0;x\x07.json",)))
    ours = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert all(char == "\n" or char.isprintable() for char in ours)
    assert "⟨U+001B⟩[31mred" in ours
    assert "[red]bold[/red]" in ours
    assert "⟨U+202E⟩" in ours


def test_a_long_name_is_cut_and_both_its_ends_stay(hostile: Report) -> None:
    text = render(hostile, "text", Options(width=200))
    assert len(text) < 60_000
    assert re.search(r"가나다라[^\n]*…[^\n]*xxx", text)


def test_what_is_cut_is_announced(changed: Report) -> None:
    policy = changed.policies[0]
    many = msgspec.structs.replace(policy, findings=policy.findings * (_FINDINGS + 7))
    drift = changed.drift * 10
    report = msgspec.structs.replace(changed, policies=(many,), drift=drift)
    text = render(report, "text", Options())
    assert "… 7 more in the reports" in text
    assert "… 30 more in the reports" in text


def test_a_verdict_without_a_finding_still_says_why(changed: Report) -> None:
    """An unknown policy whose findings were lost shows the gap that left it open."""
    policy = next(p for p in changed.policies if p.verdict is Verdict.UNKNOWN)
    bare = msgspec.structs.replace(policy, findings=())
    report = msgspec.structs.replace(changed, policies=(bare,), gaps=(), accepted_gaps=())
    assert "ec2:DescribeVpcBlockPublicAccessOptions" in render(report, "text", Options())


@pytest.mark.parametrize(
    ("environ", "is_terminal", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"NO_COLOR": "0"}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colours_follow_the_usual_variables(
    environ: dict[str, str], is_terminal: bool, wanted: bool
) -> None:
    assert wants_color(environ, is_terminal) is wanted


def test_the_text_does_not_depend_on_the_machine(sample: object) -> None:
    """Another terminal, another size, no encoding for these letters: the same text."""
    assert sample.__file__ is not None
    code = (
        "import importlib.util as u, sys\n"
        f"s = u.spec_from_file_location('s', {sample.__file__!r})\n"
        "m = u.module_from_spec(s); s.loader.exec_module(m)\n"
        "from mute_audit.render.formats import render\n"
        "sys.stdout.buffer.write(render(m.changed_report(), 'text').encode())\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**extra, "PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for extra, seed in (
            ({"COLUMNS": "40", "FORCE_COLOR": "1", "TERM": "xterm-256color"}, "1"),
            ({"NO_COLOR": "1", "LC_ALL": "C", "TTY_COMPATIBLE": "1"}, "2"),
        )
    }
    assert len(outputs) == 1


def twin(report: Report, **where: str) -> Report:
    """The report with a second finding like its first, about another resource of that name."""
    failed = next(p for p in report.policies if p.verdict is Verdict.FAIL)
    (first, *_) = failed.findings
    other = msgspec.structs.replace(
        first, resource=msgspec.structs.replace(first.resource, **where)
    )
    again = msgspec.structs.replace(failed, findings=(first, other), repairs=())
    regions = tuple(sorted({first.resource.region, other.resource.region}))
    source = msgspec.structs.replace(report.source, regions=regions)
    return msgspec.structs.replace(report, policies=(again,), source=source)


@pytest.mark.parametrize("form", ["text", "markdown", "sarif", "junit"])
def test_two_of_one_name_are_told_apart(changed: Report, form: str) -> None:
    """By the Region where there are several, and by the id where that is not enough."""
    shown = render(twin(changed, region="us-west-2", id="x-2"), form, Options(width=200))
    assert "us-west-2" in shown
    shown = render(twin(changed, id="x-2"), form, Options(width=200))
    assert "(x-2)" in shown or "<code>x-2</code>" in shown or ". x-2." in shown
    alone = render(twin(changed), form, Options(width=200))
    assert alone.count("us-west-2") == 0
