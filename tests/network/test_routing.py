"""Route tables as look-ups: each test flips on one fact."""

from __future__ import annotations

from typing import Any

import msgspec

from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.network import RouteTable, Vpc
from mute_audit.network.addresses import parse_address
from mute_audit.network.prefix_lists import PrefixLists
from mute_audit.network.routing import Table, TargetKind, Winner

VPC = Vpc("vpc-1", "10.0.0.0/16")
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}


def to(cidr: str, **target: Any) -> dict[str, Any]:
    return {"DestinationCidrBlock": cidr, "State": "active", **target}


def winner(address: str, *routes: dict[str, Any], **more: Any) -> Winner:
    document = {"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Routes": [LOCAL, *routes]}
    region = msgspec.convert({"Account": "1", "Region": "r", **more}, RegionInventory)
    lists = PrefixLists(Inventory((region,)))
    return Table(msgspec.convert(document, RouteTable), VPC, lists).look_up(*parse_address(address))


def target(address: str, *routes: dict[str, Any], **more: Any) -> str:
    found = winner(address, *routes, **more).target
    return found.id if found is not None else ""


def test_n24_longest_prefix_wins() -> None:
    """The /24 beats the default route whichever stands first."""
    default, narrow = to("0.0.0.0/0", GatewayId="igw-1"), to("8.8.8.0/24", NatGatewayId="nat-1")
    assert target("8.8.8.8", default, narrow) == "nat-1"
    assert target("8.8.8.8", narrow, default) == "nat-1"
    assert target("8.8.9.8", narrow, default) == "igw-1"
    assert target("8.8.9.8", narrow) == ""


def test_n23_every_vpc_address_is_local() -> None:
    """A VPC address is local although the default route matches it too."""
    found = winner("10.0.5.5", to("0.0.0.0/0", GatewayId="igw-1"))
    assert found.target is not None
    assert found.target.kind is TargetKind.LOCAL


def test_n24_on_a_tie_static_beats_prefix_list_beats_propagated() -> None:
    """Three routes of one length: take the best away, and the next decides."""
    static = to("8.8.8.0/24", NatGatewayId="nat-1")
    listed = {"DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1", "State": "active"}
    learned = to("8.8.8.0/24", GatewayId="vgw-1", Origin="EnableVgwRoutePropagation")
    entries = [{"PrefixListId": "pl-1", "Entries": [{"Cidr": "8.8.8.0/24"}]}]
    assert target("8.8.8.8", learned, listed, static, PrefixListEntries=entries) == "nat-1"
    assert target("8.8.8.8", learned, listed, PrefixListEntries=entries) == "tgw-1"
    assert target("8.8.8.8", learned, PrefixListEntries=entries) == "vgw-1"


def test_prefix_list_entries_keep_their_own_length() -> None:
    """Two neighbouring /25 entries are not a /24, so they beat a static /24."""
    static = to("8.8.8.0/24", NatGatewayId="nat-1")
    listed = {"DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1", "State": "active"}
    halves = [
        {"PrefixListId": "pl-1", "Entries": [{"Cidr": "8.8.8.0/25"}, {"Cidr": "8.8.8.128/25"}]}
    ]
    whole = [{"PrefixListId": "pl-1", "Entries": [{"Cidr": "8.8.8.0/24"}]}]
    assert target("8.8.8.8", static, listed, PrefixListEntries=halves) == "tgw-1"
    assert target("8.8.8.8", static, listed, PrefixListEntries=whole) == "nat-1"


def test_n25_local_beats_a_more_specific_propagated_route() -> None:
    """A learned /24 inside the VPC does not win, a static one does."""
    learned = to("10.0.5.0/24", GatewayId="vgw-1", Origin="EnableVgwRoutePropagation")
    static = to("10.0.5.0/24", NetworkInterfaceId="eni-1")
    assert target("10.0.5.5", learned) == "local"
    assert target("10.0.5.5", static) == "eni-1"


def test_n28_a_blackhole_does_not_fall_through() -> None:
    """The dead /24 drops what the default route would carry."""
    default = to("0.0.0.0/0", GatewayId="igw-1")
    dead = {**to("8.8.8.0/24", NatGatewayId="nat-1"), "State": "blackhole"}
    found = winner("8.8.8.8", default, dead)
    assert found.target is None
    assert found.blackhole
    assert target("8.8.9.8", default, dead) == "igw-1"


def test_an_uncollected_prefix_list_leaves_other_addresses_open() -> None:
    """Any address may be in it, but for the VPC's own."""
    listed = {"DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1", "State": "active"}
    found = winner("8.8.8.8", to("0.0.0.0/0", GatewayId="igw-1"), listed)
    assert found.gap is not None
    assert found.gap.where == "pl-1"
    assert winner("10.0.5.5", listed).gap is None


def test_the_list_of_a_gateway_endpoint_holds_public_addresses_only() -> None:
    """Without its entries a private destination is still decided, a public one is not."""
    listed = {"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1", "State": "active"}
    assert winner("172.16.0.1", listed).gap is None
    assert winner("8.8.8.8", listed).gap is not None
