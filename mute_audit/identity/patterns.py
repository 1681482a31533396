"""Which texts satisfy all of these patterns and none of those?

`find` walks the product of several languages and of complements of others and returns a shortest
text, so an answer always carries its example. The walk is A*: what every pattern still has to take
is a bound from below, so that a text which exists is reached almost straight away, and only *there
is none* costs the whole product. Complements need the subset construction, which is done lazily; a
walk of more than `limit` steps stops with `TooManyStates` and the caller answers unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from heapq import heappop, heappush
from typing import Literal

from mute_audit.identity.automata import ANYTHING, FRIENDLY, Language, friendliness

__all__ = ["TooManyStates", "find"]

# Steps of single automata that one question may cost: about a tenth of a second.
STEP_LIMIT = 60_000


class TooManyStates(Exception):
    """The walk was cut off at its limit: the question is open."""


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
    if any(part in outside for part in inside):
        return None
    at_once = _at_once(inside, outside)
    if at_once is not None:
        return at_once
    found = _walk(inside, outside, limit // 8, greedy=False)
    return _walk(inside, outside, limit, greedy=True) if found is False else found


def _at_once(inside: tuple[Language, ...], outside: tuple[Language, ...]) -> str | None:
    """A shortest text of the longest pattern, where it happens to fit the others as well.

    No text is shorter than that, so that there is no need to look for one.
    """
    needs = [part.needs(part.start) if part.start else -1 for part in inside]
    if min(needs) < 0:
        return None
    longest = inside[needs.index(max(needs))]
    for text in longest.shortest():
        if all(part.accepts(text) for part in inside) and not any(
            part.accepts(text) for part in outside
        ):
            return text
    return None


def _walk(
    inside: tuple[Language, ...], outside: tuple[Language, ...], limit: int, greedy: bool
) -> str | Literal[False] | None:
    """One walk over the product: to a shortest text, or (greedy) to the nearest at hand."""
    count = len(inside)
    parts = (*inside, *outside)
    prefix = max((part.prefix for part in inside), key=len)
    begin = tuple([part.after(prefix) for part in parts])
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
        other = next((char for char in FRIENDLY if char not in mentioned), None)
        if other is None:
            other = next(chr(code) for code in range(0x4E00, 0x9FFF) if chr(code) not in mentioned)
        chars = {*mentioned, other}
    kinds: dict[tuple[bool, ...], str] = {}
    ordered = tuple(sets)
    for char in sorted(chars, key=friendliness):
        kinds.setdefault(tuple([char in each for each in ordered]), char)
    return tuple(kinds.values())


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
