"""Changes to security groups: rules taken out, narrowed or put in, and who is in a group."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from mute_audit.address import Address
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.base import name_of
from mute_audit.inventory.network import (
    GroupPair,
    IpPermission,
    IpRange,
    Ipv6Range,
    NetworkInterface,
    SecurityGroup,
    SecurityGroupRule,
)
from mute_audit.network.portspec import protocol_name, protocol_number, protocols_with_ports
from mute_audit.repair.change import Apply, Candidate, aws, candidate, changed, in_region

__all__ = [
    "GroupRules",
    "Rule",
    "add_rule",
    "leave_group",
    "narrow_rule",
    "permission",
    "remove_rule",
]


@dataclass(frozen=True)
class Rule:
    """One peer of one permission of a group; `id` is `sgr-…` where AWS has told it.

    `called` is the name of a peer that is a group.
    """

    id: str
    group: SecurityGroup
    address: Address
    egress: bool
    permission: IpPermission
    peer: str
    called: str = ""

    @property
    def what(self) -> str:
        """As in `tcp/5432 ← 10.0.0.0/16`."""
        peer = self.called or self.peer
        return f"{_axis(self.permission)} {'→' if self.egress else '←'} {peer}"

    @property
    def is_pair(self) -> bool:
        return any(pair.group_id == self.peer for pair in self.permission.user_id_group_pairs)


class GroupRules:
    """The rules of an estate by the ids that evidence calls them by."""

    def __init__(self, inventory: Inventory) -> None:
        self._by_id: dict[str, Rule] = {}
        names = {
            key: name_of(g.tags) or g.group_name for key, g in inventory.security_groups.items()
        }
        for region in inventory.regions:
            named = {_said(rule): rule.security_group_rule_id for rule in _readable(region)}
            for group in region.security_groups:
                for rule in _rules(region, group, named):
                    self._by_id[rule.id] = replace(rule, called=names.get(rule.peer, ""))

    def get(self, name: str) -> Rule | None:
        return self._by_id.get(name)


def remove_rule(rule: Rule) -> Candidate:
    """Without the rule."""
    code = "remove-outbound-rule" if rule.egress else "remove-inbound-rule"
    verb = "revoke-security-group-egress" if rule.egress else "revoke-security-group-ingress"
    which = (
        ("--security-group-rule-ids", rule.id)
        if rule.id.startswith("sgr-")
        else ("--ip-permissions", json.dumps([_as_aws(rule)]))
    )
    return candidate(
        code,
        rule.address,
        {"rule": rule.id, "group": rule.address.label, "what": rule.what},
        aws(rule.address, "ec2", verb, "--group-id", rule.group.group_id, *which),
        _edit_group(rule, lambda permissions: _without(permissions, rule)),
    )


def narrow_rule(rule: Rule, cidr: str) -> Candidate:
    """With another source in the place of the rule's."""
    removed = remove_rule(rule)
    range_ = IpRange(cidr)
    put = changed(
        rule.permission,
        ip_ranges=(range_,),
        ipv6_ranges=(),
        prefix_list_ids=(),
        user_id_group_pairs=(),
    )
    allowed = Rule("", rule.group, rule.address, rule.egress, put, cidr)
    verb = "authorize-security-group-ingress"
    add = aws(
        rule.address,
        "ec2",
        verb,
        "--group-id",
        rule.group.group_id,
        "--ip-permissions",
        json.dumps([_as_aws(allowed)]),
    )
    return candidate(
        "narrow-inbound-rule",
        rule.address,
        {"rule": rule.id, "group": rule.address.label, "what": rule.what, "to": cidr},
        f"{removed.changes[0].command}\n{add}" if add else "",
        _edit_group(rule, lambda permissions: (*_without(permissions, rule), put)),
        cost=1,
    )


