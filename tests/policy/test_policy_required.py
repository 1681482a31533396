"""`reach.required`: what must work, and by which way."""

from __future__ import annotations

from typing import Any

import pytest
from policy_estate import Document, analysis, group, interface, refuse, rule

from mute_audit.errors import DisagreementError
from mute_audit.finding import Finding, PolicyResult
from mute_audit.network.allowed import Allowed
from mute_audit.network.groups import GroupFilter
from mute_audit.network.traffic import Traffic
from mute_audit.policy.checks.required import required
from mute_audit.policy.context import Context
from mute_audit.verdict import Gap, Verdict


def judge(policy: Any, estate: Document, *gaps: Gap) -> PolicyResult:
    return required(policy, Context(analysis(estate, *gaps)))


def the_one(result: PolicyResult) -> Finding:
    (found,) = result.findings
    return found


@pytest.fixture
def to_database(make: Any) -> Any:
    return make("reach.required", from_="app", to="orders", ports="tcp/5432")


@pytest.fixture
def from_internet(make: Any) -> Any:
    return make("reach.required", from_="internet", to="web", ports=["tcp/80", "tcp/443"])


def egress(make: Any, **fields: Any) -> Any:
    return make("reach.required", from_="other", to="internet", ports="tcp/443", **fields)


def test_passes_when_it_works(to_database: Any, estate: Document) -> None:
    result = judge(to_database, estate)
    assert (result.verdict, result.judged) == (Verdict.PASS, 1)


def test_a_closed_port_fails_with_what_closes_it(to_database: Any, estate: Document) -> None:
    group(estate, "db")["IpPermissions"] = []
    found = the_one(judge(to_database, estate))
    assert (found.verdict, found.code) == (Verdict.FAIL, "reach.missing")
    assert (found.params["source"], found.params["target"]) == ("app", "orders")
    assert [b.component for b in found.evidence.blockers] == ["security-group"]
    assert found.evidence.blockers[0].id == "sg-db"


def test_a_pass_to_some_of_the_client_s_ports_is_noted(
    from_internet: Any, estate: Document
) -> None:
    """N18: the range is named; with all of it there is nothing to say."""
    assert [note for note in judge(from_internet, estate).notes if "partial" in note] == []
    for acl in estate["NetworkAcls"]:
        for item in acl["Entries"]:
            if item["Egress"] and item["RuleAction"] == "allow":
                item |= {"Protocol": "6", "PortRange": {"From": 1024, "To": 40000}}
    result = judge(from_internet, estate)
    assert result.verdict is Verdict.PASS
    (note,) = [note for note in result.notes if note.startswith("partial:")]
    assert "1024-40000" in note


def test_a_pass_that_takes_a_default_for_granted_says_so(
    from_internet: Any, estate: Document
) -> None:
    """Nobody saved whether VPC Block Public Access is on."""
    estate["VpcBlockPublicAccessOptions"] = [{"InternetGatewayBlockMode": "off"}]
    assert [note for note in judge(from_internet, estate).notes if "assumed" in note] == []
    del estate["VpcBlockPublicAccessOptions"]
    notes = judge(from_internet, estate).notes
    assert [note for note in notes if note.startswith("assumed: VPC Block Public Access")]


