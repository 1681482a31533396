"""VPC resources as EC2's describe calls print them."""

from __future__ import annotations

from mute_audit.inventory.base import (
    Aws,
    IcmpNumber,
    Ip4,
    Ip6,
    MaybeIp4,
    MaybeNet4,
    MaybeNet6,
    Net,
    Net4,
    Net6,
    Port,
    Protocol,
    Tag,
)

__all__ = [
    "AclAssociation",
    "AclEntry",
    "AddressAssociation",
    "BlockPublicAccessStates",
    "CidrAssociation",
    "CidrState",
    "EgressOnlyInternetGateway",
    "ElasticIp",
    "GatewayAttachment",
    "GroupIdentifier",
    "GroupPair",
    "IcmpTypeCode",
    "InterfaceAttachment",
    "InternetGateway",
    "IpPermission",
    "IpRange",
    "Ipv4Prefix",
    "Ipv6Address",
    "Ipv6CidrAssociation",
    "Ipv6Prefix",
    "Ipv6Range",
    "NatGateway",
    "NatGatewayAddress",
    "NetworkAcl",
    "NetworkInterface",
    "PortRange",
    "PrefixList",
    "PrefixListEntries",
    "PrefixListEntry",
    "PrefixListId",
    "PrivateAddress",
    "PropagatingGateway",
    "ReferencedGroup",
    "Route",
    "RouteTable",
    "RouteTableAssociation",
    "SecurityGroup",
    "SecurityGroupRule",
    "SecurityGroupVpcAssociation",
    "Subnet",
    "Vpc",
]


# AWS names these four and prints every other protocol as a number (API reference, IpPermission).
_WITH_PORTS = frozenset({"tcp", "udp", "6", "17"})
_ICMP = frozenset({"icmp", "icmpv6", "1", "58"})
_LAST_PORT, _LAST_ICMP = 65535, 255


class CidrState(Aws, frozen=True):
    state: str = "associated"


class CidrAssociation(Aws, frozen=True):
    cidr_block: Net4
    cidr_block_state: CidrState = CidrState()


class Ipv6CidrAssociation(Aws, frozen=True):
    ipv6_cidr_block: Net6
    ipv6_cidr_block_state: CidrState = CidrState()


class BlockPublicAccessStates(Aws, frozen=True):
    """What VPC Block Public Access does to this VPC or subnet, its exclusions included."""

    internet_gateway_block_mode: str = ""


class Vpc(Aws, frozen=True):
    vpc_id: str
    cidr_block: MaybeNet4 = ""
    cidr_block_association_set: tuple[CidrAssociation, ...] = ()
    ipv6_cidr_block_association_set: tuple[Ipv6CidrAssociation, ...] = ()
    is_default: bool = False
    owner_id: str = ""
    block_public_access_states: BlockPublicAccessStates | None = None
    tags: tuple[Tag, ...] = ()

    @property
    def ipv4_cidrs(self) -> tuple[str, ...]:
        """The primary and the associated secondary blocks, each once."""
        blocks = [self.cidr_block] if self.cidr_block else []
        for item in self.cidr_block_association_set:
            if item.cidr_block_state.state == "associated" and item.cidr_block not in blocks:
                blocks.append(item.cidr_block)
        return tuple(blocks)

    @property
    def ipv6_cidrs(self) -> tuple[str, ...]:
        return tuple(
            item.ipv6_cidr_block
            for item in self.ipv6_cidr_block_association_set
            if item.ipv6_cidr_block_state.state == "associated"
        )


class Subnet(Aws, frozen=True):
    subnet_id: str
    vpc_id: str
    cidr_block: MaybeNet4 = ""
    ipv6_cidr_block_association_set: tuple[Ipv6CidrAssociation, ...] = ()
    availability_zone: str = ""
    availability_zone_id: str = ""
    map_public_ip_on_launch: bool = False
    owner_id: str = ""
    block_public_access_states: BlockPublicAccessStates | None = None
    tags: tuple[Tag, ...] = ()

    @property
    def ipv6_cidrs(self) -> tuple[str, ...]:
        return tuple(
            item.ipv6_cidr_block
            for item in self.ipv6_cidr_block_association_set
            if item.ipv6_cidr_block_state.state == "associated"
        )


class Route(Aws, frozen=True):
    """Exactly one destination and at most one target are set."""

    destination_cidr_block: MaybeNet4 = ""
    destination_ipv6_cidr_block: MaybeNet6 = ""
    destination_prefix_list_id: str = ""
    gateway_id: str = ""
    nat_gateway_id: str = ""
    instance_id: str = ""
    network_interface_id: str = ""
    transit_gateway_id: str = ""
    vpc_peering_connection_id: str = ""
    egress_only_internet_gateway_id: str = ""
    local_gateway_id: str = ""
    carrier_gateway_id: str = ""
    core_network_arn: str = ""
    origin: str = ""
    state: str = "active"

    @property
    def destination(self) -> str:
        return (
            self.destination_cidr_block
            or self.destination_ipv6_cidr_block
            or self.destination_prefix_list_id
        )

    @property
    def target(self) -> str:
        """The id of the target, an interface before its instance; empty if none is given."""
        return (
            self.nat_gateway_id
            or self.network_interface_id
            or self.instance_id
            or self.transit_gateway_id
            or self.vpc_peering_connection_id
            or self.egress_only_internet_gateway_id
            or self.local_gateway_id
            or self.carrier_gateway_id
            or self.core_network_arn
            or self.gateway_id
        )


