"""Networks outside the estate as places: the internet, on-premises networks, foreign VPCs."""

from __future__ import annotations

from functools import cached_property

from mute_audit.address import Address
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.base import name_of
from mute_audit.network.addresses import NOT_ON_THE_INTERNET, AddressSet
from mute_audit.network.model import Model
from mute_audit.network.places import Place, PlaceKind
from mute_audit.network.transit import TransitGateways
from mute_audit.network.trips import Outside, Realm

__all__ = ["THE_INTERNET", "Outsiders"]

THE_INTERNET = AddressSet.everything() - NOT_ON_THE_INTERNET

# A network of which no route says anything: some private addresses that no VPC is likely to have.
_SOME_NETWORK = AddressSet.parse("172.31.255.0/24")

# Addresses that no network has, whatever is routed there (RFC 6890: this network, loopback,
# link-local, multicast and reserved).
_NOBODY = AddressSet.parse(
    "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/127", "fe80::/10", "ff00::/8"
)

_TYPES = frozenset({"ec2.vpn-gateway", "ec2.transit-gateway-attachment", "ec2.vpc"})


class Outsiders:
    """Finds the networks outside an estate that its gateways lead to."""

    def __init__(self, model: Model, transit: TransitGateways) -> None:
        self._model = model
        self._transit = transit

    @cached_property
    def by_place(self) -> dict[Place, Outside]:
        """Networks behind VPN gateways and attachments, and peers that are not described."""
        found: dict[Place, Outside] = {}
        inventory = self._model.inventory
        for region in inventory.regions:
            for gateway in region.vpn_gateways:
                if any(item.state == "attached" for item in gateway.vpc_attachments):
                    name = gateway.vpn_gateway_id
                    place = _place(region, "ec2.vpn-gateway", name, name_of(gateway.tags))
                    addresses = (self._behind_vpn(name) - _NOBODY) or _SOME_NETWORK
                    found[place] = Outside(Realm.PREMISES, name, addresses=addresses)
            for item in region.transit_gateway_attachments:
                name = item.transit_gateway_attachment_id
                if self._transit.outside.get(name) == item.transit_gateway_id:
                    kind = "ec2.transit-gateway-attachment"
                    place = _place(region, kind, name, name_of(item.tags))
                    found[place] = Outside(
                        Realm.PREMISES,
                        name,
                        item.transit_gateway_id,
                        addresses=(self._behind_attachment(name) - _NOBODY) or _SOME_NETWORK,
                    )
        found.update(self._peers(inventory))
        return found

    def of(self, place: Place) -> Outside | None:
        """What an outside place is; None for a place in the estate."""
        if place.kind is PlaceKind.INTERNET:
            part = THE_INTERNET & AddressSet.parse(place.cidr) if place.cidr else THE_INTERNET
            return Outside(Realm.INTERNET, addresses=part, anything=True)
        return self.by_place.get(place) if place.address.type in _TYPES else None

    def _peers(self, inventory: Inventory) -> dict[Place, Outside]:
        found: dict[Place, Outside] = {}
        for name, connection in inventory.peerings.items():
            ends = (connection.requester_vpc_info, connection.accepter_vpc_info)
            known = [end.vpc_id in inventory.vpcs for end in ends]
            if known[0] is known[1] or connection.status.code != "active":
                continue
            there = ends[0] if known[1] else ends[1]
            address = Address("ec2.vpc", there.vpc_id, "", there.owner_id, there.region)
            networks = AddressSet.readable(
                [
                    *([block.cidr_block for block in there.cidr_block_set] or [there.cidr_block]),
                    *(block.ipv6_cidr_block for block in there.ipv6_cidr_block_set),
                ]
            )
            place = Place(PlaceKind.RESOURCE, address)
            # Two connections to one VPC come in by different ways; the first one stands for it.
            found.setdefault(place, Outside(Realm.PEER, name, vpc=there.vpc_id, addresses=networks))
        return found

    def _behind_vpn(self, gateway: str) -> AddressSet:
        """What the routes of its VPC send to a VPN gateway, and its own static routes."""
        inventory = self._model.inventory
        vpc = self._model.vpn_gateway_vpc(gateway)
        texts = [
            route.destination
            for table in inventory.route_tables.values()
            if table.vpc_id == vpc
            for route in table.routes
            if route.gateway_id == gateway
        ]
        texts += [
            route.destination_cidr_block
            for region in inventory.regions
            for connection in region.vpn_connections
            if connection.vpn_gateway_id == gateway
            for route in connection.routes
        ]
        return AddressSet.readable(texts)

    def _behind_attachment(self, attachment: str) -> AddressSet:
        return AddressSet.union_of(
            AddressSet(v4=block) if version == 4 else AddressSet(v6=block)
            for version, block in self._transit.blocks_of(attachment)
        )


def _place(region: RegionInventory, kind: str, identifier: str, name: str) -> Place:
    return Place(PlaceKind.RESOURCE, Address(kind, identifier, name, region.account, region.region))
