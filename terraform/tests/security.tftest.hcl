mock_provider "aws" {}

variables {
  offline = true
  ami_ids = {
    "Amazon Linux 2023"  = "ami-0a100000000002023"
    "ubuntu-noble-24.04" = "ami-0b000000000002404"
  }
}

run "groups_and_rules" {
  assert {
    condition = { for key, group in module.security.groups : key => [
      group.name, group.tags.Name, group.vpc_id == module.network.vpc.id,
      ] } == {
      hackathon_sg_jenkins  = ["hackathon_sg_jenkins", "hackathon_sg_jenkins", true]
      hackathon_sg_backend  = ["hackathon_sg_backend", "hackathon_sg_backend", true]
      hackathon_sg_frontend = ["hackathon_sg_frontend", "hackathon_sg_frontend", true]
      hackathon_sg_ai       = ["hackathon_sg_ai", "hackathon_sg_ai", true]
      hackathon_sg_rds      = ["hackathon_sg_rds", "hackathon_sg_rds", true]
    }
    error_message = "There must be the five security groups, in the VPC."
  }

  # From the resources, not from their keys: the group ids are turned back into names.
  assert {
    condition = sort([
      for rule in module.security.ingress_rules : join(" ", [
        one([for group in module.security.groups : group.name if group.id == rule.security_group_id]),
        "${rule.ip_protocol}/${rule.from_port}-${rule.to_port}",
        rule.cidr_ipv4 != null ? rule.cidr_ipv4 : one([
          for group in module.security.groups : group.name if group.id == rule.referenced_security_group_id
        ]),
      ])
      ]) == sort([
      "hackathon_sg_jenkins tcp/22-22 203.0.113.0/24",
      "hackathon_sg_jenkins tcp/22-22 hackathon_sg_jenkins",
      "hackathon_sg_jenkins tcp/80-80 0.0.0.0/0",
      "hackathon_sg_jenkins tcp/443-443 0.0.0.0/0",
      "hackathon_sg_jenkins tcp/8080-8080 203.0.113.0/24",
      "hackathon_sg_jenkins tcp/8080-8080 hackathon_sg_jenkins",
      "hackathon_sg_backend tcp/22-22 hackathon_sg_jenkins",
      "hackathon_sg_backend tcp/80-80 0.0.0.0/0",
      "hackathon_sg_backend tcp/443-443 0.0.0.0/0",
      "hackathon_sg_backend tcp/3000-3000 hackathon_sg_backend",
      "hackathon_sg_backend tcp/3000-3000 hackathon_sg_frontend",
      "hackathon_sg_frontend tcp/22-22 hackathon_sg_jenkins",
      "hackathon_sg_frontend tcp/80-80 0.0.0.0/0",
      "hackathon_sg_frontend tcp/443-443 0.0.0.0/0",
      "hackathon_sg_frontend tcp/3000-3000 hackathon_sg_frontend",
      "hackathon_sg_ai tcp/22-22 hackathon_sg_jenkins",
      "hackathon_sg_ai tcp/3000-3000 hackathon_sg_backend",
      "hackathon_sg_ai tcp/5000-5000 hackathon_sg_backend",
      "hackathon_sg_rds tcp/5432-5432 hackathon_sg_backend",
    ])
    error_message = "The inbound rules must be the given ports from the decided sources, and no more."
  }

  # Nothing but a network or a group: no IPv6 network, no prefix list.
  assert {
    condition = alltrue([
      for rule in module.security.ingress_rules :
      rule.cidr_ipv6 == null && rule.prefix_list_id == null && (rule.cidr_ipv4 == null) != (rule.referenced_security_group_id == null)
    ])
    error_message = "Each inbound rule must have exactly one source."
  }

  assert {
    condition = sort([
      for rule in module.security.egress_rules : join(" ", [
        one([for group in module.security.groups : group.name if group.id == rule.security_group_id]),
        rule.ip_protocol,
        rule.cidr_ipv4,
      ])
      ]) == sort([
      "hackathon_sg_jenkins -1 0.0.0.0/0",
      "hackathon_sg_backend -1 0.0.0.0/0",
      "hackathon_sg_frontend -1 0.0.0.0/0",
      "hackathon_sg_ai -1 0.0.0.0/0",
      "hackathon_sg_rds -1 0.0.0.0/0",
    ])
    error_message = "Each group must let all traffic out, by one rule."
  }

  assert {
    condition     = output.security_group_ids == { for name, group in module.security.groups : name => group.id }
    error_message = "The output must give the group ids by name."
  }
}

run "several_admin_networks" {
  variables {
    admin_cidrs = ["198.51.100.0/24", "203.0.113.7/32"]
  }

  assert {
    condition = sort([
      for rule in module.security.ingress_rules : "${rule.from_port} ${rule.cidr_ipv4}"
      if rule.cidr_ipv4 != null && rule.cidr_ipv4 != "0.0.0.0/0"
      ]) == sort([
      "22 198.51.100.0/24", "22 203.0.113.7/32", "8080 198.51.100.0/24", "8080 203.0.113.7/32",
    ])
    error_message = "Each administrators' network must get its own rules, for 22 and 8080 alone."
  }
}
