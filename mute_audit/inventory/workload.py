"""What runs inside a VPC: instances, balancers, databases, functions, tasks."""

from __future__ import annotations

from typing import Any

import msgspec

from mute_audit.inventory.base import Aws, AwsCamel, MaybeIp4, Tag
from mute_audit.inventory.network import GroupIdentifier, NetworkInterface

__all__ = [
    "BalancerAttribute",
    "BalancerZone",
    "DbInstance",
    "DbSnapshot",
    "DbSnapshotAttributes",
    "DbSubnetGroup",
    "EcsService",
    "EcsTask",
    "Function",
    "Image",
    "Instance",
    "Listener",
    "ListenerAction",
    "LoadBalancer",
    "LoadBalancerAttributes",
    "LoadBalancerListeners",
    "Reservation",
    "TargetDescription",
    "TargetGroup",
    "TargetGroupAttributes",
    "TargetHealth",
    "TargetHealthDescription",
    "Volume",
]


def _with_db(name: str) -> str:
    """`db_instance_class` → `DBInstanceClass`: RDS writes its own initials in capitals."""
    return "".join(
        {"db": "DB", "ca": "CA"}.get(part, part.capitalize()) for part in name.split("_")
    )


class InstanceState(Aws, frozen=True):
    name: str = ""


class Placement(Aws, frozen=True):
    availability_zone: str = ""
    tenancy: str = ""


class MetadataOptions(Aws, frozen=True):
    http_tokens: str = ""
    http_endpoint: str = ""
    http_put_response_hop_limit: int | None = None


class InstanceProfile(Aws, frozen=True):
    arn: str = ""


class EbsMapping(Aws, frozen=True):
    volume_id: str = ""
    status: str = ""


class BlockDevice(Aws, frozen=True):
    device_name: str = ""
    ebs: EbsMapping | None = None


class Instance(Aws, frozen=True):
    instance_id: str
    instance_type: str = ""
    image_id: str = ""
    state: InstanceState = InstanceState()
    subnet_id: str = ""
    vpc_id: str = ""
    private_ip_address: MaybeIp4 = ""
    public_ip_address: MaybeIp4 = ""
    security_groups: tuple[GroupIdentifier, ...] = ()
    network_interfaces: tuple[NetworkInterface, ...] = ()
    placement: Placement = Placement()
    metadata_options: MetadataOptions | None = None
    iam_instance_profile: InstanceProfile | None = None
    root_device_name: str = ""
    block_device_mappings: tuple[BlockDevice, ...] = ()
    platform_details: str = ""
    source_dest_check: bool = True
    tags: tuple[Tag, ...] = ()


class Reservation(Aws, frozen=True):
    instances: tuple[Instance, ...] = ()
    owner_id: str = ""


class Volume(Aws, frozen=True):
    volume_id: str
    encrypted: bool = False
    volume_type: str = ""
    tags: tuple[Tag, ...] = ()


class Image(Aws, frozen=True):
    image_id: str
    name: str = ""
    description: str = ""
    owner_id: str = ""


class BalancerAddress(Aws, frozen=True):
    ip_address: MaybeIp4 = ""
    allocation_id: str = ""
    private_ipv4_address: MaybeIp4 = msgspec.field(default="", name="PrivateIPv4Address")


class BalancerZone(Aws, frozen=True):
    zone_name: str = ""
    subnet_id: str = ""
    load_balancer_addresses: tuple[BalancerAddress, ...] = ()


class BalancerState(Aws, frozen=True):
    code: str = ""


class LoadBalancer(Aws, frozen=True):
    load_balancer_arn: str
    load_balancer_name: str = ""
    dns_name: str = msgspec.field(default="", name="DNSName")
    type: str = "application"
    # What AWS takes where nothing is said; a gateway balancer has none.
    scheme: str = "internet-facing"
    vpc_id: str = ""
    security_groups: tuple[str, ...] = ()
    availability_zones: tuple[BalancerZone, ...] = ()
    state: BalancerState = BalancerState()
    ip_address_type: str = "ipv4"


class ForwardTarget(Aws, frozen=True):
    target_group_arn: str = ""
    weight: int | None = None


class ForwardConfig(Aws, frozen=True):
    target_groups: tuple[ForwardTarget, ...] = ()


class ListenerAction(Aws, frozen=True):
    type: str = ""
    target_group_arn: str = ""
    forward_config: ForwardConfig | None = None


class Listener(Aws, frozen=True):
    listener_arn: str
    load_balancer_arn: str = ""
    port: int = 0
    protocol: str = ""
    default_actions: tuple[ListenerAction, ...] = ()


class LoadBalancerListeners(Aws, frozen=True):
    """DescribeListeners, with the ARN of the balancer beside the list."""

    load_balancer_arn: str
    listeners: tuple[Listener, ...] = ()


class ListenerRule(Aws, frozen=True):
    rule_arn: str
    actions: tuple[ListenerAction, ...] = ()
    priority: str = ""


class ListenerRules(Aws, frozen=True):
    """DescribeRules, with the ARN of the listener beside the list."""

    listener_arn: str
    rules: tuple[ListenerRule, ...] = ()


class BalancerAttribute(Aws, frozen=True):
    key: str
    value: str = ""


