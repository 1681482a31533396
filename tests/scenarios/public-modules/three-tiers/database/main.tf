variable "identifier" {}
variable "engine" {}
variable "create_instance" { default = true }
variable "create_subnet_group" { default = false }
variable "subnet_group_name" { default = null }
variable "subnet_ids" {
  type    = list(string)
  default = []
}
variable "vpc_security_group_ids" {
  type    = list(string)
  default = []
}
variable "multi_az" { default = false }
variable "zone" { default = null }

locals {
  subnet_group_name = var.create_subnet_group ? module.subnets.id : var.subnet_group_name
}

module "subnets" {
  source     = "./subnets"
  create     = var.create_subnet_group
  name       = coalesce(var.subnet_group_name, var.identifier)
  subnet_ids = var.subnet_ids
}

module "server" {
  source = "./server"
  create = var.create_instance

  identifier             = var.identifier
  engine                 = var.engine
  subnet_group_name      = local.subnet_group_name
  vpc_security_group_ids = var.vpc_security_group_ids
  multi_az               = var.multi_az
  zone                   = var.zone
}
