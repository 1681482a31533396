"""From one place to another: which packets to follow, and what they say together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_network

from mute_audit.finding import Blocker
from mute_audit.network.portspec import ICMP, ICMP_V6, PortSpec
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.attempt import INTERNET, Attempt, attempt
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.groups import Groups
from mute_audit.network.tracer.header import IP, Header
from mute_audit.network.tracer.nics import Net, Nic, on_internet
from mute_audit.network.tracer.samples import addresses_in, networks_met, port_pieces
from mute_audit.network.tracer.stand import PLACEHOLDER, Choice, Stand, stand_of
from mute_audit.network.tracer.walk import Visit, Walk
from mute_audit.verdict import Gap, Truth

__all__ = ["Outcome", "Pairs"]

# Who asks from "the internet" without an address is first of all one that readers know.
_SOMEONE = (ip_address("8.8.8.8"), ip_address("2001:4860:4860::8888"))

# So many packets are followed for one question; then the answer is unknown.
_MOST_PACKETS = 6000
_MOST_ROUNDS = 6
_MOST_TARGETS = 200

_INTERNET = ip_network("0.0.0.0/0")
# The private and the public address of an interface; None where it is as it stands.
_Spot = tuple[IP | None, IP | None]

_ORDER = (Truth.YES, Truth.UNKNOWN, Truth.NO)


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
        best = min(found, key=lambda a: (_ORDER.index(a.truth), -len(a.forward.steps)))
        visits = frozenset(visit for item in found for visit in item.visits)
        return cls(best.truth, best, best.blockers, best.gaps, list(best.notes), visits=visits)


class Pairs:
    """Asks with as many packets as the question needs."""

    def __init__(self, atlas: Atlas, groups: Groups) -> None:
        self._atlas = atlas
        self._groups = groups

    def ask(
        self, source: Choice, target: Choice, spec: PortSpec, source_port: int | None
    ) -> Outcome:
        """All possibilities have to agree: nothing says which of them is true.

        They have to agree about one packet: of an end that is known, address by address.
        """
        gaps = [stand.gap for stand in (*source, *target) if stand.gap is not None]
        if gaps:
            return Outcome(Truth.UNKNOWN, gaps=tuple(gaps))
        if _is_open(source) and not _is_open(target):
            return self._each(
                target[0], lambda end: self._agreed(source, (end,), spec, source_port), spec
            )
        if _is_open(target) and not _is_open(source):
            return self._each(
                source[0], lambda end: self._agreed((end,), target, spec, source_port), spec
            )
        return self._agreed(source, target, spec, source_port)

    def _each(self, known: Stand, ask: Callable[[Stand], Outcome], spec: PortSpec) -> Outcome:
        """Any address of an end that is known will do."""
        done: dict[IP, Outcome] = {}
        met: list[list[Net]] = []
        for _ in range(_MOST_ROUNDS):
            fresh = [
                part for part in _parts_of(known, met, self._atlas.publics) if part[0] not in done
            ]
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
        best = min(found, key=lambda item: (_ORDER.index(item.truth), -item.depth))
        best.visits = frozenset(v for item in found for v in item.visits)
        best.open_pieces = _join(list(dict.fromkeys(p for o in found for p in o.open_pieces)))
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
        shown = min(found, key=lambda item: _ORDER.index(item.truth))
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
        done: dict[tuple[_Spot, _Spot], Outcome] = {}
        met: list[list[Net]] = []
        for _ in range(_MOST_ROUNDS):
            fresh = [pair for pair in self._apart(source, target, met) if pair not in done]
            if not fresh:
                break
            for pair in fresh:
                a, b = (_at(s, spot) for s, spot in zip(spots, pair, strict=True))
                done[pair] = self._both_ways(a, b, spec, source_port)
            visits = frozenset(v for item in done.values() for v in item.visits)
            met = networks_met(self._atlas, self._groups, visits)
        return list(done.values())

    def _apart(
        self, source: Stand, target: Stand, met: list[list[Net]]
    ) -> list[tuple[_Spot, _Spot]]:
        """Addresses of both; two interfaces in one subnet never have the same one."""
        hairpin = source.nic is not None and target.nic is not None
        found: list[tuple[_Spot, _Spot]] = []
        for one in self._free(source, met):
            used = frozenset() if one is None else frozenset((one,))
            for other in self._free(target, met, used):
                found += [
                    ((one, here), (other, there))
                    for here in self._publics(source, met, hairpin)
                    for there in self._publics(target, met, hairpin)
                ]
        return found

    def _publics(self, stand: Stand, met: list[list[Net]], hairpin: bool) -> list[IP | None]:
        """The public addresses that it may have, where none is described and one is used."""
        if not hairpin or not stand.unnamed:
            return [None]
        taken = self._atlas.publics
        found = addresses_in((_INTERNET,), met, public=True, taken=taken)
        return list(found) or [None]

    def _free(
        self, stand: Stand, met: list[list[Net]], used: frozenset[IP] = frozenset()
    ) -> list[IP | None]:
        if stand.nic is None:
            return [None]
        if not stand.room:
            return [stand.nic.addresses[0]] if stand.unnamed else [None]
        vpc = stand.nic.vpc
        taken = used | frozenset(
            address
            for nic in self._atlas.in_subnet(stand.nic.subnet)
            for address in nic.addresses
            if nic.vpc == vpc
        )
        found = addresses_in(stand.room, met, public=False, taken=taken, hosts_only=True)
        return list(found) or [stand.room[0][-2]]

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
            first.open_pieces = _join([*first.open_pieces, *second.open_pieces])
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
        if source.nic and target.nic and source.nic.label == target.nic.label:
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
            ends = self._ends(source, shown_target, met)
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
                tried[(a, b, piece)] = self._follow(
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
            _sort_pieces(outcome, tried)
        if limited and outcome.truth is Truth.NO:
            gap = Gap("question", str(spec), f"more than {_MOST_PACKETS} packets to tell apart")
            return replace(outcome, truth=Truth.UNKNOWN, gaps=(gap,), blockers=())
        return outcome

    def _follow(self, source: Stand, target: Stand, header: Header) -> Attempt:
        found = self.replay(source, target, header)
        best = min(found, key=lambda item: _ORDER.index(item.truth))
        visits = frozenset(v for item in found for v in item.visits)
        return replace(best, visits=visits)

    def replay(self, source: Stand, target: Stand | None, header: Header) -> list[Attempt]:
        """Follow one packet between two stands, once for each target of a load balancer."""
        sender = source.sender
        if sender is None:
            return []
        ends = [stand for stand in (source, target) if stand is not None]
        nics = tuple(stand.nic for stand in ends if stand.nic is not None)
        doubts = tuple(stand.doubt for stand in ends if stand.doubt is not None)
        goal = target.nic if target is not None else None
        gate = target.gate if target is not None else None

        def run(picks: dict[str, int]) -> Attempt:
            return attempt(
                self._atlas,
                self._groups,
                sender,
                header,
                goal=goal,
                gate=gate,
                doubts=doubts,
                extra=nics,
                picks=picks,
            )

        return self._with_picks(run)

    def _with_picks(self, run: Callable[[dict[str, int]], Attempt]) -> list[Attempt]:
        """Follow a packet to each target that the load balancers on its way may take."""
        found: list[Attempt] = []
        seen: list[dict[str, int]] = []
        waiting: list[dict[str, int]] = [{}]
        while waiting and len(found) < _MOST_TARGETS:
            picks = waiting.pop(0)
            if picks in seen:
                continue
            seen.append(picks)
            last = run(picks)
            found.append(last)
            if last.truth is Truth.YES:
                break
            waiting += [
                {**picks, arn: index}
                for arn, count in last.choices
                if arn not in picks
                for index in range(count)
            ]
        return found

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

    def _ends(self, source: Stand, target: Stand, met: list[list[Net]]) -> list[tuple[IP, IP]]:
        """Pairs of source and destination address, of one version each, the likeliest first."""
        from_outside = source.sender is not None and source.sender.kind == INTERNET
        # Whoever sends under a public address of the estate stands in it.
        own = self._atlas.publics if from_outside else frozenset[IP]()
        starts = (
            _own(source.nic)
            if source.nic is not None
            else _members(source, met, public=from_outside, taken=own)
        )
        if target.nic is None:
            goals = _members(target, met, public=target.gate is None and _wide(target.networks))
        elif from_outside or target.by_public:
            goals = [public for _, public in target.nic.publics]
            if from_outside:
                goals += [a for a in target.nic.addresses if a.version == 6 and on_internet(a)]
        else:
            goals = _own(target.nic)
        return [(a, b) for a in starts for b in goals if a.version == b.version]


def _is_open(choice: Choice) -> bool:
    """Whether it is not known where a place stands, or under which address."""
    return len(choice) > 1 or any(stand.room or stand.unnamed for stand in choice)


def _parts_of(stand: Stand, met: list[list[Net]], publics: frozenset[IP]) -> list[tuple[IP, Stand]]:
    """A stand with each of its addresses alone."""
    nic = stand.nic
    if nic is None:
        internet = stand.sender is not None and stand.sender.kind == INTERNET
        public = internet or (stand.gate is None and _wide(stand.networks))
        return [
            (address, replace(stand, networks=(ip_network(str(address)),), barred=()))
            for address in _members(
                stand, met, public=public, taken=publics if internet else frozenset()
            )
        ]
    alone = [
        replace(
            nic,
            addresses=(address,),
            prefixes=(),
            publics=tuple(pair for pair in nic.publics if pair[0] == address),
        )
        for address in _own(nic)
    ]
    return [
        (one.addresses[0], replace(stand, nic=one, sender=stand_of(one).sender)) for one in alone
    ]


def _at(stand: Stand, spot: _Spot) -> Stand:
    private, public = spot
    return stand if private is None else stand.at(private, public)


def _wide(networks: Iterable[Net]) -> bool:
    """Whether the whole internet is meant, private networks aside."""
    return all(net.prefixlen == 0 for net in networks)


def _own(nic: Nic) -> list[IP]:
    """An interface's addresses; one for each prefix that is delegated to it (N56)."""
    return [*nic.addresses, *(net[0] for net in nic.prefixes)]


