"""Descriptions that contradict each other: unknown where they matter, and only there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asking import NO, UNKNOWN, YES, Asked
from estate import route
from printed import ANYWHERE, Folder, Host, Region, Subnet, Thing, Vpc

OUT = "internet:8.8.8.8"


@dataclass
class Net:
    """A public and a private subnet, and a VPC beside them; a host in each, and a bystander."""

    folder: Folder
    region: Region
    vpc: Vpc
    aside: Vpc
    igw: Thing
    public: Subnet
    private: Subnet
    nat: Host
    web: Host
    app: Host
    other: Host

    def asked(self) -> Asked:
        return Asked(self.folder.write())


def net(tmp_path: Path) -> Net:
    folder = Folder(tmp_path)
    region = folder.region()
    vpc, aside = region.vpc("main", "10.0.0.0/16"), region.vpc("aside", "10.8.0.0/16")
    igw = vpc.internet_gateway()
    public = vpc.subnet("public", "10.0.0.0/24", {ANYWHERE: igw})
    nat = public.nat("out", "10.0.0.200", "3.0.0.200")
    private = vpc.subnet("private", "10.0.1.0/24", {ANYWHERE: nat})
    web = public.instance("web", "10.0.0.10", public="3.0.0.10")
    app, other = private.instance("app", "10.0.1.10"), private.instance("other", "10.0.1.11")
    return Net(folder, region, vpc, aside, igw, public, private, nat, web, app, other)


def _another_vpc(at: Net) -> None:
    at.app.eni["VpcId"] = at.aside.id


def _another_subnet(at: Net) -> None:
    at.app.eni["SubnetId"] = at.public.id


def _no_such_subnet(at: Net) -> None:
    at.app.eni["SubnetId"] = "subnet-0123456789abcdef0"


def _primary_not_listed(at: Net) -> None:
    at.app.eni["PrivateIpAddress"] = "10.0.1.99"


def _address_held_twice(at: Net) -> None:
    at.private.interface("twin", "10.0.1.10", [at.vpc.open_group()])


def _of_two_hosts(at: Net) -> None:
    at.app.eni["Attachment"]["InstanceId"] = "i-0123456789abcdef0"


@pytest.mark.parametrize(
    "change",
    [
        _another_vpc,
        _another_subnet,
        _no_such_subnet,
        _primary_not_listed,
        _address_held_twice,
        _of_two_hosts,
    ],
)
def test_interface_of_which_two_things_are_said(
    tmp_path: Path, change: Callable[[Net], None]
) -> None:
    at = net(tmp_path / "as it is")
    asked = at.asked()
    asked.expect(at.web, at.app, "tcp/443", YES, [at.web, at.app])
    asked.expect(at.app, OUT, "tcp/443", YES, [at.app, at.nat, at.igw])
    at = net(tmp_path / "changed")
    change(at)
    asked = at.asked()
    assert asked.inventory.disputes
    asked.expect(at.web, at.app.interface, "tcp/443", UNKNOWN)
    asked.expect(at.app.interface, OUT, "tcp/443", UNKNOWN)
    # Whoever stands beside it is not in doubt.
    asked.expect(at.web, at.other, "tcp/443", YES, [at.web, at.other])
    asked.expect(at.other, OUT, "tcp/443", YES, [at.other, at.nat, at.igw])
    every = asked.analysis.reach.everything()
    for flow in asked.analysis.reach.flows(every, every, _all()):
        if flow.truth.name == "YES":
            asked.analysis.reach.prove(flow)


def _all() -> Any:
    from mute_audit.network.traffic import Traffic

    return Traffic.everything()


def _nat_elsewhere(at: Net) -> None:
    at.nat.json["SubnetId"] = at.private.id


def _nat_with_another_address(at: Net) -> None:
    at.nat.json["NatGatewayAddresses"][0]["PrivateIp"] = "10.0.0.201"


def _nat_with_a_neighbours_public_address(at: Net) -> None:
    at.nat.json["NatGatewayAddresses"][0]["PublicIp"] = "3.0.0.10"


def _nat_of_another_interface(at: Net) -> None:
    at.nat.json["NatGatewayAddresses"][0]["NetworkInterfaceId"] = "eni-0123456789abcdef0"


@pytest.mark.parametrize(
    "change",
    [
        _nat_elsewhere,
        _nat_with_another_address,
        _nat_with_a_neighbours_public_address,
        _nat_of_another_interface,
    ],
)
def test_nat_gateway_and_its_interface(tmp_path: Path, change: Callable[[Net], None]) -> None:
    at = net(tmp_path / "as it is")
    at.asked().expect(at.app, OUT, "tcp/443", YES, [at.app, at.nat, at.igw])
    at = net(tmp_path / "changed")
    change(at)
    asked = at.asked()
    trace = asked.expect(at.app, OUT, "tcp/443", UNKNOWN, [at.app, at.nat])
    assert at.nat.id in {gap.what for gap in trace.gaps}
    asked.expect(at.app, at.other, "tcp/443", YES, [at.app, at.other])


def test_nat_gateway_may_leave_out_its_interface_and_say_that_it_checks(tmp_path: Path) -> None:
    at = net(tmp_path)
    del at.nat.json["NatGatewayAddresses"][0]["NetworkInterfaceId"]
    at.nat.eni["SourceDestCheck"] = True
    asked = at.asked()
    assert not asked.inventory.disputes
    asked.expect(at.app, OUT, "tcp/443", YES, [at.app, at.nat, at.igw])
    asked.expect(OUT, at.app, "tcp/443", NO)


def test_local_route_is_not_learned(tmp_path: Path) -> None:
    """Whatever a table says of where it has its local route from."""
    at = net(tmp_path)
    table = at.vpc.table("odd")
    table.json["Routes"][0]["Origin"] = "EnableVgwRoutePropagation"
    vgw = at.vpc.vpn_gateway()
    table.json["Routes"].append(
        route("10.0.0.0/24", vgw.id) | {"Origin": "EnableVgwRoutePropagation"}
    )
    host = at.vpc.subnet("odd", "10.0.7.0/24", table=table).instance("odd", "10.0.7.10")
    asked = at.asked()
    asked.expect(host, at.web, "tcp/443", YES, [host, at.web])
    table.json["Routes"].append(route("10.0.0.0/24", at.nat.id))
    at.asked().expect(host, at.web, "tcp/443", YES, [host, at.nat, at.web])


def test_copies_inside_instances_are_held_against_each_other_too(tmp_path: Path) -> None:
    """Where no list of interfaces was saved."""
    at = net(tmp_path)
    del at.region.items["NetworkInterfaces"]
    asked = at.asked()
    asked.expect(at.web, at.app, "tcp/443", YES, [at.web, at.app])
    at.app.json["NetworkInterfaces"][0]["PrivateIpAddress"] = "10.0.0.10"
    asked = at.asked()
    asked.expect(at.web, at.app, "tcp/443", UNKNOWN)
    asked.expect(at.web, at.other, "tcp/443", YES, [at.web, at.other])


def test_interface_may_leave_out_the_vpc_that_its_subnet_names(tmp_path: Path) -> None:
    at = net(tmp_path)
    del at.app.eni["VpcId"]
    asked = at.asked()
    assert not asked.inventory.disputes
    asked.expect(at.web, at.app, "tcp/443", YES, [at.web, at.app])
    asked.expect(at.app, OUT, "tcp/443", YES, [at.app, at.nat, at.igw])


def test_route_without_a_destination_may_be_longer_than_the_local_one(tmp_path: Path) -> None:
    at = net(tmp_path)
    table = next(t for t in at.region.items["RouteTables"] if len(t["Routes"]) > 1)
    added = route("10.0.1.0/24", at.nat.id)
    table["Routes"].append(added)
    at.asked().expect(at.web, at.app, "udp/53", NO, [at.web, at.nat], "route-table")
    del added["DestinationCidrBlock"]
    asked = at.asked()
    asked.expect(at.app, at.web, "udp/53", YES, [at.app, at.web])
    trace = asked.expect(at.web, at.app, "udp/53", UNKNOWN, [at.web])
    assert any("destination" in gap.why for gap in trace.gaps)
