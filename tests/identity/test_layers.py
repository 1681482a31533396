"""A6: which layer decides, one request at a time. Each test differs in one fact."""

from __future__ import annotations

from typing import Any

import pytest

from mute_audit.errors import DisagreementError, InputError, PolicyError
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.request import replay, simulate

HOME, ABROAD = "111122223333", "444455556666"
USER = f"arn:aws:iam::{HOME}:user/team/ann"
ROLE = f"arn:aws:iam::{HOME}:role/worker"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/worker/job"
OBJECT = "arn:aws:s3:::b/k"


def policy(effect: str = "Allow", action: str = "s3:GetObject", **more: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": action, "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def to(principal: Any, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    who = principal if principal == "*" else {"AWS": principal}
    return policy(effect, Principal=who, **more)


def judge(
    principal: Any = USER,
    *,
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    owner: str = HOME,
    context: dict[str, Any] | None = None,
    **layers: Any,
) -> dict[str, Any]:
    request = {
        "principal": principal,
        "action": action,
        "resource": {"resource": resource, "accountId": owner},
        "context": context or {},
    }
    return simulate({"request": request, **layers})


def result(*args: Any, **kwargs: Any) -> str:
    found: str = judge(*args, **kwargs)["result"]
    return found


def levels(*documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"orgIdentifier": f"ou-{n}", "policies": d} for n, d in enumerate(documents)]


EVERYTHING = policy(action="*")
OTHER = policy(action="ec2:*")
BUT_ONE = {"Statement": [*EVERYTHING["Statement"], *policy("Deny")["Statement"]]}


def test_nothing_allows_by_default() -> None:
    assert result() == "ImplicitlyDenied"
    assert result(identityPolicies=[policy()]) == "Allowed"


@pytest.mark.parametrize(
    "layer",
    [
        {"identityPolicies": [EVERYTHING, policy("Deny")]},
        {"resourcePolicy": to("*", "Deny")},
        {"permissionBoundaries": [EVERYTHING, policy("Deny")]},
        {"sessionPolicy": BUT_ONE},
        {"serviceControlPolicies": levels([EVERYTHING, policy("Deny")])},
        {"resourceControlPolicies": levels([to("*", "Deny")])},
        {"endpointPolicies": [BUT_ONE]},
    ],
    ids=lambda layer: next(iter(layer)),
)
def test_a6_an_explicit_deny_in_any_layer_beats_all(layer: dict[str, Any]) -> None:
    name = next(iter(layer))
    answer = judge(SESSION, **{"identityPolicies": [EVERYTHING], **layer})
    assert answer["result"] == "ExplicitlyDenied"
    assert answer["decidedBy"].startswith(name)
    assert result(SESSION, identityPolicies=[EVERYTHING]) == "Allowed"


def test_a6_within_the_account_one_of_the_two_suffices() -> None:
    assert result(identityPolicies=[policy()]) == "Allowed"
    assert result(resourcePolicy=to(USER)) == "Allowed"


def test_a6_a_policy_that_names_the_account_only_delegates() -> None:
    for name in (HOME, f"arn:aws:iam::{HOME}:root"):
        assert result(resourcePolicy=to(name)) == "ImplicitlyDenied"
        assert result(resourcePolicy=to(name), identityPolicies=[policy()]) == "Allowed"


def test_a6_across_accounts_it_takes_both() -> None:
    assert result(owner=ABROAD, identityPolicies=[policy()]) == "ImplicitlyDenied"
    assert result(owner=ABROAD, resourcePolicy=to(USER)) == "ImplicitlyDenied"
    both = {"identityPolicies": [policy()], "resourcePolicy": to(HOME)}
    assert result(owner=ABROAD, **both) == "Allowed"


def test_a6_without_the_owner_the_answer_is_unknown_where_it_matters() -> None:
    assert result(owner="", identityPolicies=[policy()]) == "Unknown"
    both = {"identityPolicies": [policy()], "resourcePolicy": to(USER)}
    assert result(owner="", **both) == "Allowed"


@pytest.mark.parametrize(
    ("principal", "named", "expected"),
    [
        (USER, USER, "Allowed"),
        (SESSION, SESSION, "Allowed"),
        (SESSION, ROLE, "ImplicitlyDenied"),
        (ROLE, ROLE, "ImplicitlyDenied"),
    ],
)
def test_a6_a_boundary_limits_a_grant_to_a_role_but_not_to_a_user_or_session(
    principal: str, named: str, expected: str
) -> None:
    assert result(principal, resourcePolicy=to(named), permissionBoundaries=[OTHER]) == expected
    wide = {"permissionBoundaries": [EVERYTHING]}
    assert result(principal, resourcePolicy=to(named), **wide) == "Allowed"


def test_a6_a_session_policy_limits_a_grant_to_the_role_but_not_to_the_session() -> None:
    assert result(SESSION, resourcePolicy=to(ROLE), sessionPolicy=OTHER) == "ImplicitlyDenied"
    assert result(SESSION, resourcePolicy=to(SESSION), sessionPolicy=OTHER) == "Allowed"


def test_a6_across_accounts_a_boundary_limits_in_any_case() -> None:
    layers = {
        "owner": ABROAD,
        "resourcePolicy": to(SESSION),
        "identityPolicies": [policy()],
    }
    assert result(SESSION, **layers) == "Allowed"
    answer = judge(SESSION, permissionBoundaries=[OTHER], **layers)
    assert (answer["result"], answer["decidedBy"]) == ("ImplicitlyDenied", "permissionBoundaries")


def test_a6_boundary_and_session_policy_grant_nothing_themselves() -> None:
    assert result(permissionBoundaries=[EVERYTHING]) == "ImplicitlyDenied"
    assert result(SESSION, sessionPolicy=EVERYTHING) == "ImplicitlyDenied"


def test_a6_every_level_of_the_organisation_must_allow() -> None:
    own = {"identityPolicies": [policy()]}
    assert result(serviceControlPolicies=levels([EVERYTHING], [policy()]), **own) == "Allowed"
    for gap in (levels([EVERYTHING], []), levels([OTHER], [EVERYTHING])):
        assert result(serviceControlPolicies=gap, **own) == "ImplicitlyDenied"


def test_a6_organisation_policies_do_not_bind_services_the_anonymous_and_linked_roles() -> None:
    shut = {"serviceControlPolicies": levels([policy("Deny", action="*")])}
    linked = f"arn:aws:sts::{HOME}:assumed-role/AWSServiceRoleForX/s"
    assert result("anonymous", resourcePolicy=to("*"), **shut) == "Allowed"
    assert result(linked, identityPolicies=[policy()], **shut) == "Allowed"
    assert result(SESSION, identityPolicies=[policy()], **shut) == "ExplicitlyDenied"


def test_a6_resource_control_policies_only_deny() -> None:
    own = {"identityPolicies": [policy()]}
    assert result(resourceControlPolicies=levels([], []), **own) == "Allowed"
    shut = levels([to("*", "Deny")])
    assert result(resourceControlPolicies=shut, **own) == "ExplicitlyDenied"
    assert result("anonymous", resourcePolicy=to("*"), resourceControlPolicies=shut) == (
        "ExplicitlyDenied"
    )


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{HOME}:key/1"),
        ("sts:AssumeRole", f"arn:aws:iam::{HOME}:role/other"),
    ],
)
def test_a6_key_policies_and_trust_policies_must_themselves_allow(
    action: str, resource: str
) -> None:
    kwargs: dict[str, Any] = {"action": action, "resource": resource}
    own = {"identityPolicies": [policy(action=action)]}
    assert result(**kwargs, **own) == "ImplicitlyDenied"
    delegated = to(HOME, action=action)
    assert result(**kwargs, resourcePolicy=delegated) == "ImplicitlyDenied"
    assert result(**kwargs, resourcePolicy=delegated, **own) == "Allowed"
    assert result(**kwargs, resourcePolicy=to(USER, action=action)) == "Allowed"


