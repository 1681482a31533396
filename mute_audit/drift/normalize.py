"""Where AWS and people write one thing in several ways: one function for each.

Each brings both sides to one form, so that a difference that means nothing is no drift.
All are pure, and applying one twice changes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from mute_audit.intent.fields import canonical_cidr
from mute_audit.intent.ports import Ports
from mute_audit.inventory import network

__all__ = [
    "Policy",
    "acl_entries",
    "address_block",
    "engine_version",
    "instance_state",
    "matches_pattern",
    "metadata_tokens",
    "policy",
    "policy_name",
    "profile_name",
    "routes",
    "rules",
    "same_documents",
    "shown_statement",
]

Label = Callable[[str], str]

# The version that a policy has when it says none (IAM user guide, Version element).
_OLD_VERSION = "2008-10-17"

# The last entry of every ACL, `*`: it denies what is left, and nobody can remove it.
_LAST_ACL_ENTRY = 32767


def address_block(text: str) -> str:
    """A CIDR without host bits, IPv6 compressed and in lower case, one address as /32 or /128."""
    try:
        return canonical_cidr(text)
    except ValueError:
        return text


def rules(permissions: Iterable[network.IpPermission], label: Label) -> frozenset[tuple[str, str]]:
    """(traffic, peer) for each single rule, whatever way AWS grouped and ordered them.

    A peer is a CIDR, the label of a group, or the id of a prefix list. Descriptions say
    nothing about traffic and are left out.
    """
    found = set()
    for item in permissions:
        ports = str(Ports.of(item.ip_protocol, item.from_port, item.to_port))
        peers = [
            *(address_block(block.cidr_ip) for block in item.ip_ranges),
            *(address_block(block.cidr_ipv6) for block in item.ipv6_ranges),
            *(entry.prefix_list_id for entry in item.prefix_list_ids),
            *(label(pair.group_id or pair.group_name) for pair in item.user_id_group_pairs),
        ]
        found |= {(ports, peer) for peer in peers}
    return frozenset(found)


def acl_entries(entries: Iterable[network.AclEntry], egress: bool) -> dict[int, str]:
    """Number → `allow tcp/443 10.0.0.0/8` of one direction, without the last one."""
    found = {}
    for item in sorted(entries, key=lambda entry: entry.rule_number):
        if item.egress != egress or item.rule_number == _LAST_ACL_ENTRY:
            continue
        if item.icmp_type_code is not None:
            first: int | None = item.icmp_type_code.type
            last: int | None = item.icmp_type_code.code
        elif item.port_range is not None:
            first, last = item.port_range.from_port, item.port_range.to_port
        else:
            first = last = None
        ports = Ports.of(item.protocol, first, last)
        block = address_block(item.cidr_block or item.ipv6_cidr_block)
        found[item.rule_number] = f"{item.rule_action.lower()} {ports} {block}"
    return found


def routes(table: network.RouteTable, label: Label) -> dict[str, str]:
    """Destination → target, without the local routes; a dead target is said to be one.

    A static and a propagated route to one destination stand together, joined by ` + `.
    """
    found: dict[str, list[str]] = {}
    for item in table.routes:
        # By its target alone: a local route that was led to an interface is not local.
        if item.target == "local":
            continue
        target = label(item.target) if item.target else "none"
        if item.state == "blackhole":
            target += " (blackhole)"
        if item.origin == "EnableVgwRoutePropagation":
            target += " (propagated)"
        destination = item.destination
        if not item.destination_prefix_list_id:
            destination = address_block(destination)
        found.setdefault(destination, []).append(target)
    return {destination: " + ".join(sorted(found[destination])) for destination in sorted(found)}


def engine_version(text: str) -> str:
    """`16.3-R2` is release 2 of 16.3 and `16.3` to the API."""
    return re.sub(r"-R\d+$", "", text, flags=re.IGNORECASE)


def instance_state(text: str) -> str:
    """A state on the way to another is that other."""
    return {"pending": "running", "stopping": "stopped"}.get(text, text)


def metadata_tokens(http_tokens: str, http_endpoint: str) -> str:
    """Metadata that cannot be asked at all needs its token as much as any."""
    return "required" if http_endpoint == "disabled" else http_tokens


def policy_name(text: str) -> str:
    """The name of one of AWS's own policies, from its name or ARN; other ARNs as they are."""
    match = re.fullmatch(r"arn:aws[a-z-]*:iam::aws:policy/(?:.*/)?([^/]+)", text)
    return match[1] if match else text


def profile_name(arn: str) -> str:
    """The name of an instance profile, from its ARN."""
    return arn.rpartition("/")[2]


def matches_pattern(name: str, pattern: str) -> bool:
    """Whether `name` fits; `*` and `?` are wildcards, and `[` is no more than itself."""
    return _pattern(pattern).fullmatch(name) is not None


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(sign, re.escape(sign)) for sign in pattern), re.DOTALL)


# --- policy documents ----------------------------------------------------------------------------

