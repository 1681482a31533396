"""docs/policies.md: every kind with its fields, and examples that load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mute_audit.policy.loader import load_policies
from mute_audit.policy.model import BasePolicy, Exposed
from mute_audit.policy.predicate import OPERATORS
from mute_audit.policy.registry import KINDS
from mute_audit.waivers import load_waivers

PAGE = (Path(__file__).parents[2] / "docs" / "policies.md").read_text("utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
POLICIES = [block for block in BLOCKS if "mute: policy/v1" in block]
WAIVERS = [block for block in BLOCKS if "mute: waivers/v1" in block]


def section(kind: str) -> str:
    """The part of the page under the kind's heading."""
    _, _, rest = PAGE.partition(f"\n### `{kind}`\n")
    return re.split(r"\n##+ ", rest)[0]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_told_with_every_field_of_its_own(kind: str) -> None:
    text = section(kind)
    assert text, f"no heading for {kind}"
    model = KINDS[kind].model
    own = set(model.model_fields) - set(BasePolicy.model_fields)
    names = {model.model_fields[name].alias or name for name in own}
    for name in names:
        assert f"| `{name}` |" in text, f"{kind}: {name} is not told"
    assert f"kind: {kind}\n" in text, f"{kind} has no example"


def test_no_kind_is_told_that_does_not_exist() -> None:
    told = re.findall(r"^### `([a-z0-9.-]+)`$", PAGE, re.MULTILINE)
    assert sorted(told) == sorted(KINDS)


def test_fields_that_every_policy_has_are_told() -> None:
    for name in set(BasePolicy.model_fields) | set(Exposed.model_fields):
        assert f"`{name.rstrip('_')}`" in PAGE


def test_every_operator_is_told() -> None:
    rows = [line for line in section("config").splitlines() if line.startswith("| `")]
    told = {word for row in rows for word in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert set(OPERATORS) <= told


@pytest.mark.parametrize("number", range(len(POLICIES)))
def test_every_example_loads(tmp_path: Path, number: int) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(POLICIES[number], "utf-8")
    assert len(load_policies([path], {})) > 0


def test_the_waiver_loads(tmp_path: Path) -> None:
    (text,) = WAIVERS
    path = tmp_path / "waivers.yaml"
    path.write_text(text, "utf-8")
    assert load_waivers(path).waivers
