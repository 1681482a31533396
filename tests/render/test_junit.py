"""JUnit XML: what a CI server counts."""

from xml.etree import ElementTree

import msgspec
import pytest

from mute_audit.finding import Report, StaticResult, StaticStatus
from mute_audit.render.formats import render
from mute_audit.verdict import Gap, Verdict


def parsed(report: Report) -> ElementTree.Element:
    return ElementTree.fromstring(render(report, "junit"))  # noqa: S314 - our own text


def outcomes(report: Report) -> dict[str, str]:
    return {
        case.get("name", ""): next(iter(child.tag for child in case), "ok")
        for case in parsed(report).iter("testcase")
    }


def test_every_policy_is_a_test_case_and_only_a_pass_is_ok(changed: Report) -> None:
    found = outcomes(changed)
    assert found["mute-rds-backend-only"] == "failure"
    assert found["mute-private-subnets"] == "error"
    assert found["mute-ecr-private"] == "error"
    assert found["mute-iam-s3-ai"] == "ok"
    assert found["mute-imdsv2"] == "ok"


def test_counts_are_those_of_the_cases(changed: Report) -> None:
    root = parsed(changed)
    for suite in [root, *root.iter("testsuite")]:
        cases = list(suite.iter("testcase"))
        assert int(suite.get("tests")) == len(cases)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name)) == sum(case.find(tag) is not None for case in cases)


def test_a_failure_carries_its_path_and_packet(changed: Report) -> None:
    failure = next(parsed(changed).iter("failure"))
    assert failure.get("message").startswith("The internet can reach hackathon-mute-rds")
    assert "→ hackathon-mute-rds" in failure.text
    assert "tcp 198.51.100.7:49152 → 192.168.3.77:5432" in failure.text


def test_drift_and_gaps_are_not_ok(changed: Report) -> None:
    found = outcomes(changed)
    assert found["ecr.repository mute-frontend"] == "failure"
    assert found["s3.bucket hackathon-mute-backend"] == "error"
    gap = "ec2:DescribeVpcBlockPublicAccessOptions 123456789012/ap-northeast-2"
    assert found[gap] == "error"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (StaticStatus.PASSED, "ok"),
        (StaticStatus.FAILED, "failure"),
        (StaticStatus.MISSING, "error"),
        (StaticStatus.ERROR, "error"),
    ],
)
def test_checkov_is_ok_only_where_it_passed(
    clean: Report, status: StaticStatus, outcome: str
) -> None:
    report = msgspec.structs.replace(clean, static=StaticResult(status))
    (suite,) = [s for s in parsed(report).iter("testsuite") if s.get("name") == "checkov"]
    assert [next(iter(child.tag for child in case), "ok") for case in suite] == [outcome]


def test_a_clean_report_has_no_failure_and_no_error(clean: Report) -> None:
    root = parsed(clean)
    assert (root.get("failures"), root.get("errors")) == ("0", "0")
    assert root.get("tests") == str(9 + 1 + 2)


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.ERROR, Verdict.FAIL])
def test_a_verdict_without_a_finding_is_not_ok(clean: Report, verdict: Verdict) -> None:
    policy = msgspec.structs.replace(
        clean.policies[0], verdict=verdict, gaps=(Gap("ec2:DescribeVpcs"),)
    )
    found = outcomes(msgspec.structs.replace(clean, policies=(policy,)))
    assert found[policy.id] == ("failure" if verdict is Verdict.FAIL else "error")


def test_hostile_names_stay_names(hostile: Report, sample: object) -> None:
    names = [case.get("name") for case in parsed(hostile).iter("testcase")]
    assert f"ec2.instance {sample.SCRIPT}" in names
    assert "ec2.instance safe⟨U+202E⟩gnp.exe⟨U+2066⟩" in names
