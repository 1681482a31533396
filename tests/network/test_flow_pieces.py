"""Blocks of packets: what is left when a block is taken away, and how wide it is."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mute_audit.address import Address
from mute_audit.network.addresses import AddressSet
from mute_audit.network.flow_pieces import (
    Allowance,
    Piece,
    breadth,
    broad,
    cut,
    remaining,
    shown_source,
)
from mute_audit.network.places import INTERNET, Place, PlaceKind
from mute_audit.network.reach import Flow, Way
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth

PORTS, ADDRESSES = range(4), range(4)
TARGET = Place(PlaceKind.RESOURCE, Address("ec2.instance", "i-1", "web"))


def traffic(ports: set[int]) -> Traffic:
    return Traffic.parse(",".join(f"tcp/{port}" for port in sorted(ports))) if ports else Traffic()


def addresses(numbers: set[int]) -> AddressSet:
    return AddressSet.parse(*(f"198.51.100.{number}" for number in sorted(numbers)))


def flow(truth: Truth, *ways: tuple[set[int], set[int]]) -> Flow:
    found = tuple(
        Way(traffic(ports), addresses(numbers), addresses({9})) for ports, numbers in ways
    )
    every = set().union(*(ports for ports, _ in ways))
    return Flow(
        INTERNET,
        TARGET,
        truth,
        traffic(every),
        addresses(set(ADDRESSES)),
        addresses({9}),
        ways=found,
    )


def packets(pieces: tuple[Piece, ...]) -> set[tuple[int, int]]:
    """The (port, source) pairs in the pieces."""
    return {
        (port, number)
        for piece in pieces
        for port in PORTS
        for number in ADDRESSES
        if traffic({port}) <= piece.traffic and addresses({number}) <= piece.sources
    }


subset = st.sets(st.sampled_from(list(PORTS)), min_size=1)
block = st.tuples(subset, subset)


@given(st.lists(block, min_size=1, max_size=3), st.lists(block, max_size=3))
def test_cut_leaves_exactly_what_no_allowance_covers(
    ways: list[tuple[set[int], set[int]]], allowed: list[tuple[set[int], set[int]]]
) -> None:
    allowances = [Allowance(traffic(ports), addresses(numbers)) for ports, numbers in allowed]
    left = packets(cut(flow(Truth.YES, *ways), allowances))
    expected = {
        (port, number)
        for ports, numbers in ways
        for port in ports
        for number in numbers
        if not any(port in p and number in n for p, n in allowed)
    }
    assert left == expected


@given(st.lists(block, min_size=1, max_size=3))
def test_an_allowance_from_everywhere_leaves_other_traffic_alone(
    ways: list[tuple[set[int], set[int]]],
) -> None:
    left = packets(cut(flow(Truth.YES, *ways), [Allowance(traffic({0, 1}))]))
    assert left == {(p, n) for ports, ns in ways for p in ports for n in ns if p > 1}


@given(st.lists(block, min_size=1, max_size=3), st.lists(block, min_size=1, max_size=3))
def test_remaining_never_loses_a_packet_nor_repeats_certain_as_open(
    sure: list[tuple[set[int], set[int]]], maybe: list[tuple[set[int], set[int]]]
) -> None:
    pieces = (*cut(flow(Truth.YES, *sure), ()), *cut(flow(Truth.UNKNOWN, *maybe), ()))
    found = remaining(pieces)
    certain = tuple(piece for piece in found if piece.flow.truth is Truth.YES)
    assert packets(pieces) <= packets(found)
    assert packets(cut(flow(Truth.YES, *sure), ())) <= packets(certain)
    only_certain = cut(flow(Truth.YES, *sure), ())
    assert len(remaining((*only_certain, *only_certain))) == len(remaining(only_certain))


@given(st.lists(block, min_size=1, max_size=4), st.integers(1, 5))
def test_broad_is_the_traffic_that_so_many_addresses_may_send(
    ways: list[tuple[set[int], set[int]]], least: int
) -> None:
    found = broad(cut(flow(Truth.YES, *ways), ()), least)
    for port in PORTS:
        senders = set().union(*(numbers for ports, numbers in ways if port in ports))
        assert (traffic({port}) <= found) == (len(senders) >= least)


def test_breadth_counts_ipv4_addresses_and_ipv6_networks() -> None:
    assert breadth(AddressSet.parse("198.51.100.0/24")) == 256
    assert breadth(AddressSet.parse("2001:db8::/63")) == 2
    assert breadth(AddressSet.parse("2001:db8::1")) == 1


def test_a_part_of_the_internet_is_called_by_its_networks() -> None:
    assert shown_source(INTERNET, AddressSet.everything()) == "internet"
    assert shown_source(INTERNET, AddressSet.parse("8.8.8.0/24")) == "internet:8.8.8.0/24"
    many = AddressSet.parse("1.1.1.1", "3.3.3.3", "5.5.5.5", "7.7.7.7")
    assert shown_source(INTERNET, many) == "internet:1.1.1.1/32, 3.3.3.3/32, 5.5.5.5/32, …"
    assert shown_source(TARGET, many) == "web"


def test_packets_to_an_address_that_nobody_described_are_allowed_and_refused_alike() -> None:
    """A database's public address: who is let in there as well is no violation, others are."""
    whole = flow(Truth.YES, ({0, 1}, {1, 2}))
    unnamed = replace(whole, ways=tuple(replace(w, destinations=AddressSet()) for w in whole.ways))
    assert not cut(unnamed, [Allowance(traffic({0, 1}), addresses({1, 2}))])
    (left,) = cut(unnamed, [Allowance(traffic({0, 1}), addresses({1}))])
    assert left
    assert left.sources == addresses({2})
    (piece,) = cut(unnamed, [])
    assert piece.minus(traffic({0, 1}), None, addresses({1})) == (piece,)
