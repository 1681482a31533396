"""Every code that a finding of a policy may carry, with the parameters that it always has.

`render` makes the sentences and has one for each code here. A parameter is text; further
ones may stand in a finding, but a sentence may only rely on these.

source    the place or principal that something comes from
target    the place, bucket, repository or user that it is about
port      traffic, as in `tcp/5432`
via       the component that a path passes, or should
expected  what should be there (a list of allowed sources, a value, policies)
actual    what is there
action    an S3, ECR or RDS action, or several
account   an account id, or who else the grant is for
field     the path of a field inside a resource
name      the name of what is missing or unexpected
policy    a policy attached to a user, by ARN or name
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
        "config.mismatch": frozenset({"field", "expected", "actual"}),
        "config.unknown": frozenset({"field"}),
        "drift.present": frozenset({"name"}),
    }
)
