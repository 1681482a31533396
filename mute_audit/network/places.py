"""The places of an estate, and how a person names them."""

from __future__ import annotations

import difflib
from functools import cached_property

from mute_audit.errors import PlaceError
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.base import name_of
from mute_audit.inventory.network import NetworkInterface
from mute_audit.inventory.workload import Instance
from mute_audit.network.claims import Claims
from mute_audit.network.outer import Outer, outer_places
from mute_audit.network.parts import part_place
from mute_audit.network.place import (
    INTERNET,
    OUTER_TYPES,
    Place,
    PlaceKind,
    parse_internet,
    parse_network,
)
from mute_audit.network.sites import (
    Site,
    gateway_sites,
    instance_site,
    interface_place,
    interface_site,
    resource_place,
    service_sites,
)

__all__ = [
    "INTERNET",
    "Directory",
    "Place",
    "PlaceKind",
    "Site",
    "interface_place",
    "parse_internet",
    "parse_network",
]

# Where an instance's state makes it no place at all.
_GONE = frozenset({"terminated", "shutting-down"})


def _host(name: str) -> str:
    """A DNS name in the one form in which names are compared."""
    return name.rstrip(".").lower()


def _names(site: Site) -> set[str]:
    """What a person may call a place."""
    address = site.place.address
    names = {address.id, address.name, address.id.rpartition("/")[2], _host(site.host)}
    if len(site.interfaces) == 1:
        names.add(site.interfaces[0])
    return names - {""}


def _called(place: Place) -> set[str]:
    """What a person may call a network outside."""
    return {place.address.id, place.address.name} - {""}


