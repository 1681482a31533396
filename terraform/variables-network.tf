variable "vpc_cidr" {
  description = "Address range of the VPC."
  type        = string
  default     = "192.168.0.0/16"

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && can(cidrhost(var.vpc_cidr, 0)) && try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], false)
    error_message = "vpc_cidr must be an IPv4 network such as `192.168.0.0/16`."
  }

  validation {
    condition     = try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 28, false)
    error_message = "vpc_cidr must be between /16 and /28: AWS makes no other VPC."
  }
}

variable "subnet_cidrs" {
  description = "Address range of each subnet."
  type        = map(string)
  default = {
    hackathon_jenkins_public   = "192.168.0.0/24"
    hackathon_jenkins_private  = "192.168.1.0/24"
    hackathon_network_public1  = "192.168.2.0/24"
    hackathon_network_private1 = "192.168.3.0/24"
    hackathon_network_public2  = "192.168.4.0/24"
    hackathon_network_private2 = "192.168.5.0/24"
  }

  validation {
    condition     = toset(keys(var.subnet_cidrs)) == toset(keys(local.subnet_zones))
    error_message = "subnet_cidrs must name each of the six subnets once, and no other."
  }

  validation {
    condition = alltrue([
      for cidr in values(var.subnet_cidrs) :
      can(cidrnetmask(cidr)) && can(cidrhost(cidr, 0)) && try(cidrhost(cidr, 0) == split("/", cidr)[0], false)
    ])
    error_message = "subnet_cidrs must be IPv4 networks such as `192.168.0.0/24`."
  }

  validation {
    # Terraform has no "contains" for networks: the subnet's address under the
    # VPC's mask must be the VPC's address.
    condition = alltrue([
      for cidr in values(var.subnet_cidrs) : try(
        tonumber(split("/", cidr)[1]) >= tonumber(split("/", var.vpc_cidr)[1]) &&
        cidrhost("${split("/", cidr)[0]}/${split("/", var.vpc_cidr)[1]}", 0) == cidrhost(var.vpc_cidr, 0),
        false
      )
    ])
    error_message = "subnet_cidrs must lie inside vpc_cidr."
  }

  validation {
    # Two networks overlap when they are the same under the shorter of their masks.
    condition = alltrue(flatten([
      for a, cidr_a in var.subnet_cidrs : [
        for b, cidr_b in var.subnet_cidrs : try(
          cidrhost("${split("/", cidr_a)[0]}/${min(split("/", cidr_a)[1], split("/", cidr_b)[1])}", 0) !=
          cidrhost("${split("/", cidr_b)[0]}/${min(split("/", cidr_a)[1], split("/", cidr_b)[1])}", 0),
          false
        ) if a != b
      ]
    ]))
    error_message = "subnet_cidrs must not overlap."
  }
}

variable "subnet_route_tables" {
  description = "Route table of each subnet."
  type        = map(string)
  default = {
    hackathon_jenkins_public   = "hackathon_rtb_public"
    hackathon_jenkins_private  = "hackathon_rtb_private1"
    hackathon_network_public1  = "hackathon_rtb_public"
    hackathon_network_private1 = "hackathon_rtb_private2"
    hackathon_network_public2  = "hackathon_rtb_public"
    hackathon_network_private2 = "hackathon_rtb_private3"
  }

  validation {
    condition     = toset(keys(var.subnet_route_tables)) == toset(keys(local.subnet_zones))
    error_message = "subnet_route_tables must name each of the six subnets once, and no other."
  }

  validation {
    condition     = alltrue([for table in values(var.subnet_route_tables) : contains(keys(local.route_table_gateways), table)])
    error_message = "subnet_route_tables must use the four route tables of the stack."
  }
}

variable "nat_subnet" {
  description = "Subnet in which the NAT gateway stands."
  type        = string
  default     = "hackathon_network_public1"

  validation {
    # Anywhere else the NAT gateway would route its own traffic to itself.
    condition     = lookup(var.subnet_route_tables, var.nat_subnet, "") == "hackathon_rtb_public"
    error_message = "nat_subnet must be a subnet of hackathon_rtb_public."
  }
}

