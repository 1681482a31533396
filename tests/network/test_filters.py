"""Security groups and network ACLs as sets of traffic: each test flips on one fact."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.network import NetworkAcl
from mute_audit.network.acls import AclFilter
from mute_audit.network.addresses import parse_address
from mute_audit.network.allowed import Allowed, combine
from mute_audit.network.groups import GroupFilter
from mute_audit.network.prefix_lists import PrefixLists
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Gap

NO_GROUPS: frozenset[str] = frozenset()


def inventory(*permissions: dict[str, Any], **more: Any) -> Inventory:
    group = {"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": list(permissions)}
    region = {"Account": "1", "Region": "r", "SecurityGroups": [group], **more}
    return Inventory((msgspec.convert(region, RegionInventory),))


def asked(found: Inventory, address: str, peer_groups: frozenset[str] = NO_GROUPS) -> Allowed:
    lists = PrefixLists(found)
    version, number = parse_address(address)
    return GroupFilter(found, lists, frozenset({"sg-1"}), egress=False).allows(
        version, number, peer_groups
    )


def tcp(port: int, **peer: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}


def cidr(*texts: str) -> dict[str, Any]:
    return {"IpRanges": [{"CidrIp": text} for text in texts]}


def test_n1_groups_add_up() -> None:
    """Two rules let through what either lets through."""
    one = asked(inventory(tcp(22, **cidr("10.0.0.0/8"))), "10.1.1.1")
    both = asked(
        inventory(tcp(22, **cidr("10.0.0.0/8")), tcp(80, **cidr("10.1.0.0/16"))), "10.1.1.1"
    )
    assert (str(one.yes), str(both.yes)) == ("tcp/22", "tcp/22, tcp/80")


def test_n2_no_rule_lets_nothing_in() -> None:
    """A group without a rule in this direction is closed."""
    assert not asked(inventory(), "10.1.1.1")
    assert asked(inventory(tcp(22, **cidr("0.0.0.0/0"))), "10.1.1.1")


def test_a_cidr_ends_where_it_ends() -> None:
    """The last address of a block is let in, the next one is not."""
    found = inventory(tcp(22, **cidr("10.0.0.0/24")))
    assert asked(found, "10.0.0.255")
    assert not asked(found, "10.0.1.0")


def test_n4_a_reference_matches_the_members_address_alone() -> None:
    """The same address is let in as a member's private one, and not when it is public."""
    found = inventory(tcp(22, UserIdGroupPairs=[{"GroupId": "sg-2"}]))
    assert asked(found, "10.0.0.1", frozenset({"sg-2"}))
    assert not asked(found, "10.0.0.1", NO_GROUPS)
    assert not asked(found, "10.0.0.1", frozenset({"sg-3"}))


def test_n10_a_prefix_list_without_entries_is_unknown() -> None:
    """With its entries the list decides; without them nothing is certain, and the gap says so."""
    rule = tcp(22, PrefixListIds=[{"PrefixListId": "pl-1"}])
    entries = [{"PrefixListId": "pl-1", "Entries": [{"Cidr": "10.0.0.0/24"}]}]
    known = inventory(rule, PrefixListEntries=entries)
    assert asked(known, "10.0.0.1").yes
    assert not asked(known, "10.0.1.1")
    open_ = asked(inventory(rule), "10.0.1.1")
    assert not open_.yes
    assert str(open_.maybe) == "tcp/22"
    assert [gap.where for gap in open_.gaps] == ["pl-1"]


def test_a_group_that_is_not_described_is_unknown() -> None:
    """A dangling group id lets nothing be said."""
    found = Inventory((msgspec.convert({"Account": "1", "Region": "r"}, RegionInventory),))
    answer = asked(found, "10.0.0.1")
    assert not answer.yes
    assert answer.maybe == Traffic.everything()
    assert {gap.what for gap in answer.gaps} == {"ec2:DescribeSecurityGroups"}


