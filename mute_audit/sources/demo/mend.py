"""Where moto answers otherwise than AWS, and no call can set it right.

One function for each difference; each touches moto's state and nothing else.
"""

from __future__ import annotations

from typing import Any

from mute_audit.intent import resources
from mute_audit.intent.ports import Ports

__all__ = ["mend_icmp_entries", "mend_nat_gateways"]


def mend_nat_gateways(region: str) -> None:
    """AWS gives a NAT gateway an interface of its own kind, with an address of its subnet.

    moto makes an ordinary one with the VPC's default group and an address from anywhere
    in 10.0.0.0/8. Those of the Region are set right, in every account.
    """
    from moto.ec2.models import ec2_backends

    for account in ec2_backends:
        ec2 = ec2_backends[account][region]
        for nat in ec2.nat_gateways.values():
            for address in nat.address_set:
                interface = ec2.get_network_interface(address["networkInterfaceId"])
                if interface.interface_type != "nat_gateway":
                    _mend_nat_interface(account, nat, address, interface)


def _mend_nat_interface(account: str, nat: Any, address: dict[str, Any], interface: Any) -> None:
    inside = interface.subnet.get_available_subnet_ip(interface)
    interface.interface_type = "nat_gateway"
    interface.description = f"Interface for NAT Gateway {nat.id}"
    interface.requester_managed = True
    interface.requester_id = account
    interface.status = "in-use"
    interface.source_dest_check = False
    interface._group_set = []
    interface.private_ip_address = inside
    interface.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": inside}]
    address["privateIp"] = inside
    nat.private_ip = inside


def mend_icmp_entries(account: str, region: str, name: str, declared: resources.NetworkAcl) -> None:
    """moto looks for the ICMP type and code of an entry under another name than EC2's."""
    from moto.ec2.models import ec2_backends

    acl = ec2_backends[account][region].network_acls[name]
    sides = ((False, declared.ingress), (True, declared.egress))
    wanted = {(egress, entry.rule): entry for egress, entries in sides for entry in entries}
    for made in acl.network_acl_entries:
        entry = wanted.get((str(made.egress).lower() == "true", int(made.rule_number)))
        if entry is None:
            continue
        ports = Ports.parse(entry.ports[0])
        if ports.protocol in ("icmp", "icmpv6"):
            _, made.icmp_type, made.icmp_code = ports.for_aws()
