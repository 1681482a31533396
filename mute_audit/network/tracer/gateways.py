"""Steps at NAT gateways, peering connections, VPN gateways, gateway endpoints."""

from __future__ import annotations

from dataclasses import replace

from mute_audit.network.portspec import ICMP, TCP, UDP, protocol_name
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.journey import Journey, Way
from mute_audit.network.tracer.nics import Nic, address_or_none, read_network
from mute_audit.network.tracer.paths import inward
from mute_audit.network.tracer.spots import (
    Arrived,
    Dropped,
    Fork,
    FromPeer,
    FromService,
    FromUnseen,
    FromVpn,
    IntoNat,
    IntoPeer,
    IntoVpn,
    Leave,
    Local,
    Spot,
    TranslateTo,
)
from mute_audit.network.tracer.walk import Session, Walk
from mute_audit.verdict import Gap

__all__ = [
    "at_nat",
    "from_peer",
    "from_service",
    "from_unseen",
    "from_vpn",
    "into_nat",
    "into_peer",
    "into_vpn",
    "translate_to",
]

# N35: what a NAT gateway translates.
_TRANSLATED = frozenset({TCP, UDP, ICMP})


def into_nat(walk: Walk, spot: IntoNat) -> Spot | Fork:
    """Outwards through a NAT gateway (N35, N37, N43a): in over its subnet's border, and out."""
    gateway = spot.gateway
    name = gateway.nat_gateway_id
    used = gateway.addresses_in_use
    nic = walk.atlas.nic(used[0].network_interface_id or name) if used else None
    if gateway.subnet_id and gateway.subnet_id != spot.subnet:
        walk.enter_subnet(gateway.subnet_id)
    if not gateway.subnet_id or nic is None:
        walk.hop("nat-gateway", name)
        if gateway.state not in ("available", ""):
            walk.block(Component.NAT, name, "not-available", f"{name} is {gateway.state}")
        else:
            walk.unsure(Gap(name, gateway.vpc_id, "its subnet or address is not described"))
        return Dropped()
    walk.hop("nat-gateway", name, nic.owner.name)
    if gateway.state not in ("available", ""):
        walk.block(Component.NAT, name, "not-available", f"{name} is {gateway.state}")
    header = walk.header
    disputed = walk.atlas.inventory.disputes.get(name)
    if disputed is not None:
        walk.unsure(disputed)
        return Dropped()
    if header.version == 6:
        walk.unsure(Gap(f"NAT64 at {name}", gateway.vpc_id, "not modelled"))
        return Dropped()
    if header.protocol not in _TRANSLATED:
        walk.block(
            Component.NAT,
            name,
            "unsupported-protocol",
            f"{name} carries TCP, UDP and ICMP, not protocol {protocol_name(header.protocol)}",
        )
        return Dropped()
    if walk.answer:
        walk.block(
            Component.NAT,
            name,
            "no-session",
            f"the answer leaves through {name}, which has no such connection",
        )
        return Dropped()
    sources = [address_or_none(item.private_ip) for item in used]
    ways = [TranslateTo(nic, source) for source in sources if source is not None]
    if len(ways) == 1:
        return translate_to(walk, ways[0])
    return Fork(tuple(ways), Gap(f"address of {name}", gateway.vpc_id, "AWS takes one of several"))


def translate_to(walk: Walk, spot: TranslateTo) -> Spot:
    """On under one of the addresses of a NAT gateway."""
    header = walk.header
    walk.header = replace(header, source=spot.source, source_port=walk.fresh_port())
    walk.sessions.append(Session(spot.nic.label, header, walk.header))
    walk.journey = Journey(Way.LOCAL, spot.nic.vpc)
    return Leave(spot.nic)


def at_nat(walk: Walk, nic: Nic) -> Spot:
    """At a NAT gateway's own address, without a connection that it made (N35)."""
    walk.block(
        Component.NAT,
        nic.owner.id,
        "no-session",
        f"{nic.owner.id} takes in nothing that it did not send for: {walk.header}",
    )
    return Dropped()


