"""Places: what a packet can come from or go to, and how a person names them.

Both engines use these names; where a place stands (interfaces, addresses, subnets that
filters see) each engine works out by itself.
"""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from mute_audit.address import Address
from mute_audit.errors import PlaceError
from mute_audit.inventory import Inventory, RegionInventory
from mute_audit.inventory.base import Tag, name_of
from mute_audit.inventory.network import NetworkInterface
from mute_audit.inventory.workload import Instance
from mute_audit.network.claims import Claims

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


class PlaceKind(StrEnum):
    RESOURCE = "resource"
    INTERNET = "internet"
    NETWORK = "network"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A resource, the internet (all of it, or the part in `cidr`), or a network.

    kind     RESOURCE, INTERNET or NETWORK (an address or CIDR that names no resource)
    address  the resource; for the others type `internet` or `network` and the text as id
    cidr     for INTERNET and NETWORK: the addresses meant, empty for all of the internet
    """

    kind: PlaceKind
    address: Address
    cidr: str = ""

    @property
    def label(self) -> str:
        return self.address.label

    @property
    def pivots(self) -> bool:
        """Whether somebody who got here may go on from here: a host of the estate.

        The internet and networks beyond the estate are where a way begins or ends.
        """
        return self.kind is PlaceKind.RESOURCE and self.address.type not in _BEYOND

    def __str__(self) -> str:
        return str(self.address)


# Resources that stand for networks which AWS does not describe.
_BEYOND = frozenset({"ec2.vpn-gateway", "ec2.transit-gateway-attachment", "ec2.vpc"})

INTERNET = Place(PlaceKind.INTERNET, Address("internet", "internet"))

# Where an instance's state makes it no place at all.
_GONE = frozenset({"terminated", "shutting-down"})


@dataclass(frozen=True, slots=True)
class Site:
    """A resource that packets come from or go to, with what selectors ask of it.

    `interfaces` are the ids of its interfaces that a description ties to it by id;
    `subnets` and `groups` are what its description says it stands in; `host` is the DNS name
    under which clients know it.
    """

    place: Place
    vpc: str = ""
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = field(default=())
    state: str = ""
    host: str = ""


def _place(region: RegionInventory, kind: str, identifier: str, name: str) -> Place:
    return Place(PlaceKind.RESOURCE, Address(kind, identifier, name, region.account, region.region))


def _instance(region: RegionInventory, item: Instance, owned: Sequence[NetworkInterface]) -> Site:
    mine = owned or item.network_interfaces
    groups = {g.group_id for eni in mine for g in eni.groups}
    groups |= {g.group_id for g in item.security_groups}
    subnets = {eni.subnet_id for eni in mine if eni.subnet_id}
    if item.subnet_id:
        subnets.add(item.subnet_id)
    return Site(
        _place(region, "ec2.instance", item.instance_id, name_of(item.tags)),
        item.vpc_id or next((eni.vpc_id for eni in mine), ""),
        tuple(sorted(subnets)),
        tuple(sorted(groups)),
        tuple(sorted(eni.network_interface_id for eni in mine)),
        item.tags,
        item.state.name,
    )


def _services(region: RegionInventory) -> list[Site]:
    found = []
    for db in region.db_instances:
        group = db.db_subnet_group
        found.append(
            Site(
                _place(
                    region,
                    "rds.instance",
                    db.db_instance_arn or db.db_instance_identifier,
                    db.db_instance_identifier,
                ),
                group.vpc_id if group else "",
                tuple(sorted(s.subnet_identifier for s in group.subnets)) if group else (),
                tuple(sorted(g.vpc_security_group_id for g in db.vpc_security_groups)),
                (),
                db.tag_list,
                db.db_instance_status,
                db.endpoint.address if db.endpoint is not None else "",
            )
        )
    for lb in region.load_balancers:
        found.append(
            Site(
                _place(region, "elbv2.load-balancer", lb.load_balancer_arn, lb.load_balancer_name),
                lb.vpc_id,
                tuple(sorted(z.subnet_id for z in lb.availability_zones if z.subnet_id)),
                tuple(sorted(lb.security_groups)),
                (),
                (),
                lb.state.code,
                lb.dns_name,
            )
        )
    for function in region.functions:
        if function.vpc_config is None or not function.vpc_config.subnet_ids:
            continue
        found.append(
            Site(
                _place(
                    region,
                    "lambda.function",
                    function.function_arn or function.function_name,
                    function.function_name,
                ),
                function.vpc_config.vpc_id,
                tuple(sorted(function.vpc_config.subnet_ids)),
                tuple(sorted(function.vpc_config.security_group_ids)),
            )
        )
    for service in region.ecs_services:
        network = service.network_configuration
        if network is None or network.awsvpc_configuration is None:
            continue
        found.append(
            Site(
                _place(region, "ecs.service", service.service_arn, service.service_name),
                "",
                tuple(sorted(network.awsvpc_configuration.subnets)),
                tuple(sorted(network.awsvpc_configuration.security_groups)),
            )
        )
    return found


def _gateways(region: RegionInventory) -> list[Site]:
    found = [
        Site(
            _place(region, "ec2.nat-gateway", nat.nat_gateway_id, name_of(nat.tags)),
            nat.vpc_id,
            (nat.subnet_id,) if nat.subnet_id else (),
            (),
            tuple(
                sorted(
                    a.network_interface_id
                    for a in nat.nat_gateway_addresses
                    if a.network_interface_id
                )
            ),
            nat.tags,
            nat.state,
        )
        for nat in region.nat_gateways
        if nat.state not in ("deleted", "deleting", "failed")
    ]
    found += [
        Site(
            _place(region, "ec2.vpc-endpoint", end.vpc_endpoint_id, name_of(end.tags)),
            end.vpc_id,
            tuple(sorted(end.subnet_ids)),
            tuple(sorted(g.group_id for g in end.groups)),
            tuple(sorted(end.network_interface_ids)),
            end.tags,
            end.state,
        )
        for end in region.vpc_endpoints
        if end.vpc_endpoint_type != "Gateway"
    ]
    return found


def interface_place(region: RegionInventory, eni: NetworkInterface) -> Place:
    """The place that an interface is by itself."""
    name = name_of(eni.tag_set)
    return _place(region, "ec2.network-interface", eni.network_interface_id, name)


def _interface(region: RegionInventory, eni: NetworkInterface) -> Site:
    return Site(
        interface_place(region, eni),
        eni.vpc_id,
        (eni.subnet_id,) if eni.subnet_id else (),
        tuple(sorted(g.group_id for g in eni.groups)),
        (eni.network_interface_id,),
        eni.tag_set,
        eni.status,
    )


def parse_network(text: str) -> Place | None:
    """`10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`: a NETWORK place; None if it is neither."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return Place(PlaceKind.NETWORK, Address("network", text), str(_unmapped(network)))


