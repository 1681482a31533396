"""Networks behind virtual private gateways, as the command line prints their estates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asking import NO, UNKNOWN, YES, Asked
from estate import route
from printed import ANYWHERE, Folder, Host, Region, Subnet, Thing, Vpc, acl_entry
from printed_balancers import Balancer, database, function
from printed_transit import vpn_on_vgw

HOME = "192.168.0.0/16"
LEARNED = {"Origin": "EnableVgwRoutePropagation"}


@dataclass
class Office:
    """A VPC with a VPN to 192.168.0.0/16, of which only the private subnet's table knows."""

    folder: Folder
    region: Region
    vpc: Vpc
    vgw: Thing
    vpn: Thing
    public: Subnet
    private: Subnet
    web: Host
    app: Host

    def asked(self) -> Asked:
        return Asked(self.folder.write())

    def table(self, name: str) -> list[Any]:
        tables = self.region.items["RouteTables"]
        routes: list[Any] = next(t for t in tables if t["Tags"][0]["Value"] == name)["Routes"]
        return routes


def office(tmp_path: Path, *, propagated: bool = True) -> Office:
    folder = Folder(tmp_path)
    region = folder.region()
    vpc = region.vpc("office", "10.0.0.0/16")
    vgw = vpc.vpn_gateway()
    vpn = vpn_on_vgw(region, "home", vgw, HOME)
    public = vpc.subnet("public", "10.0.0.0/24", {ANYWHERE: vpc.internet_gateway()})
    private = vpc.subnet("private", "10.0.1.0/24", {})
    table = next(t for t in region.items["RouteTables"] if t["Tags"][0]["Value"] == "private table")
    table["PropagatingVgws"] = [{"GatewayId": vgw.id}]
    if propagated:
        table["Routes"].append(route(HOME, vgw, **LEARNED))
    group = vpc.group("app", [("tcp/5432", HOME), ("udp/514", HOME), ("icmp/8", HOME)])
    web = public.instance("web", "10.0.0.10", [group])
    app = private.instance("app", "10.0.1.10", [group])
    return Office(folder, region, vpc, vgw, vpn, public, private, web, app)


def test_gateway_brings_traffic_to_interfaces_that_route_back(tmp_path: Path) -> None:
    at = office(tmp_path)
    asked = at.asked()
    for source in (at.vgw, at.vpn, "192.168.3.3"):
        asked.expect(source, at.app, "tcp/5432", YES, [at.vgw, at.private, at.app])
        asked.expect(source, "10.0.1.10", "icmp/8", YES, [at.vgw, at.private, at.app])
        way = [at.vgw, at.private, at.app]
        asked.expect(source, at.app, "tcp/22", NO, way, "security-group")
        # The public subnet's table knows no way back; a datagram needs none.
        asked.expect(source, at.web, "tcp/5432", NO, [at.vgw, at.web], "internet-gateway")
        asked.expect(source, at.web, "udp/514", YES, [at.vgw, at.public, at.web])
        asked.expect(source, "10.0.1.11", "tcp/5432", NO, [at.vgw], "no-such-destination")
        asked.expect(source, "8.8.8.8", "tcp/443", NO, [at.vgw])


def test_an_address_that_no_route_leads_back_to(tmp_path: Path) -> None:
    Asked(office(tmp_path).folder.write()).expect("172.16.9.9", "10.0.1.10", "tcp/5432", NO)


def test_without_the_route_nothing_comes_back(tmp_path: Path) -> None:
    at = office(tmp_path, propagated=False)
    at.asked().expect(at.vgw, at.app, "tcp/5432", NO, [at.vgw, at.app], "route-table")


def test_out_to_the_premises(tmp_path: Path) -> None:
    at = office(tmp_path)
    asked = at.asked()
    asked.expect(at.app, "192.168.1.1", "tcp/443", YES, [at.app, at.private, at.vgw])
    asked.expect(at.app, at.vgw, "tcp/443", YES, [at.app, at.private, at.vgw])
    asked.expect(at.app, "192.169.0.1", "tcp/443", NO, [at.app, at.private], "route-table")
    asked.expect(at.web, "192.168.1.1", "tcp/443", NO, [at.web, at.public], "internet-gateway")


def test_answer_over_the_acl(tmp_path: Path) -> None:
    at = office(tmp_path)
    entries = [
        acl_entry(10, "allow", "all", ANYWHERE, egress=True),
        acl_entry(10, "allow", "tcp/5432", HOME, egress=False),
        acl_entry(20, "allow", "tcp/32768-60999", HOME, egress=False),
    ]
    at.vpc.acl("private", entries, at.private)
    asked = at.asked()
    asked.expect(at.app, "192.168.1.1", "tcp/443", YES, [at.app, at.vgw])
    asked.expect(at.app, "192.168.1.1", "tcp/443", YES, [at.app, at.vgw], source_port=32768)
    asked.expect(
        at.app, "192.168.1.1", "tcp/443", NO, [at.app, at.vgw], "network-acl", source_port=61000
    )
    asked.expect(at.vgw, at.app, "tcp/5432", YES)
    asked.expect(at.vgw, at.app, "icmp/8", NO, [at.vgw, at.private], "network-acl")


