"""Load balancers: from the listener to a target (N47–N50).

A balancer takes one of its targets. Which one is the `pick` of the walk; how many there are
is noted in `choices`, so that whoever asks can try them all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mute_audit.inventory.workload import Listener, ListenerAction, LoadBalancer, TargetGroup
from mute_audit.network.portspec import TCP, UDP, protocol_name
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.codes import Component
from mute_audit.network.tracer.header import IP, read_address
from mute_audit.network.tracer.journey import Journey, Way
from mute_audit.network.tracer.nics import Nic
from mute_audit.network.tracer.spots import Arrived, Dropped, Leave, Spot
from mute_audit.network.tracer.walk import Session, Walk
from mute_audit.verdict import Gap

__all__ = ["at_balancer", "listeners_of"]

_PROTOCOLS = {
    "HTTP": (TCP,),
    "HTTPS": (TCP,),
    "TCP": (TCP,),
    "TLS": (TCP,),
    "UDP": (UDP,),
    "TCP_UDP": (TCP, UDP),
    "QUIC": (UDP,),
    "TCP_QUIC": (TCP, UDP),
}

_NOT_SERVING = frozenset({"provisioning", "failed"})

# What a balancer sends to as long as one such target is there (target group guides: health).
_TAKEN = frozenset({"healthy", "unavailable"})
# Targets that it falls back on when none is healthy.
_FALLBACK = frozenset({"unhealthy", "initial", ""})


@dataclass(frozen=True, slots=True)
class _Target:
    """One registered target, and what the target group says about reaching it.

    address  of an application balancer: one of its nodes
    """

    group: TargetGroup
    id: str
    port: int
    zone: str
    state: str
    address: IP | None = None


def listeners_of(atlas: Atlas, arn: str) -> tuple[Listener, ...] | None:
    """The listeners of a balancer; None where the snapshot has none for it."""
    found = None
    for region in atlas.inventory.regions:
        for item in region.load_balancer_listeners:
            if item.load_balancer_arn == arn:
                found = (found or ()) + item.listeners
    return found


def at_balancer(walk: Walk, nic: Nic) -> Spot:
    """At a balancer's address: the listener, and on to the target that was picked."""
    arn, header = nic.owner.id, walk.header
    balancer = walk.atlas.inventory.load_balancers.get(arn)
    listeners = listeners_of(walk.atlas, arn)
    if balancer is None or listeners is None:
        walk.unsure(_gap(walk.atlas, "LoadBalancerListeners", arn))
        return Arrived("load-balancer", arn, nic)
    if balancer.state.code in _NOT_SERVING:
        name, state = nic.owner.name or arn, balancer.state.code
        walk.block(Component.BALANCER, arn, "not-available", f"{name} is {state}")
        return Dropped()
    if balancer.type == "gateway":
        walk.unsure(Gap(f"inspection by {arn}", "", "the appliances behind it are not read"))
        return Arrived("load-balancer", arn, nic)
    walk.visit("listeners", arn)
    listener = next(
        (
            item
            for item in listeners
            if item.port == header.port and header.protocol in _PROTOCOLS.get(item.protocol, ())
        ),
        None,
    )
    if listener is None:
        walk.block(
            Component.BALANCER,
            arn,
            "no-listener",
            f"{nic.owner.name or arn} does not listen on {protocol_name(header.protocol)} "
            f"{header.port}",
        )
        return Dropped()
    walk.decided(listener.listener_arn)
    groups, answers_itself = _groups(walk, listener)
    if not groups:
        if answers_itself:
            walk.note("targets", f"{nic.owner.name} answers on port {listener.port} itself")
        else:
            walk.unsure(_gap(walk.atlas, "TargetGroups", arn))
        return Arrived("load-balancer", arn, nic)
    targets = _targets(walk, balancer, nic, groups)
    if targets is None:
        return Arrived("load-balancer", arn, nic)
    if not targets:
        walk.block(
            Component.BALANCER,
            arn,
            "no-target",
            f"{nic.owner.name or arn} has no target for port {listener.port}",
        )
        return Dropped()
    walk.choices[arn] = len(targets)
    return _send(walk, nic, balancer, listener, targets[walk.picks.get(arn, 0)])


def _gap(atlas: Atlas, key: str, where: str) -> Gap:
    for region in atlas.inventory.regions:
        failed = region.failure(key)
        if failed is not None:
            return failed
    return Gap(_ACTIONS[key], where, "not in the snapshot", key)


