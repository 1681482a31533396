"""`reach.only`, `reach.never`, `reach.exposure`: who must not reach what.

Tests come in pairs: the estate as it is passes, and one fact flips the verdict.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from policy_estate import (
    OFFICE,
    Document,
    add_instance,
    analysis,
    group,
    instance,
    interface,
    join_group,
    refuse,
    rule,
)

from mute_audit.finding import Finding, PolicyResult
from mute_audit.policy.checks import reach
from mute_audit.policy.context import Context
from mute_audit.verdict import Gap, Verdict


def instance_of(estate: Document, name: str) -> Document:
    return next(
        item
        for block in estate["Reservations"]
        for item in block["Instances"]
        if item["InstanceId"] == f"i-{name}"
    )


def judge(policy: Any, estate: Document, *gaps: Gap) -> PolicyResult:
    check = {"reach.only": reach.only, "reach.never": reach.never}.get(policy.kind, reach.exposure)
    return check(policy, Context(analysis(estate, *gaps)))


def the_one(result: PolicyResult) -> Finding:
    (found,) = result.findings
    return found


@pytest.fixture
def only_app(make: Any) -> Any:
    return make("reach.only", to="orders", ports="tcp/5432", from_="app")


class TestOnly:
    def test_passes_when_nobody_else_gets_through(self, only_app: Any, estate: Document) -> None:
        result = judge(only_app, estate)
        assert (result.verdict, result.judged, result.findings) == (Verdict.PASS, 1, ())

    def test_another_host_that_gets_through_is_named_with_packet_and_rule(
        self, only_app: Any, estate: Document
    ) -> None:
        join_group(estate, "other", "app")
        found = the_one(judge(only_app, estate))
        assert found.verdict is Verdict.FAIL
        assert found.code == "reach.forbidden"
        assert found.resource.name == "orders"
        assert found.params["source"] == "other"
        assert found.params["port"] == "tcp/5432"
        assert found.params["expected"] == "app"
        assert found.evidence.path[0].id == "i-other"
        assert found.evidence.rules
        assert (found.evidence.source, found.evidence.port) == ("other", "tcp/5432")

    def test_each_stranger_is_a_finding_of_its_own(self, only_app: Any, estate: Document) -> None:
        join_group(estate, "other", "app")
        join_group(estate, "web", "app")
        result = judge(only_app, estate)
        assert [f.params["source"] for f in result.findings] == ["other", "web"]

    def test_other_ports_are_not_its_business(self, only_app: Any, estate: Document) -> None:
        group(estate, "db")["IpPermissions"].append(rule(5433, group="sg-other"))
        assert judge(only_app, estate).verdict is Verdict.PASS

    def test_the_excess_alone_is_reported(self, make: Any, estate: Document) -> None:
        group(estate, "db")["IpPermissions"].append(
            {
                "IpProtocol": "tcp",
                "FromPort": 5430,
                "ToPort": 5440,
                "UserIdGroupPairs": [{"GroupId": "sg-other"}],
            }
        )
        policy = make("reach.only", to="orders", ports=["tcp/5432", "tcp/5440-5450"], from_="app")
        assert the_one(judge(policy, estate)).params["port"] == "tcp/5432, tcp/5440"

    def test_the_internet_counts_as_a_stranger(self, make: Any, estate: Document) -> None:
        policy = make(
            "reach.only", to="web", ports="tcp/443", from_=["app", "other", "orders", "nat"]
        )
        found = the_one(judge(policy, estate))
        assert found.params["source"] == "internet"
        assert found.evidence.witness is not None
        assert found.evidence.witness.destination_port == 443

    def test_a_cidr_covers_the_part_of_the_internet_that_it_names(
        self, make: Any, estate: Document
    ) -> None:
        policy = make("reach.only", to="web", ports="tcp/22", from_=[OFFICE])
        assert judge(policy, estate).verdict is Verdict.PASS
        group(estate, "web")["IpPermissions"].append(rule(22, cidr="192.0.2.7/32"))
        found = the_one(judge(policy, estate))
        assert found.params["source"] == "internet:192.0.2.7/32"
        assert found.evidence.witness is not None
        assert found.evidence.witness.source == "192.0.2.7"

    def test_a_cidr_covers_hosts_with_an_address_in_it(self, make: Any, estate: Document) -> None:
        policy = make("reach.only", to="orders", ports="tcp/5432", from_="10.0.1.0/28")
        assert judge(policy, estate).verdict is Verdict.PASS
        narrower = make("reach.only", to="orders", ports="tcp/5432", from_="10.0.1.11/32")
        assert the_one(judge(narrower, estate)).params["source"] == "app"

    def test_a_subject_that_is_gone_fails(self, only_app: Any, estate: Document) -> None:
        estate["DBInstances"] = []
        found = the_one(judge(only_app, estate))
        assert (found.verdict, found.code) == (Verdict.FAIL, "subject.missing")
        assert found.resource.label == "orders"

    def test_a_subject_whose_list_nobody_saved_is_unknown(
        self, only_app: Any, estate: Document
    ) -> None:
        """AWS's default "no database" says nothing of one that has a name."""
        del estate["DBInstances"]
        result = judge(only_app, estate)
        assert result.verdict is Verdict.UNKNOWN
        assert [gap.what for gap in result.gaps] == ["rds:DescribeDBInstances"]

    def test_hosts_whose_list_nobody_saved_are_not_taken_for_strangers(
        self, make: Any, estate: Document
    ) -> None:
        """Their interfaces are described, and may be the very ones that are let in."""
        policy = make("reach.exposure", allow=[{"to": "web", "ports": "all"}])
        assert judge(policy, estate).verdict is Verdict.PASS
        del estate["Reservations"]
        result = judge(policy, estate)
        assert {item.verdict for item in result.findings} == {Verdict.UNKNOWN}

    def test_nobody_on_the_internet_has_a_public_address_of_the_estate(
        self, make: Any, estate: Document
    ) -> None:
        """A rule for one's own address lets in no stranger, beside another that is allowed."""
        mine = next(
            eni["Association"]["PublicIp"]
            for eni in estate["NetworkInterfaces"]
            if "Association" in eni
        )
        web = group(estate, "web")
        web["IpPermissions"] = [rule(22, cidr=text) for text in (f"{mine}/32", "203.0.113.0/24")]
        entry = {"from": "203.0.113.0/24", "to": "web", "ports": ["tcp/22"]}
        assert judge(make("reach.exposure", allow=[entry]), estate).verdict is Verdict.PASS
        web["IpPermissions"][0] = rule(22, cidr="198.51.100.200/32")
        assert judge(make("reach.exposure", allow=[entry]), estate).verdict is Verdict.FAIL

    @pytest.mark.parametrize(
        "target",
        [
            {"TransitGatewayId": "tgw-9"},
            {"VpcPeeringConnectionId": "pcx-9"},
            {"GatewayId": "vgw-9"},
            {"NetworkInterfaceId": "eni-9"},
        ],
        ids=lambda target: next(iter(target)),
    )
    def test_behind_what_nobody_describes_may_be_a_stranger(
        self, only_app: Any, estate: Document, target: dict[str, str]
    ) -> None:
        """An open group lets in whoever is behind an active route; a blackhole lets in nobody."""
        group(estate, "db")["IpPermissions"].append(rule(5432, cidr="172.16.0.0/12"))
        assert judge(only_app, estate).verdict is Verdict.PASS
        for table in estate["RouteTables"]:
            table["Routes"].append(
                {"DestinationCidrBlock": "172.16.0.0/12", "State": "active", **target}
            )
        assert judge(only_app, estate).verdict is Verdict.UNKNOWN
        for table in estate["RouteTables"]:
            table["Routes"][-1]["State"] = "blackhole"
        assert judge(only_app, estate).verdict is Verdict.PASS

    def test_a_gateway_that_could_not_be_listed_may_let_in_datagrams(
        self, make: Any, estate: Document
    ) -> None:
        """TCP would need a route back, and there is none to any gateway."""
        estate["VpnGateways"] = []
        gap = refuse(estate, "VpnGateways", "ec2:DescribeVpnGateways")
        tcp = make("reach.only", to="orders", ports="tcp/5432", from_="app")
        udp = make("reach.only", to="orders", ports="udp/5432", from_="app")
        assert judge(tcp, estate, gap).verdict is Verdict.PASS
        assert judge(udp, estate, gap).verdict is Verdict.UNKNOWN

    def test_a_stopped_host_that_would_get_there_is_noted(
        self, only_app: Any, estate: Document
    ) -> None:
        """It reaches nothing now, and its group lets it in once it is started."""
        join_group(estate, "other", "app")
        instance_of(estate, "other")["State"] = {"Name": "stopped"}
        result = judge(only_app, estate)
        assert result.verdict is Verdict.PASS
        (note,) = [note for note in result.notes if note.startswith("latent:")]
        assert note.startswith("latent: other gets to orders by tcp/5432")

    def test_a_stopped_host_that_is_allowed_or_shut_out_is_not_noted(
        self, only_app: Any, estate: Document
    ) -> None:
        for name in ("app", "other"):
            instance_of(estate, name)["State"] = {"Name": "stopped"}
        assert [note for note in judge(only_app, estate).notes if "latent" in note] == []

    def test_a_source_that_is_gone_lets_nobody_in(self, only_app: Any, estate: Document) -> None:
        """Which can hide no violation: the policy holds, and says what it names in vain."""
        estate["Reservations"][0]["Instances"].pop(1)
        estate["NetworkInterfaces"].pop(1)
        result = judge(only_app, estate)
        assert (result.verdict, result.notes) == (Verdict.PASS, ("lets nobody in: app",))

    def test_a_slip_in_a_source_turns_nothing_green(self, make: Any, estate: Document) -> None:
        policy = make("reach.only", to="orders", ports="tcp/5432", from_="apq")
        result = judge(policy, estate)
        assert the_one(result).params["source"] == "app"
        assert (result.verdict, result.notes) == (Verdict.FAIL, ("lets nobody in: apq (≈ app)",))

    @pytest.mark.parametrize("source", ["sg:app", "vpc:main", "subnet:private"])
    def test_a_selector_that_could_not_be_read_may_mean_any_host(
        self, make: Any, estate: Document, source: str
    ) -> None:
        """What gets through is not known to be a stranger, and not known to be none."""
        policy = make("reach.only", to="orders", ports="tcp/5432", from_=source)
        assert judge(policy, estate).verdict is Verdict.PASS
        key, action = {
            "sg": ("SecurityGroups", "ec2:DescribeSecurityGroups"),
            "vpc": ("Vpcs", "ec2:DescribeVpcs"),
            "subnet": ("Subnets", "ec2:DescribeSubnets"),
        }[source.partition(":")[0]]
        result = judge(policy, estate, refuse(estate, key, action))
        assert {found.verdict for found in result.findings} == {Verdict.UNKNOWN}

    def test_a_subject_that_could_not_be_listed_is_unknown(
        self, only_app: Any, estate: Document
    ) -> None:
        gap = refuse(estate, "DBInstances", "rds:DescribeDBInstances")
        result = judge(only_app, estate, gap)
        assert result.verdict is Verdict.UNKNOWN
        assert gap in result.gaps
        assert the_one(result).code == "reach.unknown"

    def test_sources_that_could_not_be_listed_leave_it_open(
        self, only_app: Any, estate: Document
    ) -> None:
        gap = Gap(
            "lambda:ListFunctions", "111122223333/ap-northeast-2", "AccessDenied", "Functions"
        )
        result = judge(only_app, estate, gap)
        assert result.verdict is Verdict.UNKNOWN
        assert the_one(result).evidence.gaps == (gap,)

    def test_an_interface_of_an_unknown_host_may_be_the_one_that_is_let_in(
        self, only_app: Any, estate: Document
    ) -> None:
        gap = refuse(estate, "Reservations", "ec2:DescribeInstances")
        result = judge(only_app, estate, gap)
        assert result.verdict is Verdict.UNKNOWN
        assert {f.verdict for f in result.findings} == {Verdict.UNKNOWN}
        assert all(f.evidence.gaps == (gap,) for f in result.findings)

    def test_a_namesake_is_not_let_in(self, only_app: Any, estate: Document) -> None:
        """Which of the two is meant cannot be told; each gets a finding, with its packet."""
        twin = instance("app2", "private", "10.0.1.12", "app")
        add_instance(estate, {**twin, "Tags": [{"Key": "Name", "Value": "app"}]})
        result = judge(only_app, estate)
        assert (result.verdict, result.judged) == (Verdict.UNKNOWN, 1)
        assert [found.code for found in result.findings] == ["subject.shared"] * 2
        assert {found.params["actual"] for found in result.findings} == {"i-app, i-app2"}
        assert {found.evidence.source for found in result.findings} == {"i-app", "i-app2"}
        assert len({found.identity for found in result.findings}) == 2
        assert all(found.evidence.witness and found.evidence.gaps for found in result.findings)

    def test_a_stranger_beside_namesakes_is_a_failure(
        self, only_app: Any, estate: Document
    ) -> None:
        twin = instance("app2", "private", "10.0.1.12", "app")
        add_instance(estate, {**twin, "Tags": [{"Key": "Name", "Value": "app"}]})
        join_group(estate, "other", "app")
        result = judge(only_app, estate)
        assert result.verdict is Verdict.FAIL
        codes = [found.code for found in result.findings]
        assert codes == ["reach.forbidden", "subject.shared", "subject.shared"]

    def test_namesakes_that_get_nowhere_are_none_of_its_business(
        self, only_app: Any, estate: Document
    ) -> None:
        twin = instance("app2", "private", "10.0.1.12", "other")
        add_instance(estate, {**twin, "Tags": [{"Key": "Name", "Value": "app"}]})
        group(estate, "db")["IpPermissions"] = []
        assert judge(only_app, estate).verdict is Verdict.PASS

    def test_the_id_or_the_tag_says_which_of_them_is_meant(
        self, make: Any, estate: Document
    ) -> None:
        twin = instance("app2", "private", "10.0.1.12", "app")
        add_instance(estate, {**twin, "Tags": [{"Key": "Name", "Value": "app"}]})
        by_id = make("reach.only", to="orders", ports="tcp/5432", from_="i-app")
        assert the_one(judge(by_id, estate)).evidence.path[0].id == "i-app2"
        by_tag = make("reach.only", to="orders", ports="tcp/5432", from_="tag:Name=app")
        assert judge(by_tag, estate).verdict is Verdict.PASS

    def test_namesakes_are_all_judged(self, make: Any, estate: Document) -> None:
        policy = make("reach.only", to="other", ports="tcp/9000", from_="app")
        assert judge(policy, estate).judged == 1
        add_instance(estate, instance("twin", "private", "10.0.1.13", "twin"))
        estate["SecurityGroups"].append(
            {**group(estate, "other"), "GroupId": "sg-twin", "GroupName": "twin"}
        )
        group(estate, "twin")["IpPermissions"] = [rule(9000, group="sg-web")]
        estate["Reservations"][0]["Instances"][-1]["Tags"] = [{"Key": "Name", "Value": "other"}]
        result = judge(policy, estate)
        assert result.judged == 2
        assert the_one(result).resource.id == "i-twin"

    def test_a_selector_of_an_empty_type_passes_and_says_so(
        self, make: Any, estate: Document
    ) -> None:
        """No service: nothing to judge. Services that nobody saved: unknown."""
        policy = make("reach.only", to="type:ecs.service", ports="tcp/80", from_="web")
        estate["services"] = []
        result = judge(policy, estate)
        assert (result.verdict, result.judged) == (Verdict.PASS, 0)
        assert result.notes == ("no place is in `type:ecs.service`", "nothing to judge")
        del estate["services"]
        result = judge(policy, estate)
        assert result.verdict is Verdict.UNKNOWN
        assert [gap.what for gap in result.gaps] == ["ecs:DescribeServices"]


