"""What a command prints as JSON is what its published schema says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mute_audit.cli.schema import SCHEMAS, text_of
from mute_audit.resources import schema_path
from tests.cli.conftest import Mute

CONFORMANCE = Path(__file__).parents[3] / "shared" / "conformance" / "snapshots"
SNAPSHOT = CONFORMANCE / "test-nat-gateway"

needs_conformance = pytest.mark.skipif(
    not SNAPSHOT.is_dir(), reason="the conformance snapshots are not beside the repository"
)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_fresh(name: str) -> None:
    """The file in the package is what `mute-audit schema NAME` prints (`make schemas`)."""
    assert schema_path(name).read_text("utf-8") == text_of(name)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    """It is valid JSON Schema, and does not accept just anything."""
    document = SCHEMAS[name]()
    jsonschema.Draft202012Validator.check_schema(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"no": "such document"}, document)


def check(name: str, text: str) -> Mapping[str, Any]:
    document = json.loads(text)
    jsonschema.validate(document, SCHEMAS[name]())
    return dict(document)


@needs_conformance
@pytest.mark.parametrize("port", ["tcp/22", "tcp/80", "icmp/8", "107", "all"])
def test_trace(mute: Mute, port: str) -> None:
    """Reachable and unreachable answers alike."""
    found = mute(
        "trace",
        SNAPSHOT,
        "--from",
        "internet:8.8.8.8",
        "--to",
        "Jump Host",
        "--port",
        port,
        "--format",
        "json",
    )
    document = check("trace", found.out)
    assert document["verdict"] == ("reachable" if found.code == 0 else "unreachable")


@needs_conformance
def test_reach_and_graph(mute: Mute) -> None:
    """The flows and the graph of a whole snapshot."""
    reach = check("reach", mute("reach", SNAPSHOT, "--to", "Jump Host", "--format", "json").out)
    assert {flow["from"]["id"] for flow in reach["flows"]} >= {"internet"}
    for more in ("--transitive", "--latent"):
        asked = mute("reach", SNAPSHOT, "--to", "Jump Host", more, "--format", "json")
        assert check("reach", asked.out)["asked"] == more.removeprefix("--")
    graph = check("graph", mute("graph", SNAPSHOT, "--format", "json").out)
    assert {node["id"] for node in graph["nodes"]} >= {"internet"}
    assert graph["edges"]
