"""From one address to another: everything a packet passes, and its answer.

`Ways` puts together what the fabric, the filters at both ends and the translators between
them let through, for one pair of addresses and all traffic at once; `reach` cuts addresses
into pieces on which nothing changes and asks here once a piece. N60: TCP needs the answer
too, other protocols the forward way alone.
"""

from __future__ import annotations

from dataclasses import replace

from mute_audit.network import intervals
from mute_audit.network.addresses import NOT_ON_THE_INTERNET, AddressSet, address_text, parse_cidr
from mute_audit.network.allowed import CLOSED, OPEN, Allowed
from mute_audit.network.answers import Answers
from mute_audit.network.balancers import Balancers
from mute_audit.network.endpoint import Endpoint, Role, Standing
from mute_audit.network.fabric import Carried, Fabric, Land, Landing, lost
from mute_audit.network.gateways import Door, Gateways
from mute_audit.network.members import Members
from mute_audit.network.model import Model
from mute_audit.network.outside import THE_INTERNET
from mute_audit.network.pieces import Pieces
from mute_audit.network.routing import Table, TargetKind
from mute_audit.network.sight import BLIND, Sight
from mute_audit.network.traffic import ICMP, TCP, UDP, Traffic
from mute_audit.network.trips import (
    PLACEHOLDER,
    Arrival,
    Leg,
    Outside,
    Realm,
    Session,
    Trip,
    either,
    label,
    uncertain,
)
from mute_audit.verdict import Gap, Truth

__all__ = ["Goal", "Ways"]

Goal = Endpoint | Outside
_TCP = Traffic.protocol(TCP)
_NAT_CARRIES = Traffic.protocol(TCP) | Traffic.protocol(UDP) | Traffic.protocol(ICMP)
# Amazon DNS, time, instance and task metadata, EKS pod identity (EC2 and EKS user guides).
_SERVICES = AddressSet.parse(
    "169.254.169.253",
    "169.254.169.123",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "fd00:ec2::253",
    "fd00:ec2::123",
    "fd00:ec2::254",
    "fd00:ec2::23",
)
_LINK_LOCAL = AddressSet.parse("169.254.0.0/16", "fe80::/10")
_IGW = str(TargetKind.INTERNET_GATEWAY)


def _unless(door: Door, allowed: Allowed) -> Allowed:
    """`allowed` behind a door that is open, shut, or not known to be either."""
    if door.open is Truth.YES:
        return allowed
    if door.open is Truth.NO:
        return CLOSED
    return uncertain(allowed, *((door.gap,) if door.gap is not None else ()))


def on_internet(version: int, address: int) -> bool:
    return not intervals.contains(NOT_ON_THE_INTERNET.axis(version), address)


