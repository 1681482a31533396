"""Steps at interfaces and inside a VPC."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, ip_address, ip_network

from mute_audit.address import why_absent
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.balancers import at_balancer
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.gateways import at_nat
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.journey import Journey, Way
from mute_audit.network.tracer.nics import Nic
from mute_audit.network.tracer.paths import ahead
from mute_audit.network.tracer.sessions import translate_back
from mute_audit.network.tracer.spots import (
    Arrived,
    Dropped,
    Emerge,
    Enter,
    Fork,
    Leave,
    Local,
    Masquerade,
    Pass,
    Reach,
    Refused,
    Routed,
    Spot,
)
from mute_audit.network.tracer.walk import Session, Walk
from mute_audit.verdict import Gap

__all__ = ["emerge", "enter", "leave", "local", "masquerade", "pass_on", "reach"]

# Amazon DNS, time, instance metadata, ECS task metadata, EKS pod identity: at every interface,
# and no group or ACL filters them (N14).
_SERVICES: dict[IP, str] = {
    ip_address(text): name
    for text, name in (
        ("169.254.169.253", "amazon-dns"),
        ("169.254.169.123", "amazon-time"),
        ("169.254.169.254", "instance-metadata"),
        ("169.254.170.2", "task-metadata"),
        ("169.254.170.23", "pod-identity"),
        ("fd00:ec2::253", "amazon-dns"),
        ("fd00:ec2::123", "amazon-time"),
        ("fd00:ec2::254", "instance-metadata"),
        ("fd00:ec2::23", "pod-identity"),
    )
}
_LINK_LOCAL = (ip_network("169.254.0.0/16"), ip_network("fe80::/10"))


def _amazon_service(atlas: Atlas, vpc: str, address: IP) -> str | None:
    if address in _SERVICES:
        return _SERVICES[address]
    networks = atlas.vpc_networks(vpc)
    # The resolver also answers at the VPC's base address plus two.
    if networks and isinstance(address, IPv4Address) and address == networks[0][0] + 2:
        return "amazon-dns"
    return None


def leave(walk: Walk, spot: Leave) -> Spot | Fork:
    """An interface sends: source check, groups outwards, then the subnet's border (N17)."""
    nic, header = spot.nic, walk.header
    walk.hop(nic.owner.kind, nic.owner.id, nic.owner.name)
    if spot.origin:
        walk.journey = Journey(Way.LOCAL, nic.vpc)
        if not walk.answer:
            _check_alive(walk, nic)
            if nic.owner.kind == "nat-gateway":
                walk.block(
                    Component.NAT,
                    nic.owner.id,
                    "no-session",
                    f"{nic.owner.id} opens no connection of its own",
                )
            elif nic.passes_on:
                walk.block(
                    Component.HOST,
                    nic.owner.id,
                    "opens-nothing",
                    f"{nic.label} is a gateway's interface, and passes on what others send",
                )
    if nic.check and not nic.has(header.source) and not _kept_by_balancer(walk, nic):
        walk.block(
            Component.HOST,
            nic.owner.id,
            "source-dest-check",
            f"{nic.label} may only send from its own addresses, not from {header.source}",
        )
    if spot.origin and nic.has(header.source) and nic.has(header.destination):
        # To its own address: the packet never leaves the host, and no filter sees it.
        walk.reached.add(nic.label)
        return Arrived(nic.owner.kind, nic.owner.id, nic)
    balancer = _balancer_behind(walk)
    if balancer is not None:
        return _back_to_balancer(walk, nic, balancer)
    service = _amazon_service(walk.atlas, nic.vpc, header.destination)
    if service is not None:
        return Arrived("amazon-service", service)
    if any(header.destination in net for net in _LINK_LOCAL):
        walk.block(
            Component.NOWHERE,
            str(header.destination),
            "no-such-destination",
            f"{header.destination} is a link-local address that no Amazon service uses",
        )
        return Dropped()
    if any(header.destination in net for net in walk.atlas.networks(nic.subnet)):
        walk.pass_group(nic, True, Journey(Way.LOCAL, nic.vpc))
        return _deliver(walk, nic.vpc, nic.subnet)
    if nic.subnet not in walk.atlas.inventory.subnets:
        gap = walk.atlas.missing("Subnets", nic.vpc)
        walk.unsure(gap or Gap(f"subnet {nic.subnet}", nic.vpc, why_absent(nic.subnet)))
        return Dropped()
    table = walk.atlas.table_of(nic.subnet)
    if table is None:
        gap = walk.atlas.missing("RouteTables", nic.vpc)
        walk.unsure(gap or Gap(f"route table of {nic.subnet}", nic.vpc, "not in the snapshot"))
        walk.leave_subnet(nic.subnet)
        return Dropped()
    walk.pass_group(nic, True, ahead(walk, nic.vpc, table))
    walk.leave_subnet(nic.subnet)
    return Routed(nic.vpc, table, walk.atlas.zone_id(nic.subnet), nic.subnet)


