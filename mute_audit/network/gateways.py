"""Internet and NAT gateways, and VPC Block Public Access. Rules: N31–N37, N57."""

from __future__ import annotations

from dataclasses import dataclass

from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.network import NatGateway
from mute_audit.network.routing import Target, TargetKind
from mute_audit.verdict import Gap, Truth

__all__ = ["Door", "Gateways"]

# AWS prints `available` for an attached internet gateway; older output says `attached`.
_ATTACHED = frozenset({"available", "attached"})
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
        self._igw_vpc = {
            igw.internet_gateway_id: attachment.vpc_id
            for igw in inventory.internet_gateways.values()
            for attachment in igw.attachments
            if attachment.state in _ATTACHED
        }

    def leads_out(self, target: Target | None, vpc: str) -> Door:
        """Whether a route's target is an internet gateway that is attached to this VPC."""
        if target is None or target.kind is not TargetKind.INTERNET_GATEWAY:
            return _SHUT
        if self._igw_vpc.get(target.id) == vpc:
            return _OPEN
        region = self._inventory.region_of_vpc(vpc)
        failed = region.failure("InternetGateways") if region is not None else None
        if failed is not None:
            return Door(Truth.UNKNOWN, failed)
        if target.id not in self._inventory.internet_gateways and (
            region is None or "InternetGateways" not in region.held
        ):
            return Door(
                Truth.UNKNOWN,
                Gap(
                    "ec2:DescribeInternetGateways",
                    target.id,
                    "the gateway is not described",
                    "InternetGateways",
                ),
            )
        return _SHUT

    def nat(self, gateway: str) -> NatGateway | Gap | None:
        """The NAT gateway behind a route; None when it is gone or not available."""
        found = self._inventory.nat_gateways.get(gateway)
        if found is not None:
            return found if found.state == "available" else None
        for region in self._inventory.regions:
            failed = region.failure("NatGateways")
            if failed is not None:
                return failed
            if "NatGateways" in region.held:
                return None
        return Gap(
            "ec2:DescribeNatGateways", gateway, "the gateway is not described", "NatGateways"
        )

    def public_access(self, subnet: str, *, inwards: bool, direct: bool) -> Door:
        """Whether Block Public Access lets traffic pass the VPC's internet gateway (N57).

        subnet   the subnet whose traffic passes the gateway (a NAT gateway's own subnet)
        inwards  connections that start on the internet
        direct   the instance's own way out, as against one through NAT or egress-only
        """
        found = self._inventory.subnets.get(subnet)
        vpc = found.vpc_id if found is not None else ""
        region = self._inventory.region_of_vpc(vpc)
        if region is None:
            return _OPEN
        failed = region.failure("VpcBlockPublicAccessOptions")
        if failed is not None:
            return Door(Truth.UNKNOWN, failed)
        mode = next(
            (o.internet_gateway_block_mode for o in region.vpc_block_public_access_options), "off"
        )
        if mode == "off":
            return _OPEN
        failed = region.failure("VpcBlockPublicAccessExclusions")
        if failed is not None:
            return Door(Truth.UNKNOWN, failed)
        exclusions = _exclusions(region, vpc, subnet)
        if "allow-bidirectional" in exclusions:
            return _OPEN
        if mode == "block-ingress":
            return Door(Truth.of(not inwards and not direct))
        if mode == "block-bidirectional":
            return Door(Truth.of("allow-egress" in exclusions and not inwards and not direct))
        return Door(
            Truth.UNKNOWN,
            Gap("ec2:DescribeVpcBlockPublicAccessOptions", region.place, f"unknown mode `{mode}`"),
        )


def _exclusions(region: RegionInventory, vpc: str, subnet: str) -> set[str]:
    ends = (f":vpc/{vpc}", f":subnet/{subnet}")
    return {
        item.internet_gateway_exclusion_mode
        for item in region.vpc_block_public_access_exclusions
        if item.resource_arn.endswith(ends) and (item.state in _EXCLUSION_ACTIVE or not item.state)
    }