class Ways:
    """The rules of the road, over one compiled model."""

    def __init__(self, model: Model, gateways: Gateways) -> None:
        self.model = model
        self.gateways = gateways
        self.fabric = Fabric(model)
        self.members = Members(model)
        self.balancers = Balancers(model)
        self.pieces = Pieces(model, self.fabric, self.balancers)
        self.answers = Answers(self.fabric, gateways, self.members)

    # --- questions ----------------------------------------------------------------------------

    def send(
        self,
        client: Endpoint,
        version: int,
        source: int,
        destination: int,
        goal: Goal,
        legs: tuple[Leg, ...] = (),
    ) -> Arrival:
        """From an interface: what of all traffic between two addresses arrives at `goal`.

        `legs`: by these targets of load balancers only.
        """
        if client.off:
            return Arrival()
        trip = Trip(
            client,
            version,
            source,
            destination,
            (source, destination),
            Sight(client.vpc),
            legs=legs,
        )
        arrival = self._leave(client, trip, goal)
        doubts = [end.doubt for end in (client, goal) if end.doubt is not None]
        # An endpoint's own doubt is met at its interface.
        if doubts and (client.doubt is not None or isinstance(goal, Outside)):
            arrival = Arrival(uncertain(arrival.allowed, *doubts), arrival.via)
        return arrival

    def enter(
        self,
        client: Outside,
        version: int,
        source: int,
        destination: int,
        goal: Endpoint,
        legs: tuple[Leg, ...] = (),
    ) -> Arrival:
        """From outside the estate to one of its interfaces."""
        trip = Trip(client, version, source, destination, (source, destination), legs=legs)
        arrival = self._enter(client, trip, goal)
        if client.doubt is None:
            return arrival
        return Arrival(uncertain(arrival.allowed, client.doubt), arrival.via)

    def _enter(self, client: Outside, trip: Trip, goal: Endpoint) -> Arrival:
        version, source, destination = trip.version, trip.source, trip.destination
        if client.realm is Realm.INTERNET:
            return self._from_internet(trip, OPEN, goal)
        if client.realm is Realm.PEER:
            return self._from_peer(client, trip, goal)
        if client.gateway:
            carried = self.fabric.from_attachment(
                client.gateway, client.id, version, source, destination, client.sight
            )
            return self._land(carried, trip, goal)
        vpc = client.lands or self.model.vpn_gateway_vpc(client.id)
        if not vpc:
            return Arrival()
        carried = self.fabric.inward(client.id, vpc, version, source, destination, client.sight)
        via = () if client.lands else ("vpn-gateway",)
        return self._land(carried.behind(OPEN, *via), trip, goal)

    def _from_peer(self, client: Outside, trip: Trip, goal: Endpoint) -> Arrival:
        connection = self.model.inventory.peerings[client.id]
        if connection.status.code != "active":
            return Arrival()
        ends = (connection.requester_vpc_info.vpc_id, connection.accepter_vpc_info.vpc_id)
        here = ends[0] if ends[1] == client.vpc else ends[1]
        sight = self.fabric.peerings.look_back(client.id, client.vpc)
        landing = Landing(Land.VPC, OPEN, sight, here, via=("peering",))
        return self._land(Carried((landing,)), trip, goal)

    def reachable_outside(self, address: int) -> bool:
        """Whether an IPv4 address is one that an internet gateway carries."""
        return on_internet(4, address)

    # --- leaving an interface -----------------------------------------------------------------

    def _leave(self, box: Endpoint, trip: Trip, goal: Goal) -> Arrival:
        """Groups outwards, and over the border of the subnet unless it has the address (N17)."""
        version, to = trip.version, trip.destination
        if self._amazon_service(box.vpc, version, to):
            asked = isinstance(goal, Outside) and goal.anything
            return Arrival(OPEN) if asked else Arrival()
        if intervals.contains(_LINK_LOCAL.axis(version), to):
            return Arrival()
        if intervals.contains(self.model.networks(box.subnet).axis(version), to):
            outlook = Sight(box.vpc)
            landing = Landing(Land.VPC, OPEN, trip.sight, box.vpc, filtered=False)
            carried = Carried((landing,))
        elif box.subnet not in self.model.inventory.subnets:
            failed = self.model.failure("Subnets", "")
            return self._land(
                lost(failed or Gap(f"subnet {box.subnet}", box.vpc, "not in the snapshot")),
                trip,
                goal,
            )
        else:
            outlook = self.fabric.ahead(box.subnet, version, to)
            carried = self.fabric.leave(box.subnet, version, trip.source, to, trip.sight)
        known = (*trip.known(), goal) if isinstance(goal, Endpoint) else trip.known()
        out = self.members.out_of(box, outlook, version, to, known)
        return self._land(carried.behind(out), trip.through(box), goal)

    def _amazon_service(self, vpc: str, version: int, address: int) -> bool:
        """N14: DNS, time, metadata: at every interface, and nothing filters them."""
        if AddressSet.of(version, address) <= _SERVICES:
            return True
        # The resolver also answers at the VPC's base address plus two.
        own = self.model.vpc_networks(vpc).v4
        item = self.model.inventory.vpcs.get(vpc)
        if version != 4 or not own or item is None or not item.cidr_block:
            return False
        return address == parse_cidr(item.cidr_block)[1][0] + 2

    def _land(self, carried: Carried, trip: Trip, goal: Goal) -> Arrival:
        found = []
        for landing in carried.landings:
            arrival = self._landed(landing, trip, goal) if landing.allowed else Arrival()
            found.append(Arrival(arrival.allowed, (*landing.via, *arrival.via)))
        return either(found, carried.gaps)

    def _landed(self, landing: Landing, trip: Trip, goal: Goal) -> Arrival:
        trip = replace(trip, sight=landing.sight)
        allowed = landing.allowed
        if landing.land is Land.VPC:
            return self._deliver(landing, trip, goal)
        if landing.land is Land.INTERFACE:
            return self._at_interface(landing, trip, goal)
        if landing.land is Land.NAT:
            return self._by_nat(landing, trip, goal)
        if landing.land is Land.INTERNET:
            return self._to_internet(landing, trip, goal)
        if landing.land is Land.EGRESS_ONLY:
            return self._by_egress_only(landing, trip, goal)
        if landing.land is Land.LOST:
            return Arrival(allowed)
        if landing.land is Land.NOWHERE or not isinstance(goal, Outside):
            return Arrival()
        return self._outside(landing, trip, goal)

    def _outside(self, landing: Landing, trip: Trip, goal: Outside) -> Arrival:
        """Out of the estate by a VPN, a peer that is not described, or a service endpoint."""
        only = goal.realm is Realm.INTERNET and goal.id
        meant = (goal.anything and not only) or goal.id == landing.id
        if not meant:
            return Arrival()
        allowed = landing.allowed
        if landing.land is Land.PEER:
            # Who is there, and behind what filters, is not known.
            allowed = uncertain(
                allowed, Gap(f"VPC {landing.vpc}", landing.id, "not in the snapshot")
            )
        answer = self.answers.from_outside(landing, trip)
        return Arrival(self._with_answer(allowed, answer))

    # --- arriving -----------------------------------------------------------------------------

    def _deliver(self, landing: Landing, trip: Trip, goal: Goal) -> Arrival:
        """In a VPC: over the border of the subnet that has the address, to the interface."""
        if isinstance(goal, Outside):
            return self._to_nobody(landing, trip) if goal.anything else Arrival()
        if goal.vpc != landing.vpc:
            return Arrival()
        if not goal.has(trip.version, trip.destination):
            return Arrival()
        allowed = landing.allowed
        if landing.filtered:
            allowed = allowed & self.model.acl(goal.subnet, egress=False).allows(
                trip.version, trip.source
            )
        return self._reach(goal, allowed, trip)

    def _to_nobody(self, landing: Landing, trip: Trip) -> Arrival:
        """To an address of which nobody is described: somebody may have it all the same."""
        gap = self.model.hidden_members(landing.vpc)
        holder = self.members.holder(landing.vpc, trip.version, trip.destination, ())
        if gap is None or holder is not None:
            return Arrival()
        allowed = landing.allowed
        subnet = self.model.subnet_at(landing.vpc, trip.version, trip.destination)
        if landing.filtered and subnet:
            acl = self.model.acl(subnet, egress=False)
            allowed = allowed & acl.allows(trip.version, trip.source)
        return Arrival(uncertain(allowed, gap)) if subnet else Arrival()

    def _reach(self, goal: Endpoint, allowed: Allowed, trip: Trip) -> Arrival:
        """At the interface: groups inwards, and whether anything answers there."""
        if goal.off or goal.role in (Role.NAT, Role.GATEWAY, Role.FUNCTION):
            return Arrival()
        allowed = allowed & self.members.into(goal, trip)
        if goal.doubt is not None:
            allowed = uncertain(allowed, goal.doubt)
        if not allowed:
            return Arrival()
        trip = trip.through(goal)
        if goal.role is Role.BALANCER:
            return Arrival(self._balance(goal, allowed, trip))
        return Arrival(self._with_answer(allowed, self.answers.from_endpoint(goal, trip)))

    def _with_answer(self, forward: Allowed, answer: Allowed) -> Allowed:
        """N60: what is left of a forward way when its answers have to come back.

        `answer` holds all TCP for an answer that arrives, as `maybe` where it may.
        """
        if not forward.possible & _TCP or answer.yes:
            return forward
        if not answer.maybe:
            return Allowed(forward.yes - _TCP, forward.maybe - _TCP, forward.gaps)
        maybe = forward.maybe | (forward.yes & _TCP)
        return Allowed(forward.yes - _TCP, maybe, forward.gaps | answer.gaps)

    # --- translators --------------------------------------------------------------------------

    def _by_nat(self, landing: Landing, trip: Trip, goal: Goal) -> Arrival:
        """N35, N37, N43a: on under the gateway's address, from the gateway's subnet."""
        found = self.model.inventory.nat_gateways[landing.id]
        box = self.model.interfaces.nat_endpoint(landing.id)
        if found.state not in ("available", ""):
            return Arrival()
        if box is None:
            gap = Gap(landing.id, landing.vpc, "its subnet or address is not described")
            return Arrival(uncertain(landing.allowed, gap))
        if trip.version == 6:
            gap = Gap(f"NAT64 at {landing.id}", landing.vpc, "not modelled")
            return Arrival(uncertain(landing.allowed, gap))
        carried = landing.allowed.only(_NAT_CARRIES)
        arrival = self._translated(box, box.standings[0], trip, goal, Sight(box.vpc))
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

    def _at_interface(self, landing: Landing, trip: Trip, goal: Goal) -> Arrival:
        """A route names an interface: the goal itself, or a host that may pass it on (N54)."""
        box = self.model.box(landing.id)
        if box is None:
            return Arrival()
        if box.has(trip.version, trip.destination):
            if isinstance(goal, Endpoint) and label(goal) == label(box):
                return self._reach(goal, landing.allowed, trip)
            return Arrival()
        # N9: its own groups still see who sent the packet; what stands behind it does not.
        allowed = landing.allowed & self.members.into(box, trip)
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

    # --- the internet -------------------------------------------------------------------------

    def _to_internet(self, landing: Landing, trip: Trip, goal: Goal) -> Arrival:
        """N31–N34: out under the public address, and in again where that is in the estate."""
        door = self.gateways.leads_out(landing.id, landing.vpc)
        allowed = _unless(door, landing.allowed)
        nic = self._sender(landing.vpc, trip, goal)
        subnet = nic.subnet if nic is not None else ""
        guarded = nic is not None and nic.role is Role.NAT
        door = self.gateways.public_access(landing.vpc, subnet, inwards=False, guarded=guarded)
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
        addresses = THE_INTERNET - self.model.interfaces.public_addresses
        arrivals = [
            self._out_there("", allowed, replace(trip, source=address), goal)
            for address, _ in self.pieces.cut(addresses, 4, (goal,))
        ]
        gap = Gap(f"public address of {nic.place.address.id}", "", "not described")
        return either(arrivals, frozenset({gap}))

    def _by_egress_only(self, landing: Landing, trip: Trip, goal: Goal) -> Arrival:
        """N38: IPv6 outwards only."""
        nic = self._sender(landing.vpc, trip, goal)
        if trip.version == 4 or nic is None or not on_internet(6, trip.source):
            return Arrival()
        if not on_internet(6, trip.destination):
            return Arrival()
        allowed = _unless(self.gateways.egress_only(landing.id, landing.vpc), landing.allowed)
        door = self.gateways.public_access(landing.vpc, nic.subnet, inwards=False, guarded=True)
        out = replace(trip, by_egress_only=True)
        return self._out_there(landing.id, _unless(door, allowed), out, goal)

    def _sender(self, vpc: str, trip: Trip, goal: Goal) -> Endpoint | None:
        known = (*trip.known(), goal) if isinstance(goal, Endpoint) else trip.known()
        return self.members.holder(vpc, trip.version, trip.source, known)

    def _out_there(self, gateway: str, allowed: Allowed, trip: Trip, goal: Goal) -> Arrival:
        if not allowed:
            return Arrival()
        if isinstance(goal, Endpoint):
            return self._from_internet(trip, allowed, goal)
        if not goal.anything or (goal.realm is Realm.INTERNET and goal.id not in ("", gateway)):
            return Arrival()
        return Arrival(self._with_answer(allowed, self.answers.from_internet(trip)))

    def _from_internet(self, trip: Trip, allowed: Allowed, goal: Endpoint) -> Arrival:
        """In through the internet gateway, to the interface with this public address (N31)."""
        private = private_of(goal, trip.version, trip.destination)
        if private is None or not on_internet(trip.version, trip.source):
            return Arrival()
        allowed = _unless(self.gateways.leads_in(goal.vpc), allowed)
        door = self.gateways.public_access(goal.vpc, goal.subnet, inwards=True, guarded=False)
        allowed = _unless(door, allowed)
        gateway = self.gateways.internet_gateway(goal.vpc)
        if _by_another_gateway(trip.client, gateway):
            return Arrival()
        allowed = allowed & self._has_way_out(goal.subnet, gateway, trip)
        if not allowed:
            return Arrival()
        inner = replace(trip, destination=private, sight=BLIND)
        carried = self.fabric.inward(gateway, goal.vpc, trip.version, trip.source, private, BLIND)
        return self._land(carried.behind(allowed, _IGW), inner, goal)

    def _has_way_out(self, subnet: str, gateway: str, trip: Trip) -> Allowed:
        """N31, N32: the subnet has to route the client's address to the gateway.

        A route to an appliance or a firewall will do here: the answer decides.
        """
        table = self.model.table(subnet)
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
        return OPEN if all(fits) else CLOSED

    # --- load balancers -----------------------------------------------------------------------

    def _balance(self, box: Endpoint, allowed: Allowed, trip: Trip) -> Allowed:
        """N47: what is let in and reaches some target, in the client's ports."""
        total = CLOSED
        mine = tuple(leg for leg in trip.legs if label(leg.box) == label(box))
        for leg in mine or self.balancers.legs(box):
            first = allowed.only(leg.listens)
            if first:
                total = total | (first & self._second_leg(box, trip, leg))
        return total

    def _second_leg(self, box: Endpoint, trip: Trip, leg: Leg) -> Allowed:
        """From the balancer to a target, and all the way back."""
        if leg.gap is not None:
            return uncertain(OPEN, leg.gap)
        if leg.target is None:
            return self._with_answer(OPEN, self.answers.from_endpoint(box, trip))
        own = next((s for s in box.standings if s.version == leg.version), None)
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
        return target.vpc == box.vpc or self.fabric.peerings.near(box.vpc, target.vpc)


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
