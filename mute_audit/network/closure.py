"""Where one gets to by going on from every host that is reached: pivoting.

The flows between all places are a graph. Its strongly connected components are condensed, and
what a component reaches is one bit set, made from those of its successors; so the closure of
thousands of places takes as long as reading their flows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from mute_audit.network.places import Place
from mute_audit.network.reach import Flow, Reach
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth

__all__ = ["Closure"]


class Closure:
    """What every place reaches, directly or over hosts that were taken over.

    Whoever takes over a host may send anything from it. A step is taken at resources of the
    estate only; the internet and other networks are where a way begins or ends. `others` are
    places beside everything in the estate that somebody asks about (an address, a part of
    the internet).
    """

    def __init__(self, reach: Reach, others: Iterable[Place] = ()) -> None:
        every = reach.everything()
        more = tuple(dict.fromkeys(place for place in others if place not in every))
        known = tuple(every)
        anything = Traffic.everything()
        steps = reach.flows(every, (*known, *more), anything)
        if more:
            steps += reach.flows(more, (*known, *more), anything)
        self._build((*known, *more), steps)

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
        self._into: list[list[Flow]] = [[] for _ in places]
        for flow in steps:
            here, there = self._number[flow.source], self._number[flow.target]
            self._into[there].append(flow)
            held = self._flows[here].get(there)
            # The most certain flow of a pair is the step that is shown.
            if held is None or (flow.truth is Truth.YES and held.truth is not Truth.YES):
                self._flows[here][there] = flow
        self._certain = self._closed(certain=True)
        self._possible = self._closed(certain=False)

    # --- questions ----------------------------------------------------------------------------

    def truth(self, source: Place, target: Place, traffic: Traffic | None = None) -> Truth:
        """YES over certain flows alone, UNKNOWN where an uncertain one is needed.

        With `traffic`, some of it must arrive at the target; on the way anything goes.
        """
        if traffic is None:
            here, bit = self._number[source], 1 << self._number[target]
            if self._certain[here] & bit:
                return Truth.YES
            return Truth.UNKNOWN if self._possible[here] & bit else Truth.NO
        if any(self._last_steps(source, target, traffic, certain=True)):
            return Truth.YES
        last = any(self._last_steps(source, target, traffic, certain=False))
        return Truth.UNKNOWN if last else Truth.NO

    def reached(self, source: Place) -> tuple[Place, ...]:
        """Everything that is, or may be, reached from a place, in order."""
        bits = self._possible[self._number[source]] & ~(1 << self._number[source])
        return tuple(place for index, place in enumerate(self._places) if bits >> index & 1)

    def path(
        self, source: Place, target: Place, traffic: Traffic | None = None
    ) -> tuple[Flow, ...]:
        """The fewest steps from one place to another, certain ones if they lead there.

        With `traffic` the last step is one that carries some of it. Empty if there is no way.
        """
        if source == target:
            return ()
        wanted = Traffic.everything() if traffic is None else traffic
        certain = self.truth(source, target, wanted) is Truth.YES
        came = self._tree(self._number[source], certain=certain)
        ways = [
            (*self._walked(came, flow.source), flow)
            for flow in self._last_steps(source, target, wanted, certain=certain)
            if flow.source == source or self._number[flow.source] in came
        ]
        return min(ways, key=len, default=())

    def _last_steps(
        self, source: Place, target: Place, traffic: Traffic, *, certain: bool
    ) -> Iterator[Flow]:
        """The flows with any of `traffic` into a target from where `source` gets to."""
        closed = self._certain if certain else self._possible
        reached = closed[self._number[source]]
        for flow in self._into[self._number[target]]:
            if (certain and flow.truth is not Truth.YES) or not flow.traffic & traffic:
                continue
            if flow.source == source or (
                flow.source.pivots and reached >> self._number[flow.source] & 1
            ):
                yield flow

    def _tree(self, start: int, *, certain: bool) -> dict[int, int]:
        """For each place that is reached the one before it on a shortest way."""
        came: dict[int, int] = {start: start}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            if here != start and not self._places[here].pivots:
                continue
            for there, flow in self._flows[here].items():
                if there not in came and (flow.truth is Truth.YES or not certain):
                    came[there] = here
                    waiting.append(there)
        return came

    def _walked(self, came: dict[int, int], goal: Place) -> tuple[Flow, ...]:
        here = self._number[goal]
        steps: list[Flow] = []
        while came[here] != here:
            steps.append(self._flows[came[here]][here])
            here = came[here]
        return tuple(reversed(steps))

    # --- the closure --------------------------------------------------------------------------

    def _next(self, index: int, *, certain: bool) -> list[int]:
        flows = self._flows[index]
        return [to for to, flow in flows.items() if flow.truth is Truth.YES or not certain]

    def _closed(self, *, certain: bool) -> list[int]:
        """For each place the bit set of what it reaches in one step or more."""
        count = len(self._places)
        ahead = [self._next(index, certain=certain) for index in range(count)]
        # Nobody goes on from a network outside: its own steps count for itself alone.
        onward = [ahead[index] if self._places[index].pivots else [] for index in range(count)]
        reached = [0] * count
        for component in _components(onward):
            bits = 0
            for index in component:
                for to in onward[index]:
                    bits |= 1 << to | reached[to]
            for index in component:
                reached[index] = bits
        for index in range(count):
            if not self._places[index].pivots:
                bits = 0
                for to in ahead[index]:
                    bits |= 1 << to | (reached[to] if self._places[to].pivots else 0)
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
