"""A resource policy and the classes of callers: cached answers, each YES replayed.

Used by every exposure: the bucket, the repository, and a policy without an estate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from mute_audit.identity.assigned import assigned_callers
from mute_audit.identity.automata import Language
from mute_audit.identity.callers import (
    ANONYMOUS,
    Caller,
    CallerKind,
    any_account,
    class_of,
    in_account,
    in_organization,
    service,
)
from mute_audit.identity.catalogue import never_sent
from mute_audit.identity.classes import Layer, Outcome, Question
from mute_audit.identity.compile import Memory, actions_of_statement, matches_action
from mute_audit.identity.control_policies import governed_by_rcps
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.evaluate import evaluate
from mute_audit.identity.keys import Names, names_in
from mute_audit.identity.organizations import OPEN, Fence
from mute_audit.identity.pins import mentioned_keys
from mute_audit.identity.request import replay
from mute_audit.identity.s3_actions import targets_of
from mute_audit.identity.statements import Effect, Policy, Statement
from mute_audit.verdict import Gap, Truth

__all__ = ["Answer", "Judge"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer with its proof.

    witness    the `request` object of `simulate` that is allowed, where truth is YES
    reasons    what is in the way, or what is open
    gaps       what could not be collected and would have been needed
    statement  the label of the statement that allows
    """

    truth: Truth
    witness: Mapping[str, Any] | None = None
    reasons: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    statement: str = ""


