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

variable "extra_group" {
  type    = string
  default = null
}

variable "create" {
  type    = bool
  default = true
}

resource "aws_security_group" "made" {
  count  = var.create ? 1 : 0
  name   = "made"
  vpc_id = aws_vpc.this.id
}

resource "aws_security_group" "prefixed" {
  count       = var.create ? 0 : 1
  name_prefix = "made-"
  vpc_id      = aws_vpc.this.id
}

locals {
  group_id = concat(aws_security_group.made.*.id, aws_security_group.prefixed.*.id, [""])[0]
  groups   = compact([local.group_id, var.extra_group])
}

resource "aws_security_group_rule" "in" {
  type              = "ingress"
  security_group_id = local.group_id
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_security_group_rule" "out" {
  type              = "egress"
  security_group_id = try(aws_security_group.made[0].id, aws_security_group.prefixed[0].id)
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_instance" "web" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.public.id
  vpc_security_group_ids = local.groups
  tags                   = { Name = "web" }
}

resource "aws_instance" "inner" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private.id
  vpc_security_group_ids = [local.group_id]
  tags                   = { Name = "inner" }
}
