"""The engine, the index and the baselines count the same pairs; the targets hold.

Timing needs a quiet machine, so it is `bench`; that all of them mean the same is not.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from bench_reach import small
from big_estate import BigEstate
from pair_loops import Plain, Tuned

from mute_audit.inventory import Inventory
from mute_audit.network.addresses import address_text
from mute_audit.network.reach import Reach
from mute_audit.network.traffic import PORTS, Traffic
from mute_audit.sources.aws_json import load, read_directory
from mute_audit.verdict import Truth


def written(folder: Path, interfaces: int, *, bad: bool = False) -> tuple[BigEstate, Inventory]:
    made = BigEstate(interfaces, bad=bad)
    made.write(folder)
    return made, load(read_directory(folder))


@pytest.mark.parametrize("bad", [False, True])
def test_the_matrix_counts_what_the_tuned_loop_counts(tmp_path: Path, bad: bool) -> None:
    """All pairs of 2,100 interfaces in two VPCs, from every 30th source, at every port atom."""
    made, inventory = written(tmp_path, 2_100, bad=bad)
    matrix = Reach(inventory).matrix(Traffic.parse("tcp"))
    headers = [divmod(point, PORTS) for point in matrix.atoms]
    index = {name: item.index for item in matrix.classes for name in item.members}
    ids = [item["NetworkInterfaceId"] for item in made.documents["NetworkInterfaces"]]
    chosen = range(0, 2_100, 30)
    wanted = dict.fromkeys(chosen, 0)
    for _, target, bits in matrix.rows():
        for number in chosen:
            if bits >> index[ids[number]] & 1:
                own = index[ids[number]] == target.index
                wanted[number] += len(target.members) - own
    tuned = Tuned(made.documents, headers)
    for number in chosen:
        assert tuned.count(range(number, number + 1)) == wanted[number]


def test_the_baselines_agree_with_each_other(tmp_path: Path) -> None:
    """The plain loop and the tuned one, pair by pair, on 120 interfaces."""
    made, _ = written(tmp_path, 120)
    headers = [(6, 22), (6, 443), (6, 5432), (17, 53)]
    plain, tuned = Plain(made.documents), Tuned(made.documents, headers)
    everyone = made.documents["NetworkInterfaces"]
    counted = sum(plain.reaches(a, b, h) for a in everyone for b in everyone for h in headers)
    assert counted == tuned.count() > 0


def test_asking_everyone_is_asking_those_whom_the_index_names(tmp_path: Path) -> None:
    """Flows from everything are those of all places one by one, in the same order."""
    _, inventory = written(tmp_path, 300)
    reach = Reach(inventory)
    targets = reach.directory.select("type:rds.instance")
    for port in ("tcp/5432", "all"):
        traffic = Traffic.parse(port)
        by_index = reach.flows(reach.everything(), targets, traffic)
        one_by_one = reach.flows(tuple(reach.everything()), targets, traffic)
        assert by_index == one_by_one != ()


def test_the_matrix_says_what_pairs_say(tmp_path: Path) -> None:
    """The plain hosts of an estate, each with each, at one port."""
    _, inventory = written(tmp_path, 150)
    reach = Reach(inventory)
    traffic = Traffic.parse("tcp/5432")
    matrix = reach.matrix(traffic)
    rows = {target.index: bits for _, target, bits in matrix.rows()}
    for source in matrix.classes:
        for target in matrix.classes:
            if source is target:
                continue
            found = reach.pairs.directly(source.first, target.first, source.address, target.address)
            said = bool(rows.get(target.index, 0) >> source.index & 1)
            where = f"{address_text(4, source.address)} → {address_text(4, target.address)}"
            assert said == (traffic <= found.yes), where


def test_what_is_unknown_is_where_a_database_stands(tmp_path: Path) -> None:
    """Two databases with the same groups and subnets cannot be told apart; all else is known."""
    _, inventory = written(tmp_path, 200)
    reach = Reach(inventory)
    every = reach.everything()
    flows = reach.flows(every, reach.directory.select("type:rds.instance"), Traffic.everything())
    assert {gap.what for flow in flows for gap in flow.gaps} <= {"placement"}
    assert Truth.YES in {flow.truth for flow in flows}


@pytest.mark.bench
def test_all_pairs_are_twenty_times_as_fast_as_the_tuned_loop(tmp_path: Path) -> None:
    """The target of the engine, at 2,000 interfaces."""
    assert small(tmp_path) >= 20
