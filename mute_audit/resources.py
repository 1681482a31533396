"""Where the shipped data lies: policies, baseline, schemas.

A wheel carries the repository's top-level folders in `mute_audit/_data`; a checkout has
them beside the package. Both are looked for, in this order.
"""

from __future__ import annotations

from pathlib import Path

from mute_audit.errors import MissingToolError

__all__ = ["data_dir", "schema_path"]

_PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """The shipped folder `policies` or `baseline`. Raises MissingToolError if it is not there."""
    for root in (_PACKAGE / "_data", _PACKAGE.parent):
        if (root / name).is_dir():
            return root / name
    raise MissingToolError(
        f"the shipped folder `{name}` is missing from this installation",
        hint="install mute-audit again",
    )


def schema_path(name: str) -> Path:
    """The published JSON Schema `name` (`report`, `baseline`, `policy`, …)."""
    return _PACKAGE / "schemas" / f"{name}.schema.json"
