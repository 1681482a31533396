"""The shipped packs over the estate that they were written for.

It is built in an embedded AWS and collected as any account is. Each policy passes there, and
each is failed by one change to what was collected: none of them is a check that cannot fail.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from mute_audit.analysis import Analysis
from mute_audit.finding import PolicyResult
from mute_audit.intent.baseline import load_baseline
from mute_audit.inventory import CALLS
from mute_audit.policy.context import Context
from mute_audit.policy.evaluate import evaluate
from mute_audit.policy.loader import PolicySet, load_policies
from mute_audit.resources import data_dir
from mute_audit.sources.aws_json import load
from mute_audit.sources.raw import RawDocument, RawSnapshot
from mute_audit.verdict import Gap, Verdict

pytestmark = [pytest.mark.slow, pytest.mark.sample]

Json = Any
Change = Callable[["Estate"], None]


class Estate:
    """What was collected, as JSON that a test may change."""

    def __init__(self, raw: RawSnapshot) -> None:
        self.raw = raw
        self.documents = [json.loads(document.read()) for document in raw.documents]
        self.gaps: tuple[Gap, ...] = ()

    def holds(self, key: str) -> bool:
        return any(key in document for document in self.documents)

    def each(self, key: str) -> Iterator[Json]:
        for document in self.documents:
            yield from document.get(key, ())

    def named(self, key: str, name: str) -> Json:
        """The description with this name: its own, or its tag."""
        for item in self.each(key):
            tags = {tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}
            if name in (tags.get("Name"), item.get("GroupName"), item.get("Bucket")):
                return item
        raise LookupError(f"{key} {name}")

    def host(self, name: str) -> Json:
        for block in self.each("Reservations"):
            for item in block["Instances"]:
                if {"Key": "Name", "Value": name} in item["Tags"]:
                    return item
        raise LookupError(name)

    def interfaces(self, name: str) -> list[Json]:
        """A host's interfaces, as DescribeInstances and DescribeNetworkInterfaces show them."""
        host = self.host(name)
        ids = {eni["NetworkInterfaceId"] for eni in host["NetworkInterfaces"]}
        listed = [e for e in self.each("NetworkInterfaces") if e["NetworkInterfaceId"] in ids]
        return [*host["NetworkInterfaces"], *listed]

    def group_id(self, name: str) -> str:
        found: str = self.named("SecurityGroups", name)["GroupId"]
        return found

    def allow(self, group: str, port: int, *, cidr: str = "", source: str = "") -> None:
        self.named("SecurityGroups", group)["IpPermissions"].append(
            {
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "IpRanges": [{"CidrIp": cidr}] if cidr else [],
                "UserIdGroupPairs": [{"GroupId": self.group_id(source)}] if source else [],
            }
        )

    def forbid(self, group: str, port: int) -> None:
        found = self.named("SecurityGroups", group)
        before = len(found["IpPermissions"])
        found["IpPermissions"] = [p for p in found["IpPermissions"] if p.get("FromPort") != port]
        assert len(found["IpPermissions"]) < before

    def default_route(self, table: str) -> Json:
        routes = self.named("RouteTables", table)["Routes"]
        return next(r for r in routes if r.get("DestinationCidrBlock") == "0.0.0.0/0")

    def fail(self, key: str, action: str) -> None:
        """Take a description away, as if its call had been refused."""
        for document, original in zip(self.documents, self.raw.documents, strict=True):
            if document.pop(key, None) is not None:
                where = f"{original.account}/{original.region}"
                self.gaps += (Gap(action, where, "InternalError", key),)
        assert self.gaps

    def results(self, policies: PolicySet) -> dict[str, PolicyResult]:
        documents = tuple(
            RawDocument(d.account, d.region, d.origin, json.dumps(content).encode())
            for d, content in zip(self.raw.documents, self.documents, strict=True)
        )
        inventory = load(RawSnapshot(documents, self.gaps))
        found = evaluate(policies, Context(Analysis(inventory)))
        return {result.id: result for result in found}


@pytest.fixture(scope="module")
def collected() -> RawSnapshot:
    from mute_audit.sources.opening import open_source

    return open_source("demo", now=datetime(2026, 1, 1, tzinfo=UTC)).raw


@pytest.fixture
def estate(collected: RawSnapshot) -> Estate:
    return Estate(collected)


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    baseline = load_baseline(data_dir("baseline") / "mute.yaml")
    return load_policies(["mute", "aws"], baseline.file.values)


def backend_group_on_frontend(estate: Estate) -> None:
    for item in (estate.host("hackathon_frontend_nginx"),):
        item["SecurityGroups"].append({"GroupId": estate.group_id("hackathon_sg_backend")})
    for eni in estate.interfaces("hackathon_frontend_nginx"):
        eni["Groups"].append({"GroupId": estate.group_id("hackathon_sg_backend")})


def proxy_forwards(estate: Estate) -> None:
    for eni in estate.interfaces("hackathon_backend_nginx"):
        eni["SourceDestCheck"] = False


def private_subnet_is_published(estate: Estate) -> None:
    igw = next(iter(estate.each("InternetGateways")))["InternetGatewayId"]
    route = estate.default_route("hackathon_rtb_private2")
    route.pop("NatGatewayId")
    route["GatewayId"] = igw
    for eni in estate.interfaces("hackathon_backend_nestjs"):
        public = {"PublicIp": "198.51.100.77"}
        eni["Association"] = public
        for address in eni["PrivateIpAddresses"]:
            address["Association"] = public


