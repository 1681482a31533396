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

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "public" {
  vpc_id                  = aws_vpc.this.id
  cidr_block              = "10.0.0.0/24"
  availability_zone       = "eu-west-1a"
  map_public_ip_on_launch = true
}

resource "aws_subnet" "private" {
  vpc_id            = aws_vpc.this.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

locals {
  tiers = {
    web = { port = 443, from = null }
    app = { port = 8080, from = "web" }
    db  = { port = 5432, from = "app" }
  }
}

resource "aws_security_group" "tier" {
  for_each = local.tiers
  name     = each.key
  vpc_id   = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "tier" {
  for_each                     = local.tiers
  security_group_id            = aws_security_group.tier[each.key].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  cidr_ipv4                    = each.value.from == null ? "0.0.0.0/0" : null
  referenced_security_group_id = each.value.from == null ? null : aws_security_group.tier[each.value.from].id
}

resource "aws_vpc_security_group_egress_rule" "tier" {
  for_each          = aws_security_group.tier
  security_group_id = each.value.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_instance" "tier" {
  for_each               = local.tiers
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = each.key == "web" ? aws_subnet.public.id : aws_subnet.private.id
  vpc_security_group_ids = [aws_security_group.tier[each.key].id]
  tags                   = { Name = each.key }
}
