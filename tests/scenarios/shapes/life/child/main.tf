variable "vpc_id" {}
variable "port" {}
resource "aws_security_group" "this" {
  name   = "p${var.port}"
  vpc_id = var.vpc_id
}
resource "aws_vpc_security_group_ingress_rule" "this" {
  security_group_id = aws_security_group.this.id
  ip_protocol       = "tcp"
  from_port         = var.port
  to_port           = var.port
  cidr_ipv4         = "0.0.0.0/0"
}
output "group_id" {
  value = aws_security_group.this.id
}
