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

module "network" {
  source = "./network"
  subnets = {
    front = { cidr = "10.0.0.0/24", public = true }
    back  = { cidr = "10.0.1.0/24" }
  }
}

locals {
  hosts = {
    web   = { subnet = "front", port = 443 }
    cache = { subnet = "back", port = 6379 }
  }
}

module "host" {
  for_each  = local.hosts
  source    = "./host"
  name      = each.key
  vpc_id    = module.network.vpc_id
  subnet_id = module.network.subnet_ids[each.value.subnet]
  port      = each.value.port
}

resource "aws_security_group_rule" "cache" {
  type                     = "ingress"
  security_group_id        = module.host["cache"].group_id
  protocol                 = "tcp"
  from_port                = 6380
  to_port                  = 6380
  source_security_group_id = module.host["web"].group_id
}
