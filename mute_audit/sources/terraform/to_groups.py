"""Security groups with their rules, those that are resources of their own too."""

from __future__ import annotations

from typing import Any

from mute_audit.sources.terraform.estate import Item, unknown_id
from mute_audit.sources.terraform.former import Rule, rule, rules_of
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.values import Open, Ref, is_known

__all__ = ["group_vpc_association", "rule_new", "rule_old", "security_group"]


def security_group(item: Item, out: Out) -> None:
    """A group with its inline rules. Terraform takes AWS's allow-all egress rule away (N2)."""
    doc: Doc = {
        "GroupId": item.id,
        "GroupName": item.text("name") or ("default" if "default" in item.type else item.address),
        "Description": item.text("description"),
        "VpcId": item.ref("vpc_id"),
        "IpPermissions": [],
        "IpPermissionsEgress": [],
        "Tags": item.tags,
    }
    former = rules_of(item.id, [(one.type, one.values) for one in item.estate.former])
    for name, field in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
        value = item.get(name)
        if isinstance(value, Ref):
            # Computed: no rule is written here.
            continue
        if isinstance(value, Open):
            doc[field].append(_unknown_peer({}, f"{name} of {item.address}"))
            continue
        for block in item.blocks(name):
            made = _inline(item, block, f"{name} of {item.address}")
            if _keep(made, former[name == "egress"]):
                doc[field].append(made)
    out.put("SecurityGroups", item.home, item.id, doc)


_LISTS = {
    "IpRanges": "CidrIp",
    "Ipv6Ranges": "CidrIpv6",
    "PrefixListIds": "PrefixListId",
    "UserIdGroupPairs": "GroupId",
}


def _keep(made: Doc, former: set[Rule]) -> bool:
    """Take out what rules of their own had put there; whether anything is left."""
    if not former:
        return True
    ports = made.get("FromPort"), made.get("ToPort")
    for name, field in _LISTS.items():
        made[name] = [
            one
            for one in made.get(name, ())
            if rule(made["IpProtocol"], *ports, one[field]) not in former
        ]
    return any(made[name] for name in _LISTS)


def _inline(item: Item, block: Doc, what: str) -> Doc:
    made = _ports(item, block, "protocol", what)
    _peers(item, made, block, what)
    if block.get("self") is True:
        made["UserIdGroupPairs"].append({"GroupId": item.id})
    return _unless_open(item, made, block, "protocol", what)


def _ports(item: Item, block: Doc, protocol: str, what: str) -> Doc:
    kind = item.estate.text(block.get(protocol)) or "-1"
    kind = {"all": "-1"}.get(kind.lower(), kind.lower())
    made = _without_peers({"IpProtocol": kind})
    if kind == "-1":
        return made
    for name, field in (("from_port", "FromPort"), ("to_port", "ToPort")):
        value = block.get(name)
        if is_known(value) and value is not None:
            made[field] = int(value)
    return made


def _unless_open(item: Item, made: Doc, block: Doc, protocol: str, what: str) -> Doc:
    """The rule; where its protocol or a port is unknown until apply, nobody knows whom it lets in.

    Then it has a peer of which nothing is known, at every port that it may have.
    """
    kind = made["IpProtocol"]
    names = (protocol,) if kind == "-1" else ("from_port", "to_port")
    open_ = next((name for name in names if item.is_open(block.get(name))), "")
    if not open_:
        return made
    wide: Doc = {"IpProtocol": kind}
    if kind in ("tcp", "udp", "6", "17"):
        wide |= {"FromPort": 0, "ToPort": 65535}
    return _unknown_peer(_without_peers(wide), f"{open_} of {what}")


def _without_peers(made: Doc) -> Doc:
    return {
        **made,
        "IpRanges": [],
        "Ipv6Ranges": [],
        "PrefixListIds": [],
        "UserIdGroupPairs": [],
    }


def _peers(item: Item, made: Doc, block: Doc, what: str) -> None:
    """The lists of peers of an inline or old-style rule."""
    estate = item.estate
    for name, field, inner in (
        ("cidr_blocks", "IpRanges", "CidrIp"),
        ("ipv6_cidr_blocks", "Ipv6Ranges", "CidrIpv6"),
    ):
        for value in _many(block.get(name), item):
            text = estate.text(value)
            if text:
                made[field].append({inner: text})
            else:
                _unknown_peer(made, f"{name} of {what}")
    for name in estate.ids_in(_given(block.get("prefix_list_ids"), item), "prefix_list_ids", item):
        made["PrefixListIds"].append({"PrefixListId": name})
    for field in ("security_groups", "source_security_group_id"):
        for value in _many(block.get(field), item):
            _group_peer(item, made, field, value)


def _group_peer(item: Item, made: Doc, field: str, value: Any) -> None:
    """`sg-1`, or `123456789012/sg-1` for one of another account."""
    text = item.estate.id_in(value, field, item)
    owner, slash, name = text.partition("/")
    if text == unknown_id(field, item):
        _unknown_peer(made, text)
    elif slash and owner.isdigit():
        made["UserIdGroupPairs"].append({"GroupId": name, "UserId": owner})
    elif text:
        made["UserIdGroupPairs"].append({"GroupId": text})


