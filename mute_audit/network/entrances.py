"""By which load balancers an interface is reached. Rules: N47, N50."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from mute_audit.network.balancers import Balancers
from mute_audit.network.endpoint import Endpoint, Role
from mute_audit.network.model import Model
from mute_audit.network.trips import Leg, label

__all__ = ["Entrances"]


class Entrances:
    """The ways through load balancers, by whom they lead to."""

    def __init__(self, model: Model, balancers: Balancers) -> None:
        self._model = model
        self._balancers = balancers

    @cached_property
    def _by_target(self) -> dict[str, list[tuple[Endpoint, tuple[Leg, ...]]]]:
        """The ways by which load balancers lead to an interface."""
        found: dict[str, list[tuple[Endpoint, tuple[Leg, ...]]]] = {}
        for arn in self._model.inventory.load_balancers:
            for box in self._model.endpoints.by_id("elbv2.load-balancer", arn):
                for legs in self._chains(box, ()):
                    target = legs[-1].target
                    if isinstance(target, Endpoint):
                        found.setdefault(label(target), []).append((box, legs))
        return found

    def _chains(self, box: Endpoint, before: tuple[Leg, ...]) -> Iterator[tuple[Leg, ...]]:
        """From a balancer to a target, or over a second balancer to its targets."""
        if any(label(leg.box) == label(box) for leg in before):
            return
        for leg in self._balancers.legs(box):
            yield (*before, leg)
            if isinstance(leg.target, Endpoint) and leg.target.role is Role.BALANCER:
                yield from (
                    chain
                    for chain in self._chains(leg.target, (*before, leg))
                    if leg.sends & chain[len(before) + 1].listens
                )

    def boxes(self, ends: Iterable[Endpoint]) -> list[Endpoint]:
        """The balancers by which any of these is reached."""
        return [box for end in ends for box, _ in self.to(end)]

    def to(self, target: Endpoint) -> Iterable[tuple[Endpoint, tuple[Leg, ...]]]:
        if not self._model.inventory.load_balancers or target.role is Role.BALANCER:
            return ()
        return self._by_target.get(label(target), ())
