"""What packets say together."""

from __future__ import annotations

from dataclasses import dataclass, field

from mute_audit.finding import Blocker
from mute_audit.network.portspec import PortSpec
from mute_audit.network.tracer.attempt import Attempt
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.walk import Visit
from mute_audit.verdict import Gap, Truth

__all__ = ["ORDER", "Outcome", "joined"]

# The first of these decides, where any packet will do.
ORDER = (Truth.YES, Truth.UNKNOWN, Truth.NO)


@dataclass(slots=True)
class Outcome:
    """What all packets between two stands say together; `shown` is the one to show.

    hidden  there is no packet: it is shown what else would stop one, if there were
    """

    truth: Truth
    shown: Attempt | None = None
    blockers: tuple[Blocker, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: list[str] = field(default_factory=list)
    open_pieces: list[PortSpec] = field(default_factory=list)
    closed_pieces: list[PortSpec] = field(default_factory=list)
    visits: frozenset[Visit] = frozenset()
    hidden: bool = False

    @property
    def depth(self) -> int:
        """How far the packet came."""
        return len(self.shown.forward.steps) if self.shown is not None else 0

    @classmethod
    def of(cls, found: list[Attempt]) -> Outcome:
        """Any packet that gets through decides; else the one that came farthest is shown."""
        best = min(found, key=lambda a: (ORDER.index(a.truth), -len(a.forward.steps)))
        visits = frozenset(visit for item in found for visit in item.visits)
        return cls(best.truth, best, best.blockers, best.gaps, list(best.notes), visits=visits)

    def sort_pieces(self, tried: dict[tuple[IP, IP, PortSpec], Attempt]) -> None:
        """Which parts of a range of ports get through, joined where they touch."""
        truths: dict[PortSpec, list[Truth]] = {}
        for (_, _, piece), item in tried.items():
            truths.setdefault(piece, []).append(item.truth)
        through = [piece for piece, found in truths.items() if Truth.YES in found]
        self.open_pieces = joined(through)
        self.closed_pieces = [piece for piece in truths if piece not in through]


def joined(pieces: list[PortSpec]) -> list[PortSpec]:
    found: list[PortSpec] = []
    for piece in sorted(pieces, key=lambda p: (p.protocol or 0, p.low)):
        last = found[-1] if found else None
        if last is not None and (last.protocol, last.high + 1) == (piece.protocol, piece.low):
            found[-1] = PortSpec(piece.protocol, last.low, piece.high)
        else:
            found.append(piece)
    return found
