"""What a scan asks for is what `mute-audit iam-policy` grants; without one of it, it says so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.config import Config
from robust_command import Mute
from robust_embedded import BASELINE, Embedded

from mute_audit.sources.demo.isolation import session as isolated
from mute_audit.sources.demo.server import serving
from mute_audit.sources.least_privilege import actions
from mute_audit.sources.live.collect import collect
from mute_audit.sources.live.options import LiveOptions
from tests.sources import moto_estate

# Where IAM calls an action otherwise than the API its operation (Service Authorization
# Reference, Amazon S3); written down a second time, on purpose.
NAMED_OTHERWISE = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3-control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
    "s3-control:ListAccessPoints": "s3:ListAccessPoints",
    "s3-control:GetAccessPoint": "s3:GetAccessPoint",
    "s3-control:GetAccessPointPolicy": "s3:GetAccessPointPolicy",
    "s3-control:GetAccessPointPolicyStatus": "s3:GetAccessPointPolicyStatus",
    "s3-control:ListMultiRegionAccessPoints": "s3:ListMultiRegionAccessPoints",
    "s3-control:GetMultiRegionAccessPointPolicy": "s3:GetMultiRegionAccessPointPolicy",
}
TABLE = yaml.safe_load(Path(__file__).with_name("denied.yaml").read_text("utf-8"))
GROUPS: dict[str, list[str]] = TABLE["groups"]
DENIED: dict[str, dict[str, Any]] = TABLE["denied"]


@cache
def granted(mute_output: str) -> frozenset[str]:
    document = json.loads(mute_output)
    return frozenset(a for s in document["Statement"] for a in s["Action"])


class Recorder:
    """Writes down, in IAM's notation, every call that a session makes."""

    def __init__(self) -> None:
        self.calls: set[str] = set()

    def session(self) -> Any:
        made = isolated(moto_estate.REGION)
        made.events.register("before-call", self._write_down)
        return made

    def _write_down(self, model: Any, **_: Any) -> None:
        service = model.service_model
        prefix = service.endpoint_prefix if service.service_name == "s3control" else ""
        name = f"{prefix or service.signing_name}:{model.name}"
        self.calls.add(NAMED_OTHERWISE.get(name, name))


@pytest.fixture(scope="module")
def recorded() -> Iterator[frozenset[str]]:
    """The calls of a scan of all Regions of an account with one of nearly everything."""
    recorder = Recorder()
    with serving() as server:
        made = isolated(moto_estate.REGION)
        moto_estate.build(
            lambda service, region: made.client(
                service, region_name=region, endpoint_url=server.url
            )
        )
        moto_estate.add_access_point(
            made.client(
                "s3control",
                region_name=moto_estate.REGION,
                endpoint_url=server.url,
                config=Config(inject_host_prefix=False),
            )
        )
        moto_estate.add_wide_access_point(
            made.client("s3", region_name=moto_estate.ELSEWHERE, endpoint_url=server.url),
            made.client(
                "s3control",
                region_name="us-west-2",
                endpoint_url=server.url,
                config=Config(inject_host_prefix=False),
            ),
        )
        collect(
            LiveOptions(
                regions=(moto_estate.REGION,),
                endpoint_url=server.url,
                session=recorder.session,
            ),
            collected_at="",
        )
        alone = frozenset(recorder.calls)
        sign_in = LiveOptions(
            all_regions=True, endpoint_url=server.url, session=recorder.session, max_workers=4
        )
        from mute_audit.sources.live.session import sign_in as enter

        enter(sign_in)
    assert alone < recorder.calls
    return frozenset(recorder.calls)


def test_a_scan_asks_for_nothing_that_the_policy_does_not_grant(
    recorded: frozenset[str], mute: Mute
) -> None:
    assert recorded - granted(mute("iam-policy").out) == set()


def test_the_policy_grants_nothing_that_a_scan_does_not_ask_for(
    recorded: frozenset[str], mute: Mute
) -> None:
    """Every action of it was called for at least one resource of that account."""
    assert granted(mute("iam-policy").out) - recorded == set()


