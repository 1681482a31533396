"""The layers of A6 around one request: which of them allows, which refuses, and the outcome.

Source: IAM user guide, *Policy evaluation logic* (within one account, across accounts) and
*Permissions boundaries for IAM entities*; Organizations user guide, SCPs and RCPs; KMS and role
trust policies, which must themselves allow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from mute_audit.identity.conditions import (
    Context,
    Reach,
    condition_holds,
    pattern_reach,
    text_matches,
)
from mute_audit.identity.control_policies import governed_by_rcps
from mute_audit.identity.principals import Grip, Requester, RequesterKind, grip_of
from mute_audit.identity.statements import Effect, Policy, Statement
from mute_audit.verdict import Truth, all_of, any_of

__all__ = ["Decision", "Policies", "Request", "Result", "decide"]


class Result(StrEnum):
    ALLOWED = "Allowed"
    IMPLICITLY_DENIED = "ImplicitlyDenied"
    EXPLICITLY_DENIED = "ExplicitlyDenied"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    resource  an ARN, `*`, or an ARN with wildcards that stands for many
    owner     the account that the resource belongs to; empty where it is not known
    unscoped  the action works on no resource: only a pattern that takes in all will do
    """

    requester: Requester
    action: str
    resource: str
    owner: str
    context: Context
    unscoped: bool = False


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything that has a say. None is a layer that is not there.

    scps and rcps hold one tuple of policies for each level of the organisation, root first.
    """

    identity: tuple[Policy, ...] = ()
    resource: Policy | None = None
    boundaries: tuple[Policy, ...] = ()
    session: Policy | None = None
    scps: tuple[tuple[Policy, ...], ...] = ()
    rcps: tuple[tuple[Policy, ...], ...] = ()
    endpoints: tuple[Policy, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """`decided_by` names the layer and, where one statement did it, the statement."""

    result: Result
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What one layer says: whether it allows and refuses, and by which statements.

    grips  for a resource policy: with which grip it allows, each with its truth
    """

    name: str
    allows: Truth = Truth.NO
    refuses: Truth = Truth.NO
    allowing: str = ""
    refusing: str = ""
    grips: tuple[tuple[Grip, Truth], ...] = ()

    def granted(self, *grips: Grip) -> Truth:
        return any_of(truth for grip, truth in self.grips if grip in grips)


def decide(request: Request, policies: Policies) -> Decision:
    """The outcome of one request."""
    if request.action.lower() == "sts:getcalleridentity":
        return Decision(Result.ALLOWED, "sts", "GetCallerIdentity needs no permission")
    layers = _layers(request, policies)
    refused = next((layer for layer in layers if layer.refuses is Truth.YES), None)
    if refused is not None:
        return Decision(
            Result.EXPLICITLY_DENIED,
            f"{refused.name} {refused.refusing}".strip(),
            "an explicit deny applies",
        )
    if _belongs_to_aws(request):
        return Decision(Result.IMPLICITLY_DENIED, "iam", "the resource belongs to AWS")
    by_name = {layer.name: layer for layer in layers}
    allowed, decided_by, reason = _allowed(request, policies, layers, by_name)
    doubt = next((layer for layer in layers if layer.refuses is Truth.UNKNOWN), None)
    if allowed is Truth.NO:
        note = f"; whether {doubt.name} also denies is not known" if doubt else ""
        return Decision(Result.IMPLICITLY_DENIED, decided_by, reason + note)
    if doubt is not None:
        return Decision(
            Result.UNKNOWN,
            f"{doubt.name} {doubt.refusing}".strip(),
            "whether this deny applies is not known",
        )
    if allowed is Truth.UNKNOWN:
        return Decision(Result.UNKNOWN, decided_by, reason)
    return Decision(Result.ALLOWED, decided_by, reason)


def _layers(request: Request, policies: Policies) -> list[_Found]:
    """Every layer that binds this requester, in the order in which AWS names a deny."""
    found: list[_Found] = []
    kind = request.requester.kind
    bound = kind in (
        RequesterKind.USER,
        RequesterKind.ROLE,
        RequesterKind.SESSION,
        RequesterKind.FEDERATED_USER,
        RequesterKind.ROOT,
    )
    if bound and not request.requester.service_linked:
        found += [
            _read(f"serviceControlPolicies[{i}]", request, level)
            for i, level in enumerate(policies.scps)
        ]
    governed = governed_by_rcps(request.action)
    if not request.requester.service_linked and governed is not False:
        for index, level in enumerate(policies.rcps):
            layer = _read(f"resourceControlPolicies[{index}]", request, level, named=True)
            # Of a service that is not listed it is not known whether they reach it.
            doubtful = governed is None and layer.refuses is Truth.YES
            found.append(replace(layer, refuses=Truth.UNKNOWN) if doubtful else layer)
    if policies.resource is not None:
        layer = _read_resource(
            "resourcePolicy", request, policies.resource, bool(policies.boundaries)
        )
        found.append(replace(layer, refuses=Truth.NO) if _kept_for_root(request) else layer)
    if bound:
        found.append(_read("identityPolicies", request, policies.identity))
        if policies.boundaries:
            found.append(_read("permissionBoundaries", request, policies.boundaries))
        if policies.session is not None:
            found.append(_read("sessionPolicy", request, (policies.session,)))
    found += [
        _read(f"endpointPolicies[{i}]", request, (policy,), named=True)
        for i, policy in enumerate(policies.endpoints)
    ]
    return found


