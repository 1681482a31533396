"""Whether everything that a baseline names is there, and nothing contradicts itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from ipaddress import ip_network
from typing import TYPE_CHECKING

from mute_audit.finding import Location
from mute_audit.intent import resources
from mute_audit.intent.fields import canonical_cidr
from mute_audit.intent.validation import field_path, similar

if TYPE_CHECKING:
    from mute_audit.intent.baseline import Baseline

__all__ = ["AWS_ID", "OTHER_TYPES", "SCOPED_SECTIONS", "VPC_SECTIONS", "broken", "is_cidr"]

Problem = tuple[Location, str]

# `sg-0123456789abcdef0`, `tgw-attach-…`, and a group of another account `123456789012/sg-…`.
AWS_ID = re.compile(r"(?:\d{12}/)?[a-z]+(?:-[a-z]+)*-[0-9a-f]{8,32}")

VPC_SECTIONS = (
    "subnets",
    "route_tables",
    "internet_gateways",
    "nat_gateways",
    "network_acls",
    "security_groups",
    "instances",
)
SCOPED_SECTIONS = ("buckets", "databases", "repositories", "users")

# What `others` may name: kinds without a section of which the drift check knows where they are.
OTHER_TYPES = (
    "ec2.egress-only-internet-gateway",
    "ec2.network-interface",
    "ec2.transit-gateway-attachment",
    "ec2.vpc-endpoint",
    "ec2.vpc-peering-connection",
    "ec2.vpn-gateway",
    "ecs.service",
    "ecs.task",
    "elbv2.load-balancer",
    "lambda.function",
)


def is_cidr(text: str) -> bool:
    """Whether `text` is written like a network (`10.0.0.0/8`, `::/0`), right or wrong."""
    return "/" in text and not AWS_ID.fullmatch(text)


def broken(baseline: Baseline) -> Iterator[Problem]:
    """Every relation that leads nowhere and every contradiction, with its place."""
    yield from _scope(baseline)
    yield from _vpcs(baseline)
    yield from _names(baseline)
    yield from _networks(baseline)
    yield from _rules(baseline)
    yield from _workloads(baseline)


def _known(
    baseline: Baseline,
    steps: tuple[str | int, ...],
    names: Iterable[str],
    known: Iterable[str],
    what: str,
    ids: bool = True,
) -> Iterator[Problem]:
    known = set(known)
    for name in names:
        if name and name not in known and not (ids and AWS_ID.fullmatch(name)):
            text = f"`{field_path(steps)}`: `{name}` is not one of {what}{similar(name, known)}"
            yield baseline.locate(*steps), text


def _scope(baseline: Baseline) -> Iterator[Problem]:
    file = baseline.file
    yield from _known(baseline, ("scope", "vpcs"), file.scope.vpcs, file.vpcs, "`vpcs`", ids=False)
    for type in file.others:
        if type not in OTHER_TYPES:
            message = f"unknown type `{type}`; one of {', '.join(OTHER_TYPES)}"
            yield baseline.document.locate_key(("others", type)), message
    for section in SCOPED_SECTIONS:
        patterns = getattr(file.scope, section)
        entries: Mapping[str, resources.Described] = getattr(file, section)
        for key, entry in entries.items():
            name = entry.name or key
            if patterns and not any(fnmatchcase(name, pattern) for pattern in patterns):
                yield (
                    baseline.locate(section, key),
                    f"`{section}.{key}` is described but lies outside `scope.{section}`",
                )


def _vpcs(baseline: Baseline) -> Iterator[Problem]:
    file = baseline.file
    for section in (*VPC_SECTIONS, "databases"):
        entries: Mapping[str, resources.InVpc] = getattr(file, section)
        for key, entry in entries.items():
            if entry.vpc:
                steps = (section, key, "vpc")
                yield from _known(baseline, steps, [entry.vpc], file.vpcs, "`vpcs`", ids=False)
            elif len(file.vpcs) != 1:
                yield (
                    baseline.locate(section, key),
                    f"`{section}.{key}.vpc` is missing: {len(file.vpcs)} VPCs are described",
                )


def _names(baseline: Baseline) -> Iterator[Problem]:
    """Two entries that would be found by the same name."""
    for section in ("vpcs", *VPC_SECTIONS, *SCOPED_SECTIONS):
        seen: dict[tuple[str, str], str] = {}
        entries: Mapping[str, resources.Described] = getattr(baseline.file, section)
        for key, entry in entries.items():
            if isinstance(entry, resources.NetworkAcl) and entry.default:
                called = "its default ACL"
            else:
                called = entry.id or entry.name or key
            vpc = baseline.vpc_of(entry) if isinstance(entry, resources.InVpc) else ""
            first = seen.setdefault((vpc, called), key)
            if first != key:
                yield (
                    baseline.locate(section, key),
                    f"`{section}.{key}` and `{section}.{first}` both describe `{called}`",
                )


def _networks(baseline: Baseline) -> Iterator[Problem]:
    file = baseline.file
    blocks = {
        key: [ip_network(cidr) for cidr in vpc.cidrs]
        for key, vpc in file.vpcs.items()
        if vpc.states("cidrs")
    }
    for key, subnet in file.subnets.items():
        around = blocks.get(baseline.vpc_of(subnet))
        if subnet.cidr and around is not None:
            inner = ip_network(subnet.cidr)
            if not any(inner.version == b.version and inner.subnet_of(b) for b in around):  # type: ignore[arg-type]
                yield (
                    baseline.locate("subnets", key, "cidr"),
                    f"`subnets.{key}.cidr`: `{subnet.cidr}` lies outside of its VPC",
                )
    targets = {*file.internet_gateways, *file.nat_gateways, *file.instances}
    for section in ("route_tables", "network_acls"):
        taken: dict[str, str] = {}
        entries: Mapping[str, resources.RouteTable | resources.NetworkAcl] = getattr(file, section)
        for key, entry in entries.items():
            steps = (section, key, "subnets")
            yield from _known(baseline, steps, entry.subnets, file.subnets, "`subnets`")
            for name in entry.subnets:
                first = taken.setdefault(name, key)
                if first != key:
                    yield (
                        baseline.locate(*steps),
                        f"`{field_path(steps)}`: `{name}` belongs to `{first}` already",
                    )
    for key, table in file.route_tables.items():
        for destination, target in table.routes.items():
            route = ("route_tables", key, "routes", destination)
            if is_cidr(destination):
                yield from _network(baseline, route, destination)
            elif not AWS_ID.fullmatch(destination):
                text = f"`{destination}` is neither a network nor the id of a prefix list"
                yield baseline.document.locate_key(route), f"`{field_path(route[:3])}`: {text}"
            what = "the gateways and instances of this file"
            yield from _known(baseline, route, [target], targets, what)
    for key, gateway in file.nat_gateways.items():
        steps = ("nat_gateways", key, "subnet")
        yield from _known(baseline, steps, [gateway.subnet], file.subnets, "`subnets`")
    for key, acl in file.network_acls.items():
        for direction in ("ingress", "egress"):
            seen: set[int] = set()
            for position, item in enumerate(getattr(acl, direction)):
                at = ("network_acls", key, direction, position)
                if item.rule in seen:
                    yield baseline.locate(*at), f"`{field_path(at)}`: rule {item.rule} again"
                seen.add(item.rule)
                if len(item.ports) != 1:
                    yield baseline.locate(*at), f"`{field_path(at)}.ports`: one, not several"


def _network(baseline: Baseline, steps: tuple[str | int, ...], text: str) -> Iterator[Problem]:
    try:
        network = canonical_cidr(text)
    except ValueError:
        message = f"`{text}` is not a network such as `10.0.0.0/16`"
    else:
        if network == text:
            return
        message = f"`{text}` is not how AWS writes it; did you mean `{network}`?"
    yield baseline.locate(*steps), f"`{field_path(steps)}`: {message}"


def _rules(baseline: Baseline) -> Iterator[Problem]:
    groups = baseline.file.security_groups
    for key, group in groups.items():
        sides: tuple[tuple[str, str, list[tuple[str, ...]]], ...] = (
            ("ingress", "from", [rule.sources for rule in group.ingress]),
            ("egress", "to", [rule.destinations for rule in group.egress]),
        )
        for direction, field, rules in sides:
            for position, peers in enumerate(rules):
                steps = ("security_groups", key, direction, position, field)
                for peer in peers:
                    if is_cidr(peer):
                        yield from _network(baseline, steps, peer)
                    else:
                        yield from _known(baseline, steps, [peer], groups, "`security_groups`")


def _workloads(baseline: Baseline) -> Iterator[Problem]:
    file = baseline.file
    for key, instance in file.instances.items():
        at = ("instances", key)
        yield from _known(baseline, (*at, "subnet"), [instance.subnet], file.subnets, "`subnets`")
        yield from _known(
            baseline,
            (*at, "security_groups"),
            instance.security_groups,
            file.security_groups,
            "`security_groups`",
        )
        yield from _known(
            baseline, (*at, "image"), [instance.image], file.images, "`images`", ids=True
        )
    for key, database in file.databases.items():
        at = ("databases", key)
        yield from _known(baseline, (*at, "subnets"), database.subnets, file.subnets, "`subnets`")
        yield from _known(
            baseline,
            (*at, "security_groups"),
            database.security_groups,
            file.security_groups,
            "`security_groups`",
        )
