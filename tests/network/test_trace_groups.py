"""Security groups, as the packet tracer reads them: pairs that differ in one fact."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from estate import ANYWHERE, Estate
from tracing import ask, ids, notes, stops, verdict

from mute_audit.inventory import Inventory
from mute_audit.inventory.network import IpPermission, IpRange
from mute_audit.network.trace import Tracer

YES, NO, UNKNOWN = "reachable", "unreachable", "unknown"


def two_hosts(
    ingress: list[tuple[str, Any]],
    egress: list[tuple[str, Any]] | None = None,
    client_ingress: list[tuple[str, Any]] | None = None,
) -> Estate:
    """`a` (10.0.1.10) and `b` (10.0.2.10) in two subnets of one VPC; the rules are b's, or a's."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    one, two = vpc.subnet("one", "10.0.1.0/24"), vpc.subnet("two", "10.0.2.0/24")
    client = vpc.group("client", client_ingress or [], egress)
    server = vpc.group("server", ingress)
    one.instance("a", "10.0.1.10", groups=[client])
    two.instance("b", "10.0.2.10", groups=[server])
    return estate


def test_n1_rules_of_several_groups_add_up() -> None:
    """A port that only the second group opens is open; without that group it is closed."""

    def build(groups: list[str]) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16")
        subnet = vpc.subnet("s", "10.0.1.0/24")
        vpc.group("web", [("tcp/443", ANYWHERE)])
        vpc.group("ssh", [("tcp/22", ANYWHERE)])
        subnet.instance("a", "10.0.1.10")
        subnet.instance("b", "10.0.1.11", groups=groups)
        return estate

    assert verdict(build(["sg-web", "sg-ssh"]), "i-a", "i-b", "tcp/22") == YES
    assert verdict(build(["sg-web"]), "i-a", "i-b", "tcp/22") == NO


def test_n2_no_ingress_rule_lets_nothing_in() -> None:
    assert verdict(two_hosts([("tcp/443", ANYWHERE)]), "i-a", "i-b") == YES
    trace = ask(two_hosts([]), "i-a", "i-b")
    assert trace.verdict == NO
    assert stops(trace) == ["security-group no-ingress-rule"]
    assert trace.blocked_by[0].id == "sg-server"


def test_n2_no_egress_rule_lets_nothing_out() -> None:
    """A description without egress rules means that they were removed."""
    rules = [("tcp/443", ANYWHERE)]
    assert verdict(two_hosts(rules), "i-a", "i-b") == YES
    trace = ask(two_hosts(rules, egress=[]), "i-a", "i-b")
    assert stops(trace) == ["security-group no-egress-rule"]
    assert ids(trace) == ["i-a"]


def test_n3_answer_passes_whatever_the_opposite_rules_say() -> None:
    """Neither b's egress nor a's ingress is asked for the answer; the other way round they are."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    subnet = vpc.subnet("s", "10.0.1.0/24")
    client = vpc.group("client", [], [("tcp/443", ANYWHERE)])
    server = vpc.group("server", [("tcp/443", ANYWHERE)], [])
    subnet.instance("a", "10.0.1.10", groups=[client])
    subnet.instance("b", "10.0.1.11", groups=[server])
    assert verdict(estate, "i-a", "i-b") == YES
    assert stops(ask(estate, "i-b", "i-a")) == [
        "security-group no-egress-rule",
        "security-group no-ingress-rule",
    ]


def test_n4_reference_means_the_private_addresses_of_members() -> None:
    """The member gets in, a host beside it does not; the same rule, two senders."""
    estate = two_hosts([("tcp/443", "sg-client")])
    subnet = estate.items["Subnets"][0]
    assert subnet["SubnetId"] == "subnet-one"
    other = two_hosts([("tcp/443", "sg-client")])
    other.items["NetworkInterfaces"][0]["Groups"] = [{"GroupId": "sg-server"}]
    assert verdict(estate, "i-a", "i-b") == YES
    assert stops(ask(other, "i-a", "i-b"))[-1] == "security-group no-ingress-rule"


def test_n4_reference_is_not_matched_from_a_public_address() -> None:
    """The member's packet that arrives under its public address is nobody's (see N34)."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    subnet = vpc.subnet("s", "10.0.1.0/24", routes={ANYWHERE: igw})
    client = vpc.group("client")
    server = vpc.group("server", [("tcp/443", client)])
    subnet.instance("a", "10.0.1.10", groups=[client], public="3.0.0.1")
    subnet.instance("b", "10.0.1.11", groups=[server], public="3.0.0.2")
    assert verdict(estate, "i-a", "10.0.1.11") == YES
    assert stops(ask(estate, "i-a", "3.0.0.2")) == ["security-group no-ingress-rule"]