class LoadBalancerAttributes(Aws, frozen=True):
    load_balancer_arn: str
    attributes: tuple[BalancerAttribute, ...] = ()


class TargetGroup(Aws, frozen=True):
    target_group_arn: str
    target_group_name: str = ""
    protocol: str = ""
    port: int | None = None
    vpc_id: str = ""
    target_type: str = "instance"
    load_balancer_arns: tuple[str, ...] = ()
    health_check_port: str = ""
    ip_address_type: str = "ipv4"


class TargetGroupAttributes(Aws, frozen=True):
    target_group_arn: str
    attributes: tuple[BalancerAttribute, ...] = ()


class TargetDescription(Aws, frozen=True):
    id: str
    port: int | None = None
    availability_zone: str = ""


class TargetHealth(Aws, frozen=True):
    state: str = ""
    reason: str = ""


class TargetHealthDescription(Aws, frozen=True):
    target: TargetDescription
    target_health: TargetHealth = TargetHealth()
    health_check_port: str = ""


class LoadBalancerTargetHealth(Aws, frozen=True):
    """DescribeTargetHealth, with the ARN of the target group beside the list."""

    target_group_arn: str
    target_health_descriptions: tuple[TargetHealthDescription, ...] = ()


class DbEndpoint(Aws, frozen=True):
    address: str = ""
    port: int = 0


class VpcSecurityGroupMembership(Aws, frozen=True):
    vpc_security_group_id: str
    status: str = ""


class DbSubnetZone(Aws, frozen=True):
    name: str = ""


class DbSubnet(Aws, frozen=True):
    subnet_identifier: str
    subnet_availability_zone: DbSubnetZone = DbSubnetZone()
    subnet_status: str = ""


class DbSubnetGroup(Aws, frozen=True, rename=_with_db):
    db_subnet_group_name: str = ""
    vpc_id: str = ""
    subnets: tuple[DbSubnet, ...] = ()


class MasterUserSecret(Aws, frozen=True):
    secret_arn: str = ""
    secret_status: str = ""


class DbInstance(Aws, frozen=True, rename=_with_db):
    db_instance_identifier: str
    db_instance_arn: str = msgspec.field(default="", name="DBInstanceArn")
    db_instance_class: str = ""
    db_instance_status: str = ""
    engine: str = ""
    engine_version: str = ""
    storage_type: str = ""
    storage_encrypted: bool = False
    multi_az: bool = msgspec.field(default=False, name="MultiAZ")
    availability_zone: str = ""
    publicly_accessible: bool = False
    endpoint: DbEndpoint | None = None
    db_instance_port: int = msgspec.field(default=0, name="DbInstancePort")
    vpc_security_groups: tuple[VpcSecurityGroupMembership, ...] = ()
    db_subnet_group: DbSubnetGroup | None = None
    db_cluster_identifier: str = ""
    master_user_secret: MasterUserSecret | None = None
    deletion_protection: bool = False
    backup_retention_period: int = 0
    iam_database_authentication_enabled: bool = msgspec.field(
        default=False, name="IAMDatabaseAuthenticationEnabled"
    )
    tag_list: tuple[Tag, ...] = ()

    @property
    def port(self) -> int:
        """The port it listens on, 0 where the description does not say."""
        if self.endpoint is not None and self.endpoint.port:
            return self.endpoint.port
        return self.db_instance_port


class DbSnapshot(Aws, frozen=True, rename=_with_db):
    db_snapshot_identifier: str
    db_snapshot_arn: str = ""
    db_instance_identifier: str = ""
    snapshot_type: str = ""
    encrypted: bool = False
    status: str = ""


class DbSnapshotAttribute(Aws, frozen=True):
    attribute_name: str
    attribute_values: tuple[str, ...] = ()


class DbSnapshotAttributes(Aws, frozen=True, rename=_with_db):
    """DescribeDBSnapshotAttributes' result for one snapshot."""

    db_snapshot_identifier: str
    db_snapshot_attributes: tuple[DbSnapshotAttribute, ...] = ()


class FunctionVpc(Aws, frozen=True):
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    vpc_id: str = ""


class Function(Aws, frozen=True):
    """A Lambda function; its environment is cut before anything is saved."""

    function_name: str
    function_arn: str = ""
    runtime: str = ""
    role: str = ""
    vpc_config: FunctionVpc | None = None


class AttachmentDetail(AwsCamel, frozen=True):
    name: str = ""
    value: str = ""


class TaskAttachment(AwsCamel, frozen=True):
    type: str = ""
    status: str = ""
    details: tuple[AttachmentDetail, ...] = ()


class EcsTask(AwsCamel, frozen=True):
    task_arn: str
    cluster_arn: str = ""
    group: str = ""
    last_status: str = ""
    attachments: tuple[TaskAttachment, ...] = ()


class AwsVpcConfiguration(AwsCamel, frozen=True):
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    assign_public_ip: str = ""


class EcsNetworkConfiguration(AwsCamel, frozen=True):
    awsvpc_configuration: AwsVpcConfiguration | None = None


class EcsService(AwsCamel, frozen=True):
    service_arn: str
    service_name: str = ""
    cluster_arn: str = ""
    desired_count: int = 0
    network_configuration: EcsNetworkConfiguration | None = None
    load_balancers: tuple[dict[str, Any], ...] = ()
