"""Wildcard patterns as small automata, run bit-parallel.

A `Language` is a union of patterns: one bit of a Python integer for each position of each pattern.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from mute_audit.identity.tokens import ANY, STAR, Token, Tokens

__all__ = ["ANYTHING", "FRIENDLY", "NONEMPTY", "Language", "friendliness", "language"]

# What one language remembers of its own steps; policies built to fill it run on without.
_REMEMBERED = 4_096
# Where any character will do, the first of these that no pattern mentions stands for the rest.
FRIENDLY = "xyzwvutsrqponmlkjihgfedcba0123456789-_.ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def friendliness(char: str) -> tuple[int, str]:
    """Sorts characters by how well they read in an example."""
    place = FRIENDLY.find(char)
    return (place if place >= 0 else len(FRIENDLY)), char


def _prefix(pattern: Tokens) -> str:
    """The characters that every text of the pattern begins with."""
    chars: list[str] = []
    for token in pattern:
        if token.star or token.only is None or len(token.only) != 1:
            break
        chars += token.only
    return "".join(chars)


def _possible(token: Token) -> bool:
    return token.only is None or not token.only <= token.but


def _example(token: Token) -> str:
    """A character that the token takes: of those that it lists the friendliest, else `x`."""
    if token.only is not None:
        return min(token.only - token.but, key=friendliness)
    return next(char for char in FRIENDLY if char not in token.but)


class Language:
    """The texts that at least one of some patterns takes whole. Immutable."""

    __slots__ = (
        "_after",
        "_all_lits",
        "_all_stars",
        "_but",
        "_lits",
        "_mentions",
        "_needs",
        "_needs_of",
        "_only",
        "_shortest",
        "_star_bits",
        "_stars",
        "_steps",
        "_tokens",
        "final",
        "patterns",
        "prefix",
        "sink",
        "start",
    )

    def __init__(self, patterns: Iterable[Tokens]) -> None:
        self.patterns = tuple(patterns)
        tokens: list[Token | None] = []
        needs: list[int] = []
        start = final = sink = stars = 0
        for pattern in self.patterns:
            start |= 1 << len(tokens)
            if pattern and pattern[-1] is STAR:
                # At an unrestricted star that ends its pattern, every continuation is taken.
                sink |= 1 << (len(tokens) + len(pattern) - 1)
            left = sum(not token.star for token in pattern)
            for token in pattern:
                needs.append(left)
                if token.star:
                    stars |= 1 << len(tokens)
                else:
                    left -= 1
                tokens.append(token)
            final |= 1 << len(tokens)
            tokens.append(None)
            needs.append(0)
        # Which positions take one character: those that list it, and those open to all but some.
        self._only: dict[str, int] = {}
        self._but: dict[str, int] = {}
        self._all_lits = self._all_stars = 0
        for index, each in enumerate(tokens):
            if each is None:
                continue
            if each.only is not None:
                for char in each.only - each.but:
                    self._only[char] = self._only.get(char, 0) | 1 << index
                continue
            if each.star:
                self._all_stars |= 1 << index
            else:
                self._all_lits |= 1 << index
            for char in each.but:
                self._but[char] = self._but.get(char, 0) | 1 << index
        self._tokens = tuple(tokens)
        self._needs = tuple(needs)
        self._star_bits = stars
        self._lits: dict[str, int] = {}
        self._stars: dict[str, int] = {}
        self._steps: dict[tuple[int, str], int] = {}
        self._mentions: dict[int, tuple[frozenset[frozenset[str]], bool]] = {}
        self._needs_of: dict[int, int] = {}
        self._after: dict[str, int] = {}
        self._shortest: tuple[str, ...] | None = None
        self.final = final
        self.sink = sink
        self.start = self._close(start)
        self.prefix = _prefix(self.patterns[0]) if len(self.patterns) == 1 else ""

    def after(self, text: str) -> int:
        """The positions after a text, which is remembered: many walks begin with the same."""
        known = self._after.get(text)
        if known is None:
            known = self.start
            for char in text:
                known = self.step(known, char)
            self._after[text] = known
        return known

    def shortest(self) -> tuple[str, ...]:
        """A text of each of its shortest patterns, with a friendly character for any."""
        if self._shortest is None:
            texts: dict[str, None] = {}
            least = self.needs(self.start) if self.start else 0
            for pattern in self.patterns:
                kept = [token for token in pattern if not token.star]
                if len(kept) == least and all(map(_possible, kept)):
                    texts["".join(map(_example, kept))] = None
            self._shortest = tuple(texts)
        return self._shortest

    def _close(self, state: int) -> int:
        """Passing over a star costs nothing."""
        while True:
            wider = state | ((state & self._star_bits) << 1)
            if wider == state:
                return state
            state = wider

    def _compile(self, char: str) -> None:
        listed, barred = self._only.get(char, 0), self._but.get(char, 0)
        self._lits[char] = (listed & ~self._star_bits) | (self._all_lits & ~barred)
        self._stars[char] = (listed & self._star_bits) | (self._all_stars & ~barred)

    def step(self, state: int, char: str) -> int:
        """The positions after one more character."""
        if not state:
            return 0
        known = self._steps.get((state, char))
        if known is not None:
            return known
        if char not in self._lits:
            self._compile(char)
        after = self._close(((state & self._lits[char]) << 1) | (state & self._stars[char]))
        if len(self._steps) < _REMEMBERED:
            self._steps[state, char] = after
        return after

    def mentions(self, state: int) -> tuple[frozenset[frozenset[str]], bool]:
        """Sets of characters told apart at these positions, and whether all others lead on."""
        known = self._mentions.get(state)
        if known is not None:
            return known
        sets: set[frozenset[str]] = set()
        open_ended = False
        rest = state
        while rest:
            low = rest & -rest
            rest ^= low
            token = self._tokens[low.bit_length() - 1]
            if token is None:
                continue
            if token.only is None:
                open_ended = True
            else:
                sets.add(token.only)
            if token.but:
                sets.add(token.but)
        answer = (frozenset(sets), open_ended)
        if len(self._mentions) < _REMEMBERED:
            self._mentions[state] = answer
        return answer

    def needs(self, state: int) -> int:
        """How many more characters it takes at least. INVARIANT: the state is not empty."""
        known = self._needs_of.get(state)
        if known is not None:
            return known
        fewest = len(self._needs)
        rest = state
        while rest:
            low = rest & -rest
            rest ^= low
            fewest = min(fewest, self._needs[low.bit_length() - 1])
        if len(self._needs_of) < _REMEMBERED:
            self._needs_of[state] = fewest
        return fewest

    def accepts(self, text: str) -> bool:
        state = self.start
        for char in text:
            if char not in self._lits:
                self._compile(char)
            state = self._close(((state & self._lits[char]) << 1) | (state & self._stars[char]))
            if not state:
                return False
            if state & self.sink:
                return True
        return bool(state & self.final)


@lru_cache(maxsize=2_048)
def language(patterns: tuple[Tokens, ...]) -> Language:
    """The union of patterns; the same patterns give the same object."""
    return Language(patterns)


ANYTHING = language(((STAR,),))
NONEMPTY = language(((ANY, STAR),))
