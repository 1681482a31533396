variable "create" { default = true }
variable "name" { default = "" }
variable "use_name_prefix" { default = true }
variable "subnet_ids" {
  type    = list(string)
  default = []
}

locals {
  name        = var.use_name_prefix ? null : var.name
  name_prefix = var.use_name_prefix ? "${var.name}-" : null
}

resource "aws_db_subnet_group" "this" {
  count       = var.create ? 1 : 0
  name        = local.name
  name_prefix = local.name_prefix
  subnet_ids  = var.subnet_ids
}

output "id" {
  value = try(aws_db_subnet_group.this[0].id, null)
}
