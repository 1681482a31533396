"""Internet, NAT and egress-only gateways, endpoints, as the command line prints them."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import NO, UNKNOWN, YES, Asked
from estate import route
from printed import ANYWHERE, ANYWHERE6, Folder, Host, Thing, acl_entry
from printed_gateways import OUT, OUT6, Net, net
from printed_transit import Transit

S3 = ("3.5.0.0/19", "52.216.0.0/15", "54.231.0.0/16")


def test_public_instance_both_families_and_both_ways(tmp_path: Path) -> None:
    at = net(tmp_path)
    asked = at.asked()
    for source, target in ((OUT, at.web), (OUT, "3.0.0.10"), (OUT6, "2600:1f16:abc:100::10")):
        asked.expect(source, target, "tcp/443", YES, [at.igw, at.public, at.web])
        asked.expect(source, target, "tcp/22", NO, [at.igw, at.public, at.web], "security-group")
    asked.expect("internet", at.web, "tcp/443", YES, [at.igw, at.web])
    asked.expect(OUT, at.web, "icmp/8", YES, [at.igw, at.web])
    asked.expect(OUT, at.web, "icmp/13", NO, [at.igw, at.web], "security-group")
    for target in (OUT, OUT6, "8.8.8.8", "2001:4860:4860::8888"):
        asked.expect(at.web, target, "tcp/443", YES, [at.web, at.public, at.igw])
    asked.expect(OUT, "10.0.0.10", "tcp/443", NO, ())


def test_private_instance_leaves_by_nat_and_by_the_egress_only_gateway(tmp_path: Path) -> None:
    at = net(tmp_path)
    asked = at.asked()
    way = [at.app, at.private, at.nat, at.public, at.igw]
    for port in ("tcp/443", "udp/53", "icmp/8"):
        asked.expect(at.app, OUT, port, YES, way)
    asked.expect(at.app, OUT, "50", NO, way[:3], "nat-gateway", code="unsupported-protocol")
    asked.expect(at.app, OUT6, "tcp/443", YES, [at.app, at.private, at.eigw])
    asked.expect(at.app, OUT6, "50", YES, [at.app, at.private, at.eigw])
    asked.expect(OUT, at.app, "tcp/443", NO, (), "internet-gateway")
    asked.expect(OUT6, "2600:1f16:abc:101::10", "tcp/443", NO, (), "route-table")
    asked.expect(OUT, at.nat, "tcp/443", NO, [at.igw, at.public, at.nat], "nat-gateway")


def test_an_elastic_address_of_a_neighbour_is_reached_from_outside_only_by_its_group(
    tmp_path: Path,
) -> None:
    """To a public address of the same VPC a packet goes out and in again (hairpin)."""
    at = net(tmp_path)
    inner = at.vpc.group("inner", [("tcp/5432", "10.0.0.0/16")])
    db = at.public.instance("db", "10.0.0.77", [inner], public="3.0.0.77")
    asked = at.asked()
    asked.expect(at.web, "10.0.0.77", "tcp/5432", YES, [at.web, db])
    asked.expect(at.web, "3.0.0.77", "tcp/5432", NO, [at.web, at.igw, db], "security-group")
    asked.expect(at.app, "3.0.0.10", "tcp/443", YES, [at.app, at.nat, at.igw, at.web])
    asked.expect(at.web, "2600:1f16:abc:101::10", "tcp/1", YES, [at.web, at.private, at.app])


def test_routes_and_addresses_that_the_internet_needs(tmp_path: Path) -> None:
    at = net(tmp_path)
    bare = at.public.instance("bare", "10.0.0.30")
    mapped = at.private.instance("mapped", "10.0.1.30", public="3.0.0.30")
    at.vpc.main.json["Routes"].append(route("0.0.0.0/1", at.igw))
    at.vpc.main.json["Routes"].append(route("128.0.0.0/1", at.igw))
    half = at.vpc.subnet("by main table", "10.0.2.0/24")
    split = half.instance("split", "10.0.2.30", public="3.0.0.31")
    asked = at.asked()
    asked.expect(bare, OUT, "tcp/443", NO, [bare, at.public, at.igw], "internet-gateway")
    asked.expect(OUT, bare, "tcp/443", NO, (), "internet-gateway", code="no-public-address")
    asked.expect(OUT, mapped, "tcp/443", NO, [at.igw], "route-table")
    asked.expect(OUT, split, "tcp/443", YES, [at.igw, half, split])
    asked.expect(split, "internet:203.0.113.9", "tcp/443", YES, [split, half, at.igw])


def test_addresses_are_mapped_one_by_one(tmp_path: Path) -> None:
    at = net(tmp_path)
    many = at.public.instance(
        "many", "10.0.0.40", secondary={"10.0.0.41": "3.0.0.41", "10.0.0.42": ""}
    )
    asked = at.asked()
    asked.expect(OUT, "3.0.0.41", "tcp/443", YES, [at.igw, at.public, many])
    asked.expect("10.0.0.41", OUT, "tcp/443", YES, [many, at.public, at.igw])
    asked.expect("10.0.0.42", OUT, "tcp/443", NO, [many, at.igw], "internet-gateway")
    asked.expect(at.web, "10.0.0.42", "tcp/443", YES, [at.web, many])


@pytest.mark.parametrize("attached", [True, False])
def test_gateway_has_to_be_attached(tmp_path: Path, attached: bool) -> None:
    at = net(tmp_path)
    if not attached:
        at.igw.json["Attachments"] = []
    asked = at.asked()
    asked.expect(OUT, at.web, "tcp/443", YES if attached else NO)
    asked.expect(at.web, OUT, "tcp/443", YES if attached else NO, [at.web, at.igw])


@pytest.mark.parametrize(
    ("number", "verdict", "source_port"),
    [(90, NO, None), (110, YES, None), (110, YES, 1024), (110, NO, 1023)],
)
def test_entries_of_an_acl_in_the_order_of_their_numbers(
    tmp_path: Path, number: int, verdict: str, source_port: int | None
) -> None:
    at = net(tmp_path)
    entries = [
        acl_entry(number, "deny", "tcp/443", ANYWHERE, egress=False),
        acl_entry(100, "allow", "all", ANYWHERE, egress=False),
        acl_entry(100, "allow", "tcp/1024-65535", ANYWHERE, egress=True),
    ]
    acl = at.vpc.acl("shaped", entries, at.public)
    found = at.asked().expect(
        OUT,
        at.web,
        "tcp/443",
        verdict,
        [at.igw, at.public],
        "" if verdict == YES else "network-acl",
        source_port=source_port,
    )
    if verdict == NO:
        assert found.blocked_by[0].id == acl.id


def test_acl_of_the_nat_gateways_subnet_is_passed_on_both_sides(tmp_path: Path) -> None:
    at = net(tmp_path)
    entries = [
        acl_entry(10, "allow", "tcp/443", "10.0.0.0/16", egress=False),
        acl_entry(20, "allow", "tcp/1024-65535", ANYWHERE, egress=False),
        acl_entry(10, "allow", "all", ANYWHERE, egress=True),
    ]
    at.vpc.acl("nat", entries, at.public)
    asked = at.asked()
    asked.expect(at.app, OUT, "tcp/443", YES, [at.app, at.nat, at.igw])
    asked.expect(at.app, OUT, "tcp/80", NO, [at.app, at.private, at.public], "network-acl")
    entries.pop(1)
    at.region.items["NetworkAcls"].pop()
    at.vpc.acl("nat", entries, at.public)
    at.asked().expect(at.app, OUT, "tcp/443", NO, [at.app, at.nat, at.igw], "network-acl")


def test_dead_nat_gateway_leaves_a_blackhole(tmp_path: Path) -> None:
    at = net(tmp_path)
    at.nat.json["State"] = "deleted"
    at.region.items["NetworkInterfaces"].remove(at.nat.eni)
    table = next(
        t for t in at.region.items["RouteTables"] if t["Tags"][0]["Value"] == "private table"
    )
    table["Routes"][-2]["State"] = "blackhole"
    at.asked().expect(
        at.app, OUT, "tcp/443", NO, [at.app, at.private], "route-table", code="blackhole"
    )


def test_private_nat_gateway_hides_an_overlapping_network(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    region = folder.region()
    gateway = Transit("hub", region)
    vpc = region.vpc("overlap", "100.64.0.0/16", "10.1.0.0/24")
    routable = vpc.subnet("routable", "10.1.0.0/25", {"10.0.0.0/8": gateway})
    nat = routable.nat("private", "10.1.0.100")
    inner = vpc.subnet(
        "inner", "100.64.1.0/24", {"10.0.0.0/8": nat, ANYWHERE: vpc.internet_gateway()}
    )
    client = inner.instance("client", "100.64.1.10")
    there = region.vpc("there", "10.2.0.0/16")
    group = there.group("server", [("tcp/443", "10.1.0.100/32")])
    home = there.subnet("there", "10.2.1.0/24", {"10.1.0.0/24": gateway})
    server = home.instance("server", "10.2.1.10", [group])
    table = gateway.table("all")
    table.propagate(gateway.attach(there, home, table=table))
    # Only the routable network is announced.
    table.add("10.1.0.0/24", gateway.attach(vpc, routable, table=table))
    asked = Asked(folder.write())
    way = [client, inner, nat, routable, gateway, home, server]
    asked.expect(client, server, "tcp/443", YES, way)
    asked.expect(client, server, "tcp/80", NO, way, "security-group")
    asked.expect(server, "10.1.0.100", "tcp/443", NO, [server, gateway, nat], "nat-gateway")
    asked.expect(server, client, "tcp/443", NO, [server, home], "route-table")


def with_s3(
    tmp_path: Path, *, listed: bool = True, state: str = "available"
) -> tuple[Net, Thing, Thing, Host]:
    """A subnet without a default route, and a route of S3's list to a gateway endpoint."""
    at = net(tmp_path)
    pl = at.region.prefix_list("s3", *S3)
    if not listed:
        at.region.items.pop("PrefixLists")
    table = at.vpc.table("data table")
    vpce = at.vpc.gateway_endpoint("s3", table, State=state)
    table.add(pl, vpce)
    data = at.vpc.subnet("data", "10.0.5.0/24", table=table)
    group = at.vpc.group("only s3", egress=[("tcp/443", pl)])
    return at, pl, vpce, data.instance("data", "10.0.5.10", [group])


