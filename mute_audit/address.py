"""Typed, printable, ordered keys of resources."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

__all__ = ["Address", "arn_account", "arn_region", "arn_resource", "is_id"]


class Address(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """Which resource: its type, its id, and where it lives.

    type     `service.thing`, as in `ec2.instance`, `rds.instance`, `s3.bucket`
    id       the AWS id, or the ARN where AWS has no shorter unique one
    name     the `Name` tag or the resource's own name; empty where it has none
    account  twelve digits, empty where it is not known
    region   as in `ap-northeast-2`; `global` for IAM; empty where it is not known
    """

    type: str
    id: str
    name: str = ""
    account: str = ""
    region: str = ""

    @property
    def label(self) -> str:
        """What a person calls it: the name, else the id."""
        return self.name or self.id

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id


def _arn_part(arn: str, index: int) -> str:
    parts = arn.split(":", 5)
    return parts[index] if len(parts) == 6 and parts[0] == "arn" else ""


def arn_region(arn: str) -> str:
    """The Region in an ARN; empty for a global resource or a text that is no ARN."""
    return _arn_part(arn, 3)


def arn_account(arn: str) -> str:
    """The account id in an ARN; empty where the ARN has none (S3) or the text is no ARN."""
    return _arn_part(arn, 4)


def arn_resource(arn: str) -> str:
    """The resource part of an ARN (`user/alice`, `db:orders`); empty if it is no ARN."""
    return _arn_part(arn, 5)


# What a resource that does not exist yet has for an id: its Terraform address. Resource type →
# the prefix of the ids that AWS gives; an attribute behind the address names what AWS makes
# along with the resource.
_PREFIXES = {
    "aws_ec2_transit_gateway": "tgw-",
    "aws_egress_only_internet_gateway": "eigw-",
    "aws_instance": "i-",
    "aws_internet_gateway": "igw-",
    "aws_nat_gateway": "nat-",
    "aws_network_interface": "eni-",
    "aws_vpc_endpoint": "vpce-",
    "aws_vpc_peering_connection": "pcx-",
    "aws_vpn_gateway": "vgw-",
}
_INTERFACES = ("primary_network_interface_id", "network_interface_id")
_TERRAFORM = re.compile(
    r"""(?:^|\.)(?P<type>aws_\w+)\.[\w-]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?(?:\.(?P<along>\w+))?$"""
)


def is_id(text: str, *prefixes: str) -> bool:
    """Whether an id is of one of these kinds: `igw-123`, or an address that AWS will call so."""
    if text.startswith(prefixes):
        return True
    return "." in text and _terraform_prefix(text) in prefixes


def unknown_id(attribute: str, address: str) -> str:
    """What stands for the id that an attribute of a Terraform resource will have at apply.

    Nothing has it, and it may turn out to be any that there is. AWS's own ids have no spaces.
    """
    return f"{attribute} of {address}"


def why_absent(identifier: str) -> str:
    """Why nothing describes what an id names."""
    return "unknown until apply" if is_unknown_id(identifier) else "not in the snapshot"


def is_unknown_id(text: str) -> bool:
    """Whether a text stands for an id that nobody knows yet; keys in quotes may say anything."""
    before, found, _ = text.partition(" of ")
    return bool(found) and '"' not in before


@lru_cache(maxsize=65536)
def _terraform_prefix(text: str) -> str:
    match = _TERRAFORM.search(text)
    if match is None:
        return ""
    if match["along"]:
        return "eni-" if match["along"] in _INTERFACES else ""
    return _PREFIXES.get(match["type"], "")
