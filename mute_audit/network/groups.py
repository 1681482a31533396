"""Security groups as sets of traffic. Rules: N1–N12.

A filter is asked about one direction and an address at the other end, and answers for all traffic
at once; it is cut where a rule's CIDR begins or ends.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from mute_audit.inventory import Inventory
from mute_audit.inventory.network import IpPermission
from mute_audit.network import intervals
from mute_audit.network.addresses import NO_ADDRESSES, AddressSet
from mute_audit.network.allowed import Allowed
from mute_audit.network.intervals import Intervals
from mute_audit.network.prefix_lists import PrefixLists
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

__all__ = ["GroupFilter", "GroupRules"]


def permission_traffic(permission: IpPermission) -> Traffic:
    """The traffic of one security group rule (N11, N12)."""
    number = protocol_number(permission.ip_protocol)
    if number is None:
        return Traffic.everything()
    if number in (ICMP, ICMPV6):
        kind = -1 if permission.from_port is None else permission.from_port
        code = -1 if permission.to_port is None else permission.to_port
        return icmp_traffic(number, kind, code)
    low, high = permission.from_port, permission.to_port
    if number in (TCP, UDP) and low is not None and high is not None:
        return Traffic.ports(number, low, high)
    return Traffic.protocol(number)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One permission. `live` are the referenced groups of which the reference is not stale.

    unknown  why it is not known what else it names; `open` are the addresses that it may name
    """

    traffic: Traffic
    addresses: AddressSet
    groups: frozenset[str]
    live: frozenset[str]
    unknown: tuple[Gap, ...]
    broken: bool = False
    open: AddressSet = NO_ADDRESSES


class GroupRules:
    """The rules of single groups, each compiled once: many sets of groups share them."""

    def __init__(self, inventory: Inventory, lists: PrefixLists) -> None:
        self._inventory = inventory
        self._lists = lists
        self._known: dict[tuple[str, bool], tuple[_Rule, ...] | None] = {}

    def of(self, group_id: str, *, egress: bool) -> tuple[_Rule, ...] | None:
        """The rules of a group in one direction; None where it is not described."""
        key = (group_id, egress)
        if key not in self._known:
            group = self._inventory.security_groups.get(group_id)
            if group is None:
                self._known[key] = None
            else:
                given = group.ip_permissions_egress if egress else group.ip_permissions
                self._known[key] = tuple(_rule(group_id, item, self._lists) for item in given)
        return self._known[key]


def _rule(group_id: str, permission: IpPermission, lists: PrefixLists) -> _Rule:
    unknown = []
    broken = False
    try:
        traffic = permission_traffic(permission)
    except ValueError:
        traffic, broken = Traffic.everything(), True
        unknown.append(
            Gap(f"rule of {group_id}", "", f"protocol `{permission.ip_protocol}` is not known")
        )
    addresses = []
    texts = [item.cidr_ip for item in permission.ip_ranges]
    for text in [*texts, *(item.cidr_ipv6 for item in permission.ipv6_ranges)]:
        try:
            addresses.append(AddressSet.parse(text))
        except ValueError:
            unknown.append(Gap(f"rule of {group_id}", "", f"CIDR `{text}` cannot be read"))
    may_name = [AddressSet.everything()] if unknown else []
    for item in permission.prefix_list_ids:
        found = lists.addresses(item.prefix_list_id)
        if isinstance(found, Gap):
            unknown.append(found)
            may_name.append(lists.may_hold(item.prefix_list_id))
        else:
            addresses.append(found)
    pairs = permission.user_id_group_pairs
    return _Rule(
        traffic,
        AddressSet.union_of(addresses),
        frozenset(pair.group_id for pair in pairs),
        frozenset(pair.group_id for pair in pairs if pair.peering_status in ("", "active")),
        tuple(unknown),
        broken,
        AddressSet.union_of(may_name),
    )


