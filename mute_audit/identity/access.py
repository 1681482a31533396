"""Who may do what to a resource of the estate, and what one principal may do (A6).

For a user or role the layers are put together as AWS does it: its own policies *or* a grant of
the resource's policy that names it suffices inside one account, both are needed across accounts,
the boundary limits the former and, for a role's ARN, the latter, and a Deny anywhere wins. Each
way is one question to the set evaluator; each YES is replayed by the simulator with all layers.

The organisation's policies stand around all of it (`organizations`): where they bind and are not
known, a YES becomes unknown, with the request beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from mute_audit.address import arn_account
from mute_audit.errors import PlaceError
from mute_audit.identity.access_points import possible
from mute_audit.identity.callers import CallerKind
from mute_audit.identity.exposure import Exposure
from mute_audit.identity.holders import Holder, holder_gaps, holders_of
from mute_audit.identity.insiders import Insider
from mute_audit.identity.judge import Answer
from mute_audit.identity.keys import own_access_points
from mute_audit.identity.organizations import Organizations
from mute_audit.identity.outsiders import ask_account, outsiders
from mute_audit.identity.questions import Ask, Asked, Blocked, Subject
from mute_audit.identity.statements import Policy
from mute_audit.identity.targets import Target, every_target, find_target
from mute_audit.inventory import Inventory
from mute_audit.verdict import Gap, Truth

__all__ = ["Access", "Finding", "Subject"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one subject may do (or not) to one resource, for actions with the same answer.

    path     the statements that let the witness through, each with where it is attached
    blocked  for a NO: each grant, and what holds it back
    """

    subject: Subject
    target: Target
    actions: tuple[str, ...]
    truth: Truth
    witness: Mapping[str, Any] | None = None
    path: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    blocked: tuple[Blocked, ...] = ()


