"""A policy, seen by one caller: statements whose principal and action are decided already.

What is left of each statement is a conjunction of atoms on the resource and on context keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from mute_audit.identity.atoms import RESOURCE, Atom, TextTest
from mute_audit.identity.automata import language
from mute_audit.identity.callers import Caller, CallerKind, principal_matches
from mute_audit.identity.comparisons import Resolve, condition_atom, opaque, resolved
from mute_audit.identity.domains import Domain, Situation
from mute_audit.identity.statements import Condition, Effect, Policy, PrincipalKind, Statement
from mute_audit.identity.tokens import Tokens, glob_tokens, pattern_tokens
from mute_audit.verdict import Truth

__all__ = [
    "Clause",
    "Memory",
    "View",
    "actions_of_statement",
    "clauses_for",
    "could_allow",
    "matches_action",
]


class Memory:
    """What is the same for every question about the same policies, names and known values.

    Atoms without variables, by the identity of what they are made from, which stands beside them:
    what is kept alive cannot lend its identity to another. Domains, by caller, way and key.
    """

    __slots__ = ("conditions", "domains", "mentioned", "resources", "variables")

    def __init__(self) -> None:
        self.domains: dict[tuple[Caller, Situation, str], Domain] = {}
        self.variables: dict[tuple[object, ...], tuple[Sequence[Policy], tuple[str, ...]]] = {}
        self.resources: dict[int, tuple[Statement, Atom | None]] = {}
        self.conditions: dict[tuple[int, CallerKind], tuple[Condition, Atom]] = {}
        self.mentioned: dict[tuple[int, ...], tuple[Sequence[Policy], frozenset[str]]] = {}


@dataclass(frozen=True, slots=True)
class View:
    """What is fixed before the search.

    resolve  the value of a variable's key: its text, None where the key is known to be absent,
             False where it may be anything
    """

    caller: Caller
    action: str
    resolve: Resolve
    memory: Memory


@dataclass(frozen=True, eq=False, slots=True)
class Clause:
    """What is left of a statement: it applies where every atom holds."""

    statement: Statement
    effect: Effect
    atoms: tuple[Atom, ...]
    source: str = ""

    @property
    def label(self) -> str:
        return f"{self.source} {self.statement.label}".strip()


def matches_action(statement: Statement, action: str) -> bool:
    """Action and NotAction: case aside, `*` and `?` are wildcards (A9)."""
    listed = statement.actions if statement.actions is not None else statement.not_actions
    action = action.lower()
    taken = any(_takes(text, action) for text in listed or ())
    return taken is (statement.actions is not None)


def actions_of_statement(statement: Statement, actions: tuple[str, ...]) -> frozenset[str]:
    """The actions, of these, that the statement speaks of."""
    listed = statement.actions if statement.actions is not None else statement.not_actions
    taken = frozenset[str]().union(*(_taken(text, actions) for text in listed or ()))
    return taken if statement.actions is not None else frozenset(actions) - taken


@lru_cache(maxsize=4_096)
def _taken(text: str, actions: tuple[str, ...]) -> frozenset[str]:
    return frozenset(action for action in actions if _takes(text, action.lower()))


@lru_cache(maxsize=65_536)
def _takes(text: str, action: str) -> bool:
    text = text.lower()
    if "*" not in text and "?" not in text:
        return text == action
    return language((glob_tokens(text),)).accepts(action)


def could_allow(policies: Iterable[Policy], caller: Caller, action: str) -> bool:
    """Whether some Allow takes in this caller's action, resource and conditions aside."""
    return any(
        statement.effect is Effect.ALLOW
        and matches_action(statement, action)
        and principal_matches(statement, caller) is not Truth.NO
        for policy in policies
        for statement in policy.statements
    )


def clauses_for(policy: Policy, view: View, source: str = "") -> list[Clause]:
    """The statements that this caller's action can touch, with what they still ask for."""
    found: list[Clause] = []
    for statement in policy.statements:
        if not matches_action(statement, view.action):
            continue
        principal = principal_matches(statement, view.caller)
        if principal is Truth.NO:
            continue
        atoms: list[Atom] = []
        if principal is Truth.UNKNOWN:
            atoms.append(_open_principal(statement))
        atoms += [
            opaque("element", name, f"the element `{name}` is not modelled")
            for name in (*policy.unmodelled, *statement.unmodelled)
            if not name.startswith(("Principal.", "NotPrincipal."))
        ]
        resource = _resource(statement, view)
        if resource is not None:
            atoms.append(resource)
        for condition in statement.conditions:
            known = (id(condition), view.caller.kind)
            kept = view.memory.conditions.get(known)
            if kept is not None:
                atoms.append(kept[1])
                continue
            atom = condition_atom(condition, view.caller, view.resolve)
            if not condition.has_variables:
                view.memory.conditions[known] = (condition, atom)
            atoms.append(atom)
        found.append(Clause(statement, statement.effect, tuple(atoms), source))
    return found


def _open_principal(statement: Statement) -> Atom:
    listed = statement.principals or statement.not_principals or ()
    if any(principal.kind is PrincipalKind.UNMODELLED for principal in listed):
        return opaque("principal", "Principal", "a principal kind is not modelled")
    reason = "it lists a part of whom the caller is: the account, the role and the session count"
    return opaque("principal", "NotPrincipal", reason)


def _resource(statement: Statement, view: View) -> Atom | None:
    known = view.memory.resources
    if id(statement) in known:
        return known[id(statement)][1]
    atom = _made_resource(statement, view)
    listed = statement.resources or statement.not_resources or ()
    if not any(pattern.variables for pattern in listed):
        known[id(statement)] = (statement, atom)
    return atom


def _made_resource(statement: Statement, view: View) -> Atom | None:
    if statement.resources is not None:
        listed, negated, name = statement.resources, False, "Resource"
    elif statement.not_resources is not None:
        listed, negated, name = statement.not_resources, True, "NotResource"
    else:
        return None  # the policy of one role or repository: it stands for that resource
    patterns: list[Tokens] = []
    for pattern in listed:
        filled = resolved(pattern, view.resolve)
        if isinstance(filled, str):
            return opaque(RESOURCE, name, filled)
        if filled is not None:
            patterns.append(pattern_tokens(filled))
        elif negated:
            return opaque(RESOURCE, name, f"`{pattern}` has no value here")
    return Atom(dimension=RESOURCE, label=name, test=TextTest(language(tuple(patterns)), negated))
