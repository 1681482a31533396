"""Security groups, asked about one packet at one interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_network

from mute_audit.address import is_unknown_id
from mute_audit.inventory.network import GroupPair, IpPermission, SecurityGroupRule
from mute_audit.network.portspec import (
    ICMP,
    ICMP_V6,
    protocol_name,
    protocol_number,
    protocols_with_ports,
)
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.header import IP, Header
from mute_audit.network.tracer.journey import Decision, Journey, Way
from mute_audit.network.tracer.nics import Nic, read_network
from mute_audit.verdict import Gap, Truth

__all__ = ["GroupRule", "Groups"]

# RFC 1918 and RFC 6598.
_PRIVATE = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
)

# Finds the interfaces of a VPC that have an address, those that are only assumed included.
Finder = Callable[[str, IP], tuple[Nic, ...]]


@dataclass(frozen=True, slots=True)
class GroupRule:
    """One allowed combination: a protocol, a part of its axis, and one peer.

    For ICMP, `low` is the type and `high` the code, −1 for all (N11).
    """

    id: str
    protocol: int | None
    low: int
    high: int
    cidr: str = ""
    prefix_list: str = ""
    pair: GroupPair | None = None
    broken: str = ""

    def covers(self, protocol: int, port: int) -> bool:
        if self.protocol is None:
            return True
        if protocol != self.protocol:
            return False
        if protocol in protocols_with_ports:
            return self.low <= port <= self.high
        if protocol in (ICMP, ICMP_V6):
            return self.low in (-1, port >> 8) and (self.low == -1 or self.high in (-1, port & 255))
        return True  # N12: other protocols are matched by number alone


class Groups:
    """Answers whether the groups of an interface let a packet in or out."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._rules: dict[tuple[str, bool], tuple[GroupRule, ...] | None] = {}

    def rules(self, group_id: str, egress: bool) -> tuple[GroupRule, ...] | None:
        """The rules of a group in one direction; None where the group is not described."""
        key = (group_id, egress)
        if key not in self._rules:
            group = self._atlas.inventory.security_groups.get(group_id)
            if group is None:
                self._rules[key] = None
            else:
                given = group.ip_permissions_egress if egress else group.ip_permissions
                self._rules[key] = tuple(
                    rule for item in given for rule in self._read(group_id, egress, item)
                )
        return self._rules[key]

    def _read(self, group_id: str, egress: bool, item: IpPermission) -> list[GroupRule]:
        low = -1 if item.from_port is None else item.from_port
        high = -1 if item.to_port is None else item.to_port
        broken = ""
        try:
            protocol = protocol_number(item.ip_protocol)
        except ValueError:
            protocol, broken = None, f"protocol `{item.ip_protocol}`"
        peers: list[tuple[str, str, GroupPair | None, str]] = []
        peers += [(r.cidr_ip, "", None, r.cidr_ip) for r in item.ip_ranges]
        peers += [(r.cidr_ipv6, "", None, r.cidr_ipv6) for r in item.ipv6_ranges]
        peers += [("", p.prefix_list_id, None, p.prefix_list_id) for p in item.prefix_list_ids]
        peers += [("", "", pair, pair.group_id) for pair in item.user_id_group_pairs]
        found = []
        for cidr, prefix_list, pair, peer in peers:
            key = (group_id, egress, protocol, low, high, peer)
            text = f"{group_id}:{'egress' if egress else 'ingress'}:{_axis(protocol, low, high)}"
            wrong = broken
            if cidr and read_network(cidr) is None:
                wrong = f"CIDR `{cidr}`"
            found.append(
                GroupRule(
                    self._named.get(key, f"{text}:{peer}"),
                    protocol,
                    low,
                    high,
                    cidr,
                    prefix_list,
                    pair,
                    wrong,
                )
            )
        return found

    @cached_property
    def _named(self) -> dict[tuple[str, bool, int | None, int, int, str], str]:
        """The ids of rules (`sgr-…`), by what the rule says."""
        found = {}
        for region in self._atlas.inventory.regions:
            for rule in region.security_group_rules:
                try:
                    protocol = protocol_number(rule.ip_protocol)
                except ValueError:
                    continue
                key = (
                    rule.group_id,
                    rule.is_egress,
                    protocol,
                    rule.from_port,
                    rule.to_port,
                    _peer(rule),
                )
                found[key] = rule.security_group_rule_id
        return found

    def decide(
        self, nic: Nic, header: Header, egress: bool, journey: Journey, find: Finder
    ) -> Decision:
        """Whether the packet may pass: N1 (groups add up), N2 (no rule, no traffic)."""
        if not nic.filtered:
            return Decision(Truth.YES)
        if not nic.groups:
            gap = Gap(f"security groups of {nic.label}", "", "the description lists none")
            return Decision(Truth.UNKNOWN, (), (gap,))
        gaps: list[Gap] = []
        for group_id in nic.groups:
            rules = self.rules(group_id, egress)
            if rules is None:
                gaps.append(self._undescribed(group_id, nic.vpc))
                continue
            for rule in rules:
                if not rule.covers(header.protocol, header.port):
                    continue
                answer = self._peer_matches(rule, nic, header, egress, journey, find)
                if answer.truth is Truth.YES:
                    return Decision(Truth.YES, (rule.id,))
                gaps += answer.gaps
        if gaps:
            return Decision(Truth.UNKNOWN, (), tuple(dict.fromkeys(gaps)))
        return Decision(Truth.NO)

    def _undescribed(self, group_id: str, vpc: str) -> Gap:
        gap = self._atlas.missing("SecurityGroups", vpc)
        return gap or Gap(f"security-group {group_id}", vpc, "not in the snapshot")

    def _peer_matches(
        self,
        rule: GroupRule,
        nic: Nic,
        header: Header,
        egress: bool,
        journey: Journey,
        find: Finder,
    ) -> Decision:
        address = header.destination if egress else header.source
        if rule.broken:
            gap = Gap(f"rule {rule.id}", nic.vpc, f"{rule.broken} cannot be read")
            return Decision(Truth.UNKNOWN, (), (gap,))
        if rule.cidr:
            net = read_network(rule.cidr)
            return Decision(Truth.of(net is not None and address in net))
        if rule.prefix_list:
            return self.in_prefix_list(rule.prefix_list, address, nic.vpc)
        if rule.pair is not None:
            return self._references(rule.pair, nic, address, egress, journey, find)
        return Decision(Truth.NO)

    def in_prefix_list(self, prefix_list: str, address: IP, vpc: str) -> Decision:
        """N10: a list whose entries were not collected may hold the address or not.

        One of AWS's own holds no private address: it lists the services.
        """
        cidrs = self._atlas.inventory.prefix_list_cidrs.get(prefix_list)
        if cidrs is None:
            private = any(address in net for net in _PRIVATE)
            if private and prefix_list in self._atlas.inventory.aws_prefix_lists:
                return Decision(Truth.NO)
            region = self._atlas.region_of(vpc)
            failed = region.failure("PrefixListEntries") if region is not None else None
            gap = failed or Gap(
                "ec2:GetManagedPrefixListEntries",
                prefix_list,
                "not in the snapshot",
                "PrefixListEntries",
            )
            return Decision(Truth.UNKNOWN, (), (gap,))
        nets = map(read_network, cidrs)
        return Decision(Truth.of(any(net is not None and address in net for net in nets)))

    def _references(
        self,
        pair: GroupPair,
        nic: Nic,
        address: IP,
        egress: bool,
        journey: Journey,
        find: Finder,
    ) -> Decision:
        """N4–N9: the private addresses of the members' interfaces, where they can be seen."""
        if not egress and pair.group_id in journey.also:
            return Decision(Truth.YES)
        if journey.middlebox or not self._carries_references(pair, egress, journey):
            return Decision(Truth.NO)
        holders = find(journey.vpc, address)
        if any(pair.group_id in holder.groups for holder in holders):
            return Decision(Truth.YES)
        unknown = [name for h in holders for name in h.groups if is_unknown_id(name)]
        if unknown:
            # What is not made yet may come to be in any group.
            later = Gap(unknown[0], journey.vpc, "unknown until apply", "NetworkInterfaces")
            return Decision(Truth.UNKNOWN, (), (later,))
        if holders:
            return Decision(Truth.NO)
        gap = self._atlas.missing("NetworkInterfaces", journey.vpc)
        if gap is None and self._atlas.region_of(journey.vpc) is None:
            gap = Gap(
                f"members of security-group {pair.group_id}",
                journey.vpc,
                "the VPC is not in the snapshot",
            )
        return Decision(Truth.NO) if gap is None else Decision(Truth.UNKNOWN, (), (gap,))

    def _carries_references(self, pair: GroupPair, egress: bool, journey: Journey) -> bool:
        if journey.way is Way.LOCAL:
            return True
        if pair.peering_status not in ("", "active"):
            return False  # N7: stale
        if journey.way is Way.PEERING:
            peering = self._atlas.inventory.peerings.get(journey.via)
            if peering is None or peering.status.code != "active":
                return False
            ends = (peering.requester_vpc_info.region, peering.accepter_vpc_info.region)
            return ends[0] == ends[1] or "" in ends
        # N6, N8: over a transit gateway for ingress only; the walk leaves `vpc` empty where
        # the option is off somewhere.
        return (
            journey.way is Way.TRANSIT and not egress and not journey.across and bool(journey.vpc)
        )


def _peer(rule: SecurityGroupRule) -> str:
    if rule.referenced_group_info is not None:
        return rule.referenced_group_info.group_id
    return rule.cidr_ipv4 or rule.cidr_ipv6 or rule.prefix_list_id


def _axis(protocol: int | None, low: int, high: int) -> str:
    if protocol is None:
        return "all"
    name = protocol_name(protocol)
    if protocol in protocols_with_ports and low != -1:
        return f"{name}/{low}" if low == high else f"{name}/{low}-{high}"
    if protocol in (ICMP, ICMP_V6) and low != -1:
        return f"{name}/{low}" if high == -1 else f"{name}/{low}/{high}"
    return name
