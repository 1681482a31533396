"""Measures the set engine beside two baselines, in one run; see docs/performance.md.

    python tests/benchmarks/bench_reach.py [--big] [--folder DIR]

Without `--big`: all pairs at 2,000 interfaces against the pair loops. With it: the command
line as a cold process at 10,000 and 100,000 interfaces against a bare `json.load`, all pairs
by class at 100,000, and the bad case.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from big_estate import BigEstate
from cold import cold
from pair_loops import Plain, Tuned

ALL_PAIRS = """
import sys, time
from pathlib import Path
from mute_audit.network.reach import Reach
from mute_audit.network.traffic import Traffic
from mute_audit.sources.aws_json import load, read_directory
inventory = load(read_directory(Path(sys.argv[1])))
start = time.process_time()
matrix = Reach(inventory).matrix(Traffic.everything())
print(len(matrix.classes), "classes,", matrix.count(), "pairs and port atoms,", end=" ")
print(f"{time.process_time() - start:.2f} s without loading")
"""
BARE_LOAD = """
import json, pathlib, sys
kept = [json.load(path.open()) for path in pathlib.Path(sys.argv[1]).iterdir()]
"""


def cpu(work: Callable[[], object]) -> tuple[float, object]:
    """Processor seconds, so that what else runs on the machine counts less; and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def small(folder: Path, interfaces: int = 2_000) -> float:
    """All pairs against the loops; gives how many times faster than the tuned one it is."""
    from mute_audit.network.reach import Reach
    from mute_audit.network.traffic import PORTS, Traffic
    from mute_audit.sources.aws_json import load, read_directory

    made = BigEstate(interfaces)
    made.write(folder)
    inventory = load(read_directory(folder))
    matrix = Reach(inventory).matrix(Traffic.parse("tcp"))
    headers = [divmod(point, PORTS) for point in matrix.atoms]
    engine, pairs = cpu(lambda: Reach(inventory).matrix(Traffic.parse("tcp")).count())
    say(
        f"set engine   {engine:9.2f} s  {pairs} pairs and port atoms, {len(matrix.classes)} classes"
    )
    tuned = Tuned(made.documents, headers)
    sample = range(0, interfaces, 10)
    seconds, found = cpu(lambda: tuned.count(sample))
    whole = seconds * interfaces / len(sample)
    say(f"tuned loop   {whole:9.2f} s  from {len(sample)} sources, {found} pairs and port atoms")
    plain = Plain(made.documents)
    few = made.documents["NetworkInterfaces"][:: interfaces // 4]

    def walk() -> int:
        everyone = made.documents["NetworkInterfaces"]
        return sum(plain.reaches(a, b, h) for a in few for b in everyone[::20] for h in headers)

    seconds, _ = cpu(walk)
    scale = interfaces / len(few) * 20
    say(f"plain loop   {seconds * scale:9.2f} s  from {len(few)} sources to every 20th target")
    say(f"set engine is {whole / engine:.0f} times as fast as the tuned loop")
    return whole / engine


def big(folder: Path) -> None:
    """Cold processes at 10,000 and 100,000 interfaces, all pairs by class, the bad case."""
    for interfaces, bad in ((10_000, False), (100_000, False), (100_000, True)):
        name = folder / f"{interfaces}{'-bad' if bad else ''}"
        if not name.exists():
            BigEstate(interfaces, bad=bad).write(name)
        say(f"--- {interfaces} interfaces{', the bad case' if bad else ''}")
        goal = ("--to", "type:rds.instance", "--port", "tcp/5432", "--format", "json")
        for label, command in (
            ("bare json.load", ("-c", BARE_LOAD, str(name))),
            ("reach, cold process", ("-m", "mute_audit", "reach", str(name), *goal)),
            ("all pairs by class", ("-c", ALL_PAIRS, str(name))),
        ):
            run = cold(*command)
            used = f"{run.wall:8.1f} s wall {run.cpu:8.1f} s cpu {run.memory:6d} MiB"
            say(f"{label:22}{used}  {run.last if label.startswith('all') else ''}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--big", action="store_true")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    say(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        small(folder / "small")
        if given.big:
            big(folder)


if __name__ == "__main__":
    main()
