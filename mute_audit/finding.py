"""What a scan found, as evidence: no finished prose, nothing that depends on a format.

A `Report` is complete by itself: it is saved as JSON and can be rendered in every format
later, in either language. Sentences are made by `render` from `code` and `params`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from mute_audit.address import Address
from mute_audit.verdict import Gap, Verdict

__all__ = [
    "REPORT_SCHEMA",
    "Blocker",
    "Change",
    "Declaration",
    "Drawing",
    "DrawnPath",
    "DrawnPlace",
    "DrawnSubnet",
    "DrawnVpc",
    "DrawnZone",
    "DriftItem",
    "DriftKind",
    "Effect",
    "EffectKind",
    "Evidence",
    "FieldChange",
    "Finding",
    "Hop",
    "Location",
    "Outside",
    "Packet",
    "PolicyResult",
    "Repair",
    "Report",
    "Severity",
    "SourceInfo",
    "StaticFinding",
    "StaticResult",
    "StaticStatus",
    "Summary",
    "Text",
    "evidence_hash",
    "identity_of",
]

REPORT_SCHEMA = "mute-audit/report/v1"


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of the report's values."""


class Severity(StrEnum):
    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 (info) to 4 (critical)."""
        return list(Severity).index(self)


class Text(Value, frozen=True):
    """One text in the two languages; `ko` may be empty, then `en` serves."""

    en: str
    ko: str = ""

    def in_language(self, language: str) -> str:
        return self.ko if language == "ko" and self.ko else self.en


class Location(Value, frozen=True):
    """A place in a file that a person can edit; line and column count from 1."""

    file: str
    line: int = 0
    column: int = 0


class Declaration(Value, frozen=True):
    """Where the block stands that declares a resource, by the id that evidence has for it."""

    id: str
    location: Location


class Packet(Value, frozen=True):
    """One concrete packet: addresses as text, ports where the protocol has them.

    protocol is `tcp`, `udp`, `icmp`, `icmpv6` or a protocol number.
    """

    protocol: str
    source: str
    destination: str
    source_port: int | None = None
    destination_port: int | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None

    @property
    def text(self) -> str:
        """In one line: `tcp 198.51.100.7:49152 → 192.168.2.10:443`, `icmp 8/0 …`."""
        protocol = f"protocol {self.protocol}" if self.protocol.isdecimal() else self.protocol
        kind = ""
        if self.icmp_type is not None:
            kind = f" {self.icmp_type}" + (
                f"/{self.icmp_code}" if self.icmp_code is not None else ""
            )
        source = _end(self.source, self.source_port)
        destination = _end(self.destination, self.destination_port)
        return f"{protocol}{kind} {source} → {destination}"


def _end(address: str, port: int | None) -> str:
    if port is None:
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


class Hop(Value, frozen=True):
    """One step of a path; `decided_by` holds the ids of the rules, entries or routes."""

    kind: str
    id: str
    name: str = ""
    decided_by: tuple[str, ...] = ()


class Blocker(Value, frozen=True):
    """What stops a packet: `component` is one of the trace contract's names."""

    component: str
    id: str
    code: str
    detail: str = ""


class FieldChange(Value, frozen=True):
    """`path` inside the resource; a value of None means that it is absent."""

    path: str
    expected: Any = None
    actual: Any = None


class Evidence(Value, frozen=True):
    """Why a verdict is what it is.

    source       the place a packet or request comes from, as a label
    port         the traffic, as in `tcp/5432`
    path         hops of the forward way, return_path of the answer
    witness      the packet that gets through
    request      the S3/IAM request that is allowed: principal, action, resource, context
    fields       what was expected and what is there
    blockers     what stops a connection that should work
    rules        ids of everything that lets the witness through
    """

    source: str = ""
    port: str = ""
    path: tuple[Hop, ...] = ()
    return_path: tuple[Hop, ...] = ()
    witness: Packet | None = None
    request: Mapping[str, Any] | None = None
    fields: tuple[FieldChange, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    rules: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()


def _digest(*parts: str) -> str:
    # A name may hold a lone surrogate (JSON text can), which plain UTF-8 refuses.
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:16]


def identity_of(policy: str, resource: Address, source: str = "", port: str = "") -> str:
    """The fingerprint that stays when an instance is replaced under the same name."""
    return _digest(
        policy, resource.account, resource.region, resource.type, resource.label, source, port
    )


def evidence_hash(identity: str, evidence: Evidence) -> str:
    """The fingerprint of one finding with its proof; a waiver binds to it too."""
    plain = msgspec.to_builtins(evidence, order="deterministic")
    return _digest(identity, json.dumps(plain, sort_keys=True))


class Finding(Value, frozen=True, omit_defaults=False):
    """One violation, or one thing that could not be told.

    `code` names the sentence that `render` makes with `params`.

    location      of Terraform: the block that declares the resource
    declarations  those of the rules, routes and entries in the evidence
    """

    policy: str
    verdict: Verdict
    severity: Severity
    code: str
    resource: Address
    identity: str
    params: Mapping[str, str] = msgspec.field(default_factory=dict)
    evidence: Evidence = Evidence()
    evidence_hash: str = ""
    location: Location | None = None
    declarations: tuple[Declaration, ...] = ()
    waived_by: str = ""

    @classmethod
    def build(
        cls,
        *,
        policy: str,
        verdict: Verdict,
        severity: Severity,
        code: str,
        resource: Address,
        params: Mapping[str, str] | None = None,
        evidence: Evidence | None = None,
        location: Location | None = None,
    ) -> Finding:
        """A finding with both of its fingerprints."""
        proof = evidence or Evidence()
        identity = identity_of(policy, resource, proof.source, proof.port)
        return cls(
            policy=policy,
            verdict=verdict,
            severity=severity,
            code=code,
            resource=resource,
            identity=identity,
            params=dict(params or {}),
            evidence=proof,
            evidence_hash=evidence_hash(identity, proof),
            location=location,
        )


