"""The inventory: every account and Region of one snapshot, and look-ups by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from mute_audit.inventory import access, connect, network, workload
from mute_audit.inventory.calls import CALLS, NOT_HELD
from mute_audit.inventory.region import GLOBAL, RegionInventory
from mute_audit.verdict import Gap

__all__ = ["Inventory"]

T = TypeVar("T")


@dataclass(frozen=True)
class Inventory:
    """All regions of a snapshot; holds no derived fact beyond id → description.

    disputes  interfaces and NAT gateways whose descriptions contradict each other: id → how
    """

    regions: tuple[RegionInventory, ...]
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    disputes: Mapping[str, Gap] = field(default_factory=dict)

    def _each(self, pick: Callable[[RegionInventory], Iterable[T]]) -> Iterator[T]:
        for region in self.regions:
            yield from pick(region)

    @cached_property
    def vpcs(self) -> dict[str, network.Vpc]:
        """Accounts that share a VPC all describe it; what its owner says of it counts."""
        found: dict[str, network.Vpc] = {}
        for region in self.regions:
            for item in region.vpcs:
                if item.vpc_id not in found or item.owner_id == region.account:
                    found[item.vpc_id] = item
        return found

    @cached_property
    def subnets(self) -> dict[str, network.Subnet]:
        """As `vpcs`."""
        found: dict[str, network.Subnet] = {}
        for region in self.regions:
            for item in region.subnets:
                if item.subnet_id not in found or item.owner_id == region.account:
                    found[item.subnet_id] = item
        return found

    @cached_property
    def route_tables(self) -> dict[str, network.RouteTable]:
        return {item.route_table_id: item for item in self._each(lambda r: r.route_tables)}

    @cached_property
    def network_acls(self) -> dict[str, network.NetworkAcl]:
        return {item.network_acl_id: item for item in self._each(lambda r: r.network_acls)}

    @cached_property
    def security_groups(self) -> dict[str, network.SecurityGroup]:
        return {item.group_id: item for item in self._each(lambda r: r.security_groups)}

    @cached_property
    def network_interfaces(self) -> dict[str, network.NetworkInterface]:
        return {
            item.network_interface_id: item for item in self._each(lambda r: r.network_interfaces)
        }

    @cached_property
    def instances(self) -> dict[str, workload.Instance]:
        return {item.instance_id: item for item in self._each(lambda r: r.instances)}

    @cached_property
    def internet_gateways(self) -> dict[str, network.InternetGateway]:
        return {
            item.internet_gateway_id: item for item in self._each(lambda r: r.internet_gateways)
        }

    @cached_property
    def nat_gateways(self) -> dict[str, network.NatGateway]:
        return {item.nat_gateway_id: item for item in self._each(lambda r: r.nat_gateways)}

    @cached_property
    def peerings(self) -> dict[str, connect.VpcPeeringConnection]:
        return {
            item.vpc_peering_connection_id: item
            for item in self._each(lambda r: r.vpc_peering_connections)
        }

    @cached_property
    def vpc_endpoints(self) -> dict[str, connect.VpcEndpoint]:
        return {item.vpc_endpoint_id: item for item in self._each(lambda r: r.vpc_endpoints)}

    @cached_property
    def databases(self) -> dict[str, workload.DbInstance]:
        """By ARN; by identifier where a description has no ARN."""
        return {
            item.db_instance_arn or item.db_instance_identifier: item
            for item in self._each(lambda r: r.db_instances)
        }

    @cached_property
    def load_balancers(self) -> dict[str, workload.LoadBalancer]:
        return {item.load_balancer_arn: item for item in self._each(lambda r: r.load_balancers)}

    @cached_property
    def buckets(self) -> dict[str, access.Bucket]:
        return {item.name: item for item in self._each(lambda r: r.buckets)}

    @cached_property
    def prefix_list_cidrs(self) -> dict[str, tuple[str, ...]]:
        """The CIDRs of every prefix list whose entries the snapshot holds."""
        known = {
            item.prefix_list_id: item.cidrs
            for item in self._each(lambda r: r.prefix_lists)
            if item.cidrs is not None
        }
        for item in self._each(lambda r: r.prefix_list_entries):
            known[item.prefix_list_id] = tuple(entry.cidr for entry in item.entries)
        return known

    @cached_property
    def aws_prefix_lists(self) -> frozenset[str]:
        """The prefix lists that AWS keeps: addresses of its own services."""
        return frozenset(
            item.prefix_list_id
            for item in self._each(lambda r: r.prefix_lists)
            if item.owner_id == "AWS" or item.prefix_list_name.startswith("com.amazonaws.")
        )

    @cached_property
    def home(self) -> dict[str, RegionInventory]:
        """The account and Region of each VPC: its owner's, where it is shared."""
        found: dict[str, RegionInventory] = {}
        for region in self.regions:
            for vpc in region.vpcs:
                if vpc.vpc_id not in found or vpc.owner_id == region.account:
                    found[vpc.vpc_id] = region
        return found

    def region_of_vpc(self, vpc_id: str) -> RegionInventory | None:
        """Where a VPC is described; a VPC that only its parts mention is looked for there."""
        found = self.home.get(vpc_id)
        if found is not None:
            return found
        return next(
            (
                region
                for region in self.regions
                if any(item.vpc_id == vpc_id for item in region.subnets)
            ),
            None,
        )

    def missing(self, key: str, region: RegionInventory, resource: str = "") -> Gap | None:
        """Why the description `key` says nothing here: None when it is held or AWS has a default.

        A failed call is a gap. A key that the snapshot does not hold is one only where AWS
        has no default for it (see `calls`). Calls that are made for each resource can fail
        for one `resource` (ARN, id or name) and work for the rest.
        """
        failed = region.failure(key, resource)
        if failed is not None:
            return failed
        if key in region.held or CALLS[key].absent:
            return None
        return Gap(what=CALLS[key].action, where=region.place, why=NOT_HELD, key=key)

    def missing_somewhere(self, key: str) -> Gap | None:
        """`missing` in the first Region of which it is true."""
        regions = (region for region in self.regions if region.region != GLOBAL)
        gaps = (self.missing(key, region) for region in regions)
        return next((gap for gap in gaps if gap is not None), None)

    def unlisted(self, key: str, region: RegionInventory, resource: str = "") -> Gap | None:
        """Why something that is named may be there all the same, although `key` does not list it.

        As `missing`, but without AWS's defaults: "no database" stands in for a description
        that nobody saved, and says nothing of a database that somebody calls by its name.
        """
        failed = region.failure(key, resource)
        if failed is not None or key in region.held:
            return failed
        return Gap(what=CALLS[key].action, where=region.place, why="not in the snapshot", key=key)

    def assumed(self, key: str, region: RegionInventory) -> str | None:
        """AWS's default that stands in for a description which the snapshot does not hold."""
        if key in region.held or region.failure(key) is not None:
            return None
        return CALLS[key].absent or None
