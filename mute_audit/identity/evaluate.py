"""May some request of this class be allowed? The set evaluator.

A request is a caller, an action, a resource and a value (or absence) for each context key. It
is allowed where every layer has an Allow statement that applies and no Deny statement does. An
Allow is a conjunction of atoms, each on one dimension; "no Deny applies" is, for each Deny, a
disjunction of negated atoms. The search keeps a conjunction, solves its dimensions one by one,
and looks at the request that comes out: if a Deny applies to it, it branches over the ways to
escape that Deny, so Denies that are never in the way cost nothing. It is complete, so NO means
that no request of the class exists; beyond `BUDGET` the answer is unknown.

Atoms whose truth is not known (an operator that is not modelled, say) are assumed to stand in
the way first: a request that is found all the same is certain. Then they are assumed to help:
if nothing is found even so, NO is certain. Between the two lies unknown.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mute_audit.identity.atoms import Value
from mute_audit.identity.callers import IDENTITIES, KIND_KEYS, Caller, CallerKind
from mute_audit.identity.catalogue import never_sent
from mute_audit.identity.classes import Outcome, Question
from mute_audit.identity.comparisons import Resolve
from mute_audit.identity.compile import Clause, View, clauses_for, could_allow
from mute_audit.identity.dimensions import Dimensions, assume, known_value, settle
from mute_audit.identity.domains import Situation
from mute_audit.identity.keys import (
    NETWORK_KEYS,
    TRANSPORT_KEYS,
    UNDETERMINED,
    Names,
    names_in,
)
from mute_audit.identity.patterns import TooManyStates
from mute_audit.identity.pins import mentioned_keys, pins, start, variables
from mute_audit.identity.search import Budget, Search
from mute_audit.identity.statements import Effect, Policy
from mute_audit.identity.witness import build_witness
from mute_audit.verdict import Truth

__all__ = ["BUDGET", "evaluate"]

# Conjunctions looked at for one question; the slowest honest policy seen needs some dozens.
BUDGET = 1_500


def evaluate(question: Question) -> Outcome:
    """Whether some request of the class is allowed."""
    policies = tuple(p for layer in (*question.layers, *question.denies) for p in layer.policies)
    names = question.names or names_in(policies, question.owner)
    mentioned = mentioned_keys(policies, question.memory)
    absent = {key: None for key in mentioned if never_sent(question.action, key)}
    question = replace(question, fixed={**absent, **question.fixed})
    situations = _situations(mentioned, question.fixed)
    reasons: dict[str, None] = {}
    open_points: dict[str, None] = {}
    spent = Budget(BUDGET)
    denied: list[tuple[str, ...]] = []
    excepting = any(s.not_principals is not None for policy in policies for s in policy.statements)
    for caller in question.callers if excepting else _told_apart(question.callers, mentioned):
        closed = [
            layer.name
            for layer in question.layers
            if not could_allow(layer.policies, caller, question.action)
        ]
        for name in closed:
            reasons[f"{name}: no Allow takes in {question.action} by {caller.kind.value}"] = None
        if closed:
            continue
        for situation in situations:
            outcome = _in_situation(question, policies, names, caller, situation, spent)
            if outcome.truth is Truth.YES:
                return outcome
            target = open_points if outcome.truth is Truth.UNKNOWN else reasons
            target.update(dict.fromkeys(outcome.reasons))
            if outcome.denied:
                denied.append(outcome.denied)
    if open_points:
        return Outcome(Truth.UNKNOWN, reasons=tuple(open_points))
    blocking = _in_every_way(denied)
    said = dict.fromkeys((*reasons, *(f"{label}: denies" for label in blocking)))
    return Outcome(Truth.NO, reasons=tuple(said), denied=blocking)


def _in_every_way(denied: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The Denies that block each way in; of several that each block one, all of them.

    A Deny that only closes some way (without TLS, say) is no reason where another closes all.
    """
    common = [label for label in (denied[0] if denied else ()) if all(label in d for d in denied)]
    return tuple(common) or tuple(dict.fromkeys(label for d in denied for label in d))


