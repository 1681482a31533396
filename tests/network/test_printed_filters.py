"""Ports, protocols and types at the edges of what filters may say, as `aws` prints them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asking import NO, UNKNOWN, YES, Asked
from estate import route
from printed import ANYWHERE, ANYWHERE6, Folder, Host, Region, Subnet, Thing, Vpc, acl_entry

from mute_audit.network.portspec import PortSpec
from mute_audit.network.trace import Question


@dataclass
class Two:
    """A client in one subnet, a server with the group under test in another."""

    folder: Folder
    region: Region
    vpc: Vpc
    one: Subnet
    two: Subnet
    client: Host
    server: Host
    group: Thing

    def asked(self) -> Asked:
        return Asked(self.folder.write())


def two(tmp_path: Path, *rules: tuple[str, Any], egress: Any = None) -> Two:
    folder = Folder(tmp_path, flat=True)
    region = folder.region()
    vpc = region.vpc("v", "10.0.0.0/16", six="2600:1f16:a:100::/56")
    one = vpc.subnet("one", "10.0.1.0/24", {}, six="2600:1f16:a:101::/64")
    there = vpc.subnet("two", "10.0.2.0/24", {}, six="2600:1f16:a:102::/64")
    clients = vpc.group("clients", egress=egress)
    group = vpc.group("servers", rules)
    client = one.instance("client", "10.0.1.10", [clients], six=["2600:1f16:a:101::10"])
    server = there.instance("server", "10.0.2.10", [group], six=["2600:1f16:a:102::10"])
    return Two(folder, region, vpc, one, there, client, server, group)


def partial(asked: Asked, at: Two, port: str) -> str:
    """What the note says of the ports that get through."""
    found = asked.trace(at.client, "10.0.2.10", port)
    assert found.verdict.value == YES
    return next(note for note in found.notes if note.startswith("partial")).partition(", ")[2]


def test_first_and_last_port(tmp_path: Path) -> None:
    at = two(tmp_path, ("tcp/0", ANYWHERE), ("tcp/65535", ANYWHERE), ("udp/0-65535", "10.0.1.0/24"))
    asked = at.asked()
    for port, verdict in (
        ("tcp/0", YES),
        ("tcp/1", NO),
        ("tcp/65534", NO),
        ("tcp/65535", YES),
        ("udp/0", YES),
        ("udp/65535", YES),
    ):
        asked.expect(
            at.client, "10.0.2.10", port, verdict, (), "" if verdict == YES else "security-group"
        )
    assert partial(asked, at, "tcp/1-65535") == "tcp/65535 gets through"
    assert partial(asked, at, "tcp/0-65535") == "tcp/0, tcp/65535 gets through"
    assert partial(asked, at, "all") == "tcp/0, tcp/65535, udp gets through"


def test_range_of_which_nothing_gets_through(tmp_path: Path) -> None:
    at = two(tmp_path, ("tcp/22", ANYWHERE))
    asked = at.asked()
    way = [at.client, at.one, at.two, at.server]
    asked.expect(at.client, at.server, "tcp/23-65535", NO, way, "security-group")
    asked.expect(at.client, at.server, "udp", NO, way, "security-group")
    asked.expect(at.client, at.server, "tcp", YES, way)
    asked.expect(at.client, at.server, "all", YES, way)


@pytest.mark.parametrize(
    ("rule", "open_", "shut"),
    [
        ("icmp/8", ["icmp/8", "icmp/8/0", "icmp/8/7"], ["icmp/0", "icmp/13", "icmp"]),
        ("icmp/8/0", ["icmp/8/0"], ["icmp/8/1", "icmp/3/4"]),
        ("icmp/3/4", ["icmp/3/4"], ["icmp/3/3", "icmp/8"]),
        ("icmp", ["icmp/8", "icmp/3/4", "icmp/255/255", "icmp"], ["tcp/8", "1-"]),
        ("50", ["50"], ["51", "tcp/50"]),
        ("all", ["0", "50", "255", "tcp/0", "icmp/8"], []),
        ("tcp/0-65535", ["tcp/0", "tcp/65535", "tcp"], ["udp/1", "50", "icmp/8"]),
    ],
)
def test_rule_of_a_group(tmp_path: Path, rule: str, open_: list[str], shut: list[str]) -> None:
    at = two(tmp_path, (rule, ANYWHERE))
    asked = at.asked()
    for port in open_:
        asked.expect(at.client, "10.0.2.10", port, YES)
    for port in shut:
        if port in ("1-", "icmp"):
            continue
        asked.expect(at.client, "10.0.2.10", port, NO, [at.server], "security-group")


def test_six_has_an_icmp_of_its_own(tmp_path: Path) -> None:
    at = two(tmp_path, ("icmpv6/128", ANYWHERE6), ("icmp/8", ANYWHERE))
    asked = at.asked()
    asked.expect(at.client, "2600:1f16:a:102::10", "icmpv6/128", YES)
    asked.expect(at.client, "2600:1f16:a:102::10", "icmpv6/129", NO, (), "security-group")
    asked.expect(at.client, at.server, "icmpv6/128", YES)
    asked.expect(at.client, at.server, "icmp/8", YES)
    asked.expect(at.client, at.server, "58", YES)


@pytest.mark.parametrize(
    ("entries", "port", "verdict"),
    [
        ([(200, "allow", "all", ANYWHERE), (100, "deny", "tcp/443", ANYWHERE)], "tcp/443", NO),
        ([(200, "deny", "all", ANYWHERE), (100, "allow", "tcp/443", ANYWHERE)], "tcp/443", YES),
        (
            [(100, "allow", "tcp/443", "10.0.0.0/8"), (90, "deny", "all", "10.0.1.0/24")],
            "tcp/443",
            NO,
        ),
        ([(100, "allow", "tcp/443", "10.0.1.10/32")], "tcp/443", YES),
        ([(100, "allow", "icmp/8/0", ANYWHERE)], "icmp/8/0", YES),
        ([(100, "allow", "icmp/0/0", ANYWHERE)], "icmp/8/0", NO),
        ([(100, "allow", "50", ANYWHERE)], "50", YES),
        ([(100, "allow", "50", ANYWHERE)], "51", NO),
        ([(100, "allow", "all", ANYWHERE6)], "tcp/443", NO),
        ([], "tcp/443", NO),
    ],
)
def test_entries_of_an_acl(
    tmp_path: Path, entries: list[tuple[int, str, str, str]], port: str, verdict: str
) -> None:
    at = two(tmp_path, ("all", ANYWHERE))
    made = [acl_entry(*entry, egress=False) for entry in entries]
    made.append(acl_entry(100, "allow", "all", ANYWHERE, egress=True))
    acl = at.vpc.acl("tested", made, at.two)
    asked = at.asked()
    stop = "" if verdict == YES else "network-acl"
    found = asked.expect(at.client, "10.0.2.10", port, verdict, [at.client, at.one, at.two], stop)
    if verdict == NO:
        assert found.blocked_by[0].id == acl.id
    neighbour = at.two.instance("neighbour", "10.0.2.11")
    # Inside the subnet no ACL applies.
    at.asked().expect(neighbour, "10.0.2.10", port, YES, [neighbour, at.server])


def test_groups_add_up_and_a_reference_to_oneself_counts(tmp_path: Path) -> None:
    at = two(tmp_path, ("tcp/22", "10.9.0.0/16"))
    at.group.json["IpPermissions"].append(
        {
            "IpProtocol": "-1",
            "UserIdGroupPairs": [{"UserId": "111111111111", "GroupId": at.group.id}],
            "IpRanges": [],
            "Ipv6Ranges": [],
            "PrefixListIds": [],
        }
    )
    more = at.vpc.group("more", [("tcp/443", "10.0.1.0/24")])
    both = at.two.instance("both", "10.0.2.20", [at.group, more])
    asked = at.asked()
    asked.expect(at.client, at.server, "tcp/443", NO, [at.server], "security-group")
    asked.expect(at.client, both, "tcp/443", YES, [at.client, both])
    asked.expect(both, at.server, "tcp/9", YES, [both, at.server])


def test_host_reaches_its_own_addresses_past_all_filters(tmp_path: Path) -> None:
    at = two(tmp_path, egress=[])
    tracer = at.asked().tracer
    for text in ("10.0.1.10", "2600:1f16:a:101::10"):
        question = Question(
            tracer.resolve(at.client.id), tracer.resolve(text), PortSpec.parse("tcp/443")
        )
        found = tracer.trace(question)
        assert found.verdict.value == YES
        assert [hop.id for hop in found.path] == [at.client.id]


def test_way_out_is_filtered_by_the_senders_groups(tmp_path: Path) -> None:
    at = two(tmp_path, ("all", [ANYWHERE, ANYWHERE6]), egress=[("tcp/443", "10.0.2.0/25")])
    asked = at.asked()
    asked.expect(at.client, at.server, "tcp/443", YES)
    asked.expect(
        at.client, at.server, "tcp/80", NO, [at.client], "security-group", code="no-egress-rule"
    )
    asked.expect(at.client, "2600:1f16:a:102::10", "tcp/443", NO, [at.client], "security-group")


def test_empty_prefix_list_matches_nothing(tmp_path: Path) -> None:
    at = two(tmp_path)
    empty = at.region.prefix_list("empty", aws=False)
    full = at.region.prefix_list("full", "10.0.1.0/28", "10.0.1.10/32", aws=False)
    for port, listed in ((443, empty), (80, full)):
        at.group.json["IpPermissions"].append(
            {
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "UserIdGroupPairs": [],
                "IpRanges": [],
                "Ipv6Ranges": [],
                "PrefixListIds": [{"PrefixListId": listed.id}],
            }
        )
    asked = at.asked()
    asked.expect(at.client, at.server, "tcp/443", NO, [at.server], "security-group")
    asked.expect(at.client, at.server, "tcp/80", YES)


@pytest.mark.parametrize(("owner", "verdict"), [("AWS", NO), ("111111111111", UNKNOWN)])
def test_list_of_a_service_names_no_private_address(
    tmp_path: Path, owner: str, verdict: str
) -> None:
    """CloudFront's list, say, of which only the description was saved."""
    at = two(tmp_path)
    listed = at.region.prefix_list("cloudfront", aws=False)
    listed.json |= {"OwnerId": owner, "PrefixListName": "origin-facing"}
    del at.region.items["PrefixListEntries"]
    at.group.json["IpPermissions"].append(
        {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "UserIdGroupPairs": [],
            "IpRanges": [],
            "Ipv6Ranges": [],
            "PrefixListIds": [{"PrefixListId": listed.id, "Description": "CloudFront"}],
        }
    )
    asked = at.asked()
    asked.expect(at.client, "10.0.2.10", "tcp/443", verdict, [at.client, at.one])
    asked.expect(at.client, "10.0.2.10", "tcp/80", NO, [at.server], "security-group")


