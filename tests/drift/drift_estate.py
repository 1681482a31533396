"""A small estate for the drift tests: a VPC as `aws … describe-*` prints it, and its baseline."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mute_audit.drift.diff import DriftResult, compare
from mute_audit.finding import DriftItem
from mute_audit.intent.baseline import Baseline, parse_baseline
from mute_audit.inventory import Inventory
from mute_audit.sources.aws_json import load
from mute_audit.sources.raw import RawDocument, RawSnapshot
from mute_audit.verdict import Gap

ACCOUNT, REGION = "111122223333", "eu-west-1"

BASELINE = """
mute: baseline/v1
region: eu-west-1
scope: {vpcs: net, buckets: "data-*", databases: db, repositories: "app*", users: robot}
vpcs:
  net: {cidrs: [10.0.0.0/16, 100.64.0.0/16]}
subnets:
  web: {cidr: 10.0.1.0/24, zone: eu-west-1a, public_addresses: true}
  app: {cidr: 10.0.2.0/24, zone: eu-west-1b, public_addresses: false}
internet_gateways:
  igw: {}
nat_gateways:
  nat: {subnet: web, connectivity: public}
route_tables:
  public: {subnets: web, routes: {0.0.0.0/0: igw}}
  private: {subnets: app, routes: {0.0.0.0/0: nat}}
network_acls:
  strict:
    subnets: [web, app]
    ingress:
      - {rule: 100, action: allow, ports: tcp/443, cidr: 0.0.0.0/0}
      - {rule: 110, action: allow, ports: icmp/8, cidr: 10.0.0.0/8}
    egress: [{rule: 100, action: allow, ports: all, cidr: 0.0.0.0/0}]
security_groups:
  front:
    ingress: [{ports: [tcp/80, tcp/443], from: 0.0.0.0/0}]
    egress: [{ports: all, to: 0.0.0.0/0}]
  back:
    ingress: [{ports: tcp/3000, from: [front, back]}, {ports: tcp/22, from: pl-12345678}]
    egress: [{ports: all, to: 0.0.0.0/0}]
images:
  Linux: {name: "linux-*", owner: "999999999999"}
instances:
  web1:
    type: t3.micro
    subnet: web
    security_groups: front
    image: Linux
    state: running
    public_address: true
    imdsv2: required
    root_volume: {encrypted: true}
    source_dest_check: true
    profile: null
    tags: {team: blue}
databases:
  db:
    engine: postgres
    engine_version: 16.3-R2
    class: db.t3.micro
    subnets: app
    security_groups: back
    publicly_accessible: false
    managed_secret: true
    port: 5432
buckets:
  data-one:
    region: eu-west-1
    ownership: BucketOwnerEnforced
    public_access_block: {block_public_acls: true, restrict_public_buckets: false}
    policy:
      Version: "2012-10-17"
      Statement:
        - {Sid: Read, Effect: Allow, Principal: "*", Action: s3:GetObject,
           Resource: "arn:aws:s3:::data-one/*"}
repositories:
  app: {scan_on_push: true, policy: null}
users:
  robot: {policies: AmazonS3FullAccess, inline_policies: [], groups: [], boundary: null}
