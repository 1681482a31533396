"""Network interfaces, and the Elastic IPs on them."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Home, Out
from mute_audit.sources.terraform.placing import subnet_of
from mute_audit.sources.terraform.to_vpc import along

__all__ = [
    "default_group",
    "eip",
    "eip_association",
    "interface_attachment",
    "interface_group",
    "network_interface",
    "put_interface",
    "vpc_of",
]


def vpc_of(item: Item, subnet_id: str, out: Out) -> str:
    """The VPC of a subnet that is planned, looked up, or there already; empty for others."""
    home = item.estate.by_id.get(subnet_id)
    found = home.ref("vpc_id") if home is not None else ""
    return found or str((out.get("Subnets", subnet_id) or {}).get("VpcId", ""))


def put_interface(out: Out, home: Home, doc: Doc) -> None:
    if doc.get("PrivateIpAddress"):
        one = {"PrivateIpAddress": doc["PrivateIpAddress"], "Primary": True}
        if doc.get("Association"):
            one["Association"] = doc["Association"]
        doc.setdefault("PrivateIpAddresses", []).insert(0, one)
    out.put("NetworkInterfaces", home, doc["NetworkInterfaceId"], doc)


def network_interface(item: Item, out: Out) -> None:
    subnet_id = subnet_of(item, item.get("subnet_id"), out)
    vpc_id = vpc_of(item, subnet_id, out)
    groups = item.refs_given("security_groups")
    if item.computed(item.get("security_groups")):
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
        "TagSet": item.tags,
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
        instance = item.estate.id_in(attached.get("instance"), "instance", item)
        if instance:
            index = attached.get("device_index")
            doc["Attachment"] = {
                "InstanceId": instance,
                "DeviceIndex": index if isinstance(index, int) else 1,
                "Status": "attached",
            }
            doc["Status"] = "in-use"
    put_interface(out, item.home, doc)


def default_group(item: Item, vpc_id: str) -> str:
    """The id of the default security group of a VPC."""
    owner = item.estate.by_id.get(vpc_id)
    return (
        along(owner, "default_security_group_id") if owner is not None else f"default of {vpc_id}"
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
        "Tags": item.tags,
    }
    out.put("Addresses", item.home, item.id, doc)
    if any(
        one.get("allocation_id") == item.id for one in item.estate.before("aws_eip_association")
    ):
        # It lists where the association had put it: that resource says where it goes now.
        return
    for name in ("instance", "network_interface"):
        value = item.given(name)
        if value:
            found = item.estate.id_in(value, name, item)
            _associate(item, out, found, item.text("associate_with_private_ip"))


def eip_association(item: Item, out: Out) -> None:
    allocation = item.ref("allocation_id")
    elastic = item.estate.by_id.get(allocation)
    for name in ("network_interface_id", "instance_id"):
        value = item.get(name)
        if value and not item.computed(value):
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
