"""The embedded AWS with an estate in it, scanned by the command line like any endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mute_audit.intent.baseline import load_baseline
from mute_audit.resources import data_dir
from mute_audit.sources.demo.build import build, region_of
from mute_audit.sources.demo.isolation import session
from mute_audit.sources.demo.server import ACCOUNT, serving
from mute_audit.sources.live.options import LiveOptions

__all__ = ["ACCOUNT", "BASELINE", "Embedded", "embedded_aws"]

BASELINE = data_dir("baseline") / "mute.yaml"


@dataclass(frozen=True)
class Embedded:
    """A running one; `fail` says which calls are answered with which HTTP status from now on."""

    url: str
    region: str
    fail: Callable[[Mapping[str, int]], None]

    def session(self) -> Any:
        return session(self.region)

    def options(self, **more: Any) -> LiveOptions:
        given = {"session": self.session, **more}
        return LiveOptions(regions=(self.region,), endpoint_url=self.url, **given)


@contextmanager
def embedded_aws() -> Iterator[Embedded]:
    baseline = load_baseline(BASELINE)
    region = region_of(baseline)
    with serving() as server:
        made = session(region)
        build(
            baseline,
            ACCOUNT,
            lambda service, home: made.client(service, region_name=home, endpoint_url=server.url),
            drift=False,
        )
        yield Embedded(server.url, region, server.fail)
