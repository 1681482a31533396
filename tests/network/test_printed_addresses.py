"""Who is meant by an address or a network, and under which address somebody sends."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import NO, UNKNOWN, YES
from printed import ANYWHERE
from printed_gateways import OUT, OUT6, net

from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth


def test_way_out_by_a_target_that_is_not_modelled_leaves_the_way_in_open(tmp_path: Path) -> None:
    """Whether such a route takes the answers to the internet nobody can tell; of others it is."""
    at = net(tmp_path)
    core = "arn:aws:networkmanager::111111111111:core-network/core-network-0a"
    hosts = {}
    for number, target in enumerate(
        (
            {"GatewayId": at.igw.id},
            {"LocalGatewayId": "lgw-0123456789abcdef0"},
            {"CoreNetworkArn": core},
            {"NatGatewayId": at.nat.id},
        )
    ):
        table = at.vpc.table(f"out {number}")
        found = {"Origin": "CreateRoute", "State": "active", **target}
        table.json["Routes"].append({"DestinationCidrBlock": ANYWHERE, **found})
        subnet = at.vpc.subnet(f"out {number}", f"10.0.{50 + number}.0/24", table=table)
        group = at.vpc.group(f"out {number}", [("tcp/443", ANYWHERE)])
        hosts[number] = subnet.instance(
            f"out {number}", f"10.0.{50 + number}.10", [group], public=f"3.0.0.{50 + number}"
        )
    asked = at.asked()
    for number, verdict in enumerate((YES, UNKNOWN, UNKNOWN, NO)):
        trace = asked.expect(OUT, hosts[number], "tcp/443", verdict)
        if verdict == UNKNOWN:
            assert any("not modelled" in gap.why for gap in trace.gaps)
        asked.expect(OUT, hosts[number], "tcp/22", NO)


def test_regional_nat_gateway_and_nat64_are_not_known(tmp_path: Path) -> None:
    """A regional NAT gateway stands in no subnet; through NAT64 goes IPv6 to IPv4 hosts."""
    at = net(tmp_path)
    key = "nat-1aaaaaaaaaaaaaaaa"
    at.region.put(
        "NatGateways",
        {
            "CreateTime": "2025-11-20T00:00:00+00:00",
            "NatGatewayAddresses": [
                {
                    "AllocationId": "eipalloc-0aaaaaaaaaaaaaaaa",
                    "PublicIp": "3.0.0.77",
                    "Status": "succeeded",
                    "AvailabilityZone": "us-east-1a",
                    "AvailabilityZoneId": "use1-az1",
                }
            ],
            "NatGatewayId": key,
            "State": "available",
            "VpcId": at.vpc.id,
            "ConnectivityType": "public",
            "AvailabilityMode": "regional",
            "AutoProvisionZones": "enabled",
            "RouteTableId": "rtb-0aaaaaaaaaaaaaaaa",
        },
    )
    regional = at.vpc.subnet("regional", "10.0.70.0/24", {ANYWHERE: key})
    host = regional.instance("regional", "10.0.70.10")
    six = at.vpc.subnet(
        "native", "", {"64:ff9b::/96": at.nat.id}, six="2600:1f16:abc:107::/64"
    ).instance("native", six=["2600:1f16:abc:107::10"])
    asked = at.asked()
    trace = asked.expect(host, OUT, "tcp/443", UNKNOWN, [host])
    assert key in {gap.what for gap in trace.gaps}
    asked.expect(OUT, host, "tcp/443", NO)
    asked.expect(OUT, "3.0.0.77", "tcp/443", NO)
    asked.expect(at.app, OUT, "tcp/443", YES, [at.app, at.nat, at.igw])
    trace = asked.expect(six, "internet:64:ff9b::808:808", "tcp/443", UNKNOWN, [six])
    assert any(gap.what == f"NAT64 at {at.nat.id}" for gap in trace.gaps)
    asked.expect(six, OUT6, "tcp/443", NO, [six], "route-table")
    asked.expect(six, "internet", "tcp/443", UNKNOWN)


@pytest.mark.parametrize("listed", [True, False])
def test_nat_gateway_takes_any_of_its_addresses(tmp_path: Path, listed: bool) -> None:
    """Whoever lets in one of them lets in some of the connections, and not others."""
    at = net(tmp_path)
    at.nat.json["NatGatewayAddresses"].insert(
        0,
        {
            "AllocationId": "eipalloc-0aaaaaaaaaaaaaaaa",
            "NetworkInterfaceId": at.nat.interface,
            "PrivateIp": "10.0.0.201",
            "PublicIp": "3.0.0.201",
            "IsPrimary": False,
            "Status": "succeeded",
        },
    )
    at.nat.eni["PrivateIpAddresses"].append(
        {
            "Primary": False,
            "PrivateIpAddress": "10.0.0.201",
            "Association": {"PublicIp": "3.0.0.201"},
        }
    )
    if not listed:
        at.region.items["NetworkInterfaces"].remove(at.nat.eni)
    one, both = "3.0.0.200/32", ["3.0.0.200/32", "3.0.0.201/32"]
    group = at.vpc.group("partner", [("tcp/80", one), ("tcp/81", both), ("tcp/82", "3.0.0.201/32")])
    partner = at.public.instance("partner", "10.0.0.60", [group], public="3.0.0.60")
    asked = at.asked()
    asked.expect(at.app, OUT, "tcp/443", YES, [at.app, at.nat, at.igw])
    asked.expect(at.app, "3.0.0.60", "tcp/81", YES, [at.app, at.nat, at.igw, partner])
    asked.expect(at.app, "3.0.0.60", "tcp/83", NO)
    for source in (at.nat, at.nat.interface) if listed else (at.nat,):
        asked.expect(source, at.app, "tcp/443", NO, [at.nat], "nat-gateway")
        asked.expect(at.app, source, "tcp/443", NO, (), "nat-gateway")
    for port in ("tcp/80", "tcp/82"):
        trace = asked.expect(at.app, "3.0.0.60", port, UNKNOWN)
        assert f"address of {at.nat.id}" in {gap.what for gap in trace.gaps}
    at.nat.json["NatGatewayAddresses"][0]["Status"] = "unassigning"
    asked = at.asked()
    asked.expect(at.app, "3.0.0.60", "tcp/80", YES)
    asked.expect(at.app, "3.0.0.60", "tcp/82", NO)


def test_endpoint_of_a_gateway_load_balancer_opens_nothing(tmp_path: Path) -> None:
    """Its interface is a gateway's, as that of a transit gateway is; other endpoints are hosts."""
    at = net(tmp_path)
    wall = at.vpc.subnet("wall", "10.0.90.0/24", {ANYWHERE: at.igw})
    ends = [
        at.vpc.interface_endpoint(
            f"{kind}{number}", {f"10.0.90.2{number}": wall}, [at.vpc.open_group()], **more
        )
        for number, (kind, more) in enumerate(
            (("kms", {}), ("wall", {"VpcEndpointType": "GatewayLoadBalancer"}))
        )
    ]
    for eni in at.region.items["NetworkInterfaces"]:
        if ends[1].id in eni["Description"]:
            eni |= {"InterfaceType": "gateway_load_balancer_endpoint", "Groups": []}
    asked = at.asked()
    asked.expect(ends[0], at.app, "tcp/443", YES, [ends[0], at.app])
    asked.expect(at.app, ends[0], "tcp/443", YES, [at.app, ends[0]])
    for port in ("tcp/443", "udp/53"):
        asked.expect(ends[1], at.app, port, NO, [ends[1]], "host", code="opens-nothing")
        asked.expect(at.app, ends[1], port, NO, (), "no-such-destination")
    reach = asked.analysis.reach
    every = reach.everything()
    for flow in reach.flows(every, every, Traffic.everything()):
        assert flow.truth is not Truth.YES or reach.prove(flow).witness is not None


