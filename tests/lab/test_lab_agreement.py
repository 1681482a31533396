"""The kernel as the judge: both engines agree with what arrives in random estates."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from lab_estates import OUTSIDE, TCP_PORTS, UDP_PORTS, draw
from lab_judging import Disagreement, Observed, observe, set_engine, tracer
from lab_kernel import Kernel

from mute_audit.inventory.network import NetworkAcl
from mute_audit.network.acls import AclFilter
from mute_audit.network.tracer import acls, walk

# Seeds go by in tens: each test has enough packets to say that some arrived and some did not.
BATCH = 10
SAMPLE = 20
ALL = 200

pytestmark = pytest.mark.slow

Engine = Callable[[Observed], tuple[list[Disagreement], int]]


def _ports(seed: int) -> tuple[list[int], list[int]]:
    random = Random(seed)
    return random.sample(TCP_PORTS, 2), random.sample(UDP_PORTS, 1)


def _observed(kernel: Kernel, seed: int) -> Observed:
    tcp, udp = _ports(seed)
    return observe(kernel, draw(seed).inventory(), OUTSIDE, tcp, udp)


def _explained(kernel: Kernel, observed: Observed, found: list[Disagreement]) -> list[str]:
    """The first disagreements, each sent again: what the filters of the lab did to it."""
    texts = []
    for item in found[:5]:
        sent = observed.sent.get((item.probe, item.ports[0])) if item.ports else None
        texts.append(str(item))
        if sent is not None:
            arrived, where = kernel.where_dropped(sent)
            fate = "arrives" if arrived else f"is dropped by {', '.join(where) or 'no filter'}"
            texts.append(f"    sent again it {fate}")
    return texts


def _batches(first: int, last: int) -> list[Any]:
    return [
        pytest.param(seed, id=f"{seed}-{seed + BATCH - 1}") for seed in range(first, last, BATCH)
    ]


def _agree(kernel: Kernel, first: int, folder: Path) -> None:
    packets: Counter[bool] = Counter()
    unknown: Counter[str] = Counter()
    for seed in range(first, first + BATCH):
        observed = _observed(kernel, seed)
        for arrived in observed.arrived.values():
            packets.update(arrived.values())
        for name, engine in (("tracer", tracer), ("set engine", set_engine)):
            found, unsure = engine(observed)
            unknown[name] += unsure
            if found:
                file = folder / f"estate-{seed}.json"
                file.write_text(json.dumps(draw(seed).items, indent=1))
                texts = "\n".join(_explained(kernel, observed, found))
                pytest.fail(f"seed {seed} ({file}): {len(found)} disagreements\n{texts}")
    assert packets[True] > 100
    assert packets[False] > 100
    # Only a host that may or may not pass packets on leaves anything open in these estates.
    assert unknown["tracer"] < packets.total() / 50
    assert unknown["set engine"] < packets.total() / 50


@pytest.mark.sample
@pytest.mark.parametrize("first", _batches(0, SAMPLE))
def test_both_engines_agree_with_the_kernel(kernel: Kernel, first: int, tmp_path: Path) -> None:
    """Twenty random estates: what the engines say of each packet is what happens to it."""
    _agree(kernel, first, tmp_path)


@pytest.mark.parametrize("first", _batches(SAMPLE, ALL))
def test_both_engines_agree_with_the_kernel_at_length(
    kernel: Kernel, first: int, tmp_path: Path
) -> None:
    """The other hundred and eighty."""
    _agree(kernel, first, tmp_path)


def _backwards(acl: NetworkAcl) -> NetworkAcl:
    """The ACL with its entries numbered from the other end; the last one stays the last."""
    entries = tuple(
        entry
        if entry.rule_number == 32767
        else msgspec.structs.replace(entry, rule_number=32767 - entry.rule_number)
        for entry in acl.entries
    )
    return msgspec.structs.replace(acl, entries=entries)


def _set_engine_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    right = AclFilter.__init__

    def wrong(self: AclFilter, acl: NetworkAcl | None, **given: Any) -> None:
        right(self, _backwards(acl) if acl is not None else None, **given)

    monkeypatch.setattr(AclFilter, "__init__", wrong)


def _tracer_backwards(monkeypatch: pytest.MonkeyPatch) -> None:
    right = acls.decide
    turned = cache(_backwards)
    monkeypatch.setattr(
        walk, "decide_acl", lambda acl, header, egress: right(turned(acl), header, egress)
    )


@pytest.mark.sample
@pytest.mark.parametrize(
    ("engine", "seed_bug"),
    [(set_engine, _set_engine_backwards), (tracer, _tracer_backwards)],
    ids=["set engine", "tracer"],
)
def test_a_wrong_order_of_acl_entries_is_caught(
    kernel: Kernel,
    monkeypatch: pytest.MonkeyPatch,
    engine: Engine,
    seed_bug: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """An engine that reads ACLs from the last entry to the first disagrees with the kernel."""
    for seed in range(SAMPLE):
        observed = _observed(kernel, seed)
        assert engine(observed)[0] == []
        with monkeypatch.context() as patched:
            seed_bug(patched)
            found = engine(observed)[0]
        if found:
            return
    pytest.fail("no estate of the sample told the wrong order from the right one")
