"""The set evaluator against z3 on small policies: a third opinion, in tests alone.

Texts are short vectors of characters, and whether one fits a pattern is written out position by
position: z3's own theory of texts gives up on complements. Patterns of three tokens at most need
no longer text than `LENGTH` to be told apart.
"""

from __future__ import annotations

import ipaddress
from random import Random
from typing import Any

import pytest
import z3

from mute_audit.identity.automata import language
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.judge import Judge
from mute_audit.identity.tokens import glob_tokens
from mute_audit.verdict import Truth

BUCKET = "arn:aws:s3:::b/"
OBJECTS = [language((glob_tokens(f"{BUCKET}?*"),))]
KEYS = ("a*", "*b", "a", "?", "*a*b*", "a?b", "*")
TEXTS = ("a", "b", "ab", "a*", "*b", "?", "*")
CIDRS = ("0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/8", "8.8.0.0/16", "0.0.0.0/0", "::/0")
COMPARED = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan")
# One address beyond the last of IPv4 stands for all of IPv6.
SIXTH = 2**32
LENGTH = 6


def make(random: Random) -> dict[str, Any]:
    statements = []
    for number in range(random.randint(1, 4)):
        effect = "Allow" if number == 0 else random.choice(("Allow", "Deny", "Deny"))
        which = random.choice(("Resource", "Resource", "NotResource"))
        listed = [BUCKET + random.choice(KEYS) for _ in range(random.randint(1, 2))]
        condition: dict[str, Any] = {}
        for _ in range(random.randint(0, 3)):
            operator, key, values = random.choice(
                (
                    ("StringEquals", "s3:x-amz-acl", ("a", "b", "ab")),
                    ("StringNotEquals", "s3:x-amz-acl", ("a", "b", "ab")),
                    ("StringLike", "s3:x-amz-acl", TEXTS),
                    ("StringNotLike", "s3:x-amz-acl", TEXTS),
                    ("Null", "s3:x-amz-acl", ("true", "false")),
                    ("Null", "aws:SourceIp", ("true", "false")),
                    ("IpAddress", "aws:SourceIp", CIDRS),
                    ("NotIpAddress", "aws:SourceIp", CIDRS),
                    ("Bool", "aws:SecureTransport", ("true", "false")),
                    (
                        f"Numeric{random.choice(COMPARED)}",
                        "s3:object-lock-remaining-retention-days",
                        ("1", "2", "5"),
                    ),
                )
            )
            if operator != "Null" and random.random() < 0.25:
                operator += "IfExists"
            picked = random.sample(values, random.randint(1, 2))
            condition.setdefault(operator, {})[key] = picked
        statement = {"Effect": effect, "Principal": "*", "Action": "s3:PutObject", which: listed}
        statements.append({**statement, **({"Condition": condition} if condition else {})})
    return {"Version": "2012-10-17", "Statement": statements}


class Letters:
    """A text that is not empty, as characters and a length."""

    def __init__(self, name: str) -> None:
        self.chars = [z3.Int(f"{name}_{n}") for n in range(LENGTH)]
        self.length = z3.Int(f"{name}_length")

    @property
    def sound(self) -> Any:
        return z3.And(self.length >= 1, self.length <= LENGTH)

    def fits(self, pattern: str, token: int = 0, place: int = 0) -> Any:
        """Whether the rest of the text fits the rest of the pattern."""
        if token == len(pattern):
            return self.length == place
        if pattern[token] == "*":
            skipped = self.fits(pattern, token + 1, place)
            if place == LENGTH:
                return skipped
            taken = z3.And(self.length > place, self.fits(pattern, token, place + 1))
            return z3.Or(skipped, taken)
        if place == LENGTH:
            return z3.BoolVal(False)
        rest = z3.And(self.length > place, self.fits(pattern, token + 1, place + 1))
        if pattern[token] == "?":
            return rest
        return z3.And(self.chars[place] == ord(pattern[token]), rest)