def _told_apart(callers: Sequence[Caller], keys: frozenset[str]) -> tuple[Caller, ...]:
    """Without the shapes of identity that differ in nothing that the policies ask about."""
    if keys & KIND_KEYS:
        return tuple(callers)
    found: dict[Caller, Caller] = {}
    for caller in callers:
        plain = caller.kind in IDENTITIES and not caller.arn
        found.setdefault(replace(caller, kind=CallerKind.USER) if plain else caller, caller)
    return tuple(found.values())


def _situations(keys: frozenset[str], fixed: Mapping[str, str | None]) -> tuple[Situation, ...]:
    """Only the ways that the policies can tell apart."""
    ways = (False, True) if keys & NETWORK_KEYS else (False,)
    if fixed.get("aws:sourcevpc"):
        ways = (True,)
    transports = (True, False) if keys & TRANSPORT_KEYS else (True,)
    return tuple(Situation(way, tls) for way in ways for tls in transports)


def _in_situation(
    question: Question,
    policies: Sequence[Policy],
    names: Names,
    caller: Caller,
    situation: Situation,
    spent: Budget,
) -> Outcome:
    """The question with variables open; where it stays open with them, some values are tried."""
    whole = _with_pins(question, names, caller, situation, {}, spent)
    if whole.truth is not Truth.UNKNOWN:
        return whole
    for chosen in pins(question, policies, names, caller, situation):
        tried = _with_pins(question, names, caller, situation, chosen, spent)
        if tried.truth is Truth.YES:
            return tried
    return whole


def _with_pins(
    question: Question,
    names: Names,
    caller: Caller,
    situation: Situation,
    chosen: Mapping[str, str | None],
    spent: Budget,
) -> Outcome:
    def resolve(key: str) -> str | bool | None:
        if key in chosen:
            return chosen[key]
        return known_value(key, caller, situation, names, question.fixed)

    view = View(caller, question.action, resolve, question.memory)
    allows: list[list[Clause]] = []
    denies: list[Clause] = []
    for layer in (*question.layers, *question.denies):
        clauses = [
            clause
            for policy, label in layer.labelled
            for clause in clauses_for(policy, view, label)
        ]
        denies += [c for c in clauses if c.effect is Effect.DENY]
        if layer in question.layers:
            allows.append([c for c in clauses if c.effect is Effect.ALLOW])
    dimensions = Dimensions(
        caller, situation, names, question.fixed, question.resources, question.memory
    )
    allows, denies = settle(allows, denies, dimensions)
    given = start(chosen, caller, dimensions)
    opaque = [a for c in (*itertools.chain(*allows), *denies) for a in c.atoms if a.opaque]
    try:
        search = Search(dimensions, assume(denies, False), spent, helpful=False)
        found = search.run([assume(layer, False) for layer in allows], given)
        if found is not None:
            return _yes(question, dimensions, found, resolve)
        if opaque:
            hopeful = Search(dimensions, assume(denies, True), spent, helpful=True)
            if hopeful.run([assume(layer, True) for layer in allows], given) is not None:
                return Outcome(
                    Truth.UNKNOWN,
                    reasons=tuple(dict.fromkeys(f"{a.label}: {a.opaque}" for a in opaque)),
                )
            search = hopeful
    except TooManyStates:
        return Outcome(Truth.UNKNOWN, reasons=("the search was cut off at its limit",))
    return Outcome(Truth.NO, reasons=tuple(search.reasons), denied=tuple(search.denied))


def _yes(
    question: Question,
    dimensions: Dimensions,
    found: tuple[dict[str, Value], tuple[Clause, ...]],
    resolve: Resolve,
) -> Outcome:
    values, clauses = found
    policies = tuple(p for layer in (*question.layers, *question.denies) for p in layer.policies)
    asked = {*variables(policies, question.action, question.memory)}
    asked |= mentioned_keys(policies, question.memory) & UNDETERMINED
    resolved = {key: resolve(key) for key in asked}
    return Outcome(
        Truth.YES,
        witness=build_witness(
            dimensions.caller,
            question.action,
            question.owner,
            values,
            dimensions.spelling,
            dimensions.names,
            {key: value for key, value in resolved.items() if isinstance(value, str)},
        ),
        statements=tuple(clause.label for clause in clauses),
    )
