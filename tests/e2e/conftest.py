"""Estates that tests may change as they like: each test gets a copy."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from estates import BASELINE, POLICIES, SHELL, Built, Copies, as_it_is
from judging import CLEAN, scan
from renaming import TRACES, draw


@contextmanager
def somebody_elses_shell() -> Iterator[pytest.MonkeyPatch]:
    """Invented credentials, and nothing of this machine's configuration."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in SHELL.items():
            patch.setenv(name, value)
        yield patch


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path) -> Iterator[None]:
    """So that no `mute-audit.yaml` is found."""
    with somebody_elses_shell() as patch:
        patch.chdir(tmp_path)
        yield


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """The stack of this repository, built from its baseline."""
    folder = tmp_path_factory.mktemp("stack")
    with building(BASELINE, POLICIES, as_it_is, folder) as built:
        yield built


# Drawn once and kept: another seed is another estate, whose tests nobody has seen pass.
SEED = 20


@pytest.fixture(scope="session")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """The same with other names, CIDRs and Region, drawn by a seed."""
    renaming = draw(SEED, BASELINE, POLICIES)
    folder = tmp_path_factory.mktemp("renamed")
    baseline = renaming.write(BASELINE, folder / "estate.yaml")
    policies = renaming.write(POLICIES, folder / "promises")
    for path in (baseline, *policies.iterdir()):
        assert not TRACES.search(path.read_text(encoding="utf-8")), path
    with building(baseline, policies, renaming, folder) as built:
        yield built


@contextmanager
def building(
    baseline: Path, policies: Path, text: Callable[[str], str], folder: Path
) -> Iterator[Built]:
    copies = Copies(baseline)
    try:
        # Shows that it is clean as it is, and loads all that moto loads when it is first asked.
        with somebody_elses_shell():
            found = scan(copies.url, text("ap-northeast-2"), policies, baseline, folder)
        assert found == CLEAN
        copies.freeze()
        yield Built(copies, text, baseline, policies)
    finally:
        copies.end()
