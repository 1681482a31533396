"""The reachability graph: places and gateways as nodes, what gets through as edges.

A networkx MultiDiGraph. Node keys are resource ids (`internet` for the internet); all values
are text, so that every format can hold them.

- A node has `role` (`host`: a resource, which may be taken over; `outside`: the internet or a
  network beyond the estate; `gateway`), `type`, `name`, `account` and `region`.
- An edge with relation `reaches` is one flow from place to place: `verdict` (`yes` or
  `unknown`), `traffic` (as in `tcp/443, udp/53`), `origin` (the source as people call it: for a
  part of the internet its networks), `sources` and `destinations` (addresses), `via`
  (kinds of gateways on the way, joined by `>`), and of the packet that the tracer replayed
  `witness`, `path` and `rules` (ids, joined).
- An edge with relation `passes` joins a place to the first gateway of such a path, a gateway to
  the next one, and the last one to the other place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from mute_audit.network.flow_pieces import shown_source
from mute_audit.network.places import Place
from mute_audit.network.reach import Flow, Reach
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth

if TYPE_CHECKING:
    import networkx as nx

    from mute_audit.finding import Evidence


__all__ = ["build_graph", "draw_flows"]

# Kinds of hops that are neither places nor parts of their networks.
_GATEWAYS = frozenset(
    {
        "internet-gateway",
        "egress-only-internet-gateway",
        "nat-gateway",
        "transit-gateway",
        "peering",
        "vpn-gateway",
        "vpc-endpoint",
    }
)


def build_graph(
    reach: Reach,
    traffic: Traffic,
    sources: Sequence[Place] | None = None,
    targets: Sequence[Place] | None = None,
) -> nx.MultiDiGraph[str]:
    """All flows with any of `traffic`, from `sources` (default: everything) to `targets`.

    Raises DisagreementError when the tracer stops a witness.
    """
    every = reach.everything()
    origins = every if sources is None else tuple(sources)
    goals = every if targets is None else tuple(targets)
    return draw_flows(reach, reach.flows(origins, goals, traffic), {*origins, *goals})


def draw_flows(
    reach: Reach, flows: Iterable[Flow], places: Iterable[Place] = ()
) -> nx.MultiDiGraph[str]:
    """The graph of given flows; `places` are in it even if nothing reaches them."""
    import networkx as nx

    drawn = sorted(flows, key=_order)
    ends = {end for flow in drawn for end in (flow.source, flow.target)}
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for place in sorted({*places, *ends}):
        address = place.address
        graph.add_node(
            address.id,
            role=_role(place),
            type=address.type,
            name=address.name,
            account=address.account,
            region=address.region,
        )
    passed: set[tuple[str, str]] = set()
    for flow in drawn:
        proof = reach.prove(flow) if flow.truth is Truth.YES else None
        start, end = flow.source.address.id, flow.target.address.id
        graph.add_edge(
            start,
            end,
            relation="reaches",
            verdict=flow.truth.value,
            traffic=str(flow.traffic),
            via=" > ".join(flow.via),
            origin=shown_source(flow.source, flow.sources),
            sources=str(flow.sources),
            destinations=str(flow.destinations),
            **_proven(proof),
        )
        gateways = _gateways(graph, proof)
        if gateways:
            passed.update(pairwise((start, *gateways, end)))
    for start, end in sorted(passed):
        graph.add_edge(start, end, relation="passes")
    return graph


def _role(place: Place) -> str:
    return "host" if place.pivots else "outside"


def _proven(proof: Evidence | None) -> dict[str, str]:
    if proof is None:
        return {"witness": "", "path": "", "rules": ""}
    return {
        "witness": "" if proof.witness is None else proof.witness.text,
        "path": " > ".join(hop.id for hop in proof.path),
        "rules": ", ".join(dict.fromkeys(proof.rules)),
    }


def _gateways(graph: nx.MultiDiGraph[str], proof: Evidence | None) -> list[str]:
    """The gateways on a path, which become nodes where they are none."""
    found: list[str] = []
    for hop in proof.path if proof is not None else ():
        if hop.kind not in _GATEWAYS or hop.id in found:
            continue
        found.append(hop.id)
        if hop.id not in graph:
            graph.add_node(
                hop.id, role="gateway", type=hop.kind, name=hop.name, account="", region=""
            )
    return found


def _order(flow: Flow) -> tuple[str, str, str, str]:
    return (flow.source.address.id, flow.target.address.id, flow.truth.value, str(flow.traffic))
