"""Who must not reach what: `reach.only`, `reach.never`, `reach.exposure`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from mute_audit.address import Address
from mute_audit.finding import Evidence, Finding, Hop, PolicyResult
from mute_audit.network.places import INTERNET, Place, PlaceKind
from mute_audit.network.reach import Flow, Reach
from mute_audit.network.traffic import Traffic
from mute_audit.policy.checks.latent import Allowances, latent_notes
from mute_audit.policy.context import Context
from mute_audit.policy.model import ReachExposure, ReachNever, ReachOnly
from mute_audit.policy.outcome import about_names, conclude, finding
from mute_audit.policy.pieces import Allowance, Piece, broad, cut, remaining, shown_source
from mute_audit.policy.selectors import Selection, every_place, find, hidden_places, sources
from mute_audit.verdict import Gap, Truth, Verdict

__all__ = ["exposure", "never", "only", "traffic_of"]

# What may forward packets.
HOSTS = ("ec2.instance", "ec2.network-interface")

Policy = ReachOnly | ReachNever | ReachExposure


def traffic_of(ports: Iterable[str]) -> Traffic:
    """The union of traffic as people write it."""
    return Traffic.parse(",".join(ports))


def only(policy: ReachOnly, context: Context) -> PolicyResult:
    """`reach.only`: nobody but `from` reaches `to` on `ports`."""
    analysis = context.analysis
    targets, allowed = find(analysis, policy.to), find(analysis, policy.from_, allowance=True)
    insiders = sources(allowed.places)
    traffic = traffic_of(policy.ports)

    def allowances(source: Place, target: Place) -> Sequence[Allowance]:
        return (Allowance(traffic, insiders.for_source(source)),)

    flows = analysis.reach.flows(analysis.reach.everything(), targets.places, traffic)
    found = about_names(policy, targets) + about_names(policy, allowed)
    found += _violations(
        policy, analysis.reach, flows, allowances, _gaps(allowed), ", ".join(policy.from_)
    )
    found += _from_the_unknown(
        policy, targets.places, traffic, hidden_places(analysis, targets.places, traffic)
    )
    notes = latent_notes(analysis, None, targets.places, traffic, allowances)
    return conclude(policy, found, len(targets.places), targets.notes + allowed.notes + notes)


def never(policy: ReachNever, context: Context) -> PolicyResult:
    """`reach.never`: nothing in `from` reaches anything in `to`."""
    analysis = context.analysis
    origins = find(analysis, policy.from_)
    targets = every_place(analysis) if policy.to is None else find(analysis, policy.to)
    traffic = traffic_of(policy.ports)
    flows = analysis.reach.flows(origins.places, targets.places, traffic)
    found = about_names(policy, origins) + about_names(policy, targets)
    found += _violations(
        policy, analysis.reach, flows, lambda *_: (), least=policy.at_least_addresses
    )
    if policy.through_forwarding:
        found += _forwarded(policy, analysis.reach, origins.places, targets.places, traffic)
        hidden = hidden_places(analysis, targets.places, traffic, HOSTS)
        found += _from_the_unknown(policy, targets.places, traffic, hidden)
    notes = origins.notes + targets.notes
    notes += latent_notes(analysis, origins.places, targets.places, traffic, lambda *_: ())
    return conclude(policy, found, len(targets.places), notes)


def exposure(policy: ReachExposure, context: Context) -> PolicyResult:
    """`reach.exposure`: the internet reaches what is listed and nothing else."""
    analysis = context.analysis
    judged = every_place(analysis) if policy.within is None else find(analysis, policy.within)
    found = about_names(policy, judged)
    entries: list[tuple[frozenset[Place], Allowance]] = []
    notes = judged.notes
    unsure: tuple[Gap, ...] = ()
    for entry in policy.allow:
        named = find(analysis, entry.to, allowance=True)
        found += about_names(policy, named)
        notes += named.notes
        unsure += _gaps(named)
        outside = sources(find(analysis, entry.from_).places).for_source(INTERNET)
        entries.append((frozenset(named.places), Allowance(traffic_of(entry.ports), outside)))

    def allowances(source: Place, target: Place) -> Sequence[Allowance]:
        return [allowance for places, allowance in entries if target in places]

    flows = analysis.reach.flows((INTERNET,), judged.places, Traffic.everything())
    found += _violations(policy, analysis.reach, flows, allowances, unsure)
    every = Traffic.everything()
    notes += latent_notes(analysis, (INTERNET,), judged.places, every, allowances)
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


def _by_pair(flows: Iterable[Flow]) -> dict[tuple[Place, Place], list[Flow]]:
    pairs: dict[tuple[Place, Place], list[Flow]] = {}
    for flow in flows:
        pairs.setdefault((flow.source, flow.target), []).append(flow)
    return pairs


def _violations(
    policy: Policy,
    reach: Reach,
    flows: Iterable[Flow],
    allowances: Allowances,
    unsure: tuple[Gap, ...] = (),
    expected: str = "",
    least: int = 1,
) -> list[Finding]:
    """One finding for each pair of places and set of sources that nothing allows.

    `unsure` are the failed calls behind names in the allowances that could not be looked for.
    """
    found: list[Finding] = []
    for (source, target), pair in _by_pair(flows).items():
        allowed = allowances(source, target)
        pieces = [piece for flow in pair for piece in cut(flow, allowed)]
        if least > 1:
            pieces = _wide(pieces, least)
        # An interface without a described owner may be the very place that is let in.
        faceless = unsure if _is_interface(source) or _is_interface(target) else ()
        for piece in remaining(pieces):
            found.append(_about_piece(policy, reach, piece, faceless, expected))
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


def _is_interface(place: Place) -> bool:
    return place.address.type == "ec2.network-interface"


def _gaps(names: Selection) -> tuple[Gap, ...]:
    return tuple(gap for _, gaps in names.unsure for gap in gaps)


def _about_piece(
    policy: Policy, reach: Reach, piece: Piece, unsure: tuple[Gap, ...], expected: str
) -> Finding:
    """The finding that packets get through which must not, with one of them as proof."""
    flow = piece.flow
    label, port = shown_source(flow.source, piece.sources), str(piece.traffic)
    params = {"source": label, "target": flow.target.label, "port": port}
    if expected:
        params["expected"] = expected
    if flow.via:
        params["via"] = ", ".join(flow.via)
    if flow.truth is Truth.UNKNOWN or unsure:
        gaps = tuple(dict.fromkeys((*flow.gaps, *unsure)))
        evidence = Evidence(gaps=gaps, notes=flow.notes)
        verdict, code = Verdict.UNKNOWN, "reach.unknown"
    else:
        evidence = reach.prove(flow, piece.traffic, piece.sources)
        verdict, code = Verdict.FAIL, "reach.forbidden"
    evidence = msgspec.structs.replace(evidence, source=label, port=port)
    return finding(policy, verdict, code, _subject(flow), params, evidence)


def _subject(flow: Flow) -> Address:
    """The resource of which a finding speaks: the one in the estate, the target before all."""
    return (flow.source if flow.target.kind is not PlaceKind.RESOURCE else flow.target).address


def _forwarded(
    policy: ReachNever,
    reach: Reach,
    origins: Sequence[Place],
    targets: Sequence[Place],
    traffic: Traffic,
) -> list[Finding]:
    """What gets to `targets` by way of hosts that pass on packets not meant for them.

    Such a host may change ports and addresses, so that any way in counts, and hosts may pass
    packets on to each other. The last step is the one that is reported.
    """
    hosts = reach.forwarding()
    everything = Traffic.everything()
    first: dict[Place, Flow] = {}
    frontier: Sequence[Place] = origins
    while frontier:
        steps = reach.flows(frontier, [host for host in hosts if host not in first], everything)
        new: dict[Place, Flow] = {}
        for step in sorted(steps, key=lambda flow: flow.truth is not Truth.YES):
            new.setdefault(step.target, step)
        first.update(new)
        frontier = tuple(new)
    found = []
    last_steps = reach.flows(tuple(first), targets, traffic)
    for (host, target), pair in _by_pair(last_steps).items():
        if host in origins:
            continue
        way_in = _way_in(first, host, origins)
        for piece in remaining([part for flow in pair for part in cut(flow, ())]):
            found.append(_about_forwarding(policy, reach, way_in, piece, target))
    return found


def _way_in(first: dict[Place, Flow], host: Place, origins: Sequence[Place]) -> list[Flow]:
    """The steps that lead from an origin to `host`."""
    steps: list[Flow] = []
    here = host
    while here not in origins:
        steps.insert(0, first[here])
        here = first[here].source
    return steps


def _about_forwarding(
    policy: ReachNever, reach: Reach, way_in: list[Flow], piece: Piece, target: Place
) -> Finding:
    """A finding whose evidence strings the steps together."""
    steps = [*way_in, piece.flow]
    origin = steps[0].source
    hosts = ", ".join(step.target.label for step in way_in)
    params = {
        "source": origin.label,
        "target": target.label,
        "port": str(piece.traffic),
        "via": hosts,
    }
    if any(step.truth is Truth.UNKNOWN for step in steps):
        gaps = tuple(dict.fromkeys(gap for step in steps for gap in step.gaps))
        evidence = Evidence(gaps=gaps, notes=("forwarding",))
        verdict, code = Verdict.UNKNOWN, "reach.unknown"
    else:
        proofs = [reach.prove(step) for step in way_in]
        last = reach.prove(piece.flow, piece.traffic, piece.sources)
        path = tuple(hop for proof in proofs for hop in proof.path)
        rules = dict.fromkeys(rule for proof in (*proofs, last) for rule in proof.rules)
        evidence = msgspec.structs.replace(
            last,
            path=_without_repeats((*path, *last.path)),
            rules=tuple(rules),
            notes=tuple(dict.fromkeys((*last.notes, "forwarding"))),
        )
        verdict, code = Verdict.FAIL, "reach.forbidden"
    # The host belongs to the identity: another one is another finding.
    way = f"{piece.traffic} through {hosts}"
    evidence = msgspec.structs.replace(evidence, source=origin.label, port=way)
    return finding(policy, verdict, code, target.address, params, evidence)


def _without_repeats(hops: Iterable[Hop]) -> tuple[Hop, ...]:
    """The end of one path is the beginning of the next."""
    out: list[Hop] = []
    for hop in hops:
        if not out or out[-1].id != hop.id:
            out.append(hop)
    return tuple(out)