def test_a_key_alias_and_a_list_of_keys_need_no_key_policy() -> None:
    for action, resource in (
        ("kms:ListKeys", "*"),
        ("kms:DeleteAlias", f"arn:aws:kms:eu-west-1:{HOME}:alias/mine"),
    ):
        own = {"identityPolicies": [policy(action=action)]}
        assert result(action=action, resource=resource, **own) == "Allowed"
    aws = f"arn:aws:kms:eu-west-1:{HOME}:alias/aws/s3"
    assert result(action="kms:DeleteAlias", resource=aws, identityPolicies=[EVERYTHING]) == (
        "ImplicitlyDenied"
    )


def test_a_service_needs_the_resource_policy_alone() -> None:
    trust = {
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    }
    kwargs: dict[str, Any] = {"action": "sts:AssumeRole", "resource": ROLE, "resourcePolicy": trust}
    assert result("lambda.amazonaws.com", **kwargs) == "Allowed"
    assert result("ec2.amazonaws.com", **kwargs) == "ImplicitlyDenied"


def test_the_anonymous_in_every_spelling_needs_the_resource_policy() -> None:
    for who in ("anonymous", "*", {"type": "Anonymous"}):
        assert result(who, resourcePolicy=to("*")) == "Allowed"
        assert result(who, resourcePolicy=to(USER)) == "ImplicitlyDenied"
        assert result(who, identityPolicies=[EVERYTHING]) == "ImplicitlyDenied"


