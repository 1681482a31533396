"""A small estate as AWS describes it, to be changed in one respect by a test.

A public subnet with a web server, a private one with two hosts, one with a database. The web
server may be reached from anywhere on 80 and 443 and from an office on 22; it reaches the
application on 8080, which reaches the database on 5432. Private hosts go out through NAT.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from mute_audit.analysis import Analysis
from mute_audit.inventory import Inventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.raw import RawDocument, RawSnapshot
from mute_audit.verdict import Gap

ACCOUNT, REGION = "111122223333", "ap-northeast-2"
OFFICE = "203.0.113.0/24"

Document = dict[str, Any]


def _named(name: str) -> list[Document]:
    return [{"Key": "Name", "Value": name}]


def rule(port: int, *, cidr: str = "", group: str = "", protocol: str = "tcp") -> Document:
    """One permission of a security group."""
    return {
        "IpProtocol": protocol,
        "FromPort": port,
        "ToPort": port,
        "IpRanges": [{"CidrIp": cidr}] if cidr else [],
        "UserIdGroupPairs": [{"GroupId": group, "UserId": ACCOUNT}] if group else [],
    }


_OPEN = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]


def _group(name: str, *inbound: Document) -> Document:
    return {
        "GroupId": f"sg-{name}",
        "GroupName": name,
        "VpcId": "vpc-1",
        "OwnerId": ACCOUNT,
        "IpPermissions": list(inbound),
        "IpPermissionsEgress": copy.deepcopy(_OPEN),
    }


def _subnet(name: str, number: int) -> Document:
    return {
        "SubnetId": f"subnet-{name}",
        "VpcId": "vpc-1",
        "CidrBlock": f"10.0.{number}.0/24",
        "AvailabilityZone": f"{REGION}a",
        "Tags": _named(name),
    }


def instance(name: str, subnet: str, address: str, group: str, public: str = "") -> Document:
    """An instance with one interface."""
    association = {"PublicIp": public, "IpOwnerId": "amazon"} if public else None
    eni: Document = {
        "NetworkInterfaceId": f"eni-{name}",
        "SubnetId": f"subnet-{subnet}",
        "VpcId": "vpc-1",
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True}],
        "Groups": [{"GroupId": f"sg-{group}", "GroupName": group}],
        "Attachment": {"InstanceId": f"i-{name}", "DeviceIndex": 0, "Status": "attached"},
        "SourceDestCheck": True,
        "Status": "in-use",
        "OwnerId": ACCOUNT,
    }
    if association:
        eni["Association"] = association
        eni["PrivateIpAddresses"][0]["Association"] = association
    return {
        "InstanceId": f"i-{name}",
        "State": {"Name": "running"},
        "SubnetId": f"subnet-{subnet}",
        "VpcId": "vpc-1",
        "PrivateIpAddress": address,
        "SecurityGroups": [{"GroupId": f"sg-{group}", "GroupName": group}],
        "NetworkInterfaces": [eni],
        "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
        "SourceDestCheck": True,
        "Tags": _named(name),
    }


def documents() -> Document:
    """Top-level key → description."""
    igw_route = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}
    nat_route = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
    instances = [
        instance("web", "public", "10.0.0.10", "web", public="198.51.100.10"),
        instance("app", "private", "10.0.1.10", "app"),
        instance("other", "private", "10.0.1.11", "other"),
    ]
    return {
        "Vpcs": [
            {
                "VpcId": "vpc-1",
                "CidrBlock": "10.0.0.0/16",
                "OwnerId": ACCOUNT,
                "Tags": _named("main"),
            }
        ],
        "Subnets": [_subnet("public", 0), _subnet("private", 1), _subnet("data", 2)],
        "RouteTables": [
            {
                "RouteTableId": "rtb-public",
                "VpcId": "vpc-1",
                "Routes": [local, igw_route],
                "Associations": [{"SubnetId": "subnet-public"}],
            },
            {
                "RouteTableId": "rtb-private",
                "VpcId": "vpc-1",
                "Routes": [local, nat_route],
                "Associations": [
                    {"Main": True},
                    {"SubnetId": "subnet-private"},
                    {"SubnetId": "subnet-data"},
                ],
            },
        ],
        "NetworkAcls": [
            {
                "NetworkAclId": "acl-1",
                "VpcId": "vpc-1",
                "IsDefault": True,
                "Associations": [
                    {"SubnetId": f"subnet-{name}"} for name in ("public", "private", "data")
                ],
                "Entries": [
                    {
                        "RuleNumber": number,
                        "Protocol": "-1",
                        "RuleAction": action,
                        "Egress": egress,
                        "CidrBlock": "0.0.0.0/0",
                    }
                    for egress in (True, False)
                    for number, action in ((100, "allow"), (32767, "deny"))
                ],
            }
        ],
        "SecurityGroups": [
            _group(
                "web",
                rule(80, cidr="0.0.0.0/0"),
                rule(443, cidr="0.0.0.0/0"),
                rule(22, cidr=OFFICE),
            ),
            _group("app", rule(8080, group="sg-web")),
            _group("other"),
            _group("db", rule(5432, group="sg-app")),
        ],
        "NetworkInterfaces": [
            *(copy.deepcopy(item["NetworkInterfaces"][0]) for item in instances),
            {
                "NetworkInterfaceId": "eni-nat",
                "SubnetId": "subnet-public",
                "VpcId": "vpc-1",
                "PrivateIpAddress": "10.0.0.20",
                "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.20", "Primary": True}],
                "InterfaceType": "nat_gateway",
                "Association": {"PublicIp": "198.51.100.20"},
                "RequesterManaged": True,
                "SourceDestCheck": False,
                "Status": "in-use",
                "OwnerId": ACCOUNT,
            },
        ],
        "InternetGateways": [
            {
                "InternetGatewayId": "igw-1",
                "Attachments": [{"VpcId": "vpc-1", "State": "available"}],
            }
        ],
        "NatGateways": [
            {
                "NatGatewayId": "nat-1",
                "VpcId": "vpc-1",
                "SubnetId": "subnet-public",
                "State": "available",
                "NatGatewayAddresses": [
                    {
                        "NetworkInterfaceId": "eni-nat",
                        "PrivateIp": "10.0.0.20",
                        "PublicIp": "198.51.100.20",
                    }
                ],
                "Tags": _named("nat"),
            }
        ],
        "Reservations": [{"Instances": instances, "OwnerId": ACCOUNT}],
        "Volumes": [{"VolumeId": "vol-1", "Encrypted": True}],
        "DBInstances": [
            {
                "DBInstanceIdentifier": "orders",
                "DBInstanceArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:orders",
                "DBInstanceStatus": "available",
                "Engine": "postgres",
                "StorageEncrypted": True,
                "PubliclyAccessible": False,
                "AvailabilityZone": f"{REGION}a",
                "Endpoint": {"Address": "orders.example", "Port": 5432},
                "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-db", "Status": "active"}],
                "DBSubnetGroup": {
                    "VpcId": "vpc-1",
                    "Subnets": [
                        {
                            "SubnetIdentifier": "subnet-data",
                            "SubnetAvailabilityZone": {"Name": f"{REGION}a"},
                        }
                    ],
                },
            }
        ],
        # Asked for, and there are none.
        "VpcEndpoints": [],
        "LoadBalancers": [],
        "Functions": [],
        "services": [],
    }


def group(found: Document, name: str) -> Document:
    """The description of a security group, to be changed."""
    return next(item for item in found["SecurityGroups"] if item["GroupName"] == name)


def interface(found: Document, name: str) -> Document:
    """The description of an interface, to be changed."""
    return next(
        item for item in found["NetworkInterfaces"] if item["NetworkInterfaceId"] == f"eni-{name}"
    )


def join_group(found: Document, name: str, extra: str) -> None:
    """Put the instance `name` into one more security group, wherever that is described."""
    host = next(i for i in found["Reservations"][0]["Instances"] if i["InstanceId"] == f"i-{name}")
    more = {"GroupId": f"sg-{extra}", "GroupName": extra}
    host["SecurityGroups"].append(more)
    host["NetworkInterfaces"][0]["Groups"].append(more)
    interface(found, name)["Groups"].append(more)


def add_instance(found: Document, item: Document) -> None:
    found["Reservations"][0]["Instances"].append(item)
    found["NetworkInterfaces"].append(copy.deepcopy(item["NetworkInterfaces"][0]))


def refuse(found: Document, key: str, action: str) -> Gap:
    """Take a description away, as if its call had been refused."""
    del found[key]
    return Gap(action, f"{ACCOUNT}/{REGION}", "AccessDenied", key)


def inventory(found: Document, *gaps: Gap) -> Inventory:
    content = json.dumps(found).encode()
    return load(RawSnapshot((RawDocument(ACCOUNT, REGION, "estate.json", content),), gaps))


def analysis(found: Document, *gaps: Gap) -> Analysis:
    return Analysis(inventory(found, *gaps))
