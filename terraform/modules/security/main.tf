locals {
  named_sources = {
    internet = ["0.0.0.0/0"]
    admins   = var.admin_cidrs
  }

  # AWS takes one source per rule: a name that stands for networks becomes one
  # rule for each, every other name is a security group.
  ingress = flatten([
    for group, ports in var.ingress_sources : [
      for port, sources in ports : [
        for source in sources : [
          for cidr in try(local.named_sources[source], [null]) : {
            group        = group
            port         = tonumber(port)
            cidr         = cidr
            source_group = cidr == null ? source : null
            from         = cidr == null ? source : cidr
          }
        ]
      ]
    ]
  ])

  ingress_rules = { for rule in local.ingress : "${rule.group}:${rule.port}:${rule.from}" => rule }

  egress_rules = {
    for pair in setproduct(keys(var.ingress_sources), var.egress_cidrs) :
    "${pair[0]}:all:${pair[1]}" => { group = pair[0], cidr = pair[1] }
  }
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:The groups are attached in the modules compute and database, which the check does not follow.
  for_each = var.ingress_sources

  name        = each.key
  description = "M.U.T.E: ${trimprefix(each.key, "hackathon_sg_")}"
  vpc_id      = var.vpc_id

  tags = { Name = each.key }
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  #checkov:skip=CKV_AWS_260:Port 80 of jenkins, backend and frontend is open to the internet by decision.
  for_each = local.ingress_rules

  security_group_id            = aws_security_group.this[each.value.group].id
  description                  = "tcp/${each.value.port} from ${each.value.from}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  cidr_ipv4                    = each.value.cidr
  referenced_security_group_id = each.value.source_group == null ? null : aws_security_group.this[each.value.source_group].id
}

resource "aws_vpc_security_group_egress_rule" "this" {
  for_each = local.egress_rules

  security_group_id = aws_security_group.this[each.value.group].id
  description       = "all traffic to ${each.value.cidr}"
  ip_protocol       = "-1"
  cidr_ipv4         = each.value.cidr
}