def _kept_by_balancer(walk: Walk, nic: Nic) -> bool:
    """Whether a balancer sends on behalf of the client whose address it kept."""
    return any(item.keeps and item.at == nic.label for item in walk.sessions)


def _balancer_behind(walk: Walk) -> Nic | None:
    """The network load balancer that this answer goes to, though addressed to the client."""
    if not walk.answer:
        return None
    ends = (walk.header.destination, walk.header.source)
    for session in reversed(walk.sessions):
        outer = session.outer
        if session.keeps and session.nic is not None and (outer.source, outer.destination) == ends:
            return session.nic
    return None


def _back_to_balancer(walk: Walk, nic: Nic, balancer: Nic) -> Spot:
    """AWS takes the answer of a target to the balancer's node without a look at the routes."""
    walk.pass_group(nic, True, Journey(Way.LOCAL, nic.vpc))
    if nic.subnet != balancer.subnet:
        walk.leave_subnet(nic.subnet)
        walk.enter_subnet(balancer.subnet)
    return Reach(balancer)


def local(walk: Walk, spot: Local) -> Spot:
    """Inside a VPC: to the subnet that holds the address."""
    address = walk.header.destination
    subnet = walk.atlas.subnet_at(spot.vpc, address)
    if subnet is not None:
        return Enter(subnet.subnet_id)
    # An interface that is only assumed, or whose subnet is not described.
    found = walk.find(spot.vpc, address)
    if found and found[0].subnet:
        return Enter(found[0].subnet)
    gap = walk.atlas.missing("Subnets", spot.vpc)
    if gap is not None:
        walk.unsure(gap)
        return Dropped()
    walk.block(
        Component.NOWHERE,
        str(address),
        "no-such-destination",
        f"no subnet of {spot.vpc} holds {address}",
    )
    return Dropped()


def enter(walk: Walk, spot: Enter) -> Spot:
    """Over the border of a subnet, to the interface there."""
    walk.enter_subnet(spot.subnet)
    if spot.to is not None:
        return Reach(spot.to, forced=True)
    item = walk.atlas.inventory.subnets.get(spot.subnet)
    vpc = item.vpc_id if item is not None else walk.journey.vpc
    return _deliver(walk, vpc, spot.subnet)


def _deliver(walk: Walk, vpc: str, subnet: str) -> Spot:
    address = walk.header.destination
    walk.visit("subnet", subnet)
    found = walk.find(vpc, address)
    here = [nic for nic in found if nic.subnet == subnet] or list(found)
    if here:
        return Reach(here[0])
    gap = walk.atlas.missing("NetworkInterfaces", vpc)
    if gap is not None:
        walk.unsure(gap)
    else:
        walk.block(
            Component.NOWHERE,
            str(address),
            "no-such-destination",
            f"no interface in {subnet} has {address}",
        )
    return Dropped()


def emerge(walk: Walk, spot: Emerge) -> Spot:
    """Out of a transit gateway: the attachment's subnet, its ACL and its table (N43a).

    To an interface in that very subnet no ACL applies (transit gateway guide, network ACLs).
    """
    if any(walk.header.destination in net for net in walk.atlas.networks(spot.subnet)):
        walk.enter_subnet(spot.subnet, filtered=False)
        return _deliver(walk, spot.vpc, spot.subnet)
    walk.leave_subnet(spot.subnet)
    table = walk.atlas.table_of(spot.subnet)
    if table is None:
        gap = walk.atlas.missing("RouteTables", spot.vpc)
        walk.unsure(gap or Gap(f"route table of {spot.subnet}", spot.vpc, "not in the snapshot"))
        return Dropped()
    return Routed(spot.vpc, table, walk.atlas.zone_id(spot.subnet), spot.subnet)


