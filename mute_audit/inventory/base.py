"""What every AWS-shaped value shares.

The structs mirror what `aws … describe-*` prints and hold no derived fact. Fields that no
part of mute-audit reads are left out: msgspec skips them while decoding, which is what
keeps 100,000 interfaces small. Attribute names are the AWS names in snake case.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

__all__ = ["Aws", "AwsCamel", "Tag", "name_of", "tag_value"]


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
