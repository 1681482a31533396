variable "create" {
  type    = bool
  default = true
}
variable "name" { default = "" }
variable "cidr" { default = "10.0.0.0/16" }
variable "azs" {
  type    = list(string)
  default = []
}
variable "secondary_cidr_blocks" {
  type    = list(string)
  default = []
}
variable "public_subnets" {
  type    = list(string)
  default = []
}
variable "private_subnets" {
  type    = list(string)
  default = []
}
variable "database_subnets" {
  type    = list(string)
  default = []
}
variable "intra_subnets" {
  type    = list(string)
  default = []
}
variable "public_subnet_names" {
  type    = list(string)
  default = []
}
variable "public_subnet_tags_per_az" {
  type    = map(map(string))
  default = {}
}
variable "enable_nat_gateway" { default = false }
variable "single_nat_gateway" { default = false }
variable "one_nat_gateway_per_az" { default = false }
variable "reuse_nat_ips" { default = false }
variable "external_nat_ip_ids" {
  type    = list(string)
  default = []
}
variable "create_multiple_public_route_tables" { default = false }
variable "public_dedicated_network_acl" { default = false }
variable "public_inbound_acl_rules" {
  type    = list(map(string))
  default = [{ rule_number = 100, rule_action = "allow", from_port = 0, to_port = 0, protocol = "-1", cidr_block = "0.0.0.0/0" }]
}
variable "public_outbound_acl_rules" {
  type    = list(map(string))
  default = [{ rule_number = 100, rule_action = "allow", from_port = 0, to_port = 0, protocol = "-1", cidr_block = "0.0.0.0/0" }]
}
variable "manage_defaults" { default = true }
variable "default_group_ingress" {
  type    = list(map(string))
  default = []
}
variable "default_acl_ingress" {
  type = list(map(string))
  default = [
    { rule_no = 100, action = "allow", from_port = 0, to_port = 0, protocol = "-1", cidr_block = "0.0.0.0/0" },
    { rule_no = 101, action = "allow", from_port = 0, to_port = 0, protocol = "-1", ipv6_cidr_block = "::/0" },
  ]
}
variable "default_route_table_routes" {
  type    = list(map(string))
  default = []
}

locals {
  len_public   = length(var.public_subnets)
  len_private  = length(var.private_subnets)
  len_database = length(var.database_subnets)
  longest      = max(local.len_public, local.len_private, local.len_database)
  create       = var.create && length(var.azs) > 0
  gateways     = var.single_nat_gateway ? 1 : var.one_nat_gateway_per_az ? length(var.azs) : local.longest
  gateway_ips  = var.reuse_nat_ips ? var.external_nat_ip_ids : try(aws_eip.nat[*].id, [])

  # The association first, so that subnets in a secondary block come after it.
  vpc_id = try(aws_vpc_ipv4_cidr_block_association.this[0].vpc_id, aws_vpc.this[0].id, "")
}

resource "aws_vpc" "this" {
  count                = local.create ? 1 : 0
  cidr_block           = var.cidr
  enable_dns_hostnames = true
  tags                 = merge({ "Name" = var.name }, {})
}

resource "aws_vpc_ipv4_cidr_block_association" "this" {
  count      = local.create && length(var.secondary_cidr_blocks) > 0 ? length(var.secondary_cidr_blocks) : 0
  vpc_id     = aws_vpc.this[0].id
  cidr_block = element(var.secondary_cidr_blocks, count.index)
}

resource "aws_internet_gateway" "this" {
  count  = local.create && local.len_public > 0 ? 1 : 0
  vpc_id = local.vpc_id
}

# --- public -------------------------------------------------------------------------------------

resource "aws_subnet" "public" {
  count = local.create && (!var.one_nat_gateway_per_az || local.len_public >= length(var.azs)) ? local.len_public : 0

  vpc_id                  = local.vpc_id
  availability_zone       = length(regexall("^[a-z]{2}-", element(var.azs, count.index))) > 0 ? element(var.azs, count.index) : null
  availability_zone_id    = length(regexall("^[a-z]{2}-", element(var.azs, count.index))) == 0 ? element(var.azs, count.index) : null
  cidr_block              = element(concat(var.public_subnets, [""]), count.index)
  map_public_ip_on_launch = false

  tags = merge(
    { Name = try(var.public_subnet_names[count.index], format("${var.name}-public-%s", element(var.azs, count.index))) },
    lookup(var.public_subnet_tags_per_az, element(var.azs, count.index), {}),
  )
}

