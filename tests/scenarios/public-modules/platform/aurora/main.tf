# A database cluster with instances by key, its group with rules by key, and a subnet group.
variable "create" { default = true }
variable "name" { type = string }
variable "engine" { type = string }
variable "vpc_id" { type = string }
variable "create_db_subnet_group" { default = false }
variable "db_subnet_group_name" { default = "" }
variable "subnets" {
  type    = list(string)
  default = []
}
variable "instances" {
  type    = any
  default = {}
}
variable "security_group_rules" {
  type    = any
  default = {}
}
variable "is_serverless" { default = false }

locals {
  create                        = var.create
  port                          = var.engine == "aurora-postgresql" ? 5432 : 3306
  internal_db_subnet_group_name = try(coalesce(var.db_subnet_group_name, var.name), "")
  db_subnet_group_name          = var.create_db_subnet_group ? try(aws_db_subnet_group.this[0].name, null) : local.internal_db_subnet_group_name
}

resource "aws_db_subnet_group" "this" {
  count      = local.create && var.create_db_subnet_group ? 1 : 0
  name       = local.internal_db_subnet_group_name
  subnet_ids = var.subnets
}

resource "aws_rds_cluster" "this" {
  count                       = local.create ? 1 : 0
  cluster_identifier          = var.name
  engine                      = var.engine
  engine_mode                 = "provisioned"
  master_username             = "root"
  manage_master_user_password = true
  storage_encrypted           = true
  skip_final_snapshot         = true
  port                        = local.port
  db_subnet_group_name        = local.db_subnet_group_name
  vpc_security_group_ids      = compact(concat([try(aws_security_group.this[0].id, "")], []))
}

resource "aws_rds_cluster_instance" "this" {
  for_each = { for k, v in var.instances : k => v if local.create && !var.is_serverless }

  identifier           = try(each.value.identifier, "${var.name}-${each.key}")
  cluster_identifier   = aws_rds_cluster.this[0].id
  engine               = var.engine
  instance_class       = try(each.value.instance_class, "db.r6g.large")
  db_subnet_group_name = local.db_subnet_group_name
  publicly_accessible  = try(each.value.publicly_accessible, false)
}

resource "aws_security_group" "this" {
  count       = local.create ? 1 : 0
  name_prefix = "${var.name}-"
  vpc_id      = var.vpc_id
}

resource "aws_security_group_rule" "this" {
  for_each = { for k, v in var.security_group_rules : k => v if local.create }

  type                     = try(each.value.type, "ingress")
  from_port                = try(each.value.from_port, local.port)
  to_port                  = try(each.value.to_port, local.port)
  protocol                 = try(each.value.protocol, "tcp")
  security_group_id        = aws_security_group.this[0].id
  cidr_blocks              = try(each.value.cidr_blocks, null)
  source_security_group_id = try(each.value.source_security_group_id, null)
}
