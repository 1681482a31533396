"""One packet there and back: what `network.trace` asks of the walks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mute_audit.address import is_id
from mute_audit.finding import Blocker
from mute_audit.network.portspec import TCP, protocols_with_ports
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.drive import Leaf, drive
from mute_audit.network.tracer.groups import Groups
from mute_audit.network.tracer.header import Header
from mute_audit.network.tracer.journey import OUTSIDE, Journey
from mute_audit.network.tracer.nics import Nic
from mute_audit.network.tracer.samples import answer_ports
from mute_audit.network.tracer.spots import (
    Arrived,
    Dropped,
    End,
    FromInternet,
    FromPeer,
    FromService,
    FromVpn,
    IntoTransit,
    Leave,
    Spot,
)
from mute_audit.network.tracer.walk import DEFAULT_PORT, EPHEMERAL, Visit, Walk
from mute_audit.verdict import Gap, Truth

__all__ = ["Attempt", "Sender", "attempt"]

# The outside places that a packet comes from, and what an answer that is back there arrives as.
INTERNET, PREMISES, PEER = "internet", "on-premises", "peer"


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a packet starts: at an interface, or outside by one of the ways in.

    kind     what its answers arrive as, outside
    journey  what group references see of it, outside
    """

    start: Spot
    nic: Nic | None = None
    kind: str = ""
    journey: Journey = OUTSIDE

    def is_home(self, end: Arrived) -> bool:
        """Whether an answer that arrives there is back at the sender."""
        if self.nic is not None:
            return end.nic is not None and end.nic.label == self.nic.label
        return end.kind == self.kind


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome of one packet.

    header   the packet as its sender made it, with a source port that works if one does
    forward  the way there; back the way of the answer, where one was followed
    """

    truth: Truth
    header: Header
    forward: Walk
    back: Walk | None = None
    blockers: tuple[Blocker, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    visits: frozenset[Visit] = frozenset()
    choices: tuple[tuple[str, int], ...] = ()


def attempt(
    atlas: Atlas,
    groups: Groups,
    sender: Sender,
    header: Header,
    *,
    goal: Nic | None = None,
    gate: tuple[str, str] | None = None,
    doubts: tuple[Gap, ...] = (),
    extra: tuple[Nic, ...] = (),
    picks: dict[str, int] | None = None,
) -> Attempt:
    """Follow one packet and its answer; `header.source_port` None is any ephemeral port.

    gate    the kind and id of where it has to leave the estate
    doubts  why it cannot be told whether there is such a packet
    """
    client_port = header.source_port
    if header.protocol in protocols_with_ports and client_port is None:
        header = replace(header, source_port=DEFAULT_PORT)
    walk = Walk(atlas, groups, header, sender.journey, extra=extra, client_port=client_port)
    walk.picks = dict(picks or {})
    walk.unsure(*doubts)
    if sender.kind == INTERNET:
        walk.outside = header.source
    leaves = drive(walk, sender.start)
    outcomes = [_outcome(leaf, sender, header, goal, gate) for leaf in leaves]
    return _merge(outcomes)


def _merge(outcomes: list[Attempt]) -> Attempt:
    """All ways agree, or it cannot be told: nothing says which of them is taken."""
    truths = {item.truth for item in outcomes}
    visits = frozenset(visit for item in outcomes for visit in item.visits)
    choices = {choice for item in outcomes for choice in item.choices}
    order = (Truth.YES, Truth.UNKNOWN, Truth.NO)
    if len(truths) == 1:
        shown, truth = outcomes[0], outcomes[0].truth
        gaps = shown.gaps
    else:
        shown = min(outcomes, key=lambda item: order.index(item.truth))
        truth = Truth.UNKNOWN
        forks = [gap for item in outcomes for gap in _fork_gaps(item)]
        gaps = tuple(dict.fromkeys([*forks, *shown.gaps]))
    notes = tuple(dict.fromkeys(note for item in outcomes[:1] for note in item.notes))
    return replace(
        shown,
        truth=truth,
        gaps=gaps if truth is Truth.UNKNOWN else (),
        blockers=shown.blockers if truth is Truth.NO else (),
        notes=tuple(dict.fromkeys((*shown.notes, *notes))),
        visits=visits,
        choices=tuple(sorted(choices)),
    )


def _fork_gaps(item: Attempt) -> list[Gap]:
    return item.forward.fork_gaps + (item.back.fork_gaps if item.back is not None else [])


def _gate_of(end: Arrived) -> tuple[str, str]:
    """Where a packet left the estate: on the internet that is known by its gateway."""
    return (end.kind, end.via if end.kind == INTERNET else end.id)


def _outcome(
    leaf: Leaf, sender: Sender, header: Header, goal: Nic | None, gate: tuple[str, str] | None
) -> Attempt:
    walk, end = leaf
    left_by = _gate_of(end) if isinstance(end, Arrived) else None
    if isinstance(end, Arrived) and gate is not None and left_by != gate:
        walk.block(
            Component.NOWHERE,
            str(header.destination),
            "other-network",
            f"{header.destination} leads to {end.id} from here, not to {gate[1]}",
        )
    if isinstance(end, Arrived) and goal is not None and goal.label not in walk.reached:
        where = end.id
        walk.block(
            Component.NOWHERE,
            str(header.destination),
            "other-host",
            f"{header.destination} leads to {where} from here, not to {goal.owner.id}",
        )
    there = Attempt(
        walk.truth,
        header,
        walk,
        blockers=tuple(walk.blockers),
        gaps=tuple(walk.gaps),
        notes=tuple(walk.notes),
        visits=frozenset(walk.visits),
        choices=tuple(sorted(walk.choices.items())),
    )
    start = _turn(walk, end)
    back = walk.header.answer()
    if start is None or back is None:
        return there
    if header.protocol != TCP and walk.blockers:
        return there
    return _with_answer(there, back, start, sender)


def _turn(walk: Walk, end: End) -> Spot | None:
    """Where the answer starts; None where there is none to follow."""
    if isinstance(end, Dropped):
        return None
    if end.nic is not None:
        return Leave(end.nic, origin=True)
    if end.kind == INTERNET:
        return FromInternet()
    if end.kind == PEER:
        return FromPeer(walk.atlas.inventory.peerings[end.id])
    if end.kind == "gateway-endpoint":
        return FromService(end.id, end.via)
    if end.kind == PREMISES:
        return FromVpn(end.id) if is_id(end.id, "vgw-") else IntoTransit(end.via, end.id)
    return None


def _with_answer(there: Attempt, header: Header, start: Spot, sender: Sender) -> Attempt:
    """Follow the answer, to every port that makes a difference (N18, N60)."""
    ported = header.protocol in protocols_with_ports
    first = _answer(there, header, start, sender, DEFAULT_PORT)
    spans = [EPHEMERAL]
    if ported:
        visits = {visit for walk in first for visit in walk.visits}
        forward = there.forward
        spans = answer_ports(forward.atlas, forward.groups, visits, header.protocol)
    runs = {span: first if _rep(span) == DEFAULT_PORT else None for span in spans}
    walks = {
        span: found or _answer(there, header, start, sender, _rep(span))
        for span, found in runs.items()
    }
    ways = [_best(walks, index, there) for index in range(len(first))]
    truths = {way.truth for way in ways}
    visited = frozenset(v for found in walks.values() for walk in found for v in walk.visits)
    worst = next((way for way in ways if way.truth is not Truth.YES), ways[0])
    merged = worst.truth if len(truths) == 1 else Truth.UNKNOWN
    gaps = list(worst.gaps)
    if len(truths) > 1:
        gaps = [gap for way in ways for gap in way.walk.fork_gaps] + gaps
    result = replace(
        there,
        back=worst.walk,
        visits=there.visits | visited,
        header=replace(there.header, source_port=worst.port) if ported else there.header,
        notes=tuple(dict.fromkeys((*there.notes, *worst.walk.notes, *worst.notes))),
    )
    if there.header.protocol != TCP:
        if merged is Truth.NO and there.truth is Truth.YES:
            stop = worst.blockers[0]
            note = f"one-way: nothing comes back; {stop.component} {stop.id}: {stop.detail}"
            result = replace(result, notes=(*result.notes, note))
        return result
    if there.truth is Truth.NO or merged is Truth.NO:
        known = {(b.component, b.id, b.code) for b in there.blockers}
        more = [b for b in worst.blockers if (b.component, b.id, b.code) not in known]
        return replace(result, truth=Truth.NO, blockers=(*there.blockers, *more), gaps=())
    if there.truth is Truth.YES and merged is Truth.YES:
        return result
    return replace(result, truth=Truth.UNKNOWN, gaps=tuple(dict.fromkeys((*there.gaps, *gaps))))


def _rep(span: tuple[int, int]) -> int:
    """The port that stands for a span in which no filter tells ports apart."""
    return DEFAULT_PORT if span[0] <= DEFAULT_PORT <= span[1] else span[0]


def _answer(there: Attempt, header: Header, start: Spot, sender: Sender, port: int) -> list[Walk]:
    """The answer to one choice of ports; every way that it may take."""
    forward = there.forward
    walk = Walk(
        forward.atlas,
        forward.groups,
        header,
        journey=forward.journey,
        answer=True,
        tracked=set(forward.tracked),
        extra=forward.extra,
        sessions=list(forward.sessions),
        outside=forward.outside,
        free_port=port,
        client_port=forward.client_port,
    )
    walk.header = walk.answer_port(header)
    found = []
    expected = there.header.answer()
    for done, end in drive(walk, start):
        if isinstance(end, Arrived) and expected is not None:
            same = (done.header.source, done.header.destination) == (
                expected.source,
                expected.destination,
            )
            if not (same and sender.is_home(end)):
                last = done.steps[-1].id if done.steps else end.id
                done.block(
                    Component.TABLE,
                    last,
                    "answer-elsewhere",
                    f"the answer arrives at {end.id} as {done.header}, which is not what "
                    f"{there.header.source} waits for",
                )
        found.append(done)
    return found


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of the answer over all choices of ports."""

    truth: Truth
    walk: Walk
    blockers: tuple[Blocker, ...]
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]
    port: int | None


