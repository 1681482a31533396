"""The texts of a policy that may hold wildcards and variables, cut into their parts."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Escaped", "Pattern", "Text", "Variable", "pattern_of"]


@dataclass(frozen=True, slots=True)
class Text:
    """Characters as written: `*` and `?` are wildcards where the place allows them."""

    text: str


@dataclass(frozen=True, slots=True)
class Escaped:
    """`${*}`, `${?}` or `${$}`: the character itself."""

    text: str


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key}` or `${key, 'default'}`; its value is never read as a wildcard."""

    key: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text of the policy: as written, and its parts in order."""

    written: str
    parts: tuple[Text | Escaped | Variable, ...]

    @property
    def variables(self) -> tuple[Variable, ...]:
        if len(self.parts) == 1 and isinstance(self.parts[0], Text):
            return ()
        return tuple(part for part in self.parts if isinstance(part, Variable))

    @property
    def fixed(self) -> bool:
        """No variable and no wildcard: it stands for exactly one text."""
        return all(
            not isinstance(part, Variable)
            and (isinstance(part, Escaped) or not ("*" in part.text or "?" in part.text))
            for part in self.parts
        )

    def __str__(self) -> str:
        return self.written


def pattern_of(text: str, variables: bool) -> Pattern:
    """`text` in its parts; `variables` says whether the document's version has them (A13)."""
    if not variables or "${" not in text:
        return Pattern(text, (Text(text),))
    parts: list[Text | Escaped | Variable] = []
    rest = text
    while rest:
        before, opening, after = rest.partition("${")
        inside, closing, behind = after.partition("}")
        if not opening or not closing:
            parts.append(Text(rest))
            break
        if before:
            parts.append(Text(before))
        if inside in ("*", "?", "$"):
            parts.append(Escaped(inside))
        else:
            parts.append(_variable(inside))
        rest = behind
    return Pattern(text, tuple(parts))


def _variable(inside: str) -> Variable:
    key, comma, default = inside.partition(",")
    default = default.strip()
    if comma and len(default) >= 2 and default[0] == "'" and default[-1] == "'":
        return Variable(key.strip(), default[1:-1])
    return Variable(inside.strip())
