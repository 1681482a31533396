"""Wrong use: one message, what to do, exit code 2, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Mute


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("scna",), "`scna` is not a command; did you mean `scan`?"),
        (("scan",), "say what to scan"),
        (("scan", "nowhere"), "`nowhere` does not exist"),
        (("scan", "aws", "--drift"), "`--drift` changes the embedded AWS"),
        (("scan", "demo", "--format", "pdf"), "`pdf` is not a report format"),
        (("scan", "--fail-on", "huge", "demo"), "'huge' is not one of"),
        (("trace", ".", "--from", "a"), "a question needs `--from`, `--to` and `--port`"),
        (("trace", ".", "--batch", "x", "--from", "a"), "`--batch` takes its questions"),
        (("reach", "."), "say `--to PLACE`"),
        (("schema",), "give one NAME"),
        (("report", "none.json"), "none.json: cannot read"),
        (("policy", "show", "no-such-policy"), "`no-such-policy` is not a policy here"),
        (("init", "--region", "eu west"), "`eu west` is not a Region"),
    ],
)
def test_wrong_use(mute: Mute, arguments: tuple[str, ...], message: str) -> None:
    """Each mistake is named, on standard error, with exit code 2."""
    found = mute(*arguments)
    assert found.code == 2
    assert message in found.err
    assert found.err.startswith("mute-audit: ")
    assert "Traceback" not in found.err
    assert found.out == ""


def test_init_writes_a_configuration_that_can_be_read(mute: Mute) -> None:
    """What `init` writes is valid, and a second `init` does not overwrite it."""
    assert mute("init", "--region", "ap-northeast-2").code == 0
    assert "ap-northeast-2" in Path("mute-audit.yaml").read_text()
    listed = mute("policy", "list")
    assert listed.code == 0
    assert "aws-" in listed.out
    again = mute("init")
    assert again.code == 2
    assert "there already" in again.err
    assert mute("init", "--force").code == 0
    assert "ap-northeast-2" not in Path("mute-audit.yaml").read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mute: config/v1\npolcies: [aws]\n", "2:1"),
        ("mute: config/v2\n", "config/v1"),
        ("mute: config/v1\nfail_on: huge\n", "2:10"),
        ("mute: config/v1\naccept_gaps: [{what: ec2:DescribeVpcs}]\n", "reason"),
        ("- a list\n", "mute-audit.yaml"),
        ("mute: [config/v1\n", "mute-audit.yaml"),
    ],
)
def test_a_wrong_configuration_names_its_place(mute: Mute, text: str, message: str) -> None:
    """File, line and column of the mistake."""
    Path("mute-audit.yaml").write_text(text)
    found = mute("scan", "demo")
    assert found.code == 2
    assert "mute-audit.yaml" in found.err
    assert message in found.err
    assert "Traceback" not in found.err


@pytest.mark.parametrize("pack", ["aws", "mute"])
def test_a_shipped_pack_can_be_read_without_a_configuration(mute: Mute, pack: str) -> None:
    """Its values come from the baseline that is shipped with it."""
    assert mute("policy", "lint", pack).code == 0
    listed = mute("policy", "list", pack)
    assert listed.code == 0
    assert f" {pack}-" in listed.out
