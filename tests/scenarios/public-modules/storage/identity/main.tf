# A role with a trust that is put together, a user and a group with what is attached to them.
variable "role_name" { type = string }
variable "trusted_services" {
  type    = list(string)
  default = []
}
variable "policy_arns" {
  type    = map(string)
  default = {}
}
variable "inline" {
  type    = list(any)
  default = []
}
variable "user_name" { type = string }
variable "user_policy_arns" {
  type    = list(string)
  default = []
}
variable "group_policies" {
  type    = list(map(string))
  default = []
}

data "aws_iam_policy_document" "trust" {
  dynamic "statement" {
    for_each = length(var.trusted_services) > 0 ? [true] : []
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = "Service"
        identifiers = var.trusted_services
      }
    }
  }
}

resource "aws_iam_role" "this" {
  name_prefix          = "${var.role_name}-"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each   = var.policy_arns
  role       = aws_iam_role.this.name
  policy_arn = each.value
}

data "aws_iam_policy_document" "inline" {
  count = length(var.inline) > 0 ? 1 : 0

  dynamic "statement" {
    for_each = var.inline
    content {
      sid       = try(statement.value.sid, null)
      effect    = try(statement.value.effect, null)
      actions   = try(statement.value.actions, null)
      resources = try(statement.value.resources, null)
    }
  }
}

resource "aws_iam_role_policy" "inline" {
  count       = length(var.inline) > 0 ? 1 : 0
  role        = aws_iam_role.this.name
  name_prefix = "inline-"
  policy      = data.aws_iam_policy_document.inline[0].json
}

resource "aws_iam_user" "this" {
  name          = var.user_name
  force_destroy = true
}

resource "aws_iam_user_policy_attachment" "this" {
  for_each   = toset(var.user_policy_arns)
  user       = aws_iam_user.this.name
  policy_arn = each.value
}

resource "aws_iam_group" "this" {
  name = "${var.user_name}-group"
}

resource "aws_iam_group_membership" "this" {
  name  = "members"
  group = aws_iam_group.this.id
  users = [aws_iam_user.this.name]
}

resource "aws_iam_policy" "custom" {
  count  = length(var.group_policies)
  name   = var.group_policies[count.index]["name"]
  policy = var.group_policies[count.index]["policy"]
}

resource "aws_iam_group_policy_attachment" "custom" {
  count      = length(var.group_policies)
  group      = aws_iam_group.this.name
  policy_arn = element(aws_iam_policy.custom[*].arn, count.index)
}

output "role_arn" {
  value = try(aws_iam_role.this.arn, "")
}
output "role_name" {
  value = aws_iam_role.this.name
}
