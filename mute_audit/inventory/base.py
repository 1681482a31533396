"""What every AWS-shaped value shares.

The structs mirror what `aws … describe-*` prints and hold no derived fact. Fields that no
part of mute-audit reads are left out: msgspec skips them while decoding, which is what
keeps 100,000 interfaces small. Attribute names are the AWS names in snake case.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

__all__ = [
    "Aws",
    "AwsCamel",
    "IcmpNumber",
    "Ip4",
    "Ip6",
    "MaybeIp4",
    "MaybeNet",
    "MaybeNet4",
    "MaybeNet6",
    "Net",
    "Net4",
    "Net6",
    "Port",
    "Protocol",
    "Tag",
    "name_of",
    "tag_value",
]

# What msgspec holds texts against while it decodes, so that a mistake in a snapshot is told with
# its place, and none reaches an engine.
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IP4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_NET4 = rf"{_IP4}(?:/(?:3[0-2]|[12]?\d))?"
_GROUP = r"[0-9A-Fa-f]{1,4}"
_SOME = rf"(?:{_GROUP}(?::{_GROUP}){{0,6}})?"
_IP6 = (
    # Eight groups; or `::` for one at an end, or for some that leave at most seven colons.
    rf"(?:{_GROUP}(?::{_GROUP}){{7}}|(?:{_GROUP}:){{7}}:|:(?::{_GROUP}){{7}}"
    rf"|(?!(?:[^:]*:){{8}}){_SOME}::{_SOME}"
    # The last two groups as an IPv4 address, behind zeros or ffff.
    rf"|::(?:[Ff]{{4}}:)?{_IP4})"
)
_NET6 = rf"{_IP6}(?:/(?:12[0-8]|1[01]\d|[1-9]?\d))?"
_PROTOCOL = rf"-1|[Aa][Ll][Ll]|[Tt][Cc][Pp]|[Uu][Dd][Pp]|[Ii][Cc][Mm][Pp](?:[Vv]6)?|{_OCTET}"

# An address, and a network (a CIDR, or one address); what AWS may leave out may be empty as well.
Ip4 = Annotated[str, msgspec.Meta(pattern=rf"^(?:{_IP4})\Z")]
Ip6 = Annotated[str, msgspec.Meta(pattern=rf"^(?:{_IP6})\Z")]
Net4 = Annotated[str, msgspec.Meta(pattern=rf"^(?:{_NET4})\Z")]
Net6 = Annotated[str, msgspec.Meta(pattern=rf"^(?:{_NET6})\Z")]
Net = Annotated[str, msgspec.Meta(pattern=rf"^(?:{_NET4}|{_NET6})\Z")]
MaybeIp4 = Annotated[str, msgspec.Meta(pattern=rf"^(?:{_IP4})?\Z")]
MaybeNet4 = Annotated[str, msgspec.Meta(pattern=rf"^(?:{_NET4})?\Z")]
MaybeNet6 = Annotated[str, msgspec.Meta(pattern=rf"^(?:{_NET6})?\Z")]
MaybeNet = Annotated[str, msgspec.Meta(pattern=rf"^(?:{_NET4}|{_NET6})?\Z")]
# The name or IANA number of a protocol, `-1` for all.
Protocol = Annotated[str, msgspec.Meta(pattern=rf"^(?:{_PROTOCOL})\Z")]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
# An ICMP type or code, −1 for all.
IcmpNumber = Annotated[int, msgspec.Meta(ge=-1, le=255)]


class Aws(msgspec.Struct, frozen=True, rename="pascal", omit_defaults=True, gc=False):
    """A value whose JSON keys are in PascalCase (EC2, RDS, IAM, S3, ELB)."""


class AwsCamel(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, gc=False):
    """A value whose JSON keys are in camelCase (ECR, ECS)."""


class Tag(Aws, frozen=True):
    key: str
    value: str = ""


def tag_value(tags: Iterable[Tag], key: str) -> str | None:
    """The value of the tag `key`, or None where the resource has no such tag."""
    for tag in tags:
        if tag.key == key:
            return tag.value
    return None


def name_of(tags: Iterable[Tag]) -> str:
    """The `Name` tag; empty where there is none."""
    return tag_value(tags, "Name") or ""
