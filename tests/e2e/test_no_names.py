"""Only policies, baseline and demo know the stack: every other part works for any estate."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from estates import BASELINE, ROOT
from renaming import names_of

PACKAGE = ROOT / "mute_audit"
READ = ("*.py", "*.j2", "*.css", "*.js", "*.json", "*.yaml")
FILES = sorted(
    path
    for pattern in READ
    for path in PACKAGE.rglob(pattern)
    if PACKAGE / "sources" / "demo" not in path.parents and PACKAGE / "_data" not in path.parents
)


def test_files_are_read() -> None:
    assert len(FILES) > 100


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_package_knows_no_name_of_the_stack(path: Path) -> None:
    names = "|".join(re.escape(name) for name in names_of(BASELINE))
    known = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])|hackathon|M\.U\.T\.E", re.IGNORECASE)
    assert known.findall(path.read_text(encoding="utf-8")) == []
