"""One user or role and one resource: every layer of A6 put around the question.

Inside one account its own policies *or* a grant of the resource's policy that names it suffices,
across accounts it takes both; the boundary limits the former and, for a role's ARN, the latter;
a Deny anywhere wins. Each way is one question to the set evaluator, and each YES is replayed by
the simulator with all layers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from mute_audit.address import arn_account
from mute_audit.identity.automata import Language
from mute_audit.identity.blockers import blocked_grants
from mute_audit.identity.callers import Caller, CallerKind
from mute_audit.identity.catalogue import never_sent
from mute_audit.identity.classes import Layer, Outcome, Question
from mute_audit.identity.compile import Memory, actions_of_statement
from mute_audit.identity.control_policies import governed_by_rcps
from mute_audit.identity.evaluate import evaluate
from mute_audit.identity.holders import Holder, layer_of
from mute_audit.identity.judge import Answer
from mute_audit.identity.keys import Names, names_in
from mute_audit.identity.organizations import OPEN, Fence, Organizations
from mute_audit.identity.pins import mentioned_keys
from mute_audit.identity.questions import Asked, Way
from mute_audit.identity.request import replay
from mute_audit.identity.statements import Effect, Policy, Principal, PrincipalKind, Statement
from mute_audit.identity.targets import Target
from mute_audit.verdict import Gap, Truth

__all__ = ["Insider"]


class Insider:
    """One user or role and one resource: the ways in, and the answers."""

    def __init__(
        self,
        organizations: Organizations,
        now: datetime | None,
        holder: Holder,
        target: Target,
        given: Mapping[str, str | None] | None = None,
        explain: bool = True,
    ) -> None:
        """`given` are context keys (lower case) with the values to ask about; `explain` says
        whether a refusal is to name what blocks each grant."""
        self.given = given or {}
        self.explain = explain
        self.now = now
        self.holder = holder
        self.target = target
        self.memory = Memory()
        self.identity = layer_of("identity policies", holder.identity)
        boundary = layer_of("permissions boundary", holder.boundary, limits=True)
        self.boundary = (boundary,) if holder.boundary else ()
        policy = target.policy or Policy()
        self.resource = Layer(target.policy_name, (_seen(policy, bool(holder.boundary)),))
        self.same = holder.account == target.account
        linked = holder.service_linked
        self.scps = OPEN if linked else organizations.around_identities(holder.account)
        self.rcps = OPEN if linked else organizations.around_resources(target.account)
        layers = (
            *self.scps.levels,
            *self.rcps.levels,
            self.identity,
            *self.boundary,
            self.resource,
        )
        policies = tuple(p for layer in layers for p in layer.policies)
        self.names: Names = names_in(policies, target.account)
        self.statements = tuple(s for policy in policies for s in policy.statements)
        self.keys = tuple(sorted(mentioned_keys(policies, self.memory)))
        self.known: dict[tuple[object, ...], Asked] = {}
        self.sessions = tuple(_sessions(holder, self.names))
        caller = Caller(holder.kind, account=holder.account, arn=holder.arn)
        self.callers = (caller, *(replace(caller, session=session) for session in self.sessions))

    def ask(self, action: str) -> Asked:
        signature = tuple(action in actions_of_statement(s, (action,)) for s in self.statements)
        signature += tuple(never_sent(action, key) for key in self.keys)
        must = _must_itself_allow(action, self.target)
        key = (signature, must, tuple(self.target.languages(action)))
        if key not in self.known:
            self.known[key] = self._ask(action, must)
        answer, blocked = self.known[key]
        if answer.witness is not None:
            answer = replace(answer, witness={**answer.witness, "action": action})
        return answer, blocked

    def _ask(self, action: str, must: bool) -> Asked:
        governed = governed_by_rcps(action)
        fence = OPEN if governed is False else self.rcps
        outcome = self._first_yes(action, must, fence)
        if outcome.truth is Truth.YES:
            return self._limited(self._replayed(outcome, fence), action), ()
        if governed is None and fence.levels:
            beyond = self._first_yes(action, must, OPEN)
            if beyond.truth is Truth.YES:
                answer = self._replayed(beyond, OPEN)
                reason = f"whether resource control policies reach {action} is not known"
                return replace(answer, truth=Truth.UNKNOWN, reasons=(reason,)), ()
        truth, reasons = outcome.truth, dict.fromkeys(outcome.reasons)
        gaps = self._gaps()
        if gaps:
            return Answer(Truth.UNKNOWN, reasons=tuple(reasons), gaps=gaps), ()
        if truth is Truth.UNKNOWN:
            return Answer(truth, reasons=tuple(reasons)), ()
        if not self.explain:
            return Answer(Truth.NO, reasons=tuple(reasons)), ()
        blocked = blocked_grants(
            tuple(self._ways(must, fence)),
            self.callers,
            action,
            self.target.languages(action),
            self.target.account,
            self._fixed(),
        )
        return Answer(Truth.NO, reasons=tuple(reasons)), blocked

    def _first_yes(self, action: str, must: bool, fence: Fence) -> Outcome:
        """The first way in that lets a request through; else what is open, or in the way."""
        reasons: dict[str, None] = {}
        truth = Truth.NO
        for way in self._ways(must, fence):
            for language in self.target.languages(action):
                outcome = self._evaluate(way, action, language)
                if outcome.truth is Truth.YES:
                    return outcome
                if outcome.truth is Truth.UNKNOWN:
                    truth = Truth.UNKNOWN
                reasons.update(dict.fromkeys(outcome.reasons))
        return Outcome(truth, reasons=tuple(reasons))

    def _gaps(self) -> tuple[Gap, ...]:
        policy_gap = () if self.target.policy_gap is None else (self.target.policy_gap,)
        return (*self.holder.gaps, *policy_gap)

    def _limited(self, answer: Answer, action: str) -> Answer:
        """A YES, as far as everything that could still forbid it is known."""
        gaps = list(self._gaps())
        reasons: list[str] = []
        for fence in (self.scps, self.rcps if governed_by_rcps(action) else OPEN):
            if fence.unless:
                reasons.append(f"allowed by {answer.statement}, {fence.unless}")
                gaps += fence.gaps
        if self.target.bucket is not None and not self.same:
            answer = self.target.bucket.restricted(answer)
        if not gaps and not reasons:
            return answer
        return replace(
            answer,
            truth=Truth.UNKNOWN,
            reasons=tuple(dict.fromkeys((*answer.reasons, *reasons))),
            gaps=tuple(dict.fromkeys((*answer.gaps, *gaps))),
        )

    def _ways(self, must: bool, fence: Fence) -> Iterator[Way]:
        """A6. `must`: the resource's own policy must allow in any case."""
        scps, rcps = self.scps.levels, fence.levels
        own = (*scps, self.identity, *self.boundary)
        if not self.same or must:
            yield Way((*own, self.resource), rcps)
            if not self.same:
                return
        else:
            yield Way(own, (self.resource, *rcps))
        if self.target.policy is None:
            return  # nothing but its own policies can let it in
        others = (self.resource, self.identity, *self.boundary, *rcps)
        user = self.holder.kind is CallerKind.USER
        by_arn = _granting(self.resource, lambda p: p.value == self.holder.arn)
        direct = _granting(
            self.resource,
            lambda p: (
                p.kind is PrincipalKind.ANY
                or p.value in self.sessions
                or (user and p.value == self.holder.arn)
            ),
        )
        if not user:
            yield Way((*scps, by_arn, *self.boundary), (self.resource, self.identity, *rcps))
        yield Way((*scps, direct), others)

    def _fixed(self) -> dict[str, str | None]:
        fixed: dict[str, str | None] = dict(self.given)
        if self.target.account:
            keys = ("aws:resourceaccount", "s3:resourceaccount")
            fixed |= dict.fromkeys(keys, self.target.account)
        if self.now is not None:
            moment = self.now.astimezone(UTC).isoformat(timespec="seconds")
            fixed["aws:currenttime"] = moment.replace("+00:00", "Z")
        return fixed

    def _evaluate(self, way: Way, action: str, language: Language) -> Outcome:
        return evaluate(
            Question(
                layers=way.layers,
                callers=self.callers,
                action=action,
                resources=language,
                owner=self.target.account,
                denies=way.denies,
                fixed=self._fixed(),
                names=self.names,
                memory=self.memory,
            )
        )

    def _replayed(self, outcome: Outcome, fence: Fence) -> Answer:
        if outcome.witness is not None:
            replay(
                outcome.witness,
                resource=self.target.policy,
                identity=[source.policy for source in self.holder.identity],
                boundaries=[source.policy for source in self.holder.boundary],
                scps=self.scps.documents,
                rcps=fence.documents,
            )
        return Answer(Truth.YES, witness=outcome.witness, statement=", ".join(outcome.statements))


