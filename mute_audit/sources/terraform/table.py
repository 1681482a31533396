"""Which resource types are translated, by whom, and in which order.

The order matters: what others refer to and change comes before them.
"""

from __future__ import annotations

from collections.abc import Callable

from mute_audit.sources.terraform import (
    to_access,
    to_compute,
    to_filters,
    to_routing,
    to_vpc,
)
from mute_audit.sources.terraform.estate import Item
from mute_audit.sources.terraform.out import Out

__all__ = ["TABLE"]

Translator = Callable[[Item, Out], None]

TABLE: dict[str, Translator] = {
    # VPCs come after the default resources that stand in for what AWS makes along with them,
    # and those after nothing.
    "aws_default_security_group": to_filters.security_group,
    "aws_default_network_acl": to_filters.network_acl,
    "aws_vpc": to_vpc.vpc,
    "aws_default_vpc": to_vpc.vpc,
    "aws_vpc_ipv4_cidr_block_association": to_vpc.vpc_cidr,
    "aws_vpc_ipv6_cidr_block_association": to_vpc.vpc_cidr,
    "aws_subnet": to_vpc.subnet,
    "aws_default_subnet": to_vpc.subnet,
    "aws_internet_gateway": to_vpc.internet_gateway,
    "aws_internet_gateway_attachment": to_vpc.internet_gateway_attachment,
    "aws_egress_only_internet_gateway": to_vpc.egress_only_gateway,
    "aws_ec2_managed_prefix_list": to_filters.prefix_list,
    "aws_ec2_managed_prefix_list_entry": to_filters.prefix_list_entry,
    "aws_security_group": to_filters.security_group,
    "aws_security_group_rule": to_filters.rule_old,
    "aws_vpc_security_group_ingress_rule": to_filters.rule_new,
    "aws_vpc_security_group_egress_rule": to_filters.rule_new,
    "aws_vpc_security_group_vpc_association": to_filters.group_vpc_association,
    "aws_network_acl": to_filters.network_acl,
    "aws_network_acl_rule": to_filters.acl_rule,
    "aws_network_acl_association": to_filters.acl_association,
    "aws_network_interface": to_vpc.network_interface,
    "aws_instance": to_compute.instance,
    "aws_network_interface_attachment": to_vpc.interface_attachment,
    "aws_network_interface_sg_attachment": to_vpc.interface_group,
    "aws_nat_gateway": to_vpc.nat_gateway,
    "aws_eip": to_vpc.eip,
    "aws_eip_association": to_vpc.eip_association,
    "aws_default_route_table": to_routing.default_route_table,
    "aws_route_table": to_routing.route_table,
    "aws_route": to_routing.route,
    "aws_main_route_table_association": to_routing.main_association,
    "aws_route_table_association": to_routing.association,
    "aws_vpn_gateway_route_propagation": to_routing.propagation,
    "aws_db_instance": to_compute.db_instance,
    "aws_rds_cluster_instance": to_compute.cluster_instance,
    "aws_db_snapshot": to_compute.db_snapshot,
    "aws_lambda_function": to_compute.function,
    "aws_ecs_service": to_compute.ecs_service,
    "aws_s3_bucket": to_access.bucket,
    "aws_s3_bucket_acl": to_access.bucket_acl,
    "aws_s3_bucket_ownership_controls": to_access.bucket_ownership,
    "aws_s3_bucket_public_access_block": to_access.bucket_block,
    "aws_s3_account_public_access_block": to_access.account_block,
    "aws_s3_bucket_policy": to_access.bucket_policy,
    "aws_ecr_repository": to_access.repository,
    "aws_ecr_repository_policy": to_access.repository_policy,
    "aws_iam_policy": to_access.policy,
    "aws_iam_group": to_access.group,
    "aws_iam_user": to_access.user,
    "aws_iam_role": to_access.role,
    "aws_iam_user_policy": to_access.inline_policy,
    "aws_iam_group_policy": to_access.inline_policy,
    "aws_iam_role_policy": to_access.inline_policy,
    "aws_iam_user_policy_attachment": to_access.attachment,
    "aws_iam_group_policy_attachment": to_access.attachment,
    "aws_iam_role_policy_attachment": to_access.attachment,
    "aws_iam_policy_attachment": to_access.policy_attachment,
    "aws_iam_user_policy_attachments_exclusive": to_access.exclusive_attachments,
    "aws_iam_group_policy_attachments_exclusive": to_access.exclusive_attachments,
    "aws_iam_role_policy_attachments_exclusive": to_access.exclusive_attachments,
    "aws_iam_user_policies_exclusive": to_access.exclusive_inline,
    "aws_iam_group_policies_exclusive": to_access.exclusive_inline,
    "aws_iam_role_policies_exclusive": to_access.exclusive_inline,
    "aws_iam_group_membership": to_access.group_membership,
    "aws_iam_user_group_membership": to_access.group_membership,
}