def into_peer(walk: Walk, spot: IntoPeer) -> Spot:
    """Over a peering connection: N39, N40."""
    connection = spot.connection
    name = connection.vpc_peering_connection_id
    walk.hop("peering", name)
    ends = (connection.requester_vpc_info, connection.accepter_vpc_info)
    here, there = (ends[0], ends[1]) if ends[0].vpc_id == spot.vpc else (ends[1], ends[0])
    if here.vpc_id != spot.vpc:
        walk.unsure(Gap(name, spot.vpc, "the connection is not one of this VPC"))
        return Dropped()
    if connection.status.code != "active":
        walk.block(
            Component.PEERING,
            name,
            "not-available",
            f"{name} is {connection.status.code or 'of unknown state'}, not active",
        )
    own = walk.atlas.vpc_networks(spot.vpc)
    # A balancer of this VPC may send under the address of a client that it kept.
    kept = bool(walk.sessions) and walk.sessions[-1].keeps and not walk.answer
    if own and not kept and not any(walk.header.source in net for net in own):
        walk.block(
            Component.PEERING,
            name,
            "edge-to-edge",
            f"{name} takes only what {spot.vpc} itself sends, not {walk.header.source}",
        )
    networks = walk.atlas.vpc_networks(there.vpc_id)
    if not networks:
        blocks = [item.cidr_block for item in there.cidr_block_set] or [there.cidr_block]
        blocks += [item.ipv6_cidr_block for item in there.ipv6_cidr_block_set]
        networks = tuple(net for net in map(read_network, blocks) if net is not None)
    if networks and not any(walk.header.destination in net for net in networks):
        walk.block(
            Component.PEERING,
            name,
            "edge-to-edge",
            f"{walk.header.destination} is not in {there.vpc_id}, and a peer passes nothing on",
        )
        return Dropped()
    near = ends[0].region == ends[1].region
    walk.journey = Journey(
        Way.PEERING,
        spot.vpc,
        name,
        middlebox=walk.journey.middlebox,
        also=walk.journey.also if near else frozenset(),
    )
    if there.vpc_id not in walk.atlas.inventory.vpcs:
        if not walk.answer:
            walk.unsure(Gap(f"VPC {there.vpc_id}", name, "not in the snapshot"))
        return Arrived("peer", name)
    return Local(there.vpc_id)


def from_peer(walk: Walk, spot: FromPeer) -> Spot:
    """In from a peered VPC that the snapshot does not hold."""
    connection = spot.connection
    name = connection.vpc_peering_connection_id
    walk.hop("peering", name)
    if connection.status.code != "active":
        walk.block(Component.PEERING, name, "not-available", f"{name} is {connection.status.code}")
    ends = (connection.requester_vpc_info, connection.accepter_vpc_info)
    here, there = ends if ends[0].vpc_id in walk.atlas.inventory.vpcs else ends[::-1]
    walk.journey = Journey(Way.PEERING, there.vpc_id, name)
    return Local(here.vpc_id)


def _attached(walk: Walk, gateway: str) -> str | None:
    """The VPC that a VPN gateway is attached to; None where the gateway is not described."""
    for region in walk.atlas.inventory.regions:
        for item in region.vpn_gateways:
            if item.vpn_gateway_id == gateway:
                attached = [a.vpc_id for a in item.vpc_attachments if a.state == "attached"]
                return attached[0] if attached else ""
    return None


def into_vpn(walk: Walk, spot: IntoVpn) -> Spot:
    """Out to the customer's network (N44): propagated routes are taken as given."""
    walk.hop("vpn-gateway", spot.gateway)
    attached = _attached(walk, spot.gateway)
    region = walk.atlas.region_of(spot.vpc)
    failed = region.failure("VpnGateways") if region is not None else None
    if attached is None and failed is not None:
        walk.unsure(failed)
    elif attached is not None and attached != spot.vpc:
        walk.block(
            Component.TABLE,
            spot.gateway,
            "not-attached",
            f"{spot.gateway} is not attached to {spot.vpc}",
        )
    if not walk.answer:
        walk.note("outside", f"{spot.gateway} leads to a network that is not seen from AWS")
    return Arrived("on-premises", spot.gateway)


def from_vpn(walk: Walk, spot: FromVpn) -> Spot | Fork:
    """In from the customer's network: only to interfaces of the VPC (N44)."""
    walk.hop("vpn-gateway", spot.gateway)
    walk.journey = Journey(Way.OUTSIDE)
    vpc = _attached(walk, spot.gateway)
    if not vpc:
        if vpc is None:
            walk.unsure(Gap(spot.gateway, "", "not in the snapshot", "VpnGateways"))
        else:
            walk.block(
                Component.TABLE,
                spot.gateway,
                "not-attached",
                f"{spot.gateway} is attached to no VPC",
            )
        return Dropped()
    return inward(walk, spot.gateway, vpc)


def from_unseen(walk: Walk, spot: FromUnseen) -> Spot | Fork:
    """In from behind a gateway that is not described; that nothing is sure the sender says."""
    walk.hop(spot.kind, spot.gateway)
    walk.journey = Journey(Way.OUTSIDE)
    if spot.vpcs:
        walk.journey = Journey(Way.TRANSIT, spot.gateway, spot.gateway)
    return inward(walk, spot.gateway, spot.vpc)


def from_service(walk: Walk, spot: FromService) -> Spot:
    """Back from the service behind a gateway endpoint (N45)."""
    walk.hop("vpc-endpoint", spot.endpoint)
    walk.journey = Journey(Way.OUTSIDE)
    return Local(spot.vpc)
