"""Each change to the estate is found, with the rule that did it, and nothing else is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from estates import Built, Estate
from judging import scan
from mutating import Culprits, Mutation
from mutations import HARMFUL, HARMLESS, MUTATIONS

pytestmark = pytest.mark.slow


def listed(mutations: tuple[Mutation, ...]) -> list[object]:
    return [
        pytest.param(one, id=one.name, marks=[pytest.mark.sample] if one.sample else [])
        for one in mutations
    ]


def expected(lines: tuple[str, ...], estate: Estate, culprits: Culprits) -> frozenset[str]:
    """The lines in the words of this estate; `@NAME` is the address of an instance."""

    def address(match: re.Match[str]) -> str:
        return str(estate.instance(match[1])["PrivateIpAddress"])

    return frozenset(estate.text(re.sub(r"@([\w-]+)", address, line)) for line in lines)


def check(built: Built, mutation: Mutation, out: Path) -> None:
    with built.copies.copy(built.text) as estate:
        culprits = mutation.make(estate)
        found = scan(estate.url, estate.region, built.policies, built.baseline, out)
        fails = expected(mutation.fails, estate, culprits)
        drift = expected(mutation.drift, estate, culprits)
    assert found.open == frozenset()
    assert found.fails == fails
    assert found.drift == drift
    assert found.exit_code == mutation.exit_code
    for line, evidence in found.evidence.items():
        assert any(culprit in evidence for culprit in culprits), f"{line}: {evidence}"


@pytest.mark.parametrize("mutation", listed(MUTATIONS))
def test_a_change_is_found_and_nothing_else(
    stack: Built, mutation: Mutation, tmp_path: Path
) -> None:
    check(stack, mutation, tmp_path)


@pytest.mark.parametrize("mutation", listed(MUTATIONS))
def test_a_change_is_found_on_an_estate_with_other_names(
    renamed: Built, mutation: Mutation, tmp_path: Path
) -> None:
    check(renamed, mutation, tmp_path)


def test_the_table_is_as_long_as_promised() -> None:
    assert len(HARMFUL) >= 30
    assert len(HARMLESS) >= 10
    assert len({one.name for one in MUTATIONS}) == len(MUTATIONS)
