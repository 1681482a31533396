"""Network ACLs, asked about one packet that crosses the border of a subnet."""

from __future__ import annotations

from mute_audit.inventory.network import AclEntry, NetworkAcl
from mute_audit.network.portspec import ICMP, ICMP_V6, protocol_number, protocols_with_ports
from mute_audit.network.tracer.header import Header
from mute_audit.network.tracer.journey import Decision
from mute_audit.network.tracer.nics import read_network
from mute_audit.verdict import Gap, Truth

__all__ = ["decide"]


def decide(acl: NetworkAcl, header: Header, egress: bool) -> Decision:
    """N16: the lowest rule number first, the first match decides, nothing matched is no.

    Entries of the other version of IP are another list (N20).
    """
    side = "egress" if egress else "ingress"
    entries = (entry for entry in acl.entries if entry.egress is egress)
    for entry in sorted(entries, key=lambda entry: entry.rule_number):
        name = f"{acl.network_acl_id}:{side}:{entry.rule_number}"
        matched = _matches(entry, header, egress)
        if matched is None:
            gap = Gap(f"entry {name}", "", "its protocol or CIDR cannot be read")
            return Decision(Truth.UNKNOWN, (name,), (gap,))
        action = entry.rule_action.lower()
        if matched and action not in ("allow", "deny"):
            gap = Gap(f"entry {name}", "", f"its action is `{entry.rule_action}`")
            return Decision(Truth.UNKNOWN, (name,), (gap,))
        if matched:
            return Decision(Truth.of(action == "allow"), (name,))
    return Decision(Truth.NO, (f"{acl.network_acl_id}:{side}:*",))


def _matches(entry: AclEntry, header: Header, egress: bool) -> bool | None:
    """Whether the entry matches; None where the entry cannot be read."""
    text = entry.ipv6_cidr_block if header.version == 6 else entry.cidr_block
    if not text:
        return False if entry.ipv6_cidr_block or entry.cidr_block else None
    net = read_network(text)
    if net is None:
        return None
    if (header.destination if egress else header.source) not in net:
        return False
    try:
        protocol = protocol_number(entry.protocol)
    except ValueError:
        return None
    if protocol is None:
        return True
    if protocol != header.protocol:
        return False
    if protocol in protocols_with_ports:
        ports = entry.port_range
        return ports is None or ports.from_port <= header.port <= ports.to_port
    if protocol in (ICMP, ICMP_V6):
        icmp = entry.icmp_type_code
        return icmp is None or (
            icmp.type in (-1, header.port >> 8) and icmp.code in (-1, header.port & 255)
        )
    return True
