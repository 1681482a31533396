"""A VPC whose owner shares its subnets: what each account sees of it, as printed to each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from asking import NO, UNKNOWN, YES, Asked
from printed import ANYWHERE, Folder, Host, Region, Subnet, Thing, Vpc
from printed_balancers import Balancer, database
from printed_transit import Transit

from mute_audit.network.closure import Closure

OWNER, ONE, TWO = "999999999999", "111111111111", "222222222222"
OUT = "internet:8.8.8.8"


@dataclass
class Shared:
    """The network account's VPC, with a host of each of two other accounts in it."""

    folder: Folder
    owner: Region
    one: Region
    two: Region
    vpc: Vpc
    igw: Thing
    nat: Host
    inner: Subnet
    client: Host
    server: Host

    def asked(self) -> Asked:
        return Asked(self.folder.write())


def shared(tmp_path: Path) -> Shared:
    folder = Folder(tmp_path)
    # The accounts that take part come before the owner.
    one, two, owner = (folder.region(account) for account in (ONE, TWO, OWNER))
    vpc = owner.vpc("shared", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    public = vpc.subnet("public", "10.0.0.0/24", {ANYWHERE: igw})
    nat = public.nat("out", "10.0.0.200", "3.3.3.3")
    inner = vpc.subnet("inner", "10.0.1.0/24", {ANYWHERE: nat})
    for region, letter in ((one, "c"), (two, "d")):
        # Names of zones are drawn for each account; tags are its own as well.
        for key in ("Vpcs", "Subnets"):
            seen = [item | {"Tags": []} for item in owner.items[key]]
            for item in seen if key == "Subnets" else ():
                item["AvailabilityZone"] = f"us-east-1{letter}"
            region.items[key] = seen
    clients = in_account(one, vpc).group("clients")
    reference = {"GroupId": clients.id, "UserId": ONE}
    vpc.region = one
    client = inner.instance("client", "10.0.1.10", [clients])
    servers = in_account(two, vpc).group("servers", [("tcp/443", reference)])
    vpc.region = two
    server = inner.instance("server", "10.0.1.20", [servers])
    vpc.region = owner
    return Shared(folder, owner, one, two, vpc, igw, nat, inner, client, server)


def in_account(region: Region, vpc: Vpc) -> Vpc:
    """What is built next belongs to this account."""
    vpc.region = region
    return vpc


def test_accounts_in_one_subnet(tmp_path: Path) -> None:
    at = shared(tmp_path)
    asked = at.asked()
    asked.expect(at.client, at.server, "tcp/443", YES, [at.client, at.server])
    asked.expect(at.server, at.client, "tcp/443", NO, [at.client], "security-group")
    asked.expect(at.client, OUT, "tcp/443", YES, [at.client, at.inner, at.nat, at.igw])


def test_owner_that_is_not_in_the_snapshot_leaves_its_routes_open(tmp_path: Path) -> None:
    at = shared(tmp_path)
    del at.folder.regions[OWNER, "us-east-1"]
    asked = at.asked()
    # Inside the subnet neither a route nor an ACL is asked.
    asked.expect(at.client, at.server, "tcp/443", YES, [at.client, at.server])
    asked.expect(at.client, OUT, "tcp/443", UNKNOWN, [at.client])


def test_services_of_the_accounts_stand_in_the_shared_subnets(tmp_path: Path) -> None:
    at = shared(tmp_path)
    data = in_account(at.two, at.vpc).group("data", [("tcp/5432", "10.0.0.0/16")])
    db = database(at.two, "orders", {"a": at.inner}, [data], address="10.0.1.40")
    front = at.vpc.group("front", [("tcp/443", "10.0.0.0/16")])
    alb = Balancer(at.vpc, "inside", "application", {"10.0.1.50": at.inner}, [front])
    back = at.vpc.group("back", [("tcp/8080", front)])
    web = at.inner.instance("web", "10.0.1.51", [back])
    alb.listen(443, {web.id: 8080}, "HTTPS")
    at.vpc.region = at.owner
    asked = at.asked()
    asked.expect(at.client, db, "tcp/5432", YES, [at.client, db])
    asked.expect(at.client, alb, "tcp/443", YES, [at.client, alb, web])
    asked.expect(at.client, web, "tcp/8080", NO, [at.client, web], "security-group")


def test_owners_transit_gateway_serves_all_of_them(tmp_path: Path) -> None:
    """The attachment is the owner's; zones are compared by their ids."""
    at = shared(tmp_path)
    gateway = Transit("hub", at.owner)
    table = next(t for t in at.owner.items["RouteTables"] if t["Tags"][0]["Value"] == "inner table")
    table["Routes"].append(
        {
            "DestinationCidrBlock": "10.9.0.0/16",
            "TransitGatewayId": gateway.id,
            "Origin": "CreateRoute",
            "State": "active",
        }
    )
    far = at.owner.vpc("far", "10.9.0.0/16")
    there = far.subnet("far", "10.9.1.0/24", {"10.0.0.0/16": gateway})
    host = there.instance("far", "10.9.1.10")
    routes = gateway.table("all")
    routes.propagate(gateway.attach(far, there, table=routes))
    routes.propagate(gateway.attach(at.vpc, at.inner, table=routes))
    asked = at.asked()
    asked.expect(at.client, host, "tcp/443", YES, [at.client, at.inner, gateway, there, host])
    asked.expect(at.server, host, "udp/53", YES, [at.server, gateway, host])
    asked.expect(host, at.server, "tcp/443", NO, [host, gateway, at.server], "security-group")


def test_interface_of_one_account_on_the_instance_of_another(tmp_path: Path) -> None:
    """It is that instance, wherever it is described; its own groups are those of its account."""
    at = shared(tmp_path)
    at.server.eni["Attachment"]["InstanceOwnerId"] = TWO
    at.two.items["NetworkInterfaces"].remove(at.server.eni)
    at.one.put("NetworkInterfaces", at.server.eni)
    asked = at.asked()
    asked.expect(at.client, at.server, "tcp/443", YES, [at.client, at.server])
    asked.expect(at.client, at.server, "tcp/22", NO, [at.client, at.server], "security-group")
    reach = asked.analysis.reach
    (client,), (server,) = (reach.directory.select(host.id) for host in (at.client, at.server))
    assert server in Closure(reach).reached(client)