class RouteTableAssociation(Aws, frozen=True):
    main: bool = False
    subnet_id: str = ""
    gateway_id: str = ""
    route_table_association_id: str = ""


class PropagatingGateway(Aws, frozen=True):
    gateway_id: str


class RouteTable(Aws, frozen=True):
    route_table_id: str
    vpc_id: str
    routes: tuple[Route, ...] = ()
    associations: tuple[RouteTableAssociation, ...] = ()
    propagating_vgws: tuple[PropagatingGateway, ...] = ()
    owner_id: str = ""
    tags: tuple[Tag, ...] = ()


class PortRange(Aws, frozen=True, rename={"from_port": "From", "to_port": "To"}):
    from_port: Port
    to_port: Port


class IcmpTypeCode(Aws, frozen=True):
    type: IcmpNumber = -1
    code: IcmpNumber = -1


class AclEntry(Aws, frozen=True):
    """`rule_action` is allow or deny; of an entry that says anything else it is not known."""

    rule_number: int
    protocol: Protocol
    rule_action: str
    egress: bool
    cidr_block: MaybeNet4 = ""
    ipv6_cidr_block: MaybeNet6 = ""
    port_range: PortRange | None = None
    icmp_type_code: IcmpTypeCode | None = None


class AclAssociation(Aws, frozen=True):
    subnet_id: str
    network_acl_association_id: str = ""


class NetworkAcl(Aws, frozen=True):
    network_acl_id: str
    vpc_id: str
    is_default: bool = False
    associations: tuple[AclAssociation, ...] = ()
    entries: tuple[AclEntry, ...] = ()
    owner_id: str = ""
    tags: tuple[Tag, ...] = ()


class IpRange(Aws, frozen=True):
    cidr_ip: Net4
    description: str = ""


class Ipv6Range(Aws, frozen=True):
    cidr_ipv6: Net6
    description: str = ""


class PrefixListId(Aws, frozen=True):
    prefix_list_id: str
    description: str = ""


class GroupPair(Aws, frozen=True):
    group_id: str = ""
    group_name: str = ""
    user_id: str = ""
    vpc_id: str = ""
    peering_status: str = ""
    vpc_peering_connection_id: str = ""
    description: str = ""


class IpPermission(Aws, frozen=True):
    """Protocol `-1` is every protocol; for ICMP FromPort is the type and ToPort the code.

    AWS takes no rule for TCP or UDP without both ports (API reference, IpPermission), nor for
    ICMP with one number: what such a rule means is nowhere said, and a ValueError says so.
    """

    ip_protocol: Protocol
    from_port: int | None = None
    to_port: int | None = None
    ip_ranges: tuple[IpRange, ...] = ()
    ipv6_ranges: tuple[Ipv6Range, ...] = ()
    prefix_list_ids: tuple[PrefixListId, ...] = ()
    user_id_group_pairs: tuple[GroupPair, ...] = ()

    def __post_init__(self) -> None:
        """Hold the ports against the protocol while a snapshot is read."""
        given = {"FromPort": self.from_port, "ToPort": self.to_port}
        protocol = self.ip_protocol.lower()
        lacking = [name for name, number in given.items() if number is None]
        if (protocol in _WITH_PORTS and lacking) or (protocol in _ICMP and len(lacking) == 1):
            raise ValueError(f"a rule for `{protocol}` has no {' and no '.join(lacking)}")
        low, high = self.from_port or 0, self.to_port or 0
        if protocol in _WITH_PORTS and not 0 <= low <= high <= _LAST_PORT:
            raise ValueError(f"`{low}` to `{high}` is not a range of ports")
        if protocol in _ICMP and not (-1 <= low <= _LAST_ICMP and -1 <= high <= _LAST_ICMP):
            raise ValueError(f"`{low}` and `{high}` are not an ICMP type and code")


class SecurityGroup(Aws, frozen=True):
    group_id: str
    group_name: str = ""
    description: str = ""
    vpc_id: str = ""
    ip_permissions: tuple[IpPermission, ...] = ()
    ip_permissions_egress: tuple[IpPermission, ...] = ()
    owner_id: str = ""
    tags: tuple[Tag, ...] = ()


class ReferencedGroup(Aws, frozen=True):
    group_id: str = ""
    user_id: str = ""
    vpc_id: str = ""
    peering_status: str = ""
    vpc_peering_connection_id: str = ""


