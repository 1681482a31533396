"""Waivers: what they cover, until when, and what becomes of the rest."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import jsonschema
import pytest
import yaml

from mute_audit.address import Address
from mute_audit.errors import PolicyError
from mute_audit.finding import Evidence, Finding, PolicyResult, Severity, Text
from mute_audit.verdict import Verdict
from mute_audit.waivers import Waiver, WaiverSet, apply, load_waivers, schema

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


def make(name: str = "db", port: str = "tcp/22", verdict: Verdict = Verdict.FAIL) -> Finding:
    return Finding.build(
        policy="p",
        verdict=verdict,
        severity=Severity.HIGH,
        code="reach.forbidden",
        resource=Address("ec2.instance", f"i-{name}", name),
        evidence=Evidence(source="internet", port=port),
    )


def waiver(finding: Finding, expires: str = "2026-06-30", **fields: str) -> Waiver:
    return Waiver(
        identity=finding.identity,
        owner="platform team",
        reason="known",
        expires=expires,
        evidence=fields.get("evidence"),
        policy=fields.get("policy"),
    )


def result(*findings: Finding) -> PolicyResult:
    return PolicyResult("p", Text("p"), Severity.HIGH, "reach.only", Verdict.FAIL, 1, findings)


def test_a_waiver_marks_its_finding_and_no_other() -> None:
    one, other = make("one"), make("other")
    applied = apply([one, other], [waiver(one)], NOW)
    assert [bool(f.waived_by) for f in applied.findings] == [True, False]
    assert "platform team" in applied.findings[0].waived_by
    assert len(applied.used) == 1


def test_it_holds_through_its_last_day_in_utc_and_not_longer() -> None:
    found = make()
    last = datetime(2026, 6, 30, 23, 59, tzinfo=UTC)
    assert apply([found], [waiver(found)], last).used
    seoul = timezone(timedelta(hours=9))
    # Half past eight in the morning of the first of July in Seoul: still June in UTC.
    assert apply([found], [waiver(found)], datetime(2026, 7, 1, 8, 30, tzinfo=seoul)).used
    late = apply([found], [waiver(found)], datetime(2026, 7, 1, tzinfo=UTC))
    assert len(late.expired) == 1
    assert not late.findings[0].waived_by


def test_the_evidence_hash_binds_it_to_one_proof() -> None:
    found = make()
    exact = waiver(found, evidence=found.evidence_hash)
    assert apply([found], [exact], NOW).used
    changed = apply([found], [waiver(found, evidence="0" * 16)], NOW)
    assert changed.changed
    assert not changed.findings[0].waived_by


def test_a_waiver_for_another_policy_covers_nothing() -> None:
    found = make()
    assert not apply([found], [waiver(found, policy="q")], NOW).used
    assert apply([found], [waiver(found, policy="p")], NOW).used


def test_an_open_question_cannot_be_waived() -> None:
    found = make(verdict=Verdict.UNKNOWN)
    assert not apply([found], [waiver(found)], NOW).used


def test_a_waiver_whose_finding_is_gone_is_unused() -> None:
    found = make()
    waivers = WaiverSet((waiver(found),))
    assert waivers.unused([result()], NOW) == waivers.waivers
    assert waivers.unused([result(found)], NOW) == ()


def test_a_policy_passes_when_all_its_failures_are_waived() -> None:
    one, other = make("one"), make("other")
    partly = WaiverSet((waiver(one),)).apply([result(one, other)], NOW)
    assert partly[0].verdict is Verdict.FAIL
    wholly = WaiverSet((waiver(one), waiver(other))).apply([result(one, other)], NOW)
    assert wholly[0].verdict is Verdict.PASS
    assert all(f.waived_by for f in wholly[0].findings)


def test_what_is_open_stays_open_behind_a_waived_failure() -> None:
    one, open_ = make("one"), make("open", verdict=Verdict.UNKNOWN)
    (left,) = WaiverSet((waiver(one),)).apply([result(one, open_)], NOW)
    assert left.verdict is Verdict.UNKNOWN


def test_an_expired_waiver_is_said_in_the_notes() -> None:
    found = make()
    (left,) = WaiverSet((waiver(found, expires="2026-01-31"),)).apply([result(found)], NOW)
    assert left.verdict is Verdict.FAIL
    assert left.notes == ("waiver expired (platform team, until 2026-01-31: known)",)


FILE = """\
mute: waivers/v1
waivers:
  - identity: 0123456789abcdef
    owner: platform team
    reason: until the office has moved
    expires: 2026-12-31
"""


class TestFile:
    def test_it_is_read_with_its_places(self, tmp_path: Path) -> None:
        path = tmp_path / "waivers.yaml"
        path.write_text(FILE, "utf-8")
        found = load_waivers(path)
        assert found.waivers[0].expires == "2026-12-31"
        assert found.locations[0].line == 3
        jsonschema.validate(yaml.load(FILE, yaml.BaseLoader), schema())  # noqa: S506

    @pytest.mark.parametrize(
        ("before", "after", "message"),
        [
            ("2026-12-31", "31.12.2026", "is not a date such as"),
            ("2026-12-31", "2026-02-30", "is not a date such as"),
            ("    owner: platform team\n", "", "`waivers[0].owner` is missing"),
            ("platform team", "' '", "the text is empty"),
            ("0123456789abcdef", "xyz", "does not fit"),
            ("reason", "raeson", "did you mean `reason`?"),
            ("waivers/v1", "waiver/v1", "did you mean `waivers/v1`?"),
        ],
    )
    def test_what_is_wrong_is_told_with_its_line(
        self, tmp_path: Path, before: str, after: str, message: str
    ) -> None:
        assert before in FILE
        path = tmp_path / "waivers.yaml"
        path.write_text(FILE.replace(before, after), "utf-8")
        with pytest.raises(PolicyError) as caught:
            load_waivers(path)
        assert message in str(caught.value)

    def test_two_for_one_finding_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "waivers.yaml"
        path.write_text(FILE + FILE.partition("waivers:\n")[2], "utf-8")
        with pytest.raises(PolicyError, match="is already waived at"):
            load_waivers(path)


def test_the_published_schema_is_that_of_the_code() -> None:
    from mute_audit.resources import schema_path

    assert json.loads(schema_path("waivers").read_text("utf-8")) == schema()
