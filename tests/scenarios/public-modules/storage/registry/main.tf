# An image repository whose policy follows from who may read and write.
variable "name" { type = string }
variable "read_arns" {
  type    = list(string)
  default = []
}
variable "write_arns" {
  type    = list(string)
  default = []
}
variable "open" { default = false }

data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = var.open ? [1] : []
    content {
      sid     = "open"
      actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      principals {
        type        = "AWS"
        identifiers = ["*"]
      }
    }
  }

  dynamic "statement" {
    for_each = length(concat(var.read_arns, var.write_arns)) > 0 ? [1] : []
    content {
      sid     = "read"
      actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      principals {
        type        = "AWS"
        identifiers = concat(var.read_arns, var.write_arns)
      }
    }
  }
}

resource "aws_ecr_repository" "this" {
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_repository_policy" "this" {
  count      = var.open || length(concat(var.read_arns, var.write_arns)) > 0 ? 1 : 0
  repository = aws_ecr_repository.this.name
  policy     = data.aws_iam_policy_document.this.json
}
