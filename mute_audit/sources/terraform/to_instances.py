"""Instances, with their launch templates, disks and interfaces."""

from __future__ import annotations

from typing import Any

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out, tags
from mute_audit.sources.terraform.placing import subnet_of
from mute_audit.sources.terraform.to_interfaces import default_group, put_interface, vpc_of

__all__ = ["instance", "template_of"]


def template_of(item: Item, blocks: list[dict[str, Any]]) -> Item | None:
    """The launch template that blocks name, by id or name."""
    for block in blocks:
        for name in ("id", "name"):
            value = block.get(name)
            found = item.estate.found(value, "launch_template")
            if found is None and isinstance(value, str) and value:
                every = item.estate.each("aws_launch_template")
                found = next((one for one in every if one.text("name") == value), None)
            if found is not None and found.type == "aws_launch_template":
                return found
    return None


def instance(item: Item, out: Out) -> None:
    estate = item.estate
    template = template_of(item, item.blocks("launch_template"))
    nets = template.blocks("network_interfaces") if template is not None else []
    net: dict[str, Any] = nets[0] if nets else {}
    subnet = _subnet(item, net, out)
    vpc_id = vpc_of(item, subnet, out)
    name = item.tags
    zone = item.text("availability_zone")
    zone = zone or str((out.get("Subnets", subnet) or {}).get("AvailabilityZone", ""))
    doc: Doc = {
        "InstanceId": item.id,
        "InstanceType": item.text("instance_type")
        or (template.text("instance_type") if template is not None else ""),
        "ImageId": item.ref("ami") or (template.ref("image_id") if template is not None else ""),
        # What is planned will run; a state says what it is.
        "State": {"Name": item.text("instance_state", "running")},
        "SubnetId": subnet,
        "VpcId": vpc_id,
        "SourceDestCheck": item.flag("source_dest_check", True),
        "Placement": {"AvailabilityZone": zone, "Tenancy": item.text("tenancy", "default")},
        "Tags": name,
        "NetworkInterfaces": [],
    }
    _metadata(item, template, doc)
    _profile(item, doc)
    _disk(item, out, doc)
    given = [
        estate.id_in(block.get("network_interface_id"), "network_interface_id", item)
        for block in (item.blocks("network_interface") + item.blocks("primary_network_interface"))
    ]
    given = [] if item.computed(item.get("network_interface")) else [n for n in given if n]
    if given:
        _attach(given, item, out, doc)
    else:
        _primary(item, template, net, out, doc)
    out.put(
        "Reservations",
        item.home,
        item.id,
        {"ReservationId": f"of {item.id}", "Instances": [doc]},
    )


def _subnet(item: Item, net: dict[str, Any], out: Out) -> str:
    return subnet_of(item, item.given("subnet_id") or net.get("subnet_id"), out)


def _metadata(item: Item, template: Item | None, doc: Doc) -> None:
    value = item.get("metadata_options")
    blocks = [] if item.computed(value) else item.blocks("metadata_options")
    if not blocks and template is not None:
        blocks = template.blocks("metadata_options")
    for block in blocks[:1]:
        hops = block.get("http_put_response_hop_limit")
        doc["MetadataOptions"] = {
            "HttpTokens": item.estate.text(block.get("http_tokens")) or "optional",
            "HttpEndpoint": item.estate.text(block.get("http_endpoint")) or "enabled",
            **({"HttpPutResponseHopLimit": hops} if isinstance(hops, int) else {}),
        }


def _profile(item: Item, doc: Doc) -> None:
    value = item.get("iam_instance_profile")
    if value and not item.computed(value):
        doc["IamInstanceProfile"] = {"Arn": item.ref("iam_instance_profile")}


def _disk(item: Item, out: Out, doc: Doc) -> None:
    value = item.get("root_block_device")
    if item.computed(value) or not item.blocks("root_block_device"):
        return
    block = item.blocks("root_block_device")[0]
    device = item.estate.text(block.get("device_name")) or "/dev/xvda"
    known = block.get("volume_id")
    volume = known if isinstance(known, str) and known else f"{item.address}.root_block_device"
    doc["RootDeviceName"] = device
    doc["BlockDeviceMappings"] = [
        {"DeviceName": device, "Ebs": {"VolumeId": volume, "Status": "attached"}}
    ]
    out.put(
        "Volumes",
        item.home,
        volume,
        {
            "VolumeId": volume,
            "Encrypted": block.get("encrypted") is True,
            "VolumeType": item.estate.text(block.get("volume_type")) or "gp2",
            "Tags": tags(block.get("tags_all") or block.get("tags")),
        },
    )


