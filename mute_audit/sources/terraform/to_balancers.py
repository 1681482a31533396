"""Load balancers: listeners, rules, target groups and targets."""

from __future__ import annotations

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Doc, Out
from mute_audit.sources.terraform.placing import subnet_of
from mute_audit.sources.terraform.to_interfaces import default_group, vpc_of
from mute_audit.sources.terraform.values import Open, Ref

__all__ = ["balancer", "listener", "listener_rule", "target", "target_group"]


def balancer(item: Item, out: Out) -> None:
    estate = item.estate
    kind = item.text("load_balancer_type", "application")
    mapped = item.get("subnet_mapping")
    mappings = [] if item.computed(mapped) else item.blocks("subnet_mapping")
    subnets: dict[str, list[Doc]] = {}
    for block in mappings:
        name = subnet_of(item, block.get("subnet_id"), out)
        address: Doc = {}
        private = estate.text(block.get("private_ipv4_address"))
        if private:
            address["PrivateIPv4Address"] = private
        allocation = estate.id_in(block.get("allocation_id"), "allocation_id", item)
        elastic = estate.by_id.get(allocation)
        if elastic is not None:
            address["AllocationId"] = allocation
            address["IpAddress"] = estate.public_of(elastic)
        subnets.setdefault(name, []).extend([address] if address else [])
    given = item.get("subnets")
    if not item.computed(given):
        for name in item.refs("subnets"):
            subnets.setdefault(name, [])
    zones = [
        {
            "ZoneName": (out.get("Subnets", name) or {}).get("AvailabilityZone", ""),
            "SubnetId": name,
            "LoadBalancerAddresses": addresses,
        }
        for name, addresses in subnets.items()
        if name
    ]
    vpc_id = vpc_of(item, zones[0]["SubnetId"], out) if zones else ""
    groups = item.refs_given("security_groups")
    if not groups and kind == "application":
        groups = [default_group(item, vpc_id)]
    out.put(
        "LoadBalancers",
        item.home,
        item.id,
        {
            "LoadBalancerArn": item.id,
            "LoadBalancerName": item.text("name", item.address),
            "DNSName": item.text("dns_name"),
            "Type": kind,
            "Scheme": "internal" if item.flag("internal") else "internet-facing",
            "VpcId": vpc_id,
            "SecurityGroups": groups,
            "AvailabilityZones": zones,
            "State": {"Code": "active"},
            "IpAddressType": item.text("ip_address_type", "ipv4"),
        },
    )
    out.put(
        "LoadBalancerListeners",
        item.home,
        item.id,
        {"LoadBalancerArn": item.id, "Listeners": []},
    )
    cross = item.flag("enable_cross_zone_load_balancing", kind == "application")
    attributes = [
        {"Key": "load_balancing.cross_zone.enabled", "Value": str(cross).lower()},
    ]
    out.put(
        "LoadBalancerAttributes",
        item.home,
        item.id,
        {"LoadBalancerArn": item.id, "Attributes": attributes},
    )


def target_group(item: Item, out: Out) -> None:
    kind = item.text("target_type", "instance")
    doc: Doc = {
        "TargetGroupArn": item.id,
        "TargetGroupName": item.text("name", item.address),
        "Protocol": item.text("protocol"),
        "VpcId": item.ref("vpc_id"),
        "TargetType": kind,
        "LoadBalancerArns": [],
        "IpAddressType": item.text("ip_address_type", "ipv4"),
    }
    if item.number("port"):
        doc["Port"] = item.number("port")
    for block in item.blocks("health_check")[:1]:
        doc["HealthCheckPort"] = item.estate.text(block.get("port")) or "traffic-port"
    out.put("TargetGroups", item.home, item.id, doc)
    out.put(
        "LoadBalancerTargetHealth",
        item.home,
        item.id,
        {"TargetGroupArn": item.id, "TargetHealthDescriptions": []},
    )
    attributes = []
    value = item.get("preserve_client_ip")
    if value not in (None, "") and not isinstance(value, (Ref, Open)):
        on = str(value).lower() == "true"
        attributes.append({"Key": "preserve_client_ip.enabled", "Value": str(on).lower()})
    out.put(
        "TargetGroupAttributes",
        item.home,
        item.id,
        {"TargetGroupArn": item.id, "Attributes": attributes},
    )


