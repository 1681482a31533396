"""Somebody else's account, made up from a seed, as `aws … describe-*` prints it.

Four VPCs of different habits, some hundred instances, most of them behind groups that an
ordinary account collects over the years. Nothing in it is of the stack that this repository
audits.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

__all__ = ["ACCOUNT", "REGION", "StrangeEstate", "write"]

ACCOUNT = "204060801003"
REGION = "sa-east-1"
ZONES = ("sa-east-1a", "sa-east-1b", "sa-east-1c")

# What people call things elsewhere.
WORDS = ("orders", "billing", "search", "etl", "grafana", "bastion", "legacy-php", "kiosk", "crm")

Description = dict[str, Any]


class StrangeEstate:
    """One account; `documents` maps the top-level keys to their lists.

    ssh  names of the instances that the whole internet reaches on 22, by construction
    """

    def __init__(self, seed: int, instances: int = 160) -> None:
        self.random = random.Random(seed)
        self.documents: dict[str, list[Description]] = {
            key: []
            for key in (
                *("Vpcs", "Subnets", "RouteTables", "NetworkAcls", "SecurityGroups"),
                *("NetworkInterfaces", "InternetGateways", "NatGateways", "Reservations"),
                *("Volumes", "DBInstances"),
            )
        }
        self.ssh: set[str] = set()
        for number in range(4):
            self._vpc(number, instances // 4)

    def _id(self, prefix: str) -> str:
        return f"{prefix}-{self.random.getrandbits(68):017x}"

    def _add(self, key: str, **item: Any) -> None:
        self.documents[key].append(item)

    @staticmethod
    def _tags(name: str) -> list[Description]:
        return [{"Key": "Name", "Value": name}, {"Key": "team", "Value": name.split("-")[0]}]

    def _vpc(self, number: int, instances: int) -> None:
        vpc, gateway = self._id("vpc"), self._id("igw")
        cidr = f"10.{20 + number}.0.0/16"
        self._add(
            "Vpcs",
            VpcId=vpc,
            CidrBlock=cidr,
            OwnerId=ACCOUNT,
            IsDefault=False,
            State="available",
            CidrBlockAssociationSet=[
                {"CidrBlock": cidr, "CidrBlockState": {"State": "associated"}}
            ],
            Tags=self._tags(f"{self.random.choice(WORDS)}-vpc"),
        )
        self._add(
            "InternetGateways",
            InternetGatewayId=gateway,
            OwnerId=ACCOUNT,
            Attachments=[{"State": "available", "VpcId": vpc}],
        )
        public = [self._subnet(vpc, number, place) for place in range(3)]
        private = [self._subnet(vpc, number, place) for place in range(3, 6)]
        nat = self._nat(vpc, public[0])
        self._table(vpc, cidr, public, {"GatewayId": gateway}, main=False)
        self._table(vpc, cidr, private, {"NatGatewayId": nat}, main=True)
        self._acl(vpc, [*public, *private])
        groups = {
            name: self._group(vpc, name, rules)
            for name, rules in {
                "default": [],
                "web": [("tcp", 443, "0.0.0.0/0"), ("tcp", 80, "0.0.0.0/0")],
                "office": [("tcp", 22, "198.51.100.0/24")],
                "open-ssh": [("tcp", 22, "0.0.0.0/0")],
                "inside": [("-1", None, "10.0.0.0/8")],
            }.items()
        }
        for _ in range(instances):
            self._instance(vpc, public, private, groups)
        self._add(
            "DBInstances",
            DBInstanceIdentifier=f"db-{number}",
            DBInstanceArn=f"arn:aws:rds:{REGION}:{ACCOUNT}:db:db-{number}",
            DBInstanceStatus="available",
            Engine="mysql",
            PubliclyAccessible=False,
            StorageEncrypted=bool(number % 2),
            MultiAZ=False,
            AvailabilityZone=ZONES[0],
            Endpoint={"Address": f"db-{number}.example", "Port": 3306},
            VpcSecurityGroups=[{"VpcSecurityGroupId": groups["inside"], "Status": "active"}],
            DBSubnetGroup={
                "VpcId": vpc,
                "Subnets": [
                    {
                        "SubnetIdentifier": item["SubnetId"],
                        "SubnetAvailabilityZone": {"Name": item["AvailabilityZone"]},
                    }
                    for item in private
                ],
            },
        )

    def _subnet(self, vpc: str, number: int, place: int) -> Description:
        subnet = {
            "SubnetId": self._id("subnet"),
            "VpcId": vpc,
            "OwnerId": ACCOUNT,
            "CidrBlock": f"10.{20 + number}.{place}.0/24",
            "State": "available",
            "AvailabilityZone": ZONES[place % 3],
            "MapPublicIpOnLaunch": place < 3,
            "Tags": self._tags(f"{'public' if place < 3 else 'private'}-{place % 3}"),
        }
        self._add("Subnets", **subnet)
        return subnet

    def _table(
        self, vpc: str, cidr: str, subnets: list[Description], way: Description, *, main: bool
    ) -> None:
        table = self._id("rtb")
        associations: list[Description] = [
            {
                "Main": False,
                "RouteTableId": table,
                "SubnetId": item["SubnetId"],
                "RouteTableAssociationId": self._id("rtbassoc"),
            }
            for item in ([] if main else subnets)
        ]
        if main:
            associations = [
                {
                    "Main": True,
                    "RouteTableId": table,
                    "RouteTableAssociationId": self._id("rtbassoc"),
                }
            ]
        self._add(
            "RouteTables",
            RouteTableId=table,
            VpcId=vpc,
            OwnerId=ACCOUNT,
            Associations=associations,
            PropagatingVgws=[],
            Routes=[
                {
                    "DestinationCidrBlock": cidr,
                    "GatewayId": "local",
                    "State": "active",
                    "Origin": "CreateRouteTable",
                },
                {
                    "DestinationCidrBlock": "0.0.0.0/0",
                    "State": "active",
                    "Origin": "CreateRoute",
                    **way,
                },
            ],
        )

    def _acl(self, vpc: str, subnets: list[Description]) -> None:
        acl = self._id("acl")
        entries = [
            {
                "RuleNumber": number,
                "Protocol": "-1",
                "RuleAction": action,
                "Egress": egress,
                "CidrBlock": "0.0.0.0/0",
            }
            for egress in (True, False)
            for number, action in ((100, "allow"), (32767, "deny"))
        ]
        self._add(
            "NetworkAcls",
            NetworkAclId=acl,
            VpcId=vpc,
            OwnerId=ACCOUNT,
            IsDefault=True,
            Entries=entries,
            Associations=[
                {
                    "NetworkAclId": acl,
                    "SubnetId": item["SubnetId"],
                    "NetworkAclAssociationId": self._id("aclassoc"),
                }
                for item in subnets
            ],
        )

    def _group(self, vpc: str, name: str, rules: list[tuple[str, int | None, str]]) -> str:
        group = self._id("sg")
        permissions = []
        for protocol, port, cidr in rules:
            permission: Description = {"IpProtocol": protocol, "IpRanges": [{"CidrIp": cidr}]}
            if port is not None:
                permission |= {"FromPort": port, "ToPort": port}
            permissions.append(permission)
        self._add(
            "SecurityGroups",
            GroupId=group,
            GroupName=name,
            VpcId=vpc,
            OwnerId=ACCOUNT,
            Description=name,
            IpPermissions=permissions,
            IpPermissionsEgress=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        )
        return group

    def _interface(
        self, subnet: Description, groups: list[Description], public: bool, **more: Any
    ) -> Description:
        count = sum(
            item["SubnetId"] == subnet["SubnetId"] for item in self.documents["NetworkInterfaces"]
        )
        network = subnet["CidrBlock"].rpartition(".")[0]
        address = f"{network}.{10 + count}"
        interface: Description = {
            "NetworkInterfaceId": self._id("eni"),
            "SubnetId": subnet["SubnetId"],
            "VpcId": subnet["VpcId"],
            "OwnerId": ACCOUNT,
            "Status": "in-use",
            "AvailabilityZone": subnet["AvailabilityZone"],
            "PrivateIpAddress": address,
            "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": address}],
            "SourceDestCheck": True,
            "Groups": groups,
            **more,
        }
        if public:
            number = len(self.documents["NetworkInterfaces"])
            association = {
                "PublicIp": f"18.228.{number // 250}.{number % 250 + 1}",
                "IpOwnerId": "amazon",
            }
            interface["Association"] = association
            interface["PrivateIpAddresses"][0]["Association"] = association
        self._add("NetworkInterfaces", **interface)
        return interface

    def _nat(self, vpc: str, subnet: Description) -> str:
        nat = self._id("nat")
        interface = self._interface(
            subnet,
            [],
            True,
            InterfaceType="nat_gateway",
            SourceDestCheck=False,
            RequesterManaged=True,
        )
        self._add(
            "NatGateways",
            NatGatewayId=nat,
            VpcId=vpc,
            SubnetId=subnet["SubnetId"],
            State="available",
            ConnectivityType="public",
            NatGatewayAddresses=[
                {
                    "NetworkInterfaceId": interface["NetworkInterfaceId"],
                    "PrivateIp": interface["PrivateIpAddress"],
                    "PublicIp": interface["Association"]["PublicIp"],
                }
            ],
        )
        return nat

    def _instance(
        self,
        vpc: str,
        public: list[Description],
        private: list[Description],
        groups: dict[str, str],
    ) -> None:
        draw = self.random
        facing = draw.random() < 0.4
        name = f"{draw.choice(WORDS)}-{draw.randrange(10_000):04}"
        chosen = draw.sample(sorted(groups), k=draw.randint(1, 2))
        running = draw.random() < 0.9
        if facing and running and "open-ssh" in chosen:
            self.ssh.add(name)
        instance, volume = self._id("i"), self._id("vol")
        refs = [{"GroupId": groups[item], "GroupName": item} for item in chosen]
        interface = self._interface(
            draw.choice(public if facing else private),
            refs,
            facing,
            InterfaceType="interface",
            Attachment={
                "AttachmentId": self._id("eni-attach"),
                "InstanceId": instance,
                "DeviceIndex": 0,
                "InstanceOwnerId": ACCOUNT,
                "Status": "attached",
            },
        )
        self._add("Volumes", VolumeId=volume, Encrypted=draw.random() < 0.5, VolumeType="gp3")
        self._add(
            "Reservations",
            OwnerId=ACCOUNT,
            Instances=[
                {
                    "InstanceId": instance,
                    "InstanceType": "m6i.large",
                    "VpcId": vpc,
                    "ImageId": "ami-0123456789abcdef0",
                    "State": {
                        "Code": 16 if running else 80,
                        "Name": "running" if running else "stopped",
                    },
                    "SubnetId": interface["SubnetId"],
                    "PrivateIpAddress": interface["PrivateIpAddress"],
                    "SecurityGroups": refs,
                    "NetworkInterfaces": [interface],
                    "Placement": {"AvailabilityZone": interface["AvailabilityZone"]},
                    "BlockDeviceMappings": [
                        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": volume}}
                    ],
                    "Tags": self._tags(name),
                }
            ],
        )


def write(documents: dict[str, list[Description]], folder: Path) -> Path:
    """One file each, named as people name them."""
    folder.mkdir(parents=True, exist_ok=True)
    for key, items in documents.items():
        (folder / f"describe-{key.lower()}.json").write_text(json.dumps({key: items}))
    return folder