def test_n4_nothing_is_inherited_from_the_referenced_group() -> None:
    """What the referenced group lets in itself does not matter."""
    inner = two_hosts([("tcp/443", "sg-client")], client_ingress=[("tcp/22", ANYWHERE)])
    assert verdict(inner, "i-a", "i-b", "tcp/443") == YES
    assert verdict(inner, "i-a", "i-b", "tcp/22") == NO


def test_n5_self_reference_is_an_ordinary_reference() -> None:
    def build(second: str) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16")
        subnet = vpc.subnet("s", "10.0.1.0/24")
        vpc.group("pool", [("tcp/443", "sg-pool")])
        vpc.group("other")
        subnet.instance("a", "10.0.1.10", groups=[second])
        subnet.instance("b", "10.0.1.11", groups=["sg-pool"])
        return estate

    assert verdict(build("sg-pool"), "i-a", "i-b") == YES
    assert verdict(build("sg-other"), "i-a", "i-b") == NO


@pytest.mark.parametrize(
    ("entries", "expected"), [(["10.0.1.0/24"], YES), (["10.0.9.0/24"], NO), ([], NO)]
)
def test_n10_prefix_list_as_a_source(entries: list[str], expected: str) -> None:
    estate = two_hosts([("tcp/443", "pl-office")])
    estate.prefix_list("office", *entries)
    assert verdict(estate, "i-a", "i-b") == expected


def test_n10_prefix_list_as_a_destination() -> None:
    def build(cidr: str) -> Estate:
        estate = two_hosts([("tcp/443", ANYWHERE)], egress=[("tcp/443", "pl-servers")])
        estate.prefix_list("servers", cidr)
        return estate

    assert verdict(build("10.0.2.0/24"), "i-a", "i-b") == YES
    assert verdict(build("10.0.3.0/24"), "i-a", "i-b") == NO


def test_n10_prefix_list_that_was_not_collected_is_unknown_only_where_it_decides() -> None:
    estate = two_hosts([("tcp/443", "pl-office"), ("tcp/22", ANYWHERE)])
    estate.prefix_list("office", collected=False)
    trace = ask(estate, "i-a", "i-b")
    assert trace.verdict == UNKNOWN
    assert [gap.where for gap in trace.gaps] == ["pl-office"]
    assert trace.gaps[0].what == "ec2:GetManagedPrefixListEntries"
    assert verdict(estate, "i-a", "i-b", "tcp/22") == YES
    assert verdict(estate, "i-a", "i-b", "tcp/80") == NO


@pytest.mark.parametrize(
    ("rule", "asked", "expected"),
    [
        ("icmp/8/0", "icmp/8/0", YES),
        ("icmp/8/0", "icmp/8/1", NO),
        ("icmp/8", "icmp/8/1", YES),
        ("icmp/8", "icmp/13", NO),
        ("icmp", "icmp/13/0", YES),
        ("icmp", "tcp/8", NO),
        ("all", "icmp/8/0", YES),
    ],
)
def test_n11_icmp_rules_hold_type_and_code(rule: str, asked: str, expected: str) -> None:
    assert verdict(two_hosts([(rule, ANYWHERE)]), "i-a", "i-b", asked) == expected


