locals {
  # Also the words of the operating systems in var.instances and var.ami_ids.
  amazon_linux = "Amazon Linux 2023"
  ubuntu       = "ubuntu-noble-24.04"

  ami_ids = merge(
    # insecure_value: an image id is no secret, and `value` would hide it in every plan.
    { for parameter in data.aws_ssm_parameter.amazon_linux : local.amazon_linux => parameter.insecure_value },
    { for image in data.aws_ami.ubuntu : local.ubuntu => image.id },
    var.ami_ids,
  )
}

data "aws_ssm_parameter" "amazon_linux" {
  count = contains(keys(var.ami_ids), local.amazon_linux) ? 0 : 1

  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

data "aws_ami" "ubuntu" {
  count = contains(keys(var.ami_ids), local.ubuntu) ? 0 : 1

  most_recent = true
  owners      = ["099720109477"] # Canonical

  filter {
    name   = "name"
    values = ["ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"]
  }

  filter {
    name   = "architecture"
    values = ["x86_64"]
  }

  filter {
    name   = "virtualization-type"
    values = ["hvm"]
  }
}