class Directory:
    """The places of one inventory, by every name that a person may use for them.

    Everything is made when it is first asked for: a question about a few databases among
    100,000 instances makes no site of any instance.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._instance_sites: dict[str, Site] = {}
        self._near: dict[str, list[str]] = {}

    # --- parts --------------------------------------------------------------------------------

    @cached_property
    def owned(self) -> dict[str, list[NetworkInterface]]:
        """Instance → the described interfaces that are attached to it."""
        found: dict[str, list[NetworkInterface]] = {}
        for region in self.inventory.regions:
            for eni in region.network_interfaces:
                if eni.attachment is not None and eni.attachment.instance_id:
                    found.setdefault(eni.attachment.instance_id, []).append(eni)
        return found

    @cached_property
    def services(self) -> tuple[Site, ...]:
        """Everything but instances and bare interfaces."""
        found: list[Site] = []
        for region in self.inventory.regions:
            found += service_sites(region) + gateway_sites(region)
        return tuple(found)

    @cached_property
    def _service_interfaces(self) -> frozenset[str]:
        return frozenset(name for site in self.services for name in site.interfaces)

    @cached_property
    def _claims(self) -> tuple[Claims, ...]:
        return tuple(Claims(region) for region in self.inventory.regions)

    def stands_alone(self, eni: NetworkInterface) -> bool:
        """Whether a described interface is a place of its own, that of no other resource."""
        if any(claims.cover(eni) for claims in self._claims):
            return False
        if eni.network_interface_id in self._service_interfaces:
            return False
        return eni.network_interface_id not in self._on_instances

    @cached_property
    def _on_instances(self) -> frozenset[str]:
        """The interfaces of instances.

        One can outlive its instance; as long as it is attached, nobody is behind it.
        """
        return frozenset(
            eni.network_interface_id
            for item in self.inventory.instances.values()
            for eni in (self.owned.get(item.instance_id) or item.network_interfaces)
        )

    def instance_place(self, region: RegionInventory, item: Instance) -> Place:
        """The place that an instance is."""
        return resource_place(region, "ec2.instance", item.instance_id, name_of(item.tags))

    def instance_site(self, region: RegionInventory, item: Instance) -> Site:
        """The site of an instance."""
        found = self._instance_sites.get(item.instance_id)
        if found is None:
            found = instance_site(region, item, self.owned.get(item.instance_id, ()))
            self._instance_sites[item.instance_id] = found
        return found

    @staticmethod
    def is_place(item: Instance) -> bool:
        """Whether an instance is still there."""
        return item.state.name not in _GONE

    @cached_property
    def instances(self) -> tuple[Site, ...]:
        """The instances that are still there."""
        return tuple(
            self.instance_site(region, item)
            for region in self.inventory.regions
            for item in region.instances
            if self.is_place(item)
        )

    @cached_property
    def interfaces(self) -> tuple[Site, ...]:
        """The interfaces that belong to no other place."""
        return tuple(
            interface_site(region, eni)
            for region in self.inventory.regions
            for eni in region.network_interfaces
            if self.stands_alone(eni)
        )

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """All of them, in order."""
        found = (*self.instances, *self.services, *self.interfaces)
        return tuple(sorted(found, key=lambda site: site.place.address))

    @cached_property
    def outer(self) -> tuple[Outer, ...]:
        """The networks outside the estate, by the gateways that lead to them."""
        return outer_places(self.inventory)

    @cached_property
    def _by_key(self) -> dict[str, list[Site]]:
        found: dict[str, list[Site]] = {}
        for site in self.sites:
            for name in _names(site):
                found.setdefault(name, []).append(site)
        return found

    @cached_property
    def _services_by_id(self) -> dict[str, list[Site]]:
        found: dict[str, list[Site]] = {}
        for site in self.services:
            found.setdefault(site.place.address.id, []).append(site)
        return found

    # --- questions ----------------------------------------------------------------------------

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(site.place for site in self.sites)

    def by_id(self, kind: str, identifier: str) -> Site | None:
        """The resource of one type with this id; None for a bare interface."""
        if kind == "ec2.instance":
            item = self.inventory.instances.get(identifier)
            if item is None or not self.is_place(item):
                return None
            region = self._region_of(item)
            return self.instance_site(region, item) if region is not None else None
        found = self._services_by_id.get(identifier, ())
        return next((site for site in found if site.place.address.type == kind), None)

    def _region_of(self, item: Instance) -> RegionInventory | None:
        regions = self.inventory.regions
        if len(regions) == 1:
            return regions[0]
        return next((r for r in regions if any(i is item for i in r.instances)), None)

    def site(self, place: Place) -> Site | None:
        """What is known of a resource place; None for the internet, networks, interfaces."""
        if place.kind is not PlaceKind.RESOURCE:
            return None
        if place.address.type != "ec2.instance":
            found = self._services_by_id.get(place.address.id, ())
            return next((site for site in found if site.place == place), None)
        site = self.by_id("ec2.instance", place.address.id)
        return site if site is not None and site.place == place else None

    def resolve(self, text: str) -> Place:
        """The one place that `text` names.

        Accepts a resource id, ARN, Terraform address, unique name, the DNS name of a load
        balancer or database, IP, CIDR, `internet` or `internet:ADDRESS`, the id of a gateway or
        connection that leads out of the estate, and that of a subnet, internet gateway or gateway
        endpoint (see `parts`).

        Raises PlaceError for a text that names nothing, or several.
        """
        text = text.strip()
        place = parse_internet(text) or parse_network(text)
        if place is not None:
            return place
        found = self._by_key.get(text) or self._by_key.get(_host(text), [])
        exact = [site for site in found if site.place.address.id == text] or found
        if len(exact) == 1:
            return exact[0].place
        if exact:
            ids = ", ".join(sorted(site.place.address.id for site in exact))
            raise PlaceError(f"`{text}` names {len(exact)} places: {ids}", hint="give the id")
        eni = self.inventory.network_interfaces.get(text)
        if eni is not None:
            return self._of_interface(eni)
        outer = [item.place for item in self.outer if text in _called(item.place)]
        outer = outer or [item.place for item in self.outer if text in item.by]
        if len(outer) == 1:
            return outer[0]
        if outer:
            ids = ", ".join(sorted(place.address.id for place in outer))
            raise PlaceError(f"`{text}` leads to {len(outer)} networks: {ids}", hint="give one id")
        part = part_place(self.inventory, text)
        if part is not None:
            return part
        near = self._like(text)
        raise PlaceError(
            f"`{text}` names no place in this source",
            hint=f"did you mean {' or '.join(f'`{name}`' for name in near)}"
            if near
            else "give a resource id, ARN, unique Name tag, IP, CIDR, or `internet`",
            near=near[0] if near else "",
        )

    def _like(self, text: str) -> list[str]:
        """Names that may have been meant; policies ask for the same ones time and again."""
        found = self._near.get(text)
        if found is None:
            found = self._near[text] = difflib.get_close_matches(text, self._by_key, n=3)
        return found

    def _of_interface(self, eni: NetworkInterface) -> Place:
        region = next(r for r in self.inventory.regions if eni in r.network_interfaces)
        return resource_place(
            region, "ec2.network-interface", eni.network_interface_id, name_of(eni.tag_set)
        )

    def select(self, text: str) -> tuple[Place, ...]:
        """All places that a selector means: `type:`, `sg:`, `subnet:`, `vpc:`, `tag:K=V`.

        Anything else is a single place (see `resolve`). An empty answer is possible for
        `type:` and `tag:`; a group, subnet or VPC that does not exist raises PlaceError.
        """
        head, colon, rest = text.strip().partition(":")
        if not colon or head not in _SELECTORS:
            return (self.resolve(text),)
        return tuple(site.place for site in self._selected(head, rest))

    def _selected(self, head: str, rest: str) -> list[Site]:
        if head == "type":
            sites = sorted(self._of_type(rest), key=lambda site: site.place.address)
            return [site for site in sites if site.place.address.type == rest]
        if head == "tag":
            key, _, value = rest.partition("=")
            return [
                site
                for site in self.sites
                if any((t.key, t.value) == (key, value) for t in site.tags)
            ]
        ids = self._ids(head, rest)
        if head == "sg":
            return [site for site in self.sites if ids & set(site.groups)]
        if head == "subnet":
            return [site for site in self.sites if ids & set(site.subnets)]
        return [site for site in self.sites if self._vpc_of(site) in ids]

    def _of_type(self, kind: str) -> tuple[Site, ...]:
        """The sites among which those of a type are."""
        if kind == "ec2.instance":
            return self.instances
        if kind == "ec2.network-interface":
            return self.interfaces
        if kind in OUTER_TYPES:
            return tuple(Site(item.place) for item in self.outer)
        return self.services

    def _vpc_of(self, site: Site) -> str:
        if site.vpc:
            return site.vpc
        subnets = (self.inventory.subnets.get(name) for name in site.subnets)
        return next((subnet.vpc_id for subnet in subnets if subnet is not None), "")

    def _ids(self, head: str, name: str) -> set[str]:
        known: dict[str, tuple[str, ...]]
        if head == "sg":
            known = {
                key: (item.group_name, name_of(item.tags))
                for key, item in self.inventory.security_groups.items()
            }
        elif head == "subnet":
            known = {key: (name_of(item.tags),) for key, item in self.inventory.subnets.items()}
        else:
            known = {key: (name_of(item.tags),) for key, item in self.inventory.vpcs.items()}
        ids = {key for key, names in known.items() if name in (key, *names)}
        if not ids:
            every = sorted({n for key, names in known.items() for n in (key, *names) if n})
            near = difflib.get_close_matches(name, every, n=3)
            raise PlaceError(
                f"`{head}:{name}` names no {_SELECTORS[head]} in this source",
                hint=f"did you mean {' or '.join(f'`{n}`' for n in near)}" if near else None,
                near=near[0] if near else "",
            )
        return ids


_SELECTORS = {
    "type": "type",
    "tag": "tag",
    "sg": "security group",
    "subnet": "subnet",
    "vpc": "VPC",
}
