"""Reading Terraform's language."""

from __future__ import annotations

from pathlib import Path

import pytest

from mute_audit.errors import InputError
from mute_audit.sources.terraform.hcl import parse_body, parse_expression
from mute_audit.sources.terraform.syntax import (
    Attr,
    Binary,
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

X = Var("x")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1", Literal(1)),
        ("1.5e3", Literal(1500.0)),
        ("true", Literal(True)),
        ("null", Literal(None)),
        ('"a"', Literal("a")),
        (r'"a\n\"b\" é"', Literal('a\n"b" é')),
        ('"$${x} %%{if}"', Literal("${x} %{if}")),
        ('"${x}"', X),
        ('"a${x}"', Template((Literal("a"), X))),
        ('"${"${x}b"}"', Template((X, Literal("b")))),
        ('"%{ if x }a%{ endif }"', Opaque((X, Literal("a")))),
        ("x.a.b", Attr(Attr(X, "a"), "b")),
        ('x["a"]', Index(X, Literal("a"))),
        ("x.0.a", Attr(Index(X, Literal(0)), "a")),
        ("x[*].id", Splat(X, Attr(Var("*"), "id"))),
        ("x[*].a[0]", Splat(X, Index(Attr(Var("*"), "a"), Literal(0)))),
        ("x.*.id[0]", Index(Splat(X, Attr(Var("*"), "id")), Literal(0))),
        ("f(x, 1)", Call("f", (X, Literal(1)))),
        ("f(x...)", Call("f", (X,), True)),
        ("provider::aws::arn_parse(x)", Call("provider::aws::arn_parse", (X,))),
        ("[x, 1,]", Tuple((X, Literal(1)))),
        ("{a = x, (x) = 1}", Object(((Literal("a"), X), (X, Literal(1))))),
        ('{"a": x}', Object(((Literal("a"), X),))),
        ("[for v in x : v]", ForTuple("", "v", X, Var("v"))),
        ("[for k, v in x : v if k]", ForTuple("k", "v", X, Var("v"), Var("k"))),
        ("{for v in x : v => 1...}", ForObject("", "v", X, Var("v"), Literal(1), None, True)),
        ("x ? 1 : 2", Cond(X, Literal(1), Literal(2))),
        ("1 + 2 * 3", Binary("+", Literal(1), Binary("*", Literal(2), Literal(3)))),
        ("(1 + 2) * 3", Binary("*", Binary("+", Literal(1), Literal(2)), Literal(3))),
        ("!x && -x < 1", Binary("&&", Unary("!", X), Binary("<", Unary("-", X), Literal(1)))),
        ("format", Var("format")),
        ("[format]", Tuple((Var("format"),))),
    ],
)
def test_an_expression(text: str, meaning: Expr) -> None:
    assert parse_expression(text, "t") == meaning


def test_a_conditional_may_break_lines_in_an_object() -> None:
    body = parse_body("a = {\n  b = x ?\n    1 :\n    2\n  c = 3 # three\n}\n", "t")
    assert body.attributes["a"] == Object(
        ((Literal("b"), Cond(X, Literal(1), Literal(2))), (Literal("c"), Literal(3)))
    )


def test_heredocs_keep_their_references() -> None:
    body = parse_body("a = <<-END\n    one ${x}\n      two $${y}\n  END\nb = 1\n", "t")
    assert body.attributes["a"] == Template((Literal("one "), X, Literal("\n  two $${y}\n")))
    assert body.attributes["b"] == Literal(1)


def test_blocks_know_their_line() -> None:
    body = parse_body('# first\n\nresource "aws_vpc" "this" {\n  dynamic "x" {\n  }\n}\n', "t")
    (block,) = body.blocks
    assert (block.type, block.labels, block.line) == ("resource", ("aws_vpc", "this"), 3)
    assert [(inner.type, inner.labels) for inner in block.blocks] == [("dynamic", ("x",))]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("a = \n", 1, "an expression is missing"),
        ('a = 1\nb = "open\n', 2, "the text is not closed"),
        ("resource {\n  a = 1\n", 3, "the block `resource` of line 1 is not closed"),
        ("a = [1\nb = 2\n", 2, "`]` is missing"),
        ("a = <<END\n", 1, "`END` is missing"),
        ('a "${x}" {}\n', 1, "a label holds no interpolation"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_body(text, "main.tf")
    assert caught.value.where == f"main.tf:{line}"
    assert why in caught.value.message


def test_the_whole_stack_is_read() -> None:
    """Every file of terraform/, with every resource block in it."""
    folder = Path(__file__).parents[3] / "terraform"
    for file in [*folder.rglob("*.tf"), *folder.rglob("*.hcl")]:
        if ".terraform" in file.parts or file.name.startswith(".terraform"):
            continue
        text = file.read_text()
        body = parse_body(text, str(file))
        blocks = [line for line in text.splitlines() if line.startswith(("resource ", "data "))]
        assert len([b for b in body.blocks if b.type in ("resource", "data")]) == len(blocks)
