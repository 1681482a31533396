"""Steps at route tables: which route, and where it leads."""

from __future__ import annotations

from mute_audit.address import is_id
from mute_audit.inventory.network import RouteTable
from mute_audit.network.tracer.attachments import (
    check_family,
    in_service,
    references_over,
    vpc_attachment,
)
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.journey import Journey, Way
from mute_audit.network.tracer.routes import Choice, choose, route_name
from mute_audit.network.tracer.spots import (
    Arrived,
    Dropped,
    EgressOnly,
    Enter,
    Fork,
    IntoNat,
    IntoPeer,
    IntoTransit,
    IntoVpn,
    Local,
    Reach,
    Refused,
    Routed,
    Spot,
    ToInternet,
    Toward,
)
from mute_audit.network.tracer.walk import Walk
from mute_audit.verdict import Gap

__all__ = ["ahead", "choice_at", "inward", "routed", "toward"]


def choice_at(walk: Walk, table: RouteTable) -> Choice:
    walk.visit("table", table.route_table_id)
    return choose(walk.atlas, walk.groups, table, walk.header.destination)


def ahead(walk: Walk, vpc: str, table: RouteTable) -> Journey:
    """Where a packet goes that is about to leave: what outward group references depend on."""
    choice = choice_at(walk, table)
    if not choice.routes:
        return Journey(Way.OUTSIDE)
    route = choice.routes[0]
    target = route.target
    if target == "local":
        return Journey(Way.LOCAL, vpc)
    if is_id(target, "pcx-"):
        connection = walk.atlas.inventory.peerings.get(target)
        if connection is not None:
            ends = (connection.requester_vpc_info.vpc_id, connection.accepter_vpc_info.vpc_id)
            other = ends[1] if vpc == ends[0] else ends[0]
            return Journey(Way.PEERING, other, target)
    if is_id(target, "tgw-"):
        return Journey(Way.TRANSIT, "", target)
    if is_id(target, "eni-", "i-") or (
        is_id(target, "vpce-") and not route.destination_prefix_list_id
    ):
        # N9 is about who sent a packet: where it goes is still seen in front of a middlebox.
        return Journey(Way.LOCAL, vpc)
    return Journey(Way.OUTSIDE)


def routed(walk: Walk, spot: Routed) -> Spot | Fork:
    """At a route table."""
    choice = choice_at(walk, spot.table)
    ways = tuple(
        Toward(spot.vpc, spot.table, route, spot.zone, spot.subnet) for route in choice.routes
    )
    if len(ways) == 1 and not choice.gaps:
        return ways[0]
    no_route = Refused(
        Component.TABLE,
        spot.table.route_table_id,
        "no-route",
        f"{spot.table.route_table_id} has no route to {walk.header.destination}",
    )
    if not choice.gaps:
        return no_route
    alternatives: tuple[Spot, ...] = ways if len(ways) > 1 else (*ways, no_route)
    return Fork(alternatives, choice.gaps[0])


def toward(walk: Walk, spot: Toward) -> Spot | Fork:
    """Along one route, by the kind of its target."""
    route, table = spot.route, spot.table
    if route.state == "blackhole":
        walk.block(
            Component.TABLE,
            table.route_table_id,
            "blackhole",
            f"route {route_name(table, route)} to {route.target or 'nothing'} is a blackhole",
        )
        if not _described(walk, route.target):
            return Dropped()
        # Where it led when it was alive: what else would stop the packet, if anything.
    walk.decided(route_name(table, route))
    target = route.target
    if target == "local":
        return Local(spot.vpc)
    if is_id(target, "igw-"):
        return ToInternet(spot.vpc, target)
    if is_id(target, "eigw-"):
        return EgressOnly(spot.vpc, target)
    if is_id(target, "vgw-"):
        return IntoVpn(target, spot.vpc)
    if is_id(target, "nat-"):
        return _nat(walk, spot)
    if is_id(target, "pcx-"):
        connection = walk.atlas.inventory.peerings.get(target)
        if connection is None:
            return _absent(walk, spot, "VpcPeeringConnections")
        return IntoPeer(connection, spot.vpc)
    if is_id(target, "tgw-"):
        return _transit(walk, spot)
    if is_id(target, "vpce-"):
        return _endpoint(walk, spot)
    if is_id(target, "eni-", "i-"):
        return _interface(walk, spot)
    walk.unsure(Gap(f"route to {target}", spot.vpc, "this kind of target is not modelled"))
    return Dropped()


def _described(walk: Walk, target: str) -> bool:
    inventory = walk.atlas.inventory
    known = (
        inventory.nat_gateways,
        inventory.internet_gateways,
        inventory.peerings,
        inventory.vpc_endpoints,
        inventory.instances,
        inventory.network_interfaces,
    )
    return any(target in items for items in known)


