"""Transit gateways of several accounts and Regions, as the command line prints them."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import NO, UNKNOWN, YES, Asked
from estate import route
from printed import ANYWHERE, Folder, Host, Region, Subnet, Vpc, acl_entry
from printed_transit import Attachment, Transit, TransitTable, peer

NETWORK, SPOKES = "111111111111", "222222222222"


class Spoke:
    """A VPC with a workload subnet and an attachment subnet in zone a, one host in it."""

    def __init__(
        self, region: Region, name: str, cidr: str, gateway: Transit, *, to: str = "10.0.0.0/8"
    ) -> None:
        head = ".".join(cidr.split(".")[:2])
        self.vpc: Vpc = region.vpc(name, cidr)
        self.work: Subnet = self.vpc.subnet(f"{name} work", f"{head}.1.0/24", {to: gateway})
        self.door: Subnet = self.vpc.subnet(f"{name} tgw", f"{head}.255.0/28", {})
        group = self.vpc.group(f"{name} host", [("tcp/443", "10.0.0.0/8"), ("udp/53", ANYWHERE)])
        self.host: Host = self.work.instance(f"{name} host", f"{head}.1.10", [group])
        self.gateway = gateway

    def attach(self, table: TransitTable | None) -> Attachment:
        return self.gateway.attach(self.vpc, self.door, table=table)


def hub_and_spokes(
    tmp_path: Path, *, all_see_all: bool = False
) -> tuple[Folder, Transit, list[Spoke], list[TransitTable], list[Attachment]]:
    """Two spokes that see only the shared VPC; it sees both."""
    folder = Folder(tmp_path)
    network, spokes = folder.region(NETWORK), folder.region(SPOKES)
    gateway = Transit("hub", network)
    gateway.describe(spokes)
    one, two = (
        Spoke(spokes, n, c, gateway) for n, c in (("a", "10.1.0.0/16"), ("b", "10.2.0.0/16"))
    )
    shared = Spoke(network, "shared", "10.3.0.0/16", gateway)
    for_spokes, for_shared = gateway.table("spokes"), gateway.table("shared")
    attached = [one.attach(for_spokes), two.attach(for_spokes), shared.attach(for_shared)]
    for_shared.propagate(attached[0], attached[1])
    for_spokes.propagate(attached[2])
    if all_see_all:
        for_spokes.propagate(attached[0], attached[1])
    return folder, gateway, [one, two, shared], [for_spokes, for_shared], attached


def test_spokes_reach_the_shared_vpc_and_not_each_other(tmp_path: Path) -> None:
    folder, gateway, (one, two, shared), _, attached = hub_and_spokes(tmp_path)
    asked = Asked(folder.write())
    way = [one.host, one.work, one.door, attached[0], gateway, attached[2], shared.door]
    asked.expect(one.host, shared.host, "tcp/443", YES, [*way, shared.work, shared.host])
    asked.expect(shared.host, "10.2.1.10", "tcp/443", YES, [shared.host, gateway, two.host])
    asked.expect(
        one.host,
        "10.2.1.10",
        "tcp/443",
        NO,
        [one.host, gateway],
        "transit-gateway",
        code="no-route",
    )
    asked.expect(one.host, shared.host, "tcp/22", NO, [*way, shared.host], "security-group")


def test_spokes_reach_each_other_when_each_is_propagated(tmp_path: Path) -> None:
    folder, _, (one, two, _), _, _ = hub_and_spokes(tmp_path, all_see_all=True)
    Asked(folder.write()).expect(one.host, two.host, "tcp/443", YES)


def test_blackhole_beats_the_shorter_route(tmp_path: Path) -> None:
    folder, gateway, (one, _, shared), (for_spokes, _), attached = hub_and_spokes(tmp_path)
    for_spokes.add(ANYWHERE, attached[2]).add("10.2.0.0/16", None)
    asked = Asked(folder.write())
    asked.expect(
        one.host, "10.2.1.10", "tcp/443", NO, [gateway], "transit-gateway", code="blackhole"
    )
    # An unused address of the default route's VPC is told by the table of its attachment.
    asked.expect(
        one.host, "10.77.0.1", "tcp/443", NO, [gateway, shared.door], "route-table", code="no-route"
    )


def test_longer_static_route_beats_a_propagated_one(tmp_path: Path) -> None:
    """10.3.1.0/24 is sent to the other spoke, whose routes know nothing of it."""
    folder, gateway, (one, two, shared), (for_spokes, _), attached = hub_and_spokes(tmp_path)
    for_spokes.add("10.3.1.0/24", attached[1])
    Asked(folder.write()).expect(
        one.host, shared.host, "tcp/443", NO, [gateway, two.door], "route-table", code="no-route"
    )


def test_association_without_a_way_back_stops_tcp_and_lets_udp(tmp_path: Path) -> None:
    """The way there is a route of one table, the way back the lack of one in another."""
    folder, gateway, (one, two, _), (_, for_shared), attached = hub_and_spokes(tmp_path)
    alone = gateway.table("alone").propagate(attached[1])
    attached[0].json["Association"]["TransitGatewayRouteTableId"] = alone.id
    asked = Asked(folder.write())
    found = asked.expect(one.host, two.host, "tcp/443", NO, [one.host, two.host], "transit-gateway")
    assert found.blocked_by[0].id == gateway.id
    asked.expect(one.host, two.host, "udp/53", YES, [one.host, two.host])
    assert for_shared.id not in str(found.blocked_by)


def peered(tmp_path: Path, *, back: bool = True) -> tuple[Asked, Transit, Transit, Spoke, Spoke]:
    folder = Folder(tmp_path)
    east, west = folder.region(NETWORK, "us-east-1"), folder.region(NETWORK, "eu-west-1")
    one, other = Transit("east", east), Transit("west", west)
    near = Spoke(east, "near", "10.1.0.0/16", one)
    far = Spoke(west, "far", "10.9.0.0/16", other)
    here, there = one.table("all"), other.table("all")
    near_end, far_end = peer(one, other, here, there)
    here.propagate(near.attach(here)).add("10.9.0.0/16", near_end)
    there.propagate(far.attach(there))
    if back:
        there.add("10.1.0.0/16", far_end)
    return Asked(folder.write()), one, other, near, far


def test_peered_gateways_of_two_regions(tmp_path: Path) -> None:
    asked, one, other, near, far = peered(tmp_path)
    way = [near.host, near.door, one, other, far.door, far.host]
    asked.expect(near.host, far.host, "tcp/443", YES, way)
    asked.expect(far.host, "10.1.1.10", "tcp/443", YES, [far.host, other, one, near.host])


def test_peered_gateways_need_a_static_route_on_both_sides(tmp_path: Path) -> None:
    asked, _, other, near, far = peered(tmp_path, back=False)
    found = asked.expect(near.host, far.host, "tcp/443", NO, [far.host], "transit-gateway")
    assert found.blocked_by[0].id == other.id
    asked.expect(far.host, near.host, "tcp/443", NO, [far.host, other], "transit-gateway")


def test_source_in_a_zone_without_attachment_does_not_reach_the_gateway(tmp_path: Path) -> None:
    folder, gateway, (one, _, shared), _, _ = hub_and_spokes(tmp_path)
    lonely = one.vpc.subnet("a lonely", "10.1.7.0/24", {"10.0.0.0/8": gateway}, zone="c")
    host = lonely.instance("lonely", "10.1.7.7")
    asked = Asked(folder.write())
    asked.expect(
        host, shared.host, "tcp/443", NO, [host, lonely], "transit-gateway", code="no-zone"
    )
    # Into that zone the local route leads from the attachment's subnet; the answer finds no door.
    asked.expect(shared.host, host, "tcp/443", NO, [shared.host, lonely, host], "transit-gateway")
    asked.expect(shared.host, host, "udp/53", YES, [shared.host, one.door, lonely, host])


def egress_vpc(
    tmp_path: Path, *, back: bool = True
) -> tuple[Asked, Transit, Spoke, dict[str, Subnet], Host, str]:
    """All internet traffic of a spoke leaves by the NAT gateway of a central VPC."""
    folder = Folder(tmp_path)
    network, spokes = folder.region(NETWORK), folder.region(SPOKES)
    gateway = Transit("hub", network)
    one = Spoke(spokes, "a", "10.1.0.0/16", gateway, to=ANYWHERE)
    vpc = network.vpc("egress", "10.100.0.0/16")
    igw = vpc.internet_gateway()
    routes = {ANYWHERE: igw} | ({"10.0.0.0/8": gateway} if back else {})
    public = vpc.subnet("public", "10.100.0.0/24", routes)
    nat = public.nat("out", "10.100.0.200", "52.1.2.3")
    door = vpc.subnet("egress tgw", "10.100.255.0/28", {ANYWHERE: nat})
    inner, outer = gateway.table("inner"), gateway.table("outer")
    to_egress = gateway.attach(vpc, door, table=outer)
    outer.propagate(one.attach(inner))
    inner.add(ANYWHERE, to_egress).add("10.0.0.0/8", None)
    return Asked(folder.write()), gateway, one, {"public": public, "door": door}, nat, igw.id


def test_central_egress_through_a_nat_gateway(tmp_path: Path) -> None:
    asked, gateway, one, at, nat, igw = egress_vpc(tmp_path)
    way = [one.host, one.work, gateway, at["door"], nat, at["public"], igw]
    asked.expect(one.host, "internet:8.8.8.8", "tcp/443", YES, way)
    asked.expect(one.host, "10.100.0.200", "tcp/443", NO, [gateway], "transit-gateway")
    asked.expect("internet:8.8.8.8", "52.1.2.3", "tcp/443", NO, [igw, nat], "nat-gateway")


def test_central_egress_needs_a_route_back_to_the_spoke(tmp_path: Path) -> None:
    asked, _, one, _, nat, igw = egress_vpc(tmp_path, back=False)
    found = asked.expect(one.host, "internet:8.8.8.8", "tcp/443", NO, [nat, igw])
    assert found.blocked_by[0].component in ("route-table", "internet-gateway")


def with_references(
    tmp_path: Path, *, gateway_on: bool = True, near: str = "enable", far: str = "enable"
) -> tuple[Asked, Host, Host]:
    folder = Folder(tmp_path)
    region = folder.region()
    gateway = Transit("hub", region, references=gateway_on)
    table = gateway.table("all")
    vpcs = [region.vpc(n, c) for n, c in (("a", "10.1.0.0/16"), ("b", "10.2.0.0/16"))]
    hosts, client = [], ""
    for number, (vpc, option) in enumerate(zip(vpcs, (near, far), strict=True), start=1):
        subnet = vpc.subnet(f"{vpc.name} all", f"10.{number}.1.0/24", {"10.0.0.0/8": gateway})
        rules = [("tcp/443", {"GroupId": client, "UserId": "111111111111"})] if client else []
        group = vpc.group(f"{vpc.name} group", rules)
        client = client or group.id
        hosts.append(subnet.instance(f"{vpc.name} host", f"10.{number}.1.10", [group]))
        table.propagate(
            gateway.attach(vpc, subnet, table=table, SecurityGroupReferencingSupport=option)
        )
    return Asked(folder.write()), hosts[0], hosts[1]


@pytest.mark.parametrize("off", ["", "gateway", "near", "far"])
def test_group_reference_needs_the_option_in_three_places(tmp_path: Path, off: str) -> None:
    asked, one, two = with_references(
        tmp_path,
        gateway_on=off != "gateway",
        near="disable" if off == "near" else "enable",
        far="disable" if off == "far" else "enable",
    )
    if off:
        asked.expect(one, two, "tcp/443", NO, [one, two], "security-group")
    else:
        asked.expect(one, two, "tcp/443", YES, [one, two])


def test_routes_that_a_listing_shows_as_propagated_need_nothing_else(tmp_path: Path) -> None:
    """A listing of all routes holds those that a VPN has learned by BGP."""
    folder, gateway, (one, *_), (for_spokes, for_shared), attached = hub_and_spokes(tmp_path)
    vpn = gateway.attach_vpn("branch", table=for_shared)
    for_spokes.propagate(vpn)
    for_spokes.add("10.3.0.0/16", attached[2], kind="propagated")
    for_spokes.add("10.200.0.0/16", vpn, kind="propagated")
    asked = Asked(folder.write())
    asked.expect(one.host, "10.200.3.4", "tcp/443", YES, [one.host, gateway, vpn])
    asked.expect(one.host, "10.201.3.4", "tcp/443", NO, [gateway], "transit-gateway")
    asked.expect(vpn, one.host, "tcp/443", YES, [vpn, gateway, one.host])
    asked.expect("10.200.3.4", one.host, "tcp/443", YES, [vpn, gateway, one.host])


def test_bgp_routes_that_are_nowhere_listed_are_not_known(tmp_path: Path) -> None:
    folder, gateway, (one, *_), (for_spokes, for_shared), _ = hub_and_spokes(tmp_path)
    for_spokes.propagate(gateway.attach_vpn("branch", table=for_shared))
    found = Asked(folder.write()).expect(one.host, "10.200.3.4", "tcp/443", UNKNOWN)
    assert "BGP" in found.gaps[0].why


@pytest.mark.parametrize(
    ("tunnels", "verdict"),
    [
        ([("UP", 3)], UNKNOWN),
        ([("UP", 0), ("UP", 0)], NO),
        ([("DOWN", 0), ("DOWN", 4)], NO),
        ([("DOWN", 0), ("UP", 1)], UNKNOWN),
    ],
)
def test_tunnels_tell_whether_any_route_was_learned(
    tmp_path: Path, tunnels: list[tuple[str, int]], verdict: str
) -> None:
    """What a BGP connection may announce leaves the routes that are known in doubt."""
    folder, gateway, (one, _, shared), (for_spokes, for_shared), attached = hub_and_spokes(tmp_path)
    vpn = gateway.attach_vpn("branch", table=for_shared)
    for_spokes.propagate(vpn)
    for_spokes.add("0.0.0.0/0", attached[2])
    tables = folder.region(SPOKES).items["RouteTables"]
    mine = next(t for t in tables if t["Tags"][0]["Value"] == "a work table")
    mine["Routes"].append(route(ANYWHERE, gateway.id))
    folder.region(NETWORK).items["VpnConnections"][0]["VgwTelemetry"] = [
        {"AcceptedRouteCount": count, "OutsideIpAddress": f"203.0.113.{number}", "Status": status}
        for number, (status, count) in enumerate(tunnels)
    ]
    asked = Asked(folder.write())
    known = YES if verdict == NO else UNKNOWN
    asked.expect(one.host, shared.host, "tcp/443", known, [one.host, gateway])
    asked.expect(one.host, "10.200.3.4", "tcp/443", verdict, [one.host, gateway])
    # Whichever way it goes: to the host it does not get, to a public address by the default.
    asked.expect(one.host, shared.host, "tcp/22", NO, [one.host, gateway], "security-group")
    asked.expect(one.host, "internet:8.8.8.8", "tcp/443", NO, [gateway, shared.door], "route-table")


def test_static_vpn_and_the_gateway_as_the_source(tmp_path: Path) -> None:
    folder, gateway, (one, two, _), (for_spokes, for_shared), _ = hub_and_spokes(tmp_path)
    vpn = gateway.attach_vpn("branch", "10.200.0.0/16", table=for_shared)
    for_spokes.propagate(vpn)
    asked = Asked(folder.write())
    for source in (vpn, gateway, vpn.resource, "10.200.0.9"):
        asked.expect(source, one.host, "tcp/443", YES, [vpn, gateway, one.door, one.host])
        asked.expect(source, one.host, "tcp/80", NO, [gateway, one.host], "security-group")
    asked.expect(two.host, vpn, "tcp/443", YES, [two.host, gateway, vpn])
    # Not from an address that nothing routes there: its answer would go elsewhere.
    asked.expect("10.201.0.9", one.host, "tcp/443", NO)


@pytest.mark.parametrize("kind", ["propagated", "listed"])
def test_vpc_route_beats_a_vpn_for_the_same_network(tmp_path: Path, kind: str) -> None:
    folder, gateway, (one, _, shared), (for_spokes, for_shared), attached = hub_and_spokes(tmp_path)
    vpn = gateway.attach_vpn("branch", "10.3.0.0/16", table=for_shared)
    for_spokes.propagate(vpn)
    for_spokes.propagations["TransitGatewayRouteTablePropagations"].reverse()
    if kind == "listed":
        for_spokes.add("10.3.0.0/16", vpn, kind="propagated")
        for_spokes.add("10.3.0.0/16", attached[2], kind="propagated")
    Asked(folder.write()).expect(one.host, shared.host, "tcp/443", YES, [gateway, shared.host])


def test_direct_connect_beats_a_vpn_for_the_same_network(tmp_path: Path) -> None:
    folder, gateway, (one, *_), (for_spokes, for_shared), _ = hub_and_spokes(tmp_path)
    vpn = gateway.attach_vpn("branch", table=for_shared)
    line = gateway.attach_direct_connect("line", for_shared)
    for made in (vpn, line):
        for_spokes.add("10.210.0.0/16", made, kind="propagated")
    asked = Asked(folder.write())
    asked.expect(one.host, "10.210.0.1", "tcp/443", YES, [gateway, line])
    for_spokes.add("10.210.0.0/16", vpn)
    asked = Asked(folder.write())
    asked.expect(one.host, "10.210.0.1", "tcp/443", YES, [gateway, vpn])


def test_two_vpcs_with_one_network_leave_open_which_was_attached_first(tmp_path: Path) -> None:
    """The routes of the later one are not propagated; a listing shows which that is."""
    folder = Folder(tmp_path)
    region = folder.region()
    gateway = Transit("hub", region)
    table = gateway.table("all")
    one = Spoke(region, "a", "10.1.0.0/16", gateway)
    twins = [Spoke(region, name, "10.2.0.0/16", gateway) for name in ("b", "c")]
    attached = [table.propagate(made) and made for made in (s.attach(table) for s in (one, *twins))]
    asked = Asked(folder.write())
    asked.expect(one.host, "10.2.1.10", "tcp/443", UNKNOWN)
    table.add("10.2.0.0/16", attached[2], kind="propagated")
    table.add("10.1.0.0/16", attached[0], kind="propagated")
    asked = Asked(folder.write())
    asked.expect(one.host, "10.2.1.10", "tcp/443", YES, [gateway, twins[1].host])


def test_zone_names_of_another_account_mean_other_zones(tmp_path: Path) -> None:
    """The gateway keeps the zone, which only its id tells: names are drawn for each account."""
    folder = Folder(tmp_path)
    network, spokes = folder.region(NETWORK), folder.region(SPOKES)
    gateway = Transit("hub", network)
    vpc = spokes.vpc("a", "10.1.0.0/16")
    work = vpc.subnet(
        "a work", "10.1.1.0/24", {"10.0.0.0/8": gateway}, zone="a", AvailabilityZoneId="use1-az2"
    )
    client = work.instance("client", "10.1.1.10")
    there = network.vpc("b", "10.2.0.0/16")
    doors = [
        there.subnet(f"door {zone}", f"10.2.{n}.0/28", {"10.0.0.0/8": gateway}, zone=zone)
        for n, zone in enumerate("ab")
    ]
    target = there.subnet("b work", "10.2.9.0/24", {"10.0.0.0/8": gateway}, zone="b")
    server = target.instance("server", "10.2.9.10")
    shut = [acl_entry(10, "deny", "tcp/443", "10.2.9.0/24", egress=True)]
    open_ = [acl_entry(100, "allow", "all", ANYWHERE, egress=way) for way in (True, False)]
    there.acl("shut", [*shut, *open_], doors[1])
    table = gateway.table("all")
    table.propagate(
        gateway.attach(vpc, work, table=table), gateway.attach(there, *doors, table=table)
    )
    asked = Asked(folder.write())
    asked.expect(client, server, "tcp/443", NO, [client, gateway, doors[1]], "network-acl")
    asked.expect(client, server, "tcp/80", YES, [client, gateway, doors[1], target, server])


@pytest.mark.parametrize("mode", ["disable", "enable"])
def test_appliance_mode_may_take_any_zone(tmp_path: Path, mode: str) -> None:
    folder = Folder(tmp_path)
    region = folder.region()
    gateway = Transit("hub", region)
    one = Spoke(region, "a", "10.1.0.0/16", gateway)
    vpc = region.vpc("b", "10.2.0.0/16")
    doors = [
        vpc.subnet(f"door {zone}", f"10.2.{n}.0/28", {"10.0.0.0/8": gateway}, zone=zone)
        for n, zone in enumerate("ab")
    ]
    server = vpc.subnet("b work", "10.2.9.0/24", {"10.0.0.0/8": gateway}).instance(
        "server", "10.2.9.10"
    )
    open_ = [acl_entry(100, "allow", "all", ANYWHERE, egress=way) for way in (True, False)]
    vpc.acl("shut", [acl_entry(10, "deny", "tcp/443", ANYWHERE, egress=True), *open_], doors[1])
    table = gateway.table("all")
    table.propagate(
        one.attach(table),
        gateway.attach(vpc, *doors, table=table, ApplianceModeSupport=mode),
    )
    asked = Asked(folder.write())
    asked.expect(one.host, server, "tcp/443", YES if mode == "disable" else UNKNOWN)
    asked.expect(one.host, server, "tcp/22", YES)


def test_default_routes_that_send_to_each_other_are_a_circle(tmp_path: Path) -> None:
    folder, gateway, (one, _, shared), (for_spokes, for_shared), attached = hub_and_spokes(tmp_path)
    table = next(
        t
        for t in folder.region(NETWORK).items["RouteTables"]
        if t["Tags"][0]["Value"] == "shared tgw table"
    )
    table["Routes"].append(
        {
            "DestinationCidrBlock": ANYWHERE,
            "TransitGatewayId": gateway.id,
            "Origin": "CreateRoute",
            "State": "active",
        }
    )
    for_spokes.add(ANYWHERE, attached[2])
    for_shared.add(ANYWHERE, attached[2])
    asked = Asked(folder.write())
    asked.expect(one.host, "10.99.0.1", "tcp/443", NO, [gateway, shared.door], code="routing-loop")


def test_attachment_in_the_consumers_listing_may_lack_its_association(tmp_path: Path) -> None:
    """Who owns the gateway sees the association; the account with the VPC need not."""
    folder, _, (one, _, shared), _, _ = hub_and_spokes(tmp_path)
    seen = folder.region(SPOKES).items["TransitGatewayAttachments"]
    folder.region(SPOKES).items["TransitGatewayAttachments"] = [
        {key: value for key, value in item.items() if key != "Association"} for item in seen
    ]
    folder.regions = dict(reversed(folder.regions.items()))
    Asked(folder.write()).expect(one.host, shared.host, "tcp/443", YES)


def test_route_by_prefix_list(tmp_path: Path) -> None:
    folder, gateway, (one, two, _), (for_spokes, _), attached = hub_and_spokes(tmp_path)
    listed = folder.region(NETWORK).prefix_list("spokes", "10.1.0.0/16", "10.2.0.0/16", aws=False)
    route = {
        "PrefixListId": listed.id,
        "Type": "static",
        "State": "active",
        "TransitGatewayAttachments": [attached[1].named()],
    }
    for_spokes.routes["Routes"].append(route)
    asked = Asked(folder.write())
    # 10.1.0.0/16 goes to the wrong spoke as well: the answer is lost there.
    asked.expect(one.host, two.host, "tcp/443", NO, [one.host, gateway, two.host])
    asked.expect(one.host, two.host, "udp/53", YES, [one.host, gateway, two.host])


def test_six_needs_support_at_the_attachment(tmp_path: Path) -> None:
    for option in ("enable", "disable"):
        folder = Folder(tmp_path / option)
        region = folder.region()
        gateway = Transit("hub", region)
        table = gateway.table("all")
        hosts = []
        for n in (1, 2):
            vpc = region.vpc(f"v{n}", f"10.{n}.0.0/16", six=f"2600:1f16:1:{n}00::/56")
            subnet = vpc.subnet(
                f"s{n}",
                f"10.{n}.1.0/24",
                {"10.0.0.0/8": gateway, "2600:1f16:1::/48": gateway},
                six=f"2600:1f16:1:{n}01::/64",
            )
            six = [f"2600:1f16:1:{n}01::10"]
            hosts.append(subnet.instance(f"h{n}", f"10.{n}.1.10", six=six))
            table.propagate(gateway.attach(vpc, subnet, table=table, Ipv6Support=option))
        asked = Asked(folder.write())
        asked.expect(hosts[0], "10.2.1.10", "tcp/443", YES)
        asked.expect(
            hosts[0],
            "2600:1f16:1:201::10",
            "tcp/443",
            YES if option == "enable" else NO,
            stops="" if option == "enable" else "transit-gateway",
        )


@pytest.mark.parametrize("back", [True, False])
@pytest.mark.parametrize("told", [True, False])
def test_a_peering_within_a_region_has_an_attachment_at_each_end(
    tmp_path: Path, told: bool, back: bool
) -> None:
    """The accepter's own id is in the peering's description, which not everybody saves."""
    folder = Folder(tmp_path)
    region = folder.region(NETWORK)
    one, other = Transit("one", region), Transit("other", region)
    near, far = (
        Spoke(region, "near", "10.1.0.0/16", one),
        Spoke(region, "far", "10.9.0.0/16", other),
    )
    here, there = one.table("here"), other.table("there")
    near_end, far_end = peer(one, other, here, there)
    assert near_end.id != far_end.id
    here.propagate(near.attach(here)).add("10.9.0.0/16", near_end)
    there.propagate(far.attach(there))
    if back:
        there.add("10.1.0.0/16", far_end)
    if not told:
        region.items.pop("TransitGatewayPeeringAttachments")
    asked = Asked(folder.write())
    way = [near.host, one, near_end, far_end, other, far.host] if back else []
    asked.expect(near.host, far.host, "tcp/443", YES if back else NO, way)
    asked.expect(far.host, near.host, "tcp/443", YES if back else NO)


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("first", [True, False])
def test_the_accepters_end_may_be_described_as_well(
    tmp_path: Path, first: bool, told: bool
) -> None:
    """Only the requester's description pairs the ends, wherever in the list it stands."""
    folder = Folder(tmp_path)
    region = folder.region(NETWORK)
    one, other = Transit("one", region), Transit("other", region)
    near, far = (
        Spoke(region, "near", "10.1.0.0/16", one),
        Spoke(region, "far", "10.9.0.0/16", other),
    )
    here, there = one.table("here"), other.table("there")
    near_end, far_end = peer(one, other, here, there)
    here.propagate(near.attach(here)).add("10.9.0.0/16", near_end)
    there.propagate(far.attach(there)).add("10.1.0.0/16", far_end)
    one._listed("tgw-attach-0123456789abcdef0", "peering", other.id, one.table("else"), region)
    other._listed("tgw-attach-0123456789abcdef1", "peering", one.id, other.table("also"), region)
    (pairing,) = region.items["TransitGatewayPeeringAttachments"]
    alone = {**pairing, "TransitGatewayAttachmentId": far_end.id}
    del alone["AccepterTransitGatewayAttachmentId"]
    if not told:
        del pairing["AccepterTransitGatewayAttachmentId"]
    listed = [alone, pairing] if first else [pairing, alone]
    region.items["TransitGatewayPeeringAttachments"] = listed
    asked = Asked(folder.write())
    for source, target in ((near.host, far.host), (far.host, near.host)):
        asked.expect(source, target, "tcp/443", YES if told else UNKNOWN)


