"""Whose interface is it: what the path shows in its place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mute_audit.inventory import Inventory
from mute_audit.inventory.base import name_of
from mute_audit.inventory.network import NetworkInterface
from mute_audit.inventory.workload import DbInstance, Function, LoadBalancer

__all__ = ["RDS_DESCRIPTION", "Owner", "Owners", "balancer_description"]

# What RDS writes on the interfaces that it makes.
RDS_DESCRIPTION = "RDSNetworkInterface"


@dataclass(frozen=True, slots=True, order=True)
class Owner:
    kind: str
    id: str
    name: str = ""


def balancer_description(arn: str) -> str:
    """What a balancer's interfaces are described as: `ELB app/name/0123456789abcdef`."""
    return "ELB " + arn.partition("loadbalancer/")[2]


class Owners:
    """Owners of interfaces, by what AWS ties them to."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    @cached_property
    def _by_interface(self) -> dict[str, Owner]:
        found: dict[str, Owner] = {}
        for region in self._inventory.regions:
            for gateway in region.nat_gateways:
                owner = Owner("nat-gateway", gateway.nat_gateway_id, name_of(gateway.tags))
                for used in gateway.nat_gateway_addresses:
                    found[used.network_interface_id] = owner
            for endpoint in region.vpc_endpoints:
                owner = Owner("vpc-endpoint", endpoint.vpc_endpoint_id, name_of(endpoint.tags))
                for interface_id in endpoint.network_interface_ids:
                    found[interface_id] = owner
            services = {item.service_name: item for item in region.ecs_services}
            for task in region.ecs_tasks:
                service = services.get(task.group.removeprefix("service:"))
                owner = (
                    Owner("service", service.service_arn, service.service_name)
                    if service is not None and task.group.startswith("service:")
                    else Owner("task", task.task_arn, task.task_arn.rpartition("/")[2])
                )
                for attachment in task.attachments:
                    for detail in attachment.details:
                        if detail.name == "networkInterfaceId":
                            found[detail.value] = owner
            for database in region.db_instances:
                owner = Owner(
                    "database",
                    database.db_instance_arn or database.db_instance_identifier,
                    database.db_instance_identifier,
                )
                for item in self.of_database(database):
                    # Shared by two databases that look alike: then it is just an interface.
                    twin = found.get(item.network_interface_id)
                    found[item.network_interface_id] = (
                        owner if twin is None else Owner("interface", item.network_interface_id)
                    )
        return found

    @cached_property
    def _managed_by_rds(self) -> list[NetworkInterface]:
        return [
            item
            for item in self._inventory.network_interfaces.values()
            if item.description == RDS_DESCRIPTION
        ]

    def of_database(self, database: DbInstance) -> tuple[NetworkInterface, ...]:
        """The RDS-managed interfaces that fit a database: its VPC, subnets and groups.

        A Single-AZ database stands in its own zone. Two databases with the same subnet group
        and security groups cannot be told apart: both get both.
        """
        group = database.db_subnet_group
        if group is None:
            return ()
        subnets = {item.subnet_identifier for item in group.subnets}
        groups = {item.vpc_security_group_id for item in database.vpc_security_groups}
        zone = "" if database.multi_az else database.availability_zone
        return tuple(
            item
            for item in self._managed_by_rds
            if item.subnet_id in subnets
            and (not group.vpc_id or item.vpc_id == group.vpc_id)
            and {g.group_id for g in item.groups} == groups
            and (not zone or self._zone(item) in ("", zone))
        )

    def _zone(self, item: NetworkInterface) -> str:
        subnet = self._inventory.subnets.get(item.subnet_id)
        return item.availability_zone or (subnet.availability_zone if subnet is not None else "")

    def interfaces_of(self, owner_id: str) -> tuple[str, ...]:
        """The ids of the interfaces that a description ties to a service, endpoint or gateway."""
        return tuple(key for key, owner in self._by_interface.items() if owner.id == owner_id)

    @cached_property
    def _balancers(self) -> dict[str, LoadBalancer]:
        return {
            balancer_description(item.load_balancer_arn): item
            for item in self._inventory.load_balancers.values()
        }

    @cached_property
    def _functions(self) -> dict[tuple[str, frozenset[str]], list[Function]]:
        found: dict[tuple[str, frozenset[str]], list[Function]] = {}
        for region in self._inventory.regions:
            for function in region.functions:
                network = function.vpc_config
                for subnet in network.subnet_ids if network is not None else ():
                    groups = frozenset(network.security_group_ids if network is not None else ())
                    found.setdefault((subnet, groups), []).append(function)
        return found

    @cached_property
    def _embedded(self) -> dict[str, str]:
        """Interface → instance, from the copies of interfaces that instances carry."""
        return {
            nic.network_interface_id: instance.instance_id
            for instance in self._inventory.instances.values()
            for nic in instance.network_interfaces
        }

    def instance_of(self, item: NetworkInterface) -> str:
        """The id of the instance that an interface belongs to; empty if there is none."""
        if item.attachment is not None and item.attachment.instance_id:
            return item.attachment.instance_id
        return self._embedded.get(item.network_interface_id, "")

    def of(self, item: NetworkInterface) -> Owner:
        instance_id = self.instance_of(item)
        if instance_id:
            instance = self._inventory.instances.get(instance_id)
            return Owner("instance", instance_id, name_of(instance.tags) if instance else "")
        if item.network_interface_id in self._by_interface:
            return self._by_interface[item.network_interface_id]
        balancer = self._balancers.get(item.description)
        if balancer is not None:
            return Owner("load-balancer", balancer.load_balancer_arn, balancer.load_balancer_name)
        if item.interface_type == "lambda":
            key = (item.subnet_id, frozenset(g.group_id for g in item.groups))
            functions = self._functions.get(key, [])
            # One interface serves every function with the same subnet and groups.
            if len(functions) == 1:
                only = functions[0]
                return Owner(
                    "function", only.function_arn or only.function_name, only.function_name
                )
            return Owner("function", item.network_interface_id, name_of(item.tag_set))
        return Owner("interface", item.network_interface_id, name_of(item.tag_set))
