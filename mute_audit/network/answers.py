"""The way of an answer: does what a target sends back arrive at the client? Rules: N3, N18, N60.

An answer goes by its own routes and ACLs, from target to client, back through every
translator. Groups let it pass where they have seen the connection. A client, and every
translator, has chosen the port that the answer goes to: of each leg one ephemeral port is
enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mute_audit.address import why_absent
from mute_audit.network import intervals
from mute_audit.network.addresses import on_internet
from mute_audit.network.allowed import CLOSED, OPEN, Allowed
from mute_audit.network.endpoint import Endpoint
from mute_audit.network.fabric import Fabric
from mute_audit.network.gateways import Gateways
from mute_audit.network.landings import Carried, Land, Landing, lost
from mute_audit.network.members import Members
from mute_audit.network.sight import BLIND, Sight
from mute_audit.network.traffic import EPHEMERAL, TCP, Traffic
from mute_audit.network.trips import PLACEHOLDER, Outside, Realm, Trip, label, uncertain
from mute_audit.verdict import Gap, Truth

__all__ = ["Answers"]

_CLIENT_PORTS = Traffic.ports(TCP, *EPHEMERAL)
_TCP = Traffic.protocol(TCP)
_ARRIVES = Allowed(_TCP)


@dataclass(frozen=True, slots=True)
class _Back:
    """An answer under way: `level` translators are still before it.

    leg     what the ACLs of this leg let through
    before  what came of the legs that are done: all TCP, as `yes` or `maybe`
    """

    trip: Trip
    version: int
    source: int
    destination: int
    level: int
    leg: Allowed = OPEN
    before: Allowed = _ARRIVES
    target: Endpoint | None = None
    seen: frozenset[tuple[str, int, int]] = frozenset()

    @property
    def known(self) -> tuple[Endpoint, ...]:
        mine = (self.target,) if self.target is not None else ()
        return (*mine, *self.trip.known())

    def behind(self, allowed: Allowed) -> _Back:
        return replace(self, leg=self.leg & allowed)

    def done(self) -> Allowed:
        """N18: a leg is open if it is for one ephemeral port."""
        here = self.leg.only(_CLIENT_PORTS)
        if here.yes:
            return self.before
        return uncertain(self.before, *here.gaps) if here.maybe else CLOSED


class Answers:
    """Follows answers; what it gives is all TCP, as `yes` or `maybe`, or nothing."""

    def __init__(self, fabric: Fabric, gateways: Gateways, members: Members) -> None:
        self._fabric = fabric
        self._model = fabric.model
        self._gateways = gateways
        self._members = members

    # --- where answers start ------------------------------------------------------------------

    def from_endpoint(self, target: Endpoint, trip: Trip) -> Allowed:
        """From the interface that a trip ends at."""
        back = replace(self._start(trip), target=target)
        return self._leave(target, back, Sight(target.vpc))

    def from_internet(self, trip: Trip) -> Allowed:
        """From the internet, to the address under which the packet went out."""
        return self._from_internet(self._start(trip))

    def from_outside(self, landing: Landing, trip: Trip) -> Allowed:
        """From behind a VPN, a foreign peer or a gateway endpoint."""
        back = self._start(trip)
        version, source, to = back.version, back.source, back.destination
        if landing.land is Land.SERVICE:
            return self._land(_in_vpc(landing.vpc, BLIND), back)
        if landing.land is Land.PEER:
            connection = self._model.inventory.peerings[landing.id]
            ends = (connection.requester_vpc_info.vpc_id, connection.accepter_vpc_info.vpc_id)
            here = ends[0] if ends[1] == landing.vpc else ends[1]
            sight = self._fabric.peerings.look_back(landing.id, landing.vpc)
            return self._land(_in_vpc(here, sight), back)
        gateway = self._fabric.transit.outside.get(landing.id)
        if gateway is not None:
            carried = self._fabric.from_attachment(gateway, landing.id, version, source, to)
            return self._land(carried, back)
        vpc = self._model.vpn_gateway_vpc(landing.id)
        if not vpc:
            gap = Gap(landing.id, "", "not in the snapshot", "VpnGateways")
            return self._land(lost(gap), back) if vpc is None else CLOSED
        carried = self._fabric.inward(landing.id, vpc, version, source, to, BLIND)
        return self._land(carried, back)

    def _start(self, trip: Trip) -> _Back:
        return _Back(trip, trip.version, trip.destination, trip.source, len(trip.sessions))

    # --- steps --------------------------------------------------------------------------------

    def _leave(self, box: Endpoint, back: _Back, sight: Sight) -> Allowed:
        """An interface sends the answer on."""
        version, to = back.version, back.destination
        here = (label(box), back.source, to)
        if here in back.seen:
            return CLOSED
        back = replace(back, seen=back.seen | {here})
        kept = self._kept_by(back)
        if kept is not None:
            return self._to_balancer(box, kept, back)
        if label(box) not in back.trip.tracked:
            outlook = self._fabric.ahead(box.subnet, version, to)
            back = back.behind(self._members.out_of(box, outlook, version, to, back.known))
        if intervals.contains(self._model.networks(box.subnet).axis(version), to):
            landing = Landing(Land.VPC, OPEN, sight, box.vpc, filtered=False)
            return self._land(Carried((landing,)), back)
        if box.subnet not in self._model.inventory.subnets:
            gap = Gap(f"subnet {box.subnet}", box.vpc, why_absent(box.subnet))
            return self._land(lost(self._model.failure("Subnets", "") or gap), back)
        return self._land(self._fabric.leave(box.subnet, version, back.source, to, sight), back)

    def _kept_by(self, back: _Back) -> Endpoint | None:
        """The balancer that this answer goes to, though it is addressed to the client."""
        if not back.level:
            return None
        session = back.trip.sessions[back.level - 1]
        fits = session.kept and session.outer == (back.destination, back.source)
        return session.box if fits else None

    def _to_balancer(self, box: Endpoint, balancer: Endpoint, back: _Back) -> Allowed:
        """AWS takes the answer to the balancer's node without a look at the routes."""
        if box.subnet != balancer.subnet:
            model = self._model
            back = back.behind(
                model.acl(box.subnet, egress=True).allows(back.version, back.destination)
                & model.acl(balancer.subnet, egress=False).allows(back.version, back.source)
            )
        return self._translate_back(back)

    def _translate_back(self, back: _Back) -> Allowed:
        """At a translator: under the addresses that the connection had before it."""
        session = back.trip.sessions[back.level - 1]
        if not session.kept:
            # Another leg, with a port of its own.
            back = replace(back, before=back.done(), leg=OPEN)
            if not back.before:
                return CLOSED
        source, destination = session.inner
        inner = replace(
            back,
            version=session.inner_version,
            source=destination,
            destination=source,
            level=back.level - 1,
        )
        return self._leave(session.box, inner, Sight(session.box.vpc))

    def _land(self, carried: Carried, back: _Back) -> Allowed:
        """Every way that the answer may take has to agree."""
        found = [self._landed(item, back.behind(item.allowed)) for item in carried.landings]
        if len(found) == 1:
            return found[0]
        if all(item.yes for item in found):
            return _ARRIVES
        if not any(found):
            return CLOSED
        gaps = carried.gaps.union(*(item.gaps for item in found))
        return Allowed(maybe=_TCP, gaps=gaps)

    def _landed(self, landing: Landing, back: _Back) -> Allowed:
        if not back.leg.only(_CLIENT_PORTS):
            return CLOSED
        land = landing.land
        if land is Land.LOST:
            return back.done()
        if land is Land.VPC:
            return self._deliver(landing, back)
        if land is Land.INTERFACE:
            return self._at_interface(landing, back)
        if land is Land.INTERNET:
            return self._to_internet(landing, back)
        if land is Land.NAT and back.version == 6:
            return uncertain(back.done(), Gap(f"NAT64 at {landing.id}", "", "not modelled"))
        client = back.trip.client
        if not isinstance(client, Outside) or back.level:
            return CLOSED
        home = {Land.PREMISES: Realm.PREMISES, Land.PEER: Realm.PEER}.get(land)
        return self._home(back) if home is client.realm else CLOSED

    def _home(self, back: _Back) -> Allowed:
        """Back at the client, who waits for an answer to what it wrote."""
        asked = (back.destination, back.source)
        return back.done() if asked == back.trip.asked else CLOSED

    def _deliver(self, landing: Landing, back: _Back) -> Allowed:
        """In a VPC: at a translator, or at the client."""
        box = self._waiting(landing.vpc, back)
        if box is None:
            return CLOSED
        if landing.filtered:
            acl = self._model.acl(box.subnet, egress=False)
            back = back.behind(acl.allows(back.version, back.source))
        return self._arrive(back)

    def _waiting(self, vpc: str, back: _Back) -> Endpoint | None:
        """Who waits for this answer in a VPC, if anyone does."""
        if back.level:
            session = back.trip.sessions[back.level - 1]
            fits = session.outer == (back.destination, back.source)
            return session.box if fits and session.box.vpc == vpc else None
        client = back.trip.client
        if isinstance(client, Outside) or client.vpc != vpc:
            return None
        return client if client.has(back.version, back.destination) else None

    def _arrive(self, back: _Back) -> Allowed:
        return self._translate_back(back) if back.level else self._home(back)

    def _at_interface(self, landing: Landing, back: _Back) -> Allowed:
        """A route of the answer's names an interface."""
        box = self._model.box(landing.id)
        if box is None:
            return CLOSED
        if box.has(back.version, back.destination):
            waiting = self._waiting(box.vpc, back)
            met = waiting is not None and label(waiting) == label(box)
            return self._arrive(back) if met else CLOSED
        if not box.forwards:
            return CLOSED
        onward = Sight(landing.sight.vpc, landing.sight.far, blind=True)
        if label(box) in back.trip.tracked:
            return self._leave(box, back, onward)
        inner = replace(
            back.trip,
            client=back.trip.client if back.target is None else back.target,
            version=back.version,
            source=back.source,
            sight=landing.sight,
            also=frozenset(),
        )
        back = back.behind(self._members.into(box, inner))
        gap = Gap(
            f"forwarding by {box.place.address.id}",
            box.interface,
            "whether the host passes packets on cannot be seen from outside",
        )
        return uncertain(self._leave(box, back, onward), gap)

    # --- the internet -------------------------------------------------------------------------

    def _to_internet(self, landing: Landing, back: _Back) -> Allowed:
        """Out by an internet gateway, under the public address of who answers."""
        door = self._gateways.leads_out(landing.id, landing.vpc)
        if door.open is Truth.NO or not on_internet(back.version, back.destination):
            return CLOSED
        if door.open is Truth.UNKNOWN and door.gap is not None:
            back = replace(back, before=uncertain(back.before, door.gap))
        nic = self._answering(landing.vpc, back)
        if nic is None:
            return CLOSED
        seen = back.source
        if back.version == 4:
            standing = nic.public_of(back.source)
            if standing is None:
                return CLOSED
            seen = standing.public if standing.public is not None else PLACEHOLDER
        elif not on_internet(6, back.source):
            return CLOSED
        back = replace(back, source=seen)
        client = back.trip.client
        waits = isinstance(client, Outside) and client.realm is Realm.INTERNET
        if waits and back.destination == back.trip.asked[0]:
            return CLOSED if back.level else self._home(back)
        return self._from_internet(back)

    def _answering(self, vpc: str, back: _Back) -> Endpoint | None:
        return self._members.holder(vpc, back.version, back.source, back.known)

    def _from_internet(self, back: _Back) -> Allowed:
        """In from the internet, to who is waiting there."""
        waiting: Endpoint | None = None
        if back.level:
            waiting = back.trip.sessions[back.level - 1].box
        elif isinstance(back.trip.client, Endpoint):
            waiting = back.trip.client
        if waiting is None:
            return CLOSED
        private = _private_of(waiting, back)
        if private is None:
            return CLOSED
        inner = replace(back, destination=private)
        if back.trip.by_egress_only and waiting.has(back.version, private):
            return self._land(_in_vpc(waiting.vpc, BLIND), inner)
        gateway = self._gateways.internet_gateway(waiting.vpc)
        door = self._gateways.leads_in(waiting.vpc)
        if door.open is Truth.NO:
            return CLOSED
        if door.gap is not None:
            inner = replace(inner, before=uncertain(inner.before, door.gap))
        if not on_internet(back.version, back.source):
            return CLOSED
        carried = self._fabric.inward(
            gateway, waiting.vpc, back.version, back.source, private, BLIND
        )
        return self._land(carried, inner)


def _in_vpc(vpc: str, sight: Sight) -> Carried:
    return Carried((Landing(Land.VPC, OPEN, sight, vpc),))


def _private_of(box: Endpoint, back: _Back) -> int | None:
    """The private address of `box` behind the public one that the answer goes to."""
    if back.version == 6:
        return back.destination if box.has(6, back.destination) else None
    wanted = back.trip.sessions[back.level - 1].outer[0] if back.level else back.trip.asked[0]
    for standing in box.standings:
        # It may have gone out under an address that nobody described: the answer goes there.
        fits = standing.public in (None, back.destination)
        if standing.version == 4 and standing.published and fits:
            mine = standing.addresses.v4
            return wanted if mine[0] <= wanted < mine[-1] else mine[0]
    return None
