"""Asking both engines in one line, for tests: what they say, and that they say the same."""

from __future__ import annotations

from estate import Estate

from mute_audit.network.places import INTERNET, Place, parse_internet
from mute_audit.network.portspec import PortSpec
from mute_audit.network.reach import Flow, Reach
from mute_audit.network.trace import Question, Reachability
from mute_audit.network.traffic import Traffic
from mute_audit.verdict import Truth

__all__ = ["both", "flows_between", "verdict_of"]

_TRUTHS = {
    Reachability.REACHABLE: Truth.YES,
    Reachability.UNREACHABLE: Truth.NO,
    Reachability.UNKNOWN: Truth.UNKNOWN,
}


def _place(reach: Reach, text: str) -> Place:
    if text == "internet":
        return INTERNET
    every = {place.address.id: place for place in reach.everything()}
    return every.get(text) or parse_internet(text) or reach.directory.resolve(text)


def flows_between(reach: Reach, source: str, target: str, port: str) -> tuple[Flow, ...]:
    """The flows of the set engine from one place to another."""
    here, there = _place(reach, source), _place(reach, target)
    return reach.flows((here,), (there,), Traffic.parse(port))


def verdict_of(reach: Reach, source: Place, target: Place, port: str) -> Truth:
    """What the set engine says of two places; not what is sent on by a load balancer."""
    flows = reach.flows((source,), (target,), Traffic.parse(port))
    truths = {flow.truth for flow in flows if any(way.sent is None for way in flow.ways)}
    return Truth.YES if Truth.YES in truths else Truth.UNKNOWN if truths else Truth.NO


def both(estate: Estate | Reach, source: str, target: str, port: str, *others: Estate) -> Truth:
    """Whether a packet gets from one place to another; the engines have to agree.

    A certain flow is replayed as well, packet by packet.
    """
    reach = estate if isinstance(estate, Reach) else Reach(estate.inventory(*others))
    found = flows_between(reach, source, target, port)
    truths = {flow.truth for flow in found}
    by_sets = Truth.YES if Truth.YES in truths else Truth.UNKNOWN if truths else Truth.NO
    asked = Question(_place(reach, source), _place(reach, target), PortSpec.parse(port))
    trace = reach.tracer.trace(asked)
    by_tracer = _TRUTHS[trace.verdict]
    reasons = [f"{b.component} {b.id} {b.code}" for b in trace.blocked_by]
    reasons += [str(gap) for gap in trace.gaps]
    assert by_sets is by_tracer, f"set engine {by_sets}, tracer {by_tracer}: {reasons}"
    for flow in found:
        if flow.truth is Truth.YES:
            assert reach.prove(flow).witness is not None
    return by_sets
