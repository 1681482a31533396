"""Who must not reach what: `reach.only`, `reach.never`, `reach.exposure`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from msgspec.structs import replace as replaced

from mute_audit.address import Address
from mute_audit.finding import Evidence, Finding, PolicyResult
from mute_audit.network.flow_pieces import (
    Allowance,
    Piece,
    broad,
    by_pair,
    cut,
    remaining,
    shown_source,
    within,
)
from mute_audit.network.places import INTERNET, Place, PlaceKind
from mute_audit.network.reach import Flow, Reach
from mute_audit.network.traffic import Traffic
from mute_audit.policy.checks.forwarding import HOSTS, forwarded
from mute_audit.policy.checks.latent import latent_notes
from mute_audit.policy.context import Context
from mute_audit.policy.hidden import hidden_sources
from mute_audit.policy.model import ReachExposure, ReachNever, ReachOnly, ReachRequired
from mute_audit.policy.outcome import about_names, conclude, finding
from mute_audit.policy.permits import Perhaps, Permit, Permits, doubts
from mute_audit.policy.selectors import (
    MAY_BE_EMPTY,
    SELECTORS,
    Selection,
    every_place,
    find,
    let_in,
    sources,
)
from mute_audit.verdict import Gap, Truth, Verdict

__all__ = ["exposure", "may_be_empty", "never", "only", "traffic_of"]

Policy = ReachOnly | ReachNever | ReachExposure


def traffic_of(ports: Iterable[str]) -> Traffic:
    """The union of traffic as people write it."""
    return Traffic.parse(",".join(ports))


def may_be_empty(policy: Policy | ReachRequired, but: Collection[str]) -> Collection[str]:
    """The selectors that may select nothing: all of them where the policy says so, else `but`."""
    return SELECTORS if policy.allow_empty else but


def only(policy: ReachOnly, context: Context) -> PolicyResult:
    """`reach.only`: nobody but `from` reaches `to` on `ports`."""
    analysis = context.analysis
    targets = find(analysis, policy.to, empty=may_be_empty(policy, MAY_BE_EMPTY))
    allowed = let_in(analysis, policy.from_)
    insiders = sources(allowed.places)
    traffic = traffic_of(policy.ports)

    def permit(source: Place, target: Place) -> Permit:
        certain = Allowance(traffic, insiders.for_source(source))
        return Permit((certain,), doubts(allowed, source, Allowance(traffic)))

    flows = analysis.reach.flows(analysis.reach.everything(), targets.places, traffic)
    found = about_names(policy, targets)
    found += _violations(policy, analysis.reach, flows, permit, ", ".join(policy.from_))
    found += _from_the_unknown(
        policy, targets.places, traffic, hidden_sources(analysis.inventory, targets.places, traffic)
    )
    notes = latent_notes(analysis, None, targets.places, traffic, permit)
    return conclude(policy, found, len(targets.places), targets.notes + allowed.notes + notes)


def never(policy: ReachNever, context: Context) -> PolicyResult:
    """`reach.never`: nothing in `from` reaches anything in `to`."""
    analysis = context.analysis
    empty = may_be_empty(policy, MAY_BE_EMPTY)
    origins = find(analysis, policy.from_, empty=empty)
    targets = every_place(analysis) if policy.to is None else find(analysis, policy.to, empty=empty)
    traffic = traffic_of(policy.ports)
    flows = analysis.reach.flows(origins.places, targets.places, traffic)
    found = about_names(policy, origins) + about_names(policy, targets)
    found += _violations(
        policy, analysis.reach, flows, lambda *_: Permit(), least=policy.at_least_addresses
    )
    if policy.through_forwarding:
        found += forwarded(policy, analysis.reach, origins.places, targets.places, traffic)
        hidden = hidden_sources(analysis.inventory, targets.places, traffic, HOSTS, networks=False)
        found += _from_the_unknown(policy, targets.places, traffic, hidden)
    notes = origins.notes + targets.notes
    notes += latent_notes(analysis, origins.places, targets.places, traffic, lambda *_: Permit())
    return conclude(policy, found, len(targets.places), notes)


def exposure(policy: ReachExposure, context: Context) -> PolicyResult:
    """`reach.exposure`: the internet reaches what is listed and nothing else."""
    analysis = context.analysis
    empty = may_be_empty(policy, MAY_BE_EMPTY)
    judged = (
        every_place(analysis)
        if policy.within is None
        else find(analysis, policy.within, empty=empty)
    )
    found = about_names(policy, judged)
    entries: list[tuple[Selection, frozenset[Place], Allowance]] = []
    notes = judged.notes
    for entry in policy.allow:
        named = let_in(analysis, entry.to)
        notes += named.notes
        outside = sources(find(analysis, entry.from_).places).for_source(INTERNET)
        allowance = Allowance(traffic_of(entry.ports), outside)
        entries.append((named, frozenset(named.places), allowance))

    def permit(source: Place, target: Place) -> Permit:
        return Permit(
            tuple(allowance for _, places, allowance in entries if target in places),
            tuple(
                doubt
                for named, _, allowance in entries
                for doubt in doubts(named, target, allowance)
            ),
        )

    flows = analysis.reach.flows((INTERNET,), judged.places, Traffic.everything())
    found += _violations(policy, analysis.reach, flows, permit)
    every = Traffic.everything()
    notes += latent_notes(analysis, (INTERNET,), judged.places, every, permit)
    return conclude(policy, found, len(judged.places), notes)


def _from_the_unknown(
    policy: Policy, targets: Sequence[Place], traffic: Traffic, hidden: tuple[Gap, ...]
) -> list[Finding]:
    """Somebody of whom nothing is known, because a call failed, may reach the targets."""
    if not hidden:
        return []
    evidence = Evidence(port=str(traffic), gaps=hidden)
    return [
        finding(
            policy,
            Verdict.UNKNOWN,
            "reach.unknown",
            target.address,
            {"target": target.label, "port": str(traffic)},
            evidence,
        )
        for target in targets
    ]


def _violations(
    policy: Policy,
    reach: Reach,
    flows: Iterable[Flow],
    permits: Permits,
    expected: str = "",
    least: int = 1,
) -> list[Finding]:
    """One finding for each pair of places and set of sources that nothing allows."""
    found: list[Finding] = []
    for (source, target), pair in by_pair(flows).items():
        permit = permits(source, target)
        pieces = [piece for flow in pair for piece in cut(flow, permit.certain)]
        if least > 1:
            pieces = _wide(pieces, least)
        for doubt in permit.perhaps:
            mine = [part for piece in pieces if (part := within(piece, doubt.allowance))]
            found += [_in_doubt(policy, reach, piece, doubt) for piece in remaining(mine)]
        for piece in remaining(permit.without_doubt(pieces)):
            found.append(_about_piece(policy, reach, piece, expected))
    return found


def _wide(pieces: Sequence[Piece], least: int) -> list[Piece]:
    """The traffic that `least` addresses may send; certain only where so many surely may."""
    surely = broad([piece for piece in pieces if piece.flow.truth is Truth.YES], least)
    perhaps = broad(pieces, least)
    cut_down = (
        replace(
            piece, traffic=piece.traffic & (surely if piece.flow.truth is Truth.YES else perhaps)
        )
        for piece in pieces
    )
    return [piece for piece in cut_down if piece]


def _about_piece(policy: Policy, reach: Reach, piece: Piece, expected: str) -> Finding:
    """The finding that packets get through which must not, with one of them as proof."""
    flow = piece.flow
    params = _params(piece)
    if expected:
        params["expected"] = expected
    if flow.truth is Truth.UNKNOWN:
        evidence = Evidence(gaps=flow.gaps, notes=flow.notes)
        verdict, code = Verdict.UNKNOWN, "reach.unknown"
    else:
        evidence = reach.prove(flow, piece.traffic, piece.sources)
        verdict, code = Verdict.FAIL, "reach.forbidden"
    evidence = replaced(evidence, source=params["source"], port=params["port"])
    return finding(policy, verdict, code, _subject(flow), params, evidence)


def _in_doubt(policy: Policy, reach: Reach, piece: Piece, doubt: Perhaps) -> Finding:
    """The finding that packets get through, and that it cannot be told whether they may."""
    flow = piece.flow
    params = _params(piece)
    gaps = (*(flow.gaps if flow.truth is Truth.UNKNOWN else ()), *doubt.gaps)
    if doubt.shared is None or flow.truth is Truth.UNKNOWN:
        evidence = Evidence(gaps=tuple(dict.fromkeys(gaps)), notes=flow.notes)
        evidence = replaced(evidence, source=params["source"], port=params["port"])
        subject = _subject(flow)
        return finding(policy, Verdict.UNKNOWN, "reach.unknown", subject, params, evidence)
    name, bearers = doubt.shared
    params |= {"name": name, "actual": ", ".join(sorted(p.address.id for p in bearers))}
    evidence = reach.prove(flow, piece.traffic, piece.sources)
    # By its id: those that share the name are findings of their own.
    ends = (flow.source, flow.target)
    which = next(place.address.id for place in ends if place in bearers)
    evidence = replaced(evidence, source=which, port=params["port"], gaps=gaps)
    return finding(policy, Verdict.UNKNOWN, "subject.shared", _subject(flow), params, evidence)


def _params(piece: Piece) -> dict[str, str]:
    flow = piece.flow
    label = shown_source(flow.source, piece.sources)
    params = {"source": label, "target": flow.target.label, "port": str(piece.traffic)}
    return {**params, "via": ", ".join(flow.via)} if flow.via else params


def _subject(flow: Flow) -> Address:
    """The resource of which a finding speaks: the one in the estate, the target before all."""
    return (flow.source if flow.target.kind is not PlaceKind.RESOURCE else flow.target).address