locals {
  public_tables = var.create_multiple_public_route_tables ? local.len_public : 1
}

resource "aws_route_table" "public" {
  count  = local.create && local.len_public > 0 ? local.public_tables : 0
  vpc_id = local.vpc_id
}

resource "aws_route_table_association" "public" {
  count          = local.create ? local.len_public : 0
  subnet_id      = element(aws_subnet.public[*].id, count.index)
  route_table_id = element(aws_route_table.public[*].id, var.create_multiple_public_route_tables ? count.index : 0)
}

resource "aws_route" "public" {
  count                  = local.create && local.len_public > 0 ? local.public_tables : 0
  route_table_id         = aws_route_table.public[count.index].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id

  timeouts {
    create = "5m"
  }
}

resource "aws_network_acl" "public" {
  count      = local.create && var.public_dedicated_network_acl && local.len_public > 0 ? 1 : 0
  vpc_id     = local.vpc_id
  subnet_ids = aws_subnet.public[*].id
}

resource "aws_network_acl_rule" "public_inbound" {
  count          = local.create && var.public_dedicated_network_acl ? length(var.public_inbound_acl_rules) : 0
  network_acl_id = aws_network_acl.public[0].id

  egress          = false
  rule_number     = var.public_inbound_acl_rules[count.index]["rule_number"]
  rule_action     = var.public_inbound_acl_rules[count.index]["rule_action"]
  from_port       = lookup(var.public_inbound_acl_rules[count.index], "from_port", null)
  to_port         = lookup(var.public_inbound_acl_rules[count.index], "to_port", null)
  icmp_code       = lookup(var.public_inbound_acl_rules[count.index], "icmp_code", null)
  icmp_type       = lookup(var.public_inbound_acl_rules[count.index], "icmp_type", null)
  protocol        = var.public_inbound_acl_rules[count.index]["protocol"]
  cidr_block      = lookup(var.public_inbound_acl_rules[count.index], "cidr_block", null)
  ipv6_cidr_block = lookup(var.public_inbound_acl_rules[count.index], "ipv6_cidr_block", null)
}

resource "aws_network_acl_rule" "public_outbound" {
  count          = local.create && var.public_dedicated_network_acl ? length(var.public_outbound_acl_rules) : 0
  network_acl_id = aws_network_acl.public[0].id

  egress      = true
  rule_number = var.public_outbound_acl_rules[count.index]["rule_number"]
  rule_action = var.public_outbound_acl_rules[count.index]["rule_action"]
  from_port   = lookup(var.public_outbound_acl_rules[count.index], "from_port", null)
  to_port     = lookup(var.public_outbound_acl_rules[count.index], "to_port", null)
  protocol    = var.public_outbound_acl_rules[count.index]["protocol"]
  cidr_block  = lookup(var.public_outbound_acl_rules[count.index], "cidr_block", null)
}

# --- private, database, intra -------------------------------------------------------------------

resource "aws_subnet" "private" {
  count             = local.create ? local.len_private : 0
  vpc_id            = local.vpc_id
  availability_zone = element(var.azs, count.index)
  cidr_block        = element(concat(var.private_subnets, [""]), count.index)
}

resource "aws_route_table" "private" {
  count  = local.create && local.longest > 0 ? local.gateways : 0
  vpc_id = local.vpc_id
}

resource "aws_route_table_association" "private" {
  count          = local.create ? local.len_private : 0
  subnet_id      = element(aws_subnet.private[*].id, count.index)
  route_table_id = element(aws_route_table.private[*].id, var.single_nat_gateway ? 0 : count.index)
}

resource "aws_subnet" "database" {
  count             = local.create ? local.len_database : 0
  vpc_id            = local.vpc_id
  availability_zone = element(var.azs, count.index)
  cidr_block        = element(concat(var.database_subnets, [""]), count.index)
}