def test_mapped_address_is_the_one_that_it_maps(tmp_path: Path) -> None:
    at = two(tmp_path, ("tcp/443", "10.0.1.0/24"))
    asked = at.asked()
    asked.expect(at.client, "::ffff:10.0.2.10", "tcp/443", YES, [at.client, at.server])
    asked.expect("::ffff:a00:10a", "10.0.2.10", "tcp/443", YES, [at.client, at.server])
    asked.expect("internet:::ffff:8.8.8.8", at.server, "tcp/443", NO)


@pytest.mark.parametrize("cidr", ["::ffff:10.0.1.0/120", "::ffff:a00:100/120", "::ffff:0:0/96"])
def test_mapped_network_in_a_rule_is_read(tmp_path: Path, cidr: str) -> None:
    """No packet has such an address on the wire: the rule matches none."""
    at = two(tmp_path, ("tcp/443", cidr))
    at.asked().expect(at.client, "10.0.2.10", "tcp/443", NO, [at.server], "security-group")


def test_ids_that_lead_nowhere_are_gaps_where_they_matter(tmp_path: Path) -> None:
    at = two(tmp_path, ("tcp/443", "sg-0fffffffffffffff0"), ("tcp/80", ANYWHERE))
    table = at.vpc.table("broken")
    for cidr, target in (
        ("203.0.113.0/28", "nat-0fffffffffffffff0"),
        ("203.0.113.16/28", "tgw-0fffffffffffffff0"),
        ("203.0.113.32/28", "pcx-0fffffffffffffff0"),
        ("203.0.113.48/28", "eni-0fffffffffffffff0"),
        ("203.0.113.64/28", "vpce-0fffffffffffffff0"),
        ("203.0.113.80/28", "i-0fffffffffffffff0"),
    ):
        table.json["Routes"].append(route(cidr, target))
    lost = at.vpc.subnet("lost", "10.0.3.0/24", table=table)
    host = lost.instance("lost", "10.0.3.10")
    bare = at.two.instance("bare", "10.0.2.30", ["sg-0eeeeeeeeeeeeeee0"])
    at.region.items["NetworkInterfaces"][-1]["Groups"] = [{"GroupId": "sg-0eeeeeeeeeeeeeee0"}]
    asked = at.asked()
    asked.expect(at.client, at.server, "tcp/80", YES)
    asked.expect(at.client, at.server, "tcp/443", NO, [at.server], "security-group")
    asked.expect(at.client, bare, "tcp/443", UNKNOWN)
    for number in range(0, 96, 16):
        asked.expect(host, f"203.0.113.{number + 1}", "udp/9", UNKNOWN, [host, lost])
    asked.expect(host, "203.0.113.200", "udp/9", NO, [host, lost], "route-table")


