variable "vpc_id" {
  type = string
}

variable "groups" {
  type = map(list(object({ port = number, cidr = optional(string), group = optional(string) })))
}

locals {
  rules = flatten([
    for group, rules in var.groups : [for rule in rules : merge(rule, { owner = group })]
  ])
}

resource "aws_security_group" "this" {
  for_each = var.groups
  name     = each.key
  vpc_id   = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = {
    for rule in local.rules : "${rule.owner}-${rule.port}-${coalesce(rule.cidr, rule.group)}" => rule
  }
  security_group_id            = aws_security_group.this[each.value.owner].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  cidr_ipv4                    = each.value.cidr
  referenced_security_group_id = try(aws_security_group.this[each.value.group].id, null)
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each          = var.groups
  security_group_id = aws_security_group.this[each.key].id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

output "ids" {
  value = { for name, group in aws_security_group.this : name => group.id }
}
