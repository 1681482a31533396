"""Internet gateways, egress-only ones, and NAT gateways."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.placing import subnet_of
from mute_audit.sources.terraform.to_interfaces import put_interface, vpc_of

__all__ = [
    "egress_only_gateway",
    "internet_gateway",
    "internet_gateway_attachment",
    "nat_gateway",
]


def internet_gateway(item: Item, out: Out) -> None:
    # Computed where an attachment resource attaches the gateway.
    vpc_id = item.ref_given("vpc_id")
    out.put(
        "InternetGateways",
        item.home,
        item.id,
        {
            "InternetGatewayId": item.id,
            "Attachments": [{"VpcId": vpc_id, "State": "available"}] if vpc_id else [],
            "Tags": item.tags,
        },
    )


def internet_gateway_attachment(item: Item, out: Out) -> None:
    doc = out.get("InternetGateways", item.ref("internet_gateway_id"))
    if doc is not None:
        doc["Attachments"] = [{"VpcId": item.ref("vpc_id"), "State": "available"}]


def egress_only_gateway(item: Item, out: Out) -> None:
    out.put(
        "EgressOnlyInternetGateways",
        item.home,
        item.id,
        {
            "EgressOnlyInternetGatewayId": item.id,
            "Attachments": [{"VpcId": item.ref("vpc_id"), "State": "attached"}],
            "Tags": item.tags,
        },
    )


def nat_gateway(item: Item, out: Out) -> None:
    subnet_id = subnet_of(item, item.get("subnet_id"), out)
    vpc_id = vpc_of(item, subnet_id, out)
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
    name = item.tags
    out.put(
        "NatGateways",
        item.home,
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
        put_interface(
            out,
            item.home,
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
