"""Between a VPC and the internet, both ways. Rules: N31–N34, N38, N57."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mute_audit.network.addresses import on_internet
from mute_audit.network.allowed import CLOSED, OPEN, Allowed
from mute_audit.network.answers import Answers
from mute_audit.network.endpoint import Endpoint, Role
from mute_audit.network.fabric import Fabric
from mute_audit.network.gateways import Door, Gateways
from mute_audit.network.landings import Carried, Landing
from mute_audit.network.members import Members
from mute_audit.network.outside import THE_INTERNET
from mute_audit.network.pieces import Pieces
from mute_audit.network.routing import Table, TargetKind
from mute_audit.network.sight import BLIND
from mute_audit.network.trips import (
    PLACEHOLDER,
    Arrival,
    Goal,
    Outside,
    Realm,
    Trip,
    either,
    uncertain,
)
from mute_audit.verdict import Gap, Truth

__all__ = ["Border"]

_IGW = str(TargetKind.INTERNET_GATEWAY)


def _unless(door: Door, allowed: Allowed) -> Allowed:
    """`allowed` behind a door that is open, shut, or not known to be either."""
    if door.open is Truth.YES:
        return allowed
    if door.open is Truth.NO:
        return CLOSED
    return uncertain(allowed, *((door.gap,) if door.gap is not None else ()))


class Border:
    """Internet gateways and what stands behind them; `land` takes on what comes in by one."""

    def __init__(
        self,
        fabric: Fabric,
        gateways: Gateways,
        members: Members,
        pieces: Pieces,
        answers: Answers,
        land: Callable[[Carried, Trip, Goal], Arrival],
    ) -> None:
        self._fabric = fabric
        self._model = fabric.model
        self._gateways = gateways
        self._members = members
        self._pieces = pieces
        self._answers = answers
        self._land = land

    def outwards(self, landing: Landing, trip: Trip, goal: Goal) -> Arrival:
        """N31–N34: out under the public address, and in again where that is in the estate."""
        door = self._gateways.leads_out(landing.id, landing.vpc)
        allowed = _unless(door, landing.allowed)
        nic = self._sender(landing.vpc, trip, goal)
        subnet = nic.subnet if nic is not None else ""
        guarded = nic is not None and nic.role is Role.NAT
        door = self._gateways.public_access(landing.vpc, subnet, inwards=False, guarded=guarded)
        allowed = _unless(door, allowed)
        if not on_internet(trip.version, trip.destination) or nic is None:
            return Arrival()
        seen = trip.source
        if trip.version == 4:
            standing = nic.public_of(trip.source)
            if standing is None:
                return Arrival()
            if standing.public is None and isinstance(goal, Endpoint):
                return self._under_some_address(nic, allowed, trip, goal)
            seen = standing.public if standing.public is not None else PLACEHOLDER
        elif not on_internet(6, trip.source):
            return Arrival()
        return self._out_there(landing.id, allowed, replace(trip, source=seen), goal)

    def _under_some_address(
        self, nic: Endpoint, allowed: Allowed, trip: Trip, goal: Endpoint
    ) -> Arrival:
        """Out under a public address that is not described: what holds whichever it is."""
        addresses = THE_INTERNET - self._model.interfaces.public_addresses
        arrivals = [
            self._out_there("", allowed, replace(trip, source=address), goal)
            for address, _ in self._pieces.cut(addresses, 4, (goal,))
        ]
        gap = Gap(f"public address of {nic.place.address.id}", "", "not described")
        return either(arrivals, frozenset({gap}))

    def by_egress_only(self, landing: Landing, trip: Trip, goal: Goal) -> Arrival:
        """N38: IPv6 outwards only."""
        nic = self._sender(landing.vpc, trip, goal)
        if trip.version == 4 or nic is None or not on_internet(6, trip.source):
            return Arrival()
        if not on_internet(6, trip.destination):
            return Arrival()
        allowed = _unless(self._gateways.egress_only(landing.id, landing.vpc), landing.allowed)
        door = self._gateways.public_access(landing.vpc, nic.subnet, inwards=False, guarded=True)
        out = replace(trip, by_egress_only=True)
        return self._out_there(landing.id, _unless(door, allowed), out, goal)

    def _sender(self, vpc: str, trip: Trip, goal: Goal) -> Endpoint | None:
        known = (*trip.known(), goal) if isinstance(goal, Endpoint) else trip.known()
        return self._members.holder(vpc, trip.version, trip.source, known)

    def _out_there(self, gateway: str, allowed: Allowed, trip: Trip, goal: Goal) -> Arrival:
        if not allowed:
            return Arrival()
        if isinstance(goal, Endpoint):
            return self.inwards(trip, allowed, goal)
        if not goal.anything or (goal.realm is Realm.INTERNET and goal.id not in ("", gateway)):
            return Arrival()
        return Arrival(allowed.answered(self._answers.from_internet(trip)))

    def inwards(self, trip: Trip, allowed: Allowed, goal: Endpoint) -> Arrival:
        """In through the internet gateway, to the interface with this public address (N31)."""
        private = private_of(goal, trip.version, trip.destination)
        if private is None or not on_internet(trip.version, trip.source):
            return Arrival()
        allowed = _unless(self._gateways.leads_in(goal.vpc), allowed)
        door = self._gateways.public_access(goal.vpc, goal.subnet, inwards=True, guarded=False)
        allowed = _unless(door, allowed)
        gateway = self._gateways.internet_gateway(goal.vpc)
        if _by_another_gateway(trip.client, gateway):
            return Arrival()
        allowed = allowed & self._has_way_out(goal.subnet, gateway, trip)
        if not allowed:
            return Arrival()
        inner = replace(trip, destination=private, sight=BLIND)
        carried = self._fabric.inward(gateway, goal.vpc, trip.version, trip.source, private, BLIND)
        return self._land(carried.behind(allowed, _IGW), inner, goal)

    def _has_way_out(self, subnet: str, gateway: str, trip: Trip) -> Allowed:
        """N31, N32: the subnet has to route the client's address to the gateway.

        A route to an appliance or a firewall will do here: the answer decides.
        """
        table = self._model.table(subnet)
        if not isinstance(table, Table):
            return Allowed(maybe=OPEN.yes, gaps=frozenset({table}))
        winner = table.look_up(trip.version, trip.source)
        fits = []
        for choice in winner.choices:
            target = choice.target
            fits.append(
                target is not None
                and (
                    target.id == gateway
                    or target.kind is TargetKind.INTERFACE
                    or (target.kind is TargetKind.VPC_ENDPOINT and not choice.listed)
                )
            )
        if winner.gap is not None and any(fits):
            return Allowed(maybe=OPEN.yes, gaps=frozenset({winner.gap}))
        if all(fits):
            return OPEN
        for choice in winner.choices:
            if choice.target is not None and choice.target.kind is TargetKind.OTHER:
                why = "this kind of target is not modelled"
                strange = Gap(f"route to {choice.target.id}", choice.route, why)
                return Allowed(maybe=OPEN.yes, gaps=frozenset({strange}))
        return CLOSED


def _by_another_gateway(client: Endpoint | Outside, gateway: str) -> bool:
    """Whether the internet is asked about as far as it goes through one gateway only."""
    if not isinstance(client, Outside) or client.realm is not Realm.INTERNET:
        return False
    return client.id not in ("", gateway)


def private_of(goal: Endpoint, version: int, public: int) -> int | None:
    """The private address behind a public one; an IPv6 address is its own."""
    if version == 6:
        return public if goal.has(6, public) else None
    for standing in goal.standings:
        shown = standing.public if standing.public is not None else PLACEHOLDER
        if standing.version == 4 and standing.published and shown == public:
            return standing.addresses.v4[0]
    return None