class SecurityGroupRule(Aws, frozen=True):
    """One rule with its own id; says nothing that the group does not, but names it."""

    security_group_rule_id: str
    group_id: str
    is_egress: bool
    ip_protocol: Protocol
    from_port: int = -1
    to_port: int = -1
    cidr_ipv4: MaybeNet4 = ""
    cidr_ipv6: MaybeNet6 = ""
    prefix_list_id: str = ""
    referenced_group_info: ReferencedGroup | None = None


class SecurityGroupVpcAssociation(Aws, frozen=True):
    group_id: str
    vpc_id: str
    state: str = "associated"


class GroupIdentifier(Aws, frozen=True):
    group_id: str
    group_name: str = ""


class AddressAssociation(Aws, frozen=True):
    public_ip: MaybeIp4 = ""
    allocation_id: str = ""
    association_id: str = ""
    ip_owner_id: str = ""
    carrier_ip: str = ""


class PrivateAddress(Aws, frozen=True):
    private_ip_address: Ip4
    primary: bool = False
    association: AddressAssociation | None = None


class Ipv6Address(Aws, frozen=True):
    ipv6_address: Ip6


class Ipv4Prefix(Aws, frozen=True):
    ipv4_prefix: Net4


class Ipv6Prefix(Aws, frozen=True):
    ipv6_prefix: Net6


class InterfaceAttachment(Aws, frozen=True):
    attachment_id: str = ""
    instance_id: str = ""
    instance_owner_id: str = ""
    device_index: int = 0
    status: str = ""


class NetworkInterface(Aws, frozen=True):
    network_interface_id: str
    subnet_id: str = ""
    vpc_id: str = ""
    private_ip_address: MaybeIp4 = ""
    private_ip_addresses: tuple[PrivateAddress, ...] = ()
    ipv6_addresses: tuple[Ipv6Address, ...] = ()
    ipv4_prefixes: tuple[Ipv4Prefix, ...] = ()
    ipv6_prefixes: tuple[Ipv6Prefix, ...] = ()
    groups: tuple[GroupIdentifier, ...] = ()
    attachment: InterfaceAttachment | None = None
    association: AddressAssociation | None = None
    interface_type: str = "interface"
    description: str = ""
    requester_id: str = ""
    requester_managed: bool = False
    source_dest_check: bool = True
    status: str = ""
    availability_zone: str = ""
    owner_id: str = ""
    tag_set: tuple[Tag, ...] = ()


class GatewayAttachment(Aws, frozen=True):
    vpc_id: str = ""
    state: str = ""


class InternetGateway(Aws, frozen=True):
    """An attached gateway says state `available` (or `attached`)."""

    internet_gateway_id: str
    attachments: tuple[GatewayAttachment, ...] = ()
    owner_id: str = ""
    tags: tuple[Tag, ...] = ()


class EgressOnlyInternetGateway(Aws, frozen=True):
    egress_only_internet_gateway_id: str
    attachments: tuple[GatewayAttachment, ...] = ()
    tags: tuple[Tag, ...] = ()


class NatGatewayAddress(Aws, frozen=True):
    network_interface_id: str = ""
    private_ip: MaybeIp4 = ""
    public_ip: MaybeIp4 = ""
    allocation_id: str = ""
    is_primary: bool = False
    status: str = ""


class NatGateway(Aws, frozen=True):
    nat_gateway_id: str
    vpc_id: str = ""
    subnet_id: str = ""
    state: str = ""
    connectivity_type: str = "public"
    nat_gateway_addresses: tuple[NatGatewayAddress, ...] = ()
    tags: tuple[Tag, ...] = ()

    @property
    def addresses_in_use(self) -> tuple[NatGatewayAddress, ...]:
        """Those that it may send under, the primary one first."""
        used = (
            item
            for item in self.nat_gateway_addresses
            if item.private_ip and item.status in ("", "succeeded", "associating")
        )
        return tuple(sorted(used, key=lambda item: not item.is_primary))


class ElasticIp(Aws, frozen=True):
    public_ip: MaybeIp4 = ""
    allocation_id: str = ""
    association_id: str = ""
    network_interface_id: str = ""
    instance_id: str = ""
    private_ip_address: MaybeIp4 = ""
    tags: tuple[Tag, ...] = ()


class PrefixList(Aws, frozen=True):
    """DescribePrefixLists prints the CIDRs; DescribeManagedPrefixLists does not."""

    prefix_list_id: str
    prefix_list_name: str = ""
    owner_id: str = ""
    address_family: str = ""
    cidrs: tuple[Net, ...] | None = None
    tags: tuple[Tag, ...] = ()


class PrefixListEntry(Aws, frozen=True):
    cidr: Net
    description: str = ""


class PrefixListEntries(Aws, frozen=True):
    """GetManagedPrefixListEntries, with the id of the list beside the entries."""

    prefix_list_id: str
    entries: tuple[PrefixListEntry, ...] = ()
