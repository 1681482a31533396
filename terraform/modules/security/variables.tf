variable "vpc_id" {
  description = "VPC of the security groups."
  type        = string
}

variable "ingress_sources" {
  description = "Security group, TCP port, sources: `internet`, `admins` or the name of a group in this map."
  type        = map(map(list(string)))
}

variable "admin_cidrs" {
  description = "Networks that the source `admins` stands for."
  type        = list(string)
}

variable "egress_cidrs" {
  description = "Networks that every group lets traffic out to."
  type        = list(string)
}
