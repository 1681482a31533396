"""The way of a packet between two interfaces: route tables, ACLs, and what joins VPCs.

`Fabric` carries a packet from the border of a subnet (or from a gateway) to where it lands: in
a VPC, at an interface that a route names, at a NAT gateway, or out of the estate. Only
addresses matter for that, so that the answer is kept for all addresses that no table and no
ACL tells apart; ACLs leave a set of traffic. Rules: N9, N16–N29, N38–N45, N59.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from mute_audit.inventory.connect import VpcEndpoint
from mute_audit.network import intervals
from mute_audit.network.addresses import NOT_ON_THE_INTERNET
from mute_audit.network.allowed import OPEN
from mute_audit.network.landings import (
    DROPPED,
    Carried,
    Land,
    Landing,
    Packet,
    any_of,
    doubted,
    landed,
    lost,
)
from mute_audit.network.model import Model
from mute_audit.network.peerings import Peerings
from mute_audit.network.routing import Table, Target, TargetKind, Winner
from mute_audit.network.sight import BLIND, Sight
from mute_audit.network.transit import TransitGateways
from mute_audit.network.transit_ways import TransitWays
from mute_audit.verdict import Gap

__all__ = ["Fabric"]


class Fabric:
    """Carries packets through one estate."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.transit = TransitGateways(model.inventory, model.lists)
        self.peerings = Peerings(model)
        self._over_transit = TransitWays(model, self.transit, self._routed)
        self._cuts: dict[int, list[int]] = {}
        self._known: dict[tuple[object, ...], Carried] = {}
        self._special: frozenset[str] | None = None
        self._subnet_keys: dict[str, tuple[str, ...]] = {}

    # --- questions ----------------------------------------------------------------------------

    def leave(
        self, subnet: str, version: int, source: int, destination: int, sight: Sight
    ) -> Carried:
        """Out of a subnet: its ACL, then its route table."""
        table = self.model.table(subnet)
        if isinstance(table, Gap):
            return lost(table).behind(
                self.model.acl(subnet, egress=True).allows(version, destination)
            )
        key = (
            *self.subnet_key(subnet),
            version,
            self.atom(version, source),
            self.atom(version, destination),
            sight,
        )
        found = self._known.get(key)
        if found is None:
            packet = Packet(version, source, destination, self.model.zone_id(subnet), sight)
            carried = self._routed(table, self.model.vpc_of(subnet), subnet, packet)
            acl = self.model.acl(subnet, egress=True).allows(version, destination)
            found = self._known[key] = carried.behind(acl)
        return found

    def inward(
        self, gateway: str, vpc: str, version: int, source: int, destination: int, sight: Sight
    ) -> Carried:
        """In from the edge of a VPC: by the gateway's own route table where it has one (N29)."""
        table = self.model.edge_table(gateway)
        if table is None:
            return Carried((Landing(Land.VPC, OPEN, sight, vpc),))
        return self._routed(table, vpc, "", Packet(version, source, destination, "", sight))

    def from_attachment(
        self,
        gateway: str,
        attachment: str,
        version: int,
        source: int,
        destination: int,
        sight: Sight = BLIND,
    ) -> Carried:
        """In from a network behind an attachment of a transit gateway."""
        packet = Packet(version, source, destination, "", sight)
        return self._over_transit.through(gateway, attachment, packet)

    def ahead(self, subnet: str, version: int, destination: int) -> Sight:
        """What the egress rules of a sender can see of where a packet goes."""
        table = self.model.table(subnet)
        if isinstance(table, Gap):
            return BLIND
        winner = table.look_up(version, destination)
        chosen = next((c for c in winner.choices if c.target is not None), None)
        if chosen is None or chosen.target is None:
            return BLIND
        target, listed = chosen.target, chosen.listed
        vpc = self.model.vpc_of(subnet)
        # N9 is about who sent a packet: where it goes is still seen in front of a middlebox.
        if target.kind in (TargetKind.LOCAL, TargetKind.INTERFACE):
            return Sight(vpc)
        if target.kind is TargetKind.VPC_ENDPOINT and not listed:
            return Sight(vpc)
        if target.kind is TargetKind.PEERING:
            return self.peerings.outlook(target.id, vpc)
        return BLIND

    # --- pieces -------------------------------------------------------------------------------

    def cuts(self, version: int) -> list[int]:
        """Every address at which some table or ACL of the estate may change its answer."""
        found = self._cuts.get(version)
        if found is None:
            cuts = set(NOT_ON_THE_INTERNET.axis(version)) | {0}
            cuts |= self.model.cuts(version) | self.transit.tables.cuts(version)
            cuts |= self.peerings.cuts(version)
            found = self._cuts[version] = sorted(cuts)
        return found

    def atom(self, version: int, address: int) -> int:
        """The piece of the address axis that an address lies in."""
        return bisect_right(self.cuts(version), address)

    def subnet_key(self, subnet: str) -> tuple[str, ...]:
        """Subnets with the same key are alike to everything that leaves them."""
        found = self._subnet_keys.get(subnet)
        if found is None:
            model = self.model
            if self._special is None:
                self._special = model.landmarks()
            table = model.table(subnet)
            name = table.id if isinstance(table, Table) else subnet
            found = (
                name,
                model.acl_id(subnet),
                model.vpc_of(subnet),
                model.zone_id(subnet),
                subnet if subnet in self._special else "",
            )
            self._subnet_keys[subnet] = found
        return found

    # --- steps --------------------------------------------------------------------------------

    def _routed(self, table: Table, vpc: str, subnet: str, packet: Packet) -> Carried:
        if (table.id, subnet) in packet.seen:
            return DROPPED  # the packet comes round again
        packet = replace(packet, seen=packet.seen | {(table.id, subnet)})
        winner = table.look_up(packet.version, packet.destination)
        if winner.gap is None:
            return self._along(winner, vpc, subnet, packet)
        parts = [self._along(choice, vpc, subnet, packet) for choice in winner.choices]
        return any_of(parts, winner.gap)

    def _along(self, winner: Winner, vpc: str, subnet: str, packet: Packet) -> Carried:
        target = winner.target
        if target is None:
            return DROPPED
        kind, name = target.kind, target.id
        if kind is TargetKind.LOCAL:
            return Carried((Landing(Land.VPC, OPEN, packet.sight, vpc),))
        if kind is TargetKind.INTERNET_GATEWAY:
            return landed(Land.INTERNET, vpc, name, packet, "internet-gateway")
        if kind is TargetKind.EGRESS_ONLY:
            return landed(Land.EGRESS_ONLY, vpc, name, packet, "egress-only-internet-gateway")
        if kind is TargetKind.VPN_GATEWAY:
            return self._to_vpn(name, vpc, packet)
        if kind is TargetKind.NAT_GATEWAY:
            return self._to_nat(name, vpc, subnet, packet)
        if kind is TargetKind.PEERING:
            return self._to_peer(name, vpc, packet)
        if kind is TargetKind.TRANSIT_GATEWAY:
            return self._over_transit.enter(name, vpc, packet)
        if kind is TargetKind.VPC_ENDPOINT:
            return self._to_endpoint(winner, target, vpc, packet)
        if kind is TargetKind.INTERFACE:
            return self._to_interface(name, vpc, subnet, packet)
        return lost(Gap(f"route to {name}", winner.route, "this kind of target is not modelled"))

    def _missing(self, key: str, what: str, vpc: str) -> Carried:
        """A route is active, and its target is not described."""
        return lost(self.model.failure(key, vpc) or Gap(what, vpc, "not in the snapshot", key))

    def _to_vpn(self, gateway: str, vpc: str, packet: Packet) -> Carried:
        attached = self.model.vpn_gateway_vpc(gateway)
        if attached is not None and attached != vpc:
            return DROPPED
        gap = self.model.failure("VpnGateways", vpc) if attached is None else None
        landing = Landing(Land.PREMISES, doubted(gap), packet.sight, vpc, gateway, ("vpn-gateway",))
        return Carried((landing,))

    def _to_nat(self, gateway: str, vpc: str, subnet: str, packet: Packet) -> Carried:
        """N43a: into the gateway's subnet over its border, unless it is the sender's own."""
        found = self.model.inventory.nat_gateways.get(gateway)
        if found is None:
            return self._missing("NatGateways", gateway, vpc)
        allowed = OPEN
        if found.subnet_id and found.subnet_id != subnet:
            allowed = self.model.acl(found.subnet_id, egress=False).allows(
                packet.version, packet.source
            )
        return landed(Land.NAT, found.vpc_id, gateway, packet, "nat-gateway").behind(allowed)

    def _to_interface(self, name: str, vpc: str, subnet: str, packet: Packet) -> Carried:
        box = self.model.box(name)
        if box is None:
            return self._missing("NetworkInterfaces", name, vpc)
        allowed = OPEN
        if box.subnet != subnet:
            allowed = self.model.acl(box.subnet, egress=False).allows(packet.version, packet.source)
        return landed(Land.INTERFACE, box.vpc, box.interface, packet).behind(allowed)

    def _to_peer(self, name: str, vpc: str, packet: Packet) -> Carried:
        """N39, N40: active, and nothing but what the two VPCs send to each other."""
        crossing = self.peerings.cross(
            name, vpc, packet.version, packet.source, packet.destination, packet.sight
        )
        if isinstance(crossing, Gap):
            return lost(crossing)
        if crossing is None:
            return DROPPED
        sight = self.peerings.beyond(name, vpc, packet.sight)
        if crossing in self.model.inventory.vpcs:
            return Carried((Landing(Land.VPC, OPEN, sight, crossing, via=("peering",)),))
        landing = Landing(Land.PEER, OPEN, sight, crossing, name, ("peering",))
        return Carried((landing,))

    def _to_endpoint(self, winner: Winner, target: Target, vpc: str, packet: Packet) -> Carried:
        """N45, and N59 for every kind of endpoint but the gateway one."""
        found = self.model.inventory.vpc_endpoints.get(target.id)
        if found is None and not winner.listed:
            return self._missing("VpcEndpoints", target.id, vpc)
        if found is None or found.vpc_endpoint_type == "Gateway":
            if found is not None and found.state.lower() != "available":
                return DROPPED
            own = self.model.vpc_networks(vpc)
            if own and not intervals.contains(own.axis(packet.version), packet.source):
                return DROPPED  # it serves what the VPC itself sends (GWE)
            gap = self.model.failure("VpcEndpoints", vpc) if found is None else None
            carried = landed(Land.SERVICE, vpc, target.id, packet, "vpc-endpoint")
            return carried.behind(doubted(gap))
        return self._inspected(found, packet)

    def _inspected(self, endpoint: VpcEndpoint, packet: Packet) -> Carried:
        """A firewall whose rules are not read: dropped, or on from the endpoint's subnet."""
        name = endpoint.vpc_endpoint_id
        gap = Gap(f"inspection by {name}", "", "the rules of the firewall are not read")
        subnet = endpoint.subnet_ids[0] if endpoint.subnet_ids else ""
        table = self.model.table(subnet)
        if isinstance(table, Gap) or subnet not in self.model.inventory.subnets:
            return lost(gap)
        onward = replace(
            packet, zone=self.model.zone_id(subnet), sight=replace(packet.sight, blind=True)
        )
        onwards = self._routed(table, self.model.vpc_of(subnet), subnet, onward)
        return any_of([onwards.behind(OPEN, "vpc-endpoint"), DROPPED], gap)