def test_host_reaches_itself_by_its_public_address(tmp_path: Path) -> None:
    """Out by the gateway and in again, past its own groups (N34); privately it never leaves."""
    at = net(tmp_path)
    asked = at.asked()
    asked.expect(at.web, "3.0.0.10", "tcp/443", YES, [at.web, at.igw])
    asked.expect(at.web, "3.0.0.10", "tcp/22", NO, [at.web, at.igw], "security-group")
    assert asked.trace(at.web, "10.0.0.10", "tcp/22").verdict.value == YES


def test_address_of_an_interface_with_a_delegated_prefix(tmp_path: Path) -> None:
    """Called by its address a host sends from that, by its id from any address it has (N56)."""
    at = net(tmp_path)
    at.app.eni["Ipv4Prefixes"] = [{"Ipv4Prefix": "10.0.1.64/28"}]
    pods = at.vpc.group("pods", [("tcp/80", "10.0.1.64/28"), ("tcp/81", "10.0.1.10/32")])
    host = at.public.instance("host", "10.0.0.90", [pods])
    asked = at.asked()
    for source, ports in (
        (at.app, (80, 81)),
        ("10.0.1.70", (80,)),
        ("10.0.1.72/30", (80,)),
        ("10.0.1.10", (81,)),
        ("10.0.1.0/26", (81,)),
        ("10.0.1.0/24", (80, 81)),
    ):
        for port in (80, 81):
            asked.expect(source, host, f"tcp/{port}", YES if port in ports else NO)
    asked.expect(at.web, "10.0.1.75", "tcp/443", YES, [at.web, at.app])
    asked.expect(at.web, "10.0.1.72/30", "tcp/443", YES, [at.web, at.app])
    asked.expect(at.web, "10.0.1.80", "tcp/443", NO)


