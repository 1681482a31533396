"""What a plan makes and no translator describes, although it may matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mute_audit.sources.terraform.estate import Estate, Item
from mute_audit.sources.terraform.table import LATER, TABLE

__all__ = ["unmodelled"]

# Attributes by which something says that it stands in a subnet: of itself, or in an inner block.
_PLACED = frozenset({"subnet_id", "subnet_ids", "subnets", "vpc_subnet_ids", "vpc_zone_identifier"})
# They name subnets, and put nothing there: groups of them, what is watched, and templates whose
# instances are described where they are started.
_NOTHING_THERE = frozenset(
    {
        "aws_db_subnet_group",
        "aws_ec2_subnet_cidr_reservation",
        "aws_ec2_tag",
        "aws_flow_log",
        "aws_launch_configuration",
        "aws_launch_template",
        "aws_ram_resource_association",
    }
)
# What these make or open cannot be told by their attributes.
_OPENS = frozenset(
    {
        "aws_cloudcontrolapi_resource",
        "aws_cloudformation_stack",
        "aws_cloudformation_stack_set",
        "aws_dx_gateway_association",
        "aws_ec2_client_vpn_endpoint",
        "aws_ec2_transit_gateway_connect",
        "aws_globalaccelerator_endpoint_group",
        "aws_networkmanager_vpc_attachment",
        "aws_organizations_policy_attachment",
        "aws_ram_principal_association",
        "aws_s3control_multi_region_access_point",
        "aws_s3control_object_lambda_access_point",
        "aws_servicecatalog_provisioned_product",
        "aws_vpc_endpoint_service",
        "aws_vpclattice_service_network_vpc_association",
    }
)


def unmodelled(estate: Estate) -> Iterator[str]:
    """One note for each type of such resources."""
    found: dict[str, list[str]] = {}
    for item in estate.items.values():
        kind = item.type
        if item.planned.name.mode != "managed" or kind in TABLE or kind in LATER:
            continue
        if kind in _OPENS or (_stands(item) and not _holds_nothing(kind)):
            found.setdefault(kind, []).append(item.address)
    for kind, addresses in sorted(found.items()):
        more = f" and {len(addresses) - 1} more" if len(addresses) > 1 else ""
        yield f"{kind} is not modelled: what {min(addresses)}{more} may reach or open is not judged"


def _holds_nothing(kind: str) -> bool:
    return kind in _NOTHING_THERE or kind.endswith("_subnet_group")


def _stands(item: Item) -> bool:
    return _names_subnets(item.planned.values) or _names_subnets(item.planned.unknown)


def _names_subnets(value: Any) -> bool:
    """Whether an attribute for subnets is set, or will be."""
    if isinstance(value, Mapping):
        return any(
            (name in _PLACED and bool(inner)) or _names_subnets(inner)
            for name, inner in value.items()
        )
    return isinstance(value, list) and any(map(_names_subnets, value))
