"""The packet tracer: one concrete packet, followed hop by hop, there and back.

The second engine. It answers the same questions as `network.reach` and shares nothing with
it but the names of places: it reads the inventory alone, and replays every packet that the
set engine offers as a proof.

Its answers are three-valued. A range of ports or addresses is answered with representatives:
one for each part that the filters on the way tell apart, found by following packets.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_network
from typing import Any

import msgspec

from mute_audit.address import Address
from mute_audit.errors import MuteAuditError, PlaceError, UsageError
from mute_audit.finding import Blocker, Evidence, Hop, Packet
from mute_audit.inventory import GLOBAL, Inventory
from mute_audit.network.parts import SERVICE_ENDPOINT, SUBNET
from mute_audit.network.places import Directory, Place, PlaceKind
from mute_audit.network.portspec import PortSpec
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.attempt import Attempt
from mute_audit.network.tracer.groups import Groups
from mute_audit.network.tracer.header import IP, Header
from mute_audit.network.tracer.outcomes import Outcome
from mute_audit.network.tracer.pairs import Pairs
from mute_audit.network.tracer.replays import Replays
from mute_audit.network.tracer.stand import Stand, apart
from mute_audit.network.tracer.stands import Stands
from mute_audit.verdict import Gap, Truth

__all__ = ["TRACE_SCHEMA", "Question", "Reachability", "Trace", "Tracer", "trace_batch"]

TRACE_SCHEMA = "mute-audit/trace/v1"


class Reachability(StrEnum):
    """The verdict of a trace."""

    REACHABLE = "reachable"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


_VERDICTS = {
    Truth.YES: Reachability.REACHABLE,
    Truth.NO: Reachability.UNREACHABLE,
    Truth.UNKNOWN: Reachability.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Question:
    """May `source` reach `target` at `port`; from `source_port`, or any ephemeral port."""

    source: Place
    target: Place
    port: PortSpec
    source_port: int | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """The answer.

    path, return_path  the way there and of the answer, as far as the packet gets
    blocked_by         everything that stops it, in the order in which it is met
    witness            the packet that was followed; None where no packet could be made
    notes              `code: text`, see `tracer.codes.NOTES`
    gaps               why it cannot be told, where the verdict is unknown
    """

    verdict: Reachability
    path: tuple[Hop, ...] = ()
    return_path: tuple[Hop, ...] = ()
    blocked_by: tuple[Blocker, ...] = ()
    witness: Packet | None = None
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of everything that decided for the packet, each once."""
        hops = (*self.path, *self.return_path)
        return tuple(dict.fromkeys(name for hop in hops for name in hop.decided_by))

    def to_json(self) -> dict[str, Any]:
        """The trace contract, `mute-audit/trace/v1`."""
        return {
            "schema": TRACE_SCHEMA,
            "verdict": self.verdict.value,
            "path": [_hop(hop) for hop in self.path],
            "return_path": [_hop(hop) for hop in self.return_path],
            "blocked_by": [
                {"component": b.component, "id": b.id, "code": b.code, "detail": b.detail}
                for b in self.blocked_by
            ],
            "witness": msgspec.to_builtins(self.witness),
            "notes": list(self.notes),
            "gaps": [{"what": g.what, "where": g.where, "why": g.why} for g in self.gaps],
        }

    def evidence(self, question: Question) -> Evidence:
        """The same as the evidence of a finding."""
        return Evidence(
            source=question.source.label,
            port=str(question.port),
            path=self.path,
            return_path=self.return_path,
            witness=self.witness,
            blockers=self.blocked_by,
            rules=self.rules,
            gaps=self.gaps,
            notes=self.notes,
        )


def _hop(hop: Hop) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": hop.kind, "id": hop.id}
    if hop.name:
        found["name"] = hop.name
    if hop.decided_by:
        found["decided_by"] = list(hop.decided_by)
    return found


