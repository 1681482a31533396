"""Judges a generated plan of 4,000 resources, and lets checkov judge the same file, in one run.

    python tests/benchmarks/bench_plan.py [--runs N]

Both as cold processes that write JSON; mute-audit with every shipped policy and its proofs, checkov
with its `terraform_plan` framework. Shown are the least wall and processor times and the largest
memory of the runs; checkov runs once.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from big_plan import write
from cold import Cold, cold

REPOSITORY = Path(__file__).parents[2]
CHECKOV = REPOSITORY / ".venv-checkov" / "bin" / "python"
_POLICIES = ("aws", "aws-credential-report", "mute")
# Asks the other environment's Python for its checkov; only the last line is kept.
_FOREIGN = "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"


@dataclass(frozen=True)
class Measured:
    """The least times and the largest memory; how many resources and policies were judged."""

    ours: Cold
    checkov: Cold | None
    resources: int
    policies: int


def scanned(plan: Path, folder: Path) -> Cold:
    """One scan with all that is shipped; the pack of one estate needs that estate's values."""
    packs = [
        part for name in _POLICIES for part in ("--policies", str(REPOSITORY / "policies" / name))
    ]
    baseline = str(REPOSITORY / "baseline" / "mute.yaml")
    out = ["--baseline", baseline, "--no-checkov", "--format", "json", "--out", "out"]
    return cold("-m", "mute_audit", "scan", str(plan), *packs, *out, folder=folder)


def checked(plan: Path, folder: Path) -> Cold:
    program = str(CHECKOV.with_name("checkov"))
    options = ["--framework", "terraform_plan", "-o", "json", "--compact", "--quiet"]
    return cold("-c", _FOREIGN, str(CHECKOV), program, "-f", str(plan), *options, folder=folder)


def measured(folder: Path, runs: int, *, beside: bool = True) -> Measured:
    """`beside`: with checkov."""
    plan = folder / "plan.json"
    resources = write(plan)
    found = [scanned(plan, folder) for _ in range(runs)]
    ours = Cold(
        min(one.wall for one in found),
        min(one.cpu for one in found),
        max(one.memory for one in found),
        found[0].last,
    )
    report = json.loads((folder / "out" / "report.json").read_text())
    other = checked(plan, folder) if beside else None
    return Measured(ours, other, resources, len(report["policies"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    sys.stdout.write(
        f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors\n"
    )
    with tempfile.TemporaryDirectory() as scratch:
        found = measured(Path(scratch), given.runs)
    sys.stdout.write(f"{found.resources} resources, {found.policies} policies\n")
    for label, one in (("mute-audit", found.ours), ("checkov", found.checkov)):
        if one is not None:
            sys.stdout.write(
                f"{label:12}{one.wall:8.2f} s wall{one.cpu:8.2f} s processor{one.memory:6} MiB\n"
            )


if __name__ == "__main__":
    main()
