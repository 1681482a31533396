variable "subnet" { type = string }
variable "vpc_id" { type = string }
variable "groups" { type = list(string) }
variable "public_ip" { default = false }
variable "security_group_enabled" { default = true }

resource "aws_instance" "default" {
  #bridgecrew:skip=BC_AWS_GENERAL_31: not here
  count                       = module.this.enabled ? 1 : 0
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.micro"
  subnet_id                   = var.subnet
  associate_public_ip_address = var.public_ip
  vpc_security_group_ids = compact(
    concat(
      formatlist("%s", module.group.id),
      var.groups
    )
  )
  metadata_options {
    http_tokens = "required"
  }
  root_block_device {
    encrypted = true
  }
  tags = { Name = var.name }
}

module "group" {
  source  = "../group"
  enabled = var.security_group_enabled
  context = module.this.context
  vpc_id  = var.vpc_id
}

resource "aws_eip" "default" {
  count    = var.public_ip && module.this.enabled ? 1 : 0
  instance = one(aws_instance.default[*].id)
  domain   = "vpc"
}

output "id" { value = one(aws_instance.default[*].id) }
output "public_ip" { value = coalesce(one(aws_eip.default[*].public_ip), one(aws_instance.default[*].public_ip)) }