@pytest.mark.parametrize("told", [True, False])
def test_two_peerings_of_the_same_gateways_and_no_word_which_end_is_whose(
    tmp_path: Path, told: bool
) -> None:
    """Only the description of the peering pairs them: without it the tables cannot be told."""
    folder = Folder(tmp_path)
    region = folder.region(NETWORK)
    one, other = Transit("one", region), Transit("other", region)
    near, far = (
        Spoke(region, "near", "10.1.0.0/16", one),
        Spoke(region, "far", "10.9.0.0/16", other),
    )
    here, there = one.table("here"), other.table("there")
    near_end, far_end = peer(one, other, here, there)
    here.propagate(near.attach(here)).add("10.9.0.0/16", near_end)
    there.propagate(far.attach(there)).add("10.1.0.0/16", far_end)
    other._listed("tgw-attach-0123456789abcdef0", "peering", one.id, other.table("else"), region)
    if not told:
        region.items.pop("TransitGatewayPeeringAttachments")
    Asked(folder.write()).expect(near.host, far.host, "tcp/443", YES if told else UNKNOWN)


@pytest.mark.parametrize("elsewhere", [True, False])
def test_an_office_that_overlaps_the_senders_subnet_is_reached_at_its_other_networks(
    tmp_path: Path, elsewhere: bool
) -> None:
    """What is sent to an address of the own subnet never leaves it; the next network may.

    Asked for UDP, as no answer finds back.
    """
    folder = Folder(tmp_path)
    region = folder.region(NETWORK)
    near, far = Transit("near", region), Transit("far", region)
    spoke = Spoke(region, "a", "10.1.0.0/16", near, to="172.20.0.0/16")
    table, behind = near.table("near"), far.table("far")
    spoke.attach(table)
    over, _ = peer(near, far, table, behind)
    table.add("172.20.0.0/16", over)
    office = far.attach_vpn("office", "10.1.0.0/16", "172.20.0.0/16", table=behind)
    behind.add("10.1.1.0/24", office)
    if elsewhere:
        behind.add("172.20.0.0/16", office)
    found = YES if elsewhere else NO
    Asked(folder.write()).expect(spoke.host, office, "udp/53", found)


