"""The targets of whole commands, as ratios within one run; `bench`, as timing needs quiet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench_commands import beside, measured, questions
from big_estate import BigEstate
from cold import cold


@pytest.mark.bench
def test_the_commands_keep_their_ratios(tmp_path: Path) -> None:
    """`--help` ≤ 4 ×, a scan ≤ 3 × what must be imported for it, 1,000 questions ≤ 5 × five."""
    found = measured(tmp_path, runs=5)
    assert found["--help"] <= 4
    assert found["scan"] <= 3
    assert found["trace --batch"] <= 5


def test_a_ratio_is_of_two_real_runs(tmp_path: Path) -> None:
    """A command that does ten million additions more takes visibly longer than one without."""
    ratio = beside("sums", tmp_path, ["-c", "sum(range(10**7))"], ["-c", ""], 1)
    assert ratio > 2


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="failed"):
        beside("nothing", tmp_path, ["-c", "raise SystemExit(2)"], ["-c", ""], 1)


def test_questions_are_those_that_trace_reads() -> None:
    lines = questions(BigEstate(60), 7).splitlines()
    assert len(lines) == 7
    assert all(set(json.loads(line)) == {"from", "to", "port"} for line in lines)


def test_memory_is_that_of_the_command_and_not_of_its_parent() -> None:
    """The parent holds 200 MiB, which the command neither has nor is charged with."""
    held = bytearray(200 << 20)
    used = cold("-c", "print('small')")
    assert len(held) == 200 << 20
    assert used.memory < 100
    assert used.last == "small"
