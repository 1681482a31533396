"""Broken descriptions: a verdict or a gap, never a traceback.

One estate with every feature is damaged at random: items vanish, ids dangle, CIDRs and
protocols are wrong, whole calls fail. Every question still gets an answer, and an unknown
one says why. (What is no CIDR at all is refused when it is read; such damage is left out.)
"""

from __future__ import annotations

import copy
import itertools
import random
from typing import Any

import msgspec
import pytest
from estate import ANYWHERE, ANYWHERE6, Attached, Estate

from mute_audit.errors import PlaceError
from mute_audit.inventory import Inventory
from mute_audit.network.portspec import PortSpec
from mute_audit.network.trace import Question, Reachability, Tracer

NONSENSE = [
    *("", "10.0.0.0/33", "::ffff:10.0.1.10/128", "0.0.0.0/0", "::/0", "not-a-cidr", "10.0.1.10"),
    *("999", "-1", "tcp", "tpc", "eni-gone", "i-gone", "nat-gone", "tgw-gone", "pcx-gone"),
    *("vpce-gone", "igw-gone", "vgw-gone", "local", "subnet-one", "vpc-w", "available", "stopped"),
]
PORTS = ["tcp/443", "udp/53", "icmp/8/0", "47", "tcp/0", "tcp/65535", "all"]


def everything() -> Estate:
    """Two VPCs with a peering, a transit gateway, a VPN, balancers, a database, endpoints."""
    estate = Estate()
    v = estate.vpc("v", "10.0.0.0/16", "10.1.0.0/16", six="2001:db8:1::/56")
    w = estate.vpc("w", "10.9.0.0/16")
    igw, eigw, vgw = v.internet_gateway(), v.egress_only(), v.vpn_gateway()
    pcx, tgw = estate.peering("vw", v, w), estate.transit_gateway("t", references=True)
    listed = estate.prefix_list("s3", "52.216.0.0/15")
    public = v.subnet(
        "one",
        "10.0.0.0/24",
        six="2001:db8:1:1::/64",
        routes={ANYWHERE: igw, ANYWHERE6: eigw, "10.9.0.0/16": pcx, "172.16.0.0/12": vgw},
    )
    nat = public.nat(public="3.0.0.9")
    private = v.subnet(
        "two", "10.0.1.0/24", routes={ANYWHERE: nat, "10.9.0.0/16": tgw, listed: v.endpoint("s3")}
    )
    far = w.subnet("far", "10.9.1.0/24", routes={"10.0.0.0/16": tgw, "10.1.0.0/16": pcx})
    table = tgw.table("main")
    at_v, at_w = tgw.attach(v, private, table=table), tgw.attach(w, far, table=table)
    table.propagate(at_v, at_w).add("10.50.0.0/16", None)
    tgw.attach_outside("vpn", table=table)
    web = v.group("web", [("tcp/443", [ANYWHERE, ANYWHERE6]), ("all", listed)])
    inner = v.group("inner", [("all", web), ("icmp/8", ANYWHERE), ("47", "10.0.0.0/8")])
    other = w.group("other", [("all", inner), ("tcp/443", "10.0.0.0/16")])
    v.acl("one", egress=[(10, "allow", "tcp/1024-65535", ANYWHERE)], subnets=[public])
    public.instance("a", "10.0.0.10", groups=[web], public="3.0.0.1", six=["2001:db8:1:1::a"])
    box = private.instance("box", "10.0.1.9", groups=[inner], SourceDestCheck=False)
    private.instance("b", "10.0.1.10", groups=[inner], secondary=["10.0.1.11"])
    third = v.subnet("three", "10.1.1.0/24", routes={"10.0.0.0/24": box.interface})
    third.instance("c", "10.1.1.10", groups=[inner], state="stopped")
    far.instance("d", "10.9.1.10", groups=[other])
    estate.database("db", [private, third], groups=[inner])
    alb = estate.balancer(
        "alb", "application", {"10.0.0.50": public}, groups=[web], public={"10.0.0.50": "3.0.0.50"}
    )
    alb.listen(443, {"i-b": 8080}, protocol="HTTPS")
    nlb = estate.balancer("nlb", "network", {"10.0.1.50": private})
    nlb.listen(443, {"10.0.1.10": 22}, kind="ip")
    v.endpoint("sqs", "Interface", subnets=[private], groups=[web])
    v.endpoint("fw", "GatewayLoadBalancer", subnets=[third])
    estate.put("VpcBlockPublicAccessOptions", {"InternetGatewayBlockMode": "off"})
    loop = Attached("tgw-attach-x", {"ResourceId": "tgw-t", "ResourceType": "peering"})
    table.add("10.60.0.0/16", loop)
    return estate


