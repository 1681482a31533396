"""Networks outside the estate: who may send from there, and by which way it comes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network

from mute_audit.inventory.connect import TransitGatewayAttachment, VpcPeeringConnection
from mute_audit.network.outer import Outer, outer_places
from mute_audit.network.places import Place
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.attachments import gateway_option, in_service, supports
from mute_audit.network.tracer.attempt import PEER, PREMISES, Sender
from mute_audit.network.tracer.journey import OUTSIDE, Journey, Way
from mute_audit.network.tracer.nics import Net, read_network
from mute_audit.network.tracer.spots import FromPeer, FromUnseen, FromVpn, IntoTransit
from mute_audit.network.tracer.stand import ALL, Choice, Stand
from mute_audit.network.tracer.transit_tables import static_routes, transit_routes
from mute_audit.verdict import Gap

__all__ = ["Beyond"]

# RFC 1918: what a network of which no route says anything is likely to have.
_PRIVATE = tuple(map(ip_network, ("192.168.0.0/16", "172.16.0.0/12", "10.0.0.0/8")))
# RFC 6890: this network, loopback, link-local, multicast and reserved.
_NOBODY = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "224.0.0.0/3",
            "::/127",
            "fe80::/10",
            "ff00::/8",
        ),
    )
)
# How a path calls a gateway of each type; behind some stand VPCs with groups of their own.
_KINDS = {
    "ec2.vpn-gateway": "vpn-gateway",
    "ec2.transit-gateway": "transit-gateway",
    "ec2.vpc-peering-connection": "peering",
}
_OF_VPCS = frozenset(
    {"ec2.transit-gateway", "ec2.vpc-peering-connection", "networkmanager.core-network"}
)


class Beyond:
    """Finds what stands outside."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas

    @cached_property
    def _outer(self) -> tuple[Outer, ...]:
        return outer_places(self._atlas.inventory)

    def of(self, place: Place) -> list[Choice]:
        """A network by the place that it is."""
        wanted = (place.address.type, place.address.id)
        return [
            (stand,)
            for item in self._outer
            if (item.place.address.type, item.place.address.id) == wanted
            for stand in self._stands(item)
        ]

    def within(self, net: Net) -> list[Choice]:
        """Everybody outside the internet who may have an address in a network."""
        found: list[Choice] = []
        for item in self._outer:
            for stand in self._stands(item):
                common = [part for own in stand.networks for part in _common(net, own)]
                if common:
                    found.append((replace(stand, networks=tuple(common)),))
        return found

    # --- by kind ------------------------------------------------------------------------------

    def _stands(self, item: Outer) -> list[Stand]:
        kind, name = item.place.address.type, item.place.address.id
        if not item.seen:
            return list(self._unseen(kind, name))
        if kind == "ec2.vpn-gateway":
            return list(self._vpn(name))
        if kind == "ec2.transit-gateway-attachment":
            return list(self._attachment(item.gateway, name))
        inventory = self._atlas.inventory
        return [
            stand for peering in inventory.peerings.values() for stand in self._peer(name, peering)
        ]

    def _peer(self, vpc: str, connection: VpcPeeringConnection) -> Iterator[Stand]:
        ends = (connection.requester_vpc_info, connection.accepter_vpc_info)
        known = [end.vpc_id in self._atlas.inventory.vpcs for end in ends]
        there = ends[0] if known[1] else ends[1]
        if known[0] is known[1] or there.vpc_id != vpc or connection.status.code != "active":
            return
        texts = [b.cidr_block for b in there.cidr_block_set] or [there.cidr_block]
        texts += [b.ipv6_cidr_block for b in there.ipv6_cidr_block_set]
        stand = Stand(
            sender=Sender(FromPeer(connection), kind=PEER),
            gate=(PEER, connection.vpc_peering_connection_id),
        )
        yield from _parts(stand, vpc, map(read_network, texts), (), None)

    def _unseen(self, kind: str, name: str) -> Iterator[Stand]:
        """Behind a gateway that routes lead to and nobody describes: anybody."""
        for vpc in self._where_named(name):
            own = self._atlas.vpc_networks(vpc)
            spot = FromUnseen(_KINDS.get(kind, "gateway"), name, vpc, kind in _OF_VPCS)
            yield Stand(
                networks=_rest(ALL, (*_NOBODY, *own)),
                sender=Sender(spot, kind=PREMISES),
                gate=(PREMISES, name),
                doubt=Gap(name, vpc, "what is behind it is not in the snapshot"),
            )

    def _where_named(self, gateway: str) -> list[str]:
        inventory = self._atlas.inventory
        found = {
            item.vpc_id
            for region in inventory.regions
            for item in region.transit_gateway_vpc_attachments
            if item.transit_gateway_id == gateway and in_service(item.state)
        }
        for table in inventory.route_tables.values():
            hung = [entry.gateway_id for entry in table.propagating_vgws]
            hung += [entry.gateway_id for entry in table.associations]
            hung += [route.target for route in table.routes if route.state == "active"]
            if gateway in hung:
                found.add(table.vpc_id)
        return sorted(vpc for vpc in found if vpc in inventory.vpcs)

    def _vpn(self, gateway: str) -> Iterator[Stand]:
        """The customer's network behind a VPN gateway: what routes in its VPC lead there."""
        inventory = self._atlas.inventory
        vpcs = [
            attachment.vpc_id
            for region in inventory.regions
            for item in region.vpn_gateways
            if item.vpn_gateway_id == gateway
            for attachment in item.vpc_attachments
            if attachment.state == "attached"
        ][:1]
        texts: list[str] = []
        gap = None
        for vpc in vpcs:
            for route in self._atlas.routes_to(vpc, gateway):
                name = route.destination_prefix_list_id
                listed = inventory.prefix_list_cidrs.get(name)
                texts += [route.destination] if not name else listed or ()
                if name and listed is None:
                    gap = Gap("ec2:GetManagedPrefixListEntries", name, "not in the snapshot")
        for region in inventory.regions:
            for connection in region.vpn_connections:
                if connection.vpn_gateway_id == gateway:
                    texts += static_routes(connection)
        own = [net for vpc in vpcs for net in self._atlas.vpc_networks(vpc)]
        stand = Stand(sender=Sender(FromVpn(gateway), kind=PREMISES), gate=(PREMISES, gateway))
        yield from _parts(stand, gateway, map(read_network, texts), own, gap)

    def _attachment(self, gateway: str, name: str) -> Iterator[Stand]:
        """The network behind an attachment of a transit gateway."""
        texts: list[str] = []
        gaps: list[Gap] = []
        item = None
        own: list[Net] = []
        for region in self._atlas.inventory.regions:
            for table in region.transit_gateway_route_tables:
                found = transit_routes(self._atlas, table.transit_gateway_route_table_id)
                live = (route for route in found.routes if not route.blackhole)
                texts += [route.cidr for route in live if name in (route.attachment, *route.equals)]
                if table.transit_gateway_id == gateway:
                    gaps += found.gaps
            for held in region.transit_gateway_vpc_attachments:
                if held.transit_gateway_id == gateway:
                    own += self._atlas.vpc_networks(held.vpc_id)
            for listed in region.transit_gateway_attachments:
                names = (listed.transit_gateway_attachment_id, listed.transit_gateway_id)
                item = listed if names == (name, gateway) else item
        journey = self._journey(gateway, item)
        sender = Sender(IntoTransit(gateway, name), kind=PREMISES, journey=journey)
        stand = Stand(sender=sender, gate=(PREMISES, name))
        nets = map(read_network, texts)
        yield from _parts(stand, name, nets, own, gaps[0] if gaps else None)

    def _journey(self, gateway: str, item: TransitGatewayAttachment | None) -> Journey:
        """What references see of a VPC that hangs on a gateway and is not described (N8)."""
        if item is None or item.resource_type != "vpc":
            return OUTSIDE
        off = gateway_option(self._atlas, gateway) is False
        for region in self._atlas.inventory.regions:
            for held in region.transit_gateway_vpc_attachments:
                if (held.transit_gateway_id, held.vpc_id) == (gateway, item.resource_id):
                    off = off or not supports(held)
        return OUTSIDE if off else Journey(Way.TRANSIT, item.resource_id, gateway)


