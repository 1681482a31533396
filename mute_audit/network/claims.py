"""Interfaces that belong to a described service: they stand for it, and are no places of their own.

AWS says whose an interface is in different ways: RDS and Lambda by subnet and groups, ELB in
the description, ECS in the task. An interface of a service that is not described (a Redshift
node, a classic load balancer, a file system) is a place like any other.
"""

from __future__ import annotations

from mute_audit.inventory import RegionInventory
from mute_audit.inventory.network import NetworkInterface
from mute_audit.inventory.workload import VpcSecurityGroupMembership

__all__ = ["Claims"]

# They take no connection of their own: a NAT gateway and a transit gateway pass on what others
# send, an endpoint of a gateway load balancer hands it to an inspector.
_PASSES_ON = frozenset({"nat_gateway", "transit_gateway", "gateway_load_balancer_endpoint"})

_Key = tuple[str, frozenset[str]]


class Claims:
    """What the services of one account and Region lay claim to."""

    def __init__(self, region: RegionInventory) -> None:
        self._databases: set[_Key] = {
            (subnet.subnet_identifier, frozenset(_ids(db.vpc_security_groups)))
            for db in region.db_instances
            if db.db_subnet_group is not None
            for subnet in db.db_subnet_group.subnets
        }
        self._functions: set[_Key] = {
            (subnet, frozenset(item.vpc_config.security_group_ids))
            for item in region.functions
            if item.vpc_config is not None
            for subnet in item.vpc_config.subnet_ids
        }
        self._balancers = {
            "ELB " + item.load_balancer_arn.partition("loadbalancer/")[2]
            for item in region.load_balancers
        }
        self._tasks = {
            detail.value
            for task in region.ecs_tasks
            for attachment in task.attachments
            for detail in attachment.details
            if detail.name == "networkInterfaceId"
        }

    def cover(self, eni: NetworkInterface) -> bool:
        """Whether an interface is a part of something else that is described."""
        if eni.interface_type in _PASSES_ON:
            return True
        key = (eni.subnet_id, frozenset(group.group_id for group in eni.groups))
        if eni.description == "RDSNetworkInterface":
            return key in self._databases
        if eni.interface_type == "lambda":
            return key in self._functions
        return eni.description in self._balancers or eni.network_interface_id in self._tasks


def _ids(groups: tuple[VpcSecurityGroupMembership, ...]) -> set[str]:
    return {item.vpc_security_group_id for item in groups}
