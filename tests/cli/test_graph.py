"""`mute-audit graph` as text: ways, the fewest steps, and what to cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from policy_estate import documents

from mute_audit.network.graph_formats import FORMATS
from tests.cli.conftest import Mute
from tests.cli.test_against import saved


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return saved(tmp_path / "estate", documents())


def test_an_attack_path_is_told_step_by_step(mute: Mute, folder: Path) -> None:
    """From the internet over two hosts to the database, in that order, with what decides."""
    words = ("graph", folder, "--from", "internet", "--to", "orders", "--only", "attack-path")
    found = mute(*words, "--format", "text")
    steps = [line for line in found.out.splitlines() if not line.startswith("  ")]
    assert [step.partition(": tcp")[0] for step in steps] == [
        "internet:203.0.113.0/24 → web",
        "internet → web",
        "web → app",
        "app → orders",
    ]
    assert steps[1].endswith("through internet-gateway")
    assert "  by: " in found.out
    assert "  packet: tcp " in found.out


def test_the_minimum_cut_names_the_connection(mute: Mute, folder: Path) -> None:
    words = ("graph", folder, "--from", "internet", "--to", "orders", "--only", "minimum-cut")
    found = mute(*words, "--format", "text")
    steps = [line for line in found.out.splitlines() if not line.startswith("  ")]
    assert len(steps) == 1


def test_nothing_is_said_to_be_nothing(mute: Mute, folder: Path) -> None:
    words = ("graph", folder, "--from", "orders", "--to", "app")
    assert mute(*words, "--format", "text").out == "nothing gets through\n"


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_offered(mute: Mute, folder: Path, form: str) -> None:
    assert mute("graph", folder, "--to", "orders", "--format", form).code == 0