def _allowed(
    request: Request, policies: Policies, layers: list[_Found], by_name: dict[str, _Found]
) -> tuple[Truth, str, str]:
    """Whether the layers together allow, which of them decides, and why."""
    gates = [
        layer
        for layer in layers
        if layer.name.startswith(("serviceControlPolicies", "endpointPolicies"))
    ]
    shut = next((gate for gate in gates if gate.allows is Truth.NO), None)
    if shut is not None:
        return Truth.NO, shut.name, "no statement of this layer allows it"
    resource = by_name.get("resourcePolicy", _Found("resourcePolicy"))
    kind = request.requester.kind
    if kind in (
        RequesterKind.ANONYMOUS,
        RequesterKind.SERVICE,
        RequesterKind.FEDERATED,
        RequesterKind.CANONICAL,
    ):
        truth = all_of([resource.allows, *(gate.allows for gate in gates)])
        return truth, _by(resource), _because(truth, "resource policy")
    identity = by_name["identityPolicies"]
    own = Truth.YES if kind is RequesterKind.ROOT else identity.allows
    boundary = by_name.get("permissionBoundaries", _Found("", Truth.YES)).allows
    # A federated user has no more than the session policy that it was made with; where that is
    # not given, how much that is is not known (STS API reference, GetFederationToken).
    unlimited = Truth.UNKNOWN if kind is RequesterKind.FEDERATED_USER else Truth.YES
    session = by_name.get("sessionPolicy", _Found("", unlimited)).allows
    limits = [boundary, session]
    within = _within_account(request, resource, own, limits)
    across = all_of([resource.allows, own, *limits])
    open_gates = [gate.allows for gate in gates]
    if not request.owner or not request.requester.account:
        truth = within if within is across else Truth.UNKNOWN
        truth = all_of([truth, *open_gates])
        return truth, _by(resource), "the account of the resource or the principal is not known"
    if request.requester.account != request.owner:
        truth = all_of([across, *open_gates])
        named = [("resourcePolicy", resource.allows), ("identityPolicies", own)]
        named += [("permissionBoundaries", boundary), ("sessionPolicy", session)]
        return (
            truth,
            _first_not(named, resource),
            _because(
                truth, "resource policy and identity policies, as it must be across accounts,"
            ),
        )
    truth = all_of([within, *open_gates])
    if truth is Truth.YES:
        by_resource = resource.granted(Grip.DIRECT, Grip.ROLE) is Truth.YES
        return truth, _by(resource if by_resource else identity), "an allow applies"
    named = [("permissionBoundaries", boundary), ("sessionPolicy", session)]
    if own is Truth.YES and _must_itself_allow(request):
        named = [("resourcePolicy", resource.allows), *named]
    else:
        named = [("identityPolicies", own), *named]
    return truth, _first_not(named, identity), _because(truth, "identity or resource policy")


def _within_account(request: Request, resource: _Found, own: Truth, limits: list[Truth]) -> Truth:
    """Identity or resource policy, and who is limited by boundary and session policy (A6)."""
    direct = resource.granted(Grip.DIRECT)
    by_role = all_of([resource.granted(Grip.ROLE), *limits])
    if _must_itself_allow(request):
        own = all_of([own, resource.granted(Grip.ACCOUNT, Grip.DIRECT, Grip.ROLE)])
    return any_of([direct, by_role, all_of([own, *limits])])


def _must_itself_allow(request: Request) -> bool:
    """Role trust policies and key policies must allow, whatever the identity policies say."""
    action = request.action.lower()
    if action.startswith("kms:"):
        return ":key/" in request.resource
    trust = action.startswith("sts:assumerole") or action in (
        "sts:tagsession",
        "sts:setsourceidentity",
    )
    return trust and ":role/" in request.resource


_BUCKET_POLICY = frozenset({"s3:deletebucketpolicy", "s3:getbucketpolicy", "s3:putbucketpolicy"})


def _kept_for_root(request: Request) -> bool:
    """The root user of a bucket's account can read, change and delete its policy whatever that
    says; organisation and endpoint policies alone keep it from that (S3 API reference)."""
    asking = request.requester
    return (
        asking.kind is RequesterKind.ROOT
        and asking.account == request.owner
        and request.action.lower() in _BUCKET_POLICY
    )


