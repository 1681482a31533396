"""Load balancers as the command line prints them: two legs, changed ports, kept addresses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asking import NO, UNKNOWN, YES, Asked
from estate import route
from printed import ANYWHERE, Folder, Host, Region, Subnet, Thing, Vpc, acl_entry
from printed_balancers import Balancer
from printed_transit import Transit

OUT = "internet:8.8.8.8"


@dataclass
class Site:
    """Public and private subnets in two zones, and a web host in each private one."""

    folder: Folder
    region: Region
    vpc: Vpc
    igw: Thing
    public: dict[str, Subnet]
    private: dict[str, Subnet]
    front: Thing
    hosts: dict[str, Host]

    def asked(self) -> Asked:
        return Asked(self.folder.write())


def site(tmp_path: Path, *rules: tuple[str, Any], kind: str = "sg") -> Site:
    """The hosts' group lets in `rules`; without any, 8080 from the balancer's group."""
    folder = Folder(tmp_path)
    region = folder.region()
    vpc = region.vpc("shop", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    routes = {ANYWHERE: igw}
    public = {
        z: vpc.subnet(f"public {z}", f"10.0.{n}.0/24", routes, zone=z) for n, z in enumerate("ab")
    }
    private = {
        z: vpc.subnet(f"private {z}", f"10.0.{n}.0/24", {}, zone=z) for n, z in enumerate("ab", 10)
    }
    front = vpc.group("front", [("tcp/443", ANYWHERE)])
    back = vpc.group("back", list(rules) or [("tcp/8080", front)])
    hosts = {
        z: subnet.instance(f"web {z}", f"{subnet.cidr[:-4]}10", [back])
        for z, subnet in private.items()
    }
    return Site(folder, region, vpc, igw, public, private, front, hosts)


def application(at: Site, *, internal: bool = False, **attributes: str) -> Balancer:
    nodes = {f"10.0.{n}.50": at.public[z] for n, z in enumerate("ab")}
    mapped = {} if internal else {"10.0.0.50": "3.1.0.50", "10.0.1.50": "3.1.1.50"}
    return Balancer(at.vpc, "shop-alb", "application", nodes, [at.front], mapped, attributes)


def network(
    at: Site, *groups: Any, internal: bool = False, attributes: dict[str, str] | None = None
) -> Balancer:
    nodes = {f"10.0.{n}.60": at.public[z] for n, z in enumerate("ab")}
    mapped = {} if internal else {"10.0.0.60": "3.1.0.60", "10.0.1.60": "3.1.1.60"}
    return Balancer(at.vpc, "shop-nlb", "network", nodes, groups, mapped, attributes or {})


def test_port_changes_at_an_application_balancer(tmp_path: Path) -> None:
    at = site(tmp_path)
    alb = application(at)
    alb.listen(443, {at.hosts["a"].id: 8080}, "HTTPS")
    asked = at.asked()
    way = [at.igw, at.public["a"], alb, at.private["a"], at.hosts["a"]]
    for name in (alb.id, "shop-alb", alb.dns_name):
        asked.expect(OUT, name, "tcp/443", YES, way)
    asked.expect(OUT, "3.1.1.50", "tcp/443", YES, [at.igw, at.public["b"], alb, at.hosts["a"]])
    asked.expect(OUT, alb, "tcp/80", NO, [at.igw, at.public["a"], alb], "security-group")
    asked.expect(OUT, at.hosts["a"], "tcp/8080", NO, (), "internet-gateway")
    asked.expect(alb, at.hosts["a"], "tcp/8080", YES, [alb, at.hosts["a"]])
    asked.expect(alb, at.hosts["a"], "tcp/443", NO, [alb, at.hosts["a"]], "security-group")


@pytest.mark.parametrize("rule", [("tcp/443", "10.0.0.0/16"), ("tcp/8080", ANYWHERE)])
def test_target_is_asked_for_its_own_port_by_the_balancers_address(
    tmp_path: Path, rule: tuple[str, str]
) -> None:
    at = site(tmp_path, rule)
    alb = application(at)
    alb.listen(443, {at.hosts["a"].id: 8080}, "HTTPS")
    asked = at.asked()
    if rule[0] == "tcp/8080":
        asked.expect(OUT, alb, "tcp/443", YES)
    else:
        asked.expect(OUT, alb, "tcp/443", NO, [alb, at.hosts["a"]], "security-group")


def test_listener_that_is_not_there(tmp_path: Path) -> None:
    at = site(tmp_path)
    alb = application(at)
    alb.listen(8443, {at.hosts["a"].id: 8080}, "HTTPS")
    at.asked().expect(OUT, alb, "tcp/443", NO, [alb], "load-balancer", code="no-listener")


@pytest.mark.parametrize("cross", ["true", "false", "use_load_balancer_configuration"])
def test_without_cross_zone_a_node_takes_targets_of_its_zone(tmp_path: Path, cross: str) -> None:
    at = site(tmp_path)
    alb = application(at)
    attributes = {"load_balancing.cross_zone.enabled": cross}
    alb.listen(443, {at.hosts["b"].id: 8080}, "HTTPS", attributes=attributes)
    asked = at.asked()
    asked.expect(OUT, alb, "tcp/443", YES, [alb, at.hosts["b"]])
    asked.expect(OUT, "3.1.1.50", "tcp/443", YES, [at.public["b"], alb, at.hosts["b"]])
    if cross == "false":
        asked.expect(OUT, "3.1.0.50", "tcp/443", NO, [alb], "load-balancer", code="no-target")
    else:
        asked.expect(OUT, "3.1.0.50", "tcp/443", YES, [at.public["a"], alb, at.hosts["b"]])


@pytest.mark.parametrize("cross", ["true", "false"])
def test_network_balancer_crosses_zones_when_told_to(tmp_path: Path, cross: str) -> None:
    at = site(tmp_path, ("tcp/80", ANYWHERE))
    nlb = network(at, attributes={"load_balancing.cross_zone.enabled": cross})
    nlb.listen(80, {at.hosts["b"].id: 80})
    asked = at.asked()
    asked.expect(OUT, "3.1.0.60", "tcp/80", YES if cross == "true" else NO, [nlb])
    asked.expect(OUT, nlb.dns_name, "tcp/80", YES, [nlb, at.hosts["b"]])


def test_internal_balancer_is_not_on_the_internet(tmp_path: Path) -> None:
    at = site(tmp_path)
    alb = application(at, internal=True)
    alb.listen(443, {at.hosts["a"].id: 8080}, "HTTPS")
    asked = at.asked()
    asked.expect(OUT, alb, "tcp/443", NO, (), "internet-gateway", code="no-public-address")
    asked.expect(at.hosts["b"], alb, "tcp/443", YES, [at.hosts["b"], alb, at.hosts["a"]])
    asked.expect(at.hosts["b"], alb.dns_name, "tcp/443", YES, [at.hosts["b"], alb, at.hosts["a"]])


@pytest.mark.parametrize(
    ("peer", "preserve", "verdict"),
    [
        (ANYWHERE, "true", YES),
        ("10.0.0.0/16", "true", NO),
        ("10.0.0.0/16", "false", YES),
        ("10.0.0.0/16", "", NO),
    ],
)
def test_instance_targets_see_the_client_unless_told_otherwise(
    tmp_path: Path, peer: str, preserve: str, verdict: str
) -> None:
    at = site(tmp_path, ("tcp/8080", peer))
    nlb = network(at)
    attributes = {"preserve_client_ip.enabled": preserve} if preserve else None
    nlb.listen(80, {at.hosts["a"].id: 8080}, attributes=attributes)
    asked = at.asked()
    way = [at.igw, at.public["a"], nlb, at.private["a"], at.hosts["a"]]
    asked.expect(OUT, nlb, "tcp/80", verdict, way, "" if verdict == YES else "security-group")


@pytest.mark.parametrize(("preserve", "verdict"), [("true", NO), ("false", YES), ("", YES)])
def test_address_targets_see_the_balancer_unless_told_otherwise(
    tmp_path: Path, preserve: str, verdict: str
) -> None:
    at = site(tmp_path, ("tcp/8080", "10.0.0.0/16"))
    nlb = network(at)
    attributes = {"preserve_client_ip.enabled": preserve} if preserve else None
    nlb.listen(443, {"10.0.10.10": 8080}, "TLS", kind="ip", attributes=attributes)
    asked = at.asked()
    asked.expect(OUT, nlb, "tcp/443", verdict, [nlb, at.hosts["a"]])


def test_udp_always_keeps_the_client(tmp_path: Path) -> None:
    at = site(tmp_path, ("udp/5353", "10.0.0.0/16"), ("udp/5354", ANYWHERE))
    nlb = network(at)
    nlb.listen(53, {"10.0.10.10": 5353}, "UDP", kind="ip")
    nlb.listen(54, {"10.0.10.10": 5354}, "TCP_UDP", kind="ip")
    asked = at.asked()
    asked.expect(OUT, nlb, "udp/53", NO, [nlb, at.hosts["a"]], "security-group")
    asked.expect(OUT, nlb, "udp/54", YES, [nlb, at.hosts["a"]])
    asked.expect(OUT, nlb, "tcp/53", NO, [nlb], "load-balancer", code="no-listener")


def test_group_of_a_network_balancer_filters_its_clients(tmp_path: Path) -> None:
    at = site(tmp_path)
    gate = at.vpc.group("gate", [("tcp/80", "198.51.100.0/24")])
    at.folder.region().items["SecurityGroups"][-2]["IpPermissions"][0]["UserIdGroupPairs"] = [
        {"GroupId": gate.id, "UserId": "111111111111"}
    ]
    nlb = network(at, gate)
    nlb.listen(80, {at.hosts["a"].id: 8080})
    asked = at.asked()
    # The target's reference to the balancer's group holds although the client is kept.
    asked.expect("internet:198.51.100.7", nlb, "tcp/80", YES, [nlb, at.hosts["a"]])
    asked.expect(OUT, nlb, "tcp/80", NO, [at.igw, at.public["a"], nlb], "security-group")


def peered(
    tmp_path: Path, *, routed: bool = True, peer: str = "10.0.0.0/23", preserve: str = "false"
) -> tuple[Site, Balancer, Host, Thing]:
    """A network balancer with an address target in a peered VPC."""
    at = site(tmp_path)
    far = at.region.vpc("far", "10.8.0.0/16")
    pcx = at.region.peering("shop-far", at.vpc, far)
    if routed:
        for subnet in ("public a table", "public b table"):
            tables = at.region.items["RouteTables"]
            table = next(t for t in tables if t["Tags"][0]["Value"] == subnet)
            table["Routes"].append(route("10.8.0.0/16", pcx))
    group = far.group("far", [("tcp/8080", peer)])
    subnet = far.subnet("far", "10.8.1.0/24", {"10.0.0.0/16": pcx})
    host = subnet.instance("far", "10.8.1.10", [group])
    nlb = network(at)
    nlb.listen(
        80,
        {"10.8.1.10": 8080},
        kind="ip",
        zones={"10.8.1.10": "all"},
        attributes={"preserve_client_ip.enabled": preserve},
    )
    return at, nlb, host, pcx


def test_address_target_in_a_peered_vpc(tmp_path: Path) -> None:
    at, nlb, host, pcx = peered(tmp_path)
    at.asked().expect(OUT, nlb, "tcp/80", YES, [at.igw, at.public["a"], nlb, pcx, host])


@pytest.mark.parametrize(("peer", "verdict"), [(ANYWHERE, YES), ("10.0.0.0/16", NO)])
def test_target_in_a_peered_vpc_may_see_the_client(tmp_path: Path, peer: str, verdict: str) -> None:
    at, nlb, host, pcx = peered(tmp_path, peer=peer, preserve="true")
    at.asked().expect(OUT, nlb, "tcp/80", verdict, [at.igw, nlb, pcx, host])


def test_client_is_kept_for_targets_in_this_vpc_or_a_peered_one_alone(tmp_path: Path) -> None:
    at = site(tmp_path)
    nlb = network(at)
    for port, preserve in ((80, "true"), (81, "false")):
        nlb.listen(
            port,
            {"192.168.7.7": 8080},
            kind="ip",
            zones={"192.168.7.7": "all"},
            attributes={"preserve_client_ip.enabled": preserve},
        )
    vgw = at.vpc.vpn_gateway()
    for subnet in at.public:
        name = f"public {subnet} table"
        tables = at.region.items["RouteTables"]
        table = next(t for t in tables if t["Tags"][0]["Value"] == name)
        table["Routes"].append(route("192.168.0.0/16", vgw))
    asked = at.asked()
    asked.expect(OUT, nlb, "tcp/80", UNKNOWN, [nlb])
    asked.expect(OUT, nlb, "tcp/81", YES, [nlb, vgw])


def test_address_target_in_a_peered_vpc_needs_a_route(tmp_path: Path) -> None:
    """Without it the default route takes the private address to the internet gateway."""
    at, nlb, *_ = peered(tmp_path, routed=False)
    at.asked().expect(OUT, nlb, "tcp/80", NO, [nlb, at.igw], "internet-gateway")


def test_only_healthy_targets_are_taken_while_there_is_one(tmp_path: Path) -> None:
    at = site(tmp_path)
    closed = at.vpc.group("closed")
    shut = at.private["b"].instance("shut", "10.0.11.77", [closed])
    alb = application(at)
    both = {at.hosts["a"].id: 8080, shut.id: 8080}
    alb.listen(443, both, "HTTPS", states={at.hosts["a"].id: "unhealthy"})
    at.asked().expect(OUT, alb, "tcp/443", NO, [alb, shut], "security-group")


def test_all_targets_are_taken_where_none_is_healthy(tmp_path: Path) -> None:
    at = site(tmp_path)
    alb = application(at)
    alb.listen(443, {at.hosts["a"].id: 8080}, "HTTPS", states={at.hosts["a"].id: "unhealthy"})
    found = at.asked().expect(OUT, alb, "tcp/443", YES, [alb, at.hosts["a"]])
    assert any("healthy" in note for note in found.notes)


@pytest.mark.parametrize("state", ["unused", "draining"])
def test_targets_that_are_not_in_use_are_none(tmp_path: Path, state: str) -> None:
    at = site(tmp_path)
    alb = application(at)
    alb.listen(443, {at.hosts["a"].id: 8080}, "HTTPS", states={at.hosts["a"].id: state})
    at.asked().expect(OUT, alb, "tcp/443", NO, [alb], "load-balancer", code="no-target")


def test_network_balancer_before_an_application_balancer(tmp_path: Path) -> None:
    at = site(tmp_path)
    alb = application(at, internal=True)
    alb.listen(443, {at.hosts["a"].id: 8080}, "HTTPS")
    nlb = network(at)
    nlb.listen(443, {alb.id: 443}, kind="alb")
    at.asked().expect(OUT, nlb, "tcp/443", YES, [at.igw, nlb, alb, at.hosts["a"]])


@pytest.mark.parametrize(("weight", "verdict"), [(0, NO), (1, YES)])
def test_target_group_of_weight_zero_gets_nothing(
    tmp_path: Path, weight: int, verdict: str
) -> None:
    """Blue and green: one target group is open, the other one gets all the traffic."""
    at = site(tmp_path)
    shut = at.private["b"].instance("blue", "10.0.11.88", [at.vpc.group("closed")])
    alb = application(at)
    alb.listen(443, {shut.id: 8080}, "HTTPS")
    alb.listen(444, {at.hosts["a"].id: 8080}, "HTTPS")
    first, second = alb.listed["Listeners"]
    green = second["DefaultActions"][0]["TargetGroupArn"]
    action = first["DefaultActions"][0]
    del action["TargetGroupArn"]
    action["ForwardConfig"]["TargetGroups"].append({"TargetGroupArn": green, "Weight": weight})
    stops = "" if verdict == YES else "security-group"
    at.asked().expect(OUT, alb, "tcp/443", verdict, [at.igw, alb], stops)


def test_redirect_is_answered_by_the_balancer(tmp_path: Path) -> None:
    at = site(tmp_path)
    alb = application(at)
    alb.listed["Listeners"].append(
        {
            "ListenerArn": alb.id.replace(":loadbalancer/", ":listener/") + "/0a",
            "LoadBalancerArn": alb.id,
            "Port": 443,
            "Protocol": "HTTP",
            "DefaultActions": [
                {
                    "Type": "redirect",
                    "Order": 1,
                    "RedirectConfig": {
                        "Protocol": "HTTPS",
                        "Port": "443",
                        "Host": "#{host}",
                        "Path": "/#{path}",
                        "Query": "#{query}",
                        "StatusCode": "HTTP_301",
                    },
                }
            ],
        }
    )
    at.asked().expect(OUT, alb, "tcp/443", YES, [at.igw, alb])


def test_host_behind_a_balancer_that_keeps_the_client_does_not_reach_itself(
    tmp_path: Path,
) -> None:
    """No NAT loopback with the client's address kept: the packet would come from itself."""
    at = site(tmp_path, ("tcp/80", ANYWHERE))
    nlb = network(at, internal=True)
    nlb.listen(80, {at.hosts["a"].id: 80})
    asked = at.asked()
    asked.expect(at.hosts["b"], nlb, "tcp/80", YES, [at.hosts["b"], nlb, at.hosts["a"]])
    asked.expect(at.hosts["b"], "10.0.1.60", "tcp/80", NO, [nlb], "load-balancer", code="no-target")
    asked.expect(at.hosts["a"], "10.0.0.60", "tcp/80", NO, [at.hosts["a"], nlb], "load-balancer")


