"""Accepted findings: who accepted what, why, and until when.

A waiver binds to a finding's identity, and where it gives the evidence hash as well, to
that very path or request: when the proof changes, the finding is back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from mute_audit.errors import PolicyError
from mute_audit.finding import Finding, Location, PolicyResult
from mute_audit.intent.validation import listed, place
from mute_audit.intent.written import Written
from mute_audit.intent.yaml_source import YamlDocument, read_yaml, validate
from mute_audit.verdict import Verdict

__all__ = ["Applied", "Waiver", "WaiverFile", "WaiverSet", "apply", "load_waivers", "schema"]

_HASH = r"^[0-9a-f]{16}$"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _checked_date(text: str) -> str:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`{text}` is not a date such as `2026-12-31`") from None
    return text


_Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Waiver(Written):
    """One accepted finding. It holds until the end of `expires`, in UTC."""

    identity: Annotated[str, StringConstraints(pattern=_HASH)] = Field(
        description="The finding's identity, as every report gives it."
    )
    evidence: Annotated[str, StringConstraints(pattern=_HASH)] | None = Field(
        default=None, description="Its evidence hash; left out, any proof of it is accepted."
    )
    policy: _Said | None = Field(
        default=None, description="The policy's id, so that a reader knows what is accepted."
    )
    owner: _Said = Field(description="Who answers for it.")
    reason: _Said = Field(description="Why it is acceptable.")
    expires: Annotated[str, AfterValidator(_checked_date)] = Field(
        description="The last day, as in `2026-12-31`.",
        json_schema_extra={"format": "date"},
    )

    def expired(self, now: datetime) -> bool:
        """Whether `now` (with its time zone) lies after the last day."""
        return now.astimezone(UTC).date() > date.fromisoformat(self.expires)

    def covers(self, finding: Finding) -> bool:
        """Whether it is this finding, with this proof, that was accepted.

        Only what is proven can be accepted: an open question is no finding to live with.
        """
        return (
            finding.verdict is Verdict.FAIL
            and finding.identity == self.identity
            and (self.policy is None or finding.policy == self.policy)
            and (self.evidence is None or finding.evidence_hash == self.evidence)
        )

    def __str__(self) -> str:
        return f"{self.owner}, until {self.expires}: {self.reason}"


class WaiverFile(Written):
    """One file of waivers."""

    model_config = ConfigDict(title="mute-audit waivers")

    mute: Literal["waivers/v1"]
    schema_: str | None = Field(default=None, alias="$schema")
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """Findings with their waivers, and what became of each waiver.

    expired  waivers that would cover a finding, and no longer do
    changed  waivers whose finding is there with another proof
    unused   waivers whose finding is not there (any more)
    """

    findings: tuple[Finding, ...]
    used: tuple[Waiver, ...] = ()
    expired: tuple[Waiver, ...] = ()
    changed: tuple[Waiver, ...] = ()
    unused: tuple[Waiver, ...] = ()


def apply(findings: Iterable[Finding], waivers: Iterable[Waiver], now: datetime) -> Applied:
    """`findings` with `waived_by` set where a waiver covers them at `now`."""
    remaining = tuple(findings)
    groups: dict[str, list[Waiver]] = {"used": [], "expired": [], "changed": [], "unused": []}
    marks: dict[int, str] = {}
    for waiver in waivers:
        covered = [n for n, finding in enumerate(remaining) if waiver.covers(finding)]
        if covered and waiver.expired(now):
            groups["expired"].append(waiver)
        elif covered:
            groups["used"].append(waiver)
            for position in covered:
                marks.setdefault(position, str(waiver))
        elif any(finding.identity == waiver.identity for finding in remaining):
            groups["changed"].append(waiver)
        else:
            groups["unused"].append(waiver)
    marked = tuple(
        msgspec.structs.replace(finding, waived_by=marks[n]) if n in marks else finding
        for n, finding in enumerate(remaining)
    )
    return Applied(marked, *(tuple(group) for group in groups.values()))


@dataclass(frozen=True, slots=True)
class WaiverSet:
    """The waivers of one file, with the place of each."""

    waivers: tuple[Waiver, ...] = ()
    locations: tuple[Location, ...] = ()

    def apply(self, results: Sequence[PolicyResult], now: datetime) -> tuple[PolicyResult, ...]:
        """`results` with waived findings marked; a policy that fails by those alone passes.

        What a waiver no longer covers is said in the notes of its policy. One whose finding
        is gone altogether is said nowhere in a result: see `apply` for those.
        """
        return tuple(self._applied(result, now) for result in results)

    def _applied(self, result: PolicyResult, now: datetime) -> PolicyResult:
        applied = apply(result.findings, self.waivers, now)
        if not (applied.used or applied.expired or applied.changed):
            return result
        notes = [*result.notes]
        notes += [f"waiver expired ({waiver})" for waiver in applied.expired]
        notes += [f"waiver is for another proof ({waiver})" for waiver in applied.changed]
        left = {finding.verdict for finding in applied.findings if not finding.waived_by}
        verdict = result.verdict
        if verdict is Verdict.FAIL and Verdict.FAIL not in left:
            verdict = Verdict.UNKNOWN if Verdict.UNKNOWN in left else Verdict.PASS
        return msgspec.structs.replace(
            result, findings=applied.findings, verdict=verdict, notes=tuple(notes)
        )

    def unused(self, results: Iterable[PolicyResult], now: datetime) -> tuple[Waiver, ...]:
        """The waivers whose finding is in none of `results`: candidates to be taken out."""
        findings = [finding for result in results for finding in result.findings]
        return apply(findings, self.waivers, now).unused


def load_waivers(path: Path) -> WaiverSet:
    """The waivers in `path`; raises PolicyError with every problem and its line."""
    document = read_yaml(path, PolicyError)
    written = validate(WaiverFile, document, PolicyError)
    _refuse_doubles(written, document)
    places = tuple(document.locate(("waivers", n)) for n in range(len(written.waivers)))
    return WaiverSet(written.waivers, places)


def _refuse_doubles(written: WaiverFile, document: YamlDocument) -> None:
    """Two waivers for the same thing: one would outlive the other unseen."""
    seen: dict[tuple[str, str | None], Location] = {}
    problems: list[tuple[Location, str]] = []
    for position, waiver in enumerate(written.waivers):
        here = document.locate(("waivers", position, "identity"))
        first = seen.setdefault((waiver.identity, waiver.evidence), here)
        if first is not here:
            problems.append((here, f"`{waiver.identity}` is already waived at {place(first)}"))
    if problems:
        raise listed(problems, document, PolicyError)


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of waiver files."""
    made = WaiverFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
