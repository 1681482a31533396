"""What passes packets on under other addresses, or may: NAT gateways, forwarding hosts and
load balancers. Rules: N35, N37, N43a, N47, N49, N50, N54.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mute_audit.network.addresses import address_text
from mute_audit.network.allowed import CLOSED, OPEN, Allowed
from mute_audit.network.answers import Answers
from mute_audit.network.balancers import Balancers
from mute_audit.network.endpoint import Endpoint, Standing
from mute_audit.network.fabric import Fabric
from mute_audit.network.landings import Land, Landing
from mute_audit.network.members import Members
from mute_audit.network.sight import Sight
from mute_audit.network.traffic import ICMP, TCP, UDP, Traffic
from mute_audit.network.trips import (
    Arrival,
    Goal,
    Leg,
    Outside,
    Session,
    Trip,
    either,
    label,
    uncertain,
)
from mute_audit.verdict import Gap

__all__ = ["Relays"]

_NAT_CARRIES = Traffic.protocol(TCP) | Traffic.protocol(UDP) | Traffic.protocol(ICMP)


class Relays:
    """Between one leg of a connection and the next; `leave` follows the next."""

    def __init__(
        self,
        fabric: Fabric,
        members: Members,
        balancers: Balancers,
        answers: Answers,
        leave: Callable[[Endpoint, Trip, Goal], Arrival],
    ) -> None:
        self._fabric = fabric
        self._model = fabric.model
        self._members = members
        self._balancers = balancers
        self._answers = answers
        self._leave = leave

    def by_nat(self, landing: Landing, trip: Trip, goal: Goal) -> Arrival:
        """N35, N37, N43a: on under the gateway's address, from the gateway's subnet."""
        found = self._model.inventory.nat_gateways[landing.id]
        box = self._model.interfaces.nat_endpoint(landing.id)
        if found.state not in ("available", ""):
            return Arrival()
        if box is None:
            gap = Gap(landing.id, landing.vpc, "its subnet or address is not described")
            return Arrival(uncertain(landing.allowed, gap))
        disputed = self._model.inventory.disputes.get(landing.id)
        if disputed is not None:
            return Arrival(uncertain(landing.allowed, disputed))
        if trip.version == 6:
            gap = Gap(f"NAT64 at {landing.id}", landing.vpc, "not modelled")
            return Arrival(uncertain(landing.allowed, gap))
        carried = landing.allowed.only(_NAT_CARRIES)
        ways = [self._translated(box, own, trip, goal, Sight(box.vpc)) for own in box.standings]
        gap = Gap(f"address of {landing.id}", landing.vpc, "AWS takes one of several")
        arrival = ways[0] if len(ways) == 1 else either(ways, frozenset({gap}))
        return Arrival(carried & arrival.allowed, arrival.via)

    def _translated(
        self, box: Endpoint, own: Standing, trip: Trip, goal: Goal, sight: Sight
    ) -> Arrival:
        """On under an address of `box`."""
        here = (label(box), trip.source, trip.destination)
        if here in trip.boxes:
            return Arrival()
        source = own.addresses.axis(trip.version)[0]
        outer = (source, trip.destination)
        session = Session(box, trip.version, (trip.source, trip.destination), outer)
        inner = replace(
            trip,
            source=source,
            sight=sight,
            also=frozenset(),
            sessions=(*trip.sessions, session),
            boxes=trip.boxes | {here},
        )
        return self._leave(box, inner, goal)

    def by_host(self, box: Endpoint, landing: Landing, trip: Trip, goal: Goal) -> Arrival:
        """N54: a host that may pass on what is not meant for it."""
        # N9: its own groups still see who sent the packet; what stands behind it does not.
        allowed = landing.allowed & self._members.into(box, trip)
        trip = replace(trip, sight=replace(trip.sight, blind=True))
        here = (label(box), trip.source, trip.destination)
        if not allowed or not box.forwards or box.off or here in trip.boxes:
            return Arrival()
        onward = replace(trip.through(box), boxes=trip.boxes | {here})
        passed = self._leave(box, onward, goal)
        own = next((s for s in box.standings if s.version == trip.version), None)
        masked = Arrival()
        if own is not None:
            masked = self._translated(box, own, trip.through(box), goal, Sight(box.vpc))
        gap = Gap(
            f"forwarding by {box.place.address.id}",
            box.interface,
            "whether the host passes packets on cannot be seen from outside",
        )
        either_way = allowed & (passed.allowed | masked.allowed)
        via = (str(Land.INTERFACE), *(passed.via or masked.via))
        return Arrival(uncertain(either_way, gap), via)

    # --- load balancers -----------------------------------------------------------------------

    def balance(self, box: Endpoint, allowed: Allowed, trip: Trip) -> Allowed:
        """N47: what is let in and reaches some target, in the client's ports."""
        total = CLOSED
        mine = tuple(leg for leg in trip.legs if label(leg.box) == label(box))
        for leg in mine or self._balancers.legs(box):
            first = allowed.only(leg.listens)
            if first:
                total = total | (first & self._second_leg(box, trip, leg))
        return total

    def _second_leg(self, box: Endpoint, trip: Trip, leg: Leg) -> Allowed:
        """From the balancer to a target, and all the way back."""
        if leg.gap is not None:
            return uncertain(OPEN, leg.gap)
        if leg.target is None:
            return OPEN.answered(self._answers.from_endpoint(box, trip))
        # The whole node, where it was called by one of its addresses.
        node = self._model.box(box.interface) or box
        own = next((s for s in node.standings if s.version == leg.version), None)
        here = (label(box), trip.source, trip.destination)
        if own is None:
            gap = Gap(f"address of {box.place.address.id}", box.subnet, "not in the snapshot")
            return uncertain(OPEN, gap)
        if here in trip.boxes:
            return CLOSED
        kept = leg.keeps and trip.version == leg.version
        if kept and isinstance(leg.target, Endpoint) and leg.target.has(leg.version, trip.source):
            return CLOSED  # no NAT loopback: the client would hear from itself
        if kept and not self._sees_client(box, leg.target):
            why = "AWS keeps the client's address only for targets in this VPC or a peered one"
            return uncertain(
                OPEN, Gap(f"target {address_text(leg.version, leg.address)}", box.vpc, why)
            )
        source = trip.source if kept else own.addresses.axis(leg.version)[0]
        outer = (source, leg.address)
        session = Session(box, trip.version, (trip.source, trip.destination), outer, kept)
        onward = replace(
            trip,
            version=leg.version,
            source=source,
            destination=leg.address,
            sight=Sight(kept=True) if kept else Sight(box.vpc),
            also=box.groups if kept else frozenset(),
            sessions=(*trip.sessions, session),
            boxes=trip.boxes | {here},
        )
        second = self._leave(box, onward, leg.target).allowed.only(leg.sends)
        if second.yes:
            return OPEN
        return Allowed(maybe=OPEN.yes, gaps=second.gaps) if second.maybe else CLOSED

    def _sees_client(self, box: Endpoint, target: Endpoint | Outside) -> bool:
        """Whether a balancer can keep its client's address to a target: in its own VPC, or in
        one that is peered with it in the same Region (network target groups)."""
        if not isinstance(target, Endpoint):
            return False
        return target.vpc == box.vpc or self._fabric.peerings.near(box.vpc, target.vpc)
