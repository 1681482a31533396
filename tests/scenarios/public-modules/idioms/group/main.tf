# A group that is made under one of two names, or given.
variable "create" { default = true }
variable "prefix" { default = false }
variable "given" { default = null }
variable "name" {}
variable "vpc_id" {}
variable "more" {
  type = map(object({
    port  = number
    other = optional(string)
    own   = optional(bool, false)
  }))
  default = {}
}
locals {
  create = var.create
  id = local.create ? concat(
    aws_security_group.this.*.id, aws_security_group.prefixed.*.id, [""]
  )[0] : var.given
}
resource "aws_security_group" "this" {
  count  = local.create && !var.prefix ? 1 : 0
  name   = var.name
  vpc_id = var.vpc_id
}
resource "aws_security_group" "prefixed" {
  count       = local.create && var.prefix ? 1 : 0
  name_prefix = "${var.name}-"
  vpc_id      = var.vpc_id
}
resource "aws_security_group_rule" "this" {
  for_each                 = { for k, v in var.more : k => v if v.port > 0 }
  type                     = "ingress"
  security_group_id        = local.id
  protocol                 = "tcp"
  from_port                = each.value.port
  to_port                  = each.value.port
  source_security_group_id = each.value.own ? local.id : each.value.other
}
output "id" {
  value = try(local.id, "")
}
output "all" {
  value = { for k, v in merge(
    { for g in aws_security_group.this : "this" => g },
    { for g in aws_security_group.prefixed : "prefixed" => g },
  ) : k => v }
}
