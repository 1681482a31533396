"""The way of a packet between two interfaces: route tables, ACLs, and what joins VPCs.

`Fabric` carries a packet from the border of a subnet (or from a gateway) to where it lands: in
a VPC, at an interface that a route names, at a NAT gateway, or out of the estate. Only
addresses matter for that, so that the answer is kept for all addresses that no table and no
ACL tells apart; ACLs leave a set of traffic. Rules: N9, N16–N29, N38–N45, N59.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum

from mute_audit.inventory.connect import TransitGatewayVpcAttachment, VpcEndpoint
from mute_audit.network import intervals
from mute_audit.network.addresses import NOT_ON_THE_INTERNET
from mute_audit.network.allowed import CLOSED, OPEN, Allowed
from mute_audit.network.model import Model
from mute_audit.network.peerings import Peerings
from mute_audit.network.routing import Table, Target, TargetKind, Winner
from mute_audit.network.sight import BLIND, Sight
from mute_audit.network.transit import (
    OUTSIDE_KINDS,
    Hop,
    TransitGateways,
    in_service,
    supports_references,
)
from mute_audit.verdict import Gap

__all__ = ["Carried", "Fabric", "Land", "Landing", "lost"]


class Land(StrEnum):
    """Where a packet comes out of the fabric.

    VPC          at the border of the subnet that has the address (`filtered`: its ACL counts)
    INTERFACE    at the interface that a route names, which may be any host
    NAT          at a NAT gateway
    INTERNET     at an internet gateway, on the way out; EGRESS_ONLY likewise
    PREMISES     out of AWS by a VPN gateway or an attachment of a transit gateway
    PEER         in a peered VPC that is not described
    SERVICE      at the service behind a gateway endpoint
    LOST         where it goes cannot be told
    NOWHERE      dropped
    """

    VPC = "vpc"
    INTERFACE = "network-interface"
    NAT = "nat-gateway"
    INTERNET = "internet-gateway"
    EGRESS_ONLY = "egress-only-internet-gateway"
    PREMISES = "on-premises"
    PEER = "peer"
    SERVICE = "vpc-endpoint"
    LOST = "lost"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Landing:
    """Where it lands, and what the ACLs on the way let through.

    id, vpc  of the gateway, interface, attachment; the VPC that is entered or left
    via      kinds of gateways on the way
    """

    land: Land
    allowed: Allowed = OPEN
    sight: Sight = BLIND
    vpc: str = ""
    id: str = ""
    via: tuple[str, ...] = ()
    filtered: bool = True

    def behind(self, allowed: Allowed, *via: str) -> Landing:
        """The same with a filter and gateways before it."""
        return replace(self, allowed=allowed & self.allowed, via=(*via, *self.via))


_NOWHERE = Landing(Land.NOWHERE, CLOSED)


@dataclass(frozen=True, slots=True)
class Carried:
    """All landings that are possible: one, unless `gaps` say why it cannot be told which."""

    landings: tuple[Landing, ...]
    gaps: frozenset[Gap] = frozenset()

    def behind(self, allowed: Allowed, *via: str) -> Carried:
        return Carried(tuple(item.behind(allowed, *via) for item in self.landings), self.gaps)


_DROPPED = Carried((_NOWHERE,))


def lost(*gaps: Gap) -> Carried:
    """Where the packet goes cannot be told."""
    allowed = Allowed(maybe=OPEN.yes, gaps=frozenset(gaps))
    return Carried((Landing(Land.LOST, allowed),))


def _doubted(gap: Gap | None) -> Allowed:
    return OPEN if gap is None else Allowed(maybe=OPEN.yes, gaps=frozenset({gap}))


@dataclass(frozen=True, slots=True)
class _Packet:
    """Addresses, and what has been passed: `zone` is the sender's, `seen` stops loops."""

    version: int
    source: int
    destination: int
    zone: str
    sight: Sight
    seen: frozenset[tuple[str, str]] = frozenset()


