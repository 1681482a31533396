"""Security groups and network ACLs as sets of traffic.

A filter is asked about one direction and a set of peer addresses, and answers for all of
them at once: it cuts the addresses where a rule's CIDR begins or ends and gives the traffic
that is let through for each piece. Rules: semantics N1–N20.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from mute_audit.inventory import Inventory
from mute_audit.inventory.network import AclEntry, IpPermission, NetworkAcl
from mute_audit.network import intervals
from mute_audit.network.addresses import NO_ADDRESSES, AddressSet, parse_cidr
from mute_audit.network.intervals import Intervals
from mute_audit.network.traffic import ICMP, ICMPV6, NOTHING, TCP, UDP, Traffic, protocol_number
from mute_audit.verdict import Gap

__all__ = [
    "CLOSED",
    "OPEN",
    "AclFilter",
    "Allowed",
    "GroupFilter",
    "GroupRules",
    "PrefixLists",
    "combine",
]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a filter lets through: `yes` for certain, `maybe` as far as the evidence goes.

    `yes` and `maybe` are disjoint; `gaps` name what would decide `maybe`.
    """

    yes: Traffic = NOTHING
    maybe: Traffic = NOTHING
    gaps: frozenset[Gap] = frozenset()

    @property
    def possible(self) -> Traffic:
        return self.yes | self.maybe

    def __and__(self, other: Allowed) -> Allowed:
        """One filter behind the other."""
        yes = self.yes & other.yes
        maybe = (self.possible & other.possible) - yes
        return Allowed(yes, maybe, self.gaps | other.gaps if maybe else frozenset())

    def __or__(self, other: Allowed) -> Allowed:
        """Either of two ways."""
        yes = self.yes | other.yes
        maybe = (self.maybe | other.maybe) - yes
        return Allowed(yes, maybe, self.gaps | other.gaps if maybe else frozenset())

    def only(self, traffic: Traffic) -> Allowed:
        maybe = self.maybe & traffic
        return Allowed(self.yes & traffic, maybe, self.gaps if maybe else frozenset())

    def __bool__(self) -> bool:
        return bool(self.yes or self.maybe)


OPEN = Allowed(Traffic.everything())
CLOSED = Allowed()


def combine(items: Iterable[Allowed], gap: Gap | None = None) -> Allowed:
    """One of several, and it is not known which: certain only where all agree.

    `gap` says why it cannot be told; it is named where they do not agree.
    """
    found = list(items)
    if not found:
        return CLOSED
    yes = found[0].yes
    possible = Traffic()
    gaps: frozenset[Gap] = frozenset()
    for item in found:
        yes = yes & item.yes
        possible = possible | item.possible
        gaps |= item.gaps
    maybe = possible - yes
    if gap is not None:
        gaps |= {gap}
    return Allowed(yes, maybe, gaps if maybe else frozenset())


# RFC 1918 and RFC 6598.
_PRIVATE = AddressSet.parse("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")


class PrefixLists:
    """Entries of prefix lists as addresses, or the gap where they were not collected (N10)."""

    def __init__(self, inventory: Inventory) -> None:
        self._known = inventory.prefix_list_cidrs
        self._of_aws = inventory.aws_prefix_lists
        self._failed = next(
            (
                gap
                for region in inventory.regions
                for key in ("PrefixListEntries", "PrefixLists")
                if (gap := region.failure(key)) is not None
            ),
            None,
        )
        self._cache: dict[str, AddressSet | Gap] = {}

    def addresses(self, prefix_list: str) -> AddressSet | Gap:
        """The union of the list's entries."""
        found = self._cache.get(prefix_list)
        if found is None:
            cidrs = self.cidrs(prefix_list)
            try:
                found = cidrs if isinstance(cidrs, Gap) else AddressSet.parse(*cidrs)
            except ValueError as error:
                found = Gap(f"prefix-list {prefix_list}", "", f"an entry cannot be read: {error}")
            self._cache[prefix_list] = found
        return found

    def may_hold(self, prefix_list: str) -> AddressSet:
        """What a list may hold of which the entries are not known.

        The lists that AWS keeps are of services, and hold no private IPv4 address.
        """
        everything = AddressSet.everything()
        return everything - _PRIVATE if prefix_list in self._of_aws else everything

    def cidrs(self, prefix_list: str) -> tuple[str, ...] | Gap:
        """The list's entries one by one: a route takes the length of each."""
        cidrs = self._known.get(prefix_list)
        if cidrs is not None:
            return cidrs
        if self._failed is not None:
            return self._failed
        return Gap(
            what="ec2:GetManagedPrefixListEntries",
            where=prefix_list,
            why="the entries of this prefix list were not collected",
            key="PrefixListEntries",
        )


def _icmp(number: int, kind: int, code: int) -> Traffic:
    if kind < 0:
        return Traffic.protocol(number)
    first = kind * 256
    return (
        Traffic.ports(number, first, first + 255)
        if code < 0
        else Traffic.ports(number, first + code, first + code)
    )


def permission_traffic(permission: IpPermission) -> Traffic:
    """The traffic of one security group rule (N11, N12)."""
    number = protocol_number(permission.ip_protocol)
    if number is None:
        return Traffic.everything()
    if number in (ICMP, ICMPV6):
        kind = -1 if permission.from_port is None else permission.from_port
        code = -1 if permission.to_port is None else permission.to_port
        return _icmp(number, kind, code)
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
            open_to = intervals.contains(rule.open.axis(version), address)
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
        return _icmp(number, found.type, found.code) if found else Traffic.protocol(number)
    if number in (TCP, UDP) and entry.port_range is not None:
        return Traffic.ports(number, entry.port_range.from_port, entry.port_range.to_port)
    return Traffic.protocol(number)
