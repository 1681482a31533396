"""Measures whole commands as cold processes beside something that must be paid in any case.

    python tests/benchmarks/bench_commands.py [--runs N]

Each pair runs N times in turn; shown is the least processor time of each, as what else runs on
the machine only ever adds to it, and their ratio.

- `--help` beside `python -c "import argparse, json"`,
- `scan` of a saved snapshot of 2,000 interfaces with the general pack and both exports beside
  `python -c "import boto3, networkx, pydantic, jinja2"`,
- `trace --batch` with 1,000 questions beside the same with 5.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from big_estate import BigEstate
from cold import cold

INTERFACES = 2_000
PORTS = ("tcp/443", "tcp/22", "udp/53", "icmp/8")


def beside(label: str, folder: Path, ours: list[str], other: list[str], runs: int) -> float:
    """Prints both, and gives how many times the other's time ours takes."""
    mine, base = [], []
    for _ in range(runs):
        base.append(cold(*other, folder=folder).cpu)
        mine.append(cold(*ours, folder=folder).cpu)
    ratio = min(mine) / min(base)
    sys.stdout.write(f"{label:16}{min(mine):7.3f} s   beside{min(base):7.3f} s   {ratio:5.1f} x\n")
    sys.stdout.flush()
    return ratio


def questions(estate: BigEstate, count: int) -> str:
    """`count` lines for `trace --batch`, between hosts drawn at random."""
    drawn = random.Random(1)
    hosts = [one["InstanceId"] for r in estate.documents["Reservations"] for one in r["Instances"]]
    lines = (
        {"from": drawn.choice(hosts), "to": drawn.choice(hosts), "port": drawn.choice(PORTS)}
        for _ in range(count)
    )
    return "".join(json.dumps(line) + "\n" for line in lines)


def measured(folder: Path, runs: int) -> dict[str, float]:
    """How many times as long as its counterpart each command takes."""
    estate = BigEstate(INTERFACES)
    estate.write(folder / "estate")
    for count in (5, 1_000):
        (folder / f"{count}.jsonl").write_text(questions(estate, count))
    mute = ["-m", "mute_audit"]
    trace = [*mute, "trace", "estate", "--format", "json", "--batch"]
    scan = [*mute, "scan", "estate", "--format", "json", "--format", "html", "--out", "out"]
    imports = "import boto3, networkx, pydantic, jinja2"
    return {
        label: beside(label, folder, ours, other, runs)
        for label, ours, other in (
            ("--help", [*mute, "--help"], ["-c", "import argparse, json"]),
            ("scan", scan, ["-c", imports]),
            ("trace --batch", [*trace, "1000.jsonl"], [*trace, "5.jsonl"]),
        )
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    sys.stdout.write(
        f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors\n"
    )
    with tempfile.TemporaryDirectory() as scratch:
        measured(Path(scratch), given.runs)


if __name__ == "__main__":
    main()