def test_interface_that_its_instance_alone_shows(tmp_path: Path) -> None:
    """The list of interfaces is there and lacks it: its address is known, its id is not."""
    at = net(tmp_path)
    at.region.items["NetworkInterfaces"].remove(at.app.eni)
    asked = at.asked()
    asked.expect(at.app, at.web, "tcp/443", YES, [at.app, at.web])
    reach = asked.analysis.reach
    every = reach.everything()
    for flow in reach.flows(every, every, Traffic.everything()):
        assert flow.truth is not Truth.YES or reach.prove(flow).witness is not None


def test_network_that_holds_both_ends_asks_about_the_others(tmp_path: Path) -> None:
    """That a host reaches itself says nothing of the network which it is in."""
    at = net(tmp_path)
    asked = at.asked()
    for whole in ("10.0.0.0/16", "0.0.0.0/0", at.public):
        asked.expect(whole, at.web, "tcp/22", NO)
        asked.expect(whole, at.nat, "tcp/443", NO)
        asked.expect(at.nat, whole, "tcp/443", NO)
    asked.expect("10.0.0.0/24", "10.0.0.10", "tcp/443", NO)
    asked.expect("10.0.0.0/23", "10.0.0.10", "tcp/443", YES, [at.app, at.web])
    asked.expect(at.web, "10.0.0.0/24", "tcp/22", NO)
    asked.expect(at.app, "2600:1f16:abc:100::/64", "tcp/443", YES, [at.app, at.web])
    asked.expect("10.0.1.10", "2600:1f16:abc:100::/64", "tcp/443", NO)
    at.public.instance("jump", "10.0.0.11", [at.vpc.group("jump", [("tcp/22", "10.0.0.0/24")])])
    asked = at.asked()
    asked.expect(at.web, "10.0.0.0/24", "tcp/22", YES)
    asked.expect("10.0.0.0/24", at.web, "tcp/22", NO)
    asked.expect("10.0.0.0/24", at.web, "tcp/443", YES, [at.web])


def test_subnet_without_an_interface(tmp_path: Path) -> None:
    at = net(tmp_path)
    empty = at.vpc.subnet("empty", "10.0.88.0/24", {})
    at.asked().expect(at.web, empty, "tcp/443", NO, (), "no-such-destination")
    host = empty.instance("host", "10.0.88.10")
    at.asked().expect(at.web, empty, "tcp/443", YES, [at.web, host])


def test_public_address_of_the_estate_is_nobodys_on_the_internet(tmp_path: Path) -> None:
    """Whoever sends to it means the interface that has it; from outside nobody sends under it."""
    at = net(tmp_path)
    asked = at.asked()
    asked.expect(OUT, "internet:3.0.0.10", "tcp/443", YES, [at.igw, at.web])
    asked.expect(OUT, "internet:3.0.0.10", "tcp/22", NO)
    asked.expect(at.app, "internet:3.0.0.10", "tcp/443", YES, [at.app, at.nat, at.igw, at.web])
    asked.expect(at.app, "internet:3.0.0.11", "tcp/443", YES, [at.app, at.nat, at.igw])
    asked.expect("internet:3.0.0.11", at.web, "tcp/443", YES, [at.igw, at.web])
    asked.expect("internet:3.0.0.200", at.web, "tcp/443", NO)
    asked.expect("internet:3.0.0.0/24", at.web, "tcp/443", YES, [at.igw, at.web])