def _best(walks: dict[tuple[int, int], list[Walk]], index: int, there: Attempt) -> _Way:
    """Each leg of the answer chooses its own port: it is open if one choice is.

    The last leg is the client's, whose port may have been given.
    """
    mine = {span: found[min(index, len(found) - 1)] for span, found in walks.items()}
    shown = min(
        mine.values(), key=lambda walk: (len(walk.blockers), walk.free_port != DEFAULT_PORT)
    )
    legs = max(walk.legs for walk in mine.values())
    open_on = {leg: _open_on(mine, leg) for leg in range(legs + 1)}
    lifted = [blocker for leg, blocker in shown.stops if open_on[leg]]
    blockers = tuple(b for b in shown.blockers if b not in lifted)
    # A leg that is surely open for one port is open, whatever is not known of others.
    sure = {leg: [s for s in open_on[leg] if not _doubted(mine[s], leg)] for leg in open_on}
    doubts = [gap for leg, gap in shown.doubts if not sure[leg]]
    gaps = tuple(dict.fromkeys((*shown.gaps, *doubts)))
    given = there.forward.client_port
    notes = []
    for leg, spans in open_on.items():
        fixed = leg == legs and given is not None
        if spans and len(spans) < len(mine) and not fixed:
            who = "the client" if leg == legs else "the translator on the way"
            ports = ", ".join(f"{low}-{high}" for low, high in _joined(spans))
            notes.append(f"partial: the answer gets back to ports {ports} of {who} only")
    port = given
    if port is None:
        spans = sure[legs] or open_on[legs] or list(mine)
        reps = [_rep(span) for span in spans]
        port = DEFAULT_PORT if DEFAULT_PORT in reps else reps[0]
    truth = Truth.NO if blockers else (Truth.UNKNOWN if gaps else Truth.YES)
    return _Way(truth, shown, blockers, gaps, tuple(notes), port)


Span = tuple[int, int]


def _open_on(walks: dict[Span, Walk], leg: int) -> list[Span]:
    """The ports with which an answer gets over one of its legs, surely or perhaps."""
    return [span for span, walk in walks.items() if all(at != leg for at, _ in walk.stops)]


def _doubted(walk: Walk, leg: int) -> bool:
    return any(at == leg for at, _ in walk.doubts)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch, as one."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if joined and joined[-1][1] + 1 == low:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined
