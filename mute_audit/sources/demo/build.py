"""Makes the estate of a baseline in an empty account, through its API as anyone would."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from mute_audit.errors import UsageError
from mute_audit.intent.baseline import Baseline
from mute_audit.sources.demo.build_network import build_network, build_routes
from mute_audit.sources.demo.build_workloads import (
    aws_policies,
    build_buckets,
    build_databases,
    build_instances,
    build_registry,
    build_users,
    public_images,
)
from mute_audit.sources.demo.changes import CHANGES, EXTRA_POLICIES, Hands
from mute_audit.sources.demo.made import Made
from mute_audit.sources.demo.mend import mend_icmp_entries
from mute_audit.sources.demo.stock import stock

__all__ = ["build", "region_of"]

_DEFAULT_REGION = "us-east-1"


def region_of(baseline: Baseline) -> str:
    """Where the estate is made."""
    return baseline.file.region or _DEFAULT_REGION


def build(
    baseline: Baseline, account: str, make: Callable[[str, str], Any], *, drift: bool
) -> None:
    """Everything that `baseline` declares; with `drift`, then the documented changes.

    `make` gives a client for a service and a Region. Raises UsageError for what the baseline
    only points to by id or keeps under `others`: that cannot be made from it.
    """
    if baseline.file.others:
        kind = next(iter(baseline.file.others))
        raise UsageError(f"the embedded AWS cannot make `{kind}`: the baseline only names it")
    region = region_of(baseline)
    client = cache(lambda service: make(service, region))
    stock(
        account,
        region,
        public_images(baseline).values(),
        [*aws_policies(baseline), *(EXTRA_POLICIES if drift else ())],
    )
    made = Made()
    ec2 = client("ec2")
    build_network(baseline, ec2, made)
    for key, acl in baseline.file.network_acls.items():
        mend_icmp_entries(account, region, made.id("network_acls", key), acl)
    build_instances(baseline, ec2, made)
    build_routes(baseline, ec2, made)
    build_databases(baseline, client("rds"), made)
    build_buckets(baseline, make, region)
    build_registry(baseline, client("ecr"))
    build_users(baseline, client("iam"))
    if drift:
        hands = Hands(client, made)
        for change in CHANGES:
            change.make(hands)