def test_propagated_route_beats_neither_local_nor_a_static_one(tmp_path: Path) -> None:
    at = office(tmp_path)
    routes = at.table("private table")
    routes.append(route("10.0.0.0/24", at.vgw, **LEARNED))
    routes.append(route("172.20.0.0/16", at.vgw, **LEARNED))
    box = at.public.instance("box", "10.0.0.5")
    routes.append(route("172.20.0.0/16", box.interface))
    asked = at.asked()
    # Local wins, though the propagated route is longer.
    asked.expect(at.app, "10.0.0.10", "tcp/5432", NO, [at.app, at.web], "security-group")
    asked.expect(at.app, "172.20.1.1", "tcp/443", NO, [at.app, box], "host")


def test_gateway_passes_nothing_on(tmp_path: Path) -> None:
    """Not to a peer, not to the internet, not to a NAT gateway (N40, N44)."""
    at = office(tmp_path)
    far = at.region.vpc("far", "10.9.0.0/16")
    pcx = at.region.peering("office-far", at.vpc, far)
    at.table("private table").append(route("10.9.0.0/16", pcx))
    host = far.subnet("far", "10.9.1.0/24", {"10.0.0.0/16": pcx, HOME: pcx}).instance(
        "far", "10.9.1.10"
    )
    asked = at.asked()
    asked.expect(at.app, host, "tcp/443", YES, [at.app, pcx, host])
    asked.expect(at.vgw, host, "tcp/443", NO, [at.vgw])
    asked.expect(host, "192.168.1.1", "tcp/443", NO, [host, pcx], "peering", code="edge-to-edge")
    asked.expect(at.vgw, "internet:8.8.8.8", "tcp/443", NO, [at.vgw])


@pytest.mark.parametrize("state", ["detached", "attaching"])
def test_gateway_that_is_not_attached(tmp_path: Path, state: str) -> None:
    at = office(tmp_path)
    at.vgw.json["VpcAttachments"][0]["State"] = state
    asked = at.asked()
    asked.expect(at.vgw, at.app, "tcp/5432", NO)
    asked.expect(at.app, "192.168.1.1", "tcp/443", NO, [at.app, at.private])


def test_gateway_with_a_route_table_of_its_own(tmp_path: Path) -> None:
    """What comes in for the private subnet goes by an appliance."""
    at = office(tmp_path)
    box = at.public.instance("box", "10.0.0.5", SourceDestCheck=False)
    table = at.vpc.table("edge", {"10.0.1.0/24": box.interface})
    table.use(at.vgw)
    asked = at.asked()
    asked.expect(at.vgw, at.app, "tcp/5432", UNKNOWN, [at.vgw, at.public, box])
    asked.expect(at.vgw, at.web, "udp/514", YES, [at.vgw, at.public, at.web])


def test_services_inside_are_reached_like_hosts(tmp_path: Path) -> None:
    at = office(tmp_path)
    open_ = at.vpc.group("services", [("tcp/443", HOME), ("tcp/5432", HOME)])
    back = at.vpc.group("behind", [("tcp/8443", "10.0.0.0/16")])
    target = at.private.instance("target", "10.0.1.77", [back])
    vpce = at.vpc.interface_endpoint("sqs", {"10.0.1.99": at.private}, [open_])
    alb = Balancer(at.vpc, "inside", "application", {"10.0.1.50": at.private}, [open_])
    alb.listen(443, {target.id: 8443}, "HTTPS")
    db = database(at.region, "orders", {"a": at.private}, [open_], address="10.0.1.60")
    lone = database(at.region, "audit", {"a": at.private}, [open_, back])
    job = function(at.region, "job", [at.private], [open_])
    asked = at.asked()
    for source in (at.vgw, "192.168.3.3"):
        asked.expect(source, vpce, "tcp/443", YES, [at.vgw, at.private, vpce])
        asked.expect(source, alb, "tcp/443", YES, [at.vgw, alb, target])
        asked.expect(source, db, "tcp/5432", YES, [at.vgw, at.private, db])
        asked.expect(source, "audit", "tcp/5432", YES, [at.vgw, at.private, lone])
        asked.expect(source, job, "tcp/443", NO, [at.vgw, at.private, job], "host")
    asked.expect(job, "192.168.1.1", "tcp/443", YES, [job, at.private, at.vgw])
    asked.expect("job", db, "tcp/5432", NO, [job, db], "security-group")
