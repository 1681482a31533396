"""One document in, one JSON array per key of the inventory out; nothing is typed yet.

Plain keys pass through untouched (no copy, no decoding), so that the full text of every
resource stays at hand for those who need fields that the inventory leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from mute_audit.errors import SnapshotError
from mute_audit.inventory import CALLS, GLOBAL
from mute_audit.sources.keys import (
    FIELDS,
    GLOBAL_KEYS,
    GROUPED,
    QUIET,
    TRUNCATED,
    UNHELPFUL,
    WRAPPED,
)
from mute_audit.sources.layouts import COLLECT_HINT
from mute_audit.sources.raw import RawDocument, RawSnapshot
from mute_audit.verdict import Gap

__all__ = ["Part", "Splitter", "broken_json"]


@dataclass(frozen=True, slots=True)
class Part:
    """The JSON array of one key in one document.

    `data` keeps the document's text alive. `unfinished`: the document announces a further page.
    """

    account: str
    region: str
    key: str
    origin: str
    data: msgspec.Raw
    unfinished: bool


@dataclass
class Splitter:
    """Splits a snapshot; `notes`, `gaps` and `caller` are complete once `parts` has ended.

    caller  the account of `aws sts get-caller-identity`, if the snapshot holds it
    """

    notes: list[str] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    caller: str = ""
    # (account, region, key) → [documents that announce a further page, documents that end]
    _pages: dict[tuple[str, str, str], tuple[list[str], list[str]]] = field(default_factory=dict)

    def parts(self, raw: RawSnapshot) -> Iterator[Part]:
        """Every part, document by document.

        Raises SnapshotError: broken JSON, a list whose owner nobody can know, nothing at
        all that is recognised.
        """
        seen = False
        for document in raw.documents:
            for part in self._split(document):
                seen = True
                yield part
        if not seen and raw.documents:
            raise SnapshotError(
                "no file holds the output of an `aws` describe command",
                where=raw.documents[0].origin if len(raw.documents) == 1 else None,
                hint=COLLECT_HINT,
            )
        for place, (unfinished, ended) in sorted(self._pages.items()):
            if unfinished and not ended:
                why = f"the last page is missing: {unfinished[-1]} announces another one"
                self._gap(place, why)

    def _split(self, document: RawDocument) -> Iterator[Part]:
        values = _decode(document)
        truncated = any(_says_more(values.get(name)) for name in TRUNCATED)
        if "Account" in values and "UserId" in values:
            self._remember_caller(values["Account"])
        self._report_failures(values, document)
        for name, value in values.items():
            for key, data in self._normalised(name, value, values, document):
                region = GLOBAL if key in GLOBAL_KEYS else document.region
                pages = self._pages.setdefault((document.account, region, key), ([], []))
                pages[0 if truncated else 1].append(document.origin)
                yield Part(document.account, region, key, document.origin, data, truncated)

    def _normalised(
        self, name: str, value: msgspec.Raw, values: dict[str, msgspec.Raw], document: RawDocument
    ) -> list[tuple[str, msgspec.Raw]]:
        try:
            return list(self._normalise(name, value, values, document))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise broken_json(bytes(value), f"{document.origin}, $.{name}") from error

    def _normalise(
        self, name: str, value: msgspec.Raw, values: dict[str, msgspec.Raw], document: RawDocument
    ) -> Iterator[tuple[str, msgspec.Raw]]:
        if name in FIELDS:
            if name == "VpcBlockPublicAccessOptions" and _is_object(value):
                yield name, _encode([msgspec.json.decode(value)])
            elif name == "Policies" and _of_organization(value):
                self._note(document, name, "of AWS Organizations are not read")
            else:
                yield name, value
        elif name == "DBSnapshotAttributesResult":
            yield "DBSnapshotAttributesResults", _encode([msgspec.json.decode(value)])
        elif name in GROUPED:
            key, group = GROUPED[name]
            items = msgspec.json.decode(value)
            grouped = group(items) if _objects(items) else None
            if grouped is None:
                self._note(document, name, "was not recognised")
            else:
                yield key, _encode(grouped)
        elif name in WRAPPED:
            yield from self._wrap(name, value, values, document)
        elif name in UNHELPFUL:
            self._note(document, name, UNHELPFUL[name])
        elif name not in QUIET:
            self._note(document, name, "was not recognised")

    def _wrap(
        self, name: str, value: msgspec.Raw, values: dict[str, msgspec.Raw], document: RawDocument
    ) -> Iterator[tuple[str, msgspec.Raw]]:
        wrapper = WRAPPED[name]
        for owner, key in wrapper.owners.items():
            if owner in values:
                yield key, _encode([{k: msgspec.json.decode(v) for k, v in values.items()}])
                return
        if not _is_meant(name, msgspec.json.decode(value), values):
            self._note(document, name, "was not recognised")
            return
        raise SnapshotError(
            f"`{name}` does not say which {_owner_noun(next(iter(wrapper.owners)))} it belongs to",
            where=document.origin,
            hint=f"`aws {wrapper.call}` leaves it out; write it as {wrapper.example(name)}",
        )

    def _remember_caller(self, value: msgspec.Raw) -> None:
        account = msgspec.json.decode(value)
        if isinstance(account, str):
            self.caller = account

    def _report_failures(self, values: dict[str, msgspec.Raw], document: RawDocument) -> None:
        """ECS names beside its answer what it could not describe, and why."""
        failures = msgspec.json.decode(values["failures"]) if "failures" in values else []
        for failure in failures if _objects(failures) else ():
            # It has ended since it was listed.
            if failure.get("reason") == "MISSING":
                continue
            for key in ("services", "tasks"):
                if key in values:
                    why = f"{failure.get('arn', '')}: {failure.get('reason', '')}"
                    self._gap((document.account, document.region, key), why)

    def _gap(self, place: tuple[str, str, str], why: str) -> None:
        account, region, key = place
        where = f"{account or '-'}/{region or '-'}"
        self.gaps.append(Gap(what=CALLS[key].action, where=where, why=why, key=key))

    def _note(self, document: RawDocument, name: str, why: str) -> None:
        self.notes.append(f"{document.origin}: `{name}` {why}")


def _decode(document: RawDocument) -> dict[str, msgspec.Raw]:
    data = document.read()
    if not data or data.isspace():
        raise SnapshotError(
            "the file is empty",
            where=document.origin,
            hint="the command that should have filled it probably failed: run it again, "
            "or remove the file",
        )
    try:
        return msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        raise SnapshotError(
            "expected a JSON object with a top-level key such as `Vpcs`, as `aws` prints it",
            where=document.origin,
            hint="call `aws` without --query",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise broken_json(data, document.origin) from error


def broken_json(data: bytes, origin: str) -> SnapshotError:
    """The error for a text that is not JSON, with line and column."""
    import json

    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        return SnapshotError(
            f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            where=f"{origin}:{error.lineno}:{error.colno}",
            hint=_what_went_wrong(data, error.pos, error.msg),
        )
    except UnicodeDecodeError as error:
        return SnapshotError(
            f"not valid UTF-8 at byte {error.start}",
            where=origin,
            hint="save what `aws` prints as it is, in UTF-8",
        )
    except RecursionError:
        return SnapshotError("nested too deeply to be the output of `aws`", where=origin)
    return SnapshotError("not valid JSON", where=origin)


def _what_went_wrong(data: bytes, position: int, complaint: str) -> str:
    """Why `aws` wrote something else than one JSON document, by what it looks like."""
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    failed = re.search(rb"An error occurred [^\r\n]+", start[:2_000])
    if failed is not None:
        said = failed[0].decode("utf-8", "replace")
        return f"`aws` failed: {said}; run it again as somebody who may, or remove the file"
    if complaint.startswith("Extra data") and position:
        return "more than one output stands in it: give each a file of its own"
    # JSON cut short begins as JSON does; after a NUL nobody can tell.
    if start and start[:1] not in b"{[\0" and position <= len(data) - len(start):
        return "save what `aws` prints with `--output json`; table, text and yaml are not read"
    return "the command that wrote it was probably cut short: run it again"


def _is_object(value: msgspec.Raw) -> bool:
    return bytes(memoryview(value)[:1]) == b"{"


def _objects(items: Any) -> bool:
    return isinstance(items, list) and all(isinstance(item, dict) for item in items)


def _encode(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _says_more(value: msgspec.Raw | None) -> bool:
    return value is not None and bool(msgspec.json.decode(value))


class _Kind(msgspec.Struct):
    type: Any = msgspec.field(default=None, name="Type")


def _of_organization(value: msgspec.Raw) -> bool:
    """Organizations' list-policies prints `Policies`, too; each has a Type, IAM's have none."""
    try:
        items = msgspec.json.decode(value, type=list[_Kind])
    except msgspec.MsgspecError:
        return False
    return any(item.type is not None for item in items)


def _is_meant(name: str, content: Any, values: dict[str, msgspec.Raw]) -> bool:
    """Whether a bare value is the description that we know, not another service's namesake."""
    mark = WRAPPED[name].mark
    if mark:
        return _objects(content) and any(mark in item for item in content)
    if name == "Policy":
        # IAM prints an object; Lambda and KMS print a text, and something beside it.
        return isinstance(content, str) and not set(values) - QUIET - {name}
    return True


def _owner_noun(owner: str) -> str:
    return {
        "PrefixListId": "prefix list",
        "TransitGatewayRouteTableId": "transit gateway route table",
        "TargetGroupArn": "target group",
        "LoadBalancerArn": "load balancer or target group",
        "Bucket": "bucket",
    }.get(owner, owner)