def _members(
    stand: Stand, met: list[list[Net]], *, public: bool, taken: frozenset[IP] = frozenset()
) -> list[IP]:
    """Addresses outside: those that were named, somebody well known, and one for each part."""
    single: list[IP] = [n.network_address for n in stand.networks if n.num_addresses == 1]
    wide = [net for net in stand.networks if net.num_addresses > 1]
    first = [
        address
        for address in _SOMEONE
        if any(address.version == net.version and address in net for net in wide)
        and not any(address.version == net.version and address in net for net in stand.barred)
    ]
    rest = wide if met else [n for n in wide if all(a.version != n.version for a in first)]
    found = addresses_in(rest, met, public=public, barred=stand.barred, taken=taken)
    return single + first + found


def _fits(piece: PortSpec, version: int) -> bool:
    return piece.protocol != (ICMP_V6 if version == 4 else ICMP)


def _sort_pieces(outcome: Outcome, tried: dict[tuple[IP, IP, PortSpec], Attempt]) -> None:
    """Which parts of a range of ports get through, joined where they touch."""
    truths: dict[PortSpec, list[Truth]] = {}
    for (_, _, piece), item in tried.items():
        truths.setdefault(piece, []).append(item.truth)
    through = [piece for piece, found in truths.items() if Truth.YES in found]
    outcome.open_pieces = _join(through)
    outcome.closed_pieces = [piece for piece in truths if piece not in through]


def _join(pieces: list[PortSpec]) -> list[PortSpec]:
    joined: list[PortSpec] = []
    for piece in sorted(pieces, key=lambda p: (p.protocol or 0, p.low)):
        last = joined[-1] if joined else None
        if last is not None and (last.protocol, last.high + 1) == (piece.protocol, piece.low):
            joined[-1] = PortSpec(piece.protocol, last.low, piece.high)
        else:
            joined.append(piece)
    return joined


def _itself(nic: Nic, atlas: Atlas, groups: Groups, spec: PortSpec) -> Outcome:
    """A host to itself: the packet never leaves it."""
    address = nic.addresses[0] if nic.addresses else PLACEHOLDER
    header = Header(spec.protocol or 0, address, address, spec.low)
    walk = Walk(atlas, groups, header)
    walk.hop(nic.owner.kind, nic.owner.id, nic.owner.name)
    return Outcome(Truth.YES, Attempt(Truth.YES, header, walk))
