"""Repairs: tried on a copy, judged by the policies, and made by commands that AWS has."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import botocore.session
import msgspec
import pytest
from policy_estate import (
    ACCOUNT,
    OFFICE,
    REGION,
    Document,
    add_instance,
    analysis,
    group,
    instance,
    interface,
    join_group,
    rule,
)

from mute_audit.address import Address
from mute_audit.finding import Location, PolicyResult, Repair
from mute_audit.inventory.access import RepositoryPolicy
from mute_audit.network.reach import Reach
from mute_audit.policy.context import Context
from mute_audit.policy.evaluate import evaluate
from mute_audit.policy.loader import LoadedPolicy, PolicySet
from mute_audit.repair import with_repairs
from mute_audit.repair.access import repository_policy
from mute_audit.repair.candidates import Candidates
from mute_audit.repair.search import WORK
from mute_audit.verdict import Verdict


def policies(*made: Any) -> PolicySet:
    return PolicySet(tuple(LoadedPolicy(policy, Location("p.yaml", 1)) for policy in made))


def judged(asked: PolicySet, estate: Document, work: int = WORK) -> tuple[PolicyResult, ...]:
    context = Context(analysis(estate))
    return with_repairs(evaluate(asked, context), asked, context, work)


def codes(repairs: Sequence[Repair]) -> list[list[str]]:
    return [[change.code for change in repair.changes] for repair in repairs]


@pytest.fixture
def only_app(make: Any) -> Any:
    return make("reach.only", to="orders", ports="tcp/5432", from_="app")


@pytest.fixture
def app_works(make: Any) -> Any:
    return make("reach.required", from_="app", to="orders", ports="tcp/5432", id="works")


class TestShut:
    def test_the_rule_that_lets_strangers_in_is_deleted(
        self, only_app: Any, estate: Document
    ) -> None:
        """One change for both strangers; what is allowed stays."""
        group(estate, "db")["IpPermissions"].append(rule(5432, cidr="10.0.0.0/16"))
        (result,) = judged(policies(only_app), estate)
        assert len(result.findings) == 2
        (repair,) = result.repairs
        (change,) = repair.changes
        assert change.code == "remove-inbound-rule"
        assert change.resource.id == "sg-db"
        assert change.params["what"] == "tcp/5432 ← 10.0.0.0/16"
        assert set(repair.closes) == {finding.identity for finding in result.findings}

    def test_where_the_rule_is_needed_the_stranger_leaves_the_group(
        self, only_app: Any, estate: Document
    ) -> None:
        """Deleting the rule would close the finding as well, and shut out whom the policy names."""
        join_group(estate, "other", "app")
        (result,) = judged(policies(only_app), estate)
        assert codes(result.repairs) == [["leave-group"]]
        (change,) = result.repairs[0].changes
        assert change.params == {"group": "app", "host": "other"}
        assert "--groups sg-other" in change.command

    def test_two_rules_that_do_the_same_go_together(self, only_app: Any, estate: Document) -> None:
        group(estate, "db")["IpPermissions"] += [
            rule(5432, cidr="10.0.0.0/24"),
            rule(5432, cidr="10.0.0.0/25"),
        ]
        (result,) = judged(policies(only_app), estate)
        assert codes(result.repairs) == [["remove-inbound-rule"] * 2]

    def test_a_change_that_breaks_another_policy_is_no_repair(
        self, make: Any, estate: Document
    ) -> None:
        """The port must be open to the office, which the only rule lets in with everybody else."""
        group(estate, "web")["IpPermissions"] = [rule(22, cidr="0.0.0.0/0")]
        exposed = make(
            "reach.exposure", within="web", allow=[{"to": "web", "ports": "tcp/22", "from": OFFICE}]
        )
        works = make(
            "reach.required", from_=f"internet:{OFFICE}", to="web", ports="tcp/22", id="works"
        )
        first, second = judged(policies(exposed, works), estate)
        assert (first.verdict, second.verdict) == (Verdict.FAIL, Verdict.PASS)
        (repair,) = first.repairs
        assert [change.code for change in repair.changes] == ["narrow-inbound-rule"]
        assert repair.changes[0].params["to"] == OFFICE

    def test_a_route_goes_back_to_the_nat_gateway(self, make: Any, estate: Document) -> None:
        """It closes what two policies found, and the rules of the group stay."""
        group(estate, "app")["IpPermissions"].append(rule(443, cidr="0.0.0.0/0"))
        public(estate, "app")
        estate["RouteTables"][1]["Routes"][1] = {
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": "igw-1",
            "State": "active",
        }
        never = make("reach.never", to="subnet:private")
        egress = make(
            "reach.required",
            from_="app",
            to="internet",
            ports="tcp/443",
            only_via="nat-gateway",
            id="egress",
        )
        for result in judged(policies(never, egress), estate):
            assert codes(result.repairs) == [["point-route"]]
            (change,) = result.repairs[0].changes
            assert change.params["to"] == "nat"
            assert "replace-route" in change.command

    def test_a_host_that_forwards_gets_its_check_back(self, make: Any, estate: Document) -> None:
        policy = make("reach.never", to="app", through_forwarding=True)
        interface(estate, "web")["SourceDestCheck"] = False
        works = make("reach.required", from_="web", to="app", ports="tcp/8080", id="works")
        (result, _) = judged(policies(policy, works), estate)
        assert codes(result.repairs) == [["check-source"]]

    def test_each_finding_may_need_a_repair_of_its_own(self, make: Any, estate: Document) -> None:
        stray(estate)
        group(estate, "stray")["IpPermissions"] = [rule(9000, cidr="0.0.0.0/0")]
        group(estate, "web")["IpPermissions"].append(rule(9001, cidr="0.0.0.0/0"))
        allow = [
            {"to": "web", "ports": ["tcp/80", "tcp/443"]},
            {"to": "web", "ports": "tcp/22", "from": OFFICE},
        ]
        (result,) = judged(policies(make("reach.exposure", allow=allow)), estate)
        assert codes(result.repairs) == [["remove-inbound-rule"]] * 2
        assert {change.resource.id for r in result.repairs for change in r.changes} == {
            "sg-stray",
            "sg-web",
        }


class TestBystanders:
    """What is shared is not changed for one host's sake."""

    def test_a_route_is_not_taken_from_others_in_the_subnet(
        self, make: Any, estate: Document
    ) -> None:
        """The web server stands beside the stray, and no policy says that it must be reached."""
        stray(estate)
        (result,) = judged(policies(make("reach.never", to="stray")), estate)
        assert codes(result.repairs) == [["remove-inbound-rule"]]

    def test_the_way_out_of_a_nat_gateway_is_not_a_nat_gateway(
        self, make: Any, estate: Document
    ) -> None:
        """Nobody else is in the public subnet, but private hosts go out through it."""
        estate["Reservations"][0]["Instances"].pop(0)
        estate["NetworkInterfaces"] = [
            eni for eni in estate["NetworkInterfaces"] if eni["NetworkInterfaceId"] != "eni-web"
        ]
        stray(estate)
        (result,) = judged(policies(make("reach.never", to="stray")), estate)
        assert codes(result.repairs) == [["remove-inbound-rule"]]

    def test_a_rule_is_not_narrowed_to_a_network_that_it_never_let_in(
        self, make: Any, estate: Document
    ) -> None:
        """The office would be given all ports of the rule, of which the policy allows one."""
        group(estate, "db")["IpPermissions"] = [
            {**rule(0, cidr="10.0.0.0/16"), "FromPort": 0, "ToPort": 65535}
        ]
        only = make("reach.only", to="orders", ports="tcp/5432", from_=["app", OFFICE])
        context = Context(analysis(estate))
        (result,) = evaluate(policies(only), context)
        known = Candidates(context.analysis.inventory)
        tried = [each for finding in result.findings for each in known.of(only, finding)]
        assert "remove-inbound-rule" in {change.code for each in tried for change in each.changes}
        assert "narrow-inbound-rule" not in {c.code for each in tried for c in each.changes}

    def test_a_repository_is_repaired_in_its_own_region(self, make: Any, estate: Document) -> None:
        """The command is for one Region; the other's repository of this name stays open."""
        inventory = analysis(estate).inventory
        open_ = json.dumps({"Statement": [{"Sid": "All", "Effect": "Allow", "Principal": "*"}]})
        (here,) = (r for r in inventory.regions if r.region == REGION)
        mine = msgspec.structs.replace(
            here, repository_policies=(RepositoryPolicy(repository_name="api", policy_text=open_),)
        )
        two = replace(inventory, regions=(mine, msgspec.structs.replace(mine, region="us-east-1")))
        api = Address("ecr.repository", "arn:api", "api", ACCOUNT, REGION)
        label = "repository policy All"
        (candidate,) = repository_policy(two, api, label, ("ecr:BatchGetImage",))
        assert [
            open_ == region.repository_policies[0].policy_text
            for region in candidate.apply(two).regions
        ] == [False, True]
        assert f"--region {REGION}" in candidate.changes[0].command


