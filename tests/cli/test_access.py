"""`mute-audit access` and `mute-audit simulate`: answers, formats, exit codes, bad input."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mute_audit.cli.schema import SCHEMAS
from tests.cli.conftest import Mute

HOME = "123456789012"
BUCKET = "arn:aws:s3:::b"
PUBLIC = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
    ],
}
REQUEST: dict[str, Any] = {
    "request": {
        "principal": "anonymous",
        "action": "s3:GetObject",
        "resource": {"resource": f"{BUCKET}/x", "accountId": HOME},
        "context": {},
    },
    "resourcePolicy": PUBLIC,
}
OPEN = {
    "Version": "2012-10-17",
    "Statement": [
        {**PUBLIC["Statement"][0], "Condition": {"StringSounds": {"aws:UserAgent": "x"}}}
    ],
}


def written(path: Path, *documents: Any) -> Path:
    texts = [d if isinstance(d, str) else json.dumps(d) for d in documents]
    path.write_text("\n".join(texts), "utf-8")
    return path


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# --- simulate -------------------------------------------------------------------------------


def test_simulate_answers_one_request(mute: Mute, tmp_path: Path) -> None:
    found = mute("simulate", written(tmp_path / "r.json", REQUEST))
    assert found.code == 0
    answer = json.loads(found.out)
    jsonschema.validate(answer, SCHEMAS["simulate"]())
    assert answer == {
        "result": "Allowed",
        "decidedBy": "resourcePolicy Statement[0]",
        "reason": "allowed by resource policy",
    }
    shown = mute("simulate", tmp_path / "r.json", "--format", "text")
    assert shown.out.splitlines()[0] == "Allowed"


def test_an_answer_that_is_open_ends_with_4(mute: Mute, tmp_path: Path) -> None:
    found = mute("simulate", written(tmp_path / "r.json", {**REQUEST, "resourcePolicy": OPEN}))
    assert (found.code, json.loads(found.out)["result"]) == (4, "Unknown")


def test_a_batch_of_requests_is_answered_in_its_order(mute: Mute, tmp_path: Path) -> None:
    other = {**REQUEST, "resourcePolicy": None}
    path = written(tmp_path / "b.jsonl", REQUEST, other, REQUEST)
    found = mute("simulate", "--batch", path)
    assert found.code == 0
    results = [answer["result"] for answer in lines(found.out)]
    assert results == ["Allowed", "ImplicitlyDenied", "Allowed"]


def test_an_empty_line_has_its_answer_as_well(mute: Mute, tmp_path: Path) -> None:
    """Answers and lines stand side by side; only the end of the last line is no line."""
    path = written(tmp_path / "b.jsonl", REQUEST, "", REQUEST)
    found = mute("simulate", "--batch", path)
    answers = lines(found.out)
    assert [answer["result"] for answer in answers] == ["Allowed", "Unknown", "Allowed"]
    assert answers[1]["error"] == "line 2 is empty"
    jsonschema.validate(answers[1], SCHEMAS["simulate"]())
    assert found.code == 2
    path.write_bytes(b"")
    assert (mute("simulate", "--batch", path).out, found.err) == ("", "")


def test_a_line_that_cannot_be_judged_is_answered_and_the_rest_goes_on(
    mute: Mute, tmp_path: Path
) -> None:
    path = written(tmp_path / "b.jsonl", "{", [], {"request": 3}, REQUEST)
    found = mute("simulate", "--batch", path)
    answers = lines(found.out)
    assert found.code == 2
    assert [a["result"] for a in answers] == ["Unknown", "Unknown", "Unknown", "Allowed"]
    for answer in answers:
        jsonschema.validate(answer, SCHEMAS["simulate"]())
    assert answers[0]["error"].startswith("line 1: line 1, column 2: the document is no JSON")
    assert answers[1]["error"] == "line 2: a request must be an object, not a list"
    assert answers[2]["error"] == "line 3: `request` is missing or no object"


def test_a_line_separator_inside_a_text_ends_no_line(mute: Mute, tmp_path: Path) -> None:
    odd = {**REQUEST, "request": {**REQUEST["request"], "context": {"aws:UserAgent": "a\u2028b"}}}
    path = tmp_path / "b.jsonl"
    path.write_text(json.dumps(odd, ensure_ascii=False), "utf-8")
    assert [a["result"] for a in lines(mute("simulate", "--batch", path).out)] == ["Allowed"]


# --- a policy alone -------------------------------------------------------------------------


def test_a_policy_alone_is_classified(mute: Mute, tmp_path: Path) -> None:
    found = mute("access", "--policy", written(tmp_path / "p.json", PUBLIC))
    answer = json.loads(found.out)
    jsonschema.validate(answer, SCHEMAS["access-policy"]())
    assert found.code == 0
    assert (answer["anonymous"], answer["any_account"], answer["s3_public"]) == ("yes", "yes", True)
    assert answer["witness"]["action"] == "s3:GetObject"
    assert mute("access", "--policy", written(tmp_path / "o.json", OPEN)).code == 4


def test_the_account_of_the_bucket_is_no_outsider(mute: Mute, tmp_path: Path) -> None:
    own = {"Statement": [{**PUBLIC["Statement"][0], "Principal": {"AWS": HOME}}]}
    path = written(tmp_path / "p.json", own)
    assert json.loads(mute("access", "--policy", path).out)["outside_accounts"] == [HOME]
    named = mute("access", "--policy", path, "--account", HOME)
    assert json.loads(named.out)["outside_accounts"] == []


def test_a_batch_of_policies_is_answered_in_its_order(mute: Mute, tmp_path: Path) -> None:
    nobody = {"Statement": []}
    path = written(tmp_path / "b.jsonl", PUBLIC, nobody, "nonsense", PUBLIC)
    found = mute("access", "--policy", "--batch", path)
    answers = lines(found.out)
    assert [a["anonymous"] for a in answers] == ["yes", "no", "unknown", "yes"]
    assert found.code == 2
    for answer in answers:
        jsonschema.validate(answer, SCHEMAS["access-policy"]())
    assert mute("access", "--policy", "--batch", written(path, PUBLIC, nobody)).code == 0
    assert mute("access", "--policy", "--batch", written(path, PUBLIC, OPEN)).code == 4


def bad(**statement: Any) -> dict[str, Any]:
    return {"Statement": [{**PUBLIC["Statement"][0], **statement}]}


NESTED = '{"Statement": ' + "[" * 50_000 + "]" * 50_000 + "}"
BIG = {
    "Statement": [
        {**PUBLIC["Statement"][0], "Resource": [f"{BUCKET}/{'*a' * 9}{n}/*" for n in range(60)]}
        for _ in range(12)
    ]
}

# document → the message, or the answer for the anonymous
BAD: dict[str, tuple[Any, str]] = {
    "principals in a list of lists": (
        bad(Principal=[["*"]]),
        "Statement[0].Principal: must be `*` or an object, not a list",
    ),
    "accounts in a list of lists": (
        bad(Principal={"AWS": [["*"]]}),
        "Statement[0].Principal.AWS[0]: must be text, not a list",
    ),
    "an address range that is none": (
        bad(Condition={"IpAddress": {"aws:SourceIp": "300.1.1.1/99"}}),
        "unknown",
    ),
    "an operator that is none": (bad(Condition={"Equals": {"aws:SourceIp": "x"}}), "unknown"),
    "an action that is a number": (
        bad(Action=3),
        "Statement[0].Action: must be text or a list of texts, not a number",
    ),
    "statements that are a text": (
        {"Statement": "Allow"},
        "Statement: must be an object or a list, not text",
    ),
    "a condition in a list": (
        bad(Condition=[]),
        "Statement[0].Condition: must be an object, not a list",
    ),
    "nested without end": (NESTED, "the document is nested too deeply"),
    "nothing": ("null", "a policy must be an object, not null"),
    "twenty kilobytes of patterns": (BIG, "yes"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_verdict_or_a_clear_error(mute: Mute, tmp_path: Path, name: str) -> None:
    """And never a traceback, nor a run without end."""
    document, expected = BAD[name]
    path = written(tmp_path / "p.json", document)
    began = time.process_time()
    found = mute("access", "--policy", path)
    assert time.process_time() - began < 5
    if expected in ("yes", "no", "unknown"):
        assert json.loads(found.out)["anonymous"] == expected
        assert found.code == (4 if expected == "unknown" else 0)
    else:
        assert found.code == 2
        assert f"{path}: {expected}" in found.err
    assert "Traceback" not in found.err


# --- usage ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["access"], "give a SOURCE, or `--policy FILE`"),
        (["access", "."], "say `--to RESOURCE`, `--principal NAME`, or both"),
        (["access", "--batch", "x"], "`--batch` and `--account` go with `--policy`"),
        (["access", "--policy"], "give `--policy FILE`, or `--policy --batch FILE`"),
        (["access", ".", "--policy", "x"], "`--policy` asks about a document alone"),
        (["access", "--policy", "/no/such/file"], "`/no/such/file` does not exist"),
        (["simulate"], "give one REQUEST, or `--batch FILE`"),
        (["simulate", "/no/such/file"], "`/no/such/file` does not exist"),
    ],
)
def test_what_cannot_be_asked_is_said(mute: Mute, words: list[str], message: str) -> None:
    found = mute(*words)
    assert found.code == 2
    assert message in found.err


# --- an estate ------------------------------------------------------------------------------


@pytest.fixture
def estate(tmp_path: Path) -> Path:
    """A folder of what `aws` prints: a bucket that anyone reads, and a user with a policy."""
    folder = tmp_path / "accounts" / HOME / "global"
    folder.mkdir(parents=True)
    documents = {
        "Buckets": [{"Name": "b", "BucketRegion": "eu-west-1"}],
        "BucketPolicies": [{"Bucket": "b", "Policy": json.dumps(PUBLIC)}],
        "BucketAcls": [{"Bucket": "b", "Owner": {"ID": "me"}, "Grants": []}],
        "BucketOwnershipControls": [
            {
                "Bucket": "b",
                "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            }
        ],
        "BucketPublicAccessBlocks": [{"Bucket": "b", "PublicAccessBlockConfiguration": {}}],
        "AccountPublicAccessBlocks": [{"AccountId": HOME}],
        "UserDetailList": [
            {
                "UserName": "ann",
                "Arn": f"arn:aws:iam::{HOME}:user/ann",
                "UserPolicyList": [
                    {
                        "PolicyName": "own",
                        "PolicyDocument": {
                            "Statement": [
                                {"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"},
                                {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"},
                            ]
                        },
                    }
                ],
            }
        ],
        "GroupDetailList": [],
        "RoleDetailList": [],
        "Policies": [],
        "Organizations": [{"AccountId": HOME, "Organization": None}],
    }
    for key, items in documents.items():
        (folder / f"{key}.json").write_text(json.dumps({key: items}), "utf-8")
    return tmp_path


def test_the_organisation_s_policies_lie_beside_the_rest(mute: Mute, estate: Path) -> None:
    """A member account may not ask for them: whoever manages the organisation saves them."""
    folder = estate / "accounts" / HOME / "global"
    member = {"Id": "o-acme", "MasterAccountId": "999988887777", "FeatureSet": "ALL"}
    text = json.dumps({"Organizations": [{"AccountId": HOME, "Organization": member}]})
    (folder / "Organizations.json").write_text(text, "utf-8")
    question = ("access", estate, "--to", "b", "--action", "s3:PutObjectAcl", "--principal", "ann")
    found = mute(*question)
    assert found.code == 4
    assert "unless a service control policy of o-acme forbids it" in found.out
    full = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    policy = {"Name": "FullAWSAccess", "Type": "SERVICE_CONTROL_POLICY", "Content": full}
    described = {
        "AccountId": HOME,
        "PolicyTypes": ["SERVICE_CONTROL_POLICY"],
        "Levels": [{"TargetId": "r-1", "Policies": [policy]}, {"TargetId": HOME, "Policies": []}],
    }
    path = folder / "AccountControlPolicies.json"
    path.write_text(json.dumps({"AccountControlPolicies": [described]}), "utf-8")
    found = mute(*question)
    assert found.code == 0
    assert f"is blocked by service control policies of {HOME}: it does not allow this" in found.out
    described["Levels"] = described["Levels"][:1]
    path.write_text(json.dumps({"AccountControlPolicies": [described]}), "utf-8")
    assert "user ann may: s3:PutObjectAcl" in mute(*question).out


def test_who_may_read_the_bucket(mute: Mute, estate: Path) -> None:
    found = mute("access", estate, "--to", "b", "--action", "s3:GetObject", "--format", "json")
    document = json.loads(found.out)
    jsonschema.validate(document, SCHEMAS["access"]())
    assert found.code == 0
    assert document["answers"] == {
        "anonymous": "yes",
        "any_account": "yes",
        "s3_public": True,
        "outside_accounts": [],
    }
    who = [item["principal"]["id"] for item in document["grants"]]
    assert who == ["anonymous", "any-account", f"arn:aws:iam::{HOME}:user/ann"]
    shown = mute("access", estate, "--to", "b", "--action", "s3:GetObject")
    assert "the anonymous internet may: s3:GetObject" in shown.out
    assert "by bucket policy Statement[0]" in shown.out


def test_a_refusal_names_what_blocks_the_grant(mute: Mute, estate: Path) -> None:
    words = ("access", estate, "--to", "b", "--action", "s3:PutObject", "--principal", "ann")
    document = json.loads(mute(*words, "--format", "json").out)
    (refused,) = document["refused"]
    assert refused["blocked"] == [
        {
            "grant": "inline policy own Statement[0]",
            "by": "inline policy own Statement[1]",
            "why": "it denies this",
        }
    ]
    assert "is blocked by inline policy own Statement[1]" in mute(*words).out


def test_what_one_principal_may_do(mute: Mute, estate: Path) -> None:
    found = mute("access", estate, "--principal", "ann", "--format", "json")
    document = json.loads(found.out)
    jsonschema.validate(document, SCHEMAS["access"]())
    assert document["resource"] is None
    actions = {a for item in document["grants"] for a in item["actions"]}
    assert "s3:PutBucketPolicy" in actions
    assert "s3:PutObject" not in actions


def test_what_is_missing_leaves_the_answer_open(mute: Mute, estate: Path) -> None:
    (estate / "accounts" / HOME / "global" / "BucketPolicies.json").unlink()
    found = mute("access", estate, "--to", "b", "--action", "s3:GetObject")
    assert found.code == 4
    assert "s3:GetBucketPolicy" in found.out


def test_names_that_nothing_has_are_errors(mute: Mute, estate: Path) -> None:
    found = mute("access", estate, "--to", "nothing")
    assert (found.code, "there is no bucket" in found.err) == (2, True)
    found = mute("access", estate, "--to", "b", "--principal", "nobody")
    assert (found.code, "there is no principal `nobody`" in found.err) == (2, True)
