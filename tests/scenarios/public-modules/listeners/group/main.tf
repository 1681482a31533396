variable "name" {}
variable "vpc_id" {}
variable "ingress" { default = [] }
resource "aws_security_group" "this" {
  count  = 1
  name   = var.name
  vpc_id = var.vpc_id
}
resource "aws_security_group_rule" "in" {
  count                    = length(var.ingress)
  type                     = "ingress"
  security_group_id        = join("", aws_security_group.this.*.id)
  from_port                = lookup(var.ingress[count.index], "from_port")
  to_port                  = lookup(var.ingress[count.index], "to_port")
  protocol                 = lookup(var.ingress[count.index], "protocol", "tcp")
  source_security_group_id = lookup(var.ingress[count.index], "source_security_group_id", null)
}
resource "aws_security_group_rule" "out" {
  type              = "egress"
  security_group_id = aws_security_group.this[0].id
  from_port         = 0
  to_port           = 0
  protocol          = "-1"
  cidr_blocks       = ["0.0.0.0/0"]
}
output "security_group_id" { value = concat(aws_security_group.this.*.id, [""])[0] }
