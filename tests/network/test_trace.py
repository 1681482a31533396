"""Verdicts, witnesses, ranges, the contract's JSON and batches of the packet tracer."""

from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from estate import ANYWHERE, Estate
from tracing import ask, ids, notes, stops, verdict

from mute_audit.errors import PlaceError, UsageError
from mute_audit.finding import Packet
from mute_audit.network import tracer as package
from mute_audit.network.places import parse_network
from mute_audit.network.portspec import PortSpec
from mute_audit.network.trace import Question, Tracer, trace_batch
from mute_audit.network.tracer.codes import CODES, NOTES, Component

YES, NO, UNKNOWN = "reachable", "unreachable", "unknown"
OUT = "internet:8.8.8.8"


def pair(
    rules: list[tuple[str, Any]], *, egress_acl: list[tuple[int, str, str, str]] | None = None
) -> Estate:
    """`a` and `b` in two subnets; the rules are b's, the ACL is that of b's subnet."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    one, two = vpc.subnet("one", "10.0.1.0/24"), vpc.subnet("two", "10.0.2.0/24")
    if egress_acl is not None:
        vpc.acl("x", egress=egress_acl, subnets=[two])
    one.instance("a", "10.0.1.10")
    two.instance("b", "10.0.2.10", groups=[vpc.group("b", rules)])
    return estate


def test_n60_tcp_needs_the_answer_and_others_do_not() -> None:
    """The same closed way back: no handshake, but datagrams and pings arrive, one way."""
    rules = [("all", ANYWHERE)]
    for port, shut in (("tcp/443", NO), ("udp/53", YES), ("icmp/8/0", YES), ("47", YES)):
        assert verdict(pair(rules), "i-a", "i-b", port) == YES, port
        trace = ask(pair(rules, egress_acl=[]), "i-a", "i-b", port)
        assert trace.verdict == shut, port
        assert notes(trace) == (set() if shut == NO else {"one-way"}), port
        assert notes(ask(pair(rules), "i-a", "i-b", port)) == set()


def test_n61_a_reachable_verdict_has_its_packet_and_every_rule() -> None:
    trace = ask(pair([("tcp/443", "10.0.1.0/24")]), "i-a", "i-b")
    assert trace.witness == Packet("tcp", "10.0.1.10", "10.0.2.10", 49152, 443)
    assert trace.rules == (
        "sg-open-v:egress:all:0.0.0.0/0",
        "acl-default-v:egress:100",
        "rtb-main-v:10.0.0.0/16",
        "acl-default-v:ingress:100",
        "sg-b:ingress:tcp/443:10.0.1.0/24",
    )


def test_n61_a_refusal_has_all_blockers_and_not_only_the_first() -> None:
    """Open one of them, and the others are still told."""

    def build(ingress: list[tuple[str, str]]) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16")
        one, two = vpc.subnet("one", "10.0.1.0/24"), vpc.subnet("two", "10.0.2.0/24")
        vpc.acl("one", egress=[], subnets=[one])
        vpc.acl("two", ingress=[], egress=[], subnets=[two])
        one.instance("a", "10.0.1.10", groups=[vpc.group("a", [], [])])
        two.instance("b", "10.0.2.10", groups=[vpc.group("b", ingress)], state="stopped")
        return estate

    trace = ask(build([]), "i-a", "i-b")
    blockers = [(b.component, b.id) for b in trace.blocked_by]
    assert blockers == [
        ("security-group", "sg-a"),
        ("network-acl", "acl-one"),
        ("network-acl", "acl-two"),
        ("security-group", "sg-b"),
        ("host", "i-b"),
    ]
    assert ids(trace) == ["i-a"]
    assert trace.return_path == ()
    fewer = ask(build([("all", ANYWHERE)]), "i-a", "i-b").blocked_by
    assert [(b.component, b.id) for b in fewer] == [b for b in blockers if b[1] != "sg-b"]


def test_address_that_leads_to_another_host_is_said() -> None:
    """Two VPCs with the same CIDR, each with a peering: the route decides which one is meant."""
    estate = Estate()
    a, b, c = (
        estate.vpc(n, cidr)
        for n, cidr in (("a", "10.0.0.0/16"), ("b", "10.9.0.0/16"), ("c", "10.9.0.0/16"))
    )
    to_b = estate.peering("ab", a, b)
    estate.peering("ac", a, c)
    a.subnet("a", "10.0.1.0/24", routes={"10.9.0.0/16": to_b}).instance("a", "10.0.1.10")
    for name, vpc in (("b", b), ("c", c)):
        subnet = vpc.subnet(name, "10.9.1.0/24", routes={"10.0.0.0/16": f"pcx-a{name}"})
        subnet.instance(name, "10.9.1.10")
    assert verdict(estate, "i-a", "i-b") == YES
    trace = ask(estate, "i-a", "i-c")
    assert stops(trace) == ["no-such-destination other-host"]
    assert "i-b" in trace.blocked_by[0].detail


# --- ranges -------------------------------------------------------------------------------------


def test_range_is_reachable_if_a_part_is_and_the_part_is_named() -> None:
    estate = pair([("tcp/8010-8020", ANYWHERE), ("tcp/8050", ANYWHERE)])
    trace = ask(estate, "i-a", "i-b", "tcp/8000-8100")
    assert trace.verdict == YES
    assert any("tcp/8010-8020, tcp/8050 gets through" in note for note in trace.notes)
    assert verdict(estate, "i-a", "i-b", "tcp/8021-8049") == NO
    whole = ask(estate, "i-a", "i-b", "tcp/8012-8015")
    assert (whole.verdict, notes(whole)) == (YES, set())


def test_all_is_every_protocol_and_names_what_is_open() -> None:
    estate = pair([("tcp/22", ANYWHERE), ("icmp/8/0", ANYWHERE), ("47", ANYWHERE)])
    trace = ask(estate, "i-a", "i-b", "all")
    assert trace.verdict == YES
    assert any("of all, icmp/8/0, tcp/22, 47 gets through" in note for note in trace.notes)
    assert notes(ask(pair([("all", ANYWHERE)]), "i-a", "i-b", "all")) == set()
    assert verdict(pair([]), "i-a", "i-b", "all") == NO


def test_range_is_cut_by_acls_and_ports_0_and_65535_are_ports() -> None:
    estate = pair([("tcp/0-65535", ANYWHERE)])
    for port in ("tcp/0", "tcp/65535", "tcp/0-65535"):
        assert verdict(estate, "i-a", "i-b", port) == YES
    estate = pair([("tcp/0", ANYWHERE), ("tcp/65535", ANYWHERE)])
    trace = ask(estate, "i-a", "i-b", "tcp")
    assert any("tcp/0, tcp/65535 gets through" in note for note in trace.notes)


def test_network_as_a_place_is_every_host_in_it() -> None:
    estate = pair([("tcp/443", "10.0.1.10/32")])
    assert verdict(estate, "10.0.1.0/24", "i-b") == YES
    assert verdict(estate, "10.0.1.128/25", "i-b") == NO
    assert verdict(estate, "i-a", "10.0.2.0/24") == YES
    assert verdict(estate, "i-a", "10.0.2.128/25") == NO


# --- places -------------------------------------------------------------------------------------


def test_mapped_ipv6_address_is_the_ipv4_address() -> None:
    assert verdict(pair([("tcp/443", ANYWHERE)]), "i-a", "::ffff:10.0.2.10") == YES


def test_two_versions_of_ip_do_not_meet() -> None:
    estate = pair([("tcp/443", ANYWHERE)])
    assert stops(ask(estate, "i-a", "internet:2606:4700::1")) == [
        "no-such-destination no-common-family"
    ]
    assert verdict(estate, "i-a", "i-b", "icmpv6/128") == NO


def test_host_to_itself_never_leaves_it() -> None:
    trace = ask(pair([]), "i-b", "i-b")
    assert (trace.verdict, ids(trace)) == (YES, ["i-b"])


def test_address_of_nobody_is_unreachable_both_ways() -> None:
    estate = pair([("all", ANYWHERE)])
    assert stops(ask(estate, "i-a", "10.0.2.99")) == ["no-such-destination no-such-destination"]
    assert stops(ask(estate, "10.0.2.99", "i-b")) == ["no-such-destination no-such-destination"]


def test_interfaces_that_could_not_be_listed_make_addresses_unknown() -> None:
    trace = ask(
        Tracer(pair([("all", ANYWHERE)]).fail("NetworkInterfaces").inventory()), "i-a", "10.0.2.99"
    )
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].what == "ec2:DescribeNetworkInterfaces"


def test_interfaces_inside_instances_serve_where_there_is_no_list() -> None:
    estate = pair([("tcp/443", "10.0.1.10/32")]).drop("NetworkInterfaces")
    assert verdict(estate, "i-a", "i-b") == YES
    assert verdict(estate, "i-a", "i-b", "tcp/22") == NO


# --- one packet ---------------------------------------------------------------------------------


def test_follow_takes_the_packet_as_it_is() -> None:
    tracer = Tracer(pair([("tcp/443", ANYWHERE)]).inventory())
    packet = Packet("tcp", "10.0.1.10", "10.0.2.10", 40000, 443)
    assert tracer.follow(packet, "eni-a").verdict == YES
    closed = Packet("tcp", "10.0.1.10", "10.0.2.10", 40000, 22)
    assert tracer.follow(closed, "eni-a").verdict == NO
    foreign = Packet("tcp", "10.0.1.99", "10.0.2.10", 40000, 443)
    assert "host source-dest-check" in stops(tracer.follow(foreign, "eni-a"))
    with pytest.raises(PlaceError):
        tracer.follow(packet, "eni-nowhere")
    with pytest.raises(UsageError):
        tracer.follow(Packet("tcp", "10.0.1.10", "::1", 1, 2), "eni-a")


def test_follow_without_an_interface_comes_from_outside() -> None:
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    vgw = vpc.vpn_gateway()
    subnet = vpc.subnet("s", "10.0.1.0/24", routes={ANYWHERE: igw, "172.16.0.0/12": vgw})
    subnet.instance("a", "10.0.1.10", public="3.0.0.1")
    tracer = Tracer(estate.inventory())
    assert ids(tracer.follow(Packet("tcp", "8.8.8.8", "3.0.0.1", 1, 80), None))[0] == "igw-v"
    assert ids(tracer.follow(Packet("udp", "172.16.0.1", "10.0.1.10", 1, 80), None))[0] == "vgw-v"
    assert tracer.follow(Packet("tcp", "192.168.0.1", "10.0.1.10", 1, 80), None).verdict == UNKNOWN


def test_follow_knows_a_place_without_an_interface() -> None:
    """A witness to a database whose interface AWS has not described."""
    estate = pair([])
    vpc_subnets = estate.items["Subnets"]
    assert [s["SubnetId"] for s in vpc_subnets] == ["subnet-one", "subnet-two"]
    estate.put(
        "SecurityGroups",
        {
            "GroupId": "sg-db",
            "VpcId": "vpc-v",
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 5432,
                    "ToPort": 5432,
                    "IpRanges": [{"CidrIp": "10.0.1.0/24"}],
                }
            ],
        },
    )
    estate.put(
        "DBInstances",
        {
            "DBInstanceIdentifier": "db",
            "DBInstanceArn": "arn:aws:rds:eu-west-1:111111111111:db:db",
            "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-db"}],
            "DBSubnetGroup": {
                "VpcId": "vpc-v",
                "Subnets": [{"SubnetIdentifier": "subnet-two"}],
            },
        },
    )
    tracer = Tracer(estate.inventory())
    packet = Packet("tcp", "10.0.1.10", "10.0.2.77", 40000, 5432)
    assert tracer.follow(packet, "eni-a").verdict == NO
    assert tracer.follow(packet, "eni-a", target=tracer.resolve("db")).verdict == YES


# --- the contract -------------------------------------------------------------------------------


def test_json_is_the_trace_contract() -> None:
    found = ask(pair([]), "i-a", "i-b").to_json()
    assert list(found) == [
        *("schema", "verdict", "path", "return_path", "blocked_by", "witness", "notes", "gaps")
    ]
    assert found["schema"] == "mute-audit/trace/v1"
    assert found["verdict"] == "unreachable"
    assert found["path"][0] == {
        "kind": "instance",
        "id": "i-a",
        "name": "a",
        "decided_by": ["sg-open-v:egress:all:0.0.0.0/0"],
    }
    assert set(found["blocked_by"][0]) == {"component", "id", "code", "detail"}
    assert json.loads(json.dumps(found)) == found


def test_every_code_that_the_tracer_uses_stands_in_the_table() -> None:
    """And every code in the table is used; the same for the codes of notes."""
    used: set[str] = set()
    noted: set[str] = set()
    folder = Path(package.__file__).parent
    for file in [*folder.glob("*.py"), folder.parent / "trace.py"]:
        if file.name == "codes.py":
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if node.value in CODES:
                    used.add(node.value)
                noted |= {code for code in NOTES if node.value.startswith((f"{code}:", code))}
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "block":
                code = node.args[2]
                if isinstance(code, ast.Constant):
                    assert code.value in CODES, f"{file.name}: {code.value}"
    assert used == set(CODES)
    assert noted == set(NOTES)
    assert {item.value for item in Component} == {
        *("security-group", "network-acl", "route-table", "internet-gateway", "nat-gateway"),
        *("transit-gateway", "peering", "vpc-endpoint", "load-balancer"),
        *("block-public-access", "no-such-destination", "host"),
    }


# What both engines may know: what people write, and the names of places.
SHARED = {"claims", "outer", "parts", "place", "places", "portspec", "sites"}


def test_tracer_imports_nothing_of_the_set_engine() -> None:
    folder = Path(package.__file__).parent
    for file in [*folder.glob("*.py"), folder.parent / "trace.py", folder.parent / "portspec.py"]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "mute_audit.network."
            ):
                module = (node.module or "").split(".")[2]
                assert module in SHARED | {"trace", "tracer"}, file.name


def test_every_module_of_the_set_engine_is_out_of_the_tracer_s_reach() -> None:
    """The linter's list has to grow with the engine."""
    network = Path(package.__file__).parent.parent
    modules = {file.stem for file in network.glob("*.py")} - {"__init__", "trace"} - SHARED
    project = tomllib.loads((network.parents[1] / "pyproject.toml").read_text())
    (contract,) = (
        item
        for item in project["tool"]["importlinter"]["contracts"]
        if "mute_audit.network.tracer" in item.get("source_modules", ())
    )
    forbidden = {name.rpartition(".")[2] for name in contract["forbidden_modules"]}
    assert forbidden == modules