def test_gateway_endpoint_takes_the_addresses_of_its_list(tmp_path: Path) -> None:
    at, _, vpce, host = with_s3(tmp_path)
    asked = at.asked()
    asked.expect(host, "internet:52.216.5.5", "tcp/443", YES, [host, vpce])
    asked.expect(host, "52.217.255.255", "tcp/443", YES, [host, vpce])
    asked.expect(host, "52.217.255.255", "tcp/80", NO, [host], "security-group")
    asked.expect(host, OUT, "tcp/443", NO, [host], "security-group")
    asked.expect(at.app, "internet:52.216.5.5", "tcp/443", YES, [at.app, at.nat, at.igw])


def test_gateway_endpoint_beats_the_default_route_and_needs_to_be_there(tmp_path: Path) -> None:
    at, pl, vpce, _ = with_s3(tmp_path)
    table = next(
        t for t in at.region.items["RouteTables"] if t["Tags"][0]["Value"] == "public table"
    )
    table["Routes"].append(route(pl.id, vpce))
    asked = at.asked()
    asked.expect(at.web, "internet:52.216.5.5", "tcp/443", YES, [at.web, at.public, vpce])
    asked.expect(at.web, OUT, "tcp/443", YES, [at.web, at.public, at.igw])


def test_gateway_endpoint_serves_its_own_vpc_alone(tmp_path: Path) -> None:
    """What comes in over a transit gateway, a peering or a VPN cannot use it."""
    at, pl, vpce, _ = with_s3(tmp_path)
    gateway = Transit("hub", at.region)
    other = at.region.vpc("other", "10.9.0.0/16")
    spoke = other.subnet("spoke", "10.9.1.0/24", {ANYWHERE: gateway})
    host = spoke.instance("spoke", "10.9.1.10")
    door = at.vpc.subnet("door", "10.0.250.0/28", {"10.9.0.0/16": gateway, pl: vpce})
    table = gateway.table("all")
    table.propagate(gateway.attach(other, spoke, table=table))
    table.add(ANYWHERE, gateway.attach(at.vpc, door, table=table))
    asked = at.asked()
    for port in ("tcp/443", "udp/443"):
        asked.expect(
            host,
            "internet:52.216.5.5",
            port,
            NO,
            [host, gateway, door, vpce],
            "vpc-endpoint",
            code="edge-to-edge",
        )