def _parts(
    stand: Stand, name: str, nets: Iterable[Net | None], own: Iterable[Net], gap: Gap | None
) -> Iterator[Stand]:
    """A network by what is known of its addresses, and by what is not.

    own  the networks of the estate that it is joined to: nobody there has such an address
    gap  why not all of its addresses may be known
    """
    barred = (*_NOBODY, *own)
    certain = _rest([net for net in nets if net is not None], barred)
    if certain:
        yield replace(stand, networks=certain)
    if gap is None and certain:
        return
    doubt = gap or Gap(f"addresses behind {name}", "", "no route says which they are")
    yield replace(stand, networks=_rest(_PRIVATE, (*barred, *certain)), doubt=doubt)


def _common(one: Net, two: Net) -> list[Net]:
    """What two networks share: the smaller of them, or nothing."""
    if one.version != two.version or not one.overlaps(two):
        return []
    return [one if one.prefixlen >= two.prefixlen else two]


def _rest(nets: Iterable[Net], barred: Iterable[Net]) -> tuple[Net, ...]:
    """Networks without others, as networks."""
    found: list[Net] = list(dict.fromkeys(nets))
    for bar in barred:
        found = [part for net in found for part in _without(net, bar)]
    return tuple(found)


def _without(net: Net, bar: Net) -> list[Net]:
    if net.version != bar.version or not net.overlaps(bar):
        return [net]
    if net.prefixlen >= bar.prefixlen:
        return []
    if isinstance(net, IPv4Network) and isinstance(bar, IPv4Network):
        return list(net.address_exclude(bar))
    if isinstance(net, IPv6Network) and isinstance(bar, IPv6Network):
        return list(net.address_exclude(bar))
    return [net]
