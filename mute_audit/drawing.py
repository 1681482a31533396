"""The network as a picture's data: zones, subnets and what stands in them, paths to mark."""

from __future__ import annotations

from collections.abc import Sequence

from mute_audit.address import Address
from mute_audit.analysis import Analysis
from mute_audit.finding import (
    Drawing,
    DrawnPath,
    DrawnPlace,
    DrawnSubnet,
    DrawnVpc,
    DrawnZone,
    PolicyResult,
)
from mute_audit.inventory import RegionInventory
from mute_audit.inventory.base import name_of
from mute_audit.inventory.network import Subnet, Vpc
from mute_audit.network.addresses import address_text
from mute_audit.network.model import Endpoint
from mute_audit.network.places import Site
from mute_audit.network.routing import TargetKind
from mute_audit.verdict import Gap, Verdict

__all__ = ["draw"]

# A picture with more places than this helps nobody; the rest is counted.
MOST_PLACES = 400
_SHOWN = frozenset(
    {
        "ec2.instance",
        "rds.instance",
        "ec2.nat-gateway",
        "elbv2.load-balancer",
        "lambda.function",
        "ecs.service",
        "ec2.vpc-endpoint",
    }
)


def draw(analysis: Analysis, results: Sequence[PolicyResult]) -> Drawing:
    """The VPCs that hold something, and the paths that findings complain of.

    By name, since AWS promises no order.
    """
    by_subnet: dict[str, list[tuple[Site, Endpoint]]] = {}
    drawn = left_out = 0
    for site in sorted(analysis.directory.sites, key=lambda site: _by_name(site.place.address)):
        if site.place.address.type not in _SHOWN:
            continue
        if drawn >= MOST_PLACES:
            left_out += 1
            continue
        drawn += 1
        for end in analysis.reach.model.stand(site.place).endpoints[:1]:
            by_subnet.setdefault(end.subnet, []).append((site, end))
    vpcs = [
        _vpc(analysis, region, vpc, by_subnet)
        for region in analysis.inventory.regions
        for vpc in region.vpcs
        if any(
            subnet.vpc_id == vpc.vpc_id and subnet.subnet_id in by_subnet
            for subnet in region.subnets
        )
    ]
    vpcs.sort(key=lambda vpc: _by_name(vpc.address))
    return Drawing(tuple(vpcs), _paths(results), left_out)


def _vpc(
    analysis: Analysis,
    region: RegionInventory,
    vpc: Vpc,
    by_subnet: dict[str, list[tuple[Site, Endpoint]]],
) -> DrawnVpc:
    zones: dict[str, list[DrawnSubnet]] = {}
    for subnet in region.subnets:
        if subnet.vpc_id == vpc.vpc_id:
            found = _subnet(analysis, subnet, by_subnet.get(subnet.subnet_id, []))
            zones.setdefault(subnet.availability_zone, []).append(found)
    gateways = [
        Address("ec2.internet-gateway", igw.internet_gateway_id, name_of(igw.tags))
        for igw in region.internet_gateways
        if any(attachment.vpc_id == vpc.vpc_id for attachment in igw.attachments)
    ]
    return DrawnVpc(
        Address("ec2.vpc", vpc.vpc_id, name_of(vpc.tags), region.account, region.region),
        vpc.ipv4_cidrs + vpc.ipv6_cidrs,
        tuple(
            DrawnZone(zone, tuple(sorted(subnets, key=lambda s: (not s.public, s.name, s.id))))
            for zone, subnets in sorted(zones.items())
        ),
        tuple(sorted(gateways, key=_by_name)),
    )


def _by_name(address: Address) -> tuple[str, str, str, str]:
    return address.account, address.region, address.label, address.id


def _subnet(analysis: Analysis, subnet: Subnet, here: list[tuple[Site, Endpoint]]) -> DrawnSubnet:
    table = analysis.reach.model.table(subnet.subnet_id)
    public, name = False, ""
    if not isinstance(table, Gap):
        public = any(target.kind is TargetKind.INTERNET_GATEWAY for target in table.targets)
        described = analysis.inventory.route_tables.get(table.id)
        name = name_of(described.tags) or table.id if described is not None else table.id
    return DrawnSubnet(
        subnet.subnet_id,
        name_of(subnet.tags),
        ", ".join(filter(None, (subnet.cidr_block, *subnet.ipv6_cidrs))),
        public,
        name,
        tuple(_place(analysis, site, end) for site, end in here),
    )


def _place(analysis: Analysis, site: Site, end: Endpoint) -> DrawnPlace:
    private = public = ""
    for standing in end.standings[:1]:
        low, high = standing.addresses.axis(standing.version)[:2]
        private = address_text(standing.version, low) if high - low == 1 else ""
        public = address_text(standing.version, standing.public) if standing.public else ""
    groups = analysis.inventory.security_groups
    names = (groups[g].group_name if g in groups else g for g in site.groups)
    return DrawnPlace(site.place.address, private, public, site.state, tuple(sorted(names)))


def _paths(results: Sequence[PolicyResult]) -> tuple[DrawnPath, ...]:
    found: dict[tuple[str, ...], DrawnPath] = {}
    for result in results:
        for finding in result.findings:
            hops = tuple(hop.id for hop in finding.evidence.path)
            if len(hops) < 2 or finding.waived_by or finding.verdict is Verdict.PASS:
                continue
            found.setdefault(
                (result.id, *hops),
                DrawnPath(result.id, finding.verdict, finding.evidence.port, hops),
            )
    return tuple(found.values())
