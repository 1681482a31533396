"""Several features at once: what each does alone, they have to do together."""

from __future__ import annotations

from pathlib import Path

from asking import NO, YES, Asked
from estate import route
from printed import ANYWHERE, Folder, Vpc
from printed_balancers import Balancer, database
from printed_transit import Transit, vpn_on_vgw

OUT = "internet:8.8.8.8"


def add(vpc: Vpc, destination: str, target: str) -> None:
    """A route in every table of a VPC."""
    for table in vpc.region.items["RouteTables"]:
        if table["VpcId"] == vpc.id:
            table["Routes"].append(route(destination, target))


def test_out_by_a_transit_gateway_and_back_by_a_peering(tmp_path: Path) -> None:
    """Connections are tracked at the hosts: the answer may take another way."""
    folder = Folder(tmp_path)
    region = folder.region()
    near, far = region.vpc("near", "10.1.0.0/16"), region.vpc("far", "10.2.0.0/16")
    gateway = Transit("hub", region)
    table = gateway.table("all")
    doors = [near.subnet("n tgw", "10.1.9.0/28", {}), far.subnet("f tgw", "10.2.9.0/28", {})]
    for vpc, door in zip((near, far), doors, strict=True):
        table.propagate(gateway.attach(vpc, door, table=table))
    host = near.subnet("n", "10.1.1.0/24").instance("host", "10.1.1.10")
    server = far.subnet("f", "10.2.1.0/24").instance("server", "10.2.1.10")
    peering = region.peering("both", near, far)
    add(near, "10.2.0.0/16", gateway.id)
    asked = Asked(folder.write())
    asked.expect(host, server, "tcp/443", NO, [host, gateway, server], "route-table")
    asked.expect(host, server, "udp/53", YES, [host, gateway, server])
    add(far, "10.1.0.0/16", peering.id)
    asked = Asked(folder.write())
    trace = asked.expect(host, server, "tcp/443", YES, [host, gateway, server])
    assert peering.id in {hop.id for hop in trace.return_path}
    asked.expect(server, host, "tcp/443", YES, [server, peering, host])


def test_premises_reach_every_kind_of_service_that_answers_them(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    region = folder.region()
    vpc = region.vpc("main", "10.0.0.0/16")
    vgw = vpc.vpn_gateway()
    vpn_on_vgw(region, "office", vgw, "192.168.0.0/16")
    learned = {"Origin": "EnableVgwRoutePropagation"}
    table = vpc.table("known").add("192.168.0.0/16", vgw, **learned)
    known = vpc.subnet("known", "10.0.1.0/24", table=table)
    alone = vpc.subnet("alone", "10.0.2.0/24", {})
    office = vpc.group("office", [("tcp/443", "192.168.0.0/16"), ("tcp/5432", "192.168.0.0/16")])
    front = vpc.group("front", [("tcp/80", "192.168.0.0/16")])
    back = alone.instance("back", "10.0.2.10", [vpc.group("back", [("tcp/8080", front)])])
    lost = alone.instance("lost", "10.0.2.11", [office])
    base = database(region, "base", {"a": known}, [office], address="10.0.1.20")
    endpoint = vpc.interface_endpoint("kms", {"10.0.1.30": known}, [office])
    web = Balancer(vpc, "web", "application", {"10.0.1.40": known}, [front])
    web.listen(80, {back.id: 8080}, "HTTP")
    kept = Balancer(vpc, "kept", "network", {"10.0.1.41": known})
    kept.listen(443, {lost.id: 443})
    asked = Asked(folder.write())
    asked.expect(vgw, base, "tcp/5432", YES, [vgw, known, base])
    asked.expect(vgw, endpoint, "tcp/443", YES, [vgw, known, endpoint])
    asked.expect(vgw, web, "tcp/80", YES, [vgw, web, back])
    # The balancer takes its target's answers back; to a client itself the target has no route.
    asked.expect(vgw, kept, "tcp/443", YES, [vgw, kept, lost])
    asked.expect(vgw, lost, "tcp/443", NO, [vgw, lost], "route-table")
    asked.expect(vgw, back, "tcp/8080", NO, [vgw, back], "security-group")


def test_vpc_whose_own_addresses_are_public_ones(tmp_path: Path) -> None:
    """In the VPC they are private; the internet gateway knows them by their public ones alone."""
    folder = Folder(tmp_path)
    region = folder.region()
    vpc = region.vpc("odd", "54.200.0.0/16")
    igw = vpc.internet_gateway()
    public = vpc.subnet("public", "54.200.0.0/24", {ANYWHERE: igw})
    nat = public.nat("out", "54.200.0.9", "3.0.0.9")
    private = vpc.subnet("private", "54.200.1.0/24", {ANYWHERE: nat})
    web = public.instance("web", "54.200.0.10", public="3.0.0.10")
    bare = public.instance("bare", "54.200.0.11")
    app = private.instance("app", "54.200.1.10")
    asked = Asked(folder.write())
    asked.expect(web, "54.200.1.10", "tcp/443", YES, [web, app])
    asked.expect(app, OUT, "tcp/443", YES, [app, nat, igw])
    asked.expect(OUT, web, "tcp/443", YES, [igw, web])
    for hidden in (bare, app):
        asked.expect("internet", hidden, "tcp/443", NO)
    asked.expect(bare, OUT, "tcp/443", NO, [bare, public], "internet-gateway")


def test_networks_that_overlap_meet_behind_a_private_nat_gateway(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    region = folder.region()
    gateway = Transit("hub", region)
    table = gateway.table("all")
    one = region.vpc("one", "10.0.0.0/16", "100.64.0.0/24")
    two = region.vpc("two", "10.0.0.0/16", "100.64.1.0/24")
    here = one.subnet("here", "100.64.0.0/25", {"100.64.1.0/24": gateway})
    there = two.subnet("there", "100.64.1.0/25", {"100.64.0.0/24": gateway})
    nat = here.nat("private", "100.64.0.9")
    table.add("100.64.0.0/24", gateway.attach(one, here, table=table))
    table.add("100.64.1.0/24", gateway.attach(two, there, table=table))
    inner = one.subnet("inner", "10.0.1.0/24", {"100.64.1.0/24": nat})
    host = inner.instance("host", "10.0.1.10")
    front = two.group("front", [("tcp/443", "100.64.0.9/32")])
    back = two.subnet("inner two", "10.0.1.0/24", {}).instance(
        "back", "10.0.1.10", [two.group("back", [("tcp/8443", front)])]
    )
    balancer = Balancer(two, "front", "application", {"100.64.1.20": there}, [front])
    balancer.listen(443, {back.id: 8443}, "HTTPS")
    asked = Asked(folder.write())
    asked.expect(host, balancer, "tcp/443", YES, [host, nat, gateway, balancer, back])
    asked.expect(host, back, "tcp/8443", NO)
    asked.expect(balancer, host, "tcp/443", NO)
