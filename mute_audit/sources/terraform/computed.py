"""What the provider fills in where nothing is written.

A plan says of such an attribute that it is unknown, and says the same of one that is written
with something unknown. Of all others, unknown means written.
"""

from __future__ import annotations

__all__ = ["FILLED_IN"]

_BALANCER = frozenset({"internal", "security_groups", "subnet_mapping", "subnets"})
_DATABASE = frozenset({"db_subnet_group_name", "vpc_security_group_ids"})

_INSTANCE = frozenset(
    {
        "associate_public_ip_address",
        "iam_instance_profile",
        "metadata_options",
        "network_interface",
        "primary_network_interface",
        "root_block_device",
        "security_groups",
        "subnet_id",
        "vpc_security_group_ids",
    }
)

FILLED_IN: dict[str, frozenset[str]] = {
    "aws_alb": _BALANCER,
    "aws_db_instance": _DATABASE,
    "aws_docdb_cluster": _DATABASE,
    "aws_docdb_cluster_instance": frozenset({"db_subnet_group_name"}),
    "aws_default_network_acl": frozenset({"vpc_id"}),
    "aws_default_route_table": frozenset({"route", "vpc_id"}),
    "aws_default_security_group": frozenset({"egress", "ingress", "vpc_id"}),
    "aws_ec2_managed_prefix_list": frozenset({"entry"}),
    "aws_ecr_repository": frozenset({"registry_id"}),
    "aws_ecr_repository_policy": frozenset({"registry_id"}),
    "aws_eip": frozenset({"instance", "network_interface"}),
    "aws_eip_association": frozenset(
        {"allocation_id", "instance_id", "network_interface_id", "private_ip_address"}
    ),
    "aws_iam_role": frozenset({"inline_policy", "managed_policy_arns"}),
    "aws_instance": _INSTANCE,
    "aws_internet_gateway": frozenset({"vpc_id"}),
    "aws_lb": _BALANCER,
    "aws_network_acl": frozenset({"egress", "ingress", "subnet_ids"}),
    "aws_neptune_cluster": frozenset({"neptune_subnet_group_name", "vpc_security_group_ids"}),
    "aws_neptune_cluster_instance": frozenset({"neptune_subnet_group_name"}),
    "aws_network_interface": frozenset({"security_groups"}),
    "aws_rds_cluster": _DATABASE,
    "aws_rds_cluster_instance": frozenset({"db_subnet_group_name", "publicly_accessible"}),
    "aws_route": frozenset({"instance_id", "network_interface_id"}),
    "aws_route_table": frozenset({"propagating_vgws", "route"}),
    "aws_s3_access_point": frozenset({"account_id", "bucket_account_id", "policy"}),
    "aws_s3_account_public_access_block": frozenset({"account_id"}),
    "aws_s3_bucket": frozenset({"acl", "grant", "policy"}),
    "aws_security_group": frozenset({"egress", "ingress", "vpc_id"}),
    "aws_security_group_rule": frozenset({"source_security_group_id"}),
    "aws_spot_instance_request": _INSTANCE,
    "aws_vpc_endpoint": frozenset(
        {"policy", "route_table_ids", "security_group_ids", "subnet_ids"}
    ),
    "aws_vpc_endpoint_policy": frozenset({"policy"}),
    "aws_vpc_peering_connection": frozenset({"peer_owner_id", "peer_region"}),
    "aws_vpn_gateway": frozenset({"vpc_id"}),
}
