"""Snapshots as `aws … describe-*` prints them: whole folders of JSON, one file a call.

    folder = Folder(tmp_path)
    here = folder.region("111111111111", "us-east-1")
    vpc = here.vpc("hub", "10.0.0.0/16")
    public = vpc.subnet("public", "10.0.0.0/24", {"0.0.0.0/0": vpc.internet_gateway()})
    web = public.instance("web", "10.0.0.10", [vpc.group("web", [("tcp/443", "0.0.0.0/0")])])
    folder.write()

Ids are seventeen hex digits as AWS's are, made from the names. Every description has the keys
that the command line prints, those too that nothing here reads; what AWS leaves out is left
out. Every builder takes extra keys in AWS's spelling, which win. Ports are written as for
`estate.permission`.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from estate import acl_entry, permission, route

Json = dict[str, Any]
ANYWHERE, ANYWHERE6 = "0.0.0.0/0", "::/0"

# Key → the file that it is saved to; other keys get a file of their own name.
_FILES = {
    "Reservations": "describe-instances",
    "NetworkAcls": "describe-network-acls",
    "Vpcs": "describe-vpcs",
    "DBInstances": "describe-db-instances",
    "Functions": "list-functions",
}


def hexed(kind: str, name: str) -> str:
    """An id such as `vpc-0a1b2c3d4e5f60718`."""
    return f"{kind}-0{hashlib.sha256(f'{kind} {name}'.encode()).hexdigest()[:16]}"


def tags(name: str) -> list[Json]:
    return [{"Key": "Name", "Value": name}]


def named(thing: Any) -> str:
    """The id of a handle, or the text itself."""
    return thing if isinstance(thing, str) else str(thing.id)


@dataclass(eq=False)
class Thing:
    """Anything with an id, and its JSON to change."""

    id: str
    json: Json


@dataclass
class Folder:
    """A snapshot folder; `flat` puts all files of the only Region at its top."""

    path: Path
    flat: bool = False
    regions: dict[tuple[str, str], Region] = field(default_factory=dict)

    def region(self, account: str = "111111111111", region: str = "us-east-1") -> Region:
        found = self.regions.setdefault((account, region), Region(account, region))
        return found

    def write(self, **beside: Any) -> Path:
        """Every key to a file of its own, with the keys in `beside` in each of them."""
        for (account, name), region in self.regions.items():
            into = self.path if self.flat else self.path / "accounts" / account / name
            into.mkdir(parents=True, exist_ok=True)
            for key, items in region.items.items():
                file = into / f"{_FILES.get(key, key)}.json"
                file.write_text(json.dumps({key: items, **beside}, indent=4))
        return self.path


@dataclass(eq=False)
class Region:
    """What one account sees in one Region."""

    account: str
    region: str
    items: dict[str, Any] = field(default_factory=dict)

    def put(self, key: str, item: Json) -> Json:
        self.items.setdefault(key, []).append(item)
        return item

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def vpc(self, name: str, *cidrs: str, six: str = "", **more: Any) -> Vpc:
        """A VPC with its main route table, default ACL and default group."""
        key = hexed("vpc", name)
        found: Json = {
            "OwnerId": self.account,
            "InstanceTenancy": "default",
            "CidrBlockAssociationSet": [
                {
                    "AssociationId": hexed("vpc-cidr-assoc", name + cidr),
                    "CidrBlock": cidr,
                    "CidrBlockState": {"State": "associated"},
                }
                for cidr in cidrs
            ],
            "IsDefault": False,
            "Tags": tags(name),
            "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"},
            "VpcId": key,
            "State": "available",
            "CidrBlock": cidrs[0],
            "DhcpOptionsId": hexed("dopt", self.region),
        }
        if six:
            found["Ipv6CidrBlockAssociationSet"] = [
                {
                    "AssociationId": hexed("vpc-cidr-assoc", name + six),
                    "Ipv6CidrBlock": six,
                    "Ipv6CidrBlockState": {"State": "associated"},
                    "NetworkBorderGroup": self.region,
                    "Ipv6Pool": "Amazon",
                    "Ipv6AddressAttribute": "public",
                    "IpSource": "amazon",
                }
            ]
        self.put("Vpcs", found | more)
        vpc = Vpc(key, name, self, found | more, tuple(cidrs) + ((six,) if six else ()))
        vpc.main = vpc.table(f"{name} main")
        association = vpc.main.json["Associations"]
        association.append(_association(vpc.main.id, main=True))
        both = [acl_entry(100, "allow", "all", ANYWHERE, egress=way) for way in (True, False)]
        if six:
            both += [acl_entry(101, "allow", "all", ANYWHERE6, egress=way) for way in (True, False)]
        vpc.default_acl = vpc.acl(f"{name} default", both, IsDefault=True, Tags=[])
        return vpc

    def prefix_list(self, name: str, *cidrs: str, aws: bool = True) -> Thing:
        """`describe-prefix-lists` for a list of AWS's; else `get-managed-prefix-list-entries`."""
        key = f"pl-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        if aws:
            title = f"com.amazonaws.{self.region}.{name}"
            listed = {"Cidrs": list(cidrs), "PrefixListId": key, "PrefixListName": title}
            return Thing(key, self.put("PrefixLists", listed))
        found = {
            "PrefixListId": key,
            "AddressFamily": "IPv6" if cidrs and ":" in cidrs[0] else "IPv4",
            "State": "create-complete",
            "PrefixListArn": self.arn("ec2", f"prefix-list/{key}"),
            "PrefixListName": name,
            "MaxEntries": 10,
            "Version": 1,
            "Tags": [],
            "OwnerId": self.account,
        }
        self.put("PrefixLists", found)
        entries = [{"Cidr": cidr, "Description": ""} for cidr in cidrs]
        self.put("PrefixListEntries", {"PrefixListId": key, "Entries": entries})
        return Thing(key, found)

    def block_public_access(self, mode: str, **more: Any) -> None:
        """`describe-vpc-block-public-access-options`: one object, not a list."""
        self.items["VpcBlockPublicAccessOptions"] = {
            "AwsAccountId": self.account,
            "AwsRegion": self.region,
            "State": "update-complete",
            "InternetGatewayBlockMode": mode,
            "LastUpdateTimestamp": "2024-12-03T10:15:30.123000+00:00",
            "ManagedBy": "account",
            "ExclusionsAllowed": "allowed",
        } | more
        self.items.setdefault("VpcBlockPublicAccessExclusions", [])

    def exclude(self, thing: Any, mode: str, state: str = "create-complete") -> None:
        name = named(thing)
        kind = "subnet" if name.startswith("subnet-") else "vpc"
        found = {
            "ExclusionId": hexed("vpcbpa-exclude", name),
            "InternetGatewayExclusionMode": mode,
            "ResourceArn": self.arn("ec2", f"{kind}/{name}"),
            "State": state,
            "CreationTimestamp": "2024-12-03T10:20:00+00:00",
            "LastUpdateTimestamp": "2024-12-03T10:21:00+00:00",
            "Tags": [],
        }
        self.put("VpcBlockPublicAccessExclusions", found)

    def peering(self, name: str, mine: Vpc, theirs: Vpc, status: str = "active") -> Thing:
        """`describe-vpc-peering-connections`, in the accounts and Regions of both ends."""
        key = hexed("pcx", name)
        found = {
            "AccepterVpcInfo": theirs.peering_info(),
            "RequesterVpcInfo": mine.peering_info(),
            "Status": {"Code": status, "Message": status.title()},
            "Tags": tags(name),
            "VpcPeeringConnectionId": key,
        }
        for region in {id(v.region): v.region for v in (mine, theirs)}.values():
            region.put("VpcPeeringConnections", found)
        return Thing(key, found)