@pytest.mark.parametrize(
    ("key", "change", "verdict"),
    [
        ("State", {"Code": 80, "Name": "stopped"}, NO),
        ("State", {"Code": 16, "Name": "running"}, YES),
        ("State", {"Code": 0, "Name": "pending"}, YES),
        ("State", None, UNKNOWN),
    ],
)
def test_state_of_an_instance(tmp_path: Path, key: str, change: Any, verdict: str) -> None:
    at = two(tmp_path, ("tcp/443", ANYWHERE))
    at.server.json[key] = change
    if change is None:
        del at.server.json[key]
    asked = at.asked()
    for target in (at.server, "10.0.2.10"):
        stops = "host" if verdict == NO else ""
        asked.expect(at.client, target, "tcp/443", verdict, [at.client, at.server], stops)


def test_interface_that_is_attached_to_nothing(tmp_path: Path) -> None:
    """Whatever an older description of the instance says of it."""
    at = two(tmp_path, ("tcp/443", ANYWHERE))
    at.server.eni["Status"] = "available"
    asked = at.asked()
    for target in (at.server, "10.0.2.10"):
        asked.expect(at.client, target, "tcp/443", NO, [at.server], "host", code="not-attached")


def test_networks_that_overlap_take_the_longest(tmp_path: Path) -> None:
    at = two(tmp_path, ("all", ANYWHERE))
    igw = at.vpc.internet_gateway()
    eigw = at.vpc.egress_only()
    table = at.vpc.table(
        "overlap",
        {
            ANYWHERE6: igw,
            "2001:db8::/32": eigw,
            ANYWHERE: igw,
            "8.0.0.0/8": "eni-0fffffffffffffff0",
            "8.8.8.0/24": igw,
            "8.8.8.8/32": igw,
        },
    )
    table.json["Routes"].reverse()
    table.json["Routes"][1]["State"] = "blackhole"
    subnet = at.vpc.subnet("overlap", "10.0.4.0/24", table=table)
    host = subnet.instance("overlap", "10.0.4.10", public="3.9.9.9")
    asked = at.asked()
    asked.expect(host, "8.8.8.7", "tcp/443", NO, [host, subnet], "route-table", code="blackhole")
    asked.expect(host, "8.8.8.8", "tcp/443", YES, [host, subnet, igw])
    asked.expect(host, "9.9.9.9", "tcp/443", YES, [host, subnet, igw])
    asked.expect(host, "8.1.1.1", "tcp/443", UNKNOWN)
