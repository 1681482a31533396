"""The tables of docs/identity.md, run as they stand there."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from identity_estate import BUCKET, PUBLIC_READ, document, estate, to_group
from policyuniverse.policy import Policy

from mute_audit.identity.exposure import Exposure
from mute_audit.identity.lone import classify_policy
from mute_audit.identity.organizations import Organizations
from mute_audit.inventory import GLOBAL, Inventory, RegionInventory

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "identity.md").read_text(encoding="utf-8")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def table(name: str) -> list[list[str]]:
    body = PAGE.split(f"<!-- {name} -->")[1].lstrip().split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines()]
    return rows[2:]


def listed() -> dict[str, list[dict[str, Any]]]:
    block = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert block is not None
    found = {}
    for line in block[1].splitlines():
        number, _, text = line.partition(": ")
        many = [text.replace("{0..255}", str(n)) for n in range(256)]
        texts = many if "{0..255}" in text else [text]
        found[number] = json.loads(f"[{','.join(texts)}]")
    return found


ROWS, POLICIES = table("policies"), listed()


def test_the_table_has_a_policy_for_each_row() -> None:
    assert [row[0] for row in ROWS] == list(POLICIES)
    assert len(ROWS) >= 24


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_each_policy_has_the_answers_of_its_row(row: list[str]) -> None:
    number, _, anonymous, any_account, s3_public, outside, _ = row
    answer = classify_policy(document(*POLICIES[number]), now=NOW)
    public = {True: "yes", False: "no"}.get(answer["s3_public"], "unknown")
    shared = [*answer["outside_accounts"], *answer.get("organizations", [])]
    assert [answer["anonymous"], answer["any_account"], public] == [
        anonymous,
        any_account,
        s3_public,
    ]
    assert (", ".join(shared) or "–") == outside
    assert (answer["witness"] is None) is ("yes" not in (anonymous, any_account) and not shared)


def test_policyuniverse_says_what_the_page_says_it_says() -> None:
    said = {row[0]: Policy(document(*POLICIES[row[0]])).is_internet_accessible() for row in ROWS}
    assert {n: "public" if yes else "not" for n, yes in said.items()} == {
        row[0]: row[6] for row in ROWS
    }


@pytest.mark.parametrize("row", table("buckets"), ids=lambda row: row[8])
def test_each_bucket_has_the_answers_of_its_row(row: list[str]) -> None:
    _, policy, account, bucket, ownership, grant, get, put, _ = row
    group, _, permission = grant.partition(" ")
    inventory = estate(
        document(PUBLIC_READ) if policy == "yes" else None,
        account=account.replace("–", "").replace(" ", ""),
        bucket=bucket.replace("–", "").replace(" ", ""),
        ownership=None if ownership == "–" else ownership,
        grants=(to_group(group, permission),) if permission else (),
    )
    exposure = Exposure(inventory).bucket(BUCKET)
    assert exposure.public("s3:GetObject").truth.value == get
    assert exposure.public("s3:PutObject").truth.value == put


def test_the_example_of_the_organisation_s_policies_means_what_the_page_says() -> None:
    """Two levels of it allow nothing."""
    block = re.search(r"```json\n(\{\"AccountControlPolicies.*?)```", PAGE, re.DOTALL)
    assert block is not None
    items = json.loads(block[1])["AccountControlPolicies"]
    raw = {"Account": "111122223333", "Region": GLOBAL, "AccountControlPolicies": items}
    organizations = Organizations(Inventory(regions=(msgspec.convert(raw, RegionInventory),)))
    fence = organizations.around_identities("111122223333")
    assert (fence.unless, [len(level) for level in fence.documents]) == ("", [1, 0, 0])
    assert organizations.around_resources("111122223333").unless == ""