def _check_peers(made: Doc, block: Doc, what: str) -> None:
    """A rule has a peer: where none is found, it is one of those that are unknown."""
    if not any(made[name] for name in _LISTS) and not is_known(block):
        _unknown_peer(made, f"peer of {what}")


def _given(value: Any, item: Item) -> Any:
    return None if item.computed(value) else value


def _many(value: Any, item: Item) -> list[Any]:
    value = _given(value, item)
    if value in (None, "", []):
        return []
    return value if isinstance(value, list) else [value]


def _unknown_peer(made: Doc, what: str) -> Doc:
    """A peer of which nothing is known: a prefix list that nobody has described (N10)."""
    made.setdefault("IpProtocol", "-1")
    made.setdefault("PrefixListIds", []).append({"PrefixListId": what})
    return made


def rule_old(item: Item, out: Out) -> None:
    """`aws_security_group_rule`."""
    names = (
        "protocol",
        "from_port",
        "to_port",
        "cidr_blocks",
        "ipv6_cidr_blocks",
        "prefix_list_ids",
        "source_security_group_id",
    )
    block = {name: item.get(name) for name in names}
    made = _ports(item, block, "protocol", item.address)
    _peers(item, made, block, item.address)
    egress = item.text("type") == "egress"
    if item.flag("self"):
        made["UserIdGroupPairs"].append({"GroupId": item.ref("security_group_id")})
    _check_peers(made, block, item.address)
    _into_group(item, out, _unless_open(item, made, block, "protocol", item.address), egress)


_PEERS = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")


def rule_new(item: Item, out: Out) -> None:
    """`aws_vpc_security_group_ingress_rule` and `…_egress_rule`: one peer each."""
    block = {name: item.get(name) for name in ("ip_protocol", "from_port", "to_port")}
    made = _ports(item, block, "ip_protocol", item.address)
    estate = item.estate
    for name, field, inner in (
        ("cidr_ipv4", "IpRanges", "CidrIp"),
        ("cidr_ipv6", "Ipv6Ranges", "CidrIpv6"),
    ):
        value = _given(item.get(name), item)
        if value not in (None, ""):
            text = estate.text(value)
            if text:
                made[field].append({inner: text})
            else:
                _unknown_peer(made, f"{name} of {item.address}")
    listed = _given(item.get("prefix_list_id"), item)
    if listed not in (None, ""):
        made["PrefixListIds"].append({"PrefixListId": estate.id_in(listed, "prefix_list_id", item)})
    group = _given(item.get("referenced_security_group_id"), item)
    if group not in (None, ""):
        _group_peer(item, made, "referenced_security_group_id", group)
    _check_peers(made, {name: item.get(name) for name in _PEERS}, item.address)
    made = _unless_open(item, made, block, "ip_protocol", item.address)
    _into_group(item, out, made, item.type.endswith("egress_rule"))


def _into_group(item: Item, out: Out, made: Doc, egress: bool) -> None:
    field = "IpPermissionsEgress" if egress else "IpPermissions"
    name = item.ref("security_group_id")
    if name == unknown_id("security_group_id", item):
        # It may go into any of them, or not.
        for group in item.estate.candidates(item.get("security_group_id"), "security_group_id"):
            doc = out.get("SecurityGroups", group.id)
            if doc is not None:
                plain = {k: v for k, v in made.items() if k in ("IpProtocol", "FromPort", "ToPort")}
                doc[field].append(_unknown_peer(plain, f"security_group_id of {item.address}"))
        return
    doc = out.get("SecurityGroups", name)
    if doc is None:
        out.gap(
            f"security group {name}",
            name,
            f"{item.address} adds a rule to a group that is not described",
        )
        return
    doc[field].append(made)
    _named_rule(item, out, made, name, egress)


def _named_rule(item: Item, out: Out, made: Doc, group: str, egress: bool) -> None:
    """The rule under its own id, so that findings name it."""
    base = {
        "SecurityGroupRuleId": item.id,
        "GroupId": group,
        "IsEgress": egress,
        "IpProtocol": made["IpProtocol"],
        "FromPort": made.get("FromPort", -1),
        "ToPort": made.get("ToPort", -1),
    }
    peers: list[Doc] = [{"CidrIpv4": one["CidrIp"]} for one in made["IpRanges"]]
    peers += [{"CidrIpv6": one["CidrIpv6"]} for one in made["Ipv6Ranges"]]
    peers += [{"PrefixListId": one["PrefixListId"]} for one in made["PrefixListIds"]]
    peers += [
        {"ReferencedGroupInfo": {"GroupId": one["GroupId"]}} for one in made["UserIdGroupPairs"]
    ]
    for number, peer in enumerate(peers):
        key = item.id if number == 0 else f"{item.id} ({number + 1})"
        out.put("SecurityGroupRules", item.home, key, {**base, **peer, "SecurityGroupRuleId": key})


def group_vpc_association(item: Item, out: Out) -> None:
    group, vpc_id = item.ref("security_group_id"), item.ref("vpc_id")
    out.put(
        "SecurityGroupVpcAssociations",
        item.home,
        item.id,
        {"GroupId": group, "VpcId": vpc_id, "State": "associated"},
    )
