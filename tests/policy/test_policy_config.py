"""`config` and `drift`: fields of resources, and differences to the baseline."""

from __future__ import annotations

from typing import Any

import pytest
from policy_estate import ACCOUNT, REGION, Document, analysis, refuse
from pydantic import ValidationError

from mute_audit.finding import PolicyResult
from mute_audit.policy.checks.config import config
from mute_audit.policy.context import Context
from mute_audit.verdict import Gap, Verdict


def judge(policy: Any, estate: Document, *gaps: Gap) -> PolicyResult:
    return config(policy, Context(analysis(estate, *gaps)))


def host(estate: Document, number: int = 0) -> Document:
    found: Document = estate["Reservations"][0]["Instances"][number]
    return found


@pytest.fixture
def imds(make: Any) -> Any:
    return make(
        "config",
        type="ec2.instance",
        where=[{"field": "MetadataOptions.HttpEndpoint", "equals": "enabled"}],
        assert_=[{"field": "MetadataOptions.HttpTokens", "equals": "required"}],
    )


def test_passes_when_every_resource_fits(imds: Any, estate: Document) -> None:
    result = judge(imds, estate)
    assert (result.verdict, result.judged) == (Verdict.PASS, 3)


def test_a_resource_that_does_not_fit_fails_with_what_is_there(imds: Any, estate: Document) -> None:
    host(estate)["MetadataOptions"]["HttpTokens"] = "optional"
    result = judge(imds, estate)
    (found,) = result.findings
    assert (result.verdict, found.code) == (Verdict.FAIL, "config.mismatch")
    assert found.resource.name == "web"
    assert (found.params["expected"], found.params["actual"]) == ("required", "optional")


def test_where_leaves_resources_out(imds: Any, estate: Document) -> None:
    host(estate)["MetadataOptions"] = {"HttpTokens": "optional", "HttpEndpoint": "disabled"}
    result = judge(imds, estate)
    assert (result.verdict, result.judged) == (Verdict.PASS, 2)


def test_a_field_that_is_not_described_is_unknown(imds: Any, estate: Document) -> None:
    del host(estate)["MetadataOptions"]
    result = judge(imds, estate)
    (found,) = result.findings
    assert (result.verdict, found.code) == (Verdict.UNKNOWN, "config.unknown")
    assert found.evidence.gaps[0].what == "field MetadataOptions.HttpEndpoint"


def test_what_lacks_the_same_field_is_one_finding(imds: Any, estate: Document) -> None:
    """A snapshot of an old program has no metadata options at all: that is said once."""
    for instance in estate["Reservations"][0]["Instances"]:
        del instance["MetadataOptions"]
    result = judge(imds, estate)
    (found,) = result.findings
    assert (result.verdict, result.judged) == (Verdict.UNKNOWN, 3)
    assert (found.code, found.params["actual"]) == ("config.unknown_many", "3")
    assert found.params["name"] == "app, other, web"
    assert found.resource.label == f"{ACCOUNT}/{REGION}"
    (gap,) = result.gaps
    assert (gap.what, gap.where) == ("field MetadataOptions.HttpEndpoint", f"{ACCOUNT}/{REGION}")


def test_what_lacks_a_field_hides_no_other_failure(imds: Any, estate: Document) -> None:
    web, app, other = estate["Reservations"][0]["Instances"]
    del app["MetadataOptions"], other["MetadataOptions"]
    web["MetadataOptions"]["HttpTokens"] = "optional"
    result = judge(imds, estate)
    assert [found.code for found in result.findings] == ["config.mismatch", "config.unknown_many"]


def test_a_call_that_failed_is_unknown(imds: Any, estate: Document) -> None:
    gap = refuse(estate, "Reservations", "ec2:DescribeInstances")
    result = judge(imds, estate, gap)
    assert (result.verdict, result.judged) == (Verdict.UNKNOWN, 0)
    assert result.gaps == (gap,)


def test_instances_that_a_snapshot_does_not_hold_are_unknown_and_not_none(
    imds: Any, estate: Document
) -> None:
    del estate["Reservations"]
    assert judge(imds, estate).verdict is Verdict.UNKNOWN


def test_databases_that_a_snapshot_does_not_hold_are_not_none(make: Any, estate: Document) -> None:
    """An account without databases passes; one whose databases nobody saved is unknown."""
    policy = make(
        "config",
        type="rds.instance",
        assert_=[{"field": "StorageEncrypted", "equals": True}],
    )
    estate["DBInstances"] = []
    result = judge(policy, estate)
    assert (result.verdict, result.notes) == (Verdict.PASS, ("nothing to judge",))
    del estate["DBInstances"]
    result = judge(policy, estate)
    assert result.verdict is Verdict.UNKNOWN
    assert [gap.what for gap in result.gaps] == ["rds:DescribeDBInstances"]


