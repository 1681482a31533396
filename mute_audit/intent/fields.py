"""The types of the baseline's fields: how one value is written, checked and frozen."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, StringConstraints

from mute_audit.intent.ports import Ports

__all__ = [
    "AccountId",
    "Cidr",
    "Cidrs",
    "Document",
    "Named",
    "Names",
    "Traffic",
    "canonical_cidr",
]

T = TypeVar("T")


def canonical_cidr(text: str) -> str:
    """`text` as AWS prints it: no host bits, IPv6 compressed; ValueError if it is no network."""
    return str(ipaddress.ip_network(text.strip(), strict=False))


def _checked_cidr(text: str) -> str:
    try:
        network = canonical_cidr(text)
    except ValueError:
        raise ValueError(f"`{text}` is not a network such as `10.0.0.0/16`") from None
    # AWS cuts host bits off without a word; in a file that people review they are a slip.
    if network.rpartition("/")[0] != str(ipaddress.ip_interface(text.strip()).ip):
        raise ValueError(f"`{text}` has host bits set; did you mean `{network}`?")
    return network


def _checked_traffic(text: str) -> str:
    return str(Ports.parse(text))


def _several(value: Any) -> Any:
    """One value, a list, or (after `$` references were put in) lists inside of a list."""
    if not isinstance(value, list | tuple):
        return (value,)
    flat: list[Any] = []
    for item in value:
        flat.extend(item) if isinstance(item, list | tuple) else flat.append(item)
    return tuple(flat)


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        twice = sorted({value for value in values if values.count(value) > 1})
        raise ValueError(f"{', '.join(f'`{value}`' for value in twice)} stands here twice")
    return values


def _frozen(value: Any) -> Any:
    """JSON-like data with mapping proxies for dicts and tuples for lists."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    return value


def plain(value: Any) -> Any:
    """What `_frozen` froze, as dicts and lists that a JSON writer takes."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def _checked_document(value: Mapping[str, Any]) -> Mapping[str, Any]:
    if "Statement" not in value:
        raise ValueError("a policy document needs `Statement`")
    unknown = sorted(set(value) - {"Version", "Id", "Statement"})
    if unknown:
        raise ValueError(f"a policy document has no `{unknown[0]}`")
    statements: Iterable[Any] = value["Statement"]
    if isinstance(statements, Mapping):
        statements = (statements,)
    if isinstance(statements, str) or not all(isinstance(item, Mapping) for item in statements):
        raise ValueError("`Statement` must be a mapping or a list of mappings")
    return value


Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]
# One or several: `from: web` and `from: [web, app]`.
Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(_several, json_schema_input_type=Name | list[Name]),
    AfterValidator(_each_once),
]
Cidr = Annotated[str, AfterValidator(_checked_cidr)]
Cidrs = Annotated[
    tuple[Cidr, ...],
    BeforeValidator(_several, json_schema_input_type=Name | list[Name]),
    AfterValidator(_each_once),
]
Traffic = Annotated[
    tuple[Annotated[str, AfterValidator(_checked_traffic)], ...],
    BeforeValidator(_several, json_schema_input_type=Name | list[Name]),
    AfterValidator(_each_once),
]
AccountId = Annotated[str, StringConstraints(pattern=re.compile(r"^[0-9]{12}$").pattern)]
# A section: things by the name that the rest of the file calls them.
Named = Annotated[Mapping[str, T], Field(default_factory=dict), AfterValidator(MappingProxyType)]
# A policy document: the object that IAM's JSON holds.
Document = Annotated[
    Mapping[str, Any],
    AfterValidator(_checked_document),
    AfterValidator(_frozen),
    PlainSerializer(plain),
]
