"""SARIF 2.1.0, by the rules of the standard that a dashboard relies on."""

import json
from typing import Any

import msgspec
import pytest

from mute_audit.finding import Report
from mute_audit.render.formats import render
from mute_audit.verdict import Verdict


def run(report: Report) -> dict[str, Any]:
    document = json.loads(render(report, "sarif"))
    assert document["version"] == "2.1.0"
    (made,) = document["runs"]
    return made


def test_every_result_points_at_its_rule(changed: Report) -> None:
    made = run(changed)
    rules = made["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert made["results"]
    for result in made["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]


def test_kinds_and_levels_go_together_as_the_standard_says(changed: Report) -> None:
    """3.27.10: a level other than `none` is for the kind `fail` only."""
    for result in run(changed)["results"]:
        assert (result["level"] == "none") == (result["kind"] != "fail")
    kinds = {r["ruleId"]: r["kind"] for r in run(changed)["results"]}
    assert kinds["mute-rds-backend-only"] == "fail"
    assert kinds["mute-private-subnets"] == "open"
    assert kinds["mute-ecr-private"] == "open"
    assert kinds["drift/changed"] == "fail"
    assert kinds["drift/unknown"] == "open"
    assert "mute-iam-s3-ai" not in kinds


def test_a_finding_with_a_place_in_a_file_has_it_and_one_without_has_none(changed: Report) -> None:
    by_rule = {r["ruleId"]: r["locations"][0] for r in run(changed)["results"]}
    assert by_rule["mute-rds-backend-only"]["physicalLocation"] == {
        "artifactLocation": {"uri": "terraform/modules/security/main.tf"},
        "region": {"startLine": 41, "startColumn": 3},
    }
    assert "physicalLocation" not in by_rule["mute-internet-entry"]


def test_rules_that_are_written_in_a_file_are_related_places(changed: Report) -> None:
    (found,) = [r for r in run(changed)["results"] if r["ruleId"] == "mute-rds-backend-only"]
    related = found["relatedLocations"]
    assert [one["id"] for one in related] == [1, 2]
    assert related[0]["message"]["text"] == "sgr-0aa0000000000001"
    assert related[0]["physicalLocation"] == {
        "artifactLocation": {"uri": "terraform/rules.tf"},
        "region": {"startLine": 7},
    }


def test_the_fingerprint_stays_when_only_the_proof_changes(changed: Report) -> None:
    policy = changed.policies[0]
    finding = policy.findings[0]
    moved = msgspec.structs.replace(finding, evidence_hash="other")
    other = msgspec.structs.replace(
        changed,
        policies=(msgspec.structs.replace(policy, findings=(moved,)), *changed.policies[1:]),
    )
    before, after = run(changed)["results"][0], run(other)["results"][0]
    assert before["partialFingerprints"] == {"identity/v1": finding.identity}
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert before["fingerprints"] != after["fingerprints"]


def test_fingerprints_tell_results_apart(changed: Report) -> None:
    prints = [r["partialFingerprints"]["identity/v1"] for r in run(changed)["results"]]
    assert len(set(prints)) == len(prints)


def test_a_waived_finding_is_suppressed(changed: Report) -> None:
    (waived,) = [r for r in run(changed)["results"] if "suppressions" in r]
    assert waived["ruleId"] == "mute-imdsv2"
    assert waived["suppressions"] == [{"kind": "external", "justification": "W-2025-003"}]


def test_gaps_and_errors_are_notifications(changed: Report) -> None:
    (invocation,) = run(changed)["invocations"]
    assert invocation["executionSuccessful"] is True
    assert invocation["exitCode"] == 4
    (gap,) = invocation["toolExecutionNotifications"]
    assert "ec2:DescribeVpcBlockPublicAccessOptions" in gap["message"]["text"]
    (error,) = invocation["toolConfigurationNotifications"]
    assert error["associatedRule"] == {"id": "mute-ecr-private"}


def test_a_run_that_ended_in_an_error_was_not_successful(clean: Report) -> None:
    summary = msgspec.structs.replace(clean.summary, exit_code=2)
    (invocation,) = run(msgspec.structs.replace(clean, summary=summary))["invocations"]
    assert invocation["executionSuccessful"] is False


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.UNKNOWN])
def test_a_verdict_without_a_finding_is_still_a_result(clean: Report, verdict: Verdict) -> None:
    policy = msgspec.structs.replace(clean.policies[0], verdict=verdict)
    (result,) = run(msgspec.structs.replace(clean, policies=(policy,)))["results"]
    assert result["ruleId"] == policy.id
    assert result["kind"] == ("fail" if verdict is Verdict.FAIL else "open")


def test_addresses_are_uris_whatever_a_path_holds(hostile: Report) -> None:
    for result in run(hostile)["results"]:
        place = result["locations"][0].get("physicalLocation")
        if place is not None:
            uri = place["artifactLocation"]["uri"]
            assert uri.isascii()
            assert not set(uri) & set(' <>"{}|\\^`')
