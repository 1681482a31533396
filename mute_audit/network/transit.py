"""Transit gateways: what is attached to them, and how. Rules: N8, N41–N43."""

from __future__ import annotations

from dataclasses import dataclass

from mute_audit.address import is_id
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.connect import (
    TransitGatewayAttachment,
    TransitGatewayVpcAttachment,
)
from mute_audit.network.addresses import AddressSet
from mute_audit.network.prefix_lists import PrefixLists
from mute_audit.network.sight import BLIND, Sight
from mute_audit.network.transit_tables import Hop, TransitTables
from mute_audit.verdict import Gap

__all__ = [
    "OUTSIDE_KINDS",
    "Association",
    "TransitGateways",
    "in_service",
    "supports_references",
]

# Attachments that lead to networks which AWS does not describe.
OUTSIDE_KINDS = frozenset({"vpn", "direct-connect-gateway", "connect"})


def in_service(state: str) -> bool:
    """An attachment goes on working while its options are changed."""
    return state in ("available", "modifying", "")


@dataclass(frozen=True, slots=True)
class Association:
    """The route table of an attachment, empty if it has none; `gap` where that is not known."""

    table: str = ""
    state: str = ""
    gap: Gap | None = None


class TransitGateways:
    """What the transit gateways of a snapshot do with a packet."""

    def __init__(self, inventory: Inventory, lists: PrefixLists) -> None:
        self._inventory = inventory
        self.tables = TransitTables(inventory, lists)
        self._by_vpc: dict[tuple[str, str], TransitGatewayVpcAttachment] = {}
        self._attached: dict[tuple[str, str], TransitGatewayAttachment] = {}
        self._far_ends: dict[tuple[str, str], tuple[str, str]] = {}
        self._known: set[str] = set()
        self._options: set[str] = set()
        self._references: set[str] = set()
        self.outside: dict[str, str] = {}
        for region in inventory.regions:
            self._read(region)

    def _read(self, region: RegionInventory) -> None:
        for gateway in region.transit_gateways:
            self._known.add(gateway.transit_gateway_id)
            self._options.add(gateway.transit_gateway_id)
            if gateway.options.security_group_referencing_support == "enable":
                self._references.add(gateway.transit_gateway_id)
        for item in region.transit_gateway_vpc_attachments:
            key = (item.transit_gateway_id, item.vpc_id)
            held = self._by_vpc.get(key)
            # One in service before one that is not.
            if held is None or (in_service(item.state) and not in_service(held.state)):
                self._by_vpc[key] = item
        for listed in region.transit_gateway_attachments:
            name, owner = listed.transit_gateway_attachment_id, listed.transit_gateway_id
            self._known.add(owner)
            held_before = self._attached.get((name, owner))
            # Two accounts may list it, and the one with the VPC leave the table out.
            if held_before is None or held_before.association is None:
                self._attached[name, owner] = listed
            if listed.resource_type in OUTSIDE_KINDS:
                self.outside.setdefault(name, owner)
        for peering in region.transit_gateway_peering_attachments:
            name = peering.transit_gateway_attachment_id
            one = peering.requester_tgw_info.transit_gateway_id
            other = peering.accepter_tgw_info.transit_gateway_id
            accepter = peering.accepter_transit_gateway_attachment_id
            if accepter:
                self._far_ends[name, one] = (other, accepter)
                self._far_ends[accepter, other] = (one, name)
            else:
                # Within a Region the accepter's end may be listed as well, without the other.
                self._far_ends.setdefault((name, one), (other, name))
                self._far_ends.setdefault((name, other), (one, name))

    # --- attachments --------------------------------------------------------------------------

    def vpc_attachment(self, gateway: str, vpc: str) -> TransitGatewayVpcAttachment | None:
        return self._by_vpc.get((gateway, vpc))

    def carries_references(self, gateway: str, attachment: TransitGatewayVpcAttachment) -> bool:
        """N8: the option has to be on at the gateway and at the attachment."""
        return gateway in self._references and supports_references(attachment)

    def sight_behind(self, gateway: str, attachment: str) -> Sight:
        """What references see of a VPC that is attached, and not described (N8)."""
        found = self._attached.get((attachment, gateway))
        if found is None or found.resource_type != "vpc":
            return BLIND
        held = self._by_vpc.get((gateway, found.resource_id))
        off = gateway in self._options and gateway not in self._references
        if off or (held is not None and not supports_references(held)):
            return BLIND
        return Sight(found.resource_id, far=True)

    def networks_at(self, gateway: str) -> AddressSet:
        """The networks of the described VPCs that hang on a gateway."""
        vpcs = self._inventory.vpcs
        texts = [
            text
            for owner, name in self._by_vpc
            if owner == gateway and name in vpcs
            for text in (*vpcs[name].ipv4_cidrs, *vpcs[name].ipv6_cidrs)
        ]
        return AddressSet.readable(texts)

    def unread(self, gateway: str) -> Gap | None:
        """Why the route tables of a gateway may have more routes than the snapshot."""
        gaps = (
            gap
            for region in self._inventory.regions
            for table in region.transit_gateway_route_tables
            if table.transit_gateway_id == gateway
            for gap in sorted(self.tables.gaps(table.transit_gateway_route_table_id))
        )
        return next(gaps, None)

    def known(self, gateway: str) -> bool:
        """Whether the snapshot says anything about a gateway."""
        return gateway in self._known

    def association(self, gateway: str, attachment: str) -> Association:
        """N41: the one route table that decides for what comes in by an attachment."""
        found = self._attached.get((attachment, gateway))
        if found is None:
            failed = self._failure("TransitGatewayAttachments")
            gap = failed or Gap(f"association of {attachment}", gateway, "not in the snapshot")
            return Association(gap=gap)
        held = found.association
        if held is None or held.state not in ("associated", ""):
            return Association(state=found.state)
        return Association(held.transit_gateway_route_table_id, found.state)

    def far_end(self, gateway: str, hop: Hop) -> tuple[str, str]:
        """The gateway at the other end of a peering, and its attachment; empty where not known.

        Between Regions both ends list one attachment, within a Region each has its own.
        """
        found, there = self._far_ends.get((hop.attachment, gateway), ("", ""))
        if not found:
            for name, owner in self._attached:
                if name == hop.attachment:
                    ends = (owner, self._attached[name, owner].resource_id)
                    found = next((e for e in ends if is_id(e, "tgw-") and e != gateway), "")
                    if found:
                        break
        if not found and is_id(hop.resource, "tgw-") and hop.resource != gateway:
            found = hop.resource
        if (there, found) in self._attached or (hop.attachment, found) in self._attached:
            return found, there if (there, found) in self._attached else hop.attachment
        facing = [
            name
            for (name, owner), item in self._attached.items()
            if owner == found and item.resource_type == "peering" and item.resource_id == gateway
        ]
        return found, facing[0] if len(facing) == 1 else there or hop.attachment

    # --- route tables -------------------------------------------------------------------------

    def _failure(self, key: str) -> Gap | None:
        gaps = (region.failure(key) for region in self._inventory.regions)
        return next((gap for gap in gaps if gap is not None), None)


def supports_references(attachment: TransitGatewayVpcAttachment) -> bool:
    return attachment.options.security_group_referencing_support == "enable"