class TestOpen:
    def test_a_rule_that_is_missing_is_added(self, app_works: Any, estate: Document) -> None:
        group(estate, "db")["IpPermissions"] = []
        (result,) = judged(policies(app_works), estate)
        assert codes(result.repairs) == [["add-inbound-rule"]]
        assert result.repairs[0].changes[0].params["what"] == "tcp/5432 ← app"

    def test_the_sender_is_let_in_by_the_group_that_is_his_own(
        self, app_works: Any, estate: Document
    ) -> None:
        """`all`, which everybody is in, comes first by its name."""
        group(estate, "db")["IpPermissions"] = []
        everybody = {**group(estate, "other"), "GroupId": "sg-all", "GroupName": "all"}
        estate["SecurityGroups"].append(everybody)
        for name in ("web", "app", "other"):
            join_group(estate, name, "all")
        (result,) = judged(policies(app_works), estate)
        assert result.repairs[0].changes[0].params["what"] == "tcp/5432 ← app"

    def test_all_that_is_missing_is_added_together(self, app_works: Any, estate: Document) -> None:
        group(estate, "db")["IpPermissions"] = []
        group(estate, "app")["IpPermissionsEgress"] = []
        (result,) = judged(policies(app_works), estate)
        assert sorted(codes(result.repairs)[0]) == ["add-inbound-rule", "add-outbound-rule"]

    def test_an_entry_that_denies_is_deleted(self, app_works: Any, estate: Document) -> None:
        estate["NetworkAcls"][0]["Entries"].append(
            {
                "RuleNumber": 50,
                "Protocol": "6",
                "RuleAction": "deny",
                "Egress": False,
                "CidrBlock": "10.0.1.0/24",
                "PortRange": {"From": 5432, "To": 5432},
            }
        )
        (result,) = judged(policies(app_works), estate)
        assert codes(result.repairs) == [["remove-acl-entry"]]

    def test_a_host_that_is_stopped_is_started(self, app_works: Any, estate: Document) -> None:
        estate["Reservations"][0]["Instances"][1]["State"]["Name"] = "stopped"
        (result,) = judged(policies(app_works), estate)
        assert codes(result.repairs) == [["start-host"]]

    def test_a_rule_that_would_let_in_too_much_is_none(
        self, make: Any, app_works: Any, estate: Document
    ) -> None:
        """What one policy asks for, another forbids: there is nothing to propose."""
        group(estate, "db")["IpPermissions"] = []
        nobody = make("reach.never", from_="app", to="orders", id="nobody")
        works, _ = judged(policies(app_works, nobody), estate)
        assert (works.verdict, works.repairs) == (Verdict.FAIL, ())