def _unmapped(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """What a person means by an IPv4-mapped IPv6 network: the IPv4 one (RFC 4291, 2.5.5.2)."""
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return ipaddress.ip_network(f"{mapped}/{network.prefixlen - 96}")
    return network


def parse_internet(text: str) -> Place | None:
    """`internet` or `internet:ADDRESS` (split at the first colon); None for anything else."""
    if text == "internet":
        return INTERNET
    head, colon, rest = text.partition(":")
    if head != "internet" or not colon:
        return None
    try:
        network = ipaddress.ip_network(rest, strict=False)
    except ValueError as error:
        raise PlaceError(
            f"`{rest}` is not an address or CIDR",
            hint="write `internet`, `internet:8.8.8.8` or `internet:203.0.113.0/24`",
        ) from error
    return Place(PlaceKind.INTERNET, Address("internet", text), str(_unmapped(network)))


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


class Directory:
    """The places of one inventory, by every name that a person may use for them.

    Everything is made when it is first asked for: a question about a few databases among
    100,000 instances makes no site of any instance.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._instance_sites: dict[str, Site] = {}

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
            found += _services(region) + _gateways(region)
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
        return _place(region, "ec2.instance", item.instance_id, name_of(item.tags))

    def instance_site(self, region: RegionInventory, item: Instance) -> Site:
        """The site of an instance."""
        found = self._instance_sites.get(item.instance_id)
        if found is None:
            found = _instance(region, item, self.owned.get(item.instance_id, ()))
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
            _interface(region, eni)
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
        balancer or database, IP, CIDR, `internet` or `internet:ADDRESS`. Raises PlaceError for
        a text that names nothing, or several.
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
        near = difflib.get_close_matches(text, self._by_key, n=3)
        raise PlaceError(
            f"`{text}` names no place in this source",
            hint=f"did you mean {' or '.join(f'`{name}`' for name in near)}"
            if near
            else "give a resource id, ARN, unique Name tag, IP, CIDR, or `internet`",
        )

    def _of_interface(self, eni: NetworkInterface) -> Place:
        region = next(r for r in self.inventory.regions if eni in r.network_interfaces)
        return _place(
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
            parts = {"ec2.instance": "instances", "ec2.network-interface": "interfaces"}
            sites: tuple[Site, ...] = getattr(self, parts.get(rest, "services"))
            sites = tuple(sorted(sites, key=lambda site: site.place.address))
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
            )
        return ids


_SELECTORS = {
    "type": "type",
    "tag": "tag",
    "sg": "security group",
    "subnet": "subnet",
    "vpc": "VPC",
}
