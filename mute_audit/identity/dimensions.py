"""The dimensions of one question: which keys there are, how each is solved, what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mute_audit.identity.atoms import (
    RESOURCE,
    AddressTest,
    Atom,
    Literal,
    NumberTest,
    TextTest,
    Value,
    solve,
)
from mute_audit.identity.automata import Language, language
from mute_audit.identity.callers import Caller, CallerKind
from mute_audit.identity.compile import Clause, Memory
from mute_audit.identity.domains import Domain, Situation, domain_of
from mute_audit.identity.keys import (
    MULTIVALUED,
    OWNER_ORGANIZATION,
    Kind,
    Names,
    key_kind,
)
from mute_audit.identity.lifting import lift_to_arn
from mute_audit.identity.ranges import AddressSet, addresses
from mute_audit.identity.statements import Effect
from mute_audit.identity.tokens import literal_tokens

__all__ = ["Dimensions", "assume", "known_value", "settle"]

# Steps of one dimension's automata; reached only by patterns built for it.
STEPS = 24_000
_IDENTITIES = (CallerKind.ROOT, CallerKind.USER, CallerKind.ROLE)


def known_value(
    key: str,
    caller: Caller,
    situation: Situation,
    names: Names,
    fixed: Mapping[str, str | None],
) -> str | bool | None:
    """The value of a key before any search: a text, None for absent, False for open."""
    if key in fixed:
        return fixed[key]
    if caller.kind in _IDENTITIES:
        if key == "aws:principalaccount" and caller.account:
            return caller.account
        if key == "aws:principalarn" and caller.arn:
            return caller.arn
        if key == "aws:username" and caller.kind is CallerKind.USER and caller.arn:
            return caller.arn.rpartition("/")[2]
    if key in ("aws:resourceaccount", "s3:resourceaccount"):
        return names.owner
    if key == "aws:resourceorgid":
        return OWNER_ORGANIZATION
    domain = domain_of(key, caller, situation, names)
    if domain.undetermined:
        return False
    if not domain.present:
        return None
    if not domain.absent and domain.values is not None and len(domain.values) == 1:
        return domain.values[0]
    return False


class Dimensions:
    """Solves conjunctions of literals, one dimension after the other, and remembers."""

    def __init__(
        self,
        caller: Caller,
        situation: Situation,
        names: Names,
        fixed: Mapping[str, str | None],
        resources: Language,
        memory: Memory,
    ) -> None:
        self.caller = caller
        self.situation = situation
        self.names = names
        self.fixed = fixed
        self.resources = resources
        self.spelling: dict[str, str] = {}
        self._memory = memory
        self._domains: dict[str, Domain] = {}
        self._kinds: dict[str, Kind] = {}
        self._several: dict[str, bool] = {}
        self._solved: dict[tuple[str, frozenset[tuple[Atom, bool]]], tuple[bool, Value]] = {}

    def domain(self, key: str) -> Domain:
        if key not in self._domains:
            self._domains[key] = self._domain(key)
        return self._domains[key]

    def _domain(self, key: str) -> Domain:
        if key == RESOURCE:
            return Domain(absent=False, inside=(self.resources,))
        if key in self.fixed:
            value = self.fixed[key]
            if value is None:
                return Domain(present=False)
            return Domain(absent=False, values=(value,))
        known = (self.caller, self.situation, key)
        if known not in self._memory.domains:
            self._memory.domains[known] = domain_of(key, *known[:2], self.names)
        return self._memory.domains[known]

    def register(self, clauses: Sequence[Clause]) -> None:
        """The keys of these clauses, so that each gets a value in every request."""
        plain: set[str] = set()
        for clause in clauses:
            for condition in clause.statement.conditions:
                self.spelling.setdefault(condition.key.lower(), condition.key)
            for atom in clause.atoms:
                if atom.opaque:
                    if atom.opaque_value:
                        self._kinds.setdefault(atom.dimension, key_kind(atom.dimension))
                    continue
                kind = self._kinds.get(atom.dimension, Kind.BOOL)
                # Bool compares texts, so a key that is also compared as text is a text.
                self._kinds[atom.dimension] = atom.kind if kind is Kind.BOOL else kind
                if atom.quantifier.value == "one" and atom.test is not None:
                    plain.add(atom.dimension)
        for key in self._kinds:
            own = not key.startswith(("aws:", "s3:", "ec2:", "kms:"))
            self._several[key] = key in MULTIVALUED or (
                own and key != RESOURCE and key not in plain
            )

    def equals(self, key: str, value: str) -> Atom:
        """The atom that pins a key to a value."""
        if key_kind(key) is Kind.ADDRESS:
            return Atom(
                key,
                f"{key} = {value}",
                test=AddressTest(addresses(value) or AddressSet()),
                kind=Kind.ADDRESS,
            )
        test = TextTest(language((literal_tokens(value),)))
        lifted = lift_to_arn(key, self.caller, test)
        if lifted is not None:
            return Atom("aws:principalarn", f"{key} = {value}", test=lifted)
        return Atom(key, f"{key} = {value}", test=test)

    def solve(
        self, literals: Sequence[Literal]
    ) -> tuple[dict[str, Value] | None, tuple[Literal, ...]]:
        """A value for each dimension, or None with the literals that cannot hold together.

        Raises TooManyStates.
        """
        grouped: dict[str, list[Literal]] = {key: [] for key in (RESOURCE, *self._kinds)}
        if self.caller.kind in _IDENTITIES:
            grouped.setdefault("aws:principalarn", [])
        for literal in literals:
            grouped.setdefault(literal.atom.dimension, []).append(literal)
        values: dict[str, Value] = {}
        for key, group in grouped.items():
            memo = (key, frozenset((lit.atom, lit.wanted) for lit in group))
            if memo not in self._solved:
                self._solved[memo] = solve(
                    self.domain(key),
                    group,
                    self._kinds.get(key, key_kind(key)),
                    self._several.get(key, key in MULTIVALUED),
                    STEPS,
                )
            possible, value = self._solved[memo]
            if not possible:
                return None, tuple(group)
            values[key] = value
        return values, ()


def settle(
    allows: Sequence[Sequence[Clause]], denies: Sequence[Clause], dimensions: Dimensions
) -> tuple[list[list[Clause]], list[Clause]]:
    """The clauses with everything opaque that these dimensions cannot decide.

    That is: facts that the policy does not tell, and keys that are compared in two ways that
    no one type covers.
    """
    clauses = [*(c for layer in allows for c in layer), *denies]
    tests: dict[str, set[type]] = {}
    for atom in (a for clause in clauses for a in clause.atoms if not a.opaque):
        if atom.test is not None:
            tests.setdefault(atom.dimension, set()).add(type(atom.test))
    mixed = {key for key, kinds in tests.items() if len(kinds) > 1}
    asked = {a.dimension for c in clauses for a in c.atoms if a.opaque_value or not a.opaque}
    open_ones = {key for key in asked if dimensions.domain(key).undetermined}
    if not mixed and not open_ones:
        dimensions.register(clauses)
        return [list(layer) for layer in allows], list(denies)

    def settled(atom: Atom) -> Atom:
        if atom.dimension == RESOURCE or (atom.opaque and not atom.opaque_value):
            return atom
        if atom.dimension in open_ones:
            return replace(atom, opaque="what it asks about is not known here", opaque_value=False)
        if atom.opaque:
            return atom
        if atom.dimension in mixed and isinstance(atom.test, (TextTest, NumberTest)):
            return replace(
                atom,
                opaque="the key is compared in ways that exclude each other",
                opaque_value=True,
            )
        return atom

    def renewed(clause: Clause) -> Clause:
        return _with_atoms(clause, tuple(settled(atom) for atom in clause.atoms))

    new_allows = [[renewed(c) for c in layer] for layer in allows]
    new_denies = [renewed(c) for c in denies]
    dimensions.register([*(c for layer in new_allows for c in layer), *new_denies])
    return new_allows, new_denies


def assume(clauses: Sequence[Clause], helpful: bool) -> list[Clause]:
    """The clauses with comparisons that are not known taken to come out one way.

    Helpful is true in an Allow and false in a Deny; otherwise the other way round. What the
    absence of the key means is known all the same (A11), so it stays a way out.
    """

    if not any(atom.opaque_value for clause in clauses for atom in clause.atoms):
        return list(clauses)

    def assumed(atom: Atom, clause: Clause) -> Atom:
        if not (atom.opaque and atom.opaque_value):
            return atom
        truth = helpful is (clause.effect is Effect.ALLOW)
        return replace(atom, opaque="", test=None, present=truth)

    return [_with_atoms(c, tuple(assumed(atom, c) for atom in c.atoms)) for c in clauses]


def _with_atoms(clause: Clause, atoms: tuple[Atom, ...]) -> Clause:
    # Atoms are compared by identity: most clauses stay the very same.
    return clause if atoms == clause.atoms else replace(clause, atoms=atoms)
