"""Reading policy documents: every element, every error with its place, nothing dropped."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mute_audit.errors import PolicyError
from mute_audit.identity.documents import MAX_BYTES, parse_policy
from mute_audit.identity.statements import Effect, Operator, PrincipalKind, SetOperator
from mute_audit.identity.template import Escaped, Text, Variable, pattern_of

GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def test_text_and_object_read_the_same() -> None:
    document = {"Version": "2012-10-17", "Id": "i", "Statement": [{**GOOD, "Sid": "s"}]}
    policy = parse_policy(json.dumps(document))
    assert policy == parse_policy(document)
    assert (policy.id, policy.statements[0].sid) == ("i", "s")
    assert policy.statements[0].effect is Effect.ALLOW


def test_a_single_statement_needs_no_list() -> None:
    assert len(parse_policy({"Statement": GOOD}).statements) == 1


def test_every_kind_of_principal_is_told_apart() -> None:
    principals = {
        "AWS": ["*", "111122223333"],
        "Service": "ec2.amazonaws.com",
        "Federated": "accounts.google.com",
        "CanonicalUser": "79a5",
    }
    statement = parse_policy({"Statement": {**GOOD, "Principal": principals}}).statements[0]
    kinds = [principal.kind for principal in statement.principals or ()]
    assert kinds == [
        PrincipalKind.ANY,
        PrincipalKind.AWS,
        PrincipalKind.SERVICE,
        PrincipalKind.FEDERATED,
        PrincipalKind.CANONICAL,
    ]


@pytest.mark.parametrize("operator", list(Operator))
def test_every_operator_of_a10_is_known_in_any_case(operator: Operator) -> None:
    block = {operator.value.upper(): {"k": "1"}}
    condition = parse_policy({"Statement": {**GOOD, "Condition": block}}).statements[0].conditions
    assert condition[0].operator is operator


def test_prefix_and_suffix_are_taken_off_an_operator() -> None:
    block = {"ForAllValues:StringLikeIfExists": {"k": ["a", 1, True]}}
    condition = (
        parse_policy({"Statement": {**GOOD, "Condition": block}}).statements[0].conditions[0]
    )
    assert condition.operator is Operator.STRING_LIKE
    assert condition.set_operator is SetOperator.ALL
    assert condition.if_exists
    assert [str(value) for value in condition.values] == ["a", "1", "true"]


@pytest.mark.parametrize("written", ["StringMatches", "NullIfExists", "ForSomeValues:Bool"])
def test_a14_an_unknown_operator_is_kept_by_name(written: str) -> None:
    block = {written: {"k": "a"}}
    condition = (
        parse_policy({"Statement": {**GOOD, "Condition": block}}).statements[0].conditions[0]
    )
    assert condition.operator is None
    assert condition.written == written


def test_a14_unknown_elements_are_kept_by_name() -> None:
    document = {"Statement": {**GOOD, "Principal": {"Robot": "r2"}, "Purpose": "x"}, "Owner": "y"}
    policy = parse_policy(document)
    assert policy.unmodelled == ("Owner",)
    assert policy.statements[0].unmodelled == ("Purpose", "Principal.Robot")


def test_variables_are_cut_out_of_texts() -> None:
    parts = pattern_of("a/${aws:username}/${x, 'y'}${*}/*", True).parts
    assert parts == (
        Text("a/"),
        Variable("aws:username"),
        Text("/"),
        Variable("x", "y"),
        Escaped("*"),
        Text("/*"),
    )


@pytest.mark.parametrize(("version", "count"), [("2012-10-17", 1), ("2008-10-17", 0), ("", 0)])
def test_a13_variables_need_the_version_of_2012(version: str, count: int) -> None:
    document = {"Version": version, "Statement": {**GOOD, "Resource": "a${aws:username}"}}
    resources = parse_policy(document).statements[0].resources or ()
    assert len(resources[0].variables) == count


@pytest.mark.parametrize(
    ("document", "where", "message"),
    [
        ("[", "line 1, column 2", "the document is no JSON: expecting value"),
        ("[]", "", "a policy must be an object, not a list"),
        ({}, "", "the policy has no `Statement`"),
        ({"Statement": "x"}, "Statement", "must be an object or a list, not text"),
        (
            {"Statement": [GOOD, [GOOD]]},
            "Statement[1]",
            "a statement must be an object, not a list",
        ),
        (
            {"Statement": {**GOOD, "Effect": "allow"}},
            "Statement.Effect",
            "must be `Allow` or `Deny`, is `allow`",
        ),
        (
            {"Statement": {"Effect": "Deny", "Resource": "*"}},
            "Statement",
            "has neither `Action` nor `NotAction`",
        ),
        (
            {"Statement": {**GOOD, "NotAction": "a:b"}},
            "Statement",
            "has both `Action` and `NotAction`",
        ),
        (
            {"Statement": {**GOOD, "Action": [["s3:*"]]}},
            "Statement.Action[0]",
            "must be text, not a list",
        ),
        ({"Statement": {**GOOD, "Action": []}}, "Statement.Action", "must not be empty"),
        (
            {"Statement": {**GOOD, "Principal": [["*"]]}},
            "Statement.Principal",
            "must be `*` or an object, not a list",
        ),
        (
            {"Statement": {**GOOD, "Principal": {"AWS": [["*"]]}}},
            "Statement.Principal.AWS[0]",
            "must be text, not a list",
        ),
        (
            {"Statement": [GOOD, GOOD, {**GOOD, "Condition": {"StringEquals": "x"}}]},
            "Statement[2].Condition.StringEquals",
            "must be an object of keys, not text",
        ),
        (
            {"Statement": {**GOOD, "Condition": {"Bool": {"k": {}}}}},
            "Statement.Condition.Bool.k",
            "must be text, a number or a boolean, not an object",
        ),
        (
            {"Statement": {**GOOD, "Condition": {"Bool": {"k": [None]}}}},
            "Statement.Condition.Bool.k[0]",
            "must be text, a number or a boolean, not null",
        ),
        (
            {"Version": "2020-01-01", "Statement": GOOD},
            "Version",
            "`2020-01-01` is no version of the policy language",
        ),
        (
            '{"Statement": {"Effect": "Allow", "Effect": "Deny"}}',
            "",
            "`Effect` stands twice in one object",
        ),
        ('{"Statement": NaN}', "", "the document is no JSON: NaN is no number"),
        (
            '{"Statement": {"Sid": "\\ud800"}}',
            "",
            "the document holds half a character (a lone surrogate)",
        ),
        ("[" * 5000 + "]" * 5000, "", "the document is nested too deeply"),
        ('{"Statement": ' + "9" * 5000 + "}", "", "the document holds a number that is too long"),
    ],
)
def test_a_malformed_document_is_an_error_with_its_place(
    document: Any, where: str, message: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(document, "p.json")
    assert caught.value.message == message
    assert caught.value.where == ": ".join(part for part in ("p.json", where) if part)


def test_a_policy_of_20_kb_is_read_and_an_endless_one_refused() -> None:
    statement = {**GOOD, "Resource": [f"arn:aws:s3:::bucket-{n}/*" for n in range(700)]}
    text = json.dumps({"Statement": statement})
    assert len(text) > 20_000
    assert len(parse_policy(text).statements[0].resources or ()) == 700
    with pytest.raises(PolicyError, match="larger than"):
        parse_policy(" " * (MAX_BYTES + 1))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Statement", "Effect", "Action", "Principal", "Condition", "Resource", "Version"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(document=_json)
def test_any_json_is_a_policy_or_a_policy_error(document: Any) -> None:
    """No other exception ever comes out of the parser."""
    text = json.dumps(document)
    with contextlib.suppress(PolicyError):
        assert parse_policy(text) == parse_policy(json.loads(text))
