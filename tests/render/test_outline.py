"""Counts, order and the one word for a report: only what is clean is ever green."""

import msgspec
import pytest

from mute_audit.finding import (
    DriftItem,
    DriftKind,
    Evidence,
    Hop,
    Packet,
    Report,
    StaticResult,
    StaticStatus,
    Summary,
)
from mute_audit.render.outline import (
    State,
    headline,
    link,
    open_first,
    outline,
    path_labels,
)
from mute_audit.render.wording import Wording
from mute_audit.verdict import Gap, Verdict


def with_verdict(report: Report, verdict: Verdict) -> Report:
    changed = msgspec.structs.replace(report.policies[0], verdict=verdict)
    return msgspec.structs.replace(report, policies=(changed, *report.policies[1:]))


def test_an_estate_as_intended_is_clean(clean: Report) -> None:
    assert outline(clean).state is State.CLEAN


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.FAIL, State.FAILED),
        (Verdict.UNKNOWN, State.INCOMPLETE),
        (Verdict.ERROR, State.INCOMPLETE),
    ],
)
def test_one_policy_that_does_not_pass_takes_the_green_away(
    clean: Report, verdict: Verdict, state: State
) -> None:
    """The saved summary still says that all is well: the results count."""
    assert outline(with_verdict(clean, verdict)).state is state


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"gaps": (Gap("ec2:DescribeVpcs"),)}, State.INCOMPLETE),
        ({"static": StaticResult(StaticStatus.MISSING)}, State.INCOMPLETE),
        ({"static": StaticResult(StaticStatus.ERROR)}, State.INCOMPLETE),
        ({"static": StaticResult(StaticStatus.FAILED)}, State.FAILED),
        ({"policies": (), "baseline": ""}, State.INCOMPLETE),
        ({"policies": ()}, State.CLEAN),
        ({"summary": Summary(exit_code=1)}, State.FAILED),
        ({"summary": Summary(exit_code=2)}, State.ERROR),
        ({"summary": Summary(exit_code=3)}, State.DRIFT),
        ({"summary": Summary(exit_code=4)}, State.INCOMPLETE),
        ({"static": StaticResult(StaticStatus.NOT_ASKED)}, State.CLEAN),
        ({"accepted_gaps": (Gap("ec2:DescribeVpcs"),)}, State.CLEAN),
    ],
)
def test_what_is_missing_wrong_or_different_shows_in_the_state(
    clean: Report, change: dict, state: State
) -> None:
    assert outline(msgspec.structs.replace(clean, **change)).state is state


@pytest.mark.parametrize(
    ("kind", "state"), [(DriftKind.CHANGED, State.DRIFT), (DriftKind.UNKNOWN, State.INCOMPLETE)]
)
def test_a_difference_is_drift_and_one_that_cannot_be_told_is_incomplete(
    clean: Report, kind: DriftKind, state: State
) -> None:
    item = DriftItem(kind, clean.drawing.vpcs[0].address)
    assert outline(msgspec.structs.replace(clean, drift=(item,))).state is state


def test_policies_come_worst_first_then_by_severity(changed: Report) -> None:
    order = [(p.verdict.value, p.severity.value) for p in outline(changed).policies]
    assert order == [
        ("fail", "critical"),
        ("fail", "high"),
        ("fail", "high"),
        ("fail", "medium"),
        ("error", "medium"),
        ("unknown", "critical"),
        ("pass", "high"),
        ("pass", "high"),
        ("pass", "low"),
    ]


def test_waived_findings_come_after_the_open_ones(changed: Report) -> None:
    policy = changed.policies[0]
    open_finding = policy.findings[0]
    waived = msgspec.structs.replace(open_finding, waived_by="W-1")
    both = msgspec.structs.replace(policy, findings=(waived, open_finding))
    assert open_first(both) == (open_finding, waived)


def test_the_headline_says_everything_that_is_not_as_it_should_be(changed: Report) -> None:
    facts = outline(changed)
    assert headline(changed, facts, Wording("en")) == (
        "4 of 9 policies fail, 1 cannot be told, 1 could not be evaluated, 5 differences from "
        "the baseline, 1 gap, 1 failed Terraform check, 1 waived finding"
    )
    assert headline(changed, facts, Wording("ko")).startswith("정책 9개 중 4개 위반, 판단 불가 1개")


def test_a_headline_with_an_open_verdict_never_says_that_all_policies_pass(clean: Report) -> None:
    report = with_verdict(clean, Verdict.UNKNOWN)
    text = headline(report, outline(report), Wording("en"))
    assert text.startswith("8 of 9 policies pass, 1 cannot be told")


@pytest.mark.parametrize(
    ("packet", "line"),
    [
        (Packet("tcp", "8.8.8.8", "10.0.0.1", 49152, 22), "tcp 8.8.8.8:49152 → 10.0.0.1:22"),
        (Packet("udp", "::1", "2001:db8::1", 1, 53), "udp [::1]:1 → [2001:db8::1]:53"),
        (Packet("icmp", "a", "b", icmp_type=8, icmp_code=0), "icmp 8/0 a → b"),
        (Packet("47", "a", "b"), "protocol 47 a → b"),
    ],
)
def test_a_witness_is_one_line(packet: Packet, line: str) -> None:
    assert packet.text == line


def test_a_path_starts_at_its_source_even_where_the_hops_do_not() -> None:
    hops = (Hop("internet-gateway", "igw-1", "igw"), Hop("instance", "i-1"))
    assert path_labels(Evidence(source="internet", path=hops), {"i-1": "web"}) == (
        "internet",
        "igw",
        "web",
    )
    whole = (Hop("internet", "internet"), *hops)
    assert path_labels(Evidence(source="internet", path=whole), {}) == ("internet", "igw", "i-1")
    assert path_labels(Evidence(source="web", path=hops), {}) == ("igw", "i-1")
    assert path_labels(Evidence(source="internet"), {}) == ()


def test_only_web_addresses_become_links() -> None:
    assert link("https://example.com/a") == "https://example.com/a"
    assert [link(text) for text in ("javascript:alert(1)", "data:x", " https://x", "x")] == [""] * 4
