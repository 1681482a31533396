"""From one place to another: which packets to follow, and what they say together."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

from mute_audit.finding import Blocker
from mute_audit.network.portspec import ICMP, ICMP_V6, PortSpec
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.attempt import INTERNET, Attempt
from mute_audit.network.tracer.candidates import Candidates, Named
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.groups import Groups
from mute_audit.network.tracer.header import IP, Header
from mute_audit.network.tracer.nics import Net, Nic, on_internet
from mute_audit.network.tracer.outcomes import ORDER, Outcome, joined
from mute_audit.network.tracer.replays import Replays
from mute_audit.network.tracer.samples import networks_met, port_pieces
from mute_audit.network.tracer.stand import PLACEHOLDER, Choice, Stand
from mute_audit.network.tracer.walk import Walk
from mute_audit.verdict import Gap, Truth

__all__ = ["Pairs"]

# So many packets are followed for one question; then the answer is unknown.
_MOST_PACKETS = 6000
_MOST_ROUNDS = 6


class Pairs:
    """Asks with as many packets as the question needs."""

    def __init__(self, atlas: Atlas, groups: Groups, replays: Replays) -> None:
        self._atlas = atlas
        self._groups = groups
        self._candidates = Candidates(atlas)
        self._replays = replays

    def ask(
        self, source: Choice, target: Choice, spec: PortSpec, source_port: int | None
    ) -> Outcome:
        """All possibilities have to agree: nothing says which of them is true.

        They have to agree about one packet: of an end that is known, address by address.
        """
        gaps = [stand.gap for stand in (*source, *target) if stand.gap is not None]
        if gaps:
            return Outcome(Truth.UNKNOWN, gaps=tuple(gaps))
        if _open(source) and not _open(target):
            return self._each(
                target[0], lambda end: self._agreed(source, (end,), spec, source_port), spec
            )
        if _open(target) and not _open(source):
            return self._each(
                source[0], lambda end: self._agreed((end,), target, spec, source_port), spec
            )
        return self._agreed(source, target, spec, source_port)

    def _each(self, known: Stand, ask: Callable[[Stand], Outcome], spec: PortSpec) -> Outcome:
        """Any address of an end that is known will do."""
        done: dict[IP, Outcome] = {}
        met: list[list[Net]] = []
        for _ in range(_MOST_ROUNDS):
            fresh = [part for part in self._candidates.parts(known, met) if part[0] not in done]
            if not fresh:
                break
            for address, part in fresh:
                done[address] = outcome = ask(part)
                if outcome.hidden or (outcome.truth is Truth.YES and spec.single):
                    break
            found = list(done.values())
            if any(item.hidden or (item.truth is Truth.YES and spec.single) for item in found):
                break
            visits = frozenset(v for item in found for v in item.visits)
            met = networks_met(self._atlas, self._groups, visits)
        if not done:
            return ask(known)
        found = list(done.values())
        best = min(found, key=lambda item: (ORDER.index(item.truth), -item.depth))
        best.visits = frozenset(v for item in found for v in item.visits)
        best.open_pieces = joined(list(dict.fromkeys(p for o in found for p in o.open_pieces)))
        best.closed_pieces = [
            p for o in found for p in o.closed_pieces if p not in best.open_pieces
        ]
        if best.truth is Truth.YES and known.outside and len(found) > 1 and best.shown is not None:
            address = best.shown.header.source
            best.notes.insert(0, f"partial: not from every address; {address} gets through")
        return best

    def _agreed(
        self, source: Choice, target: Choice, spec: PortSpec, source_port: int | None
    ) -> Outcome:
        found: list[Outcome] = []
        for a, b in itertools.product(source, target):
            found += self._rooms(a, b, spec, source_port)
        truths = {item.truth for item in found}
        if len(truths) == 1:
            shown = min(found, key=lambda item: -item.depth)
            shown.visits = frozenset(v for item in found for v in item.visits)
            return shown
        shown = min(found, key=lambda item: ORDER.index(item.truth))
        names = {s.nic.owner.name or s.nic.owner.id for s in (*source, *target) if s.nic}
        gap = Gap(
            "address of " + ", ".join(sorted(names)),
            "",
            "the interface is not described, and its possible addresses differ in the verdict",
            "NetworkInterfaces",
        )
        return replace(
            shown,
            truth=Truth.UNKNOWN,
            blockers=(),
            gaps=tuple(dict.fromkeys((gap, *shown.gaps))),
            visits=frozenset(v for item in found for v in item.visits),
        )

    def _rooms(
        self, source: Stand, target: Stand, spec: PortSpec, source_port: int | None
    ) -> list[Outcome]:
        """With each address that an interface may have, as far as filters tell them apart."""
        spots = (source, target)
        hairpin = source.nic is not None and target.nic is not None
        if not any(s.room or (hairpin and s.unnamed) for s in spots):
            return [self._both_ways(source, target, spec, source_port)]
        done: dict[tuple[Named, Named], Outcome] = {}
        met: list[list[Net]] = []
        for _ in range(_MOST_ROUNDS):
            fresh = [
                pair for pair in self._candidates.apart(source, target, met) if pair not in done
            ]
            if not fresh:
                break
            for pair in fresh:
                a, b = (s.at(*spot) for s, spot in zip(spots, pair, strict=True))
                done[pair] = self._both_ways(a, b, spec, source_port)
            visits = frozenset(v for item in done.values() for v in item.visits)
            met = networks_met(self._atlas, self._groups, visits)
        return list(done.values())

    def _both_ways(
        self, source: Stand, target: Stand, spec: PortSpec, source_port: int | None
    ) -> Outcome:
        """By the target's private addresses, and else by its public ones: out and in again (N34).

        A refusal tells of the private ones.
        """
        first = self._concrete(source, target, spec, source_port)
        nic = target.nic
        if source.nic is None or nic is None or not nic.publics:
            return first
        if first.truth is Truth.YES and (spec.single or not first.closed_pieces):
            return first
        beyond = replace(target, by_public=True)
        second = self._concrete(source, beyond, spec, source_port)
        visits = first.visits | second.visits
        if second.truth is Truth.NO or first.truth is Truth.YES:
            first.visits = visits
            first.open_pieces = joined([*first.open_pieces, *second.open_pieces])
            return first
        if second.truth is Truth.UNKNOWN and first.truth is Truth.UNKNOWN:
            first.visits = visits
            return first
        public = ", ".join(str(address) for _, address in nic.publics)
        second.notes.insert(0, f"public: {nic.owner.name or nic.label} is reached at {public}")
        second.visits = visits
        return second

    # --- two definite stands ------------------------------------------------------------------

    def _concrete(
        self, source: Stand, target: Stand, spec: PortSpec, source_port: int | None
    ) -> Outcome:
        same = source.nic and target.nic and source.nic.label == target.nic.label
        if same and source.nic and not source.nic.passes_on:
            return _itself(source.nic, self._atlas, self._groups, spec)
        if source.sender is None:
            return Outcome(Truth.UNKNOWN, gaps=(Gap("sender", "", "nothing sends from there"),))
        hidden = self._hidden_target(source, target)
        shown_target = hidden or target
        tried: dict[tuple[IP, IP, PortSpec], Attempt] = {}
        pieces: list[PortSpec] = []
        met: list[list[Net]] = []
        limited = False
        for _ in range(_MOST_ROUNDS):
            visits = frozenset(v for item in tried.values() for v in item.visits)
            met = networks_met(self._atlas, self._groups, visits)
            ends = self._candidates.ends(source, shown_target, met)
            fresh = []
            pieces = []
            for version in (4, 6):
                if any(a.version == version for a, _ in ends):
                    cut = (
                        [spec]
                        if spec.single
                        else port_pieces(self._atlas, self._groups, visits, spec, version)
                    )
                    pieces += [p for p in cut if p not in pieces]
                    fresh += [
                        (a, b, piece)
                        for piece in cut
                        for a, b in ends
                        if a.version == version
                        and _fits(piece, version)
                        and (a, b, piece) not in tried
                    ]
            if not fresh:
                break
            for a, b, piece in fresh:
                if len(tried) > _MOST_PACKETS:
                    limited = True
                    break
                tried[(a, b, piece)] = self._replays.best(
                    source, shown_target, Header(piece.protocol or 0, a, b, piece.low, source_port)
                )
                if spec.single and tried[(a, b, piece)].truth is Truth.YES:
                    return self._found(list(tried.values()), source, target, hidden, spec)
            if limited:
                break
        if not tried:
            return self._nothing_in_common(source, target)
        if not spec.single:
            tried = {key: item for key, item in tried.items() if key[2] in pieces}
        outcome = self._found(list(tried.values()), source, target, hidden, spec)
        if not spec.single and hidden is None:
            outcome.sort_pieces(tried)
        if limited and outcome.truth is Truth.NO:
            gap = Gap("question", str(spec), f"more than {_MOST_PACKETS} packets to tell apart")
            return replace(outcome, truth=Truth.UNKNOWN, gaps=(gap,), blockers=())
        return outcome

    def _found(
        self,
        tried: list[Attempt],
        source: Stand,
        target: Stand,
        hidden: Stand | None,
        spec: PortSpec,
    ) -> Outcome:
        outcome = Outcome.of(tried)
        if outcome.truth is Truth.YES and spec.single and source.outside and len(tried) > 1:
            address = outcome.shown.header.source if outcome.shown is not None else ""
            outcome.notes.insert(0, f"partial: not from every address; {address} gets through")
        if hidden is None or target.nic is None:
            return outcome
        gateway = self._atlas.internet_gateway(target.nic.vpc)
        blocker = Blocker(
            Component.INTERNET.value,
            gateway or target.nic.vpc,
            "no-public-address",
            f"{target.nic.label} has no public address that the internet could send to",
        )
        outcome.blockers = (blocker, *(outcome.shown.blockers if outcome.shown else ()))
        outcome.truth, outcome.gaps, outcome.hidden = Truth.NO, (), True
        outcome.notes = []
        return outcome

    def _hidden_target(self, source: Stand, target: Stand) -> Stand | None:
        """The target with an address that it has not, to see what else would be in the way."""
        nic = target.nic
        if nic is None or source.sender is None or source.sender.kind != INTERNET:
            return None
        versions = {net.version for net in source.networks}
        if 4 not in versions or nic.publics:
            return None
        if 6 in versions and any(a.version == 6 and on_internet(a) for a in nic.addresses):
            return None
        private = next((a for a in nic.addresses if a.version == 4), None)
        if private is None:
            return None
        shown = replace(nic, publics=((private, PLACEHOLDER),))
        return replace(target, nic=shown)

    def _nothing_in_common(self, source: Stand, target: Stand) -> Outcome:
        who = [s.nic.label for s in (source, target) if s.nic is not None]
        blocker = Blocker(
            Component.NOWHERE.value,
            who[-1] if who else "",
            "no-common-family",
            "the two ends and the protocol have no version of IP in common",
        )
        return Outcome(Truth.NO, blockers=(blocker,))


def _open(choice: Choice) -> bool:
    """Whether it is not known where a place stands, or under which address."""
    return len(choice) > 1 or any(stand.room or stand.unnamed for stand in choice)


def _fits(piece: PortSpec, version: int) -> bool:
    return piece.protocol != (ICMP_V6 if version == 4 else ICMP)


def _itself(nic: Nic, atlas: Atlas, groups: Groups, spec: PortSpec) -> Outcome:
    """A host to itself: the packet never leaves it."""
    address = nic.addresses[0] if nic.addresses else PLACEHOLDER
    header = Header(spec.protocol or 0, address, address, spec.low)
    walk = Walk(atlas, groups, header)
    walk.hop(nic.owner.kind, nic.owner.id, nic.owner.name)
    return Outcome(Truth.YES, Attempt(Truth.YES, header, walk))
