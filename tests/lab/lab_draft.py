"""Estates for the lab, written piece by piece in AWS's own shapes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from mute_audit.inventory import Inventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.raw import RawDocument, RawSnapshot

__all__ = ["ANYWHERE", "LAST", "OPEN", "Draft", "Json", "entry", "permission"]

Json = dict[str, Any]

ACCOUNT, REGION = "111122223333", "us-east-1"
ANYWHERE = "0.0.0.0/0"


def permission(
    protocol: str,
    low: int | None,
    high: int | None,
    *,
    cidrs: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    lists: tuple[str, ...] = (),
) -> Json:
    """One IpPermission."""
    found: Json = {"IpProtocol": protocol}
    if low is not None:
        found |= {"FromPort": low, "ToPort": high}
    return found | {
        "IpRanges": [{"CidrIp": cidr} for cidr in cidrs],
        "Ipv6Ranges": [],
        "PrefixListIds": [{"PrefixListId": name} for name in lists],
        "UserIdGroupPairs": [{"GroupId": name, "UserId": ACCOUNT} for name in groups],
    }


EVERYTHING = permission("-1", None, None, cidrs=(ANYWHERE,))


def entry(
    number: int,
    action: str,
    egress: bool,
    cidr: str = ANYWHERE,
    protocol: str = "-1",
    ports: tuple[int, int] | None = None,
) -> Json:
    """One entry of a network ACL."""
    found: Json = {
        "RuleNumber": number,
        "RuleAction": action,
        "Egress": egress,
        "CidrBlock": cidr,
        "Protocol": protocol,
    }
    if ports is not None:
        found["PortRange"] = {"From": ports[0], "To": ports[1]}
    return found


# What AWS adds to each ACL itself.
LAST = [entry(32767, "deny", False), entry(32767, "deny", True)]
OPEN = [entry(100, "allow", False), entry(100, "allow", True), *LAST]


@dataclass
class Draft:
    """An estate that is being written: top-level key → descriptions."""

    items: dict[str, list[Json]] = field(default_factory=dict)

    def put(self, key: str, item: Json) -> Json:
        self.items.setdefault(key, []).append(item)
        return item

    def get(self, key: str, name: str) -> Json:
        """The description under `key` with this value of its id."""
        return next(item for item in self.items[key] if name in item.values())

    def inventory(self) -> Inventory:
        """The inventory, by the parser that everything goes through."""
        text = json.dumps(self.items).encode()
        document = RawDocument(ACCOUNT, REGION, "estate.json", text)
        return load(RawSnapshot((document,)))

    # -- pieces ---------------------------------------------------------------------------

    def vpc(self, name: str, *cidrs: str) -> str:
        """A VPC with a main table that has its local routes, and an ACL that is open."""
        vpc = f"vpc-{name}"
        blocks = [{"CidrBlock": cidr, "CidrBlockState": {"State": "associated"}} for cidr in cidrs]
        self.put("Vpcs", {"VpcId": vpc, "CidrBlock": cidrs[0], "CidrBlockAssociationSet": blocks})
        main = self.table(f"main-{name}", vpc)
        self.get("RouteTables", main)["Associations"] = [{"Main": True}]
        acl = self.acl(f"default-{name}", vpc, OPEN)
        self.get("NetworkAcls", acl)["IsDefault"] = True
        return vpc

    def table(self, name: str, vpc: str) -> str:
        """A route table with the VPC's local routes."""
        local = [item["CidrBlock"] for item in self.get("Vpcs", vpc)["CidrBlockAssociationSet"]]
        routes = [
            {"DestinationCidrBlock": cidr, "GatewayId": "local", "State": "active"}
            for cidr in local
        ]
        key = f"rtb-{name}"
        self.put(
            "RouteTables",
            {"RouteTableId": key, "VpcId": vpc, "Routes": routes, "Associations": []},
        )
        return key

    def route(self, table: str, destination: str, target: str, state: str = "active") -> None:
        kinds = {"nat-": "NatGatewayId", "eni-": "NetworkInterfaceId"}
        kinds |= {"pcx-": "VpcPeeringConnectionId"}
        key = next((kind for head, kind in kinds.items() if target.startswith(head)), "GatewayId")
        to = "DestinationPrefixListId" if destination.startswith("pl-") else "DestinationCidrBlock"
        routes = self.get("RouteTables", table)["Routes"]
        routes.append({to: destination, key: target, "State": state, "Origin": "CreateRoute"})

    def acl(self, name: str, vpc: str, entries: list[Json]) -> str:
        key = f"acl-{name}"
        self.put(
            "NetworkAcls",
            {"NetworkAclId": key, "VpcId": vpc, "Entries": list(entries), "Associations": []},
        )
        return key

    def subnet(self, name: str, vpc: str, cidr: str, *, table: str = "", acl: str = "") -> str:
        key = f"subnet-{name}"
        self.put(
            "Subnets",
            {
                "SubnetId": key,
                "VpcId": vpc,
                "CidrBlock": cidr,
                "AvailabilityZone": f"{REGION}a",
                "AvailabilityZoneId": "use1-az1",
            },
        )
        if table:
            self.get("RouteTables", table)["Associations"].append({"Main": False, "SubnetId": key})
        default = f"acl-default-{vpc.removeprefix('vpc-')}"
        chosen = self.get("NetworkAcls", acl or default)
        chosen["Associations"].append({"SubnetId": key, "NetworkAclAssociationId": f"a-{key}"})
        return key

    def group(
        self, name: str, vpc: str, ingress: list[Json], egress: list[Json] | None = None
    ) -> str:
        key = f"sg-{name}"
        self.put(
            "SecurityGroups",
            {
                "GroupId": key,
                "GroupName": name,
                "VpcId": vpc,
                "IpPermissions": ingress,
                "IpPermissionsEgress": [EVERYTHING] if egress is None else egress,
            },
        )
        return key

    def host(
        self,
        name: str,
        subnet: str,
        address: str,
        groups: list[str],
        *,
        public: str = "",
        secondary: tuple[tuple[str, str], ...] = (),
        state: str = "running",
        checked: bool = True,
    ) -> str:
        """An instance with one interface; `secondary` are (private, public or empty)."""
        vpc = self.get("Subnets", subnet)["VpcId"]
        addresses: list[Json] = []
        for private, its_public in ((address, public), *secondary):
            item: Json = {"PrivateIpAddress": private, "Primary": private == address}
            if its_public:
                item["Association"] = {"PublicIp": its_public, "IpOwnerId": "amazon"}
            addresses.append(item)
        eni: Json = {
            "NetworkInterfaceId": f"eni-{name}",
            "SubnetId": subnet,
            "VpcId": vpc,
            "PrivateIpAddress": address,
            "PrivateIpAddresses": addresses,
            "Groups": [{"GroupId": group} for group in groups],
            "Attachment": {"InstanceId": f"i-{name}", "Status": "attached"},
            "SourceDestCheck": checked,
            "Status": "in-use",
            "InterfaceType": "interface",
        }
        if public:
            eni["Association"] = addresses[0]["Association"]
        self.put("NetworkInterfaces", eni)
        instance = {
            "InstanceId": f"i-{name}",
            "State": {"Name": state},
            "SubnetId": subnet,
            "VpcId": vpc,
            "PrivateIpAddress": address,
        }
        self.put("Reservations", {"ReservationId": f"r-{name}", "Instances": [instance]})
        return f"i-{name}"

    def internet_gateway(self, name: str, vpc: str, *, attached: bool = True) -> str:
        key = f"igw-{name}"
        attachments = [{"VpcId": vpc, "State": "available"}] if attached else []
        self.put("InternetGateways", {"InternetGatewayId": key, "Attachments": attachments})
        return key

    def nat_gateway(
        self, name: str, subnet: str, address: str, public: str, state: str = "available"
    ) -> str:
        key, eni = f"nat-{name}", f"eni-nat-{name}"
        vpc = self.get("Subnets", subnet)["VpcId"]
        ends = {"NetworkInterfaceId": eni, "PrivateIp": address, "PublicIp": public}
        self.put(
            "NatGateways",
            {
                "NatGatewayId": key,
                "VpcId": vpc,
                "SubnetId": subnet,
                "State": state,
                "ConnectivityType": "public",
                "NatGatewayAddresses": [ends],
            },
        )
        association = {"PublicIp": public, "IpOwnerId": ACCOUNT}
        self.put(
            "NetworkInterfaces",
            {
                "NetworkInterfaceId": eni,
                "SubnetId": subnet,
                "VpcId": vpc,
                "PrivateIpAddress": address,
                "PrivateIpAddresses": [
                    {"PrivateIpAddress": address, "Primary": True, "Association": association}
                ],
                "Association": association,
                "Groups": [],
                "InterfaceType": "nat_gateway",
                "Description": f"Interface for NAT Gateway {key}",
                "RequesterManaged": True,
                "SourceDestCheck": False,
                "Status": "in-use",
            },
        )
        return key

    def peering(self, name: str, one: str, other: str, status: str = "active") -> str:
        key = f"pcx-{name}"
        ends = []
        for vpc in (one, other):
            blocks = self.get("Vpcs", vpc)["CidrBlockAssociationSet"]
            ends.append(
                {
                    "VpcId": vpc,
                    "OwnerId": ACCOUNT,
                    "Region": REGION,
                    "CidrBlock": blocks[0]["CidrBlock"],
                    "CidrBlockSet": [{"CidrBlock": block["CidrBlock"]} for block in blocks],
                }
            )
        self.put(
            "VpcPeeringConnections",
            {
                "VpcPeeringConnectionId": key,
                "Status": {"Code": status},
                "RequesterVpcInfo": ends[0],
                "AccepterVpcInfo": ends[1],
            },
        )
        return key

    def prefix_list(self, name: str, *cidrs: str) -> str:
        key = f"pl-{name}"
        self.put("PrefixLists", {"PrefixListId": key, "PrefixListName": name})
        entries = [{"Cidr": cidr} for cidr in cidrs]
        self.put("PrefixListEntries", {"PrefixListId": key, "Entries": entries})
        return key
