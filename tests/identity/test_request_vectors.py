"""The table of requests in both engines: the simulator, and the set evaluator as a class of one.

What the set evaluator is asked: this caller, this action, this resource, this context and no
other. It has no session or endpoint policies, which an estate does not show.
"""

from __future__ import annotations

from typing import Any

import pytest
from documented_requests import DOCUMENTED
from request_vectors import ABROAD, HOME, VECTORS, Vector

from mute_audit.identity.automata import language
from mute_audit.identity.callers import ANONYMOUS, Caller, CallerKind
from mute_audit.identity.classes import Layer, Question
from mute_audit.identity.control_policies import governed_by_rcps
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.evaluate import evaluate
from mute_audit.identity.holders import Holder, Source, layer_of
from mute_audit.identity.insiders import Insider
from mute_audit.identity.organizations import OPEN, Fence, Organizations
from mute_audit.identity.principals import Requester, RequesterKind, requester_of
from mute_audit.identity.request import simulate
from mute_audit.identity.statements import Policy
from mute_audit.identity.targets import Target
from mute_audit.identity.tokens import literal_tokens
from mute_audit.inventory import Inventory
from mute_audit.verdict import Truth

EVERY = (*VECTORS, *DOCUMENTED)
TRUTHS = {"Allowed": Truth.YES, "Unknown": Truth.UNKNOWN}
OUTSIDE = {
    RequesterKind.SERVICE: CallerKind.SERVICE,
    RequesterKind.CANONICAL: CallerKind.CANONICAL,
    RequesterKind.FEDERATED: CallerKind.FEDERATED,
}


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len(VECTORS) >= 250
    assert len(DOCUMENTED) >= 250
    assert len({(v.name, v.document.__repr__()) for v in EVERY}) == len(EVERY)


@pytest.mark.parametrize("vector", EVERY, ids=lambda v: v.name)
def test_the_simulator_answers_as_aws_does(vector: Vector) -> None:
    answer = simulate(vector.document)
    assert answer["result"] == vector.expected, answer
    assert answer["decidedBy"]


class Fenced(Organizations):
    """The organisation of a request document."""

    def __init__(self, layers: dict[str, Any]) -> None:
        super().__init__(Inventory(regions=()))
        self.scps = fence(layers.get("serviceControlPolicies"), identities=True)
        self.rcps = fence(layers.get("resourceControlPolicies"), identities=False)

    def around_identities(self, account: str) -> Fence:
        return self.scps

    def around_resources(self, account: str) -> Fence:
        return self.rcps


def fence(levels: Any, *, identities: bool) -> Fence:
    layers, documents = [], []
    for level in levels or ():
        name = level["orgIdentifier"]
        policies = tuple(parse_policy(p) for p in level["policies"])
        sources = [Source(name, policy) for policy in policies]
        layers.append(layer_of(name, sources, True) if identities else Layer(name, policies))
        documents.append(policies)
    return Fence(tuple(layers), tuple(documents))


# What the set evaluator makes up by itself can always be read, and is never empty where it is known
# beforehand; of a list of ranges with one that cannot be read, it leaves the whole open. In an
# estate roles have their paths.
UNREADABLE = {
    "a session that has only the name left is taken for linked",
    "ForAllValues: an empty text is no value",
    "a text where a number is asked",
    "an IPv4 address dressed as IPv6",
    "a range that does not parse beside one that fits",
    "an address that is none",
    "a number too small for its digits",
    "Null of an empty text is left open by the guide",
    "a role with a path, of which the session shows nothing",
}


def comparable(vector: Vector) -> bool:
    """Whether the set evaluator has all that the request needs."""
    single = all(not isinstance(value, list) for value in vector.context.values())
    kind = requester_of(vector.principal).kind
    return (
        single
        and vector.name not in UNREADABLE
        and not {"sessionPolicy", "endpointPolicies"} & vector.layers.keys()
        and kind not in (RequesterKind.ROOT, RequesterKind.FEDERATED_USER)
        and vector.action != "sts:GetCallerIdentity"
        and vector.resource != "*"
    )


COMPARED = [vector for vector in EVERY if comparable(vector)]


@pytest.mark.parametrize("vector", COMPARED, ids=lambda v: v.name)
def test_the_set_evaluator_answers_the_same_for_a_class_of_one(vector: Vector) -> None:
    expected = TRUTHS.get(vector.expected, Truth.NO)
    assert asked(vector) is expected


def test_most_vectors_are_compared() -> None:
    assert len(COMPARED) >= 400


def context_of(vector: Vector) -> dict[str, str | None]:
    """Every key that a policy asks for, with its value or None where it is absent."""
    given = {key.lower(): text(value) for key, value in vector.context.items()}
    keys: set[str] = set()
    for policy in policies_of(vector):
        for statement in policy.statements:
            patterns = [*(statement.resources or ()), *(statement.not_resources or ())]
            for condition in statement.conditions:
                keys.add(condition.key.lower())
                patterns += condition.values
            keys |= {v.key.lower() for pattern in patterns for v in pattern.variables}
    derived = ("aws:principalarn", "aws:principalaccount", "aws:username", "aws:resourceaccount")
    derived += ("aws:principaltype", "aws:principalisawsservice", "aws:principalservicename")
    return {key: given.get(key) for key in keys if key in given or key not in derived}


def text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def policies_of(vector: Vector) -> list[Policy]:
    found = []
    for value in vector.layers.values():
        for item in value if isinstance(value, list) else [value]:
            found += [parse_policy(p) for p in item.get("policies", [item])]
    return found


def asked(vector: Vector) -> Truth:
    requester = requester_of(vector.principal, vector.context.get("aws:PrincipalArn", ""))
    raw = vector.layers.get("resourcePolicy")
    resource = None if raw is None else parse_policy(raw)
    organization = Fenced(vector.layers)
    if requester.identity:
        holder = holder_of(vector, requester)
        kind = "iam.role" if vector.action.startswith("sts:") else "s3.object"
        arn = vector.resource
        target = Target(kind, arn, arn, vector.owner, (vector.action,), resource)
        given = context_of(vector)
        insider = One(organization, None, holder, target, given)
        return insider.ask(vector.action)[0].truth
    caller = ANONYMOUS
    if requester.kind in OUTSIDE:
        caller = Caller(OUTSIDE[requester.kind], name=requester.value)
    fence = organization.rcps if governed_by_rcps(vector.action) else OPEN
    question = Question(
        (Layer("resource policy", (resource or Policy(),)),),
        (caller,),
        vector.action,
        language((literal_tokens(vector.resource),)),
        vector.owner,
        fence.levels,
        context_of(vector),
    )
    return evaluate(question).truth


class One(Insider):
    """One session asks, not whichever the policies name."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        session = self.holder.name if self.holder.name.startswith("arn:aws:sts") else ""
        named = [c for c in self.callers if c.session == session]
        self.callers = tuple(named or self.callers[:1])


def holder_of(vector: Vector, requester: Requester) -> Holder:
    identity = [Source("own", parse_policy(p)) for p in vector.layers.get("identityPolicies", [])]
    boundary = [
        Source("boundary", parse_policy(p)) for p in vector.layers.get("permissionBoundaries", [])
    ]
    user = requester.kind is RequesterKind.USER
    assert requester.account in (HOME, ABROAD)
    return Holder(
        CallerKind.USER if user else CallerKind.ROLE,
        requester.role or requester.value,
        requester.value,
        requester.account,
        tuple(identity),
        tuple(boundary),
    )
