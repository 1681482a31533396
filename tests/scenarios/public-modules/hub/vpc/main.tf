terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "name" {}
variable "cidr" {}
data "aws_availability_zones" "this" {
  state = "available"
}
locals {
  vpc_id = try(aws_vpc_ipv4_cidr_block_association.this[0].vpc_id, aws_vpc.this[0].id, "")
  zones  = slice(data.aws_availability_zones.this.names, 0, 2)
}
resource "aws_vpc" "this" {
  count      = 1
  cidr_block = var.cidr
}
resource "aws_vpc_ipv4_cidr_block_association" "this" {
  count      = 0
  vpc_id     = aws_vpc.this[0].id
  cidr_block = "100.64.0.0/16"
}
resource "aws_subnet" "this" {
  for_each          = { for i, z in local.zones : z => cidrsubnet(var.cidr, 8, i) }
  vpc_id            = local.vpc_id
  cidr_block        = each.value
  availability_zone = each.key
}
resource "aws_route_table" "this" {
  vpc_id = local.vpc_id
}
resource "aws_route_table_association" "this" {
  for_each       = aws_subnet.this
  subnet_id      = each.value.id
  route_table_id = aws_route_table.this.id
}
resource "aws_security_group" "this" {
  name   = var.name
  vpc_id = local.vpc_id
  dynamic "ingress" {
    for_each = { for p in [22, 443] : tostring(p) => p }
    iterator = port
    content {
      from_port   = port.value
      to_port     = port.value
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_instance" "this" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.this[local.zones[0]].id
  vpc_security_group_ids = aws_security_group.this.*.id
  tags                   = { Name = var.name }
}
output "vpc_id" { value = local.vpc_id }
output "subnet_ids" { value = [for k in sort(keys(aws_subnet.this)) : aws_subnet.this[k].id] }
output "route_table_id" { value = aws_route_table.this.id }
output "group_id" { value = aws_security_group.this.id }