class GroupFilter:
    """The rules of a set of security groups in one direction, added up (N1)."""

    __slots__ = ("_cache", "_cuts", "_gaps", "_rules", "references")

    def __init__(
        self,
        inventory: Inventory,
        lists: PrefixLists,
        groups: frozenset[str],
        *,
        egress: bool,
        gap: Gap | None = None,
        compiled: GroupRules | None = None,
    ) -> None:
        compiled = compiled or GroupRules(inventory, lists)
        rules: list[_Rule] = []
        self._gaps: set[Gap] = {gap} if gap is not None else set()
        if not groups:
            # Every interface that can have groups has one: the description is incomplete.
            self._gaps.add(Gap("security groups", "", "the description of an interface lists none"))
        for group_id in sorted(groups):
            found = compiled.of(group_id, egress=egress)
            if found is None:
                self._gaps.add(
                    inventory.missing_somewhere("SecurityGroups")
                    or Gap(
                        "ec2:DescribeSecurityGroups", group_id, "not described", "SecurityGroups"
                    )
                )
                continue
            rules += found
        self._rules = tuple(rules)
        self._cuts: dict[int, list[int]] = {}
        self.references = frozenset(name for rule in rules for name in rule.groups)
        self._cache: dict[tuple[object, ...], Allowed] = {}

    def cuts(self, version: int) -> list[int]:
        """Where the answer may change along the address axis."""
        found = self._cuts.get(version)
        if found is None:
            bounds = {
                bound
                for rule in self._rules
                for axis in (rule.addresses.axis(version), rule.open.axis(version))
                for bound in axis
            }
            found = self._cuts[version] = sorted(bounds | {0})
        return found

    def passing(self, traffic: Traffic) -> tuple[AddressSet, frozenset[str]] | None:
        """Which addresses and groups any rule with some of `traffic` names; None: any may."""
        if self._gaps or any(rule.unknown for rule in self._rules):
            return None
        rules = [rule for rule in self._rules if rule.traffic & traffic]
        groups = frozenset(name for rule in rules for name in rule.groups)
        return AddressSet.union_of(rule.addresses for rule in rules), groups

    def port_cuts(self) -> set[int]:
        """Where the answer may change along the port axis."""
        return {bound for rule in self._rules for bound in rule.traffic.bits}

    def at_port(self, point: int) -> list[tuple[AddressSet, frozenset[str], frozenset[str]]]:
        """(addresses, groups, groups not stale) of every rule that holds at a port."""
        return [
            (rule.addresses, rule.groups, rule.live)
            for rule in self._rules
            if intervals.contains(rule.traffic.bits, point)
        ]

    @property
    def certain(self) -> bool:
        """Whether every rule is known and can be read."""
        return not self._gaps and not any(rule.unknown for rule in self._rules)

    def atom(self, version: int, address: int) -> int:
        """The piece of the address axis that an address lies in, as far as CIDRs go."""
        return bisect_right(self.cuts(version), address)

    def allows(
        self,
        version: int,
        address: int,
        peer_groups: frozenset[str],
        *,
        far: bool = False,
        hidden: Gap | None = None,
    ) -> Allowed:
        """Traffic to or from one peer address, which carries these groups.

        `peer_groups` is empty for traffic whose address is public or was translated: a
        reference never matches that (N4). `far`: the peer is in another VPC, where a stale
        reference matches nothing (N7). `hidden`: who has that address cannot be told, so that
        a rule with any reference may match or not.
        """
        atom = bisect_right(self.cuts(version), address)
        seen = peer_groups & self.references
        key = (version, atom, seen, far, hidden)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._add_up(version, address, seen, far, hidden)
        return found

    def _add_up(
        self, version: int, address: int, seen: frozenset[str], far: bool, hidden: Gap | None
    ) -> Allowed:
        yes: list[Intervals] = []
        maybe: list[Intervals] = []
        gaps: set[Gap] = set()
        for rule in self._rules:
            names = rule.live if far else rule.groups
            matches = bool(names & seen) or intervals.contains(
                rule.addresses.axis(version), address
            )
            if matches and not rule.broken:
                yes.append(rule.traffic.bits)
                continue
            # Asked for every rule of every group: the usual one has nothing unknown.
            open_to = bool(rule.unknown) and intervals.contains(rule.open.axis(version), address)
            if matches or open_to or (hidden is not None and names):
                maybe.append(rule.traffic.bits)
                gaps.update(rule.unknown if matches or open_to else ())
                if hidden is not None and names:
                    gaps.add(hidden)
        certain = Traffic(intervals.union_all(yes))
        if self._gaps:
            maybe.append(Traffic.everything().bits)
            gaps |= self._gaps
        open_ = Traffic(intervals.union_all(maybe)) - certain
        return Allowed(certain, open_, frozenset(gaps) if open_ else frozenset())
