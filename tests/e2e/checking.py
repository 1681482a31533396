"""Makes a change, scans, and compares all that the scan says with what it should say."""

from __future__ import annotations

import re
from pathlib import Path

from estates import Built, Estate
from judging import scan
from mutating import Mutation


def expected(lines: tuple[str, ...], estate: Estate) -> frozenset[str]:
    """The lines in the words of this estate; `@NAME` is the address of an instance."""

    def address(match: re.Match[str]) -> str:
        return str(estate.instance(match[1])["PrivateIpAddress"])

    return frozenset(estate.text(re.sub(r"@([\w-]+)", address, line)) for line in lines)


def check(built: Built, mutation: Mutation, out: Path) -> None:
    with built.copies.copy(built.text) as estate:
        culprits = mutation.make(estate)
        found = scan(estate.url, estate.region, built.policies, built.baseline, out)
        fails = expected(mutation.fails, estate)
        drift = expected(mutation.drift, estate)
        unknown = expected(mutation.open, estate)
    assert found.open == unknown, sorted(found.open)[:12]
    assert found.fails == fails
    assert found.drift == drift
    assert found.exit_code == mutation.exit_code
    for line, evidence in found.evidence.items():
        assert any(culprit in evidence for culprit in culprits), f"{line}: {evidence}"