class TestNever:
    def test_a_private_database_is_never_reached(self, make: Any, estate: Document) -> None:
        policy = make("reach.never", to="orders", through_forwarding=True)
        assert judge(policy, estate).verdict is Verdict.PASS

    def test_a_host_that_forwards_is_a_way_in(self, make: Any, estate: Document) -> None:
        policy = make("reach.never", to="orders", through_forwarding=True)
        join_group(estate, "web", "app")
        assert judge(policy, estate).verdict is Verdict.PASS
        interface(estate, "web")["SourceDestCheck"] = False
        found = the_one(judge(policy, estate))
        assert (found.verdict, found.code) == (Verdict.FAIL, "reach.forbidden")
        assert found.params["via"] == "web"
        assert "forwarding" in found.evidence.notes
        ids = [hop.id for hop in found.evidence.path]
        assert ids.index("i-web") < len(ids) - 1
        assert ids[-1].endswith("db:orders")
        direct = make("reach.never", to="orders")
        assert judge(direct, estate).verdict is Verdict.PASS

    def test_hosts_may_forward_to_each_other(self, make: Any, estate: Document) -> None:
        policy = make("reach.never", to="orders", through_forwarding=True)
        interface(estate, "web")["SourceDestCheck"] = False
        assert judge(policy, estate).verdict is Verdict.PASS
        interface(estate, "app")["SourceDestCheck"] = False
        assert the_one(judge(policy, estate)).params["via"] == "web, app"

    def test_forwarding_hosts_that_could_not_be_listed_leave_it_open(
        self, make: Any, estate: Document
    ) -> None:
        policy = make("reach.never", to="orders", through_forwarding=True)
        gap = refuse(estate, "NetworkInterfaces", "ec2:DescribeNetworkInterfaces")
        assert judge(policy, estate, gap).verdict is Verdict.UNKNOWN

    def test_a_named_subnet_stays_judged_when_it_gets_an_internet_route(
        self, make: Any, estate: Document
    ) -> None:
        policy = make("reach.never", to="subnet:private")
        group(estate, "other")["IpPermissions"].append(rule(22, cidr="0.0.0.0/0"))
        for place in (interface(estate, "other"), estate["Reservations"][0]["Instances"][2]):
            enis = place.get("NetworkInterfaces", [place])
            for eni in enis:
                public = {"PublicIp": "198.51.100.30"}
                eni["Association"] = public
                eni["PrivateIpAddresses"][0]["Association"] = public
        assert judge(policy, estate).verdict is Verdict.PASS
        estate["RouteTables"][1]["Associations"].pop(1)
        estate["RouteTables"][0]["Associations"].append({"SubnetId": "subnet-private"})
        result = judge(policy, estate)
        assert result.judged == 2
        assert the_one(result).params == {
            "source": "internet",
            "target": "other",
            "port": "tcp/22",
            "via": "internet-gateway",
        }

    def test_a_subnet_that_does_not_exist_fails(self, make: Any, estate: Document) -> None:
        found = the_one(judge(make("reach.never", to="subnet:privat"), estate))
        assert (found.code, found.resource.type) == ("subject.missing", "ec2.subnet")

    def test_a_subnet_that_could_not_be_listed_is_unknown(
        self, make: Any, estate: Document
    ) -> None:
        gap = refuse(estate, "Subnets", "ec2:DescribeSubnets")
        result = judge(make("reach.never", to="subnet:private"), estate, gap)
        assert result.verdict is Verdict.UNKNOWN

    @pytest.mark.parametrize("lost", ["subnet", "group"])
    def test_what_stands_nobody_knows_where_may_stand_in_it(
        self, make: Any, estate: Document, lost: str
    ) -> None:
        """As before a resource is made: its subnet, or its group, is known at apply."""
        policy = make("reach.never", to="subnet:data" if lost == "subnet" else "sg:db")
        assert judge(policy, estate).verdict is Verdict.PASS
        for place in (interface(estate, "other"), estate["Reservations"][0]["Instances"][2]):
            for eni in place.get("NetworkInterfaces", [place]):
                if lost == "subnet":
                    eni["SubnetId"] = "subnet-unknown"
                else:
                    eni["Groups"] = [{"GroupId": "sg-unknown"}]
        assert judge(policy, estate).verdict is Verdict.UNKNOWN

    def test_a_subnet_says_what_may_stand_in_it_unseen(self, make: Any, estate: Document) -> None:
        del estate["DBInstances"]
        result = judge(make("reach.never", to="subnet:data"), estate)
        assert "assumed: no database instance (`DBInstances` is not in the snapshot)" in (
            result.notes
        )

    def test_a_tag_that_nothing_has_fails(self, make: Any, estate: Document) -> None:
        """A slip in it would let everything through; `allow_empty` says that it is none."""
        assert judge(make("reach.never", to="tag:Name=orders"), estate).verdict is Verdict.FAIL
        found = the_one(judge(make("reach.never", to="tag:Name=ordres"), estate))
        assert (found.verdict, found.code) == (Verdict.FAIL, "subject.empty")
        result = judge(make("reach.never", to="tag:Name=ordres", allow_empty=True), estate)
        assert (result.verdict, result.judged) == (Verdict.PASS, 0)
        assert result.notes[0] == "no place is in `tag:Name=ordres`"

    def test_a_tag_may_be_on_what_could_not_be_listed(self, make: Any, estate: Document) -> None:
        gap = refuse(estate, "DBInstances", "rds:DescribeDBInstances")
        result = judge(make("reach.never", to="tag:Name=ordres"), estate, gap)
        assert result.verdict is Verdict.UNKNOWN

    def test_a_name_that_is_nearly_right_is_guessed(self, make: Any, estate: Document) -> None:
        found = the_one(judge(make("reach.never", to="oders"), estate))
        assert (found.code, found.params["near"]) == ("subject.missing", "orders")

    def test_an_empty_subnet_passes_and_says_so(self, make: Any, estate: Document) -> None:
        estate["DBInstances"] = []
        result = judge(make("reach.never", to="subnet:data"), estate)
        assert result.verdict is Verdict.PASS
        assert result.notes == ("no place is in `subnet:data`", "nothing to judge")

    def test_few_addresses_are_not_the_whole_internet(self, make: Any, estate: Document) -> None:
        policy = make("reach.never", ports="tcp/22", at_least_addresses=1 << 24)
        assert judge(policy, estate).verdict is Verdict.PASS
        group(estate, "web")["IpPermissions"].append(rule(22, cidr="0.0.0.0/1"))
        found = the_one(judge(policy, estate))
        assert (found.params["target"], found.params["port"]) == ("web", "tcp/22")

    def test_halves_of_the_internet_add_up(self, make: Any, estate: Document) -> None:
        policy = make("reach.never", ports="tcp/22", at_least_addresses=1 << 31)
        group(estate, "web")["IpPermissions"].append(rule(22, cidr="0.0.0.0/1"))
        assert judge(policy, estate).verdict is Verdict.PASS
        group(estate, "web")["IpPermissions"].append(rule(22, cidr="128.0.0.0/1"))
        assert judge(policy, estate).verdict is Verdict.FAIL

    def test_what_may_be_the_whole_internet_is_unknown(self, make: Any, estate: Document) -> None:
        """An office for sure, and perhaps everybody: the prefix list was not collected."""
        policy = make("reach.never", ports="tcp/22", at_least_addresses=1 << 24)
        listed = {**rule(22), "PrefixListIds": [{"PrefixListId": "pl-1"}]}
        group(estate, "web")["IpPermissions"].append(listed)
        found = the_one(judge(policy, estate))
        assert (found.verdict, found.code) == (Verdict.UNKNOWN, "reach.unknown")
        assert found.evidence.gaps
        entries = [{"PrefixListId": "pl-1", "Entries": [{"Cidr": "192.0.2.0/24"}]}]
        estate["PrefixListEntries"] = entries
        assert judge(policy, estate).verdict is Verdict.PASS

    def test_without_targets_every_place_is_judged(self, make: Any, estate: Document) -> None:
        result = judge(make("reach.never", ports="udp/53"), estate)
        assert result.verdict is Verdict.PASS
        # Three instances, the database, the NAT gateway.
        assert result.judged == 5

    def test_a_way_out_is_told_of_the_host_that_has_it(self, make: Any, estate: Document) -> None:
        policy = make("reach.never", from_="other", to="internet", ports="tcp/443")
        found = the_one(judge(policy, estate))
        assert found.resource.name == "other"
        assert found.params["via"].startswith("nat-gateway")


