"""What keeps the demo apart from the person who runs it: nothing of theirs is read or reached.

Profiles, credentials, proxies and endpoints of the environment are meant for real accounts.
In here they would at best confuse, at worst send the demo's calls to one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

__all__ = ["own_environment", "session"]

_FOREIGN = ("AWS_", "MOTO_", "TEST_SERVER_MODE", "TEST_PROXY_MODE", "INITIAL_NO_AUTH")
_OWN = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
# 1,286 images that nobody here uses take seconds to load, in each Region.
_SETTINGS = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false"}

_PREFIXED = re.compile(r"(?<=^http:)//[^/]+\.(127\.0\.0\.1[:/])")


@contextmanager
def own_environment(settings: Mapping[str, str] | None = None) -> Iterator[None]:
    """Replaces the process's AWS_* and MOTO_* variables, and puts them back at the end.

    `settings` are the variables of moto, if not the demo's own.

    Not only for our own sessions: moto makes some by itself while it is imported, and a
    profile that does not exist would stop it.
    """
    foreign = {name: value for name, value in os.environ.items() if name.startswith(_FOREIGN)}
    for name in foreign:
        del os.environ[name]
    own = {**_OWN, **(_SETTINGS if settings is None else settings)}
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            os.environ.pop(name, None)
        os.environ.update(foreign)


def session(region: str) -> Any:
    """A boto3 session with invented credentials, for the embedded AWS alone."""
    import boto3
    from botocore.config import Config
    from botocore.session import Session

    core = Session()
    core.set_credentials("demo", "demo")
    # Loopback is reached directly, whatever proxies are set.
    core.set_default_client_config(Config(proxies={}))
    core.register("before-sign", _straight_to_loopback)
    return boto3.Session(botocore_session=core, region_name=region)


def _straight_to_loopback(**event: Any) -> None:
    """S3 Control puts the account id before the host: `123456789012.127.0.0.1` is nowhere."""
    request = event["request"]
    request.url = _PREFIXED.sub(r"//\1", request.url)
