"""Every form in which a person may name where a packet comes from, and where it goes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asking import NO, YES, Asked
from printed import ANYWHERE, Folder
from printed_balancers import Balancer, database, function
from printed_transit import Transit, vpn_on_vgw

from mute_audit.cli.run import run
from mute_audit.errors import PlaceError


@dataclass
class Estate:
    """One of everything that can be named, by what the tables below call it."""

    path: Path
    asked: Asked
    ids: dict[str, str]

    def of(self, name: str) -> str:
        return self.ids.get(name, name)


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    folder = Folder(tmp_path_factory.mktemp("sources"))
    region = folder.region("111111111111", "eu-central-1")
    vpc = region.vpc("main", "10.0.0.0/16", "10.4.0.0/16", six="2a05:d014:1:100::/56")
    igw, vgw = vpc.internet_gateway(), vpc.vpn_gateway()
    vpn = vpn_on_vgw(region, "home", vgw, "192.168.0.0/16")
    hub = Transit("hub", region)
    public = vpc.subnet(
        "public",
        "10.0.0.0/24",
        {ANYWHERE: igw, "::/0": igw, "192.168.0.0/16": vgw, "172.16.0.0/16": hub},
        six="2a05:d014:1:101::/64",
    )
    pl = region.prefix_list("s3", "52.219.72.0/22")
    s3 = vpc.gateway_endpoint("s3")
    inner = vpc.subnet(
        "inner", "10.4.0.0/24", {"192.168.0.0/16": vgw, "172.16.0.0/16": hub, pl: s3}
    )
    table = hub.table("all")
    branch = hub.attach_vpn("branch", "172.16.0.0/16", table=table)
    table.propagate(branch, hub.attach(vpc, inner, table=table))
    everyone = [ANYWHERE, "::/0"]
    web = vpc.group("web", [("tcp/443", everyone), ("icmp/8", ANYWHERE)])
    data = vpc.group("data", [("tcp/5432", ["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/16"])])
    closed = vpc.group("closed")
    host = public.instance(
        "web",
        "10.0.0.10",
        [web],
        public="3.64.0.10",
        six=["2a05:d014:1:101::10"],
        secondary={"10.0.0.11": "3.64.0.11"},
    )
    more = inner.interface(
        "second",
        "10.4.0.20",
        [web],
        Attachment={
            "AttachmentId": "eni-attach-0aa",
            "DeviceIndex": 1,
            "InstanceId": host.id,
            "Status": "attached",
        },
    )
    lone = inner.interface("lone", "10.4.0.30", [data], Description="EFS mount target")
    back = inner.instance("back", "10.4.0.10", [vpc.group("back", [("tcp/8080", ANYWHERE)])])
    alb = Balancer(
        vpc, "front", "application", {"10.0.0.50": public}, [web], {"10.0.0.50": "3.64.0.50"}
    )
    alb.listen(443, {back.id: 8080}, "HTTPS")
    nlb = Balancer(vpc, "inside", "network", {"10.4.0.60": inner})
    nlb.listen(9000, {back.id: 8080})
    db = database(region, "orders", {"a": inner}, [data], address="10.4.0.40")
    job = function(region, "nightly", [inner], [closed])
    vpce = vpc.interface_endpoint("sqs", {"10.4.0.70": inner}, [web])
    ids = {
        "igw": igw.id,
        "vgw": vgw.id,
        "vpn": vpn.id,
        "hub": hub.id,
        "branch": branch.id,
        "branch vpn": branch.resource,
        "public": public.id,
        "inner": inner.id,
        "host": host.id,
        "eni": host.interface,
        "second": more["NetworkInterfaceId"],
        "lone": lone["NetworkInterfaceId"],
        "back": back.id,
        "alb": alb.id,
        "alb dns": alb.dns_name,
        "ALB DNS.": alb.dns_name.upper() + ".",
        "nlb": nlb.id,
        "nlb dns": nlb.dns_name,
        "db": db,
        "db dns": "orders.c1x2y3z4.eu-central-1.rds.amazonaws.com",
        "job": job,
        "vpce": vpce.id,
        "s3": s3.id,
    }
    path = folder.write()
    return Estate(path, Asked(path), ids)


# What is asked of every form of one place: (forms, the other end, port, verdict, path).
SOURCES: list[tuple[list[str], str, str, str, list[str]]] = [
    (["host", "eni", "web", "10.0.0.10", "3.64.0.10"], "db", "tcp/5432", YES, ["host", "db"]),
    (["host", "second", "10.4.0.20"], "db", "tcp/5432", YES, ["host", "db"]),
    (["host", "10.0.0.11", "3.64.0.11"], "internet:8.8.8.8", "tcp/443", YES, ["host", "igw"]),
    (["second", "10.4.0.20", "back"], "internet:8.8.8.8", "tcp/443", NO, []),
    (["host", "2a05:d014:1:101::10"], "internet:2001:db9::1", "tcp/443", YES, ["host", "igw"]),
    (["job", "nightly"], "db", "tcp/5432", YES, ["job", "db"]),
    (["job", "nightly"], "back", "tcp/443", NO, ["job", "back"]),
    (["alb", "front", "alb dns", "ALB DNS."], "back", "tcp/8080", YES, ["alb", "back"]),
    (["nlb", "inside", "nlb dns"], "back", "tcp/8080", YES, ["nlb", "back"]),
    (["db", "orders", "db dns"], "back", "tcp/8080", YES, ["db", "back"]),
    (["vgw", "vpn", "192.168.7.7", "192.168.0.0/16"], "db", "tcp/5432", YES, ["vgw", "db"]),
    (["vgw", "vpn", "192.168.7.7"], "back", "tcp/22", NO, ["vgw", "inner", "back"]),
    (["branch", "hub", "branch vpn", "172.16.9.9"], "db", "tcp/5432", YES, ["hub", "db"]),
    (["internet", "igw", "internet:8.8.8.8", "8.8.8.8"], "host", "tcp/443", YES, ["igw", "host"]),
    (["internet", "igw", "internet:198.51.100.0/24"], "alb", "tcp/443", YES, ["igw", "alb"]),
    (["internet", "igw", "internet:8.8.8.8"], "db", "tcp/5432", NO, []),
    (["internet:::ffff:8.8.8.8", "internet"], "3.64.0.11", "icmp/8", YES, ["igw", "host"]),
    (["public", "10.0.0.0/24"], "db", "tcp/5432", YES, ["db"]),
    (["inner"], "internet:8.8.8.8", "tcp/443", NO, []),
    (["lone", "10.4.0.30"], "back", "tcp/8080", YES, ["lone", "back"]),
]
TARGETS: list[tuple[str, list[str], str, str, list[str]]] = [
    ("back", ["host", "web", "10.0.0.10", "10.0.0.11", "eni"], "tcp/443", YES, ["back", "host"]),
    ("back", ["second", "10.4.0.20"], "tcp/443", YES, ["back", "host"]),
    ("internet", ["host", "3.64.0.10", "3.64.0.11"], "tcp/443", YES, ["igw", "host"]),
    ("internet", ["10.0.0.10", "10.4.0.20", "second"], "tcp/443", NO, []),
    ("host", ["db", "orders", "db dns", "10.4.0.40"], "tcp/5432", YES, ["host", "db"]),
    ("internet:9.9.9.9", ["alb", "front", "alb dns", "3.64.0.50"], "tcp/443", YES, ["alb", "back"]),
    ("host", ["nlb", "inside", "nlb dns", "10.4.0.60"], "tcp/9000", YES, ["nlb", "back"]),
    ("host", ["nlb", "inside", "nlb dns", "10.4.0.60"], "tcp/8080", NO, ["nlb"]),
    ("host", ["job", "nightly"], "tcp/443", NO, ["job"]),
    ("host", ["vpce", "10.4.0.70"], "tcp/443", YES, ["host", "vpce"]),
    ("host", ["lone", "10.4.0.30"], "tcp/5432", YES, ["host", "lone"]),
    ("back", ["vgw", "vpn", "192.168.9.1", "192.168.0.0/16"], "tcp/443", YES, ["back", "vgw"]),
    ("back", ["branch", "hub", "branch vpn", "172.16.1.1"], "udp/53", YES, ["back", "hub"]),
    ("back", ["s3", "internet:52.219.73.1"], "tcp/443", YES, ["back", "s3"]),
    ("alb", ["s3"], "tcp/443", NO, ["alb"]),
    ("host", ["internet", "igw", "internet:8.8.8.8", "8.8.8.8"], "tcp/443", YES, ["host", "igw"]),
    ("back", ["internet:8.8.8.8", "igw", "8.8.8.8"], "tcp/443", NO, ["back", "inner"]),
    ("back", ["public", "10.0.0.0/24"], "tcp/443", YES, ["back"]),
    ("job", ["inner", "10.4.0.0/24"], "tcp/22", NO, []),
]


@pytest.mark.parametrize(("forms", "target", "port", "verdict", "path"), SOURCES)
def test_forms_of_a_source(
    estate: Estate, forms: list[str], target: str, port: str, verdict: str, path: list[str]
) -> None:
    for form in forms:
        ids = [estate.of(name) for name in path]
        estate.asked.expect(estate.of(form), estate.of(target), port, verdict, ids)


@pytest.mark.parametrize(("source", "forms", "port", "verdict", "path"), TARGETS)
def test_forms_of_a_target(
    estate: Estate, source: str, forms: list[str], port: str, verdict: str, path: list[str]
) -> None:
    for form in forms:
        ids = [estate.of(name) for name in path]
        estate.asked.expect(estate.of(source), estate.of(form), port, verdict, ids)


def _printed(
    estate: Estate, capsys: pytest.CaptureFixture[str], *words: str, code: int
) -> dict[str, Any]:
    assert run([words[0], str(estate.path), *words[1:]]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("form", ["host", "alb dns", "db dns", "vgw", "hub", "igw", "public", "s3"])
def test_commands_take_the_same_names(
    estate: Estate, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """As a source and as a target, in `trace` and in `reach`."""
    for ends in (
        ("--from", estate.of(form), "--to", "back"),
        ("--from", "back", "--to", estate.of(form)),
    ):
        trace = estate.asked.trace(ends[1], ends[3], "tcp/8080")
        code = {"reachable": 0, "unreachable": 1, "unknown": 4}[trace.verdict.value]
        words = (*ends, "--port", "tcp/8080", "--format", "json")
        assert _printed(estate, capsys, "trace", *words, code=code) == trace.to_json()
        flows = _printed(estate, capsys, "reach", *words, code=0)["flows"]
        direct = [flow for flow in flows if "load-balancer" not in flow["via"]]
        assert bool(direct) == (trace.verdict.value == "reachable")


@pytest.mark.parametrize(
    "text", ["i-0fffffffffffffff0", "10.0.0.0/40", "internet:nowhere", "tgw-attach-0ff", "", "vgw-"]
)
def test_what_names_nothing_is_refused(estate: Estate, text: str) -> None:
    with pytest.raises(PlaceError):
        estate.asked.tracer.resolve(text)
    with pytest.raises(PlaceError):
        estate.asked.analysis.directory.select(text)


def test_gateway_with_several_networks_behind_it_asks_which(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    region = folder.region()
    vpc = region.vpc("main", "10.0.0.0/16")
    hub = Transit("hub", region)
    subnet = vpc.subnet("one", "10.0.0.0/24", {ANYWHERE: hub})
    subnet.instance("one", "10.0.0.10")
    hub.attach(vpc, subnet)
    ends = [hub.attach_vpn("a", "192.168.0.0/16"), hub.attach_direct_connect("b")]
    with pytest.raises(PlaceError, match="leads to 2 networks") as caught:
        Asked(folder.write()).tracer.resolve(hub.id)
    assert all(end.id in str(caught.value) for end in ends)
