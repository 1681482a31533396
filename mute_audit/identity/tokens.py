"""The steps of wildcard patterns, and how the texts of a policy become patterns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from mute_audit.identity.template import Escaped, Pattern, Text

__all__ = [
    "ANY",
    "DIGITS",
    "STAR",
    "Token",
    "Tokens",
    "arn_tokens",
    "glob_tokens",
    "literal_tokens",
    "pattern_tokens",
    "segment_tokens",
    "text_tokens",
]

DIGITS = frozenset("0123456789")


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


ANY = Token()
STAR = Token(star=True)
_NOT_COLON = Token(but=frozenset(":"))
_STAR_NOT_COLON = Token(but=frozenset(":"), star=True)
_WILD = {"*": STAR, "?": ANY}

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
    return (ANY, STAR)


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
                tokens.append(_STAR_NOT_COLON if colons < 5 else STAR)
            elif wild and char == "?":
                tokens.append(_NOT_COLON if colons < 5 else ANY)
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
