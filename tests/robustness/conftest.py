"""Runs the command line, and snapshots for it to judge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from robust_command import Mute, Outcome, called_inside
from robust_embedded import Embedded, embedded_aws
from strange_estate import StrangeEstate, write


@pytest.fixture
def mute(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Mute:
    """`mute("scan", DIR)` in an empty folder, in this process."""
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))
    monkeypatch.delenv("MUTE_AUDIT_CHECKOV", raising=False)

    def call(*arguments: object) -> Outcome:
        return called_inside(capsys, arguments)

    return call


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder of describe output: a dozen instances of somebody else's."""
    return write(StrangeEstate(1, instances=12).documents, tmp_path / "account")


@pytest.fixture(scope="module")
def embedded() -> Iterator[Embedded]:
    """The embedded AWS with the estate of this repository's baseline, and its faults at hand."""
    with embedded_aws() as found:
        yield found
