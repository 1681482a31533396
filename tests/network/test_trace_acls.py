"""Network ACLs, as the packet tracer reads them: pairs that differ in one fact."""

from __future__ import annotations

import pytest
from both import both
from estate import ANYWHERE, ANYWHERE6, Estate
from tracing import ask, ids, notes, stops, verdict

from mute_audit.finding import Packet
from mute_audit.inventory.network import AclEntry, NetworkAcl
from mute_audit.network.tracer.acls import decide
from mute_audit.network.tracer.header import Header
from mute_audit.verdict import Truth

YES, NO, UNKNOWN = "reachable", "unreachable", "unknown"

Entries = list[tuple[int, str, str, str]]
OPEN: Entries = [(100, "allow", "all", ANYWHERE)]


def behind_acl(
    ingress: Entries = OPEN, egress: Entries = OPEN, *, on: str = "two", client_at: str = "one"
) -> Estate:
    """`a` in subnet one, `b` in subnet two, and an ACL on one of the subnets."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    subnets = {
        "one": vpc.subnet("one", "10.0.1.0/24"),
        "two": vpc.subnet("two", "10.0.2.0/24"),
    }
    vpc.acl("x", ingress=ingress, egress=egress, subnets=[subnets[on]])
    subnets[client_at].instance("a", "10.0.1.10" if client_at == "one" else "10.0.2.20")
    subnets["two"].instance("b", "10.0.2.10")
    return estate


def test_n16_first_matching_acl_entry_wins() -> None:
    """The same two entries in another order: the lower number decides."""
    deny_first: Entries = [(10, "deny", "tcp/443", ANYWHERE), (20, "allow", "all", ANYWHERE)]
    allow_first: Entries = [(20, "deny", "tcp/443", ANYWHERE), (10, "allow", "all", ANYWHERE)]
    trace = ask(behind_acl(deny_first), "i-a", "i-b")
    assert stops(trace) == ["network-acl acl-denied"]
    assert "acl-x:ingress:10" in trace.blocked_by[0].detail
    assert ids(trace) == ["i-a", "subnet-one", "subnet-two"]
    assert verdict(behind_acl(allow_first), "i-a", "i-b") == YES


def test_n16_nothing_matched_is_denied() -> None:
    assert verdict(behind_acl([(10, "allow", "tcp/443", ANYWHERE)]), "i-a", "i-b") == YES
    trace = ask(behind_acl([(10, "allow", "tcp/80", ANYWHERE)]), "i-a", "i-b")
    assert "acl-x:ingress:*" in trace.blocked_by[0].detail


def test_n17_acl_is_asked_at_the_border_of_a_subnet_and_not_inside() -> None:
    """The ACL that stops the neighbour's subnet does not stop a host of the same subnet."""
    assert verdict(behind_acl([], client_at="one"), "i-a", "i-b") == NO
    assert verdict(behind_acl([], client_at="two"), "i-a", "i-b") == YES


def test_n17_acl_is_asked_outwards_too() -> None:
    assert verdict(behind_acl(egress=OPEN, on="one"), "i-a", "i-b") == YES
    trace = ask(behind_acl(egress=[], on="one"), "i-a", "i-b")
    assert stops(trace) == ["network-acl acl-denied"]
    assert ids(trace) == ["i-a", "subnet-one"]


def test_n18_answer_needs_the_acl_too() -> None:
    """Nothing lets the ephemeral ports out again: the handshake cannot complete."""
    shut = ask(behind_acl(egress=[(10, "allow", "tcp/443", ANYWHERE)]), "i-a", "i-b")
    assert shut.verdict == NO
    assert shut.blocked_by[0].detail.endswith("(the answer)")
    assert ids(shut) == ["i-a", "subnet-one", "subnet-two", "i-b"]
    assert [hop.id for hop in shut.return_path] == ["i-b", "subnet-two"]
    opened = behind_acl(egress=[(10, "allow", "tcp/1024-65535", ANYWHERE)])
    assert verdict(opened, "i-a", "i-b") == YES


@pytest.mark.parametrize(
    ("opened", "partial"),
    [("tcp/1024-65535", ""), ("tcp/32768-60999", "32768-60999"), ("tcp/1024-2000", "1024-2000")],
)
def test_n18_part_of_the_ephemeral_range_is_partial(opened: str, partial: str) -> None:
    trace = ask(behind_acl(egress=[(10, "allow", opened, ANYWHERE)]), "i-a", "i-b")
    assert trace.verdict == YES
    assert [note for note in trace.notes if partial and partial in note] or not partial
    assert ("partial" in notes(trace)) is bool(partial)
    low, _, high = opened.removeprefix("tcp/").partition("-")
    assert trace.witness is not None
    assert trace.witness.source_port is not None
    assert int(low) <= trace.witness.source_port <= int(high)


def test_n18_given_source_port_is_the_one_that_is_answered() -> None:
    estate = behind_acl(egress=[(10, "allow", "tcp/32768-60999", ANYWHERE)])
    inside = ask(estate, "i-a", "i-b", source_port=40000)
    assert inside.verdict == YES
    assert notes(inside) == set()
    assert verdict(estate, "i-a", "i-b", source_port=2000) == NO
    assert verdict(estate, "i-a", "i-b", source_port=61000) == NO


