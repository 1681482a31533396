"""What a policy file says: one model for each kind, told apart by `kind`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, field_validator, model_validator

from mute_audit.finding import DriftKind, Severity
from mute_audit.intent.written import Flag, Whole, Written
from mute_audit.policy.field_path import FieldPath
from mute_audit.policy.fields import (
    AddressSources,
    Names,
    NotEmpty,
    Places,
    PolicyId,
    Ports,
    Words,
)
from mute_audit.policy.predicate import Predicate
from mute_audit.policy.resource_types import RESOURCE_TYPES

__all__ = [
    "BasePolicy",
    "Config",
    "Drift",
    "EcrPrivate",
    "Exposed",
    "IamAccessKeys",
    "IamConsoleMfa",
    "IamExactPolicies",
    "IamNoEscalation",
    "IamNoFullAccess",
    "IamRoleTrust",
    "IamRootUser",
    "IamUnusedCredentials",
    "Policy",
    "PolicyFile",
    "RdsSnapshotPrivate",
    "ReachExposure",
    "ReachNever",
    "ReachOnly",
    "ReachRequired",
    "S3NotPublic",
    "S3PublicReadOnly",
    "schema",
]

# The components that a path may be asked to pass: those that a flow names in `via`.
Component = Literal["internet-gateway", "nat-gateway", "transit-gateway", "peering", "vpc-endpoint"]


MayBeEmpty = Annotated[
    Flag, Field(description="A selector that selects nothing is as it should be.")
]

# Whom a policy keeps out: the public at large, or everybody outside of the account.
Outsiders = Annotated[
    Literal["anyone", "other-accounts"],
    Field(
        description="Who is kept out: `anyone` speaks of grants to everybody only,"
        " `other-accounts` also of those to named accounts."
    ),
]


class BasePolicy(Written):
    """What every kind has."""

    id: PolicyId
    title: Words
    severity: Severity
    description: Words = Field(description="What is asked for, and why.")
    remediation: Words = Field(description="What to do when it does not hold.")
    references: tuple[str, ...] = ()

    # Its subclasses narrow it to the name of their kind.
    kind: str


class ReachOnly(BasePolicy):
    """`to` is reachable on `ports` from the places in `from` and from nowhere else."""

    kind: Literal["reach.only"]
    to: Places
    ports: Ports
    from_: Places = Field(alias="from")
    allow_empty: MayBeEmpty = False


class ReachNever(BasePolicy):
    """Nothing in `from` reaches anything in `to` on `ports`."""

    kind: Literal["reach.never"]
    from_: Places = Field(default=("internet",), alias="from")
    to: Places | None = Field(default=None, description="Left out: every place of the estate.")
    ports: Ports = ("all",)
    through_forwarding: Flag = Field(
        default=False,
        description="Also by way of hosts whose source/destination check is off.",
    )
    at_least_addresses: Annotated[Whole, Field(ge=1)] = Field(
        default=1,
        description="Only where at least that many internet addresses get through.",
    )
    allow_empty: MayBeEmpty = False

    @model_validator(mode="after")
    def _breadth_is_of_the_internet(self) -> ReachNever:
        if "at_least_addresses" in self.model_fields_set and self.from_ != ("internet",):
            raise ValueError("`at_least_addresses` counts internet addresses: `from` must be that")
        if "at_least_addresses" in self.model_fields_set and self.through_forwarding:
            raise ValueError("`at_least_addresses` and `through_forwarding` do not go together")
        return self


class Exposed(Written):
    """One entry of what the internet may reach."""

    to: Places
    ports: Ports
    from_: AddressSources = Field(default=("internet",), alias="from")


class ReachExposure(BasePolicy):
    """Of the places in `within`, the internet reaches what `allow` lists and nothing else."""

    kind: Literal["reach.exposure"]
    within: Places | None = Field(default=None, description="Left out: every place.")
    allow: tuple[Exposed, ...] = ()
    allow_empty: MayBeEmpty = False


class ReachRequired(BasePolicy):
    """Everything in `from` reaches everything in `to` on all of `ports`."""

    kind: Literal["reach.required"]
    from_: Places = Field(alias="from")
    to: Places
    ports: Ports
    via: Component | None = Field(default=None, description="There is a way through this.")
    only_via: Component | None = Field(
        default=None, description="There is a way through this, and no other."
    )
    allow_empty: MayBeEmpty = False

    @model_validator(mode="after")
    def _one_way(self) -> ReachRequired:
        if self.via is not None and self.only_via is not None:
            raise ValueError("`only_via` says what `via` says; keep one of them")
        return self


class S3PublicReadOnly(BasePolicy):
    """Anyone may read the objects, by the bucket policy, and do nothing else."""

    kind: Literal["s3.public-read-only"]
    buckets: Names


class S3NotPublic(BasePolicy):
    """Nobody outside of the account may do what `access` names."""

    kind: Literal["s3.not-public"]
    buckets: Names | None = Field(default=None, description="Left out: every bucket.")
    access: Annotated[tuple[Literal["read", "list", "write", "configure"], ...], *NotEmpty]
    outsiders: Outsiders = "other-accounts"


class IamExactPolicies(BasePolicy):
    """The users have exactly these managed policies: no other, none inline, no group."""

    kind: Literal["iam.exact-policies"]
    users: Names
    policies: Names = Field(description="ARNs.")


class IamAccessKeys(BasePolicy):
    """Access keys of users are not older than `max_days`, and not more than `max_active`."""

    kind: Literal["iam.access-keys"]
    users: Names | None = Field(default=None, description="Left out: every user.")
    max_days: Annotated[Whole, Field(ge=1)] = Field(
        default=90, description="The age from which an active key has to be replaced."
    )
    max_active: Annotated[Whole, Field(ge=0, le=2)] = Field(
        default=2, description="How many active keys one user may have."
    )


class IamConsoleMfa(BasePolicy):
    """Whoever has a console password has an MFA device."""

    kind: Literal["iam.console-mfa"]
    users: Names | None = Field(default=None, description="Left out: every user.")


class IamRootUser(BasePolicy):
    """The account's root user has an MFA device and no access key, by the credential report."""

    kind: Literal["iam.root-user"]


