"""Load balancers: which targets a node of one sends to, and as what. Rules: N47–N50."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from mute_audit.inventory.workload import (
    Listener,
    LoadBalancer,
    TargetGroup,
    TargetHealthDescription,
)
from mute_audit.network.addresses import parse_address
from mute_audit.network.endpoint import Endpoint, Position
from mute_audit.network.model import Model
from mute_audit.network.traffic import TCP, UDP, Traffic
from mute_audit.network.trips import Leg, Outside, Realm, label
from mute_audit.verdict import Gap

__all__ = ["Balancers"]

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
# What a balancer sends to as long as one such target is there, and what it falls back on when
# there is none (target group guides, health).
_TAKEN = frozenset({"healthy", "unavailable"})
_FALLBACK = frozenset({"unhealthy", "initial", ""})
_ACTIONS = {
    "LoadBalancerListeners": "elasticloadbalancing:DescribeListeners",
    "TargetGroups": "elasticloadbalancing:DescribeTargetGroups",
    "LoadBalancerTargetHealth": "elasticloadbalancing:DescribeTargetHealth",
}
_EVERYTHING = Traffic.everything()


class Balancers:
    """The second legs of every load balancer of an estate."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._inventory = model.inventory
        self._legs: dict[str, tuple[Leg, ...]] = {}

    def legs(self, box: Endpoint) -> tuple[Leg, ...]:
        """Where a balancer's interface sends what its listeners take."""
        key = label(box)
        found = self._legs.get(key)
        if found is None:
            found = self._legs[key] = tuple(self._find(box))
        return found

    # --- look-ups -----------------------------------------------------------------------------

    @cached_property
    def _listeners(self) -> dict[str, list[Listener]]:
        found: dict[str, list[Listener]] = {}
        for region in self._inventory.regions:
            for item in region.load_balancer_listeners:
                found.setdefault(item.load_balancer_arn, []).extend(item.listeners)
        return found

    @cached_property
    def _groups(self) -> dict[str, TargetGroup]:
        return {
            item.target_group_arn: item
            for region in self._inventory.regions
            for item in region.target_groups
        }

    @cached_property
    def _health(self) -> dict[str, list[TargetHealthDescription]]:
        found: dict[str, list[TargetHealthDescription]] = {}
        for region in self._inventory.regions:
            for item in region.load_balancer_target_health:
                found.setdefault(item.target_group_arn, []).extend(item.target_health_descriptions)
        return found

    @cached_property
    def _attributes(self) -> dict[tuple[str, str], str]:
        """(ARN of a balancer or target group, attribute) → value."""
        found: dict[tuple[str, str], str] = {}
        for region in self._inventory.regions:
            for balancer in region.load_balancer_attributes:
                for item in balancer.attributes:
                    found[balancer.load_balancer_arn, item.key] = item.value
            for group in region.target_group_attributes:
                for item in group.attributes:
                    found[group.target_group_arn, item.key] = item.value
        return found

    def _gap(self, key: str, where: str) -> Gap:
        failed = self._model.failure(key, "")
        return failed or Gap(_ACTIONS[key], where, "not in the snapshot", key)

    # --- legs ---------------------------------------------------------------------------------

    def _find(self, box: Endpoint) -> Iterator[Leg]:
        arn = self._arn(box)
        balancer = self._inventory.load_balancers.get(arn)
        if balancer is None or arn not in self._listeners:
            yield Leg(box, _EVERYTHING, gap=self._gap("LoadBalancerListeners", arn))
            return
        if balancer.state.code in ("provisioning", "failed"):
            return
        if balancer.type == "gateway":
            gap = Gap(f"inspection by {arn}", "", "the appliances behind it are not read")
            yield Leg(box, _EVERYTHING, gap=gap)
            return
        taken = Traffic()
        for listener in self._listeners[arn]:
            for protocol in _PROTOCOLS.get(listener.protocol, ()):
                listens = Traffic.ports(protocol, listener.port, listener.port)
                if not listens & taken:
                    taken = taken | listens
                    yield from self._by_listener(box, balancer, listener, protocol, listens)

    def _arn(self, box: Endpoint) -> str:
        """The balancer that an interface belongs to."""
        if box.place.address.type == "elbv2.load-balancer":
            return box.place.address.id
        return self._model.interfaces.balancer_of(box.interface)

    def _by_listener(
        self,
        box: Endpoint,
        balancer: LoadBalancer,
        listener: Listener,
        protocol: int,
        listens: Traffic,
    ) -> Iterator[Leg]:
        groups, itself = self._target_groups(listener)
        if not groups:
            gap = None if itself else self._gap("TargetGroups", balancer.load_balancer_arn)
            yield Leg(box, listens, gap=gap)
            return
        known = [group for group in groups if group.target_group_arn in self._health]
        if len(known) < len(groups):
            missing = next(g for g in groups if g.target_group_arn not in self._health)
            gap = self._gap("LoadBalancerTargetHealth", missing.target_group_arn)
            yield Leg(box, listens, gap=gap)
            return
        for group in groups:
            for target in self._targets(box, balancer, group):
                port = target.target.port or group.port or 0
                yield from self._to(box, balancer, group, target, protocol, port, listener, listens)

    def _target_groups(self, listener: Listener) -> tuple[list[TargetGroup], bool]:
        """The groups that a listener's actions name, and whether it answers by itself."""
        actions = list(listener.default_actions)
        for region in self._inventory.regions:
            for item in region.listener_rules:
                if item.listener_arn == listener.listener_arn:
                    actions += [action for rule in item.rules for action in rule.actions]
        arns: dict[str, None] = {}
        for action in actions:
            forward = action.forward_config
            shares = forward.target_groups if forward is not None else ()
            used = [share for share in shares if share.weight != 0]
            # A group of weight 0 gets nothing as long as another one gets something.
            for share in used or shares:
                arns[share.target_group_arn] = None
            if not shares and action.target_group_arn:
                arns[action.target_group_arn] = None
        itself = any(action.type in ("redirect", "fixed-response") for action in actions)
        return [self._groups[arn] for arn in arns if arn in self._groups], itself

    def _targets(
        self, box: Endpoint, balancer: LoadBalancer, group: TargetGroup
    ) -> list[TargetHealthDescription]:
        """The targets that may be taken from this node."""
        registered = self._health[group.target_group_arn]
        if not self._crosses_zones(balancer, group):
            here = ("", "all", self._model.zone(box.subnet))
            registered = [item for item in registered if self._zone(item) in here]
        taken = [item for item in registered if item.target_health.state in _TAKEN]
        return taken or [item for item in registered if item.target_health.state in _FALLBACK]

    def _crosses_zones(self, balancer: LoadBalancer, group: TargetGroup) -> bool:
        """An application balancer crosses zones unless told not to; a network one the reverse."""
        key = "load_balancing.cross_zone.enabled"
        own = self._attributes.get((group.target_group_arn, key))
        if own in ("true", "false"):
            return own == "true"
        default = "true" if balancer.type == "application" else "false"
        return self._attributes.get((balancer.load_balancer_arn, key), default) == "true"

    def _zone(self, item: TargetHealthDescription) -> str:
        if item.target.availability_zone:
            return item.target.availability_zone
        instance = self._inventory.instances.get(item.target.id)
        if instance is not None:
            return self._model.zone(instance.subnet_id) or instance.placement.availability_zone
        holder = self._at_address(item.target.id)
        return self._model.zone(holder.subnet) if holder is not None else ""

    def _at_address(self, text: str, vpc: str = "") -> Endpoint | None:
        try:
            version, number = parse_address(text)
        except ValueError:
            return None
        vpcs = [vpc] if vpc else list(self._inventory.vpcs)
        found = (self._model.interfaces.holder(name, version, number) for name in vpcs)
        return next((holder for holder in found if holder is not None), None)

    def _keeps(self, balancer: LoadBalancer, group: TargetGroup) -> bool:
        """N49: whether the target sees the client's own address."""
        if balancer.type != "network" or group.target_type == "alb":
            return balancer.type == "network"
        if group.protocol in ("UDP", "TCP_UDP", "QUIC", "TCP_QUIC"):
            return True
        given = self._attributes.get((group.target_group_arn, "preserve_client_ip.enabled"))
        if given in ("true", "false"):
            return given == "true"
        return group.target_type == "instance"

    def _to(
        self,
        box: Endpoint,
        balancer: LoadBalancer,
        group: TargetGroup,
        item: TargetHealthDescription,
        protocol: int,
        port: int,
        listener: Listener,
        listens: Traffic,
    ) -> Iterator[Leg]:
        """One leg; to an application balancer one for each of its nodes."""
        if group.target_type == "lambda":
            yield Leg(box, listens)
            return
        sends = Traffic.ports(protocol, port or listener.port, port or listener.port)
        version = 6 if group.ip_address_type == "ipv6" else 4
        found = self._addresses(box, group, item.target.id, version)
        if not found:
            name = item.target.id
            gap = Gap(
                f"address of target {name}", balancer.load_balancer_arn, "not in the snapshot"
            )
            yield Leg(box, listens, sends, gap=gap)
        keeps = self._keeps(balancer, group)
        for target, address in found:
            yield Leg(box, listens, sends, target, version, address, keeps)

    def _addresses(
        self, box: Endpoint, group: TargetGroup, name: str, version: int
    ) -> list[tuple[Endpoint | Outside, int]]:
        """The interface and the address that a target is sent to; of a balancer, all of them."""
        if group.target_type in ("instance", "alb"):
            kind = "ec2.instance" if group.target_type == "instance" else "elbv2.load-balancer"
            endpoints = self._model.endpoints.by_id(kind, name)
            primary = ""
            if name in self._inventory.instances:
                primary = self._inventory.instances[name].private_ip_address
            found: list[tuple[Endpoint | Outside, int]] = [
                (end, standing.addresses.axis(version)[0])
                for end in endpoints
                for standing in end.standings
                if standing.version == version and standing.position is Position.EXACT
            ]
            if primary and version == 4:
                wanted = parse_address(primary)[1]
                found.sort(key=lambda pair: pair[1] != wanted)
            return found if group.target_type == "alb" else found[:1]
        try:
            own, number = parse_address(name)
        except ValueError:
            return []
        holder = self._model.interfaces.holder(box.vpc, own, number) or self._at_address(name)
        # An address that is nobody's here may be one on premises.
        return [(holder or Outside(Realm.PREMISES, anything=True), number)]
