"""Who has which address: the interfaces of the estate, as the tracer looks them up.

Nothing here is shared with the set engine; see `Atlas`.
"""

from __future__ import annotations

from functools import cached_property
from ipaddress import IPv4Address

from mute_audit.inventory import Inventory
from mute_audit.inventory.base import name_of
from mute_audit.inventory.network import NetworkInterface
from mute_audit.network.tracer.header import IP
from mute_audit.network.tracer.nics import Net, Nic, address_or_none, normal, prefixes_of
from mute_audit.network.tracer.owners import Owner, Owners, balancer_description

__all__ = ["Register"]

# Interfaces that no security group can be put on.
_UNFILTERED = frozenset(
    {
        "nat_gateway",
        "transit_gateway",
        "gateway_load_balancer",
        "gateway_load_balancer_endpoint",
    }
)


class Register:
    """Interfaces by id, address, owner and subnet."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.owners = Owners(inventory)
        self._nics: dict[str, Nic] = {}

    @cached_property
    def interfaces(self) -> dict[str, NetworkInterface]:
        """Every described interface; the copies inside instances where there is no list."""
        found: dict[str, NetworkInterface] = {}
        for region in self.inventory.regions:
            if "NetworkInterfaces" not in region.held:
                for instance in region.instances:
                    for item in instance.network_interfaces:
                        found[item.network_interface_id] = item
        return found | self.inventory.network_interfaces

    @cached_property
    def _by_private(self) -> dict[str, list[NetworkInterface]]:
        found: dict[str, list[NetworkInterface]] = {}
        for item in self.interfaces.values():
            texts = {item.private_ip_address} if item.private_ip_address else set()
            for address in item.private_ip_addresses:
                texts.add(address.private_ip_address)
            for six in item.ipv6_addresses:
                texts.add(normal(six.ipv6_address))
            for text in texts:
                found.setdefault(text, []).append(item)
        return found

    @cached_property
    def _delegated(self) -> list[tuple[Net, NetworkInterface]]:
        found = []
        for item in self.interfaces.values():
            if item.ipv4_prefixes or item.ipv6_prefixes:
                found += [(net, item) for net in prefixes_of(item)]
        return found

    @cached_property
    def _by_public(self) -> dict[str, tuple[str, str]]:
        """Public IPv4 address → interface, private address."""
        found: dict[str, tuple[str, str]] = {}
        for item in self.interfaces.values():
            if item.association is not None and item.association.public_ip:
                found[item.association.public_ip] = (
                    item.network_interface_id,
                    item.private_ip_address,
                )
            for address in item.private_ip_addresses:
                if address.association is not None and address.association.public_ip:
                    found[address.association.public_ip] = (
                        item.network_interface_id,
                        address.private_ip_address,
                    )
        for region in self.inventory.regions:
            for elastic in region.addresses:
                owner = self.interfaces.get(elastic.network_interface_id)
                if elastic.public_ip and owner is not None:
                    private = elastic.private_ip_address or owner.private_ip_address
                    found.setdefault(elastic.public_ip, (owner.network_interface_id, private))
            for gateway in region.nat_gateways:
                if gateway.state not in ("deleted", "deleting", "failed"):
                    for used in gateway.nat_gateway_addresses:
                        if used.public_ip and used.private_ip:
                            key = used.network_interface_id or gateway.nat_gateway_id
                            found.setdefault(used.public_ip, (key, used.private_ip))
        return found

    @cached_property
    def _publics(self) -> dict[str, list[tuple[IPv4Address, IPv4Address]]]:
        found: dict[str, list[tuple[IPv4Address, IPv4Address]]] = {}
        for public, (interface, private) in self._by_public.items():
            try:
                # 0.0.0.0 until it is decided which private address the interface has.
                pair = (IPv4Address(private or 0), IPv4Address(public))
            except ValueError:
                continue
            found.setdefault(interface, []).append(pair)
        return found

    def nic(self, interface_id: str) -> Nic | None:
        """The interface with this id, or the NAT gateway's where only that is described."""
        known = self._nics.get(interface_id)
        if known is None:
            item = self.interfaces.get(interface_id)
            known = self._nic(item) if item is not None else self._nat_nic(interface_id)
            if known is not None:
                self._nics[interface_id] = known
        return known

    def _nic(self, item: NetworkInterface) -> Nic:
        texts = [item.private_ip_address] if item.private_ip_address else []
        texts += [a.private_ip_address for a in item.private_ip_addresses]
        texts += [a.ipv6_address for a in item.ipv6_addresses]
        owner = self.owners.of(item)
        return Nic(
            id=item.network_interface_id,
            owner=owner,
            vpc=item.vpc_id,
            subnet=item.subnet_id,
            addresses=tuple(dict.fromkeys(a for a in map(address_or_none, texts) if a is not None)),
            prefixes=prefixes_of(item),
            publics=tuple(sorted(self._publics.get(item.network_interface_id, ()))),
            groups=tuple(group.group_id for group in item.groups),
            filtered=item.interface_type not in _UNFILTERED
            and not (owner.kind == "load-balancer" and not item.groups),
            check=item.source_dest_check and item.interface_type != "nat_gateway",
            state=self._state(item),
            type=item.interface_type,
        )

    def _state(self, item: NetworkInterface) -> str:
        if item.status == "available":
            return "detached"
        instance = self.inventory.instances.get(self.owners.instance_of(item))
        return instance.state.name if instance is not None else ""

    def _nat_nic(self, key: str) -> Nic | None:
        for gateway in self.inventory.nat_gateways.values():
            used = gateway.addresses_in_use
            names = {gateway.nat_gateway_id, *(item.network_interface_id for item in used)}
            if not used or not key or key not in names:
                continue
            pairs = [(address_or_none(i.private_ip), address_or_none(i.public_ip)) for i in used]
            return Nic(
                id=used[0].network_interface_id,
                owner=Owner("nat-gateway", gateway.nat_gateway_id, name_of(gateway.tags)),
                vpc=gateway.vpc_id,
                subnet=gateway.subnet_id,
                addresses=tuple(private for private, _ in pairs if private is not None),
                publics=tuple(
                    (private, public)
                    for private, public in pairs
                    if isinstance(private, IPv4Address) and isinstance(public, IPv4Address)
                ),
                filtered=False,
                check=False,
                type="nat_gateway",
            )
        return None

    def holders(self, vpc: str, address: IP) -> tuple[Nic, ...]:
        """The interfaces of a VPC that have this private address."""
        items = [i for i in self._by_private.get(str(address), ()) if i.vpc_id == vpc]
        items += [i for net, i in self._delegated if i.vpc_id == vpc and address in net]
        found = [self.nic(item.network_interface_id) for item in items]
        found += [nic for nic in self._lone_nats if nic.vpc == vpc and address in nic.addresses]
        return tuple(nic for nic in found if nic is not None)

    @cached_property
    def _lone_nats(self) -> list[Nic]:
        """NAT gateways in service whose interface is not described."""
        found = []
        for gateway in self.inventory.nat_gateways.values():
            if gateway.state in ("deleted", "deleting", "failed"):
                continue
            for used in gateway.nat_gateway_addresses:
                if used.network_interface_id not in self.interfaces:
                    nic = self.nic(used.network_interface_id or gateway.nat_gateway_id)
                    if nic is not None:
                        found.append(nic)
        return found

    def everywhere(self, address: IP) -> tuple[Nic, ...]:
        """The interfaces of any VPC that have this private address."""
        items = list(self._by_private.get(str(address), ()))
        items += [item for net, item in self._delegated if address in net]
        nics = (self.nic(item.network_interface_id) for item in items)
        found = [nic for nic in nics if nic is not None]
        return tuple(found + [nic for nic in self._lone_nats if address in nic.addresses])

    def members(self, net: Net) -> list[tuple[IP, Nic]]:
        """The private addresses in a network that interfaces of the estate have."""
        found = []
        for text, items in sorted(self._by_private.items()):
            address = address_or_none(text)
            if address is None or address.version != net.version or address not in net:
                continue
            nics = (self.nic(item.network_interface_id) for item in items)
            found += [(address, nic) for nic in nics if nic is not None]
        return found

    def delegated(self, net: Net) -> list[tuple[Net, Nic]]:
        """The parts of a network that are delegated to interfaces of the estate."""
        found = []
        for own, item in self._delegated:
            nic = self.nic(item.network_interface_id)
            if nic is not None and own.version == net.version and own.overlaps(net):
                found.append((own if own.prefixlen > net.prefixlen else net, nic))
        return found

    @cached_property
    def publics(self) -> frozenset[IP]:
        """The estate's own public IPv4 addresses."""
        found = map(address_or_none, self._by_public)
        return frozenset(address for address in found if address is not None)

    def public(self, address: IP) -> tuple[Nic, IP] | None:
        """Who is reached at an address from the internet, and the private address there."""
        if isinstance(address, IPv4Address):
            found = self._by_public.get(str(address))
            if found is None:
                return None
            nic, private = self.nic(found[0]), address_or_none(found[1])
            return (nic, private) if nic is not None and private is not None else None
        nics = self.everywhere(address)
        return (nics[0], address) if nics else None

    @cached_property
    def _instance_interfaces(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for item in self.interfaces.values():
            instance_id = self.owners.instance_of(item)
            if instance_id:
                found.setdefault(instance_id, []).append(item.network_interface_id)
        return found

    def of_instance(self, instance_id: str) -> tuple[Nic, ...]:
        """The interfaces of an instance, the one with its primary address first."""
        instance = self.inventory.instances.get(instance_id)
        primary = instance.private_ip_address if instance is not None else ""
        ids = self._instance_interfaces.get(instance_id, [])
        ids = sorted(ids, key=lambda key: self.interfaces[key].private_ip_address != primary)
        return tuple(nic for nic in map(self.nic, ids) if nic is not None)

    @cached_property
    def _subnet_interfaces(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for item in self.interfaces.values():
            found.setdefault(item.subnet_id, []).append(item.network_interface_id)
        return found

    def in_subnet(self, subnet: str) -> tuple[Nic, ...]:
        """The interfaces of a subnet."""
        nics = map(self.nic, self._subnet_interfaces.get(subnet, ()))
        return tuple(nic for nic in nics if nic is not None)

    @cached_property
    def _described(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for item in self.interfaces.values():
            if item.description.startswith("ELB "):
                found.setdefault(item.description, []).append(item.network_interface_id)
        return found

    def of_balancer(self, arn: str) -> tuple[Nic, ...]:
        """The interfaces of a load balancer that are described."""
        ids = self._described.get(balancer_description(arn), [])
        return tuple(nic for nic in map(self.nic, ids) if nic is not None)
