output "groups" {
  description = "Security groups by name."
  value       = aws_security_group.this
}

output "group_ids" {
  description = "Security group ids by name."
  value       = { for name, group in aws_security_group.this : name => group.id }
}

output "ingress_rules" {
  description = "Inbound rules, keyed `group:port:source`."
  value       = aws_vpc_security_group_ingress_rule.this
}

output "egress_rules" {
  description = "Outbound rules, keyed `group:all:network`."
  value       = aws_vpc_security_group_egress_rule.this
}