@pytest.fixture
def exposed(make: Any) -> Any:
    return make(
        "reach.exposure",
        within="vpc:main",
        allow=[
            {"to": "web", "ports": ["tcp/80", "tcp/443"]},
            {"to": "web", "ports": "tcp/22", "from": OFFICE},
        ],
    )


class TestExposure:
    def test_passes_when_only_the_listed_is_open(self, exposed: Any, estate: Document) -> None:
        result = judge(exposed, estate)
        assert (result.verdict, result.judged) == (Verdict.PASS, 5)

    def test_one_more_port_is_a_finding_of_that_port(self, exposed: Any, estate: Document) -> None:
        group(estate, "web")["IpPermissions"].append(rule(8443, cidr="0.0.0.0/0"))
        found = the_one(judge(exposed, estate))
        assert found.params["port"] == "tcp/8443"
        assert found.evidence.witness is not None
        assert found.evidence.witness.destination_port == 8443

    def test_a_listed_port_is_open_to_the_listed_addresses_only(
        self, exposed: Any, estate: Document
    ) -> None:
        group(estate, "web")["IpPermissions"].append(rule(22, cidr="203.0.112.0/23"))
        found = the_one(judge(exposed, estate))
        assert found.params["source"] == "internet:203.0.112.0/24"

    def test_what_is_listed_and_closed_is_not_its_business(
        self, exposed: Any, estate: Document
    ) -> None:
        group(estate, "web")["IpPermissions"] = []
        assert judge(exposed, estate).verdict is Verdict.PASS

    def test_a_listed_place_that_is_gone_is_noted(self, exposed: Any, estate: Document) -> None:
        estate["Reservations"][0]["Instances"].pop(0)
        estate["NetworkInterfaces"].pop(0)
        result = judge(exposed, estate)
        assert (result.verdict, result.notes) == (Verdict.PASS, ("lets nobody in: web",))

    def test_a_namesake_of_what_is_listed_is_open_on_the_listed_ports_alone(
        self, exposed: Any, estate: Document
    ) -> None:
        group(estate, "web")["IpPermissions"].append(rule(8443, cidr="0.0.0.0/0"))
        twin = instance("web2", "public", "10.0.0.12", "web", public="198.51.100.12")
        add_instance(estate, {**twin, "Tags": [{"Key": "Name", "Value": "web"}]})
        found = {
            (item.resource.id, item.code, item.params["port"])
            for item in judge(exposed, estate).findings
        }
        assert found == {
            (host, code, port)
            for host in ("i-web", "i-web2")
            for code, port in (
                ("reach.forbidden", "tcp/8443"),
                ("subject.shared", "tcp/80, tcp/443"),
                ("subject.shared", "tcp/22"),
            )
        }

    def test_a_second_vpc_is_outside_of_it(self, exposed: Any, estate: Document) -> None:
        estate["Vpcs"].append({"VpcId": "vpc-2", "CidrBlock": "10.9.0.0/16"})
        stranger = instance("stray", "stray", "10.9.0.5", "web", public="198.51.100.99")
        stranger["VpcId"] = stranger["NetworkInterfaces"][0]["VpcId"] = "vpc-2"
        add_instance(estate, stranger)
        assert judge(exposed, estate).judged == 5

    def test_a_call_that_failed_leaves_it_open(self, exposed: Any, estate: Document) -> None:
        gap = refuse(estate, "DBInstances", "rds:DescribeDBInstances")
        result = judge(exposed, estate, gap)
        assert result.verdict is Verdict.UNKNOWN
        assert result.gaps == (gap,)


