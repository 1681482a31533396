"""The two engines against each other, and against themselves, on made-up policies."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_maker import ACTIONS, BUCKET, OWNER, make_policy, make_request, make_statement

from mute_audit.identity.automata import language
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.judge import Answer, Judge
from mute_audit.identity.request import simulate
from mute_audit.identity.tokens import glob_tokens
from mute_audit.verdict import Truth

OBJECTS = [language((glob_tokens(f"{BUCKET}/?*"),))]
ALLOW_ALL = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}

seeds = st.integers(0, 2**40).map(Random)
few = settings(deadline=None, max_examples=150)


def ask(document: dict[str, Any], who: str, action: str) -> Answer:
    judge = Judge(parse_policy(document), OWNER)
    put = judge.anonymous if who == "anonymous" else judge.any_account
    return put(action, OBJECTS)


def simulated(document: dict[str, Any], request: dict[str, Any]) -> str:
    answer = simulate(
        {"request": request, "identityPolicies": [ALLOW_ALL], "resourcePolicy": document}
    )
    result: str = answer["result"]
    return result


def assert_they_agree(random: Random, who: str, requests: int) -> None:
    document = make_policy(random)
    answers = {action: ask(document, who, action) for action in ACTIONS}
    for action, answer in answers.items():
        if answer.truth is Truth.YES:
            assert answer.witness is not None
            assert answer.witness["action"] == action
            assert simulated(document, dict(answer.witness)) == "Allowed"
    for _ in range(requests):
        request = make_request(random, who)
        if simulated(document, request) == "Allowed":
            answer = answers[request["action"]]
            assert answer.truth is not Truth.NO, (document, request, answer)


@pytest.mark.parametrize("who", ["anonymous", "any"])
@few
@given(random=seeds)
def test_every_witness_is_allowed_and_no_allowed_request_is_ruled_out(
    who: str, random: Random
) -> None:
    assert_they_agree(random, who, requests=10)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["anonymous", "any"])
def test_the_engines_agree_on_four_thousand_policies(who: str) -> None:
    random = Random(who)
    for _ in range(4_000):
        assert_they_agree(random, who, requests=15)


@pytest.mark.slow
def test_hardly_any_answer_is_unknown() -> None:
    """At most one in a hundred, on policies without anything that is not modelled."""
    random = Random(7)
    truths = []
    while len(truths) < 3_000:
        document = make_policy(random)
        if "300.1.1.1" not in str(document) and "20*.0.113.7" not in str(document):
            truths += [ask(document, who, "s3:GetObject").truth for who in ("anonymous", "any")]
    assert truths.count(Truth.UNKNOWN) <= len(truths) / 100


@few
@given(random=seeds)
def test_adding_a_deny_never_widens(random: Random) -> None:
    document = make_policy(random)
    more = {**document, "Statement": [*document["Statement"], make_statement(random, "Deny")]}
    for action in ACTIONS:
        if ask(document, "anonymous", action).truth is Truth.NO:
            assert ask(more, "anonymous", action).truth is Truth.NO, (document, more)


@few
@given(random=seeds)
def test_order_of_statements_and_case_of_actions_change_nothing(random: Random) -> None:
    document = make_policy(random)
    shuffled = [dict(statement) for statement in document["Statement"]]
    random.shuffle(shuffled)
    for statement in shuffled:
        for element in ("Action", "NotAction"):
            if element in statement:
                listed = statement[element]
                listed = [listed] if isinstance(listed, str) else listed
                statement[element] = [text.swapcase() for text in listed]
    other = {**document, "Statement": shuffled}
    for action in ACTIONS:
        assert ask(document, "any", action).truth is ask(other, "any", action).truth, document


HALVES = {
    "203.0.113.0/24": ["203.0.113.0/25", "203.0.113.128/25"],
    "0.0.0.0/0": ["0.0.0.0/1", "128.0.0.0/1"],
    "::/0": ["::/1", "8000::/1"],
}


def split(value: Any) -> Any:
    """The same conditions with every CIDR cut in two."""
    if isinstance(value, dict):
        return {key: split(item) for key, item in value.items()}
    if isinstance(value, list):
        return [part for item in value for part in HALVES.get(item, [item])]
    return HALVES.get(value, value)


@few
@given(random=seeds)
def test_splitting_a_cidr_changes_nothing(random: Random) -> None:
    document = make_policy(random)
    statements = [
        {**s, "Condition": split(s["Condition"])} if "Condition" in s else s
        for s in document["Statement"]
    ]
    other = {**document, "Statement": statements}
    for action in ACTIONS:
        before, after = ask(document, "anonymous", action), ask(other, "anonymous", action)
        assert before.truth is after.truth, document


def test_twenty_overlapping_wildcard_denies_are_quick_or_unknown() -> None:
    """No exponential run: the walk is cut off, and says so."""
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"{BUCKET}/*"}
    for shape in ("*{}*{}*", "*{}??????????????*"):
        denies = [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "*",
                "Resource": f"{BUCKET}/" + shape.format(chr(97 + n), chr(98 + n)),
            }
            for n in range(20)
        ]
        document = {"Statement": [public, *denies]}
        assert ask(document, "anonymous", "s3:GetObject").truth is Truth.YES
        hard = {**public, "Resource": f"{BUCKET}/*" + "".join(f"{chr(97 + n)}*" for n in range(20))}
        answer = ask({"Statement": [hard, *denies]}, "anonymous", "s3:GetObject")
        assert answer.truth is not Truth.YES or answer.witness is not None
        if answer.truth is Truth.UNKNOWN:
            assert answer.reasons == ("the search was cut off at its limit",)