class Change(Value, frozen=True):
    """One thing to be changed: `code` names the sentence that `render` makes with `params`.

    `command` does it with the AWS CLI; empty where there is nothing yet to be changed (a plan).
    """

    code: str
    resource: Address
    params: Mapping[str, str] = msgspec.field(default_factory=dict)
    command: str = ""


class Repair(Value, frozen=True):
    """The changes after which findings are gone, as tried on a copy of the estate.

    `closes` holds the identities of the findings.
    """

    changes: tuple[Change, ...]
    closes: tuple[str, ...]


class PolicyResult(Value, frozen=True, omit_defaults=False):
    """One policy's verdict; `judged` counts the subjects that were looked at.

    A policy that found nothing to judge says so in `notes`, and passes only where an empty
    estate is what it asks for.
    """

    id: str
    title: Text
    severity: Severity
    kind: str
    verdict: Verdict
    judged: int = 0
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    description: Text = Text("")
    remediation: Text = Text("")
    error: str = ""
    location: Location | None = None
    references: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()


class DriftKind(StrEnum):
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    CHANGED = "changed"
    UNKNOWN = "unknown"


class DriftItem(Value, frozen=True, omit_defaults=False):
    """One difference between the baseline and the estate."""

    kind: DriftKind
    resource: Address
    fields: tuple[FieldChange, ...] = ()
    gaps: tuple[Gap, ...] = ()
    location: Location | None = None


class EffectKind(StrEnum):
    OPENED = "opened"
    CLOSED = "closed"


class Effect(Value, frozen=True, omit_defaults=False):
    """What gets from one place to another on one side of a comparison, and not on the other.

    certain   whether it surely does; else the gaps of the evidence say what would decide
    evidence  a packet that gets through on the side where one does, with its path
    """

    kind: EffectKind
    source: Address
    target: Address
    traffic: str
    certain: bool = True
    via: tuple[str, ...] = ()
    evidence: Evidence = Evidence()


class Outside(Value, frozen=True):
    """Resources of one type that lie outside the baseline's scope: counted, not judged."""

    type: str
    count: int


class StaticStatus(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_ASKED = "not-asked"
    MISSING = "missing"
    ERROR = "error"


class StaticFinding(Value, frozen=True):
    """One check of checkov on one resource block."""

    check: str
    title: str
    resource: str
    location: Location | None = None
    reason: str = ""
    guideline: str = ""


class StaticResult(Value, frozen=True, omit_defaults=False):
    """checkov's answer over the Terraform text."""

    status: StaticStatus
    tool: str = "checkov"
    version: str = ""
    path: str = ""
    passed: int = 0
    failed: tuple[StaticFinding, ...] = ()
    skipped: tuple[StaticFinding, ...] = ()
    error: str = ""


class DrawnPlace(Value, frozen=True):
    address: Address
    private_ip: str = ""
    public_ip: str = ""
    state: str = ""
    groups: tuple[str, ...] = ()


class DrawnSubnet(Value, frozen=True):
    id: str
    name: str
    cidr: str
    public: bool
    route_table: str = ""
    places: tuple[DrawnPlace, ...] = ()


class DrawnZone(Value, frozen=True):
    name: str
    subnets: tuple[DrawnSubnet, ...] = ()


class DrawnVpc(Value, frozen=True):
    address: Address
    cidrs: tuple[str, ...] = ()
    zones: tuple[DrawnZone, ...] = ()
    gateways: tuple[Address, ...] = ()


class DrawnPath(Value, frozen=True):
    """A path to mark: `hops` are ids of drawn places, subnets and gateways, or `internet`."""

    policy: str
    verdict: Verdict
    label: str
    hops: tuple[str, ...]


class Drawing(Value, frozen=True):
    vpcs: tuple[DrawnVpc, ...] = ()
    paths: tuple[DrawnPath, ...] = ()
    left_out: int = 0


class SourceInfo(Value, frozen=True, omit_defaults=False):
    """Where the evidence came from; `kind` is `aws`, `demo` or `directory`."""

    kind: str
    name: str
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    collected_at: str = ""
    notes: tuple[str, ...] = ()


class Summary(Value, frozen=True, omit_defaults=False):
    """Counts of policies by verdict, of drift items by kind, and of gaps."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    errors: int = 0
    waived: int = 0
    drift: int = 0
    gaps: int = 0
    accepted_gaps: int = 0
    exit_code: int = 0
    exit_reasons: tuple[str, ...] = ()


class Report(Value, frozen=True, omit_defaults=False):
    """Everything a scan found; the published format `mute-audit/report/v1`."""

    schema: str
    tool_version: str
    generated_at: str
    source: SourceInfo
    summary: Summary
    policies: tuple[PolicyResult, ...] = ()
    drift: tuple[DriftItem, ...] = ()
    baseline: str = ""
    outside: tuple[Outside, ...] = ()
    gaps: tuple[Gap, ...] = ()
    accepted_gaps: tuple[Gap, ...] = ()
    static: StaticResult | None = None
    against: str = ""
    effects: tuple[Effect, ...] = ()
    effect_notes: tuple[str, ...] = ()
    drawing: Drawing = Drawing()
