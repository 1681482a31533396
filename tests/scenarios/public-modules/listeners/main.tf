# A balancer whose listeners and target groups are maps, and services behind it.
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

data "aws_partition" "current" {}
data "aws_region" "current" {}

resource "aws_vpc" "this" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}
resource "aws_subnet" "public" {
  for_each          = { a = 0, b = 1 }
  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 8, each.value)
  availability_zone = "${data.aws_region.current.name}${each.key}"
}
resource "aws_subnet" "private" {
  for_each          = { a = 10, b = 11 }
  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 8, each.value)
  availability_zone = "${data.aws_region.current.name}${each.key}"
}
resource "aws_default_route_table" "this" {
  default_route_table_id = aws_vpc.this.default_route_table_id
}
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.this.id
  }
}
resource "aws_route_table_association" "public" {
  for_each       = aws_subnet.public
  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

module "balancer" {
  source  = "./balancer"
  name    = "front"
  vpc_id  = aws_vpc.this.id
  subnets = values(aws_subnet.public)[*].id
  ingress_rules = {
    http  = { from_port = 80, to_port = 80, cidr_ipv4 = "0.0.0.0/0" }
    https = { from_port = 443, ip_protocol = "tcp", cidr_ipv4 = "0.0.0.0/0" }
  }
  egress_rules = { all = { ip_protocol = "-1", cidr_ipv4 = aws_vpc.this.cidr_block } }
  listeners = {
    http = { port = 80, protocol = "HTTP", redirect = { port = "443", protocol = "HTTPS", status_code = "HTTP_301" } }
    https = {
      port    = 443, protocol = "HTTP"
      forward = { target_group_key = "hosts" }
      rules = {
        api = { priority = 10, actions = [{ type = "forward", target_group_key = "tasks" }], conditions = [{ path_pattern = { values = ["/api/*"] } }] }
        two = { priority = 20, actions = [{ type = "weighted-forward", target_groups = [{ target_group_key = "tasks", weight = 1 }, { target_group_key = "spare", weight = 0 }] }], conditions = [{ path_pattern = { values = ["/two/*"] } }] }
      }
    }
  }
  target_groups = {
    hosts = { port = 8080, target_type = "instance", target_id = aws_instance.app.id }
    tasks = { port = 9090, target_type = "ip", create_attachment = false }
    spare = { port = 22, target_type = "instance", target_id = aws_instance.spare.id }
  }
  additional_target_group_attachments = {
    second = { target_group_key = "hosts", target_id = aws_instance.second.id, port = 8081 }
  }
}

module "group" {
  source   = "./group"
  for_each = toset(["app", "spare"])
  name     = each.key
  vpc_id   = aws_vpc.this.id
  ingress  = [{ from_port = 8080, to_port = 8081, source_security_group_id = module.balancer.security_group_id }]
}

resource "aws_instance" "app" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private["a"].id
  vpc_security_group_ids = [module.group["app"].security_group_id]
  tags                   = { Name = "app" }
}
resource "aws_instance" "second" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private["b"].id
  vpc_security_group_ids = [for k, g in module.group : g.security_group_id if k == "app"]
  tags                   = { Name = "second" }
}
resource "aws_instance" "spare" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private["b"].id
  vpc_security_group_ids = concat([module.group["spare"].security_group_id], [])
  tags                   = { Name = "spare" }
}

module "service" {
  source     = "./service"
  name       = "api"
  subnet_ids = [for s in aws_subnet.private : s.id]
  load_balancer = {
    service = { target_group_arn = module.balancer.target_groups["tasks"].arn, container_name = "api", container_port = 9090 }
  }
  security_group_rules = {
    alb_ingress = { type = "ingress", from_port = 9090, to_port = 9090, protocol = "tcp", source_security_group_id = module.balancer.security_group_id }
    egress_all  = { type = "egress", from_port = 0, to_port = 0, protocol = "-1", cidr_blocks = ["0.0.0.0/0"] }
  }
}
output "dns" { value = module.balancer.dns_name }