def _attach(names: list[str], item: Item, out: Out, doc: Doc) -> None:
    """Interfaces of their own, which the instance takes."""
    for index, name in enumerate(names):
        eni = out.get("NetworkInterfaces", name)
        if eni is None:
            out.gap(f"interface {name}", item.id, "not described", "NetworkInterfaces")
            continue
        eni["Attachment"] = {"InstanceId": item.id, "DeviceIndex": index, "Status": "attached"}
        eni["Status"] = "in-use"
        if index == 0:
            doc["SubnetId"] = doc["SubnetId"] or eni["SubnetId"]
            doc["VpcId"] = doc["VpcId"] or eni["VpcId"]
            doc["PrivateIpAddress"] = eni.get("PrivateIpAddress", "")
            doc["SecurityGroups"] = list(eni["Groups"])
            doc["SourceDestCheck"] = eni.get("SourceDestCheck", True)


def _groups(item: Item, template: Item | None, net: dict[str, Any], vpc_id: str) -> list[str]:
    found: list[str] = []
    written = False
    for name in ("vpc_security_group_ids", "security_groups"):
        value = item.get(name)
        if value is None or item.computed(value) or value == []:
            continue
        written = True
        found += item.refs(name)
    if not written and net.get("security_groups"):
        return item.estate.ids_in(net["security_groups"], "security_groups", item)
    if not written and template is not None and template.get("vpc_security_group_ids"):
        return template.refs("vpc_security_group_ids")
    # By name only in EC2-Classic and default VPCs; a name is turned into the id.
    if any(not name.startswith("sg-") and name not in item.estate.by_id for name in found):
        names = {g.text("name"): g.id for g in item.estate.each("aws_security_group")}
        found = list(dict.fromkeys(names.get(name, name) for name in found))
    return found or [default_group(item, vpc_id)]


def _public(item: Item, net: dict[str, Any], subnet: str, out: Out) -> bool:
    """Whether the instance gets a public address: said here, else the subnet's habit."""
    for value in (item.get("associate_public_ip_address"), net.get("associate_public_ip_address")):
        if value in (True, "true"):
            return True
        if value in (False, "false"):
            return False
    home = out.get("Subnets", subnet)
    return bool(home is not None and home.get("MapPublicIpOnLaunch"))


def _primary(item: Item, template: Item | None, net: Doc, out: Out, doc: Doc) -> None:
    """The interface that AWS makes along with the instance."""
    subnet, vpc_id = doc["SubnetId"], doc["VpcId"]
    if not subnet:
        _in_default_vpc(item, out)
        return
    groups = [{"GroupId": name} for name in _groups(item, template, net, vpc_id)]
    known = item.known("primary_network_interface_id")
    name = str(known) if known else f"{item.address}.primary_network_interface_id"
    private = item.estate.private_of(item, subnet)
    eni: Doc = {
        "NetworkInterfaceId": name,
        "SubnetId": subnet,
        "VpcId": vpc_id,
        "PrivateIpAddress": private,
        "Groups": groups,
        "Attachment": {"InstanceId": item.id, "DeviceIndex": 0, "Status": "attached"},
        "InterfaceType": "interface",
        "SourceDestCheck": doc["SourceDestCheck"],
        "Status": "in-use",
    }
    public = item.known("public_ip", "")
    if public or ("public_ip" not in _known_names(item) and _public(item, net, subnet, out)):
        shown = str(public) or item.estate.public_of(item)
        eni["Association"] = {"PublicIp": shown, "IpOwnerId": "amazon"}
        doc["PublicIpAddress"] = shown
    six = item.known("ipv6_addresses", [])
    eni["Ipv6Addresses"] = [{"Ipv6Address": text} for text in six or []]
    doc["PrivateIpAddress"] = private
    doc["SecurityGroups"] = groups
    put_interface(out, item.home, eni)


def _known_names(item: Item) -> set[str]:
    """Attributes that the plan shows as they will be, an empty address included."""
    unknown = item.planned.unknown
    if unknown is True:
        return set()
    hidden = {k for k, v in unknown.items() if v} if isinstance(unknown, dict) else set()
    return set(item.planned.values) - hidden


def _in_default_vpc(item: Item, out: Out) -> None:
    """Without a subnet the instance goes to a default subnet, which no plan shows."""
    out.gap(
        f"subnet of {item.address}",
        item.address,
        "none is given: AWS takes one of the default VPC, which the plan does not show",
        "NetworkInterfaces",
    )