class Tracer:
    """Traces packets through one inventory; keeps its look-ups, so use one for many questions."""

    def __init__(self, inventory: Inventory, directory: Directory | None = None) -> None:
        self.inventory = inventory
        self._directory = directory
        self._atlas = Atlas(inventory)
        self._groups = Groups(self._atlas)
        self._stands = Stands(self._atlas)
        self._replays = Replays(self._atlas, self._groups)
        self._pairs = Pairs(self._atlas, self._groups, self._replays)

    @property
    def directory(self) -> Directory:
        if self._directory is None:
            self._directory = Directory(self.inventory)
        return self._directory

    def resolve(self, text: str) -> Place:
        """The place that `text` names.

        Raises PlaceError for a text that names nothing, or several things.
        """
        return self.directory.resolve(text)

    def trace(self, question: Question) -> Trace:
        """Answer one question. Raises UsageError for a source port that is none."""
        if question.source_port is not None and not 0 <= question.source_port <= 65535:
            raise UsageError(f"`{question.source_port}` is not a source port", hint="0 to 65535")
        sources = self._stands.of(question.source, source=True)
        targets = self._stands.of(question.target, source=False)
        if question.source == question.target and sources and sources[0][0].nic is not None:
            # To itself: the packet never leaves the host, whichever interface that is.
            sources = targets = [sources[0][:1]]
        nowhere = [
            place
            for place, stands in ((question.source, sources), (question.target, targets))
            if not stands
        ]
        if nowhere:
            return self._nowhere(nowhere[0])
        outcomes: list[Outcome] = []
        pairs = list(itertools.product(sources, targets))
        if _holds_many(question.source) or _holds_many(question.target):
            # Who is in both is asked about with all others, not with itself.
            pairs = [pair for pair in (apart(*pair) for pair in pairs) if pair is not None]
        if not pairs:
            name = question.target.address.id
            detail = f"nobody but the sender is in {name}"
            blocker = Blocker("no-such-destination", name, "no-such-destination", detail)
            return Trace(Reachability.UNREACHABLE, blocked_by=(blocker,))
        for source, target in pairs:
            outcome = self._pairs.ask(source, target, question.port, question.source_port)
            outcomes.append(outcome)
            if outcome.truth is Truth.YES and question.port.single:
                break
        return _answer(outcomes, question.port)

    def _nowhere(self, place: Place) -> Trace:
        """A place without any interface, or an address that is nobody's."""
        for region in self.inventory.regions:
            # What AWS keeps once per account (IAM, buckets) has no interfaces.
            if region.region == GLOBAL:
                continue
            gap = self.inventory.missing("NetworkInterfaces", region)
            if gap is not None:
                return Trace(Reachability.UNKNOWN, gaps=(gap,))
        if place.address.type == SERVICE_ENDPOINT:
            detail = f"no route leads to {place.address.id}, and it opens no connection"
            blocker = Blocker("vpc-endpoint", place.address.id, "no-route", detail)
            return Trace(Reachability.UNREACHABLE, blocked_by=(blocker,))
        if place.kind is not PlaceKind.RESOURCE:
            detail = f"nothing in or around the estate has the address {place.address.id}"
            blocker = Blocker(
                "no-such-destination", place.address.id, "no-such-destination", detail
            )
            return Trace(Reachability.UNREACHABLE, blocked_by=(blocker,))
        if place.address.type == SUBNET:
            detail = f"no interface is in {place.address.id}"
            blocker = Blocker(
                "no-such-destination", place.address.id, "no-such-destination", detail
            )
            return Trace(Reachability.UNREACHABLE, blocked_by=(blocker,))
        gap = Gap(f"interfaces of {place.address.id}", "", "none is described")
        return Trace(Reachability.UNKNOWN, gaps=(gap,))

    def follow(
        self,
        packet: Packet,
        source_interface: str | None,
        *,
        source: Place | None = None,
        target: Place | None = None,
        balanced: bool = False,
    ) -> Trace:
        """Follow one packet exactly as it is: from an interface, or from outside (None).

        `source` and `target` say which place an address belongs to where AWS has not
        described its interface (a database without one, say). `balanced`: the address is that
        of a load balancer, and the target whom it has to send to. Raises UsageError for what
        is no packet, PlaceError for an interface that does not exist.
        """
        header = Header.of(packet)
        senders = self._senders(header, source_interface, source)
        goals = self._goals(header, target, balanced)
        found: list[Attempt] = []
        for sender, goal in itertools.product(senders, goals):
            found += self._replays.all(sender, goal, header)
            if found and found[-1].truth is Truth.YES:
                break
        if not found:
            gaps = tuple(stand.gap for stand in senders if stand.gap is not None)
            if gaps:
                return Trace(Reachability.UNKNOWN, witness=packet, gaps=gaps)
            where = source_interface or str(header.source)
            gap = Gap(f"way in from {where}", "", "no connection of the estate leads there")
            return Trace(Reachability.UNKNOWN, witness=packet, gaps=(gap,))
        outcome = Outcome.of(found)
        return _answer([outcome], PortSpec(header.protocol, header.port, header.port))

    def _senders(self, header: Header, interface: str | None, source: Place | None) -> list[Stand]:
        if interface:
            nic = self._atlas.nic(interface)
            if nic is None:
                raise PlaceError(f"`{interface}` is no interface in this source")
            place = Address("ec2.network-interface", interface)
            choices = self._stands.of(Place(PlaceKind.RESOURCE, place), source=True)
            return [_placed(stand, header.source) for choice in choices for stand in choice]
        if source is None:
            source = Place(
                PlaceKind.NETWORK, Address("network", str(header.source)), str(header.source)
            )
            choices = self._stands.of(source, source=True)
            return [s for choice in choices for s in choice if s.outside]
        choices = self._stands.of(source, source=True)
        return [_placed(s, header.source) for choice in choices for s in choice]

    def _goals(self, header: Header, target: Place | None, balanced: bool) -> list[Stand | None]:
        if target is None or target.kind is not PlaceKind.RESOURCE:
            return [None]
        choices = self._stands.of(target, source=False)
        stands = [stand for choice in choices for stand in choice]
        if balanced:
            return [stand for stand in stands if stand.nic is not None]
        fitting: list[Stand | None] = [
            _placed(s, header.destination)
            for s in stands
            if s.nic is not None
            and (
                any(header.destination in net for net in s.room)
                or s.nic.has(header.destination)
                or any(header.destination == public for _, public in s.nic.publics)
            )
        ]
        return fitting or [None]


