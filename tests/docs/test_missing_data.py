"""docs/missing-data.md says what the table of calls says."""

from __future__ import annotations

from pathlib import Path

from mute_audit.inventory.calls import CALLS

PAGE = Path(__file__).parents[2] / "docs" / "missing-data.md"


def test_every_call_stands_in_the_page_with_its_default() -> None:
    """One row a call, in the table's order, with the default or the word gap."""
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    expected = [
        f"| `{call.key}` | `{call.action}` | {call.absent or '**gap**: what needs it is unknown'} |"
        for call in CALLS.values()
    ]
    assert rows == expected
