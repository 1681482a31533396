"""Terraform's functions, as far as references are led through them.

A plan shows what functions made of known values; what has to be followed is which resource an
unknown value comes from. So these choose, rearrange and name things. A function that is not
listed gives an unknown value, and so does a listed one that is asked about unknown things.
"""

from __future__ import annotations

import ipaddress
import itertools
import math
from collections.abc import Callable
from typing import Any

from mute_audit.sources.terraform.reading import csv_decoded, yaml_decoded
from mute_audit.sources.terraform.texts import TEXTS, WITH_UNKNOWN, Absent, Failed, to_text
from mute_audit.sources.terraform.values import Encoded, Joined, Open, Ref, is_known, open_of

__all__ = ["Absent", "Failed", "apply", "as_key", "same", "to_text"]


def as_key(value: Any) -> str:
    return to_text(value)


def same(left: Any, right: Any) -> bool | Open:
    """`==`; what is unknown may be anything, but the value of a resource's id is not null."""
    if is_known(left) and is_known(right):
        if type(left) is not type(right) and not (_number(left) and _number(right)):
            return False
        return bool(left == right)
    if isinstance(left, Ref) and left == right:
        return True
    for one, other in ((left, right), (right, left)):
        if one is None and isinstance(other, (dict, list, Joined, Encoded)):
            return False
        if one is None and isinstance(other, Ref) and (not other.path or other.path == ("id",)):
            return False
    return open_of(left, right, why="compared with something unknown")


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise Failed("no list")


