"""The set evaluator against z3 on small policies: a third opinion, in tests alone."""

from __future__ import annotations

import ipaddress
from random import Random
from typing import Any

import pytest

from mute_audit.identity.judge import Judge
from mute_audit.identity.patterns import glob_tokens, language
from mute_audit.identity.statements import parse_policy
from mute_audit.verdict import Truth

z3 = pytest.importorskip("z3", reason="z3-solver is not installed")

BUCKET = "arn:aws:s3:::b/"
OBJECTS = [language((glob_tokens(f"{BUCKET}?*"),))]
KEYS = ("a*", "*b", "a", "?", "*a*b*", "a?b", "*")
TEXTS = ("a", "b", "ab", "a*", "*b", "?", "*")
CIDRS = ("0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/8", "8.8.0.0/16", "0.0.0.0/0", "::/0")
COMPARED = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan")
# One address beyond the last of IPv4 stands for all of IPv6.
SIXTH = 2**32


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
                    (f"Numeric{random.choice(COMPARED)}", "s3:max-keys", ("1", "2", "5")),
                )
            )
            if operator != "Null" and random.random() < 0.25:
                operator += "IfExists"
            picked = random.sample(values, random.randint(1, 2))
            condition.setdefault(operator, {})[key] = picked
        statement = {"Effect": effect, "Principal": "*", "Action": "s3:GetObject", which: listed}
        statements.append({**statement, **({"Condition": condition} if condition else {})})
    return {"Version": "2012-10-17", "Statement": statements}


class Encoding:
    """One request of an anonymous caller, as variables of the solver."""

    def __init__(self) -> None:
        self.resource = z3.String("resource")
        self.acl, self.has_acl = z3.String("acl"), z3.Bool("has_acl")
        self.address, self.has_address = z3.Int("address"), z3.Bool("has_address")
        self.keys, self.has_keys = z3.Int("keys"), z3.Bool("has_keys")
        self.tls = z3.Bool("tls")

    @property
    def sound(self) -> Any:
        """What every request is like."""
        return z3.And(
            z3.InRe(self.resource, glob(f"{BUCKET}?*")),
            z3.Length(self.acl) > 0,
            self.address >= 0,
            self.address <= SIXTH,
            self.keys >= 0,
        )

    def applies(self, statement: dict[str, Any]) -> Any:
        listed = statement.get("Resource") or statement["NotResource"]
        taken = z3.Or(*[z3.InRe(self.resource, glob(text)) for text in listed])
        parts = [taken if "Resource" in statement else z3.Not(taken)]
        for operator, keys in statement.get("Condition", {}).items():
            parts += [self.holds(operator, key, values) for key, values in keys.items()]
        return z3.And(*parts)

    def holds(self, operator: str, key: str, values: list[str]) -> Any:
        there = {
            "s3:x-amz-acl": self.has_acl,
            "aws:SourceIp": self.has_address,
            "s3:max-keys": self.has_keys,
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
            return self.acl == z3.StringVal(value)
        if name == "StringLike":
            return z3.InRe(self.acl, glob(value))
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


def glob(text: str) -> Any:
    anything = z3.AllChar(z3.ReSort(z3.StringSort()))
    parts = [z3.Star(anything) if c == "*" else anything if c == "?" else z3.Re(c) for c in text]
    return z3.Concat(*parts) if len(parts) > 1 else parts[0]


def solved(document: dict[str, Any]) -> Truth:
    encoding = Encoding()
    by_effect: dict[str, list[Any]] = {"Allow": [], "Deny": []}
    for statement in document["Statement"]:
        by_effect[statement["Effect"]].append(encoding.applies(statement))
    solver = z3.Solver()
    solver.set("timeout", 2_000)
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


def test_z3_agrees_on_small_policies() -> None:
    """Neither answer is unknown where the other is not, but for what z3 gives up on."""
    random = Random(5)
    seen = {Truth.YES: 0, Truth.NO: 0, Truth.UNKNOWN: 0}
    for _ in range(150):
        document = make(random)
        ours = Judge(parse_policy(document)).anonymous("s3:GetObject", OBJECTS).truth
        theirs = solved(document)
        seen[theirs] += 1
        if theirs is not Truth.UNKNOWN:
            assert ours is theirs, document
    assert seen[Truth.YES] > 50
    assert seen[Truth.NO] > 10
    assert seen[Truth.UNKNOWN] < 5
