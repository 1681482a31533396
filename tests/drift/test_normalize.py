"""One test for each way in which one thing is written differently, and what must not be lost."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mute_audit.drift import normalize
from mute_audit.inventory.network import (
    AclEntry,
    GroupPair,
    IcmpTypeCode,
    IpPermission,
    IpRange,
    Ipv6Range,
    PortRange,
    PrefixListId,
    Route,
    RouteTable,
)


def same(text: str) -> str:
    return text


# --- addresses -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("10.0.0.5/8", "10.0.0.0/8"),
        ("192.0.2.7", "192.0.2.7/32"),
        ("2001:DB8:0:0::/64", "2001:db8::/64"),
        ("::1", "::1/128"),
        ("no network", "no network"),
    ],
)
def test_a_block_has_one_spelling(text: str, block: str) -> None:
    assert normalize.address_block(text) == block


@given(st.ip_addresses(), st.integers(0, 32))
def test_host_bits_and_a_second_time_change_nothing(address: Any, length: int) -> None:
    once = normalize.address_block(f"{address}/{length}")
    assert normalize.address_block(once) == once
    assert normalize.address_block(once.split("/")[0] + f"/{length}") == once


# --- rules -----------------------------------------------------------------------------------

PORTS = st.sampled_from([("tcp", 22, 22), ("tcp", 0, 65535), ("-1", None, None), ("icmp", 8, -1)])
PEERS = st.sampled_from(["10.0.0.0/8", "10.9.9.9/8", "::/0", "sg-1", "sg-2", "pl-1"])


def permission(ports: tuple[str, int | None, int | None], peers: list[str]) -> IpPermission:
    """One permission as AWS groups it: many peers for one kind of traffic."""
    return IpPermission(
        *ports,
        ip_ranges=tuple(IpRange(peer, "why") for peer in peers if "." in peer),
        ipv6_ranges=tuple(Ipv6Range(peer) for peer in peers if ":" in peer),
        prefix_list_ids=tuple(PrefixListId(peer) for peer in peers if peer.startswith("pl-")),
        user_id_group_pairs=tuple(GroupPair(peer) for peer in peers if peer.startswith("sg-")),
    )


@given(st.lists(st.tuples(PORTS, st.lists(PEERS, min_size=1, max_size=4)), max_size=5), st.data())
def test_grouping_and_order_of_rules_mean_nothing(
    rows: list[tuple[tuple[str, int | None, int | None], list[str]]], data: st.DataObject
) -> None:
    grouped = [permission(ports, peers) for ports, peers in rows]
    single = [permission(ports, [peer]) for ports, peers in rows for peer in peers]
    mixed = data.draw(st.permutations(single))
    assert normalize.rules(mixed, same) == normalize.rules(grouped, same)


def test_rules_that_differ_stay_different() -> None:
    one = normalize.rules([permission(("tcp", 22, 22), ["10.0.0.0/8"])], same)
    for other in (
        permission(("udp", 22, 22), ["10.0.0.0/8"]),
        permission(("tcp", 22, 23), ["10.0.0.0/8"]),
        permission(("tcp", 22, 22), ["10.0.0.0/9"]),
        permission(("tcp", 22, 22), ["sg-1"]),
    ):
        assert normalize.rules([other], same) != one


def test_all_ports_are_written_in_several_ways() -> None:
    whole = normalize.rules([permission(("tcp", 0, 65535), ["10.0.0.0/8"])], same)
    assert whole == normalize.rules([permission(("6", 0, 65535), ["10.0.0.0/8"])], same)
    assert whole == {("tcp", "10.0.0.0/8")}


def test_groups_are_told_by_their_label() -> None:
    found = normalize.rules([permission(("tcp", 1, 1), ["sg-1"])], {"sg-1": "web"}.__getitem__)
    assert found == {("tcp/1", "web")}


# --- ACLs ------------------------------------------------------------------------------------


def test_acl_entries_are_by_number_without_the_last_one() -> None:
    entries = [
        AclEntry(32767, "-1", "deny", False, "0.0.0.0/0"),
        AclEntry(200, "6", "ALLOW", False, "10.0.0.1/8", port_range=PortRange(80, 90)),
        AclEntry(100, "1", "deny", False, icmp_type_code=IcmpTypeCode(-1, -1), cidr_block="::/0"),
        AclEntry(100, "-1", "allow", True, ipv6_cidr_block="::/0"),
        AclEntry(300, "tcp", "allow", False, "0.0.0.0/0", port_range=PortRange(0, 65535)),
    ]
    assert normalize.acl_entries(entries, egress=False) == {
        100: "deny icmp ::/0",
        200: "allow tcp/80-90 10.0.0.0/8",
        300: "allow tcp 0.0.0.0/0",
    }
    assert normalize.acl_entries(entries, egress=True) == {100: "allow all ::/0"}


# --- routes ----------------------------------------------------------------------------------


def test_routes_leave_out_the_local_ones_and_name_dead_ones() -> None:
    table = RouteTable(
        "rtb",
        "vpc",
        routes=(
            Route("10.0.0.0/16", gateway_id="local"),
            Route("10.1.0.9/16", transit_gateway_id="tgw-1"),
            Route(destination_prefix_list_id="pl-1", gateway_id="vpce-1"),
            Route("0.0.0.0/0", nat_gateway_id="nat-1", state="blackhole"),
            Route(destination_ipv6_cidr_block="::/0"),
        ),
    )
    assert normalize.routes(table, same) == {
        "0.0.0.0/0": "nat-1 (blackhole)",
        "10.1.0.0/16": "tgw-1",
        "::/0": "none",
        "pl-1": "vpce-1",
    }


def test_a_static_and_a_propagated_route_stand_together() -> None:
    static = Route("10.0.0.0/8", transit_gateway_id="tgw-1", origin="CreateRoute")
    learnt = Route("10.0.0.0/8", gateway_id="vgw-1", origin="EnableVgwRoutePropagation")
    for routes in ((static, learnt), (learnt, static)):
        found = normalize.routes(RouteTable("rtb", "vpc", routes=routes), same)
        assert found == {"10.0.0.0/8": "tgw-1 + vgw-1 (propagated)"}


# --- single words ----------------------------------------------------------------------------


def test_the_release_of_an_engine_version_is_no_part_of_it() -> None:
    assert normalize.engine_version("16.3-R2") == "16.3"
    assert normalize.engine_version("16.3") == "16.3"
    assert normalize.engine_version("8.0.mysql_aurora.3.05.2") == "8.0.mysql_aurora.3.05.2"


def test_states_on_the_way_are_where_they_lead() -> None:
    assert normalize.instance_state("pending") == "running"
    assert normalize.instance_state("stopping") == "stopped"
    assert normalize.instance_state("running") == "running"


def test_metadata_that_is_switched_off_needs_no_token() -> None:
    assert normalize.metadata_tokens("optional", "disabled") == "required"
    assert normalize.metadata_tokens("optional", "enabled") == "optional"


def test_awss_policies_go_by_name_and_others_by_arn() -> None:
    name = normalize.policy_name
    assert name("arn:aws:iam::aws:policy/AmazonS3FullAccess") == "AmazonS3FullAccess"
    assert name("arn:aws-cn:iam::aws:policy/service-role/X") == "X"
    assert name("AmazonS3FullAccess") == "AmazonS3FullAccess"
    own = "arn:aws:iam::123456789012:policy/AmazonS3FullAccess"
    assert name(own) == own


def test_patterns_know_two_wildcards_and_no_more() -> None:
    assert normalize.matches_pattern("al2023-ami-2023.6-x86_64", "al2023-ami-*-x86_64")
    assert not normalize.matches_pattern("al2023-ami-2023.6-arm64", "al2023-ami-*-x86_64")
    assert normalize.matches_pattern("[a]1", "[a]?")
    assert not normalize.matches_pattern("a1", "[a]?")
    assert not normalize.matches_pattern("xal2023", "al*")


# --- policy documents ------------------------------------------------------------------------

STATEMENT = {
    "Sid": "One",
    "Effect": "Allow",
    "Principal": {"AWS": ["arn:aws:iam::123456789012:root", "arn:aws:iam::1:user/a"]},
    "Action": ["s3:GetObject", "s3:PutObject"],
    "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "true"}},
}


def document(**changes: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{**STATEMENT, **changes}]}


def equal(one: Any, other: Any) -> bool:
    return normalize.same_documents(normalize.policy(one), normalize.policy(other))


@pytest.mark.parametrize(
    "other",
    [
        json.dumps(document()),
        "%7B" + json.dumps(document())[1:].replace(" ", "%20"),
        {"Version": "2012-10-17", "Statement": STATEMENT},
        document(Action=["s3:putobject", "S3:GetObject"]),
        document(Action=["s3:GetObject", "s3:PutObject", "s3:GetObject"]),
        document(Resource=["arn:aws:s3:::b/*", "arn:aws:s3:::b"]),
        document(Principal={"AWS": ["arn:aws:iam::1:user/a", "123456789012"]}),
        document(Condition={"Bool": {"AWS:SECURETRANSPORT": True}}),
        document(Condition={"Bool": {"aws:SecureTransport": ["True"]}}),
        document(Sid="Another name"),
        {"Id": "x", **document()},
    ],
    ids=range(11),
)
def test_documents_that_mean_the_same_are_the_same(other: Any) -> None:
    assert equal(document(), other)


@pytest.mark.parametrize(
    "other",
    [
        None,
        {**document(), "Version": "2008-10-17"},
        document(Effect="Deny"),
        document(Action=["s3:GetObject"]),
        document(Action=["s3:GetObject", "s3:*"]),
        document(Resource=["arn:aws:s3:::B", "arn:aws:s3:::b/*"]),
        document(Principal="*"),
        document(Principal={"AWS": "123456789012"}),
        document(Principal={"Federated": ["123456789012", "arn:aws:iam::1:user/a"]}),
        document(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        document(Condition={"StringEquals": {"aws:SecureTransport": "true"}}),
        document(Condition={"StringLike": "broken"}),
        {"Version": "2012-10-17", "Statement": [STATEMENT, {"Effect": "Deny"}]},
        {"Version": "2012-10-17", "Statement": [STATEMENT, "broken"]},
        {"Version": "2012-10-17", "Statement": []},
        "not json",
    ],
    ids=range(16),
)
def test_documents_that_mean_something_else_are_not(other: Any) -> None:
    assert not equal(document(), other)


def test_everyone_is_written_in_two_ways() -> None:
    assert equal(document(Principal="*"), document(Principal={"AWS": "*"}))
    assert equal(document(Principal="*"), document(Principal={"AWS": ["*"]}))


def test_a_document_without_version_is_of_the_old_one() -> None:
    assert equal({"Statement": STATEMENT}, {"Version": "2008-10-17", "Statement": STATEMENT})


def test_no_document_is_only_like_no_document() -> None:
    assert equal(None, "")
    assert not equal(None, {"Statement": []})


def test_services_go_by_lower_case_and_values_of_strings_do_not() -> None:
    assert equal(
        document(Principal={"Service": "S3.amazonaws.com"}),
        document(Principal={"Service": "s3.amazonaws.com"}),
    )
    one = {"StringEquals": {"aws:PrincipalTag/a": "X"}}
    other = {"StringEquals": {"aws:PrincipalTag/a": "x"}}
    assert not equal(document(Condition=one), document(Condition=other))


VALUES = st.sampled_from(["s3:GetObject", "s3:getobject", "s3:*", "ecr:Get*"])
SINGLE = st.one_of(VALUES, st.lists(VALUES, min_size=1, max_size=3))
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": SINGLE,
        "Resource": SINGLE,
        "Principal": st.sampled_from(["*", {"AWS": "*"}, {"AWS": ["1", "2"]}, {"Service": "x"}]),
    },
    optional={"Sid": st.sampled_from(["a", "b"])},
)


@given(st.lists(STATEMENTS, max_size=4), st.data())
def test_the_order_of_statements_means_nothing_and_a_shown_document_means_the_same(
    statements: list[dict[str, Any]], data: st.DataObject
) -> None:
    first = normalize.policy({"Statement": statements})
    mixed = normalize.policy({"Statement": data.draw(st.permutations(statements))})
    assert normalize.same_documents(first, mixed)
    assert first is not None
    shown = [normalize.shown_statement(one, first.spelling) for one in first.statements]
    assert normalize.same_documents(first, normalize.policy({"Statement": shown}))