@pytest.mark.parametrize("equal", [False, True])
def test_equal_routes_share_the_traffic(tmp_path: Path, equal: bool) -> None:
    """One network behind two connections: by which of them a packet goes cannot be told."""
    folder, gateway, (one, _, shared), (for_spokes, for_shared), attached = hub_and_spokes(tmp_path)
    first, second = (gateway.attach_vpn(name, table=for_shared) for name in ("one", "two"))
    for_spokes.add("10.3.0.0/16", attached[2], kind="propagated")
    for_spokes.add("10.200.0.0/16", first, kind="propagated")
    if equal:
        listed = for_spokes.routes["Routes"][-1]
        listed["TransitGatewayAttachments"].append(second.named())
    asked = Asked(folder.write())
    asked.expect(one.host, "10.200.1.5", "tcp/443", YES, [one.host, gateway])
    asked.expect("10.200.1.5", one.host, "tcp/443", YES, [gateway, one.host])
    asked.expect(one.host, first, "tcp/443", UNKNOWN if equal else YES)
    asked.expect(one.host, second, "tcp/443", UNKNOWN if equal else NO)
    asked.expect(one.host, shared.host, "tcp/443", YES, [one.host, gateway, shared.host])


@pytest.mark.parametrize("more", [False, True])
def test_listing_that_is_cut_short_may_lack_a_longer_static_route(
    tmp_path: Path, more: bool
) -> None:
    folder, gateway, (one, _, shared), (for_spokes, _), attached = hub_and_spokes(tmp_path)
    for_spokes.add("10.3.0.0/16", attached[2])
    for_spokes.routes["AdditionalRoutesAvailable"] = more
    asked = Asked(folder.write())
    trace = asked.expect(one.host, shared.host, "tcp/443", UNKNOWN if more else YES)
    if more:
        assert any("routes" in gap.why for gap in trace.gaps)
    for_spokes.add("10.3.1.10/32", attached[2])
    asked = Asked(folder.write())
    asked.expect(one.host, shared.host, "tcp/443", YES, [one.host, gateway, shared.host])