def test_n18_gaps_between_port_ranges_are_named() -> None:
    estate = behind_acl(
        egress=[
            (10, "deny", "tcp/5000-5999", ANYWHERE),
            (20, "allow", "tcp/1024-65535", ANYWHERE),
        ]
    )
    trace = ask(estate, "i-a", "i-b")
    assert trace.verdict == YES
    assert any("1024-4999, 6000-65535" in note for note in trace.notes)


def test_n18_a_nat_gateway_has_ephemeral_ports_of_its_own() -> None:
    """The answer to the NAT gateway needs its ports, the answer to the client the client's."""

    def build(nat_in: str, private_in: str) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16")
        igw = vpc.internet_gateway()
        public = vpc.subnet("public", "10.0.0.0/24", routes={ANYWHERE: igw})
        nat = public.nat(public="3.0.0.1")
        private = vpc.subnet("private", "10.0.1.0/24", routes={ANYWHERE: nat})
        rule = (10, "allow", "tcp/443", ANYWHERE)
        vpc.acl("pub", ingress=[rule, (20, "allow", nat_in, ANYWHERE)], subnets=[public])
        vpc.acl("prv", ingress=[(20, "allow", private_in, ANYWHERE)], subnets=[private])
        private.instance("a", "10.0.1.10")
        return estate

    every = "tcp/1024-65535"
    assert notes(ask(build(every, every), "i-a", "internet:8.8.8.8")) == set()
    # The two legs choose their ports apart from each other: ranges that do not meet are fine.
    apart = ask(build("tcp/1024-2000", "tcp/30000-40000"), "i-a", "internet:8.8.8.8")
    assert apart.verdict == YES
    assert sum(note.startswith("partial") for note in apart.notes) == 2
    shut = ask(build("tcp/80", every), "i-a", "internet:8.8.8.8")
    assert [b.id for b in shut.blocked_by] == ["acl-pub"]


def test_n20_ipv6_entries_are_a_list_of_their_own() -> None:
    """An IPv4 allow says nothing about IPv6, and the other way round."""

    def build(cidr: str) -> Estate:
        estate = Estate()
        vpc = estate.vpc("v", "10.0.0.0/16", six="2001:db8:1::/56")
        one = vpc.subnet("one", "10.0.1.0/24", six="2001:db8:1:1::/64")
        two = vpc.subnet("two", "10.0.2.0/24", six="2001:db8:1:2::/64")
        both = [(10, "allow", "all", cidr)]
        vpc.acl("x", ingress=both, egress=both, subnets=[two])
        one.instance("a", "10.0.1.10", six=["2001:db8:1:1::a"])
        two.instance("b", "10.0.2.10", six=["2001:db8:1:2::b"])
        return estate

    assert verdict(build(ANYWHERE), "i-a", "10.0.2.10") == YES
    assert verdict(build(ANYWHERE), "i-a", "2001:db8:1:2::b") == NO
    assert verdict(build(ANYWHERE6), "i-a", "2001:db8:1:2::b") == YES
    assert verdict(build(ANYWHERE6), "i-a", "10.0.2.10") == NO


def test_subnet_without_an_association_has_the_default_acl_of_its_vpc() -> None:
    estate = behind_acl()
    estate.associates = False
    assert estate.items["NetworkAcls"][0]["IsDefault"]
    assert verdict(estate, "i-a", "i-b") == YES
    estate.items["NetworkAcls"][0]["Entries"] = []
    trace = ask(estate, "i-a", "i-b")
    assert trace.blocked_by[0].id == "acl-default-v"


def test_acls_that_are_not_described_are_a_gap() -> None:
    trace = ask(behind_acl().drop("NetworkAcls"), "i-a", "i-b")
    assert trace.verdict == UNKNOWN
    assert trace.gaps[0].key == "NetworkAcls"
    inside = behind_acl(client_at="two").drop("NetworkAcls")
    assert verdict(inside, "i-a", "i-b") == YES


def test_entry_that_cannot_be_read_is_unknown_only_when_it_is_reached() -> None:
    """The loader refuses such an entry; the tracer does not rely on that."""

    def asked(number: int) -> Truth:
        broken = AclEntry(number, "6", "allow", False, cidr_block="10.0.0.0/x")
        sound = AclEntry(20, "-1", "allow", False, cidr_block=ANYWHERE)
        acl = NetworkAcl("acl-x", "vpc-v", entries=(broken, sound))
        packet = Packet("tcp", "10.0.1.10", "10.0.2.10", 40000, 443)
        return decide(acl, Header.of(packet), egress=False).truth

    assert asked(10) is Truth.UNKNOWN
    assert asked(30) is Truth.YES


@pytest.mark.parametrize(
    ("action", "found"), [("allow", Truth.YES), ("deny", Truth.NO), ("later", Truth.UNKNOWN)]
)
def test_an_entry_of_which_the_action_is_not_known_decides_what_it_matches(
    action: str, found: Truth
) -> None:
    """A plan may say so; what the entry does not match goes on to the next."""
    estate = Estate()
    vpc = estate.vpc("v", "10.0.0.0/16")
    one, two = vpc.subnet("one", "10.0.1.0/24"), vpc.subnet("two", "10.0.2.0/24")
    one.instance("a", "10.0.1.10")
    two.instance("b", "10.0.2.10")
    rows = [(10, action, "tcp/22", "10.0.1.0/24"), (20, "allow", "tcp/1-80", ANYWHERE)]
    vpc.acl("x", ingress=rows, subnets=[two])
    assert both(estate, "i-a", "i-b", "tcp/22") is found
    assert both(estate, "i-a", "i-b", "tcp/80") is Truth.YES
