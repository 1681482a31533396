"""The HTML report: complete, self-contained, and never taken in by a name."""

import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from mute_audit.finding import Blocker, Report, StaticResult, StaticStatus, Text
from mute_audit.render import html as html_module
from mute_audit.render.formats import render
from mute_audit.render.interface import LANGUAGES, Options
from mute_audit.verdict import Verdict

CSS = Path(html_module.__file__).with_name("templates") / "report.css"
# Elements that load, run or send something.
ACTIVE = {
    "script", "iframe", "object", "embed", "img", "image", "video", "audio", "source", "form",
    "base", "frame", "applet", "foreignobject", "animate", "set", "template", "portal", "input",
}  # fmt: skip


class Page(HTMLParser):
    """All elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br", "input", "rect", "path", "circle", "ellipse"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            assert self.open.pop() == tag, f"{tag} is closed inside {self.open[-3:]}"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(report: Report, lang: str = "en") -> Page:
    return Page(render(report, "html", Options(lang=lang)))


@pytest.mark.parametrize("which", ["clean_report", "changed_report", "hostile_report"])
def test_every_element_is_closed_in_order_and_ids_are_unique(sample: object, which: str) -> None:
    made = page(getattr(sample, which)())
    assert made.open == []
    ids = [a["id"] for _, a in made.elements if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for a in made.named("a") if a["href"].startswith("#")}
    assert targets <= set(ids)


@pytest.mark.parametrize("which", ["changed_report", "hostile_report"])
def test_nothing_on_the_page_loads_runs_or_sends_anything(sample: object, which: str) -> None:
    made = page(getattr(sample, which)())
    found = {tag for tag, _ in made.elements} & ACTIVE
    assert found <= {"input"}
    assert {a["type"] for a in made.named("input")} <= {"radio"}
    for tag, attributes in made.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("src", "srcset", "action", "data", "ping", "xlink:href"), tag
            if name == "href":
                # Links go somewhere only when a person follows them.
                assert (tag, value) == ("link", "data:,") or (
                    tag == "a" and re.match(r"#|https?://", value or "")
                ), (tag, value)
            if name == "style":
                assert re.fullmatch(r"--w:\d+px", value or "")
    css = CSS.read_text(encoding="utf-8")
    assert "url(" not in css
    assert "@import" not in css
    assert "@font-face" not in css


def test_the_page_forbids_what_it_does_not_need(clean: Report) -> None:
    policies = [
        a["content"]
        for a in page(clean).named("meta")
        if a.get("http-equiv") == "Content-Security-Policy"
    ]
    (policy,) = policies
    assert policy.split("; ") == [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_a_hostile_name_is_text_and_nothing_else(hostile: Report, sample: object) -> None:
    made = page(hostile)
    assert sample.SCRIPT in made.text
    assert sample.IMAGE in made.text
    assert "safe⟨U+202E⟩gnp.exe⟨U+2066⟩" in made.text
    # Names with quotes break out of no attribute: what they ask for is in no element.
    assert all("onmouseover" not in a for _, a in made.elements)
    assert any(a.get("title") for _, a in made.elements)


def test_a_ten_kilobyte_name_is_cut_and_more_of_it_is_in_the_tooltip(hostile: Report) -> None:
    text = render(hostile, "html")
    assert "x" * 2001 not in text
    assert len(text) < 700_000
    titles = [a.get("title") or "" for _, a in Page(text).elements]
    assert any(len(title) == 2000 and title.startswith("가나다라") for title in titles)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_auditor_reads_what_was_looked_at_when_and_by_what(clean: Report, lang: str) -> None:
    text = page(clean, lang).text
    for expected in (
        "123456789012",
        "ap-northeast-2",
        "2025-11-24 01:02:03 UTC",
        "2025-11-24 01:02:09 UTC",
        "baseline/mute.yaml",
        "mute-audit 0.1.0",
        "mute-audit/report/v1",
    ):
        assert expected in text
    judged = {"en": "9 policies judged 67 subjects.", "ko": "정책 9개로 대상 67개를 판단했습니다."}
    assert judged[lang] in text


def test_the_whole_story_of_the_changed_estate_is_on_the_page(changed: Report) -> None:
    text = page(changed).text
    for expected in (
        "4 of 9 policies fail",
        "Exit code 4",
        "Not collected: ec2:DescribeVpcBlockPublicAccessOptions",
        "The internet can reach hackathon-mute-rds on tcp/5432",
        "tcp 198.51.100.7:49152 → 192.168.3.77:5432",
        "sgr-0bb0000000000002",
        "security group sg-0d0d0d0d0d0d0d004 no rule lets in tcp/22",
        "selector `ecr:mute-*` names nothing",
        "terraform/modules/security/main.tf:41",
        "What to do Remove the rule that lets the internet in",
        "waived by W-2025-003",
        "arn:aws:s3:::hackathon-mute-backend/songs/1.mp3",
        '["hackathon_sg_backend"] ["0.0.0.0/0"]',
        "in the baseline, not in the estate",
        "accepted in mute-audit.yaml",
        "CKV_AWS_24",
        "the estate is Single-AZ by decision",
        "S3 bucket 2",
    ):
        assert expected in text, expected


def test_the_korean_page_is_korean(changed: Report) -> None:
    made = page(changed, "ko")
    assert made.named("html") == [{"lang": "ko"}]
    for expected in (
        "정책 9개 중 4개 위반",
        "확인한 범위",
        "통과하는 패킷",
        "조치 방법",
        "기준선 대비 드리프트",
    ):
        assert expected in made.text
    english = page(changed).text
    for word in ("judged", "as the baseline says", "What to do", "absent", "cannot be told", "gap"):
        assert word in english
        assert word not in made.text


def _classes(made: Page, tag: str) -> list[str]:
    return [a.get("class") or "" for a in made.named(tag)]


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.UNKNOWN, Verdict.ERROR])
def test_what_does_not_pass_is_open_and_never_green(clean: Report, verdict: Verdict) -> None:
    policy = msgspec.structs.replace(clean.policies[0], verdict=verdict)
    made = page(msgspec.structs.replace(clean, policies=(policy,)))
    (details,) = [a for a in made.named("details") if (a["class"] or "").startswith("policy")]
    assert details["class"] == f"policy {verdict.value}"
    assert "open" in details
    assert "verdict clean" not in _classes(made, "section")
    assert "tile pass" not in _classes(made, "li")[:1]


def test_a_clean_report_is_green_and_its_policies_are_closed(clean: Report) -> None:
    made = page(clean)
    assert "verdict clean" in _classes(made, "section")
    assert "tile pass" in _classes(made, "li")
    assert all("open" not in a for a in made.named("details"))


@pytest.mark.parametrize("status", [StaticStatus.MISSING, StaticStatus.ERROR, StaticStatus.FAILED])
def test_checkov_is_green_only_where_it_passed(clean: Report, status: StaticStatus) -> None:
    passed = page(clean)
    assert _classes(passed, "span").count("chip pass") == 9 + 1
    other = page(msgspec.structs.replace(clean, static=StaticResult(status, error="boom")))
    assert _classes(other, "span").count("chip pass") == 9
    assert "boom" in other.text


def test_a_policy_that_judged_nothing_says_so(clean: Report) -> None:
    policy = msgspec.structs.replace(clean.policies[0], judged=0, notes=("nothing to judge",))
    text = page(msgspec.structs.replace(clean, policies=(policy,))).text
    assert "nothing to judge" in text
    assert "There was nothing to judge." in text


def test_a_report_of_nothing_is_a_page_that_says_so(clean: Report) -> None:
    empty = msgspec.structs.replace(
        clean, policies=(), baseline="", outside=(), static=None,
        drawing=msgspec.structs.replace(clean.drawing, vpcs=()),
    )  # fmt: skip
    made = page(empty)
    for expected in (
        "No policy was evaluated",
        "The report holds no network to draw.",
        "No baseline was given, so drift was not looked for.",
        "The Terraform text was not checked.",
    ):
        assert expected in made.text
    assert "verdict incomplete" in _classes(made, "section")


def test_more_findings_than_a_browser_likes_are_counted(changed: Report) -> None:
    policy = changed.policies[0]
    many = msgspec.structs.replace(policy, findings=policy.findings * 203)
    text = page(msgspec.structs.replace(changed, policies=(many,))).text
    assert "3 more findings are in the JSON report." in text


def test_the_first_findings_of_a_policy_are_open_and_the_others_are_folded(changed: Report) -> None:
    policy = changed.policies[0]
    many = msgspec.structs.replace(policy, findings=policy.findings * 5)
    made = page(msgspec.structs.replace(changed, policies=(many,)))
    found = [a for a in made.named("details") if (a["class"] or "").startswith("finding")]
    assert ["open" in a for a in found] == [True, True, True, False, False]


def test_a_packet_that_is_stopped_is_not_called_one_that_gets_through(changed: Report) -> None:
    policy = changed.policies[0]
    finding = policy.findings[0]
    blocked = msgspec.structs.replace(
        finding.evidence, blockers=(Blocker("host", "i-1", "stopped"),)
    )
    other = msgspec.structs.replace(finding, evidence=blocked)
    report = msgspec.structs.replace(
        changed, policies=(msgspec.structs.replace(policy, findings=(other,)),)
    )
    assert "Packet that is stopped tcp 198.51.100.7:49152" in page(report).text
    assert "Packet that gets through tcp 198.51.100.7:49152" in page(changed).text


def test_a_gateway_without_a_name_in_the_path_is_called_as_it_is_drawn(changed: Report) -> None:
    policy = changed.policies[1]
    finding = policy.findings[0]
    bare = tuple(msgspec.structs.replace(hop, name="") for hop in finding.evidence.path)
    evidence = msgspec.structs.replace(finding.evidence, path=bare)
    one = msgspec.structs.replace(finding, evidence=evidence)
    report = msgspec.structs.replace(
        changed, policies=(msgspec.structs.replace(policy, findings=(one,)),)
    )
    assert "internet gateway hackathon_igw igw-0a1b2c3d4e5f60718" in page(report).text
    assert "internet → hackathon_igw → hackathon_network_public2 →" in render(report, "text")


def test_a_title_without_korean_falls_back_to_english(clean: Report) -> None:
    policy = msgspec.structs.replace(clean.policies[0], title=Text("Only English"))
    assert "Only English" in page(msgspec.structs.replace(clean, policies=(policy,)), "ko").text


def test_shapes_keep_their_outline_where_a_server_takes_the_styles_away(changed: Report) -> None:
    """Jenkins serves reports with a policy that forbids inline styles; black boxes would remain."""
    made = page(changed)
    (drawing,) = [a for a in made.named("svg") if a.get("role") == "img"]
    assert drawing["fill"] == "none"
    for tag in ("rect", "path"):
        for attributes in made.named(tag):
            assert attributes.get("fill") != "black"
    assert all(a.get("fill") for a in made.named("text"))


# --- colours -----------------------------------------------------------------------------------


def _luminance(color: str) -> float:
    digits = color.lstrip("#")
    digits = "".join(char * 2 for char in digits) if len(digits) == 3 else digits
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _palettes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r":root \{(.*?)\}", CSS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 3
    return {
        name: dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block))
        for name, block in zip(("light", "dark", "print"), blocks, strict=True)
    }


@pytest.mark.parametrize("palette", ["light", "dark", "print"])
@pytest.mark.parametrize(
    ("front", "back"),
    [
        *(("ink", back) for back in ("bg", "surface", "soft", "public", "private")),
        *(("muted", back) for back in ("bg", "surface", "soft", "public", "private")),
        *((tone, f"{tone}-bg") for tone in ("pass", "fail", "unknown", "error")),
        *((tone, "surface") for tone in ("pass", "fail", "unknown", "error", "accent")),
        *(("muted", f"{tone}-bg") for tone in ("pass", "fail", "unknown", "error")),
    ],
)
def test_text_stands_out_from_its_background(palette: str, front: str, back: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 to 1."""
    colors = _palettes()[palette]
    one, other = sorted((_luminance(colors[front]), _luminance(colors[back])), reverse=True)
    assert (one + 0.05) / (other + 0.05) >= 4.5
