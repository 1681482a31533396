"""Networks outside an estate, as places: what its gateways and connections lead to.

Both engines use these names; what is known of such a network, and where its packets come in,
each engine works out by itself. A gateway that is described nowhere, but that an active route
leads to, is a place as well: there is something behind it, and nobody can say what.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mute_audit.address import Address, is_id
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.base import name_of
from mute_audit.inventory.network import Route
from mute_audit.network.place import Place, PlaceKind

__all__ = ["Outer", "outer_places"]

VPN, ATTACHMENT, TRANSIT = (
    "ec2.vpn-gateway",
    "ec2.transit-gateway-attachment",
    "ec2.transit-gateway",
)
PEER, PEERING = "ec2.vpc", "ec2.vpc-peering-connection"

# In service, or a snapshot that does not say it.
_LIVE = frozenset({"available", "modifying", ""})
# What a gateway id that a route names is, where that is no way out that is modelled.
_KNOWN_GATEWAYS = ("igw-", "vgw-", "vpce-", "eigw-")


@dataclass(frozen=True, slots=True)
class Outer:
    """A network outside.

    seen     whether the gateway that leads to it is described
    gateway  of an attachment: its transit gateway
    by       other ids of what leads there: the VPN connections of a gateway, the transit gateway
             and the resource of an attachment, the connection to a peer
    """

    place: Place
    seen: bool = True
    gateway: str = ""
    by: frozenset[str] = frozenset()


def outer_places(inventory: Inventory) -> tuple[Outer, ...]:
    """Every network outside that a description speaks of, each once, those described first."""
    found: dict[tuple[str, str], Outer] = {}
    for item in (*_described(inventory), *_named(inventory)):
        found.setdefault((item.place.address.type, item.place.address.id), item)
    return tuple(found.values())


def _described(inventory: Inventory) -> Iterator[Outer]:
    for region in inventory.regions:
        for gateway in region.vpn_gateways:
            name = gateway.vpn_gateway_id
            made = _outer(region, VPN, name, name_of(gateway.tags))
            yield replace(made, by=_connections(inventory, name))
        for item in region.transit_gateway_attachments:
            known = (
                item.resource_id in inventory.vpcs
                if item.resource_type == "vpc"
                else item.resource_type == "peering"
                and _joins(inventory, item.transit_gateway_attachment_id, item.transit_gateway_id)
            )
            if not known:
                name = item.transit_gateway_attachment_id
                made = _outer(region, ATTACHMENT, name, name_of(item.tags))
                by = frozenset({item.transit_gateway_id, item.resource_id} - {""})
                yield replace(made, gateway=item.transit_gateway_id, by=by)
    for connection in inventory.peerings.values():
        ends = (connection.requester_vpc_info, connection.accepter_vpc_info)
        seen = [end.vpc_id in inventory.vpcs for end in ends]
        if seen[0] is not seen[1] and connection.status.code == "active":
            there = ends[0] if seen[1] else ends[1]
            address = Address(PEER, there.vpc_id, "", there.owner_id, there.region)
            by = frozenset({connection.vpc_peering_connection_id})
            yield Outer(Place(PlaceKind.RESOURCE, address), by=by)


def _connections(inventory: Inventory, gateway: str) -> frozenset[str]:
    """The VPN connections that end at a gateway."""
    return frozenset(
        item.vpn_connection_id
        for region in inventory.regions
        for item in region.vpn_connections
        if item.vpn_gateway_id == gateway
    )


def _joins(inventory: Inventory, attachment: str, gateway: str) -> bool:
    """Whether the gateway at the other end of a peering attachment is described, with all of its
    attachments."""
    ends: set[str] = set()
    for region in inventory.regions:
        for item in region.transit_gateway_attachments:
            if item.transit_gateway_attachment_id == attachment:
                ends |= {item.transit_gateway_id, item.resource_id}
        for peering in region.transit_gateway_peering_attachments:
            if peering.transit_gateway_attachment_id == attachment:
                ends.add(peering.requester_tgw_info.transit_gateway_id)
                ends.add(peering.accepter_tgw_info.transit_gateway_id)
    others = {name for name in ends - {gateway} if is_id(name, "tgw-")}
    return bool(others) and all(_is_whole(inventory, name) for name in others)


def _named(inventory: Inventory) -> Iterator[Outer]:
    """What routes lead to, or what VPCs hang on, and no description tells of."""
    attached = {
        (item.transit_gateway_id, item.vpc_id)
        for region in inventory.regions
        for item in region.transit_gateway_vpc_attachments
        if item.state in _LIVE
    }
    gateways = {
        gateway.vpn_gateway_id for region in inventory.regions for gateway in region.vpn_gateways
    }
    for region in inventory.regions:
        for item in region.transit_gateway_vpc_attachments:
            gateway = item.transit_gateway_id
            here = item.state in _LIVE and item.vpc_id in inventory.vpcs
            if here and not _is_whole(inventory, gateway):
                yield _outer(region, TRANSIT, gateway, seen=False)
        for table in region.route_tables:
            named = [entry.gateway_id for entry in table.propagating_vgws]
            named += [entry.gateway_id for entry in table.associations]
            for name in named:
                if is_id(name, "vgw-") and name not in gateways:
                    yield _outer(region, VPN, name, seen=False)
            for route in table.routes:
                if route.state == "active":
                    kind, name = _behind(inventory, region, route)
                    if kind == TRANSIT and (name, table.vpc_id) in attached:
                        continue
                    if kind:
                        yield _outer(region, kind, name, seen=False)


def _is_whole(inventory: Inventory, gateway: str) -> bool:
    """Whether all attachments of a transit gateway are listed: its owner's list has them."""
    for region in inventory.regions:
        if "TransitGatewayAttachments" not in region.held:
            continue
        if region.failure("TransitGatewayAttachments") is not None:
            continue
        owners = {
            item.owner_id for item in region.transit_gateways if item.transit_gateway_id == gateway
        }
        owners |= {
            item.transit_gateway_owner_id
            for item in region.transit_gateway_attachments
            if item.transit_gateway_id == gateway
        }
        # Of several accounts' lists of one gateway only its owner's is complete.
        named = owners - {""}
        if owners and (not named or not region.account or region.account in named):
            return True
    return False


def _behind(inventory: Inventory, region: RegionInventory, route: Route) -> tuple[str, str]:
    """The type and id of what an active route leads to and nobody describes; else empty."""
    if route.transit_gateway_id:
        return TRANSIT, route.transit_gateway_id
    if route.vpc_peering_connection_id:
        known = route.vpc_peering_connection_id in inventory.peerings
        return ("", "") if known else (PEERING, route.vpc_peering_connection_id)
    if route.local_gateway_id:
        return "ec2.local-gateway", route.local_gateway_id
    if route.carrier_gateway_id:
        return "ec2.carrier-gateway", route.carrier_gateway_id
    if route.core_network_arn:
        return "networkmanager.core-network", route.core_network_arn
    name = route.gateway_id
    if name in ("", "local"):
        return "", ""
    if is_id(name, "vgw-"):
        seen = any(
            item.vpn_gateway_id == name for home in inventory.regions for item in home.vpn_gateways
        )
        return ("", "") if seen else (VPN, name)
    return ("", "") if is_id(name, *_KNOWN_GATEWAYS) else ("ec2.gateway", name)


def _outer(
    region: RegionInventory, kind: str, identifier: str, name: str = "", *, seen: bool = True
) -> Outer:
    address = Address(kind, identifier, name, region.account, region.region)
    return Outer(Place(PlaceKind.RESOURCE, address), seen)
