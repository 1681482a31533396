"""The answers of `mute-audit reach`, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from mute_audit.verdict import Truth

if TYPE_CHECKING:
    from mute_audit.finding import Packet
    from mute_audit.network.closure import Closure
    from mute_audit.network.latent import Latent
    from mute_audit.network.places import Place
    from mute_audit.network.reach import Flow, Reach
    from mute_audit.network.traffic import Traffic

__all__ = ["Answer", "Direct", "answer_json", "answer_text", "latent", "over_hosts", "shared_names"]


@dataclass(frozen=True, slots=True)
class Step:
    """One flow with its witness, and whether the packet tracer has confirmed that one."""

    flow: Flow
    witness: Packet | None
    replayed: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Who reaches whom: in one step, over hosts in several, or once something is switched on.

    opened_by  for what is latent: kind of the switch, and the ids of what is off
    """

    steps: tuple[Step, ...]
    transitive: bool = False
    opened_by: tuple[str, tuple[str, ...]] | None = None

    @property
    def unknown(self) -> bool:
        return any(step.flow.truth is not Truth.YES for step in self.steps)


class Direct:
    """Each flow as an answer.

    Of very many flows not all are replayed, as that takes longer than to find them: the first
    `ALL` are, and of the others every `ONE_IN`th.
    """

    ALL = 250
    ONE_IN = 250

    def __init__(self, reach: Reach, flows: Iterable[Flow]) -> None:
        self._reach = reach
        self._flows = flows

    def __iter__(self) -> Iterator[Answer]:
        for index, flow in enumerate(self._flows):
            replay = index < self.ALL or index % self.ONE_IN == 0
            yield Answer((_step(self._reach, flow, replay=replay),))


def over_hosts(
    reach: Reach,
    closure: Closure,
    origins: Iterable[Place],
    goals: Iterable[Place],
    traffic: Traffic,
) -> Iterator[Answer]:
    """For each pair the fewest steps, the last of which carries some of `traffic`."""
    known: dict[int, Step] = {}
    senders = tuple(origins)
    for goal in goals:
        for origin in senders:
            path = closure.path(origin, goal, traffic)
            for flow in path:
                if id(flow) not in known:
                    known[id(flow)] = _step(reach, flow, replay=True)
            if path:
                yield Answer(tuple(known[id(flow)] for flow in path), transitive=True)


def latent(found: Iterable[Latent]) -> Iterator[Answer]:
    """What is latent; its packets were replayed where it was found."""
    for item in found:
        witness = None if item.proof is None else item.proof.witness
        step = Step(item.flow, witness, item.proof is not None)
        yield Answer((step,), opened_by=(item.kind, item.opened_by))


def _step(reach: Reach, flow: Flow, *, replay: bool) -> Step:
    if flow.truth is not Truth.YES:
        return Step(flow, None, replayed=False)
    if replay:
        return Step(flow, reach.prove(flow).witness, replayed=True)
    return Step(flow, reach.witness(flow), replayed=False)


# --- for programs -----------------------------------------------------------------------------


def answer_json(answer: Answer) -> dict[str, Any]:
    """One item of the list `flows`; see the schema."""
    if answer.transitive:
        return {
            "from": _end(answer.steps[0].flow.source),
            "to": _end(answer.steps[-1].flow.target),
            "verdict": "unknown" if answer.unknown else "reachable",
            "steps": [_as_json(step) for step in answer.steps],
        }
    shown = _as_json(answer.steps[0])
    if answer.opened_by is not None:
        kind, ids = answer.opened_by
        shown["opened_by"] = {"kind": kind, "ids": list(ids)}
    return shown


def _end(place: Place) -> dict[str, str]:
    found = {"type": place.address.type, "id": place.address.id}
    return {**found, "name": place.address.name} if place.address.name else found


def _as_json(step: Step) -> dict[str, Any]:
    flow = step.flow
    return {
        "from": _end(flow.source),
        "to": _end(flow.target),
        "verdict": "reachable" if flow.truth is Truth.YES else "unknown",
        "traffic": str(flow.traffic),
        "sources": list(flow.sources.cidrs()),
        "destinations": list(flow.destinations.cidrs()),
        "via": list(flow.via),
        "gaps": [{"what": gap.what, "where": gap.where, "why": gap.why} for gap in flow.gaps],
        "witness": msgspec.to_builtins(step.witness),
        "replayed": step.replayed,
    }


# --- for people -------------------------------------------------------------------------------

_ONCE = {
    "stopped": "once {} starts",
    "block-public-access": "once Block Public Access of {} is off",
    "blackhole": "once {} is back",
}


def shared_names(places: Iterable[Place]) -> frozenset[str]:
    """The names that several places have: their ids have to be told as well."""
    counted = Counter(place.label for place in places)
    return frozenset(name for name, count in counted.items() if count > 1)


def answer_text(answer: Answer, shared: frozenset[str] = frozenset()) -> list[str]:
    """The lines of one answer; `shared` as `shared_names` tells."""

    def name(place: Place) -> str:
        return str(place.address) if place.label in shared else place.label

    flows = [step.flow for step in answer.steps]
    first = flows[0]
    mark = "?→" if answer.unknown else "→"
    only = f" (from {first.sources})" if first.source.cidr == "" and _partly(first) else ""
    if answer.transitive:
        text = "".join(f" {mark} {name(flow.target)} ({flow.traffic})" for flow in flows)
        line = f"{name(first.source)}{only}{text}"
    else:
        way = f"  through {', '.join(first.via)}" if first.via else ""
        line = f"{name(first.source)}{only} {mark} {name(first.target)}: {first.traffic}{way}"
    if answer.opened_by is not None:
        kind, ids = answer.opened_by
        line += f"  {_ONCE[kind].format(', '.join(ids))}"
    return [line, *(f"    unknown: {gap}" for flow in flows for gap in flow.gaps)]


def _partly(flow: Flow) -> bool:
    """Whether only a part of the internet is meant."""
    from mute_audit.network.reach import THE_INTERNET

    return flow.source.kind.value == "internet" and not (
        flow.sources.v4 == THE_INTERNET.v4 or flow.sources.v6 == THE_INTERNET.v6
    )
