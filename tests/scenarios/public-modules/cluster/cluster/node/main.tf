variable "name" {}
variable "min_size" {}
variable "subnet_ids" { type = list(string) }
variable "cluster_primary_security_group_id" {}
variable "vpc_security_group_ids" { type = list(string) }
locals {
  security_group_ids = compact(concat([var.cluster_primary_security_group_id], var.vpc_security_group_ids))
}
resource "aws_launch_template" "this" {
  name_prefix            = "${var.name}-"
  image_id               = "ami-0123456789abcdef0"
  instance_type          = "t3.micro"
  vpc_security_group_ids = local.security_group_ids
}
resource "aws_autoscaling_group" "this" {
  name_prefix         = "${var.name}-"
  min_size            = var.min_size
  max_size            = 3
  vpc_zone_identifier = var.subnet_ids
  launch_template {
    id      = aws_launch_template.this.id
    version = "$Latest"
  }
}
