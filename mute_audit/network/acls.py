"""Network ACLs as sets of traffic. Rules: N16–N20."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from mute_audit.inventory.network import AclEntry, NetworkAcl
from mute_audit.network.addresses import parse_cidr
from mute_audit.network.allowed import Allowed
from mute_audit.network.intervals import Intervals
from mute_audit.network.traffic import (
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    Traffic,
    icmp_traffic,
    protocol_number,
)
from mute_audit.verdict import Gap

__all__ = ["AclFilter"]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One ACL entry; `gap` where it is not known what becomes of what it matches."""

    version: int
    bits: Intervals
    traffic: Traffic
    allow: bool
    gap: Gap | None = None


class AclFilter:
    """One network ACL in one direction: the first matching entry decides (N16)."""

    def __init__(self, acl: NetworkAcl | None, *, egress: bool, gap: Gap | None = None) -> None:
        self._gap = gap
        self._entries: list[_Entry] = []
        bounds: dict[int, set[int]] = {4: {0}, 6: {0}}
        entries = acl.entries if acl is not None else ()
        for entry in sorted(entries, key=lambda item: item.rule_number):
            if entry.egress is egress:
                for read in _read_entry(acl.network_acl_id if acl is not None else "", entry):
                    bounds[read.version].update(read.bits)
                    self._entries.append(read)
        self._cuts = {version: sorted(found) for version, found in bounds.items()}
        self._cache: dict[tuple[int, int], Allowed] = {}

    def cuts(self, version: int) -> list[int]:
        return self._cuts[version]

    def port_cuts(self) -> set[int]:
        """Where the answer may change along the port axis."""
        return {bound for entry in self._entries for bound in entry.traffic.bits}

    def allows(self, version: int, address: int) -> Allowed:
        """Traffic for one address on the other side of the subnet's border."""
        if self._gap is not None:
            return Allowed(maybe=Traffic.everything(), gaps=frozenset({self._gap}))
        cuts = self._cuts[version]
        atom = bisect_right(cuts, address)
        key = (version, atom)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._walk(version, address)
        return found

    def _walk(self, version: int, address: int) -> Allowed:
        undecided = Traffic.everything()
        allowed = maybe = Traffic()
        gaps: set[Gap] = set()
        for entry in self._entries:
            if entry.version != version or not entry.bits[0] <= address < entry.bits[1]:
                continue
            matched = undecided & entry.traffic
            if entry.gap is not None and matched:
                maybe = maybe | matched
                gaps.add(entry.gap)
            elif entry.allow:
                allowed = allowed | matched
            undecided = undecided - entry.traffic
            if not undecided:
                break
        return Allowed(allowed, maybe, frozenset(gaps))


_AXES: dict[int, Intervals] = {4: (0, 1 << 32), 6: (0, 1 << 128)}


def _read_entry(acl: str, entry: AclEntry) -> list[_Entry]:
    """The entry, or for each version of IP that it may mean an unreadable one."""
    text = entry.cidr_block or entry.ipv6_cidr_block
    side = "egress" if entry.egress else "ingress"
    name = f"entry {acl}:{side}:{entry.rule_number}"
    gap = Gap(name, "", "its protocol or CIDR cannot be read")
    try:
        version, bits = parse_cidr(text)
    except ValueError:
        versions = (4, 6) if not text else (6,) if entry.ipv6_cidr_block else (4,)
        everything = Traffic.everything()
        return [_Entry(version, _AXES[version], everything, False, gap) for version in versions]
    try:
        traffic = _entry_traffic(entry)
    except ValueError:
        return [_Entry(version, bits, Traffic.everything(), False, gap)]
    action = entry.rule_action.lower()
    unsaid = None
    if action not in ("allow", "deny"):
        unsaid = Gap(name, "", f"its action is `{entry.rule_action}`")
    return [_Entry(version, bits, traffic, action == "allow", unsaid)]


def _entry_traffic(entry: AclEntry) -> Traffic:
    number = protocol_number(entry.protocol)
    if number is None:
        return Traffic.everything()
    if number in (ICMP, ICMPV6):
        found = entry.icmp_type_code
        return icmp_traffic(number, found.type, found.code) if found else Traffic.protocol(number)
    if number in (TCP, UDP) and entry.port_range is not None:
        return Traffic.ports(number, entry.port_range.from_port, entry.port_range.to_port)
    return Traffic.protocol(number)
