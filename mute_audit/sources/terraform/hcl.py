"""A reader of Terraform's language: text → blocks and expressions.

Written for this purpose because references are followed through the structure of expressions
(`module.a.ids[each.value.subnet]`), which python-hcl2 gives as text, and a seventeenth as fast;
the tests compare both. Nothing is evaluated here.
"""

from __future__ import annotations

import re

from mute_audit.errors import InputError
from mute_audit.sources.terraform.syntax import (
    Attr,
    Binary,
    Block,
    Call,
    Cond,
    Expr,
    ForObject,
    ForTuple,
    Index,
    Literal,
    Object,
    Opaque,
    Splat,
    Template,
    Tuple,
    Unary,
    Var,
)

__all__ = ["parse_body", "parse_expression", "parse_template"]

_SPACE = re.compile(r"(?:[ \t\r]|#[^\n]*|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_SPACE_AND_LINES = re.compile(r"(?:[ \t\r\n]|#[^\n]*|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NAME = re.compile(r"[^\W\d][\w-]*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_HEREDOC = re.compile(r"<<(-?)([^\W\d][\w-]*)[ \t\r]*\n")
_OPERATOR = re.compile(r"==|!=|<=|>=|&&|\|\||[<>+\-*/%]")
_POWER = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_PLAIN = re.compile(r'[^"\\$%\n]+')
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_WORDS = {"true": True, "false": False, "null": None}


def parse_body(text: str, origin: str) -> Block:
    """A whole file, as a block without type. Raises InputError with file and line."""
    reader = _Reader(text.removeprefix("\ufeff"), origin)
    return reader.body("", (), 1, closing=False)


def parse_expression(text: str, origin: str) -> Expr:
    """One expression. Raises InputError."""
    reader = _Reader(text, origin)
    reader.depth = 1
    found = reader.expression()
    reader.skip()
    if reader.at < len(text):
        raise reader.wrong("this does not belong to the expression")
    return found


def parse_template(text: str, origin: str) -> Expr:
    """A text with interpolations, as in a file that `templatefile` names. Raises InputError."""
    return _Reader(text, origin).document()


class _Reader:
    def __init__(self, text: str, origin: str) -> None:
        self.text = text
        self.origin = origin
        self.at = 0
        # Line breaks mean nothing inside parentheses and brackets.
        self.depth = 0

    # --- the least ----------------------------------------------------------------------------

    def wrong(self, message: str) -> InputError:
        line = self.text.count("\n", 0, self.at) + 1
        return InputError(f"not valid Terraform: {message}", where=f"{self.origin}:{line}")

    def skip(self, *, lines: bool = False) -> None:
        pattern = _SPACE_AND_LINES if lines or self.depth else _SPACE
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()

    def next_is(self, sign: str) -> bool:
        self.skip()
        return self.text.startswith(sign, self.at)

    def take(self, sign: str) -> bool:
        if self.next_is(sign):
            self.at += len(sign)
            return True
        return False

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise self.wrong(f"`{sign}` is missing")

    def name(self) -> str:
        self.skip()
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise self.wrong("a name is missing")
        self.at = match.end()
        return match[0]

    # --- blocks -------------------------------------------------------------------------------

    def body(self, kind: str, labels: tuple[str, ...], line: int, *, closing: bool) -> Block:
        attributes: dict[str, Expr] = {}
        blocks: list[Block] = []
        while True:
            self.skip(lines=True)
            if self.at >= len(self.text):
                if closing:
                    raise self.wrong(f"the block `{kind}` of line {line} is not closed")
                break
            if closing and self.text[self.at] == "}":
                self.at += 1
                break
            start = self.text.count("\n", 0, self.at) + 1
            name = self.name()
            if self.next_is("=") and not self.text.startswith("==", self.at):
                self.at += 1
                attributes[name] = self.expression()
                continue
            found: list[str] = []
            while not self.next_is("{"):
                found.append(self.label())
            self.at += 1
            blocks.append(self.body(name, tuple(found), start, closing=True))
        return Block(kind, labels, line, attributes, tuple(blocks))

    def label(self) -> str:
        if not self.next_is('"'):
            return self.name()
        found = self.string()
        if not isinstance(found, Literal):
            raise self.wrong("a label holds no interpolation")
        return str(found.value)

    # --- expressions --------------------------------------------------------------------------

    def expression(self) -> Expr:
        test = self.binary(1)
        if not self.take("?"):
            return test
        self.skip(lines=True)
        then = self.expression()
        self.skip(lines=True)
        self.need(":")
        self.skip(lines=True)
        return Cond(test, then, self.expression())

    def binary(self, least: int) -> Expr:
        left = self.unary()
        while True:
            self.skip()
            match = _OPERATOR.match(self.text, self.at)
            if match is None or _POWER[match[0]] < least:
                return left
            self.at = match.end()
            self.skip(lines=True)
            left = Binary(match[0], left, self.binary(_POWER[match[0]] + 1))

    def unary(self) -> Expr:
        self.skip()
        for sign in ("!", "-"):
            if self.text.startswith(sign, self.at):
                self.at += 1
                return Unary(sign, self.unary())
        return self.steps(self.primary())

    def steps(self, of: Expr) -> Expr:
        """Attributes, indexes and splats behind an expression."""
        while True:
            self.skip()
            if self.text.startswith("[", self.at):
                self.at += 1
                self.depth += 1
                if self.take("*"):
                    self.need("]")
                    self.depth -= 1
                    return Splat(of, self.steps(Var("*")))
                key = self.expression()
                self.need("]")
                self.depth -= 1
                of = Index(of, key)
            elif self.text.startswith(".", self.at) and not self.text.startswith("...", self.at):
                self.at += 1
                if self.take("*"):
                    # The old splat takes attributes only; what is indexed is the result.
                    return self.steps(Splat(of, self.attributes(Var("*"))))
                of = self.attribute(of)
            else:
                return of

    def attributes(self, of: Expr) -> Expr:
        while self.text.startswith(".", self.at) and not self.text.startswith("...", self.at):
            self.at += 1
            of = self.attribute(of)
        return of

    def attribute(self, of: Expr) -> Expr:
        number = re.compile(r"\d+").match(self.text, self.at)
        if number:
            self.at = number.end()
            return Index(of, Literal(int(number[0])))
        return Attr(of, self.name())

    def primary(self) -> Expr:
        self.skip()
        if self.at >= len(self.text):
            raise self.wrong("an expression is missing")
        sign = self.text[self.at]
        if sign == '"':
            return self.string()
        if sign == "(":
            self.at += 1
            self.depth += 1
            found = self.expression()
            self.need(")")
            self.depth -= 1
            return found
        if sign == "[":
            return self.listing()
        if sign == "{":
            return self.mapping()
        if sign == "<":
            return self.heredoc()
        number = _NUMBER.match(self.text, self.at)
        if number:
            self.at = number.end()
            plain = number[0].isdigit()
            return Literal(int(number[0]) if plain else float(number[0]))
        if not _NAME.match(self.text, self.at):
            raise self.wrong("an expression is missing")
        name = self.name()
        while self.text.startswith("::", self.at):
            self.at += 2
            name += "::" + self.name()
        if self.text.startswith("(", self.at):
            return self.call(name)
        return Literal(_WORDS[name]) if name in _WORDS else Var(name)

    def call(self, name: str) -> Expr:
        self.at += 1
        self.depth += 1
        args: list[Expr] = []
        expand = False
        while not self.take(")"):
            args.append(self.expression())
            if self.take("..."):
                expand = True
            if not self.take(","):
                self.need(")")
                break
        self.depth -= 1
        return Call(name, tuple(args), expand)

    def listing(self) -> Expr:
        self.at += 1
        self.depth += 1
        if self.starts_for():
            key, value, source = self.loop()
            result = self.expression()
            condition = self.condition()
            self.need("]")
            self.depth -= 1
            return ForTuple(key, value, source, result, condition)
        items: list[Expr] = []
        while not self.take("]"):
            items.append(self.expression())
            if not self.take(","):
                self.need("]")
                break
        self.depth -= 1
        return Tuple(tuple(items))

    def mapping(self) -> Expr:
        self.at += 1
        outer, self.depth = self.depth, 1
        if self.starts_for():
            key, value, source = self.loop()
            name = self.expression()
            self.need("=>")
            result = self.expression()
            grouped = self.take("...")
            condition = self.condition()
            self.need("}")
            self.depth = outer
            return ForObject(key, value, source, name, result, condition, grouped)
        self.depth = 0
        items: list[tuple[Expr, Expr]] = []
        while True:
            self.skip(lines=True)
            if self.text.startswith("}", self.at):
                self.at += 1
                break
            items.append(self.item())
            self.take(",")
        self.depth = outer
        return Object(tuple(items))

    def item(self) -> tuple[Expr, Expr]:
        start = self.at
        bare = _NAME.match(self.text, self.at)
        if bare:
            self.at = bare.end()
            if not (self.next_is("=") or self.next_is(":")) or self.next_is("=="):
                self.at, bare = start, None
        key: Expr = Literal(bare[0]) if bare else self.expression()
        if not (self.take("=") or self.take(":")):
            raise self.wrong("`=` is missing")
        self.skip(lines=True)
        return key, self.expression()

    def starts_for(self) -> bool:
        self.skip()
        match = _NAME.match(self.text, self.at)
        if match is None or match[0] != "for":
            return False
        after = _SPACE_AND_LINES.match(self.text, match.end())
        if after is None or not _NAME.match(self.text, after.end()):
            return False
        self.at = match.end()
        return True

    def loop(self) -> tuple[str, str, Expr]:
        key, value = "", self.name()
        if self.take(","):
            key, value = value, self.name()
        if self.name() != "in":
            raise self.wrong("`in` is missing")
        source = self.expression()
        self.need(":")
        return key, value, source

    def condition(self) -> Expr | None:
        self.skip()
        if not re.compile(r"if\b").match(self.text, self.at):
            return None
        self.at += 2
        return self.expression()

    # --- texts --------------------------------------------------------------------------------

    def string(self) -> Expr:
        self.at += 1
        parts: list[Expr] = []
        plain: list[str] = []
        directives = False
        while True:
            match = _PLAIN.match(self.text, self.at)
            if match:
                plain.append(match[0])
                self.at = match.end()
            rest = self.text[self.at : self.at + 3]
            if not rest or rest[0] == "\n":
                raise self.wrong("the text is not closed")
            if rest[0] == '"':
                self.at += 1
                break
            if rest[0] == "\\":
                plain.append(self.escape())
            elif rest in ("$${", "%%{"):
                plain.append(rest[1:])
                self.at += 3
            elif rest[:2] in ("${", "%{"):
                directives |= rest[0] == "%"
                if plain:
                    parts.append(Literal("".join(plain)))
                    plain = []
                parts += self.interpolation()
            else:
                plain.append(rest[0])
                self.at += 1
        if plain:
            parts.append(Literal("".join(plain)))
        return _template(parts, directives)

    def escape(self) -> str:
        sign = self.text[self.at + 1 : self.at + 2]
        size = {"u": 4, "U": 8}.get(sign, 0)
        digits = self.text[self.at + 2 : self.at + 2 + size]
        self.at += 2 + size
        if not size:
            return _ESCAPES.get(sign, sign)
        try:
            return chr(int(digits, 16))
        except ValueError as error:
            raise self.wrong(f"`\\{sign}{digits}` is no character") from error

    def interpolation(self) -> list[Expr]:
        """`${…}` and `%{…}`: the expressions inside."""
        directive = self.text[self.at] == "%"
        self.at += 2
        self.take("~")
        outer, self.depth = self.depth, 1
        found: list[Expr] = []
        if directive:
            word = self.name()
            if word == "for":
                found.append(self.loop_head())
            elif word in ("if", "elseif"):
                found.append(self.expression())
        else:
            found.append(self.expression())
        self.take("~")
        self.need("}")
        self.depth = outer
        return found

    def loop_head(self) -> Expr:
        self.name()
        if self.take(","):
            self.name()
        if self.name() != "in":
            raise self.wrong("`in` is missing")
        return self.expression()

    def heredoc(self) -> Expr:
        match = _HEREDOC.match(self.text, self.at)
        if match is None:
            raise self.wrong("an expression is missing")
        end = re.compile(rf"^[ \t]*{re.escape(match[2])}[ \t\r]*$", re.MULTILINE)
        last = end.search(self.text, match.end())
        if last is None:
            raise self.wrong(f"`{match[2]}` is missing")
        body = self.text[match.end() : last.start()]
        if match[1]:
            lines = body.split("\n")
            indents = [len(x) - len(x.lstrip(" \t")) for x in lines if x.strip()]
            body = "\n".join(x[min(indents, default=0) :] for x in lines)
        inner = _Reader(body, self.origin)
        found = inner.document()
        self.at = last.end()
        return found

    def document(self) -> Expr:
        """The inside of a heredoc: everything up to the end is text."""
        parts: list[Expr] = []
        directives = False
        start = 0
        for match in re.finditer(r"\$\$\{|%%\{|\$\{|%\{", self.text):
            if match.start() < self.at or len(match[0]) == 3:
                continue
            parts.append(Literal(self.text[max(start, self.at) : match.start()]))
            directives |= match[0] == "%{"
            self.at = match.start()
            parts += self.interpolation()
            start = self.at
        parts.append(Literal(self.text[self.at :]))
        return _template([p for p in parts if p != Literal("")], directives)


def _template(parts: list[Expr], directives: bool) -> Expr:
    if directives:
        return Opaque(tuple(parts))
    if not parts:
        return Literal("")
    if len(parts) == 1:
        # A text that is one interpolation is that value; a lone literal is itself.
        return parts[0]
    return Template(tuple(parts))