PLACES = [
    *("i-a", "i-b", "i-c", "i-d", "i-box", "db", "alb", "nlb", "vpce-sqs", "nat-nat", "vgw-v"),
    *("internet", "internet:8.8.8.8", "internet:2606:4700::1", "internet:10.0.0.1", "10.60.0.1"),
    *("10.0.0.0/16", "172.16.0.5", "52.216.1.1", "10.0.1.11", "::ffff:10.0.1.10", "10.50.0.1"),
]


def _spots(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items: list[tuple[Any, Any]] = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    else:
        return found
    for key, inner in items:
        found.append((value, key))
        found += _spots(inner)
    return found


def damage(estate: Estate, dice: random.Random) -> None:
    """Change a handful of things, each in one of several ways."""
    for _ in range(dice.randrange(1, 6)):
        container, key = dice.choice(_spots(estate.items))
        value = container[key]
        kind = dice.randrange(4)
        if isinstance(container, list) and kind == 0:
            container.pop(key)
        elif isinstance(container, list) and kind == 1:
            container.append(copy.deepcopy(value))
        elif isinstance(value, str):
            container[key] = dice.choice(NONSENSE)
        elif isinstance(value, bool):
            container[key] = not value
        elif isinstance(value, int):
            container[key] = dice.choice([-1, 0, 1, 65535, 65536, 32767])
    if dice.random() < 0.3:
        estate.fail(dice.choice(sorted(estate.items)))
    elif dice.random() < 0.3:
        estate.drop(dice.choice(sorted(estate.items)))


def _damaged(dice: random.Random) -> Inventory:
    """An estate that is damaged and still has AWS's shapes."""
    while True:
        estate = copy.deepcopy(everything())
        damage(estate, dice)
        try:
            return estate.inventory()
        except msgspec.ValidationError:
            continue


@pytest.mark.parametrize("seed", range(12))
def test_damaged_estate_gives_verdicts_and_gaps_and_no_traceback(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(6):
        tracer = Tracer(_damaged(dice))
        for source, target in dice.sample(list(itertools.product(PLACES, PLACES)), 25):
            try:
                question = Question(
                    tracer.resolve(source),
                    tracer.resolve(target),
                    PortSpec.parse(dice.choice(PORTS)),
                )
            except PlaceError:
                continue
            trace = tracer.trace(question)
            if trace.verdict is Reachability.UNKNOWN:
                assert trace.gaps, question
            elif trace.verdict is Reachability.UNREACHABLE:
                assert trace.blocked_by, question
                assert not trace.gaps, question
            else:
                assert trace.witness is not None, question
                assert not trace.blocked_by, question


def test_sound_estate_answers_every_question() -> None:
    """Undamaged, only what says why is unknown: forwarding hosts and uncollected routes."""
    tracer = Tracer(everything().inventory())
    counts = dict.fromkeys(Reachability, 0)
    for source, target, port in itertools.product(PLACES, PLACES, PORTS[:3]):
        trace = tracer.trace(
            Question(tracer.resolve(source), tracer.resolve(target), PortSpec.parse(port))
        )
        counts[trace.verdict] += 1
    assert counts[Reachability.REACHABLE] > 100
    assert counts[Reachability.UNREACHABLE] > 500
