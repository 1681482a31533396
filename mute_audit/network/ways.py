"""From one address to another: everything a packet passes, and its answer.

`Ways` puts together what the fabric, the filters at both ends and the translators between
them let through, for one pair of addresses and all traffic at once; `reach` cuts addresses
into pieces on which nothing changes and asks here once a piece. N60: TCP needs the answer
too, other protocols the forward way alone.
"""

from __future__ import annotations

from dataclasses import replace

from mute_audit.address import why_absent
from mute_audit.network import intervals
from mute_audit.network.addresses import AddressSet, on_internet, parse_cidr
from mute_audit.network.allowed import OPEN, Allowed
from mute_audit.network.answers import Answers
from mute_audit.network.balancers import Balancers
from mute_audit.network.border import Border
from mute_audit.network.endpoint import Endpoint, Role
from mute_audit.network.fabric import Fabric
from mute_audit.network.gateways import Gateways
from mute_audit.network.landings import Carried, Land, Landing, lost
from mute_audit.network.members import Members
from mute_audit.network.model import Model
from mute_audit.network.pieces import Pieces
from mute_audit.network.relays import Relays
from mute_audit.network.sight import Sight
from mute_audit.network.trips import (
    Arrival,
    Goal,
    Leg,
    Outside,
    Realm,
    Trip,
    either,
    label,
    uncertain,
)
from mute_audit.verdict import Gap

__all__ = ["Ways"]

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
        self._border = Border(
            self.fabric, gateways, self.members, self.pieces, self.answers, self._land
        )
        self._relays = Relays(self.fabric, self.members, self.balancers, self.answers, self._leave)

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
        if client.off or client.role in (Role.GATEWAY, Role.NAT):
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
            return self._border.inwards(trip, OPEN, goal)
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
                lost(failed or Gap(f"subnet {box.subnet}", box.vpc, why_absent(box.subnet))),
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
            return self._relays.by_nat(landing, trip, goal)
        if landing.land is Land.INTERNET:
            return self._border.outwards(landing, trip, goal)
        if landing.land is Land.EGRESS_ONLY:
            return self._border.by_egress_only(landing, trip, goal)
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
        return Arrival(allowed.answered(answer))

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
            return Arrival(self._relays.balance(goal, allowed, trip))
        return Arrival(allowed.answered(self.answers.from_endpoint(goal, trip)))

    def _at_interface(self, landing: Landing, trip: Trip, goal: Goal) -> Arrival:
        """A route names an interface: the goal itself, or a host that may pass it on (N54)."""
        box = self.model.box(landing.id)
        if box is None:
            return Arrival()
        if not box.has(trip.version, trip.destination):
            return self._relays.by_host(box, landing, trip, goal)
        if isinstance(goal, Endpoint) and label(goal) == label(box):
            return self._reach(goal, landing.allowed, trip)
        return Arrival()
