# Networks in two Regions around a hub, with endpoints and a peering.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = var.region
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
provider "aws" {
  alias                       = "west"
  region                      = local.west
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
variable "region" { default = "eu-west-1" }
locals { west = "us-west-2" }

module "shop" {
  source = "./vpc"
  name   = "shop"
  cidr   = "10.1.0.0/16"
}
module "stock" {
  source = "./vpc"
  name   = "stock"
  cidr   = "10.2.0.0/16"
}
module "remote" {
  source    = "./vpc"
  providers = { aws = aws.west }
  name      = "remote"
  cidr      = "10.3.0.0/16"
}
module "hub" {
  source = "./hub"
  name   = "hub"
  vpc_attachments = {
    shop = {
      vpc_id     = module.shop.vpc_id
      subnet_ids = module.shop.subnet_ids
      tgw_routes = [{ destination_cidr_block = "10.1.0.0/16" }]
    }
    stock = {
      vpc_id     = module.stock.vpc_id
      subnet_ids = module.stock.subnet_ids
      tgw_routes = [{ destination_cidr_block = "10.2.0.0/16" }, { destination_cidr_block = "10.9.0.0/16", blackhole = true }]
    }
  }
}
resource "aws_route" "hub" {
  for_each               = { for pair in setproduct(["shop", "stock"], ["10.1.0.0/16", "10.2.0.0/16"]) : "${pair[0]}-${pair[1]}" => pair if pair[1] != local.nets[pair[0]].cidr }
  route_table_id         = local.nets[each.value[0]].table
  destination_cidr_block = each.value[1]
  transit_gateway_id     = module.hub.id
  depends_on             = [module.hub]
}
locals {
  nets = {
    shop  = { cidr = "10.1.0.0/16", table = module.shop.route_table_id }
    stock = { cidr = "10.2.0.0/16", table = module.stock.route_table_id }
  }
}
resource "aws_vpc_peering_connection" "this" {
  vpc_id      = module.shop.vpc_id
  peer_vpc_id = module.remote.vpc_id
  peer_region = local.west
}
resource "aws_vpc_peering_connection_accepter" "this" {
  provider                  = aws.west
  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
  auto_accept               = true
}
resource "aws_route" "there" {
  route_table_id            = module.shop.route_table_id
  destination_cidr_block    = "10.3.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection.this.id
}
resource "aws_route" "back" {
  provider                  = aws.west
  route_table_id            = module.remote.route_table_id
  destination_cidr_block    = "10.1.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this.id
}
module "endpoints" {
  source             = "./endpoints"
  vpc_id             = module.shop.vpc_id
  subnet_ids         = module.shop.subnet_ids
  security_group_ids = [module.shop.group_id]
  endpoints = {
    s3  = { service = "s3", service_type = "Gateway", route_table_ids = flatten([[module.shop.route_table_id], []]) }
    ecr = { service = "ecr.api", private_dns_enabled = true }
  }
}