def test_a_deny_with_not_principal_takes_in_whoever_has_a_boundary() -> None:
    shut = policy("Deny", NotPrincipal={"AWS": [ROLE, HOME]})
    own = {"identityPolicies": [policy()], "resourcePolicy": shut}
    assert result(ROLE, **own) == "Allowed"
    assert result(ROLE, permissionBoundaries=[EVERYTHING], **own) == "ExplicitlyDenied"


def test_an_endpoint_policy_must_allow() -> None:
    own = {"identityPolicies": [policy()]}
    assert result(endpointPolicies=[EVERYTHING], **own) == "Allowed"
    assert result(endpointPolicies=[OTHER], **own) == "ImplicitlyDenied"


def test_a_statement_of_a_resource_policy_without_principal_takes_in_nobody() -> None:
    assert result(resourcePolicy=policy()) == "ImplicitlyDenied"
    assert result(resourcePolicy=policy("Deny"), identityPolicies=[policy()]) == "Allowed"


def test_an_identity_policy_without_resource_is_no_policy_that_aws_has() -> None:
    bare = {"Statement": {"Effect": "Allow", "Action": "s3:GetObject"}}
    assert result(identityPolicies=[bare]) == "Unknown"
    assert result(identityPolicies=[bare], resourcePolicy=to(USER)) == "Allowed"


def test_the_root_user_needs_no_identity_policy_at_home() -> None:
    root = f"arn:aws:iam::{HOME}:root"
    assert result(root) == "Allowed"
    assert result(root, owner=ABROAD) == "ImplicitlyDenied"


def test_get_caller_identity_needs_no_permission() -> None:
    shut = {"identityPolicies": [policy("Deny", action="*")]}
    assert result(action="sts:GetCallerIdentity", resource="*", **shut) == "Allowed"
    assert result(action="sts:GetSessionToken", resource="*", **shut) == "ExplicitlyDenied"


def test_nobody_changes_what_belongs_to_aws() -> None:
    kwargs: dict[str, Any] = {
        "resource": "arn:aws:iam::aws:policy/AdministratorAccess",
        "identityPolicies": [EVERYTHING],
    }
    assert result(action="iam:DeletePolicy", **kwargs) == "ImplicitlyDenied"
    assert result(action="iam:GetPolicy", **kwargs) == "Allowed"


def test_an_action_without_resources_needs_a_pattern_that_takes_in_all() -> None:
    kwargs: dict[str, Any] = {"action": "s3:ListAllMyBuckets", "resource": "*"}
    one = policy(action="s3:ListAllMyBuckets", Resource="arn:aws:s3:::b")
    assert result(**kwargs, identityPolicies=[one]) == "ImplicitlyDenied"
    every = policy(action="s3:ListAllMyBuckets", Resource="arn:aws:s3:::*")
    assert result(**kwargs, identityPolicies=[every]) == "Allowed"


