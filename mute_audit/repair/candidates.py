"""Which changes come into question for a finding: by the rules, hops and blockers of its proof."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Network, ip_network

from mute_audit.address import Address
from mute_audit.finding import Blocker, Finding, Hop
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.network.places import Directory
from mute_audit.policy.model import BasePolicy, ReachExposure, ReachOnly
from mute_audit.repair import access, groups, hosts, routes
from mute_audit.repair.change import Candidate, together

__all__ = ["Candidates"]

_ENTRY = re.compile(r"entry (\S+) denies")
_PORTS = re.compile(r"(tcp|udp)/(\d+)(?:-(\d+))?")
_SENDERS = ("ec2.instance", "rds.instance", "elbv2.load-balancer", "lambda.function", "ecs.service")
_HOSTS = frozenset({"instance", "interface", "network-interface"})


class Candidates:
    """Looks up what evidence names in one estate."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._rules = groups.GroupRules(inventory)
        self._directory = Directory(inventory)

    def of(self, policy: BasePolicy, finding: Finding) -> Iterator[Candidate]:
        """The candidates for one finding; the likeliest first."""
        code, resource = finding.code, finding.resource
        if code in ("reach.forbidden", "reach.wrong_way"):
            yield from self._shut(policy, finding)
        elif code == "reach.missing":
            yield from self._open(finding)
        elif code in ("s3.write_public", "s3.outside_access"):
            for label in finding.evidence.rules:
                actions = tuple(finding.params["action"].split(", "))
                yield from access.bucket_policy(self.inventory, resource, label, actions)
        elif code in ("ecr.public", "ecr.outside_access"):
            for label in finding.evidence.rules:
                actions = tuple(finding.params["action"].split(", "))
                yield from access.repository_policy(self.inventory, resource, label, actions)
        elif code.startswith("iam."):
            name = finding.params.get("policy") or finding.params.get("group") or ""
            if name:
                yield from access.user_policies(self.inventory, resource, code, name)

    # --- what must be shut --------------------------------------------------------------------

    def _shut(self, policy: BasePolicy, finding: Finding) -> Iterator[Candidate]:
        path = finding.evidence.path
        for name in finding.evidence.rules:
            rule = self._rules.get(name)
            if rule is not None and not rule.egress:
                yield groups.remove_rule(rule)
                if not rule.is_pair:
                    for cidr in _cidrs(policy):
                        if _is_within(cidr, rule.peer):
                            yield groups.narrow_rule(rule, cidr)
                else:
                    yield from self._leave(path[0], rule.peer)
            route = routes.route_named(self.inventory, name)
            if route is not None:
                yield from routes.route_ways(*route)
        for hop in path:
            yield from self._at(hop)

    def _leave(self, hop: Hop, group: str) -> Iterator[Candidate]:
        """Without the sender in the group that is let in."""
        region = self._region_of_host(hop)
        if region is not None:
            host = self._host(hop, region)
            enis = hosts.interfaces_of(region, hop.id)
            left = groups.leave_group(region, host, enis, group)
            if left is not None:
                yield left

    def _at(self, hop: Hop) -> Iterator[Candidate]:
        """What could be changed at one step of the way."""
        if hop.kind == "subnet":
            for region in self.inventory.regions:
                yield from routes.associations(region, hop.id)
        if hop.kind == "database":
            for region in self.inventory.regions:
                address = Address("rds.instance", hop.id, hop.name, region.account, region.region)
                hidden = hosts.unpublish(region, address)
                if hidden is not None:
                    yield hidden
        region_ = self._region_of_host(hop)
        if region_ is not None:
            host, enis = self._host(hop, region_), hosts.interfaces_of(region_, hop.id)
            for made in (
                hosts.check_source(region_, host, enis),
                hosts.drop_public_address(region_, host, enis),
            ):
                if made is not None:
                    yield made

    # --- what must be open --------------------------------------------------------------------

    def _open(self, finding: Finding) -> Iterator[Candidate]:
        """One candidate for each blocker, and all of them together."""
        each: list[Candidate] = []
        for blocker in finding.evidence.blockers:
            ways = list(self._past(finding, blocker))
            yield from ways
            each += ways[:1]
        if len(each) > 1:
            whole = each[0]
            for more in each[1:]:
                whole = together(whole, more)
            yield whole
        for name in finding.evidence.rules:
            route = routes.route_named(self.inventory, name)
            if route is not None:
                yield from routes.route_ways(*route)
        for hop in finding.evidence.path:
            if hop.kind == "subnet":
                for region in self.inventory.regions:
                    yield from routes.associations(region, hop.id)

    def _past(self, finding: Finding, blocker: Blocker) -> Iterator[Candidate]:
        if blocker.code in ("no-ingress-rule", "no-egress-rule"):
            yield from self._let(finding, blocker)
        elif blocker.code == "acl-denied":
            match = _ENTRY.match(blocker.detail)
            entry = routes.acl_entry(self.inventory, match[1]) if match else None
            if (
                entry is not None
                and entry[2].rule_action == "deny"
                and entry[2].rule_number < 32767
            ):
                yield routes.remove_entry(*entry)
        elif blocker.code == "stopped":
            for region in self.inventory.regions:
                name = self._name(blocker.id)
                host = Address("ec2.instance", blocker.id, name, region.account, region.region)
                started = hosts.start_host(region, host)
                if started is not None:
                    yield started

    def _let(self, finding: Finding, blocker: Blocker) -> Iterator[Candidate]:
        """A rule more in the group that stops the packet, from the other end's group or address."""
        match = _PORTS.fullmatch(finding.params["port"])
        packet = finding.evidence.witness
        if match is None or packet is None:
            return
        low, high = int(match[2]), int(match[3] or match[2])
        egress = blocker.code == "no-egress-rule"
        other = finding.params["target" if egress else "source"]
        if other == "internet":
            peer = {"cidr": "0.0.0.0/0"}
        elif other.startswith("internet:"):
            peer = {"cidr": other.removeprefix("internet:")}
        else:
            mine = self._group_of(finding, egress=egress)
            address = packet.destination if egress else packet.source
            plain = f"{address}/{128 if ':' in address else 32}"
            peer = {"group": mine} if mine else {"cidr": plain}
        for region in self.inventory.regions:
            for group in region.security_groups:
                if group.group_id == blocker.id:
                    made = groups.permission(match[1], low, high, **peer)
                    yield groups.add_rule(region, group, made, egress=egress)

    def _group_of(self, finding: Finding, *, egress: bool) -> str:
        """The other end's group with the fewest others in it, whom a rule lets in as well.

        Empty where the other end is a network, or no group is described.
        """
        path = finding.evidence.path
        ends = [(finding.resource.type, finding.resource.id)] if egress else []
        ends += [(kind, path[0].id) for kind in _SENDERS if path and not egress]
        for kind, identifier in ends:
            site = self._directory.by_id(kind, identifier)
            if site is not None and site.groups:
                return min(site.groups, key=self._sizes.__getitem__)
        return ""

    @cached_property
    def _sizes(self) -> Counter[str]:
        """How many places are in each group."""
        return Counter(group for site in self._directory.sites for group in site.groups)

    # --- hosts --------------------------------------------------------------------------------

    def _region_of_host(self, hop: Hop) -> RegionInventory | None:
        if hop.kind not in _HOSTS:
            return None
        return next((r for r in self.inventory.regions if hosts.interfaces_of(r, hop.id)), None)

    def _host(self, hop: Hop, region: RegionInventory) -> Address:
        kind = "ec2.instance" if hop.kind == "instance" else "ec2.network-interface"
        return Address(kind, hop.id, hop.name, region.account, region.region)

    def _name(self, identifier: str) -> str:
        site = self._directory.by_id("ec2.instance", identifier)
        return site.place.address.name if site is not None else ""


def _is_within(cidr: str, peer: str) -> bool:
    """Whether a network is a part of a rule's own: anything else would be let in newly."""
    try:
        inner, outer = ip_network(cidr), ip_network(peer)
    except ValueError:
        return False
    return (
        isinstance(inner, IPv4Network)
        and isinstance(outer, IPv4Network)
        and inner != outer
        and inner.subnet_of(outer)
    )


def _cidrs(policy: BasePolicy) -> tuple[str, ...]:
    """The networks that a policy lets in."""
    texts: tuple[str, ...] = ()
    if isinstance(policy, ReachOnly):
        texts = policy.from_
    if isinstance(policy, ReachExposure):
        texts = tuple(text for entry in policy.allow for text in entry.from_)
    found = (text.removeprefix("internet:") for text in texts)
    return tuple(dict.fromkeys(text for text in found if re.fullmatch(r"[\d.]+/\d+", text)))
