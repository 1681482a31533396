"""A realistic estate of any size, written as the JSON files that `aws … describe-*` prints.

    python tests/benchmarks/big_estate.py DIR INTERFACES [--bad]

What it is like, so that a reader can judge the numbers:

- One account and Region; a VPC (/16) for every 2,000 interfaces, joined in a chain by peerings,
  all attached to one transit gateway with two route tables.
- A VPC has three public subnets with an internet gateway, and private ones of 250 interfaces
  each behind a NAT gateway, over three zones. A quarter of the private subnets has an ACL of
  its own that closes SSH from other VPCs.
- Interfaces belong to services of some 20 instances with one group each, in tiers: a balancer
  takes web traffic from anywhere, web takes it from the balancer's group, app from web, data
  from app. Every VPC has a bastion group that may SSH everywhere in it, and a group for
  monitoring that comes by CIDR. One interface in 50 is a database with an interface of its own.
- One service in ten names single hosts by /32 rules, so that (subnet, groups) alone does not
  tell interfaces apart.
- `--bad`: every interface has a random set of four out of 400 groups, so that hardly any two
  are alike (some 90,000 classes among 100,000 interfaces).
"""

from __future__ import annotations

import argparse
import ipaddress
import json
import random
from pathlib import Path
from typing import Any

Json = dict[str, Any]

PER_VPC = 2_000
PER_SUBNET = 250
PER_SERVICE = 20
ZONES = ("a", "b", "c")
ACCOUNT = "111122223333"
REGION = "eu-west-1"


def permission(protocol: str, low: int, high: int, **peers: list[Json]) -> Json:
    return {"IpProtocol": protocol, "FromPort": low, "ToPort": high, **peers}


def anywhere() -> list[Json]:
    return [{"CidrIp": "0.0.0.0/0"}]