class Fabric:
    """Carries packets through one estate."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.transit = TransitGateways(model.inventory, model.lists)
        self.peerings = Peerings(model)
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
            packet = _Packet(version, source, destination, self.model.zone_id(subnet), sight)
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
        return self._routed(table, vpc, "", _Packet(version, source, destination, "", sight))

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
        packet = _Packet(version, source, destination, "", sight)
        return self._through(gateway, attachment, packet)

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
            cuts |= self.model.cuts(version) | self.transit.cuts(version)
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

    def _routed(self, table: Table, vpc: str, subnet: str, packet: _Packet) -> Carried:
        if (table.id, subnet) in packet.seen:
            return _DROPPED  # the packet comes round again
        packet = replace(packet, seen=packet.seen | {(table.id, subnet)})
        winner = table.look_up(packet.version, packet.destination)
        if winner.gap is None:
            return self._along(winner, vpc, subnet, packet)
        parts = [self._along(choice, vpc, subnet, packet) for choice in winner.choices]
        return _either(parts, winner.gap)

    def _along(self, winner: Winner, vpc: str, subnet: str, packet: _Packet) -> Carried:
        target = winner.target
        if target is None:
            return _DROPPED
        kind, name = target.kind, target.id
        if kind is TargetKind.LOCAL:
            return Carried((Landing(Land.VPC, OPEN, packet.sight, vpc),))
        if kind is TargetKind.INTERNET_GATEWAY:
            return _at(Land.INTERNET, vpc, name, packet, "internet-gateway")
        if kind is TargetKind.EGRESS_ONLY:
            return _at(Land.EGRESS_ONLY, vpc, name, packet, "egress-only-internet-gateway")
        if kind is TargetKind.VPN_GATEWAY:
            return self._to_vpn(name, vpc, packet)
        if kind is TargetKind.NAT_GATEWAY:
            return self._to_nat(name, vpc, subnet, packet)
        if kind is TargetKind.PEERING:
            return self._to_peer(name, vpc, packet)
        if kind is TargetKind.TRANSIT_GATEWAY:
            return self._to_transit(name, vpc, packet)
        if kind is TargetKind.VPC_ENDPOINT:
            return self._to_endpoint(winner, target, vpc, packet)
        if kind is TargetKind.INTERFACE:
            return self._to_interface(name, vpc, subnet, packet)
        return lost(Gap(f"route to {name}", winner.route, "this kind of target is not modelled"))

    def _missing(self, key: str, what: str, vpc: str) -> Carried:
        """A route is active, and its target is not described."""
        return lost(self.model.failure(key, vpc) or Gap(what, vpc, "not in the snapshot", key))

    def _to_vpn(self, gateway: str, vpc: str, packet: _Packet) -> Carried:
        attached = self.model.vpn_gateway_vpc(gateway)
        if attached is not None and attached != vpc:
            return _DROPPED
        gap = self.model.failure("VpnGateways", vpc) if attached is None else None
        landing = Landing(
            Land.PREMISES, _doubted(gap), packet.sight, vpc, gateway, ("vpn-gateway",)
        )
        return Carried((landing,))

    def _to_nat(self, gateway: str, vpc: str, subnet: str, packet: _Packet) -> Carried:
        """N43a: into the gateway's subnet over its border, unless it is the sender's own."""
        found = self.model.inventory.nat_gateways.get(gateway)
        if found is None:
            return self._missing("NatGateways", gateway, vpc)
        allowed = OPEN
        if found.subnet_id and found.subnet_id != subnet:
            allowed = self.model.acl(found.subnet_id, egress=False).allows(
                packet.version, packet.source
            )
        return _at(Land.NAT, found.vpc_id, gateway, packet, "nat-gateway").behind(allowed)

    def _to_interface(self, name: str, vpc: str, subnet: str, packet: _Packet) -> Carried:
        box = self.model.box(name)
        if box is None:
            return self._missing("NetworkInterfaces", name, vpc)
        allowed = OPEN
        if box.subnet != subnet:
            allowed = self.model.acl(box.subnet, egress=False).allows(packet.version, packet.source)
        return _at(Land.INTERFACE, box.vpc, box.interface, packet).behind(allowed)

    def _to_peer(self, name: str, vpc: str, packet: _Packet) -> Carried:
        """N39, N40: active, and nothing but what the two VPCs send to each other."""
        crossing = self.peerings.cross(
            name, vpc, packet.version, packet.source, packet.destination, packet.sight
        )
        if isinstance(crossing, Gap):
            return lost(crossing)
        if crossing is None:
            return _DROPPED
        sight = self.peerings.beyond(name, vpc, packet.sight)
        if crossing in self.model.inventory.vpcs:
            return Carried((Landing(Land.VPC, OPEN, sight, crossing, via=("peering",)),))
        landing = Landing(Land.PEER, OPEN, sight, crossing, name, ("peering",))
        return Carried((landing,))

    def _to_endpoint(self, winner: Winner, target: Target, vpc: str, packet: _Packet) -> Carried:
        """N45, and N59 for every kind of endpoint but the gateway one."""
        found = self.model.inventory.vpc_endpoints.get(target.id)
        if found is None and not winner.listed:
            return self._missing("VpcEndpoints", target.id, vpc)
        if found is None or found.vpc_endpoint_type == "Gateway":
            if found is not None and found.state.lower() != "available":
                return _DROPPED
            own = self.model.vpc_networks(vpc)
            if own and not intervals.contains(own.axis(packet.version), packet.source):
                return _DROPPED  # it serves what the VPC itself sends (GWE)
            gap = self.model.failure("VpcEndpoints", vpc) if found is None else None
            carried = _at(Land.SERVICE, vpc, target.id, packet, "vpc-endpoint")
            return carried.behind(_doubted(gap))
        return self._inspected(found, packet)

    def _inspected(self, endpoint: VpcEndpoint, packet: _Packet) -> Carried:
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
        return _either([onwards.behind(OPEN, "vpc-endpoint"), _DROPPED], gap)

    # --- transit gateways ---------------------------------------------------------------------

    def _to_transit(self, gateway: str, vpc: str, packet: _Packet) -> Carried:
        """N42, and the ACL of the attachment's subnet (N43a)."""
        attachment = self.transit.vpc_attachment(gateway, vpc)
        if attachment is None:
            return self._missing("TransitGatewayVpcAttachments", gateway, vpc)
        near = [name for name in attachment.subnet_ids if self.model.zone_id(name) == packet.zone]
        if not near or not in_service(attachment.state) or _without_six(attachment, packet):
            return _DROPPED
        allowed = self.model.acl(near[0], egress=False).allows(packet.version, packet.source)
        on = self.transit.carries_references(gateway, attachment)
        sight = Sight(vpc if on else "", True, packet.sight.blind)
        inner = replace(packet, sight=sight)
        name = attachment.transit_gateway_attachment_id
        return self._through(gateway, name, inner).behind(allowed)

    def _through(self, gateway: str, attachment: str, packet: _Packet) -> Carried:
        """N41: by the table of the attachment that the packet came in by."""
        if (gateway, attachment) in packet.seen:
            return _DROPPED
        packet = replace(packet, seen=packet.seen | {(gateway, attachment)})
        found = self.transit.association(gateway, attachment)
        if found.gap is not None:
            return lost(found.gap)
        if not in_service(found.state) or not found.table:
            return _DROPPED
        hop = self.transit.look_up(found.table, packet.version, packet.destination)
        if hop.gaps and not hop.others:
            return lost(*hop.gaps)
        parts = [_DROPPED]
        if hop.attachment or hop.kind:
            parts = [self._out_of_transit(gateway, hop, packet)]
        for name in hop.others:
            parts.append(Carried((Landing(Land.PREMISES, OPEN, packet.sight, "", name),)))
        carried = parts[0] if not hop.others else _either(parts, min(hop.gaps))
        return carried.behind(OPEN, "transit-gateway")

    def _out_of_transit(self, gateway: str, hop: Hop, packet: _Packet) -> Carried:
        if hop.kind == "vpc":
            return self._into_vpc(gateway, hop, packet)
        if hop.kind == "peering":
            return self._to_other_gateway(gateway, hop, packet)
        if hop.kind in OUTSIDE_KINDS:
            landing = Landing(Land.PREMISES, OPEN, packet.sight, "", hop.attachment)
            return Carried((landing,))
        return lost(Gap(f"attachment {hop.attachment}", gateway, f"kind `{hop.kind}`"))

    def _to_other_gateway(self, gateway: str, hop: Hop, packet: _Packet) -> Carried:
        """N43; group references do not cross it (N8)."""
        other = self.transit.far_end(gateway, hop)
        if not other:
            return lost(Gap(f"peering {hop.attachment}", gateway, "its other end is not known"))
        if not self.transit.known(other):
            return lost(Gap(f"transit gateway {other}", hop.attachment, "not in the snapshot"))
        sight = replace(packet.sight, vpc="")
        return self._through(other, hop.attachment, replace(packet, sight=sight))

    def _into_vpc(self, gateway: str, hop: Hop, packet: _Packet) -> Carried:
        """N43a: in the sender's zone where the attachment has it, else in any of its zones.

        In appliance mode it may be any as well.
        """
        attachment = self.transit.vpc_attachment(gateway, hop.resource)
        if attachment is None:
            gap = self.model.failure("TransitGatewayVpcAttachments", "")
            return lost(gap or Gap(f"attachment {hop.attachment}", gateway, "not in the snapshot"))
        if not in_service(attachment.state) or _without_six(attachment, packet):
            return _DROPPED
        if not supports_references(attachment):
            packet = replace(packet, sight=replace(packet.sight, vpc=""))
        subnets = [n for n in attachment.subnet_ids if self.model.zone_id(n) == packet.zone]
        if attachment.options.appliance_mode_support == "enable":
            subnets = []  # the zone is chosen by the flow's addresses and ports
        choices = subnets or list(attachment.subnet_ids)
        if not choices:
            return lost(Gap(f"subnets of {hop.attachment}", hop.resource, "none is described"))
        parts = [self._emerge(attachment.vpc_id, subnet, packet) for subnet in choices]
        if len(parts) == 1:
            return parts[0]
        gap = Gap(f"zone taken by {gateway}", attachment.vpc_id, "AWS chooses the zone")
        return _either(parts, gap)

    def _emerge(self, vpc: str, subnet: str, packet: _Packet) -> Carried:
        """No ACL for what stays in the attachment's own subnet (transit gateway guide)."""
        version, address = packet.version, packet.destination
        if intervals.contains(self.model.networks(subnet).axis(version), address):
            return Carried((Landing(Land.VPC, OPEN, packet.sight, vpc, filtered=False),))
        allowed = self.model.acl(subnet, egress=True).allows(version, address)
        table = self.model.table(subnet)
        if isinstance(table, Gap):
            return lost(table).behind(allowed)
        onward = replace(packet, zone=self.model.zone_id(subnet))
        return self._routed(table, vpc, subnet, onward).behind(allowed)


def _without_six(attachment: TransitGatewayVpcAttachment, packet: _Packet) -> bool:
    """Without IPv6 support the attachment's interfaces have no IPv6 addresses (TGA)."""
    return packet.version == 6 and attachment.options.ipv6_support == "disable"


def _at(land: Land, vpc: str, name: str, packet: _Packet, *via: str) -> Carried:
    return Carried((Landing(land, OPEN, packet.sight, vpc, name, via),))


def _either(parts: list[Carried], gap: Gap) -> Carried:
    landings = tuple(item for part in parts for item in part.landings)
    return Carried(landings, frozenset({gap}).union(*(part.gaps for part in parts)))
