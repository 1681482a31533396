"""How resources are set up: `config`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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

# More names than this in a sentence, and nobody reads them.
MOST_NAMED = 5


def config(policy: Config, context: Context) -> PolicyResult:
    """`config`: every resource of a type that fits `where` fits `assert`."""
    kind = RESOURCE_TYPES[policy.type]
    known = subjects(context.analysis.inventory, kind)
    fields = ", ".join(predicate.field for predicate in policy.assert_)
    found = about_names(policy, known, "config.unknown", field=f"{policy.type} {fields}")
    judged = 0
    undecided: list[_Undecided] = []
    for address, item in known.found:
        fits = all_of(_holds(policy, predicate, item) for predicate in policy.where)
        if fits is not Truth.NO:
            judged += 1
            for each in _judge(policy, item, address, fits):
                if isinstance(each, _Undecided):
                    undecided.append(each)
                else:
                    found.append(each)
    return conclude(policy, [*found, *_together(policy, undecided)], judged)


@dataclass(frozen=True, slots=True)
class _Undecided:
    """A predicate that cannot be decided for a resource, for want of the field `lacking`."""

    address: Address
    predicate: Predicate
    lacking: str
    actual: str

    @property
    def group(self) -> tuple[str, str, str, str]:
        """What it has in common with others that want for the same reason."""
        return (str(self.predicate), self.lacking, self.address.account, self.address.region)


def _together(policy: Config, undecided: Iterable[_Undecided]) -> Iterable[Finding]:
    """One finding for all resources of a Region of which the same is not described.

    Who saves descriptions with an old program lacks a field of every one of them.
    """
    groups: dict[tuple[str, str, str, str], list[_Undecided]] = {}
    for each in undecided:
        groups.setdefault(each.group, []).append(each)
    for items in groups.values():
        first = items[0]
        predicate, home = first.predicate, first.address
        params = {"field": predicate.field, "expected": predicate.expected}
        if len(items) == 1:
            where, address, code = home.id, home, "config.unknown"
            params["actual"] = first.actual
        else:
            where, code = f"{home.account or '-'}/{home.region or '-'}", "config.unknown_many"
            address = Address("region", where, "", home.account, home.region)
            names = sorted(item.address.label for item in items)
            params["actual"] = str(len(names))
            params["name"] = ", ".join(names[:MOST_NAMED]) + ", …" * (len(names) > MOST_NAMED)
        gap = Gap(f"field {first.lacking}", where, "not in the resource's description")
        fields = (FieldChange(predicate.field, predicate.expected, first.actual),)
        evidence = Evidence(
            source=_source(predicate), fields=fields if len(items) == 1 else (), gaps=(gap,)
        )
        yield finding(policy, Verdict.UNKNOWN, code, address, params, evidence)


def _source(predicate: Predicate) -> str:
    """Tells the findings of one resource apart: each predicate is one of its own."""
    return f"{predicate.field} {predicate.operator}"


def _holds(policy: Config, predicate: Predicate, item: Any) -> Truth:
    return policy.path(predicate).judge(item, predicate.decide)


def _judge(
    policy: Config, item: Any, address: Address, fits: Truth
) -> Iterable[Finding | _Undecided]:
    """What is to be said of each predicate that does not hold, or cannot be told to."""
    for predicate in policy.assert_:
        holds = _holds(policy, predicate, item)
        if holds is Truth.YES:
            continue
        values = policy.path(predicate).values(item)
        actual = ", ".join(dict.fromkeys(map(_shown, values))) or "nothing"
        if holds is not Truth.NO or fits is not Truth.YES:
            lacking = _lacking(policy, predicate, item, fits)
            yield _Undecided(address, predicate, lacking, actual)
            continue
        yield finding(
            policy,
            Verdict.FAIL,
            "config.mismatch",
            address,
            {"field": predicate.field, "expected": predicate.expected, "actual": actual},
            Evidence(
                source=_source(predicate),
                fields=(FieldChange(predicate.field, predicate.expected, actual),),
            ),
        )


def _lacking(policy: Config, predicate: Predicate, item: Any, fits: Truth) -> str:
    """The field that the description lacks: the asserted one, or one that `where` asks for."""
    if fits is Truth.YES:
        return predicate.field
    asked = (p.field for p in policy.where if _holds(policy, p, item) is Truth.UNKNOWN)
    return next(asked, predicate.field)


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "absent"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
