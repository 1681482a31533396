"""Look-ups over the inventory that the tracer makes for itself, each made once and kept.

Nothing here is shared with the set engine: which table a subnet uses, who has an address and
who owns an interface (see `Register`) is worked out a second time, on purpose.
"""

from __future__ import annotations

from functools import cached_property

from mute_audit.address import is_id
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.network import NetworkAcl, Route, RouteTable, Subnet
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.nics import Net, read_network
from mute_audit.network.tracer.register import Register
from mute_audit.verdict import Gap

__all__ = ["Atlas"]


class Atlas(Register):
    """The inventory, as the tracer looks things up in it."""

    def __init__(self, inventory: Inventory) -> None:
        super().__init__(inventory)
        self._cidrs: dict[str, tuple[Net, ...]] = {}
        self._regions: dict[str, RegionInventory | None] = {}

    # --- VPCs, subnets, tables ----------------------------------------------------------------

    def region_of(self, vpc: str) -> RegionInventory | None:
        if vpc not in self._regions:
            self._regions[vpc] = self.inventory.region_of_vpc(vpc)
        return self._regions[vpc]

    def missing(self, key: str, vpc: str) -> Gap | None:
        """The gap that a description of this VPC's Region leaves, if there is one."""
        region = self.region_of(vpc)
        if region is not None:
            return self.inventory.missing(key, region)
        return next(
            (
                gap
                for item in self.inventory.regions
                if (gap := self.inventory.missing(key, item)) is not None
            ),
            None,
        )

    def vpc_networks(self, vpc: str) -> tuple[Net, ...]:
        item = self.inventory.vpcs.get(vpc)
        if item is None:
            return ()
        nets = map(read_network, (*item.ipv4_cidrs, *item.ipv6_cidrs))
        return tuple(net for net in nets if net is not None)

    @cached_property
    def subnets_of(self) -> dict[str, tuple[Subnet, ...]]:
        found: dict[str, list[Subnet]] = {}
        for item in self.inventory.subnets.values():
            found.setdefault(item.vpc_id, []).append(item)
        return {vpc: tuple(items) for vpc, items in found.items()}

    def networks(self, subnet_id: str) -> tuple[Net, ...]:
        """The CIDRs of a subnet, of both families."""
        known = self._cidrs.get(subnet_id)
        if known is None:
            item = self.inventory.subnets.get(subnet_id)
            texts = (item.cidr_block, *item.ipv6_cidrs) if item is not None else ()
            nets = (read_network(text) for text in texts if text)
            known = tuple(net for net in nets if net is not None)
            self._cidrs[subnet_id] = known
        return known

    def subnet_at(self, vpc: str, address: IP) -> Subnet | None:
        for item in self.subnets_of.get(vpc, ()):
            if any(address in net for net in self.networks(item.subnet_id)):
                return item
        return None

    def zone(self, subnet_id: str) -> str:
        """The name of a subnet's zone; the same name may be another zone in another account."""
        item = self.inventory.subnets.get(subnet_id)
        return item.availability_zone if item is not None else ""

    def zone_id(self, subnet_id: str) -> str:
        """What tells a subnet's zone apart in every account; its name where that is missing."""
        item = self.inventory.subnets.get(subnet_id)
        return (item.availability_zone_id or item.availability_zone) if item is not None else ""

    @cached_property
    def _tables(self) -> tuple[dict[str, RouteTable], dict[str, RouteTable]]:
        """By subnet or gateway that is associated, and the main table by VPC."""
        given: dict[str, RouteTable] = {}
        main: dict[str, RouteTable] = {}
        for table in self.inventory.route_tables.values():
            for item in table.associations:
                if item.main:
                    main[table.vpc_id] = table
                for key in (item.subnet_id, item.gateway_id):
                    if key:
                        given[key] = table
        return given, main

    def table_of(self, subnet_id: str) -> RouteTable | None:
        """The table that is associated with the subnet, else the main table of its VPC."""
        given, main = self._tables
        item = self.inventory.subnets.get(subnet_id)
        return given.get(subnet_id) or (main.get(item.vpc_id) if item is not None else None)

    def edge_table(self, gateway_id: str) -> RouteTable | None:
        return self._tables[0].get(gateway_id)

    def routes_to(self, vpc: str, target: str) -> tuple[Route, ...]:
        """The routes in all tables of a VPC that lead to this gateway."""
        return tuple(
            route
            for table in self.inventory.route_tables.values()
            if table.vpc_id == vpc
            for route in table.routes
            if route.target == target
        )

    @cached_property
    def _acls(self) -> tuple[dict[str, NetworkAcl], dict[str, NetworkAcl]]:
        given: dict[str, NetworkAcl] = {}
        default: dict[str, NetworkAcl] = {}
        for acl in self.inventory.network_acls.values():
            if acl.is_default:
                default[acl.vpc_id] = acl
            for item in acl.associations:
                given[item.subnet_id] = acl
        return given, default

    def acl_of(self, subnet_id: str) -> NetworkAcl | None:
        given, default = self._acls
        item = self.inventory.subnets.get(subnet_id)
        return given.get(subnet_id) or (default.get(item.vpc_id) if item is not None else None)

    # --- gateways -----------------------------------------------------------------------------

    def internet_gateway(self, vpc: str) -> str:
        """The id of the internet gateway that is attached to a VPC; empty if there is none.

        A route that is active and leads to one that is not described says that it is attached;
        see `doubtful_gateway`.
        """
        for gateway in self.inventory.internet_gateways.values():
            for item in gateway.attachments:
                if item.vpc_id == vpc and item.state in ("available", "attached"):
                    return gateway.internet_gateway_id
        for table in self.inventory.route_tables.values():
            for route in table.routes if table.vpc_id == vpc else ():
                unseen = route.target not in self.inventory.internet_gateways
                if is_id(route.target, "igw-") and route.state == "active" and unseen:
                    return route.target
        return ""

    def doubtful_gateway(self, gateway: str, vpc: str) -> Gap | None:
        """Why it cannot be told whether an internet gateway is there: the list lacks it."""
        region = self.region_of(vpc)
        if region is None or "InternetGateways" not in region.held:
            return None
        if not gateway or gateway in self.inventory.internet_gateways:
            return None
        return Gap(gateway, vpc, "not in the snapshot", "InternetGateways")
