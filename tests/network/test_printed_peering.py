"""Peered VPCs of several accounts and Regions, as the command line prints them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asking import NO, UNKNOWN, YES, Asked
from estate import route
from printed import ANYWHERE, ANYWHERE6, Folder, Host, Region, Subnet, Thing, Vpc

ONE, TWO = "111111111111", "222222222222"


@dataclass
class Pair:
    """A client in one account, a server in another, peered; both VPCs speak IPv6 as well."""

    folder: Folder
    regions: tuple[Region, Region]
    near: Vpc
    far: Vpc
    pcx: Thing
    here: Subnet
    there: Subnet
    client: Host
    server: Host

    def asked(self) -> Asked:
        return Asked(self.folder.write())


def pair(
    tmp_path: Path,
    *,
    region: str = "us-east-1",
    back: bool = True,
    status: str = "active",
    peering_status: str = "active",
    rule: Any = None,
) -> Pair:
    folder = Folder(tmp_path)
    one, two = folder.region(ONE), folder.region(TWO, region)
    near = one.vpc("near", "10.1.0.0/16", six="2600:1f16:a:100::/56")
    far = two.vpc("far", "10.2.0.0/16", "10.20.0.0/16", six="2600:1f16:b:200::/56")
    pcx = one.peering("near-far", near, far, status)
    there_by = {"10.2.0.0/16": pcx, "10.20.0.0/16": pcx, "2600:1f16:b:200::/56": pcx}
    here = near.subnet("here", "10.1.1.0/24", there_by, six="2600:1f16:a:101::/64")
    back_by = {"10.1.0.0/16": pcx, "2600:1f16:a:100::/56": pcx} if back else {}
    there = far.subnet("there", "10.20.1.0/24", back_by, six="2600:1f16:b:201::/64")
    clients = near.group("clients")
    reference = {
        "GroupId": clients.id,
        "UserId": ONE,
        "VpcId": near.id,
        "VpcPeeringConnectionId": pcx.id,
        "PeeringStatus": peering_status,
    }
    group = far.group("servers", [("tcp/443", rule or reference), ("udp/53", "10.1.0.0/16")])
    client = here.instance("client", "10.1.1.10", [clients], six=["2600:1f16:a:101::10"])
    server = there.instance("server", "10.20.1.10", [group], six=["2600:1f16:b:201::10"])
    return Pair(folder, (one, two), near, far, pcx, here, there, client, server)


def test_reference_over_a_peering_and_the_secondary_network(tmp_path: Path) -> None:
    at = pair(tmp_path)
    asked = at.asked()
    way = [at.client, at.here, at.pcx, at.there, at.server]
    for target in (at.server, "10.20.1.10", "2600:1f16:b:201::10"):
        asked.expect(at.client, target, "tcp/443", YES, way)
        asked.expect(at.client, target, "tcp/80", NO, way, "security-group")
    asked.expect(at.server, at.client, "tcp/22", NO, [at.server, at.client], "security-group")
    other = at.here.instance("other", "10.1.1.11", [at.near.open_group()])
    at.asked().expect(other, at.server, "tcp/443", NO, [other, at.server], "security-group")


@pytest.mark.parametrize("rule", [None, "10.1.1.0/24"])
def test_reference_does_not_cross_a_region(tmp_path: Path, rule: str | None) -> None:
    at = pair(tmp_path, region="eu-west-1", rule=rule)
    verdict = YES if rule else NO
    at.asked().expect(
        at.client,
        "10.20.1.10",
        "tcp/443",
        verdict,
        [at.client, at.pcx, at.server],
        "" if rule else "security-group",
    )


def test_stale_reference(tmp_path: Path) -> None:
    at = pair(tmp_path, peering_status="deleted")
    at.asked().expect(at.client, at.server, "tcp/443", NO, [at.server], "security-group")


@pytest.mark.parametrize("status", ["pending-acceptance", "deleted", "rejected", "provisioning"])
def test_connection_has_to_be_active(tmp_path: Path, status: str) -> None:
    at = pair(tmp_path, status=status, rule="10.1.0.0/16")
    at.asked().expect(at.client, at.server, "tcp/443", NO, [at.client, at.here, at.pcx], "peering")


def test_deleted_connection_leaves_a_blackhole(tmp_path: Path) -> None:
    at = pair(tmp_path, rule="10.1.0.0/16")
    for region in at.regions:
        region.items["VpcPeeringConnections"] = []
        for table in region.items["RouteTables"]:
            for item in table["Routes"]:
                if "VpcPeeringConnectionId" in item:
                    item["State"] = "blackhole"
    at.asked().expect(
        at.client,
        "10.20.1.10",
        "tcp/443",
        NO,
        [at.client, at.here],
        "route-table",
        code="blackhole",
    )


def test_answer_needs_a_route_too(tmp_path: Path) -> None:
    at = pair(tmp_path, back=False, rule="10.1.0.0/16")
    asked = at.asked()
    asked.expect(at.client, at.server, "tcp/443", NO, [at.client, at.server], "route-table")
    asked.expect(at.client, at.server, "udp/53", YES, [at.client, at.pcx, at.server])


def test_peering_is_not_transitive(tmp_path: Path) -> None:
    at = pair(tmp_path)
    third = at.regions[1].vpc("third", "10.3.0.0/16")
    pcx = at.regions[1].peering("far-third", at.far, third)
    subnet = third.subnet("third", "10.3.1.0/24", {"10.1.0.0/16": pcx, "10.20.0.0/16": pcx})
    host = subnet.instance("third", "10.3.1.10")
    tables = {t["Tags"][0]["Value"]: t for r in at.regions for t in r.items["RouteTables"]}
    tables["here table"]["Routes"].append(route("10.3.0.0/16", at.pcx))
    tables["there table"]["Routes"].append(route("10.3.0.0/16", pcx))
    asked = at.asked()
    asked.expect(at.server, host, "tcp/443", YES, [at.server, pcx, host])
    asked.expect(
        at.client, host, "tcp/443", NO, [at.client, at.pcx], "peering", code="edge-to-edge"
    )


def test_gateways_of_the_peer_cannot_be_used(tmp_path: Path) -> None:
    at = pair(tmp_path)
    igw = at.far.internet_gateway()
    public = at.far.subnet("public", "10.2.0.0/24", {ANYWHERE: igw, "10.1.0.0/16": at.pcx})
    nat = public.nat("out", "10.2.0.200", "3.3.3.3")
    tables = {t["Tags"][0]["Value"]: t for r in at.regions for t in r.items["RouteTables"]}
    tables["here table"]["Routes"] += [route(ANYWHERE, at.pcx), route(ANYWHERE6, at.pcx)]
    tables["there table"]["Routes"].append(route(ANYWHERE, nat))
    asked = at.asked()
    for target in ("internet:8.8.8.8", "internet:2001:4860:4860::8888"):
        asked.expect(at.client, target, "tcp/443", NO, [at.client, at.here, at.pcx], "peering")
    asked.expect(at.server, "internet:8.8.8.8", "tcp/443", YES, [at.server, nat, igw])
    asked.expect(at.client, "10.2.0.200", "tcp/443", NO, [at.pcx, nat], "nat-gateway")


def test_routes_that_point_at_each_other_end_at_the_connection(tmp_path: Path) -> None:
    at = pair(tmp_path)
    tables = {t["Tags"][0]["Value"]: t for r in at.regions for t in r.items["RouteTables"]}
    for name in ("here table", "there table"):
        tables[name]["Routes"].append(route("10.77.0.0/16", at.pcx))
    at.asked().expect(at.client, "10.77.0.1", "tcp/443", NO, [at.client, at.pcx], "peering")


def test_peer_that_is_not_in_the_snapshot(tmp_path: Path) -> None:
    at = pair(tmp_path)
    del at.folder.regions[TWO, "us-east-1"]
    asked = at.asked()
    asked.expect(at.client, "10.20.1.10", "tcp/443", UNKNOWN, [at.client, at.here, at.pcx])
    asked.expect(at.client, "10.77.0.1", "tcp/443", NO, [at.client, at.here], "route-table")


def test_longer_route_leaves_the_peering(tmp_path: Path) -> None:
    at = pair(tmp_path, rule="10.1.0.0/16")
    igw = at.near.internet_gateway()
    tables = {t["Tags"][0]["Value"]: t for r in at.regions for t in r.items["RouteTables"]}
    tables["here table"]["Routes"].append(route("10.20.1.0/24", igw))
    at.asked().expect(
        at.client, "10.20.1.10", "tcp/443", NO, [at.client, at.here, igw], "internet-gateway"
    )