def _holds_many(place: Place) -> bool:
    """Whether a place may hold several hosts: a network, or a subnet."""
    if place.kind is PlaceKind.NETWORK:
        return ip_network(place.cidr).num_addresses > 1
    return place.address.type == SUBNET


def _placed(stand: Stand, address: IP) -> Stand:
    if stand.room and any(address in net for net in stand.room):
        return stand.at(address)
    if stand.room:
        # Meant by its public address: any of its private ones will do.
        return stand.at(stand.room[0][10 if stand.room[0].num_addresses > 16 else 4])
    return stand


def _answer(outcomes: list[Outcome], port: PortSpec) -> Trace:
    """The best of several outcomes: any way through is a way through."""
    order = (Truth.YES, Truth.UNKNOWN, Truth.NO)
    best = min(outcomes, key=lambda item: (order.index(item.truth), -item.depth))
    shown = best.shown
    if shown is None:
        return Trace(_VERDICTS[best.truth], gaps=best.gaps, blocked_by=best.blockers)
    notes = list(best.notes)
    if best.truth is Truth.YES and not port.single:
        open_pieces = {str(p) for o in outcomes for p in o.open_pieces}
        closed = [p for o in outcomes for p in o.closed_pieces if str(p) not in open_pieces]
        if closed:
            pieces = dict.fromkeys(str(p) for o in outcomes for p in o.open_pieces)
            notes.insert(0, f"partial: of {port}, {', '.join(pieces)} gets through")
    if best.truth is Truth.NO:
        # A default that stands in for a description has not opened anything.
        notes = [note for note in notes if not note.startswith("assumed:")]
    if best.truth is Truth.NO and _latent(best.blockers):
        names = ", ".join(sorted({blocker.id for blocker in best.blockers}))
        notes.append(f"latent: only {names} is off now; else the packet would get through")
    path = () if best.hidden else shown.forward.path
    blocked = bool(shown.forward.blockers)
    back = () if blocked or shown.back is None else shown.back.path
    return Trace(
        _VERDICTS[best.truth],
        path,
        back,
        best.blockers,
        None if best.hidden else shown.header.packet(),
        tuple(dict.fromkeys(notes)),
        best.gaps,
    )


_SWITCHES = frozenset({"stopped", "bpa-ingress", "bpa-egress", "blackhole"})


def _latent(blockers: tuple[Blocker, ...]) -> bool:
    return bool(blockers) and all(blocker.code in _SWITCHES for blocker in blockers)


def trace_batch(tracer: Tracer, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Answer JSON lines `{"from", "to", "port", "source_port"?}`, in their order.

    A line that is empty or cannot be asked yields an object with verdict unknown and an `error`.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            yield {**Trace(Reachability.UNKNOWN).to_json(), "error": f"line {number} is empty"}
            continue
        try:
            yield tracer.trace(_read_question(tracer, line)).to_json()
        except MuteAuditError as error:
            text = f"line {number}: {error}" + (f" ({error.hint})" if error.hint else "")
            yield {**Trace(Reachability.UNKNOWN).to_json(), "error": text}


def _read_question(tracer: Tracer, line: str) -> Question:
    hint = 'write {"from": …, "to": …, "port": …}'
    try:
        given = json.loads(line)
    except ValueError as error:
        raise UsageError(f"not JSON: {error}", hint=hint) from error
    except RecursionError as error:
        raise UsageError("nested too deeply", hint=hint) from error
    if not isinstance(given, dict):
        raise UsageError("not an object", hint=hint)
    unknown = set(given) - {"from", "to", "port", "source_port"}
    if unknown:
        raise UsageError(f"unknown key `{sorted(unknown)[0]}`", hint=hint)
    for key in ("from", "to", "port"):
        if not isinstance(given.get(key), str):
            raise UsageError(f"`{key}` is missing or no text", hint=hint)
    source_port = given.get("source_port")
    if source_port is not None and (isinstance(source_port, bool) or type(source_port) is not int):
        raise UsageError(f"`{source_port}` is not a source port", hint="a number, 0 to 65535")
    return Question(
        tracer.resolve(given["from"]),
        tracer.resolve(given["to"]),
        PortSpec.parse(given["port"]),
        source_port,
    )
