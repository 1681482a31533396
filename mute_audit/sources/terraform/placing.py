"""In which subnet something stands whose subnet is only known to be one of several.

As long as nothing that is given tells those subnets apart, every choice gives the same verdicts,
and the first is as good as the one that it will be.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from mute_audit.sources.terraform.estate import Item, unknown_id
from mute_audit.sources.terraform.out import Doc, Out

__all__ = ["given_cidrs", "subnet_of"]

_Net = IPv4Network | IPv6Network


def subnet_of(item: Item, value: Any, out: Out) -> str:
    """The id of a subnet; one of its own, which nothing has, where it cannot be told."""
    found = item.estate.id_in(value, "subnet_id", item)
    if found != unknown_id("subnet_id", item):
        return found
    choices = item.estate.choices(value, "subnet_id") or []
    docs = [out.get("Subnets", name) for name in choices]
    if not docs or not _alike([doc for doc in docs if doc is not None], len(docs), out):
        return found
    out.notes.append(f"{item.address} is taken to stand in {choices[0]}: the others are alike")
    return choices[0]


def _alike(docs: list[Doc], wanted: int, out: Out) -> bool:
    if len(docs) < wanted or any(not doc["CidrBlock"] for doc in docs):
        return False
    zones = {doc["AvailabilityZone"] for doc in docs}
    if len(zones) > 1 and any(True for _ in out.each("TransitGatewayVpcAttachments")):
        return False
    if len({_signature(doc, out, ()) for doc in docs}) > 1:
        return False
    nets = [ip_network(doc["CidrBlock"], strict=False) for doc in docs]
    return all(_same_relation(nets, text) for text in given_cidrs(out))


def _same_relation(nets: list[_Net], text: str) -> bool:
    """Whether a CIDR holds all of these networks, or none of their addresses."""
    try:
        given = ip_network(text, strict=False)
    except ValueError:
        return False
    if given.version != nets[0].version:
        return True
    held = [net.subnet_of(given) for net in nets]  # type: ignore[arg-type]
    return all(held) or not any(net.overlaps(given) for net in nets)


def _signature(subnet: Doc, out: Out, seen: tuple[str, ...]) -> tuple[Any, ...]:
    """All that decides over a subnet's packets, but its addresses."""
    name = subnet["SubnetId"]
    return (
        subnet["VpcId"],
        subnet["MapPublicIpOnLaunch"],
        bool(subnet.get("Ipv6CidrBlockAssociationSet")),
        _acl(name, out),
        _table(name, subnet["VpcId"], out, (*seen, name)),
    )


def _acl(subnet: str, out: Out) -> str:
    doc = out.marks.get(("acl", subnet))
    return str(doc["NetworkAclId"]) if doc is not None else "default"


def _table(subnet: str, vpc_id: str, out: Out, seen: tuple[str, ...]) -> tuple[Any, ...]:
    doc = out.marks.get(("table", subnet, ""))
    for _, other in out.each("RouteTables") if doc is None else ():
        main = any(link.get("Main") for link in other["Associations"])
        doc = other if main and other["VpcId"] == vpc_id else doc
    return tuple(sorted(_route(one, out, seen) for one in doc["Routes"])) if doc is not None else ()


def _route(route: Doc, out: Out, seen: tuple[str, ...]) -> tuple[str, ...]:
    """Two NAT gateways of one sort in subnets of one sort are the same."""
    fields = {k: v for k, v in route.items() if k != "NatGatewayId"}
    texts = tuple(f"{key}={value}" for key, value in sorted(fields.items()))
    name = str(route.get("NatGatewayId", ""))
    gateway = out.get("NatGateways", name) if name else None
    home = out.get("Subnets", gateway["SubnetId"]) if gateway is not None else None
    if gateway is None or home is None or home["SubnetId"] in seen:
        return (*texts, name)
    return (*texts, gateway["ConnectivityType"], repr(_signature(home, out, seen)))


def given_cidrs(out: Out) -> Iterator[str]:
    """Every CIDR that a rule, ACL entry, route or prefix list names."""
    for _, doc in out.each("SecurityGroups"):
        for field in ("IpPermissions", "IpPermissionsEgress"):
            for rule in doc.get(field, ()):
                yield from (one["CidrIp"] for one in rule.get("IpRanges", ()))
    for _, doc in out.each("NetworkAcls"):
        yield from (one["CidrBlock"] for one in doc.get("Entries", ()) if "CidrBlock" in one)
    for _, doc in out.each("RouteTables"):
        fields = (one.get("DestinationCidrBlock") for one in doc.get("Routes", ()))
        yield from (text for text in fields if text)
    for _, doc in out.each("PrefixListEntries"):
        yield from (one["Cidr"] for one in doc.get("Entries", ()))
