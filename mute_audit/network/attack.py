"""How somebody gets from one place to another over hosts that he takes over, and what stops him.

Both questions are asked of the reachability graph (see `graph`): the shortest attack path, and
the fewest connections that must be cut so that no path is left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

from mute_audit.errors import UsageError
from mute_audit.network.graph import draw_flows
from mute_audit.network.places import Place
from mute_audit.network.reach import Flow, Reach
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["attack_path", "minimum_cut"]

# Nodes that stand for all origins and for all goals; no resource id has a space.
_START, _END = "all origins", "all goals"


class _Steps:
    """The flows that an attacker may use: any traffic between hosts, `traffic` to the goals."""

    def __init__(
        self,
        reach: Reach,
        origins: Collection[Place],
        goals: Collection[Place],
        traffic: Traffic,
    ) -> None:
        self._reach = reach
        self._origins = frozenset(origins)
        self._goals = frozenset(goals) - self._origins
        if not self._goals:
            raise UsageError(
                "a way from a place to itself has no steps",
                hint="let --from and --to name different places",
            )
        self._traffic = traffic
        self._into: dict[Place, tuple[Flow, ...]] = {}

    def _flows(self, target: Place) -> tuple[Flow, ...]:
        found = self._into.get(target)
        if found is None:
            every = self._reach.everything()
            # Places that only the question names: an address, a part of the internet.
            others = tuple(self._origins.difference(every))
            traffic = self._traffic if target in self._goals else Traffic.everything()
            flows = (
                *self._reach.flows(every, (target,), traffic),
                *self._reach.flows(others, (target,), traffic),
            )
            found = self._into[target] = tuple(
                flow for flow in flows if flow.source in self._origins or flow.source.pivots
            )
        return found

    def back(self, *, certain: bool, whole: bool = False) -> list[Flow]:
        """The flows by which the goals are reached, from behind: until an origin is among those
        who send, or, with `whole`, all."""
        found: list[Flow] = []
        seen = set(self._goals)
        wave = sorted(self._goals)
        while wave:
            steps = [
                flow
                for target in wave
                for flow in self._flows(target)
                if flow.truth is Truth.YES or not certain
            ]
            found += steps
            senders = {flow.source for flow in steps}
            if senders & self._origins and not whole:
                break
            wave = sorted(senders - seen - self._origins)
            seen |= senders
        return found

    def drawn(self, flows: Iterable[Flow]) -> nx.DiGraph[str]:
        """Places by id, with an edge for each pair that has a flow, of capacity one."""
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from((_START, _END))
        graph.add_edges_from((_START, place.address.id) for place in self._origins)
        graph.add_edges_from((place.address.id, _END) for place in self._goals)
        for flow in flows:
            graph.add_edge(flow.source.address.id, flow.target.address.id, capacity=1)
        return graph


def _between(flows: Iterable[Flow], pairs: Iterable[tuple[str, str]]) -> list[Flow]:
    wanted = set(pairs)
    return [flow for flow in flows if (flow.source.address.id, flow.target.address.id) in wanted]


def attack_path(
    reach: Reach, origins: Collection[Place], goals: Collection[Place], traffic: Traffic
) -> nx.MultiDiGraph[str]:
    """The fewest steps from any of `origins` to any of `goals`, as a graph of those flows.

    `traffic` is what must arrive at the goal; whoever takes over a host on the way may be sent
    anything and send anything. Steps that are certain are preferred to fewer that are not. An
    empty graph says that there is no way.
    """
    import networkx as nx

    steps = _Steps(reach, origins, goals, traffic)
    for certain in (True, False):
        flows = steps.back(certain=certain)
        try:
            path = nx.shortest_path(steps.drawn(flows), _START, _END)
        except nx.NetworkXNoPath:
            continue
        return draw_flows(reach, _between(flows, pairwise(path[1:-1])))
    return draw_flows(reach, ())


def minimum_cut(
    reach: Reach, origins: Collection[Place], goals: Collection[Place], traffic: Traffic
) -> nx.MultiDiGraph[str]:
    """The fewest pairs of places that must be parted so that no attack path is left.

    A graph of their flows, the uncertain ones too. Empty where there is no way in the first
    place.
    """
    import networkx as nx

    steps = _Steps(reach, origins, goals, traffic)
    flows = steps.back(certain=False, whole=True)
    graph = steps.drawn(flows)
    _, (near, far) = nx.minimum_cut(graph, _START, _END)
    crossing = [(start, end) for start in near for end in graph[start] if end in far]
    return draw_flows(reach, _between(flows, crossing))
