# A bucket, with one resource for each of its settings and a policy put together from several.
variable "create" { default = true }
variable "bucket" {
  type    = string
  default = null
}
variable "bucket_prefix" {
  type    = string
  default = null
}
variable "acl" {
  type    = string
  default = null
}
variable "grant" {
  type    = any
  default = []
}
variable "attach_policy" { default = false }
variable "policy" {
  type    = string
  default = null
}
variable "attach_public_read" { default = false }
variable "attach_require_tls" { default = true }
variable "reader_arns" {
  type    = list(string)
  default = []
}
variable "number_of_readers" { default = 0 }
variable "attach_public_access_block" { default = true }
variable "block_public_acls" { default = true }
variable "block_public_policy" { default = true }
variable "ignore_public_acls" { default = true }
variable "restrict_public_buckets" { default = true }
variable "control_object_ownership" { default = false }
variable "object_ownership" { default = "BucketOwnerEnforced" }

data "aws_caller_identity" "current" {
  count = local.look_up ? 1 : 0
}

locals {
  look_up       = false
  create        = var.create
  attach_policy = var.attach_policy || var.attach_public_read || var.attach_require_tls || var.number_of_readers > 0
  grants        = try(jsondecode(var.grant), var.grant)
  acl           = var.acl == "null" ? null : var.acl
}

resource "aws_s3_bucket" "this" {
  count         = local.create ? 1 : 0
  bucket        = var.bucket
  bucket_prefix = var.bucket_prefix
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "this" {
  count  = local.create ? 1 : 0
  bucket = aws_s3_bucket.this[0].id
  versioning_configuration {
    status = "Enabled"
  }
}

data "aws_iam_policy_document" "readers" {
  count = local.create && var.number_of_readers > 0 ? 1 : 0

  statement {
    sid       = "readers"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [aws_s3_bucket.this[0].arn, "${aws_s3_bucket.this[0].arn}/*"]

    principals {
      type        = "AWS"
      identifiers = var.reader_arns
    }
  }
}

data "aws_iam_policy_document" "public" {
  count = local.create && var.attach_public_read ? 1 : 0

  statement {
    sid       = "public"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.this[0].arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

data "aws_iam_policy_document" "tls" {
  count = local.create && var.attach_require_tls ? 1 : 0

  statement {
    sid       = "tls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this[0].arn, "${aws_s3_bucket.this[0].arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

data "aws_iam_policy_document" "combined" {
  count = local.create && local.attach_policy ? 1 : 0

  source_policy_documents = compact([
    var.number_of_readers > 0 ? data.aws_iam_policy_document.readers[0].json : "",
    var.attach_public_read ? data.aws_iam_policy_document.public[0].json : "",
    var.attach_require_tls ? data.aws_iam_policy_document.tls[0].json : "",
    var.attach_policy ? var.policy : "",
  ])
}

resource "aws_s3_bucket_policy" "this" {
  count      = local.create && local.attach_policy ? 1 : 0
  bucket     = aws_s3_bucket.this[0].id
  policy     = data.aws_iam_policy_document.combined[0].json
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_public_access_block" "this" {
  count  = local.create && var.attach_public_access_block ? 1 : 0
  bucket = aws_s3_bucket.this[0].id

  block_public_acls       = var.block_public_acls
  block_public_policy     = var.block_public_policy
  ignore_public_acls      = var.ignore_public_acls
  restrict_public_buckets = var.restrict_public_buckets
}

resource "aws_s3_bucket_ownership_controls" "this" {
  count  = local.create && var.control_object_ownership ? 1 : 0
  bucket = local.attach_policy ? aws_s3_bucket_policy.this[0].id : aws_s3_bucket.this[0].id

  rule {
    object_ownership = var.object_ownership
  }
}

resource "aws_s3_bucket_acl" "this" {
  count  = local.create && ((local.acl != null && local.acl != "null") || length(local.grants) > 0) ? 1 : 0
  bucket = aws_s3_bucket.this[0].id
  acl    = local.acl

  dynamic "access_control_policy" {
    for_each = length(local.grants) > 0 ? [true] : []
    content {
      dynamic "grant" {
        for_each = local.grants
        content {
          permission = grant.value.permission
          grantee {
            type = grant.value.type
            id   = try(grant.value.id, null)
            uri  = try(grant.value.uri, null)
          }
        }
      }
      owner {
        id = "0123456789abcdef"
      }
    }
  }

  depends_on = [aws_s3_bucket_ownership_controls.this]
}

output "id" {
  value = try(aws_s3_bucket_policy.this[0].id, aws_s3_bucket.this[0].id, "")
}
output "arn" {
  value = try(aws_s3_bucket.this[0].arn, "")
}
