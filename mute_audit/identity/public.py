"""Whether a bucket policy is public as S3 classifies it (A5).

This is not the question whether the public can read the bucket: 256 statements of one /8 each
let the whole internet in, and each is "not public". Source: S3 user guide, *Blocking public
access to your Amazon S3 storage*, "The meaning of public".
"""

from __future__ import annotations

from dataclasses import dataclass

from mute_audit.identity.ranges import AddressSet, addresses
from mute_audit.identity.statements import (
    Condition,
    Effect,
    Operator,
    Policy,
    Principal,
    PrincipalKind,
    SetOperator,
    Statement,
)
from mute_audit.identity.template import Pattern
from mute_audit.verdict import Truth, any_of

__all__ = ["Classification", "classify"]

# Keys whose fixed values make a grant "not public".
_FIXING = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    }
)
# As good as fixed, and younger than S3's list, which does not have them: what S3 says is not known.
_UNLISTED = frozenset(
    {
        "aws:ec2instancesourcevpc",
        "aws:principalservicename",
        "aws:sourceorgpaths",
        "aws:sourcevpcarn",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
    }
)
_POSITIVE = frozenset(
    {
        Operator.STRING_EQUALS,
        Operator.STRING_EQUALS_IGNORE_CASE,
        Operator.STRING_LIKE,
        Operator.ARN_EQUALS,
        Operator.ARN_LIKE,
    }
)
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_WIDEST = {4: 8, 6: 32}
_V4_ADDRESSES = 1 << 32


@dataclass(frozen=True, slots=True)
class Classification:
    """`statements` are the labels of the statements that decide it."""

    truth: Truth
    statements: tuple[str, ...] = ()


def classify(policy: Policy | None) -> Classification:
    """Whether S3 calls the policy public; no policy is not public.

    Only grants are looked at, as the guide describes it: a Deny does not make a public policy
    private.
    """
    if policy is None:
        return Classification(Truth.NO)
    answers = [
        (statement.label, _public(policy, statement))
        for statement in policy.statements
        if statement.effect is Effect.ALLOW
    ]
    truth = any_of(answer for _, answer in answers)
    return Classification(
        truth,
        tuple(label for label, answer in answers if answer is truth)
        if truth is not Truth.NO
        else (),
    )


def _public(policy: Policy, statement: Statement) -> Truth:
    if statement.principals is not None and all(_fixed(p) for p in statement.principals):
        return Truth.NO
    if any(_fixes(condition, _FIXING) for condition in statement.conditions):
        return Truth.NO
    if (
        statement.unmodelled
        or policy.unmodelled
        or any(_unreadable(condition) for condition in statement.conditions)
        or any(_fixes(condition, _UNLISTED) for condition in statement.conditions)
    ):
        return Truth.UNKNOWN
    return Truth.YES


def _unreadable(condition: Condition) -> bool:
    """An operator that is not known, or no address range where one is asked for."""
    if condition.operator in (Operator.IP_ADDRESS, Operator.NOT_IP_ADDRESS):
        return any(not v.variables and addresses(v.written) is None for v in condition.values)
    return condition.operator is None


def _fixed(principal: Principal) -> bool:
    if principal.kind in (PrincipalKind.ANY, PrincipalKind.UNMODELLED):
        return False
    return "*" not in principal.value and "?" not in principal.value


def _fixes(condition: Condition, keys: frozenset[str]) -> bool:
    """Whether this condition, on one of these keys, leaves only fixed values over.

    Negated operators leave everything else, and IfExists and ForAllValues are true where the
    key is absent (A11), so none of them fixes anything.
    """
    if condition.if_exists or condition.set_operator is SetOperator.ALL:
        return False
    key = condition.key.lower()
    if key == "aws:sourceip":
        return (
            condition.operator in (Operator.IP_ADDRESS, *_POSITIVE)
            and bool(condition.values)
            and all(_narrow(value) for value in condition.values)
        )
    if condition.operator not in _POSITIVE or key not in keys or not condition.values:
        return False
    return all(_fixed_value(key, value) for value in condition.values)


def _fixed_value(key: str, value: Pattern) -> bool:
    if value.variables:
        return False
    # StringEquals takes `*` literally (A9), but S3's rule speaks of the text alone.
    if "*" not in value.written and "?" not in value.written:
        return True
    if key == "s3:dataaccesspointarn":
        parts = value.written.split(":", 5)
        name = parts[5].removeprefix("accesspoint/") if len(parts) == 6 else ""
        return bool(name) and "*" not in "".join(parts[:5]) and "?" not in "".join(parts[:5])
    return False


def _narrow(value: Pattern) -> bool:
    """No wider than /8 (IPv6 /32), the private ranges aside."""
    parsed = None if value.variables else addresses(value.written)
    if parsed is None:
        return False
    start, end = parsed.spans[0]
    private = AddressSet()
    for cidr in _PRIVATE:
        private |= addresses(cidr) or AddressSet()
    if not parsed & ~private:
        return True
    limit = 1 << (32 - _WIDEST[4]) if start < _V4_ADDRESSES else 1 << (128 - _WIDEST[6])
    return end - start <= limit
