variable "name" {}
variable "create" { default = true }
variable "subnet_ids" { type = list(string) }
variable "load_balancer" { default = {} }
variable "security_group_rules" {
  type    = any
  default = {}
}
variable "network_mode" { default = "awsvpc" }
data "aws_subnet" "this" {
  count = 1
  id    = element(var.subnet_ids, 0)
}
locals {
  security_groups = flatten(concat([try(aws_security_group.this[0].id, [])], []))
  network_configuration = {
    assign_public_ip = false
    security_groups  = local.security_groups
    subnets          = var.subnet_ids
  }
}
resource "aws_ecs_cluster" "this" {
  name = var.name
}
resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = var.network_mode
  cpu                      = 256
  memory                   = 512
  container_definitions    = jsonencode([{ name = "api", image = "x", portMappings = [{ containerPort = 9090 }] }])
}
resource "aws_ecs_service" "this" {
  count           = var.create ? 1 : 0
  name            = var.name
  cluster         = aws_ecs_cluster.this.arn
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = 2
  launch_type     = "FARGATE"
  dynamic "load_balancer" {
    for_each = { for k, v in var.load_balancer : k => v if true }
    content {
      container_name   = load_balancer.value.container_name
      container_port   = load_balancer.value.container_port
      target_group_arn = try(load_balancer.value.target_group_arn, null)
    }
  }
  dynamic "network_configuration" {
    for_each = var.network_mode == "awsvpc" ? [local.network_configuration] : []
    content {
      assign_public_ip = network_configuration.value.assign_public_ip
      security_groups  = network_configuration.value.security_groups
      subnets          = network_configuration.value.subnets
    }
  }
}
resource "aws_security_group" "this" {
  count       = var.create ? 1 : 0
  name_prefix = "${var.name}-"
  vpc_id      = try(data.aws_subnet.this[0].vpc_id, null)
}
resource "aws_security_group_rule" "this" {
  for_each                 = { for k, v in var.security_group_rules : k => v if var.create }
  security_group_id        = aws_security_group.this[0].id
  protocol                 = each.value.protocol
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  type                     = each.value.type
  cidr_blocks              = lookup(each.value, "cidr_blocks", null)
  self                     = lookup(each.value, "self", null)
  source_security_group_id = lookup(each.value, "source_security_group_id", null)
}