@pytest.mark.parametrize(
    ("preserve", "source_port", "verdict"),
    [("true", 2000, NO), ("true", 40000, YES), ("false", 2000, YES), ("true", None, YES)],
)
def test_answer_goes_to_the_port_of_whoever_the_target_sees(
    tmp_path: Path, preserve: str, source_port: int | None, verdict: str
) -> None:
    at = site(tmp_path, ("tcp/80", ANYWHERE))
    nlb = network(at)
    nlb.listen(80, {at.hosts["a"].id: 80}, attributes={"preserve_client_ip.enabled": preserve})
    entries = [
        acl_entry(10, "allow", "all", ANYWHERE, egress=False),
        acl_entry(10, "allow", "tcp/32768-65535", ANYWHERE, egress=True),
    ]
    acl = at.vpc.acl("private", entries, at.private["a"])
    asked = at.asked()
    found = asked.expect(
        OUT,
        nlb,
        "tcp/80",
        verdict,
        [nlb, at.hosts["a"]],
        "" if verdict == YES else "network-acl",
        source_port=source_port,
    )
    if verdict == NO:
        assert found.blocked_by[0].id == acl.id


@pytest.mark.parametrize("preserve", ["true", "false"])
@pytest.mark.parametrize("back", [True, False])
def test_balancer_behind_a_transit_gateway(tmp_path: Path, preserve: str, back: bool) -> None:
    """The target never routes to the client itself: the balancer's subnet does."""
    at = site(tmp_path, ("tcp/80", "10.50.0.0/16" if preserve == "true" else "10.0.0.0/23"))
    gateway = Transit("hub", at.region)
    spoke = at.region.vpc("spoke", "10.50.0.0/16")
    subnet = spoke.subnet("spoke", "10.50.1.0/24", {"10.0.0.0/16": gateway})
    client = subnet.instance("client", "10.50.1.10")
    table = gateway.table("all")
    table.propagate(gateway.attach(spoke, subnet, table=table))
    table.propagate(gateway.attach(at.vpc, at.public["a"], at.public["b"], table=table))
    if back:
        for name in ("public a table", "public b table"):
            tables = at.region.items["RouteTables"]
            found = next(t for t in tables if t["Tags"][0]["Value"] == name)
            found["Routes"].append(route("10.50.0.0/16", gateway))
    nlb = network(at, internal=True)
    attributes = {"preserve_client_ip.enabled": preserve}
    nlb.listen(80, {at.hosts["a"].id: 80}, attributes=attributes)
    way = [client, gateway, nlb, at.hosts["a"]]
    stops = "" if back else "internet-gateway"
    at.asked().expect(client, nlb, "tcp/80", YES if back else NO, way, stops)
    # Without the balancer the target knows no way back.
    direct = at.asked().trace(client, at.hosts["a"], "tcp/80")
    assert direct.verdict.value == NO


