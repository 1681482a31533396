"""Where a place stands: its interfaces, with all their addresses. Rules: N46, N52–N56.

AWS does not describe every interface. Where none is found for a resource, one is presumed in
each subnet that its description names, with any free address of the subnet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from mute_audit.address import Address, is_id
from mute_audit.inventory import Inventory
from mute_audit.inventory.base import name_of
from mute_audit.inventory.network import AddressAssociation, NatGatewayAddress, NetworkInterface
from mute_audit.inventory.workload import DbInstance, Instance
from mute_audit.network.addresses import AddressSet, parse_address
from mute_audit.network.parts import SUBNET
from mute_audit.network.places import Directory, Place, PlaceKind, Site
from mute_audit.verdict import Gap

__all__ = ["Endpoint", "Endpoints", "Position", "Role", "Stand", "Standing"]


class Position(StrEnum):
    """How an endpoint's addresses are to be read.

    EXACT  it has this address
    ANY    it answers to each of these (a delegated prefix)
    ONE    it has one of these, and it is not known which
    """

    EXACT = "exact"
    ANY = "any"
    ONE = "one"


class Role(StrEnum):
    """What stands at an interface.

    HOST      something that opens and accepts connections
    BALANCER  a load balancer: what it accepts goes on to a target (N47)
    FUNCTION  shared by Lambda functions: opens connections, accepts none (N53)
    NAT       a NAT gateway: accepts nothing that it did not ask for (N35)
    GATEWAY   an interface of a gateway, at whose own address nothing answers
    """

    HOST = "host"
    BALANCER = "balancer"
    FUNCTION = "function"
    NAT = "nat"
    GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Standing:
    """An address, or a set of possible ones, of an endpoint.

    `published` says that the internet gateway has a public address for it (N31), `public`
    which one; None where that is not known (a database whose interface was not collected).
    An IPv6 address is its own.
    """

    version: int
    addresses: AddressSet
    position: Position = Position.EXACT
    published: bool = False
    public: int | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One interface, real or (where AWS describes none) presumed.

    filtered  whether security groups apply
    forwards  the source/destination check is off (N54)
    off       why it takes part in nothing now: a state such as `stopped`; empty if it does
    doubt     why that is not known
    """

    place: Place
    interface: str
    subnet: str
    vpc: str
    groups: frozenset[str]
    standings: tuple[Standing, ...]
    filtered: bool = True
    forwards: bool = False
    role: Role = Role.HOST
    off: str = ""
    doubt: Gap | None = None

    def has(self, version: int, address: int) -> bool:
        """Whether an address may be one of its own (N56)."""
        return any(
            standing.version == version and AddressSet.of(version, address) <= standing.addresses
            for standing in self.standings
        )

    def public_of(self, address: int) -> Standing | None:
        """The standing with this private IPv4 address, if it is published."""
        for standing in self.standings:
            if standing.version == 4 and standing.published:
                bits = standing.addresses.v4
                if bits and bits[0] <= address < bits[-1]:
                    return standing
        return None


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a place stands: any of `choices` may send and be reached.

    A choice with several endpoints says that only one of them is real, and not which.
    """

    choices: tuple[tuple[Endpoint, ...], ...] = ()
    gaps: frozenset[Gap] = frozenset()

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        return tuple(endpoint for choice in self.choices for endpoint in choice)


_RDS = "RDSNetworkInterface"
_UNFILTERED = frozenset(
    {"nat_gateway", "transit_gateway", "gateway_load_balancer", "gateway_load_balancer_endpoint"}
)
_ROLES = {
    "nat_gateway": Role.NAT,
    "lambda": Role.FUNCTION,
    "transit_gateway": Role.GATEWAY,
    "gateway_load_balancer_endpoint": Role.GATEWAY,
    # Carries traffic between the hosts of a cluster past IP.
    "efa-only": Role.GATEWAY,
}
_DETACHED = "detached"
_OFF = frozenset({"stopped", "stopping", "shutting-down", "terminated"})
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
    """Finds the endpoints of places; what it looks for in all interfaces it looks for once."""

    def __init__(self, inventory: Inventory, directory: Directory) -> None:
        self.inventory = inventory
        self.directory = directory
        self._stands: dict[Place, Stand] = {}
        self._boxes: dict[str, Endpoint | None] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}

    def stand(self, place: Place) -> Stand:
        """The endpoints of a resource place."""
        found = self._stands.get(place)
        if found is None:
            found = self._stands[place] = self._find(place)
        return found

    def box(self, name: str) -> Endpoint | None:
        """The interface, or the one interface of the instance, that a route names."""
        if name not in self._boxes:
            self._boxes[name] = self._find_box(name)
        return self._boxes[name]

    def _find_box(self, name: str) -> Endpoint | None:
        if is_id(name, "i-"):
            instance = self.inventory.instances.get(name)
            embedded = instance.network_interfaces if instance is not None else ()
            if len(embedded) != 1:
                return None
            name = embedded[0].network_interface_id
        eni = self._described.get(name)
        if eni is None:
            return None
        address = Address("ec2.network-interface", name, name_of(eni.tag_set))
        return self._endpoint(Place(PlaceKind.RESOURCE, address), eni)

    def by_id(self, kind: str, identifier: str) -> tuple[Endpoint, ...]:
        """The endpoints of the resource of one type with this id."""
        site = self.directory.by_id(kind, identifier)
        return self.stand(site.place).endpoints if site is not None else ()

    def everyone(self) -> Iterator[Endpoint]:
        """Every interface that is described."""
        for name in self._described:
            box = self.box(name)
            if box is not None:
                yield box

    def on_the_way(self, names: Iterable[str]) -> Iterator[Endpoint]:
        """The interfaces that routes name, those of NAT gateways too."""
        for name in names:
            box = self.box(name)
            if box is not None:
                yield box
        for gateway in self.inventory.nat_gateways:
            nat = self.nat_endpoint(gateway)
            if nat is not None:
                yield nat

    def balancer_of(self, interface: str) -> str:
        """The ARN of the load balancer that an interface belongs to; empty if to none."""
        eni = self._described.get(interface)
        return self._balancers.get(eni.description, "") if eni is not None else ""

    # --- look-ups -----------------------------------------------------------------------------

    @cached_property
    def _described(self) -> dict[str, NetworkInterface]:
        """Every described interface; the copies inside instances where there is no list."""
        embedded = {
            eni.network_interface_id: eni
            for region in self.inventory.regions
            if "NetworkInterfaces" not in region.held
            for instance in region.instances
            for eni in instance.network_interfaces
        }
        known = self.inventory.network_interfaces
        return embedded | known if embedded else known

    @cached_property
    def _elastic(self) -> dict[tuple[str, str], str]:
        """(interface, private address) → public address, as DescribeAddresses has it.

        Where it leaves out the private address, that is the interface's primary one.
        """
        found = {}
        for region in self.inventory.regions:
            for item in region.addresses:
                eni = self._described.get(item.network_interface_id)
                if eni is not None and item.public_ip:
                    private = item.private_ip_address or eni.private_ip_address
                    found[item.network_interface_id, private] = item.public_ip
        return found

    @cached_property
    def _by_description(self) -> dict[str, list[NetworkInterface]]:
        """The interfaces that RDS and ELB made, by what they wrote on them."""
        found: dict[str, list[NetworkInterface]] = {}
        for eni in self._described.values():
            text = eni.description
            if text and (text == _RDS or text.startswith("ELB ")):
                found.setdefault(text, []).append(eni)
        for items in found.values():
            items.sort(key=lambda eni: eni.network_interface_id)
        return found

    @cached_property
    def _rds_by_subnet(self) -> dict[str, list[NetworkInterface]]:
        found: dict[str, list[NetworkInterface]] = {}
        for eni in self._by_description.get(_RDS, ()):
            found.setdefault(eni.subnet_id, []).append(eni)
        return found

    @cached_property
    def _balancers(self) -> dict[str, str]:
        """What ELB writes on interfaces → the ARN of the balancer."""
        return {balancer_description(arn): arn for arn in self.inventory.load_balancers}

    @cached_property
    def _functions(self) -> dict[tuple[str, frozenset[str]], list[NetworkInterface]]:
        """The interfaces that functions share, by subnet and groups (N53)."""
        found: dict[tuple[str, frozenset[str]], list[NetworkInterface]] = {}
        for eni in self._described.values():
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

    @cached_property
    def _by_subnet(self) -> dict[str, list[NetworkInterface]]:
        found: dict[str, list[NetworkInterface]] = {}
        for eni in self._described.values():
            found.setdefault(eni.subnet_id, []).append(eni)
        return found

    @cached_property
    def _out_of_service(self) -> dict[str, str]:
        """Interface → state of the endpoint that it is of, which is not available."""
        return {
            name: endpoint.state
            for endpoint in self.inventory.vpc_endpoints.values()
            if endpoint.state.lower() not in ("available", "")
            for name in endpoint.network_interface_ids
        }

    @cached_property
    def _taken(self) -> dict[str, list[str]]:
        """Subnet → IPv4 addresses in use."""
        found: dict[str, list[str]] = {}
        for eni in self._described.values():
            mine = found.setdefault(eni.subnet_id, [])
            mine += [item.private_ip_address for item in eni.private_ip_addresses]
            mine += [eni.private_ip_address] if eni.private_ip_address else []
        return found

    # --- by kind of place ---------------------------------------------------------------------

    def _find(self, place: Place) -> Stand:
        kind = place.address.type
        if kind == "ec2.instance":
            return self._instance(place)
        if kind == SUBNET:
            held = self._by_subnet.get(place.address.id, ())
            boxes = (self.box(eni.network_interface_id) for eni in held)
            return Stand(tuple((box,) for box in boxes if box is not None))
        site = self.directory.site(place)
        if site is None or kind == "ec2.network-interface":
            eni = self._described.get(place.address.id)
            if eni is None:
                return Stand()
            return self._checked(((self._endpoint(place, eni),),))
        if kind == "rds.instance":
            return self._database(place, site)
        if kind == "elbv2.load-balancer":
            return self._balancer(place, site)
        if kind == "lambda.function":
            return self._function(place, site)
        if kind == "ecs.service":
            return self._service(place, site)
        known = [self._described[name] for name in site.interfaces if name in self._described]
        if known:
            return self._checked(tuple((self._endpoint(place, eni),) for eni in known))
        return self._presumed_each(place, site)

    def _instance(self, place: Place) -> Stand:
        instance = self.inventory.instances.get(place.address.id)
        if instance is None:
            return Stand()
        mine = self.directory.owned.get(instance.instance_id) or instance.network_interfaces
        choices = []
        for eni in sorted(mine, key=lambda item: item.network_interface_id):
            known = self.inventory.network_interfaces.get(eni.network_interface_id, eni)
            end = self._endpoint(place, known)
            off, doubt = _power(instance)
            off = end.off if end.off == _DETACHED else off
            same = (end.off, end.doubt) == (off, doubt)
            choices.append((end if same else replace(end, off=off, doubt=doubt),))
        if choices or not instance.subnet_id:
            return self._checked(tuple(choices))
        site = self.directory.site(place)
        if site is None:
            return Stand()
        made = self._presumed(place, site, instance.subnet_id)
        if instance.private_ip_address:
            version, number = parse_address(instance.private_ip_address)
            made = replace(made, standings=(Standing(version, AddressSet.of(version, number)),))
        off, doubt = _power(instance)
        return Stand(((replace(made, off=off, doubt=doubt),),))

    def _database(self, place: Place, site: Site) -> Stand:
        """N52: the interface that RDS made where one was collected, else the subnet group."""
        db = self.inventory.databases[place.address.id]
        status = db.db_instance_status
        off = status if status in _OFF else ""
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
            known = (self._endpoint(place, eni) for eni in matching)
            return Stand((tuple(replace(end, off=off, doubt=doubt) for end in known),))
        made = (
            self._presumed(place, site, name, published=db.publicly_accessible) for name in subnets
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
        described = self._by_description.get(balancer_description(place.address.id), ())
        if described:
            return self._checked(tuple((self._endpoint(place, eni),) for eni in described))
        item = self.inventory.load_balancers[place.address.id]
        choices = []
        for zone in item.availability_zones:
            public = item.scheme == "internet-facing" and item.type != "gateway"
            made = self._presumed(place, site, zone.subnet_id, published=public)
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
            choice = tuple(self._endpoint(place, eni) for eni in shared)
            made = replace(self._presumed(place, site, subnet), role=Role.FUNCTION)
            choices.append(choice or (made,))
        return self._checked(tuple(choices))

    def _service(self, place: Place, site: Site) -> Stand:
        names = sorted(self._tasks.get(place.address.id, ()))
        known = [self._described[name] for name in names if name in self._described]
        if known:
            return self._checked(tuple((self._endpoint(place, eni),) for eni in known))
        public = False
        for region in self.inventory.regions:
            for service in region.ecs_services:
                network = service.network_configuration
                if service.service_arn == place.address.id and network is not None:
                    settings = network.awsvpc_configuration
                    public = settings is not None and settings.assign_public_ip == "ENABLED"
        made = tuple(self._presumed(place, site, s, published=public) for s in site.subnets)
        return self._checked((made,) if made else ())

    def _presumed_each(self, place: Place, site: Site) -> Stand:
        made = [self._presumed(place, site, subnet) for subnet in site.subnets]
        endpoint = self.inventory.vpc_endpoints.get(place.address.id)
        if endpoint is not None and endpoint.state.lower() not in ("available", ""):
            made = [replace(item, off=endpoint.state) for item in made]
        return self._checked(tuple((item,) for item in made))

    def _checked(self, choices: tuple[tuple[Endpoint, ...], ...]) -> Stand:
        """A subnet that is not described leaves everything open."""
        gaps = set()
        for choice in choices:
            for end in choice:
                if not end.standings and end.role is not Role.GATEWAY:
                    gap = self.inventory.missing_somewhere("Subnets")
                    where = end.place.address.id
                    gaps.add(gap or Gap(f"subnet {end.subnet}", where, "not in the snapshot"))
        return Stand(choices, frozenset(gaps))

    # --- endpoints ----------------------------------------------------------------------------

    def _endpoint(self, place: Place, eni: NetworkInterface) -> Endpoint:
        found: dict[str, str] = {}
        for item in eni.private_ip_addresses:
            found[item.private_ip_address] = _public(item.association)
        # The interface's own association is that of its primary address; a description may
        # give it there alone.
        if eni.private_ip_address and not found.get(eni.private_ip_address):
            found[eni.private_ip_address] = _public(eni.association)
        standings = []
        for private, public in found.items():
            if not public and self._elastic:
                public = self._elastic.get((eni.network_interface_id, private), "")
            standings += _standing(private, public)
        for six in eni.ipv6_addresses:
            _, number = parse_address(six.ipv6_address)
            standings.append(Standing(6, AddressSet.of(6, number), published=True, public=number))
        for four in eni.ipv4_prefixes:
            standings.append(Standing(4, AddressSet.parse(four.ipv4_prefix), Position.ANY))
        for delegated in eni.ipv6_prefixes:
            block = AddressSet.parse(delegated.ipv6_prefix)
            standings.append(Standing(6, block, Position.ANY, published=True))
        role = _ROLES.get(eni.interface_type, Role.HOST)
        if not any(found) and role is not Role.GATEWAY:
            standings += self._somewhere(eni)
        if eni.description.startswith("ELB ") and eni.description in self._balancers:
            role = Role.BALANCER
        off, doubt = self._state(eni)
        return Endpoint(
            place,
            eni.network_interface_id,
            eni.subnet_id,
            eni.vpc_id,
            self._interned(frozenset(group.group_id for group in eni.groups)),
            tuple(standings),
            filtered=eni.interface_type not in _UNFILTERED
            and not (role is Role.BALANCER and not eni.groups),
            forwards=not eni.source_dest_check,
            role=role,
            off=off,
            doubt=doubt,
        )

    def _interned(self, groups: frozenset[str]) -> frozenset[str]:
        """One object for all interfaces with the same groups."""
        return self._sets.setdefault(groups, groups)

    def _state(self, eni: NetworkInterface) -> tuple[str, Gap | None]:
        """N55: a stopped instance takes part in nothing now."""
        if eni.status == "available":
            return _DETACHED, None
        if eni.network_interface_id in self._out_of_service:
            return self._out_of_service[eni.network_interface_id], None
        if eni.attachment is None or not eni.attachment.instance_id:
            return "", None
        instance = self.inventory.instances.get(eni.attachment.instance_id)
        if instance is not None:
            return _power(instance)
        region = self.inventory.region_of_vpc(eni.vpc_id)
        failed = region.failure("Reservations") if region is not None else None
        if failed is None and region is not None and "Reservations" in region.held:
            name = eni.attachment.instance_id
            failed = Gap(f"state of {name}", eni.vpc_id, "not in the snapshot")
        return "", failed

    def _presumed(
        self, place: Place, site: Site, subnet_id: str, *, published: bool = False
    ) -> Endpoint:
        """An endpoint with an address that is only known to lie in the subnet."""
        subnet = self.inventory.subnets.get(subnet_id)
        free = self._free(subnet_id)
        standings = (Standing(4, free, Position.ONE, published),) if free else ()
        return Endpoint(
            place,
            "",
            subnet_id,
            subnet.vpc_id if subnet is not None else site.vpc,
            frozenset(site.groups),
            standings,
        )

    def _somewhere(self, eni: NetworkInterface) -> tuple[Standing, ...]:
        """Where the address is left out: every subnet but those of IPv6 alone gives one."""
        free = self._free(eni.subnet_id)
        public = _public(eni.association)
        number = parse_address(public)[1] if public else None
        return (Standing(4, free, Position.ONE, bool(public), number),) if free else ()

    def _free(self, subnet_id: str) -> AddressSet:
        """The addresses that an interface may have; none where the subnet is not described."""
        subnet = self.inventory.subnets.get(subnet_id)
        if subnet is None or not subnet.cidr_block:
            return AddressSet()
        free = AddressSet.parse(subnet.cidr_block)
        low, high = free.v4
        # The first four addresses and the last are AWS's own; others are in use.
        taken = AddressSet(v4=(low, low + 4, high - 1, high)) if high - low > 8 else None
        used = AddressSet.readable(self._taken.get(subnet_id, ()))
        return free - used - taken if taken is not None else free - used

    @cached_property
    def _by_address(self) -> dict[tuple[str, int, int], str]:
        """(VPC, version, private address) → interface."""
        found: dict[tuple[str, int, int], str] = {}
        for eni in self._described.values():
            texts = {eni.private_ip_address} if eni.private_ip_address else set()
            texts |= {item.private_ip_address for item in eni.private_ip_addresses}
            texts |= {item.ipv6_address for item in eni.ipv6_addresses}
            for text in texts:
                found[(eni.vpc_id, *parse_address(text))] = eni.network_interface_id
        return found

    @cached_property
    def _by_public(self) -> dict[int, str]:
        """Public IPv4 address → interface, or NAT gateway where only that is described."""
        found: dict[int, str] = {}
        for gateway in self.inventory.nat_gateways:
            box = self.nat_endpoint(gateway)
            for standing in box.standings if box is not None else ():
                if standing.public is not None:
                    found[standing.public] = gateway
        for (interface, _), public in self._elastic.items():
            found.setdefault(parse_address(public)[1], interface)
        for eni in self._described.values():
            items = (eni.association, *(item.association for item in eni.private_ip_addresses))
            for item in items:
                if item is not None and item.public_ip:
                    found.setdefault(parse_address(item.public_ip)[1], eni.network_interface_id)
        return found

    @property
    def publics(self) -> Iterable[int]:
        """Every public IPv4 address of the estate."""
        return self._by_public

    @cached_property
    def public_addresses(self) -> AddressSet:
        """The same as a set."""
        return AddressSet.union_of(AddressSet.of(4, number) for number in self._by_public)

    @cached_property
    def delegated(self) -> tuple[Endpoint, ...]:
        """The interfaces that have delegated prefixes."""
        found = (
            self.box(eni.network_interface_id)
            for eni in self._described.values()
            if eni.ipv4_prefixes or eni.ipv6_prefixes
        )
        return tuple(box for box in found if box is not None)

    def holder(self, vpc: str, version: int, address: int) -> Endpoint | None:
        """Who is described with a private address in a VPC (for IPv6, with any address)."""
        name = self._by_address.get((vpc, version, address))
        if name is not None:
            return self.box(name)
        return next((b for b in self.delegated if b.vpc == vpc and b.has(version, address)), None)

    def public_holder(self, version: int, address: int) -> Endpoint | None:
        """Who is reached at a public address."""
        if version == 4:
            name = self._by_public.get(address, "")
            return self.nat_endpoint(name) or self.box(name)
        for vpc in self.inventory.vpcs:
            found = self.holder(vpc, 6, address)
            if found is not None:
                return found
        return None

    def nat_endpoint(self, gateway: str) -> Endpoint | None:
        """A NAT gateway as an interface with the address that it translates to."""
        nat = self.inventory.nat_gateways.get(gateway)
        if nat is None or not nat.subnet_id:
            return None
        used = next((item for item in nat.nat_gateway_addresses if item.private_ip), None)
        if used is None:
            return None
        place = Place(PlaceKind.RESOURCE, Address("ec2.nat-gateway", gateway, name_of(nat.tags)))
        public = used.public_ip or self._nat_public(used)
        return Endpoint(
            place,
            used.network_interface_id or gateway,
            nat.subnet_id,
            nat.vpc_id,
            frozenset(),
            tuple(_standing(used.private_ip, public)),
            filtered=False,
            forwards=True,
            role=Role.NAT,
        )

    def _nat_public(self, used: NatGatewayAddress) -> str:
        eni = self._described.get(used.network_interface_id)
        return _public(eni.association) if eni is not None else ""


def _power(instance: Instance) -> tuple[str, Gap | None]:
    """Why an instance takes part in nothing now, or why that is not known."""
    state = instance.state.name
    if state:
        return state if state in _OFF else "", None
    return "", Gap(f"state of {instance.instance_id}", instance.vpc_id, "not in the snapshot")


def balancer_description(arn: str) -> str:
    """What ELB writes on the interfaces of a balancer: `ELB app/NAME/0123456789abcdef`."""
    return "ELB " + arn.partition("loadbalancer/")[2]


def _public(association: AddressAssociation | None) -> str:
    return association.public_ip if association is not None else ""


def _standing(private: str, public: str) -> list[Standing]:
    version, number = parse_address(private)
    mapped = parse_address(public)[1] if public else None
    addresses = AddressSet.of(version, number)
    return [Standing(version, addresses, published=bool(public), public=mapped)]
