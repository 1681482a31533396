"""N52, N34: a database that is public, of which nobody described the interface."""

from __future__ import annotations

from typing import Any

import pytest
from both import both, flows_between
from estate import ANYWHERE, Estate

from mute_audit.network.addresses import AddressSet
from mute_audit.network.reach import Reach
from mute_audit.verdict import Truth

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
DB = "arn:aws:rds:eu-west-1:111111111111:db:db"


def apart(
    *,
    server: Any = ANYWHERE,
    database: Any = ANYWHERE,
    egress: Any = ANYWHERE,
    public: bool = True,
    gateway: bool = True,
) -> Estate:
    """A database in one VPC and a host in another, joined by the internet alone.

    server, database  whom each lets in; egress: whereto the host may send
    public            whether the database is publicly accessible
    gateway           whether the database's subnet has a route to its internet gateway
    """
    estate = Estate()
    a, b = estate.vpc("a", "10.0.0.0/16"), estate.vpc("b", "10.1.0.0/16")
    igw = a.internet_gateway()
    at = a.subnet("a", "10.0.0.0/24", routes={ANYWHERE: igw} if gateway else {})
    owners = a.group("db", [("all", database)])
    estate.database("db", [at], groups=[owners], public=public)
    there = b.subnet("b", "10.1.0.0/24", routes={ANYWHERE: b.internet_gateway()})
    hosts = b.group("host", [("all", server)], egress=[("all", egress)])
    there.instance("s", "10.1.0.10", groups=[hosts], public="3.0.0.7")
    return estate


@pytest.mark.parametrize(
    ("server", "found"),
    [(ANYWHERE, YES), ("3.0.0.0/24", UNKNOWN), ("10.0.0.0/8", NO), ("sg-db", NO)],
)
def test_n34_it_is_seen_under_some_public_address(server: str, found: Truth) -> None:
    """Nobody knows which: certain is what is let in from every one."""
    assert both(apart(server=server), DB, "i-s", "tcp/22") is found


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, YES),
        ({"database": "3.0.0.7/32"}, YES),
        ({"database": "3.0.0.8/32"}, NO),
        ({"egress": "9.0.0.0/8"}, UNKNOWN),
        ({"egress": "10.0.0.0/8"}, NO),
        ({"public": False}, NO),
        ({"gateway": False}, NO),
    ],
)
def test_n34_it_is_reached_at_some_public_address(change: dict[str, Any], found: Truth) -> None:
    """From another VPC its name leads to its public address, whichever that is."""
    assert both(apart(**change), "i-s", DB, "tcp/5432") is found


@pytest.mark.parametrize("same", [True, False])
def test_n52_it_stands_in_one_of_two_subnets_and_strangers_have_to_get_to_both(same: bool) -> None:
    """One of them sends 8.8.8.8 elsewhere: for that address it cannot be told."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    igw, vgw = vpc.internet_gateway(), vpc.vpn_gateway()
    one = vpc.subnet("one", "10.0.0.0/24", zone="a", routes={ANYWHERE: igw})
    more = {} if same else {"8.8.8.0/24": vgw}
    two = vpc.subnet("two", "10.0.1.0/24", zone="b", routes={ANYWHERE: igw, **more})
    estate.database(
        "db", [one, two], groups=[vpc.group("db", [("all", ANYWHERE)])], public=True, multi_az=True
    )
    reach = Reach(estate.inventory())
    assert both(reach, "internet:8.8.8.8", DB, "tcp/5432") is (YES if same else UNKNOWN)
    assert both(reach, "internet", DB, "tcp/5432") is YES
    certain = [f for f in flows_between(reach, "internet", DB, "tcp/5432") if f.truth is YES]
    sources = AddressSet.union_of(flow.sources for flow in certain)
    assert (AddressSet.parse("8.8.8.0/24") <= sources) is same


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("available", YES),
        ("backing-up", YES),
        ("deleting", UNKNOWN),
        ("failed", UNKNOWN),
        ("stopped", NO),
        ("stopping", NO),
    ],
)
@pytest.mark.parametrize("described", [True, False])
def test_n55_a_database_that_is_being_deleted_may_still_answer(
    status: str, found: Truth, described: bool
) -> None:
    """RDS says what it is doing, and of some states not whether it takes connections."""
    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    subnet = vpc.subnet("a", "10.0.0.0/24")
    at = {"interface_at": subnet, "address": "10.0.0.99"} if described else {}
    estate.database("db", [subnet], groups=[vpc.group("db", [("all", ANYWHERE)])], **at)
    estate.items["DBInstances"][0]["DBInstanceStatus"] = status
    subnet.instance("c", "10.0.0.10")
    assert both(estate, "i-c", DB, "tcp/5432") is found
    assert both(estate, DB, "i-c", "tcp/22") is found