@pytest.mark.parametrize(
    ("effect", "element", "pattern", "expected"),
    [
        ("Allow", "Resource", "arn:aws:s3:::b/a/*", "Allowed"),
        ("Allow", "Resource", "arn:aws:s3:::b/a/b?", "Allowed"),
        ("Allow", "Resource", "arn:aws:s3:::c/*", "ImplicitlyDenied"),
        ("Allow", "NotResource", "arn:aws:s3:::b/*", "ImplicitlyDenied"),
        ("Deny", "Resource", "arn:aws:s3:::b/a/*", "Allowed"),
        ("Deny", "Resource", "arn:aws:s3:::b/*", "ExplicitlyDenied"),
        ("Deny", "NotResource", "arn:aws:s3:::c/*", "ExplicitlyDenied"),
        ("Deny", "NotResource", "arn:aws:s3:::b/a*", "Allowed"),
    ],
)
def test_a_resource_with_wildcards_in_the_request_stands_for_many(
    effect: str, element: str, pattern: str, expected: str
) -> None:
    statement: dict[str, Any] = {"Effect": effect, "Action": "s3:*", element: pattern}
    own = [{"Statement": statement}]
    if effect == "Deny":
        own.append(EVERYTHING)
    assert result(resource="arn:aws:s3:::b/a*", identityPolicies=own) == expected


def test_what_follows_from_the_request_is_in_the_context() -> None:
    def needs(key: str, value: str) -> dict[str, Any]:
        return policy(Condition={"StringEquals": {key: value}})

    for key, value in (
        ("aws:username", "ann"),
        ("aws:PrincipalArn", USER),
        ("aws:PrincipalAccount", HOME),
        ("aws:PrincipalType", "User"),
        ("aws:ResourceAccount", HOME),
    ):
        assert result(identityPolicies=[needs(key, value)]) == "Allowed"
        assert result(identityPolicies=[needs(key, "x")]) == "ImplicitlyDenied"
    assert result(SESSION, identityPolicies=[needs("aws:PrincipalArn", ROLE)]) == "Allowed"


def test_a_role_with_a_path_is_known_by_the_context() -> None:
    arn = f"arn:aws:iam::{HOME}:role/teams/worker"
    assert result(SESSION, resourcePolicy=to(arn)) == "Unknown"
    for known, expected in ((arn, "Allowed"), (ROLE, "ImplicitlyDenied")):
        context = {"aws:PrincipalArn": known}
        assert result(SESSION, resourcePolicy=to(arn), context=context) == expected


def test_a_field_that_is_not_known_is_named_and_not_silently_dropped() -> None:
    answer = judge(identityPolicies=[policy()], resourcePolicies=[to("*", "Deny")])
    assert answer["ignored"] == ["resourcePolicies"]
    assert "ignored" not in judge(identityPolicies=[policy()])


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({}, None),
        ({"request": {"principal": 5}}, "request.principal"),
        ({"request": {"principal": "arn:aws:iam::1:user/x"}}, "request.principal"),
        ({"request": {"principal": USER, "action": "s3"}}, "request.action"),
        ({"request": {"principal": USER, "action": "s3:Get*"}}, "request.action"),
        ({"request": {"principal": USER, "action": "s3:X"}}, "request.resource"),
        (
            {"request": {"principal": USER, "action": "s3:X", "resource": "*", "context": []}},
            "request.context",
        ),
        (
            {
                "request": {
                    "principal": USER,
                    "action": "s3:X",
                    "resource": "*",
                    "context": {"a": {}},
                }
            },
            "request.context.a",
        ),
        (
            {
                "request": {"principal": USER, "action": "s3:X", "resource": "*"},
                "identityPolicies": {},
            },
            "identityPolicies",
        ),
        (
            {
                "request": {"principal": USER, "action": "s3:X", "resource": "*"},
                "serviceControlPolicies": [[]],
            },
            "serviceControlPolicies[0]",
        ),
    ],
)
def test_a_malformed_request_is_an_error_with_its_place(
    document: dict[str, Any], where: str | None
) -> None:
    with pytest.raises(InputError) as caught:
        simulate(document)
    assert caught.value.where == where


def test_a_malformed_policy_is_an_error_with_its_place() -> None:
    with pytest.raises(PolicyError) as caught:
        judge(identityPolicies=[policy(), {"Statement": [{"Effect": "Allow"}]}])
    assert caught.value.where == "identityPolicies[1]: Statement[0]"


def test_a17_a_replay_that_is_refused_is_a_disagreement() -> None:
    witness = {
        "principal": "anonymous",
        "action": "s3:GetObject",
        "resource": {"resource": OBJECT, "accountId": HOME},
        "context": {},
    }
    assert replay(witness, resource=parse_policy(to("*"))).result == "Allowed"
    with pytest.raises(DisagreementError, match="ImplicitlyDenied"):
        replay(witness, resource=parse_policy(to(USER)))