def test_nothing_is_proposed_for_what_holds_or_is_open(only_app: Any, estate: Document) -> None:
    (result,) = judged(policies(only_app), estate)
    assert (result.verdict, result.repairs) == (Verdict.PASS, ())


def test_a_large_estate_is_not_tried_out(only_app: Any, estate: Document) -> None:
    """Work is counted in interfaces, so that the same estate gives the same report."""
    group(estate, "db")["IpPermissions"].append(rule(5432, cidr="10.0.0.0/16"))
    (result,) = judged(policies(only_app), estate, work=0)
    assert (result.verdict, result.repairs) == (Verdict.FAIL, ())


def test_engines_that_differ_on_a_copy_leave_the_scan_as_it_is(
    only_app: Any, estate: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The estate that was scanned is judged; one that nobody has is not proposed."""
    from mute_audit.errors import DisagreementError

    group(estate, "db")["IpPermissions"].append(rule(5432, cidr="10.0.0.0/16"))
    asked, context = policies(only_app), Context(analysis(estate))
    results = evaluate(asked, context)

    def disagree(*_: object) -> None:
        raise DisagreementError("the engines differ")

    monkeypatch.setattr(Reach, "flows", disagree)
    (result,) = with_repairs(results, asked, context)
    assert (result.verdict, result.repairs) == (Verdict.FAIL, ())


# --- commands ---------------------------------------------------------------------------------


def stray(estate: Document) -> None:
    """A host of nobody's in the public subnet, open to the world."""
    add_instance(estate, instance("stray", "public", "10.0.0.44", "stray", public="198.51.100.44"))
    estate["SecurityGroups"].append(
        {**group(estate, "other"), "GroupId": "sg-stray", "GroupName": "stray"}
    )
    group(estate, "stray")["IpPermissions"] = [{**rule(22, cidr="0.0.0.0/0"), "IpProtocol": "-1"}]


def public(estate: Document, name: str) -> None:
    """Give a host a public address, wherever it is described."""
    host = next(i for i in estate["Reservations"][0]["Instances"] if i["InstanceId"] == f"i-{name}")
    for eni in (interface(estate, name), host["NetworkInterfaces"][0]):
        eni["Association"] = {"PublicIp": "198.51.100.77", "AssociationId": "eipassoc-1"}
        eni["PrivateIpAddresses"][0]["Association"] = eni["Association"]


def camel(flag: str) -> str:
    return "".join(word.capitalize() for word in flag.split("-"))


def check_command(text: str) -> None:
    """The operation exists, and takes what it is given."""
    words = shlex.split(text)
    assert words[0] == "aws"
    service, verb = {"s3api": "s3"}.get(words[1], words[1]), words[2]
    model = botocore.session.get_session().get_service_model(service)
    shape = model.operation_model(camel(verb).replace("Db", "DB")).input_shape
    known = {re.sub("[^a-z]", "", name.lower()) for name in shape.members}
    for word in words[3:]:
        if word.startswith("--") and word != "--region":
            flag = re.sub("[^a-z]", "", word.removeprefix("--").removeprefix("no-"))
            assert flag in known or flag == "ingress", f"{word} in {text}"


def test_every_command_is_one_of_the_aws_cli(make: Any, estate: Document) -> None:
    """Each kind of change of the network, by what boto3 knows of the operations."""
    group(estate, "db")["IpPermissions"].append(rule(5432, cidr="10.0.0.0/16"))
    join_group(estate, "other", "app")
    public(estate, "other")
    interface(estate, "other")["SourceDestCheck"] = False
    only = make("reach.only", to="orders", ports="tcp/5432", from_=["app", "10.0.9.0/24"])
    context = Context(analysis(estate))
    (result,) = evaluate(policies(only), context)
    known = Candidates(context.analysis.inventory)
    seen = set()
    for finding in result.findings:
        for candidate in known.of(only, finding):
            for change in candidate.changes:
                seen.add(change.code)
                for line in change.command.splitlines():
                    check_command(line)
                    assert "--region ap-northeast-2" in line or line.startswith("aws iam")
    assert seen >= {
        "remove-inbound-rule",
        "narrow-inbound-rule",
        "leave-group",
        "associate-table",
        "drop-public-address",
        "check-source",
    }
