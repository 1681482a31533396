"""Through transit gateways: in by an attachment, by its table, and out. Rules: N8, N41–N43a."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mute_audit.inventory.connect import TransitGatewayVpcAttachment
from mute_audit.network import intervals
from mute_audit.network.allowed import OPEN
from mute_audit.network.landings import DROPPED, Carried, Land, Landing, Packet, any_of, lost
from mute_audit.network.model import Model
from mute_audit.network.routing import Table
from mute_audit.network.sight import Sight
from mute_audit.network.transit import (
    OUTSIDE_KINDS,
    TransitGateways,
    in_service,
    supports_references,
)
from mute_audit.network.transit_tables import Hop
from mute_audit.verdict import Gap

__all__ = ["TransitWays"]


class TransitWays:
    """Carries packets from attachment to attachment; `routed` takes them on in a VPC."""

    def __init__(
        self,
        model: Model,
        transit: TransitGateways,
        routed: Callable[[Table, str, str, Packet], Carried],
    ) -> None:
        self._model = model
        self._transit = transit
        self._routed = routed

    def enter(self, gateway: str, vpc: str, packet: Packet) -> Carried:
        """N42, and the ACL of the attachment's subnet (N43a)."""
        attachment = self._transit.vpc_attachment(gateway, vpc)
        if attachment is None:
            gap = self._model.failure("TransitGatewayVpcAttachments", vpc)
            why = Gap(gateway, vpc, "not in the snapshot", "TransitGatewayVpcAttachments")
            return lost(gap or why)
        near = [name for name in attachment.subnet_ids if self._model.zone_id(name) == packet.zone]
        if not near or not in_service(attachment.state) or _without_six(attachment, packet):
            return DROPPED
        allowed = self._model.acl(near[0], egress=False).allows(packet.version, packet.source)
        on = self._transit.carries_references(gateway, attachment)
        sight = Sight(vpc if on else "", True, packet.sight.blind)
        inner = replace(packet, sight=sight)
        name = attachment.transit_gateway_attachment_id
        return self.through(gateway, name, inner).behind(allowed)

    def through(self, gateway: str, attachment: str, packet: Packet) -> Carried:
        """N41: by the table of the attachment that the packet came in by."""
        if (gateway, attachment) in packet.seen:
            return DROPPED
        packet = replace(packet, seen=packet.seen | {(gateway, attachment)})
        found = self._transit.association(gateway, attachment)
        if found.gap is not None:
            return lost(found.gap)
        if not in_service(found.state) or not found.table:
            return DROPPED
        hop = self._transit.tables.look_up(found.table, packet.version, packet.destination)
        if hop.gaps and not hop.others:
            return lost(*hop.gaps)
        parts = [DROPPED]
        if hop.attachment or hop.kind:
            parts = [self._out_of_transit(gateway, hop, packet)]
        for name in hop.others:
            parts.append(Carried((Landing(Land.PREMISES, OPEN, packet.sight, "", name),)))
        carried = parts[0] if not hop.others else any_of(parts, min(hop.gaps))
        return carried.behind(OPEN, "transit-gateway")

    def _out_of_transit(self, gateway: str, hop: Hop, packet: Packet) -> Carried:
        if hop.kind == "vpc":
            return self._into_vpc(gateway, hop, packet)
        if hop.kind == "peering":
            return self._to_other_gateway(gateway, hop, packet)
        if hop.kind in OUTSIDE_KINDS:
            landing = Landing(Land.PREMISES, OPEN, packet.sight, "", hop.attachment)
            return Carried((landing,))
        return lost(Gap(f"attachment {hop.attachment}", gateway, f"kind `{hop.kind}`"))

    def _to_other_gateway(self, gateway: str, hop: Hop, packet: Packet) -> Carried:
        """N43; group references do not cross it (N8)."""
        other, there = self._transit.far_end(gateway, hop)
        if not other:
            return lost(Gap(f"peering {hop.attachment}", gateway, "its other end is not known"))
        if not self._transit.known(other):
            return lost(Gap(f"transit gateway {other}", hop.attachment, "not in the snapshot"))
        sight = replace(packet.sight, vpc="")
        return self.through(other, there, replace(packet, sight=sight))

    def _into_vpc(self, gateway: str, hop: Hop, packet: Packet) -> Carried:
        """N43a: in the sender's zone where the attachment has it, else in any of its zones.

        In appliance mode it may be any as well.
        """
        attachment = self._transit.vpc_attachment(gateway, hop.resource)
        if attachment is None:
            gap = self._model.failure("TransitGatewayVpcAttachments", "")
            return lost(gap or Gap(f"attachment {hop.attachment}", gateway, "not in the snapshot"))
        if not in_service(attachment.state) or _without_six(attachment, packet):
            return DROPPED
        if not supports_references(attachment):
            packet = replace(packet, sight=replace(packet.sight, vpc=""))
        subnets = [n for n in attachment.subnet_ids if self._model.zone_id(n) == packet.zone]
        if attachment.options.appliance_mode_support == "enable":
            subnets = []  # the zone is chosen by the flow's addresses and ports
        choices = subnets or list(attachment.subnet_ids)
        if not choices:
            return lost(Gap(f"subnets of {hop.attachment}", hop.resource, "none is described"))
        parts = [self._emerge(attachment.vpc_id, subnet, packet) for subnet in choices]
        if len(parts) == 1:
            return parts[0]
        gap = Gap(f"zone taken by {gateway}", attachment.vpc_id, "AWS chooses the zone")
        return any_of(parts, gap)

    def _emerge(self, vpc: str, subnet: str, packet: Packet) -> Carried:
        """No ACL for what stays in the attachment's own subnet (transit gateway guide)."""
        version, address = packet.version, packet.destination
        if intervals.contains(self._model.networks(subnet).axis(version), address):
            return Carried((Landing(Land.VPC, OPEN, packet.sight, vpc, filtered=False),))
        allowed = self._model.acl(subnet, egress=True).allows(version, address)
        table = self._model.table(subnet)
        if isinstance(table, Gap):
            return lost(table).behind(allowed)
        onward = replace(packet, zone=self._model.zone_id(subnet))
        return self._routed(table, vpc, subnet, onward).behind(allowed)


def _without_six(attachment: TransitGatewayVpcAttachment, packet: Packet) -> bool:
    """Without IPv6 support the attachment's interfaces have no IPv6 addresses (TGA)."""
    return packet.version == 6 and attachment.options.ipv6_support == "disable"
