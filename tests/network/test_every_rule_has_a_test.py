"""Each numbered rule of the network has a test of its own, which asks both engines twice.

A test names its rules (`test_n16_…`, `test_n31_n32_…`). A pair is either parametrized or asks
more than once; what is asked through these helpers is asked of both engines.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
SEMANTICS = FOLDER.parents[2] / "shared" / "semantics.md"

# Rules whose numbers are missing were dropped from the list that the project follows.
_LIST = """
N1 N2 N3 N4 N5 N6 N7 N8 N9 N10 N11 N12 N14 N15
N16 N17 N18 N20 N22 N23 N24 N25 N26 N27 N28 N29
N31 N32 N33 N34 N35 N37 N38 N39 N40 N41 N42 N43 N43a N44 N45 N46 N57
N47 N48 N49 N50 N52 N53 N54 N55 N56 N59 N60 N61
"""
RULES = tuple(_LIST.split())

# They put one question to the set engine and the packet tracer.
ASKING = frozenset({"ask", "both", "expect", "says", "verdict", "flows"})


def _rules_of(name: str) -> list[str]:
    return [f"N{number}" for number in re.findall(r"(?<=_)n(\d+[a-z]?)(?=_)", name)]


def _asks(test: ast.FunctionDef) -> int:
    """How often a test asks; one that is parametrized asks at least twice."""
    calls = [node.func for node in ast.walk(test) if isinstance(node, ast.Call)]
    count = sum(getattr(call, "id", getattr(call, "attr", "")) in ASKING for call in calls)
    sets = any("parametrize" in ast.unparse(item) for item in test.decorator_list)
    loops = any(isinstance(node, ast.For) for node in ast.walk(test))
    return count * 2 if sets or loops else count


def _tested() -> dict[str, int]:
    """Rule → the most that one of its tests asks."""
    found = dict.fromkeys(RULES, 0)
    for file in FOLDER.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for rule in _rules_of(node.name):
                    assert rule in found, f"{file.name}: {node.name} tests no rule"
                    found[rule] = max(found[rule], _asks(node))
    return found


def test_each_rule_has_a_pair_test() -> None:
    assert [rule for rule, asks in _tested().items() if asks < 2] == []


@pytest.mark.skipif(not SEMANTICS.exists(), reason="the list of rules is not beside the repository")
def test_the_rules_are_those_of_the_list() -> None:
    text = SEMANTICS.read_text(encoding="utf-8")
    assert set(re.findall(r"^- (N\d+[a-z]?)\b", text, re.MULTILINE)) == set(RULES)