def test_interface_endpoint_is_reached_by_its_own_group(tmp_path: Path) -> None:
    at = net(tmp_path)
    group = at.vpc.group("endpoint", [("tcp/443", "10.0.1.0/24")])
    vpce = at.vpc.interface_endpoint("sqs", {"10.0.1.99": at.private}, [group])
    asked = at.asked()
    for target in (vpce, "10.0.1.99"):
        asked.expect(at.app, target, "tcp/443", YES, [at.app, vpce])
        asked.expect(at.web, target, "tcp/443", NO, [at.web, at.private, vpce], "security-group")
    asked.expect(OUT, vpce, "tcp/443", NO, ())


@pytest.mark.parametrize("described", [True, False])
@pytest.mark.parametrize("state", ["pendingAcceptance", "rejected", "available"])
def test_interface_endpoint_has_to_be_available(
    tmp_path: Path, state: str, described: bool
) -> None:
    at = net(tmp_path)
    where = {"10.0.1.99": at.private}
    vpce = at.vpc.interface_endpoint("vpce-svc", where, [at.vpc.open_group()], State=state)
    if not described:
        at.region.items["NetworkInterfaces"].pop()
    verdict = YES if state == "available" else NO
    stops = "" if state == "available" else "vpc-endpoint"
    at.asked().expect(at.app, vpce, "tcp/443", verdict, [at.app, vpce], stops)


