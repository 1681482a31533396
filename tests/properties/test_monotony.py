"""What a change of the estate may do to the reach, and what it must not."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lottery import PORTS, Lottery

from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.network.reach import Flow, Reach
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth

SEEDS = st.integers(0, 2**32 - 1)
CALM = [HealthCheck.too_slow]
Pair = tuple[str, str]


def flows_of(inventory: Inventory) -> tuple[Flow, ...]:
    reach = Reach(inventory)
    every = tuple(reach.everything())
    return reach.flows(every, every, Traffic.everything())


def certain(inventory: Inventory, *, possible: bool = False) -> dict[Pair, Traffic]:
    """What gets through for certain between each two places (or what may)."""
    found: dict[Pair, Traffic] = {}
    for flow in flows_of(inventory):
        if flow.truth is Truth.YES or possible:
            key = (flow.source.address.id, flow.target.address.id)
            found[key] = found.get(key, Traffic()) | flow.traffic
    return found


def within(small: dict[Pair, Traffic], large: dict[Pair, Traffic]) -> bool:
    return all(traffic <= large.get(pair, Traffic()) for pair, traffic in small.items())


@settings(max_examples=25, deadline=None, suppress_health_check=CALM)
@given(SEEDS)
def test_opening_a_rule_never_shrinks_reach_and_closing_never_grows_it(seed: int) -> None:
    """One more rule in one group; read backwards it is one less."""
    lottery = Lottery(seed)
    before = lottery.inventory()
    rng = random.Random(seed)
    group = rng.choice([g for groups in lottery.groups.values() for g in groups])
    shut = certain(before), certain(before, possible=True)
    group.allow(rng.choice(PORTS), rng.choice(["0.0.0.0/0", "10.0.0.0/8", group]))
    after = lottery.inventory()
    assert within(shut[0], certain(after))
    assert within(shut[1], certain(after, possible=True))


@settings(max_examples=25, deadline=None, suppress_health_check=CALM)
@given(SEEDS)
def test_the_order_of_descriptions_does_not_matter(seed: int) -> None:
    """Every list of the snapshot shuffled: the same flows, in the same order, with all they say."""
    inventory = Lottery(seed).inventory()
    shuffled = Inventory(
        tuple(_shuffled(region, random.Random(seed)) for region in inventory.regions)
    )
    assert list(map(_said, flows_of(shuffled))) == list(map(_said, flows_of(inventory)))


def _shuffled(region: RegionInventory, rng: random.Random) -> RegionInventory:
    lists: dict[str, Any] = {}
    for name in region.__struct_fields__:
        value = getattr(region, name)
        if isinstance(value, tuple) and name != "failed":
            lists[name] = tuple(rng.sample(value, len(value)))
    return msgspec.structs.replace(region, **lists)


def _said(flow: Flow) -> tuple[Any, ...]:
    return (
        flow.source,
        flow.target,
        flow.truth,
        str(flow.traffic),
        flow.sources,
        flow.destinations,
        flow.via,
        flow.gaps,
    )
