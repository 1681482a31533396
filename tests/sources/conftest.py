"""A moto server in a process of its own, with an estate in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from botocore.config import Config
from moto_estate import NO_ACCOUNT_BLOCK, REGION, Estate, build, session

from mute_audit.sources.live import LiveOptions

# In a process of its own: moto keeps its state in the process, where other tests would meet it.
_SERVER = """
import logging, sys
logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The address of a moto server."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"MOTO_EC2_LOAD_DEFAULT_AMIS": "false", "PATH": "/usr/bin:/bin"},
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    port = process.stdout.readline().strip()
    assert port, "moto did not start"
    yield f"http://127.0.0.1:{port}"
    process.stdin.close()
    process.wait(timeout=10)


@pytest.fixture(scope="session")
def estate(moto: str) -> Estate:
    """The account in it; nobody changes it afterwards."""

    def client(service: str, region: str) -> Any:
        return session().client(
            service,
            region_name=region,
            endpoint_url=moto,
            config=Config(retries={"max_attempts": 0}),
        )

    return build(client)


@pytest.fixture
def options(moto: str, estate: Estate) -> LiveOptions:
    """With S3 Control answered: the account has no public access block."""
    return LiveOptions(
        regions=(REGION,), endpoint_url=moto, session=partial(session, NO_ACCOUNT_BLOCK)
    )