def _map(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise Failed("no map")


def _unique(items: list[Any]) -> list[Any]:
    found: list[Any] = []
    seen: set[Any] = set()
    for item in items:
        mark = item if not isinstance(item, (list, dict)) else repr(item)
        if (type(item) is bool, mark) not in seen:
            seen.add((type(item) is bool, mark))
            found.append(item)
    return found


def _flatten(items: list[Any]) -> list[Any]:
    out: list[Any] = []
    for item in items:
        out += _flatten(item) if isinstance(item, list) else [item]
    return out


def _merge(*maps: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for item in maps:
        if item is not None:
            out.update(_map(item))
    return out


def _element(items: Any, index: Any) -> Any:
    found = _list(items)
    if not found or not is_known(index) or int(index) < 0:
        raise Failed("no such element")
    return found[int(index) % len(found)]


def _lookup(items: Any, key: Any, *default: Any) -> Any:
    found = _map(items)
    if as_key(key) in found:
        return found[as_key(key)]
    if default:
        return default[0]
    raise Failed("no such key")


def _coalesce(*items: Any) -> Any:
    for item in items:
        if item is None or item == "":
            continue
        return item
    raise Failed("nothing to choose")


def _coalescelist(*items: Any) -> Any:
    for item in items:
        if _list(item):
            return item
    raise Failed("nothing to choose")


def _one(items: Any) -> Any:
    found = _list(items)
    if len(found) > 1:
        raise Failed("more than one")
    return found[0] if found else None


def _contains(items: Any, wanted: Any) -> Any:
    answers = [same(item, wanted) for item in _list(items)]
    if True in answers:
        return True
    return next((item for item in answers if isinstance(item, Open)), False)


def _values(items: Any) -> list[Any]:
    found = _map(items)
    return [found[key] for key in sorted(found)]


def _zipmap(names: Any, values: Any) -> dict[str, Any]:
    return dict(zip(map(as_key, _list(names)), _list(values), strict=True))


def _setproduct(*sets: Any) -> list[Any]:
    return [list(item) for item in itertools.product(*map(_list, sets))]


def _subtract(left: Any, right: Any) -> list[Any]:
    return [item for item in _list(left) if item not in _list(right)]


def _intersection(first: Any, *rest: Any) -> list[Any]:
    return _unique([x for x in _list(first) if all(x in _list(other) for other in rest)])


def _range(*limits: Any) -> list[Any]:
    return list(range(*(int(item) for item in limits)))


def _index(items: Any, wanted: Any) -> int:
    found = _list(items)
    if wanted in found:
        return found.index(wanted)
    raise Failed("no such element")


def _number_of(value: Any) -> Any:
    if _number(value) or value is None:
        return value
    try:
        return int(value)
    except (TypeError, ValueError):
        pass
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise Failed("no number") from error


def _bool_of(value: Any) -> Any:
    found = {"true": True, "false": False, True: True, False: False, None: None}
    if value in found:
        return found[value]
    raise Failed("no boolean")


def _cidrsubnet(block: Any, bits: Any, number: Any) -> str:
    network = ipaddress.ip_network(block)
    length = network.prefixlen + int(bits)
    size = 1 << (network.max_prefixlen - length)
    first = int(network.network_address) + int(number) * size
    return str(ipaddress.ip_network((first, length)))


def _cidrsubnets(block: Any, *bits: Any) -> list[str]:
    network = ipaddress.ip_network(block)
    at = int(network.network_address)
    found: list[str] = []
    for more in bits:
        length = network.prefixlen + int(more)
        size = 1 << (network.max_prefixlen - length)
        at = -(-at // size) * size
        one = ipaddress.ip_network((at, length))
        if int(one.broadcast_address) > int(network.broadcast_address):
            raise Failed("no room")
        found.append(str(one))
        at += size
    return found


def _matchkeys(items: Any, keys: Any, wanted: Any) -> list[Any]:
    pairs = zip(_list(items), _list(keys), strict=True)
    return [item for item, key in pairs if key in _list(wanted)]


def _transpose(items: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, texts in sorted(_map(items).items()):
        for text in _list(texts):
            found.setdefault(as_key(text), []).append(key)
    return found


def _cidrhost(block: Any, number: Any) -> str:
    return str(ipaddress.ip_network(block)[int(number)])


# Unknown elements may be moved about without being looked at.
_REARRANGE: dict[str, Callable[..., Any]] = {
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "concat": lambda *lists: [item for part in lists for item in _list(part)],
    "contains": _contains,
    "element": _element,
    "flatten": lambda items: _flatten(_list(items)),
    "keys": lambda items: sorted(_map(items)),
    "length": lambda items: len(items),
    "lookup": _lookup,
    "merge": _merge,
    "nonsensitive": lambda value: value,
    "one": _one,
    "reverse": lambda items: _list(items)[::-1],
    "sensitive": lambda value: value,
    "setproduct": _setproduct,
    "slice": lambda items, start, end: _list(items)[int(start) : int(end)],
    "tolist": lambda items: _list(items),
    "tomap": lambda items: _map(items),
    "values": _values,
    "zipmap": _zipmap,
    "chunklist": lambda items, size: [
        list(_list(items)[at : at + int(size)]) for at in range(0, len(_list(items)), int(size))
    ],
}
# These look at their elements; distinct unknown values of resources are distinct.
_COMPARE: dict[str, Callable[..., Any]] = {
    "distinct": lambda items: _unique(_list(items)),
    "index": _index,
    "setintersection": _intersection,
    "setsubtract": _subtract,
    "setunion": lambda *sets: _unique([item for part in sets for item in _list(part)]),
    "toset": lambda items: _unique(_list(items)),
    "matchkeys": _matchkeys,
}
_KNOWN_ONLY: dict[str, Callable[..., Any]] = {
    **TEXTS,
    "abs": abs,
    "alltrue": lambda items: all(_bool_of(item) for item in _list(items)),
    "anytrue": lambda items: any(_bool_of(item) for item in _list(items)),
    "csvdecode": csv_decoded,
    "ceil": lambda value: -int(-value // 1),
    "cidrhost": _cidrhost,
    "cidrnetmask": lambda block: str(ipaddress.ip_network(block).netmask),
    "cidrsubnet": _cidrsubnet,
    "cidrsubnets": _cidrsubnets,
    "floor": lambda value: int(value // 1),
    "log": lambda value, base: round(math.log(value, base), 12),
    "max": max,
    "min": min,
    "pow": lambda value, power: value**power,
    "range": _range,
    "sort": lambda items: sorted(to_text(item) for item in _list(items)),
    "signum": lambda value: (value > 0) - (value < 0),
    "sum": lambda items: sum(_list(items)),
    "tobool": _bool_of,
    "tonumber": _number_of,
    "tostring": lambda value: None if value is None else to_text(value),
    "transpose": _transpose,
    "yamldecode": yaml_decoded,
}


def apply(name: str, args: list[Any]) -> Any:
    """The function's value; an unknown one where it cannot be told. Raises Failed."""
    try:
        if name in _REARRANGE:
            return _rearranged(name, args)
        if name == "compact":
            return _compact(args)
        if name in _COMPARE:
            if any(_has_open(item) for item in args):
                return open_of(*args, why=f"{name}() of something unknown")
            return _COMPARE[name](*args)
        if name == "jsonencode" and len(args) == 1 and not is_known(args[0]):
            return Encoded(args[0])
        if name == "jsondecode" and len(args) == 1 and isinstance(args[0], Encoded):
            return args[0].value
        if name in _KNOWN_ONLY and all(map(is_known, args)):
            return _KNOWN_ONLY[name](*args)
        if name in WITH_UNKNOWN and not any(_has_loose(item) for item in args):
            return WITH_UNKNOWN[name](*args)
        if name in ("tostring", "lower") and len(args) == 1 and isinstance(args[0], Ref):
            return args[0]
    except Failed:
        raise
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise Failed(f"{name}: {error}") from error
    return open_of(*args, why=f"{name}()")


def _rearranged(name: str, args: list[Any]) -> Any:
    # Which of them is chosen, or what is inside, depends on something unknown.
    whole = [item for item in args if isinstance(item, Open)]
    if name in ("coalesce", "coalescelist"):
        at = next((n for n, item in enumerate(args) if item not in (None, "", [])), len(args))
        if at < len(args) and isinstance(args[at], (Open, Ref)) and args[at] in whole:
            return open_of(*args, why=f"{name}() of something unknown")
        return _REARRANGE[name](*args)
    if whole and not (name == "lookup" and len(args) == 3 and whole == [args[2]]):
        if name in ("nonsensitive", "sensitive", "tolist", "tomap"):
            return args[0]
        return open_of(*args, why=f"{name}() of something unknown")
    if name in ("nonsensitive", "sensitive"):
        return args[0]
    if any(isinstance(item, Ref) for item in args[:1]):
        return open_of(*args, why=f"{name}() of something unknown")
    if name == "flatten" and _nested_unknown(args[0]):
        return open_of(*args, why="flatten() of something unknown")
    return _REARRANGE[name](*args)


def _nested_unknown(value: Any) -> bool:
    """Whether a list holds something that may itself be a list."""
    if isinstance(value, list):
        return any(map(_nested_unknown, value))
    return isinstance(value, Open)


def _compact(args: list[Any]) -> Any:
    if not isinstance(args[0], list):
        return open_of(*args, why="compact() of something unknown")
    if any(isinstance(item, Open) for item in args[0]):
        return open_of(*args, why="compact() of something unknown")
    return [item for item in args[0] if item not in (None, "")]


def _has_open(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_open, value))
    if isinstance(value, dict):
        return any(map(_has_open, value.values()))
    return isinstance(value, (Open, Joined, Encoded))


def _has_loose(value: Any) -> bool:
    """Whether a value, or an element of a list, is unknown and not even one of the resources'."""
    if isinstance(value, list):
        return any(map(_has_loose, value))
    return isinstance(value, (Open, Encoded))
