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

module "security" {
  source = "./security"
  vpc_id = module.network.vpc_id
  groups = {
    web = [{ port = 443, cidr = "0.0.0.0/0" }]
    db  = [{ port = 5432, group = "web" }]
  }
}

resource "aws_instance" "web" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = module.network.subnet_ids["front"]
  vpc_security_group_ids = [module.security.ids["web"]]
  tags                   = { Name = "web" }
}

resource "aws_instance" "db" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = module.network.subnet_ids["back"]
  vpc_security_group_ids = [module.security.ids["db"]]
  tags                   = { Name = "db" }
}