def add_rule(
    region: RegionInventory, group: SecurityGroup, permission: IpPermission, *, egress: bool
) -> Candidate:
    """With one rule more."""
    address = _address(region, group)
    (peer,) = _peers(permission)
    named = (g for g in region.security_groups if g.group_id == peer)
    called = next((name_of(g.tags) or g.group_name for g in named), "")
    rule = Rule("", group, address, egress, permission, peer, called)
    verb = "authorize-security-group-egress" if egress else "authorize-security-group-ingress"
    return candidate(
        "add-outbound-rule" if egress else "add-inbound-rule",
        address,
        {"group": address.label, "what": rule.what},
        aws(
            address,
            "ec2",
            verb,
            "--group-id",
            group.group_id,
            "--ip-permissions",
            json.dumps([_as_aws(rule)]),
        ),
        _edit_group(rule, lambda permissions: (*permissions, permission)),
    )


def leave_group(
    region: RegionInventory, host: Address, enis: Iterable[NetworkInterface], group: str
) -> Candidate | None:
    """With `host` out of a group; None where it is its only one: AWS asks for one at least."""
    mine = [eni for eni in enis if any(item.group_id == group for item in eni.groups)]
    if not mine or any(len(eni.groups) < 2 for eni in mine):
        return None
    names = {eni.network_interface_id for eni in mine}
    known = {item.group_id: item.group_name for eni in mine for item in eni.groups}

    def leaving(eni: NetworkInterface) -> NetworkInterface:
        if eni.network_interface_id not in names:
            return eni
        return changed(eni, groups=tuple(g for g in eni.groups if g.group_id != group))

    def edit(each: RegionInventory) -> RegionInventory:
        reservations = tuple(
            changed(
                block,
                instances=tuple(
                    changed(
                        item,
                        network_interfaces=tuple(map(leaving, item.network_interfaces)),
                        security_groups=tuple(
                            g
                            for g in item.security_groups
                            if item.instance_id != host.id or g.group_id != group
                        ),
                    )
                    for item in block.instances
                ),
            )
            for block in each.reservations
        )
        return changed(
            each,
            network_interfaces=tuple(map(leaving, each.network_interfaces)),
            reservations=reservations,
        )

    commands = [
        aws(
            host,
            "ec2",
            "modify-network-interface-attribute",
            "--network-interface-id",
            eni.network_interface_id,
            "--groups",
            *(item.group_id for item in eni.groups if item.group_id != group),
        )
        for eni in mine
    ]
    return candidate(
        "leave-group",
        host,
        {"group": known[group] or group, "host": host.label},
        "\n".join(filter(None, commands)),
        in_region(region.account, region.region, edit),
        cost=1,
    )


# --- rules ------------------------------------------------------------------------------------


def _rules(
    region: RegionInventory, group: SecurityGroup, named: dict[tuple[object, ...], str]
) -> Iterator[Rule]:
    address = _address(region, group)
    for egress, permissions in (
        (False, group.ip_permissions),
        (True, group.ip_permissions_egress),
    ):
        for permission in permissions:
            for peer in _peers(permission):
                key = (group.group_id, egress, *_numbers(permission), peer)
                side = "egress" if egress else "ingress"
                text = f"{group.group_id}:{side}:{_axis(permission)}:{peer}"
                yield Rule(named.get(key, text), group, address, egress, permission, peer)


def _readable(region: RegionInventory) -> Iterator[SecurityGroupRule]:
    for rule in region.security_group_rules:
        try:
            protocol_number(rule.ip_protocol)
        except ValueError:
            continue
        yield rule


def _said(rule: SecurityGroupRule) -> tuple[object, ...]:
    other = rule.referenced_group_info.group_id if rule.referenced_group_info else ""
    peer = rule.cidr_ipv4 or rule.cidr_ipv6 or rule.prefix_list_id or other
    protocol = protocol_number(rule.ip_protocol)
    return (rule.group_id, rule.is_egress, protocol, rule.from_port, rule.to_port, peer)


