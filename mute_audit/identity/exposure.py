"""Exposure of the resources of an inventory: the way from descriptions to answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from types import MappingProxyType

from mute_audit.errors import PlaceError, PolicyError
from mute_audit.identity.access_points import points_of, wide_points_of
from mute_audit.identity.acls import ALL_USERS, AUTHENTICATED, OWNER_ENFORCED, AclState
from mute_audit.identity.assigned import ours_in
from mute_audit.identity.buckets import BucketExposure, Switch
from mute_audit.identity.conclusions import (
    Conclusion,
    exactly_managed_policies,
    public_read_only,
    repository_private,
)
from mute_audit.identity.documents import parse_policy
from mute_audit.identity.facts import look_up, partition_of, regions_of
from mute_audit.identity.judge import Answer
from mute_audit.identity.latent import Latent, latent_exposure
from mute_audit.identity.organizations import Fence, Organizations
from mute_audit.identity.others import (
    RepositoryExposure,
    SnapshotExposure,
    UserFacts,
    repository_of,
    snapshot_of,
    user_of,
)
from mute_audit.identity.recheck import recheck_acl
from mute_audit.identity.statements import Policy
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.access import Bucket, BucketAcl, Grant, PublicAccessBlock
from mute_audit.verdict import Gap, Truth

__all__ = [
    "Answer",
    "BucketExposure",
    "Conclusion",
    "Exposure",
    "Latent",
    "RepositoryExposure",
    "SnapshotExposure",
    "UserFacts",
    "exactly_managed_policies",
    "latent_exposure",
    "public_read_only_via_policy",
    "repository_private",
]

_SWITCHES = {
    "BlockPublicAcls": "block_public_acls",
    "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy",
    "RestrictPublicBuckets": "restrict_public_buckets",
}


@dataclass(frozen=True)
class Exposure:
    """Answers about the resources of one inventory; each resource is read when asked for.

    `now` is the moment that conditions on the time are judged at; any moment where it is None.
    """

    inventory: Inventory
    now: datetime | None = None
    organizations: Organizations = field(init=False, repr=False)
    _buckets: dict[str, BucketExposure] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "organizations", Organizations(self.inventory))

    def bucket(self, name: str) -> BucketExposure:
        """The exposure of one bucket. Raises PlaceError where no bucket has the name."""
        if name not in self._buckets:
            for region in self.inventory.regions:
                for bucket in region.buckets:
                    if bucket.name == name:
                        self._buckets[name] = self._read(region, bucket)
                        return self._buckets[name]
            raise PlaceError(f"there is no bucket `{name}`")
        return self._buckets[name]

    def _read(self, region: RegionInventory, bucket: Bucket) -> BucketExposure:
        return _bucket(
            self.inventory,
            region,
            bucket,
            self.now,
            self.organizations.around_resources(region.account),
        )

    def buckets(self) -> tuple[BucketExposure, ...]:
        """Every bucket, by name."""
        return tuple(self.bucket(name) for name in sorted(self.inventory.buckets))

    def repository(self, name: str) -> RepositoryExposure:
        """One ECR repository, by name or ARN. Raises PlaceError where there is none."""
        return repository_of(self.inventory, name, self.now, self.organizations)

    def snapshot(self, identifier: str) -> SnapshotExposure:
        """One RDS snapshot. Raises PlaceError where there is none."""
        return snapshot_of(self.inventory, identifier)

    def user(self, name: str) -> UserFacts:
        """One IAM user; where there is none, the facts say so, or which gap hides it."""
        return user_of(self.inventory, name)


def public_read_only_via_policy(
    inventory: Inventory, bucket: str, now: datetime | None = None
) -> tuple[Conclusion, ...]:
    """A15 for one bucket, in its parts. Raises PlaceError where no bucket has the name."""
    return public_read_only(Exposure(inventory, now).bucket(bucket))


def _bucket(
    inventory: Inventory,
    home: RegionInventory,
    bucket: Bucket,
    now: datetime | None,
    fence: Fence,
) -> BucketExposure:
    regions = regions_of(inventory, home.account)
    name = bucket.name
    region = bucket.bucket_region or home.region
    arn = f"arn:{partition_of(region)}:s3:::{name}"
    where = (arn, name)
    switches, gaps = _switches(regions, home.account, name, where)
    ownership, ownership_gap = look_up(
        regions,
        "BucketOwnershipControls",
        where,
        lambda r: next((o for o in r.bucket_ownerships if o.bucket == name), None),
    )
    controls = None if ownership is None else ownership.ownership_controls
    # A bucket without ownership controls is one from before they existed: ACLs are on.
    rule = (
        "ObjectWriter"
        if controls is None
        else next((rule.object_ownership for rule in controls.rules), "ObjectWriter")
    )
    acl, acl_gap = look_up(
        regions,
        "BucketAcls",
        where,
        lambda r: next((a for a in r.bucket_acls if a.bucket == name), None),
    )
    policy, policy_gap = _policy(regions, name, where)
    # An access point lies in the Region of its bucket.
    points, points_gap = points_of([r for r in regions if r.region == region], name)
    wide, wide_gap = wide_points_of(regions, name, partition_of(region))
    return BucketExposure(
        name=name,
        arn=arn,
        account=home.account,
        region=region,
        switches=switches,
        switch_gaps=gaps,
        acl=_acl(acl, acl_gap, None if ownership is None else rule, ownership_gap, switches, gaps),
        ownership=None if ownership is None else rule,
        policy=policy,
        policy_gap=policy_gap,
        now=now,
        recheck=partial(recheck_acl, inventory),
        fence=fence,
        ours=ours_in(inventory, home.account),
        points=(*points, *wide),
        points_gap=points_gap or wide_gap,
    )


def _switches(
    regions: tuple[RegionInventory, ...],
    account: str,
    name: str,
    where: tuple[str, ...],
) -> tuple[Mapping[str, Switch], tuple[Gap, ...]]:
    own, own_gap = look_up(
        regions,
        "BucketPublicAccessBlocks",
        where,
        lambda r: next((b for b in r.bucket_public_access_blocks if b.bucket == name), None),
    )
    whole, whole_gap = look_up(
        regions,
        "AccountPublicAccessBlocks",
        (account,),
        lambda r: next(
            (
                b
                for b in r.account_public_access_blocks
                if not account or b.account_id in ("", account)
            ),
            None,
        ),
    )
    configured = (
        (None if own is None else own.public_access_block_configuration, own_gap),
        (None if whole is None else whole.public_access_block_configuration, whole_gap),
    )
    switches = {
        switch: Switch(
            bucket=_switch(*configured[0], attribute), account=_switch(*configured[1], attribute)
        )
        for switch, attribute in _SWITCHES.items()
    }
    return MappingProxyType(switches), tuple(gap for gap in (own_gap, whole_gap) if gap is not None)


def _switch(block: PublicAccessBlock | None, gap: Gap | None, attribute: str) -> Truth:
    if gap is not None:
        return Truth.UNKNOWN
    return Truth.of(block is not None and bool(getattr(block, attribute)))


def _acl(
    acl: BucketAcl | None,
    acl_gap: Gap | None,
    rule: str | None,
    ownership_gap: Gap | None,
    switches: Mapping[str, Switch],
    switch_gaps: tuple[Gap, ...],
) -> AclState:
    public: tuple[Grant, ...] = ()
    others: tuple[Grant, ...] = ()
    if acl is not None:
        public = tuple(g for g in acl.grants if g.grantee.uri in (ALL_USERS, AUTHENTICATED))
        others = tuple(g for g in acl.grants if g.grantee.id and g.grantee.id != acl.owner.id)
    ignored = switches["IgnorePublicAcls"].effective
    if rule == OWNER_ENFORCED:
        return AclState(dead=Truth.YES, why="owner-enforced", known=True)
    known = acl is not None
    gaps = tuple(gap for gap in (acl_gap, ownership_gap) if gap is not None)
    if ignored is Truth.YES:
        # Grants to single accounts stay in force; a public one underneath would not be shown.
        return AclState(Truth.YES, "ignored", known, True, (), others, gaps)
    if ignored is Truth.UNKNOWN:
        gaps = (*gaps, *switch_gaps)
    open_ = rule is None or ignored is Truth.UNKNOWN
    dead = Truth.UNKNOWN if open_ else Truth.NO
    return AclState(dead, "", known, False, public, others, gaps)


def _policy(
    regions: tuple[RegionInventory, ...],
    name: str,
    where: tuple[str, ...],
) -> tuple[Policy | None, Gap | None]:
    entry, gap = look_up(
        regions,
        "BucketPolicies",
        where,
        lambda r: next((p for p in r.bucket_policies if p.bucket == name), None),
    )
    if entry is None or entry.policy is None:
        return None, gap
    try:
        return parse_policy(entry.policy, f"bucket policy of {name}"), None
    except PolicyError as error:
        return None, Gap(what="bucket policy", where=where[0], why=str(error), key="BucketPolicies")