class BigEstate:
    """`documents` maps the top-level key of a description to its items."""

    def __init__(self, interfaces: int, *, bad: bool = False, seed: int = 1) -> None:
        self.rng = random.Random(seed)
        self.bad = bad
        self.documents: dict[str, list[Json]] = {}
        self.count = 0
        self.wanted = interfaces
        vpcs = max(1, -(-interfaces // PER_VPC))
        self.put("TransitGateways", {"TransitGatewayId": "tgw-1", "State": "available"})
        for table in ("tgw-rtb-1", "tgw-rtb-2"):
            self.put(
                "TransitGatewayRouteTables",
                {"TransitGatewayRouteTableId": table, "TransitGatewayId": "tgw-1"},
            )
            self.put(
                "TransitGatewayStaticRoutes", {"TransitGatewayRouteTableId": table, "Routes": []}
            )
        self.spread: dict[str, list[Json]] = {"tgw-rtb-1": [], "tgw-rtb-2": []}
        for number in range(vpcs):
            self.add_vpc(number, vpcs)
        for table, items in self.spread.items():
            self.put(
                "TransitGatewayPropagations",
                {
                    "TransitGatewayRouteTableId": table,
                    "TransitGatewayRouteTablePropagations": items,
                },
            )

    def put(self, key: str, item: Json) -> None:
        self.documents.setdefault(key, []).append(item)

    # --- a VPC --------------------------------------------------------------------------------

    def add_vpc(self, number: int, vpcs: int) -> None:
        name = f"vpc-{number:05x}"
        cidr = f"10.{number}.0.0/16"
        self.put("Vpcs", {"VpcId": name, "CidrBlock": cidr, "OwnerId": ACCOUNT})
        self.put(
            "InternetGateways",
            {
                "InternetGatewayId": f"igw-{number:05x}",
                "Attachments": [{"VpcId": name, "State": "available"}],
            },
        )
        mine = min(PER_VPC, self.wanted - self.count)
        privates = max(1, -(-mine // PER_SUBNET))
        subnets = [self.add_subnet(name, number, n, public=n < 3) for n in range(3 + privates)]
        self.add_routing(name, number, vpcs, subnets)
        self.add_acls(name, number, subnets)
        if self.bad:
            self.add_random_hosts(name, number, subnets, mine)
        else:
            self.add_services(name, number, subnets, mine)

    def add_subnet(self, vpc: str, number: int, index: int, *, public: bool) -> Json:
        found = {
            "SubnetId": f"subnet-{number:05x}{index:03x}",
            "VpcId": vpc,
            "CidrBlock": f"10.{number}.{index}.0/24",
            "AvailabilityZone": REGION + ZONES[index % 3],
            "OwnerId": ACCOUNT,
            "MapPublicIpOnLaunch": public,
        }
        self.put("Subnets", found)
        return found

    def add_routing(self, vpc: str, number: int, vpcs: int, subnets: list[Json]) -> None:
        nat = f"nat-{number:05x}"
        self.put(
            "NatGateways",
            {
                "NatGatewayId": nat,
                "VpcId": vpc,
                "SubnetId": subnets[0]["SubnetId"],
                "State": "available",
                "NatGatewayAddresses": [
                    {"PrivateIp": f"10.{number}.0.5", "PublicIp": f"52.0.{number}.1"}
                ],
            },
        )
        local = {"DestinationCidrBlock": f"10.{number}.0.0/16", "GatewayId": "local"}
        others = []
        if number + 1 < vpcs:
            peering = f"pcx-{number:05x}"
            ends = [
                {"VpcId": f"vpc-{n:05x}", "Region": REGION, "CidrBlock": f"10.{n}.0.0/16"}
                for n in (number, number + 1)
            ]
            self.put(
                "VpcPeeringConnections",
                {
                    "VpcPeeringConnectionId": peering,
                    "Status": {"Code": "active"},
                    "RequesterVpcInfo": ends[0],
                    "AccepterVpcInfo": ends[1],
                },
            )
            others.append((f"10.{number + 1}.0.0/16", peering))
        if number:
            others.append((f"10.{number - 1}.0.0/16", f"pcx-{number - 1:05x}"))
        far = [
            {"DestinationCidrBlock": c, "VpcPeeringConnectionId": p, "State": "active"}
            for c, p in others
        ]
        far.append(
            {"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1", "State": "active"}
        )
        out = {"DestinationCidrBlock": "0.0.0.0/0", "State": "active"}
        publics = [s["SubnetId"] for s in subnets[:3]]
        for label, target, where in (
            ("a", {"GatewayId": f"igw-{number:05x}"}, publics),
            ("b", {"NatGatewayId": nat}, [s["SubnetId"] for s in subnets[3:]]),
        ):
            self.put(
                "RouteTables",
                {
                    "RouteTableId": f"rtb-{number:05x}{label}",
                    "VpcId": vpc,
                    "Routes": [local | {"State": "active"}, *far, out | target],
                    "Associations": [{"SubnetId": s, "Main": False} for s in where],
                },
            )
        attachment = f"tgw-attach-{number:05x}"
        table = "tgw-rtb-1" if number % 4 else "tgw-rtb-2"
        self.put(
            "TransitGatewayVpcAttachments",
            {
                "TransitGatewayAttachmentId": attachment,
                "TransitGatewayId": "tgw-1",
                "VpcId": vpc,
                "State": "available",
                "SubnetIds": publics,
            },
        )
        self.put(
            "TransitGatewayAttachments",
            {
                "TransitGatewayAttachmentId": attachment,
                "TransitGatewayId": "tgw-1",
                "ResourceType": "vpc",
                "ResourceId": vpc,
                "State": "available",
                "Association": {"TransitGatewayRouteTableId": table, "State": "associated"},
            },
        )
        for name, items in self.spread.items():
            if name == table or number % 4 == 0:
                items.append(
                    {
                        "TransitGatewayAttachmentId": attachment,
                        "ResourceId": vpc,
                        "ResourceType": "vpc",
                        "State": "enabled",
                    }
                )

    def add_acls(self, vpc: str, number: int, subnets: list[Json]) -> None:
        entry = {
            "RuleNumber": 100,
            "RuleAction": "allow",
            "Protocol": "-1",
            "CidrBlock": "0.0.0.0/0",
        }
        both = [entry | {"Egress": egress} for egress in (False, True)]
        self.put(
            "NetworkAcls",
            {
                "NetworkAclId": f"acl-{number:05x}a",
                "VpcId": vpc,
                "IsDefault": True,
                "Entries": both,
            },
        )
        ssh = {"RuleAction": "deny", "Protocol": "6", "PortRange": {"From": 22, "To": 22}}
        own = {"RuleAction": "allow", "Protocol": "6", "PortRange": {"From": 22, "To": 22}}
        entries = [
            own | {"RuleNumber": 10, "CidrBlock": f"10.{number}.0.0/16", "Egress": False},
            ssh | {"RuleNumber": 20, "CidrBlock": "0.0.0.0/0", "Egress": False},
            *both,
        ]
        self.put(
            "NetworkAcls",
            {
                "NetworkAclId": f"acl-{number:05x}b",
                "VpcId": vpc,
                "IsDefault": False,
                "Entries": entries,
                "Associations": [{"SubnetId": s["SubnetId"]} for s in subnets[3::4]],
            },
        )

    # --- what stands in it --------------------------------------------------------------------

    def add_group(self, vpc: str, name: str, rules: list[Json]) -> str:
        everything = {"IpProtocol": "-1", "IpRanges": anywhere()}
        self.put(
            "SecurityGroups",
            {
                "GroupId": name,
                "GroupName": name[3:],
                "VpcId": vpc,
                "OwnerId": ACCOUNT,
                "IpPermissions": rules,
                "IpPermissionsEgress": [everything],
            },
        )
        return name

    def add_services(self, vpc: str, number: int, subnets: list[Json], count: int) -> None:
        def refer(*groups: str) -> list[Json]:
            return [{"GroupId": group, "UserId": ACCOUNT} for group in groups]

        bastion = self.add_group(
            vpc,
            f"sg-{number:05x}bastion",
            [permission("tcp", 22, 22, IpRanges=[{"CidrIp": "203.0.113.0/24"}])],
        )
        base = self.add_group(
            vpc,
            f"sg-{number:05x}base",
            [
                permission("tcp", 22, 22, UserIdGroupPairs=refer(bastion)),
                permission("tcp", 9100, 9100, IpRanges=[{"CidrIp": "10.0.0.0/20"}]),
            ],
        )
        services = max(1, count // PER_SERVICE)
        above = {"web": bastion, "app": bastion, "data": bastion}
        made = 0
        addresses: list[str] = []
        for service in range(services):
            tier = ("web", "app", "data")[service % 3]
            front = {"app": above["web"], "data": above["app"]}.get(tier)
            ports = {"web": 443, "app": 8080, "data": 5432}[tier]
            rules = [
                permission("tcp", ports, ports, UserIdGroupPairs=refer(front))
                if front
                else permission("tcp", ports, ports, IpRanges=anywhere())
            ]
            if service % 10 == 7 and addresses:
                chosen = self.rng.sample(addresses, min(6, len(addresses)))
                rules.append(
                    permission("tcp", 5432, 5432, IpRanges=[{"CidrIp": f"{a}/32"} for a in chosen])
                )
            group = self.add_group(vpc, f"sg-{number:05x}{service:04x}", rules)
            above[tier] = group
            for _ in range(
                min(PER_SERVICE, count - made) if service < services - 1 else count - made
            ):
                public = tier == "web" and made % 40 == 0
                subnet = subnets[made % 3] if public else subnets[3 + made % (len(subnets) - 3)]
                database = tier == "data" and made % 17 == 0
                address = self.add_interface(
                    subnet, made, [group, base], public=public, database=database
                )
                addresses.append(address)
                made += 1

    def add_random_hosts(self, vpc: str, number: int, subnets: list[Json], count: int) -> None:
        groups = []
        for index in range(400):
            name = f"sg-{number:05x}{index:04x}"
            other = f"sg-{number:05x}{self.rng.randrange(400):04x}"
            port = self.rng.choice([22, 80, 443, 5432, 8080, 9100])
            rules = [
                permission("tcp", port, port, UserIdGroupPairs=[{"GroupId": other}]),
                permission(
                    "tcp", port, port, IpRanges=[{"CidrIp": f"10.{number}.{index % 16}.0/24"}]
                ),
            ]
            groups.append(self.add_group(vpc, name, rules))
        for made in range(count):
            subnet = subnets[3 + made % (len(subnets) - 3)]
            self.add_interface(
                subnet, made, self.rng.sample(groups, 4), public=False, database=made % 50 == 0
            )

    def add_interface(
        self, subnet: Json, made: int, groups: list[str], *, public: bool, database: bool
    ) -> str:
        self.count += 1
        net = ipaddress.ip_network(subnet["CidrBlock"])
        used = self.taken.setdefault(subnet["SubnetId"], 9)
        self.taken[subnet["SubnetId"]] = used + 1
        address = str(net[used % 256]) if used < 254 else str(net[4 + used % 5])
        number = f"{self.count:08x}"
        instance = f"i-{number}"
        eni: Json = {
            "NetworkInterfaceId": f"eni-{number}",
            "SubnetId": subnet["SubnetId"],
            "VpcId": subnet["VpcId"],
            "PrivateIpAddress": address,
            "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True}],
            "Groups": [{"GroupId": group, "GroupName": group[3:]} for group in groups],
            "InterfaceType": "interface",
            "SourceDestCheck": True,
            "Status": "in-use",
            "AvailabilityZone": subnet["AvailabilityZone"],
            "OwnerId": ACCOUNT,
            "Description": "",
            "MacAddress": "02:00:00:00:00:01",
            "RequesterManaged": database,
        }
        if public:
            # A public address for each host of a /8, none twice.
            eni["Association"] = {"PublicIp": str(ipaddress.ip_address((18 << 24) + self.count))}
        if database:
            self.add_database(eni, subnet, groups, number)
        else:
            eni["Attachment"] = {"InstanceId": instance, "DeviceIndex": 0, "Status": "attached"}
            self.put(
                "Reservations",
                {
                    "Instances": [
                        {
                            "InstanceId": instance,
                            "State": {"Name": "running"},
                            "SubnetId": subnet["SubnetId"],
                            "VpcId": subnet["VpcId"],
                            "PrivateIpAddress": address,
                            "SecurityGroups": eni["Groups"],
                            "Tags": [{"Key": "Name", "Value": f"host-{number}"}],
                        }
                    ]
                },
            )
        self.put("NetworkInterfaces", eni)
        return address

    @property
    def taken(self) -> dict[str, int]:
        if not hasattr(self, "_taken"):
            self._taken: dict[str, int] = {}
        return self._taken

    def add_database(self, eni: Json, subnet: Json, groups: list[str], number: str) -> None:
        eni["Description"] = "RDSNetworkInterface"
        self.put(
            "DBInstances",
            {
                "DBInstanceIdentifier": f"db-{number}",
                "DBInstanceArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:db-{number}",
                "DBInstanceStatus": "available",
                "MultiAZ": False,
                "AvailabilityZone": subnet["AvailabilityZone"],
                "Endpoint": {"Address": f"db-{number}.example", "Port": 5432},
                "VpcSecurityGroups": [{"VpcSecurityGroupId": group} for group in groups],
                "DBSubnetGroup": {
                    "DBSubnetGroupName": subnet["SubnetId"],
                    "VpcId": subnet["VpcId"],
                    "Subnets": [
                        {
                            "SubnetIdentifier": subnet["SubnetId"],
                            "SubnetAvailabilityZone": {"Name": subnet["AvailabilityZone"]},
                        }
                    ],
                },
            },
        )

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for key, items in self.documents.items():
            text = json.dumps({key: items})
            (folder / f"{key}.json").write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("interfaces", type=int)
    parser.add_argument("--bad", action="store_true")
    given = parser.parse_args()
    BigEstate(given.interfaces, bad=given.bad).write(given.folder)


if __name__ == "__main__":
    main()
