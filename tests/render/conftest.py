"""The sample reports as fixtures (loaded by path: test folders are no packages)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from mute_audit.finding import Report


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "render_sample", Path(__file__).with_name("sample.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def sample() -> ModuleType:
    return _load()


@pytest.fixture
def clean(sample: ModuleType) -> Report:
    return sample.clean_report()


@pytest.fixture
def changed(sample: ModuleType) -> Report:
    return sample.changed_report()


@pytest.fixture
def hostile(sample: ModuleType) -> Report:
    return sample.hostile_report()
