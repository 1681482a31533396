"""Access points of S3 in a plan: judged as those of a live account are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from plan_maker import Plan

from mute_audit.identity.exposure import Exposure
from mute_audit.verdict import Truth

ACCOUNT, REGION = "111122223333", "eu-west-1"
POINT = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/songs"
SWITCHES = (
    "block_public_acls",
    "block_public_policy",
    "ignore_public_acls",
    "restrict_public_buckets",
)
OPEN = dict.fromkeys(SWITCHES, False)


def statement(resources: list[str], action: str = "s3:GetObject", **more: Any) -> str:
    one = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resources, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [one]})


DELEGATES = statement(
    ["arn:aws:s3:::songs", "arn:aws:s3:::songs/*"],
    "s3:*",
    Condition={"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}},
)
TO_ALL = statement([f"{POINT}/object/*"])


def plan(*, switches: dict[str, bool] | None = OPEN, own: bool = False, **point: Any) -> Plan:
    """A bucket that leaves it to its access points, and one of those.

    own  its policy is a resource of its own
    """
    made = Plan()
    made.add("aws_s3_bucket.b", {"bucket": "songs", "tags": {}})
    made.add("aws_s3_bucket_public_access_block.b", {"bucket": "songs", **OPEN})
    made.add("aws_s3_bucket_policy.b", {"bucket": "songs", "policy": DELEGATES})
    values: dict[str, Any] = {"name": "songs", "account_id": ACCOUNT, **point}
    if switches is not None:
        values["public_access_block_configuration"] = [switches]
    unknown: dict[str, Any] = {"bucket": True, "arn": True, "has_public_access_policy": True}
    if own:
        unknown["policy"] = True
        made.add(
            "aws_s3control_access_point_policy.p",
            {"policy": TO_ALL},
            {"access_point_arn": True},
            {"access_point_arn": ["aws_s3_access_point.p.arn", "aws_s3_access_point.p"]},
        )
    else:
        values.setdefault("policy", TO_ALL)
    made.add(
        "aws_s3_access_point.p",
        values,
        unknown,
        {"bucket": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]},
    )
    return made


def public(made: Plan) -> Truth:
    document = made.document()
    aws = document["configuration"]["provider_config"]["aws"]["expressions"]
    aws["allowed_account_ids"] = {"constant_value": [ACCOUNT]}
    made.document = lambda: document  # type: ignore[method-assign]
    return Exposure(made.inventory()).bucket("songs").public("s3:GetObject").truth


@pytest.mark.parametrize("own", [False, True])
def test_a_policy_for_everybody_opens_the_bucket(own: bool) -> None:
    assert public(plan(own=own)) is Truth.YES


def test_a_policy_for_the_account_does_not() -> None:
    mine = statement([f"{POINT}/object/*"], Principal={"AWS": ACCOUNT})
    assert public(plan(policy=mine)) is Truth.NO


def test_without_a_block_all_switches_are_on() -> None:
    """Whether S3 calls the policy public is not known before apply, so this is not certain."""
    assert public(plan(switches=None)) is not Truth.YES
    assert public(plan(switches={**OPEN, "restrict_public_buckets": True})) is not Truth.YES


def test_one_of_a_vpc_takes_requests_from_there_alone() -> None:
    assert public(plan(vpc_configuration=[{"vpc_id": "vpc-12345678"}])) is not Truth.YES


def test_a_bucket_without_access_points_is_closed() -> None:
    made = plan()
    del made.blocks["aws_s3_access_point.p"]
    made.planned = [one for one in made.planned if one["type"] != "aws_s3_access_point"]
    made.changes = [one for one in made.changes if one["type"] != "aws_s3_access_point"]
    assert public(made) is Truth.NO
