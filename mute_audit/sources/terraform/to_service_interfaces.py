"""Interfaces that services keep in a VPC, of services that have no description of their own here.

AWS lists them among the network interfaces, and packets reach them like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Out
from mute_audit.sources.terraform.to_clusters import cluster_group
from mute_audit.sources.terraform.to_interfaces import default_group, put_interface, vpc_of

__all__ = ["SERVICES", "service"]


@dataclass(frozen=True, slots=True)
class _Service:
    """Where a type says its subnets and groups; `block` is an inner block that holds both.

    named   the attribute that names a subnet group instead
    public  the attribute that asks for public addresses; `-` before one that refuses them
    """

    subnets: str
    groups: str
    block: str = ""
    named: str = ""
    public: str = ""


_VPC_OPTIONS = _Service("subnet_ids", "security_group_ids", block="vpc_options")
_SUBNETS = _Service("subnet_ids", "security_group_ids")
_GROUPED = _Service("", "security_group_ids", named="subnet_group_name")

SERVICES: dict[str, _Service] = {
    "aws_dax_cluster": _GROUPED,
    "aws_db_proxy": _Service("vpc_subnet_ids", "vpc_security_group_ids"),
    "aws_dms_replication_instance": _Service(
        "",
        "vpc_security_group_ids",
        named="replication_subnet_group_id",
        public="publicly_accessible",
    ),
    "aws_efs_mount_target": _Service("subnet_id", "security_groups"),
    "aws_eks_cluster": _Service("subnet_ids", "security_group_ids", block="vpc_config"),
    "aws_elasticache_cluster": _GROUPED,
    "aws_elasticache_replication_group": _GROUPED,
    "aws_elasticache_serverless_cache": _SUBNETS,
    "aws_elasticsearch_domain": _VPC_OPTIONS,
    "aws_elb": _Service("subnets", "security_groups", public="-internal"),
    "aws_fsx_lustre_file_system": _SUBNETS,
    "aws_fsx_ontap_file_system": _SUBNETS,
    "aws_fsx_openzfs_file_system": _SUBNETS,
    "aws_fsx_windows_file_system": _SUBNETS,
    "aws_memorydb_cluster": _GROUPED,
    "aws_mq_broker": _Service("subnet_ids", "security_groups", public="publicly_accessible"),
    "aws_msk_cluster": _Service(
        "client_subnets", "security_groups", block="broker_node_group_info"
    ),
    "aws_opensearch_domain": _VPC_OPTIONS,
    "aws_redshift_cluster": _Service(
        "",
        "vpc_security_group_ids",
        named="cluster_subnet_group_name",
        public="publicly_accessible",
    ),
}
# attribute that names a subnet group → the types of such groups
_SUBNET_GROUPS = {
    "cluster_subnet_group_name": ("aws_redshift_subnet_group",),
    "replication_subnet_group_id": ("aws_dms_replication_subnet_group",),
    "subnet_group_name": (
        "aws_dax_subnet_group",
        "aws_elasticache_subnet_group",
        "aws_memorydb_subnet_group",
    ),
}


def service(item: Item, out: Out) -> None:
    """One interface in each of its subnets."""
    shape = SERVICES[item.type]
    estate = item.estate
    blocks = item.blocks(shape.block) if shape.block else []
    if shape.block and not blocks:
        return  # Not in a VPC.
    values = blocks[0] if blocks else {n: item.get(n) for n in (shape.subnets, shape.groups) if n}
    subnets = estate.ids_in(_given(item, values.get(shape.subnets)), shape.subnets, item)
    if shape.named:
        subnets = _of_group(item, shape.named)
    groups = estate.ids_in(_given(item, values.get(shape.groups)), shape.groups, item)
    if item.type == "aws_eks_cluster":
        groups.append(cluster_group(item))
    public = _public(item, shape.public)
    for subnet in subnets:
        vpc_id = vpc_of(item, subnet, out)
        name = f"{item.id} in {subnet}"
        estate.made.setdefault(item.address, []).append(name)
        address = estate.standins.public(name) if public else ""
        put_interface(
            out,
            item.home,
            {
                "NetworkInterfaceId": name,
                "SubnetId": subnet,
                "VpcId": vpc_id,
                "PrivateIpAddress": estate.standins.private(name, estate.cidr_of(subnet)),
                "Groups": [{"GroupId": g} for g in groups or [default_group(item, vpc_id)]],
                "InterfaceType": "interface",
                "Description": f"of {item.address}",
                "RequesterManaged": True,
                "SourceDestCheck": True,
                "Status": "in-use",
                **({"Association": {"PublicIp": address, "IpOwnerId": "amazon"}} if public else {}),
            },
        )


def _given(item: Item, value: Any) -> Any:
    return None if item.computed(value) else value


def _of_group(item: Item, attribute: str) -> list[str]:
    value = item.get(attribute)
    group = item.estate.found(value, attribute)
    if group is None and isinstance(value, str):
        every = item.estate.each(*_SUBNET_GROUPS[attribute])
        group = next((one for one in every if value in (one.text("name"), one.id)), None)
    return group.refs("subnet_ids") if group is not None else []


def _public(item: Item, attribute: str) -> bool:
    if attribute.startswith("-"):
        return not item.flag(attribute[1:])
    return bool(attribute) and item.flag(attribute)
