"""Which paths are drawn, what they mean, and what their ends are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mute_audit.finding import DrawnPath, Finding, Report
from mute_audit.verdict import Verdict

__all__ = ["INTERNET", "INTERNET_GATEWAYS", "MAX_PATHS", "Marked", "marked"]

# More numbers than this in one picture, and nobody follows a line.
MAX_PATHS = 24
INTERNET = "internet"
INTERNET_GATEWAYS = frozenset({"ec2.internet-gateway", "ec2.egress-only-internet-gateway"})
_TONES = {
    Verdict.PASS: "ok",
    Verdict.FAIL: "fail",
    Verdict.UNKNOWN: "unknown",
    Verdict.ERROR: "unknown",
}


@dataclass(frozen=True, slots=True)
class Marked:
    """A path to draw.

    tone            `fail` (what must not be, red), `stopped` (what should be and is not, as far
                    as it gets), `unknown` (amber; errors too) or `ok`
    source, target  the two ends as the findings call them
    hops            ids, with the internet at the end where the path crosses its gateway
    """

    policy: str
    label: str
    tone: str
    source: str
    target: str
    hops: tuple[str, ...]


def marked(report: Report, names: Mapping[str, str]) -> tuple[Marked, ...]:
    """The paths that are drawn, MAX_PATHS at most, in the order of the report.

    `names` is what a person calls the hops, by id.
    """
    findings: dict[tuple[str, tuple[str, ...]], list[Finding]] = {}
    for policy in report.policies:
        for finding in policy.findings:
            hops = tuple(hop.id for hop in finding.evidence.path)
            findings.setdefault((policy.id, hops), []).append(finding)
    gateways = {
        gateway.id
        for vpc in report.drawing.vpcs
        for gateway in vpc.gateways
        if gateway.type in INTERNET_GATEWAYS
    }
    return tuple(
        _marked(path, findings.get((path.policy, path.hops), []), names, gateways)
        for path in report.drawing.paths[:MAX_PATHS]
        if path.hops
    )


def _marked(
    path: DrawnPath, findings: list[Finding], names: Mapping[str, str], gateways: set[str]
) -> Marked:
    """One line may stand for several findings: what is stopped halfway ends in the same place."""
    stopped = bool(findings) and bool(findings[0].evidence.blockers)
    hops = path.hops
    if hops[0] in gateways:
        hops = (INTERNET, *hops)
    if hops[-1] in gateways and not stopped:
        hops = (*hops, INTERNET)
    return Marked(
        path.policy,
        path.label,
        "stopped" if stopped else _TONES[path.verdict],
        _ends(findings, "source") or names.get(hops[0], hops[0]),
        _ends(findings, "target") or names.get(hops[-1], hops[-1]),
        hops,
    )


def _ends(findings: list[Finding], end: str) -> str:
    return ", ".join(dict.fromkeys(filter(None, (one.params.get(end) for one in findings))))
