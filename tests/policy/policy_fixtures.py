"""A policy, and the estate that it judges: fixtures of the checks and of their repairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from policy_estate import Document, documents

from mute_audit.policy.model import BasePolicy, PolicyFile

__all__ = ["estate", "make"]

WORDS = {"en": "A title", "ko": "제목"}

Make = Callable[..., Any]


@pytest.fixture
def estate() -> Document:
    """The small estate, fresh for each test to change."""
    return documents()


@pytest.fixture
def make() -> Make:
    """A policy of a kind, from its own fields alone; a key that is a Python word ends in `_`."""

    def policy(kind: str, **fields: Any) -> BasePolicy:
        written = {
            "id": "under-test",
            "title": WORDS,
            "severity": "high",
            "description": WORDS,
            "remediation": WORDS,
            "kind": kind,
            **{name.removesuffix("_"): value for name, value in fields.items()},
        }
        file = PolicyFile.model_validate({"mute": "policy/v1", "policies": [written]})
        return file.policies[0]

    return policy
