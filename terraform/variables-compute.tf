variable "instance_types" {
  description = "Instance types that differ from the table, by instance name. For example t3.micro where t2.micro is not offered."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.instance_types) : contains(keys(local.instances), name)])
    error_message = "instance_types must use the names of the eight instances."
  }

  validation {
    # The images are x86_64; a `g` behind the generation means Arm.
    condition = alltrue([
      for type in values(var.instance_types) :
      can(regex("^[a-z]+[0-9]+[a-z-]*\\.[a-z0-9-]+$", type)) && !can(regex("^[a-z]+[0-9]+[a-z]*g", type))
    ])
    error_message = "instance_types must be x86_64 instance types such as `t3.micro`."
  }
}

variable "ami_ids" {
  description = "Images by operating system (`Amazon Linux 2023`, `ubuntu-noble-24.04`). One that is missing is looked up in AWS."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for os in keys(var.ami_ids) : contains([local.amazon_linux, local.ubuntu], os)])
    error_message = "ami_ids must use the operating systems `Amazon Linux 2023` and `ubuntu-noble-24.04`."
  }

  validation {
    condition     = alltrue([for id in values(var.ami_ids) : can(regex("^ami-([0-9a-f]{8}|[0-9a-f]{17})$", id))])
    error_message = "ami_ids must hold image ids such as `ami-0123456789abcdef0`."
  }

  validation {
    condition     = !var.offline || length(setintersection(keys(var.ami_ids), [local.amazon_linux, local.ubuntu])) == 2
    error_message = "ami_ids must give both operating systems when offline is set: there is no AWS to look them up in."
  }
}

variable "ssh_key_name" {
  description = "Name of an EC2 key pair, made outside of Terraform, with which Jenkins logs in. Null: no key is installed."
  type        = string
  default     = null
}

variable "root_volume_gib" {
  description = "Size of each root volume in GiB. Container images need more than the 8 GiB of the images."
  type        = number
  default     = 20

  validation {
    condition     = var.root_volume_gib >= 8 && var.root_volume_gib <= 16384 && floor(var.root_volume_gib) == var.root_volume_gib
    error_message = "root_volume_gib must be a whole number from 8 to 16384."
  }
}

variable "encrypt_root_volumes" {
  description = "Whether root volumes are encrypted."
  type        = bool
  default     = true
}

variable "require_imdsv2" {
  description = "Whether the instance metadata service answers only requests with a session token (IMDSv2)."
  type        = bool
  default     = true
}