def _numbers(permission: IpPermission) -> tuple[int | None, int, int]:
    try:
        protocol = protocol_number(permission.ip_protocol)
    except ValueError:
        protocol = None
    low = -1 if permission.from_port is None else permission.from_port
    high = -1 if permission.to_port is None else permission.to_port
    return protocol, low, high


def _axis(permission: IpPermission) -> str:
    protocol, low, high = _numbers(permission)
    if protocol is None:
        return "all"
    name = protocol_name(protocol)
    if low == -1:
        return name
    if protocol in protocols_with_ports:
        return f"{name}/{low}" if low == high else f"{name}/{low}-{high}"
    return f"{name}/{low}" if high == -1 else f"{name}/{low}/{high}"


def _peers(permission: IpPermission) -> tuple[str, ...]:
    return (
        *(item.cidr_ip for item in permission.ip_ranges),
        *(item.cidr_ipv6 for item in permission.ipv6_ranges),
        *(item.prefix_list_id for item in permission.prefix_list_ids),
        *(item.group_id for item in permission.user_id_group_pairs),
    )


def _without(permissions: tuple[IpPermission, ...], rule: Rule) -> tuple[IpPermission, ...]:
    left = []
    for each in permissions:
        if each != rule.permission:
            left.append(each)
            continue
        kept = changed(
            each,
            ip_ranges=tuple(i for i in each.ip_ranges if i.cidr_ip != rule.peer),
            ipv6_ranges=tuple(i for i in each.ipv6_ranges if i.cidr_ipv6 != rule.peer),
            prefix_list_ids=tuple(i for i in each.prefix_list_ids if i.prefix_list_id != rule.peer),
            user_id_group_pairs=tuple(
                i for i in each.user_id_group_pairs if i.group_id != rule.peer
            ),
        )
        if _peers(kept):
            left.append(kept)
    return tuple(left)


def _edit_group(
    rule: Rule, edit: Callable[[tuple[IpPermission, ...]], tuple[IpPermission, ...]]
) -> Apply:
    def group(each: SecurityGroup) -> SecurityGroup:
        if each.group_id != rule.group.group_id:
            return each
        if rule.egress:
            return changed(each, ip_permissions_egress=edit(each.ip_permissions_egress))
        return changed(each, ip_permissions=edit(each.ip_permissions))

    def region(each: RegionInventory) -> RegionInventory:
        return changed(each, security_groups=tuple(map(group, each.security_groups)))

    return in_region(rule.address.account, rule.address.region, region)


def _as_aws(rule: Rule) -> dict[str, object]:
    """The permission with this one peer, as the command line takes it."""
    permission = rule.permission
    found: dict[str, object] = {"IpProtocol": permission.ip_protocol}
    if permission.from_port is not None:
        found |= {"FromPort": permission.from_port, "ToPort": permission.to_port}
    if rule.is_pair:
        found["UserIdGroupPairs"] = [{"GroupId": rule.peer}]
    elif rule.peer in (item.prefix_list_id for item in permission.prefix_list_ids):
        found["PrefixListIds"] = [{"PrefixListId": rule.peer}]
    elif ":" in rule.peer:
        found["Ipv6Ranges"] = [{"CidrIpv6": rule.peer}]
    else:
        found["IpRanges"] = [{"CidrIp": rule.peer}]
    return found


def _address(region: RegionInventory, group: SecurityGroup) -> Address:
    name = name_of(group.tags) or group.group_name
    return Address("ec2.security-group", group.group_id, name, region.account, region.region)


def permission(
    protocol: str, low: int | None, high: int | None, *, cidr: str = "", group: str = ""
) -> IpPermission:
    """A permission with one peer."""
    return IpPermission(
        protocol,
        low,
        high,
        ip_ranges=(IpRange(cidr),) if cidr and ":" not in cidr else (),
        ipv6_ranges=(Ipv6Range(cidr),) if ":" in cidr else (),
        user_id_group_pairs=(GroupPair(group),) if group else (),
    )