_ACTIONS = {
    "LoadBalancerListeners": "elasticloadbalancing:DescribeListeners",
    "TargetGroups": "elasticloadbalancing:DescribeTargetGroups",
    "LoadBalancerTargetHealth": "elasticloadbalancing:DescribeTargetHealth",
}


def _groups(walk: Walk, listener: Listener) -> tuple[list[TargetGroup], bool]:
    """The target groups that a listener's actions name, and whether one answers by itself."""
    actions = list(listener.default_actions)
    for region in walk.atlas.inventory.regions:
        for item in region.listener_rules:
            if item.listener_arn == listener.listener_arn:
                for rule in item.rules:
                    actions += rule.actions
    arns: list[str] = []
    itself = False
    for action in actions:
        if action.type in ("redirect", "fixed-response"):
            itself = True
        arns += _forwarded(action)
    known = {
        item.target_group_arn: item
        for region in walk.atlas.inventory.regions
        for item in region.target_groups
    }
    return [known[arn] for arn in dict.fromkeys(arns) if arn in known], itself


def _forwarded(action: ListenerAction) -> list[str]:
    """The target groups of one action; none of weight 0 beside others that have some."""
    if action.forward_config is None or not action.forward_config.target_groups:
        return [action.target_group_arn] if action.target_group_arn else []
    given = action.forward_config.target_groups
    weighed = [item for item in given if item.weight != 0] or list(given)
    return [item.target_group_arn for item in weighed]


def _attributes(walk: Walk, arn: str, vpc: str) -> dict[str, str]:
    """The attributes of a balancer or target group; empty, and said so, where not described."""
    atlas = walk.atlas
    for region in atlas.inventory.regions:
        for balancer in region.load_balancer_attributes:
            if balancer.load_balancer_arn == arn:
                return {item.key: item.value for item in balancer.attributes}
        for group in region.target_group_attributes:
            if group.target_group_arn == arn:
                return {item.key: item.value for item in group.attributes}
    key = "LoadBalancerAttributes" if ":loadbalancer/" in arn else "TargetGroupAttributes"
    walk.assume(key, vpc)
    return {}


def _targets(
    walk: Walk, balancer: LoadBalancer, nic: Nic, groups: list[TargetGroup]
) -> list[_Target] | None:
    """The targets that may be taken from this node; None where their health is not known."""
    atlas = walk.atlas
    found: list[_Target] = []
    for group in groups:
        health = [
            item
            for region in atlas.inventory.regions
            for item in region.load_balancer_target_health
            if item.target_group_arn == group.target_group_arn
        ]
        if not health:
            walk.unsure(_gap(atlas, "LoadBalancerTargetHealth", group.target_group_arn))
            return None
        registered = [
            _Target(
                group,
                item.target.id,
                item.target.port or group.port or 0,
                item.target.availability_zone or _zone_of(atlas, item.target.id),
                item.target_health.state,
            )
            for listed in health
            for item in listed.target_health_descriptions
        ]
        if not _crosses_zones(walk, balancer, group):
            zone = atlas.zone(nic.subnet)
            registered = [t for t in registered if t.zone in ("", "all", zone)]
        taken = [target for target in registered if target.state in _TAKEN]
        taken = taken or [target for target in registered if target.state in _FALLBACK]
        found += [node for target in taken for node in _nodes(atlas, target)]
    return found


def _nodes(atlas: Atlas, target: _Target) -> list[_Target]:
    """A target; one for each node of an application balancer."""
    if target.group.target_type != "alb":
        return [target]
    addresses = [a for nic in atlas.of_balancer(target.id) for a in nic.addresses]
    return [replace(target, address=a) for a in addresses if a.version == 4] or [target]


def _crosses_zones(walk: Walk, balancer: LoadBalancer, group: TargetGroup) -> bool:
    """An application balancer crosses zones unless told not to; a network one the reverse."""
    key = "load_balancing.cross_zone.enabled"
    own = _attributes(walk, group.target_group_arn, balancer.vpc_id).get(key)
    if own in ("true", "false"):
        return own == "true"
    given = _attributes(walk, balancer.load_balancer_arn, balancer.vpc_id)
    default = "true" if balancer.type == "application" else "false"
    return given.get(key, default) == "true"


def _zone_of(atlas: Atlas, target: str) -> str:
    instance = atlas.inventory.instances.get(target)
    if instance is not None:
        return atlas.zone(instance.subnet_id) or instance.placement.availability_zone
    try:
        nics = atlas.everywhere(read_address(target))
    except ValueError:
        return ""
    return atlas.zone(nics[0].subnet) if nics else ""