def _association(table: str, *, main: bool = False, **ends: Any) -> Json:
    return {
        "Main": main,
        "RouteTableAssociationId": hexed("rtbassoc", table + str(ends)),
        "RouteTableId": table,
        **ends,
        "AssociationState": {"State": "associated"},
    }


@dataclass(eq=False)
class Table:
    id: str
    json: Json

    def add(self, destination: Any, target: Any, **more: Any) -> Table:
        self.json["Routes"].append(route(named(destination), named(target), **more))
        return self

    def use(self, *things: Any) -> Table:
        for thing in things:
            name = named(thing)
            end = "SubnetId" if name.startswith("subnet-") else "GatewayId"
            self.json["Associations"].append(_association(self.id, **{end: name}))
        return self


@dataclass(eq=False)
class Vpc:
    id: str
    name: str
    region: Region
    json: Json
    cidrs: tuple[str, ...]
    main: Table = field(init=False)
    default_acl: Thing = field(init=False)
    _open: str = ""

    def peering_info(self) -> Json:
        fours = [{"CidrBlock": c} for c in self.cidrs if ":" not in c]
        return {
            "CidrBlock": self.cidrs[0],
            "CidrBlockSet": fours,
            "OwnerId": self.region.account,
            "PeeringOptions": {
                "AllowDnsResolutionFromRemoteVpc": False,
                "AllowEgressFromLocalClassicLinkToRemoteVpc": False,
                "AllowEgressFromLocalVpcToRemoteClassicLink": False,
            },
            "VpcId": self.id,
            "Region": self.region.region,
        } | (
            {"Ipv6CidrBlockSet": [{"Ipv6CidrBlock": c} for c in self.cidrs if ":" in c]}
            if len(fours) < len(self.cidrs)
            else {}
        )

    def table(self, name: str, routes: Mapping[Any, Any] | None = None, **more: Any) -> Table:
        key = hexed("rtb", name)
        found = {
            "Associations": [],
            "PropagatingVgws": [],
            "RouteTableId": key,
            "Routes": [route(cidr, "local") for cidr in self.cidrs],
            "Tags": tags(name),
            "VpcId": self.id,
            "OwnerId": self.region.account,
        } | more
        made = Table(key, self.region.put("RouteTables", found))
        for destination, target in (routes or {}).items():
            made.add(destination, target)
        return made

    def acl(self, name: str, entries: Sequence[Json], *subnets: Any, **more: Any) -> Thing:
        """A network ACL: `entries`, and the ones that deny the rest, which AWS prints too."""
        key = hexed("acl", name)
        last = [acl_entry(32767, "deny", "all", ANYWHERE, egress=way) for way in (True, False)]
        if any(":" in cidr for cidr in self.cidrs):
            last += [acl_entry(32768, "deny", "all", ANYWHERE6, egress=w) for w in (True, False)]
        found = {
            "Associations": [],
            "Entries": [*entries, *last],
            "IsDefault": False,
            "NetworkAclId": key,
            "Tags": tags(name),
            "VpcId": self.id,
            "OwnerId": self.region.account,
        } | more
        self.region.put("NetworkAcls", found)
        made = Thing(key, found)
        for subnet in subnets:
            self.associate(made, named(subnet))
        return made

    def associate(self, acl: Thing, subnet: str) -> None:
        """A subnet has one ACL: the association moves."""
        for item in self.region.items["NetworkAcls"]:
            item["Associations"] = [a for a in item["Associations"] if a["SubnetId"] != subnet]
        acl.json["Associations"].append(
            {
                "NetworkAclAssociationId": hexed("aclassoc", subnet),
                "NetworkAclId": acl.id,
                "SubnetId": subnet,
            }
        )

    def group(
        self,
        name: str,
        ingress: Iterable[tuple[str, Any]] = (),
        egress: Iterable[tuple[str, Any]] | None = None,
        **more: Any,
    ) -> Thing:
        if egress is None:
            six = [("all", ANYWHERE6)] if any(":" in cidr for cidr in self.cidrs) else []
            egress = [("all", ANYWHERE), *six]
        key = hexed("sg", name)
        found = {
            "GroupId": key,
            "IpPermissionsEgress": [self._rule(*rule) for rule in egress],
            "Tags": tags(name),
            "VpcId": self.id,
            "SecurityGroupArn": self.region.arn("ec2", f"security-group/{key}"),
            "OwnerId": self.region.account,
            "GroupName": name,
            "Description": f"{name} group",
            "IpPermissions": [self._rule(*rule) for rule in ingress],
        } | more
        return Thing(key, self.region.put("SecurityGroups", found))

    def _rule(self, port: str, peers: Any) -> Json:
        peers = peers if isinstance(peers, list) else [peers]
        made = permission(port, [p if isinstance(p, (dict, str)) else p.id for p in peers])
        for pair in made["UserIdGroupPairs"]:
            pair.setdefault("UserId", self.region.account)
        return made

    def open_group(self) -> str:
        """A group that lets everything in and out."""
        if not self._open:
            six = [("all", ANYWHERE6)] if any(":" in cidr for cidr in self.cidrs) else []
            self._open = self.group(f"{self.name} open", [("all", ANYWHERE), *six]).id
        return self._open

    def subnet(
        self,
        name: str,
        cidr: str = "",
        routes: Mapping[Any, Any] | None = None,
        *,
        zone: str = "a",
        six: str = "",
        table: Table | None = None,
        **more: Any,
    ) -> Subnet:
        """A subnet; `routes` gives it a table of its own, named `NAME table`."""
        key = hexed("subnet", name)
        here = self.region
        area, side, number = here.region.split("-")
        short = f"{area}{side[0]}{number}"
        found: Json = {
            "AvailabilityZoneId": f"{short}-az{ord(zone) - ord('a') + 1}",
            "MapCustomerOwnedIpOnLaunch": False,
            "OwnerId": here.account,
            "AssignIpv6AddressOnCreation": bool(six),
            "Ipv6CidrBlockAssociationSet": [],
            "Tags": tags(name),
            "SubnetArn": here.arn("ec2", f"subnet/{key}"),
            "EnableDns64": False,
            "Ipv6Native": not cidr,
            "PrivateDnsNameOptionsOnLaunch": {
                "HostnameType": "ip-name",
                "EnableResourceNameDnsARecord": False,
                "EnableResourceNameDnsAAAARecord": False,
            },
            "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"},
            "SubnetId": key,
            "State": "available",
            "VpcId": self.id,
            "AvailableIpAddressCount": 250,
            "AvailabilityZone": f"{here.region}{zone}",
            "DefaultForAz": False,
            "MapPublicIpOnLaunch": False,
        }
        if cidr:
            found["CidrBlock"] = cidr
        if six:
            found["Ipv6CidrBlockAssociationSet"] = [
                {
                    "AssociationId": hexed("subnet-cidr-assoc", name),
                    "Ipv6CidrBlock": six,
                    "Ipv6CidrBlockState": {"State": "associated"},
                    "Ipv6AddressAttribute": "public",
                    "IpSource": "amazon",
                }
            ]
        here.put("Subnets", found | more)
        made = Subnet(key, self, cidr, zone)
        self.associate(self.default_acl, key)
        if routes is not None:
            table = self.table(f"{name} table", routes)
        if table is not None:
            table.use(key)
        return made

    def internet_gateway(self, name: str = "") -> Thing:
        key = hexed("igw", name or self.name)
        found = {
            "Attachments": [{"State": "available", "VpcId": self.id}],
            "InternetGatewayId": key,
            "OwnerId": self.region.account,
            "Tags": [],
        }
        return Thing(key, self.region.put("InternetGateways", found))

    def egress_only(self) -> Thing:
        key = hexed("eigw", self.name)
        found = {
            "Attachments": [{"State": "attached", "VpcId": self.id}],
            "EgressOnlyInternetGatewayId": key,
            "Tags": [],
        }
        return Thing(key, self.region.put("EgressOnlyInternetGateways", found))

    def vpn_gateway(self, name: str = "") -> Thing:
        key = hexed("vgw", name or self.name)
        found = {
            "State": "available",
            "Type": "ipsec.1",
            "VpcAttachments": [{"State": "attached", "VpcId": self.id}],
            "VpnGatewayId": key,
            "AmazonSideAsn": 64512,
            "Tags": tags(name or self.name),
        }
        return Thing(key, self.region.put("VpnGateways", found))

    def gateway_endpoint(self, service: str, *tables: Table, **more: Any) -> Thing:
        key = hexed("vpce", self.name + service)
        found = {
            "VpcEndpointId": key,
            "VpcEndpointType": "Gateway",
            "VpcId": self.id,
            "ServiceName": f"com.amazonaws.{self.region.region}.{service}",
            "State": "available",
            "PolicyDocument": json.dumps(
                {
                    "Version": "2008-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
                    ],
                }
            ),
            "RouteTableIds": [table.id for table in tables],
            "SubnetIds": [],
            "Groups": [],
            "PrivateDnsEnabled": False,
            "RequesterManaged": False,
            "NetworkInterfaceIds": [],
            "DnsEntries": [],
            "CreationTimestamp": "2023-05-04T08:00:00+00:00",
            "Tags": [],
            "OwnerId": self.region.account,
        } | more
        return Thing(key, self.region.put("VpcEndpoints", found))

    def interface_endpoint(
        self, service: str, where: Mapping[str, Subnet], groups: Sequence[Any], **more: Any
    ) -> Thing:
        """An interface endpoint with an interface at each address in `where`."""
        key = hexed("vpce", self.name + service)
        enis = [
            subnet.interface(
                f"{self.name}{service}{address}",
                address,
                groups,
                InterfaceType="vpc_endpoint",
                Description=f"VPC Endpoint Interface {key}",
                RequesterManaged=True,
                RequesterId=f"{self.region.account}:aws",
            )
            for address, subnet in where.items()
        ]
        found = {
            "VpcEndpointId": key,
            "VpcEndpointType": "Interface",
            "VpcId": self.id,
            "ServiceName": f"com.amazonaws.{self.region.region}.{service}",
            "State": "available",
            "RouteTableIds": [],
            "SubnetIds": [subnet.id for subnet in where.values()],
            "Groups": [{"GroupId": named(g), "GroupName": "endpoint"} for g in groups],
            "IpAddressType": "ipv4",
            "PrivateDnsEnabled": True,
            "RequesterManaged": False,
            "NetworkInterfaceIds": [eni["NetworkInterfaceId"] for eni in enis],
            "DnsEntries": [{"DnsName": f"{key}-abc.{service}.amazonaws.com", "HostedZoneId": "Z7"}],
            "CreationTimestamp": "2023-05-04T08:00:00+00:00",
            "Tags": [],
            "OwnerId": self.region.account,
        } | more
        return Thing(key, self.region.put("VpcEndpoints", found))


