"""Reads the same `.tf` files with the reader of this repository and with python-hcl2.

    python tests/benchmarks/bench_hcl.py [--runs N]

All files of `terraform/` and `tests/scenarios/`, in one process, one reader after the other; shown
are the least processor times and the lines read in a second.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import hcl2

from mute_audit.sources.terraform.hcl import parse_body

REPOSITORY = Path(__file__).parents[2]
FOLDERS = ("terraform", "tests/scenarios")


def files(folders: Iterable[str] = FOLDERS) -> list[tuple[str, str]]:
    """(path, text) of every `.tf` file; those that terraform has fetched are left out."""
    found = [path for folder in folders for path in sorted((REPOSITORY / folder).rglob("*.tf"))]
    kept = (path for path in found if ".terraform" not in path.parts)
    return [(str(path.relative_to(REPOSITORY)), path.read_text("utf-8")) for path in kept]


def least(read: Callable[[str], object], texts: Iterable[str], runs: int) -> float:
    """Processor seconds for all texts."""
    given = list(texts)
    read(given[0])  # Grammars are built at the first call.
    times = []
    for _ in range(runs):
        start = time.process_time()
        for text in given:
            read(text)
        times.append(time.process_time() - start)
    return min(times)


def measured(runs: int) -> dict[str, float]:
    """Reader → lines a second."""
    texts = [text for _, text in files()]
    lines = sum(text.count("\n") for text in texts)
    sys.stdout.write(f"{len(texts)} files, {lines} lines\n")
    found = {}
    for label, read in (("ours", lambda text: parse_body(text, "t")), ("python-hcl2", hcl2.loads)):
        seconds = least(read, texts, runs)
        found[label] = lines / seconds
        sys.stdout.write(f"{label:12}{seconds:8.3f} s{found[label]:10.0f} lines a second\n")
        sys.stdout.flush()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    measured(parser.parse_args().runs)


if __name__ == "__main__":
    main()