@dataclass(frozen=True, slots=True)
class Judge:
    """One resource policy, of a resource that belongs to `owner` (empty: not known).

    now    the moment that conditions on the time are judged at; any moment where it is None
    given  further context keys (lower case) whose values are known
    fence  the organisation's policies around the owner's resources
    ours   the values of keys that AWS assigns which are known to be the owner's
    """

    policy: Policy
    owner: str = ""
    name: str = "policy"
    now: datetime | None = None
    given: Mapping[str, str | None] = field(default_factory=dict)
    fence: Fence = OPEN
    ours: Mapping[str, Language] = field(default_factory=dict)
    names: Names = field(init=False)
    _known: dict[tuple[object, ...], Outcome] = field(init=False, default_factory=dict)
    _statements: tuple[Statement, ...] = field(init=False, default=())
    _keys: tuple[str, ...] = field(init=False, default=())
    _signatures: dict[str, tuple[bool, ...]] = field(init=False, default_factory=dict)
    _memory: Memory = field(init=False, default_factory=Memory)

    def __post_init__(self) -> None:
        policies = (self.policy, *(p for layer in self.fence.levels for p in layer.policies))
        object.__setattr__(self, "_statements", tuple(s for p in policies for s in p.statements))
        object.__setattr__(self, "_keys", tuple(sorted(mentioned_keys(policies, self._memory))))
        names = names_in(policies, self.owner)
        object.__setattr__(self, "names", replace(names, ours=self.ours))

    def anonymous(self, action: str, resources: Sequence[Language]) -> Answer:
        return self._ask("anonymous", (ANONYMOUS,), action, resources)

    def any_account(self, action: str, resources: Sequence[Language]) -> Answer:
        return self._ask("any", any_account(), action, resources)

    def account(self, account: str, action: str, resources: Sequence[Language]) -> Answer:
        return self._ask(account, in_account(account, self.names), action, resources)

    def organization(self, org: str, action: str, resources: Sequence[Language]) -> Answer:
        return self._ask(org, in_organization(org), action, resources)

    def canonical(self, user: str, action: str, resources: Sequence[Language]) -> Answer:
        caller = Caller(CallerKind.CANONICAL, name=user)
        return self._ask(user, (caller,), action, resources)

    def service(self, name: str, action: str, resources: Sequence[Language]) -> Answer:
        """An AWS service, by its principal (`cloudtrail.amazonaws.com`)."""
        return self._ask(f"service {name}", service(name), action, resources)

    def federated(self, name: str, action: str, resources: Sequence[Language]) -> Answer:
        """Somebody whom this identity provider vouches for."""
        caller = Caller(CallerKind.FEDERATED, name=name)
        return self._ask(f"federated {name}", (caller,), action, resources)

    def as_class(self, who: str, action: str, resources: Sequence[Language]) -> Answer:
        """The same for a class by its name: `anonymous`, `any`, or whom the policy names."""
        return self._ask(who, self.callers_of(who), action, resources)

    def beside(
        self, grant: str, callers: tuple[Caller, ...], action: str, resources: Language
    ) -> Answer:
        """A grant that no policy makes, for these callers: does any request escape each Deny?"""
        fence = self.fence if governed_by_rcps(action) else OPEN
        alone = Layer(grant, (EVERYTHING,))
        against = (Layer(self.name, (self.policy,)), *fence.levels)
        outcome = evaluate(self._question((alone,), callers, action, resources, against))
        if outcome.truth is not Truth.YES or outcome.witness is None:
            return Answer(outcome.truth, reasons=outcome.reasons)
        own = tuple(s for s in self.policy.statements if s.effect is Effect.DENY)
        opened = replace(self.policy, statements=(*EVERYTHING.statements, *own))
        replay(outcome.witness, resource=opened, rcps=fence.documents)
        return self.fenced(Answer(Truth.YES, outcome.witness, statement=grant), action)

    def assigned(self, action: str, resources: Sequence[Language]) -> Answer:
        """Somebody else who has a value that the policy asks for (`assigned`)."""
        open_ones: list[Answer] = []
        for index, each in enumerate(assigned_callers(self.policy)):
            answer = self._ask(f"assigned {index}", each.callers, action, resources)
            if answer.truth is Truth.YES and each.certain:
                return answer
            if answer.truth is Truth.YES:
                reason = f"{answer.statement} lets in {each.who}, and that is not described here"
                open_ones.append(replace(answer, truth=Truth.UNKNOWN, reasons=(reason,)))
            elif answer.truth is Truth.UNKNOWN:
                open_ones.append(answer)
        return open_ones[0] if open_ones else Answer(Truth.NO)

    def callers_of(self, who: str) -> tuple[Caller, ...]:
        return class_of(who, self.names)

    def told_apart(self, actions: Iterable[str]) -> tuple[str, ...]:
        """One action for each way that the statements (and its kind of resource) differ."""
        listed = tuple(actions)
        columns = [actions_of_statement(s, listed) for s in self._statements]
        columns += [frozenset(a for a in listed if never_sent(a, key)) for key in self._keys]
        found: dict[tuple[object, ...], str] = {}
        for action in listed:
            signature = self._signatures[action] = tuple([action in taken for taken in columns])
            found.setdefault((signature, targets_of(action)), action)
        return tuple(found.values())

    def _signature(self, action: str) -> tuple[bool, ...]:
        known = self._signatures.get(action)
        if known is None:
            known = tuple([matches_action(s, action) for s in self._statements])
            known += tuple([never_sent(action, key) for key in self._keys])
            self._signatures[action] = known
        return known

    @property
    def outsiders(self) -> tuple[str, ...]:
        """Accounts that the policy names, the owner aside."""
        return tuple(account for account in self.names.accounts if account != self.owner)

    def _ask(
        self, who: str, callers: tuple[Caller, ...], action: str, resources: Sequence[Language]
    ) -> Answer:
        # Actions that no statement tells apart have the same answer.
        signature = self._signature(action)
        answers = []
        for language in resources:
            key = (who, signature, language)
            if key not in self._known:
                self._known[key] = self._evaluate(callers, action, language)
            outcome = self._known[key]
            if outcome.truth is Truth.YES and outcome.witness is not None:
                witness = {**outcome.witness, "action": action}
                statement = ", ".join(outcome.statements)
                return self.fenced(Answer(Truth.YES, witness, statement=statement), action)
            answers.append(outcome)
        truth = Truth.NO
        if any(outcome.truth is Truth.UNKNOWN for outcome in answers):
            truth = Truth.UNKNOWN
        elif who in self.names.accounts and (named := self._unmodelled(who, action)):
            return Answer(
                Truth.UNKNOWN, reasons=(f"`{named}` is a principal that is not modelled",)
            )
        reasons = (r for outcome in answers if outcome.truth is truth for r in outcome.reasons)
        return Answer(truth, reasons=tuple(dict.fromkeys(reasons)))

    def _unmodelled(self, account: str, action: str) -> str:
        """A federated user of the account that an Allow names: it is none of its callers."""
        for statement in self.policy.statements:
            if statement.effect is Effect.ALLOW and matches_action(statement, action):
                for principal in statement.principals or ():
                    if f":sts::{account}:federated-user/" in principal.value:
                        return principal.value
        return ""

    def fenced(self, answer: Answer, action: str) -> Answer:
        """A YES, as far as it is known what the organisation forbids."""
        if not self.fence.unless or not governed_by_rcps(action):
            return answer
        reason = f"allowed by {answer.statement}, {self.fence.unless}"
        return replace(answer, truth=Truth.UNKNOWN, reasons=(reason,), gaps=self.fence.gaps)

    @property
    def fixed(self) -> dict[str, str | None]:
        """The context keys whose values are known."""
        fixed: dict[str, str | None] = dict(self.given)
        if self.owner:
            fixed |= {"aws:resourceaccount": self.owner, "s3:resourceaccount": self.owner}
        if self.now is not None:
            moment = self.now.astimezone(UTC).isoformat(timespec="seconds")
            fixed["aws:currenttime"] = moment.replace("+00:00", "Z")
        return fixed

    def _evaluate(self, callers: tuple[Caller, ...], action: str, language: Language) -> Outcome:
        fence = self.fence if governed_by_rcps(action) else OPEN
        layer = Layer(self.name, (self.policy,))
        outcome = evaluate(self._question((layer,), callers, action, language, fence.levels))
        if outcome.truth is Truth.YES and outcome.witness is not None:
            replay(outcome.witness, resource=self.policy, rcps=fence.documents)
        return outcome

    def _question(
        self,
        layers: tuple[Layer, ...],
        callers: tuple[Caller, ...],
        action: str,
        resources: Language,
        denies: tuple[Layer, ...],
    ) -> Question:
        return Question(
            layers=layers,
            callers=callers,
            action=action,
            resources=resources,
            owner=self.owner,
            denies=denies,
            fixed=self.fixed,
            names=self.names,
            memory=self._memory,
        )


# What stands for a grant that no policy makes: an ACL says whom, and what, by itself.
EVERYTHING = parse_policy(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
    }
)
