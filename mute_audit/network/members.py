"""Security groups at interfaces, with what their references can see. Rules: N1–N9, N50."""

from __future__ import annotations

from collections.abc import Iterable

from mute_audit.address import is_unknown_id
from mute_audit.network.allowed import OPEN, Allowed
from mute_audit.network.endpoint import Endpoint
from mute_audit.network.model import Model
from mute_audit.network.sight import Sight
from mute_audit.network.trips import Trip
from mute_audit.verdict import Gap

__all__ = ["Members"]

_NONE: frozenset[str] = frozenset()


def _open_groups(box: Endpoint) -> Gap | None:
    """An interface that is not made yet may come to be in any group."""
    names = sorted(filter(is_unknown_id, box.groups))
    return Gap(names[0], box.vpc, "unknown until apply", "NetworkInterfaces") if names else None


class Members:
    """Asks the groups of interfaces, and who has an address."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def out_of(
        self,
        box: Endpoint,
        sight: Sight,
        version: int,
        address: int,
        known: Iterable[Endpoint],
    ) -> Allowed:
        """What the groups of an interface let out to an address."""
        if not box.filtered:
            return OPEN
        rules = self._model.groups(box.groups, egress=True)
        if not rules.references or not sight.members:
            return rules.allows(version, address, _NONE)
        groups, hidden = self._seen(sight.members, version, address, known)
        return rules.allows(version, address, groups, far=sight.far, hidden=hidden)

    def into(self, box: Endpoint, trip: Trip) -> Allowed:
        """What the groups of an interface let in from where the packet comes from."""
        if not box.filtered:
            return OPEN
        rules = self._model.groups(box.groups, egress=False)
        sight = trip.sight
        if not rules.references or not (sight.members or trip.also):
            return rules.allows(trip.version, trip.source, _NONE)
        if not sight.members:
            also = trip.also if not sight.vpc else _NONE
            return rules.allows(trip.version, trip.source, also)
        known = (*trip.known(), box)
        groups, hidden = self._seen(sight.members, trip.version, trip.source, known)
        return rules.allows(trip.version, trip.source, groups, far=sight.far, hidden=hidden)

    def _seen(
        self, vpc: str, version: int, address: int, known: Iterable[Endpoint]
    ) -> tuple[frozenset[str], Gap | None]:
        """The groups of who has an address in a VPC, or why that is not known."""
        holder = self.holder(vpc, version, address, known)
        if holder is not None:
            return holder.groups, _open_groups(holder)
        return _NONE, self._model.hidden_members(vpc)

    def holder(
        self, vpc: str, version: int, address: int, known: Iterable[Endpoint]
    ) -> Endpoint | None:
        """Who has a private address in a VPC: those who take part, else anyone described."""
        for endpoint in known:
            if endpoint.vpc == vpc and endpoint.has(version, address):
                return endpoint
        return self._model.interfaces.holder(vpc, version, address)
