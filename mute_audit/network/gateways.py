"""Internet gateways, and VPC Block Public Access. Rules: N31–N34, N38, N57."""

from __future__ import annotations

from dataclasses import dataclass

from mute_audit.address import is_id
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.verdict import Gap, Truth

__all__ = ["Door", "Gateways"]

# AWS prints `available` for an attached internet gateway; older output says `attached`.
_ATTACHED = frozenset({"available", "attached"})
# The API reference has two spellings for what a VPC says of itself.
_STATED = {
    "bidirectional-access-allowed": "off",
    "bidirectional-access-blocked": "block-bidirectional",
    "ingress-access-blocked": "block-ingress",
}
_EXCLUSION_ACTIVE = frozenset({"create-complete", "update-complete", "update-in-progress"})


@dataclass(frozen=True, slots=True)
class Door:
    """Whether something is open: YES, NO, or UNKNOWN for want of `gap`."""

    open: Truth
    gap: Gap | None = None


_OPEN, _SHUT = Door(Truth.YES), Door(Truth.NO)


class Gateways:
    """What leads out of a VPC."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._attached = {
            attachment.vpc_id: igw.internet_gateway_id
            for igw in reversed(inventory.internet_gateways.values())
            for attachment in igw.attachments
            if attachment.state in _ATTACHED
        }

    def internet_gateway(self, vpc: str) -> str:
        """The id of the gateway that is attached to a VPC; empty if there is none.

        Where the snapshot does not list internet gateways, an active route to one says it. Of
        one that the list lacks it may be so: see `leads_in`.
        """
        found = self._attached.get(vpc)
        if found is None:
            found = self._attached[vpc] = self._by_route(vpc)
        return found

    def _doubted(self, gateway: str, vpc: str) -> Gap | None:
        """A route is active, and its gateway is not in the list of gateways: the two disagree."""
        region = self._inventory.region_of_vpc(vpc)
        listed = region is not None and "InternetGateways" in region.held
        if not gateway or not listed or gateway in self._inventory.internet_gateways:
            return None
        return Gap(gateway, vpc, "not in the snapshot", "InternetGateways")

    def _by_route(self, vpc: str) -> str:
        for table in self._inventory.route_tables.values():
            for route in table.routes if table.vpc_id == vpc else ():
                name = route.gateway_id
                if not is_id(name, "igw-") or route.state != "active":
                    continue
                if name not in self._inventory.internet_gateways:
                    return name
        return ""

    def leads_out(self, gateway: str, vpc: str) -> Door:
        """Whether an internet gateway that a route names is attached to this VPC (N31)."""
        doubt = self._doubted(gateway, vpc)
        if doubt is not None:
            return Door(Truth.UNKNOWN, doubt)
        if self.internet_gateway(vpc) == gateway:
            return _OPEN
        if gateway in self._inventory.internet_gateways:
            return _SHUT
        region = self._inventory.region_of_vpc(vpc)
        failed = region.failure("InternetGateways") if region is not None else None
        why = Gap(gateway, vpc, "not in the snapshot", "InternetGateways")
        return Door(Truth.UNKNOWN, failed or why)

    def leads_in(self, vpc: str) -> Door:
        """Whether anything gets in from the internet at all."""
        gateway = self.internet_gateway(vpc)
        doubt = self._doubted(gateway, vpc)
        if doubt is not None:
            return Door(Truth.UNKNOWN, doubt)
        if gateway:
            return _OPEN
        region = self._inventory.region_of_vpc(vpc)
        failed = region.failure("InternetGateways") if region is not None else None
        return Door(Truth.UNKNOWN, failed) if failed is not None else _SHUT

    def egress_only(self, gateway: str, vpc: str) -> Door:
        """Whether an egress-only internet gateway is attached to this VPC (N38)."""
        region = self._inventory.region_of_vpc(vpc)
        if region is None:
            return _OPEN
        if "EgressOnlyInternetGateways" in region.held:
            return Door(
                Truth.of(
                    any(
                        item.egress_only_internet_gateway_id == gateway
                        and any(attached.vpc_id == vpc for attached in item.attachments)
                        for item in region.egress_only_internet_gateways
                    )
                )
            )
        failed = region.failure("EgressOnlyInternetGateways")
        return Door(Truth.UNKNOWN, failed) if failed is not None else _OPEN

    def public_access(self, vpc: str, subnet: str, *, inwards: bool, guarded: bool) -> Door:
        """Whether Block Public Access lets traffic pass the VPC's internet gateway (N57).

        subnet   the subnet whose traffic passes the gateway (a NAT gateway's own subnet)
        inwards  connections that start on the internet
        guarded  a way out that is none in: through a NAT or an egress-only gateway
        """
        region = self._inventory.region_of_vpc(vpc)
        if region is None:
            return _OPEN
        failed = region.failure("VpcBlockPublicAccessOptions")
        if failed is not None:
            return Door(Truth.UNKNOWN, failed)
        options = region.vpc_block_public_access_options[:1]
        mode = options[0].internet_gateway_block_mode if options else self._stated(vpc, subnet)
        if mode == "off":
            return _OPEN
        failed = region.failure("VpcBlockPublicAccessExclusions")
        if failed is not None:
            return Door(Truth.UNKNOWN, failed)
        allowed = not options or options[0].exclusions_allowed != "not-allowed"
        exclusions = _exclusions(region, vpc, subnet) if allowed else set()
        if mode not in ("block-ingress", "block-bidirectional"):
            gap = Gap("ec2:DescribeVpcBlockPublicAccessOptions", region.place, f"mode `{mode}`")
            return Door(Truth.UNKNOWN, gap)
        if "allow-bidirectional" in exclusions:
            return _OPEN
        if inwards or not guarded:
            return _SHUT
        return Door(Truth.of(mode == "block-ingress" or "allow-egress" in exclusions))

    def _stated(self, vpc: str, subnet: str) -> str:
        """The mode that a subnet or VPC gives as its own, where the Region's is not saved."""
        for item in (self._inventory.subnets.get(subnet), self._inventory.vpcs.get(vpc)):
            states = item.block_public_access_states if item is not None else None
            if states is not None and states.internet_gateway_block_mode:
                said = states.internet_gateway_block_mode
                return _STATED.get(said, said)
        return "off"


def _exclusions(region: RegionInventory, vpc: str, subnet: str) -> set[str]:
    ends = {vpc, subnet or vpc}
    return {
        item.internet_gateway_exclusion_mode
        for item in region.vpc_block_public_access_exclusions
        if item.resource_arn.rpartition("/")[2] in ends
        and (item.state in _EXCLUSION_ACTIVE or not item.state)
    }
