# Shaped like a stack of the community's modules: a VPC, groups with tables of rules, a database
# in nested modules, hosts.
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

locals {
  name = "shop"
  azs  = [for letter in ["a", "b", "c"] : "eu-west-1${letter}"]
  cidr = "10.20.0.0/16"
}

module "network" {
  source = "./network"

  name             = local.name
  cidr             = local.cidr
  azs              = local.azs
  public_subnets   = [for k, v in local.azs : cidrsubnet(local.cidr, 8, k)]
  private_subnets  = [for k, v in local.azs : cidrsubnet(local.cidr, 8, k + 10)]
  database_subnets = [for k, v in local.azs : cidrsubnet(local.cidr, 8, k + 20)]
  intra_subnets    = [cidrsubnet(local.cidr, 8, 30)]

  enable_nat_gateway     = true
  one_nat_gateway_per_az = true

  public_dedicated_network_acl = true
  public_inbound_acl_rules = [
    { rule_number = 90, rule_action = "deny", from_port = 23, to_port = 23, protocol = "tcp", cidr_block = "0.0.0.0/0" },
    { rule_number = 100, rule_action = "allow", from_port = 0, to_port = 0, protocol = "-1", cidr_block = "0.0.0.0/0" },
  ]
}

module "group_web" {
  source = "./group"

  name                = "web"
  vpc_id              = module.network.vpc_id
  ingress_cidr_blocks = ["0.0.0.0/0"]
  ingress_rules       = ["https", "telnet"]
  egress_rules        = ["all"]
}

module "group_app" {
  source = "./group"

  name   = "app"
  vpc_id = module.network.vpc_id
  computed_ingress_with_source_group = [
    { rule = "http-8080", source_group_id = module.group_web.id },
  ]
  number_of_computed_ingress_with_source_group = 1
  ingress_with_self                            = [{ rule = "all" }]
  egress_rules                                 = ["all"]
}

module "group_database" {
  source = "./group"

  name   = "database"
  vpc_id = module.network.vpc_id
  ingress_with_cidr_blocks = [
    { from_port = 5432, to_port = 5432, protocol = "tcp", cidr_blocks = "10.20.10.0/24,10.20.11.0/24" },
  ]
}

module "database" {
  source = "./database"

  identifier             = local.name
  engine                 = "postgres"
  subnet_ids             = module.network.database_subnets
  create_subnet_group    = true
  vpc_security_group_ids = [module.group_database.id]
  multi_az               = false
  zone                   = local.azs[1]
}

module "host" {
  source   = "./host"
  for_each = local.hosts

  name           = each.key
  subnet_id      = each.value.subnet_id
  group_ids      = each.value.group_ids
  elastic        = try(each.value.elastic, false)
  instance_type  = try(each.value.instance_type, null)
  block_devices  = try(each.value.block_devices, [])
  ignore_changes = try(each.value.ignore_changes, false)
}

locals {
  hosts = {
    web = {
      subnet_id = element(module.network.public_subnets, 0)
      group_ids = [module.group_web.id]
      elastic   = true
    }
    app0 = {
      subnet_id = element(module.network.private_subnets, 0)
      group_ids = [module.group_app.id]
    }
    app2 = {
      subnet_id      = element(module.network.private_subnets, 2)
      group_ids      = [module.group_app.id]
      ignore_changes = true
    }
    batch = {
      subnet_id     = module.network.intra_subnets[0]
      group_ids     = [module.network.default_group_id]
      block_devices = [{ encrypted = true, volume_size = 50 }]
    }
  }
}
