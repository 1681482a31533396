# A cluster, a database, a cache, functions and endpoints in one VPC.
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
  subnets = {
    public = { cidr = "10.60.0.0/24", zone = "a" }
    nodes  = { cidr = "10.60.10.0/24", zone = "a" }
    data_a = { cidr = "10.60.20.0/24", zone = "a" }
    data_b = { cidr = "10.60.21.0/24", zone = "b" }
    inner  = { cidr = "10.60.30.0/24", zone = "a" }
  }
  tables = {
    public = { public = aws_internet_gateway.this.id }
    nodes  = { nodes = aws_nat_gateway.this.id }
  }
}

resource "aws_vpc" "this" {
  cidr_block = "10.60.0.0/16"
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "this" {
  for_each          = local.subnets
  vpc_id            = aws_vpc.this.id
  cidr_block        = each.value.cidr
  availability_zone = "eu-west-1${each.value.zone}"
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "this" {
  allocation_id = aws_eip.nat.id
  subnet_id     = aws_subnet.this["public"].id
}

resource "aws_route_table" "this" {
  for_each = local.tables
  vpc_id   = aws_vpc.this.id
}

resource "aws_route" "public" {
  route_table_id         = aws_route_table.this["public"].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = local.tables.public["public"]
}

resource "aws_route" "nodes" {
  route_table_id         = aws_route_table.this["nodes"].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = local.tables.nodes["nodes"]
}

resource "aws_route_table_association" "this" {
  for_each       = local.tables
  subnet_id      = aws_subnet.this[each.key].id
  route_table_id = aws_route_table.this[each.key].id
}

module "cluster" {
  source = "./cluster"

  cluster_name             = "main"
  role_arn                 = "arn:aws:iam::123456789012:role/cluster"
  vpc_id                   = aws_vpc.this.id
  subnet_ids               = [aws_subnet.this["nodes"].id]
  control_plane_subnet_ids = [aws_subnet.this["inner"].id]

  node_groups = { workers = {} }
  self_managed = {
    edge = {
      subnet_ids         = [aws_subnet.this["public"].id]
      network_interfaces = [{ associate_public_ip_address = true }]
    }
  }

  node_security_group_additional_rules = {
    ingress_ssh = {
      protocol    = "tcp"
      from_port   = 22
      to_port     = 22
      type        = "ingress"
      cidr_blocks = ["203.0.113.0/24"]
    }
  }
}

module "database" {
  source = "./aurora"

  name                   = "orders"
  engine                 = "aurora-postgresql"
  vpc_id                 = aws_vpc.this.id
  create_db_subnet_group = true
  subnets                = [for name in ["data_a", "data_b"] : aws_subnet.this[name].id]
  instances              = { one = {}, two = { instance_class = "db.r6g.xlarge" } }

  security_group_rules = {
    nodes = { source_security_group_id = module.cluster.node_security_group_id }
  }
}

resource "aws_elasticache_subnet_group" "cache" {
  name       = "cache"
  subnet_ids = [aws_subnet.this["data_a"].id]
}

resource "aws_security_group" "cache" {
  name   = "cache"
  vpc_id = aws_vpc.this.id

  ingress {
    from_port       = 6379
    to_port         = 6379
    protocol        = "tcp"
    security_groups = [module.cluster.node_security_group_id, aws_security_group.function.id]
  }
}

resource "aws_elasticache_replication_group" "cache" {
  replication_group_id = "cache"
  description          = "cache"
  node_type            = "cache.t4g.micro"
  num_cache_clusters   = 1
  subnet_group_name    = aws_elasticache_subnet_group.cache.name
  security_group_ids   = [aws_security_group.cache.id]
}

resource "aws_security_group" "function" {
  name   = "function"
  vpc_id = aws_vpc.this.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

locals {
  functions = { report = { in_vpc = true }, outside = { in_vpc = false } }
}

resource "aws_lambda_function" "this" {
  for_each      = local.functions
  function_name = each.key
  role          = "arn:aws:iam::123456789012:role/function"
  handler       = "index.handler"
  runtime       = "nodejs20.x"
  s3_bucket     = "code"
  s3_key        = "function.zip"

  dynamic "vpc_config" {
    for_each = each.value.in_vpc ? [true] : []
    content {
      subnet_ids         = [aws_subnet.this["inner"].id]
      security_group_ids = [aws_security_group.function.id]
    }
  }
}

module "endpoints" {
  source = "./endpoints"

  vpc_id     = aws_vpc.this.id
  subnet_ids = [aws_subnet.this["inner"].id]
  endpoints = {
    s3      = { service = "s3", service_type = "Gateway", route_table_ids = [] }
    secrets = { service = "secretsmanager", private_dns_enabled = true }
  }
  security_group_rules = {
    functions = { source_security_group_id = aws_security_group.function.id }
  }
}