def test_a_pass_that_the_second_engine_denies_is_an_error(
    to_database: Any, estate: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A set engine that lets everything in: the packet is replayed, and there is no verdict."""
    group(estate, "db")["IpPermissions"] = []
    wide = Allowed(Traffic.everything())
    monkeypatch.setattr(GroupFilter, "allows", lambda *_, **__: wide)
    with pytest.raises(DisagreementError, match="the packet tracer says unreachable"):
        judge(to_database, estate)


def test_a_refusal_that_the_second_engine_denies_is_an_error(
    to_database: Any, estate: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A set engine that lets nothing in: the tracer's packet gets there, and that is told."""
    monkeypatch.setattr(GroupFilter, "allows", lambda *_, **__: Allowed())
    with pytest.raises(DisagreementError, match="the packet tracer lets"):
        judge(to_database, estate)


def test_every_blocker_is_told(to_database: Any, estate: Document) -> None:
    group(estate, "db")["IpPermissions"] = []
    group(estate, "app")["IpPermissionsEgress"] = []
    found = the_one(judge(to_database, estate))
    assert {b.id for b in found.evidence.blockers} == {"sg-app", "sg-db"}


def test_only_the_part_that_is_missing_is_told(from_internet: Any, estate: Document) -> None:
    assert judge(from_internet, estate).verdict is Verdict.PASS
    group(estate, "web")["IpPermissions"].pop(0)
    assert the_one(judge(from_internet, estate)).params["port"] == "tcp/80"


def test_the_internet_means_all_of_it(from_internet: Any, estate: Document) -> None:
    group(estate, "web")["IpPermissions"][1] = rule(443, cidr="0.0.0.0/1")
    found = the_one(judge(from_internet, estate))
    assert found.verdict is Verdict.FAIL
    assert found.params["port"] == "tcp/443"
    assert found.params["source"].startswith("internet:128.0.0.0/")
    assert found.evidence.blockers


def test_every_pair_is_judged(make: Any, estate: Document) -> None:
    policy = make("reach.required", from_=["web", "other"], to=["app", "orders"], ports="tcp/8080")
    result = judge(policy, estate)
    assert result.judged == 4
    ends = {(f.params["source"], f.params["target"]) for f in result.findings}
    assert ends == {("other", "app"), ("web", "orders"), ("other", "orders")}


def test_findings_of_one_source_differ_by_target(make: Any, estate: Document) -> None:
    policy = make("reach.required", from_="app", to=["web", "other"], ports="tcp/9")
    result = judge(policy, estate)
    assert len({f.identity for f in result.findings}) == 2
    outwards = make(
        "reach.required", from_="app", to=["internet:8.8.8.8", "internet:1.1.1.1"], ports="tcp/443"
    )
    group(estate, "app")["IpPermissionsEgress"] = []
    result = judge(outwards, estate)
    assert len({f.identity for f in result.findings}) == 2


def test_a_stopped_host_does_not_work(from_internet: Any, estate: Document) -> None:
    estate["Reservations"][0]["Instances"][0]["State"]["Name"] = "stopped"
    found = the_one(judge(from_internet, estate))
    assert found.verdict is Verdict.FAIL
    assert "host" in {b.component for b in found.evidence.blockers}


def test_a_subject_that_is_gone_fails(make: Any, estate: Document) -> None:
    policy = make("reach.required", from_="gone", to="web", ports="tcp/443")
    found = the_one(judge(policy, estate))
    assert (found.verdict, found.code) == (Verdict.FAIL, "subject.missing")


@pytest.mark.parametrize("source", ["tag:role=worker", "type:ecs.service", "sg:unused"])
def test_a_selector_that_selects_nothing_is_no_success(
    make: Any, estate: Document, source: str
) -> None:
    """What must work has to be there, unless the policy says that it may be absent."""
    estate["SecurityGroups"].append(
        {**group(estate, "other"), "GroupId": "sg-unused", "GroupName": "unused"}
    )
    ends = {"from_": source, "to": "orders", "ports": "tcp/5432"}
    found = the_one(judge(make("reach.required", **ends), estate))
    assert (found.verdict, found.code) == (Verdict.FAIL, "subject.empty")
    assert found.params["name"] in source
    result = judge(make("reach.required", **ends, allow_empty=True), estate)
    assert (result.verdict, result.judged) == (Verdict.PASS, 0)
    assert result.notes[0] == f"no place is in `{source}`"


def test_a_selector_whose_list_nobody_saved_is_unknown(make: Any, estate: Document) -> None:
    """AWS's default "no ECS service" says nothing of one that must work."""
    del estate["services"]
    policy = make("reach.required", from_="type:ecs.service", to="orders", ports="tcp/5432")
    found = the_one(judge(policy, estate))
    assert found.verdict is Verdict.UNKNOWN
    assert [gap.what for gap in found.evidence.gaps] == ["ecs:DescribeServices"]


def test_what_nothing_is_shown_to_stop_is_no_failure(to_database: Any, estate: Document) -> None:
    """A description without groups: no blocker can be named, so that it cannot be told."""
    estate["DBInstances"][0]["VpcSecurityGroups"] = []
    found = the_one(judge(to_database, estate))
    assert (found.verdict, found.code) == (Verdict.UNKNOWN, "reach.unknown")
    assert found.evidence.gaps


def test_evidence_that_is_missing_leaves_it_open(from_internet: Any, estate: Document) -> None:
    gap = refuse(estate, "NetworkAcls", "ec2:DescribeNetworkAcls")
    result = judge(from_internet, estate, gap)
    assert result.verdict is Verdict.UNKNOWN
    found = the_one(result)
    assert found.code == "reach.unknown"
    assert gap in found.evidence.gaps


class TestWay:
    def test_out_by_nat_passes(self, make: Any, estate: Document) -> None:
        assert judge(egress(make, only_via="nat-gateway"), estate).verdict is Verdict.PASS
        assert judge(egress(make, via="nat-gateway"), estate).verdict is Verdict.PASS
        assert judge(egress(make), estate).verdict is Verdict.PASS

    def test_out_by_the_internet_gateway_is_the_wrong_way(
        self, make: Any, estate: Document
    ) -> None:
        _publish(estate, "other")
        found = the_one(judge(egress(make, only_via="nat-gateway"), estate))
        assert (found.verdict, found.code) == (Verdict.FAIL, "reach.wrong_way")
        assert (found.params["via"], found.params["expected"]) == (
            "internet-gateway",
            "nat-gateway",
        )
        assert found.resource.name == "other"
        assert found.evidence.witness is not None
        assert the_one(judge(egress(make, via="nat-gateway"), estate)).code == "reach.wrong_way"
        assert judge(egress(make), estate).verdict is Verdict.PASS

    def test_a_second_way_is_wrong_for_only_via_alone(self, make: Any, estate: Document) -> None:
        """Half of the internet goes out through NAT, half by the internet gateway."""
        _publish(estate, "other")
        public = estate["RouteTables"][0]
        public["Associations"].pop()
        nat = {"DestinationCidrBlock": "0.0.0.0/1", "NatGatewayId": "nat-1", "State": "active"}
        mixed = {
            **public,
            "RouteTableId": "rtb-mixed",
            "Routes": [*public["Routes"], nat],
            "Associations": [{"SubnetId": "subnet-private"}],
        }
        estate["RouteTables"].append(mixed)
        lower_half = {"from_": "other", "to": "internet:8.8.8.8", "ports": "tcp/443"}
        policy = make("reach.required", only_via="nat-gateway", **lower_half)
        assert judge(policy, estate).verdict is Verdict.PASS
        found = the_one(judge(egress(make, only_via="nat-gateway"), estate))
        assert found.code == "reach.wrong_way"
        assert found.evidence.witness is not None
        assert int(found.evidence.witness.destination.partition(".")[0]) >= 128

    def test_no_way_at_all_is_missing_and_not_wrong(self, make: Any, estate: Document) -> None:
        estate["RouteTables"][1]["Routes"].pop()
        found = the_one(judge(egress(make, only_via="nat-gateway"), estate))
        assert (found.verdict, found.code) == (Verdict.FAIL, "reach.missing")

    def test_a_nat_gateway_that_is_not_described_is_not_taken_for_none(
        self, make: Any, estate: Document
    ) -> None:
        gap = refuse(estate, "NatGateways", "ec2:DescribeNatGateways")
        result = judge(egress(make, only_via="nat-gateway"), estate, gap)
        assert result.verdict is Verdict.UNKNOWN


def _publish(estate: Document, name: str) -> None:
    """Give a private host a public address, and its subnet the internet route."""
    public = {"PublicIp": "198.51.100.30"}
    host = next(
        item for item in estate["Reservations"][0]["Instances"] if item["InstanceId"] == f"i-{name}"
    )
    for eni in (interface(estate, name), host["NetworkInterfaces"][0]):
        eni["Association"] = public
        eni["PrivateIpAddresses"][0]["Association"] = public
    estate["RouteTables"][1]["Associations"].pop(1)
    estate["RouteTables"][0]["Associations"].append({"SubnetId": "subnet-private"})
