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
  tiers = yamldecode(file("${path.module}/data/subnets.yaml"))
  rules = jsondecode(file("${path.module}/data/rules.json"))
  nets  = { for k, v in local.tiers : k => merge(v, { cidr = cidrsubnet(aws_vpc.this.cidr_block, 8, v.net) }) }
  ids   = { for k, s in aws_subnet.this : k => s.id }
  all   = distinct(flatten([for k, v in local.tiers : [for p in v.ports : { tier = k, port = p }]]))
  open  = { for r in local.all : "${r.tier}-${r.port}" => r }
}
resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "this" {
  vpc_id = one(aws_vpc.this[*].id)
}
resource "aws_subnet" "this" {
  for_each                = local.nets
  vpc_id                  = aws_vpc.this.id
  cidr_block              = each.value.cidr
  map_public_ip_on_launch = lookup(each.value, "public", false)
}
resource "aws_route_table" "this" {
  for_each = toset(keys(local.tiers))
  vpc_id   = aws_vpc.this.id
  dynamic "route" {
    for_each = local.tiers[each.key].public ? [coalesce(null, aws_internet_gateway.this.id)] : []
    content {
      cidr_block = "0.0.0.0/0"
      gateway_id = route.value
    }
  }
}
resource "aws_route_table_association" "this" {
  for_each       = local.ids
  subnet_id      = each.value
  route_table_id = try(aws_route_table.this[each.key].id, element(values(aws_route_table.this)[*].id, 0))
}
resource "aws_security_group" "this" {
  for_each = local.tiers
  name     = each.key
  vpc_id   = aws_vpc.this.id
}
resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each          = local.open
  security_group_id = lookup({ for k, g in aws_security_group.this : k => g.id }, each.value.tier)
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = element(concat(local.rules[each.value.tier].cidrs, []), 0)
}
resource "aws_vpc_security_group_egress_rule" "this" {
  for_each          = aws_security_group.this
  security_group_id = each.value.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}
resource "aws_instance" "this" {
  for_each               = merge([for k, v in local.tiers : { (k) = k }]...)
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  subnet_id              = local.ids[each.value]
  vpc_security_group_ids = compact(flatten([[try(aws_security_group.this[each.key].id, null)], try(var.none.x, "")]))
  tags                   = { Name = each.key }
}
variable "none" {
  default = {}
}
resource "aws_s3_bucket" "this" {
  bucket_prefix = "x-"
}
resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = templatefile("${path.module}/data/policy.tftpl", { bucket_arn = aws_s3_bucket.this.arn })
}
resource "aws_lambda_function" "this" {
  function_name = "fn"
  role          = "arn:aws:iam::123456789012:role/x"
  handler       = "x.y"
  runtime       = "python3.12"
  s3_bucket     = "code"
  s3_key        = "x.zip"
  vpc_config {
    subnet_ids         = [local.ids["web"]]
    security_group_ids = [aws_security_group.this["web"].id]
  }
}
resource "aws_spot_instance_request" "this" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.micro"
  subnet_id                   = local.ids["web"]
  vpc_security_group_ids      = [aws_security_group.this["web"].id]
  associate_public_ip_address = true
  tags                        = { Name = "spot" }
}
resource "aws_egress_only_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}
resource "aws_iam_role" "fleet" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "spotfleet.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
resource "aws_spot_fleet_request" "this" {
  iam_fleet_role  = aws_iam_role.fleet.arn
  target_capacity = 2
  launch_specification {
    ami                    = "ami-0123456789abcdef0"
    instance_type          = "t3.micro"
    subnet_id              = local.ids["web"]
    vpc_security_group_ids = [aws_security_group.this["web"].id]
    tags                   = { Name = "fleet" }
  }
}
