"""Our reader of Terraform's language beside python-hcl2: the same blocks, labels and arguments.

python-hcl2 gives expressions as texts. Those are read again, so that where one begins and ends, and
what lies inside lists and objects, has to be the same, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hcl2
import pytest
from bench_hcl import files
from lark.exceptions import UnexpectedInput

from mute_audit.sources.terraform.hcl import parse_body, parse_expression
from mute_audit.sources.terraform.syntax import Block, Expr, Literal, Object, Tuple, Unary

_BLOCK = "__is_block__"
_ASIDE = frozenset({_BLOCK, "__comments__", "__inline_comments__"})
EVERY = files()

SNIPPETS = {
    "heredoc": 'a = <<E\n one "two" ${x["k"]}\n} not the end\nE\nb = 1\n',
    "indented heredoc": "a {\n  b = <<-E\n    one\n      two\n    E\n  c = 1\n}\n",
    "heredoc with a block inside": 'a = <<E\nresource "x" "y" {\n  z = 1\n}\nE\n',
    "heredoc in a list": 'a = [<<E\nx\nE\n, "b"]\nc = 2\n',
    "nested templates": 'a = "${f("${g("${h}")}")}"\nb = "x${y ? "${z}" : "{"}"\n',
    "escapes": 'a = "\\"{\\" $${x} %%{y} \\\\"\nb = "#"\n',
    "directives": 'a = "%{ if x }b%{ else }c%{ endif }%{ for k in l ~}${k}%{ endfor }"\n',
    "comments": '# a = 1\n// b {\n/* c\n} */\nd = 1 # e = 2\nf = "#" // g\n',
    "comment in a list": "a = [\n  1, # one }\n  // two\n  2,\n]\nb = 1\n",
    "comment at the end": "a = 1\n# the end",
    "dynamic block": (
        'a "b" "c" {\n  dynamic "d" {\n    for_each = x\n    iterator = i\n'
        '    content {\n      e = i.value\n      dynamic "f" {\n        for_each = []\n'
        "        content {}\n      }\n    }\n  }\n}\n"
    ),
    "for of a list": 'a = [for x in y : x.id if x != ""]\n',
    "for of an object": "a = { for k, v in y : k => { b = v } if v != null }\n",
    "grouped for": "a = { for x in y : x.k => x... }\n",
    "for over lines": "a = [\n  for x in y :\n  x\n  if x\n]\n",
    "splats": "a = x[*].id\nb = x.*.id\nc = x[*].y[0].z\n",
    "conditional over lines": "a = (x\n  ? 1\n  : 2\n)\nb = {\n  c = x ? 1 : 2\n}\n",
    "operators over lines": "a = (\n  b\n  && c\n  || !d\n)\ne = f(\n  1,\n  2,\n)\n",
    "object of lines and commas": 'a = {\n  b = 1\n  c = 2, d = 3\n  "e" : 4\n  (f) = 5\n}\n',
    "empty": "a {}\nb {\n}\nc = {}\nd = []\n",
    "blocks of one line": 'a "b" { c = 1 }\n',
    "labels without quotes": "a b c {\n  d = 1\n}\n",
    "the same block twice": "a {\n  b = 1\n}\na {\n  c = 2\n}\n",
    "numbers": "a = -1\nb = 1.5\nc = !true\nd = null\n",
    "old index": 'a = x.0.y\nb = x[0].y\nc = x["k"].y\n',
    "expanded call": "a = f(x...)\nb = provider::aws::g(x, 1)\n",
    "unicode": 'a = "é 한국 🙂"\n# 한\nb = "\\u00e9"\n',
    "names like words": "for = 1\nif = 2\nin = 3\ntrue_ = 4\nnull-a = 5\n",
    "no line break at the end": "a = 1",
    "long strings": 'a = "' + "x" * 9000 + '${y}"\nb = 1\n',
}


def outline(block: Block) -> Any:
    """(arguments, [(type, labels, outline)]), in the order that Python's sets have not."""
    inner = [(b.type, b.labels, outline(b)) for b in block.blocks]
    return sorted(block.attributes), sorted(inner, key=repr)


