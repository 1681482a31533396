"""What a baseline says about single resources: one model for each kind.

Only what is written is compared (`stated`); a field that is left out may be anything. Lists
are complete: what they do not name must not be there. Relations are names of other entries
of the file, and may be AWS ids where the other thing is not described in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mute_audit.intent.fields import Cidr, Cidrs, Document, Name, Names, Traffic
from mute_audit.intent.written import Flag, Whole, Written

__all__ = [
    "AclEntry",
    "Bucket",
    "Database",
    "Described",
    "EgressRule",
    "Image",
    "InVpc",
    "Instance",
    "InternetGateway",
    "NatGateway",
    "NetworkAcl",
    "PublicAccess",
    "Repository",
    "RootVolume",
    "RouteTable",
    "Rule",
    "SecurityGroup",
    "Subnet",
    "User",
    "Vpc",
]


class Stated(Written):
    """Only fields that the file gives are compared: defaults mean nothing."""

    def states(self, field: str) -> bool:
        """Whether the file says anything about `field`, `null` included."""
        return field in self.model_fields_set


class Described(Stated):
    """What every entry may say of itself."""

    name: Name = Field(
        default="",
        description="The `Name` tag (or own name) in AWS, where the key of the entry is another.",
    )
    id: Name = Field(
        default="", description="The AWS id, for a resource that has no name of its own."
    )


class Tagged(Described):
    """A resource whose tags are collected."""

    tags: Annotated[Mapping[str, str], AfterValidator(MappingProxyType)] = Field(
        default_factory=dict, description="Tags that must be there with these values."
    )


class Vpc(Tagged):
    """A VPC; found by its `Name` tag."""

    cidrs: Cidrs = Field(default=(), description="All IPv4 and IPv6 blocks.")


class InVpc(Tagged):
    """A resource that belongs to a VPC."""

    vpc: Name = Field(
        default="", description="Entry of `vpcs`; may be left out where there is only one."
    )


class Subnet(InVpc):
    """A subnet; found by its `Name` tag."""

    cidr: Cidr = ""
    zone: Name = Field(default="", description="Availability zone.")
    public_addresses: Flag = Field(
        default=False, description="Whether instances get a public address on launch."
    )


class RouteTable(InVpc):
    """A route table; found by its `Name` tag."""

    main: Flag = Field(default=False, description="Whether it is the VPC's main table.")
    subnets: Names = Field(default=(), description="The subnets associated with it.")
    routes: Annotated[Mapping[str, Name], AfterValidator(MappingProxyType)] = Field(
        default_factory=dict,
        description="All routes but the local ones: destination (CIDR or prefix list) to "
        "target (a gateway or instance of this file, or an AWS id).",
    )


class InternetGateway(InVpc):
    """An internet gateway, attached to its VPC; found by its `Name` tag."""


class NatGateway(InVpc):
    """A NAT gateway; found by its `Name` tag."""

    subnet: Name = ""
    connectivity: Literal["public", "private"] = "public"


class AclEntry(Written):
    """One numbered entry; the last one, `*`, which denies all, is never written."""

    rule: Whole = Field(ge=1, le=32766)
    action: Literal["allow", "deny"]
    ports: Traffic
    cidr: Cidr


class NetworkAcl(InVpc):
    """A network ACL; found by its `Name` tag, or as the VPC's default one."""

    default: Flag = Field(
        default=False, description="The ACL that AWS makes with the VPC, which has no name."
    )
    subnets: Names = Field(default=(), description="The subnets associated with it.")
    ingress: tuple[AclEntry, ...] = ()
    egress: tuple[AclEntry, ...] = ()


class Rule(Written):
    """Who may come in: one rule of AWS for each pair of ports and source."""

    ports: Traffic = Field(description="`tcp/443`, `tcp/8000-8100`, `icmp/8`, `all`.")
    sources: Names = Field(
        alias="from",
        description="CIDRs, security groups of this file, or ids of groups and prefix lists.",
    )


class EgressRule(Written):
    """Where traffic may go: one rule of AWS for each pair of ports and destination."""

    ports: Traffic = Field(description="`tcp/443`, `tcp/8000-8100`, `icmp/8`, `all`.")
    destinations: Names = Field(
        alias="to",
        description="CIDRs, security groups of this file, or ids of groups and prefix lists.",
    )


class SecurityGroup(InVpc):
    """A security group; found by its group name or its `Name` tag."""

    ingress: tuple[Rule, ...] = ()
    egress: tuple[EgressRule, ...] = ()


class Image(Written):
    """An operating system: how the names of its images look, and who publishes them."""

    name: Name = Field(description="Pattern of the image's name, with `*` and `?`.")
    owner: Name = Field(default="", description="Account that publishes the image.")


class RootVolume(Stated):
    """The volume that an instance starts from."""

    encrypted: Flag = True
    type: Name = ""


class Instance(InVpc):
    """An EC2 instance; found by its `Name` tag among those that are not terminated."""

    type: Name = ""
    subnet: Name = ""
    security_groups: Names = ()
    image: Name = Field(default="", description="Entry of `images`.")
    state: Literal["running", "stopped"] = "running"
    public_address: Flag = Field(default=False, description="Whether it has a public address.")
    imdsv2: Literal["required", "optional"] = Field(
        default="required", description="Whether instance metadata needs a session token."
    )
    root_volume: RootVolume | None = None
    source_dest_check: Flag = True
    profile: Name | None = Field(
        default=None, description="Name of the instance profile; `null` for none."
    )


class Database(InVpc):
    """An RDS database instance; found by its identifier."""

    engine: Name = ""
    engine_version: Name = ""
    instance_class: Name = Field(default="", alias="class")
    storage_type: Name = ""
    encrypted: Flag = True
    publicly_accessible: Flag = False
    multi_az: Flag = False
    zone: Name = Field(default="", description="Availability zone it stands in.")
    subnets: Names = Field(default=(), description="The subnets of its subnet group.")
    security_groups: Names = ()
    port: Whole = Field(default=0, ge=1, le=65535)
    managed_secret: Flag = Field(
        default=True, description="Whether RDS keeps the master password in Secrets Manager."
    )
    deletion_protection: Flag = False
    backup_days: Whole = Field(default=0, ge=0, le=35)


class PublicAccess(Stated):
    """The four switches of S3's Block Public Access."""

    block_public_acls: Flag = False
    ignore_public_acls: Flag = False
    block_public_policy: Flag = False
    restrict_public_buckets: Flag = False


class Bucket(Described):
    """An S3 bucket; found by its name."""

    region: Name = ""
    ownership: Literal["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"] | None = None
    public_access_block: PublicAccess | None = Field(
        default=None, description="`null`: the bucket has no configuration (all four are off)."
    )
    policy: Document | None = Field(
        default=None, description="Compared by meaning; `null`: the bucket has none."
    )


class Repository(Described):
    """A private ECR repository; found by its name."""

    scan_on_push: Flag = True
    tag_mutability: Literal["IMMUTABLE", "MUTABLE"] = "MUTABLE"
    policy: Document | None = Field(
        default=None,
        description="Compared by meaning; `null`: none, only the account's identities get in.",
    )


class User(Tagged):
    """An IAM user; found by its name."""

    policies: Names = Field(
        default=(), description="Attached policies: name of one of AWS's, or an ARN."
    )
    inline_policies: Names = Field(default=(), description="Names of its inline policies.")
    groups: Names = ()
    boundary: Name | None = Field(
        default=None, description="ARN of the permissions boundary; `null` for none."
    )
