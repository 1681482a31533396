"""Every sentence that an engine may say has its Korean; read out of the engines' own code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import mute_audit
from mute_audit.finding import Blocker
from mute_audit.inventory import CALLS
from mute_audit.render import phrases, phrases_ko
from mute_audit.render.wording import Wording
from mute_audit.verdict import Gap

PACKAGE = Path(mute_audit.__file__).parent


def said(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may be, something plain in the place of every value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from said(node.body)
        yield from said(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        parts = [
            part.value if isinstance(part, ast.Constant) else f"v{number}"
            for number, part in enumerate(node.values)
        ]
        yield "".join(map(str, parts))


def calls(*folders: str) -> Iterator[tuple[str, ast.Call, Path]]:
    for folder in folders:
        path = PACKAGE / folder
        for file in sorted(path.rglob("*.py") if path.is_dir() else [path]):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    yield name, node, file


def details() -> set[str]:
    """What the tracer says of blockers, and behind the codes of notes."""
    found = set()
    for name, node, _ in calls("network/tracer", "network/trace.py"):
        if name in ("block", "Blocker", "Refused") and len(node.args) == 4:
            found.update(said(node.args[3]))
        if name == "note" and len(node.args) == 2:
            found.update(said(node.args[1]))
        if name in ("insert", "append") and node.args:
            texts = said(node.args[-1])
            found.update(t.partition(": ")[2] for t in texts if t.partition(":")[0].isalpha())
    # The direction is a word of its own there; see below.
    return {text for text in found - {""} if not text.startswith(("no rule of", "entry "))}


def whys() -> set[str]:
    """Every reason that is written where a gap is made, or kept in a variable `why`."""
    found = set()
    for folder in ("drift", "identity", "inventory", "network", "policy", "sources"):
        for file in sorted((PACKAGE / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Gap":
                    given = [k.value for k in node.keywords if k.arg == "why"]
                    for each in (*node.args[2:3], *given):
                        found.update(said(each))
                if isinstance(node, ast.Assign) and file.name != "recheck.py":
                    names = [n.id for n in node.targets if isinstance(n, ast.Name)]
                    found.update(said(node.value) if names == ["why"] else ())
    return {text for text in found if re.search("[a-z]{2}", text)}


def reasons() -> set[str]:
    """What the identity engine says of an answer, where it is written as a tuple."""
    found = set()
    for _, node, _ in calls("identity"):
        for keyword in node.keywords:
            if keyword.arg == "reasons" and isinstance(keyword.value, ast.Tuple):
                for each in keyword.value.elts:
                    found.update(said(each))
    return found


@pytest.mark.parametrize("text", sorted(reasons()))
def test_a_note_of_the_identity_engine_has_its_korean(text: str) -> None:
    assert phrases.translated(text, "ko", "reason"), f"{text!r} is not in phrases_ko.REASONS"


def test_the_texts_are_found() -> None:
    assert len(details()) > 40
    assert len(whys()) > 40


@pytest.mark.parametrize("text", sorted(details() | {c.absent for c in CALLS.values()} - {""}))
def test_a_detail_has_its_korean(text: str) -> None:
    korean = phrases.detail(text, "ko")
    assert korean, f"{text!r} is not in phrases_ko.DETAILS"
    assert any("가" <= char <= "힣" for char in korean)
    # Nothing that is meant gets lost on the way.
    values = [word for word in ("v0", "v1", "v2") if word in text.replace(",", " ").split()]
    assert all(value in korean for value in values), korean


def test_a_note_of_what_must_work_names_both_ends() -> None:
    """The ends stand before what the tracer noted."""
    note = "partial: from app to db, the answer gets back to ports 1-9 of the client only"
    assert Wording("ko").note(note).endswith("(app → db: 응답이 클라이언트의 포트 1-9에만 돌아옴)")


@pytest.mark.parametrize("text", sorted(whys()))
def test_a_reason_has_its_korean(text: str) -> None:
    assert phrases.translated(text, "ko", "why"), f"{text!r} is not in phrases_ko.WHYS"


@pytest.mark.parametrize("table", [phrases_ko.DETAILS, phrases_ko.REASONS, phrases_ko.WHYS])
def test_placeholders_are_the_same(table: dict[str, str]) -> None:
    import string

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert {k: fields(v) for k, v in table.items()} == {k: fields(k) for k in table}


def test_a_blocker_speaks_one_language() -> None:
    detail = "no rule of sg-1 on eni-1 lets in tcp 10.0.0.1 → 10.0.0.2 port 443"
    blocker = Blocker("security-group", "sg-1", "no-ingress-rule", detail)
    assert Wording("en").blocker(blocker) == detail
    korean = Wording("ko").blocker(blocker)
    assert korean.startswith("eni-1에 적용된 sg-1에")
    assert "lets in" not in korean
    for text in (
        "no rule of sg-1 on eni-1 lets out tcp 10.0.0.1 → 10.0.0.2 port 443",
        "entry acl-1:out:100 denies tcp 10.0.0.1 → 10.0.0.2 port 443 out of subnet-1",
        "entry acl-1:in:100 denies tcp 10.0.0.1 → 10.0.0.2 port 443 into subnet-1",
    ):
        told = phrases.detail(text, "ko") or ""
        assert "tcp 10.0.0.1 → 10.0.0.2 port 443" in told
        assert not {"denies", "lets", "into"} & set(told.split())
    answer = Blocker("security-group", "sg-1", "no-ingress-rule", f"{detail} (the answer)")
    assert Wording("ko").blocker(answer) == f"(응답) {korean}"


def test_a_detail_that_nobody_knows_is_shown_as_it_is() -> None:
    blocker = Blocker("host", "i-1", "stopped", "something new")
    assert Wording("ko").blocker(blocker) == "호스트가 중지되어 있습니다 (something new)"


def test_a_gap_keeps_its_name_and_what_aws_said() -> None:
    words = Wording("ko")
    told = Gap("field Encrypted", "vol-1", "not in the resource's description")
    assert words.gap(told) == "field Encrypted (vol-1): 리소스 설명에 이 필드가 없음"
    refused = Gap("ec2:DescribeVpcs", "1/eu-west-1", "AccessDenied: you may not")
    assert words.gap(refused) == str(refused)
    reason = words.reason(f"gap:{told}")
    assert reason == "수집하지 못함: field Encrypted (vol-1): 리소스 설명에 이 필드가 없음"


def test_what_is_latent_is_told_in_korean() -> None:
    note = "latent: app, web may get to orders by tcp/5432 once what is stopped is started"
    told = Wording("ko").note(note)
    assert "app, web에서 orders의 tcp/5432에 접근할 가능성 있음" in told
    assert "once" not in told


def test_an_assumption_is_told_in_korean() -> None:
    note = "assumed: no VPC endpoint (`VpcEndpoints` is not in the snapshot)"
    assert "VPC 엔드포인트 없음 (스냅샷에 `VpcEndpoints` 없음)" in Wording("ko").note(note)
