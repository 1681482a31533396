output "vpc" {
  description = "The VPC."
  value       = aws_vpc.this
}

output "default_security_group" {
  description = "The group that the VPC came with, emptied."
  value       = aws_default_security_group.this
}

output "subnets" {
  description = "Subnets by name."
  value       = aws_subnet.this
}

output "subnet_ids" {
  description = "Subnet ids by name."
  value       = { for name, subnet in aws_subnet.this : name => subnet.id }
}

output "internet_gateway" {
  description = "The internet gateway."
  value       = aws_internet_gateway.this
}

output "nat_gateway" {
  description = "The NAT gateway."
  value       = aws_nat_gateway.this
}

output "nat_address" {
  description = "The Elastic IP address of the NAT gateway."
  value       = aws_eip.nat
}

output "route_tables" {
  description = "Route tables by name."
  value       = aws_route_table.this
}

output "route_table_ids" {
  description = "Route table ids by name."
  value       = { for name, table in aws_route_table.this : name => table.id }
}

output "routes" {
  description = "The default route of each route table, by its name."
  value       = merge(aws_route.internet, aws_route.nat)
}

output "associations" {
  description = "Which route table a subnet uses, by the subnet's name."
  value       = aws_route_table_association.this
}