"""


def tag(name: str, **more: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in {"Name": name, **more}.items()]


def documents() -> dict[str, Any]:
    """By top-level key, what `aws … describe-*` prints of the estate that the baseline means."""
    return copy.deepcopy(_DOCUMENTS)


_DOCUMENTS: dict[str, Any] = {
    "Vpcs": [
        {
            "VpcId": "vpc-1",
            "CidrBlock": "10.0.0.0/16",
            "CidrBlockAssociationSet": [
                {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}},
                {"CidrBlock": "100.64.0.0/16", "CidrBlockState": {"State": "associated"}},
            ],
            "Tags": tag("net"),
        },
        {"VpcId": "vpc-0", "CidrBlock": "172.31.0.0/16", "IsDefault": True},
    ],
    "Subnets": [
        {
            "SubnetId": "subnet-web",
            "VpcId": "vpc-1",
            "CidrBlock": "10.0.1.0/24",
            "AvailabilityZone": "eu-west-1a",
            "MapPublicIpOnLaunch": True,
            "Tags": tag("web"),
        },
        {
            "SubnetId": "subnet-app",
            "VpcId": "vpc-1",
            "CidrBlock": "10.0.2.0/24",
            "AvailabilityZone": "eu-west-1b",
            "MapPublicIpOnLaunch": False,
            "Tags": tag("app"),
        },
        {"SubnetId": "subnet-0", "VpcId": "vpc-0", "CidrBlock": "172.31.0.0/20"},
    ],
    "InternetGateways": [
        {
            "InternetGatewayId": "igw-1",
            "Attachments": [{"VpcId": "vpc-1", "State": "available"}],
            "Tags": tag("igw"),
        }
    ],
    "NatGateways": [
        {
            "NatGatewayId": "nat-1",
            "VpcId": "vpc-1",
            "SubnetId": "subnet-web",
            "State": "available",
            "ConnectivityType": "public",
            "NatGatewayAddresses": [{"NetworkInterfaceId": "eni-nat"}],
            "Tags": tag("nat"),
        }
    ],
    "RouteTables": [
        {
            "RouteTableId": "rtb-main",
            "VpcId": "vpc-1",
            "Associations": [{"Main": True}],
            "Routes": [{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}],
        },
        {
            "RouteTableId": "rtb-pub",
            "VpcId": "vpc-1",
            "Associations": [{"Main": False, "SubnetId": "subnet-web"}],
            "Routes": [
                {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
                {"DestinationCidrBlock": "100.64.0.0/16", "GatewayId": "local"},
                {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"},
            ],
            "Tags": tag("public"),
        },
        {
            "RouteTableId": "rtb-priv",
            "VpcId": "vpc-1",
            "Associations": [{"Main": False, "SubnetId": "subnet-app"}],
            "Routes": [
                {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
                {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"},
            ],
            "Tags": tag("private"),
        },
    ],
    "NetworkAcls": [
        {
            "NetworkAclId": "acl-default",
            "VpcId": "vpc-1",
            "IsDefault": True,
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
        },
        {
            "NetworkAclId": "acl-strict",
            "VpcId": "vpc-1",
            "Associations": [{"SubnetId": "subnet-web"}, {"SubnetId": "subnet-app"}],
            "Entries": [
                {
                    "RuleNumber": 110,
                    "Protocol": "1",
                    "RuleAction": "allow",
                    "Egress": False,
                    "CidrBlock": "10.0.0.0/8",
                    "IcmpTypeCode": {"Type": 8, "Code": -1},
                },
                {
                    "RuleNumber": 100,
                    "Protocol": "6",
                    "RuleAction": "allow",
                    "Egress": False,
                    "CidrBlock": "0.0.0.0/0",
                    "PortRange": {"From": 443, "To": 443},
                },
                {
                    "RuleNumber": 32767,
                    "Protocol": "-1",
                    "RuleAction": "deny",
                    "Egress": False,
                    "CidrBlock": "0.0.0.0/0",
                },
                {
                    "RuleNumber": 100,
                    "Protocol": "-1",
                    "RuleAction": "allow",
                    "Egress": True,
                    "CidrBlock": "0.0.0.0/0",
                },
            ],
            "Tags": tag("strict"),
        },
    ],
    "SecurityGroups": [
        {
            "GroupId": "sg-default",
            "GroupName": "default",
            "VpcId": "vpc-1",
            "IpPermissions": [
                {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-default"}]}
            ],
            "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        },
        {
            "GroupId": "sg-front",
            "GroupName": "front",
            "VpcId": "vpc-1",
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 443,
                    "ToPort": 443,
                    "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "https"}],
                },
                {
                    "IpProtocol": "tcp",
                    "FromPort": 80,
                    "ToPort": 80,
                    "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                },
            ],
            "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        },
        {
            "GroupId": "sg-back",
            "GroupName": "back",
            "VpcId": "vpc-1",
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 3000,
                    "ToPort": 3000,
                    "UserIdGroupPairs": [{"GroupId": "sg-back"}, {"GroupId": "sg-front"}],
                },
                {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "PrefixListIds": [{"PrefixListId": "pl-12345678"}],
                },
            ],
            "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        },
    ],
    "Reservations": [
        {
            "Instances": [
                {
                    "InstanceId": "i-1",
                    "InstanceType": "t3.micro",
                    "ImageId": "ami-1",
                    "State": {"Name": "running"},
                    "SubnetId": "subnet-web",
                    "VpcId": "vpc-1",
                    "PublicIpAddress": "198.51.100.7",
                    "SecurityGroups": [{"GroupId": "sg-front"}],
                    "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
                    "RootDeviceName": "/dev/xvda",
                    "BlockDeviceMappings": [
                        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-1"}}
                    ],
                    "SourceDestCheck": True,
                    "Tags": tag("web1", team="blue", other="x"),
                },
                {
                    "InstanceId": "i-0",
                    "State": {"Name": "terminated"},
                    "Tags": tag("web1"),
                },
            ]
        }
    ],
    "Volumes": [{"VolumeId": "vol-1", "Encrypted": True, "VolumeType": "gp3"}],
    "Images": [{"ImageId": "ami-1", "Name": "linux-2024.1", "OwnerId": "999999999999"}],
    "NetworkInterfaces": [
        {
            "NetworkInterfaceId": "eni-1",
            "VpcId": "vpc-1",
            "SubnetId": "subnet-web",
            "Attachment": {"InstanceId": "i-1", "DeviceIndex": 0},
        },
        {
            "NetworkInterfaceId": "eni-nat",
            "VpcId": "vpc-1",
            "SubnetId": "subnet-web",
            "InterfaceType": "nat_gateway",
            "RequesterManaged": True,
        },
        {
            "NetworkInterfaceId": "eni-db",
            "VpcId": "vpc-1",
            "SubnetId": "subnet-app",
            "Description": "RDSNetworkInterface",
            "RequesterId": "amazon-rds",
            "RequesterManaged": True,
        },
    ],
    "EgressOnlyInternetGateways": [],
    "TransitGatewayVpcAttachments": [],
    "VpcEndpoints": [],
    "VpcPeeringConnections": [],
    "VpnGateways": [],
    "services": [],
    "tasks": [],
    "LoadBalancers": [],
    "Functions": [],
    "DBInstances": [
        {
            "DBInstanceIdentifier": "db",
            "DBInstanceArn": "arn:aws:rds:eu-west-1:111122223333:db:db",
            "Engine": "postgres",
            "EngineVersion": "16.3",
            "DBInstanceClass": "db.t3.micro",
            "Endpoint": {"Address": "db.example", "Port": 5432},
            "PubliclyAccessible": False,
            "VpcSecurityGroups": [
                {"VpcSecurityGroupId": "sg-back", "Status": "active"},
                {"VpcSecurityGroupId": "sg-old", "Status": "removing"},
            ],
            "DBSubnetGroup": {"VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-app"}]},
            "MasterUserSecret": {"SecretArn": "arn:aws:secretsmanager:eu-west-1:1:secret:x"},
        }
    ],
    "repositories": [
        {
            "repositoryArn": "arn:aws:ecr:eu-west-1:111122223333:repository/app",
            "repositoryName": "app",
            "imageScanningConfiguration": {"scanOnPush": True},
        }
    ],
    "RepositoryPolicies": [{"repositoryName": "app", "policyText": None}],
    "Buckets": [{"Name": "data-one", "BucketRegion": "eu-west-1"}, {"Name": "elsewhere"}],
    "BucketPolicies": [
        {
            "Bucket": "data-one",
            "Policy": json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Sid": "Read",
                        "Effect": "Allow",
                        "Principal": {"AWS": "*"},
                        "Action": ["s3:getobject"],
                        "Resource": ["arn:aws:s3:::data-one/*"],
                    },
                }
            ),
        }
    ],
    "BucketOwnershipControls": [
        {
            "Bucket": "data-one",
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        }
    ],
    "BucketPublicAccessBlocks": [
        {
            "Bucket": "data-one",
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "IgnorePublicAcls": False,
                "BlockPublicPolicy": False,
                "RestrictPublicBuckets": False,
            },
        }
    ],
    "UserDetailList": [
        {
            "UserName": "robot",
            "Arn": "arn:aws:iam::111122223333:user/robot",
            "AttachedManagedPolicies": [
                {
                    "PolicyName": "AmazonS3FullAccess",
                    "PolicyArn": "arn:aws:iam::aws:policy/AmazonS3FullAccess",
                }
            ],
        },
        {"UserName": "alice", "Arn": "arn:aws:iam::111122223333:user/alice"},
    ],
}

_GLOBAL = frozenset(
    {
        "Buckets",
        "BucketPolicies",
        "BucketOwnershipControls",
        "BucketPublicAccessBlocks",
        "UserDetailList",
    }
)


def inventory(described: dict[str, Any], gaps: tuple[Gap, ...] = ()) -> Inventory:
    """The inventory of documents by top-level key."""
    raw = RawSnapshot(
        documents=tuple(
            RawDocument(
                ACCOUNT,
                "global" if key in _GLOBAL else REGION,
                key,
                json.dumps({key: items}).encode(),
            )
            for key, items in described.items()
        ),
        gaps=gaps,
    )
    return load(raw)


def baseline(text: str = BASELINE) -> Baseline:
    return parse_baseline(text, Path("b.yaml"))


def drift(
    change: Callable[[dict[str, Any]], Any] | None = None,
    *,
    text: str = BASELINE,
    gaps: tuple[Gap, ...] = (),
) -> DriftResult:
    """The drift after `change` has been made to the documents."""
    described = documents()
    if change is not None:
        change(described)
    return compare(baseline(text), inventory(described, gaps))


def told(items: tuple[DriftItem, ...]) -> list[tuple[Any, ...]]:
    """Kind, label and fields of each item, short enough for a test to write down."""
    return [
        (
            item.kind.value,
            item.resource.type,
            item.resource.label,
            *((field.path, field.expected, field.actual) for field in item.fields),
        )
        for item in items
    ]
