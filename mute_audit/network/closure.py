"""Where one gets to by going on from every host that is reached: pivoting.

The flows between all places are a graph. Its strongly connected components are condensed, and
what a component reaches is one bit set, made from those of its successors; so the closure of
thousands of places takes as long as reading their flows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from mute_audit.network.places import Place, PlaceKind
from mute_audit.network.reach import Flow, Reach
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth

__all__ = ["Closure"]


class Closure:
    """What every place reaches, directly or over hosts that were taken over.

    `traffic` is what the steps may be made of: whoever takes over a host may send anything
    from it. A step is taken at resources of the estate only; the internet and other networks
    are where a way begins or ends.
    """

    def __init__(self, reach: Reach, traffic: Traffic | None = None) -> None:
        every = tuple(reach.everything())
        steps = reach.flows(reach.everything(), every, traffic or Traffic.everything())
        self._build(every, steps)

    @classmethod
    def of(cls, places: Sequence[Place], steps: Iterable[Flow]) -> Closure:
        """The closure of given flows."""
        made = cls.__new__(cls)
        made._build(tuple(places), tuple(steps))
        return made

    def _build(self, places: tuple[Place, ...], steps: Sequence[Flow]) -> None:
        self._places = places
        self._number = {place: index for index, place in enumerate(places)}
        self._flows: list[dict[int, Flow]] = [{} for _ in places]
        for flow in steps:
            here, there = self._number[flow.source], self._number[flow.target]
            held = self._flows[here].get(there)
            # The most certain flow of a pair is the step that is shown.
            if held is None or (flow.truth is Truth.YES and held.truth is not Truth.YES):
                self._flows[here][there] = flow
        self._certain = self._closed(certain=True)
        self._possible = self._closed(certain=False)

    # --- questions ----------------------------------------------------------------------------

    def truth(self, source: Place, target: Place) -> Truth:
        """YES over certain flows alone, UNKNOWN where an uncertain one is needed."""
        here, bit = self._number[source], 1 << self._number[target]
        if self._certain[here] & bit:
            return Truth.YES
        return Truth.UNKNOWN if self._possible[here] & bit else Truth.NO

    def reached(self, source: Place) -> tuple[Place, ...]:
        """Everything that is, or may be, reached from a place, in order."""
        bits = self._possible[self._number[source]] & ~(1 << self._number[source])
        return tuple(place for index, place in enumerate(self._places) if bits >> index & 1)

    def path(self, source: Place, target: Place) -> tuple[Flow, ...]:
        """The fewest steps from one place to another, certain ones if they lead there."""
        certain = self.truth(source, target) is Truth.YES
        start, goal = self._number[source], self._number[target]
        came: dict[int, int] = {start: start}
        waiting = deque([start])
        while waiting and goal not in came:
            here = waiting.popleft()
            if here != start and not self._may_pivot(here):
                continue
            for there, flow in self._flows[here].items():
                if there not in came and (flow.truth is Truth.YES or not certain):
                    came[there] = here
                    waiting.append(there)
        if goal not in came or goal == start:
            return ()
        steps: list[Flow] = []
        while goal != start:
            steps.append(self._flows[came[goal]][goal])
            goal = came[goal]
        return tuple(reversed(steps))

    # --- the closure --------------------------------------------------------------------------

    def _may_pivot(self, index: int) -> bool:
        place = self._places[index]
        return place.kind is PlaceKind.RESOURCE and place.address.type not in (
            "ec2.vpn-gateway",
            "ec2.transit-gateway-attachment",
            "ec2.vpc",
        )

    def _next(self, index: int, *, certain: bool) -> list[int]:
        flows = self._flows[index]
        return [to for to, flow in flows.items() if flow.truth is Truth.YES or not certain]

    def _closed(self, *, certain: bool) -> list[int]:
        """For each place the bit set of what it reaches in one step or more."""
        count = len(self._places)
        ahead = [self._next(index, certain=certain) for index in range(count)]
        # Nobody goes on from a network outside: its own steps count for itself alone.
        onward = [ahead[index] if self._may_pivot(index) else [] for index in range(count)]
        reached = [0] * count
        for component in _components(onward):
            bits = 0
            for index in component:
                for to in onward[index]:
                    bits |= 1 << to | reached[to]
            for index in component:
                reached[index] = bits
        for index in range(count):
            if not self._may_pivot(index):
                bits = 0
                for to in ahead[index]:
                    bits |= 1 << to | (reached[to] if self._may_pivot(to) else 0)
                reached[index] = bits
        return reached


def _components(edges: list[list[int]]) -> list[list[int]]:
    """Strongly connected components, successors first (Tarjan 1972, without recursion)."""
    count = len(edges)
    order = [-1] * count
    low = [0] * count
    on_stack = [False] * count
    stack: list[int] = []
    found: list[list[int]] = []
    clock = 0
    for root in range(count):
        if order[root] >= 0:
            continue
        work = [(root, 0)]
        while work:
            here, position = work.pop()
            if position == 0:
                order[here] = low[here] = clock
                clock += 1
                stack.append(here)
                on_stack[here] = True
            for index in range(position, len(edges[here])):
                there = edges[here][index]
                if order[there] < 0:
                    work += [(here, index + 1), (there, 0)]
                    break
                if on_stack[there]:
                    low[here] = min(low[here], order[there])
            else:
                if low[here] == order[here]:
                    component: list[int] = []
                    while not component or component[-1] != here:
                        component.append(stack.pop())
                        on_stack[component[-1]] = False
                    found.append(component)
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[here])
    return found
