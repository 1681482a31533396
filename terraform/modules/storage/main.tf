locals {
  # Written out, not taken from the resource: a plan then shows the whole policy
  # before the bucket exists.
  bucket_arn = "arn:aws:s3:::${var.bucket_name}"
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Access logs need a second bucket, which the stack does not have.
  #checkov:skip=CKV_AWS_144:Replication needs a bucket in a second Region, which the stack does not have.
  #checkov:skip=CKV_AWS_145:Encrypted with S3's own keys: the world could not read objects under a KMS key.
  #checkov:skip=CKV2_AWS_6:The two switches for policies are off by decision (see the public access block).
  #checkov:skip=CKV2_AWS_62:Nothing in the stack waits for events of the bucket.
  bucket = var.bucket_name

  tags = { Name = var.bucket_name }
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = var.object_ownership
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  #checkov:skip=CKV_AWS_54:Off by decision: public reading is granted by the bucket policy.
  #checkov:skip=CKV_AWS_56:Off by decision: public reading is granted by the bucket policy.
  bucket = aws_s3_bucket.this.id

  block_public_acls       = var.block_public_acls
  ignore_public_acls      = var.ignore_public_acls
  block_public_policy     = var.block_public_policy
  restrict_public_buckets = var.restrict_public_buckets
}

resource "aws_s3_bucket_policy" "this" {
  #checkov:skip=CKV_AWS_70:Anyone may read objects, by decision; the policy allows s3:GetObject and nothing else.
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "PublicReadObjects"
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "${local.bucket_arn}/*"
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })

  # A new bucket blocks public policies: this one is refused until the switches stand.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

# What S3 does anyway, said so that a change is noticed.
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# hackathon_s3_ai may delete every song: the old version brings it back. Old
# versions are not public, since the policy grants no s3:GetObjectVersion.
resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 30
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # The rule speaks of versions: without versioning there are none.
  depends_on = [aws_s3_bucket_versioning.this]
}
