variable "name" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_id" {
  type = string
}

variable "port" {
  type = number
}

variable "callers" {
  type = list(string)
}

module "group" {
  source  = "./group"
  name    = var.name
  vpc_id  = var.vpc_id
  port    = var.port
  callers = var.callers
}

resource "aws_instance" "this" {
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = var.subnet_id
  vpc_security_group_ids = [module.group.id]
  tags                   = { Name = var.name }
}

output "group_id" {
  value = module.group.id
}
