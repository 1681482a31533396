"""Where a place stands: its interfaces, with all their addresses. Rules: N46, N52–N56.

AWS does not describe every interface. Where none is found for a resource, one is presumed in
each subnet that its description names, with any free address of the subnet.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from mute_audit.address import why_absent
from mute_audit.inventory.network import NetworkInterface
from mute_audit.inventory.workload import DbInstance
from mute_audit.network.addresses import AddressSet, parse_address
from mute_audit.network.endpoint import Endpoint, Role, Stand, Standing
from mute_audit.network.interfaces import (
    DETACHED,
    OFF,
    RDS,
    Interfaces,
    balancer_description,
    power,
)
from mute_audit.network.parts import SUBNET
from mute_audit.network.places import Directory, Place, Site
from mute_audit.verdict import Gap

__all__ = ["Endpoints"]

# Databases of which RDS does not say whether they still take connections (RDS guide, statuses):
# one that is being deleted may do so until it is gone.
_ILL = frozenset(
    {
        "deleting",
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-restore",
        "insufficient-capacity",
        "restore-error",
    }
)


class Endpoints:
    """Finds the endpoints of places."""

    def __init__(self, interfaces: Interfaces, directory: Directory) -> None:
        self.inventory = interfaces.inventory
        self.directory = directory
        self._known = interfaces
        self._stands: dict[Place, Stand] = {}

    def stand(self, place: Place) -> Stand:
        """The endpoints of a resource place."""
        found = self._stands.get(place)
        if found is None:
            found = self._stands[place] = self._find(place)
        return found

    def by_id(self, kind: str, identifier: str) -> tuple[Endpoint, ...]:
        """The endpoints of the resource of one type with this id."""
        site = self.directory.by_id(kind, identifier)
        return self.stand(site.place).endpoints if site is not None else ()

    # --- look-ups -----------------------------------------------------------------------------

    @cached_property
    def _rds_by_subnet(self) -> dict[str, list[NetworkInterface]]:
        found: dict[str, list[NetworkInterface]] = {}
        for eni in self._known.by_description.get(RDS, ()):
            found.setdefault(eni.subnet_id, []).append(eni)
        return found

    @cached_property
    def _functions(self) -> dict[tuple[str, frozenset[str]], list[NetworkInterface]]:
        """The interfaces that functions share, by subnet and groups (N53)."""
        found: dict[tuple[str, frozenset[str]], list[NetworkInterface]] = {}
        for eni in self._known.described.values():
            if eni.interface_type == "lambda":
                key = (eni.subnet_id, frozenset(group.group_id for group in eni.groups))
                found.setdefault(key, []).append(eni)
        for items in found.values():
            items.sort(key=lambda eni: eni.network_interface_id)
        return found

    @cached_property
    def _tasks(self) -> dict[str, list[str]]:
        """Service → the interfaces of its tasks."""
        found: dict[str, list[str]] = {}
        for region in self.inventory.regions:
            services = {item.service_name: item.service_arn for item in region.ecs_services}
            for task in region.ecs_tasks:
                service = services.get(task.group.removeprefix("service:"))
                if service is None or not task.group.startswith("service:"):
                    continue
                found.setdefault(service, []).extend(
                    detail.value
                    for attachment in task.attachments
                    for detail in attachment.details
                    if detail.name == "networkInterfaceId"
                )
        return found

    # --- by kind of place ---------------------------------------------------------------------

    def _find(self, place: Place) -> Stand:
        kind = place.address.type
        if kind == "ec2.instance":
            return self._instance(place)
        if kind == SUBNET:
            held = self._known.by_subnet.get(place.address.id, ())
            boxes = (self._known.box(eni.network_interface_id) for eni in held)
            return Stand(tuple((box,) for box in boxes if box is not None))
        site = self.directory.site(place)
        if site is None or kind == "ec2.network-interface":
            eni = self._known.described.get(place.address.id)
            if eni is None:
                return Stand()
            return self._checked(((self._known.endpoint(place, eni),),))
        if kind == "rds.instance":
            return self._database(place, site)
        if kind == "elbv2.load-balancer":
            return self._balancer(place, site)
        if kind == "lambda.function":
            return self._function(place, site)
        if kind == "ecs.service":
            return self._service(place, site)
        known = [
            self._known.described[name] for name in site.interfaces if name in self._known.described
        ]
        if known:
            return self._checked(tuple((self._known.endpoint(place, eni),) for eni in known))
        return self._presumed_each(place, site)

    def _instance(self, place: Place) -> Stand:
        instance = self.inventory.instances.get(place.address.id)
        if instance is None:
            return Stand()
        # A copy inside the instance counts where the list of interfaces is not there.
        copies = instance.network_interfaces
        mine = self.directory.owned.get(instance.instance_id) or [
            eni for eni in copies if eni.network_interface_id in self._known.described
        ]
        choices = []
        for eni in sorted(mine, key=lambda item: item.network_interface_id):
            known = self.inventory.network_interfaces.get(eni.network_interface_id, eni)
            end = self._known.endpoint(place, known)
            off, doubt = power(instance)
            off = end.off if end.off == DETACHED else off
            doubt = doubt or self.inventory.disputes.get(end.interface)
            same = (end.off, end.doubt) == (off, doubt)
            choices.append((end if same else replace(end, off=off, doubt=doubt),))
        if choices or not instance.subnet_id:
            return self._checked(tuple(choices))
        site = self.directory.site(place)
        if site is None:
            return Stand()
        made = self._known.presumed(place, site, instance.subnet_id)
        if instance.private_ip_address:
            version, number = parse_address(instance.private_ip_address)
            made = replace(made, standings=(Standing(version, AddressSet.of(version, number)),))
        off, doubt = power(instance)
        return Stand(((replace(made, off=off, doubt=doubt),),))

    def _database(self, place: Place, site: Site) -> Stand:
        """N52: the interface that RDS made where one was collected, else the subnet group."""
        db = self.inventory.databases[place.address.id]
        status = db.db_instance_status
        off = status if status in OFF else ""
        doubt = Gap(f"state of {place.address.name}", "", f"`{status}`") if status in _ILL else None
        subnets = self._zone_of(db, site)
        matching = [
            eni
            for name in subnets
            for eni in self._rds_by_subnet.get(name, ())
            if (not site.vpc or eni.vpc_id == site.vpc)
            and frozenset(g.group_id for g in eni.groups) == frozenset(site.groups)
        ]
        if matching:
            known = (self._known.endpoint(place, eni) for eni in matching)
            return self._checked((tuple(replace(end, off=off, doubt=doubt) for end in known),))
        made = (
            self._known.presumed(place, site, name, published=db.publicly_accessible)
            for name in subnets
        )
        found = tuple(replace(end, off=off, doubt=doubt) for end in made)
        if not found:
            why = "the database's subnets are unknown"
            return Stand(gaps=frozenset({Gap("rds:DescribeDBInstances", place.address.id, why)}))
        return self._checked((found,))

    def _zone_of(self, db: DbInstance, site: Site) -> tuple[str, ...]:
        if db.multi_az or not db.availability_zone:
            return site.subnets
        subnets = self.inventory.subnets
        zones = {
            item.subnet_identifier: item.subnet_availability_zone.name
            for item in (db.db_subnet_group.subnets if db.db_subnet_group is not None else ())
        }
        here = tuple(
            name
            for name in site.subnets
            if db.availability_zone
            in (zones.get(name), subnets[name].availability_zone if name in subnets else "")
        )
        return here or site.subnets

    def _balancer(self, place: Place, site: Site) -> Stand:
        """Its interfaces as described, else one in each of its subnets."""
        described = self._known.by_description.get(balancer_description(place.address.id), ())
        if described:
            return self._checked(tuple((self._known.endpoint(place, eni),) for eni in described))
        item = self.inventory.load_balancers[place.address.id]
        choices = []
        for zone in item.availability_zones:
            public = item.scheme == "internet-facing" and item.type != "gateway"
            made = self._known.presumed(place, site, zone.subnet_id, published=public)
            given = [a.private_ipv4_address for a in zone.load_balancer_addresses]
            for text in filter(None, given):
                number = parse_address(text)[1]
                made = replace(
                    made, standings=(Standing(4, AddressSet.of(4, number), published=public),)
                )
            filtered = bool(item.security_groups)
            choices.append((replace(made, role=Role.BALANCER, filtered=filtered),))
        return self._checked(tuple(choices))

    def _function(self, place: Place, site: Site) -> Stand:
        choices = []
        for subnet in site.subnets:
            shared = self._functions.get((subnet, frozenset(site.groups)), ())
            choice = tuple(self._known.endpoint(place, eni) for eni in shared)
            made = replace(self._known.presumed(place, site, subnet), role=Role.FUNCTION)
            choices.append(choice or (made,))
        return self._checked(tuple(choices))

    def _service(self, place: Place, site: Site) -> Stand:
        names = sorted(self._tasks.get(place.address.id, ()))
        known = [self._known.described[name] for name in names if name in self._known.described]
        if known:
            return self._checked(tuple((self._known.endpoint(place, eni),) for eni in known))
        public = False
        for region in self.inventory.regions:
            for service in region.ecs_services:
                network = service.network_configuration
                if service.service_arn == place.address.id and network is not None:
                    settings = network.awsvpc_configuration
                    public = settings is not None and settings.assign_public_ip == "ENABLED"
        made = tuple(self._known.presumed(place, site, s, published=public) for s in site.subnets)
        return self._checked((made,) if made else ())

    def _presumed_each(self, place: Place, site: Site) -> Stand:
        made = [self._known.presumed(place, site, subnet) for subnet in site.subnets]
        endpoint = self.inventory.vpc_endpoints.get(place.address.id)
        if endpoint is not None and endpoint.state.lower() not in ("available", ""):
            made = [replace(item, off=endpoint.state) for item in made]
        return self._checked(tuple((item,) for item in made))

    def _checked(self, choices: tuple[tuple[Endpoint, ...], ...]) -> Stand:
        """A subnet that is not described leaves everything open; so does a contradiction."""
        gaps = set()
        for choice in choices:
            for end in choice:
                if end.interface in self.inventory.disputes:
                    gaps.add(self.inventory.disputes[end.interface])
                if not end.standings and end.role is not Role.GATEWAY:
                    gap = self.inventory.missing_somewhere("Subnets")
                    where = end.place.address.id
                    gaps.add(gap or Gap(f"subnet {end.subnet}", where, why_absent(end.subnet)))
        return Stand(choices, frozenset(gaps))
