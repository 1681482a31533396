"""Network ACLs, with their separate rules and associations."""

from __future__ import annotations

from typing import Any

from mute_audit.sources.terraform.estate import Item, unknown_id
from mute_audit.sources.terraform.out import Doc, Home, Out
from mute_audit.sources.terraform.values import Open, Ref, is_known

__all__ = ["acl_association", "acl_rule", "network_acl"]


def network_acl(item: Item, out: Out) -> None:
    default = item.type == "aws_default_network_acl"
    entries: list[Doc] = []
    # Entries of their own are listed among these as well, as they were before.
    former = {
        (before.get("egress") is True, before.get("rule_number"))
        for before in item.estate.before("aws_network_acl_rule")
        if before.get("network_acl_id") == item.id
    }
    for name, egress in (("ingress", False), ("egress", True)):
        value = item.get(name)
        if isinstance(value, Open):
            entries += _hidden(egress)
        for block in [] if isinstance(value, (Open, Ref)) else item.blocks(name):
            fields = {**block, "rule_number": block.get("rule_no"), "egress": egress}
            if (egress, block.get("rule_no")) not in former:
                entries.append(_entry(item, fields | {"rule_action": block.get("action")}))
        last = {"RuleNumber": 32767, "Protocol": "-1", "RuleAction": "deny", "Egress": egress}
        entries.append({**last, "CidrBlock": "0.0.0.0/0"})
    doc: Doc = {
        "NetworkAclId": item.id,
        "VpcId": _vpc_of(item) if default else item.ref("vpc_id"),
        "IsDefault": default,
        "Entries": entries,
        "Associations": [],
        "Tags": item.tags,
    }
    out.put("NetworkAcls", item.home, item.id, doc)
    for subnet in item.refs_given("subnet_ids"):
        if subnet == unknown_id("subnet_ids", item):
            _doubt(item, "subnet_ids", out)
        else:
            _associate(out, subnet, doc, f"{subnet} with {item.id}")


def _vpc_of(item: Item) -> str:
    return item.estate.maker(item, "default_network_acl_id") or item.ref_given("vpc_id")


def _hidden(egress: bool) -> list[Doc]:
    """Entries before all others: whatever those say, one of these may say something else."""
    hidden: Doc = {"RuleNumber": 0, "Protocol": "-1", "RuleAction": _OPEN, "Egress": egress}
    return [{**hidden, "CidrBlock": "0.0.0.0/0"}, {**hidden, "Ipv6CidrBlock": "::/0"}]


def _hidden_acl(name: str, vpc_id: str, home: Home, out: Out) -> Doc:
    """An ACL of which nothing is known."""
    doc: Doc = {
        "NetworkAclId": name,
        "VpcId": vpc_id,
        "IsDefault": False,
        "Entries": [*_hidden(False), *_hidden(True)],
        "Associations": [],
    }
    return out.put("NetworkAcls", home, name, doc)


def _doubt(item: Item, attribute: str, out: Out) -> None:
    """Each of these subnets may have that ACL, or keep its own."""
    for subnet in item.estate.candidates(item.get(attribute), attribute):
        acl = _hidden_acl(f"network ACL of {subnet.id}", subnet.ref("vpc_id"), item.home, out)
        _associate(out, subnet.id, acl, item.id)


def _associate(out: Out, subnet: str, doc: Doc, name: str) -> None:
    before = out.marks.get(("acl", subnet))
    if before is not None:
        before["Associations"] = [a for a in before["Associations"] if a["SubnetId"] != subnet]
    out.marks["acl", subnet] = doc
    doc["Associations"].append(
        {
            "SubnetId": subnet,
            "NetworkAclId": doc["NetworkAclId"],
            "NetworkAclAssociationId": name,
        }
    )


# The action of an entry of which something is unknown: what it does with what it may match.
_OPEN = "unknown until apply"

_ACL_PROTOCOLS = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58", "all": "-1"}


def _entry(item: Item, block: Doc) -> Doc:
    estate = item.estate
    protocol = (estate.text(block.get("protocol")) or "-1").lower()
    protocol = _ACL_PROTOCOLS.get(protocol, protocol)
    made: Doc = {
        "RuleNumber": int(estate.text(block.get("rule_number")) or 0),
        "Protocol": protocol,
        "RuleAction": (estate.text(block.get("rule_action")) or "deny").lower(),
        "Egress": block.get("egress") is True,
    }
    if any(item.is_open(value) for value in block.values()):
        made["RuleAction"] = _OPEN
    if item.is_open(block.get("ipv6_cidr_block")):
        made["Ipv6CidrBlock"] = "::/0"
    elif estate.text(block.get("ipv6_cidr_block")):
        made["Ipv6CidrBlock"] = estate.text(block.get("ipv6_cidr_block"))
    else:
        made["CidrBlock"] = estate.text(block.get("cidr_block")) or "0.0.0.0/0"
    numbers = [block.get(name) for name in ("from_port", "to_port")]
    if protocol in ("6", "17") and all(is_known(n) and n is not None for n in numbers):
        made["PortRange"] = {"From": int(numbers[0] or 0), "To": int(numbers[1] or 0)}
    if protocol in ("1", "58"):
        kinds = [estate.text(block.get(name)) for name in ("icmp_type", "icmp_code")]
        made["IcmpTypeCode"] = {"Type": int(kinds[0] or -1), "Code": int(kinds[1] or -1)}
    return made


def acl_rule(item: Item, out: Out) -> None:
    doc = out.get("NetworkAcls", item.ref("network_acl_id"))
    names = (
        "protocol",
        "rule_number",
        "rule_action",
        "egress",
        "cidr_block",
        "ipv6_cidr_block",
        "from_port",
        "to_port",
        "icmp_type",
        "icmp_code",
    )
    if doc is None:
        # Each that it may belong to has one more entry, or not.
        for acl in item.estate.candidates(item.get("network_acl_id"), "network_acl_id"):
            other = out.get("NetworkAcls", acl.id)
            if other is not None:
                other["Entries"] += _hidden(item.flag("egress"))
        return
    made = _entry(item, {name: item.get(name) for name in names})
    doc["Entries"] = [one for one in doc["Entries"] if _number(one) != _number(made)]
    doc["Entries"].append(made)


def _number(entry: Doc) -> tuple[Any, ...]:
    return entry["Egress"], entry["RuleNumber"], "Ipv6CidrBlock" in entry


def acl_association(item: Item, out: Out) -> None:
    name, subnet = item.ref("network_acl_id"), item.ref("subnet_id")
    if subnet == unknown_id("subnet_id", item):
        _doubt(item, "subnet_id", out)
        return
    doc = out.get("NetworkAcls", name)
    if doc is None:
        vpc_id = str((out.get("Subnets", subnet) or {}).get("VpcId", ""))
        doc = _hidden_acl(name, vpc_id, item.home, out)
    _associate(out, subnet, doc, item.id)
