"""Load balancers, databases and functions as `aws` prints them; see `printed`.

`describe-listeners`, `describe-target-health` and the attributes come under wrapper keys, one
entry an ARN with the ARN beside the list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from printed import Json, Region, Subnet, Vpc, named

__all__ = ["Balancer", "database", "function"]


@dataclass(eq=False)
class Balancer:
    """`kind` is `application` or `network`; `nodes` maps each node's address to its subnet."""

    vpc: Vpc
    name: str
    kind: str
    nodes: Mapping[str, Subnet]
    groups: Sequence[object] = ()
    public: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    id: str = ""
    listed: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        short = "app" if self.kind == "application" else "net"
        digest = hashlib.sha256(self.name.encode()).hexdigest()[:16]
        tail = f"{short}/{self.name}/{digest}"
        here = self.vpc.region
        self.id = here.arn("elasticloadbalancing", f"loadbalancer/{tail}")
        scheme = "internet-facing" if self.public else "internal"
        found: Json = {
            "LoadBalancerArn": self.id,
            "DNSName": self.dns_name,
            "CanonicalHostedZoneId": "Z35SXDOTRQ7X7K",
            "CreatedTime": "2024-03-01T10:00:00.120000+00:00",
            "LoadBalancerName": self.name,
            "Scheme": scheme,
            "VpcId": self.vpc.id,
            "State": {"Code": "active"},
            "Type": self.kind,
            "AvailabilityZones": [
                {
                    "ZoneName": f"{here.region}{subnet.zone}",
                    "SubnetId": subnet.id,
                    "LoadBalancerAddresses": [],
                }
                for subnet in self.nodes.values()
            ],
            "IpAddressType": "ipv4",
        }
        if self.groups:
            found["SecurityGroups"] = [named(group) for group in self.groups]
        here.put("LoadBalancers", found)
        for address, subnet in self.nodes.items():
            subnet.interface(
                f"{self.name} {address}",
                address,
                self.groups,
                public=self.public.get(address, ""),
                Description=f"ELB {tail}",
                InterfaceType="interface" if short == "app" else "network_load_balancer",
                SourceDestCheck=short == "app",
                RequesterManaged=True,
                RequesterId="amazon-elb",
                Attachment={
                    "AttachmentId": f"ela-attach-{digest[:8]}",
                    "DeleteOnTermination": False,
                    "DeviceIndex": 1,
                    "InstanceOwnerId": "amazon-aws",
                    "Status": "attached",
                },
            )
        self.listed = here.put(
            "LoadBalancerListeners", {"LoadBalancerArn": self.id, "Listeners": []}
        )
        given = {
            "deletion_protection.enabled": "false",
            "load_balancing.cross_zone.enabled": "true" if short == "app" else "false",
        } | dict(self.attributes)
        here.put(
            "LoadBalancerAttributes",
            {
                "LoadBalancerArn": self.id,
                "Attributes": [{"Key": k, "Value": v} for k, v in given.items()],
            },
        )

    @property
    def dns_name(self) -> str:
        prefix = "" if self.public else "internal-"
        return f"{prefix}{self.name}-1234567890.{self.vpc.region.region}.elb.amazonaws.com"

    def listen(
        self,
        port: int,
        targets: Mapping[object, int],
        protocol: str = "TCP",
        *,
        kind: str = "instance",
        group_protocol: str = "",
        states: Mapping[object, str] | None = None,
        zones: Mapping[object, str] | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> str:
        """A listener with a target group of its own: `targets` are id or address → port."""
        here = self.vpc.region
        name = f"{self.name}-{port}"
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        group = here.arn("elasticloadbalancing", f"targetgroup/{name}/{digest}")
        listener = f"{self.id.replace(':loadbalancer/', ':listener/')}/{digest}"
        forward = {
            "TargetGroups": [{"TargetGroupArn": group, "Weight": 1}],
            "TargetGroupStickinessConfig": {"Enabled": False},
        }
        self.listed["Listeners"].append(
            {
                "ListenerArn": listener,
                "LoadBalancerArn": self.id,
                "Port": port,
                "Protocol": protocol,
                "DefaultActions": [
                    {
                        "Type": "forward",
                        "TargetGroupArn": group,
                        "Order": 1,
                        "ForwardConfig": forward,
                    }
                ],
            }
        )
        inner = group_protocol or {"HTTPS": "HTTP", "TLS": "TCP"}.get(protocol, protocol)
        here.put(
            "TargetGroups",
            {
                "TargetGroupArn": group,
                "TargetGroupName": name,
                "Protocol": inner,
                "Port": next(iter(targets.values()), port),
                "VpcId": self.vpc.id,
                "HealthCheckProtocol": "TCP",
                "HealthCheckPort": "traffic-port",
                "HealthCheckEnabled": True,
                "HealthCheckIntervalSeconds": 30,
                "HealthCheckTimeoutSeconds": 5,
                "HealthyThresholdCount": 5,
                "UnhealthyThresholdCount": 2,
                "LoadBalancerArns": [self.id],
                "TargetType": kind,
                "IpAddressType": "ipv4",
            },
        )
        here.put(
            "LoadBalancerTargetHealth",
            {
                "TargetGroupArn": group,
                "TargetHealthDescriptions": [
                    self._health(target, at, states or {}, zones or {})
                    for target, at in targets.items()
                ],
            },
        )
        if attributes:
            listed = [{"Key": key, "Value": value} for key, value in attributes.items()]
            here.put("TargetGroupAttributes", {"TargetGroupArn": group, "Attributes": listed})
        return listener

    @staticmethod
    def _health(
        target: object, port: int, states: Mapping[object, str], zones: Mapping[object, str]
    ) -> Json:
        health = {"State": states.get(target, "healthy")}
        if health["State"] == "unhealthy":
            health |= {"Reason": "Target.FailedHealthChecks", "Description": "failed"}
        meant: Json = {"Id": named(target), "Port": port}
        if target in zones:
            meant["AvailabilityZone"] = zones[target]
        return {"Target": meant, "HealthCheckPort": str(port), "TargetHealth": health}


def database(
    region: Region,
    name: str,
    subnets: Mapping[str, Subnet],
    groups: Sequence[object],
    *,
    port: int = 5432,
    address: str = "",
    public: bool = False,
) -> str:
    """`describe-db-instances`; `subnets` by zone letter, the first has the database."""
    arn = region.arn("rds", f"db:{name}")
    first = next(iter(subnets.values()))
    if address:
        first.interface(
            f"rds {name}",
            address,
            groups,
            Description="RDSNetworkInterface",
            RequesterManaged=True,
            RequesterId="amazon-rds",
        )
    region.put(
        "DBInstances",
        {
            "DBInstanceIdentifier": name,
            "DBInstanceClass": "db.t3.medium",
            "Engine": "postgres",
            "DBInstanceStatus": "available",
            "MasterUsername": "postgres",
            "Endpoint": {
                "Address": f"{name}.c1x2y3z4.{region.region}.rds.amazonaws.com",
                "Port": port,
                "HostedZoneId": "Z2R2ITUGPM61AM",
            },
            "AllocatedStorage": 20,
            "InstanceCreateTime": "2023-11-01T00:00:00.100000+00:00",
            "BackupRetentionPeriod": 7,
            "DBSecurityGroups": [],
            "VpcSecurityGroups": [
                {"VpcSecurityGroupId": named(group), "Status": "active"} for group in groups
            ],
            "AvailabilityZone": f"{region.region}{first.zone}",
            "DBSubnetGroup": {
                "DBSubnetGroupName": f"{name}-subnets",
                "DBSubnetGroupDescription": "",
                "VpcId": first.vpc.id,
                "SubnetGroupStatus": "Complete",
                "Subnets": [
                    {
                        "SubnetIdentifier": subnet.id,
                        "SubnetAvailabilityZone": {"Name": f"{region.region}{zone}"},
                        "SubnetOutpost": {},
                        "SubnetStatus": "Active",
                    }
                    for zone, subnet in subnets.items()
                ],
            },
            "MultiAZ": False,
            "PubliclyAccessible": public,
            "StorageType": "gp3",
            "DbInstancePort": 0,
            "StorageEncrypted": True,
            "DBInstanceArn": arn,
            "DeletionProtection": False,
            "TagList": [],
        },
    )
    return arn


def function(region: Region, name: str, subnets: Sequence[Subnet], groups: Sequence[object]) -> str:
    """`list-functions`."""
    arn = region.arn("lambda", f"function:{name}")
    region.put(
        "Functions",
        {
            "FunctionName": name,
            "FunctionArn": arn,
            "Runtime": "python3.12",
            "Role": "arn:aws:iam::111111111111:role/lambda",
            "Handler": "index.handler",
            "CodeSize": 1024,
            "Timeout": 3,
            "MemorySize": 128,
            "LastModified": "2024-01-01T00:00:00.000+0000",
            "VpcConfig": {
                "SubnetIds": [subnet.id for subnet in subnets],
                "SecurityGroupIds": [named(group) for group in groups],
                "VpcId": subnets[0].vpc.id if subnets else "",
                "Ipv6AllowedForDualStack": False,
            },
            "PackageType": "Zip",
            "Architectures": ["x86_64"],
        },
    )
    return arn
