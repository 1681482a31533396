"""What is there before a plan is applied, and what of it will be gone.

A security group, ACL or route table that exists already shows among its own attributes what
resources of their own have put into it, as it was when it was last read. What those resources
say is what the plan says of them, so it is taken out there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Former", "Rule", "former_of", "rules_of"]

Rule = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True)
class Former:
    """A resource as it is before.

    gone   it is destroyed; one that is replaced comes back as another
    ended  it is destroyed, and nothing takes its place
    """

    type: str
    values: Mapping[str, Any]
    gone: bool
    ended: bool


def former_of(document: Mapping[str, Any]) -> Iterator[Former]:
    """Of the JSON of a plan."""
    for item in document.get("resource_changes") or ():
        change = item.get("change") or {}
        before = change.get("before")
        if isinstance(before, dict) and item.get("mode", "managed") == "managed":
            actions = change.get("actions") or ()
            gone = "delete" in actions
            yield Former(str(item.get("type")), before, gone, gone and "create" not in actions)


def rules_of(group: str, before: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[bool, set[Rule]]:
    """The rules that resources of their own have given a group: egress → rules, one a peer.

    before  (type, values) of those resources
    """
    found: dict[bool, set[Rule]] = {False: set(), True: set()}
    for kind, values in before:
        if values.get("security_group_id") != group:
            continue
        egress = kind.endswith("egress_rule") or values.get("type") == "egress"
        protocol = str(values.get("protocol") or values.get("ip_protocol") or "-1").lower()
        for peer in _peers(values, group):
            found[egress].add(rule(protocol, values.get("from_port"), values.get("to_port"), peer))
    return found


def rule(protocol: str, low: Any, high: Any, peer: str) -> Rule:
    """Alike for the same rule, however it is written."""
    if protocol in ("-1", "all"):
        return "-1", 0, 0, peer
    return protocol, int(low or 0), int(high or 0), peer


def _peers(values: Mapping[str, Any], group: str) -> Iterator[str]:
    for name in ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids"):
        yield from values.get(name) or ()
    for name in (
        "cidr_ipv4",
        "cidr_ipv6",
        "prefix_list_id",
        "referenced_security_group_id",
        "source_security_group_id",
    ):
        if values.get(name):
            yield str(values[name])
    if values.get("self") is True:
        yield group
