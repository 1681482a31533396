"""A whole account, every pair of its places: three tiers in two zones, as many have it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from asking import NO, YES, Asked
from printed import ANYWHERE, Folder, Host, Subnet, acl_entry
from printed_balancers import Balancer, database, function

from mute_audit.network.traffic import Traffic

OUT = "internet:198.51.100.7"


@dataclass
class Account:
    """Ids by the names that the table below uses."""

    asked: Asked
    named: dict[str, str]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    folder = Folder(tmp_path_factory.mktemp("account"))
    region = folder.region("444455556666", "ap-northeast-2")
    vpc = region.vpc("prod", "10.20.0.0/16")
    igw = vpc.internet_gateway()
    pl = region.prefix_list("s3", "3.5.140.0/22", "52.219.60.0/23")
    public_table = vpc.table("public", {ANYWHERE: igw})
    data_table = vpc.table("data")
    publics, inners, stores = dict[str, Subnet](), dict[str, Subnet](), dict[str, Subnet]()
    named: dict[str, str] = {"igw": igw.id}
    bastion_group = vpc.group("bastion", [("tcp/22", "198.51.100.0/24")])
    front = vpc.group("front", [("tcp/443", ANYWHERE), ("tcp/80", ANYWHERE)])
    app = vpc.group("app", [("tcp/8080", front), ("tcp/22", bastion_group)])
    job = vpc.group("job", egress=[("tcp/5432", "10.20.16.0/20"), ("tcp/443", pl)])
    data = vpc.group("data", [("tcp/5432", [app, job])], egress=[])
    vpces = vpc.group("endpoints", [("tcp/443", "10.20.0.0/16")])
    hosts: dict[str, Host] = {}
    nats: dict[str, Host] = {}
    app_tables = {}
    for n, zone in enumerate("ac"):
        public = vpc.subnet(f"public {zone}", f"10.20.{n}.0/24", zone=zone, table=public_table)
        nats[zone] = public.nat(f"nat {zone}", f"10.20.{n}.250", f"13.125.0.{n + 1}")
        app_tables[zone] = vpc.table(f"app {zone}", {ANYWHERE: nats[zone]})
        inner = vpc.subnet(f"app {zone}", f"10.20.{8 + n}.0/24", zone=zone, table=app_tables[zone])
        store = vpc.subnet(f"data {zone}", f"10.20.{16 + n}.0/24", zone=zone, table=data_table)
        publics[zone], inners[zone], stores[zone] = public, inner, store
        hosts[f"app {zone}"] = inner.instance(f"app {zone}", f"10.20.{8 + n}.10", [app])
    hosts["bastion"] = publics["a"].instance(
        "bastion", "10.20.0.10", [bastion_group], public="13.125.0.10"
    )
    hosts["old"] = inners["c"].instance("old", "10.20.9.99", [app], state="stopped")
    s3 = vpc.gateway_endpoint("s3", data_table, *app_tables.values())
    for table in (data_table, *app_tables.values()):
        table.add(pl, s3)
    sqs = vpc.interface_endpoint(
        "sqs",
        {"10.20.8.200": inners["a"], "10.20.9.200": inners["c"]},
        [vpces],
    )
    alb = Balancer(
        vpc,
        "web",
        "application",
        {"10.20.0.50": publics["a"], "10.20.1.50": publics["c"]},
        [front],
        {"10.20.0.50": "13.125.0.50", "10.20.1.50": "13.125.0.51"},
    )
    alb.listen(443, {hosts["app a"].id: 8080, hosts["app c"].id: 8080}, "HTTPS")
    db = database(
        region,
        "orders",
        {"c": stores["c"], "a": stores["a"]},
        [data],
        address="10.20.17.40",
    )
    nightly = function(region, "nightly", [inners["a"], inners["c"]], [job])
    region.put("Functions", {"FunctionName": "outside", "FunctionArn": region.arn("lambda", "f")})
    entries = [
        acl_entry(100, "allow", "tcp/5432", "10.20.8.0/23", egress=False),
        acl_entry(110, "allow", "tcp/1024-65535", ANYWHERE, egress=False),
        acl_entry(100, "allow", "tcp/1024-65535", "10.20.8.0/23", egress=True),
    ]
    vpc.acl("data", entries, stores["a"], stores["c"])
    named |= {key: host.id for key, host in hosts.items()}
    named |= {f"nat {zone}": nat.id for zone, nat in nats.items()}
    named |= {"alb": alb.id, "db": db, "nightly": nightly, "sqs": sqs.id, "s3": s3.id}
    return Account(Asked(folder.write()), named)


PLACES = ("app a", "app c", "bastion", "old", "alb", "db", "nightly", "sqs", OUT)
PORTS = ("tcp/22", "tcp/443", "tcp/5432", "tcp/8080", "udp/53", "icmp/8")

# Everything that gets through; all other pairs and ports do not. A balancer and an endpoint are
# asked as what their interfaces may send; the database's group lets nothing out.
OPEN = {
    (OUT, "bastion", "tcp/22"),
    (OUT, "alb", "tcp/443"),
    ("bastion", "app a", "tcp/22"),
    ("bastion", "app c", "tcp/22"),
    ("alb", "app a", "tcp/8080"),
    ("alb", "app c", "tcp/8080"),
    ("app a", "db", "tcp/5432"),
    ("app c", "db", "tcp/5432"),
    ("nightly", "db", "tcp/5432"),
    *((name, "sqs", "tcp/443") for name in ("app a", "app c", "bastion", "alb")),
    *((name, "alb", "tcp/443") for name in ("app a", "app c", "bastion", "sqs")),
    *((name, OUT, port) for name in ("app a", "app c", "bastion", "alb", "sqs") for port in PORTS),
}


@pytest.mark.parametrize("source", PLACES)
def test_every_pair_of_the_account(account: Account, source: str) -> None:
    here = account.named.get(source, source)
    for target in PLACES:
        for port in PORTS if source != target else ():
            there = account.named.get(target, target)
            verdict = YES if (source, target, port) in OPEN else NO
            try:
                account.asked.expect(here, there, port, verdict)
            except AssertionError as error:
                raise AssertionError(f"{source} → {target} {port}: not {verdict}") from error


@pytest.mark.parametrize(
    ("source", "target", "port", "path", "stops"),
    [
        (OUT, "alb", "tcp/443", ["igw", "alb", "app a"], ""),
        (OUT, "alb", "tcp/80", ["igw", "alb"], "load-balancer"),
        (OUT, "app a", "tcp/8080", [], "internet-gateway"),
        (OUT, "db", "tcp/5432", [], "internet-gateway"),
        (OUT, "bastion", "tcp/443", ["igw", "bastion"], "security-group"),
        (OUT, "nat a", "tcp/443", ["igw", "nat a"], "nat-gateway"),
        ("app a", OUT, "tcp/443", ["app a", "nat a", "igw"], ""),
        ("app c", OUT, "udp/53", ["app c", "nat c", "igw"], ""),
        ("app a", "internet:52.219.60.9", "tcp/443", ["app a", "s3"], ""),
        ("nightly", "internet:52.219.60.9", "tcp/443", ["nightly", "s3"], ""),
        ("nightly", OUT, "tcp/443", ["nightly"], "security-group"),
        ("bastion", "db", "tcp/5432", ["bastion", "db"], "security-group"),
        ("app a", "old", "tcp/22", ["app a", "old"], "security-group"),
        ("bastion", "old", "tcp/22", ["bastion", "old"], "host"),
        ("app a", "db", "tcp/5432", ["app a", "db"], ""),
        ("db", OUT, "tcp/443", ["db"], "security-group"),
    ],
)
def test_way_through_the_account(
    account: Account, source: str, target: str, port: str, path: list[str], stops: str
) -> None:
    named = account.named
    account.asked.expect(
        named.get(source, source),
        named.get(target, target),
        port,
        NO if stops else YES,
        [named[name] for name in path],
        stops,
    )


def test_who_reaches_the_database_and_who_is_reached_from_outside(account: Account) -> None:
    """The set engine over all places at once: direct ways, and those by the balancer."""
    reach, directory = account.asked.analysis.reach, account.asked.analysis.directory
    goals = directory.select("type:rds.instance")
    flows = reach.flows(reach.everything(), goals, Traffic.parse("tcp/5432"))
    assert {flow.source.label.partition(" ")[0] for flow in flows} == {"app", "nightly"}
    assert {flow.truth.value for flow in flows} == {"yes"}
    from_outside = reach.flows(
        directory.select("internet"), reach.everything(), Traffic.parse("all")
    )
    assert {(flow.target.address.id, "load-balancer" in flow.via) for flow in from_outside} == {
        (account.named["alb"], False),
        (account.named["bastion"], False),
        (account.named["app a"], True),
        (account.named["app c"], True),
    }
