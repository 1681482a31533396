"""Wildcard patterns as small automata: which texts satisfy all of these and none of those?

A `Language` is a union of patterns, run bit-parallel: one bit of a Python integer for each
position of each pattern. `find` walks the product of several languages and of complements of
others and returns a shortest text, so an answer always carries its example. The walk is A*: what
every pattern still has to take is a bound from below, so that a text which exists is reached
almost straight away, and only *there is none* costs the whole product. Complements need the
subset construction, which is done lazily; a walk of more than `limit` steps stops with
`TooManyStates` and the caller answers unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush
from typing import Literal

from mute_audit.identity.template import Escaped, Pattern, Text

__all__ = [
    "ANYTHING",
    "DIGITS",
    "NONEMPTY",
    "Language",
    "Token",
    "TooManyStates",
    "arn_tokens",
    "find",
    "glob_tokens",
    "language",
    "literal_tokens",
    "pattern_tokens",
    "segment_tokens",
    "text_tokens",
]

DIGITS = frozenset("0123456789")
# Steps of single automata that one question may cost: about a tenth of a second.
STEP_LIMIT = 60_000
# What one language remembers of its own steps; policies built to fill it run on without.
_REMEMBERED = 4_096
# Where any character will do, the first of these that no pattern mentions stands for the rest.
_FRIENDLY = "xyzwvutsrqponmlkjihgfedcba0123456789-_.ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class TooManyStates(Exception):
    """The walk was cut off at its limit: the question is open."""


@dataclass(frozen=True, eq=False, slots=True)
class Token:
    """One step of a pattern. Compared by identity, so that patterns hash fast.

    `only` lists the characters that it takes, None for every one; `but` takes some out.
    `star` repeats it any number of times, none included.
    """

    only: frozenset[str] | None = None
    but: frozenset[str] = frozenset()
    star: bool = False

    def takes(self, char: str) -> bool:
        return (self.only is None or char in self.only) and char not in self.but


_ANY = Token()
_STAR = Token(star=True)
_NOT_COLON = Token(but=frozenset(":"))
_STAR_NOT_COLON = Token(but=frozenset(":"), star=True)
_WILD = {"*": _STAR, "?": _ANY}

Tokens = tuple[Token, ...]


@lru_cache(maxsize=4096)
def _char(char: str, ignore_case: bool) -> Token:
    if not ignore_case:
        return Token(only=frozenset(char))
    return Token(only=frozenset(c for c in (char, char.lower(), char.upper()) if len(c) == 1))


@lru_cache(maxsize=2_048)
def literal_tokens(text: str, ignore_case: bool = False) -> Tokens:
    """Exactly this text; `*` and `?` are ordinary characters."""
    return tuple(_char(char, ignore_case) for char in text)


@lru_cache(maxsize=2_048)
def glob_tokens(text: str, ignore_case: bool = False) -> Tokens:
    """`*` any text, `?` any one character, everything else itself."""
    return tuple(_WILD.get(char) or _char(char, ignore_case) for char in text)


def text_tokens() -> Tokens:
    """Any text that is not empty."""
    return (_ANY, _STAR)


def pattern_tokens(pattern: Pattern, wildcards: bool = True, ignore_case: bool = False) -> Tokens:
    """A text of a policy. INVARIANT: it holds no variable (those are replaced before)."""
    tokens: list[Token] = []
    for part in pattern.parts:
        if isinstance(part, Text) and wildcards:
            tokens += glob_tokens(part.text, ignore_case)
        elif isinstance(part, (Text, Escaped)):
            tokens += literal_tokens(part.text, ignore_case)
    return tuple(tokens)


def arn_tokens(pattern: Pattern) -> Tokens | None:
    """A pattern of an Arn operator: segment by segment, so `*` does not cross a colon (A9).

    Only in the sixth segment, which may itself hold colons, is `*` free. A lone `*` is every
    ARN. None where the text has fewer than six segments, so that what AWS makes of it is open.
    """
    if pattern.written == "*":
        return arn_tokens(Pattern("*:*:*:*:*:*", (Text("*:*:*:*:*:*"),)))
    tokens: list[Token] = []
    colons = 0
    for part in pattern.parts:
        for char in part.text if isinstance(part, (Text, Escaped)) else "":
            wild = isinstance(part, Text)
            if char == ":":
                colons += 1
            if wild and char == "*":
                tokens.append(_STAR_NOT_COLON if colons < 5 else _STAR)
            elif wild and char == "?":
                tokens.append(_NOT_COLON if colons < 5 else _ANY)
            else:
                tokens.append(_char(char, False))
    return tuple(tokens) if colons >= 5 else None


@lru_cache(maxsize=1024)
def segment_tokens(text: str) -> Tokens:
    """A pattern of six ARN segments that is written here, not by a person."""
    tokens = arn_tokens(Pattern(text, (Text(text),)))
    if tokens is None:
        raise ValueError(text)
    return tokens


def _prefix(pattern: Tokens) -> str:
    """The characters that every text of the pattern begins with."""
    chars: list[str] = []
    for token in pattern:
        if token.star or token.only is None or len(token.only) != 1:
            break
        chars += token.only
    return "".join(chars)


class Language:
    """The texts that at least one of some patterns takes whole. Immutable."""

    __slots__ = (
        "_all_lits",
        "_all_stars",
        "_but",
        "_lits",
        "_mentions",
        "_needs",
        "_needs_of",
        "_only",
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
            if pattern and pattern[-1] is _STAR:
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
        self.final = final
        self.sink = sink
        self.start = self._close(start)
        self.prefix = _prefix(self.patterns[0]) if len(self.patterns) == 1 else ""

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


ANYTHING = language(((_STAR,),))
NONEMPTY = language(((_ANY, _STAR),))


def find(
    inside: Sequence[Language], outside: Sequence[Language] = (), limit: int = STEP_LIMIT
) -> str | None:
    """A text in every language of `inside` and in none of `outside`, or None.

    A shortest one, unless an eighth of `limit` was not enough to find that. Raises TooManyStates
    where more than `limit` steps of single automata would be made.
    """
    found = _find(tuple(inside) or (ANYTHING,), tuple(outside), limit)
    if found is False:
        raise TooManyStates
    return found


@lru_cache(maxsize=2_048)
def _find(
    inside: tuple[Language, ...], outside: tuple[Language, ...], limit: int
) -> str | Literal[False] | None:
    """`find`, with False where it was cut off: that is remembered as well."""
    found = _walk(inside, outside, limit // 8, greedy=False)
    return _walk(inside, outside, limit, greedy=True) if found is False else found


def _walk(
    inside: tuple[Language, ...], outside: tuple[Language, ...], limit: int, greedy: bool
) -> str | Literal[False] | None:
    """One walk over the product: to a shortest text, or (greedy) to the nearest at hand."""
    count = len(inside)
    parts = (*inside, *outside)
    begin = tuple(part.start for part in parts)
    prefix = max((part.prefix for part in inside), key=len)
    for char in prefix:
        begin = tuple([part.step(at, char) for part, at in zip(parts, begin, strict=True)])
    if _dead(parts, begin, count):
        return None
    # Each state remembers how it was reached; the text is read off backwards at the end.
    reached: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None] = {begin: None}
    depth = {begin: 0}
    # By the length that a text through this state has at least; of equals, the deepest first.
    queue = [(0, 0, 0, begin)]
    left = limit
    while queue:
        _, _, _, state = heappop(queue)
        if _accepted(parts, state, count):
            return prefix + _read(reached, state)
        length = depth[state] + 1
        choices = _choices(parts, state, count)
        left -= len(choices) * len(parts)
        if left < 0:
            return False
        for char in choices:
            after = tuple(
                [part.step(position, char) for part, position in zip(parts, state, strict=True)]
            )
            if depth.get(after, length + 1) <= length or _dead(parts, after, count):
                continue
            reached[after] = (state, char)
            depth[after] = length
            needs = [part.needs(position) for part, position in zip(inside, after, strict=False)]
            bound = sum(needs) if greedy else length + max(needs)
            heappush(queue, (bound, -length, len(reached), after))
    return None


def _dead(parts: Sequence[Language], state: tuple[int, ...], count: int) -> bool:
    for index, position in enumerate(state):
        if index < count:
            if not position:
                return True
        elif position & parts[index].sink:
            return True
    return False


def _accepted(parts: Sequence[Language], state: tuple[int, ...], count: int) -> bool:
    for index, position in enumerate(state):
        if bool(position & parts[index].final) is not (index < count):
            return False
    return True


def _choices(parts: Sequence[Language], state: tuple[int, ...], count: int) -> tuple[str, ...]:
    """The characters worth trying: one of each kind that some position tells apart."""
    sets: set[frozenset[str]] = set()
    closed: list[frozenset[frozenset[str]]] = []
    for index, position in enumerate(state):
        mentioned, open_ended = parts[index].mentions(position)
        if index < count and not open_ended:
            closed.append(mentioned)
        sets |= mentioned
    return _representatives(frozenset(sets), frozenset(closed))


@lru_cache(maxsize=2_048)
def _representatives(
    sets: frozenset[frozenset[str]], closed: frozenset[frozenset[frozenset[str]]]
) -> tuple[str, ...]:
    """One character of each class that `sets` tell apart.

    Each of `closed` lists the only sets with which some language goes on.
    """
    chars: Iterable[str]
    if closed:
        chars = frozenset.intersection(*(frozenset[str]().union(*group) for group in closed))
    else:
        mentioned = frozenset[str]().union(*sets)
        other = next((char for char in _FRIENDLY if char not in mentioned), None)
        if other is None:
            other = next(chr(code) for code in range(0x4E00, 0x9FFF) if chr(code) not in mentioned)
        chars = {*mentioned, other}
    kinds: dict[tuple[bool, ...], str] = {}
    ordered = tuple(sets)
    for char in sorted(chars, key=_friendliness):
        kinds.setdefault(tuple([char in each for each in ordered]), char)
    return tuple(kinds.values())


def _friendliness(char: str) -> tuple[int, str]:
    place = _FRIENDLY.find(char)
    return (place if place >= 0 else len(_FRIENDLY)), char


def _read(
    reached: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None], state: tuple[int, ...]
) -> str:
    chars: list[str] = []
    came = reached[state]
    while came is not None:
        state, char = came
        chars.append(char)
        came = reached[state]
    return "".join(reversed(chars))
