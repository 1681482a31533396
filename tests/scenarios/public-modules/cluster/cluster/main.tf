variable "create" { default = true }
variable "name" {}
variable "vpc_id" {}
variable "subnet_ids" { type = list(string) }
variable "control_plane_subnet_ids" { type = list(string) }
variable "cluster_security_group_id" { default = "" }
variable "node_security_group_additional_rules" {
  type    = any
  default = {}
}
variable "node_groups" { default = {} }
locals {
  create_cluster_sg         = var.create
  cluster_security_group_id = local.create_cluster_sg ? aws_security_group.cluster[0].id : var.cluster_security_group_id
  create_node_sg            = var.create
  node_security_group_id    = local.create_node_sg ? aws_security_group.node[0].id : ""
  cluster_rules = { for k, v in {
    ingress_nodes_443 = { protocol = "tcp", from_port = 443, to_port = 443, type = "ingress", source_node_security_group = true }
  } : k => v if local.create_node_sg }
  node_rules = {
    ingress_cluster_443      = { protocol = "tcp", from_port = 443, to_port = 443, type = "ingress", source_cluster_security_group = true }
    ingress_self_coredns_tcp = { protocol = "tcp", from_port = 53, to_port = 53, type = "ingress", self = true }
  }
  recommended = { for k, v in {
    egress_all = { protocol = "-1", from_port = 0, to_port = 0, type = "egress", cidr_blocks = ["0.0.0.0/0"] }
  } : k => v if true }
}
resource "aws_iam_role" "this" {
  count              = var.create ? 1 : 0
  name_prefix        = "${var.name}-"
  assume_role_policy = data.aws_iam_policy_document.assume_role_policy[0].json
}
data "aws_iam_policy_document" "assume_role_policy" {
  count = var.create ? 1 : 0
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["eks.amazonaws.com"]
    }
  }
}
resource "aws_iam_role_policy_attachment" "this" {
  for_each   = { for k, v in { AmazonEKSClusterPolicy = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy" } : k => v if var.create }
  policy_arn = each.value
  role       = aws_iam_role.this[0].name
}
resource "aws_eks_cluster" "this" {
  count    = var.create ? 1 : 0
  name     = var.name
  role_arn = aws_iam_role.this[0].arn
  vpc_config {
    security_group_ids = compact(distinct(concat([], [local.cluster_security_group_id])))
    subnet_ids         = coalescelist(var.control_plane_subnet_ids, var.subnet_ids)
  }
}
resource "aws_security_group" "cluster" {
  count       = local.create_cluster_sg ? 1 : 0
  name_prefix = "${var.name}-cluster-"
  vpc_id      = var.vpc_id
}
resource "aws_security_group_rule" "cluster" {
  for_each                 = { for k, v in local.cluster_rules : k => v if local.create_cluster_sg }
  security_group_id        = aws_security_group.cluster[0].id
  protocol                 = each.value.protocol
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  type                     = each.value.type
  self                     = try(each.value.self, null)
  source_security_group_id = try(each.value.source_node_security_group, false) ? local.node_security_group_id : lookup(each.value, "source_security_group_id", null)
}
resource "aws_security_group" "node" {
  count       = local.create_node_sg ? 1 : 0
  name_prefix = "${var.name}-node-"
  vpc_id      = var.vpc_id
}
resource "aws_security_group_rule" "node" {
  for_each = { for k, v in merge(
    local.node_rules,
    local.recommended,
    var.node_security_group_additional_rules,
  ) : k => v if local.create_node_sg }
  security_group_id        = aws_security_group.node[0].id
  protocol                 = each.value.protocol
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  type                     = each.value.type
  cidr_blocks              = lookup(each.value, "cidr_blocks", null)
  prefix_list_ids          = lookup(each.value, "prefix_list_ids", [])
  self                     = lookup(each.value, "self", null)
  source_security_group_id = try(each.value.source_cluster_security_group, false) ? local.cluster_security_group_id : lookup(each.value, "source_security_group_id", null)
}
module "node_group" {
  source                            = "./node"
  for_each                          = { for k, v in var.node_groups : k => v if var.create }
  name                              = try(each.value.name, each.key)
  subnet_ids                        = try(each.value.subnet_ids, var.subnet_ids)
  cluster_primary_security_group_id = try(aws_eks_cluster.this[0].vpc_config[0].cluster_security_group_id, null)
  vpc_security_group_ids            = compact(concat([local.node_security_group_id], try(each.value.vpc_security_group_ids, [])))
  min_size                          = try(each.value.min_size, 1)
}
output "node_security_group_id" { value = try(aws_security_group.node[0].id, null) }
output "cluster_primary_security_group_id" { value = try(aws_eks_cluster.this[0].vpc_config[0].cluster_security_group_id, null) }
