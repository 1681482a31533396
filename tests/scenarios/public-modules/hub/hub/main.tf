variable "name" {}
variable "create_tgw" { default = true }
variable "vpc_attachments" {
  type    = any
  default = {}
}
locals {
  routes = flatten([
    for k, v in var.vpc_attachments : [
      for route in try(v.tgw_routes, []) : merge(route, { key = k })
    ] if length(try(v.tgw_routes, [])) > 0
  ])
}
resource "aws_ec2_transit_gateway" "this" {
  count                           = var.create_tgw ? 1 : 0
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
}
resource "aws_ec2_transit_gateway_vpc_attachment" "this" {
  for_each                                        = var.vpc_attachments
  transit_gateway_id                              = var.create_tgw ? aws_ec2_transit_gateway.this[0].id : each.value.tgw_id
  vpc_id                                          = each.value.vpc_id
  subnet_ids                                      = each.value.subnet_ids
  transit_gateway_default_route_table_association = try(each.value.default_association, false)
  transit_gateway_default_route_table_propagation = try(each.value.default_propagation, false)
}
resource "aws_ec2_transit_gateway_route_table" "this" {
  count              = var.create_tgw ? 1 : 0
  transit_gateway_id = aws_ec2_transit_gateway.this[0].id
}
resource "aws_ec2_transit_gateway_route" "this" {
  count                          = length(local.routes)
  destination_cidr_block         = local.routes[count.index].destination_cidr_block
  blackhole                      = try(local.routes[count.index].blackhole, null)
  transit_gateway_route_table_id = var.create_tgw ? aws_ec2_transit_gateway_route_table.this[0].id : null
  transit_gateway_attachment_id  = tobool(try(local.routes[count.index].blackhole, false)) == false ? aws_ec2_transit_gateway_vpc_attachment.this[local.routes[count.index].key].id : null
}
resource "aws_ec2_transit_gateway_route_table_association" "this" {
  for_each                       = { for k, v in var.vpc_attachments : k => v if try(v.associate, true) }
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.this[each.key].id
  transit_gateway_route_table_id = coalesce(lookup(each.value, "table_id", null), aws_ec2_transit_gateway_route_table.this[0].id)
}
output "id" { value = try(aws_ec2_transit_gateway.this[0].id, "") }