def outlined(body: dict[str, Any]) -> Any:
    """The same of what python-hcl2 gives."""
    names, inner = [], []
    for name, value in body.items():
        if name in _ASIDE:
            continue
        found = list(_blocks(value))
        if found:
            inner += [(name, labels, outlined(one)) for labels, one in found]
        else:
            names.append(name)
    return sorted(names), sorted(inner, key=repr)


def _blocks(value: Any, labels: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The blocks of one type: a list of dicts, with a level for each label."""
    for item in value if isinstance(value, list) else ():
        yield from _labelled(item, labels)


def _labelled(item: Any, labels: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(item, dict):
        return
    if item.get(_BLOCK):
        yield labels, item
        return
    for name, inner in item.items():
        yield from _labelled(inner, (*labels, name.strip('"')))


def arguments(block: Block, at: str = "") -> Iterator[tuple[str, Expr]]:
    yield from ((f"{at}{name}", expr) for name, expr in block.attributes.items())
    for inner in block.blocks:
        yield from arguments(inner, f"{at}{' '.join((inner.type, *inner.labels))}.")


def texts(body: dict[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in body.items():
        if name in _ASIDE:
            continue
        found = list(_blocks(value))
        for labels, inner in found:
            yield from texts(inner, f"{at}{' '.join((name, *labels))}.")
        if not found:
            yield f"{at}{name}", value


def read_again(value: Any) -> Expr:
    """What python-hcl2 made of an expression, as an expression."""
    if isinstance(value, dict):
        return Object(tuple((_key(k), read_again(v)) for k, v in value.items() if k not in _ASIDE))
    if isinstance(value, list):
        return Tuple(tuple(map(read_again, value)))
    if isinstance(value, bool) or value is None:
        return Literal(value)
    if isinstance(value, (int, float)):
        return Literal(value) if value >= 0 else Unary("-", Literal(-value))
    if value.startswith('"<<'):
        return parse_expression(value[1:-1], "theirs")
    if value.startswith("${") and value.endswith("}"):
        return parse_expression(value[2:-1], "theirs")
    return parse_expression(value, "theirs")


def _key(text: str) -> Expr:
    if text.startswith(("${", '"')):
        return read_again(text)
    return Literal(text)


def beside(text: str) -> None:
    ours, theirs = parse_body(text, "ours"), hcl2.loads(text.removeprefix("\ufeff"))
    assert outline(ours) == outlined(theirs)
    mine, other = list(arguments(ours)), list(texts(theirs))
    for name in {name for name, _ in mine}:
        left = [expr for at, expr in mine if at == name]
        right = [read_again(value) for at, value in other if at == name]
        assert left == right, name


@pytest.mark.parametrize(("name", "text"), EVERY, ids=[name for name, _ in EVERY])
def test_every_file_of_the_repository_is_read_alike(name: str, text: str) -> None:
    beside(text)


@pytest.mark.parametrize("text", SNIPPETS.values(), ids=list(SNIPPETS))
def test_a_tricky_text_is_read_alike(text: str) -> None:
    beside(text)


@pytest.mark.parametrize("name", ["heredoc", "dynamic block", "object of lines and commas"])
def test_line_ends_of_other_systems_change_nothing(name: str) -> None:
    text = SNIPPETS[name].replace("\n", "\r\n")
    assert outline(parse_body(text, "t")) == outline(parse_body(SNIPPETS[name], "t"))
    assert outline(parse_body(text, "t")) == outlined(hcl2.loads(text))


@pytest.mark.parametrize("text", ["\ufeffa = 1\n", "ä = 1\n"])
def test_what_terraform_reads_and_python_hcl2_refuses(text: str) -> None:
    """A byte order mark, and names of other scripts."""
    assert outline(parse_body(text, "t")) == ([text.strip("\ufeff =1\n")], [])
    with pytest.raises(UnexpectedInput):
        hcl2.loads(text)


def test_a_difference_is_seen() -> None:
    """Of names, of labels, and of where an expression ends."""
    ours = parse_body('a "b" {\n  c = 1\n}\n', "t")
    for other in ('a "x" {\n  c = 1\n}\n', 'a "b" {\n  d = 1\n}\n', 'a "b" {}\n'):
        assert outline(ours) != outlined(hcl2.loads(other))
    assert read_again("${x[0].y}") != parse_expression("x[0]", "t")
