"""Wrong use: one message, what to do, exit code 2, no traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mute_audit.cli.schema import SCHEMAS
from mute_audit.resources import data_dir
from mute_audit.sources.layouts import read_directory
from tests.cli.conftest import Mute

BASELINE = data_dir("baseline") / "mute.yaml"


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
        (("init", "--region", "nowhere"), "`nowhere` is not a Region"),
        (("init", "--region", "ap-nrtheast-2"), "did you mean `ap-northeast-2`?"),
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


def test_a_region_that_is_newer_than_boto3_is_noted(mute: Mute) -> None:
    """AWS adds Regions; a form that could be one is taken."""
    found = mute("init", "--region", "ap-northeast-9")
    assert found.code == 0
    assert "does not know the Region `ap-northeast-9`; did you mean `ap-northeast-" in found.err
    assert mute("init", "--region", "ap-northeast-2", "--force").err.count("Region") == 0


@pytest.mark.parametrize("arguments", [(), ("policy",), ("baseline",)])
def test_without_a_command_there_is_help(mute: Mute, arguments: tuple[str, ...]) -> None:
    """As it is, on standard error; nothing was asked, so that the exit code is not "clean"."""
    found = mute(*arguments)
    assert (found.code, found.out) == (2, "")
    assert found.err == mute(*arguments, "--help").out
    assert found.err.startswith("Usage: mute-audit")


def test_show_says_what_a_policy_asks(mute: Mute) -> None:
    """Of what, on which ports, from where: defaults too."""
    found = mute("policy", "show", "mute-rds-only-from-backend", "--pack", "mute")
    assert "  to     hackathon-mute-rds\n  ports  tcp/5432\n" in found.out
    assert "  from   hackathon_backend_nginx, hackathon_backend_nestjs\n" in found.out
    assert "policies/mute/network.yaml:" in found.out
    shown = mute("policy", "show", "aws-admin-ports-not-from-anywhere").out
    assert "  from                internet\n" in shown
    assert "  to                  (every place of the estate)\n" in shown
    rules = mute("policy", "show", "aws-ec2-imdsv2").out
    assert "  where   MetadataOptions.HttpEndpoint equals enabled\n" in rules
    asked = mute("policy", "show", "mute-internet-exposure", "--pack", "mute", "--lang", "ko").out
    assert "to: hackathon_jenkins_master  ports: tcp/22, tcp/8080  from: 203.0.113.0/24" in asked
    assert "조치 방법: " in asked


def test_every_shipped_policy_can_be_shown(mute: Mute) -> None:
    for pack in ("aws", "mute"):
        document = json.loads(mute("policy", "list", pack, "--format", "json").out)
        jsonschema.validate(document, SCHEMAS["policies"]())
        for policy in document["policies"]:
            words = ("policy", "show", policy["id"], "--pack", pack)
            assert mute(*words).out.startswith(policy["id"])
            shown = json.loads(mute(*words, "--format", "json").out)
            jsonschema.validate(shown, SCHEMAS["policies"]())
            assert shown["policies"] == [policy]


def test_verbose_says_what_is_read(mute: Mute) -> None:
    """On standard error; standard output stays the result, and quiet wins."""
    folder = Path("account")
    folder.mkdir()
    (folder / "vpcs.json").write_text('{"Vpcs": []}')
    plain = mute("reach", folder, "--to", "internet")
    found = mute("reach", folder, "--to", "internet", "--verbose")
    assert (found.code, found.out) == (plain.code, plain.out)
    assert "read account (directory) in " in found.err
    assert "read account" not in plain.err
    assert mute("reach", folder, "--to", "internet", "-v", "-q").err == ""


def test_counts_are_in_the_singular_where_there_is_one(mute: Mute) -> None:
    found = mute("baseline", "check", BASELINE)
    assert "ok (1 VPC, 6 subnets, 4 route tables, 1 internet gateway, 1 NAT gateway," in found.out
    assert "1 database, 1 bucket, 3 repositories, 1 user)" in found.out
    Path("one.yaml").write_text(
        "mute: policy/v1\npolicies:\n  - id: one\n    title: {en: One}\n    severity: low\n"
        "    kind: reach.never\n    description: {en: Why}\n    remediation: {en: What}\n"
    )
    assert mute("policy", "lint", "./one.yaml").out == "1 policy, no problem\n"


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


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("regions: [nowhere-1]", "`nowhere-1` is not a Region"),
        ("accept_gaps: [{what: x, reason: ' '}]", "`accept_gaps[0].reason`: the text is empty"),
        ("accept_gaps: [{what: '', reason: x}]", "`accept_gaps[0].what`: the text is empty"),
        ("accept_gaps: [{what: x}]", "`accept_gaps[0].reason` is missing"),
    ],
)
def test_a_configuration_that_says_nothing_is_refused(
    mute: Mute, written: str, message: str
) -> None:
    Path("mute-audit.yaml").write_text(f"mute: config/v1\n{written}\n")
    found = mute("policy", "list")
    assert (found.code, message in found.err) == (2, True)


def test_the_regions_of_the_configuration_are_those_of_every_command(
    mute: Mute, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of two sources is the account, and whichever command asks it."""
    from mute_audit.sources import opening

    asked = []

    def collected(options: Any, *_: object) -> Any:
        asked.append(options.regions)
        return read_directory(Path("saved"))

    monkeypatch.setattr(opening, "_collect", collected)
    Path("saved").mkdir()
    Path("saved/vpcs.json").write_text('{"Vpcs": []}')
    Path("mute-audit.yaml").write_text("mute: config/v1\nregions: [eu-west-1, eu-north-1]\n")
    mute("drift", "saved", "--against", "aws")
    mute("scan", "aws")
    mute("collect", "aws", "--out", "more")
    assert asked == [("eu-west-1", "eu-north-1")] * 3
    mute("collect", "aws", "--out", "more", "--region", "us-east-1")
    assert asked[3:] == [("us-east-1",)]


def test_a_waiver_is_called_needless_only_where_its_policy_was_judged(mute: Mute) -> None:
    """By its identity, so that somebody can take it out."""
    Path("saved").mkdir()
    Path("saved/vpcs.json").write_text('{"Vpcs": []}')
    accepted = "{identity: 0123456789abcdef, owner: me, reason: why not, expires: 2099-01-01}"
    Path("w.yaml").write_text(f"mute: waivers/v1\nwaivers: [{accepted}]\n")
    asked = ("scan", "saved", "--waivers", "w.yaml")
    assert "the waiver 0123456789abcdef (me" in mute(*asked).err
    assert "waiver" not in mute(*asked, "--policy", "aws-ebs-encrypted").err
