"""Failed calls that may hide a place: what is not described, and could send or be reached.

Nothing takes part in a VPC without an interface, and `DescribeNetworkInterfaces` lists every one,
whoever made it (Amazon EC2 User Guide, "Requester-managed network interfaces"). Where that list
was collected and shows nothing to be left out, a task, an endpoint or a balancer of which no more
is known is a place by its interface. Two things are not seen there: what a balancer passes on to,
and a function that was idle for weeks, whose interface Lambda makes anew when it is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mute_audit.inventory import GLOBAL, Inventory, RegionInventory
from mute_audit.inventory.network import NetworkInterface
from mute_audit.inventory.place_types import PLACE_TYPES
from mute_audit.network.places import Place
from mute_audit.network.traffic import TCP, Traffic
from mute_audit.verdict import Gap

__all__ = ["hidden_sources", "hidden_targets"]

# Calls that describe what leads to other networks.
_JOINING = (
    "VpnGateways",
    "VpcPeeringConnections",
    "TransitGatewayAttachments",
    "TransitGatewayVpcAttachments",
)

# They are seen by their interfaces as well as by themselves.
_BY_INTERFACE = frozenset({"ecs.service", "ec2.vpc-endpoint"})
# They open connections and accept none (N53).
_NEVER_REACHED = frozenset({"lambda.function"})
_BALANCER_TYPES = frozenset({"network_load_balancer", "gateway_load_balancer"})
_BALANCER_TEXTS = ("ELB app/", "ELB net/", "ELB gwy/")


def _hidden(
    inventory: Inventory, regions: Iterable[RegionInventory], types: Iterable[str]
) -> tuple[Gap, ...]:
    """The failed calls, each once, that may hide a place of one of `types`."""
    wanted = tuple(types)
    found: dict[Gap, None] = {}
    for region in regions:
        if region.region == GLOBAL:
            continue
        for kind in wanted:
            gap = inventory.missing(PLACE_TYPES[kind], region)
            if gap is not None and not _seen(kind, region):
                found[gap] = None
    return tuple(found)


def hidden_targets(inventory: Inventory, regions: Iterable[RegionInventory]) -> tuple[Gap, ...]:
    """The same for places that could be reached."""
    return _hidden(inventory, regions, [kind for kind in PLACE_TYPES if kind not in _NEVER_REACHED])


def hidden_sources(
    inventory: Inventory,
    near: Iterable[Place],
    traffic: Traffic,
    types: Iterable[str] = tuple(PLACE_TYPES),
    *,
    networks: bool = True,
) -> tuple[Gap, ...]:
    """What may hide a place, of `types`, that reaches something in `near`: failed calls, and
    routes to interfaces that no description tells of; `networks`, whether those outside count.

    Packets come from the same account and Region; from others only where a peering or a
    transit gateway joins them. (What comes over the internet needs no place to be known.)
    Behind a gateway that a failed call hides may stand a network of which no route speaks:
    TCP does not come from there, because its answers would find no way back.
    """
    homes = {(place.address.account, place.address.region) for place in near}
    regions = [r for r in inventory.regions if (r.account, r.region) in homes]
    joined = any(
        r.vpc_peering_connections
        or r.transit_gateway_attachments
        or r.transit_gateway_vpc_attachments
        or r.failure("VpcPeeringConnections")
        or r.failure("TransitGatewayVpcAttachments")
        for r in regions
    )
    searched = inventory.regions if joined else regions
    found = _hidden(inventory, searched, types)
    if networks and traffic - Traffic.protocol(TCP):
        found += tuple(
            gap
            for region in searched
            for key in _JOINING
            if (gap := region.failure(key)) is not None
        )
    return (*found, *_routed_nowhere(inventory, searched))


def _routed_nowhere(inventory: Inventory, regions: Iterable[RegionInventory]) -> Iterator[Gap]:
    """Interfaces that active routes lead to, and that the list of interfaces lacks."""
    for region in regions:
        if "NetworkInterfaces" not in region.held:
            continue
        for table in region.route_tables:
            for route in table.routes:
                name = route.network_interface_id
                known = not name or name in inventory.network_interfaces
                if not known and route.state == "active":
                    where = table.route_table_id
                    yield Gap(name, where, "not in the snapshot", "NetworkInterfaces")


def _seen(kind: str, region: RegionInventory) -> bool:
    """Whether places of a kind are seen although nothing describes them."""
    if kind in _BY_INTERFACE:
        return _lists_everything(region)
    if kind == "elbv2.load-balancer":
        return _lists_everything(region) and not any(map(_of_balancer, region.network_interfaces))
    return False


def _of_balancer(eni: NetworkInterface) -> bool:
    return eni.interface_type in _BALANCER_TYPES or eni.description.startswith(_BALANCER_TEXTS)


def _lists_everything(region: RegionInventory) -> bool:
    """Whether the list of interfaces is there, and lacks none that another description names.

    What stands in for AWS may list instances' interfaces only.
    """
    if "NetworkInterfaces" not in region.held or region.failure("NetworkInterfaces") is not None:
        return False
    listed = {eni.network_interface_id for eni in region.network_interfaces}
    texts = {eni.description for eni in region.network_interfaces}
    databases = any(db.db_instance_status == "available" for db in region.db_instances)
    balancers = (
        "ELB " + item.load_balancer_arn.partition("loadbalancer/")[2]
        for item in region.load_balancers
        if item.state.code == "active"
    )
    return (
        listed.issuperset(_named(region))
        and texts.issuperset(balancers)
        and (not databases or "RDSNetworkInterface" in texts)
    )


def _named(region: RegionInventory) -> Iterable[str]:
    """The interfaces that descriptions of what uses them name."""
    for instance in region.instances:
        yield from (eni.network_interface_id for eni in instance.network_interfaces)
    for nat in region.nat_gateways:
        if nat.state == "available":
            used = (item.network_interface_id for item in nat.nat_gateway_addresses)
            yield from filter(None, used)
    for endpoint in region.vpc_endpoints:
        if endpoint.state == "available":
            yield from endpoint.network_interface_ids
    for task in region.ecs_tasks:
        for attachment in task.attachments:
            for detail in attachment.details:
                if detail.name == "networkInterfaceId":
                    yield detail.value
