"""The one table of kinds: what a policy of each kind looks like, and what judges it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mute_audit.finding import PolicyResult
from mute_audit.policy import model
from mute_audit.policy.checks import (
    access,
    config,
    credential_report,
    credentials,
    drift,
    privileges,
    reach,
    required,
    trust,
)
from mute_audit.policy.context import Context

__all__ = ["KINDS", "Kind"]

# Each check takes the model of its own row; `evaluate` calls it with no other.
Check = Callable[[Any, Context], PolicyResult]


@dataclass(frozen=True, slots=True)
class Kind:
    """One row: `name` as in a policy's `kind`."""

    name: str
    model: type[model.BasePolicy]
    check: Check


_ROWS = (
    Kind("reach.only", model.ReachOnly, reach.only),
    Kind("reach.never", model.ReachNever, reach.never),
    Kind("reach.exposure", model.ReachExposure, reach.exposure),
    Kind("reach.required", model.ReachRequired, required.required),
    Kind("s3.public-read-only", model.S3PublicReadOnly, access.public_read_only),
    Kind("s3.not-public", model.S3NotPublic, access.not_public),
    Kind("iam.exact-policies", model.IamExactPolicies, access.exact_policies),
    Kind("iam.access-keys", model.IamAccessKeys, credentials.access_keys),
    Kind("iam.console-mfa", model.IamConsoleMfa, credentials.console_mfa),
    Kind("iam.root-user", model.IamRootUser, credential_report.root_user),
    Kind(
        "iam.unused-credentials",
        model.IamUnusedCredentials,
        credential_report.unused_credentials,
    ),
    Kind("iam.no-full-access", model.IamNoFullAccess, privileges.no_full_access),
    Kind("iam.no-escalation", model.IamNoEscalation, privileges.no_escalation),
    Kind("iam.role-trust", model.IamRoleTrust, trust.role_trust),
    Kind("ecr.private", model.EcrPrivate, access.repositories_private),
    Kind("rds.snapshot-private", model.RdsSnapshotPrivate, access.snapshots_private),
    Kind("config", model.Config, config.config),
    Kind("drift", model.Drift, drift.drift),
)

KINDS: Mapping[str, Kind] = MappingProxyType({row.name: row for row in _ROWS})
