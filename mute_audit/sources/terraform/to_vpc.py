"""VPCs, subnets, gateways, addresses and interfaces."""

from __future__ import annotations

from typing import Any

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out, tags
from mute_audit.sources.terraform.values import Ref

__all__ = [
    "default_acls",
    "default_group",
    "egress_only_gateway",
    "eip",
    "eip_association",
    "interface_attachment",
    "interface_group",
    "internet_gateway",
    "internet_gateway_attachment",
    "nat_gateway",
    "network_interface",
    "subnet",
    "vpc",
    "vpc_cidr",
]

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


def _along(item: Item, name: str) -> str:
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
        "Tags": tags(item.get("tags_all") or item.get("tags")),
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
    out.put("Vpcs", item.region, item.id, doc)
    _main_table(item, cidr, six, out)
    _default_acl(item, out)
    _default_group(item, out)


def _main_table(item: Item, cidr: str, six: str, out: Out) -> None:
    name = _along(item, "main_route_table_id")
    if out.get("RouteTables", name) is not None:
        return
    routes = [
        {family: block, "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}
        for family, block in (("DestinationCidrBlock", cidr), ("DestinationIpv6CidrBlock", six))
        if block
    ]
    out.put(
        "RouteTables",
        item.region,
        name,
        {
            "RouteTableId": name,
            "VpcId": item.id,
            "Routes": routes,
            "Associations": [{"Main": True, "RouteTableAssociationId": f"main of {item.id}"}],
        },
    )


def _default_acl(item: Item, out: Out) -> None:
    name = _along(item, "default_network_acl_id")
    if out.get("NetworkAcls", name) is None:
        entries: list[dict[str, Any]] = [dict(entry) for entry in _ALLOW_ALL]
        doc = {"NetworkAclId": name, "VpcId": item.id, "IsDefault": True, "Entries": entries}
        out.put("NetworkAcls", item.region, name, {**doc, "Associations": []})


def _default_group(item: Item, out: Out) -> None:
    name = _along(item, "default_security_group_id")
    if out.get("SecurityGroups", name) is not None:
        return
    itself = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": name}]}
    everyone = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    out.put(
        "SecurityGroups",
        item.region,
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
    doc: Doc = {
        "SubnetId": item.id,
        "VpcId": item.ref("vpc_id"),
        "CidrBlock": item.text("cidr_block"),
        "AvailabilityZone": item.text("availability_zone"),
        "AvailabilityZoneId": item.text("availability_zone_id"),
        "MapPublicIpOnLaunch": item.flag("map_public_ip_on_launch"),
        "Tags": tags(item.get("tags_all") or item.get("tags")),
    }
    six = item.text("ipv6_cidr_block")
    if six:
        doc["Ipv6CidrBlockAssociationSet"] = [
            {"Ipv6CidrBlock": six, "Ipv6CidrBlockState": {"State": "associated"}}
        ]
    out.put("Subnets", item.region, item.id, doc)


def default_acls(out: Out) -> None:
    """A subnet has its VPC's default ACL until another one is associated (N17)."""
    taken = {a.get("SubnetId") for _, d in out.each("NetworkAcls") for a in d["Associations"]}
    default = {d["VpcId"]: d for _, d in out.each("NetworkAcls") if d.get("IsDefault")}
    for name, doc in out.each("Subnets"):
        acl = default.get(doc["VpcId"])
        if acl is not None and name not in taken:
            acl["Associations"].append({"SubnetId": name, "NetworkAclId": acl["NetworkAclId"]})


def internet_gateway(item: Item, out: Out) -> None:
    vpc_id = item.ref("vpc_id") if _attached_here(item) else ""
    out.put(
        "InternetGateways",
        item.region,
        item.id,
        {
            "InternetGatewayId": item.id,
            "Attachments": [{"VpcId": vpc_id, "State": "available"}] if vpc_id else [],
            "Tags": tags(item.get("tags_all") or item.get("tags")),
        },
    )


def _attached_here(item: Item) -> bool:
    """`vpc_id` is computed where an attachment resource attaches the gateway."""
    value = item.get("vpc_id")
    return not (isinstance(value, Ref) and value == Ref(item.address, ("vpc_id",)))


def internet_gateway_attachment(item: Item, out: Out) -> None:
    doc = out.get("InternetGateways", item.ref("internet_gateway_id"))
    if doc is not None:
        doc["Attachments"] = [{"VpcId": item.ref("vpc_id"), "State": "available"}]


def egress_only_gateway(item: Item, out: Out) -> None:
    out.put(
        "EgressOnlyInternetGateways",
        item.region,
        item.id,
        {
            "EgressOnlyInternetGatewayId": item.id,
            "Attachments": [{"VpcId": item.ref("vpc_id"), "State": "attached"}],
            "Tags": tags(item.get("tags_all") or item.get("tags")),
        },
    )


def nat_gateway(item: Item, out: Out) -> None:
    subnet_id = item.ref("subnet_id")
    home = item.estate.by_id.get(subnet_id)
    vpc_id = home.ref("vpc_id") if home is not None else _vpc_of(subnet_id, out)
    public = item.text("connectivity_type", "public") == "public"
    private = item.estate.private_of(item, subnet_id)
    allocation = item.ref("allocation_id") if public else ""
    interface = item.text("network_interface_id") or f"{item.address}.network_interface_id"
    address: Doc = {"NetworkInterfaceId": interface, "PrivateIp": private}
    association: Doc = {}
    if public:
        elastic = item.estate.by_id.get(allocation)
        shown = item.estate.public_of(elastic if elastic is not None else item)
        address |= {"PublicIp": shown, "AllocationId": allocation}
        association = {"PublicIp": shown, "AllocationId": allocation}
    name = tags(item.get("tags_all") or item.get("tags"))
    out.put(
        "NatGateways",
        item.region,
        item.id,
        {
            "NatGatewayId": item.id,
            "VpcId": vpc_id,
            "SubnetId": subnet_id,
            "State": "available",
            "ConnectivityType": "public" if public else "private",
            "NatGatewayAddresses": [address],
            "Tags": name,
        },
    )
    if private:
        _put_interface(
            out,
            item.region,
            {
                "NetworkInterfaceId": interface,
                "SubnetId": subnet_id,
                "VpcId": vpc_id,
                "PrivateIpAddress": private,
                "InterfaceType": "nat_gateway",
                "Description": f"Interface for NAT Gateway {item.id}",
                "RequesterManaged": True,
                "SourceDestCheck": False,
                "Status": "in-use",
                "Groups": [],
                **({"Association": association} if association else {}),
            },
        )


def _vpc_of(subnet_id: str, out: Out) -> str:
    doc = out.get("Subnets", subnet_id)
    return str(doc.get("VpcId", "")) if doc is not None else ""


def _put_interface(out: Out, region: str, doc: Doc) -> None:
    if doc.get("PrivateIpAddress"):
        one = {"PrivateIpAddress": doc["PrivateIpAddress"], "Primary": True}
        if doc.get("Association"):
            one["Association"] = doc["Association"]
        doc.setdefault("PrivateIpAddresses", []).insert(0, one)
    out.put("NetworkInterfaces", region, doc["NetworkInterfaceId"], doc)


def network_interface(item: Item, out: Out) -> None:
    subnet_id = item.ref("subnet_id")
    home = item.estate.by_id.get(subnet_id)
    vpc_id = home.ref("vpc_id") if home is not None else _vpc_of(subnet_id, out)
    groups = item.refs("security_groups")
    given = item.get("security_groups")
    if isinstance(given, Ref) and given == Ref(item.address, ("security_groups",)) and home:
        # None is given: AWS takes the VPC's default group.
        groups = [default_group(item, vpc_id)]
    doc: Doc = {
        "NetworkInterfaceId": item.id,
        "SubnetId": subnet_id,
        "VpcId": vpc_id,
        "PrivateIpAddress": item.estate.private_of(item, subnet_id),
        "Groups": [{"GroupId": name} for name in groups],
        "InterfaceType": item.text("interface_type", "interface"),
        "Description": item.text("description"),
        "SourceDestCheck": item.flag("source_dest_check", True),
        "Status": "available",
        "TagSet": tags(item.get("tags_all") or item.get("tags")),
    }
    more = item.known("private_ips", [])
    doc["PrivateIpAddresses"] = [
        {"PrivateIpAddress": text, "Primary": False}
        for text in (more if isinstance(more, list) else [])
        if text != doc["PrivateIpAddress"]
    ]
    prefixes = item.known("ipv4_prefixes", [])
    doc["Ipv4Prefixes"] = [{"Ipv4Prefix": text} for text in prefixes or []]
    six = item.known("ipv6_addresses", [])
    doc["Ipv6Addresses"] = [{"Ipv6Address": text} for text in six or []]
    for attached in item.blocks("attachment"):
        instance = item.estate.id_in(attached.get("instance"), f"instance of {item.address}")
        if instance:
            index = attached.get("device_index")
            doc["Attachment"] = {
                "InstanceId": instance,
                "DeviceIndex": index if isinstance(index, int) else 1,
                "Status": "attached",
            }
            doc["Status"] = "in-use"
    _put_interface(out, item.region, doc)


def default_group(item: Item, vpc_id: str) -> str:
    """The id of the default security group of a VPC."""
    owner = item.estate.by_id.get(vpc_id)
    return (
        _along(owner, "default_security_group_id") if owner is not None else f"default of {vpc_id}"
    )


def interface_attachment(item: Item, out: Out) -> None:
    doc = out.get("NetworkInterfaces", item.ref("network_interface_id"))
    if doc is not None:
        doc["Attachment"] = {
            "InstanceId": item.ref("instance_id"),
            "DeviceIndex": item.number("device_index", 1),
            "Status": "attached",
        }
        doc["Status"] = "in-use"


def interface_group(item: Item, out: Out) -> None:
    """`aws_network_interface_sg_attachment`: one more group on an interface."""
    doc = out.get("NetworkInterfaces", item.ref("network_interface_id"))
    group = {"GroupId": item.ref("security_group_id")}
    if doc is not None and group not in doc["Groups"]:
        doc["Groups"].append(group)


def eip(item: Item, out: Out) -> None:
    doc: Doc = {
        "AllocationId": item.id,
        "PublicIp": item.estate.public_of(item),
        "Tags": tags(item.get("tags_all") or item.get("tags")),
    }
    out.put("Addresses", item.region, item.id, doc)
    target = {"instance": item.get("instance"), "network_interface": item.get("network_interface")}
    for name, value in target.items():
        computed = isinstance(value, Ref) and value.address == item.address
        if value and not computed:
            found = item.estate.id_in(value, f"{name} of {item.address}")
            _associate(item, out, found, item.text("associate_with_private_ip"))


def eip_association(item: Item, out: Out) -> None:
    allocation = item.ref("allocation_id")
    elastic = item.estate.by_id.get(allocation)
    for name in ("network_interface_id", "instance_id"):
        value = item.get(name)
        if value and not (isinstance(value, Ref) and value.address == item.address):
            target = item.ref(name)
            if elastic is not None:
                _associate(elastic, out, target, item.text("private_ip_address"))
            return


def _associate(elastic: Item, out: Out, target: str, private: str) -> None:
    """Put an Elastic IP on an interface, or on the primary one of an instance."""
    doc = out.get("NetworkInterfaces", target) or _primary(target, out)
    association = {"PublicIp": elastic.estate.public_of(elastic), "AllocationId": elastic.id}
    if doc is None:
        what = f"interface of {target}"
        out.gap(what, elastic.address, "an Elastic IP goes to what is not described", "Addresses")
        return
    listed = doc.get("PrivateIpAddresses", [])
    wanted = private or doc.get("PrivateIpAddress")
    for one in listed:
        if one["PrivateIpAddress"] == wanted:
            one["Association"] = association
    if wanted == doc.get("PrivateIpAddress"):
        doc["Association"] = association


def _primary(instance: str, out: Out) -> Doc | None:
    mine = [
        doc
        for _, doc in out.each("NetworkInterfaces")
        if (doc.get("Attachment") or {}).get("InstanceId") == instance
    ]
    return min(mine, key=lambda d: d["Attachment"].get("DeviceIndex", 0), default=None)
