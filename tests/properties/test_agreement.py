"""The set engine and the packet tracer say the same of every packet."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from agreement import Judge
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lottery import Lottery, Neighbours

from mute_audit.verdict import Truth

SEEDS = st.integers(0, 2**32 - 1)
CALM = [HealthCheck.too_slow, HealthCheck.data_too_large]


def check(seed: int, packets: int, pairs: int, kind: type[Lottery] = Lottery) -> Counter[Truth]:
    """Ask both engines about one estate; gives how often the set engine said what."""
    judge = Judge(kind(seed).inventory())
    said: Counter[Truth] = Counter()
    for asked in judge.sampled(random.Random(seed), packets):
        assert asked.set_engine == asked.tracer, f"seed {seed}: {asked}"
        said[asked.set_engine] += 1
    for text, by_sets, by_tracer in judge.pairs(random.Random(seed), pairs):
        assert by_sets == by_tracer, f"seed {seed}: {text}: {by_sets}, tracer {by_tracer}"
    said.update({Truth.YES: judge.proofs()})
    return said


@settings(max_examples=40, deadline=None, suppress_health_check=CALM)
@given(SEEDS)
def test_the_engines_agree_on_every_packet(seed: int) -> None:
    """Sampled packets, pairs of places, and a packet of every certain way of every flow."""
    check(seed, packets=40, pairs=8)


@settings(max_examples=40, deadline=None, suppress_health_check=CALM)
@given(SEEDS)
def test_the_engines_agree_on_references_between_vpcs(seed: int) -> None:
    """Estates in which group references over peerings and transit gateways decide."""
    check(seed, packets=40, pairs=8, kind=Neighbours)


@pytest.mark.slow
@settings(max_examples=1500, deadline=None, suppress_health_check=CALM)
@given(SEEDS)
def test_the_engines_agree_on_every_packet_of_many_estates(seed: int) -> None:
    """The same over many more estates and packets."""
    check(seed, packets=120, pairs=20)


def test_hardly_anything_is_unknown_when_nothing_is_withheld() -> None:
    """At most one verdict in a hundred, and each says which rule leaves it open."""
    said: Counter[Truth] = Counter()
    for seed in range(40):
        judge = Judge(Lottery(seed).inventory())
        for asked in judge.sampled(random.Random(seed), 60):
            said[asked.set_engine] += 1
        for flow in judge.flows:
            assert (flow.truth is Truth.UNKNOWN) == bool(flow.gaps)
    assert said[Truth.YES] > 100
    assert said[Truth.UNKNOWN] <= said.total() / 100
