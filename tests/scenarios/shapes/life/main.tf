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
provider "aws" {
  alias                       = "us"
  region                      = var.other
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
variable "other" {
  default = "us-east-1"
}
variable "secret" {
  default   = "s3cr3t-value"
  sensitive = true
}
variable "none" {
  default = false
}
locals {
  subnets = {
    "a.b"      = 0
    "c\"d"     = 1
    "e[0]"     = 2
    "f/g h"    = 3
    "module.x" = 4
  }
}
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}
resource "aws_subnet" "odd" {
  for_each                = local.subnets
  vpc_id                  = aws_vpc.this.id
  cidr_block              = cidrsubnet(aws_vpc.this.cidr_block, 8, each.value)
  map_public_ip_on_launch = true
}
resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
}
resource "aws_route" "out" {
  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}
resource "aws_route_table_association" "odd" {
  for_each       = aws_subnet.odd
  subnet_id      = each.value.id
  route_table_id = aws_route_table.this.id
}
module "none" {
  source = "./child"
  count  = var.none ? 1 : 0
  vpc_id = aws_vpc.this.id
  port   = 22
}
module "odd" {
  source   = "./child"
  for_each = toset(["x.y", "z[\"1\"]"])
  vpc_id   = aws_vpc.this.id
  port     = each.key == "x.y" ? 443 : 8443
}
module "far" {
  source    = "./far"
  providers = { aws = aws.us }
}
resource "aws_instance" "odd" {
  for_each               = { for k, v in local.subnets : k => aws_subnet.odd[k].id }
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  subnet_id              = each.value
  vpc_security_group_ids = concat([module.odd["x.y"].group_id], module.none[*].group_id)
  user_data              = var.secret
  tags                   = { Name = "odd ${each.key}" }
}
data "aws_vpc" "later" {
  id = aws_vpc.this.id
}
resource "aws_security_group" "late" {
  name   = "late"
  vpc_id = data.aws_vpc.later.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [data.aws_vpc.later.cidr_block]
  }
}
resource "aws_instance" "late" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.odd["a.b"].id
  vpc_security_group_ids = [aws_security_group.late.id]
  tags                   = { Name = "late" }
}
check "there" {
  data "aws_vpc" "again" {
    id = aws_vpc.this.id
  }
  assert {
    condition     = data.aws_vpc.again.cidr_block == "10.0.0.0/16"
    error_message = "Another network."
  }
}
