"""What no snapshot may hold is cut; what only sounds alike stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mute_audit.sources.keys import FIELDS
from mute_audit.sources.redaction import CUT_PATHS, MASK, cut, cut_json

CANARY = "canary-4f1c"


def planted(path: tuple[str, ...], value: Any) -> Any:
    """An item with `value` at `path`."""
    for step in reversed(path):
        value = [value] if step == "*" else {step: value, "Beside": "stays"}
    return value


@pytest.mark.parametrize(
    ("key", "path"), [(key, path) for key, paths in CUT_PATHS.items() for path in paths]
)
@pytest.mark.parametrize("value", [CANARY, {"Variables": {"A": CANARY}}, [CANARY]])
def test_every_path_of_the_table_is_cut(key: str, path: tuple[str, ...], value: Any) -> None:
    items = [planted(path, value)]
    cleaned = cut(key, items)
    assert CANARY not in json.dumps(cleaned)
    assert "stays" in json.dumps(cleaned)
    assert CANARY in json.dumps(items), "the given items stay as they are"
    assert json.loads(cut_json(key, json.dumps(items).encode())) == cleaned


def test_the_table_knows_only_keys_of_the_inventory() -> None:
    assert set(CUT_PATHS) <= set(FIELDS)


@pytest.mark.parametrize(
    "name",
    ["UserData", "MasterUserPassword", "PreSharedKey", "environment", "SecretString", "authToken"],
)
def test_names_of_secrets_are_cut_at_any_depth_of_any_key(name: str) -> None:
    items = [{"A": [{"B": {name: CANARY, "C": 1}}]}]
    assert cut("Vpcs", items) == [{"A": [{"B": {"C": 1}}]}]
    assert CANARY.encode() not in cut_json("Vpcs", json.dumps(items).encode())


def test_what_only_sounds_like_a_secret_stays() -> None:
    """The ARN of a secret is evidence: the password is managed."""
    item = {
        "MasterUserSecret": {"SecretArn": "arn:aws:secretsmanager:::secret:x"},
        "PasswordLastUsed": "2026-01-01",
        "MetadataOptions": {"HttpTokens": "required"},
        "secretOptions": [{"name": "a", "valueFrom": "arn:aws:ssm:::parameter/x"}],
    }
    assert cut("DBInstances", [item]) == [item]


@pytest.mark.parametrize(
    "name", ["db_password", "API-KEY", "github_token", "Secret", "credentials"]
)
def test_the_value_of_a_tag_named_like_a_secret_is_masked(name: str) -> None:
    tags = [{"Key": name, "Value": CANARY}, {"Key": "Name", "Value": "web"}]
    assert cut("Vpcs", [{"Tags": tags}]) == [
        {"Tags": [{"Key": name, "Value": MASK}, {"Key": "Name", "Value": "web"}]}
    ]
    ecs = [{"tags": [{"key": name, "value": CANARY}]}]
    assert cut("services", ecs) == [{"tags": [{"key": name, "value": MASK}]}]


@pytest.mark.parametrize(
    "name", ["Name", "Environment", "tokenizer", "Team", "aws:cloudformation:x"]
)
def test_ordinary_tags_stay(name: str) -> None:
    item = {"Tags": [{"Key": name, "Value": "x"}]}
    assert cut("Vpcs", [item]) == [item]


def test_a_private_key_is_masked_wherever_it_stands() -> None:
    text = "hello -----BEGIN RSA PRIVATE KEY-----\nMIIE…"
    assert cut("Vpcs", [{"Description": text}]) == [{"Description": MASK}]
    assert b"MIIE" not in cut_json("Vpcs", json.dumps([{"Description": text}]).encode())


def test_text_without_anything_suspicious_is_passed_on_as_it_is() -> None:
    text = b'[ {"VpcId":   "vpc-1"} ]'
    assert cut_json("Vpcs", text) == text
