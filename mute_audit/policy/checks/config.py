"""How resources are set up: `config`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mute_audit.address import Address
from mute_audit.finding import Evidence, FieldChange, Finding, PolicyResult
from mute_audit.policy.context import Context
from mute_audit.policy.field_path import ABSENT
from mute_audit.policy.model import Config
from mute_audit.policy.outcome import about_names, conclude, finding
from mute_audit.policy.predicate import Predicate
from mute_audit.policy.resource_types import RESOURCE_TYPES
from mute_audit.policy.subjects import subjects
from mute_audit.verdict import Gap, Truth, Verdict, all_of

__all__ = ["config"]


def config(policy: Config, context: Context) -> PolicyResult:
    """`config`: every resource of a type that fits `where` fits `assert`."""
    kind = RESOURCE_TYPES[policy.type]
    known = subjects(context.analysis.inventory, kind)
    fields = ", ".join(predicate.field for predicate in policy.assert_)
    found = about_names(policy, known, "config.unknown", field=f"{policy.type} {fields}")
    judged = 0
    for address, item in known.found:
        fits = all_of(_holds(policy, predicate, item) for predicate in policy.where)
        if fits is not Truth.NO:
            judged += 1
            found += _judge(policy, item, address, fits)
    return conclude(policy, found, judged, known.notes)


def _holds(policy: Config, predicate: Predicate, item: Any) -> Truth:
    return policy.path(predicate).judge(item, predicate.decide)


def _judge(policy: Config, item: Any, address: Address, fits: Truth) -> Iterable[Finding]:
    """A finding for each predicate that does not hold, or of which it cannot be told."""
    for predicate in policy.assert_:
        holds = _holds(policy, predicate, item)
        if holds is Truth.YES:
            continue
        values = policy.path(predicate).values(item)
        actual = ", ".join(dict.fromkeys(map(_shown, values))) or "nothing"
        sure = holds is Truth.NO and fits is Truth.YES
        gaps = () if sure else (_undecided(policy, predicate, item, address, fits),)
        yield finding(
            policy,
            Verdict.FAIL if sure else Verdict.UNKNOWN,
            "config.mismatch" if sure else "config.unknown",
            address,
            {"field": predicate.field, "expected": predicate.expected, "actual": actual},
            Evidence(
                # Tells the findings of one resource apart: each predicate is one of its own.
                source=f"{predicate.field} {predicate.operator}",
                fields=(FieldChange(predicate.field, predicate.expected, actual),),
                gaps=gaps,
            ),
        )


def _undecided(
    policy: Config, predicate: Predicate, item: Any, address: Address, fits: Truth
) -> Gap:
    """The field that the description lacks: the asserted one, or one that `where` asks for."""
    lacking = predicate.field
    if fits is not Truth.YES:
        lacking = next(
            (p.field for p in policy.where if _holds(policy, p, item) is Truth.UNKNOWN), lacking
        )
    return Gap(f"field {lacking}", address.id, "not in the resource's description")


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "absent"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
