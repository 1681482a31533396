"""Estates that tests may change as they like: each test gets a copy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from estates import Built, Copies, as_it_is
from renaming import TRACES, draw

ROOT = Path(__file__).parents[2]
BASELINE = ROOT / "baseline" / "mute.yaml"
POLICIES = ROOT / "policies" / "mute"


@pytest.fixture(autouse=True)
def somebody_elses_shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Invented credentials, an empty folder, and nothing of this machine's configuration."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def stack() -> Iterator[Built]:
    """The stack of this repository, built from its baseline."""
    with building(BASELINE) as copies:
        copies.freeze()
        yield Built(copies, as_it_is, BASELINE, POLICIES)


@pytest.fixture(scope="session", params=[1, 2])
def renamed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    """The same with other names, CIDRs and Region, for each seed."""
    renaming = draw(request.param, BASELINE, POLICIES)
    folder = tmp_path_factory.mktemp("renamed")
    baseline = renaming.write(BASELINE, folder / "estate.yaml")
    policies = renaming.write(POLICIES, folder / "promises")
    for path in (baseline, *policies.iterdir()):
        assert not TRACES.search(path.read_text(encoding="utf-8")), path
    with building(baseline) as copies:
        copies.freeze()
        yield Built(copies, renaming, baseline, policies)


@contextmanager
def building(baseline: Path, *flags: str) -> Iterator[Copies]:
    copies = Copies(baseline, *flags)
    try:
        yield copies
    finally:
        copies.end()
