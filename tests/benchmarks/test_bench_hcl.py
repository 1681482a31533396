"""Why Terraform's language has a reader of its own; `bench`, as timing needs quiet."""

from __future__ import annotations

import pytest
from bench_hcl import files, least, measured


@pytest.mark.bench
def test_our_reader_is_worth_having() -> None:
    """At least eight times as many lines a second as python-hcl2, over the same files."""
    found = measured(runs=2)
    assert found["ours"] > 8 * found["python-hcl2"]


def test_the_files_are_those_of_the_repository() -> None:
    names = {name for name, _ in files()}
    assert "terraform/main.tf" in names
    assert len(names) > 100


def test_time_is_that_of_reading() -> None:
    texts = ["x" * 10, "x" * 20]
    read: list[str] = []
    assert least(read.append, texts, 2) < 1
    assert len(read) == 5
