"""How fast bucket policies are classified, beside policyuniverse in the same run."""

from __future__ import annotations

import gc
import itertools
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from policyuniverse.policy import Policy

from mute_audit.identity.lone import classify_policy

sys.path.insert(0, str(Path(__file__).parents[1] / "identity"))

from policy_maker import make_policy

pytestmark = pytest.mark.bench
BUCKET = "arn:aws:s3:::b"


def allow(**more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"{BUCKET}/*",
        **more,
    }


def deny(resource: str = f"{BUCKET}/*", **more: Any) -> dict[str, Any]:
    return {**allow(**more), "Effect": "Deny", "Action": "s3:*", "Resource": resource}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


LETTERS = "abcdefghijklmnopqrst"
HARD = {
    "in pairs": policy(
        allow(),
        *[
            deny(f"{BUCKET}/*{a}*{b}*")
            for a, b in itertools.islice(itertools.permutations("abcdef", 2), 20)
        ],
    ),
    "at the end": policy(allow(), *[deny(f"{BUCKET}/*a{'?' * n}") for n in range(20)]),
    "at any depth": policy(allow(), *[deny(f"{BUCKET}/*{'?' * n}a{'?' * n}*") for n in range(20)]),
    "all at once": policy(
        allow(),
        *[deny(Condition={"StringNotLike": {"aws:Referer": f"*{letter}*"}}) for letter in LETTERS],
    ),
    "never at once": policy(
        allow(Condition={"StringLike": {"aws:Referer": "?" * 10}}),
        *[deny(Condition={"StringNotLike": {"aws:Referer": f"*{letter}*"}}) for letter in LETTERS],
    ),
    "in two keys": policy(
        allow(),
        *[
            deny(
                f"{BUCKET}/*{letter}*",
                Condition={
                    "StringNotLike": {"aws:Referer": f"*{letter}*"},
                    "StringLike": {"aws:UserAgent": f"*{letter}*"},
                },
            )
            for letter in LETTERS
        ],
    ),
}


def test_ten_thousand_generated_policies(capsys: pytest.CaptureFixture[str]) -> None:
    random = Random(11)
    documents = [make_policy(random) for _ in range(10_000)]
    classify_policy(documents[0])  # the catalogue of actions is read once
    gc.freeze()  # as a batch does
    slowest = 0.0
    began = time.process_time()
    for document in documents:
        start = time.process_time()
        classify_policy(document)
        slowest = max(slowest, time.process_time() - start)
    ours = len(documents) / (time.process_time() - began)
    line = f"{ours:.0f} policies per second, the slowest {slowest * 1000:.0f} ms"
    began = time.process_time()
    for document in documents:
        Policy(document).is_internet_accessible()
    gc.unfreeze()
    theirs = len(documents) / (time.process_time() - began)
    line += f"; policyuniverse {theirs:.0f}"
    with capsys.disabled():
        sys.stdout.write(f"\n{line}\n")
    assert ours > 100


@pytest.mark.parametrize("name", HARD)
def test_twenty_overlapping_denies(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Decided in a tenth of a second of processor time, or given up."""
    classify_policy(policy(allow()))
    began = time.process_time()
    answer = classify_policy(HARD[name])
    spent = time.process_time() - began
    with capsys.disabled():
        sys.stdout.write(f"\n20 denies {name}: {spent * 1000:.0f} ms, {answer['anonymous']}\n")
    assert spent < 0.1 or answer["anonymous"] == "unknown"
