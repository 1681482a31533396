"""The AWS-shaped documents that translators write, by Region, key and id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from mute_audit.inventory import GLOBAL
from mute_audit.sources.keys import GLOBAL_KEYS
from mute_audit.sources.raw import RawDocument
from mute_audit.sources.redaction import cut_json
from mute_audit.verdict import Gap

__all__ = ["Home", "Out", "options_id", "tags"]

Doc = dict[str, Any]


class Home(NamedTuple):
    """Where something is; empty where that is not told."""

    account: str = ""
    region: str = ""


class Out:
    """Documents under construction.

    A document may be there before (what lives already, beside a plan): then it is replaced,
    or, by those who describe a part of it only, changed.
    """

    def __init__(self, account: str = "") -> None:
        # Of what does not say to which one it belongs.
        self.account = account
        self.gaps: list[Gap] = []
        self.notes: list[str] = []
        # Which document holds what can be held by one only: a subnet's table, its ACL.
        self.marks: dict[tuple[str, ...], Doc] = {}
        self._docs: dict[Home, dict[str, dict[str, Doc]]] = {}
        self._home: dict[tuple[str, str], Home] = {}

    def put(self, key: str, home: Home, identifier: str, doc: Doc) -> Doc:
        """Add a description, in place of one with the same id."""
        home = _settled(key, home)
        old = self._home.get((key, identifier))
        if old is not None:
            del self._docs[old][key][identifier]
        self._docs.setdefault(home, {}).setdefault(key, {})[identifier] = doc
        self._home[key, identifier] = home
        return doc

    def hold(self, home: Home, keys: Iterable[str]) -> None:
        """Say that these are described, even where there is none of them."""
        for key in keys:
            self._docs.setdefault(_settled(key, home), {}).setdefault(key, {})

    def get(self, key: str, identifier: str) -> Doc | None:
        home = self._home.get((key, identifier))
        return None if home is None else self._docs[home][key][identifier]

    def each(self, key: str) -> Iterator[tuple[str, Doc]]:
        for docs in list(self._docs.values()):
            yield from list(docs.get(key, {}).items())

    def drop(self, key: str, identifier: str) -> None:
        home = self._home.pop((key, identifier), None)
        if home is not None:
            del self._docs[home][key][identifier]

    def drop_everywhere(self, identifier: str) -> None:
        """Take away every description with an id."""
        for key, name in list(self._home) if identifier else ():
            if name == identifier:
                self.drop(key, name)

    def home_of(self, key: str, identifier: str) -> Home:
        return self._home.get((key, identifier), Home())

    def homes(self) -> list[Home]:
        """The accounts' Regions that have a description."""
        return sorted(home for home in self._docs if home.region != GLOBAL)

    def accounts(self) -> list[str]:
        return sorted({home.account for home in self._docs})

    def gap(self, what: str, where: str, why: str, key: str = "") -> None:
        self.gaps.append(Gap(what=what, where=where, why=why, key=key))

    def documents(
        self, origin: str, shape: Callable[[str, list[Doc]], list[Any]]
    ) -> Iterator[RawDocument]:
        for home, keys in sorted(self._docs.items()):
            for key, docs in sorted(keys.items()):
                items = cut_json(key, msgspec.json.encode(shape(key, list(docs.values()))))
                text = msgspec.json.encode({key: msgspec.Raw(items)})
                yield RawDocument(home.account, home.region, f"{origin} ({key})", text)


def options_id(home: Home) -> str:
    """What the options are kept under of which an account has one set in each Region."""
    return f"options of {home.account} in {home.region}"


def _settled(key: str, home: Home) -> Home:
    return Home(home.account, GLOBAL) if key in GLOBAL_KEYS else home


def tags(values: Any) -> list[Doc]:
    """Terraform's map of tags as AWS prints it; unknown values are left out."""
    found = values if isinstance(values, dict) else {}
    return [
        {"Key": key, "Value": value}
        for key, value in sorted(found.items())
        if isinstance(value, str)
    ]