@dataclass(frozen=True)
class Access:
    """Access questions about one inventory; `now` as in `Exposure`."""

    inventory: Inventory
    now: datetime | None = None
    exposure: Exposure = field(init=False)
    notes: dict[str, None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "exposure", Exposure(self.inventory, self.now))

    @property
    def organizations(self) -> Organizations:
        return self.exposure.organizations

    @cached_property
    def holders(self) -> tuple[Holder, ...]:
        return holders_of(self.inventory)

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        return tuple(every_target(self.exposure))

    def target(self, name: str) -> Target:
        """Raises PlaceError where nothing, or more than one thing, has the name."""
        return find_target(self.exposure, name)

    def to(self, target: Target, action: str = "", principal: str = "") -> tuple[Finding, ...]:
        """Everybody who may do something to the resource, and whose grants are held back.

        With `principal`, the answers for that one alone, refusals included. Raises PlaceError
        where nobody is called that, UsageError where the action does not go with the resource.
        """
        actions = target.chosen(action)
        found: list[Finding] = []
        for subject, ask in self._subjects(target, principal):
            found += self._judged(subject, target, actions, ask, bool(principal))
        if not principal:
            for gap in holder_gaps(self.inventory, target.account):
                unknown = Subject("user", "-", "users and roles that are not known")
                found.append(Finding(unknown, target, actions, Truth.UNKNOWN, gaps=(gap,)))
        return tuple(found)

    def by(self, principal: str, action: str = "") -> tuple[Finding, ...]:
        """What one principal may do to each resource whose grants are collected."""
        found: list[Finding] = []
        for target in self.targets:
            service = action.partition(":")[0].lower()
            if action and not any(a.startswith(f"{service}:") for a in target.actions):
                continue
            found += [
                item
                for item in self.to(target, action, principal)
                if item.truth is not Truth.NO or item.blocked
            ]
        return tuple(found)

    # --- who there is ----------------------------------------------------------------------

    def _subjects(self, target: Target, wanted: str) -> list[tuple[Subject, Ask]]:
        found = [*outsiders(target, self.now, self.organizations), *self._holders(target)]
        if not wanted:
            return found
        chosen = [pair for pair in found if wanted in _names(pair[0])]
        if len({pair[0].id for pair in chosen}) > 1:
            ids = ", ".join(sorted({pair[0].id for pair in chosen}))
            raise PlaceError(f"`{wanted}` is the name of several", hint=f"give one of {ids}")
        if chosen:
            return chosen
        account = wanted if wanted.isdigit() and len(wanted) == 12 else arn_account(wanted)
        if account and account not in {h.account for h in self.holders}:
            return [
                (
                    Subject("account", account),
                    ask_account(target, account, self.now, self.organizations),
                )
            ]
        if wanted in ("anonymous", "any-account"):
            no = Answer(Truth.NO, reasons=(f"nothing of {target.kind} is open to {wanted}",))
            return [(Subject(wanted, wanted), lambda _: (no, ()))]
        if not account and (self.holders or wanted.startswith("o-")):
            hint = "the name or ARN of a user or role, an account, `anonymous` or `any-account`"
            raise PlaceError(f"there is no principal `{wanted}`", hint=hint)
        gaps = holder_gaps(self.inventory, target.account)
        if gaps:
            return [(Subject("user", wanted), lambda _: (Answer(Truth.UNKNOWN, gaps=gaps), ()))]
        raise PlaceError(f"there is no principal `{wanted}`")

    def _holders(self, target: Target) -> Iterator[tuple[Subject, Ask]]:
        for holder in self.holders:
            kind = "user" if holder.kind is CallerKind.USER else "role"
            yield Subject(kind, holder.arn, holder.name), self._ask(holder, target)

    def _ask(self, holder: Holder, target: Target) -> Ask:
        full = Insider(self.organizations, self.now, holder, target)
        self._assumed(full)
        if target.bucket is not None:
            return lambda action: self._at_bucket(full, action)
        if target.kind != "iam.role":
            return full.ask
        bare = replace(target, policy=None, policy_gap=None)
        alone = Insider(self.organizations, self.now, holder, bare)
        return lambda action: (full if target.governs(action) else alone).ask(action)

    def _at_bucket(self, direct: Insider, action: str) -> Asked:
        """To a bucket, or through one of its access points: there both policies have a say."""
        answer, blocked = direct.ask(action)
        bucket = direct.target.bucket
        if answer.truth is not Truth.NO or bucket is None or not possible(action):
            return answer, blocked
        for point in bucket.points:
            own = Target(
                "s3.access-point",
                point.arn,
                point.name,
                point.account,
                (action,),
                point.policy,
                point.gap,
                f"access point {point.name}",
            )
            if all(
                self._through(direct, one, point.context, action) for one in (direct.target, own)
            ):
                reason = f"access point {point.name} may let it through"
                return Answer(Truth.UNKNOWN, reasons=(reason,)), ()
        if bucket.points_gap is not None:
            for given in own_access_points(bucket.policy or Policy(), bucket.account):
                if self._through(direct, direct.target, given, action):
                    gaps = (bucket.points_gap,)
                    reason = "the policy leaves it to access points"
                    return Answer(Truth.UNKNOWN, reasons=(reason,), gaps=gaps), ()
        return answer, blocked

    def _through(
        self, insider: Insider, target: Target, given: Mapping[str, str | None], action: str
    ) -> bool:
        """Whether one of the two policies may let it through, asked with what the other adds."""
        one = Insider(self.organizations, self.now, insider.holder, target, given, explain=False)
        return one.ask(action)[0].truth is not Truth.NO

    def _assumed(self, insider: Insider) -> None:
        for fence in (insider.scps, insider.rcps):
            if fence.note:
                self.notes[fence.note] = None

    def _judged(
        self,
        subject: Subject,
        target: Target,
        actions: Sequence[str],
        ask: Ask,
        refusals: bool,
    ) -> Iterator[Finding]:
        """The answers, those that are alike put together."""
        alike: dict[tuple[object, ...], tuple[list[str], Answer, tuple[Blocked, ...]]] = {}
        for action in actions:
            answer, blocked = ask(action)
            key = (answer.truth, answer.statement, answer.reasons, answer.gaps, blocked)
            alike.setdefault(key, ([], answer, blocked))[0].append(action)
        for names, answer, blocked in alike.values():
            if answer.truth is Truth.NO and not blocked and not refusals:
                continue
            yield Finding(
                subject,
                target,
                tuple(names),
                answer.truth,
                answer.witness,
                tuple(filter(None, answer.statement.split(", "))),
                answer.reasons,
                answer.gaps,
                blocked,
            )


def _names(subject: Subject) -> tuple[str, ...]:
    return (subject.id, subject.name) if subject.name else (subject.id,)
