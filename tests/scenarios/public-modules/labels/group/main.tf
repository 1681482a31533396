variable "vpc_id" { type = string }
variable "target_security_group_id" {
  type    = list(string)
  default = []
}
variable "create_before_destroy" { default = true }
variable "inline_rules_enabled" { default = false }
variable "allow_all_egress" { default = true }
variable "rules" {
  type    = list(any)
  default = []
}
variable "rules_map" {
  type    = any
  default = {}
}
variable "rule_matrix" {
  type    = any
  default = []
}

locals {
  enabled = module.this.enabled
  inline  = var.inline_rules_enabled
  create  = local.enabled && length(var.target_security_group_id) == 0
  cbd     = var.create_before_destroy
  created = local.create ? (
    local.cbd ? aws_security_group.cbd[0] : aws_security_group.default[0]
  ) : null
  target_id = try(var.target_security_group_id[0], "")
  id = local.enabled ? (
    # Complain where it is empty.
    local.create ? local.created.id : coalesce(local.target_id, "empty")
  ) : null
  cbd_id = local.create ? one(aws_security_group.cbd[*].id) : local.target_id

  rules = merge({ _list_ = var.rules }, var.rules_map)
  normal = local.enabled && local.rules != null ? concat(concat([[]], [for k, rules in local.rules : [for i, rule in rules : {
    key                      = coalesce(lookup(rule, "key", null), "${k}[${i}]")
    type                     = rule.type
    from_port                = rule.from_port
    to_port                  = rule.to_port
    protocol                 = rule.protocol
    cidr_blocks              = try(length(rule.cidr_blocks), 0) > 0 ? rule.cidr_blocks : []
    source_security_group_id = lookup(rule, "source_security_group_id", null)
    security_groups          = []
    self                     = lookup(rule, "self", null)
  }]])...) : []
  matrix = local.enabled && var.rule_matrix != null ? concat(concat([[]], [for i, subject in var.rule_matrix : [for j, rule in subject.rules : {
    key                      = "${coalesce(lookup(subject, "key", null), "_m[${i}]")}#${coalesce(lookup(rule, "key", null), "[${j}]")}"
    type                     = rule.type
    from_port                = rule.from_port
    to_port                  = rule.to_port
    protocol                 = rule.protocol
    cidr_blocks              = lookup(subject, "cidr_blocks", [])
    source_security_group_id = null
    security_groups          = lookup(subject, "source_security_group_ids", [])
    self                     = lookup(subject, "self", null)
  }]])...) : []
  egress = {
    key                      = "_all_egress_"
    type                     = "egress"
    from_port                = 0
    to_port                  = 0
    protocol                 = "-1"
    cidr_blocks              = ["0.0.0.0/0"]
    source_security_group_id = null
    security_groups          = []
    self                     = null
  }
  extra      = local.enabled && var.allow_all_egress ? [local.egress] : []
  all_inline = concat(local.normal, local.matrix, local.extra)
  in_rules   = local.inline ? [for r in local.all_inline : r if r.type == "ingress"] : []
  out_rules  = local.inline ? [for r in local.all_inline : r if r.type == "egress"] : []
  self_rules = local.inline ? [] : [for rule in local.matrix : merge(rule, {
    key             = "${rule.key}#self"
    cidr_blocks     = []
    security_groups = []
  }) if rule.self != null]
  group_lists = local.inline ? [] : [for rule in local.all_inline : merge(rule, {
    key  = "${rule.key}#sg"
    self = null
  }) if length(rule.security_groups) > 0]
  exploded = flatten([for rule in local.group_lists : [for i, sg in rule.security_groups : {
    key                      = "${rule.key}#${i}"
    type                     = rule.type
    from_port                = rule.from_port
    to_port                  = rule.to_port
    protocol                 = rule.protocol
    cidr_blocks              = []
    self                     = null
    security_groups          = []
    source_security_group_id = sg
  }]])
  all_rules = local.inline ? [] : concat(local.normal, local.self_rules, local.exploded, local.extra)
  keyed     = { for r in local.all_rules : r.key => r }
}

resource "aws_security_group" "default" {
  count       = local.create && local.cbd == false ? 1 : 0
  name        = module.this.id
  description = "group"
  vpc_id      = var.vpc_id
  tags        = module.this.tags
  dynamic "ingress" {
    for_each = local.in_rules
    content {
      from_port       = ingress.value.from_port
      to_port         = ingress.value.to_port
      protocol        = ingress.value.protocol
      cidr_blocks     = ingress.value.cidr_blocks
      security_groups = ingress.value.security_groups
      self            = ingress.value.self
    }
  }
  dynamic "egress" {
    for_each = local.out_rules
    content {
      from_port       = egress.value.from_port
      to_port         = egress.value.to_port
      protocol        = egress.value.protocol
      cidr_blocks     = egress.value.cidr_blocks
      security_groups = egress.value.security_groups
      self            = egress.value.self
    }
  }
}

resource "aws_security_group" "cbd" {
  count       = local.create && local.cbd == true ? 1 : 0
  name_prefix = "${module.this.id}${module.this.delimiter}"
  description = "group"
  vpc_id      = var.vpc_id
  tags        = module.this.tags
  dynamic "ingress" {
    for_each = local.in_rules
    content {
      from_port       = ingress.value.from_port
      to_port         = ingress.value.to_port
      protocol        = ingress.value.protocol
      cidr_blocks     = ingress.value.cidr_blocks
      security_groups = ingress.value.security_groups
      self            = ingress.value.self
    }
  }
  dynamic "egress" {
    for_each = local.out_rules
    content {
      from_port       = egress.value.from_port
      to_port         = egress.value.to_port
      protocol        = egress.value.protocol
      cidr_blocks     = egress.value.cidr_blocks
      security_groups = egress.value.security_groups
      self            = egress.value.self
    }
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group_rule" "keyed" {
  for_each                 = local.cbd ? local.keyed : {}
  security_group_id        = local.cbd_id
  type                     = each.value.type
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  protocol                 = each.value.protocol
  cidr_blocks              = length(each.value.cidr_blocks) == 0 ? null : each.value.cidr_blocks
  self                     = each.value.self
  source_security_group_id = each.value.source_security_group_id
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group_rule" "dbc" {
  for_each                 = local.cbd ? {} : local.keyed
  security_group_id        = local.id
  type                     = each.value.type
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  protocol                 = each.value.protocol
  cidr_blocks              = length(each.value.cidr_blocks) == 0 ? null : each.value.cidr_blocks
  self                     = each.value.self
  source_security_group_id = each.value.source_security_group_id
}

output "id" { value = local.id }
output "arn" { value = try(local.created.arn, null) }
