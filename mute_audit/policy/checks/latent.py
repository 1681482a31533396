"""What a stopped host would reach, or be reached by, if it were started: a note, no finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mute_audit.analysis import Analysis
from mute_audit.network.flow_pieces import cut
from mute_audit.network.latent import asleep
from mute_audit.network.places import Place
from mute_audit.network.reach import Flow
from mute_audit.network.traffic import Traffic
from mute_audit.policy.permits import Permits
from mute_audit.verdict import Truth

__all__ = ["latent_notes"]

# More names than this, and nobody reads them.
_MOST_NAMED = 10


def latent_notes(
    analysis: Analysis,
    origins: Sequence[Place] | None,
    targets: Sequence[Place],
    traffic: Traffic,
    permits: Permits,
) -> tuple[str, ...]:
    """N55: what nobody allowed, and only a stopped host at one of its ends holds back.

    `origins` None is everybody. One note for each target and traffic.
    """
    if analysis.awake is analysis.reach:
        return ()
    held: dict[tuple[str, str, bool], dict[str, None]] = {}
    for flow in _woken(analysis, origins, targets, traffic):
        left = Traffic()
        permit = permits(flow.source, flow.target)
        for piece in permit.without_doubt(cut(flow, permit.certain)):
            left = left | piece.traffic
        if left:
            key = (flow.target.label, str(left), flow.truth is Truth.YES)
            held.setdefault(key, {})[flow.source.label] = None
    return tuple(
        f"latent: {_named(list(sources))} {'gets' if sure else 'may get'} to {target} by {port} "
        f"once what is stopped is started"
        for (target, port, sure), sources in held.items()
    )


def _woken(
    analysis: Analysis,
    origins: Sequence[Place] | None,
    targets: Sequence[Place],
    traffic: Traffic,
) -> Iterator[Flow]:
    """The flows from and to stopped hosts, as if they ran."""
    awake = analysis.awake
    off = _stopped(analysis)
    every = awake.everything() if origins is None else origins
    chosen = off if origins is None else off & set(origins)
    yield from awake.each_flow(
        sorted(chosen), [place for place in targets if place not in off], traffic
    )
    yield from awake.each_flow(every, [place for place in targets if place in off], traffic)


def _stopped(analysis: Analysis) -> frozenset[Place]:
    names = asleep(analysis.inventory)
    sites = (
        analysis.directory.by_id(kind, name)
        for kind in ("ec2.instance", "rds.instance")
        for name in names
    )
    return frozenset(site.place for site in sites if site is not None)


def _named(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    shown = ", ".join(names[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
