"""What differs from the baseline: `drift`."""

from __future__ import annotations

from mute_audit.address import Address
from mute_audit.finding import DriftItem, DriftKind, Evidence, Finding, PolicyResult
from mute_audit.policy.context import Context
from mute_audit.policy.model import Drift
from mute_audit.policy.outcome import conclude, finding
from mute_audit.verdict import Gap, Verdict

__all__ = ["drift"]


def drift(policy: Drift, context: Context) -> PolicyResult:
    """`drift`: the estate does not differ from the baseline."""
    if context.drift is None:
        gap = Gap("baseline", why="the scan was given none, so that nothing was compared")
        nothing = finding(
            policy,
            Verdict.UNKNOWN,
            "drift.present",
            Address("baseline", "baseline"),
            {"name": "baseline", "actual": "unknown"},
            Evidence(gaps=(gap,)),
        )
        return conclude(policy, [nothing], 0)
    items = [item for item in context.drift.items if policy.covers(item.kind, item.resource.type)]
    return conclude(policy, [_difference(policy, item) for item in items], len(items))


def _difference(policy: Drift, item: DriftItem) -> Finding:
    unsure = item.kind is DriftKind.UNKNOWN
    return finding(
        policy,
        Verdict.UNKNOWN if unsure else Verdict.FAIL,
        "drift.present",
        item.resource,
        {"name": item.resource.label, "actual": item.kind.value},
        # The kind of difference belongs to the identity: what was changed and is now gone
        # is another finding.
        Evidence(source=item.kind.value, fields=item.fields, gaps=item.gaps),
    )
