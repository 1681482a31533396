"""What an access question can be about: resources, their own policies, and the actions on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mute_audit.address import arn_account
from mute_audit.errors import PlaceError, UsageError
from mute_audit.identity.automata import Language, language
from mute_audit.identity.buckets import BucketExposure
from mute_audit.identity.catalogue import FUTURE, actions_of
from mute_audit.identity.exposure import Exposure
from mute_audit.identity.holders import read_document
from mute_audit.identity.judge import Answer
from mute_audit.identity.s3_actions import actions_in, targets_of
from mute_audit.identity.statements import Policy
from mute_audit.identity.tokens import glob_tokens, literal_tokens
from mute_audit.inventory import Inventory
from mute_audit.verdict import Gap

__all__ = ["Target", "every_target", "find_target"]

# Services whose resources can have policies that are not collected. Where such a policy could
# matter, the answer is unknown. IAM user guide, "AWS services that work with IAM".
_OTHER_POLICIES = frozenset(
    {
        "acm-pca", "apigateway", "backup", "codeartifact", "codebuild", "dynamodb",
        "elasticfilesystem", "es", "events", "glacier", "glue", "iot", "kinesis", "kms", "lambda",
        "lex", "logs", "mediastore", "network-firewall", "osis", "ram", "rekognition", "schemas",
        "secretsmanager", "serverlessrepo", "signer", "sns", "sqs", "ssm-contacts",
        "ssm-incidents", "vpce", "vpc-lattice",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One resource.

    policy      its own policy; None where it has none, or where `policy_gap` says why that is
                not known
    actions     what can be done to it, the one that AWS adds next included
    bucket      its exposure, for a bucket or its objects
    shared      who may restore it besides the account, for a snapshot: (account or `all`)
    """

    kind: str
    arn: str
    name: str
    account: str
    actions: tuple[str, ...]
    policy: Policy | None = None
    policy_gap: Gap | None = None
    policy_name: str = "resource policy"
    bucket: BucketExposure | None = None
    shared: tuple[tuple[str, Answer], ...] = ()

    def languages(self, action: str) -> list[Language]:
        """The resources that a request for this action can name."""
        if self.kind in ("s3.bucket", "s3.access-point"):
            kinds = targets_of(action)
            tail = "/?*" if self.kind == "s3.bucket" else "/object/?*"
            objects = language((literal_tokens(self.arn) + glob_tokens(tail),))
            whole = language((literal_tokens(self.arn),))
            return [objects if kind == "object" else whole for kind in kinds]
        return [language((glob_tokens(self.arn),))]

    def governs(self, action: str) -> bool:
        """Whether the resource's policy speaks of this action: a trust policy is about trust."""
        return self.kind != "iam.role" or action.lower().startswith("sts:")

    def chosen(self, wanted: str) -> tuple[str, ...]:
        """The actions that `wanted` names, which may have wildcards.

        Raises UsageError where none of them can be done to this resource.
        """
        if not wanted:
            return self.actions
        low = wanted.lower()
        if "*" in low or "?" in low:
            found = tuple(a for a in self.actions if fnmatchcase(a.lower(), low))
        else:
            found = tuple(a for a in self.actions if a.lower() == low)
            service, _, name = wanted.partition(":")
            known = {a.name.lower() for a in actions_of(service)}
            if not found and self._is_of(service) and name and name.lower() not in known:
                found = (wanted,)  # newer than the catalogue
        if not found:
            raise UsageError(
                f"`{wanted}` is nothing that can be done to {self.kind} `{self.name}`",
                hint=f"for example: {', '.join(self.actions[:3])}",
            )
        return found

    def _is_of(self, service: str) -> bool:
        return any(a.startswith(f"{service.lower()}:") for a in self.actions)


def find_target(exposure: Exposure, name: str) -> Target:
    """The resource of this ARN or name.

    A bucket's objects are meant by `arn:aws:s3:::bucket/key`, where the key may have wildcards.
    Raises PlaceError where nothing has the name, or several things have it.
    """
    arns = name.startswith("arn:")
    found = [t for t in every_target(exposure) if name in ((t.arn,) if arns else (t.name, t.arn))]
    if len(found) > 1:
        raise PlaceError(
            f"`{name}` is the name of several resources",
            hint=f"give one of {', '.join(target.arn for target in found)}",
        )
    if found:
        return found[0]
    if not arns:
        raise PlaceError(
            f"there is no bucket, repository, snapshot, user, group or role `{name}`",
            hint="give the ARN of a resource of another kind",
        )
    return _by_arn(exposure, name)


