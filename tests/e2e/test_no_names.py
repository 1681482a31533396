"""Only policies, baseline and demo know the stack: every other part works for any estate."""

from __future__ import annotations

import re

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


def test_the_package_knows_no_name_of_the_stack() -> None:
    names = "|".join(re.escape(name) for name in names_of(BASELINE))
    known = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])|hackathon|M\.U\.T\.E", re.IGNORECASE)
    texts = {path: path.read_text(encoding="utf-8") for path in FILES}
    assert len(texts) > 100
    found = {str(path): known.findall(text) for path, text in texts.items() if known.search(text)}
    assert found == {}