@dataclass(eq=False)
class Host:
    id: str
    json: Json
    eni: Json

    @property
    def interface(self) -> str:
        return str(self.eni["NetworkInterfaceId"])


@dataclass(eq=False)
class Subnet:
    id: str
    vpc: Vpc
    cidr: str
    zone: str

    def interface(
        self,
        name: str,
        address: str = "",
        groups: Sequence[Any] = (),
        *,
        public: str = "",
        six: Sequence[str] = (),
        secondary: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Json:
        """`describe-network-interfaces`; `secondary` is private → public address."""
        here = self.vpc.region
        key = hexed("eni", name)
        addresses = []
        for private, mapped in {address: public, **(secondary or {})}.items():
            if private:
                item: Json = {"Primary": private == address, "PrivateIpAddress": private}
                if mapped:
                    item["Association"] = _mapped(mapped, name)
                item["PrivateDnsName"] = f"ip-{private.replace('.', '-')}.ec2.internal"
                addresses.append(item)
        found: Json = {
            "AvailabilityZone": f"{here.region}{self.zone}",
            "Description": "",
            "Groups": [{"GroupName": "g", "GroupId": named(group)} for group in groups],
            "InterfaceType": "interface",
            "Ipv6Addresses": [{"Ipv6Address": text, "IsPrimaryIpv6": False} for text in six],
            "MacAddress": "0a:ff:c2:00:11:22",
            "NetworkInterfaceId": key,
            "OwnerId": here.account,
            "PrivateIpAddresses": addresses,
            "RequesterManaged": False,
            "SourceDestCheck": True,
            "Status": "in-use",
            "SubnetId": self.id,
            "TagSet": [],
            "VpcId": self.vpc.id,
            "Operator": {"Managed": False},
        }
        if address:
            found["PrivateIpAddress"] = address
            found["PrivateDnsName"] = addresses[0]["PrivateDnsName"]
        if public:
            found["Association"] = _mapped(public, name)
        return here.put("NetworkInterfaces", found | more)

    def instance(
        self,
        name: str,
        address: str = "",
        groups: Sequence[Any] = (),
        *,
        public: str = "",
        six: Sequence[str] = (),
        secondary: Mapping[str, str] | None = None,
        state: str = "running",
        **more: Any,
    ) -> Host:
        """`describe-instances` and its interface; extra keys go to both interfaces."""
        here = self.vpc.region
        key = hexed("i", name)
        groups = groups or [self.vpc.open_group()]
        attachment = {
            "AttachTime": "2024-01-05T12:00:00+00:00",
            "AttachmentId": hexed("eni-attach", name),
            "DeleteOnTermination": True,
            "DeviceIndex": 0,
            "Status": "attached",
            "NetworkCardIndex": 0,
        }
        eni = self.interface(
            f"{name} 0",
            address,
            groups,
            public=public,
            six=six,
            secondary=secondary,
            Attachment=attachment | {"InstanceId": key, "InstanceOwnerId": here.account},
            **more,
        )
        inner = {k: v for k, v in eni.items() if k not in ("TagSet", "RequesterManaged")}
        inner["Attachment"] = attachment
        inner["Ipv6Addresses"] = [{"Ipv6Address": text} for text in six]
        found = {
            "AmiLaunchIndex": 0,
            "Architecture": "x86_64",
            "BlockDeviceMappings": [],
            "ClientToken": "",
            "EbsOptimized": False,
            "Hypervisor": "xen",
            "ImageId": "ami-0c02fb55956c7d316",
            "InstanceId": key,
            "InstanceType": "t3.micro",
            "LaunchTime": "2024-01-05T12:00:00+00:00",
            "MetadataOptions": {"State": "applied", "HttpTokens": "required"},
            "Monitoring": {"State": "disabled"},
            "NetworkInterfaces": [inner],
            "Placement": {
                "AvailabilityZone": f"{here.region}{self.zone}",
                "GroupName": "",
                "Tenancy": "default",
            },
            "PrivateDnsName": "ip-10-0-0-10.ec2.internal",
            "ProductCodes": [],
            "PublicDnsName": "",
            "RootDeviceName": "/dev/xvda",
            "SecurityGroups": inner["Groups"],
            "SourceDestCheck": eni["SourceDestCheck"],
            "State": {"Code": 16 if state == "running" else 80, "Name": state},
            "StateTransitionReason": "",
            "SubnetId": self.id,
            "Tags": tags(name),
            "VirtualizationType": "hvm",
            "VpcId": self.vpc.id,
        }
        if address:
            found["PrivateIpAddress"] = address
        if public:
            found["PublicIpAddress"] = public
        here.put(
            "Reservations",
            {
                "Groups": [],
                "Instances": [found],
                "OwnerId": here.account,
                "ReservationId": hexed("r", name),
            },
        )
        return Host(key, found, eni)

    def nat(self, name: str, address: str, public: str = "", **more: Any) -> Host:
        """`describe-nat-gateways`; private where it has no public address."""
        key = hexed("nat", name)
        eni = self.interface(
            f"nat {name}",
            address,
            public=public,
            InterfaceType="nat_gateway",
            Description=f"Interface for NAT Gateway {key}",
            SourceDestCheck=False,
            RequesterManaged=True,
            RequesterId="783210010101",
        )
        used: Json = {
            "NetworkInterfaceId": eni["NetworkInterfaceId"],
            "PrivateIp": address,
            "IsPrimary": True,
            "Status": "succeeded",
        }
        if public:
            used |= {"AllocationId": hexed("eipalloc", name), "PublicIp": public}
        found = {
            "CreateTime": "2023-02-01T00:00:00+00:00",
            "NatGatewayAddresses": [used],
            "NatGatewayId": key,
            "State": "available",
            "SubnetId": self.id,
            "VpcId": self.vpc.id,
            "Tags": tags(name),
            "ConnectivityType": "public" if public else "private",
        } | more
        return Host(key, self.vpc.region.put("NatGateways", found), eni)


def _mapped(public: str, name: str) -> Json:
    ipaddress.ip_address(public)
    dashed = public.replace(".", "-")
    return {
        "AllocationId": hexed("eipalloc", name),
        "AssociationId": hexed("eipassoc", name),
        "IpOwnerId": "111111111111",
        "PublicDnsName": f"ec2-{dashed}.compute-1.amazonaws.com",
        "PublicIp": public,
    }
