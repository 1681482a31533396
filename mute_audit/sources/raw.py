"""A snapshot before it is parsed: JSON texts as AWS prints them, and what could not be asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mute_audit.errors import SnapshotError, why
from mute_audit.verdict import Gap

__all__ = ["RawDocument", "RawSnapshot"]


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One JSON object with one or more top-level keys (`{"Vpcs": […], "Subnets": […]}`).

    account  twelve digits; empty where only the data itself can tell
    region   as in `ap-northeast-2`; `global` for IAM and S3; empty as above
    origin   what a message names: the file, or the call
    content  the text, or the file that is read on demand, so that a large snapshot is not
             kept in memory next to its inventory
    """

    account: str
    region: str
    origin: str
    content: bytes | Path

    def read(self) -> bytes:
        """The text in UTF-8.

        Raises SnapshotError when the file cannot be read.
        """
        if isinstance(self.content, bytes):
            return self.content
        try:
            data = self.content.read_bytes()
        except OSError as error:
            raise SnapshotError(f"cannot read the file: {why(error)}", where=self.origin) from error
        return _as_utf8(data)


def _as_utf8(data: bytes) -> bytes:
    # Windows PowerShell's `>` writes UTF-16, and its Out-File a mark before UTF-8.
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace").encode()
    return data.removeprefix(b"\xef\xbb\xbf")


@dataclass(frozen=True, slots=True)
class RawSnapshot:
    """Everything that one source gave, unparsed.

    kind          `aws`, `demo` or `directory`
    collected_at  RFC 3339 in UTC; empty where nobody wrote it down
    tool_version  of the mute-audit that collected it; empty for plain `aws` output
    gaps          calls that failed
    notes         what a reader should know about the input (files and keys left out)
    """

    documents: tuple[RawDocument, ...]
    gaps: tuple[Gap, ...] = ()
    collected_at: str = ""
    tool_version: str = ""
    kind: str = "directory"
    notes: tuple[str, ...] = ()