def _sessions(holder: Holder, names: Names) -> Iterator[str]:
    """The sessions of a role that the policies name; their ARNs have lost the role's path."""
    if holder.kind is not CallerKind.ROLE:
        return
    role = holder.arn.rpartition("/")[2]
    for arn in names.arns:
        if arn_account(arn) == holder.account and f":assumed-role/{role}/" in arn:
            yield arn


def _must_itself_allow(action: str, target: Target) -> bool:
    """Trust policies and key policies must allow, whatever the identity policies say (A6)."""
    low = action.lower()
    if target.kind == "iam.role":
        return low.startswith("sts:assumerole") or low in (
            "sts:setsourceidentity",
            "sts:tagsession",
        )
    return low.startswith("kms:") and ":key/" in target.arn


def _seen(policy: Policy, bounded: bool) -> Policy:
    """A Deny with NotPrincipal takes in every identity that has a boundary (IAM user guide)."""
    if not bounded:
        return policy
    anybody = (Principal(PrincipalKind.ANY, "*"),)
    return replace(
        policy,
        statements=tuple(
            replace(s, principals=anybody, not_principals=None)
            if s.effect is Effect.DENY and s.not_principals is not None
            else s
            for s in policy.statements
        ),
    )


def _granting(layer: Layer, fits: Callable[[Principal], bool]) -> Layer:
    """The Allow statements that name the principal itself: naming its account only delegates."""

    def narrowed(statement: Statement) -> Statement | None:
        if statement.effect is not Effect.ALLOW:
            return None
        if statement.not_principals is not None:
            return statement
        kept = tuple(p for p in statement.principals or () if fits(p))
        return replace(statement, principals=kept) if kept else None

    policies = tuple(
        replace(policy, statements=tuple(filter(None, map(narrowed, policy.statements))))
        for policy in layer.policies
    )
    return Layer(layer.name, policies, layer.labels)