def test_order_of_a_snapshot_does_not_change_an_answer() -> None:
    estate = pair([("tcp/443", "10.0.1.0/24"), ("tcp/22", ANYWHERE)])
    before = [ask(estate, "i-a", "i-b", port).to_json() for port in ("tcp/443", "tcp/80", "all")]
    for items in estate.items.values():
        items.reverse()
    after = [ask(estate, "i-a", "i-b", port).to_json() for port in ("tcp/443", "tcp/80", "all")]
    assert before == after


# --- batches ------------------------------------------------------------------------------------


def test_batch_answers_in_order_and_goes_on_after_a_bad_line() -> None:
    tracer = Tracer(pair([("tcp/443", ANYWHERE)]).inventory())
    lines = [
        '{"from": "i-a", "to": "i-b", "port": "tcp/443"}',
        "",
        "{nonsense",
        '{"from": "i-a", "to": "i-nobody", "port": "tcp/443"}',
        '{"from": "i-a", "to": "i-b", "port": "tcp/99999"}',
        '{"from": "i-a", "to": "i-b", "port": "tcp/443", "source_port": "x"}',
        '{"from": "i-a", "to": "i-b", "port": "tcp/443", "sport": 1}',
        '["i-a"]',
        "[" * 100_000,
        '{"from": "i-a", "to": "i-b", "port": "tcp/22", "source_port": 40000}',
    ]
    found = list(trace_batch(tracer, lines))
    assert [item["verdict"] for item in found] == [YES, *[UNKNOWN] * 8, NO]
    assert found[1]["error"] == "line 2 is empty"
    assert found[2]["error"].startswith("line 3: not JSON")
    assert "`i-nobody` names no place" in found[3]["error"]
    assert "`99999`" in found[4]["error"]
    assert "source port" in found[5]["error"]
    assert "unknown key `sport`" in found[6]["error"]
    assert "nested too deeply" in found[8]["error"]
    assert "error" not in found[9]
    assert found[9]["witness"]["source_port"] == 40000


def test_source_port_outside_the_range_is_refused() -> None:
    tracer = Tracer(pair([]).inventory())
    place = parse_network("10.0.1.10")
    assert place is not None
    with pytest.raises(UsageError, match="70000"):
        tracer.trace(Question(place, place, PortSpec.parse("tcp/1"), 70000))
