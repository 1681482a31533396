"""The types of a policy's fields: places, traffic, texts in two languages."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from mute_audit.errors import MuteAuditError
from mute_audit.finding import Text
from mute_audit.intent.written import Written
from mute_audit.inventory.place_types import PLACE_TYPES
from mute_audit.network.places import parse_internet
from mute_audit.network.traffic import Traffic

__all__ = [
    "AddressSources",
    "Names",
    "NotEmpty",
    "Places",
    "PolicyId",
    "Ports",
    "Words",
    "checked_place",
    "several",
]

# What may stand before the first colon of a selector (see network.places).
_HEADS = ("type", "tag", "sg", "subnet", "vpc")
_LOOKS_LIKE_CIDR = re.compile(r"[0-9.]+/[0-9]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*/[0-9]+")


class Words(Written):
    """One text in two languages; without Korean, the English serves."""

    en: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    ko: Annotated[str, StringConstraints(strip_whitespace=True)] = ""

    def text(self) -> Text:
        """As the report carries it: a paragraph folded over several lines becomes one line."""
        return Text(en=" ".join(self.en.split()), ko=" ".join(self.ko.split()))


def several(value: Any) -> Any:
    """`from: web` means `from: [web]`."""
    return value if isinstance(value, list | tuple) else (value,)


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("the list is empty; leave the key out, or name something")
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"{', '.join(f'`{value}`' for value in twice)} stands here twice")
    return values


def _not_empty(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if not values:
        raise ValueError("the list is empty")
    return values


# Not pydantic's own `min_length`: it counts what is valid, and would complain of a list whose
# items are all wrong that it is empty.
NotEmpty = (AfterValidator(_not_empty), Field(json_schema_extra={"minItems": 1}))


def _near(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""


def checked_place(text: str) -> str:
    """`text` if it can name a place, else ValueError; whether it does, the estate says."""
    text = text.strip()
    try:
        if parse_internet(text) is not None:
            return text
    except MuteAuditError as problem:
        raise ValueError(problem.message) from None
    if _LOOKS_LIKE_CIDR.fullmatch(text):
        return _checked_cidr(text)
    head, colon, rest = text.partition(":")
    if not colon or head == "arn":
        return text
    if head in _HEADS and not rest:
        raise ValueError(f"`{text}` names nothing after the colon")
    if head == "type" and rest not in PLACE_TYPES:
        raise ValueError(
            f"`{rest}` is not a type of places{_near(rest, PLACE_TYPES)}"
            f" (places have the types {', '.join(sorted(PLACE_TYPES))})"
        )
    if head == "tag" and not all(rest.partition("=")):
        raise ValueError(f"`{text}` is not of the form `tag:KEY=VALUE`")
    if head not in _HEADS:
        # Names may hold colons, but a slip in a selector's first word is likelier.
        close = difflib.get_close_matches(head, _HEADS, n=1)
        if close:
            raise ValueError(f"`{head}:` is not a selector; did you mean `{close[0]}:`?")
    return text


def _checked_cidr(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"`{text}` is not a network such as `203.0.113.0/24`") from None
    if str(network) != text and str(network.network_address) != text.partition("/")[0]:
        raise ValueError(f"`{text}` has host bits set; did you mean `{network}`?")
    return text


def _checked_address_source(text: str) -> str:
    """The internet, a part of it, or a CIDR: a source that is a set of addresses."""
    text = checked_place(text)
    if text == "internet" or text.startswith("internet:"):
        return text
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"`{text}` is neither `internet` nor a CIDR or address") from None
    return text


def _checked_traffic(text: str) -> str:
    try:
        Traffic.parse(text)
    except MuteAuditError as problem:
        raise ValueError(f"{problem.message}; {problem.hint}") from None
    return text


_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=512)]
_Listed = BeforeValidator(several, json_schema_input_type=_Word | list[_Word])

PolicyId = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80),
    Field(description="Unique among all policies; lower case words joined by hyphens."),
]
Names = Annotated[tuple[_Word, ...], _Listed, AfterValidator(_each_once)]
Places = Annotated[
    tuple[Annotated[_Word, AfterValidator(checked_place)], ...],
    _Listed,
    AfterValidator(_each_once),
]
AddressSources = Annotated[
    tuple[Annotated[_Word, AfterValidator(_checked_address_source)], ...],
    _Listed,
    AfterValidator(_each_once),
]
Ports = Annotated[
    tuple[Annotated[_Word, AfterValidator(_checked_traffic)], ...],
    # A bare number is a protocol.
    BeforeValidator(several, json_schema_input_type=_Word | int | list[_Word | int]),
    AfterValidator(_each_once),
]
