variable "create" { default = true }
variable "create_group" { default = true }
variable "group_id" { default = null }
variable "use_name_prefix" { default = true }
variable "name" { default = null }
variable "vpc_id" { default = null }
variable "rules" {
  type = map(list(any))
  default = {
    "all"       = [-1, -1, "-1", "All protocols"]
    "https"     = [443, 443, "tcp", "HTTPS"]
    "http-8080" = [8080, 8080, "tcp", "HTTP"]
    "telnet"    = [23, 23, "tcp", "Telnet"]
    "_"         = ["", "", ""]
  }
}
variable "ingress_cidr_blocks" {
  type    = list(string)
  default = []
}
variable "ingress_ipv6_cidr_blocks" {
  type    = list(string)
  default = []
}
variable "ingress_prefix_list_ids" {
  type    = list(string)
  default = []
}
variable "ingress_rules" {
  type    = list(string)
  default = []
}
variable "ingress_with_self" {
  type    = list(map(string))
  default = []
}
variable "ingress_with_cidr_blocks" {
  type    = list(map(string))
  default = []
}
variable "computed_ingress_with_source_group" {
  type    = list(map(string))
  default = []
}
variable "number_of_computed_ingress_with_source_group" {
  type    = number
  default = 0
}
variable "egress_rules" {
  type    = list(string)
  default = []
}
variable "egress_cidr_blocks" {
  type    = list(string)
  default = ["0.0.0.0/0"]
}

locals {
  create  = var.create && try(var.rules["_"] != null, true)
  this_id = var.create_group ? concat(aws_security_group.this.*.id, aws_security_group.this_name_prefix.*.id, [""])[0] : var.group_id
}

resource "aws_security_group" "this" {
  count       = local.create && var.create_group && !var.use_name_prefix ? 1 : 0
  name        = var.name
  description = "group"
  vpc_id      = var.vpc_id
}

resource "aws_security_group" "this_name_prefix" {
  count       = local.create && var.create_group && var.use_name_prefix ? 1 : 0
  name_prefix = "${var.name}-"
  description = "group"
  vpc_id      = var.vpc_id
  tags        = merge({ "Name" = format("%s", var.name) }, {})

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_security_group_rule" "ingress_rules" {
  count             = local.create ? length(var.ingress_rules) : 0
  security_group_id = local.this_id
  type              = "ingress"
  cidr_blocks       = var.ingress_cidr_blocks
  ipv6_cidr_blocks  = var.ingress_ipv6_cidr_blocks
  prefix_list_ids   = var.ingress_prefix_list_ids
  description       = var.rules[var.ingress_rules[count.index]][3]
  from_port         = var.rules[var.ingress_rules[count.index]][0]
  to_port           = var.rules[var.ingress_rules[count.index]][1]
  protocol          = var.rules[var.ingress_rules[count.index]][2]
}

resource "aws_security_group_rule" "ingress_with_self" {
  count             = local.create ? length(var.ingress_with_self) : 0
  security_group_id = local.this_id
  type              = "ingress"
  self              = lookup(var.ingress_with_self[count.index], "self", true)
  from_port         = lookup(var.ingress_with_self[count.index], "from_port", var.rules[lookup(var.ingress_with_self[count.index], "rule", "_")][0])
  to_port           = lookup(var.ingress_with_self[count.index], "to_port", var.rules[lookup(var.ingress_with_self[count.index], "rule", "_")][1])
  protocol          = lookup(var.ingress_with_self[count.index], "protocol", var.rules[lookup(var.ingress_with_self[count.index], "rule", "_")][2])
}

resource "aws_security_group_rule" "ingress_with_cidr_blocks" {
  count             = local.create ? length(var.ingress_with_cidr_blocks) : 0
  security_group_id = local.this_id
  type              = "ingress"
  cidr_blocks = split(
    ",",
    lookup(var.ingress_with_cidr_blocks[count.index], "cidr_blocks", join(",", var.ingress_cidr_blocks)),
  )
  from_port = lookup(var.ingress_with_cidr_blocks[count.index], "from_port", var.rules[lookup(var.ingress_with_cidr_blocks[count.index], "rule", "_")][0])
  to_port   = lookup(var.ingress_with_cidr_blocks[count.index], "to_port", var.rules[lookup(var.ingress_with_cidr_blocks[count.index], "rule", "_")][1])
  protocol  = lookup(var.ingress_with_cidr_blocks[count.index], "protocol", var.rules[lookup(var.ingress_with_cidr_blocks[count.index], "rule", "_")][2])
}

resource "aws_security_group_rule" "computed_ingress_with_source_group" {
  count                    = local.create ? var.number_of_computed_ingress_with_source_group : 0
  security_group_id        = local.this_id
  type                     = "ingress"
  source_security_group_id = var.computed_ingress_with_source_group[count.index]["source_group_id"]
  from_port                = lookup(var.computed_ingress_with_source_group[count.index], "from_port", var.rules[lookup(var.computed_ingress_with_source_group[count.index], "rule", "_")][0])
  to_port                  = lookup(var.computed_ingress_with_source_group[count.index], "to_port", var.rules[lookup(var.computed_ingress_with_source_group[count.index], "rule", "_")][1])
  protocol                 = lookup(var.computed_ingress_with_source_group[count.index], "protocol", var.rules[lookup(var.computed_ingress_with_source_group[count.index], "rule", "_")][2])
}

resource "aws_security_group_rule" "egress_rules" {
  count             = local.create ? length(var.egress_rules) : 0
  security_group_id = local.this_id
  type              = "egress"
  cidr_blocks       = var.egress_cidr_blocks
  from_port         = var.rules[var.egress_rules[count.index]][0]
  to_port           = var.rules[var.egress_rules[count.index]][1]
  protocol          = var.rules[var.egress_rules[count.index]][2]
}

output "id" {
  value = try(aws_security_group.this[0].id, aws_security_group.this_name_prefix[0].id, "")
}
