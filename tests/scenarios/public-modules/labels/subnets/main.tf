variable "availability_zones" { type = list(string) }
variable "vpc_id" { type = string }
variable "igw_id" {
  type    = list(string)
  default = []
}
variable "cidr_block" { type = string }
variable "max_nats" { default = 999 }

locals {
  enabled        = module.this.enabled
  vpc_az_count   = local.enabled ? length(var.availability_zones) : 0
  public_enabled = local.enabled
  public_count   = local.public_enabled ? local.vpc_az_count : 0
  private_count  = local.enabled ? local.vpc_az_count : 0
  nat_count      = min(local.public_count, var.max_nats)
  subnet_bits    = ceil(log(local.vpc_az_count * 2, 2))
  public_cidrs   = [for netnumber in range(local.vpc_az_count, local.vpc_az_count * 2) : cidrsubnet(var.cidr_block, local.subnet_bits, netnumber)]
  private_cidrs  = [for netnumber in range(0, local.vpc_az_count) : cidrsubnet(var.cidr_block, local.subnet_bits, netnumber)]
  route_tables   = local.public_enabled ? 1 : 0
}

resource "aws_subnet" "public" {
  count                   = local.public_count
  vpc_id                  = local.vpc_id
  availability_zone       = element(var.availability_zones, count.index)
  cidr_block              = local.public_cidrs[count.index]
  map_public_ip_on_launch = true
  tags                    = merge(module.this.tags, { Name = format("%s%s%s", module.this.id, module.this.delimiter, var.availability_zones[count.index]) })
  lifecycle {
    ignore_changes = [tags.kubernetes, tags.SubnetType]
  }
  timeouts {
    create = "5m"
  }
}

locals {
  vpc_id = var.vpc_id
}

resource "aws_subnet" "private" {
  count             = local.private_count
  vpc_id            = local.vpc_id
  availability_zone = element(var.availability_zones, count.index)
  cidr_block        = local.private_cidrs[count.index]
}

resource "aws_route_table" "public" {
  count  = local.route_tables
  vpc_id = local.vpc_id
}

resource "aws_route" "public" {
  count                  = local.route_tables
  route_table_id         = local.public_route_table_ids[count.index]
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = var.igw_id[0]
}

locals {
  public_route_table_ids = aws_route_table.public[*].id
  nats                   = aws_nat_gateway.default
}

resource "aws_route_table_association" "public" {
  count          = local.public_count
  subnet_id      = element(aws_subnet.public[*].id, count.index)
  route_table_id = element(local.public_route_table_ids, count.index)
}

resource "aws_route_table" "private" {
  count  = local.private_count
  vpc_id = local.vpc_id
}

resource "aws_route_table_association" "private" {
  count          = local.private_count
  subnet_id      = element(aws_subnet.private.*.id, count.index)
  route_table_id = element(aws_route_table.private.*.id, count.index)
}

resource "aws_eip" "default" {
  count  = local.nat_count
  domain = "vpc"
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_nat_gateway" "default" {
  count         = local.nat_count
  allocation_id = local.nat_eip_allocations[count.index]
  subnet_id     = element(aws_subnet.public.*.id, count.index)
  depends_on    = [aws_eip.default]
}

locals {
  nat_eip_allocations = aws_eip.default.*.id
}

resource "aws_route" "nat4" {
  count                  = local.private_count
  route_table_id         = element(aws_route_table.private.*.id, count.index)
  nat_gateway_id         = element(local.nats[*].id, count.index)
  destination_cidr_block = "0.0.0.0/0"
  depends_on             = [aws_route_table.private]
}

resource "aws_network_acl" "public" {
  count      = local.public_enabled ? 1 : 0
  vpc_id     = var.vpc_id
  subnet_ids = aws_subnet.public.*.id
}

resource "aws_network_acl_rule" "public4_ingress" {
  count          = local.public_enabled ? 1 : 0
  network_acl_id = aws_network_acl.public[0].id
  rule_action    = "allow"
  rule_number    = 100
  egress         = false
  cidr_block     = "0.0.0.0/0"
  from_port      = 0
  to_port        = 0
  protocol       = "-1"
}

resource "aws_network_acl_rule" "public4_egress" {
  count          = local.public_enabled ? 1 : 0
  network_acl_id = aws_network_acl.public[0].id
  rule_action    = "allow"
  rule_number    = 100
  egress         = true
  cidr_block     = "0.0.0.0/0"
  from_port      = 0
  to_port        = 0
  protocol       = "-1"
}

output "public_subnet_ids" { value = aws_subnet.public.*.id }
output "private_subnet_ids" { value = aws_subnet.private[*].id }