def _belongs_to_aws(request: Request) -> bool:
    """Changes to AWS's own policies, roles and aliases, which no policy can allow."""
    parts = request.resource.split(":", 5)
    if len(parts) < 6:
        return False
    action = request.action.lower()
    resource = parts[5]
    if action.startswith("kms:"):
        return resource.startswith("alias/aws/") and action.endswith("alias")
    if not action.startswith("iam:") or action.startswith(("iam:get", "iam:list", "iam:pass")):
        return False
    return (parts[4] == "aws" and resource.startswith("policy/")) or resource.startswith(
        "role/aws-reserved/"
    )


def _by(layer: _Found) -> str:
    return f"{layer.name} {layer.allowing}".strip()


def _first_not(named: list[tuple[str, Truth]], default: _Found) -> str:
    return next((name for name, truth in named if truth is not Truth.YES), _by(default))


def _because(truth: Truth, what: str) -> str:
    if truth is Truth.YES:
        return f"allowed by {what.rstrip(',')}"
    if truth is Truth.UNKNOWN:
        return "whether a statement applies is not known"
    return f"not allowed by {what.rstrip(',')}"


def _read(name: str, request: Request, policies: Iterable[Policy], named: bool = False) -> _Found:
    """A layer of policies; `named` says that they may have a Principal element."""
    allows = refuses = Truth.NO
    allowing = refusing = ""
    for policy in policies:
        for statement in policy.statements:
            truth = _applies(statement, policy, request)
            if statement.resources is None and statement.not_resources is None:
                # Only a policy that lies on its resource can leave it out.
                truth = all_of([truth, Truth.UNKNOWN])
            if named and (statement.principals or statement.not_principals):
                grips = grip_of(statement, request.requester)
                truth = all_of([truth, any_of(t for _, t in grips)])
            if statement.effect is Effect.DENY:
                if truth is not Truth.NO and refuses is not Truth.YES:
                    refuses, refusing = truth, statement.label
            elif truth is not Truth.NO and allows is not Truth.YES:
                allows, allowing = truth, statement.label
    return _Found(name, allows, refuses, allowing, refusing)


def _read_resource(name: str, request: Request, policy: Policy, bounded: bool) -> _Found:
    allows = refuses = Truth.NO
    allowing = refusing = ""
    grips: list[tuple[Grip, Truth]] = []
    for statement in policy.statements:
        applies = _applies(statement, policy, request)
        if applies is Truth.NO:
            continue
        held = grip_of(statement, request.requester)
        truth = all_of([applies, any_of(t for _, t in held)])
        if statement.effect is Effect.DENY:
            if bounded and statement.not_principals is not None and request.requester.identity:
                # A Deny with NotPrincipal always takes in an identity that has a boundary.
                truth = applies
            if truth is not Truth.NO and refuses is not Truth.YES:
                refuses, refusing = truth, statement.label
        else:
            grips += [(grip, all_of([applies, t])) for grip, t in held]
            if truth is not Truth.NO and allows is not Truth.YES:
                allows, allowing = truth, statement.label
    return _Found(name, allows, refuses, allowing, refusing, tuple(grips))


def _applies(statement: Statement, policy: Policy, request: Request) -> Truth:
    """Action, resource, conditions; the principal apart."""
    listed = statement.actions if statement.actions is not None else statement.not_actions
    action = request.action.lower()
    taken = any(text_matches(text.lower(), action) for text in listed or ())
    if taken is not (statement.actions is not None):
        return Truth.NO
    parts = [_resource_taken(statement, request)]
    parts += [condition_holds(condition, request.context) for condition in statement.conditions]
    unmodelled = (*policy.unmodelled, *statement.unmodelled)
    if any(not name.startswith(("Principal.", "NotPrincipal.")) for name in unmodelled):
        parts.append(Truth.UNKNOWN)
    return all_of(parts)


def _resource_taken(statement: Statement, request: Request) -> Truth:
    deny = statement.effect is Effect.DENY
    if statement.resources is not None:
        reaches = [pattern_reach(p, request.resource, request.context) for p in statement.resources]
        if Reach.ALL in reaches:
            return Truth.YES
        if Reach.SOME in reaches and not deny and not request.unscoped:
            return Truth.YES
        return Truth.UNKNOWN if Reach.OPEN in reaches else Truth.NO
    if statement.not_resources is None:
        return Truth.YES
    reaches = [pattern_reach(p, request.resource, request.context) for p in statement.not_resources]
    if Reach.ALL in reaches:
        return Truth.NO
    if Reach.SOME in reaches and deny:
        return Truth.NO
    if Reach.OPEN in reaches or Reach.NO_VALUE in reaches:
        return Truth.UNKNOWN
    return Truth.YES