def test_n12_other_protocols_are_matched_by_number_alone() -> None:
    estate = two_hosts([("47", ANYWHERE)])
    assert verdict(estate, "i-a", "i-b", "47") == YES
    assert verdict(estate, "i-a", "i-b", "50") == NO


def test_n14_groups_and_acls_do_not_filter_amazon_services() -> None:
    """With nothing let out, DNS, time and metadata are still there; another address is not."""
    estate = two_hosts([("all", ANYWHERE)], egress=[])
    estate.items["NetworkAcls"][0]["Entries"] = []
    for address, port in (
        ("169.254.169.253", "udp/53"),
        ("10.0.0.2", "udp/53"),
        ("169.254.169.123", "udp/123"),
        ("169.254.169.254", "tcp/80"),
    ):
        assert verdict(estate, "i-a", address, port) == YES, address
    assert verdict(estate, "i-a", "10.0.2.10", "udp/53") == NO
    assert verdict(estate, "i-a", "169.254.1.1", "udp/53") == NO


def test_n15_group_of_another_vpc_counts_by_interface() -> None:
    """A group that is associated with a second VPC works on the interfaces that have it."""

    def build(group_vpc: str) -> Estate:
        estate = two_hosts([("tcp/443", "sg-client")])
        estate.items["SecurityGroups"][0]["VpcId"] = group_vpc
        return estate

    assert verdict(build("vpc-v"), "i-a", "i-b") == YES
    assert verdict(build("vpc-elsewhere"), "i-a", "i-b") == YES


def test_group_that_is_not_described_makes_unknown_what_depends_on_it() -> None:
    estate = two_hosts([("tcp/443", ANYWHERE)])
    estate.items["SecurityGroups"] = [
        group for group in estate.items["SecurityGroups"] if group["GroupId"] != "sg-server"
    ]
    trace = ask(estate, "i-a", "i-b")
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].what == "security-group sg-server"


def test_failed_call_for_groups_is_named() -> None:
    estate = two_hosts([("tcp/443", ANYWHERE)]).fail("SecurityGroups")
    trace = ask(estate, "i-a", "i-b")
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].what == "ec2:DescribeSecurityGroups"
    assert trace.gaps[0].why == "UnauthorizedOperation"


def test_rule_is_named_by_its_id_where_one_was_collected() -> None:
    """`sgr-…` where SecurityGroupRules has it, else a text that says the rule."""
    estate = two_hosts([("tcp/443", ANYWHERE)])
    assert "sg-server:ingress:tcp/443:0.0.0.0/0" in ask(estate, "i-a", "i-b").rules
    estate.put(
        "SecurityGroupRules",
        {
            "SecurityGroupRuleId": "sgr-1",
            "GroupId": "sg-server",
            "IsEgress": False,
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "CidrIpv4": ANYWHERE,
        },
    )
    assert "sgr-1" in ask(estate, "i-a", "i-b").rules


def test_rule_that_cannot_be_read_is_a_gap_and_no_crash() -> None:
    """The loader refuses such a rule; the tracer does not rely on that."""
    inventory = two_hosts([("tcp/443", "10.0.1.0/24")]).inventory()
    (region,) = inventory.regions
    permission = IpPermission("tcp", 443, 443, ip_ranges=(IpRange("10.0.1.0/99"),))
    groups = tuple(
        msgspec.structs.replace(group, ip_permissions=(permission,))
        if group.group_id == "sg-server"
        else group
        for group in region.security_groups
    )
    damaged = Inventory((msgspec.structs.replace(region, security_groups=groups),))
    trace = ask(Tracer(damaged), "i-a", "i-b")
    assert trace.verdict == UNKNOWN
    assert "10.0.1.0/99" in trace.gaps[0].why
    assert notes(trace) == set()
