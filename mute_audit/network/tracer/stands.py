"""Where a place stands: the interfaces and addresses that its packets have.

A place is a list of *stands*. Any of them will do, because packets can use any. A stand in
turn is a tuple of *spots to try*: exactly one of them is true, but nothing says which (a
database whose interface is not described), so that a verdict needs all of them to agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address, ip_address

from mute_audit.address import why_absent
from mute_audit.inventory.workload import DbInstance
from mute_audit.network.parts import INTERNET_GATEWAY, SERVICE_ENDPOINT, SUBNET
from mute_audit.network.place import OUTER_TYPES
from mute_audit.network.places import Place, PlaceKind
from mute_audit.network.tracer.atlas import Atlas
from mute_audit.network.tracer.attempt import INTERNET, Sender
from mute_audit.network.tracer.beyond import Beyond
from mute_audit.network.tracer.header import IP, read_address
from mute_audit.network.tracer.nics import Net, Nic, on_internet, read_network
from mute_audit.network.tracer.owners import Owner
from mute_audit.network.tracer.spots import FromInternet
from mute_audit.network.tracer.stand import ALL, PLACEHOLDER, Choice, Stand, stand_of
from mute_audit.verdict import Gap

__all__ = ["Stands"]

# RDS does not say of a database in one of these states whether it still takes connections.
_ILL = (
    "deleting",
    "failed",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "incompatible-restore",
    "insufficient-capacity",
    "restore-error",
)


class Stands:
    """Finds the stands of places."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._beyond = Beyond(atlas)

    def of(self, place: Place, *, source: bool) -> list[Choice]:
        """The stands of a place; empty where it has none."""
        if place.kind is PlaceKind.INTERNET and self._is_own(place.cidr):
            # Nobody on the internet has it; who sends to it means the interface that does.
            return [] if source else self._network(place.cidr, source=False)
        if place.kind is PlaceKind.INTERNET:
            return [(self._internet(place.cidr, source=source),)]
        if place.kind is PlaceKind.NETWORK:
            return self._network(place.cidr, source=source)
        kinds = {
            "ec2.instance": self._instance,
            "ec2.network-interface": self._interface,
            "rds.instance": self._database,
            "elbv2.load-balancer": self._balancer,
            "lambda.function": self._function,
            "ecs.service": self._service,
            "ec2.nat-gateway": self._nat,
            "ec2.vpc-endpoint": self._endpoint,
            SUBNET: self._subnet,
        }
        if place.address.type == INTERNET_GATEWAY:
            return self._internet_gateway(place.address.id)
        if place.address.type == SERVICE_ENDPOINT:
            return [] if source else self._service_endpoint(place.address.id)
        find = kinds.get(place.address.type)
        if place.address.type in OUTER_TYPES:
            return self._beyond.of(place)
        if find is None:
            return [(_unknown(place.address.id, f"type `{place.address.type}`"),)]
        return find(place.address.id)

    # --- outside ------------------------------------------------------------------------------

    def _internet(self, cidr: str, *, source: bool) -> Stand:
        net = read_network(cidr) if cidr else None
        networks = (net,) if net is not None else ALL
        start = Sender(FromInternet(), kind=INTERNET)
        return Stand(networks=networks, sender=start if source else None)

    def _is_own(self, cidr: str) -> bool:
        """Whether a part of the internet is one public address of the estate."""
        net = read_network(cidr) if cidr else None
        single = net is not None and net.version == 4 and net.num_addresses == 1
        return single and net is not None and net.network_address in self._atlas.publics

    def _network(self, cidr: str, *, source: bool) -> list[Choice]:
        net = read_network(cidr)
        if net is None:
            return [(_unknown(cidr, "not an address"),)]
        if net.num_addresses == 1 and not source:
            return [(Stand(networks=(net,)),)]
        inside: list[Choice] = [(stand_of(nic),) for nic in self._holders(net)]
        if inside and net.num_addresses == 1:
            return inside
        return inside + self._outside(net, source=source)

    def _holders(self, net: Net) -> list[Nic]:
        """The interfaces with an address in a network, cut down to those addresses."""
        if net.num_addresses == 1:
            address = net.network_address
            held = [_only(nic, address) for nic in self._atlas.everywhere(address)]
            public = self._atlas.public(address) if on_internet(address) else None
            if public is not None and not held:
                held = [_only(public[0], public[1])]
            return held
        parts = self._atlas.delegated(net)
        return [_only(nic, address) for address, nic in self._atlas.members(net)] + [
            replace(nic, addresses=(), prefixes=(part,)) for part, nic in parts
        ]

    def _outside(self, net: Net, *, source: bool) -> list[Choice]:
        """Outside the estate: the internet, and networks behind VPNs and foreign peers."""
        found: list[Choice] = []
        if not source:
            return [(Stand(networks=(net,)),)]
        if on_internet(net.network_address) or on_internet(net.broadcast_address):
            start = Sender(FromInternet(), kind=INTERNET)
            found.append((Stand(networks=(net,), sender=start),))
        return found + self._beyond.within(net)

    def _internet_gateway(self, gateway: str) -> list[Choice]:
        """The internet, as far as it goes through this gateway."""
        start = Sender(FromInternet(gateway), kind=INTERNET)
        return [(Stand(networks=ALL, sender=start, gate=(INTERNET, gateway)),)]

    def _service_endpoint(self, endpoint: str) -> list[Choice]:
        """The service behind a gateway endpoint: what routes of its VPC send there."""
        inventory = self._atlas.inventory
        item = inventory.vpc_endpoints[endpoint]
        texts: list[str] = []
        doubt = None
        for route in self._atlas.routes_to(item.vpc_id, endpoint):
            name = route.destination_prefix_list_id
            listed = inventory.prefix_list_cidrs.get(name) if name else (route.destination,)
            if listed is None:
                doubt = Gap("ec2:GetManagedPrefixListEntries", name, "not in the snapshot")
            texts += listed or ()
        nets = tuple(net for net in map(read_network, texts) if net is not None)
        gate = ("gateway-endpoint", endpoint)
        found: list[Choice] = [(Stand(networks=nets, gate=gate),)] if nets else []
        return found + ([(Stand(networks=ALL, gate=gate, doubt=doubt),)] if doubt else [])

    # --- inside -------------------------------------------------------------------------------

    def _interface(self, interface_id: str) -> list[Choice]:
        nic = self._atlas.nic(interface_id)
        return self._of([nic])

    def _instance(self, instance_id: str) -> list[Choice]:
        nics = self._atlas.of_instance(instance_id)
        if nics:
            return self._of(nics)
        instance = self._atlas.inventory.instances.get(instance_id)
        if instance is None:
            return []
        for copy in instance.network_interfaces:
            if copy.network_interface_id in self._atlas.inventory.disputes:
                gap = self._atlas.inventory.disputes[copy.network_interface_id]
                return [(Stand(gap=gap),)]
        owner = Owner("instance", instance_id)
        groups = tuple(group.group_id for group in instance.security_groups)
        made = self._assume(owner, instance.subnet_id, groups, state=instance.state.name)
        try:
            address = read_address(instance.private_ip_address)
        except ValueError:
            return [made]
        return [tuple(stand.at(address) for stand in made)]

    def _subnet(self, subnet: str) -> list[Choice]:
        return self._of(self._atlas.in_subnet(subnet))

    def _nat(self, gateway: str) -> list[Choice]:
        item = self._atlas.inventory.nat_gateways.get(gateway)
        used = item.nat_gateway_addresses if item is not None else ()
        nics = (self._atlas.nic(a.network_interface_id or gateway) for a in used)
        return self._of(nics)

    def _endpoint(self, endpoint: str) -> list[Choice]:
        item = self._atlas.inventory.vpc_endpoints.get(endpoint)
        if item is None:
            return []
        nics = [self._atlas.nic(key) for key in item.network_interface_ids]
        known = self._of(nics)
        if known:
            return known
        owner = Owner("vpc-endpoint", endpoint)
        groups = tuple(group.group_id for group in item.groups)
        return [self._assume(owner, subnet, groups) for subnet in item.subnet_ids]

    def _balancer(self, arn: str) -> list[Choice]:
        nics = self._atlas.of_balancer(arn)
        if nics:
            return self._of(nics)
        item = self._atlas.inventory.load_balancers.get(arn)
        if item is None:
            return []
        owner = Owner("load-balancer", arn, item.load_balancer_name)
        found: list[Choice] = []
        for zone in item.availability_zones:
            made = self._assume(
                owner,
                zone.subnet_id,
                item.security_groups,
                public=item.scheme == "internet-facing" and item.type != "gateway",
                filtered=bool(item.security_groups),
            )
            for given in zone.load_balancer_addresses:
                if given.private_ipv4_address:
                    address = ip_address(given.private_ipv4_address)
                    made = tuple(stand.at(address) for stand in made)
            found.append(made)
        return found

    def _function(self, arn: str) -> list[Choice]:
        for region in self._atlas.inventory.regions:
            for item in region.functions:
                if arn in (item.function_arn, item.function_name) and item.vpc_config:
                    owner = Owner("function", arn, item.function_name)
                    groups = item.vpc_config.security_group_ids
                    return [
                        self._shared(owner, subnet, groups) for subnet in item.vpc_config.subnet_ids
                    ]
        return []

    def _shared(self, owner: Owner, subnet: str, groups: tuple[str, ...]) -> Choice:
        """N53: the interfaces that functions with this subnet and these groups share."""
        mine = [
            self._described(replace(nic, owner=owner))
            for nic in self._atlas.in_subnet(subnet)
            if nic.type == "lambda" and set(nic.groups) == set(groups)
        ]
        return tuple(mine) or self._assume(owner, subnet, groups, kind="lambda")

    def _service(self, arn: str) -> list[Choice]:
        nics = map(self._atlas.nic, self._atlas.owners.interfaces_of(arn))
        known = self._of(nics)
        if known:
            return known
        for region in self._atlas.inventory.regions:
            for item in region.ecs_services:
                network = item.network_configuration
                if item.service_arn != arn or network is None:
                    continue
                settings = network.awsvpc_configuration
                if settings is None:
                    continue
                owner = Owner("service", arn, item.service_name)
                made = [
                    self._assume(
                        owner,
                        subnet,
                        settings.security_groups,
                        public=settings.assign_public_ip == "ENABLED",
                    )
                    for subnet in settings.subnets
                ]
                return [tuple(stand for choice in made for stand in choice)]
        return []

    def _database(self, key: str) -> list[Choice]:
        """N52: on the interface that RDS made, else on the subnets of the subnet group."""
        database = self._atlas.inventory.databases.get(key)
        if database is None:
            return []
        owner = Owner("database", key, database.db_instance_identifier)
        status = database.db_instance_status
        state = "stopped" if status in ("stopped", "stopping") else ""
        doubt = None
        if status in _ILL:
            doubt = Gap(f"state of {owner.name}", "", f"`{status}`")
        nics = [
            self._atlas.nic(item.network_interface_id)
            for item in self._atlas.owners.of_database(database)
        ]
        known = [replace(nic, owner=owner, state=state) for nic in nics if nic is not None]
        if known:
            found = [stand for choice in self._of(known) for stand in choice]
            return [tuple(replace(stand, doubt=doubt) for stand in found)]
        groups = tuple(item.vpc_security_group_id for item in database.vpc_security_groups)
        made: list[Stand] = []
        for subnet in self._database_subnets(database):
            made += self._assume(
                owner, subnet, groups, public=database.publicly_accessible, state=state
            )
        return [tuple(replace(stand, doubt=doubt) for stand in made)] if made else []

    def _database_subnets(self, database: DbInstance) -> list[str]:
        group = database.db_subnet_group
        if group is None:
            return []
        own = [
            item.subnet_identifier
            for item in group.subnets
            if not database.multi_az
            and database.availability_zone
            and database.availability_zone
            in (item.subnet_availability_zone.name, self._atlas.zone(item.subnet_identifier))
        ]
        return own or [item.subnet_identifier for item in group.subnets]

    def _of(self, nics: Iterable[Nic | None]) -> list[Choice]:
        """Interfaces as described; one without its IPv4 address may have any of its subnet."""
        found: list[Choice] = []
        for nic in nics:
            if nic is None:
                continue
            # What carries a cluster's traffic past IP has no address at all.
            without = nic.type == "efa-only"
            if nic.addresses or nic.prefixes or without:
                found.append((self._described(nic),))
            if without or any(address.version == 4 for address in nic.addresses):
                continue
            bare = replace(nic, addresses=(), prefixes=())
            room = tuple(n for n in self._atlas.networks(nic.subnet) if n.version == 4)
            if room:
                found.append((Stand(bare, room=room),))
            elif not nic.addresses:
                found.append(self._assume(nic.owner, nic.subnet, nic.groups))
        return found

    def _described(self, nic: Nic) -> Stand:
        """An interface as AWS describes it, unless it says two things of it."""
        disputed = self._atlas.inventory.disputes.get(nic.id)
        return stand_of(nic) if disputed is None else Stand(gap=disputed)

    def _assume(
        self,
        owner: Owner,
        subnet: str,
        groups: tuple[str, ...],
        *,
        public: bool = False,
        filtered: bool = True,
        state: str = "",
        kind: str = "interface",
    ) -> Choice:
        """An interface that is not described: its address is any free one of its subnet."""
        item = self._atlas.inventory.subnets.get(subnet)
        if item is None:
            gap = self._atlas.inventory.missing_somewhere("Subnets")
            gap = gap or Gap(f"subnet {subnet}", owner.id, why_absent(subnet))
            return (Stand(gap=gap),)
        room = tuple(n for n in self._atlas.networks(subnet) if n.version == 4)
        if not room:
            return (_unknown(owner.id, f"{subnet} has no IPv4 addresses"),)
        nic = Nic(
            id="",
            owner=owner,
            vpc=item.vpc_id,
            subnet=subnet,
            addresses=(),
            publics=((IPv4Address(0), PLACEHOLDER),) if public else (),
            groups=groups,
            filtered=filtered,
            state=state,
            type=kind,
        )
        return (Stand(nic, room=room),)


def _only(nic: Nic, address: IP) -> Nic:
    """An interface as it is called by one of its addresses."""
    mine = tuple(pair for pair in nic.publics if pair[0] == address)
    return replace(nic, addresses=(address,), prefixes=(), publics=mine)


def _unknown(what: str, why: str) -> Stand:
    return Stand(gap=Gap(what, "", why))
