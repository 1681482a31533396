"""Each change to the estate is found, with the rule that did it, and nothing else is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from checking import check
from estates import Built
from mutating import Mutation
from mutations import HARMFUL, HARMLESS, MUTATIONS

pytestmark = pytest.mark.slow


def listed(mutations: tuple[Mutation, ...]) -> list[object]:
    return [
        pytest.param(one, id=one.name, marks=[pytest.mark.sample] if one.sample else [])
        for one in mutations
    ]


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
