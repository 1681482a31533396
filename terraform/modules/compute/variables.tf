variable "instances" {
  description = "Instances by name."
  type = map(object({
    type              = string
    security_group_id = string
    subnet_id         = string
    os                = string
  }))
}

variable "ami_ids" {
  description = "Images by operating system. One that is missing is looked up."
  type        = map(string)
}

variable "ssh_key_name" {
  description = "Name of an EC2 key pair, or null."
  type        = string
}

variable "root_volume_gib" {
  description = "Size of each root volume in GiB."
  type        = number
}

variable "encrypt_root_volumes" {
  description = "Whether root volumes are encrypted."
  type        = bool
}

variable "require_imdsv2" {
  description = "Whether the instance metadata service asks for a session token."
  type        = bool
}