resource "aws_route_table" "database" {
  count  = local.create && local.len_database > 0 ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_route_table_association" "database" {
  count     = local.create ? local.len_database : 0
  subnet_id = element(aws_subnet.database[*].id, count.index)
  route_table_id = element(
    coalescelist(aws_route_table.database[*].id, aws_route_table.private[*].id),
    length(aws_route_table.database) > 0 ? 0 : var.single_nat_gateway ? 0 : count.index,
  )
}

resource "aws_subnet" "intra" {
  count             = local.create ? length(var.intra_subnets) : 0
  vpc_id            = local.vpc_id
  availability_zone = element(var.azs, count.index)
  cidr_block        = var.intra_subnets[count.index]
}

resource "aws_route_table" "intra" {
  count  = local.create && length(var.intra_subnets) > 0 ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_route_table_association" "intra" {
  count          = local.create ? length(var.intra_subnets) : 0
  subnet_id      = element(aws_subnet.intra[*].id, count.index)
  route_table_id = element(aws_route_table.intra[*].id, 0)
}

# --- NAT ----------------------------------------------------------------------------------------

resource "aws_eip" "nat" {
  count  = local.create && var.enable_nat_gateway && !var.reuse_nat_ips ? local.gateways : 0
  domain = "vpc"
}

resource "aws_nat_gateway" "this" {
  count         = local.create && var.enable_nat_gateway ? local.gateways : 0
  allocation_id = element(local.gateway_ips, var.single_nat_gateway ? 0 : count.index)
  subnet_id     = element(aws_subnet.public[*].id, var.single_nat_gateway ? 0 : count.index)
  depends_on    = [aws_internet_gateway.this]
}

resource "aws_route" "private" {
  count                  = local.create && var.enable_nat_gateway ? local.gateways : 0
  route_table_id         = element(aws_route_table.private[*].id, count.index)
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = element(aws_nat_gateway.this[*].id, count.index)
}

# --- what AWS makes along -----------------------------------------------------------------------

resource "aws_default_security_group" "this" {
  count  = local.create && var.manage_defaults ? 1 : 0
  vpc_id = aws_vpc.this[0].id

  dynamic "ingress" {
    for_each = var.default_group_ingress
    content {
      self            = lookup(ingress.value, "self", null)
      cidr_blocks     = compact(split(",", lookup(ingress.value, "cidr_blocks", "")))
      security_groups = compact(split(",", lookup(ingress.value, "security_groups", "")))
      from_port       = lookup(ingress.value, "from_port", 0)
      to_port         = lookup(ingress.value, "to_port", 0)
      protocol        = lookup(ingress.value, "protocol", "-1")
    }
  }
}

resource "aws_default_network_acl" "this" {
  count                  = local.create && var.manage_defaults ? 1 : 0
  default_network_acl_id = aws_vpc.this[0].default_network_acl_id
  subnet_ids             = null

  dynamic "ingress" {
    for_each = var.default_acl_ingress
    content {
      action          = ingress.value.action
      cidr_block      = lookup(ingress.value, "cidr_block", null)
      from_port       = ingress.value.from_port
      ipv6_cidr_block = lookup(ingress.value, "ipv6_cidr_block", null)
      protocol        = ingress.value.protocol
      rule_no         = ingress.value.rule_no
      to_port         = ingress.value.to_port
    }
  }

  egress {
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 0
    protocol   = "-1"
    rule_no    = 100
    to_port    = 0
  }

  lifecycle {
    ignore_changes = [subnet_ids]
  }
}

resource "aws_default_route_table" "this" {
  count                  = local.create && var.manage_defaults ? 1 : 0
  default_route_table_id = aws_vpc.this[0].default_route_table_id

  dynamic "route" {
    for_each = var.default_route_table_routes
    content {
      cidr_block = route.value.cidr_block
      gateway_id = lookup(route.value, "gateway_id", null)
    }
  }
}

output "vpc_id" {
  value = try(aws_vpc.this[0].id, null)
}
output "public_subnets" {
  value = aws_subnet.public[*].id
}
output "private_subnets" {
  value = aws_subnet.private[*].id
}
output "database_subnets" {
  value = aws_subnet.database[*].id
}
output "intra_subnets" {
  value = aws_subnet.intra.*.id
}
output "default_group_id" {
  value = try(aws_vpc.this[0].default_security_group_id, null)
}
