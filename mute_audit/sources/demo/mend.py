"""Where moto answers otherwise than AWS, and no call can set it right.

One function for each difference; each touches moto's state and nothing else.
"""

from __future__ import annotations

__all__ = ["mend_nat_gateway"]


def mend_nat_gateway(account: str, region: str, gateway: str) -> None:
    """AWS gives a NAT gateway an interface of its own kind, with an address of its subnet.

    moto makes an ordinary one with the VPC's default group and an address from anywhere
    in 10.0.0.0/8.
    """
    from moto.ec2.models import ec2_backends

    ec2 = ec2_backends[account][region]
    nat = ec2.nat_gateways[gateway]
    for address in nat.address_set:
        interface = ec2.get_network_interface(address["networkInterfaceId"])
        inside = interface.subnet.get_available_subnet_ip(interface)
        interface.interface_type = "nat_gateway"
        interface.description = f"Interface for NAT Gateway {gateway}"
        interface.requester_managed = True
        interface.requester_id = account
        interface.status = "in-use"
        interface.source_dest_check = False
        interface._group_set = []
        interface.private_ip_address = inside
        interface.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": inside}]
        address["privateIp"] = inside
        nat.private_ip = inside
