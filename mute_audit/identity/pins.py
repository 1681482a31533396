"""Variables of policies: which keys they ask for, and which values are worth trying."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from mute_audit.identity.atoms import Atom, Literal
from mute_audit.identity.callers import Caller
from mute_audit.identity.classes import Question
from mute_audit.identity.compile import Memory, matches_action
from mute_audit.identity.dimensions import Dimensions, known_value
from mute_audit.identity.domains import Situation, domain_of
from mute_audit.identity.keys import Names
from mute_audit.identity.statements import Policy

__all__ = ["mentioned_keys", "pins", "start", "variables"]


def mentioned_keys(policies: Sequence[Policy], memory: Memory) -> frozenset[str]:
    key = tuple(map(id, policies))
    if key not in memory.mentioned:
        memory.mentioned[key] = (policies, _mentioned(policies))
    return memory.mentioned[key][1]


def _mentioned(policies: Sequence[Policy]) -> frozenset[str]:
    found: set[str] = set()
    for statement in (s for policy in policies for s in policy.statements):
        for condition in statement.conditions:
            found.add(condition.key.lower())
            found.update(v.key.lower() for p in condition.values for v in p.variables)
        for pattern in (*(statement.resources or ()), *(statement.not_resources or ())):
            found.update(v.key.lower() for v in pattern.variables)
    return frozenset(found)


def variables(policies: Sequence[Policy], action: str, memory: Memory) -> tuple[str, ...]:
    """The keys that the statements about an action ask for in variables."""
    key = (action, *map(id, policies))
    if key not in memory.variables:
        memory.variables[key] = (policies, _variables(policies, action))
    return memory.variables[key][1]


def _variables(policies: Sequence[Policy], action: str) -> tuple[str, ...]:
    keys: set[str] = set()
    for statement in (s for policy in policies for s in policy.statements):
        if not matches_action(statement, action):
            continue
        patterns = [*(statement.resources or ()), *(statement.not_resources or ())]
        patterns += [p for condition in statement.conditions for p in condition.values]
        keys.update(v.key.lower() for p in patterns for v in p.variables)
    return tuple(sorted(keys))


def pins(
    question: Question,
    policies: Sequence[Policy],
    names: Names,
    caller: Caller,
    situation: Situation,
) -> Iterator[Mapping[str, str | None]]:
    """Values to try for the keys of variables.

    A value that is tried can only prove a request; that there is none is left to the round
    without, in which everything that depends on an open variable counts as not known.
    """
    open_keys = [
        key
        for key in variables(policies, question.action, question.memory)
        if known_value(key, caller, situation, names, question.fixed) is False
    ]
    if open_keys:
        tries: list[list[str | None]] = []
        for key in open_keys[:3]:
            domain = domain_of(key, caller, situation, names)
            values: list[str | None] = [*_written(policies, key)[:3], _fresh(key)]
            tries.append([None, *values] if domain.absent else values)
        for values_ in itertools.islice(itertools.product(*tries), 24):
            yield dict(zip(open_keys, values_, strict=False))


def _fresh(key: str) -> str:
    shapes = {
        "aws:principalaccount": "000000000000",
        "aws:principalarn": "arn:aws:iam::000000000000:user/x",
        "aws:userid": "AIDAX",
        "aws:sourceip": "1.0.0.0",
        "aws:principalorgid": "o-x",
        "aws:sourcevpce": "vpce-x",
        "aws:sourcevpc": "vpc-x",
    }
    return shapes.get(key, "x")


def _written(policies: Sequence[Policy], key: str) -> list[str]:
    return [
        pattern.written
        for policy in policies
        for statement in policy.statements
        for condition in statement.conditions
        if condition.key.lower() == key
        for pattern in condition.values
        if pattern.fixed
    ]


def start(pins: Mapping[str, str | None], caller: Caller, dimensions: Dimensions) -> list[Literal]:
    literals: list[Literal] = []
    for key, value in pins.items():
        if value is None:
            atom = Atom(key, f"{key} absent", absent=True, present=False)
        else:
            atom = dimensions.equals(key, value)
        literals.append(Literal(atom, True))
    return literals