def _absent(walk: Walk, spot: Toward, key: str) -> Spot:
    """A route is active, but its target is not described: two statements that disagree."""
    region = walk.atlas.region_of(spot.vpc)
    failed = region.failure(key) if region is not None else None
    walk.unsure(failed or Gap(spot.route.target, spot.vpc, "not in the snapshot", key))
    return Dropped()


def _nat(walk: Walk, spot: Toward) -> Spot:
    gateway = walk.atlas.inventory.nat_gateways.get(spot.route.target)
    if gateway is None:
        return _absent(walk, spot, "NatGateways")
    return IntoNat(gateway, spot.subnet)


def _interface(walk: Walk, spot: Toward) -> Spot:
    target = spot.route.target
    if is_id(target, "i-"):
        instance = walk.atlas.inventory.instances.get(target)
        ids = [n.network_interface_id for n in instance.network_interfaces] if instance else []
        target = ids[0] if len(ids) == 1 else ""
    nic = walk.atlas.nic(target)
    if nic is None:
        return _absent(walk, spot, "NetworkInterfaces")
    return Enter(nic.subnet, nic) if nic.subnet != spot.subnet else Reach(nic, forced=True)


def _transit(walk: Walk, spot: Toward) -> Spot:
    """Into a transit gateway: N42, and the ACL of the attachment's subnet."""
    gateway = spot.route.target
    attachment = vpc_attachment(walk, gateway, spot.vpc)
    if attachment is None:
        return _absent(walk, spot, "TransitGatewayVpcAttachments")
    if not in_service(attachment.state):
        walk.block(
            Component.TRANSIT,
            gateway,
            "not-available",
            f"attachment {attachment.transit_gateway_attachment_id} is {attachment.state}",
        )
    check_family(walk, gateway, attachment)
    near = [name for name in attachment.subnet_ids if walk.atlas.zone_id(name) == spot.zone]
    if not near:
        zone = spot.zone or "of the sender"
        walk.block(
            Component.TRANSIT,
            gateway,
            "no-zone",
            f"{attachment.transit_gateway_attachment_id} has no subnet in zone {zone}",
        )
    else:
        # The subnet of the attachment sees the packet come in, even where it is the
        # sender's own subnet (transit gateway guide, network ACLs).
        walk.enter_subnet(near[0])
    walk.journey = references_over(walk, gateway, attachment)
    return IntoTransit(gateway, attachment.transit_gateway_attachment_id, spot.zone)


def _endpoint(walk: Walk, spot: Toward) -> Spot | Fork:
    """A gateway endpoint takes the packet to its service; another kind inspects it (N59)."""
    route, target = spot.route, spot.route.target
    endpoint = walk.atlas.inventory.vpc_endpoints.get(target)
    by_list = bool(route.destination_prefix_list_id)
    if endpoint is None and not by_list:
        return _absent(walk, spot, "VpcEndpoints")
    if endpoint is None or endpoint.vpc_endpoint_type == "Gateway":
        if endpoint is None:
            region = walk.atlas.region_of(spot.vpc)
            failed = region.failure("VpcEndpoints") if region is not None else None
            if failed is not None:
                walk.unsure(failed)
        walk.hop("vpc-endpoint", target, endpoint.service_name if endpoint else "")
        if endpoint is not None and endpoint.state.lower() != "available":
            walk.block(Component.ENDPOINT, target, "not-available", f"{target} is {endpoint.state}")
        own = walk.atlas.vpc_networks(spot.vpc)
        source = walk.header.source
        if own and not any(source in net for net in own):
            walk.block(
                Component.ENDPOINT,
                target,
                "edge-to-edge",
                f"{target} serves what {spot.vpc} itself sends, not {source}",
            )
        return Arrived("gateway-endpoint", target, via=spot.vpc)
    return inspected(walk, target, endpoint.subnet_ids)


def inspected(walk: Walk, target: str, subnets: tuple[str, ...]) -> Spot | Fork:
    """Through a firewall whose rules are not read: dropped, or on from its own subnet."""
    walk.hop("vpc-endpoint", target)
    gap = Gap(f"inspection by {target}", "", "the rules of the firewall are not read")
    refused = Refused(Component.ENDPOINT, target, "not-inspected", f"{target} may drop it")
    subnet = subnets[0] if subnets else ""
    table = walk.atlas.table_of(subnet)
    item = walk.atlas.inventory.subnets.get(subnet)
    note = f"inspected: {target} decides, and its rules are not read"
    if table is None or item is None:
        walk.note("inspected", f"{target} decides, and its rules are not read")
        walk.unsure(gap)
        return Dropped()
    walk.journey = Journey(walk.journey.way, walk.journey.vpc, middlebox=True)
    on = Routed(item.vpc_id, table, walk.atlas.zone_id(subnet), subnet)
    return Fork((on, refused), gap, note)


def inward(walk: Walk, gateway: str, vpc: str) -> Spot | Fork:
    """In from the edge of a VPC: by the gateway's own table where it has one (N29)."""
    table = walk.atlas.edge_table(gateway)
    if table is None:
        return Local(vpc)
    return routed(walk, Routed(vpc, table, ""))
