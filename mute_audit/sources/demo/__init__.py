"""The embedded AWS: the estate of a baseline, for `scan demo` and for tests.

moto's server on a loopback port, with the estate made in it through boto3. What comes after
that is the live source, which scans it like any endpoint and knows nothing of all this.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mute_audit.errors import UsageError

if TYPE_CHECKING:
    from mute_audit.intent.baseline import Baseline
    from mute_audit.sources.demo.changes import Change
    from mute_audit.sources.live.options import LiveOptions

__all__ = ["FAULT_VARIABLE", "Demo", "read_faults", "running"]

# `ec2:DescribeVpcs=500,s3:GetBucketPolicy=403`: which calls the demo refuses, and how.
FAULT_VARIABLE = "MUTE_AUDIT_DEMO_FAULT"


@dataclass(frozen=True, slots=True)
class Demo:
    """A running embedded AWS.

    drift  the changes that were made behind the baseline's back, if any
    """

    endpoint_url: str
    region: str
    account: str
    drift: tuple[Change, ...] = ()

    @property
    def changes(self) -> tuple[str, ...]:
        """The changes in words."""
        return tuple(change.title.en for change in self.drift)

    def session(self) -> Any:
        """A boto3 session that reaches this endpoint alone."""
        from mute_audit.sources.demo.isolation import session

        return session(self.region)

    def client(self, service: str, region: str = "") -> Any:
        """A boto3 client for it."""
        return self.session().client(
            service, region_name=region or self.region, endpoint_url=self.endpoint_url
        )

    def options(self) -> LiveOptions:
        """What the live source needs to scan it."""
        from mute_audit.sources.live.options import LiveOptions

        return LiveOptions(
            regions=(self.region,), endpoint_url=self.endpoint_url, session=self.session
        )


@contextmanager
def running(
    drift: bool = False,
    *,
    baseline: Baseline | None = None,
    faults: Mapping[str, int] | None = None,
) -> Iterator[Demo]:
    """An embedded AWS with the estate of `baseline` (default: that of this repository).

    `faults` maps calls in IAM's notation to the HTTP status that they are answered with, once
    the estate stands; without it, the environment variable FAULT_VARIABLE says which. Only
    one runs in a process at a time, and while it does, the process's AWS_* variables are
    replaced by harmless ones. Raises MissingToolError where moto is not installed.
    """
    from mute_audit.resources import data_dir
    from mute_audit.sources.demo.build import build, region_of
    from mute_audit.sources.demo.changes import CHANGES
    from mute_audit.sources.demo.isolation import session
    from mute_audit.sources.demo.server import ACCOUNT, serving

    failing = read_faults(os.environ.get(FAULT_VARIABLE, "")) if faults is None else faults
    if baseline is None:
        from mute_audit.intent.baseline import load_baseline

        baseline = load_baseline(data_dir("baseline") / "mute.yaml")
    region = region_of(baseline)
    with serving() as server:
        builder = session(region)
        build(
            baseline,
            ACCOUNT,
            lambda service, home: builder.client(
                service, region_name=home, endpoint_url=server.url
            ),
            drift=drift,
        )
        server.fail(failing)
        yield Demo(server.url, region, ACCOUNT, CHANGES if drift else ())


def read_faults(text: str) -> dict[str, int]:
    """`action=status` pairs, with commas between them; raises UsageError."""
    faults = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        action, _, status = item.rpartition("=")
        if ":" not in action or not (status.isdigit() and 400 <= int(status) <= 599):
            raise UsageError(
                f"`{item}` in {FAULT_VARIABLE} is not a call and an error",
                hint="for example ec2:DescribeVpcs=500",
            )
        faults[action] = int(status)
    return faults
