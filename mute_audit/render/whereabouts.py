"""Which of several is meant: said where a report speaks of more than one of a name.

One account may have a database `orders` in each of two Regions, and ten hosts that are called
`web`. A sentence calls them all the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from mute_audit.address import Address
from mute_audit.finding import Report

__all__ = ["Whereabouts", "whereabouts"]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is added to a name.

    shared    (type, name) of what stands in findings under several ids
    accounts  whether the report speaks of several
    regions   the same of Regions
    """

    shared: frozenset[tuple[str, str]] = frozenset()
    accounts: bool = False
    regions: bool = False

    def of(self, address: Address) -> str:
        """As in `i-0abc, us-east-1`; empty where the name says all."""
        plain = address.id not in ("", address.label) and not address.id.startswith("arn:")
        parts = (
            address.id if plain and (address.type, address.label) in self.shared else "",
            address.account if self.accounts else "",
            address.region if self.regions and address.region != "global" else "",
        )
        return ", ".join(filter(None, parts))


def whereabouts(report: Report) -> Whereabouts:
    """What a report's own names leave open."""
    meant = {
        (finding.resource.type, finding.resource.label, finding.resource.id)
        for policy in report.policies
        for finding in policy.findings
    }
    named = Counter((kind, label) for kind, label, _ in meant)
    return Whereabouts(
        shared=frozenset(name for name, count in named.items() if count > 1),
        accounts=len(report.source.accounts) > 1,
        regions=len(report.source.regions) > 1,
    )
