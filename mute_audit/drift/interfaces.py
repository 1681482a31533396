"""Network interfaces, and what they belong to.

Most interfaces are a part of something else that is judged by itself. What is left is a way
into the VPC that nothing else shows: an interface that somebody made, a second one of an
instance, or one of a service that is not described (an ElastiCache node, a file system).
"""

from __future__ import annotations

from collections.abc import Iterator

from mute_audit.inventory import CALLS, RegionInventory
from mute_audit.inventory.network import NetworkInterface
from mute_audit.verdict import Gap

__all__ = ["unlisted_owners", "unowned"]


def unowned(region: RegionInventory) -> Iterator[NetworkInterface]:
    """The interfaces of a Region that belong to nothing that is described.

    Where the owners were not listed, nothing is said to be unowned (see `unlisted_owners`).
    """
    for item, key in _strays(region):
        if not key or (key in region.held and region.failure(key) is None):
            yield item


def unlisted_owners(region: RegionInventory) -> Iterator[tuple[str, Gap]]:
    """VPC and gap, for each description that an interface shows to be needed.

    A snapshot that does not hold the NAT gateways may be of a VPC without one, as AWS's
    default has it; an interface of one in it says otherwise.
    """
    for item, key in _strays(region):
        if key and key not in region.held and region.failure(key) is None:
            why = f"not in the snapshot, and {item.network_interface_id} belongs to one"
            yield item.vpc_id, Gap(CALLS[key].action, region.place, why, key)


def _strays(region: RegionInventory) -> Iterator[tuple[NetworkInterface, str]]:
    """Interfaces whose owner is not described, each with the description that would list it."""
    owners = _Owners(region)
    for item in region.network_interfaces:
        key, owned = owners.look_up(item)
        if not owned:
            yield item, key


class _Owners:
    def __init__(self, region: RegionInventory) -> None:
        self._instances = {item.instance_id for item in region.instances}
        self._nat = {
            address.network_interface_id
            for gateway in region.nat_gateways
            for address in gateway.nat_gateway_addresses
        }
        self._endpoints = {
            name for endpoint in region.vpc_endpoints for name in endpoint.network_interface_ids
        }
        # `app/web/50dc6c495c0c9188`, as the descriptions of balancers' interfaces have it.
        self._balancers = {
            item.load_balancer_arn.partition(":loadbalancer/")[2] for item in region.load_balancers
        }
        self._database_subnets = {
            subnet.subnet_identifier
            for item in region.db_instances
            if item.db_subnet_group is not None
            for subnet in item.db_subnet_group.subnets
        }
        self._function_subnets = {
            subnet
            for item in region.functions
            if item.vpc_config is not None
            for subnet in item.vpc_config.subnet_ids
        }
        self._transit_subnets = {
            subnet for item in region.transit_gateway_vpc_attachments for subnet in item.subnet_ids
        }
        self._tasks = {
            detail.value
            for item in region.ecs_tasks
            for attachment in item.attachments
            for detail in attachment.details
        }

    def look_up(self, item: NetworkInterface) -> tuple[str, bool]:
        """The description that lists the owner (empty: no known kind), and whether it is there."""
        name, kind, text = item.network_interface_id, item.interface_type, item.description
        if item.attachment is not None and item.attachment.instance_id:
            if item.attachment.device_index > 0:
                return "", False
            return "Reservations", item.attachment.instance_id in self._instances
        if kind == "nat_gateway" or name in self._nat:
            return "NatGateways", name in self._nat
        if kind in ("vpc_endpoint", "gateway_load_balancer_endpoint") or name in self._endpoints:
            return "VpcEndpoints", name in self._endpoints
        if text.startswith("ELB "):
            return "LoadBalancers", text.removeprefix("ELB ") in self._balancers
        if item.requester_id == "amazon-rds" or text == "RDSNetworkInterface":
            return "DBInstances", item.subnet_id in self._database_subnets
        if kind == "lambda" or text.startswith("AWS Lambda VPC ENI"):
            return "Functions", item.subnet_id in self._function_subnets
        if kind == "transit_gateway":
            return "TransitGatewayVpcAttachments", item.subnet_id in self._transit_subnets
        if ":ecs:" in text and ":attachment/" in text:
            return "tasks", name in self._tasks
        return "", False
