"""What joins VPCs with each other and with services, and what keeps the internet out."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out, options_id
from mute_audit.sources.terraform.to_routing import add_endpoint_route

__all__ = [
    "bpa_exclusion",
    "bpa_options",
    "endpoint",
    "endpoint_group",
    "endpoint_policy",
    "endpoint_subnet",
    "peering",
    "peering_accepter",
]


def _end(out: Out, vpc_id: str, owner: str, region: str) -> Doc:
    doc = out.get("Vpcs", vpc_id) or {}
    blocks = [one["CidrBlock"] for one in doc.get("CidrBlockAssociationSet", ())]
    return {
        "VpcId": vpc_id,
        "OwnerId": owner,
        "Region": region,
        "CidrBlock": doc.get("CidrBlock", ""),
        "CidrBlockSet": [{"CidrBlock": block} for block in blocks],
    }


def peering(item: Item, out: Out) -> None:
    peer = item.ref("peer_vpc_id")
    other = out.home_of("Vpcs", peer)
    region = item.text_given("peer_region") or other.region or item.region
    owner = item.text_given("peer_owner_id") or other.account or item.account
    # One in the same account and Region that accepts by itself is active at once.
    active = item.flag("auto_accept") or item.text("accept_status") == "active"
    out.put(
        "VpcPeeringConnections",
        item.home,
        item.id,
        {
            "VpcPeeringConnectionId": item.id,
            "Status": {"Code": "active" if active else "pending-acceptance"},
            "RequesterVpcInfo": _end(out, item.ref("vpc_id"), item.account, item.region),
            "AccepterVpcInfo": _end(
                out,
                peer,
                owner or other.account or item.account,
                region or other.region or item.region,
            ),
            "Tags": item.tags,
        },
    )


def peering_accepter(item: Item, out: Out) -> None:
    name = item.ref("vpc_peering_connection_id")
    doc = out.get("VpcPeeringConnections", name)
    if doc is not None and item.flag("auto_accept"):
        doc["Status"] = {"Code": "active"}


# --- endpoints ----------------------------------------------------------------------------------


def endpoint(item: Item, out: Out) -> None:
    kind = item.text("vpc_endpoint_type", "Gateway")
    doc: Doc = {
        "VpcEndpointId": item.id,
        "VpcEndpointType": kind,
        "VpcId": item.ref("vpc_id"),
        "ServiceName": item.text("service_name"),
        "State": "available",
        "RouteTableIds": item.refs_given("route_table_ids"),
        "SubnetIds": item.refs_given("subnet_ids"),
        "Groups": [{"GroupId": name} for name in item.refs_given("security_group_ids")],
        "NetworkInterfaceIds": item.known("network_interface_ids", []) or [],
        "PolicyDocument": item.text("policy"),
        "PrivateDnsEnabled": item.flag("private_dns_enabled"),
        "Tags": item.tags,
    }
    if kind == "Interface" and not doc["Groups"] and item.computed(item.get("security_group_ids")):
        home = item.estate.by_id.get(doc["VpcId"])
        name = f"{home.address}.default_security_group_id" if home is not None else "default group"
        doc["Groups"] = [{"GroupId": item.estate.aliases.get(name, name)}]
    out.put("VpcEndpoints", item.home, item.id, doc)
    if kind == "Gateway":
        for table in doc["RouteTableIds"]:
            add_endpoint_route(out, item.id, table)


def endpoint_policy(item: Item, out: Out) -> None:
    doc = out.get("VpcEndpoints", item.ref("vpc_endpoint_id"))
    if doc is not None:
        doc["PolicyDocument"] = item.text("policy")


def endpoint_subnet(item: Item, out: Out) -> None:
    doc = out.get("VpcEndpoints", item.ref("vpc_endpoint_id"))
    if doc is not None:
        doc["SubnetIds"] = list(dict.fromkeys([*doc["SubnetIds"], item.ref("subnet_id")]))


def endpoint_group(item: Item, out: Out) -> None:
    doc = out.get("VpcEndpoints", item.ref("vpc_endpoint_id"))
    group = {"GroupId": item.ref("security_group_id")}
    if doc is not None and group not in doc["Groups"]:
        if item.flag("replace_default_association"):
            doc["Groups"] = [g for g in doc["Groups"] if "default" not in g["GroupId"]]
        doc["Groups"].append(group)


# --- VPC Block Public Access --------------------------------------------------------------------


def bpa_options(item: Item, out: Out) -> None:
    out.put(
        "VpcBlockPublicAccessOptions",
        item.home,
        options_id(item.home),
        {
            "InternetGatewayBlockMode": item.text("internet_gateway_block_mode", "off"),
            "State": "update-complete",
            "ExclusionsAllowed": "allowed",
        },
    )


def bpa_exclusion(item: Item, out: Out) -> None:
    kind = "subnet" if item.get("subnet_id") and not item.computed(item.get("subnet_id")) else "vpc"
    target = item.ref(f"{kind}_id")
    arn = f"arn:aws:ec2:{item.region}:{item.account}:{kind}/{target}"
    out.put(
        "VpcBlockPublicAccessExclusions",
        item.home,
        item.id,
        {
            "ExclusionId": item.id,
            "InternetGatewayExclusionMode": item.text("internet_gateway_exclusion_mode"),
            "ResourceArn": arn,
            "State": "create-complete",
            "Tags": item.tags,
        },
    )
