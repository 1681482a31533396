"""`manifest.json`: what a saved snapshot says about itself."""

from __future__ import annotations

import msgspec

from mute_audit.verdict import Gap

__all__ = ["MANIFEST", "SCHEMA", "Manifest", "ManifestEntry"]

MANIFEST = "manifest.json"
SCHEMA = "mute-audit/snapshot/v1"


class ManifestEntry(msgspec.Struct, frozen=True):
    """One file of the snapshot, by its path inside the folder (with `/`)."""

    file: str
    account: str
    region: str
    key: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    schema: str = SCHEMA
    kind: str
    tool_version: str
    collected_at: str
    accounts: dict[str, tuple[str, ...]]
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    documents: tuple[ManifestEntry, ...] = ()