class IamUnusedCredentials(BasePolicy):
    """No console password and no active access key has lain unused for longer than `max_days`."""

    kind: Literal["iam.unused-credentials"]
    users: Names | None = Field(default=None, description="Left out: every user.")
    max_days: Annotated[Whole, Field(ge=1)] = Field(
        default=90, description="How long a credential may lie unused."
    )


# Users and roles, by kind; and those that are left out, by name or ARN, with `*` and `?`.
Holders = Annotated[tuple[Literal["user", "role"], ...], *NotEmpty]


class IamNoFullAccess(BasePolicy):
    """Nobody may do everything to everything (`*` on `*`)."""

    kind: Literal["iam.no-full-access"]
    holders: Holders = ("user", "role")
    but: Names = Field(
        default=(), description="Names or ARNs that are left out; `*` and `?` are wildcards."
    )


class IamNoEscalation(BasePolicy):
    """Nobody may change a policy that speaks for himself."""

    kind: Literal["iam.no-escalation"]
    holders: Holders = ("user", "role")
    but: Names = Field(
        default=(), description="Names or ARNs that are left out; `*` and `?` are wildcards."
    )
    ways: Annotated[
        tuple[Literal["new-version", "other-version", "attach", "inline"], ...], *NotEmpty
    ] = Field(
        default=("new-version", "other-version", "attach", "inline"),
        description="The changes that are asked about.",
    )


class IamRoleTrust(BasePolicy):
    """Nobody outside the account may take on the roles."""

    kind: Literal["iam.role-trust"]
    roles: Names | None = Field(default=None, description="Left out: every role.")
    outsiders: Outsiders = "other-accounts"


class EcrPrivate(BasePolicy):
    """Nobody outside the account may use the repositories."""

    kind: Literal["ecr.private"]
    repositories: Names | None = Field(default=None, description="Left out: every repository.")
    outsiders: Outsiders = "other-accounts"


class RdsSnapshotPrivate(BasePolicy):
    """Nobody outside the account may restore the database snapshots."""

    kind: Literal["rds.snapshot-private"]
    databases: Names | None = Field(default=None, description="Left out: every database's.")
    outsiders: Outsiders = "other-accounts"


class Config(BasePolicy):
    """Every resource of `type` that fits `where` fits `assert`."""

    kind: Literal["config"]
    type: str
    where: tuple[Predicate, ...] = ()
    assert_: Annotated[tuple[Predicate, ...], *NotEmpty] = Field(alias="assert")

    @field_validator("type")
    @classmethod
    def _known_type(cls, value: str) -> str:
        if value not in RESOURCE_TYPES:
            raise ValueError(
                f"`{value}` is not a type of resources (known: {', '.join(sorted(RESOURCE_TYPES))})"
            )
        return value

    @model_validator(mode="after")
    def _fields_exist(self) -> Config:
        for predicate in (*self.where, *self.assert_):
            predicate.check_against(self.path(predicate).kind)
        return self

    def path(self, predicate: Predicate) -> FieldPath:
        """The predicate's path in this policy's type; raises ValueError if there is none."""
        return FieldPath.parse(predicate.field, RESOURCE_TYPES[self.type].struct, self.type)


class Drift(BasePolicy):
    """The estate does not differ from the baseline."""

    kind: Literal["drift"]
    changes: Annotated[tuple[Literal["missing", "unexpected", "changed"], ...], *NotEmpty] = (
        "missing",
        "unexpected",
        "changed",
    )
    types: Names | None = Field(default=None, description="Left out: resources of every type.")

    def covers(self, kind: DriftKind, resource_type: str) -> bool:
        """Whether the policy speaks of such a difference; what is unknown could be any."""
        if self.types is not None and resource_type not in self.types:
            return False
        return kind is DriftKind.UNKNOWN or kind.value in self.changes


Policy = Annotated[
    ReachOnly
    | ReachNever
    | ReachExposure
    | ReachRequired
    | S3PublicReadOnly
    | S3NotPublic
    | IamExactPolicies
    | IamAccessKeys
    | IamConsoleMfa
    | IamRootUser
    | IamUnusedCredentials
    | IamNoFullAccess
    | IamNoEscalation
    | IamRoleTrust
    | EcrPrivate
    | RdsSnapshotPrivate
    | Config
    | Drift,
    Field(discriminator="kind"),
]


class PolicyFile(Written):
    """One file of policies."""

    model_config = ConfigDict(title="mute-audit policies")

    mute: Literal["policy/v1"]
    schema_: Annotated[str, StringConstraints(min_length=1)] | None = Field(
        default=None, alias="$schema", description="The schema that editors check the file with."
    )
    policies: Annotated[tuple[Policy, ...], *NotEmpty]


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of policy files, for editors and validators."""
    made = PolicyFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
