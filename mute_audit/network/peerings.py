"""Peering connections: who may send what to whom over them. Rules: N6, N7, N39, N40."""

from __future__ import annotations

from dataclasses import replace

from mute_audit.inventory.connect import PeeringVpc
from mute_audit.network import intervals
from mute_audit.network.addresses import AddressSet
from mute_audit.network.model import Model
from mute_audit.network.sight import BLIND, Sight
from mute_audit.verdict import Gap

__all__ = ["Peerings"]


class Peerings:
    """The peering connections of one estate."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._blocks: dict[str, AddressSet] = {}

    def cross(
        self, name: str, vpc: str, version: int, source: int, destination: int, sight: Sight
    ) -> str | Gap | None:
        """The VPC at the other end; None where the connection drops the packet."""
        model = self._model
        connection = model.inventory.peerings.get(name)
        if connection is None:
            failed = model.failure("VpcPeeringConnections", vpc)
            return failed or Gap(name, vpc, "not in the snapshot", "VpcPeeringConnections")
        here, there = connection.requester_vpc_info, connection.accepter_vpc_info
        if here.vpc_id != vpc:
            here, there = there, here
        if here.vpc_id != vpc:
            return Gap(name, vpc, "the connection is not one of this VPC")
        if connection.status.code != "active":
            return None
        own = model.vpc_networks(vpc)
        if own and not sight.kept and not intervals.contains(own.axis(version), source):
            return None  # N40: it takes only what the VPC itself sends
        theirs = self.networks(there)
        if theirs and not intervals.contains(theirs.axis(version), destination):
            return None
        return there.vpc_id

    def networks(self, end: PeeringVpc) -> AddressSet:
        """The addresses of the VPC at one end: as described, else as the connection says."""
        found = self._blocks.get(end.vpc_id)
        if found is None:
            found = self._model.vpc_networks(end.vpc_id)
            if not found:
                texts = [item.cidr_block for item in end.cidr_block_set] or [end.cidr_block]
                texts += [item.ipv6_cidr_block for item in end.ipv6_cidr_block_set]
                found = AddressSet.readable(texts)
            self._blocks[end.vpc_id] = found
        return found

    def outlook(self, name: str, vpc: str) -> Sight:
        """What egress rules in `vpc` see of the other end (N6, N7)."""
        connection = self._model.inventory.peerings.get(name)
        if connection is None:
            return BLIND
        ends = (connection.requester_vpc_info.vpc_id, connection.accepter_vpc_info.vpc_id)
        other = ends[1] if ends[0] == vpc else ends[0]
        return Sight(other, far=True) if self._visible(name) else BLIND

    def look_back(self, name: str, vpc: str) -> Sight:
        """What ingress rules at the other end see of a packet from `vpc`."""
        return Sight(vpc if self._visible(name) else "", far=True)

    def beyond(self, name: str, vpc: str, sight: Sight) -> Sight:
        """What they see of one that came to the connection with `sight`."""
        if sight.kept:
            # Of the sender only the balancer's own groups, and in the same Region alone.
            return sight if self._visible(name) else Sight(vpc, far=True, blind=True)
        return replace(self.look_back(name, vpc), blind=sight.blind)

    def near(self, one: str, other: str) -> bool:
        """Whether two VPCs are peered inside one Region."""
        return any(
            {item.requester_vpc_info.vpc_id, item.accepter_vpc_info.vpc_id} == {one, other}
            and self._visible(name)
            for name, item in self._model.inventory.peerings.items()
        )

    def _visible(self, name: str) -> bool:
        connection = self._model.inventory.peerings[name]
        regions = (connection.requester_vpc_info.region, connection.accepter_vpc_info.region)
        same = regions[0] == regions[1] or "" in regions
        return same and connection.status.code == "active"

    def cuts(self, version: int) -> set[int]:
        found: set[int] = set()
        for connection in self._model.inventory.peerings.values():
            for end in (connection.requester_vpc_info, connection.accepter_vpc_info):
                found.update(self.networks(end).axis(version))
        return found
