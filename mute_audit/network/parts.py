"""Parts of a network that a person may name, though no packet begins or ends in them alone.

A subnet stands for all of its interfaces, an internet gateway for the internet as far as it
goes through that gateway, a gateway endpoint for the service behind it.
"""

from __future__ import annotations

from mute_audit.address import Address
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.base import name_of
from mute_audit.network.place import Place, PlaceKind

__all__ = ["INTERNET_GATEWAY", "SERVICE_ENDPOINT", "SUBNET", "part_place"]

SUBNET, INTERNET_GATEWAY = "ec2.subnet", "ec2.internet-gateway"
SERVICE_ENDPOINT = "ec2.gateway-endpoint"


def part_place(inventory: Inventory, text: str) -> Place | None:
    """The part of the network with this id."""
    for region in inventory.regions:
        for subnet in region.subnets:
            if subnet.subnet_id == text:
                return _place(region, SUBNET, text, name_of(subnet.tags))
        for gateway in region.internet_gateways:
            if gateway.internet_gateway_id == text:
                return _place(region, INTERNET_GATEWAY, text, name_of(gateway.tags))
        for endpoint in region.vpc_endpoints:
            if endpoint.vpc_endpoint_id == text and endpoint.vpc_endpoint_type == "Gateway":
                return _place(region, SERVICE_ENDPOINT, text, name_of(endpoint.tags))
    return None


def _place(region: RegionInventory, kind: str, identifier: str, name: str) -> Place:
    return Place(PlaceKind.RESOURCE, Address(kind, identifier, name, region.account, region.region))
