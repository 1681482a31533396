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

module "web" {
  source    = "./service"
  name      = "web"
  vpc_id    = module.network.vpc_id
  subnet_id = module.network.subnet_ids["front"]
  port      = 443
  callers   = []
}

module "db" {
  source    = "./service"
  name      = "db"
  vpc_id    = module.network.vpc_id
  subnet_id = module.network.subnet_ids["back"]
  port      = 5432
  callers   = [module.web.group_id]
}