class Encoding:
    """One request of an anonymous caller, as variables of the solver."""

    def __init__(self) -> None:
        self.key = Letters("key")
        self.acl, self.has_acl = Letters("acl"), z3.Bool("has_acl")
        self.address, self.has_address = z3.Int("address"), z3.Bool("has_address")
        self.keys, self.has_keys = z3.Int("keys"), z3.Bool("has_keys")
        self.tls = z3.Bool("tls")

    @property
    def sound(self) -> Any:
        """What every request is like."""
        return z3.And(
            self.key.sound,
            self.acl.sound,
            self.address >= 0,
            self.address <= SIXTH,
            self.keys >= 0,
        )

    def applies(self, statement: dict[str, Any]) -> Any:
        listed = statement.get("Resource") or statement["NotResource"]
        taken = z3.Or(*[self.key.fits(text.removeprefix(BUCKET)) for text in listed])
        parts = [taken if "Resource" in statement else z3.Not(taken)]
        for operator, keys in statement.get("Condition", {}).items():
            parts += [self.holds(operator, key, values) for key, values in keys.items()]
        return z3.And(*parts)

    def holds(self, operator: str, key: str, values: list[str]) -> Any:
        there = {
            "s3:x-amz-acl": self.has_acl,
            "aws:SourceIp": self.has_address,
            "s3:object-lock-remaining-retention-days": self.has_keys,
            "aws:SecureTransport": z3.BoolVal(True),
        }[key]
        if operator == "Null":
            return z3.Or(*[z3.Not(there) if value == "true" else there for value in values])
        plain = operator.removesuffix("IfExists")
        some = z3.Or(*[self.one(plain, value) for value in values])
        absent = operator != plain or "Not" in plain
        met = z3.Not(some) if "Not" in plain else some
        return z3.If(there, met, z3.BoolVal(absent))

    def one(self, operator: str, value: str) -> Any:
        name = operator.replace("Not", "")
        if name == "StringEquals":
            return self.acl.fits(value)  # the values that it is given have no wildcard
        if name == "StringLike":
            return self.acl.fits(value)
        if name == "IpAddress":
            network = ipaddress.ip_network(value)
            if network.version == 6:
                return self.address == SIXTH
            first, last = int(network.network_address), int(network.broadcast_address)
            return z3.And(self.address >= first, self.address <= last)
        if name == "Bool":
            return self.tls if value == "true" else z3.Not(self.tls)
        number = int(value)
        return {
            "NumericEquals": self.keys == number,
            "NumericLessThan": self.keys < number,
            "NumericLessThanEquals": self.keys <= number,
            "NumericGreaterThan": self.keys > number,
        }[name]


def solved(document: dict[str, Any]) -> Truth:
    encoding = Encoding()
    by_effect: dict[str, list[Any]] = {"Allow": [], "Deny": []}
    for statement in document["Statement"]:
        by_effect[statement["Effect"]].append(encoding.applies(statement))
    solver = z3.Solver()
    solver.set("timeout", 20_000)
    solver.add(encoding.sound, z3.Or(*by_effect["Allow"]), z3.Not(z3.Or(*by_effect["Deny"])))
    answers = {"sat": Truth.YES, "unsat": Truth.NO}
    return answers.get(str(solver.check()), Truth.UNKNOWN)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, Truth.YES),
        ({"Condition": {"IpAddress": {"aws:SourceIp": ["8.0.0.0/8"]}}}, Truth.YES),
        ({"NotResource": [f"{BUCKET}*"]}, Truth.NO),
    ],
)
def test_the_encoding_says_what_is_plain(more: dict[str, Any], expected: Truth) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    if "NotResource" not in more:
        statement["Resource"] = [f"{BUCKET}*"]
    assert solved({"Statement": [{**statement, **more}]}) is expected


@pytest.mark.parametrize("count", [60, pytest.param(400, marks=pytest.mark.slow)])
def test_z3_agrees_on_small_policies(count: int) -> None:
    """In every one of them, and neither side leaves any open."""
    random = Random(5)
    seen = {Truth.YES: 0, Truth.NO: 0, Truth.UNKNOWN: 0}
    for _ in range(count):
        document = make(random)
        ours = Judge(parse_policy(document)).anonymous("s3:PutObject", OBJECTS).truth
        theirs = solved(document)
        seen[theirs] += 1
        assert ours is theirs, document
    assert seen[Truth.YES] > count / 8
    assert seen[Truth.NO] > count / 20
    assert seen[Truth.UNKNOWN] == 0