def target(item: Item, out: Out) -> None:
    group = item.ref("target_group_arn")
    doc = out.get("LoadBalancerTargetHealth", group)
    if doc is None:
        what = f"target_group_arn of {item.address}"
        out.gap(what, item.address, "unknown until apply", "LoadBalancerTargetHealth")
        return
    value = item.get("target_id")
    kind = (out.get("TargetGroups", group) or {}).get("TargetType", "instance")
    # A target is an instance, an address, a function or another balancer.
    name = item.text("target_id") if kind == "ip" else item.estate.id_in(value, "target_id", item)
    if not name:
        what = f"target_id of {item.address}"
        out.gap(what, group, "unknown until apply", "LoadBalancerTargetHealth")
        return
    made: Doc = {"Id": name}
    port = item.number("port") or (out.get("TargetGroups", group) or {}).get("Port")
    if port:
        made["Port"] = port
    doc["TargetHealthDescriptions"].append({"Target": made, "TargetHealth": {"State": "healthy"}})


def _actions(item: Item, name: str) -> list[Doc]:
    found: list[Doc] = []
    estate = item.estate
    for block in item.blocks(name):
        made: Doc = {"Type": estate.text(block.get("type")) or "forward"}
        one = estate.id_in(block.get("target_group_arn"), "target_group_arn", item)
        if one and not item.computed(block.get("target_group_arn")):
            made["TargetGroupArn"] = one
        forwards = [f for f in block.get("forward") or [] if isinstance(f, dict)]
        groups: list[Doc] = []
        for forward in forwards:
            for entry in forward.get("target_group") or []:
                arn = estate.id_in(entry.get("arn"), "target_group_arn", item)
                weight = entry.get("weight")
                groups.append(
                    {
                        "TargetGroupArn": arn,
                        **({"Weight": weight} if isinstance(weight, int) else {}),
                    }
                )
        if groups:
            made["ForwardConfig"] = {"TargetGroups": groups}
        found.append(made)
    return found


def _link(out: Out, balancer_id: str, actions: list[Doc]) -> None:
    """A target group knows the balancers that forward to it."""
    for action in actions:
        names = [action.get("TargetGroupArn", "")]
        names += [
            g["TargetGroupArn"] for g in action.get("ForwardConfig", {}).get("TargetGroups", ())
        ]
        for name in filter(None, names):
            doc = out.get("TargetGroups", name)
            if doc is not None and balancer_id not in doc["LoadBalancerArns"]:
                doc["LoadBalancerArns"].append(balancer_id)


def listener(item: Item, out: Out) -> None:
    owner = item.ref("load_balancer_arn")
    doc = out.get("LoadBalancerListeners", owner)
    if doc is None:
        what = f"load_balancer_arn of {item.address}"
        out.gap(what, item.address, "unknown until apply", "LoadBalancerListeners")
        return
    kind = (out.get("LoadBalancers", owner) or {}).get("Type", "application")
    actions = _actions(item, "default_action")
    _link(out, owner, actions)
    default = "HTTPS" if item.number("port") == 443 and kind == "application" else "HTTP"
    doc["Listeners"].append(
        {
            "ListenerArn": item.id,
            "LoadBalancerArn": owner,
            "Port": item.number("port"),
            "Protocol": item.text("protocol", default if kind == "application" else "TCP"),
            "DefaultActions": actions,
        }
    )
    out.put("ListenerRules", item.home, item.id, {"ListenerArn": item.id, "Rules": []})


def listener_rule(item: Item, out: Out) -> None:
    name = item.ref("listener_arn")
    doc = out.get("ListenerRules", name)
    if doc is None:
        what = f"listener_arn of {item.address}"
        out.gap(what, item.address, "unknown until apply", "ListenerRules")
        return
    actions = _actions(item, "action")
    doc["Rules"].append(
        {"RuleArn": item.id, "Actions": actions, "Priority": str(item.number("priority"))}
    )
    for key, listed in out.each("LoadBalancerListeners"):
        if any(one["ListenerArn"] == name for one in listed["Listeners"]):
            _link(out, key, actions)
