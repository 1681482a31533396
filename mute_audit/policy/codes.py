"""Every code that a finding of a policy may carry, with the parameters that it always has.

`render` makes the sentences and has one for each code here. A parameter is text; further
ones may stand in a finding, but a sentence may only rely on these.

source    the place or principal that something comes from
target    the place, bucket, repository or user that it is about
port      traffic, as in `tcp/5432`
via       the component that a path passes, or should
expected  what should be there (a list of allowed sources, a value, policies)
actual    what is there; for drift `missing`, `unexpected`, `changed` or `unknown`
action    an S3 or ECR action, or several
account   who else is let in: an account, an organisation, a canonical user
user      an IAM user; group: one that he is in; boundary: his permissions boundary
field     the path of a field inside a resource
name      the name of what is missing, differs from the baseline, or is shared by several
near      a name of the estate that is close to a missing one
policy    a policy attached to a user, by ARN or name
key       the id of an access key; credential: a password or key that lies unused

The finding's resource is always there and needs no parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["CODES"]

CODES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "reach.forbidden": frozenset({"source", "target", "port"}),
        "reach.missing": frozenset({"source", "target", "port"}),
        # Without a source where it is not known who else there is.
        "reach.unknown": frozenset({"target"}),
        "reach.wrong_way": frozenset({"source", "target", "port", "via", "expected"}),
        "subject.missing": frozenset({"name"}),
        # A selector of many that selects nothing.
        "subject.empty": frozenset({"name"}),
        # A name that lets somebody in, and that several have.
        "subject.shared": frozenset({"source", "target", "port", "name", "actual"}),
        "s3.acl_way_open": frozenset(),
        "s3.acl_way_unknown": frozenset(),
        "s3.restrict_on": frozenset(),
        "s3.read_not_public": frozenset({"action"}),
        "s3.write_public": frozenset({"action"}),
        "s3.outside_access": frozenset({"action", "account"}),
        # Of verdict PASS: worth saying, and no violation.
        "s3.block_policy_on": frozenset(),
        "s3.unknown": frozenset({"action"}),
        "rds.snapshot_public": frozenset(),
        "rds.snapshot_shared": frozenset({"account"}),
        "iam.unexpected_policy": frozenset({"policy"}),
        "iam.missing_policy": frozenset({"policy"}),
        "iam.inline_policy": frozenset({"policy"}),
        "iam.group_membership": frozenset({"group"}),
        # Of verdict PASS, too.
        "iam.boundary": frozenset({"boundary"}),
        "iam.no_such_user": frozenset({"user"}),
        "iam.unknown": frozenset(),
        "iam.role_open": frozenset(),
        "iam.role_shared": frozenset({"account"}),
        "iam.role_unknown": frozenset(),
        "iam.old_key": frozenset({"key", "actual", "expected"}),
        "iam.many_keys": frozenset({"actual", "expected"}),
        "iam.no_mfa": frozenset(),
        "iam.root_key": frozenset(),
        "iam.unused": frozenset({"credential", "actual", "expected"}),
        "iam.full_access": frozenset(),
        "iam.escalation": frozenset({"action", "target"}),
        "ecr.public": frozenset({"action"}),
        "ecr.outside_access": frozenset({"action", "account"}),
        "ecr.unknown": frozenset(),
        "config.mismatch": frozenset({"field", "expected", "actual"}),
        "config.unknown": frozenset({"field"}),
        # The same for several resources at once, `actual` of them.
        "config.unknown_many": frozenset({"field", "actual", "name"}),
        "drift.present": frozenset({"name", "actual"}),
    }
)
