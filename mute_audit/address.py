"""Typed, printable, ordered keys of resources."""

from __future__ import annotations

import msgspec

__all__ = ["Address", "arn_account", "arn_region", "arn_resource"]


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