# A value in a canonical statement: text, or sorted tuples of such values, by its element.
Canonical = Any


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document by its meaning: statements in no order, each without its Sid.

    sids      name → statement, to name a difference; no part of the meaning
    spelling  actions as they were written, to show them
    """

    version: str
    statements: frozenset[tuple[tuple[str, Canonical], ...]]
    sids: tuple[tuple[str, tuple[tuple[str, Canonical], ...]], ...]
    spelling: tuple[tuple[str, str], ...] = ()


def same_documents(one: Policy | None, other: Policy | None) -> bool:
    """Whether two documents, or their absence, mean the same."""
    if one is None or other is None:
        return one is other
    return (one.version, one.statements) == (other.version, other.statements)


def policy(document: str | Mapping[str, Any] | None) -> Policy | None:
    """A document as JSON text, percent-encoded text or object; None where there is none.

    One value and a list of it are the same, and lists have no order. Actions and the names
    of condition keys ignore case. `*` is `{"AWS": "*"}`, an account's root its number.
    """
    if document is None or document == "":
        return None
    if isinstance(document, str):
        text = unquote(document) if document.startswith("%7B") else document
        try:
            document = json.loads(text)
        except ValueError:
            document = text
    if not isinstance(document, Mapping):
        # Not a document that AWS would take; it equals nothing but itself.
        return Policy("", frozenset({(("Unreadable", str(document)),)}), ())
    listed = document.get("Statement", ())
    if isinstance(listed, Mapping):
        listed = (listed,)
    named = [
        (str(item.get("Sid", "")), _statement(item))
        if isinstance(item, Mapping)
        else ("", (("Unreadable", str(item)),))
        for item in listed
    ]
    return Policy(
        version=str(document.get("Version", _OLD_VERSION)),
        statements=frozenset(statement for _, statement in named),
        sids=tuple(sorted((sid, statement) for sid, statement in named if sid)),
        spelling=tuple(sorted(_spelling(listed))),
    )


def _spelling(statements: Iterable[Any]) -> set[tuple[str, str]]:
    return {
        (action.lower(), action)
        for item in statements
        if isinstance(item, Mapping)
        for element in ("Action", "NotAction")
        for action in _texts(item.get(element, ()))
    }


def _statement(item: Mapping[str, Any]) -> tuple[tuple[str, Canonical], ...]:
    found: dict[str, Canonical] = {}
    for element, value in item.items():
        if element == "Sid":
            continue
        if element in ("Principal", "NotPrincipal"):
            found[element] = _principals(value)
        elif element in ("Action", "NotAction"):
            found[element] = tuple(sorted({text.lower() for text in _texts(value)}))
        elif element == "Condition" and isinstance(value, Mapping):
            found[element] = _conditions(value)
        elif element == "Effect":
            found[element] = str(value)
        else:
            found[element] = tuple(sorted(set(_texts(value))))
    return tuple(sorted(found.items()))


def _principals(value: Any) -> Canonical:
    if not isinstance(value, Mapping):
        value = {"AWS": value}
    found = []
    for kind, names in value.items():
        texts = {_account(name) if kind == "AWS" else name for name in _texts(names)}
        if kind == "Service":
            texts = {text.lower() for text in texts}
        found.append((str(kind), tuple(sorted(texts))))
    return tuple(sorted(found))


def _account(name: str) -> str:
    match = re.fullmatch(r"arn:aws[a-z-]*:iam::(\d{12}):root", name)
    return match[1] if match else name


def _conditions(value: Mapping[str, Any]) -> Canonical:
    found = []
    for operator, keys in value.items():
        # What is no mapping is no condition that AWS would take; it must not get lost.
        for key, values in keys.items() if isinstance(keys, Mapping) else (("", keys),):
            texts = set(_texts(values))
            if operator.partition(":")[2].startswith("Bool") or operator.startswith("Bool"):
                texts = {text.lower() for text in texts}
            found.append((str(operator), str(key).lower(), tuple(sorted(texts))))
    return tuple(sorted(found))


def _texts(value: Any) -> list[str]:
    """One value or several, as IAM's JSON writes them; `true` and 1 are the texts of them."""
    values = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return [
        json.dumps(item) if isinstance(item, bool | int | float) else str(item) for item in values
    ]


def shown_statement(
    statement: tuple[tuple[str, Canonical], ...], spelling: Iterable[tuple[str, str]] = ()
) -> dict[str, Any]:
    """A canonical statement as the object that IAM's JSON holds, to show to a person."""
    found: dict[str, Any] = {}
    written = dict(spelling)
    for element, value in statement:
        if element in ("Principal", "NotPrincipal"):
            principals = {kind: _single(names) for kind, names in value}
            found[element] = "*" if principals == {"AWS": "*"} else principals
        elif element == "Condition":
            conditions: dict[str, dict[str, Any]] = {}
            for operator, key, values in value:
                conditions.setdefault(operator, {})[key] = _single(values)
            found[element] = conditions
        elif element in ("Action", "NotAction"):
            found[element] = _single(tuple(written.get(text, text) for text in value))
        else:
            found[element] = _single(value)
    return found


def _single(value: Canonical) -> Any:
    """One value bare, several as a list."""
    if isinstance(value, str):
        return value
    return value[0] if len(value) == 1 else list(value)
