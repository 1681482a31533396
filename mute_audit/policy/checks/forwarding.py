"""Ways that hosts open which pass on packets not meant for them (N54)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from mute_audit.finding import Evidence, Finding, Hop
from mute_audit.network.flow_pieces import Piece, by_pair, cut, remaining
from mute_audit.network.places import Place
from mute_audit.network.reach import Flow, Reach
from mute_audit.network.traffic import Traffic
from mute_audit.policy.model import ReachNever
from mute_audit.policy.outcome import finding
from mute_audit.verdict import Truth, Verdict

__all__ = ["HOSTS", "forwarded"]

# What may forward packets.
HOSTS = ("ec2.instance", "ec2.network-interface")


def forwarded(
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
    for (host, target), pair in by_pair(last_steps).items():
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