def test_every_action_only_lists_or_reads(mute: Mute) -> None:
    """By the access levels that AWS publishes."""
    from policy_sentry.querying.actions import get_action_data

    levels = {}
    for action in sorted(granted(mute("iam-policy").out)):
        service, _, name = action.partition(":")
        found = get_action_data(service, name)
        assert found, f"{action} is not in the catalogue"
        levels[action] = {row["access_level"] for row in found[service]}
    wrong = {action: level for action, level in levels.items() if not level <= {"List", "Read"}}
    assert wrong == {}
    assert len(levels) == len(actions()) > 50


def test_the_policy_fits_into_a_managed_policy(mute: Mute) -> None:
    """IAM counts 6,144 characters without white space (IAM quotas)."""
    assert len(re.sub(r"\s", "", mute("iam-policy").out)) <= 6144


# --- one call refused ---------------------------------------------------------------------------


def expected(names: list[str]) -> set[str]:
    """Names of policies; `+name` stands for a group of them."""
    found: set[str] = set()
    for name in names:
        found |= expected(GROUPS[name[1:]]) if name.startswith("+") else {name}
    return found


def test_the_table_speaks_of_every_call() -> None:
    assert sorted(DENIED) == sorted(actions())


SAMPLE = {
    "ec2:DescribeVpcs",
    "ec2:DescribeVolumes",
    "s3:GetBucketPolicy",
    "ecr:GetRepositoryPolicy",
    "lambda:ListFunctions",
    "iam:GetAccountAuthorizationDetails",
    "rds:DescribeDBInstances",
    "sts:GetCallerIdentity",
}


def marked(action: str) -> Any:
    marks = [pytest.mark.slow]
    return pytest.param(
        action, marks=[*marks, pytest.mark.sample] if action in SAMPLE else marks, id=action
    )


@pytest.mark.parametrize("action", [marked(action) for action in sorted(DENIED)])
def test_one_refused_call_is_named_and_only_what_needs_it_is_unknown(
    action: str, embedded: Embedded, mute: Mute, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`denied.yaml` says what depends on each call; all else stays as it is."""
    for name, value in (("AWS_ACCESS_KEY_ID", "demo"), ("AWS_SECRET_ACCESS_KEY", "demo")):
        monkeypatch.setenv(name, value)
    row = DENIED[action] or {}
    embedded.fail({action: 403})
    try:
        found = mute(
            "scan",
            "aws",
            "--region",
            embedded.region,
            "--endpoint-url",
            embedded.url,
            *("--policies", "mute", "--policies", "aws", "--baseline", BASELINE),
            *("--format", "json"),
        )
    finally:
        embedded.fail({})
    assert found.code == row.get("exit", 4)
    if found.code == 2:
        assert action.partition(":")[2] in found.err
        return
    report = json.loads(Path("reports/latest/report.json").read_text())
    refused = {gap["what"] for gap in report["gaps"]}
    if found.code == 0:
        # There is nothing in this estate that it would be asked about.
        assert (row["exit"], refused) == (0, set())
    else:
        assert refused == {action}
        assert action in found.out
        codes = {gap["why"].rpartition(": a fault")[0] for gap in report["gaps"]}
        assert codes <= {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
    verdicts: dict[str, set[str]] = {}
    for policy in report["policies"]:
        verdicts.setdefault(policy["verdict"], set()).add(policy["id"])
    assert verdicts.get("unknown", set()) == expected(row.get("policies", []))
    assert verdicts.keys() <= {"pass", "unknown"}
    drift = {
        f"{item['resource']['type']} {item['resource'].get('name') or item['resource']['id']}"
        for item in report.get("drift", [])
    }
    assert {item["kind"] for item in report.get("drift", [])} <= {"unknown"}
    assert drift == expected(row.get("drift", []))
    for finding in (item for policy in report["policies"] for item in policy["findings"]):
        # Not only the report as a whole: whatever is unknown says what it lacks.
        assert {gap["what"] for gap in finding["evidence"].get("gaps", [])} == {action}, finding
