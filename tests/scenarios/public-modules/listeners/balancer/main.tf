variable "create" { default = true }
variable "name" {}
variable "vpc_id" {}
variable "subnets" { type = list(string) }
variable "security_groups" {
  type    = list(string)
  default = []
}
variable "ingress_rules" { default = {} }
variable "egress_rules" { default = {} }
variable "listeners" {
  type    = any
  default = {}
}
variable "target_groups" {
  type    = any
  default = {}
}
variable "additional_target_group_attachments" {
  type    = any
  default = {}
}
variable "tags" { default = {} }
data "aws_partition" "current" {
  count = local.create ? 1 : 0
}
locals {
  create                = var.create
  tags                  = merge(var.tags, { terraform-aws-modules = "alb" })
  create_security_group = local.create
  security_group_name   = try(coalesce(null, var.name), "")
}
resource "aws_lb" "this" {
  count              = local.create ? 1 : 0
  name               = var.name
  internal           = false
  load_balancer_type = "application"
  security_groups    = local.create_security_group ? concat([aws_security_group.this[0].id], var.security_groups) : var.security_groups
  subnets            = var.subnets
  dynamic "subnet_mapping" {
    for_each = []
    content {
      subnet_id = subnet_mapping.value.subnet_id
    }
  }
  lifecycle {
    ignore_changes = [tags["elasticbeanstalk:shared-elb-environment-count"]]
  }
}
resource "aws_lb_listener" "this" {
  for_each          = { for k, v in var.listeners : k => v if local.create }
  load_balancer_arn = aws_lb.this[0].arn
  port              = try(each.value.port, 443)
  protocol          = try(each.value.protocol, "HTTPS")
  dynamic "default_action" {
    for_each = try([each.value.forward], [])
    content {
      order            = try(default_action.value.order, null)
      target_group_arn = length(try(default_action.value.target_groups, [])) > 0 ? null : try(default_action.value.arn, aws_lb_target_group.this[default_action.value.target_group_key].arn, null)
      type             = "forward"
    }
  }
  dynamic "default_action" {
    for_each = try([each.value.redirect], [])
    content {
      order = try(default_action.value.order, null)
      redirect {
        port        = try(default_action.value.port, null)
        protocol    = try(default_action.value.protocol, null)
        status_code = default_action.value.status_code
      }
      type = "redirect"
    }
  }
}
locals {
  listener_rules = flatten([
    for listener_key, listener_values in var.listeners : [
      for rule_key, rule_values in lookup(listener_values, "rules", {}) :
      merge(rule_values, { listener_key = listener_key, rule_key = rule_key })
    ]
  ])
}
resource "aws_lb_listener_rule" "this" {
  for_each     = { for v in local.listener_rules : "${v.listener_key}/${v.rule_key}" => v if local.create }
  listener_arn = try(each.value.listener_arn, aws_lb_listener.this[each.value.listener_key].arn)
  priority     = try(each.value.priority, null)
  dynamic "action" {
    for_each = [for action in each.value.actions : action if action.type == "forward"]
    content {
      type             = "forward"
      order            = try(action.value.order, null)
      target_group_arn = try(action.value.target_group_arn, aws_lb_target_group.this[action.value.target_group_key].arn, null)
    }
  }
  dynamic "action" {
    for_each = [for action in each.value.actions : action if action.type == "weighted-forward"]
    content {
      type  = "forward"
      order = try(action.value.order, null)
      forward {
        dynamic "target_group" {
          for_each = try(action.value.target_groups, [])
          content {
            arn    = try(target_group.value.arn, aws_lb_target_group.this[target_group.value.target_group_key].arn)
            weight = try(target_group.value.weight, null)
          }
        }
        dynamic "stickiness" {
          for_each = try([action.value.stickiness], [])
          content {
            enabled  = try(stickiness.value.enabled, null)
            duration = try(stickiness.value.duration, 60)
          }
        }
      }
    }
  }
  dynamic "condition" {
    for_each = try(each.value.conditions, [])
    content {
      dynamic "path_pattern" {
        for_each = try([condition.value.path_pattern], [])
        content {
          values = path_pattern.value.values
        }
      }
    }
  }
}
resource "aws_lb_target_group" "this" {
  for_each    = { for k, v in var.target_groups : k => v if local.create }
  name        = try(each.value.name, each.key)
  port        = try(each.value.target_type, null) == "lambda" ? null : try(each.value.port, 80)
  protocol    = try(each.value.protocol, "HTTP")
  target_type = try(each.value.target_type, null)
  vpc_id      = try(each.value.vpc_id, var.vpc_id)
  dynamic "health_check" {
    for_each = try([each.value.health_check], [])
    content {
      path = try(health_check.value.path, null)
    }
  }
  lifecycle {
    create_before_destroy = true
  }
}
resource "aws_lb_target_group_attachment" "this" {
  for_each          = { for k, v in var.target_groups : k => v if local.create && lookup(v, "create_attachment", true) }
  target_group_arn  = aws_lb_target_group.this[each.key].arn
  target_id         = each.value.target_id
  port              = try(each.value.target_type, null) == "lambda" ? null : try(each.value.port, 80)
  availability_zone = try(each.value.availability_zone, null)
}
resource "aws_lb_target_group_attachment" "additional" {
  for_each         = { for k, v in var.additional_target_group_attachments : k => v if local.create }
  target_group_arn = aws_lb_target_group.this[each.value.target_group_key].arn
  target_id        = each.value.target_id
  port             = try(each.value.port, 80)
}
resource "aws_security_group" "this" {
  count       = local.create_security_group ? 1 : 0
  name_prefix = "${local.security_group_name}-"
  description = coalesce(null, "Security group for ${local.security_group_name}")
  vpc_id      = var.vpc_id
  lifecycle {
    create_before_destroy = true
  }
}
resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each                     = { for k, v in var.ingress_rules : k => v if local.create_security_group }
  security_group_id            = aws_security_group.this[0].id
  ip_protocol                  = try(each.value.ip_protocol, "tcp")
  from_port                    = try(each.value.from_port, null)
  to_port                      = try(each.value.to_port, each.value.from_port, null)
  cidr_ipv4                    = lookup(each.value, "cidr_ipv4", null)
  cidr_ipv6                    = lookup(each.value, "cidr_ipv6", null)
  prefix_list_id               = lookup(each.value, "prefix_list_id", null)
  referenced_security_group_id = lookup(each.value, "referenced_security_group_id", null) == "self" ? aws_security_group.this[0].id : lookup(each.value, "referenced_security_group_id", null)
}
resource "aws_vpc_security_group_egress_rule" "this" {
  for_each          = { for k, v in var.egress_rules : k => v if local.create_security_group }
  security_group_id = aws_security_group.this[0].id
  ip_protocol       = try(each.value.ip_protocol, "tcp")
  from_port         = try(each.value.from_port, null)
  to_port           = try(each.value.to_port, null)
  cidr_ipv4         = lookup(each.value, "cidr_ipv4", null)
}
output "security_group_id" { value = try(aws_security_group.this[0].id, null) }
output "target_groups" { value = aws_lb_target_group.this }
output "arn" { value = try(aws_lb.this[0].arn, null) }
output "dns_name" { value = try(aws_lb.this[0].dns_name, null) }
