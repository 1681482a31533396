"""Kinds that have no section of their own in a baseline: only whether they are there counts.

A VPC is also what it is joined to and what runs in it: endpoints, peerings, balancers,
functions. What is found here and not named under `others` is unexpected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from mute_audit.drift.found import Found
from mute_audit.drift.interfaces import unowned
from mute_audit.inventory import RegionInventory
from mute_audit.inventory.base import name_of

__all__ = ["OTHERS"]

# What AWS goes on listing after it is gone, or before anybody agreed to it.
_NO_PEERING = frozenset({"deleted", "deleting", "rejected", "expired", "failed"})
_GONE = frozenset({"deleted", "deleting", "failed", "rejected", "expired"})


def interfaces(region: RegionInventory) -> Iterator[Found]:
    for item in unowned(region):
        name = name_of(item.tag_set) or item.description
        yield Found(
            "ec2.network-interface",
            item.network_interface_id,
            (name,) if name else (),
            item.vpc_id,
            region,
            item,
            item.tag_set,
        )


def endpoints(region: RegionInventory) -> Iterator[Found]:
    for item in region.vpc_endpoints:
        if item.state.lower() not in _GONE:
            name = name_of(item.tags) or item.service_name
            yield Found(
                "ec2.vpc-endpoint", item.vpc_endpoint_id, (name,), item.vpc_id, region, item
            )


def peerings(region: RegionInventory) -> Iterator[Found]:
    for item in region.vpc_peering_connections:
        if item.status.code in _NO_PEERING:
            continue
        for side in (item.requester_vpc_info, item.accepter_vpc_info):
            yield Found(
                "ec2.vpc-peering-connection",
                item.vpc_peering_connection_id,
                (name_of(item.tags),),
                side.vpc_id,
                region,
                item,
            )


def egress_gateways(region: RegionInventory) -> Iterator[Found]:
    for item in region.egress_only_internet_gateways:
        for place in item.attachments:
            yield Found(
                "ec2.egress-only-internet-gateway",
                item.egress_only_internet_gateway_id,
                (name_of(item.tags),),
                place.vpc_id,
                region,
                item,
            )


def transit_attachments(region: RegionInventory) -> Iterator[Found]:
    for item in region.transit_gateway_vpc_attachments:
        if item.state not in _GONE:
            yield Found(
                "ec2.transit-gateway-attachment",
                item.transit_gateway_attachment_id,
                (name_of(item.tags),),
                item.vpc_id,
                region,
                item,
            )


def vpn_gateways(region: RegionInventory) -> Iterator[Found]:
    for item in region.vpn_gateways:
        for place in item.vpc_attachments:
            if place.state not in ("detached", "detaching"):
                yield Found(
                    "ec2.vpn-gateway",
                    item.vpn_gateway_id,
                    (name_of(item.tags),),
                    place.vpc_id,
                    region,
                    item,
                )


def balancers(region: RegionInventory) -> Iterator[Found]:
    for item in region.load_balancers:
        yield Found(
            "elbv2.load-balancer",
            item.load_balancer_arn,
            (item.load_balancer_name,),
            item.vpc_id,
            region,
            item,
        )


def functions(region: RegionInventory) -> Iterator[Found]:
    for item in region.functions:
        vpc = item.vpc_config.vpc_id if item.vpc_config is not None else ""
        id = item.function_arn or item.function_name
        yield Found("lambda.function", id, (item.function_name,), vpc, region, item)


def services(region: RegionInventory) -> Iterator[Found]:
    for item in region.ecs_services:
        network = item.network_configuration
        inside = network.awsvpc_configuration if network is not None else None
        vpcs = _vpcs_of(region, inside.subnets if inside is not None else ())
        for vpc in vpcs or ("",):
            yield Found("ecs.service", item.service_arn, (item.service_name,), vpc, region, item)


def tasks(region: RegionInventory) -> Iterator[Found]:
    """Tasks that no service runs; those of a service are the service's own affair."""
    for item in region.ecs_tasks:
        if item.group.startswith("service:") or item.last_status == "STOPPED":
            continue
        subnets = [
            detail.value
            for attachment in item.attachments
            for detail in attachment.details
            if detail.name == "subnetId"
        ]
        for vpc in _vpcs_of(region, subnets) or ("",):
            yield Found("ecs.task", item.task_arn, (item.group,), vpc, region, item)


def _vpcs_of(region: RegionInventory, subnets: Iterable[str]) -> tuple[str, ...]:
    wanted = set(subnets)
    return tuple(sorted({item.vpc_id for item in region.subnets if item.subnet_id in wanted}))


# type → the description that it comes from, and its listing
OTHERS: dict[str, tuple[str, Callable[[RegionInventory], Iterator[Found]]]] = {
    "ec2.egress-only-internet-gateway": ("EgressOnlyInternetGateways", egress_gateways),
    "ec2.network-interface": ("NetworkInterfaces", interfaces),
    "ec2.transit-gateway-attachment": ("TransitGatewayVpcAttachments", transit_attachments),
    "ec2.vpc-endpoint": ("VpcEndpoints", endpoints),
    "ec2.vpc-peering-connection": ("VpcPeeringConnections", peerings),
    "ec2.vpn-gateway": ("VpnGateways", vpn_gateways),
    "ecs.service": ("services", services),
    "ecs.task": ("tasks", tasks),
    "elbv2.load-balancer": ("LoadBalancers", balancers),
    "lambda.function": ("Functions", functions),
}
