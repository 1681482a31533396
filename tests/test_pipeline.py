"""From inputs to a report: counts, exit codes and their precedence."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mute_audit.address import Address
from mute_audit.analysis import Analysis
from mute_audit.drift.diff import DriftResult
from mute_audit.finding import (
    Declaration,
    DriftItem,
    DriftKind,
    Location,
    Report,
    Severity,
    SourceInfo,
    StaticResult,
    StaticStatus,
)
from mute_audit.inventory import Inventory
from mute_audit.pipeline import ScanInputs, run
from mute_audit.policy.context import Context
from mute_audit.policy.loader import load_policies
from mute_audit.sources.aws_json import load
from mute_audit.sources.raw import RawDocument, RawSnapshot
from mute_audit.verdict import AcceptedGap, Gap
from mute_audit.waivers import load_waivers

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

POLICY = """
mute: policy/v1
policies:
  - id: shell-never-from-internet
    kind: reach.never
    severity: medium
    title: {en: No shell, ko: 셸 없음}
    description: {en: Nobody, ko: 아무도}
    remediation: {en: Close it, ko: 닫기}
    from: [internet]
    to: ["type:ec2.instance"]
    ports: [tcp/22]
"""

PAUSED = DriftItem(DriftKind.CHANGED, Address("ec2.instance", "i-1"))


def estate(port: int, *, state: str = "running", gap: Gap | None = None) -> Inventory:
    """One public instance whose group lets the internet in on `port`."""
    eni: dict[str, Any] = {
        "NetworkInterfaceId": "eni-1",
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "PrivateIpAddress": "10.0.0.4",
        "Association": {"PublicIp": "198.51.100.4"},
        "Groups": [{"GroupId": "sg-1"}],
        "Attachment": {"InstanceId": "i-1"},
    }
    ways = [{"CidrIp": "0.0.0.0/0"}]
    documents = {
        "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333"}],
        "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}],
        "RouteTables": [
            {
                "RouteTableId": "rtb-1",
                "VpcId": "vpc-1",
                "Associations": [{"Main": True}],
                "Routes": [
                    {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
                    {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"},
                ],
            }
        ],
        "NetworkAcls": [
            {
                "NetworkAclId": "acl-1",
                "VpcId": "vpc-1",
                "Associations": [{"SubnetId": "subnet-1"}],
                "Entries": [
                    {
                        "RuleNumber": 100,
                        "Protocol": "-1",
                        "RuleAction": "allow",
                        "Egress": egress,
                        "CidrBlock": "0.0.0.0/0",
                    }
                    for egress in (True, False)
                ],
            }
        ],
        "SecurityGroups": [
            {
                "GroupId": "sg-1",
                "VpcId": "vpc-1",
                "IpPermissions": [
                    {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": ways}
                ],
                "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": ways}],
            }
        ],
        "NetworkInterfaces": [eni],
        "Reservations": [
            {"Instances": [{"InstanceId": "i-1", "VpcId": "vpc-1", "State": {"Name": state}}]}
        ],
        "InternetGateways": [
            {
                "InternetGatewayId": "igw-1",
                "Attachments": [{"VpcId": "vpc-1", "State": "available"}],
            }
        ],
    }
    raw = RawSnapshot(
        documents=(
            RawDocument("111122223333", "ap-northeast-2", "test", json.dumps(documents).encode()),
        ),
        gaps=(gap,) if gap else (),
        collected_at="",
        tool_version="",
        kind="directory",
    )
    return load(raw)


@pytest.mark.parametrize("declared", ["sg-1", "sg-1:ingress:tcp/22:0.0.0.0/0", "rtb-1"])
def test_a_finding_says_where_the_rules_of_its_way_are_written(
    policy_file: Path, declared: str
) -> None:
    """A rule with a block of its own, and one that is written in its group's or table's."""
    place = Location("main.tf", 12)
    ((finding,),) = [
        policy.findings
        for policy in report(policy_file, estate(22), declared={declared: place}).policies
    ]
    assert finding.declarations == (Declaration(declared, place),)
    assert finding.location is None
    at_home = report(policy_file, estate(22), declared={"i-1": place, "sg-2": place})
    ((finding,),) = [policy.findings for policy in at_home.policies]
    assert (finding.location, finding.declarations) == (place, ())


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "policies.yaml"
    path.write_text(POLICY)
    return path


def report(
    policy_file: Path,
    inventory: Inventory,
    *,
    drift: tuple[DriftItem, ...] | None = None,
    static: StaticResult | None = None,
    **more: Any,
) -> Report:
    changed = None if drift is None else DriftResult(drift, ())
    context = Context(analysis=Analysis(inventory), drift=changed, static=static)
    return run(
        ScanInputs(
            context=context,
            source=SourceInfo("directory", "test"),
            policies=load_policies([str(policy_file)], {}),
            tool_version="0",
            now=NOW,
            **more,
        )
    )


REFUSED = Gap(
    "ec2:DescribeVpcBlockPublicAccessOptions",
    "111122223333/ap-northeast-2",
    "AccessDenied: no",
    "VpcBlockPublicAccessOptions",
)


def test_a_clean_estate_is_0_and_an_open_port_1(policy_file: Path) -> None:
    """One port decides, and the finding names the policy and its witness."""
    clean, failed = report(policy_file, estate(443)), report(policy_file, estate(22))
    assert (clean.summary.exit_code, clean.summary.passed) == (0, 1)
    assert (failed.summary.exit_code, failed.summary.failed) == (1, 1)
    (finding,) = failed.policies[0].findings
    assert finding.evidence.witness is not None
    assert finding.evidence.witness.destination_port == 22
    assert failed.summary.exit_reasons == ("fail:shell-never-from-internet",)


def test_fail_on_is_a_threshold(policy_file: Path) -> None:
    """A medium failure counts from medium down, not at high; it is reported either way."""
    at = report(policy_file, estate(22), fail_on=Severity.MEDIUM)
    above = report(policy_file, estate(22), fail_on=Severity.HIGH)
    assert (at.summary.exit_code, above.summary.exit_code) == (1, 0)
    assert above.summary.failed == 1


def test_only_drift_is_3_and_a_failure_beats_it(policy_file: Path) -> None:
    """Drift alone is 3; with a failed policy it is 1 and both reasons are given."""
    alone = report(policy_file, estate(443), drift=(PAUSED,))
    both = report(policy_file, estate(22), drift=(PAUSED,))
    assert (alone.summary.exit_code, both.summary.exit_code) == (3, 1)
    assert both.summary.exit_reasons == ("fail:shell-never-from-internet", "drift")


def test_a_failed_call_is_4_and_beats_a_failure(policy_file: Path) -> None:
    """What hangs on the call is unknown; a closed port stays closed whatever it would say."""
    closed = report(policy_file, estate(443, gap=REFUSED))
    hanging = report(policy_file, estate(22, gap=REFUSED))
    assert (closed.summary.exit_code, closed.summary.passed) == (4, 1)
    assert (hanging.summary.exit_code, hanging.summary.unknown) == (4, 1)
    assert any(REFUSED.what in reason for reason in closed.summary.exit_reasons)


def test_an_accepted_gap_is_no_reason_for_4(policy_file: Path) -> None:
    """Accepted by name the gap is shown as such; another name accepts nothing."""
    yes = (AcceptedGap("ec2:DescribeVpcBlockPublicAccess*", "not used here"),)
    no = (AcceptedGap("ec2:DescribeSubnets", "not used here"),)
    accepted = report(policy_file, estate(443, gap=REFUSED), accepted=yes)
    refused = report(policy_file, estate(443, gap=REFUSED), accepted=no)
    assert (accepted.summary.exit_code, refused.summary.exit_code) == (0, 4)
    assert accepted.accepted_gaps == (REFUSED,)
    assert accepted.gaps == ()
    hanging = report(policy_file, estate(22, gap=REFUSED), accepted=yes)
    assert hanging.summary.exit_code == 0
    assert hanging.summary.unknown == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (StaticStatus.NOT_ASKED, 0),
        (StaticStatus.PASSED, 0),
        (StaticStatus.FAILED, 1),
        (StaticStatus.MISSING, 4),
        (StaticStatus.ERROR, 4),
    ],
)
def test_checkov_counts(policy_file: Path, status: StaticStatus, code: int) -> None:
    """A failed check is a failure; checkov asked for and not there is missing evidence."""
    found = report(policy_file, estate(443), static=StaticResult(status))
    assert found.summary.exit_code == code


def test_undecided_drift_is_4(policy_file: Path) -> None:
    """What could not be compared is not counted as drift, and not as clean."""
    item = DriftItem(DriftKind.UNKNOWN, Address("ec2.instance", "i-1"), gaps=(REFUSED,))
    found = report(policy_file, estate(443), drift=(item,))
    assert (found.summary.exit_code, found.summary.drift) == (4, 0)


def test_a_waived_finding_does_not_fail(policy_file: Path, tmp_path: Path) -> None:
    """The waiver binds to the finding's identity until its day is over."""
    (finding,) = report(policy_file, estate(22)).policies[0].findings
    path = tmp_path / "waivers.yaml"
    text = (
        "mute: waivers/v1\nwaivers:\n"
        f"  - identity: '{finding.identity}'\n    owner: ops\n    reason: bastion\n"
        "    expires: '{day}'\n"
    )
    path.write_text(text.format(day="2026-01-02"))
    waived = report(policy_file, estate(22), waivers=load_waivers(path))
    assert (waived.summary.exit_code, waived.summary.waived) == (0, 1)
    path.write_text(text.format(day="2026-01-01"))
    expired = report(policy_file, estate(22), waivers=load_waivers(path))
    assert (expired.summary.exit_code, expired.summary.waived) == (1, 0)


def test_the_violating_path_is_drawn(policy_file: Path) -> None:
    """The picture has the place, and the finding's way to it."""
    drawing = report(policy_file, estate(22)).drawing
    places = [
        p.address.id for v in drawing.vpcs for z in v.zones for s in z.subnets for p in s.places
    ]
    assert places == ["i-1"]
    (path,) = drawing.paths
    assert path.hops[-1] == "i-1"
    assert "igw-1" in path.hops
    assert report(policy_file, estate(443)).drawing.paths == ()


def test_a_stopped_instance_is_not_reachable(policy_file: Path) -> None:
    """The same open port on a stopped instance does not fail."""
    assert report(policy_file, estate(22, state="stopped")).summary.exit_code == 0
