"""Network interfaces, with all their addresses, states and owners. Rules: N35, N46, N54–N56."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from mute_audit.address import Address, is_id
from mute_audit.inventory import Inventory
from mute_audit.inventory.base import name_of
from mute_audit.inventory.network import AddressAssociation, NatGatewayAddress, NetworkInterface
from mute_audit.inventory.workload import Instance
from mute_audit.network.addresses import AddressSet, parse_address
from mute_audit.network.endpoint import Endpoint, Position, Role, Standing
from mute_audit.network.place import Place, PlaceKind
from mute_audit.network.sites import Site
from mute_audit.verdict import Gap

__all__ = ["DETACHED", "OFF", "RDS", "Interfaces", "balancer_description", "power"]

RDS = "RDSNetworkInterface"
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
DETACHED = "detached"
OFF = frozenset({"stopped", "stopping", "shutting-down", "terminated"})


class Interfaces:
    """The described interfaces of an estate; what it looks for in all of them it looks for once."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._boxes: dict[str, Endpoint | None] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}

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
        eni = self.described.get(name)
        if eni is None:
            return None
        address = Address("ec2.network-interface", name, name_of(eni.tag_set))
        return self.endpoint(Place(PlaceKind.RESOURCE, address), eni)

    def everyone(self) -> Iterator[Endpoint]:
        """Every interface that is described."""
        for name in self.described:
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
        eni = self.described.get(interface)
        return self._balancers.get(eni.description, "") if eni is not None else ""

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
            for eni in self.described.values()
            if eni.ipv4_prefixes or eni.ipv6_prefixes
        )
        return tuple(box for box in found if box is not None)

    def nat_endpoint(self, gateway: str) -> Endpoint | None:
        """A NAT gateway as an interface with the addresses that it translates to."""
        nat = self.inventory.nat_gateways.get(gateway)
        if nat is None or not nat.subnet_id:
            return None
        every = nat.addresses_in_use
        if not every:
            return None
        used = every[0]
        place = Place(PlaceKind.RESOURCE, Address("ec2.nat-gateway", gateway, name_of(nat.tags)))
        standings = [
            standing
            for item in every
            for standing in _standing(item.private_ip, item.public_ip or self._nat_public(item))
        ]
        return Endpoint(
            place,
            used.network_interface_id or gateway,
            nat.subnet_id,
            nat.vpc_id,
            frozenset(),
            tuple(standings),
            filtered=False,
            forwards=True,
            role=Role.NAT,
        )

    def _nat_public(self, used: NatGatewayAddress) -> str:
        eni = self.described.get(used.network_interface_id)
        if eni is None:
            return ""
        shown = {item.private_ip_address: item.association for item in eni.private_ip_addresses}
        if eni.private_ip_address in ("", used.private_ip) and not shown.get(used.private_ip):
            return _public(eni.association)
        return _public(shown.get(used.private_ip))

    # --- as endpoints -------------------------------------------------------------------------

    def endpoint(self, place: Place, eni: NetworkInterface) -> Endpoint:
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
        disputed = self.inventory.disputes.get(eni.network_interface_id)
        if disputed is not None:
            return "", disputed
        if eni.status == "available":
            return DETACHED, None
        if eni.network_interface_id in self._out_of_service:
            return self._out_of_service[eni.network_interface_id], None
        if eni.attachment is None or not eni.attachment.instance_id:
            return "", None
        instance = self.inventory.instances.get(eni.attachment.instance_id)
        if instance is not None:
            return power(instance)
        region = self.inventory.region_of_vpc(eni.vpc_id)
        failed = region.failure("Reservations") if region is not None else None
        if failed is None and region is not None and "Reservations" in region.held:
            name = eni.attachment.instance_id
            failed = Gap(f"state of {name}", eni.vpc_id, "not in the snapshot")
        return "", failed

    def presumed(
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

    # --- look-ups -----------------------------------------------------------------------------

    @cached_property
    def described(self) -> dict[str, NetworkInterface]:
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
                eni = self.described.get(item.network_interface_id)
                if eni is not None and item.public_ip:
                    private = item.private_ip_address or eni.private_ip_address
                    found[item.network_interface_id, private] = item.public_ip
        return found

    @cached_property
    def by_description(self) -> dict[str, list[NetworkInterface]]:
        """The interfaces that RDS and ELB made, by what they wrote on them."""
        found: dict[str, list[NetworkInterface]] = {}
        for eni in self.described.values():
            text = eni.description
            if text and (text == RDS or text.startswith("ELB ")):
                found.setdefault(text, []).append(eni)
        for items in found.values():
            items.sort(key=lambda eni: eni.network_interface_id)
        return found

    @cached_property
    def by_subnet(self) -> dict[str, list[NetworkInterface]]:
        found: dict[str, list[NetworkInterface]] = {}
        for eni in self.described.values():
            found.setdefault(eni.subnet_id, []).append(eni)
        return found

    @cached_property
    def _balancers(self) -> dict[str, str]:
        """What ELB writes on interfaces → the ARN of the balancer."""
        return {balancer_description(arn): arn for arn in self.inventory.load_balancers}

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
        for eni in self.described.values():
            mine = found.setdefault(eni.subnet_id, [])
            mine += [item.private_ip_address for item in eni.private_ip_addresses]
            mine += [eni.private_ip_address] if eni.private_ip_address else []
        return found

    @cached_property
    def _by_address(self) -> dict[tuple[str, int, int], str]:
        """(VPC, version, private address) → interface."""
        found: dict[tuple[str, int, int], str] = {}
        for eni in self.described.values():
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
        for eni in self.described.values():
            items = (eni.association, *(item.association for item in eni.private_ip_addresses))
            for item in items:
                if item is not None and item.public_ip:
                    found.setdefault(parse_address(item.public_ip)[1], eni.network_interface_id)
        return found


def power(instance: Instance) -> tuple[str, Gap | None]:
    """Why an instance takes part in nothing now, or why that is not known."""
    state = instance.state.name
    if state:
        return state if state in OFF else "", None
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
