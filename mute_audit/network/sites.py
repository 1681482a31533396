"""Resources that packets come from or go to, with what their descriptions say of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mute_audit.address import Address
from mute_audit.inventory import RegionInventory
from mute_audit.inventory.base import Tag, name_of
from mute_audit.inventory.network import NetworkInterface
from mute_audit.inventory.workload import Instance
from mute_audit.network.place import Place, PlaceKind

__all__ = [
    "Site",
    "gateway_sites",
    "instance_site",
    "interface_place",
    "interface_site",
    "resource_place",
    "service_sites",
]


@dataclass(frozen=True, slots=True)
class Site:
    """A resource that packets come from or go to, with what selectors ask of it.

    `interfaces` are the ids of its interfaces that a description ties to it by id;
    `subnets` and `groups` are what its description says it stands in; `host` is the DNS name
    under which clients know it.
    """

    place: Place
    vpc: str = ""
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = field(default=())
    state: str = ""
    host: str = ""


def resource_place(region: RegionInventory, kind: str, identifier: str, name: str) -> Place:
    return Place(PlaceKind.RESOURCE, Address(kind, identifier, name, region.account, region.region))


def instance_site(
    region: RegionInventory, item: Instance, owned: Sequence[NetworkInterface]
) -> Site:
    mine = owned or item.network_interfaces
    groups = {g.group_id for eni in mine for g in eni.groups}
    groups |= {g.group_id for g in item.security_groups}
    subnets = {eni.subnet_id for eni in mine if eni.subnet_id}
    if item.subnet_id:
        subnets.add(item.subnet_id)
    return Site(
        resource_place(region, "ec2.instance", item.instance_id, name_of(item.tags)),
        item.vpc_id or next((eni.vpc_id for eni in mine), ""),
        tuple(sorted(subnets)),
        tuple(sorted(groups)),
        tuple(sorted(eni.network_interface_id for eni in mine)),
        item.tags,
        item.state.name,
    )


def service_sites(region: RegionInventory) -> list[Site]:
    found = []
    for db in region.db_instances:
        group = db.db_subnet_group
        found.append(
            Site(
                resource_place(
                    region,
                    "rds.instance",
                    db.db_instance_arn or db.db_instance_identifier,
                    db.db_instance_identifier,
                ),
                group.vpc_id if group else "",
                tuple(sorted(s.subnet_identifier for s in group.subnets)) if group else (),
                tuple(sorted(g.vpc_security_group_id for g in db.vpc_security_groups)),
                (),
                db.tag_list,
                db.db_instance_status,
                db.endpoint.address if db.endpoint is not None else "",
            )
        )
    for lb in region.load_balancers:
        found.append(
            Site(
                resource_place(
                    region, "elbv2.load-balancer", lb.load_balancer_arn, lb.load_balancer_name
                ),
                lb.vpc_id,
                tuple(sorted(z.subnet_id for z in lb.availability_zones if z.subnet_id)),
                tuple(sorted(lb.security_groups)),
                (),
                (),
                lb.state.code,
                lb.dns_name,
            )
        )
    for function in region.functions:
        if function.vpc_config is None or not function.vpc_config.subnet_ids:
            continue
        found.append(
            Site(
                resource_place(
                    region,
                    "lambda.function",
                    function.function_arn or function.function_name,
                    function.function_name,
                ),
                function.vpc_config.vpc_id,
                tuple(sorted(function.vpc_config.subnet_ids)),
                tuple(sorted(function.vpc_config.security_group_ids)),
            )
        )
    for service in region.ecs_services:
        network = service.network_configuration
        if network is None or network.awsvpc_configuration is None:
            continue
        found.append(
            Site(
                resource_place(region, "ecs.service", service.service_arn, service.service_name),
                "",
                tuple(sorted(network.awsvpc_configuration.subnets)),
                tuple(sorted(network.awsvpc_configuration.security_groups)),
            )
        )
    return found


def gateway_sites(region: RegionInventory) -> list[Site]:
    found = [
        Site(
            resource_place(region, "ec2.nat-gateway", nat.nat_gateway_id, name_of(nat.tags)),
            nat.vpc_id,
            (nat.subnet_id,) if nat.subnet_id else (),
            (),
            tuple(
                sorted(
                    {
                        a.network_interface_id
                        for a in nat.nat_gateway_addresses
                        if a.network_interface_id
                    }
                )
            ),
            nat.tags,
            nat.state,
        )
        for nat in region.nat_gateways
        if nat.state not in ("deleted", "deleting", "failed")
    ]
    found += [
        Site(
            resource_place(region, "ec2.vpc-endpoint", end.vpc_endpoint_id, name_of(end.tags)),
            end.vpc_id,
            tuple(sorted(end.subnet_ids)),
            tuple(sorted(g.group_id for g in end.groups)),
            tuple(sorted(end.network_interface_ids)),
            end.tags,
            end.state,
        )
        for end in region.vpc_endpoints
        if end.vpc_endpoint_type != "Gateway"
    ]
    return found


def interface_place(region: RegionInventory, eni: NetworkInterface) -> Place:
    """The place that an interface is by itself."""
    name = name_of(eni.tag_set)
    return resource_place(region, "ec2.network-interface", eni.network_interface_id, name)


def interface_site(region: RegionInventory, eni: NetworkInterface) -> Site:
    return Site(
        interface_place(region, eni),
        eni.vpc_id,
        (eni.subnet_id,) if eni.subnet_id else (),
        tuple(sorted(g.group_id for g in eni.groups)),
        (eni.network_interface_id,),
        eni.tag_set,
        eni.status,
    )
