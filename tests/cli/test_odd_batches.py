"""Batches of `access --policy` and `simulate` with lines that nobody should send.

One answer for each line, in their order; an error stands where its line stood. Never a traceback,
never minutes.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Mute

STATEMENT: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::b/*",
}
# Twelve digits, and no account.
ARABIC = "".join(chr(0x660 + int(digit)) for digit in "111122223333")
USER = "arn:aws:iam::111122223333:user/x"


def policy(*more: dict[str, Any], **changed: Any) -> bytes:
    statements = [{**STATEMENT, **changed}, *more]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}).encode()


def denies(count: int, shape: str) -> list[dict[str, Any]]:
    letters = [(chr(97 + n % 26), chr(97 + n * 7 % 26)) for n in range(count)]
    return [
        {
            **STATEMENT,
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::b/{shape.format(*pair)}",
        }
        for pair in letters
    ]


# line → part of its error, or None where it has an answer
POLICIES: list[tuple[bytes, str | None]] = [
    (policy(), None),
    (b"\xff\xfe", "is not UTF-8 text"),
    (policy().replace(b'"s3:GetObject"', b'"\\ud800"'), "half a character"),
    (policy(Sid="\\ud800"), None),  # an escaped backslash, and no escape
    (b"", "is empty"),
    (b" \t\r", "is empty"),
    (b"\xef\xbb\xbf" + policy(), None),
    (b"[" * 100_000, "nested too deeply"),
    (b"x" * 200_000, "larger than"),
    (policy(Condition={"StringEquals": {"k": [[["a"]]]}}), "must be text"),
    (policy(Principal=[["*"]]), "must be `*` or an object"),
    (policy(Principal={"AWS": [["*"]]}), "Principal.AWS[0]: must be text"),
    (policy(Principal=None), "not null"),
    (policy(Condition={"NumericLessThan": {"s3:max-keys": 10**4000}}), None),
    (policy(Condition={"NumericLessThan": {"s3:max-keys": float("inf")}}), "Infinity is no number"),
    (policy(Condition={"IpAddress": {"aws:SourceIp": "1.2.3.4/99"}}), None),
    (policy(Condition={"": {"": ""}}), None),
    (b'{"Statement": [], "Statement": []}', "stands twice"),
    (b'{"Statement": []}', None),
    (b"{}", "has no `Statement`"),
    (b"null", "must be an object"),
    (policy(Effect="allow"), "must be `Allow` or `Deny`"),
    (policy(Action=[]), "must not be empty"),
    (policy(Resource="*" * 20_000), None),
    (policy(Resource="arn:aws:s3:::b/" + "*a" * 9_000), None),
    (policy(*denies(150, "*{}*{}*")), None),
    (policy(*denies(100, "*{}??????????{}*"), Resource="arn:aws:s3:::b/*q*w*e*r*t*y*"), None),
    (policy(Principal={"AWS": [f"arn:aws:iam::{10**11 + n}:role/r" for n in range(300)]}), None),
    (
        policy(Resource=[f"arn:aws:s3:::b/${{aws:PrincipalTag/{n}}}/*" for n in range(200)]),
        None,
    ),
    (policy(), None),
]


def simulated(request: dict[str, Any] | None = None, **layers: Any) -> bytes:
    whole = {
        "principal": USER,
        "action": "s3:GetObject",
        "resource": {"resource": "arn:aws:s3:::b/k", "accountId": "111122223333"},
        **(request or {}),
    }
    own = [{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}]
    return json.dumps({"request": whole, "identityPolicies": own, **layers}).encode()


def own(resource: str) -> list[Any]:
    return [{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": resource}]}]


LONG = {"resource": {"resource": "arn:aws:s3:::" + "a" * 20_000, "accountId": "111122223333"}}
WILD = {"resource": {"resource": "arn:aws:s3:::" + "a*" * 9_000, "accountId": "111122223333"}}
REQUESTS: list[tuple[bytes, str | None]] = [
    (simulated(), None),
    (b"\xff", "is not UTF-8 text"),
    (b"", "is empty"),
    (simulated({"context": {"a": float("nan")}}), "NaN is no number"),
    (simulated().replace(b'"s3:GetObject"', b'"s3:Get\\udfffObject"'), "half a character"),
    (simulated({"action": "s3:Get Object"}), "request.action"),
    (
        simulated({"principal": f"arn:aws:iam::{ARABIC}:user/x"}),
        "no principal",
    ),
    (simulated({"principal": "arn:aws:iam::111122223333:user/"}), "no principal"),
    (simulated({"principal": "arn:aws:sts::111122223333:assumed-role/r"}), "no principal"),
    (simulated({"principal": {"AWS": USER}}), None),
    (simulated({"resource": {"resource": "x", "accountId": "1"}}), "accountId"),
    (simulated(serviceControlPolicies=own("*")), "serviceControlPolicies[0]"),
    (simulated({"context": {"a": None}}), "request.context.a"),
    (simulated({"context": {"A": "1", "a": "2"}}), "stands twice"),
    (simulated({"principal": ["x"]}), "request.principal"),
    (simulated({"principal": {"type": "CanonicalUser"}}), "request.principal"),
    (simulated({"action": ":x"}), "request.action"),
    (simulated({"resource": []}), "request.resource"),
    (simulated({"resource": {"resource": "x", "accountId": 5}}), "accountId"),
    (simulated(LONG, identityPolicies=own("*aaaaaaaaab" * 1_800)), None),
    (simulated(LONG, identityPolicies=own("*a?a?a?ab" * 1_800)), None),
    (simulated(WILD, identityPolicies=own("*a" * 9_000)), None),
    (simulated(identityPolicies="x"), "identityPolicies"),
    (simulated(serviceControlPolicies=[[]]), "serviceControlPolicies[0]"),
    (simulated(sessionPolicy=5), "sessionPolicy"),
    (b'{"request": []}', "`request`"),
    (simulated(), None),
]


@pytest.mark.parametrize(
    ("command", "lines"),
    [(("access", "--policy"), POLICIES), (("simulate",), REQUESTS)],
    ids=["access", "simulate"],
)
def test_one_answer_a_line_in_their_order(
    mute: Mute, tmp_path: Path, command: tuple[str, ...], lines: list[tuple[bytes, str | None]]
) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b"\n".join(line for line, _ in lines) + b"\n")
    began = time.process_time()
    found = mute(*command, "--batch", str(path))
    assert time.process_time() - began < 20
    assert found.code == 2
    assert "Traceback" not in found.err
    answers = [json.loads(line) for line in found.out.splitlines()]
    assert len(answers) == len(lines)
    for number, ((_, expected), answer) in enumerate(zip(lines, answers, strict=True), start=1):
        error = answer.get("error", "")
        assert bool(error) is (expected is not None), (number, answer)
        assert (expected or "") in error, (number, answer)


def test_a_line_of_trace_ends_where_the_line_ends(mute: Mute, tmp_path: Path) -> None:
    """A name may hold a line separator of Unicode; an empty line has its answer."""
    (tmp_path / "estate").mkdir()
    (tmp_path / "estate" / "s.json").write_text('{"Vpcs": [], "Subnets": []}', "utf-8")
    asked = {"from": "a\u2028b", "to": "x", "port": "tcp/1"}
    text = json.dumps(asked, ensure_ascii=False)
    path = tmp_path / "lines.jsonl"
    path.write_text(f"{text}\n\n{text}\n", "utf-8")
    answers = mute("trace", str(tmp_path / "estate"), "--batch", str(path)).out.splitlines()
    assert len(answers) == 3
    assert json.loads(answers[1])["error"] == "line 2 is empty"
