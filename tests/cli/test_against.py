"""`--against`: the same source before and after a change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from policy_estate import documents, group, rule

from mute_audit.cli.schema import SCHEMAS
from tests.cli.conftest import Mute


def saved(folder: Path, estate: dict[str, Any]) -> Path:
    folder.mkdir()
    for key, items in estate.items():
        (folder / f"{key}.json").write_text(json.dumps({key: items}))
    return folder


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    """Before, and after somebody opened the database to the web server."""
    after = documents()
    group(after, "db")["IpPermissions"].append(rule(5432, group="sg-web"))
    return saved(tmp_path / "before", documents()), saved(tmp_path / "after", after)


def test_drift_names_the_new_pair_with_its_packet(mute: Mute, sides: tuple[Path, Path]) -> None:
    before, after = sides
    found = mute("drift", after, "--against", before)
    assert found.code == 3
    assert found.out.splitlines()[0] == "opened     web → orders: tcp/5432"
    assert found.out.splitlines()[1].startswith("  packet: tcp 10.0.0.10:")
    back = mute("drift", before, "--against", after)
    assert (back.code, back.out.split()[0]) == (3, "closed")
    same = mute("drift", after, "--against", after)
    assert (same.code, "nothing gets through otherwise" in same.out) == (0, True)


def refused(folder: Path, call: str) -> None:
    """As if this call had failed when the snapshot was collected."""
    gap = {"what": call, "where": "", "why": "AccessDenied", "key": "VpnConnections"}
    documents = [
        {"file": file.name, "account": "111122223333", "region": "ap-northeast-2", "key": file.stem}
        for file in sorted(folder.glob("*.json"))
    ]
    said = {"kind": "aws", "tool_version": "0", "collected_at": "", "accounts": {}}
    manifest = {"schema": "mute-audit/snapshot/v1", "gaps": [gap], "documents": documents, **said}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_gap_that_is_accepted_does_not_make_drift_incomplete(
    mute: Mute, sides: tuple[Path, Path]
) -> None:
    """As for a scan: by name and reason; another name accepts nothing."""
    before, after = sides
    refused(after, "ec2:DescribeVpnConnections")
    accepted = "mute: config/v1\naccept_gaps:\n  - what: {}\n    reason: no VPN here\n"
    for call, code in (("ec2:DescribeVpcs", 4), ("ec2:DescribeVpnConnections", 3)):
        Path("mute-audit.yaml").write_text(accepted.format(call))
        found = mute("drift", after, "--against", before)
        assert (found.code, "gap: " in found.err) == (code, code == 4)


def test_its_json_keeps_to_the_schema(mute: Mute, sides: tuple[Path, Path]) -> None:
    before, after = sides
    document = json.loads(mute("drift", after, "--against", before, "--format", "json").out)
    jsonschema.validate(document, SCHEMAS["drift"]())
    (effect,) = document["effects"]
    assert (effect["kind"], effect["traffic"], effect["certain"]) == ("opened", "tcp/5432", True)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_scan_reports_it_in_every_format(mute: Mute, sides: tuple[Path, Path], lang: str) -> None:
    before, after = sides
    formats = ("json", "html", "markdown", "csv", "text")
    asked = [word for name in formats for word in ("--format", name)]
    found = mute("scan", after, "--against", before, "--lang", lang, *asked)
    title = {"en": "Newly reachable", "ko": "새로 접근 가능"}[lang]
    assert f"{title} (1)\n+ web → orders: tcp/5432\n" in found.out
    report = json.loads(Path("reports/latest/report.json").read_text())
    assert [effect["traffic"] for effect in report["effects"]] == ["tcp/5432"]
    for name in ("report.html", "report.md", "report.csv", "report.txt"):
        assert "tcp/5432" in Path("reports/latest", name).read_text(), name
    # What changes is told; whether it may is for policies and baseline to say.
    assert found.code == mute("scan", after).code
    again = mute("report", "reports/latest/report.json", "--lang", lang).out
    assert title not in again


def test_without_a_baseline_the_hint_names_both(mute: Mute, sides: tuple[Path, Path]) -> None:
    found = mute("drift", sides[0])
    assert (found.code, "--against SOURCE" in found.err) == (2, True)
