"""The table for a spreadsheet."""

import csv
import io

from mute_audit.finding import Report
from mute_audit.render.csv import COLUMNS
from mute_audit.render.formats import render


def rows(report: Report) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(render(report, "csv"), newline=""))
    assert tuple(reader.fieldnames or ()) == COLUMNS
    return list(reader)


def test_every_policy_finding_difference_and_gap_has_a_row(changed: Report) -> None:
    found = rows(changed)
    kinds = [row["row"] for row in found]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "finding": 6,
        "policy": 3,
        "drift": 5,
        "gap": 1,
    }
    assert {row["policy"] for row in found} >= {policy.id for policy in changed.policies}
    first = found[0]
    assert first["verdict"] == "fail"
    assert first["witness"] == "tcp 198.51.100.7:49152 → 192.168.3.77:5432"
    assert first["path"].startswith("internet → hackathon_igw →")
    assert first["identity"] == changed.policies[0].findings[0].identity


def test_no_cell_starts_a_formula(hostile: Report) -> None:
    for row in rows(hostile):
        for value in row.values():
            assert not value.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert any(row["resource_name"].startswith("'=HYPERLINK(") for row in rows(hostile))


def test_a_row_stays_one_row_whatever_a_name_holds(hostile: Report) -> None:
    lines = render(hostile, "csv").split("\r\n")
    assert len(lines) == 1 + len(rows(hostile)) + 1