@pytest.mark.parametrize(
    ("permission", "spelled"),
    [
        ({"IpProtocol": "-1"}, "all"),
        ({"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535}, "tcp"),
        ({"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1}, "icmp"),
        ({"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1}, "icmp/8"),
        ({"IpProtocol": "icmp", "FromPort": 3, "ToPort": 4}, "icmp/3/4"),
        ({"IpProtocol": "50"}, "50"),
        ({"IpProtocol": "17", "FromPort": 53, "ToPort": 53}, "udp/53"),
    ],
)
def test_n11_n12_protocols(permission: dict[str, Any], spelled: str) -> None:
    """For ICMP the ports are type and code, other protocols count by number alone."""
    found = inventory({**permission, **cidr("0.0.0.0/0")})
    assert str(asked(found, "10.0.0.1").yes) == spelled


def acl(*entries: tuple[int, str, str, str]) -> AclFilter:
    rows = [
        {
            "RuleNumber": number,
            "Protocol": "6",
            "RuleAction": action,
            "Egress": False,
            "CidrBlock": block,
            "PortRange": {"From": int(ports.split("-")[0]), "To": int(ports.split("-")[-1])},
        }
        for number, action, block, ports in entries
    ]
    document = {"NetworkAclId": "acl-1", "VpcId": "vpc-1", "Entries": rows}
    return AclFilter(msgspec.convert(document, NetworkAcl), egress=False)


def through(found: AclFilter, address: str) -> str:
    version, number = parse_address(address)
    return str(found.allows(version, number).yes)


def test_n16_first_matching_entry_wins() -> None:
    """A deny before the allow shuts the port, the same deny after it does not."""
    before = acl((90, "deny", "0.0.0.0/0", "22"), (100, "allow", "0.0.0.0/0", "0-65535"))
    after = acl((110, "deny", "0.0.0.0/0", "22"), (100, "allow", "0.0.0.0/0", "0-65535"))
    assert through(before, "8.8.8.8") == "tcp/0-21, tcp/23-65535"
    assert through(after, "8.8.8.8") == "tcp"


def test_n16_nothing_matched_is_denied() -> None:
    """Without an entry for an address nothing passes."""
    found = acl((100, "allow", "10.0.0.0/8", "0-65535"))
    assert through(found, "10.1.1.1") == "tcp"
    assert through(found, "11.0.0.0") == "nothing"


def test_n20_ipv4_entries_say_nothing_of_ipv6() -> None:
    """`0.0.0.0/0` does not let IPv6 pass."""
    assert through(acl((100, "allow", "0.0.0.0/0", "22")), "2001:db8::1") == "nothing"
    both = NetworkAcl("acl-1", "vpc-1")
    assert not AclFilter(both, egress=False).allows(6, 1)


def test_an_acl_that_was_not_described_is_unknown() -> None:
    """The gap comes with everything that it leaves open."""
    gap = Gap("ec2:DescribeNetworkAcls", "subnet-1", "AccessDenied")
    answer = AclFilter(None, egress=True, gap=gap).allows(4, 1)
    assert not answer.yes
    assert answer.gaps == {gap}


def test_filters_in_a_row_and_side_by_side() -> None:
    """AND keeps what both let through, OR what either does; uncertainty survives where it can
    still decide."""
    gap = Gap("x")
    web, shell = Traffic.parse("tcp/443"), Traffic.parse("tcp/22")
    certain, unsure = Allowed(web), Allowed(Traffic(), web | shell, frozenset({gap}))
    assert certain & unsure == Allowed(Traffic(), web, frozenset({gap}))
    assert certain | unsure == Allowed(web, shell, frozenset({gap}))
    assert Allowed() & unsure == Allowed()
    assert certain | Allowed(Traffic(), web, frozenset({gap})) == certain


def test_one_of_several_is_certain_only_where_all_agree() -> None:
    """Of two possible places, what only one lets through stays open."""
    web, shell = Traffic.parse("tcp/443"), Traffic.parse("tcp/22")
    both = combine([Allowed(web | shell), Allowed(web)])
    assert both.yes == web
    assert both.maybe == shell
