"""The analysis model: filters and tables, compiled when first asked for and kept.

Everything that looks the same to a filter shares one: subnets with one ACL or route table,
interfaces with the same groups.
"""

from __future__ import annotations

from functools import cached_property

from mute_audit.inventory import Inventory
from mute_audit.inventory.network import NetworkAcl
from mute_audit.network import intervals
from mute_audit.network.acls import AclFilter
from mute_audit.network.addresses import AddressSet
from mute_audit.network.endpoint import Endpoint, Position, Stand, Standing
from mute_audit.network.endpoints import Endpoints
from mute_audit.network.groups import GroupFilter, GroupRules
from mute_audit.network.interfaces import Interfaces
from mute_audit.network.places import Directory, Place
from mute_audit.network.prefix_lists import PrefixLists
from mute_audit.network.routing import Table, TargetKind
from mute_audit.verdict import Gap

__all__ = ["Endpoint", "Model", "Position", "Stand", "Standing"]

_CALLS = {"NetworkAcls": "ec2:DescribeNetworkAcls", "RouteTables": "ec2:DescribeRouteTables"}


class Model:
    """Compiled filters, tables and endpoints of one inventory."""

    def __init__(self, inventory: Inventory, directory: Directory) -> None:
        self.inventory = inventory
        self.lists = PrefixLists(inventory)
        self.directory = directory
        self.interfaces = Interfaces(inventory)
        self.endpoints = Endpoints(self.interfaces, directory)
        self._rules = GroupRules(inventory, self.lists)
        self._groups: dict[tuple[frozenset[str], bool], GroupFilter] = {}
        self._acls: dict[tuple[str, bool], AclFilter] = {}
        self._tables: dict[str, Table] = {}
        self._networks: dict[str, AddressSet] = {}
        self._vpc_networks: dict[str, AddressSet] = {}

    # --- endpoints ----------------------------------------------------------------------------

    def stand(self, place: Place) -> Stand:
        """The endpoints of a resource place."""
        return self.endpoints.stand(place)

    def box(self, name: str) -> Endpoint | None:
        """The interface that a route names."""
        return self.interfaces.box(name)

    # --- filters ------------------------------------------------------------------------------

    def groups(self, groups: frozenset[str], *, egress: bool) -> GroupFilter:
        key = (groups, egress)
        found = self._groups.get(key)
        if found is None:
            found = self._groups[key] = GroupFilter(
                self.inventory,
                self.lists,
                groups,
                egress=egress,
                compiled=self._rules,
            )
        return found

    @cached_property
    def _acl_of(self) -> dict[str, NetworkAcl]:
        """By subnet; by VPC the default one."""
        found: dict[str, NetworkAcl] = {}
        for acl in self.inventory.network_acls.values():
            if acl.is_default:
                found[acl.vpc_id] = acl
            for association in acl.associations:
                found[association.subnet_id] = acl
        return found

    def _described_acl(self, subnet: str) -> NetworkAcl | None:
        found = self._acl_of.get(subnet)
        return found if found is not None else self._acl_of.get(self.vpc_of(subnet) or "-")

    def acl_id(self, subnet: str) -> str:
        """The id of the ACL in force; the subnet's own id where none is described."""
        found = self._described_acl(subnet)
        return found.network_acl_id if found is not None else subnet

    def acl(self, subnet: str, *, egress: bool) -> AclFilter:
        """The ACL in force: the associated one, else the VPC's default.

        One that was not described lets nothing be said (N17).
        """
        described = self._described_acl(subnet)
        key = (described.network_acl_id if described is not None else subnet, egress)
        found = self._acls.get(key)
        if found is None:
            gap = self._gap("NetworkAcls", subnet) if described is None else None
            found = self._acls[key] = AclFilter(described, egress=egress, gap=gap)
        return found

    # --- route tables -------------------------------------------------------------------------

    @cached_property
    def _table_ids(self) -> dict[str, str]:
        """By subnet or gateway that is associated; by VPC the main table."""
        found: dict[str, str] = {}
        for table in self.inventory.route_tables.values():
            for item in table.associations:
                for key in (item.subnet_id, item.gateway_id):
                    if key:
                        found[key] = table.route_table_id
                if item.main:
                    found[table.vpc_id] = table.route_table_id
        return found

    def table(self, subnet: str) -> Table | Gap:
        """The route table in force: the explicit one, else the VPC's main one (N22)."""
        name = self._table_ids.get(subnet) or self._table_ids.get(self.vpc_of(subnet), "")
        return self._compiled(name) or self._gap("RouteTables", subnet)

    def edge_table(self, gateway: str) -> Table | None:
        """The route table that is associated with a gateway (N29)."""
        return self._compiled(self._table_ids.get(gateway, ""))

    def _compiled(self, name: str) -> Table | None:
        found = self._tables.get(name)
        if found is None:
            table = self.inventory.route_tables.get(name)
            if table is None:
                return None
            vpc = self.inventory.vpcs.get(table.vpc_id)
            found = self._tables[name] = Table(table, vpc, self.lists)
        return found

    # --- VPCs and subnets ---------------------------------------------------------------------

    def vpc_of(self, subnet: str) -> str:
        found = self.inventory.subnets.get(subnet)
        return found.vpc_id if found is not None else ""

    def zone(self, subnet: str) -> str:
        found = self.inventory.subnets.get(subnet)
        return found.availability_zone if found is not None else ""

    def zone_id(self, subnet: str) -> str:
        """The zone of a subnet in words that mean the same in every account: by its id.

        The name stands in where an older description has none.
        """
        found = self.inventory.subnets.get(subnet)
        if found is None:
            return ""
        return found.availability_zone_id or found.availability_zone

    def networks(self, subnet: str) -> AddressSet:
        """The addresses of a subnet."""
        found = self._networks.get(subnet)
        if found is None:
            item = self.inventory.subnets.get(subnet)
            texts = filter(None, (item.cidr_block, *item.ipv6_cidrs)) if item is not None else ()
            found = self._networks[subnet] = AddressSet.readable(texts)
        return found

    def subnet_at(self, vpc: str, version: int, address: int) -> str:
        """The subnet of a VPC that holds an address; empty if none does."""
        for name, item in self.inventory.subnets.items():
            mine = self.networks(name).axis(version) if item.vpc_id == vpc else ()
            if intervals.contains(mine, address):
                return name
        return ""

    def vpc_networks(self, vpc: str) -> AddressSet:
        """The addresses of a VPC, those of secondary blocks too (N23)."""
        found = self._vpc_networks.get(vpc)
        if found is None:
            item = self.inventory.vpcs.get(vpc)
            texts = (*item.ipv4_cidrs, *item.ipv6_cidrs) if item is not None else ()
            found = self._vpc_networks[vpc] = AddressSet.readable(texts)
        return found

    def cuts(self, version: int) -> set[int]:
        """Where any ACL or route table may change its answer, and where VPCs begin and end."""
        found: set[int] = set()
        for subnet in self.inventory.subnets:
            # Cheap: filters and tables are shared.
            for egress in (False, True):
                found.update(self.acl(subnet, egress=egress).cuts(version))
        for name in self.inventory.route_tables:
            table = self._compiled(name)
            if table is not None:
                found.update(table.cuts(version))
        for vpc in self.inventory.vpcs:
            found.update(self.vpc_networks(vpc).axis(version))
        for region in self.inventory.regions:
            for attachment in region.transit_gateway_vpc_attachments:
                for subnet in attachment.subnet_ids:
                    found.update(self.networks(subnet).axis(version))
        return found

    def landmarks(self) -> frozenset[str]:
        """Subnets that are told apart on the way: those of NAT gateways and of route targets."""
        found = {nat.subnet_id for nat in self.inventory.nat_gateways.values()}
        found.update(box.subnet for box in self.interfaces.on_the_way(self.route_targets()))
        return frozenset(found)

    def route_targets(self) -> frozenset[str]:
        """The interfaces and instances that routes name."""
        tables = map(self._compiled, self.inventory.route_tables)
        return frozenset(
            target.id
            for table in tables
            for target in (table.targets if table is not None else ())
            if target.kind is TargetKind.INTERFACE
        )

    def vpn_gateway_vpc(self, gateway: str) -> str | None:
        """The VPC of a VPN gateway, empty if it has none; None where it is not described."""
        for region in self.inventory.regions:
            for item in region.vpn_gateways:
                if item.vpn_gateway_id == gateway:
                    vpcs = (a.vpc_id for a in item.vpc_attachments if a.state == "attached")
                    return next(vpcs, "")
        return None

    # --- gaps ---------------------------------------------------------------------------------

    def failure(self, key: str, vpc: str) -> Gap | None:
        """Why `key` is not described in the Region of a VPC; in any where `vpc` is empty.

        A failed call; or none, where AWS has no default for what a snapshot does not hold.
        """
        if vpc:
            region = self.inventory.region_of_vpc(vpc)
            return self.inventory.missing(key, region) if region is not None else None
        return self.inventory.missing_somewhere(key)

    def _gap(self, key: str, where: str) -> Gap:
        """The failed call behind a description that is needed, or the fact that it is missing."""
        failed = self.failure(key, "")
        return failed or Gap(_CALLS[key], where, "nothing is described for this subnet", key)

    def hidden_members(self, vpc: str) -> Gap | None:
        """Why it cannot be told who has an address in a VPC; None where it can."""
        region = self.inventory.region_of_vpc(vpc)
        if region is None:
            return Gap(f"members of groups in {vpc}", vpc, "the VPC is not in the snapshot")
        return self.inventory.missing("NetworkInterfaces", region)
