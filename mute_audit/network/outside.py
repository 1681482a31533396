"""Networks outside the estate as places: the internet, on-premises networks, foreign VPCs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from mute_audit.inventory.connect import VpcPeeringConnection
from mute_audit.inventory.network import RouteTable
from mute_audit.network.addresses import NOT_ON_THE_INTERNET, AddressSet
from mute_audit.network.model import Model
from mute_audit.network.outer import Outer
from mute_audit.network.parts import INTERNET_GATEWAY, SERVICE_ENDPOINT
from mute_audit.network.places import Place, PlaceKind
from mute_audit.network.sight import BLIND, Sight
from mute_audit.network.transit import TransitGateways, in_service
from mute_audit.network.transit_tables import static_routes
from mute_audit.network.trips import Outside, Realm
from mute_audit.verdict import Gap

__all__ = ["THE_INTERNET", "Outsiders"]

THE_INTERNET = AddressSet.everything() - NOT_ON_THE_INTERNET

# Addresses that no network has, whatever is routed there (RFC 6890: this network, loopback,
# link-local, multicast and reserved).
_NOBODY = AddressSet.parse(
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/127", "fe80::/10", "ff00::/8"
)
_ANYBODY = AddressSet.everything() - _NOBODY
# What networks of which no route says anything are likely to have (RFC 1918).
_PRIVATE = AddressSet.parse("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")

_GONE = frozenset({"deleted", "deleting"})
# Behind these stand VPCs, whose groups a rule may refer to.
_OF_VPCS = frozenset(
    {"ec2.transit-gateway", "ec2.vpc-peering-connection", "networkmanager.core-network"}
)


class Outsiders:
    """Finds the networks outside an estate that its gateways lead to."""

    def __init__(self, model: Model, transit: TransitGateways) -> None:
        self._model = model
        self._transit = transit

    @cached_property
    def by_place(self) -> dict[Place, tuple[Outside, ...]]:
        """Each place outside, with every way by which its packets come in."""
        found = {item.place: tuple(self._ways_in(item)) for item in self._model.directory.outer}
        return {place: ways for place, ways in found.items() if ways}

    def of(self, place: Place) -> tuple[Outside, ...]:
        """What an outside place is; nothing for a place in the estate."""
        if place.kind is PlaceKind.INTERNET:
            part = THE_INTERNET & AddressSet.parse(place.cidr) if place.cidr else THE_INTERNET
            return (Outside(Realm.INTERNET, addresses=part, anything=True),)
        kind, name = place.address.type, place.address.id
        if kind == INTERNET_GATEWAY:
            return (Outside(Realm.INTERNET, name, addresses=THE_INTERNET, anything=True),)
        if kind == SERVICE_ENDPOINT:
            return tuple(self._service(name))
        return self.by_place.get(place, ())

    # --- by kind ------------------------------------------------------------------------------

    def _ways_in(self, item: Outer) -> Iterator[Outside]:
        kind, name = item.place.address.type, item.place.address.id
        if not item.seen:
            yield from self._unseen(kind, name)
        elif kind == "ec2.vpn-gateway":
            vpc = self._model.vpn_gateway_vpc(name)
            if vpc:
                known, gap = self._behind_vpn(name, vpc)
                own = self._model.vpc_networks(vpc)
                yield from _parts(Outside(Realm.PREMISES, name), known, own, gap)
        elif kind == "ec2.transit-gateway-attachment":
            sight = self._transit.sight_behind(item.gateway, name)
            way = Outside(Realm.PREMISES, name, item.gateway, sight=sight)
            own = self._transit.networks_at(item.gateway)
            known = self._behind_attachment(name)
            yield from _parts(way, known, own, self._transit.unread(item.gateway))
        else:
            for connection in self._model.inventory.peerings.values():
                yield from self._peer(name, connection)

    def _peer(self, vpc: str, connection: VpcPeeringConnection) -> Iterator[Outside]:
        ends = (connection.requester_vpc_info, connection.accepter_vpc_info)
        known = [end.vpc_id in self._model.inventory.vpcs for end in ends]
        there = ends[0] if known[1] else ends[1]
        active = connection.status.code == "active"
        if known[0] is known[1] or there.vpc_id != vpc or not active:
            return
        networks = AddressSet.readable(
            [
                *([block.cidr_block for block in there.cidr_block_set] or [there.cidr_block]),
                *(block.ipv6_cidr_block for block in there.ipv6_cidr_block_set),
            ]
        )
        way = Outside(Realm.PEER, connection.vpc_peering_connection_id, vpc=vpc)
        yield from _parts(way, networks, AddressSet(), None)

    def _unseen(self, kind: str, name: str) -> Iterator[Outside]:
        """A gateway that routes lead to, and that is described nowhere, or not with all that
        hangs on it: anybody may be behind it."""
        sight = Sight(name, far=True) if kind in _OF_VPCS else BLIND
        for vpc in self._where_named(name):
            gap = Gap(name, vpc, "what is behind it is not in the snapshot")
            addresses = _ANYBODY - self._model.vpc_networks(vpc)
            yield Outside(
                Realm.PREMISES, name, addresses=addresses, lands=vpc, sight=sight, doubt=gap
            )

    def _where_named(self, gateway: str) -> tuple[str, ...]:
        """The VPCs of which a table or an attachment speaks of a gateway."""
        inventory = self._model.inventory
        found = {
            table.vpc_id for table in inventory.route_tables.values() if _names(table, gateway)
        }
        for region in inventory.regions:
            for item in region.transit_gateway_vpc_attachments:
                if item.transit_gateway_id == gateway and in_service(item.state):
                    found.add(item.vpc_id)
        return tuple(sorted(found & inventory.vpcs.keys()))

    def _service(self, endpoint: str) -> Iterator[Outside]:
        """The service behind a gateway endpoint: what routes of its VPC send there."""
        inventory = self._model.inventory
        vpc = inventory.vpc_endpoints[endpoint].vpc_id
        texts: list[str] = []
        gap = None
        for table in inventory.route_tables.values():
            for route in table.routes if table.vpc_id == vpc else ():
                if route.gateway_id != endpoint:
                    continue
                name = route.destination_prefix_list_id
                listed = self._model.lists.cidrs(name) if name else (route.destination,)
                if isinstance(listed, Gap):
                    gap = listed
                else:
                    texts += listed
        known = AddressSet.readable(texts)
        if known:
            yield Outside(Realm.SERVICE, endpoint, addresses=known)
        if gap is not None:
            yield Outside(Realm.SERVICE, endpoint, addresses=_ANYBODY, doubt=gap)

    # --- addresses ----------------------------------------------------------------------------

    def _behind_vpn(self, gateway: str, vpc: str) -> tuple[AddressSet, Gap | None]:
        """What the routes of its VPC send to a VPN gateway, and its own static routes."""
        inventory = self._model.inventory
        texts: list[str] = []
        gap = None
        for table in inventory.route_tables.values():
            for route in table.routes if table.vpc_id == vpc else ():
                if route.gateway_id != gateway:
                    continue
                if not route.destination_prefix_list_id:
                    texts.append(route.destination)
                    continue
                listed = self._model.lists.cidrs(route.destination_prefix_list_id)
                if isinstance(listed, Gap):
                    gap = gap or listed
                else:
                    texts += listed
        for region in inventory.regions:
            for connection in region.vpn_connections:
                if connection.vpn_gateway_id == gateway:
                    texts += static_routes(connection)
        return AddressSet.readable(texts), gap

    def _behind_attachment(self, attachment: str) -> AddressSet:
        return AddressSet.union_of(
            AddressSet(v4=block) if version == 4 else AddressSet(v6=block)
            for version, block in self._transit.tables.blocks_of(attachment)
        )


def _names(table: RouteTable, gateway: str) -> bool:
    active = (route.target for route in table.routes if route.state == "active")
    return (
        gateway in active
        or any(item.gateway_id == gateway for item in table.propagating_vgws)
        or any(item.gateway_id == gateway for item in table.associations)
    )


def _parts(way: Outside, known: AddressSet, own: AddressSet, gap: Gap | None) -> Iterator[Outside]:
    """A network by what is known of its addresses, and by what is not.

    own  the networks of the estate that it is joined to: nobody there has such an address
    gap  why not all of its addresses may be known
    """
    certain = known - _NOBODY - own
    if certain:
        yield replace(way, addresses=certain)
    if gap is None and certain:
        return
    why = Gap(f"addresses behind {way.id}", "", "no route says which they are")
    yield replace(way, addresses=_PRIVATE - own - certain, doubt=gap or why)