@pytest.mark.parametrize(
    ("state", "verdict"),
    [("active", YES), ("active_impaired", YES), ("provisioning", NO), ("failed", NO)],
)
def test_balancer_has_to_be_in_service(tmp_path: Path, state: str, verdict: str) -> None:
    at = site(tmp_path)
    alb = application(at)
    alb.listen(443, {at.hosts["a"].id: 8080}, "HTTPS")
    at.region.items["LoadBalancers"][0]["State"] = {"Code": state}
    stops = "" if verdict == YES else "load-balancer"
    at.asked().expect(OUT, alb, "tcp/443", verdict, [at.igw, alb], stops)


def test_balancer_over_a_peering(tmp_path: Path) -> None:
    at = site(tmp_path)
    other = at.region.vpc("other", "10.50.0.0/16")
    pcx = at.region.peering("shop-other", at.vpc, other)
    subnet = other.subnet("other", "10.50.1.0/24", {"10.0.0.0/16": pcx})
    client = subnet.instance("client", "10.50.1.10")
    for name in ("public a table", "public b table"):
        tables = at.region.items["RouteTables"]
        found = next(t for t in tables if t["Tags"][0]["Value"] == name)
        found["Routes"].append(route("10.50.0.0/16", pcx))
    alb = application(at, internal=True)
    alb.listen(443, {at.hosts["b"].id: 8080}, "HTTPS")
    asked = at.asked()
    asked.expect(client, alb, "tcp/443", YES, [client, pcx, alb, at.hosts["b"]])
    asked.expect(client, at.hosts["b"], "tcp/8080", NO, [client, pcx, at.hosts["b"]])


