"""The search for a request: a conjunction of atoms, with every Deny escaped.

It keeps a conjunction, solves its dimensions one by one and looks at the request that comes out: if
a Deny applies to it, it branches over the ways to escape that Deny, so Denies that are never in the
way cost nothing. It is complete: where it finds none, there is none.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from mute_audit.identity.atoms import Literal, Value
from mute_audit.identity.compile import Clause
from mute_audit.identity.dimensions import Dimensions
from mute_audit.identity.patterns import TooManyStates

__all__ = ["Budget", "Search"]


class Budget:
    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooManyStates


class Search:
    """One search, in one of its two moods towards what is not known."""

    def __init__(
        self, dimensions: Dimensions, denies: Sequence[Clause], spent: Budget, helpful: bool
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
