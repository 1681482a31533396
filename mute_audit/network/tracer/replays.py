"""One packet between two stands, to each target that load balancers may take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.attempt import Attempt, attempt
from mute_audit.network.tracer.groups import Groups
from mute_audit.network.tracer.header import Header
from mute_audit.network.tracer.outcomes import ORDER
from mute_audit.network.tracer.stand import Stand
from mute_audit.verdict import Truth

__all__ = ["Replays"]

_MOST_TARGETS = 200


class Replays:
    """Follows packets, over one atlas."""

    def __init__(self, atlas: Atlas, groups: Groups) -> None:
        self._atlas = atlas
        self._groups = groups

    def best(self, source: Stand, target: Stand, header: Header) -> Attempt:
        """What comes of a packet by the target that lets it get farthest."""
        found = self.all(source, target, header)
        best = min(found, key=lambda item: ORDER.index(item.truth))
        visits = frozenset(v for item in found for v in item.visits)
        return replace(best, visits=visits)

    def all(self, source: Stand, target: Stand | None, header: Header) -> list[Attempt]:
        """Follow one packet between two stands, once for each target of a load balancer."""
        sender = source.sender
        if sender is None:
            return []
        ends = [stand for stand in (source, target) if stand is not None]
        nics = tuple(stand.nic for stand in ends if stand.nic is not None)
        doubts = tuple(stand.doubt for stand in ends if stand.doubt is not None)
        goal = target.nic if target is not None else None
        gate = target.gate if target is not None else None

        def run(picks: dict[str, int]) -> Attempt:
            return attempt(
                self._atlas,
                self._groups,
                sender,
                header,
                goal=goal,
                gate=gate,
                doubts=doubts,
                extra=nics,
                picks=picks,
            )

        return self._with_picks(run)

    def _with_picks(self, run: Callable[[dict[str, int]], Attempt]) -> list[Attempt]:
        """Follow a packet to each target that the load balancers on its way may take."""
        found: list[Attempt] = []
        seen: list[dict[str, int]] = []
        waiting: list[dict[str, int]] = [{}]
        while waiting and len(found) < _MOST_TARGETS:
            picks = waiting.pop(0)
            if picks in seen:
                continue
            seen.append(picks)
            last = run(picks)
            found.append(last)
            if last.truth is Truth.YES:
                break
            waiting += [
                {**picks, arn: index}
                for arn, count in last.choices
                if arn not in picks
                for index in range(count)
            ]
        return found