variable "assign_public_addresses" {
  description = "Whether instances in the public subnets get a public address."
  type        = bool
  default     = true
}

variable "admin_cidrs" {
  description = "Networks of the administrators: from here, SSH and Jenkins (22, 8080) are open. The same value stands in the baseline and in the policies."
  type        = list(string)
  default     = ["203.0.113.0/24"]

  validation {
    condition     = length(var.admin_cidrs) > 0 && length(distinct(var.admin_cidrs)) == length(var.admin_cidrs)
    error_message = "admin_cidrs must hold at least one network, and each once."
  }

  validation {
    condition = alltrue([
      for cidr in var.admin_cidrs :
      can(cidrnetmask(cidr)) && can(cidrhost(cidr, 0)) && try(cidrhost(cidr, 0) == split("/", cidr)[0], false)
    ])
    error_message = "admin_cidrs must be IPv4 networks such as `203.0.113.0/24`."
  }

  validation {
    # Not only 0.0.0.0/0: 0.0.0.0/1 and 128.0.0.0/1 together are the same.
    condition     = alltrue([for cidr in var.admin_cidrs : try(tonumber(split("/", cidr)[1]) >= 8, false)])
    error_message = "admin_cidrs must be /8 or smaller: the internet is no administrators' network."
  }
}

variable "egress_cidrs" {
  description = "Where the security groups let traffic out to."
  type        = list(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition = alltrue([
      for cidr in var.egress_cidrs :
      can(cidrnetmask(cidr)) && can(cidrhost(cidr, 0)) && try(cidrhost(cidr, 0) == split("/", cidr)[0], false)
    ])
    error_message = "egress_cidrs must be IPv4 networks such as `0.0.0.0/0`."
  }
}

variable "ingress_sources" {
  description = "Who may reach which TCP port: security group, port, sources. A source is `internet`, `admins` (the networks of admin_cidrs) or the name of a security group."
  type        = map(map(list(string)))
  default = {
    hackathon_sg_jenkins = {
      "22"   = ["admins", "hackathon_sg_jenkins"]
      "80"   = ["internet"]
      "443"  = ["internet"]
      "8080" = ["admins", "hackathon_sg_jenkins"]
    }
    hackathon_sg_backend = {
      "22"   = ["hackathon_sg_jenkins"]
      "80"   = ["internet"]
      "443"  = ["internet"]
      "3000" = ["hackathon_sg_backend", "hackathon_sg_frontend"]
    }
    hackathon_sg_frontend = {
      "22"   = ["hackathon_sg_jenkins"]
      "80"   = ["internet"]
      "443"  = ["internet"]
      "3000" = ["hackathon_sg_frontend"]
    }
    hackathon_sg_ai = {
      "22"   = ["hackathon_sg_jenkins"]
      "3000" = ["hackathon_sg_backend"]
      "5000" = ["hackathon_sg_backend"]
    }
    hackathon_sg_rds = {
      "5432" = ["hackathon_sg_backend"]
    }
  }

  validation {
    # The ports are given, their sources are decided: only the latter may change here.
    condition = jsonencode({
      for group, ports in var.ingress_sources : group => sort(keys(ports))
      }) == jsonencode({
      for group, ports in local.inbound_ports : group => sort([for port in ports : tostring(port)])
    })
    error_message = "ingress_sources must hold the five security groups with exactly their inbound ports."
  }

  validation {
    condition = alltrue(flatten([
      for ports in values(var.ingress_sources) : [
        for sources in values(ports) : [
          for source in sources : contains(concat(["internet", "admins"], keys(local.inbound_ports)), source)
        ]
      ]
    ]))
    error_message = "a source in ingress_sources must be `internet`, `admins` or the name of a security group."
  }
}