def reach(walk: Walk, spot: Reach) -> Spot | Fork:
    """At an interface: groups inwards, then what stands there."""
    nic, header = spot.nic, walk.header
    walk.hop(nic.owner.kind, nic.owner.id, nic.owner.name)
    back = translate_back(walk, nic)
    if back is not None:
        return back
    if not nic.has(header.destination):
        return _at_middlebox(walk, nic)
    if nic.type == "nat_gateway" or nic.owner.kind == "nat-gateway":
        return at_nat(walk, nic)
    if nic.passes_on:
        walk.block(
            Component.NOWHERE,
            str(header.destination),
            "no-such-destination",
            f"{nic.label} is a gateway's interface; nothing answers at its own address",
        )
        return Dropped()
    walk.reached.add(nic.label)
    walk.pass_group(nic, False, walk.journey)
    if not walk.answer:
        _check_alive(walk, nic)
        if nic.owner.kind == "function" or nic.type == "lambda":
            walk.block(
                Component.HOST,
                nic.owner.id,
                "egress-only",
                f"{nic.label} serves functions: it opens connections and accepts none",
            )
        if nic.owner.kind == "load-balancer":
            return at_balancer(walk, nic)
    return Arrived(nic.owner.kind, nic.owner.id, nic)


def _check_alive(walk: Walk, nic: Nic) -> None:
    disputed = walk.atlas.inventory.disputes.get(nic.id)
    if disputed is not None:
        walk.unsure(disputed)
    endpoint = walk.atlas.inventory.vpc_endpoints.get(nic.owner.id)
    if endpoint is not None and endpoint.state.lower() not in ("available", ""):
        name = endpoint.vpc_endpoint_id
        walk.block(Component.ENDPOINT, name, "not-available", f"{name} is {endpoint.state}")
    if nic.state == "detached":
        walk.block(Component.HOST, nic.label, "not-attached", f"{nic.label} is attached to no host")
    elif nic.state in ("stopped", "stopping", "shutting-down", "terminated"):
        walk.block(Component.HOST, nic.owner.id, "stopped", f"{nic.owner.id} is {nic.state}")
    elif not nic.state and nic.owner.kind == "instance":
        region = walk.atlas.region_of(nic.vpc)
        failed = region.failure("Reservations") if region is not None else None
        if failed is not None:
            walk.unsure(failed)
        elif region is not None and "Reservations" in region.held:
            walk.unsure(Gap(f"state of {nic.owner.id}", nic.vpc, "not in the snapshot"))
        else:
            walk.assume("Reservations", nic.vpc)


def _at_middlebox(walk: Walk, nic: Nic) -> Spot | Fork:
    """A route sent the packet to an interface that is not its destination (N54, N9).

    Its own groups still see who sent the packet; what stands behind it does not.
    """
    walk.pass_group(nic, False, walk.journey)
    if nic.check:
        walk.block(
            Component.HOST,
            nic.owner.id,
            "source-dest-check",
            f"{nic.label} drops what is not addressed to it: {walk.header.destination}",
        )
        return Dropped()
    if not walk.answer:
        _check_alive(walk, nic)
    elif nic.label in walk.tracked:
        return Pass(nic)
    return Fork(
        (
            Pass(nic),
            Masquerade(nic),
            Refused(
                Component.HOST,
                nic.owner.id,
                "not-forwarding",
                f"{nic.owner.id} may not pass on packets",
            ),
        ),
        Gap(
            f"forwarding by {nic.owner.id}",
            nic.label,
            "whether the host passes packets on cannot be seen from outside",
        ),
        f"forwarding: {nic.owner.id} has its source/destination check off and may pass it on",
    )


def pass_on(walk: Walk, spot: Pass) -> Spot:
    """A host forwards the packet as it is."""
    walk.journey = replace(walk.journey, middlebox=True)
    return Leave(spot.nic)


def masquerade(walk: Walk, spot: Masquerade) -> Spot:
    """A host forwards the packet under its own address, as a NAT instance does."""
    nic, header = spot.nic, walk.header
    own = next((a for a in nic.addresses if a.version == header.version), None)
    if own is None or walk.answer:
        return Refused(
            Component.HOST, nic.owner.id, "not-forwarding", f"{nic.owner.id} has no session"
        )
    walk.header = replace(header, source=own, source_port=walk.fresh_port())
    walk.sessions.append(Session(nic.label, header, walk.header))
    walk.journey = Journey(Way.LOCAL, nic.vpc)
    return Leave(nic)
