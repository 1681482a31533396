"""IAM policy documents as typed, frozen statements.

Nothing is dropped: an element, a principal kind or a condition operator that is not known here
is kept under its own name, and both engines answer unknown where it matters (A14). `documents`
reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mute_audit.identity.template import Pattern

__all__ = [
    "VARIABLES_VERSION",
    "Condition",
    "Effect",
    "Operator",
    "Policy",
    "Principal",
    "PrincipalKind",
    "SetOperator",
    "Statement",
]

VARIABLES_VERSION = "2012-10-17"


class Effect(StrEnum):
    ALLOW = "Allow"
    DENY = "Deny"


class PrincipalKind(StrEnum):
    """The kinds of principal; ANY is `*` in either of its two spellings (A8)."""

    ANY = "*"
    AWS = "AWS"
    SERVICE = "Service"
    FEDERATED = "Federated"
    CANONICAL = "CanonicalUser"
    UNMODELLED = "unmodelled"


class SetOperator(StrEnum):
    ALL = "ForAllValues"
    ANY = "ForAnyValue"


class Operator(StrEnum):
    """Every condition operator of A10, without its prefix and suffix."""

    STRING_EQUALS = "StringEquals"
    STRING_NOT_EQUALS = "StringNotEquals"
    STRING_EQUALS_IGNORE_CASE = "StringEqualsIgnoreCase"
    STRING_NOT_EQUALS_IGNORE_CASE = "StringNotEqualsIgnoreCase"
    STRING_LIKE = "StringLike"
    STRING_NOT_LIKE = "StringNotLike"
    NUMERIC_EQUALS = "NumericEquals"
    NUMERIC_NOT_EQUALS = "NumericNotEquals"
    NUMERIC_LESS_THAN = "NumericLessThan"
    NUMERIC_LESS_THAN_EQUALS = "NumericLessThanEquals"
    NUMERIC_GREATER_THAN = "NumericGreaterThan"
    NUMERIC_GREATER_THAN_EQUALS = "NumericGreaterThanEquals"
    DATE_EQUALS = "DateEquals"
    DATE_NOT_EQUALS = "DateNotEquals"
    DATE_LESS_THAN = "DateLessThan"
    DATE_LESS_THAN_EQUALS = "DateLessThanEquals"
    DATE_GREATER_THAN = "DateGreaterThan"
    DATE_GREATER_THAN_EQUALS = "DateGreaterThanEquals"
    BOOL = "Bool"
    BINARY_EQUALS = "BinaryEquals"
    IP_ADDRESS = "IpAddress"
    NOT_IP_ADDRESS = "NotIpAddress"
    ARN_EQUALS = "ArnEquals"
    ARN_NOT_EQUALS = "ArnNotEquals"
    ARN_LIKE = "ArnLike"
    ARN_NOT_LIKE = "ArnNotLike"
    NULL = "Null"


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal: `kind`, its value as written, and the key as written (`AWS`)."""

    kind: PrincipalKind
    value: str
    written_kind: str = ""

    def __str__(self) -> str:
        return f"{self.written_kind}:{self.value}" if self.written_kind else self.value


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key; the values are alternatives.

    `operator` is None where the name in `written` is not one that A10 lists.
    """

    written: str
    operator: Operator | None
    key: str
    values: tuple[Pattern, ...]
    set_operator: SetOperator | None = None
    if_exists: bool = False

    @property
    def has_variables(self) -> bool:
        return any(pattern.variables for pattern in self.values)

    def __str__(self) -> str:
        return f"{self.written} {self.key}"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; None means that the element is not there.

    `unmodelled` names what the grammar of this module does not know: element names, and
    principal kinds as `Principal.Kind`. `index` counts from 0.
    """

    index: int
    effect: Effect
    sid: str = ""
    principals: tuple[Principal, ...] | None = None
    not_principals: tuple[Principal, ...] | None = None
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    resources: tuple[Pattern, ...] | None = None
    not_resources: tuple[Pattern, ...] | None = None
    conditions: tuple[Condition, ...] = ()
    unmodelled: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What a person finds it by: the Sid, else its place."""
        return self.sid or f"Statement[{self.index}]"


@dataclass(frozen=True, slots=True)
class Policy:
    """One document. `unmodelled` names top-level elements that are not known."""

    statements: tuple[Statement, ...] = ()
    version: str = ""
    id: str = ""
    unmodelled: tuple[str, ...] = ()

    @property
    def has_variables(self) -> bool:
        """Whether `${…}` is a variable in this document (A13)."""
        return self.version == VARIABLES_VERSION
