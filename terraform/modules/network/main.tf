locals {
  public_route_tables  = toset([for name, gateway in var.route_table_gateways : name if gateway == var.internet_gateway_name])
  private_route_tables = toset([for name, gateway in var.route_table_gateways : name if gateway == var.nat_gateway_name])
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:Flow logs need a log group and a role that the stack does not have.
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.vpc_name }
}

# Every VPC comes with this group, and whatever is started without a group lands
# in it: without rules, that opens nothing. Left out, the rules would be unknown
# until apply; written empty, a plan already shows that there are none.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id

  ingress = []
  egress  = []
}

resource "aws_subnet" "this" {
  #checkov:skip=CKV_AWS_130:The three public subnets assign public addresses by decision; the private ones do not.
  for_each = var.subnets

  vpc_id                  = aws_vpc.this.id
  cidr_block              = each.value.cidr
  availability_zone       = each.value.zone
  map_public_ip_on_launch = var.assign_public_addresses && contains(local.public_route_tables, each.value.route_table)

  tags = { Name = each.key }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id

  tags = { Name = var.internet_gateway_name }
}

resource "aws_eip" "nat" {
  domain = "vpc"

  tags = { Name = var.nat_gateway_name }

  # AWS maps no public address in a VPC without an internet gateway.
  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.this[var.nat_subnet].id

  tags = { Name = var.nat_gateway_name }
}

resource "aws_route_table" "this" {
  for_each = var.route_table_gateways

  vpc_id = aws_vpc.this.id

  tags = { Name = each.key }
}

resource "aws_route" "internet" {
  for_each = local.public_route_tables

  route_table_id         = aws_route_table.this[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route" "nat" {
  for_each = local.private_route_tables

  route_table_id         = aws_route_table.this[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this.id
}

resource "aws_route_table_association" "this" {
  for_each = var.subnets

  subnet_id      = aws_subnet.this[each.key].id
  route_table_id = aws_route_table.this[each.value.route_table].id
}
