"""VPCs, subnets, gateways, addresses and interfaces."""

from __future__ import annotations

from typing import Any

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out

__all__ = ["along", "default_acls", "subnet", "vpc", "vpc_cidr"]

_ALLOW_ALL = [
    {
        "RuleNumber": number,
        "Protocol": "-1",
        "RuleAction": action,
        "Egress": egress,
        "CidrBlock": "0.0.0.0/0",
    }
    for egress in (True, False)
    for number, action in ((100, "allow"), (32767, "deny"))
]


def along(item: Item, name: str) -> str:
    """The id of what AWS makes along with a VPC: a Terraform reference until it is known."""
    known = item.known(name)
    text = str(known) if known else f"{item.address}.{name}"
    return item.estate.aliases.get(text, text)


def vpc(item: Item, out: Out) -> None:
    cidr = item.text("cidr_block")
    doc: Doc = {
        "VpcId": item.id,
        "CidrBlock": cidr,
        "IsDefault": item.type == "aws_default_vpc",
        "Tags": item.tags,
    }
    if cidr:
        doc["CidrBlockAssociationSet"] = [
            {"CidrBlock": cidr, "CidrBlockState": {"State": "associated"}}
        ]
    else:
        out.gap(f"cidr_block of {item.address}", item.address, "unknown until apply", "Vpcs")
    six = item.text("ipv6_cidr_block")
    if six:
        doc["Ipv6CidrBlockAssociationSet"] = [
            {"Ipv6CidrBlock": six, "Ipv6CidrBlockState": {"State": "associated"}}
        ]
    out.put("Vpcs", item.home, item.id, doc)
    _main_table(item, cidr, six, out)
    _default_acl(item, out)
    _default_group(item, out)


def _main_table(item: Item, cidr: str, six: str, out: Out) -> None:
    name = along(item, "main_route_table_id")
    if out.get("RouteTables", name) is not None:
        return
    routes = [
        {family: block, "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}
        for family, block in (("DestinationCidrBlock", cidr), ("DestinationIpv6CidrBlock", six))
        if block
    ]
    out.put(
        "RouteTables",
        item.home,
        name,
        {
            "RouteTableId": name,
            "VpcId": item.id,
            "Routes": routes,
            "Associations": [{"Main": True, "RouteTableAssociationId": f"main of {item.id}"}],
        },
    )


def _default_acl(item: Item, out: Out) -> None:
    name = along(item, "default_network_acl_id")
    if out.get("NetworkAcls", name) is None:
        entries: list[dict[str, Any]] = [dict(entry) for entry in _ALLOW_ALL]
        doc = {"NetworkAclId": name, "VpcId": item.id, "IsDefault": True, "Entries": entries}
        out.put("NetworkAcls", item.home, name, {**doc, "Associations": []})


def _default_group(item: Item, out: Out) -> None:
    name = along(item, "default_security_group_id")
    if out.get("SecurityGroups", name) is not None:
        return
    itself = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": name}]}
    everyone = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    out.put(
        "SecurityGroups",
        item.home,
        name,
        {
            "GroupId": name,
            "GroupName": "default",
            "VpcId": item.id,
            "IpPermissions": [itself],
            "IpPermissionsEgress": [everyone],
        },
    )


def vpc_cidr(item: Item, out: Out) -> None:
    """A secondary block (N23)."""
    doc = out.get("Vpcs", item.ref("vpc_id"))
    if doc is None:
        return
    for field, name in (("cidr_block", "CidrBlock"), ("ipv6_cidr_block", "Ipv6CidrBlock")):
        block = item.text(field)
        if block:
            doc.setdefault(f"{name}AssociationSet", []).append(
                {name: block, f"{name}State": {"State": "associated"}}
            )


def subnet(item: Item, out: Out) -> None:
    if item.untold("vpc_id"):
        # Not described, and nothing is in it: in a VPC of its own it would be cut off from all.
        unknown = f"subnet {item.address} of a VPC that is unknown until apply"
        item.estate.aliases[item.id] = unknown
        out.gap(f"VPC of {item.address}", item.id, "vpc_id is unknown until apply", "Subnets")
        return
    doc: Doc = {
        "SubnetId": item.id,
        "VpcId": item.ref("vpc_id"),
        "CidrBlock": item.text("cidr_block"),
        "AvailabilityZone": item.text("availability_zone"),
        "AvailabilityZoneId": item.text("availability_zone_id"),
        "MapPublicIpOnLaunch": item.flag("map_public_ip_on_launch"),
        "Tags": item.tags,
    }
    six = item.text("ipv6_cidr_block")
    if six:
        doc["Ipv6CidrBlockAssociationSet"] = [
            {"Ipv6CidrBlock": six, "Ipv6CidrBlockState": {"State": "associated"}}
        ]
    out.put("Subnets", item.home, item.id, doc)


def default_acls(out: Out) -> None:
    """A subnet has its VPC's default ACL until another one is associated (N17)."""
    taken = {a.get("SubnetId") for _, d in out.each("NetworkAcls") for a in d["Associations"]}
    default = {d["VpcId"]: d for _, d in out.each("NetworkAcls") if d.get("IsDefault")}
    for name, doc in out.each("Subnets"):
        acl = default.get(doc["VpcId"])
        if acl is not None and name not in taken:
            acl["Associations"].append({"SubnetId": name, "NetworkAclId": acl["NetworkAclId"]})