def test_identity_stays_when_the_instance_is_replaced(make: Any, estate: Document) -> None:
    policy = make("reach.only", to="web", ports="tcp/443", from_=["app", "other", "orders", "nat"])
    before = the_one(judge(policy, estate))
    text = estate["Reservations"][0]["Instances"][0]
    text["InstanceId"] = "i-replaced"
    text["NetworkInterfaces"][0]["Attachment"]["InstanceId"] = "i-replaced"
    interface(estate, "web")["Attachment"]["InstanceId"] = "i-replaced"
    after = the_one(judge(policy, estate))
    assert before.resource.id != after.resource.id
    assert before.identity == after.identity
    assert before.evidence_hash != after.evidence_hash


# What may hide a place when its call is refused: as something that is reached, and as a sender.
ECS, LAMBDA = ("services", "ecs:ListClusters"), ("Functions", "lambda:ListFunctions")
BALANCERS = ("LoadBalancers", "elasticloadbalancing:DescribeLoadBalancers")
ENDPOINTS = ("VpcEndpoints", "ec2:DescribeVpcEndpoints")


class TestHidden:
    """Interfaces tell of what no other call described, where the list of them is AWS's own."""

    @pytest.fixture
    def never(self, make: Any) -> Any:
        return make("reach.never", ports="tcp/9999")

    @staticmethod
    def complete(estate: Document) -> None:
        """RDS shows its interface as well, as it does at AWS."""
        estate["NetworkInterfaces"].append(
            {
                "NetworkInterfaceId": "eni-db",
                "SubnetId": "subnet-data",
                "VpcId": "vpc-1",
                "PrivateIpAddress": "10.0.2.10",
                "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.2.10", "Primary": True}],
                "Groups": [{"GroupId": "sg-db", "GroupName": "db"}],
                "Description": "RDSNetworkInterface",
                "Status": "in-use",
                "OwnerId": "111122223333",
            }
        )

    @pytest.mark.parametrize("call", [ECS, ENDPOINTS, BALANCERS])
    def test_what_has_an_interface_is_seen_by_it(
        self, never: Any, only_app: Any, estate: Document, call: tuple[str, str]
    ) -> None:
        self.complete(estate)
        gap = refuse(estate, *call)
        assert judge(never, estate, gap).verdict is Verdict.PASS
        assert judge(only_app, estate, gap).verdict is Verdict.PASS
        # A task of which nothing else is known lets the internet in.
        stranger = instance("task", "public", "10.0.0.77", "web", public="198.51.100.77")
        eni = stranger["NetworkInterfaces"][0]
        del eni["Attachment"]
        estate["NetworkInterfaces"].append(eni)
        group(estate, "web")["IpPermissions"].append(rule(9999, cidr="0.0.0.0/0"))
        found = judge(never, estate, gap).findings
        assert {item.resource.id for item in found} == {"i-web", "eni-task"}

    @pytest.mark.parametrize("call", [ECS, ENDPOINTS, BALANCERS])
    def test_a_list_that_lacks_interfaces_is_not_relied_on(
        self, never: Any, only_app: Any, estate: Document, call: tuple[str, str]
    ) -> None:
        """The database has one that is not in it: what else is not?"""
        gap = refuse(estate, *call)
        assert judge(never, estate, gap).gaps == (gap,)
        assert judge(only_app, estate, gap).gaps == (gap,)

    @pytest.mark.parametrize("call", [ECS, ENDPOINTS, BALANCERS])
    def test_without_the_list_it_is_open(
        self, never: Any, estate: Document, call: tuple[str, str]
    ) -> None:
        self.complete(estate)
        listed = refuse(estate, "NetworkInterfaces", "ec2:DescribeNetworkInterfaces")
        gap = refuse(estate, *call)
        assert gap in judge(never, estate, listed, gap).gaps

    def test_a_balancer_hides_what_it_passes_on_to(self, never: Any, estate: Document) -> None:
        self.complete(estate)
        gap = refuse(estate, *BALANCERS)
        assert judge(never, estate, gap).verdict is Verdict.PASS
        eni = copy.deepcopy(interface(estate, "web"))
        eni |= {"NetworkInterfaceId": "eni-lb", "Description": "ELB app/front/0123456789abcdef"}
        del eni["Attachment"]
        where = {"PrivateIpAddress": "10.0.0.99"}
        link = {"Association": {"PublicIp": "198.51.100.99", "IpOwnerId": "amazon-elb"}}
        eni |= where | link | {"PrivateIpAddresses": [where | link | {"Primary": True}]}
        estate["NetworkInterfaces"].append(eni)
        assert judge(never, estate, gap).gaps == (gap,)

    def test_functions_send_and_are_never_reached(
        self, never: Any, only_app: Any, estate: Document
    ) -> None:
        gap = refuse(estate, *LAMBDA)
        assert judge(never, estate, gap).verdict is Verdict.PASS
        assert judge(only_app, estate, gap).gaps == (gap,)
        # An idle one has no interface until it is called.
        self.complete(estate)
        assert judge(only_app, estate, gap).gaps == (gap,)
