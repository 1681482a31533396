"""What an attribute can name: the types of resource that may stand behind an unknown value."""

from __future__ import annotations

__all__ = ["anything", "ends_like", "kinds_of"]

_VPC = ("aws_vpc", "aws_default_vpc")
_SUBNET = ("aws_subnet", "aws_default_subnet")
_TABLE = ("aws_route_table", "aws_default_route_table")
_GROUP = ("aws_security_group", "aws_default_security_group")
_BALANCER = ("aws_lb", "aws_alb")
_TARGETS = ("aws_lb_target_group", "aws_alb_target_group")
_LISTENER = ("aws_lb_listener", "aws_alb_listener")

_KINDS: dict[str, tuple[str, ...]] = {
    "access_point_arn": ("aws_s3_access_point",),
    "allocation_id": ("aws_eip",),
    "bucket": ("aws_s3_bucket",),
    "cluster_identifier": ("aws_docdb_cluster", "aws_neptune_cluster", "aws_rds_cluster"),
    "default_network_acl_id": _VPC,
    "default_route_table_id": _VPC,
    "cluster_name": ("aws_eks_cluster",),
    "customer_gateway_id": ("aws_customer_gateway",),
    "db_subnet_group_name": ("aws_db_subnet_group", "aws_docdb_subnet_group"),
    "destination_prefix_list_id": ("aws_ec2_managed_prefix_list",),
    "egress_only_gateway_id": ("aws_egress_only_internet_gateway",),
    "gateway_id": ("aws_internet_gateway", "aws_vpn_gateway", "aws_vpc_endpoint"),
    "group": ("aws_iam_group",),
    "instance": ("aws_instance",),
    "instance_id": ("aws_instance",),
    "internet_gateway_id": ("aws_internet_gateway",),
    "launch_configuration": ("aws_launch_configuration",),
    "launch_template": ("aws_launch_template",),
    "listener_arn": _LISTENER,
    "load_balancer_arn": _BALANCER,
    "nat_gateway_id": ("aws_nat_gateway",),
    "network_acl_id": ("aws_network_acl", "aws_default_network_acl"),
    "network_interface_id": ("aws_network_interface",),
    "peer_vpc_id": _VPC,
    "prefix_list_id": ("aws_ec2_managed_prefix_list",),
    "prefix_list_ids": ("aws_ec2_managed_prefix_list",),
    "referenced_security_group_id": _GROUP,
    "policy_arn": ("aws_iam_policy",),
    "replicate_source_db": ("aws_db_instance",),
    "repository": ("aws_ecr_repository",),
    "role": ("aws_iam_role",),
    "route_table_id": _TABLE,
    "route_table_ids": _TABLE,
    "security_group_id": _GROUP,
    "security_group_ids": _GROUP,
    "security_groups": _GROUP,
    "source_security_group_id": _GROUP,
    "subnet_id": _SUBNET,
    "subnet_ids": _SUBNET,
    "subnets": _SUBNET,
    "target_group_arn": _TARGETS,
    "transit_gateway_attachment_id": (
        "aws_ec2_transit_gateway_vpc_attachment",
        "aws_ec2_transit_gateway_peering_attachment",
        "aws_vpn_connection",
    ),
    "transit_gateway_id": ("aws_ec2_transit_gateway",),
    "transit_gateway_route_table_id": ("aws_ec2_transit_gateway_route_table",),
    "user": ("aws_iam_user",),
    "client_subnets": _SUBNET,
    "cluster_subnet_group_name": ("aws_redshift_subnet_group",),
    "neptune_subnet_group_name": ("aws_neptune_subnet_group",),
    "replication_subnet_group_id": ("aws_dms_replication_subnet_group",),
    "subnet_group_name": (
        "aws_dax_subnet_group",
        "aws_elasticache_subnet_group",
        "aws_memorydb_subnet_group",
    ),
    "vpc_subnet_ids": _SUBNET,
    "vpc_zone_identifier": _SUBNET,
    "vpc_endpoint_id": ("aws_vpc_endpoint",),
    "vpc_id": _VPC,
    "vpc_peering_connection_id": ("aws_vpc_peering_connection",),
    "vpc_security_group_ids": _GROUP,
    "vpn_gateway_id": ("aws_vpn_gateway",),
}
# Beside those: what makes one of the same sort along with itself, under an attribute of its own.
_MAKERS: dict[tuple[str, ...], tuple[str, ...]] = {
    _GROUP: ("aws_vpc", "aws_default_vpc", "aws_eks_cluster"),
    _TABLE: ("aws_vpc", "aws_default_vpc"),
    _KINDS["network_acl_id"]: ("aws_vpc", "aws_default_vpc"),
    _KINDS["network_interface_id"]: ("aws_instance", "aws_nat_gateway"),
    _KINDS["transit_gateway_route_table_id"]: ("aws_ec2_transit_gateway",),
    _KINDS["transit_gateway_attachment_id"]: ("aws_ec2_transit_gateway", "aws_dx_gateway"),
    _SUBNET: ("aws_subnets", "aws_subnet_ids"),
}
# Their results are what somebody else has put there.
_ANYTHING = frozenset(
    {
        "aws_cloudcontrolapi_resource",
        "aws_cloudformation_export",
        "aws_cloudformation_stack",
        "aws_lambda_invocation",
        "aws_secretsmanager_secret_version",
        "aws_servicecatalog_provisioned_product",
        "aws_ssm_parameter",
        "aws_ssm_parameters_by_path",
    }
)
# Providers whose resources are made of nothing that AWS gives out; what some of them pass on
# (triggers) is followed, or comes from the same module.
_HARMLESS = (
    "archive_",
    "cloudinit_",
    "github_",
    "helm_",
    "kubectl_",
    "kubernetes_",
    "local_",
    "null_",
    "random_",
    "template_",
    "terraform_data",
    "time_",
    "tls_",
)


def kinds_of(attribute: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """(types whose id it is, types that make such a thing along); None if that is not told."""
    kinds = _KINDS.get(attribute)
    return None if kinds is None else (kinds, _MAKERS.get(kinds, ()))


def anything(kind: str) -> bool:
    """Whether a resource of this type may hold any value, of whatever it is the id."""
    return kind in _ANYTHING or not kind.startswith(("aws_", *_HARMLESS))


def ends_like(path: tuple[str | int, ...], attribute: str) -> bool:
    """Whether a path leads to an attribute of the same name (`vpc_config[0].vpc_id`)."""
    names = [step for step in path if isinstance(step, str)]
    return bool(names) and names[-1].rstrip("s") == attribute.rstrip("s")