def every_target(exposure: Exposure) -> Iterator[Target]:
    """Every resource whose own grants are collected, and the identities of the account."""
    for bucket in exposure.buckets():
        yield _of_bucket(bucket)
    inventory = exposure.inventory
    for region in inventory.regions:
        for repository in region.repositories:
            seen = exposure.repository(repository.repository_arn)
            yield Target(
                "ecr.repository",
                seen.arn,
                seen.name,
                seen.account,
                seen.actions,
                seen.policy,
                seen.gap,
                "repository policy",
            )
    yield from _snapshots(exposure)
    yield from _identities(inventory)


def _of_bucket(bucket: BucketExposure, key: str = "") -> Target:
    actions = actions_in()
    if key:
        actions = tuple(action for action in actions if "object" in targets_of(action))
    return Target(
        "s3.object" if key else "s3.bucket",
        f"{bucket.arn}/{key}" if key else bucket.arn,
        f"{bucket.name}/{key}" if key else bucket.name,
        bucket.account,
        actions,
        bucket.policy,
        bucket.policy_gap,
        "bucket policy",
        bucket,
    )


def _snapshots(exposure: Exposure) -> Iterator[Target]:
    actions = _actions("rds", "snapshot")
    for region in exposure.inventory.regions:
        for snapshot in region.db_snapshots:
            seen = exposure.snapshot(snapshot.db_snapshot_arn or snapshot.db_snapshot_identifier)
            name = snapshot.db_snapshot_identifier
            arn = snapshot.db_snapshot_arn
            yield Target(
                "rds.snapshot",
                arn or f"arn:aws:rds:{region.region}:{region.account}:snapshot:{name}",
                name,
                region.account,
                actions,
                shared=(("all", seen.public), *seen.shared_with),
            )


def _identities(inventory: Inventory) -> Iterator[Target]:
    for region in inventory.regions:
        for kind, items in (
            ("user", [(u.arn, u.user_name, None) for u in region.users]),
            ("group", [(g.arn, g.group_name, None) for g in region.groups]),
            ("role", [(r.arn, r.role_name, r) for r in region.roles]),
        ):
            for arn, name, role in items:
                policy = gap = None
                if role is not None:
                    policy, gap = read_document(
                        role.assume_role_policy_document, arn, "trust policy", "RoleDetailList"
                    )
                yield Target(
                    f"iam.{kind}",
                    arn,
                    name,
                    arn_account(arn) or region.account,
                    _actions("sts", kind) + _actions("iam", kind),
                    policy,
                    gap,
                    "trust policy",
                )


def _actions(service: str, kind: str) -> tuple[str, ...]:
    return (
        *(str(action) for action in actions_of(service) if kind in action.resources),
        *((f"{service}:{FUTURE}",) if service != "sts" else ()),
    )


def _by_arn(exposure: Exposure, arn: str) -> Target:
    """An object of a bucket, or a resource that the inventory does not describe."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or not parts[5] or not parts[2]:
        raise PlaceError(f"`{arn}` is no ARN", hint="arn:aws:service:region:account:resource")
    service, account = parts[2], parts[4]
    if service == "s3" and not account:
        name, _, key = parts[5].partition("/")
        return _of_bucket(exposure.bucket(name), key)
    actions = tuple(str(action) for action in actions_of(service) if not action.unscoped)
    if not actions:
        raise PlaceError(f"`{service}` is no service that the catalogue of actions knows")
    gap = None
    if service in _OTHER_POLICIES:
        gap = Gap("resource policy", arn, f"policies of {service} are not collected")
    if service in ("s3", "ecr") or (service == "iam" and parts[5].startswith("role/")):
        gap = Gap("resource policy", arn, "it is not in the snapshot")
    return Target(
        service, arn, parts[5], account, (*actions, f"{service}:{FUTURE}"), policy_gap=gap
    )
