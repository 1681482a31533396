"""An embedded AWS in a process of its own, which every test may fill and empty."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from terraform_runs import attached

_SERVER = """
import sys
from mute_audit.sources.demo.server import serving
with serving() as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="session")
def embedded_aws() -> Iterator[str]:
    """Its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[3],
        env={"PATH": "/usr/bin:/bin"},
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    url = process.stdout.readline().strip()
    assert url, "the embedded AWS did not start"
    yield url
    process.stdin.close()
    process.wait(timeout=10)


@pytest.fixture(scope="session")
def aws_provider(embedded_aws: str) -> Iterator[Mapping[str, str]]:
    """The provider that all runs share, and whose AWS is the embedded one."""
    with attached(embedded_aws) as found:
        yield found