def test_two_predicates_that_fail_are_two_findings_to_accept_apart(
    make: Any, estate: Document
) -> None:
    """A waiver for the one must not cover the other."""
    policy = make(
        "config",
        type="rds.instance",
        assert_=[{"field": "Engine", "equals": "mysql"}, {"field": "MultiAZ", "equals": True}],
    )
    result = judge(policy, estate)
    assert len({found.identity for found in result.findings}) == 2


@pytest.mark.parametrize(
    ("predicate", "holds"),
    [
        ({"field": "Tags[Name]", "equals": "web"}, True),
        ({"field": "Tags[Name]", "not_equals": "web"}, False),
        ({"field": "Tags[Name]", "in": ["app", "web"]}, True),
        ({"field": "Tags[Name]", "not_in": ["app", "web"]}, False),
        ({"field": "Tags[Name]", "matches": "w.b"}, True),
        ({"field": "Tags[Name]", "matches": "we"}, False),
        ({"field": "Tags[Name]", "contains": "eb"}, True),
        ({"field": "Tags[Name]", "not_contains": "eb"}, False),
        ({"field": "Tags[Owner]", "exists": False}, True),
        ({"field": "Tags[Owner]", "exists": True}, False),
        ({"field": "Tags", "empty": False}, True),
        ({"field": "SecurityGroups[*].GroupName", "equals": "web"}, True),
        ({"field": "SecurityGroups[?].GroupName", "equals": "app"}, False),
        ({"field": "NetworkInterfaces[*].Groups[?].GroupId", "equals": "sg-web"}, True),
        ({"field": "SourceDestCheck", "equals": True}, True),
        ({"field": "SourceDestCheck", "equals": False}, False),
        ({"field": "MetadataOptions.HttpPutResponseHopLimit", "at_most": 2}, True),
        ({"field": "MetadataOptions.HttpPutResponseHopLimit", "at_least": 2}, False),
    ],
)
def test_operators(make: Any, estate: Document, predicate: Any, holds: bool) -> None:
    host(estate)["MetadataOptions"]["HttpPutResponseHopLimit"] = 1
    only_web = [{"field": "InstanceId", "equals": "i-web"}]
    policy = make("config", type="ec2.instance", where=only_web, assert_=[predicate])
    result = judge(policy, estate)
    assert result.judged == 1
    assert result.verdict is (Verdict.PASS if holds else Verdict.FAIL)


def test_some_and_every_differ(make: Any, estate: Document) -> None:
    host(estate)["SecurityGroups"].append({"GroupId": "sg-app", "GroupName": "app"})
    for index, verdict in (("*", Verdict.FAIL), ("?", Verdict.PASS)):
        predicate = {"field": f"SecurityGroups[{index}].GroupName", "equals": "app"}
        where = [{"field": "InstanceId", "equals": "i-web"}]
        policy = make("config", type="ec2.instance", where=where, assert_=[predicate])
        assert judge(policy, estate).verdict is verdict


@pytest.mark.parametrize(
    ("predicate", "message"),
    [
        ({"field": "MetadataOptions.HttpToken", "equals": "x"}, "did you mean `HttpTokens`"),
        ({"field": "Metadata", "equals": "x"}, "is not a field of ec2.instance"),
        ({"field": "SecurityGroups.GroupName", "equals": "x"}, r"write `\[\*\]` behind it"),
        ({"field": "InstanceId.x", "equals": "x"}, "nothing lies below"),
        ({"field": "InstanceId[*]", "equals": "x"}, "is not a list"),
        ({"field": "SecurityGroups[Name]", "equals": "x"}, "names a tag"),
        ({"field": "SourceDestCheck", "equals": "true"}, "is true or false, and true is not"),
        ({"field": "InstanceId", "at_least": 3}, "does not go with"),
        ({"field": "Tags", "equals": "x"}, "which is a list"),
        ({"field": "InstanceId", "empty": True}, "does not go with"),
        ({"field": "InstanceId"}, "exactly one operator, not none"),
        ({"field": "InstanceId", "equals": "x", "in": ["y"]}, "not `equals` and `in`"),
        ({"field": "InstanceId", "matches": "("}, "is no regular expression"),
        ({"field": "a b", "equals": "x"}, "is not a path"),
    ],
)
def test_a_predicate_that_cannot_be_is_refused_when_it_is_read(
    make: Any, predicate: Any, message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        make("config", type="ec2.instance", assert_=[predicate])


def test_a_type_that_does_not_exist_is_refused(make: Any) -> None:
    with pytest.raises(ValidationError, match=r"`ec2\.server` is not a type"):
        make("config", type="ec2.server", assert_=[{"field": "X", "exists": True}])
