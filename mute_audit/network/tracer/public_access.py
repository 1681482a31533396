"""VPC Block Public Access, asked at a border between a VPC and the internet (N57)."""

from __future__ import annotations

from mute_audit.inventory import RegionInventory
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.nics import Nic
from mute_audit.network.tracer.walk import Walk
from mute_audit.verdict import Gap

__all__ = ["block_public_access"]

# What VPCs and subnets say of themselves has two spellings in the API reference.
_WORDS = {
    "bidirectional-access-allowed": "off",
    "bidirectional-access-blocked": "block-bidirectional",
    "ingress-access-blocked": "block-ingress",
}


def block_public_access(
    walk: Walk, vpc: str, nic: Nic | None, *, inward: bool, egress_only: bool = False
) -> None:
    """N57: the Region's mode, and the exclusions of the VPC or the subnet at the border."""
    region = walk.atlas.region_of(vpc)
    if region is None:
        return
    subnet = nic.subnet if nic is not None else ""
    mode = _mode(walk, region, vpc, subnet)
    for key in ("VpcBlockPublicAccessOptions", "VpcBlockPublicAccessExclusions"):
        failed = region.failure(key)
        if failed is not None and not (key.endswith("Exclusions") and mode == "off"):
            walk.unsure(failed)
            return
    if not mode:
        walk.assume("VpcBlockPublicAccessOptions", vpc)
        mode = "off"
    if mode not in ("block-bidirectional", "block-ingress"):
        if mode != "off":
            walk.unsure(Gap("VPC Block Public Access", region.place, f"mode `{mode}`"))
        return
    exclusion = _exclusion(region, vpc, subnet)
    if exclusion == "allow-bidirectional":
        return
    guarded = egress_only or (nic is not None and nic.type == "nat_gateway")
    if not inward and guarded:
        if mode == "block-ingress":
            return
        if exclusion == "allow-egress":
            walk.note(
                "reading",
                "an egress-only exclusion under block-bidirectional is read as opening the "
                "ways through NAT and egress-only gateways, not an interface's own way out",
            )
            return
    if exclusion == "allow-egress" and mode == "block-bidirectional" and not inward:
        walk.note(
            "reading",
            "an egress-only exclusion under block-bidirectional is not read as opening an "
            "interface's own way out: AWS's texts disagree",
        )
    walk.assume("VpcBlockPublicAccessExclusions", vpc)
    walk.block(
        Component.BPA,
        region.place,
        "bpa-ingress" if inward else "bpa-egress",
        f"mode {mode} of {region.place}, and no exclusion of {vpc} or its subnet opens it",
    )


def _mode(walk: Walk, region: RegionInventory, vpc: str, subnet: str) -> str:
    """The Region's mode; what subnet and VPC print of themselves where it is not saved.

    Empty where nothing says it.
    """
    options = region.vpc_block_public_access_options
    if options:
        return options[0].internet_gateway_block_mode
    inventory = walk.atlas.inventory
    for item in (inventory.subnets.get(subnet), inventory.vpcs.get(vpc)):
        states = item.block_public_access_states if item is not None else None
        if states is not None and states.internet_gateway_block_mode:
            said = states.internet_gateway_block_mode
            return _WORDS.get(said, said)
    return ""


def _exclusion(region: RegionInventory, vpc: str, subnet: str) -> str:
    """The most open exclusion of the VPC or subnet that is in force; empty if none is."""
    options = region.vpc_block_public_access_options
    if options and options[0].exclusions_allowed == "not-allowed":
        return ""
    modes = {
        item.internet_gateway_exclusion_mode
        for item in region.vpc_block_public_access_exclusions
        if item.resource_arn.rpartition("/")[2] in (vpc, subnet or vpc)
        and item.state in ("", "create-complete", "update-complete", "update-in-progress")
    }
    return next((m for m in ("allow-bidirectional", "allow-egress") if m in modes), "")