def _keeps_client(walk: Walk, balancer: LoadBalancer, group: TargetGroup) -> bool:
    """N49: whether the target sees the client's own address."""
    if balancer.type != "network" or group.target_type == "alb":
        # To a balancer as target the client's address is always kept (TGT).
        return balancer.type == "network"
    if group.protocol in ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC"):
        return True
    given = _attributes(walk, group.target_group_arn, balancer.vpc_id).get(
        "preserve_client_ip.enabled"
    )
    if given in ("true", "false"):
        return given == "true"
    return group.target_type == "instance"


def _address_of(atlas: Atlas, group: TargetGroup, target: str, version: int) -> IP | None:
    if group.target_type == "instance":
        instance = atlas.inventory.instances.get(target)
        primary = instance.private_ip_address if instance is not None else ""
        addresses = [a for nic in atlas.of_instance(target) for a in nic.addresses]
        addresses.sort(key=lambda address: str(address) != primary)
        return next((a for a in addresses if a.version == version), None)
    if group.target_type == "alb":
        return None  # its nodes are not described
    try:
        return read_address(target)
    except ValueError:
        return None


def _sees_client(walk: Walk, nic: Nic, balancer: LoadBalancer, target: str, address: IP) -> bool:
    """Whether a packet under the client's address can get to a target and be answered.

    Not to the client itself (NAT loopback), and only in the balancer's VPC or one that is
    peered with it in the same Region (network target groups, client IP preservation).
    """
    holders = walk.find(nic.vpc, address) or walk.atlas.everywhere(address)
    if holders and holders[0].has(walk.header.source):
        name = balancer.load_balancer_name
        walk.block(
            Component.BALANCER,
            balancer.load_balancer_arn,
            "loopback",
            f"{name} keeps the client's address, so that {target} does not reach itself by it",
        )
        return False
    vpc = holders[0].vpc if holders else ""
    if vpc != nic.vpc and not _peered(walk.atlas, nic.vpc, vpc):
        where = vpc or "a network outside"
        why = "AWS keeps the client's address only for targets in this VPC or a peered one"
        walk.unsure(Gap(f"target {target} in {where}", nic.vpc, why))
        return False
    return True


def _peered(atlas: Atlas, one: str, other: str) -> bool:
    return any(
        {item.requester_vpc_info.vpc_id, item.accepter_vpc_info.vpc_id} == {one, other}
        and item.requester_vpc_info.region == item.accepter_vpc_info.region
        and item.status.code == "active"
        for item in atlas.inventory.peerings.values()
    )


def _send(
    walk: Walk, nic: Nic, balancer: LoadBalancer, listener: Listener, target: _Target
) -> Spot:
    """The second leg: to the target's own port, under the balancer's or the client's address."""
    arn, header, group = nic.owner.id, walk.header, target.group
    if group.target_type == "lambda":
        walk.note("targets", f"{nic.owner.name} calls the function {target.id}")
        return Arrived("load-balancer", arn, nic)
    version = 6 if group.ip_address_type == "ipv6" else 4
    address = target.address or _address_of(walk.atlas, group, target.id, version)
    own = next((a for a in nic.addresses if a.version == version), None)
    if address is None or own is None:
        walk.unsure(Gap(f"address of target {target.id}", arn, "not in the snapshot"))
        return Arrived("load-balancer", arn, nic)
    if target.state not in _TAKEN:
        walk.note("targets", f"no target is healthy; {target.id} is {target.state or 'unknown'}")
    keeps = _keeps_client(walk, balancer, group) and header.source.version == version
    if keeps and not _sees_client(walk, nic, balancer, target.id, address):
        return Dropped()
    protocol = UDP if header.protocol == UDP else TCP
    walk.header = replace(
        header,
        protocol=protocol,
        source=header.source if keeps else own,
        source_port=header.source_port if keeps else walk.fresh_port(),
        destination=address,
        port=target.port or listener.port,
    )
    walk.sessions.append(Session(nic.label, header, walk.header, keeps, nic))
    # With the client's address kept, only the balancer's own groups are seen as the sender's,
    # not those of the client (TGT, N50).
    walk.journey = (
        Journey(Way.OUTSIDE, also=frozenset(nic.groups)) if keeps else Journey(Way.LOCAL, nic.vpc)
    )
    walk.note("targets", f"{nic.owner.name or arn} sends it on to {target.id} as {walk.header}")
    return Leave(nic)
