"""Names and descriptions that attack their reader, from a snapshot to every output."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from robust_command import Mute
from strange_estate import StrangeEstate, write

from mute_audit.resources import data_dir

BASELINE = data_dir("baseline") / "mute.yaml"
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)

HOSTILE = {
    "script": "<script>document.title='pwned'</script>",
    "attribute": "\"'><img src=x onerror=\"document.title='pwned'\">",
    "svg": "</title></style></svg><svg onload=document.title='pwned'>",
    "escape": "\x1b[2J\x1b]0;pwned\x07\x9b31mred",
    "erase": "web\b\b\bdb\r\x7fhidden",
    "bidi": "invoice\u202egpj.exe\u2066x\u2069",
    "blank": "ad\u200bmin\u00a0\u3164\ufeff",
    "lines": "a\n✓ Clean: All 99 policies pass\n\u2028b\u2029c",
    "markup": "[bold red]ok[/] {{7*7}} {% raw %} ${x} %s {0}",
    "markdown": "`|](javascript:alert(1)) <b>b</b> ![x](//e.example/x.png) ]]>",
    "formula": '=HYPERLINK("//e.example")',
    "zalgo": "z" + "\u0301" * 60,
    "long": "long-" + "x" * 10_240,
    "korean": "주문-서버",
}
FORMATS = ("json", "html", "text", "markdown", "sarif", "junit", "csv")


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """Every hostile text as name, tag and description of things that end up in findings."""
    estate = StrangeEstate(11, instances=len(HOSTILE) * 4)
    documents = estate.documents
    texts = list(HOSTILE.values())

    def renamed(items: list[dict[str, Any]], key: str = "Tags") -> None:
        for number, item in enumerate(items):
            name = texts[number % len(texts)]
            item[key] = [
                {"Key": "Name", "Value": name},
                {"Key": name[:127], "Value": name},
            ]

    instances = [i for r in documents["Reservations"] for i in r["Instances"]]
    renamed(instances)
    for key in ("Vpcs", "Subnets", "RouteTables", "InternetGateways", "Volumes", "NatGateways"):
        renamed(documents[key])
    renamed(documents["NetworkInterfaces"], "TagSet")
    for number, group in enumerate(documents["SecurityGroups"]):
        group["Description"] = texts[number % len(texts)]
        if group["GroupName"] == "open-ssh":
            group["GroupName"] = texts[(number * 5) % len(texts)]
            for permission in group["IpPermissions"]:
                for entry in permission["IpRanges"]:
                    entry["Description"] = texts[(number + 3) % len(texts)]
    for number, database in enumerate(documents["DBInstances"]):
        database["DBInstanceIdentifier"] = texts[number]
    return write(documents, tmp_path / "account")


def harmless(text: str) -> None:
    """Nothing in it moves a cursor, hides, or turns the direction of the text."""
    bad = {
        f"U+{ord(char):04X}"
        for char in text
        if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cs")
    }
    assert bad == set()
    assert "\n✓ Clean: All 99" not in text


class Page(HTMLParser):
    """Elements and the values of attributes that could run something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.active: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.active += [
            (name, value)
            for name, value in attrs
            if name.startswith("on") or "script:" in (value or "").lower()
        ]


def test_a_scan_shows_names_for_what_they_are(mute: Mute, account: Path) -> None:
    """Terminal, standard error and every report; JSON gives them back to the letter."""
    formats = (f"--format={name}" for name in FORMATS)
    found = mute("scan", account, "--out", "out", *formats)
    assert found.code == 4
    harmless(found.out)
    harmless(found.err)
    assert "⟨U+" in found.out
    assert max(map(len, found.out.splitlines())) < 400
    report = json.loads(Path("out/report.json").read_text("utf-8"))
    named = {
        finding["resource"].get("name", "")
        for policy in report["policies"]
        for finding in policy["findings"]
    }
    assert set(HOSTILE.values()) <= named
    for name in ("json", "text", "markdown", "sarif", "junit", "csv"):
        (file,) = [f for f in Path("out").iterdir() if f.name.endswith(SUFFIXES[name])]
        text = file.read_text("utf-8")
        # CSV ends its lines as RFC 4180 says.
        harmless(text.replace("\r\n", "\n") if name == "csv" else text)
    page = Path("out/report.html").read_text("utf-8")
    harmless(page)
    assert "&lt;script&gt;document.title=&#39;pwned&#39;&lt;/script&gt;" in page
    read = Page(page)
    assert read.elements & {"script", "img", "iframe", "object", "embed", "form", "base"} == set()
    assert read.active == []


SUFFIXES = {
    "json": ".json",
    "text": ".txt",
    "markdown": ".md",
    "sarif": ".sarif",
    "junit": ".xml",
    "csv": ".csv",
}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_saved_report_is_rendered_again_as_harmlessly(
    mute: Mute, account: Path, lang: str
) -> None:
    mute("scan", account, "--out", "out")
    found = mute("report", "out/report.json", "--lang", lang)
    assert found.code == 0
    harmless(found.out)


def test_questions_about_hostile_names(mute: Mute, account: Path) -> None:
    """trace, reach and graph, and the errors that repeat what was asked for."""
    instance = json.loads((account / "describe-reservations.json").read_text())["Reservations"][0]
    id = instance["Instances"][0]["InstanceId"]
    to = ("--from", "internet", "--to", id, "--port", "tcp/22")
    answers = [
        mute("trace", account, *to),
        mute("reach", account, "--to", id),
        *(
            mute("graph", account, "--format", form)
            for form in ("dot", "mermaid", "graphml", "text")
        ),
        mute("trace", account, *to, "--format", "json"),
        mute("reach", account, "--to", id, "--format", "json"),
        mute("graph", account, "--format", "json"),
        mute("drift", account, "--baseline", BASELINE, "--format", "json"),
        *(
            mute("trace", account, "--from", "internet", "--to", name, "--port", "tcp/22")
            for name in (HOSTILE["escape"], HOSTILE["bidi"], HOSTILE["lines"])
        ),
        mute("scan", HOSTILE["escape"]),
        mute("scan", account, "--policy", HOSTILE["escape"]),
        mute("scan", account, "--policies", HOSTILE["bidi"]),
        mute(HOSTILE["escape"]),
    ]
    for answer in answers:
        harmless(answer.out)
        harmless(answer.err)
        assert "Traceback" not in answer.err
        assert "internal error" not in answer.err


def test_a_file_with_a_hostile_name_is_named_harmlessly(mute: Mute, account: Path) -> None:
    for name in ("\x1b[2Jx.json", "a\nb.json", "\u202ex.json"):
        (account / name).write_text("{")
        found = mute("scan", account)
        assert found.code == 2
        harmless(found.err)
        assert len(found.err.splitlines()) <= 3
        (account / name).unlink()


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.sample
@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
def test_a_browser_runs_nothing_of_it(mute: Mute, account: Path, tmp_path: Path) -> None:
    """The report as a scan wrote it, loaded with scripts on: the title stays."""
    mute("scan", account, "--out", "out")
    done = subprocess.run(
        [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=4000",
            "--dump-dom",
            Path("out/report.html").resolve().as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert title is not None
    assert title[1].endswith(" · mute-audit")
    assert "pwned" not in title[1]
    assert "&lt;script&gt;document.title='pwned'&lt;/script&gt;" in done.stdout
