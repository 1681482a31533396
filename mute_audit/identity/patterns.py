"""Wildcard patterns as small automata: which texts satisfy all of these and none of those?

A `Language` is a union of patterns, run bit-parallel: one bit of a Python integer for each
position of each pattern. `find` walks the product of several languages and of complements of
others, breadth first, and returns a shortest text, so an answer always carries its example.
Complements need the subset construction, which is done lazily; a walk over more than `limit`
states stops with `TooManyStates` and the caller answers unknown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
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
STATE_LIMIT = 20_000
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

Tokens = tuple[Token, ...]


@lru_cache(maxsize=4096)
def _char(char: str, ignore_case: bool) -> Token:
    if not ignore_case:
        return Token(only=frozenset(char))
    return Token(only=frozenset(c for c in (char, char.lower(), char.upper()) if len(c) == 1))


def literal_tokens(text: str, ignore_case: bool = False) -> Tokens:
    """Exactly this text; `*` and `?` are ordinary characters."""
    return tuple(_char(char, ignore_case) for char in text)


def glob_tokens(text: str, ignore_case: bool = False) -> Tokens:
    """`*` any text, `?` any one character, everything else itself."""
    wild = {"*": _STAR, "?": _ANY}
    return tuple(wild.get(char) or _char(char, ignore_case) for char in text)


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


def segment_tokens(text: str) -> Tokens:
    """A pattern of six ARN segments that is written here, not by a person."""
    tokens = arn_tokens(Pattern(text, (Text(text),)))
    if tokens is None:
        raise ValueError(text)
    return tokens


class Language:
    """The texts that at least one of some patterns takes whole. Immutable."""

    __slots__ = (
        "_bits",
        "_lits",
        "_mentions",
        "_star_bits",
        "_stars",
        "final",
        "patterns",
        "sink",
        "start",
    )

    def __init__(self, patterns: Iterable[Tokens]) -> None:
        self.patterns = tuple(patterns)
        tokens: list[Token | None] = []
        start = final = sink = 0
        for pattern in self.patterns:
            start |= 1 << len(tokens)
            if pattern and pattern[-1] is _STAR:
                # At an unrestricted star that ends its pattern, every continuation is taken.
                sink |= 1 << (len(tokens) + len(pattern) - 1)
            tokens.extend(pattern)
            final |= 1 << len(tokens)
            tokens.append(None)
        self._bits = tuple(tokens)
        self._star_bits = sum(1 << i for i, t in enumerate(tokens) if t is not None and t.star)
        self._lits: dict[str, int] = {}
        self._stars: dict[str, int] = {}
        self._mentions: dict[int, tuple[frozenset[str], bool]] = {}
        self.final = final
        self.sink = sink
        self.start = self._close(start)

    def _close(self, state: int) -> int:
        """Passing over a star costs nothing."""
        while True:
            wider = state | ((state & self._star_bits) << 1)
            if wider == state:
                return state
            state = wider

    def _compile(self, char: str) -> None:
        lits = stars = 0
        for index, token in enumerate(self._bits):
            if token is not None and token.takes(char):
                if token.star:
                    stars |= 1 << index
                else:
                    lits |= 1 << index
        self._lits[char] = lits
        self._stars[char] = stars

    def step(self, state: int, char: str) -> int:
        """The positions after one more character."""
        if not state:
            return 0
        if char not in self._lits:
            self._compile(char)
        return self._close(((state & self._lits[char]) << 1) | (state & self._stars[char]))

    def mentions(self, state: int) -> tuple[frozenset[str], bool]:
        """Characters told apart at these positions, and whether others lead on as well."""
        known = self._mentions.get(state)
        if known is not None:
            return known
        chars: set[str] = set()
        open_ended = False
        rest = state
        while rest:
            low = rest & -rest
            rest ^= low
            token = self._bits[low.bit_length() - 1]
            if token is None:
                continue
            if token.only is None:
                open_ended = True
            else:
                chars |= token.only
            chars |= token.but
        answer = (frozenset(chars), open_ended)
        self._mentions[state] = answer
        return answer

    def accepts(self, text: str) -> bool:
        state = self.start
        for char in text:
            state = self.step(state, char)
            if not state:
                return False
            if state & self.sink:
                return True
        return bool(state & self.final)


@lru_cache(maxsize=8192)
def language(patterns: tuple[Tokens, ...]) -> Language:
    """The union of patterns; the same patterns give the same object."""
    return Language(patterns)


ANYTHING = language(((_STAR,),))
NONEMPTY = language(((_ANY, _STAR),))


def find(
    inside: Sequence[Language], outside: Sequence[Language] = (), limit: int = STATE_LIMIT
) -> str | None:
    """A shortest text in every language of `inside` and in none of `outside`, or None.

    Raises TooManyStates where more than `limit` states of the product would be visited.
    """
    found = _find(tuple(inside) or (ANYTHING,), tuple(outside), limit)
    if found is False:
        raise TooManyStates
    return found


@lru_cache(maxsize=16_384)
def _find(
    inside: tuple[Language, ...], outside: tuple[Language, ...], limit: int
) -> str | Literal[False] | None:
    """`find`, with False where it was cut off: that is remembered as well."""
    count = len(inside)
    parts = (*inside, *outside)
    begin = tuple(part.start for part in parts)
    if _dead(parts, begin, count):
        return None
    if _accepted(parts, begin, count):
        return ""
    # Each state remembers how it was reached; the text is read off backwards at the end.
    reached: dict[tuple[int, ...], tuple[tuple[int, ...], str] | None] = {begin: None}
    queue = deque([begin])
    while queue:
        state = queue.popleft()
        for char in _choices(parts, state, count):
            after = tuple(
                part.step(position, char) for part, position in zip(parts, state, strict=True)
            )
            if after in reached or _dead(parts, after, count):
                continue
            reached[after] = (state, char)
            if _accepted(parts, after, count):
                return _read(reached, after)
            if len(reached) > limit:
                return False
            queue.append(after)
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


def _choices(parts: Sequence[Language], state: tuple[int, ...], count: int) -> list[str]:
    """The characters worth trying: all that some position tells apart, and one for the rest."""
    mentioned: set[str] = set()
    closed: frozenset[str] | None = None
    for index, position in enumerate(state):
        chars, open_ended = parts[index].mentions(position)
        if index < count and not open_ended:
            closed = chars if closed is None else closed & chars
        mentioned |= chars
    if closed is not None:
        return sorted(closed, key=_letters_first)
    choices = sorted(mentioned, key=_letters_first)
    other = next((char for char in _FRIENDLY if char not in mentioned), None)
    if other is None:
        other = next(chr(code) for code in range(0x4E00, 0x9FFF) if chr(code) not in mentioned)
    return [other, *choices]


def _letters_first(char: str) -> tuple[bool, str]:
    return not char.isalnum(), char


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
