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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mute_audit.identity.atoms import Atom, Literal, Value
from mute_audit.identity.callers import (
    IDENTITIES,
    KIND_KEYS,
    Caller,
    CallerKind,
    Situation,
    domain_of,
)
from mute_audit.identity.compile import Clause, Memory, Resolve, View, clauses_for, could_allow
from mute_audit.identity.dimensions import Dimensions, assume, known_value, settle
from mute_audit.identity.keys import NETWORK_KEYS, TRANSPORT_KEYS, Names, names_in
from mute_audit.identity.patterns import Language, TooManyStates
from mute_audit.identity.statements import Effect, Policy
from mute_audit.identity.witness import build_witness
from mute_audit.verdict import Truth

__all__ = ["BUDGET", "Layer", "Outcome", "Question", "evaluate"]

# Conjunctions looked at for one question; the slowest honest policy seen needs some dozens.
BUDGET = 1_500


@dataclass(frozen=True, slots=True)
class Layer:
    """Policies of which one must allow: a resource policy, or a user's identity policies.

    `labels` names each of the policies, where the layer's own name does not say enough; one
    that only `limits` grants nothing by allowing (a boundary, a service control policy).
    """

    name: str
    policies: tuple[Policy, ...]
    labels: tuple[str, ...] = ()
    limits: bool = False

    @property
    def labelled(self) -> Iterator[tuple[Policy, str]]:
        labels = self.labels or (self.name,) * len(self.policies)
        return zip(self.policies, labels, strict=True)


@dataclass(frozen=True, slots=True)
class Question:
    """A class of requests.

    layers     each must allow; a Deny in any of them, or in `denies`, refuses
    callers    the principals
    action     one action, as in `s3:GetObject`
    resources  the resources, as a language over ARNs
    owner      the account that the resource belongs to; empty where it is not known
    denies     policies that can only refuse (resource control policies)
    fixed      context keys (lower case) whose value is known; None is absent
    names      whom the policies name; found out where it is not given
    memory     what was compiled for other questions about the same policies
    """

    layers: tuple[Layer, ...]
    callers: tuple[Caller, ...]
    action: str
    resources: Language
    owner: str = ""
    denies: tuple[Layer, ...] = ()
    fixed: Mapping[str, str | None] = field(default_factory=dict)
    names: Names | None = None
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True, slots=True)
class Outcome:
    """YES with a request, NO with what is in the way, UNKNOWN with what is open.

    witness    the `request` object of `simulate`
    statements labels of the Allow statements that let the witness through
    reasons    labels and sentences, in the order found
    denied     for a NO: the Deny statements that were in the way of an Allow that applies
    """

    truth: Truth
    witness: Mapping[str, Any] | None = None
    statements: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()


def evaluate(question: Question) -> Outcome:
    """Whether some request of the class is allowed."""
    policies = tuple(p for layer in (*question.layers, *question.denies) for p in layer.policies)
    names = question.names or names_in(policies, question.owner)
    mentioned = _remembered(policies, question.memory)
    situations = _situations(mentioned, question.fixed)
    reasons: dict[str, None] = {}
    open_points: dict[str, None] = {}
    spent = _Budget(BUDGET)
    denied: list[tuple[str, ...]] = []
    for caller in _told_apart(question.callers, mentioned):
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


class _Budget:
    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooManyStates


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


def _remembered(policies: Sequence[Policy], memory: Memory) -> frozenset[str]:
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


def _in_situation(
    question: Question,
    policies: Sequence[Policy],
    names: Names,
    caller: Caller,
    situation: Situation,
    spent: _Budget,
) -> Outcome:
    last = Outcome(Truth.NO)
    for pins in _pins(question, policies, names, caller, situation):
        last = _with_pins(question, names, caller, situation, pins, spent)
        if last.truth is Truth.YES:
            return last
    return last