def test_six_only_subnet(tmp_path: Path) -> None:
    at = net(tmp_path)
    only = at.vpc.subnet("six", "", {ANYWHERE6: at.igw}, six="2600:1f16:abc:1ff::/64")
    group = at.vpc.group("six", [("tcp/443", ANYWHERE6)])
    host = only.instance("six", "", [group], six=["2600:1f16:abc:1ff::10"])
    asked = at.asked()
    asked.expect(OUT6, host, "tcp/443", YES, [at.igw, only, host])
    asked.expect("internet", host, "tcp/443", YES, [at.igw, only, host])
    asked.expect(OUT, host, "tcp/443", NO)
    asked.expect(host, OUT6, "tcp/443", YES, [host, only, at.igw])
    asked.expect(host, OUT, "tcp/443", NO)
    asked.expect(at.web, host, "tcp/443", YES, [at.web, only, host])
    asked.expect(at.web, host, "tcp/80", NO, [at.web, only, host], "security-group")


def test_nat_instance_may_pass_it_on(tmp_path: Path) -> None:
    at = net(tmp_path)
    box = at.public.instance("box", "10.0.0.9", public="3.0.0.9", SourceDestCheck=False)
    old = at.public.instance("checked", "10.0.0.8", public="3.0.0.8")
    hosts = {}
    for number, via in enumerate((box, old), 30):
        subnet = at.vpc.subnet(f"via {via.id}", f"10.0.{number}.0/24", {ANYWHERE: via.interface})
        hosts[via.id] = subnet.instance(f"behind {via.id}", f"10.0.{number}.10")
    asked = at.asked()
    asked.expect(hosts[box.id], OUT, "tcp/443", UNKNOWN, [hosts[box.id], at.public, box, at.igw])
    asked.expect(
        hosts[old.id], OUT, "tcp/443", NO, [at.public, old], "host", code="source-dest-check"
    )


def test_targets_of_routes_that_are_not_modelled_are_not_known(tmp_path: Path) -> None:
    at = net(tmp_path)
    table = at.vpc.table("outpost table")
    for number, target in enumerate(
        (
            {"LocalGatewayId": "lgw-0123456789abcdef0"},
            {"CarrierGatewayId": "cagw-0123456789abcdef0"},
            {"CoreNetworkArn": "arn:aws:networkmanager::111111111111:core-network/core-network-0a"},
        )
    ):
        cidr = f"203.0.{113 + number}.0/24"
        table.json["Routes"].append(
            {"DestinationCidrBlock": cidr, "Origin": "CreateRoute", "State": "active", **target}
        )
    host = at.vpc.subnet("outpost", "10.0.60.0/24", table=table).instance("outpost", "10.0.60.10")
    asked = at.asked()
    for number in range(3):
        asked.expect(host, f"203.0.{113 + number}.5", "tcp/443", UNKNOWN, [host])
