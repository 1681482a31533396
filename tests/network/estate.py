"""Small estates in AWS's own shapes, for tests of both engines.

    estate = Estate()
    vpc = estate.vpc("a", "10.0.0.0/16")
    igw = vpc.internet_gateway()
    public = vpc.subnet("public", "10.0.0.0/24", routes={"0.0.0.0/0": igw})
    web = vpc.group("web", ingress=[("tcp/443", "0.0.0.0/0")])
    host = public.instance("host", "10.0.0.10", groups=[web], public="3.0.0.10")
    inventory = estate.inventory()

Ids are readable (`vpc-a`, `subnet-public`, `sg-web`, `i-host`, `eni-host`). Every method takes
extra keys in AWS's own spelling (`SourceDestCheck=False`), which win. Peers of rules may be a
CIDR, a group, a prefix list id, or a list of those. A VPC starts with an ACL that lets all
pass and a main table with its local routes; a group starts with egress to everywhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from mute_audit.inventory import CALLS, Inventory, RegionInventory
from mute_audit.verdict import Gap

ANYWHERE = "0.0.0.0/0"
ANYWHERE6 = "::/0"

Json = dict[str, Any]
RuleText = tuple[str, Any]

_NUMBERS = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58", "all": "-1"}


def _id(thing: Any) -> str:
    """The id of a handle, or the text itself."""
    return thing if isinstance(thing, str) else str(thing.id)


def _name_tag(name: str) -> list[Json]:
    return [{"Key": "Name", "Value": name}]


def _is_six(text: str) -> bool:
    return ":" in text


def permission(port: str, peers: Any) -> Json:
    """One IpPermission: `port` as `tcp/22`, `tcp/1-9`, `icmp/8/0`, `all`, or a number."""
    head, _, rest = port.partition("/")
    found: Json = {"IpProtocol": "-1" if head == "all" else head}
    if head in ("icmp", "icmpv6"):
        kind, _, code = rest.partition("/")
        found |= {"FromPort": int(kind or -1), "ToPort": int(code or -1)}
    elif head in ("tcp", "udp"):
        low, _, high = (rest or "0-65535").partition("-")
        found |= {"FromPort": int(low), "ToPort": int(high or low)}
    found |= {"IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": []}
    for peer in peers if isinstance(peers, list) else [peers]:
        if isinstance(peer, dict):
            found["UserIdGroupPairs"].append(peer)
            continue
        text = _id(peer)
        if text.startswith("sg-"):
            found["UserIdGroupPairs"].append({"GroupId": text})
        elif text.startswith("pl-"):
            found["PrefixListIds"].append({"PrefixListId": text})
        elif _is_six(text):
            found["Ipv6Ranges"].append({"CidrIpv6": text})
        else:
            found["IpRanges"].append({"CidrIp": text})
    return found


def acl_entry(number: int, action: str, port: str, cidr: str, *, egress: bool) -> Json:
    """One entry of a network ACL, `port` as for `permission`."""
    head, _, rest = port.partition("/")
    found: Json = {
        "RuleNumber": number,
        "RuleAction": action,
        "Protocol": _NUMBERS.get(head, head),
        "Egress": egress,
        "Ipv6CidrBlock" if _is_six(cidr) else "CidrBlock": cidr,
    }
    if head in ("tcp", "udp"):
        low, _, high = (rest or "0-65535").partition("-")
        found["PortRange"] = {"From": int(low), "To": int(high or low)}
    elif head in ("icmp", "icmpv6"):
        kind, _, code = rest.partition("/")
        found["IcmpTypeCode"] = {"Type": int(kind or -1), "Code": int(code or -1)}
    return found


def route(destination: str, target: Any, **more: Any) -> Json:
    """One route; the kind of target is told from its id."""
    key = (
        "DestinationPrefixListId"
        if destination.startswith("pl-")
        else "DestinationIpv6CidrBlock"
        if _is_six(destination)
        else "DestinationCidrBlock"
    )
    name = _id(target)
    kinds = {
        "nat-": "NatGatewayId",
        "eni-": "NetworkInterfaceId",
        "i-": "InstanceId",
        "tgw-": "TransitGatewayId",
        "pcx-": "VpcPeeringConnectionId",
        "eigw-": "EgressOnlyInternetGatewayId",
    }
    field_name = next((k for prefix, k in kinds.items() if name.startswith(prefix)), "GatewayId")
    origin = "CreateRouteTable" if name == "local" else "CreateRoute"
    return {key: destination, field_name: name, "Origin": origin, "State": "active"} | more


@dataclass
class Group:
    """A security group."""

    id: str
    vpc: Vpc
    json: Json

    def allow(self, port: str, peers: Any, *, egress: bool = False) -> Group:
        key = "IpPermissionsEgress" if egress else "IpPermissions"
        self.json[key].append(permission(port, peers))
        return self


@dataclass
class Table:
    """A route table."""

    id: str
    json: Json

    def add(self, destination: str, target: Any, **more: Any) -> Table:
        self.json["Routes"].append(route(destination, target, **more))
        return self

    def use(self, *things: Any, main: bool = False) -> Table:
        """Associate subnets or gateways."""
        for thing in things:
            name = _id(thing)
            key = "SubnetId" if name.startswith("subnet-") else "GatewayId"
            self.json["Associations"].append({"Main": False, key: name})
        if main:
            self.json["Associations"].append({"Main": True})
        return self


@dataclass
class Handle:
    """Anything with an id, and its JSON to change."""

    id: str
    json: Json


@dataclass
class Host:
    """An instance, or something else with one interface."""

    id: str
    json: Json
    eni: Json

    @property
    def interface(self) -> str:
        return str(self.eni["NetworkInterfaceId"])


@dataclass
class Subnet:
    id: str
    vpc: Vpc
    json: Json

    def interface(
        self,
        name: str,
        address: str = "",
        *,
        groups: Sequence[Any] = (),
        public: str = "",
        six: Sequence[str] = (),
        secondary: Sequence[str] = (),
        **more: Any,
    ) -> Json:
        """A network interface; `public` is the public address of the primary one."""
        association = {"PublicIp": public, "IpOwnerId": "amazon"} if public else None
        addresses: list[Json] = []
        for text in [address, *secondary] if address else []:
            addresses.append({"PrivateIpAddress": text, "Primary": text == address})
            if association and text == address:
                addresses[-1]["Association"] = association
        found = {
            "NetworkInterfaceId": f"eni-{name}",
            "SubnetId": self.id,
            "VpcId": self.vpc.id,
            "PrivateIpAddress": address,
            "PrivateIpAddresses": addresses,
            "Ipv6Addresses": [{"Ipv6Address": text} for text in six],
            "Groups": [{"GroupId": _id(group)} for group in groups],
            "InterfaceType": "interface",
            "SourceDestCheck": True,
            "Status": "in-use",
            "AvailabilityZone": self.json["AvailabilityZone"],
            "OwnerId": self.vpc.estate.account,
            "TagSet": _name_tag(name),
        }
        if association:
            found["Association"] = association
        found |= more
        self.vpc.estate.put("NetworkInterfaces", found)
        return found

    def instance(
        self,
        name: str,
        address: str,
        *,
        groups: Sequence[Any] = (),
        public: str = "",
        six: Sequence[str] = (),
        secondary: Sequence[str] = (),
        state: str = "running",
        **more: Any,
    ) -> Host:
        """An instance with one interface; extra keys go to the interface."""
        attachment = {"InstanceId": f"i-{name}", "DeviceIndex": 0, "Status": "attached"}
        eni = self.interface(
            name,
            address,
            groups=groups or [self.vpc.open_group()],
            public=public,
            six=six,
            secondary=secondary,
            Attachment=attachment,
            **more,
        )
        host = {
            "InstanceId": f"i-{name}",
            "State": {"Name": state},
            "SubnetId": self.id,
            "VpcId": self.vpc.id,
            "PrivateIpAddress": address,
            "SecurityGroups": eni["Groups"],
            "NetworkInterfaces": [{k: v for k, v in eni.items() if k != "TagSet"}],
            "SourceDestCheck": eni["SourceDestCheck"],
            "Tags": _name_tag(name),
        }
        self.vpc.estate.put("Reservations", {"Instances": [host]})
        return Host(f"i-{name}", host, eni)

    def nat(self, name: str = "nat", address: str = "", public: str = "", **more: Any) -> Host:
        """A NAT gateway with its interface; private where it has no public address."""
        net = ipaddress.ip_network(self.json["CidrBlock"])
        private = address or str(net[200])
        eni = self.interface(
            f"{name}-nat",
            private,
            public=public,
            InterfaceType="nat_gateway",
            SourceDestCheck=False,
            RequesterManaged=True,
        )
        used = {"NetworkInterfaceId": eni["NetworkInterfaceId"], "PrivateIp": private}
        gateway = {
            "NatGatewayId": f"nat-{name}",
            "VpcId": self.vpc.id,
            "SubnetId": self.id,
            "State": "available",
            "ConnectivityType": "public" if public else "private",
            "NatGatewayAddresses": [used | ({"PublicIp": public} if public else {})],
            "Tags": _name_tag(name),
        } | more
        self.vpc.estate.put("NatGateways", gateway)
        return Host(f"nat-{name}", gateway, eni)


@dataclass
class Vpc:
    id: str
    estate: Estate
    json: Json
    main: Table
    acl_json: Json
    _open: Group | None = None

    def subnet(
        self,
        name: str,
        cidr: str,
        *,
        zone: str = "a",
        six: str = "",
        routes: Mapping[str, Any] | None = None,
        table: Table | None = None,
        **more: Any,
    ) -> Subnet:
        """A subnet; `routes` gives it a table of its own, named `rtb-NAME`."""
        found = {
            "SubnetId": f"subnet-{name}",
            "VpcId": self.id,
            "CidrBlock": cidr,
            "AvailabilityZone": f"{self.estate.region}{zone}",
            "OwnerId": self.estate.account,
            "Tags": _name_tag(name),
        }
        if six:
            found["Ipv6CidrBlockAssociationSet"] = [
                {"Ipv6CidrBlock": six, "Ipv6CidrBlockState": {"State": "associated"}}
            ]
        self.estate.put("Subnets", found | more)
        made = Subnet(f"subnet-{name}", self, found | more)
        if routes is not None:
            self.table(name, routes).use(made)
        if table is not None:
            table.use(made)
        return made

    def table(self, name: str, routes: Mapping[str, Any] | None = None) -> Table:
        """A route table with the local routes and these."""
        found: Json = {
            "RouteTableId": f"rtb-{name}",
            "VpcId": self.id,
            "Routes": [route(cidr, "local") for cidr in self._cidrs()],
            "Associations": [],
        }
        self.estate.put("RouteTables", found)
        made = Table(f"rtb-{name}", found)
        for destination, target in (routes or {}).items():
            made.add(destination, target)
        return made

    def _cidrs(self) -> list[str]:
        blocks = [item["CidrBlock"] for item in self.json["CidrBlockAssociationSet"]]
        six = self.json.get("Ipv6CidrBlockAssociationSet", [])
        return blocks + [item["Ipv6CidrBlock"] for item in six]

    def group(
        self,
        name: str,
        ingress: Iterable[RuleText] = (),
        egress: Iterable[RuleText] | None = None,
        **more: Any,
    ) -> Group:
        """A security group; without `egress` it lets everything out."""
        if egress is None:
            egress = [("all", [ANYWHERE, ANYWHERE6])]
        found = {
            "GroupId": f"sg-{name}",
            "GroupName": name,
            "VpcId": self.id,
            "OwnerId": self.estate.account,
            "IpPermissions": [permission(*rule) for rule in ingress],
            "IpPermissionsEgress": [permission(*rule) for rule in egress],
        } | more
        self.estate.put("SecurityGroups", found)
        return Group(f"sg-{name}", self, found)

    def open_group(self) -> Group:
        """A group that lets everything in and out."""
        if self._open is None:
            name = f"open-{self.id.removeprefix('vpc-')}"
            self._open = self.group(name, [("all", [ANYWHERE, ANYWHERE6])])
        return self._open

    def acl(
        self,
        name: str,
        *,
        ingress: Iterable[tuple[int, str, str, str]] = ((100, "allow", "all", ANYWHERE),),
        egress: Iterable[tuple[int, str, str, str]] = ((100, "allow", "all", ANYWHERE),),
        subnets: Iterable[Any] = (),
    ) -> Handle:
        """A network ACL; entries are (number, allow or deny, port, CIDR)."""
        entries = [acl_entry(*entry, egress=False) for entry in ingress]
        entries += [acl_entry(*entry, egress=True) for entry in egress]
        found = {
            "NetworkAclId": f"acl-{name}",
            "VpcId": self.id,
            "IsDefault": False,
            "Entries": entries,
            "Associations": [{"SubnetId": _id(item)} for item in subnets],
        }
        self.estate.put("NetworkAcls", found)
        return Handle(f"acl-{name}", found)

    def internet_gateway(self, name: str = "", *, attached: bool = True) -> Handle:
        key = f"igw-{name or self.id.removeprefix('vpc-')}"
        attachments = [{"VpcId": self.id, "State": "available"}] if attached else []
        found = {"InternetGatewayId": key, "Attachments": attachments}
        self.estate.put("InternetGateways", found)
        return Handle(key, found)

    def egress_only(self, name: str = "") -> Handle:
        key = f"eigw-{name or self.id.removeprefix('vpc-')}"
        found = {
            "EgressOnlyInternetGatewayId": key,
            "Attachments": [{"VpcId": self.id, "State": "attached"}],
        }
        self.estate.put("EgressOnlyInternetGateways", found)
        return Handle(key, found)

    def vpn_gateway(self, name: str = "", *, attached: bool = True) -> Handle:
        key = f"vgw-{name or self.id.removeprefix('vpc-')}"
        state = "attached" if attached else "detached"
        found = {"VpnGatewayId": key, "VpcAttachments": [{"VpcId": self.id, "State": state}]}
        self.estate.put("VpnGateways", found)
        return Handle(key, found)

    def endpoint(
        self,
        name: str,
        kind: str = "Gateway",
        *,
        subnets: Sequence[Any] = (),
        groups: Sequence[Any] = (),
        interfaces: Sequence[str] = (),
        **more: Any,
    ) -> Handle:
        """A VPC endpoint: `Gateway`, `Interface` or `GatewayLoadBalancer`."""
        found = {
            "VpcEndpointId": f"vpce-{name}",
            "VpcEndpointType": kind,
            "VpcId": self.id,
            "ServiceName": f"com.amazonaws.{self.estate.region}.{name}",
            "State": "available",
            "SubnetIds": [_id(item) for item in subnets],
            "Groups": [{"GroupId": _id(item)} for item in groups],
            "NetworkInterfaceIds": list(interfaces),
        } | more
        self.estate.put("VpcEndpoints", found)
        return Handle(f"vpce-{name}", found)


def _every_key() -> set[str]:
    return set(CALLS)


@dataclass
class Estate:
    """One account and Region; `inventory(…)` joins several."""

    account: str = "111111111111"
    region: str = "eu-west-1"
    items: dict[str, list[Json]] = field(default_factory=dict)
    failed: list[Gap] = field(default_factory=list)
    without: set[str] = field(default_factory=set)
    associates: bool = True  # AWS lists each subnet at one ACL; the default one where no other

    def put(self, key: str, item: Json) -> Json:
        """Add one item under a top-level key of a description."""
        self.items.setdefault(key, []).append(item)
        return item

    def fail(self, key: str, why: str = "UnauthorizedOperation") -> Estate:
        """The call behind a key failed: nothing is known of it."""
        place = f"{self.account}/{self.region}"
        self.failed.append(Gap(CALLS[key].action, place, why, key))
        return self.drop(key)

    def drop(self, *keys: str) -> Estate:
        """The snapshot does not hold these keys."""
        for key in keys:
            self.items.pop(key, None)
            self.without.add(key)
        return self

    def vpc(
        self, name: str, *cidrs: str, six: str = "", is_default: bool = False, **more: Any
    ) -> Vpc:
        found: Json = {
            "VpcId": f"vpc-{name}",
            "CidrBlock": cidrs[0],
            "CidrBlockAssociationSet": [
                {"CidrBlock": cidr, "CidrBlockState": {"State": "associated"}} for cidr in cidrs
            ],
            "IsDefault": is_default,
            "OwnerId": self.account,
            "Tags": _name_tag(name),
        }
        if six:
            found["Ipv6CidrBlockAssociationSet"] = [
                {"Ipv6CidrBlock": six, "Ipv6CidrBlockState": {"State": "associated"}}
            ]
        self.put("Vpcs", found | more)
        entries = [
            acl_entry(number, "allow", "all", cidr, egress=egress)
            for egress in (False, True)
            for number, cidr in ((100, ANYWHERE), (101, ANYWHERE6))
        ]
        acl = {
            "NetworkAclId": f"acl-default-{name}",
            "VpcId": f"vpc-{name}",
            "IsDefault": True,
            "Entries": entries,
            "Associations": [],
        }
        self.put("NetworkAcls", acl)
        made = Vpc(f"vpc-{name}", self, found, Table("", {}), acl)
        made.main = made.table(f"main-{name}").use(main=True)
        return made

    def prefix_list(self, name: str, *cidrs: str, collected: bool = True) -> str:
        """A prefix list; not `collected`: its entries are not in the snapshot."""
        key = f"pl-{name}"
        self.put("PrefixLists", {"PrefixListId": key, "PrefixListName": name})
        if collected:
            entries = [{"Cidr": cidr} for cidr in cidrs]
            self.put("PrefixListEntries", {"PrefixListId": key, "Entries": entries})
        return key

    def peering(self, name: str, a: Vpc, b: Vpc, *, status: str = "active") -> Handle:
        """A peering connection, described in this estate."""

        def end(vpc: Vpc) -> Json:
            return {
                "VpcId": vpc.id,
                "OwnerId": vpc.estate.account,
                "Region": vpc.estate.region,
                "CidrBlock": vpc.json["CidrBlock"],
                "CidrBlockSet": [
                    {"CidrBlock": item["CidrBlock"]} for item in vpc.json["CidrBlockAssociationSet"]
                ],
            }

        found = {
            "VpcPeeringConnectionId": f"pcx-{name}",
            "Status": {"Code": status},
            "RequesterVpcInfo": end(a),
            "AccepterVpcInfo": end(b),
        }
        self.put("VpcPeeringConnections", found)
        return Handle(f"pcx-{name}", found)

    def database(
        self,
        name: str,
        subnets: Sequence[Subnet],
        *,
        groups: Sequence[Any],
        zone: str = "",
        multi_az: bool = False,
        public: bool = False,
        interface_at: Subnet | None = None,
        address: str = "",
        public_address: str = "",
        port: int = 5432,
    ) -> str:
        """An RDS instance; with `interface_at` its managed interface is described as well."""
        arn = f"arn:aws:rds:{self.region}:{self.account}:db:{name}"
        self.put(
            "DBInstances",
            {
                "DBInstanceIdentifier": name,
                "DBInstanceArn": arn,
                "DBInstanceStatus": "available",
                "MultiAZ": multi_az,
                "AvailabilityZone": f"{self.region}{zone}" if zone else "",
                "PubliclyAccessible": public,
                "Endpoint": {"Address": f"{name}.example", "Port": port},
                "VpcSecurityGroups": [{"VpcSecurityGroupId": _id(g)} for g in groups],
                "DBSubnetGroup": {
                    "DBSubnetGroupName": name,
                    "VpcId": subnets[0].vpc.id,
                    "Subnets": [
                        {
                            "SubnetIdentifier": subnet.id,
                            "SubnetAvailabilityZone": {"Name": subnet.json["AvailabilityZone"]},
                        }
                        for subnet in subnets
                    ],
                },
            },
        )
        if interface_at is not None:
            interface_at.interface(
                f"rds-{name}",
                address,
                groups=groups,
                public=public_address,
                Description="RDSNetworkInterface",
                RequesterManaged=True,
            )
        return arn

    # --- transit gateways ---------------------------------------------------------------------

    def transit_gateway(self, name: str, *, references: bool = False) -> Transit:
        key = f"tgw-{name}"
        support = "enable" if references else "disable"
        found = {
            "TransitGatewayId": key,
            "State": "available",
            "OwnerId": self.account,
            "Options": {"SecurityGroupReferencingSupport": support},
        }
        self.put("TransitGateways", found)
        return Transit(key, self, found)

    # --- load balancers -----------------------------------------------------------------------

    def balancer(
        self,
        name: str,
        kind: str,
        nodes: Mapping[str, Subnet],
        *,
        groups: Sequence[Any] = (),
        public: Mapping[str, str] | None = None,
        described: bool = True,
        **attributes: str,
    ) -> Balancer:
        """A load balancer, `kind` network or application; `nodes` are address → subnet."""
        short = {"network": "net", "application": "app"}[kind]
        tail = f"{short}/{name}/0123456789abcdef"
        where = f"arn:aws:elasticloadbalancing:{self.region}:{self.account}"
        arn = f"{where}:loadbalancer/{tail}"
        for address, subnet in nodes.items() if described else ():
            subnet.interface(
                f"{name}-{subnet.id.removeprefix('subnet-')}",
                address,
                groups=groups,
                public=(public or {}).get(address, ""),
                Description=f"ELB {tail}",
                InterfaceType="network_load_balancer" if kind == "network" else "interface",
                RequesterManaged=True,
                SourceDestCheck=kind == "application",
            )
        found = {
            "LoadBalancerArn": arn,
            "LoadBalancerName": name,
            "Type": kind,
            "Scheme": "internet-facing" if public else "internal",
            "VpcId": next(iter(nodes.values())).vpc.id,
            "SecurityGroups": [_id(group) for group in groups],
            "State": {"Code": "active"},
            "AvailabilityZones": [
                {"ZoneName": subnet.json["AvailabilityZone"], "SubnetId": subnet.id}
                for subnet in nodes.values()
            ],
        }
        self.put("LoadBalancers", found)
        listed = {"LoadBalancerArn": arn, "Listeners": []}
        self.put("LoadBalancerListeners", listed)
        given = [{"Key": k.replace("__", "."), "Value": v} for k, v in attributes.items()]
        self.put("LoadBalancerAttributes", {"LoadBalancerArn": arn, "Attributes": given})
        return Balancer(arn, self, found, listed)

    def inventory(self, *others: Estate) -> Inventory:
        """The inventory of this estate and others; every key that is not dropped is held."""
        return Inventory(tuple(estate.region_inventory() for estate in (self, *others)))

    def region_inventory(self) -> RegionInventory:
        gaps = [msgspec.to_builtins(gap) for gap in self.failed]
        if self.associates:
            self._associate()
        document = {
            "Account": self.account,
            "Region": self.region,
            "Held": sorted(_every_key() - self.without),
            "Failed": gaps,
            **self.items,
        }
        return msgspec.convert(document, type=RegionInventory)

    def _associate(self) -> None:
        acls = self.items.get("NetworkAcls", [])
        taken = {a["SubnetId"] for acl in acls for a in acl.get("Associations", ())}
        default = {acl["VpcId"]: acl for acl in acls if acl.get("IsDefault")}
        for subnet in self.items.get("Subnets", []):
            if subnet["SubnetId"] not in taken and subnet["VpcId"] in default:
                found = default[subnet["VpcId"]].setdefault("Associations", [])
                found.append({"SubnetId": subnet["SubnetId"]})


@dataclass
class Transit:
    """A transit gateway."""

    id: str
    estate: Estate
    json: Json

    def table(self, name: str) -> TransitTable:
        key = f"tgw-rtb-{name}"
        self.estate.put(
            "TransitGatewayRouteTables",
            {"TransitGatewayRouteTableId": key, "TransitGatewayId": self.id, "State": "available"},
        )
        routes = {"TransitGatewayRouteTableId": key, "Routes": []}
        spread = {
            "TransitGatewayRouteTableId": key,
            "TransitGatewayRouteTablePropagations": [],
        }
        self.estate.put("TransitGatewayStaticRoutes", routes)
        self.estate.put("TransitGatewayPropagations", spread)
        return TransitTable(key, routes, spread)

    def attach(
        self,
        vpc: Vpc,
        *subnets: Subnet,
        table: TransitTable | None = None,
        references: bool = True,
        state: str = "available",
    ) -> Attached:
        """Attach a VPC by one subnet for each zone, associated with `table`."""
        key = f"tgw-attach-{self.id.removeprefix('tgw-')}-{vpc.id.removeprefix('vpc-')}"
        found = {
            "TransitGatewayAttachmentId": key,
            "TransitGatewayId": self.id,
            "VpcId": vpc.id,
            "State": state,
            "SubnetIds": [subnet.id for subnet in subnets],
            "Options": {"SecurityGroupReferencingSupport": "enable" if references else "disable"},
        }
        vpc.estate.put("TransitGatewayVpcAttachments", found)
        return self._attach(key, "vpc", vpc.id, table, state)

    def attach_outside(
        self, name: str, kind: str = "vpn", table: TransitTable | None = None
    ) -> Attached:
        """An attachment that leads out of AWS: `vpn`, `direct-connect-gateway`."""
        return self._attach(f"tgw-attach-{name}", kind, f"{kind}-{name}", table, "available")

    def peer(
        self,
        other: Transit,
        *,
        table: TransitTable | None = None,
        far_table: TransitTable | None = None,
    ) -> Attached:
        """A peering of two transit gateways; each end has its own association."""
        key = f"tgw-attach-{self.id.removeprefix('tgw-')}-{other.id.removeprefix('tgw-')}"
        other._attach(key, "peering", self.id, far_table, "available")
        return self._attach(key, "peering", other.id, table, "available")

    def _attach(
        self, key: str, kind: str, resource: str, table: TransitTable | None, state: str
    ) -> Attached:
        found: Json = {
            "TransitGatewayAttachmentId": key,
            "TransitGatewayId": self.id,
            "ResourceType": kind,
            "ResourceId": resource,
            "State": state,
        }
        if table is not None:
            found["Association"] = {
                "TransitGatewayRouteTableId": table.id,
                "State": "associated",
            }
        self.estate.put("TransitGatewayAttachments", found)
        return Attached(key, found)


@dataclass
class Attached:
    id: str
    json: Json


@dataclass
class TransitTable:
    """A route table of a transit gateway."""

    id: str
    routes: Json
    propagations: Json

    def add(self, cidr: str, to: Attached | None, *, kind: str = "static") -> TransitTable:
        """A route; without an attachment it is a blackhole."""
        found: Json = {"DestinationCidrBlock": cidr, "Type": kind}
        if to is None:
            found["State"] = "blackhole"
        else:
            found["State"] = "active"
            found["TransitGatewayAttachments"] = [
                {
                    "TransitGatewayAttachmentId": to.id,
                    "ResourceId": to.json["ResourceId"],
                    "ResourceType": to.json["ResourceType"],
                }
            ]
        self.routes["Routes"].append(found)
        return self

    def propagate(self, *attached: Attached) -> TransitTable:
        for item in attached:
            self.propagations["TransitGatewayRouteTablePropagations"].append(
                {
                    "TransitGatewayAttachmentId": item.id,
                    "ResourceId": item.json["ResourceId"],
                    "ResourceType": item.json["ResourceType"],
                    "State": "enabled",
                }
            )
        return self


@dataclass
class Balancer:
    """A load balancer."""

    id: str
    estate: Estate
    json: Json
    listed: Json

    def listen(
        self,
        port: int,
        targets: Mapping[str, int],
        *,
        protocol: str = "TCP",
        kind: str = "instance",
        state: str = "healthy",
        states: Mapping[str, str] | None = None,
        **attributes: str,
    ) -> str:
        """A listener that forwards to a target group of its own; `targets` are id → port."""
        name = f"{self.json['LoadBalancerName']}-{port}"
        where = self.id.partition(":loadbalancer/")[0]
        group = f"{where}:targetgroup/{name}/0123456789abcdef"
        self.listed["Listeners"].append(
            {
                "ListenerArn": f"{self.id.replace('loadbalancer', 'listener')}/{port}",
                "LoadBalancerArn": self.id,
                "Port": port,
                "Protocol": protocol,
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}],
            }
        )
        self.estate.put(
            "TargetGroups",
            {
                "TargetGroupArn": group,
                "TargetGroupName": name,
                "Protocol": protocol,
                "Port": next(iter(targets.values()), port),
                "VpcId": self.json["VpcId"],
                "TargetType": kind,
                "LoadBalancerArns": [self.id],
            },
        )
        self.estate.put(
            "LoadBalancerTargetHealth",
            {
                "TargetGroupArn": group,
                "TargetHealthDescriptions": [
                    {
                        "Target": {"Id": target, "Port": target_port},
                        "TargetHealth": {"State": (states or {}).get(target, state)},
                    }
                    for target, target_port in targets.items()
                ],
            },
        )
        given = [{"Key": k.replace("__", "."), "Value": v} for k, v in attributes.items()]
        self.estate.put("TargetGroupAttributes", {"TargetGroupArn": group, "Attributes": given})
        return group
