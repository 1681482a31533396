variable "create" { default = true }
variable "name" {}
variable "subnet_id" { default = null }
variable "group_ids" {
  type    = list(string)
  default = null
}
variable "elastic" { default = false }
variable "instance_type" { default = null }
variable "ignore_changes" { default = false }
variable "block_devices" {
  type    = any
  default = []
}

locals {
  create = var.create
}

resource "aws_instance" "this" {
  count                  = local.create && !var.ignore_changes ? 1 : 0
  ami                    = "ami-12345678"
  instance_type          = coalesce(var.instance_type, "t3.micro")
  subnet_id              = var.subnet_id
  vpc_security_group_ids = var.group_ids

  dynamic "root_block_device" {
    for_each = var.block_devices
    content {
      encrypted   = try(root_block_device.value.encrypted, null)
      volume_size = try(root_block_device.value.volume_size, null)
    }
  }

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }

  tags = merge({ "Name" = var.name }, {})
}

resource "aws_instance" "ignored" {
  count                  = local.create && var.ignore_changes ? 1 : 0
  ami                    = "ami-12345678"
  instance_type          = coalesce(var.instance_type, "t3.micro")
  subnet_id              = var.subnet_id
  vpc_security_group_ids = var.group_ids
  tags                   = merge({ "Name" = var.name }, {})

  lifecycle {
    ignore_changes = [ami]
  }
}

resource "aws_eip" "this" {
  count    = local.create && var.elastic ? 1 : 0
  instance = try(aws_instance.this[0].id, aws_instance.ignored[0].id)
  domain   = "vpc"
}

output "id" {
  value = try(aws_instance.this[0].id, aws_instance.ignored[0].id, null)
}
