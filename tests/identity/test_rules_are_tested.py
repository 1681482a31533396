"""Each rule of who-may-do-what has tests that carry its number, and each of them takes sides.

A rule is tested by a pair that differs in one fact: the tests of one rule together expect at least
two different outcomes.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
# What each rule says, in a word.
RULES = {
    "a1": "Block Public Access: the stricter level wins",
    "a2": "RestrictPublicBuckets holds a whole public policy back",
    "a3": "BucketOwnerEnforced, and what IgnorePublicAcls hides",
    "a4": "AllUsers and AuthenticatedUsers are the public",
    "a5": "what S3 calls public",
    "a6": "which layer decides",
    "a7": "snapshots and repositories",
    "a8": "everybody, and NotPrincipal",
    "a9": "case, wildcards, ARNs",
    "a10": "operators, and how they combine",
    "a11": "absent keys",
    "a12": "what an anonymous request carries",
    "a13": "variables",
    "a14": "what is not modelled is unknown",
    "a15": "public read only by the policy",
    "a16": "exactly these policies",
    "a17": "witness, blockers, latent exposure",
}
# Outcomes that a test can expect, as they are written.
OUTCOMES = (
    frozenset({"YES", "Allowed", "PASS", "yes", "True"}),
    frozenset({"NO", "ImplicitlyDenied", "ExplicitlyDenied", "FAIL", "no", "False"}),
    frozenset({"UNKNOWN", "Unknown", "unknown"}),
)


@cache
def named_after(rule: str) -> tuple[str, ...]:
    """The source of every test whose name begins with the rule's number."""
    found = []
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text("utf-8")
        if f"def test_{rule}_" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith(f"test_{rule}_"):
                decorators = [ast.unparse(one) for one in node.decorator_list]
                found.append("\n".join([*decorators, ast.unparse(node)]))
    return tuple(found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule}: {RULES[rule]}")
def test_a_rule_has_tests_that_come_out_both_ways(rule: str) -> None:
    tests = named_after(rule)
    assert tests, f"no test is named test_{rule}_…"
    words = {
        node.id if isinstance(node, ast.Name) else str(getattr(node, "value", ""))
        for text in tests
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Name, ast.Constant))
    }
    words |= {
        node.attr
        for text in tests
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
    }
    sides = [bool(words & outcome) for outcome in OUTCOMES]
    negated = any("!=" in text or " not " in text for text in tests)
    assert sum(sides) >= 2 or (any(sides) and negated), sorted(words)


def test_no_test_carries_the_number_of_a_rule_that_is_not() -> None:
    numbers = {
        node.name.split("_")[1]
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_a")
    }
    numbered = {n for n in numbers if n[0] == "a" and n[1:].isdigit()}
    assert numbered == set(RULES)
