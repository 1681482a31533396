"""Steps between a VPC and the internet: internet gateways both ways, egress-only gateways."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from mute_audit.address import is_id
from mute_audit.inventory.network import Route
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.journey import Journey, Way
from mute_audit.network.tracer.nics import Nic, on_internet
from mute_audit.network.tracer.paths import inward
from mute_audit.network.tracer.public_access import block_public_access
from mute_audit.network.tracer.routes import choose
from mute_audit.network.tracer.spots import (
    Arrived,
    Dropped,
    EgressOnly,
    Fork,
    FromInternet,
    Spot,
    ToInternet,
)
from mute_audit.network.tracer.walk import Session, Walk
from mute_audit.verdict import Gap

__all__ = ["egress_only", "from_internet", "to_internet"]


def to_internet(walk: Walk, spot: ToInternet) -> Spot:
    """Out through an internet gateway: attached, BPA, 1:1 translation (N31–N34, N57)."""
    walk.hop("internet-gateway", spot.gateway)
    _check_attached(walk, spot)
    header = walk.header
    nic = next(iter(walk.find(spot.vpc, header.source)), None)
    if not walk.answer:
        block_public_access(walk, spot.vpc, nic, inward=False)
    if not on_internet(header.destination):
        walk.block(
            Component.INTERNET,
            spot.gateway,
            "private-address",
            f"{spot.gateway} drops what goes to the private address {header.destination}",
        )
        return Dropped()
    if header.version == 4:
        public = nic.public_of(header.source) if nic is not None else None
        if public is None:
            who = nic.label if nic is not None else "the sender"
            walk.block(
                Component.INTERNET,
                spot.gateway,
                "no-public-address",
                f"{header.source} of {who} has no public address to leave under",
            )
            return Dropped()
        walk.header = replace(header, source=public)
    elif nic is None or not on_internet(header.source):
        walk.block(
            Component.INTERNET,
            spot.gateway,
            "no-public-address",
            f"{header.source} is no public address of {spot.vpc}",
        )
        return Dropped()
    return _out_there(walk, spot.gateway)


def _out_there(walk: Walk, gateway: str) -> Spot:
    """On the internet: back to whom the connection belongs, into the estate, or arrived."""
    address = walk.header.destination
    known = walk.atlas.public(address) is not None or any(
        public == address for nic in walk.extra for _, public in nic.publics
    )
    if address != walk.outside and known:
        return FromInternet()
    return Arrived("internet", str(address), via=gateway)


def _check_attached(walk: Walk, spot: ToInternet) -> None:
    inventory = walk.atlas.inventory
    doubt = walk.atlas.doubtful_gateway(spot.gateway, spot.vpc)
    if doubt is not None:
        # The route is active, and the gateway is not described: the two disagree.
        walk.unsure(doubt)
        return
    if walk.atlas.internet_gateway(spot.vpc) == spot.gateway:
        return
    region = walk.atlas.region_of(spot.vpc)
    if spot.gateway in inventory.internet_gateways:
        walk.block(
            Component.INTERNET,
            spot.gateway,
            "not-attached",
            f"{spot.gateway} is not attached to {spot.vpc}",
        )
        return
    failed = region.failure("InternetGateways") if region is not None else None
    walk.unsure(failed or Gap(spot.gateway, spot.vpc, "not in the snapshot", "InternetGateways"))


def from_internet(walk: Walk, spot: FromInternet) -> Spot | Fork:
    """In from the internet, to a public address of the estate (N31–N33, N57)."""
    header = walk.header
    target = _public_target(walk, header.destination)
    if target is None:
        private = not on_internet(header.destination)
        failed = _failed_public_sources(walk)
        if failed is not None and not private:
            walk.unsure(failed)
            return Dropped()
        walk.block(
            Component.NOWHERE,
            str(header.destination),
            "private-address" if private else "no-such-destination",
            f"the internet has no way to the private address {header.destination}"
            if private
            else f"no interface in the estate has the public address {header.destination}",
        )
        return Dropped()
    nic, private_address = target
    if walk.answer and _back_by_egress_only(walk, nic):
        return inward(walk, "", nic.vpc)
    gateway = walk.atlas.internet_gateway(nic.vpc)
    if not gateway:
        region = walk.atlas.region_of(nic.vpc)
        failed = region.failure("InternetGateways") if region is not None else None
        if failed is not None:
            walk.unsure(failed)
        else:
            walk.block(
                Component.INTERNET,
                nic.vpc,
                "not-attached",
                f"{nic.vpc} has no internet gateway attached",
            )
    else:
        walk.hop("internet-gateway", gateway)
        if spot.gateway and spot.gateway != gateway:
            walk.block(
                Component.INTERNET,
                spot.gateway,
                "not-attached",
                f"{spot.gateway} is not attached to {nic.vpc}",
            )
        doubt = walk.atlas.doubtful_gateway(gateway, nic.vpc)
        if doubt is not None:
            walk.unsure(doubt)
    if not on_internet(header.source):
        walk.block(
            Component.INTERNET,
            gateway or nic.vpc,
            "private-address",
            f"{gateway or 'the internet'} drops the private source {header.source}",
        )
    if not walk.answer:
        block_public_access(walk, nic.vpc, nic, inward=True)
        _has_route_out(walk, nic, gateway)
    walk.header = replace(header, destination=private_address)
    walk.journey = Journey(Way.OUTSIDE)
    return inward(walk, gateway, nic.vpc)


def _public_target(walk: Walk, address: IP) -> tuple[Nic, IP] | None:
    for nic in walk.extra:
        for private, public in nic.publics:
            if public == address:
                return nic, private
        if isinstance(address, IPv4Address):
            continue
        if nic.has(address):
            return nic, address
    if not on_internet(address):
        return None
    return walk.atlas.public(address)


def _failed_public_sources(walk: Walk) -> Gap | None:
    """A failed or missing list of interfaces: a public address may be on one of them."""
    for region in walk.atlas.inventory.regions:
        gap = walk.atlas.inventory.missing("NetworkInterfaces", region)
        if gap is not None and not any(i.network_interfaces for i in region.instances):
            return gap
    return None


_MODELLED = ("igw-", "eigw-", "vgw-", "nat-", "pcx-", "tgw-", "vpce-", "eni-", "i-")


def _is_modelled(route: Route) -> bool:
    return route.target == "local" or is_id(route.target, *_MODELLED)


def _has_route_out(walk: Walk, nic: Nic, gateway: str) -> bool:
    """N31, N32: the interface's subnet must route the client's address to the gateway.

    A route into an appliance or a firewall is let through here: the answer decides.
    """
    table = walk.atlas.table_of(nic.subnet)
    if table is None:
        gap = walk.atlas.missing("RouteTables", nic.vpc)
        walk.unsure(gap or Gap(f"route table of {nic.subnet}", nic.vpc, "not in the snapshot"))
        return False
    walk.visit("table", table.route_table_id)
    choice = choose(walk.atlas, walk.groups, table, walk.header.source)
    fits = [
        route.state != "blackhole"
        and (
            route.target == gateway
            or is_id(route.target, "eni-", "i-")
            or (is_id(route.target, "vpce-") and not route.destination_prefix_list_id)
        )
        for route in choice.routes
    ]
    if choice.gaps:
        if any(fits):
            walk.unsure(*choice.gaps)
            return True
    elif fits and all(fits):
        return True
    strange = [r.target for r in choice.routes if r.state != "blackhole" and not _is_modelled(r)]
    if strange:
        why = "this kind of target is not modelled"
        walk.unsure(Gap(f"route to {strange[0]}", nic.vpc, why), *choice.gaps)
        return True
    dead = any(route.state == "blackhole" for route in choice.routes)
    walk.block(
        Component.TABLE,
        table.route_table_id,
        "blackhole" if dead else "no-route",
        f"{nic.subnet} has no route by {table.route_table_id} from {walk.header.source} "
        f"to {gateway or 'an internet gateway'}",
    )
    return False


def egress_only(walk: Walk, spot: EgressOnly) -> Spot:
    """Out through an egress-only internet gateway: IPv6, and never in (N38)."""
    walk.hop("egress-only-internet-gateway", spot.gateway)
    header = walk.header
    region = walk.atlas.region_of(spot.vpc)
    if region is not None and "EgressOnlyInternetGateways" in region.held:
        attached = any(
            item.egress_only_internet_gateway_id == spot.gateway
            and any(a.vpc_id == spot.vpc for a in item.attachments)
            for item in region.egress_only_internet_gateways
        )
        if not attached:
            walk.block(
                Component.INTERNET,
                spot.gateway,
                "not-attached",
                f"{spot.gateway} is not attached to {spot.vpc}",
            )
    elif region is not None:
        failed = region.failure("EgressOnlyInternetGateways")
        if failed is not None:
            walk.unsure(failed)
    nic = next(iter(walk.find(spot.vpc, header.source)), None)
    if not walk.answer:
        block_public_access(walk, spot.vpc, nic, inward=False, egress_only=True)
    if header.version == 4:
        walk.block(
            Component.INTERNET,
            spot.gateway,
            "wrong-family",
            f"{spot.gateway} carries IPv6 only, not {header.destination}",
        )
        return Dropped()
    if walk.answer:
        walk.block(
            Component.INTERNET,
            spot.gateway,
            "no-session",
            f"the answer leaves through {spot.gateway}, which has no such connection",
        )
        return Dropped()
    if not on_internet(header.destination) or nic is None or not on_internet(header.source):
        walk.block(
            Component.INTERNET,
            spot.gateway,
            "private-address",
            f"{spot.gateway} drops {header.source} → {header.destination}",
        )
        return Dropped()
    walk.sessions.append(Session(spot.gateway, header, header, keeps=True))
    return _out_there(walk, spot.gateway)


def _back_by_egress_only(walk: Walk, nic: Nic) -> bool:
    """Whether this answers a connection that an egress-only gateway let out."""
    for session in walk.sessions:
        if is_id(session.at, "eigw-") and nic.has(session.outer.source):
            walk.hop("egress-only-internet-gateway", session.at)
            walk.sessions.remove(session)
            walk.journey = Journey(Way.OUTSIDE)
            return True
    return False