def test_dual_stack_balancer_called_by_one_address_sends_from_another(tmp_path: Path) -> None:
    """Called by its IPv6 address, a node goes on to IPv4 targets under its IPv4 address."""
    folder = Folder(tmp_path)
    vpc = folder.region().vpc("shop", "10.0.0.0/16", six="2600:1f16:abc:100::/56")
    igw = vpc.internet_gateway()
    front = vpc.subnet(
        "front", "10.0.0.0/24", {ANYWHERE: igw, "::/0": igw}, six="2600:1f16:abc:100::/64"
    )
    group = vpc.group("alb", [("tcp/443", ["0.0.0.0/0", "::/0"])])
    host = vpc.subnet("back", "10.0.1.0/24", {}).instance(
        "host", "10.0.1.10", [vpc.group("host", [("tcp/80", group)])]
    )
    balancer = Balancer(
        vpc, "alb", "application", {"10.0.0.50": front}, [group], {"10.0.0.50": "3.0.0.50"}
    )
    balancer.listen(443, {host.id: 80}, "HTTPS")
    for eni in vpc.region.items["NetworkInterfaces"]:
        if eni["Description"].startswith("ELB "):
            eni["Ipv6Addresses"] = [{"Ipv6Address": "2600:1f16:abc:100::50"}]
    asked = Asked(folder.write())
    for source in ("internet:2001:4860:4860::8888", "internet"):
        for target in (balancer, "2600:1f16:abc:100::50"):
            asked.expect(source, target, "tcp/443", YES, [igw, balancer, host])
            asked.expect(source, target, "tcp/80", NO)
    asked.expect("internet:8.8.8.8", balancer, "tcp/443", YES, [igw, balancer, host])
