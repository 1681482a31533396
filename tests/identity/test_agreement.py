"""The two engines against each other, on generated policies."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policy_strategies import ACTIONS, BUCKET, OWNER, policies, requests, statements

from mute_audit.identity.judge import Answer, Judge
from mute_audit.identity.patterns import glob_tokens, language
from mute_audit.identity.request import replay, simulate
from mute_audit.identity.statements import parse_policy
from mute_audit.verdict import Truth

OBJECTS = [language((glob_tokens(f"{BUCKET}/?*"),))]
ALLOW_ALL = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}

common = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


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


@pytest.mark.parametrize("who", ["anonymous", "any"])
@settings(common, max_examples=400)
@given(data=st.data())
def test_a_request_that_the_simulator_allows_is_never_ruled_out(
    who: str, data: st.DataObject
) -> None:
    document = data.draw(policies())
    request = data.draw(requests(who))
    if simulated(document, request) == "Allowed":
        answer = ask(document, who, request["action"])
        assert answer.truth is not Truth.NO, (document, request, answer)


@pytest.mark.parametrize("who", ["anonymous", "any"])
@settings(common, max_examples=400)
@given(document=policies(), action=st.sampled_from(ACTIONS))
def test_every_witness_is_allowed_by_the_simulator(
    who: str, document: dict[str, Any], action: str
) -> None:
    answer = ask(document, who, action)
    if answer.truth is Truth.YES:
        assert answer.witness is not None
        replay(answer.witness, resource=parse_policy(document))
        assert simulated(document, dict(answer.witness)) == "Allowed"


@settings(common, max_examples=150)
@given(document=policies(), deny=statements(effect="Deny"), action=st.sampled_from(ACTIONS))
def test_adding_a_deny_never_widens(
    document: dict[str, Any], deny: dict[str, Any], action: str
) -> None:
    before = ask(document, "anonymous", action).truth
    wider = {**document, "Statement": [*document["Statement"], deny]}
    after = ask(wider, "anonymous", action).truth
    assert not (before is Truth.NO and after is not Truth.NO)


@settings(common, max_examples=150)
@given(document=policies(), action=st.sampled_from(ACTIONS), seed=st.integers(0, 99))
def test_order_of_statements_and_case_of_actions_change_nothing(
    document: dict[str, Any], action: str, seed: int
) -> None:
    shuffled = [dict(statement) for statement in document["Statement"]]
    random.Random(seed).shuffle(shuffled)
    for statement in shuffled:
        for element in ("Action", "NotAction"):
            if element in statement:
                listed = statement[element]
                listed = [listed] if isinstance(listed, str) else listed
                statement[element] = [text.swapcase() for text in listed]
    other = {**document, "Statement": shuffled}
    assert ask(document, "any", action).truth is ask(other, "any", action).truth


@settings(common, max_examples=150)
@given(document=policies(), action=st.sampled_from(ACTIONS))
def test_splitting_a_cidr_changes_nothing(document: dict[str, Any], action: str) -> None:
    halves = {
        "203.0.113.0/24": ["203.0.113.0/25", "203.0.113.128/25"],
        "0.0.0.0/0": ["0.0.0.0/1", "128.0.0.0/1"],
    }

    def split(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: split(item) for key, item in value.items()}
        if isinstance(value, list):
            return [
                part
                for item in value
                for part in (halves.get(item, [item]) if isinstance(item, str) else [split(item)])
            ]
        return halves.get(value, value) if isinstance(value, str) else value

    other = {
        **document,
        "Statement": [
            {**s, **({"Condition": split(s["Condition"])} if "Condition" in s else {})}
            for s in document["Statement"]
        ],
    }
    assert ask(document, "anonymous", action).truth is ask(other, "anonymous", action).truth
