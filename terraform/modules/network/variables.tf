variable "vpc_name" {
  description = "Name of the VPC."
  type        = string
}

variable "vpc_cidr" {
  description = "Address range of the VPC."
  type        = string
}

variable "subnets" {
  description = "Subnets by name."
  type = map(object({
    cidr        = string
    zone        = string
    route_table = string
  }))
}

variable "route_table_gateways" {
  description = "Route tables by name, each with the name of the gateway of its default route."
  type        = map(string)
}

variable "internet_gateway_name" {
  description = "Name of the internet gateway."
  type        = string
}

variable "nat_gateway_name" {
  description = "Name of the NAT gateway."
  type        = string
}

variable "nat_subnet" {
  description = "Name of the subnet in which the NAT gateway stands."
  type        = string
}

variable "assign_public_addresses" {
  description = "Whether subnets with a route to the internet gateway give instances a public address."
  type        = bool
}