def bucket_writable(estate: Estate) -> None:
    policy = estate.named("BucketPolicies", "hackathon-mute-backend")
    document = json.loads(policy["Policy"])
    extra = copy.deepcopy(next(s for s in document["Statement"] if s["Effect"] == "Allow"))
    extra["Sid"] = "Write"
    extra["Action"] = ["s3:PutObject"]
    document["Statement"].append(extra)
    policy["Policy"] = json.dumps(document)


def user_in_group(estate: Estate) -> None:
    next(iter(estate.each("UserDetailList")))["GroupList"] = ["admins"]


def repository_shared(estate: Estate) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
        "Action": "ecr:BatchGetImage",
    }
    policy = next(iter(estate.each("RepositoryPolicies")))
    policy["policyText"] = json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def nat_gone(estate: Estate) -> None:
    for nat in estate.each("NatGateways"):
        nat["State"] = "deleted"


CHANGES: dict[str, Change] = {
    "mute-rds-only-from-backend": backend_group_on_frontend,
    "mute-rds-never-from-internet": proxy_forwards,
    "mute-internet-exposure": lambda e: e.allow("hackathon_sg_jenkins", 8080, cidr="0.0.0.0/0"),
    "mute-ai-only-from-backend": lambda e: e.allow(
        "hackathon_sg_ai", 3000, source="hackathon_sg_frontend"
    ),
    "mute-private-subnets-unreachable": private_subnet_is_published,
    "mute-works-internet-to-frontend": lambda e: e.forbid("hackathon_sg_frontend", 443),
    "mute-works-internet-to-backend": lambda e: e.forbid("hackathon_sg_backend", 443),
    "mute-works-backend-to-rds": lambda e: e.forbid("hackathon_sg_rds", 5432),
    "mute-works-backend-to-ai": lambda e: e.forbid("hackathon_sg_ai", 5000),
    "mute-works-jenkins-deploys": lambda e: e.forbid("hackathon_sg_ai", 22),
    "mute-works-private-egress-by-nat": nat_gone,
    "mute-s3-public-read-only": bucket_writable,
    "mute-iam-s3-ai-exact": user_in_group,
    "mute-ecr-private": repository_shared,
}


def test_every_policy_passes_on_the_estate_as_intended(estate: Estate, policies: PolicySet) -> None:
    results = estate.results(policies)
    assert {id_: r.verdict for id_, r in results.items() if r.verdict is not Verdict.PASS} == {}
    # Each policy of the stack had something to judge.
    assert {id_ for id_, r in results.items() if not r.judged and id_.startswith("mute-")} == set()
    assert [f for r in results.values() for f in r.findings] == []


def test_there_is_a_change_for_every_policy_of_the_stack(policies: PolicySet) -> None:
    assert set(CHANGES) == {p.id for p in policies if p.id.startswith("mute-")}


@pytest.mark.parametrize("policy_id", sorted(CHANGES))
def test_one_change_fails_the_policy(estate: Estate, policies: PolicySet, policy_id: str) -> None:
    CHANGES[policy_id](estate)
    result = estate.results(policies.select(only=[policy_id]))[policy_id]
    assert result.verdict is Verdict.FAIL
    assert all(f.verdict is Verdict.FAIL for f in result.findings)


def test_a_published_private_subnet_is_seen_by_each_policy_that_speaks_of_it(
    estate: Estate, policies: PolicySet
) -> None:
    private_subnet_is_published(estate)
    failed = {id_ for id_, r in estate.results(policies).items() if r.verdict is Verdict.FAIL}
    assert failed == {
        "mute-internet-exposure",
        "mute-private-subnets-unreachable",
        "mute-works-private-egress-by-nat",
    }


def test_block_public_access_that_fails_leaves_all_other_verdicts(
    estate: Estate, policies: PolicySet
) -> None:
    estate.fail("VpcBlockPublicAccessOptions", "ec2:DescribeVpcBlockPublicAccessOptions")
    results = estate.results(policies)
    open_ = {id_ for id_, r in results.items() if r.verdict is not Verdict.PASS}
    assert open_ == {
        "mute-works-internet-to-frontend",
        "mute-works-internet-to-backend",
        "mute-works-private-egress-by-nat",
    }
    for id_ in open_:
        assert results[id_].verdict is Verdict.UNKNOWN
        assert {gap.what for gap in results[id_].gaps} == {
            "ec2:DescribeVpcBlockPublicAccessOptions"
        }


@pytest.mark.parametrize("key", CALLS)
def test_a_call_that_fails_never_fails_a_policy_and_never_hides_a_violation(
    collected: RawSnapshot, policies: PolicySet, key: str
) -> None:
    estate = Estate(collected)
    if not estate.holds(key):
        pytest.skip(f"the estate is described without {key}")
    estate.fail(key, CALLS[key].action)
    for result in estate.results(policies).values():
        assert result.verdict in (Verdict.PASS, Verdict.UNKNOWN), result.id
        if result.verdict is Verdict.UNKNOWN:
            assert result.findings
            assert all(f.evidence.gaps or f.evidence.notes for f in result.findings)
    for policy_id, change in CHANGES.items():
        estate = Estate(collected)
        change(estate)
        estate.fail(key, CALLS[key].action)
        result = estate.results(policies.select(only=[policy_id]))[policy_id]
        assert result.verdict in (Verdict.FAIL, Verdict.UNKNOWN), policy_id
