# A Kubernetes cluster: its groups with rules merged from several maps, nodes by template.
variable "create" { default = true }
variable "cluster_name" { type = string }
variable "vpc_id" { type = string }
variable "subnet_ids" { type = list(string) }
variable "control_plane_subnet_ids" {
  type    = list(string)
  default = []
}
variable "create_cluster_security_group" { default = true }
variable "cluster_security_group_id" { default = "" }
variable "cluster_security_group_additional_rules" {
  type    = any
  default = {}
}
variable "create_node_security_group" { default = true }
variable "node_security_group_additional_rules" {
  type    = any
  default = {}
}
variable "node_groups" {
  type    = any
  default = {}
}
variable "self_managed" {
  type    = any
  default = {}
}
variable "role_arn" { type = string }

locals {
  create         = var.create
  create_cluster = local.create && var.create_cluster_security_group
  create_node    = local.create && var.create_node_security_group

  cluster_security_group_id = local.create_cluster ? aws_security_group.cluster[0].id : var.cluster_security_group_id
  node_security_group_id    = local.create_node ? aws_security_group.node[0].id : null

  cluster_rules = { for k, v in {
    ingress_nodes_443 = {
      protocol                   = "tcp"
      from_port                  = 443
      to_port                    = 443
      type                       = "ingress"
      source_node_security_group = true
    }
  } : k => v if local.create_node }

  node_rules = {
    ingress_cluster_443 = {
      protocol                      = "tcp"
      from_port                     = 443
      to_port                       = 443
      type                          = "ingress"
      source_cluster_security_group = true
    }
    ingress_cluster_kubelet = {
      protocol                      = "tcp"
      from_port                     = 10250
      to_port                       = 10250
      type                          = "ingress"
      source_cluster_security_group = true
    }
    ingress_self_coredns = {
      protocol  = "tcp"
      from_port = 53
      to_port   = 53
      type      = "ingress"
      self      = true
    }
  }
  recommended = { for k, v in {
    egress_all = {
      protocol    = "-1"
      from_port   = 0
      to_port     = 0
      type        = "egress"
      cidr_blocks = ["0.0.0.0/0"]
    }
  } : k => v if true }
}

resource "aws_security_group" "cluster" {
  count       = local.create_cluster ? 1 : 0
  name_prefix = "${var.cluster_name}-cluster-"
  vpc_id      = var.vpc_id
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group_rule" "cluster" {
  for_each = { for k, v in merge(local.cluster_rules, var.cluster_security_group_additional_rules) : k => v if local.create_cluster }

  security_group_id        = aws_security_group.cluster[0].id
  protocol                 = each.value.protocol
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  type                     = each.value.type
  cidr_blocks              = lookup(each.value, "cidr_blocks", null)
  self                     = lookup(each.value, "self", null)
  source_security_group_id = try(each.value.source_node_security_group, false) ? local.node_security_group_id : lookup(each.value, "source_security_group_id", null)
}

resource "aws_security_group" "node" {
  count       = local.create_node ? 1 : 0
  name_prefix = "${var.cluster_name}-node-"
  vpc_id      = var.vpc_id
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group_rule" "node" {
  for_each = { for k, v in merge(local.node_rules, local.recommended, var.node_security_group_additional_rules) : k => v if local.create_node }

  security_group_id        = aws_security_group.node[0].id
  protocol                 = each.value.protocol
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  type                     = each.value.type
  cidr_blocks              = lookup(each.value, "cidr_blocks", null)
  self                     = lookup(each.value, "self", null)
  source_security_group_id = try(each.value.source_cluster_security_group, false) ? local.cluster_security_group_id : lookup(each.value, "source_security_group_id", null)
}

resource "aws_eks_cluster" "this" {
  count    = local.create ? 1 : 0
  name     = var.cluster_name
  role_arn = var.role_arn

  vpc_config {
    security_group_ids      = compact(distinct(concat([], [local.cluster_security_group_id])))
    subnet_ids              = coalescelist(var.control_plane_subnet_ids, var.subnet_ids)
    endpoint_private_access = true
    endpoint_public_access  = false
  }

  depends_on = [aws_security_group_rule.cluster, aws_security_group_rule.node]
}

resource "aws_launch_template" "managed" {
  for_each    = { for k, v in var.node_groups : k => v if local.create }
  name_prefix = "${each.key}-"

  vpc_security_group_ids = compact(concat([local.node_security_group_id], try(each.value.vpc_security_group_ids, [])))

  metadata_options {
    http_tokens = "required"
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = each.key }
  }
}

resource "aws_eks_node_group" "managed" {
  for_each        = { for k, v in var.node_groups : k => v if local.create }
  cluster_name    = aws_eks_cluster.this[0].name
  node_group_name = each.key
  node_role_arn   = var.role_arn
  subnet_ids      = var.subnet_ids

  scaling_config {
    min_size     = 1
    max_size     = 3
    desired_size = 1
  }

  launch_template {
    id      = aws_launch_template.managed[each.key].id
    version = aws_launch_template.managed[each.key].default_version
  }
}

resource "aws_launch_template" "own" {
  for_each    = { for k, v in var.self_managed : k => v if local.create }
  name_prefix = "${each.key}-"

  dynamic "network_interfaces" {
    for_each = try(each.value.network_interfaces, [{}])
    content {
      associate_public_ip_address = try(network_interfaces.value.associate_public_ip_address, null)
      delete_on_termination       = true
      security_groups             = compact(concat([local.node_security_group_id], try(network_interfaces.value.security_groups, [])))
    }
  }

  metadata_options {
    http_tokens = "required"
  }
}

resource "aws_autoscaling_group" "own" {
  for_each            = { for k, v in var.self_managed : k => v if local.create }
  name_prefix         = "${each.key}-"
  min_size            = 0
  max_size            = 2
  desired_capacity    = 1
  vpc_zone_identifier = try(each.value.subnet_ids, var.subnet_ids)

  mixed_instances_policy {
    launch_template {
      launch_template_specification {
        launch_template_id = aws_launch_template.own[each.key].id
        version            = aws_launch_template.own[each.key].default_version
      }
    }
  }

  dynamic "tag" {
    for_each = { Name = each.key, cluster = var.cluster_name }
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }
}

output "cluster_primary_security_group_id" {
  value = try(aws_eks_cluster.this[0].vpc_config[0].cluster_security_group_id, null)
}
output "node_security_group_id" {
  value = try(aws_security_group.node[0].id, null)
}