def _pins(
    question: Question,
    policies: Sequence[Policy],
    names: Names,
    caller: Caller,
    situation: Situation,
) -> Iterator[Mapping[str, str | None]]:
    """Values to try for the keys of variables; at last none, where they stay open.

    A value that is tried can only prove a request; that there is none is left to the last
    round, in which everything that depends on an open variable counts as not known.
    """
    open_keys = [
        key
        for key in _variables(policies)
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
    yield {}


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


def _with_pins(
    question: Question,
    names: Names,
    caller: Caller,
    situation: Situation,
    pins: Mapping[str, str | None],
    spent: _Budget,
) -> Outcome:
    def resolve(key: str) -> str | bool | None:
        if key in pins:
            return pins[key]
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
    dimensions = Dimensions(caller, situation, names, question.fixed, question.resources)
    allows, denies = settle(allows, denies, dimensions)
    start = _start(pins, caller, dimensions)
    opaque = [a for c in (*itertools.chain(*allows), *denies) for a in c.atoms if a.opaque]
    try:
        search = _Search(dimensions, assume(denies, False), spent, helpful=False)
        found = search.run([assume(layer, False) for layer in allows], start)
        if found is not None:
            return _yes(question, dimensions, found, resolve)
        if opaque:
            hopeful = _Search(dimensions, assume(denies, True), spent, helpful=True)
            if hopeful.run([assume(layer, True) for layer in allows], start) is not None:
                return Outcome(
                    Truth.UNKNOWN,
                    reasons=tuple(dict.fromkeys(f"{a.label}: {a.opaque}" for a in opaque)),
                )
            search = hopeful
    except TooManyStates:
        return Outcome(Truth.UNKNOWN, reasons=("the search was cut off at its limit",))
    return Outcome(Truth.NO, reasons=tuple(search.reasons), denied=tuple(search.denied))


def _start(pins: Mapping[str, str | None], caller: Caller, dimensions: Dimensions) -> list[Literal]:
    literals: list[Literal] = []
    for key, value in pins.items():
        if value is None:
            atom = Atom(key, f"{key} absent", absent=True, present=False)
        else:
            atom = dimensions.equals(key, value)
        literals.append(Literal(atom, True))
    return literals


def _yes(
    question: Question,
    dimensions: Dimensions,
    found: tuple[dict[str, Value], tuple[Clause, ...]],
    resolve: Resolve,
) -> Outcome:
    values, clauses = found
    policies = tuple(p for layer in (*question.layers, *question.denies) for p in layer.policies)
    resolved = {key: resolve(key) for key in _variables(policies)}
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


def _variables(policies: Sequence[Policy]) -> list[str]:
    """The keys that the policies ask for in variables."""
    keys: set[str] = set()
    for statement in (s for policy in policies for s in policy.statements):
        patterns = [*(statement.resources or ()), *(statement.not_resources or ())]
        patterns += [p for condition in statement.conditions for p in condition.values]
        keys.update(v.key.lower() for p in patterns for v in p.variables)
    return sorted(keys)


class _Search:
    """One search, in one of its two moods towards what is not known."""

    def __init__(
        self, dimensions: Dimensions, denies: Sequence[Clause], spent: _Budget, helpful: bool
    ) -> None:
        self.dimensions = dimensions
        # Those that ask for least first: they close most, and are what a person looks for.
        self.denies = sorted(denies, key=lambda deny: len(deny.atoms))
        self.spent = spent
        self.helpful = helpful
        self.reasons: dict[str, None] = {}
        self.denied: dict[str, None] = {}

    def run(
        self, allows: Sequence[Sequence[Clause]], start: Sequence[Literal]
    ) -> tuple[dict[str, Value], tuple[Clause, ...]] | None:
        """A request and the Allow of each layer that lets it through."""
        for chosen in itertools.product(*allows):
            literals = [*start]
            usable = True
            for clause in chosen:
                for atom in clause.atoms:
                    if not atom.opaque:
                        literals.append(Literal(atom, True))
                    elif not self.helpful:
                        usable = False
            if not usable:
                continue
            values = self.extend(literals, chosen)
            if values is not None:
                return values, chosen
        return None

    def extend(
        self, literals: list[Literal], chosen: tuple[Clause, ...]
    ) -> dict[str, Value] | None:
        """The conjunction with every Deny escaped, or None."""
        self.spent.spend()
        values, stuck = self.dimensions.solve(literals)
        if values is None:
            labels = ", ".join(dict.fromkeys(lit.atom.label for lit in stuck if lit.wanted))
            if labels and all(lit.wanted for lit in stuck):
                self.reasons[f"{chosen[0].label}: cannot hold here: {labels}"] = None
            return None
        deny = next((d for d in self.denies if self._applies(d, values)), None)
        if deny is None:
            return values
        self.denied[deny.label] = None
        held: list[Literal] = []
        for atom in deny.atoms:
            if atom.opaque:
                continue
            escaped = self.extend([*literals, *held, Literal(atom, False)], chosen)
            if escaped is not None:
                return escaped
            # The branches are disjoint: here on, this atom holds and another one fails.
            held.append(Literal(atom, True))
        return None

    def _applies(self, deny: Clause, values: Mapping[str, Value]) -> bool:
        for atom in deny.atoms:
            if atom.opaque:
                if self.helpful:
                    return False
                continue
            if not atom.holds(values[atom.dimension]):
                return False
        return True
