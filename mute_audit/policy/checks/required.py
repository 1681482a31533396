"""What must work: `reach.required`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from mute_audit.address import Address
from mute_audit.finding import Evidence, Finding, PolicyResult
from mute_audit.network.addresses import AddressSet
from mute_audit.network.flow_pieces import shown_source
from mute_audit.network.places import Place, PlaceKind, parse_internet
from mute_audit.network.reach import THE_INTERNET, Flow, Reach
from mute_audit.network.traffic import Traffic
from mute_audit.policy.checks.reach import may_be_empty, traffic_of
from mute_audit.policy.context import Context
from mute_audit.policy.model import ReachRequired
from mute_audit.policy.outcome import about_names, conclude, finding
from mute_audit.policy.selectors import find, internet_part
from mute_audit.verdict import Gap, Truth, Verdict

__all__ = ["required"]


@dataclass(frozen=True, slots=True)
class _Need:
    """Packets that must get through: all of `traffic`, from or to each of `outside`.

    `outside` are the IPv4 addresses of the internet at one end; a pair inside the estate has
    none there, and any of its ends' own addresses serves. (A host without IPv6 is not asked
    to be reached over it.)
    """

    traffic: Traffic
    outside: AddressSet | None = None

    def minus(self, traffic: Traffic, outside: AddressSet) -> tuple[_Need, ...]:
        both = self.traffic & traffic
        if not both:
            return (self,)
        left = [replace(self, traffic=self.traffic - traffic)]
        if self.outside is not None:
            left.append(_Need(both, self.outside - outside))
        return tuple(need for need in left if need.traffic and need.outside != AddressSet())


def required(policy: ReachRequired, context: Context) -> PolicyResult:
    """`reach.required`: everything in `from` reaches everything in `to`."""
    analysis = context.analysis
    # What must work has to be there: of many, not one is as wrong as a name that nothing has.
    empty = may_be_empty(policy, ())
    origins = find(analysis, policy.from_, empty=empty)
    targets = find(analysis, policy.to, empty=empty)
    traffic = traffic_of(policy.ports)
    found = about_names(policy, origins) + about_names(policy, targets)
    notes: dict[str, None] = {}
    judged = 0
    for source in origins.places:
        for target in targets.places:
            if source != target:
                judged += 1
                flows = analysis.reach.flows((source,), (target,), traffic)
                found += _pair(policy, analysis.reach, source, target, flows, traffic, notes)
    return conclude(policy, found, judged, (*origins.notes, *targets.notes, *notes))


def _pair(
    policy: ReachRequired,
    reach: Reach,
    source: Place,
    target: Place,
    flows: Sequence[Flow],
    traffic: Traffic,
    notes: dict[str, None],
) -> list[Finding]:
    """What is wrong with one pair; `notes` gets what is to be known of what is right."""
    way = policy.via or policy.only_via
    fitting = [flow for flow in flows if way is None or way in flow.via]
    other = [flow for flow in flows if flow not in fitting]
    need = (_Need(traffic, _outside(source, target)),)
    notes.update(dict.fromkeys(_replay(reach, _certain(fitting), need[0])))
    lacking = _left(need, _certain(fitting), source)
    refused = _left(lacking, flows, source)
    found = [_missing(policy, reach, source, target, item) for item in refused]
    if way is not None:
        # Another way is wrong where it is forbidden, and where it stands in for the right one.
        found += [
            _wrong_way(policy, reach, flow, way)
            for flow in other
            if policy.only_via is not None or _left(lacking, (flow,), source) != lacking
        ]
    unsure = _left(lacking, _certain(other), source)
    if _left(unsure, flows, source) != unsure:
        found.append(_unknown(policy, source, target, unsure, flows))
    return found


def _replay(reach: Reach, flows: Iterable[Flow], need: _Need) -> Iterator[str]:
    """Have the second engine follow a packet of everything that is counted as getting through.

    Gives what it noted: that only some ports of the client get an answer (N18), or that AWS's
    default stands in for a description. Raises DisagreementError.
    """
    for flow in flows:
        from_outside = flow.source.kind is PlaceKind.INTERNET and need.outside is not None
        sources = need.outside if from_outside else None
        origins = flow.sources if sources is None else flow.sources & sources
        if not flow.traffic & need.traffic or not origins:
            continue
        for note in reach.prove(flow, need.traffic, sources).notes:
            code, _, text = note.partition(": ")
            if code == "partial":
                yield f"partial: from {flow.source.label} to {flow.target.label}, {text}"
            elif code == "assumed":
                yield note


def _certain(flows: Iterable[Flow]) -> list[Flow]:
    return [flow for flow in flows if flow.truth is Truth.YES]


def _outside(source: Place, target: Place) -> AddressSet | None:
    for place in (source, target):
        if place.kind is PlaceKind.INTERNET:
            return AddressSet(v4=internet_part(place).v4)
        if place.kind is PlaceKind.NETWORK:
            return AddressSet.parse(place.cidr)
    return None


def _left(needs: Iterable[_Need], flows: Iterable[Flow], source: Place) -> tuple[_Need, ...]:
    """What of `needs` the flows do not carry."""
    left = tuple(needs)
    for flow in flows:
        for way in flow.ways:
            outside = way.destinations if source.kind is PlaceKind.RESOURCE else way.sources
            left = tuple(part for need in left for part in need.minus(way.traffic, outside))
    return left


def _subject(source: Place, target: Place) -> Address:
    return (target if target.kind is PlaceKind.RESOURCE else source).address


def _missing(
    policy: ReachRequired, reach: Reach, source: Place, target: Place, need: _Need
) -> Finding:
    """The finding that something does not get through, with all that stops it.

    Without anything that stops the packet, the second engine could not tell what the first
    one denies: then it is no proven failure.
    """
    ask_from, ask_to = source, target
    if need.outside is not None and PlaceKind.INTERNET in (source.kind, target.kind):
        # Of the internet only IPv4 is needed; where only a part of it is shut out, ask for that.
        whole = need.outside == AddressSet(v4=THE_INTERNET.v4)
        cidr = "0.0.0.0/0" if whole else need.outside.cidrs()[0]
        part = parse_internet(f"internet:{cidr}")
        if part is not None:
            ask_from, ask_to = (
                (source, part) if source.kind is PlaceKind.RESOURCE else (part, target)
            )
    label = _label(source, need) if source.kind is not PlaceKind.RESOURCE else source.label
    goal = _label(target, need) if target.kind is not PlaceKind.RESOURCE else target.label
    evidence = reach.refuse(ask_from, ask_to, need.traffic)
    port = str(need.traffic)
    unproven = bool(evidence.gaps) and not evidence.blockers
    return finding(
        policy,
        Verdict.UNKNOWN if unproven else Verdict.FAIL,
        "reach.unknown" if unproven else "reach.missing",
        _subject(source, target),
        {"source": label, "target": goal, "port": port},
        # The other end belongs to the identity: a source may have to reach several targets.
        msgspec.structs.replace(evidence, source=_ends(label, goal, source, target), port=port),
    )


def _unknown(
    policy: ReachRequired,
    source: Place,
    target: Place,
    needs: Sequence[_Need],
    flows: Iterable[Flow],
) -> Finding:
    traffic = Traffic()
    gaps: dict[Gap, None] = {}
    for flow in flows:
        asked = [need.traffic & flow.traffic for need in needs]
        if flow.truth is Truth.UNKNOWN and any(asked):
            gaps.update(dict.fromkeys(flow.gaps))
            for part in asked:
                traffic = traffic | part
    port = str(traffic)
    return finding(
        policy,
        Verdict.UNKNOWN,
        "reach.unknown",
        _subject(source, target),
        {"source": source.label, "target": target.label, "port": port},
        Evidence(
            source=_ends(source.label, target.label, source, target), port=port, gaps=tuple(gaps)
        ),
    )


def _wrong_way(policy: ReachRequired, reach: Reach, flow: Flow, expected: str) -> Finding:
    source, target = flow.source, flow.target
    port, via = str(flow.traffic), ", ".join(flow.via) or "local"
    unsure = flow.truth is Truth.UNKNOWN
    evidence = Evidence(gaps=flow.gaps) if unsure else reach.prove(flow)
    return finding(
        policy,
        Verdict.UNKNOWN if unsure else Verdict.FAIL,
        "reach.unknown" if unsure else "reach.wrong_way",
        _subject(source, target),
        {
            "source": source.label,
            "target": target.label,
            "port": port,
            "via": via,
            "expected": expected,
        },
        msgspec.structs.replace(
            evidence, source=_ends(source.label, target.label, source, target), port=port
        ),
    )


def _ends(source: str, target: str, origin: Place, goal: Place) -> str:
    """The source place; for a connection out of the estate, where the resource is the source
    itself, the place that it goes to."""
    return source if goal.kind is PlaceKind.RESOURCE else f"{source} to {target}"


def _label(place: Place, need: _Need) -> str:
    outside = need.outside
    if outside is None or place.kind is not PlaceKind.INTERNET:
        return place.label
    return shown_source(place, outside)
