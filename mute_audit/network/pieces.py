"""The address axes, cut into pieces on which no filter or table on the way changes its answer."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cached_property

from mute_audit.network import intervals
from mute_audit.network.addresses import AddressSet
from mute_audit.network.balancers import Balancers
from mute_audit.network.endpoint import Endpoint, Position, Standing
from mute_audit.network.fabric import Fabric
from mute_audit.network.model import Model

__all__ = ["Pieces"]


class Pieces:
    """Cuts address sets; one representative of each piece decides for all of it."""

    def __init__(self, model: Model, fabric: Fabric, balancers: Balancers) -> None:
        self._model = model
        self._fabric = fabric
        self._balancers = balancers
        self._ordered: dict[int, list[int]] = {}

    def of(self, standing: Standing, version: int, *ends: Endpoint) -> list[tuple[int, AddressSet]]:
        """A standing's addresses: (representative, piece)."""
        if standing.position is Position.EXACT:
            return [(standing.addresses.axis(version)[0], standing.addresses)]
        return self.cut(standing.addresses, version, ends)

    def cut(
        self, addresses: AddressSet, version: int, ends: Iterable[Endpoint]
    ) -> list[tuple[int, AddressSet]]:
        """(representative, piece) for each part that the filters of `ends`, and all on the way
        between them, tell apart."""
        mine = addresses.axis(version)
        if not mine:
            return []
        cuts = set(self._shared[version])
        for end in ends:
            cuts.update(self._model.groups(end.groups, egress=False).cuts(version))
            cuts.update(self._model.groups(end.groups, egress=True).cuts(version))
            cuts.update(self._model.networks(end.subnet).axis(version))
        ordered = sorted(cuts)
        pieces: list[tuple[int, AddressSet]] = []
        for low, high in intervals.pairs(mine):
            inner = ordered[bisect_right(ordered, low) : bisect_left(ordered, high + 1)]
            starts = [low, *inner]
            for start, stop in zip(starts, [*inner, high + 1], strict=True):
                bits = (start, stop)
                pieces.append((start, AddressSet(v4=bits) if version == 4 else AddressSet(v6=bits)))
        return pieces

    def atom(self, version: int, address: int) -> int:
        """The piece of the axis that an address lies in, as far as what is shared by all goes."""
        found = self._ordered.get(version)
        if found is None:
            found = self._ordered[version] = sorted(self._shared[version])
        return bisect_right(found, address)

    @cached_property
    def _shared(self) -> dict[int, frozenset[int]]:
        """Where tables, ACLs, and the groups of hosts and balancers on the way may change."""
        model = self._model
        between = list(model.interfaces.on_the_way(model.route_targets()))
        for arn in model.inventory.load_balancers:
            for box in model.endpoints.by_id("elbv2.load-balancer", arn):
                between.append(box)
                legs = self._balancers.legs(box)
                between += [leg.target for leg in legs if isinstance(leg.target, Endpoint)]
        found = {}
        for version in (4, 6):
            cuts = set(self._fabric.cuts(version))
            for end in between:
                for egress in (False, True):
                    cuts.update(model.groups(end.groups, egress=egress).cuts(version))
                cuts.update(model.networks(end.subnet).axis(version))
            found[version] = frozenset(cuts)
        return found
