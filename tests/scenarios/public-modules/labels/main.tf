# Modules that know their name and whether they are enabled from a label module, and keep one
# resource for each kind of lifecycle.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

data "aws_availability_zones" "available" {
  state = "available"
}

module "label" {
  source     = "./label"
  namespace  = "eg"
  stage      = "test"
  name       = "shop"
  attributes = ["net"]
}

resource "aws_vpc" "default" {
  count      = module.label.enabled ? 1 : 0
  cidr_block = "172.16.0.0/16"
  tags       = module.label.tags
}

resource "aws_internet_gateway" "default" {
  count  = module.label.enabled ? 1 : 0
  vpc_id = aws_vpc.default[0].id
}

resource "aws_default_security_group" "default" {
  count  = module.label.enabled ? 1 : 0
  vpc_id = aws_vpc.default[0].id
}

module "subnets" {
  source             = "./subnets"
  context            = module.label.context
  availability_zones = slice(data.aws_availability_zones.available.names, 0, 2)
  vpc_id             = one(aws_vpc.default[*].id)
  igw_id             = [one(aws_internet_gateway.default[*].id)]
  cidr_block         = join("", aws_vpc.default.*.cidr_block)
}

module "web_group" {
  source     = "./group"
  context    = module.label.context
  attributes = ["web"]
  vpc_id     = one(aws_vpc.default[*].id)
  rules = [
    { key = "https", type = "ingress", from_port = 443, to_port = 443, protocol = "tcp", cidr_blocks = ["0.0.0.0/0"], self = null },
  ]
}

module "app_group" {
  source                = "./group"
  context               = module.label.context
  attributes            = ["app"]
  vpc_id                = one(aws_vpc.default[*].id)
  create_before_destroy = false
  rule_matrix = [{
    key                       = "in"
    source_security_group_ids = [module.web_group.id, module.bastion_group.id]
    self                      = true
    rules = [
      { key = "app", type = "ingress", from_port = 8080, to_port = 8080, protocol = "tcp" },
    ]
  }]
  rules_map = {
    ssh = [{
      type                     = "ingress"
      from_port                = 22
      to_port                  = 22
      protocol                 = "tcp"
      source_security_group_id = module.bastion_group.id
    }]
  }
}

module "bastion_group" {
  source               = "./group"
  context              = module.label.context
  attributes           = ["bastion"]
  vpc_id               = one(aws_vpc.default[*].id)
  inline_rules_enabled = true
  rules = [
    { key = "ssh", type = "ingress", from_port = 22, to_port = 22, protocol = "tcp", cidr_blocks = ["203.0.113.0/24"] },
  ]
}

module "store_group" {
  source               = "./group"
  context              = module.label.context
  attributes           = ["store"]
  vpc_id               = one(aws_vpc.default[*].id)
  inline_rules_enabled = true
  rule_matrix = [{
    source_security_group_ids = [module.app_group.id]
    rules                     = [{ type = "ingress", from_port = 5432, to_port = 5432, protocol = "tcp" }]
  }]
}

module "nothing" {
  source  = "./group"
  context = module.label.context
  enabled = false
  vpc_id  = one(aws_vpc.default[*].id)
  rules   = [{ type = "ingress", from_port = 0, to_port = 0, protocol = "-1", cidr_blocks = ["0.0.0.0/0"] }]
}

module "web" {
  source    = "./host"
  context   = module.label.context
  name      = "web"
  subnet    = module.subnets.public_subnet_ids[0]
  vpc_id    = one(aws_vpc.default[*].id)
  groups    = [module.web_group.id, module.nothing.id]
  public_ip = true
}

module "bastion" {
  source    = "./host"
  context   = module.label.context
  name      = "bastion"
  subnet    = element(module.subnets.public_subnet_ids, 1)
  vpc_id    = one(aws_vpc.default[*].id)
  groups    = compact(concat([module.bastion_group.id], [module.nothing.id]))
  public_ip = true
}

module "app" {
  source  = "./host"
  context = module.label.context
  name    = "app"
  subnet  = module.subnets.private_subnet_ids[1]
  vpc_id  = one(aws_vpc.default[*].id)
  groups  = [module.app_group.id]
}

module "store" {
  source  = "./host"
  context = module.label.context
  name    = "store"
  subnet  = module.subnets.private_subnet_ids[0]
  vpc_id  = one(aws_vpc.default[*].id)
  groups  = [module.store_group.id]
}
