"""The embedded AWS: moto's server behind our own layer, in a thread on a loopback port."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mute_audit.errors import MissingToolError, UsageError
from mute_audit.sources.demo.isolation import own_environment
from mute_audit.sources.demo.layer import Layer

__all__ = ["ACCOUNT", "Server", "empty_account", "listening", "serving"]

# The account that moto answers for.
ACCOUNT = "123456789012"

# moto keeps one state for the whole process: two estates at a time would mix.
_one_at_a_time = threading.Lock()

# With it, the same estate gets the same ids on every start.
_SEED = 2023


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `fail` says which calls go wrong from now on (see Layer)."""

    url: str
    fail: Callable[[Mapping[str, int]], None]


@contextmanager
def serving() -> Iterator[Server]:
    """An empty embedded AWS, which ends with the context.

    Raises MissingToolError where moto is not installed.
    """
    with empty_account(), listening() as server:
        yield server


@contextmanager
def empty_account(settings: Mapping[str, str] | None = None) -> Iterator[None]:
    """moto's state, which belongs to the whole process: empty before and afterwards.

    `settings` are variables of moto (`MOTO_IAM_LOAD_MANAGED_POLICIES`) to use instead of the
    demo's own. Raises MissingToolError where moto is not installed.
    """
    if not _one_at_a_time.acquire(blocking=False):
        raise UsageError("the embedded AWS runs already in this process")
    try:
        with own_environment(settings):
            _handler()
            _emptied()
            try:
                yield
            finally:
                _emptied()
    finally:
        _one_at_a_time.release()


def _handler() -> Any:
    """moto's request handler, without its log and with connections that stay open."""
    try:
        from moto.moto_server.werkzeug_app import MotoRequestHandler
    except ImportError as missing:
        raise MissingToolError(
            f"`demo` needs moto and a web server, and `{missing.name}` is not installed",
            hint="install mute-audit[demo]",
        ) from None

    class Handler(MotoRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, type: str, message: str, *args: Any) -> None:
            """Nothing: standard error is for the person at the terminal."""

    return Handler


def _emptied() -> None:
    from moto.core.base_backend import BackendDict
    from moto.core.model_instances import reset_model_data
    from moto.moto_api._internal import mock_random

    BackendDict.reset()
    reset_model_data()
    mock_random.seed(_SEED)


@contextmanager
def listening() -> Iterator[Server]:
    """A server for the state as it stands, inside of `empty_account`."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import ThreadedWSGIServer

    layer = Layer(DomainDispatcherApplication(create_backend_app))
    server = ThreadedWSGIServer("127.0.0.1", 0, layer, _handler())
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="embedded-aws", daemon=True)
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{server.server_port}", layer.fail)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
